"""A shop with packed parcels and an account with carriers that exists only in the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions import buying
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.actions.consigning import Wanted
from bookwish_desk.db import orders, postages
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.carriage import Box
from bookwish_desk.shop.order import Order, PostalAddress
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.shipping import ShippingSettings
from bookwish_desk.shop.staff import Actor
from bookwish_desk.sync.books import Books, DirectBooks
from bookwish_desk.sync.carriers.buying import Buying
from tests.support.books import new_store
from tests.support.fake_carriers import FakeCarriers
from tests.support.orders import HOME, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import NOON, FrozenClock, found_shop, label_printer, printer

SENDER = PostalAddress("Test Books", "1 Main Street", "", "Hartford", "CT", "06103", "US", "860 555 0100")
CONNECTED = ShippingSettings(broker="easypost", base="http://carriers.test/v2", since=NOON, sender=SENDER)
BOX = Box(500, 267, 184, 25)


def parcel_shop(
    folder: Path,
    *,
    clock: Callable[[], int] | None = None,
    shipping: ShippingSettings = CONNECTED,
    **more: Any,
) -> tuple[Store, Actor]:
    """Open a founded shop with an account of carriers and a printer for their labels."""
    devices = (printer(), label_printer())
    settings = Settings(shop_name="Test Books", devices=devices, shipping=shipping, **more)
    return found_shop(folder, settings, clock)


def packed(store: Store, actor: Actor, number: str = "BW-20260921-AB12", **more: Any) -> Order:
    """Return a paid order of one book whose one parcel is packed."""
    order = made(number, line(ORLANDO), kind="ship", address=HOME, **more)
    order = received(store, actor, order)
    shelved(store, actor, ORLANDO)
    return stepped(store, actor, now(store, order), "confirm", "start", "pick", "check", "pack")


def wanted(order: Order, **more: Any) -> Wanted:
    """Return what is asked of carriers for an order's first parcel."""
    assert order.address is not None
    given = {"parcel": order.parcels[0].id, "box": BOX, "to": order.address, **more}
    return Wanted(order_ids=(order.id,), **given)


def row(store: Store, postage_id: str) -> Postage:
    """Return a label's row as the books have it."""
    with store.read() as conn:
        return postages.load(conn, postage_id)


class ParcelDesk:
    """A shop, its engine, its clock and its broker; `run` lets the engine work until nothing is left."""

    def __init__(
        self, store: Store, actor: Actor, clock: FrozenClock, carriers: FakeCarriers, order: Order
    ) -> None:
        self.store, self.actor, self.clock, self.carriers = store, actor, clock, carriers
        self.order = order
        self.books: Books = DirectBooks(store)
        self.engine = self.started()

    def started(self) -> Buying:
        """Return the engine of a desk that has just started."""
        self.engine = Buying(self.carriers, self.books, self.clock, lambda: 0.0)
        return self.engine

    def run(self, most_ms: int = 3_600_000, most_steps: int = 5_000) -> None:
        """Let the engine do everything that comes within a time."""
        until = self.clock.at + most_ms
        for _ in range(most_steps):
            wait = self.engine.step()
            if wait is None or self.clock.at + wait > until:
                return
            self.clock.at += wait
        raise AssertionError("the engine does not come to rest")

    def ask(self, order: Order, **more: Any) -> Postage:
        """Ask for prices, and let them come."""
        asked = buying.ask(self.store, self.actor, wanted(order, **more)).value
        self.run(0)
        return row(self.store, asked.id)

    def want(self, postage: Postage, nth: int = 0, **more: Any) -> Postage:
        """Agree to a price."""
        assert postage.quoted is not None
        chosen = [(postage.id, postage.quoted.rates[nth].id)]
        return buying.want(self.store, self.actor, chosen, **more).value[0]

    def now(self, postage: Postage) -> Postage:
        """Return a row as it is now."""
        return self.now_of(postage.id)

    def now_of(self, postage_id: str) -> Postage:
        """Return a row as it is now, by its id."""
        return row(self.store, postage_id)


@cache
def _made() -> Path:
    """Return a folder with a shop of one packed order: made once in each process."""
    folder = Path(mkdtemp(prefix="bookwish-parcels-"))
    store, actor = parcel_shop(folder, clock=FrozenClock())
    packed(store, actor)
    (folder / "owner").write_text(actor.staff)
    store.close()
    return folder


def copied_desk(folder: Path) -> ParcelDesk:
    """Return the desk of a shop with one packed order, at the cost of a copy."""
    shutil.copytree(_made(), folder, dirs_exist_ok=True)
    return opened_desk(folder)


def opened_desk(folder: Path, at: int = NOON + 1_000_000) -> ParcelDesk:
    """Return the desk of a copied shop as it starts again, at a moment."""
    clock = FrozenClock(at)
    actor = Actor((folder / "owner").read_text(), 1)
    store = new_store(folder, clock=clock)
    with store.read() as conn:
        order = orders.open_orders(conn)[0]
    return ParcelDesk(store, actor, clock, FakeCarriers(clock), order)


def bought(desk: ParcelDesk, **more: Any) -> Postage:
    """Return the label of the order, bought and fetched."""
    priced = desk.ask(desk.order, **more)
    desk.want(priced)
    desk.run()
    return desk.now(priced)


def with_shipping(store: Store, **changes: Any) -> None:
    """Change how a shop ships, past the settings screen."""
    with store.write() as tx:
        settings = replace(tx.settings, shipping=replace(tx.settings.shipping, **changes))
        keep_settings(tx, settings, ("shipping",))
