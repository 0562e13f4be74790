"""Copies sold in the last twelve months: raised by each sale, and put right once a day as time goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from bookwish_desk.actions import backing_up, paying, recounting, returning, tilling
from bookwish_desk.db import stock, tables
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.till import Count
from tests.support import days
from tests.support.counter import ORLANDO, OVERSTORY, Counter
from tests.support.shops import found_shop

DAY_MS = 86_400_000


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def sold(counter: Counter, sku: str = ORLANDO.sku) -> int:
    with counter.store.read() as conn:
        return int(conn.execute(tables.items.select().where(tables.items.c.sku == sku)).one().sold)


def bring_back(counter: Counter, sale: Sale, copies: int) -> None:
    draft = returning.add(counter.store, counter.actor, "", sale.id, 1, copies).value.draft
    assert draft is not None
    paying.pay_cash(counter.store, counter.actor, draft.id, 0)


def next_day(counter: Counter, days_on: int = 1) -> None:
    """Close the till, let days pass, and open it again."""
    days.close_till(counter.store, counter.actor, 0)
    counter.clock.at += days_on * DAY_MS
    today = backing_up.today(counter.store).isoformat()
    tilling.open_till(counter.store, counter.actor, Count(other_cents=15_000), today)


def spoil(counter: Counter, copies: int) -> None:
    with counter.store.write() as tx:
        tx.conn.execute(update(tables.items).values(sold=copies))


def test_a_sale_raises_it_and_a_return_lowers_it(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 3), (OVERSTORY, 1))
    assert (sold(counter), sold(counter, OVERSTORY.sku)) == (3, 1)
    bring_back(counter, sale, 2)
    assert sold(counter) == 1
    assert recounting.recount_sold(counter.store) == 0
    assert sold(counter) == 1


def test_what_is_older_than_a_year_leaves_it(counter: Counter) -> None:
    old = counter.sell((ORLANDO, 3))
    next_day(counter, 200)
    counter.sell((ORLANDO, 2))
    assert recounting.recount_sold(counter.store) == 0
    next_day(counter, 165)
    assert recounting.recount_sold(counter.store) == 0  # a year ago to the day
    next_day(counter)
    assert recounting.recount_sold(counter.store) == 1
    assert sold(counter) == 2
    # What comes back of a sale that is no longer counted never leaves less than nothing.
    bring_back(counter, old, 3)
    assert sold(counter) == 0
    next_day(counter)
    assert recounting.recount_sold(counter.store) == 0


def test_it_is_counted_once_a_day(counter: Counter) -> None:
    counter.sell((ORLANDO, 3))
    spoil(counter, 7)
    assert recounting.recount_sold(counter.store) == 1
    spoil(counter, 7)
    assert recounting.recount_sold(counter.store) == 0
    assert sold(counter) == 7
    next_day(counter)
    assert recounting.recount_sold(counter.store) == 1
    assert sold(counter) == 3


def test_a_sale_between_the_counting_and_the_writing_is_not_lost(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.sell((ORLANDO, 3))
    spoil(counter, 7)
    real = stock.miscounted

    def counted(conn: Connection, since: str) -> tuple[tuple[str, int], ...]:
        found = real(conn, since)
        counter.sell((ORLANDO, 2))
        return found

    monkeypatch.setattr(stock, "miscounted", counted)
    recounting.recount_sold(counter.store)
    assert sold(counter) == 5


def test_no_transaction_is_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _actor = found_shop(tmp_path)
    count = 2 * recounting.AT_ONCE + 1
    with store.write() as tx:
        rows = [{"sku": f"S{n}", "title": "Thing", "sold": 1} for n in range(count)]
        tx.conn.execute(tables.items.insert(), rows)
    parts: list[int] = []
    real = stock.add_sold

    def added(tx: Tx, wrong: Sequence[tuple[str, int]]) -> None:
        parts.append(len(wrong))
        real(tx, wrong)

    monkeypatch.setattr(stock, "add_sold", added)
    assert recounting.recount_sold(store) == count
    assert parts == [recounting.AT_ONCE, recounting.AT_ONCE, 1]
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT sum(sold) FROM items").scalar_one() == 0
