"""What a parcel should weigh by the books in it, what the scale says to that, and what carriers take.

Pure: what is known of each SKU comes from `db.weighing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from bookwish_desk.shop.carriage import Box
from bookwish_desk.shop.measures import weight_words
from bookwish_desk.shop.money import portion
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.shipping import Package, ShippingSettings
from bookwish_desk.shop.text import clean

Inside = Sequence[tuple[OrderLine, int]]
"""What lies in a parcel: lines of orders, and how many copies of each."""

MOST_GRAMS = 31_751
"""70 lb: the most that USPS takes, Media Mail too (Domestic Mail Manual 101, 273)."""
_GIRTH_MM = {"": 3302, "private": 4191}
"""Length and girth together: 130 in (USPS, Ground Advantage), 165 in (UPS, FedEx)."""
_LENGTH_MM = {"": 3302, "private": 2743}
"""The longest side: 108 in at UPS and FedEx; at USPS what the girth leaves."""


class Weighed(msgspec.Struct, frozen=True):
    """What is known of a SKU that says what it weighs and how it may travel.

    `ean` is its title's; `of_trade` says that the trade's catalogue has it. `grams`, `pages`, `subjects` and
    `media_mail` are the catalogue's, None and empty where it does not say. `format` is a code of
    `shop.trade`, the shop's own word before the catalogue's. What nothing is known of has its SKU only.
    """

    sku: str
    title: str = ""
    ean: int | None = None
    grams: int | None = None
    media_mail: bool | None = None
    format: str = ""
    pages: int | None = None
    subjects: str = ""
    tax_class: str = ""
    stocked: bool = True
    of_trade: bool = False


Known = Mapping[str, Weighed]
"""What is known of each SKU, by it."""


class Predicted(msgspec.Struct, frozen=True):
    """What a parcel should weigh in all. `guessed` are titles whose weight nobody knows."""

    grams: int
    guessed: tuple[str, ...] = ()


class Difference(msgspec.Struct, frozen=True):
    """A scale that says something else than the books: by how much (less is negative), and in words."""

    grams: int
    words: str


def inside(orders: Iterable[Order], box: str) -> tuple[tuple[OrderLine, int], ...]:
    """Return what lies in a parcel, by its id, of all orders that have copies in it."""
    found: list[tuple[OrderLine, int]] = []
    for order in orders:
        parcel = order.parcel(box)
        for line_id, copies in parcel.contents if parcel is not None else ():
            if copies and (line := order.line(line_id)) is not None:
                found.append((line, copies))
    return tuple(found)


def copy_grams(line: OrderLine, known: Known, settings: ShippingSettings) -> int:
    """Return what one copy weighs: as the catalogue says, else what a book counts in this shop.

    What the shop keeps no stock of, such as gift wrap, weighs nothing.
    """
    item = known.get(line.sku)
    if item is None:
        return settings.book_grams
    return item.grams or (settings.book_grams if item.stocked else 0)


def predict(copies: Inside, known: Known, package: Package | None, settings: ShippingSettings) -> Predicted:
    """Return what a parcel should weigh: its copies, and its package with the filling."""
    total = package.tare_grams if package is not None else 0
    guessed: dict[str, None] = {}
    for line, count in copies:
        total += copy_grams(line, known, settings) * count
        item = known.get(line.sku)
        if item is None or (item.stocked and not item.grams):
            guessed.setdefault(clean(line.title, 80) or line.sku)
    return Predicted(total, tuple(guessed))


def compare(
    predicted: Predicted, scale_grams: int, settings: ShippingSettings, locale: str = "en_US"
) -> Difference | None:
    """Return how far the scale is from the books beyond the shop's tolerance, or None within it."""
    off = scale_grams - predicted.grams
    if abs(off) <= max(settings.tolerance_grams, portion(predicted.grams, settings.tolerance_ppm)):
        return None
    by = weight_words(abs(off), locale)
    expected = weight_words(predicted.grams, locale)
    if off < 0:
        words = f"{by} lighter than the expected {expected}. A book may be missing."
    else:
        words = f"{by} heavier than the expected {expected}. A book too many may be in it."
    if predicted.guessed:
        count = len(predicted.guessed)
        which = predicted.guessed[0] if count == 1 else f"{count} titles"
        words += f" The weight of {which} is only guessed."
    return Difference(off, words)


def faults(box: Box, carrier: str = "") -> dict[str, str]:
    """Return why a parcel cannot go, or not with this carrier: field of `Box` -> sentence; empty if it can.

    Of weight the least of all carriers counts, of size without a carrier the most.
    """
    private = _private(carrier)
    who = carrier.strip() if private else "The post" if carrier else "A carrier"
    found: dict[str, str] = {}
    if box.weight_grams <= 0:
        found["weight_grams"] = "Weigh the parcel, or type its weight."
    elif box.weight_grams > MOST_GRAMS:
        found["weight_grams"] = "A parcel weighs 70 lb (31.75 kg) at most. Split it into two."
    if box.kind:
        return found
    sides = sorted((box.length_mm, box.width_mm, box.height_mm), reverse=True)
    kind = "private" if private or not carrier else ""
    if min(sides) < 0:
        found["length_mm"] = "A side cannot be below nothing."
    elif sides[0] > _LENGTH_MM[kind] or sides[0] + 2 * (sides[1] + sides[2]) > _GIRTH_MM[kind]:
        limit = "108 in long, or 165 in" if kind else "130 in"
        found["length_mm"] = f"{who} takes no parcel of more than {limit} in length and girth together."
    return found


def _private(carrier: str) -> bool:
    name = carrier.casefold().replace(" ", "")
    return name.startswith(("ups", "fedex", "dhl")) and "surepost" not in name and "smartpost" not in name
