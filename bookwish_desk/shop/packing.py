"""What lies in a parcel and what is to be fetched from the shelves, as values for paper.

Pure, and without orders: whoever has orders fills these in. Text in them comes from customers, publishers
and online stores: whoever draws it passes it through `shop.text.clean`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from bookwish_desk.shop.receipt import Letterhead


class PackedLine(msgspec.Struct, frozen=True):
    """Copies of one title in a parcel. `price` is written as the shop's people write it, or empty."""

    quantity: int
    title: str
    author: str = ""
    code: str = ""
    price: str = ""
    note: str = ""


class Sum(msgspec.Struct, frozen=True):
    """A figure under the lines: Shipping, $4.00."""

    label: str
    figure: str
    strong: bool = False


class PackingSlip(msgspec.Struct, frozen=True):
    """What is in one parcel, or in one bag that is picked up, and for whom.

    `to` is whom it goes to: a name and address over several lines, or just the name for a pickup. A gift
    has no prices and no sums on its slip, whatever is given, and its `message` is set apart.
    `order` is the order's number as its source writes it, and what its barcode says. `insert` is the shop's
    own word at the foot: an event, an offer; above it stand `thanks`, which alone are worth no page.
    `placed_at` is 0 where it is not known.
    """

    head: Letterhead
    order: str
    to: str
    lines: tuple[PackedLine, ...]
    placed_at: int = 0
    source: str = ""
    pickup: bool = False
    gift: bool = False
    message: str = ""
    instructions: str = ""
    insert: str = ""
    thanks: str = ""
    sums: tuple[Sum, ...] = ()
    parcel: int = 1
    parcels: int = 1
    heading: str = "Packing slip"

    @property
    def copies(self) -> int:
        """Return how many copies are in this parcel."""
        return sum(line.quantity for line in self.lines)


class Wanted(msgspec.Struct, frozen=True):
    """Copies of a title that one order still needs from the shelf."""

    order: str
    copies: int
    title: str
    author: str = ""
    code: str = ""
    shelf: str = ""


class Pick(msgspec.Struct, frozen=True):
    """One title to fetch: from which shelf, how many copies in all, and how many for each order."""

    title: str
    author: str = ""
    code: str = ""
    shelf: str = ""
    orders: tuple[tuple[str, int], ...] = ()

    @property
    def copies(self) -> int:
        """Return how many copies to fetch."""
        return sum(copies for _, copies in self.orders)


class PickList(msgspec.Struct, frozen=True):
    """What to fetch for many orders in one walk along the shelves; make one with `pick_list_of`.

    `orders` are the numbers of the orders that it is for, in the order in which they were chosen.
    """

    head: Letterhead
    made_at: int
    made_by: str
    picks: tuple[Pick, ...]
    orders: tuple[str, ...]

    @property
    def copies(self) -> int:
        """Return how many copies to fetch in all."""
        return sum(pick.copies for pick in self.picks)


def pick_list_of(wanted: Iterable[Wanted], head: Letterhead, *, made_at: int, made_by: str) -> PickList:
    """Group what orders need by title and sort it by shelf, then title; what has no shelf comes last.

    The same code on the same shelf is the same title; without a code, the same title and author are.
    """
    groups: dict[tuple[str, ...], list[Wanted]] = {}
    numbers: dict[str, None] = {}
    for want in wanted:
        numbers.setdefault(want.order)
        if want.copies > 0:
            what = (want.code,) if want.code else (want.title, want.author)
            groups.setdefault((want.shelf, *what), []).append(want)
    picks = [_pick(group) for group in groups.values()]
    picks.sort(key=lambda pick: (not pick.shelf, _along(pick.shelf), _along(pick.title), pick.code))
    return PickList(head, made_at, made_by, tuple(picks), tuple(numbers))


def _pick(group: list[Wanted]) -> Pick:
    first = group[0]
    copies: Counter[str] = Counter()
    for want in group:
        copies[want.order] += want.copies
    return Pick(first.title, first.author, first.code, first.shelf, tuple(copies.items()))


def _along(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts shelves and titles as they stand: FIC-2 before FIC-10."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", text.casefold())
    return tuple((0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts)
