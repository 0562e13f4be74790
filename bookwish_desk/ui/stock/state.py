"""What the stock screen shows, as frozen values, and how items and movements are put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.item import Item, Kind, StockMove
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.street import long_day
from bookwish_desk.shop.trade import format_name
from bookwish_desk.ui.misprints.state import Misprint

Listing = Literal["found", "low", "out", "to_catalogue"]

REASONS = ("Found", "Received", "Damaged", "Missing", "Used in the shop", "Correction")
"""Why stock is adjusted, as offered; another reason can be typed."""

COUNT_REASON = "Stocktaking"


class StockRow(msgspec.Struct, frozen=True):
    """One item in the list, in words."""

    sku: str
    title: str
    details: str
    on_hand: str
    shelf: str
    price: str
    out: bool = False
    on_order: str = ""
    format: str = ""


class MoveRow(msgspec.Struct, frozen=True):
    """One movement of stock in words; `by` has its sign."""

    what: str
    by: str
    when: str


class ItemForm(msgspec.Struct, frozen=True):
    """An item as it is typed: texts, and "" for what is not said. `sku` is "" for a new item.

    Of a used or signed copy (`kind`) the words and the street date are its title's and not asked.
    """

    sku: str = ""
    code: str = ""
    title: str = ""
    authors: str = ""
    publisher: str = ""
    price: str = ""
    tax_class: str = ""
    shelf: str = ""
    low_at: str = ""
    stocked: bool = True
    street_date: str = ""
    kind: Kind = "new"
    condition: str = ""


class CopyForm(msgspec.Struct, frozen=True):
    """Used or signed copies of a title as they are typed; without a `sku` they get the one proposed."""

    kind: Kind
    price: str
    condition: str = ""
    sku: str = ""
    copies: int = 0


class ItemDetail(msgspec.Struct, frozen=True):
    """The chosen item: what it is, how many there are, and how its stock moved."""

    sku: str
    title: str
    details: str
    on_hand: str
    facts: str
    stocked: bool
    form: ItemForm
    moves: tuple[MoveRow, ...] = ()


class StockState(msgspec.Struct, frozen=True):
    """Everything on the stock screen.

    `unknown` is a scanned code that no item has, `misprint` one that may be another book's; `classes` are
    the tax classes (code, label) to choose.
    """

    listing: Listing = "found"
    words: str = ""
    rows: tuple[StockRow, ...] = ()
    selected: str = ""
    detail: ItemDetail | None = None
    low: int = 0
    out: int = 0
    to_catalogue: int = 0
    unknown: str = ""
    misprint: Misprint | None = None
    classes: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    tone: Literal["ok", "warn", "error"] = "warn"


class ItemForms(Protocol):
    """Whoever takes the form of an item."""

    def save_item(
        self, form: ItemForm, saved: Callable[[], None], refused: Callable[[str, str], None]
    ) -> None:
        """Write an item; `refused` gets the field that is wrong ("" for none) and why."""


class StockForms(ItemForms, Protocol):
    """What the stock screen hands whole forms to."""

    def count(self, counted: int, reason: str) -> None:
        """Set the chosen item to a count."""

    def show_corrected(self, sku: str) -> None:
        """Show the book that was chosen for a misprinted code."""


def stock_row(item: Item, show: Callable[[int], str]) -> StockRow:
    """Return an item as the list shows it."""
    return StockRow(
        sku=item.sku,
        title=item.title,
        details=" · ".join(w for w in (item.copy_words, item.authors, item.sku) if w),
        on_hand=str(item.on_hand) if item.stocked else "–",
        shelf=item.shelf,
        price=show(item.price_cents) if item.price_cents is not None else "",
        out=item.stocked and item.on_hand <= 0,
        on_order=f"{item.on_order} on order" if item.on_order else "",
        format=format_name(item.format),
    )


def detail(
    item: Item,
    moves: tuple[StockMove, ...],
    names: Mapping[str, str],
    classes: Mapping[str, str],
    money: Currency,
    zone: str,
) -> ItemDetail:
    """Return the chosen item in words; `classes` are the labels of the tax classes by code."""
    ean = str(item.ean) if item.ean is not None and str(item.ean) != item.sku else ""
    about = (item.copy_words, item.authors, item.publisher, str(item.year or ""), item.sku, ean)
    low = "" if item.low_at is None else f"low at {item.low_at}"
    facts = (
        f"Shelf {item.shelf}" if item.shelf else "No shelf",
        money.show(item.price_cents) if item.price_cents is not None else "No price",
        classes.get(item.tax_class, item.tax_class),
        low,
        f"{item.on_order} on order" if item.on_order else "",
        f"Not before {long_day(item.street_date, money.locale)}" if item.street_date else "",
    )
    return ItemDetail(
        sku=item.sku,
        title=item.title,
        details=" · ".join(w for w in about if w),
        on_hand=str(item.on_hand) if item.stocked else "–",
        facts=" · ".join(f for f in facts if f),
        stocked=item.stocked,
        form=item_form(item, money),
        moves=tuple(_move(m, names, money, zone) for m in moves),
    )


def item_form(item: Item, money: Currency) -> ItemForm:
    """Return an item as it is typed."""
    return ItemForm(
        sku=item.sku,
        code=item.sku,
        title=item.title,
        authors=item.authors,
        publisher=item.publisher,
        price=money.plain(item.price_cents) if item.price_cents is not None else "",
        tax_class=item.tax_class,
        shelf=item.shelf,
        low_at="" if item.low_at is None else str(item.low_at),
        stocked=item.stocked,
        street_date=item.street_date,
        kind=item.kind,
        condition=item.condition,
    )


CAUSES = {
    "sale": "Sold",
    "return": "Came back",
    "damaged": "Written off as damaged",
    "adjust": "Adjusted",
    "count": "Counted",
    "import": "Opening stock",
    "receive": "Received",
    "vendor": "Sent back to the vendor",
    "order": "Left for an order",
}
"""What moved the stock, in words."""


def _move(move: StockMove, names: Mapping[str, str], money: Currency, zone: str) -> MoveRow:
    said = CAUSES.get(move.cause, move.cause)
    behind = [f"receipt {move.ref}"] if move.cause in ("sale", "return", "damaged") and move.ref else []
    behind += [move.ref] if move.cause == "order" else []
    behind += [w for w in (move.reason, names.get(move.staff, "")) if w]
    by = f"+{move.quantity}" if move.quantity > 0 else str(move.quantity)
    return MoveRow(", ".join([said, *behind]), by, moment(move.at, zone, money.locale))
