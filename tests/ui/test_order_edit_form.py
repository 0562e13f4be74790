"""The form that changes an order: what it means for the money is said first, and each change is kept."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from bookwish_desk.actions import customers, ordering
from bookwish_desk.db import items, orders
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui import order_form
from bookwish_desk.ui.forms import Values
from bookwish_desk.ui.order_form.edit_presenter import EditPresenter
from bookwish_desk.ui.widgets import Label
from bookwish_desk.ui.window import MainWindow
from tests.support import looking
from tests.support import orders as some
from tests.support.counter import TAX
from tests.support.shops import FrozenClock, found_shop, station_for

WAVES = Item("9780156949606", "The Waves", ean=9780156949606, authors="Virginia Woolf", price_cents=1599)


class Shop:
    """A shop with two copies of Orlando and an order for two."""

    def __init__(self, folder):
        self.clock = FrozenClock()
        self.store, self.actor = found_shop(folder, Settings(shop_name="Test Books", tax=TAX), self.clock)
        self.station, self.front = station_for(self.store, self.actor)
        some.shelved(self.store, self.actor, some.ORLANDO, 2)
        with self.store.write() as tx:
            items.keep(tx, WAVES, replace(some.EMMA, authors="Jane Austen"))
        self.order = some.made()

    def edit(self, *lines, **more):
        self.order = some.received(
            self.store, self.actor, some.made("BW-1", *(lines or (some.line(copies=2),)), **more)
        )
        form = EditPresenter(self.station, self.order)
        form.open()
        return form

    @property
    def now(self):
        return some.now(self.store, self.order)

    def kinds(self):
        with self.store.read() as conn:
            return [e.kind for e in orders.history(conn, self.order.id) if e.kind.startswith("edit")]


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.store.close()


def errors(form):
    return {i.key: i.error for i in form.state.asked.inputs if i.error}


def shown(form):
    return {i.key: i.value for i in form.state.asked.inputs}


def save(form, **texts):
    form.submit(Values(texts))


def said(form):
    return " ".join(form.state.asked.outcome)


@pytest.mark.capability("WSM+01", "WSM+02")
def test_what_a_change_means_for_the_money_is_said_and_the_charge_stays(shop):
    form = shop.edit()
    assert form.state.asked.verb == "" and not form.state.typed
    form.choose(shop.order.lines[0].id)
    form.set_copies(1)
    words = "Paid $33.98. The order now comes to $16.99: $16.99 is to be given back."
    assert said(form) == f"{words} No charge is changed by this."
    assert dict(form.state.sums)["Total"] == "$16.99"
    assert shop.now.lines[0].live == 2, "nothing is saved yet"
    save(form)
    assert form.state.done and shop.now.lines[0].live == 1
    assert shop.now.payment == shop.order.payment, "the payment is left alone"
    assert [t.kind for t in tasks(shop.now, shop.clock())] == ["refund"]
    assert words in shop.front.said[-1][0]
    assert "Still to do: Give the customer the money back ($16.99)." in shop.front.said[-1][0]


@pytest.mark.capability("WSM-23")
def test_products_are_added_removed_and_repriced(shop):
    form = shop.edit(some.line(copies=2), some.line(some.EMMA))
    shop.station.scanned(WAVES.sku)
    form.set_price("15.00")
    form.choose(shop.order.lines[1].id)
    form.remove()
    form.choose(shop.order.lines[0].id)
    form.set_price("12")
    assert [(r.title, r.note) for r in form.state.rows] == [
        ("Orlando", "Changed"), ("Emma", "To be removed"), ("The Waves", "New"),
    ]  # fmt: skip
    save(form)
    after = shop.now
    assert [(x.title, x.live, x.price_cents) for x in after.lines] == [
        ("Orlando", 2, 1200), ("Emma", 0, 1050), ("The Waves", 1, 1500),
    ]  # fmt: skip
    assert shop.kinds() == ["edit.add_line", "edit.price", "edit.remove_line"], "each has its own history"


def test_a_title_that_is_there_gets_another_copy(shop):
    form = shop.edit()
    shop.station.scanned(some.ORLANDO.sku)
    assert form.state.rows[0].copies == "3"
    form.remove()
    assert form.state.rows[0].gone
    form.remove()
    assert not form.state.rows[0].gone, "pressed again it stays in"


@pytest.mark.capability("WSM-24")
def test_a_product_is_swapped(shop):
    form = shop.edit()
    form.choose(shop.order.lines[0].id)
    form.swap()
    assert form.state.swapping and form.state.rows[0].note == "Find what takes its place"
    form.search.typed("waves")
    form.take_first("waves")
    assert [(r.title, r.note, r.copies) for r in form.state.rows] == [
        ("Orlando", "To be swapped", "2"), ("The Waves", "Instead", "2"),
    ]  # fmt: skip
    assert "Paid $33.98. The order now comes to $34.82: $0.84 is still to be paid." in said(form)
    save(form)
    assert [(x.title, x.live) for x in shop.now.lines] == [("Orlando", 0), ("The Waves", 2)]
    assert shop.kinds() == ["edit.swap_line"]


def test_the_preview_is_what_the_books_have_afterwards(shop):
    form = shop.edit(some.line(copies=2), some.line(some.EMMA), source="phone", payment=Payment())
    shop.station.scanned(WAVES.sku)
    form.choose(shop.order.lines[0].id)
    form.set_copies(1)
    form.changed(Values({"discount_cents": "3.33"}))
    total = dict(form.state.sums)["Total"]
    save(form, discount_cents="3.33")
    assert shop.station.settings.money.show(shop.now.worth_cents) == total


@pytest.mark.capability("WSM-24", "BW-31")
@pytest.mark.parametrize("waits", ["", "yes"])
def test_what_is_swapped_in_is_waited_for_where_that_was_asked(shop, waits):
    form = shop.edit()
    form.swap()
    form.take(WAVES)
    form.set_price("10.00")
    save(form, waits=waits)
    line = shop.now.lines[-1]
    assert (line.title, line.short, line.backordered) == ("The Waves", 0 if waits else 2, 2 if waits else 0)


@pytest.mark.capability("WSM-22")
def test_a_customer_is_attached(shop):
    form = shop.edit(customer=None)
    save(form, name="Ada Example", email="ada at example")
    assert "email" in errors(form)
    save(form, name="Ada Example", email="ada@example.com")
    assert shop.now.customer.name == "Ada Example"


def test_a_customer_of_the_books_stays_who_they_are(shop):
    known = customers.add(shop.store, shop.actor, "Ada Example", "ada@example.com").value
    form = shop.edit(customer=known)
    save(form, name="Ada Example", phone="555 0199")
    assert (shop.now.customer.id, shop.now.customer.phone) == (known.id, "555 0199")
    again = EditPresenter(shop.station, shop.now)
    again.open()
    save(again, name="Ben Other")
    assert (shop.now.customer.id, shop.now.customer.name) == ("", "Ben Other")


@pytest.mark.capability("WSM+01")
def test_address_shipping_and_day_are_changed(shop):
    form = shop.edit(kind="ship", shipping_cents=400)
    assert shown(form)["line1"] == "12 Elm Street" and shown(form)["shipping_cents"] == "4.00"
    texts = {"kind": "ship", "line1": "9 Oak Road", "shipping_cents": "6.50", "expected_on": "2026-10-01"}
    form.changed(Values(texts))
    assert "The order now comes to $41.06: $3.08 is still to be paid." in said(form), "2.50 and its tax"
    save(form, **texts)
    after = shop.now
    assert (after.address.line1, after.shipping_cents, after.expected_on) == ("9 Oak Road", 650, "2026-10-01")
    assert after.address.city == "Springfield", "what was not touched stays"
    assert shop.kinds() == ["edit.address", "edit.shipping", "edit.promised"]


def test_an_order_goes_from_shipped_to_picked_up_and_back(shop):
    form = shop.edit(kind="ship", shipping_cents=400)
    save(form, kind="pickup")
    assert (shop.now.kind, shop.now.shipping_cents) == ("pickup", 0)
    again = EditPresenter(shop.station, shop.now)
    again.open()
    again.changed(Values({"kind": "ship"}))
    assert shown(again)["line1"] == "12 Elm Street"
    save(again, kind="ship", shipping_cents="3")
    assert (shop.now.kind, shop.now.shipping_cents) == ("ship", 300)


def test_what_is_to_be_shipped_from_now_on_needs_a_whole_address(shop):
    form = shop.edit()
    form.changed(Values({"kind": "ship"}))
    save(form, kind="ship", line1="12 Elm Street", shipping_cents="4")
    assert errors(form) == {"city": "Type the city that it is sent to."}
    assert shop.now.kind == "pickup", "nothing of it is saved"
    save(
        form, kind="ship", line1="12 Elm Street", city="Springfield", postal_code="06001", shipping_cents="4"
    )
    assert (shop.now.kind, shop.now.address.city, shop.now.address.name) == (
        "ship",
        "Springfield",
        "Ada Example",
    )


def test_a_quote_stays_marked_until_somebody_has_looked(shop):
    form = shop.edit(kind="ship", shipping_cents=400)
    form.choose(shop.order.lines[0].id)
    form.set_copies(1)
    assert "The shipping cost may be another one now." in said(form)
    save(form, kind="ship")
    assert shop.now.requote
    again = EditPresenter(shop.station, shop.now)
    again.open()
    save(again, kind="ship", shipping_right="yes")
    assert not shop.now.requote and shop.now.shipping_cents == 400


@pytest.mark.capability("BW+10")
def test_it_becomes_a_gift(shop):
    form = shop.edit()
    form.changed(Values({"gift": "yes"}))
    save(form, gift="yes", gift_message="For Ben")
    assert shop.now.gift and shop.now.gift_message == "For Ben"


@pytest.mark.capability("IC+05")
def test_a_claim_of_exemption_is_verified_or_the_tax_put_back(shop):
    form = shop.edit(source="phone", exempt="School library", payment=Payment(captured_cents=3398))
    label = next(i.label for i in form.state.asked.inputs if i.key == "claim")
    assert label == "Claims that no tax is due: School library"
    form.changed(Values({"claim": "not"}))
    assert "The order now comes to $37.00: $3.02 is still to be paid." in said(form)
    save(form, claim="not")
    assert (shop.now.tax_cents, shop.now.exempt) == (302, "")
    again = EditPresenter(shop.station, shop.now)
    again.open()
    again.changed(Values({"claim": "holds"}))
    save(again, claim="holds", certificate="")
    assert errors(again) == {"certificate": "Type the number of the exemption certificate."}
    save(again, claim="holds", certificate="EX-100")
    assert (shop.now.tax_cents, shop.now.exempt) == (0, "EX-100")


def test_what_is_refused_stays_typed_and_what_was_saved_is_saved(shop):
    form = shop.edit(some.line(copies=1))
    form.choose(shop.order.lines[0].id)
    form.remove()
    assert "Cancel the order instead" in said(form)
    save(form, name="Ben Other")
    assert not form.state.done and shop.now.customer.name == "Ben Other"
    assert "Cancel the order instead" in form.state.notice + form.state.chosen.copies_error
    assert form.state.rows[0].gone, "what was refused is still there to be changed"


@pytest.mark.capability("IC+03")
def test_an_authorisation_that_does_not_reach_any_more_is_named(shop):
    pay = Payment(authorised_cents=3398, expires_at=shop.clock.at + 86_400_000)
    form = shop.edit(payment=pay, source="phone")
    shop.station.scanned(WAVES.sku)
    assert "more than the $33.98 authorised. Authorise it again." in said(form)


def test_what_cannot_be_changed_says_why(shop):
    shop.edit()
    ordering.take(shop.store, shop.actor, shop.order.id, Step("cancel", reason="x"))
    form = EditPresenter(shop.station, shop.order)
    form.open()
    assert form.state.asked.verb == ""
    assert form.state.asked.about[0].startswith("Only an order that is pending")


def test_no_card_number_can_be_typed(shop):
    form = shop.edit()
    save(form, method="", name="4111 1111 1111 1111")
    assert "card number" in errors(form)["name"]
    assert shop.now.customer == shop.order.customer


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


def test_an_order_is_changed_with_keys_alone(shop, window, qtbot):
    shop.edit(some.line(copies=2), some.line(some.EMMA))
    sheet = order_form.ask_edit(window, shop.station, shop.order)
    qtbot.waitUntil(sheet.isActiveWindow)
    assert not sheet.verb.isEnabled()
    sheet.lines.choose(shop.order.lines[1].id)
    qtbot.keyClick(sheet, Qt.Key.Key_F5)
    qtbot.keyClick(sheet, Qt.Key.Key_F2)
    qtbot.keyClicks(sheet.search, "waves")
    qtbot.keyClick(sheet.search, Qt.Key.Key_Return)
    sheet.lines.choose(shop.order.lines[0].id)
    qtbot.keyClick(sheet, Qt.Key.Key_F3)
    qtbot.keyClicks(sheet.copies.edit, "1")
    assert sheet.verb.text() == "Save the changes" and sheet.verb.isEnabled()
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert [(x.title, x.live) for x in shop.now.lines] == [("Orlando", 1), ("Emma", 0), ("The Waves", 1)]


def test_an_untouched_order_closes_without_a_question(shop, window, qtbot):
    shop.edit(kind="ship")
    sheet = order_form.ask_edit(window, shop.station, shop.order)
    qtbot.waitUntil(sheet.isActiveWindow)
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)


def test_pictures(shop, window, qtbot, dressed, pictures):
    shop.edit(some.line(copies=2), some.line(some.EMMA), kind="ship", shipping_cents=400)
    sheet = order_form.ask_edit(window, shop.station, shop.order)
    qtbot.waitUntil(sheet.isActiveWindow)
    looking.photograph_all(dressed, window, pictures, "order-edit", sheet)
    sheet.lines.choose(shop.order.lines[1].id)
    sheet.swap.click()
    sheet.search.setText("waves")
    sheet.typed.emit("waves")
    sheet.taken.emit(WAVES.sku)
    looking.photograph_all(dressed, window, pictures, "order-edit-swap", sheet)
    assert looking.nameless(sheet) == []
    assert looking.rich(sheet) == []
    sheet._leave("leave")
