"""Shipping: carriers' labels and their bytes, checked addresses, manifests and collections."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

EVERYONE = ("ship.buy", "ship.void")
MANAGERS = (*EVERYONE, "ship.spend", "ship.decide")
LIVE = "'new', 'created', 'buying', 'uncertain', 'refused', 'bought'"


def upgrade() -> None:
    """Create the tables, and let the people of the shop ship as in a new shop."""
    op.create_table(
        "postages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("order_id", sa.String()),
        sa.Column("shipment", sa.String(), nullable=True),
        sa.Column("tracking", sa.String(), server_default="", nullable=False),
        sa.Column("wanted_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("batch", sa.String(), server_default="", nullable=False),
        sa.Column("place", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("track_next_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("bought_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("label_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cents", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shipment"),
    )
    op.create_index("ix_postages_order_id", "postages", ["order_id"])
    op.create_index("ix_postages_tracking", "postages", ["tracking"])
    op.create_index("ix_postages_batch", "postages", ["batch"])
    op.create_index("postage_state", "postages", ["state", "wanted_at"])
    op.create_index("postage_bought", "postages", ["bought_at"])
    op.create_index("postage_track", "postages", ["track_next_at"], sqlite_where=sa.text("track_next_at > 0"))
    op.create_index(
        "postage_unfetched", "postages", ["next_try_at"],
        sqlite_where=sa.text("state = 'bought' AND label_at = 0"),
    )  # fmt: skip
    op.create_index(
        "one_live_postage", "postages", ["box"], unique=True,
        sqlite_where=sa.text(f"purpose = 'out' AND state IN ({LIVE})"),
    )  # fmt: skip
    op.create_index(
        "postage_insured", "postages", ["id"],
        sqlite_where=sa.text("state = 'bought' AND json_extract(body, '$.insure_cents') > 0"),
    )  # fmt: skip
    op.create_table(
        "postage_labels",
        sa.Column("postage", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["postage"], ["postages.id"]),
        sa.PrimaryKeyConstraint("postage", "format"),
    )
    op.create_table(
        "address_checks",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.String(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "manifests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("form"),
    )
    op.create_table(
        "collections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pickup", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pickup"),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER postage_labels_keep_{verb.lower()} BEFORE {verb} ON postage_labels "
            "BEGIN SELECT RAISE(ABORT, 'postage_labels is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER postages_keep_delete BEFORE DELETE ON postages "
        "BEGIN SELECT RAISE(ABORT, 'what was asked of a carrier stays'); END"
    )
    _permit()


def _permit() -> None:
    """Give the roles of a shop that is set up what they have in a new one."""
    bind = op.get_bind()
    if bind.exec_driver_sql("SELECT 1 FROM role_permissions LIMIT 1").first() is None:
        return
    for role, permissions in (("manager", MANAGERS), ("staff", EVERYONE)):
        for permission in permissions:
            bind.exec_driver_sql("INSERT INTO role_permissions VALUES (?, ?)", (role, permission))
