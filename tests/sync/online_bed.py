"""A shop, an online store in memory and the engine between them, for tests of sending and reading."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bookwish_desk.actions import connecting
from bookwish_desk.db import netbox
from bookwish_desk.db.online import order_link
from bookwish_desk.db.outbox import Job
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.online import Abilities, OnlineOrder, OnlineSettings
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.sold import Sale
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.engine import Engine
from tests.simulation.fake_store import FakeStore
from tests.simulation.far_shop import STORE, FarShop
from tests.simulation.faults import Wire
from tests.support import days
from tests.support.orders import shelved
from tests.support.shops import FrozenClock, found_shop

EAN = 9780156701600
ORLANDO = Item(sku=str(EAN), title="Orlando", price_cents=1_500, ean=EAN, stocked=True)
NOTHING = Abilities(key=False, stock="delta", clock_tick_ms=1_000)
ALL = Abilities(
    feed=True, stock_feed=True, key=True, reference=True, precondition=True, stock="delta", refunds=True
)


class Script(Wire):
    """Lets the next requests meet the faults it is given, in their order; `always` is met after them."""

    def __init__(self) -> None:
        super().__init__(random.Random(1), 0)
        self.next: list[str] = []
        self.always = ""

    def draw(self) -> str:
        """Return the next fault."""
        return self.next.pop(0) if self.next else self.always


class Bed:
    """A founded shop connected with a store, and time that passes for both."""

    def __init__(
        self, folder: Path, abilities: Abilities = NOTHING, copies: int = 10, *, connected: bool = True
    ) -> None:
        self.clock = FrozenClock()
        self.store, self.owner = found_shop(folder, days.settings(), self.clock)
        self.wire = Script()
        self.late: list[tuple[int, Callable[[], object]]] = []
        self.far = FarShop(lambda: self.clock.at, abilities, {ORLANDO.sku: (ORLANDO, copies)})
        self.port = FakeStore(self.far, self.wire, lambda ms, do: self.late.append((ms, do)))
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        _listen(self.port, self.asked)
        if connected:
            self.connect()
        self.engine = self.made_engine()
        days.open_till(self.store, self.owner)
        shelved(self.store, self.owner, ORLANDO, copies)
        if connected:
            self.drop_all()

    def connect(self) -> None:
        """Connect the shop with the store."""
        where = "https://store.example"
        wanted = OnlineSettings(where, "desk@example.com", STORE, "Simulated", account="u-desk")
        connecting.connect(self.store, self.owner, wanted)

    def made_engine(self, holder: str = "desk") -> Engine:
        """Return another engine over the same books, as after a restart."""
        return Engine(self.port, DirectBooks(self.store), self.clock, lambda: 0.5, 1, holder)

    def drop_all(self) -> None:
        """Forget what waits: the goods on the shelf are there already."""
        with self.store.write() as tx:
            tx.conn.exec_driver_sql("DELETE FROM outbox WHERE channel = 'net'")

    def pass_time(self, ms: int) -> None:
        """Let time pass."""
        self.clock.at += ms

    def settle(self, most_ms: int = 60_000) -> None:
        """Step until nothing is due for a moment, letting pass what time the engine waits for."""
        until = self.clock.at + most_ms
        while self.clock.at < until:
            wait = self.engine.step()
            if wait:
                self.pass_time(wait)

    def run(self, steps: int = 12) -> None:
        """Step a few times, at once."""
        for _ in range(steps):
            self.engine.step()

    def sold(self, copies: int = 1, how: str = "cash", item: Item = ORLANDO) -> Sale:
        """Sell at the counter."""
        return days.pay(self.store, self.owner, days.ring(self.store, self.owner, [(item, copies)]), how)

    def rows(self, kind: str = "") -> list[Job]:
        """Return the rows that go up, oldest first."""
        with self.store.read() as conn:
            ids = conn.exec_driver_sql("SELECT id FROM outbox WHERE channel = 'net' ORDER BY id").fetchall()
            found = [netbox.by_id(conn, x) for (x,) in ids]
        return [job for job in found if job is not None and kind in ("", job.kind)]

    def states(self, kind: str = "") -> list[str]:
        """Return the states of the rows."""
        return [job.state for job in self.rows(kind)]

    def ordered(self, copies: int = 1, kind: str = "pickup", status: str = "confirmed") -> OnlineOrder:
        """Let a customer order, and the store take the money."""
        (item,) = self.far.items.values()
        order = self.far.place([(item, copies)], kind, "Ada")
        assert order is not None
        return self.far.advance(order.id, status, "system") if status != "pending" else order

    def ours(self, far_id: str) -> Order | None:
        """Return the order here that is one of the store's."""
        with self.store.read() as conn:
            found = order_link(conn, "bookwish", far_id)
        if found is None:
            return None
        with self.store.read() as conn:
            from bookwish_desk.db import orders

            return orders.load(conn, found.order_id)

    def calls(self, *names: str) -> list[tuple[str, tuple[Any, ...]]]:
        """Return what the store was asked, of these kinds."""
        return [call for call in self.asked if call[0] in names]

    def arrived(self, **more: Any) -> tuple[str, str]:
        """Let an order come in; return its ids there and here, with nothing asked since."""
        far = self.ordered(**more)
        self.engine.sync_now()
        self.run()
        ours = self.ours(far.id)
        assert ours is not None
        self.asked.clear()
        return far.id, ours.id

    def close(self) -> None:
        """Close the books."""
        self.store.close()


Make = Callable[..., Bed]


@contextmanager
def beds(folder: Path, usual: Abilities = NOTHING) -> Iterator[Make]:
    """Give what makes a bed, with the first reading done unless told otherwise; close them in the end."""
    made: list[Bed] = []

    def make(abilities: Abilities = usual, *, first: bool = True, **more: Any) -> Bed:
        bed = Bed(folder / str(len(made)), abilities, **more)
        made.append(bed)
        if first:
            bed.run()
            bed.asked.clear()
        return bed

    yield make
    for bed in made:
        bed.close()


_CALLS = (
    *("order_feed", "orders_since", "order_list", "order", "change_status", "stock_feed", "stock_list"),
    *("stock_item", "adjust_stock", "set_stock", "send_sale", "sale_by_reference", "sales_between"),
    *("send_refund", "discover"),
)


def _listen(port: Any, asked: list[tuple[str, tuple[Any, ...]]]) -> None:
    def heard(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any, **named: Any) -> Any:
            asked.append((name, (*arguments, *named.values())))
            return call(*arguments, **named)

        return ask

    for name in _CALLS:
        setattr(port, name, heard(name, getattr(port, name)))
