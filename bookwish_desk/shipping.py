"""Runs the work with carriers beside the selling, and tells the screens how it stands.

One lane of its own, "carriers", drives the engines; what people ask for (a key, an address) has another.
Nothing heavy is imported before an account is worked with.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.shop.errors import Refused, ShopError, StorageError
from bookwish_desk.sync.driving import Driven, Watched
from bookwish_desk.ui.shipping_work import ShippingState

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.shop.carriage import CarrierAccount, CheckedAddress
    from bookwish_desk.shop.order import PostalAddress
    from bookwish_desk.shop.secret import Secret
    from bookwish_desk.shop.shipping import ShippingSettings
    from bookwish_desk.sync.carriers.port import Carriers
    from bookwish_desk.sync.carriers.running import Engine, Runner
    from bookwish_desk.sync.driving import Wanted
    from bookwish_desk.ui.shipping_work import Failed
    from bookwish_desk.ui.station import Station

log = logging.getLogger(__name__)

LANE, PEOPLE = "carriers", "carriers-people"
LOCKED_WAIT_MS = 5 * 60_000
"""How long it waits for a keyring that does not open."""
NO_KEY = "The key of the account is not on this computer. Type it again in the settings."

Opened = Callable[[str, "Secret"], "Carriers"]
"""Opens the broker at an address with a key."""


class KeyBox:
    """Keeps the key of the account: in the keyring, and in memory where a shop has none."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._here: tuple[str, Secret] | None = None

    def load(self, base: str) -> Secret | None:
        """Return the key for an address, None where there is none. Slow; raises StorageError."""
        if self._here is not None and self._here[0] == base:
            return self._here[1]
        settings = self._store().settings
        if settings.demo:
            return None
        from bookwish_desk import keychain

        return keychain.carrier_key(keychain.open_keychain(), settings.shop_id, base) or None

    def keep(self, base: str, key: Secret) -> None:
        """Keep a key; until the desk is closed where there is no keyring."""
        self.hold(base, key)
        settings = self._store().settings
        if settings.demo:
            return
        from bookwish_desk import keychain

        try:
            keychain.keep_carrier_key(keychain.open_keychain(), settings.shop_id, base, key)
        except StorageError as fault:
            log.info("event=carrier_key_not_kept code=%s", fault.code)

    def hold(self, base: str, key: Secret) -> None:
        """Have a key until the desk is closed."""
        self._here = (base, key)

    def forget(self) -> None:
        """Forget the key. Slow; raises StorageError."""
        self._here = None
        settings = self._store().settings
        if not settings.demo:
            from bookwish_desk import keychain

            keychain.open_keychain().delete(settings.shop_id, "carrier key")


class Shipping:
    """The work with carriers as the desk and its screens know it; see `ui.shipping_work.ShippingWork`.

    All calls are for the GUI thread, which waits for none of them.
    """

    def __init__(
        self,
        lanes: Lanes,
        station: Station,
        opened: Opened | None = None,
        keys: KeyBox | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._lanes = lanes
        self._station = station
        self._opened = opened or _open_broker
        self._keys = keys or KeyBox(lambda: lanes.store)
        self._chance = chance
        self._known = Watched(ShippingState())
        self._driven: Driven[Runner] = Driven(lanes, LANE)
        self._where: tuple[object, ...] = ()
        self._begun = self._closed = False
        lanes.changed.connect(self._changed)

    # ---- what is known ----

    @property
    def state(self) -> ShippingState:
        """Return what is known now."""
        return self._known.state

    def watch(self, told: Callable[[ShippingState], None]) -> Callable[[], None]:
        """Call `told` with each new state; return what ends that."""
        return self._known.watch(told)

    def _show(self, state: ShippingState) -> None:
        if not self._closed:
            self._known.show(state)

    # ---- running ----

    def begin(self) -> None:
        """Work with the account that the settings name, from now on."""
        self._begun = True
        self._fit(self._station.settings.shipping)

    def close(self) -> None:
        """Ask carriers nothing more; what is wanted stays in the books. Returns at once."""
        self._closed = True
        self._stop()

    def prepare(self) -> None:
        """Load what the first label needs, on the lane, while a parcel is still being looked at."""
        if self._driven.runner is not None:
            self._driven.runner.prepare()

    def look_now(self) -> None:
        """Do at once what was put off: read back what is uncertain, ask for tracking."""
        if self._driven.runner is not None:
            self._driven.runner.wake(look=True)
        elif self._begun and not self._closed:
            self._fit(self._station.settings.shipping, anew=True)

    def _changed(self, nouns: frozenset[str]) -> None:
        if not self._begun or self._closed:
            return
        if "settings" in nouns:
            self._lanes.read(lambda s: s.settings.shipping, then=self._fit, latest="shipping settings")
        if self._driven.runner is not None and nouns & {"postage", "postage.retry", "orders"}:
            self._driven.runner.wake()

    def _fit(self, settings: ShippingSettings, *, anew: bool = False) -> None:
        """Work with the account of the settings, or with none."""
        if self._closed:
            return
        where = (settings.broker, settings.base, settings.since, settings.test)
        same, self._where = where == self._where and not anew, where
        if not settings.connected:
            self._stop()
            self._show(ShippingState())
        elif not same:
            self._stop()
            self._make(settings)
        elif self._driven.runner is not None:
            self._driven.runner.wake()

    def _stop(self) -> None:
        runner = self._driven.stop()
        if runner is not None:
            runner.close()

    def _make(self, settings: ShippingSettings) -> None:
        """Open the broker and drive the engines, on the lane."""

        def again(wanted: Wanted) -> None:
            if wanted():
                self._fit(self._station.settings.shipping, anew=True)

        def not_made(error: ShopError, wanted: Wanted) -> None:
            if not wanted():
                return
            test, simulated = settings.test, self._station.settings.demo
            self._show(ShippingState("key", error.message, test=test, simulated=simulated))
            if isinstance(error, StorageError):
                # The keyring is locked or silent: somebody may unlock it.
                self._lanes.later(LOCKED_WAIT_MS, lambda: again(wanted))

        self._driven.begin(
            lambda wanted: self._made(settings, wanted),
            run=lambda runner: runner.run(),
            leave=lambda runner: runner.close(),
            failed=not_made,
        )

    def _made(self, settings: ShippingSettings, wanted: Wanted) -> Runner:
        key = self._keys.load(settings.base)
        if key is None:
            raise Refused("carrier_key", NO_KEY)
        from bookwish_desk.parcel_papers import draw_papers
        from bookwish_desk.sync.carriers.buying import Buying
        from bookwish_desk.sync.carriers.following import Following
        from bookwish_desk.sync.carriers.handing import Handing
        from bookwish_desk.sync.carriers.running import Runner
        from bookwish_desk.sync.carriers.voiding import Voiding
        from bookwish_desk.sync.running import LaneBooks

        port = self._opened(settings.base, key)
        books, store = LaneBooks(self._lanes), self._lanes.store
        buying = Buying(port, books, store.clock, self._chance, lambda *label: draw_papers(store, *label))
        after = (Voiding, Handing, Following)
        others: tuple[Engine, ...] = tuple(one(port, books, store.clock, self._chance) for one in after)
        last: list[ShippingState] = []

        def told() -> None:
            try:
                state = _state(store, buying.now.way, buying.now.words, settings)
            except ShopError:
                return
            if last != [state]:
                last[:] = [state]
                self._lanes.home(lambda: self._show(state) if wanted() else None)

        return Runner(port, buying, others, told, _warm)

    # ---- what people ask for ----

    def check_address(
        self, address: PostalAddress, then: Callable[[CheckedAddress], None], failed: Failed
    ) -> None:
        """Check an address with the carriers, or take what is known of it; kept for half a year."""

        def ask() -> CheckedAddress:
            from bookwish_desk.actions import carrier_account
            from bookwish_desk.db import address_checks

            store = self._lanes.store
            with store.read() as conn:
                known = address_checks.find(conn, address, store.clock())
            if known is not None:
                return known
            runner = self._driven.runner
            if runner is None:
                raise Refused("carriers", self.state.words or "No account of a carrier is connected.")
            reply = runner.port.check_address(address)
            if reply.result != "done" or reply.value is None:
                raise Refused("carriers", reply.words or "The address could not be checked just now.")
            checked = reply.value
            self._lanes.write_now(lambda s: carrier_account.keep_check(s, address, checked))
            return checked

        self._lanes.work(ask, then=then, failed=failed, lane=PEOPLE)

    def try_key(self, base: str, key: Secret, then: Callable[[CarrierAccount], None], failed: Failed) -> None:
        """Try a key at an address, keep it in the keyring, and connect the shop with it."""

        def ask() -> tuple[str, CarrierAccount]:
            from bookwish_desk.sync.carriers.easypost.address import broker_address

            where = broker_address(base)
            port = self._opened(where, key)
            try:
                reply = port.account()
            finally:
                port.close()
            if reply.result == "done" and reply.value is not None:
                return where, reply.value
            field = "key" if reply.result in ("signed_out", "refused") else "base"
            raise Refused("carriers", reply.words or "The account did not answer as it should.", field=field)

        def asked(found: tuple[str, CarrierAccount]) -> None:
            from bookwish_desk.actions import carrier_account

            where, account = found

            def connected(kept: ShippingSettings) -> None:
                self._lanes.work(
                    lambda: self._keys.keep(kept.base, key),
                    then=lambda _none: made(kept),
                    failed=failed,
                    lane=PEOPLE,
                )

            def made(kept: ShippingSettings) -> None:
                self._begun = True
                self._fit(kept, anew=True)
                then(account)

            self._station.act(
                lambda store, actor: carrier_account.connect(store, actor, where, account),
                then=connected,
                failed=failed,
            )

        self._lanes.work(ask, then=asked, failed=failed, lane=PEOPLE)

    def ask_account(self, then: Callable[[CarrierAccount], None], failed: Failed) -> None:
        """Ask with the key that is kept whose account it is, and what is left on it."""

        def ask() -> CarrierAccount:
            runner = self._driven.runner
            if runner is None:
                raise Refused("carriers", self.state.words or "No account of a carrier is connected.")
            reply = runner.port.account()
            if reply.result != "done" or reply.value is None:
                raise Refused("carriers", reply.words or "The account did not answer as it should.")
            return reply.value

        self._lanes.work(ask, then=then, failed=failed, lane=PEOPLE)

    def hold_key(self, base: str, key: Secret) -> None:
        """Have the key of a demonstration's account until the desk is closed; the keyring never sees it."""
        self._keys.hold(base, key)

    def forget_key(self, then: Callable[[], None], failed: Failed) -> None:
        """Forget the key; no more labels can be bought, what is bought stays."""
        from bookwish_desk.actions import carrier_account

        def disconnected(kept: ShippingSettings) -> None:
            self._fit(kept)
            self._lanes.work(self._keys.forget, then=lambda _none: then(), failed=failed, lane=PEOPLE)

        self._station.act(carrier_account.disconnect, then=disconnected, failed=failed)


def _state(store: Store, way: str, words: str, settings: ShippingSettings) -> ShippingState:
    from bookwish_desk.db import postages

    with store.read() as conn:
        busy, waiting = postages.counts(conn)
    simulated = store.settings.demo
    return ShippingState(way, words, busy, waiting, settings.test, simulated)  # type: ignore[arg-type]


def _warm() -> None:
    """Load what the first label needs. Slow: for the lane."""
    import easypost.easypost_client

    from bookwish_desk import parcel_papers

    assert easypost.easypost_client is not None
    parcel_papers.warm()


def _open_broker(base: str, key: Secret) -> Carriers:
    from bookwish_desk.sync.carriers.easypost import open_easypost

    return open_easypost(base, key)
