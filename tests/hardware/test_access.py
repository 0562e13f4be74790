"""The rules that let people use devices on cables say what udev understands, and are found where they lie."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from bookwish_desk.hardware.finding import access, guess
from bookwish_desk.hardware.scanning.hid import HidEntry
from bookwish_desk.resource import resource_path
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup, ScannerSetup

SHIPPED = resource_path("udev", access.RULES)
MATCH = re.compile(r'(SUBSYSTEM|KERNEL|ENV\{[A-Z_]+\}|ATTRS?\{idVendor\})=="([^"]+)"')
ASSIGNMENT = re.compile(r'(TAG\+="uaccess"|ENV\{ID_MM_DEVICE_IGNORE\}="1")')


def lines() -> list[str]:
    return [line for line in SHIPPED.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def vendors(subsystem: str) -> set[int]:
    """Return the makers whose devices of a subsystem the rules name."""
    named = [re.search(r'idVendor\}=="([^"]+)"', line) for line in lines() if f'"{subsystem}"' in line]
    return {int(number, 16) for found in named if found for number in found[1].split("|")}


def test_the_rules_run_after_the_device_is_known_and_before_the_screen_gets_it() -> None:
    assert 50 < int(access.RULES[:2]) < 73


def test_each_rule_has_matches_first_and_one_assignment_last() -> None:
    assert lines()
    for line in lines():
        *matches, assignment = line.split(", ")
        assert matches, line
        assert all(MATCH.fullmatch(match) for match in matches), line
        assert ASSIGNMENT.fullmatch(assignment), line
        assert matches[0].startswith("SUBSYSTEM=="), line


def test_makers_are_written_as_udev_has_them() -> None:
    """Sysfs writes idVendor with four small hexadecimal digits, and udev compares texts."""
    for line in lines():
        if found := re.search(r'idVendor\}=="([^"]+)"', line):
            numbers = found[1].split("|")
            assert all(re.fullmatch(r"[0-9a-f]{4}", number) for number in numbers), line
            assert sorted(set(numbers)) == sorted(numbers), line


def test_the_rules_know_every_maker_that_the_search_knows() -> None:
    assert vendors("hidraw") == {*guess.SCANNER_MAKERS, *guess.SCALE_MAKERS}
    assert vendors("tty") >= set(guess.SCANNER_MAKERS)


@pytest.mark.parametrize("interfaces", [":070102:", ":0300ff:070101:", ":070102:ff0000:"])
def test_every_usb_printer_is_matched(interfaces: str) -> None:
    from fnmatch import fnmatchcase

    pattern = re.search(r'ID_USB_INTERFACES\}=="([^"]+)"', SHIPPED.read_text("utf-8"))
    assert pattern is not None
    assert fnmatchcase(interfaces, pattern[1])
    assert not fnmatchcase(":080650:030101:", pattern[1])


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Give udev's folders, of the administrator and of packages; both are empty."""
    found = (tmp_path / "etc", tmp_path / "lib")
    for folder in found:
        folder.mkdir()
    monkeypatch.setattr(access, "FOLDERS", found)
    return found


def test_rules_of_a_package_count_unless_the_administrator_has_others(folders: tuple[Path, Path]) -> None:
    mine, packaged = folders

    def state() -> str:
        found = access.rules(SHIPPED)
        assert found is not None
        return found.state

    assert state() == "missing"
    (packaged / access.RULES).write_bytes(SHIPPED.read_bytes())
    assert state() == "in place"
    (mine / access.RULES).write_text("# of an older version\n")
    assert state() == "older"


def test_the_command_stands_a_path_with_blanks(folders: tuple[Path, Path], tmp_path: Path) -> None:
    shipped = tmp_path / "Ann's desk" / access.RULES
    found = access.rules(shipped)
    assert found is not None
    assert found.command.startswith("sudo install -D -m 644 '")
    assert "\n" not in found.command


def test_a_system_without_udev_has_no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert access.rules(SHIPPED) is None


# ---- nodes ----


def scanner(address: str) -> Device:
    return Device("scanner", "Scanner", address, ScannerSetup())


def test_the_node_of_a_usb_printer_is_found_by_its_numbers_and_serial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bus_device(product: int, serial: str, number: int) -> SimpleNamespace:
        path = Path(f"/dev/bus/usb/001/{number:03d}")
        return SimpleNamespace(vendor=0x04B8, product=product, word=lambda _what: serial, node=lambda: path)

    bus = [bus_device(0x0E28, "A", 4), bus_device(0x0E28, "B", 5), bus_device(0x0202, "A", 6)]
    monkeypatch.setattr(access, "plugged", lambda: iter(bus))

    def nodes(address: str) -> tuple[Path, ...]:
        return access.nodes(Device("till", "Till", address, ReceiptPrinterSetup()))

    assert nodes("usb:04b8:0e28:B") == (Path("/dev/bus/usb/001/005"),)
    assert len(nodes("usb:04b8:0e28:")) == 2
    assert nodes("usb:04b8:0e28:C") == ()
    assert nodes("tcp:192.168.1.50:9100") == ()


def test_the_nodes_of_a_scanner_and_of_a_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = HidEntry(b"/dev/hidraw3", 0x0C2E, 0x0B61, "H1", 0x8C, 2)
    monkeypatch.setattr(access, "hid_entries", lambda: (entry,))
    assert access.nodes(scanner("hid:0c2e:0b61:H1")) == (Path("/dev/hidraw3"),)
    assert access.nodes(scanner("hid:0c2e:0b61:H2")) == ()
    port = tmp_path / "ttyS9"
    assert access.nodes(scanner(f"serial:{port}")) == ()
    port.touch()
    assert access.nodes(scanner(f"serial:{port}")) == (port,)
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    assert access.nodes(scanner("serial:usb-0403-6001-A1")) == ()


def test_what_is_not_there_is_not_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "004"
    assert access.may_open([node])
    node.touch()
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    assert not access.may_open([node])
