"""The demonstration's online store on a loopback port, in a thread of the test: real requests, no process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from bookwish_desk.demo.online_store import seed
from bookwish_desk.demo.online_store.seed import Seed
from bookwish_desk.demo.online_store.serving import OnlineShop, Options
from bookwish_desk.demo.online_store.variants import variants
from tests.support.far_sides import served

PASSWORD = "correct-horse-77"
STORE = seed.STORE_ID


class Reached:
    """A running store and somebody who is signed in there."""

    def __init__(self, shop: OnlineShop, address: str, root: str) -> None:
        self.shop = shop
        self.address = address
        self.root = root
        self.client = httpx2.Client(base_url=address, timeout=20.0)
        self.control = httpx2.Client(base_url=f"{root}/control", timeout=20.0)
        self.headers: dict[str, str] = {}

    def sign_in(self, email: str = seed.EMAIL) -> dict[str, Any]:
        """Sign in; return what the store says."""
        said = self.client.post("/auth/login", json={"email": email, "password": PASSWORD}).json()
        pair = said.get("data", said)
        token = pair.get("accessToken") or pair.get("token") or pair.get("access_token")
        self.headers = {"Authorization": f"Bearer {token}"}
        return said

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """Ask for something."""
        return self.client.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: Any, key: str = "") -> httpx2.Response:
        """Send something."""
        return self.client.post(path, json=body, headers=self._with(key))

    def put(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """Replace something."""
        return self.client.put(path, json=body, headers={**self.headers, **headers})

    def _with(self, key: str) -> dict[str, str]:
        return {**self.headers, "Idempotency-Key": key} if key else self.headers

    def tell(self, path: str, **told: Any) -> Any:
        """Tell the control path something."""
        reply = self.control.post(f"/{path}", json=told)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def faults(self, *coming: dict[str, Any]) -> None:
        """Let these faults come."""
        assert self.control.post("/faults", json=list(coming)).status_code == 200

    def state(self) -> Any:
        """Return everything that is in the store."""
        return self.control.get("/state").json()

    def item(self, quantity: int = 10, price: int = 1_850, **more: Any) -> dict[str, Any]:
        """Add a stock line, and return it as the store tells of it."""
        made = self.tell("items", title="The Larch Almanac", quantity=quantity, priceCents=price, **more)
        found: dict[str, Any] = self.shop.records.read(lambda tx: _item(tx, made["id"]))
        return found

    def order(self, item: dict[str, Any], copies: int = 1, **more: Any) -> str:
        """Let a customer order, and return the order's id."""
        return str(self.tell("orders", items=[[item["id"], copies]], **more)["id"])


def _item(tx: Any, item_id: str) -> dict[str, Any]:
    from bookwish_desk.demo.online_store import tables as t

    row = tx.conn.execute(t.items.select().where(t.items.c.id == item_id)).one()
    return {"id": row.id, "bookId": row.book_id}


@contextmanager
def online_store(
    data: Path | str, *chosen: str, extensions: str = "all", items: int = 3, **options: Any
) -> Iterator[Reached]:
    """Serve a store with some invented books, with its control path; the owner is signed in."""
    offered = variants(chosen, extensions)
    made = Options(
        data=str(data),
        password=PASSWORD,
        variants=offered,
        control=True,
        **{"seed": seed.invented(items) if items else Seed(), **options},
    )
    shop = OnlineShop(made)
    with served(shop.serve) as (root, wait):
        reached = Reached(shop, f"{root}{offered.base}", root)
        try:
            wait()
            reached.sign_in()
            yield reached
        finally:
            reached.client.close()
            reached.control.close()
