"""What a printer says of itself is read, and what it most likely is, guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.hardware.finding.guess import Said, printer, read_device_id, serial
from bookwish_desk.shop.device import (
    DocumentPrinterSetup,
    LabelPrinterSetup,
    ReceiptPrinterSetup,
    Setup,
)

RECEIPTS = ReceiptPrinterSetup()
NARROW = ReceiptPrinterSetup(paper_mm=58, cutter=False)
STAR = ReceiptPrinterSetup(language="star")
SYSTEM = LabelPrinterSetup(language="system", dpi=300)
PAGES = DocumentPrinterSetup()

# Device ids as printers of these makers write them.
IDS: list[tuple[str, Setup | None]] = [
    ("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;DES:EPSON TM-T20III;", RECEIPTS),
    ("MFG:EPSON;CMD:ESCPL2,BDC,D4,D4PX;MDL:XP-610 Series;CLS:PRINTER;", PAGES),
    ("MFG:Zebra Technologies ;CMD:ZPL;MDL:ZTC ZD421-203dpi ZPL;CLS:PRINTER;", LabelPrinterSetup()),
    ("MANUFACTURER:Zebra Technologies ;COMMAND SET:EPL;MODEL:ZTC LP2844;", LabelPrinterSetup(language="epl")),
    ("MFG:Zebra;CMD:EPL2,ZPL;MDL:LP 2844-Z;", LabelPrinterSetup()),
    ("MFG:Zebra;CMD:ZPL;MDL:ZTC GX430t-300dpi;", LabelPrinterSetup(dpi=300)),
    ("MFG:Star;CMD:STAR;MDL:TSP143 (STR_T-001);CLS:PRINTER;", STAR),
    ("MFG:Star;MDL:TSP143IIIU;", STAR),
    ("MFG:TSC;CMD:TSPL2;MDL:TDP-225;", LabelPrinterSetup(language="tspl")),
    ("MFG:Rollo;MDL:Rollo Printer;CLS:PRINTER;", LabelPrinterSetup(language="tspl")),
    ("MFG:Xprinter;MDL:XP-420B;", LabelPrinterSetup(language="tspl")),
    ("MFG:Xprinter;MDL:XP-80C;", RECEIPTS),
    ("MFG:ZJ;MDL:POS-58;", NARROW),
    ("MFG:Brother;CMD:PT-CBP;MDL:QL-800;CLS:PRINTER;", SYSTEM),
    ("MFG:DYMO;CMD:;MDL:LabelWriter 450;CLASS:PRINTER;", SYSTEM),
    ("MFG:Hewlett-Packard;CMD:PJL,PML,PCLXL,POSTSCRIPT,PDF,PCL;MDL:HP LaserJet Pro;", PAGES),
    ("MFG:Brother;CMD:PJL,PCL,PCLXL,URF;MDL:HL-L2350DW;CLS:PRINTER;", PAGES),
    ("MFG:BIXOLON;CMD:ESCPOS;MDL:SRP-350plusIII;", RECEIPTS),
    ("MFG:CITIZEN;MDL:CT-S310II;", RECEIPTS),
    ("MFG:Somebody;MDL:Something;", None),
    ("", None),
    (";;:;MFG;", None),
]


@pytest.mark.parametrize(("text", "setup"), IDS, ids=[text[:40] for text, _ in IDS])
def test_a_device_id_tells_what_it_is(text: str, setup: Setup | None) -> None:
    found = printer(read_device_id(text))
    assert (found and found.setup) == setup


@pytest.mark.parametrize(
    ("vendor", "setup"),
    [
        (0x04B8, RECEIPTS),
        (0x0519, STAR),
        (0x0A5F, LabelPrinterSetup()),
        (0x0922, SYSTEM),
        (0x04F9, None),
        (0x1234, None),
    ],
)
def test_where_it_says_nothing_the_maker_counts(vendor: int, setup: Setup | None) -> None:
    found = printer(Said(), vendor)
    assert (found and found.setup) == setup


def test_only_its_own_command_set_makes_sure() -> None:
    told = printer(Said("EPSON", "TM-T20", "ESC/POS"))
    named = printer(Said("EPSON", "TM-T20"))
    assert told is not None
    assert named is not None
    assert (told.sure, named.sure) == (True, False)


def test_a_maker_is_not_said_twice() -> None:
    assert Said("Zebra", "Zebra ZD421").name == "Zebra ZD421"
    assert Said("EPSON", "TM-T20").name == "EPSON TM-T20"
    assert Said("EPSON", "").name == "EPSON"
    assert Said().name == ""


@pytest.mark.parametrize(
    ("names", "vendor", "role"),
    [
        ("Honeywell Voyager 1450g", 0x0C2E, "scanner"),
        ("USB Barcode Scanner", 0, "scanner"),
        ("Pole Display", 0x0403, "line_display"),
        ("FT232R USB UART", 0x0403, "receipt_printer"),
        ("", 0, "receipt_printer"),
    ],
)
def test_a_serial_port_says_what_hangs_on_it_or_not(names: str, vendor: int, role: str) -> None:
    assert serial(names, vendor).role == role


@given(st.text(max_size=200), st.text(max_size=80))
def test_no_text_breaks_it_and_no_control_character_comes_through(text: str, model: str) -> None:
    said = read_device_id(f"MDL:{model};{text}")
    printer(said)
    assert said.name.isprintable()
