"""What can be sold: a title of the trade or an article of the shop, as found by a scan or a search."""

from __future__ import annotations

from typing import Literal

import msgspec


class Item(msgspec.Struct, frozen=True):
    """One thing for sale, with what a clerk wants to know before selling it.

    `sku` is the shop's key: for a plain new book its EAN-13 as text. `price_cents` is None when
    neither the shop nor the trade has a price: the clerk is asked. `on_hand` counts copies in the shop;
    `stocked` says whether the shop keeps stock of it at all (a service such as gift wrap does not).
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


class Customer(msgspec.Struct, frozen=True):
    """A customer as attached to a sale; copied into it, so that a later edit does not change the past."""

    id: str
    name: str
    email: str = ""
    phone: str = ""
    note: str = ""


StockCause = Literal["sale", "return", "damaged", "adjust", "count", "import", "receive", "vendor"]


class StockMove(msgspec.Struct, frozen=True):
    """One signed movement of stock with its cause; on hand is the sum of all of them."""

    sku: str
    quantity: int
    cause: StockCause
    at: int
    staff: str = ""
    ref: str = ""
    reason: str = ""
