"""The tables of what the online store has and how it was read.

Money is integer minor units, times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from bookwish_desk.db.metadata import shop

online_orders = Table(
    "online_orders",
    shop,
    Column("source", String, primary_key=True),
    Column("far_id", String, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, unique=True),
    Column("status", String, nullable=False),
    Column("updated", String, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
"""Orders that the online store has: which order here each is, and how the store had it last (`OnlineOrder`).

What the store had last is what both sides are compared with to tell who changed something.
"""

online_items = Table(
    "online_items",
    shop,
    Column("inventory_id", String, primary_key=True),
    Column("book_id", String, nullable=False, server_default=""),
    Column("sku", String, nullable=False, server_default="", index=True),
    Column("quantity", Integer, nullable=False),
    Column("updated", String, nullable=False, server_default=""),
    Column("seen_at", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False, server_default=text("0")),
    Column("body", Text, nullable=False),
)
"""What the online store offers, as last observed, and which SKU here each is ("" where none fits)."""

online_sales = Table(
    "online_sales",
    shop,
    Column("sale", ForeignKey("sales.id"), primary_key=True),
    Column("far_id", String, nullable=False, unique=True),
    Column("number", String, nullable=False),
    Column("total_cents", Integer),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
"""Counter sales that are at the online store, each once (`OnlineSale`)."""

conflicts = Table(
    "conflicts",
    shop,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("order_id", String, nullable=False, server_default="", index=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("choice", String, nullable=False, server_default=""),
    Column("staff", String, nullable=False, server_default=""),
    Column("reason", String, nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Index("one_open_conflict", "kind", "subject", unique=True, sqlite_where=text("closed_at IS NULL")),
)
"""Differences from the online store (`shop.conflict`). What closed by itself has no staff."""

sync_marks = Table(
    "sync_marks",
    shop,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)
"""How far reading from the online store has come; written with what was read."""

sync_passes = Table(
    "sync_passes",
    shop,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("complete", Boolean, nullable=False, server_default=text("0")),
    Column("body", Text, nullable=False, server_default="{}"),
)
"""The last passes over the online store: what was read, and how it ended."""
