"""The prices in the panel of a parcel: a table, who gave none, and what forbids Media Mail."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.shipping.card_state import ParcelCard, RateLine, RatesView
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Notice, Row, RowList

_MOST_SHOWN = 5
_HEADER = 34


class RatesBox(QWidget):
    """Shows the prices; `chosen(rate id)` tells of the row that is chosen, `asked` wants them new."""

    chosen = Signal(str)
    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = RatesView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(Label("Prices", "strong"), 1)
        self.ask = Button("Get the prices", "shipping.price")
        self.ask.clicked.connect(lambda _on=False: self.asked.emit())
        head.addWidget(self.ask)
        column.addLayout(head)
        self._media = Notice(kind="warn", parent=self)
        self._stale = Notice(kind="warn", parent=self)
        column.addWidget(self._media)
        column.addWidget(self._stale)
        self.rows = RowList(
            (Column("Service"), Column("Takes", 128), Column("Price", 88, "right")),
            "Prices",
            "No prices yet.",
        )
        self.rows.chosen.connect(self._row_chosen)
        column.addWidget(self.rows)
        self._failures = Label("", "small", "warn", wrap=True)
        column.addWidget(self._failures)
        self.setAccessibleName("Prices of carriers")

    def show_rates(self, card: ParcelCard) -> None:
        """Show the prices; the scroll stays."""
        view, before = card.rates, self._view
        self._view = view
        self.ask.setText(card.price_words)
        self.ask.setEnabled(card.can_price)
        self.ask.setVisible(bool(card.inputs))
        self._media.show_text(view.media, "warn")
        self._stale.show_text(view.stale, "warn")
        self.rows.set_empty(view.empty)
        self.rows.setEnabled(bool(card.inputs))
        self.rows.blockSignals(True)
        if view.lines != before.lines:
            self.rows.set_rows(tuple(_row(line) for line in view.lines))
        current = self.rows.current()
        if (current.key if current else "") != view.chosen:
            self.rows.choose(view.chosen)
        self.rows.blockSignals(False)
        count = max(1, min(_MOST_SHOWN, len(view.lines)))
        self.rows.setFixedHeight(_HEADER + count * SIZES.row + 4)
        self._failures.setText("\n".join(f"No price. {words}" for words in view.failures))
        self._failures.setVisible(bool(view.failures))

    def _row_chosen(self, rate: str) -> None:
        if rate and rate != self._view.chosen:
            self.chosen.emit(rate)


def _row(line: RateLine) -> Row:
    spoken = (
        f"{line.carrier} {line.service}", line.marks, line.price, line.days,
        f"arrives {line.arrives}" if line.arrives else "", line.saving,
    )  # fmt: skip
    return Row(
        line.id,
        (f"{line.carrier} {line.service}", line.days or "Nobody knows", line.price),
        second=line.saving,
        badge=line.marks,
        tone="ok",
        under=("", line.arrives, "") if line.arrives or line.saving else (),
        spoken=", ".join(x for x in spoken if x),
    )
