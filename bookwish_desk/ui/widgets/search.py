"""The one line of a screen that takes scan, title, author or SKU. It finds nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from bookwish_desk.ui.keys import label, work_key
from bookwish_desk.ui.theme import font
from bookwish_desk.ui.tokens import TYPE


class SearchLine(QLineEdit):
    """The one line that takes scan, title, author or SKU. Its key brings the focus here.

    `typed(text)` while a person types, `entered(text)` on Enter, `stepped(+1 | -1)` on Down and Up so
    that a list of results can follow, `left()` on Esc.
    """

    typed = Signal(str)
    entered = Signal(str)
    stepped = Signal(int)
    left = Signal()

    def __init__(self, placeholder: str, key: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("scan", "true")
        self.setMaxLength(200)
        self.setFont(font(TYPE.head))
        key_text = ""
        if key is not None:
            key_text = label(key)
            work_key(self, key, self.take_focus)
            self.setAccessibleDescription(f"Key {key_text}")
        self.setPlaceholderText(f"{placeholder}   ({key_text})" if key_text else placeholder)
        self.setAccessibleName(placeholder)
        self.textEdited.connect(self.typed)
        self.returnPressed.connect(lambda: self.entered.emit(self.text()))

    def take_focus(self) -> None:
        """Bring the focus here and select what is there."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def minimumSizeHint(self) -> QSize:
        return QSize(180, super().minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {int(Qt.Key.Key_Down): 1, int(Qt.Key.Key_Up): -1}.get(event.key())
        if step is not None and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            self.stepped.emit(step)
        elif event.key() == Qt.Key.Key_Escape:
            if not self.text():
                # Nothing to give up here: a sheet behind may close.
                event.ignore()
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)
