"""What an answer of EasyPost means: done, refused and why, or nobody knows. See its pages on errors.

Where money may have moved only a refusal in EasyPost's own words counts as one: whatever else answers (a
proxy, a page in HTML, a server in trouble) leaves it open, to be read back.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.text import clean, mask_cards
from bookwish_desk.sync.bookwish.allowance import LONGEST_WAIT_MS, asked_to_wait
from bookwish_desk.sync.carriers.easypost.client import Answer
from bookwish_desk.sync.carriers.port import EXISTS, FUNDS, IN_PROGRESS, STALE_RATE, TOO_EARLY
from bookwish_desk.sync.port import UNREADABLE, Reply
from bookwish_desk.sync.wire import date_of

T = TypeVar("T")

log = logging.getLogger(__name__)

OTHER_MODE = "other_mode"
"""The `code` of a call that a key for tests may not make, or that names a shipment of the other mode."""

_NOBODY_KNOWS = frozenset(("SHIPMENT.POSTAGE.TIMED_OUT", "SHIPMENT.POSTAGE.NO_RESPONSE"))
_EXISTS = frozenset(("SHIPMENT.POSTAGE.EXISTS", "SHIPMENT.POSTAGE.ALREADY_PURCHASED"))
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_RATE = re.compile(r"(?:^|[._])RATES?(?:$|[._])")
_EARLY = re.compile(r"\.STATE\.CREATING$|\.NOT_PURCHASED$|\.IN_PROGRESS$")
_MONEY = re.compile(r"FUNDS|BALANCE|(?:^|[._])PAYMENT|BILLING")
_NO_MONEY = re.compile(r"insufficient (?:funds|balance)|not enough (?:funds|money|balance)", re.IGNORECASE)
_LIMIT = re.compile(r"SPEND(?:ING)?[._]?LIMIT", re.IGNORECASE)
_LIMIT_WORDS = re.compile(r"spend(?:ing)? limit|limit (?:of|for|on) (?:spend|purchases)", re.IGNORECASE)
_MOST_WORDS = 400
_MOST_READ = 2_000
_DEEPEST = 6


def ended(
    end: Answer | Reply[Any],
    read: Callable[[Any], T | None],
    hide: Secret,
    *,
    moves_money: bool = False,
) -> Reply[T]:
    """Return how a call ended; `read` makes a value of an answer, None where it makes no sense."""
    if isinstance(end, Reply):
        return end
    if not end.well:
        return refusal(end, hide, moves_money=moves_money)
    value: T | None = None
    if end.readable:
        try:
            value = read(end.told)
        except Exception as fault:  # whatever an answer holds: what was done was done
            log.warning("event=carrier_unreadable kind=%s", type(fault).__name__)
    if value is None:
        words = "EasyPost answered in a way that cannot be read."
        return Reply("unknown", None, words, end.status, UNREADABLE, 0, end.server_at)
    return Reply("done", value, "", end.status, "", 0, end.server_at)


def refusal(end: Answer, hide: Secret, *, moves_money: bool = False) -> Reply[Any]:
    """Return how a call ended whose answer is no success; the key never shows up in its words."""
    code, said = error_of(end.told, hide)
    status = end.status
    in_its_words = bool(code or said)

    def so(result: Any, words: str, known: str = "", wait: int = 0) -> Reply[Any]:
        told = f"{words} EasyPost says: {said}" if said else words
        return Reply(result, None, told, status, known or code, wait, end.server_at)

    if status == 429:
        return so("limited", "EasyPost takes no more requests for now.", "", _wait(end))
    if status == 408 or status >= 500 or code in _NOBODY_KNOWS:
        return so("unknown", f"EasyPost or the carrier has trouble of its own ({status}).", "", _wait(end))
    if not 400 <= status < 500 or (moves_money and not in_its_words):
        return so("unknown", f"Something else than EasyPost answered ({status}).")
    if code.startswith("MODE."):
        # Not the key is wrong: a sample of the time before the shop went live must not stop what is real.
        return so("gone", "The key is one for tests, or not the one for this.", OTHER_MODE)
    if status in (401, 403):
        return so("signed_out", "EasyPost does not take the key. Type it again in the settings.")
    if status == 404:
        if in_its_words:
            return so("gone", "EasyPost does not know this any more.")
        return so("not_offered", "There is no EasyPost at this address. Check it in the settings.")
    if status == 405:
        return so("not_offered", "EasyPost does not offer that.")
    return so("refused", *_refused(status, code, said))


def _refused(status: int, code: str, said: str) -> tuple[str, str]:
    """Return in our words why EasyPost refused something, and the code that the port has for it."""
    if code in _EXISTS:
        return "This label was bought before.", EXISTS
    if code == "SHIPMENT.PURCHASE.IN_PROGRESS":
        return "This label is being bought.", IN_PROGRESS
    if _LIMIT.search(code) or _LIMIT_WORDS.search(said):
        return "The EasyPost account has reached its spending limit. Raise it there, then buy again.", FUNDS
    if status == 402 or _MONEY.search(code) or _NO_MONEY.search(said):
        return "The EasyPost account has not enough money. Add some there, then buy again.", FUNDS
    if status in (409, 423, 425) or _EARLY.search(code):
        return "EasyPost is not ready for this yet.", TOO_EARLY
    if _RATE.search(code):
        return "This price does not hold any more. Ask for prices again.", STALE_RATE
    return "It was refused.", ""


def error_of(told: object, hide: Secret) -> tuple[str, str]:
    """Return code and words of an error.

    What is wrong with single fields is a list of objects, a list of texts, or an object of texts.
    """
    found = told.get("error") if isinstance(told, dict) else None
    if isinstance(found, str):
        found = {"message": found}
    if not isinstance(found, dict):
        return "", ""
    code = found.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code) or (hide and hide.reveal() in code):
        code = ""
    words: list[str] = []
    _collect(found.get("message"), words, 0)
    _collect(found.get("errors"), words, 0)
    said = " ".join(dict.fromkeys(words))
    if hide and hide.reveal() in said:
        said = said.replace(hide.reveal(), "…")
    return code, mask_cards(clean(said, _MOST_WORDS))


def _collect(told: object, words: list[str], depth: int) -> None:
    """Gather the texts of an error, however they are nested; of a field its name before them."""
    if depth > _DEEPEST or len(words) >= 8:
        return
    if isinstance(told, str):
        text = clean(told[:_MOST_READ], 200)
        if text:
            words.append(text if text[-1] in ".!?" else f"{text}.")
    elif isinstance(told, list):
        for one in told[:8]:
            _collect(one, words, depth + 1)
    elif isinstance(told, dict) and isinstance(told.get("message"), (str, list, dict)):
        inner: list[str] = []
        _collect(told["message"], inner, depth + 1)
        suggestion = told.get("suggestion")
        if isinstance(suggestion, str):
            _collect(suggestion, inner, depth + 1)
        _named(told.get("field"), inner, words)
    elif isinstance(told, dict):
        for name, value in list(told.items())[:8]:
            inner = []
            _collect(value, inner, depth + 1)
            _named(name, inner, words)


def _named(field: object, inner: list[str], words: list[str]) -> None:
    name = clean(field[:_MOST_READ], 60) if isinstance(field, str) else ""
    if inner:
        words.append(f"{name}: {' '.join(inner)}" if name else " ".join(inner))


def _wait(end: Answer) -> int:
    """Return how long an answer asks to wait, ms: seconds, or a moment by its own clock."""
    wait_ms = asked_to_wait(end.headers, end.server_at)
    if wait_ms:
        return wait_ms
    until = date_of(end.headers.get("retry-after", ""))
    return min(max(0, until - end.server_at), LONGEST_WAIT_MS) if until and end.server_at else 0
