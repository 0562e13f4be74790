"""A day at the order desk: an order comes in while selling, is led on its way, and many are done at once."""

from __future__ import annotations

import pytest

from bookwish_desk.actions import ordering, placing
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Kind, Order, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.journeys.person import Person

KITE = ("9781594480003", "The Kite Runner")
GRACE = Customer("", "Grace Journey", "grace@example.com", "555 0199")
HOME = PostalAddress("Grace Journey", "9 Harbor Way", "", "Mystic", "CT", "06355")
SEARCH = "Scan a slip or a book, or type name, number, title"


def comes_in(person: Person, number: str, kind: Kind = "ship", memo: str = "") -> Order:
    """Let a paid order come in as its source sends it, on the lane where everything is written."""
    order = Order(
        id=new_id(), number=number, source="bookwish", kind=kind, placed_at=person.desk.books.store.clock(),
        lines=(OrderLine(new_id(), KITE[0], KITE[1], 1, 1_700, ean=int(KITE[0])),),
        payment=Payment(captured_cents=1_700), customer=GRACE, memo=memo,
        address=HOME if kind == "ship" else None,
    )  # fmt: skip
    person.desk.lanes.act(lambda store: placing.receive(store, Actor("", 1), order))
    return order


@pytest.mark.capability("WSM-01", "BW-01", "OMG-08")
def test_a_new_order_is_told_on_every_screen_in_three_places(selling: Person) -> None:
    before = int(selling.find(r"^Orders (\d+)$"))
    comes_in(selling, "BW-J-0001")
    selling.see(f"Orders {before + 1}", f"{before + 1} new")
    selling.press(f"{before + 1} new orders")
    selling.see(f"New: {before + 1}", "BW-J-0001")
    selling.key("Ctrl+1")
    selling.key("Ctrl+7")
    selling.see("BW-J-0001")


@pytest.mark.capability("BW-24", "BW-25", "BB-01", "WSM-02")
def test_an_order_to_be_sent_is_led_from_the_desk_to_the_shelf_and_the_table(selling: Person) -> None:
    comes_in(selling, "BW-J-0002", memo="Ring twice")
    selling.key("Ctrl+7")
    selling.type("BW-J-0002", SEARCH)
    selling.see("Grace Journey", "Ring twice", "BW-J-0002 · BookWish · Ship")
    for step, status in (("Confirm", "Confirmed"), ("Start", "Processing")):
        selling.see(step)
        selling.key("F12")
        selling.see(status)
    selling.see("Pick")
    selling.key("F12")
    selling.see("The Kite Runner", "BW-J-0002")
    selling.scan(KITE[0])
    selling.key("Escape")
    selling.see("Check and pack")
    selling.key("F11")
    selling.see("Picked copies", "Began to work on it", "Confirmed the order", "The order came in")
    selling.key("F12")
    selling.miss("Check and pack")
    selling.see("BW-J-0002")
    selling.key("Escape")
    selling.see("New order")


@pytest.mark.capability("BW-04", "BW-20")
def test_a_pickup_is_found_by_scan_and_made_ready(selling: Person) -> None:
    order = comes_in(selling, "BW-J-0003", "pickup")
    selling.key("Ctrl+7")
    selling.see("BW-J-0003")
    owner = selling.desk.station.actor
    selling.desk.lanes.act(lambda s: ordering.take(s, owner, order.id, Step("start")))
    selling.desk.lanes.act(lambda s: ordering.take(s, owner, order.id, Step("pick")))
    selling.scan("BW-J-0003")
    selling.see("Make ready", "BW-J-0003 · BookWish · Pickup")
    selling.key("F12")
    selling.sheet()
    selling.see("JOU")
    selling.key("F12")
    selling.no_sheet()
    selling.see("Ready for pickup", "Hand over")


def test_another_register_changes_what_is_looked_at(selling: Person) -> None:
    order = comes_in(selling, "BW-J-0004")
    selling.key("Ctrl+7")
    selling.type("BW-J-0004", SEARCH)
    selling.see("BW-J-0004 · BookWish · Ship")
    other = Actor(selling.desk.station.actor.staff, 2)
    selling.desk.lanes.act(
        lambda s: ordering.take(s, other, order.id, Step("hold", reason="Cheque clearing"))
    )
    selling.see("This order was changed meanwhile", "On hold: Cheque clearing", "Release the hold")
    selling.see(f"{SEARCH}: BW-J-0004")


@pytest.mark.capability("BW-26")
def test_many_new_orders_are_confirmed_at_once(selling: Person) -> None:
    for n in range(12):
        comes_in(selling, f"BW-M-{n:02}", memo="many of them")
    selling.key("Ctrl+7")
    selling.type("many of them", SEARCH)
    selling.wait(lambda: len(selling.rows("Orders")) == 12)
    selling.key("F7")
    selling.see("12 orders selected")
    selling.press("Confirm")
    selling.see("12 confirmed.")
    selling.wait(lambda: sum("Confirmed" in row for row in selling.rows("Orders")) == 12)
