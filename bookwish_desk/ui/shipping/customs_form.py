"""What customs is told of a parcel, as the questions of a form and back. No Qt here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from bookwish_desk.shop import measures
from bookwish_desk.shop.carriage import Customs, CustomsItem
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.places import COUNTRIES
from bookwish_desk.shop.sale import plain
from bookwish_desk.ui.forms.inputs import Input, Values, filled

T = TypeVar("T")

MOST_WORDS = 50
_HS = re.compile(r"\d{4}(?:\.?\d{2}(?:\.?\d{2}){0,2})?", re.ASCII)


def inputs(
    customs: Customs, money: Currency, locale: str, values: Values | None = None, wrong: Refused | None = None
) -> tuple[Input, ...]:
    """Return the questions, with what was typed and what is wrong with it."""
    found: list[Input] = []
    for place, item in enumerate(customs.items):
        found += [
            Input(f"words_{place}", f"{item.quantity} x", value=item.description, limit=MOST_WORDS),
            Input(f"value_{place}", "Value", "amount", money.plain(item.value_cents), half=True),
            Input(
                f"weight_{place}",
                "Weight",
                value=measures.weight_words(item.weight_grams, locale, exact=True),
                half=True,
                limit=24,
            ),
            Input(f"hs_{place}", "Tariff number", value=item.hs, half=True, limit=12),
            Input(f"origin_{place}", "Made in", value=item.origin, hint="Two letters", half=True, limit=2),
        ]
    found.append(Input("signer", "Who signs for customs", value=customs.signer, limit=60))
    errors = {str(wrong.facts.get("field", "")): wrong.message} if wrong is not None else {}
    return filled(tuple(found), values or Values(), errors)


def read(customs: Customs, values: Values, money: Currency, locale: str) -> Customs:
    """Return what was typed. Raises Refused (`field` is the input's key) for what is wrong."""
    items = tuple(_item(place, item, values, money, locale) for place, item in enumerate(customs.items))
    signer = _read("signer", lambda: plain(values.text("signer").strip(), 60))
    if not signer:
        raise Refused("customs", "Type who signs for customs.", field="signer")
    return replace(customs, items=items, signer=signer)


def _item(place: int, item: CustomsItem, values: Values, money: Currency, locale: str) -> CustomsItem:
    def text(name: str) -> str:
        return values.text(f"{name}_{place}").strip()

    words = _read(f"words_{place}", lambda: plain(text("words"), MOST_WORDS))
    if not words:
        raise Refused("customs", "Say what it is.", field=f"words_{place}")
    cents = _read(f"value_{place}", lambda: money.read(text("value")))
    if cents <= 0:
        raise Refused("customs", "Customs wants what it would cost.", field=f"value_{place}")
    grams = _read(f"weight_{place}", lambda: measures.read_weight(text("weight"), locale))
    if not _HS.fullmatch(text("hs")):
        raise Refused("customs", "Type a tariff number such as 4901.99.", field=f"hs_{place}")
    origin = text("origin").upper()
    if origin not in COUNTRIES:
        raise Refused("customs", "Write the country with two letters, such as US.", field=f"origin_{place}")
    return replace(
        item, description=words, value_cents=cents, weight_grams=grams, hs=text("hs"), origin=origin
    )


def _read(field: str, reading: Callable[[], T]) -> T:
    """Return what is read; a refusal is about the field."""
    try:
        return reading()
    except Refused as refused:
        raise Refused(refused.code, refused.message, field=field) from None
