"""How devices are set up, as questions, and what was answered as setups. Pure: no Qt, no device."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.address import in_words, typed_address
from bookwish_desk.shop.device import (
    CustomerScreenSetup,
    Device,
    DocumentPrinterSetup,
    LabelPrinterSetup,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    Role,
    ScaleSetup,
    ScannerSetup,
    Setup,
)
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.ui.forms.inputs import YES, Input, Values

DEFAULTS: dict[Role, Setup] = {
    "receipt_printer": ReceiptPrinterSetup(),
    "label_printer": LabelPrinterSetup(),
    "document_printer": DocumentPrinterSetup(),
    "scanner": ScannerSetup(),
    "scale": ScaleSetup(),
    "line_display": LineDisplaySetup(),
    "customer_screen": CustomerScreenSetup(),
}
"""The setup that a device of each kind begins with where nothing is known of it."""

SHIPPING_MM = (100.0, 150.0)
"""A label at least this wide and high is a shipping label (4x6 inches)."""

_CODE_PAGES = (
    ("cp858", "858, Western Europe with the euro"),
    ("cp437", "437, United States"),
    ("cp1252", "1252, Windows"),
)
_SPEEDS = ("1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200")
_LEAST_MM, _MOST_MM, _MOST_GAP_MM = 10.0, 300.0, 50.0
_DECIMAL = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?", re.ASCII)


def default(role: Role, scheme: str) -> Setup:
    """Return the setup to begin with for a kind of device at an address of this scheme."""
    if role == "label_printer" and scheme == "queue":
        return LabelPrinterSetup(language="system")
    return DEFAULTS[role]


# ---- questions ----


def questions(device: Device, printers: Iterable[Device] = ()) -> tuple[Input, ...]:
    """Return what is asked about a device, with what is in force.

    `printers` are the receipt printers that a display can be plugged into.
    """
    setup, scheme = device.setup, device.scheme
    asked: tuple[Input, ...] = ()
    if scheme == "tcp":
        asked = (_address(device.address),)
    match setup:
        case ReceiptPrinterSetup():
            asked += _receipt(setup)
        case LabelPrinterSetup():
            asked += _label(setup, scheme)
        case DocumentPrinterSetup():
            papers = (("letter", "Letter, 8.5 x 11 inches"), ("a4", "A4, 210 x 297 mm"))
            asked += (_choice("paper", "Paper", setup.paper, papers, half=True),)
        case LineDisplaySetup():
            asked += _display(setup, scheme, printers)
        case _:
            pass
    if scheme == "serial" and hasattr(setup, "baud"):
        asked += (_speed(setup.baud),)
    return asked


def _choice(
    key: str,
    label: str,
    value: object,
    options: tuple[tuple[str, str], ...],
    hint: str = "",
    *,
    half: bool = False,
) -> Input:
    return Input(key, label, "choice", str(value), hint, options, half=half)


def _toggle(key: str, label: str, on: bool, hint: str = "") -> Input:
    return Input(key, label, "toggle", YES if on else "", hint)


def _address(address: str) -> Input:
    hint = "Such as 192.168.1.50 or 192.168.1.50:9101"
    return Input("address", "Address", value=in_words(address), hint=hint, limit=260)


def _speed(baud: int) -> Input:
    speeds = _SPEEDS if str(baud) in _SPEEDS else (str(baud), *_SPEEDS)
    options = tuple((s, f"{s} baud") for s in speeds)
    return _choice("baud", "Speed", baud, options, "As it is set at the device; 9600 is usual", half=True)


def _receipt(s: ReceiptPrinterSetup) -> tuple[Input, ...]:
    pins = (("2", "Opens on pin 2 (usual)"), ("5", "Opens on pin 5"), ("0", "No drawer is plugged in"))
    papers = (("80", "80 mm wide"), ("58", "58 mm wide"))
    languages = (("escpos", "ESC/POS: Epson and most others"), ("star", "Star: TSP100 and TSP143"))
    return (
        _choice("paper_mm", "Paper", s.paper_mm, papers, half=True),
        _choice("drawer_pin", "Drawer", s.drawer_pin, pins, half=True),
        _choice("code_page", "Letters the printer has", s.code_page, _CODE_PAGES),
        _choice("language", "Speaks", s.language, languages),
        _toggle("cutter", "The printer cuts the paper", s.cutter),
        _toggle(
            "drawer_sensor",
            "The drawer tells when it is open",
            s.drawer_sensor,
            "Only where the drawer's cable has a wire for it. Then it is said when the drawer stays open.",
        ),
        _toggle(
            "raster_only",
            "Print every line as a picture",
            s.raster_only,
            "For printers that print wrong letters. Slower.",
        ),
        _toggle(
            "asks",
            "Ask the printer how it is",
            s.asks,
            "Turn this off for a printer that stops working when it is asked. Then receipts end as sent.",
        ),
    )


def _label(s: LabelPrinterSetup, scheme: str) -> tuple[Input, ...]:
    languages: tuple[tuple[str, str], ...] = (
        ("zpl", "ZPL: Zebra and compatible"),
        ("tspl", "TSPL: Rollo, Munbyn, TSC, Xprinter"),
        ("epl", "EPL: old Zebra and Eltron"),
    )
    if scheme == "queue":
        languages = (("system", "The system's driver: Dymo, Brother and others"), *languages)
    dots = (("203", "203 dpi (usual)"), ("300", "300 dpi"))
    asked: tuple[Input, ...] = (
        _choice("language", "Speaks", s.language, languages),
        Input(
            "width_mm",
            "Width of a label, mm",
            value=_shown(s.width_mm),
            hint="Across the roll, such as 57",
            half=True,
            limit=6,
        ),
        Input(
            "height_mm",
            "Height of a label, mm",
            value=_shown(s.height_mm),
            hint="Such as 32; shipping labels are 101.6 x 152.4",
            half=True,
            limit=6,
        ),
        Input(
            "gap_mm",
            "Gap between two labels, mm",
            value=_shown(s.gap_mm),
            hint="0 for a roll without gaps",
            half=True,
            limit=6,
        ),
        _choice("dpi", "Resolution", s.dpi, dots, half=True),
    )
    if scheme != "queue":
        words = "Turn this off for a printer that stops working when it is asked. Then labels end as sent."
        asked += (_toggle("asks", "Ask the printer how it is", s.asks, words),)
    if s.language == "zpl":
        words = "Turn this off for a printer that prints signs and letters instead of a picture. Slower."
        asked += (_toggle("compressed", "Send pictures packed", s.compressed, words),)
    return asked


def _display(s: LineDisplaySetup, scheme: str, printers: Iterable[Device]) -> tuple[Input, ...]:
    asked: tuple[Input, ...] = (_choice("code_page", "Letters it has", s.code_page, _CODE_PAGES, half=True),)
    if scheme == "printer":
        options = tuple((p.id, p.name) for p in printers)
        asked = (_choice("behind", "Plugged into", s.behind, options, half=True), *asked)
    return asked


def _shown(mm: float) -> str:
    return f"{mm:.2f}".rstrip("0").rstrip(".")


# ---- answers ----


def answered(device: Device, values: Values) -> tuple[Device, dict[str, str]]:
    """Return the device as it was described, and a sentence for each answer that is none."""
    errors: dict[str, str] = {}
    address = device.address
    if "address" in values.texts:
        try:
            address = typed_address(values.text("address"))
        except ShopError as error:
            errors["address"] = error.message
    changes: dict[str, Any] = {}
    for field in msgspec.structs.fields(device.setup):
        name = field.encode_name
        if name not in values.texts:
            continue
        now = getattr(device.setup, name)
        if isinstance(now, bool):
            changes[name] = values.on(name)
        elif isinstance(now, float):
            try:
                changes[name] = _millimetres(values.text(name), gap=name == "gap_mm")
            except ValueError as fault:
                errors[name] = str(fault)
        elif isinstance(now, int):
            changes[name] = values.whole(name)
        else:
            changes[name] = values.text(name)
    return replace(device, address=address, setup=replace(device.setup, **changes)), errors


def _millimetres(typed: str, *, gap: bool) -> float:
    text = typed.strip().removesuffix("mm").strip()
    least, most = (0.0, _MOST_GAP_MM) if gap else (_LEAST_MM, _MOST_MM)
    if not _DECIMAL.fullmatch(text) or not least <= (mm := float(text.replace(",", "."))) <= most:
        raise ValueError(
            f"Type millimetres from {least:g} to {most:g}, such as {'3' if gap else '57 or 101.6'}."
        )
    return mm
