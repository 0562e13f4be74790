"""EPL2 for older desktop printers of Zebra and Eltron: dots to a job, and what they answer.

Our labels are pictures, so no text can become a command. A carrier's own EPL is passed on as it is.
Source: Zebra, EPL Programming Guide (14245L-003): N, q, Q, GW, P, ^ee. A GW's 0 burns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bookwish_desk.hardware.labels.dots import white_is_one
from bookwish_desk.shop.device import Condition, LabelPrinterSetup
from bookwish_desk.shop.errors import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

ASK = b"\r\n^ee\r\n"
END = b"\n"
"""An answer is one line: two digits, or several such with commas between."""

_MOST_BYTES = 3_000_000
_LINES = re.compile(rb"[\r\n]+")
_GRAPHIC = re.compile(rb"GW\d{1,5},\d{1,5},(\d{1,5}),(\d{1,5}),")
_PRINT = re.compile(rb"P\d+(?:,\d+)?")
# What a carrier's label is made of: text, bars, lines, boxes, pictures, and how the label lies.
_KNOWN = re.compile(rb"(?:A\d|B\d|b\d|GG|LO|LE|LS|LW|X\d|N$|P\d|q\d|Q\d|R\d|D\d|S\d|Z[TB]|I\d|O|J[FB]|;)")

_ANSWER = re.compile(rb"\d\d(?:,\d\d)*")
_CODES: dict[int, Condition] = {7: "paper_out", 11: "cover_open", 12: "paused"}
_PAST = frozenset(range(11)) - {7}  # no error, or one of a command before: it stops nothing
_WORST: tuple[Condition, ...] = ("cover_open", "paper_out", "error", "paused")


def encode(pages: Sequence[Image], copies: int, setup: LabelPrinterSetup) -> bytes:
    """Return one job: each page as one picture, and `copies` labels of it."""
    gap = round(setup.gap_mm * setup.dpi / 25.4)
    return b"".join(_label(page, copies, gap) for page in pages)


def _label(page: Image, copies: int, gap: int) -> bytes:
    row = (page.width + 7) // 8
    return (
        b"\r\nN\r\nq%d\r\nQ%d,%d\r\nGW0,0,%d,%d," % (page.width, page.height, gap, row, page.height)
        + white_is_one(page)
        + b"\r\nP%d\r\n" % copies
    )


def pass_on(data: bytes, copies: int) -> bytes:
    """Return a carrier's own EPL as often as it is wanted, each byte as it came.

    Raises Refused for what is no EPL, is cut off, or tells the printer more than to print.
    """
    if len(data) > _MOST_BYTES:
        raise Refused("label.too_big", f"The label's file is larger than {_MOST_BYTES // 1_000_000} MB.")
    words = _words(data)
    if b"N" not in words or not words or not _PRINT.fullmatch(words[-1]):
        raise Refused("label.unreadable", "The label is no EPL, or a part of it is missing.")
    for word in words:
        if not _KNOWN.match(word):
            raise Refused(
                "label.commands",
                "The label's EPL holds orders that are not for printing. Get it as PNG or PDF.",
                command=word[:8].decode("ascii", "replace"),
            )
    return (b"\r\n" + data.strip(b"\r\n") + b"\r\n") * copies


def _words(data: bytes) -> list[bytes]:
    """Return the lines of a job without the dots of its pictures. Raises Refused where dots are missing."""
    words: list[bytes] = []
    at = 0
    while at < len(data):
        if graphic := _GRAPHIC.match(data, at):
            at = graphic.end() + int(graphic[1]) * int(graphic[2])
            if at > len(data):
                raise Refused(
                    "label.unreadable", "The label's EPL is cut off: a part of its picture is missing."
                )
            continue
        end = _LINES.search(data, at)
        word = data[at : end.start() if end else len(data)].strip()
        if word:
            words.append(word)
        at = end.end() if end else len(data)
    return words


def read_state(answer: bytes) -> Condition | None:
    """Return what an answer to ^ee says, the worst of it; error for codes not known; None where none came."""
    line = answer.strip()
    if not _ANSWER.fullmatch(line):
        return None
    said = {_CODES.get(int(code), "error") for code in line.split(b",") if int(code) not in _PAST}
    return next((named for named in _WORST if named in said), "ready")
