"""Changes that the online store made to an order, one value each, and what an order is after one.

They go by the same rules as edits of staff (`shop.order_edit`): what may not be changed any more is refused.
Whether a change is taken over is `shop.merging`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop import order_edit as edits
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_order import Amounts, priced
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Kind, Order, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import edit

What = Literal[
    "customer", "address", "shipping", "instructions", "gift", "tracking",
    "add_line", "quantity", "price", "remove_line", "amounts",
]  # fmt: skip
"""What can be changed, in the order in which changes are made."""


class FarEdit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change. `line` is the id of a line here; which of the others holds the new value `what` says.

    `number` is copies or cents. `about` names what it is about, in words.
    """

    what: What
    line: str = ""
    about: str = ""
    customer: Customer | None = None
    address: PostalAddress | None = None
    kind: Kind = "pickup"
    text: str = ""
    gift: bool = False
    number: int = 0
    new: OrderLine | None = None
    amounts: Amounts | None = None


KINDS: dict[What, tuple[str, ...]] = {
    "customer": ("edit.customer",),
    "address": ("edit.address",),
    "shipping": ("edit.shipping",),
    "instructions": ("edit.instructions",),
    "gift": ("edit.gift",),
    "tracking": ("ship",),
    "add_line": ("edit.add_line", "edit.swap_line"),
    "quantity": ("edit.quantity", "edit.remove_line", "edit.swap_line", "cancel_copies", "problem"),
    "price": ("edit.price",),
    "remove_line": ("edit.quantity", "edit.remove_line", "edit.swap_line", "cancel_copies", "problem"),
    "amounts": (
        "edit.price", "edit.discount", "edit.taxes", "edit.shipping", "edit.exemption", "edit.add_line",
        "edit.remove_line", "edit.swap_line", "edit.quantity", "cancel_copies", "grant",
    ),
}  # fmt: skip
"""The events of an order's history by which staff change the same thing."""

EVENTS: dict[What, str] = {
    "customer": "edit.customer",
    "address": "edit.address",
    "shipping": "edit.shipping",
    "instructions": "edit.instructions",
    "gift": "edit.gift",
    "tracking": "edit.tracking",
    "add_line": "edit.add_line",
    "quantity": "edit.quantity",
    "price": "edit.price",
    "remove_line": "edit.remove_line",
    "amounts": "edit.amounts",
}
"""What the history of an order calls it."""

WORDS: dict[What, str] = {
    "customer": "customer",
    "address": "address",
    "shipping": "way to the customer",
    "instructions": "customer's wishes",
    "gift": "gift",
    "tracking": "tracking number",
    "add_line": "books",
    "quantity": "number of copies",
    "price": "price",
    "remove_line": "books",
    "amounts": "total",
}
"""What staff call it."""


def changed(order: Order, change: FarEdit, at: int) -> Order:
    """Return the order after a change at a moment (ms UTC). Raises Refused where it may not be made."""
    return edit(order, lambda o: _CHANGES[change.what](o, change), at)


def _customer(order: Order, change: FarEdit) -> Order:
    new, old = change.customer, order.customer
    if new is not None and old is not None:
        new = replace(new, id=old.id, note=old.note, phone=new.phone or old.phone)
    return edits.attach_customer(order, new)


def _shipping(order: Order, change: FarEdit) -> Order:
    cents = order.shipping_cents if change.kind == "ship" else 0
    return edits.set_shipping(order, change.kind, order.method, cents)


def _tracking(order: Order, change: FarEdit) -> Order:
    sent = [p for p in order.parcels if p.shipped_at]
    if len(sent) != 1:
        raise Refused("parcel", "The order has another number of parcels than the store knows of.")
    known = replace(sent[0], tracking=change.text, untracked="")
    return replace(order, parcels=tuple(known if p.id == known.id else p for p in order.parcels))


def _add_line(order: Order, change: FarEdit) -> Order:
    assert change.new is not None
    return edits.add_line(order, change.new)


def _amounts(order: Order, change: FarEdit) -> Order:
    if why := edits.why_fixed(order):
        raise why
    assert change.amounts is not None
    return priced(order, change.amounts)


_CHANGES: dict[What, Callable[[Order, FarEdit], Order]] = {
    "customer": _customer,
    "address": lambda o, c: edits.set_address(o, c.address),
    "shipping": _shipping,
    "instructions": lambda o, c: edits.set_instructions(o, c.text),
    "gift": lambda o, c: edits.set_gift(o, c.gift, c.text),
    "tracking": _tracking,
    "add_line": _add_line,
    "quantity": lambda o, c: edits.set_quantity(o, c.line, c.number),
    "price": lambda o, c: edits.set_price(o, c.line, c.number),
    "remove_line": lambda o, c: edits.remove_line(o, c.line),
    "amounts": _amounts,
}
