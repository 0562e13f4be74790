"""The guided first start without a window: every page, back and on, and the plan at its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import pins
from bookwish_desk.actions.setting_up import SetupPlan, set_up
from bookwish_desk.db import people
from bookwish_desk.db.store import Store
from bookwish_desk.keychain import Keychain
from bookwish_desk.resource import resource_path
from bookwish_desk.shop.countries import COUNTRIES
from bookwish_desk.shop.device import LabelPrinterSetup, ReceiptPrinterSetup
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.found import Found, Search
from bookwish_desk.shop.recovery import key_from_recovery
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.tax import TaxClass, TaxRate
from bookwish_desk.ui.forms.inputs import YES, Values
from bookwish_desk.ui.setup.editors_presenter import EditorsPresenter
from bookwish_desk.ui.setup.presenter import NO_KEYRING, SetupPresenter
from tests.support.keyrings import FakeKeyring
from tests.support.shops import DirectLanes
from tests.support.staffed import hash_cheaply

PIN = Secret("8024")
BOOKS = TaxClass("book", "Books", (TaxRate("Sales tax", 88_750),))
ANSWERS: dict[str, dict[str, str]] = {
    "shop": {"shop_name": "Corner <b>Books</b>", "shop_address": "1 High St\nHartford"},
    "owner": {"owner": "Olive Owner"},
    "safety": {"encrypt": "no"},
}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


def no_keyring() -> Keychain:
    raise StorageError("no_keyring", "none")


def a_keyring() -> Keychain:
    return Keychain(FakeKeyring())


class FirstStart:
    """A first start, answered page by page."""

    def __init__(self, opened: Callable[[], Keychain] = no_keyring) -> None:
        self.plans: list[SetupPlan] = []
        self.founded: list[tuple[Any, str]] = []
        self.demo = 0
        self.fault: Refused | None = None
        self.attached: tuple[Found, ...] = ()
        lanes = DirectLanes(cast(Store, None))
        self.presenter = SetupPresenter(lanes, self.found, opened, lambda: Search(self.attached))
        self.editors = EditorsPresenter(self.presenter)
        self.presenter.on_founded = lambda found, stock: self.founded.append((found, stock))
        self.presenter.on_demo = self.look
        self.presenter.shown()

    def found(self, plan: SetupPlan) -> str:
        if self.fault is not None:
            raise self.fault
        self.plans.append(plan)
        return "the shop"

    def look(self) -> None:
        self.demo += 1

    @property
    def state(self):
        return self.presenter.state

    def values(self, **texts: str) -> Values:
        """Return what stands in the page's form, with these answers typed over."""
        typed = {i.key: i.value for i in self.state.inputs if i.kind != "pin"}
        pins_typed = {i.key: i.secret or PIN for i in self.state.inputs if i.kind == "pin"}
        return Values({**typed, **texts}, pins_typed)

    def next(self, **texts: str) -> None:
        self.presenter.next(self.values(**{**ANSWERS.get(self.state.step, {}), **texts}))

    def back(self, **texts: str) -> None:
        self.presenter.back(self.values(**texts))

    def to(self, step: str) -> FirstStart:
        """Go on to a page with the usual answers."""
        while self.state.step != step:
            here = self.state.step
            if here == "tax":
                self.editors.change_classes((BOOKS, *self.state.classes[2:]))
            self.next()
            assert self.state.step != here, [i.error for i in self.state.inputs]
        return self

    def error(self, key: str) -> str:
        return next(i.error for i in self.state.inputs if i.key == key)


def test_the_welcome_offers_the_demonstration() -> None:
    start = FirstStart()
    assert (start.state.step, start.state.number) == ("welcome", 1)
    start.presenter.look_at_demo()
    assert start.demo == 1


def test_from_the_welcome_to_a_plan() -> None:
    start = FirstStart().to("summary")
    assert ("Shop", "Corner <b>Books</b> · 1 High St") in start.state.summary
    assert ("Tax on Books", "Sales tax 8.875%") in start.state.summary
    start.next()
    (plan,) = start.plans
    s = plan.settings
    assert (s.shop_name, s.zone, s.currency, s.locale) == (
        "Corner <b>Books</b>", "America/New_York", "USD", "en_US",
    )  # fmt: skip
    assert (s.tax.mode, s.tax.classes[0]) == ("exclusive", BOOKS)
    assert (plan.owner_name, plan.owner_pin, plan.register_name) == ("Olive Owner", PIN, "Register 1")
    assert not plan.database_key
    assert start.founded == [("the shop", "")]


def test_a_plan_becomes_a_shop_that_its_owner_can_open(tmp_path: Path) -> None:
    start = FirstStart().to("staff")
    start.editors.add_person("Sam", "staff", Secret("9753"), Secret("9753"), lambda: None, lambda *_w: None)
    start.to("summary").next()
    store, _ = set_up(tmp_path / "shop", start.plans[0], no_keyring)
    with store.read() as conn:
        assert [(p.name, p.role) for p in people.staff(conn)] == [("Olive Owner", "owner"), ("Sam", "staff")]
    assert pins.verify_code(store.settings.recovery_hash, start.plans[0].owner_code)
    store.close()


# ---- pages ----


def test_each_page_says_what_is_wrong_beside_its_field() -> None:
    start = FirstStart().to("shop")
    start.next(shop_name="")
    assert start.error("shop_name").startswith("Type the name of the shop")
    start.next()
    start.next(currency="xx")
    assert start.error("currency").startswith("Type the three letters")
    start.next(currency="usd")
    assert start.state.step == "tax"
    start.next()
    assert start.state.tax_error.startswith("Type the rate of Books")
    start.to("register")
    start.next(register="", kind="network", address="no address")
    assert start.error("register") == "Type a name, such as Register 1."
    assert start.error("address").startswith("This is no address of a printer")
    start.next(register="Front", kind="none", address="")
    start.next(owner=" ")
    assert start.error("owner") == "Type the owner's name."


@pytest.mark.parametrize(
    ("pin", "again", "where"), [("1111", "1111", "pin"), ("12", "12", "pin"), ("8024", "8025", "again")]
)
def test_a_pin_that_will_not_do(pin: str, again: str, where: str) -> None:
    start = FirstStart().to("owner")
    start.presenter.next(Values({"owner": "Olive"}, {"pin": Secret(pin), "again": Secret(again)}))
    assert start.state.step == "owner"
    assert start.error(where)


def test_going_back_loses_nothing_not_even_what_is_wrong() -> None:
    start = FirstStart().to("owner")
    start.presenter.back(Values({"owner": "Olive"}, {"pin": Secret("80"), "again": Secret("8")}))
    assert start.state.step == "register"
    start.back(register="Front desk")
    start.back(cash_step="5")
    start.back(currency="x")
    assert start.state.step == "shop"
    assert start.state.inputs[0].value == "Corner <b>Books</b>"
    start.next()
    assert next(i.value for i in start.state.inputs if i.key == "currency") == "x"
    start.next(currency="USD")
    assert start.state.classes[0] == BOOKS
    assert next(i.value for i in start.state.inputs if i.key == "cash_step") == "5"
    start.next()
    assert start.state.inputs[0].value == "Front desk"
    start.next()
    assert [i.secret for i in start.state.inputs] == [Secret(""), Secret("80"), Secret("8")]


def test_the_welcome_has_no_page_before_it() -> None:
    start = FirstStart()
    start.back()
    assert start.state.step == "welcome"


@pytest.mark.parametrize("code", [c.code for c in COUNTRIES])
def test_a_country_brings_its_zone_money_and_tax(code: str) -> None:
    start = FirstStart().to("place")
    start.presenter.edited(start.values(country=code))
    usual = next(c for c in COUNTRIES if c.code == code)
    start.next()
    assert start.state.step == "tax"
    assert start.state.classes == usual.tax.classes
    assert start.state.notice == usual.note
    assert next(i.value for i in start.state.inputs if i.key == "mode") == usual.tax.mode
    s = start.presenter.answers.settings
    assert (s.zone, s.currency, s.locale) == (usual.zones[0], usual.currency, usual.locale)


def test_tax_that_was_changed_by_hand_outlives_another_country() -> None:
    start = FirstStart().to("tax")
    start.editors.change_classes((BOOKS,))
    start.back()
    start.presenter.edited(start.values(country="GB"))
    start.next()
    assert start.state.classes == (BOOKS,)
    assert start.presenter.answers.settings.currency == "GBP"


def test_gift_wrap_follows_when_its_tax_class_goes() -> None:
    start = FirstStart().to("tax")
    start.editors.change_classes((BOOKS,))
    start.to("summary").next()
    assert start.plans[0].settings.gift_wrap_tax == "book"


def test_the_staff_list() -> None:
    start = FirstStart().to("staff")
    refused: list[str] = []

    def add(name: str, pin: str = "9753", again: str = "9753") -> None:
        start.editors.add_person(
            name, "manager", Secret(pin), Secret(again), lambda: None, lambda where, _s: refused.append(where)
        )

    add("Mo")
    for name, pin, again in (
        ("", "9753", "9753"),
        ("mo", "9753", "9753"),
        ("OLIVE owner", "9753", "9753"),
        ("New", "1111", "1111"),
        ("New", "9753", "9754"),
    ):
        add(name, pin, again)
    assert refused == ["name", "name", "name", "pin", "again"]
    assert start.state.people == (("Mo", "Manager"),)
    start.editors.remove_person("Mo")
    assert start.state.people == ()


def test_receipt_text_and_logo(tmp_path: Path) -> None:
    start = FirstStart().to("receipt")
    start.editors.choose_logo(str(resource_path("demo", "logo.png")))
    assert start.state.logo.startswith(b"\x89PNG")
    start.editors.choose_logo(str(tmp_path / "missing.png"))
    assert "cannot be read" in start.state.logo_error
    start.next(receipt_text="4111 1111 1111 1111")
    assert "card number" in start.error("receipt_text")
    start.next(receipt_text="Good day")
    start.to("summary").next()
    assert start.plans[0].settings.receipt_text == "Good day"
    assert start.plans[0].settings.logo.startswith(b"\x89PNG")


# ---- keys ----


def test_without_a_keyring_encryption_is_not_offered() -> None:
    start = FirstStart().to("safety")
    assert start.state.intro == NO_KEYRING
    assert start.state.inputs == ()
    assert "Recovery key" not in start.state.names
    start.to("summary").next()
    assert not start.plans[0].database_key


def test_a_keyring_that_was_unlocked_meanwhile_is_found() -> None:
    rings = [a_keyring, no_keyring]

    def opened() -> Keychain:
        return rings.pop()()

    start = FirstStart(opened).to("safety")
    start.presenter.find_keyring()
    assert "Fake keyring" in start.state.intro
    assert [i.key for i in start.state.inputs] == ["encrypt"]


def test_encryption_is_chosen_and_its_key_shown() -> None:
    start = FirstStart(a_keyring).to("safety")
    start.next(encrypt="")
    assert start.error("encrypt") == "Choose one of the two."
    start.next(encrypt="yes")
    assert start.state.step == "key"
    key = key_from_recovery(start.state.secret.reveal())
    start.back()
    start.next(encrypt="yes")
    assert key_from_recovery(start.state.secret.reveal()) == key
    start.to("summary").next()
    assert start.plans[0].database_key == Secret(key.hex())


def test_not_encrypted_by_choice() -> None:
    start = FirstStart(a_keyring).to("summary")
    assert ("The shop's books", "Not encrypted") in start.state.summary
    start.next()
    assert not start.plans[0].database_key


def test_the_recovery_code_is_long_and_stays_the_same() -> None:
    start = FirstStart().to("code")
    code = start.state.secret
    assert len(code.reveal().replace("-", "")) >= 20
    start.back()
    start.next()
    assert start.state.secret == code
    start.to("summary").next()
    assert start.plans[0].owner_code == code
    assert start.presenter.answers.owner_code != code


def test_papers_are_printed_only_where_there_is_a_printer() -> None:
    start = FirstStart().to("register")
    start.next(kind="simulated")
    start.to("summary")
    assert [i.key for i in start.state.inputs] == ["print_papers"]
    start.next(print_papers=YES)
    assert start.plans[0].print_keys
    assert FirstStart().to("summary").state.inputs == ()


def test_nothing_in_the_state_shows_a_secret() -> None:
    start = FirstStart(a_keyring).to("safety")
    start.next(encrypt="yes")
    shown = repr(start.state) + repr(start.presenter.answers)
    for secret in (PIN, start.state.secret, start.presenter.answers.owner_code):
        assert secret.reveal() not in shown


# ---- the end ----


def test_the_opening_stock_is_handed_on(tmp_path: Path) -> None:
    start = FirstStart().to("stock")
    start.editors.choose_stock(str(tmp_path / "missing.csv"))
    assert "cannot be read" in start.state.notice
    assert start.state.stock == ""
    file = tmp_path / "stock.csv"
    file.write_text("isbn,count\n")
    start.editors.choose_stock(str(file))
    assert start.state.stock == str(file)
    start.editors.choose_stock("")
    start.editors.choose_stock(str(file))
    start.to("summary").next()
    assert start.founded == [("the shop", str(file))]


def test_what_goes_wrong_at_the_end_is_said_and_can_be_tried_again() -> None:
    start = FirstStart().to("summary")
    start.fault = Refused("founded", "There is a shop in this folder already.")
    start.next()
    assert (start.state.busy, start.state.notice) == (False, "There is a shop in this folder already.")
    assert start.founded == []
    start.back()
    assert start.state.step == "stock"
    start.fault = None
    start.to("summary").next()
    assert len(start.founded) == 1


def test_while_the_shop_is_made_nothing_else_is_done() -> None:
    start = FirstStart().to("summary")
    kept: list[Callable[[], Any]] = []
    start.presenter.lanes.work = lambda job, **_words: kept.append(job)  # type: ignore[method-assign]
    start.next()
    assert start.state.busy
    start.next()
    start.back()
    assert (start.state.step, len(kept)) == ("summary", 1)


EPSON = Found("usb:04b8:0e28:X1", "receipt_printer", "EPSON TM-T20III", "", ReceiptPrinterSetup())


def test_a_printer_on_the_cable_is_one_of_the_choices() -> None:
    start = FirstStart()
    zebra = Found("usb:0a5f:0001:", "label_printer", "Zebra", "", LabelPrinterSetup())
    held = replace(EPSON, address="usb:04b8:0e28:X2", usable=False)
    start.attached = (EPSON, zebra, held)
    start.to("register")
    (kind,) = [i for i in start.state.inputs if i.key == "kind"]
    assert [o for o, _ in kind.options] == ["none", EPSON.address, "network", "simulated"]
    assert dict(kind.options)[EPSON.address] == "EPSON TM-T20III, USB cable"
    start.next(kind=EPSON.address, drawer_pin="0")
    start.presenter.back(Values())
    assert start.values().text("kind") == EPSON.address
    start.attached = ()
    start.presenter.find_printers()
    assert start.values().text("kind") == EPSON.address, "it stays chosen when it is unplugged meanwhile"
    (printer,) = start.presenter.answers.settings.devices
    assert printer.address == EPSON.address
    assert isinstance(printer.setup, ReceiptPrinterSetup)
    assert (printer.setup.drawer_pin, printer.uses) == (0, ("receipts",))


def test_what_is_typed_stays_when_a_printer_is_found_meanwhile() -> None:
    start = FirstStart()
    start.to("register")
    start.presenter.edited(start.values(register="Front desk", kind="network", address="10.0.0"))
    start.attached = (EPSON,)
    start.presenter.find_printers()
    values = start.values()
    assert (values.text("register"), values.text("kind"), values.text("address")) == (
        "Front desk",
        "network",
        "10.0.0",
    )
    (kind,) = [i for i in start.state.inputs if i.key == "kind"]
    assert EPSON.address in dict(kind.options)
