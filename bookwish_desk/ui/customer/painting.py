"""How the customer's screen is painted, at any size from 800 x 480 up: every length grows with the screen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from bookwish_desk.shop.customer_view import CustomerLine, CustomerView
from bookwish_desk.ui.theme import font
from bookwish_desk.ui.tokens import Colours

_DESIGN_WIDTH, _DESIGN_HEIGHT = 1280, 720
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter

_MARGIN = 44
_ROW, _NEWEST_ROW = 60, 92
_LINE, _NEWEST, _SMALL, _WORD = 28, 36, 24, 34
_TOTAL, _CHANGE, _NAME = 92, 168, 72
_BIG, _ABOVE, _SUM, _INSET = 124, 50, 52, 24


class Canvas:
    """A painter, the colours of the theme, and lengths: `unit` is a design pixel on this screen."""

    def __init__(self, painter: QPainter, table: Colours, width: int, height: int) -> None:
        self.painter = painter
        self.table = table
        self.width = width
        self.height = height
        self.upright = height > width
        across, down = (_DESIGN_HEIGHT, _DESIGN_WIDTH) if self.upright else (_DESIGN_WIDTH, _DESIGN_HEIGHT)
        self.unit = min(width / across, height / down)

    @property
    def inside(self) -> QRectF:
        """The screen without its margin."""
        margin = _MARGIN * self.unit
        return QRectF(margin, margin * 0.8, self.width - 2 * margin, self.height - 1.6 * margin)

    @property
    def head(self) -> QRectF:
        """The line at the top that names the shop."""
        inside = self.inside
        return QRectF(inside.left(), inside.top(), inside.width(), 40 * self.unit)

    def words(
        self,
        text: str,
        area: QRectF,
        size: float,
        align: Qt.AlignmentFlag = _LEFT,
        *,
        bold: bool = False,
        soft: bool = False,
        whole: bool = False,
    ) -> float:
        """Write one line and return its width; what is too long is cut, or made smaller when `whole`."""
        chosen = font(max(10, round(size * self.unit)), bold)
        metrics = QFontMetricsF(chosen)
        wide = metrics.horizontalAdvance(text)
        if whole and wide > area.width() > 0:
            chosen = font(max(8, int(chosen.pixelSize() * area.width() / wide)), bold)
            metrics = QFontMetricsF(chosen)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width() + 1)
        self.painter.setFont(chosen)
        self.painter.setPen(QColor(self.table.ink_soft if soft else self.table.ink))
        self.painter.drawText(area, int(align | Qt.TextFlag.TextSingleLine), shown)
        return metrics.horizontalAdvance(shown)

    def card(self, area: QRectF, edge: str = "") -> None:
        """Lay a surface."""
        radius = 14 * self.unit
        self.painter.setPen(QPen(QColor(edge or self.table.line), max(1.0, self.unit)))
        self.painter.setBrush(QColor(self.table.surface))
        self.painter.drawRoundedRect(area, radius, radius)


def paint_idle(canvas: Canvas, view: CustomerView, logo: QImage) -> None:
    """Paint the shop's logo and name while nothing is sold."""
    area, unit = canvas.inside, canvas.unit
    name, word = 110 * unit, 60 * unit
    picture = QRectF()
    if not logo.isNull():
        most = area.height() - name - word - 110 * unit
        scale = min(area.width() * 0.6 / logo.width(), most / logo.height(), 3.0)
        picture = QRectF(0, 0, logo.width() * scale, logo.height() * scale)
    pad = 24 * unit if not logo.isNull() else 0.0
    whole = picture.height() + 4 * pad + name + word
    top = area.top() + (area.height() - whole) / 2
    if not logo.isNull():
        picture.moveTopLeft(area.center() - picture.center())
        picture.moveTop(top + pad)
        canvas.painter.setPen(Qt.PenStyle.NoPen)
        canvas.painter.setBrush(QColor("#ffffff"))  # logos are drawn for paper
        canvas.painter.drawRoundedRect(picture.adjusted(-pad, -pad, pad, pad), 14 * unit, 14 * unit)
        canvas.painter.drawImage(picture, logo)
    top += picture.height() + 4 * pad
    wide = QRectF(area.left(), top, area.width(), name)
    canvas.words(view.shop, wide, _NAME, _CENTRE, bold=True, whole=True)
    canvas.words(
        view.headline[0], QRectF(area.left(), top + name, area.width(), word), 36, _CENTRE, soft=True
    )


def paint_done(canvas: Canvas, view: CustomerView) -> None:
    """Paint the change, or what was paid, and the thanks."""
    area, unit = canvas.inside, canvas.unit
    heights = [70 * unit, 220 * unit, 80 * unit, 60 * unit]
    top = area.top() + (area.height() - sum(heights)) / 2
    word, amount = view.headline
    facts = [f"Total {view.total}", f"Paid {view.paid}"] if view.change else []
    for height, text, size, bold, soft in (
        (heights[0], word, 48, False, True),
        (heights[1], amount, _CHANGE, True, False),
        (heights[2], view.thanks, 44, False, False),
        (heights[3], "   ".join(facts), _LINE, False, True),
    ):
        line = QRectF(area.left(), top, area.width(), height)
        canvas.words(text, line, size, _CENTRE, bold=bold, soft=soft, whole=True)
        top += height
    canvas.words(
        view.shop, QRectF(area.left(), area.top(), area.width(), 36 * unit), _SMALL, _LEFT, soft=True
    )


def paint_sale(canvas: Canvas, view: CustomerView) -> None:
    """Paint the lines with the newest one strong, and what they come to."""
    area, unit = canvas.inside, canvas.unit
    canvas.words(view.shop, canvas.head, _SMALL, soft=True)
    body = area.adjusted(0, canvas.head.height() + 14 * unit, 0, 0)
    gap = 32 * unit
    if canvas.upright:
        share = (_BIG + _ABOVE + 2 * _INSET + _SUM * len(sums_of(view))) * unit
        lines = QRectF(body.left(), body.top(), body.width(), body.height() - share - gap)
        sums = QRectF(body.left(), lines.bottom() + gap, body.width(), share)
    else:
        share = body.width() * 0.6
        lines = QRectF(body.left(), body.top(), share, body.height())
        sums = QRectF(lines.right() + gap, body.top(), body.right() - lines.right() - gap, body.height())
    _paint_lines(canvas, view, lines)
    _paint_sums(canvas, view, sums)


def _paint_lines(canvas: Canvas, view: CustomerView, area: QRectF) -> None:
    unit = canvas.unit
    first, last = lines_that_fit(view, area.height() / unit)
    top = area.top()
    above = view.hidden + first
    if above:
        more = QRectF(area.left() + 20 * unit, top, area.width(), _ROW * unit)
        canvas.words(f"and {above} more above", more, _SMALL, soft=True)
        top += _ROW * unit
    for place in range(first, last):
        newest = place == view.newest
        row = QRectF(area.left(), top, area.width(), (_NEWEST_ROW if newest else _ROW) * unit)
        _paint_line(canvas, view.lines[place], row, newest=newest)
        top = row.bottom()


def lines_that_fit(view: CustomerView, height: float) -> tuple[int, int]:
    """Return which lines are painted in `height` design pixels: the last ones, the newest among them."""
    count = len(view.lines)
    room = int((height - (_NEWEST_ROW - _ROW if view.newest_line else 0)) // _ROW)
    if count <= room and not view.hidden:
        return 0, count
    room = max(1, room - 1)  # one row says how many there are above
    first = max(0, count - room)
    if 0 <= view.newest < first:
        first = view.newest
    return first, min(count, first + room)


def _paint_line(canvas: Canvas, line: CustomerLine, row: QRectF, *, newest: bool) -> None:
    unit = canvas.unit
    if newest:
        canvas.card(row.adjusted(0, 4 * unit, 0, -4 * unit), canvas.table.control_border)
    inner = row.adjusted(20 * unit, 0, -20 * unit, 0)
    size = _NEWEST if newest else _LINE
    wide = canvas.words(line.price, inner, size, _RIGHT, bold=newest)
    words = f"{line.quantity} × {line.title}" if line.quantity not in (1, -1) else line.title
    words = f"Return: {words.lstrip('-')}" if line.quantity < 0 else words
    canvas.words(words, inner.adjusted(0, 0, -wide - 24 * unit, 0), size, _LEFT, bold=newest)


def _paint_sums(canvas: Canvas, view: CustomerView, area: QRectF) -> None:
    unit = canvas.unit
    canvas.card(area)
    inner = area.adjusted(28 * unit, _INSET * unit, -28 * unit, -_INSET * unit)
    word, amount = view.headline
    big = QRectF(inner.left(), inner.bottom() - _BIG * unit, inner.width(), _BIG * unit)
    canvas.words(amount, big, _TOTAL, _RIGHT, bold=True, whole=True)
    above = QRectF(inner.left(), big.top() - _ABOVE * unit, inner.width(), _ABOVE * unit)
    canvas.words(word, above, _WORD)
    top = inner.top()
    for name, figure in sums_of(view):
        row = QRectF(inner.left(), top, inner.width(), _SUM * unit)
        wide = canvas.words(figure, row, _LINE, _RIGHT)
        canvas.words(name, row.adjusted(0, 0, -wide - 16 * unit, 0), _LINE, soft=True)
        top = row.bottom()


def sums_of(view: CustomerView) -> tuple[tuple[str, str], ...]:
    """Return the figures above the big one, as (name, amount)."""
    rows = [("Discount", view.discount), ("including tax" if view.tax_inside else "Tax", view.tax)]
    if view.phase == "paying":
        rows += [("Total", view.total), ("Paid", view.paid), ("In cash", view.in_cash)]
    return tuple((name, figure) for name, figure in rows if figure)
