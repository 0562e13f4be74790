"""A receipt goes out by e-mail from the register; a mail server that is away is said, and nothing is lost."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope
from msgspec.structs import replace

from bookwish_desk.actions.configuring import keep_settings
from tests.journeys.person import Person
from tests.support.letters import HERE
from tests.sync.mail_servers import Inbox, real_server

KITE = "9781594480003"


def use_server(person: Person, port: int) -> None:
    """Let the shop's mail go to this port: what the owner does on the Settings screen."""
    with person.desk.books.store.write() as tx:
        # The pickups of the demonstration are not reminded of: only receipts are mailed here.
        changed = replace(tx.settings, mail=replace(HERE, port=port), notices=())
        keep_settings(tx, changed, ("mail", "notices"))
    person.desk.lanes.changed.emit(frozenset({"settings"}))
    person.wait(lambda: person.desk.station.settings.mail.port == port)


def read(envelope: Envelope) -> Any:
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def mail_receipt(person: Person, address: str) -> None:
    person.press("E-mail the receipt")
    person.sheet()
    person.type(address, "E-mail address")
    person.key("F12")
    person.no_sheet()


@pytest.mark.capability("BW+03")
def test_a_receipt_arrives_by_e_mail_also_where_the_server_was_away(selling: Person) -> None:
    inbox = Inbox()
    with real_server(inbox) as port:
        use_server(selling, port)
        selling.sell(KITE)
        receipt = selling.pay_cash()
        mail_receipt(selling, "anna@example.com")
        selling.wait(lambda: len(inbox.taken) == 1)
    letter = read(inbox.taken[0])
    assert letter["Subject"].startswith(f"Your receipt {receipt} from ")
    assert "The Kite Runner" in letter.get_content()
    # The server is away; the header says so, the list says why, and what waits goes out when it is back.
    mail_receipt(selling, "ben@example.com")
    selling.see("1 e-mail waiting")
    selling.press("1 e-mail waiting")
    selling.see("E-mails that wait or did not go", "ben@example.com")
    selling.see("does not answer on port")
    with real_server(inbox) as port:
        use_server(selling, port)
        selling.press("Try now")
        selling.see("No e-mail waits")
    assert [e.rcpt_tos for e in inbox.taken] == [["anna@example.com"], ["ben@example.com"]]
    selling.miss("1 e-mail waiting")
