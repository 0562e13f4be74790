"""Whatever the store says, in any order and more than once, while staff work: the books always add up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.actions import ordering, stocking
from bookwish_desk.db import items, order_checks, orders
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_status import rank
from bookwish_desk.shop.online import OnlineOrder
from bookwish_desk.shop.order import Order, stock_taken
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.order_words import word
from bookwish_desk.shop.staff import Actor
from tests.support.far import OAK, far, far_line, heard, open_shop
from tests.support.orders import EMMA, ORLANDO, shelved
from tests.support.shops import FrozenClock

WORK: tuple[Verb, ...] = (
    "confirm", "start", "pick", "ready", "check", "pack", "ship", "hand_over", "hold", "release_hold",
    "take_back", "recall", "unready", "cancel",
)  # fmt: skip
SHELF = 4
Book = tuple[Path, Actor]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("template")
    store, owner = open_shop(folder)
    shelved(store, owner, ORLANDO, SHELF)
    shelved(store, owner, EMMA, SHELF)
    store.close()
    return folder, owner


@st.composite
def tales(draw: st.DrawFn) -> list[OnlineOrder]:
    """Draw what the store has of an order, one state after the other."""
    kind, number = draw(st.sampled_from(["pickup", "ship"])), draw(st.sampled_from(["BW-1", "BW-2"]))
    away = "ready_for_pickup" if kind == "pickup" else "shipped"
    way = ("pending", "confirmed", "processing", away, "delivered")[: draw(st.integers(1, 5))]
    ends = [*way, "cancelled"] if way[-1] not in ("shipped", "delivered") and draw(st.booleans()) else way
    made = []
    for no, status in enumerate(ends):
        more: dict[str, Any] = {"instructions": draw(st.sampled_from(["", "Ring", "Knock"]))}
        if kind == "ship" and draw(st.booleans()):
            more["address"] = OAK
        copies = draw(st.integers(1, 3))
        lines = (far_line(ORLANDO, copies), far_line(EMMA))[: draw(st.integers(1, 2))]
        money = "pending" if status == "pending" else draw(st.sampled_from(["paid", "", "succeeded"]))
        if status == "cancelled":
            money = draw(st.sampled_from(["paid", "refunded"]))
        at = f"2026-09-21T15:{no:02d}:00Z"
        made.append(far(number, status, *lines, kind=kind, payment=money, updated=at, **more))
    return made


def here(store: Store) -> dict[str, Order]:
    with store.read() as conn:
        return {o.id: o for o in orders.search(conn, "").orders}


def sound(store: Store) -> None:
    with store.read() as conn:
        assert order_checks.everything(conn) == []
        found = orders.search(conn, "").orders
        for item in (ORLANDO, EMMA):
            (kept,) = items.by_skus(conn, [item.sku])
            moves = items.stock_history(conn, item.sku)
            assert kept.on_hand == sum(m.quantity for m in moves)
            by_people = sum(m.quantity for m in moves if m.cause != "order")
            assert kept.on_hand == by_people - sum(stock_taken(o).get(item.sku, 0) for o in found)
            assert orders.promised_copies(conn, item.sku) <= max(0, kept.on_hand)


def never_lower(before: dict[str, Order], after: dict[str, Order]) -> None:
    for order_id, was in before.items():
        now = after[order_id]
        said, says = word(was, "bookwish"), word(now, "bookwish")
        assert said is not None
        assert says is not None
        assert now.state == "cancelled" or rank(says.key) >= rank(said.key)
        assert now.payment.captured_cents >= was.payment.captured_cents
        assert now.payment.refunded_cents >= was.payment.refunded_cents
        assert now.gone >= was.gone


@pytest.mark.capability("BW+11", "BW-02")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), told=st.lists(tales(), min_size=1, max_size=2))
def test_the_books_add_up_whatever_is_heard_in_whatever_order_while_people_work(
    template: Book,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    told: list[list[OnlineOrder]],
) -> None:
    source, owner = template
    folder = tmp_path_factory.mktemp("tale")
    shutil.copytree(source, folder / "shop")
    store = open_store(folder / "shop", clock=FrozenClock())
    last = {tale[0].id: tale[-1] for tale in told}
    news = [one for tale in told for one in tale if tale[-1] is last[tale[0].id]]
    shuffled = data.draw(st.permutations([*news, *news[:2]]))
    for there in shuffled:
        before = here(store)
        assert heard(store, there).failed == 0
        never_lower(before, here(store))
        sound(store)
        for verb in data.draw(st.lists(st.sampled_from(WORK), max_size=3)):
            order = data.draw(st.sampled_from(list(here(store).values())))
            try:
                ordering.take(store, owner, order.id, Step(verb, reason="so", tracking="9400", partly=True))
            except Refused:
                continue
        if data.draw(st.booleans()):
            stocking.adjust(store, owner, ORLANDO, data.draw(st.sampled_from([-1, 1])), "looked")
        sound(store)
    # A pass is repeated until nothing is new.
    for there in last.values():
        heard(store, there)
    rest = here(store)
    for there in last.values():
        done = heard(store, there)
        assert (done.new, done.failed) == (0, 0)
    assert {k: replace(o, owed_since=0) for k, o in here(store).items()} == {
        k: replace(o, owed_since=0) for k, o in rest.items()
    }
    sound(store)
    store.close()
    shutil.rmtree(folder)
