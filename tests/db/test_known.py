"""What the books know of a title: movements with what was on hand after them, sums, sales, held copies."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bookwish_desk.actions import selling, stocking
from bookwish_desk.db import items, known, tables, titles
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.title import Title
from tests.support import days
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, WRAP, Counter
from tests.support.shops import shelve

SKU = ORLANDO.sku


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    with counter.store.write_catalogue() as conn:
        titles.add(conn, [Title(ORLANDO_EAN, "Orlando", "Virginia Woolf", pages=336, price_cents=1699)])
    return counter


def add_copy(counter, sku, kind="used", copies=1, price_cents=800):
    """Put a copy with a SKU of its own beside Orlando."""
    copy = Item(sku, "Orlando", price_cents=price_cents, kind=kind, of_ean=ORLANDO_EAN, condition="Good")
    with counter.store.write() as tx:
        items.keep(tx, copy)
    stocking.count(counter.store, counter.actor, copy, copies, "Stocktaking")
    return copy


def read(counter, reading, *asked):
    with counter.store.read() as conn:
        return reading(conn, *asked)


# ---- the title and its copies ----


def test_a_title_of_the_trade_is_known_though_the_shop_has_none(counter):
    found = read(counter, known.about, SKU, ORLANDO_EAN)
    assert found.title.pages == 336
    assert [(c.sku, c.on_hand) for c in found.copies] == [(SKU, 0)]
    assert read(counter, known.movements, [SKU]) == ()


def test_copies_begin_with_the_new_one_whichever_was_asked_for(counter):
    add_copy(counter, "U-1")
    add_copy(counter, "S-1", "signed")
    for code, ean in ((SKU, ORLANDO_EAN), ("U-1", None), ("S-1", None)):
        found = read(counter, known.about, code, ean)
        assert found.item.sku == code
        assert [c.sku for c in found.copies] == [SKU, "S-1", "U-1"]
        assert found.title is not None and found.title.ean == ORLANDO_EAN


def test_an_article_that_is_no_title_is_its_own_only_copy(counter):
    shelve(counter.store, counter.actor, WRAP, "Counter")
    found = read(counter, known.about, WRAP.sku, None)
    assert (found.title, [c.sku for c in found.copies]) == (None, [WRAP.sku])


def test_what_nobody_knows_is_nothing(counter):
    assert read(counter, known.about, "NOBODY", 9780000000002) is None


# ---- movements ----


def test_movements_tell_what_was_on_hand_after_each_also_among_other_copies(counter):
    stocking.count(counter.store, counter.actor, ORLANDO, 5, "Stocktaking")
    used = add_copy(counter, "U-1", copies=2)
    counter.sell((ORLANDO, 2))
    counter.sell((used, 1))
    stocking.adjust(counter.store, counter.actor, ORLANDO, -1, "Damaged")
    seen = read(counter, known.movements, [SKU, "U-1"])
    assert [(x.move.sku, x.move.cause, x.move.quantity, x.on_hand) for x in seen] == [
        (SKU, "adjust", -1, 2),
        ("U-1", "sale", -1, 1),
        (SKU, "sale", -2, 3),
        ("U-1", "count", 2, 2),
        (SKU, "count", 5, 5),
    ]
    assert seen[2].move.ref == "R1-000001"
    assert [x.on_hand for x in read(counter, known.movements, [SKU], "count")] == [5]


def test_a_page_of_movements_ends_with_the_right_count(counter):
    moves = random.Random(1).choices([-2, -1, 1, 3], k=60)
    stocking.count(counter.store, counter.actor, ORLANDO, 50, "Stocktaking")
    after, now = [], 50
    for by in moves:
        stocking.adjust(counter.store, counter.actor, ORLANDO, by, "Correction")
        now += by
        after.append(now)
    with counter.store.read() as conn:
        assert [x.on_hand for x in known.movements(conn, [SKU], most=20)] == after[:-21:-1]
        assert [x.on_hand for x in known.movements(conn, [SKU], "adjust", 20)] == after[:-21:-1]


def test_sums_by_cause_make_up_what_is_on_hand(counter):
    stocking.count(counter.store, counter.actor, ORLANDO, 9, "Stocktaking")
    sale = counter.sell((ORLANDO, 4))
    days.bring_back(counter.store, counter.actor, sale, 1)
    sums = read(counter, known.sums, [SKU])
    assert [(s.cause, s.copies, s.movements) for s in sums] == [
        ("count", 9, 1),
        ("sale", -4, 1),
        ("return", 1, 1),
    ]
    assert sum(s.copies for s in sums) == counter.on_hand(SKU)


# ---- sales ----


def test_sales_are_summed_by_business_date_less_what_came_back(counter):
    first = counter.sell((ORLANDO, 3), (OVERSTORY, 1))
    days.bring_back(counter.store, counter.actor, first, 1)
    (day,) = read(counter, known.sold_by_day, [SKU], "2026-01-01")
    assert (day.day, day.copies, day.net_cents) == (first.business_date, 2, 2 * 1699)
    assert read(counter, known.sold_by_day, [SKU], "2027-01-01") == ()


def test_the_last_sales_name_their_receipts_and_customers(counter):
    counter.sell((ORLANDO, 2))
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 1), (OVERSTORY, 1)))
    rung = selling.set_customer(counter.store, counter.actor, draft.id, Customer("c1", "Ada <b>L</b>")).value
    assert rung.draft is not None
    days.pay(counter.store, counter.actor, rung.draft)
    with counter.store.read() as conn:
        latest, first = known.last_sold(conn, [SKU])
        assert (first.receipt, first.copies, first.net_cents) == ("R1-000001", 2, 3398)
        assert (latest.receipt, latest.copies, latest.customer) == ("R1-000002", 1, "Ada <b>L</b>")
        assert [x.receipt for x in known.last_sold(conn, [SKU], most=1)] == ["R1-000002"]


# ---- held ----


def test_held_sales_that_contain_a_copy_are_named_with_who_waits(counter):
    add_copy(counter, "U-1")
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 2), (OVERSTORY, 1)))
    selling.set_customer(counter.store, counter.actor, draft.id, Customer("c1", "Ada"))
    aside = selling.hold(counter.store, counter.actor, draft.id, "Comes on Friday").value
    days.ring(counter.store, counter.actor, ((ORLANDO, 1),))
    (one,) = read(counter, known.held, [SKU, "U-1"])
    assert (one.code, one.sku, one.copies) == (aside.held_as, SKU, 2)
    assert (one.who, one.since) == ("Ada · Comes on Friday", draft.opened_at)
    assert read(counter, known.held, ["U-1"]) == ()


# ---- ten thousand movements ----


def test_reads_of_a_title_that_moved_often_go_by_their_indexes(counter):
    """No read walks a table: what others sold does not slow this title down."""
    stocking.count(counter.store, counter.actor, ORLANDO, 1, "Stocktaking")
    with counter.store.write() as tx:
        move = {"sku": SKU, "quantity": 1, "cause": "receive", "at": tx.at}
        tx.conn.execute(insert(tables.stock_moves), [move] * 10_000)
        i = tables.items.c
        tx.conn.execute(update(tables.items).where(i.sku == SKU).values(on_hand=10_001))
    with counter.store.read() as conn:
        seen = known.movements(conn, [SKU])
        assert len(seen) == known.MOST_MOVES
        assert [x.on_hand for x in seen] == list(range(10_001, 10_001 - known.MOST_MOVES, -1))
        assert known.movements(conn, [SKU], "count")[0].on_hand == 1
    for statement in statements(counter, [SKU]):
        scans = [step for step in plan(counter, statement) if step.startswith("SCAN")]
        named = {t.name for t in (tables.stock_moves, tables.sale_lines, tables.sales, tables.items)}
        assert not any(step.split()[1] in named for step in scans), scans


def statements(counter, skus):
    """Return the statements that the reads of a title send."""
    sent = []

    class Spy:
        def __init__(self, conn):
            self.conn = conn

        def execute(self, statement, *values):
            sent.append(statement)
            return self.conn.execute(statement, *values)

    with counter.store.read() as conn:
        spy: Any = Spy(conn)
        known.movements(spy, skus)
        known.movements(spy, skus, "sale")
        known.sums(spy, skus)
        known.sold_by_day(spy, skus, "2026-01-01")
        known.last_sold(spy, skus)
    return sent


def plan(counter, statement):
    """Return the steps by which the database answers a statement."""
    with counter.store.read() as conn:
        words = statement.compile(conn, compile_kwargs={"literal_binds": True, "render_postcompile": True})
        return [row[-1] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")]


def test_a_walk_of_a_table_would_be_seen(counter):
    (step,) = plan(counter, select(tables.stock_moves).where(tables.stock_moves.c.ref == "R1-000001"))
    assert step.startswith("SCAN stock_moves")
