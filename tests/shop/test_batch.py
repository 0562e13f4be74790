"""Rows in columns: any by their places, blank ones that do not count, odd ones that were read alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.catalogue import Batch, read_table
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.title import RejectedRow, TitleRow

GOOD, REPAIRED, REFUSED, BLANK = (
    "9780439023481,,The Hunger Games,9.99,3",
    "439023483,,The Hunger Games,9.99,3",
    "12345,,Nobody,1,1",
    ",,,,",
)
WIDE = "9780439655484,,Harry Potter,5,1,too much"
PARTED = '9780140449068,,"Round the\nWorld",5,1'
OWN = ",MUG,A mug,4,not counted"


def batches(*rows: str) -> list[Batch]:
    lines = "\n".join(("isbn,sku,title,price,stock", *rows)).splitlines()
    return list(read_table(lines, currency=Currency(), tax_classes=("book",)).batches())


def kinds(rows: Sequence[TitleRow | RejectedRow]) -> list[tuple[int, bool]]:
    return [(row.line, isinstance(row, TitleRow)) for row in rows]


def test_blank_rows_do_not_count_and_are_no_rows() -> None:
    (batch,) = batches(GOOD, BLANK, OWN, BLANK, BLANK)
    assert len(batch.eans) == 5
    assert batch.size == 2
    assert kinds(batch.rows()) == [(2, True), (4, True)]
    assert [row.key for row in batch.rows() if isinstance(row, TitleRow)] == ["9780439023481", "MUG"]
    (nothing,) = batches(BLANK, BLANK)
    assert (nothing.size, nothing.rows()) == (0, [])


def test_rows_by_their_places_are_the_rows_at_these_places() -> None:
    (batch,) = batches(GOOD, REFUSED, OWN, BLANK, REPAIRED)
    whole = batch.rows()
    assert kinds(whole) == [(2, True), (3, False), (4, True), (6, True)]
    assert batch.rows([0, 1, 2, 3, 4]) == whole
    assert batch.rows([4, 2]) == [whole[3], whole[2]], "in the order in which they are asked for"
    assert batch.rows([1]) == [whole[1]]
    assert batch.rows([3]) == []
    assert batch.rows([]) == []


def test_odd_rows_are_those_that_say_why_and_nothing_else_is_odd() -> None:
    (batch,) = batches(GOOD, REFUSED, WIDE, BLANK, REPAIRED)
    assert sorted(batch.odd) == [1, 2, 3]
    refused, wide, blank = (batch.odd[place] for place in (1, 2, 3))
    assert isinstance(refused, RejectedRow)
    assert refused.reason.startswith("12345 is no good ISBN")
    assert isinstance(wide, RejectedRow)
    assert "more cells than there are headings" in wide.reason
    assert blank is None
    repaired = batch.rows([4])[0]
    assert isinstance(repaired, TitleRow)
    assert repaired.repaired
    assert (batch.said["repaired"][0], batch.said["repaired"][4]) == (False, True)


def test_a_row_over_two_lines_is_one_row_wherever_it_stands() -> None:
    found = batches(GOOD, PARTED, OWN)
    rows = [row for batch in found for row in batch.rows()]
    assert [row.title for row in rows if isinstance(row, TitleRow)] == [
        *("The Hunger Games", "Round the World", "A mug"),
    ]
    assert [row.line for row in rows] == [2, 3, 5]
    assert sum(batch.size for batch in found) == 3


LISTED = st.lists(
    st.sampled_from([GOOD, REPAIRED, REFUSED, BLANK, WIDE, PARTED, OWN, "bad", "", '"open']), max_size=12
)


@given(rows=LISTED)
def test_every_row_is_counted_once_and_is_the_same_by_its_place(rows: list[str]) -> None:
    for batch in batches(*rows):
        whole = batch.rows()
        assert batch.size == len(whole)
        assert batch.rows(range(len(batch.eans))) == whole
        assert [row for place in range(len(batch.eans)) for row in batch.rows([place])] == whole
        assert all(isinstance(row, TitleRow) for row in whole if row.line - batch.first not in batch.odd)


def test_columns_that_the_list_does_not_have_say_what_every_row_says() -> None:
    (batch,) = batches(GOOD)
    (by_all,), (by_place,) = batch.rows(), batch.rows([0])
    assert isinstance(by_all, TitleRow)
    assert by_all == by_place
    assert (by_all.shelf, by_all.stocked, by_all.whole, by_all.demand) == ("", True, False, None)


@pytest.mark.parametrize("rows", [(), ("",), ("\n\n",)])
def test_a_list_of_nothing_has_no_rows(rows: tuple[str, ...]) -> None:
    assert [row for batch in batches(*rows) for row in batch.rows()] == []
