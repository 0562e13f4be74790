"""Line displays: what goes out for two lines, over a serial line, behind a printer and simulated."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.hardware.displays.line_display import (
    EpsonLineDisplay,
    Shown,
    behind_printer,
    display_job,
    encoded,
    open_line_display,
)
from bookwish_desk.hardware.displays.simulated import Glass, SimulatedLineDisplay
from bookwish_desk.hardware.links.model import Link
from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.hardware.model import PAPER_80, Attempt, CodePage
from bookwish_desk.hardware.receipts import open_receipt_printer
from bookwish_desk.hardware.receipts.escpos import RESET
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from bookwish_desk.hardware.receipts.simulated import SimulatedPrinter
from bookwish_desk.hardware.simulation import Trouble
from bookwish_desk.shop.device import Device, DeviceState, LineDisplaySetup, ReceiptPrinterSetup, ScaleSetup
from bookwish_desk.shop.errors import Refused
from tests.hardware.tcp_printer import closed_port, tcp_printer

UPPER, LOWER = "Orlando       $16.99", "Total         $16.99"
SIMULATED = Device("pole", "Pole", "sim:", LineDisplaySetup())
PAGES: tuple[CodePage, ...] = ("cp437", "cp858", "cp1252")


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


# ---- bytes ----


def test_a_job_sets_the_display_up_and_writes_both_lines_whole() -> None:
    assert display_job(UPPER, LOWER, "cp858") == (
        b"\x1bt\x13\x1f\x01\x1fC\x00\x1f$\x01\x01Orlando       $16.99\x1f$\x01\x02Total         $16.99"
    )


@pytest.mark.parametrize(
    ("text", "page", "wanted"),
    [
        ("Café", "cp437", b"Caf\x82"),
        ("Café", "cp1252", b"Caf\xe9"),
        ("Cafe\u0301", "cp858", b"Caf\x82"),
        ("€ 5,00", "cp858", b"\xd5 5,00"),
        ("€ 5,00", "cp437", b"  5,00"),
        ("Łódź", "cp437", b"L\xa2dz"),
        ("村上 50", "cp437", b"?? 50"),
        ("it’s", "cp437", b"it's"),
        ("a\x1b@b\x00c\x7fd", "cp437", b"a @b c d"),
        ("  in", "cp437", b"  in"),
        ("", "cp437", b""),
    ],
)
def test_one_character_is_one_byte_of_the_code_page(text: str, page: CodePage, wanted: bytes) -> None:
    assert encoded(text, page) == wanted.ljust(20)


def test_what_is_too_long_is_cut() -> None:
    assert encoded("x" * 50, "cp437") == b"x" * 20


@given(text=st.text(), page=st.sampled_from(PAGES))
def test_no_text_is_a_command(text: str, page: CodePage) -> None:
    cells = encoded(text, page)
    assert len(cells) == 20
    assert all(byte >= 0x20 and byte != 0x7F for byte in cells)


@given(upper=st.text(), lower=st.text(), page=st.sampled_from(PAGES), before=st.text(max_size=9))
def test_a_display_shows_what_it_was_sent_whatever_it_showed(
    upper: str, lower: str, page: CodePage, before: str
) -> None:
    glass = Glass(page)
    glass.take(display_job(before, before, page))
    glass.take(display_job(upper, lower, page))
    assert glass.lines() == (encoded(upper, page).decode(page), encoded(lower, page).decode(page))


def test_a_command_that_displays_do_not_know_is_found() -> None:
    with pytest.raises(ValueError, match="1d56"):
        Glass("cp437").take(b"\x1dV\x00")


# ---- simulated ----


def test_a_simulated_display_files_and_tells_what_it_shows(tmp_path: Path) -> None:
    told: list[Shown] = []
    display = open_line_display(SIMULATED, None, tmp_path, told.append)
    assert display.show(UPPER, LOWER, soon()).good
    assert told == [Shown("pole", UPPER, LOWER)]
    file = tmp_path / "devices" / "pole" / "display.txt"
    assert file.read_text("utf-8") == f"{UPPER}\n{LOWER}\n"
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    display.show("", "", soon())
    assert told[-1] == Shown("pole", " " * 20, " " * 20)


def test_a_simulated_display_that_is_off_shows_nothing_and_comes_back(tmp_path: Path) -> None:
    told: list[Shown] = []
    display = open_line_display(SIMULATED, None, tmp_path, told.append)
    assert isinstance(display, SimulatedLineDisplay)
    display.trouble = Trouble(offline=True)
    assert display.show(UPPER, LOWER, soon()).condition == "unplugged"
    assert told == [Shown("pole", "", "")]
    display.trouble = Trouble()
    assert display.show(UPPER, LOWER, soon()).good
    assert told[-1].upper == UPPER


def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "pole").symlink_to(elsewhere)
    display = open_line_display(SIMULATED, None, tmp_path)
    assert display.show(UPPER, LOWER, soon()).condition == "error"
    assert list(elsewhere.iterdir()) == []


# ---- behind a printer ----


def behind(port: int) -> EscPosPrinter:
    return EscPosPrinter("counter", PAPER_80, TcpTransport("127.0.0.1", port), asks=False)


BEHIND = replace(SIMULATED, address="printer:", setup=LineDisplaySetup(behind="counter"))


def test_a_printer_passes_the_text_on_and_prints_none_of_it(tmp_path: Path) -> None:
    with tcp_printer() as far:
        driver = behind(far.port)
        display = open_line_display(BEHIND, driver, tmp_path)
        assert display.show(UPPER, LOWER, soon()).good
        assert display.show(LOWER, UPPER, soon()).good
        jobs = RESET + display_job(UPPER, LOWER, "cp437") + display_job(LOWER, UPPER, "cp437")
        far.wait(lambda engine: bytes(engine.display) == jobs)
        driver.send(b"receipt\n", Attempt(soon()))
        far.wait(lambda engine: bytes(engine.paper) == b"receipt\n")


def test_after_a_text_that_broke_off_the_next_receipt_is_printed(tmp_path: Path) -> None:
    with tcp_printer() as far:
        driver = behind(far.port)
        display = open_line_display(BEHIND, driver, tmp_path)
        far.order("cut 10")
        display.show(UPPER, LOWER, soon())
        far.wait(lambda engine: engine.received == 10)
        far.wait_free()
        driver.send(b"receipt\n", Attempt(soon()))
        far.wait(lambda engine: bytes(engine.paper).endswith(b"receipt\n"))
        assert b"receipt" not in far.engine.display


class Door:
    """A printer in memory: `sent` is what came, `room` what it takes of each job; `opened` runs meanwhile."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.room = 1_000_000
        self.opened: Callable[[], object] = lambda: None

    def open(self, deadline: float, title: str = "") -> Link:
        self.opened()
        return self

    def write(self, data: bytes, deadline: float) -> int:
        self.sent.append(data[: self.room])
        return len(self.sent[-1])

    def settle(self, deadline: float) -> int:
        return 0

    def read(self, size: int, deadline: float) -> bytes:
        return b""

    def close(self, deadline: float) -> None:
        pass

    def abort(self) -> None:
        pass


def test_a_display_is_passed_over_while_a_job_is_under_way(tmp_path: Path) -> None:
    door = Door()
    driver = EscPosPrinter("counter", PAPER_80, door, asks=False)
    display = open_line_display(BEHIND, driver, tmp_path)
    seen: list[DeviceState] = []

    def meanwhile() -> None:
        door.opened = lambda: None
        seen.append(display.show(UPPER, LOWER, soon()))

    door.opened = meanwhile
    driver.send(b"a receipt", Attempt(soon()))
    assert [state.condition for state in seen] == ["busy"]
    assert all(b"Orlando" not in job for job in door.sent)


@pytest.mark.parametrize(
    "device",
    [
        Device("star", "Star", "tcp:127.0.0.1:9", ReceiptPrinterSetup(language="star")),
        Device("queue", "Queue", "queue:Nowhere", ReceiptPrinterSetup()),
    ],
    ids=lambda device: device.id,
)
def test_printers_that_pass_nothing_on_say_so(device: Device, tmp_path: Path) -> None:
    display = open_line_display(BEHIND, open_receipt_printer(device, tmp_path), tmp_path)
    state = display.show(UPPER, LOWER, soon())
    assert state.condition == "error"
    assert "passes nothing on" in state.message


def test_a_printer_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    display = open_line_display(BEHIND, behind(closed_port()), tmp_path)
    state = display.show(UPPER, LOWER, soon())
    assert not state.good
    assert state.message


def test_a_display_needs_the_printer_it_hangs_on(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="receipt printer"):
        open_line_display(BEHIND, None, tmp_path)


def test_a_display_behind_a_simulated_printer_is_simulated(tmp_path: Path) -> None:
    printer = SimulatedPrinter("counter", PAPER_80, tmp_path / "devices" / "counter")
    assert isinstance(open_line_display(BEHIND, printer, tmp_path), SimulatedLineDisplay)


@pytest.mark.parametrize("address", ["serial:", "queue:Zebra", "screen:HDMI-1", "nonsense"])
def test_an_address_that_no_display_has_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        open_line_display(replace(SIMULATED, address=address), None, tmp_path)


def test_what_is_no_display_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no customer display"):
        open_line_display(replace(SIMULATED, setup=ScaleSetup()), None, tmp_path)


# ---- a way of its own ----


def test_a_display_is_set_up_anew_after_a_fault_and_left_alone_while_the_printer_is_busy() -> None:
    sent: list[bytes] = []
    answers = [
        DeviceState("unplugged", "Gone."),
        DeviceState("unknown", "Sent."),
        DeviceState("busy", "Busy."),
        DeviceState("unknown", "Sent."),
    ]

    def way(data: bytes, _deadline: float) -> DeviceState:
        sent.append(data)
        return answers[len(sent) - 1]

    display = EpsonLineDisplay("pole", "cp437", way)
    for _ in answers:
        display.show(UPPER, LOWER, soon())
    assert [job.startswith(RESET) for job in sent] == [True, True, False, False]


def test_only_a_printer_that_took_it_is_good() -> None:
    class Taking:
        def pass_on(self, data: bytes, deadline: float) -> DeviceState:
            return DeviceState("ready", "Taken.")

    assert behind_printer(Taking())(b"", soon()).condition == "unknown"


@pytest.fixture
def pair() -> Iterator[tuple[int, str]]:
    """Give the far end of a serial line and the name of the near one."""
    far, near = os.openpty()
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


@pytest.mark.skipif(sys.platform == "win32", reason="pairs of terminals are a thing of Unix")
def test_a_serial_display_gets_its_text_and_says_when_it_is_gone(
    pair: tuple[int, str], tmp_path: Path
) -> None:
    far, port = pair
    device = replace(SIMULATED, address=f"serial:{port}", setup=LineDisplaySetup(code_page="cp858"))
    display = open_line_display(device, None, tmp_path)
    assert display.show("Café", LOWER, soon()).good
    wanted = RESET + display_job("Café", LOWER, "cp858")
    assert read(far, len(wanted)) == wanted
    gone = open_line_display(replace(device, address="serial:/dev/ttyNOWHERE9"), None, tmp_path)
    assert gone.show(UPPER, LOWER, soon(1)).condition == "unplugged"


def read(fd: int, size: int) -> bytes:
    data = b""
    while len(data) < size and select.select([fd], [], [], 10)[0]:
        data += os.read(fd, size - len(data))
    return data
