"""What the screens ask of the work with the online store, and of the demonstration's own store.

Done by `bookwish_desk.syncing` and, for a demonstration, `bookwish_desk.demo.launching`. Every call returns
at once; `then`, `failed` and what watches are called on the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import Abilities, Account, Membership, StoreProfile
from bookwish_desk.shop.secret import Secret

if TYPE_CHECKING:
    from bookwish_desk.shop.sync_state import SyncState

Failed = Callable[[ShopError], None]


class SignedIn(msgspec.Struct, frozen=True):
    """Who is signed in at which address, what the store can do, and the stores the account works for.

    `stores` is empty where the store does not tell: one is found by its name then, or its id typed.
    """

    address: str
    account: Account
    abilities: Abilities = Abilities()
    stores: tuple[Membership, ...] = ()


class Tried(msgspec.Struct, frozen=True):
    """How a test of the connected store went: what it can do, and how long its answer took (ms).

    `ahead_ms` is how much its clock is ahead of ours. `only_own` says that it shows no orders of the shop,
    only those that the signed-in person placed.
    """

    abilities: Abilities = Abilities()
    took_ms: int = 0
    ahead_ms: int = 0
    only_own: bool = False


class DemoWork(Protocol):
    """The store of a demonstration, which runs beside the desk and can be killed and started again."""

    @property
    def running(self) -> bool:
        """Say whether it runs now."""

    @property
    def account_words(self) -> str:
        """Return how one signs in there, in a sentence: nothing about it is secret."""

    def start(self) -> None:
        """Start it with what it had."""

    def stop(self) -> None:
        """Kill it, in the middle of whatever it does."""

    def order_now(self) -> None:
        """Let a customer order something now."""

    def watch(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call `told` when it was started, stopped or died; return what ends that."""


class OnlineWork(Protocol):
    """The work with the online store: what is known of it now, and what people ask of it.

    Pausing, disconnecting and deciding are actions (`connecting`, `deciding`, `uploading`), not in here.
    """

    @property
    def state(self) -> SyncState:
        """Return what is known now."""

    @property
    def demo(self) -> DemoWork | None:
        """Return the store of the demonstration; None in a shop."""

    def watch(self, told: Callable[[SyncState], None]) -> Callable[[], None]:
        """Call `told` with each new state, not with the present one; return what ends that."""

    def sync_now(self) -> None:
        """Send and fetch at once, whatever was put off; go on with a first import that was stopped.

        Nothing happens where it is paused.
        """

    def sign_in(
        self, address: str, email: str, password: Secret, then: Callable[[SignedIn], None], failed: Failed
    ) -> None:
        """Sign in at an address and keep the session in the keyring.

        At the address of the connected store, syncing goes on with it; any other is only gone by after
        `choose`. Failed is Refused with `facts["field"]` address, email or password where one is to blame.
        """

    def find_store(
        self, words: str, then: Callable[[tuple[StoreProfile, ...]], None], failed: Failed
    ) -> None:
        """Find stores by name, town or slug at the address that was signed in at last."""

    def choose(self, profile: StoreProfile, then: Callable[[], None], failed: Failed) -> None:
        """Connect the shop with this store and begin the first import; only `id` need be known of it.

        It is done as whoever is signed in at the desk: `Station.act` asks a manager where needed.
        """

    def cancel_first(self) -> None:
        """Break the first import off; what is here stays, and the rest comes with later passes."""

    def try_out(self, then: Callable[[Tried], None], failed: Failed) -> None:
        """Ask the connected store whether it answers, who we are to it and what it can do."""

    def sign_out(self, then: Callable[[], None], failed: Failed) -> None:
        """Forget the session; what waits is kept. As whoever is signed in at the desk, like `choose`."""

    def look_up(self, job_id: str) -> None:
        """Look at once in the store what became of something that was sent."""
