"""Drains the outbox: each channel on a lane of its own, so that no device delays another or the sale.

A job is rendered, its bytes are committed together with `sending`, then it is sent. What a device took
nothing of is tried again until it expires; what it may have printed is never repeated by itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal

from bookwish_desk.actions import outgoing
from bookwish_desk.db.outbox import Job, State
from bookwish_desk.hardware.model import Attempt, Drawer, Outcome, ReceiptPrinter
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.errors import ShopError

log = logging.getLogger(__name__)

PRINT_SECONDS = 20.0
KICK_SECONDS = 3.0
PAUSE_MS = 10_000
"""How long a channel rests after the books could not be read or written."""
WAITS_MS = (1_000, 2_000, 5_000, 10_000, 15_000)


class Dispatch:
    """Moves jobs of one register to its printer and drawer.

    `told` is called on the GUI thread with each device's latest word: (channel, good, sentence).
    """

    def __init__(self, lanes: Lanes, register: int, told: Callable[[str, bool, str], None]) -> None:
        self._lanes = lanes
        self._register = register
        self._told = told
        self._printer: ReceiptPrinter | None = None
        self._drawer: Drawer | None = None
        self._draining: set[str] = set()
        self._again: set[str] = set()
        self._alarms: dict[str, int] = {}
        self._closed = False
        lanes.changed.connect(self._changed)

    def equip(self, printer: ReceiptPrinter | None, drawer: Drawer | None) -> None:
        """Use these devices from now on."""
        self._printer, self._drawer = printer, drawer
        self.wake()

    def recover(self) -> None:
        """Look through what a crash left behind, then send what is still due."""
        self._lanes.act(lambda s: outgoing.recover(s, self._register), then=lambda _n: self.wake())

    def close(self) -> None:
        """Send nothing more; jobs stay in the outbox."""
        self._closed = True

    def _changed(self, nouns: frozenset[str]) -> None:
        if "outbox" in nouns:
            self.wake()

    def wake(self) -> None:
        """Drain every channel that has a device; one that is being drained looks once more at its end."""
        for channel, device in (("drawer", self._drawer), ("paper", self._printer)):
            if device is None or self._closed:
                continue
            if channel in self._draining:
                self._again.add(channel)
                continue
            self._draining.add(channel)
            self._lanes.work(
                lambda c=channel: self._drain(c),  # type: ignore[misc]
                then=lambda wait, c=channel: self._drained(c, wait),  # type: ignore[misc]
                lane=f"device-{channel}",
            )

    def _drained(self, channel: str, wait_ms: int | None) -> None:
        self._draining.discard(channel)
        if channel in self._again:
            self._again.discard(channel)
            self.wake()
        elif wait_ms is not None:
            # Only the latest alarm rings: it was set knowing every job there is.
            alarm = self._alarms[channel] = self._alarms.get(channel, 0) + 1
            self._lanes.later(wait_ms, lambda: self._ring(channel, alarm))

    def _ring(self, channel: str, alarm: int) -> None:
        if self._alarms[channel] == alarm:
            self.wake()

    def _drain(self, channel: str) -> int | None:
        """Send what is due and return after how many milliseconds to look again (device lane)."""
        try:
            return self._send_due(channel)
        except ShopError as fault:
            log.warning("event=dispatch_rests channel=%s code=%s", channel, fault.code)
        except Exception:
            log.exception("event=bug dispatch=%s", channel)
        return PAUSE_MS

    def _send_due(self, channel: str) -> int | None:
        while not self._closed:
            job = self._lanes.write_now(lambda s: outgoing.due(s, channel, self._register))
            if job is None:
                break
            self._send(job)
        moment = outgoing.waiting_until(self._lanes.store, channel, self._register)
        return None if moment is None else max(50, moment - self._lanes.store.clock())

    def _send(self, job: Job) -> None:
        if job.channel == "paper" and self._printer is not None:
            self._print(job, self._printer)
        elif self._drawer is not None and self._begin(job, job.payload):
            drawer = self._drawer
            self._record(job, self._tried(job, lambda: drawer.kick(time.monotonic() + KICK_SECONDS)))

    def _print(self, job: Job, printer: ReceiptPrinter) -> None:
        try:
            slip = outgoing.slip_of(job)
            data = printer.render(slip)
        except Exception as fault:
            # A slip that cannot be drawn must not hold up the ones behind it.
            log.exception("event=render_failed job=%s kind=%s", job.id, job.kind)
            if self._begin(job, b""):
                self._end(job, "failed", f"It could not be drawn: {type(fault).__name__}.")
            return
        if self._begin(job, data):
            attempt = Attempt(time.monotonic() + PRINT_SECONDS, title=job.id, slip=slip)
            self._record(job, self._tried(job, lambda: printer.send(data, attempt)))

    def _tried(self, job: Job, send: Callable[[], Outcome]) -> Outcome:
        """Return how sending went; where a driver breaks nobody knows what was printed."""
        try:
            return send()
        except Exception:
            log.exception("event=bug driver=%s", job.channel)
            state: Literal["unknown", "failed"] = "unknown" if job.channel == "paper" else "failed"
            return Outcome(state, 0, "Something went wrong with the device. Look at it before you go on.")

    def _begin(self, job: Job, data: bytes) -> bool:
        return self._lanes.write_now(lambda s: outgoing.begin_sending(s, job.id, data))

    def _end(self, job: Job, state: State, message: str) -> None:
        self._lanes.write_now(lambda s: outgoing.end_sending(s, job.id, state, message))

    def _record(self, job: Job, outcome: Outcome) -> None:
        log.info("event=job channel=%s state=%s accepted=%d", job.channel, outcome.state, outcome.accepted)
        if outcome.state == "failed" and job.channel == "paper":
            wait = WAITS_MS[min(job.attempts, len(WAITS_MS) - 1)]
            self._lanes.write_now(lambda s: outgoing.put_back(s, job.id, outcome.message, wait))
        else:
            self._end(job, outcome.state, outcome.message)
        good = outcome.state in ("printed", "sent")
        self._lanes.home(lambda: self._told(job.channel, good, outcome.message))
