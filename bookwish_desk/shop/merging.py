"""What an order of the online store asks of the order here: steps, edits, and what a person must decide.

The rules, and nothing of books or network. Facts only ever come further: the store can raise what is known
of the state and the money of an order, never lower it. Its facts about money hold. What left the shop goes
before a cancellation, a cancellation before work in the shop. Texts, address, lines and amounts are compared
on both sides with what the store had last: changed only there is taken over, only here is kept, on both
sides is for a person. What was judged once is not judged again until the store says something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bookwish_desk.shop import far_status
from bookwish_desk.shop.conflict import Choice, Conflict
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_choice import standing
from bookwish_desk.shop.far_order import RANKS, Money, is_newer, money_word, terms
from bookwish_desk.shop.merge_fields import merge_fields
from bookwish_desk.shop.merge_work import Merged, Show, Work, copies, fetched, put_back
from bookwish_desk.shop.online import Abilities, OnlineOrder
from bookwish_desk.shop.order import WORKING, Order, Vocabulary
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.order_words import PLACED, Word, asked, find_word, word
from bookwish_desk.shop.text import clean

__all__ = ["Merged", "heard_word", "merge", "money_of", "refunding", "status_conflict"]

RULE_GONE = "What left the shop goes before a cancellation."
RULE_STATUS = "Nothing is done against what happened here until somebody decides."
RULE_UNKNOWN = "A word that is not known here is kept and changes nothing."
RULE_MONEY = "The store's word about money holds, but this cannot be written down without a person."
RULE_BACK = "The store takes no step back by itself: what was reached here stays."


def merge(
    order: Order,
    far: OnlineOrder,
    base: OnlineOrder | None,
    abilities: Abilities,
    at: int,
    *,
    store_id: str = "",
    fitted: Mapping[str, OrderLine] | None = None,
    held: Sequence[Conflict] = (),
    show: Show = str,
) -> Merged:
    """Return what an order of the store (`far`) asks of the order here at a moment (ms UTC).

    `base` is how the store had it when it was last heard of, None where the order was typed in here.
    `fitted` are lines that the order here would get, by `far_order.keyed`; `held` its open conflicts: only
    what is new to the store's side, or in conflict, is judged. `show` writes money. Doing what it returns
    and asking again returns nothing. Raises Refused for numbers of the store that cannot be true.
    """
    if base is not None and _is_old_news(far, base, abilities.vocabulary):
        return Merged(late=True)
    work = Work(order, at, show, held)
    heard = heard_word(far, abilities.vocabulary)
    theirs = terms(far, store_id)
    had = terms(base, store_id) if base is not None else None
    if heard is None or heard.asks != "cancel":
        merge_fields(work, theirs, had, fitted or {})
    news = base is None or base.status != far.status
    implied_news = news and money_of(heard, far) != ""
    charged = any(change.what == "amounts" for change in work.edits)
    money_news = base is None or base.payment != far.payment or implied_news or charged
    _merge_money_in(work, far, base, heard, money_news)
    if base is not None and heard is not None and _stepped_back(work, far, base, heard, abilities):
        why = "It was further before."
        work.opened.append(status_conflict(work.order, far, abilities, at, why, RULE_BACK, ("ours",)))
    elif not (heard is not None and _is_still_back(work, far, heard, abilities)):
        _merge_status(work, far, heard, abilities, news)
    _merge_money_back(work, far, money_news)
    opened = tuple(standing(conflict, work.order, at) for conflict in work.opened)
    return Merged(tuple(work.edits), tuple(work.steps), opened, tuple(work.settled))


def _is_old_news(far: OnlineOrder, base: OnlineOrder, vocabulary: Vocabulary) -> bool:
    """Say whether the store said this of an order before what it was heard to say last.

    Its own times tell, compared with each other only. What has come further is news whenever it was said.
    """
    back = far_status.is_late(far.status, base.status, vocabulary)
    if back and not is_newer(far, base):
        return True
    richer = RANKS[money_word(far.payment)] > RANKS[money_word(base.payment)]
    return is_newer(base, far) and far.status == base.status and not richer


def _stepped_back(work: Work, far: OnlineOrder, base: OnlineOrder, heard: Word, abilities: Abilities) -> bool:
    """Say whether the store has gone back behind where the order is here."""
    ours = word(work.order, abilities.vocabulary)
    fell = far_status.is_late(far.status, base.status, abilities.vocabulary)
    return fell and heard.fits(work.order) and ours != heard


def _is_still_back(work: Work, far: OnlineOrder, heard: Word, abilities: Abilities) -> bool:
    """Say whether the store is where it had gone back to, which somebody is asked about already."""
    found = work.found("status", work.order.id)
    still = found is not None and found.rule == RULE_BACK and found.theirs == _shown(far.status)
    return still and heard.fits(work.order) and word(work.order, abilities.vocabulary) != heard


def heard_word(far: OnlineOrder, vocabulary: Vocabulary) -> Word | None:
    """Return the word that a status is, None for one that is not known here."""
    try:
        return find_word(vocabulary, far.status)
    except Refused:
        return None


def _shown(status: str) -> str:
    return clean(status.replace("_", " "), 60).capitalize() or "nothing"


# ---- the status ----


def _merge_status(work: Work, far: OnlineOrder, heard: Word | None, abilities: Abilities, news: bool) -> None:
    subject = work.order.id
    if not (news or work.is_held("status", subject) or work.is_held("gone", subject)):
        return
    if heard is None:
        why = "That word is not known here."
        made = status_conflict(work.order, far, abilities, work.at, why, RULE_UNKNOWN, ("ours",))
        work.opened.append(made)
        return
    if work.order.state == "cancelled" and work.is_held("cancel_there", subject):
        work.settle("status", subject)  # that is the one difference: it is cancelled here, not there
        return
    if heard.asks == "cancel" and work.order.gone and work.order.state != "cancelled":
        _cancelled_after(work, heard)
        return
    work.settle("gone", subject)
    detail = Step("start", tracking=clean(far.tracking, 64), carrier=clean(far.carrier, 32))
    told = asked(work.order, abilities.vocabulary, far.status, work.at, detail)
    if told.conflict:
        work.opened.append(status_conflict(work.order, far, abilities, work.at, told.conflict))
        return
    if heard.asks == "cancel" and told.steps:
        _put_back(work)
    for step in told.steps:
        work.step(step)
    work.settle("status", subject)


def status_conflict(
    order: Order,
    far: OnlineOrder,
    abilities: Abilities,
    at: int,
    why: str,
    rule: str = RULE_STATUS,
    choices: tuple[Choice, ...] = ("theirs", "ours"),
) -> Conflict:
    """Return the difference that an order cannot come where the store says it is, and why."""
    ours = word(order, abilities.vocabulary)
    body = {"status": far.status, "tracking": far.tracking, "carrier": far.carrier}
    return Conflict(
        id="", kind="status", subject=order.id, order_id=order.id,
        sentence=f"{order.number}: the store says {_shown(far.status)}. {why}".strip(),
        ours=ours.label if ours else "", theirs=_shown(far.status), theirs_at=at, rule=rule, field="status",
        body=msgspec.json.encode(body).decode(), choices=("ours",) if order.state == "cancelled" else choices,
    )  # fmt: skip


def _cancelled_after(work: Work, heard: Word) -> None:
    """Cancel what is still here of an order that was cancelled there; what left is for a person."""
    order = work.order
    reason = f"{heard.label} at the source"
    if order.open and order.state in WORKING and order.owner.name == "store":
        _put_back(work)
        try:
            if any(not p.shipped_at for p in order.parcels):
                work.step(Step("unpack", by="source"))
            work.step(Step("cancel_copies", reason=reason, by="source"))
        except Refused:
            work.order = order
    gone, returned = order.gone, sum(x.returned for x in order.lines)
    work.settle("status", order.id)
    if returned >= gone:
        work.settle("gone", order.id)
        return
    was = "was" if gone == 1 else "were"
    left = "left the shop" if order.kind == "ship" else f"{was} handed over"
    work.open(
        "gone", order.id,
        f"{order.number} was cancelled in the store after {copies(gone)} of it {left}.",
        ours=f"{copies(gone)} with the customer", theirs=heard.label, rule=RULE_GONE, field="status",
        choices=("take_back", "ours"),
    )  # fmt: skip


def _put_back(work: Work) -> None:
    count = fetched(work.order)
    if count:
        put_back(work, count, "it was cancelled in the store", "Cancelled")


# ---- the money ----


def money_of(heard: Word | None, far: OnlineOrder) -> Money:
    """Return what the store says of the money: its own word or what its status implies, the higher."""
    said = money_word(far.payment)
    implied: Money = "captured" if heard is not None and heard.paid else ""
    return max((said, implied), key=lambda money: RANKS[money])


def _merge_money_in(
    work: Work, far: OnlineOrder, base: OnlineOrder | None, heard: Word | None, news: bool
) -> None:
    order = work.order
    if not (news or work.is_held("payment", order.id)):
        return
    said = money_of(heard, far)
    if money_word(far.payment) == "unknown" and (work.is_held("payment", order.id) or _knew(far, base)):
        said = "unknown"  # something has happened to the money: whatever the status says of it
    try:
        if RANKS[said] >= RANKS["captured"]:
            _captured(work)
        elif said == "authorised" and order.to_collect_cents and not order.payment.authorised_cents:
            _may(work, "authorise")
        elif said == "pending" and order.to_collect_cents and order.payment.kind == "none":
            _may(work, "await_outside")
        elif said == "failed" and order.payment.authorised_cents and not order.payment.captured_cents:
            _may(work, "void")
        elif said == "failed" and order.payment.captured_cents > order.payment.refunded_cents:
            words = "the store says that the payment failed; here it is paid."
            _payment_conflict(work, far, f"{order.number}: {words}", "failed", ("theirs", "ours"))
            return
        elif said == "unknown":
            words = f"the store says {_shown(far.payment)} of the payment, a word that is not known here."
            _payment_conflict(work, far, f"{order.number}: {words}", "unknown", ("ours",), RULE_UNKNOWN)
            return
    except Refused as refused:
        said_there = f"{order.number}: the store has the money. {refused.message}"
        _payment_conflict(work, far, said_there, "captured", ("theirs", "ours"))
        return
    work.settle("payment", order.id)


def _knew(far: OnlineOrder, base: OnlineOrder | None) -> bool:
    """Say whether the store said something of the money before that is known here, and says another thing."""
    return (
        base is not None and far.payment != base.payment and money_word(base.payment) not in ("", "unknown")
    )


def _captured(work: Work) -> None:
    """Note that the money was taken; an authorisation in the way of it is no longer of interest."""
    if not work.order.to_collect_cents or work.order.state not in PLACED:
        return
    before, done = work.order, len(work.steps)
    try:
        work.step(Step("capture", by="source"))
    except Refused:
        work.order = before
        del work.steps[done:]
        work.step(Step("void", by="source"))
        work.step(Step("capture", by="source"))


def _may(work: Work, verb: Verb) -> None:
    if work.order.state in WORKING:
        work.step(Step(verb, by="source"))


def _merge_money_back(work: Work, far: OnlineOrder, news: bool) -> None:
    order = work.order
    said = money_word(far.payment)
    if said not in ("refunded", "part_refunded") or not (news or work.is_held("payment", order.id)):
        return
    left = order.payment.captured_cents - order.payment.refunded_cents
    if said == "part_refunded":
        if left and not order.payment.refunded_cents:
            sentence = f"{order.number}: the store gave part of the money back. It does not say how much."
            rule = "Note the amount at the order as money given back, then the refund."
            _payment_conflict(work, far, sentence, "part_refunded", ("ours",), rule)
        return
    try:
        for step in refunding(order):
            work.step(step)
        if work.order.open and work.order.state in WORKING and not work.order.hold:
            work.step(Step("hold", reason="The store gave the money back", by="source"))
    except Refused as refused:
        sentence = f"{order.number}: the store gave the money back. {refused.message}"
        _payment_conflict(work, far, sentence, "refunded", ("theirs", "ours"))


def refunding(order: Order) -> Iterator[Step]:
    """Yield the steps by which all the money that was taken for an order is noted as given back."""
    pay = order.payment
    if pay.captured_cents <= pay.refunded_cents:
        return
    if order.refund_due_cents < pay.captured_cents - pay.refunded_cents and order.worth_cents:
        yield Step("grant", cents=order.worth_cents, reason="Refunded in the store", by="source")
    yield Step("refund", reason="Refunded in the store", by="source")


def _payment_conflict(
    work: Work,
    far: OnlineOrder,
    sentence: str,
    field: str,
    choices: tuple[Choice, ...],
    rule: str = RULE_MONEY,
) -> None:
    pay = work.order.payment
    work.open(
        "payment", work.order.id, sentence,
        ours=f"{pay.kind.replace('_', ' ')}, {work.show(pay.held_cents)} paid",
        theirs=_shown(far.payment or far.status), rule=rule, field=field, choices=choices,
    )  # fmt: skip
