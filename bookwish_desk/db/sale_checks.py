"""Whether every completed sale adds up: streamed once, sale by sale, and held against the journal.

Like `db.checks` it only reads and returns sentences on faults; an empty list is sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from bookwish_desk.db.checks import MOST, Rule, broken, rows_of
from bookwish_desk.db.sales import read_customer, read_exemption
from bookwish_desk.shop.sold import Sale, SoldLine, SoldTender, taxes_of
from bookwish_desk.shop.tax import TaxPart

_BACK = (
    "SELECT o.receipt, x.no FROM sale_lines b "
    "JOIN sale_lines x ON x.sale = b.of_sale AND x.no = b.of_line JOIN sales o ON o.id = x.sale "
    "WHERE b.of_sale <> '' GROUP BY b.of_sale, b.of_line"
)

_RETURNS = (
    Rule(
        "More of line {1} of {0} came back than was sold.",
        f"{_BACK} HAVING -sum(b.quantity) > x.quantity",
    ),
    Rule(
        "What was paid back for line {1} of {0} is not what was paid for it.",
        f"{_BACK} HAVING -sum(b.total_cents) > x.total_cents "
        "OR (-sum(b.quantity) = x.quantity AND -sum(b.total_cents) <> x.total_cents)",
    ),
    Rule(
        "Line {1} of {0} returns something that was never sold.",
        "SELECT s.receipt, b.no FROM sale_lines b JOIN sales s ON s.id = b.sale "
        "LEFT JOIN sale_lines x ON x.sale = b.of_sale AND x.no = b.of_line AND x.sku = b.sku "
        "WHERE b.of_sale <> '' AND x.no IS NULL",
    ),
)


def returns(conn: Connection) -> list[str]:
    """Return where more came back, or was paid back, than was sold."""
    return broken(conn, _RETURNS)


def sales(conn: Connection) -> list[str]:
    """Return every sale whose rows do not add up, or are not what the journal wrote down then."""
    faults: list[str] = []
    decode = msgspec.json.Decoder(Sale).decode
    for sale, logged in _with_journal(conn):
        faults += [f"{sale.receipt}: {fault}" for fault in sums(sale)]
        try:
            if logged is None:
                faults.append(f"{sale.receipt}: the journal does not tell of it.")
            elif decode(logged) != _unnamed(sale):
                faults.append(f"{sale.receipt}: it is not what the journal wrote down when it was made.")
        except msgspec.DecodeError:
            faults.append(f"{sale.receipt}: its journal entry cannot be read.")
        if len(faults) >= MOST:
            break
    return faults


def _unnamed(sale: Sale) -> Sale:
    """Return a sale as the journal tells of it: never to whom."""
    return sale if sale.customer is None else replace(sale, customer=None)


def sums(sale: Sale) -> list[str]:
    """Return what does not add up in one sale: its lines, tax, discounts and payments."""
    faults: list[str] = []
    if sum(x.total_cents for x in sale.lines) != sale.total_cents:
        faults.append("its lines do not add up to its total.")
    if sum(t.amount_cents for t in sale.tenders) != sale.paid_cents:
        faults.append("its payments do not add up to what was to pay.")
    if taxes_of(sale.lines) != sale.taxes:
        faults.append("the tax of its lines does not add up to its tax.")
    if sum(x.discount_cents for x in sale.lines if x.quantity > 0) != sale.discount_cents:
        faults.append("the discounts of its lines do not add up to its discount.")
    if [x.no for x in sale.lines] != list(range(1, len(sale.lines) + 1)):
        faults.append("a line is missing.")
    faults += [f"line {x.no} does not add up." for x in sale.lines if not _adds_up(sale, x)]
    return faults


def _adds_up(sale: Sale, x: SoldLine) -> bool:
    added = sum(t.tax_cents for t in x.taxes) if sale.tax_mode == "exclusive" else 0
    if x.total_cents != x.net_cents + added:
        return False
    if x.quantity < 0:
        # Its price may be of a time when the shop reckoned tax another way.
        return True
    after = x.gross_cents - x.discount_cents
    # Where prices hold the tax, an exempt customer is let off it.
    let_off = sale.tax_mode == "inclusive" and sale.exempt is not None
    return x.gross_cents == x.quantity * x.price_cents and (
        x.net_cents <= after if let_off else x.net_cents == after
    )


_HEAD = (
    "id", "number", "receipt", "register", "till", "business_date", "completed_at", "staff", "kind",
    "total_cents", "rounding_cents", "tax_mode", "tax_basis", "discount_cents", "discount_reason", "note",
)  # fmt: skip
_taxes = msgspec.json.Decoder(tuple[TaxPart, ...]).decode


def _with_journal(conn: Connection) -> Iterator[tuple[Sale, str | None]]:
    """Yield every sale with its journal entry's body: four streams in the order of sale ids, side by side."""
    head = ", ".join(f"s.{name}" for name in _HEAD)
    heads = rows_of(
        conn,
        f"SELECT s.exempt, s.customer, j.body, {head} FROM sales s LEFT JOIN journal j "
        "ON j.ref = s.receipt AND j.kind = s.kind || '.completed' ORDER BY s.id",
    )
    lines = _Grouped(conn, "sale_lines", SoldLine.__struct_fields__, "no")
    tenders = _Grouped(conn, "tenders", SoldTender.__struct_fields__, "no")
    parts = _Grouped(conn, "sale_taxes", TaxPart.__struct_fields__, "name, ppm")
    place = SoldLine.__struct_fields__.index("taxes")
    for exempt, customer, body, *rest in heads:
        values = dict(zip(_HEAD, rest, strict=True))
        sold = [_line(row, place) for row in lines.of(values["id"])]
        yield (
            Sale(
                **values,
                lines=tuple(sold),
                tenders=tuple(SoldTender(*row) for row in tenders.of(values["id"])),
                taxes=tuple(TaxPart(*row) for row in parts.of(values["id"])),
                exempt=read_exemption(exempt),
                customer=read_customer(customer),
            ),
            body,
        )


def _line(row: Any, place: int) -> SoldLine:
    values = list(row)
    values[place] = _taxes(values[place])
    return SoldLine(*values)


class _Grouped:
    """The rows of one table in the order of their sales, handed out sale by sale."""

    def __init__(self, conn: Connection, table: str, columns: tuple[str, ...], order: str) -> None:
        names = ", ".join(columns)
        self._rows = iter(rows_of(conn, f"SELECT sale, {names} FROM {table} ORDER BY sale, {order}"))
        self._next: Any = next(self._rows, None)

    def of(self, sale: str) -> Iterator[Any]:
        """Yield the rows of a sale; sales are asked for in rising order, each once."""
        while self._next is not None and self._next[0] < sale:
            self._next = next(self._rows, None)
        while self._next is not None and self._next[0] == sale:
            yield self._next[1:]
            self._next = next(self._rows, None)
