"""Scanners and scales that speak HID: finding one wherever it is plugged in, and taking hold of it.

What their reports mean is not here. hidapi is used by one thread at a time where it looks around, as its own
words of what went wrong are kept in one place for all (libusb/hidapi, `hid_error`).
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Sequence
from types import ModuleType
from typing import Protocol

import msgspec

from bookwish_desk.shop.address import Hid
from bookwish_desk.shop.device import Condition, Role
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.errors import DeviceError

SCANNER_PAGE, SCANNER_USAGE = 0x8C, 0x02
SCALE_PAGE, SCALE_USAGE = 0x8D, 0x20
"""HID Point of Sale usage tables 1.02: bar code scanners and weighing devices."""

_LOOKING = threading.Lock()


class HidEntry(msgspec.Struct, frozen=True):
    """One use of a HID device as the system lists it; a device may have several."""

    path: bytes
    vendor: int
    product: int
    serial: str
    page: int
    usage: int
    maker: str = ""
    model: str = ""


class OpenHid(Protocol):
    """An open HID device: hidapi's."""

    def read(self, max_length: int, timeout_ms: int = 0) -> Sequence[int]:
        """Return the next report, nothing at the time-out. Raises OSError when it is gone."""

    def close(self) -> None:
        """Let go."""


_MODES: dict[Role, str] = {
    "scanner": "The scanner is set to another mode. Set it to USB HID POS: Scanner set-up says how.",
    "scale": "This scale does not show as a USB HID scale, so it cannot be read.",
}


def hid_entries() -> tuple[HidEntry, ...]:
    """Return what HID devices the system has now, keyboards and mice among them."""
    with _LOOKING:
        return tuple(_entry(found) for found in _hidapi().enumerate())


def open_hid(address: Hid, page: int, role: Role) -> OpenHid:
    """Take hold of the device of `address` that has `page`, wherever it is plugged in.

    Raises DeviceError, accepted 0: `.unplugged`; `.error` when it is there but in another mode, as a scanner
    that types is; `.denied`; `.held` by another program.
    """
    there = [entry for entry in hid_entries() if _is(entry, address)]
    if not there:
        raise fault(role, "unplugged")
    fitting = [entry for entry in there if entry.page == page]
    if not fitting:
        raise fault(role, "error", _MODES.get(role, ""))
    with _LOOKING:
        device = _hidapi().device()
        try:
            device.open_path(fitting[0].path)
        except OSError:
            raise fault(role, _why_not(fitting[0].path)) from None
    opened: OpenHid = device
    return opened


def left_ms(deadline: float, most: int) -> int:
    """Return the milliseconds until `deadline`, at least 1 (hidapi takes 0 for no waiting) and `most`."""
    return max(1, min(most, round((deadline - time.monotonic()) * 1000)))


def _hidapi() -> ModuleType:
    # On Linux the package's `hid` goes through libusb, which takes the device from the kernel.
    if sys.platform == "linux":
        import hidraw as hidapi
    else:
        import hid as hidapi
    return hidapi  # type: ignore[no-any-return]


def _entry(found: dict[str, object]) -> HidEntry:
    return HidEntry(
        path=found["path"],  # type: ignore[arg-type]
        vendor=found["vendor_id"],  # type: ignore[arg-type]
        product=found["product_id"],  # type: ignore[arg-type]
        serial=str(found["serial_number"] or ""),
        page=found["usage_page"],  # type: ignore[arg-type]
        usage=found["usage"],  # type: ignore[arg-type]
        maker=str(found["manufacturer_string"] or ""),
        model=str(found["product_string"] or ""),
    )


def _is(entry: HidEntry, address: Hid) -> bool:
    same = (entry.vendor, entry.product) == (address.vendor, address.product)
    return same and address.serial in ("", entry.serial)


def _why_not(path: bytes) -> Condition:
    """Say why it could not be opened; hidapi does not, so the system is asked.

    On Linux no program can keep another from a HID device: what opens now, or has gone, was being plugged
    in or pulled out just then.
    """
    if sys.platform != "linux":
        return "held"
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
    except PermissionError:
        return "denied"
    except OSError as why:
        return "held" if why.errno == errno.EBUSY else "unplugged"
    return "unplugged"


def fault(role: Role, condition: Condition, words: str = "") -> DeviceError:
    """Return that a device is in this condition, which is the second word of the error's code."""
    return DeviceError(f"{role}.{condition}", words or sentence(role, condition), accepted=0)
