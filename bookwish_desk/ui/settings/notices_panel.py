"""The notices that there are: which go out by themselves, in which words, and where parcels are followed."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.notice_kinds import BY_THEMSELVES, KINDS, Kind, Wording
from bookwish_desk.shop.web import tracking_address
from bookwish_desk.ui.settings.editor import ListEditor
from bookwish_desk.ui.settings.order_names import goes, said_of
from bookwish_desk.ui.settings.state import OrderDrafts, WordingForms
from bookwish_desk.ui.settings.wording_sheet import WordingSheet
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Column, Field, Label, Row, Sheet, Toggle


class NoticesPanel(QWidget):
    """Notices and carriers. `changed(OrderDrafts)` when a person changed something."""

    changed = Signal(object)

    def __init__(self, forms: WordingForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._drafts = OrderDrafts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_large)
        columns = (Column("Notice"), Column("Words", 110), Column("By itself", 90))
        self.kinds = ListEditor("Notices", columns, "", 5, parent=self)
        self.by_itself = Toggle("This one goes out by itself")
        self.by_itself.clicked.connect(self._switch)
        self._said = Label("", "small", "soft", wrap=True)
        self._said.setMinimumHeight(2 * SIZES.gap_large)
        self.kinds.column.insertWidget(2, self.by_itself)
        self.kinds.column.insertWidget(3, self._said)
        self.kinds.add_verb("Change the words", self.change, opens=True)
        self.usual_button = self.kinds.add_verb("Use the usual words", self.reset)
        self.kinds.rows.chosen.connect(lambda _key: self._follow())
        column.addWidget(self.kinds)
        links = (Column("Carrier", 160), Column("Where its parcels are followed"))
        self.carriers = ListEditor("Tracking links", links, "No carrier has a link yet.", 2, parent=self)
        self.carriers.add_verb("Add a carrier", self.add_carrier, icon="plus", of_a_row=False)
        self.carriers.add_verb("Change carrier", self.change_carrier, opens=True)
        self.carriers.add_verb("Remove carrier", self.remove_carrier, danger=True)
        column.addWidget(self.carriers)

    def show_notices(self, drafts: OrderDrafts, error: str = "") -> None:
        """Show which notices go out, and the carriers."""
        self._drafts = drafts
        own = {w.kind for w in drafts.wordings}
        rows = tuple(
            Row(kind, (KINDS[kind].name, "Your own" if kind in own else "Usual", goes(kind, drafts.notices)))
            for kind in KINDS
        )
        self.kinds.show_rows(rows, error)
        self.carriers.show_rows(tuple(Row(name, (name, link)) for name, link in drafts.carriers))
        self._follow()

    def kind(self) -> Kind:
        """Return the chosen notice; the first where none is."""
        chosen = self.kinds.chosen()
        return next((kind for kind in KINDS if kind == chosen), "received")

    def wording(self, kind: Kind) -> Wording:
        """Return the words of a notice as they stand."""
        return next((w for w in self._drafts.wordings if w.kind == kind), KINDS[kind].wording)

    def change(self) -> None:
        """Ask for other words for the chosen notice."""
        kind = self.kind()
        WordingSheet(self, KINDS[kind].name, self.wording(kind), self._forms, self._keep).open()

    def reset(self) -> None:
        """Take the usual words for the chosen notice."""
        self._keep(KINDS[self.kind()].wording)

    def _keep(self, made: Wording) -> None:
        others = tuple(w for w in self._drafts.wordings if w.kind != made.kind)
        own = () if made == KINDS[made.kind].wording else (made,)
        self.changed.emit(replace(self._drafts, wordings=(*others, *own)))

    def _switch(self, on: bool) -> None:
        kind = self.kind()
        others = tuple(k for k in self._drafts.notices if k != kind)
        self.changed.emit(replace(self._drafts, notices=(*others, kind) if on else others))

    def _follow(self) -> None:
        kind = self.kind()
        self.by_itself.setChecked(kind in self._drafts.notices)
        self.by_itself.setEnabled(kind in BY_THEMSELVES)
        self._said.setText(said_of(kind))
        self.usual_button.setEnabled(any(w.kind == kind for w in self._drafts.wordings))

    # ---- carriers ----

    def add_carrier(self) -> None:
        """Ask for a carrier and its link."""
        self._ask("Add a carrier", ("", ""))

    def change_carrier(self) -> None:
        """Ask for another name or link of the chosen carrier."""
        chosen = self.carriers.chosen()
        self._ask("Change a carrier", next(c for c in self._drafts.carriers if c[0] == chosen))

    def remove_carrier(self) -> None:
        """Take the chosen carrier away."""
        left = tuple(c for c in self._drafts.carriers if c[0] != self.carriers.chosen())
        self.changed.emit(replace(self._drafts, carriers=left))

    def _ask(self, title: str, old: tuple[str, str]) -> None:
        others = tuple(c for c in self._drafts.carriers if c != old)

        def keep(carrier: tuple[str, str]) -> None:
            kept = tuple(carrier if c == old else c for c in self._drafts.carriers)
            self.changed.emit(replace(self._drafts, carriers=kept if old[0] else (*others, carrier)))
            self.carriers.rows.choose(carrier[0])

        carrier_sheet(self, title, old, {name.casefold() for name, _ in others}, keep).open()


def carrier_sheet(
    parent: QWidget,
    title: str,
    now: tuple[str, str],
    taken: set[str],
    keep: Callable[[tuple[str, str]], None],
) -> Sheet:
    """Ask for the name of a carrier and where its parcels are followed."""
    sheet = Sheet(parent, title, width=620)
    name = Field("Carrier", now[0], hint="As it is called when a parcel is shipped", limit=40)
    hint = "Put # where the number of the parcel belongs, as in https://example.com/track?number=#"
    link = Field("Link", now[1], hint=hint, limit=300)
    sheet.body.addWidget(name)
    sheet.body.addWidget(link)

    def submit() -> None:
        carrier = name.text().strip()
        if not carrier or carrier.casefold() in taken:
            name.set_error("That carrier is in the list." if carrier else "Type the name of the carrier.")
            name.select()
            return
        try:
            typed = tracking_address(link.text())
        except ShopError as error:
            link.set_error(error.message)
            link.select()
            return
        sheet.accept()
        keep((carrier, typed))

    for field in (name, link):
        field.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Keep carrier", "primary", submit)
    sheet.focus_on(name.edit)
    return sheet
