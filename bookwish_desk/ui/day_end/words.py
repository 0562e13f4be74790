"""The day's end in words: carriers with how far their lists and visits are, and their parcels. No Qt here."""

from __future__ import annotations

from bookwish_desk.settings import Settings
from bookwish_desk.shop.day_list_words import numbers, parcels
from bookwish_desk.shop.handover import (
    COLLECTION_NAMES,
    CarrierDay,
    DayList,
    DayManifest,
    DayRow,
    Visit,
)
from bookwish_desk.shop.measures import weight_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.day_end.state import CarrierRow, DayParcel, Tone

WORDS_LIMIT = 200


def manifests_of(day: DayList, carrier: str) -> tuple[DayManifest, ...]:
    """Return the lists of a carrier that count, oldest first: one that was refused while it is the last."""
    found = [m for m in day.manifests if m.carrier == carrier]
    return tuple(m for m in found if m.state != "refused" or m is found[-1])


def visit_of(day: DayList, carrier: str) -> Visit | None:
    """Return the carrier's visit that was asked for last and not called off, None where there is none."""
    found = [v for v in day.visits if v.carrier == carrier and v.state != "cancelled"]
    return found[-1] if found else None


def printable(day: DayList, carrier: str, coming: frozenset[str]) -> tuple[DayManifest, ...]:
    """Return the lists of a carrier that can be printed; forms that are `coming` are not here yet."""
    lists = manifests_of(day, carrier)
    return tuple(m for m in lists if m.state in ("created", "by_hand") and m.id not in coming)


def carrier_row(found: CarrierDay, day: DayList, coming: frozenset[str], settings: Settings) -> CarrierRow:
    """Return a carrier as the list shows it."""
    lists, visit = manifests_of(day, found.carrier), visit_of(day, found.carrier)
    badge, tone = _badge(found, lists)
    facts = [("List", _list_words(found, lists, coming, settings))]
    if visit is not None:
        facts.append(("Visit", visit_words(visit, settings)))
    late = sum(r.late for r in found.rows)
    if late:
        facts.append(
            ("From earlier days", f"{parcels(late)} bought on an earlier day and never handed over.")
        )
    here = [r for r in found.rows if not r.handed_over_at]
    return CarrierRow(
        key=found.carrier,
        name=carrier_words(found.carrier),
        parcels=parcels(found.parcels),
        weight=weight_words(found.weight_grams, settings.locale),
        cost=settings.money.show(found.cents),
        badge=badge,
        tone=tone,
        facts=tuple(facts),
        asks=bool(found.waiting),
        prints=bool(printable(day, found.carrier, coming)),
        visits=bool(here) and (visit is None or visit.state in ("quoted", "refused")),
        books=visit is not None and visit.state == "quoted",
        cancels=visit is not None and visit.state in ("new", "quoted", "booked", "refused"),
        hands=len(here),
    )


def _badge(found: CarrierDay, lists: tuple[DayManifest, ...]) -> tuple[str, Tone]:
    if all(r.handed_over_at for r in found.rows):
        return "Handed over", "ok"
    if any(m.state == "refused" for m in lists):
        return "No list", "danger"
    if any(m.state == "uncertain" for m in lists):
        return "Perhaps listed", "warn"
    if found.waiting or not lists:
        return "To list", "soft"
    if any(m.state in ("new", "asking") for m in lists):
        return "List is made", "soft"
    return "Listed", "ok"


def _list_words(
    found: CarrierDay, lists: tuple[DayManifest, ...], coming: frozenset[str], settings: Settings
) -> str:
    said = [_manifest_words(m, settings, comes=m.id in coming) for m in lists]
    if found.waiting:
        left = parcels(len(found.waiting))
        how = "one form that the carrier scans" if found.by_form else "a list of our own to sign"
        said.append(f"{left} in no list yet: make {how}.")
    return "\n".join(said) or "No list yet."


def _manifest_words(manifest: DayManifest, settings: Settings, *, comes: bool) -> str:
    count, made = parcels(len(manifest.postages)), moment(manifest.created_at, settings.zone, settings.locale)
    print_it = "It is being fetched." if comes else "Print it: the carrier scans it once."
    sentence = {
        "new": f"{count}: the carrier is being asked for a form.",
        "asking": f"{count}: the carrier is being asked for a form.",
        "created": f"{count} on one form, made {made}. {print_it}",
        "uncertain": f"{count}: nobody knows yet whether the form was made. It is looked up.",
        "refused": f"{count}: the carrier made no form.",
        "by_hand": f"{count} in a list of our own, made {made}. Print it and let it be signed.",
    }[manifest.state]
    out = [
        f"{clean(number, 60)} is not on it: {clean(why, WORDS_LIMIT)}" for number, why in manifest.left_out
    ]
    said = clean(manifest.words, WORDS_LIMIT) if manifest.state in ("refused", "uncertain") else ""
    return "\n".join(x for x in (sentence, said, *out) if x)


def visit_words(visit: Visit, settings: Settings) -> str:
    """Return how far a visit is: when, by which service, what it costs, its confirmation."""
    first, last = (moment(at, settings.zone, settings.locale) for at in (visit.first_at, visit.last_at))
    state = COLLECTION_NAMES[visit.state]
    said = [f"{state}: between {first} and {last}."]
    if visit.state == "quoted":
        rates = visit.collection.rates if visit.collection is not None else ()
        said.append("Book it: choose the service." if rates else "The carrier offers no visit then.")
    if visit.state == "booked":
        price = settings.money.show(visit.cents) if visit.cents else "free"
        said.append(f"{clean(visit.service, 60)}, {price}.")
        if visit.collection is not None and visit.collection.confirmation:
            said.append(f"Confirmation {clean(visit.collection.confirmation, 60)}.")
    if visit.words:
        said.append(clean(visit.words, WORDS_LIMIT))
    return " ".join(said)


def parcel_row(row: DayRow, settings: Settings) -> DayParcel:
    """Return a parcel as the list shows it."""
    badge: tuple[str, Tone] = ("", "soft")
    if row.carried:
        badge = ("With the carrier", "ok")
    elif row.handed_over_at:
        badge = ("Handed over", "ok")
    elif row.late:
        badge = ("From an earlier day", "warn")
    return DayParcel(
        row.postage,
        numbers(row),
        clean(row.to, 80),
        clean(row.tracking, 64),
        weight_words(row.weight_grams, settings.locale),
        settings.money.show(row.cents),
        *badge,
    )
