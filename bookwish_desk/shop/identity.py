"""What a row of a list is about: its EAN and SKU out of columns of codes, repaired where the row proves it.

Nothing is guessed: a code is taken when its check digit holds, and one that a spreadsheet cut short only
when another code of the row says what it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import msgspec

from bookwish_desk.shop.barcode import Scan, parse
from bookwish_desk.shop.cells import TextColumn, unguarded
from bookwish_desk.shop.check_digit import ean_fits, isbn10_fits, isbn13_of
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean, holds_card_number

_RANK = ("book", "music", "serial", "ean", "upc", "in_shop")
_FLOAT = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d+)", re.ASCII)
_PLAIN_SKU = re.compile(r"[0-9]{1,9}|[A-Za-z][A-Za-z0-9]{0,11}")  # no code, float, card or receipt is so
_THIRTEEN = 10**12  # the first number of thirteen digits
_VALUES = bytes(max(0, byte - ord("0")) for byte in range(256))  # of ASCII digits
_TENS = bytes(range(0, 256, 10))
_DOUBTFUL = -1


class Identity:
    """Reads EAN and SKU out of the columns of one list: those of codes, and of SKUs (-1: none)."""

    def __init__(self, codes: Sequence[int], any_ean: Collection[int], sku: int) -> None:
        self._codes = tuple(codes)
        self._any_ean = frozenset(any_ean)
        self._place = sku
        self._sku = TextColumn("sku", 64)

    def of(self, cells: Sequence[str]) -> tuple[int | None, str, bool]:
        """Return EAN, SKU and whether the code was repaired. Raises Refused."""
        good: list[Scan] = []
        bad: list[str] = []
        for place in self._codes:
            text = unguarded(cells[place].strip(), number=True) if place < len(cells) else ""
            scan = _scan(text, any_ean=place in self._any_ean)
            if scan:
                good.append(scan)
            elif any(c.isdigit() and c != "0" for c in text):
                bad.append(text)
        sku = self._sku_of(cells)
        if not good and not bad and (scan := _code_in(sku)):
            good.append(scan)
        if len({s.ean for s in good if s.kind == "book"}) > 1:
            raise Refused("row", "The codes of this row belong to different books.")
        best = min(good, key=lambda s: _RANK.index(s.kind), default=None)
        damaged = [text for text in bad if _is_isbn13(text)]
        if best is None or (damaged and best.kind != "book"):
            return _without_code(bad, sku)
        if any(_contradicts(text, best.code) for text in damaged):
            raise Refused(
                "row", f"The codes of this row belong to different books: {best.code} and {damaged[0]}."
            )
        if best.code == sku.zfill(13) or best.isbn10 == sku:
            sku = ""  # a plain item, whose key is its EAN
        return best.ean, sku, best.recovered or bool(damaged)

    def of_many(
        self, columns: Sequence[Sequence[str]], bad: set[int]
    ) -> tuple[list[int | None], list[str], list[bool]]:
        """Return what `of` does, of many rows; the places of refused ones are added to `bad`.

        Plain are good codes as they stand, beside each other only where they are one, and SKUs of letters
        and digits that are no code. All else is left to `of`.
        """
        count = len(columns[0])
        found = [0] * count
        for nth, place in enumerate(self._codes):
            codes = _plain_codes(columns[place])
            found = list(map(_one_of, found, codes)) if nth else codes
        eans: list[int | None] = [*found]
        skus, repaired = [""] * count, [False] * count
        if self._place < 0 and min(found) > 0:
            return eans, skus, repaired
        known = map(_plain_sku, columns[self._place], found) if self._place >= 0 else skus
        for row, (ean, sku) in enumerate(zip(found, known, strict=True)):
            if ean > 0 and sku is not None:
                skus[row] = sku
            elif ean == 0 and sku:
                eans[row], skus[row] = None, sku
            else:
                try:
                    eans[row], skus[row], repaired[row] = self.of([column[row] for column in columns])
                except Refused:
                    bad.add(row)
        return eans, skus, repaired

    def _sku_of(self, cells: Sequence[str]) -> str:
        sku = self._sku.value(cells[self._place]) if 0 <= self._place < len(cells) else ""
        if _FLOAT.fullmatch(sku):
            raise Refused("row", f"A spreadsheet has cut the SKU short: {sku}.")
        if sku and parse(sku).kind in ("receipt", "held", "badge"):
            raise Refused("row", f"The SKU {sku} looks like a receipt, a held sale or a badge.")
        if holds_card_number(sku):
            raise Refused("row", "The SKU looks like a payment card number.")
        return sku


def _plain_codes(cells: Sequence[str]) -> list[int]:
    """Return the EAN of each cell that is a good code as it stands; 0 of an empty one, else _DOUBTFUL."""
    whole = "".join(cells)
    if len(whole) == 13 * len(cells) and whole.isascii() and whole.isdecimal():
        # Each code has a byte of these numbers: all check digits are summed at once, at most 225 a code.
        digits = whole.encode().translate(_VALUES)
        places = (int.from_bytes(digits[place::13], "big") for place in range(13))
        total = sum(3 * place if nth % 2 else place for nth, place in enumerate(places))
        if not total.to_bytes(len(cells), "big").translate(None, _TENS):
            eans = list(map(int, cells))
            if min(eans) >= _THIRTEEN:  # none has fewer digits, so none has more
                return eans
    return list(map(_plain_code, cells))


def _plain_code(cell: str) -> int:
    if not cell:
        return 0
    code = cell.replace("-", "").encode("ascii", "replace") if len(cell) <= 17 else b""
    if ean_fits(code):
        return int(code) if int(code) >= _THIRTEEN else _DOUBTFUL
    if isbn10_fits(code) and code.strip(b"0"):
        return int(isbn13_of(code))
    return _DOUBTFUL


def _one_of(ean: int, other: int) -> int:
    """Return the code of two that are one, or of which one is not there."""
    return ean if ean == other or not other else other if not ean else _DOUBTFUL


def _plain_sku(cell: str, ean: int) -> str | None:
    """Return the SKU beside a code; nothing when it is the code itself, None when it is not plain."""
    if not cell or cell == str(ean):
        return ""
    return cell if _PLAIN_SKU.fullmatch(cell) else None


def _without_code(bad: list[str], sku: str) -> tuple[None, str, bool]:
    """Take the row by its SKU, or raise Refused: a damaged code is not passed over for a SKU."""
    if not bad:
        if sku:
            return None, sku, False
        raise Refused("row", "There is no ISBN, EAN or SKU.")
    shown = clean(bad[0], 40)
    if _FLOAT.fullmatch(bad[0]):
        raise Refused("row", f"A spreadsheet has cut the code short: {shown}. Export the column as text.")
    raise Refused("row", f"{shown} is no good ISBN, EAN or UPC: its length or check digit does not fit.")


def _scan(text: str, any_ean: bool) -> Scan | None:
    """Return the trade code in a code column, if it is a good one.

    Only a column of ISBNs makes an ISBN-10 of eight digits that are a good EAN-8 too; only a column of
    EANs or UPCs gives eleven digits back the zero of a UPC. Nothing but zeros is how some tills say none.
    """
    if not text.strip("0") or _FLOAT.fullmatch(text):
        return None
    if any_ean and len(text) == 8 and (short := parse(text)).kind in _RANK:
        return short
    scan = parse(text, importing=True)
    if scan.kind in _RANK:
        return scan
    if any_ean and len(text) == 11 and text.isdecimal():
        whole = parse("0" + text)
        return msgspec.structs.replace(whole, recovered=True) if whole.kind in _RANK else None
    return None


def _code_in(sku: str) -> Scan | None:
    """Return the trade code that a SKU is. Ten digits are not enough: a shop's own numbers have them too."""
    scan = parse(sku) if len(sku) in (12, 13) and sku.isdecimal() else None
    return scan if scan and scan.kind in _RANK else None


def _cut_short(text: str) -> tuple[int, int] | None:
    """Return a number in scientific notation as value and step: what is written may be off by one step."""
    parts = _FLOAT.fullmatch(text)
    if parts is None or parts[3].lstrip("0") != "12":
        return None
    digits = (parts[1] + (parts[2] or ""))[:13]
    step: int = 10 ** (13 - len(digits))
    return int(digits) * step, step if step > 1 else 0


def _is_isbn13(text: str) -> bool:
    """Say whether a damaged text was an ISBN-13: 13 digits from 978 or 979, all or the first of them."""
    if short := _cut_short(text):
        value, step = short
        return 978 * 10**10 - step <= value < 980 * 10**10 + step
    digits = _bare(text)
    return len(digits) == 13 and digits.isdecimal() and digits.startswith(("978", "979"))


def _contradicts(text: str, code: str) -> bool:
    """Say whether a damaged ISBN-13 cannot have been `code`: the digits that are left must agree."""
    if short := _cut_short(text):
        value, step = short
        return abs(value - int(code)) > step
    return _bare(text)[3:12] != code[3:12]


def _bare(text: str) -> str:
    return text.replace("-", "").replace(" ", "")
