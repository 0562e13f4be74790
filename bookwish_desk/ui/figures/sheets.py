"""The small form in which the days of a period are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookwish_desk.ui.figures.state import DaysForm
from bookwish_desk.ui.widgets import Field, Sheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from bookwish_desk.ui.figures.screen import DaysTaker


def days_sheet(parent: QWidget, taker: DaysTaker, first: str, last: str) -> Sheet:
    """Return a sheet that asks for the first and the last day; what is wrong stands beneath its field."""
    sheet = Sheet(parent, "Choose the days")
    fields = {
        "first": Field("From (year-month-day)", "2026-11-01", limit=10),
        "last": Field("To (year-month-day)", "2026-11-30", limit=10),
    }
    fields["first"].set_text(first)
    fields["last"].set_text(last)

    def refused(field: str, sentence: str) -> None:
        for name, box in fields.items():
            box.set_error(sentence if name == field else "")
        sheet.show_notice("" if field in fields else sentence)

    def take() -> None:
        form = DaysForm(fields["first"].text(), fields["last"].text())
        taker.choose_days(form, sheet.accept, refused)

    for box in fields.values():
        box.entered.connect(take)
        sheet.body.addWidget(box)
    sheet.add_button("Cancel")
    sheet.add_button("Show figures", "primary", take)
    sheet.focus_on(fields["first"])
    return sheet
