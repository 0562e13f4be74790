"""How the work with carriers stands, as the line at the top of the shipping screen. No Qt here."""

from __future__ import annotations

from typing import Literal

from bookwish_desk.shop.text import clean
from bookwish_desk.ui.shipping_work import ShippingState

Tone = Literal["ok", "warn", "error", "off"]

SIMULATED = "Simulated carrier: labels are samples, and nobody is paid."
TEST = "Test account: labels are samples, and nobody is paid."


def headline(work: ShippingState) -> tuple[str, Tone]:
    """Return the line, and the tone that says the same."""
    if work.way == "none":
        return "No carriers' account is connected: type tracking numbers by hand.", "off"
    if work.way == "key":
        return clean(work.words, 200) or "The key of the carriers' account is missing or wrong.", "error"
    if work.way == "away":
        return clean(work.words, 200) or "Carriers cannot be reached. Labels wait.", "warn"
    busy = work.busy + work.waiting
    doing = (
        "" if not busy else ("1 label is being bought." if busy == 1 else f"{busy} labels are being bought.")
    )
    kind = SIMULATED if work.simulated else TEST if work.test else ""
    words = " ".join(x for x in (kind, doing) if x) or clean(work.words, 200) or "Carriers are ready."
    return words, "warn" if kind else "ok"
