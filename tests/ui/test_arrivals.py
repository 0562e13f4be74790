"""Orders that come in are noticed on every screen: counted, and with a sound unless the shop wants none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bookwish_desk.settings import Settings
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui.arrivals import Arrivals
from bookwish_desk.ui.header import chips
from tests.support.order_desk import OrderDesk


class Heard:
    """A desk that only listens for orders."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self.desk = OrderDesk(folder, settings)
        self.desk.shelf()
        self.later: list[Callable[[], None]] = []
        self.desk.station.lanes.later = self._await  # type: ignore[method-assign]
        self.counts: list[int] = []
        self.sounds = 0
        self.arrivals = Arrivals(self.desk.station, self.counts.append, self._sound)

    def _sound(self) -> None:
        self.sounds += 1

    def _await(self, ms: int, call: Callable[[], None]) -> None:
        self.later.append(call)

    def comes(self, number: str, source: str = "bookwish") -> None:
        self.desk.order(number, source=source)
        self.changed()

    def changed(self) -> None:
        """Tell of a change, and let the moment pass after which it is looked."""
        self.desk.station.changed(frozenset({"orders"}))
        while self.later:
            self.later.pop(0)()


@pytest.mark.capability("BW-01", "WSM-01", "OMG-08")
def test_each_order_that_comes_in_makes_a_sound_and_is_counted(tmp_path: Path) -> None:
    heard = Heard(tmp_path)
    heard.desk.order("BEFORE-1")
    heard.arrivals.begin()
    assert (heard.counts, heard.sounds) == ([1], 0), "what was there makes none"
    heard.comes("A")
    heard.comes("B")
    assert (heard.counts[-1], heard.sounds) == (3, 2)


def test_a_change_of_an_order_makes_no_sound(tmp_path: Path) -> None:
    heard = Heard(tmp_path)
    order = heard.desk.order("A")
    heard.arrivals.begin()
    from bookwish_desk.actions import ordering

    ordering.take(heard.desk.store, heard.desk.owner, order.id, Step("hold", reason="Wait"))
    heard.changed()
    assert heard.counts[-1] == 0
    ordering.take(heard.desk.store, heard.desk.owner, order.id, Step("release_hold"))
    heard.changed()
    assert (heard.counts[-1], heard.sounds) == (1, 0)


def test_many_changes_at_once_are_looked_at_once(tmp_path: Path) -> None:
    heard = Heard(tmp_path)
    heard.arrivals.begin()
    for number in range(3):
        heard.desk.order(f"A-{number}")
        heard.desk.station.changed(frozenset({"orders"}))
    assert (len(heard.later), heard.counts) == (1, [0])
    heard.later.pop()()
    assert (heard.counts, heard.sounds) == ([0, 3], 1)
    heard.comes("B")
    assert (heard.counts[-1], heard.sounds) == (4, 2)


@pytest.mark.parametrize("source", ["counter", "phone", "email"])
def test_an_order_that_staff_typed_in_makes_no_sound(tmp_path: Path, source: str) -> None:
    heard = Heard(tmp_path)
    heard.arrivals.begin()
    heard.comes("O1-000001", source)
    assert (heard.counts[-1], heard.sounds) == (1, 0)


def test_the_sound_can_be_switched_off(tmp_path: Path) -> None:
    heard = Heard(tmp_path, Settings(shop_name="Test Books", order_sound=False))
    heard.arrivals.begin()
    heard.comes("A")
    assert (heard.counts[-1], heard.sounds) == (1, 0)


def test_nothing_is_read_before_it_begins_or_for_other_changes(tmp_path: Path) -> None:
    heard = Heard(tmp_path)
    heard.comes("A")
    assert heard.counts == []
    heard.arrivals.begin()
    heard.desk.station.changed(frozenset({"stock"}))
    assert heard.counts == [1]


@pytest.mark.capability("WSM-01", "BW-01")
def test_the_header_says_how_many_are_new_and_leads_there() -> None:
    def new(count: int):
        found = chips(demo=False, devices=(), states={}, unfinished=0, new_orders=count)
        return [(c.text, c.short, c.place) for c in found if c.id == "orders"]

    assert new(0) == []
    assert new(1) == [("1 new order", "1 new", "orders")]
    assert new(12) == [("12 new orders", "12 new", "orders")]
