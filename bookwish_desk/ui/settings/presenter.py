"""Runs the Settings screen: one section at a time, what was changed in it, and saving it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from msgspec.structs import replace

from bookwish_desk.actions import configuring, hiring
from bookwish_desk.actions.people import register_name
from bookwish_desk.actions.setting_rules import MOST_TILES, zone_names
from bookwish_desk.db import items, people
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.hours_words import has_twelve_hours
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.staff import Person, Role
from bookwish_desk.ui.forms.inputs import Values, filled
from bookwish_desk.ui.settings.order_sections import drafts_of
from bookwish_desk.ui.settings.sections import DRAFTS, changes_of, errors_by_input, inputs_of
from bookwish_desk.ui.settings.state import SectionId, SettingsState, TileRow
from bookwish_desk.ui.station import Station

Saver = Callable[[dict[str, Any], Values, Callable[[], None]], None]
Read = tuple[Settings, str, bool, tuple[Person, ...], dict[Role, frozenset[str]], tuple[Item, ...]]


class SettingsPresenter:
    """Keeps what was changed in the open section until it is saved or given up."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = SettingsState(most_tiles=MOST_TILES)
        self.render: Callable[[SettingsState], None] = lambda _state: None
        self._zones: tuple[str, ...] = ()
        self._register = ""
        self._shown = False
        self._savers: dict[SectionId, Saver] = {}
        self._reloaded: list[Callable[[], None]] = []
        station.on_change(self._changed)

    def save_with(self, section: SectionId, saver: Saver) -> None:
        """Let somebody else save a section: `saver(changes, values, then)`."""
        self._savers[section] = saver

    def when_reloaded(self, call: Callable[[], None]) -> None:
        """Call it when what is in force was put into a section."""
        self._reloaded.append(call)

    @property
    def settings(self) -> Settings:
        """Return the settings in force."""
        return self.station.settings

    @property
    def showing(self) -> bool:
        """Say whether the screen is in front."""
        return self._shown

    def shown(self) -> None:
        """Show the section that was open, with what was not saved yet still in it."""
        self._shown = True
        if not self._zones:
            self.station.lanes.work(zone_names, then=self._know_zones)
        self._load()

    def hidden(self) -> None:
        """Keep what was changed; say nothing of the last save any more."""
        self._shown = False
        self.show(notice="")

    def _know_zones(self, zones: tuple[str, ...]) -> None:
        self._zones = zones
        if not self.state.dirty:
            self.reload()

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"settings", "staff", "items"}:
            self._load()

    def _load(self) -> None:
        number, skus = self.station.register, self.settings.tiles

        def reading(store: Store) -> Read:
            twelve = has_twelve_hours(store.settings.locale)
            with store.read() as conn:
                held = people.role_permissions(conn)
                staff = people.staff(conn, left=True)
                register = register_name(conn, number)
                return store.settings, register, twelve, staff, held, items.by_skus(conn, skus)

        self.station.lanes.read(reading, then=self._show_read, latest="settings")

    def _show_read(self, read: Read) -> None:
        settings, self._register, twelve, staff, held, tiles = read
        self.station.settings = settings
        me = self.station.person.id if self.station.person else ""
        self.show(people=staff, me=me, printer=self.station.prints_receipts, facts=self._facts())
        if not self.state.dirty:
            money = settings.money
            faces = tuple(tile_row(item, money) for item in tiles)
            self.show(manager_may=held["manager"], staff_may=held["staff"], tiles=faces, twelve=twelve)
            self.reload()

    def _facts(self) -> tuple[tuple[str, str], ...]:
        s = self.settings
        return (
            ("The shop's books", "Encrypted" if s.encrypted else "Not encrypted"),
            ("Owner's recovery code", "Made" if s.recovery_hash else "Not made yet"),
        )

    def show(self, **changes: object) -> None:
        """Show the state with these changes."""
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- sections ----

    def open_section(self, section: SectionId) -> None:
        """Open another section; what was changed in the one before and not saved is given up."""
        self.show(section=section, dirty=False, notice="")
        self._load()

    def discard(self) -> None:
        """Give up what was changed."""
        self.show(dirty=False, notice="")
        self._load()

    def reload(self) -> None:
        """Put what is in force into the section."""
        s = self.settings
        self.show(
            revision=self.state.revision + 1,
            inputs=inputs_of(self.state.section, s, self._register, self._zones, self.state.twelve),
            classes=s.tax.classes,
            tax_error="",
            logo=s.logo,
            logo_error="",
            encrypted=s.encrypted,
            drafts=drafts_of(s),
            draft_error="",
            locale=s.locale,
            home=s.shipping.sender.country or "US",
        )
        for call in self._reloaded:
            call()

    def edited(self) -> None:
        """Remember that something was changed."""
        if not self.state.dirty:
            self.show(dirty=True, notice="")

    def save(self, values: Values, then: Callable[[], None] = lambda: None) -> None:
        """Save the section; what is wrong is said beside its field and nothing is saved. `then` after it."""
        section, settings = self.state.section, self.settings
        self.keep_typed(values)
        if section == "staff":
            self._save_roles(then)
            return
        if section == "register":
            self._save_register(values, then)
            return
        changes, errors = changes_of(section, values, settings, self.state.drafts)
        if section == "tax":
            changes["tax"] = replace(changes["tax"], classes=self.state.classes)
        elif section == "receipt":
            changes["logo"] = self.state.logo
        elif section == "selling":
            changes["tiles"] = tuple(t.sku for t in self.state.tiles)
        if errors:
            self.show_errors(errors)
            return
        self._savers.get(section, self._change)(changes, values, then)

    def keep_typed(self, values: Values) -> None:
        """Remember what stands in the form, with nothing said about it."""
        inputs = filled(self.state.inputs, values, {})
        self.show(inputs=inputs, tax_error="", logo_error="", draft_error="", notice="")

    def _change(self, changes: dict[str, Any], _values: Values, then: Callable[[], None]) -> None:
        self.station.act(
            lambda store, actor: configuring.change_settings(store, actor, **changes),
            then=lambda settings: self.saved(settings, then),
            failed=self.failed,
        )

    def _save_register(self, values: Values, then: Callable[[], None]) -> None:
        name = values.text("register")
        self.station.act(
            lambda store, actor: configuring.rename_register(store, actor, name),
            then=lambda _name: self.saved(self.settings, then),
            failed=self.failed,
        )

    def _save_roles(self, then: Callable[[], None]) -> None:
        held: tuple[tuple[Role, frozenset[str]], ...] = (
            ("manager", self.state.manager_may),
            ("staff", self.state.staff_may),
        )

        def next_role(place: int) -> None:
            if place == len(held):
                self.saved(self.settings, then)
                return
            role, permissions = held[place]
            self.station.act(
                lambda store, actor: hiring.set_role_permissions(store, actor, role, permissions),
                then=lambda _none: next_role(place + 1),
                failed=self.failed,
            )

        next_role(0)

    def saved(self, settings: Settings, then: Callable[[], None]) -> None:
        """Say that the section is saved, and show what is in force."""
        self.station.settings = settings
        self.show(dirty=False, notice="Saved.", tone="ok")
        self._load()
        then()

    def failed(self, error: ShopError) -> None:
        """Say beside the fields why the section was not saved."""
        faults = error.facts.get("faults")
        self.show_errors(errors_by_input(faults) if isinstance(faults, dict) else {}, error.message)

    def show_errors(self, errors: dict[str, str], sentence: str = "") -> None:
        """Say that nothing was saved, and why beside each input; `sentence` where there is none for it."""
        beside = {i.key for i in self.state.inputs} | {"tax", "logo"} | DRAFTS
        elsewhere = sentence if not errors or not beside.issuperset(errors) else ""
        words = elsewhere or "Not saved. Look at what is marked."
        self.show(
            tax_error=errors.get("tax", ""),
            logo_error=errors.get("logo", ""),
            draft_error=next((errors[key] for key in errors if key in DRAFTS), ""),
        )
        self.mark(errors, notice=words, tone="error", dirty=True)

    def mark(self, errors: dict[str, str], **changes: object) -> None:
        """Say beside inputs what is wrong with them."""
        inputs = tuple(replace(i, error=errors.get(i.key, "")) for i in self.state.inputs)
        self.show(inputs=inputs, **changes)

    def say(self, sentence: str, tone: Literal["ok", "warn", "error"] = "ok") -> None:
        """Say how something outside the form went."""
        self.show(notice=sentence, tone=tone)

    def warn(self, error: ShopError) -> None:
        """Say why something outside the form was not done."""
        self.say(error.message, "error")


def tile_row(item: Item, money: Currency) -> TileRow:
    """Return an item as the tile editor shows it."""
    price = "Open price" if item.price_cents is None else money.show(item.price_cents)
    return TileRow(item.sku, item.title, price)
