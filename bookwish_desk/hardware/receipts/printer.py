"""The driver of receipt printers and of the drawer behind them, over any way to their door.

One job at a time: a printer and its drawer have one lock. Nothing is tried twice here, and nothing is said to
be printed that the printer has not confirmed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import get_args

import msgspec

from bookwish_desk.hardware.links.model import Transport
from bookwish_desk.hardware.model import Attempt, Outcome, PrinterProfile
from bookwish_desk.hardware.receipts import escpos
from bookwish_desk.hardware.receipts.delivery import Delivery, Talk, envelop
from bookwish_desk.hardware.receipts.drawer import DrawerSocket
from bookwish_desk.hardware.receipts.escpos import (
    CONFIRM,
    DROP_AND_RECOVER,
    FILL_UP,
    RESET,
    SELECT_PRINTER,
    UNSTICK,
    process_id,
)
from bookwish_desk.hardware.receipts.status import PRINTER, in_words
from bookwish_desk.hardware.receipts.turns import Turns
from bookwish_desk.shop.device import Condition, Confirms, DeviceState
from bookwish_desk.shop.errors import DeviceError
from bookwish_desk.shop.slip import Slip

_STATE_SECONDS = 2.5
_ANSWER_SECONDS = 0.6
_GLANCE_SECONDS = 0.2
_PROBE_SECONDS = 3.0  # it may still be printing for somebody else
_FIRST_SECONDS = 1.5  # from one that has not said anything yet
_PROBE_MARK = b"TEST"
_RECOVER_SECONDS = 0.3
_QUIET_SECONDS = 0.15
_FREE_SECONDS = 5.0
_LOOK_SECONDS = 0.1
_SELECT_SECONDS = 0.2
_PASSES_NOTHING_ON = (
    "This printer passes nothing on to a display: Star printers do not, nor do printers of the system."
)


class Language(msgspec.Struct, frozen=True):
    """How a family of printers is spoken to.

    `free` gets a printer out of a job that broke off. `pulse_at_once` opens the drawer also while the printer
    cannot print; None where there is no such command.
    """

    render: Callable[[Slip, PrinterProfile], bytes]
    pulse: Callable[[PrinterProfile], bytes]
    pulse_at_once: Callable[[PrinterProfile], bytes] | None
    free: bytes


ESC_POS = Language(escpos.render, escpos.kick_pulse, escpos.pulse_at_once, UNSTICK)


class EscPosPrinter:
    """A receipt printer, and the drawer on its socket: a `ReceiptPrinter` and a `Drawer` in one.

    `asks` off: it is never asked anything. `confirms` is how it says that a job is on paper; where that is
    not known yet it is found out at the first job and kept in `learned`. `sensor`: the drawer's switch is on
    pin 3. `bytes_a_second` is what a slow line carries, 0 where that does not count. A display may hang on
    one that `passes_on`.
    """

    def __init__(
        self,
        name: str,
        profile: PrinterProfile,
        transport: Transport,
        language: Language = ESC_POS,
        asks: bool = True,
        confirms: Confirms = "",
        sensor: bool = False,
        bytes_a_second: int = 0,
        passes_on: bool = True,
    ) -> None:
        self.name = name
        self.profile = profile
        self.learned: Confirms = ""
        self._transport = transport
        self._language = language
        self._asks = asks
        self._confirms: Confirms = confirms if asks else "none"
        self._drawer = DrawerSocket(sensor)
        self._bytes_a_second = bytes_a_second
        self._turns = Turns[Outcome]()
        self._latest: DeviceState | None = None
        self._speaks = asks and confirms != ""  # only one that answered is known to confirm or not to
        self._silent = False
        self._given_up = False
        self._broke_off = False
        self._in_command = True
        self._fresh = True
        self._passes_on = passes_on
        self._display_behind = False

    def render(self, slip: Slip) -> bytes:
        """Return the job for this printer."""
        return self._language.render(slip, self.profile)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Send one job; see `Printer.send`."""
        try:
            with self._turns.hold(attempt.deadline), self._talk(attempt.deadline, attempt.title) as talk:
                return self._deliver(talk, data, attempt)
        except DeviceError as fault:
            return Outcome("failed", 0, fault.message)

    def state(self, deadline: float) -> DeviceState:
        """Ask the printer how it is; see `Printer.state`. At work it is not disturbed: its last word counts.

        Asking also gives up what was thought of a printer that had been silent; no drawer waits for it.
        """
        try:
            with self._turns.hold(min(deadline, time.monotonic() + _LOOK_SECONDS)):
                self._latest = self._found_out(deadline)
        except DeviceError:
            if self._latest is None or self._latest.good:
                return in_words("busy")
        return self._latest

    def probe(self, deadline: float) -> Confirms:
        """Find out how the printer confirms that a job is on paper.

        Nothing comes out of it. Empty when it cannot be found out now: not reached, not ready.
        """
        try:
            with self._turns.hold(deadline), self._talk(deadline) as talk:
                if not self._ready(talk, deadline).good:
                    return ""
                found = self._probe(talk, deadline)
                return "" if talk.lost or (self._silent and found == "none") else found
        except DeviceError:
            return ""

    def kick(self, deadline: float) -> Outcome:
        """Open the drawer; see `Drawer.kick`.

        While a job waits in the printer, whoever sends that job passes the pulse on.
        """
        outcome = self._turns.send_or_hold(deadline, lambda: self._kick_alone(deadline))
        return outcome or Outcome("failed", 0, "The printer is busy with a job. The drawer was not opened.")

    def pass_on(self, data: bytes, deadline: float) -> DeviceState:
        """Hand data to a display behind the printer; it selects the display, and at its end the printer.

        busy, and nothing goes out, while a job is under way: a display never holds a receipt up. From then on
        the printer is selected before anything else: a text that broke off must swallow no receipt.
        """
        if not self._passes_on:
            return DeviceState("error", _PASSES_NOTHING_ON)
        self._display_behind = True
        try:
            with self._turns.hold(0.0), self._talk(deadline) as talk:
                if talk.say(data, deadline) == len(data) and not talk.link.settle(deadline):
                    return DeviceState("ready", "The printer passed it on.")
                talk.link.abort()
                self._broke_off = True
        except DeviceError as fault:
            if _condition(fault) == "busy":
                return DeviceState("busy", "The printer is at work. The display follows.")
            return DeviceState(_condition(fault), fault.message)
        return DeviceState("offline", "The printer did not pass the text on to its display.")

    # ---- a job ----

    def _deliver(self, talk: Talk, data: bytes, attempt: Attempt) -> Outcome:
        state = self._ready(talk, attempt.deadline)
        if state.condition not in ("ready", "unknown"):
            attempt.told(state)
        if not state.good:
            return Outcome("failed", 0, state.message)
        self._latest = state
        copy = isinstance(attempt.slip, Slip) and attempt.slip.copy
        if not self._freed(talk, attempt.deadline, copy):
            self._broke_off = True
            return _nothing_taken(talk)
        known = self._confirms
        confirms = known or self._learn(talk, attempt.deadline)
        behind = confirms == "status" and not known and not self._caught_up(talk, attempt.deadline)
        if talk.lost or behind:
            self._broke_off = True  # in the middle of a question
            return _nothing_taken(talk)

        def hear(now: DeviceState) -> None:
            self._latest = now
            attempt.told(now)

        def run_errands(held_up: bool) -> None:
            self._silent = delivery.silent
            self._run_errands(talk, held_up)

        job = envelop(data, confirms)
        delivery = Delivery(
            talk,
            job,
            msgspec.structs.replace(attempt, told=hear),
            self._deadline(attempt, len(data)),
            # What the network took for one that has fallen silent may lie there, and the printer be off.
            asks=self._asks and (not self._silent or (self._speaks and confirms == "none")),
            silent=self._silent,
            meanwhile=run_errands,
        )
        try:
            outcome = delivery.run()
        finally:
            self._broke_off = self._in_command = delivery.broke_off
            self._silent = delivery.silent
        if outcome.state != "failed":
            self._fresh = False
        return outcome

    def _ready(self, talk: Talk, deadline: float, seconds: float = 0.0) -> DeviceState:
        """Ask before anything is sent; a part that was stuck is told to work again."""
        if not self._asks or (self._silent and not self._speaks):
            return in_words("unknown")
        until = min(deadline, time.monotonic() + _STATE_SECONDS)
        self._silent = not self._ask(talk, until, seconds) and not talk.lost
        seen = talk.answers.seen
        if self._silent or seen is None:
            return in_words("unknown")
        if seen.cutter or seen.broken:
            talk.say(DROP_AND_RECOVER, until)
            talk.listen_until(time.monotonic() + _RECOVER_SECONDS)
            talk.ask(min(deadline, time.monotonic() + _STATE_SECONDS))
        return (talk.answers.seen or seen).state(self._drawer.is_open(seen.pin_3))

    def _ask(
        self,
        talk: Talk,
        until: float,
        seconds: float = 0.0,
        given_up: Callable[[], bool] | None = None,
    ) -> bool:
        """Ask how the printer is; one that may have been left in a command is first got out of that, once."""
        if self._in_command:
            self._in_command = talk.say(FILL_UP, until) < len(FILL_UP)
        answers = talk.ask(until, seconds=seconds or _ANSWER_SECONDS, given_up=given_up)
        self._in_command = self._in_command or talk.lost
        self._speaks = self._speaks or answers
        return answers

    def _freed(self, talk: Talk, deadline: float, copy: bool) -> bool:
        """Get the printer out of a job that may have broken off in it; before a second print in any case."""
        if self._broke_off or (self._fresh and copy):
            free = self._language.free
            until = max(deadline, time.monotonic() + self._seconds(len(free)))
            if talk.say(free, until) < len(free) or talk.link.settle(until):
                return False
        elif not self._fresh or self._silent:
            return True
        return self._silent or self._confirms != "status" or self._caught_up(talk, deadline)

    def _caught_up(self, talk: Talk, deadline: float) -> bool:
        """Take in the answers that a job before is still owed, of this desk or of one that crashed.

        They must not be taken for those of the next job.
        """
        before = talk.answers.paper
        until = min(deadline, time.monotonic() + _FREE_SECONDS)
        talk.say(CONFIRM, until)
        came = talk.wait_for(lambda: talk.answers.paper > before, until)
        while came and not talk.lost and talk.listen(time.monotonic() + _QUIET_SECONDS):
            pass
        return came

    def _learn(self, talk: Talk, deadline: float) -> Confirms:
        """Find out how it confirms and keep that; a printer that says nothing at all may be asleep."""
        if self._silent and self._given_up:
            return "none"
        found = self._probe(talk, deadline)
        self._given_up = self._silent and found == "none"
        if not talk.lost and not self._given_up:
            self._confirms = self.learned = found
        return found

    def _probe(self, talk: Talk, deadline: float) -> Confirms:
        """Ask for a process id, then for GS r 1, which every ESC/POS printer answers in its turn.

        A printer that does not know the first writes it as text into its line buffer; ESC @ clears that.
        """
        answers = talk.answers
        rubbish, papers = answers.rubbish, answers.paper
        question = RESET + process_id(_PROBE_MARK) + RESET + CONFIRM
        until = min(deadline, time.monotonic() + (_FIRST_SECONDS if self._silent else _PROBE_SECONDS))
        talk.say(question, until)
        talk.wait_for(lambda: answers.paper > papers, until)
        if answers.rubbish > rubbish or answers.paper > papers + 1:
            return "none"
        if _PROBE_MARK in answers.ids:
            return "process_id"
        return "status" if answers.paper > papers else "none"

    def _deadline(self, attempt: Attempt, size: int) -> float:
        """Return until when the job may take: a slow line needs more, which patience allows."""
        needed = time.monotonic() + self._seconds(size)
        return max(attempt.deadline, min(needed, attempt.patience))

    def _seconds(self, size: int) -> float:
        return 5 + 1.3 * size / self._bytes_a_second if self._bytes_a_second else 0.0

    # ---- the drawer ----

    def _kick_alone(self, deadline: float) -> Outcome:
        try:
            with self._talk(deadline) as talk:
                state = self._glanced_at(talk, deadline)
                if talk.lost:
                    return Outcome("failed", 0, "The drawer was not opened. The printer does not answer.")
                silent = state.condition == "unknown"
                knows = self._confirms == "process_id" and (silent or self._broke_off)
                if self._broke_off and state.good and not knows:
                    if not self._freed(talk, deadline, copy=False):
                        return Outcome("failed", 0, "The printer takes nothing. The drawer was not opened.")
                    self._broke_off = False
                return self._open_drawer(talk, deadline, knows or not state.good, watched=not silent)
        except DeviceError as fault:
            return Outcome("failed", 0, f"The drawer was not opened. {fault.message}")

    def _glanced_at(self, talk: Talk, deadline: float) -> DeviceState:
        """Ask as `_ready` does, but shortly, and not one that was silent: nobody shall stand and wait.

        What it says of itself later counts, not that it did not say it at once.
        """
        if self._silent:
            return in_words("unknown")
        state = self._ready(talk, deadline, _GLANCE_SECONDS)
        self._silent = False
        return state

    def _run_errands(self, talk: Talk, held_up: bool) -> None:
        """Pass pulses on beside a job: at once to printers known to take them so, else when they are held up.

        A simple printer that only prints is done soon; the drawer then opens in its turn. One that is silent
        may never be done as far as anybody knows: the pulse goes right behind the job.
        """
        if self._silent and self._confirms != "process_id":
            self._turns.run_errands(lambda deadline: self._open_drawer(talk, deadline, False, watched=False))
        elif self._language.pulse_at_once and (held_up or self._confirms == "process_id"):
            self._turns.run_errands(lambda deadline: self._open_beside_a_job(talk, deadline))

    def _open_beside_a_job(self, talk: Talk, deadline: float) -> Outcome:
        """Open the drawer if the printer reads now: behind a full buffer the pulse would come too late."""
        if not self._silent and not talk.ask(min(deadline, time.monotonic() + _ANSWER_SECONDS), (PRINTER,)):
            return Outcome("failed", 0, "The printer takes nothing just now. The drawer was not opened.")
        return self._open_drawer(talk, deadline, at_once=True, watched=not self._silent)

    def _open_drawer(self, talk: Talk, deadline: float, at_once: bool, watched: bool) -> Outcome:
        language = self._language
        pulse = language.pulse_at_once if at_once and language.pulse_at_once else language.pulse
        return self._drawer.open(talk, pulse(self.profile), deadline, self._asks and watched)

    # ---- the line ----

    @contextmanager
    def _talk(self, deadline: float, title: str = "") -> Iterator[Talk]:
        link = self._transport.open(deadline, title)
        try:
            talk = Talk(link)
            if self._display_behind:
                talk.say(SELECT_PRINTER, min(deadline, time.monotonic() + _SELECT_SECONDS))
            yield talk
        finally:
            link.close(max(deadline, time.monotonic() + _LOOK_SECONDS))

    def _found_out(self, deadline: float) -> DeviceState:
        try:
            with self._talk(deadline) as talk:
                wanted = self._turns.is_wanted
                answers = self._asks and self._ask(talk, deadline, given_up=wanted)
                if not answers and wanted() and not talk.lost:
                    return self._latest or in_words("busy")
                if not answers or talk.answers.seen is None:
                    self._silent = self._asks
                    return in_words("unknown")
                self._silent = False
                seen = talk.answers.seen
                return seen.state(self._drawer.is_open(seen.pin_3))
        except DeviceError as fault:
            return DeviceState(_condition(fault), fault.message)


def _nothing_taken(talk: Talk) -> Outcome:
    talk.link.abort()
    return Outcome("failed", 0, "The printer took nothing. Check that it is on and connected.")


def _condition(fault: DeviceError) -> Condition:
    named = fault.facts.get("condition")
    return named if named in get_args(Condition) else "unreachable"  # type: ignore[return-value]
