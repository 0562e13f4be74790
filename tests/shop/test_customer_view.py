"""What the customer sees of a sale, and what of it they never see."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.customer_view import (
    MOST_SHOWN,
    CustomerLine,
    CustomerView,
    idle_view,
    sample_view,
    sold_view,
    two_lines,
    view_of,
)
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.sale import Discount, Draft, Exemption, Line, ReturnLine, Tender, totals
from bookwish_desk.shop.sold import Sale, SoldTender
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules

MONEY = Currency("USD", "en_US")
RULES = TaxRules(classes=(TaxClass("book", "Books", (TaxRate("Sales tax", 100_000),)),))
ORLANDO = Line("1", "9780156701600", "Orlando", 1, 1_000)
DUNE = Line("2", "9780441013593", "Dune", 2, 900)
DRAFT = Draft("d", 1, 4, "staff-7", 0, lines=(ORLANDO, DUNE))


def seen(draft: Draft = DRAFT, **more: object) -> CustomerView:
    return view_of(draft, totals(draft, RULES), MONEY, shop="Corner Books", **more)  # type: ignore[arg-type]


def sale(paid: int, *tenders: SoldTender, total: int | None = None) -> Sale:
    return Sale(
        id="s",
        number=1,
        receipt="R1-000001",
        register=1,
        till="t",
        business_date="2026-09-21",
        completed_at=0,
        staff="staff-7",
        kind="sale",
        lines=(),
        tenders=tenders,
        taxes=(),
        total_cents=paid if total is None else total,
        rounding_cents=0 if total is None else paid - total,
        tax_mode="exclusive",
        tax_basis="item",
    )


# ---- what is seen ----


def test_lines_and_what_they_come_to() -> None:
    view = seen(line="2")
    assert view.phase == "ringing"
    assert view.lines == (CustomerLine("Orlando", 1, "$10.00"), CustomerLine("Dune", 2, "$18.00"))
    assert view.newest_line == CustomerLine("Dune", 2, "$18.00")
    assert (view.tax, view.total, view.units) == ("$2.80", "$30.80", 3)
    assert view.headline == ("Total", "$30.80")


def test_a_line_that_went_leaves_no_newest() -> None:
    assert seen(line="gone").newest_line is None
    assert seen().newest_line is None


def test_own_discounts_are_in_the_lines_and_the_one_of_the_sale_below_them() -> None:
    cheap = replace(ORLANDO, discount=Discount("amount", 100))
    view = seen(replace(DRAFT, lines=(cheap, DUNE), discount=Discount("percent", 500_000)))
    assert view.lines[0].price == "$9.00"
    assert view.discount == "-$13.50"
    assert seen().discount == ""


def test_what_comes_back_is_negative_and_a_refund_says_so() -> None:
    back = ReturnLine("r", "9780156701600", "Orlando", 1, 1_000, 1_000, (), 1_100, 1_000)
    view = seen(replace(DRAFT, lines=(), returns=(back,)), line="r")
    assert view.newest_line == CustomerLine("Orlando", -1, "-$11.00")
    assert view.total == "-$11.00"
    paying = seen(replace(DRAFT, lines=(), returns=(back,)), paying=True)
    assert paying.headline == ("To refund", "$11.00")


def test_paying_in_parts_and_cash_that_is_rounded() -> None:
    taken = Tender("t", "card", 2_000, brand="Visa", last4="4242")
    view = seen(replace(DRAFT, tenders=(taken,)), paying=True, cash_step=100)
    assert (view.paid, view.headline, view.in_cash) == ("$20.00", ("To pay", "$10.80"), "$11.00")
    assert seen(paying=True, cash_step=10).in_cash == ""


def test_what_is_due_may_be_told_from_outside() -> None:
    assert seen(due_cents=3_000, paying=True).to_pay == "$30.00"


@pytest.mark.parametrize(
    ("done", "headline"),
    [
        (sale(1_000, SoldTender("cash", 2_000), SoldTender("cash", -1_000, True)), ("Change due", "$10.00")),
        (sale(1_000, SoldTender("card", 1_000)), ("Paid", "$10.00")),
        (sale(1_005, SoldTender("cash", 1_005), total=1_003), ("Paid", "$10.05")),
        (sale(-1_000, SoldTender("cash", -1_000)), ("Refunded", "$10.00")),
    ],
)
def test_a_sale_that_is_done(done: Sale, headline: tuple[str, str]) -> None:
    view = sold_view(done, MONEY, shop="Corner Books")
    assert view.phase == "done"
    assert view.headline == headline


def test_nothing_to_sell_is_idle() -> None:
    assert view_of(None, None, MONEY, shop="Corner Books") == idle_view("Corner Books")
    assert seen(Draft("d", 1, 4, "s", 0, customer=Customer("c", "Ada"))) == idle_view("Corner Books")


def test_a_long_sale_shows_its_end_or_the_line_that_changed() -> None:
    many = tuple(replace(ORLANDO, id=str(n), sku=f"S{n}", title=f"Book {n}") for n in range(100))
    draft = replace(DRAFT, lines=many)
    view = seen(draft, line="99")
    assert len(view.lines) == MOST_SHOWN
    assert (view.hidden, view.newest_line.title if view.newest_line else "") == (60, "Book 99")
    early = seen(draft, line="3")
    assert (early.hidden, early.newest, early.newest_line.title if early.newest_line else "") == (
        3,
        0,
        "Book 3",
    )


def test_no_name_note_certificate_or_card_is_in_a_view() -> None:
    secret = "SECRET"
    line = replace(
        ORLANDO, note=secret, price_reason=secret, discount=Discount("amount", 1, secret), detail=secret
    )
    draft = replace(
        DRAFT,
        staff=secret,
        lines=(line,),
        customer=Customer(secret, secret, secret, secret),
        note=secret,
        held_as=secret,
        held_note=secret,
        exempt=Exemption(secret, secret),
        discount=Discount("amount", 5, secret),
        tenders=(Tender(secret, "card", 100, "taken", secret, "4242", secret, secret),),
    )
    for paying in (False, True):
        kept = msgspec.json.encode(seen(draft, paying=paying))
        assert b"Orlando" in kept
        assert secret.encode() not in kept and b"4242" not in kept
    done = replace(
        sale(1_000, SoldTender("card", 1_000, False, secret, "4242", secret, secret)),
        staff=secret,
        customer=Customer(secret, secret, secret, secret),
        note=secret,
    )
    kept = msgspec.json.encode(sold_view(done, MONEY, shop="Corner Books"))
    assert secret.encode() not in kept and b"4242" not in kept


# ---- two lines ----


@pytest.mark.parametrize(
    ("view", "upper", "lower"),
    [
        (idle_view("Corner Books"), "    Corner Books    ", "      Welcome       "),
        (seen(line="1"), "Orlando       $10.00", "Total         $30.80"),
        (seen(line="2"), "2 x Dune      $18.00", "Total         $30.80"),
        (seen(), "3 items             ", "Total         $30.80"),
        (seen(paying=True), "3 items             ", "To pay        $30.80"),
        (seen(paying=True, cash_step=100), "In cash       $31.00", "To pay        $30.80"),
        (
            sold_view(
                sale(57, SoldTender("cash", 100), SoldTender("cash", -43, True)), MONEY, shop="Corner Books"
            ),
            "Paid           $1.00",
            "Change         $0.43",
        ),
        (
            sold_view(sale(57, SoldTender("card", 57)), MONEY, shop="Corner Books"),
            "Thank you!          ",
            "Paid           $0.57",
        ),
        (
            sold_view(sale(-57, SoldTender("cash", -57)), MONEY, shop="Corner Books"),
            "Thank you!          ",
            "Refunded       $0.57",
        ),
    ],
)
def test_two_lines_of_twenty(view: CustomerView, upper: str, lower: str) -> None:
    assert two_lines(view) == (upper, lower)


def test_a_long_title_gives_way_to_its_price() -> None:
    long = replace(ORLANDO, title="The Unbearable Lightness of Being", price_cents=123_456)
    assert two_lines(seen(replace(DRAFT, lines=(long,)), line="1"))[0] == "The Unbear $1,234.56"


def test_an_amount_as_wide_as_the_display_stands_alone() -> None:
    view = CustomerView(phase="ringing", total="kr 123.456.789.012,00", lines=(), units=1)
    assert two_lines(view)[1] == "r 123.456.789.012,00"
    assert two_lines(replace(view, total="$12,345,678,901.00"))[1] == "T $12,345,678,901.00"


def test_a_sample_fits_on_two_lines() -> None:
    assert two_lines(sample_view("Pole", MONEY)) == ("Test: Café, Ł $12.34", "Total      $1,234.56")


texts = st.text(max_size=60)


@given(title=texts, shop=texts, price=texts, columns=st.integers(8, 40), count=st.integers(-999, 999))
def test_two_lines_are_as_wide_as_the_display_and_hold_no_command(
    title: str, shop: str, price: str, columns: int, count: int
) -> None:
    line = CustomerLine(title, count, price)
    for phase in ("idle", "ringing", "paying", "done"):
        view = CustomerView(
            phase=phase, shop=shop, lines=(line,), newest=0, total=price, to_pay=price, paid=price, change=""
        )
        for row in two_lines(view, columns):
            assert len(row) == columns
            assert row.isprintable()
