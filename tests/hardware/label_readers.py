"""Readers of label jobs, written from the manuals: TSPL and EPL to pictures, strict where a printer is not.

A job that would print another picture on one model than on the next is a fault here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp
from PIL import Image


@dataclass
class Printed:
    """One label as it comes out, and how often."""

    image: Image.Image
    copies: int


class Fault(AssertionError):
    """What a printer would not take, or would print wrongly."""


def codes(image: Image.Image) -> list[str]:
    """Return what a scanner reads on a label, sorted."""
    return sorted(found.text for found in zxingcpp.read_barcodes(image.convert("L")))


class _Buffer:
    """The picture memory of a printer: where a 0 burns."""

    def __init__(self) -> None:
        self.size: tuple[int, int] | None = None
        self.page: Image.Image | None = None

    def clear(self) -> None:
        if self.size is None:
            raise Fault("cleared before the label's size was said")
        self.page = Image.new("1", self.size, 1)

    def paste(self, x: int, y: int, row: int, height: int, dots: bytes) -> None:
        if self.page is None or self.size is None:
            raise Fault("a picture before the memory was cleared")
        if len(dots) != row * height:
            raise Fault(f"a picture of {row * height} bytes has {len(dots)}")
        if x + row * 8 - 7 > self.size[0] or y + height > self.size[1]:
            raise Fault("a picture runs off the label")
        self.page.paste(Image.frombytes("1", (row * 8, height), dots), (x, y))

    def printed(self, copies: int) -> Printed:
        if self.page is None:
            raise Fault("printed an empty memory")
        if not 1 <= copies <= 9999:
            raise Fault(f"{copies} copies")
        return Printed(self.page.copy(), copies)


def _steps(job: bytes, picture: str) -> Iterator[tuple[tuple[int, int, int, int] | None, bytes]]:
    """Yield the lines of a job, and its pictures as their numbers and dots; each ends with CR LF."""
    begin, at = re.compile(picture.encode()), 0
    while at < len(job):
        numbers: tuple[int, int, int, int] | None = None
        start, end = at, job.find(b"\r\n", at)
        if found := begin.match(job, at):
            x, y, row, height = map(int, found.groups())
            numbers = x, y, row, height
            start, end = found.end(), found.end() + row * height
        if end < 0 or job[end : end + 2] != b"\r\n":
            raise Fault("a line or a picture that CR LF does not end")
        yield numbers, job[start:end]
        at = end + 2


def read_tspl(job: bytes, dpi: int) -> list[Printed]:
    """Return the labels of a TSPL job (TSPL/TSPL2 Programming Manual)."""
    memory, labels, gap = _Buffer(), [], False
    for numbers, text in _steps(job, r"BITMAP (\d+),(\d+),(\d+),(\d+),0,"):
        line = "" if numbers else text.decode("ascii")
        if numbers:
            memory.paste(*numbers, text)
        elif size := re.fullmatch(r"SIZE ([\d.]+) mm,([\d.]+) mm", line):
            memory.size = (round(float(size[1]) * dpi / 25.4), round(float(size[2]) * dpi / 25.4))
        elif re.fullmatch(r"GAP [\d.]+ mm,[\d.]+ mm", line):
            gap = True
        elif line == "CLS":
            memory.clear()
        elif count := re.fullmatch(r"PRINT (\d+)", line):
            labels.append(memory.printed(int(count[1])))
        elif line and not re.fullmatch(r"DIRECTION [01]|REFERENCE 0,0", line):
            raise Fault(f"not a command: {line!r}")
    if not gap or not labels:
        raise Fault("no gap was said, or nothing was printed")
    return labels


def read_epl(job: bytes) -> list[Printed]:
    """Return the labels of an EPL2 job (EPL Programming Guide)."""
    memory, labels, width = _Buffer(), [], 0
    for numbers, text in _steps(job, r"GW(\d+),(\d+),(\d+),(\d+),"):
        line = "" if numbers else text.decode("ascii")
        if numbers:
            memory.paste(*numbers, text)
        elif line == "N":
            memory.size = memory.page = None
        elif wide := re.fullmatch(r"q(\d+)", line):
            width = int(wide[1])
        elif long := re.fullmatch(r"Q(\d+),\d+", line):
            memory.size = (width, int(long[1]))
            memory.clear()
        elif count := re.fullmatch(r"P(\d+)", line):
            labels.append(memory.printed(int(count[1])))
        elif line:
            raise Fault(f"not a command: {line!r}")
    if not labels:
        raise Fault("nothing was printed")
    return labels
