"""The mailer against mail servers on loopback: messages leave once, and trouble of one is nobody else's."""

from __future__ import annotations

import email
import email.policy
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from bookwish_desk import mailer as module
from bookwish_desk.actions import mailing, ordering
from bookwish_desk.db import mailbox
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.lanes import Lanes
from bookwish_desk.mailer import Mailer, MailState
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.notice_kinds import Wording
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync import mail as smtp
from bookwish_desk.sync.mail import Sent
from tests.support.letters import at_port, mailing_shop, mails, posted, states
from tests.support.orders import ADA, made, received, shelved, stepped
from tests.support.shops import NOON, FrozenClock
from tests.sync.mail_servers import Authority, FaultyServer, Inbox, drop, hang, real_server

DAY = 86_400_000


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


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made_one = Desk(tmp_path)
    yield made_one
    made_one.close()


def read(envelope: Envelope) -> Any:
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


# ---- from a step to the inbox ----


@pytest.mark.capability("BW-08", "IC-27", "OMG-30", "BW-01", "WSM-14", "OMG-08")
def test_a_step_at_the_desk_arrives_at_the_customers(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, staff_mail=("boss@example.com",), notices=("ready",))
    shelved(desk.store, desk.owner)
    inbox = Inbox()
    who = replace(ADA, name="Ada Łódź 東京")
    with real_server(inbox) as port:
        at_port(desk.store, port)
        order = received(desk.store, desk.owner, made("O1-1", source="email", customer=who))
        order = stepped(desk.store, desk.owner, order, "start", "pick")
        desk.lanes.act(lambda s: ordering.take(s, desk.owner, order.id, Step("ready")))
        qtbot.waitUntil(lambda: desk.states == ["done", "done"])
    staff, customer = (read(e) for e in inbox.taken)
    assert staff["To"].addresses[0].addr_spec == "boss@example.com"
    assert "bookwish-desk:order/O1-1" in staff.get_content()
    assert customer["To"].addresses[0].display_name == "Ada Łódź 東京"
    assert customer["Subject"] == "Your order O1-1 is ready to collect"
    assert customer["Message-ID"] == f"<{mails(desk.store)[1].id}@example.com>"
    assert customer.get_content_type() == "text/plain"
    assert mails(desk.store)[1].status == "250 2.0.0 queued as 4711"
    desk.close()


def test_a_message_goes_out_encrypted_with_the_password_of_the_keyring(
    desk: Desk,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    inbox = Inbox()
    how = {"require_starttls": True, "auth_required": True, "authenticator": inbox.login}
    with real_server(inbox, tls_context=authority.server("localhost"), **how) as port:
        at_port(desk.store, port, host="localhost", security="starttls", user="shop")
        posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: desk.states == ["done"])
    assert inbox.logins == [(b"shop", "pässword".encode())]
    assert "pässword" not in caplog.text
    files = [x for x in desk.store.folder.rglob("*") if x.is_file()]
    assert any(b"anna@example.com" in x.read_bytes() for x in files)
    assert not any("pässword".encode() in x.read_bytes() for x in files)


@pytest.mark.capability("BW+03")
def test_a_receipt_arrives_as_text_in_columns(desk: Desk, qtbot: QtBot) -> None:
    from bookwish_desk.shop.item import Item
    from tests.support import days

    days.open_till(desk.store, desk.owner)
    sale = days.sell(desk.store, desk.owner, (Item(sku="B", title="Orlando", price_cents=1_500), 2))
    inbox = Inbox()
    with real_server(inbox) as port:
        at_port(desk.store, port)
        desk.lanes.act(lambda s: mailing.email_receipt(s, desk.owner, sale.receipt, " anna@example.com "))
        qtbot.waitUntil(lambda: desk.states == ["done"])
    (envelope,) = inbox.taken
    said = read(envelope).get_content()
    assert f"Your receipt {sale.receipt} from Test Books" == read(envelope)["Subject"]
    (row,) = (x for x in said.splitlines() if x.startswith("Orlando"))
    assert row.endswith("$30.00")
    assert len(row) == module.COLUMNS
    assert "[logo]" not in said
    assert f"[{sale.receipt}]" not in said
    with desk.store.read() as conn:
        assert mailbox.latest(conn, sale.receipt, "receipt") is not None


# ---- trouble of one message ----


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


def test_of_fifty_messages_one_is_refused_and_the_others_arrive_in_order(desk: Desk, qtbot: QtBot) -> None:
    people = [f"p{n}@example.com" for n in range(50)]
    inbox = Moody(refused="p20@example.com")
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, *people)
        desk.mailer.wake()
        qtbot.waitUntil(lambda: "new" not in desk.states and "sending" not in desk.states)
    assert recipients(inbox) == [p for p in people if p != "p20@example.com"]
    refused = mails(desk.store)[20]
    assert refused.state == "refused"
    assert "550 5.1.1 no such user here" in refused.status
    assert desk.states.count("done") == 49


def test_who_must_wait_gets_theirs_in_order_and_keeps_nobody_waiting(desk: Desk, qtbot: QtBot) -> None:
    inbox = Moody(later="anna@example.com")
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, "anna@example.com", "Anna@example.com", "ben@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: bool(desk.alarms))
        assert desk.states == ["new", "new", "done"]
        assert [j.attempts for j in mails(desk.store)] == [1, 0, 1]
        assert desk.told == [], "the server is well"
        inbox.later = ""
        desk.ring()
        qtbot.waitUntil(lambda: desk.states == ["done"] * 3)
    assert recipients(inbox) == ["ben@example.com", "anna@example.com", "Anna@example.com"]


def test_waits_double_and_a_message_is_given_up_after_some_days(desk: Desk, qtbot: QtBot) -> None:
    inbox = Moody(later="anna@example.com")
    waits: list[int] = []
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        for _ in range(4):
            qtbot.waitUntil(lambda: bool(desk.alarms))
            waits.append(desk.alarms[-1][0])
            desk.ring()
        qtbot.waitUntil(lambda: bool(desk.alarms))
        desk.clock.at = NOON + 3 * DAY
        desk.ring()
        qtbot.waitUntil(lambda: desk.states == ["dead"])
    assert [round(w / 1000) for w in waits] == [16, 31, 61, 121]
    assert "tried for 3 days" in mails(desk.store)[0].status
    assert "450 4.2.0 come back later" in mails(desk.store)[0].status


def test_an_answer_that_is_lost_is_for_a_person_to_decide(desk: Desk, qtbot: QtBot) -> None:
    with FaultyServer(dot=drop) as server:
        at_port(desk.store, server.port)
        (row,) = posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: desk.states == ["uncertain"])
    first = server.letters
    assert len(first) == 1
    with FaultyServer() as server:
        at_port(desk.store, server.port)
        desk.mailer.retry()
        posted(desk.store, "ben@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: desk.states == ["uncertain", "done"])
    with FaultyServer() as server:
        at_port(desk.store, server.port)
        desk.lanes.act(lambda s: mailing.decide(s, desk.owner, row, "again"))
        qtbot.waitUntil(lambda: desk.states == ["done", "done"])
    assert server.letters == first, "the same to the last letter: servers know a second copy"


def test_a_message_that_no_text_can_be_made_of_holds_up_no_other(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_of = module._composed

    def broken(job: Any) -> Any:
        if mailbox.whom(job) == "bad@example.com":
            raise Refused("notice.empty", "The message is empty.")
        return made_of(job)

    monkeypatch.setattr(module, "_composed", broken)
    inbox = Inbox()
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, "bad@example.com", "ben@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: desk.states == ["dead", "done"])
    assert mails(desk.store)[0].status == "The message is empty."


def test_a_spoilt_wording_is_written_down_and_the_first_one_goes_out(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, wordings=(Wording("message", "{{ nobody }}", "x"),))
    inbox = Inbox()
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: desk.states == ["done"])
    assert read(inbox.taken[0])["Subject"] == "About your order B-1"
    with desk.store.read() as conn:
        written = conn.exec_driver_sql("SELECT kind FROM journal ORDER BY seq DESC LIMIT 1").scalar()
    assert written == "mail.wording_unusable"
    desk.close()


# ---- trouble of the way ----


def test_a_server_that_is_away_is_not_asked_for_each_message(desk: Desk, qtbot: QtBot) -> None:
    with real_server(Inbox()) as port:
        pass
    at_port(desk.store, port)
    posted(desk.store, *(f"p{n}@example.com" for n in range(5)))
    desk.mailer.wake()
    qtbot.waitUntil(lambda: bool(desk.alarms))
    assert sum(j.attempts for j in mails(desk.store)) == 1
    assert desk.mailer.state.held == "away"
    assert "does not answer" in desk.mailer.state.sentence
    inbox = Inbox()
    with real_server(inbox) as port:
        desk.lanes.changed.emit(frozenset({"mail"}))
        assert sum(j.attempts for j in mails(desk.store)) == 1, "a new message does not hurry it"
        assert not desk.mailer._busy
        at_port(desk.store, port)
        qtbot.waitUntil(lambda: desk.all_sent(5))
        qtbot.waitUntil(lambda: desk.mailer.state == MailState())
    assert len(inbox.taken) == 5


def test_once_the_rest_is_over_a_new_message_waits_for_no_older_one(desk: Desk, qtbot: QtBot) -> None:
    with real_server(Inbox()) as port:
        pass
    at_port(desk.store, port)
    (first,) = posted(desk.store, "anna@example.com")
    desk.mailer.wake()
    qtbot.waitUntil(lambda: bool(desk.alarms))
    with desk.store.write() as tx:
        mailbox.move(tx, first, "new", "", was="new", next_try_at=tx.at + mailbox.MOST_WAIT_MS)
    desk.ring()
    qtbot.waitUntil(lambda: bool(desk.alarms))
    inbox = Inbox()
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, "ben@example.com")
        desk.lanes.changed.emit(frozenset({"mail"}))
        qtbot.waitUntil(lambda: desk.states == ["new", "done"])
    qtbot.waitUntil(lambda: desk.mailer.state == MailState())


def test_a_server_that_takes_nothing_now_is_given_a_rest(desk: Desk, qtbot: QtBot) -> None:
    people = [f"p{n}@example.com" for n in range(9)]
    with real_server(Inbox(sender="421 4.7.0 too many log-ins, try again later")) as port:
        at_port(desk.store, port)
        posted(desk.store, *people)
        desk.mailer.wake()
        qtbot.waitUntil(lambda: bool(desk.alarms))
    assert [j.attempts for j in mails(desk.store)] == [1, 1, 1, 0, 0, 0, 0, 0, 0]
    assert desk.mailer.state.held == "away"
    inbox = Inbox()
    with real_server(inbox) as port:
        at_port(desk.store, port)
        qtbot.waitUntil(lambda: desk.all_sent(9))
    assert sorted(recipients(inbox)) == people


def test_a_server_that_falls_silent_is_waited_for(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEND_SECONDS", 0.5)
    with FaultyServer(RCPT=hang) as server:
        at_port(desk.store, server.port)
        posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: bool(desk.alarms))
    assert desk.states == ["new"]
    assert "Nothing was sent" in mails(desk.store)[0].status


def test_a_wrong_password_is_tried_once_and_nothing_is_lost(desk: Desk, qtbot: QtBot) -> None:
    with FaultyServer(AUTH=b"535 no\r\n") as server:
        at_port(desk.store, server.port, user="shop")
        posted(desk.store, "anna@example.com", "ben@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: desk.mailer.state.held == "setup")
    assert server.seen.count("AUTH") == 1
    assert desk.states == ["new", "new"]
    assert [j.attempts for j in mails(desk.store)] == [0, 0]
    assert "user name and the password" in desk.mailer.state.sentence
    posted(desk.store, "cleo@example.com")
    desk.mailer.wake()
    desk.lanes.changed.emit(frozenset({"mail"}))
    desk.lanes.changed.emit(frozenset({"settings"}))
    looked: list[None] = []
    desk.lanes.read(lambda _store: None, then=looked.append)
    qtbot.waitUntil(lambda: bool(looked))
    assert desk.states == ["new"] * 3
    assert desk.mailer.state.held == "setup", "another setting was changed: the password is wrong still"
    assert desk.alarms == []
    inbox = Inbox()
    how = {"authenticator": inbox.login, "auth_require_tls": False}
    with real_server(inbox, **how) as port:
        at_port(desk.store, port)
        desk.lanes.changed.emit(frozenset({"settings"}))
        qtbot.waitUntil(lambda: desk.states == ["done"] * 3)
    qtbot.waitUntil(lambda: desk.mailer.state == MailState())
    assert [s.held for s in desk.told] == ["setup", ""]


def test_a_locked_keyring_is_waited_for(desk: Desk, qtbot: QtBot) -> None:
    words = "The keyring cannot be used. Unlock it, then try again."

    def locked(_settings: Settings) -> Secret:
        raise StorageError("keyring", words)

    desk.mailer._password = locked
    at_port(desk.store, 9, user="shop")
    posted(desk.store, "anna@example.com")
    desk.mailer.wake()
    qtbot.waitUntil(lambda: bool(desk.alarms))
    assert desk.mailer.state == MailState("away", words)
    assert desk.states == ["new"]
    assert desk.alarms[-1][0] == module.LOCKED_WAIT_MS


def test_without_a_mail_server_what_waits_goes_on_waiting(desk: Desk, qtbot: QtBot) -> None:
    posted(desk.store, "anna@example.com")
    at_port(desk.store, 25, host="")
    desk.mailer.wake()
    qtbot.waitUntil(lambda: desk.mailer.state.held == "setup")
    assert desk.states == ["new"]


def test_a_bug_while_sending_is_uncertain_and_stops_nobody(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def broken(message: Any, *_more: Any) -> Sent:
        calls.append(message.to)
        if len(calls) == 1:
            raise ValueError("boom")
        return Sent("sent")

    monkeypatch.setattr(smtp, "send", broken)
    posted(desk.store, "anna@example.com", "ben@example.com")
    desk.mailer.wake()
    qtbot.waitUntil(lambda: desk.states == ["uncertain", "done"])


# ---- crashes ----


def test_sending_is_committed_before_the_first_byte_leaves(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def look(*_more: Any) -> Sent:
        seen.append(desk.states)
        return Sent("sent")

    monkeypatch.setattr(smtp, "send", look)
    posted(desk.store, "anna@example.com")
    desk.mailer.wake()
    qtbot.waitUntil(lambda: desk.states == ["done"])
    assert seen == [["sending"]]


KILLED = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from bookwish_desk.db.store import open_store
from bookwish_desk.lanes import Lanes
from bookwish_desk.mailer import Mailer
app = QCoreApplication([])
lanes = Lanes(open_store(Path(sys.argv[1])))
Mailer(lanes, 1, lambda _state: None).recover()
app.exec()
"""


@pytest.mark.parametrize("step", ["greeting", "RCPT", "dot", "QUIT"])
def test_what_a_kill_left_behind_is_for_a_person_to_decide(tmp_path: Path, qtbot: QtBot, step: str) -> None:
    store, owner = mailing_shop(tmp_path)
    there = threading.Event()

    def reached(link: Any) -> None:
        there.set()
        hang(link)

    with FaultyServer(**{step: reached}) as server:
        at_port(store, server.port)
        posted(store, "anna@example.com")
        store.close()
        desk = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
        assert there.wait(60)
        desk.kill()
        desk.wait()
    store = open_store(tmp_path)
    assert states(store) == ["sending"]
    inbox = Inbox()
    lanes = Lanes(store)
    mailer = Mailer(lanes, 1, lambda _state: None)
    with real_server(inbox) as port:
        at_port(store, port)
        posted(store, "ben@example.com")
        mailer.recover()
        qtbot.waitUntil(lambda: states(store) == ["uncertain", "done"])
    assert recipients(inbox) == ["ben@example.com"]
    assert mails(store)[0].status == mailing.STOPPED
    mailing.decide(store, owner, mails(store)[0].id, "leave")
    assert states(store) == ["dropped", "done"]
    mailer.close()
    lanes.close()
    store.close()


def test_the_desk_closes_between_two_messages(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(*_more: Any) -> Sent:
        desk.mailer.close()
        return Sent("sent")

    monkeypatch.setattr(smtp, "send", first)
    posted(desk.store, "anna@example.com", "ben@example.com")
    desk.mailer.wake()
    qtbot.waitUntil(lambda: desk.states[0] == "done")
    desk.end()
    assert desk.states == ["done", "new"]


def test_books_that_cannot_be_written_are_tried_again_before_the_next_message(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    end = mailing.end

    def full(store: Store, *more: Any) -> Any:
        calls.append("end")
        if len(calls) == 1:
            raise StorageError("full", "The disk is full.")
        return end(store, *more)

    monkeypatch.setattr(mailing, "end", full)
    seen: list[list[str]] = []

    def look(*_more: Any) -> Sent:
        seen.append(desk.states)
        return Sent("sent")

    monkeypatch.setattr(smtp, "send", look)
    posted(desk.store, "anna@example.com", "ben@example.com")
    desk.mailer.wake()
    qtbot.waitUntil(lambda: desk.states == ["done", "done"])
    assert seen == [["sending", "new"], ["done", "sending"]]
    assert len(calls) == 3


def test_the_password_is_asked_for_where_there_is_a_user_only(desk: Desk, qtbot: QtBot) -> None:
    inbox = Inbox()
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: desk.states == ["done"])
    assert desk.asked == []
    assert MailSettings().user == ""
