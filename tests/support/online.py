"""Shops that work with an online store, for tests of what goes up and comes down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from bookwish_desk.actions import uploading
from bookwish_desk.db import conflicts, netbox, online
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.online import Abilities, OnlineItem, OnlineOrder, OnlineSale, OnlineSettings
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import Upload
from tests.support.counter import Counter

CONNECTED = OnlineSettings(
    address="https://store.example", email="desk@shop.example", store_id="store-1", store_name="Test", since=1
)


def connected(folder: Path, **more: Any) -> Counter:
    """Return a counter whose shop works with an online store; `more` are other settings."""
    return Counter(folder, **{"online": CONNECTED, **more})


def able(store: Store, **abilities: Any) -> None:
    """Note what the store can do."""
    with store.write() as tx:
        online.set_mark(tx, "abilities", msgspec.json.encode(Abilities(**abilities)).decode())


def rows(store: Store, *states: str) -> tuple[Job, ...]:
    """Return the rows that go up, oldest first; of some states only where they are named."""
    with store.read() as conn:
        ids = conn.exec_driver_sql("SELECT id FROM outbox WHERE channel = 'net' ORDER BY id").scalars().all()
        found = [job for x in ids if (job := netbox.by_id(conn, x)) is not None]
    return tuple(job for job in found if not states or job.state in states)


def posted(store: Store, *states: str) -> list[Upload]:
    """Return what the rows that go up say, oldest first."""
    return [uploading.upload_of(job) for job in rows(store, *states)]


def differences(store: Store) -> list[Conflict]:
    """Return the open conflicts."""
    with store.read() as conn:
        return list(conflicts.all_open(conn))


def far_order(order: Order, status: str = "pending", **more: Any) -> OnlineOrder:
    """Return an order as the store has it."""
    facts: dict[str, Any] = {"id": f"far-{order.number}", "number": order.number, "updated": "1", **more}
    return OnlineOrder(status=status, kind=order.kind, **facts)


def linked(store: Store, order: Order, status: str = "pending", **more: Any) -> OnlineOrder:
    """Let an order here be one of the store's, which has it in a status."""
    far = far_order(order, status, **more)
    with store.write() as tx:
        online.link(tx, "bookwish", order.id, far)
    return far


def base(store: Store, order: Order) -> OnlineOrder:
    """Return an order as the store had it last."""
    with store.read() as conn:
        found = online.far_of(conn, order.id)
    assert found is not None
    return found[1]


def offered(store: Store, *skus: str, copies: int = 3) -> None:
    """Let the store offer SKUs."""
    with store.write() as tx:
        online.keep_items(
            tx, [(OnlineItem(f"inv-{sku}", copies, book_id=f"book-{sku}"), sku) for sku in skus]
        )


def there(sale: Sale, far_id: str = "far-sale-1", **more: Any) -> OnlineSale:
    """Return a sale as the store has it, for the same money."""
    facts: dict[str, Any] = {"total_cents": sale.paid_cents, "number": f"S-{far_id}", **more}
    return OnlineSale(far_id, **facts)


def begun(store: Store, *jobs: Job, register: int = 1) -> frozenset[str]:
    """Commit `sending` for rows, each with a body of its own."""
    return uploading.begin(
        store, register, [(job.id, job.body or b"body of " + job.id.encode()) for job in jobs]
    ).value
