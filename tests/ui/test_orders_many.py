"""Work on many orders: each by itself, the failing ones kept with their reasons, the GUI free in between."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import ordering
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui import orders as order_screen
from bookwish_desk.ui.orders.many_panel import ManyPanel
from bookwish_desk.ui.station import Station
from tests.support.order_desk import OrderDesk, fill
from tests.support.orders import ORLANDO, made, now, received, shelved
from tests.support.shops import FakeFront, found_shop


@pytest.fixture
def desk(tmp_path: Path) -> OrderDesk:
    desk = OrderDesk(tmp_path)
    fill(desk)
    desk.list.shown()
    return desk


def marked(desk: OrderDesk) -> list[str]:
    return sorted(r.number for r in desk.list.state.rows if r.id in desk.list.state.marked)


def failures(desk: OrderDesk) -> dict[str, str]:
    numbers = {r.id: r.number for r in desk.list.state.rows}
    return {numbers[x]: why for x, why in desk.list.state.failures.items()}


@pytest.mark.capability("BW-26")
def test_a_step_is_taken_with_every_selected_order(desk: OrderDesk) -> None:
    desk.list.mark_all()
    assert marked(desk) == ["NEW-1", "NEW-2", "NEW-3"]
    assert {o.act: o.count for o in desk.many.state.offers if o.count} == {
        "confirm": 3,
        "start": 3,
        "hold": 3,
    }
    desk.many.run("confirm")
    assert {r.number: r.status for r in desk.list.state.rows} == {
        "NEW-1": "Confirmed", "NEW-2": "Confirmed", "NEW-3": "Confirmed",
    }  # fmt: skip
    assert marked(desk) == []
    assert desk.front.said == [("3 confirmed.", "ok")]


@pytest.mark.capability("BW-26")
def test_what_fails_leaves_the_others_done_and_stays_selected_with_its_reason(desk: OrderDesk) -> None:
    desk.order("UNPAID", payment=Payment())
    desk.order("ON-HOLD", payment=Payment(), steps=(Step("hold", reason="A question"),))
    desk.order("BEGUN", steps=("confirm",))
    desk.list.refresh()
    desk.list.show_queue("all")
    desk.list.mark(
        frozenset(r.id for r in desk.list.state.rows if r.number in ("UNPAID", "NEW-1", "BEGUN", "ON-HOLD"))
    )
    desk.many.run("confirm")
    state = {r.number: r.status for r in desk.list.state.rows}
    assert state["NEW-1"] == "Confirmed"
    assert state["UNPAID"] == "Pending"
    assert failures(desk) == {
        "UNPAID": "This order is not paid and cannot be confirmed. "
        "Capture or authorise the payment, or agree on payment at pickup.",
        "BEGUN": "This order is confirmed. Only one that is pending can be confirmed.",
        "ON-HOLD": "The order is on hold: A question. Release it first.",
    }
    assert marked(desk) == ["BEGUN", "ON-HOLD", "UNPAID"]
    assert desk.many.state.notice.startswith("1 confirmed.\n3 not confirmed: each stays selected")
    assert "\n1 order: This order is confirmed." in desk.many.state.notice
    assert desk.front.said[-1] == ("1 confirmed, 3 not.", "warn")


@pytest.mark.capability("BW-26")
@pytest.mark.parametrize(
    ("numbers", "verb", "state"),
    [
        (("NEW-1", "NEW-2"), "start", "processing"),
        (("READY-1",), "remind", "processing"),
        (("NEW-1", "PICK-1"), "hold", ""),
        (("HELD-1",), "release_hold", "pending"),
    ],
)
def test_each_step_for_many_does_what_it_does_for_one(
    desk: OrderDesk, numbers: tuple[str, ...], verb: str, state: str
) -> None:
    desk.list.show_queue("all")
    chosen = {r.number: r.id for r in desk.list.state.rows if r.number in numbers}
    desk.list.mark(frozenset(chosen.values()))
    desk.many.run(verb, "Question asked")  # type: ignore[arg-type]
    assert desk.list.state.failures == {}
    with desk.store.read() as conn:
        from bookwish_desk.db import orders

        after = orders.by_ids(conn, chosen.values())
    for order in after:
        assert order.hold == ("Question asked" if verb == "hold" else "")
        assert not state or order.state == state
        assert verb != "remind" or order.reminded_at


@pytest.mark.capability("WSM-16")
@pytest.mark.parametrize(("told", "how"), [(True, "usual"), (False, "silent")])
def test_customers_of_many_hear_as_usual_or_nothing(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch, told: bool, how: str
) -> None:
    tellings = []
    whole = ordering.take

    def take(store, actor, order_id, step, telling):
        tellings.append(telling.how)
        return whole(store, actor, order_id, step, telling)

    monkeypatch.setattr(ordering, "take", take)
    desk.list.mark_all()
    desk.many.run("confirm", "", told)
    assert tellings == [how] * 3


@pytest.mark.capability("BW-27")
def test_papers_and_picking_of_many_go_where_they_are_done(desk: OrderDesk) -> None:
    went: list[tuple[str, int]] = []
    for act in ("pick", "print"):
        desk.many.goes[act] = partial(_note, went, act)
    desk.list.show_queue("all")
    desk.list.mark_all()
    offers = {o.act: o.count for o in desk.many.state.offers}
    assert offers["print"] == 13
    assert 0 < offers["pick"] < 13
    assert "pack" not in offers, "nobody packs here"
    desk.many.go("pick")
    desk.many.go("print")
    desk.many.go("pack")
    assert went == [("pick", 13), ("print", 13)]


def test_pack_counts_what_the_pack_table_takes(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.shelf()
    desk.many.goes["pack"] = lambda _ids: None
    desk.order("NOT-PICKED", kind="ship", steps=("start",))
    desk.order("TO-CHECK", kind="ship", steps=("start", "pick"))
    desk.order("TO-PACK", kind="ship", steps=("start", "pick", "check"))
    desk.order("ON-HOLD", kind="ship", steps=("start", "pick", Step("hold", reason="A question")))
    desk.order("PACKED", kind="ship", steps=("start", "pick", "check", "pack"))
    desk.order("PICKUP", steps=("start", "pick"))
    desk.list.shown()
    desk.list.show_queue("all")
    desk.list.mark_all()
    assert {o.act: o.count for o in desk.many.state.offers}["pack"] == 2
    desk.list.mark(frozenset(r.id for r in desk.list.state.rows if r.number == "PICKUP"))
    assert {o.act: o.count for o in desk.many.state.offers}["pack"] == 0


def _note(went: list[tuple[str, int]], act: str, ids: tuple[str, ...]) -> None:
    went.append((act, len(ids)))


@pytest.mark.capability("BW-07", "BW-26")
def test_many_are_made_ready_each_at_its_place_with_its_slip(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.shelf()
    for n in range(3):
        desk.order(f"P-{n}", steps=("start", "pick") if n else ("start",))
    desk.list.shown()
    desk.list.show_queue("to_pick")
    desk.list.mark_all()
    desk.many.run("ready")
    desk.list.show_queue("ready_for_pickup")
    assert sorted(desk.numbers()) == ["P-1", "P-2"]
    desk.list.choose(desk.list.state.rows[0].id)
    assert desk.facts("Customer")["Hold shelf"] == "EXA"
    assert desk.detail.state.view is not None
    assert desk.detail.state.view.history[0].what == "Printed"


def test_a_fault_of_the_program_is_one_orders_failure(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ordering.take

    def broken(store, actor, order_id, step, telling):
        if desk.list.state.rows[0].id == order_id:
            raise RuntimeError("boom")
        return whole(store, actor, order_id, step, telling)

    monkeypatch.setattr(ordering, "take", broken)
    first = desk.list.state.rows[0].number
    desk.list.mark_all()
    desk.many.run("start")
    assert failures(desk) == {first: "Something went wrong with this order. Nothing was changed."}
    assert desk.list.state.counts["new"] == 1


def test_it_can_be_stopped_and_the_rest_stays_selected(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, taken = ordering.take, []

    def stopping(store, actor, order_id, step, telling):
        taken.append(order_id)
        desk.many.stop()
        return whole(store, actor, order_id, step, telling)

    monkeypatch.setattr(ordering, "take", stopping)
    desk.list.mark_all()
    desk.many.run("confirm")
    assert len(taken) == 1
    assert len(marked(desk)) == 2
    assert desk.list.state.failures == {}
    assert "2 not tried." in desk.many.state.notice


def test_a_full_disk_is_told_of_each_order(desk: OrderDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args):
        raise StorageError("full", "The disk is full.")

    monkeypatch.setattr(ordering, "take", full)
    desk.list.mark_all()
    desk.many.run("confirm")
    assert set(failures(desk).values()) == {"The disk is full."}
    assert "\n3 orders: The disk is full." in desk.many.state.notice


def test_the_list_stays_where_it_is_while_many_are_worked_on(desk: OrderDesk) -> None:
    desk.list.mark_all()
    before = desk.list.state.marked
    desk.list.hold(True)
    desk.list.mark(frozenset())
    desk.list.scanned("SHIP-1")
    assert desk.list.state.marked == before
    assert desk.list.state.working
    assert desk.list.state.notice == "Scan again when the selected orders are done."
    desk.list.hold(False)
    assert not desk.list.state.working


def test_marks_go_with_another_queue(desk: OrderDesk) -> None:
    desk.list.mark_all()
    desk.list.show_queue("to_pick")
    assert marked(desk) == []
    assert desk.many.state.count == 0
    desk.list.mark_all()
    desk.list.mark_all()
    assert marked(desk) == []


# ---- five hundred, on real lanes ----


@pytest.fixture
def whole(tmp_path: Path, dressed: QApplication, qtbot: QtBot):
    """Give a screen on real lanes in a shop with 500 orders, every 50th unpaid."""
    store, actor = found_shop(tmp_path)
    shelved(store, actor, ORLANDO, 1000)
    orders: list[Order] = []
    for n in range(500):
        unpaid = n % 50 == 7
        more = {"payment": Payment()} if unpaid else {}
        orders.append(received(store, actor, made(f"N-{n:03}", **more)))
    lanes = Lanes(store)
    station = Station(lanes, actor.register, store.settings)
    station.person = Person(actor.staff, "Olive Owner", "owner")
    station.front = FakeFront()
    lanes.changed.connect(station.changed)
    screen, presenter = order_screen.build(station)
    qtbot.addWidget(screen)
    screen.resize(1300, 700)
    screen.show()
    presenter.shown()
    presenter.show_queue("all")
    qtbot.waitUntil(lambda: len(presenter.state.rows) == 200)
    for rows in (400, 500):
        presenter.load_more()
        qtbot.waitUntil(lambda rows=rows: len(presenter.state.rows) == rows)  # type: ignore[misc]
    yield store, orders, screen, presenter
    presenter.hidden()
    lanes.close()


@pytest.mark.slow
@pytest.mark.capability("BW-26")
def test_five_hundred_orders_end_right_while_the_gui_goes_on(whole, qtbot: QtBot) -> None:
    store, orders, screen, presenter = whole
    assert len(presenter.state.rows) == 500
    presenter.mark_all()
    turns: list[int] = []
    ticking = QTimer()
    ticking.setInterval(0)
    ticking.timeout.connect(lambda: turns.append(presenter.many.state.done))
    ticking.start()
    shown: set[str] = set()
    panel = screen.findChild(ManyPanel)
    ticking.timeout.connect(lambda: shown.add(panel._progress.text()))
    presenter.many.run("confirm")
    assert presenter.state.working, "it has only begun"
    qtbot.waitUntil(lambda: not presenter.state.working, timeout=120_000)
    qtbot.waitUntil(lambda: len(presenter.state.marked) == 10, timeout=10_000)
    ticking.stop()
    between = sorted(set(turns))
    assert len(between) > 100, "the GUI had turns while the orders were worked on"
    assert any(" of 500 confirmed, " in words for words in shown)
    after = {o.number: now(store, o) for o in orders}
    unpaid = {f"N-{n:03}" for n in range(500) if n % 50 == 7}
    assert {n for n, o in after.items() if o.state == "pending"} == unpaid
    assert {n for n, o in after.items() if o.state == "confirmed"} == set(after) - unpaid
    numbers = {r.id: r.number for r in presenter.state.rows}
    assert {numbers[x] for x in presenter.state.failures} == unpaid
    assert presenter.state.marked == frozenset(presenter.state.failures)
    notes = [r.note for r in screen.rows.rows() if r.note.startswith("Not done: This order is not paid")]
    assert len(notes) == 10
