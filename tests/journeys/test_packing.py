"""From the shelf to the carrier: two orders to one address in one box, one order in two parcels."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from zebrafy.zebrafy_zpl import ZebrafyZPL

from bookwish_desk.actions import equipping, ordering, placing
from bookwish_desk.db import items, orders, people
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.device import Device, LabelPrinterSetup
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Order, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.hardware.label_readers import codes
from tests.journeys.person import Person
from tests.support.papers import words_of

KITE, ATONEMENT = ("9781594480003", "The Kite Runner"), ("9780385721790", "Atonement")
NORRELL = ("9780765356154", "Jonathan Strange & Mr Norrell")
GRACE = Customer("", "Grace Journey", "grace@example.com", "555 0199")
HOME = PostalAddress("Grace Journey", "9 Harbor Way", "", "Mystic", "CT", "06355")
OFFICE = PostalAddress("Grace Journey", "1 Work Plaza", "", "Hartford", "CT", "06103")
SLIPS = "pack-table"


@pytest.fixture
def shop_folder(demo_shop: Path, tmp_path: Path) -> Path:
    """Give a copy of the demonstration shop with a printer for 4 x 6 labels."""
    folder = Path(shutil.copytree(demo_shop, tmp_path / "shop"))
    setup = LabelPrinterSetup(width_mm=101.6, height_mm=152.4)
    store = open_store(folder)
    try:
        with store.read() as conn:
            owner = next(p.id for p in people.staff(conn) if p.role == "owner")
        equipping.add(store, Actor(owner, 1), Device(SLIPS, "Pack table", "sim:", setup, uses=("shipping",)))
    finally:
        store.close()
    return folder


def arrived(person: Person, number: str, *copies: tuple[tuple[str, str], int], **more: Any) -> Order:
    """Let a paid order to ship come in as its source sends it, confirmed."""
    store, actor = person.desk.books.store, Actor(person.desk.station.actor.staff, 1)
    lines = tuple(
        OrderLine(new_id(), sku, title, count, 1_700, ean=int(sku)) for (sku, title), count in copies
    )
    facts: dict[str, Any] = {"customer": GRACE, "address": HOME, **more}
    paid = Payment(captured_cents=sum(x.gross_cents for x in lines))
    made = Order(
        id=new_id(), number=number, source="bookwish", kind="ship", placed_at=store.clock(), lines=lines,
        payment=paid, **facts,
    )  # fmt: skip
    placing.receive(store, actor, made)
    outcome = ordering.take(store, actor, made.id, Step("confirm"))
    person.desk.station.changed(outcome.changes)
    return now(person, made)


def now(person: Person, order: Order) -> Order:
    with person.desk.books.store.read() as conn:
        return orders.load(conn, order.id)


def on_hand(person: Person, sku: str) -> int:
    with person.desk.books.store.read() as conn:
        return items.by_skus(conn, [sku])[0].on_hand


def slips(person: Person, count: int) -> list[str]:
    """Wait for so many 4 x 6 slips, and return the order numbers that a scanner reads on them."""
    person.wait(lambda: len(person.jobs(SLIPS)) >= count)
    return [codes(ZebrafyZPL(job.decode("ascii")).to_images()[0])[0] for job in person.jobs(SLIPS)]


def saved_as(person: Person, path: Path) -> None:
    """Choose a file in the dialog that asks where to save."""
    dialogs: list[QFileDialog] = []

    def asked() -> bool:
        dialogs[:] = list(person.window.findChildren(QFileDialog))
        dialogs.extend(w for w in person.front.findChildren(QFileDialog) if w not in dialogs)
        return bool(dialogs)

    person.wait(asked)
    dialogs[0].fileSelected.emit(str(path))
    dialogs[0].close()
    person.no_sheet()
    # Without a window manager nobody else brings the window back once Qt's own dialog is gone.
    person.window.activateWindow()


@pytest.mark.capability(
    "BB-01", "BB-02", "BB-03", "BB-04", "OMG-14", "OMG-16", "OMG-18", "OMG-20", "BW-12", "WSM-18"
)
def test_three_orders_go_from_the_shelf_to_the_carrier(selling: Person, tmp_path: Path) -> None:
    stock = {sku: on_hand(selling, sku) for sku, _ in (KITE, ATONEMENT, NORRELL)}
    one = arrived(selling, "BW-JOURNEY-1", (KITE, 1), gift=True, gift_message="For you, from me.")
    two = arrived(selling, "BW-JOURNEY-2", (ATONEMENT, 1))
    split = arrived(selling, "BW-JOURNEY-3", (NORRELL, 2), address=OFFICE)
    assert all(x.allocated == x.ordered for o in (one, two, split) for x in o.lines)

    # All three are found and picked in one walk; the list is saved first.
    selling.key("Ctrl+7")
    selling.type("grace journey", "Scan a slip or a book, or type name, number, title")
    selling.see("BW-JOURNEY-1", "BW-JOURNEY-3")
    selling.press("Select all")
    selling.press("Pick")
    selling.see("0 of 4 copies picked, for 3 orders")
    selling.key("Ctrl+P")
    selling.see("Papers for 3 orders")
    selling.key("F9")
    saved_as(selling, tmp_path / "list.pdf")
    assert "BW-JOURNEY-3 × 2" in words_of((tmp_path / "list.pdf").read_bytes())[0]
    selling.scan("9780307277671")
    selling.see("is not on this list")
    selling.scan(KITE[0])
    selling.see("BW-JOURNEY-1 has all its copies. To the pack table")
    for sku in (ATONEMENT[0], NORRELL[0], NORRELL[0]):
        selling.scan(sku)
    selling.see("4 of 4 copies picked", "BW-JOURNEY-3 has all its copies.")

    # The first two go to one address: they are packed together in one box.
    selling.key("F12")
    selling.see("BW-JOURNEY-1", "For you, from me.", "1 other order goes to the same address: BW-JOURNEY-2.")
    selling.key("F4")
    selling.see("BW-JOURNEY-1 and BW-JOURNEY-2")
    selling.scan(NORRELL[0])
    selling.see("is not in this order. It is promised to BW-JOURNEY-3.")
    selling.scan(ATONEMENT[0])
    selling.see("right for BW-JOURNEY-2")
    selling.scan(KITE[0])
    selling.see("2 of 2 copies checked")
    selling.key("F12")
    selling.see("Before the parcel is closed")
    for number in ("BW-JOURNEY-1", "BW-JOURNEY-2"):
        selling.press(f"{number}: I have looked, and all of this is right")
    selling.key("F12")
    selling.no_sheet()
    selling.see("BW-JOURNEY-1 and BW-JOURNEY-2 are packed together and ready to ship. Next: BW-JOURNEY-3.")
    assert slips(selling, 2) == ["BW-JOURNEY-1", "BW-JOURNEY-2"]

    # The third is packed in two parcels, and both are shipped at once.
    selling.scan(NORRELL[0])
    selling.see("1 of 2 copies checked")
    selling.key("F6")
    selling.see("Copies go into parcel 2 now.")
    selling.scan(NORRELL[0])
    selling.see("2 of 2 copies checked")
    selling.key("F12")
    selling.see("Parcel 2, weight")
    selling.press("BW-JOURNEY-3: I have looked, and all of this is right")
    selling.key("F12")
    selling.no_sheet()
    selling.see("BW-JOURNEY-3 is packed and ready to ship. All orders of this batch are packed.")
    assert slips(selling, 3)[2] == "BW-JOURNEY-3"
    selling.key("F8")
    selling.see("BW-JOURNEY-3, for Grace Journey, to Hartford.")
    selling.choose("Which parcel", "Both parcels, by one number")
    selling.choose("Carrier", "UPS")
    selling.choose("Service", "Ground")
    selling.scan("1Z9999W99999999999")
    selling.key("F12")
    selling.no_sheet()
    done = now(selling, split)
    assert [(p.carrier, p.service, p.tracking) for p in done.parcels] == [
        ("UPS", "Ground", "1Z9999W99999999999")
    ] * 2
    assert done.sent and len({p.id for p in done.parcels}) == 2

    # The box with two orders is brought up by the barcode of either slip, and gets one number.
    selling.scan("BW-JOURNEY-2")
    selling.see("BW-JOURNEY-2 and BW-JOURNEY-1")
    selling.key("F8")
    selling.see("In the same box, shipped with it: BW-JOURNEY-1.")
    selling.choose("Carrier", "USPS")
    selling.type("9400 1000", "Tracking number")
    selling.key("F12")
    selling.no_sheet()
    assert {p.tracking for o in (one, two) for p in now(selling, o).parcels} == {"9400 1000"}
    assert {sku: on_hand(selling, sku) for sku in stock} == {
        KITE[0]: stock[KITE[0]] - 1,
        ATONEMENT[0]: stock[ATONEMENT[0]] - 1,
        NORRELL[0]: stock[NORRELL[0]] - 2,
    }
    selling.see("BW-JOURNEY-2, Customer Grace Journey, Shipped")
    selling.wait(lambda: selling.can_press("Delivered"))
    selling.key("F10")
    selling.see("Mark delivered")
    selling.key("F12")
    selling.no_sheet()
    assert now(selling, two).state == "completed"
