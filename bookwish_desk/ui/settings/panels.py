"""What sections have besides fields: the logo, the quick tiles, and safety."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bookwish_desk.ui.settings.state import TileRow
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Notice, Row, RowList, SearchLine


class LogoPanel(QWidget):
    """The logo on receipts. `chosen(path)` and `removed()`."""

    chosen = Signal(str)
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        column.addWidget(Label("Logo", "strong"))
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self._picture = QLabel()
        self._picture.setTextFormat(Qt.TextFormat.PlainText)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedHeight(72)
        self._none = Label("No logo is printed.", tone="soft")
        self.choose_button = Button("Choose a PNG")
        self.remove_button = Button("Remove logo", kind="danger")
        self.choose_button.clicked.connect(self._ask)
        self.remove_button.clicked.connect(self.removed)
        for widget in (self._picture, self._none, self.choose_button, self.remove_button):
            row.addWidget(widget)
        row.addStretch(1)
        column.addLayout(row)
        self._notice = Notice("", "error", self)
        column.addWidget(self._notice)
        column.addWidget(Label("A PNG of at most 1 MB, printed in black and white.", "small", "soft"))
        self._shown = b""

    def show_logo(self, png: bytes, error: str) -> None:
        """Show the logo, and why another one was not taken."""
        if png != self._shown:
            self._shown = png
            picture = QPixmap()
            picture.loadFromData(png)
            if not picture.isNull():
                picture = picture.scaledToHeight(
                    min(72, picture.height()), Qt.TransformationMode.SmoothTransformation
                )
            self._picture.setPixmap(picture)
            self._picture.setAccessibleName("The shop's logo" if png else "")
        self._picture.setVisible(bool(png))
        self._none.setVisible(not png)
        self.remove_button.setVisible(bool(png))
        self._notice.show_text(error, "error")

    def _ask(self) -> None:
        choose_file(self, "Choose a logo", "PNG pictures (*.png)", self.chosen.emit)


def choose_file(parent: QWidget, title: str, kinds: str, then) -> QFileDialog:
    """Ask for a file that exists; `then(path)` when one was chosen."""
    dialog = QFileDialog(parent.window(), title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(kinds)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


class TilesPanel(QWidget):
    """The quick tiles and a search for more. All signals name the SKU."""

    searched = Signal(str)
    added = Signal(str)
    moved = Signal(str, int)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(SIZES.gap_small)
        self._heading = Label("Quick tiles", "strong")
        grid.addWidget(self._heading, 0, 0)
        grid.addWidget(Label("Add a tile", "strong"), 0, 1)
        columns = (Column("Item"), Column("Price", 110, "right"))
        self.tiles = RowList(columns, "Quick tiles", "No tiles yet. Find an item and add it.", header=False)
        self.found = RowList(columns, "Found items", "Type a title or a SKU.", header=False)
        self.search = SearchLine("Title, author or SKU")
        self.search.typed.connect(self.searched)
        self.search.stepped.connect(self.found.step)
        self.search.entered.connect(lambda _text: self._add())
        self.found.opened.connect(lambda _sku: self._add())
        self.tiles.setMinimumHeight(290)
        grid.addWidget(self.tiles, 1, 0, 2, 1)
        grid.addWidget(self.search, 1, 1)
        grid.addWidget(self.found, 2, 1)
        verbs = QHBoxLayout()
        for text, icon, act in (
            ("Move up", "up", lambda: self._move(-1)),
            ("Move down", "down", lambda: self._move(1)),
        ):
            button = Button(text, icon=icon)
            button.clicked.connect(act)
            verbs.addWidget(button)
        remove = Button("Remove tile", kind="danger")
        remove.clicked.connect(self._remove)
        verbs.addWidget(remove)
        verbs.addStretch(1)
        grid.addLayout(verbs, 3, 0)
        add = Button("Add tile", icon="plus")
        add.clicked.connect(self._add)
        grid.addWidget(add, 3, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)

    def show_tiles(self, tiles: tuple[TileRow, ...], found: tuple[TileRow, ...], most: int) -> None:
        """Show the tiles in their order, and what was found."""
        self._heading.setText(f"Quick tiles, {len(tiles)} of {most}")
        self.tiles.set_rows(tuple(Row(t.sku, (t.title, t.price)) for t in tiles))
        there = {t.sku for t in tiles}
        self.found.set_rows(
            tuple(
                Row(
                    t.sku,
                    (t.title, t.price),
                    badge="Is a tile" if t.sku in there else "",
                    muted=t.sku in there,
                )
                for t in found
            )
        )
        if found and self.found.current() is None:
            self.found.choose(found[0].sku)

    def _move(self, by: int) -> None:
        if (row := self.tiles.current()) is not None:
            self.moved.emit(row.key, by)

    def _remove(self) -> None:
        if (row := self.tiles.current()) is not None:
            self.removed.emit(row.key)

    def _add(self) -> None:
        if (row := self.found.current()) is not None:
            self.added.emit(row.key)


class SafetyPanel(QWidget):
    """What protects the shop's books, and its papers. `code_asked()` and `key_asked()`."""

    code_asked = Signal()
    key_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SIZES.gap)
        self._facts = Label("", wrap=True)
        self._column.addWidget(self._facts)
        code = Button("Make a new recovery code")
        code.clicked.connect(self.code_asked)
        self._paper(code, "With it an owner who forgot the PIN sets a new one. The old code stops working.")
        self._key = Button("Print the recovery key", icon="printer")
        self._key.clicked.connect(self.key_asked)
        self._key_words = self._paper(
            self._key, "It opens the shop's books and backups when this computer or its keyring is lost."
        )

    def _paper(self, button: Button, words: str) -> Label:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        button.setMinimumWidth(230)
        label = Label(words, tone="soft", wrap=True)
        row.addWidget(button)
        row.addWidget(label, 1)
        self._column.addLayout(row)
        return label

    def show_facts(self, facts: tuple[tuple[str, str], ...], encrypted: bool, printer: bool) -> None:
        """Show how the books are kept."""
        self._facts.setText("\n".join(f"{name}: {value}" for name, value in facts))
        self._key.setVisible(encrypted)
        self._key.setEnabled(printer)
        self._key_words.setVisible(encrypted)
