"""The register without a window: scans, search, the cart and everything that is done to a sale."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwish_desk.actions import selling, tilling
from bookwish_desk.db import items, titles
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.staff import Person
from bookwish_desk.shop.till import Count
from bookwish_desk.shop.title import Title
from bookwish_desk.ui.sell.presenter import SellPresenter
from bookwish_desk.ui.sell.state import HeldRow
from tests.support.shops import found_shop, hire, station_for

ORLANDO = "9780156701600"
OVERSTORY = "9780393356687"


class Desk:
    """A sell presenter on a small shop, showing what it renders."""

    def __init__(self, folder: Path, role: str = "owner"):
        self.store, self.owner = found_shop(folder)
        with self.store.write_catalogue() as conn:
            titles.add(
                conn,
                [
                    Title(int(ORLANDO), "Orlando", "Virginia Woolf", price_cents=1699),
                    Title(int(OVERSTORY), "The Overstory", "Richard Powers", price_cents=1895),
                    Title(9780140449136, "Crime & <b>Punishment</b>", "Fyodor Dostoevsky"),
                ],
            )
        with self.store.write() as tx:
            items.keep(tx, Item("TOTE", "Tote bag", price_cents=1800, tax_class="general"))
        tilling.open_till(self.store, self.owner, Count(other_cents=10000))
        actor = self.owner if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, actor, role=role)
        self.sell = SellPresenter(self.station)
        self.sell.shown()

    @property
    def state(self):
        return self.sell.state

    def cart(self):
        return [(r.title, r.quantity, r.total) for r in self.state.cart]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.capability("BW+01")
def test_a_scan_sells_and_a_second_one_counts_up(desk):
    desk.station.scanned(ORLANDO)
    desk.station.scanned(ORLANDO)
    desk.station.scanned("0-15-670160-X")
    assert desk.cart() == [("Orlando", "3", "$50.97")]
    assert desk.state.total == "$54.16"
    assert desk.state.pay == "Pay $54.16"


def test_twenty_scans_lose_nothing(desk):
    for _ in range(20):
        desk.station.scanned(OVERSTORY)
        desk.station.scanned(ORLANDO)
    assert [r.quantity for r in desk.state.cart] == ["20", "20"]


@pytest.mark.capability("BW+06")
def test_an_unknown_code_is_sold_in_one_step_and_kept(desk):
    desk.station.scanned("9781111111113")
    desk.station.scanned("51499")
    assert desk.state.unknown.code == "9781111111113"
    assert desk.state.unknown.price == "14.99", "the add-on fills the price in"
    desk.sell.sell_unknown("9781111111113", "A zine", "14.99", "book")
    assert desk.cart() == [("A zine", "1", "$14.99")]
    assert desk.state.unknown is None
    with desk.store.read() as conn:
        assert [i.title for i in items.to_catalogue(conn)] == ["A zine"]


def test_a_wrong_check_digit_is_said_and_sells_nothing(desk):
    desk.station.scanned("9780156701601")
    assert desk.state.cart == ()
    assert "check digit" in desk.state.notice


def test_a_card_number_is_refused(desk):
    desk.station.scanned("4111111111111111")
    assert desk.state.cart == ()
    assert desk.state.tone == "error"
    assert "4111" not in desk.state.notice
    desk.station.scanned(ORLANDO)
    desk.sell.set_note("4111 1111 1111 1111", whole=True)
    assert "card number" in desk.state.notice


def test_a_title_without_a_price_asks_for_one(desk):
    desk.sell.finder.typed("crime")
    desk.sell.choose("9780140449136")
    assert desk.state.unknown.title == "Crime & <b>Punishment</b>"
    desk.sell.sell_unknown(desk.state.unknown.code, "", "13", "")
    assert desk.cart() == [("Crime & <b>Punishment</b>", "1", "$13.00")]
    desk.station.scanned("9780140449136")
    assert desk.state.unknown.code == "9780140449136"


def test_answers_that_come_after_locking_open_no_forms(desk, monkeypatch):
    late = []
    lanes = desk.station.lanes
    monkeypatch.setattr(lanes, "act", lambda *a, act=lanes.act, **k: late.append(lambda: act(*a, **k)))
    monkeypatch.setattr(lanes, "read", lambda *a, read=lanes.read, **k: late.append(lambda: read(*a, **k)))
    opened: list[object] = []
    desk.station.scanned("9781111111113")
    desk.sell.load_held(opened.append)
    clerk = hire(desk.store, "staff")
    desk.station.person = Person(clerk.staff, "Sam Staff", "staff")
    desk.station.act(lambda store, actor: tilling.no_sale(store, actor, "Change"))
    desk.sell.hidden()
    desk.station.person = None
    while late:
        late.pop(0)()
    assert desk.state.unknown is None
    assert (opened, desk.front.asked) == ([], [])


def test_a_title_without_a_price_stays_known_when_something_is_scanned_behind_its_form(desk):
    desk.station.scanned("9780140449136")
    desk.station.scanned(ORLANDO)
    desk.sell.sell_unknown("9780140449136", "Crime & Punishment", "13", "general")
    (line,) = [x for x in desk.sell.draft.lines if x.sku == "9780140449136"]
    assert (line.title, line.price_cents, line.tax_class) == ("Crime & <b>Punishment</b>", 1300, "book")
    with desk.store.read() as conn:
        assert items.to_catalogue(conn) == ()


@pytest.mark.parametrize("words", ["orlando", "woolf orl", "ORL", "0156701", "9780156701600"])
def test_find_by_any_words(desk, words):
    desk.sell.finder.typed(words)
    assert desk.state.found[0].title == "Orlando"
    assert desk.state.found[0].price == "$16.99"


def test_words_that_are_operators_are_ordinary_text(desk):
    for words in ('"', "O'Brien", "C++", "*", "NOT orlando", "a OR b", "title:x", "-", "("):
        desk.sell.finder.typed(words)
    desk.sell.finder.typed("")
    assert desk.state.found == ()


def test_enter_sells_the_result_and_never_pays(desk):
    desk.sell.finder.typed("orlando")
    desk.sell.entered("orlando")
    assert desk.cart() == [("Orlando", "1", "$16.99")]
    desk.sell.entered("")
    assert desk.state.mode == "sell"


def test_a_price_needs_a_reason_and_an_amount(desk):
    desk.station.scanned(ORLANDO)
    with pytest.raises(Refused):
        desk.sell.set_price("abc", "Damaged")
    with pytest.raises(Refused):
        desk.sell.set_price("5", " ")
    desk.sell.set_price("5", "Damaged")
    assert desk.cart() == [("Orlando", "1", "$5.00")]
    assert "was $16.99" in desk.state.cart[0].details


@pytest.mark.capability("BW+03")
def test_discounts_on_line_and_sale(desk):
    desk.station.scanned(ORLANDO)
    desk.sell.set_discount("percent", "10", "Staff pick", whole=False)
    assert desk.cart() == [("Orlando", "1", "$15.29")]
    desk.sell.set_discount("amount", "5.29", "Loyal", whole=True)
    names = [(s.name, s.amount) for s in desk.state.sums]
    assert ("Discount: Loyal", "-$5.29") in names
    assert ("Subtotal", "$10.00") in names
    desk.sell.set_discount("percent", "", "", whole=True)
    desk.sell.set_discount("percent", "", "", whole=False)
    assert desk.cart() == [("Orlando", "1", "$16.99")]


@pytest.mark.capability("BW+12")
def test_staff_need_a_manager_for_a_price_and_the_approval_lets_just_it_through(tmp_path):
    desk = Desk(tmp_path, role="staff")
    desk.station.scanned(ORLANDO)
    desk.sell.set_price("5", "Damaged")
    (needs, _given) = desk.front.asked[0]
    assert needs.facts["permission"] == "sale.price"
    assert desk.cart() == [("Orlando", "1", "$16.99")]


def test_hold_recall_and_void(desk):
    desk.station.scanned(ORLANDO)
    desk.sell.hold("Ann, back at three")
    assert desk.state.cart == ()
    assert desk.state.held == 1
    held: list[HeldRow] = []
    desk.sell.load_held(held.extend)
    assert held[0].note == "Ann, back at three"
    assert held[0].words == "Orlando"
    desk.station.scanned(OVERSTORY)
    desk.station.scanned(held[0].code)
    assert "Hold or finish" in desk.state.notice
    desk.sell.void("Changed their mind")
    desk.station.scanned(held[0].code)
    assert desk.cart() == [("Orlando", "1", "$16.99")]
    assert desk.state.held == 0


def test_a_receipt_and_a_badge_go_where_they_belong(desk):
    receipts: list[str] = []
    badges: list[str] = []
    desk.sell.on_receipt, desk.sell.on_badge = receipts.append, badges.append
    desk.station.scanned(barcode.receipt_code(1, 42))
    desk.station.scanned(badge := barcode.badge_code(b"12345678"))
    assert receipts == ["R1-000042"]
    assert badges == [badge]


def test_after_a_restart_the_sale_is_there(desk):
    desk.station.scanned(ORLANDO)
    again = SellPresenter(desk.station)
    again.shown()
    assert [r.title for r in again.state.cart] == ["Orlando"]
    assert again.state.total == desk.state.total


def test_gift_wrap_is_a_line_that_follows_its_book(desk):
    desk.station.scanned(ORLANDO)
    desk.sell.gift_wrap()
    assert [r.title for r in desk.state.cart] == ["Orlando", "Gift wrap"]
    desk.sell.select(desk.state.cart[0].id)
    desk.sell.set_quantity(3)
    assert [r.quantity for r in desk.state.cart] == ["3", "3"]
    desk.sell.remove()
    assert desk.state.cart == ()


def test_an_exemption_takes_the_tax_off(desk):
    desk.station.scanned(ORLANDO)
    desk.sell.set_exempt("EX-1", "City Library")
    assert desk.state.total == "$16.99"
    assert desk.state.exempt == "EX-1"
    desk.sell.set_exempt("", "")
    assert desk.state.total == "$18.05"


def test_paying_needs_an_open_till(tmp_path):
    store, owner = found_shop(tmp_path)
    station, _front = station_for(store, owner)
    sell = SellPresenter(station)
    sell.shown()
    assert not sell.state.till_open
    selling.add(store, owner, Item("X", "Thing", price_cents=100))
    sell.shown()
    sell.pay()
    assert sell.state.mode == "sell"
    assert "till" in sell.state.notice


def test_paying_goes_by_the_till_and_not_by_what_was_read_of_it_before(desk):
    desk.station.scanned(ORLANDO)
    desk.sell.show(till_open=False)
    desk.sell.pay()
    assert (desk.state.mode, desk.state.notice, desk.state.till_open) == ("pay", "", True)


def test_an_answer_about_the_till_that_comes_after_the_register_was_locked_takes_nobody_to_a_payment(desk):
    desk.station.scanned(ORLANDO)
    desk.sell.show(till_open=False)
    answers = []
    desk.station.lanes.read = lambda reading, *, then, **_more: answers.append(lambda: then(True))
    desk.sell.pay()
    desk.sell.hidden()
    for answer in answers:
        answer()
    assert answers and desk.state.mode == "sell"


def test_a_card_number_typed_into_the_search_line_is_taken_away(desk):
    desk.sell.finder.typed("4111 1111 1111 1111")
    assert desk.state.words == ""
    assert "card number" in desk.state.notice


def test_a_customer_is_found_written_down_and_attached(desk):
    done: list[int] = []
    refused: list[tuple[str, str]] = []
    desk.sell.add_customer(
        "<b>x</b>", "not an address", "", lambda: done.append(1), lambda *w: refused.append(w)
    )
    assert refused[0][0] == "email"
    desk.sell.add_customer(
        "<b>x</b>", "x@example.com", "", lambda: done.append(1), lambda *w: refused.append(w)
    )
    assert done == [1]
    assert desk.state.customer == "<b>x</b>"
    found: list[Customer] = []
    desk.sell.find_customers("EXAMPLE", found.extend)
    assert [c.name for c in found] == ["<b>x</b>"]
    desk.sell.set_customer(None)
    assert desk.state.customer == ""
