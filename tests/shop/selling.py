"""Drafts of every kind, and what they become when they are paid: for tests of money, tax and returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import refund, sold
from bookwish_desk.shop.money import MILLION
from bookwish_desk.shop.refund import Original
from bookwish_desk.shop.sale import Discount, Draft, Exemption, Line, ReturnLine, Tender, totals
from bookwish_desk.shop.sold import Sale, SoldTender, settle_cash
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules

CLASSES = ("book", "general", "food", "none")

rates = st.builds(
    TaxRate,
    st.sampled_from(["GST", "PST", "VAT", "City"]),
    st.integers(0, 300_000) | st.sampled_from([88_750, 62_500, 50_000, 99_750, 190_000, 70_000, 5_000]),
)
rate_sets = st.lists(rates, max_size=3, unique_by=lambda r: r.name).map(tuple)


@st.composite
def rules(draw: Any) -> TaxRules:
    """Draw tax rules of every mode and basis, several rates in a class, and a class without any."""
    kinds = tuple(TaxClass(code, code, draw(rate_sets)) for code in CLASSES[:-1])
    return TaxRules(
        mode=draw(st.sampled_from(["exclusive", "inclusive"])),
        basis=draw(st.sampled_from(["item", "invoice"])),
        classes=(*kinds, TaxClass("none", "none")),
    )


discounts = st.one_of(
    st.none(),
    st.builds(Discount, st.just("percent"), st.integers(1, MILLION)),
    st.builds(Discount, st.just("amount"), st.integers(1, 12_000)),
)
prices = st.sampled_from([999, 1695, 2495, 25, 1, 0, 3, 5400]) | st.integers(0, 9_000)


@st.composite
def lines(draw: Any, no: int) -> Line:
    """Draw one line, sometimes with a discount of its own."""
    return Line(
        id=f"line-{no}",
        sku=draw(st.sampled_from(["a", "b", "c"])),
        title="A title",
        quantity=draw(st.integers(1, 7)),
        price_cents=draw(prices),
        discount=draw(discounts),
        tax_class=draw(st.sampled_from(CLASSES)),
    )


@st.composite
def drafts(draw: Any, most: int = 5) -> Draft:
    """Draw a sale being rung up, with and without discounts and exemption."""
    count = draw(st.integers(1, most))
    return Draft(
        id="draft",
        register=1,
        number=1,
        staff="s",
        opened_at=0,
        lines=tuple(draw(lines(no)) for no in range(count)),
        discount=draw(discounts),
        exempt=Exemption("X-1") if draw(st.integers(0, 4)) == 4 else None,
    )


class NotSettled(Exception):
    """The tenders do not add up."""


def complete(
    draft: Draft, tax: TaxRules, cash_step: int, *, sale_id: str, originals: Sequence[Original] = ()
) -> Sale:
    """Pay what the draft's own tenders leave open in cash, and freeze the sale as the shop does."""
    priced = totals(draft, tax)
    due = priced.due_cents
    even = refund.rounding_to_even(draft, originals)
    outcome = settle_cash(due, due + 1_000 if due > 0 else 0, cash_step, even)
    assert outcome is not None
    rounding, change = outcome
    tenders = [
        SoldTender(t.kind, t.amount_cents, brand=t.brand, last4=t.last4, reference=t.reference)
        for t in draft.tenders
    ]
    if cash := due + rounding + change:
        tenders.append(SoldTender("cash", cash))
    if change:
        tenders.append(SoldTender("cash", -change, change=True))
    kind: Literal["sale", "return", "exchange"] = "sale" if not draft.returns else "exchange"
    made = sold.sold_lines(draft, priced)
    done = Sale(
        id=sale_id,
        number=1,
        receipt=f"R1-{sale_id}",
        register=1,
        till="t",
        business_date="2026-01-02",
        completed_at=0,
        staff="s",
        kind=kind if draft.lines else "return",
        lines=made,
        tenders=tuple(tenders),
        taxes=sold.taxes_of(made),
        total_cents=priced.total_cents,
        rounding_cents=rounding,
        tax_mode=tax.mode,
        tax_basis=tax.basis,
        discount_cents=priced.discount_cents,
        exempt=draft.exempt,
        customer=draft.customer,
        note=draft.note,
    )
    if sum(t.amount_cents for t in done.tenders) != done.paid_cents:
        raise NotSettled
    return done


def card(amount_cents: int, last4: str = "4242") -> Tender:
    """Return a card payment the terminal approved."""
    return Tender(f"card-{last4}", "card", amount_cents, brand="Visa", last4=last4)


def bring_back(
    sale: Sale, returned: Mapping[int, int], wanted: Mapping[int, int], tax: TaxRules
) -> tuple[ReturnLine, ...]:
    """Return lines for `wanted` copies by line number."""
    back = {b.line.no: b for b in sold.returnable(sale, returned)}
    return tuple(
        sold.return_line(sale, back[no], quantity, "restock", "", mode=tax.mode)
        for no, quantity in wanted.items()
        if quantity
    )


def empty_draft(**changes: Any) -> Draft:
    """Return a draft with nothing in it but `changes`."""
    return replace(Draft(id="back", register=1, number=2, staff="s", opened_at=0), **changes)
