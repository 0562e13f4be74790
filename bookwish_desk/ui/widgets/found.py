"""The list of search results, the same on every screen that has a search line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from bookwish_desk.ui.found import FoundRow
from bookwish_desk.ui.widgets.rows import Column, Row, RowList

_COLUMNS = (Column("Found"), Column("On hand", 76, "right"), Column("Price", 92, "right"))
_LOOKING = "Looking through the whole catalogue."


class FoundList(RowList):
    """Results as rows: title and author, copies and shelf, price and format; `nothing` where none is."""

    def __init__(self, name: str, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(_COLUMNS, name, nothing, parent=parent)
        self._nothing = nothing
        self._words = ""

    def show_found(self, words: str, rows: Sequence[FoundRow], *, searching: bool) -> None:
        """Show what was found for these words, or until now; the first is chosen.

        Where a longer look found more for the same words, what a person has chosen meanwhile stays chosen.
        """
        chosen = self.current() if words == self._words else None
        self._words = "" if searching else words
        self._empty = _LOOKING if searching else self._nothing
        self.set_rows(tuple(map(_row, rows)))
        kept = chosen is not None and any(row.sku == chosen.key for row in rows)
        self.choose(chosen.key if chosen is not None and kept else rows[0].sku if rows else "")


def _row(found: FoundRow) -> Row:
    return Row(
        found.sku,
        (found.title, found.on_hand, found.price),
        second=found.details,
        under=("", found.where, found.format),
        badge=found.mark,
        tone="warn" if found.early else "soft",
        muted=not found.in_stock,
    )
