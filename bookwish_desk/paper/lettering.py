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
Runs = tuple[tuple[str, str], ...]

_FILES = {
    "regular": "IBMPlexSans-Regular.ttf",
    "strong": "IBMPlexSans-SemiBold.ttf",
    "bold": "IBMPlexSans-Bold.ttf",
    "fallback": "WenQuanYiMicroHei.ttf",
}
_LONGEST, _MOST_KNOWN = 400, 5_000

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
        self._widths: dict[str, dict[str, float]] = {}
        self._texts: dict[tuple[str, Weight], tuple[Runs, float]] = {}

    def _font(self, name: str) -> str:
        """Return the registered name of a font, reading its file when it is first needed."""
        registered = f"bookwish-{name}"
        if name not in self._widths:
            with _FONT_FILES:
                if registered not in self._metrics.getRegisteredFontNames():
                    file = resource_path("fonts", _FILES[name])
                    self._metrics.registerFont(self._load(registered, str(file)))
            widths = self._metrics.getFont(registered).face.charWidths
            self._widths[name] = {chr(code): width for code, width in widths.items()}
        return registered

    def _known(self, text: str, weight: Weight) -> tuple[Runs, float]:
        """Return a text as runs and how wide it is at a size of 1000: known for texts that come again."""
        known = self._texts.get((text, weight))
        if known is None:
            runs = tuple(self._parted(clean(text, _LONGEST), weight))
            units = sum(sum(map(self._widths[name].__getitem__, piece)) for name, piece in runs)
            known = tuple((self._font(name), piece) for name, piece in runs), units
            if len(self._texts) >= _MOST_KNOWN:
                self._texts.clear()
            self._texts[text, weight] = known
        return known

    def _parted(self, text: str, weight: Weight) -> Iterator[tuple[str, str]]:
        """Yield (name of a font, text) pieces, each in a font that has its glyphs."""
        self._font(weight)
        if text and self._widths[weight].keys() >= set(text):
            yield weight, text
            return
        chosen: list[tuple[str, str]] = []
        for char in text:
            if char in self._widths[weight]:
                chosen.append((weight, char))
            elif self._font("fallback") and char in self._widths["fallback"]:
                chosen.append(("fallback", char))
            else:
                chosen.append((weight, "?"))
        for name, chars in groupby(chosen, key=lambda pair: pair[0]):
            yield name, "".join(char for _, char in chars)

    def runs(self, text: str, weight: Weight) -> Runs:
        """Return (font, text) pieces, each in a font that has its glyphs; what none has becomes "?"."""
        return self._known(text, weight)[0]

    def width(self, text: str, size: float, weight: Weight = "regular") -> float:
        """Return how wide a text is, in points."""
        return self._known(text, weight)[1] * size / 1000

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

        runs = self.runs(text, weight)
        if align != "left":
            wide = self.width(text, size, weight)
            x -= wide if align == "right" else wide / 2
        line = canvas.beginText(x, y)
        line.setFillColor(HexColor(colour))
        for font, piece in runs:
            line.setFont(font, size)
            line.textOut(piece)
        canvas.drawText(line)
