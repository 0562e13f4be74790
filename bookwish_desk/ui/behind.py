"""What stands behind the cover of the window: header, screens, messages, and a bar when scans stop."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.heading import Header
from bookwish_desk.ui.keys import keys_under, native, work_key
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets.panel import Notice
from bookwish_desk.ui.widgets.rows import Column, Row, RowList
from bookwish_desk.ui.widgets.sheet import Sheet
from bookwish_desk.ui.widgets.tabs import Tab
from bookwish_desk.ui.widgets.toast import Toast
from bookwish_desk.ui.window import PAUSED, MainWindow


class Behind(QWidget):
    """The header over the screens. A screen that was added as what builds it is built when first shown."""

    screen_changed = Signal(str)
    lock_asked = Signal()

    def __init__(self, window: MainWindow, register: str) -> None:
        super().__init__(window)
        self._window = window
        self.current = ""
        self._away = False
        self._scans_need_window = True
        self._screens: dict[str, QWidget | Callable[[], QWidget]] = {}
        self._titles: dict[str, str] = {}
        self._tabs: dict[str, Tab] = {}
        self.header = Header(register)
        self.header.lock.clicked.connect(self.lock_asked)
        self.header.keys.clicked.connect(self.show_keys)
        self.header.place_asked.connect(self.show_screen)
        self.header.all_asked.connect(self._show_told)
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._application_state)

    @cached_property
    def toast(self) -> Toast:
        """Return the message at the bottom, over whatever is shown."""
        return Toast(self._window)

    @cached_property
    def paused(self) -> Notice:
        """Return the bar that says that scans do not arrive."""
        return Notice(parent=self._window)

    def give_way(self) -> None:
        """Give up open sheets and the message, which would lie above a cover."""
        for sheet in self._window.findChildren(Sheet):
            sheet.reject()
        if "toast" in self.__dict__:
            self.toast.hide()

    def come_forward(self) -> None:
        """Lay what was said meanwhile above the screens: a layer that comes to the front hides it."""
        for laid in ("toast", "paused"):
            if laid in self.__dict__:
                self.__dict__[laid].raise_()

    # ---- screens ----

    def add_screen(
        self, screen_id: str, title: str, key: str | None, screen: QWidget | Callable[[], QWidget]
    ) -> None:
        """Add a screen, or what builds it; with a title it has a tab, with only a key that leads there."""
        self._screens[screen_id] = screen
        self._titles[screen_id] = title or screen_id.capitalize()
        if isinstance(screen, QWidget):
            self._stack.addWidget(screen)
        if title:
            tab = Tab(title, key)
            tab.setCheckable(True)
            tab.clicked.connect(lambda: self.show_screen(screen_id))
            self._tabs[screen_id] = tab
            self.header.tabs.addWidget(tab)
        elif key:
            work_key(self.header, key, lambda: self.show_screen(screen_id))
        if not self.current and isinstance(screen, QWidget):
            self.show_screen(screen_id)

    def add_tool(self, title: str, key: str, act: Callable[[], object]) -> None:
        """Add a verb beside Lock and Keys."""
        tool = Tab(title, key)
        tool.clicked.connect(lambda _on=False: act())
        self.header.tools.addWidget(tool)

    def set_tab(self, screen_id: str, title: str) -> None:
        """Put other words on the tab of a screen; the screen keeps its name."""
        if self._tabs[screen_id].text() != title:
            self._tabs[screen_id].setText(title)

    def show_screen(self, screen_id: str) -> None:
        """Bring a screen to the front; KeyError for one that was never added."""
        widget = self._built(screen_id)
        for tab_id, tab in self._tabs.items():
            tab.setChecked(tab_id == screen_id)
        if screen_id == self.current:
            return
        self.current = screen_id
        self._stack.setCurrentWidget(widget)
        self.screen_changed.emit(screen_id)

    def _built(self, screen_id: str) -> QWidget:
        screen = self._screens[screen_id]
        if not isinstance(screen, QWidget):
            screen = self._screens[screen_id] = screen()
            self._stack.addWidget(screen)
        return screen

    def show_keys(self) -> None:
        """Show every key that works here."""
        screen = self._screens.get(self.current)
        own = keys_under(screen) if isinstance(screen, QWidget) else ()
        shared = keys_under(self.header)
        sheet = Sheet(self._window, f"Keys on the {self._titles.get(self.current, '')} screen", 560)
        table = RowList((Column("What"), Column("Key", 150, "right")), "Keys", header=False, row_height=36)
        rows = [Row(key.id, (key.verb, native(key.sequence)), muted=key in shared) for key in own + shared]
        table.set_rows(tuple(rows))
        table.setMinimumHeight(min(36 * len(rows), 520))
        sheet.body.addWidget(table)
        sheet.add_button("Close")
        sheet.focus_on(table)
        sheet.open()

    def _show_told(self) -> None:
        """Show all that the header would tell if there were room."""
        from bookwish_desk.ui.told import show_told

        show_told(self._window, self.header.chips(), self.show_screen)

    # ---- whether scans arrive ----

    def set_scans_need_window(self, needed: bool) -> None:
        """Say whether scans come only while the window is in front, as those of scanners that type do."""
        self._scans_need_window = needed
        self._show_paused()

    def _application_state(self, state: Qt.ApplicationState) -> None:
        self._away = state != Qt.ApplicationState.ApplicationActive
        self._show_paused()

    def _show_paused(self) -> None:
        # Keyboard-wedge scans go to the program in front: without this bar they vanish unseen.
        away = self._away and self._scans_need_window
        if away or "paused" in self.__dict__:
            self.paused.show_text(PAUSED if away and self._window.isVisible() else "", "warn")
            self.place_paused()

    def place_paused(self) -> None:
        """Lay the bar over the header; not in the layout: what moves under a finger is pressed by mistake."""
        if "paused" in self.__dict__:
            self.paused.setGeometry(
                SIZES.margin, 8, self._window.width() - 2 * SIZES.margin, SIZES.header - 10
            )
            self.paused.raise_()
