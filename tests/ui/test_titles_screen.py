"""The title screen through its widgets: finding, pages, verbs with their keys, sheets; and pictures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from bookwish_desk.actions import selling, stocking, tilling
from bookwish_desk.db import titles
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.till import Count, business_date
from bookwish_desk.shop.title import Title
from bookwish_desk.ui import titles as title_screen
from bookwish_desk.ui.widgets import Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support import days, looking
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, OVERSTORY_EAN, Counter
from tests.support.shops import station_for

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


class Desk(Counter):
    """A counter that has bought, sold, taken back and held Orlando for a year, and its title screen."""

    def __init__(self, folder, qtbot):
        super().__init__(folder)
        with self.store.write_catalogue() as conn:
            titles.add(
                conn, [TITLE, Title(OVERSTORY_EAN, "The Overstory", "Richard Powers", price_cents=1895)]
            )
            titles.add(conn, [LONG, RTL, CJK])
        self._trade_a_year()
        self.station, self.front = station_for(self.store, self.actor)
        self.screen, self.presenter = title_screen.build(self.station)
        self.sold: list[Item] = []
        self.receipts: list[str] = []
        self.presenter.on_sell = self.sold.append
        self.presenter.on_receipt = self.receipts.append
        self.window = window_with(self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)

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
        stocking.set_shelf(store, actor, ORLANDO, "FIC-W")
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

    def open(self, code=ORLANDO.sku, came_from="stock"):
        self.presenter.open(code, came_from)
        self.presenter.shown()

    def words(self):
        """Return what the left side says."""
        return [x.text() for x in self.screen.facts.findChildren(QLabel) if x.isVisible()]


@pytest.fixture
def desk(tmp_path, dressed, qtbot):
    return Desk(tmp_path, qtbot)


def sheet_of():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def field(sheet, name):
    return next(w for w in sheet.findChildren(QLineEdit) if w.accessibleName() == name)


def verb(sheet, words):
    return next(b for b in sheet.findChildren(QAbstractButton) if b.text() == words)


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
