"""What the return sheet shows, as one frozen value, and how a receipt is put into its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sold import Disposition

Show = Callable[[int], str]
Step = Literal["closed", "receipt", "lines", "loose"]

DISPOSITIONS: tuple[tuple[Disposition, str], ...] = (
    ("restock", "Back to the shelf"),
    ("damaged", "Damaged, not for sale"),
)
REASONS = ("Changed their mind", "Wrong book", "Pages missing", "A gift they had")


class Coming(msgspec.Struct, frozen=True):
    """What was decided about one line of the receipt: how many copies come back, and in what state."""

    quantity: int = 0
    disposition: Disposition = "restock"
    reason: str = ""


class LineRow(msgspec.Struct, frozen=True):
    """One line of the receipt in words; `left` is how many copies can still come back."""

    no: int
    title: str
    details: str
    sold: int
    left: int
    worth: str
    coming: Coming = Coming()


class FoundItem(msgspec.Struct, frozen=True):
    """An item found for a return without receipt."""

    sku: str
    title: str
    details: str
    price: str


class ReturnState(msgspec.Struct, frozen=True):
    """Everything on the return sheet.

    closed: nothing is shown. receipt: asks for the receipt. lines: shows what is on it. loose: takes
    goods without a receipt. `refund` is what the chosen copies are worth, "" for none.
    """

    step: Step = "closed"
    heading: str = ""
    details: str = ""
    late: str = ""
    lines: tuple[LineRow, ...] = ()
    selected: int = 0
    refund: str = ""
    words: str = ""
    found: tuple[FoundItem, ...] = ()
    item: FoundItem | None = None
    notice: str = ""
    tone: Literal["warn", "error"] = "error"

    @property
    def line(self) -> LineRow | None:
        """Return the line that is chosen."""
        return next((x for x in self.lines if x.no == self.selected), None)


def found_item(item: Item, show: Show) -> FoundItem:
    """Return an item in words."""
    details = " · ".join(w for w in (item.authors, item.sku) if w)
    return FoundItem(
        item.sku, item.title, details, show(item.price_cents) if item.price_cents is not None else ""
    )


class ReturnForms(Protocol):
    """What the sheet hands whole forms to; raises Refused for what was typed wrong."""

    def add_loose(self, price: str, quantity: int, disposition: Disposition, reason: str) -> None:
        """Take the chosen item back without a receipt."""
