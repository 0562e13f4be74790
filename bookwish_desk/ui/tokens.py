"""The one table of colours, sizes and type that every screen is drawn from. Values only: no Qt here.

Named tuples and not the structs of other values: the window is painted before msgspec is imported.
"""

from __future__ import annotations

from typing import NamedTuple


class Colours(NamedTuple):
    """The colours of one theme as `#rrggbb`.

    Texts (`ink`, `ink_soft`, `warn`, `danger`, `ok`) reach 4.5:1 on `paper`, `surface`, `raised` and
    `selection`; `control_border` and `focus` reach 3:1 there; `line` is decoration and need not.
    """

    paper: str
    surface: str
    raised: str
    pressed: str
    ink: str
    ink_soft: str
    ink_off: str
    line: str
    control_border: str
    focus: str
    selection: str
    pay: str
    pay_raised: str
    pay_ink: str
    primary: str
    primary_raised: str
    primary_ink: str
    ok: str
    warn: str
    warn_fill: str
    danger: str
    danger_fill: str
    ok_fill: str
    scrim: str


LIGHT = Colours(
    paper="#f5f3ee",
    surface="#ffffff",
    raised="#f9f8f4",
    pressed="#ece9e1",
    ink="#1c1b18",
    ink_soft="#5c594f",
    ink_off="#8f8b80",
    line="#dcd8ce",
    control_border="#888374",
    focus="#1b56c2",
    selection="#eeebe2",
    pay="#205b4d",
    pay_raised="#1a4d41",
    pay_ink="#ffffff",
    primary="#2f2d28",
    primary_raised="#45423b",
    primary_ink="#ffffff",
    ok="#205b4d",
    warn="#7d5200",
    warn_fill="#fdf3dc",
    danger="#a4201f",
    danger_fill="#fcebe8",
    ok_fill="#e8f1ec",
    scrim="#1c1b18",
)

DARK = Colours(
    paper="#161819",
    surface="#1f2325",
    raised="#272c2e",
    pressed="#121415",
    ink="#f1eee7",
    ink_soft="#b0ada4",
    ink_off="#7b7a74",
    line="#363b3e",
    control_border="#7f8689",
    focus="#8ab4f8",
    selection="#2e3437",
    pay="#5fbfa5",
    pay_raised="#74cdb5",
    pay_ink="#0b241d",
    primary="#e9e5dc",
    primary_raised="#ffffff",
    primary_ink="#1c1b18",
    ok="#63c3a9",
    warn="#efba5d",
    warn_fill="#332a17",
    danger="#ff8b80",
    danger_fill="#3a2021",
    ok_fill="#1c302a",
    scrim="#000000",
)

CONTRAST = Colours(
    paper="#000000",
    surface="#000000",
    raised="#1a1a1a",
    pressed="#333333",
    ink="#ffffff",
    ink_soft="#f0f0f0",
    ink_off="#a8a8a8",
    line="#ffffff",
    control_border="#ffffff",
    focus="#ffe600",
    selection="#26264d",
    pay="#37e08f",
    pay_raised="#6bf0af",
    pay_ink="#000000",
    primary="#ffffff",
    primary_raised="#d9d9d9",
    primary_ink="#000000",
    ok="#5cf2a8",
    warn="#ffd24a",
    warn_fill="#1f1800",
    danger="#ff9d94",
    danger_fill="#2a0806",
    ok_fill="#03200f",
    scrim="#000000",
)

THEMES: dict[str, Colours] = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}


class Sizes(NamedTuple):
    """Lengths in device-independent pixels. `target` is the least side of anything one can press."""

    target: int = 48
    tile: int = 88
    pay: int = 76
    row: int = 56
    row_single: int = 48
    header: int = 64
    gap_small: int = 6
    gap: int = 12
    gap_large: int = 20
    margin: int = 20
    radius: int = 8
    radius_card: int = 10
    border: int = 1
    focus_ring: int = 2
    icon: int = 20


SIZES = Sizes()


class Type(NamedTuple):
    """The type scale in pixels and the font families, first choice first."""

    families: tuple[str, ...] = ("IBM Plex Sans", "WenQuanYi Micro Hei")
    tiny: int = 12
    small: int = 13
    body: int = 15
    head: int = 17
    title: int = 20
    amount: int = 28
    pay: int = 22
    total: int = 42


TYPE = Type()


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
