"""Reads the parcels and labels that the screen works on. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bookwish_desk.actions.bought import STOPPED
from bookwish_desk.db import postages
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.postage import Postage
from bookwish_desk.ui.shipping.reading import listing
from bookwish_desk.ui.shipping.state import ToShip

Stale = Callable[[], bool]


def still_here(store: Store, settings: Settings, stale: Stale) -> dict[str, ToShip]:
    """Return every parcel that is packed and not shipped, by its key."""
    return {p.key: p for p in listing(store, settings, "to_ship", stale).parcels}


def parcels_of(
    store: Store, settings: Settings, order_ids: Sequence[str], stale: Stale
) -> tuple[ToShip, ...]:
    """Return the parcels of these orders that are packed and not shipped, in the order of the orders."""
    places = {order_id: place for place, order_id in enumerate(order_ids)}
    found = [
        (min(places[o.id] for o in p.orders if o.id in places), p)
        for p in still_here(store, settings, stale).values()
        if any(o.id in places for o in p.orders)
    ]
    return tuple(p for _place, p in sorted(found, key=lambda x: x[0]))


def of_batch(store: Store, batch: str) -> tuple[Postage, ...]:
    """Return the labels of a batch, in their order."""
    with store.read() as conn:
        return postages.of_batch(conn, batch)


def left_of_batch(store: Store, batch: str) -> tuple[Postage, ...]:
    """Return the labels of a batch that nobody wants bought any more."""
    return tuple(p for p in of_batch(store, batch) if p.state == "created" and not p.wanted_at)


def parcels_of_batch(store: Store, settings: Settings, batch: str, stale: Stale) -> tuple[ToShip, ...]:
    """Return the parcels of a batch that are not shipped, in the order of the batch."""
    here = {p.postage.id: p for p in still_here(store, settings, stale).values() if p.postage is not None}
    return tuple(here[label.id] for label in of_batch(store, batch) if label.id in here)


def open_batch(store: Store) -> tuple[Postage, ...]:
    """Return the labels of the newest batch that the desk stopped before all of them were bought."""
    with store.read() as conn:
        left = [
            p
            for p in postages.in_state(conn, ("created",), most=5_000)
            if p.batch and p.rate is not None and not p.wanted_at and p.words == STOPPED
        ]
        return postages.of_batch(conn, left[-1].batch) if left else ()


def labels(store: Store, ids: Sequence[str]) -> tuple[Postage, ...]:
    """Return these labels as they are now."""
    with store.read() as conn:
        return postages.by_ids(conn, ids)
