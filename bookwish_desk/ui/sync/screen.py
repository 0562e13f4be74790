"""The Sync screen: how it stands, what waits for a person part by part, and the chosen row whole."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.sync.card import CardView
from bookwish_desk.ui.sync.state import PARTS, SyncRow, SyncView
from bookwish_desk.ui.sync.status import Status
from bookwish_desk.ui.sync.strips import DemoStore, ImportStrip, NoStore
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Notice, Row, RowList

_PARTS_WIDTH, _PARTS_NARROW = 204, 192
_CARD_WIDTH, _CARD_NARROW = 420, 356
_NARROW = 1180


class SyncScreen(QWidget):
    """Intents are signals; `show_state` shows a state.

    `did(verb)` asks for a verb of the chosen row, `opened` for a row to be gone into or what it is about.
    """

    part_chosen = Signal(str)
    chosen = Signal(str)
    did = Signal(str)
    opened = Signal()
    entered = Signal(str)
    now_asked = Signal()
    pause_asked = Signal()
    sign_in_asked = Signal()
    set_up_asked = Signal()
    first_asked = Signal()
    demo_run_asked = Signal()
    demo_order_asked = Signal()
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = SyncView()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        self._warnings = Notice(kind="warn", parent=self)
        self._notice = Notice(parent=self)
        self.first = ImportStrip("sync.first")
        self.first.asked.connect(self.first_asked)
        self.demo = DemoStore()
        self.demo.run_asked.connect(self.demo_run_asked)
        self.demo.order_asked.connect(self.demo_order_asked)
        for widget in (self._warnings, self.first, self.demo, self._notice):
            column.addWidget(widget)
        self.nothing = NoStore()
        self.nothing.set_up_asked.connect(self.set_up_asked)
        column.addWidget(self.nothing, 1)
        self._parted = self._build_parts()
        self._parted.hide()
        column.addWidget(self._parted, 1)
        work_key(self, "sync.parts", self.parts.setFocus)
        work_key(self, "sync.rows", self.rows.setFocus)
        self.setAccessibleName("Syncing with the online store")

    # ---- building ----

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._back = self._verb("Back", "sync.back", self.back_asked)
        self.status = Status()
        self._now = self._verb("Sync now", "sync.now", self.now_asked)
        self._pause = self._verb("Pause", "sync.pause", self.pause_asked)
        self._sign_in = self._verb("Sign in", "sync.sign_in", self.sign_in_asked)
        self._set_up = self._verb("Set up", "sync.set_up", self.set_up_asked)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._back, 0, top)
        row.addWidget(self.status, 1, top)
        for button in (self._now, self._pause, self._sign_in, self._set_up):
            row.addWidget(button, 0, top)
        return row

    @staticmethod
    def _verb(text: str, key: str, asked) -> Button:
        button = Button(text, key)
        button.clicked.connect(lambda _on=False: asked.emit())
        return button

    def _build_parts(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap)
        self.parts = RowList(
            (Column("Part"), Column("Count", 48, "right")), "Parts", header=False, row_height=SIZES.row_single
        )
        self.parts.chosen.connect(self._part_chosen)
        row.addWidget(self.parts)
        middle = QVBoxLayout()
        middle.setSpacing(8)
        self._inside = Label("", "strong", elide=True)
        self.rows = RowList((Column("What"), Column("When", 128, "right")), "Rows", header=False)
        self.rows.chosen.connect(self.chosen)
        self.rows.opened.connect(self.entered)
        self._foot = Label("", "small", "soft", wrap=True)
        middle.addWidget(self._inside)
        middle.addWidget(self.rows, 1)
        middle.addWidget(self._foot)
        row.addLayout(middle, 1)
        self.card = CardView()
        self.card.did.connect(self.did)
        self.card.opened.connect(self.opened)
        row.addWidget(self.card)
        return box

    def _part_chosen(self, part: str) -> None:
        if part and part != self._view.part:
            self.part_chosen.emit(part)

    # ---- showing ----

    def show_state(self, view: SyncView) -> None:
        """Show how it stands; scroll and focus stay."""
        before, self._view = self._view, view
        self.status.show_headline(view.headline)
        self._warnings.show_text("\n".join(view.warnings), "warn")
        self._notice.show_text(view.notice, view.tone)
        self.first.show_import(view.first)
        self.demo.show_demo(view.demo)
        if view.connected != before.connected:
            self._swap(view.connected)
        self._show_verbs(view)
        if view.counts != before.counts or not self.parts.rows():
            _quietly(self.parts, lambda: self.parts.set_rows(_part_rows(view)))
        _quietly(self.parts, lambda: self.parts.choose(view.part))
        self._inside.setText(view.inside)
        self._inside.setVisible(bool(view.inside))
        self.rows.setAccessibleName(view.inside or PARTS[view.part])
        self.rows.set_empty(view.empty)
        if view.rows != before.rows:
            _quietly(self.rows, lambda: self.rows.set_rows(tuple(_row(r) for r in view.rows)))
        current = self.rows.current()
        if (current.key if current else "") != view.selected:
            _quietly(self.rows, lambda: self.rows.choose(view.selected))
        self._foot.setText(view.foot)
        self._foot.setVisible(bool(view.foot))
        self.card.show_card(view.card)

    def _swap(self, connected: bool) -> None:
        """Show the parts, or what a store would bring; the focus goes there, too."""
        shown, gone = (self._parted, self.nothing) if connected else (self.nothing, self._parted)
        shown.show()
        (self.rows if connected else self.nothing.set_up).setFocus()
        gone.hide()

    def _show_verbs(self, view: SyncView) -> None:
        for button in (self._now, self._pause):
            button.setVisible(view.connected)
        self._now.setEnabled(not view.why_not_now)
        self._now.setAccessibleDescription(view.why_not_now or f"Key {self._now.key_text()}")
        self._now.setToolTip(view.why_not_now)
        self._pause.setText("Go on" if view.paused else "Pause")
        self._sign_in.setVisible(view.connected and view.signed_out)
        self._sign_in.set_kind("primary")
        self._set_up.setVisible(view.connected and not view.signed_out)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _NARROW
        self.parts.setFixedWidth(_PARTS_WIDTH if wide else _PARTS_NARROW)
        self.card.setFixedWidth(_CARD_WIDTH if wide else _CARD_NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        (self.rows if self._view.connected else self.nothing.set_up).setFocus()


def _quietly(rows: RowList, act) -> None:
    """Change a list without it telling of the choice: the state knows it already."""
    rows.blockSignals(True)
    act()
    rows.blockSignals(False)


def _part_rows(view: SyncView) -> tuple[Row, ...]:
    counts = dict(view.counts)
    rows = []
    for part, name in PARTS.items():
        count = counts.get(part)
        figure = "" if count is None else f"{count:,}"
        urgent = part in ("differences", "uncertain", "refused") and bool(count)
        rows.append(
            Row(
                part, (name, figure), strong=urgent, muted=count == 0,
                spoken=name if count is None else f"{name}: {figure}",
            )
        )  # fmt: skip
    return tuple(rows)


def _row(r: SyncRow) -> Row:
    return Row(
        r.key,
        (r.what, r.aside),
        second=r.second,
        under=("", r.under),
        badge=r.badge,
        tone=r.tone,
        strong=r.strong,
    )
