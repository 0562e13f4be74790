"""The mailer and trouble: of one message, which is nobody else's, and of the way, which is everybody's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from bookwish_desk import mailer as module
from bookwish_desk.actions import mailing
from bookwish_desk.db import mailbox
from bookwish_desk.mailer import MailState
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.notice_kinds import Wording
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync import mail as smtp
from bookwish_desk.sync.mail import Sent
from tests.desk.mail_desk import Desk, Moody, read, recipients
from tests.support.letters import at_port, mails, posted
from tests.support.shops import NOON
from tests.sync.mail_servers import FaultyServer, Inbox, drop, hang, real_server

DAY = 86_400_000


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made_one = Desk(tmp_path)
    yield made_one
    made_one.close()


# ---- trouble of one message ----


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
        # Off over a long week-end: the days are over, but it was tried for some minutes only.
        desk.clock.at = NOON + 3 * DAY
        for tries in range(6, mailing.FEWEST_TRIES):
            desk.ring()
            qtbot.waitUntil(lambda: bool(desk.alarms))
            assert [(j.state, j.attempts) for j in mails(desk.store)] == [("new", tries)]
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


def test_encryption_that_fails_is_tried_again_now_and_then(desk: Desk, qtbot: QtBot) -> None:
    inbox = Inbox()
    with real_server(inbox) as port:
        at_port(desk.store, port, security="starttls")
        posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: bool(desk.alarms))
        assert desk.mailer.state.held == "setup"
        assert (desk.alarms[-1][0], desk.states) == (module.MOST_WAIT_MS, ["new"])
        desk.ring()
        qtbot.waitUntil(lambda: bool(desk.alarms))
        assert (desk.mailer.state.held, desk.states) == ("setup", ["new"])
    assert inbox.taken == []


def test_an_alarm_from_before_tries_no_wrong_password_again(desk: Desk, qtbot: QtBot) -> None:
    inbox = Moody(later="anna@example.com")
    with real_server(inbox) as port:
        at_port(desk.store, port)
        posted(desk.store, "anna@example.com")
        desk.mailer.wake()
        qtbot.waitUntil(lambda: bool(desk.alarms))
    with FaultyServer(AUTH=b"535 no\r\n") as server:
        at_port(desk.store, server.port, user="shop")
        posted(desk.store, "ben@example.com")
        desk.lanes.changed.emit(frozenset({"settings"}))
        qtbot.waitUntil(lambda: desk.mailer.state.held == "setup")
        qtbot.waitUntil(lambda: not desk.mailer._busy)
        desk.ring()
        assert not desk.mailer._busy
    assert server.seen.count("AUTH") == 1


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
