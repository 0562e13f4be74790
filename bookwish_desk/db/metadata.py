"""What the tables of each database belong to. Their modules add to it; `db.tables` has all of them."""

from __future__ import annotations

from sqlalchemy import MetaData

shop = MetaData()
catalogue = MetaData(schema="catalogue")
