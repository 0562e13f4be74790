"""Which serial port an address means: by its name, or by the adapter behind it wherever that is plugged in.

Names only; no port is opened here.
"""

from __future__ import annotations

import re

from bookwish_desk.shop.errors import DeviceError

ALIKE = (
    "Two adapters that cannot be told apart are plugged in. Unplug one, or remove this device and add it "
    "again: it is then known by its socket."
)
_ADAPTER = re.compile(r"usb-([0-9A-Fa-f]{4})-([0-9A-Fa-f]{4})(?:-(.*))?")


def adapter_named(name: str) -> tuple[int, int, str] | None:
    """Return vendor, product and serial of the adapter that a name means; None for a port's own name."""
    wanted = _ADAPTER.fullmatch(name)
    return None if wanted is None else (int(wanted[1], 16), int(wanted[2], 16), wanted[3] or "")


def port_named(name: str) -> str:
    """Return the port to open: `name` itself, or that of the adapter `usb-VID-PID-SERIAL` now.

    The serial is left out where the adapter has none. Raises DeviceError, accepted 0: "serial.unplugged" when
    no such adapter is there, "serial.error" when there are several: one of them is another device.
    """
    wanted = adapter_named(name)
    if wanted is None:
        return name
    from serial.tools.list_ports import comports

    vendor, product, serial = wanted
    ports = [
        port.device
        for port in comports()
        if (port.vid, port.pid) == (vendor, product) and serial in ("", port.serial_number or "")
    ]
    if not ports:
        raise DeviceError("serial.unplugged", "It is not plugged in.", accepted=0, port=name)
    if len(ports) > 1:
        raise DeviceError("serial.error", ALIKE, accepted=0, port=name)
    return str(ports[0])
