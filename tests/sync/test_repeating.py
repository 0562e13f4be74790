"""What may be at the store already: when it is sent again, and when it is looked for first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import connecting, deciding, ordering, stocking, uploading
from bookwish_desk.actions.uploading import Ended
from bookwish_desk.db import conflicts, netbox, online
from bookwish_desk.shop.online import KEY_KEPT_MS
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.upload import SaleUpload, StatusUpload
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.reach import DAY_MS, FRESH_MS, Reach
from tests.support import days
from tests.support.shops import FrozenClock
from tests.sync.online_bed import ALL, NOTHING, ORLANDO, Bed, Make, beds

WEEKS = 20 * DAY_MS


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with beds(tmp_path, ALL) as make:
        yield make


def arrived_unheard(bed: Bed) -> None:
    """Sell something; the store gets it, and its answer is lost."""
    bed.sold()
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    assert bed.states("sale") == ["new"]
    assert len(bed.far.sale_ids) == 1


def forget_keys(bed: Bed) -> None:
    """Let the store forget the keys that it kept for long enough."""
    bed.far._keys.clear()


# ---- keys are kept for a time only ----


@pytest.mark.capability("OMG-08")
def test_after_weeks_offline_a_sale_is_looked_for_by_its_number_before_it_is_sent_again(make: Make) -> None:
    bed = make()
    arrived_unheard(bed)
    bed.pass_time(WEEKS)
    forget_keys(bed)
    bed.settle(120_000)
    assert bed.states("sale") == ["done"]
    assert len(bed.far.sale_ids) == 1, "the store does not know the key any more"
    assert len(bed.calls("send_sale")) == 1


@pytest.mark.parametrize("reference", [True, False])
def test_what_never_arrived_waits_for_a_person_when_its_key_is_too_old(make: Make, reference: bool) -> None:
    bed = make(replace(ALL, reference=reference))
    bed.sold()
    bed.wire.next = ["late"]
    bed.engine.up()
    bed.late.clear()
    bed.pass_time(WEEKS)
    bed.settle(20 * 60_000)
    (row,) = bed.rows("sale")
    assert (row.state, row.looks) == ("uncertain", netbox.LOOKS)
    assert len(bed.calls("send_sale")) == 1
    uploading.decide(bed.store, bed.owner, row.id, "again", "It is not there.")
    bed.settle(30_000)
    assert bed.states("sale") == ["done"] and len(bed.far.sale_ids) == 1


def test_while_the_store_knows_the_key_for_certain_it_is_repeated_at_once(make: Make) -> None:
    bed = make()
    arrived_unheard(bed)
    bed.pass_time(KEY_KEPT_MS - 2 * DAY_MS)
    bed.settle(60_000)
    first, second = bed.calls("send_sale")
    assert first == second
    assert bed.states("sale") == ["done"] and len(bed.far.sale_ids) == 1


def test_a_store_that_keeps_keys_for_longer_is_believed(make: Make) -> None:
    bed = make(replace(ALL, key_kept_ms=30 * DAY_MS))
    arrived_unheard(bed)
    bed.pass_time(WEEKS)
    bed.settle(60_000)
    assert len(bed.calls("send_sale")) == 2
    assert len(bed.far.sale_ids) == 1


@pytest.mark.parametrize("off_ms", [-WEEKS, 3 * DAY_MS, -WEEKS - 3 * 3_600_000])
def test_a_clock_that_was_put_does_not_make_an_old_key_young(make: Make, off_ms: int) -> None:
    bed = make()
    arrived_unheard(bed)
    began = bed.clock.at
    skew = -off_ms
    bed.clock.at = began + WEEKS + off_ms
    bed.far.now = lambda: bed.clock.at + skew
    forget_keys(bed)
    bed.settle(180_000)
    assert len(bed.far.sale_ids) == 1
    assert bed.states("sale") == ["done"]


def test_a_row_that_was_tried_again_and_again_counts_from_the_first_time(make: Make) -> None:
    bed = make()
    arrived_unheard(bed)
    bed.pass_time(KEY_KEPT_MS - 2 * DAY_MS)
    send = bed.port.send_sale

    def unheard(body: bytes, key: str) -> Any:
        send(body, key)
        return Reply("unknown", words="The answer was cut off.")

    bed.port.send_sale = unheard  # type: ignore[method-assign]
    bed.engine.up()
    bed.port.send_sale = send  # type: ignore[method-assign]
    assert bed.states("sale") == ["new"] and len(bed.calls("send_sale")) == 2
    bed.pass_time(3 * DAY_MS)
    forget_keys(bed)
    bed.settle(120_000)
    assert bed.states("sale") == ["done"]
    assert len(bed.far.sale_ids) == 1


def test_what_certainly_did_not_leave_is_sent_after_weeks_without_a_look(make: Make) -> None:
    bed = make()
    bed.sold()
    send = bed.port.send_sale
    bed.port.send_sale = lambda body, key: Reply("not_sent", words="No connection.")  # type: ignore[method-assign]
    bed.engine.up()
    (row,) = bed.rows("sale")
    assert (row.state, row.maybe_at, row.attempts) == ("new", 0, 1)
    bed.port.send_sale = send  # type: ignore[method-assign]
    bed.pass_time(WEEKS)
    bed.settle(60_000)
    assert bed.states("sale") == ["done"]
    assert not bed.calls("sale_by_reference")


def test_a_refusal_does_not_make_an_earlier_try_undone(make: Make) -> None:
    bed = make()
    arrived_unheard(bed)
    send = bed.port.send_sale
    bed.port.send_sale = lambda body, key: Reply("refused", words="Not your store.", status=403)  # type: ignore[method-assign]
    bed.settle(60_000)
    (row,) = bed.rows("sale")
    assert row.state == "refused" and row.maybe_at
    bed.port.send_sale = send  # type: ignore[method-assign]
    uploading.decide(bed.store, bed.owner, row.id, "again", "The account may do it now.")
    (again,) = bed.rows("sale")
    assert again.body == row.body, "the very same is sent again"
    bed.settle(60_000)
    assert bed.states("sale") == ["done"] and len(bed.far.sale_ids) == 1


def test_a_return_whose_key_is_too_old_is_left_to_a_person(make: Make) -> None:
    bed = make()
    sale = bed.sold()
    bed.run(2)
    days.bring_back(bed.store, bed.owner, sale)
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    assert len(bed.far.refunds) == 1
    bed.pass_time(WEEKS)
    forget_keys(bed)
    bed.settle(120_000)
    (row,) = bed.rows("refund")
    assert row.state == "uncertain"
    assert len(bed.far.refunds) == 1


def test_a_change_of_stock_whose_key_is_too_old_is_left_to_a_person(make: Make) -> None:
    bed = make()
    stocking.receive(bed.store, bed.owner, ORLANDO, 5)
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    bed.pass_time(WEEKS)
    forget_keys(bed)
    bed.settle(120_000)
    (row,) = bed.rows("stock")
    assert row.state == "uncertain"
    assert next(iter(bed.far.items.values())).quantity == 15


def test_a_change_of_stock_is_repeated_for_the_line_it_was_sent_for(make: Make) -> None:
    bed = make()
    (one,) = bed.far.items.values()
    bed.far.items["inv-other"] = replace(one, id="inv-other", quantity=3)
    with bed.store.write() as tx:
        online.keep_items(tx, [(bed.far.items["inv-other"], ORLANDO.sku)])
    stocking.adjust(bed.store, bed.owner, ORLANDO, -8, "Stolen")
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    with bed.store.write() as tx:
        online.keep_items(tx, [(bed.far.items[one.id], ORLANDO.sku)])  # the other has more copies now
    bed.settle(60_000)
    assert bed.states("stock") == ["done"]
    assert {x.quantity for x in bed.far.items.values()} == {2, 3}


@pytest.mark.parametrize("abilities", [ALL, NOTHING])
def test_a_store_that_turns_out_to_take_whole_numbers_only_gets_one(make: Make, abilities: Any) -> None:
    bed = make(abilities)
    stocking.receive(bed.store, bed.owner, ORLANDO, 5)

    def refused(*_: Any, **__: Any) -> Any:
        bed.far.abilities = replace(abilities, stock="absolute")
        return Reply("not_offered", words="Whole numbers only.", status=405)

    bed.port.adjust_stock = refused  # type: ignore[method-assign]
    bed.settle(20_000)
    assert bed.states("stock") == ["done"]
    assert next(iter(bed.far.items.values())).quantity == 15


def test_a_key_counts_for_nothing_once_somebody_else_has_signed_in(make: Make) -> None:
    bed = make()
    arrived_unheard(bed)
    connecting.signed_in(bed.store, bed.owner, "other@example.com", "u-other")
    forget_keys(bed)
    bed.settle(120_000)
    assert bed.states("sale") == ["done"]
    assert len(bed.far.sale_ids) == 1


def test_a_store_that_lost_its_keys_is_never_sent_to_twice(make: Make) -> None:
    bed = make()
    arrived_unheard(bed)
    bed.far.abilities = replace(ALL, key=False)
    bed.settle(120_000)
    assert bed.states("sale") == ["done"] and len(bed.calls("send_sale")) == 1


def test_the_stores_clock_is_known_for_a_moment_only() -> None:
    clock = FrozenClock()
    reach = Reach(clock, lambda: 0.5)
    assert not reach.certain(clock.at, KEY_KEPT_MS)
    reach.hear("", Reply("done", 1, status=200, server_at=5_000_000_000))
    assert reach.certain(5_000_000_000 - DAY_MS, KEY_KEPT_MS)
    assert not reach.certain(5_000_000_000 - 6 * DAY_MS, KEY_KEPT_MS), "a day is left unused"
    assert not reach.certain(netbox.SOME_TIME, KEY_KEPT_MS)
    assert not reach.certain(0, KEY_KEPT_MS)
    assert not reach.certain(5_000_000_000 + DAY_MS, KEY_KEPT_MS), "the store's clock was put back"
    clock.at += FRESH_MS
    assert not reach.knows_far_clock
    clock.at -= 2 * FRESH_MS
    assert not reach.knows_far_clock


def test_what_the_adapter_says_by_itself_was_not_heard_from_the_store() -> None:
    clock = FrozenClock()
    reach = Reach(clock, lambda: 0.5)
    reach.hear("", Reply("not_sent", words="No connection."))
    away = reach.away_since
    assert away
    reach.try_now()
    for result in ("limited", "not_offered", "refused", "done"):
        reach.hear("", Reply(result, words="Said here."))
    assert (reach.heard_at, reach.away_since, reach.far_at) == (0, away, 0)
    assert reach.limited and reach.holds, "what is left of the limit is left to people all the same"
    reach.hear("", Reply("limited", words="Slow down.", status=429, wait_ms=1_000))
    assert reach.heard_at and not reach.away_since


def test_people_are_asked_again_when_the_store_is_heard_of_and_still_has_a_cancelled_order(
    make: Make,
) -> None:
    bed = make(NOTHING)
    _far, ours = bed.arrived()
    ordering.take(bed.store, bed.owner, ours, Step("cancel", reason="Sold out"))
    bed.settle(5_000)

    def asked() -> list[str]:
        with bed.store.read() as conn:
            return [c.id for c in conflicts.of_order(conn, ours) if c.kind == "cancel_there"]

    (first,) = asked()
    deciding.resolve(bed.store, bed.owner, first, "done_there")
    assert asked() == []
    bed.settle(20 * 60_000)
    (again,) = asked()
    assert again != first
    bed.far.advance(_far, "cancelled", "staff elsewhere")
    bed.settle(20 * 60_000)
    assert asked() == []


# ---- a backup was put back ----


@pytest.mark.parametrize("abilities", [NOTHING, ALL])
def test_what_a_backup_says_waits_is_looked_for_from_when_it_was_made_until_now(
    make: Make, abilities: Any
) -> None:
    bed = make(abilities)
    sale = bed.sold()
    bed.pass_time(2 * 3_600_000)
    (row,) = bed.rows("sale")
    upload = uploading.upload_of(row)
    assert isinstance(upload, SaleUpload)
    body = bed.port.sale_body(upload, lambda sku: (f"inv-{sku}", f"bk-{sku}"))
    assert body is not None
    bed.far.record_sale(body)
    bed.pass_time(5 * 3_600_000)
    with bed.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE outbox SET state = 'uncertain' WHERE channel = 'net'")
    bed.settle(60_000)
    assert bed.states("sale") == ["done"]
    assert not bed.calls("send_sale")
    assert bed.far.sale_ids == [sale.id]


# ---- shipping ----


def test_the_tracking_number_goes_with_the_step_that_ships_also_where_it_is_not_the_last(make: Make) -> None:
    bed = make(NOTHING)
    far, ours = bed.arrived(kind="ship")
    with bed.store.write() as tx:
        netbox.post(tx, [(ours, StatusUpload(ours, "delivered", "TRACK-1", "USPS"))])
    bed.settle(60_000)
    assert bed.far.orders[far].status == "delivered"
    sent = [(call[1][1], call[1][2]) for call in bed.calls("change_status")]
    assert sent == [("processing", ""), ("shipped", "TRACK-1"), ("delivered", "")]


def test_nothing_is_shipped_there_without_a_tracking_number(make: Make) -> None:
    bed = make(NOTHING)
    far, ours = bed.arrived(kind="ship")
    for verb in ("start", "pick", "check", "pack"):
        ordering.take(bed.store, bed.owner, ours, Step(verb))
    ordering.take(bed.store, bed.owner, ours, Step("ship", reason="By bicycle"))
    (row,) = [job for job in bed.rows("status") if job.state == "refused"]
    uploading.decide(bed.store, bed.owner, row.id, "again")
    bed.settle(60_000)
    assert bed.states("status")[-1] == "refused"
    assert "tracking" in bed.rows("status")[-1].status
    assert "shipped" not in [call[1][1] for call in bed.calls("change_status")]
    assert bed.far.orders[far].status != "shipped"


# ---- two senders ----


def begun_by_another(bed: Bed) -> Any:
    """Let a row be begun, lost, and begun again by another register; return it as it was at first."""
    bed.sold()
    (row,) = bed.rows("sale")
    uploading.begin(bed.store, 1, [(row.id, b"{}")])
    uploading.recover(bed.store)
    with bed.store.write() as tx:
        netbox.move(tx, row.id, "new", "", was=("uncertain",))
    uploading.begin(bed.store, 2, [(row.id, b"{}")])
    assert bed.states("sale") == ["sending"]
    return row


@pytest.mark.parametrize("state", ["new", "uncertain", "refused", "dead"])
def test_a_late_end_of_an_earlier_try_changes_nothing_of_the_one_under_way(make: Make, state: Any) -> None:
    bed = make(NOTHING)
    row = begun_by_another(bed)
    uploading.finish(bed.store, [Ended(row.id, state, "Late.", attempt=1, maybe_at=0)])
    (now,) = bed.rows("sale")
    assert (now.state, now.register) == ("sending", 2)
    assert now.maybe_at
    uploading.finish(bed.store, [Ended(row.id, state, "In time.", attempt=2)])
    assert bed.states("sale") == [state]


def test_a_late_end_of_the_last_try_still_says_what_became_of_it(make: Make) -> None:
    bed = make(NOTHING)
    bed.sold()
    (row,) = bed.rows("sale")
    uploading.begin(bed.store, 1, [(row.id, b"{}")])
    uploading.recover(bed.store)
    uploading.finish(bed.store, [Ended(row.id, "new", "Nothing left.", attempt=1, maybe_at=0)])
    (now,) = bed.rows("sale")
    assert (now.state, now.maybe_at) == ("new", 0)


def test_what_was_done_counts_however_late_and_a_second_one_is_told_to_a_person(make: Make) -> None:
    bed = make(NOTHING)
    row = begun_by_another(bed)
    body = bed.port.sale_body(uploading.upload_of(row), lambda _s: None)  # type: ignore[arg-type]
    assert body is not None
    first, second = bed.far.record_sale(body), bed.far.record_sale(body)
    uploading.finish(bed.store, [Ended(row.id, "done", value=first, attempt=1)])
    assert bed.states("sale") == ["done"]
    uploading.finish(bed.store, [Ended(row.id, "done", value=first, attempt=2)])
    assert bed.states("sale") == ["done"]
    uploading.finish(bed.store, [Ended(row.id, "done", value=second, attempt=2)])
    (now,) = bed.rows("sale")
    assert now.state == "uncertain" and "twice" in now.status


def test_a_register_that_slept_recovers_what_another_was_sending_meanwhile(make: Make) -> None:
    bed = make(NOTHING)
    other = bed.made_engine("other")
    bed.pass_time(60_000)
    other.up()
    bed.sold()
    (row,) = bed.rows("sale")
    uploading.begin(bed.store, 2, [(row.id, b"{}")])  # and there the other one dies
    bed.pass_time(3_600_000)
    bed.settle(30_000)
    assert bed.states("sale") == ["uncertain"]


# ---- what cannot be read ----


def corrupt(bed: Bed, sql: str) -> None:
    with bed.store.write() as tx:
        tx.conn.exec_driver_sql(sql)


def test_what_was_kept_of_the_store_and_cannot_be_read_stops_only_its_own_row(make: Make) -> None:
    bed = make()
    sale = bed.sold()
    bed.run(2)
    corrupt(bed, "UPDATE online_sales SET body = '{'")
    days.bring_back(bed.store, bed.owner, sale)
    good = bed.sold()
    bed.run(3)
    assert bed.states("refund") == ["dead"]
    assert good.id in bed.far.sale_ids


def test_an_end_that_cannot_be_written_down_whole_does_not_hold_the_others_up(make: Make) -> None:
    bed = make(NOTHING)
    far, ours = bed.arrived()
    ordering.take(bed.store, bed.owner, ours, Step("start"))
    seen = bed.port.change_status

    def changing(*arguments: Any, **named: Any) -> Any:
        corrupt(bed, "UPDATE online_orders SET body = '{'")
        return seen(*arguments, **named)

    bed.port.change_status = changing  # type: ignore[method-assign]
    good = bed.sold()
    bed.run(4)
    assert bed.states("sale") == ["done"] and bed.far.sale_ids == [good.id]
    assert bed.states("status") == ["done"]
    assert bed.far.orders[far].status == "processing"


def test_a_return_of_a_sale_that_was_refused_waits_for_a_person_and_goes_after_it(make: Make) -> None:
    bed = make()
    send = bed.port.send_sale
    bed.port.send_sale = lambda body, key: Reply("refused", words="Not today.", status=422)  # type: ignore[method-assign]
    sale = bed.sold()
    bed.run(3)
    days.bring_back(bed.store, bed.owner, sale)
    bed.run(3)
    assert bed.states("sale") == ["refused"] and bed.states("refund") == ["refused"]
    bed.port.send_sale = send  # type: ignore[method-assign]
    for job in (*bed.rows("refund"), *bed.rows("sale")):
        uploading.decide(bed.store, bed.owner, job.id, "again")
    bed.run(4)
    assert bed.states("sale") == ["done"]
    assert bed.states("refund") == ["done"]
