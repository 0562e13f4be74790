"""What every far side's answer is made of: JSON that may be damaged, a server's clock, other ways. Light."""

from __future__ import annotations

import json
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bookwish_desk.shop.text import clean
from bookwish_desk.sync.port import Reply, Result

_LATEST_AT = 4_102_444_800_000
"""The year 2100: a clock that shows more was never set, and what is reckoned with it stays a date."""
_NOT_CARRIED_OUT = frozenset((301, 307, 308))
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def read_json(body: bytes) -> tuple[Any, bool]:
    """Return what a body holds, and whether it is JSON that can be read: not nested without end, not cut."""
    bare = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(bare), True
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return _read_forgiving(bare)


def _read_forgiving(body: bytes) -> tuple[Any, bool]:
    """Read JSON with a text or a number in it that none should have: one row must not hold up its whole page.

    Bytes that are no UTF-8 and halves of a surrogate pair (an emoji that was cut) become U+FFFD, NaN nothing.
    """
    text = _ESCAPE.sub(lambda x: r"\ufffd" if x["half"] else x[0], body.decode("utf-8", "replace"))
    try:
        return json.loads(text, strict=False, parse_constant=lambda _: None), True
    except (RecursionError, ValueError):
        return None, False


def date_of(text: str) -> int:
    """Return the moment in a Date header, ms UTC; 0 where there is none."""
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        found = int(moment.timestamp() * 1000)
    except (TypeError, ValueError, OverflowError, OSError):
        return 0
    return found if 0 < found < _LATEST_AT else 0


def redirected(host: str, status: int, location: str, server_at: int, check: str) -> Reply[Any]:
    """Return what a call came to that was sent on elsewhere: nothing goes there. `check` says what to check.

    Only some ways of sending on say that nothing was carried out (RFC 9110, 15.4).
    """
    try:
        other = clean(urlsplit(location).netloc, 80)
    except ValueError:
        other = ""
    whither = f"to {other}" if other and other != host else "to another address"
    words = f"{host} sends us on {whither}, and nothing goes there. Check {check}."
    result: Result = "not_sent" if status in _NOT_CARRIED_OUT else "unknown"
    return Reply(result, None, words, status, "redirect", 0, server_at)
