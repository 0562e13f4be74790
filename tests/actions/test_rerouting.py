"""Copies at the register that orders count on: a warning, and a re-route that leaves every order right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions import allocating, ordering, rerouting, returning, selling, stocking
from bookwish_desk.actions.importing import run_import
from bookwish_desk.actions.lists import Plan
from bookwish_desk.db import checks, items, order_checks, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.staff import Actor
from tests.support import days
from tests.support.orders import ADA, EMMA, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import NOON, found_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path)
    days.open_till(store, owner)
    yield store, owner
    with store.read() as conn:
        assert order_checks.everything(conn) == []
        assert checks.stock(conn) == []
    store.close()


def rung(store: Store, actor: Actor, copies: int = 1) -> Draft:
    draft = selling.add(store, actor, ORLANDO, copies).value.draft
    assert draft is not None
    return draft


def sold(store: Store, actor: Actor, copies: int = 1) -> None:
    days.pay(store, actor, rung(store, actor, copies))


def order(store: Store, actor: Actor, number: str, at: int, copies: int = 1) -> Order:
    return received(store, actor, made(number, line(copies=copies), placed_at=at))


def counts(store: Store, some: Order) -> tuple[int, int, int]:
    found = now(store, some).lines[0]
    return found.allocated, found.picked, found.short


# ---- the warning ----


@pytest.mark.capability("BW-38")
def test_a_copy_that_nobody_counts_on_is_no_warning(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=3)
    order(store, owner, "B-1", NOON - 10)
    assert rerouting.warning(store, None) == ()
    assert rerouting.warning(store, rung(store, owner, 2)) == ()


@pytest.mark.capability("BW-38")
def test_the_order_placed_last_loses_its_copy_first_and_what_is_not_picked_before_what_is(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=3)
    first = order(store, owner, "B-1", NOON - 30)
    second = order(store, owner, "B-2", NOON - 20)
    third = order(store, owner, "B-3", NOON - 10)
    stepped(store, owner, third, "confirm", "pick", Step("ready", shelf="H4"))
    found = rerouting.warning(store, rung(store, owner))
    assert [(p.number, p.customer, p.copies, p.picked) for p in found] == [("B-2", "Ada Example", 1, 0)]
    more = rerouting.warning(store, rung(store, owner, 2))
    assert [(p.order_id, p.copies, p.picked) for p in more] == [
        (second.id, 1, 0), (first.id, 1, 0), (third.id, 1, 1),
    ]  # fmt: skip
    assert more[2].shelf == "H4"


def test_the_lines_of_one_title_are_counted_together_and_what_has_no_stock_not_at_all(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    order(store, owner, "B-1", NOON - 10)
    draft = rung(store, owner)
    draft = selling.set_price(store, owner, draft.id, draft.lines[0].id, 900, "dented").value.draft  # type: ignore[assignment]
    assert rerouting.warning(store, draft) == ()
    (found,) = rerouting.warning(store, rung(store, owner))
    assert (found.number, found.copies) == ("B-1", 1)


def test_no_more_copies_are_said_to_be_lost_than_are_in_the_sale(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    for number in ("B-1", "B-2"):
        stepped(store, owner, order(store, owner, number, NOON - 10), "confirm", "pick")
    stocking.count(store, owner, ORLANDO, 1, "only one is there")
    assert [p.copies for p in rerouting.warning(store, rung(store, owner))] == [1]


def test_a_shop_without_orders_is_asked_one_question_and_loads_nothing(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, owner = shop
    shelved(store, owner)
    draft = rung(store, owner)
    asked: list[str] = []

    class Counting:
        def __init__(self, raw: Any) -> None:
            self.raw = raw

        def execute(self, sql: str, *values: Any) -> Any:
            asked.append(sql)
            return self.raw.execute(sql, *values)

    lent = store.reader.bare

    class Bare:
        def __enter__(self) -> Counting:
            self.inner = lent()
            return Counting(self.inner.__enter__())

        def __exit__(self, *about: Any) -> None:
            self.inner.__exit__(*about)

    monkeypatch.setattr(store.reader, "bare", Bare)
    assert rerouting.warning(store, draft) == ()
    assert len(asked) == 1
    monkeypatch.undo()
    with store.read() as conn:
        plan = str(conn.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[0], ('["x"]',)).all())
    assert "SCAN a" not in plan
    assert "SCAN i" not in plan


# ---- the re-route ----


@pytest.mark.capability("BW-38", "BW-33")
def test_the_copy_goes_over_the_counter_and_the_order_is_a_problem_with_its_choices(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    some = order(store, owner, "B-1", NOON - 10)
    later = order(store, owner, "B-2", NOON - 5)
    draft = rung(store, owner)
    (found,) = rerouting.warning(store, draft)
    after = rerouting.reroute(store, owner, found.order_id, found.sku, found.copies).value
    assert counts(store, some) == (0, 0, 1)
    assert counts(store, later) == (0, 0, 1), "the copy is on the counter, not free"
    assert queue(after, NOON) == "problems"
    assert [t.kind for t in tasks(after, NOON)] == ["missing"]
    assert rerouting.warning(store, draft) == ()
    days.pay(store, owner, draft)
    with store.read() as conn:
        assert items.by_skus(conn, [ORLANDO.sku])[0].on_hand == 0
        assert orders.history(conn, some.id)[-1].kind == "rerouted"
        told = conn.exec_driver_sql("SELECT ref, body FROM journal WHERE kind = 'order.rerouted'").all()
    assert [ref for ref, _ in told] == ["B-1"]
    assert ADA.name not in told[0][1]


def test_another_free_copy_takes_the_place_of_one_from_the_hold_shelf(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    some = stepped(store, owner, order(store, owner, "B-1", NOON - 10), "confirm", "pick", "ready")
    draft = rung(store, owner)
    rerouting.reroute(store, owner, some.id, ORLANDO.sku, 1)
    assert counts(store, some) == (1, 0, 0)
    assert now(store, some).ready_at == 0
    days.pay(store, owner, draft)
    assert counts(store, some) == (1, 0, 0)


def test_a_free_copy_that_is_in_the_sale_itself_is_no_other_one(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    some = order(store, owner, "B-1", NOON - 10)
    draft = rung(store, owner, 2)
    (found,) = rerouting.warning(store, draft)
    assert found.copies == 1
    rerouting.reroute(store, owner, some.id, ORLANDO.sku, 1)
    assert counts(store, some) == (0, 0, 1)


@pytest.mark.capability("BW-38")
def test_copies_that_were_picked_can_be_sold_too(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    some = stepped(store, owner, order(store, owner, "B-1", NOON - 10, 2), "confirm", "pick", "ready")
    rung(store, owner)
    rerouting.reroute(store, owner, some.id, ORLANDO.sku, 1)
    assert counts(store, some) == (1, 1, 1)
    assert now(store, some).ready_at
    rung(store, owner)
    rerouting.reroute(store, owner, some.id, ORLANDO.sku, 1)
    assert counts(store, some) == (0, 0, 2)
    assert not now(store, some).ready_at


def test_what_an_order_has_not_or_only_in_a_parcel_cannot_be_taken(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = received(store, owner, made(kind="ship"))
    for sku, copies in ((ORLANDO.sku, 2), (ORLANDO.sku, 0), (EMMA.sku, 1)):
        with pytest.raises(Refused):
            rerouting.reroute(store, owner, some.id, sku, copies)
    stepped(store, owner, some, "confirm", "pick", "check", "pack")
    with pytest.raises(Refused) as refused:
        rerouting.reroute(store, owner, some.id, ORLANDO.sku, 1)
    assert refused.value.code == "not_promised"


# ---- promises follow the stock ----


@pytest.mark.capability("BW-02", "OMG-10", "BW-33")
def test_a_sale_of_the_last_copy_is_never_refused_and_the_last_order_is_a_problem(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    first, second = order(store, owner, "B-1", NOON - 20), order(store, owner, "B-2", NOON - 10)
    sold(store, owner)
    assert (counts(store, first), counts(store, second)) == ((1, 0, 0), (0, 0, 1))


def test_what_was_fetched_already_stays_with_its_order(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    first = order(store, owner, "B-1", NOON - 20)
    second = stepped(store, owner, order(store, owner, "B-2", NOON - 10), "confirm", "pick")
    sold(store, owner)
    assert (counts(store, first), counts(store, second)) == ((0, 0, 1), (1, 1, 0))
    sold(store, owner)
    assert counts(store, second) == (1, 1, 0)


@pytest.mark.capability("BW-02")
@pytest.mark.parametrize(("disposition", "got"), [("restock", 1), ("damaged", 0)])
def test_a_return_goes_to_the_order_that_waits(shop: tuple[Store, Actor], disposition: Any, got: int) -> None:
    store, owner = shop
    shelved(store, owner)
    sold(store, owner)
    some = order(store, owner, "B-1", NOON - 10)
    assert counts(store, some) == (0, 0, 1)
    opened = returning.start(store, owner, "R1-000001")
    back = returning.add(store, owner, "", opened.sale.id, opened.lines[0].line.no, 1, disposition, "a gift")
    assert back.value.draft is not None
    days.pay(store, owner, back.value.draft)
    assert counts(store, some)[0] == got


@pytest.mark.capability("BW-02")
def test_a_counted_list_brings_promises_in_line_both_ways(shop: tuple[Store, Actor], tmp_path: Path) -> None:
    store, owner = shop
    shelved(store, owner)
    some = order(store, owner, "B-1", NOON - 10)
    for counted, expected in ((0, (0, 0, 1)), (4, (1, 0, 0))):
        listed = tmp_path / "count.csv"
        listed.write_text(f"isbn,title,stock\n{ORLANDO.ean},Orlando,{counted}\n")
        run_import(store, Plan(listed, counts=True), actor=owner)
        assert counts(store, some) == expected


@pytest.mark.capability("BW-37")
def test_an_adjustment_follows_too(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    some = order(store, owner, "B-1", NOON - 10, 2)
    stocking.adjust(store, owner, ORLANDO, -1, "stolen")
    assert counts(store, some) == (1, 0, 1)
    stocking.count(store, owner, ORLANDO, 2, "found")
    assert counts(store, some) == (2, 0, 0)


def test_a_voided_sale_gives_the_order_its_copy_back(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = order(store, owner, "B-1", NOON - 10)
    draft = rung(store, owner)
    rerouting.reroute(store, owner, some.id, ORLANDO.sku, 1)
    selling.void(store, owner, draft.id, "changed their mind")
    assert counts(store, some) == (1, 0, 0)


def test_a_copy_given_up_for_a_line_that_was_taken_out_again_goes_back_by_the_clock(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    some = order(store, owner, "B-1", NOON - 10)
    draft = rung(store, owner)
    rerouting.reroute(store, owner, some.id, ORLANDO.sku, 1)
    selling.remove_line(store, owner, draft.id, draft.lines[0].id)
    allocating.catch_up(store)
    assert counts(store, some) == (1, 0, 0)


@pytest.mark.capability("OMG-13", "IC-07")
def test_the_copy_is_held_from_the_start_of_work_and_leaves_the_stock_when_it_goes(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    some = order(store, owner, "B-1", NOON - 10)
    started = ordering.take(store, owner, some.id, Step("pick")).value
    assert started.state == "processing", "any action starts the work"
    (found,) = rerouting.warning(store, rung(store, owner))
    assert found.picked == 1
    with store.read() as conn:
        assert items.by_skus(conn, [ORLANDO.sku])[0].on_hand == 1
    stepped(store, owner, started, "ready", "check", "hand_over")
    with store.read() as conn:
        assert items.by_skus(conn, [ORLANDO.sku])[0].on_hand == 0
