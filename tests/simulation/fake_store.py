"""The wire between a desk and the simulated store: the port of `sync.port`, with everything that goes wrong.

What the store does with a request is `far_shop`. A reply says no more than a real adapter could know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

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
    OrderRow,
    SalePage,
    StockFeedPage,
    StockPage,
    StoreProfile,
)
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import RefundUpload, SaleUpload, reference
from bookwish_desk.sync.port import Budget, Reply
from tests.simulation.far_shop import STORE, FarShop, Refusal
from tests.simulation.faults import Wire

T = TypeVar("T")
LATEST_MS = 60_000
"""A request that was held up arrives within this time, or never."""


class FakeStore:
    """One desk's way to the store. `later` holds up a request; `meanwhile` lets others go on during one."""

    def __init__(
        self,
        far: FarShop,
        wire: Wire,
        later: Callable[[int, Callable[[], object]], None],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        self.far = far
        self.wire = wire
        self.signed_in = True
        self.calls = 0
        self.strict = False
        """Ask only for what changed after a moment, never for what changed in it."""
        self.pushed_count: Callable[[str], int] | None = None
        """Where set, a number of copies is replaced by the desk's own count."""
        self._later = later
        self._meanwhile = meanwhile

    # ---- the wire ----

    def _ask(self, do: Callable[[], T]) -> Reply[T]:
        """Read something."""
        return self._call(do, writes=False)

    def _tell(self, do: Callable[[], T]) -> Reply[T]:
        """Write something."""
        return self._call(do, writes=True)

    def _call(self, do: Callable[[], T], *, writes: bool) -> Reply[T]:
        self.calls += 1
        if not self.signed_in:
            return Reply("signed_out", words="Sign in again.", status=401)
        fault = self.wire.draw()
        at = self.far.now()
        if fault == "401":
            self.signed_in = False
            return Reply("signed_out", words="Sign in again.", status=401, server_at=at)
        if fault == "429":
            return Reply("limited", words="Too many requests.", status=429, wait_ms=2_000, server_at=at)
        if fault == "request lost":
            # Half of them break before a byte has left, and then the adapter knows it.
            return Reply("not_sent" if self.wire.chance.random() < 0.5 else "unknown", words="No answer.")
        if fault == "late":
            if writes:
                self._later(self.wire.chance.randrange(1_000, LATEST_MS), lambda: self._done(do))
            return Reply("unknown", words="No answer in time.")
        if fault == "doubled" and writes and self.abilities.key:
            # Without keys nobody but the wire itself could help it.
            self._done(do)
        reply = self._done(do)
        self._meanwhile()
        if fault == "500 after commit":
            return Reply("unknown", words="The store has a fault.", status=500, server_at=at)
        if fault in ("reply lost", "cut JSON"):
            return Reply("unknown", words="The answer was cut off.", status=200 if fault == "cut JSON" else 0)
        return reply

    def _done(self, do: Callable[[], T]) -> Reply[T]:
        at = self.far.now()
        try:
            value: Any = do()
        except Refusal as refused:
            stale = refused.status == 412
            return Reply(
                "stale" if stale else "gone" if refused.status == 410 else "refused",
                value=refused.current if stale else None,
                words=str(refused),
                status=refused.status,
                server_at=at,
            )
        replayed = False
        if isinstance(value, _Once):
            value, replayed = value.value, value.replayed
        return Reply("done", value=value, status=200, server_at=at, replayed=replayed)

    def _keyed(self, kind: str, key: str, do: Callable[[], T]) -> Callable[[], Any]:
        def once() -> Any:
            done = _Once(*self.far.once(kind, key, do))
            self.far.arrived.add(key)
            return done

        return once

    # ---- the port ----

    @property
    def abilities(self) -> Abilities:
        return self.far.abilities

    @property
    def budget(self) -> Budget:
        return Budget()

    def sign_in(self, email: str, password: Secret) -> Reply[Account]:
        self.signed_in = True
        return Reply("done", Account("u-desk", email))

    def sign_out(self) -> None:
        self.signed_in = False

    def discover(self) -> Reply[Abilities]:
        return self._ask(lambda: self.far.abilities)

    def hear_clock(self) -> Reply[Abilities]:
        return self._ask(lambda: self.far.abilities)

    def my_stores(self) -> Reply[tuple[Membership, ...]]:
        return self._ask(lambda: (Membership(STORE),))

    def find_store(self, words: str) -> Reply[tuple[StoreProfile, ...]]:
        return self._ask(lambda: (StoreProfile(STORE, "Simulated Books"),))

    def order_feed(self, after: str, limit: int, wait_s: int = 0) -> Reply[FeedPage]:
        def read() -> FeedPage:
            first = int(after or 0)
            if after and first < self.far.feed_begins:
                raise Refusal("That cursor is too old.", 410)
            ids = self.far.feed[first : first + limit]
            last = first + len(ids)
            orders = tuple(self.far.orders[x] for x in ids)
            return FeedPage(orders, str(last), more=last < len(self.far.feed))

        return self._ask(read) if self.abilities.feed else Reply("not_offered", status=404)

    def orders_since(self, moment: str, after_id: str, limit: int) -> Reply[OrderPage]:
        def read() -> OrderPage:
            ordered = sorted(self.far.orders.values(), key=lambda o: (o.updated, o.id))
            if self.strict:
                found = [o for o in ordered if o.updated > moment]
            else:
                found = [o for o in ordered if (o.updated, o.id) > (moment, after_id)]
            return OrderPage(tuple(_row(o) for o in found[:limit]), None, more=len(found) > limit)

        return self._ask(read) if self.abilities.changed_since else Reply("not_offered", status=404)

    def order_list(self, offset: int, limit: int) -> Reply[OrderPage]:
        def read() -> OrderPage:
            newest = sorted(self.far.orders.values(), key=lambda o: (-o.created_at, o.id))
            page = newest[offset : offset + limit]
            return OrderPage(tuple(_row(o) for o in page), len(newest), more=offset + len(page) < len(newest))

        return self._ask(read)

    def order(self, order_id: str) -> Reply[OnlineOrder]:
        def read() -> OnlineOrder:
            if order_id not in self.far.orders:
                raise Refusal("No such order.", 404)
            return self.far.orders[order_id]

        return self._ask(read)

    def change_status(
        self, order: OnlineOrder, status: str, *, tracking: str = "", carrier: str = "", key: str = ""
    ) -> Reply[OnlineOrder]:
        expected = order.status if self.abilities.precondition else ""
        return self._tell(
            self._keyed(
                "status", key, lambda: self.far.change_status(order.id, status, expected, tracking, carrier)
            )
        )

    def stock_feed(self, after: str, limit: int) -> Reply[StockFeedPage]:
        def read() -> StockFeedPage:
            first = int(after or 0)
            ids = self.far.stock_feed[first : first + limit]
            last = first + len(ids)
            items = tuple(self.far.items[x] for x in dict.fromkeys(ids))
            return StockFeedPage(items, (), str(last), more=last < len(self.far.stock_feed))

        return self._ask(read) if self.abilities.stock_feed else Reply("not_offered", status=404)

    def stock_list(self, offset: int, limit: int) -> Reply[StockPage]:
        def read() -> StockPage:
            ordered = sorted(self.far.items.values(), key=lambda x: x.id)
            page = tuple(ordered[offset : offset + limit])
            return StockPage(page, len(ordered), more=offset + len(page) < len(ordered))

        return self._ask(read)

    def stock_item(self, item_id: str) -> Reply[OnlineItem]:
        return self._ask(lambda: self.far.items[item_id])

    def adjust_stock(
        self, item_id: str, delta: int, reason: str, *, key: str, reference: str
    ) -> Reply[OnlineItem]:
        if self.abilities.stock != "delta":
            return Reply("not_offered", status=404)
        count = self.pushed_count
        if count is not None:
            return self._tell(lambda: self.far.set_quantity(item_id, count(item_id), None))
        return self._tell(self._keyed("adjust", key, lambda: self.far.adjust(item_id, delta)))

    def set_stock(self, item: OnlineItem, quantity: int) -> Reply[OnlineItem]:
        if self.abilities.stock not in ("cas", "absolute"):
            return Reply("not_offered", status=404)
        etag = item.etag if self.abilities.stock == "cas" else None
        return self._tell(lambda: self.far.set_quantity(item.id, quantity, etag))

    def sale_body(self, upload: SaleUpload, find: Callable[[str], tuple[str, str] | None]) -> bytes | None:
        sale = upload.sale
        lines = []
        for x in sale.lines:
            if x.quantity <= 0:
                continue
            inventory, book = find(x.sku) or ("", "")
            each, over = divmod(x.net_cents, x.quantity)
            for quantity, price in ((over, each + 1), (x.quantity - over, each)):
                if quantity:
                    told = {"quantity": quantity, "price": price, "book": book, "title": x.title}
                    lines.append({**told, "inventory": "" if x.of_order else inventory})
        if not lines:
            return None
        methods = {t.kind for t in sale.tenders}
        method = "mixed" if len(methods) > 1 else "cash" if methods == {"cash"} else "card"
        told = {"ours": sale.id, "reference": reference(sale), "method": method, "lines": lines}
        return msgspec.json.encode(told)

    def sale_fits(self, body: bytes, sale: OnlineSale) -> bool:
        told = msgspec.json.decode(body)
        mine = sorted((x["book"] or x["title"], x["quantity"], x["price"]) for x in told["lines"])
        theirs = sorted((x.book_id or x.title, x.quantity, x.price_cents or 0) for x in sale.lines)
        return told["method"] == sale.method and mine == theirs

    def send_sale(self, body: bytes, key: str) -> Reply[OnlineSale]:
        return self._tell(self._keyed("sale", key, lambda: self.far.record_sale(body)))

    def sale_by_reference(self, reference: str) -> Reply[tuple[OnlineSale, ...]]:
        if not self.abilities.reference:
            return Reply("not_offered", status=404)
        return self._ask(lambda: tuple(x for x in self.far.sales if x.reference == reference))

    def sales_between(self, first_at: int, last_at: int, offset: int, limit: int) -> Reply[SalePage]:
        def read() -> SalePage:
            found = [x for x in self.far.sales if first_at <= x.created_at <= last_at]
            page = tuple(found[offset : offset + limit])
            return SalePage(page, len(found), more=offset + len(page) < len(found))

        return self._ask(read)

    def refund_body(
        self, upload: RefundUpload, original: Sale, sold: OnlineSale, earlier: Sequence[RefundUpload] = ()
    ) -> bytes | None:
        room = {x.id: x.quantity for x in sold.lines}
        for one in earlier:
            self._take_back(one, sold, room)
        lines = self._take_back(upload, sold, room)
        if not lines:
            return None
        return msgspec.json.encode({"ours": f"{upload.sale.id}/{upload.of_sale}", "lines": lines})

    def _take_back(
        self, upload: RefundUpload, sold: OnlineSale, room: dict[str, int]
    ) -> list[dict[str, Any]]:
        lines = []
        for back in upload.sale.lines:
            if back.quantity >= 0 or back.of_sale != upload.of_sale:
                continue
            copies = -back.quantity
            for x in sold.lines:
                if (x.inventory_id or x.title) not in (f"inv-{back.sku}", back.title) or not copies:
                    continue
                taken = min(copies, room[x.id])
                room[x.id] -= taken
                copies -= taken
                if taken:
                    restock = back.disposition == "restock"
                    lines.append({"line": x.id, "quantity": taken, "restock": restock})
        return lines

    def send_refund(self, sale_id: str, body: bytes, key: str) -> Reply[OnlineRefund]:
        if not self.abilities.refunds:
            return Reply("not_offered", status=404)
        return self._tell(self._keyed("refund", key, lambda: self.far.record_refund(sale_id, body)))

    def close(self) -> None:
        """Do nothing: no connection is open."""


class _Once(msgspec.Struct):
    value: Any
    replayed: bool


def _row(order: OnlineOrder) -> OrderRow:
    return OrderRow(
        order.id,
        order.number,
        order.status,
        order.updated,
        order.store_id,
        order.user_id,
        order.total_cents,
    )
