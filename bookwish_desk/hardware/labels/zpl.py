"""ZPL II for Zebra printers and those that speak like them: dots to a job, and what printers answer.

Our own labels are pictures, so no text can become a command. A carrier's own ZPL is passed on as it is.
Source: Zebra, ZPL II Programming Guide (P1099958): ^GF, ^PQ, ^PW, ~HS, ~HQ, and "Alternative Data
Compression Scheme" for :Z64:.
"""

from __future__ import annotations

import base64
import re
import zlib
from binascii import crc_hqx
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.hardware.labels.dots import black_is_one
from bookwish_desk.shop.device import Condition
from bookwish_desk.shop.errors import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

ASK = b"~HS"
ASK_ERRORS = b"~HQES"
END = b"\x03"
"""Each line of an answer ends so; ~HS has three of them, ~HQES one."""

_MOST_BYTES = 3_000_000
_BEGIN, _FINISH = b"^XA", b"^XZ"
# Possessive: else blanks behind a picture could be read in more ways than there is time for.
_SET_UP = re.compile(rb"(?:\s|CT~~CD,~CC\^~CT~|~TA-?\d+|~JSN|~SD\d+|~DG[^~^]*+)*+", re.IGNORECASE)
_WIDTH = re.compile(rb"\^PW(\d{1,5})", re.IGNORECASE)

# What a label has no need of: resets and locks the printer, its network and its memory, asks it questions.
_NEVER = re.compile(
    rb"[\^~](?:N[A-Z]|W[A-Z]|K[A-Z]|H[A-Z]|SX|SC)|~J[ACDFGLNOPQRX]|\^J[BHIJT]|[\^~]E[FG]|\^ID|~PP",
    re.IGNORECASE,
)


class HostStatus(msgspec.Struct, frozen=True):
    """What ~HS tells: three lines of fields, see the guide. `formats` and `labels` are still to come."""

    paper_out: bool
    paused: bool
    formats: int
    partial: bool
    hot: bool
    head_open: bool
    ribbon_out: bool
    labels: int

    @property
    def idle(self) -> bool:
        """Say whether everything it was sent is on paper."""
        return not (self.formats or self.partial or self.labels) and self.condition == "ready"

    @property
    def condition(self) -> Condition:
        """Return the worst of what it says."""
        faults: tuple[tuple[bool, Condition], ...] = (
            (self.head_open, "cover_open"),
            (self.paper_out, "paper_out"),
            (self.ribbon_out, "ribbon_out"),
            (self.hot, "hot"),
            (self.paused, "paused"),
            (bool(self.formats or self.labels), "busy"),
        )
        return next((named for is_so, named in faults if is_so), "ready")


def encode(pages: Sequence[Image], copies: int, compressed: bool = True) -> bytes:
    """Return one job: each page a format of its own, with `copies` labels of it.

    `compressed` off writes the dots as hexadecimal digits, for printers that do not know :Z64:.
    """
    return b"".join(_format(page, copies, compressed) for page in pages)


def _format(page: Image, copies: int, compressed: bool) -> bytes:
    dots = black_is_one(page)
    row = (page.width + 7) // 8
    graphic = _z64(dots) if compressed else dots.hex().upper().encode()
    return b"^XA^PW%d^LL%d^LH0,0^FO0,0^GFA,%d,%d,%d,%s^FS^PQ%d^XZ\r\n" % (
        page.width,
        page.height,
        len(dots),
        len(dots),
        row,
        graphic,
        copies,
    )


def _z64(dots: bytes) -> bytes:
    coded = base64.b64encode(zlib.compress(dots, 9))
    return b":Z64:%s:%04X" % (coded, crc_hqx(coded, 0))  # CRC-16 with the polynomial 0x1021, from 0


def pass_on(data: bytes, copies: int, dpi: int) -> bytes:
    """Return a carrier's own ZPL as often as it is wanted, each byte as it came.

    Raises Refused for what is no ZPL, is cut off, is made for another density, or tells the printer more
    than to print.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    if len(text) > _MOST_BYTES:
        raise Refused("label.too_big", f"The label's file is larger than {_MOST_BYTES // 1_000_000} MB.")
    upper = text.upper()
    first = upper.find(_BEGIN)
    begun = upper.count(_BEGIN)
    if first < 0 or not _SET_UP.fullmatch(text[:first]) or not upper.endswith(_FINISH):
        raise Refused("label.unreadable", "The label is no ZPL, or a part of it is missing.")
    if begun != upper.count(_FINISH):
        raise Refused("label.unreadable", "The label's ZPL is cut off: a part of it is missing.")
    if found := _NEVER.search(text):
        raise Refused(
            "label.commands",
            "The label's ZPL holds orders that would change the printer, not print. Get it as PNG or PDF.",
            command=found[0].decode("ascii", "replace"),
        )
    width = max((int(found[1]) for found in _WIDTH.finditer(text)), default=0)
    if dpi >= 300 and 780 <= width <= 864:  # 4 inches at 203 dpi
        raise Refused(
            "label.density",
            "The label's ZPL is made for a printer of 203 dpi, and this one has 300. Get it as PNG or PDF.",
        )
    return (text + b"\r\n") * copies


def read_host_status(answer: bytes) -> HostStatus | None:
    """Return what an answer to ~HS says; None for one that is none, is cut off, or did not come."""
    lines = re.findall(rb"\x02([^\x02\x03]*)\x03", answer)
    if len(lines) < 2:
        return None
    first, second = (line.decode("ascii", "replace").split(",") for line in lines[:2])
    try:
        return HostStatus(
            paper_out=_flag(first[1]),
            paused=_flag(first[2]),
            formats=int(first[4]),
            partial=_flag(first[7]),
            hot=_flag(first[11]),
            head_open=_flag(second[2]),
            ribbon_out=_flag(second[3]),
            labels=int(second[8]),
        )
    except (IndexError, ValueError):
        return None


def _flag(field: str) -> bool:
    return bool(int(field))


_ERRORS = re.compile(rb"ERRORS:\s+(\d)\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})")
# The second group of eight digits, table "Error Flags" of ~HQ; what is not here is a fault without a name.
_ERROR_BITS: tuple[tuple[int, Condition], ...] = (
    (0x4, "cover_open"),
    (0x1, "paper_out"),
    (0x2, "ribbon_out"),
    (0x8, "cutter"),
    (0x10, "hot"),  # print head too hot
    (0x20, "hot"),  # motor too hot
    (0x10000, "paused"),
)


def read_errors(answer: bytes) -> Condition | None:
    """Return what an answer to ~HQES says; error for bits that are not known; None where none came."""
    found = _ERRORS.search(answer)
    if not found:
        return None
    bits = int(found[3], 16)
    if not int(found[1]) or not (bits or int(found[2], 16)):
        return "ready"
    return next((named for bit, named in _ERROR_BITS if bits & bit), "error")
