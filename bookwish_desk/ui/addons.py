"""Tells the small barcode beside a bigger one from a code of its own, whichever scanner read it.

What an add-on says is `shop.barcode`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bookwish_desk.shop import barcode

SOON_S = 2.0
"""An add-on comes this soon after its article. Typed ones were timed by their keys before (`ui.wedge`)."""

_CARRIES = ("book", "music", "serial", "ean", "upc")


class AddOns:
    """Remembers the article that was scanned last. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._article: barcode.Scan | None = None
        self._at = 0.0

    def article_of(self, code: str) -> barcode.Scan | None:
        """Take a scan; return the article with this add-on, or None when the scan stands for itself.

        An article has one add-on: the next two or five digits are a code again.
        """
        article, now = self._article, self._clock()
        if article is not None and now - self._at <= SOON_S and barcode.is_addon(code):
            self._article = None
            return barcode.with_addon(article, code)
        scan = barcode.parse(code)
        self._article = scan if scan.kind in _CARRIES and not scan.addon else None
        self._at = now
        return None
