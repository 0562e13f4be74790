"""The card beside the list: the chosen row whole, both values side by side, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.sync.state import Card as Shown
from bookwish_desk.ui.sync.state import Side, Verb
from bookwish_desk.ui.widgets import Button, Card, Label, Scroll

KEYS = ("sync.one", "sync.two", "sync.three")


class CardView(QWidget):
    """Shows the chosen row: `did(verb)` asks for one of its verbs, `opened` for what it is about."""

    did = Signal(str)
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card(margin=14, spacing=8)
        column.addWidget(card)
        self._title = Label("", "head", wrap=True)
        card.column.addWidget(self._title)
        self._scroll = Scroll(spacing=8)
        self._scroll.setAccessibleName("What is known of it")
        self._scroll.verticalScrollBar().rangeChanged.connect(self._stop_for_what_scrolls)
        card.column.addWidget(self._scroll, 1)
        self._inner: QWidget | None = None
        self._why_not = Label("", "small", "soft", wrap=True)
        card.column.addWidget(self._why_not)
        self._verbs = [self._verb(key, place) for place, key in enumerate(KEYS)]
        for button in self._verbs:
            card.column.addWidget(button)
        beneath = QHBoxLayout()
        beneath.setSpacing(8)
        self._many = Button("", "sync.many")
        self._many.clicked.connect(lambda _on=False: self._do_many())
        self._open = Button("", "sync.open")
        self._open.clicked.connect(lambda _on=False: self.opened.emit())
        beneath.addWidget(self._many, 1)
        beneath.addWidget(self._open, 1)
        card.column.addLayout(beneath)
        self._shown = Shown(key="-")
        self.setAccessibleName("The chosen row")
        self.show_card(Shown())

    def _verb(self, key: str, place: int) -> Button:
        button = Button("", key)
        button.clicked.connect(lambda _on=False: self.did.emit(self._shown.verbs[place].id))
        return button

    def _stop_for_what_scrolls(self, least: int, most: int) -> None:
        """Let Tab stop at the text only where the arrows have something to scroll."""
        stop = Qt.FocusPolicy.TabFocus if most > least else Qt.FocusPolicy.NoFocus
        self._scroll.setFocusPolicy(stop)

    def _do_many(self) -> None:
        if self._shown.many is not None:
            self.did.emit(self._shown.many.id)

    def show_card(self, shown: Shown) -> None:
        """Show a row; the scroll stays while it is the same one."""
        if shown == self._shown:
            return
        before, self._shown = self._shown, shown
        self._title.setText(shown.title)
        if _texts(shown) != _texts(before):
            self._fill(shown)
        if shown.key != before.key:
            self._scroll.verticalScrollBar().setValue(0)
        for place, button in enumerate(self._verbs):
            _show_verb(button, shown.verbs[place] if place < len(shown.verbs) else None)
        _show_verb(self._many, shown.many)
        self._open.setText(shown.opens_words)
        self._open.setVisible(bool(shown.opens))
        barred = dict.fromkeys(v.why_not for v in (*shown.verbs, shown.many) if v is not None and v.why_not)
        self._why_not.setText("\n".join(barred))
        self._why_not.setVisible(bool(barred))

    def _fill(self, shown: Shown) -> None:
        if self._inner is not None:
            self._inner.hide()
            self._inner.deleteLater()
        self._inner = inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        first, *others = (*shown.texts, "")
        if first:
            column.addWidget(Label(first, wrap=True))
        if shown.sides:
            column.addLayout(_sides(shown.sides))
        for text in others:
            if text:
                column.addWidget(Label(text, tone="soft", wrap=True))
        if shown.quote:
            column.addWidget(_quotation(shown.who_said, shown.quote))
        column.addStretch(1)
        self._scroll.column.addWidget(inner)
        inner.show()  # at once: what is not shown yet has no height to be scrolled


def _texts(shown: Shown) -> tuple[object, ...]:
    return shown.texts, shown.sides, shown.quote, shown.who_said


def _show_verb(button: Button, verb: Verb | None) -> None:
    button.setVisible(verb is not None)
    if verb is None:
        button.setEnabled(False)
        return
    button.setText(verb.words)
    button.set_kind(verb.kind)
    button.setEnabled(not verb.why_not)


def _sides(sides: tuple[Side, ...]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for side in sides:
        box = Card(margin=10, spacing=2)
        box.column.addWidget(Label(side.whose, "small", "soft"))
        box.column.addWidget(Label(side.value, "strong", wrap=True))
        if side.by:
            box.column.addWidget(Label(side.by, "small", "soft", wrap=True))
        box.column.addStretch(1)
        box.setAccessibleName(", ".join(x for x in (side.whose, side.value, side.by) if x))
        row.addWidget(box, 1)
    return row


def _quotation(who: str, words: str) -> QWidget:
    """Return somebody else's words, marked as such: nothing in them is an instruction of ours."""
    box = Card(margin=10, spacing=4)
    box.column.addWidget(Label(f"{who}:", "small", "soft"))
    box.column.addWidget(Label(f"“{words}”", wrap=True))
    box.setAccessibleName(f"{who}: {words}")
    return box
