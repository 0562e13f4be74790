"""What the doctor says of an online store that was not worked with for long: a warning, never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import connecting
from bookwish_desk.actions.checking import BOOKS, Finding
from bookwish_desk.db import online_checks
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.sync_state import Pass
from tests.support.far import HERE
from tests.support.shops import FrozenClock, found_shop

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
READ = "The online store was last read {} ago."
PAUSED = "The online store has been paused for {}: nothing goes up or comes down."


class Shop:
    """A shop with an online store, whose clock is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self.store, self.owner = found_shop(folder, Settings(shop_name="Test Books"), self.clock)
        connecting.connect(self.store, self.owner, HERE)

    def later(self, ms: int) -> None:
        self.clock.at += ms

    def read_store(self, words: str = "") -> None:
        """End a reading now: one that broke off where there are words."""
        at = self.clock()
        made = Pass(kind="stock", began_at=at, ended_at=at, complete=not words, words=words)
        connecting.note_pass(self.store, made)

    def runs(self) -> None:
        """Let a desk be open that works with the store."""
        connecting.take_lease(self.store, "register-1", 90_000)

    def said(self) -> list[str]:
        with self.store.read() as conn:
            return online_checks.standing(conn, self.store.settings.online, self.clock())


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.store.close()


def test_a_store_that_is_read_is_not_spoken_of(shop: Shop) -> None:
    shop.runs()
    assert shop.said() == []
    shop.read_store()
    shop.later(20 * MINUTE_MS)
    shop.runs()
    assert shop.said() == []


def test_a_desk_that_cannot_reach_the_store_for_long_says_since_when_and_why(shop: Shop) -> None:
    shop.read_store()
    shop.later(2 * MINUTE_MS)
    shop.read_store("The store does not answer.\x1b[2J")
    shop.later(5 * HOUR_MS)
    shop.runs()
    assert shop.said() == [f"{READ.format('5 h')} The store does not answer.[2J"]
    shop.read_store()
    assert shop.said() == []


def test_a_store_that_was_never_read_says_when_it_was_connected(shop: Shop) -> None:
    shop.later(2 * HOUR_MS)
    shop.runs()
    assert shop.said() == ["The online store was connected 2 h ago and has not been read since."]


def test_a_closed_desk_is_spoken_of_after_days_only(shop: Shop) -> None:
    shop.read_store()
    shop.later(60 * HOUR_MS)
    assert shop.said() == []
    shop.later(24 * HOUR_MS)
    assert shop.said() == [f"{READ.format('3 days')} No desk is open that reads it."]


def test_a_store_that_is_paused_says_since_when(shop: Shop) -> None:
    connecting.pause(shop.store, shop.owner)
    shop.later(3 * HOUR_MS)
    shop.runs()
    assert shop.said() == [PAUSED.format("3 h")]
    connecting.resume(shop.store, shop.owner)
    shop.read_store()
    assert shop.said() == []


def test_who_signed_out_is_asked_to_sign_in_until_something_was_read(shop: Shop) -> None:
    shop.read_store()
    connecting.signed_out(shop.store, shop.owner)
    shop.later(2 * HOUR_MS)
    shop.runs()
    assert shop.said() == ["Nobody has been signed in at the online store for 2 h."]
    shop.read_store()  # whoever signs in as the same as before leaves no other trace
    assert shop.said() == []


def test_a_shop_without_a_store_has_nothing_to_say(shop: Shop) -> None:
    connecting.disconnect(shop.store, shop.owner)
    shop.later(1_000 * HOUR_MS)
    assert shop.said() == []


def test_the_doctor_warns_of_it_and_finds_no_fault(shop: Shop) -> None:
    connecting.pause(shop.store, shop.owner)
    shop.later(3 * HOUR_MS)
    found = online(shop.store)
    assert (found.state, found.details) == ("warn", (PAUSED.format("3 h"),))


def online(store: Store) -> Finding:
    with store.read() as conn:
        return dict(BOOKS)["online store"](store, conn)
