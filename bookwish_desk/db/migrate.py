"""Bring a database to the schema of this program, by alembic with transactional DDL.

A file that is up to date is recognised by one read, without importing alembic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bookwish_desk.db import engine as engines
from bookwish_desk.shop.errors import StorageError

Which = Literal["shop", "catalogue"]

HEADS: dict[Which, str] = {"shop": "0001", "catalogue": "0001"}
"""The newest revision of each database; a test holds it against the migration scripts."""


def upgrade(path: Path, which: Which, key: str | None) -> bool:
    """Create or upgrade the database at `path`; say whether anything was done.

    Killed half-way it is as it was before. Raises StorageError when it is newer than this program.
    """
    raw = engines.connect(path, key)
    path.chmod(0o600)
    try:
        version = _version(raw)
    finally:
        raw.close()
    if version == HEADS[which]:
        return False
    if version is not None and version > HEADS[which]:
        raise StorageError(
            "newer",
            f"{path.name} was written by a newer version of bookwish-desk. Install that version to open it.",
            version=version,
        )
    _run(path, which, key)
    return True


def _version(raw: object) -> str | None:
    cursor = raw.cursor()  # type: ignore[attr-defined]
    found = cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if found is None:
        return None
    row = cursor.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _run(path: Path, which: Which, key: str | None) -> None:
    from alembic import command
    from alembic.config import Config

    engine = engines.writing_engine(path, key)
    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).parent / "migrations" / which).replace("%", "%%")
    )
    config.set_main_option("path_separator", "os")
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
