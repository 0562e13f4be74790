"""The first rows of a list with, above each column, a choice of what it is."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QScroller, QSizePolicy, QWidget

from bookwish_desk.ui.importing.state import SheetColumn
from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets import Choice, Label

LEAVE_OUT = "Leave out"
_WIDTH, _GAP, _ROW = 204, 14, 30
_PAD = 6


class ColumnGrid(QScrollArea):
    """`picked(place, field)` when a person says what a column is; "" leaves it out.

    It scrolls sideways only, so that the choices stay in sight: as many of the first rows are shown as
    there is room for.
    """

    picked = Signal(int, str)

    def __init__(self, fields: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = [("", LEAVE_OUT), *fields.items()]
        self._columns: tuple[SheetColumn, ...] = ()
        self.choices: tuple[_ColumnChoice, ...] = ()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("The first rows of the list")
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def show_columns(self, columns: tuple[SheetColumn, ...]) -> None:
        """Show these columns; choices of a list that is there already stay where they are."""
        if [c.heading for c in columns] != [c.heading for c in self._columns] or not self.choices:
            self._build(columns)
        self._columns = columns
        for choice, column in zip(self.choices, columns, strict=True):
            choice.choose(column.field)
            choice.mark(column)
        self._cells.show_cells(columns)

    def _build(self, columns: tuple[SheetColumn, ...]) -> None:
        sheet = QWidget()
        sheet.setProperty("surface", "clear")
        grid = QGridLayout(sheet)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(_GAP)
        grid.setVerticalSpacing(SIZES.gap_small)
        choices = []
        for place, column in enumerate(columns):
            heading = Label(column.heading or f"Column {place + 1}", "strong", elide=True)
            heading.setFixedWidth(_WIDTH)
            choice = _ColumnChoice(column.heading or f"Column {place + 1}", self._options)
            choice.picked.connect(lambda field, place=place: self.picked.emit(place, field))
            grid.addWidget(heading, 0, place)
            grid.addWidget(choice, 1, place)
            choices.append(choice)
        self._cells = _Cells()
        grid.addWidget(self._cells, 2, 0, 1, max(1, len(columns)))
        grid.setColumnStretch(len(columns), 1)
        grid.setRowStretch(2, 1)
        self.choices = tuple(choices)
        self.setWidget(sheet)
        self.horizontalScrollBar().setValue(0)


class _ColumnChoice(Choice):
    """What one column is; it says to a screen reader what stands in the column, and whether it clashes."""

    def __init__(self, heading: str, options: list[tuple[str, str]]) -> None:
        super().__init__(heading, options)
        self.hide_label()
        self.setFixedWidth(_WIDTH)
        self.combo.setAccessibleName(f"What {heading} is")
        self.combo.setMaxVisibleItems(12)

    def mark(self, column: SheetColumn) -> None:
        """Show whether the column is in the way of another one."""
        first = next((cell for cell in column.cells if cell), "")
        example = f"For example {first}" if first else "Its first cells are empty"
        clash = "Another column is the same. " if column.wrong else ""
        self.combo.setAccessibleDescription(clash + example)
        wrong = "true" if column.wrong else "false"
        if self.combo.property("wrong") != wrong:
            self.combo.setProperty("wrong", wrong)
            self.combo.style().unpolish(self.combo)
            self.combo.style().polish(self.combo)


class _Cells(QWidget):
    """The cells under the choices, painted; those of columns that are left out are soft."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[SheetColumn, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Cells of the first rows")

    def show_cells(self, columns: tuple[SheetColumn, ...]) -> None:
        """Show the cells of these columns."""
        self._columns = columns
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 2 * _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self)
        painter.setFont(font(TYPE.body))
        metrics = QFontMetrics(painter.font())
        depth = max((len(c.cells) for c in self._columns), default=0)
        for line in range(min(depth, self.height() // _ROW)):
            top = line * _ROW
            for place, column in enumerate(self._columns):
                box = QRect(place * (_WIDTH + _GAP) + _PAD, top, _WIDTH - 2 * _PAD, _ROW)
                if not box.intersects(event.rect()) or line >= len(column.cells):
                    continue
                painter.setPen(QColor(table.ink if column.field else table.ink_soft))
                text = metrics.elidedText(column.cells[line], Qt.TextElideMode.ElideRight, box.width())
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            painter.fillRect(QRect(0, top + _ROW - 1, self.width(), 1), QColor(table.line))
