"""The driver of ESC/POS receipt printers and of the drawer behind them, over any transport.

One job at a time: a printer and its drawer share one lock. Nothing is tried twice here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

from bookwish_desk.hardware.escpos import CONFIRM, RESET, SELECT_PRINTER, kick_pulse, render
from bookwish_desk.hardware.links.model import Link, Transport
from bookwish_desk.hardware.model import Attempt, Outcome, PrinterProfile
from bookwish_desk.hardware.status import SILENT, STATUS_QUERIES, is_confirmation, read_state
from bookwish_desk.shop.device import Condition, DeviceState
from bookwish_desk.shop.errors import DeviceError
from bookwish_desk.shop.slip import Slip

_STATUS_SECONDS = 1.0
_NOT_READY = ("paper_out", "cover_open", "offline")
# A printer left in the middle of a picture takes what follows for the rest of it.
_UNSTICK = b"\0" * 8192 + SELECT_PRINTER + RESET


class EscPosPrinter:
    """A receipt printer, and the drawer on its socket: a `ReceiptPrinter` and a `Drawer` in one."""

    def __init__(self, name: str, profile: PrinterProfile, transport: Transport) -> None:
        self.name = name
        self.profile = profile
        self._transport = transport
        self._lock = threading.Lock()
        self._broke_off = False

    def render(self, slip: Slip) -> bytes:
        """Return the job for this printer."""
        return render(slip, self.profile)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Send one job; see `Printer.send`."""
        try:
            with self._link(attempt.deadline) as link:
                return self._deliver(link, data, attempt.deadline)
        except DeviceError as fault:
            return Outcome("failed", 0, fault.message)

    def kick(self, deadline: float) -> Outcome:
        """Open the drawer; see `Drawer.kick`."""
        outcome = self.send(kick_pulse(self.profile), Attempt(deadline))
        if outcome.state == "sent":
            return Outcome("sent", outcome.accepted, "The drawer was told to open.")
        return Outcome(outcome.state, outcome.accepted, f"The drawer may not have opened. {outcome.message}")

    def pass_on(self, data: bytes, deadline: float) -> DeviceState:
        """Hand data to a display behind the printer: it selects the display, then the printer again.

        busy, and nothing goes out, while a job is under way: a display never holds a receipt up.
        """
        if self._lock.locked():
            return DeviceState("busy", "The printer is at work. The display follows.")
        try:
            with self._link(deadline) as link:
                if link.write(data, deadline) == len(data) and not link.settle(deadline):
                    return DeviceState("ready", "The printer passed it on.")
                link.abort()
                self._broke_off = True
        except DeviceError as fault:
            return DeviceState(_condition(fault), fault.message)
        return DeviceState("offline", "The printer did not pass the text on to its display.")

    def state(self, deadline: float) -> DeviceState:
        """Ask the printer how it is; see `Printer.state`."""
        try:
            with self._link(deadline) as link:
                if self.profile.answers:
                    return self._ask(link, deadline)
                return DeviceState("unknown", "The printer can be reached. It does not say if it has paper.")
        except DeviceError as fault:
            return DeviceState(_condition(fault), fault.message)

    @contextmanager
    def _link(self, deadline: float) -> Iterator[Link]:
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise DeviceError("printer.busy", "The printer is still busy with another job.", accepted=0)
        try:
            link = self._transport.open(deadline)
            try:
                yield link
            finally:
                link.close(deadline)
        finally:
            self._lock.release()

    def _deliver(self, link: Link, data: bytes, deadline: float) -> Outcome:
        if self.profile.answers:
            state = self._ask(link, deadline)
            if state.condition in _NOT_READY:
                return Outcome("failed", 0, state.message)
        lead = _UNSTICK if self._broke_off else b""
        sent = link.write(lead + data, deadline)
        lacking = link.settle(deadline)
        if sent < len(lead) + len(data) or lacking:
            link.abort()
            self._broke_off = self._broke_off or sent > 0
            if not sent:
                return Outcome("failed", 0, "The printer took nothing.")
            accepted = max(0, sent - lacking - len(lead))
            return Outcome("unknown", accepted, "The connection to the printer broke off. Look at the paper.")
        self._broke_off = False
        if not data.endswith(CONFIRM):
            return Outcome("sent", len(data), "The printer took the job. It does not confirm printing.")
        if is_confirmation(link.read(1, deadline)):
            return Outcome("printed", len(data), "Printed.")
        return Outcome(
            "unknown", len(data), "The printer has not confirmed that it printed. Look at the paper."
        )

    def _ask(self, link: Link, deadline: float) -> DeviceState:
        until = min(deadline, time.monotonic() + _STATUS_SECONDS)
        answers: list[bytes] = []
        for query in STATUS_QUERIES:
            link.write(query, until)
            answer = link.read(1, until)
            if not answer:
                return SILENT
            answers.append(answer)
        return read_state(answers)


def _condition(fault: DeviceError) -> Condition:
    """Return the condition that a transport's fault is named after: `printer.unreachable` is unreachable."""
    named = fault.code.rpartition(".")[2]
    return named if named in get_args(Condition) else "offline"  # type: ignore[return-value]
