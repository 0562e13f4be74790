"""One message handed to the shop's mail server, and how that ended. No queue: messages are outbox rows.

Nothing heavy is imported here; `smtp` is, with the first message.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.mail import MailSettings, Message
from bookwish_desk.shop.secret import Secret

SentState = Literal["sent", "refused", "failed", "uncertain"]

SETUP_FAULTS = frozenset(("certificate", "encryption", "login", "sender", "settings"))
"""Faults of the way and not of one message: no message goes out until somebody changes the settings."""


class Sent(msgspec.Struct, frozen=True):
    """How handing a message over ended.

    sent: the server took it on. refused: it never will, and says why. failed: it has taken nothing, the
    message may be sent again later. uncertain: all of it went out and the answer did not come: it may have
    been taken, a second one would have the same Message-ID, and a person decides. `fault` is a word for
    programs, empty when sent; `message` one plain sentence; `answer` the server's own words, if it said any.
    """

    state: SentState
    fault: str = ""
    message: str = ""
    answer: str = ""

    @property
    def needs_setup(self) -> bool:
        """Say whether all mail waits until the settings are changed: trying on may even lock the account."""
        return self.fault in SETUP_FAULTS


def send(message: Message, settings: MailSettings, password: Secret, deadline: float) -> Sent:
    """Hand one message to the mail server; `deadline` is a moment of `time.monotonic()`.

    Blocks until then at most, and never raises for what a server or a network does. An empty password
    goes with settings without a user.
    """
    from bookwish_desk.sync.smtp import hand_over

    return hand_over(message, settings, password, deadline)
