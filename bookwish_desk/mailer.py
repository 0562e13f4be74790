"""Sends the e-mail of the outbox, one message after another on the lane "net", away from selling.

`sending` is committed before the first byte leaves, and what may have arrived is never sent again by
itself. A message that fails waits by itself; only a fault of the way (the server is away, the password is
wrong) holds up all of them. The password comes from the keyring and stays on this lane.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from bookwish_desk import keychain
from bookwish_desk.actions import mailing
from bookwish_desk.db import mailbox
from bookwish_desk.db.outbox import Job, State
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync import mail
from bookwish_desk.sync.mail import Sent

if TYPE_CHECKING:
    from bookwish_desk.actions.action import Outcome
    from bookwish_desk.db.store import Store
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.shop.letter import Composed

log = logging.getLogger(__name__)

LANE = "net"
SEND_SECONDS = 90.0
"""How long handing one message over may take, server and network together."""
FIRST_WAIT_MS = 30_000
MOST_WAIT_MS = 30 * 60_000
LOCKED_WAIT_MS = 5 * 60_000
"""How long mail waits for a keyring that does not open."""
PAUSE_MS = 10_000
"""How long mail rests after the books could not be read or written."""
MAY_PASS = frozenset(("certificate", "encryption"))
"""Faults of the way that go by themselves: somebody renews a certificate, a network leaves one alone again.
No password was said, so that trying again now and then locks no account."""
MOST_IN_A_ROW = 3
"""So many different messages that do not go one after the other are a fault of the way: all mail rests."""
COLUMNS = 42
"""How wide a receipt is as text: as wide as on paper of 72 mm."""

Held = Literal["", "setup", "away"]
Ask = Callable[[Settings], Secret]
Write = Callable[["Store"], "Outcome[None]"]


class MailState(msgspec.Struct, frozen=True):
    """What holds all mail up, if anything: settings that must be changed, or a server that is away."""

    held: Held = ""
    sentence: str = ""


class Mailer:
    """Sends the mail of the books. `told` is called on the GUI thread when what holds all mail up changes.

    `password` returns that of the mail server; `chance` a number from 0 to 1.
    """

    def __init__(
        self,
        lanes: Lanes,
        register: int,
        told: Callable[[MailState], None],
        password: Ask | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._lanes = lanes
        self._register = register
        self._told = told
        self._password = password or from_keyring
        self._chance = chance
        self._busy = self._again = self._closed = self._resting = False
        self._alarm = 0
        self._in_vain = 0
        self._failing: set[str] = set()
        self._owed: Write | None = None
        self._wrong: MailSettings | None = None
        self.state = MailState()
        lanes.changed.connect(self._changed)

    def recover(self) -> None:
        """Let what a crash left behind wait for a person, then send what is due."""
        self._lanes.act(lambda s: mailing.recover(s, self._register), then=lambda _n: self.wake())

    def close(self) -> None:
        """Send nothing more; messages stay in the outbox."""
        self._closed = True

    def retry(self) -> None:
        """Try again at once, whatever held mail up."""
        self._in_vain = 0
        self._hold(MailState())
        self.wake()

    def wake(self) -> None:
        """Send what is due; where that is being done already, look once more at its end."""
        if self._closed or self.state.held == "setup":
            return
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._lanes.work(self._send_all, then=self._drained, lane=LANE)

    def _changed(self, nouns: frozenset[str]) -> None:
        if mailbox.RETRY in nouns:
            self.retry()
        elif "settings" in nouns and self.state.held == "setup":
            # Not with what was wrong already: a second try may lock the account.
            self._lanes.read(lambda s: s.settings.mail, then=self._compare)
        elif "settings" in nouns:
            self.retry()
        elif "mail" in nouns and not self._resting:
            self.wake()

    def _compare(self, settings: MailSettings) -> None:
        if settings != self._wrong:
            self.retry()

    def _drained(self, wait_ms: int | None) -> None:
        self._busy = False
        again, self._again = self._again, False
        # Only the latest alarm rings: it was set knowing every message there is.
        self._alarm += 1
        if again and not self._resting and self.state.held != "setup":
            self.wake()
        elif wait_ms is not None:
            alarm = self._alarm
            self._lanes.later(wait_ms, lambda: self._ring(alarm))

    def _ring(self, alarm: int) -> None:
        if alarm != self._alarm:
            return
        self._resting = False
        if self.state.held == "setup":
            self.retry()
        else:
            self.wake()

    def _hold(self, state: MailState) -> None:
        self._resting = state.held == "away"
        if state != self.state and not self._closed:
            self.state = state
            self._told(state)

    # ---- on the lane ----

    def _send_all(self) -> int | None:
        """Send what is due and return after how many milliseconds to look again."""
        try:
            return self._send_due()
        except ShopError as fault:
            log.warning("event=mail_rests code=%s", fault.code)
        except Exception:
            log.exception("event=bug mail")
        return PAUSE_MS

    def _send_due(self) -> int | None:
        owed, self._owed = self._owed, None
        if owed is not None:
            self._write_end(owed)
        while jobs := mailing.due(self._lanes.store):
            settings = self._lanes.store.settings
            self._wrong = settings.mail
            if not mailing.is_set_up(settings):
                return self._stop("setup", mailing.NO_MAIL, None)
            try:
                password = self._password(settings) if settings.mail.user else Secret("")
            except ShopError as fault:
                return self._stop("away", fault.message, LOCKED_WAIT_MS)
            late: set[str] = set()
            for job in jobs:
                if self._closed or self._lanes.store.settings != settings:
                    break
                whom = mailbox.whom(job)
                if whom in late:
                    continue  # theirs arrive in their order
                held, wait_ms = self._send(job, settings, password, late)
                if held:
                    return wait_ms
            if self._closed:
                return None
        moment = mailing.waiting_until(self._lanes.store)
        now = self._lanes.store.clock()
        return None if moment is None else min(max(50, moment - now), mailbox.MOST_WAIT_MS)

    def _send(
        self, job: Job, settings: Settings, password: Secret, late: set[str]
    ) -> tuple[bool, int | None]:
        """Send one message; say whether all mail is held up now, and how long.

        Who must wait for theirs is added to `late`.
        """
        try:
            composed = _composed(job)
        except Exception as fault:
            # What cannot be written must not hold up the messages behind it.
            level = logging.INFO if isinstance(fault, ShopError) else logging.ERROR
            log.log(level, "event=mail_unwritten job=%s", job.id, exc_info=fault)
            words = fault.message if isinstance(fault, ShopError) else "No text could be made of it."
            self._lanes.write_now(lambda s: mailing.cannot_be_written(s, job, words))
            return False, None
        if not self._lanes.write_now(lambda s: mailing.begin(s, job, self._register, composed.unusable)):
            return False, None
        sent = self._handed_over(composed, settings, password)
        log.info("event=mail job=%s kind=%s state=%s fault=%s", job.id, job.kind, sent.state, sent.fault)
        if sent.state == "failed":
            late.add(mailbox.whom(job))
        return self._record(job, sent)

    def _handed_over(self, composed: Composed, settings: Settings, password: Secret) -> Sent:
        """Hand a message over; where that breaks nobody knows what the server has."""
        try:
            return mail.send(composed.message, settings.mail, password, time.monotonic() + SEND_SECONDS)
        except Exception:
            log.exception("event=bug smtp")
            return Sent("uncertain", "bug", "Something went wrong while it was sent. It may have been sent.")

    def _record(self, job: Job, sent: Sent) -> tuple[bool, int | None]:
        said = f"{sent.message} The mail server said: {sent.answer}" if sent.answer else sent.message
        if sent.state == "failed" and sent.needs_setup:
            self._write_end(lambda s: mailing.keep_for_later(s, job, said))
            return True, self._stop("setup", sent.message, MOST_WAIT_MS if sent.fault in MAY_PASS else None)
        if sent.state == "failed":
            wait = self._wait(job.attempts)
            self._write_end(lambda s: mailing.put_back(s, job, said, wait))
            self._failing.add(job.id)
            if sent.fault == "unreachable" or len(self._failing) >= MOST_IN_A_ROW:
                rest = self._wait(self._in_vain)
                self._in_vain += 1
                return True, self._stop("away", sent.message, rest)
            return False, None
        ends: dict[str, State] = {"sent": "done", "refused": "refused", "uncertain": "uncertain"}
        words = sent.answer if sent.state == "sent" else said
        self._write_end(lambda s: mailing.end(s, job.id, ends[sent.state], words))
        if sent.fault not in ("address", "bug"):
            # The server has answered, so the way is good.
            self._in_vain = 0
            self._failing.clear()
            self._stop("", "", None)
        return False, None

    def _wait(self, attempts: int) -> int:
        """Return how long to wait before the next try: at random within a span that doubles each time."""
        most = min(MOST_WAIT_MS, FIRST_WAIT_MS << min(attempts, 16))
        return 1_000 + int(most * self._chance())

    def _stop(self, held: Held, sentence: str, wait_ms: int | None) -> int | None:
        state = MailState(held, sentence)
        self._lanes.home(lambda: self._hold(state))
        return wait_ms

    def _write_end(self, write: Write) -> None:
        """Record how sending ended. What cannot be written now is before the next message."""
        try:
            self._lanes.write_now(write)
        except ShopError:
            self._owed = write
            raise


def from_keyring(settings: Settings) -> Secret:
    """Return the password of the shop's mail server from this computer's keyring. Slow; raises ShopError."""
    return keychain.mail_password(keychain.open_keychain(), settings.shop_id, settings.mail)


def _composed(job: Job) -> Composed:
    """Return the message that a row makes. Imports Jinja2."""
    from bookwish_desk.shop.letter import compose

    letter = mailbox.letter_of(job)
    receipt = ""
    if letter.slip is not None:
        from bookwish_desk.hardware.receipts.layout import plain_text

        receipt = plain_text(letter.slip, COLUMNS).strip("\n")
    return compose(letter, job.id, job.created_at, receipt)
