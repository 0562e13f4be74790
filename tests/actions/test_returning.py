"""Taking goods back: with and without receipt, exchanges, refunds step by step, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bookwish_desk.actions import paying, returning, selling
from bookwish_desk.actions.returning import Part
from bookwish_desk.db import drafts, items, tills
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.sold import Sale
from tests.support import days
from tests.support.counter import ORLANDO, OVERSTORY, WRAP, Counter
from tests.support.shops import hire

pytestmark = pytest.mark.capability("BW+03")

DAY = 24 * 3_600_000


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def whole(sale: Sale) -> tuple[Part, ...]:
    return tuple(Part(x.no, x.quantity) for x in sale.lines if x.quantity > 0)


def bring(counter: Counter, sale: Sale, *parts: Part) -> Draft:
    done = returning.add_all(counter.store, counter.actor, "", sale.id, parts or whole(sale)).value
    assert done.draft is not None
    return done.draft


def give_cash(counter: Counter, draft: Draft) -> Sale:
    done = paying.pay_cash(counter.store, counter.actor, draft.id, 0).value
    assert done.sale is not None
    return done.sale


# ---- opening a receipt ----


def test_a_scanned_receipt_shows_what_can_come_back(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 2), (OVERSTORY, 1))
    give_cash(counter, bring(counter, sale, Part(1, 1)))
    found = returning.start(counter.store, counter.actor, sale.receipt.lower())
    assert found.sale == sale
    assert found.clerk == "Olive Owner"
    assert [(b.line.title, b.line.quantity, b.returned, b.left) for b in found.lines] == [
        ("Orlando", 2, 1, 1),
        ("The Overstory", 1, 0, 1),
    ]
    assert (found.days, found.late, found.chosen) == (0, False, ())


def test_a_bare_number_is_a_receipt_of_this_register(counter: Counter) -> None:
    sale = counter.sell()
    assert returning.start(counter.store, counter.actor, f" {sale.number} ").sale == sale


def test_what_is_no_receipt_or_unknown_is_said(counter: Counter) -> None:
    start = returning.start
    for typed in ("", "Orlando", "9780156701600", "0", "4111 1111 1111 1111"):
        assert refusal(partial(start, counter.store, counter.actor, typed)) == "no_receipt"
    assert refusal(lambda: start(counter.store, counter.actor, "R1-000099")) == "no_sale"
    back = give_cash(counter, bring(counter, counter.sell()))
    assert refusal(lambda: start(counter.store, counter.actor, back.receipt)) == "nothing_sold"


def test_an_old_receipt_is_a_warning_and_no_block(counter: Counter) -> None:
    sale = counter.sell()
    counter.clock.at += 30 * DAY
    assert not returning.start(counter.store, counter.actor, sale.receipt).late
    counter.clock.at += DAY
    found = returning.start(counter.store, counter.actor, sale.receipt)
    assert (found.days, found.late) == (31, True)
    assert give_cash(counter, bring(counter, sale)).paid_cents == -sale.paid_cents


def test_no_receipt_is_late_where_there_is_no_limit(tmp_path: Path) -> None:
    counter = Counter(tmp_path, return_days=0)
    sale = counter.sell()
    counter.clock.at += 400 * DAY
    assert not returning.start(counter.store, counter.actor, sale.receipt).late


# ---- bringing back ----


def test_a_whole_receipt_goes_back_in_cash_to_the_cent(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 2), (OVERSTORY, 1))
    before = counter.on_hand(ORLANDO.sku)
    made = give_cash(counter, bring(counter, sale))
    assert made.kind == "return"
    assert made.paid_cents == -sale.paid_cents
    assert [(x.of_receipt, x.of_line, x.quantity) for x in made.lines] == [
        (sale.receipt, 1, -2),
        (sale.receipt, 2, -1),
    ]
    assert counter.on_hand(ORLANDO.sku) == (before or 0) + 2
    with counter.store.read() as conn:
        assert tills.check(conn) == []
    assert len(counter.journal("return.completed")) == 1


def test_damaged_copies_come_in_and_go_out_again(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 1))
    before = counter.on_hand(ORLANDO.sku)
    give_cash(counter, bring(counter, sale, Part(1, 1, "damaged", "Pages missing")))
    assert counter.on_hand(ORLANDO.sku) == before
    with counter.store.read() as conn:
        moves = items.stock_history(conn, ORLANDO.sku)
    assert [(m.cause, m.quantity, m.reason) for m in moves[:2]] == [
        ("damaged", -1, "Pages missing"),
        ("return", 1, "Pages missing"),
    ]


def test_a_service_comes_back_without_stock(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 1), (WRAP, 1))
    give_cash(counter, bring(counter, sale))
    assert counter.on_hand(WRAP.sku) is None


def test_adding_a_line_again_replaces_it_and_none_takes_it_out(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 3))
    first = bring(counter, sale, Part(1, 3))
    second = returning.add(counter.store, counter.actor, first.id, sale.id, 1, 2, "damaged").value
    assert second.draft is not None
    assert [(r.quantity, r.disposition) for r in second.draft.returns] == [(2, "damaged")]
    assert second.line == second.draft.returns[0].id
    chosen = returning.start(counter.store, counter.actor, sale.receipt).chosen
    assert [r.quantity for r in chosen] == [2]
    third = returning.add(counter.store, counter.actor, first.id, sale.id, 1, 0).value
    assert third.draft is not None and third.draft.returns == ()


def test_never_more_than_was_sold_and_never_twice(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 2))
    add = returning.add
    assert refusal(lambda: add(counter.store, counter.actor, "", sale.id, 1, 3)) == "returned"
    assert refusal(lambda: add(counter.store, counter.actor, "", sale.id, 9, 1)) == "no_line"
    assert refusal(lambda: add(counter.store, counter.actor, "", "nobody", 1, 1)) == "no_sale"
    give_cash(counter, bring(counter, sale))
    assert refusal(lambda: add(counter.store, counter.actor, "", sale.id, 1, 1)) == "returned"


def test_two_drafts_cannot_both_bring_the_same_copy_back(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 1))
    held = bring(counter, sale)
    selling.hold(counter.store, counter.actor, held.id)
    give_cash(counter, bring(counter, sale))
    selling.recall(counter.store, counter.actor, held.id)
    assert refusal(lambda: paying.pay_cash(counter.store, counter.actor, held.id, 0)) == "returned"
    with counter.store.read() as conn:
        assert drafts.load(conn, held.id).tenders == (), "nothing was given"


def test_paying_a_refund_twice_pays_once(counter: Counter) -> None:
    draft = bring(counter, counter.sell())
    assert give_cash(counter, draft) == give_cash(counter, draft)


def test_a_payment_that_was_started_locks_the_return(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 2))
    draft = bring(counter, sale, Part(1, 1))
    paying.start_card(counter.store, counter.actor, draft.id, -100)
    assert refusal(lambda: returning.add(counter.store, counter.actor, draft.id, sale.id, 1, 2)) == "paid"


def test_a_card_number_as_a_reason_is_refused(counter: Counter) -> None:
    sale = counter.sell()
    part = Part(1, 1, "restock", "4111 1111 1111 1111")
    assert refusal(lambda: bring(counter, sale, part)) == "card_number"


def test_the_customer_of_the_sale_comes_along(counter: Counter) -> None:
    draft = days.ring(counter.store, counter.actor, [(ORLANDO, 1)])
    selling.set_customer(counter.store, counter.actor, draft.id, Customer("c", "Clarissa"))
    sale = days.pay(counter.store, counter.actor, draft)
    assert bring(counter, sale).customer == Customer("c", "Clarissa")


# ---- exchange ----


def test_an_exchange_is_one_sale(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 1))
    days.ring(counter.store, counter.actor, [(OVERSTORY, 1)])
    draft = bring(counter, sale)
    assert [x.title for x in draft.lines] == ["The Overstory"]
    made = days.pay(counter.store, counter.actor, draft)
    assert made.kind == "exchange"
    assert made.paid_cents == round(1895 * 1.08875) - sale.paid_cents


def test_an_even_exchange_is_completed_without_money(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 1))
    days.ring(counter.store, counter.actor, [(ORLANDO, 1)])
    done = paying.complete(counter.store, counter.actor, bring(counter, sale).id).value
    assert done.sale is not None
    assert (done.sale.paid_cents, done.sale.tenders) == (0, ())


# ---- giving the money back ----


def test_several_tenders_go_back_step_by_step_and_a_crash_loses_nothing(counter: Counter) -> None:
    sale = counter.pay_by_cards(1_000, 500, lines=((ORLANDO, 1), (OVERSTORY, 1)))
    draft = bring(counter, sale)
    plan = returning.refund_plan(counter.store, draft.id)
    assert [(s.kind, s.amount_cents, s.last4) for s in plan.original] == [
        ("card", -1_000, "0001"),
        ("card", -500, "0002"),
        ("cash", 1_500 - sale.paid_cents, ""),
    ]
    for step in plan.original[:2]:
        assert counter.card(draft, step.amount_cents, step.last4, step.reference) is None
        rest = returning.refund_plan(counter.store, draft.id)
        assert rest.original == plan.original[plan.original.index(step) + 1 :], "as after a crash"
    made = give_cash(counter, draft)
    assert made.paid_cents == -sale.paid_cents
    assert [(t.kind, t.amount_cents, t.last4) for t in made.tenders] == [
        ("card", -1_000, "0001"),
        ("card", -500, "0002"),
        ("cash", 1_500 - sale.paid_cents, ""),
    ]
    with counter.store.read() as conn:
        assert tills.check(conn) == []


def test_a_refund_by_card_completes_by_itself_and_names_the_receipt(counter: Counter) -> None:
    sale = counter.sell()
    draft = bring(counter, sale)
    (step,) = returning.refund_plan(counter.store, draft.id).card
    made = counter.card(draft, step.amount_cents, "9999", step.reference)
    assert made is not None
    assert [(t.amount_cents, t.reference) for t in made.tenders] == [(-sale.paid_cents, sale.receipt)]


def test_no_card_gets_more_than_is_owed(counter: Counter) -> None:
    draft = bring(counter, counter.sell())
    start = paying.start_card
    assert refusal(lambda: start(counter.store, counter.actor, draft.id, -100_000)) == "amount"
    assert refusal(lambda: start(counter.store, counter.actor, draft.id, 100)) == "amount"


def test_a_plan_for_a_draft_that_is_gone_is_refused(counter: Counter) -> None:
    draft = bring(counter, counter.sell())
    give_cash(counter, draft)
    assert refusal(lambda: returning.refund_plan(counter.store, draft.id)) == "no_draft"


@pytest.mark.parametrize("how", ["cash", "card"])
def test_all_that_was_paid_in_rounded_cash_goes_back(tmp_path: Path, how: str) -> None:
    counter = Counter(tmp_path, cash_step=5)
    sale = counter.sell((ORLANDO, 1), (OVERSTORY, 1))
    assert sale.rounding_cents != 0
    draft = bring(counter, sale)
    plan = returning.refund_plan(counter.store, draft.id)
    assert plan.owed_cents == -sale.paid_cents
    made = (
        give_cash(counter, draft) if how == "cash" else counter.card(draft, plan.card[0].amount_cents, "9999")
    )
    assert made is not None
    assert made.paid_cents == -sale.paid_cents
    assert made.rounding_cents == -sale.rounding_cents
    with counter.store.read() as conn:
        assert tills.check(conn) == []


def test_line_by_line_in_rounded_cash_adds_up_to_what_was_paid(tmp_path: Path) -> None:
    counter = Counter(tmp_path, cash_step=10)
    sale = counter.sell((ORLANDO, 3), (OVERSTORY, 2))
    given_back = 0
    for no, copies in ((2, 1), (1, 2), (1, 1), (2, 1)):
        made = give_cash(counter, bring(counter, sale, Part(no, copies)))
        assert made.paid_cents % 10 == 0
        given_back += made.paid_cents
    assert given_back == -sale.paid_cents


def test_the_pay_screen_is_told_the_exact_amount_to_give(tmp_path: Path) -> None:
    counter = Counter(tmp_path, cash_step=5)
    sale = counter.sell((ORLANDO, 1), (OVERSTORY, 1))
    bring(counter, sale)
    ringing = selling.current(counter.store, 1)
    assert ringing.due_cents == -sale.paid_cents
    assert ringing.totals is not None and ringing.totals.due_cents == -sale.total_cents


# ---- who may ----


def test_a_return_needs_its_permission_and_takes_one_approval_for_all_lines(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 1), (OVERSTORY, 1))
    clerk = hire(counter.store, "staff")
    bring_all = returning.add_all
    assert bring_all(counter.store, clerk, "", sale.id, whole(sale)).value.draft is not None
    with counter.store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM role_permissions WHERE permission = 'sale.return'")
    with pytest.raises(NeedsApproval) as needs:
        bring_all(counter.store, clerk, "", sale.id, whole(sale))
    assert needs.value.facts == {"permission": "sale.return", "ref": sale.id}
    approved = counter.approved(clerk, "sale.return", sale.id)
    draft = bring_all(counter.store, approved, "", sale.id, whole(sale)).value.draft
    assert draft is not None and len(draft.returns) == 2
    with pytest.raises(NeedsApproval):
        bring_all(counter.store, approved, "", sale.id, whole(sale))


def test_goods_without_receipt_need_permission_reason_and_price(counter: Counter) -> None:
    clerk = hire(counter.store, "staff")

    def bring_loose(actor=counter.actor, quantity=1, price=1699, reason="A present"):
        return returning.add_unreceipted(
            counter.store, actor, "", ORLANDO, quantity, price, "restock", reason
        ).value

    with pytest.raises(NeedsApproval) as needs:
        bring_loose(clerk)
    assert needs.value.facts == {"permission": "sale.return_unreceipted", "ref": ORLANDO.sku}
    assert refusal(lambda: bring_loose(reason=" ")) == "reason"
    assert refusal(lambda: bring_loose(quantity=0)) == "quantity"
    assert refusal(lambda: bring_loose(price=-1)) == "amount"
    approved = counter.approved(clerk, "sale.return_unreceipted", ORLANDO.sku)
    draft = bring_loose(approved, quantity=2).draft
    assert draft is not None
    (line,) = draft.returns
    assert (line.quantity, line.net_cents, line.of_sale, line.reason) == (2, 3398, "", "A present")
    assert line.total_cents == round(3398 * 1.08875), "today's tax comes back with it"
    made = give_cash(counter, draft)
    assert made.paid_cents == -line.total_cents
    assert counter.on_hand(ORLANDO.sku) == 2
    (entry,) = counter.journal("return.unreceipted")
    assert (entry["sku"], entry["reason"]) == (ORLANDO.sku, "A present")
