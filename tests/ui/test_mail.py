"""The list of e-mails and the forms that ask for an address, through their widgets; and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import mailing, selling
from bookwish_desk.db import drafts, mailbox
from bookwish_desk.db.mailbox import MailCount
from bookwish_desk.db.outbox import State
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.notices import NoticeFacts
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.ui import mail, pay, sales
from bookwish_desk.ui.header import chips
from bookwish_desk.ui.mail.sheet import AddressSheet
from bookwish_desk.ui.widgets import Chip
from tests.support import days, looking
from tests.support.counter import ORLANDO, Counter
from tests.support.letters import HERE, composed, mails, posted, states
from tests.support.orders import made, received
from tests.support.shops import station_for

NO = "The mail server does not take messages for this address. Check how it is spelt."


class Desk(Counter):
    """A counter with the list of e-mails in a window."""

    def __init__(self, folder: Path, qtbot: QtBot, server: MailSettings = HERE) -> None:
        super().__init__(folder, mail=server)
        self.station, self.front = station_for(self.store, self.actor)
        self.station.lanes.changed = self.station.changed  # type: ignore[attr-defined]
        self.screen, self.presenter = mail.build(self.station)
        self.window = looking.window_with("mail", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)

    def end(self, job: str, state: State, status: str) -> None:
        with self.store.write() as tx:
            mailbox.move(tx, job, "sending", "", was="new", attempts=1)
            mailbox.move(tx, job, state, status, was="sending")

    def fill(self) -> list[str]:
        """Make an e-mail in every state that is listed."""
        order = received(self.store, self.actor, made("O1-000042", source="email"))
        with self.store.write() as tx:
            about = NoticeFacts(Letterhead("Test Books"), number=order.number)
            rows = [
                mailing.post_letter(tx, "ready", to, about, ref=order.id, register=1)
                for to in ("anna@exmaple.com", "ben@example.com", "cleo@example.com", "dora@example.com")
            ]
        self.end(rows[0], "refused", f"{NO} The mail server said: 550 5.1.1 no such user here")
        self.end(rows[1], "uncertain", mailing.STOPPED)
        self.end(rows[2], "new", "The mail server cannot take the message now. It is tried again later.")
        return rows


@pytest.fixture
def desk(tmp_path: Path, dressed: Any, qtbot: QtBot) -> Desk:
    return Desk(tmp_path, qtbot)


def sheet_of() -> AddressSheet:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, AddressSheet) and w.isVisible())


def badges(desk: Desk) -> list[str]:
    return [r.badge for r in desk.screen.rows.rows()]


def test_each_e_mail_that_did_not_go_says_why_and_is_sent_again_or_left(desk: Desk, qtbot: QtBot) -> None:
    rows = desk.fill()
    desk.presenter.shown()
    assert badges(desk) == ["Perhaps sent", "Refused", "Waiting", "Waiting"]
    assert desk.presenter.state.selected == rows[1]
    assert "ask before you send it again" in desk.screen._words.text()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert badges(desk) == ["Refused", "Waiting", "Waiting", "Waiting"]
    desk.presenter.choose(rows[0])
    assert "550 5.1.1 no such user here" in desk.screen._words.text()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F7)
    assert states(desk.store) == ["dropped", "new", "new", "new"]
    assert not desk.screen._again.isEnabled(), "what waits is not sent twice"
    assert [e["verdict"] for e in desk.journal("mail.decided")] == ["again", "leave"]


def test_an_address_that_was_misspelt_is_put_right(desk: Desk, qtbot: QtBot) -> None:
    rows = desk.fill()
    desk.presenter.shown()
    desk.presenter.choose(rows[0])
    qtbot.keyClick(desk.screen, Qt.Key.Key_F6)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    assert sheet.address.text() == "anna@exmaple.com"
    sheet.address.set_text("anna at example")
    qtbot.keyClick(sheet.address.edit, Qt.Key.Key_Return)
    assert sheet.isVisible(), "a scanner types Enter"
    assert len(mails(desk.store)) == 4
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.address.error() == "Type one e-mail address, as in anna@example.com."
    sheet.address.set_text(" anna@example.com ")
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    old, new = mails(desk.store)[0], mails(desk.store)[-1]
    assert (old.state, old.status) == ("dropped", "Sent to another address.")
    assert composed(new).message.to == "anna@example.com"
    assert composed(new).message.text == composed(old).message.text
    assert new.id != old.id
    assert new.ref == old.ref


def test_what_holds_all_mail_up_is_said_and_tried_again(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.station.mail_trouble = "The mail server does not accept the user name and the password."
    heard: list[frozenset[str]] = []
    desk.station.on_change(heard.append)
    desk.presenter.shown()
    assert "user name" in desk.screen._held.text()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F9)
    assert any(mailbox.RETRY in nouns for nouns in heard)
    assert desk.front.said == [("The e-mails that wait are tried again.", "ok")]


def test_the_list_leads_to_the_order_and_back(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    opened: list[str] = []
    desk.presenter.on_order = opened.append
    desk.presenter.shown()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F8)
    assert opened == [mails(desk.store)[1].ref]
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert desk.front.screen == "sales"


def test_what_was_settled_meanwhile_is_refused_in_words(desk: Desk, qtbot: QtBot) -> None:
    rows = desk.fill()
    desk.presenter.shown()
    with desk.store.write() as tx:
        mailbox.move(tx, rows[1], "dropped", "x", was="uncertain")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert "settled meanwhile" in desk.presenter.state.notice


# ---- the header ----


def chip(count: MailCount, held: bool = False) -> list[Chip]:
    made_ones = chips(demo=False, devices=(), states={}, unfinished=0, mail=count, mail_held=held)
    return [c for c in made_ones if c.id == "mail"]


def test_the_header_speaks_of_mail_when_it_does_not_go() -> None:
    assert chip(MailCount()) == []
    assert chip(MailCount(waiting=3)) == [], "it is on its way"
    assert [c.text for c in chip(MailCount(waiting=2, delayed=1))] == ["2 e-mails waiting"]
    assert [c.text for c in chip(MailCount(waiting=2, stuck=1))] == ["1 e-mail to see to"]
    (wrong,) = chip(MailCount(waiting=2, stuck=1), held=True)
    assert (wrong.state, wrong.text, wrong.place) == ("error", "Mail is not set up right", "mail")
    assert chip(MailCount(), held=True) == [], "nothing waits for it"


# ---- receipts ----


@pytest.mark.capability("BW+03")
def test_the_receipt_of_a_sale_just_made_goes_to_the_customer(desk: Desk, qtbot: QtBot) -> None:
    panel, presenter = pay.build(desk.station)
    window = looking.window_with("sell", panel)
    qtbot.addWidget(window)
    draft = days.ring(desk.store, desk.actor, [(ORLANDO, 1)])
    ada = Customer("", "Ada", "ada@example.com")
    selling.set_customer(desk.store, desk.actor, draft.id, ada)
    presenter.start(selling.current(desk.store, 1))
    presenter.cash("")
    assert presenter.state.done_can_email
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(panel, Qt.Key.Key_F7)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    assert sheet.address.text() == "ada@example.com"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    (job,) = mails(desk.store)
    assert (job.kind, job.ref) == ("receipt", "R1-000001")
    assert ("Receipt R1-000001 goes out by e-mail.", "ok") in desk.front.said
    assert [set(e) for e in desk.journal("receipt.emailed")] == [{"job"}], "no address in the journal"


@pytest.mark.capability("BW+03")
def test_the_receipt_of_an_old_sale_is_sent_from_the_list_of_sales(
    desk: Desk, qtbot: QtBot, pictures: Path, dressed: Any
) -> None:
    sale = desk.sell((ORLANDO, 1))
    screen, presenter = sales.build(desk.station)
    window = looking.window_with("sales", screen)
    qtbot.addWidget(window)
    presenter.shown()
    presenter.choose(sale.receipt)
    looking.photograph_all(dressed, window, pictures, "mail-sales")
    assert looking.cut_off(window) == []
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(screen, Qt.Key.Key_F7)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    assert sheet.address.text() == "", "nobody was attached to the sale"
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.address.error()
    looking.photograph_all(dressed, window, pictures, "mail-address", sheet)
    qtbot.keyClicks(sheet.address.edit, "ben@example.com")
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert [j.ref for j in mails(desk.store)] == [sale.receipt]
    with desk.store.read() as conn:
        assert drafts.open_on(conn, 1) is None


def test_the_list_of_sales_leads_to_the_e_mails(desk: Desk, qtbot: QtBot) -> None:
    screen, presenter = sales.build(desk.station)
    window = looking.window_with("sales", screen)
    qtbot.addWidget(window)
    presenter.shown()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(screen, Qt.Key.Key_F12)
    assert desk.front.screen == "mail"


def test_a_shop_without_mail_is_not_offered_any(tmp_path: Path, dressed: Any, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, qtbot, MailSettings())
    sale = desk.sell((ORLANDO, 1))
    screen, presenter = sales.build(desk.station)
    qtbot.addWidget(screen)
    presenter.shown()
    presenter.choose(sale.receipt)
    screen.show()
    assert not screen._email.isVisible()
    asked: list[str] = []
    presenter.on_email = lambda receipt, _to: asked.append(receipt)
    presenter.ask_email()
    assert asked == []
    with pytest.raises(Refused, match="E-mail is not set up"):
        mailing.email_receipt(desk.store, desk.actor, sale.receipt, "ben@example.com")


# ---- the look ----


def test_pictures_names_and_plain_text(desk: Desk, dressed: Any, pictures: Path, qtbot: QtBot) -> None:
    looking.photograph_all(dressed, desk.window, pictures, "mail-none")
    desk.fill()
    posted(
        desk.store,
        "<b>bold</b>@example.com",
        "apersonwithaverylongnameofthree-and-sixtysigns@adomainthatislong.example.com",
    )
    desk.station.mail_trouble = "The mail server does not accept the user name and the password."
    desk.presenter.shown()
    looking.photograph_all(dressed, desk.window, pictures, "mail-list")
    desk.presenter.choose(mails(desk.store)[-1].id)
    looking.photograph_all(dressed, desk.window, pictures, "mail-long")
    assert looking.cut_off(desk.window) == []
    assert looking.nameless(desk.screen) == []
    assert looking.rich(desk.window) == []
    panel, presenter = pay.build(desk.station)
    window = looking.window_with("sell", panel)
    qtbot.addWidget(window)
    draft = days.ring(desk.store, desk.actor, [(ORLANDO, 1)])
    assert draft.id
    presenter.start(selling.current(desk.store, 1))
    presenter.cash("")
    looking.photograph_all(dressed, window, pictures, "mail-done")
    assert looking.cut_off(window) == []
