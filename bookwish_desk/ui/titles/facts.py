"""The left side of the title screen: the title with everything that is known of it, in a column that scrolls.

Texts from outside may be long, in any script, and look like markup: they are wrapped and shown as they are.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.theme import font
from bookwish_desk.ui.titles.state import Fact, Head, TitleView
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets import Label, Line, Notice, Scroll
from bookwish_desk.ui.widgets.text import Role

_LONG = 100
"""Characters from which a title is long."""

_NAMES = 104
"""Width of the names of facts, pixels."""


class FactSheet(Scroll):
    """Shows a title with `show_view`; it is built anew only when something of it is new."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=2, spacing=SIZES.gap, parent=parent)
        self.setAccessibleName("What is known of the title")
        self._shown: tuple[Head, tuple[str, ...], tuple[Fact, ...]] | None = None

    def show_view(self, view: TitleView) -> None:
        """Show the title, what must not be overlooked, and its facts."""
        what = (view.head, view.marks, view.facts)
        if what == self._shown:
            return
        same = self._shown is not None and self._shown[0].title == view.head.title
        place = self.verticalScrollBar().value() if same else 0
        self._shown = what
        while (item := self.column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        marks = [Notice(mark, "warn", parent=self.widget()) for mark in view.marks]
        for part in (_head(view.head), *marks, Line(), _facts(view.facts)):
            self.column.addWidget(part)
            part.show()
        self.column.addStretch(1)
        # Else all of it is squeezed into the window until the next turn of the event loop.
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))
        self.verticalScrollBar().setValue(place)


def _head(head: Head) -> QWidget:
    box, column = _column()
    column.addWidget(Label(head.title, _role(head.title), wrap=True))
    if head.subtitle:
        column.addWidget(Label(head.subtitle, wrap=True))
    if head.authors:
        column.addWidget(Label(head.authors, wrap=True))
    if head.series:
        column.addWidget(Label(head.series, "small", "soft", wrap=True))
    if head.on_hand:
        column.addSpacing(2)
        column.addLayout(_on_hand(head.on_hand))
    if head.beside:
        column.addWidget(Label(head.beside, "small", "soft", wrap=True))
    return box


def _role(title: str) -> Role:
    """Return smaller letters for a longer title: what follows it shall be in sight."""
    return "title" if len(title) <= _LONG else "head" if len(title) <= 2 * _LONG else "strong"


def _on_hand(copies: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    number = Label(copies)
    number.setFont(font(TYPE.amount, bold=True))
    words = Label("on hand", "small", "soft")
    row.addWidget(number, 0, Qt.AlignmentFlag.AlignBaseline)
    row.addWidget(words, 0, Qt.AlignmentFlag.AlignBaseline)
    row.addStretch(1)
    return row


def _facts(facts: tuple[Fact, ...]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 8, 0)
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, _NAMES)
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for place, fact in enumerate(facts):
        grid.addWidget(Label(fact.name, tone="soft"), place, 0, top)
        words = Label(fact.words, wrap=True)
        words.setAccessibleName(f"{fact.name}: {fact.words}")
        grid.addWidget(words, place, 1)
    return box


def _column() -> tuple[QWidget, QVBoxLayout]:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 8, 0)
    column.setSpacing(4)
    return box, column
