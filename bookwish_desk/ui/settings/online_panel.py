"""Connecting the online store: signing in, choosing the store, and what can be done once it is connected."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.settings.laying import column_of, from_the_left
from bookwish_desk.ui.settings.online_state import CanDo, OnlineSetup, StoreChoice
from bookwish_desk.ui.sync.status import Status
from bookwish_desk.ui.sync.strips import ImportStrip
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Badge,
    Button,
    Column,
    Field,
    Label,
    Line,
    Notice,
    PasswordField,
    Row,
    RowList,
    Toggle,
    ask,
)
from bookwish_desk.ui.widgets.buttons import Kind

_WIDTH = 760
_NAME_WIDTH = 150
_BOTTOM = Qt.AlignmentFlag.AlignBottom
_MOST_SEEN = 4


class SignInForm(QWidget):
    """Address, e-mail and password: `asked(address, email, Secret)`."""

    asked = Signal(str, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = column_of(self)
        self._hint = Label("", wrap=True)
        column.addWidget(self._hint)
        self.address = Field("Address of the store", placeholder="https://", limit=200)
        self.email = Field("E-mail of the account", limit=254)
        self.password = PasswordField(
            "Password", "It is not kept. This computer's keyring keeps the session."
        )
        for field, after in ((self.address, self.email), (self.email, self.password)):
            field.entered.connect(after.select)
            column.addWidget(field)
        self.password.entered.connect(self._ask)
        column.addWidget(self.password)
        self.button = Button("Sign in", kind="primary")
        self.button.clicked.connect(self._ask)
        column.addLayout(from_the_left(self.button))

    def show_setup(self, setup: OnlineSetup, fresh: bool) -> None:
        """Show what is wrong; with `fresh`, what is known of address and e-mail."""
        self._hint.setText(setup.hint)
        self._hint.setVisible(bool(setup.hint))
        if fresh:
            self.address.set_text(setup.address)
            self.email.set_text(setup.email)
        if setup.stage != "sign_in":
            self.password.set_text("")
        for name, field in (("address", self.address), ("email", self.email), ("password", self.password)):
            field.set_error(setup.errors.get(name, ""))
        self.button.setEnabled(not setup.busy and not setup.why_not)

    def focus_wrong(self, setup: OnlineSetup) -> None:
        """Go to the first field with an error."""
        for name, field in (("address", self.address), ("email", self.email), ("password", self.password)):
            if setup.errors.get(name):
                field.select()
                return

    def _ask(self) -> None:
        if self.button.isEnabled():
            self.asked.emit(
                self.address.text().strip(), self.email.text().strip(), Secret(self.password.text())
            )


class StoreForm(QWidget):
    """Which store it is: from a list, found by name, or by its id. `connected(store id)` connects it."""

    searched = Signal(str)
    chosen = Signal(str)
    asked = Signal(str)
    again_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = column_of(self)
        self._account = Label("", "strong", wrap=True)
        column.addWidget(self._account)
        self.search = Field("Find the shop by its name, town or slug", limit=120)
        self.search.entered.connect(self._find)
        self.find_button = Button("Find")
        self.find_button.clicked.connect(self._find)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self.search, 1)
        row.addWidget(self.find_button)
        row.setAlignment(self.find_button, _BOTTOM)
        column.addLayout(row)
        self._found = Label("", "small", "soft", wrap=True)
        column.addWidget(self._found)
        self.rows = RowList((Column("Store"),), "Stores", "No store is listed yet.", header=False)
        self.rows.chosen.connect(self.chosen)
        column.addWidget(self.rows)
        self.store_id = Field("Or type the store's id", hint="The store's own name for your shop", limit=120)
        column.addWidget(self.store_id)
        self.button = Button("Connect this store", kind="primary")
        self.button.clicked.connect(lambda _on=False: self.asked.emit(self.store_id.text().strip()))
        self.again = Button("Use another account")
        self.again.clicked.connect(lambda _on=False: self.again_asked.emit())
        column.addLayout(from_the_left(self.button, self.again))

    def show_setup(self, setup: OnlineSetup, fresh: bool) -> None:
        """Show the stores to choose from."""
        if fresh:
            self.search.set_text("")
            self.store_id.set_text("")
        self._account.setText(setup.account)
        self._found.setText(setup.found)
        self._found.setVisible(bool(setup.found))
        self.rows.blockSignals(True)
        self.rows.set_rows(tuple(_store_row(s) for s in setup.stores))
        self.rows.choose(setup.chosen)
        self.rows.blockSignals(False)
        self.rows.setVisible(bool(setup.stores))
        self.rows.setFixedHeight(min(_MOST_SEEN, len(setup.stores)) * SIZES.row + 4)
        self.search.set_error(setup.errors.get("search", ""))
        self.store_id.set_error(setup.errors.get("store", ""))
        for button in (self.button, self.find_button, self.again):
            button.setEnabled(not setup.busy)

    def _find(self) -> None:
        if self.find_button.isEnabled():
            self.searched.emit(self.search.text().strip())


class ConnectedForm(QWidget):
    """The connected store, and what can be done with the connection."""

    test_asked = Signal()
    pause_asked = Signal()
    sign_in_asked = Signal()
    sign_out_asked = Signal()
    disconnect_asked = Signal()
    first_asked = Signal()
    screen_asked = Signal()
    elsewhere_set = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = column_of(self)
        self.status = Status()
        column.addWidget(self.status)
        self._grid = _Pairs()
        column.addWidget(self._grid)
        self.first = ImportStrip()
        self.first.asked.connect(self.first_asked)
        column.addWidget(self.first)
        self.test = Button("Test")
        self.test.clicked.connect(lambda _on=False: self.test_asked.emit())
        self.sync_screen = Button("See what waits")
        self.sync_screen.name_key("screen.sync")
        self.sync_screen.clicked.connect(lambda _on=False: self.screen_asked.emit())
        self.pause = Button("Pause")
        self.pause.clicked.connect(lambda _on=False: self.pause_asked.emit())
        column.addLayout(from_the_left(self.test, self.pause, self.sync_screen))
        self.sign_in = Button("Sign in again", kind="primary")
        self.sign_in.clicked.connect(lambda _on=False: self.sign_in_asked.emit())
        self.sign_out = Button("Sign out")
        self.sign_out.clicked.connect(lambda _on=False: self._ask_sign_out())
        self.disconnect_button = Button("Disconnect", kind="danger")
        self.disconnect_button.clicked.connect(lambda _on=False: self._ask_disconnect())
        column.addLayout(from_the_left(self.sign_in, self.sign_out, self.disconnect_button))
        column.addWidget(Line())
        self.elsewhere = Toggle("The store takes its stock from elsewhere")
        self.elsewhere.clicked.connect(lambda on=False: self.elsewhere_set.emit(on))
        column.addWidget(self.elsewhere)
        words = "Such as from Square. No numbers of copies are sent to the store then."
        column.addWidget(Label(words, "small", "soft", wrap=True))

    def show_setup(self, setup: OnlineSetup) -> None:
        """Show the connection."""
        self.status.show_headline(setup.headline)
        self._grid.show_pairs(setup.facts)
        self.first.show_import(setup.first)
        self.pause.setText("Go on" if setup.paused else "Pause")
        self.sign_in.setVisible(setup.out)
        self.sign_out.setVisible(not setup.out)
        self.elsewhere.setChecked(setup.stock_elsewhere)
        able = not setup.busy and not setup.why_not
        for button in (self.test, self.sign_in, self.sign_out):
            button.setEnabled(able)
        for widget in (self.pause, self.disconnect_button, self.elsewhere):
            widget.setEnabled(not setup.busy)

    def _ask_sign_out(self) -> None:
        self._ask(
            "Sign out of the online store?",
            "Nothing goes up or comes down until somebody signs in again. What waits is kept.",
            "Sign out",
            self.sign_out_asked.emit,
        )

    def _ask_disconnect(self) -> None:
        self._ask(
            "Disconnect the online store?",
            "Orders that came from it stay here. What happens at the counter from now on is not sent to it,"
            " and is not sent later either. What waits already is kept.",
            "Disconnect",
            self.disconnect_asked.emit,
        )

    def _ask(self, title: str, text: str, verb: str, then) -> None:
        verbs: list[tuple[str, str, Kind]] = [("", "Keep it", "plain"), ("go", verb, "danger")]
        ask(self, title, text, verbs, lambda answer: then() if answer else None)


class OnlinePanel(QWidget):
    """The section Online store, in the stage it is in. Its forms have the signals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumWidth(_WIDTH)
        column = column_of(self)
        self._keyring = Notice("", "warn", self)
        self._why_not = Notice("", "info", self)
        self._busy = Label("", "strong", "soft", wrap=True)
        self._notice = Notice("", "info", self)
        self.sign_in, self.store, self.connected = SignInForm(), StoreForm(), ConnectedForm()
        top: tuple[QWidget, ...] = (self._keyring, self._why_not, self._notice, self._busy)
        for widget in (*top, self.sign_in, self.store, self.connected):
            column.addWidget(widget)
        self._line = Line()
        self._heading = Label("What this store can do", "strong")
        self._abilities = _Abilities()
        for widget in (self._line, self._heading, self._abilities):
            column.addWidget(widget)
        self._setup = OnlineSetup(stage="connected")
        self._focused: QWidget | None = None
        self.show_setup(OnlineSetup())

    def show_setup(self, setup: OnlineSetup) -> None:
        """Show the stage, keeping what is typed while it lasts."""
        before, self._setup = self._setup, setup
        fresh = setup.stage != before.stage
        stages = {"sign_in": self.sign_in, "choose": self.store, "connected": self.connected}
        if fresh or setup.busy != before.busy:
            self._hold_focus()
        for name, form in stages.items():
            form.setVisible(name == setup.stage)
        self._keyring.show_text(setup.keyring, "warn")
        self._why_not.show_text(setup.why_not, "info")
        self._busy.setText(setup.busy)
        self._busy.setVisible(bool(setup.busy))
        self._notice.show_text(setup.notice, setup.tone)
        known = (setup.address, setup.email) != (before.address, before.email)
        self.sign_in.show_setup(setup, fresh or known)
        self.store.show_setup(setup, fresh)
        self.connected.show_setup(setup)
        for widget in (self._line, self._heading, self._abilities):
            widget.setVisible(bool(setup.abilities))
        self._abilities.show_abilities(setup.abilities)
        if fresh and setup.stage == "choose":
            self.store.search.select()
        elif self.window().focusWidget() is self:
            self._give_focus(setup, fresh)
        if setup.errors != before.errors:
            self.sign_in.focus_wrong(setup)

    def _hold_focus(self) -> None:
        """Take the focus from what will be hidden or out of use: else it goes anywhere on the screen."""
        focused = self.window().focusWidget()
        if focused is not self and self.isAncestorOf(focused):
            self._focused = focused
            self.setFocus()

    def _give_focus(self, setup: OnlineSetup, fresh: bool) -> None:
        """Give the focus back to what had it, or to the first thing to do where that is gone."""
        last = None if fresh else self._focused
        if last is not None and last.isEnabled():
            last.setFocus()
        elif not setup.busy:
            first = self.connected.test if setup.stage == "connected" else self.sign_in.address.edit
            first.setFocus()


class _Pairs(QWidget):
    """Names and texts in two columns, built anew only when they changed."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SIZES.gap)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._pairs: tuple[tuple[str, str], ...] = ()

    def show_pairs(self, pairs: tuple[tuple[str, str], ...]) -> None:
        """Show these."""
        if pairs == self._pairs:
            return
        self._pairs = pairs
        _empty(self._grid)
        for place, (name, text) in enumerate(pairs):
            label = Label(name, tone="soft", wrap=True)
            label.setFixedWidth(_NAME_WIDTH)
            self._grid.addWidget(label, place, 0)
            self._grid.addWidget(Label(text, wrap=True), place, 1)


class _Abilities(QWidget):
    """What a store can do: a badge that says so, and what follows."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SIZES.gap)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(2, 1)
        self._shown: tuple[CanDo, ...] = ()

    def show_abilities(self, abilities: tuple[CanDo, ...]) -> None:
        """Show these."""
        if abilities == self._shown:
            return
        self._shown = abilities
        _empty(self._grid)
        for place, a in enumerate(abilities):
            name = Label(a.name, wrap=True)
            name.setFixedWidth(_NAME_WIDTH)
            badge = Badge("Offered" if a.can else "Not offered", "ok" if a.can else "off")
            badge.setMinimumWidth(96)
            self._grid.addWidget(name, place, 0)
            self._grid.addWidget(badge, place, 1)
            self._grid.addWidget(Label(a.words, tone="soft", wrap=True), place, 2)


def _empty(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()


def _store_row(s: StoreChoice) -> Row:
    return Row(s.id, (s.name,), second=s.about)
