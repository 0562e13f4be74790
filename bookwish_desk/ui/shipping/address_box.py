"""The address in the panel of a parcel: as the customer wrote it, beside how the carrier writes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.shipping.card_state import AddressLine, AddressView
from bookwish_desk.ui.widgets import Button, Label, Notice

_NAMES_WIDTH = 96


class AddressBox(QWidget):
    """Shows the address; `check_asked`, `spelled` with "suggested" or "written", `correct_asked`.

    Folded it is a line with how it stands beneath; open it shows the fields that somebody should look at.
    """

    check_asked = Signal()
    spelled = Signal(str)
    correct_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = AddressView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._build_head())
        self._grid_place = QVBoxLayout()
        column.addLayout(self._grid_place)
        self._grid: QWidget | None = None
        self._said = Notice(parent=self)
        column.addWidget(self._said)
        verbs = QHBoxLayout()
        verbs.setSpacing(8)
        # Their keys work while the section is folded, too: the panel works them.
        self._use = _named("Use the suggestion", "shipping.suggested")
        self._use.clicked.connect(lambda _on=False: self.spelled.emit("suggested"))
        self._keep = _named("Keep as written", "shipping.written")
        self._keep.clicked.connect(lambda _on=False: self.spelled.emit("written"))
        self._correct = _named("Correct it", "shipping.address")
        self._correct.clicked.connect(lambda _on=False: self.correct_asked.emit())
        for button in (self._use, self._keep, self._correct):
            verbs.addWidget(button, 1)
        self._use.setCheckable(True)
        self._keep.setCheckable(True)
        column.addLayout(verbs)
        self._chosen = Label("", "small", "soft", wrap=True)
        column.addWidget(self._chosen)
        self.setAccessibleName("Address")

    def _build_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        self._line = Label("", "strong", wrap=True)
        self._state = Label("", "small", "soft", wrap=True)
        words.addWidget(self._line)
        words.addWidget(self._state)
        words.addStretch(1)
        head.addLayout(words, 1)
        self._check = _named("Check it", "shipping.check")
        self._check.clicked.connect(lambda _on=False: self.check_asked.emit())
        head.addWidget(self._check)
        return head

    def show_address(self, view: AddressView, *, open_: bool) -> None:
        """Show the address; verbs only while something can still be chosen."""
        before, self._view = self._view, view
        self._line.setText(view.line)
        sign = "✓ " if view.tone == "ok" and view.said else ""
        self._state.setText(f"{sign}{view.state}")
        self._state.setVisible(bool(view.state) and not view.open)
        self._show_check(view, open_=open_)
        self._said.show_text(view.said if view.open else "", view.tone)
        decides = view.open and bool(view.said) and (view.suggests or view.tone in ("warn", "error"))
        self._use.setVisible(decides and view.suggests)
        self._keep.setVisible(decides)
        self._correct.setVisible(view.open and (view.must or view.tone in ("warn", "error")))
        # A press turns a checkable button round by itself: it shows what is decided, whatever was pressed.
        self._use.setChecked(view.decided == "suggested")
        self._keep.setChecked(view.decided == "written")
        self._chosen.setText(view.chosen)
        self._chosen.setVisible(bool(view.chosen) and view.open)
        if view.lines != before.lines or view.open != before.open or self._grid is None:
            self._fill(view)

    def go(self) -> None:
        """Go to what decides about the address."""
        for button in (self._use, self._keep, self._correct, self._check):
            if not button.isHidden() and button.isEnabled():
                button.setFocus()
                return

    def _show_check(self, view: AddressView, *, open_: bool) -> None:
        asks = view.can_check or view.checking
        folds = "Fold" if view.open else "Change"
        self._check.setText("Checking" if view.checking else "Check it" if asks else folds)
        self._check.setEnabled(not view.checking)
        self._check.setVisible(open_ and (asks or (bool(view.said) and not view.must)))

    def _fill(self, view: AddressView) -> None:
        if self._grid is not None:
            self._grid.hide()
            self._grid.deleteLater()
            self._grid = None
        if not view.open:
            return
        self._grid = box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, _NAMES_WIDTH)
        grid.setColumnStretch(1, 1)
        lines = [line for line in view.lines if line.differs or line.fault or line.caution]
        sides = any(line.suggested for line in lines)
        row = 0
        if sides:
            grid.setColumnStretch(2, 1)
            whose = "As typed for the label" if view.typed else "As the customer wrote it"
            grid.addWidget(Label(whose, "small", "soft"), 0, 1)
            grid.addWidget(Label("As carriers write it", "small", "soft"), 0, 2)
            row = 1
        for line in lines:
            row = _add_line(grid, row, line, sides=sides)
        self._grid_place.addWidget(box)
        box.show()  # at once: what is not shown yet has no height to be scrolled


def _named(words: str, key: str) -> Button:
    """Return a button whose key is worked by the panel."""
    button = Button(words)
    button.name_key(key)
    return button


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
