"""What the sheet about a misprinted code shows, and how a wrong digit is put into words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from bookwish_desk.shop.barcode import Scan
from bookwish_desk.shop.item import Item


class Candidate(msgspec.Struct, frozen=True):
    """A book that one other digit would make of the code. `change` says which digit."""

    sku: str
    title: str
    details: str
    change: str
    price: str
    on_hand: str


class Misprint(msgspec.Struct, frozen=True):
    """A code that does not fit, and what it may be; `candidates` exist and are not empty."""

    code: str
    candidates: tuple[Candidate, ...]

    @property
    def question(self) -> str:
        """Return what is asked."""
        return (
            f"The check digit of {self.code} does not fit. One digit may be wrong. "
            "Compare the book: is it one of these?"
        )


def misprint(
    digits: str, corrected: Sequence[Scan], found: Sequence[Item], show: Callable[[int], str]
) -> Misprint:
    """Return the question about `digits` (10 or 13 of them): `found` are those of `corrected` that exist."""
    codes = {scan.ean: scan.isbn10 if len(digits) == 10 else scan.code for scan in corrected}
    return Misprint(digits, tuple(_candidate(digits, codes[item.ean], item, show) for item in found))


def _candidate(digits: str, code: str, item: Item, show: Callable[[int], str]) -> Candidate:
    place = next(n for n, (typed, right) in enumerate(zip(digits, code, strict=True)) if typed != right)
    return Candidate(
        sku=item.sku,
        title=item.title,
        details=" · ".join(words for words in (item.authors, code) if words),
        change=f"{_ordinal(place + 1)} digit {code[place]}, not {digits[place]}",
        price=show(item.price_cents) if item.price_cents is not None else "No price",
        on_hand=str(item.on_hand) if item.stocked else "–",
    )


def _ordinal(place: int) -> str:
    return f"{place}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(place, 'th') }"
