"""The shipping screen: the parcels with how their labels stand at the left, the chosen one at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.shipping.state import NAMES, ShippingView, ShipRow, Shown
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Column, Label, Notice
from bookwish_desk.ui.widgets.marked_rows import MarkedRows, NotedRow

_LIST, _LIST_NARROW = 440, 376
_NARROW = 1180
_EMPTY: dict[Shown, str] = {
    "to_ship": "No parcel is packed and waits to be shipped.",
    "problems": "No label needs anybody.",
    "today": "Nothing was shipped today yet.",
}


class ShippingScreen(QWidget):
    """Intents are signals; `show_state` shows the list. What stands beside it is put in with `set_side`."""

    list_chosen = Signal(str)
    chosen = Signal(str)
    marked = Signal(object)
    all_marked = Signal()
    many_asked = Signal()
    back_asked = Signal()
    set_up_asked = Signal()
    day_end_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ShippingView()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._build_list())
        self._row = row
        column.addLayout(row, 1)
        work_key(self, "shipping.list", self.rows.setFocus)
        self.setAccessibleName("Shipping")

    def set_side(self, panel: QWidget) -> None:
        """Put in what shows the chosen parcel."""
        self._row.addWidget(panel, 1)

    # ---- building ----

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        back = Button("Back", "shipping.back")
        back.clicked.connect(lambda _on=False: self.back_asked.emit())
        row.addWidget(back)
        self._tabs: dict[Shown, Button] = {}
        for shown, name in NAMES.items():
            tab = Button(name, f"shipping.{shown}")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _on=False, shown=shown: self.list_chosen.emit(shown))
            self._tabs[shown] = tab
            row.addWidget(tab)
        row.addSpacing(8)
        self._light = Badge("")
        self._headline = Label("", "small", "soft", elide=True)
        row.addWidget(self._light, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._headline, 1)
        self._set_up = Button("Connect", "shipping.set_up")
        self._set_up.clicked.connect(lambda _on=False: self.set_up_asked.emit())
        row.addWidget(self._set_up)
        self._day_end = Button("End the day")
        self._day_end.name_key("screen.day_end")
        self._day_end.clicked.connect(lambda _on=False: self.day_end_asked.emit())
        row.addWidget(self._day_end)
        return row

    def _build_list(self) -> QWidget:
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._notice = Notice(parent=self)
        column.addWidget(self._notice)
        self.rows = MarkedRows(
            (Column("Parcel"), Column("Weight", 130, "right")), "Parcels", _EMPTY["to_ship"]
        )
        self.rows.chosen.connect(self.chosen)
        self.rows.marks.connect(self.marked)
        column.addWidget(self.rows, 1)
        beneath = QHBoxLayout()
        beneath.setSpacing(8)
        self._mark_all = Button("Select all", "shipping.all")
        self._mark_all.clicked.connect(lambda _on=False: self.all_marked.emit())
        self._many = Button("Many at once", "shipping.many")
        self._many.clicked.connect(lambda _on=False: self.many_asked.emit())
        beneath.addWidget(self._mark_all)
        beneath.addWidget(self._many, 1)
        column.addLayout(beneath)
        return self._left

    # ---- showing ----

    def show_state(self, state: ShippingView) -> None:
        """Show the list; the scroll and what is chosen stay."""
        before, self._state = self._state, state
        for shown, tab in self._tabs.items():
            count = state.counts.get(shown, 0)
            tab.setText(f"{NAMES[shown]} {count}" if count else NAMES[shown])
            tab.setChecked(shown == state.shown)
        self._show_headline(state)
        self._notice.show_text(state.notice, state.tone)
        if state.shown != before.shown:
            if self.isVisible():
                self.rows.setFocus()  # what has the focus may go with the parcel: never to the window's verbs
            self.rows.set_empty(_EMPTY[state.shown])
        if state.rows != before.rows:
            self._quietly(lambda: self.rows.set_rows(tuple(_row(r) for r in state.rows)))
        self.rows.set_marked(state.marked)
        current = self.rows.current()
        if (current.key if current else "") != state.selected:
            self._quietly(lambda: self.rows.choose(state.selected))
        every = bool(state.rows) and len(state.marked) == len(state.rows)
        self._mark_all.setText("Select none" if every else "Select all")
        self._mark_all.setEnabled(bool(state.rows))
        self._many.setEnabled(bool(state.rows) and state.connected)
        count = len(state.marked)
        self._many.setText(
            "Many at once" if not count else "Label it" if count == 1 else f"Label {count} parcels"
        )

    def _show_headline(self, state: ShippingView) -> None:
        self._light.set_text(state.light, state.headline_tone)
        self._light.setVisible(bool(state.light))
        self._headline.setText(state.headline)
        self._set_up.setVisible(state.headline_tone in ("off", "error"))
        self._fit_headline()

    def _fit_headline(self) -> None:
        """Say it in a sentence where there is room beside the verbs; without an account the panel says it."""
        self._headline.setVisible(self.width() >= _NARROW or self._state.headline_tone != "off")

    def _quietly(self, act) -> None:
        """Change the list without it telling of the choice: the state knows it already."""
        self.rows.blockSignals(True)
        act()
        self.rows.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _NARROW
        self._left.setFixedWidth(_LIST if wide else _LIST_NARROW)
        # The key works everywhere and is in the list of keys: how the work stands comes first.
        self._day_end.name_key("screen.day_end" if wide else None)
        self._fit_headline()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rows.setFocus()


def _row(r: ShipRow) -> NotedRow:
    spoken = (r.customer, r.number, r.to, r.copies, r.weight, r.label, r.note, r.aside)
    return NotedRow(
        r.key,
        (r.customer, r.weight),
        second=" · ".join(x for x in (r.number, r.to) if x),
        under=("", r.copies),
        strong=r.problem,
        note=f"{r.label}: {r.note}" if r.note else r.label,
        note_tone=r.tone,
        note_icon=r.icon,
        aside="" if r.note else r.aside,
        spoken=", ".join(x for x in spoken if x),
    )
