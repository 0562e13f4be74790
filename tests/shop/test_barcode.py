"""What scans mean: every row of the scan cases, the shop's own codes, and any text at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, isbn, issn

from bookwish_desk.shop.barcode import (
    Scan,
    badge_code,
    corrections,
    held_code,
    in_shop_code,
    is_addon,
    parse,
    receipt_code,
    with_addon,
)
from bookwish_desk.shop.text import clean

CASES = Path(__file__).parent.parent / "data" / "barcodes" / "scan-cases.csv"
KINDS = {
    "book": "book",
    "book-used": "book",
    "book-desk-copy": "book",
    "book-recovered": "book",
    "music-ismn": "music",
    "serial-issn": "serial",
    "upc": "upc",
    "store-internal": "in_shop",
    "not-a-product": "other",
    "invalid": "invalid",
}
CONDITIONS = {"book-used": "used", "book-desk-copy": "desk_copy"}


def rows() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(row: dict[str, str]) -> Scan:
    importing = row["kind"] == "book-recovered"
    scan = parse(row["raw"], importing=importing)
    return with_addon(scan, row["addon"]) if row["addon"] else scan


def test_the_cases_are_all_there() -> None:
    assert len(rows()) == 27
    assert {row["kind"] for row in rows()} == set(KINDS)


@pytest.mark.capability("BW+01")
@pytest.mark.parametrize("row", rows(), ids=lambda row: row["note"] or row["raw"])
def test_every_scan_case(row: dict[str, str]) -> None:
    scan = read(row)
    assert scan.kind == KINDS[row["kind"]]
    assert scan.condition == CONDITIONS.get(row["kind"], "")
    assert scan.recovered == (row["kind"] == "book-recovered")
    if scan.kind == "book":
        assert scan.code == row["isbn13"]
        assert scan.ean == int(row["isbn13"])
        assert scan.isbn10 == row["isbn10"]
    price = "" if scan.price_hint_cents is None else f"{scan.price_hint_cents / 100:.2f}"
    assert (scan.price_hint_currency if price else "", price) == (
        row["addon_currency"] if row["addon_price"] else "",
        row["addon_price"],
    )
    assert bool(scan.reason) == (scan.kind == "invalid")


def test_a_short_isbn_is_recovered_on_import_only() -> None:
    assert parse("439023483").kind == "other"
    assert parse("439023483", importing=True).isbn10 == "0439023483"
    assert parse("439023484", importing=True).kind == "other"
    assert parse("7442912", importing=True).isbn10 == "0007442912"
    assert parse("9780439023481.0", importing=True).code == "9780439023481"
    assert parse("9780439023481.0").kind == "other"


@pytest.mark.parametrize("prefix", ["]E0", "]E3", "]X0", "]A0", "]C0", "]Q1", "]d1", "]z3"])
def test_symbology_prefixes_go(prefix: str) -> None:
    assert parse(prefix + "9780312864590").code == "9780312864590"
    assert parse(prefix + "R1-000042").code == "R1-000042"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("]E473513537", "0000073513537"),
        ("]C10109780312864590", "9780312864590"),
        ("]d201097803128645902112345", "9780312864590"),
        ("]Q3010978031286459010ABC\x1d21X", "9780312864590"),
        ("0109780312864590", "9780312864590"),
        ("(01)09780312864590(21)7", "9780312864590"),
        ("https://id.example.org/01/09780312864590?linkType=all", "9780312864590"),
        ("]Q1https://example.org/01/9780312864590", "9780312864590"),
        ("]Q3https://id.gs1.org/01/09780312864590/10/LOT/21/7?11=260101", "9780312864590"),
        ("]C1010978031286459010LOT7\x1d21SERIAL", "9780312864590"),
        ("]C1\x1d0109780312864590", "9780312864590"),
        ("]C121SERIAL\x1d0109780312864590", "9780312864590"),
        ("]C110LOT\x1d17260101010978031286459037" + "1", "9780312864590"),
        ("]C11126010117270101" + "0109780312864590", "9780312864590"),
        ("]d2010978031286459017260101", "9780312864590"),
        ("]e00109780312864590", "9780312864590"),
        ("\x1d0109780312864590\x1d21A", "9780312864590"),
        ("010978031286459010LOT\x1d21A", "9780312864590"),
        ("(10)LOT(01)09780312864590(21)7", "9780312864590"),
        ("]X00312864590", "9780312864590"),
        ("]X09780312864590", "9780312864590"),
    ],
)
def test_gs1_carriers(text: str, code: str) -> None:
    assert parse(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "9780312864590\r\n",
        "9780312864590\x00",
        "\t9780312864590\n",
        " 978 0 312 86459 0 ",
        "978\u20110\u2011312\u201186459\u20110",
        "ISBN 978-0-312-86459-0",
        "ISBN-13: 9780312864590",
        "urn:isbn:9780312864590",
        "isbn 0312864590",
        '="9780312864590"',
        "=9780312864590",
        "09780312864590",
    ],
)
def test_one_book_in_many_writings(text: str) -> None:
    assert parse(text).code == "9780312864590"


@pytest.mark.parametrize(
    ("text", "addon"),
    [
        ("978031286459050599", "50599"),
        ("9780312864590 50599", "50599"),
        ("978-0-312-86459-0 50599", "50599"),
        ("]E3978031286459050599", "50599"),
        ("0312864590 50599", "50599"),
        ("977031784700103", "03"),
        ("9770317847001 03", "03"),
        ("03600029145203", "03"),
        ("]E303600029145203", "03"),
        ("036000291452 03", "03"),
        ("03600029145212345", "12345"),
        ("]E303600029145212345", "12345"),
        ("]E3003600029145212345", "12345"),
        ("]E3003600029145203", "03"),
        ("]E3400638133393112345", "12345"),
        ("]E3978031286459050599", "50599"),
        ("]E3978031286459003", "03"),
        ("]E39780312864590 50599", "50599"),
        ("]E09780312864590 50599", "50599"),
        ("]E3979006011561550599", "50599"),
    ],
)
def test_addons_joined_and_after_a_blank(text: str, addon: str) -> None:
    assert parse(text).addon == addon


def test_gs1_codes_without_an_article_are_others() -> None:
    for text in ("]C100123456789012345678", "]C121SERIAL", "]C110LOT\x1d21A", "]C101", "]C1", "]Q3hello"):
        assert parse(text).kind in ("other", "invalid"), text
    assert parse("]C10109780312864591").ean is None, "the check digit does not fit"
    assert parse("]C10119780312864597").ean is None, "a carton"


def test_joined_digits_of_a_common_article_need_their_carrier() -> None:
    assert parse("400638133393112345").kind == "other"
    assert parse("]E3400638133393212345").kind == "invalid"


def test_codes_of_orders_and_web_links_stay_whole() -> None:
    for text in ("BW-1042", "https://bookwish.example/o/BW-1042?k=a1b2"):
        for sent in (text, f"]Q1{text}", f"]d1{text}\r\n"):
            assert parse(sent) == Scan("other", text)


def test_an_addon_as_a_second_scan() -> None:
    assert is_addon("50599") and is_addon("]E250599\r") and is_addon("03") and is_addon("]E103")
    assert not is_addon("123") and not is_addon("5059X") and not is_addon("") and not is_addon("٥٠٥٩٩")
    book = parse("9780312864590")
    priced = with_addon(book, "]E250599\r")
    assert (priced.price_hint_cents, priced.price_hint_currency) == (599, "USD")
    assert with_addon(book, "hello") == book
    receipt = parse("R1-000042")
    assert with_addon(receipt, "50599") == receipt


def test_a_magazines_addon_is_the_issue_and_never_a_price() -> None:
    magazine = parse("977031784700152599")
    assert (magazine.kind, magazine.issue, magazine.price_hint_cents) == ("serial", "52599", None)
    assert magazine.issn == "0317-8471"


@pytest.mark.parametrize(
    "text", ["0317-8471", "]C00317-8471", "ISSN 0317-8471", "0024-9319", "2434-561X", "2434561x"]
)
def test_issn(text: str) -> None:
    scan = parse(text)
    assert scan.kind == "serial"
    assert scan.code.startswith("977") and ean.is_valid(scan.code)


def test_music_is_not_a_book() -> None:
    assert isbn.is_valid("9790060115615")  # the trap: the library takes sheet music for a book
    assert parse("9790060115615").kind == "music"


def test_refusals_say_why() -> None:
    assert "check digit" in parse("9781479359083").reason
    assert "check digit" in parse("0312864591").reason
    assert "check digit" in parse("978035280512").reason
    assert "spreadsheet" in parse("9,78031634993E+12").reason
    assert "carton" in parse("19780312864597").reason
    assert "too long" in parse("A" * 129).reason
    assert parse("A" * 128).kind == "other"


def test_a_refused_number_can_still_be_looked_up_in_the_shops_own_codes() -> None:
    assert parse("1234567890").code == "1234567890"


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "378282246310005",
        "%B4111111111111111^DOE/J^2912",
        "]C04111111111111111",
    ],
)
def test_a_card_is_refused_and_not_kept(text: str) -> None:
    scan = parse(text)
    assert scan.kind == "card"
    assert "1111" not in repr(scan) and "0005" not in repr(scan)


def test_no_card_passes_for_an_article_with_an_addon() -> None:
    """A 14-digit card's first 12 digits fit a UPC now and then; it is still a card."""
    hits = 0
    for body in range(3600000000000, 3600000002000):
        for check in range(10):
            number = f"{body}{check}"
            if not _luhn(number):
                continue
            hits += 1
            assert parse(number).kind in ("card", "invalid"), number
            assert parse(number).code == "" or ean.is_valid(number)
    assert hits == 2000


def _luhn(number: str) -> bool:
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(number))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def test_own_codes() -> None:
    assert receipt_code(1, 42) == "R1-000042"
    assert held_code(12, 1234567) == "H12-1234567"
    assert parse("R1-000042") == parse("r1-42") == Scan("receipt", "R1-000042", register=1, number=42)
    assert parse("H12-1234567") == Scan("held", "H12-1234567", register=12, number=1234567)
    assert parse("R1-0").kind == "other"
    assert parse("R0-1").kind == "other"
    badge = badge_code(b"\x00\x01\x02\x03\x04\x05\x06\x07")
    assert len(badge) == 14
    assert parse(badge.lower()) == Scan("badge", badge)
    assert parse("S-0189AAAAAAAA").kind == "other"
    for wrong in [(0, 1), (1, 0), (10000, 1), (1, 10**12)]:
        with pytest.raises(ValueError):
            receipt_code(*wrong)
    with pytest.raises(ValueError):
        badge_code(b"short")


@given(st.integers(0, 9_999_999_999), st.integers(20, 29))
def test_in_shop_labels_read_back(number: int, prefix: int) -> None:
    code = in_shop_code(number, prefix)
    scan = parse(code)
    assert (scan.kind, scan.code, scan.ean) == ("in_shop", code, int(code))


def test_in_shop_labels_have_limits() -> None:
    for number, prefix in [(-1, 20), (10_000_000_000, 20), (1, 19), (1, 30)]:
        with pytest.raises(ValueError):
            in_shop_code(number, prefix)


def test_restricted_prefixes_are_in_shop() -> None:
    for body in ("02" + "0" * 10, "04" + "0" * 10, "29" + "1" * 10):
        assert parse(body + ean.calc_check_digit(body)).kind == "in_shop"
    assert parse("20000004").kind == "in_shop"
    assert parse("73513537").kind == "ean"
    assert parse("4006381333931").kind == "ean"


@given(st.integers(0, 999_999_999))
def test_isbn_10_and_13_meet(body: int) -> None:
    digits = f"978{body:09d}"
    book = digits + ean.calc_check_digit(digits)
    scan = parse(book)
    assert scan.kind == "book"
    assert isbn.is_valid(scan.isbn10) and isbn.to_isbn13(scan.isbn10) == book
    assert parse(scan.isbn10) == scan


@given(st.integers(0, 10**12 - 1), st.integers(0, 9))
def test_a_wrong_check_digit_is_never_sold(body: int, check: int) -> None:
    text = f"{body:012d}{check}"
    fits = ean.calc_check_digit(text[:-1]) == text[-1]
    assert (parse(text).ean is not None) == fits


@given(st.integers(0, 999_999_999), st.sampled_from("0123456789X"))
def test_an_isbn_10_is_one_by_its_last_digit(body: int, check: str) -> None:
    text = f"{body:09d}{check}"
    assert (parse(text).kind == "book") == isbn.is_valid(text)


@given(st.integers(0, 9_999_999), st.sampled_from("0123456789X"))
def test_an_issn_is_one_by_its_last_digit(body: int, check: str) -> None:
    text = f"{body:07d}{check}"
    scan = parse(f"{text[:4]}-{text[4:]}")
    assert (scan.kind == "serial") == issn.is_valid(text)
    if scan.kind == "serial":
        assert scan.code == issn.to_ean(text) and scan.issn == issn.format(text)
        assert parse(scan.code) == scan


@given(st.text(max_size=200), st.booleans())
def test_any_text_gives_a_scan(text: str, importing: bool) -> None:
    scan = parse(text, importing)
    assert scan == parse(text, importing)
    assert scan.code == clean(scan.code)
    assert scan.ean is None or (len(scan.code) == 13 and scan.ean == int(scan.code))
    assert isinstance(with_addon(scan, text), Scan)
    is_addon(text)


@given(st.text('0123456789X-. ]ECQdR HS="()/+eE', max_size=40), st.booleans())
def test_anything_like_a_code_gives_a_scan(text: str, importing: bool) -> None:
    scan = parse(text, importing)
    assert bool(scan.reason) == (scan.kind in ("invalid", "card"))
    if scan.kind not in ("other", "invalid", "card"):
        again = parse(scan.code)
        assert (again.kind, again.code) == (scan.kind, scan.code)


def _one_digit_away(typed: str) -> set[str]:
    """Return every ISBN that differs from `typed` in one place, by the library's own rule and no other."""
    digits = [*"0123456789", "X"]
    near = {typed[:n] + d + typed[n + 1 :] for n in range(len(typed)) for d in digits if d != typed[n]}
    return {c for c in near if isbn.is_valid(c) and not c.startswith("9790") and len(c) == len(typed)}


@given(st.sampled_from(["978", "9791", "9798"]), st.data())
def test_a_misprinted_isbn_13_has_every_book_one_digit_away(prefix: str, data: st.DataObject) -> None:
    body = (prefix + "".join(data.draw(st.lists(st.sampled_from("0123456789"), min_size=9, max_size=9))))[:12]
    book = body + ean.calc_check_digit(body)
    place, digit = data.draw(st.integers(0, 12)), data.draw(st.sampled_from("0123456789"))
    typed = book[:place] + digit + book[place + 1 :]
    found = corrections(f" {typed[:3]}-{typed[3:]} ")
    if parse(typed).kind != "invalid":
        assert found == ()
        return
    assert book in {scan.code for scan in found}
    assert [scan.code for scan in found] == list(dict.fromkeys(scan.code for scan in found))
    assert {scan.code for scan in found} == _one_digit_away(typed)
    assert {scan.kind for scan in found} == {"book"}


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 9), st.sampled_from("0123456789X"))
def test_a_misprinted_isbn_10_has_every_book_one_digit_away(body: str, place: int, digit: str) -> None:
    book = isbn.to_isbn10("978" + body + ean.calc_check_digit("978" + body))
    typed = book[:place] + (digit if place == 9 else digit.replace("X", "1")) + book[place + 1 :]
    found = {scan.isbn10 for scan in corrections(f"ISBN {typed}")}
    assert found == (set() if typed == book else _one_digit_away(typed))
    assert typed == book or book in found


def test_what_is_no_misprinted_isbn_has_no_corrections() -> None:
    for text in ("", "Orlando", "9780156701600", "978015670160", "97801567016012", "4006381333932", "X" * 13):
        assert corrections(text) == (), text
    # One digit from a card number, though also from an ISBN: it is not looked at.
    assert parse("8780061120084").kind == "card"
    assert corrections("8780061120084") == ()
    # 979-0 is printed music: a slip in its first digits makes an ISBN of it, any other does not.
    assert all(not scan.code.startswith("9790") for scan in corrections("9790061120084"))
    assert {scan.code for scan in corrections("9790061120084")} == _one_digit_away("9790061120084")


@pytest.mark.parametrize("sku", ["9780393356182S", "9780393356182U1", "9780393356182U27", "9791234567896S2"])
def test_the_code_of_a_used_or_signed_copy_is_no_isbn(sku: str) -> None:
    for sent in (sku, f"]C0{sku}", f" {sku} "):
        assert (parse(sent).kind, parse(sent).code, parse(sent).ean) == ("other", sku, None)
    assert not is_addon(sku)
