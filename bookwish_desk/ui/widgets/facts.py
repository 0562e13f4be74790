"""Facts beneath one another, each a name with its words, in a column that scrolls."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from bookwish_desk.ui.widgets.panel import Scroll
from bookwish_desk.ui.widgets.text import Label


class Facts(Scroll):
    """Names with their words; what is shown already stays, with how far it was scrolled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(spacing=6, parent=parent)
        self._facts: tuple[tuple[str, str], ...] = ()
        self._inner: QWidget | None = None

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """Show these."""
        if facts == self._facts:
            return
        self._facts = facts
        if self._inner is not None:
            self._inner.hide()
            self._inner.deleteLater()
        self._inner = inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for name, words in facts:
            box = QVBoxLayout()
            box.setSpacing(0)
            box.addWidget(Label(name, "small", "soft"))
            box.addWidget(Label(words, wrap=True))
            column.addLayout(box)
        column.addStretch(1)
        self.column.addWidget(inner)
        inner.show()  # at once: what is not shown yet has no height to be scrolled
