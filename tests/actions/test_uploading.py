"""What real actions put down for the online store, and what becomes of it when it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import (
    backing_up,
    checking,
    connecting,
    deciding,
    paying,
    problems,
    returning,
    selling,
    stocking,
    uploading,
)
from bookwish_desk.actions.importing import Plan, run_import
from bookwish_desk.actions.uploading import Ended
from bookwish_desk.db import checks, conflicts, drafts, netbox, online, online_checks
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.device import Device, DeviceState
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.online import OnlineItem, OnlineRefund, OnlineSaleLine
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_problem import Problem
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import CancelUpload, RefundUpload, SaleUpload, StatusUpload, StockUpload
from tests.actions.test_pickup import UNPAID, draft_of, in_sale, ready
from tests.support import days
from tests.support.counter import ORLANDO, OVERSTORY, TAX, WRAP, Counter
from tests.support.online import (
    CONNECTED,
    able,
    base,
    begun,
    connected,
    differences,
    far_order,
    linked,
    offered,
    posted,
    rows,
    there,
)
from tests.support.orders import EMMA, line, made, now, received, shelved, stepped

SKU = ORLANDO.sku


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = connected(tmp_path)
    yield made
    made.store.close()


def sound(counter: Counter) -> None:
    with counter.store.read() as conn:
        assert online_checks.everything(conn, counter.store.settings.online)[0] == []
        assert checks.stock(conn) == []


def bring_back(
    counter: Counter, sale: Sale, *parts: returning.Part, more: tuple[Item, int] | None = None
) -> Sale:
    draft = draft_of(returning.add_all(counter.store, counter.actor, "", sale.id, parts).value)
    if more is not None:
        draft = draft_of(selling.add(counter.store, counter.actor, more[0], more[1]).value)
    done = paying.pay_cash(counter.store, counter.actor, draft.id, 50_000 if more else 0).value.sale
    assert done is not None
    return done


def stock(counter: Counter) -> list[tuple[str, int, str]]:
    return [(x.sku, x.delta, x.cause) for x in posted(counter.store) if isinstance(x, StockUpload)]


def words(counter: Counter, *states: str) -> list[str]:
    return [x.word for x in posted(counter.store, *states) if isinstance(x, StatusUpload)]


# ---- sales ----


@pytest.mark.capability("BW-38")
def test_a_sale_goes_up_with_the_commit_that_made_it_and_names_nobody(counter: Counter) -> None:
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 2), (WRAP, 1)))
    selling.set_customer(
        counter.store, counter.actor, draft.id, Customer("c1", "Ada Example", "ada@example.com")
    )
    sale = paying.pay_cash(counter.store, counter.actor, draft.id, 50_000).value.sale
    assert sale is not None and sale.customer is not None
    (row,) = rows(counter.store)
    assert (row.kind, row.ref, row.state, row.register) == ("sale", sale.id, "new", 1)
    assert posted(counter.store) == [SaleUpload(replace(sale, customer=None))]
    assert b"Ada" not in row.payload, "the store takes the copies off its stock itself, and hears of nobody"
    sound(counter)


def test_a_shop_with_no_online_store_keeps_nothing_for_one(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    sale = counter.sell()
    bring_back(counter, sale, returning.Part(1, 1))
    stocking.receive(counter.store, counter.actor, ORLANDO, 2)
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    stepped(counter.store, counter.actor, order, "start")
    assert rows(counter.store) == ()
    counter.store.close()


def test_a_sale_that_does_not_come_about_leaves_no_row(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 1),))

    def crash(*_: object) -> None:
        raise RuntimeError("the last statement of the sale fails")

    monkeypatch.setattr(drafts, "drop", crash)
    with pytest.raises(RuntimeError):
        paying.pay_cash(counter.store, counter.actor, draft.id, 50_000)
    assert rows(counter.store) == ()


def test_a_paused_store_is_told_later_of_what_happened_meanwhile(tmp_path: Path) -> None:
    counter = connected(tmp_path, online=replace(CONNECTED, paused=True))
    counter.sell()
    assert [row.kind for row in rows(counter.store)] == ["sale"]
    counter.store.close()


# ---- returns ----


def test_a_return_goes_up_where_the_store_takes_returns_and_moves_no_stock_beside_it(
    counter: Counter,
) -> None:
    able(counter.store, refunds=True)
    sale = counter.sell((ORLANDO, 2), (OVERSTORY, 1))
    back = bring_back(counter, sale, returning.Part(1, 1), returning.Part(2, 1, "damaged", "Wet"))
    first, second = rows(counter.store)
    assert (second.kind, second.ref) == ("refund", sale.id)
    assert posted(counter.store)[1] == RefundUpload(back, sale.id)
    assert [job.id for job in uploading.due(counter.store, 9)] == [first.id], "not before its sale"
    begun(counter.store, first)
    uploading.finish(counter.store, [Ended(first.id, "done", value=there(sale))])
    assert [job.id for job in uploading.due(counter.store, 9)] == [second.id]
    sound(counter)


def test_where_the_store_takes_no_returns_the_copies_go_up_and_the_money_stays_for_the_bookkeeper(
    counter: Counter,
) -> None:
    sale = counter.sell((ORLANDO, 3), (OVERSTORY, 1))
    back = bring_back(counter, sale, returning.Part(1, 2), returning.Part(2, 1, "damaged", "Wet"))
    assert stock(counter) == [(SKU, 2, "return")], "a damaged copy comes and goes at once"
    (kept,) = uploading.kept_here(counter.store)
    assert (kept.state, kept.status) == ("dropped", uploading.NO_REFUNDS)
    assert uploading.upload_of(kept) == RefundUpload(back, sale.id)
    assert uploading.counted(counter.store).refused == 0, "nobody has to do anything"
    sound(counter)


def test_an_exchange_is_a_sale_of_what_was_sold_and_a_return_of_the_rest(counter: Counter) -> None:
    able(counter.store, refunds=True)
    sale = counter.sell((ORLANDO, 1))
    exchange = bring_back(counter, sale, returning.Part(1, 1), more=(OVERSTORY, 1))
    assert exchange.kind == "exchange"
    assert [(row.kind, row.ref) for row in rows(counter.store)] == [
        ("sale", sale.id), ("sale", exchange.id), ("refund", sale.id),
    ]  # fmt: skip
    assert stock(counter) == []
    sound(counter)


def test_a_return_of_a_sale_from_before_the_store_was_connected_moves_stock_only(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    sale = counter.sell((ORLANDO, 2))
    connecting.connect(counter.store, counter.actor, CONNECTED)
    able(counter.store, refunds=True)
    bring_back(counter, sale, returning.Part(1, 1))
    assert stock(counter) == [(SKU, 1, "return")] and len(rows(counter.store)) == 1
    counter.store.close()


def test_a_return_without_a_receipt_stays_here_and_the_copies_go_up(counter: Counter) -> None:
    able(counter.store, refunds=True)
    back = returning.add_unreceipted(
        counter.store, counter.actor, "", ORLANDO, 1, 1699, "restock", "Gift"
    ).value
    paying.pay_cash(counter.store, counter.actor, draft_of(back).id, 0)
    assert stock(counter) == [(SKU, 1, "return")]
    assert [row.kind for row in uploading.kept_here(counter.store)] == ["refund"]
    sound(counter)


# ---- stock ----


def test_every_other_move_of_the_stock_goes_up_by_how_much_it_was(counter: Counter) -> None:
    stocking.receive(counter.store, counter.actor, ORLANDO, 5)
    stocking.adjust(counter.store, counter.actor, ORLANDO, -2, "Stolen")
    stocking.count(counter.store, counter.actor, ORLANDO, 4, "Count")
    stocking.count(counter.store, counter.actor, ORLANDO, 4, "Count")
    used = stocking.add_copy(counter.store, counter.actor, ORLANDO, "used", "", 500, "Worn", 1).value
    assert stock(counter) == [
        (SKU, 5, "receive"), (SKU, -2, "adjust"), (SKU, 1, "count"), (used, 1, "receive"),
    ]  # fmt: skip
    assert {row.ref for row in rows(counter.store)} == {SKU, used}


def test_a_counting_list_goes_up_by_what_was_found_to_differ(counter: Counter, tmp_path: Path) -> None:
    stocking.receive(counter.store, counter.actor, ORLANDO, 2)
    listed = tmp_path / "count.csv"
    listed.write_text(f"SKU,Title,Stock\n{SKU},Orlando,5\n{OVERSTORY.sku},The Overstory,3\nMUG,Mug,0\n")
    run_import(counter.store, Plan(listed, counts=True), actor=counter.actor)
    found = posted(counter.store)[1:]
    assert [(x.sku, x.delta, x.cause) for x in found if isinstance(x, StockUpload)] == [
        (SKU, 3, "count"), (OVERSTORY.sku, 3, "count"),
    ]  # fmt: skip
    assert len({x.reference for x in found if isinstance(x, StockUpload)}) == 1


def test_where_the_store_takes_its_stock_from_elsewhere_none_goes_up(tmp_path: Path) -> None:
    counter = connected(tmp_path, online=replace(CONNECTED, stock_from_elsewhere=True))
    stocking.receive(counter.store, counter.actor, ORLANDO, 5)
    bring_back(counter, counter.sell(), returning.Part(1, 1))
    assert stock(counter) == [] and rows(counter.store)[0].kind == "sale"
    counter.store.close()


def test_copies_of_the_stores_own_orders_are_off_its_stock_already_and_those_of_others_are_not(
    counter: Counter,
) -> None:
    ours = ready(counter, line(ORLANDO), number="BW-1")
    phone = ready(counter, line(EMMA), number="O1-000042", source="phone", payment=UNPAID)
    before = len(stock(counter))
    for order in (ours, phone):
        sale = paying.pay_cash(counter.store, counter.actor, in_sale(counter, order), 50_000).value.sale
        assert sale is not None
    assert stock(counter)[before:] == [(EMMA.sku, -1, "order")]
    sales = [x.sale for x in posted(counter.store) if isinstance(x, SaleUpload)]
    assert [[x.of_order for x in sale.lines if x.quantity] for sale in sales] == [[phone.id]], (
        "the money of an order that was paid here goes up, without stock; one that was paid there does not"
    )
    sound(counter)


def test_copies_of_a_special_order_were_never_on_the_stores_stock(counter: Counter) -> None:
    order = ready(counter, number="BW-4", special=True)
    stepped(counter.store, counter.actor, order, "check", "hand_over")
    assert stock(counter) == [(SKU, 1, "receive"), (SKU, -1, "order")]


def test_a_copy_of_an_order_that_comes_back_to_the_register_goes_up_although_returns_do(
    counter: Counter,
) -> None:
    able(counter.store, refunds=True)
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    sale = paying.pay_cash(counter.store, counter.actor, in_sale(counter, order), 50_000).value.sale
    assert sale is not None
    before = len(stock(counter))
    bring_back(counter, sale, returning.Part(1, 1))
    assert stock(counter)[before:] == [(SKU, 1, "return")]
    assert posted(counter.store)[-2] == RefundUpload(posted(counter.store)[-2].sale, sale.id)  # type: ignore[union-attr]


def test_a_missing_copy_goes_up_with_the_order_it_was_missed_for(counter: Counter) -> None:
    shelved(counter.store, counter.actor)
    order = stepped(counter.store, counter.actor, received(counter.store, counter.actor, made()), "start")
    before = len(stock(counter))
    problem = Problem(kind="out_of_stock", copies=((order.lines[0].id, 1),), cause="stock")
    problems.report(counter.store, counter.actor, order.id, problem)
    assert [x[1] for x in stock(counter)[before:]] == [-1]
    assert posted(counter.store)[-1] == StockUpload(SKU, -1, posted(counter.store)[-1].cause, order.number)  # type: ignore[union-attr]


# ---- orders ----


@pytest.mark.capability("BW-01", "BW-06")
def test_a_pickup_order_goes_up_word_by_word_and_nothing_that_says_the_same(counter: Counter) -> None:
    shelved(counter.store, counter.actor, ORLANDO, 1)
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    order = stepped(counter.store, counter.actor, order, "start")
    assert words(counter) == ["processing"]
    order = stepped(counter.store, counter.actor, order, "pick")
    assert words(counter) == ["processing"]
    order = stepped(counter.store, counter.actor, order, Step("ready", shelf="A"))
    assert words(counter, "new") == ["ready_for_pickup"], "what was not sent yet is said by a later one"
    assert [row.status for row in rows(counter.store, "done")] == [uploading.LATER]
    order = stepped(counter.store, counter.actor, order, "check", "hand_over")
    assert words(counter, "new") == ["delivered"] and {row.ref for row in rows(counter.store, "new")} >= {
        order.id
    }


def shipped(counter: Counter, status: str = "confirmed", **step: Any) -> Order:
    shelved(counter.store, counter.actor, ORLANDO, 1)
    order = received(counter.store, counter.actor, made("BW-2", kind="ship"))
    linked(counter.store, order, status)
    return stepped(
        counter.store, counter.actor, order, "start", "pick", "check", "pack", Step("ship", **step)
    )


@pytest.mark.capability("BW-01")
def test_a_shipped_order_goes_up_with_its_tracking(counter: Counter) -> None:
    order = shipped(counter, tracking="1Z999", carrier="UPS")
    assert [x for x in posted(counter.store, "new") if isinstance(x, StatusUpload)] == [
        StatusUpload(order.id, "shipped", "1Z999", "UPS")
    ]
    stepped(counter.store, counter.actor, order, Step("deliver", by="carrier"))
    assert words(counter, "new") == ["delivered"]


def test_a_parcel_without_tracking_waits_for_a_person_since_the_store_would_refuse_it(
    counter: Counter,
) -> None:
    order = shipped(counter, reason="Taken by bicycle")
    (row,) = rows(counter.store, "refused")
    assert row.status.startswith(uploading.NO_TRACKING) and "bicycle" in row.status
    assert words(counter, "refused") == ["shipped"] and order.id == row.ref


def test_what_the_store_said_itself_is_no_news_to_it(counter: Counter) -> None:
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "processing")
    stepped(counter.store, counter.actor, order, Step("start", by="source"))
    assert words(counter) == []


def test_orders_of_others_and_orders_that_the_store_does_not_have_are_not_told(counter: Counter) -> None:
    phone = received(counter.store, counter.actor, made("O1-1", source="phone"))
    own = received(counter.store, counter.actor, made("BW-3"))
    for order in (phone, own):
        stepped(counter.store, counter.actor, order, "start")
    assert words(counter) == []
    linked(counter.store, own, "confirmed")
    with counter.store.write() as tx:
        uploading.order_linked(tx, now(counter.store, own))
        uploading.order_linked(tx, now(counter.store, own))
    assert words(counter) == ["processing"], "an order that was typed in is told once it is found there"


def test_an_order_that_the_store_has_further_is_not_pushed_back(counter: Counter) -> None:
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "ready_for_pickup")
    with counter.store.write() as tx:
        uploading.order_linked(tx, order)
    assert words(counter) == [] and differences(counter.store) == [], "what the store says is read first"


def test_a_step_back_before_it_was_sent_is_none(counter: Counter) -> None:
    order = ready_linked(counter)
    order = stepped(counter.store, counter.actor, order, "unready")
    assert words(counter, "new") == ["processing"] and differences(counter.store) == []


def ready_linked(counter: Counter) -> Order:
    shelved(counter.store, counter.actor, ORLANDO, 1)
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    return stepped(counter.store, counter.actor, order, "start", "pick", Step("ready", shelf="A"))


@pytest.mark.parametrize("state", ["sending", "uncertain", "done"])
def test_a_step_back_after_it_went_up_is_for_a_person_until_it_is_made_again(
    counter: Counter, state: str
) -> None:
    order = ready_linked(counter)
    (row,) = [row for row in rows(counter.store, "new") if row.kind == "status"]
    begun(counter.store, row)
    if state != "sending":
        value = far_order(order, "ready_for_pickup") if state == "done" else None
        uploading.finish(counter.store, [Ended(row.id, state, value=value)])  # type: ignore[arg-type]
    order = stepped(counter.store, counter.actor, order, "unready")
    assert words(counter, "new") == [], "a store cannot be told"
    (found,) = differences(counter.store)
    assert (found.kind, found.ours, found.ours_by) == ("back", "Processing", counter.actor.staff)
    assert found.choices == ("noted",) and found.order_id == order.id
    stepped(counter.store, counter.actor, order, Step("ready", shelf="B"))
    assert differences(counter.store) == [] and words(counter, "new") == []


@pytest.mark.capability("BW+11")
def test_a_cancellation_is_never_sent_by_itself(counter: Counter) -> None:
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    order = stepped(
        counter.store, counter.actor, order, "start", Step("cancel", reason="Wrong book", by="customer")
    )
    assert words(counter, "new") == [] and not any(isinstance(x, CancelUpload) for x in posted(counter.store))
    (found,) = differences(counter.store)
    assert (found.kind, found.ours, found.choices) == (
        "cancel_there", "Cancelled: Wrong book", ("send", "done_there"),
    )  # fmt: skip
    assert "BW-" in found.sentence and found.ours_by == counter.actor.staff
    with counter.store.write() as tx:
        online.link(tx, "bookwish", order.id, far_order(order, "cancelled"))
        uploading.order_linked(tx, order)
    assert differences(counter.store) == [], "the store says so too"


@pytest.mark.capability("BW+11")
def test_a_cancellation_that_the_store_told_of_asks_nobody(counter: Counter) -> None:
    order = ready_linked(counter)
    stepped(
        counter.store, counter.actor, order, Step("cancel", reason="Cancelled at the source", by="source")
    )
    assert differences(counter.store) == [] and words(counter, "new") == []


def heard(counter: Counter, order: Order, status: str) -> None:
    """Let the store be heard of, which has an order in a status."""
    with counter.store.write() as tx:
        online.link(tx, "bookwish", order.id, far_order(order, status))
        uploading.order_heard(tx, now(counter.store, order))


def test_what_was_said_once_is_said_again_only_when_a_person_wants_ours_to_hold(counter: Counter) -> None:
    order = ready_linked(counter)
    (row,) = rows(counter.store, "new")[-1:]
    for state in ("refused", "done"):
        begun(counter.store, row)
        uploading.finish(counter.store, [Ended(row.id, state)])
        heard(counter, order, "a_word_of_its_own")
        with counter.store.write() as tx:
            uploading.order_linked(tx, order)
        assert words(counter, "new") == []
        if state == "refused":
            uploading.decide(counter.store, counter.actor, row.id, "again")
    with counter.store.write() as tx:
        uploading.order_linked(tx, order, anew=True)
    assert words(counter, "new") == ["ready_for_pickup"]


def test_a_step_back_is_none_once_the_store_is_as_far_back(counter: Counter) -> None:
    order = ready_linked(counter)
    linked(counter.store, order, "ready_for_pickup")
    order = stepped(counter.store, counter.actor, order, "unready")
    heard(counter, order, "ready_for_pickup")
    assert [x.kind for x in differences(counter.store)] == ["back"]
    heard(counter, order, "processing")
    assert differences(counter.store) == []


@pytest.mark.capability("BW+11")
def test_who_said_that_it_is_cancelled_there_is_asked_again_only_when_the_store_says_otherwise(
    counter: Counter,
) -> None:
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    order = stepped(counter.store, counter.actor, order, Step("cancel", reason="Wrong book"))
    (found,) = differences(counter.store)
    deciding.resolve(counter.store, counter.actor, found.id, "done_there")
    with counter.store.write() as tx:
        uploading.order_linked(tx, order)
    assert differences(counter.store) == []
    heard(counter, order, "confirmed")
    assert [x.kind for x in differences(counter.store)] == ["cancel_there"]
    heard(counter, order, "cancelled")
    assert differences(counter.store) == []


def test_nothing_is_told_to_a_store_that_has_cancelled_the_order(counter: Counter) -> None:
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "cancelled")
    stepped(counter.store, counter.actor, order, "start")
    assert words(counter) == []


def test_a_row_that_cannot_be_read_holds_no_order_up(counter: Counter) -> None:
    order = ready_linked(counter)
    with counter.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE outbox SET payload = x'7B' WHERE kind = 'status'")
    stepped(counter.store, counter.actor, order, "check", "hand_over")
    assert words_of_last(counter) == "delivered"


def words_of_last(counter: Counter) -> str:
    upload = uploading.upload_of(rows(counter.store, "new")[-1])
    assert isinstance(upload, StatusUpload)
    return upload.word


def test_a_refusal_is_moot_once_the_order_is_further(counter: Counter) -> None:
    order = received(counter.store, counter.actor, made())
    shelved(counter.store, counter.actor)
    linked(counter.store, order, "confirmed")
    order = stepped(counter.store, counter.actor, order, "start")
    row = rows(counter.store)[-1]
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "refused", "Not now.")])
    stepped(counter.store, counter.actor, order, "pick", Step("ready", shelf="A"))
    assert uploading.counted(counter.store).refused == 0 and words(counter, "new") == ["ready_for_pickup"]


# ---- sending ----


def test_sending_is_committed_with_what_is_sent_and_a_crash_leaves_it_in_doubt(tmp_path: Path) -> None:
    counter = connected(tmp_path)
    sale = counter.sell()
    (row,) = uploading.due(counter.store, 9)
    assert begun(counter.store, row, row) == {row.id}
    assert begun(counter.store, row) == frozenset(), "nobody takes it twice"
    counter.store.close()
    store = open_store(tmp_path, clock=counter.clock)
    (after,) = rows(store)
    assert (
        (after.state, after.attempts) == ("sending", 1)
        and after.body.startswith(b"body of")
        and after.sent_at
    )
    assert uploading.due(store, 9) == ()
    assert uploading.recover(store, 1).value == 1
    (after,) = uploading.uncertain(store)
    assert after.status == uploading.STOPPED and uploading.waiting_until(store) is not None
    assert uploading.counted(store) == uploading.UploadCount(uncertain=1)
    uploading.finish(store, [Ended(after.id, "new", "The store knows the key.")])
    (again,) = uploading.due(store, 9)
    assert (again.id, again.body) == (row.id, after.body), "the same key, the same bytes"
    begun(store, again)
    uploading.finish(store, [Ended(again.id, "done", value=there(sale))])
    assert uploading.sale_link(store, sale.id) == there(sale) and rows(store)[0].state == "done"
    store.close()


def test_a_row_that_was_put_off_comes_again_at_its_time(counter: Counter) -> None:
    counter.sell()
    (row,) = uploading.due(counter.store, 9)
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "new", "No connection.", wait_ms=30_000)])
    assert uploading.due(counter.store, 9) == ()
    moment = uploading.waiting_until(counter.store)
    assert moment is not None
    counter.clock.at = moment
    assert [job.status for job in uploading.due(counter.store, 9)] == ["No connection."]


def test_a_sale_that_is_there_is_linked_once_and_the_same_money_is_no_difference(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 2))
    (row,) = rows(counter.store)
    begun(counter.store, row)
    far = there(sale, lines=(OnlineSaleLine("1", 2, price_cents=1699),))
    for _ in range(2):
        uploading.finish(counter.store, [Ended(row.id, "done", value=far)])
    assert uploading.sale_link(counter.store, sale.id) == far and differences(counter.store) == []
    sound(counter)


@pytest.mark.parametrize(
    ("more", "what", "theirs"),
    [
        ({"total_cents": 1_849}, "total", "$18.49"),
        ({"lines": (OnlineSaleLine("1", 1, price_cents=1_698),)}, "price of the goods", "$16.98"),
        ({"total_cents": None, "lines": (OnlineSaleLine("1", 2, price_cents=1_699),)}, "price", "$33.98"),
    ],
)
def test_a_cent_of_difference_is_a_difference(
    counter: Counter, more: dict[str, Any], what: str, theirs: str
) -> None:
    sale = counter.sell()
    (row,) = rows(counter.store)
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "done", value=there(sale, **more))])
    (found,) = differences(counter.store)
    assert (found.kind, found.subject, found.theirs) == ("variance", sale.id, theirs)
    assert what in found.sentence and sale.receipt in found.sentence


def test_two_sales_are_never_one_sale_of_the_store(counter: Counter) -> None:
    first, second = counter.sell(), counter.sell()
    one, two = rows(counter.store)
    begun(counter.store, one, two)
    uploading.finish(
        counter.store,
        [Ended(one.id, "done", value=there(first)), Ended(two.id, "done", value=there(second))],
    )
    (left,) = rows(counter.store, "uncertain")
    assert left.id == two.id and first.receipt in left.status
    assert uploading.sale_link(counter.store, second.id) is None
    assert uploading.uncertain(counter.store) == (), "looking again finds the same"
    sound(counter)


def test_a_sale_that_the_store_has_twice_is_said_to_a_person(counter: Counter) -> None:
    sale = counter.sell()
    (row,) = rows(counter.store)
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "done", value=there(sale))])
    with counter.store.write() as tx:
        netbox.move(tx, row.id, "uncertain", "", was=("done",))
    uploading.finish(counter.store, [Ended(row.id, "done", value=there(sale, "far-sale-2"))])
    (left,) = rows(counter.store)
    assert left.state == "uncertain" and "twice" in left.status
    assert uploading.sale_link(counter.store, sale.id) == there(sale)


def test_what_is_heard_to_be_there_is_done_whatever_was_decided_meanwhile(counter: Counter) -> None:
    sale = counter.sell()
    (row,) = rows(counter.store)
    uploading.decide(counter.store, counter.actor, row.id, "leave", "Typed in there")
    uploading.finish(counter.store, [Ended(row.id, "new", "Again.")])
    assert rows(counter.store)[0].state == "dropped"
    uploading.finish(counter.store, [Ended(row.id, "done", value=there(sale))])
    assert rows(counter.store)[0].state == "done"
    assert uploading.sale_link(counter.store, sale.id) is not None


def test_a_refund_of_another_amount_is_a_difference(counter: Counter) -> None:
    able(counter.store, refunds=True)
    sale = counter.sell()
    back = bring_back(counter, sale, returning.Part(1, 1))
    first, second = rows(counter.store)
    begun(counter.store, first)
    uploading.finish(counter.store, [Ended(first.id, "done", value=there(sale))])
    begun(counter.store, second)
    uploading.finish(counter.store, [Ended(second.id, "done", value=OnlineRefund("r1", 1_800))])
    (found,) = differences(counter.store)
    assert found.kind == "variance" and back.receipt in found.sentence
    assert (found.ours, found.theirs) == ("$18.50", "$18.00")


def test_our_own_change_of_an_order_is_no_news_when_it_is_read_back(counter: Counter) -> None:
    order = ready_linked(counter)
    (row,) = [row for row in rows(counter.store, "new") if row.kind == "status"]
    begun(counter.store, row)
    far = far_order(order, "ready_for_pickup", updated="2")
    uploading.finish(counter.store, [Ended(row.id, "done", value=far)])
    assert base(counter.store, order) == far


def test_what_else_changed_there_is_still_to_be_read(counter: Counter) -> None:
    order = ready_linked(counter)
    (row,) = [row for row in rows(counter.store, "new") if row.kind == "status"]
    begun(counter.store, row)
    far = far_order(order, "ready_for_pickup", updated="2", instructions="Ring twice")
    uploading.finish(counter.store, [Ended(row.id, "done", value=far)])
    assert base(counter.store, order) == far_order(order, "ready_for_pickup", updated="1")


def test_a_store_that_is_further_already_has_news(counter: Counter) -> None:
    order = ready_linked(counter)
    (row,) = [row for row in rows(counter.store, "new") if row.kind == "status"]
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "done", value=far_order(order, "delivered", updated="2"))])
    assert base(counter.store, order).status == "confirmed"


def test_a_change_of_stock_that_arrived_is_an_observation(counter: Counter) -> None:
    offered(counter.store, SKU)
    stocking.receive(counter.store, counter.actor, ORLANDO, 1)
    (row,) = rows(counter.store)
    assert uploading.items_for(counter.store, [SKU, "MUG"]) == {SKU: (f"inv-{SKU}", f"book-{SKU}")}
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "done", value=OnlineItem(f"inv-{SKU}", 4))])
    with counter.store.read() as conn:
        assert online.items_by_sku(conn, [SKU])[SKU].quantity == 4


def test_a_thing_that_the_store_does_not_offer_is_done_with_without_being_sent(counter: Counter) -> None:
    stocking.receive(counter.store, counter.actor, ORLANDO, 1)
    (row,) = uploading.due(counter.store, 9)
    uploading.finish(counter.store, [Ended(row.id, "done", "The store does not offer this.")])
    assert rows(counter.store)[0].state == "done" and rows(counter.store)[0].attempts == 0


# ---- a backup, the doctor ----


def test_what_waited_when_a_backup_was_made_is_not_sent_by_itself(tmp_path: Path) -> None:
    counter = connected(tmp_path / "shop")
    counter.sell()
    counter.sell()
    begun(counter.store, rows(counter.store)[0])
    backing_up.backup(counter.store.folder, tmp_path / "copy.db")
    counter.store.close()
    backing_up.put_back(tmp_path / "shop", tmp_path / "copy.db", force=True)
    store = open_store(tmp_path / "shop")
    assert [row.state for row in rows(store)] == ["uncertain", "uncertain"]
    assert {row.status for row in rows(store)} == {
        "It waited when this backup was made. It may have been sent since."
    }
    assert len(uploading.uncertain(store)) == 2 and uploading.due(store, 9) == ()
    assert {(row.sent_at, row.looks) for row in rows(store)} == {(0, 0)}, "nobody knows when it was sent"
    store.close()


def faults(counter: Counter) -> list[str]:
    with counter.store.read() as conn:
        return online_checks.everything(conn, counter.store.settings.online)[0]


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("DELETE FROM outbox WHERE channel = 'net'", "was never put down for the online store"),
        ("UPDATE outbox SET payload = x'7B' WHERE channel = 'net'", "cannot be read"),
        ("UPDATE outbox SET state = 'flying' WHERE channel = 'net'", "unknown state flying"),
        ("UPDATE outbox SET kind = 'stock' WHERE channel = 'net'", "is kept as stock and is sale"),
        ("UPDATE outbox SET state = 'sending' WHERE channel = 'net'", "nobody kept what was sent"),
        ("UPDATE online_sales SET body = '{}'", "cannot be read"),
        ("UPDATE online_sales SET far_id = 'x'", "What the online store has as x cannot be read"),
        ("UPDATE conflicts SET subject = 'x'", "is kept as another one"),
        ("UPDATE conflicts SET body = '{}'", "A difference from the online store cannot be read"),
        ("UPDATE conflicts SET order_id = 'x'", "an order that is not in the books"),
    ],
)
def test_the_doctor_sees_what_is_wrong(counter: Counter, sql: str, sentence: str) -> None:
    sale = counter.sell()
    (row,) = rows(counter.store)
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "done", value=there(sale, total_cents=1))])
    assert faults(counter) == []
    with counter.store.write() as tx:
        if "DELETE" in sql:
            tx.conn.exec_driver_sql("DELETE FROM online_sales")
        tx.conn.exec_driver_sql(sql)
    assert any(sentence in fault for fault in faults(counter)), faults(counter)


def test_the_doctor_says_what_waits_for_somebody(counter: Counter) -> None:
    for state in ("uncertain", "refused", "dead"):
        counter.sell()
        row = rows(counter.store)[-1]
        begun(counter.store, row)
        uploading.finish(counter.store, [Ended(row.id, state)])
    with counter.store.write() as tx:
        conflicts.open_conflict(tx, Conflict(id="", kind="stock", subject="MUG", sentence="Other counts."))
    found = {f.check: f for f in checking.examine(counter.store, how_is=fine, access=lambda: None)}
    assert found["online store"].state == "warn" and found["prints"].state == "ok"
    *waiting, silent = found["online store"].details
    assert silent.endswith("has not been read since. No desk is open that reads it.")
    assert tuple(waiting) == (
        "Uploads to the online store that were given up: 1.",
        "Uploads that the online store refused: 1.",
        "Uploads of which nobody knows whether they arrived: 1.",
        "Differences from the online store to decide: 1.",
    )


def fine(_: Device) -> DeviceState:
    return DeviceState("ready", "It is ready.")


def test_goods_are_compared_without_the_tax_that_is_in_their_prices(tmp_path: Path) -> None:
    counter = connected(tmp_path, tax=replace(TAX, mode="inclusive"))
    sale = counter.sell((ORLANDO, 2))
    (row,) = rows(counter.store)
    begun(counter.store, row)
    untaxed = sum(x.net_cents - sum(t.tax_cents for t in x.taxes) for x in sale.lines)
    far = there(sale, lines=(OnlineSaleLine("l1", 1, price_cents=untaxed),))
    uploading.finish(counter.store, [Ended(row.id, "done", value=far)])
    assert differences(counter.store) == []
    counter.store.close()


def test_a_counter_works_on_whatever_was_kept_of_the_store_that_cannot_be_read(counter: Counter) -> None:
    able(counter.store, refunds=True)
    sale = counter.sell((ORLANDO, 2))
    (row,) = rows(counter.store)
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "done", value=there(sale))])
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    with counter.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE online_sales SET body = '{'")
        tx.conn.exec_driver_sql("UPDATE online_orders SET body = '{'")
    bring_back(counter, sale, returning.Part(1, 1))
    stepped(counter.store, counter.actor, order, "start")
    assert [x.kind for x in rows(counter.store, "new")] == ["refund"]


def test_another_store_is_not_spoken_to_with_the_ids_of_the_one_before(counter: Counter) -> None:
    able(counter.store, refunds=True)
    offered(counter.store, SKU)
    sale = counter.sell((ORLANDO, 2))
    (row,) = rows(counter.store)
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "done", value=there(sale))])
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    connecting.connect(counter.store, counter.actor, replace(CONNECTED, store_name="Renamed"))
    assert uploading.items_for(counter.store, [SKU]), "it is the same one"
    connecting.connect(counter.store, counter.actor, replace(CONNECTED, store_id="store-2"))
    assert uploading.items_for(counter.store, [SKU]) == {}
    assert uploading.sale_link(counter.store, sale.id) is None
    bring_back(counter, sale, returning.Part(1, 1))
    stepped(counter.store, counter.actor, order, "start")
    assert [row.kind for row in rows(counter.store, "new")] == ["stock"], "it hears of copies only"
    sound(counter)
