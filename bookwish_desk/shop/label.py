"""What goes on labels, as values: shelf and price labels of items, shipping labels from carriers.

The outbox keeps them; `hardware.labels` draws and encodes them. Text in a label may come from customers
and publishers: whoever draws it passes it through `shop.text.clean`.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class PriceLabel(msgspec.Struct, frozen=True, tag="price"):
    """A label for a copy: title, authors, price and the code that the register scans.

    `code` is 13 digits (EAN-13) or an SKU (Code 128); `price` is written as the shop's people write it.
    """

    title: str
    code: str
    price: str = ""
    authors: str = ""
    detail: str = ""
    shop: str = ""


class ShelfLabel(msgspec.Struct, frozen=True, tag="shelf"):
    """A label for a place on a shelf: the title large, where it stands, its price and code."""

    title: str
    code: str
    price: str = ""
    authors: str = ""
    shelf: str = ""


class ShippingLabel(msgspec.Struct, frozen=True, tag="shipping"):
    """A carrier's label, as the carrier sent it: printed as it is, on one 4x6 page.

    `mark` is printed where the carrier leaves room (an order number), never over the carrier's own. `slip`
    is a PDF of the parcel's 4x6 packing slip, which follows in the same job; empty for none.
    """

    data: bytes
    format: Literal["png", "pdf", "zpl", "epl"]
    ref: str
    mark: str = ""
    slip: bytes = b""


class TestLabel(msgspec.Struct, frozen=True, tag="test"):
    """A label that shows whether a printer is set up right: a frame at the edge, a ruler, letters, a code."""

    printer: str


LabelKind = Literal["price", "shelf"]
"""What kinds of labels an item can have."""

Label = PriceLabel | ShelfLabel | ShippingLabel | TestLabel

MOST_COPIES = 500


class LabelJob(msgspec.Struct, frozen=True):
    """One job for a label printer: a label and how many of it."""

    label: Label
    copies: int = 1
    ref: str = ""
