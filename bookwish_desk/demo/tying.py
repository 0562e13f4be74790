"""Ties the demonstration shop to its own online store and its own carriers, each time they have started.

As its owner would on the Settings screen, whose password nobody has to know here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from bookwish_desk.demo.launching import DemoCarriers, DemoStore, Hello, StoreHello
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.secret import Secret

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.shop.shipping import ShippingSettings
    from bookwish_desk.ui.online_work import OnlineWork, SignedIn

log = logging.getLogger(__name__)

LOOK_MS = 20_000
"""How often the demonstration asks where its parcels are: their days are short."""


class Labels(Protocol):
    """What of the work with carriers the demonstration needs."""

    def hold_key(self, base: str, key: Secret) -> None:
        """Have the key of an account until the desk is closed."""

    def begin(self) -> None:
        """Work with the account that the settings name."""

    def look_now(self) -> None:
        """Do at once what was put off."""


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

    def _tie(self, hello: StoreHello, now: OnlineSettings) -> None:
        same = now.connected and (now.address, now.store_id) == (hello.address, hello.store_id)
        if same:
            self._sign_in(hello)
        elif now.connected or not now.store_id or not self._signed_in_at:
            self._connect(hello)

    def _connect(self, hello: StoreHello) -> None:
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

    def _sign_in(self, hello: StoreHello) -> None:
        if self._signed_in_at == hello.address and self._work.state.way != "signed_out":
            self._work.sync_now()
            return

        def signed_in(_who: SignedIn) -> None:
            self._signed_in_at = hello.address

        self._work.sign_in(hello.address, hello.email, self._store.password, signed_in, _not_tied)


class CarriersTying:
    """Connects the shop with its simulated carriers when they run; for the GUI thread.

    Whoever disconnects the shop on purpose is left alone until the desk is opened again. Where the carriers
    do not start, the work begins with what the settings say.
    """

    def __init__(self, carriers: DemoCarriers, work: Labels, lanes: Lanes) -> None:
        self._carriers = carriers
        self._work = work
        self._lanes = lanes
        self._tied = False
        carriers.watch(self._told)

    def _told(self) -> None:
        hello = self._carriers.hello
        if self._carriers.running and hello is not None:
            self._lanes.read(lambda s: s.settings.shipping, then=lambda now: self._tie(hello, now))
        elif self._carriers.trouble:
            self._work.begin()

    def _tie(self, hello: Hello, now: ShippingSettings) -> None:
        from bookwish_desk.actions import carrier_account
        from bookwish_desk.demo.shop import demo_settings, owner_of
        from bookwish_desk.shop.carriage import CarrierAccount

        self._work.hold_key(hello.address, self._carriers.key)
        first, self._tied = not self._tied, True
        # Before the settings change: the work follows them from now on.
        self._work.begin()
        if first:
            self._lanes.later(LOOK_MS, self._look)
        same = now.connected and now.base == hello.address
        if same or not (first or now.connected):
            return
        account = CarrierAccount(demo_settings().shop_name, test=True)
        self._lanes.act(
            lambda store: carrier_account.connect(store, owner_of(store), hello.address, account),
            failed=_carriers_not_tied,
        )

    def _look(self) -> None:
        if self._carriers.running:
            self._work.look_now()
        self._lanes.later(LOOK_MS, self._look)


def make_seed(store: Store) -> bytes:
    """Return what the demonstration's online store begins with, encoded. Belongs on a lane."""
    import msgspec

    from bookwish_desk.demo.mirror import seed_of

    return msgspec.json.encode(seed_of(store))


def _not_tied(error: ShopError) -> None:
    log.warning("event=demo_store_not_tied code=%s", error.code)


def _carriers_not_tied(error: ShopError) -> None:
    log.warning("event=demo_carriers_not_tied code=%s", error.code)
