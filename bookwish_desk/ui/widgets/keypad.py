"""The touch keypad for PINs, cash and counts. It emits keys; it keeps no number."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QWidget

from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets.buttons import Button


class _PadKey(Button):
    """One large key of the pad; it never takes the focus, so that the field keeps it."""

    def __init__(self, text: str, icon: str | None = None) -> None:
        super().__init__(text, icon=icon)
        self._pixels = TYPE.title
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAutoRepeat(icon == "backspace")

    def sizeHint(self) -> QSize:
        """Return a comfortable size; on a low screen a key gives way down to the least target."""
        return QSize(super().sizeHint().width(), 60)


class Keypad(QWidget):
    """Digits, an extra key and erase. `pressed(text)` for digits, `erased()` for the last one off.

    `extra` is what stands left of 0: "00" for cash, "." or "," for amounts, "" for PINs and counts.
    `serve(edit)` types into a line edit instead of you connecting the signals.
    """

    pressed = Signal(str)
    erased = Signal()

    def __init__(self, extra: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SIZES.gap_small)
        for place, digit in enumerate("789456123"):
            grid.addWidget(self._key(digit), place // 3, place % 3)
        if extra:
            grid.addWidget(self._key(extra), 3, 0)
        grid.addWidget(self._key("0"), 3, 1)
        erase = _PadKey("", "backspace")
        erase.setAccessibleName("Erase the last digit")
        erase.clicked.connect(self.erased)
        grid.addWidget(erase, 3, 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _key(self, text: str) -> Button:
        key = _PadKey(text)
        key.clicked.connect(lambda: self.pressed.emit(text))
        return key

    def serve(self, edit: QLineEdit) -> None:
        """Type into `edit` as if at a keyboard: what the edit refuses stays out, `textEdited` tells."""
        self.pressed.connect(edit.insert)
        self.erased.connect(edit.backspace)
