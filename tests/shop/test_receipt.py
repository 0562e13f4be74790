"""What receipts say: every figure of the sale, and no price on a gift receipt."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.receipt import Letterhead, gift_receipt, hold_slip, moment, sale_receipt, tender_name
from bookwish_desk.shop.sale import Discount, Draft, Exemption, Line, Tender, totals
from bookwish_desk.shop.slip import Code, Pair, Slip, Words
from bookwish_desk.shop.sold import Sale, SoldTender
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from tests.shop.selling import bring_back, card, complete, drafts, empty_draft, rules

HEAD = Letterhead("Test Books", address="1 Main Street", contact="555 0100", policy="Returns in 30 days.")
EXCLUSIVE = TaxRules("exclusive", "invoice", (TaxClass("book", "Books", (TaxRate("Sales tax", 100_000),)),))
INCLUSIVE = replace(EXCLUSIVE, mode="inclusive")
ORLANDO = Line("l", "9780156701600", "Orlando", 2, 1000, list_price_cents=1000, ean=9780156701600)


def printed(slip: Slip) -> list[str]:
    """Return the slip as lines of text, figures behind a bar."""
    out = []
    for e in slip.elements:
        if isinstance(e, Pair):
            out.append(f"{e.left} | {e.right}")
        elif isinstance(e, Words | Code):
            out.append(e.text.strip())
    return out


def receipt(sale: Sale, *, copy: bool = False) -> list[str]:
    return printed(sale_receipt(sale, HEAD, clerk="Ann", register="Register 1", copy=copy))


@pytest.mark.capability("BW+03")
def test_a_receipt_says_everything_of_a_sale() -> None:
    gift = replace(
        ORLANDO, id="m", title="Mrs Dalloway", quantity=1, discount=Discount("percent", 100_000, "Pick")
    )
    draft = empty_draft(
        lines=(ORLANDO, replace(gift, gift_wrap=True, note="For Tom", detail="Virginia Woolf")),
        tenders=(card(1_000),),
        customer=Customer("c", "Clarissa"),
        note="Thank you",
    )
    lines = receipt(complete(draft, EXCLUSIVE, 5, sale_id="s"))
    for expected in (
        "Test Books",
        "Receipt | R1-s",
        "Register 1 | Ann",
        "Customer | Clarissa",
        "Orlando | $20.00",
        "2 at $10.00",
        "9780156701600",
        "Mrs Dalloway | $10.00",
        "Virginia Woolf",
        "Discount Pick | -$1.00",
        "Gift wrapped",
        "For Tom",
        "Subtotal | $29.00",
        "Sales tax 10% | $2.90",
        "Total | $31.90",
        "Visa ending 4242 | $10.00",
        "Cash | $31.90",
        "Change | $10.00",
        "Thank you",
        "Returns in 30 days.",
        "R1-s",
    ):
        assert expected in lines, expected


def test_a_price_that_was_changed_says_what_it_was_and_why() -> None:
    draft = empty_draft(lines=(replace(ORLANDO, price_cents=800, price_reason="Torn cover"),))
    assert "was $10.00: Torn cover" in receipt(complete(draft, EXCLUSIVE, 1, sale_id="s"))


def test_a_discount_on_the_whole_sale_gives_its_reason_on_each_line() -> None:
    draft = empty_draft(lines=(ORLANDO,), discount=Discount("amount", 500, "Voucher"))
    made = replace(complete(draft, EXCLUSIVE, 1, sale_id="s"), discount_reason="Voucher")
    assert "Discount Voucher | -$5.00" in receipt(made)


def test_tax_in_the_price_is_shown_below_the_total() -> None:
    lines = receipt(complete(empty_draft(lines=(ORLANDO,)), INCLUSIVE, 1, sale_id="s"))
    assert "including Sales tax 10% on $18.18 | $1.82" in lines
    assert lines.index("Total | $20.00") < lines.index("including Sales tax 10% on $18.18 | $1.82")


def test_an_exempt_sale_names_its_certificate_and_what_was_taken_off() -> None:
    draft = empty_draft(lines=(ORLANDO,), exempt=Exemption("X-1", "A school"))
    lines = receipt(complete(draft, INCLUSIVE, 1, sale_id="s"))
    assert "Tax not charged | -$1.82" in lines
    assert "Subtotal | $18.18" in lines
    assert "Tax exempt, certificate X-1 A school" in lines
    assert not any("Tax not charged" in x for x in receipt(complete(draft, EXCLUSIVE, 1, sale_id="s")))


def test_cash_rounding_is_shown() -> None:
    draft = empty_draft(lines=(replace(ORLANDO, quantity=1, price_cents=493),))
    lines = receipt(complete(draft, TaxRules(), 5, sale_id="s"))
    assert "Cash rounding | $0.02" in lines
    assert "To pay | $4.95" in lines


def test_a_return_names_the_receipt_and_the_way_the_money_went() -> None:
    sale = complete(empty_draft(lines=(ORLANDO,), tenders=(card(500),)), EXCLUSIVE, 1, sale_id="s")
    back = empty_draft(returns=bring_back(sale, {}, {1: 1}, EXCLUSIVE), tenders=(card(-500),))
    lines = receipt(complete(back, EXCLUSIVE, 1, sale_id="r"))
    for expected in (
        "Return",
        "Returned",
        "Orlando | -$10.00",
        "from receipt R1-s",
        "Total | -$11.00",
        "Refunded: Visa ending 4242 | $5.00",
        "Refunded: Cash | $6.00",
    ):
        assert expected in lines, expected
    assert "Change | " not in " ".join(lines)


def test_an_exchange_is_called_one() -> None:
    sale = complete(empty_draft(lines=(ORLANDO,)), EXCLUSIVE, 1, sale_id="s")
    swap = empty_draft(
        lines=(replace(ORLANDO, sku="b", title="Flush"),), returns=bring_back(sale, {}, {1: 1}, EXCLUSIVE)
    )
    lines = receipt(complete(swap, EXCLUSIVE, 1, sale_id="x"))
    assert lines.index("Exchange") < lines.index("Flush | $20.00") < lines.index("Orlando | -$10.00")


@given(drafts(), rules())
def test_the_figures_of_a_receipt_add_up(draft: Draft, tax: TaxRules) -> None:
    sale = complete(draft, tax, 5, sale_id="s")
    read = Currency().read

    def value(text: str) -> int:
        return -read(text[1:]) if text.startswith("-") else read(text)

    pairs = [e for e in sale_receipt(sale, HEAD, clerk="A", register="R").elements if isinstance(e, Pair)]
    figures = [(p.left, value(p.right)) for p in pairs if "$" in p.right]
    names = [n for n, _ in figures]
    subtotal, total = names.index("Subtotal"), names.index("Total")
    assert sum(v for _, v in figures[:subtotal]) == figures[subtotal][1]
    assert sum(v for _, v in figures[subtotal:total]) == figures[total][1] == sale.total_cents


@pytest.mark.capability("BW+03")
@given(drafts(), rules())
def test_a_gift_receipt_has_no_amount_on_it(draft: Draft, tax: TaxRules) -> None:
    slip = gift_receipt(complete(draft, tax, 1, sale_id="s"), HEAD)
    assert slip.kind == "gift"
    assert not any("$" in text for text in printed(slip))
    assert printed(slip)[-1] == "R1-s", "it can be brought back with it"


def test_a_gift_receipt_for_some_of_the_books() -> None:
    draft = empty_draft(lines=(ORLANDO, replace(ORLANDO, id="m", title="Flush", quantity=1)))
    sale = complete(draft, EXCLUSIVE, 1, sale_id="s")
    assert "2 x Orlando" in printed(gift_receipt(sale, HEAD))
    some = printed(gift_receipt(sale, HEAD, lines=frozenset({2})))
    assert "Flush" in some
    assert not any("Orlando" in text for text in some)


def test_a_reprint_says_so() -> None:
    sale = complete(empty_draft(lines=(ORLANDO,)), EXCLUSIVE, 1, sale_id="s")
    assert not sale_receipt(sale, HEAD, clerk="A", register="R").copy
    assert sale_receipt(sale, HEAD, clerk="A", register="R", copy=True).copy
    assert gift_receipt(sale, HEAD, copy=True).copy


def test_a_hold_slip_lists_what_lies_with_it() -> None:
    sale = complete(empty_draft(lines=(ORLANDO,)), EXCLUSIVE, 1, sale_id="s")
    draft = empty_draft(
        lines=(replace(ORLANDO, title="Flush"),),
        returns=bring_back(sale, {}, {1: 1}, EXCLUSIVE),
        customer=Customer("c", "Clarissa"),
        held_as="H1-000001",
        held_note="Back at five",
    )
    lines = printed(hold_slip(draft, totals(draft, EXCLUSIVE), HEAD, clerk="Ann", at=0))
    for expected in ("Flush", "Return 1 x Orlando | -$11.00", "Back at five", "Not paid.", "H1-000001"):
        assert any(expected in x for x in lines), expected


@pytest.mark.parametrize(
    ("tender", "name"),
    [
        (SoldTender("cash", 100), "Cash"),
        (SoldTender("cash", -100, change=True), "Change"),
        (SoldTender("card", 100), "Card"),
        (
            SoldTender("card", 100, brand="Visa", last4="4242", auth_code="A1"),
            "Visa ending 4242, approval A1",
        ),
        (SoldTender("cheque", 100), "Cheque"),
    ],
)
def test_a_payment_in_words(tender: SoldTender, name: str) -> None:
    assert tender_name(tender) == name


def test_a_moment_is_the_shops_own() -> None:
    assert moment(1_790_000_000_000, "America/New_York", "en_US") == "Sep 21, 2026, 10:13 AM"
    assert moment(1_790_000_000_000, "Europe/Berlin", "de_DE") == "21.09.2026, 16:13"


def test_tenders_of_a_draft_are_not_printed_before_it_is_paid() -> None:
    draft = empty_draft(
        lines=(ORLANDO,), tenders=(Tender("t", "card", 100, state="intended"),), held_as="H1-000001"
    )
    assert not any(
        "Card" in x for x in printed(hold_slip(draft, totals(draft, EXCLUSIVE), HEAD, clerk="A", at=0))
    )
