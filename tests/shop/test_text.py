"""Text from outside: what is stripped, what stays, and what counts as a payment card number."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.text import clean, clean_lines, holds_card_number, mask_cards

CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111  1111  1111  1111",
    "4111\u20131111\u20131111\u20131111",
    "378282246310005",
    "3782 822463 10005",
    "5500000000000004",
    "6011000000000004",
    "30569309025904",
    "36700102000000",
    "6759649826438453",
    "4222222222222",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "４１１１１１１１１１１１１１１１",
    "%B4111111111111111^DOE/JANE^2912",
    ";4111111111111111=29121010000",
    "41111111111111111226",
    "card:4111111111111111cvv123",
]
NO_CARDS = [
    "9780312864590",
    "978-0-312-86459-0 50599",
    "978031286459050599",
    "9780312864590 9780743233217 9780140449068",
    "978-0-385-34442-5, 978-0-451-45180-4",
    "9781479359083",
    "4006381333931",
    "4 006381 333931",
    "0109780312864590",
    "9400111899223100001234",
    "+1 212 555 0100",
    "2026-12-24 10:30",
    "R1-000042",
    "0000000000000000",
    "",
]


@pytest.mark.parametrize("text", CARDS)
def test_card_numbers_are_found_and_masked(text: str) -> None:
    assert holds_card_number(text)
    note = f"Paid with {text}."
    masked = mask_cards(note)
    assert not holds_card_number(masked)
    digits = [c for c in text if c.isdecimal()]
    kept = [c for c in masked if c.isdecimal()]
    assert "•" in masked and len(kept) < len(digits)
    assert masked.startswith("Paid with ") and masked.endswith(".") and len(masked) == len(note)


def test_masking_keeps_the_last_four() -> None:
    assert mask_cards("a 4111 1111 1111 1111 b") == "a •••• •••• •••• 1111 b"
    assert mask_cards("4111111111111111 5500000000000004") == "••••••••••••1111 ••••••••••••0004"


@pytest.mark.parametrize("text", NO_CARDS)
def test_books_and_parcels_are_no_cards(text: str) -> None:
    assert not holds_card_number(text)
    assert mask_cards(text) == text


@given(st.integers(0, 10**9 - 1))
def test_no_isbn_is_a_card(body: int) -> None:
    digits = f"978{body:09d}"
    for check in range(10):  # the right one and every misread one
        assert not holds_card_number(f"{digits}{check}")


@given(st.text(max_size=80), st.sampled_from(CARDS[:9]), st.text(max_size=80))
def test_a_card_among_words_is_found(before: str, card: str, after: str) -> None:
    assert holds_card_number(f"{before}: {card} !{after}")


@given(st.text(max_size=300))
def test_masking_leaves_no_card(text: str) -> None:
    masked = mask_cards(text)
    assert not holds_card_number(masked)
    assert len(masked) == len(text)


@given(st.text("0123456789 -.", max_size=80))
def test_masking_leaves_no_card_among_digits(text: str) -> None:
    assert not holds_card_number(mask_cards(text))


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("Ann\x1bp\x00\x19\xfa", "Annpú"),
        ("\x10\x14\x01\x00\x08", ""),
        ("x\x1b@\x1dVA\x00", "x@ VA"),
        ("Ann\nREFUND -99.00", "Ann REFUND -99.00"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("\x9b1mCSI", "1mCSI"),
        ("half\ud800", "half"),
        ("\ue000private", "private"),
        ("  many \u00a0\u3000 blanks\t", "many blanks"),
        ("Ångström e\u0301", "Ångström é"),
        ("e\u200b\u0301", "é"),
        ("Łódź 東京 Ærø", "Łódź 東京 Ærø"),
    ],
)
def test_clean(raw: str, safe: str) -> None:
    assert clean(raw) == safe


@given(st.text(max_size=400), st.integers(1, 300))
def test_cleaned_text_is_printable_and_stays_so(text: str, limit: int) -> None:
    safe = clean(text, limit)
    assert safe.isprintable() and len(safe) <= limit
    assert safe == safe.strip() and "  " not in safe
    assert unicodedata.is_normalized("NFC", safe)
    assert clean(safe, limit) == safe


def test_clean_lines_keeps_breaks_only() -> None:
    assert clean_lines("\r\nOne\x1b@\r\nTwo\rThree\n\n") == "One@\nTwo\nThree"
    assert clean_lines("a" * 30, 10) == "a" * 10


@given(st.text(max_size=400))
def test_cleaned_lines_hold_nothing_else(text: str) -> None:
    assert all(line == clean(line, 2000) for line in clean_lines(text).split("\n"))


@pytest.mark.parametrize(
    "number",
    [
        "9400111899560000000015",
        "9400 1118 9956 0000 0000 15",
        "420 06099 9400 1118 9956 0000 0000 15",
        "Ask about 9400-1118-9956-0000-0000-15 on Monday",
    ],
)
def test_a_parcel_number_is_no_card_number(number: str) -> None:
    assert not holds_card_number(number)
    assert mask_cards(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "9400 1118 9956 0000 0000 14 4111 1111 1111 1111",
        "4111 1111 1111 1111 9400 1118 9956 0000 0000 15",
        "9400 4111 1111 1111 1111 16",
    ],
)
def test_a_card_number_beside_one_is_still_found(text: str) -> None:
    assert holds_card_number(text)
