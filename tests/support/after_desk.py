"""A desk whose label is bought, with the engines for what comes after, and a broker in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from bookwish_desk.db import handovers, orders
from bookwish_desk.shop.handover import DayManifest, Visit
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.postage import Postage
from bookwish_desk.sync.carriers.following import Following
from bookwish_desk.sync.carriers.handing import Handing
from bookwish_desk.sync.carriers.voiding import Voiding
from tests.support.fake_after import AfterCarriers
from tests.support.parcels import ParcelDesk, bought, copied_desk, packed

HOUR = 3_600_000
DAY = 24 * HOUR


class Steps(Protocol):
    """An engine."""

    def step(self) -> int | None:
        """Do one thing."""


class AfterDesk:
    """The desk: its books, its broker, its clock, and the engines as they start."""

    def __init__(self, desk: ParcelDesk) -> None:
        self.desk = desk
        self.store, self.actor, self.clock = desk.store, desk.actor, desk.clock
        self.carriers = AfterCarriers(desk.clock)
        desk.carriers = self.carriers
        desk.started()
        self.restart()

    def restart(self) -> None:
        """Begin as after a start of the desk."""
        parts = (self.carriers, self.desk.books, self.clock, lambda: 0.0)
        self.following, self.voiding, self.handing = Following(*parts), Voiding(*parts), Handing(*parts)

    def run(self, engine: Steps, most_ms: int = 0, most_steps: int = 500) -> None:
        """Let an engine do everything that comes within a time; the clock goes on meanwhile."""
        until = self.clock.at + most_ms
        for _ in range(most_steps):
            wait = engine.step()
            if wait is None or self.clock.at + wait > until + most_steps:
                return
            self.clock.at += wait
        raise AssertionError("the engine does not come to rest")

    def bought(self, order: Order | None = None, **more: Any) -> Postage:
        """Return a label, bought and fetched, with its orders shipped."""
        if order is not None:
            self.desk.order = order
        return bought(self.desk, **more)

    def packed(self, number: str, **more: Any) -> Order:
        """Return another packed order."""
        return packed(self.store, self.actor, number, **more)

    def now(self, postage: Postage) -> Postage:
        """Return a label's row."""
        return self.desk.now(postage)

    def order(self, order: Order | None = None) -> Order:
        """Return an order as it is now."""
        with self.store.read() as conn:
            return orders.load(conn, (order or self.desk.order).id)

    def history(self, order: Order | None = None) -> list[str]:
        """Return what happened to an order, by its kinds."""
        with self.store.read() as conn:
            return [e.kind for e in orders.history(conn, (order or self.desk.order).id)]

    def form(self, manifest: DayManifest) -> DayManifest:
        """Return a manifest's row."""
        with self.store.read() as conn:
            return handovers.manifest(conn, manifest.id)

    def visit(self, visit: Visit) -> Visit:
        """Return a visit's row."""
        with self.store.read() as conn:
            return handovers.visit(conn, visit.id)


def after_desk(folder: Path) -> AfterDesk:
    """Return a desk with one packed order."""
    return AfterDesk(copied_desk(folder))
