"""ONIX for Books 3.0 and 3.1 to rows: what a publisher's record means to a shop.

The XML is read by `onix_message`, supply is weighed in `onix_supply`. What becomes of a row is decided by
who imports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from bookwish_desk.shop.check_digit import ean_fits, isbn10_fits, isbn13_of
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.onix_message import Node, read_products, release_of
from bookwish_desk.shop.onix_supply import NOTHING, Asker, exact, supplied
from bookwish_desk.shop.onix_values import dated, iso_date, said, weight, whole
from bookwish_desk.shop.title import RejectedRow, TitleRow, refused_row
from bookwish_desk.shop.trade import MASS_MARKET, format_name, status_name

FIELDS = (
    *("title", "subtitle", "authors", "publisher", "series", "year", "published", "street_date"),
    *("format", "pages", "language", "subjects", "grams", "status", "price_cents", "discount"),
    *("availability", "returnable", "last_return"),
    *("supplier", "supplier_on_hand", "supplier_on_order", "supplier_at"),
    *("reference", "whole", "gone"),
)
"""What a record can say besides its EAN."""

onix_release = release_of

_WHOLE = ("01", "02", "03")
_PARTIAL = ("04", "08", "09")  # a block update; notices of a sale to, or from, another publisher
_DELETED = "05"
_TESTS = ("88", "89")

_RAW = 1_000
_LONGEST = {"title": 500, "subtitle": 500, "authors": 1_000, "publisher": 200, "series": 200}
_MOST_SUBJECTS = 10
_MOST_PAGES = 99_999

_AUTHORS = frozenset(
    ("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A14", "A31", "A38", "A45", "A99", "B07")
)
_EDITORS = frozenset(("B01", "B02", "B03", "B05", "B10", "B11", "B13", "B16", "B24"))
"""Roles of list 17: who wrote or made it; and who goes for the author where nobody did. Forewords,
illustrations and translations make no author, unless there is no other name."""

_THIRTEEN = ("15", "03", "25")  # list 5: ISBN-13, GTIN-13, ISMN-13
_CODES = (*_THIRTEEN, "02", "04", "14")  # ISBN-10, UPC, GTIN-14
_COLLECTIONS = ("02", "03", "06")  # list 149
_ORDERS = ("02", "03", "05")  # list 197: by title, as published; a story's own order is no book's number
_SCHEMES = ("10", "93")  # list 27: BISAC, Thema
_IN_PAGES = "03"  # list 24
_WEIGHT = "08"  # list 48
_ELIDED = ("'", "\N{RIGHT SINGLE QUOTATION MARK}", "-")
_UNNAMED = {"02": "Anonymous", "04": "Various"}
_PAGES = ("00", "11", "05", "06", "07", "08", "10")
"""Extents of list 23 that are page counts, the best one first: main content, content, numbered ..."""

_TITLES = ("01", "00", "10", "13", "14", "05")
"""Title types of list 15 that may stand for the title, the best one first."""


def read_onix(
    pieces: Iterable[bytes], *, currency: Currency, on: str, territory: str = ""
) -> Iterator[TitleRow | RejectedRow]:
    """Read an ONIX message, given in pieces of any size, as good rows and refused ones in their order.

    `on` is today (YYYY-MM-DD): prices must be in force. `territory` is the shop's country (ISO 3166-1), that
    of the currency's locale when empty. `line` counts records from 1. Notification 04 says only what it
    says, as do 08 and 09; 05 is a row that is `gone`; test records are refused rows. Two records of one
    `reference` are both given. Raises Refused for what is no ONIX 3 or no good XML; see `read_products`.
    """
    country = territory or currency.locale.partition("_")[2] or "US"
    asker, header = Asker(country, currency, on, sent=on), NOTHING
    for line, (newest, product) in enumerate(read_products(pieces), 1):
        if newest is not header:
            header, asker = newest, _introduced(asker, newest)
        try:
            yield _row(line, product, asker)
        except Refused as refusal:
            yield refused_row(line, _raw(product), refusal.message)


def _introduced(asker: Asker, header: Node) -> Asker:
    return msgspec.structs.replace(
        asker,
        sent=iso_date("13", header.get("SentDateTime", "")) or asker.on,
        default_currency=header.get("DefaultCurrencyCode", ""),
        default_price_type=header.get("DefaultPriceType", ""),
        default_language=header.get("DefaultLanguageOfText", ""),
    )


def _row(line: int, product: Node, asker: Asker) -> TitleRow:
    kind = product.get("NotificationType", "")
    if kind in _TESTS:
        raise Refused("row", "This is a test record, not a title.")
    if kind not in _WHOLE and kind not in _PARTIAL and kind != _DELETED:
        raise Refused("row", f'The record does not say what it is for: its type is "{said(kind, 20)}".')
    ean, repaired = _identify(product)
    raw, reference = _raw(product), said(product.get("RecordReference", ""), _RAW)
    if kind == _DELETED:
        return TitleRow(line, ean, repaired=repaired, raw=raw, reference=reference, gone=True)
    about: Node = product.get("DescriptiveDetail", NOTHING)
    issued: Node = product.get("PublishingDetail", NOTHING)
    title, subtitle = _title(about)
    if not title and kind in _WHOLE:
        raise Refused("row", "The record has no title.")
    supply = supplied(product, asker)
    days = {one.get("PublishingDateRole"): dated(one) for one in issued.get("PublishingDate") or ()}
    published = supply.published or days.get("01") or days.get("37") or ""
    status = issued.get("PublishingStatus", "")
    return TitleRow(
        line,
        ean,
        title=title,
        subtitle=subtitle,
        authors=_authors(about),
        publisher=_publisher(issued),
        series=_series(about),
        year=int(published[:4]) if published else None,
        published=published,
        street_date=supply.street_date or exact(days.get("02", "")),
        format=_format(about),
        pages=_pages(about),
        language=_language(about, asker),
        subjects=_subjects(about),
        grams=_grams(about),
        status=status if status_name(status) else "",
        price_cents=supply.price_cents,
        discount=supply.discount,
        availability=supply.availability,
        returnable=supply.returnable,
        last_return=supply.last_return,
        supplier=supply.supplier,
        supplier_on_hand=supply.on_hand,
        supplier_on_order=supply.on_order,
        supplier_at=supply.at,
        repaired=repaired,
        raw=raw,
        reference=reference,
        whole=kind in _WHOLE,
    )


def _raw(product: Node) -> str:
    """Return what tells a record apart, for the report: its reference and identifiers."""
    codes = (one.get("IDValue", "") for one in product.get("ProductIdentifier") or ())
    return said(" ".join((product.get("RecordReference", ""), *codes)), _RAW)


def _identify(product: Node) -> tuple[int, bool]:
    """Return the EAN of a record, and whether a damaged ISBN-13 was put right by a good one.

    An ISBN before any other EAN. Raises Refused.
    """
    good: list[bytes] = []
    bad: list[str] = []
    for one in product.get("ProductIdentifier") or ():
        kind, text = one.get("ProductIDType", ""), one.get("IDValue", "")
        if kind not in _CODES:
            continue
        if code := _code(kind, text.strip().encode("ascii", "replace")):
            good.append(code)
        elif kind in _THIRTEEN and text.strip():
            bad.append(said(text, 40))
    books = sorted({code for code in good if _is_book(code)})
    if len(books) > 1:
        shown = " and ".join(code.decode() for code in books)
        raise Refused("row", f"The codes of this record belong to different books: {shown}.")
    if bad and not books:
        raise Refused("row", f"{bad[0]} is no good ISBN or EAN: its length or check digit does not fit.")
    if not good:
        raise Refused("row", "There is no ISBN or EAN.")
    best = books[0] if books else good[0]
    for text in bad:
        if text.replace("-", "").replace(" ", "")[3:12] != best[3:12].decode():
            raise Refused(
                "row", f"The codes of this record belong to different books: {best.decode()} and {text}."
            )
    return int(best), bool(bad)


def _code(kind: str, code: bytes) -> bytes:
    """Return the 13 digits of an identifier of list 5; nothing where they do not fit."""
    if not code.isalnum():
        code = code.replace(b"-", b"").replace(b" ", b"")
    if kind == "02":
        return isbn13_of(code) if isbn10_fits(code.upper()) else b""
    if kind == "04":
        code = code.rjust(13, b"0")
    elif kind == "14":
        code = code.removeprefix(b"0")
    return code if ean_fits(code) and code.strip(b"0") else b""


def _is_book(code: bytes) -> bool:
    return code.startswith((b"978", b"979")) and not code.startswith(b"9790")


def _limited(text: str, field: str) -> str:
    most = _LONGEST[field]
    kept = said(text, most + 1)
    if len(kept) > most:
        raise Refused("row", f"The {field} is longer than {most:,} characters.")
    return kept


def _title(about: Node) -> tuple[str, str]:
    """Return title and subtitle: of the title types that may stand for it the best one that is there."""
    details: list[Node] = about.get("TitleDetail") or []
    for kind in _TITLES:
        for detail in details:
            if detail.get("TitleType") != kind:
                continue
            elements = detail.get("TitleElement") or ()
            own = next((e for e in elements if e.get("TitleElementLevel") == "01"), NOTHING)
            name = _words(own) or ": ".join(filter(None, map(_words, elements)))
            parts = [name, own.get("PartNumber", ""), own.get("YearOfAnnual", "")]
            if name:
                title = _limited(", ".join(filter(None, map(str.strip, parts))), "title")
                return title, _limited(own.get("Subtitle", ""), "subtitle")
    return "", ""


def _words(element: Node) -> str:
    """Return the words of a title element, its article in front."""
    if text := element.get("TitleText"):
        return str(text)
    prefix, text = element.get("TitlePrefix", "").strip(), element.get("TitleWithoutPrefix", "")
    return f"{prefix}{'' if not prefix or prefix.endswith(_ELIDED) else ' '}{text}"


def _series(about: Node) -> str:
    """Return the first collection that has a name, and the number in it: The Martin Beck series #1."""
    for collection in about.get("Collection") or ():
        for detail in collection.get("TitleDetail") or ():
            elements: list[Node] = detail.get("TitleElement") or []
            names = [_words(e) for e in elements if e.get("TitleElementLevel") in _COLLECTIONS]
            name = said(": ".join(filter(None, names)), _LONGEST["series"])
            if not name:
                continue
            numbers = [e["PartNumber"] for e in elements if e.get("PartNumber")]
            order = {
                one.get("CollectionSequenceType"): one.get("CollectionSequenceNumber", "")
                for one in collection.get("CollectionSequence") or ()
            }
            numbers += [order[kind] for kind in _ORDERS if order.get(kind)]
            number = said(numbers[0], 20) if numbers else ""
            return f"{name} #{number}" if number[:1].isdigit() else f"{name}, {number}" if number else name
    return ""


def _authors(about: Node) -> str:
    """Return who wrote it in the publisher's order; without any author who edited it, or whoever is named."""
    people: list[Node] = about.get("Contributor") or []
    if len(people) > 1:
        people = sorted(people, key=lambda one: whole(one.get("SequenceNumber", "")) or len(people) + 1)
    names = [(_name(one), one.get("ContributorRole") or ()) for one in people]
    for roles in (_AUTHORS, _EDITORS, None):
        found = [name for name, given in names if name and (roles is None or not roles.isdisjoint(given))]
        if found:
            kept = ", ".join(dict.fromkeys(found))
            most = _LONGEST["authors"]
            return kept if len(kept) <= most else kept[:most].rpartition(",")[0]
    return ""


def _name(person: Node) -> str:
    if name := person.get("PersonName") or person.get("CorporateName"):
        return said(name, 200)
    if key := person.get("KeyNames"):
        parts = (
            person.get("NamesBeforeKey", ""),
            person.get("PrefixToKey", ""),
            key,
            person.get("SuffixToKey", ""),
        )
        return said(" ".join(parts), 200)
    last, _, first = person.get("PersonNameInverted", "").partition(",")
    return said(f"{first} {last}", 200) or _UNNAMED.get(person.get("UnnamedPersons", ""), "")


def _publisher(issued: Node) -> str:
    named = [one for one in issued.get("Publisher") or () if one.get("PublisherName")]
    named.sort(key=lambda one: one.get("PublishingRole", "") != "01")
    name = named[0]["PublisherName"] if named else issued.get("Imprint", NOTHING).get("ImprintName", "")
    return said(name, _LONGEST["publisher"])


def _format(about: Node) -> str:
    form = about.get("ProductForm", "")
    if form == "BC" and "B101" in about.get("ProductFormDetail", ()):
        return MASS_MARKET
    return form if format_name(form) else ""


def _pages(about: Node) -> int | None:
    given = {
        one.get("ExtentType"): whole(one.get("ExtentValue", ""))
        for one in about.get("Extent") or ()
        if one.get("ExtentUnit") == _IN_PAGES
    }
    pages = next((given[kind] for kind in _PAGES if given.get(kind)), None)
    return pages if pages and pages <= _MOST_PAGES else None


def _language(about: Node, asker: Asker) -> str:
    """Return the language of the text (list 74, as eng), of the message where the record does not say it."""
    given = (
        one.get("LanguageCode", "") for one in about.get("Language") or () if one.get("LanguageRole") == "01"
    )
    code = next(given, asker.default_language if about else "").strip().lower()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def _subjects(about: Node) -> str:
    """Return the codes of BISAC and Thema as they are given, main subjects first."""
    subjects = [one for one in about.get("Subject") or () if one.get("SubjectSchemeIdentifier") in _SCHEMES]
    subjects.sort(key=lambda one: "MainSubject" not in one)
    codes = dict.fromkeys(said(one.get("SubjectCode", ""), 20) for one in subjects)
    codes.pop("", None)
    return "; ".join(list(codes)[:_MOST_SUBJECTS])


def _grams(about: Node) -> int | None:
    for one in about.get("Measure") or ():
        if one.get("MeasureType") == _WEIGHT:
            return weight(one.get("Measurement", ""), one.get("MeasureUnitCode", ""))
    return None
