"""How orders went, as the books tell it: the first time ready or shipped, what went wrong; no checkouts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import problems
from bookwish_desk.db import order_figures
from bookwish_desk.db.store import Store
from bookwish_desk.shop.figures import Course, Mishap
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_problem import Problem
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.support.orders import EMMA, line, made, received, shelved, stepped
from tests.support.shops import NOON, FrozenClock, found_shop

HOUR = 3_600_000
DAY = 24 * HOUR


class Shop:
    """A shop whose clock can be set."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self.store: Store
        self.owner: Actor
        self.store, self.owner = found_shop(folder, clock=self.clock)

    def at(self, moment: int, order: Order, *steps: Step | str) -> Order:
        """Take steps with an order at a moment; the clock goes on by a millisecond with each question."""
        self.clock.at = moment
        return stepped(self.store, self.owner, order, *steps)

    def courses(self, begins: int = 0, ends: int = 2**60) -> tuple[Course, ...]:
        """Return how the orders of a period went."""
        with self.store.read() as conn:
            return order_figures.courses(conn, begins, ends)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made_shop = Shop(tmp_path)
    shelved(made_shop.store, made_shop.owner, copies=9)
    yield made_shop
    made_shop.store.close()


@pytest.mark.capability("BB-05")
def test_an_order_is_done_when_it_was_ready_or_shipped_for_the_first_time(shop: Shop) -> None:
    pickup = received(shop.store, shop.owner, made("P", placed_at=NOON))
    ship = received(shop.store, shop.owner, made("S", placed_at=NOON + 1, kind="ship", source="wsm"))
    waiting = received(shop.store, shop.owner, made("W", placed_at=NOON + 2))
    gone = received(shop.store, shop.owner, made("C", placed_at=NOON + 3))
    shop.at(NOON + HOUR, pickup, "start", "pick", "ready")
    shop.at(NOON + 5 * HOUR, pickup, "unready")
    shop.at(NOON + 9 * HOUR, pickup, "ready", "check", "hand_over")
    shop.at(NOON + 3 * HOUR, ship, "start", "pick", "check", "pack", Step("ship", tracking="1"))
    shop.at(NOON + 4 * HOUR, gone, Step("cancel", reason="Changed their mind"))
    first, second, third, fourth = shop.courses()
    assert (first.source, first.kind, first.placed_at) == ("bookwish", "pickup", NOON)
    assert 0 <= first.done_at - (NOON + HOUR) < 100
    assert (second.source, second.kind) == ("wsm", "ship")
    assert 0 <= second.done_at - (NOON + 3 * HOUR) < 100
    assert (third.done_at, third.cancelled) == (0, False)
    assert (fourth.done_at, fourth.cancelled) == (0, True)
    assert waiting.placed_at == third.placed_at


def test_it_is_known_when_the_books_of_an_order_come_out(shop: Shop) -> None:
    out, never = line(street_date="2026-10-01"), line(EMMA, street_date="2026-12-24")
    order = received(shop.store, shop.owner, made("P", out, never, line(EMMA), placed_at=NOON))
    assert shop.courses()[0].street_dates == ("2026-10-01", "2026-12-24")
    shop.at(NOON + HOUR, order, Step("cancel_copies", ((never.id, 1),), reason="Never printed"))
    assert shop.courses()[0].street_dates == ("2026-10-01",)


def test_only_orders_placed_in_the_period_are_read_and_no_checkouts(shop: Shop) -> None:
    for number, at in (("A", NOON - DAY), ("B", NOON), ("C", NOON + DAY)):
        received(shop.store, shop.owner, made(number, placed_at=at))
    cart = {"state": "in_checkout", "payment": Payment()}
    received(shop.store, shop.owner, made("CART", placed_at=NOON, **cart))
    assert [c.placed_at for c in shop.courses(NOON, NOON + DAY)] == [NOON]
    assert len(shop.courses()) == 3


@pytest.mark.capability("BB-06", "BB-11")
def test_what_went_wrong_is_read_with_its_cause_and_its_cost(shop: Shop) -> None:
    order = received(shop.store, shop.owner, made("P", placed_at=NOON))
    received(shop.store, shop.owner, made("FINE", placed_at=NOON + 1))
    sent = shop.at(NOON + HOUR, order, "start", "pick", "ready", "check", "hand_over")
    reported = Problem(
        kind="wrong_item", answer="tell", copies=((sent.lines[0].id, 1),), reason="Another edition",
        cause="picking", labour_cents=500, postage_cents=450, replacement_cents=1_699,
    )  # fmt: skip
    problems.report(shop.store, shop.owner, order.id, reported)
    first, second = shop.courses()
    assert first.mishaps == (Mishap("wrong_item", "picking", 500, 450, 1_699),)
    assert second.mishaps == ()
