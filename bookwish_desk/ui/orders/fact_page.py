"""What is known of an order under headings, as one column that scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.orders.detail_state import Fact, Section
from bookwish_desk.ui.widgets import Button, Label, Scroll

_NAME_WIDTH = 128


class FactPage(QWidget):
    """Facts in two columns, name and text, built anew only when they changed; and a verb for photos."""

    photos_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._photos = Button("Show photos")
        self._photos.clicked.connect(self.photos_asked)
        self._photos.hide()
        column.addWidget(self._photos)
        self._scroll = Scroll(margin=4)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._scroll.setAccessibleName("Facts")
        column.addWidget(self._scroll, 1)
        self._sections: tuple[Section, ...] = ()
        self._inner: QWidget | None = None

    def show_facts(self, sections: tuple[Section, ...], photos: int) -> None:
        """Show these facts; the scroll stays."""
        self._photos.setVisible(photos > 0)
        self._photos.setText("Show the photo" if photos == 1 else f"Show {photos} photos")
        if sections == self._sections:
            return
        self._sections = sections
        if self._inner is not None:
            self._inner.hide()
            self._inner.deleteLater()
        self._inner = inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for section in sections:
            heading = Label(section.heading, "strong")
            column.addSpacing(6)
            column.addWidget(heading)
            column.addLayout(_grid(section.facts))
        column.addStretch(1)
        self._scroll.column.addWidget(inner)


def _grid(facts: tuple[Fact, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, _NAME_WIDTH)
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for place, fact in enumerate(facts):
        name = Label(fact.label, tone="soft", wrap=True)
        name.setFixedWidth(_NAME_WIDTH)
        grid.addWidget(name, place, 0, top)
        grid.addWidget(Label(fact.text, tone=fact.tone, wrap=True), place, 1, top)
    return grid
