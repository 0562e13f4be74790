"""The carriers that run beside the demonstration: started, killed, started again, tied to the shop."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions import carrier_account
from bookwish_desk.db.store import Store
from bookwish_desk.demo import launching, shop, tying
from bookwish_desk.demo.launching import DemoCarriers, Hello
from bookwish_desk.shipping import KeyBox
from bookwish_desk.shop.secret import Secret
from tests.demo.test_demo_store import Home, TiedLanes
from tests.support.shops import found_shop


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Store]:
    store, _owner = found_shop(tmp_path / "demo", shop.demo_settings())
    yield store
    store.close()


def ask(hello: Hello, path: str, key: str, body: Any = None) -> tuple[int, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", hello.port, timeout=20)) as connection:
        method = "GET" if body is None else "POST"
        sent = json.dumps(body) if body else None
        connection.request(method, path, sent, {"Authorization": f"Bearer {key}"})
        said = connection.getresponse()
        return said.status, json.loads(said.read())


def test_they_are_killed_started_again_with_what_they_had_and_end_with_the_desk(tmp_path: Path) -> None:
    home = Home()
    far = DemoCarriers(tmp_path, home)
    told: list[bool] = []
    far.watch(lambda: told.append(far.running))
    far.start()
    home.until(lambda: far.running)
    first, key = far.hello, far.key.reveal()
    assert first is not None and first.address == f"http://127.0.0.1:{first.port}/v2"
    assert ask(first, "/v2/shipments", "EZSIMwrong")[0] == 401
    made = ask(first, "/v2/trackers", key, {"tracker": {"tracking_code": "EZ4000000004"}})[1]
    assert ask(first, "/control/ledger", key)[0] == 403  # without the word
    far.stop()
    home.until(lambda: not far.running)
    far.start()
    home.until(lambda: far.running)
    assert far.hello == first and told == [True, False, True]
    assert ask(first, f"/v2/trackers/{made['id']}", key)[1]["status"] == "delivered"
    process = far._process
    assert process is not None and process.stdin is not None
    assert not any(key in str(part) for part in process.args)  # type: ignore[union-attr]
    for path in (tmp_path / launching.CARRIERS_FOLDER).iterdir():
        assert key.encode() not in path.read_bytes()
    process.stdin.close()  # as when the desk is killed
    assert process.wait(20) == 0
    home.until(lambda: not far.running)
    far.close()


class Work:
    """The work with carriers, that only remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def hold_key(self, base: str, key: Secret) -> None:
        """Remember it."""
        self.asked.append(("key", base, key.reveal()))

    def begin(self) -> None:
        """Remember it."""
        self.asked.append(("begin",))

    def look_now(self) -> None:
        """Remember it."""
        self.asked.append(("look",))


class LaterLanes(TiedLanes):
    """Lanes that keep what is for later."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.coming: list[Any] = []

    def later(self, ms: int, call: Any) -> None:
        """Keep it."""
        self.coming.append(call)


def test_the_shop_works_with_them_and_is_left_alone_when_somebody_wants_that(demo: Store) -> None:
    lanes, work = LaterLanes(demo), Work()
    far = DemoCarriers(demo.folder, lanes)
    tying.CarriersTying(far, work, lanes)  # type: ignore[arg-type]
    far._tell()
    assert work.asked == []

    def runs(port: int) -> None:
        far.hello = Hello(port, f"http://127.0.0.1:{port}/v2")
        far._process = object()  # type: ignore[assignment]
        far._tell()

    runs(4_101)
    assert work.asked == [("key", "http://127.0.0.1:4101/v2", far.key.reveal()), ("begin",)]
    connected = demo.settings.shipping
    assert connected.connected and connected.test and connected.base == "http://127.0.0.1:4101/v2"
    assert connected.sender == shop.SHIPPING.sender
    runs(4_102)
    assert demo.settings.shipping.base.endswith(":4102/v2")
    carrier_account.disconnect(demo, shop.owner_of(demo))
    runs(4_102)
    assert not demo.settings.shipping.connected
    assert len(lanes.coming) == 1
    lanes.coming.pop()()
    assert work.asked[-1] == ("look",) and len(lanes.coming) == 1
    far._process = None
    lanes.coming.pop()()
    assert work.asked.count(("look",)) == 1


def test_the_work_begins_without_them_where_they_do_not_start(demo: Store) -> None:
    lanes, work = LaterLanes(demo), Work()
    far = DemoCarriers(demo.folder, lanes)
    tying.CarriersTying(far, work, lanes)  # type: ignore[arg-type]
    far.trouble = "They did not start."
    far._tell()
    assert work.asked == [("begin",)]


def test_the_key_of_a_demonstration_is_held_and_never_in_the_keyring(demo: Store) -> None:
    keys = KeyBox(lambda: demo)  # a keyring that is asked would fail here
    assert keys.load("http://127.0.0.1:4101/v2") is None
    keys.hold("http://127.0.0.1:4101/v2", Secret("EZSIMone"))
    assert keys.load("http://127.0.0.1:4101/v2") == Secret("EZSIMone")
    assert keys.load("http://127.0.0.1:4102/v2") is None
