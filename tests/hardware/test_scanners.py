"""Scanners with a line of their own: what they send arrives, and what is wrong with them is said."""

from __future__ import annotations

import errno
import os
import pty
import threading
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from bookwish_desk.hardware.model import Scanner
from bookwish_desk.hardware.scanning import hid, scanners
from bookwish_desk.hardware.scanning.hid import HidEntry
from bookwish_desk.hardware.scanning.scanners import HidScanner, SerialScanner, open_scanner
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup, ScannerSetup
from bookwish_desk.shop.errors import DeviceError, Refused

SOON = 20.0
CODE = "9780306406157"


def scanner(address: str) -> Scanner:
    return open_scanner(Device("scanner", "Scanner", address, ScannerSetup()))


def read(opened: Scanner, seconds: float = SOON) -> str | None:
    return opened.read(time.monotonic() + seconds)


def test_an_address_says_which_scanner_it_is() -> None:
    assert isinstance(scanner("hid:0c2e:0b61:H1"), HidScanner)
    assert isinstance(scanner("serial:/dev/ttyACM0"), SerialScanner)


@pytest.mark.parametrize("address", ["tcp:192.168.1.5", "usb:0c2e:0b61:", "sim:", "nonsense"])
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        scanner(address)
    with pytest.raises(Refused):
        open_scanner(Device("p", "P", "serial:/dev/ttyACM0", ReceiptPrinterSetup()))


# ---- serial, over a pair of ends ----


class Cable:
    """A serial line: what is sent here comes in at `port`."""

    def __init__(self) -> None:
        self._far, self._near = pty.openpty()
        tty.setraw(self._near)
        self.port = os.ttyname(self._near)

    def send(self, data: bytes) -> None:
        os.write(self._far, data)

    def pull(self) -> None:
        """Pull the cable out."""
        for end in (self._far, self._near):
            with suppress(OSError):
                os.close(end)


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = Cable()
    yield made
    made.pull()


@pytest.fixture
def line(cable: Cable) -> Iterator[Scanner]:
    made = scanner(f"serial:{cable.port}")
    made.open(time.monotonic() + SOON)
    yield made
    made.close()


@pytest.mark.capability("BW+01")
def test_scans_arrive_in_order(cable: Cable, line: Scanner) -> None:
    cable.send(f"]E0{CODE}\r\n978030640615751699\r".encode())
    assert read(line) == f"]E0{CODE}"
    assert read(line) == "978030640615751699"
    assert read(line, 0.2) is None


def test_two_hundred_scans_lose_nothing(cable: Cable, line: Scanner) -> None:
    codes = [f"978{n:010}" for n in range(200)]
    sender = threading.Thread(target=lambda: cable.send("".join(f"{c}\r\n" for c in codes).encode()))
    sender.start()
    assert [read(line) for _ in codes] == codes
    sender.join(SOON)


def test_silence_ends_a_scan_without_an_end(cable: Cable, line: Scanner) -> None:
    cable.send(CODE.encode())
    assert read(line) == CODE


def test_half_a_scan_at_the_deadline_is_kept_for_the_next_read(cable: Cable, line: Scanner) -> None:
    cable.send(b"9")
    assert read(line, 0.01) is None
    assert read(line) == "9"


def test_a_deadline_that_has_passed_reads_nothing(cable: Cable, line: Scanner) -> None:
    assert read(line, -1) is None


def test_a_cable_that_is_pulled_is_unplugged(cable: Cable, line: Scanner) -> None:
    cable.pull()
    with pytest.raises(DeviceError) as gone:
        read(line)
    assert gone.value.code == "scanner.unplugged"
    line.close()
    assert read(line) is None


def test_closing_ends_a_read_under_way(line: Scanner) -> None:
    ended = threading.Event()
    found: list[str | None] = []

    def wait() -> None:
        found.append(read(line, 600))
        ended.set()

    reader = threading.Thread(target=wait)
    reader.start()
    line.close()
    while not ended.wait(0.05):
        line.close()  # the read may not have begun at the first
    reader.join(SOON)
    assert found == [None]


def test_a_closed_scanner_can_be_opened_again(cable: Cable, line: Scanner) -> None:
    cable.send(b"978")
    line.close()
    line.open(time.monotonic() + SOON)
    cable.send(f"{CODE}\r".encode())
    assert read(line) == CODE


def test_a_port_that_another_program_has_is_held(cable: Cable, line: Scanner) -> None:
    with pytest.raises(DeviceError) as refused:
        scanner(f"serial:{cable.port}").open(time.monotonic() + SOON)
    assert refused.value.code == "scanner.held"
    assert "Another program" in refused.value.message


def test_a_port_that_is_not_there_is_unplugged() -> None:
    for port in ("/dev/ttyNOTHING", "usb-1234-5678-9"):
        with pytest.raises(DeviceError) as refused:
            scanner(f"serial:{port}").open(time.monotonic() + SOON)
        assert refused.value.code == "scanner.unplugged"


def test_a_port_that_may_not_be_opened_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: object, **_more: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("serial.Serial", refuse)
    with pytest.raises(DeviceError) as refused:
        scanner("serial:/dev/ttyACM0").open(time.monotonic() + SOON)
    assert refused.value.code == "scanner.denied"


def test_a_windows_port_in_use_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: object, **_more: object) -> None:
        raise OSError("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)")

    monkeypatch.setattr("serial.Serial", refuse)
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(DeviceError) as refused:
        scanner("serial:COM3").open(time.monotonic() + SOON)
    assert refused.value.code == "scanner.held"


# ---- HID-POS, with reports made up here; tests/hardware/test_hid_bed.py has the real hidapi ----


def report(data: bytes, more: bool = False) -> bytes:
    return bytes([2, len(data)]) + b"]E0" + data.ljust(56, b"\0") + b"\0\0" + bytes([more])


class Hidapi:
    """Stands in for hidapi: what it lists, and a device that sends `reports` and is then gone, or silent."""

    def __init__(self) -> None:
        self.listed: list[dict[str, object]] = []
        self.reports: list[bytes] = []
        self.opened: list[bytes] = []
        self.closed = 0
        self.gone = False
        self.refuses = False
        self.on_read: Callable[[], None] = lambda: None

    def enumerate(self) -> list[dict[str, object]]:
        return self.listed

    def device(self) -> Hidapi:
        return self

    def open_path(self, path: bytes) -> None:
        if self.refuses:
            raise OSError("open failed")
        self.opened.append(path)

    def read(self, max_length: int, timeout_ms: int = 0) -> Sequence[int]:
        assert timeout_ms > 0
        self.on_read()
        if self.reports:
            return list(self.reports.pop(0)[:max_length])
        if self.gone:
            raise OSError("read error")
        return []

    def close(self) -> None:
        self.closed += 1


def listed(
    path: bytes, page: int = 0x8C, serial: str | None = "H1", vendor: int = 0x0C2E
) -> dict[str, object]:
    return {
        "path": path,
        "vendor_id": vendor,
        "product_id": 0x0B61,
        "serial_number": serial,
        "usage_page": page,
        "usage": 2,
        "manufacturer_string": "Maker",
        "product_string": None,
    }


@pytest.fixture
def hidapi(monkeypatch: pytest.MonkeyPatch) -> Hidapi:
    made = Hidapi()
    monkeypatch.setattr(hid, "_hidapi", lambda: made)
    return made


def test_devices_are_listed_with_their_uses(hidapi: Hidapi) -> None:
    hidapi.listed = [listed(b"/dev/hidraw1"), listed(b"/dev/hidraw2", serial=None)]
    assert hid.hid_entries() == (
        HidEntry(b"/dev/hidraw1", 0x0C2E, 0x0B61, "H1", 0x8C, 2, "Maker", ""),
        HidEntry(b"/dev/hidraw2", 0x0C2E, 0x0B61, "", 0x8C, 2, "Maker", ""),
    )


def test_a_hid_scanner_is_found_wherever_it_is_plugged_in(hidapi: Hidapi) -> None:
    hidapi.listed = [
        listed(b"/dev/hidraw0", vendor=0x046D),
        listed(b"/dev/hidraw1", serial="other"),
        listed(b"/dev/hidraw2", page=0x01),
        listed(b"/dev/hidraw3"),
    ]
    hidapi.reports = [report(CODE.encode())]
    opened = scanner("hid:0c2e:0b61:H1")
    opened.open(time.monotonic() + SOON)
    assert hidapi.opened == [b"/dev/hidraw3"]
    assert read(opened) == f"]E0{CODE}"
    assert read(opened, 0.01) is None
    opened.close()
    assert hidapi.closed == 1
    any_of_it = scanner("hid:0c2e:0b61:")
    any_of_it.open(time.monotonic() + SOON)
    any_of_it.close()
    assert hidapi.opened[-1] == b"/dev/hidraw1"


def test_a_long_scan_comes_in_several_reports(hidapi: Hidapi) -> None:
    hidapi.listed = [listed(b"/dev/hidraw0")]
    hidapi.reports = [report(b"7" * 56, more=True), report(b"7" * 4), b"\2\x99", report(b"8")]
    opened = scanner("hid:0c2e:0b61:H1")
    opened.open(time.monotonic() + SOON)
    assert read(opened) == "]E0" + "7" * 60
    assert read(opened) == "]E08"
    opened.close()


def test_a_scan_whose_end_never_comes_is_dropped(hidapi: Hidapi, monkeypatch: pytest.MonkeyPatch) -> None:
    hidapi.listed = [listed(b"/dev/hidraw0")]
    hidapi.reports = [report(b"978", more=True)]
    opened = scanner("hid:0c2e:0b61:H1")
    opened.open(time.monotonic() + SOON)
    assert read(opened, 0.05) is None
    monkeypatch.setattr(scanners, "_PART_S", 0.0)
    hidapi.reports = [report(CODE.encode())]
    assert read(opened) == f"]E0{CODE}"
    opened.close()


def test_a_hid_scanner_that_goes_is_unplugged(hidapi: Hidapi) -> None:
    hidapi.listed = [listed(b"/dev/hidraw0")]
    opened = scanner("hid:0c2e:0b61:H1")
    opened.open(time.monotonic() + SOON)
    hidapi.gone = True
    with pytest.raises(DeviceError) as gone:
        read(opened)
    assert gone.value.code == "scanner.unplugged"
    opened.close()
    assert read(opened) is None


def test_closing_ends_a_hid_read_under_way(hidapi: Hidapi) -> None:
    hidapi.listed = [listed(b"/dev/hidraw0")]
    opened = scanner("hid:0c2e:0b61:H1")
    opened.open(time.monotonic() + SOON)
    begun = threading.Event()
    found: list[str | None] = []
    hidapi.on_read = begun.set
    reader = threading.Thread(target=lambda: found.append(read(opened, 600)))
    reader.start()
    assert begun.wait(SOON)
    opened.close()
    reader.join(SOON)
    assert found == [None]
    assert hidapi.closed == 1


def test_why_a_hid_scanner_cannot_be_had_is_said(
    hidapi: Hidapi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refused() -> DeviceError:
        with pytest.raises(DeviceError) as fault:
            scanner("hid:0c2e:0b61:H1").open(time.monotonic() + SOON)
        assert fault.value.facts["accepted"] == 0
        return fault.value

    assert refused().code == "scanner.unplugged"
    hidapi.listed = [listed(b"/dev/hidraw0", page=0x01)]
    assert refused().code == "scanner.error"
    assert "another mode" in refused().message
    node = tmp_path / "hidraw0"
    hidapi.listed = [listed(bytes(node))]
    hidapi.refuses = True
    monkeypatch.setattr("sys.platform", "linux")
    assert refused().code == "scanner.unplugged"
    node.touch()
    assert refused().code == "scanner.unplugged", "plugged in or pulled out just then: it could be had now"
    says = {errno.EACCES: "denied", errno.EPERM: "denied", errno.EBUSY: "held", errno.ENODEV: "unplugged"}
    for number, condition in says.items():
        with monkeypatch.context() as system:
            system.setattr("os.open", Mock(side_effect=OSError(number, "as the system says it")))
            assert refused().code == f"scanner.{condition}"
    monkeypatch.setattr("sys.platform", "win32")
    assert refused().code == "scanner.held"
