"""An order as staff type it in: from a customer at the counter, a telephone call, an e-mail, another store.

What it must say, and the order that follows from it. Nothing here is kept.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import MOST_CENTS
from bookwish_desk.shop.order import SOURCES, Kind, Order, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.order_tax import SHIPPING_CLASS, Goods, reckon
from bookwish_desk.shop.sale import MOST_LINES, MOST_QUANTITY
from bookwish_desk.shop.street import checked_day
from bookwish_desk.shop.tax import TaxRules
from bookwish_desk.shop.text import clean, clean_lines, holds_card_number

Paid = Literal["no", "at_pickup", "captured", "authorised", "outside"]

OWN_SOURCES: tuple[str, ...] = ("counter", "email", "phone")
"""Sources whose orders get a number of the shop's own, and whose tax the shop reckons."""

_STEPS: dict[Paid, Verb] = {
    "at_pickup": "pay_at_pickup",
    "captured": "capture",
    "authorised": "authorise",
    "outside": "await_outside",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_OWN_NUMBER = re.compile(r"O\d+-\d+", re.IGNORECASE)


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """Copies of one title to be ordered. `discount_cents` is for all of them.

    Without a SKU it is something the shop has no article for: it is sold by its tax class, with no stock.
    """

    title: str
    sku: str = ""
    ean: int | None = None
    detail: str = ""
    quantity: int = 1
    price_cents: int = 0
    discount_cents: int = 0
    tax_class: str = "book"
    street_date: str = ""


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What staff type of an order.

    `source` is a key of `shop.order.SOURCES`. An empty `number` gets one of the shop's own. `until` (ms UTC)
    is when an authorisation ends, 0 for what is usual; `placed_at` 0 is now. `exempt` is the customer's claim
    that no tax is due. With `waits` copies that are not on the shelf are waited for; else they are missing.
    """

    lines: tuple[NewLine, ...] = ()
    source: str = "counter"
    number: str = ""
    kind: Kind = "pickup"
    customer: Customer | None = None
    address: PostalAddress | None = None
    method: str = ""
    instructions: str = ""
    gift: bool = False
    gift_message: str = ""
    memo: str = ""
    shipping_cents: int = 0
    discount_cents: int = 0
    exempt: str = ""
    paid: Paid = "no"
    until: int = 0
    placed_at: int = 0
    waits: bool = False


def checked(new: NewOrder, at: int) -> NewOrder:
    """Return what was typed, cleaned. Raises Refused with the fact `field`, and `line` where it is about one.

    Texts are refused where they are too long or look like a card number, never cut off.
    """
    if new.source not in SOURCES:
        raise Refused("source", "Choose where the order comes from.", field="source")
    if not new.lines:
        raise Refused("empty", "An order needs at least one book.", field="lines")
    if len(new.lines) > MOST_LINES:
        raise Refused("full", f"An order holds at most {MOST_LINES} lines.", field="lines")
    if new.placed_at > at:
        raise Refused("placed_at", "An order cannot be placed in the future.", field="placed_at")
    lines = tuple(checked_line(line, place) for place, line in enumerate(new.lines))
    goods = sum(x.price_cents * x.quantity - x.discount_cents for x in lines)
    _amount(new.shipping_cents, "shipping_cents")
    if not 0 <= new.discount_cents <= goods:
        why = "A discount is between nothing and the price of all copies."
        raise Refused("discount", why, field="discount_cents")
    return replace(
        new,
        lines=lines,
        number=_number(new),
        customer=checked_customer(new.customer),
        address=checked_address(new.address, new.kind),
        method=_text(new.method, 60, "method", "The way of shipping"),
        instructions=_lines(new.instructions, 1_000, "instructions", "What the customer asks for"),
        gift_message=_lines(new.gift_message, 500, "gift_message", "The gift message") if new.gift else "",
        memo=_text(new.memo, 200, "memo", "The memo"),
        exempt=_text(new.exempt, 120, "exempt", "The reason why no tax is due"),
        shipping_cents=new.shipping_cents if new.kind == "ship" else 0,
    )


def checked_line(line: NewLine, place: int = 0) -> NewLine:
    """Return a typed line, cleaned. Raises Refused with the facts `field` and `line` (its place)."""

    def wrong(code: str, sentence: str, field: str) -> Refused:
        return Refused(code, sentence, field=field, line=place)

    title = _text(line.title, 200, "title", "The title")
    if not title:
        raise wrong("title", "Type what it is.", "title")
    if not 1 <= line.quantity <= MOST_QUANTITY:
        raise wrong("quantity", f"{title}: type a quantity from 1 to {MOST_QUANTITY}.", "quantity")
    if not 0 <= line.price_cents <= MOST_CENTS:
        raise wrong("amount", f"{title}: that price is out of bounds.", "price_cents")
    if not 0 <= line.discount_cents <= line.quantity * line.price_cents:
        raise wrong("discount", f"{title}: the discount is more than the price.", "discount_cents")
    return replace(
        line,
        title=title,
        sku=_text(line.sku, 40, "sku", "The SKU") or f"OPEN-{line.tax_class.upper()}",
        detail=_text(line.detail, 200, "detail", "The author"),
        street_date=checked_day(line.street_date),
    )


def checked_customer(customer: Customer | None) -> Customer | None:
    """Return a typed customer, cleaned; None for none. Raises Refused with the fact `field`."""
    if customer is None:
        return None
    made = Customer(
        customer.id,
        _text(customer.name, 80, "name", "The name"),
        email=_text(customer.email, 120, "email", "The e-mail address"),
        phone=_text(customer.phone, 40, "phone", "The telephone number"),
        note=_text(customer.note, 500, "note", "The note"),
    )
    if not (made.name or made.email or made.phone):
        return None
    if not made.name:
        raise Refused("name", "Type the customer's name.", field="name")
    if made.email and not _EMAIL.fullmatch(made.email):
        why = "Type an e-mail address such as ann@example.com, or leave it empty."
        raise Refused("email", why, field="email")
    return made


def checked_address(address: PostalAddress | None, kind: Kind) -> PostalAddress | None:
    """Return a typed address, cleaned; None for an empty one. Raises Refused with the fact `field`.

    What is shipped needs a name, a street, a place and a postal code.
    """
    limits = {"name": 80, "line1": 100, "line2": 100, "city": 80, "state": 40, "postal_code": 20, "phone": 40}
    labels = {
        "name": "The name", "line1": "The first line", "line2": "The second line", "city": "The city",
        "state": "The state", "postal_code": "The postal code", "phone": "The telephone number",
    }  # fmt: skip
    given = address or PostalAddress()
    texts = {name: _text(getattr(given, name), most, name, labels[name]) for name, most in limits.items()}
    if kind == "ship":
        for field, why in _NEEDED.items():
            if not texts[field]:
                raise Refused("address", why, field=field)
    elif not any(texts.values()):
        return None
    country = clean(given.country, 2).upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Refused("address", "Type the country as two letters, such as US.", field="country")
    return PostalAddress(country=country, **texts)


_NEEDED = {
    "name": "Type whom it is sent to.",
    "line1": "Type the street and number that it is sent to.",
    "city": "Type the city that it is sent to.",
    "postal_code": "Type the postal code that it is sent to.",
}


def made(new: NewOrder, number: str, at: int, rules: TaxRules, shipping_class: str = SHIPPING_CLASS) -> Order:
    """Return the order that follows from what was typed (`checked`), priced and taxed as at the register.

    Raises Refused for a payment that such an order cannot have, with the fact `field`.
    """
    codes = {c.code for c in rules.classes}
    for place, line in enumerate(new.lines):
        if codes and line.tax_class not in codes:
            raise Refused("tax_class", f"{line.title}: choose a tax class.", field="tax_class", line=place)
    goods = [
        Goods(x.sku, x.title, x.tax_class, x.quantity, x.price_cents, x.discount_cents) for x in new.lines
    ]
    sums = reckon(
        goods,
        rules,
        discount_cents=new.discount_cents,
        shipping_cents=new.shipping_cents,
        shipping_class=shipping_class,
        exempt=bool(new.exempt),
    )
    lines = tuple(
        replace(ordered(x, waits=new.waits), discount_cents=off, tax_cents=tax)
        for x, off, tax in zip(new.lines, sums.discounts, sums.taxes, strict=True)
    )
    order = Order(
        id=new_id(),
        number=number,
        source=new.source,
        kind=new.kind,
        placed_at=new.placed_at or at,
        customer=new.customer,
        address=new.address,
        method=new.method,
        instructions=new.instructions,
        gift=new.gift,
        gift_message=new.gift_message,
        memo=new.memo,
        lines=lines,
        shipping_cents=sums.shipping_cents,
        shipping_tax_cents=sums.shipping_tax_cents,
        tax_included=rules.mode == "inclusive",
        exempt=new.exempt,
    )
    return _paid(order, new, at)


def ordered(line: NewLine, *, waits: bool = False) -> OrderLine:
    """Return a typed line as one of an order that nothing happened to; its tax is not reckoned yet."""
    return OrderLine(
        new_id(),
        line.sku,
        line.title,
        line.quantity,
        line.price_cents,
        line.ean,
        line.detail,
        discount_cents=line.discount_cents,
        street_date=line.street_date,
        backordered=line.quantity if waits else 0,
    )


def _paid(order: Order, new: NewOrder, at: int) -> Order:
    if new.paid == "no" or not order.to_collect_cents:
        return order
    if new.paid == "at_pickup" and order.kind != "pickup":
        why = "Only an order that is picked up can be paid at pickup."
        raise Refused("at_pickup", why, field="paid")
    try:
        return apply(order, Step(_STEPS[new.paid], until=new.until), at)
    except Refused as refused:
        field = "until" if refused.code == "until" else "paid"
        raise Refused(refused.code, refused.message, **{**refused.facts, "field": field}) from None


def _number(new: NewOrder) -> str:
    number = _text(new.number, 40, "number", "The number")
    if new.source in OWN_SOURCES and _OWN_NUMBER.fullmatch(number):
        why = "Numbers such as O1-000042 are given by the desk. Leave the number empty."
        raise Refused("number", why, field="number")
    if not number and new.source not in OWN_SOURCES:
        why = f"Type the number that {SOURCES[new.source].name} gave the order."
        raise Refused("number", why, field="number")
    return number


def _amount(cents: int, field: str) -> None:
    if not 0 <= cents <= MOST_CENTS:
        raise Refused("amount", "That amount is out of bounds.", field=field)


def _text(text: str, most: int, field: str, label: str) -> str:
    return _fitting(text, clean(text, most + 1), most, field, label)


def _lines(text: str, most: int, field: str, label: str) -> str:
    return _fitting(text, clean_lines(text, most + 1), most, field, label)


def _fitting(typed: str, cleaned: str, most: int, field: str, label: str) -> str:
    if holds_card_number(typed):
        why = "That looks like a card number. Card numbers are never kept here."
        raise Refused("card_number", why, field=field)
    if len(cleaned) > most:
        raise Refused("long", f"{label} is too long: at most {most} characters.", field=field)
    return cleaned
