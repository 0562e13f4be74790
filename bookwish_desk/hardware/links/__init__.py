"""Ways to a device's door, one file each; what is sent through them is not their business."""

from __future__ import annotations

from bookwish_desk.hardware.links.model import Transport
from bookwish_desk.hardware.links.serial_line import SerialTransport
from bookwish_desk.hardware.links.spooler import queue_transport
from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.hardware.links.usb import UsbTransport
from bookwish_desk.shop.address import Queue, Serial, Tcp, Usb, read_address
from bookwish_desk.shop.errors import Refused


def link_to(address: str, *, baud: int = 9600) -> Transport:
    """Return the way to a device; nothing is opened yet. `baud` counts for a serial line only.

    Raises Refused for an address that bytes cannot be sent to: screens, HID devices, what hangs on another
    device, simulated ones.
    """
    match read_address(address):
        case Tcp(host, port):
            return TcpTransport(host, port)
        case Usb(vendor, product, serial):
            return UsbTransport(vendor, product, serial)
        case Serial(port):
            return SerialTransport(port, baud)
        case Queue(name):
            return queue_transport(name)
    raise Refused("device.address", "Nothing can be sent to a device with this address.", address=address)
