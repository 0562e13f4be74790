"""The till: opening it, what goes in and out of the drawer, looking into it, counting and closing it.

The count is blind: nothing here tells what should be in the drawer before a count is committed,
but to people who may see the X report. Selling into the till is `completing`.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.people import name_of, register_name
from bookwish_desk.actions.permits import may, present, require
from bookwish_desk.actions.posting import letterhead, post_drawer, post_page, post_slip
from bookwish_desk.actions.reprinting import job_name
from bookwish_desk.db import drafts, outbox, tills
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop import till as rules
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.report_slip import report_slip
from bookwish_desk.shop.sale import plain, totals
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import (
    Count,
    HeldSale,
    Move,
    Standing,
    Till,
    TillReport,
)


class Opened(msgspec.Struct, frozen=True):
    """A till that was just opened; `before_cents` is what the session before left in the drawer."""

    till: Till
    before_cents: int | None = None

    @property
    def difference_cents(self) -> int:
        """Return how much more (negative: less) is in the drawer than was left there."""
        return 0 if self.before_cents is None else self.till.float_cents - self.before_cents


# Reads


def current_till(store: Store, register: int) -> Till | None:
    """Return the session that is open on a register, or None when its till is closed."""
    with store.read() as conn:
        return tills.open_on(conn, register)


def standing(store: Store, register: int) -> Standing:
    """Return how the till of a register stands, with its past sessions, the latest first."""
    s = store.settings
    today = rules.business_date(store.clock(), s.zone, s.cutoff_hour)
    with store.read() as conn:
        till = tills.open_on(conn, register)
        rows = tills.entries(conn, till.id) if till else ()
        seen = tuple(e for e in rows if e.kind not in ("sale", "refund"))
        return Standing(till, seen, tills.closed(conn, register), today)


# Opening


@action
def open_till(tx: Tx, actor: Actor, counted: Count, confirmed_date: str = "") -> Opened:
    """Open the till with the cash that was counted into its drawer, as a new session after the last one.

    Raises Refused with code "date" (facts: `today`) when the clock looks wrong; the person confirms
    by passing that date. Raises Refused "till_open" when it is open already.
    """
    register = actor.register
    if tills.open_on(tx.conn, register) is not None:
        raise Refused("till_open", "The till of this register is open already.")
    require(tx, actor, "till.open", _register_ref(register))
    count = rules.checked_count(counted)
    last = next(iter(tills.closed(tx.conn, register, most=1)), None)
    today = _business_date(tx, tx.at)
    founded = _business_date(tx, tills.founded_at(tx.conn) or tx.at)
    fault = rules.date_fault(today, last.business_date if last else "", founded)
    if fault and confirmed_date != today:
        raise Refused("date", fault, today=today)
    till = Till(
        id=new_id(),
        register=register,
        number=tx.count(f"till-{register}"),
        business_date=today,
        opened_at=tx.at,
        opened_by=name_of(tx.conn, actor.staff),
        float_cents=count.total_cents,
        previous=last.till if last else "",
    )
    tills.begin(tx, till, actor.staff)
    tills.enter(tx, till.id, "float", till.float_cents, staff=actor.staff)
    opened = Opened(till, last.left_cents if last else None)
    body = {
        "till": till,
        "count": count,
        "before_cents": opened.before_cents,
        "difference_cents": opened.difference_cents,
        "date_confirmed": fault,
    }
    tx.record("till.opened", staff=actor.staff, register=register, ref=till.id, body=body)
    return opened


def _business_date(tx: Tx, at: int) -> str:
    return rules.business_date(at, tx.settings.zone, tx.settings.cutoff_hour)


def _register_ref(register: int) -> str:
    return f"register-{register}"


def _open(tx: Tx, register: int) -> Till:
    till = tills.open_on(tx.conn, register)
    if till is None:
        raise Refused("till_closed", "Open the till first.")
    return till


# In and out of the drawer


@action
def pay_in(tx: Tx, actor: Actor, cents: int, reason: str) -> None:
    """Put cash into the drawer that is no sale, with a reason."""
    _move(tx, actor, "paid_in", cents, reason)


@action
def pay_out(tx: Tx, actor: Actor, cents: int, reason: str) -> None:
    """Pay cash out of the drawer, with a reason. Raises Refused when there is not that much in it."""
    _move(tx, actor, "paid_out", cents, reason)


@action
def drop(tx: Tx, actor: Actor, cents: int, reason: str) -> None:
    """Take cash out of the drawer to the safe. Raises Refused when there is not that much in it."""
    _move(tx, actor, "drop", cents, reason)


@action
def no_sale(tx: Tx, actor: Actor, reason: str) -> None:
    """Open the drawer without a sale, with a reason."""
    _move(tx, actor, "no_sale", 0, reason)


def _move(tx: Tx, actor: Actor, kind: Move, cents: int, reason: str) -> None:
    till = _open(tx, actor.register)
    require(tx, actor, "till.no_sale" if kind == "no_sale" else "till.move", till.id)
    why = plain(reason, 80)
    if not why:
        raise Refused("reason", "Give a reason.")
    held = tills.in_drawer(tx.conn, till.id)
    shown = tx.settings.money.show(held) if may(tx, actor, "till.report") else ""
    cash = rules.checked_move(kind, cents, held, shown=shown)
    tills.enter(tx, till.id, kind, cash, staff=actor.staff, reason=why)
    body = {"cash_cents": cash, "reason": why}
    tx.record(f"till.{kind}", staff=actor.staff, register=actor.register, ref=till.id, body=body)
    post_drawer(tx, register=actor.register, ref=_name(till), why=kind)


def _name(till: Till) -> str:
    return f"till-{till.register}-{till.number}"


# Reports


@action
def x_report(tx: Tx, actor: Actor) -> TillReport:
    """Look into the open till; nothing is closed. Needs the permission, for it tells what is expected."""
    till = _open(tx, actor.register)
    require(tx, actor, "till.report", till.id)
    report = _report(tx, actor, till)
    tx.record("till.x_report", staff=actor.staff, register=actor.register, ref=till.id, body={})
    return report


@action
def z_report(tx: Tx, actor: Actor, till_id: str) -> TillReport:
    """Return the frozen report of a closed session. Needs the permission."""
    require(tx, actor, "till.report", till_id)
    report = tills.z_report(tx.conn, till_id)
    if report is None:
        raise Refused("no_report", "This till is not closed yet.")
    return report


@action
def print_report(tx: Tx, actor: Actor, report: TillReport) -> None:
    """Print a report that the actor was given: an X report as it was seen, a Z report again as a COPY."""
    present(tx, actor)
    again = report.kind == "Z"
    kept = tills.z_report(tx.conn, report.till.id) if again else report
    if kept is None:
        raise Refused("no_report", "This till is not closed yet.")
    post_slip(tx, report_slip(kept, letterhead(tx.settings), copy=again), register=actor.register)
    _printed(tx, actor, kept, {"copy": again})


@action
def print_pages(tx: Tx, actor: Actor, report: TillReport, pdf: bytes, copy: bool) -> str:
    """Print the PDF of a report that the actor was given on the document printer; return the job's id.

    `copy` says that the PDF is marked so. Raises Refused where no such printer is set up.
    """
    present(tx, actor)
    job = post_page(tx, Pages(pdf, report.name), register=actor.register)
    _printed(tx, actor, report, {"copy": copy, "pages": True})
    return job


def _printed(tx: Tx, actor: Actor, report: TillReport, body: dict[str, object]) -> None:
    told = {"report": report.name, **body}
    tx.record(
        "till.report_printed", staff=actor.staff, register=actor.register, ref=report.till.id, body=told
    )


def _report(tx: Tx, actor: Actor, till: Till) -> TillReport:
    s, conn = tx.settings, tx.conn
    before = tills.z_report(conn, till.previous) if till.previous else None
    held = (d for d in drafts.held(conn) if d.register == till.register)
    return TillReport(
        kind="X",
        till=till,
        made_at=tx.at,
        made_by=name_of(conn, actor.staff),
        shop=s.shop_name,
        address=s.shop_address,
        register_name=register_name(conn, till.register),
        currency=s.currency,
        locale=s.locale,
        zone=s.zone,
        takings=tills.takings(conn, till.id),
        voids=tills.voids(conn, till),
        entries=tills.entries(conn, till.id),
        expected_cents=tills.in_drawer(conn, till.id),
        before_cents=before.left_cents if before else None,
        held=tuple(HeldSale(d.held_as, d.held_note, totals(d, s.tax).total_cents) for d in held),
        unsent=tuple(_unsent(job) for job in outbox.unfinished(conn, till.register)),
        journal_head=tills.journal_head(conn),
        grand_total_cents=before.grand_total_cents if before else 0,
    )


_JOBS = {"receipt": "Receipt", "gift": "Gift receipt", "hold": "Slip of held sale", "report": "Till report"}
_STATES = {
    "queued": "waits to be printed",
    "sending": "is being printed",
    "unknown": "may have been printed",
    "failed": "was not printed",
    "expired": "waits for a reprint",
}


def _unsent(job: Job) -> str:
    return f"{_JOBS.get(job.kind) or job_name(job)} {job.ref} {_STATES.get(job.state, job.state)}"


# Counting and closing


@action
def begin_count(tx: Tx, actor: Actor) -> None:
    """Open the drawer so that its cash can be counted: before opening the till, or to close it.

    Raises Refused when a sale stands in the way of closing, before anybody counts for nothing.
    """
    till = tills.open_on(tx.conn, actor.register)
    if till is None:
        ref = _register_ref(actor.register)
        require(tx, actor, "till.open", ref)
    else:
        ref = till.id
        require(tx, actor, "till.close", ref)
        _nothing_open(tx, actor.register)
    tx.record("till.counting", staff=actor.staff, register=actor.register, ref=ref, body={})
    post_drawer(tx, register=actor.register, ref=_name(till) if till else ref, why="count")


def _nothing_open(tx: Tx, register: int) -> None:
    draft = drafts.open_on(tx.conn, register)
    if draft is None or draft.empty:
        return
    if draft.tenders:
        raise Refused("paying", "A payment was started on this register. Finish the sale or take it back.")
    raise Refused("selling", "A sale is open on this register. Finish it, hold it or void it first.")


@action
def close_till(tx: Tx, actor: Actor, counted: Count, left_cents: int) -> TillReport:
    """Commit the count, close the till and freeze its Z report, which is printed.

    `left_cents` stays in the drawer as the next float. Raises Refused when the till is closed, a sale
    is open on the register, or more would stay than was counted. Held sales and unsent work stay.
    """
    till = _open(tx, actor.register)
    require(tx, actor, "till.close", till.id)
    _nothing_open(tx, actor.register)
    count = rules.checked_count(counted)
    if not 0 <= left_cents <= count.total_cents:
        raise Refused("left", "More cannot stay in the drawer than was counted.")
    seen = _report(tx, actor, till)
    grand = seen.grand_total_cents + seen.takings.total_cents
    report = replace(
        seen,
        kind="Z",
        count=count,
        left_cents=left_cents,
        z_number=tx.count(f"z-{actor.register}"),
        grand_total_cents=grand,
    )
    tills.end(tx, report, actor.staff)
    body = {
        "z_number": report.z_number,
        "expected_cents": report.expected_cents,
        "counted_cents": report.counted_cents,
        "over_cents": report.over_cents,
        "left_cents": left_cents,
        "grand_total_cents": grand,
        "report_sha256": tills.seal(tills.frozen(report)),
    }
    tx.record("till.closed", staff=actor.staff, register=actor.register, ref=till.id, body=body)
    slip = report_slip(report, letterhead(tx.settings))
    post_slip(tx, slip, register=actor.register, by_itself=True)
    return report
