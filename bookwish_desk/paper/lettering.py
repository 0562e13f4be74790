"""Text on a page in the bundled fonts: measuring, wrapping and drawing, with a fallback for missing glyphs.

All text is cleaned and drawn as it is, glyph by glyph: nothing in it is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from threading import Lock
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

_FONT_FILES = Lock()
"""ReportLab keeps one reader of each font for all documents, and it reads by seeking: one lane at a time."""


def save(canvas: Any) -> None:
    """Write the end of a document, its fonts with it."""
    with _FONT_FILES:
        canvas.save()


class Lettering:
    """The fonts of one document. Made on the lane that writes it: reading the fonts takes a while."""

    def __init__(self) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont

        self._metrics = pdfmetrics
        self._load = TTFont
        self._glyphs: dict[str, Any] = {}
        self._widths: dict[str, dict[str, float]] = {}

    def _font(self, name: str) -> str:
        """Return the registered name of a font, reading its file when it is first needed."""
        registered = f"bookwish-{name}"
        if name not in self._glyphs:
            with _FONT_FILES:
                if registered not in self._metrics.getRegisteredFontNames():
                    file = resource_path("fonts", _FILES[name])
                    self._metrics.registerFont(self._load(registered, str(file)))
            face = self._metrics.getFont(registered).face
            self._glyphs[name] = face.charToGlyph
            self._widths[registered] = {chr(code): width for code, width in face.charWidths.items()}
        return registered

    def _has(self, name: str, char: str) -> bool:
        self._font(name)
        return ord(char) in self._glyphs[name]

    def runs(self, text: str, weight: Weight) -> Iterator[tuple[str, str]]:
        """Yield (font, text) pieces, each in a font that has its glyphs; what none has becomes "?"."""
        text = clean(text, _LONGEST)
        if text.isascii():  # each of the fonts has these
            if text:
                yield self._font(weight), text
            return
        chosen: list[tuple[str, str]] = []
        for char in text:
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
        units = sum(
            sum(map(self._widths[font].__getitem__, piece)) for font, piece in self.runs(text, weight)
        )
        return float(units * size / 1000)

    def wrap(
        self, text: str, size: float, room: float, weight: Weight = "regular", longest: int = _LONGEST
    ) -> list[str]:
        """Return the lines of a text, none wider than `room`; a word that is too long is parted."""
        text = clean(text, longest)
        if len(text) <= _LONGEST and self.width(text, size, weight) <= room:
            return [text]
        lines, wide = [""], 0.0
        blank = self.width("n n", size, weight) - self.width("nn", size, weight)
        for word in text.split():
            adds = self.width(word, size, weight) if len(word) <= _LONGEST else room + 1
            if lines[-1] and wide + blank + adds <= room:
                lines[-1] += f" {word}"
                wide += blank + adds
                continue
            if lines[-1]:
                lines.append("")
            if adds <= room:
                lines[-1], wide = word, adds
                continue
            wide = 0.0
            for char in word:
                adds = self.width(char, size, weight)
                if lines[-1] and wide + adds > room:
                    lines.append("")
                    wide = 0.0
                lines[-1] += char
                wide += adds
        return lines

    def wrap_at_most(
        self, most: int, text: str, size: float, room: float, weight: Weight = "regular"
    ) -> list[str]:
        """Return the lines of a text; the last of `most` ends with an ellipsis where there are more."""
        lines = self.wrap(text, size, room, weight)
        if len(lines) > most:
            lines[most - 1 :] = [self.elide(" ".join(lines[most - 1 :]), size, room, weight)]
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

        runs = list(self.runs(text, weight))
        if align != "left":
            wide = self.width(text, size, weight)
            x -= wide if align == "right" else wide / 2
        line = canvas.beginText(x, y)
        line.setFillColor(HexColor(colour))
        for font, piece in runs:
            line.setFont(font, size)
            line.textOut(piece)
        canvas.drawText(line)
