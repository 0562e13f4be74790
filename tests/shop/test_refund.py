"""How money goes back: the way it came, never more than came, and in the end all that was paid."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import refund
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.refund import Original, RefundPlan, RefundStep
from bookwish_desk.shop.sale import Draft, Line, Tender, totals
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.tax import TaxRules
from tests.shop.selling import bring_back, card, complete, drafts, empty_draft, rules

PLAIN = TaxRules()


def sale_of(cents: int, *tenders: Tender, name: str = "s", step: int = 1, copies: int = 1) -> Sale:
    goods = empty_draft(lines=(Line("l", "a", "A", copies, cents),), tenders=tenders)
    return complete(goods, PLAIN, step, sale_id=name)


def plan(draft: Draft, step: int, *originals: Original, tax: TaxRules = PLAIN) -> RefundPlan:
    owed = totals(draft, tax).due_cents - refund.rounding_to_even(draft, originals)
    return refund.plan(draft, owed, step, originals)


def ways(steps: tuple[RefundStep, ...]) -> list[tuple[str, int, str]]:
    return [(s.kind, s.amount_cents, s.last4) for s in steps]


def give(draft: Draft, step: RefundStep) -> Draft:
    """Do one card step of a plan as the register does it."""
    assert step.kind == "card"
    tender = Tender(new_id(), "card", step.amount_cents, brand=step.brand, last4=step.last4)
    return replace(draft, tenders=(*draft.tenders, replace(tender, reference=step.reference)))


@pytest.mark.capability("BW+03")
def test_a_split_payment_goes_back_card_by_card_and_the_rest_in_cash() -> None:
    sale = sale_of(10_000, card(3_000, "1111"), card(2_000, "2222"))
    back = empty_draft(returns=bring_back(sale, {}, {1: 1}, PLAIN))
    found = plan(back, 1, Original(sale, {}))
    assert found.owed_cents == -10_000
    assert ways(found.original) == [
        ("card", -3_000, "1111"),
        ("card", -2_000, "2222"),
        ("cash", -5_000, ""),
    ]
    assert ways(found.cash) == [("cash", -10_000, "")]
    assert ways(found.card) == [("card", -10_000, "")]
    assert found.card[0].reference == sale.receipt


def test_a_plan_goes_on_where_a_crash_left_it() -> None:
    sale = sale_of(10_000, card(3_000, "1111"), card(2_000, "2222"))
    back = empty_draft(returns=bring_back(sale, {}, {1: 1}, PLAIN))
    steps = plan(back, 1, Original(sale, {})).original
    once = give(back, steps[0])
    assert plan(once, 1, Original(sale, {})).original == steps[1:]
    started = replace(once, tenders=(*once.tenders, replace(card(-2_000, "2222"), state="intended")))
    assert ways(plan(started, 1, Original(sale, {})).original) == [("cash", -5_000, "")]
    assert plan(give(give(back, steps[0]), steps[1]), 1, Original(sale, {})).original == steps[2:]


def test_what_an_earlier_return_gave_back_to_a_card_is_not_given_again() -> None:
    sale = sale_of(1_000, card(3_000, "1111"), copies=5)
    first = empty_draft(returns=bring_back(sale, {}, {1: 2}, PLAIN))
    steps = plan(first, 1, Original(sale, {})).original
    assert ways(steps) == [("card", -2_000, "1111")]
    refunded = complete(give(first, steps[0]), PLAIN, 1, sale_id="r")
    then = empty_draft(returns=bring_back(sale, {1: 2}, {1: 3}, PLAIN))
    rest = plan(then, 1, Original(sale, {1: 2}, (refunded,)))
    assert ways(rest.original) == [("card", -1_000, "1111"), ("cash", -2_000, "")]


def test_a_refund_to_another_card_counts_against_the_cards_that_paid() -> None:
    sale = sale_of(1_000, card(2_000, "1111"), copies=2)
    first = empty_draft(returns=bring_back(sale, {}, {1: 1}, PLAIN), tenders=(card(-1_000, "9999"),))
    refunded = complete(first, PLAIN, 1, sale_id="r")
    then = empty_draft(returns=bring_back(sale, {1: 1}, {1: 1}, PLAIN))
    rest = plan(then, 1, Original(sale, {1: 1}, (refunded,)))
    assert ways(rest.original) == [("card", -1_000, "1111")]


def test_each_sale_is_paid_back_to_its_own_cards() -> None:
    one = replace(sale_of(1_000, card(1_000, "1111"), name="one"), completed_at=1)
    two = replace(sale_of(500, card(500, "2222"), name="two"), completed_at=2)
    three = replace(sale_of(800, name="three"), completed_at=3)
    lines = [r for s in (three, two, one) for r in bring_back(s, {}, {1: 1}, PLAIN)]
    back = empty_draft(returns=tuple(lines))
    found = plan(back, 1, Original(one, {}), Original(two, {}), Original(three, {}))
    assert ways(found.original) == [("card", -1_000, "1111"), ("card", -500, "2222"), ("cash", -800, "")]
    assert [s.reference for s in found.original] == [one.receipt, two.receipt, ""]
    assert found.card[0].reference == ""


def test_new_goods_are_paid_from_the_cash_part_first() -> None:
    sale = sale_of(10_000, card(4_000))
    swap = empty_draft(lines=(Line("m", "b", "B", 1, 7_000),), returns=bring_back(sale, {}, {1: 1}, PLAIN))
    assert ways(plan(swap, 1, Original(sale, {})).original) == [("card", -3_000, "4242")]
    dearer = replace(swap, lines=(Line("m", "b", "B", 1, 11_000),))
    assert plan(dearer, 1, Original(sale, {})) == RefundPlan()


def test_a_cheque_goes_back_in_cash() -> None:
    sale = sale_of(1_000, Tender("q", "cheque", 1_000))
    back = empty_draft(returns=bring_back(sale, {}, {1: 1}, PLAIN))
    assert ways(plan(back, 1, Original(sale, {})).original) == [("cash", -1_000, "")]


def test_goods_without_receipt_go_back_in_cash() -> None:
    loose = bring_back(sale_of(1_000), {}, {1: 1}, PLAIN)
    back = empty_draft(returns=tuple(replace(r, of_sale="", of_line=0, of_receipt="") for r in loose))
    found = plan(back, 5)
    assert ways(found.original) == ways(found.cash) == [("cash", -1_000, "")]


def test_change_given_is_no_card_money_and_a_card_gets_no_rounding() -> None:
    sale = sale_of(493, step=5)
    assert sale.paid_cents == 495
    back = empty_draft(returns=bring_back(sale, {}, {1: 1}, PLAIN))
    found = plan(back, 5, Original(sale, {}))
    assert (found.owed_cents, ways(found.cash)) == (-495, [("cash", -495, "")])
    assert ways(found.card) == [("card", -495, "")], "to the cent what was paid"


# ---- evening out ----


def test_nothing_is_evened_out_unless_all_of_one_sale_comes_back_alone() -> None:
    sale = sale_of(164, step=5, copies=3)
    other = sale_of(164, step=5, name="o")
    assert sale.rounding_cents == -2
    whole = bring_back(sale, {}, {1: 3}, PLAIN)
    originals = [Original(sale, {}), Original(other, {})]
    assert refund.rounding_to_even(empty_draft(returns=whole), originals) == -2
    for draft in (
        empty_draft(),
        empty_draft(returns=bring_back(sale, {}, {1: 2}, PLAIN)),
        empty_draft(returns=whole, lines=(Line("m", "b", "B", 1, 100),)),
        empty_draft(returns=(*whole, *bring_back(other, {}, {1: 1}, PLAIN))),
        empty_draft(returns=(*whole, replace(whole[0], of_sale="", of_line=0))),
    ):
        assert refund.rounding_to_even(draft, originals) == 0


def test_the_rounding_of_an_exchange_stays_with_the_exchange() -> None:
    sale = sale_of(164, step=5, copies=2)
    assert sale.rounding_cents == 2
    swap = empty_draft(lines=(Line("m", "b", "B", 1, 101),), returns=bring_back(sale, {}, {1: 1}, PLAIN))
    exchange = complete(swap, PLAIN, 5, sale_id="x", originals=[Original(sale, {})])
    assert exchange.rounding_cents == -2
    rest = empty_draft(returns=bring_back(sale, {1: 1}, {1: 1}, PLAIN))
    assert refund.rounding_to_even(rest, [Original(sale, {1: 1}, (exchange,))]) == 2


@pytest.mark.capability("BW+03")
@given(drafts(most=3), rules(), st.sampled_from([1, 5, 10]), st.data())
def test_following_the_plan_gives_back_what_was_paid_the_way_it_was_paid(
    draft: Draft, tax: TaxRules, step: int, data: st.DataObject
) -> None:
    due = totals(draft, tax).due_cents
    parts = [data.draw(st.integers(0, due // 2)), data.draw(st.integers(0, due // 2))]
    cards = tuple(card(p, f"000{i}") for i, p in enumerate(parts) if p)
    sale = complete(replace(draft, tenders=cards), tax, step, sale_id="s")
    original = Original(sale, {})
    back = empty_draft(returns=bring_back(sale, {}, {x.no: x.quantity for x in sale.lines}, tax))
    found = plan(back, step, original, tax=tax)
    assert found.owed_cents == -max(0, sale.paid_cents)
    assert sum(s.amount_cents for s in found.original) == found.owed_cents
    for one in found.original:
        if one.kind == "card":
            back = give(back, one)
    refunded = complete(back, tax, step, sale_id="r", originals=[original])
    moved: Counter[str] = Counter()
    for t in (*sale.tenders, *refunded.tenders):
        moved[t.last4] += t.amount_cents
    assert not any(moved.values())


@given(drafts(most=4), rules(), st.sampled_from([1, 5, 10]), st.data())
def test_no_card_gets_back_more_than_it_brought_in_any_number_of_returns(
    draft: Draft, tax: TaxRules, step: int, data: st.DataObject
) -> None:
    due = totals(draft, tax).due_cents
    part = data.draw(st.integers(0, due))
    paying = replace(draft, tenders=(card(part),) if part else ())
    sale = complete(paying, tax, step, sale_id="s")
    returned: Counter[int] = Counter()
    refunds: list[Sale] = []
    given_back = 0
    for x in sale.lines:
        for many in (x.quantity - x.quantity // 2, x.quantity // 2):
            if not many:
                continue
            original = Original(sale, dict(returned), tuple(refunds))
            back = empty_draft(returns=bring_back(sale, returned, {x.no: many}, tax))
            found = plan(back, step, original, tax=tax)
            for one in found.original:
                if one.kind == "card":
                    given_back -= one.amount_cents
                    back = give(back, one)
            refunds.append(complete(back, tax, step, sale_id=new_id(), originals=[original]))
            returned[x.no] += many
    assert given_back <= part
    assert sum(r.total_cents for r in refunds) == -sale.total_cents
    cash = sum(t.amount_cents for r in refunds for t in r.tenders if t.kind == "cash")
    brought = sum(t.amount_cents for t in sale.tenders if t.kind == "cash")
    if refunds[-1].paid_cents < 0 and part == 0:
        assert cash == -brought
    assert cash % step == 0
