"""What of an order is compared field by field with what the store had last: texts, address, lines, amounts.

Changed only there is taken over, only here is kept, on both sides is for a person. Part of `shop.merging`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_edit import WORDS, FarEdit, What
from bookwish_desk.shop.far_order import Amounts, Terms, amounts_of, matched, title_of
from bookwish_desk.shop.merge_work import RULE_EDIT, RULE_TOO_LATE, Work, copies, fetched, put_back
from bookwish_desk.shop.online import OnlineLine
from bookwish_desk.shop.order import WORKING, PostalAddress
from bookwish_desk.shop.order_line import OrderLine


def merge_fields(work: Work, theirs: Terms, had: Terms | None, fitted: Mapping[str, OrderLine]) -> None:
    """Find what the store has changed of an order since `had` (None: never heard of), and do it or ask."""
    mine = work.order
    if mine.state == "cancelled":
        return  # that it is, and not there, is the difference
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
    fewer = fetched(mine) - fetched(work.order)
    if fewer > 0:
        put_back(work, fewer, "the store has fewer copies in the order", "Fewer copies")


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


def _merge_field(work: Work, what: What, ours: Any, theirs: Terms, had: Terms | None) -> None:
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
            if had is None and work.order.state not in WORKING:
                return  # it is done with, and nothing of ours contradicts
            rule = refused.message
    other = _OTHER.get(what, f"another {WORDS[what]}")
    sentence = f"{work.order.number}: the store has {other}."
    _edit_conflict(work, subject, sentence, _in_words(what, ours), _in_words(what, new), rule, (change,))


_OTHER: dict[What, str] = {
    "instructions": "other wishes of the customer",
    "gift": "something else about a gift",
}
"""What the store has, where "another" and the word for it is no sentence."""


def _empty(value: Any) -> bool:
    if isinstance(value, PostalAddress):
        return not (value.line1 or value.city or value.postal_code)
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
    work: Work,
    subject: str,
    sentence: str,
    ours: str,
    theirs: str,
    rule: str,
    edits: Sequence[FarEdit],
) -> None:
    work.open(
        "edit", subject, sentence, ours=ours, theirs=theirs, rule=rule, field=edits[0].what,
        body=msgspec.json.encode(edits).decode(),
        choices=("theirs", "ours"),
    )  # fmt: skip


def _merge_tracking(work: Work, theirs: Terms, had: Terms | None) -> None:
    """Take over a tracking number that the store has learned of since the parcel left."""
    news = theirs.tracking and (had is None or had.tracking != theirs.tracking)
    sent = [p for p in work.order.parcels if p.shipped_at]
    if news and len(sent) == 1 and not sent[0].tracking:
        work.edit(FarEdit("tracking", text=theirs.tracking))


# ---- lines ----


class _Found(msgspec.Struct, frozen=True):
    """A line that differs: what would make it the store's, and both values in words.

    `untouched` says that ours is as the store had it before: nobody here has changed it.
    """

    key: str
    change: FarEdit
    untouched: bool
    ours: str
    theirs: str


def _merge_lines(work: Work, theirs: Terms, had: Terms | None, fitted: Mapping[str, OrderLine]) -> bool:
    """Merge lines one by one, more copies before fewer; say whether one is left to a person."""
    before = had.lines if had is not None else {}
    both = {**before, **theirs.lines}
    mine = matched(work.order, both)
    found: list[_Found] = []
    for key, far in both.items():
        then, now, line = before.get(key), theirs.lines.get(key), mine.get(key)
        if (line.live if line else 0) == (now.quantity if now else 0):
            for what in ("add_line", "quantity", "remove_line"):
                work.settle("edit", f"{work.order.id}:{what}:{key}")
        elif (then.quantity if then else None) != (now.quantity if now else None):
            found += _copies_changed(key, far, then, now, line, fitted.get(key))
        if now is not None and line is not None:
            found += _price_changed(work, key, then, now, line)
    if had is None:
        known = {x.id for x in mine.values()}
        for line in (x for x in work.order.lines if x.live and x.id not in known):
            change = FarEdit("remove_line", line=line.id, about=line.title)
            found.append(_Found(line.id, change, False, copies(line.live), copies(0)))
    found.sort(key=lambda one: _ORDER.index(one.change.what))
    left = [one for one in found if _line_differs(work, one, theirs.amounts)]
    return bool(left)


_ORDER: tuple[What, ...] = ("add_line", "price", "quantity", "remove_line")


def _copies_changed(
    key: str,
    far: OnlineLine,
    then: OnlineLine | None,
    now: OnlineLine | None,
    line: OrderLine | None,
    new: OrderLine | None,
) -> Iterator[_Found]:
    """Yield what the store changed of how many copies there are of a line; `line` is ours, `new` would be."""
    about, live = title_of(far), line.live if line else 0
    as_before = then is not None and live == then.quantity
    if now is None:
        if line is not None:
            change = FarEdit("remove_line", line=line.id, about=about)
            yield _Found(key, change, as_before, copies(live), copies(0))
    elif line is not None:
        change = FarEdit("quantity", line=line.id, about=about, number=now.quantity)
        yield _Found(key, change, as_before, copies(live), copies(now.quantity))
    elif new is not None:
        change = FarEdit("add_line", about=about, new=new)
        yield _Found(key, change, then is None, copies(0), copies(now.quantity))


def _price_changed(
    work: Work, key: str, then: OnlineLine | None, now: OnlineLine, line: OrderLine
) -> Iterator[_Found]:
    if line.price_cents == now.price_cents:
        work.settle("edit", f"{work.order.id}:price:{key}")
    elif then is None or then.price_cents != now.price_cents:
        change = FarEdit("price", line=line.id, about=title_of(now), number=now.price_cents)
        as_before = then is not None and line.price_cents == then.price_cents
        yield _Found(key, change, as_before, work.show(line.price_cents), work.show(now.price_cents))


def _comes_too_late(work: Work, one: _Found) -> bool:
    """Say whether more copies are wanted of an order that is set aside or on its way: it would fall back."""
    order, line = work.order, work.order.line(one.change.line)
    more = one.change.what == "add_line" or (line is not None and one.change.number > line.live)
    return one.change.what in ("add_line", "quantity") and more and bool(order.ready_at or order.gone)


def _line_differs(work: Work, one: _Found, amounts: Amounts) -> bool:
    """Take over what nobody here has changed; say whether it is left to a person."""
    what, number = one.change.what, work.order.number
    subject = f"{work.order.id}:{what}:{one.key}"
    rule = RULE_EDIT
    if one.untouched and _comes_too_late(work, one):
        rule = RULE_TOO_LATE
    elif one.untouched:
        try:
            work.edit(one.change)
            work.settle("edit", subject)
            return False
        except Refused as refused:
            rule = refused.message
    sentence = f"{number}: the store has another {WORDS[what]} of {one.change.about}."
    if what in ("add_line", "remove_line"):
        there = "has" if what == "add_line" else "does not have"
        sentence = f"{number}: the store {there} {one.change.about} in the order."
    both = (one.change, FarEdit("amounts", amounts=amounts))
    _edit_conflict(work, subject, sentence, one.ours, one.theirs, rule, both)
    return True


def _merge_amounts(work: Work, came: Amounts, theirs: Amounts, had: Amounts | None, clashed: bool) -> None:
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
