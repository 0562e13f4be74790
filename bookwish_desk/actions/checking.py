"""The doctor: looks at everything that must be true of the books, the folder and the devices, in words.

It only reads, all of the books in one transaction, so it may run while somebody sells.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from bookwish_desk.actions.backing_up import today
from bookwish_desk.db import (
    backup,
    ballast,
    checks,
    finding,
    online_checks,
    order_checks,
    postage_checks,
    sale_checks,
    tables,
    tills,
)
from bookwish_desk.db import folder as place
from bookwish_desk.db.ballast import LOW_BYTES
from bookwish_desk.db.faults import in_words
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop import journal
from bookwish_desk.shop.address import in_words as address_in_words
from bookwish_desk.shop.device import Condition, Device, DeviceState
from bookwish_desk.shop.errors import ShopError

State = Literal["ok", "warn", "fault"]

OLD_BACKUP_DAYS = 2


class Finding(msgspec.Struct, frozen=True):
    """What the doctor found at one place: one sentence, and details where there is more to say."""

    check: str
    state: State
    sentence: str
    details: tuple[str, ...] = ()


Check = Callable[[Store, Connection], Finding]
HowIs = Callable[[Device], DeviceState]


def examine(store: Store, *, how_is: HowIs, access: Callable[[], Finding | None]) -> tuple[Finding, ...]:
    """Examine everything and return one finding for each check, in a fixed order; each device is a check.

    `how_is` asks a device how it is (`hardware.checkup`); `access` says whether this user may use devices on
    cables, None where nothing needs to be said.
    """
    found: list[Finding] = []
    with store.read() as conn:
        for name, check in BOOKS:
            found.append(_guarded(name, lambda c=check: c(store, conn)))  # type: ignore[misc]
    found += devices(store.settings, how_is, access)
    found += surroundings(store.folder)
    found.append(_guarded("backups", lambda: backups(store)))
    return tuple(found)


def surroundings(folder: Path) -> tuple[Finding, ...]:
    """Examine the folder and its disk only: for books that cannot be opened."""
    return (
        _guarded("data folder", lambda: data_folder(folder)),
        _guarded("disk", lambda: disk(folder)),
    )


def worst(findings: tuple[Finding, ...]) -> State:
    """Return the worst state among findings."""
    states = {f.state for f in findings}
    return "fault" if "fault" in states else "warn" if "warn" in states else "ok"


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    """Do one check; a database that cannot be read there is a finding, not the end of the examination."""
    try:
        found = check()
    except DBAPIError as fault:
        told = in_words(fault)
        words = told.message if isinstance(told, ShopError) else str(fault.orig)
        return Finding(name, "fault", "This could not be examined.", (words,))
    except Exception as fault:
        # In a damaged database anything may stand anywhere; the other checks go on.
        return Finding(name, "fault", "This could not be examined.", (f"{type(fault).__name__}: {fault}",))
    return msgspec.structs.replace(found, check=name)


def _found(good: str, bad: str, faults: list[str], look: list[str] | None = None) -> Finding:
    if faults:
        return Finding("", "fault", bad, tuple(faults))
    return Finding("", "warn" if look else "ok", good, tuple(look or ()))


# ---- the books ----


def _database(store: Store, conn: Connection) -> Finding:
    version = conn.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    faults = checks.structure(conn, encrypted=store.key is not None)
    kind = "encrypted" if store.key is not None else "not encrypted"
    return _found(
        f"The shop's database is sound ({kind}, SQLite {version}).",
        "The shop's database is damaged. Close the desk and restore the newest backup.",
        faults,
    )


def _catalogue(_store: Store, conn: Connection) -> Finding:
    return _found(
        "The catalogue is sound.",
        "The catalogue is damaged. Move catalogue.db out of the data folder and import it again.",
        checks.catalogue_structure(conn),
    )


def _settings(store: Store, _conn: Connection) -> Finding:
    settings = store.settings
    ZoneInfo(settings.zone)
    if not settings.set_up:
        return Finding("", "warn", "The shop has not been set up yet.")
    return Finding("", "ok", f"The settings of {settings.shop_name} can be read.")


def _journal(store: Store, conn: Connection) -> Finding:
    faults = checks.journal_chain(conn, store.journal_key)
    faults += checks.journalled(conn)
    good = "The journal is whole: no entry is missing or was changed."
    if faults == [journal.NO_KEY]:
        return _found(good, "", [], faults)
    # Without the keyring a shop goes on selling, and so would somebody who takes its key away.
    unsealed = checks.unsealed(conn) if store.journal_key is not None else []
    return _found(good, "The journal is broken.", faults, unsealed)


def _clock(store: Store, conn: Connection) -> Finding:
    j = tables.journal.c
    last = conn.execute(select(j.at).order_by(j.seq.desc()).limit(1)).scalar()
    behind = (last or 0) - store.clock()
    if behind > 60_000:
        minutes = behind // 60_000
        return Finding("", "warn", f"The clock is {minutes} minutes behind the last journal entry.")
    return Finding("", "ok", "The clock goes on from the last journal entry.")


def _numbers(_store: Store, conn: Connection) -> Finding:
    return _found(
        "Receipts, tills and Z reports are numbered without a gap.",
        "Numbers are missing or wrong.",
        checks.numbers(conn),
    )


def _sales(_store: Store, conn: Connection) -> Finding:
    count = conn.exec_driver_sql("SELECT count(*) FROM sales").scalar_one()
    return _found(
        f"Every sale adds up to the cent and agrees with the journal; there are {count:,}.",
        "Some sales do not add up.",
        sale_checks.sales(conn) + sale_checks.returns(conn),
    )


def _tills(_store: Store, conn: Connection) -> Finding:
    return _found(
        "The tills add up: float, sales and movements come to what was expected.",
        "Some tills do not add up.",
        checks.tills(conn) + tills.check(conn)[: checks.MOST],
    )


def _stock(_store: Store, conn: Connection) -> Finding:
    return _found(
        "On hand is the sum of all movements, and every sale moved its stock.",
        "Some stock does not add up.",
        checks.stock(conn),
    )


def _orders(_store: Store, conn: Connection) -> Finding:
    count = conn.exec_driver_sql("SELECT count(*) FROM orders").scalar_one()
    return _found(
        f"Every order adds up and moved its stock; there are {count:,}.",
        "Some orders do not add up.",
        order_checks.everything(conn),
    )


def _search(_store: Store, conn: Connection) -> Finding:
    return _found(
        "Everything that can be sold can be found.",
        "The search does not find everything. Import the list of titles again.",
        finding.items_index(conn) + finding.titles_index(conn),
    )


def _drafts(_store: Store, conn: Connection) -> Finding:
    faults, look = checks.drafts(conn)
    good = "Open and held sales can be read." if not look else "A payment waits to be finished."
    return _found(good, "Some open or held sales cannot be read.", faults, look)


def _outbox(_store: Store, conn: Connection) -> Finding:
    faults, look = checks.outbox(conn)
    good = "Nothing waits to be printed." if not look else "Some prints wait for somebody."
    return _found(good, "Some prints cannot be read.", faults, look)


def _mail(_store: Store, conn: Connection) -> Finding:
    faults, look = checks.mail(conn)
    good = "No e-mail waits for somebody." if not look else "Some e-mails did not go. Look at them in Sales."
    return _found(good, "Some e-mails cannot be read.", faults, look)


def _online(store: Store, conn: Connection) -> Finding:
    online = store.settings.online
    faults, look = online_checks.everything(conn, online)
    look += online_checks.standing(conn, online, store.clock())
    good = "Every sale goes to the online store once." if online.connected else "There is no online store."
    if look:
        good = "Something about the online store waits for somebody. Look at Sync."
    return _found(good, "What goes to the online store is not as it should be.", faults, look)


def _labels(_store: Store, conn: Connection) -> Finding:
    faults, look = postage_checks.everything(conn)
    good = "No label is paid twice." if not look else "Some labels wait for somebody. Look at Shipping."
    return _found(good, "What was bought of carriers is not as it should be.", faults, look)


BOOKS: tuple[tuple[str, Check], ...] = (
    ("database", _database),
    ("catalogue", _catalogue),
    ("settings", _settings),
    ("journal", _journal),
    ("clock", _clock),
    ("numbers", _numbers),
    ("sales", _sales),
    ("tills", _tills),
    ("stock", _stock),
    ("orders", _orders),
    ("search", _search),
    ("open sales", _drafts),
    ("prints", _outbox),
    ("e-mail", _mail),
    ("online store", _online),
    ("labels", _labels),
)


# ---- devices, folder, disk, backups ----


def devices(settings: Settings, how_is: HowIs, access: Callable[[], Finding | None]) -> tuple[Finding, ...]:
    """Say of each device how it is, and where one hangs on a cable whether this user may use such."""
    if not settings.devices:
        return (Finding("devices", "ok", "No device is set up."),)
    found = [_guarded(f"device {d.id}", lambda d=d: _device(d, how_is)) for d in settings.devices]  # type: ignore[misc]
    if any(d.scheme in ("usb", "hid", "serial") for d in settings.devices) and (may := access()) is not None:
        found.append(may)
    return tuple(found)


def _device(device: Device, how_is: HowIs) -> Finding:
    state = how_is(device)
    where = "" if device.simulated else f" ({address_in_words(device.address)})"
    worth: State = "ok" if state.condition in FINE else "warn" if state.condition in FOR_PEOPLE else "fault"
    return Finding("", worth, f"{device.name}{where}: {state.message}")


FINE: frozenset[Condition] = frozenset({"ready", "busy", "unknown"})
FOR_PEOPLE: frozenset[Condition] = frozenset(
    {"paper_low", "paper_out", "ribbon_out", "cover_open", "cutter", "hot", "paused", "offline"}
)
"""What whoever stands at the device puts right; every other condition is a fault of the set-up."""


def data_folder(folder: Path) -> Finding:
    """Say whether the folder is on a disk of this machine and closed to other people."""
    place.refuse_share(folder)
    open_to_others = place.loose(folder)
    if open_to_others:
        return Finding(
            "data folder",
            "warn",
            f"Other people on this computer can open files in {folder}. A start makes the books private.",
            tuple(str(p) for p in open_to_others[: checks.MOST]),
        )
    return Finding("data folder", "ok", f"{folder} is on this computer and private.")


def disk(folder: Path) -> Finding:
    """Say whether there is room to go on selling, and a reserve for closing the day."""
    free = ballast.free_bytes(folder)
    has_reserve = (folder / ballast.FILE).exists()
    reserve = () if has_reserve else ("There is no reserve file. The desk makes one when there is room.",)
    if free < ballast.BYTES:
        return Finding("disk", "fault", f"The disk is full: {free >> 20} MB are free.", reserve)
    if free < LOW_BYTES:
        return Finding("disk", "warn", f"Only {free >> 20} MB are free on this disk.", reserve)
    if reserve:
        return Finding("disk", "warn", "There is room on the disk, but no reserve yet.", reserve)
    return Finding("disk", "ok", f"{free >> 20:,} MB are free on this disk, and a reserve is kept.")


def backups(store: Store) -> Finding:
    """Say whether there is a recent backup, and whether the newest one is sound."""
    kept = backup.kept(store.folder)
    if not kept:
        return Finding("backups", "warn", "There is no backup yet. The desk makes one each day it is used.")
    day, path = kept[0]
    try:
        with backup.opened(path, store.key) as raw:
            faults = backup.faults_of(raw, store.key)
    except ShopError as fault:
        faults = [fault.message]
    if faults:
        return Finding("backups", "fault", f"The newest backup is not sound: {path}", tuple(faults))
    if today(store) - day > timedelta(days=OLD_BACKUP_DAYS):
        return Finding("backups", "warn", f"The newest backup is of {day}. Make one.")
    made = datetime.fromtimestamp(path.stat().st_mtime, ZoneInfo(store.settings.zone))
    return Finding("backups", "ok", f"{len(kept)} kept; the newest is sound, of {made:%Y-%m-%d %H:%M}.")
