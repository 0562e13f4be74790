"""Stock without a window: lists, scans, adjusting and counting, editing and adding items."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import selling, stocking
from bookwish_desk.db import titles
from bookwish_desk.shop.title import Title
from bookwish_desk.ui.stock.presenter import StockPresenter
from bookwish_desk.ui.stock.state import ItemForm
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, OVERSTORY_EAN, WRAP, Counter
from tests.support.shops import hire, station_for


class Desk(Counter):
    """A counter with the stock screen's presenter and two titles of the trade."""

    def __init__(self, folder, role="owner"):
        super().__init__(folder)
        with self.store.write_catalogue() as conn:
            titles.add(
                conn,
                [
                    Title(ORLANDO_EAN, "Orlando", "Virginia Woolf", "Harvest", 1973, 1699),
                    Title(OVERSTORY_EAN, "The Overstory", "Richard Powers", price_cents=1895),
                ],
            )
        actor = self.actor if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, actor, role=role)
        self.stock = StockPresenter(self.station)
        self.stock.shown()

    @property
    def state(self):
        return self.stock.state

    def titles(self):
        return [r.title for r in self.state.rows]

    def form(self, **changes):
        return replace(self.state.detail.form, **changes)

    def save(self, form):
        """Save a form; return the field that was refused and why, or None."""
        answers: list[tuple[str, str] | None] = []
        self.stock.save_item(form, lambda: answers.append(None), lambda *said: answers.append(said))
        (answer,) = answers
        return answer


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_any_title_of_the_trade_is_found_with_what_the_shop_has(desk):
    desk.stock.typed("woolf")
    (row,) = desk.state.rows
    assert (row.title, row.details, row.on_hand, row.price, row.out) == (
        "Orlando",
        "Virginia Woolf · 9780156701600",
        "0",
        "$16.99",
        True,
    )
    detail = desk.state.detail
    assert detail.details == "Virginia Woolf · Harvest · 1973 · 9780156701600"
    assert detail.facts == "No shelf · $16.99 · Books"
    assert detail.moves == ()


@pytest.mark.capability("BW+14")
def test_stock_is_adjusted_in_steps_and_its_history_grows(desk):
    desk.stock.typed("orlando")
    desk.stock.adjust(5, "Received")
    desk.stock.adjust(-1, "Damaged")
    desk.sell((ORLANDO, 1))
    desk.station.changed(frozenset({"stock"}))
    assert desk.state.detail.on_hand == "3"
    assert [(m.what, m.by) for m in desk.state.detail.moves] == [
        ("Sold, receipt R1-000001, Olive Owner", "-1"),
        ("Adjusted, Damaged, Olive Owner", "-1"),
        ("Adjusted, Received, Olive Owner", "+5"),
    ]
    desk.stock.count(10, "Stocktaking")
    assert desk.state.detail.on_hand == "10"
    assert desk.state.detail.moves[0].what == "Counted, Stocktaking, Olive Owner"


def test_a_refusal_is_said(desk):
    desk.stock.typed("orlando")
    desk.stock.adjust(1, " ")
    assert desk.state.notice == "Say why the stock changes."
    desk.stock.adjust(1, "Found")
    assert desk.state.notice == ""


@pytest.mark.capability("BW+14")
def test_low_out_and_undescribed_are_counted_and_listed(desk):
    desk.stock.typed("orlando")
    desk.stock.adjust(1, "Found")
    desk.sell((OVERSTORY, 1), (WRAP, 1))
    selling.add_unknown(desk.store, desk.actor, "4006381333931", "Pen", 250, "book")
    desk.station.changed(frozenset({"stock", "items"}))
    assert (desk.state.low, desk.state.out, desk.state.to_catalogue) == (1, 2, 1)
    desk.stock.show_list("low")
    assert desk.titles() == ["Orlando"]
    desk.stock.show_list("out")
    assert desk.titles() == ["The Overstory", "Pen"]
    desk.stock.show_list("to_catalogue")
    assert desk.titles() == ["Pen"]
    assert desk.save(desk.form(title="Ball pen")) is None
    assert (desk.titles(), desk.state.to_catalogue) == ([], 0)


def test_nothing_typed_lists_what_moved_last(desk):
    assert desk.titles() == []
    desk.sell((ORLANDO, 1))
    desk.sell((OVERSTORY, 1))
    desk.stock.typed("")
    assert desk.titles() == ["The Overstory", "Orlando"]


def test_a_scanned_book_is_shown_alone_and_stays_after_a_change(desk):
    desk.station.scanned("978-0-393-35668-7")
    assert (desk.titles(), desk.state.selected) == (["The Overstory"], OVERSTORY.sku)
    desk.stock.adjust(1, "Found")
    assert (desk.titles(), desk.state.detail.on_hand) == (["The Overstory"], "1")
    desk.stock.typed("orl")
    assert desk.titles() == ["Orlando"]
    desk.stock.entered("0156701607")
    assert desk.titles() == ["Orlando"]


def test_a_code_nobody_knows_can_be_added(desk):
    desk.station.scanned("4006381333931")
    assert (desk.state.unknown, desk.state.notice) == (
        "4006381333931",
        "Nothing is known about 4006381333931.",
    )
    assert desk.save(ItemForm(code=desk.state.unknown, title="Pen", price="2.50", tax_class="book")) is None
    assert (desk.titles(), desk.state.unknown) == (["Pen"], "")
    assert desk.state.detail.facts == "No shelf · $2.50 · Books"
    desk.stock.hidden()
    desk.station.scanned(ORLANDO.sku)
    assert desk.titles() == ["Pen"], "scans go elsewhere when the screen is left"


@pytest.mark.parametrize("code", ["R1-000001", "4111 1111 1111 1111", "9780156701601"])
def test_what_is_no_item_is_said(desk, code):
    desk.station.scanned(code)
    assert desk.state.notice.endswith(".") and desk.state.unknown == ""


def test_an_item_is_edited_as_typed(desk):
    desk.stock.typed("orlando")
    assert desk.form() == ItemForm(
        sku=ORLANDO.sku,
        code=ORLANDO.sku,
        title="Orlando",
        authors="Virginia Woolf",
        publisher="Harvest",
        price="16.99",
        tax_class="book",
    )
    assert desk.save(desk.form(price="15", shelf="Fiction W", low_at="2")) is None
    assert desk.state.detail.facts == "Shelf Fiction W · $15.00 · Books · low at 2"
    assert desk.journal("item.priced")[0]["to_cents"] == 1500
    assert desk.save(desk.form(price="")) is None
    assert "$16.99" in desk.state.detail.facts, "no price of its own follows the trade"


def test_a_street_date_is_edited_and_said(desk):
    desk.stock.typed("orlando")
    assert desk.save(desk.form(street_date="2026-11-24", shelf="A")) is None
    assert desk.state.detail.facts == "Shelf A · $16.99 · Books · Not before Tuesday, November 24, 2026"
    assert desk.save(desk.form(shelf="B")) is None
    assert desk.form().street_date == "2026-11-24", "another change leaves it"
    assert desk.save(desk.form(street_date="soon"))[0] == "street_date"
    stocking.order(desk.store, desk.actor, ORLANDO, 4)
    desk.stock.typed("orlando")
    assert "4 on order" in desk.state.detail.facts
    assert desk.save(desk.form(street_date="")) is None
    assert "Not before" not in desk.state.detail.facts


def test_a_copy_is_edited_without_the_words_of_its_title(desk):
    sku = stocking.add_copy(desk.store, desk.actor, ORLANDO, "used", "", 700, "spine worn", 2).value
    desk.station.scanned(sku)
    (row,) = desk.state.rows
    assert (row.title, row.details) == ("Orlando", f"Used: spine worn · Virginia Woolf · {sku}")
    assert desk.state.detail.details == f"Used: spine worn · Virginia Woolf · Harvest · 1973 · {sku}"
    form = desk.form(price="6.50", condition="stained", title="Something else")
    assert (form.kind, form.street_date) == ("used", "")
    assert desk.save(form) is None
    (row,) = desk.state.rows
    assert (row.title, row.price) == ("Orlando", "$6.50")
    assert desk.form().condition == "stained"
    assert desk.save(desk.form(price="")) == (
        "price",
        "Type what this copy costs: it has a price of its own.",
    )


def test_a_misprinted_code_offers_what_exists(desk):
    for enter in (desk.stock.scanned, desk.stock.entered):
        enter("9780156701610")
        assert "check digit" in desk.state.notice
        (one,) = desk.state.misprint.candidates
        assert (one.title, one.change) == ("Orlando", "12th digit 0, not 1")
        desk.stock.dismiss()
        assert desk.state.misprint is None
    desk.stock.scanned("9780156701610")
    desk.stock.show_corrected(one.sku)
    assert (desk.titles(), desk.state.misprint, desk.state.notice) == (["Orlando"], None, "")
    desk.stock.scanned("9781111111110")
    assert desk.state.misprint is None
    assert "check digit" in desk.state.notice


def test_what_is_typed_wrong_is_said_at_its_field(desk):
    desk.stock.typed("orlando")
    for changes, field in (
        ({"price": "1e5"}, "price"),
        ({"low_at": "some"}, "low_at"),
        ({"title": " "}, "title"),
        ({"tax_class": "gone"}, "tax_class"),
        ({"sku": "", "code": "9780156701601"}, "code"),
        ({"sku": "gone"}, ""),
    ):
        said = desk.save(desk.form(**changes))
        assert said[0] == field, changes
        assert said[1].endswith(".")
    desk.stock.adjust(1, "Found")
    assert desk.save(desk.form(stocked=False)) == ("", "There is stock of it: 1. Count it to 0 first.")


def test_an_item_without_stock_shows_none(desk):
    stocking.new_item(desk.store, desk.actor, "RENT", stocking.ItemEdit("Room", stocked=False))
    desk.stock.typed("room")
    assert (desk.state.rows[0].on_hand, desk.state.rows[0].out) == ("–", False)
    assert (desk.state.detail.on_hand, desk.state.detail.stocked) == ("–", False)


def test_staff_need_a_manager(tmp_path):
    desk = Desk(tmp_path, role="staff")
    desk.stock.typed("orlando")
    desk.stock.adjust(1, "Found")
    ((needs, given),) = desk.front.asked
    assert needs.facts == {"permission": "stock.adjust", "ref": ORLANDO.sku}
    given(desk.approved(desk.station.actor, "stock.adjust", ORLANDO.sku).approval)
    assert desk.state.detail.on_hand == "1"
