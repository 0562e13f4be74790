"""The pickup screen through its widgets: keys, what can be pressed when, its sheets; and pictures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from bookwish_desk.actions import pickup as acts
from bookwish_desk.shop.order import Payment
from bookwish_desk.ui import pickup
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support import orders as some
from tests.support.counter import Counter
from tests.support.orders import ADA, EMMA, ORLANDO, line, made, now
from tests.support.shops import station_for

LONG = replace(
    ADA,
    name="<b>Wilhelmina Ottoline</b> Cholmondeley-Featherstonehaugh",
    email="wilhelmina.ottoline@a-very-long-domain.example.org",
)
TO_PAY = {"source": "phone", "payment": Payment(promise="at_pickup")}
DAY = 86_400_000


class Desk(Counter):
    """A counter with the pickup screen in a window."""

    def __init__(self, folder, qtbot):
        super().__init__(folder)
        self.station, self.front = station_for(self.store, self.actor)
        self.screen, self.presenter = pickup.build(self.station)
        self.alarms: list[int] = []
        self.presenter.on_alarm = lambda: self.alarms.append(1)
        self.window = looking.window_with("orders", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)

    def ready(self, number, *lines, shelf="EXA", **more):
        lines = lines or (line(),)
        for x in lines:
            some.shelved(self.store, self.actor, ORLANDO if x.sku == ORLANDO.sku else EMMA, x.ordered)
        order = some.received(self.store, self.actor, made(number, *lines, **more))
        some.stepped(self.store, self.actor, order, "start", "pick")
        return acts.make_ready(self.store, self.actor, order.id, shelf).value

    def open(self, order=None):
        self.presenter.open(order.id if order else "", "orders")
        self.presenter.shown()


@pytest.fixture
def desk(tmp_path, dressed, qtbot):
    return Desk(tmp_path, qtbot)


def sheet_of():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def verb(root, words):
    return next(b for b in root.findChildren(QAbstractButton) if b.text() == words)


@pytest.mark.capability("BW-09", "BW+09")
def test_a_whole_pickup_with_scans_and_keys(desk, qtbot):
    order = desk.ready("BW-20260921-AB12", line(ORLANDO), line(EMMA))
    desk.open()
    qtbot.keyClicks(desk.screen.search, "example")
    assert [r.cells[0] for r in desk.screen.rows.rows()] == ["Ada Example"]
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Return)
    assert [r.key for r in desk.screen.books.rows()] == [x.id for x in order.lines]
    qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    assert desk.screen._notice.text() == "Scan each book out first." and len(desk.alarms) == 1
    for code in (ORLANDO.sku, EMMA.sku):
        desk.presenter.scanned(code)
    assert [r.mark for r in desk.screen.books.rows()] == ["done", "done"]
    qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    assert "Check who collects" in desk.screen._notice.text()
    qtbot.keyClick(desk.window, Qt.Key.Key_F3)
    assert verb(desk.screen, "Photo ID").isChecked()
    # Enter, as a scanner types it, hands nothing over.
    qtbot.keyClick(desk.screen.books, Qt.Key.Key_Return)
    assert now(desk.store, order).state == "processing"
    qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    assert now(desk.store, order).state == "completed"


def test_a_book_is_checked_by_hand_after_a_question(desk, qtbot):
    desk.open(desk.ready("BW-1"))
    desk.screen.books.choose(desk.screen.books.rows()[0].key)
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    verb(sheet_of(), "It is the right book").click()
    assert desk.screen.books.rows()[0].mark == "done"
    qtbot.keyClick(desk.window, Qt.Key.Key_F8)
    assert desk.screen.books.rows()[0].mark == "open"


@pytest.mark.capability("OMG-34")
def test_an_unpaid_order_asks_why_it_may_pass(desk, qtbot):
    order = desk.ready("O1-000001", **TO_PAY)
    desk.open(order)
    desk.presenter.scanned(ORLANDO.sku)
    qtbot.keyClick(desk.window, Qt.Key.Key_F5)
    qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    sheet = sheet_of()
    assert sheet.windowTitle() == "Not paid"
    reason = next(w for w in sheet.findChildren(QLineEdit) if w.accessibleName().startswith("Let it pass"))
    qtbot.keyClicks(reason, "Pays on Friday")
    # Enter does nothing here.
    qtbot.keyClick(reason, Qt.Key.Key_Return)
    assert now(desk.store, order).gone == 0
    verb(sheet, "Let it pass").click()
    assert now(desk.store, order).overrides[-1].reason == "Pays on Friday"


def test_an_order_is_made_ready_from_its_page(desk, qtbot):
    some.shelved(desk.store, desk.actor)
    order = some.received(desk.store, desk.actor, made("BW-1"))
    some.stepped(desk.store, desk.actor, order, "start", "pick")
    desk.open(order)
    assert verb(desk.screen, "Make ready").isVisible()
    assert not verb(desk.screen, "Hand over").isEnabled()
    qtbot.keyClick(desk.window, Qt.Key.Key_F7)
    sheet = sheet_of()
    verb(sheet, "Make ready").click()
    assert now(desk.store, order).shelf == "EXA"
    desk.station.changed(frozenset({"orders"}))
    assert not verb(desk.screen, "Make ready").isVisible() and verb(desk.screen, "Hand over").isEnabled()


def test_of_an_order_that_went_out_unpaid_only_the_money_is_asked_for(desk, qtbot):
    order = desk.ready("O1-000042", **TO_PAY)
    copies = tuple((x.id, 1) for x in order.lines)
    acts.hand_over(desk.store, desk.actor, order.id, copies, "Photo ID", override="Pays tomorrow")
    desk.open(order)
    assert desk.screen._notice.text().startswith("Its books were handed over unpaid")
    named = ("Add to the sale", "Hand over", "Check by hand", "Photo ID", "Print slip")
    assert [w for w in named if verb(desk.screen, w).isEnabled()] == ["Add to the sale"]
    sales: list[object] = []
    desk.presenter.on_sale = sales.append
    qtbot.keyClick(desk.window, Qt.Key.Key_F9)
    assert len(sales) == 1


def test_markup_is_shown_as_it_is_written_and_everything_has_a_name(desk):
    desk.open(desk.ready("BW-1", customer=LONG, instructions="<img src=x>"))
    assert desk.screen._name.text() == LONG.name
    assert looking.rich(desk.window) == [] and looking.nameless(desk.screen) == []


def test_pictures(desk, qapp, pictures, qtbot):
    bert = replace(ADA, name="Bert Adams", email="bert@example.com")
    first = desk.ready("BW-20260921-AB12", line(ORLANDO, 2), line(EMMA))
    desk.clock.at += 9 * DAY
    some.stepped(desk.store, desk.actor, first, "remind")
    unpaid = desk.ready("O1-000002", line(ORLANDO), line(EMMA, 2), customer=bert, shelf="ADA",
                        instructions="Calls before coming", **TO_PAY)  # fmt: skip
    desk.ready("BW-20260921-ZZ99", customer=LONG, gift=True, gift_message="Happy birthday", shelf="CHO 2")
    waits = some.received(desk.store, desk.actor, made("BW-20260921-QQ11", line(EMMA), customer=bert))
    desk.open()
    desk.presenter.typed("example")
    looking.photograph_all(qapp, desk.window, pictures, "pickup-list")
    assert looking.cut_off(desk.screen) == []
    desk.open(first)
    desk.presenter.scanned(ORLANDO.sku)
    desk.presenter.know("Order e-mail shown")
    looking.photograph_all(qapp, desk.window, pictures, "pickup-order")
    assert looking.cut_off(desk.screen) == []
    desk.presenter.start_over()
    desk.open(unpaid)
    for code in (ORLANDO.sku, ORLANDO.sku):
        desk.presenter.scanned(code)
    looking.photograph_all(qapp, desk.window, pictures, "pickup-to-pay")
    desk.open(waits)
    looking.photograph_all(qapp, desk.window, pictures, "pickup-not-ready")
    assert looking.cut_off(desk.screen) == []
    some.shelved(desk.store, desk.actor, EMMA)
    some.stepped(desk.store, desk.actor, waits, "start", "pick")
    desk.station.changed(frozenset({"orders"}))
    desk.presenter.make_ready()
    looking.photograph_all(qapp, desk.window, pictures, "pickup-ready-sheet", sheet_of())
    sheet_of().reject()
