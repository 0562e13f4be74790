"""Scales on a USB cable (HID usage page 0x8D), and one that is simulated: only a stable weight is a weight.

What a weight is used for is not here.
"""

from __future__ import annotations

import threading
import time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from bookwish_desk.hardware.job_files import make_folder
from bookwish_desk.hardware.model import Scale, Weight
from bookwish_desk.hardware.scanning.hid import SCALE_PAGE, fault, left_ms, open_hid
from bookwish_desk.shop.address import Hid, Simulated, read_address
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import Refused, StorageError

MOST_GRAMS = 500_000
"""No scale of a shop weighs more: what says so is rubbish."""

_REPORT = 3
_GRAMS = {
    1: Decimal("0.001"),  # milligram
    2: Decimal(1),
    3: Decimal(1000),
    11: Decimal("28.349523125"),  # ounce avoirdupois
    12: Decimal("453.59237"),  # pound
}
_SAID = {
    1: "The scale reports a fault. Switch it off and on again.",
    5: "The scale shows less than zero. Take everything off, press its zero button, and weigh again.",
    6: "This is too heavy for the scale. Take it off.",
    7: "The scale must be calibrated before it can be used. Its handbook says how.",
    8: "The scale must be set to zero. Take everything off and press its zero button.",
}
_WAITING = (2, 3)  # empty and still, or in motion: nothing to say yet
_SENSELESS = "What the scale sends makes no sense. Set it to grams, kilograms, ounces or pounds."
_SILENT = "The scale says nothing. See that it is switched on."
_SLICE_MS = 500


def open_scale(device: Device, folder: Path) -> Scale:
    """Return the driver of a scale. Raises Refused for an address that no scale has.

    A simulated one keeps what it said in `folder`/devices/<its id>.
    """
    address = read_address(device.address)
    if device.role == "scale" and isinstance(address, Hid):
        return HidScale(address)
    if device.role == "scale" and isinstance(address, Simulated):
        return SimulatedScale(folder / "devices" / device.id)
    raise Refused("device.address", "This is no address of a scale.", address=device.address)


def read_weight(report: bytes) -> Weight:
    """Return what one data report says; grams are rounded half up.

    Byte 0: report 3. 1: status. 2: unit. 3: power of ten, signed. 4-5: the number, low byte first.
    (HID Point of Sale usage tables 1.02, weighing devices; status 4 alone is a stable weight.)
    """
    if len(report) < 6 or report[0] != _REPORT or not 1 <= report[1] <= 8:
        return Weight(fault=_SENSELESS)
    status, unit = report[1], _GRAMS.get(report[2])
    if status in _SAID or status in _WAITING:
        return Weight(fault=_SAID.get(status, ""))
    power = int.from_bytes(report[3:4], "little", signed=True)
    if unit is None or not -9 <= power <= 9:
        return Weight(fault=_SENSELESS)
    exact = Decimal(int.from_bytes(report[4:6], "little")).scaleb(power) * unit
    grams = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return Weight(grams, stable=True) if grams <= MOST_GRAMS else Weight(fault=_SENSELESS)


class HidScale:
    """A USB scale. It is taken hold of for each weighing, so that what it sent before does not count."""

    def __init__(self, address: Hid) -> None:
        self._address = address
        self._door = threading.Lock()

    def read(self, deadline: float) -> Weight:
        """Return the first stable weight, or what the scale says at the deadline."""
        with self._door:
            device = open_hid(self._address, SCALE_PAGE, "scale")
            last = Weight(fault=_SILENT)
            try:
                while not last.stable and time.monotonic() < deadline:
                    report = bytes(device.read(64, left_ms(deadline, _SLICE_MS)))
                    if report[:1] == bytes([_REPORT]):
                        last = read_weight(report)
            except (OSError, ValueError):
                raise fault("scale", "unplugged") from None
            finally:
                device.close()
            return last


class SimulatedScale:
    """A scale that shows what is put on it. `lay`, `move` and `fail` work from any thread.

    Each weighing is a line of `readings.log` in `folder`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = threading.Condition()
        self._weight = Weight()
        self._unplugged = False

    def lay(self, grams: int) -> None:
        """Put something of this weight on it; it comes to rest at once. 0 takes everything off."""
        self._say(Weight(grams, stable=True) if grams else Weight())

    def move(self) -> None:
        """Let what lies on it sway."""
        self._say(Weight())

    def fail(self, sentence: str) -> None:
        """Have it say this instead of a weight."""
        self._say(Weight(fault=sentence))

    def unplug(self) -> None:
        """Pull its cable out; whatever is done with it next plugs it in again."""
        with self._changed:
            self._unplugged = True
            self._changed.notify_all()

    def _say(self, weight: Weight) -> None:
        with self._changed:
            self._weight, self._unplugged = weight, False
            self._changed.notify_all()

    def read(self, deadline: float) -> Weight:
        """Return the first stable weight, or what the scale says at the deadline."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._weight.stable or self._unplugged, max(0.0, deadline - time.monotonic())
            )
            if self._unplugged:
                raise fault("scale", "unplugged")
            weight = self._weight
        try:
            self._keep(weight)
        except (OSError, StorageError):
            words = "The simulated scale could not write its file. Is the disk full?"
            raise fault("scale", "error", words) from None
        return weight

    def _keep(self, weight: Weight) -> None:
        make_folder(self._folder)
        words = f"{weight.grams} g" if weight.stable else weight.fault or "not still"
        with (self._folder / "readings.log").open("a", encoding="utf-8") as file:
            file.write(f"{words}\n")
