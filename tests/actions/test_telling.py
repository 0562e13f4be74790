"""Which notices a change of an order brings, to whom, and what the history says where nobody was told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import ordering, telling
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import mailbox, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.letter import told_words
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.notice_kinds import Wording
from bookwish_desk.shop.notices import NoticeLine
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_link import number_in
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.staff import Actor
from tests.support.letters import HERE, composed, kinds, mailing_shop, mails, told
from tests.support.orders import ADA, EMMA, ORLANDO, line, made, received, shelved, stepped

DAY = 86_400_000
SHIP = ("start", "pick", "check", "pack")


def own(number: str = "O1-000042", **more: Any) -> Order:
    """Return a paid order of our own, which tells nobody anything by itself."""
    return made(number, **{"source": "email", **more})


def step(
    store: Store, actor: Actor, order: Order, verb: Verb, how: Telling | None = None, **more: Any
) -> Order:
    return ordering.take(store, actor, order.id, Step(verb, **more), how or Telling()).value


def text(store: Store, kind: str) -> str:
    job = next(j for j in mails(store) if j.kind == kind)
    return composed(job).message.text


# ---- each stage ----


@pytest.mark.capability("BW-08", "OMG-30", "IC-26", "IC-27", "WSM-17")
def test_a_customer_who_picks_up_is_told_at_every_stage(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    shelved(store, owner)
    order = received(store, owner, own())
    stepped(store, owner, order, "confirm", "start", "pick", "ready", "check", "hand_over")
    assert kinds(store) == ["received", "fillable", "processing", "ready", "delivered"]
    assert {mailbox.whom(j) for j in mails(store)} == {"ada@example.com"}
    assert [t.kind for t in told(store, order)] == kinds(store)
    assert [t.jobs for t in told(store, order)] == [(j.id,) for j in mails(store)]
    assert "$16.99" in text(store, "received")
    assert "October 5, 2026" in text(store, "ready"), "the last of 14 days"
    assert told_words(told(store, order)[3]) == "E-mail to the customer: Ready to collect."
    store.close()


@pytest.mark.capability("WSM-17", "WSM-19", "BW-13", "BB-07", "IC-21", "OMG-21", "OMG-30")
def test_a_customer_is_told_of_each_parcel_and_before_there_is_a_tracking_number(tmp_path: Path) -> None:
    links = (("USPS", "https://track.example.com/?n=#"),)
    store, owner = mailing_shop(tmp_path, tracking_links=links)
    shelved(store, owner, copies=2)
    shelved(store, owner, EMMA)
    two = made("O1-7", line(copies=2), line(EMMA), source="email", kind="ship")
    order = received(store, owner, two)
    order = stepped(store, owner, order, "start", "pick", "check")
    first = order.lines[0].id
    order = step(store, owner, order, "pack", copies=((first, 2),))
    assert kinds(store) == ["received", "processing"], "half of it is not packed yet"
    order = step(store, owner, order, "pack")
    assert kinds(store)[2:] == ["ready_to_ship"]
    assert not any(p.tracking for p in order.parcels)
    one, other = order.parcels
    sent: dict[str, Any] = {"tracking": "94 00/1", "carrier": "usps", "expected_on": "2026-09-25"}
    order = step(store, owner, order, "ship", parcel=one.id, **sent)
    assert kinds(store)[3:] == ["shipped"]
    said = text(store, "shipped")
    assert "2 x Orlando" in said
    assert "Emma" not in said
    assert "Friday, September 25, 2026" in said
    assert "https://track.example.com/?n=94%2000%2F1" in said
    assert "The rest follows" in said
    assert "12 Elm Street" in said
    order = step(store, owner, order, "ship", parcel=other.id, tracking="B", carrier="Bike")
    last = composed(mails(store)[-1]).message.text
    assert "1 x Emma" in last
    assert "The rest follows" not in last
    assert "track.example.com" not in last
    step(store, owner, order, "deliver", parcel=one.id)
    assert kinds(store)[4:] == ["shipped"], "one parcel is still on its way"
    step(store, owner, order, "deliver", parcel=other.id)
    assert kinds(store)[5:] == ["delivered"]
    assert "Thank you" in text(store, "delivered")
    store.close()


@pytest.mark.capability("OMG-30", "IC-27")
def test_cancelling_says_what_is_paid_back_and_the_refund_that_it_was(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    order = received(store, owner, own())
    order = step(store, owner, order, "cancel", reason="It is out of print.")
    assert "$16.99" in text(store, "cancelled")
    assert "out of print" in text(store, "cancelled")
    step(store, owner, order, "refund")
    assert kinds(store) == ["received", "cancelled", "refunded"]
    assert "$16.99" in text(store, "refunded")
    store.close()


def test_suspected_fraud_is_nobodys_news_and_a_cart_is_no_order(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    order = received(store, owner, own())
    step(store, owner, order, "cancel", reason="stolen card", fraud=True)
    assert "stolen" not in text(store, "cancelled")
    cart = received(store, owner, own("O1-9", state="in_checkout", payment=Payment()))
    step(store, owner, cart, "cancel", reason="never finished")
    assert kinds(store) == ["received", "cancelled"]
    store.close()


def test_what_the_wholesaler_sends_is_told_with_all_that_it_sent(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    order = received(store, owner, own(kind="ship"))
    order = step(store, owner, order, "send_to_wholesaler")
    order = step(store, owner, order, "wholesaler_ship", tracking="W1", carrier="UPS")
    assert kinds(store)[-1] == "shipped"
    assert "1 x Orlando" in text(store, "shipped")
    assert "W1" in text(store, "shipped")
    step(store, owner, order, "wholesaler_complete")
    assert kinds(store)[-1] == "delivered"
    store.close()


# ---- how staff want it told ----


@pytest.mark.capability("WSM-16")
def test_saving_silently_tells_nobody_and_the_history_says_so(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    order = received(store, owner, own())
    step(store, owner, order, "start", Telling("silent"))
    assert kinds(store) == ["received"]
    assert told(store, order)[1].why == "Saved without telling them."
    store.close()


@pytest.mark.capability("WSM-16", "WSM-15")
def test_sending_tells_what_is_not_usual_with_the_words_of_staff(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path, notices=("ready",))
    order = received(store, owner, own())
    assert kinds(store) == []
    assert told(store, order) == [], "what the shop never tells is not worth a line"
    step(store, owner, order, "start", Telling("send", "We found <b>your</b> copy.\nSam"))
    assert kinds(store) == ["processing"]
    assert "We found <b>your</b> copy.\nSam" in text(store, "processing")
    step(store, owner, order, "hold", Telling("send", "May we call you?"), reason="address")
    assert kinds(store) == ["processing", "message"]
    step(store, owner, order, "release_hold", Telling("usual", "All is well."))
    assert "All is well." in composed(mails(store)[-1]).message.text
    store.close()


@pytest.mark.capability("BW-08", "BW-13")
def test_what_the_online_store_tells_itself_is_not_told_twice(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    shelved(store, owner, copies=3)
    order = received(store, owner, made())
    stepped(store, owner, order, "start", "pick", "ready", "check", "hand_over")
    assert "ready" not in kinds(store)
    why = [t.why for t in told(store, order) if t.kind == "ready"]
    assert why == ["BookWish tells them itself."]
    ship = received(store, owner, made("BW-2", kind="ship"))
    ship = stepped(store, owner, ship, *SHIP)
    step(store, owner, ship, "ship", Telling("send"), tracking="X")
    gone = received(store, owner, made("BW-3"))
    step(store, owner, gone, "cancel", reason="asked to")
    assert {"shipped", "cancelled"}.isdisjoint(kinds(store))
    assert {"received", "processing", "ready_to_ship", "delivered"} <= set(kinds(store))
    store.close()


def test_words_of_staff_reach_a_customer_whom_the_store_has_told(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    shelved(store, owner)
    order = received(store, owner, made())
    stepped(store, owner, order, "start", "pick")
    step(store, owner, order, "ready", Telling("send", "It lies with Emma at the till."))
    assert kinds(store) == ["received", "processing", "message"]
    assert "with Emma at the till" in text(store, "message")
    store.close()


# ---- who cannot be told ----


@pytest.mark.parametrize(
    ("email", "mail", "why"),
    [
        ("", None, "No e-mail address is known."),
        ("ada at example", None, "Their e-mail address is not one."),
        ("a@example.com, b@example.com", None, "Their e-mail address is not one."),
        ("a@example.com\r\nBcc: b@example.com", None, "Their e-mail address is not one."),
        ("ada@example.com", MailSettings(), "E-mail is not set up."),
    ],
)
@pytest.mark.capability("IC-25")
def test_an_order_is_worked_on_whoever_cannot_be_told(
    tmp_path: Path, email: str, mail: MailSettings | None, why: str
) -> None:
    store, owner = mailing_shop(tmp_path, mail=HERE if mail is None else mail)
    order = received(store, owner, own(customer=replace(ADA, email=email)))
    assert stepped(store, owner, order, "start").state == "processing"
    assert mails(store) == ()
    assert [t.why for t in told(store, order)] == [why, why]
    assert told_words(told(store, order)[1]) == f"No e-mail to the customer (in work): {why}"
    with store.read() as conn:
        assert [o.number for o in orders.open_orders(conn)] == [order.number]
    with pytest.raises(Refused):
        telling.message(store, owner, order.id, "Hello")
    store.close()


# ---- staff ----


@pytest.mark.capability("BW-01", "WSM-14", "WSM+04", "OMG-08", "BW+07")
def test_everybody_who_is_named_hears_of_a_new_order_with_a_link_to_it(tmp_path: Path) -> None:
    staff = ("owner@example.com", "web@example.com", "desk@example.com")
    store, owner = mailing_shop(tmp_path, notices=(), staff_mail=staff)
    order = received(store, owner, own(instructions="Ring twice", customer=None))
    assert kinds(store) == ["new_order"] * 3
    assert [mailbox.whom(j) for j in mails(store)] == list(staff)
    (entry,) = told(store, order)
    assert entry.jobs == tuple(j.id for j in mails(store))
    assert told_words(entry) == "E-mail to staff: New order."
    said = text(store, "new_order")
    assert "Ring twice" in said
    link = next(word for word in said.split() if word.startswith("bookwish-desk:"))
    assert number_in(link) == order.number
    cart = received(store, owner, own("O1-9", state="in_checkout", payment=Payment()))
    assert len(mails(store)) == 3, "nobody has ordered"
    step(store, owner, cart, "place")
    assert len(mails(store)) == 6
    store.close()


@pytest.mark.capability("BW+07")
@pytest.mark.parametrize(("notice", "count"), [("immediate", 1), ("digest", 0), ("both", 1)])
def test_staff_choose_to_hear_at_once_or_once_a_day(tmp_path: Path, notice: str, count: int) -> None:
    store, owner = mailing_shop(tmp_path, staff_mail=("o@example.com",), staff_notice=notice)
    received(store, owner, own())
    assert kinds(store).count("new_order") == count
    store.close()


# ---- problems and messages ----


@pytest.mark.capability("BB-10", "OMG-33", "IC-26")
def test_a_delay_is_told_with_its_reason_and_the_new_day(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    order = received(store, owner, own(kind="ship"))
    with store.write() as tx:
        telling.tell(tx, owner, order, "delayed", reason="The press broke.", new_date="2026-10-02")
        telling.tell(
            tx,
            owner,
            order,
            "out_of_stock",
            Telling("send", "So sorry!"),
            lines=(NoticeLine("Orlando"),),
            alternatives=("a used copy",),
        )
    said = text(store, "delayed")
    assert "The press broke." in said
    assert "Friday, October 2, 2026" in said
    said = text(store, "out_of_stock")
    assert "- a used copy" in said
    assert "So sorry!" in said
    store.close()


def test_a_message_is_staffs_own_words_under_their_own_subject(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    order = received(store, owner, own())
    row = telling.message(store, owner, order.id, "Is Łódź right?\n.\nSam", "About\r\nBcc: x@y.zz").value
    job = mails(store)[-1]
    assert job.id == row
    assert composed(job).message.subject == "About Bcc: x@y.zz"
    assert "Is Łódź right?\n.\nSam" in composed(job).message.text
    with pytest.raises(Refused, match="Write what"):
        telling.message(store, owner, order.id, " \n ")
    with pytest.raises(Refused, match="card number"):
        telling.message(store, owner, order.id, "Yours is 4242 4242 4242 4242.")
    step(store, owner, order, "start", Telling("send", "Yours is 4242 4242 4242 4242."))
    assert "•••• •••• •••• 4242" in text(store, "processing")
    with store.read() as conn:
        assert not any("4242 4242" in e.body for e in orders.history(conn, order.id))
        assert [e.kind for e in orders.history(conn, order.id)][-4:-2] == ["message", "notice"]
    store.close()


# ---- what was true at the commit ----


def test_a_message_says_what_was_true_and_how_the_shop_worded_it_then(tmp_path: Path) -> None:
    hours = OpeningHours(week=(((540, 1080),),) * 5 + ((),) * 2)
    wording = Wording("ready", "Come, {{ customer }}", "{{ shop_hours }}: {{ number }}")
    store, owner = mailing_shop(tmp_path, hours=hours, wordings=(wording,))
    shelved(store, owner)
    order = received(store, owner, own())
    stepped(store, owner, order, "start", "pick", "ready")
    with store.write() as tx:
        tx.adopt(replace(tx.settings, wordings=(), shop_name="Sold Books"))
    job = next(j for j in mails(store) if j.kind == "ready")
    made_of = composed(job)
    assert made_of.message.subject == "Come, Ada Example"
    assert made_of.message.text == "Monday to Friday 9 am – 6 pm: O1-000042"
    assert composed(job) == made_of, "the same each time"
    store.close()


def test_a_wording_that_cannot_be_used_gives_way_to_the_first_one(tmp_path: Path) -> None:
    wording = Wording("processing", "{{ number", "{{ nobody }}")
    store, owner = mailing_shop(tmp_path, wordings=(wording,))
    order = received(store, owner, own())
    assert stepped(store, owner, order, "start").state == "processing"
    made_of = composed(mails(store)[-1])
    assert made_of.unusable
    assert made_of.message.subject == "Your order O1-000042 is being put together"
    store.close()


def test_a_title_and_a_name_from_outside_stay_text(tmp_path: Path) -> None:
    store, owner = mailing_shop(tmp_path)
    odd = replace(ORLANDO, title="{{ shop }} <script>x</script>")
    who = replace(ADA, name="Ada\r\nBcc: evil@example.com <b>")
    order = received(store, owner, made("O1-3", line(odd), source="email", customer=who))
    made_of = composed(mails(store)[0]).message
    assert "{{ shop }} <script>x</script>" in made_of.text
    assert "\r" not in made_of.to_name + made_of.subject
    assert "\n" not in made_of.to_name + made_of.subject
    assert order.number in made_of.subject
    store.close()
