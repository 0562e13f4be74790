"""The account that labels are bought from: connecting it with its key, and what is known of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.settings.carrier_state import CarrierSetup
from bookwish_desk.ui.settings.laying import column_of, from_the_left
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Badge,
    Button,
    Field,
    Label,
    Line,
    Notice,
    PasswordField,
    ask,
)
from bookwish_desk.ui.widgets.buttons import Kind

_WIDTH = 760
_NAME_WIDTH = 150
_TONES = {"Production": "ok", "Test": "warn", "Simulated": "warn"}


class KeyForm(QWidget):
    """The key, and at which address it is good: `asked(address, Secret)`; `left()` keeps the one there is."""

    asked = Signal(str, object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = column_of(self)
        self._hint = Label("", wrap=True)
        column.addWidget(self._hint)
        self.key = PasswordField(
            "Key of the EasyPost account",
            "A production key begins with EZAK, a test key with EZTK. Only this computer's keyring keeps it.",
        )
        self.base = Field(
            "Address", hint="Leave it as it is, unless the desk is tried with another server", limit=200
        )
        self.key.entered.connect(self._ask)
        self.base.entered.connect(self._ask)
        column.addWidget(self.key)
        column.addWidget(self.base)
        self.button = Button("Try the key and connect", "settings.carrier_connect", "primary")
        self.button.clicked.connect(self._ask)
        self.keep = Button("Keep the key that is there", "settings.carrier_keep")
        self.keep.clicked.connect(lambda _on=False: self.left.emit())
        column.addLayout(from_the_left(self.button, self.keep))

    def show_setup(self, setup: CarrierSetup, fresh: bool) -> None:
        """Show what is wrong; with `fresh` an empty key and the address that is known."""
        self._hint.setText(setup.hint)
        self._hint.setVisible(bool(setup.hint))
        if fresh:
            self.key.set_text("")
            self.base.set_text(setup.base)
        self.key.set_error(setup.errors.get("key", ""))
        self.base.set_error(setup.errors.get("base", ""))
        self.button.setEnabled(not setup.busy and not setup.why_not)
        self.keep.setVisible(setup.changing)

    def focus_wrong(self, setup: CarrierSetup) -> None:
        """Go to the field with an error."""
        for name, field in (("key", self.key), ("base", self.base)):
            if setup.errors.get(name):
                field.select()
                return

    def _ask(self) -> None:
        if self.button.isEnabled():
            self.asked.emit(self.base.text().strip(), Secret(self.key.text().strip()))


class AccountForm(QWidget):
    """The connected account, and what can be done with it."""

    look_asked = Signal()
    change_asked = Signal()
    forget_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = column_of(self)
        head = QHBoxLayout()
        head.setSpacing(SIZES.gap)
        self._heading = Label("", "strong")
        self.mode = Badge("")
        head.addWidget(self._heading)
        head.addWidget(self.mode)
        head.addStretch(1)
        column.addLayout(head)
        self._trouble = Notice("", "warn", self)
        column.addWidget(self._trouble)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SIZES.gap)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        self._facts: tuple[tuple[str, str], ...] = ()
        self.look = Button("Ask for the balance", "settings.carrier_look")
        self.look.clicked.connect(lambda _on=False: self.look_asked.emit())
        self.change = Button("Use another key", "settings.carrier_change")
        self.change.clicked.connect(lambda _on=False: self.change_asked.emit())
        self.forget = Button("Forget the key", "settings.carrier_forget", "danger")
        self.forget.clicked.connect(lambda _on=False: self._ask_forget())
        column.addLayout(from_the_left(self.look, self.change, self.forget))

    def show_setup(self, setup: CarrierSetup) -> None:
        """Show the account."""
        self._heading.setText(setup.heading)
        self.mode.setVisible(bool(setup.mode))
        if setup.mode:
            self.mode.set_text(setup.mode, _TONES.get(setup.mode, "off"))
        self._trouble.show_text(setup.trouble, "warn")
        self._show_facts(setup.facts)
        for button in (self.look, self.change, self.forget):
            button.setEnabled(not setup.busy and not setup.why_not)

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        if facts == self._facts:
            return
        self._facts = facts
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for place, (name, text) in enumerate(facts):
            label = Label(name, tone="soft", wrap=True)
            label.setFixedWidth(_NAME_WIDTH)
            self._grid.addWidget(label, place, 0)
            self._grid.addWidget(Label(text, wrap=True), place, 1)

    def _ask_forget(self) -> None:
        verbs: list[tuple[str, str, Kind]] = [
            ("", "Keep it", "plain"),
            ("forget", "Forget the key", "danger"),
        ]
        ask(
            self,
            "Forget the key of the carriers' account?",
            "No labels can be bought until a key is typed again. Labels that are bought stay, and are"
            " printed again free of charge. Carrier and number can still be typed by hand.",
            verbs,
            lambda answer: self.forget_asked.emit() if answer else None,
        )


class CarrierPanel(QWidget):
    """The account in the stage it is in. Its forms have the signals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumWidth(_WIDTH)
        column = column_of(self)
        column.addWidget(Label("Carriers' account", "strong"))
        self._why_not = Notice("", "info", self)
        self._notice = Notice("", "info", self)
        self._busy = Label("", "strong", "soft", wrap=True)
        self.key, self.account = KeyForm(), AccountForm()
        for widget in (self._why_not, self._notice, self._busy, self.key, self.account, Line()):
            column.addWidget(widget)
        self._setup = CarrierSetup(stage="connected")
        self.show_setup(CarrierSetup())

    def show_setup(self, setup: CarrierSetup) -> None:
        """Show the stage, keeping what is typed while it lasts."""
        before, self._setup = self._setup, setup
        fresh = setup.stage != before.stage or setup.base != before.base
        focused = self.focusWidget()
        if setup.stage != before.stage and self.isAncestorOf(focused):
            focused.clearFocus()  # else it goes on to whatever comes next on the screen
        self.key.setVisible(setup.stage == "key")
        self.account.setVisible(setup.stage == "connected")
        self._why_not.show_text(setup.why_not, "info")
        self._notice.show_text(setup.notice, setup.tone)
        self._busy.setText(setup.busy)
        self._busy.setVisible(bool(setup.busy))
        self.key.show_setup(setup, fresh)
        self.account.show_setup(setup)
        if setup.changing and not before.changing:
            self.key.key.select()
        if setup.errors != before.errors:
            self.key.focus_wrong(setup)
