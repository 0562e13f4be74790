"""Permissions: what each guarded action asks for, and how far a manager's approval reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import (
    auditing,
    bought,
    buying,
    configuring,
    connecting,
    deciding,
    hiring,
    listing,
    order_editing,
    ordering,
    returning,
    selling,
    stocking,
    tilling,
    uploading,
    voiding,
)
from bookwish_desk.actions.permits import APPROVAL_LIVES_MS
from bookwish_desk.db import conflicts, orders, postages, tables
from bookwish_desk.shop.carriage import Bought, Quoted, Rate
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.errors import NeedsApproval
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.sale import Discount, Draft, Exemption
from bookwish_desk.shop.staff import PERMISSIONS, Actor
from bookwish_desk.shop.till import Count
from tests.support import days
from tests.support.counter import ORLANDO, Counter
from tests.support.online import CONNECTED, differences, rows
from tests.support.orders import EMMA, line, made, received, shelved
from tests.support.orders import ORLANDO as PARCEL
from tests.support.parcels import CONNECTED as CARRIERS
from tests.support.parcels import packed, wanted
from tests.support.shops import hire

EDIT = stocking.ItemEdit("Orlando", price_cents=1699)
TEN = Discount("percent", 100_000)
UNPUBLISHED = replace(ORLANDO, street_date="2099-01-01")

Guarded = Callable[[Counter, Actor, Draft, str], Any]

OPEN: dict[str, tuple[str, Guarded]] = {
    "price": (
        "sale.price",
        lambda c, a, d, s: selling.set_price(c.store, a, d.id, d.lines[0].id, 1000, "Worn"),
    ),
    "line discount": (
        "sale.discount",
        lambda c, a, d, s: selling.discount_line(c.store, a, d.id, d.lines[0].id, TEN),
    ),
    "sale discount": ("sale.discount", lambda c, a, d, s: selling.discount_sale(c.store, a, d.id, TEN)),
    "exemption": ("sale.exempt", lambda c, a, d, s: selling.set_exempt(c.store, a, d.id, Exemption("E1"))),
    "void": ("sale.void", lambda c, a, d, s: selling.void(c.store, a, d.id, "Left")),
    "return": ("sale.return", lambda c, a, d, s: returning.add(c.store, a, d.id, s, 1, 1)),
    "loose return": (
        "sale.return_unreceipted",
        lambda c, a, d, s: returning.add_unreceipted(c.store, a, d.id, ORLANDO, 1, 1699, "restock", "Gift"),
    ),
    "pay in": ("till.move", lambda c, a, d, s: tilling.pay_in(c.store, a, 100, "Change")),
    "pay out": ("till.move", lambda c, a, d, s: tilling.pay_out(c.store, a, 100, "Stamps")),
    "drop": ("till.move", lambda c, a, d, s: tilling.drop(c.store, a, 100, "Safe")),
    "no sale": ("till.no_sale", lambda c, a, d, s: tilling.no_sale(c.store, a, "Change")),
    "X report": ("till.report", lambda c, a, d, s: tilling.x_report(c.store, a)),
    "adjust": ("stock.adjust", lambda c, a, d, s: stocking.adjust(c.store, a, ORLANDO, 1, "Found")),
    "count": ("stock.adjust", lambda c, a, d, s: stocking.count(c.store, a, ORLANDO, 4, "Count")),
    "edit item": ("items.edit", lambda c, a, d, s: stocking.edit_item(c.store, a, ORLANDO, EDIT)),
    "new item": ("items.edit", lambda c, a, d, s: stocking.new_item(c.store, a, "PEN-1", EDIT)),
    "on order": ("stock.adjust", lambda c, a, d, s: stocking.order(c.store, a, ORLANDO, 2)),
    "receive": ("stock.adjust", lambda c, a, d, s: stocking.receive(c.store, a, ORLANDO, 2)),
    "copy": (
        "items.edit",
        lambda c, a, d, s: stocking.add_copy(c.store, a, ORLANDO, "used", "", 500, "", 1),
    ),
    "street date": (
        "sale.street_date",
        lambda c, a, d, s: selling.add(c.store, a, UNPUBLISHED, before_street=True),
    ),
    "import list": ("items.edit", lambda c, a, d, s: listing.allow(c.store, a, False)),
    "import count": ("stock.adjust", lambda c, a, d, s: listing.allow(c.store, a, True)),
    "take on": ("staff.edit", lambda c, a, d, s: hiring.add_person(c.store, a, "Nora", "staff", "!")),
    "rename": ("staff.edit", lambda c, a, d, s: hiring.rename(c.store, a, a.staff, "Somebody")),
    "settings": ("settings.edit", lambda c, a, d, s: configuring.change_settings(c.store, a, low_stock=2)),
    "register": ("settings.edit", lambda c, a, d, s: configuring.rename_register(c.store, a, "Front")),
    "journal": ("journal.read", lambda c, a, d, s: auditing.open_log(c.store, a)),
}
"""With the till open and a sale on the register: what it needs, and how it is done."""


def order_of(counter: Counter, number: str) -> Order:
    """Return one of the orders that lie there."""
    with counter.store.read() as conn:
        return orders.by_number(conn, number)[0]


def take(number: str, step: Step) -> Guarded:
    """Return what takes a step with an order."""
    return lambda c, a, d, s: ordering.take(c.store, a, order_of(c, number).id, step)


ORDERS: dict[str, tuple[str, Guarded]] = {
    "start an order": ("order.work", take("PAID", Step("start"))),
    "cancel an order": ("order.cancel", take("PAID", Step("cancel", reason="Left"))),
    "credit an order": ("order.refund", take("PAID", Step("grant", reason="Late", cents=100))),
    "pay an order": ("order.payment", take("OWED", Step("capture"))),
    "let an order pass": ("order.override", take("OWED", Step("confirm", override="An aunt"))),
    "give an order away": ("order.wholesaler", take("PAID", Step("send_to_wholesaler"))),
    "edit an order": (
        "order.edit",
        lambda c, a, d, s: order_editing.set_gift(c.store, a, order_of(c, "PAID").id, True, "Hello"),
    ),
}
"""What is guarded of orders: one that is paid and to be shipped, and one that is not paid."""

ONLINE: dict[str, tuple[str, Guarded]] = {
    "connect": ("sync.connect", lambda c, a, d, s: connecting.connect(c.store, a, CONNECTED)),
    "disconnect": ("sync.connect", lambda c, a, d, s: connecting.disconnect(c.store, a)),
    "decide a difference": (
        "sync.decide",
        lambda c, a, d, s: deciding.resolve(c.store, a, differences(c.store)[0].id, "noted"),
    ),
    "send again": (
        "sync.decide",
        lambda c, a, d, s: uploading.decide(c.store, a, rows(c.store)[0].id, "again"),
    ),
    "leave unsent": (
        "sync.resend",
        lambda c, a, d, s: uploading.decide(c.store, a, rows(c.store)[0].id, "leave", "Typed in there"),
    ),
}
"""What is guarded of the online store: a sale waits for it, and a difference was seen."""

RATE = Rate("rate_1", "USPS", "Priority", 9_900)


def label(counter: Counter) -> Postage:
    """Return the label of the parcel that lies there."""
    with counter.store.read() as conn:
        return postages.of_order(conn, order_of(counter, "PACKED").id)[0]


SHIPPING: dict[str, tuple[str, Guarded]] = {
    "ask what a label costs": (
        "ship.buy",
        lambda c, a, d, s: buying.ask(c.store, a, wanted(order_of(c, "PACKED"))),
    ),
    "leave a label": ("ship.buy", lambda c, a, d, s: buying.drop(c.store, a, label(c).id)),
    "spend much on a label": (
        "ship.spend",
        lambda c, a, d, s: buying.want(c.store, a, [(label(c).id, RATE.id)]),
    ),
    "settle a label": (
        "ship.decide",
        lambda c, a, d, s: buying.settle(c.store, a, label(c).id, "not_bought", "Seen at the broker"),
    ),
    "give a label back": (
        "ship.void",
        lambda c, a, d, s: voiding.void(c.store, a, label(c).id, "Wrong box"),
    ),
}
"""What is guarded of labels: a parcel is packed, and its label as far as it must be for that."""


def come_to(counter: Counter, name: str) -> None:
    """Pack a parcel, and bring its label as far as it must be."""
    store, actor = counter.store, counter.actor
    shelved(store, actor, PARCEL, 9)
    asked = buying.ask(store, actor, wanted(packed(store, actor, "PACKED"))).value
    bought.created(store, asked.id, Quoted("shp_1", (RATE,)))
    if name in ("settle a label", "give a label back"):
        buying.want(store, actor, [(asked.id, RATE.id)])
        bought.begin(store, asked.id)
        bought.doubtful(store, asked.id, "", 0)
    if name == "give a label back":
        bought.bought(store, asked.id, Bought("shp_1", "USPS", "Priority", 9_900, "9400"))


CLOSED: dict[str, tuple[str, Guarded]] = {
    "open the till": ("till.open", lambda c, a, d, s: tilling.open_till(c.store, a, Count(other_cents=0))),
    "count the float": ("till.open", lambda c, a, d, s: tilling.begin_count(c.store, a)),
}
CLOSING: dict[str, tuple[str, Guarded]] = {
    "close the till": (
        "till.close",
        lambda c, a, d, s: tilling.close_till(c.store, a, Count(other_cents=0), 0),
    ),
    "count the drawer": ("till.close", lambda c, a, d, s: tilling.begin_count(c.store, a)),
}
ALL = {**OPEN, **ORDERS, **ONLINE, **SHIPPING, **CLOSED, **CLOSING}


class World:
    """A counter with a past sale, a draft unless it would be in the way, and a clerk who may do nothing."""

    def __init__(self, folder: Path, name: str) -> None:
        online = CONNECTED if name in ONLINE else OnlineSettings()
        self.counter = Counter(folder, gift_wrap_tax="none", online=online, shipping=CARRIERS)
        self.permission, self._do = ALL[name]
        self.sold = self.counter.sell().id
        self.draft = Draft("", 1, 0, "", 0)
        if name in CLOSED:
            days.close_till(self.counter.store, self.counter.actor, 15_000)
        elif name in OPEN or name in ORDERS:
            self.draft = days.ring(self.counter.store, self.counter.actor, ((ORLANDO, 1),))
        if name in ORDERS:
            received(self.counter.store, self.counter.actor, made("PAID", line(EMMA), kind="ship"))
            received(self.counter.store, self.counter.actor, made("OWED", line(EMMA), payment=Payment()))
        if name in ONLINE:
            seen = Conflict(id="", kind="variance", subject="x", sentence="They differ.")
            with self.counter.store.write() as tx:
                conflicts.open_conflict(tx, seen)
        if name in SHIPPING:
            come_to(self.counter, name)
        self.clerk = hire(self.counter.store, "staff")
        with self.counter.store.write() as tx:
            tx.conn.execute(tables.role_permissions.delete())

    def do(self, actor: Actor) -> None:
        self._do(self.counter, actor, self.draft, self.sold)

    def asked(self, actor: Actor) -> str:
        """Return what must be approved for whom it is refused; nothing was written."""
        before = self.rows()
        with pytest.raises(NeedsApproval) as needs:
            self.do(actor)
        assert self.rows() == before
        assert needs.value.facts["permission"] == self.permission
        return str(needs.value.facts["ref"])

    def rows(self) -> tuple[int, ...]:
        names = ("journal", "drafts", "outbox", "till_entries", "stock_moves", "staff", "items")
        with self.counter.store.read() as conn:
            return tuple(
                int(conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()) for name in names
            )


@pytest.fixture(params=ALL)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(tmp_path, request.param)


def test_every_permission_guards_something() -> None:
    assert {permission for permission, _ in ALL.values()} == set(PERMISSIONS)


@pytest.mark.capability("BW+12")
def test_without_the_permission_a_manager_is_asked_and_approves_just_this_once(world: World) -> None:
    ref = world.asked(world.clerk)
    assert ref, "an approval must name what it is for"
    approved = world.counter.approved(world.clerk, world.permission, ref)
    world.do(approved)
    used = world.counter.journal("approval.used")
    assert used == [{"permission": world.permission, "approved_by": world.counter.actor.staff}]


@pytest.mark.parametrize("name", ["price", "no sale", "settings", "take on", "journal", "street date"])
def test_an_approval_is_good_for_nothing_else(tmp_path: Path, name: str) -> None:
    world = World(tmp_path, name)
    ref = world.asked(world.clerk)
    other = hire(world.counter.store, "staff", "Toni")
    wrong = [
        world.counter.approved(world.clerk, world.permission, "something else"),
        world.counter.approved(world.clerk, "sale.discount", ref),
        replace(world.counter.approved(other, world.permission, ref), staff=world.clerk.staff),
        Actor(world.clerk.staff, 1, "made up"),
    ]
    for actor in wrong:
        world.asked(actor)
    late = world.counter.approved(world.clerk, world.permission, ref)
    world.counter.clock.at += APPROVAL_LIVES_MS + 1_000
    world.asked(late)


def test_an_approval_is_used_once(tmp_path: Path) -> None:
    world = World(tmp_path, "no sale")
    approved = world.counter.approved(world.clerk, world.permission, world.asked(world.clerk))
    world.do(approved)
    world.asked(approved)
