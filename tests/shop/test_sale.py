"""The sale being made: what it comes to, how it is changed, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import sale
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sale import Discount, Draft, Exemption, Line, PricedLine, ReturnLine, Tender, totals
from bookwish_desk.shop.tax import TaxRules
from tests.shop.selling import drafts, empty_draft, rules

BOOK = Item(
    "9780156701600", "Orlando", ean=9780156701600, authors="Virginia Woolf", price_cents=1699, on_hand=2
)
MUG = Item("mug", "Mug", price_cents=1200, tax_class="general")


def returned(line_id: str, of_line: int = 1, quantity: int = 1) -> ReturnLine:
    return ReturnLine(
        line_id,
        "a",
        "A title",
        quantity,
        1000,
        1000 * quantity,
        (),
        1000 * quantity,
        1000 * quantity,
        of_sale="old",
        of_line=of_line,
    )


# ---- what it comes to ----


def price_of(p: PricedLine) -> tuple[object, ...]:
    """Return all amounts of a line, without its identity."""
    x = p.line
    what = (x.sku, x.quantity, x.price_cents, str(x.discount), x.tax_class)
    return (*what, p.gross_cents, p.discount_cents, p.net_cents, p.total_cents, str(p.taxes))


@pytest.mark.capability("BW+03")
@given(drafts(), rules(), st.data())
def test_totals_never_depend_on_the_order_of_lines(draft: Draft, tax: TaxRules, data: st.DataObject) -> None:
    shuffled = replace(draft, lines=tuple(data.draw(st.permutations(draft.lines))))
    one, other = totals(draft, tax), totals(shuffled, tax)
    assert replace(one, lines=()) == replace(other, lines=())
    assert sorted(map(price_of, one.lines)) == sorted(map(price_of, other.lines))


@pytest.mark.capability("BW+03")
@given(drafts(), rules())
def test_lines_add_up_to_the_totals(draft: Draft, tax: TaxRules) -> None:
    priced = totals(draft, tax)
    assert priced.sale_cents == sum(p.total_cents for p in priced.lines)
    assert priced.gross_cents == sum(x.quantity * x.price_cents for x in draft.lines)
    assert priced.discount_cents == sum(p.discount_cents for p in priced.lines)
    assert priced.tax_cents == sum(p.tax_cents for p in priced.lines)
    assert priced.due_cents == priced.total_cents == priced.sale_cents
    for p in priced.lines:
        assert 0 <= p.discount_cents <= p.gross_cents
        assert p.total_cents >= 0
        added = p.tax_cents if tax.mode == "exclusive" else 0
        assert p.total_cents == p.net_cents + added
        if not draft.exempt:
            assert p.net_cents == p.gross_cents - p.discount_cents


@given(drafts(), rules())
def test_an_exempt_sale_has_no_tax_and_never_costs_more(draft: Draft, tax: TaxRules) -> None:
    exempt = totals(replace(draft, exempt=Exemption("X-1")), tax)
    taxed = totals(replace(draft, exempt=None), tax)
    assert exempt.tax_cents == 0
    assert exempt.total_cents == taxed.total_cents - taxed.tax_cents


@given(drafts(), rules())
def test_a_full_discount_leaves_nothing_to_pay(draft: Draft, tax: TaxRules) -> None:
    given_away = replace(draft, discount=Discount("percent", 1_000_000))
    assert totals(given_away, tax).total_cents == 0
    much = replace(draft, discount=Discount("amount", 10**9))
    assert totals(much, tax).total_cents == 0


def test_a_sale_in_figures() -> None:
    tax = TaxRules()
    draft = sale.add_item(empty_draft(), BOOK, 2)
    draft = sale.discount_line(draft, draft.lines[0].id, Discount("percent", 100_000, "Staff pick"))
    draft = sale.discount_sale(sale.add_item(draft, MUG), Discount("amount", 500, "Voucher"))
    priced = totals(draft, tax)
    assert priced.gross_cents == 2 * 1699 + 1200
    assert priced.discount_cents == 340 + 500
    assert priced.total_cents == priced.subtotal_cents == 4598 - 840
    assert priced.units == 3


def test_money_taken_and_goods_brought_back_lower_what_is_due() -> None:
    draft = sale.add_return(sale.add_item(empty_draft(), BOOK), returned("r"))
    draft = sale.add_tender(draft, Tender("t", "cash", 300))
    draft = sale.add_tender(draft, Tender("c", "card", 100, state="intended"))
    priced = totals(draft, TaxRules())
    assert priced.return_cents == 1000
    assert priced.total_cents == 699
    assert priced.due_cents == 399, "an intended payment is not money yet"


# ---- lines ----


def test_the_same_item_at_the_same_price_joins_its_line() -> None:
    draft = sale.add_item(sale.add_item(empty_draft(), BOOK), BOOK)
    assert [(x.quantity, x.on_hand) for x in draft.lines] == [(2, 2)]
    cheaper = sale.add_item(draft, BOOK, price_cents=999)
    assert [x.quantity for x in cheaper.lines] == [2, 1]
    noted = sale.note_line(draft, draft.lines[0].id, "For Ann")
    assert len(sale.add_item(noted, BOOK).lines) == 2


def test_an_item_without_a_price_is_asked_for() -> None:
    with pytest.raises(Refused) as refusal:
        sale.add_item(empty_draft(), replace(BOOK, price_cents=None))
    assert refusal.value.code == "no_price"


@pytest.mark.parametrize("quantity", [-1, 1000])
def test_a_quantity_has_bounds(quantity: int) -> None:
    draft = sale.add_item(empty_draft(), BOOK)
    with pytest.raises(Refused):
        sale.set_quantity(draft, draft.lines[0].id, quantity)
    assert sale.set_quantity(draft, draft.lines[0].id, 0).lines == ()


def test_a_new_price_needs_a_reason_and_may_not_be_below_nothing() -> None:
    draft = sale.add_item(empty_draft(), BOOK)
    line = draft.lines[0].id
    with pytest.raises(Refused):
        sale.set_price(draft, line, 999, " ")
    with pytest.raises(Refused):
        sale.set_price(draft, line, -1, "Torn cover")
    priced = sale.set_price(draft, line, 999, "Torn cover").lines[0]
    assert (priced.price_cents, priced.list_price_cents, priced.price_reason) == (999, 1699, "Torn cover")


def test_a_discount_is_between_nothing_and_all() -> None:
    draft = sale.add_item(empty_draft(), BOOK)
    with pytest.raises(Refused):
        sale.discount_sale(draft, Discount("percent", 1_000_001))
    with pytest.raises(Refused):
        sale.discount_line(draft, draft.lines[0].id, Discount("amount", -1))
    assert sale.discount_sale(draft, Discount("percent", 0)).discount is None


def test_gift_wrap_follows_its_line() -> None:
    draft = sale.add_item(empty_draft(), BOOK, 2)
    wrapped = sale.wrap_line(draft, draft.lines[0].id, 300, "general")
    assert [(x.sku, x.quantity) for x in wrapped.lines] == [(BOOK.sku, 2), (sale.GIFT_WRAP_SKU, 2)]
    assert not wrapped.lines[1].stocked
    three = sale.set_quantity(wrapped, draft.lines[0].id, 3)
    assert [x.quantity for x in three.lines] == [3, 3]
    assert sale.wrap_line(three, draft.lines[0].id, 300, "general").lines[0].gift_wrap is False
    assert sale.remove_line(three, draft.lines[0].id).lines == ()
    unwrapped = sale.remove_line(three, three.lines[1].id)
    assert [x.gift_wrap for x in unwrapped.lines] == [False]


def test_an_exemption_needs_its_number() -> None:
    with pytest.raises(Refused):
        sale.set_exempt(empty_draft(), Exemption(" "))


@pytest.mark.parametrize(
    "write",
    [
        sale.note_sale,
        lambda d, text: sale.note_line(d, d.lines[0].id, text),
        lambda d, text: sale.set_price(d, d.lines[0].id, 1, text),
        lambda d, text: sale.discount_sale(d, Discount("amount", 1, text)),
        lambda d, text: sale.set_exempt(d, Exemption(text)),
        lambda d, text: sale.confirm_tender(sale.add_tender(d, Tender("t", "card", 1)), "t", text, "", ""),
    ],
)
def test_a_card_number_is_kept_nowhere(write: object) -> None:
    draft = sale.add_item(empty_draft(), BOOK)
    with pytest.raises(Refused) as refusal:
        write(draft, "4111 1111 1111 1111")  # type: ignore[operator]
    assert refusal.value.code == "card_number"
    assert "4111" not in refusal.value.message


# ---- what comes back ----


def test_a_line_of_a_receipt_comes_back_once_in_a_draft() -> None:
    draft = sale.add_return(empty_draft(), returned("r1", of_line=1))
    draft = sale.add_return(draft, returned("r2", of_line=2))
    draft = sale.add_return(draft, returned("r3", of_line=1, quantity=2))
    assert [(r.id, r.of_line, r.quantity) for r in draft.returns] == [("r3", 1, 2), ("r2", 2, 1)]


def test_goods_without_receipt_are_lines_of_their_own() -> None:
    loose = replace(returned("r1"), of_sale="", of_line=0)
    draft = sale.add_return(sale.add_return(empty_draft(), loose), replace(loose, id="r2"))
    assert len(draft.returns) == 2
    assert len(sale.remove_line(draft, "r1").returns) == 1


def test_nothing_changes_once_a_payment_was_started() -> None:
    draft = sale.add_item(empty_draft(), BOOK)
    line = draft.lines[0].id
    paying = sale.add_tender(draft, Tender("t", "card", 500, state="intended"))
    for change in (
        lambda: sale.add_item(paying, MUG),
        lambda: sale.set_quantity(paying, line, 2),
        lambda: sale.remove_line(paying, line),
        lambda: sale.discount_sale(paying, Discount("amount", 1)),
        lambda: sale.add_return(paying, returned("r")),
        lambda: sale.set_exempt(paying, None),
    ):
        with pytest.raises(Refused) as refusal:
            change()
        assert refusal.value.code == "paid"
    with pytest.raises(Refused):
        sale.add_tender(paying, Tender("u", "cash", 100))
    assert sale.remove_tender(paying, "t") == draft


def test_a_card_payment_is_confirmed_once() -> None:
    paying = sale.add_tender(empty_draft(), Tender("t", "card", 500, state="intended"))
    with pytest.raises(Refused):
        sale.confirm_tender(paying, "t", "Visa", "42", "")
    done = sale.confirm_tender(paying, "t", "Visa", "4242", "A1")
    assert sale.confirm_tender(done, "t", "Master", "1111", "B2") == done
    with pytest.raises(Refused):
        sale.confirm_tender(done, "gone", "Visa", "4242", "A1")


def test_a_draft_is_empty_until_there_is_something_in_it() -> None:
    assert empty_draft(note="Hello").empty
    assert not sale.add_item(empty_draft(), BOOK).empty
    assert not sale.add_return(empty_draft(), returned("r")).empty


def test_a_sale_holds_only_so_many_lines() -> None:
    full = empty_draft(lines=tuple(Line(f"l{i}", f"s{i}", "T", 1, 100) for i in range(sale.MOST_LINES)))
    with pytest.raises(Refused) as refusal:
        sale.add_item(full, BOOK)
    assert refusal.value.code == "full"
