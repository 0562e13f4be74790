"""The card beside the parcels: what is chosen of them, what can be changed, and what all labels cost."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.many_labels.state import Chosen, ManyLabelsState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Amount, Button, Card, Choice, Field, Label, Line, Scroll

_MIXED = ("", "Choose one")


class SideCard(QWidget):
    """Shows the marked parcels or the chosen one. Intents are signals; ids of what was picked."""

    preset_picked = Signal(str)
    package_picked = Signal(str)
    weight_typed = Signal(str)
    rate_picked = Signal(str)
    spelling_picked = Signal(str)
    out_asked = Signal()
    label_asked = Signal()
    order_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card(margin=14, spacing=8)
        column.addWidget(card)
        self._heading = Label("", "head", elide=True)
        card.column.addWidget(self._heading)
        scroll = Scroll(spacing=8)
        self._words = Label("", "small", wrap=True)
        scroll.column.addWidget(self._words)
        self._build_fields()
        scroll.column.addWidget(self._spelling)
        scroll.column.addWidget(self._rate)
        scroll.column.addWidget(self._fields)
        scroll.column.addStretch(1)
        card.column.addWidget(scroll, 1)
        card.column.addLayout(self._build_verbs())
        card.column.addWidget(Line())
        self._sums = QGridLayout()
        self._sums.setHorizontalSpacing(SIZES.gap)
        self._sums.setVerticalSpacing(2)
        self._sums.setColumnStretch(0, 1)
        card.column.addLayout(self._sums)
        self._shown_sums: tuple[object, ...] | None = None
        self.setAccessibleName("The chosen parcels, and what the labels cost")

    def _build_fields(self) -> None:
        self._preset = Choice("Preset")
        self._preset.picked.connect(self.preset_picked)
        self._package = Choice("Package")
        self._package.picked.connect(self.package_picked)
        self._rate = Choice("Service")
        self._rate.picked.connect(self.rate_picked)
        self._spelling = Choice("Address on the label")
        self._spelling.picked.connect(self.spelling_picked)
        self._weight = Field("Weight", hint="Such as 1 lb 4 oz", limit=20)
        self._weight.edit.editingFinished.connect(self._take_weight)
        self._offered: dict[Choice, tuple[tuple[str, str], ...]] = {}
        self._fields = QWidget()
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for place, choice in enumerate((self._preset, self._package)):
            choice.combo.setMinimumContentsLength(4)
            grid.setColumnStretch(place, 1)
        grid.addWidget(self._preset, 0, 0)
        grid.addWidget(self._package, 0, 1)
        grid.addWidget(self._weight, 1, 0, 1, 2)

    def _take_weight(self) -> None:
        """Take a weight that was typed and left by Enter, Tab or a click."""
        if self._weight.edit.isModified():
            self._weight.edit.setModified(False)
            self.weight_typed.emit(self._weight.text())

    def _build_verbs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._out = Button("Leave out", "many_labels.out")
        self._out.clicked.connect(lambda _on=False: self.out_asked.emit())
        self._label = Button("Label", "many_labels.label")
        self._label.clicked.connect(lambda _on=False: self.label_asked.emit())
        self._order = Button("Order", "many_labels.order")
        self._order.clicked.connect(lambda _on=False: self.order_asked.emit())
        for button in (self._out, self._label, self._order):
            row.addWidget(button, 1)
        return row

    def show_state(self, state: ManyLabelsState) -> None:
        """Show what is chosen and what all of it costs; a weight that is being typed stays."""
        chosen = state.chosen
        self._heading.setText(chosen.heading)
        self._words.setText("\n".join(chosen.lines))
        self._words.setVisible(bool(chosen.lines))
        free = not chosen.fixed and not state.running
        self._offer(self._preset, state.presets, chosen.preset)
        self._offer(self._package, state.packages, chosen.package)
        self._offer(self._rate, chosen.rates, chosen.rate)
        self._offer(self._spelling, chosen.spellings, chosen.spelling)
        self._spelling.setVisible(bool(chosen.spellings) and not chosen.fixed)
        self._spelling.setEnabled(free)
        self._rate.setVisible(bool(chosen.rates))
        self._rate.setEnabled(free)
        self._fields.setVisible(not chosen.fixed)
        self._fields.setEnabled(free)
        self._weight.setVisible(chosen.single)
        if not (self._weight.edit.hasFocus() and self._weight.edit.isModified()):
            self._weight.set_text(chosen.weight)
        self._weight.set_error(state.wrong_weight)
        self._show_verbs(chosen, free)
        sums = (state.sums, state.total, state.total_words)
        if self._shown_sums != sums:
            self._shown_sums = sums
            self._show_sums(state)

    def _offer(self, choice: Choice, options: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Offer options; where the chosen parcels differ, none of them is the chosen one."""
        known = any(key == chosen for key, _ in options)
        shown = options if known else (_MIXED, *options)
        if self._offered.get(choice) != shown:
            self._offered[choice] = shown
            choice.set_options(shown)
        choice.choose(chosen if known else "")

    def _show_verbs(self, chosen: Chosen, free: bool) -> None:
        words = "Put back" if chosen.turned else "Try again" if chosen.again else "Leave out"
        self._out.setText(words)
        self._out.setVisible(not chosen.label)
        self._out.setEnabled(free)
        self._label.setVisible(chosen.label)
        self._label.setEnabled(chosen.label)
        self._order.setEnabled(chosen.order)

    def _show_sums(self, state: ManyLabelsState) -> None:
        while (item := self._sums.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for place, found in enumerate(state.sums):
            labels = "1 label" if found.count == 1 else f"{found.count} labels"
            words = Label(f"{found.carrier}, {labels}", elide=True)
            self._sums.addWidget(words, place, 0)
            self._sums.addWidget(Amount(found.price, what=f"{found.carrier}, {labels}"), place, 1)
        if state.total:
            last = len(state.sums)
            self._sums.addWidget(Label(state.total_words, "head"), last, 0)
            total = Amount(state.total, what=state.total_words)
            total.set_role("head")
            self._sums.addWidget(total, last, 1)
