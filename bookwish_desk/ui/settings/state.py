"""What the Settings screen shows, as frozen values, and what its panels ask of the presenter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.notice_kinds import Kind, Wording
from bookwish_desk.shop.opening_hours import Span
from bookwish_desk.shop.promises import Promise
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.shipping import Package, Preset, PresetRule
from bookwish_desk.shop.staff import Person, Role
from bookwish_desk.shop.tax import TaxClass
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.settings.carrier_state import CarrierSetup
from bookwish_desk.ui.settings.online_state import OnlineSetup

SectionId = Literal[
    "shop",
    "hours",
    "tax",
    "receipt",
    "staff",
    "register",
    "selling",
    "promises",
    "statuses",
    "papers",
    "mail",
    "notices",
    "online",
    "shipping",
    "look",
    "safety",
]


class Section(msgspec.Struct, frozen=True):
    """One group of settings, as the list at the left names it."""

    id: SectionId
    title: str
    intro: str


SECTIONS: tuple[Section, ...] = (
    Section("shop", "Shop", "Who you are, where, and in which money. It stands at the top of receipts."),
    Section(
        "hours",
        "Opening hours",
        "Promises are counted in them. Type the hours of each day, such as 9:00–18:00, or 9:00–13:00,"
        " 14:00–18:00; leave a day empty where the shop is closed.",
    ),
    Section("tax", "Tax", "How tax is reckoned, and at which rates. Sales made before keep theirs."),
    Section("receipt", "Receipt", "What receipts say, and whether one is printed after each sale."),
    Section("staff", "Staff & roles", "Who works here, and what managers and staff may do."),
    Section(
        "register", "Register", "This register. Its printers and other devices are on the Devices screen."
    ),
    Section("selling", "Stock & selling", "Quick tiles, gift wrap, and when the desk warns."),
    Section(
        "promises", "Promises", "Until when what must happen to an order. The promise board counts these."
    ),
    Section(
        "statuses", "Statuses", "Which words for the state of an order your shop uses. Others are not shown."
    ),
    Section("papers", "Order papers", "What packing slips say, and on which paper they and pick lists come."),
    Section(
        "mail", "Mail", "The server that sends notices and receipts, and who on your staff hears of orders."
    ),
    Section("notices", "Notices", "What customers are told as their order goes on, and in which words."),
    Section(
        "online",
        "Online store",
        "The store on the net that the shop works with: orders come down, sales, statuses and stock go up.",
    ),
    Section(
        "shipping",
        "Shipping",
        "The account that labels are bought from, where parcels come from, and what they are sent in.",
    ),
    Section("look", "Appearance", "The colours of the screens, and when the register locks itself."),
    Section("safety", "Backup & safety", "Backups, and the papers that help when something is lost."),
)


class TileRow(msgspec.Struct, frozen=True):
    """An item that is, or could become, a quick tile."""

    sku: str
    title: str
    price: str


class OtherDay(msgspec.Struct, frozen=True):
    """A day (YYYY-MM-DD) on which the shop is closed, or open at other times."""

    day: str
    spans: tuple[Span, ...] = ()


class OrderDrafts(msgspec.Struct, frozen=True):
    """What the editors of the sections about orders and parcels hold until it is saved."""

    days: tuple[OtherDay, ...] = ()
    promises: tuple[Promise, ...] = ()
    hidden: tuple[str, ...] = ()
    notices: tuple[Kind, ...] = ()
    wordings: tuple[Wording, ...] = ()
    carriers: tuple[tuple[str, str], ...] = ()
    packages: tuple[Package, ...] = ()
    presets: tuple[Preset, ...] = ()
    rules: tuple[PresetRule, ...] = ()


class MailTrial(msgspec.Struct, frozen=True):
    """How the test message stands: on its way, or what came of it."""

    busy: bool = False
    words: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "info"


class SettingsState(msgspec.Struct, frozen=True):
    """The section that is open and what stands in it.

    `dirty`: something was changed and not saved. Another `revision`: what was typed is given up.
    `drafts` belong to the sections about orders, `draft_error` is what is wrong with them; `twelve`: hours
    are written with am and pm; `follows` is what follows from them; `keyring` says how the mail password is
    kept; `slip` is a picture (PNG) of a packing slip; `online` is the section about the online store,
    `carriers` the account of the section Shipping; `locale` says in which units its lists are, `home` is the
    country that parcels come from.
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
    drafts: OrderDrafts = OrderDrafts()
    draft_error: str = ""
    twelve: bool = False
    follows: str = ""
    trial: MailTrial = MailTrial()
    keyring: str = ""
    slip: bytes = b""
    online: OnlineSetup = OnlineSetup()
    carriers: CarrierSetup = CarrierSetup()
    locale: str = "en_US"
    home: str = "US"


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


class WordingForms(Protocol):
    """What the sheet about a notice's words asks of the presenter."""

    def try_words(
        self, wording: Wording, shown: Callable[[str, str], None], refused: Callable[[str, str], None]
    ) -> None:
        """Fill words in with made-up facts: `shown(subject, text)`, or `refused(part, sentence)`."""
