"""Sending to the online store: what becomes of a row by each reply, with and without a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.actions import deciding, ordering, stocking, uploading
from bookwish_desk.db import conflicts, netbox
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.upload import StatusUpload
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.lines import ManyLines
from bookwish_desk.sync.looking import AGAIN_MS
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.sending import StockBody
from tests.support import days
from tests.sync.online_bed import ALL, NOTHING, ORLANDO, Bed, Make, beds


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with beds(tmp_path) as make:
        yield make


def steps(bed: Bed, order_id: str, *verbs: Any) -> None:
    for verb in verbs:
        step = verb if isinstance(verb, Step) else Step(verb)
        ordering.take(bed.store, bed.owner, order_id, step)


# ---- counter sales ----


def test_a_sale_is_committed_as_sending_with_its_bytes_before_a_byte_leaves(make: Make) -> None:
    bed = make()
    sale = bed.sold()
    seen: list[tuple[str, bytes]] = []
    send = bed.port.send_sale

    def watched(body: bytes, key: str) -> Any:
        (row,) = bed.rows("sale")
        seen.append((row.state, row.body))
        assert row.id == key
        return send(body, key)

    bed.port.send_sale = watched  # type: ignore[method-assign]
    bed.run(2)
    assert [state for state, _body in seen] == ["sending"]
    assert b"Orlando" in seen[0][1] or b"bk-" in seen[0][1]
    assert bed.states() == ["done"]
    assert bed.far.sale_ids == [sale.id]


def test_while_a_person_waits_a_commit_ends_after_each_row(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = make(ALL)
    sales = [bed.sold() for _ in range(5)]
    finish, ended = uploading.finish, []

    def watched(store: Any, ends: Any, **more: Any) -> Any:
        done = finish(store, ends, **more)
        ended.append((len(ends), done.value))
        return done

    monkeypatch.setattr(uploading, "finish", watched)
    monkeypatch.setattr(DirectBooks, "wanted", lambda _books: True)
    bed.run(2)
    assert ended == [(5, 1), (4, 1), (3, 1), (2, 1), (1, 1)]
    assert bed.states() == ["done"] * 5
    assert sorted(bed.far.sale_ids) == sorted(sale.id for sale in sales)


def test_without_a_key_a_lost_reply_is_looked_up_and_never_sent_again(make: Make) -> None:
    bed = make()
    sale = bed.sold()
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    assert bed.states() == ["uncertain"]
    bed.settle(60_000)
    assert bed.states() == ["done"]
    assert bed.far.sale_ids == [sale.id]
    assert len(bed.calls("send_sale")) == 1
    assert uploading.sale_link(bed.store, sale.id) is not None


@pytest.mark.capability("OMG-08")
def test_without_a_key_a_lost_request_waits_for_a_person_after_three_looks_over_five_minutes(
    make: Make,
) -> None:
    bed = make()
    bed.sold()
    bed.wire.next = ["late"]
    bed.engine.up()
    first = bed.clock.at
    bed.settle(20 * 60_000)
    (row,) = bed.rows("sale")
    assert (row.state, row.looks) == ("uncertain", netbox.LOOKS)
    assert len(bed.calls("sales_between")) >= 3
    assert 2 * AGAIN_MS >= 5 * 60_000
    assert bed.clock.at - first >= 2 * AGAIN_MS
    assert len(bed.calls("send_sale")) == 1
    # A manager decides that it goes once more.
    uploading.decide(bed.store, bed.owner, row.id, "again", "It is not there.")
    bed.settle(30_000)
    assert bed.states("sale") == ["done"]
    assert len(bed.calls("send_sale")) == 2


def test_with_a_key_a_lost_reply_is_repeated_with_the_same_bytes_under_the_same_key(make: Make) -> None:
    bed = make(ALL)
    sale = bed.sold()
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    bed.settle(60_000)
    assert bed.states() == ["done"]
    assert bed.far.sale_ids == [sale.id]
    first, second = bed.calls("send_sale")
    assert first == second


def test_two_like_it_in_the_store_are_left_to_a_person(make: Make) -> None:
    bed = make()
    bed.sold()
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    ((_name, (body, _key)),) = bed.calls("send_sale")
    bed.far.record_sale(body)
    bed.settle(20 * 60_000)
    (row,) = bed.rows("sale")
    assert row.state == "uncertain"
    assert row.status.startswith("2 sales like it")
    assert len(bed.calls("sales_between")) == 1, "looking further is of no use"


def test_a_sale_of_another_staff_account_is_not_taken_for_ours(make: Make) -> None:
    bed = make()
    bed.sold()
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    bed.far.sales[0] = replace(bed.far.sales[0], staff="u-somebody")
    bed.settle(20 * 60_000)
    assert bed.states("sale") == ["uncertain"]


def test_a_refused_row_keeps_the_servers_words_and_blocks_nobody(make: Make) -> None:
    bed = make()
    poison = replace(ORLANDO, sku="P", title="POISON ivy", ean=None)
    bed.sold(item=poison)
    good = bed.sold()
    bed.run(3)
    assert bed.states("sale") == ["refused", "done"]
    assert "not sold here" in bed.rows("sale")[0].status
    assert bed.far.sale_ids == [good.id]


def test_a_row_that_cannot_be_made_ready_is_dead_and_blocks_nobody(make: Make) -> None:
    bed = make()
    bed.sold()
    good = bed.sold(2)
    body = bed.port.sale_body

    def broken(upload: Any, find: Any) -> Any:
        if upload.sale.id != good.id:
            raise ValueError("nonsense")
        return body(upload, find)

    bed.port.sale_body = broken  # type: ignore[method-assign]
    bed.run(2)
    assert bed.states("sale") == ["dead", "done"]
    assert bed.rows("sale")[0].status


def test_a_row_that_cannot_be_read_is_dead(make: Make) -> None:
    bed = make()
    bed.sold()
    with bed.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE outbox SET payload = x'00' WHERE channel = 'net'")
    bed.run(2)
    assert bed.states() == ["dead"]


def test_when_the_way_is_down_everything_rests_and_waits_grow_to_five_minutes(make: Make) -> None:
    bed = make()
    for _ in range(3):
        bed.sold()
    bed.port.send_sale = lambda body, key: Reply("not_sent", words="No connection.")  # type: ignore[method-assign]
    bed.wire.always = "late"
    waits = []
    for _ in range(14):
        bed.pass_time(bed.engine.reach.rests_ms)
        bed.engine.up()
        waits.append(bed.engine.reach.rests_ms)
    assert bed.states("sale") == ["new"] * 3
    assert waits == sorted(waits)
    assert waits[0] < 3_000
    assert 140_000 < waits[-1] <= 300_500
    assert bed.engine.state().way == "away"
    assert bed.engine.state().away_since


def test_a_limit_is_waited_out_as_told(make: Make) -> None:
    bed = make()
    bed.sold()
    bed.port.send_sale = lambda body, key: Reply("limited", words="Slow down.", status=429, wait_ms=40_000)  # type: ignore[method-assign]
    bed.engine.up()
    assert bed.states() == ["new"]
    assert 39_000 < bed.engine.reach.rests_ms <= 40_000
    assert bed.engine.state().way == "limited"


@pytest.mark.capability("OMG-08")
def test_being_signed_out_stops_all_and_keeps_the_queue(make: Make) -> None:
    bed = make()
    bed.sold()
    bed.sold()
    bed.wire.next = ["401"]
    bed.engine.up()
    assert bed.states("sale") == ["new", "new"]
    asked = len(bed.asked)
    bed.settle(120_000)
    assert len(bed.asked) == asked, "nothing is asked while nobody is signed in"
    assert bed.engine.state().way == "signed_out"
    bed.port.signed_in = True
    bed.engine.signed_in()
    bed.settle(10_000)
    assert bed.states("sale") == ["done", "done"]


def test_what_was_being_sent_when_the_desk_died_is_looked_up_first(make: Make) -> None:
    bed = make()
    sale = bed.sold()
    (row,) = bed.rows("sale")
    body = bed.port.sale_body(uploading.upload_of(row), lambda _s: None)  # type: ignore[arg-type]
    assert body is not None
    uploading.begin(bed.store, 1, [(row.id, body)])
    bed.far.record_sale(body)
    bed.engine = bed.made_engine("desk")
    bed.settle(60_000)
    assert bed.states("sale") == ["done"]
    assert bed.far.sale_ids == [sale.id]
    assert not bed.calls("send_sale")


def test_a_full_disk_after_the_answer_loses_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bed = make()
    sale = bed.sold()
    finish = uploading.finish
    full = True

    def fails(store: Any, *arguments: Any, **named: Any) -> Any:
        if full:
            raise StorageError("disk_full", "The disk is full.")
        return finish(store, *arguments, **named)

    monkeypatch.setattr(uploading, "finish", fails)
    bed.engine.up()
    assert bed.states("sale") == ["sending"]
    assert bed.engine.state().words == "The disk is full."
    full = False
    bed.settle(30_000)
    assert bed.states("sale") == ["done"]
    assert bed.far.sale_ids == [sale.id]


def test_several_lines_send_each_sale_once(make: Make) -> None:
    for abilities in (NOTHING, ALL):
        bed = make(abilities, copies=50)
        lines = ManyLines(4)
        bed.engine = bed.made_engine()
        bed.engine._pushing._lines = lines
        sold = [bed.sold().id for _ in range(30)]
        bed.engine.up()
        lines.close()
        assert bed.states("sale") == ["done"] * 30
        assert sorted(bed.far.sale_ids) == sorted(sold)


# ---- returns ----


def test_a_return_goes_up_where_the_store_takes_it(make: Make) -> None:
    bed = make(ALL)
    sale = bed.sold()
    bed.run(2)
    days.bring_back(bed.store, bed.owner, sale)
    bed.run(2)
    assert bed.states("refund") == ["done"]
    assert len(bed.far.refunds) == 1


# ---- stock ----


@pytest.mark.parametrize("stock", ["delta", "cas", "absolute"])
def test_copies_that_came_go_up_in_the_way_the_store_takes(make: Make, stock: Any) -> None:
    bed = make(replace(NOTHING, stock=stock))
    stocking.receive(bed.store, bed.owner, ORLANDO, 5)
    bed.settle(20_000)
    assert bed.states("stock") == ["done"]
    assert next(iter(bed.far.items.values())).quantity == 15
    if stock == "absolute":
        names = [name for name, _ in bed.asked if name in ("stock_item", "set_stock")]
        assert names == ["stock_item", "stock_item", "set_stock", "stock_item"], "read, write, read"


def test_an_absolute_number_is_not_written_over_what_moved_meanwhile(make: Make) -> None:
    bed = make(replace(NOTHING, stock="absolute"))
    stocking.receive(bed.store, bed.owner, ORLANDO, 5)
    read = bed.port.stock_item
    moved: list[Any] = []

    def moving(item_id: str) -> Any:
        if len(bed.calls("stock_item")) == 1 and not moved:
            moved.append(bed.far.adjust(item_id, -2))
        return read(item_id)

    bed.port.stock_item = moving  # type: ignore[method-assign]
    bed.settle(60_000)
    assert moved
    assert bed.states("stock") == ["done"]
    assert next(iter(bed.far.items.values())).quantity == 13


@pytest.mark.parametrize("stock", ["delta", "absolute", "cas"])
def test_a_lost_reply_to_a_change_of_stock_is_read_not_repeated(make: Make, stock: Any) -> None:
    bed = make(replace(NOTHING, stock=stock))
    stocking.receive(bed.store, bed.owner, ORLANDO, 5)
    name = "adjust_stock" if stock == "delta" else "set_stock"
    send = getattr(bed.port, name)

    def lost(*arguments: Any, **named: Any) -> Any:
        send(*arguments, **named)
        return Reply("unknown", words="The answer was cut off.")

    setattr(bed.port, name, lost)
    bed.settle(60_000)
    assert bed.states("stock") == ["done"]
    assert next(iter(bed.far.items.values())).quantity == 15
    assert len(bed.calls(name)) == 1


def test_a_change_of_stock_of_which_nobody_can_tell_waits_for_a_person(make: Make) -> None:
    bed = make()
    stocking.receive(bed.store, bed.owner, ORLANDO, 5)
    bed.wire.next = ["", "reply lost"]  # the read before, the write
    bed.engine.up()
    bed.far.adjust(f"inv-{ORLANDO.sku}", -1)
    bed.settle(60_000)
    (row,) = bed.rows("stock")
    assert row.state == "uncertain"
    assert "may have arrived" in row.status
    assert next(iter(bed.far.items.values())).quantity == 14


def test_stock_goes_before_sales(make: Make) -> None:
    bed = make()
    bed.sold()
    stocking.receive(bed.store, bed.owner, ORLANDO, 1)
    bed.settle(20_000)
    names = [name for name, _ in bed.asked if name in ("adjust_stock", "send_sale")]
    assert names == ["adjust_stock", "send_sale"]


# ---- the status of orders ----


@pytest.mark.capability("BW-02", "OMG-08")
def test_a_step_here_is_walked_there_one_by_one(make: Make) -> None:
    bed = make()
    far, ours = bed.arrived()
    steps(bed, ours, "start", "pick", "ready")
    bed.settle(60_000)
    assert bed.far.orders[far].status == "ready_for_pickup"
    written = [call[1][1] for call in bed.calls("change_status")]
    assert written == ["processing", "ready_for_pickup"]
    assert set(bed.states("status")) == {"done"}


def test_what_is_there_already_is_done(make: Make) -> None:
    bed = make()
    far, ours = bed.arrived()
    steps(bed, ours, "start")
    bed.far.advance(far, "processing", "staff elsewhere")
    bed.settle(60_000)
    assert set(bed.states("status")) == {"done"}
    assert not bed.calls("change_status")


@pytest.mark.capability("BW+11")
def test_nothing_is_written_to_an_order_that_was_cancelled_there(make: Make) -> None:
    bed = make()
    far, ours = bed.arrived()
    steps(bed, ours, "start")
    bed.far.customer_cancels(far)
    bed.engine.up()
    assert not bed.calls("change_status")
    assert set(bed.states("status")) == {"done"}
    bed.settle(60_000)
    order = bed.ours(far)
    assert order is not None
    assert order.state == "cancelled"


def test_a_status_that_moved_meanwhile_is_taken_in_before_anything_is_written(make: Make) -> None:
    bed = make()
    far, ours = bed.arrived(status="pending")
    assert bed.ours(far) is not None
    bed.far.advance(far, "confirmed", "system")
    with bed.store.write() as tx:
        netbox.post(tx, [(ours, StatusUpload(ours, "processing"))])
    bed.engine.up()
    assert not bed.calls("change_status")
    order = bed.ours(far)
    assert order is not None
    assert order.state == "confirmed"
    bed.settle(60_000)
    assert bed.far.orders[far].status == "processing"


def test_a_lost_reply_to_a_status_is_read_before_it_is_repeated(make: Make) -> None:
    bed = make()
    far, ours = bed.arrived()
    steps(bed, ours, "start")
    bed.wire.next = ["", "reply lost"]  # the read, the write
    bed.engine.up()
    assert bed.states("status") == ["uncertain"]
    bed.settle(60_000)
    assert bed.states("status") == ["done"]
    assert len(bed.calls("change_status")) == 1
    assert bed.far.orders[far].status == "processing"


@pytest.mark.capability("BW+11")
def test_a_cancellation_is_sent_only_when_a_person_decided_so(make: Make) -> None:
    bed = make()
    far, ours = bed.arrived()
    steps(bed, ours, Step("cancel", reason="Sold out"))
    bed.settle(60_000)
    assert bed.far.orders[far].status == "confirmed"
    with bed.store.read() as conn:
        (found,) = [c for c in conflicts.all_open(conn) if c.kind == "cancel_there"]
    deciding.resolve(bed.store, bed.owner, found.id, "send", "The customer was told.")
    bed.settle(60_000)
    assert bed.far.orders[far].status == "cancelled"
    assert bed.states("cancel") == ["done"]


def test_tracking_goes_with_the_step_that_ships(make: Make) -> None:
    bed = make()
    far, ours = bed.arrived(kind="ship")
    with bed.store.write() as tx:
        netbox.post(tx, [(ours, StatusUpload(ours, "shipped", "TRACK-1", "USPS"))])
    bed.settle(60_000)
    assert bed.far.orders[far].status == "shipped"
    assert (bed.far.orders[far].tracking, bed.far.orders[far].carrier) == ("TRACK-1", "USPS")


def test_every_body_that_is_kept_can_be_read_again(make: Make) -> None:
    bed = make(replace(NOTHING, stock="absolute"))
    stocking.receive(bed.store, bed.owner, ORLANDO, 2)
    bed.port.set_stock = lambda item, quantity: Reply("unknown")  # type: ignore[method-assign]
    bed.engine.up()
    (row,) = bed.rows("stock")
    kept = msgspec.json.decode(row.body, type=StockBody)
    assert (kept.had, kept.target, kept.delta) == (10, 12, 2)


def test_a_till_goes_on_whatever_the_store_does(make: Make) -> None:
    bed = make()
    bed.wire.always = "late"
    for _ in range(5):
        bed.sold()
        bed.engine.step()
        bed.pass_time(1_000)
    assert days.close_till(bed.store, bed.owner, 0) is not None
