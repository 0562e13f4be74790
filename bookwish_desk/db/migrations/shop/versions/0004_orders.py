"""Online orders: each as a document, every change of it, photos of damage, and what is promised to them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EVERYONE = ("order.work", "order.edit", "order.payment")
MANAGERS = (*EVERYONE, "order.cancel", "order.refund", "order.override", "order.wholesaler")


def upgrade() -> None:
    """Create the tables, and let the people of the shop work on orders as in a new shop."""
    op.create_table(
        "orders",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("number", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("source", "number"),
    )
    op.create_index("orders_open", "orders", ["open", "placed_at", "state"])
    op.create_index("orders_number", "orders", ["number"])
    op.create_table(
        "order_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("register", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_order_events_order_id", "order_events", ["order_id"])
    op.create_index("order_events_kind", "order_events", ["kind", "at"])
    op.create_table(
        "order_files",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_order_files_order_id", "order_files", ["order_id"])
    op.create_table(
        "allocations",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("order_id", "sku"),
    )
    op.create_index("ix_allocations_sku", "allocations", ["sku"])
    op.add_column("sale_lines", sa.Column("of_order", sa.String(), server_default="", nullable=False))
    for table in ("order_events", "order_files"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_keep_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE VIRTUAL TABLE order_search USING fts5(words, content='', contentless_delete=1, "
        "detail=column, prefix='1 2 3 4 5', tokenize='ascii')"
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
