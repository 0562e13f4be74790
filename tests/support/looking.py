"""Looking at screens: a window with a screen in it, its pictures, and rules that hold for all of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QWidget,
)

from bookwish_desk.ui.theme import apply_theme, theme_name
from bookwish_desk.ui.widgets import Sheet
from bookwish_desk.ui.window import MainWindow

CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QListView)
SIZES = ((1280, 800), (1024, 768))


def window_with(name: str, screen: QWidget, size: tuple[int, int] = (1280, 800)) -> MainWindow:
    """Return the main window with one screen in it, shown at a size."""
    window = MainWindow()
    window.resize(*size)
    window.set_till("Till open since 9:02 · Olive Owner")
    window.add_screen(name, name.capitalize(), f"screen.{name}", screen)
    window.show()
    return window


def photograph(window: QWidget, path: Path, sheet: Sheet | None = None) -> None:
    """Save what a person sees: the window, with the sheet in front of it where there is one."""
    picture = window.grab()
    if sheet is not None:
        painter = QPainter(picture)
        painter.drawPixmap(window.mapFromGlobal(sheet.pos()), sheet.grab())
        painter.end()
    assert picture.save(str(path))


def photograph_all(
    app: QApplication, window: QWidget, folder: Path, name: str, sheet: Sheet | None = None
) -> None:
    """Save pictures of a window in both sizes, light and dark.

    It begins with the theme that is on, and leaves the other one on: to dress a window again takes longer
    than its pictures. The caller has its application from `dressed`, which puts the light theme back.
    """
    for theme in ("light", "dark") if theme_name() == "light" else ("dark", "light"):
        apply_theme(app, theme)
        for size in SIZES:
            window.resize(*size)
            if sheet is not None:
                app.sendEvent(sheet, QEvent(QEvent.Type.LayoutRequest))
            app.processEvents()
            photograph(window, folder / f"{name}-{size[0]}-{theme}.png", sheet)


def controls(root: QWidget) -> list[QWidget]:
    """Return everything under `root` that one can press, type into or choose from, and that is seen."""
    found = [widget for kind in CONTROLS for widget in root.findChildren(kind)]
    return [w for w in found if w.isVisible() and not w.inherits("QComboBoxListView") and w.width() > 0]


def nameless(root: QWidget) -> list[QWidget]:
    """Return the controls that a screen reader has no name for."""
    return [
        w
        for w in controls(root)
        if not QAccessible.queryAccessibleInterface(w).text(QAccessible.Text.Name).strip()
    ]


def rich(root: QWidget) -> list[QLabel]:
    """Return the labels that would take text from outside for markup."""
    return [x for x in root.findChildren(QLabel) if x.textFormat() != Qt.TextFormat.PlainText]


def cut_off(root: QWidget) -> list[QWidget]:
    """Return the controls that do not lie wholly within the screen."""
    inside = root.rect()
    return [
        w
        for w in controls(root)
        if not inside.contains(w.rect().translated(w.mapTo(root, w.rect().topLeft())))
    ]
