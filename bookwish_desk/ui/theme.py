"""The look of the whole application: fonts, Fusion, one palette and one short style sheet from tokens.

Which theme is on is kept by Qt itself, as a property of the application: nothing is held here.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from bookwish_desk.resource import resource_path
from bookwish_desk.ui.tokens import LIGHT, SIZES, THEMES, TYPE, Colours

FIRST_FONTS = ("IBMPlexSans-Regular.ttf", "IBMPlexSans-SemiBold.ttf")
FONT_FILES = (*FIRST_FONTS, "IBMPlexSans-Bold.ttf", "WenQuanYiMicroHei.ttf")
CHOICES = ("system", *THEMES)

_PROPERTY = "bookwish_theme"
_WANTED = "bookwish_theme_wanted"
_FONTS = "bookwish_fonts"
_STYLED = "bookwish_styled"
_STYLE = "Fusion"


def wanted_theme(app: QApplication) -> str:
    """Return which theme `app` was dressed in last, as it was asked for."""
    return str(app.property(_WANTED) or "")


def apply_theme(app: QApplication, name: str = "system") -> None:
    """Dress `app` in "light", "dark", "contrast" or, following the computer's setting, "system"."""
    if name not in CHOICES:
        raise ValueError(f"there is no theme {name!r}")
    first = app.property(_WANTED) is None
    app.setProperty(_WANTED, name)
    if first:
        from PySide6.QtCore import Qt

        load_fonts(app)
        if not app.property(_STYLED):
            app.setStyle(_STYLE)
        app.setEffectEnabled(Qt.UIEffect.UI_AnimateCombo, False)
        app.styleHints().colorSchemeChanged.connect(lambda _scheme: _follow_system(app))
    _dress(app, _system_theme(app) if name == "system" else name)


def theme_name() -> str:
    """Return which theme is on: "light", "dark" or "contrast"."""
    app = QCoreApplication.instance()
    return str(app.property(_PROPERTY) or "light") if app is not None else "light"


def colours() -> Colours:
    """Return the colours of the theme that is on. Cheap: painting code calls it each time."""
    return THEMES.get(theme_name(), LIGHT)


def application() -> QApplication:
    """Return the application, making it where there is none.

    It gets its style as an argument: setting it afterwards brings all of Qt's styles to Python.
    """
    app = QApplication.instance()
    if app is None:
        app = QApplication(["bookwish-desk", "-style", _STYLE])
        app.setProperty(_STYLED, True)
    assert isinstance(app, QApplication)
    return app


def first_look(app: QApplication) -> None:
    """Dress `app` for the first thing that is painted, and in no more than that: the rest takes its time."""
    load_fonts(app, FIRST_FONTS)
    app.setPalette(_palette(LIGHT))


def load_fonts(app: QApplication, files: tuple[str, ...] = FONT_FILES) -> None:
    """Make bundled fonts known, each once, and set the application's font."""
    known = app.property(_FONTS) or []
    fresh = [file for file in files if file not in known]
    for file in fresh:
        if QFontDatabase.addApplicationFont(str(resource_path("fonts", file))) < 0:
            raise FileNotFoundError(f"the font {file} is missing from the installation")
    app.setProperty(_FONTS, [*known, *fresh])
    if not known:
        app.setFont(font())


def font(pixels: int = TYPE.body, bold: bool = False) -> QFont:
    """Return the shop's font at `pixels`; `bold` is its semi-bold. Its figures are tabular."""
    made = QFont()
    made.setFamilies(list(TYPE.families))
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again at `widget` after one of its properties changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def _follow_system(app: QApplication) -> None:
    if app.property(_WANTED) == "system":
        _dress(app, _system_theme(app))


def _system_theme(app: QApplication) -> str:
    from PySide6.QtCore import Qt

    hints = app.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return "contrast"
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def _dress(app: QApplication, name: str) -> None:
    if app.property(_PROPERTY) == name:
        return
    app.setProperty(_PROPERTY, name)
    table = THEMES[name]
    app.setPalette(_palette(table))
    app.setStyleSheet(style_sheet(table))


def _palette(table: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for group_role, value in {
        role.Window: table.paper,
        role.WindowText: table.ink,
        role.Base: table.surface,
        role.AlternateBase: table.raised,
        role.Text: table.ink,
        role.PlaceholderText: table.ink_soft,
        role.Button: table.surface,
        role.ButtonText: table.ink,
        role.BrightText: table.danger,
        role.Highlight: table.focus,
        role.HighlightedText: table.surface,
        role.Accent: table.focus,
        role.Link: table.focus,
        role.LinkVisited: table.focus,
        role.ToolTipBase: table.surface,
        role.ToolTipText: table.ink,
        role.Light: table.raised,
        role.Midlight: table.line,
        role.Mid: table.control_border,
        role.Dark: table.control_border,
        role.Shadow: table.control_border,
    }.items():
        palette.setColor(group_role, QColor(value))
    for text in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, text, QColor(table.ink_off))
    return palette


def style_sheet(table: Colours) -> str:
    """Return the one style sheet: what QPalette cannot say about fields, lists, bars and surfaces."""
    edge, ring, radius = SIZES.border, SIZES.focus_ring, SIZES.radius
    thin = f"border: {edge}px solid {table.control_border}; border-radius: {radius}px;"
    focus = f"border: {ring}px solid {table.focus};"
    fields = "QLineEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox"
    focused = ", ".join(f"{name}:focus" for name in fields.split(", "))
    return f"""
{fields} {{ {thin} background: {table.surface}; color: {table.ink}; padding: 1px 13px;
  min-height: {SIZES.target - 2 * edge - 2}px; selection-background-color: {table.focus};
  selection-color: {table.surface}; placeholder-text-color: {table.ink_soft}; }}
QPlainTextEdit {{ padding: 9px 9px; }}
{focused} {{ {focus} padding: 0px 12px; }}
QPlainTextEdit:focus {{ padding: 8px 8px; }}
QScrollArea:focus {{ {focus} border-radius: {radius}px; }}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"] {{
  border: 2px solid {table.danger}; padding: 0px 12px; }}
QLineEdit:focus[wrong="true"], QComboBox:focus[wrong="true"] {{ border-color: {table.focus}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {{
  border-color: {table.line}; color: {table.ink_off}; background: {table.paper}; }}
QLineEdit[scan="true"] {{ font-size: {TYPE.head}px; min-height: {SIZES.target}px; padding: 1px 15px; }}
QLineEdit[scan="true"]:focus {{ padding: 0px 14px; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: none; width: 40px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{ background: {table.surface}; color: {table.ink}; outline: none;
  border: {edge}px solid {table.control_border}; selection-background-color: {table.selection};
  selection-color: {table.ink}; }}
QComboBox QAbstractItemView::item {{ min-height: {SIZES.target}px; padding: 0px 12px; }}
QLabel {{ background: transparent; color: {table.ink}; }}
QLabel[tone="soft"] {{ color: {table.ink_soft}; }}
QLabel[tone="danger"] {{ color: {table.danger}; }}
QLabel[tone="warn"] {{ color: {table.warn}; }}
QLabel[tone="ok"] {{ color: {table.ok}; }}
QLabel:disabled {{ color: {table.ink_off}; }}
QListView {{ border: none; background: transparent; outline: none; }}
QFrame[surface="card"] {{ background: {table.surface}; border: {edge}px solid {table.line};
  border-radius: {SIZES.radius_card}px; }}
QFrame[surface="sheet"], QDialog[surface="sheet"] {{ background: {table.surface};
  border: {edge}px solid {table.control_border}; }}
QFrame[surface="line"] {{ background: {table.line}; border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget[surface="clear"] {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 14px; margin: 0px; }}
QScrollBar:horizontal {{ background: transparent; height: 14px; margin: 0px; }}
QScrollBar::handle {{ background: {table.control_border}; border-radius: 4px; margin: 3px;
  min-height: 48px; min-width: 48px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0px; height: 0px; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {table.surface}; color: {table.ink}; padding: 6px;
  border: {edge}px solid {table.control_border}; }}
QMenu {{ background: {table.surface}; border: {edge}px solid {table.control_border}; padding: 4px; }}
QMenu::item {{ padding: 12px 20px; }}
QMenu::item:selected {{ background: {table.selection}; color: {table.ink}; }}
"""
