"""From settings to devices: which driver and which transport a device gets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec

from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.hardware.model import PAPER_80, Drawer, PrinterProfile, ReceiptPrinter
from bookwish_desk.hardware.printer import EscPosPrinter
from bookwish_desk.hardware.simulated import OnJob, SimulatedDrawer, SimulatedPrinter, nobody
from bookwish_desk.shop.errors import Refused

RAW_PORT = 9100

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}")


class DeviceSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One configured receipt printer with its drawer: what the settings keep, and nothing secret.

    `name` is the device's name and folder (a-z, 0-9 and hyphens); `address` is `host` or `host:port`
    of a network printer and empty for a simulated one.
    """

    kind: Literal["network", "simulated"]
    name: str
    address: str = ""
    profile: PrinterProfile = PAPER_80


def open_printer(spec: DeviceSpec, data_dir: Path, on_job: OnJob = nobody) -> ReceiptPrinter:
    """Return the driver of a printer; connects to nothing yet.

    `on_job` hears of the jobs of a simulated printer, which writes them under `data_dir`/devices.
    Raises `Refused` for a name or an address that cannot be one.
    """
    folder = _folder(spec.name, data_dir)
    if spec.kind == "simulated":
        return SimulatedPrinter(spec.name, spec.profile, folder, on_job)
    host, port = parse_address(spec.address)
    return EscPosPrinter(spec.name, spec.profile, TcpTransport(host, port), asks=spec.profile.answers)


def open_drawer(
    spec: DeviceSpec, printer: ReceiptPrinter, data_dir: Path, on_job: OnJob = nobody, name: str = "drawer"
) -> Drawer:
    """Return the drawer on the socket of `printer`, which `spec` describes.

    A simulated drawer is a device of its own, called `name`.
    """
    if isinstance(printer, EscPosPrinter):
        return printer
    return SimulatedDrawer(name, spec.profile, _folder(name, data_dir), on_job)


def parse_address(address: str) -> tuple[str, int]:
    """Return host and port of `host`, `host:port`, `[IPv6]` or `[IPv6]:port`; port 9100 by default."""
    text = address.strip()
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d{1,5}))?", text) or re.fullmatch(
        r"([^:\[\]]+)(?::(\d{1,5}))?", text
    )
    host = match[1] if match else ""
    port = int(match[2] or RAW_PORT) if match else 0
    known = _IPV6.fullmatch(host) if ":" in host else _HOST.fullmatch(host)
    if not known or not 1 <= port <= 65535:
        raise Refused(
            "device.address", "This is no address of a printer. Type it as 192.168.1.50 or 192.168.1.50:9100."
        )
    return host, port


def _folder(name: str, data_dir: Path) -> Path:
    if not _NAME.fullmatch(name):
        raise Refused("device.name", "A device's name has small letters, digits and hyphens only.")
    return data_dir / "devices" / name
