"""What the screens ask of the work with carriers. Done by `bookwish_desk.shipping`.

Every call returns at once; `then`, `failed` and what watches are called on the GUI thread. Buying, voiding,
handing over are actions that leave a row; the work behind takes the rows up. Here is what no row is for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.carriage import CarrierAccount, CheckedAddress
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.secret import Secret

Failed = Callable[[ShopError], None]


class ShippingState(msgspec.Struct, frozen=True):
    """How the work with carriers stands.

    none: no account. away: the broker cannot be reached. key: its key is missing or wrong. `busy` labels are
    being bought, `waiting` are to be. `simulated`: there is no real carrier.
    """

    way: Literal["none", "ready", "away", "key"] = "none"
    words: str = ""
    busy: int = 0
    waiting: int = 0
    test: bool = False
    simulated: bool = False

    @property
    def unreal(self) -> str:
        """Return what marks labels that no carrier takes, empty where they are real ones."""
        return "Simulated carrier" if self.simulated else "Test account" if self.test else ""


class ShippingWork(Protocol):
    """The work with carriers: what is known of it now, and what people ask of it."""

    @property
    def state(self) -> ShippingState:
        """Return what is known now."""

    def watch(self, told: Callable[[ShippingState], None]) -> Callable[[], None]:
        """Call `told` with each new state, not with the present one; return what ends that."""

    def check_address(
        self, address: PostalAddress, then: Callable[[CheckedAddress], None], failed: Failed
    ) -> None:
        """Check an address with the carriers, or take what is known of it; kept for half a year."""

    def try_key(self, base: str, key: Secret, then: Callable[[CarrierAccount], None], failed: Failed) -> None:
        """Try a key at an address, keep it in the keyring, and connect the shop with it."""

    def ask_account(self, then: Callable[[CarrierAccount], None], failed: Failed) -> None:
        """Ask with the key that is kept whose account it is, and what is left on it."""

    def forget_key(self, then: Callable[[], None], failed: Failed) -> None:
        """Forget the key; no more labels can be bought, what is bought stays."""

    def prepare(self) -> None:
        """Load what the first label needs: somebody is about to buy one."""

    def look_now(self) -> None:
        """Do at once what was put off: read back what is uncertain, ask for tracking."""
