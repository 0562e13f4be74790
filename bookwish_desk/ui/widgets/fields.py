"""Where one types and chooses: a label above, the control, and beneath it a sentence when it is wrong.

Fields hand out text; what it means is the presenter's business.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QRegularExpressionValidator,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from bookwish_desk.ui.theme import colours, font, restyle
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets.buttons import Button
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.text import Label


class _Mark(QWidget):
    """A small icon in a theme colour, drawn at paint time so that it follows the theme."""

    def __init__(self, icon: str, tone: str, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._tone, self._size = icon, tone, size
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_icon(QPainter(self), self._icon, getattr(colours(), self._tone), 0, 0, self._size)


class Labelled(QWidget):
    """The frame of every field: label above, control, error beneath. `set_error("")` takes it away.

    `speaks` is the widget inside `control` that has the focus and carries the name; else the control.
    """

    def __init__(
        self,
        label: str,
        control: QWidget,
        hint: str = "",
        parent: QWidget | None = None,
        speaks: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._speaks = speaks or control
        self._hint = hint
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        self._label = Label(label, "strong")
        self._label.setBuddy(self._speaks)
        column.addWidget(self._label)
        column.addWidget(control)
        self._error_row = QWidget()
        row = QHBoxLayout(self._error_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap_small)
        self._error = Label("", tone="danger", wrap=True)
        row.addWidget(_Mark("error", "danger", 18), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._error, 1)
        self._hint_label = Label(hint, "small", "soft", wrap=True)
        column.addWidget(self._hint_label)
        column.addWidget(self._error_row)
        self._hint_label.setVisible(bool(hint))
        self._error_row.hide()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        control.setMinimumHeight(SIZES.target)
        self._speaks.setAccessibleName(label)
        self._speaks.setAccessibleDescription(hint)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Go to the field itself."""
        # A focus proxy would do it too, but takes what stands before the field out of the Tab order.
        self._speaks.setFocus(reason)

    def label(self) -> str:
        """Return the words above the field."""
        return self._label.text()

    def set_label(self, label: str) -> None:
        """Put other words above the field."""
        self._label.setText(label)
        self._speaks.setAccessibleName(label)

    def hide_label(self) -> None:
        """Show the control alone, where a table says beside it what it is; it keeps its spoken name."""
        self._label.hide()

    def error(self) -> str:
        """Return the sentence beneath, or an empty text."""
        return self._error.text()

    def set_error(self, sentence: str) -> None:
        """Say beneath the field what is wrong; an empty text takes it away."""
        if sentence == self._error.text():
            return
        self._error.setText(sentence)
        self._error_row.setVisible(bool(sentence))
        self._hint_label.setVisible(bool(self._hint) and not sentence)
        self._speaks.setAccessibleDescription(f"Wrong: {sentence}" if sentence else self._hint)
        self._speaks.setProperty("wrong", "true" if sentence else "false")
        restyle(self._speaks)


class Field(Labelled):
    """One line of text. `changed(text)` while a person types, `entered()` on Enter."""

    changed = Signal(str)
    entered = Signal()

    def __init__(
        self,
        label: str,
        text: str = "",
        placeholder: str = "",
        hint: str = "",
        *,
        limit: int = 200,
        parent: QWidget | None = None,
    ) -> None:
        self.edit = QLineEdit()
        super().__init__(label, self.edit, hint, parent)
        self.edit.setMaxLength(limit)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setText(text)
        self.edit.textEdited.connect(self._edited)
        self.edit.returnPressed.connect(self.entered)

    def _edited(self, text: str) -> None:
        self.set_error("")
        self.changed.emit(text)

    def text(self) -> str:
        """Return what is in the field."""
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Put a text into the field; `changed` is not emitted."""
        if text != self.edit.text():
            self.edit.setText(text)

    def select(self) -> None:
        """Go to the field and select all of it, ready to be typed over."""
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()


def _only(edit: QLineEdit, pattern: str) -> None:
    edit.setValidator(QRegularExpressionValidator(QRegularExpression(pattern), edit))


class AmountField(Field):
    """An amount of money or a percentage as text: digits with . or , as typed; the presenter parses it."""

    def __init__(
        self,
        label: str,
        text: str = "",
        hint: str = "",
        *,
        signed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, text, hint=hint, limit=14, parent=parent)
        _only(self.edit, r"[-−]?[0-9 .,']*" if signed else r"[0-9 .,']*")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self.edit.setFont(font(TYPE.head))


class PinField(Field):
    """A PIN: dots for digits, never shown, never copied."""

    def __init__(self, label: str = "PIN", hint: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(label, hint=hint, limit=12, parent=parent)
        _only(self.edit, "[0-9]*")
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhDigitsOnly
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhHiddenText
        )
        self.edit.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.edit.setFont(font(TYPE.title))
        self.edit.setAlignment(Qt.AlignmentFlag.AlignHCenter)


class PasswordField(Field):
    """A password for another computer: dots for letters, never shown, never copied."""

    def __init__(self, label: str = "Password", hint: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(label, hint=hint, limit=300, parent=parent)
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhNoPredictiveText
        )


class CountField(Labelled):
    """A whole number with - and + beside it. `value()` is None while the field is empty."""

    changed = Signal()
    entered = Signal()

    def __init__(
        self,
        label: str,
        value: int | None = 1,
        least: int = 0,
        most: int = 9_999,
        hint: str = "",
        *,
        parent: QWidget | None = None,
    ) -> None:
        self._least, self._most = least, most
        self.edit = QLineEdit()
        box = QWidget()
        super().__init__(label, box, hint, parent, speaks=self.edit)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap_small)
        self._fewer, self._more = Button("", icon="minus"), Button("", icon="plus")
        self._fewer.setAccessibleName(f"One fewer, {label}")
        self._more.setAccessibleName(f"One more, {label}")
        for widget in (self._fewer, self.edit, self._more):
            row.addWidget(widget)
        row.setStretch(1, 1)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.edit.setMaxLength(len(str(most)) + (1 if least < 0 else 0))
        _only(self.edit, "-?[0-9]*" if least < 0 else "[0-9]*")
        self.set_value(value)
        self.edit.textEdited.connect(self._edited)
        self.edit.returnPressed.connect(self.entered)
        self._fewer.clicked.connect(lambda: self.step(-1))
        self._more.clicked.connect(lambda: self.step(1))

    def _edited(self) -> None:
        self.set_error("")
        self.changed.emit()

    def step(self, by: int) -> None:
        """Count `by` up or down as a person does with the buttons; it stops at the bounds."""
        value = self.value()
        self.set_value(min(self._most, max(self._least, (value if value is not None else 0) + by)))
        self._edited()

    def value(self) -> int | None:
        """Return the number, or None when there is none in the field or it is out of bounds."""
        text = self.edit.text()
        if not text.lstrip("-"):
            return None
        value = int(text)
        return value if self._least <= value <= self._most else None

    def set_value(self, value: int | None) -> None:
        """Put a number, or nothing, into the field."""
        self.edit.setText("" if value is None else str(value))

    def select(self) -> None:
        """Go to the field and select all of it, ready to be typed over."""
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()


class _Combo(QComboBox):
    """A drop-down with the theme's arrow; the wheel does not change it by accident."""

    def __init__(self) -> None:
        super().__init__()
        # The usual delegate would draw a menu's small rows and not those of the theme.
        self.setItemDelegate(QStyledItemDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a form that is scrolled does not lose its field

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        size = 18
        ink = colours().ink if self.isEnabled() else colours().ink_off
        draw_icon(painter, "down", ink, self.width() - size - 13, (self.height() - size) / 2, size)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Choice(Labelled):
    """One of several: `Choice("Reason", [("damaged", "Damaged"), ...])`. `picked(id)` when a person picks."""

    picked = Signal(str)

    def __init__(
        self,
        label: str,
        options: Sequence[tuple[str, str]] = (),
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.combo = _Combo()
        super().__init__(label, self.combo, hint, parent)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(10)
        self.combo.setMaxVisibleItems(8)
        self.set_options(options)
        self.combo.activated.connect(self._picked)

    def _picked(self) -> None:
        self.set_error("")
        self.picked.emit(self.chosen())

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer these (id, words); what was chosen stays chosen when it is still there."""
        before = self.chosen()
        self.combo.clear()
        for option_id, words in options:
            self.combo.addItem(words, option_id)
        self.choose(before)

    def chosen(self) -> str:
        """Return the id of what is chosen, or an empty text."""
        found = self.combo.currentData()
        return str(found) if found is not None else ""

    def choose(self, option_id: str) -> None:
        """Choose by id; an unknown id leaves the choice as it is."""
        place = self.combo.findData(option_id)
        if place >= 0:
            self.combo.setCurrentIndex(place)


class NoteField(Labelled):
    """Several lines of plain text. Tab leaves the field."""

    changed = Signal()

    def __init__(
        self, label: str, text: str = "", hint: str = "", *, lines: int = 3, limit: int = 2_000,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        self.edit = QPlainTextEdit()
        self._limit = limit
        super().__init__(label, self.edit, hint, parent)
        self.edit.setTabChangesFocus(True)
        self.edit.setPlainText(text)
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * lines + 28)
        self.edit.textChanged.connect(self._edited)

    def _edited(self) -> None:
        text = self.edit.toPlainText()
        if len(text) > self._limit:
            self.edit.blockSignals(True)
            self.edit.setPlainText(text[: self._limit])
            self.edit.moveCursor(QTextCursor.MoveOperation.End)
            self.edit.blockSignals(False)
        self.set_error("")
        self.changed.emit()

    def text(self) -> str:
        """Return what is in the field."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Put a text into the field; `changed` is not emitted."""
        if text != self.text():
            self.edit.blockSignals(True)
            self.edit.setPlainText(text)
            self.edit.blockSignals(False)
