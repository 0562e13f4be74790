"""Reading the online store: each way of finding what changed, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import downloading, ordering
from bookwish_desk.db import online
from bookwish_desk.shop.online import Abilities, FeedPage, OrderPage, OrderRow
from bookwish_desk.shop.order_step import Step
from bookwish_desk.sync import pulling, taking_in
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.lines import ManyLines
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.pulling import earlier
from tests.simulation.far_shop import STORE
from tests.sync.online_bed import ALL, NOTHING, Bed, Make, beds

SINCE = Abilities(changed_since=True, clock_tick_ms=1_000)
FEED = Abilities(feed=True)
WAYS = {"list": NOTHING, "since": SINCE, "feed": ALL}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with beds(tmp_path) as make:
        yield make


def again(bed: Bed, steps: int = 8) -> None:
    """Read once more, as when somebody asks for it."""
    bed.engine.sync_now()
    bed.run(steps)


def passes(bed: Bed, kind: str) -> list[Any]:
    return [p for p in bed.engine.state().passes if p.kind == kind]


# ---- what changed ----


@pytest.mark.capability("BW-01", "OMG-08")
@pytest.mark.parametrize("way", WAYS)
def test_orders_arrive_and_follow_what_changes_there(make: Make, way: str) -> None:
    bed = make(WAYS[way])
    one, two = bed.ordered(status="pending"), bed.ordered()
    again(bed)
    assert [o and o.state for o in (bed.ours(one.id), bed.ours(two.id))] == ["pending", "confirmed"]
    bed.far.advance(one.id, "confirmed", "system")
    bed.far.customer_cancels(two.id)
    again(bed)
    assert [o and o.state for o in (bed.ours(one.id), bed.ours(two.id))] == ["confirmed", "cancelled"]


@pytest.mark.parametrize("way", ["list", "since"])
def test_only_what_is_new_or_changed_is_read_one_by_one(make: Make, way: str) -> None:
    bed = make(WAYS[way])
    for _ in range(3):
        bed.ordered()
    again(bed)
    bed.pass_time(600_000)
    again(bed, 20)  # those read in the tick of their change are read once more
    bed.asked.clear()
    bed.engine.sync_now()
    bed.engine._cadence._last["open"] = (bed.clock.at, 900_000)
    bed.run(6)
    assert not bed.calls("order")


def test_an_order_cancelled_in_the_tick_in_which_it_was_read_is_seen(make: Make) -> None:
    bed = make(SINCE)
    order = bed.ordered()
    again(bed)
    updated = bed.far.orders[order.id].updated
    bed.far.orders[order.id] = replace(bed.far.orders[order.id], status="cancelled", payment="refunded")
    assert bed.far.orders[order.id].updated == updated
    again(bed)
    found = bed.ours(order.id)
    assert found is not None
    assert found.state == "cancelled"


def test_the_watermark_is_the_stores_word_and_reading_overlaps(make: Make) -> None:
    bed = make(SINCE)
    order = bed.ordered()
    again(bed)
    with bed.store.read() as conn:
        mark = online.mark(conn, f"{pulling.SINCE}@{STORE}")
    assert mark == f"{bed.far.orders[order.id].updated} {order.id}"
    bed.asked.clear()
    again(bed)
    moment, after = bed.calls("orders_since")[0][1][:2]
    assert after == ""
    assert moment == earlier(bed.far.orders[order.id].updated, pulling.OVERLAP_MS)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-22T10:02:00Z", "2026-11-22T10:00:00Z"),
        ("2026-11-22T10:02:00.250Z", "2026-11-22T10:00:00.250Z"),
        ("2026-11-22T12:02:00+02:00", "2026-11-22T10:00:00Z"),
        ("nonsense", ""),
        ("0001-01-01T00:00:00Z", ""),
        ("", ""),
    ],
)
def test_a_moment_is_put_back_as_the_store_writes_it(moment: str, expected: str) -> None:
    assert earlier(moment, 120_000) == expected


@pytest.mark.parametrize("way", ["since", "feed"])
def test_a_page_and_how_far_was_read_are_kept_together(
    make: Make, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = make(WAYS[way])
    order = bed.ordered()
    name = f"{pulling.FEED if way == 'feed' else pulling.SINCE}@{STORE}"

    def mark() -> str:
        with bed.store.read() as conn:
            return online.mark(conn, name)

    before = mark()
    apply_orders = downloading.apply_orders
    monkeypatch.setattr(downloading, "apply_orders", _dying)
    with pytest.raises(KeyboardInterrupt):
        again(bed)
    assert mark() == before
    monkeypatch.setattr(downloading, "apply_orders", apply_orders)
    bed.engine = bed.made_engine()
    bed.run()
    assert bed.ours(order.id) is not None
    assert mark() != before


def _dying(*_arguments: Any, **_named: Any) -> Any:
    raise KeyboardInterrupt  # as a crash: nothing catches it


def test_a_feed_that_forgot_how_far_was_read_is_read_from_its_start(make: Make) -> None:
    bed = make(FEED)
    first = bed.ordered()
    again(bed)
    second = bed.ordered()
    bed.far.feed_begins = len(bed.far.feed) + 1
    read = bed.port.order_feed

    def forgetful(after: str, *rest: Any) -> Any:
        return Reply("gone", words="Too old.", status=410) if after else read(after, *rest)

    bed.port.order_feed = forgetful  # type: ignore[method-assign,assignment]
    again(bed)
    assert bed.ours(first.id) is not None
    assert bed.ours(second.id) is not None
    assert "from the start" in passes(bed, "orders")[0].words


# ---- the full list (API.md 7.1) ----


def test_a_list_that_moves_is_begun_anew_and_at_last_not_called_complete(make: Make) -> None:
    bed = make()
    order = bed.ordered()
    read, total = bed.port.order_list, [100]

    def moving(offset: int, limit: int) -> Any:
        reply = read(offset, limit)
        assert reply.value is not None
        total[0] += 1
        filler = tuple(OrderRow(f"x{offset}-{n}", "", "confirmed", store_id="other") for n in range(100))
        return replace(reply, value=OrderPage((*reply.value.rows, *filler), total[0] * 10, True))

    bed.port.order_list = moving  # type: ignore[method-assign]
    again(bed, 30)
    assert bed.ours(order.id) is not None, "what was read is kept"
    last = passes(bed, "orders")[0]
    assert not last.complete
    assert "moved" in last.words
    assert len([c for c in bed.calls("order_list") if c[1][0] == 0]) >= 1


def test_absence_from_the_list_deletes_nothing(make: Make) -> None:
    bed = make()
    order = bed.ordered()
    again(bed)
    del bed.far.orders[order.id]
    again(bed)
    found = bed.ours(order.id)
    assert found is not None
    assert found.state == "confirmed"


@pytest.mark.parametrize("way", WAYS)
def test_orders_of_other_stores_are_left_out_and_counted(make: Make, way: str) -> None:
    bed = make(WAYS[way])
    order = bed.ordered()
    lines = tuple(replace(x, store_id="st-other") for x in order.lines)
    bed.far.edit(order.id, store_id="st-other", lines=lines)
    again(bed)
    assert bed.ours(order.id) is None
    assert sum(p.left_out for p in passes(bed, "orders")) >= 1
    bed.asked.clear()
    again(bed)
    assert not bed.calls("order"), "what is another store's is not read again and again"


def test_a_list_whose_orders_name_no_shop_is_not_taken_for_ours_and_that_is_said(make: Make) -> None:
    bed = make()
    order = bed.ordered()
    lines = tuple(replace(x, store_id="") for x in order.lines)
    bed.far.edit(order.id, store_id="", lines=lines)
    again(bed)
    assert bed.ours(order.id) is None
    assert "of which shop" in passes(bed, "orders")[0].words


def own_list(bed: Bed) -> None:
    """Let the list be what the signed-in account has bought, in some store."""
    for far_id, order in bed.far.orders.items():
        lines = tuple(replace(x, store_id="") for x in order.lines)
        bed.far.orders[far_id] = replace(order, user_id="u-desk", store_id="", lines=lines)


def test_where_the_list_is_only_ones_own_purchases_orders_stop_and_it_is_said(make: Make) -> None:
    bed = make()
    orders = [bed.ordered() for _ in range(3)]
    own_list(bed)
    again(bed)
    assert [bed.ours(o.id) for o in orders] == [None] * 3
    state = bed.engine.state()
    assert "Type them in" in state.no_orders
    bed.asked.clear()
    bed.settle(10 * 60_000)
    assert not bed.calls("order_list", "order"), "it is not asked again and again"
    bed.sold()
    bed.settle(20_000)
    assert bed.states("sale") == ["done"], "sales still go up"


def test_a_list_without_any_order_is_said_when_everything_is_read_first(make: Make) -> None:
    bed = make()
    first = passes(bed, "first")[0]
    assert first.complete
    assert "lists no orders" in first.words
    again(bed)
    assert not any(p.words for p in passes(bed, "orders")), "an empty list is nothing new"


def test_ones_own_purchases_in_this_very_store_are_orders(make: Make) -> None:
    bed = make()
    order = bed.ordered()
    bed.far.edit(order.id, user_id="u-desk")
    again(bed)
    assert bed.ours(order.id) is not None
    assert not bed.engine.state().no_orders


def test_another_account_may_show_the_orders_after_all(make: Make) -> None:
    bed = make()
    order = bed.ordered()
    whole = bed.far.orders[order.id]
    own_list(bed)
    again(bed)
    assert bed.engine.state().no_orders
    bed.far.orders[order.id] = whole
    bed.engine.signed_in()
    bed.run()
    assert not bed.engine.state().no_orders
    assert bed.ours(order.id) is not None


# ---- what stands in the way ----


def test_an_order_that_cannot_be_read_holds_nothing_up_for_long(make: Make) -> None:
    bed = make(SINCE)
    bad, good = bed.ordered(), bed.ordered()
    read = bed.port.order
    bed.port.order = lambda far_id: Reply("unknown", status=500) if far_id == bad.id else read(far_id)  # type: ignore[method-assign,assignment]
    for _ in range(taking_in.IN_VAIN):
        again(bed)
    assert bed.ours(good.id) is not None
    with bed.store.read() as conn:
        assert online.mark(conn, f"{pulling.SINCE}@{STORE}"), "the mark went on"
    assert any(bad.id in p.words for p in passes(bed, "orders"))
    bed.port.order = read  # type: ignore[method-assign]
    bed.far.edit(bad.id, instructions="Ring twice")
    again(bed)
    assert bed.ours(bad.id) is not None


def test_many_orders_are_taken_in_a_few_with_each_commit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bed = make(FEED, copies=60)
    for _ in range(20):
        bed.ordered()
    sizes: list[int] = []
    apply_orders = downloading.apply_orders

    def watched(store: Any, orders: Any, **more: Any) -> Any:
        sizes.append(len(orders))
        return apply_orders(store, orders, **more)

    monkeypatch.setattr(downloading, "apply_orders", watched)
    again(bed)
    assert sum(sizes) >= 40, "twenty orders, each of two entries in the feed"
    assert max(sizes) <= taking_in.CHUNK


def test_while_a_person_waits_a_commit_ends_after_each_order_and_the_mark_goes_with_the_last(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = make(FEED, copies=60)
    orders = [bed.ordered() for _ in range(5)]
    name = f"{pulling.FEED}@{STORE}"
    seen: list[tuple[int, bool]] = []
    apply_orders = downloading.apply_orders
    with bed.store.read() as conn:
        before = online.mark(conn, name)

    def watched(store: Any, **more: Any) -> Any:
        done = apply_orders(store, **more)
        with store.read() as conn:
            seen.append((done.value.orders, online.mark(conn, name) != before))
        return done

    monkeypatch.setattr(downloading, "apply_orders", watched)
    monkeypatch.setattr(DirectBooks, "wanted", lambda _books: True)
    bed.engine.sync_now()
    for _ in range(20):
        if seen and seen[-1][1]:
            break
        bed.engine.down()
    assert all(bed.ours(o.id) is not None for o in orders)
    assert len(seen) >= len(orders)
    assert {count for count, _moved in seen} == {1}
    assert [moved for _count, moved in seen] == [False] * (len(seen) - 1) + [True]


def test_several_lines_read_the_orders_of_a_list(make: Make) -> None:
    bed = make(copies=60)
    orders = [bed.ordered() for _ in range(25)]
    lines = ManyLines(4)
    bed.engine._pulling._intake.lines = lines
    again(bed)
    lines.close()
    assert all(bed.ours(o.id) is not None for o in orders)


def test_orders_that_the_store_does_not_give_are_not_asked_for_each_minute_but_at_night_again(
    make: Make,
) -> None:
    """An account that may see the list and no order in it would use up the store's limit in vain."""
    bed = make(copies=30)
    orders = [bed.ordered() for _ in range(5)]
    read = bed.port.order
    refused: Reply[Any] = Reply("refused", words="No.", status=403)

    def no_order(far_id: str) -> Reply[Any]:
        bed.asked.append(("read", (far_id,)))
        return refused

    bed.port.order = no_order  # type: ignore[method-assign,assignment]
    again(bed)
    assert "could not be read: No." in passes(bed, "orders")[0].words
    bed.asked.clear()
    for _ in range(5):
        bed.pass_time(100_000)
        bed.run(6)
    assert bed.calls("order_list")
    assert not [call for call in bed.asked if call[0] == "read"]
    bed.port.order = read  # type: ignore[method-assign]
    list(bed.engine._pulling.compare(taking_in.Tally()))
    assert all(bed.ours(o.id) is not None for o in orders)


# ---- open orders, stock, the nightly compare ----


def test_what_was_shipped_long_ago_is_not_read_each_quarter_of_an_hour(make: Make) -> None:
    bed = make(copies=30)
    old, new, waits = (bed.ordered(kind="ship") for _ in range(3))
    for order in (old, new, waits):
        bed.far.edit(order.id, status="processing" if order is waits else "shipped")
    again(bed)
    bed.far.edit(old.id, updated="2026-01-05T10:00:00Z", silent=True)
    with bed.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE online_orders SET updated = '2026-01-05' WHERE far_id = ?", (old.id,))
    bed.asked.clear()
    list(bed.engine._pulling.open_orders(taking_in.Tally()))
    assert {call[1][0] for call in bed.calls("order")} == {new.id, waits.id}
    with bed.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE online_orders SET status = 'Canceled' WHERE far_id = ?", (waits.id,))
        tx.conn.exec_driver_sql("UPDATE orders SET open = 0")
    bed.asked.clear()
    list(bed.engine._pulling.open_orders(taking_in.Tally()))
    assert {call[1][0] for call in bed.calls("order")} == {new.id}


def test_open_orders_are_read_again_though_their_date_stood_still(make: Make) -> None:
    bed = make(SINCE)
    order = bed.ordered()
    again(bed)
    bed.pass_time(600_000)
    again(bed)
    bed.far.edit(order.id, silent=True, instructions="Leave it at the door")
    bed.settle(20 * 60_000)
    with bed.store.read() as conn:
        link = online.order_link(conn, "bookwish", order.id)
    assert link is not None
    assert link.far.instructions == "Leave it at the door"
    assert passes(bed, "open")


@pytest.mark.parametrize("way", ["list", "feed"])
def test_the_stores_stock_is_observed_and_never_copied_over_ours(make: Make, way: str) -> None:
    bed = make(WAYS[way])
    bed.far.adjust(f"inv-{bed.far.items and next(iter(bed.far.items.values())).isbn}", -3)
    bed.settle(20 * 60_000)
    with bed.store.read() as conn:
        (item,) = online.items_by_sku(conn, [next(iter(bed.far.items.values())).isbn]).values()
        on_hand = conn.exec_driver_sql("SELECT on_hand FROM items").scalar()
    assert item.quantity == 7
    assert on_hand == 10
    assert bed.engine.state().conflicts == 1


@pytest.mark.parametrize("way", ["list", "feed"])
def test_a_count_is_judged_only_with_the_orders_that_were_read_after_it(make: Make, way: str) -> None:
    bed = make(WAYS[way])
    late = bed.ordered()
    cadence = bed.engine._cadence
    bed.pass_time(20 * 60_000)
    cadence._last["orders"] = cadence._last["open"] = (bed.clock.at, 10**12)
    bed.run(6)
    with bed.store.read() as conn:
        (item,) = online.items_by_sku(conn, [next(iter(bed.far.items.values())).isbn]).values()
    assert item.quantity == 9, "the store has one less to sell"
    assert bed.ours(late.id) is None
    assert bed.engine.state().conflicts == 0
    again(bed)
    assert bed.ours(late.id) is not None
    assert bed.engine.state().conflicts == 0


@pytest.mark.capability("IC-25")
@pytest.mark.parametrize("way", WAYS)
def test_every_night_everything_is_compared(make: Make, way: str) -> None:
    """The queue is looked at at least daily, whatever the store forgot to tell."""
    bed = make(WAYS[way])
    forgotten, gone, silent = bed.ordered(), bed.ordered(), bed.ordered()
    again(bed)
    assert bed.ours(forgotten.id) is not None
    late = bed.ordered()
    # One that no feed and no date tells of, one that is in no list any more, one changed in silence.
    bed.far.feed = [x for x in bed.far.feed if x not in (gone.id,)]
    del bed.far.orders[gone.id]
    bed.far.edit(silent.id, silent=True, status="processing")
    bed.engine._cadence._last["orders"] = bed.engine._cadence._last["open"] = (bed.clock.at, 10**12)
    bed.pass_time(17 * 3_600_000)  # 2:30 at night in New York, the day after
    bed.pass_time(24 * 3_600_000)
    bed.run(12)
    done = passes(bed, "compare")[0]
    assert done.complete
    assert bed.ours(late.id) is not None
    assert done.missing == (bed.far.orders.get(gone.id, gone).number,)
    kept = bed.ours(gone.id)
    assert kept is not None
    assert kept.state == "confirmed", "missing is noted, nothing is done"
    with bed.store.read() as conn:
        link = online.order_link(conn, "bookwish", silent.id)
    assert link is not None
    assert link.far.status == "processing"


def test_by_day_nothing_is_compared_that_was_compared_last_night(make: Make) -> None:
    bed = make()
    for _ in range(6):
        bed.pass_time(3_600_000)
        bed.run(6)
    assert not passes(bed, "compare")
    assert passes(bed, "stock")


def test_a_step_of_ours_read_back_is_no_news(make: Make) -> None:
    bed = make(FEED)
    order = bed.ordered()
    again(bed)
    ours = bed.ours(order.id)
    assert ours is not None
    ordering.take(bed.store, bed.owner, ours.id, Step("start"))
    bed.settle(30_000)
    assert bed.far.orders[order.id].status == "processing"
    assert bed.states("status") == ["done"]
    assert bed.engine.state().conflicts == 0


def test_an_empty_page_that_promises_more_ends_a_list(make: Make) -> None:
    bed = make()
    bed.port.order_list = lambda _offset, _limit: Reply("done", OrderPage((), None, more=True))  # type: ignore[method-assign,assignment]
    bed.port.order_feed = lambda _a, _l, _w=0: Reply("done", FeedPage((), ""))  # type: ignore[method-assign,assignment]
    again(bed)
    assert passes(bed, "orders")[0].complete
