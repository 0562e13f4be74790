"""The sales screen through its widgets: searching, printing again, returning, its pages; and pictures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from bookwish_desk.actions import selling, stocking
from bookwish_desk.db import drafts
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.sale import Discount
from bookwish_desk.ui import sales
from bookwish_desk.ui.returns.screen import ReturnSheet
from bookwish_desk.ui.widgets import Sheet
from tests.support import days, looking
from tests.support.counter import ORLANDO, OVERSTORY, WRAP, Counter
from tests.support.shops import station_for

MARKUP = replace(
    OVERSTORY,
    sku="B",
    ean=None,
    title="<b>Bold</b> & Łódź 東京: a title longer than its place",
    authors="<i>x</i>",
)


class Desk(Counter):
    """A counter with a sales screen in a window."""

    def __init__(self, folder, qtbot):
        super().__init__(folder, cash_step=5)
        self.station, self.front = station_for(self.store, self.actor)
        self.screen, self.presenter = sales.build(self.station)
        self.window = looking.window_with("sales", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)

    def fill(self):
        """Make a handful of sales of every kind."""
        first = self.sell((ORLANDO, 2), (MARKUP, 1), (WRAP, 1))
        draft = days.ring(self.store, self.actor, [(ORLANDO, 1), (OVERSTORY, 2)])
        selling.set_customer(self.store, self.actor, draft.id, Customer("c", "<b>x</b> Clarissa"))
        selling.discount_sale(
            self.store, self.actor, draft.id, Discount("percent", 100_000, "Loyal customer")
        )
        selling.note(self.store, self.actor, draft.id, draft.lines[0].id, "Signed copy")
        with self.store.read() as conn:
            draft = drafts.load(conn, draft.id)
        days.pay(self.store, self.actor, draft, "split")
        days.bring_back(self.store, self.actor, first)
        self.end_printing("printed")
        self.sell((OVERSTORY, 1), how="card")
        self.end_printing("failed")
        stocking.adjust(self.store, self.actor, ORLANDO, 5, "Found behind the shelf")
        return first


@pytest.fixture
def desk(tmp_path, dressed, qtbot):
    return Desk(tmp_path, qtbot)


def sheet_of(kind=Sheet):
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())


@pytest.mark.capability("BW+03")
def test_a_sale_is_found_typed_and_printed_again(desk, qtbot):
    desk.fill()
    desk.presenter.shown()
    assert desk.screen.search.hasFocus()
    qtbot.keyClicks(desk.screen.search, "clarissa")
    assert [r.cells[0] for r in desk.screen.rows.rows()] == ["R1-000002"]
    texts = [r.left for r in desk.screen.paper.rows()]
    assert "Orlando" in texts and "Signed copy" in texts and "Discount Loyal customer" in texts
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert desk.front.said == [("Receipt R1-000002 is being printed.", "ok")]
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Escape)
    assert len(desk.screen.rows.rows()) == 4


def test_arrows_walk_through_the_list_from_the_search_line(desk, qtbot):
    desk.fill()
    desk.presenter.shown()
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Down)
    assert desk.presenter.state.selected == "R1-000003"
    assert desk.screen.paper.rows()[0].right == "Register 1"
    assert not desk.screen._return.isEnabled()


def test_a_gift_receipt_asks_which_lines_it_is_for(desk, qtbot):
    desk.fill()
    desk.presenter.open("R1-000002")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F6)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    first, second = (w for w in sheet.findChildren(QAbstractButton) if w.isCheckable())
    assert first.accessibleName() == "Orlando"
    first.setChecked(False)
    second.setChecked(False)
    verb = next(b for b in sheet.findChildren(QAbstractButton) if b.text() == "Print gift receipt")
    verb.click()
    assert sheet.isVisible(), "a gift receipt for nothing is not printed"
    second.setChecked(True)
    with qtbot.waitSignal(sheet.finished):
        verb.click()
    assert [e["lines"] for e in desk.journal("receipt.gift")] == [[2]]


@pytest.mark.capability("BW+03")
def test_a_return_goes_on_in_the_sell_screen(desk, qtbot):
    desk.fill()
    desk.presenter.open("R1-000002")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F8)
    sheet = sheet_of(ReturnSheet)
    qtbot.waitUntil(sheet.isActiveWindow)
    assert [r.cells[0] for r in sheet.lines.rows()] == ["Orlando", "The Overstory"]
    qtbot.keyClick(sheet, Qt.Key.Key_F4)
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert desk.front.screen == "sell"
    draft = selling.current(desk.store, 1).draft
    assert draft is not None and len(draft.returns) == 2


def test_its_pages_are_turned_with_keys(desk, qtbot):
    desk.fill()
    desk.presenter.shown()
    assert desk.screen._tabs["jobs"].text() == "Print jobs (1)"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F10)
    page = desk.screen._pages.currentWidget()
    assert [r.badge for r in page.rows.rows()] == ["Not printed"]
    qtbot.keyClick(page, Qt.Key.Key_F6)
    assert page.rows.rows() == ()
    assert desk.screen._tabs["jobs"].text() == "Print jobs"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F11)
    page = desk.screen._pages.currentWidget()
    assert page.rows.rows()[0].cells[0].startswith("Said that")
    page.group.choose("stock")
    page.group.picked.emit("stock")
    assert [r.cells[0] for r in page.rows.rows()] == ["Adjusted Orlando by +5 to 3: Found behind the shelf."]
    qtbot.keyClick(desk.screen, Qt.Key.Key_F9)
    assert desk.screen.search.hasFocus()


def test_pictures_names_and_plain_text(desk, dressed, pictures):
    first = desk.fill()
    desk.presenter.shown()
    looking.photograph_all(dressed, desk.window, pictures, "sales-list")
    assert looking.cut_off(desk.window) == []
    desk.presenter.choose(first.receipt)
    looking.photograph_all(dressed, desk.window, pictures, "sales-returned")
    desk.presenter.choose("R1-000002")
    looking.photograph_all(dressed, desk.window, pictures, "sales-detail")
    for page in ("jobs", "activity"):
        desk.presenter.show_page(page)
        looking.photograph_all(dressed, desk.window, pictures, f"sales-{page}")
        assert looking.nameless(desk.screen) == []
        assert looking.cut_off(desk.window) == []
    assert looking.rich(desk.window) == []
