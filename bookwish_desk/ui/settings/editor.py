"""A short list with a heading and verbs beneath, as several sections have one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Notice, Row, RowList


class ListEditor(QWidget):
    """Rows to choose from, what is wrong with them, and verbs. Enter or two clicks do the `opens` verb."""

    def __init__(
        self,
        heading: str,
        columns: tuple[Column, ...],
        empty: str,
        seen: int,
        row_height: int = SIZES.row_single,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SIZES.gap_small)
        self.column.addWidget(Label(heading, "strong"))
        self.rows = RowList(columns, name=heading, empty=empty, row_height=row_height)
        self.rows.setMinimumHeight(seen * row_height + 44)
        self.column.addWidget(self.rows)
        self._notice = Notice("", "error", self)
        self.column.addWidget(self._notice)
        self._of_a_row: list[Button] = []
        self.begin_verbs()

    def begin_verbs(self) -> None:
        """Put the verbs that are added from now on into a row of their own."""
        self._verbs = QHBoxLayout()
        self._verbs.setSpacing(SIZES.gap)
        self._verbs.addStretch(1)
        self.column.addLayout(self._verbs)

    def add_verb(
        self,
        text: str,
        act: Callable[[], object],
        *,
        icon: str = "",
        key: str | None = None,
        danger: bool = False,
        opens: bool = False,
        of_a_row: bool = True,
    ) -> Button:
        """Add a verb at the right of those there are; one `of_a_row` needs rows."""
        button = Button(text, key, "danger" if danger else "plain", icon or None)
        button.clicked.connect(act)
        self._verbs.insertWidget(self._verbs.count() - 1, button)
        if of_a_row:
            self._of_a_row.append(button)
        if opens:
            self.rows.opened.connect(lambda _key: act())
        return button

    def show_rows(self, rows: tuple[Row, ...], error: str = "") -> None:
        """Show these rows, and what is wrong with them; the first is chosen where none is."""
        self.rows.set_rows(rows)
        if rows and self.rows.current() is None:
            self.rows.choose(rows[0].key)
        self._notice.show_text(error, "error")
        for button in self._of_a_row:
            button.setEnabled(bool(rows))

    def say(self, sentence: str) -> None:
        """Say beneath the rows why something cannot be done; an empty text takes it away."""
        self._notice.show_text(sentence, "error")

    def chosen(self) -> str:
        """Return the key of the chosen row, or an empty text."""
        row = self.rows.current()
        return row.key if row is not None else ""
