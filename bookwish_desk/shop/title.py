"""Titles of the trade and rows of lists, as values; and what a row says over what was known."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.text import mask_cards


class Title(msgspec.Struct, frozen=True):
    """A title of the trade: what is known of an EAN whether or not the shop has a copy.

    Dates are YYYY-MM-DD (`published` also YYYY-MM or YYYY), empty when nobody says. `title` is empty where
    only a stock file names the EAN. Codes are those of `shop.trade`: `format` (ONIX list 150, and MM for a
    mass-market paperback), `status` (list 64), `availability` (list 65). `street_date` is a strict on-sale
    date: not to be sold before it. `returnable` is Y, N, C (conditional) or empty. What a supplier has is
    so since `supplier_at`.
    """

    ean: int
    title: str
    authors: str = ""
    publisher: str = ""
    year: int | None = None
    price_cents: int | None = None
    tax_class: str = "book"
    subtitle: str = ""
    series: str = ""
    format: str = ""
    published: str = ""
    street_date: str = ""
    language: str = ""
    pages: int | None = None
    subjects: str = ""
    grams: int | None = None
    media_mail: bool | None = None
    discount: str = ""
    returnable: str = ""
    last_return: str = ""
    status: str = ""
    availability: str = ""
    supplier: str = ""
    supplier_on_hand: int | None = None
    supplier_on_order: int | None = None
    supplier_at: str = ""


FACTS = tuple(name for name in Title.__struct_fields__ if name != "ean")
"""What is known of a title besides its EAN; every one of them a row of a list may say."""

KEPT = (
    *("title", "tax_class", "price_cents", "media_mail", "discount"),
    *("supplier", "supplier_on_hand", "supplier_on_order", "supplier_at"),
)
"""What a record that replaces a title leaves alone where it does not say it: other feeds say these."""


class TitleRow(msgspec.Struct, frozen=True, gc=False):
    """One good row of a list. Empty text and None mean that the list does not say.

    A row has an `ean` (any GTIN as a number), a `sku` that is no EAN, or both. `line` counts from 1 (in
    XML: records). `stocked` is False where the list says that no count is kept. `repaired` says that the
    code had been damaged by a spreadsheet and was put right. `raw` is the row as it stood, for its refusal.
    The facts of a title mean what they mean in `Title`. `on_order` is what the shop itself has ordered;
    `demand` any count that grows with what sells (copies sold, ratings, copies at the wholesaler).
    `reference` is the record's name in its feed: of two records with one name the later counts. `whole`
    says that the record replaces what was known, `gone` that the title is to be taken out.
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
    subtitle: str = ""
    series: str = ""
    format: str = ""
    published: str = ""
    street_date: str = ""
    language: str = ""
    pages: int | None = None
    subjects: str = ""
    grams: int | None = None
    media_mail: bool | None = None
    discount: str = ""
    returnable: str = ""
    last_return: str = ""
    status: str = ""
    availability: str = ""
    supplier: str = ""
    supplier_on_hand: int | None = None
    supplier_on_order: int | None = None
    supplier_at: str = ""
    on_order: int | None = None
    demand: int | None = None
    reference: str = ""
    whole: bool = False
    gone: bool = False

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

    `repaired` of the rows that were taken had a damaged code put right, `removed` of the updated ones took
    a title out, `superseded` of the rejected ones were about a record that comes again later in the list.
    `report_path` names the file with the rejected rows and is empty when there are none; `problems` are the
    first of them in words. `complete` is False after a cancel: then nothing was changed.
    """

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    repaired: int = 0
    rejected: int = 0
    report_path: str = ""
    complete: bool = True
    removed: int = 0
    superseded: int = 0
    problems: tuple[str, ...] = ()


def refused_row(line: int, raw: str, reason: str) -> RejectedRow:
    """Return a refusal that holds no card number, whatever the row held."""
    return RejectedRow(line, mask_cards(raw), mask_cards(reason))
