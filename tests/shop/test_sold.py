"""Returns: a refund is the exact opposite of its sale, in whole, line by line and copy by copy."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import sold
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import round_cash
from bookwish_desk.shop.refund import Original
from bookwish_desk.shop.sale import Draft, Line, Tender, totals
from bookwish_desk.shop.sold import Sale, SoldLine, settle_cash
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from tests.shop.selling import bring_back, card, complete, drafts, empty_draft, rules

steps = st.sampled_from([1, 5, 10])


def tendered(draft: Draft, tax: TaxRules, data: st.DataObject) -> Draft:
    """Put card and cheque payments into a draft, for a part of what is due or for all of it."""
    due = totals(draft, tax).due_cents
    for no in range(data.draw(st.integers(0, 2), label="tenders")):
        part = data.draw(st.integers(0, due), label="part")
        if part:
            kind: Literal["card", "cheque"] = data.draw(st.sampled_from(["card", "cheque"]))
            tender = card(part, f"000{no}") if kind == "card" else Tender(f"q{no}", "cheque", part)
            draft = replace(draft, tenders=(*draft.tenders, tender))
            due -= part
    return draft


def money(sale: Sale) -> tuple[object, ...]:
    """Return every amount of a sale, taxes by rate."""
    taxes = [(t.name, t.ppm, t.net_cents, t.tax_cents) for t in sale.taxes if t.net_cents or t.tax_cents]
    net = sum(x.net_cents for x in sale.lines)
    return sale.total_cents, net, taxes


def opposite(amounts: tuple[object, ...]) -> tuple[object, ...]:
    total, net, taxes = amounts
    assert isinstance(total, int) and isinstance(net, int) and isinstance(taxes, list)
    return -total, -net, [(n, p, -a, -b) for n, p, a, b in taxes]


# ---- refund(sale) = -sale ----


@pytest.mark.capability("BW+03")
@given(drafts(), rules(), steps, st.data())
def test_a_refund_is_the_exact_opposite_of_its_sale(
    draft: Draft, tax: TaxRules, step: int, data: st.DataObject
) -> None:
    sale = complete(tendered(draft, tax, data), tax, step, sale_id="s")
    whole = {x.no: x.quantity for x in sale.lines}
    back = empty_draft(returns=bring_back(sale, {}, whole, tax))
    # Back the way it came: what the cards and cheques brought, and the rest in cash.
    others = tuple(Tender(t.id, t.kind, -t.amount_cents, last4=t.last4) for t in draft.tenders)
    refund = complete(replace(back, tenders=others), tax, step, sale_id="r", originals=[Original(sale, {})])
    assert money(refund) == opposite(money(sale))
    for went, came in zip(refund.lines, sale.lines, strict=True):
        assert (went.quantity, went.gross_cents, went.discount_cents, went.net_cents, went.total_cents) == (
            -came.quantity,
            -came.gross_cents,
            -came.discount_cents,
            -came.net_cents,
            -came.total_cents,
        )
        assert went.taxes == tuple(
            replace(t, net_cents=-t.net_cents, tax_cents=-t.tax_cents) for t in came.taxes
        )


@pytest.mark.capability("BW+03")
@given(drafts(), rules(), steps, st.data())
def test_what_was_paid_is_what_is_given_back_to_the_cent(
    draft: Draft, tax: TaxRules, step: int, data: st.DataObject
) -> None:
    paying = tendered(draft, tax, data)
    sale = complete(paying, tax, step, sale_id="s")
    back = empty_draft(returns=bring_back(sale, {}, {x.no: x.quantity for x in sale.lines}, tax))
    others = tuple(Tender(t.id, t.kind, -t.amount_cents, last4=t.last4) for t in paying.tenders)
    refund = complete(replace(back, tenders=others), tax, step, sale_id="r", originals=[Original(sale, {})])
    assert refund.paid_cents == -sale.paid_cents
    moved: Counter[str] = Counter()
    for t in (*sale.tenders, *refund.tenders):
        moved[t.kind + t.last4] += t.amount_cents
    assert not any(moved.values())


@given(drafts(), rules(), steps)
def test_a_sale_paid_in_cash_goes_back_in_cash_even_when_the_step_changed(
    draft: Draft, tax: TaxRules, step: int
) -> None:
    sale = complete(draft, tax, step, sale_id="s")
    back = empty_draft(returns=bring_back(sale, {}, {x.no: x.quantity for x in sale.lines}, tax))
    refund = complete(back, tax, 1, sale_id="r", originals=[Original(sale, {})])
    assert refund.paid_cents == -sale.paid_cents


@pytest.mark.capability("BW+03")
@given(drafts(most=4), rules(), steps, st.data())
def test_copy_by_copy_in_any_order_adds_up_to_the_sale(
    draft: Draft, tax: TaxRules, step: int, data: st.DataObject
) -> None:
    sale = complete(draft, tax, step, sale_id="s")
    copies = [x.no for x in sale.lines for _ in range(x.quantity)]
    order = data.draw(st.permutations(copies))
    taken, returned = 0, Counter[int]()
    refunds: list[Sale] = []
    while taken < len(order):
        many = data.draw(st.integers(1, len(order) - taken))
        wanted = Counter(order[taken : taken + many])
        taken += many
        back = empty_draft(returns=bring_back(sale, returned, wanted, tax))
        original = Original(sale, dict(returned), tuple(refunds))
        refund = complete(back, tax, step, sale_id=f"r{taken}", originals=[original])
        assert refund.paid_cents <= 0
        refunds.append(refund)
        returned.update(wanted)
    assert sum(r.total_cents for r in refunds) == -sale.total_cents
    for x in sale.lines:
        parts = [p for r in refunds for p in r.lines if p.of_line == x.no]
        assert sum(p.quantity for p in parts) == -x.quantity
        assert sum(p.net_cents for p in parts) == -x.net_cents
        assert sum(p.total_cents for p in parts) == -x.total_cents
        assert sum(p.discount_cents for p in parts) == -x.discount_cents
        for at, tax_part in enumerate(x.taxes):
            assert sum(p.taxes[at].tax_cents for p in parts) == -tax_part.tax_cents
            assert sum(p.taxes[at].net_cents for p in parts) == -tax_part.net_cents
    assert sum(r.rounding_cents for r in refunds) == -sale.rounding_cents or refunds[-1].paid_cents == 0
    if refunds[-1].paid_cents:
        assert sum(r.paid_cents for r in refunds) == -sale.paid_cents


@given(drafts(), rules(), st.data())
def test_no_copy_is_ever_worth_more_than_the_line(draft: Draft, tax: TaxRules, data: st.DataObject) -> None:
    sale = complete(draft, tax, 1, sale_id="s")
    x = data.draw(st.sampled_from(sale.lines))
    before = data.draw(st.integers(0, x.quantity - 1))
    quantity = data.draw(st.integers(1, x.quantity - before))
    (back,) = bring_back(sale, {x.no: before}, {x.no: quantity}, tax)
    assert 0 <= back.total_cents <= x.total_cents
    assert abs(back.total_cents * x.quantity - x.total_cents * quantity) <= x.quantity * (1 + len(x.taxes))


@given(drafts(), rules(), rules(), st.data())
def test_a_shop_that_changed_its_way_of_taxing_still_gives_back_what_was_paid(
    draft: Draft, then: TaxRules, now: TaxRules, data: st.DataObject
) -> None:
    sale = complete(draft, then, 1, sale_id="s")
    x = data.draw(st.sampled_from(sale.lines))
    back = empty_draft(returns=bring_back(sale, {}, {x.no: x.quantity}, now))
    refund = complete(back, now, 1, sale_id="r", originals=[Original(sale, {})])
    (line,) = refund.lines
    assert line.total_cents == -x.total_cents
    assert sum(t.tax_cents for t in line.taxes) == -sum(t.tax_cents for t in x.taxes)
    added = sum(t.tax_cents for t in line.taxes) if now.mode == "exclusive" else 0
    assert line.total_cents == line.net_cents + added
    if not sale.exempt:
        assert line.gross_cents - line.discount_cents == line.net_cents


# ---- never more than was sold, never twice ----


@given(drafts(), rules(), st.data())
def test_more_than_is_left_is_refused(draft: Draft, tax: TaxRules, data: st.DataObject) -> None:
    sale = complete(draft, tax, 1, sale_id="s")
    x = data.draw(st.sampled_from(sale.lines))
    before = data.draw(st.integers(0, x.quantity))
    with pytest.raises(Refused) as refusal:
        bring_back(sale, {x.no: before}, {x.no: x.quantity - before + 1}, tax)
    assert refusal.value.code == "returned"
    assert refusal.value.facts["left"] == x.quantity - before


def test_no_copies_are_no_return() -> None:
    sale = complete(empty_draft(lines=(Line("l", "a", "A", 1, 100),)), TaxRules(), 1, sale_id="s")
    (back,) = sold.returnable(sale, {})
    with pytest.raises(Refused):
        sold.return_line(sale, back, 0, "restock", "", mode="exclusive")


def test_what_came_back_cannot_be_brought_back_again() -> None:
    tax = TaxRules()
    sale = complete(empty_draft(lines=(Line("l", "a", "A", 2, 100),)), tax, 1, sale_id="s")
    refund = complete(empty_draft(returns=bring_back(sale, {}, {1: 1}, tax)), tax, 1, sale_id="r")
    assert refund.kind == "return"
    assert sold.returnable(refund, {}) == ()
    assert [b.left for b in sold.returnable(sale, {1: 1})] == [1]
    assert [b.left for b in sold.returnable(sale, {1: 9})] == [0]


def test_an_exchange_can_give_back_what_it_sold_and_not_what_it_took() -> None:
    tax = TaxRules()
    first = complete(empty_draft(lines=(Line("l", "a", "A", 1, 2000),)), tax, 1, sale_id="s")
    swap = empty_draft(lines=(Line("m", "b", "B", 1, 500),), returns=bring_back(first, {}, {1: 1}, tax))
    exchange = complete(swap, tax, 1, sale_id="x")
    assert (exchange.kind, exchange.paid_cents) == ("exchange", -1500)
    assert [b.line.sku for b in sold.returnable(exchange, {})] == ["b"]


# ---- without receipt ----


@given(drafts(), rules())
def test_goods_without_receipt_are_worth_what_they_cost_today(draft: Draft, tax: TaxRules) -> None:
    priced = totals(replace(draft, discount=None), tax)
    back = sold.return_without_receipt(priced, "damaged", "No receipt")
    assert sum(r.total_cents for r in back) == priced.total_cents
    assert {(r.disposition, r.reason, r.of_sale) for r in back} == {("damaged", "No receipt", "")}
    refund = complete(empty_draft(returns=back), tax, 1, sale_id="r")
    assert refund.paid_cents == -priced.total_cents


# ---- cash ----


@given(st.integers(-50_000, 50_000), st.integers(0, 60_000), steps)
def test_cash_settles_what_is_due_to_the_step(due: int, given_cents: int, step: int) -> None:
    outcome = settle_cash(due, given_cents, step)
    if due >= 0 and given_cents < round_cash(due, step):
        assert outcome is None
        return
    assert outcome is not None
    rounding, change = outcome
    assert abs(rounding) * 2 <= step
    assert change >= 0
    given_or_got = given_cents if due >= 0 else 0
    assert given_or_got - change == due + rounding or due < 0
    assert (due + rounding) % step == 0


def test_the_last_return_evens_out_the_rounding_of_the_others() -> None:
    tax = TaxRules()
    sale = complete(empty_draft(lines=(Line("l", "a", "A", 3, 164),)), tax, 5, sale_id="s")
    assert (sale.total_cents, sale.paid_cents) == (492, 490)
    refunds: list[Sale] = []
    for copies in range(3):
        back = empty_draft(returns=bring_back(sale, {1: copies}, {1: 1}, tax))
        original = Original(sale, {1: copies}, tuple(refunds))
        refunds.append(complete(back, tax, 5, sale_id=f"r{copies}", originals=[original]))
    assert [r.paid_cents for r in refunds] == [-165, -165, -160]


def test_a_refund_never_becomes_something_to_pay() -> None:
    tax = TaxRules()
    goods = (Line("l", "a", "A", 1, 490), Line("m", "b", "B", 1, 1))
    sale = complete(empty_draft(lines=goods), tax, 5, sale_id="s")
    assert sale.paid_cents == 490
    first = complete(empty_draft(returns=bring_back(sale, {}, {1: 1}, tax)), tax, 5, sale_id="r")
    assert first.paid_cents == -490
    rest = empty_draft(returns=bring_back(sale, {1: 1}, {2: 1}, tax))
    last = complete(rest, tax, 5, sale_id="q", originals=[Original(sale, {1: 1}, (first,))])
    assert last.paid_cents == 0
    assert last.tenders == ()


@given(drafts(), rules())
def test_frozen_lines_are_numbered_from_one(draft: Draft, tax: TaxRules) -> None:
    assume(draft.lines)
    lines: tuple[SoldLine, ...] = sold.sold_lines(draft, totals(draft, tax))
    assert [x.no for x in lines] == list(range(1, len(draft.lines) + 1))
    assert sum(t.tax_cents for t in sold.taxes_of(lines)) == totals(draft, tax).tax_cents


def test_a_refund_reads_as_its_sale_does() -> None:
    rates = (TaxRate("Sales tax", 100_000),)
    tax = TaxRules(classes=(TaxClass("book", "Books", rates),))
    sale = complete(empty_draft(lines=(Line("l", "a", "A", 2, 1000),)), tax, 1, sale_id="s")
    (line,) = complete(empty_draft(returns=bring_back(sale, {}, {1: 1}, tax)), tax, 1, sale_id="r").lines
    assert (line.gross_cents, line.price_cents, line.quantity, line.total_cents) == (-1000, 1000, -1, -1100)
    assert (line.of_sale, line.of_line, line.of_receipt) == ("s", 1, "R1-s")
