"""The driver of label printers that take ZPL, TSPL or EPL, over any way to their door.

One job at a time, nothing is tried twice, and nothing is said to be printed that the printer has not told.
A printer that can be asked is asked first: one that is not ready, or a Zebra that is silent, gets nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, get_args

from bookwish_desk.hardware.labels.drawing import draw
from bookwish_desk.hardware.labels.languages import LANGUAGES, Said
from bookwish_desk.hardware.labels.shipping import draw_shipping, draw_slip
from bookwish_desk.hardware.links.model import Link, Transport
from bookwish_desk.hardware.links.spooler import queue_state
from bookwish_desk.hardware.model import Attempt, Outcome
from bookwish_desk.hardware.receipts.turns import Turns
from bookwish_desk.shop.device import Condition, DeviceState, LabelPrinterSetup
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.errors import DeviceError, Refused
from bookwish_desk.shop.label import MOST_COPIES, LabelJob, ShippingLabel

if TYPE_CHECKING:
    from PIL.Image import Image

LOOK = "Look at the labels."

_WRITE_SECONDS = 1.0
_SETTLE_SECONDS = 0.25
_ASK_EVERY_SECONDS = 0.5
_QUESTION_SECONDS = 2.5
_GRACE_SECONDS = 15.0  # to print the rest once new labels are in
_QUIET_TIMES = 2  # a label that has just come in may be on its way from one counter to the other
_LOOK_SECONDS = 0.1


def make(job: LabelJob, setup: LabelPrinterSetup) -> bytes:
    """Return the bytes of a job for a printer with this setup: the same for the same job.

    Raises Refused for a label that it cannot take, with the reason.
    """
    language = LANGUAGES[setup.language]
    copies = checked_copies(job)
    label = job.label
    if isinstance(label, ShippingLabel) and label.format in ("zpl", "epl"):
        if not label.slip:
            return language.pass_on(label, copies, setup)
        slip = language.encode(draw_slip(label, setup), 1, setup)
        return (language.pass_on(label, 1, setup) + slip) * copies
    return language.encode(pictures(job, setup), copies, setup)


def pictures(job: LabelJob, setup: LabelPrinterSetup) -> list[Image]:
    """Draw a job: one picture a label, copies not counted. Raises Refused for what cannot be drawn."""
    if isinstance(job.label, ShippingLabel):
        return draw_shipping(job.label, setup) + draw_slip(job.label, setup)
    return [draw(job.label, setup)]


def checked_copies(job: LabelJob) -> int:
    """Return how many are wanted. Raises Refused for none or too many."""
    if not 1 <= job.copies <= MOST_COPIES:
        raise Refused("label.copies", f"Choose 1 to {MOST_COPIES} labels.")
    return job.copies


class RawLabelPrinter:
    """A label printer that is sent bytes.

    `bytes_a_second` is what a slow line carries, 0 where that does not count. `queue` is the queue of the
    system that `transport` leads to, which passes nothing back; empty where it is another way.
    """

    def __init__(
        self,
        name: str,
        setup: LabelPrinterSetup,
        transport: Transport,
        bytes_a_second: int = 0,
        queue: str = "",
    ) -> None:
        self.name = name
        self.setup = setup
        self._transport = transport
        self._language = LANGUAGES[setup.language]
        self._bytes_a_second = bytes_a_second
        self._queue = queue
        self._asks = setup.asks and not queue
        self._turns = Turns[Outcome]()
        self._latest: DeviceState | None = None
        self._broke_off = False

    def render(self, job: LabelJob) -> bytes:
        """Return the job for this printer; see `LabelPrinter.render`."""
        return make(job, self.setup)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Send one job; see `Printer.send`."""
        try:
            with self._turns.hold(attempt.deadline), self._link(attempt.deadline, attempt.title) as link:
                return self._deliver(link, data, attempt)
        except DeviceError as fault:
            return Outcome("failed", 0, fault.message)

    def state(self, deadline: float) -> DeviceState:
        """Ask the printer how it is; see `Printer.state`. At work it is not disturbed: see what it said."""
        try:
            with self._turns.hold(min(deadline, time.monotonic() + _LOOK_SECONDS)):
                self._latest = self._found_out(deadline)
        except DeviceError:
            if self._latest is None or self._latest.good:
                return _in_words("busy")
        return self._latest

    def _found_out(self, deadline: float) -> DeviceState:
        if self._queue:
            return queue_state(self._queue, deadline)
        try:
            with self._link(deadline) as link:
                if not self._asks:
                    return _in_words("unknown")
                return self._language.ask(link, deadline).state
        except DeviceError as fault:
            named = fault.facts.get("condition")
            condition: Condition = named if named in get_args(Condition) else "unreachable"  # type: ignore[assignment]
            return DeviceState(condition, fault.message)

    @contextmanager
    def _link(self, deadline: float, title: str = "") -> Iterator[Link]:
        link = self._transport.open(deadline, title)
        try:
            yield link
        finally:
            link.close(max(deadline, time.monotonic() + _LOOK_SECONDS))

    # ---- a job ----

    def _deliver(self, link: Link, data: bytes, attempt: Attempt) -> Outcome:
        answers = False
        if self._asks:
            state = self._hear(self._language.ask(link, attempt.deadline), attempt)
            if not state.good:
                return Outcome("failed", 0, state.message)
            answers = state.condition != "unknown"
        lead = self._language.free(self.setup) if self._broke_off else b""
        until = self._deadline(attempt, len(lead) + len(data))
        sent = _write(link, lead + data, until, attempt)
        lacking = _settle(link, until, attempt)
        if sent < len(lead) + len(data) or lacking:
            link.abort()
            self._broke_off = self._broke_off or sent > 0
            if sent <= len(lead):
                return Outcome("failed", 0, "The label printer took nothing.")
            accepted = max(0, sent - lacking - len(lead))  # what was not acknowledged may have arrived
            return Outcome("unknown", accepted, f"The connection to the label printer broke off. {LOOK}")
        self._broke_off = False
        if not answers:
            return _sent(data)
        return self._watch(link, data, until, attempt)

    def _watch(self, link: Link, data: bytes, deadline: float, attempt: Attempt) -> Outcome:
        """Ask until everything is on paper; wait for labels with patience where the printer wants some."""
        quiet = 0
        said: Said | None = None
        while not attempt.stopped():
            held_up = said is not None and not said.state.good
            latest = max(deadline, attempt.patience)
            if time.monotonic() >= (latest if held_up else deadline):
                break
            said = self._language.ask(link, time.monotonic() + _QUESTION_SECONDS)
            state = self._hear(said, attempt)
            if held_up and state.good:
                deadline = min(latest, max(deadline, time.monotonic() + _GRACE_SECONDS))
            if state.good and said.idle is None and state.condition != "unknown":
                return _sent(data)
            quiet = quiet + 1 if said.idle else 0
            if quiet == _QUIET_TIMES:
                return Outcome("printed", len(data), "Printed.")
            if _lost(link):
                return Outcome("unknown", len(data), f"The connection to the label printer broke off. {LOOK}")
        if said is None:
            why = "The label printer has not said that it printed."
        elif said.state.condition == "unknown":  # it has answered before the job
            why = "The label printer took the job and says nothing any more."
        elif said.state.good:
            return Outcome("sent", len(data), "The label printer took the job and is still at work.")
        else:
            why = said.state.message
        return Outcome("unknown", len(data), f"{why} {LOOK}")

    def _hear(self, said: Said, attempt: Attempt) -> DeviceState:
        """Keep what the printer said, and tell it where it is another state or a bad one before the job."""
        before, self._latest = self._latest, said.state
        if before is None or before.condition != said.state.condition:
            attempt.told(said.state)
        return said.state

    def _deadline(self, attempt: Attempt, size: int) -> float:
        """Return until when the job may take: a slow line needs more, which patience allows."""
        if not self._bytes_a_second:
            return attempt.deadline
        needed = time.monotonic() + 5 + 1.3 * size / self._bytes_a_second
        return max(attempt.deadline, min(needed, attempt.patience))


def _write(link: Link, data: bytes, deadline: float, attempt: Attempt) -> int:
    """Write until all is out, the time is up, nobody waits any more, or the link is lost."""
    sent = 0
    while sent < len(data) and time.monotonic() < deadline and not attempt.stopped():
        until = min(deadline, time.monotonic() + _WRITE_SECONDS)
        sent += link.write(data[sent:], until)
        if sent < len(data) and time.monotonic() < until - 0.01:
            break
    return sent


def _settle(link: Link, deadline: float, attempt: Attempt) -> int:
    """Wait until the far side has everything; return what it lacks."""
    while True:
        until = min(deadline, time.monotonic() + _SETTLE_SECONDS)
        lacking = link.settle(until)
        if not lacking or time.monotonic() < until - 0.01 or until >= deadline or attempt.stopped():
            return lacking


def _lost(link: Link) -> bool:
    """Wait a moment before asking again; True when the link is gone."""
    until = time.monotonic() + _ASK_EVERY_SECONDS
    return not link.read(1, until) and time.monotonic() < until - 0.01


def _sent(data: bytes) -> Outcome:
    return Outcome("sent", len(data), "The label printer took the job. It does not confirm printing.")


def _in_words(condition: Condition) -> DeviceState:
    return DeviceState(condition, sentence("label_printer", condition))
