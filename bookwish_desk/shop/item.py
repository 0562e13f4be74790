"""What can be sold: a title of the trade or an article of the shop, as found by a scan or a search."""

from __future__ import annotations

from collections.abc import Container
from itertools import count
from typing import Literal

import msgspec

Kind = Literal["new", "used", "signed"]
KIND_NAMES: dict[Kind, str] = {"new": "New", "used": "Used", "signed": "Signed"}


class Item(msgspec.Struct, frozen=True):
    """One thing for sale, with what a clerk wants to know before selling it.

    `sku` is the shop's key: for a plain new book its EAN-13 as text. `price_cents` is None when
    neither the shop nor the trade has a price: the clerk is asked. `on_hand` counts copies in the shop;
    `stocked` says whether the shop keeps stock of it at all (a service such as gift wrap does not).
    `kind` tells copies of one title apart: a used or signed one has a SKU of its own, no EAN, and
    `of_ean` names its title. `condition` is what a buyer is told of such a copy. `on_order` counts copies
    that the shop has ordered; `sold` those it sold in the last twelve months. Before `street_date`
    (YYYY-MM-DD) it is not to be sold. `format` is a code of `shop.trade`.
    """

    sku: str
    title: str
    ean: int | None = None
    authors: str = ""
    publisher: str = ""
    year: int | None = None
    price_cents: int | None = None
    tax_class: str = "book"
    on_hand: int = 0
    shelf: str = ""
    stocked: bool = True
    low_at: int | None = None
    to_catalogue: bool = False
    series: str = ""
    format: str = ""
    street_date: str = ""
    kind: Kind = "new"
    of_ean: int | None = None
    condition: str = ""
    on_order: int = 0
    sold: int = 0

    @property
    def title_ean(self) -> int | None:
        """Return the EAN of the title that this is a copy of: its own, or that of `of_ean`."""
        return self.ean if self.of_ean is None else self.of_ean

    @property
    def copy_words(self) -> str:
        """Return what a buyer is told of a used or signed copy, such as "Used: spine worn"; else nothing."""
        if self.kind == "new":
            return ""
        return f"{KIND_NAMES[self.kind]}: {self.condition}" if self.condition else KIND_NAMES[self.kind]


def copy_sku(ean: int, kind: Kind, taken: Container[str]) -> str:
    """Return a free SKU for a used or signed copy of a title: its EAN and S, or U1, U2, U3 ...

    It reads as its title's code to a person and to no scanner, which would sell the new one.
    """
    if kind == "signed" and f"{ean}S" not in taken:
        return f"{ean}S"
    letter, first = ("S", 2) if kind == "signed" else ("U", 1)
    return next(sku for no in count(first) if (sku := f"{ean}{letter}{no}") not in taken)


class Customer(msgspec.Struct, frozen=True):
    """A customer as attached to a sale; copied into it, so that a later edit does not change the past."""

    id: str
    name: str
    email: str = ""
    phone: str = ""
    note: str = ""


StockCause = Literal["sale", "return", "damaged", "adjust", "count", "import", "receive", "vendor", "order"]


class StockMove(msgspec.Struct, frozen=True):
    """One signed movement of stock with its cause; on hand is the sum of all of them."""

    sku: str
    quantity: int
    cause: StockCause
    at: int
    staff: str = ""
    ref: str = ""
    reason: str = ""
