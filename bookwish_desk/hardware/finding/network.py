"""What answers at an address in the network: asked so that nothing comes out on paper, whatever it is.

The order of the questions is the point. SNMP first: it does not touch the printing port. Then DLE EOT 1,
three control characters: label printers pass over them, because they print only what stands in a format.
Then those of label printers, without the end of a line: to a receipt printer that said nothing they are text
in its line buffer, which CAN and ESC @ throw away (Epson, ESC/POS commands: ESC @ clears the print buffer).
ZPL comes last, since some EPL printers print an error at it (Cellivar/WebZLP#40). A page printer would print
the text, but those answer SNMP and are then asked nothing more.
"""

from __future__ import annotations

import re
import time

from msgspec.structs import replace

from bookwish_desk.hardware.finding import guess, snmp
from bookwish_desk.hardware.finding.guess import Guess, Said
from bookwish_desk.hardware.links.model import Link
from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.shop.address import Tcp, in_words, read_address, typed_address, write_address
from bookwish_desk.shop.device import LabelPrinterSetup, ReceiptPrinterSetup
from bookwish_desk.shop.found import Found
from bookwish_desk.shop.text import clean

SILENT = "Something takes jobs there but does not say what it is: choose, then print a test."
NO_PRINTER = "What answers there is no receipt or label printer."
FOR_PAGES = "It prints pages: add it to the printers of this computer, then choose that printer here."

_ANSWER_SECONDS = 0.7
_GREETING_SECONDS = 0.1
_DLE_EOT = b"\x10\x04\x01"
_MODEL, _MAKER = b"\x1dI\x43", b"\x1dI\x42"  # GS I 67 and 66: answered as "_", text, NUL
_TSPL_STATUS = b"\x1b!?"
_ZPL_IDENTITY = b"~HI"
_FORGET = b"\x18\x1b@"
_LONGEST = 200


def look_at(typed: str, deadline: float, *, snmp_port: int = snmp.PORT) -> Found:
    """Return what answers at an address as a person types it, within `deadline`.

    Raises Refused for what is no address, DeviceError when nothing answers there.
    """
    place = read_address(typed_address(typed))
    if not isinstance(place, Tcp):
        raise TypeError(place)
    link = TcpTransport(place.host, place.port).open(deadline)
    try:
        told = snmp.ask(place.host, min(deadline, time.monotonic() + _ANSWER_SECONDS), snmp_port)
        said = _said(told)
        likely = guess.printer(said)
        if likely is None or not (likely.sure or likely.role == "document_printer"):
            said, likely, note = _asked(link, deadline, said, likely)
            return _found(place, said, likely, note)
        return _found(place, said, likely, FOR_PAGES if likely.role == "document_printer" else "")
    finally:
        link.close(deadline)


def _said(told: snmp.Told) -> Said:
    said = guess.read_device_id(told.device_id)
    return said if said.model else replace(said, model=clean(told.description, 80))


def _asked(link: Link, deadline: float, said: Said, likely: Guess | None) -> tuple[Said, Guess | None, str]:
    """Ask at the printing port; return what it says, what it is, and a note where it stays unclear."""
    greeting = link.read(_LONGEST, _soon(deadline, _GREETING_SECONDS))
    if re.match(rb"[A-Za-z0-9]{3}[ -~]", greeting):  # SSH-2.0, 220 ready: some other service
        return Said(model=clean(greeting.decode("latin-1"), 40)), None, NO_PRINTER
    questions = [_escpos, _tspl, _zpl]
    if likely is not None and likely.role == "label_printer":
        questions.reverse()
    for question in questions:
        if answer := question(link, deadline):
            return *answer, ""
    link.write(_FORGET, deadline)
    return said, likely, SILENT


def _escpos(link: Link, deadline: float) -> tuple[Said, Guess] | None:
    """Ask as ESC/POS printers are asked: DLE EOT 1 answers 0xx1xx10 (Epson, DLE EOT)."""
    until = _soon(deadline)
    link.write(_DLE_EOT, until)
    while answer := link.read(1, until):
        if answer[0] & 0x93 == 0x12:
            break
    else:
        return None
    said = Said(_epson_words(link, _MAKER, deadline), _epson_words(link, _MODEL, deadline))
    # A clone that does not know GS I keeps its last letter for the next line.
    link.write(_FORGET, deadline)
    likely = guess.printer(said)
    if likely is None or likely.role == "document_printer":
        likely = Guess("receipt_printer", ReceiptPrinterSetup())
    return said, likely


def _tspl(link: Link, deadline: float) -> tuple[Said, Guess] | None:
    """Ask as TSPL printers are asked: ESC ! ? answers one byte at any time (TSC, TSPL/TSPL2: <ESC>!?)."""
    link.write(_TSPL_STATUS, deadline)
    if not link.read(1, _soon(deadline)):
        return None
    return Said(model="TSPL label printer"), Guess("label_printer", LabelPrinterSetup(language="tspl"))


def _zpl(link: Link, deadline: float) -> tuple[Said, Guess] | None:
    """Ask as ZPL printers are asked: ~HI answers STX model,version,dots a mm,memory,options ETX."""
    link.write(_ZPL_IDENTITY, deadline)
    words = _until(link, b"\x03", deadline)
    if not words.startswith(b"\x02"):
        return None
    fields = words.strip(b"\x02\x03\r\n").decode("latin-1").split(",")
    fine = len(fields) > 2 and fields[2].strip() == "12"
    setup = LabelPrinterSetup(language="zpl", dpi=300 if fine else 203)
    return Said(model=clean(fields[0], 60) or "ZPL label printer"), Guess("label_printer", setup)


def _epson_words(link: Link, question: bytes, deadline: float) -> str:
    link.write(question, deadline)
    words = _until(link, b"\0", deadline)
    return clean(words[1:-1].decode("latin-1"), 60) if words.startswith(b"_") else ""


def _until(link: Link, end: bytes, deadline: float) -> bytes:
    """Return what is read up to `end`, or up to where it breaks off."""
    until, words = _soon(deadline), b""
    while not words.endswith(end) and len(words) < _LONGEST and (more := link.read(1, until)):
        words += more
    return words


def _soon(deadline: float, seconds: float = 0.0) -> float:
    return min(deadline, time.monotonic() + (seconds or _ANSWER_SECONDS))


def _found(place: Tcp, said: Said, likely: Guess | None, note: str) -> Found:
    address = write_address(place)
    found = likely or Guess("receipt_printer", ReceiptPrinterSetup())
    name = said.name or ("Device in the network" if likely is None else "Printer in the network")
    usable = note not in (NO_PRINTER, FOR_PAGES)
    return Found(address, found.role, name, in_words(address), found.setup, note, usable)
