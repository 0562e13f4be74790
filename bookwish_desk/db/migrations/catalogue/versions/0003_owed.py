"""What the shop's items have yet to follow of an import, kept in the same transaction as the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "owing",
        sa.Column("id", sa.Integer(), nullable=False, primary_key=True),
        sa.Column("body", sa.String(), nullable=False),
    )
    op.create_table(
        "owed",
        sa.Column("line", sa.Integer(), nullable=False, primary_key=True),
        sa.Column("became", sa.String(), nullable=False),
        sa.Column("old_price_cents", sa.Integer(), nullable=True),
        sa.Column("adds", sa.Boolean(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
    )
