"""Importing a list: choosing it, saying what its columns are, and following the import beside the selling."""

from __future__ import annotations

from bookwish_desk.shop.headings import FIELDS
from bookwish_desk.shop.tabular import ENCODINGS
from bookwish_desk.ui.importing.presenter import ImportPresenter
from bookwish_desk.ui.importing.screen import ImportScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[ImportScreen, ImportPresenter]:
    """Make the import screen and what runs it, and tie them together."""
    presenter = ImportPresenter(station)
    screen = ImportScreen(FIELDS, ENCODINGS)
    presenter.render = screen.show_state
    screen.opened.connect(presenter.open)
    screen.encoding_chosen.connect(presenter.choose_encoding)
    screen.counted.connect(presenter.count_shelves)
    screen.mapped.connect(presenter.map_column)
    screen.run_asked.connect(presenter.run)
    screen.cancelled.connect(presenter.cancel)
    screen.again_asked.connect(presenter.again)
    screen.left.connect(presenter.back)
    return screen, presenter
