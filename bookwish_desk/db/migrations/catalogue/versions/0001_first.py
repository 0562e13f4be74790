"""The first schema of the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "titles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ean", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("authors", sa.String(), server_default="", nullable=False),
        sa.Column("publisher", sa.String(), server_default="", nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("price_cents", sa.Integer(), nullable=True),
        sa.Column("tax_class", sa.String(), server_default="book", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ean"),
    )
    op.execute(
        "CREATE VIRTUAL TABLE title_search USING fts5("
        "title, authors, publisher, codes, content='', contentless_delete=1, detail=column, "
        "prefix='1 2 3 4 5', tokenize='ascii')"
    )
