"""The list of a day's parcels in words: for the screen, the receipt printer and a page alike. Pure."""

from __future__ import annotations

from bookwish_desk.shop.handover import CarrierDay, DayList, DayRow
from bookwish_desk.shop.measures import weight_words
from bookwish_desk.shop.presets import service_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.receipt import Letterhead, heading, moment
from bookwish_desk.shop.slip import Element, Gap, Pair, Rule, Slip, Words
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.text import clean

TITLE = "Parcels handed over"


def parcels(count: int) -> str:
    """Return how many parcels there are: 1 parcel, 34 parcels."""
    return "1 parcel" if count == 1 else f"{count:,} parcels"


def sums(count: int, grams: int, cents: int, head: Letterhead) -> str:
    """Return how many parcels there are, what they weigh and cost: 34 parcels, 41 lb 3 oz, $210.20."""
    return ", ".join((parcels(count), weight_words(grams, head.currency.locale), head.currency.show(cents)))


def carrier_sums(carrier: CarrierDay, head: Letterhead) -> str:
    """Return the sums of one carrier."""
    return sums(carrier.parcels, carrier.weight_grams, carrier.cents, head)


def numbers(row: DayRow) -> str:
    """Return the numbers of the orders in a parcel."""
    return clean(" and ".join(row.numbers), 80)


def service(row: DayRow, carrier: str) -> str:
    """Return by which service a parcel goes."""
    return clean(service_words(carrier, row.service), 60)


def one_carrier(day: DayList, carrier: str) -> DayList:
    """Return the list of one carrier only; "" is all of them."""
    if not carrier:
        return day
    chosen = tuple(c for c in day.carriers if c.carrier == carrier)
    return DayList(day.day, chosen, day.manifests, day.visits)


def day_slip(day: DayList, head: Letterhead, made_at: int) -> Slip:
    """Return the list for the receipt printer, with room for the signature of whoever takes the parcels."""
    locale = head.currency.locale
    out: list[Element] = [
        *heading(head),
        Gap(),
        Words(TITLE, align="center", bold=True, large=True),
        Words(short_day(day.day, locale), align="center"),
        Words(moment(made_at, head.zone, locale), align="center"),
    ]
    for carrier in day.carriers:
        out += [Rule(), Words(carrier_words(carrier.carrier), bold=True)]
        for row in carrier.rows:
            out.append(Pair(numbers(row), weight_words(row.weight_grams, locale)))
            out.append(Pair(clean(row.tracking, 64), service(row, carrier.carrier), indent=2))
        out.append(Pair(carrier_sums(carrier, head), "", bold=True))
    out += [Rule(), Words(sums(day.parcels, day.weight_grams, day.cents, head), bold=True)]
    out += [Gap(2), Words("Taken by"), Gap(2), Rule()]
    return Slip(kind="report", ref=f"Parcels {day.day}", elements=tuple(out))
