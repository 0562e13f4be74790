"""What the sell screen shows, as one frozen value, and the rules by which a sale is put into words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.collected import Collected, count_of
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import Currency, show_percent
from bookwish_desk.shop.sale import Discount, Draft, Line, PricedLine, Totals
from bookwish_desk.ui.found import FoundRow
from bookwish_desk.ui.misprints.state import Misprint

if TYPE_CHECKING:
    from bookwish_desk.actions.rerouting import Promised

Show = Callable[[int], str]
Mode = Literal["sell", "pay", "done"]


class CartRow(msgspec.Struct, frozen=True):
    """One line of the cart in words. `details` are short facts shown under the title."""

    id: str
    title: str
    details: str
    quantity: str
    price: str
    total: str
    is_return: bool = False
    of_order: bool = False

    @property
    def fixed(self) -> bool:
        """Say whether it can only be taken out: what comes back, and what is collected with an order."""
        return self.is_return or self.of_order or not self.quantity


class TileFace(msgspec.Struct, frozen=True):
    """One quick tile: an item sold with one press."""

    sku: str
    title: str
    price: str


class SumRow(msgspec.Struct, frozen=True):
    """One figure under the cart."""

    name: str
    amount: str


class Unknown(msgspec.Struct, frozen=True):
    """A code nobody knows, or a title without a price (then `title` is set), waiting to be sold anyway."""

    code: str
    price: str = ""
    title: str = ""


class TooEarly(msgspec.Struct, frozen=True):
    """An item that may not be sold yet, with the sentence that says so, waiting for a decision."""

    sku: str
    sentence: str


class Promise(msgspec.Struct, frozen=True):
    """Copies in the cart that an order counts on: what is said, and what giving them away is about."""

    sentence: str
    order: str
    number: str
    sku: str
    copies: int


class SellState(msgspec.Struct, frozen=True):
    """Everything on the sell screen."""

    mode: Mode = "sell"
    heading: str = "New sale"
    cart: tuple[CartRow, ...] = ()
    selected: str = ""
    sums: tuple[SumRow, ...] = ()
    total: str = ""
    pay: str = "Pay"
    can_pay: bool = False
    has_lines: bool = False
    customer: str = ""
    exempt: str = ""
    note: str = ""
    words: str = ""
    found: tuple[FoundRow, ...] = ()
    searching: bool = False
    tiles: tuple[TileFace, ...] = ()
    held: int = 0
    till_open: bool = True
    notice: str = ""
    tone: Literal["ok", "warn", "error"] = "ok"
    unknown: Unknown | None = None
    too_early: TooEarly | None = None
    misprint: Misprint | None = None
    promise: Promise | None = None


NOTHING_ASKED = {"unknown": None, "too_early": None, "misprint": None}
"""The part of the state in which no question waits for its answer."""


def cart_rows(priced: Totals, draft: Draft, show: Show) -> tuple[CartRow, ...]:
    """Return the cart of a draft in words: lines sold, orders with what they bring, then what comes back."""
    rows = [_sold(p, show) for p in priced.lines if not p.line.of_order]
    for order in draft.collects:
        rows.append(_collected(order))
        mine = (_sold(p, show) for p in priced.lines if p.line.of_order == order.order)
        rows += (replace(line, of_order=True, details=f"Order {order.number}") for line in mine)
    for r in draft.returns:
        where = f"from {r.of_receipt}" if r.of_receipt else "without receipt"
        what = "damaged" if r.disposition == "damaged" else "back to the shelf"
        rows.append(
            CartRow(
                id=r.id,
                title=r.title,
                details=f"Return · {where} · {what}",
                quantity=str(-r.quantity),
                price=show(r.price_cents),
                total=show(-r.total_cents),
                is_return=True,
            )
        )
    return tuple(rows)


def _collected(order: Collected) -> CartRow:
    """Return the row of an order: it is taken out by removing this row."""
    return CartRow(
        id=order.order,
        title=f"Order {order.number}",
        details=" · ".join(
            w
            for w in (order.customer, count_of(order.books) if order.books else "paid later", order.seen)
            if w
        ),
        quantity="",
        price="",
        total="" if order.due_cents else "Paid",
    )


def promise_of(found: Promised) -> Promise:
    """Return the warning that copies in the cart are promised, in words."""
    name = f" for {found.customer}" if found.customer else ""
    many = "" if found.copies == 1 else f", {found.copies} copies"
    where = f" It lies on hold shelf {found.shelf}." if found.picked and found.shelf else ""
    sentence = f"{found.title}{many}: promised to order {found.number}{name}.{where}"
    return Promise(sentence, found.order_id, found.number, found.sku, found.copies)


def _sold(p: PricedLine, show: Show) -> CartRow:
    line = p.line
    return CartRow(
        id=line.id,
        title=line.title,
        details=" · ".join(_details(line, show)),
        quantity=str(line.quantity),
        price=show(line.price_cents),
        total=show(p.gross_cents - (line.discount.off(p.gross_cents) if line.discount else 0)),
    )


def _details(line: Line, show: Show) -> list[str]:
    """Return what else is to be known of a line, what a clerk must not overlook first: it may be cut."""
    out = [line.detail] if line.kind != "new" else []
    if line.discount:
        out.append(f"{discount_words(line.discount, show)} off")
    if line.list_price_cents is not None and line.list_price_cents != line.price_cents:
        out.append(f"was {show(line.list_price_cents)}")
    if line.gift_wrap:
        out.append("gift wrapped")
    if line.stocked and line.on_hand is not None and line.on_hand < line.quantity:
        out.append(f"only {line.on_hand} on hand" if line.on_hand > 0 else "none on hand")
    if line.note:
        out.append(line.note)
    if line.detail and line.kind == "new":
        out.append(line.detail)
    if line.sku.isdigit() or line.kind != "new":
        out.append(line.sku)
    return out


def discount_words(discount: Discount, show: Show) -> str:
    """Return a discount as people say it: 10% or $2.00."""
    return show_percent(discount.value) if discount.kind == "percent" else show(discount.value)


def sum_rows(priced: Totals, draft: Draft, show: Show, *, inclusive: bool) -> tuple[SumRow, ...]:
    """Return the figures between the cart and its total."""
    rows: list[SumRow] = []
    if draft.discount:
        before = priced.subtotal_cents + _sale_discount(priced)
        rows.append(SumRow("Before discount", show(before)))
        reason = f": {draft.discount.reason}" if draft.discount.reason else ""
        rows.append(SumRow(f"Discount{reason}", show(-_sale_discount(priced))))
    rows.append(SumRow("Subtotal", show(priced.subtotal_cents)))
    for t in priced.taxes:
        name = f"{t.name} {show_percent(t.ppm)}"
        rows.append(SumRow(f"including {name}" if inclusive else name, show(t.tax_cents)))
    if draft.exempt:
        rows.append(SumRow(f"Tax exempt {draft.exempt.certificate}", show(0)))
    if draft.returns:
        rows.append(SumRow("Returns", show(-priced.return_cents)))
    return tuple(rows)


def _sale_discount(priced: Totals) -> int:
    own = sum(p.line.discount.off(p.gross_cents) if p.line.discount else 0 for p in priced.lines)
    return priced.discount_cents - own


class SellForms(Protocol):
    """What the sheets of the sell screen ask for. Each raises Refused in plain words for wrong input.

    `line` is the line that a form was opened for: a scan behind it may have chosen another meanwhile.
    """

    def set_quantity(self, quantity: int, line: str = "") -> None:
        """Sell this many copies of a line."""

    def set_price(self, price: str, reason: str, line: str = "") -> None:
        """Sell a line at another price."""

    def set_discount(self, kind: str, value: str, reason: str, *, whole: bool, line: str = "") -> None:
        """Discount a line or the whole sale."""

    def set_note(self, text: str, *, whole: bool, line: str = "") -> None:
        """Write a note on a line or on the sale."""

    def set_exempt(self, certificate: str, holder: str) -> None:
        """Sell without tax."""

    def sell_unknown(self, code: str, title: str, price: str, tax_class: str) -> None:
        """Sell what nobody knows."""

    def sell_early(self, sku: str) -> None:
        """Sell before its street date what was asked about."""

    def sell_corrected(self, sku: str) -> None:
        """Sell the book that was chosen for a misprinted code."""

    def hold(self, note: str = "") -> None:
        """Put the sale aside."""

    def void(self, reason: str) -> None:
        """Give the sale up."""

    def load_held(self, then: Callable[[tuple[HeldRow, ...]], None]) -> None:
        """Read the held sales."""

    def recall(self, draft: str) -> None:
        """Take a held sale up again."""

    def find_customers(self, words: str, then: Callable[[tuple[Customer, ...]], None]) -> None:
        """Look customers up."""

    def set_customer(self, customer: Customer | None) -> None:
        """Attach a customer, or none."""

    def add_customer(
        self,
        name: str,
        email: str,
        phone: str,
        done: Callable[[], None],
        refused: Callable[[str, str], None],
    ) -> None:
        """Keep a new customer and attach them, then `done()`; or `refused(what, sentence)`."""


class HeldRow(msgspec.Struct, frozen=True):
    """A held sale in words."""

    id: str
    code: str
    words: str
    note: str
    total: str
    since: str


def held_row(draft: Draft, priced: Totals, money: Currency, zone: str) -> HeldRow:
    """Return a held sale in words."""
    from bookwish_desk.shop.receipt import moment

    titles = [x.title for x in draft.lines if not x.of_order]
    titles += [f"Order {c.number}" for c in draft.collects] + [f"Return of {r.title}" for r in draft.returns]
    who = f"{draft.customer.name} · " if draft.customer else ""
    return HeldRow(
        id=draft.id,
        code=draft.held_as,
        words=who + ", ".join(titles),
        note=draft.held_note,
        total=money.show(priced.total_cents),
        since=moment(draft.opened_at, zone, money.locale),
    )
