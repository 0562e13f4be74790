"""From an empty window to an open desk: the books are opened beside it, or a first start is guided."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from bookwish_desk.db import folder as place
from bookwish_desk.desk import Desk
from bookwish_desk.lanes import Lanes
from bookwish_desk.opening import Books, begin_demo, found_books, is_new, open_books
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.ui import setup
from bookwish_desk.ui.opening import OpeningCover
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.window import MainWindow

if TYPE_CHECKING:
    from bookwish_desk.scripted import Script

log = logging.getLogger(__name__)


class Start(QObject):
    """The way from an empty window to an open desk: open the books, or guide through the first start."""

    def __init__(self, app: QApplication, folder: Path, *, demo: bool) -> None:
        super().__init__()
        self._app = app
        self._folder = folder
        self._demo = demo
        self.desk: Desk | None = None
        self.failure = ""
        self.lanes = Lanes()
        self.window = MainWindow()
        self._cover = OpeningCover()
        self._cover.quit_asked.connect(self.window.close)
        self.window.cover(self._cover)
        self.lanes.broken.connect(self._fail)

    def begin(self) -> None:
        """Show the window, then open the books or begin the guided first start."""
        self.window.show()
        if not self._demo and is_new(self._folder):
            self._guide()
            return
        work = begin_demo if self._demo else open_books
        self.lanes.work(lambda: work(self._folder), then=self._opened, failed=self._refused)

    def _guide(self) -> None:
        self._setup, presenter = setup.build(self.lanes, lambda plan: found_books(self._folder, plan))
        presenter.on_founded = self._founded
        presenter.on_demo = self._show_demo
        self.window.cover(self._setup)
        presenter.shown()

    def _show_demo(self) -> None:
        self._demo, self._folder = True, place.default_folder(demo=True)
        self.window.cover(self._cover)
        self.begin()

    def _opened(self, books: Books) -> None:
        if not books.store.settings.set_up:
            # A first start that was cut short: nothing was founded yet.
            self.lanes.work(books.close, then=lambda _none: self._guide())
            return
        self.lanes.broken.disconnect(self._fail)
        self.lanes.use(books.store)
        apply_theme(self._app, books.store.settings.theme)
        self.desk = Desk(self._app, self.window, self.lanes, books)

    def _founded(self, books: Books, stock_list: str) -> None:
        self._opened(books)
        if stock_list and self.desk is not None:
            self.desk.import_stock(Path(stock_list))

    def _refused(self, error: ShopError) -> None:
        self._fail(error.message)

    def _fail(self, sentence: str) -> None:
        self.failure = sentence
        log.error("event=not_opened")
        self._cover.fail(sentence)

    def bug(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        """Log a bug on the GUI thread and say it calmly; the register goes on."""
        log.error("event=bug gui_fault=%s", kind.__name__, exc_info=(kind, fault, trace))
        self.lanes.broken.emit("Something went wrong here. The sale is safe. Try again, or restart the desk.")

    def close(self) -> None:
        """Put away whatever was opened."""
        if self.desk is not None:
            self.desk.close()
        else:
            self.lanes.close()


def run(folder: Path, *, demo: bool = False, scripted: bool = False) -> int:
    """Open the desk on a data folder and return the exit code when its window was closed.

    `scripted` makes one sale through the screens by itself, leaves its receipt and a picture in the
    folder, says where, and ends: for machines without a display.
    """
    app = QApplication.instance() or QApplication(["bookwish-desk"])
    assert isinstance(app, QApplication)
    app.setApplicationName("bookwish-desk")
    apply_theme(app, "light")
    start = Start(app, folder, demo=demo)
    sys.excepthook = start.bug
    script: Script | None = None
    if scripted:
        from bookwish_desk.scripted import Script

        script = Script(start)
        script.begin()
    start.begin()
    app.exec()
    start.close()
    return 1 if start.failure or (script is not None and not script.succeeded) else 0
