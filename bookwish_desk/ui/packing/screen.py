"""The packing screen: the copies to check at the left, whom they go to and the parcels at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.packing.state import OrderFacts, PackingState, PackRow
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Column, Label, Notice, Row, RowList, Scroll
from bookwish_desk.ui.widgets.buttons import Kind
from bookwish_desk.ui.widgets.progress import Bar

_BATCH_SHOWN = 3


class _Said(QWidget):
    """Words of a customer or of the staff under what they are: gift, instructions, memo."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SIZES.gap_small)
        column.setSpacing(0)
        column.addWidget(Label(heading, "small", "soft"))
        self._text = Label("", wrap=True)
        column.addWidget(self._text)
        self.setAccessibleName(heading)

    def text(self) -> str:
        """Return the words."""
        return self._text.text()

    def show_text(self, text: str) -> None:
        """Show words; without any it is gone."""
        self._text.setText(text)
        self.setVisible(bool(text))


class PackingScreen(QWidget):
    """Intents are signals; `show_state` shows a state."""

    back_asked = Signal()
    chosen = Signal(str)
    order_chosen = Signal(str)
    box_chosen = Signal(str)
    together_asked = Signal()
    by_eye_asked = Signal()
    box_asked = Signal()
    move_asked = Signal()
    problem_asked = Signal()
    papers_asked = Signal()
    pack_asked = Signal()
    ship_asked = Signal()
    by_hand_asked = Signal()
    unpack_asked = Signal()
    delivered_asked = Signal()
    next_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = PackingState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        self._notice = Notice(parent=self)
        self._why = Notice("", "warn", parent=self)
        column.addWidget(self._notice)
        column.addWidget(self._why)
        column.addLayout(self._build_together())
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(self._build_left(), 6)
        row.addWidget(self._build_right(), 5)
        column.addLayout(row, 1)
        column.addLayout(self._build_verbs())
        work_key(self, "packing.by_hand", self.by_hand_asked.emit)
        self.setAccessibleName("Packing")

    # Building

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._verb("Back", "packing.back", self.back_asked.emit))
        words = QVBoxLayout()
        words.setSpacing(4)
        line = QHBoxLayout()
        self._heading = Label("", "head", elide=True)
        self._progress = Label("", tone="soft")
        line.addWidget(self._heading, 1)
        line.addWidget(self._progress)
        self.bar = Bar("Copies checked")
        words.addLayout(line)
        words.addWidget(self.bar)
        row.addLayout(words, 1)
        self._papers = self._verb("Papers", "packing.slip", self.papers_asked.emit, icon="printer")
        row.addWidget(self._papers)
        return row

    def _build_together(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self._offer = Notice("", "info", parent=self)
        self._together = self._verb("Pack together", "packing.together", self.together_asked.emit)
        row.addWidget(self._offer, 1)
        row.addWidget(self._together)
        return row

    def _build_left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setSpacing(SIZES.gap)
        self.rows = RowList(
            (Column("Title"), Column("In parcel", 112), Column("Checked", 68, "right")),
            name="Copies to check",
            empty="Nothing of this order is to be packed.",
        )
        self.rows.chosen.connect(self.chosen)
        left.addWidget(self.rows, 1)
        self.batch = RowList(
            (Column("Order"), Column("Customer", 170)), name="Orders to pack", row_height=SIZES.target
        )
        self.batch.setFixedHeight(SIZES.target * _BATCH_SHOWN + 36)
        self.batch.chosen.connect(self.order_chosen)
        left.addWidget(self.batch)
        return left

    def _build_right(self) -> QWidget:
        card = Card()
        names = QVBoxLayout()
        names.setSpacing(0)
        self._name = Label("", "head", wrap=True)
        self._to = Label("", wrap=True)
        self._method = Label("", "small", "soft", wrap=True)
        for label in (self._name, self._to, self._method):
            names.addWidget(label)
        card.column.addLayout(names)
        self._words = Scroll(spacing=SIZES.gap_small)
        self._gift, self._instructions, self._memo = _Said("Gift"), _Said("Instructions"), _Said("Memo")
        for said in (self._gift, self._instructions, self._memo):
            self._words.column.addWidget(said)
        self._words.column.addStretch(1)
        card.column.addWidget(self._words, 3)
        self.boxes = RowList(
            (Column("Parcel"), Column("Copies", 90, "right")),
            name="Parcels",
            header=False,
            row_height=SIZES.target,
        )
        self.boxes.chosen.connect(self.box_chosen)
        card.column.addWidget(self.boxes, 2)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._box = self._verb("Another parcel", "packing.box", self.box_asked.emit)
        self._move = self._verb("Put it in here", "packing.move", self.move_asked.emit)
        row.addWidget(self._box)
        row.addWidget(self._move)
        card.column.addLayout(row)
        return card

    def _build_verbs(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self._by_eye = self._verb("No barcode", "packing.by_eye", self.by_eye_asked.emit)
        self._problem = self._verb("Problem", "packing.problem", self.problem_asked.emit)
        self._unpack = self._verb("Unpack", "packing.unpack", self.unpack_asked.emit)
        self._delivered = self._verb("Delivered", "packing.delivered", self.delivered_asked.emit)
        self._next = self._verb("Next order", "packing.next", self.next_asked.emit)
        self._ship = self._verb("Ship", "packing.ship", self.ship_asked.emit, "primary")
        self._pack = self._verb("Pack", "packing.pack", self.pack_asked.emit, "primary")
        for place, button in enumerate(
            (self._by_eye, self._problem, self._unpack, self._delivered, self._next)
        ):
            grid.addWidget(button, 0, place)
        # What is packed is shipped next: of the two there is always one.
        grid.addWidget(self._ship, 0, 5)
        grid.addWidget(self._pack, 0, 5)
        for place in range(6):
            grid.setColumnStretch(place, 6 if place == 5 else 5)
        return grid

    def _verb(
        self, text: str, key: str, then: Callable[[], object], kind: Kind = "plain", icon: str = ""
    ) -> Button:
        button = Button(text, key, kind, icon=icon or None, parent=self)
        button.clicked.connect(lambda _on=False: then())
        return button

    # Rendering

    def show_state(self, state: PackingState) -> None:
        """Show the state; a refused book makes a sound."""
        before, self._state = self._state, state
        self._heading.setText(state.heading)
        self._progress.setText(state.progress)
        self.bar.setValue(100 * state.checked // max(1, state.wanted))
        self._notice.show_text(state.notice, state.tone)
        self._why.show_text(state.why)
        self._show_together(state.together)
        several = len(state.orders) > 1
        self.rows.set_rows(tuple(_row(r, several) for r in state.rows))
        self.rows.choose(state.selected)
        self.batch.set_rows(
            tuple(Row(b.id, (b.number, b.who), badge=b.badge, tone=b.tone) for b in state.batch)
        )
        self.batch.setVisible(len(state.batch) > 1)
        self.batch.choose(state.current)
        self._show_orders(state.orders)
        self.boxes.set_rows(
            tuple(
                Row(b.id, (b.name, b.words), badge="Copies go in here" if b.current else "", strong=b.current)
                for b in state.boxes
            )
        )
        self.boxes.choose(next((b.id for b in state.boxes if b.current), ""))
        self._enable(state)
        if state.alarm != before.alarm:
            QApplication.beep()

    def _show_together(self, numbers: tuple[str, ...]) -> None:
        count = len(numbers)
        other = "1 other order goes" if count == 1 else f"{count} other orders go"
        self._offer.show_text(f"{other} to the same address: {', '.join(numbers)}." if count else "")
        self._together.setVisible(bool(count))

    def _show_orders(self, orders: tuple[OrderFacts, ...]) -> None:
        name, _, where = (orders[0].to if orders else "").partition("\n")
        self._name.setText(name)
        self._to.setText(where)
        methods = dict.fromkeys(order.method for order in orders if order.method)
        self._method.setText(f"By {', '.join(methods)}" if methods else "")
        self._method.setVisible(bool(methods))
        self._gift.show_text(_said(orders, _gift))
        self._instructions.show_text(_said(orders, lambda o: o.instructions))
        self._memo.show_text(_said(orders, lambda o: o.memo))

    def _enable(self, state: PackingState) -> None:
        row = next((r for r in state.rows if r.key == state.selected), None)
        checking, packed = state.phase == "checking", state.phase == "packed"
        blocked = bool(state.why)
        self._by_eye.setEnabled(checking and not blocked and row is not None and not row.done)
        self._problem.setEnabled(bool(state.orders))
        self._papers.setEnabled(bool(state.orders))
        self._box.setEnabled((checking or packed) and not blocked)
        self._move.setEnabled(len(state.boxes) > 1 and row is not None and row.checked > 0)
        self._pack.setEnabled(state.can_pack and not blocked)
        self._pack.setVisible(not packed)
        self._ship.setVisible(packed)
        self._unpack.setEnabled(packed)
        self._delivered.setEnabled(state.phase == "shipped")
        self._next.setEnabled(state.more)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rows.setFocus()


def _row(r: PackRow, several: bool) -> Row:
    later = "" if not r.later else ("1 not here yet" if r.later == 1 else f"{r.later} not here yet")
    second = " · ".join(x for x in (r.order if several else "", r.about, later) if x)
    return Row(
        r.key,
        (r.title, r.boxes, f"{r.checked} of {r.wanted}"),
        second=second,
        badge="" if not r.wanted else ("Right" if r.done else ""),
        tone="ok",
        muted=not r.wanted,
    )


def _gift(order: OrderFacts) -> str:
    bare = "No price and no receipt goes in. There is no message." if order.gift else ""
    return order.gift_message or bare


def _said(orders: tuple[OrderFacts, ...], what: Callable[[OrderFacts], str]) -> str:
    """Return what is said of orders, with their numbers where there are several."""
    said = [(order.number, words) for order in orders if (words := what(order))]
    if len(orders) < 2:
        return "\n".join(words for _, words in said)
    return "\n".join(f"{number}: {words}" for number, words in said)
