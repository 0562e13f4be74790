"""A key typed in Settings, over the real adapter, to a broker on this computer."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from bookwish_desk.lanes import Lanes
from bookwish_desk.shipping import KeyBox, Shipping
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui.settings.carrier_presenter import CarrierPresenter
from bookwish_desk.ui.settings.carrier_state import CarrierSetup
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.station import Station
from tests.support.carriers import KEY, LIVE_KEY, carriers_server
from tests.support.shops import found_shop


class MemoryKeys(KeyBox):
    """Keys kept in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}

    def load(self, base: str) -> Secret | None:
        return self.kept.get(base)

    def keep(self, base: str, key: Secret) -> None:
        self.kept = {base: key}

    def forget(self) -> None:
        self.kept = {}


def test_a_typed_key_is_tried_at_the_broker_and_says_what_it_is(tmp_path: Path, qtbot: QtBot) -> None:
    store, owner = found_shop(tmp_path / "shop")
    keys = MemoryKeys()
    lanes = Lanes(store)
    station = Station(lanes, 1, store.settings)
    station.person = Person(owner.staff, "Olive Owner", "owner")
    shipping = station.shipping = Shipping(lanes, station, keys=keys)
    presenter = SettingsPresenter(station)
    carriers = CarrierPresenter(presenter)
    presenter.open_section("shipping")

    def setup() -> CarrierSetup:
        return presenter.state.carriers

    def tried(key: str, base: str) -> CarrierSetup:
        carriers.connect(base, Secret(key))
        qtbot.waitUntil(lambda: not setup().busy, timeout=20_000)
        return setup()

    with carriers_server(wallet_cents=123_456) as broker:
        qtbot.waitUntil(lambda: presenter.state.section == "shipping" and setup().stage == "key")
        assert "https://" in tried(KEY, "http://example.com").errors["base"]
        assert tried("EZTKnobody", broker.base).errors["key"]
        assert keys.kept == {} and not store.settings.shipping.connected

        assert tried(KEY, broker.base).mode == "Test"
        assert keys.kept == {broker.base: Secret(KEY)} and store.settings.shipping.test

        carriers.use_another()
        assert tried(LIVE_KEY, broker.base).mode == "Production"
        assert dict(setup().facts)["Balance"] == "$1,234.56"
        qtbot.waitUntil(lambda: shipping.state.way == "ready", timeout=20_000)
        carriers.look()
        qtbot.waitUntil(lambda: setup().notice == "The account has $1,234.56.", timeout=20_000)

        carriers.forget()
        qtbot.waitUntil(lambda: setup().stage == "key" and not setup().busy, timeout=20_000)
        assert keys.kept == {} and not store.settings.shipping.connected
        shipping.close()
        lanes.close()
    store.close()
