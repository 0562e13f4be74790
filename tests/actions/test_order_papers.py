"""Papers of orders: what their slips say, without prices for gifts; what is posted and noted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import order_papers, outgoing, reprinting
from bookwish_desk.actions.order_papers import slips_of
from bookwish_desk.db import orders, outbox
from bookwish_desk.db.store import Store
from bookwish_desk.paper.packing_slip import packing_slips
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from bookwish_desk.shop.order import Order, Owner, Parcel
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.staff import Actor
from tests.support.orders import EMMA, ORLANDO, line, made, received, shelved, stepped
from tests.support.papers import codes_on, pictures_of, words_of
from tests.support.shops import NOON, document_printer, found_shop, label_printer, printer, shelve

SETTINGS = Settings(
    shop_name="Test Books", slip_insert="Reading on Friday at seven.\n10 % off with this slip."
)
GIFT: dict[str, Any] = {"gift": True, "gift_message": "Happy birthday!\nFrom Charles", "kind": "ship"}


def sent(number: str = "BW-20260921-AB12", **more: object) -> Order:
    """Return an order to ship of two titles."""
    return made(number, line(), line(EMMA, 2), shipping_cents=413, **{"kind": "ship", **more})


@pytest.mark.capability("OMG-15", "OMG-17", "OMG-29")
def test_a_packing_slip_has_the_copies_the_shops_own_word_and_thanks() -> None:
    (slip,) = slips_of(sent(), SETTINGS, {ORLANDO.sku: ORLANDO})
    assert [(x.quantity, x.title, x.author, x.code, x.price) for x in slip.lines] == [
        (1, "Orlando", "Virginia Woolf", "9780156701600", "$16.99"),
        (2, "Emma", "Jane Austen", "9780141439587", "$21.00"),
    ]
    assert slip.to == "Ada Example\n12 Elm Street\nSpringfield CT 06001"
    assert slip.thanks == "Thank you for your order."
    assert slip.insert == "Reading on Friday at seven.\n10 % off with this slip."
    assert [(s.label, s.figure) for s in slip.sums] == [
        ("Subtotal", "$37.99"),
        ("Shipping", "$4.13"),
        ("Total", "$42.12"),
    ]
    pdf = packing_slips([slip], "letter")
    assert "10 % off with this slip." in words_of(pdf)[0]
    assert (slip.order, "Code128") in [(t, k.replace("BarcodeFormat.", "")) for t, k in _codes(pdf)]


def _codes(pdf: bytes) -> list[tuple[str, str]]:
    return [(text, kind.replace(" ", "")) for text, kind in codes_on(pictures_of(pdf, 300)[0])]


def test_the_slip_of_a_gift_has_its_message_and_no_price() -> None:
    (slip,) = slips_of(sent(**GIFT), SETTINGS, {})
    words = words_of(packing_slips([slip], "letter"))[0]
    assert "Happy birthday!" in words and "Packed with care by Test Books." in words
    for printed in (words, words_of(packing_slips([slip], "4x6"))[0]):
        assert "Orlando" in printed and "$" not in printed and "Thank you for your order" not in printed


def test_each_parcel_has_a_slip_of_its_own_without_sums() -> None:
    order = sent(state="processing")
    one, two = order.lines
    parcels = (Parcel("1", ((one.id, 1),)), Parcel("2", ((two.id, 2),)))
    slips = slips_of(replace(order, parcels=parcels), SETTINGS, {})
    assert [(s.parcel, s.parcels, [x.title for x in s.lines], s.sums) for s in slips] == [
        (1, 2, ["Orlando"], ()),
        (2, 2, ["Emma"], ()),
    ]


def test_copies_that_come_later_are_named() -> None:
    order = sent(state="processing")
    one, two = order.lines
    lines = (replace(one, allocated=1), replace(two, allocated=1, backordered=1, expected_on="2026-11-30"))
    (slip,) = slips_of(replace(order, lines=lines), SETTINGS, {})
    assert [(x.quantity, x.note) for x in slip.lines] == [(1, ""), (1, "1 more copy follows, 2026-11-30")]


def test_a_parcel_that_is_on_its_way_has_no_slip_while_others_are_here() -> None:
    order = sent(state="processing")
    one, two = order.lines
    away = Parcel("1", ((one.id, 1),), shipped_at=1)
    first = replace(one, allocated=1, picked=1, checked=1, packed=1, shipped=1)
    waiting = replace(two, allocated=2, picked=2, checked=2)
    order = replace(order, lines=(first, waiting), parcels=(away,))
    (slip,) = slips_of(order, SETTINGS, {})
    assert (slip.parcel, slip.parcels, [(x.title, x.quantity) for x in slip.lines]) == (2, 2, [("Emma", 2)])
    packed = replace(
        order,
        lines=(first, replace(waiting, packed=2)),
        parcels=(away, Parcel("2", ((two.id, 2),))),
    )
    (slip,) = slips_of(packed, SETTINGS, {})
    assert (slip.parcel, slip.parcels, [x.title for x in slip.lines]) == (2, 2, ["Emma"])
    gone = replace(packed, parcels=tuple(replace(p, shipped_at=1) for p in packed.parcels))
    gone = replace(gone, lines=(first, replace(waiting, packed=2, shipped=2)))
    assert [x.parcel for x in slips_of(gone, SETTINGS, {})] == [1, 2]


def test_copies_that_the_shop_has_not_got_yet_are_named_as_well() -> None:
    order = sent(state="processing")
    one, two = order.lines
    (slip,) = slips_of(replace(order, lines=(one, replace(two, allocated=1))), SETTINGS, {})
    assert [(x.title, x.quantity, x.note) for x in slip.lines][-1] == ("Emma", 1, "1 more copy follows")


def test_an_order_that_is_gone_or_of_which_nothing_is_here_has_a_slip_of_all_of_it() -> None:
    (row,) = made().lines
    gone = replace(row, allocated=1, picked=1, checked=1, handed_over=1)
    (slip,) = slips_of(replace(made(state="completed"), lines=(gone,)), SETTINGS, {})
    assert slip.copies == 1
    missing = replace(made(state="processing"), lines=(replace(row, short=1),))
    (slip,) = slips_of(missing, SETTINGS, {})
    assert [(x.quantity, x.note) for x in slip.lines] == [(1, "")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "cancelled"}, "nothing"),
        ({"owner": Owner("wholesaler", "pending", 1)}, "owner"),
        ({"address": None}, "address"),
    ],
)
def test_an_order_without_a_slip_says_why(changes: dict, code: str) -> None:
    with pytest.raises(Refused) as refused:
        slips_of(replace(sent(), **changes), SETTINGS, {})
    assert refused.value.code == code


def test_a_pickup_has_the_customers_name_on_its_slip() -> None:
    (slip,) = slips_of(made(), SETTINGS, {})
    assert slip.pickup and slip.to == "Ada Example"


# ---- in the books ----


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Store, Actor]:
    devices = (printer(), document_printer(), label_printer(width_mm=101.6, height_mm=152.4))
    return found_shop(tmp_path, Settings(shop_name="Test Books", devices=devices))


def jobs(store: Store) -> list[outbox.Job]:
    with store.read() as conn:
        return list(outbox.unfinished(conn, 1))


@pytest.mark.capability("BW-27")
def test_one_order_without_a_slip_keeps_no_other(shop: tuple[Store, Actor]) -> None:
    store, actor = shop
    found = [received(store, actor, sent(f"N{n}")) for n in range(3)]
    stepped(store, actor, found[1], "confirm")
    stepped(store, actor, found[1], Step("cancel", reason="Not wanted"))
    made_of = order_papers.slips_for(store, [*(o.id for o in found), "gone"])
    assert [(number, len(slips), why) for number, slips, why in made_of] == [
        ("N0", 1, ""),
        ("N1", 0, "There is nothing to pack: the order is cancelled."),
        ("N2", 1, ""),
        ("gone", 0, "This order is not in the books."),
    ]


def test_pages_and_labels_go_to_their_printers_and_are_noted(shop: tuple[Store, Actor]) -> None:
    store, actor = shop
    one, two = (received(store, actor, sent(n)) for n in ("A", "B"))
    order_papers.print_pages(store, actor, b"%PDF", "Packing slips", [one.id, two.id], "packing_slip")
    order_papers.print_labels(store, actor, [(one.id, "A", b"%PDF")])
    page, label = jobs(store)
    assert outgoing.printed_of(page) == Pages(b"%PDF", "Packing slips")
    printed = outgoing.printed_of(label)
    assert isinstance(printed, LabelJob) and isinstance(printed.label, ShippingLabel)
    assert (label.kind, label.ref) == ("packing_slip", "A")
    assert "Packing slip A" in reprinting.job_words(label, store.settings.devices)
    with store.read() as conn:
        assert [e.kind for e in orders.history(conn, one.id)].count("printed") == 2
        assert [e.kind for e in orders.history(conn, two.id)].count("printed") == 1


def test_without_a_printer_the_sentence_says_so(tmp_path: Path) -> None:
    store, actor = found_shop(tmp_path)
    order = received(store, actor, sent())
    for act in (
        lambda: order_papers.print_pages(store, actor, b"%PDF", "x", [order.id], "packing_slip"),
        lambda: order_papers.print_labels(store, actor, [(order.id, "A", b"%PDF")]),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert "Devices screen" in refused.value.message
    with store.read() as conn:
        assert "printed" not in [e.kind for e in orders.history(conn, order.id)]


@pytest.mark.capability("BB-02")
def test_a_pick_list_is_sorted_by_shelf_and_also_fits_a_receipt_printer(shop: tuple[Store, Actor]) -> None:
    store, actor = shop
    for item, shelf in ((ORLANDO, "Fiction W"), (EMMA, "Fiction A")):
        shelved(store, actor, item, 3)
        shelve(store, actor, item, shelf)
    ids = [stepped(store, actor, received(store, actor, sent(n)), "confirm").id for n in ("A", "B")]
    with pytest.raises(Refused):
        order_papers.pick_list_for(store, ["none"], "Olive", NOON)
    picks = order_papers.pick_list_for(store, ids, "Olive", NOON).picks
    assert [(p.shelf, p.title, p.orders) for p in picks.picks] == [
        ("Fiction A", "Emma", (("A", 2), ("B", 1))),
        ("Fiction W", "Orlando", (("A", 1), ("B", 1))),
    ]
    order_papers.print_pick_slip(store, actor, picks, ids)
    (job,) = jobs(store)
    assert "Fiction A" in job.payload.decode() and "for A x 2, B" in job.payload.decode()
    order_papers.note_saved(store, actor, ids, "pick_list")
