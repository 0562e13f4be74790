"""What pages of the first start have besides fields: the welcome, the staff list, a file, the summary."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.settings.panels import choose_file
from bookwish_desk.ui.settings.sheets import new_person_sheet
from bookwish_desk.ui.settings.state import AddPerson
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Row, RowList, Tile


class WelcomePanel(QWidget):
    """A real shop, or a look at the demonstration. `begun()` and `demo_asked()`."""

    begun = Signal()
    demo_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap)
        self.begin = Tile("Set up my shop", "Takes about five minutes")
        self.demo = Tile("Look at the demonstration shop", "Invented sales, nothing is real")
        self.begin.clicked.connect(self.begun)
        self.demo.clicked.connect(self.demo_asked)
        for tile in (self.begin, self.demo):
            tile.setMinimumHeight(110)
            row.addWidget(tile)


class PeoplePanel(QWidget):
    """The staff list. `removed(name)`; the sheet calls `add`."""

    removed = Signal(str)

    def __init__(self, add: AddPerson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self.rows = RowList(
            (Column("Name"), Column("Role", 160)), "Staff", "Nobody yet.", row_height=SIZES.row_single
        )
        self.rows.setMinimumHeight(4 * SIZES.row_single + 40)
        column.addWidget(self.rows)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.add_button = Button("Add a person", icon="plus")
        self.add_button.clicked.connect(lambda: new_person_sheet(self, add).open())
        self.remove_button = Button("Remove person", kind="danger")
        self.remove_button.clicked.connect(self._remove)
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        column.addLayout(row)

    def show_people(self, people: tuple[tuple[str, str], ...]) -> None:
        """Show (name, role) of everybody so far."""
        self.rows.set_rows(tuple(Row(name, (name, role)) for name, role in people))
        if people and self.rows.current() is None:
            self.rows.choose(people[-1][0])
        self.remove_button.setEnabled(bool(people))

    def _remove(self) -> None:
        if (row := self.rows.current()) is not None:
            self.removed.emit(row.key)


class StockPanel(QWidget):
    """The file with the opening stock. `chosen(path)`; an empty path takes it back."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self._file = Label("", "strong", wrap=True)
        column.addWidget(self._file)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.choose_button = Button("Choose a CSV file")
        self.remove_button = Button("Take no file", kind="danger")
        self.choose_button.clicked.connect(self._ask)
        self.remove_button.clicked.connect(lambda: self.chosen.emit(""))
        row.addWidget(self.choose_button)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        column.addLayout(row)

    def show_file(self, path: str) -> None:
        """Show which file was chosen."""
        self._file.setText(PurePath(path).name if path else "No file was chosen.")
        self.remove_button.setVisible(bool(path))

    def _ask(self) -> None:
        choose_file(self, "Choose the opening stock", "Tables (*.csv *.tsv *.txt *.tab)", self.chosen.emit)


class SummaryPanel(QWidget):
    """Everything that will be set up, line by line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.rows = RowList((Column("What", 240), Column("How")), "Summary", header=False, row_height=36)
        column.addWidget(self.rows)

    def show_rows(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Show (what, how) of every line."""
        self.rows.set_rows(tuple(Row(name, (name, value)) for name, value in rows))
        self.rows.setFixedHeight(36 * len(rows) + 8)
