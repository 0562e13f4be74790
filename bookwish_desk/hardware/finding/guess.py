"""What a device most likely is, from what it says of itself: pure reading, nothing is asked or opened here.

A guess is where a person starts; the test page says whether it was right.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from bookwish_desk.shop.device import (
    DocumentPrinterSetup,
    LabelPrinterSetup,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    Role,
    ScannerSetup,
    Setup,
)
from bookwish_desk.shop.text import clean

SCANNER_MAKERS = {
    0x05E0: "Zebra",
    0x05F9: "Datalogic",
    0x065A: "Opticon",
    0x0C2E: "Honeywell",
    0x0536: "Honeywell",
    0x1EAB: "Newland",
    0x0F02: "Unitech",
    0x11FA: "Socket Mobile",
    0x1A0A: "Code",
    0x24EA: "Symcode",
    0x27DD: "Mindeo",
}
"""USB makers of scanners; some make other things too, so the number alone is no proof."""

SCALE_MAKERS = {
    0x0922: "Dymo",
    0x0B67: "Fairbanks",
    0x0EB8: "Mettler Toledo",
    0x1446: "Stamps.com",
    0x6096: "Avery Berkel",
    0x7B7C: "USPS",
}
"""USB makers of scales."""

PRINTER_MAKERS = {
    0x04B8: "Epson",
    0x0519: "Star",
    0x1504: "Bixolon",
    0x1D90: "Citizen",
    0x0A5F: "Zebra",
    0x0922: "Dymo",
    0x04F9: "Brother",
    0x1203: "TSC",
    0x0DD4: "Custom",
    0x20D1: "Rongta",
    0x154F: "SNBC",
    0x0416: "Receipt printer",
    0x0FE6: "Receipt printer",
    0x28E9: "Receipt printer",
    0x6868: "Receipt printer",
}
"""USB makers of receipt and label printers, and chips that only receipt printers without a maker have."""

_DOCUMENTS = ("PCL", "POSTSCRIPT", "PDF", "PWG", "URF", "ESCPL2", "BJL", "BJRASTER", "XPS", "HBP", "SPL")
_ZPL = re.compile(r"\bZ[DTQE]\d{3}|\bG[KX]\d{3}|\bGC420|ZEBRA|ZDESIGNER|\bZPL|\bLP ?2824|\bZP ?\d{3}")
_EPL = re.compile(r"\bEPL|\b[LT]L?P ?28\d\d\b(?!-Z)")
_TSPL = re.compile(
    r"\bTSPL|\bTSC\b|\bT[TD]P-\d|\bT[EAX]2\d\d|ROLLO|MUNBYN|JADENS|IDPRT|ITPP|PHOMEMO|POLONO|NELKO|\bXP-?[34]\d\d"
)
_SYSTEM = re.compile(r"DYMO|LABELWRITER|\bQL-?\d{3}|\bPT-|\bTD-\d{4}|LABEL")
_STAR_PICTURES = re.compile(r"\bTSP-?1\d\d|FUTUREPRNT")
_RECEIPTS = re.compile(
    r"ESC/?POS|\bTM-|\bTSP|\bSRP|\bCT-?[SED]\d|\bRP\d|\bPOS\b|POS-?\d\d|RECEIPT|\bXP-?[NQTCS]?\d\d[A-Z]*\b|\bRONGTA"
    r"|THERMAL|SUNMI|ELLIX|\bSLK|MPOP|\bBSC-?10|80 ?MM|58 ?MM|\bVKP|KUBE"
)
_NARROW = re.compile(r"58|\b57 ?MM")
_DISPLAYS = re.compile(r"DISPLAY|\bDM-D|\bVFD|\bPOLE\b|\bBCD-|\bLCD")


class Said(msgspec.Struct, frozen=True):
    """What a printer says of itself: IEEE 1284 device id, or names from elsewhere in its place."""

    maker: str = ""
    model: str = ""
    commands: str = ""

    @property
    def name(self) -> str:
        """Return what people call it; empty where it said nothing."""
        if not self.maker or self.maker.casefold() in self.model.casefold():
            return self.model or self.maker
        return f"{self.maker} {self.model}".strip()


class Guess(msgspec.Struct, frozen=True):
    """What a device most likely is; `sure` says that it named its language itself."""

    role: Role
    setup: Setup
    sure: bool = False


def read_device_id(text: str) -> Said:
    """Return what an IEEE 1284 device id says: `MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;`.

    Keys have a short and a long name (USB printer class 1.1, 4.2.1); what is missing stays empty.
    """
    said: dict[str, str] = {}
    for part in text.split(";"):
        key, colon, value = part.partition(":")
        if colon:
            said.setdefault(clean(key).upper(), clean(value, 120))
    return Said(
        said.get("MFG") or said.get("MANUFACTURER", ""),
        said.get("MDL") or said.get("MODEL") or said.get("DES") or said.get("DESCRIPTION", ""),
        said.get("CMD") or said.get("COMMAND SET", ""),
    )


def printer(said: Said, vendor: int = 0) -> Guess | None:
    """Return what a printer most likely is and how it is driven; None where nothing tells.

    The command set counts most, then the model's name, then the maker's USB number.
    """
    commands, names = said.commands.upper(), f"{said.maker} {said.model}".upper()
    if sure := _by_language(commands, names):
        return msgspec.structs.replace(sure, sure=True)
    return _by_language(names, names) or _by_name(names) or _by_maker(vendor)


def serial(names: str, vendor: int) -> Guess:
    """Return what most likely hangs on a serial port.

    An adapter without a maker of scanners or displays behind it says nothing: then it is a receipt printer.
    """
    upper = names.upper()
    if vendor in SCANNER_MAKERS or re.search(r"SCANNER|BARCODE", upper):
        return Guess("scanner", ScannerSetup())
    if _DISPLAYS.search(upper):
        return Guess("line_display", LineDisplaySetup())
    return Guess("receipt_printer", _receipts(upper))


def _by_language(text: str, names: str) -> Guess | None:
    """Return what a command set (or a name with one in it) says."""
    if re.search(r"\bZPL", text):
        return Guess("label_printer", LabelPrinterSetup(language="zpl", dpi=_dpi(names)))
    if re.search(r"\bTSPL", text):
        return Guess("label_printer", LabelPrinterSetup(language="tspl", dpi=_dpi(names)))
    if re.search(r"\bEPL", text):
        return Guess("label_printer", LabelPrinterSetup(language="epl", dpi=_dpi(names)))
    if re.search(r"ESC/?POS|\bEPOS\b", text):
        return Guess("receipt_printer", _receipts(names))
    if re.search(r"\bSTAR\b", text) and not _SYSTEM.search(names):
        return Guess("receipt_printer", msgspec.structs.replace(_receipts(names), language="star"))
    if any(word in re.split(r"[^A-Z0-9]+", text) for word in _DOCUMENTS) or "POSTSCRIPT" in text:
        return Guess("document_printer", DocumentPrinterSetup())
    return None


def _by_name(names: str) -> Guess | None:
    if _SYSTEM.search(names):
        return Guess("label_printer", LabelPrinterSetup(language="system", dpi=300))
    if _EPL.search(names):
        return Guess("label_printer", LabelPrinterSetup(language="epl", dpi=_dpi(names)))
    if _ZPL.search(names):
        return Guess("label_printer", LabelPrinterSetup(language="zpl", dpi=_dpi(names)))
    if _TSPL.search(names):
        return Guess("label_printer", LabelPrinterSetup(language="tspl", dpi=_dpi(names)))
    if _STAR_PICTURES.search(names):
        return Guess("receipt_printer", msgspec.structs.replace(_receipts(names), language="star"))
    if _RECEIPTS.search(names):
        return Guess("receipt_printer", _receipts(names))
    return None


def _by_maker(vendor: int) -> Guess | None:
    if vendor in (0x0A5F, 0x1203):
        return Guess("label_printer", LabelPrinterSetup(language="zpl" if vendor == 0x0A5F else "tspl"))
    if vendor == 0x0922:
        return Guess("label_printer", LabelPrinterSetup(language="system", dpi=300))
    if vendor == 0x04F9 or vendor not in PRINTER_MAKERS:
        return None
    return Guess("receipt_printer", ReceiptPrinterSetup(language="star" if vendor == 0x0519 else "escpos"))


def _receipts(names: str) -> ReceiptPrinterSetup:
    """Return the setup of a receipt printer: 58 mm where its name says so; those have no cutter."""
    if _NARROW.search(names):
        return ReceiptPrinterSetup(paper_mm=58, cutter=False)
    return ReceiptPrinterSetup()


def _dpi(names: str) -> Literal[203, 300]:
    return 300 if re.search(r"\b300 ?DPI|-300\b", names) else 203
