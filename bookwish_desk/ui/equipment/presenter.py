"""Runs the device screen: how each device is, setting it up, trying it, and removing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import equipping
from bookwish_desk.db.store import Store
from bookwish_desk.shop.barcode import Scan, parse
from bookwish_desk.shop.device import PURPOSES, Device, Purpose
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.ui.equipment import words
from bookwish_desk.ui.equipment.setups import answered
from bookwish_desk.ui.equipment.state import Detail, DeviceRow, Done, Equipment, EquipmentState, Refusal
from bookwish_desk.ui.equipment.trying import Trying
from bookwish_desk.ui.forms.inputs import Values, filled

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

MOST_HEARD = 6
_TROUBLE = ("error", "warn")


class EquipmentPresenter:
    """Shows the devices of the register and changes them. `render` gets each state."""

    def __init__(self, station: Station, equipment: Equipment) -> None:
        self.station = station
        self.equipment = equipment
        self.state = EquipmentState()
        self.render: Callable[[EquipmentState], None] = lambda _state: None
        self.devices: tuple[Device, ...] = ()
        self._shown = self._fresh = False
        self._trying = Trying(station, equipment, lambda said, tone: self._show(tried=said, tried_tone=tone))
        self._try_next = ""
        station.on_change(self._changed)
        equipment.on_state(self._turned)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- coming and going ----

    def shown(self) -> None:
        """Take scans, and show the devices with what was not saved yet still in its form."""
        self._shown = self._fresh = True
        self.station.own_scans(self)
        self._load()

    def hidden(self) -> None:
        """Give scans back; say nothing of the last test any more."""
        self._shown = False
        self._trying.forget()
        self.station.release_scans(self)
        self._show(notice="", tried="", heard=())

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and "settings" in nouns:
            self._load()
        if self._shown and "outbox" in nouns:
            self._trying.follow()

    def _load(self) -> None:
        register = self.station.register

        def reading(store: Store) -> tuple[Device, ...]:
            return tuple(d for d in store.settings.devices if d.register == register)

        self.station.lanes.read(reading, then=self._loaded, latest="devices")

    def _loaded(self, devices: tuple[Device, ...]) -> None:
        self.devices = devices
        rows = words.device_rows(devices, self.equipment.states)
        selected = self._wanted(rows)
        if selected != self.state.selected:
            self._show(rows=rows, loaded=True)
            self._open(selected)
        else:
            self._show(rows=rows, loaded=True, detail=self._detail(selected))
            if not self.state.dirty:
                self._show(revision=self.state.revision + 1)
        if self._try_next and self._try_next == self.state.selected:
            self._try_next = ""
            self.try_it()

    def _wanted(self, rows: Sequence[DeviceRow]) -> str:
        """Return the device to show: whoever comes to the screen sees first what is in trouble."""
        now = next((r for r in rows if r.id == self.state.selected), None)
        fresh, self._fresh = self._fresh, False
        if fresh and not self.state.dirty and (now is None or now.light not in _TROUBLE):
            now = next((r for r in rows if r.light in _TROUBLE), now)
        return now.id if now is not None else rows[0].id if rows else ""

    def _turned(self) -> None:
        """Show how the devices are now; what is being typed stays."""
        if not self._shown:
            return
        self._show(
            rows=words.device_rows(self.devices, self.equipment.states),
            detail=self._detail(self.state.selected),
        )

    # ---- the chosen device ----

    @property
    def device(self) -> Device | None:
        """Return the chosen device, or None."""
        return next((d for d in self.devices if d.id == self.state.selected), None)

    def _detail(self, device_id: str) -> Detail | None:
        device = next((d for d in self.devices if d.id == device_id), None)
        if device is None:
            return None
        made = words.detail(device, self.devices, self.equipment.states.get(device.id))
        before = self.state.detail
        if self.state.dirty and before is not None and before.device.id == device.id:
            return replace(made, settings=before.settings)
        return made

    def _open(self, device_id: str) -> None:
        self._trying.forget()
        self.state = replace(self.state, selected=device_id, dirty=False)
        self._show(
            detail=self._detail(device_id), revision=self.state.revision + 1, notice="", tried="", heard=()
        )

    def choose(self, device_id: str) -> None:
        """Look at another device; what was changed in the form and not saved is given up."""
        if device_id and device_id != self.state.selected:
            self._open(device_id)
            self.equipment.check(device_id)

    def added(self, device: Device, *, test: bool) -> None:
        """Choose a device that was added just now; with `test`, try it as soon as it is in the list."""
        self._try_next = device.id if test else ""
        self.state = replace(self.state, selected=device.id, dirty=False, notice="", tried="", heard=())
        self._load()

    def ask(self) -> None:
        """Ask the chosen device how it is."""
        if self.state.selected:
            self._show(tried="")
            self.equipment.check(self.state.selected)

    # ---- its form ----

    def edited(self) -> None:
        """Remember that something was changed."""
        if not self.state.dirty:
            self._show(dirty=True, notice="")

    def discard(self) -> None:
        """Give up what was changed."""
        self.state = replace(self.state, dirty=False)
        self._show(detail=self._detail(self.state.selected), revision=self.state.revision + 1, notice="")

    def save(self, values: Values, then: Done = lambda: None) -> None:
        """Save the form; what is wrong is said beside its field and nothing is saved. `then` after it."""
        device, detail = self.device, self.state.detail
        if device is None or detail is None:
            return
        wanted, errors = answered(device, values)
        typed = replace(detail, settings=filled(detail.settings, values, errors))
        if errors:
            self._show(detail=typed, notice="Not saved. Look at what is marked.", tone="error", dirty=True)
            return
        self._show(detail=typed, notice="")

        def failed(error: ShopError) -> None:
            if self.state.selected != device.id:
                self.station.say(error.message, "error")
                return
            field = str(error.facts.get("field", ""))
            beside = {field: error.message} if any(i.key == field for i in detail.settings) else {}
            said = "Not saved. Look at what is marked." if beside else error.message
            marked = replace(detail, settings=filled(detail.settings, values, beside))
            self._show(detail=marked, notice=said, tone="error", dirty=True)

        def saved(_device: Device) -> None:
            if self.state.selected == device.id:
                self._show(dirty=False, notice="Saved.", tone="ok")
            then()

        self.station.act(
            lambda store, actor: equipping.change(store, actor, wanted), then=saved, failed=failed
        )

    def rename(self, name: str, done: Done, refused: Refusal) -> None:
        """Give the chosen device another name."""
        device = self.device
        if device is None:
            done()
            return
        self.station.act(
            lambda store, actor: equipping.change(store, actor, replace(device, name=name)),
            then=lambda _device: done(),
            failed=lambda error: refused(error.message),
        )

    def use(self, purpose: Purpose, on: bool) -> None:
        """Let the chosen printer be the usual one for something, or no longer."""
        device = self.device
        if device is None:
            return
        # The toggle shows what is in force, also where a manager must approve the change and does not.
        self._show(notice="")

        def failed(error: ShopError) -> None:
            self._show(notice=error.message, tone="error")

        def used(kept: Device) -> None:
            what = PURPOSES[purpose].lower()
            said = f"{kept.name} is used for {what} now." if on else f"No printer is used for {what} now."
            self._show(notice=said, tone="ok" if on else "warn")

        self.station.act(
            lambda store, actor: equipping.use_for(store, actor, device.id, purpose, on),
            then=used,
            failed=failed,
        )

    def remove(self) -> None:
        """Remove the chosen device."""
        device = self.device
        if device is None:
            return

        def removed(gone: Device) -> None:
            self.state = replace(self.state, dirty=False)
            lost = ", ".join(PURPOSES[use].lower() for use in gone.uses)
            said = f"{gone.name} was removed."
            self.station.say(f"{said} No printer is used for {lost} now." if lost else said)

        self.station.act(
            lambda store, actor: equipping.remove(store, actor, device.id),
            then=removed,
            failed=lambda error: self._show(notice=error.message, tone="error"),
        )

    # ---- trying it ----

    def try_it(self) -> None:
        """Print the test of the chosen printer, show one on a display, or weigh."""
        if self.device is not None:
            self._trying.try_it(self.device)

    def open_drawer(self) -> None:
        """Open the drawer behind the chosen printer to see that it does."""
        if self.device is not None and self.state.detail is not None and self.state.detail.drawer:
            self._trying.open_drawer(self.device)

    def scanned(self, code: str) -> None:
        """Show what a scanner read."""
        number = self.state.heard[0].number + 1 if self.state.heard else 1
        fresh = words.heard(number, parse(code), typed=self.station.came(code) is not None)
        self._show(heard=(fresh, *self.state.heard)[:MOST_HEARD])

    def addon(self, article: Scan) -> None:
        """Show the last scan with the add-on that came after it."""
        if self.state.heard:
            last, *before = self.state.heard
            typed = self.station.came(article.addon) is not None
            self._show(heard=(words.heard(last.number, article, typed=typed), *before))
