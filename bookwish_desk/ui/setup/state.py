"""What the guided first start shows, as one frozen value."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.tax import TaxClass
from bookwish_desk.ui.forms.inputs import Input

StepId = Literal[
    "welcome", "shop", "place", "tax", "register", "owner", "code", "staff", "receipt", "safety", "key",
    "stock", "summary",
]  # fmt: skip


class Step(msgspec.Struct, frozen=True):
    """One page of the first start."""

    id: StepId
    name: str
    title: str
    intro: str


STEPS: tuple[Step, ...] = (
    Step("welcome", "Welcome", "Welcome", "This register is new. What would you like to do?"),
    Step("shop", "Shop", "Your shop", "It stands at the top of every receipt, and can be changed later."),
    Step("place", "Country", "Country and money", "Choose your country; the rest follows it."),
    Step("tax", "Tax", "Tax", "A proposal for your country. Check it: you answer for your rates."),
    Step("register", "Register", "Register and printer", "A printer can be set up now or later."),
    Step("owner", "Owner", "The owner", "The owner may do everything. Others are added after this."),
    Step("code", "Recovery code", "The owner's recovery code",
         "With it an owner who forgot the PIN sets a new one. It is shown once: write it down."),
    Step("staff", "Staff", "Who else works here?", "Leave it empty if you work alone, or add people later."),
    Step("receipt", "Receipt", "What receipts say", "All of it may stay empty."),
    Step("safety", "Encryption", "Encryption", ""),
    Step("key", "Recovery key", "The recovery key",
         "It opens the books and their backups when this computer or its keyring is lost. Without it they "
         "are lost, too. Write it down line by line and keep it in a safe, away from the shop."),
    Step("stock", "Opening stock", "Opening stock",
         "A CSV file with ISBN, title, count, shelf and price can be read in now, or later."),
    Step("summary", "Ready", "Ready to set up", "Look through it. Nothing has been written yet."),
)  # fmt: skip


class SetupState(msgspec.Struct, frozen=True):
    """The page that is open. `names` are all pages in order; another `revision` puts every value in anew."""

    step: StepId = "welcome"
    number: int = 1
    names: tuple[str, ...] = ()
    title: str = ""
    intro: str = ""
    inputs: tuple[Input, ...] = ()
    revision: int = 0
    notice: str = ""
    tone: Literal["info", "warn", "error"] = "error"
    busy: bool = False
    classes: tuple[TaxClass, ...] = ()
    tax_error: str = ""
    secret: Secret = Secret("")
    logo: bytes = b""
    logo_error: str = ""
    people: tuple[tuple[str, str], ...] = ()
    stock: str = ""
    summary: tuple[tuple[str, str], ...] = ()
