"""The words of the import screen: sizes, kinds of lists, what is wrong with a mapping, time left, results."""

from __future__ import annotations

import pytest

from bookwish_desk.shop.import_words import left_words
from bookwish_desk.shop.mapping import MOST_KEPT, Mapping, heading_key
from bookwish_desk.shop.title import ImportReport
from bookwish_desk.ui.importing import state


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (99_950, "100.0 kB"),
        (999_600, "1.0 MB"),
        (12_400_000, "12.4 MB"),
        (212_000_000, "212 MB"),
        (3_210_000_000, "3.2 GB"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: int, words: str) -> None:
    assert state.size_words(size) == words


def test_a_table_is_told_in_words() -> None:
    assert state.table_words(9, ";", "Western European (Windows 1252)") == (
        "A table of 9 columns, separated by semicolons, Western European (Windows 1252)"
    )
    assert state.table_words(1, ",", "") == "A table of one column"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "almost done"),
        (1, "about 1 second left"),
        (42, "about 42 seconds left"),
        (60, "about 1 minute left"),
        (150, "about 2 minutes left"),
        (3_599, "about 1 h 0 min left"),
        (7_500, "about 2 h 5 min left"),
    ],
)
def test_time_left_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert left_words(seconds) == words


@pytest.mark.parametrize(
    ("fields", "counts", "problem", "wrong"),
    [
        (("title", "price"), False, "Choose which column holds the ISBN, EAN or SKU.", frozenset()),
        (("code", "code"), False, "", frozenset()),
        (("code", ""), True, 'A count of the shelves needs a column of copies: "On hand".', frozenset()),
        (("code", "stock"), True, "", frozenset()),
        (
            ("sku", "title", "title"),
            False,
            '"B" and "C" are both Title. Leave one of them out.',
            frozenset({1, 2}),
        ),
    ],
)
def test_what_is_wrong_with_a_mapping(
    fields: tuple[str, ...], counts: bool, problem: str, wrong: frozenset[int]
) -> None:
    headings = ("A", "B", "C")[: len(fields)]
    assert state.problem_of(headings, fields, counts) == (problem, wrong)


def test_cells_are_safe_and_short_and_rows_may_be() -> None:
    (one, two) = state.columns_of(
        ("A\x1b[2J", "B"), ("code", ""), (("1" * 500, "\u202eevil"), ("x",)), frozenset({1})
    )
    assert one.heading == "A[2J"
    assert [len(cell) for cell in one.cells] == [80, 1]
    assert two.cells == ("evil", "")
    assert (one.wrong, two.wrong) == (False, True)


def test_progress_in_words_says_what_a_cancel_would_mean() -> None:
    reading = state.running_words("reading", 41_200, 43, 31_400, 40)
    assert reading.figures == "41,200 rows · 31,400 rows a second · about 40 seconds left"
    assert (reading.step, reading.phase, reading.can_cancel) == (1, "Reading the list", True)
    assert "nothing is changed" in reading.hint
    last = state.running_words("indexing", 1, 120, 0, None)
    assert (last.step, last.per_cent, last.figures, last.can_cancel) == (4, 100, "1 row", False)
    stopped = state.cancelling(reading)
    assert (stopped.can_cancel, stopped.hint) == (False, "Cancelling. Nothing will have been changed.")


def test_a_result_says_what_became_of_every_row() -> None:
    report = ImportReport(
        read=1_000,
        added=600,
        updated=200,
        unchanged=150,
        rejected=50,
        repaired=3,
        report_path="/somewhere/rejected.csv",
        problems=("7: There is no ISBN, EAN or SKU.", "The end of the file is missing."),
    )
    result = state.result_of("list.csv", report)
    figures = dict(result.counts)
    assert figures == {
        "read": "1,000", "added": "600", "updated": "200", "unchanged": "150", "rejected": "50"
    }  # fmt: skip
    assert result.extras == "Damaged codes that were put right: 3."
    assert result.rejected == (
        ("7", "There is no ISBN, EAN or SKU."),
        ("", "The end of the file is missing."),
    )
    assert result.more_rejected == "48 more are in the report."
    assert (
        state.done_words("list.csv", report) == "list.csv is imported: 1,000 rows read, 50 of them rejected."
    )
    assert state.done_words("a.csv", ImportReport(read=1, added=1)) == "a.csv is imported: 1 row read."
    more = state.result_of("a.xml", ImportReport(read=2, updated=2, removed=1, superseded=1))
    assert more.extras == (
        "Titles taken out: 1. Records that come again later in the list, where the later one counts: 1."
    )


# ---- what was mapped ----


def test_a_mapping_goes_before_what_headings_say_and_leaves_the_rest() -> None:
    mapping = Mapping(("ISBN", "Title", "Werk"))
    assert mapping.fields == ("code", "title", "")
    assert mapping.said == ()
    mapping = mapping.choose("Werk", "title").choose("ISBN", "")
    assert mapping.fields == ("", "", "title")
    assert dict(mapping.said) == {"Werk": "title", "ISBN": ""}


def test_columns_of_one_heading_go_together() -> None:
    mapping = Mapping(("ISBN", "Notes", "Notes")).choose("Notes", "shelf")
    assert mapping.fields == ("code", "shelf", "shelf")


def test_only_what_a_person_chose_against_the_heading_is_kept() -> None:
    mapping = Mapping(("ISBN", "Werk", "Title"), kept=(("regal", "shelf"), ("werk", "publisher")))
    assert mapping.fields == ("code", "publisher", "title")
    mapping = mapping.choose("Werk", "title").choose("Title", "").choose("ISBN", "code")
    assert mapping.learned == (("regal", "shelf"), ("werk", "title"), ("title", ""))
    assert mapping.choose("Title", "title").learned == (("regal", "shelf"), ("werk", "title"))


def test_headings_are_known_again_whatever_their_capitals_and_only_so_many_are_kept() -> None:
    known = Mapping(
        (" REGAL ", "ISBN"), kept=((heading_key("Regal"), "shelf"), ("isbn", "of_another_program"))
    )
    assert known.fields == ("shelf", "code")
    many = tuple((f"h{n}", "shelf") for n in range(MOST_KEPT))
    learned = Mapping(("New",), kept=many, chosen=(("New", "title"),)).learned
    assert len(learned) == MOST_KEPT
    assert (learned[0], learned[-1]) == (("h1", "shelf"), ("new", "title"))
