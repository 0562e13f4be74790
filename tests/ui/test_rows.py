"""Row lists: painted without a call to Python's data(), read by screen readers, led by keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.widgets import Column, Row, RowList
from bookwish_desk.ui.widgets import rows as rows_module
from bookwish_desk.ui.widgets.rows import sentence

COLUMNS = (Column("Title"), Column("Qty", 44, "right"), Column("Total", 84, "right"))


def some(*keys: str) -> tuple[Row, ...]:
    return tuple(Row(key, (f"Title {key}", "1", "$16.99"), second="Author") for key in keys)


def key_of(lines: RowList) -> str | None:
    row = lines.current()
    return row.key if row else None


@pytest.fixture
def lines(dressed: QApplication, qtbot: QtBot) -> RowList:
    made = RowList(COLUMNS, "Sale lines", "Scan a book to begin.")
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def test_a_repaint_calls_no_data(
    dressed: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    real = rows_module._RowModel.data

    def counted(self, index, role=Qt.ItemDataRole.DisplayRole):
        calls.append(role)
        return real(self, index, role)

    monkeypatch.setattr(rows_module._RowModel, "data", counted)
    painted: list[int] = []
    real_paint = rows_module._RowDelegate.paint

    def counted_paint(self, painter, option, index):
        painted.append(index.row())
        real_paint(self, painter, option, index)

    monkeypatch.setattr(rows_module._RowDelegate, "paint", counted_paint)
    lines = RowList(COLUMNS, "Sale lines")
    qtbot.addWidget(lines)
    lines.resize(600, 400)
    lines.show()
    lines.set_rows(some(*"abcdef"))
    qtbot.waitUntil(lambda: set(painted) >= set(range(6)))
    lines.set_rows((*some(*"abc"), Row("d", ("New title", "2", "$20.00"), badge="Held", struck=True)))
    lines.choose("d")
    painted.clear()
    lines.viewport().repaint()
    assert set(painted) == {0, 1, 2, 3}
    assert calls == []
    # The count counts: assistive technology does come this way.
    assert lines.row_model().index(3, 0).data() == "New title, Qty 2, Total $20.00, Held, removed"
    assert calls == [Qt.ItemDataRole.DisplayRole]


def test_a_row_is_one_sentence_for_readers(lines: RowList) -> None:
    lines.set_rows(some("a", "b"))
    interface = QAccessible.queryAccessibleInterface(lines)
    assert interface.text(QAccessible.Text.Name) == "Sale lines"
    spoken = [interface.child(n).text(QAccessible.Text.Name) for n in range(interface.childCount())]
    assert spoken == [
        "Title a, Author, Qty 1, Total $16.99",
        "Title b, Author, Qty 1, Total $16.99",
    ]


def test_a_row_may_bring_its_own_sentence() -> None:
    row = Row("a", ("Orlando", "1", "$16.99"), spoken="One Orlando for $16.99")
    assert sentence(row, COLUMNS) == "One Orlando for $16.99"


def test_markup_is_painted_as_text(lines: RowList) -> None:
    lines.set_rows((Row("a", ("<b>x</b>", "1", "$1.00")),))
    marked = lines.viewport().grab().toImage()
    lines.set_rows((Row("a", ("x", "1", "$1.00")),))
    assert lines.viewport().grab().toImage() != marked


def test_the_choice_follows_the_row(lines: RowList) -> None:
    told: list[str] = []
    lines.chosen.connect(told.append)
    lines.set_rows(some("a", "b", "c"))
    lines.choose("b")
    lines.set_rows(some("x", "a", "b", "c"))
    assert key_of(lines) == "b"
    assert told == ["b"]
    lines.choose("nonsense")
    assert lines.current() is None
    lines.set_rows(())
    assert told == ["b", ""]


def test_keys_lead_through_the_list(lines: RowList, qtbot: QtBot) -> None:
    lines.set_rows(some("a", "b", "c"))
    lines.setFocus()
    lines.step(1)
    assert key_of(lines) == "a"
    qtbot.keyClick(lines, Qt.Key.Key_Down)
    assert key_of(lines) == "b"
    with qtbot.waitSignal(lines.opened) as opened:
        qtbot.keyClick(lines, Qt.Key.Key_Return)
    assert opened.args == ["b"]
    lines.step(9)
    assert key_of(lines) == "c"
    lines.step(-9)
    assert key_of(lines) == "a"
    lines.choose("")
    lines.step(-1)
    assert key_of(lines) == "c"


def test_letters_do_not_search(lines: RowList, qtbot: QtBot) -> None:
    lines.set_rows(some("a", "b", "c"))
    lines.choose("a")
    qtbot.keyClicks(lines, "Title c")
    assert key_of(lines) == "a"


def test_a_double_click_opens(lines: RowList, qtbot: QtBot) -> None:
    lines.set_rows(some("a", "b"))
    middle = lines.visualRect(lines.row_model().index(1, 0)).center()
    qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert key_of(lines) == "b"
    with qtbot.waitSignal(lines.opened) as opened:
        qtbot.mouseDClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert opened.args == ["b"]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), min_size=1, max_size=8))
def test_any_change_of_rows_keeps_model_and_view_together(changes: list[list[str]]) -> None:
    model = rows_module._RowModel(COLUMNS, None)  # type: ignore[arg-type]
    mirror: list[str] = []

    def inserted(_parent, first: int, last: int) -> None:
        mirror[first:first] = [row.key for row in model.rows[first : last + 1]]

    def removed(_parent, first: int, last: int) -> None:
        del mirror[first : last + 1]

    model.rowsInserted.connect(inserted)
    model.rowsRemoved.connect(removed)
    for keys in changes:
        model.put(some(*keys))
        assert mirror == keys
        assert model.rowCount() == len(keys)


def test_a_changed_value_is_told_in_place(dressed: QApplication) -> None:
    model = rows_module._RowModel(COLUMNS, None)  # type: ignore[arg-type]
    told: list[int] = []
    model.dataChanged.connect(lambda first, last: told.append(first.row()))
    model.put(some("a", "b", "c"))
    model.put((*some("a"), Row("b", ("Other", "2", "$1.00")), *some("c")))
    assert told == [1]
    model.put((*some("a"), *some("x", "y"), Row("b", ("Third", "2", "$1.00")), *some("c")))
    assert told == [1, 3]
