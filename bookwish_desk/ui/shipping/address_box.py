"""The address in the panel of a parcel: as the customer wrote it, beside how the carrier writes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.shipping.card_state import AddressLine, AddressView
from bookwish_desk.ui.widgets import Button, Label, Notice

_NAMES_WIDTH = 96


class AddressBox(QWidget):
    """Shows the address; `check_asked`, and `spelled` with "suggested" or "written"."""

    check_asked = Signal()
    spelled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = AddressView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(Label("Address", "strong"), 1)
        self._check = Button("Check it", "shipping.check")
        self._check.clicked.connect(lambda _on=False: self.check_asked.emit())
        head.addWidget(self._check)
        column.addLayout(head)
        self._grid_place = QVBoxLayout()
        column.addLayout(self._grid_place)
        self._grid: QWidget | None = None
        self._said = Notice(parent=self)
        column.addWidget(self._said)
        verbs = QHBoxLayout()
        verbs.setSpacing(8)
        self._use = Button("Use the suggestion", "shipping.suggested")
        self._use.clicked.connect(lambda _on=False: self.spelled.emit("suggested"))
        self._keep = Button("Keep as written", "shipping.written")
        self._keep.clicked.connect(lambda _on=False: self.spelled.emit("written"))
        for button in (self._use, self._keep):
            button.setCheckable(True)
            verbs.addWidget(button, 1)
        column.addLayout(verbs)
        self._chosen = Label("", "small", "soft", wrap=True)
        column.addWidget(self._chosen)
        self.setAccessibleName("Address")

    def show_address(self, view: AddressView, *, open_: bool) -> None:
        """Show the address; verbs only while something can still be chosen."""
        before, self._view = self._view, view
        self._check.setText("Checking" if view.checking else "Check it")
        self._check.setEnabled(view.can_check)
        self._check.setVisible(open_ and (view.can_check or view.checking))
        self._said.show_text(view.said, view.tone)
        decides = open_ and bool(view.said) and (view.suggests or view.tone in ("warn", "error"))
        self._use.setVisible(decides and view.suggests)
        self._keep.setVisible(decides)
        # A press turns a checkable button round by itself: it shows what is decided, whatever was pressed.
        self._use.setChecked(view.decided == "suggested")
        self._keep.setChecked(view.decided == "written")
        self._chosen.setText(view.chosen)
        self._chosen.setVisible(bool(view.chosen))
        if view.lines != before.lines or self._grid is None:
            self._fill(view)

    def _fill(self, view: AddressView) -> None:
        if self._grid is not None:
            self._grid.hide()
            self._grid.deleteLater()
        self._grid = box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, _NAMES_WIDTH)
        grid.setColumnStretch(1, 1)
        sides = any(line.suggested for line in view.lines)
        row = 0
        if sides:
            grid.setColumnStretch(2, 1)
            whose = "As typed for the label" if view.typed else "As the customer wrote it"
            grid.addWidget(Label(whose, "small", "soft"), 0, 1)
            grid.addWidget(Label("As carriers write it", "small", "soft"), 0, 2)
            row = 1
        for line in view.lines:
            row = _add_line(grid, row, line, sides=sides)
        self._grid_place.addWidget(box)
        box.show()  # at once: what is not shown yet has no height to be scrolled


def _add_line(grid: QGridLayout, row: int, line: AddressLine, *, sides: bool) -> int:
    """Add a field with what is said of it beneath; return the next free row."""
    top = Qt.AlignmentFlag.AlignTop
    marked = line.differs and not line.small
    grid.addWidget(Label(line.label, tone="soft"), row, 0, top)
    own = Label(line.written or "Nothing", "strong" if marked else "body", wrap=True)
    own.setAccessibleName(f"{line.label}: {line.written or 'nothing'}")
    if not line.written:
        own.set_tone("soft")
    grid.addWidget(own, row, 1, top)
    if sides:
        sign = "≠ " if marked else ""
        theirs = Label(f"{sign}{line.suggested}".strip(), "strong" if marked else "body", wrap=True)
        how = ", differs" if marked else ", written in another way" if line.differs else ", the same"
        theirs.setAccessibleName(f"{line.label}, as carriers write it: {line.suggested or 'nothing'}{how}")
        grid.addWidget(theirs, row, 2, top)
    row += 1
    for words, tone, before in ((line.fault, "danger", "Wrong: "), (line.caution, "warn", "Look: ")):
        if words:
            said = Label(f"{before}{words}", "small", "danger" if tone == "danger" else "warn", wrap=True)
            grid.addWidget(said, row, 1, 1, 2 if sides else 1, top)
            row += 1
    return row
