"""Putting a backup back: checked first, and the books that were there are kept beside it, never deleted.

The caller holds the folder's claim, so no desk has the books open. Killed at any point, the data
folder holds either the old books or the restored ones, whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bookwish_desk.db import backup, migrate, postages
from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.backup import Mark
from bookwish_desk.shop import journal
from bookwish_desk.shop.errors import Refused, StorageError

_NEEDED = frozenset(("alembic_version", "settings", "registers", "sales", "journal", "tills", "items"))
_PART = ".restoring"
_COPIED_BYTES = 1 << 20


class Books(msgspec.Struct, frozen=True):
    """What a shop's database holds, as far as a restore must know."""

    version: str
    shop_id: str
    shop_name: str
    last_receipt: str
    mark: Mark
    receipts: frozenset[str]


class Restored(msgspec.Struct, frozen=True):
    """A backup that was put back. `aside` is where the earlier books are kept, if there were any.

    `missing` counts the sales of the earlier books that the backup does not hold; None when the earlier
    books could not be read.
    """

    path: Path
    aside: Path | None
    shop_id: str
    shop_name: str
    sales: int
    last_receipt: str
    missing: int | None
    journal_hash: str


def put_back(
    folder: Path,
    file: Path,
    key: str | None,
    *,
    present_key: str | None = None,
    journal_key: bytes | None = None,
    other_shop: bool = False,
    force: bool = False,
) -> Restored:
    """Make the backup `file` the shop's database of `folder`.

    `key` opens the backup, `present_key` the books that are there. Raises Refused when it is of another
    shop (without `other_shop`) or lacks sales that the present books have (without `force`), StorageError
    when it is no sound backup, newer than this program, or cannot be read or written.
    """
    place.prepare(folder)
    target = folder / engines.SHOP_FILE
    part = folder / (engines.SHOP_FILE + _PART)
    try:
        _copy_in(file, part)
        _take_log_in(part, file, key)
        books = _sound_books(part, file, key, journal_key)
        missing = _compare(target, books, present_key, other_shop=other_shop, force=force)
        _stop_jobs(part, file, key)
        aside = _keep_aside(target, present_key)
        part.replace(target)
        backup.sync_folder(folder)
    except OSError as fault:
        raise place.no_access(file, fault) from fault
    finally:
        _clear(part)
    return Restored(
        path=file,
        aside=aside,
        shop_id=books.shop_id,
        shop_name=books.shop_name,
        sales=books.mark.sales,
        last_receipt=books.last_receipt,
        missing=missing,
        journal_hash=books.mark.journal_hash,
    )


def _copy_in(file: Path, part: Path) -> None:
    if file.is_symlink() or not file.is_file():
        raise Refused("no_backup", f"{file} is not a file. Name the backup itself.")
    _clear(part)
    _copy_file(file, part)
    log = file.with_name(file.name + "-wal")
    if log.is_file() and not log.is_symlink():
        _copy_file(log, part.with_name(part.name + "-wal"))


def _clear(part: Path) -> None:
    for side in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            part.with_name(part.name + side).unlink()


def _copy_file(file: Path, part: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with file.open("rb") as source, os.fdopen(os.open(part, flags, 0o600), "wb") as copy:
        shutil.copyfileobj(source, copy, _COPIED_BYTES)
        copy.flush()
        os.fsync(copy.fileno())


def _take_log_in(part: Path, file: Path, key: str | None) -> None:
    """Make one plain file of a copy: earlier books that were set aside come with a write-ahead log."""
    with backup.opened(part, key, file.name, writes=True) as raw:
        raw.execute("PRAGMA journal_mode = DELETE").fetchone()
    backup.sync_file(part)


def _stop_jobs(part: Path, file: Path, key: str | None) -> None:
    """Let what waited when the backup was made wait for a person: it may have left since."""
    with backup.opened(part, key, file.name, writes=True) as raw:
        raw.execute(
            "UPDATE outbox SET state = 'unknown', last_status = 'It waited when this backup was made.'"
            " WHERE state IN ('queued', 'sending') AND channel NOT IN ('drawer', 'mail', 'net')"
        )
        raw.execute(
            "UPDATE outbox SET state = 'uncertain', last_status = 'It waited when this backup was made.'"
            " WHERE state IN ('new', 'sending') AND channel = 'mail'"
        )
        raw.execute(
            "UPDATE outbox SET state = 'uncertain',"
            " last_status = 'It waited when this backup was made. It may have been sent since.'"
            " WHERE state IN ('new', 'sending') AND channel = 'net'"
        )
        if "sent_at" in {row[1] for row in raw.execute("PRAGMA table_info(outbox)")}:
            # Since the backup it may have been sent at any time, and looked for before that.
            raw.execute(
                "UPDATE outbox SET sent_at = 0, looks = 0 WHERE state = 'uncertain' AND channel = 'net'"
            )
        raw.execute("UPDATE outbox SET state = 'expired' WHERE state IN ('queued', 'sending')")
        if raw.execute("PRAGMA table_info(postages)").fetchall():
            _doubt_labels(raw)
        _miss_labels(raw)
    backup.sync_file(part)


def _doubt_labels(raw: Any) -> None:
    """Let every label that was not bought when the backup was made be read: it may have been since.

    One that had no shipment of the broker yet cannot be read; it is left, and its parcel is asked for anew.
    """
    raw.execute(
        "UPDATE postages SET state = 'uncertain', wanted_at = 0, next_try_at = 0, body = json_set(body,"
        " '$.state', 'uncertain', '$.wanted_at', 0, '$.next_try_at', 0, '$.looks', 0, '$.clear_at', 0,"
        " '$.asked_at', created_at, '$.words', ?)"
        " WHERE state IN ('created', 'buying', 'uncertain', 'refused') AND shipment IS NOT NULL",
        ("It was not bought when this backup was made. It may have been since; it is looked up.",),
    )
    raw.execute(
        "UPDATE postages SET state = 'dropped', wanted_at = 0, body = json_set(body, '$.state', 'dropped',"
        " '$.wanted_at', 0, '$.words', ?) WHERE state = 'new'",
        ("Its prices were being asked for when this backup was made.",),
    )


def _miss_labels(raw: Any) -> None:
    """Have it looked up which labels were bought since the backup was made, before another one is."""
    raw.execute(
        "INSERT INTO settings (key, value)"
        " SELECT ?, CAST(max(1, at - ?) AS TEXT) FROM journal ORDER BY seq DESC LIMIT 1"
        " ON CONFLICT (key) DO UPDATE SET value = CAST(min(CAST(value AS INTEGER),"
        " CAST(excluded.value AS INTEGER)) AS TEXT)",
        (postages.UNLOOKED, postages.GIVEN_BACK_MS),
    )


def _sound_books(part: Path, file: Path, key: str | None, journal_key: bytes | None) -> Books:
    """Read a copied backup. Raises StorageError unless it is the whole and sound database of a shop."""
    with backup.opened(part, key, file.name) as raw:
        books = _books(raw)
        if books is None:
            raise StorageError("foreign", f"{file.name} is not a backup of bookwish-desk.")
        if books.version > migrate.HEADS["shop"]:
            raise StorageError(
                "newer", f"{file.name} was written by a newer version of bookwish-desk. Install that first."
            )
        faults = backup.faults_of(raw, key)
        faults += [f for f in journal.verify(_entries(raw), journal_key) if f != journal.NO_KEY]
    if faults:
        raise StorageError("damaged", f"{file.name} is damaged and was not restored: {faults[0]}")
    return books


def _books(raw: Any) -> Books | None:
    names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    mark = backup.mark_of(raw)
    if mark is None or not names.issuperset(_NEEDED):
        return None
    settings = dict(raw.execute("SELECT key, value FROM settings").fetchall())
    last = raw.execute("SELECT receipt FROM sales ORDER BY completed_at DESC, number DESC LIMIT 1").fetchone()
    return Books(
        version=str(raw.execute("SELECT version_num FROM alembic_version").fetchone()[0]),
        shop_id=_text(settings.get("shop_id")),
        shop_name=_text(settings.get("shop_name")),
        last_receipt=last[0] if last else "",
        mark=mark,
        receipts=frozenset(row[0] for row in raw.execute("SELECT receipt FROM sales")),
    )


def _text(stored: str | None) -> str:
    try:
        return msgspec.json.decode(stored or '""', type=str)
    except msgspec.DecodeError:
        return ""


def _entries(raw: Any) -> Iterator[journal.Entry]:
    columns = ", ".join(journal.Entry.__struct_fields__)
    for row in raw.execute(f"SELECT {columns} FROM journal ORDER BY seq"):
        yield journal.Entry(*row)


def _compare(target: Path, books: Books, key: str | None, *, other_shop: bool, force: bool) -> int | None:
    """Hold the backup against the present books; say how many sales of these it lacks."""
    present = _present(target, key)
    if present is None:
        return None if target.exists() else 0
    if present.shop_id and books.shop_id != present.shop_id and not other_shop:
        raise Refused(
            "other_shop",
            f"This backup is of another shop ({books.shop_name}). Add --other-shop to restore it anyway.",
        )
    missing = len(present.receipts - books.receipts)
    if missing and not force:
        sales = "one sale" if missing == 1 else f"{missing} sales"
        raise Refused(
            "older",
            f"The books here hold {sales} that this backup does not. They would be kept in a file aside, "
            "but no longer be in the books. Add --force to restore all the same.",
            missing=missing,
        )
    return missing


def _present(target: Path, key: str | None) -> Books | None:
    """Return what the present books hold, or None when there are none or they cannot be read."""
    if not target.exists():
        return None
    try:
        raw = engines.connect(target, key, writes=False)
        try:
            return _books(raw)
        finally:
            raw.close()
    except (StorageError, engines.driver().Error):
        return None


def put_back_catalogue(folder: Path, file: Path) -> bool:
    """Make `file` the catalogue of a folder that has none; say whether that was done.

    Raises StorageError when it is damaged or cannot be read or written.
    """
    target = folder / engines.CATALOGUE_FILE
    part = folder / (engines.CATALOGUE_FILE + _PART)
    if not file.is_file() or _titles(target):
        return False
    try:
        _copy_in(file, part)
        with backup.opened(part, None, file.name) as raw:
            if migrate.version_in(raw, file.name) != migrate.HEADS["catalogue"] or backup.faults_of(
                raw, None
            ):
                raise StorageError("damaged", f"{file.name} is damaged or of another version.")
        _keep_aside(target, None)
        part.replace(target)
        backup.sync_folder(folder)
    except OSError as fault:
        raise place.no_access(file, fault) from fault
    finally:
        _clear(part)
    return True


def _titles(path: Path) -> int:
    try:
        raw = engines.connect(path, None, writes=False)
        try:
            return int(raw.execute("SELECT count(*) FROM (SELECT 1 FROM titles LIMIT 1)").fetchone()[0])
        finally:
            raw.close()
    except (StorageError, engines.driver().Error):
        return 0


def _keep_aside(target: Path, key: str | None) -> Path | None:
    """Give the present books a second name; the write-ahead log goes with them or into them first."""
    if not target.exists():
        return None
    with contextlib.suppress(StorageError, engines.driver().Error):
        raw = engines.connect(target, key)
        try:
            # A doctor may still be reading; it is not waited for, the log then goes aside with the books.
            raw.execute("PRAGMA busy_timeout = 300").fetchall()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.close()
    aside = _free_name(target)
    try:
        os.link(target, aside)
    except OSError:
        # A file system without hard links, such as FAT.
        shutil.copyfile(target, aside)
        aside.chmod(0o600)
    for suffix in ("-wal", "-shm"):
        side = target.with_name(target.name + suffix)
        # A log must never meet a database that it does not belong to.
        if side.exists():
            side.rename(aside.with_name(aside.name + suffix))
    return aside


def _free_name(target: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    for number in range(1, 1000):
        extra = "" if number == 1 else f"-{number}"
        path = target.with_name(f"{target.stem}-before-restore-{stamp}{extra}{target.suffix}")
        if not path.exists():
            return path
    raise StorageError("no_access", "There are too many earlier books in the data folder. Move some away.")
