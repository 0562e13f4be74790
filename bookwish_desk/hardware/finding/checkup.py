"""How a device is, asked once by somebody who is no part of an open desk: the doctor.

Nothing is printed, and nothing is opened that the desk may hold: scanners, scales and displays are looked
for and not read.
"""

from __future__ import annotations

import os
from pathlib import Path

from bookwish_desk.hardware.finding.access import ON_CABLES, may_open, nodes
from bookwish_desk.shop.device import Device, DeviceState
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.errors import ShopError


def how_is(device: Device, folder: Path, deadline: float) -> DeviceState:
    """Return how a device is; never raises. `folder` is the data folder, for simulated devices."""
    try:
        if device.simulated:
            return _simulated(folder)
        if device.scheme in ON_CABLES and (missing := _on_cable(device)) is not None:
            return missing
        return _asked(device, folder, deadline)
    except ShopError as fault:
        return DeviceState("error", fault.message)
    except Exception as fault:  # a broken libusb, hidapi or CUPS is a finding as well
        return DeviceState("error", f"It could not be looked at: {type(fault).__name__}: {fault}")


def _simulated(folder: Path) -> DeviceState:
    here = folder / "devices"
    while not here.exists():
        here = here.parent
    if os.access(here, os.W_OK):
        return DeviceState("ready", "It is simulated and can write.")
    return DeviceState("error", f"It is simulated and cannot write in {here}.")


def _on_cable(device: Device) -> DeviceState | None:
    """Return what keeps a device on a cable from being opened; None where nothing does."""
    paths = nodes(device)
    if not paths:
        return DeviceState("unplugged", sentence(device.role, "unplugged"))
    if not may_open(paths):
        return DeviceState("denied", sentence(device.role, "denied"))
    return None


def _asked(device: Device, folder: Path, deadline: float) -> DeviceState:
    if device.role == "receipt_printer":
        from bookwish_desk.hardware.receipts import open_receipt_printer

        return open_receipt_printer(device, folder).state(deadline)
    if device.role == "label_printer":
        from bookwish_desk.hardware.labels import open_label_printer

        return open_label_printer(device, folder).state(deadline)
    if device.scheme == "queue":
        from bookwish_desk.hardware.links.spooler import queue_state

        return queue_state(device.address.partition(":")[2], deadline)
    if device.scheme in ON_CABLES:
        return DeviceState("ready", "It is plugged in, and this user may open it.")
    return DeviceState("unknown", "The desk sees it only while it is open.")
