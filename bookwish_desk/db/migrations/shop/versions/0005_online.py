"""The online store: what it has, what differs, how far reading has come, and more about what was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

EVERYONE = ("sync.decide",)
MANAGERS = (*EVERYONE, "sync.resend", "sync.connect")


def upgrade() -> None:
    """Create the tables, and let the people of the shop decide as in a new shop."""
    op.add_column(
        "outbox", sa.Column("sent_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("outbox", sa.Column("looks", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "outbox", sa.Column("maybe_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "outbox_net", "outbox", ["kind", "id"], sqlite_where=sa.text("channel = 'net' AND state = 'new'")
    )
    op.create_table(
        "online_orders",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("far_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("updated", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("source", "far_id"),
        sa.UniqueConstraint("order_id"),
    )
    op.create_table(
        "online_items",
        sa.Column("inventory_id", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), server_default="", nullable=False),
        sa.Column("sku", sa.String(), server_default="", nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("updated", sa.String(), server_default="", nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("inventory_id"),
    )
    op.create_index("ix_online_items_sku", "online_items", ["sku"])
    op.create_table(
        "online_sales",
        sa.Column("sale", sa.String(), nullable=False),
        sa.Column("far_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sale"], ["sales.id"]),
        sa.PrimaryKeyConstraint("sale"),
        sa.UniqueConstraint("far_id"),
    )
    op.create_table(
        "conflicts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), server_default="", nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("choice", sa.String(), server_default="", nullable=False),
        sa.Column("staff", sa.String(), server_default="", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_conflicts_order_id", "conflicts", ["order_id"])
    op.create_index(
        "one_open_conflict", "conflicts", ["kind", "subject"], unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "sync_marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sync_passes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("complete", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("body", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    for verb, when in (("UPDATE", "WHEN OLD.closed_at IS NOT NULL "), ("DELETE", "")):
        op.execute(
            f"CREATE TRIGGER conflicts_keep_{verb.lower()} BEFORE {verb} ON conflicts {when}"
            "BEGIN SELECT RAISE(ABORT, 'what was decided stays'); END"
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
