"""An order of the online store in this shop's terms: safe texts, amounts that add up, words of money ranked.

Pure readings of `OnlineOrder`. What follows from them for an order here is `shop.merging`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import MOST_CENTS, half_up, share
from bookwish_desk.shop.online import OnlineLine, OnlineOrder
from bookwish_desk.shop.order import Kind, Order, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.sale import MOST_LINES
from bookwish_desk.shop.text import clean, clean_lines, mask_cards

MOST_COPIES = 99_999
"""Copies of one line; more is nonsense."""

Money = Literal["", "pending", "failed", "authorised", "captured", "part_refunded", "refunded", "unknown"]
"""What a store says of the money: nothing, or a fact. Among facts a later one in `RANKS` holds."""

RANKS: dict[Money, int] = {
    "": 0, "unknown": 0, "pending": 1, "failed": 1, "authorised": 2, "captured": 3, "part_refunded": 4,
    "refunded": 5,
}  # fmt: skip

_MONEY: dict[str, Money] = {
    **dict.fromkeys(
        ("pending", "unpaid", "awaiting", "awaiting_payment", "processing", "open", "created",
         "requires_action", "requires_confirmation", "requires_payment_method", "not_paid"), "pending"
    ),
    **dict.fromkeys(
        ("failed", "declined", "canceled", "cancelled", "voided", "void", "expired", "error", "rejected"),
        "failed",
    ),
    **dict.fromkeys(("authorised", "authorized", "requires_capture", "uncaptured"), "authorised"),
    **dict.fromkeys(
        ("captured", "paid", "succeeded", "success", "complete", "completed", "settled", "confirmed",
         "payment_received"), "captured"
    ),
    **dict.fromkeys(
        ("partially_refunded", "part_refunded", "partly_refunded", "partial_refund", "refunded_partially",
         "partial_refunded"), "part_refunded"
    ),
    **dict.fromkeys(("refunded", "refund", "fully_refunded", "reversed"), "refunded"),
}  # fmt: skip

_WORD = re.compile(r"[a-z]+")
_USED = re.compile(r"used|like|good|fair|poor|acceptable|fine|worn|second|pre")
_COUNTRIES = {
    "usa": "US",
    "united states": "US",
    "united states of america": "US",
    "canada": "CA",
    "uk": "GB",
}


_KEPT = ("kind", "customer_id", "customer_name", "customer_email", "address")
_AMOUNTS = ("tax_cents", "shipping_cents", "discount_cents", "credit_cents", "total_cents")


class Amounts(msgspec.Struct, frozen=True):
    """What an order comes to, in cents: `worth` is everything, before trade credit."""

    discount: int
    tax: int
    shipping: int
    credit: int
    worth: int


class Terms(msgspec.Struct, frozen=True):
    """What the store says of an order apart from its status and money, as it would stand in an order here."""

    customer: Customer | None
    address: PostalAddress | None
    kind: Kind | None
    instructions: str
    gift: bool
    gift_message: str
    tracking: str
    lines: Mapping[str, OnlineLine]
    amounts: Amounts


def money_word(text: str) -> Money:
    """Return what a store's own word for the state of a payment says, however it is spelled."""
    key = "_".join(_WORD.findall(text.casefold()))
    return _MONEY.get(key, "unknown") if key else ""


def terms(far: OnlineOrder, store_id: str = "") -> Terms:
    """Return an order of the store in this shop's terms, with only this store's lines where others are in it.

    Raises Refused for numbers that cannot be true, such as copies below zero.
    """
    lines = own_lines(far, store_id)
    message = _text(far.gift_message, 500)
    return Terms(
        customer=_customer(far),
        address=_address(far),
        kind=far.kind or None,
        instructions=_text(far.instructions, 1_000),
        gift=far.gift or bool(message),
        gift_message=message,
        tracking=clean(far.tracking, 64),
        lines=keyed(lines),
        amounts=_amounts(far, lines),
    )


def own_lines(far: OnlineOrder, store_id: str) -> tuple[OnlineLine, ...]:
    """Return the lines of an order that this store fills: an order may have lines of two stores.

    A line that names no store is the store's of the order. Lines of no copies are left out. Raises Refused
    for counts or prices that cannot be true.
    """
    for x in far.lines:
        if not (0 <= x.quantity <= MOST_COPIES and 0 <= x.price_cents <= MOST_CENTS):
            raise Refused("nonsense", "A line of it has a number of copies or a price that cannot be true.")
    own = [x for x in far.lines if not store_id or (x.store_id or far.store_id) in ("", store_id)]
    kept = [x for x in own or far.lines if x.quantity]
    if len(kept) > MOST_LINES:
        raise Refused("nonsense", f"It has more than {MOST_LINES} lines.")
    return tuple(kept)


def is_of(far: OnlineOrder, store_id: str) -> bool:
    """Say whether an order is this store's: it names it, or one of its lines does."""
    return store_id in (far.store_id, *(x.store_id for x in far.lines))


def names_no_store(far: OnlineOrder) -> bool:
    """Say whether an order does not tell whose it is at all."""
    return not far.store_id and not any(x.store_id for x in far.lines)


def filled(far: OnlineOrder, base: OnlineOrder | None) -> OnlineOrder:
    """Return an order of the store, with what it does not say now as it said it before.

    One answer of a store may hold less than another: what is left out of it was not taken away. Texts that
    the customer may have emptied, such as the wishes, hold as they are.
    """
    if base is None:
        return far
    lines = far.lines or base.lines
    kept = (*_KEPT, *_AMOUNTS) if lines == base.lines else _KEPT
    unsaid = {x: getattr(base, x) for x in kept if getattr(far, x) in (None, "")}
    return replace(far, lines=lines, **unsaid)


def keyed(lines: Iterable[OnlineLine]) -> dict[str, OnlineLine]:
    """Return lines by what tells them apart: their id, or what they are where the store gave none."""
    found: dict[str, OnlineLine] = {}
    for x in lines:
        key = first = clean(x.id, 64) or clean(f"{x.inventory_id or x.isbn or x.title}", 64) or "line"
        again = 1
        while key in found:
            again += 1
            key = f"{first}#{again}"
        found[key] = x
    return found


def matched(order: Order, lines: Mapping[str, OnlineLine]) -> dict[str, OrderLine]:
    """Return which line of an order here each line of the store is; each is at most one.

    By the store's own keys first, then by what was ordered: staff may have typed the order in.
    """
    left = list(order.lines)
    found: dict[str, OrderLine] = {}
    for same in (_same_key, _same_copy, _same_code, _same_title):
        for key, far in lines.items():
            if key not in found:
                fits = [x for x in left if same(key, far, x)]
                if fits:
                    found[key] = max(fits, key=lambda x: (x.live > 0, x.live == far.quantity))
                    left.remove(found[key])
    return found


def _same_key(key: str, _far: OnlineLine, line: OrderLine) -> bool:
    return line.id == key


def _same_copy(_key: str, far: OnlineLine, line: OrderLine) -> bool:
    return bool(far.inventory_id) and line.inventory_id == clean(far.inventory_id, 64)


def _same_code(_key: str, far: OnlineLine, line: OrderLine) -> bool:
    return line.ean is not None and not line.inventory_id and ean_of(far.isbn) == line.ean


def _same_title(_key: str, far: OnlineLine, line: OrderLine) -> bool:
    return not line.inventory_id and title_of(far).casefold() == line.title.casefold()


def ean_of(isbn: str) -> int | None:
    """Return the EAN-13 of an ISBN as a store wrote it, None where it is none."""
    return barcode.parse(isbn, importing=True).ean if isbn else None


def is_used(condition: str) -> bool:
    """Say whether a store's word for the condition of a copy means that it is not new."""
    return bool(_USED.search(condition.casefold()))


def is_new(condition: str) -> bool:
    """Say whether copies of this condition are new ones: "new", or nothing is said."""
    return condition.casefold().strip() in ("", "new", "brand new")


def condition_words(condition: str) -> str:
    """Return a condition as a store writes it in words: "like_new" is "like new"."""
    return clean(condition.replace("_", " ").replace("-", " "), 80).casefold()


def title_of(far: OnlineLine) -> str:
    """Return what a line of the store is called."""
    return _text(far.title, 200) or (f"ISBN {clean(far.isbn, 20)}" if far.isbn else "A book without a title")


def amounts_of(order: Order) -> Amounts:
    """Return what an order here comes to, what was given back of it on purpose counted in."""
    return Amounts(
        order.discount_cents,
        order.tax_cents,
        order.shipping_cents if order.live else 0,
        order.payment.credit_cents,
        order.worth_cents + order.granted_cents if order.live else 0,
    )


def priced(order: Order, amounts: Amounts) -> Order:
    """Return an order that comes to what the store says, discount and tax shared out over its lines.

    What the parts do not explain stands in `adjustment_cents`: the total of the store holds.
    """
    live = [x for x in order.lines if x.live]
    if not live:
        return order
    gross = sum(x.gross_cents for x in live)
    discount = min(amounts.discount, gross)
    off = share(discount, [x.gross_cents for x in live])
    net = [x.gross_cents - part for x, part in zip(live, off, strict=True)]
    taxes = share(amounts.tax, net)
    new = {
        x.id: replace(x, discount_cents=part, tax_cents=tax)
        for x, part, tax in zip(live, off, taxes, strict=True)
    }
    added = 0 if order.tax_included else amounts.tax
    parts = gross - discount + amounts.shipping + added
    credit = max(order.payment.credit_cents, amounts.credit)
    return replace(
        order,
        lines=tuple(new.get(x.id, x) for x in order.lines),
        shipping_cents=amounts.shipping,
        shipping_tax_cents=0,
        adjustment_cents=amounts.worth - parts,
        requote=False,
        payment=replace(order.payment, credit_cents=credit),
    )


def _amounts(far: OnlineOrder, lines: Sequence[OnlineLine]) -> Amounts:
    """Return what the lines of this store come to; where others are in the order, their part of it."""
    given = (far.discount_cents, far.tax_cents, far.shipping_cents, far.credit_cents, far.total_cents)
    if any(cents is not None and not 0 <= cents <= MOST_CENTS * 10 for cents in given):
        raise Refused("nonsense", "An amount of it cannot be true.")
    discount, tax, shipping, credit = ((cents or 0) for cents in given[:4])
    every = sum(x.quantity * x.price_cents for x in far.lines)
    goods = sum(x.quantity * x.price_cents for x in lines)
    if len(lines) < sum(1 for x in far.lines if x.quantity):
        discount, tax, shipping, credit = (
            half_up(cents * goods, every) if every else 0 for cents in (discount, tax, shipping, credit)
        )
        parts = goods - min(discount, goods) + tax + shipping
        return Amounts(min(discount, goods), tax, shipping, min(credit, parts), parts)
    discount = min(discount, goods)
    parts = goods - discount + tax + shipping
    worth = parts
    if far.total_cents is not None:
        # Whether the total is before or after trade credit is nowhere said: what fits the parts is meant.
        worth = min(far.total_cents, far.total_cents + credit, key=lambda cents: abs(cents - parts))
    return Amounts(discount, tax, shipping, min(credit, worth), worth)


def _customer(far: OnlineOrder) -> Customer | None:
    phone = clean(far.address.phone, 40) if far.address else ""
    email = _text(far.customer_email, 120)
    name = _text(far.customer_name, 80) or (_text(far.address.name, 80) if far.address else "") or email
    return Customer("", name, email=email, phone=phone) if name or email else None


def _address(far: OnlineOrder) -> PostalAddress | None:
    given = far.address
    if given is None:
        return None
    country = clean(given.country, 60)
    code = country.upper() if len(country) == 2 and country.isascii() and country.isalpha() else ""
    made = PostalAddress(
        name=_text(given.name, 80),
        line1=_text(given.line1, 100),
        line2=_text(given.line2, 100),
        city=_text(given.city, 80),
        state=_text(given.state, 40),
        postal_code=clean(given.postal_code, 20),
        country=code or _COUNTRIES.get(country.casefold(), "US"),
        phone=clean(given.phone, 40),
    )
    return made if any((made.line1, made.city, made.postal_code, made.name)) else None


def _text(text: str, most: int) -> str:
    lines = clean_lines if most > 200 else clean
    return mask_cards(lines(text, most))


def is_newer(far: OnlineOrder, seen: OnlineOrder) -> bool:
    """Say whether an order was changed later than it was when it was seen before, by the store's own times.

    False where either time cannot be read: then nobody knows.
    """
    now, then = moment(far.updated), moment(seen.updated)
    return now is not None and then is not None and now > then


def moment(text: str) -> int | None:
    """Return a time as a store writes it as ms UTC, None where it cannot be read."""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int(made.timestamp() * 1_000) if made.tzinfo else None
