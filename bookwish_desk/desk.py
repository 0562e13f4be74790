"""The only file that knows everyone: builds all parts in order, ties them, closes them in reverse."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from bookwish_desk.actions import backing_up, importing, outgoing, staffing, tilling
from bookwish_desk.actions.backing_up import Upkeep
from bookwish_desk.actions.people import register_name
from bookwish_desk.actions.staffing import SignIn
from bookwish_desk.db import checks
from bookwish_desk.db.store import Store
from bookwish_desk.demo import codes, shop
from bookwish_desk.dispatch import Dispatch
from bookwish_desk.equipment import equip
from bookwish_desk.hardware.simulated import SimulatedDrawer, SimulatedPrinter, nobody
from bookwish_desk.lanes import Lanes
from bookwish_desk.opening import Books
from bookwish_desk.settings import Settings
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.staff import Person
from bookwish_desk.shop.till import Till
from bookwish_desk.shop.title import ImportReport
from bookwish_desk.ui import devices, returns, sales, sell, signin, stock, till
from bookwish_desk.ui import settings as settings_screen
from bookwish_desk.ui.front import WindowFront
from bookwish_desk.ui.header import chips, till_words
from bookwish_desk.ui.idle import Idle
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.wedge import Wedge
from bookwish_desk.ui.window import MainWindow

log = logging.getLogger(__name__)

REGISTER = 1
ROOM_FOR_DEVICES = 1700
"""On a screen this wide (pixels) the simulated devices lie beside the register from the start."""
HOUR_MS = 3_600_000
SETTLED_MS = 3_000
"""Looking over the books and the day's backup wait this long: they would slow the start by a quarter."""


class Presenter(Protocol):
    """What runs a screen: it is told when its screen comes to the front and when it leaves it."""

    def shown(self) -> None:
        """Take scans and show what is now."""

    def hidden(self) -> None:
        """Give scans back."""


class Desk(QObject):
    """One open register: everything between the books and the window."""

    def __init__(self, app: QApplication, window: MainWindow, lanes: Lanes, books: Books) -> None:
        super().__init__()
        self._app = app
        self.window = window
        self.lanes = lanes
        self.books = books
        store = books.store
        self.station = Station(lanes, REGISTER, store.settings)
        self.station.front = WindowFront(window, self.station)
        self._words: dict[str, tuple[bool, str]] = {}
        self._till: Till | None = None
        self._unfinished = 0
        self._warnings: tuple[str, ...] = ()
        sell_screen, self.sell, self.paying = sell.build(self.station)
        sales_screen, self.sales = sales.build(self.station)
        till_screen, self.till = till.build(self.station)
        settings_page, self.settings = settings_screen.build(self.station)
        self._screens: dict[str, tuple[QWidget, Presenter]] = {
            "sell": (sell_screen, self.sell),
            "sales": (sales_screen, self.sales),
            "stock": stock.build(self.station),
            "till": (till_screen, self.till),
            "settings": (settings_page, self.settings),
        }
        for name, (screen, _presenter) in self._screens.items():
            window.add_screen(name, name.capitalize(), f"screen.{name}", screen)
        self._shown = ""
        sell_screen.return_asked.connect(lambda: returns.ask(sell_screen, self.station, self.sell.rung))
        sell_screen.no_sale_asked.connect(till_screen.ask_no_sale)
        self.sell.on_receipt = self._open_receipt
        self.sell.on_badge = self._switch_by_badge
        self._build_signin()
        self._build_devices()
        self.dispatch = Dispatch(lanes, REGISTER, self._told)
        self._tie()
        self._equip()
        self.dispatch.recover()
        self._reload()
        self.lock()

    # Building

    def _build_signin(self) -> None:
        hints = shop.DEMO_PINS if self.station.settings.demo else ()
        self._cover, self.signin = signin.build(self.station, hints, self.books.keys.pepper)
        self.signin.on_signed_in = self._signed_in

    def _build_devices(self) -> None:
        self.devices_window, self.devices = devices.build(self.lanes)
        if self.station.settings.printer.kind == "simulated":
            self.devices.load(shop.goods, codes.codes_to_try)
            self.window.add_tool("Devices", "devices", self._show_devices)
            room = self.window.screen().availableGeometry()
            if room.width() >= ROOM_FOR_DEVICES:
                self._show_devices()

    def _show_devices(self) -> None:
        if self.devices_window.isVisible():
            self.devices_window.hide()
            return
        room = self.window.screen().availableGeometry()
        place = self.window.frameGeometry().topRight()
        left = min(place.x() + 1, room.right() - self.devices_window.width())
        self.devices_window.move(left, max(room.top(), place.y()))
        self.devices_window.show()

    def _scan_by_palette(self, code: str) -> None:
        self._scanned(code)
        self.window.activateWindow()

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
        self.station.on_change(self.devices.changed)
        self.devices.on_scan = self._scan_by_palette
        self.devices.on_switch = self.dispatch.wake
        self.wedge = Wedge(self._app)
        self.wedge.scanned.connect(self._scanned)
        self._idle = Idle(self._app, self._quiet, self._lock_idle)
        self._idle.set_lock(self.station.settings.auto_lock_minutes)
        self._hourly = QTimer(self)
        self._hourly.timeout.connect(self._keep_backup)
        self._hourly.start(HOUR_MS)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._look_over)
        self._settled.timeout.connect(self._keep_backup)
        self._settled.start(SETTLED_MS)
        self.window.screen_changed.connect(self._screen_changed)
        self.window.lock_asked.connect(self.lock)
        self.window.open_end = self._open_end

    def _equip(self) -> None:
        setting = self.station.settings.printer
        simulated = setting.kind == "simulated"
        try:
            printer, drawer = equip(
                setting, self.books.store.folder, self.devices.heard if simulated else nobody
            )
        except ShopError as error:
            self.window.toast(error.message, "error")
            printer, drawer = None, None
        self.devices.equip(
            printer if isinstance(printer, SimulatedPrinter) else None,
            drawer if isinstance(drawer, SimulatedDrawer) else None,
        )
        self._words.clear()
        self.dispatch.equip(printer, drawer)

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
        self.signin.hidden()
        self.station.person = person
        self.window.uncover()
        self._screen_changed(self.window.current_screen())
        self._show_header()

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
            self._show_header()

        self.lanes.act(lambda store: staffing.sign_in_badge(store, REGISTER, code), then=switched)

    def _open_receipt(self, receipt: str) -> None:
        self.window.show_screen("sales")
        self.sales.open(receipt)

    def _screen_changed(self, name: str) -> None:
        if self.station.person is None or name == self._shown:
            return
        self._hide(self._shown)
        self._shown = name
        self._screens[name][1].shown()

    def _hide(self, name: str) -> None:
        if name:
            self._screens[name][1].hidden()

    def _open_end(self) -> str:
        return "Changes in the settings were not saved." if self.settings.state.dirty else ""

    # What the header says

    def _changed(self, nouns: frozenset[str]) -> None:
        if "settings" in nouns:
            self._take_settings()
        if nouns & {"till", "outbox", "staff", "settings"}:
            self._reload()

    def _take_settings(self) -> None:
        def took(settings: Settings) -> None:
            before = self.station.settings
            self.station.settings = settings
            if before.theme != self.station.settings.theme:
                apply_theme(self._app, self.station.settings.theme)
            if before.printer != self.station.settings.printer:
                self._equip()
            self._idle.set_lock(self.station.settings.auto_lock_minutes)

        self.lanes.read(lambda store: store.settings, then=took)

    def _reload(self) -> None:
        def reading(store: Store) -> tuple[str, Till | None, int]:
            in_trouble = sum(outgoing.in_trouble(job) for job in outgoing.unfinished(store, REGISTER))
            with store.read() as conn:
                name = register_name(conn, REGISTER)
            return name, tilling.current_till(store, REGISTER), in_trouble

        self.lanes.read(reading, then=self._show_reading, latest="header")

    def _show_reading(self, reading: tuple[str, Till | None, int]) -> None:
        name, till_now, self._unfinished = reading
        closed = self._till is not None and till_now is None
        self._till = till_now
        self.window.set_register(name)
        if closed:
            self._keep_backup(renew=True)
        self._show_header()

    def _show_header(self) -> None:
        settings = self.station.settings
        till_now = till_words(self._till, settings.zone, settings.locale)
        who = self.station.person.name if self.station.person else ""
        self.window.set_till(" · ".join(w for w in (who, till_now) if w))
        self.window.status(
            chips(
                demo=settings.demo,
                printer=settings.printer.kind != "none",
                good=self._words.get("paper", (True, ""))[0],
                unfinished=self._unfinished,
                warnings=self._warnings,
            )
        )

    def _told(self, channel: str, good: bool, sentence: str) -> None:
        self._words[channel] = (good, sentence)
        if not good:
            self.window.toast(sentence, "warn")
        self._show_header()

    # By itself

    def _quiet(self) -> None:
        store = self.books.store

        def keep() -> Upkeep:
            # Counting brings SQLAlchemy in, which the start does without: see `db.link`.
            from bookwish_desk.actions import recounting

            recounting.recount_sold(store)
            return backing_up.maintain(store)

        self.lanes.work(keep, then=self._kept, failed=self._not_kept)

    def _kept(self, upkeep: Upkeep) -> None:
        self._warnings = upkeep.warnings
        self._show_header()

    def _not_kept(self, error: ShopError) -> None:
        self._warnings = (error.message,)
        self._show_header()

    def _keep_backup(self, *, renew: bool = False) -> None:
        store = self.books.store
        self.lanes.work(lambda: backing_up.daily(store, renew=renew), failed=self._not_kept)

    def _look_over(self) -> None:
        """Look over the books once at the start, beside the first sale."""
        store = self.books.store

        def looked(faults: list[str]) -> None:
            if faults:
                self._warnings = tuple(faults)
                self.window.toast(f"{faults[0]} Make a backup now and run the doctor.", "error")

        self.lanes.work(lambda: checks.quick_check(store), then=looked, failed=self._not_kept)

    def import_stock(self, path: Path) -> None:
        """Count the shelves from a list, beside the selling."""
        store, lanes = self.books.store, self.lanes

        def progress(so_far: importing.Progress) -> None:
            words = f"Opening stock: {so_far.rows} rows, {so_far.per_cent} %."
            lanes.home(lambda: self.window.toast(words, "info"))

        def done(report: ImportReport) -> None:
            words = f"Opening stock: {report.read} rows read, {report.rejected} refused."
            where = f" Why is in {report.report_path}" if report.rejected else ""
            self.window.toast(words + where, "warn" if report.rejected else "ok")

        lanes.work(
            lambda: importing.run_import(
                store, importing.Plan(path, counts=True), progress=progress, act=lanes.write_now
            ),
            then=done,
            failed=lambda error: self.window.toast(error.message, "error"),
            lane="catalogue",
        )

    def close(self) -> None:
        """Put everything away in reverse; jobs that were not sent stay in the outbox."""
        self._hourly.stop()
        self._settled.stop()
        self._idle.close()
        self.wedge.close()
        self.dispatch.close()
        self.devices_window.close()
        self.lanes.close()
        self.books.close()
