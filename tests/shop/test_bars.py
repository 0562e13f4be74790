"""Barcodes as modules: against a second opinion, read back by a scanner in software, and what fits."""

from __future__ import annotations

import pytest
import zxingcpp
from barcode.charsets.code128 import CODES  # type: ignore[import-untyped]
from barcode.codex import Code128  # type: ignore[import-untyped]
from barcode.ean import EAN13  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bookwish_desk.shop import bars
from bookwish_desk.shop.bars import bars_of, code128, widths_that_fit
from bookwish_desk.shop.errors import Refused

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
CODES_OF_SHOPS = st.from_regex(r"[0-9]{0,14}[A-Z-]{0,3}[0-9]{0,8}[A-Za-z ]?[0-9]{0,3}", fullmatch=True)


def read(modules: str) -> zxingcpp.Barcode:
    strip = Image.new("L", (len(modules) + 20, 1), 255)
    strip.putdata([255] * 10 + [0 if module == "1" else 255 for module in modules] + [255] * 10)
    (found,) = zxingcpp.read_barcodes(strip.resize((strip.width * 3, 60), Image.Resampling.NEAREST))
    return found


@given(st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_an_ean_is_what_a_second_opinion_says(body: str) -> None:
    theirs = EAN13(body)
    ours = bars_of(theirs.get_fullcode())
    assert (ours.kind, ours.modules) == ("ean13", theirs.build()[0])


def test_the_patterns_of_code_128_are_those_of_a_second_opinion() -> None:
    ours = [bars._pattern(bars._WIDTHS[6 * value : 6 * value + 6]) for value in range(106)]
    assert ours == list(CODES)[:106]


@settings(max_examples=300, deadline=None)
@given(PRINTABLE | CODES_OF_SHOPS.filter(bool))
def test_code_128_is_read_back_and_no_longer_than_a_second_opinion(text: str) -> None:
    modules = code128(text)
    found = read(modules)
    assert (found.format, found.text) == (zxingcpp.BarcodeFormat.Code128, text)
    if not text.startswith("99"):  # which the second opinion loses
        assert len(modules) <= len(Code128(text).build()[0])


@pytest.mark.parametrize("code", ["", "naïve", "a\nb", "\x1b", "x" * 49])
def test_what_cannot_be_bars_is_refused(code: str) -> None:
    with pytest.raises(Refused):
        bars_of(code)


@pytest.mark.parametrize(
    ("code", "width_mm", "dpi", "dots"),
    [
        ("9780156701600", 57, 203, [4, 3, 2, 1]),
        ("9780156701600", 38, 203, [2, 1]),
        ("9780156701600", 38, 300, [3, 2]),
        ("9780156701600U1", 38, 203, [1]),
        ("9780156701600U1", 19, 203, []),
        ("9780156701600", 14, 300, []),
    ],
)
def test_modules_are_whole_dots_and_wide_enough_for_a_scanner(
    code: str, width_mm: float, dpi: int, dots: list[int]
) -> None:
    assert list(widths_that_fit(bars_of(code), width_mm, dpi)) == dots
