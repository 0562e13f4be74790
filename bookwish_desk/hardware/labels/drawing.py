"""Shelf, price and test labels as dots: one pixel is one dot of the printer, black or white.

Sizes are of the label that is loaded. Text is cleaned here and becomes dots: nothing in it can become an
order to the printer. Carriers' labels are in `shipping`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.hardware.labels.bars import draw_bars
from bookwish_desk.hardware.labels.setting import Setter, Type
from bookwish_desk.hardware.lettering import BLACK, WHITE, Weight
from bookwish_desk.shop.bars import Bars, bars_of, widths_that_fit
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import PriceLabel, ShelfLabel, TestLabel
from bookwish_desk.shop.text import clean

if TYPE_CHECKING:
    from PIL.Image import Image

MM_PER_INCH = 25.4

_MOST_MM = 300.0
_LEAST_MM = 10.0
_LOWEST_BARS_MM = 5.0
_NORMAL_BAR_MM = 0.38  # GS1 asks for 0.264 to 0.66 mm; printed larger than normal it reads at arm's length
_LONGEST_TITLE = 160
_MOST_TITLE_LINES = 4
_LONGEST_LINE = 60


class Page(msgspec.Struct, frozen=True):
    """The label that is loaded, in dots; `mm` is the dots in a millimetre, `scale` 1 for 57 x 32 mm."""

    width: int
    height: int
    mm: float
    scale: float

    def dots(self, mm: float) -> int:
        """Return millimetres of this label's scale in dots, at least one."""
        return max(1, round(mm * self.scale * self.mm))


class _Face(msgspec.Struct, frozen=True):
    """What a shelf or price label says and how large, in millimetres at the scale 1."""

    title: str
    authors: str
    price: str
    aside: str
    shop: str
    title_type: tuple[Weight, float]
    price_mm: float
    aside_bold: bool


def page_of(setup: LabelPrinterSetup) -> Page:
    """Return the loaded label in dots. Raises Refused for a size no label has."""
    for side in (setup.width_mm, setup.height_mm):
        if not _LEAST_MM <= side <= _MOST_MM:
            raise Refused("label.size", "A label is 10 to 300 mm wide and high. Set up the printer's label.")
    mm = setup.dpi / MM_PER_INCH
    scale = min(2.0, max(0.72, min(setup.width_mm / 57, setup.height_mm / 32)))
    return Page(round(setup.width_mm * mm), round(setup.height_mm * mm), mm, scale)


def draw(label: PriceLabel | ShelfLabel | TestLabel, setup: LabelPrinterSetup) -> Image:
    """Draw a label for the size that is loaded. Raises Refused where its code cannot fit."""
    page = page_of(setup)
    if isinstance(label, TestLabel):
        return _draw_test(label, setup, page)
    return _Layout(page, setup, _face(label), bars_of(clean(label.code))).drawn()


def _face(label: PriceLabel | ShelfLabel) -> _Face:
    title = clean(label.title, _LONGEST_TITLE)
    authors = clean(label.authors, _LONGEST_LINE)
    price = clean(label.price, 24)
    if isinstance(label, PriceLabel):
        aside, shop = clean(label.detail, _LONGEST_LINE), clean(label.shop, _LONGEST_LINE)
        return _Face(title, authors, price, aside, shop, ("SemiBold", 3.4), 7.6, False)
    shelf = clean(label.shelf, _LONGEST_LINE)
    return _Face(title, authors, price, shelf, "", ("Bold", 4.6), 5.6, True)


class _Layout:
    """Places a face and its code on one label: text at the top, code and price at the bottom."""

    def __init__(self, page: Page, setup: LabelPrinterSetup, face: _Face, bars: Bars) -> None:
        from PIL import Image

        self._page = page
        self._setup = setup
        self._face = face
        self._bars = bars
        self._set = Setter()
        self._margin = max(round(1.2 * page.mm), page.dots(1.8))
        self._image = Image.new("1", (page.width, page.height), WHITE)
        self._small = Type("Regular", page.dots(2.6))
        self._letters = max(round(2.0 * page.mm), page.dots(2.4))
        self._dots, self._beside = self._module()

    def drawn(self) -> Image:
        """Return the label."""
        bottom = self._page.height - self._margin
        row = 0 if self._beside or not self._has_row else self._price_type.cap + self._page.dots(1.5)
        least = round(_LOWEST_BARS_MM * self._page.mm) + self._letters
        room = bottom - self._margin - row - least - self._page.dots(1.2)
        if room < -self._page.dots(1.2):
            raise self._no_room()
        end = self._write_words(room)
        top = end + row + (self._page.dots(1.6) if end > self._margin else 0)
        height = min(bottom - top, round(13 * self._page.scale * self._page.mm))
        if self._beside:
            self._write_column(bottom - height, bottom)
        elif row:
            self._write_row(bottom - height - self._page.dots(1.5))
        self._put_code(bottom - height, height)
        return self._image

    @property
    def _has_row(self) -> bool:
        return bool(self._face.price or self._face.aside)

    @property
    def _price_type(self) -> Type:
        size = self._face.price_mm if self._beside else self._face.price_mm * 0.8
        room = self._column if self._beside else self._inner * 2 // 3
        how = Type("Bold", self._page.dots(size))
        return self._set.largest(self._face.price, how, room, round(2.5 * self._page.mm))

    @property
    def _inner(self) -> int:
        return self._page.width - 2 * self._margin

    @property
    def _column(self) -> int:
        """Return how many dots are left beside the bars."""
        return self._beside_bars(self._dots)

    def _left(self, dots: int) -> int:
        """Return where bars of so many dots begin: their quiet zone may lie in the margin, a digit not."""
        if self._bars.kind == "ean13":
            return self._margin // 2
        return max(0, self._margin - self._bars.left * dots)

    def _beside_bars(self, dots: int) -> int:
        return self._page.width - self._left(dots) - self._bars.width * dots - self._margin

    def _module(self) -> tuple[int, bool]:
        """Choose the dots of a module, and whether the price stands beside the bars or above them."""
        widest = max(1, int(_NORMAL_BAR_MM * max(1.0, self._page.scale * 0.8) * self._page.mm))
        fitting = [
            n for n in widths_that_fit(self._bars, self._setup.width_mm, self._setup.dpi) if n <= widest
        ]
        if not fitting:
            raise self._no_room()
        wanted = Type("Bold", round(self._page.dots(self._face.price_mm) * 0.85))
        need = max(self._set.width(self._face.price, wanted), self._page.dots(11))
        for n in fitting:
            good = n >= 0.2 * self._page.mm
            if good and self._has_row and self._beside_bars(n) >= need:
                return n, True
        return fitting[0], False

    def _write_words(self, room: int) -> int:
        """Write title and authors from the top within `room` dots; return where they end."""
        weight, mm = self._face.title_type
        how = Type(weight, self._page.dots(mm))
        most = min(_MOST_TITLE_LINES, max(2, (room - self._small.line) // how.line))
        lines = self._set.lines(self._face.title, how, self._inner, most)
        authors = [self._set.shortened(self._face.authors, self._small, self._inner)]
        if not authors[0] or len(lines) * how.line + self._small.line > room:
            authors = []
        while lines and how.cap + (len(lines) - 1) * how.line > room:
            if len(lines) > 1:
                lines = self._set.lines(self._face.title, how, self._inner, len(lines) - 1)
            elif how.size > 2.2 * self._page.mm:
                how = Type(how.weight, how.size - 1)
                lines = self._set.lines(self._face.title, how, self._inner, 1)
            else:
                lines = []
        y = self._margin
        for line in lines:
            self._set.put(self._image, line, how, (self._margin, y + how.cap))
            y += how.line
        for line in authors:
            self._set.put(self._image, line, self._small, (self._margin, y + self._small.cap))
            y += self._small.line
        return y

    def _write_column(self, top: int, bottom: int) -> None:
        """Write price, detail and shop at the right of the bars, the price on the line of the digits."""
        right = self._page.width - self._margin
        how = self._price_type
        y = bottom - 1
        if self._face.price:
            self._set.put(self._image, self._face.price, how, (right, y), "right")
            y -= how.cap + self._page.dots(1.4)
        least = round(2 * self._page.mm)
        for text, usual, most in self._notes():
            kind = self._set.largest(max(text.split(), key=len), usual, self._column, least)
            for line in reversed(self._set.lines(text, kind, self._column, most)):
                if y - kind.cap >= top:
                    self._set.put(self._image, line, kind, (right, y), "right")
                    y -= kind.line

    def _notes(self) -> list[tuple[str, Type, int]]:
        bold = Type("SemiBold", self._page.dots(3.0))
        face = self._face
        notes = [(face.aside, bold if face.aside_bold else self._small, 2), (face.shop, self._small, 1)]
        return [note for note in notes if note[0]]

    def _write_row(self, baseline: int) -> None:
        """Write the price at the right above the bars, the detail at the left."""
        how = self._price_type
        right = self._page.width - self._margin
        self._set.put(self._image, self._face.price, how, (right, baseline), "right")
        room = self._inner - self._set.width(self._face.price, how) - self._page.dots(1.5)
        notes = self._notes()
        if notes and room > 0:
            text, kind, _most = notes[0]
            self._set.put(self._image, self._set.shortened(text, kind, room), kind, (self._margin, baseline))

    def _put_code(self, top: int, height: int) -> None:
        drawn = draw_bars(self._bars, self._dots, height, self._letters, self._set.lettering)
        left = self._left(self._dots) if self._beside else (self._page.width - drawn.width) // 2
        self._image.paste(drawn, (left, top))

    def _no_room(self) -> Refused:
        return Refused(
            "label.too_small",
            "The code does not fit on this label with bars that a scanner can read. Use a larger label.",
        )


def _draw_test(label: TestLabel, setup: LabelPrinterSetup, page: Page) -> Image:
    """Draw a frame at the very edge, a ruler of millimetres, letters of all kinds, and a code."""
    from PIL import Image, ImageDraw

    image = Image.new("1", (page.width, page.height), WHITE)
    brush = ImageDraw.Draw(image)
    thick = max(2, round(0.25 * page.mm))
    brush.rectangle((0, 0, page.width - 1, page.height - 1), outline=BLACK, width=thick)
    _draw_ruler(image, page)
    setter = Setter()
    left = round(4.2 * page.mm)
    room = page.width - left - page.dots(1.5)
    y = round(4.0 * page.mm)
    large = Type("Bold", page.dots(3.8))
    plain = Type("Regular", page.dots(2.6))
    size = f"{setup.width_mm:g} × {setup.height_mm:g} mm, {setup.dpi} dpi"
    for text, how in (
        (clean(label.printer, _LONGEST_LINE), large),
        (size, plain),
        ("Aa Éé Łódź ß ¿? €12.50 東京", plain),
    ):
        y += how.cap
        setter.put(image, setter.shortened(text, how, room), how, (left, y))
        y += how.line - how.cap
    bars = bars_of("TEST-LABEL")
    dots = max(1, min(room // bars.width, int(0.3 * page.mm)))
    height = page.height - y - page.dots(1.5)
    if bars.width * dots <= page.width - 2 * thick and height >= round(3 * page.mm):
        drawn = draw_bars(bars, dots, min(height, page.dots(14)), plain.size, setter.lettering)
        at = (min(left, page.width - thick - drawn.width), page.height - page.dots(1.0) - drawn.height)
        image.paste(drawn, at)
    return image


def _draw_ruler(image: Image, page: Page) -> None:
    """Draw a tick each millimetre along the upper and the left edge, longer at 5 and 10."""
    for across in (True, False):
        long = page.width if across else page.height
        for tick in range(1, int(long / page.mm)):
            at = round(tick * page.mm)
            deep = round((2.6 if tick % 10 == 0 else 1.8 if tick % 5 == 0 else 1.0) * page.mm)
            box = (at, 0, at + 1, deep) if across else (0, at, deep, at + 1)
            image.paste(BLACK, box)
