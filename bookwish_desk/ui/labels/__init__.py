"""Printing labels: a sheet in front of the title or the stock screen that asks how many of which kind."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from bookwish_desk.ui.labels.presenter import LabelsPresenter, Line
from bookwish_desk.ui.labels.sheet import LabelSheet
from bookwish_desk.ui.station import Station


def ask(parent: QWidget, station: Station, lines: Sequence[Line]) -> LabelSheet:
    """Ask in front of `parent` which labels of these items are to be printed; further ones are scanned.

    Each line is an item and how many labels of it are proposed; None: as many as there are copies.
    """
    presenter = LabelsPresenter(station, lines)
    sheet = LabelSheet(parent)
    presenter.render = sheet.show_state
    sheet.chosen.connect(presenter.choose)
    sheet.copies_set.connect(presenter.set_copies)
    sheet.kind_chosen.connect(presenter.set_kind)
    sheet.print_asked.connect(presenter.print_labels)
    sheet.finished.connect(lambda _result: presenter.close())
    presenter.open()
    sheet.open()
    return sheet
