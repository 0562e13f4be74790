"""The sheet that offers the books a misprinted code may be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from bookwish_desk.ui.misprints.state import Misprint
from bookwish_desk.ui.widgets import Column, Row, RowList, Sheet


class _Offered(RowList):
    """Rows of which none is chosen just because the list has the focus."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        chosen = self.current()
        super().focusInEvent(event)
        if chosen is None:
            self.choose("")


def misprint_sheet(parent: QWidget, misprint: Misprint, verb: str, choose: Callable[[str], object]) -> Sheet:
    """Ask which book it is; `choose` gets its SKU. None is chosen before a person does: Enter takes none."""
    sheet = Sheet(parent, "Misprinted ISBN", width=860)
    sheet.add_text(misprint.question)
    rows = _Offered(
        (
            Column("Book"),
            Column("It would be", 190),
            Column("Price", 84, "right"),
            Column("On hand", 72, "right"),
        ),
        name="Books with one other digit",
    )
    rows.set_rows(
        tuple(
            Row(c.sku, (c.title, c.change, c.price, c.on_hand), second=c.details) for c in misprint.candidates
        )
    )
    rows.setMinimumHeight(240)
    sheet.body.addWidget(rows)

    def submit() -> None:
        row = rows.current()
        if row is not None:
            choose(row.key)
            sheet.accept()

    sheet.add_button("None of these")
    take = sheet.add_button(verb, "primary", submit)
    take.setEnabled(False)
    rows.chosen.connect(lambda key: take.setEnabled(bool(key)))
    rows.opened.connect(lambda _key: submit())
    sheet.focus_on(rows)
    return sheet
