"""What the customer of an order would be sent after a step, as it would stand in the message.

Belongs on a lane: the wording of a notice is filled in, which takes longer than a frame.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions import telling_facts
from bookwish_desk.actions.mailing import wording_of
from bookwish_desk.actions.telling import Telling, unreachable
from bookwish_desk.settings import Settings
from bookwish_desk.shop import notices
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.notice_kinds import Kind
from bookwish_desk.shop.notices import NoticeFacts
from bookwish_desk.shop.order import Order, source_of
from bookwish_desk.shop.text import clean_lines
from bookwish_desk.ui.order_steps.state import Mail

NOT_USUAL = "By the shop's settings the customer does not hear of this."


def preview(
    settings: Settings, order: Order, kind: Kind, facts: NoticeFacts, telling: Telling, subject: str = ""
) -> Mail | None:
    """Return the message of a step, or why none is sent; None where staff chose to say nothing."""
    if telling.how == "silent":
        return None
    comment = clean_lines(telling.comment, 5_000)
    if kind in source_of(order).tells:
        if not (telling.asked and comment):
            return Mail(why=f"{source_of(order).name} tells the customer itself.")
        kind, facts = "message", telling_facts.of(settings, order)
    if kind == "message" and not comment:
        return Mail(why="Nothing is sent without words of yours." if telling.asked else NOT_USUAL)
    if kind not in settings.notices and not telling.asked:
        return Mail(why=NOT_USUAL)
    if why := unreachable(settings, order):
        return Mail(why=f"No message is sent. {why}")
    try:
        said = notices.render(
            wording_of(settings, kind) or notices.default(kind), replace(facts, comment=comment)
        )
    except Refused as refused:
        return Mail(why=refused.message)
    assert order.customer is not None
    return Mail(order.customer.email, subject or said.subject, said.text)
