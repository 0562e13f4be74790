"""The labels of an order's parcels in words: what each cost, its number, where it is, when it is expected."""

from __future__ import annotations

from collections.abc import Sequence

from bookwish_desk.settings import Settings
from bookwish_desk.shop.label_refund import refund_words
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.tracking import status_name
from bookwish_desk.ui.label_steps import words
from bookwish_desk.ui.orders.detail_state import Fact, Section
from bookwish_desk.ui.orders.state import Tone

_TONES: dict[str, Tone] = {"uncertain": "warn", "refused": "danger", "voiding": "warn"}


def counting(labels: Sequence[Postage]) -> tuple[Postage, ...]:
    """Return the labels worth telling of: paid, perhaps paid, given back, or not bought with a reason."""
    return tuple(p for p in labels if p.bought is not None or p.state in ("buying", "uncertain", "refused"))


def sections(order: Order, labels: Sequence[Postage], settings: Settings) -> tuple[Section, ...]:
    """Return what is known of the labels, oldest first, under a heading; nothing where there are none."""
    places = {parcel.id: number for number, parcel in enumerate(order.parcels, 1)}
    found = tuple(
        Fact(_name(label, places), _told(label, settings), _TONES.get(label.state, "ink"))
        for label in reversed(counting(labels))
    )
    return (Section("Labels", found),) if found else ()


def _name(label: Postage, places: dict[str, int]) -> str:
    number = places.get(label.box)
    if label.purpose == "return":
        return "The way back"
    return f"Parcel {number}" if number is not None else "A former parcel"


def _told(label: Postage, settings: Settings) -> str:
    lines = [
        words.status(label),
        ", ".join(x for x in (words.service(label), words.cost(label, settings)) if x),
        clean(label.tracking, 64),
        _where(label, settings),
    ]
    refund = refund_words(label)
    if refund or label.words:
        lines.append(clean(refund or label.words, words.WORDS_LIMIT))
    return "\n".join(dict.fromkeys(x for x in lines if x))


def _where(label: Postage, settings: Settings) -> str:
    if label.state != "bought":
        return ""
    expected = "" if label.track_status == "delivered" else words.expected(label, settings)
    return ", ".join(
        x for x in (status_name(label.track_status), f"expected {expected}" if expected else "") if x
    )
