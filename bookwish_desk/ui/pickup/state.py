"""What the pickup screen shows, as frozen values, and how orders on the hold shelf are put into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from bookwish_desk.shop.collected import count_of
from bookwish_desk.shop.collecting import went_unpaid
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.order import WORKING, Order, source_of
from bookwish_desk.shop.order_line import OrderLine

Mark = Literal["open", "part", "done", "later"]
Tone = Literal["ok", "warn", "error"]

IDENTITIES = (
    ("Photo ID", "pickup.photo"),
    ("Order e-mail shown", "pickup.email"),
    ("Known customer", "pickup.known"),
)
"""By what a customer is known who collects an order, each with its key."""

_DAY = 86_400_000


class PickupRow(msgspec.Struct, frozen=True):
    """An order in the list of those that somebody may come for."""

    id: str
    name: str
    facts: str
    shelf: str
    payment: str
    waiting: str
    badge: str = ""


class BookRow(msgspec.Struct, frozen=True):
    """A title of the order: how many copies lie ready, and how many of them were scanned out."""

    id: str
    title: str
    details: str
    count: str
    mark: Mark


class OrderView(msgspec.Struct, frozen=True):
    """The order that is collected. `why_not` says why it cannot be, `remarks` what staff must know.

    `to_sale` says that it is paid at the counter: in a sale. `to_ready`: it can be made ready now. `owes`:
    its books went out unpaid, and only the money is missing.
    """

    id: str
    number: str
    name: str
    contact: str
    shelf: str
    payment: str
    unpaid: bool
    waiting: str
    books: tuple[BookRow, ...]
    remarks: str = ""
    why_not: str = ""
    ready: bool = False
    in_sale: bool = False
    to_sale: bool = False
    to_ready: bool = False
    owes: bool = False


class PickupState(msgspec.Struct, frozen=True):
    """Everything on the pickup screen: a list of orders, or the one that is collected (`view`).

    `rows` are those for the words `listed`: `words` may be newer. `seen` is by what the customer was known,
    `taken` how many copies were scanned out, `left` how many that lie ready were not.
    """

    words: str = ""
    listed: str = ""
    rows: tuple[PickupRow, ...] = ()
    view: OrderView | None = None
    seen: str = ""
    taken: int = 0
    left: int = 0
    busy: bool = False
    notice: str = ""
    tone: Tone = "warn"


def name_of(order: Order) -> str:
    """Return who comes for an order."""
    who = order.customer
    return (who.name or who.email or who.phone if who else "") or "No name"


def waiting_words(order: Order, at: int) -> str:
    """Return how long an order has waited for its customer, and whether that was said to them."""
    if not order.ready_at:
        return ""
    days = max(0, at - order.ready_at) // _DAY
    since = "ready since today" if not days else "waiting 1 day" if days == 1 else f"waiting {days} days"
    return f"{since}, reminded" if order.reminded_at >= order.ready_at else since


def payment_words(order: Order, money: Currency) -> str:
    """Return whether an order is paid, or what is to pay."""
    due = order.to_collect_cents
    return f"To pay {money.show(due)}" if due else "Paid"


def row(order: Order, at: int, money: Currency) -> PickupRow:
    """Return an order as the list shows it."""
    copies = sum(x.set_aside for x in order.lines) or order.open
    return PickupRow(
        id=order.id,
        name=name_of(order),
        facts=" · ".join((order.number, count_of(copies), source_of(order).name)),
        shelf=order.shelf,
        payment=payment_words(order, money),
        waiting=waiting_words(order, at),
        badge="" if order.ready_at else "Not ready",
    )


def view(
    order: Order, taken: Mapping[str, int], at: int, money: Currency, *, why_not: str, in_sale: bool
) -> OrderView:
    """Return the order that is collected; `taken` are the copies scanned out by line."""
    who = order.customer
    picked = any(x.set_aside for x in order.lines)
    open_pickup = order.kind == "pickup" and order.state in WORKING and order.owner.name == "store"
    notes = [order.instructions, order.memo, f"A gift: {order.gift_message}" if order.gift else ""]
    if order.gift and not order.gift_message:
        notes[2] = "A gift."
    return OrderView(
        id=order.id,
        number=f"Order {order.number} · {source_of(order).name}",
        name=name_of(order),
        contact=" · ".join(x for x in (who.email, who.phone) if x) if who else "",
        shelf=order.shelf,
        payment=payment_words(order, money),
        unpaid=order.to_collect_cents > 0,
        waiting=waiting_words(order, at),
        books=tuple(b for x in order.lines if (b := _book(x, taken.get(x.id, 0), order.state in WORKING))),
        remarks=" · ".join(n for n in notes if n),
        why_not=why_not,
        ready=order.ready_at > 0,
        in_sale=in_sale,
        to_ready=open_pickup and picked and not order.ready_at,
        owes=went_unpaid(order) and not in_sale and not source_of(order).prepaid,
        to_sale=order.to_collect_cents > 0 and not source_of(order).prepaid,
    )


def _book(x: OrderLine, taken: int, working: bool) -> BookRow | None:
    if not x.live:
        return None
    details = " · ".join(w for w in (x.detail, x.sku) if w)
    if x.set_aside:
        mark: Mark = "done" if taken == x.set_aside else "part" if taken else "open"
        later = x.open - x.set_aside
        count = f"{taken} of {x.set_aside} scanned"
        return BookRow(x.id, x.title, f"{details} · {later} to come" if later else details, count, mark)
    if x.open and working:
        return BookRow(x.id, x.title, details, f"{x.open} not here yet", "later")
    return BookRow(x.id, x.title, details, f"{x.gone} handed over" if x.gone else "", "later")
