"""Quiet surfaces and short messages: cards, lines, notices, badges and status chips."""

from __future__ import annotations

from typing import Literal

import msgspec
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QScroller, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE, Colours
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.text import Label

State = Literal["ok", "warn", "error", "off"]
NoticeKind = Literal["ok", "info", "warn", "error"]

_ICONS = {"ok": "ok", "info": "info", "warn": "warn", "error": "error"}


def say(widget: QWidget, sentence: str) -> None:
    """Let a screen reader speak `sentence` now, wherever the focus is."""
    # Imported here: its constants would take a start longer than a screen's widgets.
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, sentence))


class Card(QFrame):
    """A surface with a quiet border. Put widgets into `column`."""

    def __init__(self, margin: int = 18, spacing: int = SIZES.gap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(spacing)


class Scroll(QScrollArea):
    """A column that scrolls when the window is too low for it. Put widgets into `column`."""

    def __init__(self, margin: int = 0, spacing: int = SIZES.gap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewport(QWidget())  # for what RowList says of it
        inner = QWidget()
        inner.setProperty("surface", "clear")
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(spacing)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


class Line(QFrame):
    """A quiet line across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "line")
        self.setFixedHeight(1)


def kind_colours(kind: str, table: Colours) -> tuple[str, str]:
    """Return ink and fill of a notice, toast or badge."""
    return {
        "ok": (table.ok, table.ok_fill),
        "warn": (table.warn, table.warn_fill),
        "error": (table.danger, table.danger_fill),
    }.get(kind, (table.ink_soft, table.raised))


class Notice(QWidget):
    """A sentence in its place: an icon, words and a quiet fill. `show_text("")` hides it."""

    def __init__(self, text: str = "", kind: NoticeKind = "info", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: NoticeKind = kind
        row = QHBoxLayout(self)
        row.setContentsMargins(44, 11, 14, 11)
        self._label = Label("", wrap=True)
        row.addWidget(self._label, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_text(text, kind)

    def text(self) -> str:
        """Return the sentence."""
        return self._label.text()

    def kind(self) -> NoticeKind:
        """Return what kind of sentence it is."""
        return self._kind

    def show_text(self, text: str, kind: NoticeKind | None = None) -> None:
        """Show a sentence and have it spoken; an empty text hides the notice."""
        if kind is not None:
            self._kind = kind
        fresh = text != self._label.text()
        self._label.setText(text)
        self.setAccessibleName(text)
        self._show_or_hide()
        self.update()
        if text and fresh and self.isVisible():
            say(self, text)

    def _show_or_hide(self) -> None:
        # Without a parent it would open as a window of its own: then it waits until it has one.
        if not self.text():
            self.hide()
        elif not self.isWindow():
            self.show()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange:
            self._show_or_hide()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, fill = kind_colours(self._kind, colours())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(ink), 1))
        painter.setBrush(QColor(fill))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, SIZES.radius, SIZES.radius)
        draw_icon(painter, _ICONS[self._kind], ink, 14, self._icon_top(), SIZES.icon)

    def _icon_top(self) -> float:
        """Return where the icon stands beside the first line of the words."""
        words = self._label
        block = words.heightForWidth(words.width())
        top = words.y() + max(0, words.height() - block) / 2
        return top + (words.fontMetrics().height() - SIZES.icon) / 2


class Badge(QWidget):
    """A word in a small frame, such as "Returned"."""

    def __init__(self, text: str, kind: str = "off", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(font(TYPE.small, bold=True))
        self.set_text(text, kind)

    def set_text(self, text: str, kind: str | None = None) -> None:
        """Change the word and, if given, the kind (ok, warn, error, off)."""
        self._text = text
        if kind is not None:
            self._kind = kind
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 18, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, fill = kind_colours(self._kind, colours())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(ink), 1))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)


class Chip(msgspec.Struct, frozen=True):
    """A state in the header: what it is about (`id`), how it stands, and the words.

    `short` are the words for a narrow window; without them the long ones are cut. `place` is the screen that
    a press leads to, where there is one that helps.
    """

    id: str
    state: State
    text: str
    short: str = ""
    place: str = ""


def light_ink(state: State, table: Colours) -> str:
    """Return the colour of a state's shape and words."""
    return {"ok": table.ok, "warn": table.warn, "error": table.danger}.get(state, table.ink_soft)


def draw_light(painter: QPainter, state: State, ink: str, left: float, middle: float) -> None:
    """Draw the shape of a state, 11 pixels wide: a dot, a triangle, a square or a ring."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    if state == "warn":
        points = [(0.5, 4.5), (5.5, -4.5), (10.5, 4.5)]
        painter.drawPolygon(QPolygonF([QPointF(left + x, middle + y) for x, y in points]))
    elif state == "error":
        painter.drawRect(QRectF(left + 1, middle - 4.5, 9, 9))
    else:
        if state == "off":
            painter.setPen(QPen(QColor(ink), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(left + 5.5, middle), 4, 4)


class StatusChip(QWidget):
    """A shape and words: a dot is well, a triangle needs attention, a square is wrong, a ring is off."""

    def __init__(self, chip: Chip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font(TYPE.body - 1, bold=True))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._narrow = False
        self.set_chip(chip)

    def chip(self) -> Chip:
        """Return what is shown."""
        return self._chip

    def set_chip(self, chip: Chip) -> None:
        """Show another state."""
        self._chip = chip
        self.setAccessibleName(chip.text)
        self.updateGeometry()
        self.update()

    def set_narrow(self, narrow: bool) -> None:
        """Use the short words, for a narrow window."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.updateGeometry()
            self.update()

    def _words(self) -> str:
        return self._chip.short or self._chip.text if self._narrow else self._chip.text

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._words()) + 18, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 70), 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        ink = light_ink(self._chip.state, table)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_light(painter, self._chip.state, ink, 0, self.height() / 2)
        painter.setPen(QColor(ink))
        words = self.fontMetrics().elidedText(self._words(), Qt.TextElideMode.ElideRight, self.width() - 16)
        painter.drawText(
            QRectF(16, 0, self.width() - 16, self.height()), Qt.AlignmentFlag.AlignVCenter, words
        )
