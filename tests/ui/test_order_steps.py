"""The guided steps with an order: payment, cancelling, holding, notes and messages, without a window."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.db import mailbox, orders
from bookwish_desk.settings import Settings
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_payment import DAY
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms import Values
from bookwish_desk.ui.order_steps.cancelling import CancelPresenter
from bookwish_desk.ui.order_steps.holding import HoldPresenter
from bookwish_desk.ui.order_steps.noting import MemoPresenter, MessagePresenter
from bookwish_desk.ui.order_steps.payment import MOVES_NOTHING, PaymentPresenter
from tests.support import orders as some
from tests.support.shops import FrozenClock, found_shop, hire, station_for


class Shop:
    """A shop with one order, and a step that is asked of it."""

    def __init__(self, folder, *lines, settings=None, **more):
        self.clock = FrozenClock()
        self.store, self.actor = found_shop(folder, settings, clock=self.clock)
        self.station, self.front = station_for(self.store, self.actor)
        some.shelved(self.store, self.actor, some.ORLANDO, 5)
        self.order = some.received(self.store, self.actor, some.made("BW-1", *lines, **more))

    def asked(self, kind):
        step = kind(self.station, some.now(self.store, self.order))
        step.open()
        return step

    @property
    def now(self):
        return some.now(self.store, self.order)

    def step(self, *steps):
        return some.stepped(self.store, self.actor, self.order, *steps)

    def history(self):
        with self.store.read() as conn:
            return [event.kind for event in orders.history(conn, self.order.id)]


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.store.close()


def unpaid(tmp_path, **more):
    return Shop(tmp_path, some.line(copies=2), payment=Payment(), source="phone", **more)


def keys(step):
    return [i.key for i in step.state.asked.inputs]


def answer(step, **texts):
    """Type into the form as the sheet hands it on: all fields shown, with these texts in them."""
    step.changed(Values(texts))
    step.submit(Values({**texts}))


def errors(step):
    return {i.key: i.error for i in step.state.asked.inputs if i.error}


# ---- payment ----


@pytest.mark.capability("IC-08", "IC-14", "IC-29")
def test_a_payment_is_recorded_before_anything_is_picked(tmp_path):
    shop = unpaid(tmp_path)
    step = shop.asked(PaymentPresenter)
    assert step.state.asked.about[-1] == "Still to be paid: $33.98."
    assert MOVES_NOTHING in step.state.asked.outcome
    step.submit(Values({}))
    assert errors(step) == {"tender": "Choose how it was paid."}
    answer(step, tender="Cheque", note="No. 1207")
    assert step.state.done
    assert shop.now.payment.captured_cents == 3398
    assert shop.now.state == "pending", "paid before the shop has begun with it"
    assert shop.history()[-1] == "capture" or "capture" in shop.history()
    shop.store.close()


@pytest.mark.capability("IC-14")
def test_a_payment_that_waits_outside_is_received_later(tmp_path):
    shop = unpaid(tmp_path)
    answer(shop.asked(PaymentPresenter), what="await_outside")
    assert shop.now.payment.kind == "pending_outside"
    step = shop.asked(PaymentPresenter)
    assert any("waits at somebody else's" in said for said in step.state.asked.about)
    answer(step, what="capture", tender="PayPal")
    assert shop.now.payment.kind == "captured"
    shop.store.close()


@pytest.mark.capability("IC-30", "IC+03")
def test_an_authorisation_is_recorded_voided_and_asked_for_again(tmp_path):
    shop = unpaid(tmp_path)
    step = shop.asked(PaymentPresenter)
    step.changed(Values({"what": "authorise"}))
    assert keys(step) == ["what", "amount_authorise", "until"]
    answer(step, what="authorise", until="2026-13-01")
    assert errors(step) == {"until": "Type the date as 2026-11-24: year, month, day."}
    answer(step, what="authorise", until="2027-09-01")
    assert errors(step) == {"until": "An authorisation ends within four weeks from now. Check the day."}
    answer(step, what="authorise", until="2026-09-28")
    assert shop.now.payment.authorised_cents == 3398
    assert "Authorised: $33.98, valid until Sep 28, 2026." in shop.asked(PaymentPresenter).state.asked.about
    shop.clock.at += 9 * DAY
    late = shop.asked(PaymentPresenter)
    assert late.verb_now() == "reauthorise", "what the order waits for is proposed"
    assert any("expired on" in said for said in late.state.asked.about)
    answer(late)
    assert shop.now.payment.covers(3398, shop.clock.at)
    answer(shop.asked(PaymentPresenter), what="void")
    assert shop.now.payment.kind == "none"
    shop.store.close()


def test_no_more_is_proposed_than_was_authorised(tmp_path):
    shop = unpaid(tmp_path)
    answer(shop.asked(PaymentPresenter), what="authorise", amount_authorise="20")
    step = shop.asked(PaymentPresenter)
    step.changed(Values({"what": "capture"}))
    amount = next(i for i in step.state.asked.inputs if i.key == "amount_capture")
    assert amount.value == "20.00"
    answer(step, what="capture", tender="Card", amount_capture="33.98")
    assert "amount_capture" in errors(step), "beside the amount that was typed"
    shop.store.close()


@pytest.mark.capability("IC-09")
def test_a_cancelled_paid_order_is_refunded_and_only_then_settled(shop):
    answer(shop.asked(CancelPresenter), what="all", why="Not collected", by="store")
    assert [t.kind for t in tasks(shop.now, shop.clock())] == ["refund"]
    step = shop.asked(PaymentPresenter)
    assert step.verb_now() == "refund"
    amount = next(i for i in step.state.asked.inputs if i.key == "amount_refund")
    assert amount.value == "16.99"
    answer(step, tender="Card")
    assert tasks(shop.now, shop.clock()) == ()
    assert shop.now.payment.kind == "refunded"


def test_money_is_granted_with_a_reason_only(shop):
    step = shop.asked(PaymentPresenter)
    answer(step, what="grant", amount_grant="5")
    assert errors(step) == {"why": "Say what the money is given back for."}
    answer(step, what="grant", amount_grant="0", why="Damaged copy")
    assert errors(step) == {"amount_grant": "Type an amount above zero."}
    answer(step, what="grant", amount_grant="5", why="other", why_words="Corner bent")
    assert shop.now.refund_due_cents == 500
    assert "Give the customer the money back ($5.00)." in shop.front.said[-1][0]


@pytest.mark.parametrize("field", ["note", "comment"])
def test_no_card_number_can_be_typed(tmp_path, field):
    shop = unpaid(tmp_path)
    step = shop.asked(PaymentPresenter)
    step.changed(Values({"tender": "Card", "tell": "send", field: "4111 1111 1111 1111"}))
    assert errors(step)[field] == "That looks like a card number. Card numbers are never kept here."
    step.submit(Values({"tender": "Card", "tell": "send", field: "4111 1111 1111 1111"}))
    assert not step.state.done and shop.now.payment.captured_cents == 0
    shop.store.close()


def test_an_order_with_nothing_to_record_says_why(shop):
    shop.step(Step("cancel", reason="x"), Step("refund"))
    step = shop.asked(PaymentPresenter)
    assert step.state.asked.verb == "" and step.state.asked.about[-1]
    step.submit(Values({}))
    assert not step.state.done


# ---- cancelling ----


@pytest.mark.capability("IC-03", "OMG-28", "IC-09")
def test_what_happens_with_the_money_is_said_before(shop):
    step = shop.asked(CancelPresenter)
    said = " ".join(step.state.asked.outcome)
    assert "Paid $16.99. Nothing of the order is left: $16.99 is to be given back." in said
    assert "1 copy is free again for others." in said
    step.submit(Values({}))
    assert errors(step) == {"why": "Say why it is cancelled."}
    answer(step, why="Customer changed their mind", by="customer", tell="silent")
    assert (shop.now.state, shop.now.cancelled_by) == ("cancelled", "customer")
    assert "Still to do: Give the customer the money back ($16.99)." in shop.front.said[-1][0]


@pytest.mark.capability("OMG-32", "BW-32")
def test_single_copies_are_cancelled(tmp_path):
    shop = Shop(tmp_path, some.line(copies=3), some.line(some.EMMA))
    first = shop.order.lines[0]
    step = shop.asked(CancelPresenter)
    answer(step, what="some", why="Out of stock")
    assert errors(step) == {f"copies_{first.id}": "Say how many copies are cancelled."}
    step.changed(Values({"what": "some", f"copies_{first.id}": "2"}))
    assert "$33.98 is to be given back" in " ".join(step.state.asked.outcome)
    answer(step, what="some", why="Out of stock", by="store", **{f"copies_{first.id}": "2"})
    assert [x.live for x in shop.now.lines] == [1, 1]
    assert shop.now.refund_due_cents == 3398
    shop.store.close()


@pytest.mark.capability("IC+04")
def test_fraud_is_cancelled_with_its_red_flags(shop):
    step = shop.asked(CancelPresenter)
    assert "flag_cards" not in keys(step)
    step.changed(Values({"what": "all", "fraud": "yes"}))
    assert "flag_cards" in keys(step)
    answer(step, what="all", fraud="yes", flag_cards="yes", flag_hurry="yes")
    assert shop.now.fraud and (shop.now.state, shop.now.cancelled_by) == ("cancelled", "store")
    assert "Several cards were tried" in shop.now.cancel_reason
    assert "sent the fastest way" in shop.now.cancel_reason


def test_what_left_the_shop_cannot_be_cancelled_and_says_so(shop):
    shop.step("start", "pick", "ready", "check", "hand_over")
    step = shop.asked(CancelPresenter)
    assert step.state.asked.verb == "" and "can be" in step.state.asked.about[0]


def test_an_order_that_changed_meanwhile_is_shown_as_it_is(shop):
    stale = shop.order
    shop.step(Step("hold", reason="Cheque clearing"))
    step = HoldPresenter(shop.station, stale)
    step.open()
    assert step.state.asked.about == ("The order is on hold: Cheque clearing.",)


def test_a_manager_is_asked_and_the_sheet_can_be_used_again(shop):
    clerk = hire(shop.store, "staff")
    station, front = station_for(shop.store, Actor(clerk.staff, 1), "Sam Staff", "staff")
    step = CancelPresenter(station, shop.now)
    step.open()
    answer(step, what="all", why="Ordered twice")
    assert len(front.asked) == 1 and not step.state.busy and not step.state.done
    assert shop.now.state == "pending"


# ---- holding ----


@pytest.mark.capability("WSM-13")
def test_an_order_is_held_for_a_reason_and_goes_on(shop):
    step = shop.asked(HoldPresenter)
    step.submit(Values({}))
    assert errors(step) == {"why": "Say what the order waits for."}
    reasons = [words for _, words in step.state.asked.inputs[0].options]
    assert {"Information needed", "Cheque clearing"} <= set(reasons)
    answer(step, why="Cheque clearing")
    assert shop.now.hold == "Cheque clearing"
    again = shop.asked(HoldPresenter)
    answer(again, what="hold", why="other", why_words="Waits for the school's letter")
    assert shop.now.hold == "Waits for the school's letter"
    answer(shop.asked(HoldPresenter), what="release")
    assert shop.now.hold == ""


def test_a_scan_does_nothing_but_say_so(shop):
    step = shop.asked(HoldPresenter)
    shop.station.scanned("9780156701600")
    assert step.state.notice.startswith("Finish this first")
    step.close()
    shop.station.scanned("9780156701600")
    assert not step.state.done


def test_a_shipped_order_of_the_wholesaler_is_read_only(shop):
    theirs = replace(shop.now.owner, name="wholesaler", state="pending")
    step = HoldPresenter(shop.station, replace(shop.now, owner=theirs))
    step.show()
    assert step.state.asked.about == ("The wholesaler fills this order. It can be read here, not changed.",)


# ---- messages ----


MAIL = MailSettings(host="mail.example.com", sender="shop@example.com")


@pytest.fixture
def writing(tmp_path):
    made = Shop(tmp_path, settings=Settings(shop_name="Test Books", mail=MAIL))
    yield made
    made.store.close()


def mail_of(step):
    return step.state.mail


def letters(shop):
    with shop.store.read() as conn:
        return [mailbox.letter_of(job) for job in mailbox.due(conn, shop.clock.at + DAY)]


@pytest.mark.capability("WSM-15")
def test_a_message_to_the_customer_is_seen_before_it_is_sent(writing):
    step = writing.asked(MessagePresenter)
    assert step.state.mail is None
    step.submit(Values({}))
    assert errors(step) == {"text": "Write what the customer should know."}
    step.changed(Values({"text": "The second volume comes on Friday.", "subject": "Your books"}))
    mail = mail_of(step)
    assert (mail.to, mail.subject) == ("ada@example.com", "Your books")
    assert "The second volume comes on Friday." in mail.text
    answer(step, text="The second volume comes on Friday.", subject="Your books")
    (letter,) = letters(writing)
    assert (letter.to, letter.subject) == ("ada@example.com", "Your books")
    assert letter.facts.comment == "The second volume comes on Friday."
    assert "message" in writing.history()


def test_a_shop_without_mail_says_so_instead_of_asking(shop):
    step = shop.asked(MessagePresenter)
    assert step.state.asked.about == ("No message can be sent. E-mail is not set up.",)
    assert step.state.asked.verb == ""


@pytest.mark.capability("WSM-15")
def test_words_go_with_a_step_or_nothing_is_said(tmp_path):
    shop = Shop(tmp_path, settings=Settings(shop_name="Test Books", mail=MAIL), source="phone")
    step = shop.asked(HoldPresenter)
    assert step.state.mail is None
    step.changed(Values({"why": "Information needed", "tell": "send", "comment": "Which edition?"}))
    assert "Which edition?" in mail_of(step).text
    answer(step, why="Information needed", tell="send", comment="Which edition?")
    assert [x.facts.comment for x in letters(shop)] == ["Which edition?"]
    quiet = shop.asked(CancelPresenter)
    quiet.changed(Values({"why": "Out of stock"}))
    assert "cancelled" in mail_of(quiet).subject
    assert "Out of stock" in mail_of(quiet).text and "$16.99" in mail_of(quiet).text
    quiet.changed(Values({"why": "Out of stock", "tell": "silent"}))
    assert quiet.state.mail is None
    answer(quiet, why="Out of stock", tell="silent")
    assert len(letters(shop)) == 1, "nothing was said of it"
    shop.store.close()


def test_a_source_that_tells_its_customers_is_named(writing):
    step = writing.asked(CancelPresenter)
    assert mail_of(step).why == "BookWish tells the customer itself."
    step.changed(Values({"tell": "send", "comment": "We are sorry."}))
    assert "We are sorry." in mail_of(step).text, "only the words are new"


def test_a_refund_is_announced_with_its_amount(tmp_path):
    shop = Shop(tmp_path, settings=Settings(shop_name="Test Books", mail=MAIL), source="phone")
    shop.step(Step("cancel", reason="x"))
    step = shop.asked(PaymentPresenter)
    assert "$16.99" in mail_of(step).text
    shop.store.close()


def test_a_memo_is_kept_for_staff(shop):
    step = shop.asked(MemoPresenter)
    answer(step, memo="Calls back on Monday")
    assert shop.now.memo == "Calls back on Monday"
    again = shop.asked(MemoPresenter)
    assert again.state.asked.inputs[0].value == "Calls back on Monday"
    answer(again, memo="Card 4111 1111 1111 1111")
    assert "card number" in errors(again)["memo"]
    answer(again, memo="")
    assert shop.now.memo == ""
