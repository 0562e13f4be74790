"""Everything one presses. Enter never presses a button: only touch, mouse, Space and its own key do."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from bookwish_desk.ui.keys import label, work_key
from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE, Colours
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.text import button_text

Kind = Literal["plain", "primary", "danger", "quiet"]

_ICON_GAP = 8


class Look:
    """What one paint of a button uses: fill, edge and inks."""

    __slots__ = ("edge", "fill", "ink", "key_ink", "solid")

    def __init__(self, fill: str | None, edge: str | None, ink: str, key_ink: str, solid: bool) -> None:
        self.fill, self.edge, self.ink, self.key_ink, self.solid = fill, edge, ink, key_ink, solid


class Button(QPushButton):
    """A push button that shows its key: `Button("Hold sale", key="sell.hold")`.

    `key` is an id in `ui.keys`; the button owns that key and works it while it is visible, enabled and
    in the active window. `icon` is a name in resources/icons. Clicking leaves the focus where it is.
    """

    def __init__(
        self,
        text: str,
        key: str | None = None,
        kind: Kind = "plain",
        icon: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words = ""
        self._kind: Kind = kind
        self._icon = icon
        self._key_text = ""
        self._pixels = TYPE.body
        self._key_gap = 9
        self.setAutoDefault(False)
        self.setDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(SIZES.target)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if key is not None:
            self._own_key(key)
        self.setText(text)

    def _own_key(self, key_id: str) -> None:
        self._key_text = label(key_id)
        work_key(self, key_id, self.click)
        self.setAccessibleDescription(f"Key {self._key_text}")

    def name_key(self, key_id: str | None) -> None:
        """Show a key that does the same and is worked elsewhere; None shows no key any more."""
        self._key_text = label(key_id) if key_id else ""
        if key_id:
            self.setAccessibleDescription(f"Key {self._key_text}")
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """Return the words on the button, without its key."""
        return self._words

    def setText(self, text: str) -> None:
        """Put plain words on the button; & is shown as it is."""
        self._words = text
        super().setText(button_text(text))
        self.setAccessibleName(text.replace("\n", " "))
        self.updateGeometry()

    def key_text(self) -> str:
        """Return the key as shown on the button, or an empty text."""
        return self._key_text

    def set_kind(self, kind: Kind) -> None:
        """Change what the button stands for."""
        self._kind = kind
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Some desktops let Enter press the focused button; here that could pay by accident.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    # ---- size ----

    def _text_font(self) -> QFont:
        return font(self._pixels, bold=self._kind == "primary" or self.isChecked())

    def sizeHint(self) -> QSize:
        width = QFontMetrics(font(self._pixels, bold=True)).horizontalAdvance(self._words) + 32
        if self._icon:
            width += SIZES.icon + (_ICON_GAP if self._words else 0)
        if self._key_text:
            width += self._key_gap + QFontMetrics(font(self._key_pixels())).horizontalAdvance(self._key_text)
        return QSize(max(width, SIZES.target), self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 96), self.minimumHeight())

    def _key_pixels(self) -> int:
        return max(TYPE.small, self._pixels - 1)

    # ---- painting ----

    def _look(self, table: Colours) -> Look:
        if not self.isEnabled():
            edge = None if self._kind == "quiet" else table.line
            return Look(None, edge, table.ink_off, table.ink_off, False)
        lit = self.underMouse()
        if self._kind == "primary":
            solid = table.primary_raised if lit or self.isDown() else table.primary
            return Look(solid, None, table.primary_ink, table.primary_ink, True)
        rest = None if self._kind == "quiet" else table.surface
        state = table.pressed if self.isDown() else table.selection if self.isChecked() else None
        fill = state or (table.raised if lit else rest)
        edge = None if self._kind == "quiet" and not self.isChecked() else table.control_border
        ink = table.danger if self._kind == "danger" else table.ink
        return Look(fill, table.ink if self.isChecked() else edge, ink, table.ink_soft, False)

    def paintEvent(self, event: QEvent) -> None:
        table = colours()
        look = self._look(table)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, self.rect(), look, self.hasFocus(), table, strong=self.isChecked())
        self._paint_label(painter, look)

    def _paint_label(self, painter: QPainter, look: Look) -> None:
        text_font, key_font = self._text_font(), font(self._key_pixels())
        metrics, key_metrics = QFontMetrics(text_font), QFontMetrics(key_font)
        room = self.width() - 16
        key_width = key_metrics.horizontalAdvance(self._key_text) + self._key_gap if self._key_text else 0
        icon_width = SIZES.icon + (_ICON_GAP if self._words else 0) if self._icon else 0
        words = self._words.replace("\n", " ")
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, room - key_width - icon_width))
        width = icon_width + metrics.horizontalAdvance(words) + key_width
        left = (self.width() - width) / 2
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        if self._icon:
            draw_icon(painter, self._icon, look.ink, left, (self.height() - SIZES.icon) / 2, SIZES.icon)
        painter.setFont(text_font)
        painter.setPen(QColor(look.ink))
        painter.drawText(QPointF(left + icon_width, baseline), words)
        if self._key_text:
            painter.setFont(key_font)
            painter.setPen(QColor(look.key_ink))
            painter.drawText(QPointF(left + width - key_width + self._key_gap, baseline), self._key_text)


class Tile(Button):
    """A large button of the sell screen: a strong name and, beneath, a lighter detail such as a price."""

    def __init__(
        self, text: str, detail: str = "", key: str | None = None, parent: QWidget | None = None
    ) -> None:
        self._detail = detail
        super().__init__(text, key, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(SIZES.tile)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setAccessibleName(f"{text} {self._detail}".replace("\n", " ").strip())

    def set_detail(self, detail: str) -> None:
        """Change the lighter second text."""
        self._detail = detail
        self.setText(self._words)

    def sizeHint(self) -> QSize:
        return QSize(150, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(96, self.minimumHeight())

    def _paint_label(self, painter: QPainter, look: Look) -> None:
        margin = 15
        area = self.rect().adjusted(margin, 10, -margin, -10)
        bold, plain = font(TYPE.body, bold=True), font(TYPE.body)
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        painter.setFont(bold)
        line = QFontMetrics(plain).height()
        lines = line if self._detail else 0
        words = self._fitting(painter, area.width(), area.height() - lines, wrap)
        height = painter.boundingRect(QRect(0, 0, area.width(), 1000), wrap, words).height()
        top = area.top() + (area.height() - height - lines) // 2
        painter.setPen(QColor(look.ink))
        painter.setClipRect(area)
        painter.drawText(QRect(area.left(), top, area.width(), height), wrap, words)
        painter.setFont(plain)
        painter.setPen(QColor(look.key_ink))
        if self._detail:
            shown = QFontMetrics(plain).elidedText(self._detail, Qt.TextElideMode.ElideRight, area.width())
            beneath = QRect(area.left(), top + height, area.width(), line)
            painter.drawText(beneath, Qt.AlignmentFlag.AlignLeft, shown)
        if self._key_text:
            painter.setFont(font(TYPE.small))
            bottom = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
            painter.drawText(area, bottom, self._key_text)

    def _fitting(self, painter: QPainter, width: int, height: int, flags: Qt.TextFlag) -> str:
        """Return the words, shortened until they fit: half a line of text is worse than an ellipsis."""
        words = self._words
        box = QRect(0, 0, width, 1000)
        while len(words) > 1 and painter.boundingRect(box, flags, words).height() > height:
            words = words.removesuffix("…")[:-1].rstrip() + "…"
        return words


class PayButton(Button):
    """The one green button. `set_amount` shows what is to be paid on it."""

    def __init__(
        self, text: str = "Pay", key: str | None = "sell.pay", parent: QWidget | None = None
    ) -> None:
        self._verb = text
        super().__init__(text, key, kind="primary", parent=parent)
        self._pixels = TYPE.pay
        self._key_gap = 40
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(SIZES.pay)

    def set_amount(self, amount: str) -> None:
        """Show "Pay  $59.57"; an empty text shows the verb alone."""
        self.setText(f"{self._verb}  {amount}" if amount else self._verb)

    def _key_pixels(self) -> int:
        return TYPE.title

    def _look(self, table: Colours) -> Look:
        if not self.isEnabled():
            return super()._look(table)
        fill = table.pay_raised if self.underMouse() or self.isDown() else table.pay
        return Look(fill, None, table.pay_ink, table.pay_ink, True)


def paint_box(
    painter: QPainter, rect: QRect, look: Look, focused: bool, table: Colours, strong: bool = False
) -> None:
    """Paint the box of a control: fill, edge and, when focused, the ring around it."""
    radius = SIZES.radius
    ring = SIZES.focus_ring
    if focused and look.solid:
        # A ring on a solid fill is seen only with a gap between the two.
        _rounded(painter, QRectF(rect), radius, None, table.focus, ring)
        _rounded(painter, QRectF(rect).adjusted(4, 4, -4, -4), radius - 3, look.fill, None, 0)
    elif focused:
        _rounded(painter, QRectF(rect), radius, look.fill, table.focus, ring)
    else:
        width = ring if strong else SIZES.border
        _rounded(painter, QRectF(rect), radius, look.fill, look.edge, width)


def _rounded(
    painter: QPainter, rect: QRectF, radius: float, fill: str | None, edge: str | None, width: float
) -> None:
    inset = width / 2 if edge else 0
    painter.setPen(QPen(QColor(edge), width) if edge else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)
