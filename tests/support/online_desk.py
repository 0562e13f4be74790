"""A counter whose shop works with an online store that exists only in the test, for tests of what is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions import uploading
from bookwish_desk.actions.uploading import Ended
from bookwish_desk.db import conflicts
from bookwish_desk.db.outbox import Job
from bookwish_desk.shop.conflict import Conflict, Kind
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import Abilities, Account, Membership, OnlineSettings, StoreProfile
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.sync_state import SyncState
from bookwish_desk.ui.online_work import Failed, SignedIn, Tried
from tests.support.counter import Counter
from tests.support.shops import NOON, station_for

ADDRESS = "https://store.example.com"
CONNECTED = OnlineSettings(
    address=ADDRESS,
    email="shop@example.com",
    store_id="st_1",
    store_name="Tern Books",
    since=NOON - 1_000_000,
)


class FakeDemo:
    """The store of a demonstration that only remembers what was done to it."""

    def __init__(self) -> None:
        self.running = True
        self.ordered = 0
        self.account_words = "In this demonstration: shop@example.com, password 1a2b3c4d."
        self._told: list[Callable[[], None]] = []

    def start(self) -> None:
        """Run."""
        self._set(True)

    def stop(self) -> None:
        """Be dead."""
        self._set(False)

    def _set(self, running: bool) -> None:
        self.running = running
        for told in self._told:
            told()

    def order_now(self) -> None:
        """Remember an order."""
        self.ordered += 1

    def watch(self, told: Callable[[], None]) -> Callable[[], None]:
        """Tell when it starts or stops."""
        self._told.append(told)
        return lambda: self._told.remove(told)


class FakeOnline:
    """The work with an online store that only remembers what was asked; answers are given by the test."""

    def __init__(self, state: SyncState, demo: FakeDemo | None = None) -> None:
        self.state = state
        self.demo = demo
        self.asked: list[tuple[Any, ...]] = []
        self.refuse: ShopError | None = None
        self.stores: tuple[Membership, ...] = ()
        self.found: tuple[StoreProfile, ...] = ()
        self.tried = Tried()
        self.hold = False
        self.held: Callable[[], None] = lambda: None
        self.watching: list[Callable[[SyncState], None]] = []

    def watch(self, told: Callable[[SyncState], None]) -> Callable[[], None]:
        """Tell of each state that `become` brings."""
        self.watching.append(told)
        return lambda: self.watching.remove(told)

    def become(self, **changes: Any) -> None:
        """Be in another state."""
        self.state = replace(self.state, **changes)
        for told in tuple(self.watching):
            told(self.state)

    def _answer(self, then: Callable[[], None], failed: Failed) -> None:
        def answer() -> None:
            if self.refuse is not None:
                failed(self.refuse)
            else:
                then()

        if self.hold:
            self.held = answer
        else:
            answer()

    def sync_now(self) -> None:
        """Remember it."""
        self.asked.append(("now",))

    def sign_in(
        self, address: str, email: str, password: Secret, then: Callable[[SignedIn], None], failed: Failed
    ) -> None:
        """Remember who signs in."""
        self.asked.append(("sign_in", address, email, password.reveal()))
        who = SignedIn(address, Account("u1", email, "Olive"), self.state.abilities, self.stores)
        self._answer(lambda: then(who), failed)

    def find_store(
        self, words: str, then: Callable[[tuple[StoreProfile, ...]], None], failed: Failed
    ) -> None:
        """Find what the test put there."""
        self.asked.append(("find", words))
        self._answer(lambda: then(self.found), failed)

    def choose(self, profile: StoreProfile, then: Callable[[], None], failed: Failed) -> None:
        """Remember the store."""
        self.asked.append(("choose", profile))
        self._answer(then, failed)

    def cancel_first(self) -> None:
        """Remember it."""
        self.asked.append(("cancel_first",))

    def try_out(self, then: Callable[[Tried], None], failed: Failed) -> None:
        """Answer as the test says."""
        self.asked.append(("try",))
        self._answer(lambda: then(self.tried), failed)

    def sign_out(self, then: Callable[[], None], failed: Failed) -> None:
        """Remember it."""
        self.asked.append(("sign_out",))
        self._answer(then, failed)

    def look_up(self, job_id: str) -> None:
        """Remember what is looked for."""
        self.asked.append(("look", job_id))


class OnlineCounter(Counter):
    """A counter that works with an online store, and what can happen to what goes there."""

    def __init__(
        self, folder: Path, online: OnlineSettings = CONNECTED, demo: FakeDemo | None = None
    ) -> None:
        super().__init__(folder, online=online)
        self.station, self.front = station_for(self.store, self.actor)
        self.station.lanes.changed = self.station.changed  # type: ignore[attr-defined]
        heard = SyncState(
            way="ok", store_name="Tern Books", address=ADDRESS, account="shop@example.com",
            heard_at=self.clock.at - 12_000, abilities=Abilities(),
        )  # fmt: skip
        self.online = FakeOnline(heard, demo)
        self.station.online = self.online

    def waiting(self) -> list[Job]:
        """Return what is not at the store yet, oldest first."""
        return sorted(uploading.unfinished(self.store, 1_000), key=lambda job: job.id)

    def end(self, job: Job, state: str, words: str = "") -> None:
        """Send a row, and let that end in a state."""
        uploading.begin(self.store, 1, [(job.id, b"{}")])
        uploading.finish(self.store, [Ended(job.id, state, words)])  # type: ignore[arg-type]

    def differ(self, kind: Kind, *subjects: str, **facts: Any) -> str:
        """Open a difference about each subject, in one commit; return the id of the last."""
        found = ""
        with self.store.write() as tx:
            for subject in subjects:
                given = {
                    "sentence": f"Something differs about {subject}.", "ours": "3 copies",
                    "theirs": "5 copies", "ours_by": self.actor.staff, "ours_at": self.clock.at - 60_000,
                    "theirs_at": self.clock.at, "rule": "Ours stands until somebody decides.", **facts,
                }  # fmt: skip
                found = conflicts.open_conflict(tx, Conflict(id="", kind=kind, subject=subject, **given))
        return found
