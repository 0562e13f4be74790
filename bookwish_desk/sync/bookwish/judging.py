"""What an answer that is no success means, and in which words people are told. See API pages on errors."""

from __future__ import annotations

import re
from typing import Any

from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.text import clean
from bookwish_desk.sync.bookwish.allowance import asked_to_wait
from bookwish_desk.sync.bookwish.client import Answer
from bookwish_desk.sync.port import UNREADABLE, Reply

_ROUTE = re.compile(r"\b(?:route|endpoint|path|url|cannot (?:get|post|put|patch))\b", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MOST_WORDS = 400


def refusal(end: Answer, hide: tuple[Secret, ...] = ()) -> Reply[Any]:
    """Return how a call ended whose answer is no success; `hide` never shows up in its words.

    404 is refused here: only the caller knows whether the thing or the whole path is missing.
    """
    code, said = error_of(end.told, hide)
    wait_ms = asked_to_wait(end.headers, end.server_at)

    def ended(result: Any, words: str, wait: int = 0) -> Reply[Any]:
        told = f"{words} The store says: {said}" if said else words
        return Reply(result, None, told, end.status, code, wait, end.server_at)

    status = end.status
    if status == 429:
        return ended("limited", "The online store takes no more requests for now.", wait_ms)
    if status == 401:
        return ended("signed_out", "Sign in at the online store again.")
    if status == 403:
        return ended("refused", "The online store does not let this account do that.")
    if status in (405, 501):
        return ended("not_offered", "The online store does not offer that.")
    if status == 410:
        return ended("gone", "The online store no longer knows how far was read: it is read from the start.")
    if status == 412:
        return ended("stale", "It has changed at the online store meanwhile.")
    if status == 409 and code == "idempotency_in_progress":
        return ended("unknown", "The online store is still at work on it.", wait_ms)
    if status == 408 or status >= 500:
        return ended("unknown", f"The online store has trouble of its own ({status}).", wait_ms)
    if 400 <= status < 500:
        return ended("refused", "The online store refused it.")
    return ended("unknown", f"The online store gave an answer that means nothing here ({status}).")


def unreadable(end: Answer, what: str = "") -> Reply[Any]:
    """Return how a call ended that went well, by an answer that cannot be read: for a write nobody knows."""
    words = f"The online store answered in a way that cannot be read{f': {what}' if what else ''}."
    return Reply("unknown", None, words, end.status, UNREADABLE, 0, end.server_at)


def not_offered(words: str = "The online store does not offer that.", status: int = 0) -> Reply[Any]:
    """Return how a call ended for which the store has no path, or is known to have none."""
    return Reply("not_offered", None, words, status)


def path_is_missing(end: Answer) -> bool:
    """Say whether a 404 means that the store has no such path at all; else the thing asked for is missing.

    A server that knows the path answers with an error of its own, in JSON; one that does not, with a page
    of its framework, or with an error that speaks of routes.
    """
    if end.status != 404 or end.proven:
        return False
    code, said = error_of(end.told)
    return not (code or said) or bool(_ROUTE.search(f"{code} {said}"))


def error_of(told: object, hide: tuple[Secret, ...] = ()) -> tuple[str, str]:
    """Return code and words of an error, in either shape: flat, or nested within `error`."""
    if not isinstance(told, dict):
        return "", ""
    inner = told.get("error")
    found = inner if isinstance(inner, dict) else told
    code = found.get("code") if isinstance(inner, dict) else inner
    words = [found.get("message")]
    details = found.get("details")
    if isinstance(details, list):
        words += [_detail(x) for x in details[:3]]
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        words.insert(0, code)
        code = ""
    said = " ".join(clean(x[:1_000], 200) for x in words if isinstance(x, str) and x)
    for secret in hide:
        if secret:
            said = said.replace(secret.reveal(), "…")
    return code, said[:_MOST_WORDS]


def _detail(told: object) -> str:
    if not isinstance(told, dict):
        return ""
    path, message = told.get("path"), told.get("message")
    shown = [clean(x[:1_000], 80) for x in (path, message) if isinstance(x, str) and x]
    return f"({': '.join(shown)})" if shown else ""
