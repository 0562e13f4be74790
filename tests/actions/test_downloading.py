"""Orders of the online store in the books: as they come in, move on, change and contradict ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import deciding, downloading, order_editing, ordering, placing, stocking
from bookwish_desk.db import items, online, order_checks, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.conflict import Choice
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.new_order import NewLine, NewOrder
from bookwish_desk.shop.online import Abilities, OnlineItem, OnlineOrder
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.orders import words
from tests.support import letters
from tests.support.far import (
    ELM,
    HERE,
    OAK,
    STORE_ID,
    by_number,
    far,
    far_line,
    heard,
    kinds,
    open_conflicts,
    open_shop,
)
from tests.support.orders import EMMA, HOME, ORLANDO, shelved, stepped
from tests.support.shops import NOON, hire, put_titles

IC = Abilities("indiecommerce", "indiecommerce")
LATER = "2026-09-21T16:00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = open_shop(tmp_path)
    put_titles(store, [(ORLANDO.ean or 0, "Orlando", "Virginia Woolf", 1699)])
    yield store, owner
    sound(store)
    store.close()


def sound(store: Store) -> None:
    with store.read() as conn:
        assert order_checks.everything(conn) == []


def on_hand(store: Store, item: Item = ORLANDO) -> int:
    with store.read() as conn:
        return items.by_skus(conn, [item.sku])[0].on_hand


def moved(there: OnlineOrder, status: str = "", **more: Any) -> OnlineOrder:
    return replace(there, **{"status": status or there.status, "updated": LATER, **more})


def resolve(store: Store, actor: Actor, choice: Choice, reason: str = "", which: int = 0) -> None:
    deciding.resolve(store, actor, open_conflicts(store)[which].id, choice, reason)


# ---- new orders ----


@pytest.mark.capability("BW-01", "BW-02", "BW-04", "IC-27", "OMG-08")
def test_a_paid_order_is_in_the_queue_with_our_copies_and_staff_and_customer_hear_of_it(
    tmp_path: Path,
) -> None:
    store, owner = open_shop(tmp_path, mail=True)
    shelved(store, owner, copies=2)
    there = far()
    assert heard(store, there).new == 1
    order = by_number(store, "BW-1")
    assert (order.source, order.kind, order.state, queue(order, NOON)) == (
        "bookwish", "pickup", "confirmed", "new",
    )  # fmt: skip
    assert (order.payment.captured_cents, order.worth_cents) == (there.total_cents, there.total_cents)
    assert order.lines[0].allocated == 1
    assert letters.kinds(store) == ["received", "new_order", "fillable"]
    assert [k for k in kinds(store, "BW-1") if k != "notice"] == ["placed", "allocate", "confirm"]
    sound(store)
    store.close()


@pytest.mark.capability("BW-05")
def test_an_order_to_be_shipped_comes_with_its_address_gift_and_wishes(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    heard(store, far(kind="ship", gift=True, gift_message="For you\nAda", instructions="Ring twice"))
    order = by_number(store, "BW-1")
    assert (order.kind, order.address, order.shipping_cents) == ("ship", ELM, 499)
    assert (order.gift, order.gift_message, order.instructions) == (True, "For you\nAda", "Ring twice")
    assert order.customer == Customer("", "Ada Example", email="ada@example.com")
    done = stepped(
        store, owner, order, "start", "pick", "check", "pack", Step("ship", tracking="9400"), "deliver"
    )
    assert done.state == "completed"
    assert on_hand(store) == 0


@pytest.mark.capability("BW-03", "BW-02")
def test_a_special_order_waits_for_the_wholesaler_and_takes_a_copy_once_it_is_here(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    heard(store, far(status="processing", special=True))
    order = by_number(store, "BW-1")
    assert order.special
    assert words.kind(order) == "Pickup, special order"
    assert (order.state, order.lines[0].backordered, order.owner.name) == ("processing", 1, "store")
    assert queue(order, NOON) == "waiting"
    shelved(store, owner)
    here = by_number(store, "BW-1")
    assert (here.lines[0].allocated, queue(here, NOON)) == (1, "to_pick")


def test_the_last_copy_sold_twice_is_missing_of_the_order_and_no_conflict(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    heard(store, far("BW-1"), far("BW-2"))
    first, second = by_number(store, "BW-1"), by_number(store, "BW-2")
    assert (first.lines[0].allocated, second.lines[0].short) == (1, 1)
    assert queue(second, NOON) == "problems"
    assert [t.kind for t in tasks(second, NOON)] == ["missing"]
    assert open_conflicts(store) == []
    stocking.adjust(store, owner, ORLANDO, -1, "sold at the counter")
    assert by_number(store, "BW-1").lines[0].short == 1
    assert open_conflicts(store) == []


def test_a_line_is_the_book_that_the_stores_stock_its_isbn_or_its_condition_says(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    put_titles(store, [(EMMA.ean or 0, "Emma", "Jane Austen", 1050)])
    shelved(store, owner)
    worn = stocking.add_copy(store, owner, ORLANDO, "used", "", 600, "Good, spine worn", 1).value
    fine = stocking.add_copy(store, owner, ORLANDO, "used", "", 900, "Like new", 1).value
    with store.write() as tx:
        online.keep_items(tx, [(OnlineItem("inv-9", 1), fine)])
    heard(
        store,
        far(
            "BW-1", "confirmed",
            far_line(id="1", isbn="0-15-670160-X"),
            far_line(EMMA, id="2", condition=""),
            far_line(id="3", condition="good", inventory_id="inv-3"),
            far_line(id="4", condition="fair", inventory_id="inv-9"),
        ),
    )  # fmt: skip
    assert [x.sku for x in by_number(store, "BW-1").lines] == [ORLANDO.sku, EMMA.sku, worn, fine]
    assert open_conflicts(store) == []


def test_a_line_that_no_book_here_fits_is_kept_as_the_store_says_it_and_shown(
    shop: tuple[Store, Actor],
) -> None:
    store, _ = shop
    odd = (
        far_line(id="1", isbn="", title="A map of <b>nowhere</b>", inventory_id="x"),
        far_line(id="2", condition="fair", inventory_id="y"),
        far_line(EMMA, id="3", inventory_id="z"),
    )
    heard(store, far("BW-1", "confirmed", *odd))
    order = by_number(store, "BW-1")
    assert [(x.sku, x.title) for x in order.lines] == [
        ("OPEN-BOOK", "A map of <b>nowhere</b>"), ("OPEN-BOOK", "Orlando"), (EMMA.sku, "Emma"),
    ]  # fmt: skip
    assert "fair" in order.lines[1].detail
    found = open_conflicts(store, "unmapped")
    assert [c.order_id for c in found] == [order.id] * 3
    assert "no book here is A map of" in found[0].sentence


def test_an_order_that_staff_typed_in_is_the_same_order(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    line = NewLine(sku=ORLANDO.sku, title="Orlando", ean=ORLANDO.ean, price_cents=1_699)
    typed = placing.enter(
        store, owner,
        NewOrder(lines=(line,), source="bookwish", number="bw-1", kind="ship", address=HOME),
    ).value  # fmt: skip
    there = far("BW-1", kind="ship", address=OAK, instructions="Ring twice")
    assert heard(store, there) == downloading.Applied(changed=1)
    order = by_number(store, "BW-1")
    assert (order.id, order.state, order.payment.kind) == (typed.id, "confirmed", "captured")
    assert (order.instructions, order.customer.email if order.customer else "") == (
        "Ring twice", "ada@example.com",
    )  # fmt: skip
    address = next(c for c in open_conflicts(store, "edit") if c.field == "address")
    assert "12 Elm Street" in address.ours
    assert "9 Oak Street" in address.theirs
    assert address.ours_by == owner.staff
    assert heard(store, there).same == 1


def test_orders_done_with_before_are_history_without_stock_or_notices(tmp_path: Path) -> None:
    store, owner = open_shop(tmp_path, mail=True)
    shelved(store, owner, copies=3)
    old = {"updated": "2024-01-01T10:00:00Z", "created_at": NOON - 10**10}
    assert heard(
        store,
        far("BW-1", "delivered", **old),
        far("BW-2", "delivered", kind="ship", **old),
        far("BW-3", "cancelled", payment="refunded", **old),
        far("BW-4", "shipped", kind="ship", tracking="9400", **old),
    ) == downloading.Applied(history=4)
    found = [by_number(store, f"BW-{n}") for n in (1, 2, 3, 4)]
    assert [o.state for o in found] == ["completed", "completed", "cancelled", "processing"]
    assert [tasks(o, NOON) for o in found] == [()] * 4
    assert (on_hand(store), letters.kinds(store)) == (3, [])
    heard(store, moved(far("BW-4", "delivered", kind="ship", tracking="9400"), created_at=NOON - 10**10))
    assert by_number(store, "BW-4").state == "completed"
    assert on_hand(store) == 3
    sound(store)
    store.close()


def test_orders_placed_before_that_are_still_open_come_in_to_be_worked_on_and_tell_nobody(
    tmp_path: Path,
) -> None:
    store, owner = open_shop(tmp_path, mail=True)
    shelved(store, owner, copies=3)
    heard(store, far("BW-1", created_at=NOON - 10**9), far("BW-2", created_at=NOON))
    assert [by_number(store, n).lines[0].allocated for n in ("BW-1", "BW-2")] == [1, 1]
    assert queue(by_number(store, "BW-1"), NOON) == "new"
    assert letters.kinds(store) == ["received", "new_order", "fillable"]
    sound(store)
    store.close()


def typed_in(store: Store, owner: Actor, number: str, source: str = "bookwish", copies: int = 1) -> Order:
    line = NewLine(sku=ORLANDO.sku, title="Orlando", ean=ORLANDO.ean, price_cents=1_699, quantity=copies)
    new = NewOrder(lines=(line,), source=source, number=number, paid="captured")
    return placing.enter(store, owner, new).value


@pytest.mark.parametrize("number", [" bw-1 ", "BW -1", "#BW-1", "bw- 1"])
def test_the_number_may_have_been_typed_in_with_blanks_and_in_small_letters(
    shop: tuple[Store, Actor], number: str
) -> None:
    store, owner = shop
    typed_in(store, owner, number)
    assert heard(store, far("BW-1")).changed == 1
    with store.read() as conn:
        assert len(orders.search(conn, "").orders) == 1


def test_an_order_typed_in_and_handed_over_before_the_store_was_heard_of_is_asked_nothing(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    order = typed_in(store, owner, "BW-1")
    stepped(store, owner, order, "start", "pick", "ready", "check", "hand_over")
    heard(store, far("BW-1", tax_cents=order.tax_cents))
    assert by_number(store, "BW-1").state == "completed"
    assert open_conflicts(store) == []
    with store.read() as conn:
        sent = conn.exec_driver_sql("SELECT kind FROM outbox WHERE channel = 'net'").scalars().all()
    assert "status" in sent, "the store hears that it was collected"


def test_an_order_of_the_same_number_from_another_source_is_another_and_staff_are_told(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    typed_in(store, owner, "BW-1", source="email")
    assert heard(store, far("BW-1")).new == 1
    with store.read() as conn:
        (found,) = [o for o in orders.by_number(conn, "BW-1") if o.source == "bookwish"]
    assert found.memo == "BW-1 is in the books from E-mail, too."


def test_copies_taken_out_of_an_order_there_after_they_were_picked_are_put_back(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    heard(store, far("BW-1", "confirmed", far_line(ORLANDO, 3)))
    stepped(store, owner, by_number(store, "BW-1"), "start", "pick")
    heard(store, fewer := far("BW-1", "processing", far_line(ORLANDO, 1), updated=LATER))
    (conflict,) = open_conflicts(store)
    said = "BW-1: the store has fewer copies in the order. Put 2 copies back on the shelf."
    assert conflict.sentence == said
    with store.read() as conn:
        assert orders.promised_copies(conn, ORLANDO.sku) == 1
    assert heard(store, fewer).same == 1
    resolve(store, owner, "noted")
    assert open_conflicts(store) == []


def test_what_the_store_changes_of_an_order_that_is_cancelled_here_is_no_further_difference(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    heard(store, there := far(kind="ship"))
    ordering.take(store, owner, by_number(store, "BW-1").id, Step("cancel", reason="sold out"))
    assert [c.kind for c in open_conflicts(store)] == ["cancel_there"]
    heard(store, moved(there, "processing", address=OAK, lines=(far_line(copies=3),), instructions="Ring"))
    assert [c.kind for c in open_conflicts(store)] == ["cancel_there"]


def test_what_changed_there_once_the_order_was_done_with_can_only_be_left(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    there, _ = handed_over(store, owner)
    heard(store, moved(there, instructions="Ring twice"))
    (conflict,) = open_conflicts(store)
    assert conflict.sentence == "BW-1: the store has other wishes of the customer."
    assert conflict.rule == "The order has left the shop as it stands here."
    assert conflict.choices == ("noted",)
    assert not conflict.deadline_at
    resolve(store, owner, "noted")


def test_an_address_differs_while_the_order_is_packed_and_sent_and_only_what_can_be_done_is_offered(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    heard(store, there := far("BW-1", "confirmed", kind="ship"))
    order_editing.set_address(store, owner, by_number(store, "BW-1").id, replace(ELM, line1="1 Ours Road"))
    heard(store, moved(there, address=OAK))
    (asked,) = open_conflicts(store)
    assert asked.choices == ("theirs", "ours")
    order = stepped(store, owner, by_number(store, "BW-1"), "start", "pick", "check", "pack")
    (packed,) = open_conflicts(store)
    assert packed.rule == "Ours stays for now. A parcel is packed for this order. Unpack it first."
    assert (packed.choices, packed.theirs_at) == (("ours",), asked.theirs_at)
    order = stepped(store, owner, order, "unpack")
    assert open_conflicts(store) == [asked], "unpacked, it is as it was"
    order = stepped(store, owner, order, "pack", Step("ship", tracking="1Z999"))
    (sent,) = open_conflicts(store)
    assert sent.rule == "A parcel went to the address that stands here."
    assert (sent.choices, sent.deadline_at) == (("noted",), 0)
    with pytest.raises(Refused):
        resolve(store, owner, "theirs")
    resolve(store, owner, "noted")
    assert open_conflicts(store) == []


def test_what_was_changed_on_both_sides_is_no_question_any_more_once_the_order_is_cancelled(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    heard(store, there := far(kind="ship"))
    order = by_number(store, "BW-1")
    order_editing.set_address(store, owner, order.id, replace(ELM, line1="1 Ours Road"))
    heard(store, moved(there, address=OAK))
    ordering.take(store, owner, order.id, Step("cancel", reason="sold out"))
    assert [c.kind for c in open_conflicts(store)] == ["cancel_there"]


DAY = 86_400_000


@pytest.mark.capability("OMG-08", "IC-27")
def test_after_weeks_without_a_network_no_letters_go_out_about_what_is_old(tmp_path: Path) -> None:
    """Nor with a first import, not even where the store does not say when an order was placed."""
    store, owner = open_shop(tmp_path, mail=True, online=replace(HERE, since=NOON - 20 * DAY))
    shelved(store, owner, copies=9)
    two_weeks: dict[str, Any] = {"created_at": NOON - 14 * DAY, "updated": "2026-09-07T15:00:00Z"}
    heard(store, far("BW-1", **two_weeks), far("BW-2", created_at=0, updated="2025-09-07T15:00:00Z"))
    assert [queue(by_number(store, n), NOON) for n in ("BW-1", "BW-2")] == ["new", "new"]
    assert letters.kinds(store) == []
    heard(store, far("BW-1", "processing", **two_weeks | {"updated": "2026-09-08T15:00:00Z"}))
    assert letters.kinds(store) == [], "nor about what became of it that long ago"
    heard(store, far("BW-3", created_at=NOON - 3 * DAY))
    assert letters.kinds(store) == ["received", "new_order", "fillable"], "the shop was closed for days"
    sound(store)
    store.close()


def test_an_order_first_heard_of_after_it_was_delivered_takes_its_copies_or_is_for_a_person(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    heard(store, far("BW-1", "delivered"), far("BW-2", "delivered"))
    assert (by_number(store, "BW-1").state, on_hand(store)) == ("completed", 0)
    (conflict,) = open_conflicts(store)
    assert (conflict.kind, conflict.order_id) == ("status", by_number(store, "BW-2").id)
    assert "Receive or count it first" in conflict.sentence
    shelved(store, owner)
    heard(store, far("BW-2", "delivered"))
    assert (by_number(store, "BW-2").state, on_hand(store)) == ("completed", 0)
    assert open_conflicts(store) == []


def test_only_this_stores_orders_come_in_and_of_shared_ones_our_lines(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    theirs = far_line(EMMA, store_id="st-other")
    done = heard(
        store,
        far("BW-1", "confirmed", theirs, store_id="st-other"),
        far("BW-2", direct=True),
        far("BW-3", "confirmed", far_line(), theirs, store_id="", total_cents=None, tax_cents=0),
    )
    assert (done.new, done.left_out) == (1, 2)
    order = by_number(store, "BW-3")
    assert [x.title for x in order.lines] == ["Orlando"]
    assert order.memo == "1 line of this order is another store's."
    assert order.worth_cents == 1_699


# ---- orders that are here ----


@pytest.mark.capability("IC-26")
def test_what_the_store_says_moves_the_order_on_and_is_not_said_back(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    there = far()
    heard(store, there)
    assert heard(store, moved(there, "ready_for_pickup")).changed == 1
    order = by_number(store, "BW-1")
    assert order.ready_at
    assert heard(store, moved(there, "ready_for_pickup")).same == 1
    assert heard(store, there).same == 1, "old news"
    assert by_number(store, "BW-1") == order
    with store.read() as conn:
        sent = conn.exec_driver_sql("SELECT count(*) FROM outbox WHERE channel = 'net' AND kind = 'status'")
        assert sent.scalar() == 0


@pytest.mark.capability("IC-14", "IC-24", "IC-27")
def test_a_payment_elsewhere_is_captured_and_a_bounced_order_is_told_to_staff(tmp_path: Path) -> None:
    store, owner = open_shop(tmp_path, source="indiecommerce", mail=True)
    shelved(store, owner)
    there = far("W-7", "PayPal Pending", kind="ship", payment="")
    heard(store, there, abilities=IC)
    order = by_number(store, "W-7")
    assert (order.source, order.payment.kind, order.lines[0].allocated) == (
        "indiecommerce", "pending_outside", 0,
    )  # fmt: skip
    heard(store, paid := moved(there, "Payment Received"), abilities=IC)
    order = by_number(store, "W-7")
    assert (order.payment.kind, order.lines[0].allocated) == ("captured", 1)
    ordering.take(store, owner, order.id, Step("send_to_wholesaler"))
    heard(store, pending := moved(paid, "Pending Warehouse"), abilities=IC)
    told = letters.kinds(store).count("new_order")
    heard(store, moved(pending, "Pending"), abilities=IC)
    order = by_number(store, "W-7")
    assert (order.state, order.owner.name) == ("pending", "store")
    assert letters.kinds(store).count("new_order") == told + 1
    sound(store)
    store.close()


@pytest.mark.parametrize(
    ("kind", "status"),
    [("pickup", "ready_for_pickup"), ("pickup", "delivered"), ("ship", "shipped"), ("ship", "delivered")],
)
def test_an_order_heard_of_as_unpaid_and_then_far_ahead_gets_there_at_once(
    shop: tuple[Store, Actor], kind: str, status: str
) -> None:
    """Copies are promised to it once it is paid, which is a step on that way."""
    store, owner = shop
    shelved(store, owner)
    heard(store, there := far("BW-1", "pending", kind=kind, payment="pending"))
    heard(store, moved(there, status, payment="paid"))
    assert open_conflicts(store) == []
    order = by_number(store, "BW-1")
    assert bool(order.ready_at) if status == "ready_for_pickup" else on_hand(store) == 0


def test_a_person_may_follow_such_an_order_as_well(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    heard(store, there := far("BW-1", "pending", payment="pending"))
    order = ordering.take(store, owner, by_number(store, "BW-1").id, Step("hold", reason="x")).value
    heard(store, moved(there, "delivered", payment=""))
    ordering.take(store, owner, order.id, Step("release_hold"))
    resolve(store, owner, "theirs")
    assert (by_number(store, "BW-1").state, on_hand(store)) == ("completed", 0)


def test_what_the_store_says_of_an_order_cancelled_here_is_asked_once_more_and_as_one_thing(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    heard(store, there := far())
    ordering.take(store, owner, by_number(store, "BW-1").id, Step("cancel", reason="sold out"))
    resolve(store, owner, "done_there")
    heard(store, there := moved(there, "processing"))
    assert [c.kind for c in open_conflicts(store)] == ["cancel_there"]
    assert heard(store, there).same == 1


@pytest.mark.capability("BW+11")
def test_a_cancellation_there_frees_the_copies_and_the_refund_ends_when_the_store_says_so(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    there = far()
    heard(store, there)
    stepped(store, owner, by_number(store, "BW-1"), "start", "pick", "ready")
    heard(store, far("BW-2"))
    assert by_number(store, "BW-2").lines[0].short == 1
    heard(store, gone := moved(there, "cancelled"))
    order = by_number(store, "BW-1")
    assert (order.state, [t.kind for t in tasks(order, NOON)]) == ("cancelled", ["refund"])
    assert by_number(store, "BW-2").lines[0].allocated == 1, "the copy goes to who waits for it"
    (put_back,) = open_conflicts(store)
    assert "Put 1 copy back" in put_back.sentence
    resolve(store, owner, "noted")
    heard(store, moved(gone, payment="refunded"))
    order = by_number(store, "BW-1")
    assert (order.payment.kind, tasks(order, NOON)) == ("refunded", ())
    assert open_conflicts(store) == []


@pytest.mark.capability("BW+11", "IC-27")
@pytest.mark.parametrize("left", [False, True])
def test_a_customer_hears_of_a_cancellation_and_its_refund_once(tmp_path: Path, left: bool) -> None:
    """The store tells them of both; of money for books that were with them already it says nothing."""
    store, owner = open_shop(tmp_path, mail=True)
    shelved(store, owner)
    heard(store, there := far())
    if left:
        stepped(store, owner, by_number(store, "BW-1"), "start", "pick", "ready", "check", "hand_over")
    before = letters.kinds(store)
    heard(store, gone := moved(there, "cancelled"))
    heard(store, moved(gone, payment="refunded"))
    assert by_number(store, "BW-1").payment.kind == "refunded"
    assert letters.kinds(store) == [*before, *(["refunded"] if left else [])]
    sound(store)
    store.close()


def handed_over(store: Store, owner: Actor) -> tuple[OnlineOrder, Order]:
    shelved(store, owner)
    heard(store, there := far())
    order = by_number(store, "BW-1")
    return there, stepped(store, owner, order, "start", "pick", "ready", "check", "hand_over")


@pytest.mark.capability("BW+11")
def test_what_was_handed_over_goes_before_a_cancellation_and_the_books_are_expected_back(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    there, order = handed_over(store, owner)
    heard(store, gone := moved(there, "cancelled"))
    assert by_number(store, "BW-1") == order
    (conflict,) = open_conflicts(store)
    assert (conflict.kind, conflict.ours_by) == ("gone", owner.staff)
    resolve(store, owner, "take_back")
    order = by_number(store, "BW-1")
    assert [t.kind for t in tasks(order, NOON)] == ["refund"]
    assert order.memo == "Cancelled in the store: expect the books back."
    back = ordering.take(store, owner, order.id, Step("take_back", reason="brought back")).value
    assert on_hand(store) == 0, "what comes back is looked at before it is stock"
    heard(store, moved(gone, payment="refunded"))
    assert tasks(by_number(store, "BW-1"), NOON) == ()
    assert back.lines[0].returned == 1
    assert heard(store, moved(gone, payment="refunded")).same == 1
    assert open_conflicts(store) == []


def test_the_customer_may_keep_what_was_handed_over(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    there, order = handed_over(store, owner)
    heard(store, gone := moved(there, "cancelled"))
    resolve(store, owner, "ours")
    assert by_number(store, "BW-1") == order
    assert heard(store, gone) == downloading.Applied(same=1)
    assert open_conflicts(store) == []


def test_an_edit_on_both_sides_is_asked_with_who_and_when_and_either_can_be_had(
    shop: tuple[Store, Actor],
) -> None:
    store, _ = shop
    clerk = hire(store, "staff")
    heard(store, there := far(kind="ship"))
    order = by_number(store, "BW-1")
    ours = replace(ELM, line1="1 Ours Road")
    order_editing.set_address(store, clerk, order.id, ours)
    heard(store, there := moved(there, address=OAK, instructions="Ring twice"))
    order = by_number(store, "BW-1")
    assert (order.address, order.instructions) == (ours, "Ring twice")
    (conflict,) = open_conflicts(store)
    assert (conflict.kind, conflict.ours_by) == ("edit", clerk.staff)
    assert conflict.ours_at > order.placed_at
    assert conflict.deadline_at
    assert heard(store, there).same == 1
    assert open_conflicts(store) == [conflict], "asking again does not make it new"
    resolve(store, clerk, "theirs")
    assert by_number(store, "BW-1").address == OAK
    assert "edit.address" in kinds(store, "BW-1")
    heard(store, moved(there, address=ELM, updated="2026-09-21T17:00:00Z"))
    assert by_number(store, "BW-1").address == ELM


def test_changed_lines_come_with_their_money_once_a_person_takes_them(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    heard(store, there := far("BW-1", "confirmed", far_line(ORLANDO, 3)))
    line = by_number(store, "BW-1").lines[0].id
    ordering.take(
        store, owner, by_number(store, "BW-1").id,
        Step("cancel_copies", copies=((line, 1),), reason="damaged"),
    )  # fmt: skip
    now = far("BW-1", "confirmed", far_line(ORLANDO, 4), updated=LATER)
    heard(store, now)
    assert by_number(store, "BW-1").lines[0].live == 2
    resolve(store, owner, "theirs")
    order = by_number(store, "BW-1")
    assert (order.lines[0].live, order.worth_cents) == (4, now.total_cents)
    assert order.payment.captured_cents == now.total_cents
    assert there.total_cents != now.total_cents


def test_a_contradiction_is_followed_by_who_may_and_a_managers_word_lets_it_pass(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    shelved(store, owner)
    heard(store, there := far("W-1", "pending", payment="", kind="ship"))
    order = ordering.take(store, owner, by_number(store, "W-1").id, Step("hold", reason="waits")).value
    heard(store, ahead := moved(there, "shipped", tracking="9400"))
    (conflict,) = open_conflicts(store)
    with pytest.raises(Refused) as refused:
        resolve(store, clerk, "theirs")
    assert "on hold" in refused.value.message
    assert open_conflicts(store) == [conflict]
    ordering.take(store, owner, order.id, Step("release_hold"))
    resolve(store, clerk, "theirs")
    order = by_number(store, "W-1")
    assert (order.parcels[0].tracking, on_hand(store)) == ("9400", 0)
    assert heard(store, ahead).same == 1


def test_ours_is_kept_and_not_asked_again_until_the_store_says_something_else(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    heard(store, there := far())
    ordering.take(store, owner, by_number(store, "BW-1").id, Step("hold", reason="waits"))
    heard(store, ahead := moved(there, "processing"))
    resolve(store, owner, "ours")
    ordering.take(store, owner, by_number(store, "BW-1").id, Step("release_hold"))
    assert heard(store, ahead) == downloading.Applied(same=1)
    assert by_number(store, "BW-1").state == "confirmed"


@pytest.mark.parametrize(
    ("payment", "choice", "then"),
    [("failed", "theirs", "The store says that the payment failed"), ("failed", "ours", "")],
)
def test_a_payment_that_failed_there_holds_the_order_if_a_person_believes_it(
    shop: tuple[Store, Actor], payment: str, choice: Choice, then: str
) -> None:
    store, owner = shop
    heard(store, there := far(status="pending"))
    heard(store, moved(there, payment=payment))
    resolve(store, owner, choice)
    assert by_number(store, "BW-1").hold == then


def test_who_may_not_give_money_back_needs_a_manager_to_expect_books_back(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    there, _ = handed_over(store, owner)
    heard(store, moved(there, "cancelled"))
    with pytest.raises(NeedsApproval) as needs:
        resolve(store, clerk, "take_back")
    assert needs.value.facts["permission"] in ("order.refund", "sync.decide")


# ---- what must not stand in the way ----


def broken(there: OnlineOrder, how: str) -> OnlineOrder:
    """Return an order that cannot be taken over."""
    lines: dict[str, Callable[[], tuple[Any, ...]]] = {
        "no lines": lambda: (),
        "negative": lambda: (far_line(copies=-2),),
        "absurd": lambda: (far_line(copies=10**12),),
        "price": lambda: (far_line(price_cents=-1),),
        "many": lambda: tuple(far_line(id=str(n)) for n in range(600)),
    }
    if how in lines:
        return replace(there, lines=lines[how]())
    if how == "no text":
        return replace(there, id="far-\ud800", instructions="\udfff")
    if how == "total":
        return replace(there, total_cents=-1)
    return replace(there, number="", id="\u200b")


@pytest.mark.parametrize(
    "how", ["no lines", "negative", "absurd", "price", "many", "total", "no text", "nameless"]
)
def test_an_order_that_cannot_be_taken_over_blocks_no_other_and_is_shown(
    shop: tuple[Store, Actor], how: str
) -> None:
    store, owner = shop
    shelved(store, owner, copies=9)
    good, bad = far("BW-1"), far("BW-2")
    poisoned = broken(bad, how)
    done = downloading.apply_orders(store, [far("BW-0"), poisoned, good], ("orders", "7")).value
    assert (done.new, done.failed) == (2, 1)
    with store.read() as conn:
        assert online.mark(conn, "orders") == "7"
    (conflict,) = open_conflicts(store)
    assert conflict.kind == "unmapped"
    assert "could not be taken over" in conflict.sentence
    resolve(store, owner, "noted")
    assert heard(store, poisoned).failed == 1
    assert open_conflicts(store) == [], "it was seen"
    if how != "nameless":
        assert heard(store, moved(bad)).new == 1


def test_a_fault_of_this_program_in_one_order_undoes_that_order_alone(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store, owner = shop
    shelved(store, owner, copies=3)
    heard(store, first := far("BW-1"), second := far("BW-2"))
    real = ordering.keep

    def failing(tx: Any, actor: Actor, before: Order, after: Order, *rest: Any) -> None:
        real(tx, actor, before, after, *rest)
        if before.number == "BW-1":
            raise ZeroDivisionError

    monkeypatch.setattr(ordering, "keep", failing)
    done = heard(store, moved(first, "processing"), moved(second, "processing"))
    assert (done.failed, done.changed) == (1, 1)
    assert [by_number(store, f"BW-{n}").state for n in (1, 2)] == ["confirmed", "processing"]
    assert "online_order_failed" in caplog.text
    assert "Ada" not in caplog.text
    monkeypatch.undo()
    assert heard(store, moved(first, "processing")).changed == 1
    assert open_conflicts(store) == []


def test_a_page_and_its_mark_are_kept_together_or_not_at_all(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = shop
    monkeypatch.setattr(online, "set_mark", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        downloading.apply_orders(store, [far()], ("orders", "1"))
    monkeypatch.undo()
    with store.read() as conn:
        assert orders.by_number(conn, "BW-1") == ()
        assert online.order_link(conn, "bookwish", "far-BW-1") is None


def test_texts_from_outside_are_cleaned_and_never_longer_than_they_may_be(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    long = "x" * 100_000
    heard(
        store,
        far(
            "BW-1\x1b[2J\n" + "9" * 100, "confirmed", far_line(isbn="", title=long + "\x00"),
            customer_name="Ada\u202e\x07", instructions=f"4111 1111 1111 1111 {long}",
        ),
    )  # fmt: skip
    with store.read() as conn:
        (order,) = orders.search(conn, "").orders
    assert len(order.number) <= 40
    assert "\x1b" not in order.number
    assert order.customer is not None
    assert order.customer.name == "Ada"
    assert len(order.lines[0].title) <= 200
    assert "4111 1111" not in order.instructions
    assert len(order.instructions) <= 1_000
    assert STORE_ID not in order.memo
