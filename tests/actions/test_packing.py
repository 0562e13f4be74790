"""Picking, checking, packing and shipping as transactions: for the right order, wrong books refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import insert

from bookwish_desk.actions import ordering, packing, stocking
from bookwish_desk.db import items, orders, tables
from bookwish_desk.db.store import Store
from bookwish_desk.shop.boxes import Filled
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_queue import queue
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.support.orders import EMMA, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import NOON, found_shop, hire

OTHER = replace(ORLANDO, sku="9780000000019", ean=9780000000019, title="A book of nobody")


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Store, Actor]:
    return found_shop(tmp_path)


def to_pick(
    shop: tuple[Store, Actor], number: str, *lines: OrderLine, at: int = NOON, **more: object
) -> Order:
    """Return a paid order to ship that is confirmed and has what the shelf can give it."""
    more = {"kind": "ship", "placed_at": at, **more}
    return stepped(*shop, received(*shop, made(number, *lines, **more)), "confirm")


def packed(shop: tuple[Store, Actor], *wanted: Order, box: str = "BOX", grams: int = 0) -> tuple[Order, ...]:
    """Check, confirm and pack orders into one box."""
    ids = [o.id for o in wanted]
    for order in wanted:
        for row in order.lines:
            for _ in range(row.allocated):
                packing.check_scanned(*shop, [order.id], row.sku)
    packing.confirm_quality(*shop, ids, ["Cover clean"])
    contents = tuple((o.id, x.id, x.allocated) for o in wanted for x in o.lines)
    return packing.pack(*shop, [Filled(box, contents, grams)]).value


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.code


@pytest.mark.capability("BW-06", "BB-02")
def test_a_scanned_book_is_for_the_order_that_waits_longest(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 3)
    young = to_pick(shop, "B", line(copies=2), at=NOON + 5)
    old = to_pick(shop, "A", line(), at=NOON)
    ids = [young.id, old.id]
    assert packing.pick_scanned(*shop, ids, "978-0-15-670160-0").value.order.id == old.id
    assert packing.pick_scanned(*shop, ids, ORLANDO.sku).value.order.id == young.id
    moved = packing.pick(*shop, ids, ORLANDO.sku, 1).value
    assert [(m.order.number, m.copies) for m in moved] == [("B", 1)]
    with pytest.raises(Refused) as refused:
        packing.pick_scanned(*shop, ids, ORLANDO.sku)
    assert code_of(refused) == "too_many"
    assert now(shop[0], old).lines[0].picked == 1


def test_a_book_that_no_order_wants_is_refused_with_where_it_belongs(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 1)
    shelved(*shop, EMMA, 1)
    shelved(*shop, OTHER, 1)
    one, other = to_pick(shop, "A", line()), to_pick(shop, "B", line(EMMA))
    for code, said in (
        (EMMA.sku, "Emma is not on this list. It is promised to B. Put it aside."),
        (OTHER.sku, "A book of nobody is not on this list. Put it aside."),
        ("R1-000042", "R1-000042 is not the code of a book."),
        ("9780000000000001", None),
    ):
        with pytest.raises(Refused) as refused:
            packing.pick_scanned(*shop, [one.id], code)
        assert said is None or refused.value.message == said
    assert now(shop[0], one).lines[0].picked == now(shop[0], other).lines[0].picked == 0


@pytest.mark.capability("OMG-16")
def test_the_wrong_copy_of_the_right_title_is_refused(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 2)
    with shop[0].read() as conn:
        (item,) = items.by_skus(conn, [ORLANDO.sku])
    used_sku = stocking.add_copy(*shop, item, "used", "", 500, "Spine worn", 1).value
    used = to_pick(shop, "A", line(replace(ORLANDO, sku=used_sku)))
    assert used.lines[0].allocated == 1
    with pytest.raises(Refused) as refused:
        packing.pick_scanned(*shop, [used.id], ORLANDO.sku)
    assert refused.value.message == (
        f"Orlando is not on this list. The used copy of it is wanted, {used_sku}. This one is new."
    )
    assert packing.pick_scanned(*shop, [used.id], used_sku).value.order.id == used.id


def test_orders_on_hold_get_nothing(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 1)
    held = stepped(*shop, to_pick(shop, "A", line()), Step("hold", reason="Wait"))
    with pytest.raises(Refused):
        packing.pick_scanned(*shop, [held.id], ORLANDO.sku)
    with pytest.raises(Refused):
        packing.check_scanned(*shop, [held.id], ORLANDO.sku)


def test_a_wrong_tick_is_taken_back_and_the_copy_stays_promised(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 3)
    order = to_pick(shop, "A", line(copies=3))
    packing.pick(*shop, [order.id], ORLANDO.sku, 2)
    after = packing.put_back(*shop, [order.id], ORLANDO.sku).value.order
    assert (after.lines[0].picked, after.lines[0].allocated) == (1, 3)
    packing.put_back(*shop, [order.id], ORLANDO.sku)
    with pytest.raises(Refused):
        packing.put_back(*shop, [order.id], ORLANDO.sku)
    with shop[0].read() as conn:
        kinds = [event.kind for event in orders.history(conn, order.id)]
    assert kinds[-2:] == ["put_back", "put_back"]


@pytest.mark.capability("OMG-29")
def test_each_copy_is_held_against_the_order_and_one_too_many_is_refused(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 5)
    order = to_pick(shop, "A", line(copies=2))
    packing.pick(*shop, [order.id], ORLANDO.sku, 1)
    packing.check_scanned(*shop, [order.id], ORLANDO.sku)
    after = packing.check_scanned(*shop, [order.id], ORLANDO.sku).value.order
    assert (after.lines[0].picked, after.lines[0].checked) == (2, 2)
    with pytest.raises(Refused) as refused:
        packing.check_scanned(*shop, [order.id], ORLANDO.sku)
    assert refused.value.message == (
        "Orlando: every copy in this order is checked already. This one is too many."
    )


def test_a_copy_without_a_code_is_checked_by_eye_and_the_history_says_so(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 1)
    order = to_pick(shop, "A", line())
    packing.check_by_eye(*shop, order.id, order.lines[0].id)
    with shop[0].read() as conn:
        assert packing.BY_EYE in orders.history(conn, order.id)[-1].body
    with pytest.raises(Refused):
        packing.check_by_eye(*shop, order.id, order.lines[0].id)


@pytest.mark.capability("OMG-16", "OMG-31", "BB-03")
def test_nothing_is_packed_before_every_copy_was_scanned_and_its_quality_confirmed(
    shop: tuple[Store, Actor],
) -> None:
    shelved(*shop, ORLANDO, 2)
    order = to_pick(shop, "A", line(copies=2))
    row = order.lines[0].id
    packing.check_scanned(*shop, [order.id], ORLANDO.sku)
    one, two = (Filled("BOX", ((order.id, row, copies),)) for copies in (1, 2))
    with pytest.raises(Refused) as refused:
        packing.pack(*shop, [one])
    assert refused.value.message == "A: 1 copy was not scanned yet: Orlando."
    packing.confirm_quality(*shop, [order.id], ["Right edition"])
    packing.check_scanned(*shop, [order.id], ORLANDO.sku)
    with pytest.raises(Refused) as refused:
        packing.pack(*shop, [two])
    assert code_of(refused) == "quality"  # a copy came after somebody looked
    packing.confirm_quality(*shop, [order.id], ["Right edition"])
    (after,) = packing.pack(*shop, [two]).value
    assert after.parcels[0].contents == ((row, 2),)
    with shop[0].read() as conn:
        events = orders.history(conn, order.id)
    assert [e.kind for e in events][-2:] == ["checked_quality", "pack"]
    assert "Right edition" in events[-2].body


@pytest.mark.capability("BW-10", "OMG-14", "WSM-08")
def test_packed_orders_are_ready_to_ship(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 1)
    order = to_pick(shop, "A", line())
    assert queue(order, NOON) == "new"
    picked = packing.pick_scanned(*shop, [order.id], ORLANDO.sku).value.order
    assert queue(picked, NOON) == "to_pack"
    (after,) = packed(shop, picked, grams=450)
    assert queue(after, NOON) == "ready_to_ship"
    assert after.parcels[0].weight_grams == 450


@pytest.mark.capability("BB-01", "BB-04", "BW-12", "OMG-18", "OMG-20", "WSM-18")
def test_orders_in_one_box_are_shipped_at_once_with_one_tracking_number(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 2)
    shelved(*shop, EMMA, 1)
    one = to_pick(shop, "A", line(), at=NOON)
    two = to_pick(shop, "B", line(), line(EMMA), at=NOON + 1)
    packed(shop, one, two)
    with pytest.raises(Refused) as refused:
        packing.ship(*shop, [(one.id, "BOX"), (two.id, "BOX")], Step("ship"))
    assert refused.value.message == "A: Type the tracking number, or say why the parcel has none."
    assert not now(shop[0], one).parcels[0].shipped_at
    step = Step("ship", carrier="USPS", service="Media Mail", tracking="9400 1")
    shipped = packing.ship(*shop, [(one.id, "BOX"), (two.id, "BOX")], step).value
    assert [(o.number, p.tracking, p.carrier, p.service) for o in shipped for p in o.parcels] == [
        ("A", "9400 1", "USPS", "Media Mail"),
        ("B", "9400 1", "USPS", "Media Mail"),
    ]
    assert all(order.sent for order in shipped)
    arrived = packing.deliver(*shop, [(one.id, ""), (two.id, "")]).value
    assert {order.state for order in arrived} == {"completed"}


def test_an_unpaid_order_is_shipped_by_none_but_a_manager_with_a_reason(shop: tuple[Store, Actor]) -> None:
    store, _owner = shop
    shelved(*shop, ORLANDO, 1)
    held = Payment(authorised_cents=10_000, expires_at=NOON + 86_400_000)
    order = to_pick(shop, "A", line(), payment=held)
    packed(shop, order)
    step = Step("ship", tracking="1")
    with pytest.raises(Refused) as refused:
        packing.ship(*shop, [(order.id, "")], step)
    assert code_of(refused) == "unpaid"
    clerk = hire(store, "staff")
    with pytest.raises(NeedsApproval):
        packing.ship(store, clerk, [(order.id, "")], replace(step, override="Pays tomorrow"))
    after = packing.ship(*shop, [(order.id, "")], replace(step, override="Pays tomorrow")).value[0]
    assert after.overrides[0].reason == "Pays tomorrow" and after.sent


def test_packed_copies_move_between_parcels_also_the_last_of_one(shop: tuple[Store, Actor]) -> None:
    shelved(*shop, ORLANDO, 2)
    order = to_pick(shop, "A", line(copies=2))
    row = order.lines[0].id
    packed(shop, order)
    after = packing.move_copy(*shop, order.id, row, "TWO").value
    assert {p.id: dict(p.contents) for p in after.parcels} == {"BOX": {row: 1}, "TWO": {row: 1}}
    after = packing.move_copy(*shop, order.id, row, "TWO").value
    assert {p.id: dict(p.contents) for p in after.parcels} == {"TWO": {row: 2}}
    with pytest.raises(Refused):
        packing.move_copy(*shop, order.id, row, "TWO")
    packing.unpack(*shop, [order.id])
    assert now(shop[0], order).parcels == ()
    ordering.take(*shop, order.id, Step("pack"))


def approved(shop: tuple[Store, Actor], clerk: Actor, asked: NeedsApproval) -> Actor:
    """Return the clerk with the owner's approval of just what was asked."""
    store, owner = shop
    with store.write() as tx:
        tx.conn.execute(
            insert(tables.approvals),
            {
                "id": "approved",
                "by_staff": owner.staff,
                "for_staff": clerk.staff,
                "permission": asked.facts["permission"],
                "ref": asked.facts["ref"],
                "given_at": tx.at,
            },
        )
    return replace(clerk, approval="approved")


def test_two_unpaid_orders_in_one_box_go_out_by_one_approval(shop: tuple[Store, Actor]) -> None:
    store, _owner = shop
    shelved(*shop, ORLANDO, 3)
    held = Payment(authorised_cents=10_000, expires_at=NOON + 86_400_000)
    one, two = (to_pick(shop, n, line(), at=NOON + i, payment=held) for i, n in enumerate("AB"))
    paid = to_pick(shop, "C", line(), at=NOON + 2)
    packed(shop, one, two, paid)
    wanted = [(x.id, "BOX") for x in (one, two, paid)]
    step = Step("ship", tracking="1", override="Pays tomorrow")
    clerk = hire(store, "staff")
    with pytest.raises(NeedsApproval) as asked:
        packing.ship(store, clerk, wanted, step)
    assert not now(store, one).parcels[0].shipped_at
    after = packing.ship(store, approved(shop, clerk, asked.value), wanted, step).value
    assert [(o.number, len(o.overrides), o.sent) for o in after] == [
        ("A", 1, True),
        ("B", 1, True),
        ("C", 0, True),
    ]


def test_an_unpaid_order_in_two_boxes_goes_out_by_one_approval(shop: tuple[Store, Actor]) -> None:
    store, _owner = shop
    shelved(*shop, ORLANDO, 2)
    held = Payment(authorised_cents=10_000, expires_at=NOON + 86_400_000)
    order = to_pick(shop, "A", line(copies=2), payment=held)
    packed(shop, order)
    packing.move_copy(*shop, order.id, order.lines[0].id, "TWO")
    wanted = [(order.id, "BOX"), (order.id, "TWO")]
    step = Step("ship", tracking="1", override="Pays tomorrow")
    clerk = hire(store, "staff")
    with pytest.raises(NeedsApproval) as asked:
        packing.ship(store, clerk, wanted, step)
    packing.ship(store, approved(shop, clerk, asked.value), wanted, step)
    assert now(store, order).sent


def test_a_copy_that_waits_for_its_customer_is_not_put_back_from_the_pick_list(
    shop: tuple[Store, Actor],
) -> None:
    shelved(*shop, ORLANDO, 3)
    waiting = to_pick(shop, "A", line(copies=2), kind="pickup")
    stepped(*shop, waiting, "pick", "ready")
    with pytest.raises(Refused) as refused:
        packing.put_back(*shop, [waiting.id], ORLANDO.sku)
    assert refused.value.message == "A is ready for pickup. Take it back from the hold shelf first."
    young = stepped(*shop, to_pick(shop, "B", line(), at=NOON - 5), "pick")
    assert packing.put_back(*shop, [waiting.id, young.id], ORLANDO.sku).value.order.number == "B"
