"""The title screen without a window: facts in words, pages, scans, verbs, and what a commit changes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import selling, stocking
from bookwish_desk.db import titles
from bookwish_desk.db.known import DaySales
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.title import Title
from bookwish_desk.ui.stock.state import CopyForm, ItemForm
from bookwish_desk.ui.titles import past, words
from bookwish_desk.ui.titles.presenter import TitlesPresenter
from bookwish_desk.ui.titles.state import EVERY
from tests.support import days
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, OVERSTORY_EAN, WRAP, Counter
from tests.support.shops import hire, shelve, station_for

SKU = ORLANDO.sku
TODAY = "2026-09-21"

ORLANDO_TITLE = Title(
    ORLANDO_EAN,
    "Orlando",
    "Virginia Woolf",
    "Harvest",
    1973,
    1699,
    subtitle="A Biography",
    series="Hogarth, 6",
    format="MM",
    published="1973-10",
    language="eng",
    pages=336,
    subjects="FIC004000; FIC019000",
    grams=318,
    media_mail=True,
    discount="REG",
    returnable="Y",
    last_return="2027-03-01",
    status="04",
    availability="21",
    supplier="Ingram",
    supplier_on_hand=12,
    supplier_on_order=0,
    supplier_at="2026-09-20",
)


class Desk(Counter):
    """A counter with the title screen's presenter and two titles of the trade."""

    def __init__(self, folder, role="owner"):
        super().__init__(folder)
        with self.store.write_catalogue() as conn:
            titles.add(conn, [ORLANDO_TITLE, Title(OVERSTORY_EAN, "The Overstory", price_cents=1895)])
        actor = self.actor if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, actor, role=role)
        self.titles = TitlesPresenter(self.station)
        self.sold: list[Item] = []
        self.receipts: list[str] = []
        self.titles.on_sell = self.sold.append
        self.titles.on_receipt = self.receipts.append

    def open(self, code=SKU, came_from="stock"):
        self.titles.open(code, came_from)
        self.titles.shown()
        return self

    @property
    def state(self) -> Any:
        return self.titles.state

    @property
    def view(self) -> Any:
        return self.state.view

    def facts(self):
        return {f.name: f.words for f in self.view.facts}

    def retitle(self, **changes):
        """Change what the trade says of Orlando, as an import does, and tell the screens."""
        with self.store.write_catalogue() as conn:
            titles.change(conn, [replace(ORLANDO_TITLE, **changes)])
        self.station.changed(frozenset({"titles"}))

    def moved(self):
        self.titles.show_page("history")
        return [(m.what, m.by, m.on_hand) for m in self.view.history.rows]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


# ---- what is known ----


def test_everything_the_trade_says_is_told_in_words(desk):
    desk.open()
    head = desk.view.head
    assert (head.title, head.subtitle, head.authors, head.series) == (
        "Orlando",
        "A Biography",
        "Virginia Woolf",
        "Hogarth, 6",
    )
    assert desk.facts() == {
        "Format": "Mass market",
        "Publisher": "Harvest",
        "Published": "October 1973",
        "Pages": "336",
        "Language": "English",
        "Subjects": "FIC004000; FIC019000",
        "ISBN-13": "978-0-15-670160-0",
        "ISBN-10": "015670160X",
        "Weight": "318 g (11.2 oz)",
        "List price": "$16.99",
        "Discount": "REG",
        "Status": "In print",
        "Availability": "In stock",
        "Returns": "Returnable until Mar 1, 2027",
        "Media Mail": "Yes",
        "Supplier": "Ingram: 12 on hand, 0 on order, as of Sep 20, 2026",
        "Tax class": "Books",
    }
    assert desk.view.marks == ()


def test_what_nobody_says_is_left_out(desk):
    desk.open(OVERSTORY.sku)
    assert list(desk.facts()) == ["ISBN-13", "ISBN-10", "List price", "Tax class"]


def test_a_title_the_shop_does_not_keep_can_be_sold_and_gets_copies(desk):
    desk.open(OVERSTORY.sku)
    assert [(c.what, c.on_hand, c.price) for c in desk.view.copies] == [("New", "0", "$18.95")]
    assert desk.moved() == [] and desk.view.waiting == ()
    desk.titles.sell()
    assert [item.sku for item in desk.sold] == [OVERSTORY.sku]
    desk.titles.forms.receive(OVERSTORY.sku, 4)
    assert desk.view.head.on_hand == "4"
    assert desk.moved() == [("Received", "+4", "4")]


def test_an_article_of_the_shop_shows_what_it_is(desk):
    shelve(desk.store, desk.actor, WRAP, "Counter")
    desk.open(WRAP.sku)
    assert desk.view.head.title == "Gift wrap" and desk.view.head.on_hand == ""
    assert desk.facts() == {"SKU": "GIFT-WRAP", "Tax class": "Not taxed"}
    assert desk.state.chosen.proposed == () and not desk.state.chosen.stocked


@pytest.mark.parametrize(
    ("last", "mark"),
    [
        ("2026-10-22", None),
        ("2026-10-21", "The last day to return it is Oct 21, 2026, in 30 days."),
        ("2026-09-22", "The last day to return it is Sep 22, 2026, tomorrow."),
        ("2026-09-21", "The last day to return it is Sep 21, 2026, today."),
        ("2026-09-20", "It can no longer be returned: the last day was Sep 20, 2026."),
        ("soon", None),
    ],
)
def test_the_last_return_date_is_marked_when_it_is_near_or_past(desk, last, mark):
    desk.open()
    desk.retitle(last_return=last)
    assert desk.view.marks == ((mark,) if mark else ())
    desk.retitle(last_return=last, returnable="N")
    assert desk.view.marks == ()
    assert desk.facts()["Returns"] == "Not returnable"


def test_a_street_date_is_marked_until_its_day(desk):
    desk.open()
    desk.retitle(street_date="2026-09-22")
    assert desk.view.marks == ("Not to be sold before Tuesday, September 22, 2026.",)
    desk.retitle(street_date=TODAY)
    assert desk.view.marks == ()
    assert desk.facts()["On sale from"] == "Sep 21, 2026"


# ---- words ----


def test_long_words_can_be_broken_and_others_stay_as_they_are():
    assert words.wrapped("A short title & <b>more</b>") == "A short title & <b>more</b>"
    long = "x" * 100
    assert "\u200b" in words.wrapped(long)
    assert words.wrapped(f"{long} y").replace("\u200b", "") == f"{long} y"
    accented = "e\u0301" * 40
    assert "\u200b\u0301" not in words.wrapped(accented)


def test_texts_from_right_to_left_do_not_carry_their_neighbours_along():
    assert words.beside("Orlando", "", "978") == "Orlando · 978"
    assert words.beside("שלום", "978") == "\u2068שלום\u2069 · 978"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-09-29", "Sep 29, 2026"),
        ("2026-09", "September 2026"),
        ("2026", "2026"),
        ("2026-13-40", "2026-13-40"),
    ],
)
def test_dates_are_said_as_far_as_they_go(text, said):
    assert words.day_words(text, "en_US") == said


@pytest.mark.parametrize(
    ("ean", "said"),
    [
        (9780156701600, "978-0-15-670160-0"),
        (9791032702840, "979-10-327-0284-0"),
        (9790001123457, "979-0-00112345-7"),
        (4006381333931, "4006381333931"),
    ],
)
def test_codes_have_their_hyphens(ean, said):
    assert words.hyphenated(ean) == said


@pytest.mark.parametrize(
    ("code", "said"), [("ger", "German"), ("deu", "German"), ("grc", "Ancient Greek"), ("qqq", "qqq")]
)
def test_languages_are_named(code, said):
    assert words.language_name(code, "en_US") == said


# ---- copies ----


def test_copies_stand_under_each_other_and_one_is_chosen(desk):
    forms, answers = desk.open().titles.forms, []
    assert dict(desk.state.chosen.proposed) == {"used": f"{SKU}U1", "signed": f"{SKU}S"}
    form = CopyForm("used", "7,50", "Spine worn", "", 2)
    forms.add_copy(SKU, form, lambda: answers.append("saved"), lambda *said: answers.append(said))
    assert answers == ["saved"]
    assert [(c.what, c.price, c.on_hand) for c in desk.view.copies] == [
        ("New", "$16.99", "0"),
        ("Used: Spine worn", "$7.50", "2"),
    ]
    assert desk.state.chosen.name == f"Used: Spine worn · {SKU}U1 · $7.50 · 2 on hand"
    desk.titles.choose(SKU)
    assert desk.state.chosen.sku == SKU
    desk.titles.sell()
    assert desk.sold[0].sku == SKU


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (CopyForm("used", "", "", "", 1), "price"),
        (CopyForm("used", "7.505", "", "", 1), "price"),
        (CopyForm("used", "7", "", OVERSTORY.sku, 1), "code"),
        (CopyForm("used", "7", "", "", 1_000_000), "copies"),
    ],
)
def test_what_is_wrong_with_a_copy_is_said_at_its_field(desk, form, field):
    answers: list[str] = []
    desk.open().titles.forms.add_copy(
        SKU, form, lambda: answers.append(""), lambda name, _why: answers.append(name)
    )
    assert answers == [field]


def test_the_verbs_work_on_the_copy_that_their_form_was_opened_for(desk):
    forms = desk.open().titles.forms
    used = stocking.add_copy(desk.store, desk.actor, ORLANDO, "used", "", 750, "", 1).value
    desk.station.changed(frozenset({"items"}))
    forms.count(used, 5, "Stocktaking")
    forms.adjust(used, -1, "Damaged")
    forms.order(SKU, 3)
    assert [(c.sku, c.on_hand, c.on_order) for c in desk.view.copies] == [(SKU, "0", "3"), (used, "4", "")]
    assert desk.view.head.beside == "3 on order"
    assert desk.state.chosen.sku == SKU, "a form changes no choice"


def test_what_is_refused_is_said(desk):
    desk.open().titles.forms.adjust(SKU, 1, " ")
    assert (desk.state.notice, desk.state.tone) == ("Say why the stock changes.", "warn")


def test_staff_need_an_approval_to_adjust(tmp_path):
    desk = Desk(tmp_path, role="staff").open()
    desk.titles.forms.adjust(SKU, 1, "Found")
    ((needs, given),) = desk.front.asked
    assert needs.facts["permission"] == "stock.adjust"
    given(desk.approved(desk.station.actor, "stock.adjust", SKU).approval)
    assert desk.view.head.on_hand == "1"


def test_an_item_is_edited(desk):
    desk.open()
    answers: list[object] = []
    form = replace(desk.state.chosen.form, shelf="FIC-W", price="17.50")
    desk.titles.forms.save_item(form, lambda: answers.append("saved"), lambda *said: answers.append(said))
    assert answers == ["saved"]
    assert desk.view.head.beside == "shelf FIC-W"
    assert desk.view.copies[0].price == "$17.50"
    assert desk.facts()["List price"] == "$16.99"


# ---- what waits ----


def test_held_sales_and_copies_on_order_wait_for_a_title(desk):
    stocking.order(desk.store, desk.actor, ORLANDO, 6)
    draft = days.ring(desk.store, desk.actor, ((ORLANDO, 2), (OVERSTORY, 1)))
    selling.set_customer(desk.store, desk.actor, draft.id, Customer("c1", "Ada"))
    aside = selling.hold(desk.store, desk.actor, draft.id, "Comes on Friday").value
    desk.open()
    held, ordered = desk.view.waiting
    assert (held.what, held.copies) == (f"Held as {aside.held_as} · Ada · Comes on Friday", "2")
    assert held.details.startswith("since Sep 21, 2026")
    assert (ordered.what, ordered.copies) == ("On order", "6")
    assert desk.view.head.beside == "6 on order · 2 held"
    selling.recall(desk.store, desk.actor, draft.id)
    desk.station.changed(frozenset({"draft"}))
    assert [w.what for w in desk.view.waiting] == ["On order"]


# ---- history ----


def test_the_history_is_told_by_cause_with_sums_and_filtered(desk):
    stocking.receive(desk.store, desk.actor, ORLANDO, 9)
    sale = desk.sell((ORLANDO, 4))
    back = days.bring_back(desk.store, desk.actor, sale, 1)
    assert back is not None
    stocking.adjust(desk.store, desk.actor, ORLANDO, -1, "Damaged")
    desk.open().titles.show_page("history")
    assert desk.moved() == [
        ("Adjusted · Damaged", "−1", "5"),
        (f"Came back · receipt {back.receipt} · not wanted", "+1", "6"),
        (f"Sold · receipt {sale.receipt}", "−4", "5"),
        ("Received", "+9", "9"),
    ]
    assert desk.view.history.rows[0].details.endswith("Olive Owner")
    assert desk.view.history.sums == "Received +9 · Sold −4 · Adjusted −1 · Came back +1"
    assert [cause for cause, _ in desk.view.history.causes] == [EVERY, "receive", "sale", "adjust", "return"]
    desk.titles.filter_history("sale", EVERY)
    assert desk.moved() == [(f"Sold · receipt {sale.receipt}", "−4", "5")]
    assert len(desk.view.history.causes) == 5, "the other causes can still be chosen"
    desk.titles.open_receipt(desk.view.history.rows[0].receipt)
    assert desk.receipts == [sale.receipt]


def test_the_history_of_one_copy_or_of_all(desk):
    stocking.receive(desk.store, desk.actor, ORLANDO, 2)
    used = stocking.add_copy(desk.store, desk.actor, ORLANDO, "used", "", 750, "Worn", 3).value
    desk.open()
    assert desk.moved() == [("Received", "+3", "3"), ("Received", "+2", "2")]
    assert desk.view.history.copies == ((EVERY, "All copies"), (SKU, "New"), (used, "Used: Worn"))
    desk.titles.filter_history(EVERY, used)
    assert desk.moved() == [("Received", "+3", "3")]
    assert desk.view.history.sums == "Received +3"
    desk.titles.scanned(OVERSTORY.sku)
    assert (desk.state.cause, desk.state.of_copy) == (EVERY, EVERY)


# ---- sales ----


def test_sales_are_read_when_they_are_looked_at(desk):
    sale = desk.sell((ORLANDO, 3))
    days.bring_back(desk.store, desk.actor, sale, 1)
    assert not desk.open().view.sales
    desk.titles.show_page("sales")
    sales = desk.view.sales
    assert [(p.name, p.copies, p.amount) for p in sales.periods] == [
        ("This week", "2 copies", "$33.98"),
        ("This month", "2 copies", "$33.98"),
        ("Last 12 months", "2 copies", "$33.98"),
    ]
    assert [m.copies for m in sales.months] == [0] * 11 + [2]
    assert (sales.months[0].name, sales.months[-1].spoken) == ("Oct", "September 2026: 2 copies")
    assert [(x.copies, x.amount, x.back) for x in sales.rows] == [
        ("−1", "-$16.99", True),
        ("3", "$50.97", False),
    ]


def test_weeks_begin_as_they_do_where_the_shop_is_and_months_on_the_first():
    sold = [
        DaySales("2025-10-01", 1, 100),
        DaySales("2026-08-31", 2, 200),
        DaySales("2026-09-19", 4, 400),
        DaySales("2026-09-20", 8, 800),
        DaySales("2026-09-21", 16, 1600),
    ]
    for locale, week in (("en_US", "24 copies"), ("en_GB", "16 copies")):
        view = past.sales(sold, (), (ORLANDO,), {}, TODAY, Settings(locale=locale))
        assert [p.copies for p in view.periods] == [week, "28 copies", "31 copies"]
        assert [m.copies for m in view.months] == [1] + [0] * 9 + [2, 28]


@pytest.mark.parametrize(
    ("today", "first"),
    [("2026-09-21", "2025-10-01"), ("2026-12-31", "2026-01-01"), ("2026-01-01", "2025-02-01")],
)
def test_twelve_months_end_with_this_one(today, first):
    assert past.first_day(today) == first


# ---- finding ----


def test_the_screen_owns_scans_while_it_is_shown_and_gives_them_back(desk):
    seen: list[str] = []

    class Other:
        def scanned(self, code: str) -> None:
            seen.append(code)

    desk.station.own_scans(Other())
    desk.open()
    desk.station.scanned(OVERSTORY.sku)
    assert desk.view.head.title == "The Overstory"
    desk.titles.hidden()
    desk.station.scanned(SKU)
    assert seen == [SKU] and desk.view.head.title == "The Overstory"


def test_back_goes_to_where_the_title_was_opened_and_first_gives_up_a_search(desk):
    desk.open(came_from="stock")
    desk.titles.typed("over")
    assert [f.title for f in desk.state.found] == ["The Overstory"]
    desk.titles.back()
    assert (desk.state.words, desk.state.found, desk.front.screen) == ("", (), "")
    desk.titles.back()
    assert desk.front.screen == "stock"


def test_enter_shows_the_first_that_was_found_or_a_typed_code(desk):
    desk.open()
    desk.titles.typed("over")
    desk.titles.entered("over")
    assert desk.view.head.title == "The Overstory" and desk.state.words == ""
    desk.titles.entered("0-15-670160-X")
    assert desk.view.head.title == "Orlando"
    desk.titles.entered("   ")
    assert desk.view.head.title == "Orlando"


def test_an_unknown_code_is_said_and_can_be_added_as_an_item(desk):
    desk.open()
    desk.titles.scanned("4006381333931")
    assert desk.state.notice == "Nothing is known about 4006381333931."
    assert (desk.state.unknown, desk.view.head.title) == ("4006381333931", "Orlando")
    answers: list[object] = []
    form = ItemForm(code=desk.state.unknown, title="Pen", price="2.50", tax_class="book")
    desk.titles.forms.save_item(form, lambda: answers.append("saved"), lambda *said: answers.append(said))
    assert answers == ["saved"]
    assert (desk.view.head.title, desk.state.unknown, desk.state.notice) == ("Pen", "", "")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("9780156701601", "The check digit does not fit. Scan it again, or type the digits from the book."),
        ("H1-000004", "H1-000004 is not the code of a title."),
    ],
)
def test_codes_of_no_title_are_said(desk, code, said):
    desk.open()
    desk.titles.scanned(code)
    assert (desk.state.notice, desk.state.unknown) == (said, "")
    assert desk.view.head.title == "Orlando"


def test_a_misprinted_isbn_offers_the_titles_it_may_be(desk):
    desk.open(OVERSTORY.sku)
    desk.titles.scanned("9780156701601")
    assert desk.state.misprint is not None
    assert [c.title for c in desk.state.misprint.candidates] == ["Orlando"]
    assert desk.view.head.title == "The Overstory", "nothing is taken silently"
    desk.titles.dismiss()
    assert not desk.state.misprint
    desk.titles.scanned("9780156701601")
    desk.titles.pick(desk.state.misprint.candidates[0].sku)
    assert (desk.view.head.title, desk.state.misprint) == ("Orlando", None)


def test_a_scanned_receipt_is_looked_at(desk):
    desk.open()
    desk.titles.scanned("R1-000042")
    assert desk.receipts == ["R1-000042"]


def test_a_title_that_is_gone_is_said_to_be_gone(desk):
    desk.open()
    with desk.store.write_catalogue() as conn:
        conn.exec_driver_sql("DELETE FROM titles WHERE ean = ?", (ORLANDO_EAN,))
    desk.station.changed(frozenset({"titles"}))
    assert desk.view is None and desk.state.chosen is None
    assert desk.state.notice == "This title is no longer known."
    desk.titles.sell()
    assert desk.sold == []


# ---- what others do meanwhile ----


def test_a_commit_elsewhere_is_shown_and_the_choice_stays(desk):
    used = stocking.add_copy(desk.store, desk.actor, ORLANDO, "used", "", 750, "", 1).value
    desk.open()
    desk.titles.choose(used)
    desk.titles.show_page("history")
    desk.titles.typed("over")
    stocking.receive(desk.store, desk.actor, ORLANDO, 4)
    desk.station.changed(frozenset({"stock"}))
    assert desk.view.head.on_hand == "5"
    assert (desk.state.chosen.sku, desk.state.page, desk.state.words) == (used, "history", "over")


def test_nothing_is_read_while_the_screen_is_not_shown(desk):
    desk.open()
    desk.titles.hidden()
    stocking.receive(desk.store, desk.actor, ORLANDO, 4)
    desk.station.changed(frozenset({"stock"}))
    assert desk.view.head.on_hand == "0"
    desk.titles.shown()
    assert desk.view.head.on_hand == "4"


def test_the_sale_on_the_register_stays_untouched(desk):
    draft = days.ring(desk.store, desk.actor, ((ORLANDO, 1),))
    desk.open().titles.scanned(OVERSTORY.sku)
    desk.titles.back()
    assert selling.current(desk.store, 1).draft == draft


def test_opening_another_title_shows_its_copies_first(desk):
    desk.open().titles.show_page("sales")
    desk.titles.filter_history("sale", EVERY)
    desk.titles.hidden()
    desk.open(OVERSTORY.sku, "sell")
    assert (desk.state.page, desk.state.cause, desk.view.head.title) == ("copies", EVERY, "The Overstory")
    desk.titles.back()
    assert desk.front.screen == "sell"
