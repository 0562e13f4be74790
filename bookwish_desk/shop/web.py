"""Web addresses that people of a shop type: the ones that customers may be sent to. Nothing is fetched."""

from __future__ import annotations

import re

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean

_ADDRESS = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?(?:[/?#][!-~]*)?", re.IGNORECASE
)


def web_address(typed: str, limit: int = 300) -> str:
    """Return an address that begins with https:// or http://, all of it in plain letters; raises Refused.

    Without either it gets https://. Names and passwords in it are refused: customers would read them.
    """
    text = typed.strip()
    if text and "://" not in text:
        text = f"https://{text}"
    if len(text) > limit:
        raise Refused("web_address", f"A web address has at most {limit} characters here.")
    host = text.partition("://")[2].partition("/")[0].partition("#")[0]
    if clean(text, limit) != text or not _ADDRESS.fullmatch(text) or "." not in host:
        raise Refused("web_address", "Type a web address such as https://example.com/reviews.")
    return text


def tracking_address(typed: str, limit: int = 300) -> str:
    """Return where a carrier's parcels are followed: # stands once, for the number of the parcel."""
    link = web_address(typed, limit)
    if link.count("#") != 1:
        raise Refused("web_address", "Put one # into the link, where the number of the parcel belongs.")
    return link
