"""A day at the counter in any order: whatever people do, the books add up after every step.

Hypothesis chooses the steps; a plain model beside the books counts cash, stock and sales on its own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bookwish_desk.actions import paying, returning, selling, tilling
from bookwish_desk.actions.returning import Part
from bookwish_desk.db import checks, sale_checks, tills
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sale import Discount, Draft, totals
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tax import TaxRules
from bookwish_desk.shop.till import Count
from tests.support import days
from tests.support.shops import FrozenClock, found_shop

ITEMS = tuple(days.item(f"S{n}", price, kind) for n, (price, kind) in enumerate(
    [(1_999, "book"), (333, "book"), (505, "general"), (1, "none"), (12_345, "general")]
))  # fmt: skip
Mode = Literal["exclusive", "inclusive"]
Basis = Literal["item", "invoice"]


@lru_cache
def _template(work: Path, mode: Mode, basis: Basis, step: int) -> tuple[Path, Actor]:
    """Return a founded shop to copy."""
    folder = work / f"{mode}-{basis}-{step}"
    rules = TaxRules(mode=mode, basis=basis, classes=days.CLASSES)
    store, actor = found_shop(folder, days.settings(tax=rules, cash_step=step))
    store.close()
    return folder, actor


@pytest.fixture(autouse=True, scope="module")
def work_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    CounterMachine.work = tmp_path_factory.mktemp("machine")


class CounterMachine(RuleBasedStateMachine):
    """The counter: one register, one clerk, any order of doing things."""

    work: Path
    store: Store
    actor: Actor

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.work))
        self.sales: list[Sale] = []
        self.stock: Counter[str] = Counter()
        self.cash = 0
        self.closed = 0
        self.sold_when_opened = 0
        self.is_open = False
        self.held: set[str] = set()
        self.here: Draft | None = None

    @initialize(
        mode=st.sampled_from(["exclusive", "inclusive"]),
        basis=st.sampled_from(["item", "invoice"]),
        step=st.sampled_from([1, 5]),
    )
    def begin(self, mode: Mode, basis: Basis, step: int) -> None:
        made, self.actor = _template(self.work, mode, basis, step)
        shutil.copytree(made, self.folder / "shop")
        self.clock = FrozenClock()
        self.store = open_store(self.folder / "shop", clock=self.clock)
        self.open_till(15_000)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.everything_adds_up(thorough=True)
            self.store.close()
        shutil.rmtree(self.folder)

    # ---- what is open ----

    @property
    def rung(self) -> Draft:
        """Return the sale that is open."""
        assert self.here is not None
        return self.here

    @property
    def editable(self) -> bool:
        """Say whether the open sale has lines and no payment yet."""
        return self.here is not None and bool(self.here.lines) and not self.here.tenders

    @property
    def untouched(self) -> bool:
        """Say whether goods can still be put into the sale, or a new one begun."""
        return self.here is None or not self.here.tenders

    @property
    def nothing_open(self) -> bool:
        """Say whether the register is free."""
        return self.here is None or self.here.empty

    def owed(self, draft: Draft) -> int:
        return totals(draft, self.store.settings.tax).due_cents

    def completed(self, sale: Sale | None) -> None:
        """Let the model do what a completed sale does."""
        assert sale is not None
        assert sale.number == len(self.sales) + 1
        self.sales.append(sale)
        self.cash += sum(t.amount_cents for t in sale.tenders if t.kind == "cash")
        for line in sale.lines:
            if line.stocked and line.disposition != "damaged":
                self.stock[line.sku] -= line.quantity

    # ---- steps ----

    @precondition(lambda self: not self.is_open)
    @rule(float_cents=st.integers(0, 50_000))
    def open_till(self, float_cents: int) -> None:
        days.open_till(self.store, self.actor, float_cents)
        self.is_open, self.cash, self.sold_when_opened = True, float_cents, len(self.sales)

    @precondition(lambda self: self.untouched)
    @rule(item=st.sampled_from(ITEMS), copies=st.integers(1, 3))
    def ring_up(self, item: Item, copies: int) -> None:
        selling.add(self.store, self.actor, item, copies)

    @precondition(lambda self: self.is_open and self.nothing_open)
    @rule(
        lines=st.lists(st.tuples(st.sampled_from(ITEMS), st.integers(1, 4)), min_size=1, max_size=4),
        how=st.sampled_from(["cash", "card", "cheque", "split"]),
        ppm=st.sampled_from([0, 0, 100_000, 333_333]),
        exempt=st.booleans(),
    )
    def sell(self, lines: list[tuple[Item, int]], how: str, ppm: int, exempt: bool) -> None:
        discount = Discount("percent", ppm, "regular") if ppm else None
        draft = days.ring(self.store, self.actor, lines, discount=discount, exempt=exempt)
        self.completed(days.pay(self.store, self.actor, draft, how))

    @precondition(lambda self: self.editable)
    @rule(cents=st.integers(0, 3_000))
    def override_the_price(self, cents: int) -> None:
        draft = self.rung
        selling.set_price(self.store, self.actor, draft.id, draft.lines[0].id, cents, "torn cover")

    @precondition(lambda self: self.editable)
    @rule(ppm=st.integers(0, 1_000_000), whole=st.booleans())
    def discount_by_percent(self, ppm: int, whole: bool) -> None:
        draft, discount = self.rung, Discount("percent", ppm, "regular")
        if whole:
            selling.discount_sale(self.store, self.actor, draft.id, discount)
        else:
            selling.discount_line(self.store, self.actor, draft.id, draft.lines[-1].id, discount)

    @precondition(lambda self: self.editable)
    @rule(cents=st.integers(1, 5_000))
    def discount_by_amount(self, cents: int) -> None:
        selling.discount_sale(self.store, self.actor, self.rung.id, Discount("amount", cents, "scuffed"))

    @precondition(lambda self: self.editable)
    @rule(quantity=st.integers(0, 4))
    def change_the_quantity(self, quantity: int) -> None:
        draft = self.rung
        selling.set_quantity(self.store, self.actor, draft.id, draft.lines[0].id, quantity)

    @precondition(lambda self: self.editable)
    @rule()
    def gift_wrap(self) -> None:
        draft = self.rung
        selling.gift_wrap(self.store, self.actor, draft.id, draft.lines[0].id)

    @precondition(lambda self: self.editable)
    @rule()
    def hold(self) -> None:
        draft = self.rung
        selling.hold(self.store, self.actor, draft.id)
        self.held.add(draft.id)

    @precondition(lambda self: self.held and self.nothing_open)
    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        wanted = data.draw(st.sampled_from(sorted(self.held)))
        selling.recall(self.store, self.actor, wanted)
        self.held.discard(wanted)

    @precondition(lambda self: self.editable)
    @rule(really=st.integers(0, 3))
    def void(self, really: int) -> None:
        if really == 0:
            selling.void(self.store, self.actor, self.rung.id, "changed their mind")

    @precondition(lambda self: self.is_open and not self.nothing_open)
    @rule(over=st.integers(0, 5_000))
    def pay_in_cash(self, over: int) -> None:
        draft = self.rung
        due = self.owed(draft)
        if due == 0 and draft.tenders:
            done = paying.complete(self.store, self.actor, draft.id).value
        else:
            given = max(0, due + 5 + over)
            done = paying.pay_cash(self.store, self.actor, draft.id, given).value
        self.completed(done.sale)

    @precondition(lambda self: self.is_open and self.editable and not self.rung.returns)
    @rule(part=st.integers(1, 100), declined=st.booleans())
    def pay_by_card(self, part: int, declined: bool) -> None:
        draft = self.rung
        due = self.owed(draft)
        amount = due * part // 100
        if amount == 0:
            return
        started = paying.start_card(self.store, self.actor, draft.id, amount).value.draft
        assert started is not None
        tender = started.tenders[-1].id
        if declined:
            paying.remove_tender(self.store, self.actor, draft.id, tender)
            return
        done = paying.confirm_card(self.store, self.actor, draft.id, tender, "Visa", "4242", "OK").value
        if amount == due:
            self.completed(done.sale)

    @precondition(lambda self: self.is_open and self.editable and self.owed(self.rung) > 0)
    @rule()
    def pay_by_cheque(self) -> None:
        draft = self.rung
        due = self.owed(draft)
        self.completed(paying.pay_cheque(self.store, self.actor, draft.id, due, "77").value.sale)

    @precondition(lambda self: self.sales and self.untouched)
    @rule(data=st.data(), damaged=st.booleans())
    def bring_back(self, data: st.DataObject, damaged: bool) -> None:
        sold = data.draw(st.sampled_from([s.receipt for s in self.sales]))
        try:
            opened = returning.start(self.store, self.actor, sold)
        except Refused as refused:
            assert refused.code == "nothing_sold"
            return
        taken = {r.of_line: r.quantity for r in opened.chosen}
        left = [x for x in opened.lines if x.left > taken.get(x.line.no, 0)]
        if not left:
            return
        no = left[0].line.no
        part = Part(no, taken.get(no, 0) + 1, "damaged" if damaged else "restock", "not wanted")
        draft_id = self.here.id if self.here else ""
        returning.add_all(self.store, self.actor, draft_id, opened.sale.id, [part])

    @precondition(lambda self: self.is_open and self.nothing_open and self.sales)
    @rule(data=st.data(), how=st.sampled_from(["cash", "card"]))
    def refund(self, data: st.DataObject, how: str) -> None:
        sale = data.draw(st.sampled_from(self.sales))
        back = days.bring_back(self.store, self.actor, sale, data.draw(st.integers(1, 3)), how)
        if back is not None:
            self.completed(back)

    @precondition(lambda self: self.is_open)
    @rule(cents=st.integers(1, 9_000), out=st.booleans())
    def move_cash(self, cents: int, out: bool) -> None:
        if out and cents <= self.cash:
            tilling.pay_out(self.store, self.actor, cents, "stamps")
            self.cash -= cents
        else:
            tilling.pay_in(self.store, self.actor, cents, "change")
            self.cash += cents

    @precondition(lambda self: self.is_open and self.nothing_open and len(self.sales) > self.sold_when_opened)
    @rule(off=st.integers(-500, 500))
    def close_the_till(self, off: int) -> None:
        counted = max(0, self.cash + off)
        report = tilling.close_till(self.store, self.actor, Count(other_cents=counted), 0).value
        self.closed += 1
        self.is_open = False
        assert report.expected_cents == self.cash
        assert report.z_number == self.closed

    @rule(hours=st.integers(1, 30))
    def let_time_pass(self, hours: int) -> None:
        self.clock.at += hours * 3_600_000

    @rule()
    def pull_the_plug_and_start_again(self) -> None:
        self.store.close()
        self.store = open_store(self.folder / "shop", clock=self.clock)

    # ---- what is always true ----

    @invariant()
    def everything_adds_up(self, thorough: bool = False) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.read() as conn:
            faults = checks.numbers(conn) + checks.stock(conn) + checks.tills(conn) + checks.drafts(conn)[0]
            faults += sale_checks.sales(conn) + sale_checks.returns(conn)
            if thorough:
                faults += checks.journal_chain(conn, None) + checks.journalled(conn) + tills.check(conn)
            on_hand: dict[str, int] = dict(conn.exec_driver_sql("SELECT sku, on_hand FROM main.items").all())
            till = conn.exec_driver_sql("SELECT open_till FROM registers").scalar_one()
            drawer = tills.in_drawer(conn, till) if till else 0
            states = conn.exec_driver_sql("SELECT id, state FROM drafts").all()
        self.here = selling.current(self.store, 1).draft
        assert faults == []
        assert {sku: n for sku, n in on_hand.items() if n} == {s: n for s, n in self.stock.items() if n}
        assert bool(till) == self.is_open
        if till:
            assert drawer == self.cash
        assert {key for key, state in states if state == "held"} == self.held
        assert sum(state == "open" for _, state in states) <= 1


TestCounter = CounterMachine.TestCase
TestCounter.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
)
TestCounter = pytest.mark.slow(pytest.mark.capability("BW+12")(TestCounter))
