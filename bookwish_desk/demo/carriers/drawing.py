"""The labels: 4x6 inches in black and white, in the shape of real ones, and plainly no postage.

Pillow is imported when the first one is drawn. Texts are drawn as dots: nothing in them can become a command.
"""

from __future__ import annotations

import io
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.hardware.labels import zpl
from bookwish_desk.hardware.lettering import BLACK, WHITE, Lettering, Weight, width_of, write
from bookwish_desk.shop.bars import code128
from bookwish_desk.shop.text import clean

if TYPE_CHECKING:
    from PIL.Image import Image

BANNER = "SIMULATION - NOT VALID FOR MAILING"
WIDE_IN, HIGH_IN = 4, 6
DPI, ZPL_DPI = 300, 203
_QUIET = 10
"""White modules beside a Code 128 (ISO/IEC 15417)."""
_SIGNS = {
    "GroundAdvantage": "G", "Priority": "P", "Express": "E", "MediaMail": "M", "LibraryMail": "L",
    "Ground": "U",
}  # fmt: skip


class LabelWords(msgspec.Struct, frozen=True):
    """What stands on a label. `marks` are the shop's own lines, `declared` those for customs."""

    carrier: str
    service: str
    tracking: str
    sender: tuple[str, ...]
    to: tuple[str, ...]
    ounces: float
    date: str
    marks: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    media: bool = False


class _Sheet:
    """A label being drawn: measures are thousandths of an inch."""

    def __init__(self, dpi: int) -> None:
        from PIL import Image, ImageDraw

        self.dpi = dpi
        self.image = Image.new("1", (WIDE_IN * dpi, HIGH_IN * dpi), WHITE)
        self.brush = ImageDraw.Draw(self.image)
        self.lettering = Lettering()

    def dots(self, mils: float) -> int:
        return round(mils * self.dpi / 1000)

    def fill(self, left: float, top: float, right: float, bottom: float) -> None:
        d = self.dots
        self.brush.rectangle((d(left), d(top), d(right) - 1, d(bottom) - 1), fill=BLACK)

    def text(
        self,
        text: str,
        left: float,
        baseline: float,
        size: float,
        *,
        room: float = 3_800,
        weight: Weight = "Regular",
        middle: bool = False,
    ) -> None:
        """Write a line, smaller where it would be wider than its room, and cut where that does not help."""
        text = clean(text, 120)
        height = self.dots(size)
        runs = self.lettering.runs(text, weight, height)
        least = max(self.dots(70), height // 2)
        while width_of(runs) > self.dots(room) and height > least:
            height -= max(1, height // 20)
            runs = self.lettering.runs(text, weight, height)
        while width_of(runs) > self.dots(room) and len(text) > 1:
            text = text[:-1]
            runs = self.lettering.runs(f"{text.rstrip()}…", weight, height)
        if runs:
            at = self.dots(left) + ((self.dots(room) - width_of(runs)) / 2 if middle else 0)
            write(self.image, runs, round(at), self.dots(baseline))

    def reversed(self, text: str, top: float, bottom: float, size: float) -> None:
        """Write a line in white on a black band across the whole label."""
        from PIL import Image, ImageChops

        band = _Sheet(self.dpi)
        band.image = Image.new("1", (self.image.width, self.dots(bottom) - self.dots(top)), WHITE)
        tall = bottom - top
        band.text(text, 100, tall / 2 + size * 0.36, size, room=3_800, weight="Bold", middle=True)
        self.image.paste(ImageChops.invert(band.image.convert("L")).convert("1"), (0, self.dots(top)))

    def bars(self, code: str, top: float, bottom: float) -> None:
        modules = code128(code)
        each = self.image.width * 97 // 100 // (len(modules) + 2 * _QUIET)
        left = (self.image.width - each * len(modules)) // 2
        for place, module in enumerate(modules):
            if module == "1":
                x = left + place * each
                self.brush.rectangle((x, self.dots(top), x + each - 1, self.dots(bottom) - 1), fill=BLACK)


def draw(words: LabelWords, dpi: int) -> Image:
    """Return a label as black dots, 4x6 inches."""
    sheet = _Sheet(dpi)
    _head(sheet, words)
    _addresses(sheet, words)
    _bars(sheet, words)
    for place, mark in enumerate(words.marks[:3]):
        sheet.text(mark, 150, 5_200 + place * 150, 120, room=3_700)
    sheet.reversed(BANNER, 5_630, 5_950, 200)
    return sheet.image


def _head(sheet: _Sheet, words: LabelWords) -> None:
    sheet.text(
        _SIGNS.get(words.service, words.carrier[:1]), 120, 880, 900, room=800, weight="Bold", middle=True
    )
    sheet.text("NO POSTAGE PAID", 1_100, 260, 150, room=2_700, weight="SemiBold")
    sheet.text(f"{words.carrier}  {words.date}", 1_100, 450, 130, room=2_700)
    sheet.text(_weight(words.ounces), 1_100, 630, 130, room=2_700)
    sheet.text("Simulated carrier of a demonstration", 1_100, 810, 110, room=2_700)
    sheet.fill(950, 50, 960, 1_000)
    sheet.fill(0, 1_000, 4_000, 1_012)
    sheet.text(_service(words), 100, 1_225, 210, room=3_800, weight="Bold", middle=True)
    sheet.reversed(BANNER, 1_310, 1_630, 200)


def _addresses(sheet: _Sheet, words: LabelWords) -> None:
    for place, line in enumerate(words.sender[:5]):
        sheet.text(line, 150, 1_800 + place * 125, 110, room=2_500)
    if words.declared:
        for place, line in enumerate(words.declared[:5]):
            sheet.text(line, 2_550, 1_800 + place * 125, 90, room=1_350)
    sheet.text("SHIP TO:", 150, 2_620, 100, weight="SemiBold")
    for place, line in enumerate(words.to[:6]):
        sheet.text(line, 500, 2_780 + place * 185, 160, room=3_350, weight="SemiBold" if place else "Bold")


def _bars(sheet: _Sheet, words: LabelWords) -> None:
    sheet.fill(0, 3_880, 4_000, 3_910)
    title = "MEDIA MAIL" if words.media else "TRACKING"
    sheet.text(f"{words.carrier} {title} #", 100, 4_060, 120, weight="Bold", middle=True)
    sheet.bars(words.tracking, 4_110, 4_800)
    sheet.text(_grouped(words.tracking), 100, 4_960, 130, weight="SemiBold", middle=True)
    sheet.fill(0, 5_030, 4_000, 5_060)


def _grouped(code: str) -> str:
    steps = {"1Z": (2, 3, 3, 2, 4), "LZ": (2, 3, 3, 3)}.get(code[:2], (4,) * (len(code) // 4))
    ends = (0, *accumulate(steps), len(code))
    return " ".join(code[a:b] for a, b in pairwise(ends) if code[a:b])


def _weight(ounces: float) -> str:
    pounds, rest = divmod(round(ounces * 10), 160)
    return f"{pounds} lb {rest / 10:g} oz" if pounds else f"{rest / 10:g} oz"


def _service(words: LabelWords) -> str:
    spaced = "".join(f" {char}" if char.isupper() and at else char for at, char in enumerate(words.service))
    plain = (
        spaced
        if not words.service.isupper() and "_" not in words.service
        else words.service.replace("_", " ")
    )
    named = plain.upper()
    return named if named.startswith(words.carrier.upper()) else f"{words.carrier.upper()} {named}"


def address_lines(address: dict[str, str | None]) -> tuple[str, ...]:
    """Return an address as lines, the country last where it is abroad."""
    from babel import Locale

    place = " ".join(part for part in (address["city"], address["state"], address["zip"]) if part)
    country = address["country"] or "US"
    abroad = str(Locale("en", "US").territories.get(country, country)).upper() if country != "US" else ""
    lines = (address["name"], address["company"], address["street1"], address["street2"], place, abroad)
    return tuple(line for line in lines if line)


# ---- files ----


def as_png(words: LabelWords) -> bytes:
    """Return a label as a picture of 1200 x 1800 dots."""
    out = io.BytesIO()
    draw(words, DPI).save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def as_pdf(words: LabelWords) -> bytes:
    """Return a label as one page of 4x6 inches."""
    out = io.BytesIO()
    draw(words, DPI).save(out, "PDF", resolution=float(DPI))
    return out.getvalue()


def as_zpl(words: LabelWords) -> bytes:
    """Return a label as a graphic for printers of 203 dpi."""
    return zpl.encode([draw(words, ZPL_DPI)], 1)


# ---- forms ----


def form_as_pdf(form_id: str, made_at: str, sender: tuple[str, ...], codes: tuple[str, ...]) -> bytes:
    """Return a form for the carrier's driver: one page of 4x6 inches, with a barcode of its own."""
    sheet = _Sheet(DPI)
    sheet.text("SHIPMENT CONFIRMATION", 100, 330, 240, weight="Bold", middle=True)
    sheet.reversed(BANNER, 450, 770, 200)
    for place, line in enumerate(sender[:5]):
        sheet.text(line, 150, 980 + place * 160, 140, room=3_700)
    sheet.text(f"Made {made_at}", 150, 1_860, 130)
    sheet.text(
        f"{len(codes)} parcel{'' if len(codes) == 1 else 's'} on this form",
        150,
        2_060,
        150,
        weight="SemiBold",
    )
    sheet.bars(form_id[-22:].upper(), 2_300, 3_000)
    sheet.text(form_id[-22:].upper(), 100, 3_160, 120, middle=True)
    for place, code in enumerate(codes[:14]):
        sheet.text(_grouped(code), 150, 3_420 + place * 145, 115)
    if len(codes) > 14:
        sheet.text(f"and {len(codes) - 14} more", 150, 3_420 + 14 * 145, 115)
    sheet.reversed(BANNER, 5_630, 5_950, 200)
    out = io.BytesIO()
    sheet.image.save(out, "PDF", resolution=float(DPI))
    return out.getvalue()
