"""Sheets: questions and small forms in front of a screen. They never block: open, then listen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets.buttons import Button, Kind
from bookwish_desk.ui.widgets.panel import Line, Notice, NoticeKind
from bookwish_desk.ui.widgets.text import Label


class _Scrim(QWidget):
    """A veil over the window behind a sheet; it goes with the sheet. `resized` when the window was."""

    resized = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
            self.resized.emit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        veil = QColor(colours().scrim)
        veil.setAlphaF(0.42)
        QPainter(self).fillRect(self.rect(), veil)


class Sheet(QDialog):
    """A window in front of its parent: title, `body` (a column for your widgets), a row of verbs.

    Make it with the screen as parent, fill `body`, `add_button(...)`, then `open()`; listen to the
    buttons, to `accepted` and `rejected`. Esc rejects. Afterwards the focus is where it was, and the
    sheet deletes itself. Enter presses no button: connect a field's `entered` where Enter should act.
    """

    def __init__(self, parent: QWidget, title: str, width: int = 480) -> None:
        self._window = parent.window()
        super().__init__(self._window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setProperty("surface", "sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self._scrim: _Scrim | None = None
        self._first: QWidget | None = None
        self._verbs: list[Button] = []
        self._wanted_width = width
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(SIZES.gap)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._title = Label(title, "title", wrap=True)
        column.addWidget(self._title)
        self.body = QVBoxLayout()
        self.body.setSpacing(SIZES.gap)
        column.addLayout(self.body, 1)
        self._notice = Notice(parent=self)
        column.addWidget(self._notice)
        column.addWidget(Line())
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(SIZES.gap)
        self._buttons.addStretch(1)
        column.addLayout(self._buttons)

    def add_text(self, text: str) -> Label:
        """Add a paragraph to the body."""
        label = Label(text, wrap=True)
        self.body.addWidget(label)
        return label

    def add_button(
        self,
        text: str,
        kind: Kind = "plain",
        then: Callable[[], object] | None = None,
        key: str | None = None,
    ) -> Button:
        """Add a verb at the right of the row. Without `then` it closes the sheet as Esc does."""
        button = Button(text, key, kind, parent=self)
        button.clicked.connect(then if then is not None else self.reject)
        self._buttons.addWidget(button)
        self._verbs.append(button)
        return button

    def set_busy(self, busy: bool) -> None:
        """Let no verb be pressed while the first press is being carried out; Esc still works."""
        for button in self._verbs:
            button.setEnabled(not busy)

    def show_notice(self, sentence: str, kind: NoticeKind = "error") -> None:
        """Say something above the verbs; an empty text takes it away."""
        self._notice.show_text(sentence, kind)

    def focus_on(self, widget: QWidget) -> None:
        """Name the widget that has the focus when the sheet opens."""
        self._first = widget

    def open(self) -> None:
        """Show the sheet in the middle of its parent's window."""
        self._scrim = _Scrim(self._window)
        self._scrim.resized.connect(self._fit)
        self._fit()
        super().open()
        self._fit()
        if self._first is not None:
            self._first.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self._scrim is not None:
            self._fit()
        return done

    def _fit(self) -> None:
        """Take the height that the content needs, within the window, and stay in its middle."""
        room = self._window.size()
        width = min(self._wanted_width, room.width() - 2 * SIZES.margin)
        column = self._column
        natural = column.totalSizeHint().height()
        needed = column.totalHeightForWidth(width) if column.hasHeightForWidth() else natural
        self.setFixedSize(width, min(needed, room.height() - 16))
        self.move(self._window.mapToGlobal(self._window.rect().center()) - self.rect().center())

    def done(self, result: int) -> None:
        if self._scrim is not None:
            self._scrim.hide()
            self._scrim.deleteLater()
            self._scrim = None
        active = self.isActiveWindow()
        super().done(result)
        if active:
            # Without a window manager nobody else brings what is behind back to life: a manager may have
            # been asked in front of another sheet.
            sheets = [s for s in self._window.findChildren(Sheet) if s.isVisible() and s is not self]
            (sheets[-1] if sheets else self._window).activateWindow()


class Question(Sheet):
    """A sentence and named verbs. `chosen(id)` says which one; Esc, like a verb with id "", says ""."""

    chosen = Signal(str)

    def __init__(
        self, parent: QWidget, title: str, text: str, verbs: Sequence[tuple[str, str, Kind]]
    ) -> None:
        super().__init__(parent, title)
        self._answer = ""
        if text:
            self.add_text(text)
        for verb_id, words, kind in verbs:
            self.add_button(words, kind, self._answering(verb_id))
        self.finished.connect(lambda _result: self.chosen.emit(self._answer))

    def _answering(self, verb_id: str) -> Callable[[], None]:
        def answer() -> None:
            self._answer = verb_id
            self.accept() if verb_id else self.reject()

        return answer


def ask(
    parent: QWidget,
    title: str,
    text: str,
    verbs: Sequence[tuple[str, str, Kind]],
    then: Callable[[str], object],
) -> Question:
    """Ask a question in front of `parent`; `then` gets the id of the verb, "" for Esc.

    `ask(self, "Void this sale?", "Its 3 lines go.", [("", "Keep it", "plain"), ("void", "Void sale",
    "danger")], then=self._on_void)`
    """
    question = Question(parent, title, text, verbs)
    question.chosen.connect(then)
    question.open()
    return question
