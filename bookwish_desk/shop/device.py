"""Devices at a register as the shop knows them: what each is for, how it is reached, and how it is.

Plain values: who drives a device is `hardware`, who keeps the list is the shop's settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

import msgspec

Purpose = Literal["receipts", "labels", "shipping", "documents"]
"""What a printer is the usual one for: slips, shelf and price labels, 4x6 shipping labels, pages."""

PURPOSES: dict[Purpose, str] = {
    "receipts": "Receipts",
    "labels": "Shelf and price labels",
    "shipping": "Shipping labels",
    "documents": "Documents",
}

Confirms = Literal["", "process_id", "status", "none"]
"""How a printer says that a job is on paper: not tried yet, by GS ( H, by GS r 1, or not at all."""


class ReceiptPrinterSetup(msgspec.Struct, frozen=True, tag="receipt_printer"):
    """A receipt printer and the drawer on its socket.

    `drawer_pin` 0: no drawer hangs on it. `language` star: a Star printer without ESC/POS text, which gets
    every slip as a picture. `asks` off: it is never asked how it is, for models that hang when asked.
    `confirms` is found out once and remembered. `baud` counts for a serial line only.
    """

    paper_mm: Literal[58, 80] = 80
    code_page: Literal["cp858", "cp437", "cp1252"] = "cp858"
    cutter: bool = True
    drawer_pin: Literal[0, 2, 5] = 2
    drawer_sensor: bool = False
    raster_only: bool = False
    language: Literal["escpos", "star"] = "escpos"
    asks: bool = True
    confirms: Confirms = ""
    baud: int = 9600


class LabelPrinterSetup(msgspec.Struct, frozen=True, tag="label_printer"):
    """A label printer. `language` system: the system's own driver prints pictures (Dymo, Brother and others).

    `width_mm` and `height_mm` are of the label that is loaded; 101.6 x 152.4 is the 4x6 shipping label.
    `asks` off: it is never asked how it is. `compressed` off: pictures in ZPL are not packed, for printers
    that only speak like a Zebra and print rubbish otherwise.
    `baud` counts for a serial line only.
    """

    language: Literal["zpl", "tspl", "epl", "system"] = "zpl"
    dpi: Literal[203, 300] = 203
    width_mm: float = 57.0
    height_mm: float = 32.0
    gap_mm: float = 3.0
    asks: bool = True
    compressed: bool = True
    baud: int = 9600


class DocumentPrinterSetup(msgspec.Struct, frozen=True, tag="document_printer"):
    """A printer for pages, through the system's queue."""

    paper: Literal["letter", "a4"] = "letter"


class ScannerSetup(msgspec.Struct, frozen=True, tag="scanner"):
    """A scanner with a line of its own (HID-POS or serial); those that type need no set-up.

    `baud` counts for a serial line only.
    """

    baud: int = 9600


class ScaleSetup(msgspec.Struct, frozen=True, tag="scale"):
    """A USB scale (HID usage page 0x8D)."""


class LineDisplaySetup(msgspec.Struct, frozen=True, tag="line_display"):
    """A customer display of two lines of twenty characters.

    `behind` is the id of the receipt printer that passes its text on; empty: a serial line of its own.
    """

    behind: str = ""
    baud: int = 9600
    code_page: Literal["cp858", "cp437", "cp1252"] = "cp437"


class CustomerScreenSetup(msgspec.Struct, frozen=True, tag="customer_screen"):
    """A second screen that faces the customer."""


Setup = (
    ReceiptPrinterSetup
    | LabelPrinterSetup
    | DocumentPrinterSetup
    | ScannerSetup
    | ScaleSetup
    | LineDisplaySetup
    | CustomerScreenSetup
)

Role = Literal[
    "receipt_printer",
    "label_printer",
    "document_printer",
    "scanner",
    "scale",
    "line_display",
    "customer_screen",
]

ROLES: dict[Role, str] = {
    "receipt_printer": "Receipt printer",
    "label_printer": "Label printer",
    "document_printer": "Document printer",
    "scanner": "Scanner",
    "scale": "Scale",
    "line_display": "Customer display, two lines",
    "customer_screen": "Customer screen",
}

_USES: dict[Role, tuple[Purpose, ...]] = {
    "receipt_printer": ("receipts",),
    "label_printer": ("labels", "shipping"),
    "document_printer": ("documents",),
}


class Device(msgspec.Struct, frozen=True):
    """One device of one register.

    `id` never changes and names its folder and its jobs; `name` is what people call it. `address` is how it
    is reached: `tcp:HOST:PORT`, `usb:VID:PID:SERIAL` (hexadecimal, the serial may be empty),
    `hid:VID:PID:SERIAL`, `serial:PORT`, `queue:NAME` (a queue of the system), `screen:NAME`, `printer:` (what
    hangs on another device) or `sim:` (simulated). `uses` is what it is the usual printer for.
    """

    id: str
    name: str
    address: str
    setup: Setup
    register: int = 1
    uses: tuple[Purpose, ...] = ()

    @property
    def role(self) -> Role:
        """Return what kind of device it is."""
        role: Role = self.setup.__struct_config__.tag  # type: ignore[assignment]
        return role

    @property
    def scheme(self) -> str:
        """Return the first word of the address: tcp, usb, hid, serial, queue, screen, printer or sim."""
        return self.address.partition(":")[0]

    @property
    def simulated(self) -> bool:
        """Say whether it exists on the screen only."""
        return self.scheme == "sim"


def can_do(role: Role) -> tuple[Purpose, ...]:
    """Return what a device of this kind can be the usual printer for."""
    return _USES.get(role, ())


def usual(devices: Iterable[Device], purpose: Purpose, register: int) -> Device | None:
    """Return the device that a register uses for a purpose, or None."""
    return next((d for d in devices if d.register == register and purpose in d.uses), None)


def with_device(devices: tuple[Device, ...], device: Device) -> tuple[Device, ...]:
    """Return the list with `device` added, or changed where its id is there; each purpose stays with one.

    A purpose it is now used for is taken from the device of that register that had it before.
    """
    others = tuple(
        msgspec.structs.replace(d, uses=tuple(use for use in d.uses if use not in device.uses))
        if d.register == device.register and d.id != device.id
        else d
        for d in devices
    )
    if any(d.id == device.id for d in others):
        return tuple(device if d.id == device.id else d for d in others)
    return (*others, device)


def new_id(name: str, taken: Iterable[str]) -> str:
    """Return an id that no device has yet, made from a name: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-") or "device"
    known = set(taken)
    return next(i for n in range(1, len(known) + 2) if (i := base if n == 1 else f"{base}-{n}") not in known)


Condition = Literal[
    "ready",
    "busy",
    "paper_low",
    "paper_out",
    "ribbon_out",
    "cover_open",
    "cutter",
    "hot",
    "paused",
    "offline",
    "unreachable",
    "unplugged",
    "held",
    "denied",
    "error",
    "unknown",
]
"""How a device is.

busy: at work. cutter: the cutter or another part is stuck. hot: it cools down. offline: switched off line at
the device. unreachable: no answer on the network. unplugged: not on the cable. held: another program has it.
denied: this user may not open it. unknown: it does not say.
"""

GOOD: frozenset[Condition] = frozenset({"ready", "busy", "paper_low", "unknown"})
"""Conditions in which a job can be sent."""


class DeviceState(msgspec.Struct, frozen=True):
    """How a device is now; `message` is one plain sentence, with what to do where something is to be done.

    `drawer_open` is what the sensor says of the drawer behind a printer, None where it says nothing.
    """

    condition: Condition
    message: str
    drawer_open: bool | None = None

    @property
    def good(self) -> bool:
        """Say whether a job can be sent."""
        return self.condition in GOOD
