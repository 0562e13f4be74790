"""From the pack table to the carrier with a bought label; many at once, one refused and one in doubt."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from zebrafy.zebrafy_zpl import ZebrafyZPL

from bookwish_desk.actions import ordering, placing, stocking
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.db import items, orders, postages
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Order, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Actor
from tests.hardware.label_readers import codes
from tests.journeys.person import Person
from tests.support.carriers import KEY, Reached, carriers_server
from tests.support.letters import HERE
from tests.sync.mail_servers import Inbox, real_server

KITE, KITE_TITLE = "9781594480003", "The Kite Runner"
GRACE = Customer("", "Grace Journey", "grace@example.com", "555 0199")
HOME = PostalAddress("Grace Journey", "8 Mill Road", "", "Bristol", "CT", "06010")
PRINTER = "shipping-printer"


@pytest.fixture
def broker() -> Iterator[Reached]:
    """Give a broker of carriers on a loopback port."""
    with carriers_server() as reached:
        yield reached


def arrived(person: Person, number: str, *steps: str, **more: Any) -> Order:
    """Let a paid order to ship be taken by telephone, and take steps with it."""
    store, actor = person.desk.books.store, Actor(person.desk.station.actor.staff, 1)
    with store.read() as conn:
        stocking.receive(store, actor, items.by_skus(conn, [KITE])[0], 1)
    line = OrderLine(new_id(), KITE, KITE_TITLE, 1, 1_700, ean=int(KITE))
    made = Order(
        id=new_id(), number=number, source="phone", kind="ship", placed_at=store.clock(), lines=(line,),
        payment=Payment(captured_cents=1_700), customer=GRACE, address=HOME, **more,
    )  # fmt: skip
    placing.receive(store, actor, made)
    for step in ("confirm", "start", *steps):
        outcome = ordering.take(store, actor, made.id, Step(step))  # type: ignore[arg-type]
    person.desk.station.changed(outcome.changes)
    return made


def now(person: Person, order: Order) -> Order:
    with person.desk.books.store.read() as conn:
        return orders.load(conn, order.id)


def labels(person: Person, *wanted: Order) -> list[Postage]:
    with person.desk.books.store.read() as conn:
        return [found[0] for order in wanted if (found := postages.of_order(conn, order.id))]


def connect(person: Person, broker: Reached) -> None:
    """Connect the shop with the broker through the desk, as the settings screen does."""
    told: list[object] = []
    person.desk.shipping.try_key(broker.base, Secret(KEY), told.append, told.append)
    person.wait(lambda: person.desk.shipping.state.way == "ready")
    assert len(told) == 1, told
    person.wait(lambda: person.desk.station.settings.shipping.connected)


@pytest.mark.capability("BW-12", "BW-13", "WSM-18", "OMG-14", "OMG-18", "OMG-19")
def test_a_parcel_is_packed_priced_bought_printed_and_its_customer_told(
    selling: Person, broker: Reached
) -> None:
    inbox = Inbox()
    with real_server(inbox) as port:
        with selling.desk.books.store.write() as tx:
            # The pickups of the demonstration are not reminded of: only what is shipped is told here.
            mailed = replace(tx.settings, mail=replace(HERE, port=port), notices=("shipped",))
            keep_settings(tx, mailed, ("mail", "notices"))
        selling.desk.lanes.changed.emit(frozenset({"settings"}))
        connect(selling, broker)
        order = arrived(selling, "TEL-JOURNEY-1", "pick")

        # Packed on the table, by a scan.
        selling.key("Ctrl+7")
        selling.type("TEL-JOURNEY-1", "Scan a slip or a book, or type name, number, title")
        selling.see("Grace Journey", "TEL-JOURNEY-1")
        selling.wait(lambda: selling.can_press("Check and pack"))
        selling.press("Check and pack")
        selling.see("0 of 1 copy checked")
        selling.scan(KITE)
        selling.see("1 of 1 copy checked")
        selling.key("F12")
        selling.press("TEL-JOURNEY-1: I have looked, and all of this is right")
        selling.press("Print the packing slip")
        selling.key("F12")
        selling.no_sheet()

        # To ship it leads to the parcel; the price is asked for by one key, the label bought by another.
        selling.wait(lambda: selling.can_press("Ship"))
        selling.key("F8")
        selling.see("Get the prices")
        selling.wait(lambda: selling.can_press("Get the prices"))
        selling.key("F11")
        selling.wait(lambda: selling.can_press("Buy USPS"))
        assert broker.ledger.labels == 0, "asking buys nothing"
        selling.key("F12")
        selling.wait(lambda: now(selling, order).packed_off)
        selling.wait(lambda: len(inbox.taken) == 1)
        selling.wait(lambda: len(selling.jobs(PRINTER)) == 1)
    (label,) = labels(selling, order)
    parcel = now(selling, order).parcels[0]
    assert broker.ledger.labels == 1
    assert (parcel.tracking, parcel.carrier) == (label.tracking, "USPS")
    assert label.tracking

    # One job: the carrier's label, and behind it the slip with the order's number.
    (job,) = selling.jobs(PRINTER)
    pictures = ZebrafyZPL(job.decode("ascii")).to_images()
    assert len(pictures) == 2
    assert any(label.tracking in code for code in codes(pictures[0])), codes(pictures[0])
    assert "TEL-JOURNEY-1" in codes(pictures[1])

    letter = email.message_from_bytes(inbox.taken[0].content, policy=email.policy.default)  # type: ignore[arg-type]
    said = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "TEL-JOURNEY-1" in f"{letter['Subject']} {said}"
    assert label.tracking in said

    # The order's page tells of it.
    selling.key("Ctrl+7")
    selling.type("TEL-JOURNEY-1", "Scan a slip or a book, or type name, number, title")
    selling.key("F10")
    selling.see(label.tracking, "Labels")

    # At the day's end the carrier's form is made and printed, and the parcel handed over.
    selling.key("Ctrl+Shift+E")
    selling.see("End of day", "TEL-JOURNEY-1", "To list")
    selling.key("F9")
    selling.see("Listed", "1 parcel on one form")
    selling.wait(lambda: selling.can_press("Print the list"))
    selling.key("F6")
    selling.wait(lambda: len(selling.jobs(PRINTER)) == 2)
    selling.key("F12")
    selling.see("Hand over 1 parcel?")
    selling.press("Hand over")
    selling.see("1 parcel handed over.")


@pytest.mark.capability("BW-28", "OMG-19")
def test_ten_labels_are_bought_at_once_with_one_refused_and_one_in_doubt(
    selling: Person, broker: Reached
) -> None:
    connect(selling, broker)
    wanted = [arrived(selling, f"BATCH-{n:02}", "pick", "check", "pack") for n in range(1, 11)]
    selling.key("Ctrl+7")
    selling.type("BATCH", "Scan a slip or a book, or type name, number, title")
    selling.see("BATCH-01", "BATCH-10")
    selling.press("Select all")
    selling.see("10 orders selected")
    selling.wait(lambda: selling.can_press("Ship with labels"))
    selling.press("Ship with labels")
    selling.see("10 parcels")
    selling.wait(lambda: selling.can_press("Get 10 prices"))
    selling.key("F9")
    selling.wait(lambda: selling.can_press("Buy and print 10 labels"))
    assert broker.faults.count("shipments.create") == 10
    broker.faults.add("refuse", "shipments.buy", nth=4)
    broker.faults.add(
        "gateway", "shipments.buy", nth=6, after=True
    )  # the seventh: the fourth met the other rule
    numbers = [row.split(",")[0] for row in selling.rows("Parcels")]
    selling.key("F12")
    selling.see("1 not bought: each stays here, with the reason on its row.")
    by_number = {p.numbers[0]: p for p in labels(selling, *wanted)}
    assert by_number[numbers[3]].state == "refused"

    # What is in doubt is read, and is there; nothing was bought twice.
    selling.wait(lambda: sum(p.state == "bought" for p in labels(selling, *wanted)) == 9)
    assert broker.ledger.labels == 9
    assert set(broker.ledger.by_shipment.values()) == {1}

    # The one that failed is tried again from its row.
    selling.choose_row("Parcels", numbers[3])
    selling.press("Try again")
    selling.wait(lambda: selling.can_press("Buy and print 1 label"))
    selling.key("F12")
    selling.see("1 label bought")
    selling.wait(lambda: len(selling.jobs(PRINTER)) == 10)
    assert broker.ledger.labels == 10
    assert set(broker.ledger.by_shipment.values()) == {1}
    assert all(now(selling, order).packed_off for order in wanted)

    # They come out of the printer in the order of the list, but for the two that went wrong.
    printed = [codes(ZebrafyZPL(job.decode("ascii")).to_images()[1])[0] for job in selling.jobs(PRINTER)]
    straight = [n for place, n in enumerate(numbers) if place not in (3, 6)]
    assert [n for n in printed if n in straight] == straight
    assert set(printed) == set(numbers)
