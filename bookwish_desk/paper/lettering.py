"""Text on a page in the bundled fonts: measuring, wrapping and drawing, with a fallback for missing glyphs.

All text is cleaned and drawn as it is, glyph by glyph: nothing in it is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Literal

from bookwish_desk.resource import resource_path
from bookwish_desk.shop.text import clean

Weight = Literal["regular", "strong", "bold"]
Align = Literal["left", "right", "center"]

_FILES = {
    "regular": "IBMPlexSans-Regular.ttf",
    "strong": "IBMPlexSans-SemiBold.ttf",
    "bold": "IBMPlexSans-Bold.ttf",
    "fallback": "WenQuanYiMicroHei.ttf",
}
_LONGEST = 400


class Lettering:
    """The fonts of one document. Made on the lane that writes it: reading the fonts takes a while."""

    def __init__(self) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont

        self._metrics = pdfmetrics
        self._load = TTFont
        self._glyphs: dict[str, Any] = {}

    def _font(self, name: str) -> str:
        """Return the registered name of a font, reading its file when it is first needed."""
        registered = f"bookwish-{name}"
        if name not in self._glyphs:
            if registered not in self._metrics.getRegisteredFontNames():
                file = resource_path("fonts", _FILES[name])
                self._metrics.registerFont(self._load(registered, str(file)))
            self._glyphs[name] = self._metrics.getFont(registered).face.charToGlyph
        return registered

    def _has(self, name: str, char: str) -> bool:
        self._font(name)
        return ord(char) in self._glyphs[name]

    def _runs(self, text: str, weight: Weight) -> Iterator[tuple[str, str]]:
        """Yield (font, text) pieces, each in a font that has its glyphs; what none has becomes "?"."""
        chosen: list[tuple[str, str]] = []
        for char in clean(text, _LONGEST):
            if self._has(weight, char):
                chosen.append((weight, char))
            elif self._has("fallback", char):
                chosen.append(("fallback", char))
            else:
                chosen.append((weight, "?"))
        for name, chars in groupby(chosen, key=lambda pair: pair[0]):
            yield self._font(name), "".join(char for _, char in chars)

    def width(self, text: str, size: float, weight: Weight = "regular") -> float:
        """Return how wide a text is, in points."""
        return sum(
            float(self._metrics.stringWidth(piece, font, size)) for font, piece in self._runs(text, weight)
        )

    def wrap(self, text: str, size: float, room: float, weight: Weight = "regular") -> list[str]:
        """Return the lines of a text, none wider than `room`; a word that is too long is parted."""
        lines = [""]
        for word in clean(text, _LONGEST).split():
            joined = f"{lines[-1]} {word}".strip()
            if self.width(joined, size, weight) <= room:
                lines[-1] = joined
                continue
            if lines[-1]:
                lines.append("")
            for char in word:
                if lines[-1] and self.width(lines[-1] + char, size, weight) > room:
                    lines.append("")
                lines[-1] += char
        return lines

    def elide(self, text: str, size: float, room: float, weight: Weight = "regular") -> str:
        """Return the text on one line no wider than `room`, cut with an ellipsis where it is wider."""
        text = clean(text, _LONGEST)
        if self.width(text, size, weight) <= room:
            return text
        while text and self.width(f"{text}…", size, weight) > room:
            text = text[:-1]
        return f"{text.rstrip()}…"

    def draw(
        self,
        canvas: Any,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        weight: Weight = "regular",
        colour: str = "#1c1b18",
        align: Align = "left",
    ) -> None:
        """Draw a text with its baseline at `y`; `x` is its left edge, its right edge or its middle."""
        from reportlab.lib.colors import HexColor

        runs = list(self._runs(text, weight))
        if align != "left":
            wide = self.width(text, size, weight)
            x -= wide if align == "right" else wide / 2
        line = canvas.beginText(x, y)
        line.setFillColor(HexColor(colour))
        for font, piece in runs:
            line.setFont(font, size)
            line.textOut(piece)
        canvas.drawText(line)
