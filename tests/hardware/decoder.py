"""A strict reader of ESC/POS jobs, written from the command reference and not from our encoder.

It knows every command that a slip may hold and no other: anything else is an error with its offset.
No decoder of another author can be installed from the package index, so this one is the check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image


class Unexpected(Exception):
    """A byte or a command that no slip may hold."""


@dataclass
class Printed:
    """What one job put on paper, and what else it made the printer do."""

    lines: list[str] = field(default_factory=list)
    images: list[Image.Image] = field(default_factory=list)
    barcodes: list[tuple[str, int]] = field(default_factory=list)
    styles: list[tuple[bool, int]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    code_page: int | None = None
    cuts: int = 0
    kicks: list[int] = field(default_factory=list)
    status_asked: int = 0

    def paper(self) -> Image.Image:
        """Return the images one below the other."""
        width = max(image.width for image in self.images)
        whole = Image.new("1", (width, sum(image.height for image in self.images)), 1)
        top = 0
        for image in self.images:
            whole.paste(image, (0, top))
            top += image.height
        return whole


_CODECS = {None: "ascii", 0: "cp437", 16: "cp1252", 19: "cp858"}


def decode(data: bytes) -> Printed:
    """Read one whole job. Raises `Unexpected` at the first thing that does not belong there."""
    reader = _Reader(data)
    while reader.at < len(data):
        reader.step()
    if reader.text or reader.bold or reader.size or reader.align:
        raise Unexpected("the job ends in the middle of something")
    return reader.out


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.out = Printed()
        self.text = bytearray()
        self.bold = False
        self.size = self.align = self.module = 0
        self.commands: dict[bytes, tuple[str, Callable[[], None]]] = {
            b"\x1b@": ("reset", self.reset),
            b"\x1bt": ("code page", self.code_page),
            b"\x1bE": ("", self.set_bold),
            b"\x1d!": ("", self.set_size),
            b"\x1ba": ("align", self.set_align),
            b"\x1dh": ("barcode setting", self.setting),
            b"\x1df": ("barcode setting", self.setting),
            b"\x1dH": ("barcode setting", self.setting),
            b"\x1dw": ("barcode setting", self.set_module),
            b"\x1dk": ("barcode", self.barcode),
            b"\x1dv": ("image", self.image),
            b"\x1bd": ("feed", self.feed),
            b"\x1dV": ("cut", self.cut),
            b"\x1bp": ("kick", self.kick),
            b"\x1dr": ("status", self.status),
        }

    def step(self) -> None:
        byte = self.data[self.at]
        if byte == 0x0A:
            self.at += 1
            self.out.lines.append(bytes(self.text).decode(_CODECS[self.out.code_page]))
            self.out.styles.append((self.bold, self.size))
            self.out.order.append("line")
            self.text.clear()
        elif byte >= 0x20 and byte != 0x7F:
            self.at += 1
            self.text.append(byte)
        else:
            start = self.at
            name, read = self.commands.get(self.take(2), ("", self.unknown))
            if name and self.text:
                raise Unexpected(f"{name} at {start} in the middle of a line")
            if name:
                self.out.order.append(name)
            read()

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise Unexpected(f"cut off at {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]

    def one(self) -> int:
        return self.take(1)[0]

    def one_of(self, *allowed: int) -> int:
        value = self.one()
        if value not in allowed:
            raise Unexpected(f"{value:#x} before {self.at}")
        return value

    def unknown(self) -> None:
        raise Unexpected(f"{self.data[self.at - 2 : self.at + 2]!r} at {self.at - 2}")

    def reset(self) -> None:
        if self.at != 2:
            raise Unexpected(f"reset at {self.at - 2}")

    def code_page(self) -> None:
        self.out.code_page = self.one_of(0, 16, 19)

    def set_bold(self) -> None:
        self.bold = bool(self.one_of(0, 1))

    def set_size(self) -> None:
        self.size = self.one_of(0x00, 0x11)

    def set_align(self) -> None:
        self.align = self.one_of(0, 1)

    def setting(self) -> None:
        self.one()

    def set_module(self) -> None:
        self.module = self.one_of(2, 3, 4, 5, 6)

    def barcode(self) -> None:
        self.one_of(73)
        body = self.take(self.one())
        if body[:2] != b"{B" or self.align != 1:
            raise Unexpected(f"barcode {body!r}")
        self.out.barcodes.append((body[2:].decode("ascii"), self.module))

    def image(self) -> None:
        if self.take(2) != b"0\x00":
            raise Unexpected("a stretched image")
        wide, high = (int.from_bytes(self.take(2), "little") for _ in range(2))
        dots = bytes(burnt ^ 0xFF for burnt in self.take(wide * high))
        self.out.images.append(Image.frombytes("1", (wide * 8, high), dots))

    def feed(self) -> None:
        self.one_of(1, 2, 3, 4, 5, 6)

    def cut(self) -> None:
        self.one_of(0, 1)
        self.out.cuts += 1

    def kick(self) -> None:
        self.out.kicks.append({0: 2, 1: 5}[self.one_of(0, 1)])
        self.take(2)

    def status(self) -> None:
        self.one_of(1)
        self.out.status_asked += 1
