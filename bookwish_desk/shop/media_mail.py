"""Whether a parcel may go by USPS Media Mail: every line must qualify, or the customer pays postage due.

Domestic Mail Manual 273: books of at least eight pages without advertising, recordings, printed music; no
calendars, games, blank books, comics; inside the United States, up to 70 lb, in the shop's own packaging.
What nobody can be sure of does not qualify.
"""

from __future__ import annotations

import re

import msgspec

from bookwish_desk.shop.parcel_weight import MOST_GRAMS, Inside, Known, Weighed
from bookwish_desk.shop.shipping import Package
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.trade import format_name

LEAST_PAGES = 8

UNITED_STATES = frozenset({"US", "PR", "VI", "GU", "AS", "MP", "UM", "FM", "MH", "PW"})
"""Where USPS brings domestic mail (DMM 608.2): states, territories, freely associated states, APO and FPO."""

_BOOKS = frozenset(
    {
        *("BA", "BB", "BC", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BK", "BM", "BO", "BP", "BZ"),
        *("MM", "PI", "SB", "SC", "SD", "SE", "SA"),
    }
)
_RECORDINGS = frozenset(
    {
        *("AA", "AB", "AC", "AD", "AE", "AF", "AG", "AH", "AI", "AK", "AL", "AM", "AZ", "DB", "DI"),
        *("FA", "FF", "FZ", "VA", "VF", "VI", "VJ", "VK", "VL", "VM", "VN", "VO", "VP", "VQ", "VZ"),
    }
)
_WHOLE = frozenset({"PC", "PF", "PR", "PB", "PL", "PS", "ZE", "ZJ", "PD", "PJ"})
"""Forms that no word of a list makes fit: calendars, blank books, games, cards."""
_COMICS = re.compile(r"\bCGN\d|\bX(?:A[A-Z]*|QB?)\b|comic|graphic novel|manga", re.IGNORECASE)
"""BISAC's and Thema's codes of comics, or the words."""
_EMPTY = re.compile(r"calendar|blank book|notebook|crossword|sudoku|advertis", re.IGNORECASE)


class MediaMail(msgspec.Struct, frozen=True):
    """Whether a parcel may go by Media Mail; `why` says a sentence for each thing that forbids it.

    `mixed` says that some lines qualify and others do not: such a parcel is warned about.
    """

    ok: bool
    why: tuple[str, ...] = ()
    mixed: bool = False

    @property
    def words(self) -> str:
        """Return it as one text, with what would happen; empty where it may go."""
        if self.ok:
            return ""
        end = " Opened on its way, the customer would pay the difference." if self.mixed else ""
        return f"Not Media Mail: {' '.join(self.why)}{end}"


def qualifies(
    copies: Inside, known: Known, *, country: str = "US", package: Package | None = None, grams: int = 0
) -> MediaMail:
    """Say whether a parcel may go by Media Mail, by what lies in it, its way, package and weight."""
    fitting = 0
    why: dict[str, None] = {}
    for line, _copies in copies:
        reason = unfit(known.get(line.sku, Weighed(line.sku)))
        if reason:
            why.setdefault(f"{clean(line.title, 60) or line.sku} {reason}.")
        else:
            fitting += 1
    mixed = bool(why) and fitting > 0
    if not copies:
        why.setdefault("Nothing lies in the parcel.")
    if country.upper() not in UNITED_STATES:
        why.setdefault("It is for addresses in the United States.")
    if package is not None and package.kind:
        why.setdefault(
            f"{clean(package.name, 40)} is a package of the carrier, and it takes the shop's own only."
        )
    if grams > MOST_GRAMS:
        why.setdefault("The parcel weighs more than 70 lb.")
    return MediaMail(not why, tuple(why), mixed)


def unfit(item: Weighed) -> str:
    """Return why a title may not go by Media Mail, as the end of a sentence; empty if it may."""
    name = format_name(item.format).lower()
    if item.format in _WHOLE:
        return f"is {_a(name)}"
    if not item.stocked:
        return "is no book or recording"
    if item.media_mail is False:
        return "is not for Media Mail by its list"
    if item.pages is not None and item.pages < LEAST_PAGES and item.format not in _RECORDINGS | {"PI"}:
        return f"has fewer than {LEAST_PAGES} pages"
    if item.media_mail is True:
        return ""
    return _by_kind(item, name)


def _by_kind(item: Weighed, name: str) -> str:
    """Return why what no list decides may not, by its form and subjects."""
    if _EMPTY.search(item.subjects):
        return "is no reading matter by its subject"
    if _COMICS.search(item.subjects):
        return "is a comic, which may hold advertising"
    if item.format in _RECORDINGS:
        return ""
    if item.format in _BOOKS:
        book = is_isbn(item.ean) or item.format == "PI"
        return "" if book else "has no ISBN, so that nobody knows whether it is a book"
    if item.format:
        return f"is {_a(name)}" if name else "is no book or recording"
    if item.of_trade and is_isbn(item.ean) and item.tax_class in ("", "book"):
        return ""
    return "is not known to be a book or a recording"


def is_isbn(ean: int | None) -> bool:
    """Say whether an EAN is a book's: 978 or 979, but not 979-0, which is printed music."""
    code = f"{ean or 0:013d}"
    return code.startswith(("978", "979")) and not code.startswith("9790")


def _a(name: str) -> str:
    if name.endswith("s") or name in ("software", "merchandise", "apparel", "print"):
        return name
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"
