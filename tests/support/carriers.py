"""The demonstration's broker of carriers on a loopback port, in a thread of the test: real requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from bookwish_desk.demo.carriers.faults import Faults
from bookwish_desk.demo.carriers.ledger import Ledger
from bookwish_desk.demo.carriers.records import MEMORY
from bookwish_desk.demo.carriers.routes import BASE
from bookwish_desk.demo.carriers.serving import Brokerage, Options
from bookwish_desk.demo.carriers.wire import House
from tests.support.far_sides import served

KEY = "EZTKtest0000carriers0000test"
LIVE_KEY = "EZAKtest0000carriers0000live"

SENDER = {
    "name": "Alder Falls Books", "street1": "27 Quarry Street", "city": "Alder Falls", "state": "CT",
    "zip": "06099", "country": "US", "phone": "8605550142",
}  # fmt: skip
TO = {
    "name": "Clara Lindqvist", "street1": "8 Mill Road", "city": "Bristol", "state": "CT", "zip": "06010",
    "country": "US",
}  # fmt: skip
PARCEL = {"length": 10.5, "width": 7.25, "height": 1, "weight": 15.4}


class Reached:
    """A running broker: its address, what can go wrong there, what was paid."""

    def __init__(self, house: Brokerage, root: str) -> None:
        self.house = house
        self.root = root
        self.base = f"{root}{BASE}"
        self.client = httpx2.Client(base_url=self.base, timeout=20.0)
        self.headers = {"Authorization": f"Bearer {KEY}"}

    @property
    def faults(self) -> Faults:
        """What goes wrong, by rule, and what was asked for so far."""
        return self.house.faults

    @property
    def ledger(self) -> Ledger:
        """What was paid until now."""
        return self.house.ledger()

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """Ask for something."""
        return self.client.get(path, params=query, headers=self.headers)

    def post(self, path: str, **body: Any) -> httpx2.Response:
        """Send something."""
        return self.client.post(path, json=body, headers=self.headers)

    def made(self, **more: Any) -> dict[str, Any]:
        """Make a shipment of one book, with what is said otherwise, and return it."""
        asked = {"from_address": SENDER, "to_address": TO, "parcel": PARCEL, "reference": "pst-1", **more}
        said = self.post("/shipments", shipment=asked)
        assert said.status_code == 201, said.text
        found: dict[str, Any] = said.json()
        return found

    def bought(self, service: str = "", **more: Any) -> dict[str, Any]:
        """Make a shipment and pay it, by the cheapest rate or by a service."""
        made = self.made(**more)
        rates = [rate for rate in made["rates"] if service in ("", rate["service"])]
        cheapest = min(rates, key=lambda rate: float(rate["rate"]))
        said = self.post(f"/shipments/{made['id']}/buy", rate={"id": cheapest["id"]})
        assert said.status_code == 200, said.text
        found: dict[str, Any] = said.json()
        return found


@contextmanager
def carriers_server(
    data: Path | str = MEMORY,
    clock: Callable[[], int] | None = None,
    *,
    wallet_cents: int = 250_000,
    **house: Any,
) -> Iterator[Reached]:
    """Serve a broker; `house` is as in `House`. It knows the keys `KEY` (test) and `LIVE_KEY`."""
    options = Options(
        data=str(data), keys=(KEY, LIVE_KEY), wallet_cents=wallet_cents, house=House(**house), control=True
    )
    made = Brokerage(options, clock)
    with served(made.serve) as (root, wait):
        reached = Reached(made, root)
        try:
            wait()
            yield reached
        finally:
            reached.client.close()
            made.faults.release()
