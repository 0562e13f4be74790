"""Questions before something is sold: too early, misprinted, other copies on hand; and their sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QListView

from bookwish_desk.actions import stocking
from bookwish_desk.db import titles
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.staff import Person
from bookwish_desk.shop.title import Title
from bookwish_desk.ui import sell
from bookwish_desk.ui.sell.presenter import SellPresenter
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support.counter import ORLANDO_EAN, OVERSTORY, OVERSTORY_EAN, Counter
from tests.support.shops import hire, station_for

if TYPE_CHECKING:
    from pathlib import Path

EARLY = 9780140449136
SENTENCE = "Rival Queens may not be sold before Thursday, January 1, 2099."


class Desk(Counter):
    """A sell presenter over a trade with a title that is not out yet."""

    def __init__(self, folder: Path, role: str = "owner"):
        super().__init__(folder)
        with self.store.write_catalogue() as conn:
            titles.add(
                conn,
                [
                    Title(ORLANDO_EAN, "Orlando", "Virginia Woolf", price_cents=1699),
                    Title(OVERSTORY_EAN, "The Overstory", "Richard Powers", price_cents=1895),
                    Title(EARLY, "Rival Queens", "Ann Author", price_cents=2000, street_date="2099-01-01"),
                ],
            )
        stocking.new_item(
            self.store, self.actor, "PROOF", stocking.ItemEdit("Rival Queens", street_date="2099-01-01")
        )
        actor = self.actor if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, actor, role=role)
        self.presenter = SellPresenter(self.station)
        self.presenter.shown()

    @property
    def state(self):
        return self.presenter.state

    def cart(self):
        return [(r.title, r.quantity, r.price) for r in self.state.cart]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


# ---- street dates ----


def test_what_is_not_out_yet_is_asked_about_and_sold_only_when_somebody_says_so(desk):
    desk.station.scanned(str(EARLY))
    assert desk.state.too_early.sentence == SENTENCE
    assert desk.cart() == []
    desk.presenter.dismiss()
    assert desk.state.too_early is None
    desk.presenter.sell_early("something else")
    assert desk.cart() == []
    desk.station.scanned(str(EARLY))
    desk.presenter.sell_early(str(EARLY))
    assert desk.cart() == [("Rival Queens", "1", "$20.00")]
    assert desk.state.too_early is None
    desk.station.scanned(str(EARLY))
    assert desk.cart() == [("Rival Queens", "2", "$20.00")]


def test_each_question_is_about_the_title_it_names(desk):
    copy = stocking.add_copy(
        desk.store, desk.actor, Item(str(EARLY), "Rival Queens", ean=EARLY), "signed", "", 3000, "", 1
    ).value
    desk.station.scanned(str(EARLY))
    desk.station.scanned(copy)
    assert desk.state.too_early.sku == copy
    desk.presenter.sell_early(str(EARLY))
    assert desk.cart() == [("Rival Queens", "1", "$20.00")]


def test_it_is_asked_of_results_and_tiles_too(desk):
    desk.presenter.finder.typed("rival")
    desk.presenter.choose(str(EARLY))
    assert desk.state.too_early.sentence == SENTENCE
    assert (desk.state.words, desk.state.found) == ("", ())
    desk.presenter.sell_early(desk.state.too_early.sku)
    assert desk.cart() == [("Rival Queens", "1", "$20.00")]


def test_a_title_without_price_is_asked_for_the_price_first_and_the_date_once(desk):
    desk.station.scanned("PROOF")
    assert (desk.state.unknown.title, desk.state.too_early) == ("Rival Queens", None)
    desk.presenter.sell_unknown("PROOF", "", "5", "book")
    assert (desk.state.unknown, desk.state.too_early.sku) == (None, "PROOF")
    desk.presenter.sell_early("PROOF")
    assert desk.cart() == [("Rival Queens", "1", "$5.00")]


def test_a_clerk_is_asked_then_a_manager_and_after_a_refusal_it_can_be_asked_again(tmp_path):
    desk = Desk(tmp_path, role="staff")
    for _ in range(2):
        desk.station.scanned(str(EARLY))
        assert desk.state.too_early.sentence == SENTENCE
        desk.presenter.sell_early(str(EARLY))
        assert desk.state.too_early is None
        needs, given = desk.front.asked[-1]
        assert needs.facts["permission"] == "sale.street_date"
        assert desk.cart() == []
    approved = desk.approved(desk.station.actor, "sale.street_date", str(needs.facts["ref"]))
    given(approved.approval)
    assert desk.cart() == [("Rival Queens", "1", "$20.00")]


def test_nothing_is_asked_over_a_locked_register(desk):
    late: list[object] = []
    desk.station.lanes.read = lambda reading, **_how: late.append(reading)
    desk.presenter.hidden()
    desk.station.person = Person(desk.actor.staff, "Olive Owner", "owner")
    desk.presenter.adding.scan(str(EARLY))
    assert desk.state.too_early is None
    assert desk.front.said == [(SENTENCE, "warn")]


# ---- copies ----


def test_the_other_copies_are_named_when_no_new_one_is_left(desk):
    new = Item(str(OVERSTORY_EAN), "The Overstory", ean=OVERSTORY_EAN)
    used = stocking.add_copy(desk.store, desk.actor, new, "used", "", 700, "spine worn", 2).value
    stocking.receive(desk.store, desk.actor, OVERSTORY, 1)
    desk.station.scanned(str(OVERSTORY_EAN))
    assert desk.state.notice == ""
    desk.station.scanned(str(OVERSTORY_EAN))
    assert (desk.state.notice, desk.state.tone) == ("Used copies on hand: 2.", "warn")
    stocking.add_copy(desk.store, desk.actor, new, "signed", "", 3000, "", 1)
    desk.station.scanned(str(OVERSTORY_EAN))
    assert desk.state.notice == "Used copies on hand: 2. Signed copies on hand: 1."
    assert desk.cart() == [("The Overstory", "3", "$18.95")], "never swapped"
    desk.station.scanned(used)
    assert desk.state.notice == ""
    assert desk.state.cart[1].details == f"Used: spine worn · {used}"


def test_no_copies_are_named_where_there_are_none(desk):
    new = Item(str(OVERSTORY_EAN), "The Overstory", ean=OVERSTORY_EAN)
    stocking.add_copy(desk.store, desk.actor, new, "used", "", 700, "", 0)
    desk.station.scanned(str(OVERSTORY_EAN))
    assert desk.state.notice == ""


# ---- misprints ----

MISPRINT = "9780156701610"  # Orlando's is 9780156701600


def test_a_misprinted_code_offers_what_exists_and_takes_nothing(desk):
    for enter in (desk.station.scanned, desk.presenter.entered):
        enter(MISPRINT)
        assert desk.cart() == []
        assert "check digit" in desk.state.notice
        (one,) = desk.state.misprint.candidates
        assert (one.title, one.change, one.price, one.on_hand) == (
            "Orlando", "12th digit 0, not 1", "$16.99", "0",
        )  # fmt: skip
        assert one.details == "Virginia Woolf · 9780156701600"
        assert desk.state.misprint.code == MISPRINT
        desk.presenter.dismiss()
        assert desk.state.misprint is None
    desk.station.scanned("978-0-15-670161-0")
    desk.presenter.sell_corrected("9780156701600")
    assert desk.cart() == [("Orlando", "1", "$16.99")]
    assert (desk.state.misprint, desk.state.notice) == (None, "")


def test_an_isbn_10_is_corrected_in_its_own_digits(desk):
    desk.station.scanned("0-15-670160-1")
    (one,) = desk.state.misprint.candidates
    assert (one.change, one.details) == ("10th digit X, not 1", "Virginia Woolf · 015670160X")


def test_where_no_such_book_exists_it_says_what_it_always_said(desk):
    desk.station.scanned("9781111111110")
    assert desk.state.misprint is None
    assert (
        desk.state.notice == "The check digit does not fit. Scan it again, or type the digits from the book."
    )
    desk.presenter.sell_corrected("9780156701600")
    assert desk.cart() == []


def test_what_is_on_hand_comes_first(desk):
    # 9780156701600 and 9780156701655 are both one digit from this.
    near = Item("9780156701655", "Between the Acts", ean=9780156701655, price_cents=1500)
    stocking.receive(desk.store, desk.actor, near, 1)
    desk.station.scanned("9780156701650")
    assert [c.title for c in desk.state.misprint.candidates] == ["Between the Acts", "Orlando"]


# ---- the sheets ----


class Window(Desk):
    """The same with the sell screen in a window."""

    def __init__(self, folder, qtbot):
        super().__init__(folder)
        self.presenter.hidden()
        self.screen, self.presenter, self.paying = sell.build(self.station)
        self.window = looking.window_with("sell", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()


@pytest.fixture
def window(tmp_path, dressed, qtbot):
    return Window(tmp_path, qtbot)


def sheet_of(qtbot):
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())
    qtbot.waitUntil(sheet.isActiveWindow)
    return sheet


def verb(sheet, words):
    return next(b for b in sheet.findChildren(QAbstractButton) if b.text() == words)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Space])
def test_every_key_but_a_deliberate_one_does_not_sell(window, qtbot, key):
    window.station.scanned(str(EARLY))
    sheet = sheet_of(qtbot)
    with qtbot.waitSignal(sheet.rejected):
        QTest.keyClick(sheet.focusWidget(), key)
    assert window.cart() == []
    assert window.state.too_early is None


def test_sell_anyway_sells(window, qtbot):
    window.station.scanned(str(EARLY))
    sheet = sheet_of(qtbot)
    with qtbot.waitSignal(sheet.accepted):
        verb(sheet, "Sell anyway").click()
    assert window.cart() == [("Rival Queens", "1", "$20.00")]


def test_no_candidate_is_chosen_before_a_person_chooses_it(window, qtbot):
    window.station.scanned(MISPRINT)
    sheet = sheet_of(qtbot)
    rows, take = sheet.findChild(QListView), verb(sheet, "Add to sale")
    qtbot.waitUntil(rows.hasFocus)
    assert not rows.currentIndex().isValid()
    assert not take.isEnabled()
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert window.cart() == []
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert take.isEnabled()
    with qtbot.waitSignal(sheet.accepted):
        take.click()
    assert window.cart() == [("Orlando", "1", "$16.99")]


def test_escape_takes_none(window, qtbot):
    window.station.scanned(MISPRINT)
    sheet = sheet_of(qtbot)
    with qtbot.waitSignal(sheet.rejected):
        QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert (window.cart(), window.state.misprint) == ([], None)


def test_pictures_names_and_plain_text(window, dressed, pictures, qtbot):
    markup = Item("9780156701655", "<b>Between</b> the Acts: Łódź 東京, a title longer than its place",
                  ean=9780156701655, authors="<i>Virginia Woolf</i>", price_cents=1500)  # fmt: skip
    stocking.receive(window.store, window.actor, markup, 3)
    stocking.add_copy(
        window.store, window.actor, replace(markup, on_hand=0), "used", "", 700, "spine worn", 2
    )
    window.station.scanned("9780156701655U1")
    for code, name in ((str(EARLY), "early"), ("9780156701605", "misprint")):
        window.station.scanned(code)
        sheet = sheet_of(qtbot)
        looking.photograph_all(dressed, window.window, pictures, f"sell-{name}", sheet)
        assert looking.nameless(sheet) == []
        assert looking.cut_off(sheet) == []
        assert looking.rich(sheet) == []
        with qtbot.waitSignal(sheet.finished):
            sheet.reject()
    for _ in range(4):
        window.station.scanned("9780156701655")
    looking.photograph_all(dressed, window.window, pictures, "sell-copies")
    assert looking.cut_off(window.window) == []
    assert looking.rich(window.window) == []
