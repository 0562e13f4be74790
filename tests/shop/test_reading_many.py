"""Lists read many rows at a time: with the outcome that reading each row by itself has, whatever comes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop import tabular
from bookwish_desk.shop.catalogue import TableReader, read_table
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.identity import Identity
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.tabular import ENCODINGS, Lines, Record, next_record, records, text_lines
from bookwish_desk.shop.title import RejectedRow, TitleRow

BOOK = "9780439023481"
CODES = [
    *(BOOK, "9780439655484", "9798886971231", "9791090636071", "0439023483", "043965548X", "", ""),
    *("978-0-439-02348-1", "0-439-02348-3", "043965548x", "439023483", "61120081", "9780439023482"),
    *("9790060115615", "036000291452", "71560106", "2012345000018", "9.78043902348e+12", "9780439023481.0"),
    *("0000000000", "0000000000000", "0-0000-0000-0", "n/a", "12", " 9780439023481", "978043902348\u0661"),
    *(
        "4111111111111111",
        "9780439023481 50599",
        "--------------978-0-439-02348-1",
        "'9780439023481",
        "9" * 13,
    ),
    *("-" * 200 + BOOK, "0000012345670", "4006381333931", "9771234567003", "97804390234810", "978043902348"),
]
SKUS = [
    *(
        "",
        BOOK,
        "TOTE-NAT",
        "T1",
        "10023",
        "0439023483",
        "036000291452",
        "1E5",
        "9.78E+12",
        "R1-000042",
        "H1-000042",
    ),
    *(
        "S-ABCDEFGHIJKL",
        "4111111111111111",
        "A4111111111111111",
        "x" * 65,
        "é",
        " T1",
        "12345678",
        "439023483",
    ),
    *("12345670", "012345670", "4006381333931"),
]
TEXTS = [
    *(
        "The Hunger Games",
        "",
        "Łódź",
        "Lo\u0301dz",
        "a  b",
        " a",
        "a ",
        "'Salem's Lot",
        "'=1",
        '="x"',
        "~",
        "~ a",
    ),
    *(
        "a ~",
        "=1",
        "x" * 41,
        "x" * 201,
        "x" * 501,
        "\x1b@",
        "a\u00a0b",
        "\u202e",
        "O'Brien",
        "C++",
        "4111111111111111",
    ),
]
NUMBERS = [
    *(
        "12.50",
        "0",
        "",
        "3",
        "3.0",
        "1,000",
        "$9.99",
        "9,50",
        "-1",
        "(5)",
        "1e5",
        "many",
        "not counted",
        "'7",
        "4780653",
    ),
    *("99999", "100000", "9" * 4_000, " 7 ", "12.999", "€5", "350 g", "2 lb", "yes", "N"),
]
DATES = [
    *(
        "2008",
        "2008-05-01",
        "20080501",
        "5/6/2008",
        "5/13/2008",
        "13/5/2008",
        "1 May 2008",
        "-720.0",
        "soon",
        "",
    ),
    *("0", "99991231", "2008-2010", "May 2008"),
]
WORDS = ["Hardcover", "mm", "book", "Food", "wine", "eng", "REG", "Y", "21", "", "codex", "x" * 41]
COLUMNS = {
    **dict.fromkeys(("isbn", "isbn10", "ean", "upc"), CODES),
    "sku": SKUS,
    **dict.fromkeys(("title", "author", "publisher", "subtitle", "series", "subjects", "shelf"), TEXTS),
    **dict.fromkeys(("price", "stock", "on order", "sold", "pages", "weight g", "returnable"), NUMBERS),
    **dict.fromkeys(("year", "pubdate", "street date", "last return"), DATES),
    **dict.fromkeys(("format", "tax", "language", "discount", "availability"), WORDS),
    "x": TEXTS,
}


def table(lines: Sequence[str]) -> TableReader:
    return read_table(lines, currency=Currency(), tax_classes=("book", "food"))


def one_by_one(lines: Sequence[str]) -> list[TitleRow | RejectedRow]:
    """Return the rows of a list, each read by itself, and none together with another."""
    reader = table(lines)
    _heading, *rest = records(lines, ",")
    return [row for record in rest if (row := reader.read(record)) is not None]


@st.composite
def lists(draw: st.DrawFn) -> list[str]:
    """Draw a list: mostly rows as they should be, some with anything in them, some that are no rows."""
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=8, unique=True))
    names = ["isbn", *(name for name in names if name != "isbn")]
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        first = 1 if draw(st.booleans()) else len(COLUMNS)
        row = [draw(st.sampled_from(COLUMNS[name][:first] + COLUMNS[name][: 4 * first])) for name in names]
        if draw(st.integers(0, 5)) == 0:
            row[draw(st.integers(0, len(row) - 1))] = draw(st.text(max_size=8))
        if draw(st.integers(0, 9)) == 0:
            row = [*row, *draw(st.lists(st.sampled_from(["", " ", "x"]), max_size=2))]
        if draw(st.integers(0, 9)) == 0:
            row = row[: draw(st.integers(0, len(row)))]
        rows.append(row)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([names, *rows])
    lines = out.getvalue().split("\n")[:-1]
    for _ in range(draw(st.integers(0, 2))):
        stray = st.sampled_from(["", " ", ",,,", '"', f'{BOOK},"', f'{BOOK},"a"b', "\0", f"{BOOK},\udfff"])
        lines.insert(draw(st.integers(1, len(lines))), draw(stray))
    return lines


@given(lists())
def test_rows_read_together_are_the_rows_read_by_themselves(lines: list[str]) -> None:
    assert list(table(lines)) == one_by_one(lines)


@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES), st.sampled_from(SKUS)), min_size=1))
def test_codes_read_together_are_the_codes_read_by_themselves(rows: list[tuple[str, str, str]]) -> None:
    for identity in (
        Identity([0, 1], [], 2),
        Identity([0], [0], -1),
        Identity([], [], 2),
        Identity([1, 0], [0], 2),
    ):
        bad: set[int] = set()
        together = list(zip(*identity.of_many(list(zip(*rows, strict=True)), bad), strict=True))
        for place, row in enumerate(rows):
            try:
                assert identity.of(row) == together[place]
                assert place not in bad
            except Refused:
                assert place in bad


@pytest.mark.parametrize("code", CODES)
def test_a_code_read_among_plain_ones_is_the_code_read_by_itself(code: str) -> None:
    for sku in SKUS:
        for rows in ([(code, sku)], [(BOOK, ""), (code, sku), ("9780439655484", "T1")]):
            identity, bad = Identity([0], [], 1), set[int]()
            found = list(zip(*identity.of_many(list(zip(*rows, strict=True)), bad), strict=True))
            place = rows.index((code, sku))
            try:
                assert identity.of(rows[place]) == found[place]
            except Refused:
                assert place in bad


def test_digits_of_one_code_are_not_taken_for_those_of_the_next() -> None:
    rows, bad = [("978043902348",), ("19780439655484",)], set[int]()
    Identity([0], [], -1).of_many(list(zip(*rows, strict=True)), bad)
    assert bad == {0, 1}


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=20))
def test_thirteen_digits_read_together_are_those_read_by_themselves(numbers: list[int]) -> None:
    rows = [(f"{978 + n % 2}{n // 2:010d}"[:13],) for n in numbers]
    rows += [
        (str(n) + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(str(n))) % 10),)
        for n in range(978_043_902_340, 978_043_902_340 + len(numbers))
    ]
    identity = Identity([0], [], -1)
    for some in (rows, rows[len(numbers) :]):
        bad: set[int] = set()
        eans, _, _ = identity.of_many(list(zip(*some, strict=True)), bad)
        for place, row in enumerate(some):
            try:
                assert identity.of(row)[0] == eans[place]
            except Refused:
                assert place in bad


def test_a_long_list_is_read_in_order_and_every_row_once() -> None:
    lines = ["isbn,title,price"]
    for n in range(2, 3_000):
        odd = {
            0: f'{BOOK},"T {n}\nmore",1',
            1: f"{BOOK},T {n},free",
            2: "",
            3: f"{BOOK},  T {n},1,,",
            4: f'{BOOK},"T {n},1',
        }
        lines += odd.get(n % 97, f"{BOOK},T {n},{n}.50").split("\n")
    got = list(table(lines))
    assert got == one_by_one(lines)
    assert [row.line for row in got] == sorted({row.line for row in got})
    assert sum(isinstance(row, RejectedRow) for row in got) == 30 + 31
    texts = {row.raw.split("\n")[0]: row for row in got}
    assert all(lines[row.line - 1] == first for first, row in texts.items())


def test_what_is_kept_of_a_row_for_its_refusal() -> None:
    reader = table(["isbn,x", f'{BOOK},"a, b"', f"{BOOK},{'y' * 5_000}"])
    first, second = reader
    assert (first.raw, first.line) == (f'{BOOK},"a, b"', 2)
    assert len(second.raw) == 1_000


@pytest.mark.parametrize("encoding", ["", *ENCODINGS])
@given(
    data=st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"\n", b'"', b",", b"\n\0", b"\r\0"])))
)
def test_any_file_is_read_or_refused_in_words_under_every_encoding(encoding: str, data: list[bytes]) -> None:
    codec = tabular._WIDER.get(encoding, encoding) or "utf-8"
    head = f"isbn,title,price\n{BOOK},T,1\n".encode(codec)
    for pieces in ([head, *data], data):
        try:
            got = list(table(list(text_lines(pieces, encoding))))
        except Refused as refused:
            assert refused.message.endswith(".")
            assert pieces is data
            continue
        lines = Lines(text_lines(pieces, encoding))
        assert next_record(lines, ",") is not None
        expected = []
        while record := next_record(lines, ","):
            if record.fault or any(cell.strip() for cell in record.cells):
                expected.append(record)
        if pieces is not data:
            assert isinstance(got[0], TitleRow)
            assert [row.line for row in got] == [record.line for record in expected]
        for row in got:
            assert isinstance(row, TitleRow | RejectedRow)
            row.raw.encode()


def test_a_list_is_read_in_its_own_encoding() -> None:
    lines = ["isbn;title;author", f"{BOOK};表紙ソ能;ポ|ポ"]
    (row,) = table(list(text_lines(["\n".join(lines).encode("cp932")], "shift_jis")))
    assert isinstance(row, TitleRow)
    assert (row.title, row.authors) == ("表紙ソ能", "ポ|ポ")


def test_a_row_of_another_encoding_is_refused_with_its_reason() -> None:
    data = f"isbn,title\n{BOOK},Łódź\n{BOOK},".encode() + b"Garc\xeda\n"
    first, second = table(list(text_lines([data], "utf-8")))
    assert isinstance(first, TitleRow)
    assert isinstance(second, RejectedRow)
    assert (second.line, second.raw) == (3, f"{BOOK},Garc\N{REPLACEMENT CHARACTER}a")
    assert second.reason == "The row holds bytes that are no text in this encoding."


def test_a_record_is_read_by_itself() -> None:
    reader = table(["isbn,title"])
    assert reader.read(Record(7, "", ())) is None
    assert isinstance(reader.read(Record(7, BOOK, (BOOK,))), TitleRow)
