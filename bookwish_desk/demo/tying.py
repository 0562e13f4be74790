"""Ties the demonstration shop to its own online store, each time that store has started.

As its owner would on the Settings screen, whose password nobody has to know here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bookwish_desk.demo.launching import DemoStore, Hello
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import OnlineSettings

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.ui.online_work import OnlineWork, SignedIn

log = logging.getLogger(__name__)


class Tying:
    """Connects the shop with the store when it runs, and signs in there; for the GUI thread.

    Whoever disconnects the shop on purpose is left alone until the desk is opened again.
    """

    def __init__(self, store: DemoStore, work: OnlineWork, lanes: Lanes) -> None:
        self._store = store
        self._work = work
        self._lanes = lanes
        self._signed_in_at = ""
        store.watch(self._told)

    def _told(self) -> None:
        hello = self._store.hello
        if self._store.running and hello is not None:
            self._lanes.read(lambda s: s.settings.online, then=lambda now: self._tie(hello, now))

    def _tie(self, hello: Hello, now: OnlineSettings) -> None:
        same = now.connected and (now.address, now.store_id) == (hello.address, hello.store_id)
        if same:
            self._sign_in(hello)
        elif now.connected or not now.store_id or not self._signed_in_at:
            self._connect(hello)

    def _connect(self, hello: Hello) -> None:
        from bookwish_desk.actions import connecting
        from bookwish_desk.demo.shop import demo_settings, owner_of

        wanted = OnlineSettings(
            address=hello.address,
            email=hello.email,
            store_id=hello.store_id,
            store_name=demo_settings().shop_name,
        )

        def connected(_kept: OnlineSettings) -> None:
            # After the work with the store has heard of it, which is a read on the same lane.
            self._lanes.home(
                lambda: self._lanes.read(lambda s: s.settings, then=lambda _s: self._sign_in(hello))
            )

        self._lanes.act(
            lambda store: connecting.connect(store, owner_of(store), wanted),
            then=connected,
            failed=_not_tied,
        )

    def _sign_in(self, hello: Hello) -> None:
        if self._signed_in_at == hello.address and self._work.state.way != "signed_out":
            self._work.sync_now()
            return

        def signed_in(_who: SignedIn) -> None:
            self._signed_in_at = hello.address

        self._work.sign_in(hello.address, hello.email, self._store.password, signed_in, _not_tied)


def make_seed(store: Store) -> bytes:
    """Return what the demonstration's online store begins with, encoded. Belongs on a lane."""
    import msgspec

    from bookwish_desk.demo.mirror import seed_of

    return msgspec.json.encode(seed_of(store))


def _not_tied(error: ShopError) -> None:
    log.warning("event=demo_store_not_tied code=%s", error.code)
