"""The mailer against mail servers on loopback: messages leave once, and trouble of one is nobody else's."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from bookwish_desk import mailer as module
from bookwish_desk.actions import mailing, ordering
from bookwish_desk.db import mailbox
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.lanes import Lanes
from bookwish_desk.mailer import Mailer
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.order_step import Step
from bookwish_desk.sync import mail as smtp
from bookwish_desk.sync.mail import Sent
from tests.desk.mail_desk import Desk, read, recipients
from tests.support.letters import at_port, mailing_shop, mails, posted, states
from tests.support.orders import ADA, made, received, shelved, stepped
from tests.sync.mail_servers import Authority, FaultyServer, Inbox, hang, real_server

DAY = 86_400_000


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made_one = Desk(tmp_path)
    yield made_one
    made_one.close()


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
