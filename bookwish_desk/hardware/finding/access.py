"""Whether this user may use what hangs on cables: the udev rules on Linux, and the nodes of devices.

Nothing is opened or changed here; the rules themselves are a resource that an administrator installs once.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from bookwish_desk.hardware.finding.usb_bus import plugged
from bookwish_desk.hardware.links.ports import port_named
from bookwish_desk.hardware.scanning.hid import hid_entries
from bookwish_desk.shop.address import Hid, Serial, Usb, read_address
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import DeviceError

RULES = "60-bookwish-desk.rules"
FOLDERS = (Path("/etc/udev/rules.d"), Path("/run/udev/rules.d"), Path("/usr/lib/udev/rules.d"))
"""Where udev reads rules; a file in an earlier folder counts instead of one of its name in a later one."""

ON_CABLES = ("usb", "hid", "serial")


class Rules(msgspec.Struct, frozen=True):
    """Whether the rules that come with the program are in place, and the command that puts them there."""

    state: Literal["in place", "older", "missing"]
    command: str


def rules(shipped: Path) -> Rules | None:
    """Return how the rules are; None where the system has no udev. `shipped` is the file that came along."""
    if sys.platform != "linux":
        return None
    target = FOLDERS[0] / RULES
    install = f"sudo install -D -m 644 {shlex.quote(str(shipped))} {target}"
    command = f"{install} && sudo udevadm control --reload && sudo udevadm trigger"
    there = next((folder / RULES for folder in FOLDERS if (folder / RULES).exists()), None)
    if there is None:
        return Rules("missing", command)
    try:
        same = there.read_bytes() == shipped.read_bytes()
    except OSError:
        same = False
    return Rules("in place" if same else "older", command)


def nodes(device: Device) -> tuple[Path, ...]:
    """Return the files through which a device on a cable is opened; none where it is not there.

    Raises what libusb or hidapi raise where they do not work, and DeviceError where two cannot be told apart.
    """
    address = read_address(device.address)
    if isinstance(address, Usb):
        return tuple(
            found.node()
            for found in plugged()
            if (found.vendor, found.product) == (address.vendor, address.product)
            and address.serial in ("", found.word("serial"))
        )
    if isinstance(address, Hid):
        return tuple(
            Path(os.fsdecode(entry.path))
            for entry in hid_entries()
            if (entry.vendor, entry.product) == (address.vendor, address.product)
            and address.serial in ("", entry.serial)
        )
    if isinstance(address, Serial):
        try:
            port = Path(port_named(address.port))
        except DeviceError as fault:
            if fault.code == "serial.unplugged":
                return ()
            raise
        return (port,) if port.exists() or sys.platform == "win32" else ()
    return ()


def may_open(paths: Iterable[Path]) -> bool:
    """Say whether this user may open one of these; only Linux and macOS tell."""
    if os.name != "posix":
        return True
    return any(not path.exists() or os.access(path, os.R_OK | os.W_OK) for path in paths)
