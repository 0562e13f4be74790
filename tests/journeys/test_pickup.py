"""An order on its way over the counter: ready with its slip, scanned back, collected with another book."""

from __future__ import annotations

from typing import Any

import pytest

from bookwish_desk.actions import ordering, placing
from bookwish_desk.db import items, orders
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.journeys.person import Person
from tests.support.orders import made

KITE, ATONEMENT = "9781594480003", "9780385721790"
KITE_TITLE, ATONEMENT_TITLE = "The Kite Runner", "Atonement"
QUENTIN = Customer("", "Quentin Zabriskie", "qz@example.org", "555 0101")


def arrived(person: Person, number: str, *copies: tuple[str, str, int], **more: Any) -> Order:
    """Let an order come in as its source sends it, with its books picked from the shelf."""
    store, actor = person.desk.books.store, Actor(person.desk.station.actor.staff, 1)
    lines = [OrderLine(new_id(), sku, title, count, 1_700, ean=int(sku)) for sku, title, count in copies]
    order = made(number, *lines, customer=QUENTIN, placed_at=store.clock(), **more)
    outcome = placing.receive(store, actor, order)
    for step in (Step("start"), Step("pick")):
        outcome = ordering.take(store, actor, order.id, step)
    person.desk.station.changed(outcome.changes)
    return outcome.value


def now(person: Person, order: Order) -> Order:
    with person.desk.books.store.read() as conn:
        return orders.load(conn, order.id)


def on_hand(person: Person, sku: str) -> int:
    with person.desk.books.store.read() as conn:
        return items.by_skus(conn, [sku])[0].on_hand


@pytest.mark.capability("BW-04", "BW-06", "BW-07", "BW-09", "BW-20", "BW+09")
def test_a_paid_order_is_made_ready_scanned_back_and_collected_with_another_book(selling: Person) -> None:
    kites, atonements = on_hand(selling, KITE), on_hand(selling, ATONEMENT)
    order = arrived(selling, "BW-20261122-AB12", (KITE, KITE_TITLE, 1), (ATONEMENT, ATONEMENT_TITLE, 1))

    # Who is it? The order is found by its name and made ready, with a place and a slip.
    selling.key("Shift+F8")
    selling.type("zabriskie")
    selling.see("BW-20261122-AB12", "Not ready")
    selling.type("\n")
    selling.see("Make it ready first.")
    selling.key("F7")
    selling.see("Make ready for pickup")
    selling.key("F12")
    selling.no_sheet()
    slip = selling.printed("Quentin Zabriskie", "PAID", "Hold shelf ZAB")
    ((code, _kind),) = slip.barcodes
    assert code == "BW-20261122-AB12"
    assert now(selling, order).shelf == "ZAB"

    # The next day: the slip is scanned at the register, while a book is being sold.
    selling.key("Ctrl+1")
    selling.sell(ATONEMENT)
    selling.scan(code)
    selling.see("Quentin Zabriskie", "ZAB", "Paid", "0 of 1 scanned")
    selling.scan("9780765356154")
    selling.see("Wrong book")
    selling.scan(KITE)
    selling.see("The Kite Runner is checked.")
    selling.scan(KITE)
    selling.see("One too many")
    selling.key("F3")
    selling.key("F9")
    selling.see("1 book is not scanned out yet")
    selling.scan(ATONEMENT)
    selling.see("That is every book.")
    selling.key("F9")
    selling.see("Order BW-20261122-AB12, Quentin Zabriskie · 2 books · Photo ID, Total Paid")
    assert [row.split(",")[0] for row in selling.rows("Sale lines")] == [
        ATONEMENT_TITLE,
        "Order BW-20261122-AB12",
    ]
    assert now(selling, order).ready_at

    selling.pay_cash("20")
    receipt = selling.printed("Collected: order BW-20261122-AB12, 2 books")
    assert any(ATONEMENT_TITLE in x for x in receipt.lines) and not any(
        KITE_TITLE in x for x in receipt.lines
    )
    done = now(selling, order)
    assert done.state == "completed" and done.gone == 2
    assert (on_hand(selling, KITE), on_hand(selling, ATONEMENT)) == (kites - 1, atonements - 2)

    # Scanned once more, the slip says that it is over.
    selling.key("F12")
    selling.scan(code)
    selling.see("This order was handed over already.")


@pytest.mark.capability("BW-09", "OMG-11", "OMG-34")
def test_an_order_to_pay_is_paid_at_the_register_and_not_handed_over_before(clerk: Person) -> None:
    clerk.open_till("150.00")
    order = arrived(
        clerk, "O1-000077", (KITE, KITE_TITLE, 2), source="phone", payment=Payment(promise="at_pickup")
    )
    clerk.key("Shift+F8")
    clerk.type("O1-000077\n")
    clerk.see("To pay $34.00")
    clerk.key("F7")
    clerk.see("Make ready for pickup")
    clerk.key("F12")
    clerk.printed("TO PAY $34.00")
    clerk.see("0 of 2 scanned")
    for _ in range(2):
        clerk.scan(KITE)
    clerk.see("That is every book.")
    clerk.key("F5")
    clerk.key("F12")
    clerk.see("This order is not paid and cannot be handed over")
    clerk.key("Escape")
    clerk.no_sheet()
    assert now(clerk, order).gone == 0
    clerk.key("F9")
    clerk.see("Order O1-000077", "Qty 2")
    clerk.pay_card()
    clerk.printed("Collected: order O1-000077, 2 books")
    done = now(clerk, order)
    assert done.state == "completed" and done.payment.captured_cents == done.worth_cents
