"""The title screen through its widgets: finding, pages, verbs with their keys, sheets; and pictures."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from bookwish_desk.actions import selling, stocking, tilling
from bookwish_desk.db import titles
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.till import Count, business_date
from bookwish_desk.shop.title import Title
from bookwish_desk.ui import sell, stock
from bookwish_desk.ui import titles as title_screen
from bookwish_desk.ui.stock.state import CopyForm
from bookwish_desk.ui.widgets import Button, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support import days, looking
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, OVERSTORY_EAN, WRAP, Counter
from tests.support.shops import FrozenClock, label_printer, shelve, station_for, with_settings

DAY_MS = 86_400_000

TITLE = Title(
    ORLANDO_EAN,
    "Orlando",
    "Virginia Woolf",
    "Harvest Books",
    1973,
    1699,
    subtitle="A Biography",
    series="The Hogarth Novels, 6",
    format="BC",
    published="1973-10-24",
    language="eng",
    pages=336,
    subjects="FIC004000; FIC019000; FIC068000",
    grams=318,
    media_mail=True,
    discount="REG",
    returnable="Y",
    last_return="2026-10-09",
    status="04",
    availability="21",
    supplier="Ingram",
    supplier_on_hand=12,
    supplier_on_order=24,
    supplier_at="2026-09-20",
)
LONG = Title(
    9780000000019,
    "<b>Bold</b> & “quoted”: " + "a title that does not want to come to its end, " * 10,
    "; ".join(f"Author Number {n} & <i>Companions</i>" for n in range(30)),
    "Łódź University Press 東京大学出版会",
    subtitle="Pneumonoultramicroscopicsilicovolcanoconiosis" * 6,
    series="מסע אל תוך הלילה · 夜の旅",
    format="BB",
    published="2026-11",
    street_date="2026-11-24",
    language="heb",
    price_cents=123_456,
    subjects="; ".join(f"FIC{n:03}000" for n in range(40)),
    supplier="Ingram",
    supplier_on_hand=0,
)
RTL = Title(
    9780000000026, "שירים שלא נכתבו: מבחר", "לאה גולדברג", "עם עובד", 2024, 2450, language="heb", format="BC"
)
CJK = Title(
    9780000000033,
    "吾輩は猫である、名前はまだ無い。どこで生れたか頓と見当がつかぬ",
    "夏目漱石",
    "岩波書店",
    1905,
    990,
    format="BC",
)


def window_with(screen):
    """Return a window whose tabs are those of the other screens: the title screen has none."""
    window = MainWindow()
    window.set_till("Till open since 9:02 · Olive Owner")
    for name in ("sell", "sales", "stock", "till", "settings"):
        window.add_screen(name, name.capitalize(), f"screen.{name}", QWidget())
    window.add_screen("title", "", None, screen)
    window.show_screen("title")
    window.show()
    return window


class Year(Counter):
    """A counter that has bought, sold, taken back and held Orlando for a year; its books are closed."""

    def __init__(self, folder):
        super().__init__(folder)
        with self.store.write_catalogue() as conn:
            titles.add(
                conn, [TITLE, Title(OVERSTORY_EAN, "The Overstory", "Richard Powers", price_cents=1895)]
            )
            titles.add(conn, [LONG, RTL, CJK])
        self._trade_a_year()
        self.store.close()

    def _trade_a_year(self):
        store, actor, now = self.store, self.actor, self.clock.at
        days.close_till(store, actor, 0)
        for month in range(11, -1, -1):
            self.clock.at = now - month * 30 * DAY_MS
            today = business_date(self.clock.at, store.settings.zone, store.settings.cutoff_hour)
            tilling.open_till(store, actor, Count(other_cents=100_00), confirmed_date=today)
            stocking.receive(store, actor, ORLANDO, 4 + month % 3)
            for _ in range(1 + month % 3):
                self.sell((ORLANDO, 1 + month % 2))
            if month:
                days.close_till(store, actor, 0)
        shelve(store, actor, ORLANDO, "FIC-W")
        signed = stocking.add_copy(
            store, actor, ORLANDO, "signed", "", 3500, "Signed on the title page", 1
        ).value
        self.used = stocking.add_copy(
            store, actor, ORLANDO, "used", "", 799, "Spine worn, clean pages", 2
        ).value
        self.signed = signed
        sale = self.sell((ORLANDO, 2))
        days.bring_back(store, actor, sale, 1)
        stocking.adjust(store, actor, ORLANDO, -1, "Damaged")
        stocking.order(store, actor, ORLANDO, 6)
        draft = days.ring(store, actor, ((ORLANDO, 1), (OVERSTORY, 1)))
        selling.set_customer(store, actor, draft.id, Customer("c1", "Ada Lovelace"))
        selling.hold(store, actor, draft.id, "Comes on Friday")


class Desk(Counter):
    """A counter after that year, in a copy of its books, and its title screen."""

    def __init__(self, year, folder, qtbot):
        shutil.copytree(year.store.folder, folder, dirs_exist_ok=True)
        self.clock = FrozenClock(year.clock.at)
        self.store, self.actor = open_store(folder, clock=self.clock), year.actor
        self.signed, self.used = year.signed, year.used
        self.station, self.front = station_for(self.store, self.actor)
        self.screen, self.presenter = title_screen.build(self.station)
        self.sold: list[Item] = []
        self.receipts: list[str] = []
        self.presenter.on_sell = self.sold.append
        self.presenter.on_receipt = self.receipts.append
        self.window = window_with(self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)

    def open(self, code=ORLANDO.sku, came_from="stock"):
        self.presenter.open(code, came_from)
        self.presenter.shown()

    def words(self):
        """Return what the left side says."""
        return [x.text() for x in self.screen.facts.findChildren(QLabel) if x.isVisible()]


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    return Year(tmp_path_factory.mktemp("year"))


@pytest.fixture
def desk(year, tmp_path, dressed, qtbot):
    return Desk(year, tmp_path, qtbot)


def sheet_of():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def field(sheet, name):
    return next(w for w in sheet.findChildren(QLineEdit) if w.accessibleName() == name)


def verb(sheet, words):
    return next(b for b in sheet.findChildren(QAbstractButton) if b.text() == words)


# ---- what is shown ----


def test_what_is_known_stands_as_plain_text_however_long_it_is(desk):
    desk.open(str(LONG.ean))
    said = "\n".join(desk.words()).replace("\u200b", "")
    for text in (LONG.title.strip(), LONG.subtitle, LONG.authors, LONG.series, LONG.subjects):
        assert text in said
    assert "Not to be sold before Tuesday, November 24, 2026." in said
    assert looking.rich(desk.window) == []
    inner = desk.screen.facts.widget()
    assert inner.width() <= desk.screen.facts.viewport().width(), "nothing is cut at the right"
    assert inner.height() > desk.screen.facts.viewport().height(), "what is long can be scrolled to"


def test_a_commit_elsewhere_leaves_the_facts_where_they_were_scrolled_to(desk, dressed):
    desk.open(str(LONG.ean))
    dressed.processEvents()
    desk.screen.facts.verticalScrollBar().setValue(120)
    stocking.receive(desk.store, desk.actor, desk.presenter.forms._find(str(LONG.ean)), 2)
    desk.station.changed(frozenset({"stock"}))
    assert "2" in desk.words()
    assert desk.screen.facts.verticalScrollBar().value() == 120


def test_pages_are_turned_with_keys(desk, qtbot):
    desk.open()
    assert desk.screen.copies.rows.rows()[0].cells[0] == "New"
    assert desk.screen.copies.waiting.rows()[1].cells[0] == "On order"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F10)
    assert desk.screen.history.isVisible() and desk.screen.history.rows.rows()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F11)
    assert desk.screen.sales.isVisible()
    assert [b.figure for b in desk.screen.sales.bars.bars()] == [
        m.copies for m in desk.presenter.state.view.sales.months
    ]
    assert "September 2026" in desk.screen.sales.bars.accessibleDescription()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F9)
    assert desk.screen.copies.isVisible()


def test_the_history_is_filtered_by_cause_and_copy(desk, qtbot):
    desk.open()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F10)
    history = desk.screen.history
    history.cause.choose("adjust")
    history.cause.picked.emit("adjust")
    assert [r.cells for r in history.rows.rows()] == [("Adjusted · Damaged", "−1", "22")]
    history.copy.choose(desk.used)
    history.copy.picked.emit(desk.used)
    assert history.cause.chosen() == "every", "of this copy nothing was ever adjusted"
    assert [r.cells for r in history.rows.rows()] == [("Received", "+2", "2")]


def test_a_receipt_is_opened_with_its_key(desk, qtbot):
    desk.open()
    assert not desk.screen._receipt.isVisible()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F11)
    assert not desk.screen._receipt.isEnabled()
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Down)
    qtbot.keyClick(desk.screen, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert desk.receipts == [desk.screen.sales.rows.current().cells[0]]
    qtbot.keyClick(desk.screen, Qt.Key.Key_F10)
    for _ in range(2):
        qtbot.keyClick(desk.screen.search, Qt.Key.Key_Down)
    assert "Came back" in desk.screen.history.rows.current().cells[0]
    desk.screen.history.rows.opened.emit(desk.screen.history.rows.current().key)
    assert desk.receipts[1] in desk.screen.history.rows.current().cells[0]


# ---- coming and going ----


def test_escape_gives_up_a_search_and_then_goes_back(desk, qtbot):
    desk.open(came_from="stock")
    qtbot.keyClicks(desk.screen.search, "overstory")
    assert desk.screen.found.isVisible() and desk.screen.found.rows()
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Escape)
    assert (desk.screen.search.text(), desk.front.screen) == ("", "")
    assert desk.screen.facts.isVisible()
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Escape)
    assert desk.front.screen == "stock"


def test_a_result_is_chosen_with_the_arrows_and_enter(desk, qtbot):
    desk.open(str(RTL.ean))
    qtbot.keyClicks(desk.screen.search, "o")
    titles_found = [r.cells[0] for r in desk.screen.found.rows()]
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Down)
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Return)
    assert titles_found[1] in desk.words()
    assert desk.screen.search.text() == ""


def test_an_unknown_code_is_added_with_one_press(desk, qtbot):
    desk.open()
    assert not desk.screen._add_unknown.isVisible()
    desk.station.scanned("4006381333931")
    desk.screen._add_unknown.click()
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    assert field(sheet, "Code").text() == "4006381333931"
    field(sheet, "Title").setText("Pen")
    field(sheet, "Price").setText("2.50")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Add item").click()
    assert "Pen" in desk.words() and not desk.screen._add_unknown.isVisible()


def test_a_misprinted_isbn_asks_which_book_it_is(desk, qtbot):
    desk.open(str(RTL.ean))
    desk.station.scanned("9780156701601")
    sheet = sheet_of()
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()
    assert desk.presenter.state.misprint is None
    desk.station.scanned("9780156701601")
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Show title").click()
    assert "Orlando" in desk.words()


# ---- verbs ----


def test_the_chosen_copy_is_sold_with_its_key(desk, qtbot):
    desk.open()
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Down)
    assert desk.screen._chosen.text().startswith("Signed: Signed on the title page")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12)
    assert [item.sku for item in desk.sold] == [desk.signed]


def test_copies_are_received_ordered_and_counted_with_their_keys(desk, qtbot):
    desk.open()
    for key, typed, cell, after in (
        (Qt.Key.Key_F5, "4", 1, "26"),
        (Qt.Key.Key_F8, "9", 2, "9"),
        (Qt.Key.Key_F7, "3", 1, "3"),
    ):
        qtbot.keyClick(desk.screen, key)
        sheet = sheet_of()
        qtbot.waitUntil(sheet.isActiveWindow)
        qtbot.keyClicks(QApplication.focusWidget(), typed)
        with qtbot.waitSignal(sheet.finished):
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        qtbot.waitUntil(desk.window.isActiveWindow)
        assert desk.screen.copies.rows.rows()[0].cells[cell] == after


@pytest.mark.capability("BW+14")
def test_an_adjustment_needs_a_number_and_a_reason(desk, qtbot):
    desk.open()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F6)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    copies, why = field(sheet, "Copies more or fewer"), sheet.findChild(QComboBox)
    copies.setText("0")
    verb(sheet, "Adjust stock").click()
    assert copies.accessibleDescription() == "Wrong: Type how many copies it is: -1 takes one off."
    copies.setText("-2")
    verb(sheet, "Adjust stock").click()
    assert why.accessibleDescription() == "Wrong: Choose why the stock changes."
    why.setCurrentIndex(why.findData("other"))
    why.activated.emit(why.currentIndex())
    other = field(sheet, "Reason")
    verb(sheet, "Adjust stock").click()
    assert other.accessibleDescription() == "Wrong: Type why the stock changes."
    other.setText("Lent to the school")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Adjust stock").click()
    assert desk.screen.copies.rows.rows()[0].cells[1] == "20"
    assert desk.journal("item.adjusted")[-1]["reason"] == "Lent to the school"


def test_used_copies_are_added_under_a_proposed_sku(desk, qtbot):
    desk.open()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F3)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    sku, kind = field(sheet, "SKU"), sheet.findChild(QComboBox)
    assert sku.text() == f"{ORLANDO_EAN}U2"
    kind.setCurrentIndex(1)
    kind.activated.emit(1)
    assert sku.text() == f"{ORLANDO_EAN}S2"
    kind.setCurrentIndex(0)
    kind.activated.emit(0)
    sku.setText("SHELF-7")
    kind.activated.emit(0)
    assert sku.text() == "SHELF-7", "a SKU that was typed stays"
    verb(sheet, "Add copies").click()
    assert field(sheet, "Price").accessibleDescription().startswith("Wrong: ")
    field(sheet, "Price").setText("6.50")
    field(sheet, "Condition").setText("Ex library")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Add copies").click()
    assert desk.screen._chosen.text() == "Used: Ex library · SHELF-7 · $6.50 · 1 on hand"


def test_verbs_that_make_no_sense_cannot_be_pressed(desk):
    shelve(desk.store, desk.actor, WRAP, "Counter")
    desk.open(WRAP.sku)
    usable = [b.text() for b in desk.screen.findChildren(Button) if b.isVisible() and b.isEnabled()]
    assert usable == [
        "Back",
        "Order for a customer",
        "Copies",
        "History",
        "Sales",
        "Add to sale",
        "Print labels",
        "Edit",
    ]


# ---- labels ----


def with_label_printer(desk):
    settings = desk.station.settings
    desk.station.settings = with_settings(settings, devices=(*settings.devices, label_printer()))


def test_labels_of_the_chosen_copy_are_asked_for_with_their_key(desk, qtbot):
    with_label_printer(desk)
    desk.open()
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Down)
    qtbot.keyClick(desk.screen, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    (row,) = sheet.rows.rows()
    assert (row.key, row.cells[1]) == (desk.signed, "1")
    assert row.second.startswith("Signed: Signed on the title page")
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)


def test_the_chosen_copy_is_ordered_for_a_customer_with_its_key(desk, qtbot):
    desk.open()
    qtbot.keyClick(desk.screen.search, Qt.Key.Key_Down)
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    (row,) = sheet.lines.rows()
    assert row.cells[:2] == ("Orlando", "1") and "Signed" in row.second
    sheet._leave("leave")


def test_labels_are_offered_for_the_copies_that_came(desk, qtbot):
    with_label_printer(desk)
    desk.open()
    desk.presenter.forms.receive(ORLANDO.sku, 4)
    ((sentence, verb_, then),) = desk.front.offered
    assert (sentence, verb_) == ("4 copies received.", "Print labels")
    desk.station.scanned(str(RTL.ean))
    then()
    sheet = sheet_of()
    assert [(r.key, r.cells[1]) for r in sheet.rows.rows()] == [(ORLANDO.sku, "4")]
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()
    desk.station.scanned(ORLANDO.sku)
    desk.presenter.print_labels()
    sheet = sheet_of()
    assert sheet.copies.value() == 4, "until the screen is left"
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()
    desk.presenter.hidden()
    desk.presenter.shown()
    desk.presenter.print_labels()
    sheet = sheet_of()
    assert sheet.copies.value() == desk.on_hand(ORLANDO.sku) == 26
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()


def test_labels_are_offered_for_copies_that_were_added(desk, qtbot):
    with_label_printer(desk)
    desk.open()
    for copies in (0, 3):
        desk.presenter.forms.add_copy(
            ORLANDO.sku,
            CopyForm("used", "6.50", f"As new {copies}", "", copies),
            lambda: None,
            lambda field, why: pytest.fail(f"{field}: {why}"),
        )
    ((sentence, _verb, then),) = desk.front.offered
    assert sentence == "3 copies received."
    then()
    sheet = sheet_of()
    (row,) = sheet.rows.rows()
    assert (row.cells, row.second.split(" · ")[0]) == (("Orlando", "3"), "Used: As new 3")
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()


def test_without_a_label_printer_no_labels_are_offered(desk):
    desk.open()
    desk.presenter.forms.receive(ORLANDO.sku, 4)
    assert desk.front.offered == []


# ---- from other screens ----


def test_results_and_lines_of_the_sale_and_items_of_the_stock_lead_here(desk, qtbot):
    asked: list[str] = []
    counter, selling_, _paying = sell.build(desk.station)
    shelves, stocking_ = stock.build(desk.station)
    selling_.on_title = stocking_.on_title = asked.append
    window = looking.window_with("sell", counter)
    window.add_screen("stock", "Stock", "screen.stock", shelves)
    qtbot.addWidget(window)
    qtbot.waitUntil(window.isActiveWindow)
    selling_.shown()
    press = (Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(counter, *press)
    assert asked == [], "there is no line and no result"
    selling_.scanned(OVERSTORY.sku)
    qtbot.keyClick(counter, *press)
    qtbot.keyClicks(counter.search, "orlando")
    qtbot.keyClick(counter, *press)
    assert asked == [OVERSTORY.sku, ORLANDO.sku]
    selling_.hidden()
    window.show_screen("stock")
    stocking_.shown()
    stocking_.choose(desk.used)
    qtbot.keyClick(shelves, *press)
    assert asked[2:] == [desk.used]


def test_a_copy_brought_to_the_sale_is_added_also_after_the_last_was_paid(desk, qtbot):
    screen, selling_, paying = sell.build(desk.station)
    qtbot.addWidget(screen)
    selling_.shown()
    selling_.bring(ORLANDO)
    assert [row.title for row in selling_.state.cart] == ["Orlando"]
    selling_.pay()
    paying().cash("50")
    assert selling_.state.mode == "done"
    selling_.bring(OVERSTORY)
    assert (selling_.state.mode, [row.title for row in selling_.state.cart]) == ("sell", ["The Overstory"])


def test_what_was_searched_is_still_there_after_a_look_at_a_title(desk, qtbot):
    screen, selling_, _paying = sell.build(desk.station)
    qtbot.addWidget(screen)
    selling_.shown()
    selling_.finder.typed("orlando")
    selling_.hidden()
    selling_.shown()
    assert (selling_.state.words, selling_.state.found[0].title) == ("orlando", "Orlando")


# ---- pictures ----


def test_pictures(desk, dressed, pictures, qtbot):
    looking.photograph_all(dressed, desk.window, pictures, "title-empty")
    desk.open()
    looking.photograph_all(dressed, desk.window, pictures, "title-copies")
    desk.presenter.show_page("history")
    looking.photograph_all(dressed, desk.window, pictures, "title-history")
    desk.presenter.show_page("sales")
    looking.photograph_all(dressed, desk.window, pictures, "title-sales")
    desk.presenter.typed("the")
    looking.photograph_all(dressed, desk.window, pictures, "title-found")
    desk.presenter.typed("")
    desk.station.scanned("4006381333931")
    looking.photograph_all(dressed, desk.window, pictures, "title-unknown")
    for name, title in (("long", LONG), ("rtl", RTL), ("cjk", CJK)):
        desk.presenter.open(str(title.ean))
        looking.photograph_all(dressed, desk.window, pictures, f"title-{name}")
        assert looking.rich(desk.window) == []
    desk.open(desk.used)
    for page in ("copies", "history", "sales"):
        desk.presenter.show_page(page)
        assert looking.nameless(desk.screen) == []
        for size in looking.SIZES:
            desk.window.resize(*size)
            dressed.processEvents()
            assert looking.cut_off(desk.window) == []
    for key, name in (
        (Qt.Key.Key_F3, "add"),
        (Qt.Key.Key_F5, "receive"),
        (Qt.Key.Key_F6, "adjust"),
        (Qt.Key.Key_F8, "order"),
    ):
        qtbot.keyClick(desk.screen, key)
        sheet = sheet_of()
        qtbot.waitUntil(sheet.isActiveWindow)
        looking.photograph_all(dressed, desk.window, pictures, f"title-{name}", sheet)
        assert looking.nameless(sheet) == []
        assert looking.cut_off(sheet) == []
        assert looking.rich(sheet) == []
        with qtbot.waitSignal(sheet.finished):
            sheet.reject()
        qtbot.waitUntil(desk.window.isActiveWindow)
