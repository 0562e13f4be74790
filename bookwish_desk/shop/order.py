"""An online order as independent axes: state, payment, copies by line and by parcel, owner, hold.

Frozen values and what follows from them by arithmetic. What may be done to an order is
`shop.order_rules`, what others call it `shop.order_words`, what staff must see to `shop.order_queue`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order_line import OrderLine

State = Literal["in_checkout", "abandoned", "pending", "confirmed", "processing", "completed", "cancelled"]
Kind = Literal["pickup", "ship"]
PaymentKind = Literal[
    "none", "pending_outside", "authorised", "captured", "part_refunded", "refunded", "at_pickup"
]
WholesalerState = Literal["", "pending", "shipped", "completed"]
Vocabulary = Literal["bookwish", "wsm", "indiecommerce", "marketplace"]

WORKING: frozenset[State] = frozenset({"pending", "confirmed", "processing"})
"""The states in which the shop works on an order."""


class Source(msgspec.Struct, frozen=True):
    """Where orders come from. `tells` names the events of which it tells the customer itself.

    `prepaid` says that nothing is ever collected at the counter for its orders (BookWish, BW+09).
    """

    name: str
    vocabulary: Vocabulary = "bookwish"
    tells: frozenset[str] = frozenset()
    prepaid: bool = False


SOURCES: dict[str, Source] = {
    "bookwish": Source("BookWish", "bookwish", frozenset({"ready", "shipped", "cancelled"}), prepaid=True),
    "counter": Source("Counter"),
    "email": Source("E-mail"),
    "phone": Source("Phone"),
    "wsm": Source("Web Shop Manager", "wsm"),
    "indiecommerce": Source("IndieCommerce", "indiecommerce"),
    "marketplace": Source("Marketplace", "marketplace"),
}


def source_of(order: Order) -> Source:
    """Return the source of an order; one that is not known is taken by its name, with no habits."""
    return SOURCES.get(order.source) or Source(order.source)


class PostalAddress(msgspec.Struct, frozen=True):
    """Where to send an order; `country` has two letters."""

    name: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = "US"
    phone: str = ""


class Payment(msgspec.Struct, frozen=True):
    """The money side of an order; amounts only ever grow, except what is authorised.

    `promise` says how money is to come that has not: a payment pending at somebody else's ("outside"), or
    at the counter ("at_pickup"). An authorisation ends at `expires_at` (0: none). `credit_cents` was paid by
    trade credit at the source, `credit_back_cents` went back there.
    """

    promise: Literal["", "outside", "at_pickup"] = ""
    authorised_cents: int = 0
    expires_at: int = 0
    captured_cents: int = 0
    refunded_cents: int = 0
    credit_cents: int = 0
    credit_back_cents: int = 0

    @property
    def kind(self) -> PaymentKind:
        """Return the one word for it: the furthest that the money has come."""
        if self.refunded_cents:
            return "refunded" if self.refunded_cents >= self.captured_cents else "part_refunded"
        if self.captured_cents:
            return "captured"
        if self.authorised_cents:
            return "authorised"
        return {"": "none", "outside": "pending_outside", "at_pickup": "at_pickup"}[self.promise]  # type: ignore[return-value]

    @property
    def held_cents(self) -> int:
        """Return what the shop has been paid and has not given back, credit with it."""
        return self.captured_cents - self.refunded_cents + self.credit_cents - self.credit_back_cents

    def covers(self, cents: int, at: int) -> bool:
        """Say whether an authorisation that is valid at a moment reaches to an amount."""
        return self.authorised_cents >= cents > 0 and at < self.expires_at


class Owner(msgspec.Struct, frozen=True):
    """Who fills the order, since when; the wholesaler tells a state of its own, the store has none."""

    name: Literal["store", "wholesaler"] = "store"
    state: WholesalerState = ""
    since: int = 0


class Parcel(msgspec.Struct, frozen=True):
    """A parcel: which line's copies lie in it, and where it is. `expected_on` is YYYY-MM-DD or empty.

    `untracked` is why it has no tracking number. `status` is the last that its carrier said of it
    (`carriage.TrackStatus`), `trouble` what is wrong with it, for people, until somebody has dealt with it.
    """

    id: str
    contents: tuple[tuple[str, int], ...]
    weight_grams: int = 0
    carrier: str = ""
    service: str = ""
    tracking: str = ""
    untracked: str = ""
    shipped_at: int = 0
    expected_on: str = ""
    delivered_at: int = 0
    status: str = ""
    trouble: str = ""


class Override(msgspec.Struct, frozen=True):
    """A step that a manager let through although it was not paid, with the reason given."""

    verb: str
    reason: str
    at: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order. `number` stands as its source writes it; times are ms UTC, 0 for never.

    `adjustment_cents` is what the source's total holds beyond its parts (either sign); `granted_cents` is
    what the shop gave back on purpose: for returned copies, for a fault. `hold` is the reason it is held, or
    empty. `own_status` is a status of the shop's own (`order_words.OwnStatus`). `shelf` is the place on the
    hold shelf. `trouble` is why a checkout was not finished (IC-04). `exempt` is the customer's claim that
    no tax is due; `requote` says that shipping was priced for other copies (IC+02). `expected_on` is the day
    told to the customer. `special` says that the shop orders the books at its wholesaler first (BW-03).
    """

    id: str
    number: str
    source: str
    kind: Kind
    placed_at: int
    customer: Customer | None = None
    address: PostalAddress | None = None
    method: str = ""
    instructions: str = ""
    gift: bool = False
    gift_message: str = ""
    memo: str = ""
    lines: tuple[OrderLine, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    shipping_cents: int = 0
    shipping_tax_cents: int = 0
    adjustment_cents: int = 0
    granted_cents: int = 0
    tax_included: bool = False
    exempt: str = ""
    requote: bool = False
    state: State = "pending"
    payment: Payment = Payment()
    owner: Owner = Owner()
    hold: str = ""
    own_status: str = ""
    ready_at: int = 0
    reminded_at: int = 0
    shelf: str = ""
    expected_on: str = ""
    trouble: str = ""
    confirmed_at: int = 0
    started_at: int = 0
    completed_at: int = 0
    cancelled_at: int = 0
    cancelled_by: str = ""
    cancel_reason: str = ""
    owed_since: int = 0
    fraud: bool = False
    overrides: tuple[Override, ...] = ()
    special: bool = False

    # ---- money ----

    @property
    def subtotal_cents(self) -> int:
        """Return the copies not cancelled, before discount, shipping and tax."""
        return sum(x.gross_cents for x in self.lines)

    @property
    def discount_cents(self) -> int:
        """Return the discount on them."""
        return sum(x.discount_cents for x in self.lines)

    @property
    def tax_cents(self) -> int:
        """Return the tax of lines and shipping; with `tax_included` it is part of the prices."""
        return sum(x.tax_cents for x in self.lines) + (self.shipping_tax_cents if self.live else 0)

    @property
    def worth_cents(self) -> int:
        """Return what the customer owes for it altogether: nothing for an order with no copy left."""
        if not self.live:
            return 0
        added = 0 if self.tax_included else self.tax_cents
        goods = self.subtotal_cents - self.discount_cents + self.shipping_cents + added
        return max(0, goods + self.adjustment_cents - self.granted_cents)

    @property
    def total_cents(self) -> int:
        """Return what is to be paid in money: the worth less trade credit."""
        return max(0, self.worth_cents - self.payment.credit_cents)

    @property
    def to_collect_cents(self) -> int:
        """Return what has still to be paid."""
        return max(0, self.worth_cents - self.payment.held_cents)

    @property
    def credit_due_cents(self) -> int:
        """Return the trade credit to give back: what was paid too much goes back to credit first."""
        surplus = max(0, self.payment.held_cents - self.worth_cents)
        return min(surplus, self.payment.credit_cents - self.payment.credit_back_cents)

    @property
    def refund_due_cents(self) -> int:
        """Return the money to give back."""
        return max(0, self.payment.held_cents - self.worth_cents) - self.credit_due_cents

    @property
    def paid(self) -> bool:
        """Say whether nothing is left to collect."""
        return self.to_collect_cents == 0

    def secured(self, at: int) -> bool:
        """Say whether the money is certain: paid, authorised and valid at a moment, or due at pickup."""
        promised = self.payment.promise == "at_pickup" and self.kind == "pickup"
        return self.paid or promised or self.payment.covers(self.to_collect_cents, at)

    # ---- copies ----

    @property
    def live(self) -> int:
        """Return the copies not cancelled."""
        return sum(x.live for x in self.lines)

    @property
    def gone(self) -> int:
        """Return the copies that left for the customer."""
        return sum(x.gone for x in self.lines)

    @property
    def open(self) -> int:
        """Return the copies that the customer still waits for."""
        return sum(x.open for x in self.lines)

    @property
    def active(self) -> bool:
        """Say whether a list of orders shows it without being asked (IC-02)."""
        return self.state not in ("in_checkout", "abandoned", "cancelled")

    @property
    def packed_off(self) -> bool:
        """Say whether a parcel is on its way or there."""
        return any(p.shipped_at for p in self.parcels)

    @property
    def sent(self) -> bool:
        """Say whether every copy has left for the customer."""
        return self.live > 0 and self.open == 0

    @property
    def delivered(self) -> bool:
        """Say whether the customer has every copy: handed over, or every parcel arrived."""
        there = all(p.delivered_at for p in self.parcels)
        return self.state == "completed" or (self.sent and there)

    def line(self, line_id: str) -> OrderLine | None:
        """Return one of its lines."""
        return next((x for x in self.lines if x.id == line_id), None)

    def parcel(self, parcel_id: str) -> Parcel | None:
        """Return one of its parcels."""
        return next((p for p in self.parcels if p.id == parcel_id), None)


def fault(order: Order) -> str:
    """Return what does not add up in an order, or an empty text. Nothing may be stored with a fault."""
    for line in order.lines:
        if wrong := line.fault():
            return wrong
        for sent, count in ((False, line.packed), (True, line.shipped)):
            parcels = [p for p in order.parcels if p.shipped_at or not sent]
            if count != sum(n for p in parcels for x, n in p.contents if x == line.id):
                return f"{line.title}: its parcels hold another number of copies than the order says."
    pay = order.payment
    if min(pay.authorised_cents, pay.captured_cents, pay.refunded_cents, order.granted_cents) < 0:
        return "An amount is below zero."
    if pay.refunded_cents > pay.captured_cents or not 0 <= pay.credit_back_cents <= pay.credit_cents:
        return "More was given back than was paid."
    if order.state == "cancelled" and order.open:
        return "The order is cancelled, and copies of it are not."
    return ""


def stock_taken(order: Order) -> dict[str, int]:
    """Return how many copies of each SKU left the shop's stock for an order; what came back is not in it."""
    taken: dict[str, int] = {}
    for line in order.lines:
        taken[line.sku] = taken.get(line.sku, 0) + line.shipped + line.handed_over
    return {sku: copies for sku, copies in taken.items() if copies}


def promised(order: Order) -> dict[str, int]:
    """Return how many copies of each SKU the order holds back from sale: allocated and still in the shop."""
    held: dict[str, int] = {}
    for line in order.lines:
        held[line.sku] = held.get(line.sku, 0) + line.allocated - line.shipped - line.handed_over
    return {sku: copies for sku, copies in held.items() if copies}
