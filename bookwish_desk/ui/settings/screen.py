"""The Settings screen: sections at the left, one form at the right, saved or given up as a whole."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from bookwish_desk.ui.forms import FormView, TaxClasses
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.settings.carrier_panel import CarrierPanel
from bookwish_desk.ui.settings.hours_panel import HoursPanel
from bookwish_desk.ui.settings.mail_panel import MailPanel
from bookwish_desk.ui.settings.notices_panel import NoticesPanel
from bookwish_desk.ui.settings.online_panel import OnlinePanel
from bookwish_desk.ui.settings.panels import LogoPanel, SafetyPanel, TilesPanel
from bookwish_desk.ui.settings.papers_panel import SlipPanel
from bookwish_desk.ui.settings.parcels_panel import ParcelsPanel
from bookwish_desk.ui.settings.promises_panel import PromisesPanel
from bookwish_desk.ui.settings.staff_panel import RolesPanel, StaffPanel
from bookwish_desk.ui.settings.state import SECTIONS, SectionId, SettingsState, StaffForms, WordingForms
from bookwish_desk.ui.settings.statuses_panel import StatusesPanel
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Column, Label, Line, Notice, Row, RowList, Scroll, ask

_FORM_WIDTH = 760
_NOTICE_WIDTH = 336
"""Room for a short sentence in one line, beside the verbs on the smallest screen."""


class SettingsScreen(QWidget):
    """Intents are signals; the panels of the sections have their own.

    `saved(Values, section)` asks to save what stands in the form and then to open that section, if any.
    """

    section_picked = Signal(str)
    edited = Signal()
    discarded = Signal()
    saved = Signal(object, str)

    def __init__(self, forms: StaffForms, words: WordingForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = SettingsState()
        self.kept: tuple[object, ...] = ()
        self.setAccessibleName("Settings")
        row = QHBoxLayout(self)
        row.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        row.setSpacing(16)
        self.sections = RowList((Column("Section"),), "Sections", header=False, row_height=SIZES.target)
        self.sections.set_rows(tuple(Row(s.id, (s.title,)) for s in SECTIONS))
        self.sections.chosen.connect(self._pick)
        side = Card(margin=4)
        side.setFixedWidth(232)
        side.column.addWidget(self.sections)
        row.addWidget(side)
        row.addWidget(self._build_card(forms, words), 1)

    def _build_card(self, forms: StaffForms, words: WordingForms) -> Card:
        card = Card(margin=0, spacing=0)
        self.page = Scroll(margin=24, spacing=18)
        self._title = Label("", "title")
        self._intro = Label("", tone="soft", wrap=True)
        self.form = FormView()
        self.form.setMaximumWidth(_FORM_WIDTH)
        self.form.changed.connect(self.edited)
        self.form.entered.connect(self.save)
        for widget in (self._title, self._intro, self.form):
            self.page.column.addWidget(widget)
        self._build_panels(forms, words)
        self.page.column.addStretch(1)
        card.column.addWidget(self.page, 1)
        card.column.addWidget(Line())
        card.column.addLayout(self._build_foot())
        return card

    def _build_panels(self, forms: StaffForms, words: WordingForms) -> None:
        self.tax, self.logo, self.tiles = TaxClasses(), LogoPanel(), TilesPanel()
        self.staff, self.roles = StaffPanel(forms), RolesPanel()
        self.safety = SafetyPanel()
        self.hours, self.promises, self.statuses = HoursPanel(), PromisesPanel(), StatusesPanel()
        self.slip, self.mail, self.notices = SlipPanel(), MailPanel(), NoticesPanel(words)
        self.online = OnlinePanel()
        self.carriers, self.parcels = CarrierPanel(), ParcelsPanel()
        self._panels: dict[SectionId, tuple[QWidget, ...]] = {
            "tax": (self.tax,),
            "receipt": (self.logo,),
            "staff": (self.staff, self.roles),
            "selling": (self.tiles,),
            "safety": (self.safety,),
            "hours": (self.hours,),
            "promises": (self.promises,),
            "statuses": (self.statuses,),
            "papers": (self.slip,),
            "mail": (self.mail,),
            "notices": (self.notices,),
            "online": (self.online,),
            "shipping": (self.carriers, self.parcels),
        }
        for panels in self._panels.values():
            for panel in panels:
                panel.hide()
                self.page.column.addWidget(panel)
        # Notices and the carriers' account are what one comes for; what is asked beside them stands beneath.
        for first in (self.notices, self.carriers):
            self.page.column.insertWidget(self.page.column.indexOf(self.form), first)

    def _build_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 12)
        foot.setSpacing(SIZES.gap)
        self.notice = Notice("", "ok", self)
        self.notice.setMinimumWidth(_NOTICE_WIDTH)
        self._unsaved = Label("Changed, not saved yet", tone="soft")
        foot.addWidget(self._unsaved)
        foot.addWidget(self.notice, 1)
        foot.addStretch(1)
        self.discard_button = Button("Discard changes")
        self.discard_button.clicked.connect(self.discarded)
        self.save_button = Button("Save changes", "settings.save", "primary")
        self.save_button.clicked.connect(self.save)
        foot.addWidget(self.discard_button)
        foot.addWidget(self.save_button)
        return foot

    def show_state(self, state: SettingsState) -> None:
        """Show a section."""
        before, self._state = self._state, state
        self._keep_focus(before, state)
        section = next(s for s in SECTIONS if s.id == state.section)
        self.sections.blockSignals(True)
        self.sections.choose(state.section)
        self.sections.blockSignals(False)
        self._title.setText(section.title)
        self._intro.setText(section.intro)
        self.form.show_inputs(state.inputs, fresh=state.revision != before.revision)
        self.form.setVisible(bool(state.inputs))
        for name, panels in self._panels.items():
            for panel in panels:
                panel.setVisible(name == state.section)
        self._show_panels(state)
        self.notice.show_text(state.notice, state.tone)
        self._unsaved.setVisible(state.dirty and not state.notice)
        for button in (self.discard_button, self.save_button):
            button.setEnabled(state.dirty)
        if state.section != before.section:
            self.page.verticalScrollBar().setValue(0)
        if state.tone == "error" and any(i.error for i in state.inputs) and state != before:
            self.form.focus_first()

    def _keep_focus(self, before: SettingsState, state: SettingsState) -> None:
        """Go to the sections where what has the focus goes away or off: Qt would go on to the Lock button."""
        focused = self.focusWidget()
        if focused is None:
            return
        away = state.section != before.section and self.page.isAncestorOf(focused)
        off = not state.dirty and focused in (self.discard_button, self.save_button)
        if away or off:
            self.sections.setFocus()

    def _show_panels(self, state: SettingsState) -> None:
        drafts, error = state.drafts, state.draft_error
        shown = {
            "tax": lambda: self.tax.show_classes(state.classes, state.tax_error),
            "receipt": lambda: self.logo.show_logo(state.logo, state.logo_error),
            "staff": lambda: self._show_staff(state),
            "selling": lambda: self.tiles.show_tiles(state.tiles, state.found, state.most_tiles),
            "safety": lambda: self.safety.show_facts(state.facts, state.encrypted, state.printer),
            "hours": lambda: self.hours.show_days(drafts.days, state.twelve, state.follows, error),
            "promises": lambda: self.promises.show_promises(drafts.promises, error),
            "statuses": lambda: self.statuses.show_statuses(drafts.hidden, error),
            "papers": lambda: self.slip.show_slip(state.slip),
            "mail": lambda: self.mail.show_trial(state.trial, state.keyring),
            "notices": lambda: self.notices.show_notices(drafts, error),
            "online": lambda: self.online.show_setup(state.online),
            "shipping": lambda: self._show_shipping(state),
        }.get(state.section)
        if shown is not None:
            shown()

    def _show_shipping(self, state: SettingsState) -> None:
        self.carriers.show_setup(state.carriers)
        self.parcels.show_lists(state.drafts, state.locale, state.home, state.draft_error)

    def _show_staff(self, state: SettingsState) -> None:
        self.staff.show_people(state.people, state.me, state.printer)
        self.roles.show_roles(state.manager_may, state.staff_may)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sections.setFocus()

    def values(self) -> Values:
        """Return what stands in the form."""
        return self.form.values()

    @Slot()
    def save(self) -> None:
        """Save the section."""
        self._save_and_open("")

    def _save_and_open(self, section: str) -> None:
        if self._state.dirty:
            self.saved.emit(self.values(), section)

    def pick(self, section: SectionId) -> None:
        """Open a section as if a person picked it: what was changed in another one is asked about."""
        self.sections.choose(section)

    def _pick(self, section: str) -> None:
        if section == self._state.section:
            return
        if not self._state.dirty:
            self.section_picked.emit(section)
            return
        title = next(s.title for s in SECTIONS if s.id == self._state.section)
        ask(
            self,
            f"Save what you changed in {title}?",
            "It was not saved yet.",
            [
                ("", "Keep editing", "plain"),
                ("discard", "Discard changes", "danger"),
                ("save", "Save changes", "primary"),
            ],
            then=lambda answer: self._answered(answer, section),
        )

    def _answered(self, answer: str, section: str) -> None:
        if answer == "discard":
            self.section_picked.emit(section)
        elif answer == "save":
            self._save_and_open(section)
        else:
            self.sections.blockSignals(True)
            self.sections.choose(self._state.section)
            self.sections.blockSignals(False)
