"""Pages that are laid out first and drawn afterwards: what pages of many documents are made of.

Words, rules, grounds, ticks, bars and pictures stand in plain lists until the number of pages is known;
then each page is drawn with one text object, so that many slips are written about as quickly as a bare
canvas writes them. What a page says, and where, is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from io import BytesIO
from typing import Any

from bookwish_desk.paper.lettering import Align, Lettering, Runs, Weight, save
from bookwish_desk.shop.bars import LONGEST, NARROWEST_MM, code128
from bookwish_desk.shop.text import clean

Colour = tuple[float, float, float]
INK: Colour = (0.11, 0.106, 0.094)
SOFT: Colour = (0.361, 0.349, 0.31)
LINE: Colour = (0.863, 0.847, 0.808)
GROUND: Colour = (0.961, 0.953, 0.933)
BLACK: Colour = (0, 0, 0)

_MM = 72 / 25.4
_QUIET = 10
"""White modules at each side of a Code 128 (ISO/IEC 15417)."""
_MOST_PIXELS = 4_000_000
_BLACK_BARS = re.compile("1+")


class Bars:
    """A Code 128 that fits into a width in points; `modules` is empty where none does.

    Each module is of whole dots of the printer, at most `widest` points.
    """

    def __init__(self, text: str, room: float, widest: float, *, dpi: int) -> None:
        drawable = 0 < len(text) <= LONGEST and text.isascii() and text.isprintable()
        self.modules = code128(text) if drawable else ""
        self.dot = 72 / dpi
        most = min(widest, room / (len(self.modules) + 2 * _QUIET))
        self.module = int(most / self.dot) * self.dot
        if self.module < NARROWEST_MM * _MM:
            self.modules = ""
        self.width = self.module * len(self.modules)


class Page:
    """What stands on one page, in `ink` where nothing else is said."""

    def __init__(self, letters: Lettering, ink: Colour = INK) -> None:
        self.letters, self.ink = letters, ink
        self._words: list[tuple[float, float, float, Colour, Runs]] = []
        self._rules: list[tuple[float, float, float, float, Colour]] = []
        self._grounds: list[tuple[float, float, float, float, Colour]] = []
        self._ticks: list[tuple[float, float, float]] = []
        self._bars: list[tuple[Bars, float, float, float]] = []
        self._pictures: list[tuple[Picture, float, float, float, float]] = []

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        weight: Weight = "regular",
        colour: Colour | None = None,
        align: Align = "left",
        room: float | None = None,
    ) -> None:
        """Set words with their baseline at `y`; `x` is their left edge, right edge or middle.

        They are cut with an ellipsis where they are wider than `room`.
        """
        if room is not None:
            words = self.letters.elide(words, size, room, weight)
        if align != "left":
            wide = self.letters.width(words, size, weight)
            x -= wide if align == "right" else wide / 2
        self._words.append((x, y, size, colour or self.ink, self.letters.runs(words, weight)))

    def rule(
        self, left: float, right: float, y: float, thickness: float = 0.5, colour: Colour = LINE
    ) -> None:
        """Draw a line across."""
        self._rules.append((left, right, y, thickness, colour))

    def ground(self, x: float, y: float, width: float, height: float, colour: Colour = GROUND) -> None:
        """Fill a ground under what is written on it."""
        self._grounds.append((x, y, width, height, colour))

    def tick(self, x: float, y: float, size: float) -> None:
        """Draw a box to tick."""
        self._ticks.append((x, y, size))

    def bars(self, bars: Bars, x: float, y: float, height: float) -> None:
        """Draw a barcode, its first bar at the dot nearest to `x`."""
        x = round(x / bars.dot) * bars.dot
        self._bars.append((bars, x, y, height))

    def picture(self, picture: Picture, x: float, y: float, width: float, height: float) -> None:
        """Draw a picture into a box."""
        self._pictures.append((picture, x, y, width, height))

    def draw(self, canvas: Any) -> None:
        """Draw all of it and end the page."""
        self._draw_shapes(canvas)
        for picture, *box in self._pictures:
            picture.draw(canvas, *box)
        if self._bars:
            canvas.setFillColor(self.ink)
        for bars, x, y, height in self._bars:
            # As operators: through a path, writing so many numbers takes a tenth of the time of a page.
            boxes = (
                f"{x + bar.start() * bars.module:.3f} {y:.3f} {len(bar[0]) * bars.module:.3f} {height:.3f} re"
                for bar in _BLACK_BARS.finditer(bars.modules)
            )
            canvas.addLiteral(" ".join([*boxes, "f"]))
        self._draw_words(canvas)
        canvas.showPage()

    def _draw_shapes(self, canvas: Any) -> None:
        for x, y, width, height, colour in self._grounds:
            canvas.setFillColor(colour)
            canvas.roundRect(x, y, width, height, min(5, width / 2), stroke=0, fill=1)
        drawn = None
        for left, right, y, thickness, colour in self._rules:
            if (thickness, colour) != drawn:
                canvas.setLineWidth(thickness)
                canvas.setStrokeColor(colour)
                drawn = thickness, colour
            canvas.line(left, y, right, y)
        if self._ticks:
            canvas.setLineWidth(0.75)
            canvas.setStrokeColor(self.ink)
        for x, y, size in self._ticks:
            canvas.rect(x, y, size, size)

    def _draw_words(self, canvas: Any) -> None:
        words = canvas.beginText()
        coloured = lettered = None
        for x, y, size, colour, runs in self._words:
            words.setTextOrigin(x, y)
            if colour != coloured:
                words.setFillColor(colour)
                coloured = colour
            for place, (font, piece) in enumerate(runs, 1):
                if (font, size) != lettered:
                    words.setFont(font, size)
                    lettered = font, size
                # What ends a line is not measured again: nothing goes on behind it.
                (words.textLine if place == len(runs) else words.textOut)(piece)
        canvas.drawText(words)


class Picture:
    """A picture in one document, on white; `grey` is false for printers that know black dots only."""

    def __init__(self, png: bytes, *, grey: bool) -> None:
        from PIL import Image
        from reportlab.lib.utils import ImageReader

        with Image.open(BytesIO(png), formats=["PNG"]) as opened:
            self.width, self.height = opened.size
            if self.width * self.height > _MOST_PIXELS:
                raise ValueError("the picture has too many pixels")
            image = opened.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        self._reader = ImageReader(white.convert("RGB") if grey else white.convert("1").convert("L"))
        self._form = f"picture-{sha256(png).hexdigest()}"
        self._formed = False

    def draw(self, canvas: Any, x: float, y: float, width: float, height: float) -> None:
        """Draw it into a box. Its dots are looked at once a document, not once a page."""
        if not self._formed:
            self._formed = True
            canvas.beginForm(self._form, 0, 0, 1, 1)
            canvas.drawImage(self._reader, 0, 0, 1, 1)
            canvas.endForm()
        canvas.saveState()
        canvas.transform(width, 0, 0, height, x, y)
        canvas.doForm(self._form)
        canvas.restoreState()


def picture_of(png: bytes, *, grey: bool) -> Picture | None:
    """Return a picture; None where there is none that can be read: paper without a logo beats no paper."""
    if not png:
        return None
    try:
        return Picture(png, grey=grey)
    except Exception:  # Pillow raises many kinds of errors on damaged files
        return None


def written(pages: Iterable[Page], size: tuple[float, float], *, title: str, author: str = "") -> bytes:
    """Return the PDF of at least one page; the same pages make the same bytes. Draws each as it comes."""
    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    canvas = Canvas(file, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(clean(title))
    canvas.setAuthor(clean(author))
    for page in pages:
        page.draw(canvas)
    if canvas.getPageNumber() == 1:
        raise ValueError("a document has at least one page")
    save(canvas)
    return file.getvalue()
