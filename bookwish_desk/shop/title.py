"""Titles of the trade and rows of lists, as values; and what a row says over what was known."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.text import mask_cards


class Title(msgspec.Struct, frozen=True):
    """A title of the trade: what is known of an EAN whether or not the shop has a copy."""

    ean: int
    title: str
    authors: str = ""
    publisher: str = ""
    year: int | None = None
    price_cents: int | None = None
    tax_class: str = "book"


class TitleRow(msgspec.Struct, frozen=True):
    """One good row of a list. Empty text and None mean that the list does not say.

    A row has an `ean` (any GTIN as a number), a `sku` that is no EAN, or both. `line` counts from 1.
    `stocked` is False where the list says that no count is kept. `repaired` says that the code had been
    damaged by a spreadsheet and was put right. `raw` is the row as it stood, for its refusal.
    """

    line: int
    ean: int | None
    sku: str = ""
    title: str = ""
    authors: str = ""
    publisher: str = ""
    year: int | None = None
    price_cents: int | None = None
    tax_class: str | None = None
    stock: int | None = None
    shelf: str = ""
    stocked: bool = True
    repaired: bool = False
    raw: str = ""

    @property
    def key(self) -> str:
        """Return what the row is known by in its list: the SKU, or the EAN as text."""
        return self.sku or str(self.ean)

    @property
    def is_book(self) -> bool:
        """Say whether the code is an ISBN: 978 or 979, but not 979-0, which is printed music."""
        code = self._code
        return code.startswith(("978", "979")) and not code.startswith("9790")

    @property
    def is_trade(self) -> bool:
        """Say whether the row is a title of the trade: an EAN that is no shop's own, and no SKU beside it."""
        return self.ean is not None and not self.sku and not self._code.startswith(("2", "02", "04"))

    @property
    def _code(self) -> str:
        return f"{self.ean or 0:013d}"


class RejectedRow(msgspec.Struct, frozen=True):
    """A row that was not taken: where it is, how it stood (card numbers masked), and why in words."""

    line: int
    raw: str
    reason: str


class ImportReport(msgspec.Struct, frozen=True):
    """What an import did: read = added + updated + unchanged + rejected.

    `repaired` of the rows that were taken had a damaged code put right. `report_path` names the file
    with the rejected rows and is empty when there are none. `complete` is False after a cancel: what
    was read until then is kept, and the same file can be imported again.
    """

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    repaired: int = 0
    rejected: int = 0
    report_path: str = ""
    complete: bool = True


def refused_row(line: int, raw: str, reason: str) -> RejectedRow:
    """Return a refusal that holds no card number, whatever the row held."""
    return RejectedRow(line, mask_cards(raw), mask_cards(reason))


def over(known: Title | None, row: TitleRow, tax_class: str) -> Title:
    """Return the title after a row that has an EAN: what it says replaces, what it leaves out stays.

    `tax_class` is for a title that neither the row nor anything before it classed.
    """
    before = known or Title(row.ean or 0, "", tax_class=tax_class)
    return Title(
        ean=before.ean,
        title=row.title or before.title,
        authors=row.authors or before.authors,
        publisher=row.publisher or before.publisher,
        year=before.year if row.year is None else row.year,
        price_cents=before.price_cents if row.price_cents is None else row.price_cents,
        tax_class=row.tax_class or before.tax_class,
    )
