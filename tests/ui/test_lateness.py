"""Late orders in the header, from the books alone: no e-mail, no screen and no order coming in is needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bookwish_desk.settings import Settings
from bookwish_desk.ui.header import chips
from bookwish_desk.ui.lateness import EVERY_MS, SOON_MS, Lateness
from tests.support.hours import HOURS, ZONE, at
from tests.support.orders import made, received, stepped
from tests.support.shops import DirectLanes, FrozenClock, found_shop, station_for


class Waiting(DirectLanes):
    """Lanes that remember what shall be done later."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.awaited: list[tuple[int, Callable[[], None]]] = []

    def later(self, ms: int, call: Callable[[], None]) -> None:
        """Remember it."""
        self.awaited.append((ms, call))


@pytest.mark.capability("IC-25")
def test_late_orders_are_counted_by_the_clock_and_after_changes(tmp_path: Path) -> None:
    clock = FrozenClock(at("2026-11-24 11:00"))
    store, owner = found_shop(tmp_path, Settings(shop_name="Test Books", zone=ZONE, hours=HOURS), clock)
    station, _front = station_for(store, owner)
    lanes = Waiting(store)
    station.lanes = lanes
    told: list[int] = []
    order = received(store, owner, made("B-1", placed_at=at("2026-11-24 10:00")))
    Lateness(station, told.append).begin()
    assert told == [0]
    # A day later the promise to confirm it is broken, with nothing else having happened.
    clock.at = at("2026-11-25 10:00")
    ((ms, again),) = lanes.awaited
    assert ms == EVERY_MS
    again()
    assert told == [0, 1]
    lanes.awaited.clear()
    stepped(store, owner, order, "confirm")
    for _ in range(3):
        station.changed(frozenset({"orders"}))
    station.changed(frozenset({"stock"}))
    ((ms, soon),) = lanes.awaited
    assert ms == SOON_MS
    soon()
    assert told == [0, 1, 0]
    store.close()


def test_the_header_names_them_and_leads_to_the_promises() -> None:
    (late, _no_printer) = chips(demo=False, devices=(), states={}, unfinished=0, late_orders=3)
    assert (late.text, late.short, late.place) == ("3 orders late", "3 late", "promises")
    (one, _) = chips(demo=False, devices=(), states={}, unfinished=0, late_orders=1)
    assert one.text == "1 order late"
    assert "late" not in {c.id for c in chips(demo=False, devices=(), states={}, unfinished=0)}
