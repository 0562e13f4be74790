"""Barcodes as rows of modules: EAN-13 for trade and in-shop codes, Code 128 for everything else. Pure.

Which of the two a code gets, whether a scanner can read it back from a label, and what is too long, is
decided here; who draws it, where and with which letters below, is not.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from bookwish_desk.shop.check_digit import ean_fits
from bookwish_desk.shop.errors import Refused

LONGEST = 48
"""Characters of a Code 128: what fits across a 4-inch label with the narrowest bars."""

NARROWEST_MM = 0.12
"""The narrowest bar that common hand scanners are specified for: 5 mil, 0.127 mm; one dot at 203 dpi."""

_MM_PER_INCH = 25.4

# GS1 General Specifications, 5.2.1.2: the patterns of set A; C is its opposite, B is C backwards.
_SET_A = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
_SET_C = [a.translate({48: "1", 49: "0"}) for a in _SET_A]
_SET_B = [c[::-1] for c in _SET_C]
_FIRST = ["AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"]

# ISO/IEC 15417, table 1: the widths of bar, space, bar, space, bar, space of the values 0 to 105.
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
_STOP = "2331112"
_TO_C, _TO_B, _START_B, _START_C = 99, 100, 104, 105


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
    return Bars(code, "code128", code128(code), 10, 10)


def widths_that_fit(bars: Bars, width_mm: float, dpi: int) -> range:
    """Return how many dots a module may have on a label of this width, the widest first; empty for none.

    A module is of whole dots, wide enough for a scanner, and the quiet zones fit too.
    """
    dots_a_mm = dpi / _MM_PER_INCH
    widest = round(width_mm * dots_a_mm) // bars.width
    return range(widest, math.ceil(NARROWEST_MM * dots_a_mm) - 1, -1)


def code128(text: str) -> str:
    """Return the modules of a text of printable ASCII in Code 128, without quiet zones.

    Digits go in pairs where that is shorter: four or more at either end, six or more between (ISO/IEC
    15417, annex E).
    """
    values: list[int] = []
    pairs = False
    at = 0
    while at < len(text):
        digits = _digits_from(text, at)
        ends = at == 0 or at + digits == len(text)
        whole = digits == len(text) == 2
        if not pairs and (digits >= (4 if ends else 6) or whole):
            if digits % 2 and at:  # an odd digit goes before the pairs, but at the start behind them
                values.append(ord(text[at]) - 32)
                at += 1
            values.append(_TO_C if values else _START_C)
            pairs = True
        elif pairs and digits < 2:
            values.append(_TO_B)
            pairs = False
        elif not values:
            values.append(_START_B)
        if pairs:
            values.append(int(text[at : at + 2]))
            at += 2
        else:
            values.append(ord(text[at]) - 32)
            at += 1
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return "".join(_pattern(_WIDTHS[6 * value : 6 * value + 6]) for value in (*values, check)) + _pattern(
        _STOP
    )


def _digits_from(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return end - at


def _pattern(widths: str) -> str:
    return "".join(("0" if place % 2 else "1") * int(width) for place, width in enumerate(widths))


def _ean13(digits: str) -> str:
    sets = {"A": _SET_A, "B": _SET_B}
    left = "".join(sets[s][int(d)] for s, d in zip(_FIRST[int(digits[0])], digits[1:7], strict=True))
    right = "".join(_SET_C[int(d)] for d in digits[7:])
    return f"101{left}01010{right}101"
