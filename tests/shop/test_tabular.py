"""Text tables: encodings, line ends, and damage that must not spread."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.tabular import MOST_RECORD, delimiter_of, records, text_lines

TEXT = 'isbn,title\r\n9780439023481,"Łódź, Ærø\n東京"\r\n'
LINES = ["isbn,title", '9780439023481,"Łódź, Ærø', '東京"']


def lines_of(data: bytes, size: int = 65_536) -> list[str]:
    return list(text_lines(data[i : i + size] for i in range(0, len(data), size)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 65_536])
def test_every_unicode_encoding_in_pieces_of_any_size(encoding: str, size: int) -> None:
    data = TEXT.encode(encoding.removesuffix("-bom"))
    if encoding.endswith("-bom"):
        data = "\ufeff".encode(encoding.removesuffix("-bom")) + data
    assert lines_of(data, size) == LINES


def test_windows_1252_is_read_line_by_line() -> None:
    data = "a;García\n".encode("cp1252") + "b;Łódź\n".encode() + b"c;\x81\n"
    assert lines_of(data) == ["a;García", "b;Łódź", "c;\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_line_end(end: str, size: int) -> None:
    assert lines_of(f"a{end}{end}b{end}c".encode(), size) == ["a", "", "b", "c"]


@pytest.mark.parametrize(
    "start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7", b"\x1f\x8b\x08rest"]
)
def test_what_is_no_text_is_refused_in_words(start: bytes) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        lines_of(start, 2)


def test_an_endless_line_is_cut_and_the_next_one_is_whole() -> None:
    endless = (b"x" * 65_536 for _ in range(160))  # 10 MB
    got = list(text_lines(part for parts in (endless, [b"\nnext\n"]) for part in parts))
    assert len(got) == 2
    assert MOST_RECORD < len(got[0]) < 5 * MOST_RECORD
    assert got[1] == "next"
    first, second = records(got, ",")
    assert first.fault == "The line is too long."
    assert second.cells == ("next",)


@given(st.binary(), st.integers(1, 9))
def test_any_bytes_become_lines_without_line_ends(data: bytes, size: int) -> None:
    try:
        got = lines_of(data, size)
    except Refused:
        return
    assert got == lines_of(data)
    assert not any("\n" in line for line in got)


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])),
            min_size=2,
            max_size=4,
        ),
        max_size=6,
    ),
    st.sampled_from(",;\t|"),
)
def test_what_the_csv_module_writes_is_read_back(table: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    got = list(records(text_lines([out.getvalue().encode()]), delimiter))
    assert [list(r.cells) for r in got] == table
    assert not any(r.fault for r in got)


def test_records_know_their_first_line_and_their_text() -> None:
    got = list(records(["a,b", "", '1,"two', 'three"', "4,5"], ","))
    assert [(r.line, r.raw) for r in got] == [(1, "a,b"), (3, '1,"two\nthree"'), (5, "4,5")]


@pytest.mark.parametrize("following", [0, 1, 150, 500, 5_000])
def test_a_stray_quotation_mark_costs_one_record(following: int) -> None:
    rows = ["a,b", '1,"open', *(f"{n},x" for n in range(following))]
    got = list(records(rows, ","))
    assert got[1].fault == "A quotation mark is opened and not closed."
    assert got[1].line == 2
    assert [r.cells for r in got[2:]] == [(str(n), "x") for n in range(following)]


def test_a_cell_with_many_lines_is_no_stray_mark() -> None:
    (got,) = records(['1,"', *("x" for _ in range(150)), '"'], ",")
    assert got.fault == ""
    assert got.cells[1].count("x") == 150


def test_nul_characters_are_refused() -> None:
    first, second = records(["a\0,b", "c,d"], ",")
    assert first.fault == "The row holds characters that are no text."
    assert second.cells == ("c", "d")


@pytest.mark.parametrize(
    ("heading", "delimiter"),
    [("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ("a|b", "|"), ("a", ","), ("", ","), ("x;a,b", ",")],
)
def test_the_delimiter_is_the_one_that_makes_sense(heading: str, delimiter: str) -> None:
    assert delimiter_of(heading, lambda cells: sum(c in ("a", "b") for c in cells)) == delimiter


@given(st.lists(st.text()), st.sampled_from(",;\t|"))
def test_any_lines_become_records(lines: list[str], delimiter: str) -> None:
    for record in records(lines, delimiter):
        assert bool(record.fault) != bool(record.cells)
        assert 1 <= record.line <= len(lines)
