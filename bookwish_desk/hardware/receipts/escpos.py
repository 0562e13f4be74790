"""Slips to the bytes of ESC/POS printers: the only place where printer commands are made.

One code page is set once; a line with a character it lacks goes out as dots, that line only. Every
job is a fresh buffer, so nothing of one slip can stay for the next.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

from bookwish_desk.hardware.model import CodePage, PrinterProfile
from bookwish_desk.hardware.receipts.drawing import BARCODE_DOTS, Pen, draw
from bookwish_desk.hardware.receipts.layout import CodeLine, Line, RuleLine, TextLine, lay_out
from bookwish_desk.shop.slip import Slip

if TYPE_CHECKING:
    from PIL.Image import Image

RESET = b"\x1b@"
SELECT_PRINTER = b"\x1b=\x01"  # and no longer the display behind it
# GS r 1: transmit paper sensor status. It is answered in its turn, after all that was sent before it.
CONFIRM = b"\x1dr\x01"
# GS a: tell by itself when the drawer, on line and off line, errors or paper change; and no more.
TELL, TELL_NO_MORE = b"\x1da\x0f", b"\x1da\x00"
# DLE ENQ: after an error print on from the line it happened in, or drop what it holds and be ready again.
GO_ON, DROP_AND_RECOVER = b"\x10\x05\x01", b"\x10\x05\x02"
# DLE DC4 8: drop what it holds, whatever it is; it answers when that is done.
DROP = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
# A printer left in the middle of a command takes what follows for its parameters, also a question: 10 04 as
# the height of a picture. Longer than the parameters of any command, and no such picture has a height.
FILL_UP = b"\0" * 16
# A printer left in the middle of a picture takes what follows for the rest of it: longer than any picture.
UNSTICK = b"\0" * 8192 + SELECT_PRINTER + RESET

_CODE_PAGES: dict[CodePage, int] = {"cp437": 0, "cp858": 19, "cp1252": 16}  # Epson's numbers for ESC t
_LINES: dict[CodePage, str] = {"cp437": "─", "cp858": "─", "cp1252": "-"}
_TEAR_OFF_LINES = 4
_INVERTED = bytes(range(255, -1, -1))  # Pillow's black is 0, a printer's is 1
_FEATURES = {"paperPartCut": True}
_FRAGMENT_DOTS = 96  # pieces of a picture are shorter than what frees a printer that was left in one
_PULSE_TENTHS = 2  # of a second
_PULSE_MS = 100
# DLE EOT, DLE ENQ, DLE DC4: acted upon at once, also where they are dots.
_REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")


def render(slip: Slip, profile: PrinterProfile) -> bytes:
    """Return one job for a printer of `profile`: reset, the slip, and the cut. Never raises on any text."""
    job = _new_job(profile)
    job._raw(RESET)
    if profile.raster_only:
        job.image(harmless(draw(slip, profile)), fragment_height=_FRAGMENT_DOTS)
    else:
        job._raw(b"\x1bt" + bytes([_CODE_PAGES[profile.code_page]]))
        _Writer(job, profile).write_all(lay_out(slip, profile.columns))
    if profile.cut:
        job.cut(mode="PART")
    else:
        job.print_and_feed(_TEAR_OFF_LINES)
    return bytes(job.output)


def kick_pulse(profile: PrinterProfile) -> bytes:
    """Return the job that opens the drawer behind a printer of `profile`: ESC p.

    Made by hand: importing python-escpos for it takes a second, and somebody stands at the drawer.
    """
    return b"\x1bp" + bytes([profile.kick_pin == 5, _PULSE_MS // 2, _PULSE_MS // 2])


def pulse_at_once(profile: PrinterProfile) -> bytes:
    """Return what opens the drawer also while the printer cannot print: DLE DC4 1 waits for nothing."""
    return bytes([0x10, 0x14, 1, profile.kick_pin == 5, _PULSE_TENTHS])


def process_id(mark: bytes) -> bytes:
    """Return GS ( H function 48: the printer says `mark` (four characters) when all before it is printed."""
    return b"\x1d(H\x06\x0000" + mark


def harmless(image: Image) -> Image:
    """Return a picture without dots that a printer takes for a real-time command: a dot more, here and there.

    Printers look for DLE EOT, DLE ENQ and DLE DC4 in everything they receive, pictures included (Epson, notes
    of real-time commands): a logo could open the drawer.
    """
    from PIL import Image

    burnt = image.tobytes().translate(_INVERTED)
    if image.width % 8 or not _REAL_TIME.search(burnt):
        return image
    mended = _REAL_TIME.sub(b"\x18", burnt)
    return Image.frombytes("1", image.size, mended.translate(_INVERTED))


class _Writer:
    """Writes laid-out lines to one job."""

    def __init__(self, job: Any, profile: PrinterProfile) -> None:
        self._job = job
        self._profile = profile
        self._pen = Pen(profile)
        self._bold = False
        self._large = False

    def write_all(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            match line:
                case TextLine():
                    self._write_text(line)
                case RuleLine():
                    rule = _LINES[self._profile.code_page] * self._profile.columns
                    self._write_text(TextLine(rule, self._profile.columns))
                case CodeLine():
                    self._write_code(line)
                case _:
                    self._write_image(self._pen.draw(line))
        self._style(bold=False, large=False)

    def _write_text(self, line: TextLine) -> None:
        encoded = _encoded(line.padded(), self._profile.code_page)
        if encoded is None:
            self._write_image(self._pen.draw(line))
            return
        if encoded:
            self._style(line.bold, line.large)
        self._job._raw(encoded + b"\n")

    def _write_code(self, line: CodeLine) -> None:
        """Let the printer draw the bars where two dots a module fit; it leaves out what does not fit."""
        modules = 11 * (len(line.text) + 3) + 2  # start, text, check and stop, which has two bars more
        width = min(3, self._profile.dots // modules)
        if width < 2:
            self._write_image(self._pen.barcode(line.text))
            return
        self._style(bold=False, large=False)
        data = b"{B" + line.text.encode("ascii")
        self._job._raw(
            b"\x1ba\x01"  # in the middle
            + b"\x1dh"
            + bytes([BARCODE_DOTS])
            + b"\x1dw"
            + bytes([width])
            + b"\x1df\x00\x1dH\x02"  # its text below, in font A
            + b"\x1dkI"
            + bytes([len(data)])
            + data
            + b"\x1ba\x00"
        )

    def _write_image(self, image: Image) -> None:
        if image.height:
            self._style(bold=False, large=False)
            self._job.image(harmless(image), fragment_height=_FRAGMENT_DOTS)

    def _style(self, bold: bool, large: bool) -> None:
        if bold != self._bold:
            self._job._raw(b"\x1bE" + bytes([bold]))
        if large != self._large:
            self._job._raw(b"\x1d!" + (b"\x11" if large else b"\x00"))
        self._bold, self._large = bold, large


def _encoded(text: str, code_page: CodePage) -> bytes | None:
    """Return `text` in the printer's code page; None when it lacks a character."""
    try:
        encoded = text.encode(code_page)
    except UnicodeEncodeError:
        return None
    return None if any(byte < 0x20 or byte == 0x7F for byte in encoded) else encoded


def _new_job(profile: PrinterProfile) -> Any:
    """Return an empty job of the printing library, which is imported here: it takes a third of a second.

    The import makes a temporary folder that nobody removes, and a log handler; both go again.
    """
    handlers = list(logging.root.handlers)
    first = "escpos.capabilities" not in sys.modules
    from escpos import capabilities
    from escpos.printer import Dummy

    if first:
        for handler in set(logging.root.handlers) - set(handlers):
            logging.root.removeHandler(handler)
        if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
            shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    paper = capabilities.Profile(features=_FEATURES)
    # Its own profiles do not know the paper's width, and say so on the standard output.
    paper.profile_data = {**paper.profile_data, "media": {"width": {"pixels": profile.dots, "mm": "Unknown"}}}
    return Dummy(profile=paper)
