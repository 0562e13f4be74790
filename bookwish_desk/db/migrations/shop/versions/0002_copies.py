"""Copies of a title (new, used, signed), what is on order, what sold, and strict on-sale dates."""

import sqlalchemy as sa
from alembic import op

from bookwish_desk.db.folding import fold

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, count what sold, and write the search words with the series among them."""
    for name, default in (("series", ""), ("format", ""), ("street_date", ""), ("kind", "new")):
        op.add_column("items", sa.Column(name, sa.String(), server_default=default, nullable=False))
    op.add_column("items", sa.Column("of_ean", sa.BigInteger(), nullable=True))
    op.add_column("items", sa.Column("condition", sa.String(), server_default="", nullable=False))
    for name in ("on_order", "sold"):
        op.add_column("items", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_items_of_ean", "items", ["of_ean"])
    op.execute(
        "UPDATE items SET sold = coalesce("
        "(SELECT sum(quantity) FROM sale_lines WHERE sale_lines.sku = items.sku), 0)"
    )
    words = _words()
    op.execute("DROP TABLE item_search")
    op.execute(
        "CREATE VIRTUAL TABLE item_search USING fts5("
        "title, authors, publisher, series, codes, content='', contentless_delete=1, detail=column, "
        "prefix='1 2 3 4 5', tokenize='ascii')"
    )
    if words:
        op.get_bind().exec_driver_sql(
            "INSERT INTO item_search(rowid, title, authors, publisher, series, codes) "
            "VALUES (?, ?, ?, ?, '', ?)",
            words,
        )


def _words() -> list[tuple[int, str, str, str, str]]:
    rows = op.get_bind().exec_driver_sql("SELECT id, sku, ean, title, authors, publisher FROM items").all()
    return [
        (row.id, fold(row.title), fold(row.authors), fold(row.publisher), _codes(row.sku, row.ean))
        for row in rows
    ]


def _codes(sku: str, ean: int | None) -> str:
    """Return the SKU, the EAN and the ISBN-10 as search words."""
    words = [fold(sku)]
    if ean is not None and str(ean) != sku:
        words.append(str(ean))
    if ean is not None and ean < 10**11:
        words.append(f"{ean:012d}")
    digits = str(ean or "")
    if len(digits) == 13 and digits.startswith("978"):
        check = sum(place * int(digit) for place, digit in enumerate(digits[3:12], 1)) % 11
        words.append(digits[3:12] + "0123456789x"[check])
    return " ".join(words)
