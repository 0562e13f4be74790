"""What the settings about orders, mail and opening hours may be. The others are in `setting_rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from msgspec.structs import replace

from bookwish_desk.shop import mail
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.notice_kinds import BY_THEMSELVES, KINDS, Kind, Wording
from bookwish_desk.shop.opening_hours import OpeningHours, Span, checked_hours
from bookwish_desk.shop.order_rules import STATE_WORDS
from bookwish_desk.shop.order_words import NEEDED, WORDS, OwnStatus
from bookwish_desk.shop.promises import MOST, PROMISES, Promise
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.text import clean, clean_block
from bookwish_desk.shop.web import tracking_address, web_address

MOST_SPANS = 2
MOST_DAYS = 200
MOST_ADDRESSES = 20
MOST_CARRIERS = 30
MOST_LINK = 300
MOST_OWN_STATUSES = 40
TEMPLATE = 10_000
"""Characters of a notice's wording: `templating.MOST_SOURCE`."""


def check_hours(hours: OpeningHours) -> OpeningHours:
    """Return opening hours in order: days by date, each once. The zone is a setting of its own.

    A day that is closed has no other hours; one with other hours is not closed.
    """
    checked_hours(hours)
    for spans in (*hours.week, *(spans for _, spans in hours.special)):
        if len(spans) > MOST_SPANS:
            raise Refused("hours", "A day opens twice at most.")
    special: dict[str, tuple[Span, ...]] = {}
    for day, spans in hours.special:
        if check_day(day) in special:
            raise Refused("hours", f"{day} stands there twice with hours of its own.")
        special[day] = spans
    closed = frozenset(check_day(day) for day in hours.closed)
    if both := sorted(closed & special.keys()):
        raise Refused("hours", f"{both[0]} is closed and has hours of its own: keep one of the two.")
    if len(closed) + len(special) > MOST_DAYS:
        raise Refused("hours", f"There is room for {MOST_DAYS} days besides the week. Remove past ones.")
    if closed | special.keys() and not any(hours.week):
        raise Refused("hours", "Say first when the shop is open in an ordinary week.")
    return OpeningHours(week=hours.week, closed=closed, special=tuple(sorted(special.items())))


def check_day(day: str) -> str:
    """Return a day of the calendar as YYYY-MM-DD."""
    try:
        if date.fromisoformat(day).isoformat() == day:
            return day
    except ValueError:
        pass
    raise Refused("hours", "Type a day as year, month and day, such as 2026-12-25.")


def check_promises(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """Return the shop's promises in their order: each that there is once, its event as it is.

    Raises Refused with the id among its facts as `field`. One that is missing is as usual.
    """
    given = {p.id: p for p in promises}
    if unknown := given.keys() - {p.id for p in PROMISES}:
        raise Refused("promises", f"There is no promise {clean(min(unknown), 40)}.")
    kept = tuple(_promise(given.get(p.id, p), p) for p in PROMISES)
    by_id = {p.id: p for p in kept}
    first, last = by_id["hold_first"], by_id["hold_last"]
    if first.active and last.active and first.unit == last.unit and last.most <= first.most:
        raise _promised(last, "The last question about a pickup comes after the first reminder.")
    return kept


def _promise(given: Promise, usual: Promise) -> Promise:
    if given.unit not in MOST:
        raise _promised(usual, "Choose hours, days, working days or months.")
    most = MOST[given.unit]
    if not 1 <= given.most <= most:
        raise _promised(usual, f"Type a number from 1 to {most} for the latest.")
    if not 0 <= given.soon <= given.most:
        raise _promised(usual, "Time to act comes before the latest, or with it.")
    sentence = plain(given.sentence, 80) or usual.sentence
    return replace(given, id=usual.id, event=usual.event, sentence=sentence, active=bool(given.active))


def _promised(promise: Promise, sentence: str) -> Refused:
    return Refused("promises", sentence, field=promise.id)


def check_statuses(hidden: Iterable[str]) -> tuple[str, ...]:
    """Return the statuses that the shop does not use, each as vocabulary.key, in the order of the words.

    Those that an order cannot do without stay: it has no other word then.
    """
    wanted = set(hidden)
    known = [f"{name}.{word.key}" for name, words in WORDS.items() for word in words]
    if unknown := wanted.difference(known):
        raise Refused("statuses", f"There is no status {clean(min(unknown), 60)}.")
    for name, words in WORDS.items():
        for word in words:
            if word.key in NEEDED and f"{name}.{word.key}" in wanted:
                raise Refused("statuses", f"{word.label} stays: some orders have no other status.")
    return tuple(status for status in known if status in wanted)


def check_mail(settings: mail.MailSettings) -> mail.MailSettings:
    """Return how mail is sent. No server, no user and no sender: no mail is sent."""
    if not (settings.host.strip() or settings.user.strip() or settings.sender.strip()):
        return mail.MailSettings()
    return mail.checked(settings)


def check_notices(kinds: Iterable[str]) -> tuple[Kind, ...]:
    """Return the notices that go out by themselves, in the order of an order's life."""
    wanted = set(kinds)
    if not wanted.issubset(BY_THEMSELVES):
        raise Refused("notices", "One of these notices does not go out by itself.")
    return tuple(kind for kind in BY_THEMSELVES if kind in wanted)


def check_wordings(wordings: Iterable[Wording]) -> tuple[Wording, ...]:
    """Return the shop's own wordings, each tried out; one that is as usual is left out.

    Raises Refused with `kind`, `part` and `line` among its facts.
    """
    from bookwish_desk.shop.notices import preview

    kept: dict[Kind, Wording] = {}
    for given in wordings:
        if given.kind not in KINDS:
            raise Refused("wordings", "There is no such notice.")
        name = KINDS[given.kind].name
        if given.kind in kept:
            raise Refused("wordings", f"{name} is worded twice.")
        worded = _tidied(given)
        try:
            preview(worded)
        except Refused as fault:
            facts = {"kind": given.kind, **fault.facts}
            raise Refused(fault.code, f"{name}. {fault.message}", **facts) from fault
        if worded != _tidied(KINDS[given.kind].wording):
            kept[given.kind] = worded
    return tuple(kept[kind] for kind in KINDS if kind in kept)


def _tidied(wording: Wording) -> Wording:
    return Wording(wording.kind, clean(wording.subject, 1_000), clean_block(wording.body, TEMPLATE + 1))


def check_addresses(typed: Iterable[str]) -> tuple[str, ...]:
    """Return mail addresses of staff, each once."""
    found: dict[str, str] = {}
    for one in typed:
        if one.strip():
            address = mail.mail_address(one)
            found.setdefault(address.casefold(), address)
    if len(found) > MOST_ADDRESSES:
        raise Refused("staff_mail", f"There is room for {MOST_ADDRESSES} addresses.")
    return tuple(found.values())


def check_link(typed: str) -> str:
    """Return a web address, or nothing."""
    return web_address(typed, MOST_LINK) if typed.strip() else ""


def check_tracking(links: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return carriers with where their parcels are followed; # stands once for the number of the parcel."""
    kept: list[tuple[str, str]] = []
    for carrier, typed in links:
        name = plain(carrier, 40)
        if not name:
            raise Refused("tracking_links", "Give each carrier a name, such as USPS.")
        if name.casefold() in {known.casefold() for known, _ in kept}:
            raise Refused("tracking_links", f"{name} stands there twice.")
        try:
            link = tracking_address(typed, MOST_LINK)
        except Refused as fault:
            raise Refused("tracking_links", f"{name}. {fault.message}") from fault
        kept.append((name, link))
    if len(kept) > MOST_CARRIERS:
        raise Refused("tracking_links", f"There is room for {MOST_CARRIERS} carriers.")
    return tuple(kept)


def check_own_statuses(statuses: Iterable[OwnStatus]) -> tuple[OwnStatus, ...]:
    """Return the shop's own statuses: each name once, each for orders in one of the seven states."""
    kept: dict[str, OwnStatus] = {}
    for given in statuses:
        name = plain(given.name, 40)
        if not name:
            raise Refused("own_statuses", "Each status of your own needs a name.")
        if given.state not in STATE_WORDS:
            raise Refused("own_statuses", f"{name}: say for orders in which state it is.")
        if name.casefold() in kept:
            raise Refused("own_statuses", f"{name} stands there twice.")
        kept[name.casefold()] = OwnStatus(name, given.state)
    if len(kept) > MOST_OWN_STATUSES:
        raise Refused("own_statuses", f"There is room for {MOST_OWN_STATUSES} statuses of your own.")
    return tuple(kept.values())


RULES: dict[str, Callable[[Any], Any]] = {
    "hours": check_hours,
    "promises": check_promises,
    "hidden_statuses": check_statuses,
    "own_statuses": check_own_statuses,
    "mail": check_mail,
    "notices": check_notices,
    "wordings": check_wordings,
    "staff_mail": check_addresses,
    "review_link": check_link,
    "tracking_links": check_tracking,
}
