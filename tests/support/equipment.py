"""Devices that only say what a test tells them to, for tests of the device screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bookwish_desk.actions import equipping
from bookwish_desk.hardware.model import Weight
from bookwish_desk.shop.device import (
    CustomerScreenSetup,
    Device,
    DeviceState,
    DocumentPrinterSetup,
    LabelPrinterSetup,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    ScaleSetup,
    ScannerSetup,
)
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.found import Found, Search
from tests.support.counter import Counter
from tests.support.shops import station_for

PRINTER_USB = Found(
    "usb:04b8:0202:X7K", "receipt_printer", "EPSON TM-T88V", "serial number X7K", ReceiptPrinterSetup()
)
ZEBRA = Found(
    "usb:0a5f:0166:D9", "label_printer", "Zebra ZD421", "Zebra Technologies", LabelPrinterSetup(dpi=300)
)
HELD = Found(
    "usb:1504:0006:",
    "receipt_printer",
    "BIXOLON SRP-350",
    "",
    ReceiptPrinterSetup(),
    "The system prints to it: choose its queue Bixolon instead.",
    usable=False,
)
SCANNER = Found("hid:0c2e:0b61:", "scanner", "Honeywell Voyager", "Honeywell", ScannerSetup())
SERIAL = Found(
    "serial:usb-0403-6001-A1", "scanner", "Serial port /dev/ttyUSB0", "", ScannerSetup(), "Choose what it is."
)
QUEUE = Found("queue:HP_LaserJet", "document_printer", "HP_LaserJet", "Ready", DocumentPrinterSetup())
NETWORK = Found(
    "tcp:192.168.1.50:9100", "receipt_printer", "EPSON TM-T20III", "192.168.1.50", ReceiptPrinterSetup()
)
EVERYTHING = (PRINTER_USB, ZEBRA, HELD, SCANNER, SERIAL, QUEUE)

EIGHT = (
    Device("", "Counter printer", "tcp:192.168.1.50", ReceiptPrinterSetup(), uses=("receipts",)),
    Device("", "Zebra in the back", "usb:0a5f:0166:D9", LabelPrinterSetup(), uses=("labels",)),
    Device(
        "",
        "Rollo for parcels, on the long table by the door",
        "queue:Rollo_X1038_by_the_door",
        LabelPrinterSetup(language="system", width_mm=101.6, height_mm=152.4),
        uses=("shipping",),
    ),
    Device("", "Office", "queue:HP_LaserJet", DocumentPrinterSetup(), uses=("documents",)),
    Device("", "Scanner", "hid:0c2e:0b61:", ScannerSetup()),
    Device("", "Parcel scale", "hid:0922:8003:", ScaleSetup()),
    Device("", "Pole", "printer:", LineDisplaySetup(behind="counter-printer")),
    Device("", "Screen", "screen:HDMI-1", CustomerScreenSetup()),
)


class FakeEquipment:
    """Remembers what was asked of it; a test says how devices are and what is found."""

    def __init__(self) -> None:
        self.states: dict[str, DeviceState] = {}
        self.listeners: list[Callable[[], None]] = []
        self.checked: list[str] = []
        self.looking: Callable[[Search, bool], None] | None = None
        self.asked: list[str] = []
        self.answers: list[Found | ShopError] = []
        self.weights: list[Weight | ShopError] = []
        self.shown: list[str] = []
        self.display = DeviceState("ready", "The customer display is ready.")

    def on_state(self, listener: Callable[[], None]) -> None:
        """Remember who listens."""
        self.listeners.append(listener)

    def turn(self, device_id: str, state: DeviceState) -> None:
        """Let a device be in this state."""
        self.states[device_id] = state
        for listener in self.listeners:
            listener()

    def check(self, device_id: str) -> None:
        """Remember that it was asked."""
        self.checked.append(device_id)

    def look(self, then: Callable[[Search, bool], None]) -> Callable[[], None]:
        """Remember who looks; `find` answers."""
        self.looking = then
        return self._stop

    def _stop(self) -> None:
        self.looking = None

    def find(self, *found: Found, troubles: tuple[str, ...] = (), over: bool = True) -> None:
        """Let this be found."""
        assert self.looking is not None
        self.looking(Search(found, troubles), over)

    def look_up(self, typed: str, then: Callable[[Found], None], failed: Callable[[ShopError], None]) -> None:
        """Answer with the next answer, or keep silent where there is none."""
        self.asked.append(typed)
        if self.answers:
            answer = self.answers.pop(0)
            failed(answer) if isinstance(answer, ShopError) else then(answer)

    def weigh(
        self, device: Device, then: Callable[[Weight], None], failed: Callable[[ShopError], None]
    ) -> None:
        """Answer with the next weight."""
        weight = self.weights.pop(0)
        failed(weight) if isinstance(weight, ShopError) else then(weight)

    def show_test(self, device: Device, then: Callable[[DeviceState], None]) -> None:
        """Remember it, and answer how the display is."""
        self.shown.append(device.id)
        then(self.display)


class Equipped(Counter):
    """A shop with these devices at its register, its station, and devices that say what they are told."""

    def __init__(self, folder: Path, *devices: Device) -> None:
        super().__init__(folder)
        equipping.remove(self.store, self.actor, "receipt-printer")
        for device in devices:
            equipping.add(self.store, self.actor, device)
        self.station, self.front = station_for(self.store, self.actor)
        self.equipment = FakeEquipment()

    @property
    def devices(self) -> dict[str, Device]:
        """Return the devices by their ids."""
        return {d.id: d for d in self.store.settings.devices}
