"""Pickup without a window: who is collecting, books scanned out, what must not pass, and the hand-over."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import paying, pickup, selling, stocking
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import checks, order_checks, orders, sale_checks
from bookwish_desk.shop.hold_slip import order_code
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui.forms import Values
from bookwish_desk.ui.pickup.presenter import PickupPresenter
from bookwish_desk.ui.pickup.ready import PassPresenter, ReadyPresenter
from bookwish_desk.ui.stock.presenter import StockPresenter
from tests.support import letters
from tests.support import orders as some
from tests.support.counter import Counter
from tests.support.orders import ADA, EMMA, ORLANDO, line, made, now
from tests.support.shops import hire, station_for

BERT = replace(ADA, name="Bert Adams", email="bert@example.com", phone="")
TO_PAY = {"source": "phone", "payment": Payment(promise="at_pickup")}
DAY = 86_400_000


class Desk(Counter):
    """A counter with the pickup screen's presenter; `alarms` counts the sounds of what must not pass."""

    def __init__(self, folder, role="owner"):
        super().__init__(folder)
        actor = self.actor if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, actor, role=role)
        self.pickup = PickupPresenter(self.station)
        self.alarms: list[str] = []
        self.unpaid: list[str] = []
        self.readied: list[Order] = []
        self.pickup.on_alarm = lambda: self.alarms.append(self.state.notice)
        self.pickup.on_unpaid = lambda order, sentence: self.unpaid.append(sentence)
        self.pickup.on_ready = self.readied.append

    @property
    def state(self):
        return self.pickup.state

    def received(self, number, *lines, **more):
        for x in lines:
            some.shelved(self.store, self.actor, ORLANDO if x.sku == ORLANDO.sku else EMMA, x.ordered)
        return some.received(self.store, self.actor, made(number, *lines, **more))

    def ready(self, number, *lines, shelf="EXA", **more):
        order = self.received(number, *(lines or (line(),)), **more)
        some.stepped(self.store, self.actor, order, "start", "pick")
        return pickup.make_ready(self.store, self.actor, order.id, shelf).value

    def open(self, order=None):
        self.pickup.open(order.id if order else "", "orders")
        self.pickup.shown()

    def scan(self, *codes):
        for code in codes:
            self.pickup.scanned(str(code))
        return self.state.notice

    def counts(self):
        return [(b.title, b.count, b.mark) for b in self.state.view.books]


@pytest.fixture
def desk(tmp_path):
    made_up = Desk(tmp_path)
    yield made_up
    made_up.store.close()


# ---- who is collecting ----


@pytest.mark.capability("BW-06", "BW-20")
def test_ready_orders_are_listed_with_their_place_and_how_long_they_wait(desk):
    first = desk.ready("BW-1", line(ORLANDO, 2))
    desk.clock.at += 9 * DAY
    some.stepped(desk.store, desk.actor, first, "remind")
    desk.ready("O1-000002", customer=BERT, shelf="ADA", **TO_PAY)
    desk.received("BW-3", line(EMMA), customer=BERT)
    desk.open()
    assert [(r.name, r.facts, r.shelf, r.payment, r.waiting, r.badge) for r in desk.state.rows] == [
        ("Ada Example", "BW-1 · 2 books · BookWish", "EXA", "Paid", "waiting 9 days, reminded", ""),
        ("Bert Adams", "O1-000002 · 1 book · Phone", "ADA", "To pay $16.99", "ready since today", ""),
    ]
    desk.pickup.typed("bert")
    assert [(r.facts, r.badge) for r in desk.state.rows] == [
        ("O1-000002 · 1 book · Phone", ""),
        ("BW-3 · 1 book · BookWish", "Not ready"),
    ]
    desk.pickup.typed("nobody")
    assert desk.state.rows == ()


@pytest.mark.capability("BW-09")
def test_the_slip_the_customers_code_or_a_typed_number_opens_the_order(desk):
    order = desk.ready("BW-1")
    odd = desk.ready("#1001", source="wsm", customer=BERT)
    for code, name in (
        (order_code(order), "Ada Example"),
        (order_code(odd), "Bert Adams"),
        ("bw-1", "Ada Example"),
    ):
        desk.open()
        desk.scan(code)
        assert desk.state.view.name == name
    desk.open()
    desk.pickup.typed("#1001")
    desk.pickup.entered("#1001")
    assert desk.state.view.name == "Bert Adams"
    desk.open()
    assert "No order has this code" in desk.scan("9780141439587") and len(desk.alarms) == 1
    desk.pickup.entered("  ")


def test_enter_never_opens_what_was_listed_for_other_words(desk):
    first, second = desk.ready("BW-1"), desk.ready("BW-2", customer=BERT)
    desk.open()
    later: list = []
    desk.station.lanes.read = lambda reading, then, failed=None, latest="": later.append((reading, then))
    desk.pickup.typed("bert")
    desk.pickup.entered("bert")
    assert desk.state.view is None and [r.id for r in desk.state.rows] == [first.id, second.id]
    for reading, then in iter(lambda: later.pop(0) if later else None, None):
        then(reading(desk.store))
    opened = desk.state.view
    assert opened and opened.name == "Bert Adams"


def test_who_opens_it_anew_finds_the_whole_list(desk):
    desk.ready("BW-1")
    order = desk.ready("BW-2", customer=BERT)
    desk.open()
    desk.pickup.typed("bert")
    desk.pickup.pick(order.id)
    desk.pickup.back()
    assert (desk.state.words, len(desk.state.rows)) == ("bert", 1), "the list is as it was left"
    desk.pickup.hidden()
    desk.open()
    assert (desk.state.words, len(desk.state.rows)) == ("", 2)


def test_back_leads_to_the_list_and_from_there_to_where_it_was_opened(desk):
    order = desk.ready("BW-1")
    desk.open()
    desk.pickup.pick(order.id)
    desk.pickup.back()
    assert desk.state.view is None and desk.front.screen == ""
    desk.pickup.back()
    assert desk.front.screen == "orders"
    desk.open(order)
    desk.pickup.back()
    assert not desk.state.view


# ---- scanning out ----


@pytest.mark.capability("BW-09", "BW+09")
def test_every_book_is_scanned_out_the_customer_is_known_and_the_order_is_handed_over(desk):
    order = desk.ready("BW-1", line(ORLANDO), line(EMMA, 2))
    desk.open(order)
    assert desk.state.view.shelf == "EXA" and desk.state.view.payment == "Paid"
    assert "nothing to pay" in desk.state.notice
    assert desk.counts() == [("Orlando", "0 of 1 scanned", "open"), ("Emma", "0 of 2 scanned", "open")]
    assert desk.scan(ORLANDO.sku) == "Orlando is checked."
    desk.scan(EMMA.sku)
    assert desk.counts() == [("Orlando", "1 of 1 scanned", "done"), ("Emma", "1 of 2 scanned", "part")]
    desk.pickup.know("Photo ID")
    desk.pickup.hand_over()
    assert desk.state.notice == "1 book is not scanned out yet. Scan every book, or hand over a part."
    assert len(desk.alarms) == 1 and now(desk.store, order).state == "processing"
    assert desk.scan(EMMA.sku) == "Emma is checked. That is every book."
    desk.pickup.know("")
    desk.pickup.hand_over()
    assert desk.state.notice == "Check who collects the order, and say what you saw."
    desk.pickup.know("Photo ID")
    desk.pickup.hand_over()
    assert desk.front.said[-1][0] == "Order BW-1 was handed over to Ada Example."
    assert now(desk.store, order).state == "completed" and desk.state.view is None
    assert desk.on_hand(EMMA.sku) == 0
    # The work goes on where the order was opened.
    assert desk.front.screen == "orders"


def test_the_stock_tells_for_which_order_a_copy_left(desk):
    order = desk.ready("BW-1")
    desk.open(order)
    desk.scan(ORLANDO.sku)
    desk.pickup.know("Photo ID")
    desk.pickup.hand_over()
    shelves = StockPresenter(desk.station)
    shelves.shown()
    shelves.scanned(ORLANDO.sku)
    shown = shelves.state.detail
    assert shown and [(m.what, m.by) for m in shown.moves] == [
        ("Left for an order, BW-1, Olive Owner", "-1"),
        ("Received, Olive Owner", "+1"),
    ]


@pytest.mark.capability("BW-09")
def test_a_wrong_book_one_too_many_and_a_book_of_another_order_do_not_pass(desk):
    mine = desk.ready("BW-1")
    some.shelved(desk.store, desk.actor, EMMA, 2)
    desk.open(mine)
    assert desk.scan(EMMA.sku) == "Wrong book: Emma is not in this order. Put it back."
    desk.received("BW-2", line(EMMA), customer=BERT)
    assert desk.scan(EMMA.sku) == (
        "Wrong book: Emma is not in this order. It is promised to order BW-2 for Bert Adams."
    )
    desk.scan(ORLANDO.sku)
    assert (
        desk.scan(ORLANDO.sku) == "One too many: the copy of Orlando is checked already. Put this one back."
    )
    assert "is no book of this order" in desk.scan("WRAP-SHEET")
    assert "check digit" in desk.scan("9780156701601")
    assert "card number" in desk.scan("4111111111111111")
    assert len(desk.alarms) == 6 and desk.state.tone == "error"
    assert desk.counts() == [("Orlando", "1 of 1 scanned", "done")]


def test_a_slip_scanned_between_books_changes_nothing_by_accident(desk):
    first, _second = desk.ready("BW-1"), desk.ready("BW-2", customer=BERT)
    desk.open(first)
    assert desk.scan("BW-1") == "This is the slip of this order. Now scan each book out."
    desk.scan("BW-2")
    assert desk.state.view.name == "Bert Adams"
    desk.scan(ORLANDO.sku)
    assert "slip of another order" in desk.scan("BW-1") and desk.state.view.name == "Bert Adams"
    desk.pickup.start_over()
    assert desk.counts() == [("Orlando", "0 of 1 scanned", "open")]
    desk.scan("BW-1")
    assert desk.state.view.name == "Ada Example"


@pytest.mark.parametrize(
    "code", ["015670160X", "]E09780156701600", "9780156701600 51699", "(01)09780156701600"]
)
def test_any_barcode_of_the_book_checks_it(desk, code):
    desk.open(desk.ready("BW-1"))
    assert "is checked" in desk.scan(code)


@pytest.mark.parametrize("ean", [None, ORLANDO.ean])
def test_a_used_copy_is_told_from_the_new_one_by_its_own_sticker(desk, ean):
    sku = stocking.add_copy(desk.store, desk.actor, ORLANDO, "used", "", 700, "Spine worn", 1).value
    some.shelved(desk.store, desk.actor, ORLANDO)
    # The ISBN of its title may stand with it in the order: it is not the code of this copy.
    used = replace(line(ORLANDO), sku=sku, ean=ean)
    order = some.received(desk.store, desk.actor, made("BW-1", used))
    some.stepped(desk.store, desk.actor, order, "start", "pick")
    order = pickup.make_ready(desk.store, desk.actor, order.id, "EXA").value
    desk.open(order)
    assert desk.scan(ORLANDO.sku).startswith("Wrong book: Orlando")
    assert "is checked" in desk.scan(sku)
    # And the other way round: who ordered it new gets no used one.
    desk.open(desk.ready("BW-2"))
    assert desk.scan(sku).startswith("Wrong book: Orlando")


def test_two_lines_of_the_same_book_are_checked_one_after_the_other(desk):
    desk.open(desk.ready("BW-1", line(ORLANDO), line(ORLANDO, price_cents=1500)))
    desk.scan(ORLANDO.sku, ORLANDO.sku)
    assert [mark for _t, _c, mark in desk.counts()] == ["done", "done"]
    assert "all 2 copies" in desk.scan(ORLANDO.sku)


def test_a_part_is_handed_over_only_on_purpose(desk):
    order = desk.ready("BW-1", line(ORLANDO), line(EMMA))
    desk.open(order)
    desk.scan(EMMA.sku)
    desk.pickup.know("Known customer")
    desk.pickup.part()
    assert desk.front.said[-1][0] == "Order BW-1 was handed over to Ada Example. 1 still to come."
    desk.open(order)
    assert desk.counts() == [("Orlando", "0 of 1 scanned", "open"), ("Emma", "1 handed over", "later")]


def test_a_book_without_a_code_is_checked_by_hand(desk):
    order = desk.ready("BW-1")
    desk.open(order)
    desk.pickup.check_by_hand(order.lines[0].id)
    assert desk.counts() == [("Orlando", "1 of 1 scanned", "done")]
    desk.pickup.check_by_hand(order.lines[0].id)
    assert desk.state.notice.startswith("One too many")


# ---- what cannot be collected ----


def test_what_cannot_be_collected_says_why(desk):
    waits = desk.received("BW-1", line())
    desk.open(waits)
    assert desk.state.view.why_not == "The order is not ready yet. Pick its books first."
    assert desk.scan(ORLANDO.sku) == "Orlando is not among what lies ready for this order."
    some.stepped(desk.store, desk.actor, waits, "start", "pick")
    desk.station.changed(frozenset({"orders"}))
    assert desk.state.view.why_not == "The order is not ready yet. Make it ready first."
    assert desk.scan(ORLANDO.sku) == "The order is not ready yet. Make it ready first."
    done = desk.ready("BW-2", line(EMMA))
    some.stepped(desk.store, desk.actor, done, "check", "hand_over")
    desk.open(done)
    assert desk.state.view.why_not == "This order was handed over already."
    desk.pickup.know("Photo ID")
    desk.pickup.hand_over()
    assert desk.state.notice == "This order was handed over already."
    held = desk.ready("BW-3", line(EMMA))
    some.stepped(desk.store, desk.actor, held, Step("hold", reason="Police"))
    desk.open(held)
    assert desk.state.view.why_not == "The order is on hold: Police. Release it first."
    sent = some.received(desk.store, desk.actor, made("BW-4", kind="ship"))
    desk.open(sent)
    assert desk.state.view.why_not == "This order is to be shipped. It is not collected."


@pytest.mark.capability("OMG-11", "OMG-34")
def test_an_unpaid_order_needs_the_register_or_a_manager(desk, tmp_path):
    order = desk.ready("O1-000001", **TO_PAY)
    desk.open(order)
    assert desk.state.view.unpaid and desk.state.view.payment == "To pay $16.99"
    assert "add the order to the sale" in desk.state.notice
    desk.scan(ORLANDO.sku)
    desk.pickup.know("Photo ID")
    desk.pickup.hand_over()
    assert desk.state.notice.startswith("This order is not paid and cannot be handed over.")
    assert len(desk.unpaid) == 1 and not desk.state.busy
    desk.pickup.let_pass("Pays on Friday")
    assert now(desk.store, order).overrides[-1].reason == "Pays on Friday"
    assert desk.on_hand(ORLANDO.sku) == 0


def test_a_clerk_needs_a_manager_to_let_an_unpaid_order_pass(tmp_path):
    desk = Desk(tmp_path, role="staff")
    order = desk.ready("O1-000001", **TO_PAY)
    desk.open(order)
    desk.scan(ORLANDO.sku)
    desk.pickup.know("Photo ID")
    desk.pickup.hand_over()
    desk.pickup.let_pass("Pays on Friday")
    (asked, _given) = desk.front.asked[0]
    assert asked.facts["permission"] == "order.override" and desk.on_hand(ORLANDO.sku) == 1
    # Nobody approved: the screen goes on.
    assert not desk.state.busy
    desk.store.close()


def test_an_order_goes_into_the_sale_and_is_then_the_registers(desk):
    order = desk.ready("O1-000001", line(ORLANDO), line(EMMA), **TO_PAY)
    rung: list[Ringing] = []
    desk.pickup.on_sale = rung.append
    desk.open(order)
    desk.scan(ORLANDO.sku)
    desk.pickup.know("Photo ID")
    desk.pickup.add_to_sale()
    assert desk.state.notice.startswith("1 book is not scanned out yet")
    desk.pickup.part()
    assert desk.front.screen == "sell"
    draft = rung[0].draft
    assert draft is not None and draft.collects[0].books == 1
    assert [x.title for x in draft.lines] == ["Orlando", "Emma"]
    desk.open(order)
    assert desk.state.view.why_not.startswith("This order is in a sale already")
    assert desk.scan(ORLANDO.sku).startswith("This order is in a sale already")
    selling.void(desk.store, desk.actor, draft.id)
    desk.station.changed(frozenset({"draft"}))
    assert desk.state.view.why_not == ""


def test_the_slip_is_printed_again(desk):
    order = desk.ready("BW-1")
    desk.open(order)
    desk.pickup.print_slip()
    assert len(desk.jobs("order")) == 2 and desk.state.notice == "The slip is being printed."
    some.stepped(desk.store, desk.actor, order, "unready")
    desk.pickup.print_slip()
    assert desk.state.notice == "The order is not ready for pickup."


# ---- the sheets ----


def asked(desk, order, **texts):
    sheet = ReadyPresenter(desk.station, now(desk.store, order))
    sheet.open()
    return sheet


@pytest.mark.capability("BW-07", "BW-08")
def test_an_order_is_made_ready_at_the_proposed_place_and_its_slip_printed(desk):
    order = desk.received("BW-1", line())
    some.stepped(desk.store, desk.actor, order, "start", "pick")
    desk.open(order)
    desk.pickup.make_ready()
    assert desk.readied[0].id == order.id
    sheet = asked(desk, order)
    shown = {i.key: i.value for i in sheet.state.asked.inputs}
    assert shown["shelf"] == "EXA" and shown["slip"] == "yes"
    # The customer is told as usual, or not, or in the shop's own words.
    assert shown["tell"] == "usual"
    sheet.submit(Values(shown))
    assert sheet.state.done and now(desk.store, order).shelf == "EXA"
    assert len(desk.jobs("order")) == 1
    assert desk.front.said[-1][0] == "BW-1 is ready on hold shelf EXA."


@pytest.mark.capability("WSM-16")
def test_the_message_that_it_is_ready_is_shown_as_it_will_arrive(desk):
    letters.at_port(desk.store, 25, host="127.0.0.1", security="none", sender="shop@example.com")
    desk.station.settings = desk.store.settings
    order = desk.received("O1-000001", line(ORLANDO, 2), **TO_PAY)
    some.stepped(desk.store, desk.actor, order, "start", Step("pick", copies=((order.lines[0].id, 1),)))
    sheet = asked(desk, order)
    shown = sheet.state.mail
    sheet.submit(Values({**{i.key: i.value for i in sheet.state.asked.inputs}, "partly": "yes"}))
    (sent,) = [letters.composed(job).message for job in letters.mails(desk.store)]
    assert "- 1 x Orlando" in sent.text and "We keep it for you until" in sent.text
    assert (shown.to, shown.subject, shown.text) == (sent.to, sent.subject, sent.text)


def test_a_part_and_an_unpaid_order_are_made_ready_on_purpose(desk):
    order = desk.received("O1-000001", line(ORLANDO, 2), source="phone", payment=Payment(captured_cents=3398))
    some.stepped(desk.store, desk.actor, order, "start", Step("pick", copies=((order.lines[0].id, 1),)))
    with desk.store.write() as tx:
        was = orders.load(tx.conn, order.id)
        orders.save(tx, was, replace(was, payment=Payment()))
    sheet = asked(desk, order)
    texts = {i.key: i.value for i in sheet.state.asked.inputs}
    sheet.submit(Values({**texts, "slip": ""}))
    assert "make ready only what is there" in sheet.state.notice
    sheet.submit(Values({**texts, "slip": "", "partly": "yes"}))
    assert {i.key: i.error for i in sheet.state.asked.inputs}[
        "override"
    ] == "Say why the unpaid order may pass."
    sheet.submit(Values({**texts, "slip": "", "partly": "yes", "override": "Known for years"}))
    assert sheet.state.done and now(desk.store, order).ready_at
    assert desk.jobs("order") == []


def test_what_cannot_be_made_ready_says_why_and_asks_nothing(desk):
    order = desk.received("BW-1", line())
    sheet = asked(desk, order)
    assert sheet.state.asked.about == ("No copy is picked. Pick the copies first.",)
    assert sheet.state.asked.inputs == () and sheet.state.asked.verb == ""
    ready = desk.ready("BW-2", line(EMMA))
    assert asked(desk, ready).state.asked.about == ("The order is ready for pickup already.",)


def test_the_reason_to_let_an_unpaid_order_pass_is_asked(desk):
    order = desk.ready("O1-000001", **TO_PAY)
    passed: list[str] = []
    sheet = PassPresenter(desk.station, order, sentence="Not paid.", on_pass=passed.append)
    sheet.open()
    sheet.submit(Values({"why": " "}))
    assert passed == [] and not sheet.state.done
    sheet.submit(Values({"why": "4111111111111111"}))
    assert passed == []
    sheet.submit(Values({"why": "Pays tomorrow"}))
    assert passed == ["Pays tomorrow"] and sheet.state.done


@pytest.mark.capability("OMG-11", "OMG-34")
def test_an_order_that_went_out_unpaid_is_paid_in_a_sale_later(desk):
    order = desk.ready("O1-000042", line(ORLANDO), **TO_PAY)
    copies = ((order.lines[0].id, 1),)
    pickup.hand_over(desk.store, desk.actor, order.id, copies, "Photo ID", override="Pays tomorrow")
    desk.open(order)
    assert desk.state.view.owes and "handed over unpaid" in desk.state.view.why_not
    sales: list[Ringing] = []
    desk.pickup.on_sale = sales.append
    desk.pickup.add_to_sale()
    draft = sales[0].draft
    assert (
        draft is not None and [x.of_order for x in draft.lines] == [order.id] and not draft.collects[0].books
    )
    desk.open(order)
    assert not desk.state.view.owes and "in a sale already" in desk.state.view.why_not
    sale = paying.pay_cash(desk.store, desk.actor, draft.id, 5000).value.sale
    assert sale is not None and sale.total_cents == 1850
    assert [x.title for x in sale.lines] == ["Orlando", "Paid later: order O1-000042"]
    done = now(desk.store, order)
    assert done.state == "completed" and done.paid and desk.on_hand(ORLANDO.sku) == 0
    desk.open(order)
    assert not desk.state.view.owes
    with desk.store.read() as conn:
        kinds = [e.kind for e in orders.history(conn, order.id)]
        assert kinds.count("hand_over") == kinds.count("identity") == 1
        assert order_checks.everything(conn) + sale_checks.sales(conn) + checks.stock(conn) == []
