"""The tables of the online store, as SQLAlchemy Core; they run on SQLite and PostgreSQL.

Money is integer cents, times are milliseconds since 1970 UTC. `seq` numbers changes in the order in which
they were committed (`records.Records.number`). Texts in `body` are JSON.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

facts = Table(
    "facts", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False)
)
"""What the server keeps of itself: its own secret, when its feeds began."""

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("password", String),
    Column("created_at", BigInteger, nullable=False),
)

blocked_tokens = Table(
    "blocked_tokens",
    metadata,
    Column("jti", String, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)
"""Refresh tokens that were used or given back."""

stores = Table(
    "stores",
    metadata,
    Column("id", String, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("tax_ppm", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("user_id", String, primary_key=True),
    Column("store_id", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("can_use_pos", Boolean, nullable=False),
)

books = Table(
    "books",
    metadata,
    Column("id", String, primary_key=True),
    Column("isbn13", String, unique=True),
    Column("isbn10", String, index=True),
    Column("searched", Text, nullable=False),
    Column("body", Text, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", String, primary_key=True),
    Column("store_id", String, nullable=False),
    Column("book_id", String, nullable=False, index=True),
    Column("quantity", BigInteger, nullable=False),
    Column("price_cents", Integer, nullable=False),
    Column("compare_at_cents", Integer),
    Column("condition", String, nullable=False),
    Column("sku", String),
    Column("location", String),
    Column("notes", String),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=false()),
    Column("cause", String, nullable=False),
    Column("reference", String),
    UniqueConstraint("store_id", "book_id", "condition"),
    Index("items_changes", "store_id", "seq"),
)
"""Stock: one line a book and condition of a store. What was removed stays as a tombstone."""

orders = Table(
    "orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("store_id", String, nullable=False),
    Column("user_id", String, nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("refunded_cents", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("orders_changes", "store_id", "seq"),
)

sales = Table(
    "sales",
    metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("store_id", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("reference", String),
    Column("body", Text, nullable=False),
    UniqueConstraint("store_id", "reference"),
    Index("sales_when", "store_id", "created_at"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", String, primary_key=True),
    Column("of", String, nullable=False, index=True),
    Column("store_id", String, nullable=False),
    Column("reference", String),
    Column("amount_cents", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("store_id", "reference"),
)
"""Money given back for orders and counter sales (`of`)."""

credit_accounts = Table(
    "credit_accounts",
    metadata,
    Column("id", String, primary_key=True),
    Column("store_id", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("balance_cents", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("store_id", "user_id"),
)

credit_moves = Table(
    "credit_moves",
    metadata,
    Column("id", String, primary_key=True),
    Column("account_id", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("balance_cents", BigInteger, nullable=False),
    Column("sale_id", String),
    Column("order_id", String),
    Column("trade_in_id", String),
    Column("note", String),
    Column("created_at", BigInteger, nullable=False),
)

trade_ins = Table(
    "trade_ins",
    metadata,
    Column("id", String, primary_key=True),
    Column("store_id", String, nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("reference", String),
    Column("created_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("store_id", "reference"),
)

shifts = Table(
    "shifts",
    metadata,
    Column("store_id", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("user_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
"""Idempotency keys, each with what was asked and what was answered, written with what was done."""
