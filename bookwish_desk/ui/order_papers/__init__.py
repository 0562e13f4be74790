"""Papers of orders: a sheet in front of any screen that prints packing slips and pick lists or saves them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from bookwish_desk.actions.order_papers import Paper
from bookwish_desk.ui.order_papers.presenter import PapersPresenter
from bookwish_desk.ui.order_papers.sheet import PapersSheet
from bookwish_desk.ui.station import Station


def ask_print(
    parent: QWidget, station: Station, order_ids: Sequence[str], paper: Paper = "packing_slip"
) -> PapersSheet:
    """Ask in front of `parent` which papers of these orders are to be printed or saved, and do it."""
    presenter = PapersPresenter(station, order_ids, paper)
    sheet = PapersSheet(parent, presenter.title)
    presenter.render = sheet.show_state
    sheet.paper_chosen.connect(presenter.choose_paper)
    sheet.size_chosen.connect(presenter.choose_size)
    sheet.print_asked.connect(presenter.print_papers)
    sheet.file_chosen.connect(presenter.save)
    sheet.replace_asked.connect(presenter.replace)
    sheet.stop_asked.connect(presenter.stop)
    sheet.finished.connect(lambda _result: presenter.close())
    presenter.open()
    sheet.open()
    return sheet


def print_slips(station: Station, order_ids: Sequence[str]) -> None:
    """Print the packing slips of orders at once, on pages or else as labels; what fails is said."""
    presenter = PapersPresenter(station, order_ids)
    if station.settings.device_for("documents", station.register) is None:
        presenter.choose_size("4x6")
    presenter.print_papers()
