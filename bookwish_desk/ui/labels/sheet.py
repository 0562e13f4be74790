"""The sheet for labels: the items with their copies at the left, how the label will look at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.shop.label import MOST_COPIES, LabelKind
from bookwish_desk.ui.labels.picture import LabelView
from bookwish_desk.ui.labels.state import LabelRow, LabelsState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, CountField, Label, Row, RowList, Sheet

_MOST_SHOWN = 4
_DRAWING = "The label is being drawn."


class LabelSheet(Sheet):
    """Opened by `labels.ask`. Intents are signals; `show_state` shows a state.

    Enter prints nothing: in the field for copies it goes on to the next item.
    """

    chosen = Signal(str)
    copies_set = Signal(object)
    kind_chosen = Signal(str)
    print_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Print labels", width=960)
        self._state = LabelsState()
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap_large)
        row.addLayout(self._build_items(), 5)
        row.addLayout(self._build_look(), 6)
        self.body.addLayout(row)
        self.add_button("Cancel", key="labels.back")
        self._print = self.add_button("Print", "primary", self._submit, "labels.print")
        self.focus_on(self.copies.edit)

    # Building

    def _build_items(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SIZES.gap)
        self.rows = RowList((Column("Item"), Column("Labels", 60, "right")), name="Items that get labels")
        self.rows.chosen.connect(self._chose)
        self.rows.opened.connect(lambda _sku: self.copies.select())
        column.addWidget(self.rows)
        self.copies: CountField = CountField("Labels", None, most=MOST_COPIES)
        self.copies.changed.connect(self._typed)
        self.copies.entered.connect(self._next)
        column.addWidget(self.copies)
        column.addWidget(Label("Scan further books to add them.", "small", "soft", wrap=True))
        column.addStretch(1)
        return column

    def _build_look(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SIZES.gap)
        kinds = QHBoxLayout()
        kinds.setSpacing(8)
        self._kinds: dict[LabelKind, Button] = {
            "price": self._kind("Price labels", "labels.price", "price"),
            "shelf": self._kind("Shelf labels", "labels.shelf", "shelf"),
        }
        for button in self._kinds.values():
            kinds.addWidget(button, 1)
        column.addLayout(kinds)
        self.look = LabelView()
        column.addWidget(self.look, 1)
        self._printer = Label("", "small", "soft", elide=True)
        column.addWidget(self._printer)
        return column

    def _kind(self, text: str, key: str, kind: LabelKind) -> Button:
        button = Button(text, key)
        button.setCheckable(True)
        button.clicked.connect(lambda _on=False: self.kind_chosen.emit(kind))
        return button

    # Rendering

    def show_state(self, state: LabelsState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if state.done:
            self.accept()
            return
        self.rows.set_rows(tuple(_row(r) for r in state.rows))
        self.rows.choose(state.chosen)
        self.rows.setFixedHeight(34 + SIZES.row * min(_MOST_SHOWN, max(1, len(state.rows))) + 2)
        row = state.row
        if row is not None and (state.chosen != before.chosen or row.copies != self.copies.value()):
            self.copies.set_value(row.copies)
        if state.chosen != before.chosen:
            self.copies.select()
        self.copies.setEnabled(row is not None and not row.problem)
        for kind, button in self._kinds.items():
            button.setChecked(kind == state.kind)
        self.look.show_picture(state.picture, row.problem or _DRAWING if row is not None else "")
        self._printer.setText(f"Printed by {state.printer}" if state.printer else "")
        self.show_notice(state.notice or state.lacking, "warn")
        self._print.setText(_verb(state.count))
        self._print.setEnabled(state.can_print)

    # Intents

    def _chose(self, sku: str) -> None:
        if sku and sku != self._state.chosen:
            self.chosen.emit(sku)

    def _typed(self) -> None:
        copies = self.copies.value()
        if copies is None and self.copies.edit.text():
            self.copies.set_error(f"At most {MOST_COPIES} labels at a time.")
        self.copies_set.emit(copies)

    def _next(self) -> None:
        """Go on to the next item, or select the number where it is the last one."""
        self.rows.step(1)
        self.copies.select()

    def _submit(self) -> None:
        if self._state.can_print:
            self.print_asked.emit()


def _verb(count: int) -> str:
    return f"Print {count} labels" if count > 1 else "Print 1 label" if count else "Print"


def _row(row: LabelRow) -> Row:
    copies = "–" if row.problem else "" if row.copies is None else str(row.copies)
    badge = "No label" if row.problem else ""
    return Row(row.sku, (row.title, copies), second=row.details, badge=badge, tone="warn")
