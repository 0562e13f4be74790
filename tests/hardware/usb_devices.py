"""USB devices in software for `usb_bed.py`: what answers when a program opens, claims, reads and writes them.

Written for the system's Python, which has umockdev's binding; the printer's insides are `engine.py`.
"""

from __future__ import annotations

import errno
import struct
import sys
import threading
from typing import Any

import gi  # type: ignore[import-not-found]
from engine import Engine  # type: ignore[import-not-found]
from label_insides import LabelInsides  # type: ignore[import-not-found]

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # type: ignore[import-not-found]  # noqa: E402

LOCK = threading.RLock()  # umockdev asks on a thread of its own
_HID_WAIT_TICKS = 4


def _request(direction: int, number: int, size: int, letter: str = "U") -> int:
    return direction << 30 | size << 16 | ord(letter) << 8 | number


# linux/usbdevice_fs.h, as 64-bit systems number them
_SET_INTERFACE, _SET_CONFIGURATION = _request(2, 4, 8), _request(2, 5, 4)
_GET_DRIVER, _SUBMIT, _DISCARD = _request(1, 8, 260), _request(2, 10, 56), _request(0, 11, 0)
_REAP, _REAP_NOW = _request(1, 12, 8), _request(1, 13, 8)
_CLAIM, _RELEASE, _DRIVER = _request(2, 15, 4), _request(2, 16, 4), _request(3, 18, 16)
_RESET, _CLEAR_HALT = _request(0, 20, 0), _request(2, 21, 4)
_DISCONNECT, _CONNECT = _request(0, 22, 0), _request(0, 23, 0)
_CAPABILITIES, _DISCONNECT_CLAIM = _request(2, 26, 4), _request(2, 27, 264)

_OUT, _IN, _PACKET = 0x03, 0x84, 64
_CONTROL, _BULK = 2, 3


class Transfer:
    """One transfer that a program has submitted and not yet got back."""

    def __init__(self, urb, client) -> None:
        self.urb, self.client = urb, client
        self.kind, self.endpoint, self.size = struct.unpack_from("<BB22xi", bytes(urb.retrieve()))
        self.buffer: Any = urb.resolve(16, self.size) if self.size else None
        self.done = 0

    def finish(self, status: int) -> None:
        self.urb.update(4, struct.pack("<i", status))
        self.urb.update(28, struct.pack("<i", self.done))


class Printer(UMockdev.IoctlBase):
    """A plugged-in printer: one interface of class 7, usblp bound to it, an engine behind it."""

    def __init__(self, vendor: int, product: int, serial: str, protocol: int, insides: str) -> None:
        super().__init__()
        self.engine = LabelInsides() if insides == "label" else Engine()
        self.texts = {1: "EPSON", 2: "TM-T20III", 3: serial}
        ends = 2 if protocol > 1 else 1
        self.device = struct.pack(
            "<BBHBBBBHHHBBBB", 18, 1, 0x200, 0, 0, 0, 64, vendor, product, 0x100, 1, 2, 3 if serial else 0, 1
        )
        self.configuration = struct.pack("<BBHBBBBB", 9, 2, 18 + 7 * ends, 1, 1, 0, 0xC0, 1)
        self.configuration += struct.pack("<9B", 9, 4, 0, 0, ends, 7, 1, protocol, 0)
        self.configuration += struct.pack("<BBBBHB", 7, 5, _OUT, 2, _PACKET, 0)
        if ends == 2:
            self.configuration += struct.pack("<BBBBHB", 7, 5, _IN, 2, _PACKET, 0)
        self.replies = bytearray()
        self.pending: list[Transfer] = []
        self.finished: dict[object, list[Transfer]] = {}
        self.owner: object = None
        self.here: set[object] = set()
        self.gone: set[object] = set()
        self.plugged, self.torn, self.kernel, self.held = True, False, True, False
        self.counts = {"claims": 0, "releases": 0, "resets": 0, "detached": 0, "attached": 0}

    # ---- what a program asks ----

    def do_handle_ioctl(self, client):
        with LOCK:
            try:
                client.complete(*self.answer(client, client.get_request() & 0xFFFFFFFF, client.get_arg()))
            except Exception as fault:
                sys.stderr.write(f"usb_bed: {fault!r}\n")
                client.complete(-1, errno.EIO)
        return True

    def answer(self, client, request: int, arg) -> tuple[int, int]:
        if request in (_REAP, _REAP_NOW):
            return self.reap(client, arg)
        if client in self.gone:
            return -1, errno.ENODEV
        self.here.add(client)
        if request == _SUBMIT:
            self.pending.append(Transfer(arg.resolve(0, 56), client))
            self.work()
            return 0, 0
        if request == _DISCARD:
            return self.discard(client, arg)
        if request in (_CLAIM, _DISCONNECT_CLAIM, _RELEASE, _GET_DRIVER, _DRIVER):
            return self.binding(client, request, arg)
        if request == _CAPABILITIES:
            arg.resolve(0, 4).update(0, struct.pack("<I", 0))
        elif request == _RESET:
            self.counts["resets"] += 1
        elif request not in (_SET_INTERFACE, _SET_CONFIGURATION, _CLEAR_HALT):
            return -1, errno.ENOTTY
        return 0, 0

    def binding(self, client, request: int, arg) -> tuple[int, int]:
        """Answer what has to do with who drives the interface: the kernel, this program or another."""
        if request == _GET_DRIVER:
            driver = "usblp" if self.kernel else "usbfs" if self.held or self.owner else ""
            if not driver:
                return -1, errno.ENODATA
            arg.resolve(0, 260).update(4, driver.encode() + b"\0")
            return 0, 0
        if request == _RELEASE:
            if self.owner is not client:
                return -1, errno.EINVAL
            self.owner, self.counts["releases"] = None, self.counts["releases"] + 1
            return 0, 0
        if request == _DRIVER:
            code = struct.unpack_from("<iI", bytes(arg.resolve(0, 16).retrieve()))[1]
            return self.bind() if code == _CONNECT else self.unbind()
        if request == _DISCONNECT_CLAIM and self.kernel:
            self.unbind()
        if self.kernel or self.held or (self.owner and self.owner is not client):
            return -1, errno.EBUSY
        self.owner, self.counts["claims"] = client, self.counts["claims"] + 1
        return 0, 0

    def bind(self) -> tuple[int, int]:
        if self.owner or self.held:
            return -1, errno.EBUSY
        self.kernel, self.counts["attached"] = True, self.counts["attached"] + 1
        return 1, 0

    def unbind(self) -> tuple[int, int]:
        if not self.kernel:
            return -1, errno.ENODATA
        self.kernel, self.counts["detached"] = False, self.counts["detached"] + 1
        return 0, 0

    def reap(self, client, arg) -> tuple[int, int]:
        self.work()
        if not self.finished.get(client):
            return -1, errno.ENODEV if client in self.gone else errno.EAGAIN
        arg.resolve(0, 8).set_ptr(0, self.finished[client].pop(0).urb)
        return 0, 0

    def discard(self, client, arg) -> tuple[int, int]:
        address = int.from_bytes(bytes(arg.retrieve())[:8], sys.byteorder)
        for transfer in self.pending:
            if transfer.client is client and transfer.urb.client_addr == address:
                self.end(transfer, -errno.ENOENT)
                return 0, 0
        return -1, errno.EINVAL

    def do_client_vanished(self, client) -> None:
        with LOCK:
            self.pending = [x for x in self.pending if x.client is not client]
            self.finished.pop(client, None)
            self.here.discard(client)
            self.gone.discard(client)
            if self.owner is client:
                self.owner = None

    # ---- what goes over the cable ----

    def end(self, transfer: Transfer, status: int = 0) -> None:
        self.pending.remove(transfer)
        transfer.finish(status)
        self.finished.setdefault(transfer.client, []).append(transfer)

    def work(self) -> None:
        """Move what can be moved: whole packets only, and the transfers of an end point in turn.

        The cable tears between packets: a packet arrives whole or not at all (USB 2.0, 8.5.3).
        """
        self.engine.step()
        self.replies += self.engine.take_replies()
        full = False
        for transfer in list(self.pending):
            if transfer.kind == _CONTROL:
                self.control(transfer)
            elif transfer.endpoint == _OUT and not full:
                self.take(transfer)
                full = transfer.done < transfer.size
                if not full:
                    self.end(transfer)
                if self.torn:
                    self.leave()
                    return
            elif transfer.endpoint == _IN and self.replies:
                part = bytes(self.replies[: min(transfer.size, _PACKET)])
                del self.replies[: len(part)]
                transfer.buffer.update(0, part)
                transfer.done = len(part)
                self.end(transfer)

    def take(self, transfer: Transfer) -> None:
        data = bytes(transfer.buffer.retrieve())
        while transfer.done < transfer.size:
            packet = data[transfer.done : transfer.done + _PACKET]
            if self.engine.cut_off_after is not None and self.engine.cut_off_after < len(packet):
                self.engine.cut_off_after, self.torn = None, True
                if self.engine.cut_power:
                    self.engine.order("power off")
            if self.torn or self.engine.free() < len(packet):
                break
            self.engine.feed(packet)
            transfer.done += len(packet)
            self.torn = self.engine.gone

    def control(self, transfer: Transfer) -> None:
        kind, request, value, _, length = struct.unpack("<BBHHH", bytes(transfer.buffer.retrieve())[:8])
        answer = b""
        if (kind, request) == (0x80, 6):
            answer = self.descriptor(value >> 8, value & 255)
        elif (kind, request) == (0x80, 8):
            answer = b"\1"
        elif (kind, request) == (0xA1, 0):
            text = b"MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;"
            answer = struct.pack(">H", len(text) + 2) + text
        elif (kind, request) == (0xA1, 1):
            answer = b"\x18"
        answer = answer[:length]
        if answer:
            transfer.buffer.update(8, answer)
        transfer.done = len(answer) if kind & 0x80 else transfer.size - 8
        self.end(transfer)

    def descriptor(self, kind: int, index: int) -> bytes:
        if kind != 3:
            return self.device if kind == 1 else self.configuration
        text = self.texts.get(index, "").encode("utf-16-le") if index else b"\x09\x04"
        return bytes([len(text) + 2, 3]) + text

    def leave(self) -> None:
        """Be pulled out: all that is under way breaks off, and who has it open has nothing any more."""
        for transfer in list(self.pending):
            self.end(transfer, -errno.ENODEV)
        self.gone |= self.here
        self.plugged, self.owner, self.kernel, self.held = False, None, True, False
        self.replies.clear()


class HidDevice(UMockdev.IoctlBase):
    """A plugged-in device that speaks HID: reports go out when ordered, those that come are kept."""

    def __init__(self, descriptor: bytes, vendor: int, product: int) -> None:
        super().__init__()
        self.descriptor, self.vendor, self.product = descriptor, vendor, product
        self.readers: list[tuple[Any, int]] = []
        self.reports: list[bytes] = []
        self.written: list[str] = []
        self.plugged = True

    def do_handle_ioctl(self, client):
        number, arg = client.get_request() & 0xFF, client.get_arg()
        if not self.plugged:
            client.complete(-1, errno.ENODEV)
            return True
        if number == 1:  # linux/hidraw.h: HIDIOCGRDESCSIZE, HIDIOCGRDESC, HIDIOCGRAWINFO
            arg.resolve(0, 4).update(0, struct.pack("<i", len(self.descriptor)))
        elif number == 2:
            arg.resolve(0, 4100).update(0, struct.pack("<I", len(self.descriptor)) + self.descriptor)
        elif number == 3:
            arg.resolve(0, 8).update(0, struct.pack("<IHH", 3, self.vendor, self.product))
        else:
            client.complete(-1, errno.ENOTTY)
            return True
        client.complete(0, 0)
        return True

    def do_handle_read(self, client):
        with LOCK:
            self.readers.append((client, _HID_WAIT_TICKS))
            self.work(0)
        return True

    def do_handle_write(self, client):
        with LOCK:
            data = bytes(client.get_arg().retrieve())
            self.written.append(data.hex())
            client.complete(len(data), 0)
        return True

    def work(self, ticks: int = 1) -> None:
        waiting, self.readers = self.readers, []
        for client, left in waiting:
            if not self.plugged:
                client.complete(-1, errno.EIO)
            elif self.reports:
                buffer = client.get_arg()
                report = self.reports.pop(0)[: len(bytes(buffer.retrieve()))]
                buffer.update(0, report)
                client.complete(len(report), 0)
            elif left <= 0:
                client.complete(-1, errno.EAGAIN)
            else:
                self.readers.append((client, left - ticks))

    def leave(self) -> None:
        self.plugged = False
        self.reports.clear()
        self.work()


# usage page 0x8C, usage 2: input report 2, 63 bytes (HID Point of Sale usage tables 1.02)
_SCANNER = bytes.fromhex("058c0902a10185020912150026ff007508953f8102c0")
# usage page 0x8D, usage 0x20: input report 3, 5 bytes
_SCALE = bytes.fromhex("058d0920a10185030912150026ff00750895058102c0")
HIDS = {"scanner": (_SCANNER, 0x0C2E, 0x0B61, "Honeywell", "Voyager HID POS"),
         "scale": (_SCALE, 0x0922, 0x8003, "DYMO", "M10 10 lb Digital Postal Scale")}  # fmt: skip


def scan_reports(text: str, aim: str) -> list[bytes]:
    """Return the reports of one scan: length, AIM id, up to 56 bytes, two reserved, a flag for more."""
    data = text.encode()
    parts = [data[i : i + 56] for i in range(0, len(data), 56)] or [b""]
    return [
        bytes([2, len(part)]) + aim.encode().ljust(3, b"\0") + part.ljust(56, b"\0") + b"\0\0"
        + bytes([int(i < len(parts) - 1)])
        for i, part in enumerate(parts)
    ]  # fmt: skip
