"""The one window: a header, a stack of screens, messages, and a cover for signing in. It knows no screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.keys import keys_under, native
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets.buttons import Kind
from bookwish_desk.ui.widgets.panel import Chip, Notice, NoticeKind, StatusChip
from bookwish_desk.ui.widgets.rows import Column, Row, RowList
from bookwish_desk.ui.widgets.sheet import Sheet, ask
from bookwish_desk.ui.widgets.tabs import Tab
from bookwish_desk.ui.widgets.text import Label
from bookwish_desk.ui.widgets.toast import Toast

PAUSED = "The scanner is paused: another window is in front. Click here to go on."
_NARROW = 1180


class Header(QWidget):
    """Register and till at the left, tabs, status chips, lock and keys at the right."""

    def __init__(self, register: str) -> None:
        super().__init__()
        self.setFixedHeight(SIZES.header)
        row = QHBoxLayout(self)
        row.setContentsMargins(SIZES.margin, 6, SIZES.margin - 6, 0)
        row.setSpacing(4)
        names = QVBoxLayout()
        names.setSpacing(0)
        self.register = Label(register, "head", elide=True)
        self.till = Label("", "small", "soft", elide=True)
        names.addStretch(1)
        names.addWidget(self.register)
        names.addWidget(self.till)
        names.addStretch(1)
        row.addLayout(names, 3)
        row.addSpacing(SIZES.gap)
        self.tabs = QHBoxLayout()
        self.tabs.setSpacing(2)
        row.addLayout(self.tabs)
        row.addSpacing(SIZES.gap)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(SIZES.gap_large)
        row.addLayout(self._chips, 4)
        row.addSpacing(SIZES.gap)
        self.tools = QHBoxLayout()
        row.addLayout(self.tools)
        self.lock = Tab("Lock", "lock")
        self.keys = Tab("Keys", "keys")
        row.addWidget(self.lock)
        row.addWidget(self.keys)
        self._shown: list[StatusChip] = []

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show these states, in this order, up to the right edge."""
        if [chip.id for chip in chips] == [shown.chip().id for shown in self._shown]:
            for shown, chip in zip(self._shown, chips, strict=True):
                if shown.chip() != chip:
                    shown.set_chip(chip)
            return
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._shown = [StatusChip(chip) for chip in chips]
        self._chips.addStretch(1)
        for shown in self._shown:
            self._chips.addWidget(shown)
        self._set_narrow()

    def chips(self) -> tuple[Chip, ...]:
        """Return the states shown."""
        return tuple(shown.chip() for shown in self._shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_narrow()

    def _set_narrow(self) -> None:
        narrow = self.width() < _NARROW
        for shown in self._shown:
            shown.set_narrow(narrow)


class MainWindow(QWidget):
    """The shell of the application.

    `add_screen("sell", "Sell", "screen.sell", widget)` makes a tab with that key; `show_screen("sell")`
    goes there. A screen without a title has no tab (pay, return). `cover(widget)` hides everything
    behind a sign-in screen, `uncover()` takes it away. `status([...])`, `toast(...)`, `set_till(...)`.
    """

    screen_changed = Signal(str)
    lock_asked = Signal()
    closing = Signal()

    def __init__(self, register: str = "Register 1", product: str = "Bookwish Desk") -> None:
        super().__init__()
        self.setWindowTitle(product)
        self.setMinimumSize(1000, 680)
        self.resize(1280, 800)
        # What would be lost by closing now, as a sentence; empty when nothing would.
        self.open_end: Callable[[], str] = lambda: ""
        self._screens: dict[str, QWidget] = {}
        self._titles: dict[str, str] = {}
        self._tabs: dict[str, Tab] = {}
        self._current = ""
        self._cover: QWidget | None = None

        self._header = Header(register)
        self._header.lock.clicked.connect(self.lock_asked)
        self._header.keys.clicked.connect(self.show_keys)
        self._stack = QStackedWidget()
        self._desk = QWidget()
        column = QVBoxLayout(self._desk)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._stack, 1)
        self._layers = QStackedWidget()
        self._layers.addWidget(self._desk)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._layers, 1)
        self._toast = Toast(self)
        self._paused = Notice(parent=self)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._application_state)

    # ---- screens ----

    def add_screen(self, screen_id: str, title: str, key: str | None, widget: QWidget) -> None:
        """Add a screen; with a title it has a tab, worked by `key` (an id in `ui.keys`)."""
        self._screens[screen_id] = widget
        self._titles[screen_id] = title or screen_id.capitalize()
        self._stack.addWidget(widget)
        if title:
            tab = Tab(title, key)
            tab.setCheckable(True)
            tab.clicked.connect(lambda: self.show_screen(screen_id))
            self._tabs[screen_id] = tab
            self._header.tabs.addWidget(tab)
        if not self._current:
            self.show_screen(screen_id)

    def add_tool(self, title: str, key: str, act: Callable[[], object]) -> None:
        """Add a verb beside Lock and Keys, worked by `key`."""
        tool = Tab(title, key)
        tool.clicked.connect(lambda _on=False: act())
        self._header.tools.addWidget(tool)

    def show_screen(self, screen_id: str) -> None:
        """Bring a screen to the front; KeyError for one that was never added."""
        widget = self._screens[screen_id]
        for tab_id, tab in self._tabs.items():
            tab.setChecked(tab_id == screen_id)
        if screen_id == self._current:
            return
        self._current = screen_id
        self._stack.setCurrentWidget(widget)
        self.screen_changed.emit(screen_id)

    def current_screen(self) -> str:
        """Return the id of the screen in front."""
        return self._current

    def cover(self, widget: QWidget) -> None:
        """Put `widget` over everything: nothing behind it is seen, reached by Tab or worked by a key.

        Sheets that are open are given up: they would lie above it.
        """
        self.uncover()
        for sheet in self.findChildren(Sheet):
            sheet.reject()
        self._cover = widget
        self._toast.hide()
        self._layers.addWidget(widget)
        self._layers.setCurrentWidget(widget)

    def uncover(self) -> None:
        """Take the cover away; it is not deleted."""
        if self._cover is not None:
            self._layers.setCurrentWidget(self._desk)
            self._layers.removeWidget(self._cover)
            self._cover.hide()
            self._cover = None

    def covered(self) -> bool:
        """Say whether a cover hides the screens."""
        return self._cover is not None

    # ---- what the header says ----

    def set_register(self, name: str) -> None:
        """Show the register's name."""
        self._header.register.setText(name)

    def set_till(self, text: str) -> None:
        """Show the till and the clerk: "Till open since 9:02 · Maya R."."""
        self._header.till.setText(text)

    def status(self, chips: Sequence[Chip]) -> None:
        """Show these states at the right of the header."""
        self._header.set_chips(chips)

    def chips(self) -> tuple[Chip, ...]:
        """Return the states shown."""
        return self._header.chips()

    # ---- messages ----

    def toast(
        self, text: str, kind: NoticeKind = "ok", verb: str = "", then: Callable[[], object] | None = None
    ) -> None:
        """Say something at the bottom of the window; an error stays until it is closed."""
        self._toast.show_text(text, kind, verb, then)

    def toast_text(self) -> str:
        """Return the message at the bottom, or an empty text."""
        return self._toast.text()

    def show_keys(self) -> None:
        """Show every key that works here: those of the screen in front, then those of the window."""
        screen = self._screens.get(self._current, self._stack)
        own, shared = keys_under(screen), keys_under(self._header)
        sheet = Sheet(self, f"Keys on the {self._titles.get(self._current, '')} screen", 560)
        table = RowList((Column("What"), Column("Key", 150, "right")), "Keys", header=False, row_height=36)
        rows = [Row(key.id, (key.verb, native(key.sequence)), muted=key in shared) for key in own + shared]
        table.set_rows(tuple(rows))
        table.setMinimumHeight(min(36 * len(rows), 520))
        sheet.body.addWidget(table)
        sheet.add_button("Close")
        sheet.focus_on(table)
        sheet.open()

    # ---- the window itself ----

    def paused(self) -> bool:
        """Say whether the bar tells that scans do not arrive."""
        return not self._paused.isHidden()

    def _application_state(self, state: Qt.ApplicationState) -> None:
        # Keyboard-wedge scans go to the program in front: without this bar they vanish unseen.
        away = state != Qt.ApplicationState.ApplicationActive
        self._paused.show_text(PAUSED if away and self.isVisible() else "", "warn")
        self._place_paused()

    def _place_paused(self) -> None:
        # Over the header and not in the layout: what moves under a finger is pressed by mistake.
        self._paused.setGeometry(SIZES.margin, 8, self.width() - 2 * SIZES.margin, SIZES.header - 10)
        self._paused.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_paused()

    def closeEvent(self, event: QCloseEvent) -> None:
        open_end = self.open_end()
        if open_end:
            event.ignore()
            verbs: list[tuple[str, str, Kind]] = [("", "Stay", "plain"), ("close", "Close anyway", "danger")]
            ask(self, "Close the desk?", open_end, verbs, then=self._close_anyway)
            return
        self.closing.emit()
        super().closeEvent(event)

    def _close_anyway(self, answer: str) -> None:
        if answer:
            self.open_end = lambda: ""
            self.close()
