"""Who is plugged in now, at whichever socket; nothing is said of what cannot be known."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bookwish_desk.hardware.finding import presence
from bookwish_desk.hardware.finding.presence import Presence, Seen
from bookwish_desk.hardware.scanning.hid import HidEntry
from bookwish_desk.shop.device import Device, LineDisplaySetup, ReceiptPrinterSetup, ScaleSetup, ScannerSetup


class Plug(msgspec.Struct):
    """One device on the bus; `asked` counts how often its serial was read."""

    vendor: int
    product: int
    place: tuple[int, int]
    serial: str = ""
    asked: int = 0

    def word(self, what: str) -> str:
        assert what == "serial"
        self.asked += 1
        return self.serial


PRINTER = Device("till", "Till printer", "usb:04b8:0e28:X3", ReceiptPrinterSetup())
SCANNER = Device("scanner", "Scanner", "hid:0c2e:0b61:", ScannerSetup())
DISPLAY = Device("pole", "Pole", "serial:usb-0403-6001-A1", LineDisplaySetup())


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> list[Plug]:
    """Give what is on the USB: change the list to plug in and pull out."""
    there: list[Plug] = []
    monkeypatch.setattr(presence, "plugged", lambda: iter(there))
    monkeypatch.setattr(presence, "hid_entries", lambda: ())
    return there


def test_devices_come_and_go(bus: list[Plug]) -> None:
    here, devices = Presence(), (PRINTER, SCANNER, DISPLAY)
    assert here.look(devices) == Seen({"till": False, "scanner": False, "pole": False})
    bus.append(Plug(0x04B8, 0x0E28, (1, 4), "X3"))
    assert here.look(devices) == Seen({"till": True, "scanner": False, "pole": False}, arrived=("till",))
    bus += [Plug(0x0C2E, 0x0B61, (1, 5)), Plug(0x0403, 0x6001, (1, 6), "A1")]
    assert here.look(devices).arrived == ("scanner", "pole")
    assert here.look(devices) == Seen({"till": True, "scanner": True, "pole": True})
    del bus[0]
    assert here.look(devices) == Seen({"till": False, "scanner": True, "pole": True}, left=("till",))


def test_the_first_look_tells_of_no_change(bus: list[Plug]) -> None:
    bus.append(Plug(0x04B8, 0x0E28, (1, 4), "X3"))
    assert Presence().look([PRINTER]) == Seen({"till": True})


def test_one_plugged_in_again_between_two_looks_left_and_arrived(bus: list[Plug]) -> None:
    here = Presence()
    bus.append(Plug(0x04B8, 0x0E28, (1, 4), "X3"))
    here.look([PRINTER])
    bus[:] = [Plug(0x04B8, 0x0E28, (3, 9), "X3")]
    assert here.look([PRINTER]) == Seen({"till": True}, arrived=("till",), left=("till",))


def test_another_of_the_same_model_is_another(bus: list[Plug]) -> None:
    here = Presence()
    bus.append(Plug(0x04B8, 0x0E28, (1, 4), "OTHER"))
    assert here.look([PRINTER]).present == {"till": False}
    bus.append(Plug(0x04B8, 0x0E28, (1, 5), "X3"))
    assert here.look([PRINTER]).present == {"till": True}


def test_a_serial_number_is_read_once_for_each_plugging(bus: list[Plug]) -> None:
    here, plug = Presence(), Plug(0x04B8, 0x0E28, (1, 4), "X3")
    bus.append(plug)
    for _ in range(5):
        here.look([PRINTER])
    assert plug.asked == 1
    bus[:] = [again := Plug(0x04B8, 0x0E28, (1, 7), "X3")]
    here.look([PRINTER])
    bus[:] = [Plug(0x04B8, 0x0E28, (1, 4), "X4")]
    assert again.asked == 1
    assert here.look([PRINTER]).present == {"till": False}


def test_a_scanner_by_radio_is_on_no_bus_and_there_all_the_same(
    bus: list[Plug], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = HidEntry(b"/dev/hidraw1", 0x0C2E, 0x0B61, "", 0x8C, 2)
    monkeypatch.setattr(presence, "hid_entries", lambda: (entry,))
    assert Presence().look([SCANNER, PRINTER]).present == {"scanner": True, "till": False}


def test_one_whose_serial_cannot_be_read_counts_as_present(bus: list[Plug]) -> None:
    bus.append(Plug(0x04B8, 0x0E28, (1, 4), ""))
    assert Presence().look([PRINTER]).present == {"till": True}


@pytest.mark.parametrize(
    "address", ["tcp:192.168.1.50:9100", "queue:Zebra", "printer:", "sim:", "screen:HDMI-1"]
)
def test_of_what_hangs_on_no_cable_nothing_is_said(bus: list[Plug], address: str) -> None:
    here = Presence()
    device = Device("till", "Till", address, ReceiptPrinterSetup())
    assert here.look([device]).present == {"till": None}
    assert here.look([device]) == Seen({"till": None})


def test_a_serial_port_by_name_is_there_while_its_node_is(bus: list[Plug], tmp_path: Path) -> None:
    here = Presence()
    port = tmp_path / "ttyS7"
    device = Device("pole", "Pole", f"serial:{port}", LineDisplaySetup())
    assert here.look([device]).present == {"pole": False}
    port.touch()
    assert here.look([device]) == Seen({"pole": True}, arrived=("pole",))


def test_without_libusb_nothing_is_known_and_nobody_has_left(
    bus: list[Plug], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = Presence()
    bus.append(Plug(0x04B8, 0x0E28, (1, 4), "X3"))
    here.look([PRINTER])

    def broken() -> None:
        raise OSError("no libusb")

    monkeypatch.setattr(presence, "plugged", broken)
    for _ in range(3):
        assert here.look([PRINTER]) == Seen({"till": None})
    assert caplog.text.count("event=presence") == 1
    monkeypatch.setattr(presence, "plugged", lambda: iter(()))
    assert here.look([PRINTER]) == Seen({"till": False}, left=("till",))


def test_a_device_that_is_new_in_the_list_has_not_arrived(bus: list[Plug]) -> None:
    here = Presence()
    bus.append(Plug(0x0922, 0x8003, (1, 4)))
    here.look([])
    scale = Device("scale", "Scale", "hid:0922:8003:", ScaleSetup())
    assert here.look([scale]) == Seen({"scale": True})
    assert here.look([]) == Seen({})


def test_a_port_that_cannot_even_be_asked_for_is_not_there(bus: list[Plug]) -> None:
    too_long = Device("pole", "Pole", "serial:/" + "é" * 252, LineDisplaySetup())
    assert Presence().look([too_long]).present == {"pole": False}
