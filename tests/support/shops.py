"""A founded shop in a temporary folder, quick to make, for tests of actions and presenters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import insert

from bookwish_desk.actions import founding, stocking
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db import tables
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.device import Device, DocumentPrinterSetup, LabelPrinterSetup, ReceiptPrinterSetup
from bookwish_desk.shop.errors import NeedsApproval, ShopError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.staff import Actor, Person
from bookwish_desk.ui.station import Station
from tests.support.books import new_store

NOON = 1_790_000_000_000
"""A Monday, 21 September 2026, 13:33 UTC, in milliseconds."""


def printer(address: str = "sim:", **setup: Any) -> Device:
    """Return the receipt printer of register 1, simulated unless it has an address."""
    made = ReceiptPrinterSetup(**setup)
    return Device("receipt-printer", "Receipt printer", address, made, uses=("receipts",))


def label_printer(name: str = "Label printer", **setup: Any) -> Device:
    """Return a simulated label printer of register 1, for labels of both kinds."""
    return Device("label-printer", name, "sim:", LabelPrinterSetup(**setup), uses=("labels", "shipping"))


def document_printer(name: str = "Office") -> Device:
    """Return the printer for pages of register 1: a queue of the system."""
    return Device("document-printer", name, "queue:Office", DocumentPrinterSetup(), uses=("documents",))


class FrozenClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: int = NOON) -> None:
        self.at = at

    def __call__(self) -> int:
        """Return the moment it shows, and go on by one millisecond."""
        self.at += 1
        return self.at


def found_shop(
    folder: Path, settings: Settings | None = None, clock: Callable[[], int] | None = None
) -> tuple[Store, Actor]:
    """Open a store with a founded shop; the actor is its owner, on register 1.

    Its printer is a simulated one unless `settings` name another: most tests want to see what is printed.
    """
    store = new_store(folder, clock=clock or FrozenClock())
    made = settings or Settings(shop_name="Test Books")
    if not made.devices:
        made = replace(made, devices=(printer(),))
    owner = founding.found(store, made, "Register 1", "Olive Owner", "!").value
    return store, Actor(owner, 1)


def hire(store: Store, role: str, name: str = "Sam Staff") -> Actor:
    """Add a member of staff with a role and no usable PIN."""
    staff_id = new_id()
    with store.write() as tx:
        tx.conn.execute(insert(tables.staff), {"id": staff_id, "name": name, "role": role, "pin_hash": "!"})
    return Actor(staff_id, 1)


def put_titles(store: Store, rows: Sequence[tuple[int, str, str, int | None]]) -> None:
    """Put (ean, title, authors, price in cents) into the trade's catalogue, without search words."""
    with store.catalogue.begin() as conn:
        conn.execute(
            insert(tables.titles),
            [{"ean": e, "title": t, "authors": a, "price_cents": p} for e, t, a, p in rows],
        )


def shelve(store: Store, actor: Actor, item: Item, shelf: str = "", low_at: int | None = None) -> None:
    """Say where an item stands and when it is low, and leave all else as it is."""
    kept = {
        name: getattr(item, name) for name in ("title", "authors", "publisher", "price_cents", "tax_class")
    }
    stocking.edit_item(
        store, actor, item, stocking.ItemEdit(**kept, shelf=shelf, low_at=low_at, stocked=item.stocked)
    )


class DirectLanes:
    """Lanes that do everything at once on this thread: presenters are tested without Qt."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.changed: Callable[[frozenset[str]], None] = lambda _nouns: None

    def act(self, action: Callable[[Store], Outcome[Any]], *, then: Any = None, failed: Any = None) -> None:
        """Do it now."""
        try:
            outcome = action(self.store)
        except ShopError as error:
            if failed is None:
                raise
            failed(error)
            return
        if then is not None:
            then(outcome.value)
        if outcome.changes:
            self.changed(outcome.changes)

    def read(
        self, reading: Callable[[Store], Any], *, then: Any, failed: Any = None, latest: str = ""
    ) -> None:
        """Read it now."""
        self.work(lambda: reading(self.store), then=then, failed=failed)

    def search(
        self,
        reading: Callable[[Store, Callable[[], bool]], Any],
        *,
        then: Any,
        failed: Any = None,
        latest: str = "",
        lane: str = "search",
    ) -> None:
        """Read it now, to its end."""
        self.work(lambda: reading(self.store, lambda: False), then=then, failed=failed)

    def drop(self, latest: str) -> None:
        """Do nothing: nothing is under way."""

    def work(
        self, job: Callable[[], Any], *, then: Any = None, failed: Any = None, lane: str = "desk"
    ) -> None:
        """Do it now."""
        try:
            value = job()
        except ShopError as error:
            if failed is None:
                raise
            failed(error)
            return
        if then is not None:
            then(value)

    def write_now(self, action: Callable[[Store], Outcome[Any]]) -> Any:
        """Do it now."""
        outcome = action(self.store)
        if outcome.changes:
            self.changed(outcome.changes)
        return outcome.value

    def home(self, call: Callable[[], None]) -> None:
        """Run it now."""
        call()

    def later(self, ms: int, call: Callable[[], None]) -> None:
        """Leave it: tests that need it call it themselves."""


class FakeFront:
    """A window that only remembers."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.offered: list[tuple[str, str, Callable[[], object]]] = []
        self.screen = ""
        self.asked: list[tuple[NeedsApproval, Callable[[str], None]]] = []

    def say(self, sentence: str, tone: str = "ok") -> None:
        """Remember a sentence."""
        self.said.append((sentence, tone))

    def offer(self, sentence: str, verb: str, then: Callable[[], object]) -> None:
        """Remember a sentence with its verb."""
        self.offered.append((sentence, verb, then))

    def show_screen(self, name: str) -> None:
        """Remember a screen."""
        self.screen = name

    def ask_approval(self, needs: NeedsApproval, given: Callable[[str], None]) -> None:
        """Remember that an approval was asked."""
        self.asked.append((needs, given))


def station_for(
    store: Store, actor: Actor, name: str = "Olive Owner", role: str = "owner"
) -> tuple[Station, FakeFront]:
    """Return a station on direct lanes with somebody signed in, and its remembering front."""
    lanes = DirectLanes(store)
    station = Station(lanes, actor.register, store.settings)
    lanes.changed = station.changed
    station.person = Person(actor.staff, name, role)  # type: ignore[arg-type]
    front = FakeFront()
    station.front = front
    return station, front


def with_settings(settings: Settings, **changes: Any) -> Settings:
    """Return settings with some of them changed."""
    return replace(settings, **changes)
