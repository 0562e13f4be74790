"""The promise board: sections and kinds to narrow it, and one list of every deadline."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.promises.state import SECTION_NAMES, PromiseRow, PromisesState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Choice, Column, Label, Notice, Row, RowList

_KIND_WIDTH = 300


class PromisesScreen(QWidget):
    """Intents are signals; `show_state` shows a state."""

    section_chosen = Signal(str)
    kind_chosen = Signal(str)
    chosen = Signal(str)
    opened = Signal(str)
    figures_asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: tuple[tuple[str, str], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_sections())
        column.addLayout(self._build_kinds())
        self._notice = Notice(kind="warn", parent=self)
        column.addWidget(self._notice)
        self.rows = RowList(
            (Column("", 84), Column("What"), Column("Order", 200), Column("By", 150)),
            name="Promises",
        )
        self.rows.chosen.connect(self.chosen)
        self.rows.opened.connect(self.opened)
        column.addWidget(self.rows, 1)
        column.addLayout(self._build_verbs())
        self.setAccessibleName("Promises")

    # Building

    def _build_sections(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._names: dict[str, str] = {"": "All"} | dict(SECTION_NAMES.items())
        self._sections: dict[str, Button] = {}
        for section, name in self._names.items():
            tab = Button(name, f"promises.{section or 'all'}")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _on=False, section=section: self.section_chosen.emit(section))
            self._sections[section] = tab
            row.addWidget(tab)
        row.addStretch(1)
        return row

    def _build_kinds(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.kind = Choice("Kind of deadline", [("", "Every deadline (0)")])
        self.kind.setFixedWidth(_KIND_WIDTH)
        self.kind.hide_label()
        self.kind.picked.connect(self.kind_chosen)
        self._facts = Label("", "strong", elide=True)
        row.addWidget(self.kind)
        row.addWidget(self._facts, 1)
        return row

    def _build_verbs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._open = Button("Open the order", "promises.open", "primary")
        self._open.clicked.connect(lambda _on=False: self.opened.emit(""))
        self._figures = Button("Figures", "promises.figures")
        self._figures.clicked.connect(lambda _on=False: self.figures_asked.emit())
        self._back = Button("Back to orders", "promises.back")
        self._back.clicked.connect(lambda _on=False: self.left.emit())
        row.addWidget(self._open)
        row.addStretch(1)
        row.addWidget(self._figures)
        row.addWidget(self._back)
        return row

    # Rendering

    def show_state(self, state: PromisesState) -> None:
        """Show the state; the chosen row stays chosen."""
        counts = dict(state.counts)
        for section, tab in self._sections.items():
            count = counts.get(section, 0) if section else sum(counts.values())  # type: ignore[call-overload]
            tab.setText(f"{self._names[section]} ({count})")
            tab.setChecked(section == state.section)
        if state.kinds and state.kinds != self._kinds:
            self._kinds = state.kinds
            self.kind.set_options(state.kinds)
        self.kind.choose(state.kind)
        self._facts.setText(state.facts)
        self._notice.show_text(state.notice, "warn")
        self.rows.set_empty(state.empty)
        self.rows.set_rows(_rows(state.rows))
        self.rows.choose(state.selected)
        self._open.setEnabled(bool(state.selected))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rows.setFocus()


def _rows(found: tuple[PromiseRow, ...]) -> tuple[Row, ...]:
    """Return the rows; the first of each section says which it is."""
    made, before = [], ""
    for r in found:
        name = SECTION_NAMES[r.section]
        heading = name if r.section != before else ""
        before = r.section
        made.append(
            Row(
                r.key,
                (heading, r.what, r.number, r.when),
                second=r.why,
                under=("", "", r.customer, r.left),
                badge=r.badge,
                tone=r.tone,
                spoken=f"{name}: {r.what} Order {r.number}, {r.customer}, by {r.when}, {r.left}. {r.why}.",
            )
        )
    return tuple(made)
