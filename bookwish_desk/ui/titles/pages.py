"""The pages at the right of the title screen: its copies, how their stock moved, and what was sold."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.titles.state import (
    CopyRow,
    HistoryView,
    MovementRow,
    PeriodView,
    SalesView,
    SoldRow,
    TitleView,
    WaitingRow,
)
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Card, Choice, Column, Label, Row, RowList
from bookwish_desk.ui.widgets.bars import Bar, Bars

_ROW = 56
_HEADER = 34
_MOST_WAITING = 3


class CopiesPage(Card):
    """The copies with their prices, and beneath them what waits for the title."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=12, parent=parent)
        self.rows = RowList(
            (
                Column("Copies"),
                Column("On hand", 62, "right"),
                Column("On order", 66, "right"),
                Column("Price", 80, "right"),
            ),
            name="Copies of the title",
        )
        self.rows.chosen.connect(self.chosen)
        self.column.addWidget(self.rows, 1)
        self._waits = Label("Waiting for this title", "head")
        self.waiting = RowList(
            (Column("What"), Column("Copies", 56, "right")),
            name="What waits for this title",
            header=False,
        )
        self.column.addWidget(self._waits)
        self.column.addWidget(self.waiting)

    def show_view(self, view: TitleView, chosen: str) -> None:
        """Show the copies, the chosen one marked."""
        self.rows.set_rows(tuple(_copy(c) for c in view.copies))
        self.rows.choose(chosen)
        self.waiting.set_rows(tuple(_waiting(w) for w in view.waiting))
        self.waiting.setFixedHeight(_ROW * min(len(view.waiting), _MOST_WAITING) + 2)
        for widget in (self._waits, self.waiting):
            widget.setVisible(bool(view.waiting))


class HistoryPage(Card):
    """Movements, by cause and by copy, with what those of each cause came to."""

    filtered = Signal(str, str)
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=12, spacing=8, parent=parent)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.cause = Choice("Movements")
        self.copy = Choice("Copies")
        for choice in (self.cause, self.copy):
            choice.hide_label()
            choice.picked.connect(lambda _id: self.filtered.emit(self.cause.chosen(), self.copy.chosen()))
            row.addWidget(choice, 1)
        self.column.addLayout(row)
        self._sums = Label("", "small", "soft", wrap=True)
        self.column.addWidget(self._sums)
        self.rows = RowList(
            (Column("Movement"), Column("Copies", 56, "right"), Column("On hand", 62, "right")),
            name="How the stock moved",
            empty="It has not moved yet.",
        )
        self.rows.chosen.connect(lambda _key: self.chosen.emit())
        self.column.addWidget(self.rows, 1)

    def show_view(self, view: HistoryView, cause: str, of_copy: str) -> None:
        """Show movements; the choices stand at what was asked for."""
        for choice, options, asked in (
            (self.cause, view.causes, cause),
            (self.copy, view.copies, of_copy),
        ):
            now = [(choice.combo.itemData(n), choice.combo.itemText(n)) for n in range(choice.combo.count())]
            if now != list(options):
                choice.set_options(options)
            choice.choose(asked)
        self.copy.setVisible(bool(view.copies))
        said = " · ".join(w for w in (view.sums, view.cut) if w)
        self._sums.setText(said)
        self._sums.setVisible(bool(said))
        self.rows.set_rows(tuple(_movement(m) for m in view.rows))


class SalesPage(Card):
    """What was sold this week, this month and month by month, and the last receipts."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=12, spacing=8, parent=parent)
        self._periods = QHBoxLayout()
        self._periods.setSpacing(SIZES.gap)
        self._faces = [_Period() for _ in range(3)]
        for face in self._faces:
            self._periods.addWidget(face, 1)
        self.column.addLayout(self._periods)
        self.bars = Bars("Copies sold, month by month")
        self.column.addWidget(self.bars)
        self.rows = RowList(
            (
                Column("Receipt", 92),
                Column("Sold"),
                Column("Copies", 56, "right"),
                Column("Amount", 84, "right"),
            ),
            name="The last sales",
            empty="It was not sold yet.",
        )
        self.rows.chosen.connect(lambda _key: self.chosen.emit())
        self.column.addWidget(self.rows, 1)

    def show_view(self, view: SalesView) -> None:
        """Show what was sold."""
        for face, period in zip(self._faces, view.periods, strict=False):
            face.show_period(period)
        self.bars.set_bars(tuple(Bar(m.name, m.copies, m.spoken) for m in view.months))
        self.rows.set_rows(tuple(_sold(x) for x in view.rows))


class _Period(QWidget):
    """What was sold in a time: its name over the copies and the money."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 0)
        column.setSpacing(0)
        self._name = Label("", "small", "soft", elide=True)
        self._copies = Label("", "head", elide=True)
        self._amount = Label("", "small", "soft", elide=True)
        for label in (self._name, self._copies, self._amount):
            column.addWidget(label)

    def show_period(self, period: PeriodView) -> None:
        self._name.setText(period.name)
        self._copies.setText(period.copies)
        self._amount.setText(period.amount)


def _copy(c: CopyRow) -> Row:
    return Row(c.sku, (c.what, c.on_hand, c.on_order, c.price), second=c.details)


def _waiting(w: WaitingRow) -> Row:
    return Row(w.key, (w.what, w.copies), second=w.details)


def _movement(m: MovementRow) -> Row:
    return Row(m.key, (m.what, m.by, m.on_hand), second=m.details)


def _sold(x: SoldRow) -> Row:
    return Row(
        x.key,
        (x.receipt, x.when, x.copies, x.amount),
        second=x.details,
        badge="Return" if x.back else "",
        tone="warn",
    )
