"""The trade's code words: every code of the lists has a name, and what lists say is understood."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bookwish_desk.shop.trade import (
    availability_name,
    format_code,
    format_name,
    returnable_name,
    status_name,
)

SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
SAID = {
    "BB": "Hardcover|HARDBACK|hb|HC|hbk|cloth|Trade Cloth|Library Binding|hard-cover|BB|R|HC w/ dust jacket",
    "BC": "Trade paper|Trade Paperback|paperback|Paperback / softback|pb|PBK|softcover|tp|BC|Q|QP|paperbacks",
    "MM": "Mass market|mass-market paperback|Mass Market Paperbound|MM|mm|MMPB|P",
    "BH": "board book|Board Book, Hardcover|Boardbook|BH",
    "BE": "Spiral|Spiral-bound|wire-o",
    "BA": "Large Print|book|Print|BA",
    "AC": "Audio CD|CD|Compact Disc|CD-Audio|Compact Discs|AC",
    "AE": "MP3 CD|mp3",
    "AA": "Audiobook|audio book|Audio|W",
    "AJ": "Digital Audiobook|Downloadable audio|AJ",
    "EA": "eBook|E-Book|e-books|EPUB|Kindle Edition|EA",
    "ED": "ED",
    "PC": "Calendar|Wall calendar|T|pc",
    "PI": "Sheet music",
    "VI": "DVD|dvds",
    "ZA": "Gift|M",
    "ZE": "Board game",
    "SB": "Boxed Set",
    "": "|   |?|zz9|unheard of|b",
}


@cache
def listed(number: int) -> frozenset[str]:
    """Return the codes of one of ONIX's lists, as the schema for ONIX 3.1 has them."""
    path = files("onixcheck") / "schema" / "xsd3.1" / "ONIX_BookProduct_CodeLists.xsd"
    schema = etree.fromstring(path.read_bytes())
    kind = next(x for x in schema.iter(f"{SCHEMA}simpleType") if x.get("name") == f"List{number}")
    return frozenset(x.get("value") for x in kind.iter(f"{SCHEMA}enumeration"))


@pytest.mark.parametrize(
    ("number", "name"),
    [(150, format_name), (64, status_name), (65, availability_name)],
    ids=["product form", "publishing status", "availability"],
)
def test_every_code_of_a_list_has_a_name(number: int, name) -> None:
    codes = listed(number) - {"00"}
    assert len(codes) > 15
    assert {code for code in codes if not name(code)} == set()
    assert (name("00"), name(""), name("QQ"), name("hardback")) == ("", "", "", "")


def test_what_booksellers_call_it() -> None:
    formats = [format_name(code) for code in ("BB", "BC", "MM", "BH", "AC", "EA")]
    assert formats == ["Hardback", "Paperback", "Mass market", "Board book", "Audio CD", "E-book"]
    assert [status_name(code) for code in ("02", "04", "07")] == ["Forthcoming", "In print", "Out of print"]
    assert [availability_name(code) for code in ("10", "21", "22")] == [
        *("Not yet available", "In stock", "To order")
    ]
    assert [returnable_name(code) for code in ("Y", "N", "C", "", "S")] == [
        *("Returnable", "Not returnable", "Returnable on conditions", "", "")
    ]


@pytest.mark.parametrize(
    ("words", "code"), [(words, code) for code, said in SAID.items() for words in said.split("|")]
)
def test_what_lists_say(words: str, code: str) -> None:
    assert format_code(words) == code


def test_codes_mean_themselves_but_where_booksellers_mean_another() -> None:
    assert format_code("PB") == "BC"
    assert format_code("CD") == "AC"
    others = {code for code in listed(150) - {"00"} if format_code(code) != code}
    assert others == {"PB", "CD"}


@given(st.text(max_size=400))
def test_any_words_are_told_or_not(words: str) -> None:
    code = format_code(words)
    assert code == "" or format_name(code)
