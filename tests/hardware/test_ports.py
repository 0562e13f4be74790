"""Adapters are found by what they are, not by the port they got today."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from bookwish_desk.hardware.links.ports import ALIKE, port_named
from bookwish_desk.hardware.links.serial_line import SerialTransport
from bookwish_desk.hardware.scanning.scanners import SerialScanner
from bookwish_desk.shop.address import Serial
from bookwish_desk.shop.errors import DeviceError


@pytest.fixture
def adapters(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """Give the adapters that the computer has; change the list to plug one in."""
    there: list[SimpleNamespace] = []
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: there)
    return there


def adapter(device: str, vid: int | None, pid: int | None, serial: str | None) -> SimpleNamespace:
    return SimpleNamespace(device=device, vid=vid, pid=pid, serial_number=serial)


def test_a_port_is_what_it_is_called() -> None:
    assert port_named("/dev/ttyS0") == "/dev/ttyS0"
    assert port_named("COM3") == "COM3"


def test_an_adapter_is_found_at_whatever_port_it_is(adapters: list[SimpleNamespace]) -> None:
    adapters += [
        adapter("/dev/ttyS0", None, None, None),
        adapter("/dev/ttyUSB0", 0x0403, 0x6001, "B2"),
        adapter("/dev/ttyUSB1", 0x0403, 0x6001, "A-1"),
        adapter("/dev/ttyACM0", 0x05F9, 0x4204, None),
    ]
    assert port_named("usb-0403-6001-A-1") == "/dev/ttyUSB1"
    assert port_named("usb-0403-6001-B2") == "/dev/ttyUSB0"
    assert port_named("usb-05f9-4204") == "/dev/ttyACM0"
    adapters[2].device = "/dev/ttyUSB7"
    assert port_named("usb-0403-6001-A-1") == "/dev/ttyUSB7"


def test_an_adapter_that_is_not_there_is_unplugged(adapters: list[SimpleNamespace]) -> None:
    with pytest.raises(DeviceError) as refused:
        port_named("usb-0403-6001-A1")
    assert refused.value.code == "serial.unplugged"
    assert refused.value.facts["accepted"] == 0


def test_of_two_that_are_alike_none_is_taken_for_the_other(adapters: list[SimpleNamespace]) -> None:
    adapters += [adapter(f"/dev/ttyUSB{n}", 0x0403, 0x6001, None) for n in range(2)]
    with pytest.raises(DeviceError) as refused:
        port_named("usb-0403-6001-")
    assert (refused.value.code, refused.value.message) == ("serial.error", ALIKE)
    for way in (
        lambda: SerialTransport("usb-0403-6001-").open(time.monotonic() + 1),
        lambda: SerialScanner(Serial("usb-0403-6001-")).open(time.monotonic() + 1),
    ):
        with pytest.raises(DeviceError, match="cannot be told apart"):
            way()
    adapters.pop()
    assert port_named("usb-0403-6001-") == "/dev/ttyUSB0"
