"""The address of an online store, as people type it. Nothing is reached here."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean

_MOST = 200
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def store_address(typed: str) -> str:
    """Return the address of a store as it is kept: https://host[:port][/path], without a slash at its end.

    Without https:// it gets one. http:// is for programs on this computer only, such as the demonstration's
    store: everywhere else passwords would be readable on the way. Raises Refused in plain words.
    """
    text = typed.strip()
    if text and "://" not in text:
        text = f"https://{text}"
    if not text or len(text) > _MOST or clean(text, _MOST) != text or not text.isascii():
        raise _unusable()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as fault:
        raise _unusable() from fault
    if parts.username or parts.password or "@" in parts.netloc:
        raise Refused("address", "Leave the name and the password out of the store's address.")
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/")
    if parts.scheme not in ("https", "http") or parts.query or parts.fragment or port == 0:
        raise _unusable()
    if not _HOST.fullmatch(shown) or not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise _unusable()
    if parts.scheme == "http" and not is_loopback(host):
        raise Refused(
            "address",
            "The address must begin with https:// so that nobody on the way can read the password.",
        )
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{path}"


def is_loopback(host: str) -> bool:
    """Say whether a host is this computer itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unusable() -> Refused:
    return Refused("address", "Type the address of the store, such as https://api.example.com/v1.")
