"""What the header says of devices, and where its chips lead."""

from __future__ import annotations

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
from bookwish_desk.ui.header import chips
from bookwish_desk.ui.heading import Header
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Chip, StatusChip
from bookwish_desk.ui.widgets.chips import ChipButton
from bookwish_desk.ui.window import MainWindow

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
    (button,) = window.findChildren(ChipButton)
    assert button.accessibleName() == "Devices ready"
    assert button.height() >= SIZES.target
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.current_screen() == "devices"
    (demo,) = window.findChildren(StatusChip)
    assert demo.chip().id == "demo"


def test_a_chip_changes_its_words_in_place(window):
    window.status(chips(demo=False, devices=ALL, states={}, unfinished=0))
    (before,) = window.findChildren(ChipButton)
    window.status([Chip("devices", "off", "No printer", place="devices")])
    (after,) = window.findChildren(ChipButton)
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
    made = [*header.findChildren(ChipButton), *header.findChildren(StatusChip)]
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
    (demo,), (trouble,) = header.findChildren(StatusChip), header.findChildren(ChipButton)
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
