"""Barcodes as black dots on a label, with the text to read below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookwish_desk.hardware.lettering import BLACK, WHITE, Lettering, width_of, write
from bookwish_desk.shop.bars import Bars

if TYPE_CHECKING:
    from PIL.Image import Image

_GUARDS = frozenset((0, 1, 2, 45, 46, 47, 48, 49, 92, 93, 94))  # modules of the long bars of an EAN-13
_DIGIT_MODULES = 7
_GLYPH = 0.6  # the advance of a figure of the font, in its size
_CAP = 0.7  # the height of a figure of the font, in its size
_TAIL = 0.22  # how far a g reaches below the line, in its size


def draw_bars(bars: Bars, dots: int, height: int, letters: int, lettering: Lettering) -> Image:
    """Draw bars of `dots` a module, `height` dots with the text below, quiet zones at both sides.

    `letters` is the size of the text, in dots; that of an EAN-13 stands between its long bars where it can.
    """
    from PIL import Image

    image = Image.new("1", (bars.width * dots, height), WHITE)
    tucked = bars.kind == "ean13" and dots >= 2
    size = int(_DIGIT_MODULES * dots / _GLYPH) if tucked else letters
    size = min(size, max(letters, 20)) if tucked else size
    below = round(size * (_CAP if bars.kind == "ean13" else _CAP + _TAIL))
    short = height - below - max(3, size // 5)
    long = min(height, short + round(below * 0.55)) if tucked else short
    for place, module in enumerate(bars.modules):
        if module == "1":
            left = (bars.left + place) * dots
            end = long if tucked and place in _GUARDS else short
            image.paste(BLACK, (left, 0, left + dots, end))
    if tucked:
        _write_digits(image, bars, dots, height, size, lettering)
    else:
        _write_below(image, bars, height, size, lettering)
    return image


def _write_digits(image: Image, bars: Bars, dots: int, height: int, size: int, lettering: Lettering) -> None:
    """Write each digit of an EAN-13 under its own bars, the first one before them."""
    for place, digit in enumerate(bars.text):
        runs = lettering.runs(digit, "Regular", size)
        if place == 0:
            middle = (bars.left - _DIGIT_MODULES / 2 - 2) * dots
        else:
            module = 3 + (place - 1) * _DIGIT_MODULES + (5 if place > 6 else 0)
            middle = (bars.left + module + _DIGIT_MODULES / 2) * dots
        write(image, runs, round(middle - width_of(runs) / 2), height - 1)


def _write_below(image: Image, bars: Bars, height: int, size: int, lettering: Lettering) -> None:
    """Write the text in the middle below the bars, smaller where it would be wider than they are."""
    baseline = height - 1 - (0 if bars.kind == "ean13" else round(size * _TAIL))
    runs = lettering.runs(bars.text, "Regular", size)
    while size > 8 and width_of(runs) > image.width:
        size -= 1
        runs = lettering.runs(bars.text, "Regular", size)
    middle = (bars.left + len(bars.modules) / 2) / bars.width * image.width
    left = max(0.0, min(middle - width_of(runs) / 2, image.width - width_of(runs)))
    write(image, runs, round(left), baseline)
