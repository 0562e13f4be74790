"""How the panels of settings with widgets of their own lay them out."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button


def column_of(widget: QWidget) -> QVBoxLayout:
    """Return a new column that fills a widget to its edges."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SIZES.gap)
    return column


def from_the_left(*buttons: Button) -> QHBoxLayout:
    """Return a row of buttons that is not stretched."""
    row = QHBoxLayout()
    row.setSpacing(SIZES.gap)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
