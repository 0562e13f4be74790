"""Ingram's stock file: two real records, every field by its position, and files of any other kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.stockv2 import FIELDS, is_stockv2, read_stockv2
from bookwish_desk.shop.title import RejectedRow, TitleRow

FILE = (Path(__file__).parent.parent / "data" / "stockv2" / "two-titles.dat").read_bytes()
FIRST, SECOND = FILE.split(b"\r\n")[:2]
DAY = "2026-11-22"


def rows(data: bytes, currency: str = "USD", size: int = 1 << 16) -> list[TitleRow | RejectedRow]:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return list(read_stockv2(pieces, currency=Currency(currency), on=DAY))


def changed(position: int, text: str, record: bytes = FIRST) -> bytes:
    """Return a record with other text at a position, counted from 1 as in Ingram's guide."""
    at = position - 1
    assert len(record) == 300
    return record[:at] + text.encode("latin-1") + record[at + len(text) :]


def only(record: bytes) -> TitleRow:
    (row,) = rows(record + b"\n")
    assert isinstance(row, TitleRow), row
    return row


def reason(record: bytes) -> str:
    (row,) = rows(record + b"\n")
    assert isinstance(row, RejectedRow), row
    return row.reason


# ---- real records ----


def test_two_real_records() -> None:
    assert rows(FILE) == [
        TitleRow(
            line=1,
            ean=9780071418218,
            raw="09780071418218006397853829800071418210",
            price_cents=34_95,
            discount="REG",
            status="04",
            availability="21",
            published="2003-06-24",
            year=2003,
            returnable="Y",
            media_mail=True,
            format="BB",
            grams=726,
            supplier="Ingram",
            supplier_on_hand=12,
            supplier_on_order=24,
            supplier_at=DAY,
            demand=36,
        ),
        TitleRow(
            line=2,
            ean=9780140177398,
            raw="09780140177398              0140177396",
            price_cents=10_00,
            discount="REG",
            status="04",
            availability="21",
            published="1993-09-01",
            year=1993,
            returnable="Y",
            media_mail=True,
            format="BC",
            grams=77,
            supplier="Ingram",
            supplier_on_hand=153 + 919 + 0 + 405,
            supplier_on_order=385 + 0 + 960 + 0,
            supplier_at=DAY,
            demand=2_822,
        ),
    ]


@pytest.mark.parametrize(
    "data",
    [
        FIRST + b"\n" + SECOND,
        FIRST + SECOND,
        FIRST + SECOND + b"\x1a",
        FIRST + b"\r\n\r\n" + SECOND + b"\r\n\x1a",
        FIRST.rstrip() + b"\n" + SECOND.rstrip() + b"\n",
        FIRST + b"   \n" + SECOND + b"\n",
    ],
    ids=["LF", "unseparated", "unseparated and ended", "blank lines", "blanks cut off", "blanks added"],
)
@pytest.mark.parametrize("size", [1, 299, 300, 301, 1 << 16])
def test_records_end_as_they_may(data: bytes, size: int) -> None:
    assert is_stockv2(data)
    assert rows(data, size=size) == rows(FILE)


def test_a_shop_with_another_currency_gets_no_prices() -> None:
    assert [row.price_cents for row in rows(FILE, "CAD") if isinstance(row, TitleRow)] == [None, None]


def test_the_fields_are_those_that_records_can_say() -> None:
    empty = TitleRow(0, 0)
    row = only(changed(206, "20270131", changed(197, "20300107")))
    said = {name for name in row.__struct_fields__ if getattr(row, name) != getattr(empty, name)}
    assert said - {"line", "ean", "raw"} == set(FIELDS)


# ---- fields ----


@pytest.mark.parametrize(
    ("position", "text", "field", "value"),
    [
        (39, "0000001" + "0000002" + "0000003" + "9999999", "supplier_on_hand", 10_000_005),
        (95, "0000001" + "0000002" + "0000003" + "0000004", "supplier_on_order", 10),
        (67, "0000009", "supplier_on_hand", 12),
        (151, "0000000", "price_cents", None),
        (151, "9999999", "price_cents", 99_999_99),
        (158, "0009999", "price_cents", 34_95),
        (166, " 5%", "discount", "5%"),
        (166, "NET", "discount", "NET"),
        (179, "NY", "status", "02"),
        (179, "OP", "status", "07"),
        (179, "EX", "status", ""),
        (189, "00010101", "published", ""),
        (189, "        ", "published", ""),
        (197, "20300107", "street_date", "2030-01-07"),
        (205, "N", "returnable", "N"),
        (205, " ", "returnable", ""),
        (206, "20270131", "last_return", "2027-01-31"),
        (206, "99991231", "last_return", ""),
        (220, "N", "media_mail", False),
        (220, " ", "media_mail", None),
        (221, "P", "format", "MM"),
        (221, "T", "format", "PC"),
        (221, "Z", "format", ""),
        (239, "000000", "grams", None),
        (239, "000100", "grams", 454),
        (239, "      ", "grams", None),
        (272, "31", "availability", "31"),
        (272, "  ", "availability", ""),
    ],
)
def test_fields_stand_where_they_stand(position: int, text: str, field: str, value: object) -> None:
    assert getattr(only(changed(position, text)), field) == value


@pytest.mark.parametrize(
    ("record", "ean"),
    [
        (changed(29, " " * 10), 9780071418218),
        (changed(29, "0" * 10), 9780071418218),
        (changed(2, " " * 13), 9780071418218),
        (changed(2, "0" * 13, changed(29, " " * 10)), 639785382980),
        (changed(2, "4006381333931", changed(29, " " * 10)), 4006381333931),
        (changed(2, "9790260000438", changed(29, " " * 10)), 9790260000438),
    ],
)
def test_codes(record: bytes, ean: int) -> None:
    assert only(record).ean == ean


# ---- what is refused ----


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (
            changed(2, "9780071418219"),
            "9780071418219 is no good EAN, ISBN or UPC: its check digit does not fit.",
        ),
        (
            changed(2, "978007141821X"),
            "978007141821X is no good EAN, ISBN or UPC: its check digit does not fit.",
        ),
        (changed(29, "0140177396"), "The codes belong to different books: 9780071418218 and 0140177396."),
        (
            changed(2, " " * 13, changed(29, "0071418211")),
            "0071418211 is no good EAN, ISBN or UPC: its check",
        ),
        (changed(2, " " * 37), "There is no EAN, ISBN or UPC."),
        (changed(1, "1"), "This is the code of a carton, not of one copy."),
        (changed(39, "000001A"), "The copies of the warehouses are no numbers: 000001A0"),
        (changed(95, "      1"), "The copies of the warehouses are no numbers: 1000"),
        (changed(39, "-000001"), "The copies of the warehouses are no numbers: -0000010"),
        (changed(39, "00000²1"), "The copies of the warehouses are no numbers: "),
        (changed(151, "  34.95"), "The list price is no number: 34.95."),
        (changed(189, "20031324"), "20031324 is no date."),
        (changed(197, "2003-6-2"), "2003-6-2 is no date."),
        (FIRST[:272], "The record has 272 characters instead of 300."),
        (FIRST + b"x", "The record has 301 characters instead of 300."),
        (b"hello", "The record has 5 characters instead of 300."),
        (b"\xff" * 300, "The list price is no number: "),
    ],
)
def test_refused(record: bytes, said: str) -> None:
    assert said in reason(record)


def test_a_refused_record_does_not_stop_the_others() -> None:
    found = rows(b"\r\n".join([FIRST, changed(2, "8"), FIRST[:200], SECOND]) + b"\r\n")
    assert [(row.line, type(row)) for row in found] == [
        *((1, TitleRow), (2, RejectedRow), (3, RejectedRow), (4, TitleRow))
    ]
    cut = rows(FIRST + SECOND + FIRST[:100])
    assert isinstance(cut[2], RejectedRow)
    assert cut[2].reason == "The record has 100 characters instead of 300."


def test_a_refusal_shows_its_record_without_card_numbers() -> None:
    (row,) = rows(changed(151, "-000001", changed(224, "4111111111111111")))
    assert isinstance(row, RejectedRow)
    assert row.raw.startswith("09780071418218")
    assert "4111111111111111" not in row.raw


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(Refused, match="no stock file"):
        rows(FILE + b"x" * (2 << 20))


@pytest.mark.parametrize(
    "start",
    [b"", b"ISBN,Title\n9780071418218,Box\n", FIRST[:250], b"9" * 300, b"<ONIXMessage>" + FIRST, b" " * 900],
)
def test_other_files_are_told_apart(start: bytes) -> None:
    assert not is_stockv2(start)


def test_a_file_is_known_by_any_of_its_first_records() -> None:
    assert is_stockv2(FILE[:300])
    assert is_stockv2(FIRST[:200] + b"\r\n" + FILE)


# ---- anything at all ----


def taken(data: bytes, size: int) -> None:
    is_stockv2(data)
    try:
        for row in rows(data, size=size):
            assert isinstance(row, (TitleRow, RejectedRow))
    except Refused as refused:
        assert refused.message


@given(st.binary(max_size=700), st.integers(1, 700))
def test_any_bytes_are_read_or_refused(data: bytes, size: int) -> None:
    taken(data, size)
    taken(FIRST + b"\n" + data.ljust(300), size)


@given(st.lists(st.tuples(st.integers(1, 295), st.text("0123456789 -.+_XY²\xa0", max_size=5)), max_size=6))
def test_records_with_any_damage_are_read_or_refused(damage: list[tuple[int, str]]) -> None:
    record = FIRST
    for position, text in damage:
        record = changed(position, text, record)
    taken(record + b"\r\n" + SECOND, 1 << 16)
    (row, last) = rows(record + b"\r\n" + SECOND)
    assert isinstance(last, TitleRow)
    if isinstance(row, TitleRow):
        assert row.ean and 0 <= (row.supplier_on_hand or 0) < 40_000_000
