"""Settings without a window: what stands in each section, saving it, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import configuring, pins
from bookwish_desk.db import items, outbox
from bookwish_desk.resource import resource_path
from bookwish_desk.settings import KEYS, Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Actor, Person
from bookwish_desk.shop.tax import TaxClass, TaxRate
from bookwish_desk.ui.forms.inputs import YES, Values
from bookwish_desk.ui.settings.extras_presenter import EditorsPresenter, PapersPresenter, TilesPresenter
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.settings.sections import inputs_of
from bookwish_desk.ui.settings.staff_presenter import StaffPresenter
from bookwish_desk.ui.settings.state import SECTIONS
from tests.support.staffed import CLERK_PIN, MANAGER_PIN, OWNER_PIN, StaffedShop, hash_cheaply

PIN, OTHER = Secret("8024"), Secret("9753")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StaffedShop]:
    made = StaffedShop(tmp_path / "shop")
    yield made
    made.store.close()


class Opened:
    """The Settings presenter as somebody sees it."""

    def __init__(self, shop: StaffedShop, actor: Actor | None = None) -> None:
        self.shop = shop
        self.station, self.front = shop.station(actor or shop.owner)
        self.presenter = SettingsPresenter(self.station)
        self.people = StaffPresenter(self.station, self.presenter)
        self.editors = EditorsPresenter(self.presenter)
        self.tiles, self.papers = TilesPresenter(self.presenter), PapersPresenter(self.presenter)
        self.refused: list[tuple[str, str]] = []
        self.done = 0
        self.presenter.shown()

    @property
    def state(self):
        return self.presenter.state

    def open(self, section) -> Values:
        """Open a section and return what stands in its form."""
        self.presenter.open_section(section)
        return Values({i.key: i.value for i in self.state.inputs})

    def save(self, section, **texts: str) -> None:
        """Type into a section's form and save it."""
        values = self.open(section)
        self.presenter.edited()
        self.presenter.save(Values({**values.texts, **texts}))

    def error(self, key: str) -> str:
        return next(i.error for i in self.state.inputs if i.key == key)

    def finish(self) -> None:
        self.done += 1

    def refuse(self, where: str, sentence: str) -> None:
        self.refused.append((where, sentence))

    def named(self, name: str) -> Person:
        return next(p for p in self.state.people if p.name == name)


@pytest.fixture
def opened(shop: StaffedShop) -> Opened:
    return Opened(shop)


# ---- sections ----


def test_every_setting_that_can_be_edited_stands_in_a_section(opened: Opened) -> None:
    from bookwish_desk.actions.setting_rules import EDITABLE

    asked = {i.key for s in SECTIONS for i in inputs_of(s.id, Settings(), "Register 1", ())}
    own_editors = {"logo", "tiles", "devices", "promises", "hidden_statuses", "notices", "wordings"}
    own_editors |= {"tracking_links", "online"}
    parts = {"mode": "tax", "basis": "tax", "day_0": "hours", "host": "mail", "signer": "shipping"}
    covered = {parts.get(key, key) for key in asked} | own_editors
    assert EDITABLE - covered == set()


@pytest.mark.parametrize("section", [s.id for s in SECTIONS])
def test_saving_a_section_as_it_stands_changes_nothing(opened: Opened, section) -> None:
    before = opened.shop.store.settings
    opened.save(section)
    assert (opened.state.notice, opened.state.dirty) == ("Saved.", False)
    assert opened.shop.store.settings == before
    assert all(kind != "settings.changed" for kind, _, _ in opened.shop.journal())


def test_a_change_is_saved(opened: Opened) -> None:
    opened.save("shop", shop_name="Corner Books", zone="Europe/Dublin", currency="eur", locale="en_IE")
    s = opened.shop.store.settings
    assert (s.shop_name, s.zone, s.currency, s.locale) == ("Corner Books", "Europe/Dublin", "EUR", "en_IE")
    assert opened.station.settings == s
    opened.save("selling", gift_wrap_cents="2,50", low_stock="3", cutoff_hour="5")
    s = opened.shop.store.settings
    assert (s.gift_wrap_cents, s.low_stock, s.cutoff_hour) == (250, 3, 5)
    opened.save("receipt", print_receipts="", receipt_text="Good day")
    assert not opened.shop.store.settings.print_receipts
    opened.save("look", theme="dark", auto_lock_minutes="0")
    assert (opened.station.settings.theme, opened.station.settings.auto_lock_minutes) == ("dark", 0)
    opened.save("safety", backups_kept="30")
    assert opened.station.settings.backups_kept == 30


def test_what_is_wrong_is_said_beside_its_field_and_stays_typed(opened: Opened) -> None:
    before = opened.shop.store.settings
    opened.save("selling", gift_wrap_cents="free", low_stock="", cutoff_hour="5")
    assert opened.error("gift_wrap_cents") == "Type an amount such as 12.50."
    assert opened.state.dirty
    opened.save("selling", gift_wrap_cents="1", low_stock="", cutoff_hour="5")
    assert opened.error("low_stock") == "Type a number of copies from 0 to 999."
    assert next(i.value for i in opened.state.inputs if i.key == "cutoff_hour") == "5"
    opened.save("shop", shop_name="", currency="XXQ")
    assert opened.error("shop_name").startswith("Type the name of the shop")
    assert opened.error("currency").startswith("Type the three letters")
    assert opened.shop.store.settings == before


def test_another_section_gives_up_what_was_not_saved(opened: Opened) -> None:
    opened.open("tax")
    opened.editors.change_classes((TaxClass("x", "X"),))
    assert opened.state.dirty
    opened.presenter.open_section("look")
    opened.presenter.open_section("tax")
    assert not opened.state.dirty
    assert opened.state.classes == opened.shop.store.settings.tax.classes


def test_what_is_not_saved_survives_another_screen_and_a_change_elsewhere(opened: Opened) -> None:
    opened.open("tax")
    opened.editors.change_classes((TaxClass("x", "X"),))
    opened.presenter.hidden()
    opened.presenter.shown()
    opened.station.lanes.act(lambda s: configuring.change_settings(s, opened.shop.owner, low_stock=9))
    assert opened.state.classes == (TaxClass("x", "X"),)
    assert opened.state.dirty
    opened.presenter.discard()
    assert (opened.state.dirty, opened.state.classes) == (False, opened.shop.store.settings.tax.classes)


def test_tax_classes_are_saved_with_mode_and_basis(opened: Opened) -> None:
    values = opened.open("tax")
    books = TaxClass("book", "Books", (TaxRate("VAT", 0),))
    others = opened.state.classes[1:]
    opened.editors.change_classes((books, *others))
    texts = {**values.texts, "mode": "inclusive", "basis": "item", "cash_step": "5"}
    opened.presenter.save(Values(texts))
    s = opened.shop.store.settings
    assert (s.tax.mode, s.tax.basis, s.cash_step) == ("inclusive", "item", 5)
    assert s.tax.classes == (books, *others)


def test_tax_that_cannot_be_is_said_beside_the_classes(opened: Opened) -> None:
    values = opened.open("tax")
    opened.editors.change_classes(())
    opened.presenter.save(values)
    assert opened.state.tax_error == "Keep at least one tax class."
    assert opened.state.dirty


def test_the_name_of_the_register(opened: Opened) -> None:
    opened.save("register", register="Front desk")
    assert opened.open("register").text("register") == "Front desk"
    opened.save("register", register=" ")
    assert opened.error("register") == "Type a name."


def test_a_logo_is_made_ready_and_saved(opened: Opened, tmp_path: Path) -> None:
    values = opened.open("receipt")
    opened.editors.choose_logo(str(resource_path("demo", "logo.png")))
    assert opened.state.logo.startswith(b"\x89PNG")
    opened.presenter.save(values)
    assert opened.shop.store.settings.logo == opened.state.logo
    for name, data in (("no.png", b"GIF89a"), ("big.png", b"\x89PNG" + b"0" * (2 << 20))):
        (tmp_path / name).write_bytes(data)
        opened.editors.choose_logo(str(tmp_path / name))
        assert opened.state.logo_error
    opened.editors.choose_logo(str(tmp_path / "missing.png"))
    assert "cannot be read" in opened.state.logo_error
    opened.editors.remove_logo()
    opened.presenter.save(values)
    assert opened.shop.store.settings.logo == b""


def test_quick_tiles_are_found_ordered_and_saved(opened: Opened) -> None:
    with opened.shop.store.write() as tx:
        for sku, title in (("MUG", "Enamel mug"), ("TOTE", "Tote bag"), ("PEN", "Gel pen")):
            items.keep(tx, Item(sku, title, price_cents=275, stocked=False))
    values = opened.open("selling")
    for words in ("enamel", "tote", "pen", "pen"):
        opened.tiles.find(words)
        opened.tiles.add(opened.state.found[0].sku)
    opened.tiles.move("PEN", -1)
    opened.tiles.move("MUG", -1)
    opened.presenter.save(values)
    assert opened.shop.store.settings.tiles == ("MUG", "PEN", "TOTE")
    first = opened.state.tiles[0]
    assert (first.title, first.price) == ("Enamel mug", "$2.75")
    opened.tiles.remove("PEN")
    opened.presenter.save(values)
    assert list(opened.shop.store.settings.tiles) == ["MUG", "TOTE"]


def test_there_is_room_for_so_many_tiles(opened: Opened) -> None:
    from bookwish_desk.ui.settings.state import TileRow

    opened.open("selling")
    opened.presenter.show(found=tuple(TileRow(f"S{i}", "T", "") for i in range(9)))
    for place in range(9):
        opened.tiles.add(f"S{place}")
    assert len(opened.state.tiles) == opened.state.most_tiles
    assert "Remove one first" in opened.state.notice


@pytest.mark.capability("BW+12")
def test_somebody_else_needs_an_approval_to_save(shop: StaffedShop) -> None:
    opened = Opened(shop, shop.clerk)
    opened.save("shop", shop_name="Mine")
    assert shop.store.settings.shop_name == "Alder & Ash Books"
    ((needs, given),) = opened.front.asked
    assert needs.facts["permission"] == "settings.edit"
    proof = pins.Proof(shop.owner.staff, True, Secret(hash_of(shop, shop.owner)))
    from bookwish_desk.actions import staffing

    ref = str(needs.facts["ref"])
    given(staffing.approve(shop.store, shop.clerk, proof, "settings.edit", ref).value.id)
    assert shop.store.settings.shop_name == "Mine"


def hash_of(shop: StaffedShop, who: Actor) -> str:
    from bookwish_desk.actions import staffing

    return staffing.begin_pin(shop.store, who.staff).value.stored.reveal()


# ---- people ----


@pytest.mark.capability("BW+12")
def test_a_person_is_added_and_can_sign_in(opened: Opened) -> None:
    opened.people.add_person("Nora", "staff", PIN, PIN, opened.finish, opened.refuse)
    assert (opened.done, opened.refused) == (1, [])
    assert opened.state.notice == "Nora can sign in now."
    nora = opened.named("Nora")
    check = pins.PinCheck(nora.id, "", Secret(hash_of(opened.shop, Actor(nora.id))))
    assert pins.verify(check, PIN.reveal(), None).ok


@pytest.mark.parametrize(
    ("name", "pin", "again", "where"),
    [
        (" ", "8024", "8024", "name"),
        ("Sam Staff", "8024", "8024", "name"),
        ("Nora", "1111", "1111", "pin"),
        ("Nora", "8024", "8025", "again"),
    ],
)
def test_a_person_who_cannot_be_added(opened: Opened, name: str, pin: str, again: str, where: str) -> None:
    opened.people.add_person(name, "staff", Secret(pin), Secret(again), opened.finish, opened.refuse)
    assert [w for w, _ in opened.refused] == [where]
    assert opened.done == 0


def test_name_and_role_are_changed(opened: Opened) -> None:
    sam = opened.named("Sam Staff")
    opened.people.change_person(sam.id, "Samira", "manager", opened.finish, opened.refuse)
    assert opened.named("Samira").role == "manager"
    olive = opened.named("Olive Owner")
    opened.people.change_person(olive.id, "Olive Owner", "staff", opened.finish, opened.refuse)
    assert opened.done == 1
    assert "only owner" in opened.refused[0][1]


def test_an_owner_sets_a_pin(opened: Opened) -> None:
    sam = opened.named("Sam Staff")
    opened.people.set_pin(sam.id, PIN, PIN, opened.finish, opened.refuse)
    assert opened.done == 1
    check = pins.PinCheck(sam.id, "", Secret(hash_of(opened.shop, Actor(sam.id))))
    assert pins.verify(check, PIN.reveal(), None).ok


@pytest.mark.capability("BW+12")
def test_a_clerk_changes_the_own_pin_with_the_old_one(shop: StaffedShop) -> None:
    opened = Opened(shop, shop.clerk)
    opened.people.change_own_pin(Secret(OWNER_PIN), PIN, PIN, opened.finish, opened.refuse)
    assert opened.refused == [("old", "That is not the right PIN.")]
    opened.people.change_own_pin(Secret(CLERK_PIN), PIN, OTHER, opened.finish, opened.refuse)
    assert opened.refused[-1][0] == "again"
    opened.people.change_own_pin(Secret(CLERK_PIN), PIN, PIN, opened.finish, opened.refuse)
    assert (opened.done, len(opened.refused)) == (1, 2)
    assert opened.front.asked == []
    check = pins.PinCheck(shop.clerk.staff, "", Secret(hash_of(shop, shop.clerk)))
    assert pins.verify(check, PIN.reveal(), None).ok


def test_badges_and_leaving(opened: Opened) -> None:
    sam = opened.named("Sam Staff")
    opened.people.new_badge(sam.id)
    assert (opened.named("Sam Staff").has_badge, opened.state.notice) == (True, "The badge is being printed.")
    opened.people.remove_badge(sam.id)
    assert not opened.named("Sam Staff").has_badge
    opened.people.deactivate(sam.id)
    assert not opened.named("Sam Staff").active
    opened.people.reactivate(sam.id)
    assert opened.named("Sam Staff").active
    opened.people.deactivate(opened.shop.owner.staff)
    assert "yourself" in opened.state.notice


@pytest.mark.capability("BW+12")
def test_what_roles_may_do_is_changed_and_saved(opened: Opened) -> None:
    opened.open("staff")
    opened.editors.permit("staff", "sale.price", True)
    opened.editors.permit("manager", "till.close", False)
    assert opened.state.dirty
    opened.presenter.save(Values())
    assert opened.state.notice == "Saved."
    assert "sale.price" in opened.state.staff_may
    assert "till.close" not in opened.state.manager_may
    bodies = [body for kind, _, body in opened.shop.journal() if kind == "staff.permissions"]
    assert bodies == [
        {"given": [], "taken": ["till.close"]},
        {"given": ["sale.price"], "taken": []},
    ]


def test_a_manager_cannot_change_what_roles_may_do(shop: StaffedShop) -> None:
    opened = Opened(shop, shop.manager)
    opened.open("staff")
    opened.editors.permit("manager", "settings.edit", True)
    opened.presenter.save(Values())
    assert len(opened.front.asked) == 1
    assert "settings.edit" not in Opened(shop).state.manager_may


def test_a_new_recovery_code_is_shown_once_and_printed_when_wanted(opened: Opened) -> None:
    codes: list[Secret] = []
    opened.papers.renew_recovery(False, codes.append)
    opened.papers.renew_recovery(True, codes.append)
    assert len(codes) == 2
    assert pins.verify_code(opened.shop.store.settings.recovery_hash, codes[1])
    with opened.shop.store.read() as conn:
        (job,) = outbox.unfinished(conn)
    assert codes[1].reveal().encode() in job.payload
    opened.papers.print_key()
    assert "not encrypted" in opened.state.notice


def test_nothing_in_the_state_shows_a_secret(opened: Opened) -> None:
    opened.people.add_person("Nora", "staff", PIN, PIN, opened.finish, opened.refuse)
    shown = repr(replace(opened.state))
    assert PIN.reveal() not in shown
    assert MANAGER_PIN not in shown
    assert "argon2" not in shown


def test_meanings_of_settings_are_shown(opened: Opened) -> None:
    hints = {i.hint or i.label for s in SECTIONS for i in inputs_of(s.id, Settings(), "R", ())}
    for key in ("shop_name", "return_policy", "low_stock", "auto_lock_minutes", "backups_kept"):
        assert KEYS[key] in hints
    assert Values({"a": YES}).on("a")
