"""Approving: a manager's PIN lets one action of somebody else through."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.errors import NeedsApproval
from bookwish_desk.ui.approval.presenter import ApprovalPresenter
from bookwish_desk.ui.approval.screen import ApprovalSheet
from bookwish_desk.ui.station import Station


def ask(
    parent: QWidget, station: Station, needs: NeedsApproval, given: Callable[[str], None]
) -> ApprovalSheet:
    """Ask in front of `parent` for the PIN of somebody who may do it.

    `given` gets the id of an approval that is good for this one action; nothing happens on Esc.
    """
    presenter = ApprovalPresenter(station, needs, given)
    sheet = ApprovalSheet(parent, needs.message)
    presenter.render = sheet.show_state
    presenter.on_given = sheet.accept
    sheet.chosen.connect(presenter.choose)
    sheet.submitted.connect(presenter.submit)
    sheet.finished.connect(lambda _result: presenter.hidden())
    presenter.shown()
    sheet.open()
    return sheet
