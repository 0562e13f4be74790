"""The tables of orders, of what became of them, and of the copies promised to them.

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
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bookwish_desk.db.metadata import shop

orders = Table(
    "orders",
    shop,
    Column("no", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("number", String(collation="NOCASE"), nullable=False),
    Column("state", String, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("placed_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("source", "number"),
    Index("orders_open", "open", "placed_at", "state"),
    Index("orders_number", "number"),
)
"""Orders as documents (`shop.order.Order`); `open` ones are still to be worked on (`db.orders.is_open`)."""

order_events = Table(
    "order_events",
    shop,
    Column("id", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("staff", String, nullable=False),
    Column("register", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("order_events_kind", "kind", "at"),
)
"""Every change of an order: the step or edit, who made it and when."""

order_files = Table(
    "order_files",
    shop,
    Column("id", String, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("staff", String, nullable=False),
    Column("note", String, nullable=False),
    Column("picture", LargeBinary, nullable=False),
)
"""Photos of damaged copies, JPEG."""

allocations = Table(
    "allocations",
    shop,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("sku", String, primary_key=True, index=True),
    Column("copies", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
)
"""Copies in the shop that are promised to orders, and those that orders wait for.

It follows from the orders and is kept to be asked at each scan.
"""
