"""What is known of a label that is bought or wanted, or of a parcel that left: names and texts."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.widgets import Label


class FactsBox(QWidget):
    """Shows facts, one beneath the other; nothing where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._facts: tuple[tuple[str, str], ...] = ()
        self._box: QWidget | None = None
        self.setVisible(False)

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """Show names with their texts."""
        self.setVisible(bool(facts))
        if facts == self._facts:
            return
        self._facts = facts
        if self._box is not None:
            self._box.hide()
            self._box.deleteLater()
            self._box = None
        if not facts:
            return
        box = self._box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 96)
        grid.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(facts):
            grid.addWidget(Label(name, tone="soft"), row, 0)
            said = Label(text, "strong" if name == "Tracking" else "body", wrap=True)
            said.setAccessibleName(f"{name}: {text}")
            grid.addWidget(said, row, 1)
        self._column.addWidget(box)
        box.show()
