"""Lines of text on a label: measured in dots, broken, shortened, and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from bookwish_desk.hardware.lettering import Lettering, Weight, width_of, write
from bookwish_desk.hardware.receipts.layout import pieces

if TYPE_CHECKING:
    from PIL.Image import Image

ELLIPSIS = "…"
CAP = 0.7  # the height of a capital, in the size of the font
_LEADING = 1.16  # from line to line, in the size of the font


class Type(msgspec.Struct, frozen=True):
    """How a text is set: its weight and its size in dots."""

    weight: Weight
    size: int

    @property
    def line(self) -> int:
        """Return the dots from one line to the next."""
        return round(self.size * _LEADING)

    @property
    def cap(self) -> int:
        """Return the height of a capital in dots."""
        return round(self.size * CAP)


class Setter:
    """Sets text for one label."""

    def __init__(self) -> None:
        self.lettering = Lettering()

    def width(self, text: str, how: Type) -> int:
        """Return how many dots a text takes."""
        return int(width_of(self.lettering.runs(text, how.weight, how.size)) + 0.999)

    def lines(self, text: str, how: Type, room: int, most: int) -> list[str]:
        """Break a text into at most `most` lines of `room` dots; what is left out leaves an ellipsis."""
        lines: list[str] = []
        left = list(pieces(text))
        while left and len(lines) < most:
            line = ""
            while left and (not line or self.width((line + left[0]).rstrip(), how) <= room):
                line += left.pop(0)
            if self.width(line.rstrip(), how) > room:  # a single word that is too long
                head = self._head(line, how, room)
                left.insert(0, line[len(head) :])
                line = head
            lines.append(line.rstrip())
        if "".join(left).strip():
            lines[-1] = self.shortened(f"{lines[-1]} {''.join(left)}", how, room)
        return lines

    def shortened(self, text: str, how: Type, room: int) -> str:
        """Return a text on one line, its end an ellipsis where it does not fit."""
        if self.width(text, how) <= room:
            return text
        while text and self.width(text.rstrip(" ,;:-") + ELLIPSIS, how) > room:
            text = text[:-1]
        return text.rstrip(" ,;:-") + ELLIPSIS

    def largest(self, text: str, how: Type, room: int, least: int) -> Type:
        """Return the type, made smaller until the text fits, but not below `least` dots."""
        while how.size > least and self.width(text, how) > room:
            how = Type(how.weight, how.size - 1)
        return how

    def put(
        self,
        image: Image,
        text: str,
        how: Type,
        at: tuple[int, int],
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Write a text on its baseline; `at` is its left end, its middle or its right end."""
        runs = self.lettering.runs(text, how.weight, how.size)
        wide = int(width_of(runs) + 0.999)
        left = at[0] - {"left": 0, "center": wide // 2, "right": wide}[align]
        write(image, runs, left, at[1])

    def _head(self, text: str, how: Type, room: int) -> str:
        end = 1
        while end < len(text) and self.width(text[: end + 1], how) <= room:
            end += 1
        return text[:end]
