"""The till on the screen: by keys and touch, the blind count, reports, plain text, names and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QListView, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from bookwish_desk.actions import equipping, tilling
from bookwish_desk.db import tables
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.staff import Person
from bookwish_desk.shop.till import Count
from bookwish_desk.ui import till
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.tokens import SIZES, THEMES
from bookwish_desk.ui.widgets import Button, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support import days
from tests.support.shops import FrozenClock, document_printer, found_shop, printer, station_for, with_settings

pytestmark = pytest.mark.capability("BW+05")


class Shown:
    """The till screen in a window of its own, over a founded shop."""

    def __init__(self, folder: Path, qtbot: QtBot, **settings: Any) -> None:
        self.qtbot = qtbot
        self.clock = FrozenClock()
        self.store, self.owner = found_shop(folder, days.settings(**settings), self.clock)
        self.station, self.front = station_for(self.store, self.owner)
        self.screen, self.presenter = till.build(self.station)
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.window.add_screen("till", "Till", "screen.till", self.screen)
        self.window.show()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def press(self, key: Qt.Key, target: QWidget | None = None) -> None:
        self.qtbot.keyClick((target or self.window).windowHandle(), key)

    def type(self, text: str) -> None:
        for character in text:
            self.qtbot.keyClick(QApplication.focusWidget(), character)

    def sheet(self) -> Sheet:
        self.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), Sheet))
        found = QApplication.activeModalWidget()
        assert isinstance(found, Sheet)
        self.qtbot.waitUntil(found.isActiveWindow)
        return found

    def gone(self, sheet: Sheet) -> None:
        self.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not sheet)
        self.qtbot.waitUntil(self.window.isActiveWindow)

    def button(self, words: str, root: QWidget | None = None) -> Button:
        found = [b for b in (root or self.screen).findChildren(Button) if b.text() == words and b.isVisible()]
        assert len(found) == 1, (words, found)
        return found[0]

    def texts(self, root: QWidget | None = None) -> list[str]:
        """Return every text that can be seen: labels, fields and rows."""
        seen = []
        for widget in (root or self.window).findChildren(QWidget):
            if not widget.isVisible():
                continue
            if isinstance(widget, QLabel | QLineEdit | QPushButton):
                seen.append(widget.text())
            if isinstance(widget, QListView):
                model = widget.model()
                seen += [str(model.index(row, 0).data()) for row in range(model.rowCount())]
        return seen

    def count(self) -> int:
        with self.store.read() as conn:
            return len(conn.execute(select(tables.till_closings.c.till)).all())


@pytest.fixture
def shown(tmp_path: Path, qtbot: QtBot, dressed: QApplication) -> Iterator[Shown]:
    made = Shown(tmp_path, qtbot)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def open_with(shown: Shown, cents: int = 15_000) -> None:
    shown.presenter.start_count()
    shown.presenter.counted(Count(other_cents=cents))


def test_a_till_is_opened_moved_counted_and_closed_by_keys_alone(shown: Shown) -> None:
    shown.press(Qt.Key.Key_F12)
    shown.type("1")  # one note of 100
    shown.press(Qt.Key.Key_Return)
    shown.press(Qt.Key.Key_Return)
    shown.type("2")  # two of 20
    shown.press(Qt.Key.Key_Down)
    shown.press(Qt.Key.Key_Plus)  # one of 10
    assert "$150.00" in shown.texts()
    shown.press(Qt.Key.Key_F12)
    assert "Till open since 10:13 AM" in shown.texts()

    shown.press(Qt.Key.Key_F6)
    sheet = shown.sheet()
    shown.type("12.50")
    shown.press(Qt.Key.Key_Return, sheet)
    shown.type("Stamps")
    shown.press(Qt.Key.Key_Return, sheet)
    shown.gone(sheet)
    assert any("Paid out: Stamps" in text for text in shown.texts())

    shown.press(Qt.Key.Key_F10)
    for edit in shown.screen.count.findChildren(QLineEdit):
        assert edit.text() == ""  # a new count begins empty
    shown.type("1")
    for _ in range(2):
        shown.press(Qt.Key.Key_Return)
    shown.type("1")
    shown.press(Qt.Key.Key_Up)
    shown.press(Qt.Key.Key_Down)
    shown.press(Qt.Key.Key_Down)
    shown.type("2")
    shown.press(Qt.Key.Key_F10)
    sheet = shown.sheet()
    assert "You counted $140.00." in shown.texts(sheet)
    assert "140.00" in shown.texts(sheet)  # of the float of 150 no more than was counted
    shown.type("100")
    assert "$40.00 is taken out for the bank or the safe." in shown.texts(sheet)
    shown.press(Qt.Key.Key_F10, sheet)  # the key that came here does not commit
    assert shown.count() == 0
    shown.press(Qt.Key.Key_F12, sheet)
    shown.gone(sheet)
    assert shown.count() == 1
    assert "The drawer is $2.50 over." in shown.texts()
    assert "Z report 1" in shown.texts()
    shown.press(Qt.Key.Key_Escape)
    assert "The till is closed" in shown.texts()
    assert "The drawer was $2.50 over at the last close." in shown.texts()


def test_the_count_shows_nothing_of_what_should_be_there(shown: Shown) -> None:
    open_with(shown, 10_000)
    days.sell(shown.store, shown.owner, (days.item(price_cents=3_333, tax_class="none"), 1))
    shown.press(Qt.Key.Key_F10)
    counted = shown.screen.count
    counted._other.edit.setFocus()
    shown.type("77")
    before = " ".join(shown.texts())
    shown.press(Qt.Key.Key_F10)
    sheet = shown.sheet()
    before += " ".join(shown.texts(sheet))
    for secret in ("133", "33.33", "56"):
        assert secret not in before
    shown.button("Close the till", sheet).click()
    shown.gone(sheet)
    after = " ".join(shown.texts())
    assert "$133.33" in after
    assert "$56.33 short" in after


def test_counting_again_is_free(shown: Shown) -> None:
    open_with(shown)
    shown.press(Qt.Key.Key_F10)
    shown.type("3")
    shown.press(Qt.Key.Key_F10)
    sheet = shown.sheet()
    shown.button("Count again", sheet).click()
    shown.gone(sheet)
    assert "$300.00" in shown.texts()  # what was counted is still there
    shown.press(Qt.Key.Key_Escape)
    assert shown.count() == 0
    assert "Till open since 10:13 AM" in shown.texts()


def test_closing_twice_closes_once(shown: Shown) -> None:
    open_with(shown)
    shown.press(Qt.Key.Key_F10)
    shown.type("1")
    shown.press(Qt.Key.Key_F10)
    sheet = shown.sheet()
    close = shown.button("Close the till", sheet)
    close.click()
    close.click()
    shown.gone(sheet)
    assert shown.count() == 1


def test_an_empty_sheet_is_not_a_count_of_nothing(shown: Shown) -> None:
    for _ in range(3):
        shown.press(Qt.Key.Key_F12)
    assert tilling.current_till(shown.store, 1) is None
    assert any("Count the cash first" in text for text in shown.texts())
    shown.screen.count._other.edit.setFocus()
    shown.type("0")
    shown.press(Qt.Key.Key_F12)
    assert tilling.current_till(shown.store, 1) is not None
    for _ in range(3):
        shown.press(Qt.Key.Key_F10)
    assert QApplication.activeModalWidget() is None
    assert shown.count() == 0


def test_the_keypad_types_into_the_field_that_has_the_focus(shown: Shown) -> None:
    shown.press(Qt.Key.Key_F12)
    page = shown.screen.count
    for words in ("1", "2"):
        shown.button(words, page).click()
    assert "$1,200.00" in shown.texts()
    erase = next(b for b in page.findChildren(Button) if b.accessibleName() == "Erase the last digit")
    erase.click()
    assert "$100.00" in shown.texts()
    shown.button(".", page).click()  # not a count: refused
    assert "$100.00" in shown.texts()
    page._other.select()
    for words in ("5", ".", "2", "5"):
        shown.button(words, page).click()
    assert "$105.25" in shown.texts()


def test_plus_and_minus_buttons_count_pieces(shown: Shown) -> None:
    shown.press(Qt.Key.Key_F12)
    more = next(
        b for b in shown.screen.findChildren(Button) if "One more, Pieces of $20.00" in b.accessibleName()
    )
    fewer = next(
        b for b in shown.screen.findChildren(Button) if "One fewer, Pieces of $20.00" in b.accessibleName()
    )
    for _ in range(3):
        more.click()
    fewer.click()
    assert shown.texts().count("$40.00") == 2  # beside the note and as the total


def test_other_cash_that_is_no_amount_is_said_and_nothing_is_opened(shown: Shown) -> None:
    shown.press(Qt.Key.Key_F12)
    shown.screen.count._other.edit.setFocus()
    shown.type("1.2.3")
    shown.press(Qt.Key.Key_F12)
    assert tilling.current_till(shown.store, 1) is None
    assert any("amount" in text for text in shown.texts())


@pytest.mark.parametrize("key", [Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F7])
def test_a_form_says_what_is_missing_and_stays(shown: Shown, key: Qt.Key) -> None:
    open_with(shown)
    shown.press(key)
    sheet = shown.sheet()
    shown.press(Qt.Key.Key_Return, sheet)
    shown.press(Qt.Key.Key_Return, sheet)
    assert "Type an amount." in shown.texts(sheet)
    shown.type("7")
    shown.press(Qt.Key.Key_Return, sheet)
    shown.press(Qt.Key.Key_Return, sheet)
    assert "Give a reason." in shown.texts(sheet)
    shown.type("4111 1111 1111 1111")
    shown.press(Qt.Key.Key_Return, sheet)
    assert any("card number" in text for text in shown.texts(sheet))
    assert len(tilling.standing(shown.store, 1).movements) == 1
    shown.press(Qt.Key.Key_Escape, sheet)
    shown.gone(sheet)


def test_no_sale_asks_only_for_a_reason(shown: Shown) -> None:
    open_with(shown)
    shown.qtbot.keyClick(shown.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    sheet = shown.sheet()
    shown.button("Change for a customer", sheet).click()
    shown.press(Qt.Key.Key_Return, sheet)
    shown.gone(sheet)
    assert any("No sale: Change for a customer" in text for text in shown.texts())


def test_a_second_press_does_not_move_cash_twice(shown: Shown) -> None:
    open_with(shown)
    answers: list[Any] = []
    shown.screen._forms = type("Slow", (), {"move": lambda _self, *args: answers.append(args[-1])})()
    shown.screen._move("paid_in")
    sheet = shown.sheet()
    shown.type("7")
    shown.press(Qt.Key.Key_Return, sheet)
    shown.type("stamps")
    for _ in range(3):
        shown.press(Qt.Key.Key_Return, sheet)
    assert len(answers) == 1
    answers[0]("The disk is full.")
    assert "The disk is full." in shown.texts(sheet)
    shown.press(Qt.Key.Key_Return, sheet)
    assert len(answers) == 2
    shown.press(Qt.Key.Key_Escape, sheet)
    shown.gone(sheet)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    answers[1]("")  # an answer that comes too late finds nobody


def test_an_odd_date_is_asked(shown: Shown) -> None:
    open_with(shown)
    days.close_till(shown.store, shown.owner, 15_000)
    shown.clock.at -= 3 * 24 * 3600 * 1000
    shown.presenter.shown()
    shown.press(Qt.Key.Key_F12)
    shown.type("1")
    shown.press(Qt.Key.Key_F12)
    sheet = shown.sheet()
    assert any("2026-09-21" in text for text in shown.texts(sheet))
    shown.button("Open the till", sheet).click()
    shown.gone(sheet)
    assert tilling.current_till(shown.store, 1) is not None


def test_the_float_left_last_time_is_shown_and_a_difference_is_warned(shown: Shown) -> None:
    open_with(shown)
    days.close_till(shown.store, shown.owner, 15_000, 12_000)
    shown.presenter.shown()
    shown.press(Qt.Key.Key_F12)
    assert "$120.00 was left at the last close." in shown.texts()
    shown.type("1")
    assert any("$20.00 less than the $120.00" in text for text in shown.texts())


def test_an_x_report_is_read_printed_and_left(shown: Shown) -> None:
    open_with(shown, 11_100)
    shown.press(Qt.Key.Key_F8)
    texts = shown.texts()
    assert "X report" in texts
    assert "Should be in the drawer" in texts
    assert "$111.00" in texts
    shown.press(Qt.Key.Key_F4)
    assert shown.front.said[-1] == ("X report is being printed.", "ok")
    shown.press(Qt.Key.Key_F9)
    assert any("reports/X-1-1-" in text for text in shown.texts())
    shown.press(Qt.Key.Key_Escape)
    assert "Should be in the drawer" not in shown.texts()


def test_pages_are_printed_with_their_key_where_there_is_a_printer_for_them(shown: Shown) -> None:
    open_with(shown, 11_100)
    shown.press(Qt.Key.Key_F8)
    assert not shown.screen.report._pages.isVisible()
    settings = shown.station.settings
    devices = (*settings.devices, document_printer())
    shown.station.settings = with_settings(settings, devices=devices)
    equipping.add(shown.store, shown.owner, document_printer())
    shown.station.changed(frozenset({"settings"}))
    shown.qtbot.keyClick(shown.window.windowHandle(), Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert shown.front.said[-1] == ("X report goes to the document printer.", "ok")
    assert shown.button("Print pages").isEnabled()


def test_a_past_report_is_opened_by_key_touch_and_enter(shown: Shown) -> None:
    open_with(shown)
    days.close_till(shown.store, shown.owner, 15_000)
    shown.presenter.shown()
    past = shown.screen.past
    key = past.rows()[0].key
    for act in (
        lambda: shown.press(Qt.Key.Key_F11),
        shown.button("Show the report").click,
        lambda: shown.qtbot.keyClick(past, Qt.Key.Key_Return),
    ):
        past.choose(key)
        act()
        assert "Z report 1" in shown.texts()
        assert "The drawer is right to the cent." in shown.texts()
        shown.press(Qt.Key.Key_Escape)


def test_the_pdf_is_opened_with_what_the_computer_has_for_it(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    open_with(shown)
    shown.presenter.start_count()
    shown.presenter.close(Count(other_cents=15_000), "0", lambda _sentence: None)
    shown.button("Open the PDF").click()
    assert opened == [shown.presenter.state.pdf]
    assert Path(opened[0]).read_bytes().startswith(b"%PDF")


def test_a_copy_of_the_pdf_goes_where_it_is_wanted(shown: Shown, tmp_path: Path) -> None:
    open_with(shown)
    days.close_till(shown.store, shown.owner, 15_000)
    shown.presenter.shown()
    shown.presenter.past_report(shown.screen.past.rows()[0].key)
    shown.press(Qt.Key.Key_F9)
    shown.button("Save a copy").click()
    dialog = shown.window.findChild(QFileDialog)
    assert dialog is not None
    target = tmp_path / "for the bookkeeper.pdf"
    dialog.fileSelected.emit(str(target))
    dialog.close()
    assert target.read_bytes().startswith(b"%PDF")


def test_all_text_is_plain_and_shown_as_it_was_typed(shown: Shown) -> None:
    open_with(shown)
    tilling.pay_in(shown.store, shown.owner, 100, "<b>x</b> & co")
    shown.presenter.shown()
    assert any("<b>x</b> & co" in text for text in shown.texts())
    shown.press(Qt.Key.Key_F8)
    assert "Paid in: <b>x</b> & co" in shown.texts()
    labels = shown.screen.findChildren(QLabel)
    assert len(labels) > 40
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)


def controls(root: QWidget) -> list[QWidget]:
    kinds = (QPushButton, QLineEdit, QListView)
    return [w for kind in kinds for w in root.findChildren(kind) if w.isVisible()]


def test_every_control_has_a_name_and_is_a_generous_target(shown: Shown) -> None:
    open_with(shown)
    for go in (lambda: None, shown.presenter.start_count, shown.presenter.leave, shown.presenter.x_report):
        go()
        seen = controls(shown.screen)
        assert len(seen) >= 3
        for widget in seen:
            name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
            assert name.strip(), widget
            assert min(widget.width(), widget.height()) >= SIZES.target, (name, widget.size())


def test_tab_goes_through_the_count_in_order(shown: Shown) -> None:
    shown.press(Qt.Key.Key_F12)
    page = shown.screen.count
    for edit in page._edits[:-1]:
        assert QApplication.focusWidget() is edit
        for _ in range(5):
            shown.press(Qt.Key.Key_Tab)
            if QApplication.focusWidget() in page._edits:
                break
    assert QApplication.focusWidget() is page._edits[-1]


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY"])
@pytest.mark.parametrize("width", [1024, 1280])
def test_the_whole_count_sheet_fits_the_window(
    tmp_path: Path, qtbot: QtBot, dressed: QApplication, currency: str, width: int
) -> None:
    locale = {"USD": "en_US", "EUR": "fr_FR", "JPY": "ja_JP"}[currency]
    shown = Shown(tmp_path, qtbot, currency=currency, locale=locale)
    shown.window.resize(width, 768 if width == 1024 else 800)
    shown.press(Qt.Key.Key_F12)
    page = shown.screen.count
    for row in page._rows:
        row.field.set_value(999)
    page._tell()
    qtbot.waitUntil(lambda: page._edits[0].width() > 0)
    QApplication.processEvents()
    for edit in page._edits:
        right = edit.mapTo(shown.window, edit.rect().topRight()).x()
        assert right < page.mapTo(shown.window, page.rect().topRight()).x() - 280
        bottom = edit.mapTo(shown.window, edit.rect().bottomLeft()).y()
        assert bottom < shown.window.height()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
def test_pictures(
    shown: Shown, dressed: QApplication, pictures: Path, theme: str, size: tuple[int, int]
) -> None:
    apply_theme(dressed, theme)
    shown.window.resize(*size)
    devices = (printer(), document_printer())
    shown.station.settings = with_settings(shown.station.settings, devices=devices)

    def keep(name: str) -> None:
        picture = shown.window.grab()
        assert picture.size().toTuple() == size
        assert picture.save(str(pictures / f"till-{name}-{theme}-{size[0]}.png"))

    keep("closed")
    open_with(shown)
    days.sell(shown.store, shown.owner, (days.item(), 2))
    tilling.pay_out(shown.store, shown.owner, 350, "Stamps")
    keep("open")
    shown.presenter.x_report()
    keep("x")
    shown.presenter.leave()
    shown.presenter.start_count()
    shown.screen.count._rows[2].field.set_value(4)
    shown.screen.count._tell()
    keep("count")
    shown.presenter.close(Count(other_cents=12_000), "100", lambda _sentence: None)
    keep("z")


def test_with_real_lanes_a_till_is_opened_and_closed(tmp_path: Path, qtbot: QtBot) -> None:
    store, owner = found_shop(tmp_path, days.settings(), FrozenClock())
    lanes = Lanes(store)
    station = Station(lanes, 1, store.settings)
    station.person = Person(owner.staff, "Olive Owner", "owner")
    lanes.changed.connect(station.changed)
    screen, presenter = till.build(station)
    qtbot.addWidget(screen)
    presenter.shown()
    qtbot.waitUntil(lambda: presenter.state.mode == "closed")
    presenter.start_count()
    qtbot.waitUntil(lambda: presenter.state.mode == "count")
    presenter.counted(Count(other_cents=15_000))
    qtbot.waitUntil(lambda: presenter.state.mode == "open")
    presenter.start_count()
    qtbot.waitUntil(lambda: presenter.state.mode == "count")
    presenter.close(Count(other_cents=15_000), "150", lambda _sentence: None)
    qtbot.waitUntil(lambda: bool(presenter.state.pdf), timeout=20_000)
    assert Path(presenter.state.pdf).read_bytes().startswith(b"%PDF")
    qtbot.waitUntil(lambda: len(presenter.state.past) == 1)
    lanes.close()
    store.close()
