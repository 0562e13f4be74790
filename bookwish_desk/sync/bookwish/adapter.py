"""A BookWish store behind the port: what it is asked is beside this, here it is put together.

Heavy (the HTTP client): imported by whoever reaches the store, never at the start.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence

import httpx2

from bookwish_desk.shop.online import (
    Abilities,
    Account,
    FeedPage,
    Membership,
    OnlineItem,
    OnlineOrder,
    OnlineRefund,
    OnlineSale,
    OnlineSettings,
    OrderPage,
    SalePage,
    StockFeedPage,
    StockPage,
    StoreProfile,
)
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import RefundUpload, SaleUpload
from bookwish_desk.sync.bookwish import fitting, orders, sale_bodies, sales, stock, stores
from bookwish_desk.sync.bookwish.address import store_address
from bookwish_desk.sync.bookwish.client import Client
from bookwish_desk.sync.bookwish.far import Far, Learned
from bookwish_desk.sync.bookwish.judging import not_offered
from bookwish_desk.sync.bookwish.paging import Lists
from bookwish_desk.sync.bookwish.session import Session, TokenBox
from bookwish_desk.sync.port import Budget, Reply

CONNECTIONS = 6


def connect(settings: OnlineSettings, tokens: TokenBox, *, connections: int = CONNECTIONS) -> BookWish:
    """Return the online store that a shop is connected to; nothing is sent yet. Raises Refused."""
    return BookWish(settings.address, tokens, settings.store_id, connections=connections)


class BookWish:
    """A store at an address; see `sync.port.OnlineStore`. Serves several threads at once.

    At most `connections` are open, one of which a long poll may hold. `tokens` keeps who is signed in.
    `trust` and `transport` are for tests. Raises Refused for an address that cannot be one.
    """

    def __init__(
        self,
        address: str,
        tokens: TokenBox,
        store_id: str = "",
        *,
        connections: int = CONNECTIONS,
        trust: ssl.SSLContext | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        client = Client(store_address(address), connections, trust=trust, transport=transport)
        self._far = Far(client, Session(client, tokens), Learned(Abilities()), store_id)
        self._lists = Lists()

    def at(self, store_id: str) -> BookWish:
        """Return the same connection and account, for another store."""
        return self._again(store_id, self._far.background)

    def for_person(self) -> BookWish:
        """Return the same connection for what somebody waits for: it may use all of the rate limit."""
        return self._again(self._far.store_id, False)

    def _again(self, store_id: str, background: bool) -> BookWish:
        other = object.__new__(BookWish)
        far = self._far
        other._far = Far(far.client, far.session, far.learned, store_id, background)
        other._lists = self._lists
        return other

    @property
    def abilities(self) -> Abilities:
        """Return what the store can do as far as is known."""
        return self._far.abilities

    @property
    def budget(self) -> Budget:
        """Return what is left of the rate limit."""
        return self._far.client.allowance.budget

    @property
    def account_id(self) -> str:
        """Return the id of whoever is signed in, empty where that is not known."""
        return self._far.session.account_id

    def sign_in(self, email: str, password: Secret) -> Reply[Account]:
        """Sign in with a person's account; keep the tokens."""
        self._far.learned.known_until = 0.0
        return self._far.session.sign_in(email, password)

    def sign_out(self) -> None:
        """Give the tokens back and forget them."""
        self._far.session.sign_out()

    def discover(self) -> Reply[Abilities]:
        """Ask what the store can do, and go by it from now on; once a sign-in and once a day."""
        return stores.discover(self._far)

    def hear_clock(self) -> Reply[Abilities]:
        """Ask for something small: the answer has the store's clock."""
        return stores.hear_clock(self._far)

    def my_stores(self) -> Reply[tuple[Membership, ...]]:
        """Return the stores that the signed-in account works for."""
        return stores.mine(self._far)

    def find_store(self, words: str) -> Reply[tuple[StoreProfile, ...]]:
        """Return public stores by their slug, or by their name or town."""
        return stores.find(self._far, self._lists, words)

    # ---- orders ----

    def order_feed(self, after: str, limit: int, wait_s: int = 0) -> Reply[FeedPage]:
        """Return changes of the shop's orders after a cursor."""
        return orders.feed(self._far, after, limit, wait_s)

    def orders_since(self, moment: str, after_id: str, limit: int) -> Reply[OrderPage]:
        """Say that no documented path gives orders by when they changed."""
        return not_offered("The online store does not give orders by when they changed.")

    def order_list(self, offset: int, limit: int) -> Reply[OrderPage]:
        """Return a page of all orders."""
        return orders.listed(self._far, self._lists, offset, limit)

    def order(self, order_id: str) -> Reply[OnlineOrder]:
        """Return one order."""
        return orders.one(self._far, order_id)

    def change_status(
        self, order: OnlineOrder, status: str, *, tracking: str = "", carrier: str = "", key: str = ""
    ) -> Reply[OnlineOrder]:
        """Move an order on from the status it was last read in."""
        return orders.change_status(self._far, order, status, tracking, carrier, key)

    # ---- stock ----

    def stock_feed(self, after: str, limit: int) -> Reply[StockFeedPage]:
        """Return changes of the store's stock after a cursor."""
        return stock.feed(self._far, after, limit)

    def stock_list(self, offset: int, limit: int) -> Reply[StockPage]:
        """Return a page of the store's stock."""
        return stock.listed(self._far, self._lists, offset, limit)

    def stock_item(self, item_id: str) -> Reply[OnlineItem]:
        """Return one line of the store's stock."""
        return stock.one(self._far, item_id)

    def adjust_stock(
        self, item_id: str, delta: int, reason: str, *, key: str, reference: str
    ) -> Reply[OnlineItem]:
        """Change a number of copies by a signed amount."""
        return stock.adjust(self._far, item_id, delta, reason, key, reference)

    def set_stock(self, item: OnlineItem, quantity: int) -> Reply[OnlineItem]:
        """Set a number of copies, with the item's etag as precondition where the store takes one."""
        return stock.set_copies(self._far, item, quantity)

    # ---- counter sales ----

    def sale_body(self, upload: SaleUpload, find: Callable[[str], tuple[str, str] | None]) -> bytes | None:
        """Return what is sent for a sale, None for one in which nothing is for the store."""
        return sale_bodies.sale_body(upload, self._far.store_id, find, self.abilities.reference)

    def sale_fits(self, body: bytes, sale: OnlineSale) -> bool:
        """Say whether a sale of the store is just what a body says."""
        return fitting.sale_fits(body, sale)

    def send_sale(self, body: bytes, key: str) -> Reply[OnlineSale]:
        """Record a counter sale."""
        return sales.send(self._far, body, key)

    def sale_by_reference(self, reference: str) -> Reply[tuple[OnlineSale, ...]]:
        """Return the sales of a number of ours."""
        return sales.by_reference(self._far, reference)

    def sales_between(self, first_at: int, last_at: int, offset: int, limit: int) -> Reply[SalePage]:
        """Return counter sales by when the server recorded them."""
        return sales.between(self._far, self._lists, first_at, last_at, offset, limit)

    def refund_body(
        self,
        upload: RefundUpload,
        original: Sale,
        sold: OnlineSale,
        earlier: Sequence[RefundUpload] = (),
    ) -> bytes | None:
        """Return what is sent for a return of lines of a sale as the store has it."""
        return sale_bodies.refund_body(upload, original, sold, earlier)

    def send_refund(self, sale_id: str, body: bytes, key: str) -> Reply[OnlineRefund]:
        """Record a return of lines of a counter sale."""
        return sales.send_refund(self._far, sale_id, body, key)

    def close(self) -> None:
        """Break off what is under way and close every connection."""
        self._far.client.close()
