"""ONIX records and what they mean to a shop: real files, and each rule by itself. XML is `onix_message`'s."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.onix import FIELDS, read_onix
from bookwish_desk.shop.onix_message import ELEMENTS
from bookwish_desk.shop.title import RejectedRow, TitleRow
from tests.shop.onix_files import (
    DATA,
    ISBN,
    OTHER_ISBN,
    detail,
    faults,
    message,
    price,
    product,
    short_names,
    shortened,
    supply,
)

TODAY = "2026-11-22"
DOLLARS = Currency("USD", "en_US")
SHOPS = {"AUD": "en_AU", "NZD": "en_NZ", "GBP": "en_GB", "EUR": "en_IE", "USD": "en_US", "CAD": "en_CA"}
SUPPLIERS_EMBARGO = {9781447230533: "20140801"}  # which the independent reading did not look for
FILES = ["onix30-multi", "onix31-single"]


def rows(
    xml: bytes, currency: Currency = DOLLARS, on: str = TODAY, territory: str = ""
) -> list[TitleRow | RejectedRow]:
    return list(read_onix([xml], currency=currency, on=on, territory=territory))


def only(record: str, header: str = "", release: str = "3.1", **options: Any) -> TitleRow:
    """Return the row of one record of a valid message, which short tags must not change."""
    xml = message(record, header=header, release=release)
    assert faults(xml) == []
    (row,) = rows(xml, **options)
    assert rows(shortened(xml), **options) == [row]
    assert isinstance(row, TitleRow), row
    return row


def refusal(record: str) -> str:
    (row,) = rows(message(record))
    assert isinstance(row, RejectedRow), row
    return row.reason


def priced(*parts: str, currency: str = "USD", header: str = "", on: str = TODAY) -> int | None:
    """Return the price that a shop in the currency's country takes from parts of supply."""
    record = product(supply="".join(parts))
    return only(record, header=header, currency=Currency(currency, SHOPS[currency]), on=on).price_cents


# ---- real files ----


def expected(name: str) -> Iterator[tuple[dict[str, Any], TitleRow]]:
    """Yield what an independent reading found and our row, for a shop whose currency the file has."""
    told = json.loads((DATA / f"{name}.expected.json").read_text("utf-8"))
    code = told[0]["prices"][0][2]
    found = rows((DATA / f"{name}.xml").read_bytes(), Currency(code, SHOPS[code]))
    for wanted, row in zip(told, found, strict=True):
        assert isinstance(row, TitleRow)
        yield wanted, row


@pytest.mark.parametrize("name", FILES)
def test_real_files_give_what_an_independent_reading_gives(name: str) -> None:
    for wanted, row in expected(name):
        dates = dict(wanted["publication_dates"])
        authors = [who for role, who in wanted["contributors"] if role == "A01"]
        first = wanted["prices"][0][1]
        assert (row.reference, row.ean) == (wanted["record"], int(wanted["isbn13"]))
        assert (row.title, row.subtitle) == (wanted["title"], wanted["subtitle"] or "")
        assert row.authors == ", ".join(authors)
        assert (row.format, row.availability) == (wanted["form"], wanted["availability"][0])
        assert row.price_cents == int(first.replace(".", ""))
        assert row.published.replace("-", "") == dates["01"]
        embargo = dates.get("02", SUPPLIERS_EMBARGO.get(row.ean or 0, ""))
        assert row.street_date.replace("-", "") == embargo
        assert row.year == int(dates["01"][:4])
        assert (row.whole, row.gone, row.repaired) == (True, False, False)


def test_a_real_record_in_full() -> None:
    (row,) = rows((DATA / "onix31-single.xml").read_bytes(), Currency("GBP", "en_GB"))
    assert row == TitleRow(
        line=1,
        ean=9780007232833,
        title="Roseanna",
        authors="Maj Sjöwall, Per Wahlöö",
        publisher="HarperCollins Publishers",
        year=2006,
        price_cents=799,
        series="The Martin Beck series #1",
        format="BC",
        published="2006-08-07",
        language="eng",
        pages=245,
        subjects="FFP; FIC022000; FYT",
        grams=195,
        discount="AHACP029",
        returnable="Y",
        status="04",
        availability="21",
        reference="com.globalbookinfo.onix.01734529",
        raw="com.globalbookinfo.onix.01734529 9780007232833 9780007232833",
        whole=True,
    )


def test_a_real_record_with_stock_in_full() -> None:
    row = rows((DATA / "onix30-multi.xml").read_bytes(), Currency("NZD", "en_NZ"))[4]
    assert row == TitleRow(
        line=5,
        ean=9780330520331,
        title="The Forgotten: A John Puller Novel 2",
        authors="David Baldacci",
        publisher="Pan Macmillan UK",
        year=2013,
        price_cents=2499,
        series="John Puller",  # the number given is that of the story, not of the book
        format="BC",
        published="2013-06-01",
        street_date="2013-06-01",
        language="eng",
        pages=608,
        grams=433,
        status="04",
        availability="21",
        supplier="Alliance Distribution Services",
        supplier_on_hand=196,
        supplier_on_order=0,
        supplier_at="2018-06-21",
        reference="9780330520331",
        raw="9780330520331 16034 0330520334 9780330520331 9780330520331",
        whole=True,
    )


@pytest.mark.parametrize("name", FILES)
def test_real_files_with_short_tags_say_the_same(name: str) -> None:
    xml = (DATA / f"{name}.xml").read_bytes()
    short = shortened(xml)
    assert faults(xml) == [] and faults(short) == []
    assert b"<a001>" in short and b"RecordReference" not in short
    for code, locale in SHOPS.items():
        currency = Currency(code, locale)
        assert rows(short, currency) == rows(xml, currency)


@pytest.mark.parametrize(
    ("code", "prices"),
    [
        ("AUD", [1999, 3999, 2699, 1999, 1799, 999, 999, 1999, 2299, 1999, None]),
        ("NZD", [None, 4499, 3299, 2499, 2499, 1299, 999, 2499, 2799, 1999, None]),
        ("GBP", [None] * 10 + [799]),
        ("EUR", [None] * 10 + [899]),
        ("USD", [None] * 11),
    ],
)
def test_each_shop_takes_the_prices_of_its_country(code: str, prices: list[int | None]) -> None:
    currency = Currency(code, SHOPS[code])
    found = [row for name in FILES for row in rows((DATA / f"{name}.xml").read_bytes(), currency)]
    assert [row.price_cents for row in found if isinstance(row, TitleRow)] == prices


def test_the_short_tags_are_those_of_the_schemas() -> None:
    def pairs(elements: Any) -> Iterator[tuple[str, str]]:
        for name, kind in elements.items():
            one = kind[0] if isinstance(kind, (list, tuple)) else kind
            yield name, one if isinstance(one, str) else name.lower()
            if isinstance(one, dict):
                yield from pairs(one)

    used = dict(pairs(ELEMENTS))
    assert {name: short_names("3.0")[name] for name in used} == used
    gone = {"DateFormat"}  # ONIX 3.1 dropped it
    assert {name: short_names("3.1").get(name) for name in used if name not in gone} == {
        name: short for name, short in used.items() if name not in gone
    }


def test_the_fields_are_those_that_records_can_say() -> None:
    found = [row for name in FILES for row in rows((DATA / f"{name}.xml").read_bytes(), DOLLARS)]
    said: set[str] = set()
    empty = TitleRow(0, 0)
    for row in found:
        said |= {name for name in row.__struct_fields__ if getattr(row, name) != getattr(empty, name)}
    assert said - {"line", "ean", "raw"} <= set(FIELDS) <= set(TitleRow.__struct_fields__)


# ---- what a record is for ----


@pytest.mark.parametrize("kind", ["01", "02", "03"])
def test_a_whole_record(kind: str) -> None:
    row = only(product(kind=kind))
    assert (row.whole, row.gone, row.title, row.reference) == (True, False, "Roseanna", "r-1")


def test_a_block_update_says_only_what_it_says() -> None:
    given = supply(detail(price("12.50"), availability="31"))
    row = only(product(kind="04", title="", issued="", supply=given))
    assert row == TitleRow(
        1, int(ISBN), price_cents=1250, availability="31", reference="r-1", raw=f"r-1 {ISBN}"
    )


@pytest.mark.parametrize("kind", ["08", "09"])
def test_a_notice_of_a_sale_between_publishers_says_only_what_it_says(kind: str) -> None:
    row = only(product(kind=kind, title="", issued="<PublishingStatus>05</PublishingStatus>"))
    assert (row.whole, row.gone, row.title, row.status) == (False, False, "", "05")


def test_a_delete_takes_the_title_out() -> None:
    row = only(product(kind="05", title="", issued=""))
    assert row == TitleRow(1, int(ISBN), reference="r-1", raw=f"r-1 {ISBN}", gone=True)


@pytest.mark.parametrize("kind", ["88", "89"])
def test_a_test_record_is_refused(kind: str) -> None:
    assert faults(message(product(kind=kind))) == []
    assert refusal(product(kind=kind)) == "This is a test record, not a title."


@pytest.mark.parametrize("kind", ["", "77", "3"])
def test_a_record_for_nothing_known_is_refused(kind: str) -> None:
    assert refusal(product(kind=kind)).startswith("The record does not say what it is for")


def test_two_records_of_one_reference_are_both_given_in_their_order() -> None:
    xml = message(product(), product(reference="r-2", codes=[("15", OTHER_ISBN)]), product(kind="05"))
    found = rows(xml)
    assert [(row.line, row.reference, row.gone) for row in found if isinstance(row, TitleRow)] == [
        *((1, "r-1", False), (2, "r-2", False), (3, "r-1", True))
    ]


def test_no_products_are_no_rows() -> None:
    assert faults(message()) == []
    assert rows(message()) == []


# ---- identifiers ----


@pytest.mark.parametrize(
    ("codes", "ean", "repaired"),
    [
        ([("15", ISBN)], int(ISBN), False),
        ([("03", ISBN)], int(ISBN), False),
        ([("02", "0007232837")], 9780007232833, False),
        ([("02", "080442957X")], 9780804429573, False),
        ([("01", "4711"), ("03", ISBN), ("15", ISBN)], int(ISBN), False),
        ([("14", f"0{ISBN}")], int(ISBN), False),
        ([("04", "639785382980")], 639785382980, False),
        ([("03", "4006381333931")], 4006381333931, False),
        ([("03", "0639785382980"), ("15", ISBN)], int(ISBN), False),
        ([("25", "9790260000438")], 9790260000438, False),
        ([("15", "978-0-00-723283-3")], int(ISBN), False),
        ([("15", "9780007232834"), ("03", ISBN)], int(ISBN), True),
        ([("15", "9780007232834"), ("02", "0007232837")], int(ISBN), True),
    ],
)
def test_identifiers(codes: list[tuple[str, str]], ean: int, repaired: bool) -> None:
    (row,) = rows(message(product(codes=codes)))
    assert isinstance(row, TitleRow), row
    assert (row.ean, row.repaired) == (ean, repaired)
    assert row.is_book == str(ean).startswith("9780")


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (
            [("15", "9780007232834")],
            "9780007232834 is no good ISBN or EAN: its length or check digit does not fit.",
        ),
        (
            [("15", "978000723283")],
            "978000723283 is no good ISBN or EAN: its length or check digit does not fit.",
        ),
        ([("15", "9.78E+12")], "9.78E+12 is no good ISBN or EAN: its length or check digit does not fit."),
        ([("15", "9780007232834"), ("03", "4006381333931")], "9780007232834 is no good ISBN or EAN"),
        ([("15", ISBN), ("03", OTHER_ISBN)], f"different books: {ISBN} and {OTHER_ISBN}"),
        ([("15", "9780140177399"), ("03", ISBN)], f"different books: {ISBN} and 9780140177399"),
        ([("01", "4711")], "There is no ISBN or EAN."),
        ([("15", "0000000000000")], "0000000000000 is no good ISBN or EAN"),
        ([("15", " ")], "There is no ISBN or EAN."),
        ([("14", "19780007232830")], "There is no ISBN or EAN."),
        ([("15", "９７８０００７２３２８３３")], "no good ISBN or EAN"),
    ],
)
def test_identifiers_that_are_refused(codes: list[tuple[str, str]], reason: str) -> None:
    assert reason in refusal(product(codes=codes))


def test_a_refusal_shows_the_record_and_no_card_number() -> None:
    (row,) = rows(message(product(reference="4111111111111111", codes=[("15", "1")])))
    assert isinstance(row, RejectedRow)
    assert row.raw == "••••••••••••1111 1"
