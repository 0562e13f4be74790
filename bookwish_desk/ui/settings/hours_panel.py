"""Opening hours besides the seven days: closed days, other hours on single days, and what follows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.hours_words import read_spans, show_spans
from bookwish_desk.shop.street import checked_day
from bookwish_desk.ui.settings.editor import ListEditor
from bookwish_desk.ui.settings.state import OtherDay
from bookwish_desk.ui.widgets import Column, Field, Notice, Row, Sheet


class HoursPanel(ListEditor):
    """Days with hours of their own. `changed` when a person changed them; `days()` gives them out."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._days: tuple[OtherDay, ...] = ()
        self._twelve = False
        columns = (Column("Day", 150), Column("Hours"))
        super().__init__(
            "Closed and special days", columns, "Holidays and days with other hours.", 3, parent=parent
        )
        self.follows = Notice("", "info", self)
        self.column.insertWidget(0, self.follows)
        self.add_verb("Add a day", self.add, icon="plus", of_a_row=False)
        self.add_verb("Change day", self.change, opens=True)
        self.add_verb("Remove day", self.remove, danger=True)  # fmt: skip

    def days(self) -> tuple[OtherDay, ...]:
        """Return the days as they stand."""
        return self._days

    def show_days(self, days: tuple[OtherDay, ...], twelve: bool, follows: str, error: str) -> None:
        """Show these days, and in a sentence what follows from all hours."""
        self._days, self._twelve = days, twelve
        self.show_rows(
            tuple(Row(d.day, (d.day, show_spans(d.spans, twelve) or "Closed")) for d in days), error
        )
        self.follows.show_text(follows, "info")

    def add(self) -> None:
        """Ask for another day."""
        self._ask("Add a day", OtherDay(""))

    def change(self) -> None:
        """Ask for another date or other hours of the chosen day."""
        old = next((d for d in self._days if d.day == self.chosen()), None)
        if old is not None:
            self._ask("Change a day", old)

    def remove(self) -> None:
        """Take the chosen day away."""
        self._edited(tuple(d for d in self._days if d.day != self.chosen()))

    def _ask(self, title: str, old: OtherDay) -> None:
        others = tuple(d for d in self._days if d.day != old.day)

        def keep(day: OtherDay) -> None:
            self._edited(tuple(sorted((*others, day), key=lambda d: d.day)))
            self.rows.choose(day.day)

        day_sheet(self, title, old, self._twelve, {d.day for d in others}, keep).open()

    def _edited(self, days: tuple[OtherDay, ...]) -> None:
        self._days = days
        self.changed.emit()


def day_sheet(
    parent: QWidget,
    title: str,
    now: OtherDay,
    twelve: bool,
    taken: set[str],
    keep: Callable[[OtherDay], None],
) -> Sheet:
    """Ask for a day and when the shop is open on it."""
    sheet = Sheet(parent, title, width=520)
    day = Field("Day", now.day, hint="Year, month and day, such as 2026-12-25", limit=10)
    hours = Field(
        "Hours", show_spans(now.spans, twelve), hint="Leave it empty where the shop is closed", limit=60
    )
    sheet.body.addWidget(day)
    sheet.body.addWidget(hours)

    def submit() -> None:
        try:
            typed = checked_day(day.text())
        except ShopError as error:
            typed = ""
            day.set_error(error.message)
        if not typed or typed in taken:
            day.set_error(day.error() or ("That day is in the list." if typed else "Type a day."))
            day.select()
            return
        try:
            spans = read_spans(hours.text())
        except ShopError as error:
            hours.set_error(error.message)
            hours.select()
            return
        sheet.accept()
        keep(OtherDay(typed, spans))

    for field in (day, hours):
        field.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Keep day", "primary", submit)
    sheet.focus_on(day.edit)
    return sheet  # fmt: skip
