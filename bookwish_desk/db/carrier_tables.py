"""The tables of carriers' labels, forms and visits.

Money is integer minor units, times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from bookwish_desk.db.metadata import shop

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
