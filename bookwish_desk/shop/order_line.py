"""A line of an online order: copies of one title, counted along their way from the shelf to the customer.

Counts only; who may move them and when is `shop.order_rules`.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.money import half_up


class OrderLine(msgspec.Struct, frozen=True):
    """Copies of one title in an order, and how far they have come.

    Counts are of copies and never fall behind one another: shipped <= packed, packed + handed_over <=
    checked <= picked <= allocated, and supplied + allocated + short + backordered <= ordered - cancelled.
    `allocated` copies are promised out of the shop's stock; `short` ones should be there and are not, and
    somebody must decide; `backordered` ones are waited for, until `expected_on` (YYYY-MM-DD) if known;
    `supplied` ones the wholesaler sent straight to the customer. `returned` copies came back of those gone.

    `discount_cents` and `tax_cents` are for all copies not cancelled; `inventory_id` is the source's own
    key of the copy. Before `street_date` (YYYY-MM-DD) it is not to be sold.
    """

    id: str
    sku: str
    title: str
    ordered: int
    price_cents: int
    ean: int | None = None
    detail: str = ""
    inventory_id: str = ""
    discount_cents: int = 0
    tax_cents: int = 0
    street_date: str = ""
    cancelled: int = 0
    allocated: int = 0
    picked: int = 0
    checked: int = 0
    packed: int = 0
    shipped: int = 0
    handed_over: int = 0
    returned: int = 0
    short: int = 0
    backordered: int = 0
    expected_on: str = ""
    supplied: int = 0

    @property
    def live(self) -> int:
        """Return the copies that the customer is to get, or has."""
        return self.ordered - self.cancelled

    @property
    def gone(self) -> int:
        """Return the copies that are on their way to the customer or with them."""
        return self.shipped + self.handed_over + self.supplied

    @property
    def open(self) -> int:
        """Return the copies that the customer still waits for."""
        return self.live - self.gone

    @property
    def unallocated(self) -> int:
        """Return the open copies that nobody has promised, missed or put on backorder yet."""
        return self.live - self.supplied - self.allocated - self.short - self.backordered

    @property
    def to_pick(self) -> int:
        """Return the copies to fetch from the shelf."""
        return self.allocated - self.picked

    @property
    def to_check(self) -> int:
        """Return the copies fetched and not yet held against the order."""
        return self.picked - self.checked

    @property
    def set_aside(self) -> int:
        """Return the copies fetched that are in no parcel and with nobody yet."""
        return self.picked - self.packed - self.handed_over

    @property
    def at_hand(self) -> int:
        """Return the copies checked that are in no parcel and with nobody yet."""
        return self.checked - self.packed - self.handed_over

    @property
    def gross_cents(self) -> int:
        """Return the price of the copies not cancelled, before discount and tax."""
        return self.live * self.price_cents

    @property
    def net_cents(self) -> int:
        """Return the price of the copies not cancelled after discount."""
        return self.gross_cents - self.discount_cents

    def fault(self) -> str:
        """Return what does not add up in its counts and amounts, or an empty text."""
        counts = (self.ordered, self.cancelled, self.returned, self.short, self.backordered, self.shipped)
        chain = (self.packed, self.checked, self.picked, self.allocated, self.handed_over, self.supplied)
        if min(*counts, *chain, self.price_cents, self.discount_cents, self.tax_cents, self.net_cents) < 0:
            return f"{self.title}: a count or an amount is below zero."
        if self.cancelled > self.ordered or self.unallocated < 0:
            return f"{self.title}: more copies are promised than were ordered."
        if not self.shipped <= self.packed <= self.checked - self.handed_over:
            return f"{self.title}: more copies left or were packed than were checked."
        if not self.checked <= self.picked <= self.allocated:
            return f"{self.title}: more copies were picked or checked than were promised."
        return f"{self.title}: more copies came back than left." if self.returned > self.gone else ""


def released(line: OrderLine, copies: int) -> OrderLine:
    """Return the line with so many copies fewer promised to it; what was picked goes back to its shelf."""
    allocated = line.allocated - copies
    picked = min(line.picked, allocated)
    return replace(line, allocated=allocated, picked=picked, checked=min(line.checked, picked))


def allocated(line: OrderLine, copies: int) -> OrderLine:
    """Return the line with so many copies more promised to it: free ones, then backordered, then short."""
    over = max(0, copies - line.unallocated)
    backordered = min(over, line.backordered)
    return replace(
        line,
        allocated=line.allocated + copies,
        backordered=line.backordered - backordered,
        short=line.short - (over - backordered),
        expected_on=line.expected_on if line.backordered > backordered else "",
    )


def without(line: OrderLine, copies: int) -> OrderLine:
    """Return the line with so many open copies cancelled: those easiest to give up first.

    Discount and tax shrink with the copies; none are left on a line cancelled as a whole.
    """
    short = min(copies, line.short)
    backordered = min(copies - short, line.backordered)
    free = min(copies - short - backordered, line.unallocated)
    kept = released(line, copies - short - backordered - free)
    return replace(
        kept,
        cancelled=line.cancelled + copies,
        short=line.short - short,
        backordered=line.backordered - backordered,
        discount_cents=line.discount_cents - half_up(line.discount_cents * copies, line.live),
        tax_cents=line.tax_cents - half_up(line.tax_cents * copies, line.live),
    )
