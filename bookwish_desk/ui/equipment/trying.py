"""Tries a device for the device screen: tests on paper, the drawer, displays and scales."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions import equipping
from bookwish_desk.db import outbox
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store
from bookwish_desk.shop.device import Device, DeviceState, DocumentPrinterSetup
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.pages import Pages
from bookwish_desk.ui.equipment import words
from bookwish_desk.ui.equipment.state import Equipment, Tone

if TYPE_CHECKING:
    from bookwish_desk.hardware.model import Weight
    from bookwish_desk.ui.station import Station


class Trying:
    """Runs one test at a time; `tell` gets what comes of it, and an empty text where nothing is known yet."""

    def __init__(self, station: Station, equipment: Equipment, tell: Callable[[str, Tone], None]) -> None:
        self._station = station
        self._equipment = equipment
        self._tell = tell
        self._job = ""
        self._tried = ""

    def forget(self) -> None:
        """Tell nothing more of the test under way: another device is looked at."""
        self._job = self._tried = ""

    def try_it(self, device: Device) -> None:
        """Print the test of a printer, show one on a display, or weigh."""
        self._begin(device)
        if device.role in ("receipt_printer", "label_printer"):
            self._print(device, None)
        elif isinstance(device.setup, DocumentPrinterSetup):
            self._draw(device, device.setup)
        elif device.role == "scale":
            self._tell("Weighing.", "info")
            self._equipment.weigh(device, lambda w: self._weighed(device, w), self._failed)
        elif device.role in ("line_display", "customer_screen"):
            self._tell("A test is shown.", "info")
            self._equipment.show_test(device, lambda state: self._shown_on(device, state))

    def open_drawer(self, device: Device) -> None:
        """Open the drawer behind a printer to see that it does."""
        self._begin(device)
        self._station.act(
            lambda store, actor: equipping.test_drawer(store, actor, device.id),
            then=self._posted,
            failed=self._failed,
        )

    def _begin(self, device: Device) -> None:
        self._job, self._tried = "", device.id
        self._tell("", "info")

    def _print(self, device: Device, pages: Pages | None) -> None:
        self._station.act(
            lambda store, actor: equipping.test(store, actor, device.id, pages),
            then=self._posted,
            failed=self._failed,
        )

    def _draw(self, device: Device, setup: DocumentPrinterSetup) -> None:
        shop = self._station.settings.shop_name

        def draw() -> bytes:
            from bookwish_desk.paper.device_page import device_page

            return device_page(shop, device.name, paper=setup.paper)

        self._station.lanes.work(
            draw,
            then=lambda pdf: self._print(device, Pages(pdf, f"Test of {device.name}")),
            failed=self._failed,
        )

    def _posted(self, job: str) -> None:
        self._job = job
        self.follow()

    def follow(self) -> None:
        """Tell how the job of the test stands now, where there is one."""
        wanted = self._job
        if not wanted:
            return

        def reading(store: Store) -> Job | None:
            with store.read() as conn:
                return outbox.by_id(conn, wanted)

        def read(job: Job | None) -> None:
            if job is not None and wanted == self._job:
                self._tell(*words.tried(job))

        self._station.lanes.read(reading, then=read, latest="device-test")

    def _weighed(self, device: Device, weight: Weight) -> None:
        if self._tried == device.id:
            self._tell(*words.weighed(weight.grams, stable=weight.stable, fault=weight.fault))

    def _shown_on(self, device: Device, state: DeviceState) -> None:
        if self._tried != device.id:
            return
        if state.good:
            self._tell("The test was shown. Look whether it can be read.", "info")
        else:
            self._tell(state.message, "error")

    def _failed(self, error: ShopError) -> None:
        if self._tried:
            self._tell(error.message, "error")
