"""Parts of codes: what holds a fragment is found by its groups, what begins with digits lies in a range."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.db import codes, engine
from bookwish_desk.shop.barcode import isbn10_of

BOOKS = st.integers(0, 10**9 - 1).map(lambda n: 9780000000000 + n * 10)
EANS = BOOKS | st.integers(9790000000000, 9799999999999) | st.integers(10**7, 977 * 10**10)


def texts_of(ean: int) -> list[str]:
    plain = str(ean)
    isbn10 = isbn10_of(plain).lower() if len(plain) == 13 else ""
    return [text for text in (plain, plain.zfill(12), isbn10) if text]


@given(ean=EANS, data=st.data())
def test_every_fragment_of_a_code_is_held_by_its_groups(ean: int, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(texts_of(ean)))
    if text.startswith(("978", "979")):
        text = text[3:]
    begin = data.draw(st.integers(0, max(0, len(text) - codes.LEAST)))
    fragment = text[begin : begin + data.draw(st.integers(codes.LEAST, 13))]
    raw = engine.driver().connect(":memory:")
    raw.execute(
        "CREATE VIRTUAL TABLE f USING fts5(d, content='', columnsize=0, detail=none, tokenize='ascii')"
    )
    raw.execute("INSERT INTO f(rowid, d) VALUES (7, ?)", (codes.groups(ean),))
    found = raw.execute("SELECT rowid FROM f WHERE f MATCH ?", (codes.holding(fragment),)).fetchall()
    raw.close()
    assert codes.holds(fragment, ean)
    assert found == [(7,)]


@given(ean=EANS, data=st.data())
def test_a_code_lies_in_the_range_of_each_of_its_beginnings(ean: int, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(texts_of(ean)))
    typed = codes.typed_code(text[: data.draw(st.integers(codes.LEAST, 13))])
    assert any(least <= ean <= most for least, most in codes.beginning(typed))


@given(ean=EANS, typed=st.from_regex("[0-9]{4,13}", fullmatch=True))
def test_a_range_holds_no_code_that_begins_otherwise(ean: int, typed: str) -> None:
    if any(least <= ean <= most for least, most in codes.beginning(typed)):
        assert any(text.startswith(typed) for text in texts_of(ean))


def test_what_is_no_code_is_none() -> None:
    assert [
        codes.typed_code(text) for text in ("123", "12a4", "x123", "1x34", "", "12 34", "0-8044-2957-X")
    ] == [
        *("", "", "", "", "", "1234", "080442957x"),
    ]
    assert codes.beginning("") == ()
