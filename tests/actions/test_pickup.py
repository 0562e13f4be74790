"""Pickup at the counter: made ready with a slip, checked book by book, handed over, and never unpaid."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.actions import (
    collecting,
    order_editing,
    ordering,
    paying,
    pickup,
    placing,
    returning,
    selling,
)
from bookwish_desk.actions.outgoing import slip_of
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import checks, orders, sale_checks
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.hold_slip import order_code, place_for
from bookwish_desk.shop.new_order import NewLine, NewOrder
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sale import Discount, Draft, Exemption
from bookwish_desk.shop.slip import Code, Pair, Words
from tests.support.counter import TAX, Counter
from tests.support.orders import ADA, EMMA, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import hire

UNPAID = Payment(promise="at_pickup")


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def ready(counter: Counter, *lines, number: str = "BW-20260921-AB12", shelf: str = "EXA", **more) -> Order:
    """Return an order that lies on the hold shelf with all its copies."""
    wanted = lines or (line(),)
    for x in wanted:
        item = ORLANDO if x.sku == ORLANDO.sku else EMMA
        shelved(counter.store, counter.actor, item, x.ordered)
    order = received(counter.store, counter.actor, made(number, *wanted, **more))
    order = stepped(counter.store, counter.actor, order, "start", "pick")
    return pickup.make_ready(counter.store, counter.actor, order.id, shelf).value


def draft_of(ringing: Ringing) -> Draft:
    assert ringing.draft is not None
    return ringing.draft


def all_of(order: Order) -> tuple[tuple[str, int], ...]:
    return tuple((x.id, x.set_aside) for x in order.lines if x.set_aside)


def events(counter: Counter, order: Order, kind: str) -> list[dict]:
    with counter.store.read() as conn:
        return [msgspec.json.decode(e.body) for e in orders.history(conn, order.id) if e.kind == kind]


# ---- ready ----


@pytest.mark.capability("BW-06", "BW-07", "BW-20")
def test_a_ready_order_lies_at_a_place_and_has_a_slip_that_finds_it(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO), line(EMMA, 2))
    assert order.shelf == "EXA" and order.ready_at
    (job,) = counter.jobs("order")
    slip = slip_of(job)
    said = {e.left: e.right for e in slip.elements if isinstance(e, Pair)}
    words = [e.text for e in slip.elements if isinstance(e, Words)]
    assert "Ada Example" in words and "Hold shelf EXA" in words and "PAID" in words and "3 books" in words
    assert said["Order"] == order.number and said["Emma"] == "2"
    assert said["Hold until"] == "Monday, October 5, 2026"
    (code,) = [e.text for e in slip.elements if isinstance(e, Code)]
    assert barcode.parse(code).kind == "other"
    assert [o.id for o in pickup.find(counter.store, code.lower())] == [order.id]
    assert events(counter, order, "printed") == [{"what": "pickup slip", "code": code}]
    pickup.print_slip(counter.store, counter.actor, order.id)
    assert len(counter.jobs("order")) == 2


def test_the_slip_of_an_unpaid_order_says_what_is_to_pay(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    (job,) = counter.jobs("order")
    assert "TO PAY $16.99" in [e.text for e in slip_of(job).elements if isinstance(e, Words)]
    assert order.to_collect_cents == 1699


@pytest.mark.parametrize(
    "number", ["#1001", "R1-000042", "9780156701600", "1000045123", "a number with words", "ab"]
)
def test_a_number_that_no_slip_can_carry_gets_a_code_of_its_own(counter: Counter, number: str) -> None:
    order = ready(counter, number=number, source="wsm")
    code = order_code(order)
    assert barcode.parse(code).kind == "other" and len(code) <= 24 and code != number
    assert [o.id for o in pickup.find(counter.store, code)] == [order.id]
    assert [o.id for o in pickup.find(counter.store, number)] == [order.id]


def test_each_slip_finds_its_own_order_where_two_stores_use_one_number(counter: Counter) -> None:
    found = [ready(counter, number="7731", source=source) for source in ("wsm", "indiecommerce")]
    for order in found:
        assert [o.id for o in pickup.find(counter.store, order_code(order))] == [order.id]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Ada Example", "EXA"),
        ("Example, Ada", "EXA"),
        ("Łódź", "ŁÓD"),
        ("Jo Li", "LI"),
        ("", ""),
        (",", ","),
        ("  ", ""),
    ],
)
def test_the_place_is_proposed_from_the_last_name(name: str, place: str) -> None:
    assert place_for(name) == place


def test_what_is_not_picked_or_not_certain_is_not_made_ready(counter: Counter) -> None:
    shelved(counter.store, counter.actor)
    order = received(
        counter.store, counter.actor, made("P-1", source="phone", payment=Payment(captured_cents=1699))
    )
    with pytest.raises(Refused, match="No copy is picked"):
        pickup.make_ready(counter.store, counter.actor, order.id, "EXA")
    stepped(counter.store, counter.actor, order, "start", "pick")
    with counter.store.write() as tx:
        was = orders.load(tx.conn, order.id)
        orders.save(tx, was, replace(was, payment=Payment()))
    with pytest.raises(Refused, match="not paid and cannot be made ready") as refused:
        pickup.make_ready(counter.store, counter.actor, order.id, "EXA")
    assert refused.value.code == "unpaid"
    assert counter.jobs("order") == []


# ---- hand-over ----


@pytest.mark.capability("BW-09", "BW+09")
def test_a_paid_order_is_handed_over_with_the_identity_noted_and_nothing_to_pay(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO), line(EMMA))
    shelved(counter.store, counter.actor, ORLANDO, 4)
    with pytest.raises(Refused, match="Check who collects"):
        pickup.hand_over(counter.store, counter.actor, order.id, all_of(order), " ")
    done = pickup.hand_over(counter.store, counter.actor, order.id, all_of(order), "Photo ID").value
    assert done.state == "completed"
    assert events(counter, order, "identity") == [{"seen": "Photo ID"}]
    assert counter.on_hand(ORLANDO.sku) == 4 and counter.on_hand(EMMA.sku) == 0
    with pytest.raises(Refused, match="This order is completed"):
        pickup.hand_over(counter.store, counter.actor, order.id, all_of(order), "Photo ID")
    assert counter.on_hand(ORLANDO.sku) == 4


@pytest.mark.capability("BW-09")
def test_a_missing_book_blocks_unless_a_part_is_meant(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO), line(EMMA, 2))
    part = ((order.lines[0].id, 1), (order.lines[1].id, 1))
    with pytest.raises(Refused, match="1 book is not scanned out yet"):
        pickup.hand_over(counter.store, counter.actor, order.id, part, "Photo ID")
    some = pickup.hand_over(counter.store, counter.actor, order.id, part, "Photo ID", partly=True).value
    assert some.state == "processing" and some.ready_at and some.open == 1
    with pytest.raises(Refused, match="at most"):
        pickup.hand_over(counter.store, counter.actor, order.id, ((order.lines[1].id, 2),), "Photo ID")
    rest = pickup.hand_over(
        counter.store, counter.actor, order.id, ((order.lines[1].id, 1),), "Photo ID"
    ).value
    assert rest.state == "completed" and counter.on_hand(EMMA.sku) == 0


@pytest.mark.capability("OMG-11", "OMG-34")
def test_an_unpaid_order_is_not_handed_over_unless_a_manager_lets_it_pass(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    clerk = hire(counter.store, "staff")
    for who in (counter.actor, clerk):
        with pytest.raises(Refused, match="not paid and cannot be handed over") as refused:
            pickup.hand_over(counter.store, who, order.id, all_of(order), "Photo ID")
        assert refused.value.code == "unpaid"
    with pytest.raises(NeedsApproval) as needs:
        pickup.hand_over(counter.store, clerk, order.id, all_of(order), "Photo ID", override="Pays tomorrow")
    assert counter.on_hand(ORLANDO.sku) == 1
    approved = counter.approved(clerk, "order.override", str(needs.value.facts["ref"]))
    done = pickup.hand_over(
        counter.store, approved, order.id, all_of(order), "Photo ID", override="Pays tomorrow"
    ).value
    assert done.gone == 1 and done.state == "processing" and done.overrides[-1].reason == "Pays tomorrow"
    (entry,) = counter.journal("order.hand_over")
    assert entry["override"] == "Pays tomorrow"


def test_an_order_in_a_sale_is_not_handed_over_beside_it(counter: Counter) -> None:
    order = ready(counter)
    collecting.add_order(counter.store, counter.actor, order.id, all_of(order), "Photo ID")
    with pytest.raises(Refused, match="is in sale 1 on Register 1 already"):
        pickup.hand_over(counter.store, counter.actor, order.id, all_of(order), "Photo ID")


# ---- finding ----


@pytest.mark.capability("BW-38")
def test_pickups_are_found_by_what_is_typed_and_those_on_the_hold_shelf_come_first(counter: Counter) -> None:
    other = replace(ADA, name="Bert Adams", email="bert@example.com", phone="")
    first = ready(counter, number="O1-000001", source="counter")
    counter.clock.at += 86_400_000
    second = ready(counter, number="O1-000002", source="phone", customer=other)
    waits = received(
        counter.store, counter.actor, made("O1-000003", line(EMMA), customer=other, source="email")
    )
    assert [o.id for o in pickup.waiting(counter.store, "")] == [first.id, second.id]
    assert [o.id for o in pickup.waiting(counter.store, "bert")] == [second.id, waits.id]
    assert [o.id for o in pickup.waiting(counter.store, "example.com O1-000001")] == [first.id]
    ordering.take(counter.store, counter.actor, first.id, Step("unready"))
    assert [o.id for o in pickup.waiting(counter.store, "")] == [second.id]


# ---- collected in a sale ----


def in_sale(counter: Counter, order: Order, *extra) -> str:
    """Put extra books and an order into the sale; return the draft's id."""
    for item in extra:
        selling.add(counter.store, counter.actor, item)
    ringing = collecting.add_order(counter.store, counter.actor, order.id, all_of(order), "Photo ID").value
    return draft_of(ringing).id


@pytest.mark.capability("BW-09", "BW-38")
def test_a_paid_order_and_an_extra_book_are_one_sale_and_stock_moves_once(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO), line(EMMA, 2))
    shelved(counter.store, counter.actor, ORLANDO, 4)
    draft = in_sale(counter, order, ORLANDO)
    sale = paying.pay_cash(counter.store, counter.actor, draft, 2000).value.sale
    assert sale is not None and sale.total_cents == 1850
    assert [(x.title, x.quantity, x.of_order) for x in sale.lines] == [
        ("Orlando", 1, ""), ("Collected: order BW-20260921-AB12, 3 books", 0, order.id),
    ]  # fmt: skip
    assert now(counter.store, order).state == "completed"
    assert counter.on_hand(ORLANDO.sku) == 3 and counter.on_hand(EMMA.sku) == 0
    (job,) = counter.jobs("receipt")
    assert Words("Collected: order BW-20260921-AB12, 3 books", bold=True) in slip_of(job).elements
    # Paying the same draft again is the same sale, and hands nothing over again.
    again = paying.pay_cash(counter.store, counter.actor, draft, 2000).value.sale
    assert again is not None and again.id == sale.id
    assert counter.on_hand(ORLANDO.sku) == 3 and len(events(counter, order, "hand_over")) == 1
    assert events(counter, order, "identity") == [{"seen": "Photo ID"}]


@pytest.mark.capability("BW-38", "OMG-11")
def test_an_order_to_pay_at_pickup_is_paid_with_its_books_prices_and_tax(counter: Counter) -> None:
    lines = (line(ORLANDO, 2, discount_cents=200, tax_cents=284), line(EMMA, tax_cents=93))
    order = ready(counter, *lines, number="O1-000042", source="phone", payment=UNPAID)
    assert order.to_collect_cents == 2 * 1699 - 200 + 1050 + 284 + 93
    shelved(counter.store, counter.actor, EMMA, 1)
    draft = in_sale(counter, order, EMMA)
    ringing = selling.discount_sale(
        counter.store, counter.actor, draft, Discount("percent", 100_000, "Friend")
    ).value
    assert ringing.totals is not None
    own, book, emma = ringing.totals.lines
    # The discount on the sale is not for what was agreed on before.
    assert own.discount_cents == 105
    assert (book.gross_cents, book.discount_cents, book.net_cents) == (3398, 200, 3198)
    assert (emma.line.quantity, emma.net_cents) == (1, 1050)
    due = ringing.due_cents
    sale = paying.pay_cash(counter.store, counter.actor, draft, due).value.sale
    assert sale is not None and sale.paid_cents == due
    done = now(counter.store, order)
    taken = sum(x.total_cents for x in sale.lines if x.of_order)
    assert done.state == "completed" and done.payment.captured_cents == taken == done.worth_cents
    assert sum(t.tax_cents for x in sale.lines for t in x.taxes) == sum(t.tax_cents for t in sale.taxes) > 0
    assert counter.on_hand(ORLANDO.sku) == 0 and counter.on_hand(EMMA.sku) == 0
    adjusted = events(counter, order, "edit.register")
    if taken != order.to_collect_cents:
        assert adjusted == [{"cents": taken - order.to_collect_cents, "receipt": sale.receipt}]
    (settle,) = events(counter, order, "settle")
    assert settle["cents"] == taken and sale.receipt in settle["reason"]


def test_where_the_register_comes_to_another_total_the_order_follows_it_to_the_cent(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO, tax_cents=149), number="O1-000042", source="phone", payment=UNPAID)
    draft = in_sale(counter, order)
    sale = paying.pay_cash(counter.store, counter.actor, draft, 5000).value.sale
    assert sale is not None and sale.total_cents == 1850 == order.to_collect_cents + 2
    done = now(counter.store, order)
    assert done.adjustment_cents == 2 and done.paid and done.refund_due_cents == 0
    assert events(counter, order, "edit.register") == [{"cents": 2, "receipt": sale.receipt}]


def test_what_is_left_to_pay_of_a_partly_paid_order_is_one_line_without_tax_or_stock(
    counter: Counter,
) -> None:
    shelved(counter.store, counter.actor, ORLANDO, 2)
    order = received(
        counter.store,
        counter.actor,
        made("WSM-7", line(ORLANDO, 2), source="wsm", payment=Payment(captured_cents=3398)),
    )
    stepped(counter.store, counter.actor, order, "start", "pick")
    order = pickup.make_ready(counter.store, counter.actor, order.id, "EXA").value
    with counter.store.write() as tx:
        orders.save(tx, order, replace(order, adjustment_cents=500))
    order = now(counter.store, order)
    draft = in_sale(counter, order)
    sale = paying.pay_cash(counter.store, counter.actor, draft, 500).value.sale
    assert sale is not None and sale.total_cents == 500 and sale.taxes == ()
    rest = sale.lines[0]
    assert (rest.title, rest.quantity, rest.stocked, rest.tax_class) == (
        "Order WSM-7: rest to pay",
        1,
        False,
        "none",
    )
    assert now(counter.store, order).state == "completed" and counter.on_hand(ORLANDO.sku) == 0


def test_a_prepaid_store_collects_nothing_at_the_counter(counter: Counter) -> None:
    order = ready(counter)
    with counter.store.write() as tx:
        orders.save(tx, order, replace(order, adjustment_cents=500))
    with pytest.raises(Refused, match="paid before pickup"):
        in_sale(counter, now(counter.store, order))


def test_an_order_is_taken_out_whole_and_not_in_parts(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO), line(EMMA), number="O1-000042", source="phone", payment=UNPAID)
    before = now(counter.store, order)
    draft_id = in_sale(counter, order)
    draft = selling.current(counter.store, 1).draft
    assert draft is not None
    for change in (
        lambda: selling.remove_line(counter.store, counter.actor, draft_id, draft.lines[0].id),
        lambda: selling.set_quantity(counter.store, counter.actor, draft_id, draft.lines[0].id, 2),
        lambda: selling.set_quantity(counter.store, counter.actor, draft_id, order.id, 2),
        lambda: selling.set_price(counter.store, counter.actor, draft_id, draft.lines[0].id, 5, "Nice"),
        lambda: selling.gift_wrap(counter.store, counter.actor, draft_id, draft.lines[0].id),
    ):
        with pytest.raises(Refused, match="collected and paid as a whole"):
            change()
    with pytest.raises(Refused, match="Scan each book out first"):
        collecting.add_order(counter.store, counter.actor, order.id, (), "Photo ID")
    # A copy from the shelf never joins a line of the order.
    shelved(counter.store, counter.actor, ORLANDO)
    selling.add(counter.store, counter.actor, ORLANDO)
    left = selling.remove_line(counter.store, counter.actor, draft_id, order.id).value.draft
    assert left is not None and left.collects == () and [x.of_order for x in left.lines] == [""]
    assert now(counter.store, order) == before


def test_holding_recalling_and_voiding_leave_the_order_as_it_is(counter: Counter) -> None:
    order = ready(counter)
    draft = in_sale(counter, order)
    held = selling.hold(counter.store, counter.actor, draft).value
    with pytest.raises(Refused, match=f"is in the held sale {held.held_as} already"):
        in_sale(counter, order)
    assert selling.current(counter.store, 1).draft is None
    selling.recall(counter.store, counter.actor, draft)
    assert now(counter.store, order).ready_at
    selling.void(counter.store, counter.actor, draft, "Changed their mind")
    assert now(counter.store, order).ready_at and counter.on_hand(ORLANDO.sku) == 1
    # The journal keeps what was voided for ever, and never of whom.
    assert "Ada" not in msgspec.json.encode(counter.journal("sale.void")).decode()
    assert in_sale(counter, order)


def test_an_order_collected_meanwhile_stops_the_sale_and_nothing_is_lost(counter: Counter) -> None:
    order = ready(counter)
    shelved(counter.store, counter.actor, EMMA)
    draft = in_sale(counter, order, EMMA)
    stepped(counter.store, counter.actor, order, "check", "hand_over")
    with pytest.raises(Refused, match="was collected already meanwhile"):
        paying.pay_cash(counter.store, counter.actor, draft, 5000)
    with pytest.raises(Refused, match="was collected already"):
        paying.start_card(counter.store, counter.actor, draft, 1143)
    assert counter.on_hand(EMMA.sku) == 1 and counter.jobs("receipt") == []
    selling.remove_line(counter.store, counter.actor, draft, order.id)
    sale = paying.pay_cash(counter.store, counter.actor, draft, 5000).value.sale
    assert sale is not None and sale.number == 1 and len(sale.lines) == 1


def test_a_card_that_was_charged_meanwhile_is_kept_in_the_sale(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    draft = in_sale(counter, order)
    started = paying.start_card(counter.store, counter.actor, draft, 1850).value
    stepped(counter.store, counter.actor, order, Step("settle"), "check", "hand_over")
    tender = draft_of(started).tenders[0].id
    kept = paying.confirm_card(counter.store, counter.actor, draft, tender, "Visa", "4242", "A1").value
    assert kept.sale is None and draft_of(kept).tenders[0].state == "taken" and kept.due_cents == 0
    with pytest.raises(Refused, match="was collected already"):
        paying.complete(counter.store, counter.actor, draft)
    paying.remove_tender(counter.store, counter.actor, draft, tender)
    assert draft_of(selling.remove_line(counter.store, counter.actor, draft, order.id).value).empty


def test_a_card_is_not_lost_where_the_order_was_put_on_hold_meanwhile(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    draft = in_sale(counter, order)
    tender = draft_of(paying.start_card(counter.store, counter.actor, draft, 1850).value).tenders[0].id
    stepped(counter.store, counter.actor, order, Step("hold", reason="Police"))
    kept = paying.confirm_card(counter.store, counter.actor, draft, tender, "Visa", "4242", "A1").value
    assert kept.sale is None and draft_of(kept).tenders[0].state == "taken"
    with pytest.raises(Refused, match="on hold: Police"):
        paying.complete(counter.store, counter.actor, draft)
    stepped(counter.store, counter.actor, order, "release_hold")
    assert paying.complete(counter.store, counter.actor, draft).value.sale is not None
    assert now(counter.store, order).state == "completed"


def test_who_pays_no_tax_pays_none_for_the_order(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO, tax_cents=151), number="O1-000042", source="phone", payment=UNPAID)
    draft = in_sale(counter, order)
    selling.set_exempt(counter.store, counter.actor, draft, Exemption("CT-1", "School"))
    sale = paying.pay_cash(counter.store, counter.actor, draft, 5000).value.sale
    assert sale is not None and sale.total_cents == 1699
    done = now(counter.store, order)
    assert done.adjustment_cents == -151 and done.paid and done.state == "completed"


@pytest.mark.parametrize("mode", ["exclusive", "inclusive"])
def test_who_ordered_without_tax_is_not_asked_for_it_at_the_counter(tmp_path: Path, mode: str) -> None:
    counter = Counter(tmp_path, tax=replace(TAX, mode=mode))
    shelved(counter.store, counter.actor, ORLANDO)
    wanted = NewLine(title="Orlando", sku=ORLANDO.sku, ean=ORLANDO.ean, price_cents=1699)
    new = NewOrder(lines=(wanted,), source="phone", customer=ADA, exempt="School", paid="at_pickup")
    order = placing.enter(counter.store, counter.actor, new).value
    order = order_editing.verify_exemption(counter.store, counter.actor, order.id, True, "CT-1").value
    due = order.to_collect_cents
    assert due == (1699 if mode == "exclusive" else 1561)
    order = stepped(counter.store, counter.actor, order, "start", "pick")
    order = pickup.make_ready(counter.store, counter.actor, order.id, "EXA").value
    sale = paying.pay_cash(counter.store, counter.actor, in_sale(counter, order), 5000).value.sale
    assert sale is not None and sale.total_cents == due and not any(t.tax_cents for t in sale.taxes)
    done = now(counter.store, order)
    assert done.state == "completed" and done.adjustment_cents == 0


def test_an_order_does_not_come_into_a_sale_that_is_being_paid(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    shelved(counter.store, counter.actor, EMMA)
    draft = draft_of(selling.add(counter.store, counter.actor, EMMA).value)
    paying.pay_cash(counter.store, counter.actor, draft.id, 100)
    with pytest.raises(Refused, match="payment has been started") as refused:
        in_sale(counter, order)
    assert refused.value.code == "paid"


def test_an_order_that_was_changed_meanwhile_is_not_sold_at_its_old_price(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    draft = in_sale(counter, order)
    with counter.store.write() as tx:
        was = orders.load(tx.conn, order.id)
        cheaper = replace(was, lines=(replace(was.lines[0], price_cents=999),))
        orders.save(tx, was, cheaper)
    with pytest.raises(Refused, match="was changed or paid meanwhile"):
        paying.pay_cash(counter.store, counter.actor, draft, 5000)
    # Added anew it is asked for at its price.
    in_sale(counter, now(counter.store, order))
    sale = paying.pay_cash(counter.store, counter.actor, draft, 5000).value.sale
    assert sale is not None and sale.lines[0].price_cents == 999


def test_drafts_of_an_older_program_still_load() -> None:
    old = b'{"id":"d","register":1,"number":1,"staff":"s","opened_at":1,"lines":[]}'
    assert msgspec.json.decode(old, type=Draft).collects == ()


def test_what_is_brought_back_of_a_collected_order_is_stock_again(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    draft = in_sale(counter, order)
    sale = paying.pay_cash(counter.store, counter.actor, draft, 5000).value.sale
    assert counter.on_hand(ORLANDO.sku) == 0
    assert sale is not None
    opened = returning.start(counter.store, counter.actor, sale.receipt)
    assert [b.line.title for b in opened.lines] == ["Orlando"]
    back = returning.add(counter.store, counter.actor, "", sale.id, 1, 1).value
    paying.pay_cash(counter.store, counter.actor, draft_of(back).id, 0)
    assert counter.on_hand(ORLANDO.sku) == 1


def test_the_books_are_sound_after_orders_were_sold(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    paid = ready(counter, line(EMMA), number="BW-1")
    draft = in_sale(counter, order)
    in_sale(counter, paid)
    paying.pay_cash(counter.store, counter.actor, draft, 5000)
    with counter.store.read() as conn:
        assert checks.stock(conn) == [] and sale_checks.sales(conn) == [] and checks.tills(conn) == []
