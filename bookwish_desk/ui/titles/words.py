"""How what is known of a title is put into words: facts that are not known are left out.

Belongs on a lane: names of languages and groups of ISBNs are looked up in files.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from bookwish_desk.db.known import HeldCopies, Known
from bookwish_desk.settings import Settings
from bookwish_desk.shop import street, trade
from bookwish_desk.shop.barcode import isbn10_of
from bookwish_desk.shop.item import KIND_NAMES, Item, Kind
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.title import Title
from bookwish_desk.ui.stock.state import item_form
from bookwish_desk.ui.titles.state import Chosen, CopyRow, Fact, Head, WaitingRow

RETURNS_END_SOON = 30
"""Days before its last return date from which a title is marked."""

_LONGEST_WORD = 24
_PIECE = 6
_BREAK = "\N{ZERO WIDTH SPACE}"
_ISOLATE = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"


# ---- texts ----


def beside(*texts: str) -> str:
    """Return texts in one line; one from right to left does not carry its neighbours along."""
    return " · ".join(_isolated(text) for text in texts if text)


def _isolated(text: str) -> str:
    turned = not text.isascii() and any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
    return _ISOLATE.format(text) if turned else text


def wrapped(text: str) -> str:
    """Return a text whose long words can be broken at the edge of a column."""
    if all(len(word) <= _LONGEST_WORD for word in text.split()):
        return text
    return " ".join(_breakable(word) if len(word) > _LONGEST_WORD else word for word in text.split(" "))


def _breakable(word: str) -> str:
    out: list[str] = []
    run = 0
    for one, following in pairwise(f"{word} "):
        out.append(one)
        run += 1
        if run >= _PIECE and following.isalnum():
            out.append(_BREAK)
            run = 0
    return "".join(out)


def day_words(text: str, locale: str) -> str:
    """Return a date as people write it: Sep 29, 2026; a month or a year alone as far as it goes."""
    from babel.dates import format_date, format_skeleton

    try:
        if len(text) == 7:
            return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=locale)
        return format_date(date.fromisoformat(text), "medium", locale=locale) if len(text) == 10 else text
    except ValueError:
        return text


def language_name(code: str, locale: str) -> str:
    """Return a language by its code in any of ISO 639's parts, or the code as it is given."""
    from babel import Locale
    from babel.core import get_global

    plain = code.strip().lower()
    name = Locale.parse(locale).languages.get(get_global("language_aliases").get(plain, plain))
    return str(name) if name else code


def hyphenated(ean: int) -> str:
    """Return an ISBN-13 or ISMN with its hyphens, any other EAN as its digits."""
    digits = f"{ean:013d}"
    if digits.startswith("9790"):
        return f"979-0-{digits[4:12]}-{digits[12]}"
    if not digits.startswith(("978", "979")):
        return str(ean)
    from stdnum import isbn

    return str(isbn.format(digits))


def figure(copies: int) -> str:
    """Return a number as it is printed: with a minus where there are fewer than none."""
    return str(copies).replace("-", "\N{MINUS SIGN}")


def counted(copies: int) -> str:
    """Return a number of copies: 1 copy, 2 copies."""
    return f"{figure(copies)} {'copy' if abs(copies) == 1 else 'copies'}"


def signed(copies: int) -> str:
    """Return a change with its sign."""
    return f"+{copies}" if copies > 0 else figure(copies)


def kind_words(item: Item) -> str:
    """Return which of the copies of a title this is: New, or Used: spine worn."""
    return item.copy_words or KIND_NAMES[item.kind]


def kinds_of(copies: Sequence[Item]) -> dict[str, str]:
    """Return what tells the copies of a title apart, by SKU; of one copy nothing."""
    if len(copies) < 2:
        return {}
    alike = Counter(kind_words(c) for c in copies)
    return {c.sku: beside(kind_words(c), c.sku if alike[kind_words(c)] > 1 else "") for c in copies}


# ---- the head ----


def head(known: Known) -> Head:
    """Return the top of the screen."""
    title, copies = known.title or Title(0, ""), known.copies
    kept = [c for c in copies if c.stocked]
    ordered, aside = sum(c.on_order for c in copies), sum(h.copies for h in known.held)
    shelves = tuple(dict.fromkeys(c.shelf for c in copies if c.shelf))
    sold = sum(c.sold for c in copies)
    return Head(
        title=wrapped(copies[0].title),
        subtitle=wrapped(title.subtitle),
        authors=wrapped(copies[0].authors or title.authors),
        series=wrapped(copies[0].series or title.series),
        on_hand=figure(sum(c.on_hand for c in kept)) if kept else "",
        beside=beside(
            f"{ordered} on order" if ordered else "",
            f"{aside} held" if aside else "",
            f"shelf {', '.join(shelves)}" if shelves else "",
            f"{sold} sold in 12 months" if sold else "",
        ),
    )


def marks(known: Known, at: int, today: str, settings: Settings) -> tuple[str, ...]:
    """Return what must not be overlooked: too early to sell it, nearly or quite too late to return it.

    `at` is now in ms UTC, `today` the date on the wall then.
    """
    title, locale = known.title, settings.locale
    early = {c.street_date for c in known.copies if street.too_early(c, at, settings.zone)}
    found = [f"Not to be sold before {street.long_day(day, locale)}." for day in sorted(early)]
    if title is not None and title.returnable != "N" and title.last_return:
        found += _returns_end(title.last_return, today, locale)
    return tuple(found)


def _returns_end(last: str, today: str, locale: str) -> list[str]:
    try:
        days = (date.fromisoformat(last) - date.fromisoformat(today)).days
    except ValueError:
        return []
    when = day_words(last, locale)
    if days < 0:
        return [f"It can no longer be returned: the last day was {when}."]
    if days > RETURNS_END_SOON:
        return []
    left = "today" if not days else "tomorrow" if days == 1 else f"in {days} days"
    return [f"The last day to return it is {when}, {left}."]


# ---- facts ----


def facts(known: Known, settings: Settings) -> tuple[Fact, ...]:
    """Return all that is known of a title or an article, in the order in which it is asked for."""
    title, item, locale = known.title or Title(0, ""), known.copies[0], settings.locale
    published = title.published or str(item.year or title.year or "")
    classes = {c.code: c.label for c in settings.tax.classes}
    said = (
        ("Format", trade.format_name(item.format or title.format)),
        ("Publisher", item.publisher or title.publisher),
        ("Published", day_words(published, locale)),
        ("Pages", str(title.pages or "")),
        ("Language", language_name(title.language, locale) if title.language else ""),
        ("Subjects", title.subjects),
        *_codes(item),
        ("Weight", _weight(title.grams, locale)),
        *_trade(title, settings),
        ("On sale from", day_words(item.street_date or title.street_date, locale)),
        ("Supplier", _supplier(title, locale)),
        ("Tax class", classes.get(item.tax_class, item.tax_class)),
        ("Low at", counted(item.low_at) if item.low_at is not None else ""),
    )
    return tuple(Fact(name, wrapped(words)) for name, words in said if words)


def _codes(item: Item) -> Iterable[tuple[str, str]]:
    ean = item.title_ean
    if ean is not None:
        digits = f"{ean:013d}"
        book = digits.startswith(("978", "979")) and not digits.startswith("9790")
        yield ("ISBN-13" if book else "EAN"), hyphenated(ean)
        if digits.startswith("978"):
            yield "ISBN-10", isbn10_of(digits)
    if item.kind == "new" and item.sku != str(ean):
        yield "SKU", item.sku


def _weight(grams: int | None, locale: str) -> str:
    if not grams:
        return ""
    from babel.numbers import format_decimal

    tenths = half_up(grams * 1_000_000, 2_834_952)
    ounces = format_decimal(tenths / 10, "#,##0.0", locale=locale)
    return f"{format_decimal(grams, locale=locale)} g ({ounces} oz)"


def _trade(title: Title, settings: Settings) -> Iterable[tuple[str, str]]:
    if title.price_cents is not None:
        yield "List price", settings.money.show(title.price_cents)
    yield "Discount", title.discount
    yield "Status", trade.status_name(title.status)
    yield "Availability", trade.availability_name(title.availability)
    returns = trade.returnable_name(title.returnable)
    if title.last_return and title.returnable != "N":
        returns = f"{returns or 'Returnable'} until {day_words(title.last_return, settings.locale)}"
    yield "Returns", returns
    if title.media_mail is not None:
        yield "Media Mail", "Yes" if title.media_mail else "No"


def _supplier(title: Title, locale: str) -> str:
    has = [
        f"{title.supplier_on_hand} on hand" if title.supplier_on_hand is not None else "",
        f"{title.supplier_on_order} on order" if title.supplier_on_order is not None else "",
        f"as of {day_words(title.supplier_at, locale)}" if title.supplier_at else "",
    ]
    words = ", ".join(w for w in has if w)
    return f"{title.supplier}: {words}" if title.supplier and words else title.supplier or words


# ---- copies, and what waits for them ----


def copy_rows(copies: Sequence[Item], settings: Settings) -> tuple[CopyRow, ...]:
    """Return the copies of a title in words."""
    show = settings.money.show
    return tuple(
        CopyRow(
            sku=c.sku,
            what=kind_words(c),
            details=beside(c.sku, f"shelf {c.shelf}" if c.shelf else ""),
            on_hand=figure(c.on_hand) if c.stocked else "–",
            on_order=str(c.on_order) if c.on_order else "",
            price=show(c.price_cents) if c.price_cents is not None else "No price",
        )
        for c in copies
    )


def chosen(item: Item, several: bool, proposed: Mapping[Kind, str], settings: Settings) -> Chosen:
    """Return the copy that the verbs work on; `proposed` are the SKUs that further copies would get."""
    price = settings.money.show(item.price_cents) if item.price_cents is not None else "No price"
    hand = f"{figure(item.on_hand)} on hand" if item.stocked else ""
    return Chosen(
        sku=item.sku,
        name=beside(kind_words(item) if several else "", item.sku, price, hand),
        title=item.title,
        stocked=item.stocked,
        on_hand=item.on_hand,
        on_order=item.on_order,
        form=item_form(item, settings.money),
        proposed=tuple(proposed.items()),
    )


def waiting(known: Known, settings: Settings) -> tuple[WaitingRow, ...]:
    """Return what waits for a title: copies in held sales, and copies that are to come."""
    kinds = kinds_of(known.copies)
    rows = [_held(h, kinds, settings) for h in known.held]
    rows += [
        WaitingRow(f"order {c.sku}", "On order", kinds.get(c.sku, ""), str(c.on_order))
        for c in known.copies
        if c.on_order
    ]
    return tuple(rows)


def _held(one: HeldCopies, kinds: Mapping[str, str], settings: Settings) -> WaitingRow:
    since = f"since {moment(one.since, settings.zone, settings.locale)}"
    return WaitingRow(
        key=f"held {one.code} {one.sku}",
        what=beside(f"Held as {one.code}", one.who),
        details=beside(since, kinds.get(one.sku, "")),
        copies=str(one.copies),
    )
