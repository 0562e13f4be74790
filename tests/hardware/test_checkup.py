"""The doctor asks each kind of device how it is, and never opens what the desk may hold."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from bookwish_desk.hardware.finding import checkup
from bookwish_desk.hardware.finding.checkup import how_is
from bookwish_desk.hardware.links.ports import ALIKE
from bookwish_desk.shop.device import (
    CustomerScreenSetup,
    Device,
    DeviceState,
    DocumentPrinterSetup,
    LabelPrinterSetup,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    ScaleSetup,
    ScannerSetup,
    Setup,
)
from tests.hardware.hands import usb_bed
from tests.hardware.network_printers import Receipts, at_port


def device(address: str, setup: Setup) -> Device:
    return Device("it", "It", address, setup)


def ask(address: str, setup: Setup, folder: Path = Path("/nowhere"), seconds: float = 10) -> DeviceState:
    return how_is(device(address, setup), folder, time.monotonic() + seconds)


def test_a_simulated_device_must_be_able_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("sim:", ReceiptPrinterSetup(), tmp_path).condition == "ready"
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert ask("sim:", ScaleSetup(), tmp_path).condition == "error"


def test_a_printer_in_the_network_is_asked(tmp_path: Path) -> None:
    with at_port(Receipts()) as address:
        assert ask(f"tcp:{address}", ReceiptPrinterSetup(asks=False), tmp_path).good
        asked = ask(f"tcp:{address}", LabelPrinterSetup(asks=False), tmp_path)
        assert asked.good
    assert ask(f"tcp:{address}", ReceiptPrinterSetup(), tmp_path).condition == "unreachable"
    assert ask(f"tcp:{address}", LabelPrinterSetup(), tmp_path).condition == "unreachable"


def test_what_is_on_no_cable_is_unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "nodes", lambda _device: ())
    for address in ("usb:04b8:0e28:", "hid:0c2e:0b61:", "serial:/dev/ttyS9"):
        state = ask(address, ScannerSetup())
        assert state.condition == "unplugged"
        assert "Plug it in" in state.message


def test_what_may_not_be_opened_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "nodes", lambda _device: (Path("/dev/hidraw0"),))
    monkeypatch.setattr(checkup, "may_open", lambda _paths: False)
    assert ask("hid:0c2e:0b61:", ScannerSetup()).condition == "denied"


@pytest.mark.parametrize("setup", [ScannerSetup(), ScaleSetup(), LineDisplaySetup()])
def test_what_the_desk_may_hold_is_looked_for_only(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "nodes", lambda _device: (Path("/dev/null"),))
    address = "serial:/dev/null" if isinstance(setup, LineDisplaySetup) else "hid:0c2e:0b61:"
    assert ask(address, setup).condition == "ready"


def test_a_queue_is_asked_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def state(queue: str, _deadline: float) -> DeviceState:
        asked.append(queue)
        return DeviceState("paused", "Paused.")

    monkeypatch.setattr("bookwish_desk.hardware.links.spooler.queue_state", state)
    assert ask("queue:Office 2:left", DocumentPrinterSetup()).condition == "paused"
    assert asked == ["Office 2:left"]


@pytest.mark.parametrize(
    ("address", "setup"),
    [("screen:HDMI-1", CustomerScreenSetup()), ("printer:", LineDisplaySetup(behind="till"))],
)
def test_what_only_an_open_desk_sees_is_not_known(address: str, setup: Setup) -> None:
    assert ask(address, setup).condition == "unknown"


def test_whatever_breaks_is_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_device: Device) -> tuple[Path, ...]:
        raise OSError("no libusb")

    monkeypatch.setattr(checkup, "nodes", broken)
    state = ask("usb:04b8:0e28:", ReceiptPrinterSetup())
    assert (state.condition, "no libusb" in state.message) == ("error", True)
    assert ask("nonsense", ReceiptPrinterSetup()).condition == "error"


def conditions() -> list[str]:
    """Ask in the bed how a printer and a scanner on cables are."""
    asked = (
        device("usb:04b8:0e28:X3XX012345", ReceiptPrinterSetup()),
        device("hid:0c2e:0b61:H123", ScannerSetup()),
    )
    return [how_is(one, Path("/nowhere"), time.monotonic() + 20).condition for one in asked]


def be_nobody() -> None:
    """Have no rights from here on, where this was root: also when the system asks who began this."""
    if os.geteuid() == 0:
        os.setresuid(65534, 65534, 0)


@pytest.mark.capability("BW+12")
def test_real_devices_are_asked_and_given_back() -> None:
    here = "tests.hardware.test_checkup:conditions"
    with usb_bed() as bed:
        assert bed.hand.call(here) == ["unplugged", "unplugged"]
        bed.order("plug", kind="printer")
        bed.order("plug", kind="scanner")
        assert bed.hand.call(here) == ["ready", "ready"]
        bed.order("tell", name="printer", words="paper out")
        assert bed.hand.call(here) == ["paper_out", "ready"]
        looked = bed.order("look", name="printer")
        assert looked["kernel"], "the system's driver has it back"
        assert looked["paper"] == ""
        bed.order("deny", name="printer")
        bed.order("deny", name="scanner")
        bed.hand.call("tests.hardware.test_checkup:be_nobody")
        assert bed.hand.call(here) == ["denied", "denied"]
        assert bed.order("look", name="printer")["claims"] == looked["claims"]


def test_two_adapters_that_are_alike_are_no_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = [
        SimpleNamespace(device=f"/dev/ttyUSB{n}", vid=0x0403, pid=0x6001, serial_number="") for n in (0, 1)
    ]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: twins)
    assert ask("serial:usb-0403-6001-", ScannerSetup()) == DeviceState("error", ALIKE)
