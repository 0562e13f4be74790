"""The order screen: the queues with their counts, the list, and beside it the chosen order or many."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.orders.state import NAMES, OrderRow, OrdersState, Shown
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Choice, Column, Notice, Row, RowList, SearchLine
from bookwish_desk.ui.widgets.marked_rows import MarkedRows, NotedRow

KINDS = (("", "All kinds"), ("pickup", "Pickup"), ("ship", "Ship"), ("gift", "Gifts"))
_QUEUES_WIDTH, _QUEUES_NARROW = 208, 190
_NARROW = 1180


class OrdersScreen(QWidget):
    """Intents are signals; `show_state` shows the list. What stands beside it is put in with `add_side`."""

    queue_chosen = Signal(str)
    typed = Signal(str)
    entered = Signal(str)
    narrowed = Signal(str, str)
    chosen = Signal(str)
    opened = Signal(str)
    marked = Signal(object)
    all_marked = Signal()
    more_asked = Signal()
    promises_asked = Signal()
    new_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = OrdersState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        row = self._row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._build_queues())
        row.addLayout(self._build_list(), 13)
        self._side = QStackedWidget()
        row.addWidget(self._side, 11)
        column.addLayout(row, 1)
        self.setAccessibleName("Orders")

    def add_side(self, widget: QWidget) -> None:
        """Put in what may stand beside the list: first the chosen order, then what is done with many."""
        self._side.addWidget(widget)

    def add_tool(self, button: Button) -> None:
        """Put a verb beside the search line."""
        self._tools.addWidget(button)

    # ---- building ----

    def _build_top(self) -> QHBoxLayout:
        row = self._tools = QHBoxLayout()
        row.setSpacing(8)
        self.search = SearchLine("Scan a slip or a book, or type name, number, title", key="orders.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self.entered)
        self.search.left.connect(lambda: self.typed.emit(""))
        row.addWidget(self.search, 1)
        self.kind = Choice("Kind", KINDS)
        self.source = Choice("Source", [("", "All sources")])
        for choice, width in ((self.kind, 124), (self.source, 152)):
            choice.hide_label()
            choice.setFixedWidth(width)
            choice.combo.setMinimumContentsLength(5)
            choice.picked.connect(lambda _id: self.narrowed.emit(self.kind.chosen(), self.source.chosen()))
            row.addWidget(choice, 0, Qt.AlignmentFlag.AlignVCenter)
        self._promises = Button("Promises")
        self._promises.name_key("screen.promises")
        self._promises.clicked.connect(lambda _on=False: self.promises_asked.emit())
        row.addWidget(self._promises)
        new = Button("New order", key="orders.new")
        new.clicked.connect(lambda _on=False: self.new_asked.emit())
        row.addWidget(new)
        return row

    def _build_queues(self) -> QWidget:
        self.queues = RowList(
            (Column("Queue"), Column("Orders", 30, "right")),
            "Queues",
            header=False,
            row_height=SIZES.row_single,
        )
        self.queues.chosen.connect(self._queue_chosen)
        return self.queues

    def _build_list(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        self._notice = Notice(parent=self)
        column.addWidget(self._notice)
        self.rows = MarkedRows((Column("Order"), Column("Money", 124, "right")), "Orders", "No orders here.")
        self.rows.chosen.connect(self.chosen)
        self.rows.opened.connect(self.opened)
        self.rows.marks.connect(self.marked)
        self.search.stepped.connect(self.rows.step)
        column.addWidget(self.rows, 1)
        beneath = QHBoxLayout()
        beneath.setSpacing(8)
        self._mark_all = Button("Select all", key="orders.all")
        self._mark_all.clicked.connect(lambda _on=False: self.all_marked.emit())
        self._more = Button("Older orders", key="orders.more")
        self._more.clicked.connect(lambda _on=False: self.more_asked.emit())
        self._more.hide()
        beneath.addWidget(self._mark_all)
        beneath.addWidget(self._more)
        beneath.addStretch(1)
        column.addLayout(beneath)
        return column

    def _queue_chosen(self, shown: str) -> None:
        if shown and shown != self._state.queue:
            self.queue_chosen.emit(shown)

    # ---- showing ----

    def show_state(self, state: OrdersState) -> None:
        """Show the list; what is being typed, the scroll and what is chosen stay."""
        before, self._state = self._state, state
        if self.search.text() != state.words:
            self.search.setText(state.words)
        if state.counts != before.counts or not self.queues.rows():
            self._quietly(self.queues, lambda: self.queues.set_rows(_queue_rows(state.counts)))
        self._quietly(self.queues, lambda: self.queues.choose(state.queue))
        if state.sources != before.sources:
            self.source.set_options([("", "All sources"), *state.sources])
        self.kind.choose(state.kind)
        self.source.choose(state.source)
        self._notice.show_text(state.notice, state.tone)
        if state.rows != before.rows or state.failures != before.failures:
            rows = tuple(_row(r, state.failures.get(r.id, "")) for r in state.rows)
            self._quietly(self.rows, lambda: self.rows.set_rows(rows))
        self.rows.set_marked(state.marked)
        current = self.rows.current()
        if (current.key if current else "") != state.selected:
            self._quietly(self.rows, lambda: self.rows.choose(state.selected))
        self._more.setVisible(state.more)
        every = bool(state.rows) and len(state.marked) == len(state.rows)
        self._mark_all.setText("Select none" if every else "Select all")
        self._mark_all.setEnabled(bool(state.rows) and not state.working)
        self._side.setCurrentIndex(1 if state.marked or state.working else 0)
        if state.working and not before.working:
            self.rows.setFocus()  # what has the focus is switched off: it must not go to the window's verbs
        for widget in (self.queues, self.search, self.kind, self.source):
            widget.setEnabled(not state.working)
        if before.working and not state.working and self.rows.hasFocus():
            self.search.setFocus()

    @staticmethod
    def _quietly(rows: RowList, act) -> None:
        """Change a list without it telling of the choice: the state knows it already."""
        rows.blockSignals(True)
        act()
        rows.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _NARROW
        self.queues.setFixedWidth(_QUEUES_WIDTH if wide else _QUEUES_NARROW)
        # The key works everywhere and is in the list of keys: the words in the search line come first.
        self._promises.name_key("screen.promises" if wide else None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.search.setFocus()


def _queue_rows(counts: dict[Shown, int]) -> tuple[Row, ...]:
    return tuple(
        Row(
            shown, (name, str(counts.get(shown, 0))),
            strong=shown in ("new", "problems") and counts.get(shown, 0) > 0,
            muted=not counts.get(shown, 0),
            spoken=f"{name}: {counts.get(shown, 0)}",
        )
        for shown, name in NAMES.items()
    )  # fmt: skip


def _row(r: OrderRow, failure: str) -> NotedRow:
    status = f"{r.status} · differs".removeprefix(" · ") if r.differs else r.status
    differs = "differs from the online store" if r.differs else ""
    spoken = (r.customer, r.facts, r.status, differs, r.total, r.money, failure or r.memo, r.due)
    return NotedRow(
        r.id,
        (r.customer, r.total),
        second=r.facts,
        under=("", r.money),
        badge=status,
        tone="danger" if r.differs else r.status_tone,
        strong=r.fresh,
        note=f"Not done: {failure}" if failure else r.memo,
        note_tone="danger" if failure else "ink",
        aside="" if failure else r.due,  # the reason needs the whole line
        aside_tone=r.due_tone,
        spoken=", ".join(x for x in spoken if x),
    )
