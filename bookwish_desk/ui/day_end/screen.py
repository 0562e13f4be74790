"""The screen of the day's end: carriers with their parcels, their lists, visits, and handing over."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.day_end.state import CarrierRow, DayEndState, DayParcel
from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Card, Column, Label, Notice, Row, RowList
from bookwish_desk.ui.widgets.buttons import Kind
from bookwish_desk.ui.widgets.facts import Facts

_CARRIERS, _CARRIERS_NARROW = 420, 336
_NARROW = 1180


class DayEndScreen(QWidget):
    """Intents are signals; `show_state` shows a state. Enter hands nothing over: a scanner types it."""

    back_asked = Signal()
    carrier_chosen = Signal(str)
    parcel_chosen = Signal(str)
    lists_asked = Signal()
    print_asked = Signal()
    day_list_asked = Signal()
    visit_asked = Signal()
    cancel_asked = Signal()
    hand_asked = Signal()
    label_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DayEndState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        self._barred = Notice(kind="warn", parent=self)
        self._notice = Notice(parent=self)
        for notice in (self._barred, self._notice):
            column.addWidget(notice)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._build_left())
        self.parcels = RowList(
            (Column("Parcel"), Column("Weight", 84, "right"), Column("Cost", 72, "right")),
            "Parcels of the carrier",
            "No parcel of today waits for a carrier.",
        )
        self.parcels.chosen.connect(self._parcel_chosen)
        row.addWidget(self.parcels, 1)
        column.addLayout(row, 1)
        column.addLayout(self._build_verbs())
        work_key(self, "day_end.carriers", self.carriers.setFocus)
        work_key(self, "day_end.parcels", self.parcels.setFocus)
        self.setAccessibleName("The day's end")

    # ---- building ----

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._verb("Back", "day_end.back", self.back_asked))
        words = QVBoxLayout()
        words.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(SIZES.gap)
        self._heading = Label("", "head")
        self._simulated = Badge("", "warn")
        line.addWidget(self._heading)
        line.addWidget(self._simulated)
        line.addStretch(1)
        self._sums = Label("", "small", "soft", elide=True)
        words.addLayout(line)
        words.addWidget(self._sums)
        row.addLayout(words, 1)
        self._day_list = self._verb("Day's list", "day_end.list", self.day_list_asked, icon="printer")
        row.addWidget(self._day_list)
        return row

    def _build_left(self) -> QWidget:
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self.carriers = RowList(
            (Column("Carrier"), Column("Weight", 84, "right"), Column("Cost", 72, "right")), "Carriers"
        )
        self.carriers.chosen.connect(self._carrier_chosen)
        column.addWidget(self.carriers, 5)
        self._card = Card(margin=14, spacing=8)
        self._card.setAccessibleName("The carrier's list and its visit")
        self._facts = Facts()
        self._card.column.addWidget(self._facts, 1)
        column.addWidget(self._card, 4)
        return self._left

    def _build_verbs(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self._lists = self._verb("Make lists", "day_end.lists", self.lists_asked)
        self._print = self._verb("Print the list", "day_end.print", self.print_asked)
        self._visit = self._verb("Ask for a visit", "day_end.visit", self.visit_asked)
        self._cancel = self._verb("Call it off", "day_end.cancel", self.cancel_asked)
        self._label = self._verb("Label", "day_end.label", self.label_asked)
        self._hand = self._verb("Hand over", "day_end.hand", self.hand_asked, "primary")
        for place, button in enumerate(
            (self._lists, self._print, self._visit, self._cancel, self._label, self._hand)
        ):
            grid.addWidget(button, 0, place)
            grid.setColumnStretch(place, 7 if place == 5 else 5)
        return grid

    def _verb(
        self, text: str, key: str, asked: SignalInstance, kind: Kind = "plain", icon: str = ""
    ) -> Button:
        button = Button(text, key, kind, icon=icon or None, parent=self)
        button.clicked.connect(lambda _on=False: asked.emit())
        return button

    # ---- showing ----

    def show_state(self, state: DayEndState) -> None:
        """Show the state; scroll and focus stay."""
        before, self._state = self._state, state
        self._heading.setText(state.heading)
        self._sums.setText(state.sums)
        self._simulated.set_text(state.simulated, "warn")
        self._simulated.setVisible(bool(state.simulated))
        self._barred.show_text(state.barred, "warn")
        self._notice.show_text(state.notice, state.tone)
        if state.carriers != before.carriers:
            _quietly(self.carriers, lambda: self.carriers.set_rows(tuple(map(_carrier, state.carriers))))
        _choose(self.carriers, state.selected)
        if state.parcels != before.parcels:
            _quietly(self.parcels, lambda: self.parcels.set_rows(tuple(map(_parcel, state.parcels))))
        _choose(self.parcels, state.parcel)
        self._facts.show_facts(state.carrier.facts if state.carrier is not None else ())
        self._show_verbs(state)

    def _show_verbs(self, state: DayEndState) -> None:
        carrier = state.carrier
        free = not state.busy and not state.barred
        self._day_list.setEnabled(bool(state.carriers))
        self._lists.setEnabled(free and any(c.asks for c in state.carriers))
        self._print.setEnabled(carrier is not None and carrier.prints)
        self._visit.setText("Book the visit" if carrier is not None and carrier.books else "Ask for a visit")
        self._visit.setEnabled(free and carrier is not None and carrier.visits)
        self._cancel.setEnabled(free and carrier is not None and carrier.cancels)
        self._label.setEnabled(bool(state.parcel))
        hands = carrier.hands if carrier is not None else 0
        parcels = "1 parcel" if hands == 1 else f"{hands} parcels"
        self._hand.setText(f"Hand over {parcels}" if hands else "Hand over")
        self._hand.setEnabled(not state.busy and hands > 0)

    def _carrier_chosen(self, key: str) -> None:
        if key != self._state.selected:
            self.carrier_chosen.emit(key)

    def _parcel_chosen(self, key: str) -> None:
        if key != self._state.parcel:
            self.parcel_chosen.emit(key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._left.setFixedWidth(_CARRIERS if self.width() >= _NARROW else _CARRIERS_NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.carriers.setFocus(Qt.FocusReason.OtherFocusReason)


def _quietly(rows: RowList, act) -> None:
    """Change a list without it telling of the choice: the state knows it already."""
    rows.blockSignals(True)
    act()
    rows.blockSignals(False)


def _choose(rows: RowList, key: str) -> None:
    current = rows.current()
    if (current.key if current else "") != key:
        _quietly(rows, lambda: rows.choose(key))


def _carrier(c: CarrierRow) -> Row:
    return Row(c.key, (c.name, c.weight, c.cost), under=("", c.parcels, ""), badge=c.badge, tone=c.tone)


def _parcel(p: DayParcel) -> Row:
    second = " · ".join(x for x in (p.tracking, p.to) if x)  # read off the parcel: a long name is what is cut
    return Row(p.key, (p.number, p.weight, p.cost), second=second, badge=p.badge, tone=p.tone)
