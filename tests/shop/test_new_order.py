"""Orders as staff type them: what is refused in which field, and what they come to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import sale
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.new_order import NewLine, NewOrder, checked, checked_address, made
from bookwish_desk.shop.order import Order, PostalAddress, fault
from bookwish_desk.shop.order_payment import DAY
from bookwish_desk.shop.sale import Discount, Draft, totals
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules

AT = 1_790_000_000_000
CLASSES = (
    TaxClass("book", "Books", (TaxRate("City", 15_000), TaxRate("State", 62_500))),
    TaxClass("general", "General goods", (TaxRate("State", 88_750),)),
    TaxClass("none", "Not taxed"),
)
RULES = TaxRules(classes=CLASSES)
HOME = PostalAddress("Ada Example", "12 Elm Street", "", "Springfield", "CT", "06001")
BOOK = NewLine(sku="9780156701600", title="Orlando", ean=9780156701600, price_cents=1_699)


def typed(**facts: Any) -> NewOrder:
    return NewOrder(**{"lines": (BOOK,), **facts})


def order(rules: TaxRules = RULES, **facts: Any) -> Order:
    return made(checked(typed(**facts), AT), "O1-000001", AT, rules)


@pytest.mark.capability("BW-38")
@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"lines": ()}, "empty", "lines"),
        ({"lines": (BOOK,) * 501}, "full", "lines"),
        ({"source": "fax"}, "source", "source"),
        ({"source": "wsm"}, "number", "number"),
        ({"number": "O1-000042"}, "number", "number"),
        ({"number": "9" * 41}, "long", "number"),
        ({"number": "4111 1111 1111 1111"}, "card_number", "number"),
        ({"lines": (replace(BOOK, quantity=0),)}, "quantity", "quantity"),
        ({"lines": (replace(BOOK, quantity=1_000),)}, "quantity", "quantity"),
        ({"lines": (replace(BOOK, price_cents=-1),)}, "amount", "price_cents"),
        ({"lines": (replace(BOOK, discount_cents=1_700),)}, "discount", "discount_cents"),
        ({"lines": (replace(BOOK, title=" \x1b "),)}, "title", "title"),
        ({"lines": (replace(BOOK, tax_class="ufo"),)}, "tax_class", "tax_class"),
        ({"customer": Customer("", "", "a@example.com")}, "name", "name"),
        ({"customer": Customer("", "Ada", "at example")}, "email", "email"),
        ({"customer": Customer("", "A" * 81)}, "long", "name"),
        ({"kind": "ship"}, "address", "name"),
        ({"kind": "ship", "address": replace(HOME, line1="")}, "address", "line1"),
        ({"kind": "ship", "address": replace(HOME, city=" ")}, "address", "city"),
        ({"kind": "ship", "address": replace(HOME, postal_code="")}, "address", "postal_code"),
        ({"kind": "ship", "address": replace(HOME, country="U1")}, "address", "country"),
        ({"kind": "ship", "address": HOME, "paid": "at_pickup"}, "at_pickup", "paid"),
        ({"source": "bookwish", "number": "BW-1", "paid": "at_pickup"}, "prepaid", "paid"),
        ({"paid": "authorised", "until": AT - 1}, "until", "until"),
        ({"paid": "authorised", "until": AT + 29 * DAY}, "until", "until"),
        ({"gift": True, "gift_message": "5500 0000 0000 0004"}, "card_number", "gift_message"),
        ({"memo": "4111111111111111"}, "card_number", "memo"),
        ({"instructions": "x" * 1_001}, "long", "instructions"),
        ({"discount_cents": 1_700}, "discount", "discount_cents"),
        ({"discount_cents": -1}, "discount", "discount_cents"),
        ({"shipping_cents": -1}, "amount", "shipping_cents"),
        ({"placed_at": AT + 1}, "placed_at", "placed_at"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(facts: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        order(**facts)
    assert (refused.value.code, refused.value.facts["field"]) == (code, field)
    assert refused.value.message.endswith(".")


@pytest.mark.capability("BW+10", "BW-04", "BW-05")
def test_texts_are_cleaned_and_a_gift_keeps_the_lines_of_its_message() -> None:
    some = order(
        gift=True,
        gift_message="Happy birthday\r\n\x1b[31mAda",
        instructions=" leave\tit ",
        customer=Customer("", " Ada  Example "),
        kind="ship",
        address=replace(HOME, country="us"),
    )
    assert some.gift
    assert some.gift_message == "Happy birthday\n[31mAda"
    assert some.instructions == "leave it"
    assert some.customer is not None
    assert some.customer.name == "Ada Example"
    assert some.address is not None
    assert some.address.country == "US"
    assert order(gift=False, gift_message="never mind").gift_message == ""


def test_a_pickup_costs_no_shipping_and_needs_no_address() -> None:
    some = order(shipping_cents=500, address=PostalAddress())
    assert (some.shipping_cents, some.shipping_tax_cents, some.address) == (0, 0, None)
    assert checked_address(None, "pickup") is None


@pytest.mark.capability("BW+08", "IC-08")
@pytest.mark.parametrize(
    ("paid", "kind"),
    [("no", "none"), ("at_pickup", "at_pickup"), ("captured", "captured"), ("authorised", "authorised"),
     ("outside", "pending_outside")],
)  # fmt: skip
def test_each_way_of_paying_covers_the_whole(paid: Any, kind: str) -> None:
    some = order(paid=paid)
    assert some.payment.kind == kind
    if paid == "captured":
        assert some.payment.captured_cents == some.worth_cents > 0
        assert some.paid
    if paid == "authorised":
        assert some.payment.authorised_cents == some.worth_cents
        assert some.payment.expires_at == AT + 3 * DAY
    assert some.secured(AT) == (paid in ("at_pickup", "captured", "authorised"))


def test_what_costs_nothing_is_paid_however_it_is_said() -> None:
    some = order(lines=(replace(BOOK, price_cents=0),), paid="captured")
    assert some.payment.kind == "none"
    assert some.paid


cents = st.integers(0, 9_999)
some_lines = st.lists(
    st.builds(
        lambda price, copies, off, kind, n: NewLine(
            sku=f"S{n}", title=f"T{n}", price_cents=price, quantity=copies,
            discount_cents=min(off, price * copies), tax_class=kind,
        ),
        cents, st.integers(1, 4), cents, st.sampled_from(["book", "general", "none"]), st.integers(0, 5),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@pytest.mark.capability("BW+08")
@given(
    some_lines,
    st.integers(0, 100),
    st.sampled_from(["exclusive", "inclusive"]),
    st.sampled_from(["item", "invoice"]),
    st.booleans(),
)
def test_an_order_comes_to_what_the_register_takes(
    lines: list[NewLine], part: int, mode: Any, basis: Any, exempt: bool
) -> None:
    rules = TaxRules(mode=mode, basis=basis, classes=CLASSES)
    off = sum(x.price_cents * x.quantity - x.discount_cents for x in lines) * part // 100
    some = order(rules, lines=tuple(lines), discount_cents=off, exempt="church" if exempt else "")
    draft = Draft("d", 1, 1, "s", AT)
    for x in lines:
        item = Item(x.sku, x.title, price_cents=x.price_cents, tax_class=x.tax_class)
        line = sale.add_item(replace(draft, lines=()), item, x.quantity).lines[0]
        given_off = Discount("amount", x.discount_cents) if x.discount_cents else None
        draft = replace(draft, lines=(*draft.lines, replace(line, discount=given_off)))
    if off:
        draft = sale.discount_sale(draft, Discount("amount", off))
    if exempt:
        draft = sale.set_exempt(draft, sale.Exemption("church"))
    assert fault(some) == ""
    assert some.worth_cents == totals(draft, rules).total_cents


@given(some_lines, cents, st.sampled_from(["exclusive", "inclusive"]))
def test_shipping_is_taxed_by_its_class(lines: list[NewLine], shipping: int, mode: Any) -> None:
    rules = TaxRules(mode=mode, basis="item", classes=CLASSES)
    some = order(rules, lines=tuple(lines), kind="ship", address=HOME, shipping_cents=shipping)
    free = order(rules, lines=tuple(lines), kind="ship", address=HOME)
    alone = totals(
        sale.add_item(Draft("", 1, 1, "", 0), Item("W", "Way", price_cents=shipping, tax_class="general")),
        rules,
    )
    assert some.shipping_tax_cents == alone.tax_cents
    assert [x.tax_cents for x in some.lines] == [x.tax_cents for x in free.lines]
    assert some.worth_cents - free.worth_cents == alone.total_cents


def test_what_is_waited_for_is_no_problem_of_the_order() -> None:
    assert order(waits=True).lines[0].backordered == 1
    assert order().lines[0].backordered == 0
