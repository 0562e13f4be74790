"""The form for a new order: lines, customer, address, payment, sums; with and without its widgets."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from bookwish_desk.actions import customers
from bookwish_desk.db import items, orders
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.ui import order_form
from bookwish_desk.ui.forms import Values
from bookwish_desk.ui.order_form.new_presenter import NewOrderPresenter
from bookwish_desk.ui.order_form.sheet import OrderSheet
from bookwish_desk.ui.widgets import Label, Question, RowList, SearchLine, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support import looking
from tests.support import orders as some
from tests.support.counter import TAX
from tests.support.shops import FrozenClock, found_shop, hire, station_for

WAVES = Item("9780156949606", "The Waves", ean=9780156949606, authors="Virginia Woolf", price_cents=1599)
HOME = {
    "line1": "12 Elm Street", "city": "Springfield", "postal_code": "06001", "state": "CT", "country": "US",
}  # fmt: skip


class Shop:
    """A shop with Orlando on the shelf and The Waves known."""

    def __init__(self, folder):
        self.clock = FrozenClock()
        settings = Settings(shop_name="Test Books", tax=TAX)
        self.store, self.actor = found_shop(folder, settings, clock=self.clock)
        self.station, self.front = station_for(self.store, self.actor)
        some.shelved(self.store, self.actor, some.ORLANDO, 2)
        with self.store.write() as tx:
            items.keep(tx, WAVES)

    def form(self, *items_):
        form = NewOrderPresenter(self.station, items_)
        form.open()
        return form

    def placed(self):
        with self.store.read() as conn:
            return orders.open_orders(conn)


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.store.close()


def errors(form):
    return {i.key: i.error for i in form.state.asked.inputs if i.error}


def place(form, **texts):
    form.changed(Values(texts))
    form.submit(Values(texts))


def sums(form):
    return dict(form.state.sums)


# ---- without a window ----


@pytest.mark.parametrize(
    "key", ["instructions", "city", "discount_cents", "exempt", "gift_message", "comment"]
)
def test_whatever_was_typed_is_something_to_lose(shop, key):
    form = shop.form()
    form.changed(Values({"country": "US", "kind": "ship"}))
    assert not form.state.typed
    form.changed(Values({key: "5.00"}))
    assert form.state.typed


@pytest.mark.capability("BW-38")
def test_an_order_is_made_at_the_counter_for_pickup(shop):
    form = shop.form()
    shop.station.scanned("9780156701600")
    shop.station.scanned("9780156701600")
    assert [(r.title, r.copies, r.total) for r in form.state.rows] == [("Orlando", "2", "$33.98")]
    assert sums(form) == {"Books": "$33.98", "Tax": "$3.02", "Total": "$37.00"}
    place(form, name="Ada Example", email="ada@example.com", memo="Calls on Monday")
    assert form.state.done
    (order,) = shop.placed()
    assert (order.number, order.source, order.kind) == ("O1-000001", "counter", "pickup")
    assert order.payment.kind == "at_pickup" and order.total_cents == 3700
    assert order.lines[0].allocated == 2, "copies are promised at once"
    assert order.customer.name == "Ada Example" and order.memo == "Calls on Monday"
    assert shop.front.said[-1][0] == "O1-000001 is placed: $37.00."


@pytest.mark.capability("BW-38")
def test_an_order_of_another_system_keeps_its_number(shop):
    form = shop.form((some.ORLANDO, 1))
    place(form, source="wsm")
    assert errors(form) == {"number": "Type the number that Web Shop Manager gave the order."}
    place(form, source="wsm", number="100234", paid="no")
    (order,) = shop.placed()
    assert (order.source, order.number, order.payment.kind) == ("wsm", "100234", "none")
    again = shop.form((some.ORLANDO, 1))
    place(again, source="wsm", number="100234")
    assert errors(again) == {"number": "100234 is in the books already."}


@pytest.mark.capability("BW-38", "BW+09")
def test_an_order_of_bookwish_is_typed_in_as_paid_before(shop):
    form = shop.form((some.ORLANDO, 1))
    form.changed(Values({"source": "bookwish", "number": "BW-20260921-AB12"}))
    ways = next(i for i in form.state.asked.inputs if i.key == "paid")
    assert ways.value == "captured" and "at_pickup" not in dict(ways.options)
    place(form, source="bookwish", number="BW-20260921-AB12", paid="captured", tender="In the other system")
    (order,) = shop.placed()
    assert (order.source, order.number, order.paid) == ("bookwish", "BW-20260921-AB12", True)


def test_an_order_to_ship_needs_an_address_and_says_where_it_lacks(shop):
    form = shop.form((some.ORLANDO, 1))
    form.changed(Values({"kind": "ship", "name": "Ada Example"}))
    assert "line1" in [i.key for i in form.state.asked.inputs]
    place(form, kind="ship", name="Ada Example", paid="no")
    assert errors(form) == {"line1": "Type the street and number that it is sent to."}
    place(
        form, kind="ship", name="Ada Example", paid="captured", tender="Card", shipping_cents="4.00", **HOME
    )
    (order,) = shop.placed()
    assert order.address.name == "Ada Example" and order.address.city == "Springfield"
    assert (order.shipping_cents, order.paid, order.memo) == (400, True, "Paid: Card")
    assert order.total_cents == 1699 + 400 + 186, "shipping is taxed as the shop does"


def test_shipping_and_discount_are_in_the_sums_as_they_are_typed(shop):
    form = shop.form((some.ORLANDO, 2))
    form.changed(Values({"kind": "ship", "shipping_cents": "5", "discount_cents": "3.98"}))
    assert sums(form)["Discount"] == "-$3.98" and sums(form)["Shipping"] == "$5.00"
    form.changed(Values({"kind": "pickup", "shipping_cents": "5", "discount_cents": "3.98"}))
    assert "Shipping" not in sums(form)
    form.changed(Values({"exempt": "School 12-345"}))
    assert sums(form)["Tax"] == "$0.00"
    place(form, discount_cents="90")
    assert errors(form) == {"discount_cents": "A discount is between nothing and the price of all copies."}


def test_what_comes_to_the_form_is_what_is_in_the_books(shop):
    form = shop.form((some.ORLANDO, 3), (WAVES, 1))
    texts = {"kind": "ship", "shipping_cents": "4.35", "discount_cents": "7.77", "paid": "no", **HOME}
    form.changed(Values({"name": "Ada", **texts}))
    total = sums(form)["Total"]
    place(form, name="Ada", **texts)
    (order,) = shop.placed()
    assert shop.station.settings.money.show(order.total_cents) == total


def test_titles_are_searched_as_they_are_typed(shop):
    form = shop.form()
    form.search.typed("woolf")
    assert {row.title for row in form.state.finding.rows} == {"Orlando", "The Waves"}
    form.take_first("woolf")
    assert [r.title for r in form.state.rows] == ["Orlando"], "the one on the shelf goes first"
    assert form.state.rows[0].details == "Virginia Woolf · 2 on hand"
    assert form.state.finding.words == ""
    form.take_first("978-0-15-694960-6")
    assert [r.title for r in form.state.rows] == ["Orlando", "The Waves"]
    assert form.state.rows[1].note == "Not on the shelf"


def test_what_nobody_knows_is_ordered_by_its_words_and_price(shop):
    form = shop.form()
    form.search.typed("A zine about lighthouses")
    assert form.state.offer_typed == "A zine about lighthouses"
    form.take_typed()
    place(form, name="Ada")
    assert form.state.chosen.price_error == "Type the price of A zine about lighthouses."
    form.set_price("6.50")
    place(form, name="Ada")
    (order,) = shop.placed()
    assert (order.lines[0].title, order.lines[0].price_cents) == ("A zine about lighthouses", 650)


@pytest.mark.capability("BW-38", "BW-30")
def test_a_book_that_no_catalogue_knows_is_ordered_by_its_isbn(shop):
    form = shop.form()
    form.typed("978-1-4028-9462-6")
    assert form.state.offer_typed
    form.take_typed()
    form.set_price("12.00")
    place(form, paid="captured", tender="Cash", waits="yes", name="Ada")
    (order,) = shop.placed()
    line = order.lines[0]
    assert (line.sku, line.ean, line.backordered) == ("9781402894626", 9781402894626, 1)
    come = Item("9781402894626", "Come at Last", ean=9781402894626, price_cents=1200)
    some.shelved(shop.store, shop.actor, come)
    assert some.now(shop.store, order).lines[0].allocated == 1


def test_price_and_copies_can_be_changed_and_lines_removed(shop):
    form = shop.form((some.ORLANDO, 1), (WAVES, 2))
    form.choose(form.wanted[0].id)
    form.set_copies(None)
    place(form, name="Ada")
    assert form.state.chosen.copies_error.startswith("Type how many copies")
    form.set_copies(2)
    form.set_price("15")
    assert [(r.copies, r.price) for r in form.state.rows] == [("2", "$15.00"), ("2", "$15.99")]
    form.remove()
    assert [r.title for r in form.state.rows] == ["The Waves"]


@pytest.mark.capability("BW-30", "BW-38")
def test_what_is_not_on_the_shelf_is_ordered_and_waited_for(shop):
    form = shop.form((WAVES, 1))
    place(form, name="Ada", waits="yes")
    (order,) = shop.placed()
    assert (order.lines[0].backordered, order.lines[0].short) == (1, 0)


@pytest.mark.capability("BW+10")
def test_a_gift_has_its_message(shop):
    form = shop.form((some.ORLANDO, 1))
    assert "gift_message" not in [i.key for i in form.state.asked.inputs]
    form.changed(Values({"gift": "yes"}))
    place(form, name="Ada", gift="yes", gift_message="Happy birthday, Ben!")
    (order,) = shop.placed()
    assert order.gift and order.gift_message == "Happy birthday, Ben!"


@pytest.mark.capability("IC+03")
def test_an_authorised_payment_has_its_end(shop):
    form = shop.form((some.ORLANDO, 1))
    form.changed(Values({"paid": "authorised"}))
    until = next(i for i in form.state.asked.inputs if i.key == "until")
    assert until.value == "2026-09-24", "three days, where nobody knows"
    place(form, name="Ada", paid="authorised", until="2027-01-01")
    assert errors(form) == {"until": "An authorisation ends within four weeks from now. Check the day."}
    place(form, name="Ada", paid="authorised", until="2026-09-25")
    assert shop.placed()[0].payment.kind == "authorised"


def test_a_customer_is_found_or_written_down(shop):
    known = customers.add(shop.store, shop.actor, "Ada Example", "ada@example.com").value
    form = shop.form((some.ORLANDO, 1))
    listed: list[Customer] = []
    form.find_customers("ada", listed.extend)
    assert listed == [known]
    form.set_customer(known)
    shown = {i.key: i.value for i in form.state.asked.inputs}
    assert (shown["name"], shown["email"]) == ("Ada Example", "ada@example.com")
    place(form, name="Ada Example", email="ada@example.com")
    assert shop.placed()[0].customer.id == known.id
    other = shop.form((some.ORLANDO, 1))
    other.set_customer(known)
    place(other, name="Ben Other", email="")
    assert shop.placed()[1].customer.id == "", "typed over: somebody else"


@pytest.mark.parametrize("field", ["memo", "instructions", "name", "number"])
def test_no_card_number_can_be_typed(shop, field):
    form = shop.form((some.ORLANDO, 1))
    place(form, **{field: "4111 1111 1111 1111"})
    assert "card number" in errors(form)[field]
    assert shop.placed() == ()


def test_a_card_number_does_not_stay_in_the_search_line(shop):
    form = shop.form()
    form.typed("4111 1111 1111 1111")
    assert form.state.finding.words == "" and "card number" in form.state.notice


def test_an_empty_order_is_refused_and_nothing_is_lost(shop):
    form = shop.form()
    place(form, name="Ada", memo="From the phone")
    assert form.state.notice == "Add a book first: scan it, or type what it is."
    assert form.texts["memo"] == "From the phone" and form.state.typed


def test_staff_enter_orders_and_record_payments(shop):
    clerk = hire(shop.store, "staff")
    station, _front = station_for(shop.store, clerk, "Sam Staff", "staff")
    form = NewOrderPresenter(station, ((some.ORLANDO, 1),))
    form.open()
    place(form, name="Ada", paid="captured", tender="Cash")
    assert form.state.done


# ---- through the widgets ----


@pytest.fixture
def window(dressed, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    made.set_till("Till open since 9:02 · Olive Owner")
    made.add_screen("stock", "Stock", "screen.stock", Label("The orders"))
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def top(kind):
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())


def opened(shop, window, qtbot, *items_):
    sheet = order_form.ask_new(window, shop.station, items_)
    qtbot.waitUntil(sheet.isActiveWindow)
    return sheet


def test_an_order_is_typed_in_with_keys_alone(shop, window, qtbot):
    sheet = opened(shop, window, qtbot)
    assert sheet.search.hasFocus()
    qtbot.keyClicks(sheet.search, "orlando")
    qtbot.keyClick(sheet.search, Qt.Key.Key_Return)
    assert sheet.lines.rows()[0].cells[0] == "Orlando" and not sheet.found.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_F3)
    qtbot.keyClicks(sheet.copies.edit, "2")
    assert sheet.lines.rows()[0].cells[1] == "2"
    qtbot.keyClick(sheet.copies.edit, Qt.Key.Key_Return)
    assert sheet.search.hasFocus() and sheet.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_F10)
    qtbot.keyClicks(sheet.price.edit, "12.00")
    assert sheet.lines.rows()[0].cells[3] == "$24.00"
    name = sheet.form.control("name")
    name.select()
    qtbot.keyClicks(name.edit, "Ada")
    qtbot.keyClick(name.edit, Qt.Key.Key_Return)
    assert sheet.isVisible() and shop.placed() == (), "Enter places nothing"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert shop.placed()[0].lines[0].price_cents == 1200


def test_nothing_typed_is_given_up_without_a_question(shop, window, qtbot):
    sheet = opened(shop, window, qtbot, (some.ORLANDO, 1))
    qtbot.keyClick(sheet.form.control("memo").edit, Qt.Key.Key_Escape)
    question = top(Question)
    question.reject()
    assert sheet.isVisible()
    sheet.reject()
    top(Question)._answer = "leave"
    with qtbot.waitSignal(sheet.finished):
        top(Question).accept()


def test_the_focus_goes_to_what_is_wrong_in_a_line(shop, window, qtbot):
    sheet = opened(shop, window, qtbot, (some.ORLANDO, 1))
    qtbot.keyClick(sheet, Qt.Key.Key_F3)
    qtbot.keyClicks(sheet.copies.edit, "0")
    sheet.search.take_focus()
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.copies.error() and sheet.copies.edit.hasFocus()


@pytest.mark.parametrize(("key", "last"), [("source", False), ("gift", True)])
def test_the_form_stays_where_it_is_when_other_questions_are_asked(shop, window, qtbot, key, last):
    sheet = opened(shop, window, qtbot, (some.ORLANDO, 1))
    bar = sheet.room.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    control = sheet.form.control(key)
    (control.combo if key == "source" else control).setFocus()
    before = bar.value()
    if last:
        qtbot.keyClick(control, Qt.Key.Key_Space)
    else:
        qtbot.keyClick(control.combo, Qt.Key.Key_End)
    again = sheet.form.control(key)
    assert again is not control, "the form is made anew"
    qtbot.waitUntil(lambda: bar.value() == before)
    assert again.isAncestorOf(sheet.focusWidget()) or again.hasFocus()
    assert again.visibleRegion().boundingRect().height() == again.height()


def test_a_wheel_over_a_choice_takes_neither_its_value_nor_the_focus(shop, window, qtbot):
    sheet = opened(shop, window, qtbot, (some.ORLANDO, 1))
    combo = sheet.form.control("paid").combo
    assert combo.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_a_customer_is_chosen_from_the_books(shop, window, qtbot):
    customers.add(shop.store, shop.actor, "Ada Example", "ada@example.com")
    sheet = opened(shop, window, qtbot)
    qtbot.keyClick(sheet, Qt.Key.Key_F4)
    inner = next(
        w for w in QApplication.topLevelWidgets()
        if isinstance(w, Sheet) and not isinstance(w, OrderSheet) and w.isVisible()
    )  # fmt: skip
    search, people = inner.findChild(SearchLine), inner.findChild(RowList)
    assert search is not None and people is not None
    qtbot.keyClicks(search, "zzz")
    assert people._empty == "Nobody was found."
    for _ in "zzz":
        qtbot.keyClick(search, Qt.Key.Key_Backspace)
    qtbot.waitUntil(inner.isActiveWindow)
    with qtbot.waitSignal(inner.finished):
        next(b for b in inner._verbs if b.text() == "Attach customer").click()
    assert sheet.form.control("name").text() == "Ada Example"
    sheet._leave("leave")


def test_pictures(shop, window, qtbot, dressed, pictures):
    sheet = opened(shop, window, qtbot, (some.ORLANDO, 2), (WAVES, 1))
    looking.photograph_all(dressed, window, pictures, "order-new", sheet)
    sheet.form.control("kind").choose("ship")
    sheet.form.control("paid").choose("captured")
    sheet.changed.emit(sheet.form.values())
    sheet.submitted.emit(sheet.form.values())
    looking.photograph_all(dressed, window, pictures, "order-new-ship", sheet)
    sheet.search.setText("woolf")
    sheet.typed.emit("woolf")
    looking.photograph_all(dressed, window, pictures, "order-new-found", sheet)
    assert looking.nameless(sheet) == []
    assert looking.rich(sheet) == []
    sheet._leave("leave")
