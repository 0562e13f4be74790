"""What an order of the online store asks of the order here: steps, edits, and what a person must decide.

The rules, and nothing of books or network. Facts only ever come further: the store can raise what is known
of the state and the money of an order, never lower it. Its facts about money hold. What left the shop goes
before a cancellation, a cancellation before work in the shop. Texts, address, lines and amounts are compared
on both sides with what the store had last: changed only there is taken over, only here is kept, on both
sides is for a person. What was judged once is not judged again until the store says something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from bookwish_desk.shop import far_status
from bookwish_desk.shop.conflict import Choice, Conflict, Kind
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_edit import WORDS, FarEdit, What, changed
from bookwish_desk.shop.far_order import (
    RANKS,
    Amounts,
    Money,
    Terms,
    amounts_of,
    is_newer,
    keyed,
    matched,
    money_word,
    terms,
    title_of,
)
from bookwish_desk.shop.online import Abilities, OnlineLine, OnlineOrder
from bookwish_desk.shop.order import WORKING, Order, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.order_words import PLACED, Word, asked, find_word, word
from bookwish_desk.shop.text import clean

Show = Callable[[int], str]

RULE_EDIT = "Both sides changed it: ours stays until somebody decides."
RULE_GONE = "What left the shop goes before a cancellation."
RULE_STATUS = "Nothing is done against what happened here until somebody decides."
RULE_UNKNOWN = "A word that is not known here is kept and changes nothing."
RULE_MONEY = "The store's word about money holds, but this cannot be written down without a person."
RULE_BACK = "The store takes no step back by itself: what was reached here stays."


class Merged(msgspec.Struct, frozen=True):
    """What follows from an order of the store.

    First `edits`, then `steps`, each tried on the order. `opened` are differences for a person, `settled`
    those that are none any more. `late` says that it is old news, to be left alone as a whole.
    """

    edits: tuple[FarEdit, ...] = ()
    steps: tuple[Step, ...] = ()
    opened: tuple[Conflict, ...] = ()
    settled: tuple[tuple[Kind, str], ...] = ()
    late: bool = False


class _Work:
    """An order on its way through one merge: what was found so far."""

    def __init__(self, order: Order, at: int, show: Show, held: Sequence[Conflict]) -> None:
        self.order, self.at, self.show = order, at, show
        self.held = {(c.kind, c.subject) for c in held}
        self.edits: list[FarEdit] = []
        self.steps: list[Step] = []
        self.opened: list[Conflict] = []
        self.settled: list[tuple[Kind, str]] = []

    def is_held(self, kind: Kind, subject: str) -> bool:
        return (kind, subject) in self.held

    def open(self, kind: Kind, subject: str, sentence: str, **facts: Any) -> None:
        made = Conflict(
            id="", kind=kind, subject=subject, order_id=self.order.id, sentence=sentence,
            theirs_at=self.at, **facts,
        )  # fmt: skip
        self.opened.append(made)

    def settle(self, kind: Kind, subject: str) -> None:
        if self.is_held(kind, subject):
            self.settled.append((kind, subject))

    def step(self, step: Step) -> None:
        """Take a step on the order as it would be. Raises Refused."""
        self.order = apply(self.order, step, self.at)
        self.steps.append(step)

    def edit(self, change: FarEdit) -> None:
        """Make a change on the order as it would be. Raises Refused."""
        after = changed(self.order, change, self.at)
        if after != self.order:
            self.order = after
            self.edits.append(change)


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
    bookwish = abilities.vocabulary == "bookwish"
    back = base is not None and bookwish and far_status.is_late(far.status, base.status)
    if back and base is not None and not is_newer(far, base):
        return Merged(late=True)
    work = _Work(order, at, show, held)
    heard = _heard(far, abilities)
    theirs = terms(far, store_id)
    had = terms(base, store_id) if base is not None else None
    if heard is None or heard.asks != "cancel":
        _merge_fields(work, theirs, had, fitted or {})
    news = base is None or base.status != far.status
    if back:
        why = "It was further before."
        work.opened.append(status_conflict(order, far, abilities, at, why, RULE_BACK, ("ours",)))
    else:
        money_news = base is None or base.payment != far.payment or (news and _implied(heard, far) != "")
        _merge_money_in(work, far, heard, money_news)
        _merge_status(work, far, heard, abilities, news)
        _merge_money_back(work, far, money_news)
    return Merged(tuple(work.edits), tuple(work.steps), tuple(work.opened), tuple(work.settled))


def _heard(far: OnlineOrder, abilities: Abilities) -> Word | None:
    """Return the word that a status is, None for one that is not known here."""
    try:
        return find_word(abilities.vocabulary, far.status)
    except Refused:
        return None


def _shown(status: str) -> str:
    return clean(status.replace("_", " "), 60).capitalize() or "nothing"


# ---- the status ----


def _merge_status(
    work: _Work, far: OnlineOrder, heard: Word | None, abilities: Abilities, news: bool
) -> None:
    subject = work.order.id
    if not (news or work.is_held("status", subject) or work.is_held("gone", subject)):
        return
    if heard is None:
        why = "That word is not known here."
        made = status_conflict(work.order, far, abilities, work.at, why, RULE_UNKNOWN, ("ours",))
        work.opened.append(made)
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
        body=msgspec.json.encode(body).decode(), choices=choices,
    )  # fmt: skip


def _cancelled_after(work: _Work, heard: Word) -> None:
    """Cancel what is still here of an order that was cancelled there; what left is for a person."""
    order = work.order
    reason = f"{heard.label} at the source"
    if order.open and order.state in WORKING and order.owner.name == "store":
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
    left = "left the shop" if order.kind == "ship" else "were handed over"
    work.open(
        "gone", order.id,
        f"{order.number} was cancelled in the store after {_copies(gone)} of it {left}.",
        ours=f"{_copies(gone)} with the customer", theirs=heard.label, rule=RULE_GONE, field="status",
        choices=("take_back", "ours"),
    )  # fmt: skip


def _copies(count: int) -> str:
    return "1 copy" if count == 1 else f"{count} copies"


# ---- the money ----


def _implied(heard: Word | None, far: OnlineOrder) -> Money:
    """Return what the store says of the money: its own word or what its status implies, the higher."""
    said = money_word(far.payment)
    implied: Money = "captured" if heard is not None and heard.paid else ""
    return max((said, implied), key=lambda money: RANKS[money])


def _merge_money_in(work: _Work, far: OnlineOrder, heard: Word | None, news: bool) -> None:
    order = work.order
    if not (news or work.is_held("payment", order.id)):
        return
    said = _implied(heard, far)
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


def _captured(work: _Work) -> None:
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


def _may(work: _Work, verb: Verb) -> None:
    if work.order.state in WORKING:
        work.step(Step(verb, by="source"))


def _merge_money_back(work: _Work, far: OnlineOrder, news: bool) -> None:
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
    work: _Work,
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


# ---- what is compared field by field ----


def _merge_fields(work: _Work, theirs: Terms, had: Terms | None, fitted: Mapping[str, OrderLine]) -> None:
    mine = work.order
    ours_of: dict[What, Any] = {
        "customer": _who(mine.customer),
        "address": mine.address,
        "shipping": mine.kind,
        "instructions": mine.instructions,
        "gift": (mine.gift, mine.gift_message),
    }
    came = amounts_of(mine)
    for what, ours in ours_of.items():
        _merge_field(work, what, ours, theirs, had)
    _merge_tracking(work, theirs, had)
    clashed = _merge_lines(work, theirs, had, fitted)
    _merge_amounts(work, came, theirs.amounts, had.amounts if had else None, clashed)


def _who(customer: Any) -> tuple[str, str]:
    return (customer.name, customer.email) if customer else ("", "")


def _far_value(what: What, t: Terms) -> Any:
    values: dict[What, Any] = {
        "customer": _who(t.customer),
        "address": t.address,
        "shipping": t.kind,
        "instructions": t.instructions,
        "gift": (t.gift, t.gift_message),
    }
    return values[what]


def _change_to(what: What, t: Terms) -> FarEdit:
    if what == "customer":
        return FarEdit(what, customer=t.customer)
    if what == "address":
        return FarEdit(what, address=t.address)
    if what == "shipping":
        return FarEdit(what, kind=t.kind or "pickup")
    if what == "gift":
        return FarEdit(what, gift=t.gift, text=t.gift_message)
    return FarEdit(what, text=t.instructions)


def _merge_field(work: _Work, what: What, ours: Any, theirs: Terms, had: Terms | None) -> None:
    subject = f"{work.order.id}:{what}"
    new = _far_value(what, theirs)
    if ours == new:
        work.settle("edit", subject)
        return
    if had is not None and _far_value(what, had) == new:
        return
    if had is None and _empty(new):
        return  # the store says nothing of it: what staff typed in stays
    change = _change_to(what, theirs)
    base = _far_value(what, had) if had is not None else None
    rule = RULE_EDIT
    if _empty(ours) or (had is not None and ours == base):
        try:
            work.edit(change)
            work.settle("edit", subject)
            return
        except Refused as refused:
            rule = refused.message
    sentence = f"{work.order.number}: the store has another {WORDS[what]}."
    _edit_conflict(work, subject, sentence, _in_words(what, ours), _in_words(what, new), rule, (change,))


def _empty(value: Any) -> bool:
    return value in (None, "", ("", ""), (False, ""))


def _in_words(what: What, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, PostalAddress):
        v = value
        parts = (v.name, v.line1, v.line2, f"{v.postal_code} {v.city}".strip(), v.state, v.country, v.phone)
        return ", ".join(p for p in parts if p)
    if what == "shipping":
        return "picked up" if value == "pickup" else "shipped"
    if what == "gift":
        return (f"a gift: {value[1]}" if value[1] else "a gift") if value[0] else "no gift"
    if what == "customer":
        return ", ".join(part for part in value if part)
    return str(value)


def _edit_conflict(
    work: _Work,
    subject: str,
    sentence: str,
    ours: str,
    theirs: str,
    rule: str,
    edits: Sequence[FarEdit],
) -> None:
    work.open(
        "edit", subject, sentence, ours=ours, theirs=theirs, rule=rule, field=edits[0].what,
        body=msgspec.json.encode(edits).decode(), choices=("theirs", "ours"),
    )  # fmt: skip


def _merge_tracking(work: _Work, theirs: Terms, had: Terms | None) -> None:
    """Take over a tracking number that the store has learned of since the parcel left."""
    news = theirs.tracking and (had is None or had.tracking != theirs.tracking)
    sent = [p for p in work.order.parcels if p.shipped_at]
    if news and len(sent) == 1 and not sent[0].tracking:
        work.edit(FarEdit("tracking", text=theirs.tracking))


# ---- lines ----


def _merge_lines(work: _Work, theirs: Terms, had: Terms | None, fitted: Mapping[str, OrderLine]) -> bool:
    """Merge lines one by one, more before fewer; say whether one is left to a person."""
    before = had.lines if had is not None else {}
    both = {**before, **theirs.lines}
    mine = matched(work.order, both)
    clashed = False
    left = _judged(work, theirs, had, mine, fitted, both)
    for key, change, ours_as_before, ours, new in sorted(left, key=lambda found: _ORDER.index(found[1].what)):
        subject = f"{work.order.id}:{change.what}:{key}"
        rule = RULE_EDIT
        if ours_as_before:
            try:
                work.edit(change)
                work.settle("edit", subject)
                continue
            except Refused as refused:
                rule = refused.message
        clashed = True
        sentence = f"{work.order.number}: the store has another {WORDS[change.what]} of {change.about}."
        if change.what in ("add_line", "remove_line"):
            there = "has" if change.what == "add_line" else "no longer has"
            sentence = f"{work.order.number}: the store {there} {change.about} in the order."
        amounts = FarEdit("amounts", amounts=theirs.amounts)
        _edit_conflict(work, subject, sentence, ours, new, rule, (change, amounts))
    return clashed


_ORDER: tuple[What, ...] = ("add_line", "price", "quantity", "remove_line")


def _judged(
    work: _Work,
    theirs: Terms,
    had: Terms | None,
    mine: Mapping[str, OrderLine],
    fitted: Mapping[str, OrderLine],
    both: Mapping[str, OnlineLine],
) -> Iterator[tuple[str, FarEdit, bool, str, str]]:
    """Yield what differs of the lines: the change, whether ours is as it was before, both values in words."""
    before = had.lines if had is not None else {}
    for key in both:
        then, now, line = before.get(key), theirs.lines.get(key), mine.get(key)
        live = line.live if line else 0
        about = title_of(both[key])
        if now is None:
            _settle_line(work, key, done=not live)
            if then is not None and line is not None and live:
                change = FarEdit("remove_line", line=line.id, about=about)
                yield key, change, live == then.quantity, _copies(live), "no copy"
        elif line is None:
            if then is None and key in fitted:
                change = FarEdit("add_line", about=about, new=fitted[key])
                yield key, change, True, "no copy", _copies(now.quantity)
            elif then is not None and then.quantity != now.quantity and key in fitted:
                change = FarEdit("add_line", about=about, new=fitted[key])
                yield key, change, False, "no copy", _copies(now.quantity)
        else:
            _settle_line(work, key, done=live == now.quantity)
            if live != now.quantity and (then is None or then.quantity != now.quantity):
                change = FarEdit("quantity", line=line.id, about=about, number=now.quantity)
                as_before = then is not None and live == then.quantity
                yield key, change, as_before, _copies(live), _copies(now.quantity)
            price = now.price_cents
            if line.price_cents == price:
                work.settle("edit", f"{work.order.id}:price:{key}")
            elif then is None or then.price_cents != price:
                change = FarEdit("price", line=line.id, about=about, number=price)
                as_before = then is not None and line.price_cents == then.price_cents
                yield key, change, as_before, work.show(line.price_cents), work.show(price)
    if had is None:
        extra = {x.id for x in mine.values()}
        for line in work.order.lines:
            if line.id not in extra and line.live:
                change = FarEdit("remove_line", line=line.id, about=line.title)
                yield line.id, change, False, _copies(line.live), "no copy"


def _settle_line(work: _Work, key: str, *, done: bool) -> None:
    for what in ("add_line", "quantity", "remove_line"):
        if done:
            work.settle("edit", f"{work.order.id}:{what}:{key}")


def _merge_amounts(work: _Work, came: Amounts, theirs: Amounts, had: Amounts | None, clashed: bool) -> None:
    subject = f"{work.order.id}:amounts"
    now = amounts_of(work.order)
    same = now.worth == theirs.worth if had is None else now == theirs
    if same:
        work.settle("edit", subject)
        return
    if had == theirs and not any(e.what in ("add_line", "quantity", "remove_line", "price", "shipping")
                                 for e in work.edits):  # fmt: skip
        return
    change = FarEdit("amounts", amounts=theirs)
    rule = RULE_EDIT
    if had is not None and came in (had, theirs) and not clashed:
        try:
            work.edit(change)
            work.settle("edit", subject)
            return
        except Refused as refused:
            rule = refused.message
    elif clashed:
        return  # it comes with the lines that a person decides
    sentence = f"{work.order.number}: the store has another {WORDS['amounts']}."
    ours, new = work.show(now.worth), work.show(theirs.worth)
    _edit_conflict(work, subject, sentence, ours, new, rule, (change,))


__all__ = ["Merged", "keyed", "merge", "refunding"]
