"""A sale written out as on its receipt: rows of words and figures on a white sheet that scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.sales.state import PaperRow
from bookwish_desk.ui.widgets import Amount, Label, Line, Scroll
from bookwish_desk.ui.widgets.text import Role, Tone

_LOOKS: dict[str, tuple[Role, Tone]] = {
    "plain": ("body", "ink"),
    "strong": ("head", "ink"),
    "soft": ("small", "soft"),
    "warn": ("small", "warn"),
}


class Paper(Scroll):
    """Shows rows with `set_rows`; a row of style "rule" is a line across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=2, spacing=2, parent=parent)
        self._rows: tuple[PaperRow, ...] = ()
        self._sheet: QWidget | None = None
        self.setAccessibleName("The sale written out")

    def rows(self) -> tuple[PaperRow, ...]:
        """Return the rows shown."""
        return self._rows

    def set_rows(self, rows: tuple[PaperRow, ...]) -> None:
        """Show these rows from the top."""
        if rows == self._rows:
            return
        self._rows = rows
        while (item := self.column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._sheet = _sheet(rows)
        self.column.addWidget(self._sheet)
        self.column.addStretch(1)
        self.verticalScrollBar().setValue(0)


def _sheet(rows: tuple[PaperRow, ...]) -> QWidget:
    sheet = QWidget()
    column = QVBoxLayout(sheet)
    column.setContentsMargins(0, 0, 10, 0)
    column.setSpacing(2)
    for row in rows:
        if row.style == "rule":
            column.addSpacing(5)
            column.addWidget(Line())
            column.addSpacing(5)
        else:
            column.addLayout(_line(row))
    return sheet


def _line(row: PaperRow) -> QHBoxLayout:
    role, tone = _LOOKS[row.style]
    line = QHBoxLayout()
    line.setSpacing(12)
    if row.indent:
        line.addSpacing(12)
    line.addWidget(Label(row.left, role, tone, wrap=True), 1)
    if row.right:
        line.addWidget(Amount(row.right, row.left, role, tone), 0, Qt.AlignmentFlag.AlignTop)
    return line
