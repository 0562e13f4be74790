"""Which notices there are, who gets them, and which facts each may name. `notices` fills them in."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop import notice_words as words

Audience = Literal["customer", "staff"]
Kind = Literal[
    "received",
    "fillable",
    "delayed",
    "processing",
    "ready",
    "reminder_7",
    "reminder_14",
    "ready_to_ship",
    "shipped",
    "delivered",
    "review",
    "out_of_stock",
    "damaged",
    "cancelled",
    "refunded",
    "message",
    "receipt",
    "new_order",
    "digest",
]


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The template of one kind of notice: Jinja2, as far as `templating` lets it."""

    kind: Kind
    subject: str
    body: str


class NoticeKind(msgspec.Struct, frozen=True):
    """One kind of notice: what staff call it, who gets it, which facts it may name, and its first wording."""

    name: str
    audience: Audience
    facts: tuple[str, ...]
    wording: Wording


FACTS = {
    "shop": "the name of the shop",
    "shop_address": "the address of the shop, in its lines",
    "shop_contact": "telephone and e-mail of the shop, in their lines",
    "shop_hours": "when the shop is open, in lines",
    "number": "the number of the order or of the receipt",
    "customer": "the name of the customer",
    "comment": "what staff wrote to the customer this time, in lines",
    "source": "where the order was placed",
    "placed": "when it was placed",
    "pickup": "whether it is collected in the shop",
    "lines": "the list of the books that the notice is about",
    "more": "how many items are too many for the list and not in it; 0 for none",
    "address": "where it is sent, in lines",
    "instructions": "what the customer asked for with the order, in lines",
    "subtotal": "the sum of the books",
    "discount": "what is taken off; empty for nothing",
    "shipping": "what sending costs; empty for nothing",
    "tax": "the tax; empty for none",
    "credit": "the credit that was used; empty for none",
    "total": "what it comes to",
    "refund": "what is paid back; empty for nothing",
    "expected": "the day on which it should arrive or be ready; empty where nobody knows",
    "new_date": "the day that takes the place of the one promised; empty where nobody knows",
    "reason": "why; empty where nobody wrote it",
    "alternatives": "the list of what the customer may choose, each a text",
    "hold_until": "the last day on which it can be collected; empty for no last day",
    "carrier": "who carries the parcel; empty where nobody knows",
    "tracking": "the number of the parcel; empty for none",
    "tracking_link": "where the customer sees how far the parcel is; empty for nowhere",
    "more_to_come": "whether another parcel of the order follows",
    "review_link": "where the customer can leave a review; empty for nowhere",
    "receipt": "the receipt as it is printed, in its lines",
    "link": "where staff open the order; empty for nowhere",
    "day": "the day that the digest is about",
    "orders": "the list of the new orders of the day",
}
"""Every fact that a notice may name, and what it is. For the screen on which notices are worded."""

LISTS = {
    "lines": {
        "title": "the title of the book",
        "quantity": "how many copies",
        "price": "what they cost together; empty where it is not said",
        "note": "what is to be said about this book; empty for nothing",
    },
    "alternatives": {},
    "orders": {
        "number": "the number of the order",
        "customer": "the name of the customer",
        "kind": "pickup or ship",
        "total": "what it comes to",
        "placed": "when it was placed",
        "due": "what must be done next, and by when; empty for nothing",
        "link": "where staff open it; empty for nowhere",
    },
}
"""The fields of each list's items. The alternatives are plain texts and have none."""

_EVERY = ("shop", "shop_address", "shop_contact", "shop_hours", "number", "customer", "comment")
_ORDER = (*_EVERY, "placed", "pickup", "lines", "more", "total")
_SUMS = ("subtotal", "discount", "shipping", "tax", "credit")
_PARCEL = ("address", "carrier", "tracking", "tracking_link", "expected", "more_to_come")
_TROUBLE = ("reason", "alternatives", "refund")
_STAFF = (
    "number",
    "customer",
    "source",
    "placed",
    "pickup",
    "lines",
    "more",
    "total",
    "instructions",
    "link",
)


def _worded(kind: Kind, subject: str, body: str) -> Wording:
    for mark, part in words.PARTS.items():
        body = body.replace(mark, part)
    return Wording(kind, subject.replace("<order>", "Your order {{ number }}"), body)


def _customer(name: str, kind: Kind, more: tuple[str, ...], subject: str, body: str) -> NoticeKind:
    return NoticeKind(name, "customer", (*_ORDER, *more), _worded(kind, subject, body))


_KINDS = (
    _customer("Order received", "received", (*_SUMS, "address"), "<order> has reached us", words.RECEIVED),
    _customer("Fillable as placed", "fillable", ("expected",), "<order> can be filled", words.FILLABLE),
    _customer(
        "Delayed",
        "delayed",
        ("new_date", "reason", "carrier", "tracking", "tracking_link"),
        "<order> is delayed",
        words.DELAYED,
    ),
    _customer("In work", "processing", (), "<order> is being put together", words.PROCESSING),
    _customer("Ready to collect", "ready", ("hold_until",), "<order> is ready to collect", words.READY),
    _customer(
        "Reminder after 7 days", "reminder_7", ("hold_until",), "<order> waits for you", words.REMINDER_7
    ),
    _customer(
        "Reminder after 14 days",
        "reminder_14",
        ("hold_until",),
        "<order> waits for you: last reminder",
        words.REMINDER_14,
    ),
    _customer(
        "Ready to ship",
        "ready_to_ship",
        ("address", "carrier", "expected"),
        "<order> is packed",
        words.READY_TO_SHIP,
    ),
    _customer("Shipped", "shipped", _PARCEL, "<order> is on its way", words.SHIPPED),
    _customer(
        "Delivered", "delivered", ("review_link",), "Thank you for your order {{ number }}", words.DELIVERED
    ),
    _customer(
        "Request for a review", "review", ("review_link",), "How was your order {{ number }}?", words.REVIEW
    ),
    _customer("Out of stock", "out_of_stock", _TROUBLE, "<order>: something is missing", words.OUT_OF_STOCK),
    _customer("Damaged", "damaged", _TROUBLE, "<order>: something is damaged", words.DAMAGED),
    _customer("Cancelled", "cancelled", ("reason", "refund"), "<order> is cancelled", words.CANCELLED),
    _customer("Refund done", "refunded", ("reason", "refund"), "<order>: your money back", words.REFUNDED),
    _customer("Message from staff", "message", (), "About your order {{ number }}", words.MESSAGE),
    NoticeKind(
        "Receipt by e-mail",
        "customer",
        (*_EVERY, "placed", "total", "receipt"),
        _worded("receipt", "Your receipt {{ number }} from {{ shop }}", words.RECEIPT),
    ),
    NoticeKind(
        "New order",
        "staff",
        ("shop", *_STAFF),
        _worded("new_order", "New order {{ number }}, {{ total }}", words.NEW_ORDER),
    ),
    NoticeKind(
        "Digest of the day",
        "staff",
        ("shop", "day", "orders", "more"),
        _worded("digest", "New orders of {{ day }}", words.DIGEST),
    ),
)

KINDS: dict[Kind, NoticeKind] = {kind.wording.kind: kind for kind in _KINDS}
"""Every kind of notice, in about the order in which an order meets them."""

BY_THEMSELVES: tuple[Kind, ...] = tuple(
    kind for kind, k in KINDS.items() if k.audience == "customer" and kind not in ("message", "receipt")
)
"""The notices that may go out with a step or a day; a message and a receipt are sent by somebody."""
