"""How the work with carriers stands, as the line at the top of the shipping screen. No Qt here."""

from __future__ import annotations

from typing import Literal, NamedTuple

from bookwish_desk.shop.text import clean
from bookwish_desk.ui.shipping_work import ShippingState

Tone = Literal["ok", "warn", "error", "off"]

SIMULATED = "Labels are samples of a simulated carrier; nobody is paid."
TEST = "Labels are samples of a test account; nobody is paid."


class Headline(NamedTuple):
    """How it stands: in a word, in a sentence, and the tone that says the same."""

    word: str
    sentence: str
    tone: Tone


def headline(work: ShippingState) -> Headline:
    """Return how the work with carriers stands."""
    words = clean(work.words, 200)
    if work.way == "none":
        return Headline("By hand", "No carriers' account is connected: type tracking numbers by hand.", "off")
    if work.way == "key":
        return Headline("Stopped", words or "The key of the carriers' account is missing or wrong.", "error")
    if work.way == "away":
        return Headline("Waiting", words or "Carriers cannot be reached. Labels wait.", "warn")
    busy = work.busy + work.waiting
    doing = (
        "" if not busy else "1 label is being bought." if busy == 1 else f"{busy} labels are being bought."
    )
    if work.simulated or work.test:
        word, kind = ("Simulated", SIMULATED) if work.simulated else ("Test", TEST)
        return Headline(word, f"{kind} {doing}".strip(), "warn")
    return Headline("Ready", doing or words or "Carriers are ready.", "ok")
