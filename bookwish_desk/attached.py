"""What is attached to the register: its printer and drawer with what feeds them, and the simulated ones.

None of it is imported or opened before it is needed: the first scan of a day needs no device.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from bookwish_desk.shop.errors import ShopError

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.dispatch import Dispatch
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.ui.devices.presenter import DevicesPresenter
    from bookwish_desk.ui.devices.screen import DevicesWindow
    from bookwish_desk.ui.station import Station
    from bookwish_desk.ui.window import MainWindow

ROOM_FOR_DEVICES = 1700
"""On a screen this wide (pixels) the simulated devices lie beside the register from the start."""


class Attached:
    """The devices of one register.

    `told` is called with each one's latest word, `scanned` with what the simulated scanner reads.
    """

    def __init__(
        self,
        window: MainWindow,
        lanes: Lanes,
        store: Store,
        station: Station,
        told: Callable[[str, bool, str], None],
        scanned: Callable[[str], None],
    ) -> None:
        self._window = window
        self._lanes = lanes
        self._store = store
        self._station = station
        self._told = told
        self._scanned = scanned
        self._words: dict[str, tuple[bool, str]] = {}

    @property
    def printer_is_good(self) -> bool:
        """Say whether the printer had nothing to complain about lately."""
        return self._words.get("paper", (True, ""))[0]

    @cached_property
    def dispatch(self) -> Dispatch:
        """What sends jobs to the devices; what a crash left is looked through before anything is sent."""
        from bookwish_desk.dispatch import Dispatch

        made = Dispatch(self._lanes, self._station.register, self._hear)
        made.recover()
        return made

    def begin(self) -> None:
        """Send what is to be sent, from now on."""
        if "dispatch" not in self.__dict__:
            self.equip()

    def equip(self) -> None:
        """Use the devices of the printer setting from now on."""
        from bookwish_desk.equipment import equip
        from bookwish_desk.hardware.simulated import SimulatedDrawer, SimulatedPrinter, nobody

        setting = self._station.settings.printer
        simulated = setting.kind == "simulated"
        try:
            heard = self._simulated[1].heard if simulated else nobody
            printer, drawer = equip(setting, self._store.folder, heard)
        except ShopError as error:
            self._window.toast(error.message, "error")
            printer, drawer = None, None
        if simulated or "_simulated" in self.__dict__:
            self._simulated[1].equip(
                printer if isinstance(printer, SimulatedPrinter) else None,
                drawer if isinstance(drawer, SimulatedDrawer) else None,
            )
        self._words.clear()
        self.dispatch.equip(printer, drawer)

    def _hear(self, channel: str, good: bool, sentence: str) -> None:
        self._words[channel] = (good, sentence)
        self._told(channel, good, sentence)

    # ---- the simulated ones ----

    @cached_property
    def _simulated(self) -> tuple[DevicesWindow, DevicesPresenter]:
        """The window of the simulated devices and what runs it."""
        from bookwish_desk.demo import codes, shop
        from bookwish_desk.ui import devices

        window, presenter = devices.build(self._lanes)
        presenter.on_scan = self._scan
        presenter.on_switch = self._switched
        presenter.load(shop.goods, codes.codes_to_try)
        self._station.on_change(presenter.changed)
        return window, presenter

    def offer(self) -> None:
        """Let the simulated devices be shown, where the register has such; beside it where there is room."""
        if self._station.settings.printer.kind == "simulated":
            self._window.add_tool("Devices", "devices", self._show)
            if self._window.screen().availableGeometry().width() >= ROOM_FOR_DEVICES:
                self._show()

    def _show(self) -> None:
        window, _presenter = self._simulated
        if window.isVisible():
            window.hide()
            return
        self.begin()
        room = self._window.screen().availableGeometry()
        place = self._window.frameGeometry().topRight()
        left = min(place.x() + 1, room.right() - window.width())
        window.move(left, max(room.top(), place.y()))
        window.show()

    def _scan(self, code: str) -> None:
        self._scanned(code)
        self._window.activateWindow()

    def _switched(self) -> None:
        self.dispatch.wake()

    def close(self) -> None:
        """Send nothing more and put the window away; jobs stay in the outbox."""
        if "dispatch" in self.__dict__:
            self.dispatch.close()
        if "_simulated" in self.__dict__:
            self._simulated[0].close()
            self._simulated[0].deleteLater()
