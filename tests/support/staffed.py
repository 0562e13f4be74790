"""A shop with an owner, a manager and a clerk who have real PINs, hashed cheaply so that tests are quick."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from bookwish_desk.actions import pins
from bookwish_desk.db import tables
from bookwish_desk.settings import Settings
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.station import Station
from tests.support.shops import FakeFront, FrozenClock, found_shop, hire, printer, station_for

OWNER_PIN, MANAGER_PIN, CLERK_PIN = "2580", "7319", "5826"
SETTINGS = Settings(shop_name="Alder & Ash Books", devices=(printer(),))


def hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PINs be hashed in no time: what argon2 costs is measured elsewhere."""
    from argon2 import PasswordHasher

    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(pins, "_hasher", lambda: cheap)


def hashed(pin: str) -> str:
    """Return the hash of a PIN, made once for each cost: it is the same for every shop."""
    hasher = pins._hasher()
    return _hashed(pin, hasher.time_cost, hasher.memory_cost)


@cache
def _hashed(pin: str, *_cost: int) -> str:
    return pins.hash_pin(pin, None)


class StaffedShop:
    """The shop, and a station at its register with nobody signed in."""

    def __init__(self, folder: Path, settings: Settings = SETTINGS) -> None:
        self.clock = FrozenClock()
        self.store, self.owner = found_shop(folder, settings, self.clock)
        self.manager = hire(self.store, "manager", "Mo <b>Manager</b>")
        self.clerk = hire(self.store, "staff", "Sam Staff")
        with self.store.write() as tx:
            for who, pin in (
                (self.owner, OWNER_PIN),
                (self.manager, MANAGER_PIN),
                (self.clerk, CLERK_PIN),
            ):
                kept = {"pin_hash": hashed(pin)}
                tx.conn.execute(update(tables.staff).where(tables.staff.c.id == who.staff).values(**kept))

    def station(self, actor: Actor | None = None) -> tuple[Station, FakeFront]:
        """Return a station with `actor` signed in, or nobody."""
        station, front = station_for(self.store, actor or self.owner)
        if actor is None:
            station.person = None
        station.on_change(self._follow(station))
        return station, front

    def _follow(self, station: Station) -> Callable[[frozenset[str]], None]:
        def changed(nouns: frozenset[str]) -> None:
            if "settings" in nouns:
                station.settings = self.store.settings

        return changed

    def journal(self) -> list[tuple[str, str, Any]]:
        """Return (kind, staff, body) of every entry."""
        with self.store.read() as conn:
            rows = conn.execute(select(tables.journal).order_by(tables.journal.c.seq)).all()
        return [(r.kind, r.staff, msgspec.json.decode(r.body)) for r in rows]
