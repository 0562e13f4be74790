"""Where a device is found, as text and as values: pure reading and writing, nothing is reached here."""

from __future__ import annotations

import re

import msgspec

from bookwish_desk.shop.errors import Refused

RAW_PORT = 9100

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_BRACKETED = re.compile(r"\[([^\]]+)\](?::(\d{1,5}))?", re.ASCII)
_PLAIN = re.compile(r"([^:\[\]]+)(?::(\d{1,5}))?", re.ASCII)
_NUMBERS = re.compile(r"[0-9.]+")
_USB = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4}):(.{0,126})")
_MOST = 260


class Tcp(msgspec.Struct, frozen=True):
    """A printer in the network."""

    host: str
    port: int = RAW_PORT


class Usb(msgspec.Struct, frozen=True):
    """A device on a USB cable, wherever it is plugged in; `serial` is empty for those that have none."""

    vendor: int
    product: int
    serial: str = ""


class Hid(msgspec.Struct, frozen=True):
    """A scanner or a scale on a USB cable that speaks HID."""

    vendor: int
    product: int
    serial: str = ""


class Serial(msgspec.Struct, frozen=True):
    """A serial port: `/dev/ttyUSB0`, `COM3`, or `usb-VID-PID-SERIAL` of an adapter, wherever it is."""

    port: str


class Queue(msgspec.Struct, frozen=True):
    """A print queue of the operating system."""

    name: str


class Screen(msgspec.Struct, frozen=True):
    """A screen of this computer."""

    name: str


class Behind(msgspec.Struct, frozen=True):
    """No way of its own: another device passes on what it gets."""


class Simulated(msgspec.Struct, frozen=True):
    """No device: it exists on the screen and in files only."""


Address = Tcp | Usb | Hid | Serial | Queue | Screen | Behind | Simulated


def read_address(text: str) -> Address:
    """Return what an address of `shop.device.Device` means. Raises Refused for one that cannot be."""
    scheme, _, rest = text.partition(":")
    if len(text) > _MOST or not text.isprintable():
        raise _refused(text)
    if scheme == "tcp":
        return _tcp(rest)
    if scheme in ("usb", "hid") and (found := _USB.fullmatch(rest)):
        kind = Usb if scheme == "usb" else Hid
        return kind(int(found[1], 16), int(found[2], 16), found[3])
    if rest and scheme in ("serial", "queue", "screen"):
        return Serial(rest) if scheme == "serial" else Queue(rest) if scheme == "queue" else Screen(rest)
    if not rest and scheme in ("printer", "sim"):
        return Behind() if scheme == "printer" else Simulated()
    raise _refused(text)


def write_address(address: Address) -> str:
    """Return the text that `read_address` reads."""
    match address:
        case Tcp(host, port):
            return f"tcp:[{host}]:{port}" if ":" in host else f"tcp:{host}:{port}"
        case Usb(vendor, product, serial):
            return f"usb:{vendor:04x}:{product:04x}:{serial}"
        case Hid(vendor, product, serial):
            return f"hid:{vendor:04x}:{product:04x}:{serial}"
        case Serial(port):
            return f"serial:{port}"
        case Queue(name):
            return f"queue:{name}"
        case Screen(name):
            return f"screen:{name}"
        case Behind():
            return "printer:"
        case Simulated():
            return "sim:"


def typed_address(typed: str) -> str:
    """Return the address of a network printer as a person types it: 192.168.1.50, or with :9101 behind.

    IPv6 with a port stands in brackets. Raises Refused for what is no address.
    """
    place = _tcp(typed.strip())
    return write_address(Tcp(_whole(place.host), place.port))


def in_words(text: str) -> str:
    """Return how a person is told where a device is: 192.168.1.50, USB cable, queue Zebra ..."""
    match read_address(text):
        case Tcp(host, port):
            return host if port == RAW_PORT else f"{host}:{port}"
        case Usb() | Hid():
            return "USB cable"
        case Serial(port):
            return "USB cable, serial" if port.startswith("usb-") else f"serial port {port}"
        case Queue(name):
            return f"system printer {name}"
        case Screen(name):
            return f"screen {name}"
        case Behind():
            return "behind the receipt printer"
        case Simulated():
            return "simulated"


def _tcp(text: str) -> Tcp:
    match = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    if match is None and text.count(":") > 1:
        match = re.fullmatch(r"(.+)()", text)  # an IPv6 address as it is, without a port
    host = match[1] if match else ""
    port = int(match[2] or RAW_PORT) if match else 0
    known = _IPV6.fullmatch(host) if ":" in host else _HOST.fullmatch(host)
    if not known:
        raise _no_address()
    if not 1 <= port <= 65535:
        raise Refused(
            "device.address", "The port after the colon is a number up to 65535; most printers have 9100."
        )
    return Tcp(host, port)


def _whole(host: str) -> str:
    """Return a host of numbers as four plain ones; any other as it is.

    A computer takes 192.168.1 for 192.168.0.1, and reads the 050 that printers print as 40.
    """
    if not _NUMBERS.fullmatch(host):
        return host
    numbers = host.split(".")
    if len(numbers) != 4 or not all(n and int(n) <= 255 for n in numbers):
        raise _no_address()
    return ".".join(str(int(n)) for n in numbers)


def _no_address() -> Refused:
    words = "This is no address of a printer. Type it as 192.168.1.50 or 192.168.1.50:9101."
    return Refused("device.address", words)


def _refused(text: str) -> Refused:
    return Refused("device.address", "This is no address of a device.", address=text[:_MOST])
