"""What parcels are sent in and as: the shop's packages, its presets, and the rules for new orders."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bookwish_desk.shop.shipping import Package, Preset, PresetRule
from bookwish_desk.shop.shipping_rules import never_reached
from bookwish_desk.ui.settings.editor import ListEditor
from bookwish_desk.ui.settings.parcel_names import package_row, preset_row, rule_row
from bookwish_desk.ui.settings.parcel_sheets import package_sheet, preset_sheet, rule_sheet
from bookwish_desk.ui.settings.state import OrderDrafts
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Column, Label, Notice

T = TypeVar("T")

_RULES_HINT = "The first rule that fits counts. Media Mail is given only where every copy qualifies."


class ParcelsPanel(QWidget):
    """Packages, presets and rules. `changed(OrderDrafts)` when a person changed something."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drafts = OrderDrafts()
        self._locale, self._home = "en_US", "US"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_large)
        self._notice = Notice("", "error", self)
        column.addWidget(self._notice)
        columns = (Column("Package"), Column("Size", 210), Column("Weighs empty", 130))
        self.packages = ListEditor("Packages", columns, "No package yet.", 4, parent=self)
        self._verbs(self.packages, "package", (self.add_package, self.change_package, self.remove_package))
        columns = (Column("Preset", 170), Column("Sent by"), Column("Package", 160))
        self.presets = ListEditor("Presets", columns, "No preset yet.", 3, parent=self)
        self._verbs(self.presets, "preset", (self.add_preset, self.change_preset, self.remove_preset))
        columns = (Column("", 26), Column("Parcels of new orders"), Column("Get the preset", 170))
        self.rules = ListEditor("Rules", columns, "No rule: presets are chosen each time.", 3, parent=self)
        self.rules.column.insertWidget(1, Label(_RULES_HINT, "small", "soft", wrap=True))
        self._verbs(self.rules, "rule", (self.add_rule, self.change_rule, self.remove_rule))
        self.rules.begin_verbs()
        self.rules.add_verb("Move up", lambda: self._move(-1), icon="up", key="settings.rule_up")
        self.rules.add_verb("Move down", lambda: self._move(1), icon="down", key="settings.rule_down")
        for editor in (self.packages, self.presets, self.rules):
            column.addWidget(editor)

    def _verbs(self, editor: ListEditor, what: str, acts) -> None:
        add, change, remove = acts
        editor.add_verb(f"Add {what}", add, icon="plus", key=f"settings.{what}_add", of_a_row=False)
        editor.add_verb("Change", change, key=f"settings.{what}_change", opens=True)
        editor.add_verb("Remove", remove, key=f"settings.{what}_remove", danger=True)

    def drafts(self) -> OrderDrafts:
        """Return what stands in the lists."""
        return self._drafts

    def show_lists(self, drafts: OrderDrafts, locale: str, home: str, error: str = "") -> None:
        """Show packages, presets and rules, and what is wrong with them."""
        self._drafts, self._locale, self._home = drafts, locale, home
        self._notice.show_text(error, "error")
        self.packages.show_rows(tuple(package_row(p, locale) for p in drafts.packages))
        self.presets.show_rows(tuple(preset_row(p, drafts.packages) for p in drafts.presets))
        lost = never_reached(drafts.rules, home)
        rows = (rule_row(n, r, drafts.presets, locale, lost=n in lost) for n, r in enumerate(drafts.rules))
        self.rules.show_rows(tuple(rows))

    def _keep(self, **lists: object) -> None:
        self.changed.emit(replace(self._drafts, **lists))

    # ---- packages ----

    def add_package(self) -> None:
        """Ask for another package."""
        others = self._drafts.packages

        def keep(made: Package) -> None:
            self._keep(packages=(*others, made))
            self.packages.rows.choose(made.id)

        package_sheet(self, "Add a package", Package("", ""), others, self._locale, keep).open()

    def change_package(self) -> None:
        """Ask for another name, size or weight of the chosen package."""
        old = _chosen(self.packages, self._drafts.packages)
        if old is None:
            return
        others = tuple(p for p in self._drafts.packages if p.id != old.id)

        def keep(made: Package) -> None:
            self._keep(packages=tuple(made if p.id == old.id else p for p in self._drafts.packages))

        package_sheet(self, "Change a package", old, others, self._locale, keep).open()

    def remove_package(self) -> None:
        """Take the chosen package away; presets that name it ask each time then."""
        gone = self.packages.chosen()
        left = tuple(p for p in self._drafts.packages if p.id != gone)
        if gone and self._may(bool(left), self.packages, "Keep at least one package."):
            presets = tuple(replace(p, package="") if p.package == gone else p for p in self._drafts.presets)
            self._keep(packages=left, presets=presets)

    # ---- presets ----

    def add_preset(self) -> None:
        """Ask for another preset."""
        others = self._drafts.presets

        def keep(made: Preset) -> None:
            self._keep(presets=(*others, made))
            self.presets.rows.choose(made.id)

        first = Preset("", "", self._drafts.packages[0].id if self._drafts.packages else "")
        preset_sheet(self, "Add a preset", first, others, self._drafts.packages, keep).open()

    def change_preset(self) -> None:
        """Ask for what the chosen preset means."""
        old = _chosen(self.presets, self._drafts.presets)
        if old is None:
            return
        others = tuple(p for p in self._drafts.presets if p.id != old.id)

        def keep(made: Preset) -> None:
            self._keep(presets=tuple(made if p.id == old.id else p for p in self._drafts.presets))

        preset_sheet(self, "Change a preset", old, others, self._drafts.packages, keep).open()

    def remove_preset(self) -> None:
        """Take the chosen preset away, and the rules that give it."""
        gone = self.presets.chosen()
        left = tuple(p for p in self._drafts.presets if p.id != gone)
        if gone and self._may(bool(left), self.presets, "Keep at least one preset."):
            self._keep(presets=left, rules=tuple(r for r in self._drafts.rules if r.preset != gone))

    # ---- rules ----

    def add_rule(self) -> None:
        """Ask for another rule; it comes last."""
        rules = self._drafts.rules

        def keep(made: PresetRule) -> None:
            self._keep(rules=(*rules, made))
            self.rules.rows.choose(str(len(rules)))

        first = PresetRule(self._drafts.presets[0].id if self._drafts.presets else "")
        rule_sheet(self, "Add a rule", first, self._drafts.presets, self._locale, keep).open()

    def change_rule(self) -> None:
        """Ask for another condition or preset of the chosen rule."""
        place = self._place()
        if place is None:
            return
        old = self._drafts.rules[place]

        def keep(made: PresetRule) -> None:
            rules = self._drafts.rules
            self._keep(rules=(*rules[:place], made, *rules[place + 1 :]))

        rule_sheet(self, "Change a rule", old, self._drafts.presets, self._locale, keep).open()

    def remove_rule(self) -> None:
        """Take the chosen rule away."""
        place = self._place()
        if place is not None:
            rules = self._drafts.rules
            self._keep(rules=(*rules[:place], *rules[place + 1 :]))

    def _move(self, by: int) -> None:
        place = self._place()
        if place is not None and 0 <= place + by < len(self._drafts.rules):
            rules = list(self._drafts.rules)
            rules[place], rules[place + by] = rules[place + by], rules[place]
            self._keep(rules=tuple(rules))
            self.rules.rows.choose(str(place + by))

    def _place(self) -> int | None:
        key = self.rules.chosen()
        place = int(key) if key.isdigit() else -1
        return place if 0 <= place < len(self._drafts.rules) else None

    def _may(self, allowed: bool, editor: ListEditor, sentence: str) -> bool:
        editor.say("" if allowed else sentence)
        return allowed


def _chosen(editor: ListEditor, values: tuple[T, ...]) -> T | None:
    return next((v for v in values if v.id == editor.chosen()), None)  # type: ignore[attr-defined]
