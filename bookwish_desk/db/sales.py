"""Completed sales: written once, read back as frozen values."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Connection, Row, bindparam, func, insert, select

from bookwish_desk.db import tables
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.sale import Exemption
from bookwish_desk.shop.sold import Sale, SoldLine, SoldTender
from bookwish_desk.shop.tax import TaxPart

_s, _l, _x = tables.sales.c, tables.sale_lines.c, tables.tenders.c
_taxes = msgspec.json.Decoder(tuple[TaxPart, ...])
# Made here, not where they are used: two lanes that are the first to look into a type crash msgspec 0.22.
_customer, _exemption = msgspec.json.Decoder(Customer), msgspec.json.Decoder(Exemption)


def read_customer(stored: str | None) -> Customer | None:
    """Return the customer as a sale keeps them, or None."""
    return _customer.decode(stored) if stored else None


def read_exemption(stored: str | None) -> Exemption | None:
    """Return why a sale was not taxed, or None."""
    return _exemption.decode(stored) if stored else None


_ADD_SALE, _ADD_LINES = Prepared(insert(tables.sales)), Prepared(insert(tables.sale_lines))
_ADD_TAXES, _ADD_TENDERS = Prepared(insert(tables.sale_taxes)), Prepared(insert(tables.tenders))
_IS_SOLD = Prepared(select(_s.id).where(_s.id == bindparam("wanted")))


def insert_sale(tx: Tx, sale: Sale) -> None:
    """Write a completed sale with its lines, taxes and tenders."""
    _ADD_SALE.run(
        tx.conn,
        {
            "id": sale.id,
            "register": sale.register,
            "number": sale.number,
            "receipt": sale.receipt,
            "till": sale.till,
            "business_date": sale.business_date,
            "completed_at": sale.completed_at,
            "staff": sale.staff,
            "kind": sale.kind,
            "total_cents": sale.total_cents,
            "rounding_cents": sale.rounding_cents,
            "discount_cents": sale.discount_cents,
            "discount_reason": sale.discount_reason,
            "tax_mode": sale.tax_mode,
            "tax_basis": sale.tax_basis,
            "exempt": _json(sale.exempt),
            "customer_id": sale.customer.id if sale.customer else None,
            "customer": _json(sale.customer),
            "note": sale.note,
        },
    )
    _ADD_LINES.run_many(tx.conn, [_line_row(sale.id, line) for line in sale.lines])
    _ADD_TAXES.run_many(tx.conn, [{"sale": sale.id, **asdict(t)} for t in sale.taxes])
    _ADD_TENDERS.run_many(
        tx.conn, [{"sale": sale.id, "no": no, **asdict(t)} for no, t in enumerate(sale.tenders, 1)]
    )
    tx.touch("sale")


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _line_row(sale_id: str, line: SoldLine) -> dict[str, Any]:
    return {
        **asdict(line),
        "sale": sale_id,
        "taxes": msgspec.json.encode(line.taxes).decode(),
    }


def _line(row: Row[Any]) -> SoldLine:
    names = SoldLine.__struct_fields__
    return SoldLine(**{**{n: getattr(row, n) for n in names}, "taxes": _taxes.decode(row.taxes)})


def _sale(conn: Connection, row: Row[Any]) -> Sale:
    lines = conn.execute(select(tables.sale_lines).where(_l.sale == row.id).order_by(_l.no))
    taxes = conn.execute(select(tables.sale_taxes).where(tables.sale_taxes.c.sale == row.id))
    tenders = conn.execute(select(tables.tenders).where(_x.sale == row.id).order_by(_x.no))
    return Sale(
        id=row.id,
        number=row.number,
        receipt=row.receipt,
        register=row.register,
        till=row.till,
        business_date=row.business_date,
        completed_at=row.completed_at,
        staff=row.staff,
        kind=row.kind,
        lines=tuple(_line(r) for r in lines),
        tenders=tuple(_tender(r) for r in tenders),
        taxes=tuple(sorted((TaxPart(r.name, r.ppm, r.net_cents, r.tax_cents) for r in taxes), key=_by_rate)),
        total_cents=row.total_cents,
        rounding_cents=row.rounding_cents,
        tax_mode=row.tax_mode,
        tax_basis=row.tax_basis,
        discount_cents=row.discount_cents,
        discount_reason=row.discount_reason,
        exempt=read_exemption(row.exempt),
        customer=read_customer(row.customer),
        note=row.note,
    )


def _by_rate(part: TaxPart) -> tuple[str, int]:
    return part.name, part.ppm


def _tender(row: Row[Any]) -> SoldTender:
    return SoldTender(**{n: getattr(row, n) for n in SoldTender.__struct_fields__})


def by_id(conn: Connection, sale_id: str) -> Sale | None:
    """Return a completed sale by its identity."""
    row = conn.execute(select(tables.sales).where(_s.id == sale_id)).first()
    return None if row is None else _sale(conn, row)


def is_sold(conn: Connection, sale_id: str) -> bool:
    """Say whether there is a completed sale of this identity."""
    return _IS_SOLD.run(conn, {"wanted": sale_id}).fetchone() is not None


def by_receipt(conn: Connection, receipt: str) -> Sale | None:
    """Return the sale whose receipt carries this code, for example R1-000042."""
    row = conn.execute(select(tables.sales).where(_s.receipt == receipt)).first()
    return None if row is None else _sale(conn, row)


def returned(conn: Connection, sale_id: str) -> dict[int, int]:
    """Return how many copies came back of each line of a sale, by line number."""
    rows = conn.execute(
        select(_l.of_line, func.sum(-_l.quantity).label("copies"))
        .where(_l.of_sale == sale_id)
        .group_by(_l.of_line)
    )
    return {r.of_line: int(r.copies) for r in rows}


def refunds(conn: Connection, sale_id: str) -> tuple[Sale, ...]:
    """Return the completed returns and exchanges that brought something of this sale back."""
    ids = conn.execute(select(_l.sale).where(_l.of_sale == sale_id).distinct()).scalars().all()
    rows = conn.execute(select(tables.sales).where(_s.id.in_(ids)).order_by(_s.completed_at)).all()
    return tuple(_sale(conn, row) for row in rows)


class SaleRow(msgspec.Struct, frozen=True):
    """One sale as a list shows it."""

    id: str
    receipt: str
    kind: str
    completed_at: int
    business_date: str
    staff: str
    paid_cents: int
    units: int
    first_title: str
    customer: str


def recent(conn: Connection, words: str = "", most: int = 200) -> tuple[SaleRow, ...]:
    """Return the latest sales, newest first, that mention all `words` in any of their texts."""
    units = (
        select(func.coalesce(func.sum(_l.quantity), 0))
        .where(_l.sale == _s.id)
        .scalar_subquery()
        .correlate(tables.sales)
    )
    first = (select(_l.title).where(_l.sale == _s.id).order_by(_l.no).limit(1).scalar_subquery()).correlate(
        tables.sales
    )
    query = select(tables.sales, units.label("units"), first.label("first_title"))
    for word in words.split()[:6]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        lines = select(_l.sale).where(_l.title.like(like) | _l.sku.like(like) | _l.detail.like(like))
        paid = select(_x.sale).where((_x.last4 == word) | _x.auth_code.like(like))
        query = query.where(
            _s.receipt.like(like)
            | _s.customer.like(like)
            | _s.business_date.like(like)
            | _s.id.in_(lines)
            | _s.id.in_(paid)
        )
    rows = conn.execute(query.order_by(_s.completed_at.desc(), _s.number.desc()).limit(most))
    return tuple(
        SaleRow(
            id=r.id,
            receipt=r.receipt,
            kind=r.kind,
            completed_at=r.completed_at,
            business_date=r.business_date,
            staff=r.staff,
            paid_cents=r.total_cents + r.rounding_cents,
            units=r.units,
            first_title=r.first_title or "",
            customer=customer.name if (customer := read_customer(r.customer)) else "",
        )
        for r in rows
    )
