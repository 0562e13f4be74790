"""Till sessions: written once, summed up by the database, read back as frozen values."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection, case, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from bookwish_desk.db import registers, tables
from bookwish_desk.db.link import query
from bookwish_desk.db.registers import TILL, till_of
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.journal import GENESIS
from bookwish_desk.shop.tax import TaxPart
from bookwish_desk.shop.till import (
    ClosedTill,
    EntryKind,
    StaffSum,
    Takings,
    TenderSum,
    Till,
    TillEntry,
    TillReport,
    report_faults,
)

_r, _t, _e, _z = tables.registers.c, tables.tills.c, tables.till_entries.c, tables.till_closings.c
_s, _l, _p = tables.sales.c, tables.sale_lines.c, tables.tenders.c
_report = msgspec.json.Decoder(TillReport)

_people = tables.staff


def open_on(conn: Connection, register: int) -> Till | None:
    """Return the session that is open on a register."""
    return registers.open_till(conn, register)


def by_id(conn: Connection, till_id: str) -> Till | None:
    """Return a session, open or closed."""
    row = query(conn, f"{TILL} WHERE tills.id = ?", (till_id,)).fetchone()
    return None if row is None else till_of(row)


def begin(tx: Tx, till: Till, staff: str) -> None:
    """Keep a new session and make it the register's. Raises Refused when another one is open there."""
    tx.conn.execute(insert(tables.tills), {**msgspec.structs.asdict(till), "opened_by": staff})
    taken = tx.conn.execute(
        update(tables.registers)
        .where(_r.id == till.register, _r.open_till.is_(None))
        .values(open_till=till.id)
    )
    if taken.rowcount != 1:
        raise Refused("till_open", "The till of this register is open already.")
    tx.touch("till")


def enter(
    tx: Tx, till: str, kind: EntryKind, cash_cents: int, *, staff: str, reason: str = "", ref: str = ""
) -> None:
    """Write what happened at the drawer."""
    tx.conn.execute(
        insert(tables.till_entries),
        {
            "till": till,
            "kind": kind,
            "cash_cents": cash_cents,
            "at": tx.at,
            "staff": staff,
            "reason": reason,
            "ref": ref,
        },
    )
    tx.touch("till")


def frozen(report: TillReport) -> str:
    """Return a report as the text that is kept of it."""
    return msgspec.json.encode(report).decode()


def seal(text: str) -> str:
    """Return the SHA-256 of a kept report, as the journal records it."""
    return hashlib.sha256(text.encode()).hexdigest()


def end(tx: Tx, report: TillReport, staff: str) -> None:
    """Freeze the Z report of a session and free its register. Raises Refused when it is closed already."""
    till = report.till
    freed = tx.conn.execute(
        update(tables.registers).where(_r.id == till.register, _r.open_till == till.id).values(open_till=None)
    )
    if freed.rowcount != 1 or report.counted_cents is None or report.left_cents is None:
        raise Refused("till_closed", "The till was closed meanwhile.")
    tx.conn.execute(
        insert(tables.till_closings),
        {
            "till": till.id,
            "register": till.register,
            "z_number": report.z_number,
            "closed_at": report.made_at,
            "closed_by": staff,
            "expected_cents": report.expected_cents,
            "counted_cents": report.counted_cents,
            "left_cents": report.left_cents,
            "report": frozen(report),
        },
    )
    tx.touch("till")


def entries(conn: Connection, till: str) -> tuple[TillEntry, ...]:
    """Return everything that happened at the drawer in a session, in order."""
    rows = conn.execute(
        select(*_e, func.coalesce(_people.c.name, "").label("who"))
        .outerjoin_from(tables.till_entries, _people, _people.c.id == _e.staff)
        .where(_e.till == till)
        .order_by(_e.id)
    )
    return tuple(TillEntry(r.kind, r.cash_cents, r.at, r.who, r.reason, r.ref) for r in rows)


def in_drawer(conn: Connection, till: str) -> int:
    """Return the cash that should be in the drawer now, in cents."""
    return int(
        conn.execute(select(func.coalesce(func.sum(_e.cash_cents), 0)).where(_e.till == till)).scalar_one()
    )


def voids(conn: Connection, till: Till) -> int:
    """Return how many sales were voided on the register since the session was opened."""
    j = tables.journal.c
    opened = select(func.max(j.seq)).where(j.ref == till.id, j.kind == "till.opened").scalar_subquery()
    query = select(func.count()).where(j.seq > opened, j.kind == "sale.void", j.register == till.register)
    return int(conn.execute(query).scalar_one())


def founded_at(conn: Connection) -> int | None:
    """Return the moment of the journal's first entry."""
    j = tables.journal.c
    return conn.execute(select(j.at).order_by(j.seq).limit(1)).scalar()


def journal_head(conn: Connection) -> str:
    """Return the hash of the journal's last entry."""
    j = tables.journal.c
    return conn.execute(select(j.hash).order_by(j.seq.desc()).limit(1)).scalar() or GENESIS


# What a session sold and took


def _sum(value: Any, when: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    return func.coalesce(func.sum(value if when is None else case((when, value), else_=0)), 0)


def _number(when: ColumnElement[bool]) -> ColumnElement[int]:
    return _sum(1, when)


def takings(conn: Connection, till: str) -> Takings:
    """Return what a session sold and took, summed up by the database."""
    mine = _s.till == till
    sales = conn.execute(
        select(
            _number(_s.kind == "sale").label("sales"),
            _number(_s.kind == "return").label("returns"),
            _number(_s.kind == "exchange").label("exchanges"),
            _sum(_s.total_cents).label("total_cents"),
            _sum(_s.rounding_cents).label("rounding_cents"),
        ).where(mine)
    ).one()
    x = tables.sale_taxes.c
    added = select(_sum(x.tax_cents)).join_from(tables.sale_taxes, tables.sales, _s.id == x.sale)
    return Takings(
        **sales._mapping,
        **_line_sums(conn, till),
        added_tax_cents=int(conn.execute(added.where(mine, _s.tax_mode == "exclusive")).scalar_one()),
        taxes=_taxes(conn, till),
        tenders=_tenders(conn, till),
        staff=_by_staff(conn, till),
        first_receipt=_receipt(conn, till, _s.number.asc()),
        last_receipt=_receipt(conn, till, _s.number.desc()),
    )


def _line_sums(conn: Connection, till: str) -> dict[str, int]:
    """Sum the lines; a return of what was sold without tax belongs to the exempt sale it undoes."""
    origin = tables.sales.alias("origin")
    sold, back = _l.quantity > 0, _l.quantity < 0
    exempt = (_s.exempt.is_not(None) & sold) | (origin.c.exempt.is_not(None) & back)
    row = conn.execute(
        select(
            _sum(_l.quantity, sold).label("units_sold"),
            _sum(-_l.quantity, back).label("units_returned"),
            _sum(_l.gross_cents, sold).label("gross_cents"),
            _sum(_l.discount_cents, sold).label("discount_cents"),
            _sum(_l.net_cents, sold).label("net_cents"),
            _sum(-_l.net_cents, back).label("refund_cents"),
            _sum(_l.net_cents, exempt).label("exempt_cents"),
            _sum(_l.net_cents, (_l.taxes == "[]") & ~exempt).label("untaxed_cents"),
        )
        .join_from(tables.sale_lines, tables.sales, _s.id == _l.sale)
        .outerjoin(origin, origin.c.id == _l.of_sale)
        .where(_s.till == till)
    ).one()
    return dict(row._mapping)


def _taxes(conn: Connection, till: str) -> tuple[TaxPart, ...]:
    x = tables.sale_taxes.c
    rows = conn.execute(
        select(x.name, x.ppm, _sum(x.net_cents).label("net"), _sum(x.tax_cents).label("tax"))
        .join_from(tables.sale_taxes, tables.sales, _s.id == x.sale)
        .where(_s.till == till)
        .group_by(x.name, x.ppm)
        .order_by(x.name, x.ppm)
    )
    return tuple(TaxPart(r.name, r.ppm, r.net, r.tax) for r in rows)


def _tenders(conn: Connection, till: str) -> tuple[TenderSum, ...]:
    paid, given = _p.amount_cents > 0, (_p.amount_cents < 0) & ~_p.change
    rows = conn.execute(
        select(
            _p.kind,
            _p.brand,
            _number(paid).label("taken"),
            _sum(_p.amount_cents, paid | _p.change).label("taken_cents"),
            _number(given).label("refunded"),
            _sum(-_p.amount_cents, given).label("refunded_cents"),
        )
        .join_from(tables.tenders, tables.sales, _s.id == _p.sale)
        .where(_s.till == till)
        .group_by(_p.kind, _p.brand)
    )
    rank = {"cash": 0, "card": 1, "cheque": 2}
    sums = [TenderSum(**r._mapping) for r in rows]
    return tuple(sorted(sums, key=lambda t: (rank.get(t.kind, len(rank)), t.kind, t.brand)))


def _by_staff(conn: Connection, till: str) -> tuple[StaffSum, ...]:
    who = func.coalesce(_people.c.name, "")
    counts = conn.execute(
        select(
            _s.staff,
            who.label("name"),
            _number(_s.kind != "return").label("sales"),
            _number(_s.kind != "sale").label("returns"),
        )
        .outerjoin_from(tables.sales, _people, _people.c.id == _s.staff)
        .where(_s.till == till)
        .group_by(_s.staff, _people.c.name)
    ).all()
    lines = conn.execute(
        select(_s.staff, _sum(_l.quantity).label("units"), _sum(_l.net_cents).label("net_cents"))
        .join_from(tables.sale_lines, tables.sales, _s.id == _l.sale)
        .where(_s.till == till)
        .group_by(_s.staff)
    )
    sold = {r.staff: (r.units, r.net_cents) for r in lines}
    sums = [StaffSum(r.name, r.sales, r.returns, *sold.get(r.staff, (0, 0))) for r in counts]
    return tuple(sorted(sums, key=lambda s: (-s.net_cents, s.name)))


def _receipt(conn: Connection, till: str, order: Any) -> str:
    query = select(_s.receipt).where(_s.till == till).order_by(order).limit(1)
    return conn.execute(query).scalar() or ""


# Sessions of the past


def closed(conn: Connection, register: int, most: int = 400) -> tuple[ClosedTill, ...]:
    """Return the closed sessions of a register, the latest first."""
    rows = conn.execute(
        select(
            _z.till,
            _t.number,
            _z.z_number,
            _t.business_date,
            _t.opened_at,
            _z.closed_at,
            func.coalesce(_people.c.name, "").label("closed_by"),
            _z.expected_cents,
            _z.counted_cents,
            _z.left_cents,
        )
        .join_from(tables.till_closings, tables.tills, _t.id == _z.till)
        .outerjoin(_people, _people.c.id == _z.closed_by)
        .where(_z.register == register)
        .order_by(_z.z_number.desc())
        .limit(most)
    )
    return tuple(ClosedTill(**r._mapping) for r in rows)


def z_report(conn: Connection, till_id: str) -> TillReport | None:
    """Return the frozen Z report of a session, or None while it is open."""
    text = conn.execute(select(_z.report).where(_z.till == till_id)).scalar()
    return None if text is None else _report.decode(text)


def check(conn: Connection) -> list[str]:
    """Check all till arithmetic and return a plain sentence for each fault; empty is sound.

    Numbers without a gap, each session chained to the one before, every Z report agreeing with
    itself and with the sales and entries of its session, and the running total.
    """
    faults: list[str] = []
    for register in conn.execute(select(_r.id).order_by(_r.id)).scalars().all():
        rows = query(conn, f"{TILL} WHERE register = ? ORDER BY number", (register,))
        sessions = [till_of(row) for row in rows]
        previous, z_number, grand = "", 0, 0
        for place, till in enumerate(sessions, 1):
            if till.number != place or till.previous != previous:
                faults.append(f"Register {register}: till {till.number} does not follow the one before it.")
            previous = till.id
            report = z_report(conn, till.id)
            if report is None:
                if till != sessions[-1] or open_on(conn, register) != till:
                    faults.append(f"Register {register}: till {till.number} was never closed.")
                continue
            z_number, grand = z_number + 1, grand + report.takings.total_cents
            if (report.z_number, report.grand_total_cents) != (z_number, grand):
                faults.append(f"Report {report.name}: its number or its running total is not in line.")
            faults += report_faults(report) + _changed_since(conn, report)
    return faults


def _changed_since(conn: Connection, report: TillReport) -> list[str]:
    """Compare a Z report with the session's rows; names are left out, people may be renamed."""
    till, frozen = report.till.id, report.takings
    now = takings(conn, till)
    same_sums = msgspec.structs.replace(now, staff=()) == msgspec.structs.replace(frozen, staff=())
    row = conn.execute(
        select(_z.z_number, _z.expected_cents, _z.counted_cents, _z.left_cents).where(_z.till == till)
    ).one()
    kept = (report.z_number, report.expected_cents, report.counted_cents, report.left_cents)
    faults = []
    if not same_sums or in_drawer(conn, till) != report.expected_cents or tuple(row) != kept:
        faults.append(f"Report {report.name}: the sales or entries of its till are no longer what it says.")
    if not _sealed(conn, till):
        faults.append(f"Report {report.name}: it is not the one that the journal recorded at closing.")
    return faults


def _sealed(conn: Connection, till: str) -> bool:
    j = tables.journal.c
    text = conn.execute(select(_z.report).where(_z.till == till)).scalar_one()
    bodies = conn.execute(select(j.body).where(j.ref == till, j.kind == "till.closed")).scalars().all()
    return [msgspec.json.decode(b).get("report_sha256") for b in bodies] == [seal(text)]
