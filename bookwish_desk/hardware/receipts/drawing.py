"""Lines of a slip drawn as black dots: for what a printer's code page lacks, and for pictures of paper.

Uses the bundled fonts only. Pillow is imported when the first line is drawn, on a device's lane. Nothing is
kept between jobs: a `Pen` lives as long as one slip.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from bookwish_desk.hardware.lettering import BLACK, WHITE, Lettering, width_of, write
from bookwish_desk.hardware.model import PrinterProfile
from bookwish_desk.hardware.receipts.layout import (
    CodeLine,
    Line,
    LogoLine,
    RuleLine,
    TextLine,
    cells,
    lay_out,
)
from bookwish_desk.shop.bars import code128
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.slip import Slip

if TYPE_CHECKING:
    from PIL.Image import Image

LINE_DOTS = 30  # a printer's own line: 24 dots of font A and 6 between
BARCODE_DOTS = 64

_FONT_SIZE = 22
_BASELINE = 21  # where the letters of font A stand, so that drawn lines and printed ones agree
_MOST_PNG_BYTES = 1_000_000
_MOST_PNG_PIXELS = 4_000_000
_MOST_LOGO_DOTS = 320  # down the paper: 40 mm


def picture(slip: Slip, profile: PrinterProfile) -> bytes:
    """Return a PNG of the paper that `slip` comes out on, one pixel a dot, with the paper's margins."""
    from PIL import Image

    paper = draw(slip, profile)
    margin = round(profile.dots * 0.07)
    around = Image.new("1", (paper.width + 2 * margin, paper.height + 3 * LINE_DOTS), WHITE)
    around.paste(paper, (margin, LINE_DOTS))
    return as_png(around)


def draw(slip: Slip, profile: PrinterProfile) -> Image:
    """Draw the whole slip, `profile.dots` wide. A logo that cannot be read is left out."""
    from PIL import Image

    pen = Pen(profile)
    rows = [pen.draw(line) for line in lay_out(slip, profile.columns)]
    paper = Image.new("1", (profile.dots, max(1, sum(row.height for row in rows))), WHITE)
    top = 0
    for row in rows:
        paper.paste(row, (0, top))
        top += row.height
    return paper


@lru_cache(maxsize=4)
def read_logo(png: bytes, dots: int) -> Image:
    """Return a logo in black and white, made smaller to fit `dots` across, never larger.

    The picture is kept for the next receipt: do not draw on it. Raises `Refused` when it is no PNG or too
    big: sizes are checked before it is unpacked.
    """
    from PIL import Image

    if len(png) > _MOST_PNG_BYTES:
        raise Refused("logo.too_big", "The logo is larger than 1 MB. Choose a smaller PNG.", size=len(png))
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            if opened.width * opened.height > _MOST_PNG_PIXELS:
                raise Refused(
                    "logo.too_big", "The logo has more than 4 million pixels. Choose a smaller PNG."
                )
            image = opened.convert("RGBA")
    except Refused:
        raise
    except Exception as fault:  # Pillow raises many kinds of errors on damaged files
        raise Refused("logo.unreadable", "The logo is not a PNG that can be read.") from fault
    grey = Image.new("RGBA", image.size, "white")
    grey.alpha_composite(image)
    scale = min(1.0, dots / image.width, _MOST_LOGO_DOTS / image.height)
    size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    plain = grey.convert("L").resize(size, Image.Resampling.LANCZOS)
    middle = sum(plain.histogram()[64:192]) / (plain.width * plain.height)
    if middle > 0.25:  # a photograph: dots give its greys
        return plain.convert("1")
    return plain.point(lambda grey: 255 if grey > 127 else 0).convert("1", dither=Image.Dither.NONE)


def checked_logo(png: bytes) -> bytes:
    """Return a logo as it is kept: a black and white PNG for 80 mm paper. Raises `Refused` as `read_logo`."""
    return as_png(read_logo(png, 576))


class Pen:
    """Draws single lines for one printer. Make one for each slip."""

    def __init__(self, profile: PrinterProfile) -> None:
        self._dots = profile.dots
        self._cell = profile.dots / profile.columns
        self._lettering = Lettering()

    def draw(self, line: Line) -> Image:
        """Return one line as an image as wide as the paper."""
        match line:
            case TextLine():
                return self._text(line)
            case RuleLine():
                return self._rule()
            case CodeLine():
                return self.barcode(line.text)
            case LogoLine():
                return self._logo(line.png)

    def barcode(self, text: str) -> Image:
        """Draw the bars as wide as the paper lets them be, their text below."""
        from PIL import Image

        bars = code128(text)
        wide = max(1, min(3, self._dots // len(bars)))
        strip = Image.new("1", (len(bars), 1), WHITE)
        strip.putdata([BLACK if bar == "1" else WHITE for bar in bars])
        grown = strip.resize((len(bars) * wide, BARCODE_DOTS), Image.Resampling.NEAREST)
        below = self._text(TextLine(text, round(self._dots / self._cell), align="center"))
        image = self._blank(BARCODE_DOTS + below.height + 4)
        image.paste(grown, ((self._dots - grown.width) // 2, 0))
        image.paste(below, (0, BARCODE_DOTS + 4))
        return image

    def _text(self, line: TextLine) -> Image:
        grow = 2 if line.large else 1
        image = self._blank(LINE_DOTS * grow)
        cell = self._cell * grow
        width = cell * line.columns
        right = self._strip(line.right, cells(line.right) * cell, line)
        room = width - line.indent * cell - (right.width + cell if line.right else 0)
        left = self._strip(line.text, room, line)
        if right.width:
            image.paste(right, (int(width) - right.width, 0))
        free = 0 if line.right else width - line.indent * cell - left.width
        start = line.indent * cell + {"left": 0.0, "center": free / 2, "right": free}[line.align]
        image.paste(left, (int(start), 0))
        return image

    def _strip(self, text: str, room: float, line: TextLine) -> Image:
        """Draw `text` on an image of its own, pressed together when it is wider than `room` dots."""
        from PIL import Image

        grow = 2 if line.large else 1
        runs = self._lettering.runs(text, "Bold" if line.bold else "Regular", _FONT_SIZE * grow)
        image = Image.new("1", (int(width_of(runs) + 0.999), LINE_DOTS * grow), WHITE)
        write(image, runs, 0.0, _BASELINE * grow)
        if image.width > room >= 1:
            image = image.resize((int(room), image.height), Image.Resampling.NEAREST)
        return image

    def _rule(self) -> Image:
        from PIL import ImageDraw

        image = self._blank(LINE_DOTS)
        ImageDraw.Draw(image).rectangle((0, LINE_DOTS // 2, self._dots, LINE_DOTS // 2 + 1), fill=BLACK)
        return image

    def _logo(self, png: bytes) -> Image:
        try:
            logo = read_logo(png, self._dots)
        except Refused:  # checked when it was chosen; a receipt without a logo is better than none
            return self._blank(0)
        image = self._blank(logo.height)
        image.paste(logo, ((self._dots - logo.width) // 2, 0))
        return image

    def _blank(self, height: int) -> Image:
        from PIL import Image

        return Image.new("1", (self._dots, height), WHITE)


def as_png(image: Image) -> bytes:
    """Return a picture as the bytes of a PNG."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
