"""What the journal's entries about the online store say in plain words. Nothing here is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bookwish_desk.shop.conflict import choice_words

_WHAT = {
    "sale": "sale {}",
    "refund": "a return of sale {}",
    "status": "how order {} stands",
    "cancel": "the cancellation of order {}",
    "stock": "a change of the stock of {}",
}


def decided(ref: str, body: Mapping[str, Any]) -> str:
    """Return what was decided about something that did not go up, without the full stop."""
    what = _WHAT.get(_text(body, "kind"), "{}").format(ref)
    if body.get("verdict") == "again":
        return f"Sent {what} to the online store again"
    return f"Left {what} unsent to the online store{_why(body)}"


def resolved(ref: str, body: Mapping[str, Any]) -> str:
    """Return how a difference from the online store was decided, with both values, without the full stop."""
    kind, choice, ours, theirs = (_text(body, name) for name in ("kind", "choice", "ours", "theirs"))
    values = f", here {ours or 'nothing'}, there {theirs or 'nothing'}" if ours or theirs else ""
    said = _text(body, "sentence").rstrip(".") or f"{kind} {ref}".strip()
    chosen = choice_words(kind, choice)
    return f"Decided a difference from the online store: {said}{values}: {chosen}{_why(body)}"


def _why(body: Mapping[str, Any]) -> str:
    reason = _text(body, "reason")
    return f": {reason}" if reason else ""


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
