"""The simulated scanner: a list of barcodes that lie about in the shop, and a button that scans one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.devices.state import DevicesState, Listing, Sample
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Row, RowList, SearchLine

_EMPTY = "No title fits. Press Scan to send what you typed."


class ScannerPalette(QWidget):
    """Search line, list and Scan: `scanned(code)`, `searched(words)`, `listing_picked("titles")`."""

    scanned = Signal(str)
    searched = Signal(str)
    listing_picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: tuple[Sample, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        self.search = SearchLine("Title, author or code to scan")
        self.search.typed.connect(self.searched)
        self.search.entered.connect(self._scan)
        self.search.stepped.connect(self._step)
        self.search.left.connect(lambda: self.searched.emit(""))
        column.addWidget(self.search)
        self.list = RowList(
            (Column("Title"), Column("Price", 72, "right")), "Barcodes to scan", _EMPTY, header=False
        )
        self.list.setMinimumHeight(2 * SIZES.row)
        self.list.opened.connect(self._scan)
        column.addWidget(self.list, 1)
        self._last = Label("", "small", "soft", elide=True)
        column.addWidget(self._last)
        buttons = QHBoxLayout()
        buttons.setSpacing(SIZES.gap_small)
        self.titles = self._pick("Titles", "titles")
        self.codes = self._pick("Other codes", "codes")
        self.scan = Button("Scan", kind="primary", icon="scan")
        self.scan.clicked.connect(self._scan)
        buttons.addWidget(self.titles)
        buttons.addWidget(self.codes)
        buttons.addWidget(self.scan, 1)
        column.addLayout(buttons)

    def _pick(self, words: str, listing: Listing) -> Button:
        button = Button(words)
        button.setCheckable(True)
        button.clicked.connect(lambda _on=False: self.listing_picked.emit(listing))
        return button

    def show_state(self, state: DevicesState) -> None:
        """Show the barcodes of the state; the first is chosen when the list is another one."""
        self.titles.setChecked(state.listing == "titles")
        self.codes.setChecked(state.listing == "codes")
        if self.search.text() != state.words:
            self.search.setText(state.words)
        if state.samples is not self._samples:
            self._samples = state.samples
            self.list.set_rows(tuple(_row(sample) for sample in state.samples))
            if self.list.current() is None and state.samples:
                self.list.choose(state.samples[0].code)
        self._last.setText(f"Scanned {state.scanned}" if state.scanned else "")

    def _step(self, by: int) -> None:
        self.list.step(by)

    def _scan(self) -> None:
        row = self.list.current()
        code = row.key if row else self.search.text().strip()
        if code:
            self.scanned.emit(code)


def _row(sample: Sample) -> Row:
    about = f"{sample.about} · {sample.code}" if sample.about else sample.code
    return Row(sample.code, (sample.name, sample.price), second=about)
