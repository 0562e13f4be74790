"""The screen of figures through its presenter and widgets: numbers, charts that say them, days, a file."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import problems
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop import figures as counting
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.figure_csv import GROUPS, STRETCHES, TROUBLES
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_problem import Problem
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui import figures
from bookwish_desk.ui.figures import filing, words
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support.hours import HOURS, ZONE, at
from tests.support.orders import made, received, shelved, stepped
from tests.support.shops import FrozenClock, found_shop, station_for

PACKED = ("start", "pick", "check", "pack", Step("ship", tracking="1"))
HELD = ("start", "pick", "ready")


class Desk:
    """A shop with some orders, its screen of figures in a window."""

    def __init__(self, folder: Path, qtbot: QtBot, fill: Callable[[Desk], None]) -> None:
        self.clock = FrozenClock(at("2026-11-02 09:00"))
        settings = Settings(shop_name="Test Books", zone=ZONE, hours=HOURS)
        self.store: Store
        self.owner: Actor
        self.store, self.owner = found_shop(folder, settings, self.clock)
        shelved(self.store, self.owner, copies=99)
        fill(self)
        self.clock.at = at("2026-11-22 12:00")
        self.station, self.front = station_for(self.store, self.owner)
        self.screen, self.presenter = figures.build(self.station)
        self.window = looking.window_with("figures", self.screen, (1366, 768))
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def order(self, number: str, placed: str, done: str = "", **more: Any) -> Order:
        """Take an order in when it was placed, and make it ready or ship it at another moment."""
        self.clock.at = at(placed)
        order = received(self.store, self.owner, made(number, placed_at=self.clock.at, **more))
        if done:
            self.clock.at = at(done)
            order = stepped(self.store, self.owner, order, *(PACKED if order.kind == "ship" else HELD))
        return order

    def report(self, order: Order, kind: str, cause: str, labour: int = 0, postage: int = 0) -> None:
        """Report something that went wrong."""
        lines = () if kind in ("delay", "misrouted") else ((order.lines[0].id, 1),)
        told: dict[str, Any] = {"kind": kind, "answer": "tell", "cause": cause, "copies": lines}
        if kind == "delay":
            told["expected_on"] = "2026-12-01"
        reported = Problem(**told, labour_cents=labour, postage_cents=postage)
        problems.report(self.store, self.owner, order.id, reported)

    def texts(self, view: str) -> list[tuple[str, ...]]:
        """Return the cells of a table."""
        return [row.cells for row in self.screen.lists[view].rows()]  # type: ignore[index]


def three_weeks(desk: Desk) -> None:
    """Fill the shop with orders of three weeks, some of them slow, some of them wrong."""
    for n in range(1, 22):
        for m in range(n % 4):
            day, kind = f"2026-11-{n:02d}", ("ship", "pickup")[m % 2]
            late = min(n + (m + n) % 3, 21)
            done = "" if n > 20 else f"2026-11-{late:02d} {15 + m}:00"
            source = ("bookwish", "wsm", "indiecommerce")[n % 3]
            order = desk.order(f"B-{n}-{m}", f"{day} {9 + m:02d}:00", done, kind=kind, source=source)
            if kind == "ship" and n % 5 == 0:
                desk.report(order, "wrong_item", "picking", 500, 450)
            elif kind == "ship" and done and n % 7 == 0:
                desk.report(order, "missing_item", "packing", 250)
            elif n % 6 == 0:
                desk.report(order, "delay", "supplier")


@pytest.fixture
def desk(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made_desk = Desk(tmp_path, qtbot, three_weeks)
    yield made_desk
    made_desk.store.close()


def two_orders(desk: Desk) -> None:
    """Fill the shop with two orders whose figures anybody can count."""
    sent = desk.order("A", "2026-11-20 11:00", "2026-11-20 15:00", kind="ship")
    desk.order("B", "2026-11-20 17:00", "2026-11-21 13:00")
    desk.report(sent, "wrong_item", "picking", 500, 450)


@pytest.fixture
def small(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made_desk = Desk(tmp_path, qtbot, two_orders)
    yield made_desk
    made_desk.store.close()


@pytest.mark.capability("BB-05", "BB-06", "BB-11")
def test_the_figures_of_two_orders_are_those_one_counts(small: Desk) -> None:
    shown = small.presenter.state.shown
    assert [(f.label, f.text) for f in shown.facts] == [
        ("Orders", "2"),
        ("Median", "4 h"),  # of four open hours twice: from 17 to 18, and from 10 to 13
        ("9 of 10 within", "4 h"),
        ("Promise kept", "100 %"),
        ("With an error", "50 %"),
        ("Cost of problems", "$9.50"),
    ]
    assert small.texts("groups") == [
        ("All orders", "2", "2", "4 h", "4 h", "100 %", "50 %", "$9.50"),
        ("BookWish, pickup", "1", "1", "4 h", "4 h", "100 %", "0 %", "$0.00"),
        ("BookWish, ship", "1", "1", "4 h", "4 h", "100 %", "100 %", "$9.50"),
    ]
    assert small.texts("causes") == [
        ("Wrong item sent", "Picked wrongly", "1", "$5.00", "$4.50", "$0.00", "$9.50")
    ]
    assert shown.heading == "Orders placed Oct 24, 2026 to Nov 22, 2026"
    assert shown.captured == "Captured and not completed now: $33.98 in 2 orders"


@pytest.mark.capability("BB-05")
def test_times_can_be_counted_by_the_clock(small: Desk, qtbot: QtBot) -> None:
    assert small.screen._hours.isChecked()
    qtbot.keyClick(small.screen, Qt.Key.Key_F7)
    assert not small.screen._hours.isChecked()
    # 4 hours and 20: the middle between them, and nine tenths of the way.
    assert [f.text for f in small.presenter.state.shown.facts][1:3] == ["12 h", "18 h"]


def test_charts_say_the_numbers_of_the_table(desk: Desk) -> None:
    screen, shown = desk.screen, desk.presenter.state.shown
    bars = screen.orders.chart()
    assert list(bars.series[0].values) == [float(cells[1]) for cells in desk.texts("times")]
    spoken = screen.orders.accessibleDescription()
    assert spoken == " ".join(f"{cells[0]}: {cells[1]}." for cells in desk.texts("times"))
    assert screen.times.accessibleDescription().count("9 of 10 within") == sum(
        cells[2] != "0" for cells in desk.texts("times")
    )
    assert [s.look for s in screen.times.chart().series] == ["line", "dashed"]
    assert bars.ticks[-1][0] >= max(v or 0 for v in bars.series[0].values)
    assert {r.name for r in screen.troubles.ranks()} == {cells[0] for cells in desk.texts("causes")}
    assert shown.orders_title == "Orders a day"


@pytest.mark.parametrize(
    ("key", "choice", "lines"),
    [
        (Qt.Key.Key_F2, "days7", 7),
        (Qt.Key.Key_F3, "days30", 30),
        (Qt.Key.Key_F4, "days90", 13),
        (Qt.Key.Key_F5, "month", 22),
    ],
)
def test_periods_have_keys(desk: Desk, qtbot: QtBot, key: Qt.Key, choice: str, lines: int) -> None:
    qtbot.keyClick(desk.screen, key)
    assert desk.presenter.state.choice == choice
    assert desk.screen._periods[choice].isChecked()
    assert len(desk.texts("times")) == lines


def test_tables_have_keys(desk: Desk, qtbot: QtBot) -> None:
    for key, view in ((Qt.Key.Key_F9, "times"), (Qt.Key.Key_F10, "causes"), (Qt.Key.Key_F8, "groups")):
        qtbot.keyClick(desk.screen, key)
        assert desk.screen.lists[view].isVisible()  # type: ignore[index]
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert desk.front.screen == "orders"
    desk.presenter.come_from("sell")
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert desk.front.screen == "sell"


def sheet_of() -> Sheet:
    """Return the sheet that is open."""
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def test_days_of_ones_own_are_typed_and_what_is_wrong_is_said(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClick(desk.screen, Qt.Key.Key_F6)
    assert not desk.screen._periods["custom"].isChecked()
    sheet = sheet_of()
    first, last = sheet.findChildren(QLineEdit)
    assert (first.text(), last.text()) == ("2026-10-24", "2026-11-22")
    first.setText("2026-11-30")
    qtbot.keyClick(last, Qt.Key.Key_Return)
    assert last.accessibleDescription() == "Wrong: The last day comes after the first."
    first.setText("2026-11-02")
    last.setText("2026-11-03")
    qtbot.keyClick(last, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not sheet.isVisible())
    assert desk.screen._periods["custom"].isChecked()
    assert [cells[1] for cells in desk.texts("times")] == ["2", "3"]
    assert desk.presenter.state.file_name == "orders-2026-11-02-to-2026-11-03.csv"


def test_days_without_an_order_say_so(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> None:
    empty = Desk(tmp_path, qtbot, lambda _desk: None)
    shown = empty.presenter.state.shown
    assert shown.empty == words.EMPTY
    assert all(not empty.texts(view) for view in ("groups", "times", "causes"))
    assert [f.text for f in shown.facts] == ["0", "–", "–", "–", "–", "$0.00"]
    assert empty.screen.orders.accessibleDescription().startswith("Oct 24: 0.")
    assert empty.screen.times.accessibleDescription() == "No order of these days is ready or shipped."
    looking.photograph(empty.window, tmp_path / "empty.png")
    empty.store.close()


def test_new_orders_are_counted_while_the_screen_is_in_front(small: Desk) -> None:
    small.order("C", "2026-11-22 11:00")
    small.clock.at = at("2026-11-22 12:00")
    small.station.changed(frozenset({"orders"}))
    assert small.presenter.state.shown.facts[0].text == "3"
    small.presenter.hidden()
    small.order("D", "2026-11-22 11:00")
    small.station.changed(frozenset({"orders"}))
    assert small.presenter.state.shown.facts[0].text == "3"


def test_progress_of_a_long_count_is_shown(
    small: Desk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    seen: list[tuple[bool, int]] = []
    monkeypatch.setattr(counting, "TOLD_EVERY", 1)
    render = small.presenter.render

    def watching(state: Any) -> None:
        render(state)
        seen.append((small.screen._bar.isVisible(), small.screen._bar.value()))

    small.presenter.render = watching
    small.presenter.choose("days7")
    assert (True, 50) in seen
    assert seen[-1][0] is False


# ---- the file ----


def read_csv(path: Path) -> list[list[str]]:
    """Return the rows of a file as a spreadsheet reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.capability("BB-05", "BB-06", "BB-11", "IC+11")
def test_the_file_has_the_numbers_of_the_screen(small: Desk, tmp_path: Path) -> None:
    target = tmp_path / "figures.csv"
    target.write_text("old")
    small.presenter.save(str(target))
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    found = read_csv(target)
    assert found[0] == ["Orders placed", "2026-10-24", "2026-11-22"]
    assert found[2] == list(GROUPS)
    assert found[5][:2] == ["All", ""]
    times = ["12.00", "18.40", "4.00", "4.00"]
    assert found[5][2:] == ["2", "2", "0", *times, "2", "2", "1", "9.50"]
    assert list(STRETCHES) in found
    day = next(row for row in found if row[:2] == ["2026-11-20", "2026-11-20"])
    assert day[2:] == ["2", "2", *times]
    place = found.index(list(TROUBLES))
    wrong = ["Wrong item sent", "Picked wrongly", "1", "1", "5.00", "4.50", "0.00", "9.50"]
    assert found[place + 1] == wrong
    assert found[-1] == ["Captured and not completed", "2", "33.98"]
    assert small.front.said[-1] == (f"Saved as {target}", "ok")
    assert sorted(p.name for p in tmp_path.iterdir() if "part" in p.name) == []


def test_a_source_that_is_named_like_a_formula_is_text_in_the_file(
    tmp_path: Path, dressed: QApplication, qtbot: QtBot
) -> None:
    def odd(desk: Desk) -> None:
        desk.order("A", "2026-11-20 11:00", source='=HYPERLINK("http://x")')

    desk = Desk(tmp_path / "shop", qtbot, odd)
    target = tmp_path / "figures.csv"
    desk.presenter.save(str(target))
    assert read_csv(target)[3][0] == '\'=HYPERLINK("http://x")'
    desk.store.close()


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_says_why(
    small: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "figures.csv"
    target.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    small.presenter.save(str(target))
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []
    assert small.presenter.state.notice.startswith("The figures could not be saved as figures.csv.")
    assert not small.presenter.state.saving
    counted = small.presenter._counted
    assert counted is not None
    money = counted.settings.money
    with pytest.raises(StorageError):
        filing.write(str(tmp_path / "nowhere" / "x.csv"), counted.figures, money, counted.captured)


def test_the_dialog_asks_before_a_file_is_replaced(small: Desk, qtbot: QtBot) -> None:
    qtbot.keyClick(small.screen, Qt.Key.Key_F12)
    (dialog,) = small.window.findChildren(QFileDialog)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    assert dialog.defaultSuffix() == "csv"
    dialog.reject()


# ---- words ----


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (45, "45 min"), (60, "1 h"), (270, "4 h 30 min"), (630, "11 h"), (4_320, "72 h")],
)
def test_times_are_said_as_people_say_them(minutes: int, said: str) -> None:
    assert words.duration(minutes * 60_000) == said
    assert words.duration(None) == "–"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "–"), (0, 5, "0 %"), (1, 3, "33 %"), (999, 1_000, "over 99 %"), (1, 1_000, "under 1 %")],
)
def test_shares_are_never_rounded_to_all_or_nothing(part: int, whole: int, said: str) -> None:
    assert words.share(part, whole) == said


@pytest.mark.parametrize(("top", "marks"), [(0, 1), (1, 1), (4, 4), (5, 3), (37, 4), (4_000, 4)])
def test_marks_are_round_few_and_reach_the_top(top: int, marks: int) -> None:
    found = words.ticks(top, words._counts(), str)
    assert len(found) - 1 == marks
    assert found[0][0] == 0
    assert found[-1][0] >= top


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_everything_has_a_name_and_its_place(desk: Desk, size: tuple[int, int], pictures: Path) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    desk.window.resize(*size)
    for theme in ("light", "dark", "contrast"):
        apply_theme(app, theme)
        app.processEvents()
        looking.photograph(desk.window, pictures / f"figures-{size[0]}-{theme}.png")
    apply_theme(app, "light")
    for view in ("times", "causes"):
        desk.presenter.show_view(view)
        app.processEvents()
        looking.photograph(desk.window, pictures / f"figures-{size[0]}-{view}.png")
        assert looking.cut_off(desk.screen) == []
    assert looking.nameless(desk.screen) == []
    assert looking.rich(desk.screen) == []
