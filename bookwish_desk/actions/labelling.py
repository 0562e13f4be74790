"""Printing price and shelf labels of what the shop has."""

from __future__ import annotations

from collections.abc import Sequence

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import post_label
from bookwish_desk.db import lookup
from bookwish_desk.db.store import Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop import barcode, item_label
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.label import MOST_COPIES, LabelJob, LabelKind, PriceLabel, ShelfLabel
from bookwish_desk.shop.staff import Actor

Wanted = Sequence[tuple[str, int]]
"""SKUs, and how many labels of each."""


def label_of(item: Item, settings: Settings, kind: LabelKind) -> PriceLabel | ShelfLabel:
    """Return the label of an item as this shop writes it. Raises Refused where no scanner would read it."""
    return item_label.label_of(item, kind, shop=settings.shop_name, money=settings.money)


@action
def price_labels(tx: Tx, actor: Actor, items: Wanted, kind: LabelKind = "price") -> tuple[str, ...]:
    """Print labels, one job an item, at today's price; return the ids of the jobs.

    Raises Refused where there is no label printer, nothing or too much is wanted, an item is not known any
    more, or its code cannot be a label's. Whether it fits on the paper shows when it is drawn.
    """
    present(tx, actor)
    wanted = [(sku, copies) for sku, copies in items if copies]
    total = _total(wanted)
    labels = [(_label(tx, sku, kind), sku, copies) for sku, copies in wanted]
    jobs = tuple(
        post_label(tx, LabelJob(label, copies, sku), register=actor.register) for label, sku, copies in labels
    )
    told = {"kind": kind, "count": total, "items": [[sku, copies] for sku, copies in wanted]}
    tx.record(
        "labels.printed",
        staff=actor.staff,
        register=actor.register,
        ref=wanted[0][0] if len(wanted) == 1 else "",
        body={**told, "title": labels[0][0].title},
    )
    return jobs


def _total(wanted: Wanted) -> int:
    total = sum(copies for _sku, copies in wanted)
    if total < 1 or any(copies < 1 for _sku, copies in wanted):
        raise Refused("label.none", "Type how many labels are wanted.")
    if total > MOST_COPIES:
        raise Refused(
            "label.many", f"{total} labels are too many for one run. Print at most {MOST_COPIES} at a time."
        )
    return total


def _label(tx: Tx, sku: str, kind: LabelKind) -> PriceLabel | ShelfLabel:
    with tx.store.read() as conn:
        item = lookup.find(conn, sku, barcode.parse(sku).ean)
    if item is None:
        raise Refused("unknown", f"Nothing is known about {sku}.", sku=sku)
    return label_of(item, tx.settings, kind)
