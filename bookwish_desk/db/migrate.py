"""Bring a database to the schema of this program, by alembic with transactional DDL.

A file that is up to date is recognised by one read, without importing alembic.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, Literal

from bookwish_desk.db import backup
from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.faults import in_words
from bookwish_desk.db.link import core_faults
from bookwish_desk.shop.errors import StorageError

log = logging.getLogger(__name__)

Which = Literal["shop", "catalogue"]

HEADS: dict[Which, str] = {"shop": "0006", "catalogue": "0003"}
"""The newest revision of each database; a test holds it against the migration scripts."""

SCRIPTS = Path(__file__).parent / "migrations"


def bring_up(folder: Path, key: str | None, *, upgrade: bool = True) -> None:
    """Create both databases of a data folder, or bring them to this program's schema.

    Raises StorageError: newer, older (without `upgrade`), damaged, wrong key, lost. A damaged catalogue
    is set aside and begun anew: it can be imported again, and the shop can sell without it.
    """
    shop_file, catalogue_file = folder / engines.SHOP_FILE, folder / engines.CATALOGUE_FILE
    if upgrade:
        _not_lost(folder, shop_file)
    try:
        _one(shop_file, "shop", key, upgrade)
    except StorageError as fault:
        if fault.code in ("damaged", "wrong_key"):
            raise _with_backup(fault, folder) from fault
        raise
    try:
        _one(catalogue_file, "catalogue", None, upgrade)
    except StorageError as fault:
        if fault.code not in ("damaged", "wrong_key"):
            raise
        if not upgrade:
            raise StorageError(
                "catalogue_damaged",
                f"{catalogue_file.name} is damaged. Starting the desk sets it aside and begins a new one; "
                "then import the lists of titles again.",
            ) from fault
        _set_aside(catalogue_file)
        _one(catalogue_file, "catalogue", None, upgrade)


def upgrade(path: Path, which: Which, key: str | None) -> bool:
    """Create or upgrade the database at `path`; say whether anything was done.

    Killed half-way it is as it was before. Raises StorageError when it is newer than this program.
    """
    place.create_private(path)
    version = version_of(path, key)
    if version == HEADS[which]:
        return False
    if version is not None and version > HEADS[which]:
        raise StorageError(
            "newer",
            f"{path.name} was written by a newer version of bookwish-desk. Install that version to open it.",
            version=version,
        )
    if version is not None and which == "shop":
        kept = path.parent / place.BACKUPS / f"{path.stem}-before-{HEADS[which]}{path.suffix}"
        backup.copy_database(path, kept, key, force=True)
    _run(path, which, key)
    return True


def version_of(path: Path, key: str | None) -> str | None:
    """Return the revision of a database, or None for an empty file. Raises StorageError for another's."""
    raw = engines.connect(path, key, writes=False)
    try:
        return version_in(raw, path.name)
    finally:
        raw.close()


def version_in(raw: Any, name: str) -> str | None:
    """Return the revision of an opened database called `name`, as `version_of` does."""
    tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_master").fetchall()}
    if not tables:
        return None
    row = None
    if "alembic_version" in tables:
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise StorageError("foreign", f"{name} is a database of another program.")
    return str(row[0])


def _one(path: Path, which: Which, key: str | None, wanted: bool) -> None:
    try:
        if wanted:
            upgrade(path, which, key)
            return
        version = version_of(path, key) if path.exists() else None
    except (engines.driver().Error, *core_faults()) as fault:
        raise in_words(fault) from fault
    if version is None:
        raise StorageError("no_shop", f"There are no books in {path.parent} yet. Start the desk there first.")
    if version != HEADS[which]:
        code = "newer" if version > HEADS[which] else "older"
        raise StorageError(
            code,
            f"{path.name} was written by {'a newer' if code == 'newer' else 'an older'} version of "
            "bookwish-desk. Start the desk once to bring it up to date, with the newest version you have.",
            version=version,
        )


def _not_lost(folder: Path, shop_file: Path) -> None:
    """Never begin empty books where there is a backup of real ones."""
    kept = backup.newest(folder)
    if kept is not None and (not shop_file.exists() or shop_file.stat().st_size == 0):
        raise StorageError(
            "lost",
            f"The books ({shop_file.name}) are no longer in {folder}. Restore the newest backup: {kept}",
            backup=str(kept),
        )


def _with_backup(fault: StorageError, folder: Path) -> StorageError:
    kept = backup.newest(folder)
    words = fault.message
    if fault.code == "damaged":
        words = f"{engines.SHOP_FILE} is damaged and cannot be opened."
    words += f" Restore the newest backup: {kept}" if kept else " No backup was found in this data folder."
    return StorageError(fault.code, words, backup=str(kept) if kept else None)


def _set_aside(path: Path) -> None:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}{suffix}"))
    log.error("event=catalogue_set_aside file=%s", f"{path.stem}-damaged-{stamp}{path.suffix}")


def _run(path: Path, which: Which, key: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import event

    engine = engines.core_engine(path, key)

    @event.listens_for(engine, "connect")
    def _free(raw: Any, _record: object) -> None:
        # A table that others refer to can be rebuilt only without this; the scripts check before COMMIT.
        raw.execute("PRAGMA foreign_keys = OFF")

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS / which).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
