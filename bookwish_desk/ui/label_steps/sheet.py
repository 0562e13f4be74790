"""The sheet of one label: facts at the left, every scan of its parcel at the right, and what can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from bookwish_desk.ui.label_steps.state import ACTS, Act, LabelView
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Column, Label, Row, RowList, Sheet
from bookwish_desk.ui.widgets.facts import Facts

_ROOM = 310
_DANGER: frozenset[Act] = frozenset({"void", "not_bought", "bought"})


class LabelSheet(Sheet):
    """`did(act)` asks for something to be done; `show_view` shows the label."""

    did = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Label", width=880)
        self._view = LabelView()
        head = QHBoxLayout()
        head.setSpacing(SIZES.gap)
        self._status = Badge("")
        head.addWidget(self._status)
        head.addStretch(1)
        self.body.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap_large)
        self._facts = Facts()
        row.addWidget(self._facts, 5)
        self.scans = RowList((Column("Where it was"),), "Scans of the parcel", row_height=SIZES.row)
        self.scans.setMinimumHeight(_ROOM)
        row.addWidget(self.scans, 6)
        self.body.addLayout(row, 1)
        self._why_not = Label("", "small", "soft", wrap=True)
        self.body.addWidget(self._why_not)
        grid = QGridLayout()
        grid.setSpacing(8)
        for place in (0, 1):
            grid.setColumnStretch(place, 1)
        self._grid = grid
        self._acts: dict[Act, Button] = {}
        for act, text in ACTS.items():
            button = Button(text, f"label.{act}", "danger" if act in _DANGER else "plain", parent=self)
            button.clicked.connect(partial(self._pressed, act))
            button.hide()
            self._acts[act] = button
        self.body.addLayout(grid)
        self.add_button("Close")
        self.focus_on(self.scans)

    def _pressed(self, act: Act, _on: bool = False) -> None:
        self.did.emit(act)

    def show_view(self, view: LabelView) -> None:
        """Show the label; the scroll stays."""
        before, self._view = self._view, view
        self._title.setText(view.heading)
        self.setAccessibleName(view.heading)
        self._status.set_text(view.status, view.tone)
        self._facts.show_facts(view.facts)
        self.scans.set_empty(view.no_scans)
        self.scans.set_rows(
            tuple(
                Row(s.key, (s.what,), second=" · ".join(x for x in (s.when, s.where) if x))
                for s in view.scans
            )
        )
        if view.offers != before.offers:
            self._show_offers(view)
        self.show_notice(view.notice, view.notice_tone)

    def _show_offers(self, view: LabelView) -> None:
        for button in self._acts.values():
            self._grid.removeWidget(button)
            button.hide()
            button.setEnabled(False)
        for place, offer in enumerate(view.offers):
            button = self._acts[offer.act]
            button.setEnabled(not offer.why_not)
            self._grid.addWidget(button, place // 2, place % 2)
            button.show()
        barred = [f"{ACTS[o.act]}: {o.why_not}" for o in view.offers if o.why_not]
        self._why_not.setText("\n".join(barred))
        self._why_not.setVisible(bool(barred))
