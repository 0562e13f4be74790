"""What goes up to the online store, as frozen values: the payload of rows of channel "net" in the outbox.

A payload says what happened here; ids of the store are found when it is sent, and the bytes that are sent
are kept with the row before they leave.
"""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.sold import Sale, SoldLine


class SaleUpload(msgspec.Struct, frozen=True, tag="sale"):
    """A counter sale that was completed here, without the customer; of an exchange what was sold."""

    sale: Sale


class RefundUpload(msgspec.Struct, frozen=True, tag="refund"):
    """Lines of a return or exchange (`sale`) that came back from one earlier sale, `of_sale`."""

    sale: Sale
    of_sale: str


class StatusUpload(msgspec.Struct, frozen=True, tag="status"):
    """An order that has come further here: the word of its vocabulary, with tracking where shipped."""

    order_id: str
    word: str
    tracking: str = ""
    carrier: str = ""


class CancelUpload(msgspec.Struct, frozen=True, tag="cancel"):
    """A cancellation that a person has decided to send: the store gives the money back by itself then."""

    order_id: str
    reason: str = ""


class StockUpload(msgspec.Struct, frozen=True, tag="stock"):
    """Copies that came or went here in another way than by a counter sale or an order of the store.

    `delta` is signed; `cause` is that of the stock move, `reference` tells the change apart.
    """

    sku: str
    delta: int
    cause: str
    reference: str = ""


def untaxed_cents(sale: Sale, line: SoldLine) -> int:
    """Return what a line of a sale cost without tax, which is in the price or was added to it."""
    inside = sum(t.tax_cents for t in line.taxes) if sale.tax_mode == "inclusive" else 0
    return line.net_cents - inside


def reference(sale: Sale) -> str:
    """Return the number by which an online store knows a sale, return or exchange of this shop.

    The receipt's number alone would not do: a shop that starts over begins again with R1-000001.
    """
    return f"{sale.receipt}-{sale.id[-8:]}"


Upload = SaleUpload | RefundUpload | StatusUpload | CancelUpload | StockUpload
