"""Orders and the counter at once, in any order: steps, edits, problems, deliveries, sales of the same titles.

Hypothesis chooses what people do. A plain model beside the books counts money and copies on its own, and the
doctor looks at everything after each.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from bookwish_desk.actions import (
    allocating,
    order_editing,
    ordering,
    placing,
    problems,
    rerouting,
    stocking,
)
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db import checks, items, order_checks, orders, sale_checks
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.new_order import NewLine, NewOrder
from bookwish_desk.shop.order import WORKING, Order, PostalAddress
from bookwish_desk.shop.order_copies import ROOM
from bookwish_desk.shop.order_problem import (
    AFTER,
    WITH_COPIES,
    Answer,
    Problem,
    ProblemKind,
    answers,
    next_steps,
)
from bookwish_desk.shop.order_queue import QUEUE_NAMES, queue, tasks
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.order_words import WAYS
from bookwish_desk.shop.staff import Actor
from tests.support import days
from tests.support.orders import ADA, EMMA, HOME, ORLANDO, line, made
from tests.support.shops import FrozenClock, found_shop, hire

ITEMS = (ORLANDO, EMMA)
VERBS: tuple[Verb, ...] = get_args(Verb)
KINDS: tuple[ProblemKind, ...] = get_args(ProblemKind)
FINAL = frozenset({"cancel", "cancel_copies", "send_to_wholesaler"})
MONEY_IN = frozenset({"capture", "settle", "wholesaler_ship"})
PRIVATE = ("Ada Example", "ada@example.com", "Elm Street", "Springfield")


@lru_cache
def _template(work: Path) -> tuple[Path, Actor, Actor]:
    """Return a founded shop to copy, with its owner and a clerk; the till is open."""
    folder = work / "template"
    store, owner = found_shop(folder, days.settings())
    clerk = hire(store, "staff")
    days.open_till(store, owner)
    store.close()
    return folder, owner, clerk


@pytest.fixture(autouse=True, scope="module")
def work_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    OrdersMachine.work = tmp_path_factory.mktemp("orders")


def new_line(item: Item, copies: int, cents: int | None = None) -> NewLine:
    price = item.price_cents or 0 if cents is None else cents
    return NewLine(sku=item.sku, title=item.title, ean=item.ean, quantity=copies, price_cents=price)


class OrdersMachine(RuleBasedStateMachine):
    """A shop with orders of every kind, two titles, a register, an owner and a clerk."""

    work: Path
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.work))
        self.ids: list[str] = []
        self.brought: Counter[str] = Counter()
        self.captured: Counter[str] = Counter()
        self.refunded: Counter[str] = Counter()

    @initialize(
        copies=st.tuples(st.integers(0, 5), st.integers(1, 5)),
        far=st.lists(
            st.tuples(st.sampled_from(["ship", "pickup"]), st.sampled_from([6, 8, 4, 2])), max_size=3
        ),
    )
    def begin(self, copies: tuple[int, int], far: list[tuple[Any, int]]) -> None:
        """Begin with some copies on the shelf, and with orders that are some way on."""
        template, self.owner, self.clerk = _template(self.work)
        shutil.copytree(template, self.folder / "shop")
        self.clock = FrozenClock()
        self.store = open_store(self.folder / "shop", clock=self.clock)
        for item, count in zip(ITEMS, copies, strict=True):
            if count:
                self.deliver(item, count)
        for n, (kind, steps) in enumerate(far):
            self.come_in(kind, ITEMS[n % 2], 1 + n % 2)
            for verb in WAYS[kind][:steps]:
                self.take(self.order(self.ids[-1]), Step(verb, tracking="9400", partly=True), False)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            with self.store.read() as conn:
                faults = checks.journal_chain(conn, None) + checks.journalled(conn)
                faults += checks.numbers(conn) + checks.tills(conn) + sale_checks.sales(conn)
                told = conn.exec_driver_sql("SELECT body FROM journal WHERE kind LIKE 'order.%'").scalars()
                journal = "\n".join(told)
            assert faults == []
            assert [name for name in PRIVATE if name in journal] == []
            self.store.close()
        shutil.rmtree(self.folder)

    # ---- the books ----

    def order(self, order_id: str) -> Order:
        with self.store.read() as conn:
            return orders.load(conn, order_id)

    def all_orders(self) -> dict[str, Order]:
        with self.store.read() as conn:
            found = orders.search(conn, "").orders
        return {o.id: o for o in found}

    def on_hand(self) -> dict[str, int]:
        with self.store.read() as conn:
            return {x.sku: x.on_hand for x in items.by_skus(conn, [i.sku for i in ITEMS])}

    def drawn(self, data: st.DataObject) -> Order:
        return self.order(self.ids[data.draw(st.integers(0, len(self.ids) - 1))])

    def some_line(self, data: st.DataObject, order: Order) -> str:
        return order.lines[data.draw(st.integers(0, len(order.lines) - 1))].id

    def tried(
        self, order: Order, act: Callable[[Actor], Outcome[Order]], clerk: bool, override: bool = False
    ) -> Order | None:
        """Do something with an order and hold it against what it may do; None where it was refused."""
        before = self.all_orders()
        try:
            after = act(self.clerk if clerk else self.owner).value
        except (Refused, NeedsApproval) as refused:
            assert refused.message.endswith(".")
            assert self.all_orders() == before, "what is refused changes nothing"
            return None
        now = self.all_orders()
        assert now[after.id] == after
        for order_id, other in now.items():
            if order_id != order.id and order_id in before:
                self.only_its_copies_moved(before[order_id], other)
        if after.gone > order.gone:
            consented = len(after.overrides) > len(order.overrides)
            assert order.paid or (consented and override) or after.owner.name == "wholesaler"
        if after.state == "completed" and order.state != "completed":
            assert after.paid
        self.ids = sorted(now)
        return after

    def only_its_copies_moved(self, before: Order, after: Order) -> None:
        """Hold against the books that other orders only gained or lost promises."""
        assert replace(after, lines=before.lines, ready_at=0, shelf="") == replace(
            before, ready_at=0, shelf=""
        )
        for had, has in zip(before.lines, after.lines, strict=True):
            moved = (has.allocated, has.short, has.backordered, has.picked, has.checked, has.expected_on)
            kept = dict(zip(("allocated", "short", "backordered", "picked", "checked"), moved, strict=False))
            assert replace(had, **kept, expected_on=has.expected_on) == has

    # ---- goods ----

    @rule(item=st.sampled_from(ITEMS), copies=st.integers(1, 3))
    def deliver(self, item: Item, copies: int) -> None:
        stocking.receive(self.store, self.owner, item, copies)
        self.brought[item.sku] += copies

    @rule(item=st.sampled_from(ITEMS), by=st.sampled_from([-1, 1, 1]))
    def adjust(self, item: Item, by: int) -> None:
        stocking.adjust(self.store, self.owner, item, by, "looked again")
        self.brought[item.sku] += by

    @rule(item=st.sampled_from(ITEMS), copies=st.integers(1, 2), reroutes=st.booleans(), void=st.booleans())
    def sell(self, item: Item, copies: int, reroutes: bool, void: bool) -> None:
        draft = days.ring(self.store, self.owner, [(item, copies)])
        if reroutes:
            for found in rerouting.warning(self.store, draft):
                rerouting.reroute(self.store, self.clerk, found.order_id, found.sku, found.copies)
            assert rerouting.warning(self.store, draft) == () or self.on_hand()[item.sku] < copies
        if void and reroutes:
            from bookwish_desk.actions import selling

            selling.void(self.store, self.owner, draft.id, "changed their mind")
            return
        days.pay(self.store, self.owner, draft, "card")
        self.brought[item.sku] -= copies

    # ---- orders ----

    @precondition(lambda self: len(self.ids) < 6)
    @rule(
        kind=st.sampled_from(["pickup", "ship"]),
        paid=st.sampled_from(["captured", "captured", "authorised", "at_pickup", "no", "outside"]),
        copies=st.lists(st.tuples(st.sampled_from(ITEMS), st.integers(1, 2)), min_size=1, max_size=2),
        waits=st.booleans(),
        off=st.sampled_from([0, 0, 150]),
    )
    def enter(self, kind: Any, paid: Any, copies: list[tuple[Item, int]], waits: bool, off: int) -> None:
        new = NewOrder(
            lines=tuple(new_line(item, n) for item, n in copies),
            kind=kind,
            customer=ADA,
            address=HOME if kind == "ship" else None,
            shipping_cents=499 if kind == "ship" else 0,
            paid=paid,
            waits=waits,
            discount_cents=off,
        )
        try:
            entered = placing.enter(self.store, self.clerk, new).value
        except Refused as refused:
            assert refused.facts["field"] == "paid"
            assert (kind, paid) == ("ship", "at_pickup")
            return
        self.captured[entered.id] = entered.payment.captured_cents
        self.ids.append(entered.id)

    @precondition(lambda self: len(self.ids) < 6)
    @rule(kind=st.sampled_from(["pickup", "ship"]), item=st.sampled_from(ITEMS), copies=st.integers(1, 3))
    def come_in(self, kind: Literal["pickup", "ship"], item: Item, copies: int) -> None:
        order = made(f"BW-{len(self.ids)}-{self.clock.at}", line(item, copies), kind=kind)
        kept = placing.receive(self.store, self.owner, order).value
        self.captured[kept.id] = kept.payment.captured_cents
        self.ids.append(kept.id)

    def take(self, order: Order, step: Step, clerk: bool) -> None:
        after = self.tried(
            order,
            lambda actor: ordering.take(self.store, actor, order.id, step),
            clerk,
            override=bool(step.override),
        )
        if after is None:
            return
        paid = after.payment.captured_cents - order.payment.captured_cents
        back = after.payment.refunded_cents - order.payment.refunded_cents
        assert not paid or step.verb in MONEY_IN
        assert not back or step.verb == "refund"
        self.captured[order.id] += paid
        self.refunded[order.id] += back

    def step_for(self, data: st.DataObject, order: Order, verb: Verb) -> Step:
        copies = ((self.some_line(data, order), 1),) if data.draw(st.booleans()) else ()
        return Step(
            verb,
            copies,
            reason="Because of something",
            tracking="9400",
            cents=data.draw(st.sampled_from([0, 0, 100])) if verb not in ("capture", "settle") else 0,
            partly=data.draw(st.booleans()),
            override=data.draw(st.sampled_from(["", "", "", "she pays on Friday"])),
        )

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), often=st.integers(1, 7), clerk=st.booleans())
    def onward(self, data: st.DataObject, often: int, clerk: bool) -> None:
        which = self.drawn(data).id
        for _ in range(often):
            order = self.order(which)
            way = [v for v in WAYS[order.kind] if v not in FINAL]
            ready = [a.verb for a in allowed(order, self.clock.at) if not a.why_not and a.verb in way]
            if ready:
                step = Step(data.draw(st.sampled_from(ready)), tracking="9400", partly=often > 3)
                self.take(order, step, clerk)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), clerk=st.booleans(), final=st.integers(0, 4))
    def anything(self, data: st.DataObject, clerk: bool, final: int) -> None:
        order = self.drawn(data)
        verbs: list[Verb] = [v for v in VERBS if (v in FINAL) == (final == 0)]
        if final > 1:
            can = {a.verb for a in allowed(order, self.clock.at) if not a.why_not}
            verbs = [v for v in verbs if v in can] or verbs
        verb = data.draw(st.sampled_from(verbs))
        self.take(order, self.step_for(data, order, verb), clerk)

    @precondition(lambda self: self.ids)
    @rule(
        data=st.data(),
        what=st.integers(0, 9),
        number=st.integers(1, 3),
        cents=st.sampled_from([0, 700, 2_500]),
    )
    def edit(self, data: st.DataObject, what: int, number: int, cents: int) -> None:
        order = self.drawn(data)
        x = self.some_line(data, order)
        s, o, e = self.store, order.id, order_editing
        there = PostalAddress("Bea", "1 Road", "", "Town", "", "99999")
        edits: tuple[Callable[[Actor], Outcome[Order]], ...] = (
            lambda a: e.add_line(s, a, o, new_line(EMMA, number, cents), bool(cents)),
            lambda a: e.remove_line(s, a, o, x),
            lambda a: e.swap_line(s, a, o, x, new_line(EMMA, number)),
            lambda a: e.set_quantity(s, a, o, x, number),
            lambda a: e.set_price(s, a, o, x, cents),
            lambda a: e.set_discount(s, a, o, cents // 4),
            lambda a: e.set_address(s, a, o, there),
            lambda a: e.set_shipping(s, a, o, "ship" if number > 1 else "pickup", "Express", cents),
            lambda a: e.verify_exemption(s, a, o, number > 1, "EX-1"),
            lambda a: e.promise_day(s, a, o, "2026-12-01"),
        )
        if len(order.lines) > 4 and what in (0, 2):
            return
        after = self.tried(order, edits[what], clerk=True)
        if after is not None:
            assert after.payment == order.payment
            assert after.gone == order.gone

    @precondition(lambda self: self.ids)
    @rule(
        data=st.data(),
        kind=st.sampled_from(KINDS),
        gone=st.booleans(),
        back=st.sampled_from(["", "restock", "damaged"]),
        correct=st.booleans(),
        clerk=st.booleans(),
        wrong=st.booleans(),
    )
    def problem(
        self, data: st.DataObject, kind: ProblemKind, gone: bool, back: Any, correct: bool, clerk: bool,
        wrong: bool,
    ) -> None:  # fmt: skip
        order = self.drawn(data)
        if (kind in AFTER) != (order.gone > 0) and kind in WITH_COPIES:
            kind = "wrong_item" if order.gone else "out_of_stock"
        answer: Answer = data.draw(st.sampled_from(answers(kind, gone=gone and order.gone > 0)))
        if answer == "cancel" and data.draw(st.booleans()):
            return  # final: not each time
        made_up = Problem(
            kind=kind,
            answer=answer,
            copies=((self.some_line(data, order), 1),),
            gone=gone and kind == "damaged" and order.gone > 0,
            reason="Because of something",
            expected_on="2026-12-02",
            on_order=True,
            swap=new_line(EMMA, 1),
            correct_stock=correct,
            back=back,
            sent_sku=EMMA.sku if wrong and kind == "wrong_item" else "",
            labour_cents=300,
        )
        stock = Counter(self.on_hand())
        after = self.tried(order, lambda actor: problems.report(self.store, actor, order.id, made_up), clerk)
        if after is None:
            return
        assert after.payment == order.payment
        assert after.gone == order.gone
        assert all(x.endswith(".") for x in next_steps(after, made_up))
        for sku, copies in self.on_hand().items():
            moved = copies - stock[sku]
            self.brought[sku] += moved
            # An empty shelf may have been said to hold any number.
            assert moved == 0 or kind == "out_of_stock" or abs(moved) <= max(1, order.gone)

    @rule()
    def the_clock_shares_out(self) -> None:
        allocating.catch_up(self.store)
        with self.store.read() as conn:
            free = allocating.unshared(conn)
        for order in self.all_orders().values():
            gets = order.state in WORKING and order.owner.name == "store" and not order.hold
            if gets and order.secured(self.clock.at):
                assert not any(x.sku in free and ROOM["allocate"](x) for x in order.lines)

    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        self.clock.at += hours * 3_600_000

    # ---- what is always true ----

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.read() as conn:
            assert order_checks.everything(conn) == []
            assert checks.stock(conn) == []

    @invariant()
    def stock_and_promises_add_up(self) -> None:
        if not hasattr(self, "store"):
            return
        on_hand, found = self.on_hand(), self.all_orders().values()
        for item in ITEMS:
            lines = [x for o in found for x in o.lines if x.sku == item.sku]
            left = sum(x.shipped + x.handed_over for x in lines)
            assert on_hand.get(item.sku, 0) == self.brought[item.sku] - left
            promised = sum(x.allocated - x.shipped - x.handed_over for x in lines)
            unpicked = sum(x.to_pick for x in lines)
            assert promised <= on_hand.get(item.sku, 0) or unpicked == 0
            with self.store.read() as conn:
                assert orders.promised_copies(conn, item.sku) == promised

    @invariant()
    def money_adds_up(self) -> None:
        if not hasattr(self, "store"):
            return
        for order in self.all_orders().values():
            assert order.payment.captured_cents == self.captured[order.id]
            assert order.payment.refunded_cents == self.refunded[order.id]
            balance = order.to_collect_cents - order.refund_due_cents - order.credit_due_cents
            assert balance == order.worth_cents - order.payment.held_cents
            shown = {t.kind: t.cents for t in tasks(order, self.clock.at)}
            assert shown.get("refund", 0) == order.refund_due_cents
            if order.refund_due_cents:
                assert queue(order, self.clock.at) == "problems"
            assert queue(order, self.clock.at) in QUEUE_NAMES


TestOrders = OrdersMachine.TestCase
TestOrders.settings = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestOrders = pytest.mark.slow(
    pytest.mark.capability("OMG-34", "WSM+02", "BW-37", "OMG-28", "BW-33")(TestOrders)
)
