"""The way to an open desk: what its window says, and what becomes of what is typed and scanned meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import configuring, selling
from bookwish_desk.actions.pins import badge_hash
from bookwish_desk.db import folder as place
from bookwish_desk.opening import Books
from bookwish_desk.shop.barcode import badge_code
from bookwish_desk.start import Start
from bookwish_desk.ui.heading import Header
from bookwish_desk.ui.signin.screen import SignInScreen
from tests.support.shops import found_shop, hire, put_titles

ORLANDO, OVERSTORY = "9780156701600", "9780393356687"
BADGE, OTHER_BADGE = badge_code(bytes(8)), badge_code(bytes(range(8)))


@pytest.fixture
def start(qapp: QApplication, tmp_path: Path) -> Iterator[Start]:
    """Give the start of a desk on a folder with a founded shop, not begun yet."""
    store, owner = found_shop(tmp_path / "shop")
    configuring.rename_register(store, owner, "Front <b>counter</b>")
    put_titles(
        store, [(int(ORLANDO), "Orlando", "Woolf", 1_699), (int(OVERSTORY), "Overstory", "Powers", 999)]
    )
    with store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE staff SET badge_hash = ?", (badge_hash(BADGE),))
    store.close()
    start = Start(qapp, tmp_path / "shop", demo=False)
    yield start
    start.window.close()
    start.close()
    if start.desk is not None:
        start.desk.deleteLater()
    start.window.deleteLater()
    start.deleteLater()


class Keyboard:
    """Keys before the program has got round to any of them, each with the time at which it came."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._at = 1_000

    def type(self, text: str, gap: int = 200) -> None:
        """Type as a person does."""
        for letter in text:
            self._at += gap
            key = {"\r": int(Qt.Key.Key_Return), "\t": int(Qt.Key.Key_Tab)}.get(letter, ord(letter))
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter)
                event.setTimestamp(self._at)
                QCoreApplication.postEvent(self._start.window.windowHandle(), event)

    def scan(self, code: str, end: str = "\r") -> None:
        """Type as a scanner does."""
        self._at += 300
        self.type(code + end, gap=5)


def pin_of(start: Start) -> str:
    screen = start.window.findChild(SignInScreen)
    return screen.entry.field.text() if screen is not None and screen.isVisible() else ""


def lines(start: Start) -> list[tuple[str, str]]:
    desk = start.desk
    return (
        []
        if desk is None or desk.station.person is None
        else [(row.title, row.quantity) for row in desk.sell.state.cart]
    )


@pytest.mark.capability("BW+12")
def test_a_second_desk_on_the_same_folder_says_so_in_its_window(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    with place.claim(tmp_path / "shop"):
        start.begin()
        keyboard = Keyboard(start)
        keyboard.scan(BADGE)
        keyboard.type("\r")
        qtbot.waitUntil(lambda: bool(start.failure))
        shown = [label.text() for label in start.window.findChildren(QLabel) if label.isVisible()]
        # Neither the Enter of a scan before, nor one afterwards, presses the button to leave.
        keyboard.scan(ORLANDO)
        QCoreApplication.processEvents()
        assert start.window.isVisible()
    assert any("already open on this data folder" in text for text in shown), shown
    assert start.desk is None


def test_the_header_names_the_register_as_the_shop_does(qtbot: QtBot, start: Start) -> None:
    start.begin()
    qtbot.waitUntil(lambda: start.window.findChild(Header) is not None)
    header = start.window.findChild(Header)
    assert header is not None
    qtbot.waitUntil(lambda: header.register.text() == "Front <b>counter</b>")


@pytest.mark.parametrize("end", ["\r", "\t"])
def test_a_badge_and_books_scanned_while_the_shop_opens_are_a_clerk_and_a_sale(
    qtbot: QtBot, start: Start, end: str
) -> None:
    start.begin()
    keyboard = Keyboard(start)
    for code in (BADGE, ORLANDO, OVERSTORY, ORLANDO):
        keyboard.scan(code, end)
    qtbot.waitUntil(lambda: lines(start) == [("Orlando", "2"), ("Overstory", "1")])
    assert start.desk is not None
    assert start.desk.station.person is not None and start.desk.station.person.name == "Olive Owner"
    assert not start.window.covered()
    # In the books too, and once.
    ringing = selling.current(start.desk.books.store, 1)
    assert ringing.draft is not None
    assert [(line.sku, line.quantity) for line in ringing.draft.lines] == [(ORLANDO, 2), (OVERSTORY, 1)]


def test_what_is_scanned_after_a_badge_that_is_nobodys_sells_nothing(qtbot: QtBot, start: Start) -> None:
    start.begin()
    keyboard = Keyboard(start)
    keyboard.scan(OTHER_BADGE)
    keyboard.scan(ORLANDO)
    qtbot.waitUntil(lambda: start.desk is not None and "not a badge" in start.desk.signin.state.notice)
    assert start.window.covered()
    assert start.desk is not None
    assert selling.current(start.desk.books.store, 1).draft is None


def test_the_opening_stock_is_counted_as_soon_as_there_is_a_desk(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    stock = tmp_path / "stock.csv"
    stock.write_text(f"isbn,title,stock\n{ORLANDO},Orlando,3\n", encoding="utf-8")

    def founded(books: Books | None) -> None:
        # As the guided first start hands its books over.
        assert books is not None
        start._founded(books, str(stock))

    start._opened = founded  # type: ignore[method-assign]
    start.begin()
    qtbot.waitUntil(lambda: start.desk is not None and start.window.current_screen() == "import")
    store = start.desk.books.store if start.desk is not None else None

    def on_hand() -> int:
        assert store is not None
        found = selling.find(store, ORLANDO, int(ORLANDO))
        return found.on_hand if found is not None else 0

    qtbot.waitUntil(lambda: on_hand() == 3, timeout=20_000)


def test_digits_typed_while_the_shop_opens_are_the_pin(qtbot: QtBot, start: Start) -> None:
    """Whoever is alone in the shop is chosen already; each digit arrives once and in order."""
    start.begin()
    keyboard = Keyboard(start)
    keyboard.type("4071")
    qtbot.waitUntil(lambda: pin_of(start) == "4071")
    keyboard.type("25")
    qtbot.waitUntil(lambda: pin_of(start) == "407125")


def test_a_pin_and_enter_typed_while_the_shop_opens_are_tried(qtbot: QtBot, start: Start) -> None:
    start.begin()
    Keyboard(start).type("4071\r")
    qtbot.waitUntil(lambda: start.desk is not None and bool(start.desk.signin.state.notice), timeout=15_000)
    assert start.desk is not None
    assert start.desk.signin.state.notice == "That is not the right PIN."


def test_keys_go_to_no_one_while_nobody_is_chosen(
    qtbot: QtBot, qapp: QApplication, start: Start, tmp_path: Path
) -> None:
    from bookwish_desk.db.store import open_store

    store = open_store(tmp_path / "shop")
    hire(store, "staff")
    store.close()
    start.begin()
    Keyboard(start).type("4071\r\t ")
    qtbot.waitUntil(lambda: start.desk is not None and bool(start.desk.signin.state.faces))
    qtbot.waitUntil(lambda: start.window.findChild(Header) is not None)
    assert start.desk is not None
    assert start.desk.signin.state.notice == "" and pin_of(start) == ""


def test_what_is_typed_before_the_first_start_is_guided_presses_nothing(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    start = Start(qapp, tmp_path / "new", demo=False)
    try:
        start.begin()
        Keyboard(start).type("4071\r\r ")
        qtbot.waitUntil(lambda: hasattr(start, "_setup") and start._setup.isVisible())
        QCoreApplication.processEvents()
        assert start.failure == "" and start.desk is None and start.window.isVisible()
        assert not (tmp_path / "new" / "shop.db").exists()
    finally:
        start.window.close()
        start.close()
        start.window.deleteLater()
        start.deleteLater()
