"""Single cells of lists that are good to know: read where they are plain, left out where they are not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop import cells
from bookwish_desk.shop.cells import KnownColumn, TextColumn
from bookwish_desk.shop.errors import Refused


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2008-05-01", "2008-05-01"),
        ("2008/5/1", "2008-05-01"),
        ("2008.05.01", "2008-05-01"),
        ("2008-05-01T00:00:00Z", "2008-05-01"),
        ("2008-05-01 00:00:00", "2008-05-01"),
        ("20080501", "2008-05-01"),
        ("20080501.0", "2008-05-01"),
        ("'20080501", "2008-05-01"),
        ('="2008-05-01"', "2008-05-01"),
        ("1 May 2008", "2008-05-01"),
        ("01-MAY-2008", "2008-05-01"),
        ("1st September 2008", "2008-09-01"),
        ("1 Sept. 2008", "2008-09-01"),
        ("May 1, 2008", "2008-05-01"),
        ("5/13/2008", "2008-05-13"),
        ("13/5/2008", "2008-05-13"),
        ("5/5/2008", "2008-05-05"),
        ("29.2.2008", "2008-02-29"),
        *((cell, "") for cell in ("5/6/2008", "5/6/08", "2008", "May 2008", "2008-05", "", "soon", "39569")),
        *((cell, "") for cell in ("2008-02-30", "31 June 2008", "13/13/2008", "1 Mai 2008", "2008-05/01")),
        *(
            (cell, "")
            for cell in ("00010101", "99991231", "0000-00-00", "9999-12-31", "5/6/2008 or 6/6/2008")
        ),
    ],
)
def test_dates_in_full(cell: str, day: str) -> None:
    assert cells.dates(None)(cell) == day


def test_a_column_shows_whether_the_month_comes_first() -> None:
    assert cells.is_month_first(["1/2/2008", "5/13/2008", "", "x"]) is True
    assert cells.is_month_first(["1/2/2008", "13/5/2008"]) is False
    assert cells.is_month_first(["13/5/2008", "5/13/2008"]) is None
    assert cells.is_month_first(["1/2/2008", "13/13/2008"]) is None
    assert cells.dates(True)("5/6/2008") == "2008-05-06"
    assert cells.dates(False)("5/6/2008") == "2008-06-05"
    assert cells.dates(True)("13/5/2008") == "2008-05-13"  # cannot be meant otherwise


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)))
def test_every_date_is_read_back(day: date) -> None:
    read = cells.dates(None)
    assert {read(day.isoformat()), read(f"{day:%Y%m%d}"), read(f"{day:%d %B %Y}")} == {day.isoformat()}
    assert {read(f"{day:%d-%b-%Y}"), read(f"{day:%B %d, %Y}")} == {day.isoformat()}
    assert read(f"{day:%m/%d/%Y}") in ("", day.isoformat())
    assert cells.dates(True)(f"{day:%m/%d/%Y}") == day.isoformat()


@pytest.mark.parametrize(
    ("cell", "heading_unit", "grams"),
    [
        ("350", "g", 350),
        ("0.5", "lb", 227),
        ("12.5", "oz", 354),
        ("1,2", "kg", 1200),
        ("1.250", "kg", 1250),
        ("350 g", "", 350),
        ("1.1 lbs", "g", 499),
        ("12oz", "", 340),
        ("1.2 Pounds", "", 544),
        *(
            ("350", "", None),
            ("1,250", "g", None),
            ("0", "g", None),
            ("heavy", "g", None),
            ("5 stone", "g", None),
        ),
        *(("-3", "g", None), ("101", "kg", None), ("", "g", None), ("1 lb 4 oz", "", None)),
    ],
)
def test_weights(cell: str, heading_unit: str, grams: int | None) -> None:
    assert cells.weights(heading_unit)(cell) == grams


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        *(("0", 0), ("4780653", 4780653), ("4780653.0", 4780653), ("4,780,653", 4780653), ("'12", 12)),
        *(
            ("", None),
            ("-3", None),
            ("1.5", None),
            ("many", None),
            ("1e6", None),
            ("9" * 14, None),
            ("٣", None),
        ),
    ],
)
def test_popularity(cell: str, count: int | None) -> None:
    assert cells.demand(cell) == count


@pytest.mark.parametrize(
    ("cell", "pages"),
    [
        ("352", 352),
        ("352.0", 352),
        ("352 p.", 352),
        ("352 pages", 352),
        ("0", None),
        ("xii, 352", None),
        ("", None),
    ],
)
def test_pages(cell: str, pages: int | None) -> None:
    assert cells.pages(cell) == pages


def test_words() -> None:
    assert [cells.returnable(c) for c in ("Y", "yes", "No", "Non-returnable", "C", "maybe", "")] == [
        *("Y", "Y", "N", "N", "C", "", "")
    ]
    assert [cells.availability(c) for c in ("21", "99", "00", "In stock", "")] == ["21", "99", "", "", ""]
    assert [cells.format_of(c) for c in ("Hardcover", "Trade Paperback", "'mm", "who knows", "")] == [
        *("BB", "BC", "MM", "", "")
    ]


@pytest.mark.parametrize("cell", ["1,000", "1.000", "2.5", "1,0000"])
def test_a_count_that_could_mean_two_numbers_is_refused(cell: str) -> None:
    with pytest.raises(Refused, match="no whole number"):
        cells.counts("stock")(cell)


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=[]), max_size=12),
            st.text(st.sampled_from("ab~'=\" \u0301\u00e9\u00a0"), max_size=6),
            st.sampled_from(["plain", "", "x" * 9, "x" * 10, "x" * 11, "'=1", '="x"', "a~ b"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_texts_read_many_at_a_time_are_those_read_one_by_one(found: list[str]) -> None:
    column = TextColumn("title", 10)
    bad: set[int] = set()
    values = column.values(found, bad)
    for place, cell in enumerate(found):
        try:
            assert column.value(cell) == values[place]
            assert place not in bad
        except Refused:
            assert place in bad


@pytest.mark.parametrize("odd", [" a", "a ", "a  b", "'=1", '="x"', "e\u0301", "a\tb", "\x1b", "x" * 11])
def test_one_odd_text_among_plain_ones_is_seen(odd: str) -> None:
    column, bad = TextColumn("title", 10), set[int]()
    values = column.values(["plain", "", odd, "Łódź"], bad)
    assert values[:2] == ["plain", ""] and values[3] == "Łódź"
    assert values[2] != odd
    assert bad == ({2} if len(odd) > 10 else set())


def test_what_is_known_of_cells_is_bounded_and_refusals_are_not_kept() -> None:
    asked = []

    def meaning(cell: str) -> int:
        asked.append(cell)
        if cell == "bad":
            raise Refused("row", "No.")
        return len(cell)

    column, bad = KnownColumn(meaning), set[int]()
    assert column.values(["a", "bad", "a", "bb", "bad"], bad) == [1, None, 1, 2, None]
    assert bad == {1, 4}
    assert asked.count("a") == asked.count("bb") == 1
    long = "x" * 100
    assert column.values([long, long], set()) == [100, 100]
    assert asked.count(long) == 2
    many = [str(n) for n in range(2 * cells._MOST_KNOWN)]
    assert column.values(many, set()) == [len(cell) for cell in many]
    assert len(column._known) <= cells._MOST_KNOWN
