"""The screens for many labels and for the day's end, and the sheets of one label, through their widgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import buying, tracking
from bookwish_desk.shop.carriage import Track, TrackEvent
from bookwish_desk.ui import day_end, label_steps, many_labels
from bookwish_desk.ui.keys import KEYS, keys_under
from bookwish_desk.ui.label_steps.sheet import LabelSheet
from bookwish_desk.ui.many_labels import reading
from bookwish_desk.ui.order_steps.sheet import StepSheet
from bookwish_desk.ui.widgets import Question
from tests.support import looking
from tests.support.fake_carriers import UPS
from tests.support.label_desk import LabelDesk

W = TypeVar("W", bound=QWidget)
F12, CTRL = Qt.Key.Key_F12, Qt.KeyboardModifier.ControlModifier


class Desk(LabelDesk):
    """The desk with a screen in a window."""

    def __init__(self, folder: Path, qtbot: QtBot, build: Any, **more: Any) -> None:
        super().__init__(folder, **more)
        self.after = self.with_after()
        self.screen, self.presenter = build(self.station)
        self.window = looking.window_with("stock", self.screen, (1366, 768))
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.bot = qtbot

    def sheet(self, kind: type[W]) -> W:
        """Return the sheet in front, once it is active."""
        found = next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())
        self.bot.waitUntil(found.isActiveWindow)
        return found

    def told(self) -> None:
        """Let the broker do what was asked of it, and the screen see it."""
        self.run()
        self.after.run(self.after.handing, most_ms=600_000)
        self.station.changed(frozenset({"postage"}))
        for _ in range(2):
            self.presenter.rested()


def words_of(widget: QWidget) -> str:
    return "\n".join(x.text() for x in widget.findChildren(QLabel) if x.isVisible())


def scope(name: str) -> set[str]:
    return {key.id for key in KEYS if key.scope == name}


@pytest.fixture
def many(tmp_path: Path, dressed: Any, qtbot: QtBot) -> Desk:
    desk = Desk(tmp_path, qtbot, many_labels.build)
    desk.presenter.open_orders(desk.ids)
    desk.presenter.shown()
    return desk


def test_every_key_of_many_labels_is_worked_by_the_screen(many: Desk) -> None:
    assert {key.id for key in keys_under(many.screen)} == scope("many_labels")


@pytest.mark.capability("BW-28")
def test_many_labels_are_bought_by_keys_and_never_by_enter(many: Desk) -> None:
    assert many.screen.rows.hasFocus()
    many.bot.keyClick(many.screen, Qt.Key.Key_F9)
    many.told()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        many.bot.keyClick(many.screen.rows, key)
    assert many.carriers.purchases == []
    many.bot.keyClick(many.screen.rows, Qt.Key.Key_Space)
    assert len(many.presenter.state.marked) == 1
    many.bot.keyClick(many.screen, Qt.Key.Key_F8)
    assert many.presenter.state.to_buy == 4
    many.bot.keyClick(many.screen, F12)
    assert many.screen._stop.isVisible()
    many.told()
    assert len(many.carriers.purchases) == 4
    assert "4 labels bought for $16.80, 4 sent to the printer." in many.presenter.state.notice


def test_a_weight_that_is_typed_is_taken_when_it_is_left(many: Desk) -> None:
    weight = many.screen.side._weight.edit
    weight.setFocus()
    weight.selectAll()
    many.bot.keyClicks(weight, "2 lb")
    many.presenter.rested()
    assert weight.text() == "2 lb", "what is being typed stays"
    many.bot.keyClick(weight, Qt.Key.Key_Tab)
    assert many.presenter.state.rows[0].weight == "2 lb"
    assert many.presenter.state.rows[0].weight_note == "typed"


def test_pictures_of_many_labels(many: Desk, dressed: Any, pictures: Path) -> None:
    found = list(reading.still_here(many.store, many.station.settings, lambda: False).values())
    assert len(found) == 5
    many.presenter.choose(many.presenter.state.rows[4].key)
    many.presenter.type_weight("71 lb")
    many.presenter.choose(many.presenter.state.rows[1].key)
    many.presenter.get_prices()
    many.told()
    looking.photograph_all(dressed, many.window, pictures, "many-labels-review")
    assert looking.cut_off(many.window) == []
    many.carriers.faults[("buy", 1)] = "funds"
    many.carriers.faults[("buy", 2)] = "lost_after"
    many.presenter.buy()
    many.run(300)
    many.station.changed(frozenset({"postage"}))
    many.presenter.rested()
    many.work.become(simulated=True)
    looking.photograph_all(dressed, many.window, pictures, "many-labels-bought")
    assert looking.cut_off(many.window) == []
    assert looking.nameless(many.screen) == []
    assert looking.rich(many.window) == []


def test_pictures_of_many_labels_being_bought(many: Desk, dressed: Any, pictures: Path) -> None:
    many.presenter.get_prices()
    many.told()
    many.presenter.buy()
    while many.carriers.count("buy") < 2:
        many.engine.step()
    many.station.changed(frozenset({"postage"}))
    many.presenter.rested()
    looking.photograph_all(dressed, many.window, pictures, "many-labels-running")
    assert looking.cut_off(many.window) == []
    many.bot.keyClick(many.screen, Qt.Key.Key_D, CTRL)
    many.told()
    assert len(many.carriers.purchases) == 2


# ---- the day's end ----


@pytest.fixture
def day(tmp_path: Path, dressed: Any, qtbot: QtBot) -> Desk:
    desk = Desk(tmp_path, qtbot, day_end.build)
    desk.buy_all(3)
    asked = desk.ask(desk.orders[3])
    assert asked.quoted is not None
    ups = next(r for r in asked.quoted.rates if r.carrier == UPS.carrier)
    buying.want(desk.store, desk.actor, [(asked.id, ups.id)])
    desk.run()
    desk.presenter.shown()
    return desk


def test_every_key_of_the_days_end_is_worked_by_the_screen(day: Desk) -> None:
    assert {key.id for key in keys_under(day.screen)} == scope("day_end")


def test_the_day_is_ended_by_keys_and_parcels_only_go_when_somebody_is_sure(day: Desk) -> None:
    day.bot.keyClick(day.screen.carriers, Qt.Key.Key_Return)
    day.bot.keyClick(day.screen, Qt.Key.Key_F9)
    day.told()
    day.bot.keyClick(day.screen, F12)
    question = day.sheet(Question)
    day.bot.keyClick(question, Qt.Key.Key_Escape)
    assert all(not p.handed_over_at for p in day.labels())
    day.bot.waitUntil(day.window.isActiveWindow)
    day.bot.keyClick(day.screen, F12)
    question = day.sheet(Question)
    button = next(b for b in question._verbs if b.text() == "Hand over")
    with day.bot.waitSignal(question.finished):
        button.click()
    day.presenter.rested()
    assert [bool(p.handed_over_at) for p in day.labels()] == [False, False, False, True]


def test_pictures_of_the_days_end(day: Desk, dressed: Any, pictures: Path) -> None:
    day.presenter.choose("USPS")
    day.presenter.make_lists()
    day.told()
    looking.photograph_all(dressed, day.window, pictures, "day-end")
    assert looking.cut_off(day.window) == []
    assert looking.nameless(day.screen) == []
    day.presenter.ask_visit()
    sheet = day.sheet(StepSheet)
    looking.photograph_all(dressed, day.window, pictures, "day-end-visit", sheet)
    assert looking.cut_off(sheet) == []
    with day.bot.waitSignal(sheet.finished):
        day.bot.keyClick(sheet, F12)
    day.told()
    day.bot.waitUntil(day.window.isActiveWindow)
    day.presenter.ask_visit()
    book = day.sheet(StepSheet)
    looking.photograph_all(dressed, day.window, pictures, "day-end-book", book)
    with day.bot.waitSignal(book.finished):
        day.bot.keyClick(book, F12)
    day.told()
    assert len(day.after.carriers.bookings) == 1


# ---- one label ----


def test_one_label_and_its_steps_in_pictures(day: Desk, dressed: Any, pictures: Path) -> None:
    label = day.labels()[0]
    places = ("HARTFORD CT", "MEMPHIS TN", "ANCHORAGE AK", "TULSA OK")
    scans = tuple(
        TrackEvent(day.clock.at + n * 3_600_000, "in_transit", "Arrived at USPS Regional Facility", place)
        for n, place in enumerate(places)
    )
    tracking.applied(day.store, label.id, Track("trk", label.tracking, "in_transit", events=scans))
    sheet = label_steps.ask(day.screen, day.station, label.id)
    day.bot.waitUntil(sheet.isActiveWindow)
    looking.photograph_all(dressed, day.window, pictures, "label", sheet)
    assert looking.cut_off(sheet) == []
    assert looking.nameless(sheet) == []
    assert [r.second.split(" · ")[1] for r in sheet.scans.rows()] == list(reversed(places))
    with day.bot.waitSignal(sheet.finished):
        day.bot.keyClick(sheet, Qt.Key.Key_Escape)


def test_a_label_is_given_back_through_its_sheets(day: Desk, dressed: Any, pictures: Path) -> None:
    label = day.labels()[1]
    sheet = label_steps.ask(day.screen, day.station, label.id)
    day.bot.waitUntil(sheet.isActiveWindow)
    shown = {key.id for key in keys_under(sheet)}
    assert shown == scope("label")
    day.bot.keyClick(sheet, Qt.Key.Key_F11)
    step = day.sheet(StepSheet)
    looking.photograph_all(dressed, day.window, pictures, "label-void", step)
    day.bot.keyClick(step, Qt.Key.Key_Return)
    assert day.now(label).state == "bought", "Enter gives nothing back"
    step.form.control("reason").choose("Wrong address")  # type: ignore[union-attr]
    with day.bot.waitSignal(step.finished):
        day.bot.keyClick(step, F12)
    assert day.now(label).state == "voiding"
    assert (
        "Refund asked for" in [x.text() for x in sheet.findChildren(QLabel)]
        or sheet._view.status == "Refund asked for"
    )
    with day.bot.waitSignal(sheet.finished):
        sheet.reject()


def test_of_several_labels_one_is_chosen(day: Desk) -> None:
    label_steps.ask_one_of(day.screen, day.station, "BW-001", day.labels()[:2])
    choice = day.sheet(QWidget)
    assert not isinstance(choice, LabelSheet)
    label_steps.ask_one_of(day.screen, day.station, "BW-001", ())
