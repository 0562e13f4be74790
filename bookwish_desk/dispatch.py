"""Drains the outbox: each device on a lane of its own, so that none delays another or the sale.

A job is rendered, its bytes are committed together with `sending`, then it is sent. What a device took
nothing of is tried again until it expires; what it may have printed is never repeated by itself. Drawers
are opened on a lane of their own, since a receipt may wait for paper.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from bookwish_desk.actions import outgoing
from bookwish_desk.db import outbox
from bookwish_desk.db.outbox import Job, State
from bookwish_desk.hardware.model import Attempt, Drawer, Outcome, Printer
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.device import Confirms, DeviceState
from bookwish_desk.shop.errors import ShopError

if TYPE_CHECKING:
    from bookwish_desk.actions.action import Outcome as Committed
    from bookwish_desk.actions.posting import Printed
    from bookwish_desk.db.store import Store

log = logging.getLogger(__name__)

PRINT_SECONDS = 20.0
PATIENCE_SECONDS = 3_600.0
"""How long labels, which never expire, wait for a printer that took a part of them and asks for paper."""
KICK_SECONDS = 3.0
STATE_SECONDS = 2.0
FAREWELL_SECONDS = 1.5
"""How long a job under way that nothing holds up may take to end when the desk closes."""
PAUSE_MS = 10_000
"""How long a channel rests after the books could not be read or written."""
WAITS_MS = (1_000, 2_000, 5_000, 10_000, *[15_000] * 8, 30_000, outbox.MOST_WAIT_MS)
BUG = "Something went wrong with the device. Look at it before you go on."

Channel = Literal["paper", "label", "page", "drawer"]
DRAWER: Channel = "drawer"
Lost = tuple[Job, ...]
Write = Callable[["Store"], "Committed[None]"]


class Door(msgspec.Struct, frozen=True):
    """One printer as jobs reach it: `channel` is what kind of job it takes, `render` makes its bytes.

    `find` asks a spooler for a job by its title after a crash; None where nobody can know.
    """

    device: str
    channel: Channel
    printer: Printer
    render: Callable[[Any], bytes]
    drawer: Drawer | None = None
    find: Callable[[str], Outcome | None] | None = None


class Dispatch:
    """Moves the jobs of one register to its devices.

    `told` is called on the GUI thread with a device's id, how it is where that was found out, and a
    sentence when a job did not go out as it should (else ""). `learned` hears how a printer confirms, once
    it was found out.
    """

    def __init__(
        self,
        lanes: Lanes,
        register: int,
        told: Callable[[str, DeviceState | None, str], None],
        learned: Callable[[str, Confirms], None] = lambda _device, _confirms: None,
    ) -> None:
        self._lanes = lanes
        self._register = register
        self._told = told
        self._learned = learned
        self._doors: dict[str, Door] = {}
        self._busy: set[tuple[str, Channel]] = set()
        self._again: set[tuple[str, Channel]] = set()
        self._alarms: dict[tuple[str, Channel], int] = {}
        self._lost: list[Job] = []
        self._owed: dict[tuple[str, Channel], Write] = {}
        self._closed = False
        lanes.changed.connect(self._changed)

    def equip(self, doors: Iterable[Door]) -> None:
        """Use these devices from now on."""
        self._doors = {door.device: door for door in doors}
        self._look_for_lost()
        self.wake()

    def recover(self) -> None:
        """Look through what a crash left behind, then send what is still due."""

        def recovered(lost: Lost) -> None:
            self._lost = [*self._lost, *lost]
            self._look_for_lost()
            self.wake()

        self._lanes.act(lambda s: outgoing.recover(s, self._register), then=recovered)

    def close(self) -> None:
        """Send nothing more; jobs stay in the outbox."""
        self._closed = True

    def is_sending(self, device: str) -> bool:
        """Say whether a device is at work on a job just now."""
        return any(name == device for name, _ in self._busy)

    def retry(self, device: str) -> None:
        """Send at once what waits for a device: it is back."""
        self._lanes.act(lambda s: outgoing.try_now(s, device), then=lambda _n: self.wake())

    def _changed(self, nouns: frozenset[str]) -> None:
        if "outbox" in nouns:
            self.wake()

    def wake(self) -> None:
        """Drain every channel of every device; one that is being drained looks once more at its end."""
        for door in self._doors.values():
            if door.drawer is not None:
                self._drain(door, DRAWER)
            self._drain(door, door.channel)

    def _drain(self, door: Door, channel: Channel) -> None:
        key = (door.device, channel)
        if self._closed:
            return
        if key in self._busy:
            self._again.add(key)
            return
        self._busy.add(key)
        self._lanes.work(
            lambda: self._send_all(door, channel),
            then=lambda wait: self._drained(key, wait),
            lane=lane_of(door.device, channel),
        )

    def _drained(self, key: tuple[str, Channel], wait_ms: int | None) -> None:
        self._busy.discard(key)
        door = self._doors.get(key[0])
        if key in self._again:
            self._again.discard(key)
            if door is not None:
                # Only this one: if each woke all others at its end, several would never come to rest.
                self._drain(door, key[1])
        elif wait_ms is not None:
            # Only the latest alarm rings: it was set knowing every job there is.
            alarm = self._alarms[key] = self._alarms.get(key, 0) + 1
            self._lanes.later(wait_ms, lambda: self._ring(key, alarm))

    def _ring(self, key: tuple[str, Channel], alarm: int) -> None:
        door = self._doors.get(key[0])
        if self._alarms[key] == alarm and door is not None:
            self._drain(door, key[1])

    # ---- on a device's lane ----

    def _send_all(self, door: Door, channel: Channel) -> int | None:
        """Send what is due and return after how many milliseconds to look again."""
        try:
            return self._send_due(door, channel)
        except ShopError as fault:
            log.warning("event=dispatch_rests device=%s code=%s", door.device, fault.code)
        except Exception:
            log.exception("event=bug dispatch=%s", door.device)
        return PAUSE_MS

    def _send_due(self, door: Door, channel: Channel) -> int | None:
        owed = self._owed.pop((door.device, channel), None)
        if owed is not None:
            self._write_end(door.device, channel, owed)
        while self._is_used(door):
            job = self._lanes.write_now(lambda s: outgoing.due(s, self._register, door.device, channel))
            if job is None:
                break
            if channel == DRAWER:
                self._kick(door, job)
            else:
                self._print(door, job)
        moment = outgoing.waiting_until(self._lanes.store, door.device, channel)
        now = self._lanes.store.clock()
        return None if moment is None else min(max(50, moment - now), outbox.MOST_WAIT_MS)

    def _is_used(self, door: Door) -> bool:
        return not self._closed and self._doors.get(door.device) is door

    def _kick(self, door: Door, job: Job) -> None:
        drawer = door.drawer
        if drawer is None or not self._begin(job, job.payload):
            return
        try:
            outcome = drawer.kick(time.monotonic() + min(KICK_SECONDS, self._lives(job, KICK_SECONDS)))
        except Exception:
            log.exception("event=bug drawer=%s", door.device)
            outcome = Outcome("failed", 0, BUG)
        log.info("event=kick device=%s state=%s", door.device, outcome.state)
        self._end(door, job, outcome.state, outcome.message)
        if outcome.state != "sent":
            self._home(door, None, outcome.message)

    def _print(self, door: Door, job: Job) -> None:
        try:
            printed = outgoing.printed_of(job)
            data = door.render(printed)
        except Exception as fault:
            # What cannot be drawn must not hold up the jobs behind it.
            level = logging.INFO if isinstance(fault, ShopError) else logging.ERROR
            log.log(level, "event=render_failed job=%s", job.id, exc_info=fault)
            words = fault.message if isinstance(fault, ShopError) else _undrawable(fault)
            if self._begin(job, b""):
                self._end(door, job, "failed", words)
            self._home(door, None, words)
            return
        if self._begin(job, data):
            states: list[DeviceState] = []
            self._record(door, job, self._sent(door, job, data, printed, states), states)

    def _sent(
        self, door: Door, job: Job, data: bytes, printed: Printed, states: list[DeviceState]
    ) -> Outcome:
        """Return how sending went; where a driver breaks nobody knows what was printed."""

        def hear(state: DeviceState) -> None:
            states.append(state)
            self._home(door, state, "")

        now = time.monotonic()
        attempt = Attempt(
            deadline=now + PRINT_SECONDS,
            patience=now + max(PRINT_SECONDS, self._lives(job, PATIENCE_SECONDS)),
            told=hear,
            stopped=self._stopping(door, job, states),
            title=job.id,
            slip=None if job.channel == "page" else printed,  # type: ignore[arg-type]
        )
        try:
            return door.printer.send(data, attempt)
        except Exception:
            log.exception("event=bug driver=%s", door.device)
            return Outcome("unknown", 0, BUG)

    def _stopping(self, door: Door, job: Job, states: list[DeviceState]) -> Callable[[], bool]:
        """Return what says that nobody waits for a job any more: it is asked while the job is under way.

        What is held up is given up at once where the desk closes or the device is another now, and once the
        job has expired: the time that a computer slept through counts as well. Else it may end.
        """
        over: list[float] = []

        def stopped() -> bool:
            held_up = bool(states) and not states[-1].good
            if self._is_used(door):
                return held_up and self._lives(job, 1.0) <= 0
            over.append(time.monotonic())
            return held_up or over[-1] - over[0] >= FAREWELL_SECONDS

        return stopped

    def _lives(self, job: Job, otherwise: float) -> float:
        """Return for how many seconds a job has not expired yet; `otherwise` where it never does."""
        if job.expires_at is None:
            return otherwise
        return (job.expires_at - self._lanes.store.clock()) / 1000

    def _record(self, door: Door, job: Job, outcome: Outcome, states: list[DeviceState]) -> None:
        log.info("event=job device=%s state=%s accepted=%d", door.device, outcome.state, outcome.accepted)
        if outcome.state == "failed":
            state = states[-1] if states and not states[-1].good else self._state(door)
            # What was mended while it was tried is not left waiting.
            place = 0 if state.condition == "ready" else min(job.attempts, len(WAITS_MS) - 1)
            wait = WAITS_MS[place]
            put_back: Write = lambda s: outgoing.put_back(s, job.id, outcome.message, wait)  # noqa: E731
            self._write_end(door.device, door.channel, put_back)
            self._home(door, state, outcome.message)
            return
        self._end(door, job, outcome.state, outcome.message)
        if outcome.state == "unknown":
            self._home(door, None, outcome.message)
            return
        self._home(door, states[-1] if states and states[-1].good else DeviceState("ready", ""), "")
        confirms: Confirms = getattr(door.printer, "learned", "")
        if confirms:
            self._lanes.home(lambda: self._learned(door.device, confirms))

    def _state(self, door: Door) -> DeviceState:
        if self._closed:
            return DeviceState("unknown", "")
        try:
            return door.printer.state(time.monotonic() + STATE_SECONDS)
        except Exception:
            log.exception("event=bug driver=%s", door.device)
            return DeviceState("unknown", BUG)

    def _begin(self, job: Job, data: bytes) -> bool:
        return self._lanes.write_now(lambda s: outgoing.begin_sending(s, job.id, data))

    def _end(self, door: Door, job: Job, state: State, message: str) -> None:
        channel = DRAWER if job.channel == DRAWER else door.channel
        self._write_end(door.device, channel, lambda s: outgoing.end_sending(s, job.id, state, message))

    def _write_end(self, device: str, channel: Channel, write: Write) -> None:
        """Record how a job ended. What cannot be written now is before the next job on this lane."""
        try:
            self._lanes.write_now(write)
        except ShopError:
            self._owed[(device, channel)] = write
            raise

    def _home(self, door: Door, state: DeviceState | None, sentence: str) -> None:
        """Tell what a device's lane found out: how it is, where that is known, and what went wrong."""
        self._lanes.home(lambda: self._told(door.device, state, sentence))

    # ---- what a crash left ----

    def _look_for_lost(self) -> None:
        """Ask spoolers for the jobs that were being sent when the desk stopped."""
        for door in self._doors.values():
            mine = [job for job in self._lost if job.device == door.device]
            if door.find is not None and mine:
                job = partial(self._find, door, mine)
                self._lanes.work(job, lane=lane_of(door.device, door.channel))
        self._lost = [job for job in self._lost if job.device not in self._doors]

    def _find(self, door: Door, jobs: Sequence[Job]) -> None:
        for job in jobs:
            # A kick has no title of its own: whatever waits without one is a kick.
            found = door.find("" if job.channel == DRAWER else job.id) if door.find else None
            if found is not None and found.state in ("sent", "failed"):
                came_out = found.state == "sent"
                self._lanes.write_now(
                    partial(outgoing.found, job_id=job.id, sent=came_out, status=found.message)
                )


def lane_of(device: str, channel: Channel) -> str:
    """Return the name of the lane on which a device is worked with."""
    return f"drawer-{device}" if channel == DRAWER else f"device-{device}"


def _undrawable(fault: Exception) -> str:
    return f"It could not be drawn: {type(fault).__name__}."
