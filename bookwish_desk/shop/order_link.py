"""Links to an order, as messages to the staff carry them: bookwish-desk:order/BW-20261122-AB12."""

from __future__ import annotations

from urllib.parse import quote, unquote

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean

SCHEME = "bookwish-desk"
_BEFORE = f"{SCHEME}:order/"
MOST = 64


def link_to(number: str) -> str:
    """Return the link that opens an order on the desk of this computer."""
    return _BEFORE + quote(number, safe="")


def number_in(link: str) -> str:
    """Return the number of the order that a link names. Raises Refused for any other link.

    A link comes from outside: what it names is text to be looked for and nothing else.
    """
    number = unquote(link.removeprefix(_BEFORE)) if link.startswith(_BEFORE) else ""
    if not number or number != clean(number, MOST):
        raise Refused("link", "This is no link to an order. Search for the order on the Orders screen.")
    return number
