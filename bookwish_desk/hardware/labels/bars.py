"""Barcodes as black dots: EAN-13 and Code 128 with bars of whole dots, quiet zones, and text to read.

Which of the two a code gets, and how wide its bars become, is decided here; where it stands is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from bookwish_desk.hardware.drawing import barcode_modules
from bookwish_desk.hardware.lettering import BLACK, WHITE, Lettering, width_of, write
from bookwish_desk.shop.check_digit import ean_fits
from bookwish_desk.shop.errors import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST = 48
"""Characters of a Code 128: what fits across a 4-inch label with bars of 0.125 mm."""

NARROWEST_MM = 0.12
"""The narrowest bar that common hand scanners are specified for: 5 mil, 0.127 mm; one dot at 203 dpi."""

_GUARDS = frozenset((0, 1, 2, 45, 46, 47, 48, 49, 92, 93, 94))  # modules of the long bars of an EAN-13
_DIGIT_MODULES = 7
_GLYPH = 0.6  # the advance of a figure of the font, in its size
_CAP = 0.7  # the height of a figure of the font, in its size
_TAIL = 0.22  # how far a g reaches below the line, in its size

# GS1 General Specifications, 5.2.1.2: the patterns of set A; C is its opposite, B is C backwards.
_SET_A = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
_SET_C = [a.translate({48: "1", 49: "0"}) for a in _SET_A]
_SET_B = [c[::-1] for c in _SET_C]
_FIRST = ["AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"]


class Bars(msgspec.Struct, frozen=True):
    """A code as modules, `1` for black, and the white modules that belong to its left and its right.

    EAN-13 asks for 11 and 7 (GS1 General Specifications, 5.2.3.4), Code 128 for 10 and 10 (ISO/IEC 15417).
    """

    text: str
    kind: Literal["ean13", "code128"]
    modules: str
    left: int
    right: int

    @property
    def width(self) -> int:
        """Return the modules across, with the quiet zones."""
        return self.left + len(self.modules) + self.right


def bars_of(code: str) -> Bars:
    """Return the bars of a code: an EAN-13 where the 13 digits and their check digit say so, else Code 128.

    Raises Refused for what Code 128 has no sign for, and for what is too long for any label.
    """
    if code.isascii() and ean_fits(code.encode()):
        return Bars(code, "ean13", _ean13(code), 11, 7)
    if not code or not code.isascii() or not code.isprintable():
        raise Refused("label.code", "This code cannot be a barcode. Use letters and digits without accents.")
    if len(code) > LONGEST:
        raise Refused("label.code", f"This code is longer than the {LONGEST} characters a barcode can have.")
    return Bars(code, "code128", barcode_modules(code), 10, 10)


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


def _ean13(digits: str) -> str:
    sets = {"A": _SET_A, "B": _SET_B}
    left = "".join(sets[s][int(d)] for s, d in zip(_FIRST[int(digits[0])], digits[1:7], strict=True))
    right = "".join(_SET_C[int(d)] for d in digits[7:])
    return f"101{left}01010{right}101"
