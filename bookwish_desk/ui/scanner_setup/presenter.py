"""Runs the scanner set-up page: which maker's steps are shown, and what each scan says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.shop.barcode import Scan
from bookwish_desk.shop.bars import code128
from bookwish_desk.ui.scanner_setup import words
from bookwish_desk.ui.scanner_setup.makers import MAKERS, maker
from bookwish_desk.ui.scanner_setup.state import SetupState

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class ScannerSetup:
    """Owns the scans while the page is open: nothing is sold by them. `render` gets each new state."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.state = SetupState(makers=tuple((m.id, m.name) for m in MAKERS))
        self.render: Callable[[SetupState], None] = lambda _state: None

    def shown(self) -> None:
        """Take the scans, and show the steps that hold for every maker."""
        self._station.own_scans(self)
        self.choose(MAKERS[0].id)

    def hidden(self) -> None:
        """Give the scans back."""
        self._station.release_scans(self)

    def choose(self, id: str) -> None:
        """Show the steps of a maker, and its codes where there are any."""
        chosen = maker(id)
        codes = tuple(replace(code, modules=code128(code.text)) for code in chosen.codes)
        self._show(maker=chosen.id, steps=chosen.steps, codes=codes, source=chosen.source)

    def scanned(self, code: str) -> None:
        """Tell of a scan."""
        self._show(reading=words.reading(code, self._station.came(code)))

    def addon(self, article: Scan) -> None:
        """Tell of an add-on that came as a scan of its own."""
        self._show(reading=words.addon_reading(article, self._station.came(article.addon) is not None))

    def leaked(self, text: str, gap_ms: int) -> None:
        """Tell of keys that went into the field: they were no scan."""
        if text.strip():
            self._show(reading=words.leaked(text, gap_ms))

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)
