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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

shop = MetaData()
catalogue = MetaData(schema="catalogue")

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

leases = Table(
    "leases",
    shop,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""Who of several registers does something alone, until when."""

postages = Table(
    "postages",
    shop,
    Column("id", String, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("state", String, nullable=False),
    Column("box", String, nullable=False),
    Column("order_id", ForeignKey("orders.id"), index=True),
    Column("shipment", String, unique=True),
    Column("tracking", String, nullable=False, server_default="", index=True),
    Column("wanted_at", BigInteger, nullable=False, server_default=text("0")),
    Column("batch", String, nullable=False, server_default="", index=True),
    Column("place", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", BigInteger, nullable=False, server_default=text("0")),
    Column("track_next_at", BigInteger, nullable=False, server_default=text("0")),
    Column("bought_at", BigInteger, nullable=False, server_default=text("0")),
    Column("label_at", BigInteger, nullable=False, server_default=text("0")),
    Column("cents", Integer, nullable=False, server_default=text("0")),
    Column("created_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("postage_state", "state", "wanted_at"),
    Index("postage_bought", "bought_at"),
    Index("postage_track", "track_next_at", sqlite_where=text("track_next_at > 0")),
    Index(
        "postage_unfetched", "next_try_at", sqlite_where=text("state = 'bought' AND label_at = 0")
    ),
    Index(
        "postage_insured", "id",
        sqlite_where=text("state = 'bought' AND json_extract(body, '$.insure_cents') > 0"),
    ),
    Index(
        "one_live_postage", "box", unique=True,
        sqlite_where=text(
            "purpose = 'out' AND state IN ('new', 'created', 'buying', 'uncertain', 'refused', 'bought')"
        ),
    ),
)  # fmt: skip
"""Carriers' labels (`shop.postage`): the value as JSON, and columns that follow from it."""

postage_labels = Table(
    "postage_labels",
    shop,
    Column("postage", ForeignKey("postages.id"), primary_key=True),
    Column("format", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""The bytes of labels as the carrier sent them, kept for a free reprint."""

address_checks = Table(
    "address_checks",
    shop,
    Column("address", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("choice", String, nullable=False, server_default=""),
    Column("body", Text, nullable=False),
)
"""What carriers said of an address, by a digest of it (`CheckedAddress`), and which spelling was chosen."""

manifests = Table(
    "manifests",
    shop,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("form", String, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("next_try_at", BigInteger, nullable=False, server_default=text("0")),
    Column("data", LargeBinary),
    Column("body", Text, nullable=False),
)
"""Carriers' lists of a day's parcels (`shop.handover`), with the form's bytes."""

collections = Table(
    "collections",
    shop,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("pickup", String, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("next_try_at", BigInteger, nullable=False, server_default=text("0")),
    Column("body", Text, nullable=False),
)
"""Carriers' visits that were asked for (`shop.handover`)."""

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
