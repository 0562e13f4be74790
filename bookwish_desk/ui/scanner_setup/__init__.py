"""Scanner set-up: a page that says what to set on a scanner, and tells what comes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from bookwish_desk.ui.scanner_setup.presenter import ScannerSetup
from bookwish_desk.ui.scanner_setup.sheet import ScannerSetupSheet

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


def open_sheet(parent: QWidget, station: Station) -> ScannerSetupSheet:
    """Open the page in front of `parent`'s window; it takes the scans until it is closed."""
    sheet, presenter = ScannerSetupSheet(parent), ScannerSetup(station)
    presenter.render = sheet.show_state
    sheet.maker_chosen.connect(presenter.choose)
    sheet.leaked.connect(presenter.leaked)
    # A signal holds a method weakly; this one keeps the presenter as long as the sheet.
    sheet.finished.connect(lambda _result: presenter.hidden())
    presenter.shown()
    sheet.open()
    return sheet
