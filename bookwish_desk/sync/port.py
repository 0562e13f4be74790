"""The one port to an online store: what may be asked of it, and how it answers. Adapters are beside it.

Every call blocks, ends within its time-out and belongs on a lane. None raises for what a network or a server
can do: how it ended is in the reply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Literal, Protocol, TypeVar

import msgspec

from bookwish_desk.shop.online import (
    Abilities,
    Account,
    FeedPage,
    Membership,
    OnlineItem,
    OnlineOrder,
    OnlineRefund,
    OnlineSale,
    OrderPage,
    SalePage,
    StockFeedPage,
    StockPage,
    StoreProfile,
)
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import RefundUpload, SaleUpload

T = TypeVar("T")

Result = Literal[
    "done", "not_sent", "limited", "signed_out", "refused", "stale", "gone", "not_offered", "unknown"
]
"""done: carried out, `value` is there. not_sent: no byte left, or the server certainly did nothing; repeat
it. limited: not carried out, too many requests; repeat after `wait_ms`. signed_out: somebody must sign in
again. refused: final, the server's words are in `words`. stale: a precondition did not hold; `value` is what
the server has, where it said so. gone: a cursor is too old; start over. not_offered: the server has no such
path. unknown: nobody knows whether it was carried out (for a read: it failed)."""


UNREADABLE = "unreadable"
"""The `code` of a reply that came and that makes no sense."""


class Reply(msgspec.Struct, Generic[T], frozen=True):
    """How a call ended. `words` are for people: ours, and the server's where it gave any.

    `status` is the HTTP status, 0 where there was none. `wait_ms` is how long the server asked to wait.
    `server_at` is the server's clock (header Date), 0 where it said nothing. `replayed` says that the
    server had done it before.
    """

    result: Result
    value: T | None = None
    words: str = ""
    status: int = 0
    code: str = ""
    wait_ms: int = 0
    server_at: int = 0
    replayed: bool = False


class Budget(msgspec.Struct, frozen=True):
    """What is left of the store's rate limit: `limit` requests in a window that ends at `resets_at` (server).

    0 for a limit that the store never named.
    """

    limit: int = 0
    remaining: int = 0
    resets_at: int = 0


class OnlineStore(Protocol):
    """An online store, reached. One object serves several lanes at once."""

    @property
    def abilities(self) -> Abilities:
        """Return what the store can do as far as is known: see `discover`."""

    @property
    def budget(self) -> Budget:
        """Return what is left of the rate limit."""

    def sign_in(self, email: str, password: Secret) -> Reply[Account]:
        """Sign in with a person's account; keep the tokens."""

    def sign_out(self) -> None:
        """Give the tokens back and forget them."""

    def discover(self) -> Reply[Abilities]:
        """Ask what the store can do, and go by it from now on; `wait_ms` says when to ask again, 0: daily."""

    def hear_clock(self) -> Reply[Abilities]:
        """Ask for something small, whatever was asked before: what counts is `server_at` of the reply."""

    def my_stores(self) -> Reply[tuple[Membership, ...]]:
        """Return the stores that the signed-in account works for."""

    def find_store(self, words: str) -> Reply[tuple[StoreProfile, ...]]:
        """Return public stores by their slug, or by their name or town."""

    # ---- orders ----

    def order_feed(self, after: str, limit: int, wait_s: int = 0) -> Reply[FeedPage]:
        """Return changes of the shop's orders after a cursor; an empty one is the beginning."""

    def orders_since(self, moment: str, after_id: str, limit: int) -> Reply[OrderPage]:
        """Return orders in the order of (changed, id), from a moment as the store writes it."""

    def order_list(self, offset: int, limit: int) -> Reply[OrderPage]:
        """Return a page of all orders."""

    def order(self, order_id: str) -> Reply[OnlineOrder]:
        """Return one order."""

    def change_status(
        self, order: OnlineOrder, status: str, *, tracking: str = "", carrier: str = "", key: str = ""
    ) -> Reply[OnlineOrder]:
        """Move an order on from the status it was last read in; the precondition is sent where offered."""

    # ---- stock ----

    def stock_feed(self, after: str, limit: int) -> Reply[StockFeedPage]:
        """Return changes of the store's stock after a cursor."""

    def stock_list(self, offset: int, limit: int) -> Reply[StockPage]:
        """Return a page of the store's stock."""

    def stock_item(self, item_id: str) -> Reply[OnlineItem]:
        """Return one line of the store's stock."""

    def adjust_stock(
        self, item_id: str, delta: int, reason: str, *, key: str, reference: str
    ) -> Reply[OnlineItem]:
        """Change a number of copies by a signed amount."""

    def set_stock(self, item: OnlineItem, quantity: int) -> Reply[OnlineItem]:
        """Set a number of copies, with the item's etag as precondition where the store takes one."""

    # ---- counter sales ----

    def sale_body(self, upload: SaleUpload, find: Callable[[str], tuple[str, str] | None]) -> bytes | None:
        """Return what is sent for a sale, None for one in which nothing is for the store.

        `find` returns (inventory id, book id) for a SKU that the store offers. No request is made.
        """

    def sale_fits(self, body: bytes, sale: OnlineSale) -> bool:
        """Say whether a sale of the store is just what a body of `sale_body` says.

        Compared are payment method, credit applied and the lines: book or title, quantity, unit price. No
        request is made.
        """

    def send_sale(self, body: bytes, key: str) -> Reply[OnlineSale]:
        """Record a counter sale."""

    def sale_by_reference(self, reference: str) -> Reply[tuple[OnlineSale, ...]]:
        """Return the sales of a number of ours; see `shop.upload.reference`."""

    def sales_between(self, first_at: int, last_at: int, offset: int, limit: int) -> Reply[SalePage]:
        """Return counter sales by when the server recorded them."""

    def refund_body(
        self,
        upload: RefundUpload,
        original: Sale,
        sold: OnlineSale,
        earlier: Sequence[RefundUpload] = (),
    ) -> bytes | None:
        """Return what is sent for a return of lines of `original`, which the store has as `sold`.

        `earlier` are the returns of it that the store has taken, in that order. None where nothing can be
        sent: the store's lines are not those that were sold here, or no money went back. No request is made.
        """

    def send_refund(self, sale_id: str, body: bytes, key: str) -> Reply[OnlineRefund]:
        """Record a return of lines of a counter sale."""

    def close(self) -> None:
        """Break off what is under way and close every connection."""
