"""A short message at the bottom of the window that goes by itself. Errors stay until they are closed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QWidget

from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets.buttons import Button
from bookwish_desk.ui.widgets.panel import Notice, NoticeKind

_LIFE_MS = {"ok": 2_500, "info": 5_000, "warn": 8_000}
_STEP = 8
_LOOK_MS = 250
"""So often it looks whether it lies over a button that was not there when it came."""


class Toast(QWidget):
    """Lies at the lower left of its parent, or elsewhere where there are buttons: it lies over none.

    A new message takes the place of the last.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap_small)
        self._notice = Notice(parent=self)
        self._notice.setMinimumHeight(SIZES.target)
        self._verb = Button("", parent=self)
        self._close = Button("", icon="close", parent=self)
        self._close.setAccessibleName("Close the message")
        row.addWidget(self._notice, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._verb)
        row.addWidget(self._close)
        self._close.clicked.connect(self.hide)
        self._verb.clicked.connect(self._act)
        self._then: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._make_way)
        parent.installEventFilter(self)
        self.hide()

    def show_text(
        self, text: str, kind: NoticeKind = "ok", verb: str = "", then: Callable[[], object] | None = None
    ) -> None:
        """Show a sentence, with a verb to act on it if one is given ("Print again")."""
        self._then = then
        self._verb.setVisible(bool(verb))
        self._verb.setText(verb)
        self.show()
        self._notice.show_text(text, kind)
        self._notice.updateGeometry()  # else the height would be that of the words before
        self._place()
        self.raise_()
        self._timer.stop()
        if kind in _LIFE_MS:
            self._timer.start(_LIFE_MS[kind])

    def text(self) -> str:
        """Return the sentence shown, or an empty text."""
        return self._notice.text() if self.isVisible() else ""

    def _act(self) -> None:
        self.hide()
        if self._then is not None:
            self._then()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        """Go to the lower left, above the verbs, or to the place nearest to it where no button lies."""
        window = self._window
        width = min(540, int(window.width() * 0.43))
        height = max(SIZES.target, self.heightForWidth(width) if self.hasHeightForWidth() else 0)
        top = window.height() - height - SIZES.target - 2 * SIZES.margin - SIZES.gap_large
        usual = QRect(SIZES.margin, top, width, height)
        taken = self._buttons()
        right = window.width() - SIZES.margin - width
        places = (
            QRect(left, y, width, height)
            for left in (SIZES.margin, right // 2, right)
            for y in sorted(range(SIZES.header, window.height() - height, _STEP), key=lambda y: abs(y - top))
        )
        free = (place for place in chain([usual], places) if not any(place.intersects(b) for b in taken))
        self.setGeometry(next(free, usual))

    def _buttons(self) -> list[QRect]:
        """Return where in the window one can press or type just now."""
        window = self._window
        return [
            QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
            for kind in (QAbstractButton, QLineEdit)
            for widget in window.findChildren(kind)
            if widget.isVisible() and not self.isAncestorOf(widget)
        ]

    def _make_way(self) -> None:
        """Go elsewhere where another screen has put a button beneath."""
        if any(self.geometry().intersects(button) for button in self._buttons()):
            self._place()
