"""The journal's entries about labels, forms and visits in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.shop import activity, shipping_activity
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.shipping_activity import WORDS, sentence

SOURCES = Path(activity.__file__).parents[1]


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (
            "label.bought",
            {"orders": ["A-1", "A-2"], "cents": 780, "tracking": "9400", "test": True},
            "Bought a shipping label for order A-1, A-2 for $7.80, 9400, as a sample",
        ),
        ("label.bought", {}, "Bought a shipping label for order unknown"),
        (
            "label.not_voided",
            {"orders": ["A-1"], "words": "The carrier rejected it."},
            "The postage of a label of order A-1 does not come back: The carrier rejected it",
        ),
        ("manifest.made", {"carrier": "UPS", "parcels": 1, "by_hand": True},
         "Listed 1 parcel for UPS, on a list of our own"),
        ("visit.booked", {"carrier": "USPS", "parcels": 3, "cents": 0}, "Booked USPS to collect 3 parcels"),
    ],
)  # fmt: skip
def test_an_entry_in_words(kind: str, body: dict[str, Any], words: str) -> None:
    assert sentence(kind, body, Currency().show) == words


def test_everything_written_about_labels_has_words() -> None:
    written = set()
    for path in (SOURCES / "actions").glob("*.py"):
        text = path.read_text("utf-8")
        written |= set(re.findall(r'journalled\(\s*tx, [^"]*"([a-z_.]+)"', text))
        written |= set(re.findall(r'"((?:manifest|carriers|parcels|visit)\.[a-z_]+)"', text))
    assert written - set(WORDS) == set()
    assert len(written) > 12
    assert set(WORDS) <= set(activity._SENTENCES)
    assert shipping_activity.WORDS["label.void"].startswith("Asked"), "asked for is not given back"
