"""Barcodes worth trying in the demonstration besides the ones on its goods."""

from __future__ import annotations

from sqlalchemy import select

from bookwish_desk.db import drafts, tables
from bookwish_desk.db.store import Store
from bookwish_desk.demo.shop import BADGE

TO_TRY: tuple[tuple[str, str], ...] = (
    ("ISBN-10 of an older book", "0061120081"),
    ("ISBN with its price beside it", "978006112008450995"),
    ("ISBN, a blank and the price", "9780061120084 50995"),
    ("ISBN as a scanner with AIM marks sends it", "]E09780061120084"),
    ("Label of the shop, on a used copy", "2000000001012"),
    ("SKU, on something without a barcode", "WRAP-SHEET"),
    ("A book that nobody knows", "9780000000002"),
    ("A magazine with its issue", "977123456700305"),
    ("A damaged barcode: wrong check digit", "9780061120083"),
    ("A payment card: never kept", "4111111111111111"),
)
"""What it is, and what a scanner sends. The magazine and the unknown book exist nowhere."""


def codes_to_try(store: Store) -> tuple[tuple[str, str], ...]:
    """Return (what it is, code) of everything worth a try now: the last receipt and held sale lead."""
    s = tables.sales.c
    with store.read() as conn:
        receipt = conn.execute(select(s.receipt).order_by(s.completed_at.desc()).limit(1)).scalar()
        held = [draft.held_as for draft in drafts.held(conn)][-1:]
    mine = [("Last receipt", receipt)] if receipt else []
    mine += [("Last held sale", code) for code in held if code]
    return (*mine, *TO_TRY, (f"Badge of {BADGE[0]}", BADGE[1]))
