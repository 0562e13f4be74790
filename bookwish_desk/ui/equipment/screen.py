"""The device screen: the devices of the register with how each is, and the chosen one with all about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.equipment.panels import EmptyPanel, FactsPanel, HeardPanel, StatePanel, UsesPanel
from bookwish_desk.ui.equipment.picture_list import PictureList, PictureRow
from bookwish_desk.ui.equipment.sheets import rename_sheet, trouble_sheet
from bookwish_desk.ui.equipment.state import Detail, DeviceForms, DeviceRow, EquipmentState
from bookwish_desk.ui.forms import FormView
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Label, Line, Notice, Scroll, ask

_FORM_WIDTH = 760
_WAITING = "What waits for it is not printed; it can be printed again on another printer."


class EquipmentScreen(QWidget):
    """Intents are signals, small forms go to `forms`.

    `saved(Values, then)` asks to save what stands in the form and to call `then` after it.
    """

    chosen = Signal(str)
    edited = Signal()
    discarded = Signal()
    saved = Signal(object, object)
    used = Signal(str, bool)
    try_asked = Signal()
    drawer_asked = Signal()
    check_asked = Signal()
    add_asked = Signal()
    scanner_asked = Signal()
    removed = Signal()

    def __init__(self, forms: DeviceForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._state = EquipmentState()
        self.kept: tuple[object, ...] = ()
        self.setAccessibleName("Devices")
        row = QHBoxLayout(self)
        row.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        row.setSpacing(16)
        row.addWidget(self._build_side(), 5)
        row.addWidget(self._build_card(), 8)
        self.show_state(self._state)

    # ---- building ----

    def _build_side(self) -> Card:
        side = Card(margin=8)
        self.rows = PictureList("Devices", "No device is set up yet.")
        self.rows.chosen.connect(self._pick)
        self.add_button = Button("Add a device", "devices.add", icon="plus")
        self.add_button.clicked.connect(lambda _on=False: self._leave(self._ask_add))
        side.column.addWidget(self.rows, 1)
        side.column.addWidget(self.add_button)
        self.scanner_button = Button("Set up a scanner", "devices.scanner", icon="scan")
        self.scanner_button.clicked.connect(lambda _on=False: self.scanner_asked.emit())
        side.column.addWidget(self.scanner_button)
        return side

    def _build_card(self) -> Card:
        card = Card(margin=0, spacing=0)
        card.column.addLayout(self._build_head())
        self._head_line = Line()
        card.column.addWidget(self._head_line)
        self.page = Scroll(margin=20, spacing=SIZES.gap_large)
        self.state_panel, self.heard = StatePanel(), HeardPanel()
        self.tried = Notice("", "info")
        self.uses, self.facts = UsesPanel(), FactsPanel()
        self.form = FormView()
        self.form.setMaximumWidth(_FORM_WIDTH)
        self.form.changed.connect(self.edited)
        self.form.entered.connect(self.save)
        self.uses.used.connect(self.used)
        for panel in (self.state_panel, self.tried, self.heard, self.uses, self.form, self.facts):
            self.page.column.addWidget(panel)
        self.page.column.addStretch(1)
        self._none = EmptyPanel()
        card.column.addWidget(self._none)
        card.column.addWidget(self.page, 1)
        self._foot_line = Line()
        card.column.addWidget(self._foot_line)
        self._foot = self._build_foot()
        card.column.addWidget(self._foot)
        return card

    def _build_head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 12)
        head.setSpacing(SIZES.gap)
        self._name = Label("", "title", elide=True)
        self._kind = Label("", "small", "soft", elide=True)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self._name)
        names.addWidget(self._kind)
        head.addLayout(names)
        verbs = QHBoxLayout()
        verbs.setSpacing(8)
        self.try_button = Button("Print a test", "devices.test")
        self.drawer_button = Button("Open drawer", "devices.drawer")
        self.check_button = Button("Ask again", "devices.check")
        self.trouble_button = Button("Help", "devices.help")
        self.try_button.clicked.connect(lambda _on=False: self.try_asked.emit())
        self.drawer_button.clicked.connect(lambda _on=False: self.drawer_asked.emit())
        self.check_button.clicked.connect(lambda _on=False: self.check_asked.emit())
        self.trouble_button.clicked.connect(lambda _on=False: self._ask_trouble())
        self._verbs = (self.try_button, self.drawer_button, self.check_button, self.trouble_button)
        for button in self._verbs:
            verbs.addWidget(button)
        verbs.addStretch(1)
        head.addLayout(verbs)
        return head

    def _build_foot(self) -> QWidget:
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(20, 12, 20, 12)
        column.setSpacing(SIZES.gap)
        self.notice = Notice("", "ok", self)
        column.addWidget(self.notice)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.remove_button = Button("Remove", "devices.remove", "danger")
        self.rename_button = Button("Rename", "devices.rename")
        self.discard_button = Button("Discard", "devices.discard")
        self.save_button = Button("Save", "devices.save", "primary")
        self.discard_button.setAccessibleName("Discard changes")
        self.save_button.setAccessibleName("Save changes")
        self.remove_button.clicked.connect(lambda _on=False: self._ask_remove())
        self.rename_button.clicked.connect(lambda _on=False: self._ask_rename())
        self.discard_button.clicked.connect(lambda _on=False: self.discarded.emit())
        self.save_button.clicked.connect(lambda _on=False: self.save())
        row.addWidget(self.remove_button)
        row.addWidget(self.rename_button)
        row.addStretch(1)
        row.addWidget(self.discard_button)
        row.addWidget(self.save_button)
        column.addLayout(row)
        return foot

    # ---- showing ----

    def show_state(self, state: EquipmentState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if state.rows != before.rows:
            self.rows.show_pictures(tuple(map(_picture, state.rows)))
        self.rows.blockSignals(True)
        self.rows.choose(state.selected)
        self.rows.blockSignals(False)
        detail = state.detail
        lines = (self._head_line, self._foot_line)
        for widget in (self._name, self._kind, self.page, self._foot, *lines, *self._verbs):
            widget.setVisible(detail is not None)
        self._none.setVisible(detail is None and state.loaded)
        self.add_button.set_kind("primary" if state.loaded and not state.rows else "plain")
        if detail is not None:
            self._show_detail(detail, state, before)
        if state.selected != before.selected:
            self.page.verticalScrollBar().setValue(0)
        if detail is not None and before.detail is None and self.add_button.hasFocus():
            self.rows.setFocus()

    def _show_detail(self, detail: Detail, state: EquipmentState, before: EquipmentState) -> None:
        self._name.setText(detail.device.name)
        row = next((r for r in state.rows if r.id == detail.device.id), None)
        self._kind.setText(f"{detail.kind} · {row.where}" if row else detail.kind)
        self.try_button.setText(detail.verb)
        self.try_button.setVisible(bool(detail.verb))
        self.drawer_button.setVisible(detail.drawer)
        self.state_panel.show_detail(detail)
        if state.dirty and detail.verb:
            self.tried.show_text("Save or discard the changes, then test.", "info")
        else:
            self.tried.show_text(state.tried, state.tried_tone)
        for button in (self.try_button, self.drawer_button):
            button.setEnabled(not state.dirty)
        self.heard.setVisible(detail.device.role == "scanner" or bool(state.heard))
        self.heard.show_heard(state.heard)
        self.uses.show_uses(detail.uses)
        self.facts.show_facts(detail.facts)
        self.form.show_inputs(detail.settings, fresh=state.revision != before.revision)
        self.form.setVisible(bool(detail.settings))
        self.notice.show_text(state.notice, state.tone)
        for button in (self.discard_button, self.save_button):
            button.setVisible(bool(detail.settings))
            button.setEnabled(state.dirty)
        if state.tone == "error" and any(i.error for i in detail.settings) and state.notice != before.notice:
            self.form.focus_first()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        (self.rows if self._state.rows else self.add_button).setFocus()

    # ---- intents ----

    def save(self) -> None:
        """Save the form."""
        self._save(lambda: None)

    def _save(self, then: Callable[[], object]) -> None:
        if self._state.dirty:
            self.saved.emit(self.form.values(), then)

    def _pick(self, device_id: str) -> None:
        if device_id and device_id != self._state.selected:
            self._leave(lambda: self.chosen.emit(device_id))

    def _leave(self, then: Callable[[], object]) -> None:
        """Go on to something else; what was changed and not saved is asked about first."""
        if not self._state.dirty:
            then()
            return
        name = self._state.detail.device.name if self._state.detail else ""
        ask(
            self,
            f"Save what you changed in {name}?",
            "It was not saved yet.",
            [
                ("", "Keep editing", "plain"),
                ("discard", "Discard changes", "danger"),
                ("save", "Save changes", "primary"),
            ],
            then=lambda answer: self._answered(answer, then),
        )

    def _answered(self, answer: str, then: Callable[[], object]) -> None:
        if answer == "discard":
            self.discarded.emit()
            then()
        elif answer == "save":
            self._save(then)
        self.rows.blockSignals(True)
        self.rows.choose(self._state.selected)
        self.rows.blockSignals(False)

    def _ask_add(self) -> None:
        # Only after the question before is gone: it gives the window its focus back.
        QTimer.singleShot(0, self, self.add_asked.emit)

    def _ask_rename(self) -> None:
        if self._state.detail is not None:
            rename_sheet(self, self._forms, self._state.detail.device.name).open()

    def _ask_trouble(self) -> None:
        if self._state.detail is not None:
            trouble_sheet(self, self._state.detail.device.name, self._state.detail.symptoms).open()

    def _ask_remove(self) -> None:
        detail = self._state.detail
        if detail is None:
            return
        ask(
            self,
            f"Remove {detail.device.name}?",
            _WAITING if detail.uses else "",
            [("", "Keep it", "plain"), ("remove", "Remove device", "danger")],
            then=lambda answer: self.removed.emit() if answer else None,
        )


def _picture(row: DeviceRow) -> PictureRow:
    return PictureRow(row.id, row.icon, row.name, row.where, row.words, row.light, row.badges)
