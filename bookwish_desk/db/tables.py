"""The tables of both databases, as SQLAlchemy Core. Migrations create them; nothing here runs.

Money is integer minor units, times are milliseconds since 1970 UTC. Tables in FACTS are append-only:
triggers refuse every UPDATE and DELETE.
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
    text,
)

from bookwish_desk.db import carrier_tables, metadata, online_tables, order_tables

shop, catalogue = metadata.shop, metadata.catalogue
MORE = (order_tables, online_tables, carrier_tables)
"""Tables in modules of their own: whoever has these here has those too."""

counters = Table(
    "counters",
    shop,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

settings = Table(
    "settings",
    shop,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

registers = Table(
    "registers",
    shop,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("open_till", String),
)

staff = Table(
    "staff",
    shop,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("pin_hash", String, nullable=False),
    Column("badge_hash", String, unique=True),
    Column("active", Boolean, nullable=False, server_default=text("1")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("wait_until", BigInteger, nullable=False, server_default=text("0")),
)

role_permissions = Table(
    "role_permissions",
    shop,
    Column("role", String, primary_key=True),
    Column("permission", String, primary_key=True),
)

approvals = Table(
    "approvals",
    shop,
    Column("id", String, primary_key=True),
    Column("by_staff", ForeignKey("staff.id"), nullable=False),
    Column("for_staff", String, nullable=False),
    Column("permission", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("given_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

customers = Table(
    "customers",
    shop,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False, server_default=""),
    Column("phone", String, nullable=False, server_default=""),
    Column("note", String, nullable=False, server_default=""),
    Column("folded", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

items = Table(
    "items",
    shop,
    Column("id", Integer, primary_key=True),
    Column("sku", String, nullable=False, unique=True),
    Column("ean", BigInteger, unique=True),
    Column("title", String, nullable=False),
    Column("authors", String, nullable=False, server_default=""),
    Column("publisher", String, nullable=False, server_default=""),
    Column("year", Integer),
    Column("price_cents", Integer),
    Column("tax_class", String, nullable=False, server_default="book"),
    Column("shelf", String, nullable=False, server_default=""),
    Column("stocked", Boolean, nullable=False, server_default=text("1")),
    Column("low_at", Integer),
    Column("on_hand", Integer, nullable=False, server_default=text("0")),
    Column("to_catalogue", Boolean, nullable=False, server_default=text("0")),
    Column("series", String, nullable=False, server_default=""),
    Column("format", String, nullable=False, server_default=""),
    Column("street_date", String, nullable=False, server_default=""),
    Column("kind", String, nullable=False, server_default="new"),
    Column("of_ean", BigInteger, index=True),
    Column("condition", String, nullable=False, server_default=""),
    Column("on_order", Integer, nullable=False, server_default=text("0")),
    Column("sold", Integer, nullable=False, server_default=text("0")),
)

stock_moves = Table(
    "stock_moves",
    shop,
    Column("id", Integer, primary_key=True),
    Column("sku", ForeignKey("items.sku"), nullable=False, index=True),
    Column("quantity", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("staff", String, nullable=False, server_default=""),
    Column("ref", String, nullable=False, server_default=""),
    Column("reason", String, nullable=False, server_default=""),
)

drafts = Table(
    "drafts",
    shop,
    Column("id", String, primary_key=True),
    Column("register", ForeignKey("registers.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("held_as", String, unique=True),
    Column("updated_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("one_open_draft", "register", unique=True, sqlite_where=text("state = 'open'")),
)

sales = Table(
    "sales",
    shop,
    Column("id", String, primary_key=True),
    Column("register", ForeignKey("registers.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("receipt", String, nullable=False, unique=True),
    Column("till", ForeignKey("tills.id"), nullable=False, index=True),
    Column("business_date", String, nullable=False, index=True),
    Column("completed_at", BigInteger, nullable=False),
    Column("staff", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("rounding_cents", Integer, nullable=False),
    Column("discount_cents", Integer, nullable=False),
    Column("discount_reason", String, nullable=False),
    Column("tax_mode", String, nullable=False),
    Column("tax_basis", String, nullable=False),
    Column("exempt", Text),
    Column("customer_id", String, index=True),
    Column("customer", Text),
    Column("note", String, nullable=False),
    UniqueConstraint("register", "number"),
)

sale_lines = Table(
    "sale_lines",
    shop,
    Column("sale", ForeignKey("sales.id"), primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("sku", String, nullable=False, index=True),
    Column("ean", BigInteger),
    Column("title", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price_cents", Integer, nullable=False),
    Column("list_price_cents", Integer),
    Column("price_reason", String, nullable=False),
    Column("gross_cents", Integer, nullable=False),
    Column("discount_cents", Integer, nullable=False),
    Column("discount_reason", String, nullable=False),
    Column("net_cents", Integer, nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("tax_class", String, nullable=False),
    Column("taxes", Text, nullable=False),
    Column("note", String, nullable=False),
    Column("gift_wrap", Boolean, nullable=False),
    Column("stocked", Boolean, nullable=False),
    Column("disposition", String, nullable=False),
    Column("of_sale", String, nullable=False, index=True),
    Column("of_line", Integer, nullable=False),
    Column("of_receipt", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("of_order", String, nullable=False, server_default=""),
)

sale_taxes = Table(
    "sale_taxes",
    shop,
    Column("sale", ForeignKey("sales.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("ppm", Integer, primary_key=True),
    Column("net_cents", Integer, nullable=False),
    Column("tax_cents", Integer, nullable=False),
)

tenders = Table(
    "tenders",
    shop,
    Column("sale", ForeignKey("sales.id"), primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("change", Boolean, nullable=False),
    Column("brand", String, nullable=False),
    Column("last4", String, nullable=False),
    Column("auth_code", String, nullable=False),
    Column("reference", String, nullable=False),
)

tills = Table(
    "tills",
    shop,
    Column("id", String, primary_key=True),
    Column("register", ForeignKey("registers.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("business_date", String, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("opened_by", String, nullable=False),
    Column("float_cents", Integer, nullable=False),
    Column("previous", String, nullable=False),
    UniqueConstraint("register", "number"),
)

till_entries = Table(
    "till_entries",
    shop,
    Column("id", Integer, primary_key=True),
    Column("till", ForeignKey("tills.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("cash_cents", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("staff", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("ref", String, nullable=False),
)

till_closings = Table(
    "till_closings",
    shop,
    Column("till", ForeignKey("tills.id"), primary_key=True),
    Column("register", Integer, nullable=False),
    Column("z_number", Integer, nullable=False),
    Column("closed_at", BigInteger, nullable=False),
    Column("closed_by", String, nullable=False),
    Column("expected_cents", Integer, nullable=False),
    Column("counted_cents", Integer, nullable=False),
    Column("left_cents", Integer, nullable=False),
    Column("report", Text, nullable=False),
    UniqueConstraint("register", "z_number"),
)

journal = Table(
    "journal",
    shop,
    Column("seq", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("staff", String, nullable=False),
    Column("register", Integer, nullable=False),
    Column("ref", String, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("keyed", Boolean, nullable=False),
    Column("hash", String, nullable=False),
)

outbox = Table(
    "outbox",
    shop,
    Column("id", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("register", Integer, nullable=False),
    Column("device", String, nullable=False, server_default=""),
    Column("copy", Integer, nullable=False, server_default=text("0")),
    Column("payload", LargeBinary, nullable=False),
    Column("bytes", LargeBinary),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", BigInteger, nullable=False),
    Column("next_try_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("last_status", String, nullable=False, server_default=""),
    Column("sent_at", BigInteger, nullable=False, server_default=text("0")),
    Column("looks", Integer, nullable=False, server_default=text("0")),
    Column("maybe_at", BigInteger, nullable=False, server_default=text("0")),
    Index("outbox_waiting", "state", "device", "channel", "next_try_at"),
    Index("outbox_about", "ref", "kind"),
    Index("outbox_net", "kind", "id", sqlite_where=text("channel = 'net' AND state = 'new'")),
)

leases = Table(
    "leases",
    shop,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""Who of several registers does something alone, until when."""

FACTS = (
    "sales",
    "sale_lines",
    "sale_taxes",
    "tenders",
    "tills",
    "till_entries",
    "till_closings",
    "stock_moves",
    "journal",
    "order_events",
    "order_files",
    "postage_labels",
)
"""Append-only tables."""

titles = Table(
    "titles",
    catalogue,
    Column("id", Integer, primary_key=True),
    Column("ean", BigInteger, nullable=False),
    Column("title", String, nullable=False),
    Column("authors", String, nullable=False, server_default=""),
    Column("publisher", String, nullable=False, server_default=""),
    Column("year", Integer),
    Column("price_cents", Integer),
    Column("tax_class", String, nullable=False, server_default="book"),
    Column("subtitle", String, nullable=False, server_default=""),
    Column("series", String, nullable=False, server_default=""),
    Column("format", String, nullable=False, server_default=""),
    Column("published", String, nullable=False, server_default=""),
    Column("street_date", String, nullable=False, server_default=""),
    Column("language", String, nullable=False, server_default=""),
    Column("pages", Integer),
    Column("subjects", String, nullable=False, server_default=""),
    Column("grams", Integer),
    Column("media_mail", Boolean),
    Column("discount", String, nullable=False, server_default=""),
    Column("returnable", String, nullable=False, server_default=""),
    Column("last_return", String, nullable=False, server_default=""),
    Column("status", String, nullable=False, server_default=""),
    Column("availability", String, nullable=False, server_default=""),
    Column("supplier", String, nullable=False, server_default=""),
    Column("supplier_on_hand", Integer),
    Column("supplier_on_order", Integer),
    Column("supplier_at", String, nullable=False, server_default=""),
    Index("title_ean", "ean", unique=True),
)
"""Titles of the trade; `id` falls in popularity (`db.titles`): an index walk yields what sells first."""

unsearched = Table("unsearched", catalogue, Column("id", Integer, primary_key=True))
"""Titles whose search words are still to be written: an import leaves them, `db.indexing` takes them."""

marks = Table(
    "marks", catalogue, Column("name", String, primary_key=True), Column("value", Integer, nullable=False)
)
"""Numbers that the catalogue keeps about itself, such as where its hot tier ends."""

owing = Table(
    "owing", catalogue, Column("id", Integer, primary_key=True), Column("body", String, nullable=False)
)
"""The import whose rows the shop's items have yet to follow (`db.owed`): none, or one."""

owed = Table(
    "owed",
    catalogue,
    Column("line", Integer, primary_key=True),
    Column("became", String, nullable=False),
    Column("old_price_cents", Integer),
    Column("adds", Boolean, nullable=False),
    Column("said", String, nullable=False),
)
"""Those rows."""
