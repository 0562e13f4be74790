"""The screen for labels of many parcels: the parcels with what each costs, and one key that buys them all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.many_labels.side import SideCard
from bookwish_desk.ui.many_labels.state import STAGES, ManyLabelsState, ManyRow
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Column, Label, Notice, Toggle
from bookwish_desk.ui.widgets.buttons import Kind
from bookwish_desk.ui.widgets.marked_rows import MarkedRows, NotedRow
from bookwish_desk.ui.widgets.progress import Bar

_SIDE, _SIDE_NARROW = 372, 316
_NARROW = 1180
_COLUMNS = (
    Column("Parcel"),
    Column("Weight", 84, "right"),
    Column("Service", 152),
    Column("Price", 70, "right"),
)


class ManyLabelsScreen(QWidget):
    """Intents are signals; `show_state` shows a state. Enter buys nothing: a scanner types it."""

    back_asked = Signal()
    chosen = Signal(str)
    marked = Signal(object)
    all_asked = Signal()
    prices_asked = Signal()
    buy_asked = Signal()
    stop_asked = Signal()
    go_on_asked = Signal()
    leave_asked = Signal()
    slip_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ManyLabelsState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        self._barred = Notice(kind="warn", parent=self)
        self._notice = Notice(parent=self)
        column.addWidget(self._barred)
        column.addWidget(self._build_open_batch())
        column.addWidget(self._notice)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.rows = MarkedRows(_COLUMNS, "Parcels", "No parcel is packed and waits for a label.")
        self.rows.chosen.connect(self._row_chosen)
        self.rows.marks.connect(self.marked)
        row.addWidget(self.rows, 1)
        self.side = SideCard()
        row.addWidget(self.side)
        column.addLayout(row, 1)
        column.addLayout(self._build_verbs())
        work_key(self, "many_labels.list", self.rows.setFocus)
        self.setAccessibleName("Labels for many parcels")

    # ---- building ----

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._verb("Back", "many_labels.back", self.back_asked))
        words = QVBoxLayout()
        words.setSpacing(4)
        line = QHBoxLayout()
        line.setSpacing(SIZES.gap)
        self._heading = Label("", "head")
        self._simulated = Badge("", "warn")
        self._progress = Label("", tone="soft")
        line.addWidget(self._heading)
        line.addWidget(self._simulated)
        line.addStretch(1)
        line.addWidget(self._progress)
        self.bar = Bar("How far it is")
        words.addLayout(line)
        words.addWidget(self.bar)
        row.addLayout(words, 1)
        self._stop = self._verb("Stop", "many_labels.stop", self.stop_asked)
        self._all = self._verb("Select all", "many_labels.all", self.all_asked)
        row.addWidget(self._stop)
        row.addWidget(self._all)
        return row

    def _build_open_batch(self) -> QWidget:
        self._open = QWidget()
        row = QHBoxLayout(self._open)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap)
        self._open_words = Notice(kind="warn", parent=self._open)
        self._go_on = self._verb("Go on", "many_labels.go_on", self.go_on_asked)
        self._leave = self._verb("Leave them", "many_labels.leave", self.leave_asked)
        row.addWidget(self._open_words, 1)
        row.addWidget(self._go_on)
        row.addWidget(self._leave)
        self._open.hide()
        return self._open

    def _build_verbs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self._slip = Toggle("A packing slip with each label", True)
        self._slip.toggled.connect(self.slip_toggled)
        self._prices = self._verb("Get prices", "many_labels.prices", self.prices_asked)
        self._buy = self._verb("Buy and print", "many_labels.buy", self.buy_asked, "primary")
        row.addWidget(self._slip)
        row.addStretch(1)
        row.addWidget(self._prices, 2)
        row.addWidget(self._buy, 3)
        return row

    def _verb(self, text: str, key: str, asked: SignalInstance, kind: Kind = "plain") -> Button:
        button = Button(text, key, kind, parent=self)
        button.clicked.connect(lambda _on=False: asked.emit())
        return button

    # ---- showing ----

    def show_state(self, state: ManyLabelsState) -> None:
        """Show the state; scroll and focus stay."""
        before, self._state = self._state, state
        running = bool(state.running)
        self._heading.setText(state.heading)
        self._progress.setText(state.doing)
        self.bar.setVisible(running)
        self.bar.setValue(100 * state.done // max(1, state.count))
        self._stop.setVisible(running)
        self._simulated.set_text(state.simulated, "warn")
        self._simulated.setVisible(bool(state.simulated))
        self._barred.show_text(state.barred or state.away, "warn")
        self._notice.show_text(state.notice, state.tone)
        self._open.setVisible(state.open_batch is not None and not running)
        self._open_words.show_text(state.open_batch.sentence if state.open_batch else "", "warn")
        if state.rows != before.rows:
            self._quietly(lambda: self.rows.set_rows(tuple(_row(r) for r in state.rows)))
        current = self.rows.current()
        if (current.key if current else "") != state.selected:
            self._quietly(lambda: self.rows.choose(state.selected))
        self.rows.set_marked(state.marked)
        self._all.setVisible(bool(state.rows) and not running)
        every = len(state.marked) == len(state.rows)
        self._all.setText("Select none" if every and state.rows else "Select all")
        self._show_verbs(state)
        self.side.show_state(state)

    def _show_verbs(self, state: ManyLabelsState) -> None:
        free = not (state.running or state.barred)
        asks, buys = state.to_ask, state.to_buy
        self._prices.setText("Get prices" if not asks else f"Get {asks} price{'s' if asks > 1 else ''}")
        self._prices.setEnabled(free and asks > 0)
        labels = "1 label" if buys == 1 else f"{buys} labels"
        self._buy.setText(f"Buy and print {labels}, {state.total}" if buys else "Buy and print")
        self._buy.setEnabled(free and buys > 0)
        self._slip.setEnabled(not state.running)
        if self._slip.isChecked() != state.with_slip:
            self._slip.setChecked(state.with_slip)

    def _row_chosen(self, key: str) -> None:
        if key != self._state.selected:
            self.chosen.emit(key)

    def _quietly(self, act) -> None:
        """Change the list without it telling of the choice: the state knows it already."""
        self.rows.blockSignals(True)
        act()
        self.rows.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side.setFixedWidth(_SIDE if self.width() >= _NARROW else _SIDE_NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rows.setFocus(Qt.FocusReason.OtherFocusReason)


def _row(r: ManyRow) -> NotedRow:
    badge, tone = STAGES[r.stage]
    done, gone = r.stage == "bought", r.stage == "out"
    return NotedRow(
        r.key,
        (r.numbers, r.weight, r.service, r.price),
        second=r.to,
        under=("", r.weight_note, r.beneath, ""),
        badge=badge,
        tone=tone,
        muted=done or gone,
        note=r.note,
        note_tone=r.note_tone,
    )
