"""A backend for pyusb with one device, for what `usb_bus` asks of it; `usb_bed.py` is the honest one."""

from __future__ import annotations

import errno
import struct
from array import array
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core


class OneDevice(usb.backend.IBackend):
    """A device with one interface: by default a printer that no driver of the system holds."""

    def __init__(
        self,
        *,
        interface_class: int = 7,
        device_id: bytes = b"MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;",
        driver: bool = False,
        busy: bool = False,
        silent: bool = False,
        texts: tuple[str, ...] = ("EPSON", "TM-T88V", "J4TF1234"),
    ) -> None:
        self.interface_class = interface_class
        self.device_id, self.driver, self.busy, self.silent = device_id, driver, busy, silent
        self.texts = texts
        self.claims = 0
        self.claimed = 0
        self.open = 0

    def enumerate_devices(self) -> Any:
        return iter(["device"])

    def get_parent(self, dev: Any) -> None:
        return None

    def get_device_descriptor(self, dev: Any) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0202, bcdDevice=0x100, iManufacturer=1,
            iProduct=2, iSerialNumber=3, bNumConfigurations=1, address=7, bus=2, port_number=None,
            port_numbers=None, speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=0,
            bInterfaceClass=self.interface_class, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> Any:
        self.open += 1
        return "handle"

    def close_device(self, dev_handle: Any) -> None:
        self.open -= 1

    def get_configuration(self, dev_handle: Any) -> int:
        return 1

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        return self.driver

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        if self.busy:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        self.claims += 1
        self.claimed += 1

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        self.claims -= 1

    def ctrl_transfer(
        self, dev_handle: Any, kind: int, request: int, value: int, index: int, data: array[int], timeout: int
    ) -> int:
        if self.silent:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        answer = b""
        if (kind, request) == (0xA1, 0):
            answer = struct.pack(">H", len(self.device_id) + 2) + self.device_id
        elif (kind, request, value >> 8) == (0x80, 6, 3):
            number = value & 0xFF
            text = self.texts[number - 1].encode("utf-16-le") if number else b"\x09\x04"
            answer = bytes([len(text) + 2, 3]) + text
        data[: len(answer)] = array("B", answer)
        return len(answer)
