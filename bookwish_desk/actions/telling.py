"""What customers and staff are told when an order changes: notices as messages in the outbox.

Which facts of an order a notice names is `actions.telling_facts`; what falls due by the clock alone is
`actions.telling_due`. Nothing here refuses: what cannot be told is a fact in the order's history.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import mailing
from bookwish_desk.actions import telling_facts as facts
from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db import orders
from bookwish_desk.db.store import Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.letter import Told
from bookwish_desk.shop.mail import mail_address
from bookwish_desk.shop.notice_kinds import Kind
from bookwish_desk.shop.notices import NoticeFacts, NoticeLine
from bookwish_desk.shop.order import WORKING, Order, source_of
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import deadlines
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.text import clean, clean_lines, holds_card_number, mask_cards

MESSAGE = "message"
"""What the history calls words that staff wrote to the customer."""

_ARRIVES = frozenset(("hand_over", "deliver", "complete", "wholesaler_complete"))
_PLACED = frozenset(("placed", "place"))


class Telling(msgspec.Struct, frozen=True):
    """Whether the customer hears of a step, and what staff add in their own words (WSM-15, WSM-16).

    `usual` sends what the shop's settings say for this kind of step; `silent` never, `send` always. Words
    are sent whatever is usual.
    """

    how: Literal["usual", "silent", "send"] = "usual"
    comment: str = ""

    @property
    def asked(self) -> bool:
        """Say whether the customer is to hear of it even where that is not usual."""
        return self.how == "send" or (self.how == "usual" and bool(self.comment.strip()))


class Saying(msgspec.Struct, frozen=True):
    """A notice that a change brings, with its facts. `subject` stands in the place of the wording's.

    `there` says that the order's source has told the customer of it.
    """

    kind: Kind
    facts: NoticeFacts
    subject: str = ""
    there: bool = False


def follow(tx: Tx, actor: Actor, before: Order, after: Order, kind: str, body: Any, telling: Telling) -> None:
    """Queue the notices that a change of an order brings with it."""
    sayings = tuple(_brought(tx, before, after, kind, body))
    for saying in sayings:
        _tell(tx, actor, after, saying, telling)
    if not sayings and telling.asked and telling.comment.strip() and kind != MESSAGE:
        _tell(tx, actor, after, Saying("message", facts.of(tx.settings, after)), telling)
    if kind in (*_PLACED, "bounce_back") and after.state in WORKING:
        _tell_staff(tx, actor, after)


def tell(
    tx: Tx,
    actor: Actor,
    order: Order,
    kind: Kind,
    telling: Telling = Telling(),  # noqa: B008
    *,
    lines: tuple[NoticeLine, ...] = (),
    reason: str = "",
    alternatives: tuple[str, ...] = (),
    new_date: str = "",
    refund_cents: int = 0,
) -> None:
    """Queue one notice to the customer: of a problem, as part of the action that settles it.

    `lines` are the books it is about, all of the order where none are given; `new_date` is YYYY-MM-DD.
    """
    said = replace(
        facts.of(tx.settings, order),
        reason=reason,
        alternatives=alternatives,
        new_date=new_date,
        refund_cents=refund_cents,
    )
    _tell(tx, actor, order, Saying(kind, replace(said, lines=lines) if lines else said), telling)


@action
def message(tx: Tx, actor: Actor, order_id: str, text: str, subject: str = "") -> str:
    """Write to the customer of an order in staff's own words, and return the id of the row in the outbox.

    Raises Refused for an empty text, for a customer without an address, and where mail is not set up.
    """
    require(tx, actor, "order.work", f"{order_id} {MESSAGE}")
    order = orders.load(tx.conn, order_id)
    words = clean_lines(text, 5_000)
    if not words:
        raise Refused("empty", "Write what the customer should know.", field="text")
    if holds_card_number(f"{words}\n{subject}"):
        raise Refused("card_number", "That looks like a card number. It is never written down here.")
    if why := unreachable(tx.settings, order):
        raise Refused("unreachable", why)
    saying = Saying("message", replace(facts.of(tx.settings, order), comment=words), clean(subject))
    body = {"text": words, "subject": saying.subject}
    orders.record(tx, order.id, MESSAGE, staff=actor.staff, register=actor.register, body=body)
    return _send(tx, actor, order, saying)


# ---- which notices a change brings ----


def _brought(tx: Tx, before: Order, after: Order, kind: str, body: Any) -> Iterator[Saying]:
    """Yield the notices of a change to the customer, in the order of the work."""
    of, settings = facts.of, tx.settings
    if after.state == "cancelled" and before.state in WORKING:
        yield Saying("cancelled", facts.cancelled(settings, after, step=body))
        return
    if kind in _PLACED and after.state in WORKING:
        yield Saying("received", facts.received(settings, after))
    elif kind == "confirm" and not any(x.short or x.backordered for x in after.lines):
        yield Saying("fillable", replace(of(settings, after), expected=after.expected_on))
    elif kind == "start":
        yield Saying("processing", of(settings, after))
    elif kind == "ready":
        yield Saying("ready", facts.waiting(settings, after))
    elif kind == "remind":
        yield Saying(reminder(tx, before), facts.waiting(settings, after))
    elif kind == "pack" and _packed(after) and not _packed(before):
        yield Saying("ready_to_ship", facts.packed(settings, after))
    elif kind in ("refund", "return_credit"):
        paid = facts.given_back(after) - facts.given_back(before)
        reason = body.reason if isinstance(body, Step) else ""
        said = replace(of(settings, after), refund_cents=paid, reason=reason)
        # Who tells of a cancellation tells of the refund with it.
        there = isinstance(body, Step) and body.by == "source" and after.state == "cancelled"
        yield Saying("refunded", said, there=there and "cancelled" in source_of(after).tells)
    yield from _of_parcels(settings, before, after, kind)
    if kind in _ARRIVES and after.delivered and not before.delivered:
        yield Saying("delivered", replace(of(settings, after), review_link=settings.review_link))


def _of_parcels(settings: Settings, before: Order, after: Order, kind: str) -> Iterator[Saying]:
    """Yield that parcels left, got another number, or come later than was told."""
    for parcel in after.parcels:
        known = before.parcel(parcel.id)
        if known is None or not known.shipped_at:
            if parcel.shipped_at:
                yield Saying("shipped", facts.shipped(settings, after, parcel))
        elif kind == "retrack" and parcel.tracking and parcel.tracking != known.tracking:
            yield Saying("shipped", facts.shipped(settings, after, parcel))
        elif kind == "track" and known.expected_on and parcel.expected_on > known.expected_on:
            if parcel.trouble:
                continue  # it may not come at all: somebody tells them more than a day
            said = facts.shipped(settings, after, parcel)
            yield Saying("delayed", replace(said, new_date=parcel.expected_on))


def _packed(order: Order) -> bool:
    """Say whether every copy that the customer waits for lies in a parcel here."""
    return order.open > 0 and sum(x.packed - x.shipped for x in order.lines) == order.open


def reminder(tx: Tx, order: Order) -> Kind:
    """Return which reminder an order that waits to be collected is due for: the last one after 14 days."""
    found = deadlines(order, tx.settings.opening, tx.settings.promises)
    last = any(d.promise == "hold_last" and d.stage(tx.at) != "later" for d in found)
    return "reminder_14" if last else "reminder_7"


# ---- telling ----


def _tell(tx: Tx, actor: Actor, order: Order, saying: Saying, telling: Telling) -> None:
    """Queue a notice to the customer, or remember why not. What the shop never sends is not remembered."""
    comment = mask_cards(clean_lines(telling.comment, 5_000))
    told_there = saying.there or saying.kind in source_of(order).tells
    if told_there and telling.asked and comment:
        # Their store has told them already: only the words are new.
        saying, told_there = Saying("message", facts.of(tx.settings, order)), False
    usual = saying.kind in tx.settings.notices
    if not usual and (telling.how == "silent" or not telling.asked):
        return
    if why := _why_not(tx, order, told_there, telling):
        body = Told(saying.kind, why=why)
        orders.record(tx, order.id, mailing.TOLD, staff=actor.staff, register=actor.register, body=body)
        return
    _send(tx, actor, order, replace(saying, facts=replace(saying.facts, comment=comment)))


def _why_not(tx: Tx, order: Order, told_there: bool, telling: Telling) -> str:
    if told_there:
        return f"{source_of(order).name} tells them itself."
    if telling.how == "silent":
        return "Saved without telling them."
    return unreachable(tx.settings, order)


def unreachable(settings: Settings, order: Order) -> str:
    """Return why the customer of an order cannot be written to, or an empty text."""
    email = order.customer.email if order.customer else ""
    if not mailing.is_set_up(settings):
        return "E-mail is not set up."
    if not email.strip():
        return "No e-mail address is known."
    try:
        mail_address(email)
    except Refused:
        return "Their e-mail address is not one."
    return ""


def send(tx: Tx, actor: Actor, order: Order, kind: Kind, about: NoticeFacts) -> str:
    """Queue a notice to a customer who is not `unreachable`; return the id of its row in the outbox."""
    return _send(tx, actor, order, Saying(kind, about))


def _send(tx: Tx, actor: Actor, order: Order, saying: Saying) -> str:
    assert order.customer is not None
    row = mailing.post_letter(
        tx,
        saying.kind,
        mail_address(order.customer.email),
        saying.facts,
        ref=order.id,
        register=actor.register,
        to_name=clean(order.customer.name, 100),
        subject=saying.subject,
    )
    body = Told(saying.kind, (row,))
    orders.record(tx, order.id, mailing.TOLD, staff=actor.staff, register=actor.register, body=body)
    return row


def _tell_staff(tx: Tx, actor: Actor, order: Order) -> None:
    """Tell everybody whom the settings name of a new order at once (BW+07, WSM+04)."""
    settings = tx.settings
    if settings.staff_notice == "digest" or not settings.staff_mail or not mailing.is_set_up(settings):
        return
    about = facts.for_staff(settings, order)
    rows = tuple(
        mailing.post_letter(tx, "new_order", to, about, ref=order.id, register=actor.register)
        for to in settings.staff_mail
    )
    body = Told("new_order", rows)
    orders.record(tx, order.id, mailing.TOLD, staff=actor.staff, register=actor.register, body=body)
