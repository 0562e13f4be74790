"""What else can be done with a parcel, and why it cannot be now. No Qt and no reads."""

from __future__ import annotations

from bookwish_desk.shop import parcel_weight
from bookwish_desk.shop.carriage import Box
from bookwish_desk.ui.shipping.card_state import MoreAct
from bookwish_desk.ui.shipping.rows import editable, phase_of
from bookwish_desk.ui.shipping.state import ToShip

KEYED = ("label", "by_hand", "address_label", "address", "split", "customs", "drop", "reprint")
"""Acts with a key of their own: `shipping.` and their id."""

_ELSEWHERE = ("label", "by_hand", "address_label", "address", "split", "edit", "order")
_WORDS = {
    "label": "What can be done with the label",
    "by_hand": "Type a number by hand",
    "address_label": "Print the address label",
    "address": "Correct the address on the label",
    "edit": "Edit the order",
    "split": "Split or combine it on the pack table",
    "order": "Open the order",
    "customs": "Change what customs is told",
    "reprint": "Print the label again",
    "unwant": "Do not buy it",
    "drop": "Leave the prices",
    "look": "Look it up now",
    "settled_bought": "It was bought, as I found out",
    "settled_not": "It was not bought, as I found out",
}


def more(parcel: ToShip, known: frozenset[str], *, connected: bool) -> tuple[MoreAct, ...]:
    """Return everything else that suits the parcel; `known` are the acts that this desk can carry out."""
    phase = phase_of(parcel)
    ids = [act for act in _ELSEWHERE if act in known]
    if connected:
        ids += [act for act in _of_phase(phase) if act in known or act not in _ASKED]
    label = parcel.postage
    if label is None or label.bought is None:
        ids = [act for act in ids if act != "label"]
    return tuple(
        MoreAct(act, _WORDS[act], _why_not(act, parcel), f"shipping.{act}" if act in KEYED else "")
        for act in ids
    )


_ASKED = frozenset({"customs", "settled_bought", "settled_not"})


def _of_phase(phase: str) -> tuple[str, ...]:
    found = {
        "open": ("customs",),
        "asking": ("drop",),
        "priced": ("customs", "drop"),
        "refused": ("customs", "drop"),
        "waits": ("unwant",),
        "uncertain": ("look", "settled_bought", "settled_not"),
        "bought": ("reprint",),
    }
    return found.get(phase, ())


def _why_not(act: str, parcel: ToShip) -> str:
    phase = phase_of(parcel)
    moving = phase in ("waits", "buying", "uncertain")
    if act == "address" and not editable(phase):
        return "its label is bought or being bought."
    if act in ("by_hand", "split", "address"):
        if parcel.shipped:
            return "the parcel is on its way."
        if moving:
            return "its label is being bought, or perhaps is."
        if phase == "bought":
            return "it has its label. Give that back first."
    if act == "reprint" and (parcel.postage is None or not parcel.postage.label_at):
        return "the label is not here yet."
    return ""


def box_fault(box: Box) -> tuple[str, str] | None:
    """Return which field of the form is wrong about a box, and why; None where nothing is."""
    found = parcel_weight.faults(box)
    if not found:
        return None
    field, sentence = next(iter(found.items()))
    return ("weight" if field == "weight_grams" else "package", sentence)
