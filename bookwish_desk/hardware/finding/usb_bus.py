"""Who is on the USB: numbers, names and places of what is plugged in. Nothing is driven from here.

On Linux names come from the kernel's own files, so that they are known of devices this user may not open
and of those that the kernel's printer driver holds.
"""

from __future__ import annotations

import contextlib
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

_SYSFS = Path("/sys/bus/usb/devices")
_PRINTER_CLASS = 7
_ASK_MS = 500
_LONGEST_ID = 1024


class Plugged(msgspec.Struct, frozen=True):
    """One device on the USB. `place` changes when it is plugged in again, `serial` may be empty.

    `handle` is pyusb's own object, good until the next look.
    """

    vendor: int
    product: int
    place: tuple[int, int]
    handle: Any

    def word(self, what: str) -> str:
        """Return its `manufacturer`, `product` or `serial` as it says it; empty where it says nothing."""
        folder = _folder(self.handle)
        if folder is not None:
            return _line(folder / what)
        index = {"manufacturer": "iManufacturer", "product": "iProduct", "serial": "iSerialNumber"}[what]
        if not getattr(self.handle, index):
            return ""
        import usb.core
        import usb.util

        # NotImplementedError: Windows without a driver for it. ValueError: it has texts in no language.
        try:
            return str(usb.util.get_string(self.handle, getattr(self.handle, index)) or "").strip("\0 ")
        except (usb.core.USBError, NotImplementedError, ValueError):
            return ""
        finally:
            usb.util.dispose_resources(self.handle)

    def is_printer(self) -> bool:
        """Say whether one of its interfaces is of the printer class (USB class 7, subclass 1)."""
        return _printer_interface(self.handle) is not None

    def device_id(self, *, ask: bool) -> str:
        """Return its IEEE 1284 device id; empty where it cannot be had without disturbing somebody.

        Linux' own printer driver has read it already. To `ask` the printer itself needs its interface, which
        must be free, and takes it for a moment (USB printer class 1.1, 4.2.1: GET_DEVICE_ID).
        """
        found = _printer_interface(self.handle)
        if found is None:
            return ""
        configuration, number, setting, index = found
        folder = _folder(self.handle)
        if folder is not None:
            known = folder / f"{folder.name}:{configuration}.{number}" / "ieee1284_id"
            if said := _line(known):
                return said
        return _asked_id(self.handle, number, setting, index) if ask else ""

    def node(self) -> Path:
        """Return the file through which Linux lets it be opened; it exists on Linux only."""
        return Path(f"/dev/bus/usb/{self.place[0]:03d}/{self.place[1]:03d}")


def plugged() -> Iterator[Plugged]:
    """Yield what is on the USB now; takes less than a millisecond.

    Raises what pyusb raises where there is no libusb or it does not work.
    """
    import usb.core

    for device in usb.core.find(find_all=True, backend=_backend()):
        place = (device.bus or 0, device.address or 0)
        yield Plugged(device.idVendor, device.idProduct, place, device)


def _backend() -> Any:
    """Return the system's libusb, or the one that comes with the program."""
    import usb.backend.libusb1

    found = usb.backend.libusb1.get_backend()
    if found is None:
        import libusb_package

        found = libusb_package.get_libusb1_backend()
    if found is None:
        import usb.core

        raise usb.core.NoBackendError("no libusb")
    return found


def _folder(device: Any) -> Path | None:
    """Return the kernel's folder of a device; None where there is none."""
    if sys.platform != "linux" or not device.port_numbers:
        return None
    folder = _SYSFS / f"{device.bus}-{'.'.join(str(port) for port in device.port_numbers)}"
    return folder if folder.is_dir() else None


def _line(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("utf-8", "replace").strip("\0 \n")
    return ""


def _printer_interface(device: Any) -> tuple[int, int, int, int] | None:
    """Return configuration, interface, setting and the configuration's place in the list; None for others."""
    import usb.core

    with contextlib.suppress(usb.core.USBError, NotImplementedError):
        for index, configuration in enumerate(device):
            for interface in configuration:
                if (interface.bInterfaceClass, interface.bInterfaceSubClass) == (_PRINTER_CLASS, 1):
                    return (
                        configuration.bConfigurationValue,
                        interface.bInterfaceNumber,
                        interface.bAlternateSetting,
                        index,
                    )
    return None


def _asked_id(device: Any, number: int, setting: int, index: int) -> str:
    import usb.core
    import usb.util

    try:
        if device.is_kernel_driver_active(number):
            return ""
        said = bytes(
            device.ctrl_transfer(0xA1, 0, index, number << 8 | setting, _LONGEST_ID, timeout=_ASK_MS)
        )
    except (usb.core.USBError, NotImplementedError):
        return ""
    finally:
        usb.util.dispose_resources(device)
    size = struct.unpack(">H", said[:2])[0] if len(said) >= 2 else 0
    return said[2:size].decode("utf-8", "replace").strip("\0 ")
