"""The staff list with its verbs, and what managers and staff may do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.shop.staff import PERMISSIONS, Person, Role
from bookwish_desk.ui.settings import sheets
from bookwish_desk.ui.settings.state import StaffForms
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Column, Label, Line, Row, RowList, Toggle, ask

ROLE_WORDS: dict[Role, str] = {"owner": "Owner", "manager": "Manager", "staff": "Staff"}


class StaffPanel(QWidget):
    """Everybody who works or worked here. Signals name the person; forms go to `forms`."""

    badge_asked = Signal(str)
    badge_removed = Signal(str)
    left = Signal(str)
    came_back = Signal(str)

    def __init__(self, forms: StaffForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._people: tuple[Person, ...] = ()
        self._me = ""
        self._printer = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        columns = (Column("Name"), Column("Role", 130), Column("Badge", 120))
        self.rows = RowList(columns, "Staff", "Nobody works here yet.", row_height=SIZES.row_single)
        self.rows.setMinimumHeight(5 * SIZES.row_single + 40)
        self.rows.chosen.connect(lambda _key: self._follow())
        self.rows.opened.connect(lambda _key: self._change())
        column.addWidget(self.rows)
        self._build_verbs(column)

    def _build_verbs(self, column: QVBoxLayout) -> None:
        self.add_button = Button("Add a person", icon="plus")
        self.change_button = Button("Change name or role")
        self.pin_button = Button("Set a new PIN")
        self.own_pin_button = Button("Change my PIN")
        self.badge_button = Button("Print a new badge", icon="printer")
        self.no_badge_button = Button("Badge is lost")
        self.leave_button = Button("Take off the staff", kind="danger")
        rows = (
            (self.add_button, self.change_button, self.pin_button, self.own_pin_button),
            (self.badge_button, self.no_badge_button, self.leave_button),
        )
        for buttons in rows:
            row = QHBoxLayout()
            row.setSpacing(SIZES.gap)
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        self.add_button.clicked.connect(lambda: sheets.new_person_sheet(self, self._forms.add_person).open())
        self.own_pin_button.clicked.connect(lambda: sheets.own_pin_sheet(self, self._forms).open())
        self.change_button.clicked.connect(self._change)
        self.pin_button.clicked.connect(self._pin)
        self.badge_button.clicked.connect(lambda: self._emit(self.badge_asked))
        self.no_badge_button.clicked.connect(lambda: self._emit(self.badge_removed))
        self.leave_button.clicked.connect(self._leave)

    def show_people(self, people: tuple[Person, ...], me: str, printer: bool) -> None:
        """Show the staff; who left stands softened at the end."""
        self._people = (*(p for p in people if p.active), *(p for p in people if not p.active))
        self._me, self._printer = me, printer
        self.rows.set_rows(
            tuple(
                Row(
                    p.id,
                    (p.name, ROLE_WORDS[p.role], "Has a badge" if p.has_badge else ""),
                    badge="" if p.active else "Left",
                    muted=not p.active,
                )
                for p in self._people
            )
        )
        if people and self.rows.current() is None:
            self.rows.choose(self._people[0].id)
        self._follow()

    def _chosen(self) -> Person | None:
        row = self.rows.current()
        return next((p for p in self._people if row is not None and p.id == row.key), None)

    def _follow(self) -> None:
        person = self._chosen()
        here = person is not None and person.active
        self.change_button.setEnabled(here)
        self.pin_button.setEnabled(here)
        self.badge_button.setEnabled(here and self._printer)
        self.no_badge_button.setEnabled(person is not None and person.has_badge)
        self.leave_button.setText("Take off the staff" if person is None or here else "Take back on")
        self.leave_button.set_kind("danger" if person is None or here else "plain")
        self.leave_button.setEnabled(person is not None and person.id != self._me)

    def _emit(self, signal) -> None:
        if (person := self._chosen()) is not None:
            signal.emit(person.id)

    def _change(self) -> None:
        person = self._chosen()
        if person is not None and person.active:
            sheets.change_person_sheet(self, self._forms, person).open()

    def _pin(self) -> None:
        if (person := self._chosen()) is not None:
            sheets.pin_sheet(self, self._forms, person).open()

    def _leave(self) -> None:
        person = self._chosen()
        if person is None:
            return
        if not person.active:
            self.came_back.emit(person.id)
            return
        ask(
            self,
            f"Take {person.name} off the staff?",
            "They can no longer sign in, and their badge stops working. Sales they made keep their name.",
            [("", "Keep them", "plain"), ("leave", "Take off the staff", "danger")],
            then=lambda answer: self.left.emit(person.id) if answer else None,
        )


class RolesPanel(QWidget):
    """What each role may do, one row a permission. `toggled(role, permission, on)`."""

    toggled = Signal(str, str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SIZES.gap, 0, 0)
        column.setSpacing(SIZES.gap_small)
        column.addWidget(Label("What each role may do", "strong"))
        words = "Owners may do everything. Whoever may not do something needs the PIN of somebody who may."
        column.addWidget(Label(words, "small", "soft", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(SIZES.gap_large)
        grid.setVerticalSpacing(0)
        for place, title in enumerate(("Manager", "Staff"), 1):
            grid.addWidget(Label(title, "strong"), 0, place)
        grid.addWidget(Line(), 1, 0, 1, 3)
        self._toggles: dict[tuple[str, str], Toggle] = {}
        for row, (permission, verb) in enumerate(PERMISSIONS.items(), 2):
            grid.addWidget(Label(verb), row, 0)
            for place, role in enumerate(("manager", "staff"), 1):
                toggle = Toggle("")
                toggle.setAccessibleName(f"{verb}: {role}")
                toggle.clicked.connect(lambda on, r=role, p=permission: self.toggled.emit(r, p, on))
                grid.addWidget(toggle, row, place)
                self._toggles[role, permission] = toggle
        grid.setColumnStretch(0, 1)
        for place in (1, 2):
            grid.setColumnMinimumWidth(place, 110)
        column.addLayout(grid)

    def show_roles(self, manager_may: frozenset[str], staff_may: frozenset[str]) -> None:
        """Show what managers and staff may do."""
        for (role, permission), toggle in self._toggles.items():
            toggle.setChecked(permission in (manager_may if role == "manager" else staff_may))

    def toggle(self, role: str, permission: str) -> Toggle:
        """Return the box of one permission of one role."""
        return self._toggles[role, permission]
