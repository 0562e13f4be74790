"""What an order shows of the online store: how it stands there, differences with their choices, badges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import ordering
from bookwish_desk.db import online
from bookwish_desk.shop.online import OnlineOrder
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui import orders
from bookwish_desk.ui.orders.detail import OrderDetail
from bookwish_desk.ui.orders.detail_state import DetailView, ToDo
from bookwish_desk.ui.sync.sheets import DecisionSheet
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Notice
from tests.support import looking
from tests.support.online_desk import OnlineCounter
from tests.support.orders import made, received


class Desk(OnlineCounter):
    """A counter with the order screen in a window, and an order of the online store."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        super().__init__(folder)
        self.order = received(self.store, self.actor, made("BW-20260921-AB12", source="bookwish"))
        with self.store.write() as tx:
            far = OnlineOrder(id="far<1>", number=self.order.number, status="confirmed")
            online.link(tx, "bookwish", self.order.id, far)
        self.screen, self.presenter = orders.build(self.station)
        self.window = looking.window_with("orders", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()
        self.presenter.show_queue("all")

    @property
    def panel(self) -> OrderDetail:
        found = self.screen.findChild(OrderDetail)
        assert found is not None
        return found

    @property
    def view(self) -> DetailView:
        shown = self.presenter.detail.state.view
        assert shown is not None
        return shown

    @property
    def there(self) -> str:
        return self.view.about.splitlines()[-1]

    def start(self) -> Order:
        for verb in ("confirm", "start"):
            ordering.take(self.store, self.actor, self.order.id, Step(verb))
        self.presenter.detail.set_shown(True)
        return self.order

    def told(self) -> list[ToDo]:
        return [t for t in self.view.todo if t.act == "sync"]


@pytest.fixture
def desk(tmp_path: Path, dressed: Any, qtbot: QtBot) -> Desk:
    return Desk(tmp_path, qtbot)


def buttons(desk: Desk) -> dict[str, Button]:
    return {b.text(): b for b in desk.screen.findChildren(Button) if b.isVisible()}


def test_the_last_step_says_whether_it_is_at_the_store(desk: Desk) -> None:
    assert desk.there.startswith("At the store: Confirmed · heard ")
    desk.start()
    (job,) = (j for j in desk.waiting() if j.kind == "status")
    assert desk.there == "At the store: Confirmed · Processing waiting"
    assert desk.told() == []
    desk.end(job, "refused", "<b>422</b> Not from here.")
    desk.presenter.detail.set_shown(True)
    assert desk.there == "At the store: Confirmed · Processing refused"
    (told,) = desk.told()
    assert told.sentence == "The store did not take it: Processing. It said: “<b>422</b> Not from here.”"
    buttons(desk)["Look at it"].click()
    assert desk.front.screen == "sync"
    facts = {f.label: f.text for s in desk.view.facts if s.heading == "At the online store" for f in s.facts}
    assert facts["Status there"] == "Confirmed"
    assert facts["Last told"].startswith("Processing: refused, ")
    assert looking.rich(desk.window) == []


def test_what_arrived_says_when_it_was_sent(desk: Desk) -> None:
    desk.start()
    (job,) = (j for j in desk.waiting() if j.kind == "status")
    desk.end(job, "uncertain", "The connection broke.")
    desk.presenter.detail.set_shown(True)
    assert desk.told()[0].sentence == "Nobody knows whether the store took it: Processing."
    desk.end(job, "done")
    desk.presenter.detail.set_shown(True)
    assert " · sent " in desk.there
    assert desk.told() == []


def test_an_order_that_is_of_no_online_store_says_nothing_of_one(desk: Desk) -> None:
    other = received(desk.store, desk.actor, made("O1-000001", source="email"))
    desk.presenter.show_queue("all")
    desk.presenter.choose(other.id)
    assert "At the store" not in desk.view.about


def test_an_order_says_why_the_value_of_the_store_cannot_be_taken(desk: Desk) -> None:
    desk.differ(
        "edit", f"{desk.order.id}:address", order_id=desk.order.id, ours="Elm", theirs="Oak",
        sentence="The store has another address.", rule="A parcel went.", choices=("noted",),
    )  # fmt: skip
    desk.presenter.refresh()
    desk.presenter.detail.set_shown(True)
    todo = desk.view.todo[0]
    assert todo.sentence == "The store has another address. Here: Elm. Store: Oak. A parcel went."
    assert [words for _, words in todo.choices] == ["Seen"]


def test_a_difference_stands_on_the_order_with_its_choices(desk: Desk) -> None:
    desk.differ(
        "status", desk.order.id, order_id=desk.order.id, ours="Shipped", theirs="Cancelled",
        sentence="Order BW-20260921-AB12 is shipped here.",
    )  # fmt: skip
    desk.presenter.refresh()
    desk.presenter.detail.set_shown(True)
    (row,) = desk.screen.rows.rows()
    assert row.badge.endswith(" · differs")
    assert "differs from the online store" in row.spoken
    todo = desk.view.todo[0]
    assert todo.sentence == "Order BW-20260921-AB12 is shipped here. Here: Shipped. Store: Cancelled."
    assert [words for _, words in todo.choices] == ["Follow the store", "Keep ours"]
    assert "Follow the store" in buttons(desk)
    assert looking.nameless(desk.screen) == []


@pytest.mark.capability("BW+11")
def test_a_cancellation_is_sent_from_the_order_after_a_question(
    desk: Desk, qtbot: QtBot, dressed: Any, pictures: Path
) -> None:
    desk.differ(
        "cancel_there", desk.order.id, order_id=desk.order.id, choices=("send", "done_there"),
        sentence="Order BW-20260921-AB12 was cancelled here. The store still has it.",
        ours="Cancelled", theirs="Confirmed",
    )  # fmt: skip
    desk.presenter.refresh()
    desk.presenter.detail.set_shown(True)
    desk.window.resize(1024, 768)
    dressed.processEvents()
    looking.photograph(desk.window, pictures / "orders-differs.png")
    assert looking.cut_off(desk.window) == []
    buttons(desk)["Cancel it in the store"].click()
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, DecisionSheet) and w.isVisible())
    qtbot.waitUntil(sheet.isActiveWindow)
    assert not [j for j in desk.waiting() if j.kind == "cancel"]
    with qtbot.waitSignal(sheet.finished):
        sheet.verb.click()
    assert [j.kind for j in desk.waiting()] == ["cancel"]
    assert desk.front.said[-1] == ("Decided.", "ok")
    desk.presenter.detail.do("differs:gone:send")
    assert [j.kind for j in desk.waiting()] == ["cancel"]


def crowd(desk: Desk) -> None:
    """Let three things be settled about the order, two of them differences from the store."""
    desk.differ(
        "edit", f"{desk.order.id}:address", order_id=desk.order.id, choices=("theirs", "ours", "noted"),
        ours="12 Elm Street, Springfield CT 06001", theirs="9 Oak Street, Shelbyville CT 06002",
        sentence="The store has another address for this order.",
    )  # fmt: skip
    desk.differ(
        "status", desk.order.id, order_id=desk.order.id, ours="Processing", theirs="Cancelled",
        sentence="The online store has this order as cancelled.",
    )  # fmt: skip
    desk.presenter.refresh()
    desk.presenter.detail.set_shown(True)


@pytest.mark.parametrize("size", [(1024, 768), (1366, 768)])
def test_several_things_to_settle_are_shown_one_at_a_time_and_cover_nothing(
    desk: Desk, dressed: QApplication, qtbot: QtBot, pictures: Path, size: tuple[int, int]
) -> None:
    desk.start()
    desk.window.resize(*size)
    crowd(desk)
    many = len(desk.view.todo)
    assert many > 2
    detail, seen = desk.panel, []
    for place in range(many):
        dressed.processEvents()
        notices = [n.text() for n in detail._todo.findChildren(Notice) if n.isVisible()]
        seen += notices
        assert len(notices) == 1
        following = buttons(desk)[f"Next one ({place + 1} of {many})"]
        assert following.height() >= SIZES.target
        news, tabs = detail._news.geometry(), detail._tabs["books"].geometry()
        assert news.bottom() < tabs.top(), "nothing lies over the tabs"
        assert looking.cut_off(desk.window) == []
        looking.photograph(desk.window, pictures / f"orders-settle-{place}-{size[0]}.png")
        assert not following.visibleRegion().isEmpty()
        following.click()
    assert seen == [t.sentence for t in desk.view.todo]
    assert [n.text() for n in detail._todo.findChildren(Notice) if n.isVisible()] == seen[:1], "round again"


def test_what_was_turned_to_stays_while_the_order_is_looked_at(desk: Desk) -> None:
    desk.start()
    crowd(desk)
    card = desk.panel._todo
    buttons(desk)["Next one (1 of 3)"].click()

    def shown() -> str:
        return next(n.text() for n in card.findChildren(Notice) if n.isVisible())

    second = shown()
    assert second == desk.view.todo[1].sentence
    card.show_todo(tuple(reversed(desk.view.todo)), fresh=False)
    assert shown() == second
    card.show_todo(desk.view.todo[:1], fresh=False)
    assert shown() == desk.view.todo[0].sentence
    assert not [x for x in buttons(desk) if x.startswith("Next one")], "there is no other"
    card.show_todo((), fresh=False)
    assert card.isHidden()
