"""Weights and lengths as people read and type them: pounds, ounces and inches in the US, else grams and cm.

The books keep whole grams and millimetres. What is typed always says its unit where it could mean two.
"""

from __future__ import annotations

import re
from fractions import Fraction

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import half_up

MOST_GRAMS = 100_000
MOST_MM = 3_000

_OUNCE = Fraction(45_359_237, 1_600_000)
"""A pound is 0.45359237 kg (1959), an ounce a sixteenth of it."""
_INCH = Fraction(254, 10)
_NUMBER = r"(?:\d{1,7}(?:[.,]\d{1,4})?|[.,]\d{1,4})"
_PART = re.compile(rf"\s*({_NUMBER})\s*([a-z]+)\.?\s*,?", re.ASCII)
_LENGTH = re.compile(
    rf"(?:({_NUMBER})|(?:(\d{{1,3}})[ -]+)?(\d{{1,2}})\s*/\s*(\d{{1,2}}))\s*(\"|[a-z]+\.?)?", re.ASCII
)
_WEIGHTS: dict[str, Fraction] = {
    **dict.fromkeys(("g", "gr", "gram", "grams"), Fraction(1)),
    **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), Fraction(1000)),
    **dict.fromkeys(("oz", "ozs", "ounce", "ounces"), _OUNCE),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), 16 * _OUNCE),
}
_LENGTHS: dict[str, Fraction] = {
    **dict.fromkeys(("in", "ins", "inch", "inches", '"'), _INCH),
    "mm": Fraction(1),
    "cm": Fraction(10),
}
_MARKS = str.maketrans({"″": '"', "”": '"', "“": '"', "×": "x", "\xa0": " "})


def in_pounds(locale: str) -> bool:
    """Say whether a shop of this language and country reads pounds, ounces and inches."""
    return locale.endswith("_US")


# ---- weights ----


def weight_words(grams: int, locale: str, *, exact: bool = False) -> str:
    """Return a weight as the shop reads it: "2 lb 3 oz", "3.5 oz"; "980 g", "1.2 kg".

    Ounces have one decimal, as carriers take them. `exact` has as many (two at most) as `read_weight` needs
    to return the same grams: for fields that are written back.
    """
    if not in_pounds(locale):
        if grams < 1000 or (exact and grams % 10):
            return f"{grams} g"
        return f"{_decimal(Fraction(grams, 1000), 2, locale)} kg"
    steps = (1, 2, 10, 100) if exact else (10,)
    ounces = max(_fitting(grams, _OUNCE, steps), Fraction(1 if grams else 0, steps[-1]))
    pounds = int(ounces // 16)
    rest = ounces - 16 * pounds
    small = f"{_decimal(rest, 2, locale)} oz" if rest or not pounds else ""
    return " ".join(x for x in (f"{pounds} lb" if pounds else "", small) if x)


def read_weight(typed: str, locale: str, *, least: int = 1) -> int:
    """Return typed text such as "2 lb 3 oz", "35 oz", "1.2 kg" or "980 g" in grams.

    A number alone is grams where the shop reads grams, unless it has decimals. Raises Refused with one
    sentence for anything else, for nothing at all and for what no person could lift.
    """
    text = typed.translate(_MARKS).strip().casefold()
    example = "2 lb 3 oz, 35 oz or 980 g" if in_pounds(locale) else "980 g or 1.2 kg"
    if re.fullmatch(r"\d{1,7}", text, re.ASCII) and (not in_pounds(locale) or not int(text)):
        text += " g"
    grams, place, units = Fraction(0), 0, []
    while place < len(text):
        part = _PART.match(text, place)
        factor = _WEIGHTS.get(part[2]) if part is not None else None
        if part is None or factor is None:
            raise Refused("weight", f"Type a weight with its unit, such as {example}.", text=typed[:24])
        grams += _number(part[1]) * factor
        units.append(factor)
        place = part.end()
    if sorted(set(units), reverse=True) != units:  # 3 oz 2 lb, or 2 lb 3 lb: a slip of the finger
        raise Refused("weight", f"Type a weight such as {example}.", text=typed[:24])
    whole = _rounded(grams)
    if whole < least:
        raise Refused("weight", "A parcel weighs more than nothing. Put it on the scale.")
    if whole > MOST_GRAMS:
        raise Refused("weight", "That is more than anybody can lift. Look at the unit.")
    return whole


# ---- lengths ----


def length_words(millimetres: int, locale: str) -> str:
    """Return a length without its unit, in inches or centimetres: `read_length` returns the same of it."""
    if not in_pounds(locale):
        return _decimal(Fraction(millimetres, 10), 1, locale)
    return _decimal(_fitting(millimetres, _INCH, (1, 2, 4, 8, 10, 100)), 3, locale)


def size_words(length_mm: int, width_mm: int, height_mm: int, locale: str) -> str:
    """Return the size of a box: "10.5 x 7.25 x 1 in", "30 x 22 x 10 cm"; empty where nothing is known."""
    sizes = [length_words(mm, locale) for mm in (length_mm, width_mm, height_mm) if mm]
    return f"{' x '.join(sizes)} {length_unit(locale)}" if sizes else ""


def length_unit(locale: str) -> str:
    """Return the unit in which lengths are read: "in" or "cm"."""
    return "in" if in_pounds(locale) else "cm"


def read_length(typed: str, locale: str) -> int:
    """Return typed text such as "10.5", "10 1/2", "10.5 in", "26.7 cm" or "267 mm" in millimetres.

    A number alone is in `length_unit`. Raises Refused with one sentence for anything else.
    """
    text = typed.translate(_MARKS).strip().casefold()
    example = "10.5 or 10 1/2" if in_pounds(locale) else "26.7"
    refusal = Refused("length", f"Type a length such as {example}.", text=typed[:24])
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise refusal
    unit = _LENGTHS.get((found[5] or length_unit(locale)).removesuffix("."))
    if unit is None:
        raise refusal
    if found[1]:
        number = _number(found[1])
    elif not int(found[4]):
        raise refusal
    else:
        number = int(found[2] or 0) + Fraction(int(found[3]), int(found[4]))
    whole = _rounded(number * unit)
    if not 0 <= whole <= MOST_MM:
        raise Refused("length", "That is longer than any carrier takes.")
    return whole


# ---- numbers ----


def _fitting(count: int, unit: Fraction, steps: tuple[int, ...]) -> Fraction:
    """Return the plainest number of units that is rounded to a count: whole, then halves, then decimals."""
    numbers = [Fraction(_rounded(Fraction(count) / unit * step), step) for step in steps]
    return next((number for number in numbers if _rounded(number * unit) == count), numbers[-1])


def _rounded(number: Fraction) -> int:
    return half_up(number.numerator, number.denominator)


def _number(text: str) -> Fraction:
    """Return a typed number; 1,234 is refused, as it is a thousand to some and one and a bit to others."""
    whole, mark, part = text.replace(",", ".").partition(".")
    if "," in text and len(part) == 3:
        raise Refused("number", "Type the number without a thousands mark.", text=text[:24])
    return Fraction(int(f"{whole or 0}{part}"), 10 ** len(part)) if mark else Fraction(int(whole))


def _decimal(number: Fraction, places: int, locale: str) -> str:
    whole, rest = divmod(_rounded(number * 10**places), 10**places)
    tail = f"{rest:0{places}d}".rstrip("0")
    return f"{whole}{_mark(locale)}{tail}" if tail else str(whole)


def _mark(locale: str) -> str:
    """Return the decimal mark: a point in English and Japanese, a comma elsewhere, Mexico's point apart."""
    return "." if locale.partition("_")[0] in ("en", "ja") or locale in ("es_MX", "de_CH", "it_CH") else ","
