"""The only file that knows everyone: builds all parts in order, ties them, closes them in reverse."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QApplication

from bookwish_desk.actions import staffing
from bookwish_desk.attached import Attached
from bookwish_desk.db import registers
from bookwish_desk.headlines import Headlines
from bookwish_desk.housekeeping import Housekeeping
from bookwish_desk.screens import Screens
from bookwish_desk.settings import Settings
from bookwish_desk.shipping import Shipping
from bookwish_desk.shop import barcode
from bookwish_desk.syncing import Syncing
from bookwish_desk.ui import signin
from bookwish_desk.ui.front import WindowFront
from bookwish_desk.ui.idle import Idle
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.theme import apply_theme, wanted_theme
from bookwish_desk.ui.wedge import Wedge

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from bookwish_desk.actions.staffing import SignIn
    from bookwish_desk.db.store import Store
    from bookwish_desk.demo.launching import DemoCarriers, DemoStore
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.opening import Books
    from bookwish_desk.shop.staff import Person
    from bookwish_desk.ui.pay.presenter import PayPresenter
    from bookwish_desk.ui.sell.presenter import SellPresenter
    from bookwish_desk.ui.till.presenter import TillPresenter
    from bookwish_desk.ui.window import MainWindow

log = logging.getLogger(__name__)

REGISTER = 1
HOUR_MS = 3_600_000
SETTLED_MS = 3_000
"""Looking over the books, the devices and the day's backup wait this long: they would slow the start."""
READY_MS = 1_500
"""This long after the register was built or somebody came, what searching and paying need is imported."""
POINT_AGAIN_MS = 1_000
SOON = (
    *("babel.dates", "bookwish_desk.ui.header", "bookwish_desk.db.search"),
    *("bookwish_desk.actions.paying", "bookwish_desk.actions.customers"),
)


class Desk(QObject):
    """One open register: everything between the books and the window. Made covered; `open` uncovers it.

    `with_store` runs the online store and the carriers of a demonstration beside it.
    """

    def __init__(
        self,
        app: QApplication,
        window: MainWindow,
        lanes: Lanes,
        books: Books,
        *,
        with_store: bool = False,
    ) -> None:
        super().__init__()
        self._with_store = with_store and books.store.settings.demo
        self._demo_store: DemoStore | None = None
        self._demo_carriers: DemoCarriers | None = None
        self._app = app
        self.window = window
        self.lanes = lanes
        self.books = books
        self.station = Station(lanes, REGISTER, books.store.settings)
        self.station.front = WindowFront(window, self.station)
        self._headlines = Headlines(
            window, self.station, lambda: self.attached, lambda: self._kept.back_up(renew=True)
        )
        self.screens = Screens(
            self.station,
            self._switch_by_badge,
            self._headlines.show_import,
            lambda: self.attached.handling,
        )
        self.syncing = self.station.online = Syncing(lanes, self.station)
        self.syncing.watch(self._headlines.show_sync)
        self.shipping = self.station.shipping = Shipping(lanes, self.station)
        self._kept = Housekeeping(
            lanes,
            books.store,
            REGISTER,
            warned=self._headlines.warn,
            alarmed=lambda sentence: window.toast(sentence, "error"),
            mailed=self._headlines.show_mail,
            syncing=self.syncing,
            importing=lambda: bool(self._headlines.importing),
        )
        self._pointed = ""
        self._shown = ""
        self._furnished = False
        self.attached = Attached(
            window, lanes, books.store, self.station, self._headlines.show, self._warn, self._scanned
        )
        self._build_signin()
        self._tie()

    @property
    def sell(self) -> SellPresenter:
        """Return what runs the sell screen."""
        return self.screens.sell

    @property
    def paying(self) -> PayPresenter:
        """Return what runs the payment panel."""
        return self.screens.paying

    @property
    def till(self) -> TillPresenter:
        """Return what runs the till screen."""
        return self.screens.till

    # Opening, in this order

    def open(self, typed: Callable[[], list[QKeyEvent]]) -> None:
        """Let somebody sign in once it is known who works here, and hand over what was `typed` until then."""
        self.signin.on_loaded = lambda: self._let_in(typed)
        self.signin.shown()

    def _let_in(self, typed: Callable[[], list[QKeyEvent]]) -> None:
        self.signin.on_loaded = lambda: None
        self.window.cover(self._cover)
        self._cover.take_focus()
        self.wedge.typed.connect(self.station.typed)
        self.wedge.scanned.connect(self._scanned)
        handle = self.window.windowHandle()
        for event in typed():
            # Through the window like any key, so that a scan is told from typing by when its keys came.
            QCoreApplication.sendEvent(handle, event)
        QTimer.singleShot(0, self, self._furnish)
        self._settled.start(SETTLED_MS)

    @cached_property
    def wedge(self) -> Wedge:
        """What tells scans from typing; there is none before somebody can sign in."""
        return Wedge(self._app)

    def _furnish(self) -> None:
        """Build what stands behind the sign-in screen: the header, and the sell screen."""
        if self._furnished:
            return
        self._furnished = True
        self.screens.add_to(self.window)
        self.window.show_screen("sell")
        self.attached.offer()
        self.lanes.read(self._name, then=self.window.set_register)
        self._soon.start(READY_MS)

    def _settle(self) -> None:
        self.attached.begin()
        self._kept.begin()
        self._watch_links()
        if self._with_store:
            self._run_demo_store()
            self._run_demo_carriers()
        else:
            self.shipping.begin()

    # Building

    def _build_signin(self) -> None:
        hints: tuple[tuple[str, str], ...] = ()
        if self.station.settings.demo:
            from bookwish_desk.demo.shop import DEMO_PINS

            hints = DEMO_PINS
        self._cover, self.signin = signin.build(self.station, hints, self.books.keys.pepper)
        self.signin.on_signed_in = self._signed_in

    def _scanned(self, code: str) -> None:
        """Hand a scan on; a badge changes the clerk on every screen, but not behind an open sheet."""
        at_work = self.station.person is not None and self._app.activeModalWidget() is None
        if at_work and barcode.parse(code).kind == "badge":
            self._switch_by_badge(code)
        else:
            self.station.scanned(code)

    def _tie(self) -> None:
        self.lanes.changed.connect(self.station.changed)
        self.lanes.broken.connect(lambda sentence: self.window.toast(sentence, "error"))
        self.station.on_change(self._changed)
        self._idle = Idle(self._app, self._kept.tidy, self._lock_idle)
        self._idle.set_lock(self.station.settings.auto_lock_minutes)
        self._hourly = QTimer(self)
        self._hourly.timeout.connect(self._kept.back_up)
        self._hourly.timeout.connect(self._kept.mind_orders)
        self._hourly.start(HOUR_MS)
        self._soon = self._once(self._get_ready)
        self._settled = self._once(self._settle)
        self.window.screen_changed.connect(self._screen_changed)
        self.window.lock_asked.connect(self.lock)
        self.window.open_end = self._open_end

    def _once(self, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(act)
        return timer

    # Who is at the register

    def lock(self) -> None:
        """Cover the screens until somebody signs in; the sale stays where it is."""
        if self.station.person is not None:
            self.station.act(lambda store, actor: staffing.leave(store, actor, "locked"))
        self._cover_up()

    def _lock_idle(self) -> None:
        if self.station.person is not None:
            self.station.act(lambda store, actor: staffing.leave(store, actor, "locked_idle"))
            self._cover_up()

    def _cover_up(self) -> None:
        self.station.person = None
        self._hide(self._shown)
        self._shown = ""
        self.window.cover(self._cover)
        self.signin.shown()

    def _signed_in(self, person: Person) -> None:
        self._furnish()
        self.signin.hidden()
        self.station.person = person
        self.window.uncover()
        self._screen_changed(self.window.current_screen())
        self._headlines.show()
        if self._soon.isActive():
            self._soon.start(READY_MS)
        self._show_pointed()

    def _switch_by_badge(self, code: str) -> None:
        """Change who is at the register without a cover in between; the sale stays."""

        def switched(done: SignIn) -> None:
            if done.person is None:
                self.window.toast(done.fault, "warn")
                return
            # What is shown may not be for the next person's eyes: the screen begins anew.
            self._hide(self._shown)
            self._shown = ""
            self.station.person = done.person
            self._screen_changed(self.window.current_screen())
            self.window.toast(f"{done.person.name} is at the register.")
            self._headlines.show()

        self.lanes.act(lambda store: staffing.sign_in_badge(store, REGISTER, code), then=switched)

    def _screen_changed(self, name: str) -> None:
        if self.station.person is None or name == self._shown:
            return
        came_from, self._shown = self._shown, name
        self._hide(came_from)
        self.screens.tell_way(name, came_from)
        self.screens.presenter(name).shown()

    def _hide(self, name: str) -> None:
        if name:
            self.screens.presenter(name).hidden()

    def _open_end(self) -> str:
        lost = []
        if self.screens.built("settings") and self.screens.settings.state.dirty:
            lost.append("Changes in the settings were not saved.")
        if self.screens.built("devices") and self.screens.devices.state.dirty:
            lost.append("Changes of a device were not saved.")
        if self.screens.built("import"):
            lost.append(self.screens.importing.open_end())
        return " ".join(words for words in lost if words)

    # What the header says

    def _changed(self, nouns: frozenset[str]) -> None:
        if "settings" in nouns:
            self._take_settings()
        if "outbox" in nouns:
            self.attached.begin()
        if self._headlines.ready and nouns & {"till", "outbox", "mail", "staff", "settings"}:
            self._headlines.reload()

    def _take_settings(self) -> None:
        def took(settings: Settings) -> None:
            self.station.settings = settings
            # Not by the settings of before: the screen that saved them has put the new ones there already.
            if wanted_theme(self._app) != settings.theme:
                apply_theme(self._app, settings.theme)
            self.attached.refresh()
            self._idle.set_lock(self.station.settings.auto_lock_minutes)

        self.lanes.read(lambda store: store.settings, then=took)

    def _name(self, store: Store) -> str:
        with store.read() as conn:
            return registers.name(conn, REGISTER)

    def _warn(self, sentence: str) -> None:
        self.window.toast(sentence, "warn")

    # By itself

    def _get_ready(self) -> None:
        """Import what the header, the first search and the first payment need: nobody shall wait for it."""

        def ready(_modules: object) -> None:
            from bookwish_desk.ui.arrivals import Arrivals
            from bookwish_desk.ui.lateness import Lateness

            self._headlines.ready = True
            self._headlines.reload()
            Arrivals(self.station, self._headlines.show_new_orders, self._app.beep).begin()
            Lateness(self.station, self._headlines.show_late_orders).begin()

        self.lanes.work(lambda: [import_module(name) for name in SOON], then=ready)

    def _run_demo_store(self) -> None:
        """Run the online store of the demonstration, and work with it once it answers."""
        from bookwish_desk.demo import launching, tying

        store, lanes = self.books.store, self.lanes
        made = launching.DemoStore(store.folder, lanes, lambda: tying.make_seed(store))
        self._demo_store = self.syncing.demo = made
        self._tying = tying.Tying(made, self.syncing, lanes)
        made.watch(lambda: self._warn(made.trouble) if made.trouble else None)
        made.start()

    def _run_demo_carriers(self) -> None:
        """Run the carriers of the demonstration, and work with them once they answer."""
        from bookwish_desk.demo import launching, tying

        made = self._demo_carriers = launching.DemoCarriers(self.books.store.folder, self.lanes)
        self._carriers_tying = tying.CarriersTying(made, self.shipping, self.lanes)
        made.watch(lambda: self._warn(made.trouble) if made.trouble else None)
        made.start()

    def _watch_links(self) -> None:
        """Show the order that a link in an e-mail asks for, once somebody is signed in."""
        from bookwish_desk.pointing import Pointing

        self._pointing = Pointing(self.books.store.folder)
        self._pointing.asked.connect(self._point)
        self._pointing.begin()

    def _point(self, number: str) -> None:
        self._pointed = number
        self.window.raise_()
        self.window.activateWindow()
        self._show_pointed()

    def _show_pointed(self) -> None:
        if self.station.person is None or not self._pointed:
            return
        if self._app.activeModalWidget() is not None:
            # What is typed in a sheet goes before.
            self.lanes.later(POINT_AGAIN_MS, self._show_pointed)
        else:
            number, self._pointed = self._pointed, ""
            self.window.show_screen("orders")
            self.screens.orders.entered(number)

    def import_stock(self, path: Path) -> None:
        """Count the shelves from a list, beside the selling."""
        self._furnish()
        self.window.show_screen("import")
        self.screens.importing.import_opening_stock(path)

    def close(self) -> None:
        """Put everything away in reverse; jobs that were not sent stay in the outbox."""
        for far_side in (self._demo_store, self._demo_carriers):
            if far_side is not None:
                far_side.close()
        self._kept.close()
        self.shipping.close()
        for timer in (self._hourly, self._soon, self._settled):
            timer.stop()
        if self.screens.built("import"):
            self.screens.importing.close()
        self._idle.close()
        if "wedge" in self.__dict__:
            self.wedge.close()
        self.attached.close()
        self.lanes.close()
        self.books.close()
