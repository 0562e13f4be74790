"""Text as black dots in the bundled fonts, each character in a font that has it: for slips and labels.

Pillow is imported when the first font is loaded, on a device's lane. Nothing is kept between jobs: a
`Lettering` lives as long as one slip or label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from bookwish_desk.resource import resource_path

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

Weight = Literal["Regular", "SemiBold", "Bold"]
Run = tuple[str, "FreeTypeFont"]

BLACK, WHITE = 0, 1

_EASTERN = "WenQuanYiMicroHei.ttf"
_KNOWING_SIZE = 22  # dots; whether a font has a character is asked once, at this size


class Lettering:
    """The fonts of one slip or label."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[str, int], FreeTypeFont] = {}
        self._known: dict[tuple[str, str], bool] = {}

    def runs(self, text: str, weight: Weight, size: int) -> list[Run]:
        """Part `text` by the font that has its characters, `size` dots high; what none has becomes Latin."""
        runs: list[tuple[str, str]] = []
        for char in text:
            drawn, name = self._drawable(char, f"IBMPlexSans-{weight}.ttf")
            if runs and runs[-1][1] == name:
                runs[-1] = (runs[-1][0] + drawn, name)
            else:
                runs.append((drawn, name))
        return [(run, self._font(name, size)) for run, name in runs]

    def _drawable(self, char: str, latin: str) -> tuple[str, str]:
        """Return `char` and the font that has it; what no font has is written in Latin letters."""
        if self._has(latin, char):
            return char, latin
        if self._has(_EASTERN, char):
            return char, _EASTERN
        return _latin_letters(char), latin

    def _has(self, name: str, char: str) -> bool:
        if char.isascii():
            return True
        if (name, char) not in self._known:
            font = self._font(name, _KNOWING_SIZE)
            missing = bytes(font.getmask("\U0010ffff"))
            self._known[name, char] = bytes(font.getmask(char)) != missing
        return self._known[name, char]

    def _font(self, name: str, size: int) -> FreeTypeFont:
        from PIL import ImageFont

        if (name, size) not in self._fonts:
            path = str(resource_path("fonts", name))
            self._fonts[name, size] = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
        return self._fonts[name, size]


def overhang(runs: Sequence[Run]) -> float:
    """Return how many dots the first letter reaches left of where it stands, as the bar of an Ł does."""
    return -min(0, runs[0][1].getbbox(runs[0][0], anchor="ls")[0]) if runs else 0.0


def width_of(runs: Sequence[Run]) -> float:
    """Return how wide runs are, in dots, with what the first letter reaches to the left."""
    return overhang(runs) + sum(font.getlength(run) for run, font in runs)


def write(image: Image, runs: Sequence[Run], left: float, baseline: float) -> None:
    """Draw runs in black, the first letter's ink beginning at `left`, standing on `baseline`."""
    from PIL import ImageDraw

    brush = ImageDraw.Draw(image)
    left += overhang(runs)
    for run, font in runs:
        brush.text((left, baseline), run, fill=BLACK, font=font, anchor="ls")
        left += font.getlength(run)


def _latin_letters(char: str) -> str:
    from anyascii import anyascii

    return anyascii(char) or "?"
