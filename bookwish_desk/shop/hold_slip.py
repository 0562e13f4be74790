"""What lies with books on the hold shelf: a slip composed from an order, and the code that finds it again.

Pure; the slip of a held sale is `shop.receipt`.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from bookwish_desk.shop import barcode
from bookwish_desk.shop.collected import count_of
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.receipt import Letterhead, moment
from bookwish_desk.shop.slip import Code, Element, Gap, Pair, Rule, Slip, Words
from bookwish_desk.shop.street import long_day
from bookwish_desk.shop.text import clean

_PRINTABLE = re.compile(r"(?=.*[A-Z])[A-Z0-9-]{4,24}")
"""A number without a letter is too likely one of another store, too, or of an article."""
_STAND_IN = "OC-"
"""Begins the code of an order whose number no barcode of ours can hold, or that would be read as another."""


def order_code(order: Order) -> str:
    """Return the code that stands for an order on paper: its number, or where that will not do, its own."""
    number = order.number.upper()
    if _PRINTABLE.fullmatch(number) and barcode.parse(number).kind == "other":
        return number
    return f"{_STAND_IN}{order.id[-12:].upper()}"


def stands_for(code: str) -> str:
    """Return the end of the id of the order that a code of ours stands for, or nothing for any other text."""
    code = code.strip().upper()
    ending = code.removeprefix(_STAND_IN)
    hexadecimal = re.fullmatch(r"[0-9A-F]{12}", ending) is not None
    return ending.lower() if code.startswith(_STAND_IN) and hexadecimal else ""


def place_for(name: str) -> str:
    """Return the place on the hold shelf that a customer's name suggests: the start of the last name."""
    words = clean(name, 80).replace(",", " , ").split()
    if not words:
        return ""
    comma = words.index(",") if "," in words else 0
    last = words[comma - 1] if comma else words[-1]
    return last[:3].upper()


def hold_slip(order: Order, head: Letterhead, *, until: int) -> Slip:
    """Compose the slip of an order that is ready; `until` (ms UTC) is how long it is held."""
    show = head.currency.show
    here = [(x, x.set_aside) for x in order.lines if x.set_aside]
    name = order.customer.name if order.customer else "No name"
    out: list[Element] = [Words(head.name, align="center"), Words("Pickup order", align="center")]
    out += [Gap(), Words(name, align="center", bold=True, large=True)]
    if order.shelf:
        out += [Words(f"Hold shelf {order.shelf}", align="center", bold=True, large=True)]
    due = order.to_collect_cents
    words = f"TO PAY {show(due)}" if due else "PAID"
    out += [Gap(), Words(words, align="center", bold=True, large=True), Rule()]
    out += [Pair("Order", order.number)]
    out += [Pair("Ready", moment(order.ready_at, head.zone, head.currency.locale))]
    out += [Pair("Hold until", _day(until, head)), Rule()]
    out += [Words(count_of(sum(n for _, n in here)), bold=True)]
    out += [Pair(x.title, str(n)) for x, n in here]
    later = order.open - sum(n for _, n in here)
    if later:
        out.append(Words(f"Still to come: {count_of(later)}."))
    if order.gift:
        out.append(Words("A gift."))
    out += [Gap(), Code(order_code(order))]
    return Slip(kind="order", ref=order_code(order), elements=tuple(out))


def _day(at: int, head: Letterhead) -> str:
    day = datetime.fromtimestamp(at / 1000, ZoneInfo(head.zone)).date()
    return long_day(day.isoformat(), head.currency.locale)
