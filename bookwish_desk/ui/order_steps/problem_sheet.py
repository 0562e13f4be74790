"""The sheet for a problem: a step's sheet with the search for another title and a photo."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.order_steps.sheet import StepSheet
from bookwish_desk.ui.order_steps.state import Finding, StepState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, FoundList, Label, SearchLine

_THUMB = QSize(144, 96)
_SHOWN = 3


class Thumbnail(QWidget):
    """A photo, small; nothing where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bytes = b""
        self._picture = QPixmap()
        self.setFixedSize(_THUMB)
        self.setAccessibleName("The photo")

    def show_photo(self, photo: bytes) -> None:
        """Show a JPEG."""
        if photo != self._bytes:
            self._bytes = photo
            full = QPixmap()
            full.loadFromData(QByteArray(photo))
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            self._picture = full.scaled(_THUMB, keep, smooth) if not full.isNull() else full
        self.setVisible(not self._picture.isNull())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).drawPixmap(0, 0, self._picture)


class ProblemSheet(StepSheet):
    """A step's sheet with more intents: a title typed, entered or taken, a photo chosen."""

    typed = Signal(str)
    entered = Signal(str)
    taken = Signal(str)
    photo_chosen = Signal(str)

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent, title, width=1120, beside=True)
        self._finding = QWidget()
        column = QVBoxLayout(self._finding)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        column.addWidget(Label("What takes its place?", "strong"))
        self.search = SearchLine("Scan it, or type title, author, ISBN", key="step.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self._enter)
        self.found = FoundList("Titles that can take its place", "Nothing like it was found.")
        self.found.setFixedHeight(34 + SIZES.row * _SHOWN + 2)
        self.found.opened.connect(self.taken)
        self.search.stepped.connect(self.found.step)
        row = QHBoxLayout()
        self.picked = Label("", "strong", "ok", wrap=True)
        self.take = Button("Take this title")
        self.take.clicked.connect(lambda _on=False: self._take())
        row.addWidget(self.picked, 1)
        row.addWidget(self.take)
        column.addWidget(self.search)
        column.addWidget(self.found)
        column.addLayout(row)
        self._photo = QWidget()
        photo = QVBoxLayout(self._photo)
        photo.setContentsMargins(0, 0, 0, 0)
        photo.setSpacing(SIZES.gap_small)
        row = QHBoxLayout()
        self.choose_photo = Button("Add a photo", key="step.photo")
        self.choose_photo.clicked.connect(lambda _on=False: self._ask_photo())
        self.remove_photo = Button("Remove photo", kind="quiet")
        self.remove_photo.clicked.connect(lambda _on=False: self.photo_chosen.emit(""))
        self.thumbnail = Thumbnail()
        row.addWidget(self.choose_photo)
        row.addWidget(self.remove_photo)
        row.addStretch(1)
        photo.addLayout(row)
        photo.addWidget(self.thumbnail)
        self.more.addWidget(self._finding)
        self.more.addWidget(self._photo)

    def show_state(self, state: StepState) -> None:
        """Show the state."""
        if not state.done:
            self._show_finding(state.finding)
            self._photo.setVisible(state.photos)
            self.thumbnail.show_photo(state.photo)
            self.remove_photo.setVisible(bool(state.photo))
            self.choose_photo.setText("Another photo" if state.photo else "Add a photo")
        super().show_state(state)

    def _show_finding(self, finding: Finding | None) -> None:
        self._finding.setVisible(finding is not None)
        if finding is None:
            return
        self.found.show_found(finding.words, finding.rows, searching=finding.searching)
        self.take.setEnabled(bool(finding.rows))
        self.picked.setText(f"Taken: {finding.picked}" if finding.picked else "")

    def _enter(self, words: str) -> None:
        """Take a typed code; Enter behind words goes to what was found, and takes nothing."""
        self.entered.emit(words)
        if self.found.rows():
            self.found.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self) -> None:
        row = self.found.current()
        if row is not None:
            self.taken.emit(row.key)

    def _ask_photo(self) -> None:
        dialog = QFileDialog(self, "Choose a photo")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter("Pictures (*.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff)")
        dialog.fileSelected.connect(self.photo_chosen)
        dialog.open()
