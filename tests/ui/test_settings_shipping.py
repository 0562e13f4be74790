"""The section Shipping of Settings: the carriers' account, sender, packages, presets, rules; and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import carrier_account, configuring
from bookwish_desk.keychain import Keychain
from bookwish_desk.shop.carriage import CarrierAccount
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.shipping import EASYPOST, PACKAGES, PRESETS, RULES, ShippingSettings
from bookwish_desk.ui import settings as setting
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.settings.carrier_presenter import NO_SENDER, NOT_YET, CarrierPresenter
from bookwish_desk.ui.settings.carrier_state import CarrierSetup
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.shipping_work import ShippingState
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets import Button, Choice, Field, Label, Question, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support.keyrings import FakeKeyring
from tests.support.looking import cut_off, nameless, photograph, photograph_all, rich
from tests.support.staffed import StaffedShop

SENDER = PostalAddress("Tern Books", "1 Main Street", "", "Springfield", "CT", "06001", phone="555 0100")
KEY = "EZTKtest1234"


class FakeCarriers:
    """The work with carriers that remembers what was asked; it connects the shop as the real one does."""

    def __init__(self, station: Any) -> None:
        self.station = station
        self.state = ShippingState()
        self.account = CarrierAccount(
            "Tern Books LLC", test=True, balance_cents=12_345, carriers=("USPS", "UPS")
        )
        self.refuse: ShopError | None = None
        self.hold = False
        self.tried: list[tuple[str, Secret]] = []
        self.watching: list[Callable[[ShippingState], None]] = []

    def watch(self, told: Callable[[ShippingState], None]) -> Callable[[], None]:
        self.watching.append(told)
        return lambda: self.watching.remove(told)

    def tell(self, state: ShippingState) -> None:
        self.state = state
        for told in self.watching:
            told(state)

    def try_key(self, base: str, key: Secret, then: Any, failed: Any) -> None:
        self.tried.append((base, key))
        if self.hold:
            return
        if self.refuse is not None:
            failed(self.refuse)
            return
        self.station.act(
            lambda store, actor: carrier_account.connect(store, actor, base, self.account),
            then=lambda _kept: then(self.account),
            failed=failed,
        )

    def ask_account(self, then: Any, failed: Any) -> None:
        failed(self.refuse) if self.refuse is not None else then(self.account)

    def forget_key(self, then: Any, failed: Any) -> None:
        self.station.act(carrier_account.disconnect, then=lambda _kept: then(), failed=failed)


class Desk:
    """Settings in the window with the section open, as the owner sees it."""

    def __init__(self, shop: StaffedShop, qtbot: QtBot) -> None:
        self.shop, self.qtbot = shop, qtbot
        self.window = MainWindow("Register 1")
        qtbot.addWidget(self.window)
        self.station, _front = shop.station(shop.owner)
        self.work = FakeCarriers(self.station)
        self.station.shipping = cast(Any, self.work)
        self.screen, self.presenter = setting.build(
            self.station, _nothing_is_sent, lambda: Keychain(FakeKeyring())
        )
        self.window.add_screen("settings", "Settings", "screen.settings", self.screen)
        self.window.show_screen("settings")
        self.window.show()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()
        self.screen.sections.choose("shipping")
        self.account, self.parcels = self.screen.carriers, self.screen.parcels

    @property
    def kept(self) -> ShippingSettings:
        return self.shop.store.settings.shipping

    @property
    def setup(self) -> CarrierSetup:
        return self.presenter.state.carriers

    def fill(self, key: str, text: str) -> Field:
        control = self.screen.form.control(key)
        assert isinstance(control, Field)
        self.type(control, text)
        return control

    def type(self, field: Field, text: str) -> None:
        field.edit.setFocus()
        field.edit.selectAll()
        self.qtbot.keyClicks(field.edit, text)

    def choose(self, key: str, option: str) -> None:
        control = self.screen.form.control(key)
        assert isinstance(control, Choice)
        control.choose(option)
        control.picked.emit(option)

    def key(self, key: Qt.Key, how: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.waitUntil(self.window.isActiveWindow)
        self.qtbot.keyClick(self.window, key, how)

    def save(self) -> None:
        self.key(Qt.Key.Key_F12)
        assert self.screen.notice.text() == "Saved."

    def connect(self) -> None:
        self.account.key.key.set_text(KEY)
        self.account.key.button.click()

    def sheet(self) -> Sheet:
        found: list[Sheet] = []

        def there() -> bool:
            found[:] = [s for s in self.window.findChildren(Sheet) if s.isVisible() and s.isActiveWindow()]
            return bool(found)

        self.qtbot.waitUntil(there)
        return found[-1]

    def field(self, sheet: QWidget, label: str) -> Field:
        return next(f for f in sheet.findChildren(Field) if f.label() == label)

    def press(self, root: QWidget, text: str) -> None:
        next(b for b in root.findChildren(Button) if b.text() == text and b.isVisible()).click()


def _nothing_is_sent(*_args: object) -> Any:
    raise AssertionError


@pytest.fixture
def desk(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    shop = StaffedShop(tmp_path / "shop")
    made = Desk(shop, qtbot)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    shop.store.close()


def words(widget: QWidget) -> list[str]:
    return [x.text() for x in widget.findChildren(Label) if x.isVisible()]


# ---- the account ----


class Account:
    """The section without a window."""

    def __init__(self, folder: Path) -> None:
        self.shop = StaffedShop(folder)
        self.station, _front = self.shop.station(self.shop.owner)
        self.work = FakeCarriers(self.station)
        self.station.shipping = cast(Any, self.work)
        self.presenter = SettingsPresenter(self.station)
        self.carriers = CarrierPresenter(self.presenter)
        self.presenter.shown()
        self.presenter.open_section("shipping")

    @property
    def kept(self) -> ShippingSettings:
        return self.shop.store.settings.shipping

    @property
    def setup(self) -> CarrierSetup:
        return self.presenter.state.carriers

    def connect(self, key: str = KEY, base: str = EASYPOST) -> None:
        self.carriers.connect(base, Secret(key))

    def save(self, **texts: str) -> dict[str, str]:
        """Save the form with these texts in it; return what is said beside its fields."""
        before = {i.key: i.value for i in self.presenter.state.inputs}
        assert texts.keys() <= before.keys()
        self.presenter.save(Values({**before, **texts}))
        return {i.key: i.error for i in self.presenter.state.inputs if i.error}


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = Account(tmp_path / "shop")
    yield made
    made.shop.store.close()


def test_a_key_connects_the_shop_and_says_whose_account_it_is(account: Account) -> None:
    assert (account.setup.stage, account.setup.base) == ("key", EASYPOST)

    account.connect()

    assert account.work.tried == [(EASYPOST, Secret(KEY))]
    assert account.kept.connected and account.kept.test
    assert (account.setup.stage, account.setup.mode) == ("connected", "Test")
    facts = dict(account.setup.facts)
    assert (facts["Account"], facts["Balance"], facts["Carriers"]) == (
        "Tern Books LLC",
        "$123.45",
        "USPS, UPS",
    )
    assert "samples" in account.setup.notice and account.setup.tone == "warn"
    assert account.setup.trouble == NO_SENDER
    assert KEY not in str(account.presenter.state)


def test_a_production_key_is_said_to_cost_money(account: Account) -> None:
    account.work.account = CarrierAccount("Tern Books LLC", test=False)

    account.connect("EZAKlive")

    assert (account.setup.mode, account.setup.tone) == ("Production", "ok")
    assert "paid" in dict(account.setup.facts)["Labels"] and "Balance" not in dict(account.setup.facts)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type the key of the account."),
        ("EZTK with blanks", "A key has no blanks and plain letters only. Copy it once more."),
        ("EZTKé", "A key has no blanks and plain letters only. Copy it once more."),
    ],
)
def test_what_is_no_key_is_not_tried(account: Account, typed: str, sentence: str) -> None:
    account.connect(typed)

    assert account.setup.errors == {"key": sentence}
    assert account.work.tried == [] and not account.kept.connected


def test_what_the_account_says_stands_beside_its_field(account: Account) -> None:
    for field in ("key", "base"):
        account.work.refuse = Refused("carriers", "It does not know this.", field=field)
        account.connect()
        assert account.setup.errors == {field: "It does not know this."}
    account.work.refuse = Refused("permission", "Ask the owner.")
    account.connect()
    assert (account.setup.notice, account.setup.tone, account.setup.busy) == ("Ask the owner.", "error", "")


def test_while_a_key_is_tried_no_second_try_begins_and_nobody_waits_for_ever(account: Account) -> None:
    account.work.hold = True

    account.connect()
    account.connect()

    assert len(account.work.tried) == 1 and account.setup.busy
    account.carriers._let_go(1)
    assert not account.setup.busy


def test_another_key_may_be_tried_or_left(account: Account) -> None:
    account.connect()

    account.carriers.use_another()
    assert (account.setup.stage, account.setup.changing) == ("key", True)
    account.work.refuse = Refused("carriers", "It does not know this key.", field="key")
    account.connect("EZAKother")
    assert (bool(account.setup.errors), account.setup.changing, account.kept.connected) == (True, True, True)
    account.carriers.keep_key()
    assert (account.setup.stage, account.setup.errors) == ("connected", {})


def test_the_balance_is_asked_for(account: Account) -> None:
    account.connect()
    account.work.account = replace(account.work.account, balance_cents=50)

    account.carriers.look()

    assert account.setup.notice == "The account has $0.50."
    account.work.refuse = Refused("carriers", "The broker cannot be reached.")
    account.carriers.look()
    assert (account.setup.notice, account.setup.tone) == ("The broker cannot be reached.", "error")


def test_a_key_is_forgotten_and_labels_are_bought_no_more(account: Account) -> None:
    account.connect()

    account.carriers.forget()

    assert not account.kept.connected and account.setup.stage == "key"
    assert account.setup.notice == "The key is forgotten. No labels are bought."


def test_what_is_wrong_with_the_account_is_said_as_it_happens(account: Account) -> None:
    account.connect()

    account.work.tell(ShippingState("away", "EasyPost cannot be reached.", test=True))
    assert account.setup.trouble == "EasyPost cannot be reached."
    account.work.tell(ShippingState("ready", test=True, simulated=True))
    assert account.setup.mode == "Simulated"


def test_before_the_work_with_carriers_has_begun_that_is_said(tmp_path: Path) -> None:
    made = Account(tmp_path / "shop")
    made.station.shipping = None

    made.presenter.open_section("shipping")
    made.connect()

    assert made.setup.why_not == NOT_YET and not made.setup.busy
    made.shop.store.close()


# ---- the form ----


def test_sender_units_limits_and_times_are_typed_and_saved(account: Account) -> None:
    sender = {f"sender_{f}": getattr(SENDER, f) for f in ("name", "line1", "city", "state", "postal_code")}
    wrong = account.save(
        **sender, shipped_with="handover", tolerance_grams="3 oz", tolerance_ppm="7.5",
        label_limit_cents="30", cutoff="4:30 pm",
    )  # fmt: skip

    kept = account.kept
    assert wrong == {}
    assert kept.sender == replace(SENDER, phone="")
    assert (kept.shipped_with, kept.tolerance_grams, kept.tolerance_ppm) == ("handover", 85, 75_000)
    assert (kept.label_limit_cents, kept.cutoff) == (3_000, 990)
    assert kept.book_grams == ShippingSettings().book_grams


def test_what_is_wrong_is_said_beside_each_field_and_nothing_is_saved(account: Account) -> None:
    wrong = account.save(
        sender_line1="1 Main Street",
        sender_state="Q",
        tolerance_grams="much",
        cutoff="99",
        label_limit_cents="x",
    )

    assert set(wrong) == {
        *("sender_name", "sender_city", "sender_state", "sender_postal_code"),
        *("tolerance_grams", "cutoff", "label_limit_cents"),
    }
    assert account.kept == ShippingSettings()


def test_saving_what_nobody_changed_changes_nothing(account: Account) -> None:
    assert account.save() == {} and account.kept == ShippingSettings()
    configuring.change_settings(account.shop.store, account.shop.owner, locale="en_GB")
    account.presenter.discard()
    assert account.save() == {} and account.kept == ShippingSettings()


def test_saving_the_form_leaves_the_account_as_it_is(account: Account) -> None:
    account.connect(base="http://127.0.0.1:9999")
    account.presenter.show(dirty=True)

    account.save(signer="Olive Owner")

    kept = account.kept
    assert kept.signer == "Olive Owner"
    assert kept.connected and kept.test and kept.base == "http://127.0.0.1:9999"


# ---- in the window ----


def test_keys_connect_change_and_forget_the_account(desk: Desk) -> None:
    desk.account.key.key.set_text(KEY)
    desk.key(Qt.Key.Key_F5)
    assert desk.kept.connected and desk.account.key.key.text() == ""
    assert KEY not in " ".join(words(desk.screen))

    desk.key(Qt.Key.Key_F4)
    assert desk.setup.changing and desk.account.key.key.text() == ""
    desk.key(Qt.Key.Key_F6)
    desk.key(Qt.Key.Key_F7)
    assert desk.setup.notice == "The account has $123.45."
    for answer, connected in (("Keep it", True), ("Forget the key", False)):
        desk.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        question = desk.sheet()
        assert isinstance(question, Question)
        desk.press(question, answer)
        assert desk.kept.connected is connected
    assert desk.setup.stage == "key"
    desk.account.key.button.click()
    assert desk.account.key.key.error() == "Type the key of the account."


# ---- packages, presets, rules ----


def test_a_package_is_added_changed_and_removed_by_keys(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F8)
    sheet = desk.sheet()
    desk.type(desk.field(sheet, "Name"), "Tube")
    for side, text in (("Length, in", "24"), ("Width, in", "3 1/2"), ("Height, in", "3.5")):
        desk.type(desk.field(sheet, side), text)
    desk.type(desk.field(sheet, "Weighs empty"), "4 oz")
    desk.press(sheet, "Keep package")
    desk.save()

    made = desk.kept.packages[-1]
    assert (made.name, made.length_mm, made.width_mm, made.height_mm, made.tare_grams) == (
        "Tube",
        610,
        89,
        89,
        113,
    )
    desk.parcels.packages.rows.choose(made.id)
    desk.key(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    sheet = desk.sheet()
    assert desk.field(sheet, "Width, in").text() == "3.5"
    desk.type(desk.field(sheet, "Name"), "Poster tube")
    desk.qtbot.keyClick(desk.field(sheet, "Name").edit, Qt.Key.Key_Return)
    desk.save()
    assert desk.kept.packages[-1] == replace(made, name="Poster tube")
    desk.key(Qt.Key.Key_F8, Qt.KeyboardModifier.ControlModifier)
    desk.save()
    assert desk.kept.packages == PACKAGES


def test_a_package_is_refused_beside_what_is_wrong(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F8)
    sheet = desk.sheet()
    desk.press(sheet, "Keep package")
    assert desk.field(sheet, "Length, in").error() == "Type a length such as 10.5 or 10 1/2."
    for side in ("Length, in", "Width, in", "Height, in"):
        desk.type(desk.field(sheet, side), "9")
    desk.press(sheet, "Keep package")
    assert desk.field(sheet, "Name").error() == "Give every package a name, such as Book box."
    desk.type(desk.field(sheet, "Name"), "book BOX")
    desk.type(desk.field(sheet, "Weighs empty"), "70 lb")
    desk.press(sheet, "Keep package")
    assert desk.field(sheet, "Weighs empty").error() == "An empty package weighs 11 lb (5 kg) at most."
    desk.type(desk.field(sheet, "Weighs empty"), "0")
    desk.press(sheet, "Keep package")
    assert desk.field(sheet, "Name").error() == "There are two packages called book BOX."
    sheet.reject()
    assert not desk.presenter.state.dirty


def test_packages_and_presets_that_go_take_what_names_them_along(desk: Desk) -> None:
    desk.parcels.packages.rows.choose("mailer-s")
    desk.key(Qt.Key.Key_F8, Qt.KeyboardModifier.ControlModifier)
    desk.save()

    assert {p.package for p in desk.kept.presets} == {""}
    assert "mailer-s" not in {p.id for p in desk.kept.packages}
    for preset in PRESETS:
        desk.parcels.presets.rows.choose(preset.id)
        desk.key(Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
    assert [p.id for p in desk.presenter.state.drafts.presets] == ["fastest"]
    assert desk.presenter.state.drafts.rules == ()
    assert "Keep at least one preset." in words(desk.parcels.presets)


def test_a_preset_with_a_service_of_its_carrier_is_made_and_one_of_a_carrier_that_is_not_listed(
    desk: Desk,
) -> None:
    desk.key(Qt.Key.Key_F9)
    sheet = desk.sheet()
    desk.type(desk.field(sheet, "Name"), "Abroad")
    carrier, service = (
        next(c for c in sheet.findChildren(Choice) if c.label() == name) for name in ("Carrier", "Service")
    )
    carrier.choose("UPS")
    carrier.picked.emit("UPS")
    service.choose("UPSSaver")
    service.picked.emit("UPSSaver")
    desk.press(sheet, "Keep preset")
    desk.save()

    made = desk.kept.presets[-1]
    assert (made.name, made.carrier, made.service, made.package) == ("Abroad", "UPS", "UPSSaver", "mailer-s")
    desk.key(Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    sheet = desk.sheet()
    carrier, service = (
        next(c for c in sheet.findChildren(Choice) if c.label() == name) for name in ("Carrier", "Service")
    )
    assert (carrier.chosen(), service.chosen()) == ("UPS", "UPSSaver")
    carrier.choose("other")
    carrier.picked.emit("other")
    service.choose("other")
    service.picked.emit("other")
    desk.press(sheet, "Keep preset")
    assert desk.field(sheet, "Carrier's name").error() == "Type the carrier's name."
    desk.type(desk.field(sheet, "Carrier's name"), "Veloce")
    desk.press(sheet, "Keep preset")
    assert desk.field(sheet, "Service by the carrier's own name").error()
    desk.type(desk.field(sheet, "Service by the carrier's own name"), "SameDay")
    desk.press(sheet, "Keep preset")
    desk.save()
    assert (desk.kept.presets[-1].carrier, desk.kept.presets[-1].service) == ("Veloce", "SameDay")


def test_media_mail_in_a_carriers_package_is_refused(desk: Desk) -> None:
    flat = replace(PACKAGES[0], kind="FlatRateEnvelope")
    drafts = replace(desk.presenter.state.drafts, packages=(flat, *PACKAGES[1:]))
    desk.parcels.changed.emit(drafts)
    desk.key(Qt.Key.Key_F12)

    assert "Media Mail takes the shop's own packaging" in desk.presenter.state.draft_error
    assert desk.kept.packages == PACKAGES


@pytest.mark.capability("OMG-18")
def test_rules_for_new_orders_are_made_and_put_in_order(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F10)
    sheet = desk.sheet()
    desk.type(desk.field(sheet, "Only parcels under"), "8 oz")
    preset = next(c for c in sheet.findChildren(Choice) if c.label() == "They get the preset")
    preset.choose("fastest")
    desk.press(sheet, "Keep rule")
    assert "Never reached" in [r.badge for r in desk.parcels.rules.rows.rows()]
    desk.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    desk.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert "Never reached" not in [r.badge for r in desk.parcels.rules.rows.rows()]
    desk.save()

    assert [(r.preset, r.under_grams) for r in desk.kept.rules] == [
        ("fastest", 227),
        ("media", 0),
        ("cheapest", 0),
    ]
    desk.parcels.rules.rows.choose("0")
    desk.key(Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    desk.save()
    assert desk.kept.rules == RULES


def test_a_shop_that_reads_grams_types_centimetres(desk: Desk) -> None:
    configuring.change_settings(desk.shop.store, desk.shop.owner, locale="en_GB")
    desk.presenter.discard()
    desk.key(Qt.Key.Key_F8)
    sheet = desk.sheet()

    assert desk.field(sheet, "Length, cm").text() == ""
    sheet.reject()
    assert next(r.cells[1] for r in desk.parcels.packages.rows.rows()) == "26.7 x 18.4 x 2.5 cm"


def test_pictures(desk: Desk, dressed: QApplication, pictures: Path) -> None:
    assert nameless(desk.screen) == [] and rich(desk.screen) == []
    desk.connect()
    desk.fill("sender_line1", "1 Main Street")
    desk.key(Qt.Key.Key_F12)
    bar = desk.screen.page.verticalScrollBar()
    bar.setValue(0)
    desk.window.resize(1024, 768)
    dressed.processEvents()
    assert nameless(desk.screen) == [] and rich(desk.screen) == []
    assert [w for w in cut_off(desk.window) if not desk.screen.page.isAncestorOf(w)] == []
    assert [b for b in desk.parcels.findChildren(Button) if b.width() < b.sizeHint().width()] == []
    photograph_all(dressed, desk.window, pictures, "settings-shipping-connected")
    for name, part in (("middle", 0.45), ("below", 1.0)):
        desk.window.resize(1024, 768)
        dressed.processEvents()
        bar.setValue(round(bar.maximum() * part))
        photograph_all(dressed, desk.window, pictures, f"settings-shipping-{name}")
    for key, name in ((Qt.Key.Key_F8, "package"), (Qt.Key.Key_F9, "preset"), (Qt.Key.Key_F10, "rule")):
        desk.key(key)
        sheet = desk.sheet()
        assert nameless(sheet) == []
        photograph(desk.window, pictures / f"settings-shipping-{name}.png", sheet)
        sheet.reject()
    apply_theme(dressed, "light")
