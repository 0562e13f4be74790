"""Orders at the register: a slip scanned there, an order in the cart, and copies that are promised."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from bookwish_desk.actions import collecting, pickup, stocking
from bookwish_desk.actions.outgoing import slip_of
from bookwish_desk.db import orders
from bookwish_desk.shop.hold_slip import order_code
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.slip import Words
from bookwish_desk.ui import sell
from bookwish_desk.ui.sell.presenter import SellPresenter
from bookwish_desk.ui.sell.state import TileFace
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support import orders as some
from tests.support.counter import Counter
from tests.support.orders import ADA, EMMA, ORLANDO, line, made, now
from tests.support.shops import station_for

TO_PAY = {"source": "phone", "payment": Payment(promise="at_pickup")}
BERT = replace(ADA, name="Bert Adams", email="bert@example.com", phone="")


class Desk(Counter):
    """A counter with the sell screen's presenter."""

    def __init__(self, folder):
        super().__init__(folder)
        self.station, self.front = station_for(self.store, self.actor)
        self.opened: list[str] = []
        self.tie(SellPresenter(self.station))

    def tie(self, presenter):
        self.till = presenter
        self.till.on_order = self.opened.append
        self.till.shown()

    @property
    def state(self):
        return self.till.state

    def cart(self):
        return [(r.title, r.details, r.quantity, r.total) for r in self.state.cart]

    def received(self, number, *lines, **more):
        return some.received(self.store, self.actor, made(number, *lines, **more))

    def ready(self, number, *lines, **more):
        lines = lines or (line(),)
        for x in lines:
            some.shelved(self.store, self.actor, ORLANDO if x.sku == ORLANDO.sku else EMMA, x.ordered)
        order = self.received(number, *lines, **more)
        some.stepped(self.store, self.actor, order, "start", "pick")
        return pickup.make_ready(self.store, self.actor, order.id, "EXA").value

    def collect(self, order):
        copies = tuple((x.id, x.set_aside) for x in order.lines)
        ringing = collecting.add_order(self.store, self.actor, order.id, copies, "Photo ID").value
        self.till.rung(ringing)


@pytest.fixture
def desk(tmp_path):
    made_up = Desk(tmp_path)
    yield made_up
    made_up.store.close()


# ---- a slip at the register ----


@pytest.mark.capability("BW-09")
def test_the_number_of_an_order_leads_to_its_pickup(desk):
    first, odd = desk.ready("BW-20260921-AB12"), desk.ready("1000045123", source="wsm")
    desk.till.scanned("BW-20260921-AB12")
    desk.till.entered("bw-20260921-ab12")
    desk.till.scanned(order_code(odd))
    # Ten digits that are no ISBN, as the store's own letter to its customer says them.
    desk.till.scanned("1000045123")
    assert desk.opened == [first.id, first.id, odd.id, odd.id]
    assert desk.state.unknown is None and desk.state.misprint is None and desk.state.notice == ""


def test_a_code_of_the_shop_goes_before_an_order_of_that_number(desk):
    desk.ready("TOTE", source="wsm")
    stocking.new_item(
        desk.store, desk.actor, "TOTE",
        stocking.ItemEdit("Tote bag", "", "", 1800, "book", "", None, stocked=True),
    )  # fmt: skip
    desk.till.scanned("TOTE")
    assert desk.opened == [] and [t for t, *_ in desk.cart()] == ["Tote bag"]


def test_a_code_that_nobody_knows_is_still_asked_about(desk):
    desk.till.scanned("BW-20269999-XX99")
    assert desk.opened == [] and desk.state.unknown.code == "BW-20269999-XX99"
    desk.till.scanned("9780156701601")
    assert "check digit" in desk.state.notice


# ---- an order in the cart ----


@pytest.mark.capability("BW-09", "BW-38")
def test_a_paid_order_stands_in_the_cart_without_money(desk):
    order = desk.ready("BW-1", line(ORLANDO), line(EMMA, 2))
    desk.collect(order)
    assert desk.cart() == [("Order BW-1", "Ada Example · 3 books · Photo ID", "", "Paid")]
    assert desk.state.can_pay and desk.state.pay == "Complete" and desk.state.has_lines
    desk.till.scanned(EMMA.sku)
    assert [t for t, *_ in desk.cart()] == ["Emma", "Order BW-1"]
    desk.till.select(order.id)
    desk.till.change_quantity(1)
    desk.till.remove()
    assert [t for t, *_ in desk.cart()] == ["Emma"] and now(desk.store, order).ready_at


def test_an_order_to_pay_brings_its_books_and_they_go_with_it(desk):
    order = desk.ready("O1-000001", line(ORLANDO, 2), line(EMMA), **TO_PAY)
    desk.collect(order)
    assert desk.cart() == [
        ("Order O1-000001", "Ada Example · 3 books · Photo ID", "", ""),
        ("Orlando", "Order O1-000001", "2", "$33.98"),
        ("Emma", "Order O1-000001", "1", "$10.50"),
    ]
    assert desk.state.total == "$48.43"
    desk.till.select(desk.state.cart[1].id)
    desk.till.change_quantity(-1)
    assert "paid as a whole" in desk.state.notice
    desk.till.remove()
    assert "remove the row of the order" in desk.state.notice
    desk.till.select(order.id)
    desk.till.remove()
    assert desk.cart() == []


def test_a_held_sale_names_the_order_in_it(desk):
    desk.collect(desk.ready("O1-000001", **TO_PAY))
    desk.till.hold("back soon")
    held: list[str] = []
    desk.till.load_held(lambda rows: held.extend(r.words for r in rows))
    assert held == ["Order O1-000001"]


# ---- promised copies ----


@pytest.mark.capability("BW-38")
def test_a_promised_copy_is_warned_of_and_sold_all_the_same(desk):
    some.shelved(desk.store, desk.actor, ORLANDO, 2)
    order = desk.received("BW-1")
    desk.till.scanned(ORLANDO.sku)
    # Two on the shelf, one promised: the first is free.
    assert desk.state.promise is None
    desk.till.scanned(ORLANDO.sku)
    warned = desk.state.promise
    assert warned and warned.sentence == "Orlando: promised to order BW-1 for Ada Example."
    assert [(t, q) for t, _d, q, _x in desk.cart()] == [("Orlando", "2")]
    assert desk.state.unknown is None and desk.state.too_early is None
    # Scanning on and paying go on as ever; the order is then a problem.
    desk.till.scanned(EMMA.sku)
    desk.till.change_quantity(-1)
    assert now(desk.store, order).lines[0].allocated == 1


def test_one_key_gives_the_promised_copy_to_the_customer_at_the_counter(desk):
    some.shelved(desk.store, desk.actor, ORLANDO, 1)
    order = desk.received("BW-1")
    desk.till.scanned(ORLANDO.sku)
    desk.till.reroute()
    assert desk.state.promise is None
    assert desk.front.said[-1][0] == "Taken from order BW-1. It lacks a book now: see Problems."
    assert now(desk.store, order).lines[0].short == 1
    with desk.store.read() as conn:
        assert "rerouted" in [e.kind for e in orders.history(conn, order.id)]
    desk.till.reroute()
    assert len(desk.front.said) == 1


def test_a_copy_from_the_hold_shelf_says_where_it_lay(desk):
    desk.ready("BW-1")
    desk.till.scanned(ORLANDO.sku)
    assert desk.state.promise.sentence == (
        "Orlando: promised to order BW-1 for Ada Example. It lies on hold shelf EXA."
    )
    desk.till.void("changed their mind")
    assert desk.state.promise is None


def test_the_order_that_is_collected_is_not_warned_of(desk):
    desk.collect(desk.ready("O1-000001", **TO_PAY))
    assert desk.state.promise is None


# ---- the screen ----


@pytest.fixture
def shown(desk, dressed, qtbot):
    screen, presenter, _paying = sell.build(desk.station)
    desk.till.hidden()
    desk.screen, desk.window = screen, looking.window_with("sell", screen)
    qtbot.addWidget(desk.window)
    qtbot.waitUntil(desk.window.isActiveWindow)
    desk.tie(presenter)
    return desk


def test_the_warning_has_its_key_and_goes_by_itself(shown, qtbot):
    some.shelved(shown.store, shown.actor, ORLANDO, 1)
    order = shown.received("BW-1")
    shown.till.scanned(ORLANDO.sku)
    assert shown.screen._promise.isVisible()
    assert "promised to order BW-1" in shown.screen._promised.text()
    qtbot.keyClick(shown.window, Qt.Key.Key_F4, Qt.KeyboardModifier.ShiftModifier)
    assert now(shown.store, order).lines[0].short == 1 and not shown.screen._promise.isVisible()


def test_the_pickup_screen_has_a_tile_and_a_key(shown, qtbot):
    tile = next(b for b in shown.screen.findChildren(QAbstractButton) if b.text() == "Pickup")
    assert tile.isVisible()
    tile.click()
    shown.till.show(tiles=tuple(TileFace(f"T{n}", f"Tile {n}", "$1.00") for n in range(7)))
    assert not tile.isVisible()
    qtbot.keyClick(shown.window, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert shown.opened == ["", ""]


def test_no_quantity_is_asked_of_an_order(shown, qtbot, qapp):
    shown.collect(shown.ready("BW-1"))
    qtbot.keyClick(shown.window, Qt.Key.Key_F3)
    assert not [w for w in qapp.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible()]


def test_pictures(shown, qapp, pictures):
    looking.photograph_all(qapp, shown.window, pictures, "sell-pickup-tile")
    shown.till.show(tiles=tuple(TileFace(f"T{n}", f"Tile {n}", "$1.00") for n in range(7)))
    shown.collect(shown.ready("BW-20260921-AB12", line(ORLANDO), line(EMMA, 2), customer=BERT))
    shown.collect(shown.ready("O1-000001", line(ORLANDO, 2), **TO_PAY))
    some.shelved(shown.store, shown.actor, EMMA, 1)
    shown.received("BW-20260921-ZZ99", line(EMMA))
    shown.till.scanned(EMMA.sku)
    looking.photograph_all(qapp, shown.window, pictures, "sell-orders")
    assert looking.cut_off(shown.screen) == [] and looking.nameless(shown.screen) == []


# ---- what others see of it ----


def test_the_customers_display_shows_what_is_paid_and_never_whose_order_it_is(desk):
    views: list = []
    desk.station.on_customer(views.append)
    desk.collect(desk.ready("BW-1"))
    assert views[-1].lines == () and views[-1].total == "$0.00"
    desk.collect(desk.ready("O1-000001", **TO_PAY))
    assert [(x.title, x.quantity) for x in views[-1].lines] == [("Orlando", 1)]
    assert "Ada" not in str(views[-1])


def test_the_slip_of_a_held_sale_names_the_order_in_it(desk):
    desk.collect(desk.ready("BW-1"))
    desk.till.hold("back soon")
    (job,) = desk.jobs("hold")
    assert Words("Collects: order BW-1, 1 book") in slip_of(job).elements


def test_of_an_order_in_the_cart_only_the_whole_can_be_taken_out(desk, dressed, qtbot):
    screen, presenter, _paying = sell.build(desk.station)
    desk.tie(presenter)
    window = looking.window_with("sell", screen)
    qtbot.addWidget(window)
    order = desk.ready("O1-000001", line(EMMA), **TO_PAY)
    some.shelved(desk.store, desk.actor, ORLANDO)
    desk.till.scanned(ORLANDO.sku)
    buttons = {b.text(): b for b in screen._line_buttons if b.text()}
    every = {"Quantity", "Price", "Discount", "Note", "Gift wrap", "Remove"}
    assert {w for w, b in buttons.items() if b.isEnabled()} == set(buttons) == every
    desk.collect(order)
    screen.cart.lines.choose(order.id)
    assert {w for w, b in buttons.items() if b.isEnabled()} == {"Remove"}
    screen.cart.lines.choose(desk.state.cart[2].id)
    assert {w for w, b in buttons.items() if b.isEnabled()} == {"Remove"}
    screen.cart.lines.choose(desk.state.cart[0].id)
    assert {w for w, b in buttons.items() if b.isEnabled()} == every
