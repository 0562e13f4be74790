"""The receipt printer at the first start: what is asked about it, and the device that answers make. Pure.

Everything else that can be attached is set up on the Devices screen, and this printer can be changed there.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bookwish_desk.shop.address import in_words
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.found import Found
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.settings.sections import register_input

ID = "receipt-printer"
NAME = "Receipt printer"

_NONE, _NETWORK, _SIMULATED = "none", "network", "simulated"
_NO_PRINTER = (_NONE, "No receipt printer")
_OTHERS = ((_NETWORK, "A printer on the network"), (_SIMULATED, "Simulated: drawn on the screen"))


def printers_among(found: Sequence[Found]) -> tuple[Found, ...]:
    """Return the receipt printers that can be used among what was found."""
    return tuple(f for f in found if f.role == "receipt_printer" and f.usable)


def inputs_of(printer: Device | None, register: str, found: Sequence[Found]) -> tuple[Input, ...]:
    """Return the questions about a register and its receipt printer, with what was found attached."""
    setup = _setup(printer)
    kind = _kind(printer)
    there = tuple((f.address, f"{f.name}, {in_words(f.address)}") for f in found)
    options = (_NO_PRINTER, *there, *_OTHERS)
    if kind not in dict(options):  # it was found before and has been unplugged meanwhile
        options = (*options, (kind, f"{NAME}, {in_words(kind)}"))
    typed = printer.address.removeprefix("tcp:") if printer and printer.scheme == "tcp" else ""
    return (
        register_input(register),
        Input("kind", "Receipt printer", "choice", kind, options=options),
        Input(
            "address",
            "Address of the printer",
            value=typed,
            hint="Such as 192.168.1.50 or printer.local:9100; for a printer on the network only",
            limit=260,
        ),
        Input(
            "paper_mm",
            "Paper",
            "choice",
            str(setup.paper_mm),
            options=(("80", "80 mm wide"), ("58", "58 mm wide")),
            half=True,
        ),
        Input(
            "drawer_pin",
            "Drawer plugged into the printer",
            "choice",
            str(setup.drawer_pin),
            options=(("2", "Opens on pin 2 (usual)"), ("5", "Opens on pin 5"), ("0", "No drawer")),
            half=True,
        ),
        Input("cutter", "The printer cuts the paper", "toggle", YES if setup.cutter else ""),
    )


def printer_of(values: Values, found: Sequence[Found]) -> Device | None:
    """Return the printer that was described, right or wrong; None where there is none."""
    kind = values.text("kind")
    if kind == _NONE:
        return None
    guess = next((f.setup for f in found if f.address == kind), None)
    setup = guess if isinstance(guess, ReceiptPrinterSetup) else ReceiptPrinterSetup()
    pins: dict[str, int] = {"2": 2, "5": 5, "0": 0}
    setup = replace(
        setup,
        paper_mm=58 if values.text("paper_mm") == "58" else 80,
        drawer_pin=pins.get(values.text("drawer_pin"), 2),
        cutter=values.on("cutter"),
    )
    address = {_NETWORK: f"tcp:{values.text('address').strip()}", _SIMULATED: "sim:"}.get(kind, kind)
    return Device(ID, NAME, address, setup, uses=("receipts",))


def in_a_line(printer: Device | None) -> str:
    """Return the printer in the summary of the first start."""
    if printer is None:
        return _NO_PRINTER[1]
    if printer.simulated:
        return dict(_OTHERS)[_SIMULATED]
    try:
        where = in_words(printer.address)
    except Refused:
        where = printer.address
    return f"{where}, {_setup(printer).paper_mm} mm paper"


def _setup(printer: Device | None) -> ReceiptPrinterSetup:
    there = printer.setup if printer else None
    return there if isinstance(there, ReceiptPrinterSetup) else ReceiptPrinterSetup()


def _kind(printer: Device | None) -> str:
    if printer is None:
        return _NONE
    return {"tcp": _NETWORK, "sim": _SIMULATED}.get(printer.scheme, printer.address)
