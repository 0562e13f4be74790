"""Runs the work with the online store beside the selling, and tells the screens how it stands.

Two lanes of its own: "online" sends, "online-poll" reads and may wait for news; what people ask for (signing
in, looking for a store) has a third. Nothing heavy is imported before a store is worked with.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused, ShopError, StorageError
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.sync_state import SyncState
from bookwish_desk.sync.driving import Driven, Watched

if TYPE_CHECKING:
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.shop.online import StoreProfile
    from bookwish_desk.shop.secret import Secret
    from bookwish_desk.sync.bookwish.session import TokenBox
    from bookwish_desk.sync.driving import Wanted
    from bookwish_desk.sync.port import OnlineStore, Reply
    from bookwish_desk.sync.running import Runner
    from bookwish_desk.ui.online_work import DemoWork, Failed, SignedIn, Tried
    from bookwish_desk.ui.station import Station

log = logging.getLogger(__name__)

UP, DOWN, PEOPLE = "online", "online-poll", "online-people"

Opened = Callable[[OnlineSettings, "TokenBox", bool], "OnlineStore"]
"""Opens the store at an address with tokens, for what a person waits for (True) or for the background."""
Boxed = Callable[[OnlineSettings], "TokenBox"]


class Syncing:
    """The work with the online store as the desk and its screens know it; see `ui.online_work.OnlineWork`.

    All calls are for the GUI thread, which waits for none of them. `demo` is the store of a demonstration.
    """

    def __init__(
        self,
        lanes: Lanes,
        station: Station,
        demo: DemoWork | None = None,
        opened: Opened | None = None,
        boxed: Boxed | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._lanes = lanes
        self._station = station
        self.demo = demo
        self._opened = opened or _open_bookwish
        self._boxed = boxed
        self._chance = chance
        self._known = Watched(SyncState())
        self._driven: Driven[Runner] = Driven(lanes, UP)
        self._settings = OnlineSettings()
        self._fresh: dict[tuple[str, str], TokenBox] = {}
        self._tried: tuple[OnlineStore, OnlineSettings, TokenBox] | None = None
        self._asking: OnlineStore | None = None
        self._begun = self._closed = False
        # One process has the folder: a desk that starts again after a crash is the same one, and waits not.
        self._holder = f"register {station.register}"
        lanes.changed.connect(self._changed)

    # ---- what is known ----

    @property
    def state(self) -> SyncState:
        """Return what is known now."""
        return self._known.state

    def watch(self, told: Callable[[SyncState], None]) -> Callable[[], None]:
        """Call `told` with each new state; return what ends that."""
        return self._known.watch(told)

    def _show(self, state: SyncState) -> None:
        if not self._closed:
            self._known.show(state)

    # ---- running ----

    def begin(self) -> None:
        """Work with the store that the settings name, from now on."""
        self._begun = True
        self._fit(self._station.settings.online)

    def close(self) -> None:
        """Send and read nothing more; what waits stays in the outbox. Returns at once."""
        self._closed = True
        self._stop(for_good=True)
        if self._asking is not None:
            # What somebody asked for just now must not hold up the end.
            threading.Thread(target=self._asking.close, name="online-close", daemon=True).start()

    def _changed(self, nouns: frozenset[str]) -> None:
        if not self._begun or self._closed:
            return
        if "settings" in nouns:
            self._lanes.read(lambda s: s.settings.online, then=self._fit, latest="online settings")
        if self._driven.runner is not None and nouns & {"net", "net.retry", "conflicts"}:
            self._driven.runner.wake_up()

    def _fit(self, settings: OnlineSettings, *, anew: bool = False) -> None:
        """Run for the store of the settings, or for none; what only pauses is seen by the engine."""
        before, self._settings = self._settings, settings
        if self._closed:
            return
        same = _where(before) == _where(settings) and not anew
        if not settings.connected:
            self._stop()
            self._show(SyncState())
        elif not same:
            self._stop()
            self._make(settings)
        elif self._driven.runner is not None:
            self._driven.runner.wake()

    def _stop(self, *, for_good: bool = False) -> None:
        runner = self._driven.stop()
        if runner is not None:
            runner.close(for_good=for_good)

    def _make(self, settings: OnlineSettings) -> None:
        """Open the store and drive an engine for it, on the lanes."""
        fresh = self._fresh.pop((settings.address, settings.email), None)
        if self.state.way == "none":
            self._show(replace(self.state, way="starting", store_name=settings.store_name))

        reading = self._lanes.lane(DOWN)

        def run(runner: Runner) -> None:
            reading.submit(runner.read)
            runner.send()

        self._driven.begin(
            lambda wanted: self._made(settings, fresh, wanted),
            run=run,
            leave=lambda runner: runner.close(for_good=False),
            failed=lambda error, _wanted: self._not_made(error),
        )

    def _made(self, settings: OnlineSettings, fresh: TokenBox | None, wanted: Wanted) -> Runner:
        from bookwish_desk.sync.engine import Engine
        from bookwish_desk.sync.lines import ManyLines
        from bookwish_desk.sync.running import LaneBooks, Runner

        box, keeps = self._box(settings, fresh)
        port = self._opened(settings, box, False)
        lines = ManyLines()
        store, register = self._lanes.store, self._station.register
        engine = Engine(
            port, LaneBooks(self._lanes), store.clock, self._chance, register, self._holder, lines
        )

        def told(state: SyncState) -> None:
            whole = replace(state, keeps_sign_in=keeps)
            self._lanes.home(lambda: self._show(whole) if wanted() else None)

        return Runner(port, engine, lines, told)

    def _not_made(self, error: ShopError) -> None:
        self._show(replace(self.state, way="away", words=error.message))

    def _box(self, settings: OnlineSettings, fresh: TokenBox | None) -> tuple[TokenBox, bool]:
        """Return what keeps the tokens, and whether it keeps them beyond this run of the program."""
        from bookwish_desk.sync.bookwish.session import MemoryBox
        from bookwish_desk.sync.signing_in import keyring_box

        tokens = fresh.load() if fresh is not None else None
        try:
            box = (
                self._boxed(settings) if self._boxed is not None else keyring_box(self._lanes.store, settings)
            )
            if box is not None:
                if fresh is not None and tokens is not None:
                    box.save(tokens)
                    # From now on they are renewed there: those here would be old.
                    fresh.forget()
                return box, True
        except StorageError as fault:
            log.info("event=session_not_kept code=%s", fault.code)
        demo = self._lanes.store.settings.demo
        return fresh or MemoryBox(), demo

    # ---- what people ask for ----

    def sync_now(self) -> None:
        """Send and fetch at once, whatever was put off; go on with a first import that was stopped."""
        if self._driven.runner is not None:
            self._driven.runner.engine.sync_now()
            self._driven.runner.wake()

    def cancel_first(self) -> None:
        """Break the first import off; the rest comes with later passes."""
        if self._driven.runner is not None:
            self._driven.runner.engine.cancel_first()
            self._driven.runner.wake()

    def look_up(self, job_id: str) -> None:
        """Look at once in the store what became of something that was sent."""
        runner = self._driven.runner
        if runner is not None:
            runner.ask(lambda: runner.engine.look_up(job_id))

    def sign_in(
        self, address: str, email: str, password: Secret, then: Callable[[SignedIn], None], failed: Failed
    ) -> None:
        """Sign in at an address; at that of the connected store syncing goes on with it."""

        def ask() -> tuple[SignedIn, OnlineStore, OnlineSettings, TokenBox]:
            from bookwish_desk.sync.bookwish.session import MemoryBox
            from bookwish_desk.sync.signing_in import got, typed
            from bookwish_desk.ui.online_work import SignedIn

            said = typed(address, email)
            box = MemoryBox()
            port = self._asking = self._opened(said, box, True)
            account = got(port.sign_in(said.email, password), "password")
            able = got(port.discover(), "address")
            stores = port.my_stores().value or ()
            at = replace(said, account=account.id)
            return SignedIn(said.address, account, able, stores), port, at, box

        def signed_in(done: tuple[SignedIn, OnlineStore, OnlineSettings, TokenBox]) -> None:
            who, port, at, box = done
            self._leave_tried()
            self._tried = (port, at, box)
            if self._settings.connected and self._settings.address == at.address:
                self._go_on_as(at, box, lambda: then(who), failed)
            else:
                then(who)

        self._lanes.work(ask, then=signed_in, failed=failed, lane=PEOPLE)

    def _go_on_as(self, at: OnlineSettings, box: TokenBox, then: Callable[[], None], failed: Failed) -> None:
        """Go on with the connected store as whoever has just signed in there."""
        from bookwish_desk.actions import connecting

        self._fresh[at.address, at.email] = box

        def noted(kept: OnlineSettings) -> None:
            self._fit(kept, anew=True)
            then()

        self._station.act(
            lambda store, actor: connecting.signed_in(store, actor, at.email, at.account),
            then=noted,
            failed=failed,
        )

    def _leave_tried(self) -> None:
        """Close the connection of whoever signed in before: it has served."""
        if self._tried is not None:
            port, self._tried = self._tried[0], None
            self._lanes.work(port.close, lane=PEOPLE)

    def find_store(
        self, words: str, then: Callable[[tuple[StoreProfile, ...]], None], failed: Failed
    ) -> None:
        """Find stores at the address that was signed in at last."""
        runner = self._driven.runner
        port = runner.port if runner is not None else None
        if self._tried is not None and (port is None or self._tried[1].address != self._settings.address):
            # Never beside the connected store with the same session: each renews it for itself alone.
            port = self._tried[0]
        if port is None:
            failed(Refused("online", "Sign in first."))
            return

        def ask() -> tuple[StoreProfile, ...]:
            from bookwish_desk.sync.signing_in import got

            return got(port.find_store(words), "")

        self._lanes.work(ask, then=then, failed=failed, lane=PEOPLE)

    def choose(self, profile: StoreProfile, then: Callable[[], None], failed: Failed) -> None:
        """Connect the shop with this store and begin the first import."""
        from bookwish_desk.actions import connecting

        if self._tried is None:
            failed(Refused("online", "Sign in first."))
            return
        port, at, box = self._tried
        wanted = replace(at, store_id=profile.id)

        def connected(kept: OnlineSettings) -> None:
            self._fresh[kept.address, kept.email] = box
            self._leave_tried()
            self._fit(kept, anew=True)
            then()

        def ask() -> tuple[OnlineStore, Reply[Any], StoreProfile]:
            from bookwish_desk.sync.signing_in import named

            # An id with a typing error would connect the desk with nothing, or with somebody else's shop.
            port.close()
            probe = self._opened(wanted, box, True)
            reply = probe.stock_list(0, 1)
            found = reply.result in ("done", "not_offered")
            return probe, reply, named(probe, profile.id) if found and not profile.name else profile

        def asked(found: tuple[OnlineStore, Reply[Any], StoreProfile]) -> None:
            from bookwish_desk.sync.signing_in import got

            probe, reply, whole = found
            self._tried = (probe, at, box)
            try:
                if reply.result != "not_offered":
                    got(reply, "store")
            except Refused as refused:
                failed(refused)
                return
            to = replace(wanted, store_name=whole.name, stock_from_elsewhere=whole.square)
            self._station.act(
                lambda store, actor: connecting.connect(store, actor, to), then=connected, failed=failed
            )

        self._lanes.work(ask, then=asked, failed=failed, lane=PEOPLE)

    def try_out(self, then: Callable[[Tried], None], failed: Failed) -> None:
        """Ask the connected store whether it answers, who we are to it and what it can do."""
        runner = self._driven.runner
        if runner is None:
            failed(Refused("online", "There is no online store that could be asked."))
            return

        def ask() -> Tried:
            from bookwish_desk.sync.signing_in import got
            from bookwish_desk.ui.online_work import Tried

            began = time.monotonic()
            reply = runner.port.stock_list(0, 1)
            took = int((time.monotonic() - began) * 1000)
            got(reply, "")
            able = got(runner.port.discover(), "")
            ahead = reply.server_at - self._lanes.store.clock() if reply.server_at else 0
            return Tried(able, took, ahead, bool(self.state.no_orders))

        self._lanes.work(ask, then=then, failed=failed, lane=PEOPLE)

    def sign_out(self, then: Callable[[], None], failed: Failed) -> None:
        """Forget the session; what waits is kept."""
        from bookwish_desk.actions import connecting

        runner = self._driven.runner

        def forget() -> None:
            if runner is not None:
                runner.port.sign_out()
                runner.engine.reach.signed_out = True
                runner.wake()

        def allowed(_none: None) -> None:
            self._leave_tried()
            self._lanes.work(forget, then=lambda _none: then(), failed=failed, lane=PEOPLE)

        self._station.act(connecting.signed_out, then=allowed, failed=failed)


def _open_bookwish(settings: OnlineSettings, box: TokenBox, person: bool) -> OnlineStore:
    from bookwish_desk.sync.signing_in import open_bookwish

    return open_bookwish(settings, box, person)


def _where(settings: OnlineSettings) -> tuple[Any, ...]:
    return settings.address, settings.store_id, settings.email, settings.connected
