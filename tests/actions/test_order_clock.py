"""What the clock does by itself: once, whenever and however often it runs, and never in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import order_clock
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.telling_due import CLOCK
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import PROMISES, Promise
from bookwish_desk.shop.staff import Actor
from tests.support.letters import mailing_shop
from tests.support.orders import line, made, now, received, shelved, stepped
from tests.support.shops import NOON, FrozenClock, found_shop

DAY = 86_400_000


class Shop:
    """A shop whose clock can be set."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.clock = FrozenClock()
        self.store, self.owner = found_shop(folder, Settings(shop_name="Test Books", **settings), self.clock)

    def run(self) -> int:
        """Let the clock do what is due."""
        return order_clock.run(self.store, lambda act: act(self.store).value)

    def at(self, moment: int) -> int:
        """Set the clock and let it do what is due."""
        self.clock.at = moment
        return self.run()

    def reopen(self) -> None:
        """Close the books and open them again, as a restart does."""
        self.store.close()
        self.store = open_store(self.folder, clock=self.clock)

    def kinds(self, order: Order) -> list[str]:
        """Return what happened to an order, in order."""
        with self.store.read() as conn:
            return [event.kind for event in orders.history(conn, order.id)]

    def authorised(self, number: str, until: int, **more: Any) -> Order:
        """Take in an order whose money is authorised until a moment."""
        pay = Payment(authorised_cents=5_000, expires_at=until)
        return received(self.store, self.owner, made(number, payment=pay, **more))

    def cart(self, number: str, at: int) -> Order:
        """Take in a checkout that nobody finished."""
        cart = made(number, state="in_checkout", placed_at=at, payment=Payment(), trouble="bad card")
        return received(self.store, self.owner, cart)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made_shop = Shop(tmp_path)
    yield made_shop
    made_shop.store.close()


@pytest.mark.capability("IC-28", "IC-30")
def test_an_authorisation_that_ran_out_is_written_down_once_and_asks_to_be_renewed(shop: Shop) -> None:
    shelved(shop.store, shop.owner)
    order = shop.authorised("IC-1", NOON + 3 * DAY)
    assert shop.at(NOON + 3 * DAY - 1_000) == 0
    assert queue(now(shop.store, order), shop.clock.at) == "new"
    assert shop.at(NOON + 3 * DAY) == 1
    expired = now(shop.store, order)
    assert (expired.payment.authorised_cents, expired.payment.expires_at) == (0, NOON + 3 * DAY)
    assert not expired.secured(shop.clock.at)
    (task,) = [t for t in tasks(expired, shop.clock.at) if t.kind == "reauthorise"]
    assert task.sentence == "The authorisation has expired. Authorise the payment again."
    assert shop.run() == 0
    shop.reopen()
    assert shop.run() == 0
    assert shop.kinds(order).count("expire") == 1
    with shop.store.read() as conn:
        (event,) = [e for e in orders.history(conn, order.id) if e.kind == "expire"]
    assert (event.staff, event.register) == ("", 0)
    # Authorised again it is good until its new end, and then runs out once more.
    again = shop.clock.at + 5 * DAY
    stepped(shop.store, shop.owner, order, Step("reauthorise", until=again))
    assert now(shop.store, order).secured(shop.clock.at)
    assert shop.at(again) == 1
    assert shop.kinds(order).count("expire") == 2


@pytest.mark.capability("IC-05", "IC-15")
def test_a_checkout_is_given_up_after_a_month_by_the_clock_on_the_wall(shop: Shop) -> None:
    zone = ZoneInfo(shop.store.settings.zone)
    placed = int(datetime(2026, 10, 15, 12, tzinfo=zone).timestamp() * 1000)
    cart = shop.cart("CART-1", placed)
    # The clocks went back on 1 November: a month later it is the same time of day, one hour more.
    month = int(datetime(2026, 11, 15, 12, tzinfo=zone).timestamp() * 1000)
    assert month - placed == 31 * DAY + 3_600_000
    assert shop.at(month - 1_000) == 0
    assert now(shop.store, cart).state == "in_checkout"
    assert shop.at(month) == 1
    assert now(shop.store, cart).state == "abandoned"
    assert shop.run() == 0
    assert shop.kinds(cart) == ["placed", "abandon"]
    # It is no order of the shop and comes back only when the customer places it after all.
    assert queue(now(shop.store, cart), shop.clock.at) == "carts"
    assert not now(shop.store, cart).active
    assert stepped(shop.store, shop.owner, cart, "place").state == "pending"
    assert shop.run() == 0


def with_checkout(**changes: Any) -> tuple[Promise, ...]:
    """Return the shop's promises with the one about checkouts changed."""
    return tuple(replace(p, **changes) if p.id == "checkout" else p for p in PROMISES)


@pytest.mark.capability("IC-05")
@pytest.mark.parametrize(
    ("changes", "gone_after"),
    [({"unit": "days", "soon": 3, "most": 3}, 3), ({"active": False}, None)],
)
def test_how_long_a_checkout_is_kept_is_for_the_shop_to_say(
    tmp_path: Path, changes: dict[str, Any], gone_after: int | None
) -> None:
    shop = Shop(tmp_path, promises=with_checkout(**changes))
    cart = shop.cart("CART-1", NOON)
    if gone_after is not None:
        assert shop.at(NOON + gone_after * DAY - 1_000) == 0
        assert shop.at(NOON + gone_after * DAY) == 1
        assert now(shop.store, cart).state == "abandoned"
    else:
        assert shop.at(NOON + 400 * DAY) == 0
        assert now(shop.store, cart).state == "in_checkout"
    shop.store.close()


def test_a_clock_that_is_put_back_undoes_and_repeats_nothing(shop: Shop) -> None:
    order = shop.authorised("IC-1", NOON + DAY)
    cart = shop.cart("CART-1", NOON - 40 * DAY)
    assert shop.at(NOON + 2 * DAY) == 2
    for moment in (NOON - 10 * DAY, NOON + DAY, NOON + 90 * DAY, NOON):
        assert shop.at(moment) == 0
    assert shop.kinds(order).count("expire") == 1
    assert shop.kinds(cart).count("abandon") == 1


def test_what_somebody_did_meanwhile_stands(shop: Shop) -> None:
    """The order was read as due; by the time of its own transaction somebody has captured the money."""
    order = shop.authorised("IC-1", NOON + DAY)
    other = shop.authorised("IC-2", NOON + DAY)
    paid: list[Order] = []

    def meanwhile(act: Callable[[Store], Outcome[bool]]) -> bool:
        if not paid:
            shop.clock.at = NOON + DAY - 30_000
            paid.append(stepped(shop.store, shop.owner, order, "capture"))
            shop.clock.at = NOON + DAY
        return act(shop.store).value

    shop.clock.at = NOON + DAY
    assert order_clock.run(shop.store, meanwhile) == 1
    assert shop.kinds(order) == ["placed", "short", "capture"]
    assert "expire" in shop.kinds(other)


def test_one_that_cannot_be_done_keeps_none_of_many_waiting(shop: Shop) -> None:
    for n in range(40):
        shop.authorised(f"IC-{n}", NOON + DAY)
    shop.clock.at = NOON + 2 * DAY
    calls: list[int] = []

    def one_gone(act: Callable[[Store], Outcome[bool]]) -> bool:
        calls.append(len(calls))
        if len(calls) == 1:
            # As if it were not in the books any more when its turn comes.
            return order_clock.advance(shop.store, "nobody", "expire").value
        return act(shop.store).value

    assert order_clock.run(shop.store, one_gone) == 39
    assert len(calls) == 40
    assert shop.run() == 1


def test_it_ends_when_the_desk_is_closed_and_goes_on_the_next_time(shop: Shop) -> None:
    for n in range(5):
        shop.authorised(f"IC-{n}", NOON + DAY)
    shop.clock.at = NOON + 2 * DAY
    asked: list[None] = []

    def closed() -> bool:
        asked.append(None)
        return len(asked) > 2

    assert order_clock.run(shop.store, lambda act: act(shop.store).value, closed) == 2
    assert shop.run() == 3


def test_an_authorisation_of_a_wholesalers_order_runs_out_too(shop: Shop) -> None:
    order = shop.authorised("IC-1", NOON + DAY, kind="ship")
    sent = stepped(shop.store, shop.owner, order, "send_to_wholesaler")
    assert sent.owner.name == "wholesaler"
    assert shop.at(NOON + DAY) == 1
    assert now(shop.store, order).payment.authorised_cents == 0


def test_nobody_needs_to_be_signed_in(shop: Shop) -> None:
    shop.authorised("IC-1", NOON + DAY)
    assert Actor("", 0) == CLOCK
    assert shop.at(NOON + DAY) == 1


@pytest.mark.capability("BW+09", "OMG-30")
def test_a_pickup_that_waits_is_reminded_of_at_7_and_14_days_and_once_each(tmp_path: Path) -> None:
    clock = FrozenClock()
    store, owner = mailing_shop(tmp_path, clock)
    shelved(store, owner)
    waiting = received(store, owner, made("O1-1", source="email"))
    stepped(store, owner, waiting, "start", "pick", "ready")
    reminders = []
    for day in (6, 7, 8, 13, 14, 15, 40):
        clock.at = NOON + day * DAY + 60_000
        for _ in range(2):
            order_clock.run(store, lambda act: act(store).value)
        with store.read() as conn:
            reminders.append([e.kind for e in orders.history(conn, waiting.id)].count("remind"))
    assert reminders == [0, 1, 1, 1, 2, 2, 2]
    store.close()


# ---- what a store does with an authorisation, from checkout to the end ----


def authorise(shop: Shop, number: str, cents: int, days: int, **more: Any) -> Order:
    """Take in an order to be shipped whose money a checkout has authorised for some days."""
    shelved(shop.store, shop.owner, copies=3)
    pay = Payment(authorised_cents=cents, expires_at=shop.clock.at + days * DAY)
    return received(shop.store, shop.owner, made(number, kind="ship", payment=pay, **more))


PACK = ("start", "pick", "check", "pack")
SHIP = Step("ship", tracking="9400")


@pytest.mark.capability("IC-28", "IC-30", "IC-31", "OMG-26")
def test_filled_as_it_was_placed_within_days(shop: Shop) -> None:
    order = authorise(shop, "IC-1", 1_699, 7)
    done = stepped(shop.store, shop.owner, order, *PACK, "capture", SHIP, "deliver")
    assert (done.state, done.payment.kind) == ("completed", "captured")
    assert shop.at(shop.clock.at + 30 * DAY) == 0


@pytest.mark.capability("IC-28", "IC-31")
def test_it_waits_for_weeks_within_the_authorisation(shop: Shop) -> None:
    order = authorise(shop, "IC-1", 1_699, 28)
    assert shop.at(shop.clock.at + 27 * DAY) == 0
    done = stepped(shop.store, shop.owner, order, *PACK, "capture", SHIP, "deliver")
    assert (done.state, done.payment.captured_cents) == ("completed", 1_699)


@pytest.mark.capability("IC-28", "IC-30", "IC-31")
def test_it_takes_longer_than_the_authorisation_which_is_then_renewed(shop: Shop) -> None:
    order = authorise(shop, "IC-1", 1_699, 3)
    stepped(shop.store, shop.owner, order, *PACK)
    assert shop.at(shop.clock.at + 4 * DAY) == 1
    with pytest.raises(Refused) as unpaid:
        stepped(shop.store, shop.owner, order, SHIP)
    assert unpaid.value.code == "unpaid"
    renewed = stepped(shop.store, shop.owner, order, "reauthorise", "capture", SHIP)
    assert renewed.payment.captured_cents == 1_699
    assert shop.run() == 0


@pytest.mark.capability("IC-28", "IC-30", "IC-31")
def test_paid_for_long_before_it_can_be_sent(shop: Shop) -> None:
    """A book signed on publication day: Payment Received comes first, fulfilment weeks later (IC-08)."""
    order = authorise(shop, "IC-1", 1_699, 7)
    paid = stepped(shop.store, shop.owner, order, "capture")
    assert (paid.payment.kind, paid.state) == ("captured", "pending")
    assert shop.at(shop.clock.at + 60 * DAY) == 0
    assert stepped(shop.store, shop.owner, order, *PACK, SHIP, "deliver").state == "completed"


@pytest.mark.capability("IC-28", "IC-31")
def test_part_of_it_cannot_be_had_and_less_is_captured(shop: Shop) -> None:
    order = authorise(shop, "IC-1", 3_398, 7)
    two = received(
        shop.store,
        shop.owner,
        made("IC-2", line(copies=2), kind="ship", payment=order.payment),
    )
    fewer = Step("cancel_copies", copies=((two.lines[0].id, 1),), reason="Out of print")
    done = stepped(shop.store, shop.owner, two, fewer, *PACK, "capture", SHIP)
    assert (done.payment.captured_cents, done.refund_due_cents) == (1_699, 0)


@pytest.mark.capability("IC-31")
def test_picked_up_and_paid_at_the_store(shop: Shop) -> None:
    shelved(shop.store, shop.owner)
    pay = Payment(promise="at_pickup")
    order = received(shop.store, shop.owner, made("IC-1", payment=pay, source="indiecommerce"))
    stepped(shop.store, shop.owner, order, "start", "pick", "ready", "check")
    assert shop.at(shop.clock.at + 5 * DAY) == 0
    with pytest.raises(Refused):
        stepped(shop.store, shop.owner, order, "hand_over")
    assert stepped(shop.store, shop.owner, order, "settle", "hand_over").state == "completed"


@pytest.mark.capability("IC-28")
def test_cancelled_before_anything_was_captured_nothing_is_due_back(shop: Shop) -> None:
    order = authorise(shop, "IC-1", 1_699, 3)
    gone = stepped(shop.store, shop.owner, order, Step("cancel", reason="Changed their mind"))
    assert gone.refund_due_cents == 0
    assert [t.kind for t in tasks(gone, shop.clock.at)] == ["void"]
    # Where nobody voids it, it runs out by itself, and nothing is left to do.
    assert shop.at(shop.clock.at + 4 * DAY) == 1
    assert tasks(now(shop.store, order), shop.clock.at) == ()
