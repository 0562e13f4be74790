"""One-colour icons from resources/icons, tinted, sharp at every scale, cached by Qt. Draws nothing else."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from bookwish_desk.resource import resource_path


def icon_pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    """Return icon `name` tinted `colour` (`#rrggbb`), `size` logical pixels, for device pixel `ratio`.

    An unknown name is a programming error: FileNotFoundError.
    """
    cached = QPixmap()
    place = f"icon:{name}:{colour}:{size}:{ratio}"
    if QPixmapCache.find(place, cached):
        return cached
    drawing = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
    side = max(1, round(size * ratio))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(place, pixmap)
    return pixmap


def draw_icon(painter: QPainter, name: str, colour: str, x: float, y: float, size: int) -> None:
    """Draw icon `name` with its top left corner at (`x`, `y`) in logical pixels."""
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(QRectF(x, y, size, size), icon_pixmap(name, colour, size, ratio), QRectF())
