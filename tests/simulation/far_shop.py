"""An online store as it is in itself: its orders, stock and sales, and a log of what changed them.

What a desk may ask of it over a wire is `fake_store`. Only oracles look in here.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.item import Item
from bookwish_desk.shop.online import (
    Abilities,
    OnlineItem,
    OnlineLine,
    OnlineOrder,
    OnlineRefund,
    OnlineSale,
    OnlineSaleLine,
)
from bookwish_desk.shop.order import PostalAddress

STORE = "st-sim"
STEPS: dict[str, tuple[str, ...]] = {
    "pending": ("confirmed", "cancelled"),
    "confirmed": ("processing", "cancelled"),
    "processing": ("ready_for_pickup", "shipped", "cancelled"),
    "ready_for_pickup": ("delivered", "cancelled"),
    "shipped": ("delivered",),
    "delivered": (),
    "cancelled": (),
}
"""The steps that the store knows; pickups become ready, the others are shipped."""


class Stepped(msgspec.Struct, frozen=True):
    """One change of the status of an order there, by whom."""

    at: int
    order_id: str
    was: str
    became: str
    by: str


class Refusal(Exception):
    """The store does not do it, and says why. `current` is what it has instead, where it says so."""

    def __init__(self, words: str, status: int = 409, current: Any = None) -> None:
        super().__init__(words)
        self.status = status
        self.current = current


class FarShop:
    """The store's books. `now` is its own clock (ms UTC)."""

    def __init__(self, now: Callable[[], int], abilities: Abilities, stock: dict[str, tuple[Item, int]]):
        self.now = now
        self.abilities = abilities
        self.note: Callable[[str], None] = lambda _what: None
        self.any_status = False
        self.deaf_to_keys = False
        self.items: dict[str, OnlineItem] = {}
        self.started: dict[str, int] = {}
        self.orders: dict[str, OnlineOrder] = {}
        self.feed: list[str] = []
        self.feed_begins = 0
        self.stock_feed: list[str] = []
        self.sales: list[OnlineSale] = []
        self.sale_ids: list[str] = []
        """Of each sale the desk's own id, in the order of `sales`: no wire shows it."""
        self.refunds: list[tuple[str, str, OnlineRefund]] = []
        self.steps: list[Stepped] = []
        self.arrived: set[str] = set()
        """Keys of writes that were carried out, also where the store does not look at keys."""
        self.sets: list[tuple[str, int, int]] = []
        """Of each absolute write of stock the item, and what it had before and after."""
        self.silent: set[str] = set()
        self._keys: dict[tuple[str, str], Any] = {}
        for sku, (item, quantity) in stock.items():
            one = OnlineItem(
                id=f"inv-{sku}",
                quantity=quantity,
                price_cents=item.price_cents or 0,
                book_id=f"bk-{sku}",
                isbn=sku,
                title=item.title,
                condition="new",
                updated=self.stamp(),
                etag="0",
            )
            self.items[one.id] = one
            self.started[one.id] = quantity

    # ---- time, keys ----

    def stamp(self, at: int | None = None) -> str:
        """Return a moment as the store writes it: its clock goes in ticks."""
        tick = self.abilities.clock_tick_ms
        moment = (self.now() if at is None else at) // tick * tick
        made = datetime.datetime.fromtimestamp(moment / 1000, datetime.UTC)
        return made.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def once(self, kind: str, key: str, do: Callable[[], Any]) -> tuple[Any, bool]:
        """Do something once for a key where the store knows keys; say whether it had been done before."""
        known = self.abilities.key and key and not self.deaf_to_keys
        if known and (kind, key) in self._keys:
            return self._keys[kind, key], True
        done = do()
        if known:
            self._keys[kind, key] = done
        return done, False

    # ---- what customers and the store do ----

    def place(
        self, lines: list[tuple[OnlineItem, int]], kind: str, name: str, stamped: int | None = None
    ) -> OnlineOrder | None:
        """Take an order if there are copies; `stamped` is when its transaction began."""
        if any(self.items[x.id].quantity < n for x, n in lines):
            return None
        number = len(self.orders) + 1
        made = tuple(
            OnlineLine(
                id=f"o{number}-{k}",
                quantity=n,
                price_cents=x.price_cents,
                inventory_id=x.id,
                book_id=x.book_id,
                isbn=x.isbn,
                title=x.title,
                condition="new",
                store_id=STORE,
            )
            for k, (x, n) in enumerate(lines, 1)
        )
        goods = sum(x.price_cents * x.quantity for x in made)
        shipping = 399 if kind == "ship" else 0
        order = OnlineOrder(
            id=f"ord-{number:04d}",
            number=f"BW-SIM-{number:04d}",
            status="pending",
            updated="",
            created_at=self.now(),
            kind=kind,  # type: ignore[arg-type]
            store_id=STORE,
            user_id=f"u-{name}",
            customer_name=name,
            customer_email=f"{name.lower()}@example.com",
            lines=made,
            subtotal_cents=goods,
            tax_cents=0,
            shipping_cents=shipping,
            discount_cents=0,
            credit_cents=0,
            total_cents=goods + shipping,
            payment="pending",
            payment_ref=f"pi-{number}",
            address=PostalAddress(name, "1 Elm Street", "", "Springfield", "CT", "06001")
            if kind == "ship"
            else None,
        )
        for x, n in lines:
            self._move(x.id, -n)
        self._put(order, stamped)
        return self.orders[order.id]

    def advance(self, order_id: str, status: str, by: str, stamped: int | None = None) -> OnlineOrder:
        """Move an order on; raises Refusal for what the store does not know as a step."""
        order = self.orders[order_id]
        if not self.any_status and not self.allows(order, status):
            raise Refusal(f"An order that is {order.status} cannot become {status}.", current=order)
        self.steps.append(Stepped(self.now(), order.id, order.status, status, by))
        self.note(f"STORE {order.id}: {order.status} becomes {status} by {by}")
        if status == "cancelled" and order.status != "cancelled":
            for line in order.lines:
                self._move(line.inventory_id, line.quantity)
        paid = {"confirmed": "succeeded", "cancelled": "refunded"}.get(status, order.payment)
        if status == "cancelled" and order.payment == "pending":
            paid = "canceled"
        self._put(replace(order, status=status, payment=paid), stamped)
        return self.orders[order_id]

    def allows(self, order: OnlineOrder, status: str) -> bool:
        """Say whether a step is one that the store knows."""
        wrong = {"ready_for_pickup": "ship", "shipped": "pickup"}.get(status)
        return status in STEPS[order.status] and order.kind != wrong

    def customer_cancels(self, order_id: str, stamped: int | None = None) -> bool:
        """Cancel an order for its customer, in time: before it is shipped or ready."""
        if self.orders[order_id].status not in ("pending", "confirmed", "processing"):
            return False
        self.advance(order_id, "cancelled", "customer", stamped)
        return True

    def edit(self, order_id: str, *, silent: bool = False, **changes: Any) -> None:
        """Change something about an order; `silent` leaves its date alone, as real stores do at times."""
        changed = replace(self.orders[order_id], **changes)
        if silent:
            self.silent.add(order_id)
            self.orders[order_id] = replace(changed, etag=str(int(changed.etag) + 1))
        else:
            self._put(changed)

    # ---- what a desk may do ----

    def change_status(
        self, order_id: str, status: str, expected: str, tracking: str, carrier: str
    ) -> OnlineOrder:
        """Move an order on for a desk; `expected` is a precondition where it is not empty."""
        order = self.orders.get(order_id)
        if order is None:
            raise Refusal("No such order.", 404)
        if expected and order.status != expected:
            raise Refusal(f"It is {order.status}, not {expected}.", 412, order)
        self.advance(order_id, status, "desk")
        if tracking:
            self._put(replace(self.orders[order_id], tracking=tracking, carrier=carrier))
        return self.orders[order_id]

    def adjust(self, item_id: str, delta: int) -> OnlineItem:
        """Change a number of copies by a signed amount."""
        if item_id not in self.items:
            raise Refusal("No such item.", 404)
        return self._move(item_id, delta)

    def set_quantity(self, item_id: str, quantity: int, etag: str | None) -> OnlineItem:
        """Set a number of copies, on a precondition where one is given."""
        item = self.items[item_id]
        if etag is not None and item.etag != etag:
            raise Refusal("It was changed meanwhile.", 412, item)
        self.sets.append((item_id, item.quantity, quantity))
        return self._move(item_id, quantity - item.quantity)

    def record_sale(self, body: bytes) -> OnlineSale:
        """Record a counter sale and take its copies from the stock."""
        told = msgspec.json.decode(body)
        if any("POISON" in line["title"] for line in told["lines"]):
            raise Refusal("That book is not sold here.", 422)
        number = len(self.sales) + 1
        lines = tuple(
            OnlineSaleLine(
                id=f"s{number}-{k}",
                quantity=x["quantity"],
                book_id=x["book"],
                inventory_id=x["inventory"],
                title="" if x["book"] else x["title"],
                price_cents=x["price"],
            )
            for k, x in enumerate(told["lines"], 1)
        )
        for line in lines:
            if line.inventory_id:
                self._move(line.inventory_id, -line.quantity)
        goods = sum(x.quantity * (x.price_cents or 0) for x in lines)
        tax = (goods * 88_750 + 500_000) // 1_000_000
        made = OnlineSale(
            id=f"sale-{number}",
            number=f"S{number}",
            staff="u-desk",
            method=told["method"],
            total_cents=goods + tax,
            created_at=self.now(),
            reference=told["reference"] if self.abilities.reference else "",
            lines=lines,
        )
        said = [(x["title"], x["quantity"], x["inventory"]) for x in told["lines"]]
        self.note(f"STORE records {told['ours'][-6:]} {said}")
        self.sales.append(made)
        self.sale_ids.append(told["ours"])
        return made

    def record_refund(self, sale_id: str, body: bytes) -> OnlineRefund:
        """Record a return of lines of a sale; what is put back is added to the stock."""
        told = msgspec.json.decode(body)
        sale = next((x for x in self.sales if x.id == sale_id), None)
        if sale is None:
            raise Refusal("No such sale.", 404)
        by_id = {x.id: x for x in sale.lines}
        cents = 0
        for x in told["lines"]:
            line = by_id[x["line"]]
            cents += x["quantity"] * (line.price_cents or 0)
            if x["restock"] and line.inventory_id:
                self._move(line.inventory_id, x["quantity"])
        made = OnlineRefund(f"ref-{len(self.refunds) + 1}", cents)
        self.refunds.append((told["ours"], sale_id, made))
        return made

    # ---- inside ----

    def _move(self, item_id: str, delta: int) -> OnlineItem:
        item = self.items[item_id]
        made = replace(
            item, quantity=item.quantity + delta, updated=self.stamp(), etag=str(int(item.etag or 0) + 1)
        )
        self.items[item_id] = made
        self.note(f"STORE {item.title} {item.quantity} {delta:+} = {made.quantity}")
        self.stock_feed.append(item_id)
        return made

    def _put(self, order: OnlineOrder, stamped: int | None = None) -> None:
        before = self.orders.get(order.id)
        updated = max(self.stamp(stamped), before.updated if before else "")
        etag = str(int(before.etag or 0) + 1) if before else "0"
        self.orders[order.id] = replace(order, updated=updated, etag=etag)
        self.feed.append(order.id)

    def digest(self) -> Any:
        """Return everything that a repeat must not change."""
        stock = {k: x.quantity for k, x in self.items.items()}
        orders = {k: (x.status, x.tracking) for k, x in self.orders.items()}
        return stock, orders, tuple(self.sale_ids), tuple(x[0] for x in self.refunds)
