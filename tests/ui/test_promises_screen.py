"""The promise board through its widgets: keys, a refresh that loses nothing, names; and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.db import orders
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui import promises
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets.rows import sentence
from tests.support import looking
from tests.support.hours import HOURS, ZONE, at
from tests.support.orders import EMMA, line, made, received, shelved, stepped
from tests.support.shops import FrozenClock, found_shop, station_for

SENT = ("start", "pick", "check", "pack")
NAMES = ("Ada Example", "Bo <b>Long</b> Łódź-Example of the Very Long Name", "Cy Example")


class Desk:
    """A shop with deadlines of every kind, its board in a window."""

    def __init__(self, folder: Path, qtbot: QtBot, *, empty: bool = False) -> None:
        self.clock = FrozenClock(at("2026-11-24 11:00"))
        settings = Settings(shop_name="Test Books", zone=ZONE, hours=HOURS)
        self.store, self.owner = found_shop(folder, settings, self.clock)
        if not empty:
            self._fill()
        self.station, self.front = station_for(self.store, self.owner)
        self.screen, self.presenter = promises.build(self.station)
        self.opened: list[str] = []
        self.presenter.on_order = self.opened.append
        self.window = looking.window_with("promises", self.screen, (1366, 768))
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def order(self, number: str, placed: str, *steps: Step | str, who: str = NAMES[0], **more: Any) -> None:
        """Take an order in and take steps with it."""
        lines = more.pop("lines", ())
        facts = {"customer": Customer("", who), "placed_at": at(placed), **more}
        kept = received(self.store, self.owner, made(number, *lines, **facts))
        stepped(self.store, self.owner, kept, *steps)

    def _fill(self) -> None:
        shelved(self.store, self.owner, copies=6)
        pay = Payment(authorised_cents=9_900, expires_at=at("2026-11-25 12:00"))
        cart: dict[str, Any] = {"state": "in_checkout", "payment": Payment()}
        self.order("BW-20261123-AB12", "2026-11-23 09:30", who=NAMES[1])
        self.order("IC-88123", "2026-11-24 09:00", payment=pay)
        self.order("BW-20261124-CD34", "2026-11-24 09:05", "start", "pick", "ready", who=NAMES[2])
        dated = Step("ship", carrier="USPS", tracking="9400111899223197428490", expected_on="2026-11-27")
        self.order("WSM-5512", "2026-11-24 09:00", *SENT, dated, kind="ship")
        self.order("WSM-5513", "2026-11-24 09:00", *SENT, Step("ship", tracking="9401"), kind="ship")
        self.order("IC-88124", "2026-11-24 09:00", "send_to_wholesaler", kind="ship", lines=(line(EMMA),))
        self.order("CART-1", "2026-11-10 09:00", **cart)
        self.order("BW-20261124-EF56", "2026-11-24 08:00", Step("cancel", reason="Gone"))
        self.order("O1-000042", "2026-11-24 09:00", lines=(line(EMMA, street_date="2026-12-01"),))


@pytest.fixture
def desk(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made_desk = Desk(tmp_path, qtbot)
    yield made_desk
    made_desk.store.close()


def test_enter_and_a_key_open_the_order_of_the_chosen_line(desk: Desk, qtbot: QtBot) -> None:
    rows = desk.screen.rows
    assert rows.hasFocus()
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12)
    wanted = [r.order_id for r in desk.presenter.state.rows[:2]]
    assert desk.opened == wanted


def test_sections_have_keys_and_counts(desk: Desk, qtbot: QtBot) -> None:
    texts = [b.text() for b in desk.screen._sections.values()]
    total = len(desk.presenter.state.rows)
    assert texts[0] == f"All ({total})"
    assert texts[1] == "Late (1)"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F3)
    assert [r.cells[0] for r in desk.screen.rows.rows()] == ["Late"]
    assert desk.screen._sections["late"].isChecked()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F2)
    headings = [r.cells[0] for r in desk.screen.rows.rows() if r.cells[0]]
    assert headings == ["Late", "Today", "This week", "Later"]


def test_the_keys_lead_to_figures_and_back_to_the_orders(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClick(desk.screen, Qt.Key.Key_F9)
    assert desk.front.screen == "figures"
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert desk.front.screen == "orders"


def test_a_minute_later_the_same_line_is_chosen_and_stands_where_it_stood(desk: Desk, qtbot: QtBot) -> None:
    rows = desk.screen.rows
    for _ in range(6):
        qtbot.keyClick(rows, Qt.Key.Key_Down)
    chosen, place = desk.presenter.state.selected, rows.verticalScrollBar().value()
    desk.clock.at += 60_000
    desk.presenter.tick()
    current = rows.current()
    assert current is not None
    assert current.key == chosen
    assert rows.verticalScrollBar().value() == place


def test_the_kind_is_chosen_from_those_that_there_are(desk: Desk) -> None:
    desk.screen.kind.combo.setCurrentIndex(desk.screen.kind.combo.findData("checkout"))
    desk.screen.kind.combo.activated.emit(desk.screen.kind.combo.currentIndex())
    assert [r.cells[2] for r in desk.screen.rows.rows()] == ["CART-1"]


def test_a_line_is_spoken_as_one_sentence_with_its_section(desk: Desk) -> None:
    row = desk.screen.rows.rows()[0]
    assert sentence(row, ()) == (
        "Late: Confirm the order. Order BW-20261123-AB12, Bo <b>Long</b> Łódź-Example of the Very Long Name,"
        " by 9:30 AM, 1 h late. Placed yesterday 9:30 AM, within 24 hours."
    )


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_everything_has_a_name_and_its_place(desk: Desk, size: tuple[int, int], pictures: Path) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    desk.window.resize(*size)
    for theme in ("light", "dark", "contrast"):
        apply_theme(app, theme)
        app.processEvents()
        looking.photograph(desk.window, pictures / f"promises-{size[0]}-{theme}.png")
    apply_theme(app, "light")
    assert looking.nameless(desk.screen) == []
    assert looking.rich(desk.screen) == []
    assert looking.cut_off(desk.screen) == []


def test_an_empty_board_says_so(tmp_path: Path, dressed: QApplication, qtbot: QtBot, pictures: Path) -> None:
    empty = Desk(tmp_path, qtbot, empty=True)
    assert empty.screen.rows.rows() == ()
    assert not empty.screen._open.isEnabled()
    looking.photograph(empty.window, pictures / "promises-empty.png")
    empty.store.close()


def test_many_orders_are_one_list(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> None:
    many = Desk(tmp_path, qtbot, empty=True)
    with many.store.write() as tx:
        for n in range(500):
            orders.insert(tx, made(f"B-{n}", placed_at=at("2026-11-20 09:00") + n * 60_000))
    many.presenter.tick()
    assert len(many.screen.rows.rows()) == 1_000
    assert many.presenter.state.rows[0].number == "B-0"
    many.store.close()
