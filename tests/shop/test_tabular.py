"""Text tables: encodings, line ends, and damage that must not spread."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop import tabular
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.tabular import (
    ENCODINGS,
    MOST_RECORD,
    Block,
    Lines,
    Record,
    blocks,
    delimiter_of,
    encoding_of,
    records,
    text_lines,
)

TEXT = 'isbn,title\r\n9780439023481,"Łódź, Ærø\n東京"\r\n'
LINES = ["isbn,title", '9780439023481,"Łódź, Ærø', '東京"']


SPOKEN = {
    "utf-8": "Łódź 東京 Ærø",
    "utf-16": "Łódź 東京 Ærø 𝄞",
    "utf-32": "Łódź 東京 Ærø 𝄞",
    "windows-1252": "García “Ærø” €",
    "windows-1250": "Łódź Dvořák ő",
    "windows-1251": "Война и мир",
    "windows-1253": "Ζορμπάς",
    "windows-1254": "İnce Memed ğ",
    "windows-1257": "Žemaitė ų",
    "iso-8859-2": "Łódź Dvořák ő",
    "iso-8859-15": "Œuvres €",
    "mac-roman": "García Œuvres “Ærø”",
    "cp437": "García ½",
    "cp850": "García Ærø",
    "koi8-r": "Война и мир",
    "shift_jis": "表紙ソ能 ポ① 髙",  # second bytes are a backslash, a bar and letters
    "gb18030": "红楼梦 €㐀",
    "big5": "許功蓋 紅樓夢",
    "euc-kr": "채식주의자 똠",
}
CODECS = {name: tabular._WIDER.get(name, name) for name in ENCODINGS}


def lines_of(data: bytes, size: int = 65_536, encoding: str = "") -> list[str]:
    # What a file is must be seen by its first bytes: what follows comes in pieces.
    with mock.patch.object(tabular, "_START", 8):
        return list(text_lines((data[i : i + size] for i in range(0, len(data), size)), encoding))


def unblocked(lines: list[str], delimiter: str) -> list[Record]:
    """Return what `blocks` gives as `records` does."""
    found: list[Record] = []
    for block in blocks(Lines(lines), delimiter):
        if isinstance(block, Record):
            found.append(block)
            continue
        assert len(block.texts) == len(block.rows) > 0
        for line, (text, row) in enumerate(zip(block.texts, block.rows, strict=True), block.first):
            if text.strip():
                found.append(Record(line, text, tuple(row)))
    return found


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "utf-16-be"),
        *("utf-32", "utf-32-le-bom", "utf-32-be-bom", "utf-32-le", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 65_536])
def test_every_unicode_encoding_in_pieces_of_any_size(encoding: str, size: int) -> None:
    data = TEXT.encode(encoding.removesuffix("-bom"))
    if encoding.endswith("-bom"):
        data = "\ufeff".encode(encoding.removesuffix("-bom")) + data
    assert lines_of(data, size) == LINES


def test_windows_1252_is_read_line_by_line() -> None:
    data = "a;García\n".encode("cp1252") + "b;Łódź\n".encode() + b"c;\x81\n"
    assert lines_of(data) == ["a;García", "b;Łódź", "c;\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 65_536])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_by_its_name(encoding: str, size: int, end: str) -> None:
    lines = ["isbn|title", f"9780439023481|{SPOKEN[encoding]}", "", f"{SPOKEN[encoding]}|x"]
    data = (end.join(lines) + end).encode(CODECS[encoding])
    assert lines_of(data, size, encoding) == lines


@pytest.mark.parametrize(
    ("encoding", "broken"),
    [
        ("utf-8", b"2,Garc\xeda\n"),
        ("windows-1252", b"2,\x81\n"),
        ("windows-1253", b"2,\xff\n"),
        ("shift_jis", b"2,\x95,\xff\n"),
        ("gb18030", b"2,\xff\xff\n"),
        ("big5", b"2,\xff\n"),
        ("euc-kr", b"2,\xff\n"),
        ("utf-16", "2,".encode("utf-16-le") + b"\x00\xdc" + "\n".encode("utf-16-le")),
        ("utf-32", "2,".encode("utf-32-le") + b"\xff\xff\xff\xff" + "\n".encode("utf-32-le")),
    ],
)
def test_bytes_that_are_no_text_cost_one_record(encoding: str, broken: bytes) -> None:
    codec = f"{encoding}-le" if encoding in ("utf-16", "utf-32") else encoding
    data = "a,b\n1,x\n".encode(codec) + broken + "3,y\n".encode(codec)
    got = list(records(lines_of(data, 5, encoding), ","))
    assert got == unblocked(lines_of(data, 5, encoding), ",")
    assert [r.cells for r in got] == [("a", "b"), ("1", "x"), (), ("3", "y")]
    assert got[2].fault == "The row holds bytes that are no text in this encoding."
    assert got[2].line == 3
    got[2].raw.encode()  # can be written into the report


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32-be"])
def test_a_character_cut_short_at_the_end_is_seen(encoding: str) -> None:
    data = "a,b\n1,xy".encode(encoding)
    first, second = records(lines_of(data[:-1], 3), ",")
    assert first.cells == ("a", "b")
    assert (second.line, second.fault) == (2, "The row holds bytes that are no text in this encoding.")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_only_the_mark_at_the_beginning_is_a_mark(size: int) -> None:
    with mock.patch.object(tabular, "_START", 1):
        data = codecs.BOM_UTF8 + b"a\n" + codecs.BOM_UTF8 + b"b\n"
        pieces = [data[i : i + size] for i in range(0, len(data), size)]
        assert list(text_lines(pieces)) == ["a", "\ufeffb"]
        assert list(text_lines([codecs.BOM_UTF8[:2]])) == ["ï»"]


def test_an_encoding_that_is_not_known_is_refused() -> None:
    with pytest.raises(Refused, match=r"\"klingon\" is no encoding"):
        lines_of(b"a,b", encoding="klingon")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"", "utf-8"),
        (b"isbn,title\n", "utf-8"),
        ("isbn,Łódź".encode(), "utf-8"),
        ("isbn,Łódź".encode()[:-1], "utf-8"),  # cut within a character
        (codecs.BOM_UTF8 + b"isbn", "utf-8"),
        ("isbn,García\n".encode("cp1252"), "windows-1252"),
        ("isbn,title\n".encode("utf-16"), "utf-16"),
        ("isbn,title\n".encode("utf-16-be"), "utf-16"),
        ("isbn,東京と京都\n".encode("utf-16-le"), "utf-16"),
        ("isbn,title\n".encode("utf-32"), "utf-32"),
        (b"isbn\0,title\n", "utf-8"),
    ],
)
def test_what_a_file_is_taken_for(start: bytes, name: str) -> None:
    assert encoding_of(start) == name
    assert name in ENCODINGS


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


@given(st.binary(), st.integers(1, 9), st.sampled_from(["", *ENCODINGS]))
def test_any_bytes_become_lines_without_line_ends(data: bytes, size: int, encoding: str) -> None:
    try:
        got = lines_of(data, size, encoding)
    except Refused:
        return
    assert got == lines_of(data, encoding=encoding)
    assert not any("\n" in line or "\r" in line for line in got)


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


@pytest.mark.parametrize("row", ['2,"x, y"', '2,x,"y"', '2,5" wide', '"2","x"', "2,x", '2,"",x'])
def test_a_stray_quotation_mark_does_not_reach_for_the_next_one(row: str) -> None:
    rows = ["a,b", '1,"open', row, row]
    got = list(records(rows, ","))
    assert [(r.line, bool(r.fault)) for r in got] == [(1, False), (2, True), (3, False), (4, False)]


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
    [
        *(("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ("a|b", "|"), ("a", ","), ("", ","), ("x;a,b", ",")),
        *(("x;y", ";"), ("x,y;z;z", ";")),
    ],
)
def test_the_delimiter_is_the_one_that_makes_sense(heading: str, delimiter: str) -> None:
    assert delimiter_of(heading, lambda cells: sum(c in ("a", "b") for c in cells)) == delimiter


@given(st.lists(st.text()), st.sampled_from(",;\t|"))
def test_any_lines_become_records(lines: list[str], delimiter: str) -> None:
    for record in records(lines, delimiter):
        assert bool(record.fault) != bool(record.cells)
        assert 1 <= record.line <= len(lines)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["1,2", '"1","2"', '1,"2', '2",3', '"', "", " ", "a\0b", "a\rb", "a\nb", '"a\n","b"']
            ),
            st.text(st.sampled_from('a,"\n\r\0 '), max_size=6),
            st.just("x" * (MOST_RECORD + 1)),
            st.text(max_size=8),
        ),
        max_size=14,
    ),
    st.integers(1, 6),
)
def test_blocks_are_the_records_many_at_a_time(lines: list[str], stretch: int) -> None:
    with mock.patch.object(tabular, "_STRETCH", stretch):
        assert unblocked(lines, ",") == list(records(lines, ","))


def test_plain_lines_come_in_blocks_and_line_numbers_stay_right() -> None:
    lines = [f'{n},"x, y"' for n in range(1, 301)]
    lines[99] = '100,"two'
    lines[100] = 'lines"'
    lines[199] = '200,"open'
    found = list(blocks(Lines(lines), ","))
    assert [b.first if isinstance(b, Block) else b.line for b in found] == [1, 100, 102, 200, 201]
    assert [r.line for r in unblocked(lines, ",")] == [n for n in range(1, 301) if n != 101]


def test_huge_lines_are_not_held_in_numbers() -> None:
    fetched = 0

    def lines():
        nonlocal fetched
        while True:
            fetched += 1
            yield "x" * (4 * MOST_RECORD)

    found = list(islice(blocks(Lines(lines()), ","), 3))
    assert [r.fault for r in found if isinstance(r, Record)] == ["The line is too long."] * 3
    assert fetched < 100


def test_lines_are_looked_at_before_they_are_taken() -> None:
    lines = Lines("abcde")
    assert (lines.peek(), lines.peek(4), lines.peek(5), lines.number) == ("a", "e", None, 1)
    lines.take(2)
    assert (lines.peek(), lines.ahead(2), lines.ahead(9), lines.number) == (
        "c",
        ["c", "d"],
        ["c", "d", "e"],
        3,
    )
    lines.take(3)
    assert (lines.peek(), lines.ahead(2)) == (None, [])
