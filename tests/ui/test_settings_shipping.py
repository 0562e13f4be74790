"""The section Shipping of Settings: the carriers' account, sender, packages, presets, rules; and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
from bookwish_desk.ui.settings.carrier_presenter import NO_SENDER
from bookwish_desk.ui.settings.carrier_state import CarrierSetup
from bookwish_desk.ui.shipping_work import ShippingState
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets import Button, Choice, Field, Label, Question, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support.keyrings import FakeKeyring
from tests.support.looking import nameless, photograph_all, rich
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
        self.station.shipping = self.work
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

    def connect(self, key: str = KEY) -> None:
        self.account.key.key.set_text(key)
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


def test_a_key_is_tried_and_connects_the_shop(desk: Desk) -> None:
    assert desk.setup.stage == "key" and desk.account.key.base.text() == EASYPOST

    desk.account.key.key.set_text(KEY)
    desk.key(Qt.Key.Key_F5)

    assert desk.work.tried == [(EASYPOST, Secret(KEY))]
    assert desk.kept.connected and desk.kept.test
    assert desk.setup.stage == "connected" and desk.setup.mode == "Test"
    facts = dict(desk.setup.facts)
    assert (facts["Account"], facts["Balance"], facts["Carriers"]) == (
        "Tern Books LLC",
        "$123.45",
        "USPS, UPS",
    )
    assert "samples" in desk.setup.notice and desk.setup.tone == "warn"
    assert desk.setup.trouble == NO_SENDER


def test_the_key_is_shown_nowhere_and_leaves_the_field(desk: Desk) -> None:
    desk.connect()

    assert desk.account.key.key.text() == ""
    assert KEY not in str(desk.presenter.state) and KEY not in " ".join(words(desk.screen))
    desk.key(Qt.Key.Key_F4)
    assert desk.account.key.key.text() == ""


def test_a_production_key_is_said_to_cost_money(desk: Desk) -> None:
    desk.work.account = CarrierAccount("Tern Books LLC", test=False)

    desk.connect("EZAKlive")

    assert (desk.setup.mode, desk.setup.tone) == ("Production", "ok")
    assert "paid" in dict(desk.setup.facts)["Labels"] and "Balance" not in dict(desk.setup.facts)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type the key of the account."),
        ("EZTK with blanks", "A key has no blanks and plain letters only. Copy it once more."),
        ("EZTKé", "A key has no blanks and plain letters only. Copy it once more."),
    ],
)
def test_what_is_no_key_is_not_tried(desk: Desk, typed: str, sentence: str) -> None:
    desk.connect(typed)

    assert desk.account.key.key.error() == sentence
    assert desk.work.tried == [] and not desk.kept.connected


@pytest.mark.parametrize("field", ["key", "base"])
def test_what_the_account_says_stands_beside_its_field(desk: Desk, field: str) -> None:
    desk.work.refuse = Refused("carriers", "It does not know this key.", field=field)

    desk.connect()

    wrong = desk.account.key.key if field == "key" else desk.account.key.base
    assert wrong.error() == "It does not know this key."
    assert not desk.setup.busy and desk.account.key.button.isEnabled()


def test_while_a_key_is_tried_no_second_try_begins(desk: Desk) -> None:
    desk.work.hold = True

    desk.connect()
    desk.connect()
    desk.account.key.asked.emit(EASYPOST, Secret(KEY))

    assert len(desk.work.tried) == 1 and desk.setup.busy


def test_another_key_may_be_tried_or_left(desk: Desk) -> None:
    desk.connect()

    desk.key(Qt.Key.Key_F4)
    assert desk.setup.stage == "key" and desk.setup.changing
    desk.key(Qt.Key.Key_F6)
    assert desk.setup.stage == "connected" and desk.kept.connected


def test_the_balance_is_asked_by_key(desk: Desk) -> None:
    desk.connect()
    desk.work.account = replace(desk.work.account, balance_cents=50)

    desk.key(Qt.Key.Key_F7)

    assert desk.setup.notice == "The account has $0.50."
    desk.work.refuse = Refused("carriers", "The broker cannot be reached.")
    desk.key(Qt.Key.Key_F7)
    assert (desk.setup.notice, desk.setup.tone) == ("The broker cannot be reached.", "error")


def test_the_key_is_forgotten_only_when_that_is_meant(desk: Desk) -> None:
    desk.connect()

    for answer, connected in (("Keep it", True), ("Forget the key", False)):
        desk.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        question = desk.sheet()
        assert isinstance(question, Question)
        desk.press(question, answer)
        assert desk.kept.connected is connected
    assert desk.setup.stage == "key"
    assert desk.setup.notice == "The key is forgotten. No labels are bought."


def test_what_is_wrong_with_the_account_is_said_as_it_happens(desk: Desk) -> None:
    desk.connect()

    desk.work.tell(ShippingState("away", "EasyPost cannot be reached.", test=True))
    assert desk.setup.trouble == "EasyPost cannot be reached."
    desk.work.tell(ShippingState("ready", test=True, simulated=True))
    assert desk.setup.mode == "Simulated"


# ---- the form ----


def test_sender_units_limits_and_times_are_typed_and_saved(desk: Desk) -> None:
    for field in ("name", "line1", "city", "state", "postal_code"):
        desk.fill(f"sender_{field}", getattr(SENDER, field))
    desk.choose("shipped_with", "handover")
    desk.fill("tolerance_grams", "3 oz")
    desk.fill("tolerance_ppm", "7.5")
    desk.fill("label_limit_cents", "30")
    desk.fill("cutoff", "4:30 pm")
    desk.save()

    kept = desk.kept
    assert kept.sender == replace(SENDER, phone="")
    assert (kept.shipped_with, kept.tolerance_grams, kept.tolerance_ppm) == ("handover", 85, 75_000)
    assert (kept.label_limit_cents, kept.cutoff) == (3_000, 990)
    assert kept.book_grams == ShippingSettings().book_grams


def test_what_is_wrong_is_said_beside_each_field_and_nothing_is_saved(desk: Desk) -> None:
    desk.fill("sender_line1", "1 Main Street")
    desk.fill("sender_state", "Q")
    desk.fill("tolerance_grams", "much")
    desk.fill("cutoff", "99")
    desk.key(Qt.Key.Key_F12)

    errors = {i.key: i.error for i in desk.presenter.state.inputs if i.error}
    assert set(errors) == {
        "sender_name", "sender_city", "sender_state", "sender_postal_code", "tolerance_grams", "cutoff",
    }  # fmt: skip
    assert desk.kept == ShippingSettings()


def test_saving_the_form_leaves_the_account_as_it_is(desk: Desk) -> None:
    desk.fill("signer", "Olive Owner")
    configuring_before = desk.kept
    desk.work.try_key("http://127.0.0.1:9999", Secret(KEY), lambda _a: None, _nothing_is_sent)
    desk.save()

    kept = desk.kept
    assert kept.signer == "Olive Owner"
    assert kept.connected and kept.test and kept.base == "http://127.0.0.1:9999"
    assert kept.packages == configuring_before.packages


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


def test_a_package_that_presets_name_goes_and_they_ask_each_time(desk: Desk) -> None:
    desk.parcels.packages.rows.choose("mailer-s")
    desk.key(Qt.Key.Key_F8, Qt.KeyboardModifier.ControlModifier)
    desk.save()

    assert {p.package for p in desk.kept.presets} == {""}
    assert "mailer-s" not in {p.id for p in desk.kept.packages}


def test_a_preset_with_a_service_of_its_carrier_is_made(desk: Desk) -> None:
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


def test_a_carrier_that_is_not_listed_is_typed(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F9)
    sheet = desk.sheet()
    desk.type(desk.field(sheet, "Name"), "Bicycle")
    carrier, service = (
        next(c for c in sheet.findChildren(Choice) if c.label() == name) for name in ("Carrier", "Service")
    )
    for choice in (carrier, service):
        choice.choose("other")
        choice.picked.emit("other")
    desk.press(sheet, "Keep preset")
    assert desk.field(sheet, "Carrier's name").error() == "Type the carrier's name."
    desk.type(desk.field(sheet, "Carrier's name"), "Veloce")
    service.choose("other")
    service.picked.emit("other")
    desk.type(desk.field(sheet, "Service by the carrier's own name"), "SameDay")
    desk.press(sheet, "Keep preset")
    desk.save()
    assert (desk.kept.presets[-1].carrier, desk.kept.presets[-1].service) == ("Veloce", "SameDay")
    desk.key(Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    sheet = desk.sheet()
    assert desk.field(sheet, "Carrier's name").text() == "Veloce"
    assert desk.field(sheet, "Service by the carrier's own name").text() == "SameDay"
    sheet.reject()


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


def test_a_preset_goes_with_the_rules_that_give_it_and_one_preset_stays(desk: Desk) -> None:
    for preset in PRESETS:
        desk.parcels.presets.rows.choose(preset.id)
        desk.key(Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)

    assert [p.id for p in desk.presenter.state.drafts.presets] == ["fastest"]
    assert desk.presenter.state.drafts.rules == ()
    assert "Keep at least one preset." in [n for n in words(desk.parcels.presets) if n]


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
    photograph_all(dressed, desk.window, pictures, "settings-shipping-key")
    desk.connect()
    desk.fill("sender_line1", "1 Main Street")
    desk.key(Qt.Key.Key_F12)
    bar = desk.screen.page.verticalScrollBar()
    bar.setValue(0)
    dressed.processEvents()
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
        photograph_all(dressed, desk.window, pictures, f"settings-shipping-{name}", sheet)
        sheet.reject()
    apply_theme(dressed, "light")
