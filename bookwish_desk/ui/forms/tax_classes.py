"""Editing tax classes and their rates: a list, and a sheet for one of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.money import read_percent, show_percent
from bookwish_desk.shop.tax import TaxClass, TaxRate
from bookwish_desk.shop.tax_words import UNKNOWN_PPM, class_code, rates_in_words
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import AmountField, Button, Column, Field, Label, Notice, Row, RowList, Sheet

MOST_RATES = 3


class TaxClasses(QWidget):
    """The tax classes of a shop. `changed` when a person changed them; `classes()` gives them out."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[TaxClass, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        column.addWidget(Label("Tax classes and rates", "strong"))
        self.rows = RowList(
            (Column("Class"), Column("Tax", 260)), name="Tax classes", empty="Add a tax class.", row_height=48
        )
        self.rows.setMinimumHeight(48 * 3 + 44)
        self.rows.opened.connect(lambda _key: self.change())
        column.addWidget(self.rows)
        self._notice = Notice("", "error", self)
        column.addWidget(self._notice)
        verbs = QHBoxLayout()
        verbs.setSpacing(SIZES.gap)
        self.add_button = Button("Add a class", icon="plus")
        self.change_button = Button("Change class")
        self.remove_button = Button("Remove class", kind="danger")
        self.add_button.clicked.connect(self.add)
        self.change_button.clicked.connect(self.change)
        self.remove_button.clicked.connect(self.remove)
        for button in (self.add_button, self.change_button, self.remove_button):
            verbs.addWidget(button)
        verbs.addStretch(1)
        column.addLayout(verbs)

    def classes(self) -> tuple[TaxClass, ...]:
        """Return the classes as they stand."""
        return self._classes

    def show_classes(self, classes: tuple[TaxClass, ...], error: str = "") -> None:
        """Show these classes, and what is wrong with them."""
        self._classes = classes
        self.rows.set_rows(tuple(Row(c.code, (c.label, rates_in_words(c))) for c in classes))
        if classes and self.rows.current() is None:
            self.rows.choose(classes[0].code)
        self._notice.show_text(error, "error")
        for button in (self.change_button, self.remove_button):
            button.setEnabled(bool(classes))

    def add(self) -> None:
        """Ask for a new class."""
        taken = [c.code for c in self._classes]

        def keep(label: str, rates: tuple[TaxRate, ...]) -> None:
            made = TaxClass(class_code(label, taken), label, rates)
            self._edited((*self._classes, made), made.code)

        class_sheet(self, "Add a tax class", TaxClass("", ""), self._labels(), keep).open()

    def change(self) -> None:
        """Ask for another name or other rates of the chosen class."""
        chosen = self._chosen()
        if chosen is None:
            return
        old = chosen

        def keep(label: str, rates: tuple[TaxRate, ...]) -> None:
            made = TaxClass(old.code, label, rates)
            self._edited(tuple(made if c.code == old.code else c for c in self._classes), old.code)

        class_sheet(self, "Change a tax class", old, self._labels() - {old.label.casefold()}, keep).open()

    def remove(self) -> None:
        """Take the chosen class away."""
        chosen = self._chosen()
        if chosen is not None:
            self._edited(tuple(c for c in self._classes if c != chosen), "")

    def _chosen(self) -> TaxClass | None:
        row = self.rows.current()
        return next((c for c in self._classes if row is not None and c.code == row.key), None)

    def _labels(self) -> set[str]:
        return {c.label.casefold() for c in self._classes}

    def _edited(self, classes: tuple[TaxClass, ...], choose: str) -> None:
        self.show_classes(classes)
        if choose:
            self.rows.choose(choose)
        self.changed.emit()


def class_sheet(
    parent: QWidget,
    title: str,
    now: TaxClass,
    taken: set[str],
    keep: Callable[[str, tuple[TaxRate, ...]], None],
) -> Sheet:
    """Ask for the name of a class and up to three rates; `keep(label, rates)` gets what was typed."""
    sheet = Sheet(parent, title, width=560)
    label = Field("Class", now.label, hint="Such as Books, E-books or Gifts", limit=40)
    sheet.body.addWidget(label)
    fields: list[tuple[Field, AmountField]] = []
    for place in range(MOST_RATES):
        rate = now.rates[place] if place < len(now.rates) else None
        name = Field(f"Name of rate {place + 1}", rate.name if rate else "", limit=30)
        known = rate is not None and rate.ppm != UNKNOWN_PPM
        percent = AmountField("Percent", show_percent(rate.ppm).rstrip("%") if rate and known else "")
        percent.edit.setAccessibleName(f"Percent of rate {place + 1}")
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(name, 3)
        row.addWidget(percent, 1)
        sheet.body.addLayout(row)
        fields.append((name, percent))
    sheet.body.addWidget(Label("Leave all rates empty for goods that are not taxed.", "small", "soft"))

    def submit() -> None:
        words = label.text().strip()
        if not words or words.casefold() in taken:
            label.set_error("There is a class of this name already." if words else "Give the class a name.")
            label.select()
            return
        rates = [_rate(name, percent) for name, percent in fields]
        if all(rate is not False for rate in rates):
            keep(words, tuple(rate for rate in rates if isinstance(rate, TaxRate)))
            sheet.accept()

    for field in (label, *(f for pair in fields for f in pair)):
        field.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Keep class", "primary", submit)
    sheet.focus_on(label.edit)
    return sheet


def _rate(name: Field, percent: AmountField) -> TaxRate | bool | None:
    """Return the rate in a row, None for an empty row, False when it is wrong (and said so)."""
    words, typed = name.text().strip(), percent.text().strip()
    if not words and not typed:
        return None
    if not words:
        name.set_error("Name it: receipts print it.")
        name.select()
        return False
    try:
        return TaxRate(words, read_percent(typed))
    except ShopError as error:
        percent.set_error(error.message)
        percent.select()
        return False
