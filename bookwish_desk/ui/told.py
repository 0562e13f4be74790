"""The sheet that lists all that the header tells: for a window too narrow to hold it. It knows no screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets.buttons import Button
from bookwish_desk.ui.widgets.panel import Chip, StatusChip
from bookwish_desk.ui.widgets.sheet import Sheet

_WIDTH = 520


def show_told(parent: QWidget, chips: Sequence[Chip], go: Callable[[str], None]) -> None:
    """Show each of these in its long words, with a button that goes to the screen where one can help."""
    sheet = Sheet(parent, "What to know now", _WIDTH)
    for chip in chips:
        sheet.body.addLayout(_line(sheet, chip, go))
    sheet.focus_on(sheet.add_button("Close"))
    sheet.open()


def _line(sheet: Sheet, chip: Chip, go: Callable[[str], None]) -> QHBoxLayout:
    line = QHBoxLayout()
    line.addWidget(StatusChip(chip))
    line.addStretch(1)
    if chip.place:
        button = Button("Show")
        button.setAccessibleName(f"Show {chip.text}")
        button.clicked.connect(partial(_leave, sheet, go, chip.place))
        line.addWidget(button)
    else:
        line.addStrut(SIZES.target)
    return line


def _leave(sheet: Sheet, go: Callable[[str], None], place: str, _on: bool = False) -> None:
    sheet.accept()
    go(place)
