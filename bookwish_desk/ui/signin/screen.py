"""The sign-in screen: the staff as tiles, a PIN pad, and a word about badges. Covers everything else."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.forms import PinEntry
from bookwish_desk.ui.signin.sheets import recovery_sheet
from bookwish_desk.ui.signin.state import Face, RecoveryForms, SignInState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Card, Label, Notice, Scroll, Tile

_COLUMNS = 3


class SignInScreen(QWidget):
    """Digits go to the PIN whatever was pressed before; Enter signs in; arrows choose another name."""

    chosen = Signal(str)
    stepped = Signal(int)
    submitted = Signal(object)

    def __init__(self, forms: RecoveryForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._state = SignInState()
        self._tiles: dict[str, Tile] = {}
        self.setAccessibleName("Sign in")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(40, 32, 40, 32)
        outer.setSpacing(SIZES.gap_large)
        outer.addLayout(self._build_top())
        row = QHBoxLayout()
        row.setSpacing(32)
        row.addWidget(self._build_people(), 1)
        row.addWidget(self._build_pad(), 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(row, 1)

    def _build_top(self) -> QVBoxLayout:
        top = QVBoxLayout()
        top.setSpacing(2)
        line = QHBoxLayout()
        self._shop = Label("", "head", "soft", elide=True)
        self._demo = Badge("Demonstration: nothing here is real", "warn")
        line.addWidget(self._shop, 1)
        line.addWidget(self._demo)
        self._heading = Label("", "title")
        top.addLayout(line)
        top.addWidget(self._heading)
        return top

    def _build_people(self) -> Scroll:
        scroll = Scroll()
        box = QWidget()
        self._grid = QGridLayout(box)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setSpacing(SIZES.gap)
        for place in range(_COLUMNS):
            self._grid.setColumnStretch(place, 1)
        scroll.column.addWidget(box)
        scroll.column.addStretch(1)
        return scroll

    def _build_pad(self) -> Card:
        card = Card(margin=20)
        card.setFixedWidth(380)
        self._who = Label("", "head", elide=True)
        self._hint = Label("", tone="soft", wrap=True)
        self.entry = PinEntry("Sign in")
        self.entry.submitted.connect(self.submitted)
        self._notice = Notice("", "error", card)
        self._badge = Label("or scan your badge", tone="soft")
        self._badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._recover = Button("Owner forgot the PIN", kind="quiet")
        self._recover.clicked.connect(self._ask_recovery)
        for widget in (self._who, self._hint, self._notice, self.entry, self._badge, self._recover):
            card.column.addWidget(widget)
        return card

    def show_state(self, state: SignInState) -> None:
        """Show who may sign in and how the last try went."""
        before, self._state = self._state, state
        self._shop.setText(state.shop)
        self._demo.setVisible(state.demo)
        self._heading.setText(state.heading)
        if before.faces != state.faces:
            self._show_faces(state.faces)
        for staff_id, tile in self._tiles.items():
            tile.setChecked(staff_id == state.chosen)
        self._show_chosen(state)
        self._notice.show_text(state.notice, state.tone)
        self._recover.setVisible(state.can_recover)
        if state.chosen != before.chosen:
            self.entry.clear()
        fresh = (state.chosen, state.notice) != (before.chosen, before.notice)
        if fresh and self.isVisible() and self.isActiveWindow():
            self.take_focus()

    def _show_chosen(self, state: SignInState) -> None:
        face = state.face
        self._who.setText(face.name if face else "Choose your name")
        hint = f"PIN of this demonstration: {face.hint}" if face and face.hint else ""
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.entry.setEnabled(face is not None and not state.wait)
        self.entry.verb.setText("Checking" if state.checking else "Sign in")

    def _show_faces(self, faces: tuple[Face, ...]) -> None:
        for tile in self._tiles.values():
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._tiles = {}
        for place, face in enumerate(faces):
            tile = Tile(face.name, f"{face.role}, PIN {face.hint}" if face.hint else face.role)
            tile.setCheckable(True)
            tile.clicked.connect(lambda _on=False, i=face.id: self.chosen.emit(i))
            self._grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
            tile.show()
            self._tiles[face.id] = tile

    def showEvent(self, event) -> None:
        super().showEvent(event)
        # After the stack that shows it has given the focus to whom it likes.
        QTimer.singleShot(0, self, self.take_focus)

    def take_focus(self) -> None:
        """Take the keys, for the PIN of whoever is chosen."""
        # Until somebody is chosen there is nothing to type into, but the arrow keys must work.
        if not self.entry.isEnabled():
            self.setFocus()
        elif self.focusWidget() is not self.entry.field.edit:
            # Not a second time: that would choose what is typed already, and the next digit replace it.
            self.entry.focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        on, back = (Qt.Key.Key_Down, Qt.Key.Key_Right), (Qt.Key.Key_Up, Qt.Key.Key_Left)
        steps = {int(key): by for keys, by in ((on, 1), (back, -1)) for key in keys}
        if (by := steps.get(event.key())) is not None:
            self.stepped.emit(by)
        elif event.text().isdigit() and event.text().isascii() and self.entry.isEnabled():
            # The focus was on a tile: digits are a PIN all the same.
            self.entry.field.edit.setFocus()
            self.entry.field.edit.insert(event.text())
            self.entry.field.edit.textEdited.emit(self.entry.field.text())
        else:
            super().keyPressEvent(event)

    def _ask_recovery(self) -> None:
        recovery_sheet(self, self._forms).open()
