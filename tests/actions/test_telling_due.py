"""What is told by the clock: reminders of pickups, requests for a review, the digest of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import ordering, telling_due
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.db.store import Store
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from tests.support.letters import composed, kinds, mailing_shop, mails
from tests.support.orders import ADA, made, now, received, shelved, stepped
from tests.support.shops import NOON, FrozenClock

DAY = 86_400_000
NEW_YORK = ZoneInfo("America/New_York")


def run(store: Store) -> int:
    def write(action: Callable[[Store], Outcome[bool]]) -> bool:
        return action(store).value

    return telling_due.run(store, write)


def own(number: str = "O1-1", **more: Any) -> Order:
    return made(number, **{"source": "email", **more})


def ready(store: Store, owner: Any, **more: Any) -> Order:
    shelved(store, owner)
    return stepped(store, owner, received(store, owner, own(**more)), "start", "pick", "ready")


def last_kind(store: Store) -> str:
    return kinds(store)[-1]


# ---- pickups ----


@pytest.mark.capability("BW-08", "OMG-30")
def test_a_pickup_is_reminded_of_after_7_and_after_14_days_and_no_oftener(tmp_path: Path) -> None:
    clock = FrozenClock()
    store, owner = mailing_shop(tmp_path, clock)
    order = ready(store, owner)
    for days, expected in ((6, "ready"), (7, "reminder_7"), (8, "reminder_7"), (14, "reminder_14")):
        clock.at = NOON + days * DAY + 60_000
        run(store)
        assert run(store) == 0
        assert last_kind(store) == expected, days
    clock.at = NOON + 40 * DAY
    assert run(store) == 0
    assert kinds(store).count("reminder_7") == kinds(store).count("reminder_14") == 1
    assert now(store, order).reminded_at > 0
    assert "October 5, 2026" in composed(mails(store)[-1]).message.text
    store.close()


def test_a_desk_that_was_off_for_weeks_reminds_once(tmp_path: Path) -> None:
    clock = FrozenClock()
    store, owner = mailing_shop(tmp_path, clock)
    ready(store, owner)
    clock.at = NOON + 20 * DAY
    assert run(store) == 1
    assert run(store) == 0
    assert last_kind(store) == "reminder_14"
    store.close()


@pytest.mark.parametrize(
    "more",
    [
        {"email": ""},
        {"mail": MailSettings()},
        {"notices": ("ready",)},
    ],
)
def test_who_cannot_be_written_to_stays_a_promise_for_staff(tmp_path: Path, more: dict[str, Any]) -> None:
    clock = FrozenClock()
    email = more.pop("email", ADA.email)
    store, owner = mailing_shop(tmp_path, clock, **more)
    order = ready(store, owner, customer=replace(ADA, email=email))
    clock.at = NOON + 8 * DAY
    assert run(store) == 0
    assert now(store, order).reminded_at == 0
    store.close()


# ---- reviews ----


def delivered(store: Store, owner: Any, number: str = "O1-1") -> Order:
    shelved(store, owner)
    order = received(store, owner, own(number))
    return stepped(store, owner, order, "start", "pick", "ready", "check", "hand_over")


@pytest.mark.capability("OMG-24")
def test_a_review_is_asked_for_once_some_days_after_delivery(tmp_path: Path) -> None:
    clock = FrozenClock()
    store, owner = mailing_shop(tmp_path, clock, review_link="https://example.com/review", review_days=5)
    order = delivered(store, owner)
    clock.at = NOON + 4 * DAY
    assert run(store) == 0
    clock.at = NOON + 5 * DAY + 60_000
    assert [run(store), run(store)] == [1, 0]
    assert last_kind(store) == "review"
    assert "https://example.com/review" in composed(mails(store)[-1]).message.text
    clock.at += 3 * DAY
    assert run(store) == 0
    assert now(store, order).state == "completed"
    store.close()


def test_nobody_is_asked_for_a_review_of_what_came_back_or_came_long_ago(tmp_path: Path) -> None:
    clock = FrozenClock()
    store, owner = mailing_shop(tmp_path, clock, review_link="https://example.com/r")
    back, long_ago = delivered(store, owner), delivered(store, owner, "O1-2")
    ordering.take(store, owner, back.id, Step("take_back", reason="torn"))
    clock.at = NOON + 8 * DAY
    told = kinds(store)
    assert run(store) == 1
    assert kinds(store) == [*told, "review"]
    assert mails(store)[-1].ref == long_ago.id
    clock.at = NOON + 60 * DAY
    third = delivered(store, owner, "O1-3")
    clock.at = now(store, third).completed_at + 40 * DAY
    assert run(store) == 0
    store.close()


def test_without_a_link_nobody_is_asked(tmp_path: Path) -> None:
    clock = FrozenClock()
    store, owner = mailing_shop(tmp_path, clock)
    delivered(store, owner)
    clock.at = NOON + 8 * DAY
    assert run(store) == 0
    store.close()


# ---- the digest ----


def at(day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 9, day, hour, minute, tzinfo=NEW_YORK).timestamp() * 1000)


@pytest.mark.capability("BW+07", "WSM+04", "IC-25")
def test_the_digest_comes_once_a_day_with_the_new_orders_and_what_is_due(tmp_path: Path) -> None:
    clock = FrozenClock(at(21, 9))
    staff = ("o@example.com", "web@example.com")
    store, owner = mailing_shop(
        tmp_path, clock, notices=(), staff_mail=staff, staff_notice="digest", digest_hour=8
    )
    received(store, owner, own(placed_at=at(21, 9)))
    received(store, owner, own("O1-2", placed_at=at(21, 9), state="in_checkout", payment=Payment()))
    clock.at = at(22, 7, 59)
    assert run(store) == 0
    clock.at = at(22, 8)
    assert [run(store), run(store)] == [1, 0]
    first = composed(mails(store)[-1]).message
    assert [composed(j).message.to for j in mails(store)[-2:]] == list(staff)
    assert first.subject == "New orders of Monday, September 21, 2026"
    assert "O1-1, pickup, $16.99, Ada Example" in first.text
    assert "Confirm the order. By" in first.text
    assert "bookwish-desk:order/O1-1" in first.text
    assert "O1-2" not in first.text
    clock.at = at(23, 12)
    run(store)
    assert "no new orders" in composed(mails(store)[-1]).message.text, "mail still comes"
    store.close()


@pytest.mark.capability("BW+07")
def test_the_digest_is_not_written_again_after_a_restart_and_leaves_no_order_out(tmp_path: Path) -> None:
    from bookwish_desk.db.store import open_store

    clock = FrozenClock(at(21, 9))
    store, owner = mailing_shop(
        tmp_path, clock, notices=(), staff_mail=("o@example.com",), staff_notice="digest", digest_hour=20
    )
    clock.at = at(21, 20, 5)
    assert run(store) == 1
    received(store, owner, own())
    store.close()
    store = open_store(tmp_path, clock=clock)
    assert run(store) == 0
    # The desk is off for two days; what came before and meanwhile is in the next one.
    clock.at = at(24, 10)
    received(store, owner, own("O1-2"))
    clock.at = at(24, 20)
    assert run(store) == 1
    said = composed(mails(store)[-1]).message
    assert said.subject == "New orders of Thursday, September 24, 2026"
    assert "O1-1," in said.text
    assert "O1-2," in said.text
    store.close()


@pytest.mark.capability("BW+07")
@pytest.mark.parametrize("hours", [(8, 18), (18, 8)])
def test_another_hour_of_the_digest_leaves_no_order_out_and_tells_of_none_twice(
    tmp_path: Path, hours: tuple[int, int]
) -> None:
    first, second = hours
    clock = FrozenClock(at(21, first, 40))
    store, owner = mailing_shop(
        tmp_path, clock, notices=(), staff_mail=("o@example.com",), staff_notice="digest", digest_hour=first
    )
    received(store, owner, own("O1-1"))
    clock.at = at(21, first, 50)
    assert run(store) == 1
    with store.write() as tx:
        keep_settings(tx, replace(tx.settings, digest_hour=second), ("digest_hour",))
    clock.at = at(21, first, 55)
    received(store, owner, own("O1-2"))
    clock.at = at(22, second)
    assert run(store) == 1
    told = [composed(j).message.text for j in mails(store)]
    assert ["O1-1," in text for text in told] == [True, False]
    assert ["O1-2," in text for text in told] == [False, True]
    store.close()
