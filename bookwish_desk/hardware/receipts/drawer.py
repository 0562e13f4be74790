"""The drawer on a printer's socket: opened by a pulse, watched by the switch on pin 3 where there is one."""

from __future__ import annotations

import time

from bookwish_desk.hardware.model import Outcome
from bookwish_desk.hardware.receipts.delivery import Talk
from bookwish_desk.hardware.receipts.status import PRINTER

_OPENS_SECONDS = 1.5  # a drawer that has not opened by then is stuck
_LOOK_SECONDS = 0.1


class DrawerSocket:
    """Where a drawer hangs on a printer. `sensor`: the drawer's switch is wired to pin 3."""

    def __init__(self, sensor: bool) -> None:
        self._sensor = sensor
        self._high_is_open: bool | None = None

    def is_open(self, high: bool) -> bool | None:
        """Return what a level of pin 3 means; None without a sensor.

        On most drawers the switch opens with the drawer, and the printer pulls the pin up: high is open. A
        drawer that is wired the other way round is known after it was seen to open.
        """
        return high == (self._high_is_open is not False) if self._sensor else None

    def open(self, talk: Talk, pulse: bytes, deadline: float, asks: bool) -> Outcome:
        """Send the pulse, never after the deadline, and see what comes of it."""
        look = self._sensor and asks
        before = _pin_3(talk, deadline) if look else None
        if time.monotonic() >= deadline:
            return Outcome("failed", 0, "The drawer was not opened in time.")
        sent = talk.say(pulse, deadline)
        if sent < len(pulse) or talk.link.settle(deadline):
            talk.link.abort()  # so that it does not arrive later
            talk.lost = True
            return Outcome("failed", sent, "The drawer may not have opened. The printer does not answer.")
        if before is None:
            return Outcome("sent", sent, "The drawer was told to open.")
        return self._watch(talk, before, sent, deadline)

    def _watch(self, talk: Talk, before: bool, sent: int, deadline: float) -> Outcome:
        if self._high_is_open is not None and self.is_open(before):
            return Outcome("sent", sent, "The drawer was open already.")
        until = min(deadline - _LOOK_SECONDS, time.monotonic() + _OPENS_SECONDS)
        now = _pin_3(talk, deadline)
        while now == before and time.monotonic() < until:
            talk.listen_until(min(until, time.monotonic() + _LOOK_SECONDS))
            now = _pin_3(talk, deadline)
        if now is None:
            return Outcome("sent", sent, "The drawer was told to open.")
        if now != before:
            self._high_is_open = now
            return Outcome("sent", sent, "The drawer is open.")
        if self.is_open(now):
            return Outcome("sent", sent, "The drawer was told to open.")
        return Outcome("failed", sent, "The drawer did not open.")


def _pin_3(talk: Talk, deadline: float) -> bool | None:
    if not talk.ask(deadline, (PRINTER,)) or talk.answers.seen is None:
        return None
    return talk.answers.seen.pin_3
