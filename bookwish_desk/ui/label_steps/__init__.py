"""One label after it was asked for: what is known of it, every scan of its parcel, and what can be done."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bookwish_desk.ui.label_steps.presenter import LabelPresenter
from bookwish_desk.ui.label_steps.sheet import LabelSheet
from bookwish_desk.ui.order_steps.asking import StepPresenter
from bookwish_desk.ui.order_steps.sheet import StepSheet
from bookwish_desk.ui.station import Station


def ask(parent: QWidget, station: Station, postage_id: str) -> LabelSheet:
    """Show a label in front of a screen, with everything that can be done with it."""
    presenter, sheet = LabelPresenter(station, postage_id), LabelSheet(parent)
    presenter.render = sheet.show_view
    presenter.on_step = lambda step: ask_step(parent, step)
    sheet.did.connect(presenter.do)
    sheet.finished.connect(lambda _result: presenter.close())
    sheet.open()
    presenter.open()
    return sheet


def ask_step(parent: QWidget, presenter: StepPresenter) -> StepSheet:
    """Open the sheet of a step with a label."""
    sheet = StepSheet(parent, presenter.title, width=680)
    presenter.render = sheet.show_state
    sheet.changed.connect(presenter.changed)
    sheet.submitted.connect(presenter.submit)
    sheet.finished.connect(lambda _result: presenter.close())
    presenter.open()
    sheet.open()
    return sheet
