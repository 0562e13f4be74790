"""Displays that face the customer: the newest view wins, and none of them holds anything up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from bookwish_desk.hardware.displays.line_display import Shown, open_line_display
from bookwish_desk.lanes import Lanes
from bookwish_desk.settings import Settings
from bookwish_desk.shop.customer_view import CustomerLine, CustomerView
from bookwish_desk.shop.device import CustomerScreenSetup, Device, DeviceState, LineDisplaySetup
from bookwish_desk.showing import BUSY_MS, TEST_MS, TROUBLE_MS, Showing
from bookwish_desk.ui.station import Station

POLE = Device("pole", "Pole", "sim:", LineDisplaySetup())
SCREEN = Device("screen", "Second screen", "screen:NOWHERE", CustomerScreenSetup())
GOOD = DeviceState("unknown", "Sent.")


def ringing(title: str) -> CustomerView:
    line = CustomerLine(title, 1, "$5.00")
    return CustomerView(phase="ringing", lines=(line,), newest=0, units=1, total="$5.00")


class HandLanes:
    """Lanes whose work is done when the test says so; `alarms` are the waits asked for."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []
        self.alarms: list[tuple[int, Callable[[], None]]] = []
        self.names: list[str] = []

    def work(self, job: Any, *, then: Any = None, failed: Any = None, lane: str = "desk") -> None:
        self.names.append(lane)
        self.jobs.append(lambda: then(job()) if then else job())

    def later(self, ms: int, call: Callable[[], None]) -> None:
        self.alarms.append((ms, call))

    def do(self) -> None:
        self.jobs.pop(0)()


class Display:
    """A display that remembers what it was sent and answers what it is told to."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.state = GOOD

    def show(self, upper: str, lower: str, deadline: float) -> DeviceState:
        self.shown.append((upper.strip(), lower.strip()))
        return self.state


class Counter:
    """A station with one display on lanes that are worked by hand."""

    def __init__(self) -> None:
        self.lanes = HandLanes()
        self.station = Station(self.lanes, 1, Settings(shop_name="Test Books"))  # type: ignore[arg-type]
        self.told: list[tuple[str, DeviceState]] = []
        self.showing = Showing(self.lanes, self.station, lambda *word: self.told.append(word))  # type: ignore[arg-type]
        self.display = Display()

    def equip(self, register: QWidget, *devices: Device) -> None:
        self.showing.equip(devices or (POLE,), {"pole": self.display}, register)

    def sell(self, title: str) -> None:
        self.station.show_customer(lambda: ringing(title))


@pytest.fixture
def register(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def counter(register) -> Iterator[Counter]:
    made = Counter()
    yield made
    made.showing.close()


def test_a_display_shows_the_greeting_and_then_each_line(counter, register):
    counter.equip(register)
    counter.lanes.do()
    counter.sell("Orlando")
    counter.lanes.do()
    assert counter.display.shown == [
        ("Test Books", "Welcome"),
        ("Orlando        $5.00", "Total          $5.00"),
    ]
    assert counter.lanes.names == ["device-pole", "device-pole"]
    assert counter.told == [("pole", GOOD)]


def test_a_display_that_was_plugged_in_again_is_written_to(counter, register):
    counter.equip(register)
    counter.lanes.do()
    counter.sell("Orlando")
    counter.lanes.do()
    counter.showing.wake()
    counter.lanes.do()
    assert (
        counter.display.shown[-2]
        == counter.display.shown[-1]
        == ("Orlando        $5.00", "Total          $5.00")
    )


def test_the_newest_wins_where_the_display_is_slow(counter, register):
    counter.equip(register)
    for title in ("One", "Two", "Three"):
        counter.sell(title)
    assert len(counter.lanes.jobs) == 1, "one text is on its way, the others wait for it"
    counter.lanes.do()
    counter.lanes.do()
    assert [upper for upper, _ in counter.display.shown] == ["Test Books", "Three          $5.00"]
    assert counter.lanes.jobs == []


def test_marks_of_print_are_made_plain_before_they_are_measured(counter, register):
    counter.equip(register)
    counter.lanes.do()
    counter.sell("It’s … “fine”")
    counter.lanes.do()
    assert counter.display.shown[-1][0] == "It's ... \"fine $5.00"


def test_a_printer_at_work_is_no_trouble_and_the_newest_follows(counter, register):
    counter.equip(register)
    counter.lanes.do()
    counter.display.state = DeviceState("busy", "At work.")
    counter.sell("Orlando")
    counter.lanes.do()
    assert [state.condition for _, state in counter.told] == ["unknown"]
    wait, ring = counter.lanes.alarms.pop()
    assert wait == BUSY_MS
    counter.display.state = GOOD
    ring()
    counter.lanes.do()
    assert [upper for upper, _ in counter.display.shown[-2:]] == 2 * ["Orlando        $5.00"]


def test_a_display_that_is_gone_is_told_once_and_comes_back_by_itself(counter, register):
    counter.display.state = DeviceState("unplugged", "Gone.")
    counter.equip(register)
    counter.lanes.do()
    for _ in range(2):
        wait, ring = counter.lanes.alarms.pop()
        assert wait == TROUBLE_MS
        ring()
        counter.lanes.do()
    counter.display.state = GOOD
    counter.lanes.alarms.pop()[1]()
    counter.lanes.do()
    assert [state.condition for _, state in counter.told] == ["unplugged", "unknown"]
    assert counter.lanes.alarms == []


def test_an_alarm_that_a_newer_text_came_before_rings_for_nothing(counter, register):
    counter.display.state = DeviceState("unplugged", "Gone.")
    counter.equip(register)
    counter.lanes.do()
    _wait, ring = counter.lanes.alarms.pop()
    counter.sell("Orlando")
    counter.lanes.do()
    ring()
    assert counter.lanes.jobs == []


def test_a_driver_that_breaks_is_a_state_and_no_end(counter, register, caplog):
    def breaks(*_args: object) -> DeviceState:
        raise RuntimeError("broken")

    counter.display.show = breaks
    counter.equip(register)
    counter.lanes.do()
    assert counter.told[-1][1].condition == "error"
    del counter.display.show
    counter.sell("Orlando")
    counter.lanes.do()
    assert counter.display.shown


def test_a_display_that_is_taken_away_is_left_blank_and_hears_no_more(counter, register):
    counter.equip(register)
    counter.lanes.do()
    counter.showing.equip((), {}, register)
    counter.lanes.do()
    assert counter.display.shown[-1] == ("", "")
    counter.sell("Orlando")
    assert counter.lanes.jobs == []


def test_a_display_that_stays_is_not_blanked_between(counter, register):
    counter.equip(register)
    counter.equip(register)
    while counter.lanes.jobs:
        counter.lanes.do()
    assert ("", "") not in counter.display.shown


def test_displays_of_other_registers_are_theirs(counter, register):
    counter.equip(register, replace(POLE, register=2), replace(SCREEN, register=2))
    assert counter.lanes.jobs == []
    assert counter.told == []


def test_without_a_display_nothing_is_made(counter, register):
    made: list[str] = []

    def view() -> CustomerView:
        made.append("view")
        return ringing("Orlando")

    counter.showing.equip((), {}, register)
    counter.station.show_customer(view)
    assert made == []


def test_a_screen_that_is_not_there_says_so(counter, register, qtbot):
    counter.equip(register, SCREEN)
    assert [(name, state.condition) for name, state in counter.told] == [("screen", "unplugged")]
    counter.sell("Orlando")
    window, _placing = counter.showing._windows["screen"]
    assert window.view().newest_line.title == "Orlando"
    assert not window.isVisible()


def test_a_screen_stays_where_another_device_changes_and_goes_where_its_own_place_does(
    counter, register, qtbot
):
    showing = counter.showing
    drawn = replace(SCREEN, address="sim:")
    showing.equip([drawn], {}, register)
    window, _placing = showing._windows[drawn.id]
    showing.equip([replace(drawn, name="Front"), POLE], {}, register)
    assert showing._windows[drawn.id][0] is window
    assert window.isVisible()
    showing.equip([SCREEN], {}, register)
    assert showing._windows[drawn.id][0] is not window
    assert not window.isVisible()
    showing.equip([], {}, register)
    assert showing._windows == {}


def test_a_test_is_shown_for_a_moment_on_a_line_display(counter, register):
    counter.equip(register)
    counter.sell("Orlando")
    counter.lanes.do()
    counter.lanes.do()
    heard: list[DeviceState] = []
    counter.showing.show_test(POLE, heard.append)
    counter.lanes.do()
    assert heard == [GOOD]
    assert counter.display.shown[-1][0].startswith("Test: ")
    wait, ring = counter.lanes.alarms.pop()
    assert wait == TEST_MS
    ring()
    counter.lanes.do()
    assert counter.display.shown[-1][0].startswith("Orlando")


def test_a_test_is_shown_for_a_moment_on_a_screen(counter, register, qtbot):
    simulated = replace(SCREEN, address="sim:")
    counter.equip(register, simulated)
    window, _loose = counter.showing._windows["screen"]
    assert window.isVisible()
    heard: list[DeviceState] = []
    counter.showing.show_test(simulated, heard.append)
    assert [state.condition for state in heard] == ["ready"]
    assert window.view().shop == "Second screen"
    counter.lanes.alarms.pop()[1]()
    assert window.view().shop == "Test Books"


def test_a_display_that_is_not_in_use_cannot_be_tested(counter, register):
    heard: list[DeviceState] = []
    counter.showing.show_test(POLE, heard.append)
    assert [state.good for state in heard] == [False]


def test_it_works_on_real_lanes(register, qtbot, tmp_path: Path):
    lanes, shown = Lanes(), []
    threads: set[str] = set()

    def look(seen: Shown) -> None:
        threads.add(threading.current_thread().name)
        shown.append(seen)

    station = Station(lanes, 1, Settings(shop_name="Test Books"))
    told: list[tuple[str, DeviceState]] = []
    showing = Showing(lanes, station, lambda *word: told.append(word))
    showing.equip((POLE,), {"pole": open_line_display(POLE, None, tmp_path, look)}, register)
    station.show_customer(lambda: ringing("Orlando"))
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].upper.startswith("Orlando"))
    showing.close()
    lanes.close()
    assert shown[-1].upper.strip() == ""
    assert threads == {"lane-device-pole"}
    assert [state.condition for _, state in told] == ["ready"]
