"""What the device screen shows, as frozen values, and what it asks of the devices and of its presenter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from bookwish_desk.shop.device import Device, DeviceState, Purpose
from bookwish_desk.shop.device_symptoms import Symptom
from bookwish_desk.shop.device_words import Light
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.found import Found, Search
from bookwish_desk.ui.forms.inputs import Input, Values

if TYPE_CHECKING:
    from bookwish_desk.hardware.model import Weight

Tone = Literal["ok", "info", "warn", "error"]
Stop = Callable[[], None]


class Equipment(Protocol):
    """The devices of this register as the screen uses them. Whatever is called back is called at home."""

    @property
    def states(self) -> Mapping[str, DeviceState]:
        """Return how each device was found lately, by its id; one not heard of yet is left out."""

    def on_state(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a device is in another state."""

    def check(self, device_id: str) -> None:
        """Ask a device now how it is; `on_state` tells."""

    def look(self, then: Callable[[Search, bool], None]) -> Stop:
        """Look for devices, again and again, until the function that is returned is called.

        `then` gets all that is there now, and whether one whole look is over.
        """

    def look_up(self, typed: str, then: Callable[[Found], None], failed: Callable[[ShopError], None]) -> None:
        """Ask what is at an address of the network, as a person typed it.

        Fails with Refused for what is no address, with DeviceError where nothing answers.
        """

    def weigh(
        self, device: Device, then: Callable[[Weight], None], failed: Callable[[ShopError], None]
    ) -> None:
        """Read a scale."""

    def show_test(self, device: Device, then: Callable[[DeviceState], None]) -> None:
        """Show a test on a customer display for a moment."""


class DeviceRow(msgspec.Struct, frozen=True):
    """One device as the list names it: what and where it is, how it is, and what it is used for."""

    id: str
    icon: str
    name: str
    where: str
    light: Light
    words: str
    badges: tuple[str, ...] = ()


class Use(msgspec.Struct, frozen=True):
    """Something a printer can be the usual one for; `hint` says which one is that now."""

    purpose: Purpose
    words: str
    on: bool
    hint: str = ""


class Detail(msgspec.Struct, frozen=True):
    """The chosen device. `verb` is what its test is called, "" where it has none; `settings` is its form."""

    device: Device
    kind: str
    light: Light
    words: str
    sentence: str
    steps: tuple[str, ...] = ()
    settings: tuple[Input, ...] = ()
    uses: tuple[Use, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    verb: str = ""
    drawer: bool = False
    symptoms: tuple[Symptom, ...] = ()


class Heard(msgspec.Struct, frozen=True):
    """A scan that came while the screen was in front: what was read, and what it is."""

    number: int
    code: str
    what: str


class EquipmentState(msgspec.Struct, frozen=True):
    """The list of devices and the chosen one.

    `dirty`: its form was changed and not saved. Another `revision`: what was typed is given up. `tried` is
    what came of the last test.
    """

    rows: tuple[DeviceRow, ...] = ()
    loaded: bool = False
    selected: str = ""
    detail: Detail | None = None
    dirty: bool = False
    revision: int = 0
    notice: str = ""
    tone: Tone = "ok"
    tried: str = ""
    tried_tone: Tone = "info"
    heard: tuple[Heard, ...] = ()


class Candidate(msgspec.Struct, frozen=True):
    """Something that may be added. `why_not` says why it cannot be chosen."""

    key: str
    found: Found
    icon: str
    group: str
    detail: str
    why_not: str = ""


class AddingState(msgspec.Struct, frozen=True):
    """The sheet that adds a device: first what is there, then what it is.

    `silent` is an address that nothing answers at and that may be added all the same. `said` is what the
    search has to say. Another `revision`: what was typed in the form is given up.
    """

    candidates: tuple[Candidate, ...] = ()
    said: str = "Looking for what is plugged in."
    address_error: str = ""
    asking: bool = False
    silent: str = ""
    chosen: Found | None = None
    inputs: tuple[Input, ...] = ()
    revision: int = 0
    error: str = ""
    added: str = ""


Done = Callable[[], None]
Refusal = Callable[[str], None]


class DeviceForms(Protocol):
    """What the small sheets ask of the presenter."""

    def rename(self, name: str, done: Done, refused: Refusal) -> None:
        """Give the chosen device another name."""


class AddingForms(Protocol):
    """What the sheet that adds a device asks of its presenter."""

    @property
    def state(self) -> AddingState:
        """Return what it shows."""

    def begin(self, render: Callable[[AddingState], None]) -> None:
        """Begin to look; `render` gets each state."""

    def end(self) -> None:
        """Look no more."""

    def choose(self, key: str) -> None:
        """Go on with something that was found."""

    def ask_address(self, typed: str) -> None:
        """Ask what is at an address."""

    def take_silent(self) -> None:
        """Go on with an address that nothing answers at."""

    def back(self) -> None:
        """Go back to what was found."""

    def described(self, values: Values) -> None:
        """Take note of what stands in the form: another kind asks other questions."""

    def submit(self, values: Values, *, test: bool) -> None:
        """Add the device that is described, and test it."""
