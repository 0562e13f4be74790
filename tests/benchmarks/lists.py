"""Lists of the trade made of the made-up catalogue: the first one, the next night's, and one for a shift.

The file stands in no order of sales, as a wholesaler's; how much of each title sells is a column of it.
"""

from __future__ import annotations

import csv
import tempfile
from contextlib import ExitStack
from pathlib import Path

import msgspec

from bookwish_desk.shop.title import Title
from tests.benchmarks import catalogue

HEADINGS = (
    *("ISBN", "Title", "Author", "Publisher", "Series"),
    *("Publication date", "Price", "Format", "Units sold"),
)
CHANGED = 100
"""The next night's list says something new of one title in so many: of every second one only its price."""

_NEW = 20  # the list of the shift has one new title in so many
_NAMES = {
    "BB": "Hardcover",
    "BC": "Trade paperback",
    "MM": "Mass market",
    "BH": "Board book",
    "AC": "Audio CD",
    "ED": "eBook",
}


class Lists(msgspec.Struct, frozen=True):
    """Three lists of `count` titles each. `worded` titles of `changed` have other words than in `first`.

    In `shift` every price is another one, and some titles are new.
    """

    count: int
    first: Path
    changed: Path
    shift: Path

    @property
    def worded(self) -> int:
        """Return how many titles of the next night's list have another title or author."""
        return sum(1 for number in range(CHANGED // 2, self.count, CHANGED) if _is_worded(number))


def made(within: Path, count: int) -> Lists:
    """Return lists of `count` titles in a folder in `within`, writing them where they are not there."""
    folder = within / f"lists-{count}-{catalogue.SEED}"
    if not folder.exists():
        within.mkdir(parents=True, exist_ok=True)
        begun = Path(tempfile.mkdtemp(prefix="begun-", dir=within))
        _write(begun, count)
        begun.rename(folder)
    return Lists(count, *(folder / f"{name}.csv" for name in ("first", "changed", "shift")))


def _write(folder: Path, count: int) -> None:
    with ExitStack() as open_files:
        first, changed, shift = (
            csv.writer(open_files.enter_context((folder / f"{name}.csv").open("w", newline="")))
            for name in ("first", "changed", "shift")
        )
        for out in (first, changed, shift):
            out.writerow(HEADINGS)
        for number, title in enumerate(catalogue.made_up(count)):
            row = _row(title, _sold(number, count))
            first.writerow(row)
            changed.writerow(_changed(row, number))
            code = catalogue.isbn(count + number) if number % _NEW == 0 else title.ean
            shift.writerow((code, *_dearer(row)[1:]))


def _row(title: Title, sold: int) -> tuple[object, ...]:
    name = f"{title.title}: {title.subtitle}" if title.subtitle else title.title
    price = _price(title.price_cents or 0)
    form = _NAMES[title.format]
    return title.ean, name, title.authors, title.publisher, title.series, title.published, price, form, sold


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _sold(number: int, count: int) -> int:
    """Return the copies sold: one title in four sells, a few sell much, and they stand anywhere."""
    rank = number * 7_919_993 % 1_000_003 * count // 1_000_003
    return count // (4 * (rank + 1))


def _changed(row: tuple[object, ...], number: int) -> tuple[object, ...]:
    if number % CHANGED != CHANGED // 2:
        return row
    if not _is_worded(number):
        return _dearer(row)
    code, title, authors, *rest = row
    if number // CHANGED % 4 == 1:
        return code, f"{title} revised", authors, *rest
    return code, title, f"{authors}; Ann Newcomer", *rest


def _is_worded(number: int) -> bool:
    return number // CHANGED % 2 == 1


def _dearer(row: tuple[object, ...]) -> tuple[object, ...]:
    *before, price, form, sold = row
    return *before, _price(int(str(price).replace(".", "")) + 100), form, sold
