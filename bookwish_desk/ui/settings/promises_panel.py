"""The table of promises: when it is time to act, when at the latest, and which the shop uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from bookwish_desk.shop.promises import MOST, PROMISES, Promise, Unit
from bookwish_desk.ui.settings.editor import ListEditor
from bookwish_desk.ui.settings.order_names import SINCE, UNITS, length
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Choice, Column, CountField, Field, Label, Row, Sheet, Toggle

_USUAL = {p.id: p for p in PROMISES}


class PromisesPanel(ListEditor):
    """Every promise. `changed` when a person changed one; `promises()` gives them out."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._promises: tuple[Promise, ...] = ()
        columns = (Column("Promise"), Column("Act after", 116), Column("Latest", 120), Column("Used", 50))
        super().__init__("Until when", columns, "", len(PROMISES), SIZES.row, parent)
        self.add_verb("Change promise", self.change, opens=True)
        self.switch_button = self.add_verb("Switch off", self.switch)
        self.usual_button = self.add_verb("Use the usual promises", self.reset)
        self.rows.chosen.connect(lambda _key: self._follow())

    def promises(self) -> tuple[Promise, ...]:
        """Return the promises as they stand."""
        return self._promises

    def show_promises(self, promises: tuple[Promise, ...], error: str = "") -> None:
        """Show these promises, and what is wrong with them."""
        self._promises = promises
        self.show_rows(tuple(_row(p) for p in promises), error)
        self.usual_button.setEnabled(promises != PROMISES)
        self._follow()

    def change(self) -> None:
        """Ask for other times of the chosen promise."""
        old = self._chosen()
        if old is not None:
            promise_sheet(self, old, self._keep).open()

    def switch(self) -> None:
        """Use the chosen promise, or no longer."""
        old = self._chosen()
        if old is not None:
            self._keep(replace(old, active=not old.active))

    def reset(self) -> None:
        """Take the promises that everybody begins with."""
        self._promises = PROMISES
        self.changed.emit()

    def _keep(self, made: Promise) -> None:
        self._promises = tuple(made if p.id == made.id else p for p in self._promises)
        self.changed.emit()

    def _chosen(self) -> Promise | None:
        return next((p for p in self._promises if p.id == self.chosen()), None)

    def _follow(self) -> None:
        now = self._chosen()
        self.switch_button.setText("Switch on" if now is not None and not now.active else "Switch off")


def _row(p: Promise) -> Row:
    cells = (p.sentence, length(p, p.soon), length(p, p.most), "Yes" if p.active else "No")
    return Row(p.id, cells, second=SINCE[p.event], muted=not p.active)


def promise_sheet(parent: QWidget, now: Promise, keep: Callable[[Promise], None]) -> Sheet:
    """Ask for the words, the times and the unit of a promise."""
    sheet = Sheet(parent, "Change a promise", width=560)
    sentence = Field("What is to be done", now.sentence, limit=80)
    unit = Choice("Counted in", [(key, many.capitalize()) for key, (_, many) in UNITS.items()])
    unit.choose(now.unit)
    most_of_all = max(MOST.values())
    soon = CountField("Time to act after", now.soon, least=0, most=most_of_all)
    most = CountField("At the latest after", now.most, least=1, most=most_of_all)
    used = Toggle("The shop uses this promise", now.active)
    sheet.body.addWidget(Label(SINCE[now.event], "small", "soft"))
    sheet.body.addWidget(sentence)
    sheet.body.addWidget(unit)
    pair = QHBoxLayout()
    pair.setSpacing(SIZES.gap)
    pair.addWidget(soon)
    pair.addWidget(most)
    sheet.body.addLayout(pair)
    sheet.body.addWidget(used)

    def submit() -> None:
        chosen = cast(Unit, unit.chosen())
        latest, first = most.value(), soon.value()
        if latest is None or latest > MOST[chosen]:
            most.set_error(f"Type a number from 1 to {MOST[chosen]}.")
            most.select()
        elif first is None or first > latest:
            soon.set_error("It is time to act before the latest, or with it.")
            soon.select()
        else:
            words = sentence.text().strip() or _USUAL[now.id].sentence
            sheet.accept()
            keep(replace(now, sentence=words, unit=chosen, soon=first, most=latest, active=used.isChecked()))

    for field in (sentence, soon, most):
        field.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Keep promise", "primary", submit)
    sheet.focus_on(most.edit)
    return sheet
