"""What can be done with the marked orders, how far it is, and a way to stop."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.orders.many_state import ManyState
from bookwish_desk.ui.widgets import Button, Card, Field, Label, Notice, Scroll, Sheet, Toggle
from bookwish_desk.ui.widgets.progress import Bar

_STEPS = ("confirm", "start", "allocate", "ready", "remind", "deliver", "complete", "hold", "release_hold")
_ELSEWHERE = ("pick", "pack", "labels", "print")
_NEEDS_REASON = {"hold": ("Hold the orders", "What do they wait for?")}


class ManyPanel(QWidget):
    """Intents are signals; `show_state` shows a state.

    `asked(verb, reason, told)` takes a step with each order; `told`: their customers hear of it as usual.
    """

    asked = Signal(str, str, bool)
    went = Signal(str)
    stopped = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card(margin=14, spacing=8)
        column.addWidget(card)
        self._title = Label("", "head")
        card.column.addWidget(self._title)
        card.column.addWidget(
            Label(
                "Each order is done by itself: what fails leaves the others done.", "small", "soft", wrap=True
            )
        )
        self._notice = Notice(parent=self)
        # It may have many lines: free to grow, and scrolled with the verbs.
        self._notice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._buttons: dict[str, Button] = {}
        self._verbs = Scroll(spacing=8)
        self._verbs.column.addWidget(self._notice)
        self._verbs.column.addLayout(self._grid((*_STEPS, *_ELSEWHERE)))
        self._tell = Toggle("Customers hear of it as usual", True)
        self._verbs.column.addWidget(self._tell)
        self._verbs.column.addStretch(1)
        card.column.addWidget(self._verbs, 1)
        self._space = QWidget()
        card.column.addWidget(self._space, 1)
        card.column.addLayout(self._build_progress())
        self._clear = Button("Select none", key="many.clear")
        self._clear.clicked.connect(lambda _on=False: self.cleared.emit())
        card.column.addWidget(self._clear)
        self.setAccessibleName("The selected orders")

    def _grid(self, acts: tuple[str, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        for place in (0, 1):
            grid.setColumnStretch(place, 1)
        for place, act in enumerate(acts):
            button = Button(act, key=f"many.{act}")
            button.clicked.connect(lambda _on=False, act=act: self._pressed(act))
            button.hide()
            self._buttons[act] = button
            grid.addWidget(button, place // 2, place % 2)
        return grid

    def _build_progress(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(12)
        self._progress = Label("", "strong")
        self._bar = Bar("How many orders are done")
        self._stop = Button("Stop", key="many.stop")
        self._stop.clicked.connect(lambda _on=False: self.stopped.emit())
        column.addWidget(self._progress)
        column.addLayout(row)
        row.addWidget(self._bar, 1)
        row.addWidget(self._stop)
        for widget in (self._progress, self._bar, self._stop):
            widget.hide()
        return column

    def show_state(self, state: ManyState) -> None:
        """Show what is possible, or how far it is."""
        running = bool(state.running)
        self._title.setText("1 order selected" if state.count == 1 else f"{state.count} orders selected")
        self._notice.show_text(state.notice, state.tone)
        offered = {o.act: o for o in state.offers}
        for act, button in self._buttons.items():
            offer = offered.get(act)
            button.setVisible(offer is not None)
            if offer is not None:
                all_of_them = offer.count in (0, state.count)
                button.setText(offer.words if all_of_them else f"{offer.words} {offer.count}")
                button.setEnabled(offer.count > 0)
        for widget in (self._progress, self._bar, self._stop):
            widget.setVisible(running)
        self._verbs.setVisible(not running)
        self._space.setVisible(running)
        self._clear.setVisible(not running)
        if running:
            failed = f", {state.failed} not" if state.failed else ""
            self._progress.setText(f"{state.done} of {state.count} {state.running}{failed}")
            self._bar.setValue(100 * state.done // max(1, state.count))

    def _pressed(self, act: str) -> None:
        if act in _ELSEWHERE:
            self.went.emit(act)
        elif act in _NEEDS_REASON:
            self._ask_reason(act)
        else:
            self.asked.emit(act, "", self._tell.isChecked())

    def _ask_reason(self, act: str) -> None:
        title, question = _NEEDS_REASON[act]
        sheet = Sheet(self, title)
        reason = Field(question, limit=200)
        sheet.body.addWidget(reason)

        def done() -> None:
            if not reason.text().strip():
                reason.set_error("Say what they wait for.")
                reason.select()
                return
            sheet.accept()
            self.asked.emit(act, reason.text(), self._tell.isChecked())

        sheet.add_button("Cancel")
        sheet.add_button("Hold", "primary", done)
        sheet.focus_on(reason.edit)
        sheet.open()
