"""The small sheets of the device screen: another name, and help with what a device does not know of."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from bookwish_desk.shop.device_symptoms import Symptom
from bookwish_desk.ui.equipment.panels import Steps
from bookwish_desk.ui.equipment.state import DeviceForms
from bookwish_desk.ui.widgets import Choice, Field, Sheet


def rename_sheet(parent: QWidget, forms: DeviceForms, name: str) -> Sheet:
    """Ask for another name of the chosen device."""
    sheet = Sheet(parent, f"Rename {name}")
    field = Field("Name", name, hint="As people in the shop call it", limit=40)
    sheet.body.addWidget(field)

    def done() -> None:
        if isValid(sheet):
            sheet.accept()

    def refused(sentence: str) -> None:
        if isValid(sheet):
            field.set_error(sentence)
            field.select()

    field.entered.connect(lambda: forms.rename(field.text(), done, refused))
    sheet.add_button("Cancel")
    sheet.add_button("Rename", "primary", lambda: forms.rename(field.text(), done, refused))
    sheet.focus_on(field.edit)
    field.edit.selectAll()
    return sheet


def trouble_sheet(parent: QWidget, name: str, symptoms: tuple[Symptom, ...]) -> Sheet:
    """Help with what a person sees: choose it, and try the steps in their order."""
    sheet = Sheet(parent, f"{name}: what is wrong?", width=640)
    choice = Choice("What you see", [(str(n), s.words) for n, s in enumerate(symptoms)])
    steps = Steps()

    def show(place: str) -> None:
        steps.show_steps(symptoms[int(place)].steps)

    choice.picked.connect(show)
    show("0")
    sheet.body.addWidget(choice)
    sheet.body.addWidget(steps)
    sheet.add_button("Close", "primary")
    sheet.focus_on(choice.combo)
    return sheet
