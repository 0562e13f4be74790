"""A shop with a mailer on its lanes, and a mail server that is moody, for tests of the mailer."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from bookwish_desk.lanes import Lanes
from bookwish_desk.mailer import Mailer, MailState
from bookwish_desk.settings import Settings
from bookwish_desk.shop.secret import Secret
from tests.support.letters import mailing_shop, states
from tests.support.shops import FrozenClock
from tests.sync.mail_servers import Inbox


class Desk:
    """A shop with a mailer on its lanes."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = FrozenClock()
        self.store, self.owner = mailing_shop(folder, self.clock, **settings)
        self.begin()

    def begin(self) -> None:
        self.lanes = Lanes(self.store)
        self.told: list[MailState] = []
        self.alarms: list[tuple[int, Callable[[], None]]] = []
        self.lanes.later = lambda ms, call: self.alarms.append((ms, call))  # type: ignore[method-assign]
        self.asked: list[Settings] = []
        self.mailer = Mailer(self.lanes, 1, self.told.append, self.password, chance=lambda: 0.5)

    def password(self, settings: Settings) -> Secret:
        self.asked.append(settings)
        return Secret("pässword")

    @property
    def states(self) -> list[str]:
        return states(self.store)

    def ring(self) -> None:
        """Let the time pass that the mailer waits for."""
        ms, call = self.alarms.pop()
        self.clock.at += ms
        call()

    def all_sent(self, count: int) -> bool:
        """Let pass what time the mailer waits for; say whether so many messages have gone."""
        if self.alarms:
            self.ring()
        return self.states == ["done"] * count

    def end(self) -> None:
        self.mailer.close()
        self.lanes.close()

    def close(self) -> None:
        self.end()
        self.store.close()


class Moody(Inbox):
    """Refuses some people, greylists others."""

    def __init__(self, refused: str = "", later: str = "") -> None:
        super().__init__()
        self.refused, self.later = refused, later

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.refused:
            return "550 5.1.1 no such user here"
        if address == self.later:
            return "450 4.2.0 come back later"
        return await super().handle_RCPT(server, session, envelope, address, options)


def recipients(inbox: Inbox) -> list[str]:
    return [e.rcpt_tos[0] for e in inbox.taken]


def read(envelope: Envelope) -> Any:
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=email.policy.default)
