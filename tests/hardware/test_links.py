"""What each way to a device does that no driver shows: where it finds it, what it refuses, what it counts."""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from bookwish_desk.hardware.links import cups as cups_way
from bookwish_desk.hardware.links import ipp, link_to, spooler, usb
from bookwish_desk.hardware.links.cups import is_name
from bookwish_desk.hardware.links.model import SystemQueue
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup
from bookwish_desk.shop.errors import DeviceError, Refused
from tests.hardware.cups_bed import CupsBed, cups_bed
from tests.hardware.hands import UsbBed, usb_bed
from tests.hardware.tcp_printer import closed_port, tcp_printer

USB = "usb:04b8:0e28:X3XX012345"


def soon(seconds: float = 10.0) -> float:
    return time.monotonic() + seconds


def refusal(address: str, seconds: float = 3.0) -> DeviceError:
    """Return why a way cannot be opened; such a job was not begun."""
    with pytest.raises(DeviceError) as caught:
        link_to(address).open(soon(seconds))
    assert caught.value.facts["accepted"] == 0
    assert caught.value.code.rpartition(".")[2] == caught.value.facts["condition"]
    assert caught.value.message.endswith(".")
    return caught.value


def condition(address: str, seconds: float = 3.0) -> object:
    return refusal(address, seconds).facts["condition"]


@pytest.mark.parametrize("address", ["hid:04b8:0e28:", "screen:DP-1", "printer:", "sim:", "rubbish"])
def test_what_takes_no_bytes_has_no_way(address: str) -> None:
    with pytest.raises(Refused):
        link_to(address)


def test_a_network_printer_that_is_not_there_is_unreachable() -> None:
    assert condition(f"tcp:127.0.0.1:{closed_port()}") == "unreachable"


def test_a_connection_that_is_reset_lacks_something_although_all_was_handed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = link_to(f"tcp:127.0.0.1:{server.getsockname()[1]}").open(soon())
        far, _ = server.accept()
        far.sendall(b"an answer that nobody reads")
        assert link.write(b"receipt", soon()) == 7
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        assert link.settle(soon()) > 0
        link.abort()


# ---- serial lines ----


@pytest.fixture
def line(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Give the address of a serial line and its other end."""
    far, near = os.openpty()
    yield f"serial:{os.ttyname(near)}", far
    os.close(far)
    os.close(near)


def test_a_serial_line_is_for_one_program(line: tuple[str, int]) -> None:
    link = link_to(line[0]).open(soon())
    assert condition(line[0]) == "held"
    link.close(soon())
    link_to(line[0]).open(soon()).close(soon())


def test_a_serial_line_that_is_not_there_is_unplugged() -> None:
    assert condition("serial:/dev/no-such-port") == "unplugged"
    assert condition("serial:usb-1234-5678-X") == "unplugged"


def test_a_full_serial_line_counts_what_it_took_and_keeps_the_deadline(line: tuple[str, int]) -> None:
    link = link_to(line[0]).open(soon())
    sent = link.write(b"x" * 1_000_000, soon(0.2))
    assert 0 < sent < 1_000_000
    assert os.read(line[1], 100) == b"x" * 100
    link.abort()


def test_a_serial_line_stops_when_the_printer_says_stop(line: tuple[str, int]) -> None:
    link = link_to(line[0]).open(soon())
    os.write(line[1], b"\x13")
    assert link.write(b"receipt", soon(0.2)) == 0
    os.write(line[1], b"\x11")
    assert link.write(b"receipt", soon()) == 7
    assert os.read(line[1], 100) == b"receipt"
    link.close(soon())


def test_answers_come_over_a_serial_line_and_its_end_is_noticed(tmp_path: Path) -> None:
    far, near = os.openpty()
    link = link_to(f"serial:{os.ttyname(near)}").open(soon())
    os.write(far, b"\x12\x12")
    assert link.read(2, soon()) == b"\x12\x12"
    assert link.read(1, soon(0.05)) == b""
    os.close(near)
    os.close(far)
    assert link.read(1, soon(30)) == b""
    assert link.write(b"receipt", soon(30)) == 0
    assert link.settle(soon(30)) > 0
    link.close(soon())


# ---- USB ----


@pytest.fixture
def bed() -> Iterator[UsbBed]:
    with usb_bed() as opened:
        yield opened


def conditions(bed: UsbBed, folder: Path) -> str:
    device = Device("receipts", "Receipts", USB, ReceiptPrinterSetup())
    bed.hand.call("open_printer", device=msgspec.to_builtins(device), folder=str(folder))
    return str(bed.hand.call("state", name="receipts", seconds=3)["condition"])


def test_a_usb_printer_that_nobody_may_open_is_denied(bed: UsbBed, tmp_path: Path) -> None:
    assert conditions(bed, tmp_path) == "unplugged"
    bed.order("plug", kind="printer")
    assert conditions(bed, tmp_path) == "ready"
    bed.order("deny", name="printer")
    bed.hand.call("lower_rights")
    assert conditions(bed, tmp_path) == "denied"


def test_a_system_that_gives_no_printer_away_names_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usb._fault_in_words(errno.EACCES).facts["condition"] == "denied"
    monkeypatch.setattr("sys.platform", "darwin")
    kept = usb._fault_in_words(errno.EACCES)
    assert kept.facts["condition"] == "held" and "system printer" in kept.message


def test_a_usb_printer_is_known_by_its_serial_number(bed: UsbBed, tmp_path: Path) -> None:
    bed.order("plug", kind="printer", name="other", serial="OTHER", port="1-2")
    assert conditions(bed, tmp_path) == "unplugged"
    bed.order("plug", kind="printer")
    assert conditions(bed, tmp_path) == "ready"
    bed.order("plug", kind="printer", name="copy", port="1-4")
    assert conditions(bed, tmp_path) == "error"  # two of one number: nobody knows which is which


def setting(protocol: int, alternate: int, *ends: int, kind: int = 7) -> Any:
    """Return a setting of an interface with bulk end points."""

    class Setting(list[Any]):
        bInterfaceClass, bInterfaceProtocol = kind, protocol
        bInterfaceNumber, bAlternateSetting = 1, alternate

    return Setting(SimpleNamespace(bEndpointAddress=e, bmAttributes=2, wMaxPacketSize=0x1200) for e in ends)


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        ([setting(1, 0, 0x02), setting(2, 1, 0x03, 0x84), setting(4, 2, 0x05, 0x86)], (1, 0x03, 0x84)),
        ([setting(1, 0, 0x01)], (0, 0x01, 0)),
        ([setting(0, 0, 0x01, 0x82, kind=8), setting(3, 0, 0x07, 0x88)], (0, 0x07, 0x88)),
    ],
    ids=["two-way before one-way", "one-way", "among others"],
)
def test_end_points_are_taken_from_the_descriptors(settings: list[Any], chosen: tuple[int, int, int]) -> None:
    door = usb._door(SimpleNamespace(get_active_configuration=lambda: settings))
    assert (door.setting, door.jobs, door.answers) == chosen
    assert door.jobs_packet == 512


# ---- queues of the system ----


@pytest.fixture
def cups(monkeypatch: pytest.MonkeyPatch) -> Iterator[CupsBed]:
    with cups_bed() as opened:
        monkeypatch.setenv("CUPS_SERVER", opened.server)
        yield opened


def test_a_job_is_found_by_its_title_after_a_crash(cups: CupsBed) -> None:
    with tcp_printer() as far:
        cups.add_to_port("receipts", far.port)
        assert [queue.name for queue in spooler.queues()] == ["receipts"]
        link = link_to("queue:receipts").open(soon(), "R-1")
        assert link.write(b"one\n", soon()) == 4
        assert link.settle(soon()) == 0
        assert link.read(1, soon(60)) == b""
        link.close(soon())
        assert far.engine.paper == b"one\n"
        assert spooler.find_job("receipts", "R-1") == "done"
        assert spooler.find_job("receipts", "R-2") == "gone"
        assert spooler.find_job("nobody", "R-1") is None


def test_what_a_queue_did_not_begin_is_taken_back(cups: CupsBed) -> None:
    with tcp_printer() as far:
        cups.add_to_port("receipts", far.port)
        far.order("deaf on")
        first = link_to("queue:receipts").open(soon(2), "stuck")
        first.write(b"x" * 100_000, soon())
        assert first.settle(soon(2)) == 0  # CUPS is at it
        second = link_to("queue:receipts").open(soon(2), "behind")
        second.write(b"late", soon())
        with pytest.raises(DeviceError) as refused:
            second.settle(soon(2))
        assert refused.value.facts["accepted"] == 0
        assert spooler.find_job("receipts", "behind") == "gone"
        first.close(soon())
        second.close(soon())


def test_a_queue_whose_printer_is_off_does_not_print_the_next_morning(cups: CupsBed) -> None:
    cups.add_to_port("receipts", closed_port())
    link = link_to("queue:receipts").open(soon(2), "R-1")
    link.write(b"late", soon())
    assert link.settle(soon(2)) > 0  # begun, so nobody can swear that nothing came out
    assert spooler.find_job("receipts", "R-1") == "gone"
    link.close(soon())


def test_a_job_nobody_waits_for_is_taken_back(cups: CupsBed) -> None:
    cups.add_to_port("receipts", closed_port())
    link = link_to("queue:receipts").open(soon(60), "R-1")
    link.write(b"late", soon())
    assert link.settle(soon(1)) > 0
    link.abort()
    assert spooler.find_job("receipts", "R-1") == "gone"


def test_what_was_given_up_before_it_was_handed_over_never_prints(cups: CupsBed) -> None:
    with tcp_printer() as far:
        cups.add_to_port("receipts", far.port)
        link = link_to("queue:receipts").open(soon(), "R-1")
        link.write(b"half a rec", soon())
        link.abort()
        link.close(soon())
        assert spooler.find_job("receipts", "R-1") == "gone"
        assert not far.engine.paper


def test_a_queue_that_is_not_ready_gets_nothing_and_says_why(cups: CupsBed) -> None:
    cups.add_to_port("receipts", closed_port())
    cups.run("cupsdisable", "receipts")
    assert condition("queue:receipts") == "paused"
    cups.run("cupsenable", "receipts")
    cups.run("cupsreject", "receipts")
    assert condition("queue:receipts") == "paused"
    assert spooler.queue_state("receipts", soon()).condition == "paused"
    assert condition("queue:nobody") == "error"
    assert condition("queue:-h") == "error"


def test_a_printing_system_that_does_not_run_is_unreachable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "none.sock"))
    assert condition("queue:receipts") == "unreachable"
    assert spooler.queues() == ()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert condition("queue:receipts") == "error"
    assert spooler.queues() == ()


@pytest.mark.parametrize("name", ["", "-o", *(f"a{c}b" for c in " /#?'\"\\\n"), "x" * 128])
def test_names_that_are_no_queue(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize("name", ["Zebra_ZD421", "Étiquettes", "a-b.c", "x" * 127])
def test_names_of_queues(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("usb://EPSON/TM-T20III?serial=X3XX012345", "till"),
        ("usb://EPSON/TM-T20III?serial=OTHER", ""),
        ("usb://EPSON/TM-T20III", "till"),
        ("usb://Epson/TM%20T20III", "till"),
        ("usb://Zebra/ZD421", ""),
        ("socket://192.168.1.50:9100", ""),
        ("hp:/usb/TM-T20III?serial=X3XX012345", "till"),
    ],
)
def test_the_queue_of_a_usb_printer_is_known(uri: str, found: str) -> None:
    known = [SystemQueue("other", "socket://10.0.0.1"), SystemQueue("till", uri)]
    assert spooler.queue_for_usb(known, "EPSON", "TM-T20III", "X3XX012345") == found


def test_an_address_of_cups_that_is_none_is_no_bug() -> None:
    with pytest.raises(ipp.CannotAsk):
        ipp.ask("localhost:cups", ipp.GET_PRINTERS, 1.0)


def test_what_a_command_of_cups_says_in_no_known_letters_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "lpstat"
    command.write_bytes(b"#!/bin/sh\nprintf '/run/caf\\351.sock'\n")
    command.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert cups_way.queues() == ()
    assert cups_way.state("Till", time.monotonic() + 1).condition == "unreachable"
