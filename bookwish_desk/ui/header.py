"""What the header says of the till and of the things that people should know about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bookwish_desk.db.mailbox import MailCount
from bookwish_desk.shop.device import Device, DeviceState
from bookwish_desk.shop.device_words import chip as mark
from bookwish_desk.shop.sync_state import SyncState, heard_words, way_words
from bookwish_desk.shop.till import Till
from bookwish_desk.shop.till_words import clock
from bookwish_desk.ui.widgets import Chip

PLACE = "devices"
NO_MAIL = MailCount()
NO_STORE = SyncState()
SYNC = "sync"
OPEN = "sync.open"
"""What waits for a person, beside trouble with the connection."""
MOST_TROUBLES = 2
"""Devices in trouble that are named one by one; more of them would crowd the header."""


def till_words(till: Till | None, zone: str, locale: str) -> str:
    """Return how the header speaks of the till: Till open since 9:02 AM."""
    return f"Till open since {clock(till.opened_at, zone, locale)}" if till else "Till closed"


def chips(
    *,
    demo: bool,
    devices: Sequence[Device],
    states: Mapping[str, DeviceState],
    unfinished: int,
    importing: str = "",
    new_orders: int = 0,
    late_orders: int = 0,
    mail: MailCount = NO_MAIL,
    mail_held: bool = False,
    store: SyncState = NO_STORE,
    now: int = 0,
    since: str = "",
    warnings: tuple[str, ...] = (),
) -> list[Chip]:
    """Return the states at the right of the header, in words and shapes.

    `devices` are those of this register, `states` how each is by its id, where it was heard of; `unfinished`
    jobs were not printed; `new_orders` nobody has begun, `late_orders` broke a promise; `mail` waits or is
    stuck, all of it where it is `mail_held` by the settings. `store` is how syncing stands at the moment
    `now` (ms UTC), `since` the time of today, or the day, from which on the store is away.
    """
    out: list[Chip] = []
    if late_orders:
        words = "1 order late" if late_orders == 1 else f"{late_orders} orders late"
        out.append(Chip("late", "warn", words, f"{late_orders} late", "promises"))
    of_store = _of_store(store, now, since)
    # How many orders are new stands on their tab as well: where there is no room, trouble goes before.
    out.extend(chip for chip in of_store if chip.id == SYNC and chip.state in ("error", "warn"))
    if new_orders:
        words = "1 new order" if new_orders == 1 else f"{new_orders} new orders"
        out.append(Chip("orders", "warn", words, f"{new_orders} new", "orders"))
    out.extend(chip for chip in of_store if chip.id == OPEN)
    if demo:
        out.append(Chip("demo", "off", "Demonstration", "Demo"))
    if importing:
        out.append(Chip("import", "warn", importing, "Import", "import"))
    if unfinished:
        out.append(Chip("jobs", "warn", f"{unfinished} not printed", f"{unfinished} waiting", "sales"))
    out.extend(_of_mail(mail, mail_held))
    out.extend(chip for chip in of_store if chip.state in ("ok", "off"))
    out.extend(_of_devices(devices, states, waiting=bool(unfinished)))
    if warnings:
        out.append(Chip("books", "warn", "Disk", "Disk"))
    return out


def _of_mail(mail: MailCount, held: bool) -> list[Chip]:
    """Return what the header says of e-mail: nothing while it goes as it should."""
    if held and mail.waiting:
        return [Chip("mail", "error", "Mail is not set up right", "Mail", "mail")]
    if mail.stuck:
        count = f"{mail.stuck} {_emails(mail.stuck)}"
        return [Chip("mail", "warn", f"{count} to see to", f"{mail.stuck} to see to", "mail")]
    if mail.delayed:
        return [Chip("mail", "warn", f"{mail.waiting} {_emails(mail.waiting)} waiting", "Mail", "mail")]
    return []


def _of_store(store: SyncState, now: int, since: str) -> list[Chip]:
    """Return what the header says of the online store: what is wrong with the connection, else how it stands.

    What waits for a person stands there too: on its own beside such trouble, which it must never hide.
    """
    if not store.connected:
        return []
    trouble = _trouble_with_store(store, since)
    waits, more = _waiting(store)
    if store.stuck and trouble is None:
        words = f"Store: {store.stuck} to see to"
        return [Chip(SYNC, "warn", f"{words}{waits}", f"Store: {store.stuck}", SYNC)]
    if store.stuck and trouble is not None:
        return [trouble, Chip(OPEN, "warn", f"Store: {store.stuck} to see to", f"{store.stuck} open", SYNC)]
    if trouble is not None:
        return [trouble]
    if store.clock_differs:
        return [Chip(SYNC, "warn", "Store: clocks differ", "Clocks", SYNC)]
    if store.way == "ok":
        heard = heard_words(store, now)
        return [Chip(SYNC, "ok", f"Store {heard}{waits}", f"Store{more}", SYNC)]
    short = {"limited": "Waiting", "standby": "Standby"}.get(store.way, "Store")
    return [Chip(SYNC, "off", f"{way_words(store, now)}{waits}", f"{short}{more}", SYNC)]


def _trouble_with_store(store: SyncState, since: str) -> Chip | None:
    """Return why nothing, or not everything, goes to the store or comes from it; None while all does."""
    waits, more = _waiting(store)
    if store.way == "signed_out":
        return Chip(SYNC, "error", f"Store: sign in again{waits}", f"Sign in{more}", SYNC)
    if store.way == "away":
        words = f"Offline since {since}" if since else "Store offline"
        return Chip(SYNC, "warn", f"{words}{waits}", f"Offline{more}", SYNC)
    if store.way == "paused":
        return Chip(SYNC, "warn", f"Store paused{waits}", f"Paused{more}", SYNC)
    if store.no_orders:
        return Chip(SYNC, "warn", "Store: no orders come in", "No orders", SYNC)
    if store.first is not None:
        return Chip(SYNC, "warn", "Store: first import", "Importing", SYNC)
    if store.way == "ok" and store.broken is not None:
        return Chip(SYNC, "warn", "Store: reading broke off", "Broke off", SYNC)
    return None


def _waiting(store: SyncState) -> tuple[str, str]:
    """Return how much is still to go up, as words behind others and shortly."""
    n = store.waiting
    return (f", {n:,} waiting", f" · {n:,}") if n else ("", "")


def _emails(count: int) -> str:
    return "e-mail" if count == 1 else "e-mails"


def _of_devices(devices: Sequence[Device], states: Mapping[str, DeviceState], *, waiting: bool) -> list[Chip]:
    """Return a chip for each device in trouble, the worst first; one for all where all are well."""
    troubles = [c for d in devices if d.id in states and (c := _trouble(d, states[d.id])) is not None]
    troubles.sort(key=lambda c: c.state != "error")
    if len(troubles) > MOST_TROUBLES:
        named, rest = troubles[: MOST_TROUBLES - 1], troubles[MOST_TROUBLES - 1 :]
        more = f"{len(rest)} more"
        return [*named, Chip("devices", rest[0].state, f"{more} in trouble", more, PLACE)]
    if troubles:
        return troubles
    if not any("receipts" in d.uses for d in devices):
        return [Chip("devices", "off", "No printer", place=PLACE)]
    # What waits to be printed speaks for itself.
    return [] if waiting else [Chip("devices", "ok", "Devices ready", "Devices", PLACE)]


def _trouble(device: Device, state: DeviceState) -> Chip | None:
    light, words = mark(state.condition)
    if light not in ("warn", "error"):
        return None
    return Chip(f"device.{device.id}", light, f"{device.name}: {words.lower()}", words, PLACE)
