"""The sheet that adds a device: choose what is there, say what it is, and it is tried at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.equipment.picture_list import PictureList, PictureRow
from bookwish_desk.ui.equipment.state import AddingForms, AddingState, Candidate
from bookwish_desk.ui.forms import FormView
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Field, Label, Scroll, Sheet

_WIDTH = 760
_LEAST_HEIGHT = 160
_LIST_ROWS = 5


class _FormRoom(Scroll):
    """Room for a form: as high as it needs, and scrolling where the window is too low for that."""

    def sizeHint(self) -> QSize:
        form = self.widget()
        return super().sizeHint() if form is None else form.sizeHint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        done = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return done


class AddSheet(Sheet):
    """Two pages: what is there, and what the chosen one is. It looks for devices while it is open."""

    def __init__(self, parent: QWidget, forms: AddingForms) -> None:
        super().__init__(parent, "Add a device", width=_WIDTH)
        self._forms = forms
        self._state = AddingState()
        self._first_key, self._pressed = "", False
        self._finding, self._describing = self._build_finding(), self._build_describing()
        # Not a stack, which is as high as its highest page.
        self.body.addWidget(self._finding, 1)
        self.body.addWidget(self._describing, 1)
        self.cancel_button = self.add_button("Cancel")
        self.back_button = self.add_button("Back", then=forms.back)
        self.choose_button = self.add_button("Set it up", "primary", self._choose)
        self.plain_button = self.add_button("Add without a test", then=lambda: self._submit(test=False))
        self.add_it_button = self.add_button("Add and test", "primary", lambda: self._submit(test=True))
        self.focus_on(self.rows)
        self.finished.connect(lambda _result: forms.end())
        self._show_page()

    # ---- building ----

    def _build_finding(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        column.addWidget(
            Label(
                "Plug it in and switch it on: it appears here by itself. Scanners that type need no set-up.",
                tone="soft",
                wrap=True,
            )
        )
        self.rows = PictureList("What is there", "Nothing was found.", wanted_rows=_LIST_ROWS)
        self.rows.setMinimumHeight(_LEAST_HEIGHT)
        self.rows.chosen.connect(lambda _key: self._follow())
        self.rows.opened.connect(lambda _key: self._choose())
        self.rows.pressed.connect(lambda _index: self._press())
        column.addWidget(self.rows, 1)
        self.said = Label("", "small", "soft", wrap=True)
        column.addWidget(self.said)
        self.address = Field(
            "Address of a network printer",
            hint="It stands on the page that the printer prints of itself, such as 192.168.1.50",
            limit=260,
        )
        self.address.entered.connect(self._ask_address)
        column.addWidget(self.address)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.ask_button = Button("Look at this address")
        self.ask_button.clicked.connect(lambda _on=False: self._ask_address())
        self.silent_button = Button("Add it all the same")
        self.silent_button.clicked.connect(lambda _on=False: self._forms.take_silent())
        row.addWidget(self.ask_button)
        row.addWidget(self.silent_button)
        row.addStretch(1)
        column.addLayout(row)
        return page

    def _build_describing(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self.about = Label("", tone="soft", wrap=True)
        column.addWidget(self.about)
        scroll = _FormRoom(spacing=SIZES.gap)
        self.form = FormView()
        self.form.changed.connect(self._described)
        self.form.entered.connect(lambda: self._submit(test=True))
        scroll.column.addWidget(self.form)
        scroll.column.addStretch(1)
        scroll.setMinimumHeight(_LEAST_HEIGHT)
        column.addWidget(scroll, 1)
        return page

    # ---- showing ----

    def show_state(self, state: AddingState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if state.added:
            self.accept()
            return
        if state.candidates != before.candidates:
            self._show_candidates(state.candidates)
        self.said.setText(state.said)
        self.address.set_error(state.address_error)
        self.ask_button.setText("Looking" if state.asking else "Look at this address")
        self.ask_button.setEnabled(not state.asking)
        self.silent_button.setVisible(bool(state.silent))
        self.show_notice(state.error)
        if state.chosen is not None:
            about = " · ".join(filter(None, (state.chosen.name, state.chosen.detail)))
            self.about.setText("\n".join(filter(None, (about, state.chosen.note))))
            self.form.show_inputs(state.inputs, fresh=state.revision != before.revision)
        self._follow()
        if (state.chosen is None) != (before.chosen is None):
            self._show_page()
        elif any(i.error for i in state.inputs) and state.inputs != before.inputs:
            self.form.focus_first()

    def _show_candidates(self, candidates: tuple[Candidate, ...]) -> None:
        """Show what is there; until a person chooses, the first that can be used is chosen."""
        now = self.rows.current()
        mine = not self._pressed and (now is None or now.key == self._first_key)
        self.rows.show_pictures(tuple(map(_picture, candidates)))
        if mine:
            self._first_key = next((c.key for c in candidates if not c.why_not), "")
            self.rows.choose(self._first_key)

    def _show_page(self) -> None:
        describing = self._state.chosen is not None
        self._finding.setVisible(not describing)
        self._describing.setVisible(describing)
        for button in (self.back_button, self.plain_button, self.add_it_button):
            button.setVisible(describing)
        self.choose_button.setVisible(not describing)
        if describing:
            self.form.focus_first()
        elif self.isVisible():
            self.rows.setFocus()

    def _current(self) -> Candidate | None:
        row = self.rows.current()
        return next((c for c in self._state.candidates if row is not None and c.key == row.key), None)

    def _press(self) -> None:
        self._pressed = True

    def _follow(self) -> None:
        candidate = self._current()
        self.choose_button.setEnabled(candidate is not None and not candidate.why_not)
        self.choose_button.setAccessibleDescription(candidate.why_not if candidate else "")

    # ---- intents ----

    def _choose(self) -> None:
        if (row := self.rows.current()) is not None:
            self._forms.choose(row.key)

    def _ask_address(self) -> None:
        self._forms.ask_address(self.address.text())

    def _described(self) -> None:
        self._forms.described(self.form.values())

    def _submit(self, *, test: bool) -> None:
        self._forms.submit(self.form.values(), test=test)


def add_sheet(parent: QWidget, forms: AddingForms) -> AddSheet:
    """Open the sheet, and look for devices while it is open."""
    sheet = AddSheet(parent, forms)
    forms.begin(sheet.show_state)
    sheet.open()
    return sheet


def _picture(candidate: Candidate) -> PictureRow:
    return PictureRow(
        candidate.key,
        candidate.icon,
        candidate.found.name,
        candidate.detail,
        candidate.group,
        muted=bool(candidate.why_not),
    )
