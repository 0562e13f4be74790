"""The slips that the tests of the hardware floor print."""

from __future__ import annotations

import io
import string

from hypothesis import strategies as st
from PIL import Image, ImageDraw

from bookwish_desk.hardware.model import PrinterProfile
from bookwish_desk.shop.slip import Code, Element, Gap, Logo, Pair, Rule, Slip, Words

PAPER_58 = PrinterProfile(columns=32, dots=384, cut=False)


def logo_png(width: int = 300, height: int = 120) -> bytes:
    """Draw an open book, as a shop might have it."""
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    middle, top, foot = width // 2, height // 8, height * 7 // 8
    for side in (-1, 1):
        edge = middle + side * width // 2 - side * 8
        pen.polygon([(middle, top + 12), (edge, top), (edge, foot - 12), (middle, foot)], outline=0, width=5)
        for row in range(3):
            y = top + height // 5 + row * height // 6
            pen.line([(middle + side * 20, y + 6), (edge - side * 20, y)], fill=0, width=4)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def receipt(copy: bool = False, logo: bool = False, code: str = "R1-000042") -> Slip:
    """Return a receipt with everything a receipt has."""
    elements: list[Element] = [Logo(logo_png()), Gap()] if logo else []
    elements += [
        Words("The Corner Bookshop", align="center", bold=True, large=True),
        Words("12 Orchard Street, Springfield", align="center"),
        Words("+1 217 555 0142 · cornerbooks.example", align="center"),
        Gap(),
        Pair("R1-000042", "24 Dec 2026 10:42"),
        Words("Served by Ann Ørsted"),
        Rule(),
        Pair("The Hitchhiker’s Guide to the Galaxy – 42nd Anniversary Edition", "17.99"),
        Pair("2 × 9.99", "19.98", indent=2),
        Pair("東京ブックガイド 村上春樹", "24.00"),
        Pair("Łódź: a city", "12.50"),
        Pair("Ærø i gamle dage", "31.00"),
        Pair("Discount 10 %", "-3.10", indent=2),
        Rule(),
        Pair("Subtotal", "102.37"),
        Pair("Sales tax 8.875 %", "9.09"),
        Pair("Total", "$111.46", bold=True, large=True),
        Pair("Cash", "120.00"),
        Pair("Change", "8.54"),
        Gap(),
        Words(
            "Returns within 30 days with this receipt. Gift cards, special orders and magazines cannot "
            "be returned.",
            align="center",
        ),
        Gap(),
        Code(code),
        Gap(),
        Words("Thank you. Read on.", align="center", bold=True),
    ]
    return Slip("receipt", code, tuple(elements), copy)


def latin(kind: str = "receipt") -> Slip:
    """Return a small slip that any code page can print."""
    return Slip("receipt", "R1-000007", (Words("Hello"), Pair("Total", "1.00"), Code("R1-000007")))


_nasty = st.text(max_size=60) | st.text(
    "\x00\x10\x14\x1b\x1c\x1d@Vp(kLv!aJ\x7f\x9b\n\r abcŁ東é\u202e", max_size=40
)
_aligns = st.sampled_from(["left", "center", "right"])
_words = st.builds(Words, _nasty, align=_aligns, bold=st.booleans(), large=st.booleans())
_pairs = st.builds(Pair, _nasty, _nasty, bold=st.booleans(), large=st.booleans(), indent=st.integers(-3, 60))
_codes = st.builds(
    Code, st.text(string.ascii_uppercase + string.digits + "-", min_size=1, max_size=24) | _nasty
)
_gaps = st.builds(Gap, st.integers(-5, 50))
_logos = st.builds(Logo, st.binary(max_size=80))
elements = st.one_of(_words, _pairs, _codes, _gaps, _logos, st.just(Rule()))
slips = st.builds(
    Slip,
    st.sampled_from(["receipt", "gift", "hold", "report", "test", "key"]),
    _nasty,
    st.lists(elements, max_size=8).map(tuple),
    st.booleans(),
)
