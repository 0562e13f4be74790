"""Reads one label with its orders. No Qt here."""

from __future__ import annotations

from bookwish_desk.db import orders, postages
from bookwish_desk.db.store import Store
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.postage import Postage


def label(store: Store, postage_id: str) -> Postage:
    """Return a label. Raises Refused where there is none of this id."""
    with store.read() as conn:
        return postages.load(conn, postage_id)


def worth_cents(store: Store, label: Postage) -> int:
    """Return what the copies in a label's parcel were sold for, after discounts."""
    with store.read() as conn:
        found = orders.by_ids(conn, label.orders)
    total = 0
    for order in found:
        parcel = order.parcel(label.box)
        for line_id, copies in parcel.contents if parcel is not None else ():
            line = order.line(line_id)
            if line is not None and line.live:
                total += half_up(line.net_cents * copies, line.live)
    return total
