"""The list of the order screen without a window: queues and counts, search, filters, scans, pages, rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import order_editing, ordering, placing
from bookwish_desk.db import orders
from bookwish_desk.settings import Settings
from bookwish_desk.shop.hold_slip import order_code
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Owner, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.order_words import OwnStatus
from bookwish_desk.ui.arrivals import Arrivals
from bookwish_desk.ui.orders import reading
from bookwish_desk.ui.orders.state import NAMES, OrderRow, Shown
from tests.support.order_desk import HOUR, LONG, OrderDesk, fill
from tests.support.orders import EMMA, ORLANDO, line, made
from tests.support.shops import NOON


@pytest.fixture
def desk(tmp_path: Path) -> OrderDesk:
    desk = OrderDesk(tmp_path)
    fill(desk)
    desk.list.shown()
    return desk


def row(desk: OrderDesk, number: str) -> OrderRow:
    desk.list.show_queue("all")
    return next(r for r in desk.list.state.rows if r.number == number)


WHERE = {
    "new": ["NEW-2", "NEW-1", "NEW-3"],
    "to_pick": ["PICK-1"],
    "to_pack": ["PACK-1"],
    "ready_for_pickup": ["READY-1"],
    "ready_to_ship": ["SHIP-1"],
    "waiting": ["HELD-1"],
    "problems": ["REFUND-1", "SHORT-1"],
    "with_wholesaler": ["THEIRS-1"],
    "done": ["DONE-1"],
    "carts": ["CART-1"],
}


@pytest.mark.capability("BW-01", "BW-04", "BW-05", "BB-01", "IC-01", "IC-02", "OMG-08")
def test_every_order_stands_in_its_queue_and_all_counts_are_seen_at_once(desk: OrderDesk) -> None:
    for queue, numbers in WHERE.items():
        desk.list.show_queue(queue)  # type: ignore[arg-type]
        assert sorted(desk.numbers()) == sorted(numbers), queue
        assert desk.list.state.counts == {q: len(n) for q, n in WHERE.items()} | {"all": 13}
    assert list(NAMES) == [*WHERE, "all"]


@pytest.mark.capability("IC-01")
def test_all_orders_are_the_full_history_whatever_the_status(desk: OrderDesk) -> None:
    desk.list.show_queue("all")
    assert len(desk.numbers()) == 13
    assert {"DONE-1", "REFUND-1", "CART-1", "NEW-1"} <= set(desk.numbers())
    desk.list.show_queue("new")
    assert not {"DONE-1", "REFUND-1", "CART-1"} & set(desk.numbers())


def test_what_breaks_next_stands_first(desk: OrderDesk) -> None:
    desk.list.show_queue("new")
    assert desk.numbers() == ["NEW-2", "NEW-1", "NEW-3"]


@pytest.mark.capability("WSM-20", "WSM-21")
def test_a_memo_is_read_in_the_list(desk: OrderDesk) -> None:
    assert row(desk, "NEW-1").memo == "Call before noon"
    assert "On hold: Cheque clearing" in row(desk, "HELD-1").memo


@pytest.mark.capability("BB-05", "OMG-12")
def test_age_and_deadline_stand_in_words_and_late_is_said(desk: OrderDesk) -> None:
    fresh, late = row(desk, "NEW-1"), row(desk, "NEW-2")
    assert (fresh.age, fresh.due, fresh.due_tone) == ("3 h", "confirm by tomorrow 7:13 AM", "soft")
    assert (late.age, late.due_tone) == ("30 h", "danger")
    assert late.due == "Late: confirm, since 4:13 AM"


@pytest.mark.capability("IC-23")
def test_an_order_that_stands_still_at_the_wholesaler_is_late_after_72_hours(desk: OrderDesk) -> None:
    theirs = row(desk, "THEIRS-1")
    assert theirs.due.startswith("Late: ask the wholesaler")
    assert theirs.status == "Pending Warehouse"


def test_rows_tell_source_kind_money_and_missing_copies(desk: OrderDesk) -> None:
    assert row(desk, "NEW-2").facts == "NEW-2 · Ship, gift, 30 h · BookWish"
    assert (row(desk, "NEW-2").total, row(desk, "NEW-2").money) == ("$37.99", "Paid")
    assert row(desk, "NEW-3").money == "Pays at pickup"
    assert row(desk, "REFUND-1").money == "Refund due"
    assert row(desk, "SHORT-1").facts == "SHORT-1 · Ship, 1 h · 22 of 40 short · IndieCommerce"
    assert row(desk, "NEW-3").customer == LONG.name


@pytest.mark.parametrize(
    ("payment", "words"),
    [
        (Payment(authorised_cents=1699, expires_at=NOON + 100 * HOUR), "Authorised, 4 days"),
        (Payment(authorised_cents=1699, expires_at=NOON + 30 * HOUR), "Authorised, 1 day"),
        (Payment(authorised_cents=1699, expires_at=NOON + 5 * HOUR), "Authorised, 4 h"),
        (Payment(authorised_cents=1699, expires_at=NOON - HOUR), "Authorised, expired"),
        (Payment(authorised_cents=99, expires_at=NOON + 100 * HOUR), "Authorised for less"),
        (Payment(expires_at=NOON - HOUR), "Not authorised"),
        (Payment(promise="outside"), "Payment pending"),
        (Payment(captured_cents=100), "Partly paid"),
        (Payment(), "Not paid"),
        (Payment(credit_cents=1699), "Paid"),
    ],
)
@pytest.mark.capability("IC-28")
def test_money_is_told_in_words(tmp_path: Path, payment: Payment, words: str) -> None:
    desk = OrderDesk(tmp_path)
    desk.order("A", payment=payment)
    desk.list.shown()
    assert row(desk, "A").money == words


@pytest.mark.parametrize(
    "words",
    [
        "FIND-77",
        "find 77",
        "Grümmel",
        "grummel gr",
        "gr@example.org",
        "9780141439587",
        "Orlando woolf",
        "memo zebra",
    ],
)
def test_search_finds_by_everything_that_is_known(tmp_path: Path, words: str) -> None:
    desk = OrderDesk(tmp_path)
    who = Customer("", "Greta Grümmel", "gr@example.org", "555 7777")
    desk.shelf()
    desk.order("FIND-77", line(), line(EMMA), customer=who, memo="memo about a zebra", steps=("confirm",))
    desk.order("OTHER-1", line(replace(ORLANDO, sku="9780000000002", ean=9780000000002, title="Zola")))
    desk.list.shown()
    desk.list.typed(words)
    assert desk.numbers() == ["FIND-77"]
    listed = desk.list.state
    assert listed.queue == "all"
    desk.list.typed("")
    listed = desk.list.state
    assert listed.queue == "new"
    assert desk.list.state.counts["problems"] == 1


def test_search_looks_through_orders_of_every_status(desk: OrderDesk) -> None:
    desk.list.typed("done-1")
    assert desk.numbers() == ["DONE-1"]
    desk.list.typed("no such thing")
    assert desk.numbers() == []


def test_kinds_and_sources_narrow_the_list(desk: OrderDesk) -> None:
    desk.list.show_queue("all")
    desk.list.narrow("gift", "")
    assert desk.numbers() == ["NEW-2"]
    desk.list.narrow("pickup", "wsm")
    assert desk.numbers() == ["HELD-1"]
    desk.list.narrow("", "marketplace")
    assert desk.numbers() == ["PACK-1"]
    assert ("marketplace", "Marketplace") in desk.list.state.sources
    desk.list.show_queue("new")
    assert desk.numbers() == []
    assert desk.list.state.counts["new"] == 3, "counts are of the whole queue"


@pytest.mark.capability("WSM-02", "BW-24")
def test_a_scan_of_a_number_opens_its_order(desk: OrderDesk) -> None:
    desk.list.scanned("SHIP-1")
    assert desk.list.state.queue == "ready_to_ship"
    assert desk.detail.order is not None
    assert desk.detail.order.number == "SHIP-1"
    desk.list.scanned("done-1")
    assert desk.detail.order.number == "DONE-1"
    desk.list.scanned("NOBODY-9")
    assert desk.list.state.notice == "No order is waiting for NOBODY-9."


def test_a_scan_of_a_hold_slip_opens_its_order_whatever_its_number(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    odd = desk.order("R1-000123")
    code = order_code(odd)
    assert code != odd.number
    desk.order("A")
    desk.list.shown()
    desk.list.scanned(code)
    assert desk.detail.order is not None
    assert desk.detail.order.number == "R1-000123"


def test_a_scan_of_a_book_finds_the_orders_that_wait_for_it(desk: OrderDesk) -> None:
    desk.list.scanned("9780141439587")
    assert sorted(desk.numbers()) == ["NEW-2", "SHORT-1"]
    assert desk.list.state.notice == "2 orders wait for this book or have this number."
    desk.list.scanned("R1-000123")
    assert desk.list.state.notice == "R1-000123 is not the code of an order."
    assert desk.list.state.rows, "what is shown stays"


def test_one_order_that_waits_for_a_scanned_book_is_opened(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.order("A", line(EMMA))
    desk.order("B")
    desk.list.shown()
    desk.list.entered("978-0-14-143958-7")
    assert desk.detail.order is not None
    assert desk.detail.order.number == "A"


def test_older_orders_come_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 4)
    desk = OrderDesk(tmp_path)
    for n in range(10):
        desk.order(f"N-{n}", steps=(Step("cancel", reason="x"),), payment=Payment())
    desk.list.shown()
    desk.list.show_queue("all")
    assert desk.numbers() == ["N-9", "N-8", "N-7", "N-6"]
    desk.list.load_more()
    desk.list.load_more()
    assert desk.numbers() == [f"N-{n}" for n in range(9, -1, -1)]
    assert not desk.list.state.more
    desk.list.show_queue("done")
    assert len(desk.numbers()) == 4
    assert desk.list.state.counts["done"] == 10
    desk.list.load_more()
    assert len(desk.numbers()) == 8


def test_only_open_orders_are_decoded_for_the_queues(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(30):
        desk.order(f"OLD-{n}", steps=(Step("cancel", reason="x"),), payment=Payment())
    decoded: list[int] = []
    whole = orders.open_orders

    def counted(conn):
        found = whole(conn)
        decoded.append(len(found))
        return found

    monkeypatch.setattr(orders, "open_orders", counted)
    monkeypatch.setattr(orders, "search", lambda *_a, **_k: pytest.fail("the history was read"))
    desk.list.show_queue("to_pick")
    assert decoded == [12]
    assert desk.list.state.counts["done"] == 31


def test_a_change_keeps_what_is_chosen_typed_and_marked(desk: OrderDesk) -> None:
    desk.list.typed("example")
    chosen = desk.list.state.rows[2].id
    desk.list.choose(chosen)
    desk.list.mark(frozenset({chosen}))
    desk.order("LATER-1")
    desk.station.changed(frozenset({"orders"}))
    assert "LATER-1" in desk.numbers()
    state = desk.list.state
    assert (state.words, state.selected, state.marked) == ("example", chosen, frozenset({chosen}))


def test_ages_are_written_anew_each_minute_and_by_one_clock_only(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[tuple[int, Any]] = []
    monkeypatch.setattr(desk.station.lanes, "later", lambda ms, call: waiting.append((ms, call)))
    desk.list.hidden()
    desk.list._tick()
    assert waiting == [], "nobody looks at it"
    desk.list.shown()
    desk.list.hidden()
    desk.list.shown()
    assert [ms for ms, _ in waiting] == [60_000]
    desk.clock.at += 5 * HOUR
    waiting.pop()[1]()
    assert row(desk, "NEW-1").facts.startswith("NEW-1 · Pickup, 8 h")
    assert len(waiting) == 1


def test_few_orders_among_many_are_found_without_going_back_page_by_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 4)
    desk = OrderDesk(tmp_path)
    desk.order("RARE", source="wsm")
    for n in range(9):
        desk.order(f"MANY-{n}")
    desk.list.show_queue("all")
    assert (len(desk.numbers()), desk.list.state.more) == (4, True)
    desk.list.narrow("", "wsm")
    assert (desk.numbers(), desk.list.state.more) == (["RARE"], False)


def test_a_number_that_is_a_sound_article_code_too_finds_its_order(desk: OrderDesk) -> None:
    order = desk.order("12345670", source="wsm")
    desk.list.scanned("12345670")
    assert desk.list.state.selected == order.id
    desk.order("12345670", source="indiecommerce")
    desk.list.scanned("12345670")
    assert desk.numbers() == ["12345670", "12345670"]
    assert desk.list.state.notice == "2 orders wait for this book or have this number."


def test_a_number_that_is_a_sound_isbn_without_its_hyphens_finds_its_order(desk: OrderDesk) -> None:
    order = desk.order("112-4455590")
    desk.list.entered("112-4455590")
    assert (desk.list.state.selected, desk.list.state.notice) == (order.id, "")


def test_typed_digits_that_are_no_sound_code_are_words(desk: OrderDesk) -> None:
    desk.order("CALL-1", customer=Customer("", "Ida", "", "2125550101"))
    desk.list.entered("2125550101")
    assert (desk.numbers(), desk.list.state.notice) == (["CALL-1"], "")


def test_hundreds_of_orders_are_read_beside_the_lane_on_which_titles_are_looked_for(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes, used = desk.station.lanes, {}
    search = lanes.search

    def seen(reading: Any, *, then: Any, failed: Any = None, latest: str, lane: str = "search") -> None:
        used[latest] = lane
        search(reading, then=then, failed=failed, latest=latest, lane=lane)

    monkeypatch.setattr(lanes, "search", seen)
    Arrivals(desk.station, lambda _new: None, lambda: None).begin()
    desk.list.show_queue("all")
    desk.list.mark_all()
    assert used == {"arrivals": "orders", "orders": "orders", "orders-many": "orders"}


def test_nothing_is_read_while_another_screen_is_shown(desk: OrderDesk) -> None:
    desk.list.hidden()
    desk.order("LATER-1")
    desk.station.changed(frozenset({"orders"}))
    assert "LATER-1" not in desk.numbers()
    desk.list.shown()
    assert "LATER-1" in desk.numbers()


@pytest.mark.parametrize(
    ("source", "steps", "word"),
    [
        pytest.param("bookwish", (), "Pending", marks=pytest.mark.capability("BW-17")),
        pytest.param("bookwish", ("confirm",), "Confirmed", marks=pytest.mark.capability("BW-18")),
        pytest.param("bookwish", ("start",), "Processing", marks=pytest.mark.capability("BW-19")),
        pytest.param(
            "bookwish", ("start", "pick", "ready"), "Ready for pickup", marks=pytest.mark.capability("BW-20")
        ),
        pytest.param(
            "bookwish", ("start", "pick", "check", "pack", "ship"), "Shipped",
            marks=pytest.mark.capability("BW-21"),
        ),
        pytest.param(
            "bookwish", ("start", "pick", "check", "pack", "ship", "deliver"), "Delivered",
            marks=pytest.mark.capability("BW-22"),
        ),
        pytest.param("bookwish", ("cancel",), "Cancelled", marks=pytest.mark.capability("BW-23")),
        pytest.param("wsm", (), "New", marks=pytest.mark.capability("WSM-03")),
        pytest.param("wsm", ("start",), "Processing", marks=pytest.mark.capability("WSM-04")),
        pytest.param(
            "wsm", ("start", "pick", "check", "pack"), "Ready to Ship", marks=pytest.mark.capability("WSM-05")
        ),
        pytest.param(
            "wsm", ("start", "pick", "check", "pack", "ship", "take_back"), "Return",
            marks=pytest.mark.capability("WSM-06"),
        ),
        pytest.param(
            "wsm", ("start", "pick", "check", "pack", "ship"), "Shipped",
            marks=pytest.mark.capability("WSM-07"),
        ),
        pytest.param("wsm", ("backorder",), "Backorder", marks=pytest.mark.capability("WSM-08")),
        pytest.param("wsm", ("hold",), "Held", marks=pytest.mark.capability("WSM-09", "WSM-13")),
        pytest.param(
            "wsm", ("start", "pick", "check", "pack", "ship", "deliver"), "Complete",
            marks=pytest.mark.capability("WSM-10"),
        ),
        pytest.param("wsm", ("cancel",), "Canceled", marks=pytest.mark.capability("WSM-11")),
        pytest.param("indiecommerce", (), "Pending", marks=pytest.mark.capability("IC-06")),
        pytest.param("marketplace", (), "Pending", marks=pytest.mark.capability("OMG-02")),
        pytest.param("marketplace", ("confirm",), "Confirmed", marks=pytest.mark.capability("OMG-03")),
        pytest.param("marketplace", ("start",), "Processing", marks=pytest.mark.capability("OMG-04")),
        pytest.param(
            "marketplace", ("start", "pick", "check", "pack", "ship"), "Shipped",
            marks=pytest.mark.capability("OMG-05"),
        ),
        pytest.param(
            "marketplace", ("start", "pick", "check", "pack", "ship", "deliver"), "Delivered",
            marks=pytest.mark.capability("OMG-06"),
        ),
        pytest.param("marketplace", ("cancel",), "Cancelled", marks=pytest.mark.capability("OMG-07")),
    ],
)  # fmt: skip
def test_the_status_stands_in_the_words_of_the_source(
    tmp_path: Path, source: str, steps: tuple[str, ...], word: str
) -> None:
    desk = OrderDesk(tmp_path)
    if "backorder" not in steps:
        desk.shelf()
    ready = "ready" in steps
    done = tuple(_step(s) for s in steps)
    payment = {"payment": Payment()} if source == "indiecommerce" else {}
    desk.order("A", source=source, kind="pickup" if ready else "ship", steps=done, **payment)
    desk.list.shown()
    assert row(desk, "A").status == word


def _step(verb: str) -> Step:
    reasoned = verb in ("cancel", "hold", "take_back")
    return Step(verb, reason="because" if reasoned else "", tracking="9400" if verb == "ship" else "")  # type: ignore[arg-type]


def test_a_status_that_the_shop_does_not_use_is_not_shown(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path, Settings(shop_name="Test Books", hidden_statuses=("bookwish.confirmed",)))
    desk.order("A", steps=("confirm",))
    desk.list.shown()
    assert row(desk, "A").status == "Pending"


@pytest.mark.capability("IC+01")
def test_a_status_of_the_shops_own_stands_in_the_list_while_its_state_lasts(tmp_path: Path) -> None:
    own = OwnStatus("At the binder", "confirmed")
    desk = OrderDesk(tmp_path, Settings(shop_name="Test Books", own_statuses=(own,)))
    desk.shelf()
    order = desk.order("A", steps=("confirm",))
    order_editing.set_own_status(desk.store, desk.owner, order.id, own.name)
    desk.list.shown()
    assert row(desk, "A").status == "At the binder"
    desk.detail.show(order.id)
    assert desk.facts("Other systems call it")["BookWish"] == "Confirmed"
    ordering.take(desk.store, desk.owner, order.id, Step("start"))
    desk.list.refresh()
    assert row(desk, "A").status == "Processing"


@pytest.mark.capability("IC-04", "IC-15")
def test_checkouts_not_finished_stand_apart_with_their_cause(desk: OrderDesk) -> None:
    desk.list.show_queue("carts")
    cart = desk.list.state.rows[0]
    assert (cart.status, cart.memo) == ("In Checkout", "bad card")
    desk.detail.show(cart.id)
    assert desk.detail.state.view is not None
    assert desk.detail.state.view.standing == ("The customer has not finished the checkout: bad card.",)


@pytest.mark.capability("IC-31")
def test_the_scenarios_of_a_source_each_stand_where_they_are_worked_on(tmp_path: Path) -> None:
    """Filled by the store for pickup and by mail, by the wholesaler, waiting for a payment, given up."""
    desk = OrderDesk(tmp_path)
    desk.shelf()
    base: dict[str, Any] = {"source": "indiecommerce"}
    desk.order("PICKUP", **base)
    desk.order("SHIP", kind="ship", steps=("start",), **base)
    owner = Owner("wholesaler", "pending", NOON)
    desk.order("THEIRS", kind="ship", state="processing", started_at=NOON, owner=owner, **base)
    desk.order("PAYPAL", payment=Payment(promise="outside"), **base)
    desk.order("CART", state="in_checkout", payment=Payment(), steps=("abandon",), **base)
    desk.list.shown()
    found = {}
    queues: tuple[Shown, ...] = ("new", "to_pick", "with_wholesaler", "waiting", "carts")
    for queue in queues:
        desk.list.show_queue(queue)
        found[queue] = [(r.number, r.status) for r in desk.list.state.rows]
    assert found == {
        "new": [("PICKUP", "Payment Received")],
        "to_pick": [("SHIP", "Payment Received")],
        "with_wholesaler": [("THEIRS", "Pending Warehouse")],
        "waiting": [("PAYPAL", "PayPal Pending")],
        "carts": [("CART", "Abandoned")],
    }


def test_an_order_from_elsewhere_is_opened_in_its_queue(desk: OrderDesk) -> None:
    wanted = next(o for o in _all(desk) if o.number == "PICK-1")
    desk.list.typed("zebra")
    desk.list.open(wanted.id)
    assert (desk.list.state.queue, desk.list.state.words) == ("to_pick", "")
    assert desk.list.state.selected == wanted.id
    desk.list.open("no such order")
    assert desk.list.state.notice == "This order is not in the books."


def _all(desk: OrderDesk):
    with desk.store.read() as conn:
        return orders.open_orders(conn)


def test_an_unknown_source_can_be_filtered_by_too(desk: OrderDesk) -> None:
    placing.receive(desk.store, desk.owner, made("ODD-1", source="bazaar"))
    desk.list.refresh()
    assert ("bazaar", "bazaar") in desk.list.state.sources
