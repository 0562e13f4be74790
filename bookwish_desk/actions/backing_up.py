"""Keeping the books safe: backups by day and on demand, putting one back, and upkeep in idle moments.

None of this is an action: files are copied beside the desk, and only a restore changes the books,
while no desk has them open.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bookwish_desk.db import backup as copies
from bookwish_desk.db import ballast, restore
from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.backup import Copied
from bookwish_desk.db.ballast import LOW_BYTES
from bookwish_desk.db.restore import Restored
from bookwish_desk.db.store import Clock, Store, open_store, system_clock
from bookwish_desk.keychain import Keychain, Keys, Mark, read_mark, write_mark
from bookwish_desk.shop.errors import StorageError

CHECKPOINT_BYTES = 1000 * 4096
"""A write-ahead log larger than this (1000 pages) is moved into the database."""


MARGIN_BYTES = 2 * ballast.BYTES
"""A backup that the desk makes by itself leaves so much room: no sale may fail for it."""


class Upkeep(msgspec.Struct, frozen=True):
    """How the books stand on the disk; `warnings` are sentences for a person, empty when all is well."""

    log_bytes: int
    checkpointed: bool
    free_bytes: int
    reserve: bool
    warnings: tuple[str, ...] = ()


def maintain(store: Store) -> Upkeep:
    """Move a long write-ahead log into the database and keep the reserve on the disk.

    For idle moments, on any lane but the shop's: no sale waits for it.
    """
    log_bytes = log_size(store.folder)
    checkpointed = log_bytes > CHECKPOINT_BYTES
    if checkpointed:
        store.checkpoint()
    reserve = ballast.keep(store.folder)
    free = ballast.free_bytes(store.folder)
    warnings = []
    if free < LOW_BYTES:
        warnings.append(f"Only {free >> 20} MB are free on this disk. Free some space soon.")
    if not reserve:
        warnings.append("The disk's reserve is used up. Free some space, then close the day.")
    if log_bytes > engines.LARGEST_LOG:
        warnings.append("Something keeps the books from being tidied. Restart the desk tonight.")
    return Upkeep(log_bytes, checkpointed, free, reserve, tuple(warnings))


def log_size(folder: Path) -> int:
    """Return the bytes of the shop's write-ahead log."""
    path = folder / f"{engines.SHOP_FILE}-wal"
    return path.stat().st_size if path.exists() else 0


def today(store: Store) -> date:
    """Return the calendar day in the shop's zone."""
    return datetime.fromtimestamp(store.clock() / 1000, ZoneInfo(store.settings.zone)).date()


def daily(store: Store, *, renew: bool = False) -> Path | None:
    """Make the day's backup unless there is one (with `renew`, replace it), and drop those grown old.

    Returns its path, or None when there was nothing to do. For a lane at the start, hourly, and with
    `renew` after a till was closed. Raises StorageError when it could not be made; the earlier ones stay.
    """
    if not store.settings.set_up:
        return None
    path = copies.daily_path(store.folder, today(store))
    if path.exists() and not renew:
        return None
    needed = (store.folder / engines.SHOP_FILE).stat().st_size + log_size(store.folder)
    if ballast.free_bytes(store.folder) < needed + MARGIN_BYTES:
        raise StorageError(
            "no_room",
            f"There is no room for today's backup: it needs {needed >> 20:,} MB. Free some space.",
        )
    copies.copy_database(store.folder / engines.SHOP_FILE, path, store.key, force=True)
    copies.prune(store.folder, store.settings.backups_kept, path)
    return path


def backup(
    folder: Path, file: Path, *, key: str | None = None, catalogue: bool = False, force: bool = False
) -> tuple[Copied, ...]:
    """Copy the books of a data folder into `file` while somebody sells, and check the copy.

    With `catalogue` its copy lies beside it (see `catalogue_beside`): for moving to another computer.
    Raises Refused when a file is there already (without `force`), StorageError when it cannot be made.
    """
    made = [copies.copy_database(folder / engines.SHOP_FILE, file, key, force=force)]
    if catalogue:
        beside = catalogue_beside(file)
        made.append(copies.copy_database(folder / engines.CATALOGUE_FILE, beside, None, force=force))
    return tuple(made)


def catalogue_beside(file: Path) -> Path:
    """Return where the catalogue of a backup lies: books.db has books.catalogue.db beside it."""
    return file.with_name(f"{file.stem}.catalogue{file.suffix}")


def put_back(
    folder: Path,
    file: Path,
    *,
    keys: Keys | None = None,
    recovered: bytes | None = None,
    keychain: Keychain | None = None,
    other_shop: bool = False,
    force: bool = False,
    clock: Clock = system_clock,
) -> tuple[Restored, bool]:
    """Make a backup the books of a data folder that no desk has open; say whether the catalogue came too.

    `keys` are those of the folder; `recovered` is the key of a recovery paper, which is then kept in
    `keychain`. Raises StorageError with code "running" beside an open desk, and as `restore.put_back`.
    """
    keys = keys or Keys()
    key = None
    if copies.is_encrypted(file):
        key = recovered.hex() if recovered else keys.database
        if key is None:
            raise StorageError(
                "no_key",
                "This backup is encrypted and its key is not in the keyring. Add --recovery-key with the "
                "key that was printed when encryption was chosen.",
            )
    with place.claim(folder):
        done = restore.put_back(
            folder,
            file,
            key,
            present_key=keys.database,
            journal_key=keys.journal,
            other_shop=other_shop,
            force=force,
        )
        if key is not None and recovered is not None and keychain is not None:
            keychain.store(done.shop_id, "database key", recovered)
        _mark(folder, done.shop_id, encrypted=key is not None)
        with_catalogue = restore.put_back_catalogue(folder, catalogue_beside(file))
        _tell(folder, done, key, keys.journal, clock)
    return done, with_catalogue


def _mark(folder: Path, shop_id: str, *, encrypted: bool) -> None:
    """Write down whose keys the books need from now on: a keyring that never had any is not asked."""
    before = read_mark(folder)
    had_none = before is not None and before.shop_id == shop_id and not before.keyring
    write_mark(folder, Mark(shop_id, encrypted=encrypted, keyring=encrypted or not had_none))


def _tell(folder: Path, done: Restored, key: str | None, journal_key: bytes | None, clock: Clock) -> None:
    """Write into the restored journal that the past was put back, and from what."""
    store = open_store(folder, key=key, journal_key=journal_key, clock=clock)
    try:
        with store.write() as tx:
            tx.record(
                "shop.restored",
                staff="",
                register=1,
                ref=done.shop_id,
                body={
                    "file": done.path.name,
                    "journal_head": done.journal_hash,
                    "sales": done.sales,
                    "missing": done.missing,
                    "aside": done.aside.name if done.aside else "",
                },
            )
    finally:
        store.close()
