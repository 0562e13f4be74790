"""What is attached to this computer now: on cables, as queues of the system, and in the network.

Of the network it knows those printers that tell of themselves; what answers at an address is `network`'s. It
looks and never changes anything: nothing is printed, no driver is taken from the system. It may take some
seconds, so it belongs on a lane and never into a start.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from msgspec.structs import replace

from bookwish_desk.hardware.finding import guess
from bookwish_desk.hardware.finding.access import may_open
from bookwish_desk.hardware.finding.nearby import nearby
from bookwish_desk.hardware.finding.usb_bus import Plugged, plugged
from bookwish_desk.hardware.links.model import SystemQueue
from bookwish_desk.hardware.links.spooler import queue_for_usb
from bookwish_desk.hardware.links.spooler import queues as system_queues
from bookwish_desk.hardware.scanning.hid import SCALE_PAGE, SCANNER_PAGE, HidEntry, hid_entries
from bookwish_desk.shop.address import Hid, Queue, Serial, Tcp, Usb, in_words, write_address
from bookwish_desk.shop.device import (
    DocumentPrinterSetup,
    LabelPrinterSetup,
    ReceiptPrinterSetup,
    ScaleSetup,
    ScannerSetup,
)
from bookwish_desk.shop.found import Found, Search
from bookwish_desk.shop.text import clean

log = logging.getLogger(__name__)

_KEYBOARD = (0x01, 0x06)
_NETWORK_SECONDS = 1.0

DENIED = (
    "This user may not open it yet. The command bookwish-desk doctor says what to do; then plug it in again."
)
TYPES = "It types like a keyboard, so it works without being added."
NEEDS_SYSTEM = (
    "Only the system can drive it: add it to the printers of this computer, then choose that printer here."
)
KEPT_BY_WINDOWS = "Windows drives it: choose the printer of the system here instead."
OWNED = "It belongs to the system printer {queue}: use that."
ALIKE = "Two of these are plugged in and cannot be told apart: unplug one, or add both as system printers."
ONE_IS_READ = (
    "Two of these are plugged in and cannot be told apart, so only one of them is read. Set the other one to "
    "type like a keyboard, or to a serial line."
)
KEEP_SOCKET = "Two of these are alike and have no serial number: keep each in the socket where it is now."
SAYS_NOTHING = "It does not say what it is: choose, then print a test."
ADAPTER = "An adapter does not say what hangs on it: choose."


def find(
    *,
    usb: bool = True,
    hid: bool = True,
    serial: bool = True,
    queues: bool = True,
    network: bool = True,
    stopped: Callable[[], bool] = lambda: False,
) -> Search:
    """Return what is attached now, and a sentence for each part that could not be looked at.

    A printer on a cable that a queue of the system prints to is named once more as unusable: two drivers on
    one printer take it from each other. `network` waits a second for answers, the other parts take as long as
    the system takes. `stopped` ends the search after the part under way. Never raises.
    """
    found: list[Found] = []
    troubles: list[str] = []

    def look(wanted: bool, what: str, part: Callable[[], Iterable[Any]]) -> list[Any]:
        if not wanted or stopped():
            return []
        try:
            return list(part())
        except Exception as fault:  # a broken libusb, hidapi or CUPS must not hide the other devices
            log.warning("event=search part=%r fault=%s", what, type(fault).__name__, exc_info=True)
            troubles.append(f"{what} could not be looked at. Try again; the log says more.")
            return []

    system = look(usb or queues, "The printers of the system", system_queues)
    found += look(usb, "Printers on USB cables", lambda: _usb(system))
    found += look(hid, "Scanners and scales on USB cables", _hid)
    found += look(serial, "Serial ports", _serial)
    found += look(queues, "The printers of the system", lambda: map(_queue, system))
    found += look(network, "The network", _network)
    return Search(tuple(found), tuple(troubles))


# ---- printers on a cable ----


def _usb(system: list[SystemQueue]) -> Iterator[Found]:
    alike: dict[str, list[Found]] = {}
    for device in plugged():
        if device.is_printer():
            found = _usb_printer(device, system)
            alike.setdefault(found.address, []).append(found)
    for first, *others in alike.values():
        yield replace(first, note=ALIKE, usable=False) if others else first


def _usb_printer(device: Plugged, system: list[SystemQueue]) -> Found:
    serial = _serial_number(device.word("serial"))
    maker = clean(device.word("manufacturer"), 60) or guess.PRINTER_MAKERS.get(device.vendor, "")
    said = guess.read_device_id(device.device_id(ask=False))
    if not said.model:
        said = replace(said, maker=said.maker or maker, model=clean(device.word("product"), 80))
    # Asking takes the printer for a moment, which a job on its way might need: only where names do not tell.
    if guess.printer(said) is None or any(queue.uri.startswith(("usb:", "hp:")) for queue in system):
        asked = guess.read_device_id(device.device_id(ask=True))
        said = asked if asked.model else said
    likely = guess.printer(said, device.vendor)
    setup = likely.setup if likely else ReceiptPrinterSetup()
    role = likely.role if likely else "receipt_printer"
    entry = Found(
        address=write_address(Usb(device.vendor, device.product, serial)),
        role=role,
        name=said.name or "USB printer",
        detail=_joined(maker if maker not in said.name else "", serial and f"serial number {serial}"),
        setup=setup,
        note="" if likely else SAYS_NOTHING,
    )
    if queue := queue_for_usb(system, said.maker or maker, said.model, serial):
        return replace(entry, usable=False, note=OWNED.format(queue=queue))
    if sys.platform == "win32":
        return replace(entry, usable=False, note=KEPT_BY_WINDOWS)
    if role == "document_printer" or (isinstance(setup, LabelPrinterSetup) and setup.language == "system"):
        return replace(entry, usable=False, note=NEEDS_SYSTEM)
    if not may_open([device.node()]):
        return replace(entry, usable=False, note=DENIED)
    return entry


def _queue(queue: SystemQueue) -> Found:
    """Return a queue of the system: what its name and driver say it prints; pages where they say nothing."""
    words = clean(f"{queue.name} {queue.description} {queue.model} {unquote(queue.uri)}", 400)
    likely = guess.printer(guess.Said(model=words))
    return Found(
        address=write_address(Queue(queue.name)),
        role=likely.role if likely else "document_printer",
        name=clean(queue.description, 80) or clean(queue.name, 80),
        detail=_joined(f"system printer {clean(queue.name, 127)}", clean(queue.model, 80)),
        setup=likely.setup if likely else DocumentPrinterSetup(),
    )


def _network() -> Iterator[Found]:
    """Yield the receipt and label printers that tell of themselves; those for pages have their queues."""
    for printer in nearby(time.monotonic() + _NETWORK_SECONDS):
        words = {key: clean(value, 80) for key, value in printer.words.items()}
        model = words.get("usb_mdl") or words.get("ty") or clean(printer.name, 80)
        said = guess.Said(words.get("usb_mfg", ""), model, words.get("usb_cmd") or words.get("pdl", ""))
        likely = guess.printer(said)
        if likely is not None and likely.role == "document_printer":
            continue
        setup = likely.setup if likely else ReceiptPrinterSetup()
        address = write_address(Tcp(printer.host, printer.port))
        role = likely.role if likely else "receipt_printer"
        note = "" if likely else SAYS_NOTHING
        yield Found(address, role, said.name or "Printer in the network", in_words(address), setup, note)


# ---- scanners and scales ----


def _hid() -> Iterator[Found]:
    seen: dict[str, Found] = {}
    entries = sorted(hid_entries(), key=lambda e: e.page not in (SCANNER_PAGE, SCALE_PAGE))
    for entry in entries:
        if (found := _hid_device(entry)) is not None:
            seen.setdefault(found.address, replace(found, note=found.note or _alike(entry, entries)))
    yield from seen.values()


def _alike(entry: HidEntry, entries: Iterable[HidEntry]) -> str:
    """Return the note for a device of which there is another that has the same numbers and serial number."""
    alike = {e.path for e in entries if replace(e, path=entry.path) == entry}
    return ONE_IS_READ if len(alike) > 1 else ""


def _hid_device(entry: HidEntry) -> Found | None:
    """Return a scanner or a scale; None for any other device, a usual keyboard among them."""
    types = (entry.page, entry.usage) == _KEYBOARD and entry.vendor in guess.SCANNER_MAKERS
    if entry.page not in (SCANNER_PAGE, SCALE_PAGE) and not types:
        return None
    scale = entry.page == SCALE_PAGE
    makers = guess.SCALE_MAKERS if scale else guess.SCANNER_MAKERS
    serial = _serial_number(entry.serial)
    said = guess.Said(clean(entry.maker, 60) or makers.get(entry.vendor, ""), clean(entry.model, 80))
    kind = "scale" if scale else "scanner"
    found = Found(
        address=write_address(Hid(entry.vendor, entry.product, serial)),
        role="scale" if scale else "scanner",
        name=said.name if said.model else f"{said.maker} {kind}".strip().capitalize(),
        detail=f"serial number {serial}" if serial else "",
        setup=ScaleSetup() if scale else ScannerSetup(),
    )
    if types:
        return replace(found, note=TYPES, usable=False)
    if not may_open([Path(os.fsdecode(entry.path))]):
        return replace(found, note=DENIED, usable=False)
    return found


# ---- serial ports ----


def _serial() -> Iterator[Found]:
    from serial.tools.list_ports import comports

    ports = sorted(comports(), key=lambda port: str(port.device))
    alike = Counter(_adapter(port) for port in ports)
    for port in ports:
        adapter = _adapter(port)
        twin = adapter != "" and alike[adapter] > 1
        name = port.device if twin or not adapter else adapter
        yield _serial_port(port, write_address(Serial(name)), KEEP_SOCKET if twin else "")


def _adapter(port: Any) -> str:
    """Return `usb-VID-PID-SERIAL`, by which a USB adapter is found at any socket; empty for other ports."""
    if port.vid is None or port.pid is None:
        return ""
    return f"usb-{port.vid:04x}-{port.pid:04x}-{_serial_number(port.serial_number or '')}"


def _serial_port(port: Any, address: str, note: str) -> Found:
    said = guess.Said(clean(port.manufacturer or "", 60), clean(port.product or "", 80))
    likely = guess.serial(said.name, port.vid or 0)
    known = likely.role != "receipt_printer"
    entry = Found(
        address=address,
        role=likely.role,
        name=said.name or f"Serial port {port.device}",
        detail=_joined(port.device, port.serial_number and f"serial number {clean(port.serial_number, 60)}"),
        setup=likely.setup,
        note=note or ("" if known else ADAPTER),
    )
    if not may_open([Path(port.device)]):
        return replace(entry, note=DENIED, usable=False)
    return entry


def _serial_number(text: str) -> str:
    """Return a serial number as an address holds it; empty for one that is no text."""
    return text if text.isprintable() and len(text) <= 126 else ""


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
