"""Headings of lists: what each column is, by its usual names or as a person mapped it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.headings import (
    _SPELLINGS,
    FIELDS,
    is_any_ean,
    known_headings,
    recognise,
    refuse_unclear,
    refuse_unknown,
    unit_of,
)


def test_every_field_has_names_and_no_name_means_two_fields() -> None:
    assert set(_SPELLINGS) == set(FIELDS)
    names = [name for spellings in _SPELLINGS.values() for name in spellings]
    assert len(names) == len(set(names))
    assert all(name == "".join(c for c in name.casefold() if c.isalnum()) for name in names)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("ISBN-13 (required)", "code"),
        ("Sub-title", "subtitle"),
        ("Series Title", "series"),
        ("Binding", "format"),
        ("Pub Date", "published"),
        ("On-Sale Date", "street_date"),
        ("language_code", "language"),
        ("Page count", "pages"),
        ("BISAC Subject(s)", "subjects"),
        ("Category", "subjects"),
        ("Weight (lb)", "weight"),
        ("Item weight in ounces", "weight"),
        ("weight_g", "weight"),
        ("Discount Code", "discount"),
        ("Returnable?", "returnable"),
        ("Last Return Date", "last_return"),
        ("Qty on Order", "on_order"),
        ("onorder", "on_order"),
        ("Copies sold", "demand"),
        ("ratings_count", "demand"),
        ("Sales", "demand"),
        ("Qty on hand", "stock"),
        ("Sale price", "price"),
        ("Availability", "availability"),
        *((name, "") for name in ("Sales rank", "average_rating", "cover", "Returns", "", "Ordered")),
    ],
)
def test_usual_names(heading: str, field: str) -> None:
    assert recognise(["isbn", heading], {})[1] == field


def test_the_first_usual_name_counts() -> None:
    assert recognise(["List price", "isbn", "Price"], {}) == ("", "code", "price")
    assert recognise(["year", "pubdate"], {}) == ("year", "published")
    assert recognise(["isbn", "ean"], {}) == ("code", "code")


def test_what_a_person_mapped_goes_first() -> None:
    headings = ["Artikel", "Title", "Titel", "ISBN", "Preis"]
    columns = {"Titel": "title", "Artikel": "sku", "Preis": "price", "ISBN": "code"}
    assert recognise(headings, columns) == ("sku", "", "title", "code", "price")
    assert recognise(["isbn", "price"], {"price": ""}) == ("code", "")
    assert recognise(["price", "list price"], {"price": ""}) == ("", "price")
    assert recognise(["Price", "price"], {"Price": ""}) == ("", "price")
    assert recognise(["isbn", "x"], {"x": "code"}) == ("code", "code")
    assert recognise([" x  y "], {"x y": "title"}) == ("title",)


def test_mapped_headings_help_to_find_the_separator() -> None:
    assert known_headings(["Titel", "x", "isbn"], {"Titel": "title"}) == 2
    assert known_headings(["Titel;x;isbn"], {"Titel": "title"}) == 0


@pytest.mark.parametrize(
    ("headings", "columns", "words"),
    [
        (["isbn", "Price", "price"], {}, 'Two columns are headed "Price". Keep one of them.'),
        (
            ["isbn", "Titel", "Name"],
            {"Titel": "title", "Name": "title"},
            '"Titel" and "Name" are both Title. Leave one of them out.',
        ),
        (["title", "author"], {}, "The first line must name the columns"),
        (["isbn", "title"], {"isbn": ""}, "The first line must name the columns"),
        ([], {}, "The first line must name the columns"),
    ],
)
def test_headings_that_are_refused(headings: list[str], columns: dict[str, str], words: str) -> None:
    with pytest.raises(Refused) as refused:
        refuse_unclear(headings, recognise(headings, columns))
    assert refused.value.message.startswith(words)


def test_a_mapping_that_fits_no_list_is_refused() -> None:
    refuse_unknown(["isbn", "x"], {"x": "title", "y": ""})
    with pytest.raises(Refused, match='No column is headed "y"'):
        refuse_unknown(["isbn", "x"], {"y": "title"})
    with pytest.raises(Refused, match='"titel" is nothing that a column can be'):
        refuse_unknown(["isbn", "x"], {"x": "titel"})


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        *(("Weight (lb)", "lb"), ("Weight [kg]", "kg"), ("weight_g", "g"), ("WeightOz", "oz")),
        *(("Item weight in ounces", "oz"), ("weight in grams", "g"), ("Weight, lbs.", "lb")),
        *(("Weight", ""), ("Gewicht kg", "kg"), ("weight in", ""), ("", "")),
    ],
)
def test_the_unit_of_a_heading(heading: str, unit: str) -> None:
    assert unit_of(heading) == unit


def test_columns_of_eans() -> None:
    assert is_any_ean("UPC") and is_any_ean("EAN-13")
    assert not is_any_ean("ISBN") and not is_any_ean("x")


@given(
    st.lists(
        st.one_of(st.text(max_size=9), st.sampled_from(["isbn", "price", "list price", "Title"])), max_size=8
    ),
    st.dictionaries(st.sampled_from(["isbn", "price", "x", ""]), st.sampled_from([*FIELDS, ""]), max_size=3),
)
def test_any_headings_are_recognised_or_refused_in_words(
    headings: list[str], columns: dict[str, str]
) -> None:
    fields = recognise(headings, columns)
    assert len(fields) == len(headings)
    assert set(fields) <= {*FIELDS, ""}
    try:
        refuse_unclear(headings, fields)
    except Refused as refused:
        assert refused.message.endswith(".")
    else:
        assert {"code", "sku"} & set(fields)
        assert all(fields.count(field) == 1 for field in fields if field not in ("", "code"))
