"""The list of e-mails that wait or did not go, why, and what one can do about each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.mail.state import MailState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Column, Label, Notice, Row, RowList
from bookwish_desk.ui.widgets.buttons import Kind


class MailScreen(QWidget):
    """Intents are signals; `show_state` shows a state."""

    chosen = Signal(str)
    decided = Signal(str)
    elsewhere_asked = Signal()
    now_asked = Signal()
    order_asked = Signal()
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        self._held = Notice(kind="error", parent=self)
        column.addWidget(self._held)
        row = QHBoxLayout()
        row.setSpacing(16)
        self.rows = RowList(
            (Column("E-mail"), Column("Since", 190)),
            name="E-mails",
            empty="Every e-mail was sent.",
        )
        self.rows.chosen.connect(self.chosen)
        row.addWidget(self.rows, 6)
        row.addWidget(self._build_card())
        column.addLayout(row, 1)
        self.setAccessibleName("E-mail")

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._verb("Back", self.back_asked.emit, "plain", "mail.back"))
        row.addWidget(Label("E-mails that wait or did not go", "title", elide=True), 1)
        self._now = self._verb("Try now", self.now_asked.emit, "plain", "mail.now")
        row.addWidget(self._now)
        return row

    def _build_card(self) -> QWidget:
        card = Card()
        card.setFixedWidth(340)
        self._what = Label("", "head", wrap=True)
        self._to = Label("", "strong", elide=True)
        self._words = Label("", wrap=True)
        self._notice = Notice(parent=card)
        for widget in (self._what, self._to, self._words, self._notice):
            card.column.addWidget(widget)
        card.column.addSpacing(SIZES.gap)
        self._again = self._verb("Send again", lambda: self.decided.emit("again"), "primary", "mail.again")
        self._other = self._verb("To another address", self.elsewhere_asked.emit, "plain", "mail.other")
        self._order = self._verb("Open the order", self.order_asked.emit, "plain", "mail.order")
        self._leave = self._verb("Leave it", lambda: self.decided.emit("leave"), "plain", "mail.leave")
        for button in (self._again, self._other, self._order, self._leave):
            card.column.addWidget(button)
        card.column.addStretch(1)
        return card

    def _verb(self, text: str, then: Callable[[], object], kind: Kind, key: str) -> Button:
        button = Button(text, key, kind)
        button.clicked.connect(lambda _on=False: then())
        return button

    def show_state(self, state: MailState) -> None:
        """Show the e-mails and what can be done about the chosen one."""
        self._held.show_text(state.held, "error")
        self.rows.set_rows(
            tuple(
                Row(r.id, (r.what, r.since), second=f"{r.to} · {r.words}", badge=r.badge, tone=r.tone)
                for r in state.rows
            )
        )
        self.rows.choose(state.selected)
        row = state.row
        self._what.setText(row.what if row else "No e-mail waits")
        self._to.setText(row.to if row else "")
        self._words.setText(row.words if row else "E-mails that did not go are listed here, with the reason.")
        self._notice.show_text(state.notice, "error")
        self._again.setEnabled(row is not None and row.stuck)
        self._other.setEnabled(row is not None and row.open)
        self._order.setEnabled(row is not None and bool(row.order))
        self._leave.setEnabled(row is not None and row.open)
        self._now.setEnabled(state.waiting)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rows.setFocus()
