"""The guided first start on the screen: where one is at the left, one page at the right, Back and Next."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.forms import FormView, Paper, TaxClasses
from bookwish_desk.ui.settings.panels import LogoPanel
from bookwish_desk.ui.settings.state import AddPerson
from bookwish_desk.ui.setup.panels import PeoplePanel, StockPanel, SummaryPanel, WelcomePanel
from bookwish_desk.ui.setup.state import SetupState, StepId
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Label, Line, Notice, Scroll

_WIDTH = 760


class SetupScreen(QWidget):
    """Enter goes on, as Next does. Intents are signals; `gone_on` and `gone_back` carry the form's values."""

    gone_on = Signal(object)
    gone_back = Signal(object)
    edited = Signal(object)
    keyring_asked = Signal()

    def __init__(self, add_person: AddPerson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = SetupState()
        self.setAccessibleName("First start")
        row = QHBoxLayout(self)
        row.setContentsMargins(32, 24, 32, 24)
        row.setSpacing(24)
        row.addWidget(self._build_side())
        row.addWidget(self._build_card(add_person), 1)

    def _build_side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(200)
        self._side = QVBoxLayout(side)
        self._side.setContentsMargins(0, 12, 0, 12)
        self._side.setSpacing(10)
        self._side.addWidget(Label("First start", "head"))
        self._places = QVBoxLayout()
        self._places.setSpacing(10)
        self._side.addLayout(self._places)
        self._side.addStretch(1)
        self._labels: list[Label] = []
        return side

    def _build_card(self, add_person: AddPerson) -> Card:
        card = Card(margin=0, spacing=0)
        self.page = Scroll(margin=28, spacing=18)
        self._progress = Label("", "small", "soft")
        self._title = Label("", "title")
        self._intro = Label("", wrap=True)
        self.form = FormView()
        self.form.setMaximumWidth(_WIDTH)
        self.form.changed.connect(lambda: self.edited.emit(self.form.values()))
        for widget in (self._progress, self._title, self._intro, self.form):
            self.page.column.addWidget(widget)
        self._build_panels(add_person)
        self._notice = Notice("", "error", self.page)
        self.page.column.addWidget(self._notice)
        self.page.column.addStretch(1)
        card.column.addWidget(self.page, 1)
        card.column.addWidget(Line())
        card.column.addLayout(self._build_foot())
        return card

    def _build_panels(self, add_person: AddPerson) -> None:
        self.welcome, self.people = WelcomePanel(), PeoplePanel(add_person)
        self.tax, self.logo = TaxClasses(), LogoPanel()
        self.code, self.key = Paper("Recovery code"), Paper("Recovery key")
        self.stock, self.summary = StockPanel(), SummaryPanel()
        self.ask_again = Button("Look for the keyring again")
        self.ask_again.clicked.connect(self.keyring_asked)
        self._panels: dict[StepId, QWidget] = {
            "welcome": self.welcome,
            "tax": self.tax,
            "code": self.code,
            "staff": self.people,
            "receipt": self.logo,
            "safety": self.ask_again,
            "key": self.key,
            "stock": self.stock,
            "summary": self.summary,
        }
        for panel in self._panels.values():
            panel.setMaximumWidth(_WIDTH)
            panel.hide()
            self.page.column.addWidget(panel)

    def _build_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(28, 12, 28, 12)
        foot.setSpacing(SIZES.gap)
        self.back_button = Button("Back", "setup.back")
        self.back_button.clicked.connect(self.go_back)
        self.next_button = Button("Next", "setup.next", "primary")
        self.next_button.setMinimumWidth(150)
        self.next_button.clicked.connect(self.go_on)
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        foot.addWidget(self.next_button)
        return foot

    def show_state(self, state: SetupState) -> None:
        """Show a page."""
        before, self._state = self._state, state
        self._show_places(state)
        self._progress.setText(f"Step {state.number} of {len(state.names)}")
        self._title.setText(state.title)
        self._intro.setText(state.intro)
        self._intro.setVisible(bool(state.intro))
        self.form.show_inputs(state.inputs, fresh=state.revision != before.revision)
        self.form.setVisible(bool(state.inputs))
        for step, panel in self._panels.items():
            panel.setVisible(step == state.step and (panel is not self.ask_again or not state.inputs))
        self._show_panel(state)
        self._notice.show_text(state.notice, state.tone)
        self._show_foot(state)
        if state.step != before.step:
            self.page.verticalScrollBar().setValue(0)
            self._focus()
        elif state != before and any(i.error for i in state.inputs):
            self.form.focus_first()

    def _show_panel(self, state: SetupState) -> None:
        shown = {
            "tax": lambda: self.tax.show_classes(state.classes, state.tax_error),
            "code": lambda: self.code.show_secret(state.secret),
            "key": lambda: self.key.show_secret(state.secret),
            "staff": lambda: self.people.show_people(state.people),
            "receipt": lambda: self.logo.show_logo(state.logo, state.logo_error),
            "stock": lambda: self.stock.show_file(state.stock),
            "summary": lambda: self.summary.show_rows(state.summary),
        }.get(state.step)
        if shown is not None:
            shown()

    def _show_foot(self, state: SetupState) -> None:
        first, last = state.step == "welcome", state.step == "summary"
        self.back_button.setVisible(not first)
        self.next_button.setVisible(not first)
        self.next_button.setText("Set up the shop" if last else "Next")
        for widget in (self.back_button, self.next_button, self.form):
            widget.setEnabled(not state.busy)

    def _show_places(self, state: SetupState) -> None:
        if [label.text() for label in self._labels] != list(state.names):
            for label in self._labels:
                label.hide()
                label.deleteLater()
            self._labels = [Label(name) for name in state.names]
            for label in self._labels:
                self._places.addWidget(label)
                label.show()
        for place, label in enumerate(self._labels, 1):
            here = place == state.number
            now = ", you are here" if here else ", done" if place < state.number else ""
            label.setAccessibleName(f"{label.text()}{now}")
            label.set_tone("ink" if place <= state.number else "soft")
            label.set_role("strong" if here else "body")

    def _focus(self) -> None:
        papers = {"code": self.code, "key": self.key}
        paper = papers.get(self._state.step)
        if paper is not None:
            paper.field.select()
        elif self._state.step == "welcome":
            self.welcome.begin.setFocus()
        elif not self._state.inputs or not self.form.focus_first():
            self.next_button.setFocus()

    def go_on(self) -> None:
        """Go to the next page; a paper must be confirmed first."""
        papers = {"code": self.code, "key": self.key}
        paper = papers.get(self._state.step)
        if paper is not None and not paper.confirmed():
            paper.field.select()
        elif self._state.step != "welcome":
            self.gone_on.emit(self.form.values())

    def go_back(self) -> None:
        """Go to the page before."""
        self.gone_back.emit(self.form.values())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Fields of one line hand Enter on to here; lists and fields of several lines keep it.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go_on()
        else:
            super().keyPressEvent(event)
