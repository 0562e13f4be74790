"""The way to a printer on a USB cable, wherever it is plugged in: bulk transfers to its printer interface.

It is found anew for each job, so it may be pulled out and plugged in between. The system's own driver is
put aside while a job runs and gets the printer back afterwards. The device is never reset: it would then
forget what it has not printed yet.
"""

from __future__ import annotations

import contextlib
import errno
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from bookwish_desk.hardware.finding.usb_bus import plugged
from bookwish_desk.hardware.links.model import Link
from bookwish_desk.shop.device import Condition
from bookwish_desk.shop.errors import DeviceError

_PIECE = 4096
_STALE_MS = 5
_STALE_READS = 32
_PAUSE_SECONDS = 0.01
_PRINTER_CLASS = 7
_KEPT = "This system keeps the USB printer to itself. Add it as a system printer instead."
_RANK = {2: 0, 1: 1, 3: 2}
"""Which protocol of USB printer class 1.1 is taken first: two-way, one-way, IEEE 1284.4; never IPP (4)."""


class UsbTransport:
    """A printer known by vendor, product and serial number; an empty serial fits any."""

    def __init__(self, vendor: int, product: int, serial: str = "") -> None:
        self._vendor = vendor
        self._product = product
        self._serial = serial

    def open(self, deadline: float, title: str = "") -> Link:
        """Take the printer from the system's driver and claim it.

        Raises `DeviceError`, accepted 0: printer.unplugged, printer.held, printer.denied, printer.error.
        """
        device = self._find()
        with _faults():
            door = _door(device)
            return _UsbLink(device, door, _claim(device, door))

    def _find(self) -> Any:
        with _faults():
            there = [
                device
                for device in plugged()
                if (device.vendor, device.product) == (self._vendor, self._product)
                and self._serial in ("", device.word("serial"))
            ]
        if not there:
            raise _refusal(
                "unplugged", "The printer is not on the USB cable, or it is off. Plug it in and switch it on."
            )
        if len(there) > 1:
            raise _refusal(
                "error",
                "Two printers of this model are plugged in and cannot be told apart. Unplug one of them.",
            )
        return there[0].handle


class _Door(msgspec.Struct, frozen=True):
    """Where bytes go in and answers come out, as the descriptors say; `answers` 0 where none do."""

    interface: int
    setting: int
    jobs: int
    jobs_packet: int
    answers: int
    answers_packet: int


class _UsbLink:
    def __init__(self, device: Any, door: _Door, taken_from_kernel: bool) -> None:
        self._device = device
        self._door = door
        self._taken_from_kernel = taken_from_kernel
        self._answer = b""
        self._lost = False
        self._open = True
        self._drop_stale_answers()

    def write(self, data: bytes, deadline: float) -> int:
        """Send one packet, then larger pieces.

        pyusb forgets what a transfer moved before its device went: with a first transfer of one packet, which
        arrives whole or not at all, a count of 0 means that nothing arrived. A time-out does not make it
        forget (usb.backend.libusb1, `__write`); it raises when nothing moved.
        """
        import usb.core

        sent, size = 0, self._door.jobs_packet
        while sent < len(data) and not self._lost and time.monotonic() < deadline:
            try:
                sent += self._device.write(self._door.jobs, data[sent : sent + size], _left_ms(deadline))
            except usb.core.USBTimeoutError:
                continue
            except usb.core.USBError:
                self._lost = True
            size = _PIECE
        return sent

    def settle(self, deadline: float) -> int:
        """USB has no acknowledgement beyond the transfer itself."""
        return 0

    def read(self, size: int, deadline: float) -> bytes:
        if not self._door.answers:
            # It is there and says nothing; coming back early would mean that it is gone.
            time.sleep(max(0.0, deadline - time.monotonic()))
            return b""
        late = False
        while len(self._answer) < size and not self._lost and not late:
            late = time.monotonic() >= deadline  # what lies in the printer already is taken all the same
            part = self._take(_left_ms(deadline))
            if part == b"":  # some printers say nothing with empty packets, without end
                time.sleep(min(_PAUSE_SECONDS, max(0.0, deadline - time.monotonic())))
            self._answer += part or b""
        answer, self._answer = self._answer[:size], self._answer[size:]
        return answer

    def close(self, deadline: float) -> None:
        if not self._open:
            return
        self._open = False
        _let_go(self._device, self._door.interface, self._taken_from_kernel)

    def abort(self) -> None:
        """Let go; what was not transferred is nowhere but here."""
        self.close(0.0)

    def _take(self, timeout_ms: int) -> bytes | None:
        """Return what the next transfer brings; None when the time ran out or the printer is gone."""
        import usb.core

        try:
            return bytes(self._device.read(self._door.answers, self._door.answers_packet, timeout_ms))
        except usb.core.USBTimeoutError:
            return None
        except usb.core.USBError:
            self._lost = True
            return None

    def _drop_stale_answers(self) -> None:
        """Forget what the printer said to a job before, which had stopped listening."""
        if self._door.answers:
            for _ in range(_STALE_READS):
                if not self._take(_STALE_MS):
                    break


def _door(device: Any) -> _Door:
    """Return the best way into a printer. Opens the device."""
    import usb.core
    import usb.util

    try:
        configuration = device.get_active_configuration()
    except usb.core.USBError as fault:
        if fault.errno is not None:
            raise
        device.set_configuration()  # pyusb's word for a device that nobody has set up yet
        configuration = device.get_active_configuration()
    found = []
    for interface in configuration:
        rank = _RANK.get(interface.bInterfaceProtocol)
        if interface.bInterfaceClass != _PRINTER_CLASS or rank is None:
            continue
        bulk = [end for end in interface if usb.util.endpoint_type(end.bmAttributes) == 2]
        ways = {usb.util.endpoint_direction(end.bEndpointAddress): end for end in reversed(bulk)}
        jobs, answers = ways.get(usb.util.ENDPOINT_OUT), ways.get(usb.util.ENDPOINT_IN)
        if jobs is not None:
            found.append((rank, interface.bInterfaceNumber, interface.bAlternateSetting, jobs, answers))
    if not found:
        usb.util.dispose_resources(device)
        raise _refusal("error", "The device on the USB cable is no printer that takes jobs of bytes.")
    _, number, setting, jobs, answers = min(found, key=lambda way: way[:3])
    return _Door(
        number,
        setting,
        jobs.bEndpointAddress,
        jobs.wMaxPacketSize & 0x7FF,
        answers.bEndpointAddress if answers is not None else 0,
        answers.wMaxPacketSize & 0x7FF if answers is not None else 0,
    )


def _claim(device: Any, door: _Door) -> bool:
    """Take the printer; return whether the system's driver had it. After a failure all is as it was."""
    import usb.core
    import usb.util

    taken = False
    try:
        # Where there is no such thing as a kernel driver (Windows, macOS), pyusb says NotImplementedError.
        with contextlib.suppress(NotImplementedError):
            if device.is_kernel_driver_active(door.interface):
                device.detach_kernel_driver(door.interface)
                taken = True
        usb.util.claim_interface(device, door.interface)
        if door.setting:
            device.set_interface_altsetting(door.interface, door.setting)
    except BaseException:
        _let_go(device, door.interface, taken)
        raise
    return taken


def _let_go(device: Any, interface: int, taken_from_kernel: bool) -> None:
    """Release the printer and hand it back to the driver that had it; what is gone needs neither."""
    import usb.core
    import usb.util

    with contextlib.suppress(usb.core.USBError):
        usb.util.release_interface(device, interface)
    if taken_from_kernel:
        with contextlib.suppress(usb.core.USBError, NotImplementedError):
            device.attach_kernel_driver(interface)
    usb.util.dispose_resources(device)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """Say in plain words what libusb has against it."""
    import usb.core

    try:
        yield
    except usb.core.NoBackendError:
        raise _refusal(
            "error", "USB cannot be used: libusb is missing on this computer. Install it (libusb-1.0-0)."
        ) from None
    except NotImplementedError:
        raise _refusal("held", _KEPT) from None
    except usb.core.USBError as fault:
        raise _fault_in_words(fault.errno) from fault


def _fault_in_words(number: int | None) -> DeviceError:
    match number:
        case errno.EBUSY:
            return _refusal(
                "held",
                "Another program is using the USB printer. Close it, or use the printer as a system printer.",
            )
        case errno.EACCES | errno.EPERM if sys.platform == "darwin":  # only a program of Apple's may take it
            return _refusal("held", _KEPT)
        case errno.EACCES | errno.EPERM:
            return _refusal(
                "denied",
                "You are not allowed to use the USB printer. Run bookwish-desk doctor, which says what is "
                "missing, then plug the printer in again.",
            )
        case errno.ENODEV | errno.ENOENT | errno.ENXIO:
            return _refusal("unplugged", "The printer went off the USB cable. Plug it in again.")
    return _refusal("error", "The USB printer does not work. Switch it off and on, or try another cable.")


def _refusal(condition: Condition, message: str) -> DeviceError:
    return DeviceError(f"printer.{condition}", message, accepted=0, condition=condition)


def _left_ms(deadline: float) -> int:
    return max(1, round((deadline - time.monotonic()) * 1000))  # 0 would wait for ever
