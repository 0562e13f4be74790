"""Orders in the hands of everybody at once: any step in any order, and the books add up after each.

Hypothesis chooses the steps; a plain model beside the order counts money, copies and consents on its own.
"""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from bookwish_desk.shop import order_edit as editing
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.order import Order, Payment, fault, promised, stock_taken
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_queue import QUEUE_NAMES, queue, tasks
from bookwish_desk.shop.order_rules import RULES, allowed, apply, edit
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.order_words import WAYS, WORDS, asked, word
from bookwish_desk.shop.promises import deadlines
from tests.shop.orders import DAY, PLACED, order

VERBS: tuple[Verb, ...] = get_args(Verb)
MONEY_IN = {"capture", "settle", "wholesaler_ship"}
LEAVING = {"ship", "hand_over", "wholesaler_ship"}
REASON = "Because of something"
MONEY = frozenset(
    verb for verb, row in RULES.items() if row.permission in ("order.payment", "order.refund")
) | {
    "settle",
    "expire",
}
BACK = {
    "unready",
    "unpack",
    "release",
    "bounce_back",
    "remind",
    "take_back",
    "recall",
    "retrack",
    "settle_parcel",
    "hold",
    "backorder",
    "void",
    "cancel",
    "cancel_copies",
    "split",
    "grant",
    "abandon",
}
CARTS_AND_GONE = ("in_checkout", "abandoned", "cancelled")
AWAY = ("recall", "retrack", "track", "settle_parcel", "deliver")
"""Steps on parcels that left."""
PAYMENTS = (
    Payment(),
    Payment("outside"),
    Payment("at_pickup"),
    Payment(authorised_cents=5_500, expires_at=PLACED + 3 * DAY),
    Payment(captured_cents=5_500),
    Payment(captured_cents=4_000, credit_cents=1_500),
)


class OrderMachine(RuleBasedStateMachine):
    """One order, its shelf, and whoever works on it."""

    order: Order
    at: int
    shelf: dict[str, int]
    captured: int
    refunded: int
    consents: int

    @initialize(
        kind=st.sampled_from(["ship", "pickup"]), payment=st.sampled_from(PAYMENTS), far=st.integers(-1, 7)
    )
    def begin(self, kind: str, payment: Payment, far: int) -> None:
        """Begin with an order as it comes in, or with one that is some way on."""
        self.order = order(kind, paid=payment, state="pending" if far >= 0 else "in_checkout")
        self.at = PLACED
        self.shelf = {line.sku: 10 for line in self.order.lines}
        self.captured = payment.captured_cents
        self.refunded = self.consents = 0
        for verb in WAYS[kind][: max(0, far)]:
            self.try_step(Step(verb, parcel="p" if verb == "pack" else "", tracking="1Z9"))

    def try_step(self, step: Step) -> None:
        before = self.order
        may = {a.verb: a.why_not for a in allowed(before, self.at)}
        try:
            after = apply(before, step, self.at)
        except Refused as refused:
            assert refused.message.endswith(".")
            assert refused.code
            return
        if may[step.verb]:
            # what was not allowed went through only by a manager's consent, or is no customer's cancel
            assert step.override
            assert len(after.overrides) == len(before.overrides) + 1
        self.consents += len(after.overrides) - len(before.overrides)
        self.account(before, step, after)
        self.order = after

    def account(self, before: Order, step: Step, after: Order) -> None:
        """Hold what moved against what the step may move."""
        if after.gone > before.gone:
            assert step.verb in LEAVING
            consented = len(after.overrides) > len(before.overrides)
            charged = step.verb == "wholesaler_ship" and after.paid
            assert before.paid or charged or consented
        taken, was = stock_taken(after), stock_taken(before)
        for sku in self.shelf:
            left = taken.get(sku, 0) - was.get(sku, 0)
            assert left >= 0 or step.verb == "recall"
            self.shelf[sku] -= left
        if after.payment.captured_cents != before.payment.captured_cents:
            assert step.verb in MONEY_IN
        if after.payment.refunded_cents != before.payment.refunded_cents:
            assert step.verb == "refund"
        self.captured += after.payment.captured_cents - before.payment.captured_cents
        self.refunded += after.payment.refunded_cents - before.payment.refunded_cents
        assert self.captured == after.payment.captured_cents
        assert self.refunded == after.payment.refunded_cents

    def draw_step(self, data: st.DataObject, verb: Verb) -> Step:
        """Return a step with what it needs: some copies or all, a parcel that is there, an amount."""
        lines = [line.id for line in self.order.lines]
        some = st.lists(st.tuples(st.sampled_from(lines), st.just(1)), min_size=1, max_size=2, unique=True)
        parcels = [p.id for p in self.order.parcels if not p.shipped_at]
        away = [p.id for p in self.order.parcels if p.shipped_at]
        full = [p for p in self.order.parcels if not p.shipped_at and sum(n for _, n in p.contents) > 1]
        copies = tuple(data.draw(st.one_of(st.just([]), some)))
        parcel = data.draw(st.sampled_from(["", *parcels]))
        if verb in AWAY and away:
            parcel = data.draw(st.sampled_from(["", *away]))
        if verb == "split" and full:
            parcel, copies = full[0].id, ((full[0].contents[0][0], 1),)
        return Step(
            verb,
            copies,
            parcel=parcel if verb in ("pack", "unpack", "split", "ship", *AWAY) else "",
            status="failure" if verb == "track" else "",
            reason=REASON,
            cents=data.draw(st.sampled_from([0, 0, 0, 300])) if verb != "grant" else 300,
            tracking="1Z9",
            partly=data.draw(st.booleans()),
        )

    def try_one_of(self, data: st.DataObject, verbs: frozenset[str]) -> None:
        ready = [a.verb for a in allowed(self.order, self.at) if not a.why_not and a.verb in verbs]
        if ready:
            self.try_step(self.draw_step(data, data.draw(st.sampled_from(ready[::-1]))))

    @rule(data=st.data(), often=st.integers(1, 6))
    def onward(self, data: st.DataObject, often: int) -> None:
        for _ in range(often):
            self.try_one_of(data, frozenset(WAYS[self.order.kind]) | {"place", "release_hold"})

    @rule(data=st.data())
    def money(self, data: st.DataObject) -> None:
        self.try_one_of(data, MONEY - {"grant"})

    @rule(data=st.data())
    def anything_allowed(self, data: st.DataObject) -> None:
        self.try_one_of(data, frozenset(VERBS) - MONEY - BACK)

    @rule(data=st.data(), verb=st.sampled_from(sorted(BACK)))
    def backward(self, data: st.DataObject, verb: str) -> None:
        self.try_one_of(data, frozenset({verb}))

    @precondition(lambda self: self.order.state == "processing")
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if data.draw(st.integers(0, 5)) == 0:
            self.try_one_of(data, frozenset({"cancel"}))

    @rule(
        verb=st.sampled_from(VERBS),
        copies=st.lists(st.tuples(st.sampled_from("abc"), st.integers(-1, 3)), max_size=2),
        cents=st.sampled_from([0, 0, 1, 1_500, 5_500, 9_999, -1]),
        override=st.sampled_from(["", "", "She pays on Friday"]),
        by=st.sampled_from(["store", "customer"]),
        parcel=st.sampled_from(["", "p", "q"]),
    )
    def any_step(
        self,
        verb: Verb,
        copies: list[tuple[str, int]],
        cents: int,
        override: str,
        by: str,
        parcel: str,
    ) -> None:
        if verb == "cancel" and not self.order.overrides and len(copies) == 2:
            return  # final: not each time
        step = Step(
            verb, tuple(copies), parcel=parcel, into="q", reason=REASON, cents=cents, override=override
        )
        self.try_step(replace(step, by=by, partly=bool(copies)))

    @precondition(lambda self: self.order.lines)
    @rule(
        which=st.integers(0, 4),
        line=st.sampled_from("abc"),
        number=st.integers(1, 4),
        cents=st.sampled_from([0, 700, 2_500]),
    )
    def any_edit(self, which: int, line: str, number: int, cents: int) -> None:
        before = self.order
        new = OrderLine(f"n{len(before.lines)}", "9780141439587", "Emma", number, cents)
        changes = (
            lambda o: editing.set_quantity(o, line, number),
            lambda o: editing.set_price(o, line, cents),
            lambda o: editing.set_discount(o, cents),
            lambda o: editing.add_line(o, new) if len(o.lines) < 5 else o,
            lambda o: editing.remove_line(o, line),
        )
        try:
            self.order = edit(before, changes[which], self.at)
        except Refused:
            return
        self.shelf.setdefault(new.sku, 0)
        assert self.order.payment == before.payment
        assert stock_taken(self.order) == stock_taken(before)

    @rule(vocabulary=st.sampled_from(sorted(WORDS)), data=st.data())
    def a_word_from_outside(self, vocabulary: str, data: st.DataObject) -> None:
        heard = data.draw(st.sampled_from(WORDS[vocabulary]))  # type: ignore[index]
        if heard.key.startswith("cancel") or (heard.asks == "complete" and data.draw(st.booleans())):
            return  # final: not each time
        found = asked(self.order, vocabulary, heard.key, self.at)  # type: ignore[arg-type]
        assert not (found.steps and found.conflict)
        for step in found.steps:
            self.try_step(step)
        if not found.conflict:
            assert heard.fits(self.order)

    @rule(days=st.integers(1, 5))
    def time_passes(self, days: int) -> None:
        self.at += days * DAY

    @invariant()
    def counts_reconcile(self) -> None:
        assert fault(self.order) == ""
        for line in self.order.lines:
            assert (
                line.ordered == line.cancelled + line.open + line.handed_over + line.shipped + line.supplied
            )
            assert min(line.open, line.unallocated, line.to_pick, line.to_check, line.at_hand) >= 0
        assert all(copies > 0 for copies in promised(self.order).values())

    @invariant()
    def money_reconciles(self) -> None:
        some, pay = self.order, self.order.payment
        assert some.worth_cents >= 0
        balance = some.to_collect_cents - some.refund_due_cents - some.credit_due_cents
        assert balance == some.worth_cents - pay.held_cents
        assert min(some.to_collect_cents, some.refund_due_cents, some.credit_due_cents, pay.held_cents) >= 0
        shown = {t.kind: t.cents for t in tasks(some, self.at)}
        assert shown.get("refund", 0) == some.refund_due_cents
        assert shown.get("return_credit", 0) == some.credit_due_cents
        troubled = any(p.trouble for p in some.parcels) and some.state not in CARTS_AND_GONE
        assert ("parcel" in shown) == troubled
        if some.refund_due_cents and some.state not in ("in_checkout", "abandoned"):
            assert queue(some, self.at) == "problems"

    @invariant()
    def nothing_left_unpaid_without_consent(self) -> None:
        assert len(self.order.overrides) == self.consents
        if self.order.state == "completed":
            assert self.order.paid
        if self.order.state == "cancelled":
            assert (self.order.open, self.order.worth_cents, self.order.gone) == (0, 0, 0)

    @invariant()
    def it_can_always_be_shown(self) -> None:
        assert queue(self.order, self.at) in QUEUE_NAMES
        for vocabulary in WORDS:
            its = word(self.order, vocabulary)
            carts = self.order.state in ("in_checkout", "abandoned")
            assert its is not None or (carts and vocabulary != "indiecommerce")
        found = deadlines(self.order, OpeningHours())
        assert [d.act_by for d in found] == sorted(d.act_by for d in found)
        assert all(d.act_by <= d.at for d in found)


OrderMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


TestOrderMachine = pytest.mark.capability("OMG-34", "BW+11", "OMG-28")(OrderMachine.TestCase)
