"""Orders typed in: numbered, allocated from the shop's own stock, paid for at the register to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import placing, selling, stocking
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import items, order_checks, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.new_order import NewLine, NewOrder
from bookwish_desk.shop.order import SOURCES, Order, source_of
from bookwish_desk.shop.order_queue import queue
from bookwish_desk.shop.sale import Discount, totals
from bookwish_desk.shop.staff import Actor
from tests.support.orders import ADA, EMMA, HOME, ORLANDO, now, shelved, stepped
from tests.support.shops import NOON, found_shop, hire, put_titles


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path)
    yield store, owner
    with store.read() as conn:
        assert order_checks.everything(conn) == []
    store.close()


def line(item: Item = ORLANDO, copies: int = 1, **more: Any) -> NewLine:
    facts = {"price_cents": item.price_cents or 0, "detail": item.authors, "ean": item.ean, **more}
    return NewLine(sku=item.sku, title=item.title, quantity=copies, **facts)


def entered(store: Store, actor: Actor, *lines: NewLine, **facts: Any) -> Order:
    new = NewOrder(lines=lines or (line(),), **{"customer": ADA, "paid": "captured", **facts})
    return placing.enter(store, actor, new).value


@pytest.mark.capability("BW-38", "BW-02", "IC-06")
def test_an_order_from_the_counter_is_pending_with_a_number_and_copies_of_the_shop(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=3)
    first = entered(store, owner, line(copies=2))
    second = entered(store, owner, source="phone", paid="at_pickup")
    assert (first.number, second.number) == ("O1-000001", "O1-000002")
    assert (first.state, first.source, first.placed_at) == ("pending", "counter", first.placed_at)
    assert [o.lines[0].allocated for o in (first, second)] == [2, 1]
    assert queue(first, NOON) == "new"
    done = stepped(store, owner, first, "confirm", "pick", "ready", "check", "hand_over")
    assert done.state == "completed"
    with store.read() as conn:
        assert items.by_skus(conn, [ORLANDO.sku])[0].on_hand == 1
        assert [e.kind for e in orders.history(conn, second.id)][:1] == ["placed"]


def test_a_number_is_drawn_only_for_an_order_that_is_kept(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with pytest.raises(Refused):
        entered(store, owner, replace(line(), tax_class="ufo"))
    assert entered(store, owner).number == "O1-000001"


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_an_order_of_any_source_can_be_typed_in_and_has_its_habits(
    shop: tuple[Store, Actor], source: str
) -> None:
    store, owner = shop
    number = "" if source in ("counter", "email", "phone") else "X-77"
    made = entered(store, owner, source=source, number=number)
    assert source_of(made) == SOURCES[source]
    assert made.number == (number or "O1-000001")


def test_a_number_used_before_leads_to_its_order(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    made = entered(store, owner, source="wsm", number="A-1")
    with pytest.raises(Refused) as refused:
        entered(store, owner, source="wsm", number=" a-1 ")
    assert refused.value.facts["order"] == made.id
    assert refused.value.facts["field"] == "number"
    assert entered(store, owner, source="marketplace", number="A-1").id != made.id


def test_who_may_not_enter_orders_or_payments_needs_a_manager(shop: tuple[Store, Actor]) -> None:
    store, _owner = shop
    clerk = hire(store, "staff")
    assert entered(store, clerk).paid
    with store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM role_permissions WHERE permission = 'order.payment'")
    with pytest.raises(NeedsApproval) as needs:
        entered(store, clerk)
    assert needs.value.facts["permission"] == "order.payment"
    assert entered(store, clerk, paid="at_pickup").payment.kind == "at_pickup"
    with store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM role_permissions WHERE permission = 'order.edit'")
    with pytest.raises(NeedsApproval):
        entered(store, clerk, paid="no")


@pytest.mark.capability("OMG-10", "BW-06")
def test_what_is_not_on_the_shelf_is_missed_or_waited_for(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    missed = entered(store, owner, line(copies=2))
    waits = entered(store, owner, line(EMMA, 2), waits=True)
    assert (missed.lines[0].allocated, missed.lines[0].short) == (1, 1)
    assert queue(missed, NOON) == "problems"
    assert (waits.lines[0].backordered, waits.lines[0].short) == (2, 0)
    shelved(store, owner, EMMA, 2)
    assert now(store, waits).lines[0].allocated == 2


@pytest.mark.capability("OMG-11")
def test_an_unpaid_order_gets_copies_only_once_it_is_paid(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    made = entered(store, owner, paid="no")
    assert made.lines[0].allocated == 0
    with pytest.raises(Refused) as refused:
        stepped(store, owner, made, "confirm")
    assert refused.value.code == "unpaid"
    assert stepped(store, owner, made, "capture").lines[0].allocated == 1


@pytest.mark.capability("BW-06")
def test_a_street_date_of_the_trade_comes_into_the_order(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    put_titles(store, [(9780141439587, "Emma", "Jane Austen", 1050)])
    with store.write_catalogue() as conn:
        conn.exec_driver_sql("UPDATE titles SET street_date = '2027-01-05'")
    made = entered(store, owner, line(EMMA))
    assert made.lines[0].street_date == "2027-01-05"
    assert (made.lines[0].backordered, made.lines[0].expected_on) == (1, "2027-01-05")


@pytest.mark.capability("BW-38", "OMG-34")
def test_pay_at_pickup_costs_at_the_register_what_the_order_says(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=3)
    shelved(store, owner, EMMA, 2)
    made = entered(store, owner, line(copies=3, discount_cents=33), line(EMMA, 2), paid="at_pickup")
    for item, copies in ((ORLANDO, 3), (EMMA, 2)):
        draft = selling.add(store, owner, item, copies).value.draft
    assert draft is not None
    own = next(x for x in draft.lines if x.sku == ORLANDO.sku)
    draft = selling.discount_line(store, owner, draft.id, own.id, Discount("amount", 33)).value.draft
    assert draft is not None
    assert made.to_collect_cents == totals(draft, store.settings.tax).due_cents


def test_what_nobody_knows_is_kept_with_its_tax_class(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    made = entered(
        store,
        owner,
        NewLine(title="A print of the harbour", price_cents=4_000, tax_class="general"),
        NewLine(sku="MAP-1", title="Map", price_cents=900, tax_class="none"),
    )
    assert made.lines[0].sku == "OPEN-GENERAL"
    assert [x.allocated for x in made.lines] == [1, 0]
    assert made.lines[1].tax_cents == 0
    with store.read() as conn:
        kept = {x.sku: x for x in items.by_skus(conn, ["OPEN-GENERAL", "MAP-1"])}
    assert not kept["OPEN-GENERAL"].stocked
    assert kept["MAP-1"].tax_class == "none"
    assert kept["MAP-1"].to_catalogue
    stocking.receive(store, owner, kept["MAP-1"], 1)
    assert now(store, made).lines[1].allocated == 1


def test_the_journal_says_that_it_came_in_and_never_from_whom(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    made = entered(store, owner, address=HOME, kind="ship", instructions="ring twice", memo="aunt")
    with store.read() as conn:
        rows = conn.exec_driver_sql("SELECT body FROM journal WHERE kind = 'order.placed'").all()
    assert rows == [('{"number":"O1-000001","source":"counter"}',)]
    assert made.customer == ADA


def test_an_order_can_be_entered_without_telling_anybody(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    new = NewOrder(lines=(line(),), customer=ADA, paid="captured")
    made = placing.enter(store, owner, new, Telling("silent")).value
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM outbox WHERE channel = 'mail'").scalar() == 0
    assert made.state == "pending"
