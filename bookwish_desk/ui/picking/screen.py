"""The picking screen: the walk along the shelves at the left, where the chosen title is at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.picking.state import PickDetail, PickingState, PickRow
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Column, Label, Notice, Row, RowList
from bookwish_desk.ui.widgets.buttons import Kind
from bookwish_desk.ui.widgets.progress import Bar


class PickingScreen(QWidget):
    """Intents are signals; `show_state` shows a state."""

    back_asked = Signal()
    chosen = Signal(str)
    one_asked = Signal()
    all_asked = Signal()
    put_back_asked = Signal()
    missing_asked = Signal()
    title_asked = Signal()
    papers_asked = Signal()
    pack_asked = Signal()
    pickup_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = PickingState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        self._notice = Notice(parent=self)
        self._left_out = Notice("", "warn", parent=self)
        column.addWidget(self._notice)
        column.addWidget(self._left_out)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._build_list(), 6)
        row.addWidget(self._build_detail(), 5)
        column.addLayout(row, 1)
        column.addLayout(self._build_verbs())
        self.setAccessibleName("Pick list")

    # Building

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._verb("Back", "picking.back", self.back_asked.emit))
        words = QVBoxLayout()
        words.setSpacing(4)
        self._progress = Label("", "head")
        self.bar = Bar("Copies picked")
        words.addWidget(self._progress)
        words.addWidget(self.bar)
        row.addLayout(words, 1)
        row.addWidget(self._verb("Print the list", "picking.print", self.papers_asked.emit, icon="printer"))
        return row

    def _build_list(self) -> QWidget:
        self.rows = RowList(
            (
                Column("Shelf", 108),
                Column("Title"),
                Column("On hand", 68, "right"),
                Column("Picked", 68, "right"),
            ),
            name="Titles to pick",
            empty="Nothing is to be picked for these orders.",
        )
        self.rows.chosen.connect(self.chosen)
        return self.rows

    def _build_detail(self) -> QWidget:
        card = Card()
        self._title = Label("", "head", wrap=True)
        self._about = Label("", "small", "soft", wrap=True)
        self._shelf = Label("", "title", wrap=True)
        self._on_hand = Label("", tone="soft", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(SIZES.gap)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self._title)
        names.addWidget(self._about)
        head.addLayout(names, 1)
        self._show_title = self._verb("Title", "picking.title", self.title_asked.emit)
        head.addWidget(self._show_title, 0, Qt.AlignmentFlag.AlignTop)
        card.column.addLayout(head)
        card.column.addWidget(self._shelf)
        card.column.addWidget(self._on_hand)
        self.orders = RowList(
            (Column("Order"), Column("Goes to", 100), Column("Copies", 64, "right")),
            name="Orders that it is for",
            empty="No order waits for it any more.",
        )
        card.column.addWidget(self.orders, 2)
        self._others = Label("Other copies of this title", "small", "soft")
        self.copies = RowList(
            (Column("Copy"), Column("Shelf", 120), Column("On hand", 68, "right")),
            name="Other copies of this title",
            header=False,
        )
        card.column.addWidget(self._others)
        card.column.addWidget(self.copies, 1)
        return card

    def _build_verbs(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self._one = self._verb("Pick one", "picking.one", self.one_asked.emit)
        self._all = self._verb("Pick all", "picking.all", self.all_asked.emit)
        self._back = self._verb("Put one back", "picking.put_back", self.put_back_asked.emit)
        self._missing = self._verb("Not there", "picking.missing", self.missing_asked.emit)
        self._pickup = self._verb("To the hold shelf", "picking.pickup", self.pickup_asked.emit)
        self._pack = self._verb("Pack", "picking.pack", self.pack_asked.emit, "primary")
        buttons = (self._one, self._all, self._back, self._missing, self._pickup, self._pack)
        for place, button in enumerate(buttons):
            grid.addWidget(button, 0, place)
            grid.setColumnStretch(place, 4 if button in (self._one, self._all) else 5)
        return grid

    def _verb(
        self, text: str, key: str, then: Callable[[], object], kind: Kind = "plain", icon: str = ""
    ) -> Button:
        button = Button(text, key, kind, icon=icon or None, parent=self)
        button.clicked.connect(lambda _on=False: then())
        return button

    # Rendering

    def show_state(self, state: PickingState) -> None:
        """Show the state; a refused book makes a sound."""
        before, self._state = self._state, state
        self._progress.setText(f"{state.progress}, for {state.orders} {_orders(state.orders)}")
        self.bar.setValue(100 * state.picked // max(1, state.wanted))
        self._notice.show_text(state.notice, state.tone)
        self._left_out.show_text(state.left_out)
        self.rows.set_rows(tuple(_row(r) for r in state.rows))
        self.rows.choose(state.selected)
        self._show_detail(state.detail)
        row = next((r for r in state.rows if r.sku == state.selected), None)
        for button in (self._one, self._all, self._missing):
            button.setEnabled(row is not None and not row.done)
        self._back.setEnabled(row is not None and row.picked > 0)
        self._show_title.setEnabled(row is not None)
        self._pack.setText(
            f"Pack {len(state.to_pack)} {_orders(len(state.to_pack))}" if state.to_pack else "Pack"
        )
        self._pack.setEnabled(bool(state.to_pack))
        self._pickup.setEnabled(bool(state.to_shelve))
        if state.alarm != before.alarm:
            QApplication.beep()

    def _show_detail(self, detail: PickDetail | None) -> None:
        self._title.setText(detail.title if detail else "No title chosen")
        self._about.setText(detail.about if detail else "")
        self._shelf.setText(detail.shelf if detail else "")
        self._on_hand.setText(f"{detail.on_hand} on hand in the books" if detail else "")
        rows = [
            Row(o.id, (o.number, o.whither, o.copies), second=o.customer)
            for o in (detail.orders if detail else ())
        ]
        self.orders.set_rows(tuple(rows))
        others = detail.copies if detail else ()
        self.copies.set_rows(tuple(Row(c.sku, (c.what, c.shelf, c.on_hand), second=c.sku) for c in others))
        self._others.setVisible(bool(others))
        self.copies.setVisible(bool(others))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rows.setFocus()


def _row(r: PickRow) -> Row:
    second = " · ".join(x for x in (r.author, f"for {r.orders}") if x)
    return Row(
        r.sku,
        (r.shelf or "No shelf", r.title, r.on_hand, f"{r.picked} of {r.wanted}"),
        second=second,
        badge="Picked" if r.done else "",
        tone="ok",
        muted=r.done,
    )


def _orders(count: int) -> str:
    return "order" if count == 1 else "orders"
