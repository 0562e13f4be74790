"""However copies come and go, the store hears of each exactly once: by a sale, its own order, or a change."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import ordering, paying, problems, returning, selling, stocking
from bookwish_desk.db import orders, sales
from bookwish_desk.shop import sold
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_problem import Problem
from bookwish_desk.shop.order_step import Step
from tests.actions.test_pickup import UNPAID, in_sale
from tests.support import days
from tests.support.orders import line, made, received
from tests.sync.online_bed import ALL, NOTHING, ORLANDO, Bed


class Day:
    """A day in a shop with one title, drawn from a seed."""

    def __init__(self, bed: Bed, seed: int) -> None:
        self.bed = bed
        self.chance = random.Random(seed)
        self.number = 0
        self.did: list[str] = []

    def act(self) -> None:
        """Do something; what the rules refuse is not done."""
        ways: list[tuple[int, Callable[[], object]]] = [
            (3, self.receive), (2, self.adjust), (2, self.count), (5, self.sell), (5, self.bring_back),
            (2, self.exchange), (3, self.phone_order), (3, self.parcel_order), (4, self.online_order),
            (6, self.work), (3, self.problem), (1, self.unreceipted),
        ]  # fmt: skip
        (way,) = self.chance.choices([x for _, x in ways], [n for n, _ in ways])
        self.did.append(way.__name__)
        try:
            way()
        except ShopError as refused:
            self.did[-1] += f" ({refused.code})"
            draft = selling.current(self.bed.store, 1).draft
            if draft is not None:
                selling.void(self.bed.store, self.bed.owner, draft.id, "never mind")
        if self.chance.random() < 0.3:
            self.bed.settle(30_000)

    def receive(self) -> None:
        stocking.receive(self.bed.store, self.bed.owner, ORLANDO, self.chance.randint(1, 4))

    def adjust(self) -> None:
        stocking.adjust(self.bed.store, self.bed.owner, ORLANDO, self.chance.choice((-2, -1, 1)), "Stolen")

    def count(self) -> None:
        there = max(0, self.on_hand() + self.chance.choice((-1, 0, 1)))
        stocking.count(self.bed.store, self.bed.owner, ORLANDO, there, "counted")

    def sell(self) -> None:
        self.bed.sold(self.chance.randint(1, 3), self.chance.choice(("cash", "card")))

    def _returnable(self) -> tuple[str, int, int]:
        with self.bed.store.read() as conn:
            ids = conn.exec_driver_sql("SELECT id FROM sales ORDER BY number").scalars().all()
            found = [sales.by_id(conn, x) for x in ids]
            left = [
                (sale.id, r.line.no, r.left)
                for sale in found
                if sale is not None
                for r in sold.returnable(sale, sales.returned(conn, sale.id))
                if r.left
            ]
        return self.chance.choice(left) if left else ("", 0, 0)

    def bring_back(self, more: bool = False) -> None:
        sale_id, no, left = self._returnable()
        if not sale_id:
            return
        copies = self.chance.randint(1, left)
        how: Any = self.chance.choice(("restock", "restock", "damaged"))
        store, owner = self.bed.store, self.bed.owner
        rung = returning.add(store, owner, "", sale_id, no, copies, how).value
        assert rung.draft is not None
        if more:
            days.pay(store, owner, days.ring(store, owner, [(ORLANDO, 1)]))
        else:
            paying.pay_cash(store, owner, rung.draft.id, 0)

    def exchange(self) -> None:
        self.bring_back(more=True)

    def unreceipted(self) -> None:
        store, owner = self.bed.store, self.bed.owner
        rung = returning.add_unreceipted(store, owner, "", ORLANDO, 1, 1500, "restock", "Gift").value
        assert rung.draft is not None
        paying.pay_cash(store, owner, rung.draft.id, 0)

    # ---- orders ----

    def _take(self, order: Order, *verbs: Any) -> None:
        for verb in verbs:
            step = verb if isinstance(verb, Step) else Step(verb)
            ordering.take(self.bed.store, self.bed.owner, order.id, step)

    def phone_order(self) -> None:
        self.number += 1
        order = made(f"O1-{self.number:06}", line(ORLANDO), source="phone", payment=UNPAID)
        order = received(self.bed.store, self.bed.owner, order)
        self._take(order, "start", "pick", Step("ready", shelf="A"))
        store, owner = self.bed.store, self.bed.owner
        with store.read() as conn:
            order = orders.load(conn, order.id)
        draft = in_sale(_AsCounter(store, owner), order)  # type: ignore[arg-type]
        paying.pay_cash(store, owner, draft, 50_000)

    def parcel_order(self) -> None:
        self.number += 1
        paid = Payment(captured_cents=1500)
        order = made(f"O1-{self.number:06}", line(ORLANDO), source="phone", kind="ship", payment=paid)
        order = received(self.bed.store, self.bed.owner, order)
        self._take(order, "start", "pick", "check", "pack", Step("ship", tracking="1Z", carrier="UPS"))

    def online_order(self) -> None:
        if next(iter(self.bed.far.items.values())).quantity > 0:
            self.bed.ordered(1, self.chance.choice(("pickup", "ship")))
            self.bed.engine.sync_now()
            self.bed.settle(30_000)

    def work(self) -> None:
        with self.bed.store.read() as conn:
            found = [o for o in orders.open_orders(conn) if o.source == "bookwish"]
        if found:
            order = self.chance.choice(found)
            if order.kind == "pickup":
                self._take(order, "start", "pick", Step("ready", shelf="A"), "check", "hand_over")
            else:
                self._take(
                    order, "start", "pick", "check", "pack", Step("ship", tracking="1Z", carrier="UPS")
                )

    def problem(self) -> None:
        with self.bed.store.read() as conn:
            ids = conn.exec_driver_sql("SELECT id FROM orders ORDER BY no").scalars().all()
            found = [orders.load(conn, x) for x in ids]
        if not found:
            return
        order = self.chance.choice(found)
        gone = any(x.gone - x.returned for x in order.lines)
        copies = ((order.lines[0].id, 1),)
        if gone:
            back: Any = self.chance.choice(("restock", "damaged"))
            what = Problem(
                kind="returned", answer="refund", copies=copies, cause="carrier", back=back, reason="Torn"
            )  # fmt: skip
        else:
            kind: Any = self.chance.choice(("out_of_stock", "damaged"))
            # A store that takes only whole numbers has none below 0: there the shelf stays full.
            some = self.bed.far.abilities.stock == "delta"
            what = Problem(kind=kind, copies=copies, cause="stock", answer="wait", correct_stock=some)
        problems.report(self.bed.store, self.bed.owner, order.id, what)

    # ---- the sum ----

    def on_hand(self) -> int:
        with self.bed.store.read() as conn:
            found = conn.exec_driver_sql("SELECT on_hand FROM items WHERE sku = ?", (ORLANDO.sku,)).scalar()
        return int(found or 0)

    def held(self) -> int:
        """Return the copies of the store's own orders that are still here."""
        with self.bed.store.read() as conn:
            ids = conn.exec_driver_sql("SELECT id FROM orders WHERE source = 'bookwish'").scalars().all()
            return sum(x.open for order_id in ids for x in orders.load(conn, order_id).lines)


class _AsCounter:
    def __init__(self, store: Any, actor: Any) -> None:
        self.store, self.actor = store, actor


@pytest.mark.capability("BW-38", "IC-24")
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "abilities", [ALL, replace(NOTHING, stock="absolute"), replace(NOTHING, refunds=True, stock="cas")]
)
def test_the_stores_stock_is_ours_less_what_its_customers_ordered(
    tmp_path: Path, abilities: Any, seed: int
) -> None:
    bed = Bed(tmp_path, abilities, copies=40)
    bed.run()
    day = Day(bed, seed)
    for _ in range(12):
        day.act()
    bed.engine.sync_now()
    bed.settle(120_000)
    there = next(iter(bed.far.items.values())).quantity
    assert not set(bed.states()) & {"new", "uncertain", "dead", "sending"}, bed.rows()
    assert day.on_hand() - day.held() == there, day.did
    bed.close()
