"""Ingram's stock file StockV2: fixed-width records of 300 characters to rows; full files and deltas alike.

It says what Ingram has, wants and knows of an EAN, never what a book is called. Only slices and whole
numbers here: a full file has 13 million records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from bookwish_desk.shop.check_digit import ean_fits, isbn10_fits, isbn13_of
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency, half_up
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.title import RejectedRow, TitleRow, refused_row
from bookwish_desk.shop.trade import availability_name, format_code

SUPPLIER = "Ingram"
LENGTH = 300
"""Characters of a record. Behind each stands CR LF, LF or nothing."""

FIELDS = (
    *("price_cents", "discount", "status", "availability", "published", "year", "street_date"),
    *("returnable", "last_return", "media_mail", "format", "grams", "demand"),
    *("supplier", "supplier_on_hand", "supplier_on_order", "supplier_at"),
)
"""What a record can say besides its EAN."""

_READ = 273  # nothing behind these characters is read: some transfers cut off the blanks at the end
_LONGEST = 1 << 20  # bytes without a line end: no file of records
_RECORD = re.compile(
    rb"[\d ]{28}[\dX ]{10}\d{28}[\d ]{28}\d{28}[\d ]{28}\d{7}[\d ]{7}.{24}"
    rb"\d{16}[YN ]\d{8}.{25}\d{6}.{27}[\d ]{2}"
)
_NONE = "0" * 28
_STATUSES = {
    **dict.fromkeys(("IP", "TP", "TU"), "04"),
    **dict.fromkeys(("NY", "NP"), "02"),
    "AB": "01",
    "PP": "03",
    "OI": "06",
    "OP": "07",
    "CS": "09",
    "RM": "10",
    "WS": "11",
}
"""Publisher status as list 64. RF (refer elsewhere) and EX (no longer stocked) do not say what it is."""

_FORMATS = {kind: format_code(kind) for kind in "RQPTWKXMS"}
_FLAGS = {"Y": True, "N": False}


def is_stockv2(start: bytes) -> bool:
    """Say whether a file that begins with these bytes is StockV2, by what stands where in a record."""
    lines = start[: 5 * LENGTH].split(b"\n")
    return any(_RECORD.match(line) for line in lines[:4])


def read_stockv2(pieces: Iterable[bytes], *, currency: Currency, on: str) -> Iterator[TitleRow | RejectedRow]:
    """Read a StockV2 file, given in pieces of any size, as good rows and refused ones in their order.

    `on` is the day of the file (YYYY-MM-DD). Prices are US dollars: a shop with another currency gets none.
    `line` counts records from 1. Positions are those of Ingram's «Data Services FTP Inventory
    Specification», confirmed on two real records. Those also give the unit of weight, hundredths of a
    pound: 000160 for a hardcover of 34.95 dollars is 1.60 lb (726 g), 000017 for «Of Mice and Men» in
    paperback 0.17 lb (77 g); as ounces, grams or tenths of a pound one of the two would be absurd.
    Raises Refused for a file that cannot be one of records.
    """
    in_dollars = currency.code == "USD"
    for line, record in enumerate(_records(pieces), 1):
        try:
            yield _row(line, record, in_dollars, on)
        except Refused as refusal:
            yield refused_row(line, clean(record.decode("latin-1"), LENGTH), refusal.message)


def _records(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream into records: at its line ends, or every 300 characters where it has none."""
    left = b""
    separated = False
    for piece in pieces:
        left += piece
        if len(left) < 2 * LENGTH:
            continue  # enough to see whether lines end
        separated = separated or b"\n" in left
        *records, left = _cut(left, separated)
        yield from (record for record in records if record.strip())
        if len(left) > _LONGEST:
            raise Refused("stockv2", "This is no stock file: one of its lines is a million characters long.")
    yield from (record for record in _cut(left, b"\n" in left) if record.strip(b" \t\r\x1a"))


def _cut(data: bytes, separated: bool) -> list[bytes]:
    """Return records, and behind them what is left over."""
    if separated:
        return data.split(b"\n")
    return [data[at : at + LENGTH] for at in range(0, len(data), LENGTH)]


def _row(line: int, record: bytes, in_dollars: bool, on: str) -> TitleRow:
    if len(record) != LENGTH and (len(record) != LENGTH + 1 or record[LENGTH:] != b"\r"):
        record = _whole(record)
    text = record.decode("latin-1")
    price, hand, order = text[150:157], text[38:66], text[94:122]
    if not price.isdecimal():
        raise Refused("row", f"The list price is no number: {clean(price)}.")
    on_hand = 0 if hand == _NONE else _copies(hand)
    on_order = 0 if order == _NONE else _copies(order)
    published = _day(text[188:196])
    availability = text[271:273]
    returnable = text[204]
    return TitleRow(
        line,
        _ean(record),
        raw=text[:38],
        price_cents=(int(price) or None) if in_dollars else None,
        discount=text[165:168].strip(),
        status=_STATUSES.get(text[178:180], ""),
        published=published,
        year=int(published[:4]) if published else None,
        street_date=_day(text[196:204]),
        returnable=returnable if returnable in "YN" else "",
        last_return=_day(text[205:213]),
        media_mail=_FLAGS.get(text[219]),
        format=_FORMATS.get(text[220], ""),
        grams=_grams(text[238:244]),
        availability=availability if availability_name(availability) else "",
        supplier=SUPPLIER,
        supplier_on_hand=on_hand,
        supplier_on_order=on_order,
        supplier_at=on,
        demand=on_hand + on_order,
    )


def _whole(record: bytes) -> bytes:
    """Return a record whose blanks at the end were cut off or added to; raises Refused for any other."""
    kept = record.rstrip(b"\r ")
    if len(record.rstrip(b"\r")) < _READ or len(kept) > LENGTH:
        raise Refused("row", f"The record has {len(record):,} characters instead of {LENGTH}.")
    return kept.ljust(LENGTH)


def _ean(record: bytes) -> int:
    """Return the EAN of a record; where it has none, that of its ISBN-10 or UPC. Raises Refused."""
    code = record[1:14]
    ean = int(code) if ean_fits(code) else 0
    if not ean:
        return _other_code(record)
    if record[28:37] != code[3:12] and (isbn10 := record[28:38]).strip(b" 0"):
        shown = clean(f"{ean} and {isbn10.decode('latin-1')}")
        raise Refused("row", f"The codes belong to different books: {shown}.")
    if record[:1] not in b"0 ":
        raise Refused("row", "This is the code of a carton, not of one copy.")
    return ean


def _other_code(record: bytes) -> int:
    given = [code for code in (record[1:14], record[28:38], record[14:28]) if code.strip(b" 0")]
    if not given:
        raise Refused("row", "There is no EAN, ISBN or UPC.")
    code = given[0]
    if len(code) == 10 and isbn10_fits(code):
        return int(isbn13_of(code))
    if len(code) == 14 and code[:1] in b"0 " and ean_fits(code[1:]):
        return int(code[1:])
    shown = clean(code.decode("latin-1"))
    raise Refused("row", f"{shown} is no good EAN, ISBN or UPC: its check digit does not fit.")


def _copies(digits: str) -> int:
    """Return the sum of four warehouses, seven digits each."""
    if not digits.isdecimal():
        raise Refused("row", f"The copies of the warehouses are no numbers: {clean(digits)}.")
    return int(digits[:7]) + int(digits[7:14]) + int(digits[14:21]) + int(digits[21:])


@lru_cache(maxsize=1 << 16)
def _day(digits: str) -> str:
    """Return YYYYMMDD as YYYY-MM-DD; empty for none (00010101) and for never (99991231)."""
    if digits in ("00010101", "99991231") or not digits.strip(" 0"):
        return ""
    try:
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        raise Refused("row", f"{clean(digits)} is no date.") from None


@lru_cache(maxsize=1 << 12)
def _grams(digits: str) -> int | None:
    """Return a weight in hundredths of a pound as grams; None where it is not known."""
    if not (digits.isascii() and digits.isdigit()):
        return None
    return half_up(int(digits) * 45_359_237, 10_000_000) or None
