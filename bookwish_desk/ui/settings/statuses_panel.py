"""Which words of each vocabulary the shop uses for the state of an order."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from bookwish_desk.shop.order import SOURCES, Vocabulary
from bookwish_desk.shop.order_words import NEEDED, WORDS
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Label, Notice, Toggle

_ACROSS = 3
_NEEDED = "Some orders have no other status than those that cannot be switched off."


class StatusesPanel(QWidget):
    """A switch for each status. `changed` when a person moved one; `hidden()` gives out those not used."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._toggles: dict[str, Toggle] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        self._notice = Notice("", "error", self)
        column.addWidget(self._notice)
        column.addWidget(Label(_NEEDED, "small", "soft", wrap=True))
        for vocabulary, words in WORDS.items():
            names = [s.name for s in SOURCES.values() if s.vocabulary == vocabulary]
            heading = Label(", ".join(names), "strong", wrap=True)
            heading.setContentsMargins(0, SIZES.gap, 0, 0)
            column.addWidget(heading)
            grid = QGridLayout()
            grid.setHorizontalSpacing(SIZES.gap)
            grid.setVerticalSpacing(0)
            for place, word in enumerate(reversed(words)):
                grid.addWidget(
                    self._made(vocabulary, word.key, word.label), place // _ACROSS, place % _ACROSS
                )
            for place in range(_ACROSS):
                grid.setColumnStretch(place, 1)
            column.addLayout(grid)  # fmt: skip

    def _made(self, vocabulary: Vocabulary, key: str, label: str) -> Toggle:
        toggle = Toggle(label)
        toggle.setAccessibleName(f"{label}, {SOURCES_OF[vocabulary]}")
        toggle.setEnabled(key not in NEEDED)
        toggle.clicked.connect(lambda _on: self.changed.emit())
        self._toggles[f"{vocabulary}.{key}"] = toggle
        return toggle

    def hidden(self) -> tuple[str, ...]:
        """Return the statuses that are switched off."""
        return tuple(status for status, toggle in self._toggles.items() if not toggle.isChecked())

    def toggle(self, status: str) -> Toggle:
        """Return the switch of one status."""
        return self._toggles[status]

    def show_statuses(self, hidden: tuple[str, ...], error: str = "") -> None:
        """Show which are used."""
        for status, toggle in self._toggles.items():
            toggle.setChecked(status not in hidden)
        self._notice.show_text(error, "error")


SOURCES_OF: dict[Vocabulary, str] = {
    vocabulary: next(s.name for s in SOURCES.values() if s.vocabulary == vocabulary) for vocabulary in WORDS
}
