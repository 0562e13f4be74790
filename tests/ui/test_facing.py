"""What the customer's displays are told while a sale is rung up, held, voided and paid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bookwish_desk.actions import tilling
from bookwish_desk.db import titles
from bookwish_desk.shop import customer_view
from bookwish_desk.shop.customer_view import CustomerView
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.till import Count
from bookwish_desk.shop.title import Title
from bookwish_desk.ui.pay.presenter import PayPresenter
from bookwish_desk.ui.sell.presenter import SellPresenter
from tests.support.shops import found_shop, station_for

ORLANDO, DUNE = "9780156701600", "9780441013593"


class Counter:
    """A register as `ui.sell.build` ties it, with a display: `seen` is what it showed."""

    def __init__(self, folder: Path) -> None:
        self.store, self.owner = found_shop(folder)
        with self.store.write_catalogue() as conn:
            titles.add(
                conn,
                [
                    Title(int(ORLANDO), "Orlando", "Virginia Woolf", price_cents=1699),
                    Title(int(DUNE), "Dune", "Frank Herbert", price_cents=1_000),
                ],
            )
        tilling.open_till(self.store, self.owner, Count(other_cents=10_000))
        self.station, _front = station_for(self.store, self.owner)
        self.sell, self.paying = SellPresenter(self.station), PayPresenter(self.station)
        self.sell.payer = self.paying
        self.sell.on_pay = self.paying.start
        self.paying.on_back = self.sell.back
        self.paying.on_completed = self.sell.completed
        self.paying.on_next = self.sell.next_sale
        self.paying.on_scan = self.sell.scanned
        self.seen: list[CustomerView] = []
        self.sell.shown()

    def look(self) -> Callable[[], None]:
        return self.station.on_customer(self.seen.append)

    @property
    def now(self) -> CustomerView:
        return self.seen[-1]


@pytest.fixture
def counter(tmp_path):
    made = Counter(tmp_path)
    yield made
    made.store.close()


def test_a_sale_is_seen_from_the_first_scan_to_the_change(counter):
    counter.look()
    assert (counter.now.phase, counter.now.shop) == ("idle", "Test Books")
    counter.station.scanned(ORLANDO)
    counter.station.scanned(DUNE)
    assert [line.title for line in counter.now.lines] == ["Orlando", "Dune"]
    assert counter.now.newest_line.title == "Dune"
    counter.station.scanned(ORLANDO)
    assert (counter.now.newest_line.title, counter.now.newest_line.quantity) == ("Orlando", 2)
    counter.sell.pay()
    assert counter.now.headline == ("To pay", counter.sell.state.total)
    counter.paying.back()
    assert counter.now.phase == "ringing"
    counter.sell.pay()
    counter.paying.cash("100")
    assert counter.now.phase == "done"
    assert counter.now.headline == ("Change due", counter.paying.state.done_amount)
    counter.paying.next_sale()
    assert counter.now.phase == "idle"


def test_a_part_payment_leaves_the_rest_to_pay(counter):
    counter.look()
    counter.station.scanned(DUNE)
    counter.sell.pay()
    counter.paying.cash("5")
    assert (counter.now.phase, counter.now.paid) == ("paying", "$5.00")


def test_a_changed_and_a_removed_line_are_seen(counter):
    counter.look()
    counter.station.scanned(DUNE)
    counter.sell.set_quantity(3)
    assert counter.now.newest_line.quantity == 3
    counter.sell.remove()
    assert counter.now.phase == "idle"


@pytest.mark.parametrize("away", ["hold", "void"])
def test_a_sale_that_is_put_aside_is_seen_no_more(counter, away):
    counter.look()
    counter.station.scanned(DUNE)
    counter.sell.hold() if away == "hold" else counter.sell.void("changed their mind")
    assert counter.now.phase == "idle"


def test_a_scan_after_a_sale_is_seen_as_the_next_one(counter):
    counter.look()
    counter.station.scanned(DUNE)
    counter.sell.pay()
    counter.paying.cash("")
    counter.station.scanned(ORLANDO)
    assert (counter.now.phase, counter.now.newest_line.title) == ("ringing", "Orlando")


def test_a_customer_is_never_named(counter):
    counter.look()
    counter.station.scanned(DUNE)
    counter.sell.set_customer(None)
    counter.sell.set_note("For Ada Lovelace", whole=True)
    counter.sell.add_customer("Ada Lovelace", "ada@example.org", "", lambda: None, lambda *_: None)
    assert isinstance(counter.sell.draft.customer, Customer)
    assert "Ada" not in repr(counter.now)
    assert "Olive" not in repr(counter.seen)


def test_a_display_that_comes_later_shows_what_is_now(counter):
    counter.station.scanned(DUNE)
    counter.look()
    assert counter.now.newest_line.title == "Dune"


def test_nothing_is_made_for_nobody(counter, monkeypatch):
    made = []
    monkeypatch.setattr(customer_view, "view_of", lambda *_a, **_k: made.append(1))
    counter.station.scanned(DUNE)
    assert made == []


def test_a_display_that_went_is_told_no_more(counter):
    stop = counter.look()
    stop()
    counter.station.scanned(DUNE)
    assert len(counter.seen) == 1
