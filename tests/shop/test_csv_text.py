"""CSV that opens in a spreadsheet as it was written: no formula, nothing torn."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.csv_text import csv_text, guarded


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_looks_like_a_formula_is_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


def test_everything_else_stays() -> None:
    assert [guarded(c) for c in ("", "Emma", "12.50", "'tis", "a=b")] == ["", "Emma", "12.50", "'tis", "a=b"]


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=6))
def test_rows_come_back_as_they_were_but_for_the_guard(rows: list[list[str]]) -> None:
    text = csv_text(rows)
    back = list(csv.reader(io.StringIO(text, newline="")))
    assert back == [[guarded(c) for c in row] for row in rows]
    assert not any(c[:1] in ("=", "+", "-", "@", "\t", "\r") for row in back for c in row)
