"""A newer schema than there is: the shop's migration scripts with one more step, for tests of upgrades."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bookwish_desk.db import migrate

OLDER = migrate.HEADS["shop"]
NEWER = f"{int(OLDER) + 1:04d}"
NAME = f"{NEWER}_more.py"

SCRIPT = f'''
import sqlalchemy as sa
from alembic import op

revision = "{NEWER}"
down_revision = "{OLDER}"
branch_labels = None
depends_on = None


def upgrade():
    """Add a column to a guarded table and rebuild two others, one of which sales belong to."""
    op.add_column("journal", sa.Column("extra", sa.String(), server_default="none", nullable=False))
    for table in ("outbox", "tills"):
        with op.batch_alter_table(table, recreate="always") as batch:
            batch.add_column(sa.Column("extra", sa.String(), server_default="none", nullable=False))
    op.create_table("extras", sa.Column("id", sa.Integer(), primary_key=True))
    op.create_index("extra_journal", "journal", ["extra"])
'''


def write_scripts(scripts: Path) -> None:
    """Copy the migration scripts and add the newer step to the shop's."""
    shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "shop" / "versions" / NAME).write_text(SCRIPT)


def add_revision(monkeypatch: pytest.MonkeyPatch, scripts: Path) -> str:
    """Make this process a newer program and return its revision."""
    write_scripts(scripts)
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)
    monkeypatch.setitem(migrate.HEADS, "shop", NEWER)
    return NEWER
