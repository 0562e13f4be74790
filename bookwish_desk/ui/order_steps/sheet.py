"""The sheet of every guided step: how things stand, what is asked, what will happen, and one verb."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.forms import FormView
from bookwish_desk.ui.order_steps.state import Mail, StepState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Card, Label, Notice, Scroll, Sheet, ask

_LEAST_HEIGHT = 160


class FormRoom(Scroll):
    """Room for a form: as high as it needs, and scrolling where the window is too low for that."""

    def __init__(self) -> None:
        super().__init__(margin=2)
        self._inner: QWidget = self.widget()  # type: ignore[assignment]
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        # Qt scrolls as soon as there is less than either of them.
        least = self._inner.minimumSizeHint().height()
        return max(least, self._inner.heightForWidth(width), self._inner.sizeHint().height())

    def sizeHint(self) -> QSize:
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, min(_LEAST_HEIGHT, self.sizeHint().height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        done = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return done


class MailCard(Card):
    """A message as the customer would get it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=14, spacing=SIZES.gap_small, parent=parent)
        self._to = Label("", "small", "soft", wrap=True)
        self._subject = Label("", "strong", wrap=True)
        self._text = Label("", wrap=True)
        for label in (self._to, self._subject, self._text):
            self.column.addWidget(label)
        self.setAccessibleName("Message to the customer")
        self.hide()

    def show_mail(self, mail: Mail | None) -> None:
        """Show a message, why there is none, or nothing."""
        self.setVisible(mail is not None)
        if mail is None:
            return
        self._to.setText(mail.why or (f"Message to {mail.to}" if mail.to else "Message"))
        self._subject.setText(mail.subject)
        self._text.setText(mail.text)
        self._subject.setVisible(bool(mail.subject))
        self._text.setVisible(bool(mail.text))


class StepSheet(Sheet):
    """Opened by the functions of the package. Intents are signals; `show_state` shows a state.

    Enter does nothing here: a scanner types it. The verb has its own key. With `beside`, what will happen
    stands beside the form, for one that is long.
    """

    changed = Signal(object)
    submitted = Signal(object)

    def __init__(
        self, parent: QWidget, title: str, width: int = 640, leave: str = "Cancel", *, beside: bool = False
    ) -> None:
        super().__init__(parent, title, width=width)
        self._state = StepState()
        self._begun = False
        self.room = FormRoom()
        self.about = Label("", tone="soft", wrap=True)
        self.form = FormView()
        self.form.changed.connect(lambda: self.changed.emit(self.form.values()))
        self.room.column.addWidget(self.about)
        self.room.column.addWidget(self.form)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap_large)
        row.addWidget(self.room, 6)
        self.side = self.room
        if beside:
            self.room.column.addStretch(1)
            self.side = FormRoom()
            row.addWidget(self.side, 5)
        self.mail = MailCard()
        self.outcome = Notice(parent=self.side)
        self.more = QVBoxLayout()
        self.more.setSpacing(SIZES.gap)
        self.side.column.addLayout(self.more)
        self.side.column.addWidget(self.outcome)
        self.side.column.addWidget(self.mail)
        self.side.column.addStretch(1)
        self.body.addLayout(row, 1)
        self.add_button(leave)
        self.verb = self.add_button("Record", "primary", self._submit, "step.do")

    def show_state(self, state: StepState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if state.done:
            self.accept()
            return
        asked = state.asked
        self.about.setText("\n".join(asked.about))
        self.about.setVisible(bool(asked.about))
        self.form.show_inputs(asked.inputs)
        self.form.setVisible(bool(asked.inputs))
        self.outcome.show_text(" ".join(asked.outcome), asked.tone)
        self.mail.show_mail(state.mail)
        self.show_notice(state.notice, state.tone)
        self.verb.setText(asked.verb or "Nothing to do")
        self.verb.set_kind("danger" if asked.danger else "primary")
        self.verb.setEnabled(bool(asked.verb) and not state.busy)
        if state.wrong != before.wrong or not self._begun:
            self._begun = self.form.focus_first()

    def _submit(self) -> None:
        self.submitted.emit(self.form.values())

    def reject(self) -> None:
        """Close, after a question where words would be lost."""
        if not self._state.typed or self._state.done:
            super().reject()
            return
        verbs = [("", "Go on", "plain"), ("leave", "Leave it", "danger")]
        ask(self, "Leave it?", "What was typed here is not kept.", verbs, self._leave)  # type: ignore[arg-type]

    def _leave(self, answer: str) -> None:
        if answer == "leave":
            super().reject()
