"""A shop with several packed parcels, its engine and broker in memory, and a station: for screens."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from msgspec.structs import replace

from bookwish_desk.db import orders, postages
from bookwish_desk.shop.carriage import CheckedAddress
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.order import Order, PostalAddress
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.shipping_work import ShippingState
from tests.support.after_desk import AfterDesk
from tests.support.books import new_store
from tests.support.fake_carriers import FakeCarriers
from tests.support.orders import ADA, HOME
from tests.support.parcels import ParcelDesk, packed, parcel_shop, with_shipping
from tests.support.shops import NOON, FrozenClock, hire, station_for

COUNT = 5


class FakeWork:
    """The work with carriers as screens see it, with the broker of the test behind it."""

    def __init__(self, carriers: FakeCarriers) -> None:
        self.state = ShippingState("ready")
        self.carriers = carriers
        self.watching: list[Callable[[ShippingState], None]] = []
        self.looked = self.prepared = 0

    def watch(self, told: Callable[[ShippingState], None]) -> Callable[[], None]:
        """Remember who watches."""
        self.watching.append(told)
        return lambda: self.watching.remove(told)

    def become(self, **changes: Any) -> None:
        """Tell of another state."""
        self.state = replace(self.state, **changes)
        for told in tuple(self.watching):
            told(self.state)

    def check_address(
        self,
        address: PostalAddress,
        then: Callable[[CheckedAddress], None],
        failed: Callable[[ShopError], None],
    ) -> None:
        """Ask the broker."""
        reply = self.carriers.check_address(address)
        assert reply.value is not None
        then(reply.value)

    def prepare(self) -> None:
        """Remember it."""
        self.prepared += 1

    def look_now(self) -> None:
        """Remember it."""
        self.looked += 1

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"no screen of labels asks for {name}")


@cache
def _made(count: int) -> Path:
    """Return a folder with a shop of packed orders: made once in each process."""
    folder = Path(mkdtemp(prefix="bookwish-labels-"))
    store, actor = parcel_shop(folder, clock=FrozenClock())
    for number in range(1, count + 1):
        packed(
            store,
            actor,
            f"BW-{number:03}",
            placed_at=NOON + number,
            customer=replace(ADA, email=f"a{number}@example.com"),
        )
    with_shipping(store, checks="never")
    (folder / "owner").write_text(actor.staff)
    store.close()
    return folder


class LabelDesk(ParcelDesk):
    """A desk of five packed orders with a station; `run` lets the broker do all that was asked of it."""

    def __init__(self, folder: Path, role: str = "owner", count: int = COUNT, **shipping: Any) -> None:
        shutil.copytree(_made(count), folder, dirs_exist_ok=True)
        clock = FrozenClock(NOON + 1_000_000)
        owner = Actor((folder / "owner").read_text(), 1)
        store = new_store(folder, clock=clock)
        if shipping:
            with_shipping(store, **shipping)
        with store.read() as conn:
            self.orders = tuple(sorted(orders.open_orders(conn), key=lambda o: o.number))
        super().__init__(store, owner, clock, FakeCarriers(clock), self.orders[0])
        actor = owner if role == "owner" else hire(store, role)
        self.station, self.front = station_for(
            store, actor, "Sam Staff" if role != "owner" else "Olive Owner", role
        )
        self.work = FakeWork(self.carriers)
        self.station.shipping = self.work

    def with_after(self) -> AfterDesk:
        """Return the engines for what comes after buying, with a broker that does all of it from now on."""
        after = AfterDesk(self)
        self.work.carriers = after.carriers
        return after

    def buy_all(self, count: int = COUNT) -> tuple[Postage, ...]:
        """Buy a label for each of the orders, past the screens."""
        for order in self.orders[:count]:
            self.want(self.ask(order))
        self.run()
        return self.labels()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the orders, by number."""
        return tuple(o.id for o in self.orders)

    def labels(self) -> tuple[Postage, ...]:
        """Return every label, oldest first."""
        with self.store.read() as conn:
            return tuple(p for o in self.orders for p in reversed(postages.of_order(conn, o.id)))

    def order_now(self, nth: int = 0) -> Order:
        """Return one of the orders as it is now."""
        with self.store.read() as conn:
            return orders.load(conn, self.orders[nth].id)


ELSEWHERE = replace(HOME, line1="99 Elm Street")
