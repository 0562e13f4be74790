"""What an online store has, as values free of any store's own spelling; how the shop is tied to one.

Texts are as the store wrote them: unknown words are kept and shown, never acted on. Times as a store writes
them (`updated`) are compared only with each other, for being equal; `_at` is ms UTC.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.order import PostalAddress, Vocabulary

StockWay = Literal["none", "delta", "cas", "absolute"]

KEY_KEPT_MS = 7 * 24 * 3_600_000
"""A store that takes keys keeps each for at least so long."""


class OnlineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """The online store that this shop works with; an empty `address` is none.

    Secrets are in the keyring. `since` is when it was connected (ms UTC): sales from then on are sent, and
    orders finished before it are history that moves no stock. `paused` stops all traffic, nothing is lost.
    `account` is the store's id of the account that is signed in.
    """

    address: str = ""
    email: str = ""
    store_id: str = ""
    store_name: str = ""
    source: str = "bookwish"
    since: int = 0
    paused: bool = False
    stock_from_elsewhere: bool = False
    account: str = ""

    @property
    def connected(self) -> bool:
        """Say whether the shop works with an online store at all: only then anything is kept for it."""
        return bool(self.address and self.store_id and self.since)


class Abilities(msgspec.Struct, frozen=True):
    """What a store can do. Syncing branches on these, never on a store's name.

    `feed`: a numbered list of order changes, `long_poll` seconds of waiting in it; `stock_feed` the same for
    stock. `changed_since`: orders can be asked for by when they changed, to `clock_tick_ms`. `key`: a repeat
    with the same key does nothing twice, for `key_kept_ms` from the first. `reference`: a sale is found again
    by its number here, and takes the shop's own time, register, totals and tenders. `precondition`: a status
    change names the status it starts from. `stock`: how a number of copies is changed. `refunds`: counter
    sales can be returned.
    """

    source: str = "bookwish"
    vocabulary: Vocabulary = "bookwish"
    feed: bool = False
    long_poll: int = 0
    stock_feed: bool = False
    changed_since: bool = False
    clock_tick_ms: int = 1_000
    key: bool = False
    key_kept_ms: int = KEY_KEPT_MS
    reference: bool = False
    precondition: bool = False
    stock: StockWay = "delta"
    refunds: bool = False
    my_stores: bool = False


class OnlineLine(msgspec.Struct, frozen=True):
    """A line of an order as the store has it. `price_cents` is for one copy; `isbn` as written."""

    id: str
    quantity: int
    price_cents: int
    inventory_id: str = ""
    book_id: str = ""
    isbn: str = ""
    title: str = ""
    authors: str = ""
    condition: str = ""
    store_id: str = ""


class OnlineOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the store has it, whole; what the store does not say is empty, None for amounts.

    `kind` is pickup or ship, `gift` apart. `payment` is the store's own word. `user_id` is the buyer's
    account. `etag` is what a precondition is made with.
    """

    id: str
    number: str
    status: str
    updated: str = ""
    created_at: int = 0
    kind: Literal["pickup", "ship", ""] = ""
    gift: bool = False
    store_id: str = ""
    user_id: str = ""
    direct: bool = False
    special: bool = False
    customer_id: str = ""
    customer_name: str = ""
    customer_email: str = ""
    lines: tuple[OnlineLine, ...] = ()
    subtotal_cents: int | None = None
    tax_cents: int | None = None
    shipping_cents: int | None = None
    discount_cents: int | None = None
    credit_cents: int | None = None
    total_cents: int | None = None
    payment: str = ""
    payment_ref: str = ""
    address: PostalAddress | None = None
    gift_message: str = ""
    instructions: str = ""
    tracking: str = ""
    carrier: str = ""
    etag: str = ""


class OrderRow(msgspec.Struct, frozen=True):
    """A row of an order list: enough to see whether the order is new or changed."""

    id: str
    number: str
    status: str
    updated: str = ""
    store_id: str = ""
    user_id: str = ""
    total_cents: int | None = None


class OrderPage(msgspec.Struct, frozen=True):
    """A page of an order list; `total` None where the store does not say how many there are.

    `skipped` rows were there too and were left out, since they could not be read: the next page begins
    behind them as well. The same holds for the other pages.
    """

    rows: tuple[OrderRow, ...]
    total: int | None = None
    more: bool = False
    skipped: int = 0


class FeedPage(msgspec.Struct, frozen=True):
    """A page of a feed of orders: `cursor` is saved together with what is in it.

    `unread` are orders of which only so much can be read; they are not among the `skipped`.
    """

    orders: tuple[OnlineOrder, ...]
    cursor: str
    more: bool = False
    skipped: int = 0
    unread: tuple[OrderRow, ...] = ()


class OnlineItem(msgspec.Struct, frozen=True):
    """Copies of one kind that the store offers: an observation, never copied over the shop's own count."""

    id: str
    quantity: int
    price_cents: int = 0
    book_id: str = ""
    isbn: str = ""
    sku: str = ""
    title: str = ""
    condition: str = ""
    location: str = ""
    updated: str = ""
    etag: str = ""


class StockPage(msgspec.Struct, frozen=True):
    """A page of the store's stock list."""

    items: tuple[OnlineItem, ...]
    total: int | None = None
    more: bool = False
    skipped: int = 0


class StockFeedPage(msgspec.Struct, frozen=True):
    """A page of a feed of stock: items changed, and ids of those the store has no more."""

    items: tuple[OnlineItem, ...]
    removed: tuple[str, ...]
    cursor: str
    more: bool = False
    skipped: int = 0


class OnlineSaleLine(msgspec.Struct, frozen=True):
    """A line of a counter sale as the store has it; `price_cents` None where its unit cannot be told."""

    id: str
    quantity: int
    book_id: str = ""
    inventory_id: str = ""
    title: str = ""
    price_cents: int | None = None
    used: bool = False


class OnlineSale(msgspec.Struct, frozen=True):
    """A counter sale as the store has it."""

    id: str
    number: str = ""
    staff: str = ""
    method: str = ""
    credit_cents: int = 0
    total_cents: int | None = None
    created_at: int = 0
    reference: str = ""
    lines: tuple[OnlineSaleLine, ...] = ()


class SalePage(msgspec.Struct, frozen=True):
    """A page of the store's list of counter sales; `skipped` also counts those of other times."""

    sales: tuple[OnlineSale, ...]
    total: int | None = None
    more: bool = False
    skipped: int = 0


class OnlineRefund(msgspec.Struct, frozen=True):
    """A return of a counter sale that the store has taken."""

    id: str
    amount_cents: int = 0


class Account(msgspec.Struct, frozen=True):
    """Who is signed in at the store."""

    id: str
    email: str = ""
    name: str = ""
    tier: str = ""


class Membership(msgspec.Struct, frozen=True):
    """A store that the signed-in account works for."""

    store_id: str
    slug: str = ""
    role: str = ""
    sells: bool = True


class StoreProfile(msgspec.Struct, frozen=True):
    """What the store says of itself in public. `square` says that its stock is kept elsewhere."""

    id: str
    name: str
    slug: str = ""
    city: str = ""
    square: bool = False
