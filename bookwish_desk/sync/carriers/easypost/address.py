"""The address of EasyPost, as it is typed, and the addresses of files that its answers name."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.shipping import EASYPOST
from bookwish_desk.sync.bookwish.address import is_loopback, store_address

_LONGEST = 2_000


def broker_address(typed: str) -> str:
    """Return the address of EasyPost as it is kept, an empty one for the usual one.

    http:// is for programs on this computer only: elsewhere the key could be read on the way. Raises Refused.
    """
    if not typed.strip():
        return EASYPOST
    try:
        return store_address(typed)
    except Refused as fault:
        words = f"Type the address of EasyPost, such as {EASYPOST}. It begins with https://."
        raise Refused("carriers", words, field="base") from fault


def file_address(told: str, base: str, before: str = "") -> str:
    """Return where a file may be fetched that an answer names, empty where it may not be.

    Only https, for what stands in an answer could lead anywhere; http on this computer for an EasyPost that
    is on this computer itself. `before` is the page that leads there, where one does.
    """
    if not told or len(told) > _LONGEST or not told.isascii() or not told.isprintable() or " " in told:
        return ""
    try:
        whole = urljoin(before, told) if before else told
        parts = urlsplit(whole)
        host = (parts.hostname or "").lower()
        parts.port  # noqa: B018 - raises ValueError for one that cannot be
        if not host or parts.username is not None or parts.password is not None:
            return ""
        if parts.scheme == "https":
            return whole
        near = is_loopback(host) and is_loopback((urlsplit(base).hostname or "").lower())
    except ValueError:
        return ""
    return whole if parts.scheme == "http" and near else ""
