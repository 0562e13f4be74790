"""Runs the sheet that adds a device: looking for what is there, choosing, describing, trying it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from bookwish_desk.actions import equipping
from bookwish_desk.shop.address import typed_address
from bookwish_desk.shop.device import ROLES, Device, ReceiptPrinterSetup, Role
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.found import Found, Search
from bookwish_desk.ui.equipment.describing import asked, new_device, uses_in
from bookwish_desk.ui.equipment.setups import answered
from bookwish_desk.ui.equipment.state import AddingState, Stop
from bookwish_desk.ui.equipment.words import candidates, free_name
from bookwish_desk.ui.forms.inputs import Values, filled

if TYPE_CHECKING:
    from bookwish_desk.ui.equipment.presenter import EquipmentPresenter


class AddingPresenter:
    """Adds one device to the register; `screens` gives the screens that may face a customer."""

    def __init__(self, owner: EquipmentPresenter, screens: Callable[[], Iterable[Found]]) -> None:
        self._owner = owner
        self._screens = screens
        self._render: Callable[[AddingState], None] = lambda _state: None
        self._stop: Stop = lambda: None
        self._found: tuple[Found, ...] = ()
        self._asked: tuple[Found, ...] = ()
        self._open = False
        self.state = AddingState()

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self._render(self.state)

    def begin(self, render: Callable[[AddingState], None]) -> None:
        """Look for devices from now on; `render` gets each state."""
        self._render = render
        self._found, self._asked, self._open = (), (), True
        self.state = AddingState()
        self._listed()
        self._stop = self._owner.equipment.look(self._looked)

    def end(self) -> None:
        """Look no more."""
        self._open = False
        self._render = lambda _state: None
        self.state = AddingState()
        self._stop()
        self._stop = lambda: None

    # ---- what is there ----

    def _looked(self, search: Search, over: bool) -> None:
        if not self._open:
            return
        self._found = search.found
        self._listed()
        if search.troubles:
            said = " ".join(search.troubles)
        elif over:
            said = "The list follows what is plugged in and switched on."
        else:
            said = self.state.said
        self._show(said=said)

    def _listed(self) -> None:
        there: dict[str, Found] = {}
        for one in (*self._found, *self._screens(), *self._asked):
            there.setdefault(f"{one.address} {one.role}", one)
        self._show(candidates=candidates(there.values(), self._owner.devices))

    def choose(self, key: str) -> None:
        """Go on with something that was found, unless it cannot be used."""
        candidate = next((c for c in self.state.candidates if c.key == key), None)
        if candidate is not None and not candidate.why_not:
            self._describe(candidate.found)

    def ask_address(self, typed: str) -> None:
        """Ask what is at an address of the network; what answers is gone on with at once."""
        if self.state.asking:
            return
        if not typed.strip():
            self._show(address_error="Type the address that the printer's own page shows.", silent="")
            return
        self._show(asking=True, address_error="", silent="")
        self._owner.equipment.look_up(typed, self._answered, lambda e: self._unanswered(typed, e))

    def _answered(self, found: Found) -> None:
        if not self.state.asking:  # the sheet was closed meanwhile, and perhaps opened anew
            return
        self._asked = (*(f for f in self._asked if f.address != found.address), found)
        self._show(asking=False)
        self._listed()
        mine = next(c for c in self.state.candidates if c.found.address == found.address)
        if mine.why_not:
            self._show(address_error=mine.why_not)
        elif self.state.chosen is None:
            self._describe(mine.found)

    def _unanswered(self, typed: str, error: ShopError) -> None:
        if self.state.asking:
            silent = "" if isinstance(error, Refused) else typed
            self._show(asking=False, address_error=error.message, silent=silent)

    def take_silent(self) -> None:
        """Go on with an address that nothing answers at: the printer may be off now."""
        try:
            address = typed_address(self.state.silent)
        except Refused as error:
            self._show(address_error=error.message, silent="")
            return
        self._describe(
            Found(
                address, "receipt_printer", "Network printer", "It does not answer now", ReceiptPrinterSetup()
            )
        )

    # ---- what it is ----

    def _describe(self, found: Found) -> None:
        name = free_name(found.name or ROLES[found.role], self._owner.devices)
        self._show(
            chosen=found,
            inputs=asked(self._device(found, found.role, name), self._owner.devices),
            revision=self.state.revision + 1,
            error="",
            address_error="",
        )

    def back(self) -> None:
        """Go back to what was found."""
        self._show(chosen=None, inputs=(), error="")

    def _device(self, found: Found, role: Role, name: str) -> Device:
        return new_device(found, role, name, self._owner.station.register)

    def described(self, values: Values) -> None:
        """Take note of what stands in the form: another kind of device asks other questions."""
        found, role = self.state.chosen, self._role(values)
        if found is None or role == self._role_asked():
            return
        device = self._device(found, role, values.text("name"))
        inputs = asked(device, self._owner.devices)
        self._show(inputs=inputs, revision=self.state.revision + 1, error="")

    def _role_asked(self) -> Role:
        value = next((i.value for i in self.state.inputs if i.key == "role"), "")
        assert self.state.chosen is not None
        return cast(Role, value) if value else self.state.chosen.role

    def _role(self, values: Values) -> Role:
        return cast(Role, values.text("role")) if values.text("role") else self._role_asked()

    # ---- adding it ----

    def submit(self, values: Values, *, test: bool) -> None:
        """Add the device as it is described; what is wrong is said beside its field. Then test it."""
        found = self.state.chosen
        if found is None:
            return
        role = self._role(values)
        device, errors = answered(self._device(found, role, values.text("name")), values)
        wanted = replace(device, uses=uses_in(values, role))
        if errors:
            self._refuse(values, errors)
            return
        self._show(error="", inputs=filled(self.state.inputs, values, {}))
        self._owner.station.act(
            lambda store, actor: equipping.add(store, actor, wanted),
            then=lambda kept: self._added(kept, test),
            failed=lambda error: self._failed(values, error),
        )

    def _refuse(self, values: Values, errors: dict[str, str], sentence: str = "") -> None:
        self._show(error=sentence, inputs=filled(self.state.inputs, values, errors))

    def _failed(self, values: Values, error: ShopError) -> None:
        field = str(error.facts.get("field", ""))
        if any(i.key == field for i in self.state.inputs):
            self._refuse(values, {field: error.message})
        else:
            self._refuse(values, {}, error.message)

    def _added(self, kept: Device, test: bool) -> None:
        self._show(added=kept.id)
        self._owner.added(kept, test=test)
