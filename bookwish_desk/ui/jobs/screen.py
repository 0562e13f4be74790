"""The list of print jobs that did not end by themselves, and the three things one can do about each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.jobs.state import JobsState, Verdict
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Column, Label, Notice, Row, RowList
from bookwish_desk.ui.widgets.buttons import Kind


class JobsScreen(QWidget):
    """Intents are signals; `show_state` shows a state."""

    chosen = Signal(str)
    decided = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.rows = RowList(
            (Column("Print job"), Column("Since", 190)),
            name="Print jobs",
            empty="Everything was printed.",
        )
        self.rows.chosen.connect(self.chosen)
        row.addWidget(self.rows, 6)
        card = Card()
        card.setFixedWidth(340)
        self._what = Label("", "head", wrap=True)
        self._words = Label("", wrap=True)
        self._notice = Notice(parent=card)
        for widget in (self._what, self._words, self._notice):
            card.column.addWidget(widget)
        self._verbs = {
            "again": self._verb("Print again", "again", "primary", "jobs.again"),
            "printed": self._verb("It printed", "printed", "plain", "jobs.printed"),
            "drop": self._verb("Leave it", "drop", "plain", "jobs.leave"),
        }
        card.column.addSpacing(SIZES.gap)
        for button in self._verbs.values():
            card.column.addWidget(button)
        card.column.addStretch(1)
        side = QVBoxLayout()
        side.addWidget(card)
        row.addLayout(side)
        self.setAccessibleName("Print jobs")

    def _verb(self, text: str, verdict: Verdict, kind: Kind, key: str) -> Button:
        button = Button(text, key, kind)
        button.clicked.connect(lambda _on=False: self.decided.emit(verdict))
        return button

    def show_state(self, state: JobsState) -> None:
        """Show the jobs and what can be done about the chosen one."""
        self.rows.set_rows(
            tuple(
                Row(
                    r.id,
                    (r.what, r.since),
                    second=r.words,
                    badge=r.badge,
                    tone="soft" if r.waits else "warn",
                )
                for r in state.rows
            )
        )
        self.rows.choose(state.selected)
        row = state.row
        self._what.setText(row.what if row else "No print job is open")
        self._words.setText(row.words if row else "What the printer did not print is listed here.")
        self._notice.show_text(state.notice, "error")
        for verdict, button in self._verbs.items():
            button.setEnabled(row is not None and (row.again if verdict == "again" else row.open))
