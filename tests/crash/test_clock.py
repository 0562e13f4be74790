"""The clock jumps in the middle of a shift: numbers and journal go on in the order things happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwish_desk.actions import tilling
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count
from tests.crash.books import after_a_crash
from tests.support import days
from tests.support.shops import FrozenClock, found_shop

HOUR_MS = 3_600_000
JUMPS = {"two hours back": -2 * HOUR_MS, "a year forward": 365 * 24 * HOUR_MS}


def order_of(store: Store) -> tuple[list[int], list[int]]:
    """Return the sales' numbers in the order of the journal, and the journal's moments."""
    with store.read() as conn:
        numbers = conn.exec_driver_sql(
            "SELECT s.number FROM journal j JOIN sales s ON s.receipt = j.ref "
            "WHERE j.kind = 'sale.completed' ORDER BY j.seq"
        ).scalars()
        moments = conn.exec_driver_sql("SELECT at FROM journal ORDER BY seq").scalars()
        return list(numbers), list(moments)


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
@pytest.mark.capability("BW+12")
def test_numbers_and_journal_go_on_when_the_clock_jumps(tmp_path: Path, jump: int) -> None:
    clock = FrozenClock()
    store, actor = found_shop(tmp_path, days.settings(), clock)
    till = days.open_till(store, actor)
    held = days.ring(store, actor, ((days.item("A"), 1),))
    sales = [days.pay(store, actor, held)]
    clock.at += jump
    sales += [days.sell(store, actor, (days.item("A"), 1)) for _ in range(3)]
    clock.at -= jump // 2
    sales += [days.sell(store, actor, (days.item("B"), 2), how="split") for _ in range(3)]
    days.bring_back(store, actor, sales[2])
    numbers, moments = order_of(store)
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    assert moments != sorted(moments), "the clock did jump back here"
    assert {s.business_date for s in sales} == {till.business_date}, "a till keeps its day"
    report = days.close_till(store, actor, 50_000)
    assert report.takings.sales == 7
    ask_about_the_date(store, actor, clock, till.business_date)
    store.close()
    after_a_crash(tmp_path, [["sale", s.id, s.receipt, s.total_cents] for s in sales])


def ask_about_the_date(store: Store, actor: Actor, clock: FrozenClock, last: str) -> None:
    """Assert that a till is not opened for a day before the last one, or far after it, unasked."""
    now = clock.at
    for jump in (-40 * 24 * HOUR_MS, 365 * 24 * HOUR_MS):
        clock.at = now + jump
        with pytest.raises(Refused, match="clock says") as asked:
            tilling.open_till(store, actor, Count(other_cents=0))
        assert asked.value.code == "date"
        assert asked.value.facts["today"] != last
    clock.at = now
