"""The notice that a problem of an order brings, as far as it is settled on the sheet. No Qt here."""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions import telling_facts
from bookwish_desk.actions.telling import Telling
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.notices import NoticeFacts, NoticeLine
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_problem import CHOICES, Problem, notice_of, usual_cents
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui.order_steps.state import Saying


def saying_of(settings: Settings, order: Order, problem: Problem, telling: Telling, at: int) -> Saying | None:
    """Return the notice to the customer, None where only words of staff's own are sent and there are none.

    Who chose only to tell the customer has chosen that; the last copies cancelled are a cancelled order.
    """
    about = f"{problem.answer} {problem.copies} {problem.reason} {problem.expected_on} {problem.cents}"
    cancelling = Step("cancel_copies", copies=problem.copies, reason=problem.reason or "-")
    after = _after(order, cancelling, at) if problem.answer == "cancel" and problem.copies else order
    if after.state == "cancelled":
        return Saying(
            "cancelled",
            lambda: telling_facts.cancelled(settings, after, cancelling),
            order,
            telling,
            about=about,
        )
    notice = notice_of(problem)
    if notice is None:
        facts = telling_facts.of
        return Saying("message", lambda: facts(settings, order), order, telling) if telling.asked else None
    if problem.answer == "tell" and telling.how == "usual":
        telling = Telling("send", telling.comment)
    back = after.refund_due_cents - order.refund_due_cents
    refund = (problem.cents or usual_cents(order, problem)) if problem.answer == "refund" else back

    def said() -> NoticeFacts:
        copies = ((order.line(x), n) for x, n in problem.copies)
        lines = tuple(NoticeLine(x.title, n) for x, n in copies if x is not None)
        whole = telling_facts.of(settings, order)
        return replace(
            whole,
            lines=lines or whole.lines,
            reason=problem.reason,
            new_date=problem.expected_on,
            alternatives=CHOICES if problem.answer == "tell" and problem.kind != "delay" else (),
            refund_cents=refund,
        )

    return Saying(notice, said, order, telling, about=about)


def _after(order: Order, step: Step, at: int) -> Order:
    try:
        return apply(order, step, at)
    except Refused:
        return order
