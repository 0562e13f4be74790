"""E-mail among the other jobs of the outbox: neither takes the other's, and what people decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import backing_up, mailing, outgoing, reprinting, tilling
from bookwish_desk.db import mailbox, outbox
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.staff import Actor
from tests.support import days
from tests.support.letters import HERE, composed, mailing_shop, mails, posted, states
from tests.support.orders import made, received
from tests.support.shops import FrozenClock, found_shop, hire

BOOK = days.item("BOOK-1", 1_500, "book")


def test_jobs_of_devices_and_e_mails_leave_one_another_alone(tmp_path: Path) -> None:
    store, owner = found_shop(tmp_path, replace(days.settings(), mail=HERE))
    days.open_till(store, owner)
    sale = days.sell(store, owner, (BOOK, 1))
    mailing.email_receipt(store, owner, sale.receipt, "anna@example.com")
    (mail,) = mails(store)
    with store.read() as conn:
        printed = outbox.latest(conn, sale.receipt, "receipt")
        assert printed is not None
        assert printed.channel == "paper"
        assert outbox.jobs_about(conn, sale.receipt, "receipt") == 1
        assert [j.channel for j in outbox.unfinished(conn, 1)] == ["paper"]
        assert mailbox.latest(conn, sale.receipt, "receipt") == mail
    assert tilling.x_report(store, owner).value.unsent == (f"Receipt {sale.receipt} waits to be printed",)
    with pytest.raises(Refused, match="waiting for the printer"):
        reprinting.reprint(store, owner, sale.receipt)
    with store.write() as tx:
        mailbox.move(tx, mail.id, "sending", "", was="new", register=1)
    assert outgoing.recover(store, 1).value == ()
    assert states(store) == ["sending"]
    with pytest.raises(Refused):
        outgoing.decide(store, owner, mail.id, "drop")
    with store.write() as tx:
        outbox.set_state(tx, printed.id, "sending", "", was="queued")
    assert mailing.recover(store, 2).value == 0, "another register may be sending it"
    assert mailing.recover(store, 1).value == 1
    with store.read() as conn:
        there = outbox.by_id(conn, printed.id)
    assert there is not None
    assert there.state == "sending"
    store.close()


def test_what_waited_when_a_backup_was_made_is_not_sent_by_itself(tmp_path: Path) -> None:
    store, _ = mailing_shop(tmp_path / "shop")
    posted(store, "anna@example.com", "ben@example.com")
    with store.write() as tx:
        mailbox.move(tx, mails(store)[0].id, "sending", "", was="new")
    copy = tmp_path / "copy.db"
    backing_up.backup(store.folder, copy)
    store.close()
    backing_up.put_back(tmp_path / "shop", copy, force=True)
    store = open_store(tmp_path / "shop")
    assert states(store) == ["uncertain", "uncertain"]
    assert mails(store)[0].status == "It waited when this backup was made."
    store.close()


def test_a_receipt_greets_its_customer_and_nobody_else(tmp_path: Path) -> None:
    from bookwish_desk.actions import selling

    store, owner = found_shop(tmp_path, replace(days.settings(), mail=HERE))
    days.open_till(store, owner)
    draft = days.ring(store, owner, ((BOOK, 1),))
    selling.set_customer(store, owner, draft.id, Customer("", "Anna Reader", "anna@example.com"))
    known = selling.current(store, 1).draft
    assert known is not None
    sale = days.pay(store, owner, known)
    for to in ("Anna@example.com", "ben@example.com"):
        mailing.email_receipt(store, owner, sale.receipt, to)
    hers, his = (composed(j).message for j in mails(store))
    assert (hers.to_name, his.to_name) == ("Anna Reader", "")
    assert hers.text.startswith("Hello Anna Reader,")
    assert his.text.startswith("Hello,")
    store.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "anna@example",
        "a@b.com, c@d.com",
        "anna@example.com\nBcc: x@y.zz",
        "Anna <a@b.com>",
    ],
)
def test_a_receipt_goes_to_one_address_that_is_one(tmp_path: Path, address: str) -> None:
    store, owner = found_shop(tmp_path, replace(days.settings(), mail=HERE))
    days.open_till(store, owner)
    sale = days.sell(store, owner, (BOOK, 1))
    with pytest.raises(Refused) as refused:
        mailing.email_receipt(store, owner, sale.receipt, address)
    assert refused.value.facts["field"] == "email"
    assert mails(store) == ()
    with pytest.raises(Refused, match="not in this shop's books"):
        mailing.email_receipt(store, owner, "R1-000099", "anna@example.com")
    store.close()


def test_whoever_left_decides_nothing(tmp_path: Path) -> None:
    store, _owner = mailing_shop(tmp_path)
    (row,) = posted(store, "anna@example.com")
    with pytest.raises(Refused, match="Sign in"):
        mailing.decide(store, Actor("nobody"), row, "leave")
    with pytest.raises(Refused, match="Sign in"):
        mailing.try_now(store, Actor("nobody"))
    mailing.decide(store, hire(store, "staff"), row, "leave")
    assert states(store) == ["dropped"]
    store.close()


def test_an_e_mail_to_another_address_stands_in_the_order(tmp_path: Path) -> None:
    from tests.support.letters import told

    store, owner = mailing_shop(tmp_path)
    order = received(store, owner, made("O1-1", source="email"))
    (first,) = mails(store)
    with pytest.raises(Refused) as refused:
        mailing.send_elsewhere(store, owner, first.id, "nobody")
    assert refused.value.facts["field"] == "email"
    second = mailing.send_elsewhere(store, owner, first.id, "new@example.com").value
    assert [t.jobs for t in told(store, order)] == [(first.id,), (second,)]
    with pytest.raises(Refused, match="settled meanwhile"):
        mailing.send_elsewhere(store, owner, first.id, "new@example.com")
    store.close()


def test_a_clock_put_back_does_not_put_mail_off_for_years(tmp_path: Path) -> None:
    clock = FrozenClock()
    store, _ = mailing_shop(tmp_path, clock)
    (row,) = posted(store, "anna@example.com")
    with store.write() as tx:
        mailbox.move(tx, row, "new", "", was="new", next_try_at=tx.at + mailbox.MOST_WAIT_MS)
    assert mailing.due(store) == ()
    clock.at -= 30 * mailing.DAY_MS
    assert [j.id for j in mailing.due(store)] == [row]
    store.close()


def test_a_damaged_e_mail_is_listed_and_holds_up_no_other(tmp_path: Path) -> None:
    store, _ = mailing_shop(tmp_path)
    bad, good = posted(store, "anna@example.com", "ben@example.com")
    with store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE outbox SET payload = x'7b' WHERE id = ?", (bad,))
    assert [j.id for j in mailing.due(store)] == [bad, good]
    assert mailing.waiting_until(store) is not None
    assert mailing.about(mailing.due(store)[0]) == "E-mail that cannot be read"
    store.close()
