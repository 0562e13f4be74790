"""Shipping on real lanes: it buys beside the selling, tells how it stands, keeps its key, ends in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from bookwish_desk import parcel_papers
from bookwish_desk.actions import buying
from bookwish_desk.db.store import system_clock
from bookwish_desk.lanes import Lanes
from bookwish_desk.shipping import NO_KEY, KeyBox, Shipping
from bookwish_desk.shop.carriage import CarrierAccount, CheckedAddress
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui.shipping_work import ShippingState
from bookwish_desk.ui.station import Station
from tests.support.fake_carriers import FakeCarriers
from tests.support.orders import HOME
from tests.support.parcels import CONNECTED, copied_desk, wanted, with_shipping

BASE = CONNECTED.base.replace("http:", "https:")


class MemoryKeys(KeyBox):
    """A key kept in memory: where there is one."""

    def __init__(self, base: str = "", key: str = "EZTKfake") -> None:
        self.kept = {base: Secret(key)} if base else {}

    def load(self, base: str) -> Secret | None:
        return self.kept.get(base)

    def keep(self, base: str, key: Secret) -> None:
        self.kept = {base: key}

    def forget(self) -> None:
        self.kept = {}


class Desk:
    """A shop with one packed parcel and shipping on its lanes, over a broker in memory."""

    def __init__(self, folder: Path, *, connected: bool = True, keys: MemoryKeys | None = None) -> None:
        self.parcels = copied_desk(folder)
        self.store, self.actor, self.order = self.parcels.store, self.parcels.actor, self.parcels.order
        self.store.clock = system_clock
        if not connected:
            with_shipping(self.store, broker="none", since=0)
        self.port = FakeCarriers(system_clock)
        self.opened: list[tuple[str, str]] = []
        self.keys = keys or MemoryKeys(CONNECTED.base)
        self.lanes = Lanes(self.store)
        self.station = Station(self.lanes, 1, self.store.settings)
        self.station.person = Person(self.actor.staff, "Olive Owner", "owner")
        self.shipping = Shipping(self.lanes, self.station, self.open, self.keys, lambda: 0.5)
        self.told: list[ShippingState] = []
        self.shipping.watch(self.told.append)

    def open(self, base: str, key: Secret) -> FakeCarriers:
        self.opened.append((base, key.reveal()))
        return self.port

    def end(self) -> None:
        self.shipping.close()
        self.lanes.close()
        self.store.close()


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path / "shop")
    yield made
    made.end()


def failed(error: ShopError) -> None:
    raise AssertionError(error.message)


@pytest.mark.capability("BW-11", "OMG-19")
def test_a_label_is_bought_beside_the_selling_as_soon_as_it_is_wanted(desk: Desk, qtbot: QtBot) -> None:
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "ready")
    station, asked = desk.station, wanted(desk.order)
    ids: list[str] = []
    station.act(lambda s, a: buying.ask(s, a, asked), then=lambda p: ids.append(p.id), failed=failed)
    qtbot.waitUntil(lambda: bool(ids) and desk.parcels.now_of(ids[0]).state == "created")
    rate = desk.parcels.now_of(ids[0]).quoted.rates[0].id  # type: ignore[union-attr]
    station.act(lambda s, a: buying.want(s, a, [(ids[0], rate)]), failed=failed)
    qtbot.waitUntil(lambda: desk.parcels.now_of(ids[0]).label_at > 0)
    assert len(desk.port.purchases) == 1
    assert len(desk.parcels.now_of(ids[0]).printed) == 1
    qtbot.waitUntil(lambda: (desk.shipping.state.busy, desk.shipping.state.waiting) == (0, 0))
    assert desk.opened == [(CONNECTED.base, "EZTKfake")]


def test_without_an_account_nothing_runs(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path / "shop", connected=False)
    desk.shipping.begin()
    assert desk.shipping.state == ShippingState()
    said: list[ShopError] = []
    desk.shipping.check_address(HOME, lambda _checked: None, said.append)
    qtbot.waitUntil(lambda: bool(said))
    assert desk.opened == [] and desk.port.calls == []
    desk.end()


def test_without_its_key_it_says_so_and_goes_on_with_another(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path / "shop", keys=MemoryKeys())
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "key")
    assert desk.shipping.state.words == NO_KEY
    told: list[CarrierAccount] = []
    desk.shipping.try_key(BASE, Secret("EZTKother"), told.append, failed)
    qtbot.waitUntil(lambda: bool(told) and desk.shipping.state.way == "ready")
    assert told[0].name == "Test Books"
    assert desk.keys.kept == {BASE: Secret("EZTKother")}
    assert desk.store.settings.shipping.base == BASE and desk.store.settings.shipping.test
    desk.end()


def test_a_wrong_key_connects_nothing_and_is_not_kept(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path / "shop", connected=False, keys=MemoryKeys())
    desk.port.faults["account", 0] = "signed_out"
    said: list[ShopError] = []
    desk.shipping.try_key(BASE, Secret("EZTKwrong"), lambda _account: None, said.append)
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].facts["field"] == "key" and "EZTKwrong" not in said[0].message
    assert desk.keys.kept == {} and not desk.store.settings.shipping.connected
    desk.end()


def test_a_key_that_is_refused_later_stops_buying_and_says_so(desk: Desk, qtbot: QtBot) -> None:
    desk.port.faults["create", 0] = "signed_out"
    buying.ask(desk.store, desk.actor, wanted(desk.order))
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "key")
    assert desk.shipping.state.words == "The key is wrong."
    assert desk.port.count("create") == 1
    desk.shipping.look_now()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "ready")


def test_a_key_is_forgotten_and_what_is_bought_stays(desk: Desk, qtbot: QtBot) -> None:
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "ready")
    done: list[bool] = []
    desk.shipping.forget_key(lambda: done.append(True), failed)
    qtbot.waitUntil(lambda: bool(done))
    assert desk.keys.kept == {}
    assert desk.shipping.state == ShippingState()
    assert not desk.store.settings.shipping.connected
    assert desk.port.closed


def test_the_account_is_asked_with_the_key_that_is_kept(desk: Desk, qtbot: QtBot) -> None:
    said: list[ShopError] = []
    desk.shipping.ask_account(lambda _account: None, said.append)
    qtbot.waitUntil(lambda: bool(said))  # the work has not begun
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "ready")
    told: list[CarrierAccount] = []
    desk.shipping.ask_account(told.append, failed)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].name == "Test Books"
    desk.port.faults["account", 1] = "not_sent"
    desk.shipping.ask_account(told.append, said.append)
    qtbot.waitUntil(lambda: len(said) == 2)
    assert said[1].message == "The broker cannot be reached." and len(told) == 1


def test_an_address_is_checked_once_in_half_a_year(desk: Desk, qtbot: QtBot) -> None:
    desk.port.addresses[HOME.line1] = CheckedAddress(True, HOME, ("The flat number is missing.",))
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "ready")
    seen: list[CheckedAddress] = []
    spaced = PostalAddress("Somebody else", "12  elm street", "", "Springfield", "CT", "06001")
    for address in (HOME, HOME, spaced):
        desk.shipping.check_address(address, seen.append, failed)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert {checked.warnings for checked in seen} == {("The flat number is missing.",)}
    assert desk.port.count("check_address") == 1


def test_a_check_that_fails_is_said_and_not_kept(desk: Desk, qtbot: QtBot) -> None:
    desk.port.faults["check_address", 0] = "lost_before"
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "ready")
    said: list[ShopError] = []
    desk.shipping.check_address(HOME, lambda _checked: None, said.append)
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].message == "The connection broke."
    seen: list[CheckedAddress] = []
    desk.shipping.check_address(HOME, seen.append, failed)
    qtbot.waitUntil(lambda: bool(seen))
    assert desk.port.count("check_address") == 2


def test_the_way_is_told_when_the_broker_is_away_and_looked_at_when_asked(desk: Desk, qtbot: QtBot) -> None:
    desk.port.faults["create", 0] = "not_sent"
    buying.ask(desk.store, desk.actor, wanted(desk.order))
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "away")
    assert desk.shipping.state.words == "The broker cannot be reached."
    desk.shipping.look_now()
    qtbot.waitUntil(lambda: desk.port.count("create") == 2, timeout=20_000)


def test_what_the_first_label_needs_is_loaded_beside_the_selling(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel_papers.warm()  # whatever it draws can be drawn
    lanes: list[str] = []
    monkeypatch.setattr(parcel_papers, "warm", lambda: lanes.append(threading.current_thread().name))
    desk.shipping.prepare()
    desk.shipping.begin()
    qtbot.waitUntil(lambda: desk.shipping.state.way == "ready")
    desk.shipping.prepare()
    qtbot.waitUntil(lambda: bool(lanes))
    desk.shipping.prepare()
    assert lanes == ["lane-carriers"]
