"""Wording a notice: subject and text at the left, how it will read and what it may name at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.shop.notice_kinds import KINDS, Wording
from bookwish_desk.ui.settings.order_names import facts_of
from bookwish_desk.ui.settings.state import WordingForms
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Button,
    Card,
    Column,
    Field,
    Label,
    NoteField,
    Row,
    RowList,
    Scroll,
    Sheet,
)

QUIET_MS = 250
"""The preview is made when nothing was typed for so long."""

_ANY_HEIGHT = 16_777_215  # QWIDGETSIZE_MAX, which PySide does not have


class WordingSheet(Sheet):
    """Asks for the words of one notice; `keep(wording)` gets them when they could be filled in."""

    def __init__(
        self,
        parent: QWidget,
        name: str,
        now: Wording,
        forms: WordingForms,
        keep: Callable[[Wording], None],
    ) -> None:
        super().__init__(parent, f"Words of: {name}", width=980)
        self._kind, self._forms, self._keep = now.kind, forms, keep
        self._over = self._keeping = False
        self.subject = Field("Subject", now.subject, limit=1_000)
        self.text = NoteField("Text", now.body, limit=10_000)
        self.text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.text.edit.setMinimumHeight(180)
        self.text.edit.setMaximumHeight(_ANY_HEIGHT)
        self._facts = facts_of(now.kind)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self.refresh)
        sides = QHBoxLayout()
        sides.setSpacing(SIZES.gap_large)
        sides.addLayout(self._build_words(), 1)
        sides.addLayout(self._build_right(), 1)
        self.body.addLayout(sides)
        self.add_button("Use the usual words", then=self.reset)
        self.add_button("Cancel")
        self.keep_button = self.add_button("Keep words", "primary", self.submit)
        self.focus_on(self.text.edit)
        self.refresh()

    def _build_words(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SIZES.gap)
        column.addWidget(self.subject)
        column.addWidget(self.text, 1)
        self.subject.changed.connect(lambda _text: self._typed())
        self.text.changed.connect(self._typed)
        self.subject.entered.connect(self.submit)
        return column

    def _build_right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SIZES.gap_small)
        column.addWidget(Label("How it reads, with a made-up order", "strong"))
        card = Card(margin=0)
        scroll = Scroll(margin=12, spacing=SIZES.gap_small)
        self.shown_subject = Label("", "strong", wrap=True)
        self.shown_text = Label("", wrap=True)
        scroll.column.addWidget(self.shown_subject)
        scroll.column.addWidget(self.shown_text)
        scroll.column.addStretch(1)
        scroll.setMinimumHeight(150)
        card.column.addWidget(scroll)
        column.addWidget(card, 1)
        column.addWidget(Label("What it may name", "strong"))
        self.facts = RowList((Column("Name"),), "What it may name", "", header=False)
        self.facts.set_rows(tuple(Row(f.name, (f.name,), second=f.meaning) for f in self._facts))
        self.facts.choose(self._facts[0].name)
        self.facts.opened.connect(lambda _key: self.put_in())
        self.facts.setMinimumHeight(3 * SIZES.row)
        column.addWidget(self.facts, 1)
        put = Button("Put into the text")
        put.clicked.connect(self.put_in)
        row = QHBoxLayout()
        row.addWidget(put)
        row.addStretch(1)
        column.addLayout(row)
        return column

    def wording(self) -> Wording:
        """Return the words as they stand."""
        return Wording(self._kind, self.subject.text(), self.text.text())

    def put_in(self) -> None:
        """Put the chosen fact in where the cursor of the text stands."""
        row = self.facts.current()
        fact = next((f for f in self._facts if row is not None and f.name == row.key), None)
        if fact is not None:
            self.text.edit.insertPlainText(fact.written)
            self.text.setFocus()

    def reset(self) -> None:
        """Put the usual words in."""
        usual = KINDS[self._kind].wording
        self.subject.set_text(usual.subject)
        self.text.set_text(usual.body)
        self.refresh()

    def submit(self) -> None:
        """Keep the words, if they can be filled in."""
        self._keeping = True
        self.set_busy(True)
        self.refresh()

    def refresh(self) -> None:
        """Have the words filled in."""
        self._quiet.stop()
        asked = self.wording()
        self._forms.try_words(
            asked,
            lambda subject, text: self._filled(asked, subject, text),
            lambda part, sentence: self._refused(asked, part, sentence),
        )

    def _typed(self) -> None:
        self._keeping = False
        self.set_busy(False)
        self._quiet.start()

    def _filled(self, asked: Wording, subject: str, text: str) -> None:
        if self._over or asked != self.wording():
            return
        self.subject.set_error("")
        self.text.set_error("")
        self.shown_subject.setText(subject)
        self.shown_text.setText(text)
        if self._keeping:
            self.accept()
            self._keep(asked)

    def _refused(self, asked: Wording, part: str, sentence: str) -> None:
        if self._over or asked != self.wording():
            return
        self.set_busy(False)
        self.subject.set_error(sentence if part == "subject" else "")
        self.text.set_error(sentence if part != "subject" else "")
        if self._keeping:
            (self.subject if part == "subject" else self.text).setFocus()
        self._keeping = False

    def done(self, result: int) -> None:
        self._over = True
        super().done(result)
