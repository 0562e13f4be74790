"""What a scan and a repaint cost the sell screen, in exact counts: the clock is for the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.db import titles
from bookwish_desk.db.store import Store
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.title import Title
from bookwish_desk.ui import sell
from bookwish_desk.ui.sell.presenter import SellPresenter
from bookwish_desk.ui.sell.screen import SellScreen
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.widgets import RowList
from bookwish_desk.ui.widgets import rows as rows_module
from tests.support.shops import found_shop, station_for

BOOKS = tuple(
    Title(ean, f"Bird song {ean}", "Ann Ash", "House", 2001, 1500)
    for ean in (9780000000019, 9780000000026, 9780000000033, 9780000000040, 9780000000057)
)


Selling = tuple[SellScreen, SellPresenter, Station]
Counted = tuple[list[int], list[int]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened, _owner = found_shop(tmp_path / "shop")
    with opened.write_catalogue() as conn:
        titles.add(conn, BOOKS)
    yield opened
    opened.close()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Count the calls for a row's data, and the rows painted, of every list made from now on."""
    asked: list[int] = []
    painted: list[int] = []
    data, paint = rows_module._RowModel.data, rows_module._RowDelegate.paint

    def counted_data(self, index, role=Qt.ItemDataRole.DisplayRole):
        asked.append(role)
        return data(self, index, role)

    def counted_paint(self, painter, option, index):
        painted.append(index.row())
        paint(self, painter, option, index)

    monkeypatch.setattr(rows_module._RowModel, "data", counted_data)
    monkeypatch.setattr(rows_module._RowDelegate, "paint", counted_paint)
    return asked, painted


@pytest.fixture
def selling(counted: Counted, store: Store, dressed: QApplication, qtbot: QtBot) -> Selling:
    with store.read() as conn:
        owner = conn.exec_driver_sql("SELECT id FROM staff").scalar_one()
    station, _front = station_for(store, Actor(owner, 1))
    screen, presenter, _paying = sell.build(station)
    qtbot.addWidget(screen)
    screen.resize(1280, 744)
    with qtbot.waitExposed(screen):
        screen.show()
    presenter.shown()
    return screen, presenter, station


def painted_anew(lines: RowList, counted: Counted) -> set[int]:
    """Repaint a list, hold it to no call for data, and return the rows that were painted."""
    asked, painted = counted
    painted.clear()
    lines.viewport().repaint()
    assert asked == []
    return set(painted)


@pytest.mark.capability("BW+05")
def test_scans_and_repaints_of_the_cart_ask_for_no_data(selling: Selling, counted: Counted) -> None:
    screen, _presenter, station = selling
    for book in BOOKS:
        station.scanned(str(book.ean))
        painted_anew(screen.cart.lines, counted)
    assert painted_anew(screen.cart.lines, counted) == {0, 1, 2, 3, 4}
    # The count counts: a screen reader does ask for data.
    assert "Bird song" in screen.cart.lines.row_model().index(0, 0).data()
    assert len(counted[0]) == 1


def test_search_results_are_painted_without_a_call_for_data(selling: Selling, counted: Counted) -> None:
    screen, _presenter, _station = selling
    for typed in ("b", "bi", "bird"):
        screen.typed.emit(typed)
    assert painted_anew(screen.found, counted) == {0, 1, 2, 3, 4}


def test_a_scan_renders_the_screen_once(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    screen, presenter, station = selling
    rendered: list[str] = []
    render = presenter.render

    def counted_render(state):
        rendered.append(state.heading)
        render(state)

    monkeypatch.setattr(presenter, "render", counted_render)
    station.scanned(str(BOOKS[0].ean))
    station.scanned(str(BOOKS[1].ean))
    assert len(rendered) == 2
    assert len(screen.cart.lines.rows()) == 2
