"""The activity log: a line to search, two choices to narrow it, and the entries, newest first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.shop.activity import GROUPS
from bookwish_desk.ui.activity.state import ActivityState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Choice, Column, Notice, Row, RowList, SearchLine

_EVERYTHING = [("", "Everything"), *((name, words) for name, words, _ in GROUPS)]


class ActivityScreen(QWidget):
    """Intents are signals; `show_state` shows a state."""

    typed = Signal(str)
    group_chosen = Signal(str)
    person_chosen = Signal(str)
    older_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._people: tuple[tuple[str, str], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self.search = SearchLine("Receipt, title, reason", key="activity.search")
        self.search.typed.connect(self.typed)
        self.search.left.connect(lambda: self.typed.emit(""))
        column.addWidget(self.search)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.group = Choice("What", _EVERYTHING)
        self.group.picked.connect(self.group_chosen)
        self.person = Choice("Who", [("", "Everybody")])
        self.person.picked.connect(self.person_chosen)
        row.addWidget(self.group, 1)
        row.addWidget(self.person, 1)
        row.addStretch(1)
        column.addLayout(row)
        self._notice = Notice(parent=self)
        column.addWidget(self._notice)
        self.rows = RowList(
            (Column("What"), Column("When", 186)),
            name="Activity",
            empty="No entry fits.",
        )
        self.search.stepped.connect(self.rows.step)
        column.addWidget(self.rows, 1)
        self.older = Button("Show older entries", key="activity.more")
        self.older.clicked.connect(lambda _on=False: self.older_asked.emit())
        low = QHBoxLayout()
        low.addWidget(self.older)
        low.addStretch(1)
        column.addLayout(low)
        self.setAccessibleName("Activity")

    def show_state(self, state: ActivityState) -> None:
        """Show the entries, or why they cannot be seen."""
        if state.people != self._people:
            self._people = state.people
            self.person.set_options([("", "Everybody"), *state.people])
        self.group.choose(state.group)
        self.person.choose(state.person)
        if self.search.text() != state.words:
            self.search.setText(state.words)
        self._notice.show_text(state.notice, "warn")
        for widget in (self.search, self.group, self.person, self.rows):
            widget.setEnabled(state.open)
        self.rows.set_rows(tuple(Row(str(r.seq), (r.what, r.when), second=r.who) for r in state.rows))
        self.older.setEnabled(state.more)
