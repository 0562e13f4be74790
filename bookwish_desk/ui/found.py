"""What a list of search results shows of an item, as one frozen value and in words."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.item import KIND_NAMES, Item
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.street import short_day, too_early
from bookwish_desk.shop.trade import format_name


class FoundRow(msgspec.Struct, frozen=True):
    """One search result in words.

    `details` are short facts for beneath the title, what tells results apart first: they may be cut.
    `where` is the shelf of the copies on hand, or how many are on order where there are none. `mark` is
    what nobody may overlook: that a copy is used or signed, or may not be sold yet (`early`).
    """

    sku: str
    title: str
    details: str
    price: str
    on_hand: str
    in_stock: bool
    format: str = ""
    where: str = ""
    mark: str = ""
    early: bool = False


def found_row(item: Item, at: int, money: Currency, zone: str) -> FoundRow:
    """Return a search result in words at a moment (ms UTC)."""
    in_stock = item.on_hand > 0 or not item.stocked
    ordered = f"{item.on_order} on order" if item.on_order else ""
    early = too_early(item, at, zone)
    mark = KIND_NAMES[item.kind] if item.kind != "new" else ""
    facts = (
        mark if early else "",
        item.authors,
        item.condition,
        ordered if in_stock else "",
        item.series,
        item.publisher,
        str(item.year or ""),
        item.sku if item.title else "",
    )
    return FoundRow(
        sku=item.sku,
        # What only a stock list named has no title yet.
        title=item.title or item.sku,
        details=" · ".join(fact for fact in facts if fact),
        price=money.show(item.price_cents) if item.price_cents is not None else "No price",
        on_hand=str(item.on_hand) if item.stocked else "–",
        in_stock=in_stock,
        format=format_name(item.format),
        where=item.shelf if in_stock or not ordered else ordered,
        mark=f"On sale {short_day(item.street_date, money.locale)}" if early else mark,
        early=early,
    )
