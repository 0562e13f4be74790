"""The store that runs beside the demonstration: started, killed, started again; what both sides agree on."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import queue
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from bookwish_desk.actions import connecting, deciding, downloading
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.demo import launching, mirror, shop, tying
from bookwish_desk.demo.launching import DemoStore, StoreHello
from bookwish_desk.demo.online_store import seed
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.refusal import Refusal
from bookwish_desk.demo.shoppers import Shoppers
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.sync_state import SyncState
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.bookwish.adapter import connect
from bookwish_desk.sync.bookwish.session import MemoryBox
from bookwish_desk.sync.engine import Engine
from tests.support.online_store import PASSWORD, STORE, online_store
from tests.support.shops import DirectLanes


class Home:
    """Lanes of threads whose results come home when the test looks."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def work(
        self, job: Callable[[], Any], *, then: Any = None, failed: Any = None, lane: str = "desk"
    ) -> None:
        """Do it on a thread."""

        def run() -> None:
            try:
                value = job()
            except ShopError as error:
                self.home(partial(failed, error) if failed else _nothing)
            else:
                self.home(partial(then, value) if then else _nothing)

        threading.Thread(target=run, daemon=True).start()

    def home(self, call: Callable[[], None]) -> None:
        """Come home when the test looks."""
        self._calls.put(call)

    def until(self, reached: Callable[[], bool]) -> None:
        """Take what comes home until something is so."""
        while not reached():
            self._calls.get(timeout=60)()


def _nothing() -> None:
    """Nobody waits for it."""


def seeded() -> bytes:
    return json.dumps({"lines": [{"title": "A book", "quantity": 40, "price_cents": 900}]}).encode()


def _ask(hello: StoreHello, method: str, path: str, token: str = "", key: str = "", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    sent = json.dumps(body.get("rows", body)) if body else None
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", hello.port, timeout=20)) as connection:
        connection.request(method, path, sent, headers)
        return json.loads(connection.getresponse().read())


def test_it_is_killed_started_again_with_what_it_had_and_ends_with_the_desk(tmp_path: Path) -> None:
    home = Home()
    store = DemoStore(tmp_path, home, seeded)
    told: list[bool] = []
    store.watch(lambda: told.append(store.running))
    store.start()
    store.start()
    assert not store.running
    home.until(lambda: store.running)
    first = store.hello
    assert first is not None and told == [True]
    wrong = _ask(first, "POST", "/control/orders")
    assert wrong == {"error": "Forbidden"}
    signed_in = _ask(first, "POST", "/auth/login", email=first.email, password=store.password.reveal())
    token = signed_in["accessToken"]
    assert store.account_words == f"In this demonstration: {first.email}, password {store.password.reveal()}."
    store.order_now()
    while not (rows := _ask(first, "GET", f"/ext/v1/stores/{first.store_id}/order-feed", token)["data"]):
        pass
    store.stop()
    home.until(lambda: not store.running)
    store.start()
    home.until(lambda: store.running)
    assert store.hello == first and told == [True, False, True]
    again = _ask(first, "GET", f"/ext/v1/stores/{first.store_id}/order-feed", token)["data"]
    assert again[: len(rows)] == rows
    assert not list((tmp_path / launching.FOLDER).glob("seed*"))
    secrets = [store.password.reveal(), token]
    for path in (tmp_path / launching.FOLDER).iterdir():
        assert path.stat().st_mode & 0o077 == 0 or path.name in ("port", "store.log")
        assert not any(secret.encode() in path.read_bytes() for secret in secrets)
    process = store._process
    assert process is not None and process.stdin is not None
    assert not any(secret in " ".join(process.args) for secret in secrets)  # type: ignore[arg-type]
    process.stdin.close()  # as when the desk is killed
    assert process.wait(20) == 0
    home.until(lambda: not store.running)
    store.close()


def test_a_store_that_does_not_start_is_told_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home()
    store = DemoStore(tmp_path, home, seeded)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    store.start()
    home.until(lambda: store.trouble != "")
    assert not store.running and "did not start" in store.trouble
    monkeypatch.undo()
    store.start()
    home.until(lambda: store.running)
    assert store.trouble == ""
    store.close()
    home.until(lambda: not store.running)


def test_it_is_not_started_for_a_desk_that_closes(tmp_path: Path) -> None:
    home = Home()
    store = DemoStore(tmp_path, home, seeded)
    store.close()
    store.start()
    assert not store.running and not (tmp_path / launching.FOLDER).exists()


# ---- what it begins with ----


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("shop") / "demo")
    shop.build_demo(store)
    yield store
    store.close()


def test_both_sides_agree_on_all_but_what_people_shall_decide(demo: Store, tmp_path: Path) -> None:
    told = mirror.seed_of(demo)
    assert {x.number for x in told.orders if x.number.endswith(("-N3W1", "-N3W2", "-N3W3", "-N3W4"))}
    with online_store(tmp_path / "store.db", seed=told, items=0) as far:
        settings = OnlineSettings(far.address, seed.EMAIL, STORE, "Alder Falls Books")
        connecting.connect(demo, shop.owner_of(demo), settings)
        port = connect(demo.settings.online, MemoryBox())
        engine = Engine(port, DirectBooks(demo), demo.clock, random.Random(1).random, 1, "here")
        try:
            assert port.sign_in(seed.EMAIL, Secret(PASSWORD)).result == "done"
            for _ in range(300):
                engine.step()
                state = engine.state()
                if state.first is None and state.waiting == 0 and state.heard_at:
                    break
            assert downloading.compare_stock(demo).value == 0
            found = {(c.kind, c.field) for c in deciding.open_conflicts(demo)}
            assert found == {("gone", "status"), ("edit", "address")}
            assert engine.state().uncertain == engine.state().refused == 0
            before = {x["number"]: x["status"] for x in far.state()["orders"]}
            assert {x.number: x.status for x in told.orders}.items() <= before.items()
        finally:
            engine.close()
            port.close()


def test_customers_order_what_there_is_until_nothing_is_left(tmp_path: Path) -> None:
    with online_store(tmp_path / "store.db", items=4) as far:
        shoppers = Shoppers(far.shop.service, 0, random.Random(3))
        kinds, singles = set(), 0
        for _ in range(60):
            try:
                order_id = asyncio.run(shoppers.order())
            except Refusal:
                break
            order = far.get(f"/orders/{order_id}").json()
            kinds.add(order["fulfillmentType"])
            singles += len(order["items"]) == 1
            assert (order["shippingAddress"] is None) == (order["fulfillmentType"] == "pickup")
        left = far.state()["items"].values()
        assert kinds == {"pickup", "ship", "gift"} and singles
        assert sum(x["quantity"] for x in left if x["storeId"] == STORE) == 0
        assert all(x["quantity"] >= 0 for x in left)
        for _ in range(30):
            with contextlib.suppress(Refusal):
                far.shop.records.write(shoppers._one_of_them)
        o = t.orders.c
        cancelled = sa.select(sa.func.count()).where(o.status == "cancelled")
        assert far.shop.records.read(lambda tx: tx.conn.execute(cancelled).scalar())


# ---- tied to the shop ----


class Work:
    """The work with the online store, that only remembers what it was asked."""

    def __init__(self) -> None:
        self.state = SyncState()
        self.asked: list[tuple[str, ...]] = []

    def sign_in(self, address: str, email: str, password: Secret, then: Any, failed: Any) -> None:
        """Remember it."""
        self.asked.append(("sign in", address, email, password.reveal()))
        then(None)

    def sync_now(self) -> None:
        """Remember it."""
        self.asked.append(("sync",))


class TiedLanes(DirectLanes):
    """Lanes whose home is here."""

    def home(self, call: Callable[[], None]) -> None:
        """Do it now."""
        call()


def test_the_shop_is_connected_when_the_store_runs_and_left_alone_when_somebody_wants_that(
    demo: Store,
) -> None:
    lanes, work = TiedLanes(demo), Work()
    far = DemoStore(demo.folder, lanes, seeded)
    tying.Tying(far, work, lanes)  # type: ignore[arg-type]
    far._tell()
    assert work.asked == []

    def runs(port: int) -> None:
        far.hello = StoreHello(port, f"http://127.0.0.1:{port}", seed.EMAIL, STORE)
        far._process = object()  # type: ignore[assignment]
        far._tell()

    runs(4_001)
    assert demo.settings.online.connected
    assert work.asked == [("sign in", "http://127.0.0.1:4001", seed.EMAIL, far.password.reveal())]
    runs(4_001)
    assert work.asked[1:] == [("sync",)]
    since = demo.settings.online.since
    runs(4_002)
    assert demo.settings.online.address.endswith(":4002") and since
    assert work.asked[-1][:2] == ("sign in", "http://127.0.0.1:4002")
    connecting.disconnect(demo, shop.owner_of(demo))
    runs(4_002)
    assert not demo.settings.online.connected and len(work.asked) == 3
    far._process = None


@pytest.mark.parametrize("fault", ["kill-within", "kill-after"])
def test_a_sale_is_there_once_whenever_the_store_is_killed(tmp_path: Path, fault: str) -> None:
    options = ("--control", "--items", "2", "--data", str(tmp_path / "store.db"))
    body: dict[str, Any] = {}
    with _process(*options) as hello:
        token = _token(hello)
        item = _ask(hello, "GET", f"/inventory?storeId={STORE}&limit=1", token)["items"][0]
        line = {"bookId": item["bookId"], "inventoryId": item["id"], "quantity": 1}
        line |= {"unitPriceCents": 900, "isUsed": False}
        body = {"storeId": STORE, "items": [line], "paymentMethod": "cash", "clientReference": "one"}
        _ask(hello, "POST", "/control/faults", rows=[{"kind": fault, "method": "POST", "path": "/sales"}])
        with pytest.raises((OSError, http.client.HTTPException)):
            _ask(hello, "POST", "/api/pos/sales", token, key="one-key-of-a-sale", **body)
    with _process(*options) as hello:
        kept = 1 if fault == "kill-after" else 0
        state = _ask(hello, "GET", "/control/state")
        assert len(state["sales"]) == kept
        assert state["items"][item["id"]]["quantity"] == 10 - kept
        sold = _ask(hello, "POST", "/api/pos/sales", token, key="one-key-of-a-sale", **body)
        after = _ask(hello, "GET", "/control/state")
        assert [x["id"] for x in after["sales"]] == [sold["id"]]
        assert after["items"][item["id"]]["quantity"] == 9


def _token(hello: StoreHello) -> str:
    return str(_ask(hello, "POST", "/auth/login", email=hello.email, password=PASSWORD)["accessToken"])


@contextlib.contextmanager
def _process(*options: str) -> Iterator[StoreHello]:
    """Run the store as anybody may, from the command line; kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bookwish_desk.demo.online_store", *options],
        stdout=subprocess.PIPE,
        env={**os.environ, "BOOKWISH_STORE_PASSWORD": PASSWORD},
    )
    assert process.stdout is not None
    try:
        yield msgspec.json.decode(process.stdout.readline(), type=StoreHello)
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()
