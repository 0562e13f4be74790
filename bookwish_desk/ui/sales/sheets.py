"""The small form of the sales screen: which lines a gift receipt is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from bookwish_desk.ui.sales.state import GiftLine
from bookwish_desk.ui.widgets import Scroll, Sheet, Toggle


def gift_sheet(
    parent: QWidget, lines: Sequence[GiftLine], then: Callable[[tuple[int, ...]], object]
) -> Sheet:
    """Ask which lines a gift receipt is for; `then` gets their numbers."""
    sheet = Sheet(parent, "Gift receipt", width=560)
    sheet.add_text("It shows no price, and the books can be brought back with it.")
    scroll = Scroll(margin=2)
    toggles = [(line.no, Toggle(line.title, True)) for line in lines]
    for _, toggle in toggles:
        scroll.column.addWidget(toggle)
    scroll.column.addStretch(1)
    scroll.setMinimumHeight(min(420, 60 * len(toggles) + 8))
    sheet.body.addWidget(scroll)

    def submit() -> None:
        chosen = tuple(no for no, toggle in toggles if toggle.isChecked())
        if not chosen:
            sheet.show_notice("Choose at least one line.")
            return
        then(chosen)
        sheet.accept()

    sheet.add_button("Cancel")
    sheet.add_button("Print gift receipt", "primary", submit)
    sheet.focus_on(toggles[0][1])
    return sheet
