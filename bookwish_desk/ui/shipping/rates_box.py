"""The prices in the panel of a parcel: a table, who gave none, and what forbids Media Mail."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.shipping.card_state import ParcelCard, RateLine, RatesView
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Notice, Row, RowList

_HEADER = 34
_FIRST = 4


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
            row_height=SIZES.row_single,
        )
        # What is around it scrolls: two scroll bars side by side are one too many.
        self.rows.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.chosen.connect(self._row_chosen)
        column.addWidget(self.rows)
        self._failures = Label("", "small", "warn", wrap=True)
        column.addWidget(self._failures)
        self.setAccessibleName("Prices of carriers")

    def show_rates(self, card: ParcelCard) -> None:
        """Show the prices, every one of them."""
        view, before = card.rates, self._view
        self._view = view
        self.ask.setText(card.price_words)
        self.ask.set_kind("plain" if view.lines else "primary")
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
        self.rows.setFixedHeight(_HEADER + max(1, len(view.lines)) * SIZES.row_single + 2)
        self._failures.setText("\n".join(f"No price. {words}" for words in view.failures))
        self._failures.setVisible(bool(view.failures))

    def first_prices(self) -> QRect:
        """Return where what is asked with and the first prices lie: so much is to be seen at once."""
        beneath = max(0, len(self._view.lines) - _FIRST) * SIZES.row_single
        beneath += self._failures.height() if not self._failures.isHidden() else 0
        return self.rect().adjusted(0, 0, 0, -beneath)

    def chosen_place(self) -> QRect:
        """Return where the chosen price lies in this widget, with the titles above the first one."""
        place = self.rows.visualRect(self.rows.currentIndex())
        top = self.rows.viewport().mapTo(self, place.topLeft())
        above = _HEADER if self.rows.currentIndex().row() == 0 else 0
        return QRect(top, place.size()).adjusted(0, -above, 0, 0)

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
