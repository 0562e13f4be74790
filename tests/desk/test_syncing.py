"""Syncing on real lanes: it runs beside the selling, tells how it stands, and ends in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import connecting
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.errors import Refused, ShopError, StorageError
from bookwish_desk.shop.online import OnlineSettings, StoreProfile
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person
from bookwish_desk.shop.sync_state import SyncState
from bookwish_desk.sync.bookwish.session import MemoryBox
from bookwish_desk.sync.port import Reply
from bookwish_desk.syncing import Syncing
from bookwish_desk.ui.online_work import SignedIn, Tried
from bookwish_desk.ui.station import Station
from tests.simulation.far_shop import STORE
from tests.sync.online_bed import NOTHING, Bed


class Desk(Bed):
    """A shop with syncing on its lanes, over a store in memory."""

    def __init__(self, folder: Path, *, connected: bool = True, keyring: bool = True) -> None:
        super().__init__(folder, NOTHING, connected=connected)
        self.lanes = Lanes(self.store)
        self.station = Station(self.lanes, 1, self.store.settings)
        self.station.person = Person(self.owner.staff, "Olive Owner", "owner")
        self.opened: list[tuple[OnlineSettings, Any]] = []
        self.kept = MemoryBox()
        self.keyring = keyring
        self.syncing = Syncing(self.lanes, self.station, opened=self.open, boxed=self.box, chance=lambda: 0.5)
        self.told: list[SyncState] = []
        self.syncing.watch(self.told.append)

    def open(self, settings: OnlineSettings, box: Any, person: bool) -> Any:
        self.opened.append((settings, box))
        return self.port

    def box(self, settings: OnlineSettings) -> Any:
        if not self.keyring:
            raise StorageError("no_keyring", "There is no keyring.")
        return self.kept

    @property
    def state(self) -> SyncState:
        return self.syncing.state

    def end(self) -> None:
        self.syncing.close()
        self.lanes.close()
        self.close()


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.end()


def failed(error: ShopError) -> None:
    raise AssertionError(error.message)


@pytest.mark.capability("BW-01", "OMG-08")
def test_an_order_arrives_by_itself_and_a_sale_goes_up(desk: Desk, qtbot: QtBot) -> None:
    order = desk.ordered()
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.ours(order.id) is not None)
    qtbot.waitUntil(lambda: desk.state.way == "ok" and desk.state.first is None)
    assert desk.state.heard_at
    sale = desk.sold()
    desk.lanes.changed.emit(frozenset({"net"}))
    qtbot.waitUntil(lambda: desk.states("sale") == ["done"])
    assert desk.far.sale_ids == [sale.id]


def test_a_desk_that_was_killed_goes_on_at_once_when_it_starts_again(desk: Desk, qtbot: QtBot) -> None:
    # What it left behind: a lease that lasts for half a minute more.
    assert connecting.take_lease(desk.store, f"register {desk.station.register}", 30_000).value
    desk.sold()
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.states("sale") == ["done"])
    assert all(state.way != "standby" for state in desk.told)


def test_a_shop_without_a_store_runs_nothing(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, connected=False)
    desk.syncing.begin()
    assert desk.state == SyncState()
    assert desk.opened == []
    desk.end()


def test_it_begins_when_the_store_is_chosen_and_keeps_the_session_in_the_keyring(
    tmp_path: Path, qtbot: QtBot
) -> None:
    desk = Desk(tmp_path, connected=False)
    desk.syncing.begin()
    order = desk.ordered()
    who: list[SignedIn] = []
    desk.syncing.sign_in("store.example", "desk@example.com", Secret("pässword"), who.append, failed)
    qtbot.waitUntil(lambda: len(who) == 1)
    assert who[0].account.id == "u-desk"
    assert [x.store_id for x in who[0].stores] == [STORE]
    assert desk.state.way == "none", "signing in connects nothing"
    chosen: list[bool] = []
    desk.syncing.choose(StoreProfile(STORE, "Tern Books"), lambda: chosen.append(True), failed)
    qtbot.waitUntil(lambda: bool(chosen))
    assert desk.store.settings.online.store_name == "Tern Books"
    assert desk.store.settings.online.account == "u-desk"
    qtbot.waitUntil(lambda: desk.ours(order.id) is not None)
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    assert desk.state.keeps_sign_in
    desk.end()


@pytest.mark.parametrize(("listed", "name"), [(STORE, "Tern Books"), ("st_other", f"Store {STORE}")])
def test_a_store_whose_id_was_typed_is_called_what_it_calls_itself(
    tmp_path: Path, qtbot: QtBot, listed: str, name: str
) -> None:
    desk = Desk(tmp_path, connected=False)
    desk.syncing.begin()
    who: list[SignedIn] = []
    desk.syncing.sign_in("store.example", "desk@example.com", Secret("x"), who.append, failed)
    qtbot.waitUntil(lambda: len(who) == 1)
    public = (StoreProfile("st_near", "Near it"), StoreProfile(listed, "Tern Books", square=True))
    desk.port.find_store = lambda words: Reply("done", public)  # type: ignore[method-assign]
    chosen: list[bool] = []
    desk.syncing.choose(StoreProfile(STORE, ""), lambda: chosen.append(True), failed)
    qtbot.waitUntil(lambda: bool(chosen))
    kept = desk.store.settings.online
    assert (kept.store_id, kept.store_name) == (STORE, name)
    assert kept.stock_from_elsewhere is (listed == STORE)
    desk.end()


def test_a_store_that_does_not_know_the_shop_is_not_connected(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, connected=False)
    desk.syncing.begin()
    who: list[SignedIn] = []
    desk.syncing.sign_in("store.example", "desk@example.com", Secret("x"), who.append, failed)
    qtbot.waitUntil(lambda: len(who) == 1)
    stock_list = desk.port.stock_list
    desk.port.stock_list = lambda offset, limit: Reply(  # type: ignore[method-assign]
        "refused", None, "Only staff of this store may do this."
    )
    refused: list[ShopError] = []
    desk.syncing.choose(StoreProfile("st_typo", ""), lambda: pytest.fail("connected"), refused.append)
    qtbot.waitUntil(lambda: bool(refused))
    assert (refused[0].message, refused[0].facts) == (
        "Only staff of this store may do this.",
        {"field": "store"},
    )
    assert not desk.store.settings.online.connected
    desk.port.stock_list = stock_list  # type: ignore[method-assign]
    chosen: list[bool] = []
    desk.syncing.choose(StoreProfile(STORE, "Tern Books"), lambda: chosen.append(True), failed)
    qtbot.waitUntil(lambda: bool(chosen))
    desk.end()


def test_without_a_keyring_it_says_that_signing_in_does_not_last(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, keyring=False)
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    assert not desk.state.keeps_sign_in
    desk.end()


def test_who_is_signed_out_signs_in_again_and_nothing_is_lost(desk: Desk, qtbot: QtBot) -> None:
    desk.port.signed_in = False
    desk.sold()
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.state.way == "signed_out")
    assert desk.states("sale") == ["new"]
    who: list[SignedIn] = []
    desk.syncing.sign_in("https://store.example", "desk@example.com", Secret("x"), who.append, failed)
    qtbot.waitUntil(lambda: desk.states("sale") == ["done"])
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    assert len(who) == 1


def test_signing_out_leaves_the_queue(desk: Desk, qtbot: QtBot) -> None:
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    out: list[bool] = []
    desk.syncing.sign_out(lambda: out.append(True), failed)
    qtbot.waitUntil(lambda: bool(out) and desk.state.way == "signed_out")
    desk.sold()
    desk.lanes.changed.emit(frozenset({"net"}))
    qtbot.waitUntil(lambda: desk.state.waiting == 1)
    assert desk.states("sale") == ["new"]


@pytest.mark.parametrize(("result", "field"), [("signed_out", "password"), ("not_sent", "address")])
def test_what_is_to_blame_for_a_failed_sign_in_is_named(
    desk: Desk, qtbot: QtBot, result: Any, field: str
) -> None:
    desk.port.sign_in = lambda email, password: Reply(result, words="No.")  # type: ignore[method-assign]
    told: list[ShopError] = []
    desk.syncing.sign_in("https://other.example", "a@b.example", Secret("x"), lambda _w: None, told.append)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert isinstance(told[0], Refused)
    assert told[0].facts["field"] == field
    assert told[0].message == "No."


def test_an_address_that_is_none_is_refused_without_a_request(desk: Desk, qtbot: QtBot) -> None:
    told: list[ShopError] = []
    desk.syncing.sign_in("ftp://x", "a@b.example", Secret("x"), lambda _w: None, told.append)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert told[0].facts["field"] == "address"
    assert desk.opened == []


def test_trying_out_says_how_long_it_took_and_how_the_clocks_stand(desk: Desk, qtbot: QtBot) -> None:
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    tried: list[Tried] = []
    desk.syncing.try_out(tried.append, failed)
    qtbot.waitUntil(lambda: len(tried) == 1)
    assert tried[0].abilities == NOTHING
    assert abs(tried[0].ahead_ms) < 1_000


def test_a_pause_stops_the_traffic_and_the_end_of_it_goes_on(desk: Desk, qtbot: QtBot) -> None:
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    desk.station.act(connecting.pause)
    qtbot.waitUntil(lambda: desk.state.way == "paused")
    desk.sold()
    desk.lanes.changed.emit(frozenset({"net"}))
    qtbot.waitUntil(lambda: desk.state.waiting == 1)
    desk.station.act(connecting.resume)
    qtbot.waitUntil(lambda: desk.states("sale") == ["done"])


def test_closing_waits_for_no_answer(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path)
    asked, broken = threading.Event(), threading.Event()

    def hang() -> Any:
        asked.set()
        assert broken.wait(20), "closing did not break it off"
        return Reply("not_sent")

    desk.port.discover = hang  # type: ignore[method-assign]
    desk.port.close = broken.set  # type: ignore[method-assign]
    desk.syncing.begin()
    assert asked.wait(20)
    desk.end()
    assert broken.is_set()
    assert not any(t.name in ("lane-online", "lane-online-poll") for t in threading.enumerate())


def test_no_secret_is_in_what_is_told(desk: Desk, qtbot: QtBot) -> None:
    desk.syncing.begin()
    desk.syncing.sign_in(
        "https://store.example", "desk@example.com", Secret("pässword"), lambda _w: None, failed
    )
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    assert "pässword" not in repr(desk.told) + repr(desk.opened)


def test_closing_breaks_off_a_sign_in_that_hangs(tmp_path: Path, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, connected=False)
    asked, broken = threading.Event(), threading.Event()

    def hang(email: str, password: Secret) -> Any:
        asked.set()
        assert broken.wait(20), "closing did not break it off"
        return Reply("not_sent")

    desk.port.sign_in = hang  # type: ignore[method-assign]
    desk.port.close = broken.set  # type: ignore[method-assign]
    desk.syncing.begin()
    desk.syncing.sign_in(
        "https://store.example", "a@b.example", Secret("x"), lambda _w: None, lambda _e: None
    )
    assert asked.wait(20)
    desk.end()
    assert broken.is_set()


def test_after_signing_in_again_another_store_of_the_account_can_be_chosen(desk: Desk, qtbot: QtBot) -> None:
    desk.syncing.begin()
    qtbot.waitUntil(lambda: desk.state.way == "ok")
    who: list[SignedIn] = []
    desk.syncing.sign_in("https://store.example", "desk@example.com", Secret("x"), who.append, failed)
    qtbot.waitUntil(lambda: len(who) == 1)
    found: list[Any] = []
    desk.syncing.find_store("Simulated", found.append, failed)
    qtbot.waitUntil(lambda: len(found) == 1)
    chosen: list[bool] = []
    desk.syncing.choose(StoreProfile("st-other", "Other"), lambda: chosen.append(True), failed)
    qtbot.waitUntil(lambda: bool(chosen))
    assert desk.store.settings.online.store_id == "st-other"
