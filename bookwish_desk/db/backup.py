"""Copies of the shop's database: made while selling goes on, checked, and kept by the day.

A backup is one private file in SQLite's plain (not WAL) form, encrypted with the same key as its
source. The catalogue is not in it: it can be imported again. Putting a copy back is `db.restore`.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.faults import in_words
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.ids import new_id

WEEKLY_KEPT = 4
"""Besides the daily backups, the newest one of each of this many earlier weeks is kept."""

_PAGES, _PAUSE_SECONDS = 256, 0.002
"""Pages copied between two pauses (1 MB), so that a sale gets the disk in between."""

_STALE_SECONDS = 3600
_DATED = re.compile(r"shop-(\d{4}-\d{2}-\d{2})\.db")
_COUNTED = ("sales", "sale_lines", "tenders", "stock_moves", "till_entries", "till_closings", "drafts")


class Mark(msgspec.Struct, frozen=True):
    """Where a shop's database stands: the head of its journal and how many rows its tables hold."""

    journal_seq: int
    journal_hash: str
    counts: tuple[tuple[str, int], ...]

    @property
    def sales(self) -> int:
        """Return how many sales it holds."""
        return dict(self.counts).get("sales", 0)


class Copied(msgspec.Struct, frozen=True):
    """A backup that was made and checked."""

    path: Path
    size: int
    mark: Mark | None


def copy_database(source: Path, target: Path, key: str | None, *, force: bool = False) -> Copied:
    """Copy a database as it is at one moment into `target`, check the copy, then give it its name.

    Killed at any point, `target` is what it was before. Raises Refused when it exists (without `force`)
    or is a link, StorageError when it cannot be written or the copy is not sound.
    """
    _refuse(source, target, force)
    part = _begin(target)
    try:
        mark = _copy(source, part, key)
        _verify(part, key, mark)
        sync_file(part)
        _refuse(source, target, force)
        part.replace(target)
        sync_folder(target.parent)
        return Copied(target, target.stat().st_size, mark)
    except OSError as fault:
        raise place.no_access(target, fault) from fault
    except engines.driver().Error as fault:
        raise _words(fault, target.name) from fault
    finally:
        for side in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                part.with_name(part.name + side).unlink()


def _refuse(source: Path, target: Path, force: bool) -> None:
    if not source.exists():
        raise StorageError("no_shop", f"There are no books in {source.parent} to copy.")
    if target.is_symlink():
        raise Refused("linked", f"{target} is a link. Name the file itself.")
    if target.parent.resolve() == source.parent.resolve():
        raise Refused("place", "A backup cannot lie among the books. Choose another folder.")
    if target.is_dir():
        raise Refused("place", f"{target} is a folder. Name a file.")
    if target.exists() and not force:
        raise Refused("exists", f"{target} exists already. Choose another name, or add --force.")


def _begin(target: Path) -> Path:
    """Make the private file that becomes the copy, and clear away what killed copies left."""
    try:
        if target.parent.name == place.BACKUPS:
            target.parent.mkdir(mode=0o700, exist_ok=True)
        for old in target.parent.glob(f".{target.name}.*.part*"):
            if time.time() - old.stat().st_mtime > _STALE_SECONDS:
                old.unlink()
        part = target.with_name(f".{target.name}.{new_id()[-8:]}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(part, flags, 0o600))
    except OSError as fault:
        raise place.no_access(target, fault) from fault
    return part


def _copy(source: Path, part: Path, key: str | None) -> Mark | None:
    reading = engines.connect(source, key, writes=False)
    try:
        writing = _open_copy(part, key, writes=True)
        try:
            # One read transaction around all of it: later sales neither show nor start the copy anew.
            reading.execute("BEGIN")
            mark = mark_of(reading)
            reading.backup(writing, pages=_PAGES, progress=_breathe)
            writing.execute("PRAGMA journal_mode = DELETE")
            reading.execute("COMMIT")
        finally:
            writing.close()
    finally:
        reading.close()
    return mark


def _breathe(_status: int, _left: int, _total: int) -> None:
    time.sleep(_PAUSE_SECONDS)


def _open_copy(path: Path, key: str | None, *, writes: bool) -> Any:
    """Open a copy without turning it into a WAL database."""
    raw = engines.driver().connect(
        f"{path.absolute().as_uri()}?mode={'rw' if writes else 'ro'}", uri=True, isolation_level=None
    )
    try:
        engines.unlock(raw, key)
        raw.execute("PRAGMA locking_mode = EXCLUSIVE")
        raw.execute("PRAGMA trusted_schema = OFF")
        raw.execute("PRAGMA synchronous = OFF" if writes else "PRAGMA query_only = ON")
    except BaseException:
        raw.close()
        raise
    return raw


@contextmanager
def opened(path: Path, key: str | None, name: str = "", *, writes: bool = False) -> Iterator[Any]:
    """Open a backup, for reading only unless it `writes`.

    `name` is what people call it, where `path` is only a copy of it. Raises StorageError when the
    key does not fit or it is no database, also in the middle of reading.
    """
    try:
        raw = _open_copy(path, key, writes=writes)
        try:
            yield raw
        finally:
            raw.close()
    except engines.driver().Error as fault:
        raise _words(fault, name or path.name) from fault


def is_encrypted(path: Path) -> bool:
    """Say whether a file is no plain SQLite database: an encrypted one looks like noise from its start."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as fault:
        raise place.no_access(path, fault) from fault
    return bool(start) and start != b"SQLite format 3\0"


def mark_of(raw: Any) -> Mark | None:
    """Return where an opened shop database stands; None for one without the shop's tables."""
    names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names.issuperset((*_COUNTED, "journal")):
        return None
    head = raw.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
    counts = tuple((name, raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in _COUNTED)
    return Mark(int(head[0]), str(head[1]), counts)


def faults_of(raw: Any, key: str | None) -> list[str]:
    """Return what SQLite finds wrong with an opened copy: structure, and every page where encrypted."""
    faults = [str(row[0]) for row in raw.execute("PRAGMA quick_check(20)") if row[0] != "ok"]
    if key is not None:
        faults += [str(row[0]) for row in raw.execute("PRAGMA cipher_integrity_check")]
    return faults


def _verify(part: Path, key: str | None, mark: Mark | None) -> None:
    with opened(part, key) as raw:
        if faults_of(raw, key) or mark_of(raw) != mark:
            raise StorageError("unsound", "The copy is not sound and was not kept. Run bookwish-desk doctor.")


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        # Some file systems (FAT sticks, shares) cannot sync a folder; the file itself is safe by then.
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def _words(fault: Exception, name: str) -> Exception:
    told = in_words(fault)
    if isinstance(told, StorageError) and told.code == "disk_full":
        return StorageError("disk_full", f"{name} could not be written: the disk is full or gone.")
    if isinstance(told, StorageError) and told.code == "damaged":
        return StorageError(
            "damaged", f"{name} cannot be read: it is encrypted with another key, damaged or no backup."
        )
    return told


# ---- kept by the day ----


def daily_path(folder: Path, day: date) -> Path:
    """Return the name of the backup of a day."""
    return folder / place.BACKUPS / f"shop-{day.isoformat()}.db"


def kept(folder: Path) -> list[tuple[date, Path]]:
    """Return the daily backups of a data folder with their days, newest first."""
    found: list[tuple[date, Path]] = []
    for path in (folder / place.BACKUPS).glob("shop-*.db"):
        match = _DATED.fullmatch(path.name)
        if match and not path.is_symlink():
            with contextlib.suppress(ValueError):
                found.append((date.fromisoformat(match[1]), path))
    return sorted(found, reverse=True)


def newest(folder: Path) -> Path | None:
    """Return the newest backup that the desk made by itself, or None."""
    found = kept(folder)
    return found[0][1] if found else None


def prune(folder: Path, daily: int, made: Path) -> list[Path]:
    """Delete daily backups beyond the newest `daily` and one a week; never the one just `made`."""
    found = kept(folder)
    weeks: list[tuple[int, int]] = []
    gone: list[Path] = []
    for day, path in found[max(1, daily) :]:
        week = day.isocalendar()[:2]
        if week not in weeks and len(weeks) < WEEKLY_KEPT:
            weeks.append(week)
        elif path != made:
            path.unlink()
            gone.append(path)
    return gone
