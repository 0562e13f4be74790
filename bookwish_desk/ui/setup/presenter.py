"""Runs the guided first start: page by page, nothing written before the end, nothing lost going back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions.setting_rules import zone_names
from bookwish_desk.actions.setting_up import SetupPlan
from bookwish_desk.keychain import Keychain, new_key, open_keychain
from bookwish_desk.shop.countries import country
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.found import Search
from bookwish_desk.shop.recovery import new_owner_code, recovery_text
from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.setup import printing
from bookwish_desk.ui.setup.editors_presenter import editors_of
from bookwish_desk.ui.setup.state import SetupState, StepId
from bookwish_desk.ui.setup.steps import (
    blank,
    in_country,
    inputs_of,
    pages,
    plan_of,
    settled,
    summary_of,
    taken,
)
from bookwish_desk.ui.station import Work

NO_KEYRING = (
    "Encryption needs this computer's keyring, and there is none that can be trusted, or it is locked. "
    "The shop's books will not be encrypted. Unlock the keyring and ask again, or go on without."
)
WITH_KEYRING = (
    "Encrypted books and backups cannot be read by whoever takes the disk or a copy. Their key is kept in "
    "this computer's keyring ({name}), and on paper: you will write it down on the next page."
)


def find_devices() -> Search:
    """Look for what is attached to this computer. Slow: for a lane."""
    from bookwish_desk.hardware.finding.discovery import find

    return find(hid=False, serial=False)


class SetupPresenter:
    """Works before there are any books. `found` makes the shop of a plan and `look` finds printers, on lanes.

    `on_founded` gets what `found` returned and the path of the opening stock ("" for none);
    `on_demo` when somebody would rather look at the demonstration shop.
    """

    def __init__(
        self,
        lanes: Work,
        found: Callable[[SetupPlan], Any],
        opened: Callable[[], Keychain] = open_keychain,
        look: Callable[[], Search] = find_devices,
    ) -> None:
        self.lanes = lanes
        self._found = found
        self._opened = opened
        self._look = look
        self.state = SetupState()
        self.render: Callable[[SetupState], None] = lambda _state: None
        self.on_founded: Callable[[Any, str], None] = lambda _found, _stock: None
        self.on_demo: Callable[[], None] = lambda: None
        self.answers = blank(new_owner_code(), Secret(new_key().hex()))
        self._step: StepId = "welcome"
        self._zones: tuple[str, ...] = ()
        self._keyring = "Looking for this computer's keyring."

    def shown(self) -> None:
        """Show the first page; look for the keyring and for printers meanwhile."""
        self.lanes.work(zone_names, then=self._know_zones)
        self.find_keyring()
        self.find_printers()
        self._open("welcome")

    def hidden(self) -> None:
        """Nothing goes on behind other screens."""

    def _know_zones(self, zones: tuple[str, ...]) -> None:
        self._zones = zones
        if self._step == "place":
            self.show(inputs=inputs_of("place", self.answers, zones))

    def find_printers(self) -> None:
        """Look for receipt printers that are attached, for example after one was plugged in."""
        self.lanes.work(self._look, then=self._with_printers, lane="discovery")

    def _with_printers(self, search: Search) -> None:
        printers = printing.printers_among(search.found)
        if printers == self.answers.found:
            return
        self.answers = replace(self.answers, found=printers)
        if self._step == "register":
            self.show(inputs=inputs_of("register", self.answers, self._zones))

    def find_keyring(self) -> None:
        """Look for this computer's keyring, for example after it was unlocked."""
        self.lanes.work(
            lambda: self._opened().name, then=self._with_keyring, failed=self._without_keyring, lane="keyring"
        )

    def _with_keyring(self, name: str) -> None:
        self._keyring = WITH_KEYRING.format(name=name)
        self.answers = replace(self.answers, keyring=True)
        self._refresh_safety()

    def _without_keyring(self, _error: ShopError) -> None:
        self._keyring = NO_KEYRING
        self.answers = replace(self.answers, keyring=False)
        self._refresh_safety()

    def _refresh_safety(self) -> None:
        if self._step == "safety":
            self._open("safety")

    def show(self, **changes: object) -> None:
        """Show the state with these changes."""
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- from page to page ----

    def _open(self, step: StepId) -> None:
        self._step = step
        if step == "register":
            self.find_printers()
        all_pages = pages(self.answers)
        place = next(i for i, p in enumerate(all_pages) if p.id == step)
        page = all_pages[place]
        note, tone = self._note(step)
        self.show(
            step=step,
            number=place + 1,
            names=tuple(p.name for p in all_pages),
            title=page.title,
            intro=self._keyring if step == "safety" else page.intro,
            inputs=inputs_of(step, self.answers, self._zones),
            revision=self.state.revision + 1,
            notice=note,
            tone=tone,
            secret=self._secret(step),
            summary=summary_of(self.answers) if step == "summary" else (),
            **editors_of(self.answers),
        )

    def _note(self, step: StepId) -> tuple[str, str]:
        return (country(self.answers.country).note if step == "tax" else ""), "info"

    def _secret(self, step: StepId) -> Secret:
        if step == "code":
            return self.answers.owner_code
        if step == "key":
            return Secret(recovery_text(bytes.fromhex(self.answers.database_key.reveal())))
        return Secret("")

    def next(self, values: Values) -> None:
        """Go on, if what was typed will do; else say beside each field what is wrong."""
        if self.state.busy:
            return
        self.answers, faults = settled(self._step, taken(self._step, self.answers, values))
        if faults:
            self._show_faults(faults)
        elif self._step == "summary":
            self._finish()
        else:
            self._turn(1)

    def back(self, values: Values) -> None:
        """Go back; what was typed here stays."""
        if not self.state.busy and self._step != "welcome":
            self.answers = taken(self._step, self.answers, values)
            self._turn(-1)

    def _turn(self, by: int) -> None:
        ids = [p.id for p in pages(self.answers)]
        self._open(ids[ids.index(self._step) + by])

    def _show_faults(self, faults: dict[str, str]) -> None:
        inputs = inputs_of(self._step, self.answers, self._zones)
        inputs = tuple(replace(i, error=faults.get(i.key, "")) for i in inputs)
        beside = {i.key for i in inputs} | {"tax", "logo"}
        elsewhere = next((sentence for key, sentence in faults.items() if key not in beside), "")
        self.show(
            inputs=inputs,
            tax_error=faults.get("tax", ""),
            logo_error=faults.get("logo", ""),
            notice=elsewhere,
            tone="error",
        )

    def look_at_demo(self) -> None:
        """Look at the demonstration shop instead."""
        self.on_demo()

    def edited(self, values: Values) -> None:
        """Follow another country with its zone, money and tax; remember what is typed of the register."""
        if self._step == "register":
            self.answers = taken("register", self.answers, values)
        if self._step == "place" and values.text("country") != self.answers.country:
            self.answers = in_country(taken("place", self.answers, values), country(values.text("country")))
            self._open("place")

    # ---- the end ----

    def _finish(self) -> None:
        plan = plan_of(self.answers)
        self.show(busy=True, notice="Setting up the shop. This takes a few seconds.", tone="info")
        self.lanes.work(
            lambda: self._found(plan),
            then=lambda found: self._done(found, plan.stock_csv),
            failed=lambda error: self.show(busy=False, notice=error.message, tone="error"),
        )

    def _done(self, found: Any, stock_csv: str) -> None:
        self.show(busy=False, notice="")
        self.answers = blank(new_owner_code(), Secret(new_key().hex()))
        self.on_founded(found, stock_csv)
