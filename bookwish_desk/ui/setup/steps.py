"""What each page of the first start asks, what was answered, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.setting_rules import checked
from bookwish_desk.actions.setting_up import NewPerson, SetupPlan
from bookwish_desk.settings import Settings
from bookwish_desk.shop.countries import COUNTRIES, Country, country
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.found import Found
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import pin_fault
from bookwish_desk.shop.tax import TaxRules
from bookwish_desk.shop.tax_words import rates_in_words
from bookwish_desk.shop.text import clean, holds_card_number
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.settings.sections import (
    currency_input,
    errors_by_input,
    locale_input,
    receipt_inputs,
    tax_inputs,
    zone_input,
)
from bookwish_desk.ui.setup import printing
from bookwish_desk.ui.setup.state import STEPS, Step, StepId

FIRST = country("US")

_KEYS: dict[StepId, tuple[str, ...]] = {
    "shop": ("shop_name", "shop_address", "shop_contact"),
    "place": ("zone", "currency", "locale"),
    "tax": ("tax", "cash_step"),
    "register": ("devices",),
    "receipt": ("receipt_text", "return_policy", "logo"),
}
"""Settings that a page answers."""


class Answers(msgspec.Struct, frozen=True):
    """Everything answered so far, as typed: going back loses nothing, also nothing wrong."""

    settings: Settings
    owner_code: Secret
    database_key: Secret
    country: str = FIRST.code
    tax_touched: bool = False
    register: str = "Register 1"
    owner: str = ""
    pin: Secret = Secret("")
    again: Secret = Secret("")
    encrypt: str = ""
    keyring: bool = False
    print_papers: bool = False
    people: tuple[NewPerson, ...] = ()
    stock_csv: str = ""
    found: tuple[Found, ...] = ()

    @property
    def printer(self) -> Device | None:
        """Return the receipt printer there will be."""
        return next(iter(self.settings.devices), None)

    @property
    def prints(self) -> bool:
        """Say whether there will be a receipt printer."""
        return self.printer is not None


def blank(owner_code: Secret, database_key: Secret) -> Answers:
    """Return the answers before anything was asked: those usual in the first country of the list."""
    settings = Settings(shop_name="")
    return in_country(Answers(settings, owner_code, database_key), FIRST)


def in_country(answers: Answers, chosen: Country) -> Answers:
    """Return the answers with what is usual in a country, but for tax that was changed by hand."""
    usual: dict[str, Any] = {"zone": chosen.zones[0], "currency": chosen.currency, "locale": chosen.locale}
    if not answers.tax_touched:
        usual |= {"tax": chosen.tax, "cash_step": chosen.cash_step}
    return replace(answers, country=chosen.code, settings=replace(answers.settings, **usual))


def pages(answers: Answers) -> tuple[Step, ...]:
    """Return the pages in order: the recovery key has one only where the books will be encrypted."""
    return tuple(s for s in STEPS if s.id != "key" or (answers.encrypt == "yes" and answers.keyring))


def inputs_of(step: StepId, answers: Answers, zones: Sequence[str]) -> tuple[Input, ...]:
    """Return the questions of a page with what was answered."""
    s = answers.settings
    if step == "shop":
        return (
            Input("shop_name", "Name of the shop", value=s.shop_name, limit=60),
            Input("shop_address", "Address", "lines", s.shop_address, limit=300),
            Input(
                "shop_contact",
                "Contact",
                "lines",
                s.shop_contact,
                "Telephone, web address or tax number",
                limit=300,
            ),
        )
    if step == "place":
        names = tuple((c.code, c.name) for c in COUNTRIES)
        near = (*country(answers.country).zones, *zones)
        return (
            Input("country", "Country", "choice", answers.country, options=names),
            zone_input(s.zone, near),
            currency_input(s.currency),
            locale_input(s.locale),
        )
    if step == "tax":
        return tax_inputs(s)
    if step == "register":
        return printing.inputs_of(answers.printer, answers.register, answers.found)
    if step == "receipt":
        return receipt_inputs(s)
    return _people_inputs(step, answers)


def _people_inputs(step: StepId, answers: Answers) -> tuple[Input, ...]:
    if step == "owner":
        hint = "4 to 8 digits, not all the same and not in a row"
        return (
            Input("owner", "Name", value=answers.owner, hint="As it stands on receipts", limit=60),
            Input("pin", "PIN", "pin", hint=hint, half=True, secret=answers.pin),
            Input("again", "PIN again", "pin", half=True, secret=answers.again),
        )
    if step == "safety" and answers.keyring:
        options = (
            ("", "Choose"),
            ("yes", "Encrypt the shop's books"),
            ("no", "Do not encrypt them"),
        )
        return (Input("encrypt", "Encryption", "choice", answers.encrypt, options=options),)
    if step == "summary" and answers.prints:
        what = "the recovery code and the recovery key" if _encrypted(answers) else "the recovery code"
        on = YES if answers.print_papers else ""
        return (Input("print_papers", f"Print {what} when the shop is set up", "toggle", on),)
    return ()


def _encrypted(answers: Answers) -> bool:
    return answers.keyring and answers.encrypt == "yes"


def taken(step: StepId, answers: Answers, values: Values) -> Answers:
    """Return the answers with what was typed on a page, right or wrong."""
    if step in ("shop", "place", "receipt"):
        texts = {k: v for k, v in values.texts.items() if k != "country"}
        return replace(answers, settings=replace(answers.settings, **texts))
    if step == "tax":
        s = answers.settings
        tax = TaxRules(values.text("mode"), values.text("basis"), s.tax.classes)  # type: ignore[arg-type]
        return replace(answers, settings=replace(s, tax=tax, cash_step=values.whole("cash_step")))
    if step == "register":
        printer = printing.printer_of(values, answers.found)
        settings = replace(answers.settings, devices=(printer,) if printer else ())
        return replace(answers, settings=settings, register=values.text("register"))
    if step == "owner":
        return replace(answers, owner=values.text("owner"), pin=values.pin("pin"), again=values.pin("again"))
    if step == "safety":
        return replace(answers, encrypt=values.text("encrypt"))
    if step == "summary":
        return replace(answers, print_papers=values.on("print_papers"))
    return answers


def settled(step: StepId, answers: Answers) -> tuple[Answers, dict[str, str]]:
    """Return the answers with a page's tidied, and the sentence for each input that is wrong."""
    keys = _KEYS.get(step, ())
    faults: dict[str, str] = {}
    if keys:
        wanted = {key: getattr(answers.settings, key) for key in keys}
        try:
            answers = replace(answers, settings=_checked(answers.settings, wanted))
        except Refused as error:
            told = error.facts.get("faults")
            faults = errors_by_input(told) if isinstance(told, dict) else {"": error.message}
    if step == "register" and not clean(answers.register, 40):
        faults["register"] = "Type a name, such as Register 1."
    if step == "owner":
        faults = _owner_faults(answers)
    if step == "safety" and answers.keyring and not answers.encrypt:
        faults["encrypt"] = "Choose one of the two."
    return answers, faults


def _checked(settings: Settings, wanted: dict[str, Any]) -> Settings:
    classes = {c.code for c in settings.tax.classes}
    if settings.gift_wrap_tax not in classes and classes:
        # Gift wrap is not asked about here: it is taxed as the first class that there is.
        settings = replace(settings, gift_wrap_tax=settings.tax.classes[0].code)
    return checked(settings, wanted)


def _owner_faults(answers: Answers) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not clean(answers.owner, 60):
        faults["owner"] = "Type the owner's name."
    elif holds_card_number(answers.owner):
        faults["owner"] = "That looks like a card number. Card numbers are never kept here."
    if fault := pin_fault(answers.pin.reveal()):
        faults["pin"] = fault
    elif answers.pin != answers.again:
        faults["again"] = "The two PINs differ. Type the same one twice."
    return faults


def plan_of(answers: Answers) -> SetupPlan:
    """Return what is to be set up."""
    return SetupPlan(
        answers.settings,
        register_name=clean(answers.register, 40),
        owner_name=clean(answers.owner, 60),
        owner_pin=answers.pin,
        owner_code=answers.owner_code,
        staff=answers.people,
        database_key=answers.database_key if _encrypted(answers) else Secret(""),
        stock_csv=answers.stock_csv,
        print_keys=answers.print_papers and answers.prints,
    )


def summary_of(answers: Answers) -> tuple[tuple[str, str], ...]:
    """Return what will be set up, line by line, in words."""
    s = answers.settings
    prices = "Added to prices" if s.tax.mode == "exclusive" else "Held in prices"
    others = ", ".join(p.name for p in answers.people)
    rows = [
        ("Shop", " · ".join((s.shop_name, *s.shop_address.splitlines()[:1]))),
        ("Time zone, currency", f"{s.zone.replace('_', ' ')}, {s.currency}"),
        ("Tax", prices),
        *((f"Tax on {c.label}", rates_in_words(c)) for c in s.tax.classes if c.code != "none"),
        ("Register", answers.register),
        ("Receipt printer", printing.in_a_line(answers.printer)),
        ("Owner", answers.owner),
        ("Staff", others or "Nobody else yet"),
        ("The shop's books", "Encrypted" if _encrypted(answers) else "Not encrypted"),
        ("Opening stock", answers.stock_csv or "None yet"),
    ]
    return tuple(rows)
