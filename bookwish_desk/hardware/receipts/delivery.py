"""One job on its way to paper: sent, watched, waited for, and what can truthfully be said of it afterwards.

A job counts as printed only when the printer says so after its last byte: by the process id behind it, or by
answering GS r 1 behind it. One that answers and confirms nothing has taken the job if it still answers behind
it. Whatever broke off before is unknown, unless it is certain that nothing of it can have come out. Works on
an open link; who holds the device and when is `printer`'s business.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

import msgspec

from bookwish_desk.hardware.links.model import Link
from bookwish_desk.hardware.model import Attempt, Outcome
from bookwish_desk.hardware.receipts.escpos import CONFIRM, DROP, GO_ON, RESET, TELL, TELL_NO_MORE, process_id
from bookwish_desk.hardware.receipts.status import CAUSE, ERROR, PAPER, PRINTER, Answers, in_words
from bookwish_desk.shop.device import Condition, Confirms, DeviceState

LOOK_AT_PAPER = "Look at the paper."

_WRITE_SECONDS = 1.0  # after so long without taking anything the printer is listened to
_SETTLE_SECONDS = 0.25
_LISTEN_SECONDS = 0.1
_GIVE_UP_SECONDS = 0.03
_FIRST_ANSWER_SECONDS = 0.6
_NEXT_ANSWER_SECONDS = 0.4
_ASK_FIRST_SECONDS = 0.2  # after the last byte
_ASK_EVERY_SECONDS = 1.0
_SILENT_SECONDS = 5.0  # a printer that waits for paper and no longer answers is off
_GRACE_SECONDS = 15.0  # to print the rest once the paper is in
_DROP_SECONDS = 1.0

_marks = itertools.count(random.randrange(10_000))


class Talk:
    """A conversation over one link: it is asked and listened to, and may be lost."""

    def __init__(self, link: Link) -> None:
        while link.read(64, time.monotonic() + 0.002):
            pass  # said to somebody before us
        self.link = link
        self.answers = Answers()
        self.lost = False

    def listen(self, until: float) -> bool:
        """Take in what comes first until then; False when nothing came."""
        heard = self.link.read(1, until)
        if not heard:
            self.lost = self.lost or time.monotonic() < until - 0.01
            return False
        while heard:
            self.answers.take(heard)
            heard = self.link.read(1, time.monotonic() + 0.002)
        return True

    def listen_until(self, until: float) -> None:
        """Take in everything that comes until then."""
        self.wait_for(lambda: False, until)

    def wait_for(
        self, came: Callable[[], bool], until: float, given_up: Callable[[], bool] | None = None
    ) -> bool:
        """Listen until it came; False when it did not come in time, was given up, or the link was lost."""
        while not came():
            if self.lost or time.monotonic() >= until or (given_up and given_up()):
                return False
            self.listen(min(until, time.monotonic() + _GIVE_UP_SECONDS) if given_up else until)
        return True

    def ask(
        self,
        until: float,
        which: tuple[int, ...] = (PRINTER, CAUSE, ERROR, PAPER),
        seconds: float = _FIRST_ANSWER_SECONDS,
        given_up: Callable[[], bool] | None = None,
    ) -> bool:
        """Ask how the printer is, one question after the other; False when it does not say.

        Some answer the first only: the rest is then not asked. The first answer may take `seconds`, unless it
        is `given_up`.
        """
        self.answers.forget_questions()
        for n in which:
            answer_by = min(until, time.monotonic() + seconds)
            self.answers.ask(n)
            self.say(bytes([0x10, 0x04, n]), answer_by)
            if not self.wait_for(lambda n=n: self.answers.has(n), answer_by, given_up):  # type: ignore[misc]
                return n != which[0] and not self.lost
            seconds, given_up = _NEXT_ANSWER_SECONDS, None
        return True

    def say(self, data: bytes, until: float) -> int:
        """Write; return how many bytes went out, and notice when the link is gone."""
        sent = self.link.write(data, until)
        self.lost = self.lost or (sent < len(data) and time.monotonic() < until - 0.01)
        return sent


class Envelope(msgspec.Struct, frozen=True):
    """A job with what makes the printer report: `head` before its first printable byte, `tail` at its end.

    `began` and `ended` are the process ids in them, empty where the printer has none.
    """

    head: bytes
    body: bytes
    tail: bytes
    began: bytes = b""
    ended: bytes = b""


def envelop(job: bytes, confirms: Confirms) -> Envelope:
    """Put a job into what this printer reports by. Two process ids tell "nothing began" from "broke off"."""
    reset = RESET if job.startswith(RESET) else b""
    body = job[len(reset) :]
    if confirms == "process_id":
        began, ended = (b"%04d" % (next(_marks) % 10_000) for _ in range(2))
        head = reset + TELL + process_id(began)
        return Envelope(head, body, process_id(ended) + TELL_NO_MORE, began, ended)
    if confirms == "status":
        return Envelope(reset + TELL, body, CONFIRM + TELL_NO_MORE)
    return Envelope(reset, body, b"")


class Delivery:
    """Sends one job and stays with it to its end.

    `asks` tells that the printer is asked how it is, and has taken what it cannot confirm only if it answers;
    `silent` that it did not answer when it was asked last. `meanwhile` is called whenever something else can
    be said to it, with whether it is held up. After `run`, `broke_off` tells that a part of the job may be
    left in it.
    """

    def __init__(
        self,
        talk: Talk,
        job: Envelope,
        attempt: Attempt,
        deadline: float,
        asks: bool,
        silent: bool,
        meanwhile: Callable[[bool], None],
    ) -> None:
        self.broke_off = False
        self.silent = silent
        self._talk = talk
        self._job = job
        self._bytes = job.head + job.body + job.tail
        self._attempt = attempt
        self._deadline = deadline
        self._asks = asks
        self._meanwhile = meanwhile
        self._sent = 0
        self._lacking = 0
        self._settled = False
        self._papers_before = 0
        self._told: DeviceState | None = None
        self._asked_at = self._heard_at = time.monotonic()
        self._opened = False
        self._looked = not asks
        self._questions_before = 0

    def run(self) -> Outcome:
        """Send it and wait. Raises DeviceError, accepted 0, where the link refuses it whole."""
        self._papers_before = self._talk.answers.paper
        self._told = self._state()
        while not self._talk.lost and not self._attempt.stopped() and time.monotonic() < self._until():
            if self._sent < len(self._bytes):
                self._push()
            elif not self._settled:
                self._settle()
            elif self._is_done():
                return self._success()
            else:
                self._wait()
            self._hear_of_trouble()
        return self._success() if self._settled and self._is_done() else self._failure()

    # ---- sending ----

    def _push(self) -> None:
        until = min(self._until(), time.monotonic() + _WRITE_SECONDS)
        self._sent += self._talk.say(self._bytes[self._sent :], until)
        if self._sent < len(self._bytes) and not self._talk.lost:
            self._talk.listen(time.monotonic() + 0.002)

    def _settle(self) -> None:
        until = min(self._until(), time.monotonic() + _SETTLE_SECONDS)
        self._lacking = self._talk.link.settle(until)
        if not self._lacking:
            self._settled = True
            self._questions_before = self._talk.answers.questions
            self._heard_at = time.monotonic()
            self._asked_at = time.monotonic() - (_ASK_EVERY_SECONDS - _ASK_FIRST_SECONDS)
            self._asked_at -= 0.0 if self._job.tail else _ASK_EVERY_SECONDS
        elif time.monotonic() < until - 0.01:
            self._talk.lost = True
        else:
            self._talk.listen(time.monotonic() + 0.002)

    # ---- waiting ----

    def _wait(self) -> None:
        self._meanwhile(self._held_up())
        if self._asks and time.monotonic() >= self._asked_at + _ASK_EVERY_SECONDS:
            self._ask()
        heard = self._talk.listen(min(self._until(), time.monotonic() + _LISTEN_SECONDS))
        if heard:
            self._heard_at = time.monotonic()

    def _ask(self) -> None:
        before = time.monotonic()
        answered = self._talk.ask(min(self._until(), before + _ASK_EVERY_SECONDS))
        if answered:
            self._heard_at = time.monotonic()
        self._asked_at = time.monotonic()
        if not self._job.tail:
            self.silent = not answered
            # A late answer to what was asked before the end of the job says nothing of it.
            self._looked = answered and self._talk.answers.heard > self._questions_before

    def _state(self) -> DeviceState | None:
        seen = self._talk.answers.seen
        return None if seen is None else seen.state()

    def _held_up(self) -> bool:
        """Say whether the printer has told that it cannot go on, and still answers."""
        state = self._state()
        silent = self._settled and self._asks and time.monotonic() > self._heard_at + _SILENT_SECONDS
        return state is not None and not state.good and not silent

    def _until(self) -> float:
        return max(self._deadline, self._attempt.patience) if self._held_up() else self._deadline

    def _hear_of_trouble(self) -> None:
        """Tell each new state; let a printer go on whose cover was opened and shut to free its cutter."""
        state = self._state()
        if state is None or (self._told is not None and state.condition == self._told.condition):
            return
        if self._told is not None and not self._told.good and state.good:
            latest = max(self._deadline, self._attempt.patience)
            self._deadline = min(latest, max(self._deadline, time.monotonic() + _GRACE_SECONDS))
        self._told = state
        self._attempt.told(state)
        if state.condition == "cover_open":
            self._opened = True
        elif state.condition == "cutter" and self._opened and self._settled:
            self._opened = False
            self._talk.say(GO_ON, time.monotonic() + _LISTEN_SECONDS)

    # ---- the end ----

    def _is_done(self) -> bool:
        answers = self._talk.answers
        if self._job.ended:
            return self._job.ended in answers.ids
        if self._job.tail:
            return answers.paper > self._papers_before
        return self._looked and not self._talk.lost and not self._held_up()

    def _success(self) -> Outcome:
        if self._told is not None and not self._told.good:
            self._attempt.told(in_words("ready"))  # it printed on before it was asked
        if self._job.tail:
            return Outcome("printed", len(self._whole()), "Printed.")
        return Outcome("sent", len(self._whole()), "The printer took the job. It does not confirm printing.")

    def _whole(self) -> bytes:
        return (RESET if self._job.head.startswith(RESET) else b"") + self._job.body

    def _accepted(self) -> int:
        """Return how many bytes of the job it may have; what only makes it report does not count."""
        reset = len(self._whole()) - len(self._job.body)
        into = self._sent - self._lacking - len(self._job.head)
        return 0 if into <= 0 else min(len(self._job.body), into) + reset

    def _failure(self) -> Outcome:
        talk, state = self._talk, self._state()
        if self._sent <= len(self._job.head):
            talk.link.abort()
            self.broke_off = self._sent > 0
            return Outcome("failed", 0, _words(state) or "The printer took nothing.")
        held_up = self._held_up()
        dropped = held_up and self._settled and bool(self._job.ended) and self._drop()
        if self._is_done() and self._settled and not talk.lost:
            return self._success()  # it came while we gave up
        talk.link.abort()
        self.broke_off = not dropped
        began = self._job.began in talk.answers.ids
        if dropped and not began and state is not None:
            return Outcome("failed", 0, state.message)
        return Outcome("unknown", self._accepted(), f"{self._what_happened(began, state)} {LOOK_AT_PAPER}")

    def _drop(self) -> bool:
        """Take back what is not printed yet, so that it does not come out when nobody waits for it."""
        self._talk.answers.cleared = False
        until = time.monotonic() + _DROP_SECONDS
        self._talk.say(DROP, until)
        return self._talk.wait_for(lambda: self._talk.answers.cleared, until)

    def _what_happened(self, began: bool, state: DeviceState | None) -> str:
        if state is not None and not state.good and not self._talk.lost:
            stopped = _STOPPED.get(state.condition, "The printer stopped")
            return f"{stopped} while it printed." if began or not self._job.began else f"{stopped}."
        if self._talk.lost or not self._settled:
            if self._job.began and not began:
                return "The connection to the printer broke off before it said that it began."
            return f"The connection to the printer broke off{' while it printed' if began else ''}."
        if not self._job.tail:
            return "The printer took the job and says nothing any more."
        if self._job.began and not began:
            return "The printer has not said that it began to print."
        return "The printer has not confirmed that it printed."


_STOPPED: dict[Condition, str] = {
    "paper_out": "The paper ran out",
    "cover_open": "The cover was opened",
    "cutter": "The cutter got stuck",
    "hot": "The printer became too hot",
    "offline": "The printer was switched off line",
}


def _words(state: DeviceState | None) -> str:
    return state.message if state is not None and not state.good else ""
