"""The stock screen through its widgets: adjusting with keys, counting, editing, adding; and pictures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from bookwish_desk.actions import selling, stocking
from bookwish_desk.ui import stock
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support.counter import ORLANDO, OVERSTORY, Counter
from tests.support.shops import shelve, station_for

MARKUP = replace(
    ORLANDO,
    sku="B",
    ean=None,
    title="<b>Bold</b> & Łódź 東京: a title longer than its place in any list",
    authors="<i>x</i>",
)


class Desk(Counter):
    """A counter with a stock screen in a window."""

    def __init__(self, folder, qtbot):
        super().__init__(folder)
        for item, copies in ((ORLANDO, 3), (OVERSTORY, 1), (MARKUP, 12)):
            stocking.count(self.store, self.actor, item, copies, "Stocktaking")
        shelve(self.store, self.actor, OVERSTORY, "Fiction P")
        self.station, self.front = station_for(self.store, self.actor)
        self.screen, self.presenter = stock.build(self.station)
        self.window = looking.window_with("stock", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()


@pytest.fixture
def desk(tmp_path, dressed, qtbot):
    return Desk(tmp_path, qtbot)


def sheet_of():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def field(sheet, name):
    return next(w for w in sheet.findChildren(QLineEdit) if w.accessibleName() == name)


def verb(sheet, words):
    return next(b for b in sheet.findChildren(QAbstractButton) if b.text() == words)


@pytest.mark.capability("BW+14")
def test_stock_is_adjusted_with_keys_once_a_reason_is_chosen(desk, qtbot):
    qtbot.keyClicks(desk.screen.search, "orlando")
    assert desk.screen._on_hand.text() == "3"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert desk.screen.reason.error() == "Choose why the stock changes."
    desk.screen.reason.choose("Found")
    desk.screen.reason.picked.emit("Found")
    desk.screen.reason.set_error("")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert desk.screen._on_hand.text() == "9"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F6)
    qtbot.keyClick(desk.screen, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert desk.screen._on_hand.text() == "3"
    assert [r.cells[1] for r in desk.screen.moves.rows()] == ["-5", "-1", "+5", "+1", "+3"]


def test_a_list_is_imported_on_a_screen_of_its_own(desk, qtbot):
    qtbot.keyClick(desk.screen, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert desk.front.screen == "import"


def test_labels_of_the_chosen_item_are_asked_for_with_their_key(desk, qtbot):
    desk.presenter.choose(OVERSTORY.sku)
    qtbot.keyClick(desk.screen, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    assert [(r.key, r.cells[1]) for r in sheet.rows.rows()] == [(OVERSTORY.sku, "1")]
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(desk.window.isActiveWindow)
    desk.presenter.typed("nothing like this")
    assert not desk.screen._labels.isEnabled()
    assert desk.presenter.label_lines() == ()


def test_another_reason_can_be_typed(desk, qtbot):
    desk.screen.reason.choose("other")
    desk.screen.reason.picked.emit("other")
    assert desk.screen.other.isVisible()
    desk.screen._adjust(1)
    assert desk.screen.other.error() == "Type why the stock changes."
    desk.screen.other.set_text("Lent to the school")
    desk.screen._adjust(-1)
    assert desk.journal("item.adjusted")[-1]["reason"] == "Lent to the school"


@pytest.mark.capability("BW+14")
def test_a_count_is_typed(desk, qtbot):
    qtbot.keyClicks(desk.screen.search, "orlando")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F7)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert sheet.isVisible(), "an empty count is no count"
    qtbot.keyClicks(QApplication.focusWidget(), "7")
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert desk.screen._on_hand.text() == "7"


@pytest.mark.capability("BW+14")
def test_lists_have_their_counts_and_keys(desk, qtbot):
    selling.add_unknown(desk.store, desk.actor, "4006381333931", "Pen", 250, "book")
    desk.station.changed(frozenset({"items"}))
    words = [tab.text() for tab in desk.screen._tabs.values()]
    assert words == ["Items", "Low (1)", "Out (1)", "To describe (1)"]
    for key, titles in (
        (Qt.Key.Key_F8, ["The Overstory"]),
        (Qt.Key.Key_F9, ["Pen"]),
        (Qt.Key.Key_F10, ["Pen"]),
    ):
        qtbot.keyClick(desk.screen, key)
        assert [r.cells[0] for r in desk.screen.rows.rows()] == titles
    qtbot.keyClick(desk.screen, Qt.Key.Key_F3)
    assert len(desk.screen.rows.rows()) == 3


@pytest.mark.capability("BW+12")
def test_an_item_is_edited_and_what_is_wrong_is_said_at_its_field(desk, qtbot):
    qtbot.keyClicks(desk.screen.search, "overstory")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F4)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    price = field(sheet, "Price")
    assert price.text() == "18.95"
    price.setText("18.955")
    verb(sheet, "Save").click()
    assert price.accessibleDescription() == "Wrong: Use at most 2 decimals."
    price.setText("20")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Save").click()
    assert desk.screen._facts.text() == "Shelf Fiction P · $20.00 · Books"


def test_an_unknown_code_is_added_with_one_press(desk, qtbot):
    desk.station.scanned("4006381333931")
    assert desk.screen._add_unknown.isVisible()
    desk.screen._add_unknown.click()
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    assert field(sheet, "Code").text() == "4006381333931"
    verb(sheet, "Add item").click()
    assert field(sheet, "Title").accessibleDescription() == "Wrong: Type a title."
    field(sheet, "Title").setText("Pen")
    field(sheet, "Price").setText("2,50")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Add item").click()
    assert desk.screen._title.text() == "Pen"
    assert not desk.screen._add_unknown.isVisible()


def test_pictures_names_and_plain_text(desk, dressed, pictures, qtbot):
    with desk.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE items SET format = 'MM', on_order = 12 WHERE title LIKE '%Over%'")
    desk.presenter.typed("")
    row = next(r for r in desk.screen.rows.rows() if "Over" in r.cells[0])
    assert row.under == ("", "12 on order", "", "Mass market")
    looking.photograph_all(dressed, desk.window, pictures, "stock-items")
    desk.presenter.show_list("low")
    looking.photograph_all(dressed, desk.window, pictures, "stock-low")
    desk.presenter.typed("bold")
    desk.station.scanned("4006381333931")
    looking.photograph_all(dressed, desk.window, pictures, "stock-unknown")
    assert looking.nameless(desk.screen) == []
    assert looking.cut_off(desk.window) == []
    for ask, name in (
        (desk.screen._ask_count, "count"),
        (desk.screen._ask_edit, "edit"),
        (desk.screen._ask_new, "new"),
    ):
        ask()
        sheet = sheet_of()
        qtbot.waitUntil(sheet.isActiveWindow)
        looking.photograph_all(dressed, desk.window, pictures, f"stock-{name}", sheet)
        assert looking.nameless(sheet) == []
        assert looking.cut_off(sheet) == []
        assert looking.rich(sheet) == []
        with qtbot.waitSignal(sheet.finished):
            sheet.reject()
    desk.presenter.scanned(
        stocking.add_copy(desk.store, desk.actor, ORLANDO, "used", "", 700, "spine worn", 2).value
    )
    desk.screen._ask_edit()
    _look(desk, dressed, pictures, qtbot, "stock-edit-copy")
    desk.presenter.scanned("9780156701610")
    _look(desk, dressed, pictures, qtbot, "stock-misprint")
    assert looking.rich(desk.window) == []


def _look(desk, dressed, pictures, qtbot, name):
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    looking.photograph_all(dressed, desk.window, pictures, name, sheet)
    assert looking.nameless(sheet) == []
    assert looking.cut_off(sheet) == []
    assert looking.rich(sheet) == []
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()


def test_a_book_is_chosen_for_a_misprinted_code(desk, qtbot):
    desk.presenter.scanned("9780156701610")
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Down)
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Return)
    assert desk.screen._title.text() == "Orlando"
