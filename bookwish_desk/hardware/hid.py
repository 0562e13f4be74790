"""Scanners and scales that speak HID: finding one wherever it is plugged in, and taking hold of it.

What their reports mean is not here. hidapi is used by one thread at a time where it looks around, as its own
words of what went wrong are kept in one place for all (libusb/hidapi, `hid_error`).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol

import msgspec

from bookwish_desk.shop.address import Hid
from bookwish_desk.shop.errors import DeviceError

SCANNER_PAGE, SCANNER_USAGE = 0x8C, 0x02
SCALE_PAGE, SCALE_USAGE = 0x8D, 0x20
"""HID Point of Sale usage tables 1.02, 3.1 (bar code scanner) and 4.1 (weighing device)."""

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


class Names(msgspec.Struct, frozen=True):
    """What a kind of device is called: in codes, in sentences, and how it is set right."""

    code: str
    words: str
    cure: str


SCANNER = Names("scanner", "scanner", "Set it to USB HID POS (scanner set-up, step 1).")
SCALE = Names("scale", "scale", "Only scales that show as USB HID scales can be read.")


def hid_entries() -> tuple[HidEntry, ...]:
    """Return what HID devices the system has now, keyboards and mice among them."""
    with _LOOKING:
        return tuple(_entry(found) for found in _hidapi().enumerate())


def open_hid(address: Hid, page: int, names: Names) -> OpenHid:
    """Take hold of the device of `address` that has `page`, wherever it is plugged in.

    Raises DeviceError, accepted 0: `.unplugged`; `.error` when it is there but in another mode, as a scanner
    that types is; `.denied`; `.held` by another program.
    """
    there = [entry for entry in hid_entries() if _is(entry, address)]
    if not there:
        raise _refusal(names, "unplugged", f"The {names.words} is not plugged in.")
    fitting = [entry for entry in there if entry.page == page]
    if not fitting:
        raise _refusal(names, "error", f"The {names.words} is set to another mode. {names.cure}")
    with _LOOKING:
        device = _hidapi().device()
        try:
            device.open_path(fitting[0].path)
        except OSError:
            raise _why_not(fitting[0].path, names) from None
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


def _why_not(path: bytes, names: Names) -> DeviceError:
    """Say why it could not be opened; hidapi does not, so the system is asked."""
    if sys.platform == "linux" and not Path(os.fsdecode(path)).exists():
        return _refusal(names, "unplugged", f"The {names.words} is not plugged in.")
    if sys.platform == "linux" and not os.access(path, os.R_OK | os.W_OK):
        return _refusal(
            names,
            "denied",
            f"This user may not read the {names.words}. Install the udev rules that come with the program, "
            "then plug it in again.",
        )
    return _refusal(names, "held", f"Another program has the {names.words}. Close that program.")


def _refusal(names: Names, code: str, sentence: str) -> DeviceError:
    return DeviceError(f"{names.code}.{code}", sentence, accepted=0)
