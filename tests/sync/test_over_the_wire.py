"""The way down as a whole: a store that serves HTTP, the adapter, the engine, the books. No fake between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bookwish_desk.actions import connecting, ordering, stocking
from bookwish_desk.db import conflicts, items, online, order_checks, orders
from bookwish_desk.demo.online_store.seed import EMAIL
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.bookwish.adapter import connect
from bookwish_desk.sync.bookwish.session import MemoryBox
from bookwish_desk.sync.engine import Engine
from tests.support import letters
from tests.support.online_store import PASSWORD, STORE, online_store
from tests.support.orders import shelved, stepped
from tests.support.shops import FrozenClock

EAN = 9780156701600
BOOK = Item(sku=str(EAN), title="Orlando", price_cents=1_850, ean=EAN, stocked=True)


class Wire:
    """A shop with two copies of a book, and its online store with the same two."""

    def __init__(self, folder: Path, stack: ExitStack, *variants: str, extensions: str = "all") -> None:
        folder.mkdir()
        self.far = stack.enter_context(
            online_store(folder / "far.db", *variants, extensions=extensions, items=0)
        )
        self.item = self.far.item(quantity=2, isbn13=str(EAN))
        self.clock = FrozenClock(self.far.shop.records.now())
        self.store, self.owner = letters.mailing_shop(
            folder / "desk", self.clock, staff_mail=("olive@shop.example",)
        )
        stack.callback(self.store.close)
        shelved(self.store, self.owner, BOOK, 2)
        where = OnlineSettings(self.far.address, EMAIL, STORE, "The store")
        connecting.connect(self.store, self.owner, where)
        port = connect(self.store.settings.online, MemoryBox())
        stack.callback(port.close)
        account = port.sign_in(EMAIL, Secret(PASSWORD)).value
        assert account is not None
        connecting.signed_in(self.store, self.owner, EMAIL, account.id)
        self.engine = Engine(port, DirectBooks(self.store), self.clock, lambda: 0.5, 1, "desk")
        self.sync()

    def sync(self) -> None:
        """Send and read until nothing is due."""
        self.clock.at = max(self.clock.at + 1, self.far.shop.records.now())
        self.engine.sync_now()
        for _ in range(100):
            if self.engine.step():
                return

    def order(self, far_id: str) -> Order:
        """Return the order here that is one of the store's."""
        with self.store.read() as conn:
            found = online.order_link(conn, "bookwish", far_id)
            assert found is not None
            return orders.load(conn, found.order_id)

    def happens(self, far_id: str, event: str, **facts: object) -> None:
        """Let something happen to an order in the store, and hear of it."""
        self.far.tell(f"orders/{far_id}", event=event, **facts)
        self.sync()

    def stock(self) -> tuple[int, int]:
        """Return how many copies are here, and how many of them are promised."""
        with self.store.read() as conn:
            (item,) = items.by_skus(conn, [BOOK.sku])
            assert order_checks.everything(conn) == []
            return item.on_hand, orders.promised_copies(conn, BOOK.sku)

    def differences(self) -> list[Conflict]:
        """Return the open differences."""
        with self.store.read() as conn:
            return list(conflicts.all_open(conn))


Make = Callable[..., Wire]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:
        yield lambda *variants, extensions="all": Wire(
            tmp_path / "wire", stack, *variants, extensions=extensions
        )


@pytest.mark.capability("BW-01", "BW-02", "BW-03", "BW-04", "BW-05", "OMG-08", "IC-27")
@pytest.mark.parametrize("extensions", ["all", "none"])
def test_an_order_comes_in_as_it_was_placed_and_everybody_hears_of_it(make: Make, extensions: str) -> None:
    wire = make(extensions=extensions)
    pickup = wire.far.order(wire.item, instructions="After five, please")
    gift = wire.far.order(wire.item, kind="gift", giftMessage="For you\nAda")
    wire.sync()
    one, two = wire.order(pickup), wire.order(gift)
    assert (one.kind, one.instructions, one.state, one.payment.kind) == (
        "pickup", "After five, please", "confirmed", "captured",
    )  # fmt: skip
    assert (two.kind, two.gift, two.gift_message, two.shipping_cents) == ("ship", True, "For you\nAda", 499)
    assert two.address is not None and two.address.line1
    assert [queue(o, wire.clock.at) for o in (one, two)] == ["new", "new"]
    assert [x.sku for o in (one, two) for x in o.lines] == [BOOK.sku] * 2, "out of our own stock"
    assert wire.stock() == (2, 2)
    assert letters.kinds(wire.store).count("new_order") == 2
    assert letters.kinds(wire.store).count("received") == 2
    special = wire.far.tell("orders", items=[[wire.item["id"], 1]], oversell=True)["id"]
    wire.far.tell(f"orders/{special}", event="edit", fields={"isSpecialOrder": True})
    wire.sync()
    third = wire.order(special)
    assert (third.special, third.lines[0].backordered) == (True, 1), "ordered at the wholesaler first"
    assert wire.differences() == []


@pytest.mark.capability("BW+11")
@pytest.mark.parametrize("extensions", ["all", "none"])
@pytest.mark.parametrize("stage", ["before", "picked", "ready"])
def test_a_cancellation_there_frees_the_copies_here_and_the_refund_is_the_stores(
    make: Make, extensions: str, stage: str
) -> None:
    wire = make(extensions=extensions)
    far_id = wire.far.order(wire.item, 2)
    wire.sync()
    steps = {"before": (), "picked": ("start", "pick"), "ready": ("start", "pick", "ready")}[stage]
    stepped(wire.store, wire.owner, wire.order(far_id), *steps)
    if stage != "ready":  # else the store does not know of it yet: the customer cancels in that moment
        wire.sync()
    wire.happens(far_id, "cancel")
    order = wire.order(far_id)
    assert (order.state, order.cancelled_by, order.payment.kind) == ("cancelled", "source", "refunded")
    assert tasks(order, wire.clock.at) == ()
    assert wire.stock() == (2, 0)
    put_back = [c.sentence for c in wire.differences()]
    assert len(put_back) == (0 if stage == "before" else 1)
    assert all("Put 2 copies back on the shelf" in sentence for sentence in put_back)
    assert not {"cancelled", "refunded"} & set(letters.kinds(wire.store)), "the store tells of both"


@pytest.mark.capability("BW+11")
def test_what_was_handed_over_stays_so_when_the_store_cancels_it(make: Make) -> None:
    wire = make()
    far_id = wire.far.order(wire.item)
    wire.sync()
    order = wire.order(far_id)
    wire.far.tell(f"orders/{far_id}", event="cancel")
    stepped(wire.store, wire.owner, order, "start", "pick", "ready", "check", "hand_over")
    wire.sync()
    assert wire.order(far_id).state == "completed"
    assert [c.kind for c in wire.differences()] == ["gone"]
    assert wire.stock() == (1, 0)


def test_the_last_copy_sold_at_the_counter_meanwhile_is_missing_of_the_order(make: Make) -> None:
    wire = make()
    far_id = wire.far.order(wire.item, 2)
    stocking.adjust(wire.store, wire.owner, BOOK, -1, "sold without the register")
    wire.sync()
    order = wire.order(far_id)
    assert (order.lines[0].allocated, order.lines[0].short) == (1, 1)
    assert [t.kind for t in tasks(order, wire.clock.at)] == ["missing"]
    assert [c for c in wire.differences() if c.kind != "stock"] == []


@pytest.mark.parametrize("extensions", ["all", "none"])
def test_a_cursor_that_is_too_old_and_an_open_order_closed_meanwhile(make: Make, extensions: str) -> None:
    wire = make(extensions=extensions)
    closed, kept = wire.far.order(wire.item), wire.far.order(wire.item)
    wire.sync()
    wire.far.tell(f"orders/{closed}", event="cancel")
    wire.far.tell("feed")
    wire.sync()
    assert (wire.order(closed).state, wire.order(kept).state) == ("cancelled", "confirmed")


@pytest.mark.parametrize("event", ["on_the_moon", "refunded"])
def test_a_status_that_nobody_knows_is_shown_and_changes_nothing(make: Make, event: str) -> None:
    wire = make()
    far_id = wire.far.order(wire.item)
    wire.sync()
    before = wire.order(far_id)
    wire.happens(far_id, "status", status=event)
    assert wire.order(far_id) == before
    (conflict,) = wire.differences()
    assert conflict.theirs == event.replace("_", " ").capitalize()
    ordering.take(wire.store, wire.owner, before.id, Step("start"))
    wire.happens(far_id, "status", status="processing")
    assert wire.differences() == []


@pytest.mark.parametrize("extensions", ["all", "none"])
def test_an_order_that_makes_no_sense_is_shown_until_it_does_and_holds_up_no_other(
    make: Make, extensions: str
) -> None:
    wire = make(extensions=extensions)
    bad = wire.far.tell("orders", items=[[wire.item["id"], 1]])
    wire.far.tell(f"orders/{bad['id']}", event="edit", fields={"taxCents": -5})
    good = wire.far.order(wire.item)
    for _ in range(4):
        wire.sync()
    assert wire.order(good).state == "confirmed"
    (conflict,) = wire.differences()
    assert conflict.kind == "unmapped"
    number = bad["number"]
    assert conflict.sentence == (
        f"Order {number} of the store could not be taken over. What the store sends of it cannot be read."
    )
    wire.happens(bad["id"], "edit", fields={"taxCents": 5})
    assert wire.order(bad["id"]).tax_cents == 5
    assert wire.differences() == []


def test_where_only_ones_own_purchases_are_listed_that_is_said(make: Make) -> None:
    wire = make("orders-scope=caller", extensions="none")
    # The seeded owner has bought something in another store; asked for this store's, the list is empty.
    assert "Type them in" in wire.engine.state().no_orders
    far_id = wire.far.order(wire.item)
    wire.sync()
    with wire.store.read() as conn:
        assert orders.search(conn, "").orders == ()
        assert online.order_link(conn, "bookwish", far_id) is None
