"""Check digits summed in bytes say what the library says, for any digits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, isbn

from bookwish_desk.shop.check_digit import ean_fits, isbn10_fits, isbn13_of

DIGITS = st.text("0123456789", min_size=13, max_size=13)


@given(DIGITS, st.sampled_from("0123456789"))
def test_ean(digits: str, last: str) -> None:
    code = digits[:12] + last
    assert ean_fits(code.encode()) == (ean.calc_check_digit(code[:12]) == last)


@given(DIGITS, st.sampled_from("0123456789X"))
def test_isbn10(digits: str, last: str) -> None:
    code = digits[:9] + last
    fits = isbn10_fits(code.encode())
    assert fits == isbn.is_valid(code)
    if fits:
        assert isbn13_of(code.encode()).decode() == isbn.to_isbn13(code)


@given(st.binary(max_size=20))
def test_anything_else_does_not_fit(code: bytes) -> None:
    if len(code) != 13 or not code.isdigit():
        assert not ean_fits(code)
    if len(code) != 10 or not code[:9].isdigit():
        assert not isbn10_fits(code)


def test_known_codes() -> None:
    assert ean_fits(b"9780007232833")
    assert not ean_fits(b"9780007232834")
    assert not ean_fits("９７８０００７２３２８３３".encode())
    assert isbn10_fits(b"080442957X")
    assert not isbn10_fits(b"080442957x")
    assert not isbn10_fits(b"08044X957X")
    assert isbn13_of(b"080442957X") == b"9780804429573"
