"""What a notice says: the facts of an order, cleaned and in words, filled into the shop's wording.

Text only. When a notice is due, and whether the source of the order sends its own, is not decided here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from bookwish_desk.shop import templating
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.notice_kinds import KINDS, LISTS, Kind, Wording
from bookwish_desk.shop.receipt import Letterhead, moment
from bookwish_desk.shop.street import long_day
from bookwish_desk.shop.text import clean, clean_block, clean_lines

MOST_SUBJECT = 200
MOST_ITEMS = 200
"""Items of one list that a notice goes through; what is more is counted (`more`) and not named."""

_LINE = 300
_LINK = 1_000


class NoticeLine(msgspec.Struct, frozen=True):
    """A book in a notice. `price_cents` is for all its copies; None where no price is said."""

    title: str
    quantity: int = 1
    price_cents: int | None = None
    note: str = ""


class NoticeOrder(msgspec.Struct, frozen=True):
    """An order in the digest. `due` says what must be done next, and by when."""

    number: str
    customer: str
    pickup: bool
    total_cents: int
    placed_at: int
    due: str = ""
    link: str = ""


class NoticeFacts(msgspec.Struct, frozen=True):
    """What a notice is about; each kind names a part of it, see `notice_kinds.FACTS`.

    Days are YYYY-MM-DD and may be empty. `lines` are the books that this notice is about: those missing,
    those in this parcel. `receipt` is the receipt as text in columns.
    """

    shop: Letterhead
    shop_hours: str = ""
    number: str = ""
    customer: str = ""
    comment: str = ""
    source: str = ""
    placed_at: int = 0
    pickup: bool = False
    lines: tuple[NoticeLine, ...] = ()
    address: str = ""
    instructions: str = ""
    subtotal_cents: int = 0
    discount_cents: int = 0
    shipping_cents: int = 0
    tax_cents: int = 0
    credit_cents: int = 0
    total_cents: int = 0
    refund_cents: int = 0
    expected: str = ""
    new_date: str = ""
    reason: str = ""
    alternatives: tuple[str, ...] = ()
    hold_until: str = ""
    carrier: str = ""
    tracking: str = ""
    tracking_link: str = ""
    more_to_come: bool = False
    review_link: str = ""
    receipt: str = ""
    link: str = ""
    day: str = ""
    orders: tuple[NoticeOrder, ...] = ()


class Notice(msgspec.Struct, frozen=True):
    """What is sent: a subject of one line, and lines of text."""

    subject: str
    text: str


def default(kind: Kind) -> Wording:
    """Return how a kind of notice is worded until the shop words it itself."""
    return KINDS[kind].wording


def render(wording: Wording, facts: NoticeFacts) -> Notice:
    """Return the notice that a wording makes of the facts.

    Raises Refused for a wording that cannot be used, with `part` ("subject" or "body") and `line` (0 where
    it is no single one) among its facts, and for a subject or a text that stays empty.
    """
    notice = _notice(wording, _in_words(facts))
    if not notice.text:
        raise Refused(
            "notice.empty", "The message is empty. Write what the customer should know.", part="body"
        )
    return notice


def preview(wording: Wording, shop: Letterhead | None = None) -> Notice:
    """Return the notice with made-up facts, of this shop if it is given; raises Refused as `render` does.

    A shop's wording is kept only after this: it is also tried with an order to be collected, and with as few
    facts as an order can have.
    """
    for facts in (_SPARSE, msgspec.structs.replace(_MADE_UP, pickup=True)):
        _notice(wording, _in_words(facts))
    return render(wording, msgspec.structs.replace(_MADE_UP, shop=shop) if shop else _MADE_UP)


def _notice(wording: Wording, values: dict[str, object]) -> Notice:
    subject = clean(_filled(wording, "subject", values), MOST_SUBJECT)
    if not subject:
        why = "The subject is empty, or can be. Write in it what the message is about."
        raise Refused("notice.empty", why, part="subject")
    return Notice(subject, _filled(wording, "body", values))


def _filled(wording: Wording, part: Literal["subject", "body"], values: dict[str, object]) -> str:
    source = wording.subject if part == "subject" else wording.body
    try:
        return templating.fill(source, _vocabulary(wording.kind), values)
    except Refused as refused:
        where = "In the subject" if part == "subject" else "In the text"
        raise Refused(refused.code, f"{where}: {refused.message}", part=part, **refused.facts) from None


@lru_cache
def _vocabulary(kind: Kind) -> templating.Vocabulary:
    names = KINDS[kind].facts
    lists = tuple((name, frozenset(LISTS[name])) for name in names if name in LISTS)
    return templating.Vocabulary(frozenset(names), lists)


# ---- facts in words ----


def _in_words(facts: NoticeFacts) -> dict[str, object]:
    """Return every fact as a notice shows it: cleaned, money and days as people of the shop write them.

    Sums of nothing are empty, but for the total.
    """
    shop, show = facts.shop, facts.shop.currency.show
    words: dict[str, object] = {
        "shop": clean(shop.name),
        "shop_address": clean_lines(shop.address),
        "shop_contact": clean_lines(shop.contact),
        "shop_hours": clean_lines(facts.shop_hours),
        "number": clean(facts.number, 60),
        "customer": clean(facts.customer),
        "comment": clean_lines(facts.comment, 5_000),
        "source": clean(facts.source),
        "placed": _moment(facts.placed_at, shop),
        "pickup": facts.pickup,
        "lines": tuple(_line(line, shop) for line in facts.lines[:MOST_ITEMS]),
        "more": max(0, len(facts.lines or facts.orders) - MOST_ITEMS),
        "address": clean_lines(facts.address),
        "instructions": clean_lines(facts.instructions),
        "total": show(facts.total_cents),
        "reason": clean_lines(facts.reason),
        "alternatives": tuple(clean(text, _LINE) for text in facts.alternatives[:MOST_ITEMS]),
        "carrier": clean(facts.carrier),
        "tracking": clean(facts.tracking),
        "tracking_link": clean(facts.tracking_link, _LINK),
        "more_to_come": facts.more_to_come,
        "review_link": clean(facts.review_link, _LINK),
        "receipt": clean_block(facts.receipt),
        "link": clean(facts.link, _LINK),
        "orders": tuple(_order(order, shop) for order in facts.orders[:MOST_ITEMS]),
    }
    for name in ("subtotal", "discount", "shipping", "tax", "credit", "refund"):
        cents = getattr(facts, f"{name}_cents")
        words[name] = show(cents) if cents else ""
    for name in ("expected", "new_date", "hold_until", "day"):
        words[name] = _day(getattr(facts, name), shop)
    return words


def _line(line: NoticeLine, shop: Letterhead) -> dict[str, object]:
    return {
        "title": clean(line.title, _LINE),
        "quantity": line.quantity,
        "price": "" if line.price_cents is None else shop.currency.show(line.price_cents),
        "note": clean(line.note, _LINE),
    }


def _order(order: NoticeOrder, shop: Letterhead) -> dict[str, object]:
    return {
        "number": clean(order.number, 60),
        "customer": clean(order.customer),
        "kind": "pickup" if order.pickup else "ship",
        "total": shop.currency.show(order.total_cents),
        "placed": _moment(order.placed_at, shop),
        "due": clean(order.due, _LINE),
        "link": clean(order.link, _LINK),
    }


def _moment(at: int, shop: Letterhead) -> str:
    return moment(at, shop.zone, shop.currency.locale) if at else ""


def _day(day: str, shop: Letterhead) -> str:
    return clean(long_day(day, shop.currency.locale)) if day else ""


# ---- made-up facts ----

_SPARSE = NoticeFacts(Letterhead("Shop"), number="1", refund_cents=1)
_MADE_UP = NoticeFacts(
    Letterhead("Corner Books", "12 Example Street\nSpringfield", "555 0100\nshop@example.com"),
    shop_hours="Monday to Saturday 9:00 to 18:00",
    number="BW-20261122-AB12",
    customer="Anna Reader",
    comment="We put a bookmark in for you.",
    source="the online store",
    placed_at=1_795_338_120_000,
    lines=(
        NoticeLine("Orlando, Virginia Woolf", 1, 1_699),
        NoticeLine("Middlemarch, George Eliot", 2, 2_398, "second-hand"),
    ),
    address="Anna Reader\n34 Example Road\nSpringfield",
    instructions="Please leave it with the neighbour.",
    subtotal_cents=4_097,
    discount_cents=410,
    shipping_cents=499,
    tax_cents=295,
    credit_cents=500,
    total_cents=3_981,
    refund_cents=1_699,
    expected="2026-11-27",
    new_date="2026-12-01",
    reason="The publisher has moved the day on which it comes out.",
    alternatives=("wait for the next printing", "a used copy", "your money back"),
    hold_until="2026-12-06",
    carrier="Example Post",
    tracking="EX123456789",
    tracking_link="https://example.com/track/EX123456789",
    review_link="https://example.com/review/AB12",
    receipt="Orlando              $16.99\nTotal                $16.99",
    link="https://example.com/orders/AB12",
    day="2026-11-22",
    orders=(
        NoticeOrder("BW-20261122-AB12", "Anna Reader", False, 3_981, 1_795_338_120_000, "ship by Tuesday"),
        NoticeOrder("BW-20261122-CD34", "Ben Reader", True, 1_699, 1_795_341_720_000),
    ),
)
