"""The sheet in which a manager approves one action: a name, a PIN, nothing else."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from bookwish_desk.ui.approval.state import ApprovalState, Approver
from bookwish_desk.ui.forms import PinEntry
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Choice, Label, Sheet, Tile

_COLUMNS = 2
_MOST_TILES = 4


class ApprovalSheet(Sheet):
    """Opened by `approval.ask`. Esc or Cancel gives it up."""

    chosen = Signal(str)
    submitted = Signal(object)

    def __init__(self, parent: QWidget, sentence: str) -> None:
        super().__init__(parent, sentence.rstrip("."), width=460)
        self._tiles: dict[str, Tile] = {}
        self._approvers: tuple[Approver, ...] = ()
        self._nobody = Label("Nobody on the staff may approve this.", wrap=True)
        self._nobody.hide()
        self._grid = QGridLayout()
        self._grid.setSpacing(SIZES.gap)
        self.entry = PinEntry("Approve once")
        self.entry.submitted.connect(self.submitted)
        self.body.addWidget(self._nobody)
        self.body.addLayout(self._grid)
        self._choice = Choice("Who approves it")
        self._choice.picked.connect(self.chosen)
        self._choice.hide()
        self.body.addWidget(self._choice)
        self.body.addWidget(self.entry)
        self.add_button("Cancel")
        self.focus_on(self.entry.field.edit)

    def show_state(self, state: ApprovalState) -> None:
        """Show who may approve it and how the last try went."""
        if state.approvers != self._approvers:
            self._show_approvers(state.approvers)
        for staff_id, tile in self._tiles.items():
            if tile.isChecked() != (staff_id == state.chosen):
                tile.setChecked(staff_id == state.chosen)
        self._nobody.setVisible(not state.approvers)
        self.entry.setEnabled(bool(state.chosen) and not state.wait)
        self.entry.verb.setText("Checking" if state.checking else "Approve once")
        self.show_notice(state.notice)
        if self.isVisible():
            self.entry.focus()

    def _show_approvers(self, approvers: tuple[Approver, ...]) -> None:
        self._approvers = approvers
        for old in self._tiles.values():
            self._grid.removeWidget(old)
            old.deleteLater()
        self._tiles = {}
        many = len(approvers) > _MOST_TILES
        self._choice.setVisible(many)
        self._choice.set_options([("", "Choose a name"), *((a.id, a.name) for a in approvers)])
        for place, one in enumerate(() if many else approvers):
            tile = Tile(one.name, one.role)
            tile.setCheckable(True)
            tile.setMinimumHeight(64)
            tile.clicked.connect(lambda _on=False, i=one.id: self.chosen.emit(i))
            self._grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
            tile.show()
            self._tiles[one.id] = tile
