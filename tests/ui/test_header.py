"""What the header says of devices, and where its chips lead."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.device import (
    Condition,
    Device,
    DeviceState,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    ScannerSetup,
)
from bookwish_desk.shop.sync_state import SyncState
from bookwish_desk.ui.header import chips
from bookwish_desk.ui.heading import Header
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Chip, Sheet, StatusChip
from bookwish_desk.ui.widgets.chips import ChipButton
from bookwish_desk.ui.window import MainWindow
from tests.support.looking import photograph

COUNTER = Device("counter", "Counter printer", "tcp:10.0.0.9:9100", ReceiptPrinterSetup(), uses=("receipts",))
POLE = Device("pole", "Pole", "serial:/dev/ttyUSB0", LineDisplaySetup())
WAND = Device("wand", "Wand", "hid:0c2e:0901:", ScannerSetup())
ALL = (COUNTER, POLE, WAND)


def said(*devices: Device, unfinished: int = 0, **conditions: Condition) -> list[tuple[str, str]]:
    states = {name: DeviceState(condition, "") for name, condition in conditions.items()}
    made = chips(demo=False, devices=devices, states=states, unfinished=unfinished)
    return [(chip.state, chip.text) for chip in made]


@pytest.mark.parametrize("condition", ["ready", "busy", "unknown"])
def test_devices_that_are_well_fold_into_one(condition: Condition) -> None:
    assert said(*ALL, counter=condition, pole=condition) == [("ok", "Devices ready")]


def test_a_device_not_heard_of_yet_is_taken_to_be_well() -> None:
    assert said(*ALL) == [("ok", "Devices ready")]


def test_without_a_printer_for_receipts_there_is_no_printer() -> None:
    assert said() == [("off", "No printer")]
    assert said(WAND) == [("off", "No printer")]


def test_each_device_in_trouble_says_its_name_and_what_it_is() -> None:
    assert said(*ALL, counter="paper_out", pole="unplugged") == [
        ("error", "Counter printer: paper out"),
        ("error", "Pole: unplugged"),
    ]


def test_what_is_wrong_comes_before_what_needs_attention() -> None:
    assert said(*ALL, counter="paper_low", pole="ready", wand="held") == [
        ("error", "Wand: in use elsewhere"),
        ("warn", "Counter printer: paper low"),
    ]


def test_many_troubles_do_not_crowd_the_header() -> None:
    assert said(*ALL, counter="cover_open", pole="unplugged", wand="unplugged") == [
        ("error", "Counter printer: cover open"),
        ("error", "2 more in trouble"),
    ]


def test_what_waits_to_be_printed_is_told_beside_the_trouble() -> None:
    assert said(*ALL, unfinished=2) == [("warn", "2 not printed")]
    assert said(*ALL, unfinished=2, counter="offline") == [
        ("warn", "2 not printed"),
        ("error", "Counter printer: off line"),
    ]


def test_states_of_devices_of_other_registers_are_not_told() -> None:
    assert said(COUNTER, pole="unplugged") == [("ok", "Devices ready")]


def test_everything_else_is_still_told() -> None:
    made = chips(
        demo=True, devices=ALL, states={}, unfinished=1, importing="Importing 40 %", warnings=("Full.",)
    )
    assert [chip.id for chip in made] == ["demo", "import", "jobs", "books"]
    assert [chip.place for chip in made] == ["", "import", "sales", ""]


# ---- in the window ----


def pressed(within: QWidget) -> list[ChipButton]:
    """Return the chips that can be pressed, but for the one that counts what has no room."""
    return [chip for chip in within.findChildren(ChipButton) if chip.chip().id != "more"]


def more(within: QWidget) -> ChipButton:
    """Return the chip that counts what has no room."""
    return next(chip for chip in within.findChildren(ChipButton) if chip.chip().id == "more")


@pytest.fixture
def window(dressed, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    for name in ("sell", "sales", "stock", "till", "devices", "settings"):
        made.add_screen(name, name.capitalize(), f"screen.{name}" if name != "devices" else None, QWidget())
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def test_a_chip_leads_to_the_screen_where_one_can_help(window, qtbot):
    window.status(chips(demo=True, devices=ALL, states={}, unfinished=0))
    (button,) = pressed(window)
    assert button.accessibleName() == "Devices ready"
    assert button.height() >= SIZES.target
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.current_screen() == "devices"
    (demo,) = window.findChildren(StatusChip)
    assert demo.chip().id == "demo"


def test_a_chip_changes_its_words_in_place(window):
    window.status(chips(demo=False, devices=ALL, states={}, unfinished=0))
    (before,) = pressed(window)
    window.status([Chip("devices", "off", "No printer", place="devices")])
    (after,) = pressed(window)
    assert after is before
    assert (after.text(), window.chips()[0].state) == ("No printer", "off")


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_the_worst_day_fits_into_the_header(window, qtbot, pictures, width):
    window.add_tool("Simulation", "devices", lambda: None)
    states = {d.id: DeviceState("paper_out", "") for d in ALL}
    window.status(chips(demo=True, devices=ALL, states=states, unfinished=12, warnings=("Full.",)))
    window.set_till("Olive Owner · Till open since 9:02 AM")
    window.resize(width, 768)
    qtbot.waitUntil(lambda: window.width() == width)
    header = window.findChild(Header)
    made = [*pressed(header), *header.findChildren(StatusChip)]
    assert len(made) == len(window.chips()) == 5
    qtbot.waitUntil(lambda: header.width() == width)
    shown = [chip for chip in made if not chip.isHidden()]
    assert len(shown) == 5 if width > 1280 else len(shown) >= 3
    assert {"error"} <= {chip.chip().state for chip in shown}, "trouble is told before all else"
    qtbot.waitUntil(lambda: all(chip.isVisible() for chip in shown))
    assert window.grab().save(str(pictures / f"header-{width}.png"))
    boxes = [QRect(chip.mapTo(window, QPoint(0, 0)), chip.size()) for chip in shown]
    assert all(window.rect().contains(box) for box in boxes)
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])


def test_which_device_is_in_trouble_is_told_before_that_it_is_a_demonstration(window, qtbot):
    window.add_tool("Simulation", "devices", lambda: None)
    states = {COUNTER.id: DeviceState("paper_out", "")}
    window.status(chips(demo=True, devices=ALL, states=states, unfinished=0))
    header = window.findChild(Header)
    (demo,), (trouble,) = header.findChildren(StatusChip), pressed(header)
    seen = set()
    for width in range(1024, 1921, 16):
        window.resize(width, 768)
        qtbot.waitUntil(lambda w=width: header.width() == w)
        assert not trouble.isHidden()
        seen.add(("" if demo.isHidden() else demo._words(), trouble.told()))
    named = "Counter printer: paper out"
    assert ("Demonstration", "Paper out") not in seen
    assert {("Demonstration", named), ("Demo", "Paper out")} <= seen
    assert {("Demo", named), ("", named)} & seen


BUSY: dict[str, Any] = {"new_orders": 12, "late_orders": 3, "now": 90_000}
FINE = SyncState(way="ok", heard_at=78_000)
STUCK = SyncState(way="ok", heard_at=78_000, conflicts=2)
AWAY = SyncState(way="away", waiting=9, conflicts=2)


@pytest.fixture
def demonstration(window, qtbot):
    """Return the window with every tab of the desk, at the least size that a shop has."""
    window.add_screen("orders", "Orders 12", "screen.orders", QWidget())
    window.add_screen("sync", "", "screen.sync", QWidget())
    window.add_screen("promises", "", "screen.promises", QWidget())
    window.add_tool("Simulation", "devices", lambda: None)
    window.set_till("Olive Owner · Till open since 9:02 AM")
    window.resize(1024, 768)
    qtbot.waitUntil(lambda: window.findChild(Header).width() == 1024)
    return window


@pytest.mark.parametrize(
    ("store", "words", "rest"),
    [
        (FINE, ["3 late", "12 new", "Store"], ""),
        (STUCK, ["3 late", "Store: 2"], "+1"),
        (AWAY, ["3 late", "Offline · 9"], "+2"),
    ],
)
def test_a_small_demonstration_tells_of_store_and_orders(demonstration, pictures, store, words, rest):
    header = demonstration.findChild(Header)
    demonstration.status(chips(demo=True, devices=ALL, states={}, unfinished=0, store=store, **BUSY))
    told = [chip for chip in pressed(header) if not chip.isHidden()]
    assert [chip.told() for chip in told] == words
    last = more(header)
    assert ("" if last.isHidden() else last.text()) == rest
    assert all(chip.width() >= chip.sizeHint().width() for chip in told), "nothing is cut off"
    assert demonstration.grab().save(str(pictures / f"header-demo-{store.way}-{store.conflicts}.png"))


def test_the_tabs_stay_where_they_are_whatever_is_told(demonstration):
    header = demonstration.findChild(Header)
    places = set()
    for store in (FINE, STUCK, AWAY):
        demonstration.status(chips(demo=True, devices=ALL, states={}, unfinished=0, store=store, **BUSY))
        places.add(header.tabs.geometry().left())
    assert len(places) == 1


def test_what_has_no_room_is_counted_and_listed_with_where_it_leads(demonstration, qtbot, pictures):
    header = demonstration.findChild(Header)
    demonstration.status(chips(demo=True, devices=ALL, states={}, unfinished=0, store=AWAY, **BUSY))
    last = more(header)
    assert last.accessibleName() == "2 more: 12 new orders, Store: 2 to see to"
    assert last.width() >= SIZES.target
    qtbot.mouseClick(last, Qt.MouseButton.LeftButton)
    sheet = demonstration.findChild(Sheet)
    assert [line.chip() for line in sheet.findChildren(StatusChip)] == list(demonstration.chips())
    lead = {button.accessibleName(): button for button in sheet.findChildren(Button)}
    assert set(lead) == {"Close", *(f"Show {chip.text}" for chip in demonstration.chips() if chip.place)}
    photograph(demonstration, pictures / "header-told.png", sheet)
    with qtbot.waitSignal(sheet.finished):
        qtbot.mouseClick(lead["Show 12 new orders"], Qt.MouseButton.LeftButton)
    assert demonstration.current_screen() == "orders"


def test_in_a_wide_window_nothing_is_counted(demonstration, qtbot):
    header = demonstration.findChild(Header)
    demonstration.resize(1920, 768)
    qtbot.waitUntil(lambda: header.width() == 1920)
    demonstration.status(chips(demo=True, devices=ALL, states={}, unfinished=0, store=AWAY, **BUSY))
    assert more(header).isHidden()
    assert all(not chip.isHidden() for chip in pressed(header) if chip.chip().state == "warn")
