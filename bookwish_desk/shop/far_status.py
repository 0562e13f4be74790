"""The online store's own table of an order's statuses: which follows which, and what a shop may write there.

These are the words of the store's order life, not what they mean for an order here (`shop.order_words`).
Only forward, one step at a time, through "processing"; what the store sets itself is never written.
"""

from __future__ import annotations

from types import MappingProxyType

from bookwish_desk.shop.order import Vocabulary

FINAL: frozenset[str] = frozenset({"delivered", "cancelled"})
"""Statuses that nothing follows."""

_SPELLINGS = MappingProxyType(
    {"completed": "delivered", "complete": "delivered", "canceled": "cancelled", "ready": "ready_for_pickup"}
)
ENDED: frozenset[str] = FINAL | {word for word, known in _SPELLINGS.items() if known in FINAL}
"""The same in every spelling, in small letters."""
_PICKUP = ("pending", "confirmed", "processing", "ready_for_pickup", "delivered")
_SHIP = ("pending", "confirmed", "processing", "shipped", "delivered")
_WAYS = {"pickup": _PICKUP, "ship": _SHIP}
_TABLED: frozenset[Vocabulary] = frozenset({"bookwish"})
"""The vocabularies that have these words; of the others no order of statuses is known."""
_CANCELLABLE = frozenset({"pending", "confirmed", "processing", "ready_for_pickup"})
_RANKS = {
    "pending": 0, "confirmed": 1, "processing": 2, "ready_for_pickup": 3, "shipped": 3, "delivered": 4,
    "cancelled": 4,
}  # fmt: skip


def known(status: str) -> str:
    """Return a status in the table's own spelling, "" for a word that is not in it."""
    word = "_".join(status.casefold().replace("-", " ").replace("_", " ").split())
    word = _SPELLINGS.get(word, word)
    return word if word in _RANKS else ""


def rank(status: str) -> int:
    """Return how far a status is on the way, from 0; both ends of it rank alike. -1 for an unknown word."""
    return _RANKS.get(known(status), -1)


def path(status: str, target: str, kind: str) -> tuple[str, ...] | None:
    """Return the statuses to write one after the other to get from one to another, the last is the target.

    Empty where the store is there already. None where a shop may not go: a step back, the way of orders of
    the other kind ("pickup" or "ship"), beyond an end, out of "pending" (the payment does that), or with a
    word that is not known. Of "cancelled" that holds once the order has left; who wants it is not asked here.
    """
    now, then = known(status), known(target)
    if not now or not then:
        return None
    if now == then:
        return ()
    if then == "cancelled":
        return (then,) if now in _CANCELLABLE else None
    way = _WAYS.get(kind, ())
    if now == "pending" or now not in way or then not in way or way.index(now) > way.index(then):
        return None
    return way[way.index(now) + 1 : way.index(then) + 1]


def is_past(status: str, target: str, kind: str) -> bool:
    """Say whether an order of a kind is at a target or beyond it; a cancelled one is at nothing else."""
    now, then = known(status), known(target)
    if not now or not then or now == then:
        return bool(now) and now == then
    way = _WAYS.get(kind, ())
    return now in way and then in way and way.index(now) > way.index(then)


def is_late(status: str, heard: str, vocabulary: Vocabulary) -> bool:
    """Say whether a status is old news beside one that was heard before: the store takes no step back.

    What is said after an end and is no end itself is old, whichever end it was.
    """
    return vocabulary in _TABLED and 0 <= rank(status) < rank(heard)
