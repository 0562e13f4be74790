"""The scanner set-up page: what to set, the codes that set it, and a field that tells what a scan says."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.scanner_setup.bars import Bars
from bookwish_desk.ui.scanner_setup.state import DrawnCode, Reading, SetupState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Card, Choice, Field, Label, Scroll, Sheet, say

_WIDTH = 940
_HEIGHT = 430
_CLOSE = 3  # between words that belong together


class ScannerSetupSheet(Sheet):
    """`maker_chosen(id)`, `leaked(text, ms between keys)`; `show_state` shows a state."""

    maker_chosen = Signal(str)
    leaked = Signal(str, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Scanner set-up", _WIDTH)
        self._codes: tuple[DrawnCode, ...] | None = None
        self._steps: object = None
        self._said: Reading | None = None
        self._clock = QElapsedTimer()
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap * 2)
        row.addWidget(self._build_steps(), 3)
        row.addWidget(self._build_test(), 2)
        self.body.addLayout(row, 1)
        self.add_button("Close")
        self.focus_on(self.typed.edit)

    def _build_steps(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        self.makers = Choice("Whose scanner is it?")
        self.makers.picked.connect(self.maker_chosen)
        column.addWidget(self.makers)
        self._scroll = Scroll(spacing=_CLOSE)
        self._scroll.setMinimumHeight(_HEIGHT)
        column.addWidget(self._scroll, 1)
        return side

    def _build_test(self) -> QWidget:
        card = Card()
        card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        card.column.addWidget(Label("Scan anything", "strong"))
        hint = "Nothing is sold. What is told here is of the last scan."
        card.column.addWidget(Label(hint, "small", "soft", wrap=True))
        self.typed = Field("Must stay empty when you scan")
        self.typed.edit.textEdited.connect(self._edited)
        self.typed.entered.connect(self._tell_leak)
        card.column.addWidget(self.typed)
        facts = Scroll(spacing=_CLOSE)
        self._facts = facts.column
        card.column.addWidget(facts, 1)
        return card

    # ---- what went into the field ----

    def _edited(self, text: str) -> None:
        if len(text) == 1:
            self._clock.start()
        self._tell_leak()

    def _tell_leak(self) -> None:
        text = self.typed.text()
        if len(text) >= 6:
            self.leaked.emit(text, int(self._clock.elapsed() / (len(text) - 1)))

    # ---- what is shown ----

    def show_state(self, state: SetupState) -> None:
        """Show the steps and codes of the maker, and what the last scan says."""
        if not self.makers.chosen():
            self.makers.set_options(state.makers)
        self.makers.choose(state.maker)
        if (state.steps, state.codes) != (self._steps, self._codes):
            self._steps, self._codes = state.steps, state.codes
            self._show_steps(state)
        if state.reading is not None and state.reading is not self._said:
            self._said = state.reading
            self._show_reading(state.reading)

    def _show_steps(self, state: SetupState) -> None:
        column = self._scroll.column
        _empty(column)
        for number, step in enumerate(state.steps, 1):
            column.addWidget(Label(f"{number}. {step.goal}", "strong", wrap=True))
            column.addWidget(Label(step.where, "body", "soft", wrap=True))
            column.addSpacing(SIZES.gap_small)
        if not state.source:
            why = (
                "Codes that set a scanner are each maker's own: take them from its handbook. Names differ a "
                "little from model to model."
            )
            column.addWidget(Label(why, "small", "soft", wrap=True))
        for code in state.codes:
            column.addWidget(Label(code.title, "strong", wrap=True))
            column.addWidget(Bars(code))
        if state.source:
            column.addWidget(Label(state.source, "small", "soft", wrap=True))
        column.addStretch(1)

    def _show_reading(self, reading: Reading) -> None:
        _empty(self._facts)
        for name, value in reading.facts:
            self._facts.addWidget(Label(name, "small", "soft"))
            self._facts.addWidget(Label(value, "strong", wrap=True))
            self._facts.addSpacing(SIZES.gap_small)
        for advice in reading.advice:
            self._facts.addWidget(Label(advice, "body", "warn", wrap=True))
        self._facts.addStretch(1)
        say(self, ". ".join([*(f"{name}: {value}" for name, value in reading.facts), *reading.advice]))


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
