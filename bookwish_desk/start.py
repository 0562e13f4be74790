"""From an empty window to an open desk: the books are opened beside it, or a first start is guided.

The window is painted first, with nothing imported but Qt; then the rest of the program is, while what is
typed and scanned is kept. What is here runs in that order.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from bookwish_desk.ui.opening import OpeningCover
from bookwish_desk.ui.theme import application, first_look
from bookwish_desk.ui.window import MainWindow

if TYPE_CHECKING:
    from types import TracebackType

    from PySide6.QtWidgets import QApplication

    from bookwish_desk.desk import Desk
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.opening import Books
    from bookwish_desk.scripted import Script
    from bookwish_desk.shop.errors import ShopError

STARTED_MS = 4_000
"""What was made until then is there as long as the program: it is never looked through for garbage again."""

LATEST_MS = 250
"""A window that nobody sees, because another lies over it, is never painted: then the start goes on."""


class Start(QObject):
    """The way from an empty window to an open desk: open the books, or guide through the first start.

    `with_store` runs the online store and the carriers of a demonstration beside it.
    """

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        *,
        demo: bool,
        prepare: Callable[[], None] = lambda: None,
        with_store: bool = False,
    ) -> None:
        super().__init__()
        self._app = app
        self._folder = folder
        self._demo = demo
        self._prepare = prepare
        self._with_store = with_store
        self._lanes: Lanes | None = None
        self.desk: Desk | None = None
        self.failure = ""
        self.window = MainWindow()
        self._cover = OpeningCover()
        self._cover.quit_asked.connect(self.window.close)
        self.window.cover(self._cover)
        self._cover.setFocus()

    @property
    def lanes(self) -> Lanes:
        """Return the threads that all work is done on."""
        if self._lanes is None:
            from bookwish_desk.lanes import Lanes

            self._lanes = Lanes()
            self._lanes.broken.connect(self._fail)
        return self._lanes

    def begin(self) -> None:
        """Show the window, then open the books or begin the guided first start."""
        waiting = QTimer(self)
        waiting.setSingleShot(True)
        waiting.timeout.connect(self._open)
        self._cover.painted.connect(lambda: waiting.start(0) if waiting.isActive() else None)
        waiting.start(LATEST_MS)
        self.window.show()

    def _open(self) -> None:
        """Import what the books need and open them: on a lane, for none of it is Qt's."""
        folder, demo, prepare = self._folder, self._demo, self._prepare

        def opening() -> Books | None:
            from bookwish_desk import opening

            prepare()
            if demo:
                return opening.begin_demo(folder)
            return None if opening.is_new(folder) else opening.open_books(folder)

        self.lanes.work(opening, then=self._opened, failed=self._refused)

    def _guide(self) -> None:
        from bookwish_desk.opening import found_books
        from bookwish_desk.ui import setup
        from bookwish_desk.ui.theme import apply_theme

        apply_theme(self._app, "light")
        self._setup, presenter = setup.build(self.lanes, lambda plan: found_books(self._folder, plan))
        presenter.on_founded = self._founded
        presenter.on_demo = self._show_demo
        self.window.cover(self._setup)
        presenter.shown()

    def _show_demo(self) -> None:
        from bookwish_desk.db import folder as place

        self._demo, self._folder = True, place.default_folder(demo=True)
        self.window.cover(self._cover)
        self._open()

    def _opened(self, books: Books | None) -> None:
        if books is None:
            self._guide()
        elif not books.store.settings.set_up:
            # A first start that was cut short: nothing was founded yet.
            self.lanes.work(books.close, then=lambda _none: self._guide())
        else:
            self._build(books)

    def _build(self, books: Books) -> None:
        from bookwish_desk.desk import Desk
        from bookwish_desk.ui.theme import apply_theme

        self.lanes.broken.disconnect(self._fail)
        self.lanes.use(books.store)
        apply_theme(self._app, books.store.settings.theme)
        self.desk = Desk(self._app, self.window, self.lanes, books, with_store=self._with_store)
        self.desk.open(self._cover.typed)

    def _founded(self, books: Books, stock_list: str) -> None:
        self._build(books)
        if stock_list and self.desk is not None:
            self.desk.import_stock(Path(stock_list))

    def _refused(self, error: ShopError) -> None:
        self._fail(error.message)

    def _fail(self, sentence: str) -> None:
        import logging

        from bookwish_desk.ui.theme import apply_theme

        self.failure = sentence
        apply_theme(self._app, "light")
        logging.getLogger(__name__).error("event=not_opened")
        self._cover.fail(sentence)

    def bug(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        """Log a bug on the GUI thread and say it calmly; the register goes on."""
        import logging

        logging.getLogger(__name__).error(
            "event=bug gui_fault=%s", kind.__name__, exc_info=(kind, fault, trace)
        )
        self.lanes.broken.emit("Something went wrong here. The sale is safe. Try again, or restart the desk.")

    def close(self) -> None:
        """Put away whatever was opened."""
        if self.desk is not None:
            self.desk.close()
        elif self._lanes is not None:
            self._lanes.close()


def _collect_garbage() -> None:
    gc.freeze()
    gc.enable()


def run(
    folder: Path, *, demo: bool = False, scripted: bool = False, prepare: Callable[[], None] = lambda: None
) -> int:
    """Open the desk on a data folder and return the exit code when its window was closed.

    `prepare` is done before the books are opened, and after the window can be seen. `scripted` makes one
    sale through the screens by itself, leaves its receipt and a picture in the folder, says where, and
    ends: for machines without a display.
    """
    app = application()
    app.setApplicationName("bookwish-desk")
    first_look(app)
    start = Start(app, folder, demo=demo, prepare=prepare, with_store=not scripted)
    sys.excepthook = start.bug
    script: Script | None = None
    if scripted:
        from bookwish_desk.scripted import Script

        script = Script(start)
        script.begin()
    else:
        start.window.fit(start.window.screen().availableSize())
    start.begin()
    QTimer.singleShot(STARTED_MS, start, _collect_garbage)
    app.exec()
    start.close()
    return 1 if start.failure or (script is not None and not script.succeeded) else 0
