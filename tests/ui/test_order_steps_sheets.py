"""The sheets of the guided steps with an order, as a person uses them; and their pictures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from bookwish_desk.db import orders
from bookwish_desk.shop.order import Payment
from bookwish_desk.ui import order_steps
from bookwish_desk.ui.widgets import Label, Question
from bookwish_desk.ui.window import MainWindow
from tests.support import looking
from tests.support import orders as some
from tests.support.shops import FrozenClock, found_shop, station_for


@pytest.fixture
def shop(tmp_path):
    store, actor = found_shop(tmp_path, clock=FrozenClock())
    some.shelved(store, actor, some.ORLANDO, 5)
    yield store, actor
    store.close()


@pytest.fixture
def window(dressed, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    made.set_till("Till open since 9:02 · Olive Owner")
    made.add_screen("stock", "Stock", "screen.stock", Label("The orders"))
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def opened(shop, window, qtbot, ask, *lines, **more):
    store, actor = shop
    station, _front = station_for(store, actor)
    with store.read() as conn:
        number = f"BW-{len(orders.open_orders(conn)) + 1}"
    order = some.received(store, actor, some.made(number, *lines, **more))
    sheet = ask(window, station, order)
    qtbot.waitUntil(sheet.isActiveWindow)
    return sheet, order


def test_enter_records_nothing_and_the_key_does(shop, window, qtbot):
    sheet, order = opened(shop, window, qtbot, order_steps.ask_payment, payment=Payment(), source="phone")
    amount = sheet.form.control("amount_capture").edit
    amount.setFocus()
    qtbot.keyClick(amount, Qt.Key.Key_Return)
    qtbot.keyClick(sheet, Qt.Key.Key_Enter)
    assert sheet.isVisible() and some.now(shop[0], order).payment.captured_cents == 0
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.form.control("tender").error() == "Choose how it was paid."
    tender = sheet.form.control("tender")
    assert tender.combo.hasFocus(), "the focus goes to what is wrong"
    qtbot.keyClick(tender.combo, Qt.Key.Key_Down)
    assert tender.chosen() == "Card"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert some.now(shop[0], order).paid


def test_what_was_typed_stays_while_the_form_changes(shop, window, qtbot):
    sheet, order = opened(shop, window, qtbot, order_steps.ask_cancel)
    why = sheet.form.control("why")
    why.setFocus()
    qtbot.keyClick(why.combo, Qt.Key.Key_End)
    assert why.chosen() == "other"
    words = sheet.form.control("why_words")
    words.select()
    qtbot.keyClicks(words.edit, "Moved abroad")
    sheet.form.control("fraud").click()
    assert sheet.form.control("why_words").text() == "Moved abroad"
    assert sheet.verb.text() == "Cancel the order"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert some.now(shop[0], order).cancel_reason == "Moved abroad"


def test_words_to_a_customer_are_not_given_up_without_a_question(shop, window, qtbot):
    sheet, _order = opened(shop, window, qtbot, order_steps.ask_memo, memo="rings twice")
    memo = sheet.form.control("memo").edit
    memo.setFocus()
    qtbot.keyClicks(memo, "Comes ")
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isVisible()
    question = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Question) and w.isVisible())
    question._answer = "leave"
    with qtbot.waitSignal(sheet.finished):
        question.accept()


def test_escape_changes_nothing(shop, window, qtbot):
    sheet, order = opened(shop, window, qtbot, order_steps.ask_hold)
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert some.now(shop[0], order) == order


def _cancel_some(sheet):
    sheet.form.control("what").choose("some")
    sheet.changed.emit(sheet.form.values())


def _fraud(sheet):
    sheet.form.control("fraud").click()


def _other_reason(sheet):
    sheet.form.control("why").choose("other")
    sheet.form.control("tell").choose("send")
    sheet.changed.emit(sheet.form.values())


def _wrong(sheet):
    sheet.submitted.emit(sheet.form.values())


def _grant(sheet):
    sheet.form.control("what").choose("grant")
    sheet.changed.emit(sheet.form.values())


def _authorise(sheet):
    sheet.form.control("what").choose("authorise")
    sheet.changed.emit(sheet.form.values())


UNPAID = {"payment": Payment(), "source": "phone"}
PICTURES = {
    "payment": (order_steps.ask_payment, UNPAID, _wrong),
    "payment-authorise": (order_steps.ask_payment, UNPAID, _authorise),
    "payment-grant": (order_steps.ask_payment, {}, _grant),
    "cancel": (order_steps.ask_cancel, {}, None),
    "cancel-some": (order_steps.ask_cancel, {}, _cancel_some),
    "cancel-fraud": (order_steps.ask_cancel, {}, _fraud),
    "hold": (order_steps.ask_hold, {}, _other_reason),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(shop, window, qtbot, dressed, pictures, name):
    ask, more, change = PICTURES[name]
    lines = (some.line(copies=2), some.line(some.EMMA, 3))
    sheet, _ = opened(shop, window, qtbot, ask, *lines, **more)
    if change is not None:
        change(sheet)
    looking.photograph_all(dressed, window, pictures, f"step-{name}", sheet)
    assert looking.nameless(sheet) == []
    assert looking.rich(sheet) == []
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()
