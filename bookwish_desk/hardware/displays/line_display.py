"""Customer displays of two lines of twenty characters, on a serial line or behind the receipt printer.

Commands are those of Epson's DM-D displays, which others understand as well (DM-D110 specification, section
5; the ESC/POS modes of Posiflex PD-300 and POS-X XP8200): both lines are always written whole, each after
`US $` put the cursor at its beginning, in overwrite mode (`US MD1`). So no LF or CR is needed, which scroll
or not as the mode says, and nothing flickers as it does after CLR. What is sold is not known here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Protocol, get_args, runtime_checkable

import msgspec

from bookwish_desk.hardware.links.model import Transport
from bookwish_desk.hardware.model import CodePage, LineDisplay, ReceiptPrinter
from bookwish_desk.hardware.receipts.escpos import RESET, SELECT_PRINTER
from bookwish_desk.hardware.receipts.layout import fold
from bookwish_desk.hardware.receipts.simulated import SimulatedPrinter
from bookwish_desk.shop.device import Condition, Device, DeviceState, LineDisplaySetup
from bookwish_desk.shop.errors import DeviceError, Refused

COLUMNS = 20
ROWS = 2

SELECT_DISPLAY = b"\x1b=\x02"
_OVERWRITE = b"\x1f\x01"
_NO_CURSOR = b"\x1fC\x00"
_CODE_PAGES: dict[CodePage, int] = {"cp437": 0, "cp1252": 16, "cp858": 19}  # ESC t of DM-D displays

_SENT = DeviceState("unknown", "The display takes what it is sent. It cannot say whether it shows it.")


class Shown(msgspec.Struct, frozen=True):
    """What stands on a simulated display; both empty lines of blanks where it is switched off."""

    device: str
    upper: str
    lower: str


OnShow = Callable[[Shown], None]


def nobody_looks(shown: Shown) -> None:
    """See a display and do nothing."""


Way = Callable[[bytes, float], DeviceState]
"""How a job of bytes gets to a display until a deadline; never raises for a device's fault."""


@runtime_checkable
class PassesOn(Protocol):
    """A printer that passes data on to a display behind it."""

    def pass_on(self, data: bytes, deadline: float) -> DeviceState:
        """Hand over data unless a job is under way (busy); never raises for a device's fault."""


def open_line_display(
    device: Device, behind: ReceiptPrinter | None, folder: Path, on_show: OnShow = nobody_looks
) -> LineDisplay:
    """Return the driver of a line display; reaches nothing yet.

    `behind` is the printer whose socket it hangs on, where its address says so. A simulated one, or one
    behind a simulated printer, writes under `folder`/devices and tells `on_show`. Raises Refused for an
    address that no display can have, and for a printer that passes nothing on.
    """
    setup = device.setup
    if not isinstance(setup, LineDisplaySetup):
        raise Refused("device.role", f"{device.name} is no customer display.")
    hangs_on = behind if device.scheme == "printer" else None
    if device.simulated or isinstance(hangs_on, SimulatedPrinter):
        from bookwish_desk.hardware.displays.simulated import SimulatedLineDisplay

        return SimulatedLineDisplay(device.id, setup.code_page, folder / "devices" / device.id, on_show)
    return EpsonLineDisplay(device.id, setup.code_page, _way(device, setup, hangs_on))


def _way(device: Device, setup: LineDisplaySetup, hangs_on: object) -> Way:
    if device.scheme == "printer":
        if isinstance(hangs_on, PassesOn):
            return behind_printer(hangs_on)
        raise Refused(
            "device.behind",
            "Choose the receipt printer that the display hangs on. A system printer passes nothing on.",
        )
    if device.scheme not in ("serial", "tcp"):
        raise Refused("device.address", "A customer display is on a serial line or behind a receipt printer.")

    from bookwish_desk.hardware.links import link_to

    return over_link(link_to(device.address, baud=setup.baud))


class EpsonLineDisplay:
    """A display that takes Epson's commands. Used by one thread."""

    def __init__(self, name: str, code_page: CodePage, way: Way) -> None:
        self.name = name
        self._code_page = code_page
        self._way = way
        self._reset = True

    def show(self, upper: str, lower: str, deadline: float) -> DeviceState:
        """Show two lines; see `LineDisplay.show`. It is set up anew after a fault: it may have been off."""
        job = display_job(upper, lower, self._code_page)
        state = self._way(RESET + job if self._reset else job, deadline)
        if state.condition != "busy":
            self._reset = not state.good
        return state


def display_job(upper: str, lower: str, code_page: CodePage) -> bytes:
    """Return the bytes that show two lines, whatever was shown before.

    Mode and code page are sent each time: a display that was switched off and on has forgotten them.
    """
    set_up = b"\x1bt" + bytes([_CODE_PAGES[code_page]]) + _OVERWRITE + _NO_CURSOR
    at_upper, at_lower = b"\x1f$\x01\x01", b"\x1f$\x01\x02"
    return set_up + at_upper + encoded(upper, code_page) + at_lower + encoded(lower, code_page)


def encoded(text: str, code_page: CodePage) -> bytes:
    """Return exactly twenty bytes, none of them a command: one a character, cut or filled up with blanks."""
    composed = unicodedata.normalize("NFC", text)
    marked = (char for char in composed if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    return b"".join(_cell(char, code_page) for char in islice(marked, COLUMNS)).ljust(COLUMNS)


def over_link(transport: Transport) -> Way:
    """Return the way to a display with a line of its own."""

    def send(data: bytes, deadline: float) -> DeviceState:
        try:
            link = transport.open(deadline)
        except DeviceError as fault:
            return DeviceState(_condition(fault), fault.message)
        whole = link.write(data, deadline) == len(data) and not link.settle(deadline)
        if whole:
            link.close(deadline)
            return _SENT
        link.abort()
        return DeviceState("error", "The display did not take its text. Check its cable and its speed.")

    return send


def behind_printer(printer: PassesOn) -> Way:
    """Return the way to a display that hangs on a printer: the printer is selected again at the end."""

    def send(data: bytes, deadline: float) -> DeviceState:
        state = printer.pass_on(SELECT_DISPLAY + data + SELECT_PRINTER, deadline)
        return _SENT if state.condition == "ready" else state

    return send


def _cell(char: str, code_page: CodePage) -> bytes:
    """Return the byte of one character; its letter without accents, or ?, where the code page lacks it.

    A sign of a currency that is not there is left out: an amount reads well without it.
    """
    if not char.isprintable():
        return b" "
    for form in (char, fold(char), _base(char)):
        try:
            byte = form.encode(code_page)
        except UnicodeEncodeError:
            continue
        if len(byte) == 1 and byte >= b" " and byte != b"\x7f":
            return byte
    return b" " if unicodedata.category(char) == "Sc" else b"?"


def _base(char: str) -> str:
    """Return the plain Latin letter of a character, Ł as L; empty for what has none."""
    if not unicodedata.name(char, "").startswith("LATIN"):
        return ""
    from anyascii import anyascii

    plain: str = anyascii(char)
    return plain if len(plain) == 1 else ""


def _condition(fault: DeviceError) -> Condition:
    named = fault.facts.get("condition")
    return named if named in get_args(Condition) else "error"  # type: ignore[return-value]
