"""Everything the trade says of a title, places by popularity, and search indexes that can be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXTS = (
    *("subtitle", "series", "format", "published", "street_date", "language", "subjects"),
    *("discount", "returnable", "last_return", "status", "availability", "supplier", "supplier_at"),
)
_NUMBERS = ("pages", "grams", "media_mail", "supplier_on_hand", "supplier_on_order")
_LAST_PLACES = 15 << 26
"""Where titles stand of which nobody said how they sell, in the order in which they came."""

_BUILT_IN_CHUNKS = {"hashsize": 64 << 20, "automerge": 0, "crisismerge": 64}
"""A chunk of titles is one piece of an index; pieces are merged when all are there (`db.indexing`)."""


def upgrade() -> None:
    """Rebuild the table without its own index, and have every title indexed again."""
    words = ", ".join(f"{name} VARCHAR DEFAULT '' NOT NULL" for name in _TEXTS)
    numbers = ", ".join(f"{name} {'BOOLEAN' if name == 'media_mail' else 'INTEGER'}" for name in _NUMBERS)
    op.execute("ALTER TABLE titles RENAME TO titles_before")
    op.execute(
        "CREATE TABLE titles (id INTEGER NOT NULL PRIMARY KEY, ean BIGINT NOT NULL, title VARCHAR NOT NULL, "
        "authors VARCHAR DEFAULT '' NOT NULL, publisher VARCHAR DEFAULT '' NOT NULL, year INTEGER, "
        "price_cents INTEGER, tax_class VARCHAR DEFAULT 'book' NOT NULL, " + words + ", " + numbers + ")"
    )
    same = "ean, title, authors, publisher, year, price_cents, tax_class"
    op.execute(
        f"INSERT INTO titles(id, {same}) SELECT id + {_LAST_PLACES}, {same} FROM titles_before ORDER BY id"
    )
    op.execute("DROP TABLE titles_before")
    op.create_index("title_ean", "titles", ["ean"], unique=True)
    op.create_table("unsearched", sa.Column("id", sa.Integer(), nullable=False, primary_key=True))
    op.create_table(
        "marks",
        sa.Column("name", sa.String(), nullable=False, primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
    )
    op.execute("DROP TABLE title_search")
    for table in ("title_search", "hot_search"):
        op.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5("
            "words, content='', contentless_delete=1, detail=none, prefix='1 2 3 4 5', tokenize='ascii')"
        )
    # What it finds is held against the codes themselves: nothing has to be taken out of it.
    op.execute(
        "CREATE VIRTUAL TABLE code_search USING fts5("
        "digits, content='', columnsize=0, detail=none, tokenize='ascii')"
    )
    for table in ("title_search", "hot_search", "code_search"):
        for option, value in _BUILT_IN_CHUNKS.items():
            op.execute(f"INSERT INTO {table}({table}, rank) VALUES ('{option}', {value})")
    op.execute("INSERT INTO unsearched SELECT id FROM titles")
