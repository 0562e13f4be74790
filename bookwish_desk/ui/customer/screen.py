"""The window that faces the customer: a sale in large, calm type. It takes no key, no click and no focus."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.customer_view import CustomerView
from bookwish_desk.ui.customer.painting import Canvas, paint_done, paint_idle, paint_sale
from bookwish_desk.ui.theme import colours


class CustomerWindow(QWidget):
    """Shows a view at whatever size it has. Where it stands is for `Placing`."""

    def __init__(self) -> None:
        super().__init__()
        self._view = CustomerView()
        self._logo = QImage()
        self._logo_png = b""
        self.setWindowTitle("Customer screen")
        self.setAccessibleName("Customer screen")
        self.setWindowFlags(
            Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowDoesNotAcceptFocus
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.BlankCursor)

    def view(self) -> CustomerView:
        """Return what is shown."""
        return self._view

    def show_view(self, view: CustomerView) -> None:
        """Show the sale as it is now."""
        if view != self._view:
            self._view = view
            self.setAccessibleDescription(" ".join(view.headline).strip())
            self.update()

    def set_logo(self, png: bytes) -> None:
        """Show this picture while nothing is sold; what is no picture is left out."""
        if png != self._logo_png:
            self._logo_png, self._logo = png, QImage.fromData(png)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(table.paper))
        canvas = Canvas(painter, table, self.width(), self.height())
        if self._view.phase == "idle":
            paint_idle(canvas, self._view, self._logo)
        elif self._view.phase == "done":
            paint_done(canvas, self._view)
        else:
            paint_sale(canvas, self._view)
        painter.end()

    def closeEvent(self, event: QCloseEvent) -> None:
        # A window manager may ask it to close: on a screen of its own only the register does that.
        if event.spontaneous() and self.windowFlags() & Qt.WindowType.FramelessWindowHint:
            event.ignore()
        else:
            super().closeEvent(event)
