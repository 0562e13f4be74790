"""What is attached is found, named and guessed; what is broken hides nothing else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.hardware.finding import discovery
from bookwish_desk.hardware.finding.discovery import (
    ADAPTER,
    ALIKE,
    DENIED,
    KEEP_SOCKET,
    NEEDS_SYSTEM,
    TYPES,
    find,
)
from bookwish_desk.hardware.finding.nearby import Nearby
from bookwish_desk.hardware.finding.presence import Presence
from bookwish_desk.hardware.links.model import SystemQueue
from bookwish_desk.hardware.scanning.hid import HidEntry
from bookwish_desk.shop.address import read_address
from bookwish_desk.shop.device import (
    Device,
    DocumentPrinterSetup,
    LabelPrinterSetup,
    ReceiptPrinterSetup,
    ScaleSetup,
    ScannerSetup,
)
from bookwish_desk.shop.found import Found, Search
from tests.hardware.hands import usb_bed


class Plug(msgspec.Struct):
    """One device on the bus, as `usb_bus.Plugged` tells it."""

    vendor: int = 0x04B8
    product: int = 0x0E28
    serial: str = "X3"
    maker: str = "EPSON"
    model: str = "TM-T20III"
    identity: str = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;"
    driver: bool = True
    asked: int = 0
    printer: bool = True
    path: Path = Path("/dev/bus/usb/001/004")

    def word(self, what: str) -> str:
        return {"serial": self.serial, "manufacturer": self.maker, "product": self.model}[what]

    def is_printer(self) -> bool:
        return self.printer

    def device_id(self, *, ask: bool) -> str:
        self.asked += ask
        return self.identity if ask or self.driver else ""

    def node(self) -> Path:
        return self.path


class Attached(msgspec.Struct):
    """What is attached: change the lists to plug in and pull out."""

    usb: list[Plug] = []
    hid: list[HidEntry] = []
    ports: list[SimpleNamespace] = []
    queues: list[SystemQueue] = []
    network: list[Nearby] = []


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> Attached:
    """Give what is attached to the computer: nothing, at first."""
    there = Attached()
    monkeypatch.setattr(discovery, "plugged", lambda: iter(there.usb))
    monkeypatch.setattr(discovery, "hid_entries", lambda: tuple(there.hid))
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: there.ports)
    monkeypatch.setattr(discovery, "system_queues", lambda: tuple(there.queues))
    monkeypatch.setattr(discovery, "nearby", lambda _deadline: tuple(there.network))
    monkeypatch.setattr(discovery, "may_open", lambda _paths: True)
    monkeypatch.setattr("sys.platform", "linux")
    return there


def port(device: str, vid: int | None = None, pid: int | None = None, **named: Any) -> SimpleNamespace:
    names = {"serial_number": None, "manufacturer": None, "product": None, **named}
    return SimpleNamespace(device=device, vid=vid, pid=pid, **names)


def only(search: Search) -> Found:
    assert search.troubles == ()
    (found,) = search.found
    read_address(found.address)
    return found


def test_nothing_is_attached(attached: Attached) -> None:
    assert find() == Search()


# ---- USB ----


def test_a_usb_printer_is_named_and_guessed(attached: Attached) -> None:
    attached.usb += [Plug(), Plug(vendor=0x046D, printer=False)]
    assert only(find()) == Found(
        "usb:04b8:0e28:X3", "receipt_printer", "EPSON TM-T20III", "serial number X3", ReceiptPrinterSetup()
    )


def test_one_that_keeps_its_device_id_is_guessed_by_its_names(attached: Attached) -> None:
    attached.usb.append(Plug(vendor=0x0A5F, maker="Zebra", model="ZTC ZD421", identity="", serial=""))
    found = only(find())
    assert (found.address, found.name, found.detail) == ("usb:0a5f:0e28:", "Zebra ZTC ZD421", "")
    assert found.setup == LabelPrinterSetup(language="zpl")


def test_one_is_asked_only_where_its_names_do_not_tell(attached: Attached) -> None:
    plain = Plug(driver=False, identity="MFG:EPSON;CMD:ESC/POS;MDL:never asked;")
    odd = Plug(driver=False, maker="USB", model="Printing Support", identity="MFG:TSC;CMD:TSPL;MDL:TDP-225;")
    attached.usb += [plain, replace(odd, serial="X4")]
    assert [found.name for found in find().found] == ["EPSON TM-T20III", "TSC TDP-225"]
    assert [plug.asked for plug in attached.usb] == [0, 1]


def test_one_that_says_nothing_is_left_to_the_person(attached: Attached) -> None:
    attached.usb.append(Plug(vendor=0x1234, maker="", model="", identity="", serial=""))
    found = only(find())
    assert (found.role, found.name, found.usable) == ("receipt_printer", "USB printer", True)
    assert found.note == discovery.SAYS_NOTHING


@pytest.mark.parametrize(
    "identity", ["MFG:Brother;CMD:PT-CBP;MDL:QL-800;", "MFG:HP;CMD:PJL,PCL,POSTSCRIPT;MDL:LaserJet;"]
)
def test_one_that_only_the_system_drives_is_not_used_past_it(attached: Attached, identity: str) -> None:
    attached.usb.append(Plug(identity=identity))
    found = only(find())
    assert (found.usable, found.note) == (False, NEEDS_SYSTEM)


@pytest.mark.parametrize(
    "uri",
    ["usb://EPSON/TM-T20III?serial=X3", "usb://EPSON/TM-T20III", "usb://epson/TM%20T20III"],
)
def test_a_printer_of_the_system_is_used_through_the_system_only(attached: Attached, uri: str) -> None:
    attached.usb.append(Plug())
    attached.queues.append(SystemQueue("Till", uri, "Till printer", "EPSON TM-T20III"))
    on_cable, queue = find().found
    assert (on_cable.address, on_cable.usable) == ("usb:04b8:0e28:X3", False)
    assert on_cable.note == "It belongs to the system printer Till: use that."
    assert (queue.address, queue.role, queue.usable) == ("queue:Till", "receipt_printer", True)
    assert not find(queues=False).found[0].usable, "also where queues are not asked for"


def test_a_queue_of_another_printer_takes_nothing(attached: Attached) -> None:
    attached.usb.append(Plug())
    attached.queues.append(SystemQueue("Other", "usb://EPSON/TM-T20III?serial=OTHER", "", ""))
    assert find().found[0].usable


def test_two_that_cannot_be_told_apart_are_named_once(attached: Attached) -> None:
    attached.usb += [Plug(serial=""), Plug(serial="", path=Path("/dev/bus/usb/001/005"))]
    found = only(find())
    assert (found.note, found.usable) == (ALIKE, False)


def test_two_with_serial_numbers_are_two(attached: Attached) -> None:
    attached.usb += [Plug(serial="A"), Plug(serial="B")]
    assert [f.address for f in find().found] == ["usb:04b8:0e28:A", "usb:04b8:0e28:B"]


def test_windows_keeps_printers_on_cables(attached: Attached, monkeypatch: pytest.MonkeyPatch) -> None:
    attached.usb.append(Plug())
    monkeypatch.setattr("sys.platform", "win32")
    found = only(find())
    assert (found.note, found.usable) == (discovery.KEPT_BY_WINDOWS, False)


def test_what_this_user_may_not_open_is_said(attached: Attached, monkeypatch: pytest.MonkeyPatch) -> None:
    attached.usb.append(Plug())
    attached.hid.append(HidEntry(b"/dev/hidraw0", 0x0C2E, 0x0B61, "H1", 0x8C, 2, "Honeywell", "Voyager"))
    attached.ports.append(port("/dev/ttyACM0", 0x05F9, 0x4204))
    asked: list[Path] = []
    monkeypatch.setattr(discovery, "may_open", asked.extend)
    assert [(f.note, f.usable) for f in find().found] == [(DENIED, False)] * 3
    assert asked == [Path("/dev/bus/usb/001/004"), Path("/dev/hidraw0"), Path("/dev/ttyACM0")]


def test_text_of_a_device_is_cleaned(attached: Attached) -> None:
    attached.usb.append(Plug(serial="A\x1b\n", maker="E\x1b[31m", model="T\u202eM\x00", identity=""))
    attached.ports.append(port("/dev/ttyUSB0", 1, 2, serial_number="\x07", product="\x1b]0;x\x07"))
    for found in find().found:
        assert found.address.isprintable()
        assert (found.name + found.detail + found.note).isprintable()


# ---- scanners and scales ----


def test_scanners_and_scales_are_found_by_their_use(attached: Attached) -> None:
    attached.hid += [
        HidEntry(b"/dev/hidraw0", 0x0C2E, 0x0B61, "H1", 0x8C, 2, "Honeywell", "Voyager"),
        HidEntry(b"/dev/hidraw1", 0x0922, 0x8003, "", 0x8D, 0x20),
        HidEntry(b"/dev/hidraw2", 0x046D, 0xC31C, "", 0x01, 0x06, "Logitech", "Keyboard"),
    ]
    scanner, scale = find().found
    assert scanner == Found(
        "hid:0c2e:0b61:H1", "scanner", "Honeywell Voyager", "serial number H1", ScannerSetup()
    )
    assert (scale.address, scale.role, scale.name) == ("hid:0922:8003:", "scale", "Dymo scale")
    assert scale.setup == ScaleSetup()


def test_a_scanner_that_types_needs_no_adding(attached: Attached) -> None:
    keyboard = HidEntry(b"/dev/hidraw0", 0x05E0, 0x1200, "", 0x01, 0x06, "Symbol", "Bar Code Scanner")
    attached.hid.append(keyboard)
    found = only(find())
    assert (found.name, found.note, found.usable) == ("Symbol Bar Code Scanner", TYPES, False)
    attached.hid.append(replace(keyboard, page=0x8C, usage=2))
    assert only(find()).usable, "its own line counts more than its keyboard"


def test_of_two_scanners_that_are_alike_it_is_said_that_one_is_read(attached: Attached) -> None:
    one = HidEntry(b"/dev/hidraw0", 0x1EAB, 0x0310, "", 0x8C, 2, "Newland", "HR22")
    attached.hid += [one, replace(one, usage=3)]
    assert only(find()).note == ""
    attached.hid.append(replace(one, path=b"/dev/hidraw1"))
    found = only(find())
    assert (found.note, found.usable) == (discovery.ONE_IS_READ, True)


# ---- serial ports ----


def test_serial_ports_say_what_hangs_on_them_where_they_know(attached: Attached) -> None:
    attached.ports += [
        port("/dev/ttyUSB0", 0x0403, 0x6001, serial_number="A1", manufacturer="FTDI", product="FT232R"),
        port("/dev/ttyACM0", 0x05F9, 0x4204, product="Handheld Scanner"),
        port("/dev/ttyS0"),
    ]
    scanner, plain, adapter = find().found
    assert (scanner.address, scanner.role, scanner.note) == ("serial:usb-05f9-4204-", "scanner", "")
    assert (plain.address, plain.name, plain.note) == ("serial:/dev/ttyS0", "Serial port /dev/ttyS0", ADAPTER)
    assert (adapter.address, adapter.name) == ("serial:usb-0403-6001-A1", "FTDI FT232R")
    assert adapter.detail == "/dev/ttyUSB0, serial number A1"


def test_two_adapters_without_a_serial_number_keep_their_ports(attached: Attached) -> None:
    attached.ports += [port("/dev/ttyUSB1", 0x1A86, 0x7523), port("/dev/ttyUSB0", 0x1A86, 0x7523)]
    found = find().found
    assert [f.address for f in found] == ["serial:/dev/ttyUSB0", "serial:/dev/ttyUSB1"]
    assert {f.note for f in found} == {KEEP_SOCKET}


# ---- queues ----


@pytest.mark.parametrize(
    ("queue", "setup"),
    [
        (SystemQueue("Zebra_ZD421", "usb://Zebra/ZD421", "", "Zebra ZPL Label Printer"), LabelPrinterSetup()),
        (SystemQueue("DYMO", "", "DYMO LabelWriter 4XL", ""), LabelPrinterSetup(language="system", dpi=300)),
        (SystemQueue("TM-T20", "socket://192.168.1.50", "", "Local Raw Printer"), ReceiptPrinterSetup()),
        (SystemQueue("Office", "ipp://brother.local/ipp", "Brother HL-L2350DW", ""), DocumentPrinterSetup()),
    ],
    ids=lambda value: value.name if isinstance(value, SystemQueue) else "",
)
def test_a_queue_prints_what_its_names_say(attached: Attached, queue: SystemQueue, setup: object) -> None:
    attached.queues.append(queue)
    found = only(find())
    assert found.address == f"queue:{queue.name}"
    assert found.setup == setup
    assert found.detail.startswith(f"system printer {queue.name}")


# ---- the network ----


def test_printers_that_tell_of_themselves_are_found(attached: Attached) -> None:
    attached.network += [
        Nearby(
            "192.168.1.50", 9100, "Till", {"usb_mfg": "EPSON", "usb_mdl": "TM-m30II", "ty": "EPSON TM-m30II"}
        ),
        Nearby("192.168.1.51", 9100, "Labels", {"ty": "Zebra ZD421"}),
        Nearby("192.168.1.52", 9100, "Office", {"ty": "HP LaserJet", "pdl": "application/postscript"}),
        Nearby("192.168.1.53", 9101, "Kit\x1bchen", {}),
    ]
    till, labels, unknown = find().found
    assert till == Found(
        "tcp:192.168.1.50:9100", "receipt_printer", "EPSON TM-m30II", "192.168.1.50", till.setup
    )
    assert labels.setup == LabelPrinterSetup(language="zpl")
    assert (unknown.name, unknown.detail, unknown.usable) == ("Kitchen", "192.168.1.53:9101", True)
    assert unknown.note == discovery.SAYS_NOTHING


# ---- the search itself ----


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("bookwish_desk.hardware.finding.discovery.plugged", "Printers on USB cables"),
        ("bookwish_desk.hardware.finding.discovery.hid_entries", "Scanners and scales on USB cables"),
        ("serial.tools.list_ports.comports", "Serial ports"),
        ("bookwish_desk.hardware.finding.discovery.system_queues", "The printers of the system"),
        ("bookwish_desk.hardware.finding.discovery.nearby", "The network"),
    ],
)
def test_a_part_that_is_broken_is_said_and_hides_no_other(
    attached: Attached, monkeypatch: pytest.MonkeyPatch, broken: str, said: str
) -> None:
    attached.usb.append(Plug())
    attached.hid.append(HidEntry(b"/dev/hidraw0", 0x0C2E, 0x0B61, "H1", 0x8C, 2))
    attached.ports.append(port("/dev/ttyS0"))
    attached.queues.append(SystemQueue("Office"))
    attached.network.append(Nearby("192.168.1.50", 9100, "Kitchen", {}))
    assert len(find().found) == 5

    def fail(*_deadline: float) -> None:
        raise OSError("broken")

    monkeypatch.setattr(broken, fail)
    search = find()
    assert len(search.found) == 4
    assert search.troubles == (f"{said} could not be looked at. Try again; the log says more.",)


def test_only_what_is_asked_for_is_looked_at(attached: Attached) -> None:
    attached.usb.append(Plug())
    attached.hid.append(HidEntry(b"/dev/hidraw0", 0x0C2E, 0x0B61, "H1", 0x8C, 2))
    attached.ports.append(port("/dev/ttyS0"))
    attached.queues.append(SystemQueue("Office"))
    attached.network.append(Nearby("192.168.1.50", 9100, "Kitchen", {}))
    parts = {"usb": "usb", "hid": "hid", "serial": "serial", "queues": "queue", "network": "tcp"}
    for part, scheme in parts.items():
        found = find(**{other: other == part for other in parts})  # type: ignore[arg-type]
        assert [f.address.partition(":")[0] for f in found.found] == [scheme]


def test_a_search_that_nobody_waits_for_stops_after_a_part(attached: Attached) -> None:
    attached.usb.append(Plug())
    attached.ports.append(port("/dev/ttyS0"))
    answers = iter([False, False])
    assert len(find(stopped=lambda: next(answers, True)).found) == 1
    assert find(stopped=lambda: True) == Search()


# ---- with the real libusb and hidapi ----


def search() -> dict[str, Any]:
    """Search in the bed; CUPS and the network have no part in it."""
    return msgspec.to_builtins(find(queues=False, network=False))


_HERE = Presence()


def look() -> dict[str, Any]:
    """Look in the bed who is plugged in, each time with the same memory."""
    devices = (
        Device("till", "Till", "usb:04b8:0e28:X3XX012345", ReceiptPrinterSetup()),
        Device("scanner", "Scanner", "hid:0c2e:0b61:H123", ScannerSetup()),
    )
    return msgspec.to_builtins(_HERE.look(devices))


@pytest.mark.capability("BW+12")
def test_real_libusb_and_hidapi_find_what_is_plugged_in() -> None:
    here = "tests.hardware.test_discovery"
    with usb_bed() as bed:
        assert bed.hand.call(f"{here}:look")["present"] == {"till": False, "scanner": False}
        for kind in ("printer", "scanner", "scale"):
            bed.order("plug", kind=kind)
        found = bed.hand.call(f"{here}:search")
        by_role = {f["role"]: f for f in found["found"] if not f["address"].startswith("serial")}
        assert found["troubles"] == []
        assert by_role["receipt_printer"]["address"] == "usb:04b8:0e28:X3XX012345"
        assert by_role["receipt_printer"]["name"] == "EPSON TM-T20III"
        assert by_role["scanner"]["address"] == "hid:0c2e:0b61:H123"
        assert by_role["scale"]["role"] == "scale"
        assert all(f["usable"] for f in by_role.values())
        assert bed.order("look", name="printer")["kernel"], "the system's driver still has it"
        assert bed.order("look", name="printer")["received"] == 0
        assert bed.hand.call(f"{here}:look")["arrived"] == ["till", "scanner"]
        bed.order("unplug", name="printer")
        seen = bed.hand.call(f"{here}:look")
        assert (seen["present"], seen["left"]) == ({"till": False, "scanner": True}, ["till"])
        bed.order("plug", kind="printer", port="1-4")
        assert bed.hand.call(f"{here}:look")["arrived"] == ["till"]
