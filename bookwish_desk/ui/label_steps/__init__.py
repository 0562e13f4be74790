"""One label after it was asked for: what is known of it, every scan of its parcel, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.postage import Postage
from bookwish_desk.ui.label_steps import words
from bookwish_desk.ui.label_steps.presenter import LabelPresenter
from bookwish_desk.ui.label_steps.sheet import LabelSheet
from bookwish_desk.ui.order_steps.asking import StepPresenter
from bookwish_desk.ui.order_steps.sheet import StepSheet
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.widgets import Button, Scroll, Sheet


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


def ask_one_of(parent: QWidget, station: Station, number: str, labels: Sequence[Postage]) -> None:
    """Show the one label of an order, or ask which of several is meant."""
    if len(labels) == 1:
        ask(parent, station, labels[0].id)
    elif labels:
        sheet = Sheet(parent, f"Which label of {number}?", width=640)
        scroll = Scroll(spacing=8)
        for label in labels:
            said = (words.status(label), words.service(label), label.tracking)
            button = Button(", ".join(x for x in said if x))
            button.clicked.connect(partial(_chosen, sheet, parent, station, label.id))
            scroll.column.addWidget(button)
        scroll.column.addStretch(1)
        scroll.setMinimumHeight(min(56 * len(labels), 320))
        sheet.body.addWidget(scroll, 1)
        sheet.add_button("Close")
        sheet.open()


def _chosen(sheet: Sheet, parent: QWidget, station: Station, postage_id: str, _on: bool = False) -> None:
    sheet.accept()
    ask(parent, station, postage_id)


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
