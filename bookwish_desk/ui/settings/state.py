"""What the Settings screen shows, as frozen values, and what its panels ask of the presenter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person, Role
from bookwish_desk.shop.tax import TaxClass
from bookwish_desk.ui.forms.inputs import Input

SectionId = Literal["shop", "tax", "receipt", "staff", "register", "selling", "look", "safety"]


class Section(msgspec.Struct, frozen=True):
    """One group of settings, as the list at the left names it."""

    id: SectionId
    title: str
    intro: str


SECTIONS: tuple[Section, ...] = (
    Section("shop", "Shop", "Who you are, where, and in which money. It stands at the top of receipts."),
    Section("tax", "Tax", "How tax is reckoned, and at which rates. Sales made before keep theirs."),
    Section("receipt", "Receipt", "What receipts say, and whether one is printed after each sale."),
    Section("staff", "Staff & roles", "Who works here, and what managers and staff may do."),
    Section(
        "register", "Register", "This register. Its printers and other devices are on the Devices screen."
    ),
    Section("selling", "Stock & selling", "Quick tiles, gift wrap, and when the desk warns."),
    Section("look", "Appearance", "The colours of the screens, and when the register locks itself."),
    Section("safety", "Backup & safety", "Backups, and the papers that help when something is lost."),
)


class TileRow(msgspec.Struct, frozen=True):
    """An item that is, or could become, a quick tile."""

    sku: str
    title: str
    price: str


class SettingsState(msgspec.Struct, frozen=True):
    """The section that is open and what stands in it.

    `dirty`: something was changed and not saved. Another `revision`: what was typed is given up.
    """

    section: SectionId = "shop"
    inputs: tuple[Input, ...] = ()
    revision: int = 0
    dirty: bool = False
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "ok"
    classes: tuple[TaxClass, ...] = ()
    tax_error: str = ""
    logo: bytes = b""
    logo_error: str = ""
    people: tuple[Person, ...] = ()
    manager_may: frozenset[str] = frozenset()
    staff_may: frozenset[str] = frozenset()
    tiles: tuple[TileRow, ...] = ()
    found: tuple[TileRow, ...] = ()
    most_tiles: int = 7
    facts: tuple[tuple[str, str], ...] = ()
    encrypted: bool = False
    printer: bool = False
    me: str = ""


Refusal = Callable[[str, str], None]
"""What went wrong in a form: which field ("name", "pin", "again", "old" or "") and the sentence."""
Done = Callable[[], None]
AddPerson = Callable[[str, Role, Secret, Secret, Done, Refusal], None]
"""Take somebody on: name, role, PIN, the PIN again, what to do then, and what to do when it is refused."""


class StaffForms(Protocol):
    """What the sheets about people ask of the presenter."""

    def add_person(
        self, name: str, role: Role, pin: Secret, again: Secret, done: Done, refused: Refusal
    ) -> None:
        """Take somebody on."""

    def change_person(self, staff_id: str, name: str, role: Role, done: Done, refused: Refusal) -> None:
        """Change a name or a role."""

    def set_pin(self, staff_id: str, pin: Secret, again: Secret, done: Done, refused: Refusal) -> None:
        """Give somebody a new PIN."""

    def change_own_pin(self, old: Secret, pin: Secret, again: Secret, done: Done, refused: Refusal) -> None:
        """Change the PIN of whoever is signed in."""
