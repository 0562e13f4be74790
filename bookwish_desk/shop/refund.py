"""What is given back for returned goods and which way it goes: pure arithmetic over frozen sales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from bookwish_desk.shop.money import round_cash
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.sold import Sale, SoldTender, returnable


class Original(msgspec.Struct, frozen=True):
    """A sale that something comes back from, with what came back of it before, and by which sales."""

    sale: Sale
    returned: Mapping[int, int]
    refunds: tuple[Sale, ...] = ()


class RefundStep(msgspec.Struct, frozen=True):
    """Money to give, as one tender; `amount_cents` is negative, as the tender's will be.

    `brand` and `last4` name the card that paid, `reference` the receipt it paid for. A cash step of 0
    gives nothing and completes what only cash rounding left open.
    """

    kind: Literal["card", "cash"]
    amount_cents: int
    brand: str = ""
    last4: str = ""
    reference: str = ""


class RefundPlan(msgspec.Struct, frozen=True):
    """What the shop owes (negative cents) and three ways to give it; all empty when it owes nothing.

    original: back the way it came, cards first, the rest in cash. cash: all of it in cash, rounded
    to the cash step. card: all of it on one card, to the cent.
    """

    owed_cents: int = 0
    original: tuple[RefundStep, ...] = ()
    cash: tuple[RefundStep, ...] = ()
    card: tuple[RefundStep, ...] = ()


def rounding_to_even(draft: Draft, originals: Sequence[Original]) -> int:
    """Return the cash rounding that this refund must undo, so that in the end all that was paid goes back.

    It is not 0 only when nothing is sold and everything left of one single sale comes back: then it is
    the rounding of that sale and of its earlier returns. Positive: the customer paid more than the
    goods came to. It never turns a refund into something to pay.
    """
    sources = {r.of_sale for r in draft.returns}
    if draft.lines or len(sources) != 1 or not sources.issubset(o.sale.id for o in originals):
        return 0
    original = next(o for o in originals if o.sale.id in sources)
    back = {r.of_line: r.quantity for r in draft.returns}
    if any(x.left != back.get(x.line.no, 0) for x in returnable(original.sale, original.returned)):
        return 0
    before = (s.rounding_cents for s in original.refunds if _only_undoes(s, original.sale.id))
    rounding = original.sale.rounding_cents + sum(before)
    return max(rounding, -sum(r.total_cents for r in draft.returns))


def _only_undoes(refund: Sale, sale_id: str) -> bool:
    return all(x.of_sale == sale_id for x in refund.lines)


def plan(draft: Draft, owed_cents: int, cash_step: int, originals: Sequence[Original]) -> RefundPlan:
    """Propose how to give back `owed_cents` (negative; what the draft's own tenders did not give yet).

    A card takes back at most what it brought for its sale, less what it got back before, and at most
    the worth of what comes back from that sale. Goods bought in exchange are paid from the cash part
    first. A cheque is paid back in cash: the shop has no way to take it back.
    """
    left = -owed_cents + sum(t.amount_cents for t in draft.tenders if t.state == "intended")
    if left <= 0:
        return RefundPlan()
    receipts = {r.of_receipt for r in draft.returns}
    cash = RefundStep("cash", -round_cash(left, cash_step))
    card = RefundStep("card", -left, reference=receipts.pop() if len(receipts) == 1 else "")
    steps: list[RefundStep] = []
    rest = left
    for original in sorted(originals, key=lambda o: (o.sale.completed_at, o.sale.id)):
        for step in _cards_of(draft, original):
            give = min(rest, -step.amount_cents)
            if give:
                steps.append(msgspec.structs.replace(step, amount_cents=-give))
                rest -= give
    if rest:
        steps.append(RefundStep("cash", -round_cash(rest, cash_step)))
    return RefundPlan(owed_cents=-left, original=tuple(steps), cash=(cash,), card=(card,))


def _cards_of(draft: Draft, original: Original) -> list[RefundStep]:
    """Return the most that each card of a sale can still take back in this draft."""
    receipt = original.sale.receipt
    brought: dict[tuple[str, str], int] = {}
    for t in original.sale.tenders:
        if t.kind == "card" and t.amount_cents > 0:
            card = (t.brand, t.last4)
            brought[card] = brought.get(card, 0) + t.amount_cents
    given_now = [
        SoldTender("card", t.amount_cents, brand=t.brand, last4=t.last4, reference=t.reference)
        for t in draft.tenders
        if t.kind == "card" and t.amount_cents < 0
    ]
    earlier = [t for s in original.refunds for t in s.tenders if t.kind == "card" and t.amount_cents < 0]
    mine = [t for t in (*earlier, *given_now) if t.reference in ("", receipt)]
    for t in mine:
        _take(brought, (t.brand, t.last4), -t.amount_cents)
    room = sum(r.total_cents for r in draft.returns if r.of_sale == original.sale.id)
    room += sum(t.amount_cents for t in given_now if t.reference in ("", receipt))
    out = []
    for (brand, last4), cents in sorted(brought.items()):
        most = min(cents, room)
        if most > 0:
            out.append(RefundStep("card", -most, brand, last4, receipt))
            room -= most
    return out


def _take(brought: dict[tuple[str, str], int], card: tuple[str, str], cents: int) -> None:
    """Take a refund off the card that got it; where it is none of these, off them one after another."""
    for key in (card, *sorted(brought)) if card in brought else sorted(brought):
        taken = min(cents, brought[key])
        brought[key] -= taken
        cents -= taken
