"""Returning: a sheet in front of the sell or the sales screen that takes goods back into the sale."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.ui.returns.presenter import ReturnPresenter
from bookwish_desk.ui.returns.screen import ReturnSheet
from bookwish_desk.ui.station import Station


def ask(
    parent: QWidget, station: Station, added: Callable[[Ringing], None], receipt: str = ""
) -> ReturnSheet:
    """Ask in front of `parent` what comes back, of `receipt` where one was scanned or chosen already.

    `added` gets the sale with the returned goods in it. Nothing happens on Esc.
    """
    presenter = ReturnPresenter(station)
    sheet = ReturnSheet(parent)
    presenter.render = sheet.show_state
    presenter.on_added = added
    sheet.receipt_entered.connect(presenter.find)
    sheet.line_chosen.connect(presenter.choose_line)
    sheet.copies_set.connect(presenter.set_copies)
    sheet.disposition_set.connect(presenter.set_disposition)
    sheet.reason_set.connect(presenter.set_reason)
    sheet.all_asked.connect(presenter.return_all)
    sheet.take_asked.connect(presenter.take_back)
    sheet.loose_asked.connect(presenter.go_loose)
    sheet.receipt_asked.connect(presenter.back_to_receipt)
    sheet.typed.connect(presenter.loose.typed)
    sheet.entered.connect(presenter.entered)
    sheet.item_chosen.connect(presenter.loose.choose)
    sheet.use(presenter.loose)
    sheet.finished.connect(lambda _result: presenter.close())
    presenter.open(receipt)
    sheet.open()
    return sheet
