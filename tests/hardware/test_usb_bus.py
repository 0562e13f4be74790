"""What is on the USB is told from its descriptors, without keeping hold of anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bookwish_desk.hardware.finding import usb_bus
from bookwish_desk.hardware.finding.usb_bus import Plugged, plugged
from tests.hardware.usb_backend import OneDevice

See = Callable[[OneDevice], Plugged]


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> See:
    """Return what is seen of the one device of a backend."""

    def one(backend: OneDevice) -> Plugged:
        monkeypatch.setattr(usb_bus, "_backend", lambda: backend)
        (found,) = plugged()
        return found

    return one


def test_a_printer_tells_its_names_and_its_device_id(see: See) -> None:
    backend = OneDevice()
    found = see(backend)
    assert (found.vendor, found.product, found.place) == (0x04B8, 0x0202, (2, 7))
    assert found.is_printer()
    assert [found.word(what) for what in ("manufacturer", "product", "serial")] == list(backend.texts)
    assert backend.open == 0
    assert found.device_id(ask=True) == "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;"
    assert found.node() == Path("/dev/bus/usb/002/007")
    assert (backend.claims, backend.open) == (0, 0), "it was let go again"


def test_other_devices_are_no_printers(see: See) -> None:
    found = see(OneDevice(interface_class=3))
    assert not found.is_printer()
    assert found.device_id(ask=True) == ""


@pytest.mark.parametrize("how", ["driver", "busy", "silent"])
def test_a_printer_in_use_is_not_disturbed_for_its_device_id(see: See, how: str) -> None:
    backend = OneDevice(**{how: True})  # type: ignore[arg-type]
    assert see(backend).device_id(ask=True) == ""
    assert (backend.claims, backend.open) == (0, 0)


@pytest.mark.parametrize("device_id", [b"", b"\xff\xfe\x00", b"MDL:\xc3\xa9\x00\x00"])
def test_a_device_id_may_be_rubbish(see: See, device_id: bytes) -> None:
    said = see(OneDevice(device_id=device_id)).device_id(ask=True)
    assert "\0" not in said


def test_nobody_is_asked_unless_told_to(see: See) -> None:
    backend = OneDevice()
    assert see(backend).device_id(ask=False) == ""
    assert backend.claimed == 0


def test_a_device_that_does_not_say_its_name_has_none(see: See) -> None:
    assert see(OneDevice(silent=True)).word("product") == ""


def test_linux_names_devices_that_may_not_be_opened(
    see: See, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's printer driver has read the device id already, and anybody may read that."""
    folder = tmp_path / "1-2.4"
    (folder / "1-2.4:1.0").mkdir(parents=True)
    (folder / "serial").write_text("X3\n")
    (folder / "1-2.4:1.0/ieee1284_id").write_text("MFG:Zebra;CMD:ZPL;MDL:ZD421;\n")
    monkeypatch.setattr(usb_bus, "_SYSFS", tmp_path)
    found = see(OneDevice(driver=True, silent=True))
    found.handle.bus, found.handle.port_numbers = 1, (2, 4)
    assert found.word("serial") == "X3"
    assert found.word("product") == ""
    assert found.device_id(ask=False) == "MFG:Zebra;CMD:ZPL;MDL:ZD421;"
