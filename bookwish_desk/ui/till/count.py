"""The count sheet: pieces of each note and coin with a running total, and nothing of what should be there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.till import MOST_PIECES, Count
from bookwish_desk.ui.till.state import TillState, decimal_mark, float_words
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Amount,
    AmountField,
    BigTotal,
    Button,
    Card,
    CountField,
    Keypad,
    Label,
    Notice,
    Scroll,
    say,
)

_COLUMNS = 2
_ROOM_FOR_AMOUNTS = 1100
"""Below this width of the page the amounts beside each note are left out; the total says it all."""


class _PieceRow:
    """One note or coin: its value, how many, and what they come to."""

    def __init__(self, cents: int, words: str) -> None:
        self.cents = cents
        self.value = Label(words, "strong")
        self.value.setMinimumWidth(64)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.field = CountField(f"Pieces of {words}", None, most=MOST_PIECES)
        self.field.hide_label()
        self.field.setFixedWidth(184)
        self.amount = Amount("", what=f"{words} together")
        self.amount.setMinimumWidth(84)

    def pieces(self) -> int:
        """Return how many there are; an empty field is none."""
        return self.field.value() or 0


class CountPage(QWidget):
    """Counts the drawer: `counted(Count)` when it is done, `left()` to give it up.

    Enter and the arrow keys go from one note to the next, + and - add and take one piece.
    """

    counted = Signal(object)
    left = Signal()
    drawer_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = TillState()
        self._rows: list[_PieceRow] = []
        self._edits: list[QLineEdit] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        card = Card()
        self._heading = Label("", "title")
        card.column.addWidget(self._heading)
        self._hint = Label("", tone="soft", wrap=True)
        card.column.addWidget(self._hint)
        scroll = Scroll()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SIZES.gap)
        self._grid.setVerticalSpacing(SIZES.gap_small)
        scroll.column.addLayout(self._grid)
        scroll.column.addStretch(1)
        card.column.addWidget(scroll, 1)
        row.addWidget(card, 1)
        row.addWidget(self._build_side())

    def _build_side(self) -> QWidget:
        card = Card()
        card.setFixedWidth(300)
        card.column.addWidget(Label("Counted", tone="soft"))
        self._total = BigTotal("", what="Counted")
        card.column.addWidget(self._total)
        self._notice = Notice()
        card.column.addWidget(self._notice)
        self._pad_place = QVBoxLayout()
        card.column.addLayout(self._pad_place)
        self._pad: Keypad | None = None
        card.column.addStretch(1)
        drawer = Button("Open the drawer", key="no_sale", kind="quiet", icon="drawer")
        drawer.clicked.connect(self.drawer_asked)
        back = Button("Back", key="till.back")
        back.clicked.connect(self.left)
        self._open = Button("Open the till", key="till.open", kind="primary")
        self._close = Button("Done counting", key="till.close", kind="primary")
        for button in (self._open, self._close):
            button.clicked.connect(self._finish)
        for button in (drawer, back, self._open, self._close):
            card.column.addWidget(button)
        return card

    def show_state(self, state: TillState) -> None:
        """Show the state; a new count begins with an empty sheet, one that goes on keeps what is typed."""
        before, self._state = self._state, state
        self._open.setVisible(not state.closing)
        self._close.setVisible(state.closing)
        self._heading.setText("Count the drawer" if state.closing else "Count the opening float")
        self._hint.setText(
            "Count everything in the drawer, or type the whole as one amount below."
            if state.closing
            else "Count what is in the drawer to begin with, or type it as one amount below."
        )
        if state.counting != before.counting:
            self._begin()

    def focus_first(self) -> None:
        """Go to the first note."""
        if self._edits:
            self._edits[0].setFocus(Qt.FocusReason.OtherFocusReason)
            self._edits[0].selectAll()

    def _begin(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        state, show = self._state, self._state.money.show
        self._rows = [_PieceRow(cents, show(cents)) for cents in state.denominations]
        high = -(-len(self._rows) // _COLUMNS)
        for place, row in enumerate(self._rows):
            for step, widget in enumerate((row.value, row.field, row.amount)):
                self._grid.addWidget(widget, place % high, place // high * 4 + step)
            row.field.changed.connect(self._tell)
        for gap in (3, 7):
            self._grid.setColumnMinimumWidth(gap, SIZES.gap)
            self._grid.setColumnStretch(gap, 1)
        self._other = AmountField("Other cash, or the whole as one amount", hint="Rolls of coins, old notes")
        self._other.changed.connect(self._tell)
        self._grid.addWidget(self._other, high, 0, 1, 8)
        self._edits = [*(r.field.edit for r in self._rows), self._other.edit]
        for first, second in zip(self._edits, self._edits[1:], strict=False):
            QWidget.setTabOrder(first, second)
        for edit in self._edits:
            edit.installEventFilter(self)
        self._new_pad()
        self._make_room()
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        for row in self._rows:
            row.amount.setVisible(self.width() >= _ROOM_FOR_AMOUNTS)

    def _new_pad(self) -> None:
        if self._pad is not None:
            self._pad.hide()
            self._pad.deleteLater()
        self._pad = Keypad(decimal_mark(self._state.money))
        self._pad.pressed.connect(self._type)
        self._pad.erased.connect(self._erase)
        self._pad_place.addWidget(self._pad)

    # Typing

    def _current(self) -> QLineEdit | None:
        focused = self.focusWidget()
        return focused if isinstance(focused, QLineEdit) and focused in self._edits else None

    def _type(self, text: str) -> None:
        edit = self._current()
        if edit is not None:
            edit.insert(text)
            edit.textEdited.emit(edit.text())

    def _erase(self) -> None:
        edit = self._current()
        if edit is not None:
            edit.backspace()
            edit.textEdited.emit(edit.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        place = next((i for i, edit in enumerate(self._edits) if edit is watched), -1)
        if place < 0:
            return False
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            return self._go(place + 1)
        if key == Qt.Key.Key_Up:
            return self._go(place - 1)
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus) and place < len(self._rows):
            self._rows[place].field.step(1 if key == Qt.Key.Key_Plus else -1)
            return True
        return False

    def _go(self, place: int) -> bool:
        if 0 <= place < len(self._edits):
            self._edits[place].setFocus(Qt.FocusReason.TabFocusReason)
            self._edits[place].selectAll()
        return True

    # The total

    def _count(self) -> Count | None:
        """Return what is on the sheet, or None where the other cash is no amount."""
        text = self._other.text().strip()
        try:
            other = self._state.money.read(text) if text else 0
        except ShopError as error:
            self._other.set_error(error.message)
            return None
        return Count(tuple((r.cents, r.pieces()) for r in self._rows if r.pieces()), other)

    def _tell(self) -> None:
        state, show = self._state, self._state.money.show
        for row in self._rows:
            pieces = row.pieces()
            row.amount.set_amount(show(pieces * row.cents) if pieces else "")
        count = self._count()
        if count is None:
            return
        total = count.total_cents
        self._total.set_amount(show(total))
        odd = "" if state.closing or not total else float_words(total, state.before_cents, state.money)
        if odd:
            self._notice.show_text(odd, "warn")
        elif not state.closing and state.before_cents is not None and not total:
            self._notice.show_text(f"{show(state.before_cents)} was left at the last close.", "info")
        else:
            self._notice.show_text("")

    def _finish(self) -> None:
        count = self._count()
        if count is None:
            self._other.select()
            say(self, self._other.error())
        elif not any(edit.text().strip() for edit in self._edits):
            # The key that came here may be pressed twice: an empty sheet is not a count of nothing.
            self._notice.show_text("Count the cash first. Where there is none, type 0 as other cash.", "warn")
        else:
            self.counted.emit(count)
