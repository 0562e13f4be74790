"""The parcel itself in its panel: what is chosen for it in a line, or all of its fields."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.forms.form import FormView
from bookwish_desk.ui.shipping.card_state import ParcelCard
from bookwish_desk.ui.widgets import Button, Label, Notice


class ParcelBox(QWidget):
    """Shows weight, package and options; `unfolded(on)` asks for all of its fields or for its line."""

    changed = Signal(object)
    weigh_asked = Signal()
    unfolded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = ParcelCard()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        self._line = Label("", "strong", wrap=True)
        self._predicted = Label("", "small", "soft", wrap=True)
        words.addWidget(self._line)
        words.addWidget(self._predicted)
        words.addStretch(1)
        head.addLayout(words, 1)
        self.weigh = Button("Read the scale", "shipping.weigh", icon="scale")
        self.weigh.clicked.connect(lambda _on=False: self.weigh_asked.emit())
        head.addWidget(self.weigh)
        self._fold = Button("Change")
        self._fold.name_key("shipping.parcel")
        self._fold.clicked.connect(lambda _on=False: self._turn())
        head.addWidget(self._fold)
        column.addLayout(head)
        self._difference = Notice(kind="warn", parent=self)
        column.addWidget(self._difference)
        self.form = FormView()
        self.form.changed.connect(lambda: self.changed.emit(self.form.values()))
        column.addWidget(self.form)
        self._how = Label("", "small", "soft", wrap=True)
        column.addWidget(self._how)
        self.setAccessibleName("Parcel")

    def show_card(self, card: ParcelCard, *, fresh: bool) -> None:
        """Show what is chosen; what is being typed stays unless the parcel is a `fresh` one."""
        self._card = card
        self._line.setText("Parcel" if card.open else card.line)
        self._predicted.setText(card.predicted)
        self._how.setText(card.how)
        self.weigh.setText("Reading" if card.weighing else "Read the scale")
        self.weigh.setEnabled(card.can_weigh and not card.weighing)
        self._fold.setText("Fold" if card.open else "Change")
        self._fold.setVisible(not card.must)
        self._difference.show_text(card.difference, "warn")
        self.form.show_inputs(card.inputs, fresh=fresh)
        self.form.setVisible(card.open)
        self._how.setVisible(card.open)

    def go(self) -> None:
        """Open it and go to the weight; from inside it fold it again."""
        if not self._card.inputs:
            return
        if self._card.open and not self._card.must and self.form.isAncestorOf(self.window().focusWidget()):
            self.unfolded.emit(False)
            return
        self.unfolded.emit(True)
        self.form.control("weight").select()  # type: ignore[union-attr]

    def _turn(self) -> None:
        if self._card.open:
            self.unfolded.emit(False)
        else:
            self.go()
