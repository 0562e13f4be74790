"""Where things stand on paper: golden slips for each width, and rules that hold for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.hardware.receipts.layout import (
    CodeLine,
    LogoLine,
    RuleLine,
    TextLine,
    cells,
    fold,
    lay_out,
    plain_text,
    wrap,
)
from bookwish_desk.shop.slip import Code, Gap, Logo, Pair, Slip, Words
from tests.hardware.slips import receipt, slips

GOLDEN = Path(__file__).parent / "golden"


def lines(*elements: Words | Pair | Gap | Code | Logo, columns: int = 32) -> list[str]:
    return plain_text(Slip("test", "t", elements), columns).split("\n")[:-1]


@pytest.mark.capability("BW+03")
@pytest.mark.parametrize("columns", [48, 42, 32])
def test_golden_receipt(columns: int) -> None:
    golden = (GOLDEN / f"receipt-{columns}.txt").read_text(encoding="utf-8")
    assert plain_text(receipt(logo=True), columns) == golden


def test_a_copy_says_so_first() -> None:
    first, *rest = lay_out(receipt(copy=True), 48)
    assert isinstance(first, TextLine)
    assert (first.text, first.align, first.bold, first.large) == ("*** COPY ***", "center", True, True)
    assert tuple(rest) == lay_out(receipt(), 48)


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 10, ("",)),
        ("one two three", 7, ("one two", "three")),
        ("one two three", 100, ("one two three",)),
        ("abcdefghij", 4, ("abcd", "efgh", "ij")),
        ("ab abcdefgh", 4, ("ab", "abcd", "efgh")),
        ("東京ガイド", 4, ("東京", "ガイ", "ド")),
        ("東京ガイド", 5, ("東京", "ガイ", "ド")),
        ("ab東京", 4, ("ab東", "京")),
        ("東 京", 4, ("東", "京")),
        ("東 京", 5, ("東 京",)),
        ("東京abc", 5, ("東京", "abc")),
    ],
)
def test_wrap(text: str, width: int, rows: tuple[str, ...]) -> None:
    assert wrap(text, width) == rows


@given(st.text(max_size=120).map(fold), st.integers(2, 48))
def test_wrapped_text_fits_and_loses_nothing(text: str, width: int) -> None:
    rows = wrap(text, width)
    assert all(cells(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


def test_figures_stand_at_the_right_edge_whatever_is_left() -> None:
    for left in (
        "A",
        "Łódź",
        "東京ブックガイド",
        "e\u0301te\u0301",
        "A very long title that must be wrapped",
    ):
        row = lines(Pair(left, "12.50"))[-1]
        assert cells(row) == 32
        assert row.endswith("  12.50")


def test_a_figure_too_wide_for_its_line_stands_below() -> None:
    assert lines(Pair("Card", "VISA 4242 authorised 123456")) == [
        "Card",
        "     VISA 4242 authorised 123456",
    ]
    assert lines(Pair("Only text", "")) == ["Only text"]


def test_indented_pairs_wrap_under_themselves() -> None:
    assert lines(Pair("gift wrapped in the green paper", "2.00", indent=2), columns=24) == [
        "  gift wrapped in",
        "  the green paper   2.00",
    ]


def test_gaps_are_bounded() -> None:
    assert lines(Gap(3)) == ["", "", ""]
    assert lines(Gap(-2)) == []
    assert len(lines(Gap(1000))) == 20


def test_typographic_marks_become_plain() -> None:
    assert fold("“The ﬁrst” ‘one’ – two — three… • 5 − 3") == "\"The first\" 'one' - two - three... * 5 - 3"


def test_text_from_outside_cannot_forge_a_line() -> None:
    assert lines(Words("Ann\nREFUND -99.00\x1b@")) == ["Ann REFUND -99.00@"]


def test_a_code_no_barcode_can_hold_is_printed_as_text() -> None:
    for text in ("", "lower", "A" * 25, "{C\x00", "É"):
        assert not any(isinstance(x, CodeLine) for x in lay_out(Slip("test", "t", (Code(text),)), 32))


@given(slips, st.sampled_from([48, 42, 32]))
def test_every_line_of_any_slip_fits(slip: Slip, columns: int) -> None:
    for line in lay_out(slip, columns):
        assert isinstance(line, TextLine | RuleLine | CodeLine | LogoLine)
        if isinstance(line, TextLine):
            assert line.columns == (columns // 2 if line.large else columns)
            assert cells(line.padded()) <= line.columns
            assert line.text.isprintable() and line.right.isprintable()
            assert not line.right or line.padded().endswith(line.right)
