"""Parcels and their labels in words, as rows of a list. No Qt and no reads."""

from __future__ import annotations

from typing import NamedTuple

from bookwish_desk.settings import Settings
from bookwish_desk.shop import measures
from bookwish_desk.shop.postage import STATE_NAMES, Postage
from bookwish_desk.shop.presets import service_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.orders.words import copies
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.card_state import Phase
from bookwish_desk.ui.shipping.state import ShipRow, Tone, ToShip

WORDS_LIMIT = 300
"""So much of a carrier's words is shown."""


class LabelWords(NamedTuple):
    """How a label stands: in words, as an icon that says the same, and the tone of both."""

    words: str
    icon: str
    tone: Tone


_LABELS: dict[str, LabelWords] = {
    "new": LabelWords(STATE_NAMES["new"], "clock", "soft"),
    "created": LabelWords(STATE_NAMES["created"], "label", "ink"),
    "buying": LabelWords(STATE_NAMES["buying"], "clock", "soft"),
    "uncertain": LabelWords(STATE_NAMES["uncertain"], "warn", "warn"),
    "refused": LabelWords(STATE_NAMES["refused"], "error", "danger"),
    "bought": LabelWords(STATE_NAMES["bought"], "ok", "ok"),
    "voiding": LabelWords(STATE_NAMES["voiding"], "return", "soft"),
    "voided": LabelWords(STATE_NAMES["voided"], "return", "soft"),
}
_TO_PRICE = LabelWords("To price", "label", "soft")
_TO_SHIP = LabelWords("To ship", "box", "soft")


def label_words(parcel: ToShip, settings: Settings) -> LabelWords:
    """Return how a parcel's label stands."""
    label = parcel.postage
    if parcel.shipped and (label is None or label.state != "bought"):
        return LabelWords("Shipped", "ok", "ok")
    if label is None or label.state == "dropped":
        return _TO_PRICE if settings.shipping.connected else _TO_SHIP
    if label.state == "created" and label.wanted_at:
        return LabelWords("To be bought", "clock", "soft")
    if label.state == "bought" and not label.label_at:
        return LabelWords("Bought, its label comes", "clock", "ok")
    if label.state == "bought" and label.printed:
        return LabelWords("Bought, sent to printer", "printer", "ok")
    return _LABELS[label.state]


def phase_of(parcel: ToShip) -> Phase:
    """Return how far a parcel's label is."""
    label = parcel.postage
    if label is None or label.state == "dropped":
        return "open"
    if label.state == "created":
        asks = label.quoted is None or not label.quoted.at
        return "waits" if label.wanted_at else "asking" if asks else "priced"
    phases: dict[str, Phase] = {
        "new": "asking",
        "buying": "buying",
        "uncertain": "uncertain",
        "refused": "refused",
        "bought": "bought",
    }
    return phases.get(label.state, "given_back")


def editable(phase: Phase) -> bool:
    """Say whether weight, package and options can still be changed."""
    return phase in ("open", "asking", "priced", "refused", "given_back")


def is_problem(parcel: ToShip) -> bool:
    """Say whether somebody must look at a parcel's label before it can go on."""
    label = parcel.postage
    if label is None:
        return False
    if label.state in ("refused", "uncertain"):
        return True
    if label.state == "bought":
        return bool(label.words) and not (label.label_at and parcel.shipped)
    priced = label.quoted is not None and bool(label.quoted.at)
    return label.state == "created" and priced and bool(label.words)


def said(label: Postage | None) -> str:
    """Return what was last said of a label, by the carrier or by the desk: somebody else's words, cut."""
    return clean(label.words, WORDS_LIMIT) if label is not None else ""


def service_name(carrier: str, service: str) -> str:
    """Return a carrier and its service as people know them: USPS Media Mail."""
    return f"{carrier_words(carrier)} {clean(service_words(carrier, service), 60)}".strip()


def bought_words(label: Postage, settings: Settings) -> str:
    """Return what was bought: $4.47, USPS Media Mail. The price stays where names are cut."""
    paid = label.bought
    if paid is None:
        return ""
    return f"{settings.money.show(paid.cents)}, {service_name(paid.carrier, paid.service)}"


def weight_words(parcel: ToShip, settings: Settings) -> str:
    """Return what a parcel weighs, in words: as its label has it, as it was weighed, else as it should be."""
    label, locale = parcel.postage, settings.locale
    if label is not None and (label.live or parcel.shipped):
        return measures.weight_words(label.consignment.box.weight_grams, locale)
    if parcel.weighed_grams:
        return measures.weight_words(parcel.weighed_grams, locale)
    expected = drafts.predicted(parcel, drafts.begun(parcel, settings), settings)
    return f"about {measures.weight_words(expected.grams, locale)}"


def ship_row(parcel: ToShip, settings: Settings) -> ShipRow:
    """Return a parcel as the list shows it."""
    first, label = parcel.orders[0], parcel.postage
    to = first.address
    town = ", ".join(x for x in (to.city, to.state) if x) if to is not None else ""
    abroad = to.country if to is not None and to.country != settings.shipping.sender.country else ""
    who = (to.name if to is not None else "") or (first.customer.name if first.customer else "")
    stands = label_words(parcel, settings)
    problem = is_problem(parcel)
    return ShipRow(
        key=parcel.key,
        number=parcel.name,
        customer=clean(who, 80) or "No name",
        to=", ".join(x for x in (clean(town, 80), clean(abroad, 2)) if x),
        copies=copies(parcel.copies),
        weight=weight_words(parcel, settings),
        label=stands.words,
        icon=stands.icon,
        tone=stands.tone,
        note=said(label) if problem else "",
        aside=bought_words(label, settings) if label is not None else "",
        problem=problem,
    )
