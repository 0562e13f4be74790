"""Runs the section Shipping besides its form: the carriers' account, and the lists of what parcels go in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.shipping import EASYPOST, ShippingSettings
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.settings.carrier_state import CarrierSetup
from bookwish_desk.ui.settings.state import OrderDrafts

if TYPE_CHECKING:
    from bookwish_desk.settings import Settings
    from bookwish_desk.shop.carriage import CarrierAccount
    from bookwish_desk.shop.secret import Secret
    from bookwish_desk.ui.settings.presenter import SettingsPresenter
    from bookwish_desk.ui.shipping_work import ShippingState, ShippingWork

NOT_YET = "The work with carriers has not started yet. Try again in a moment."
NO_SENDER = "Type beneath where parcels come from, and save: no label can be bought without it."
_CONNECTING = "The key is tried…"
_LET_GO_MS = 20_000
_KEPT = {False: "In this computer's keyring", True: "The demonstration's own, until the desk is closed"}


class CarrierPresenter:
    """Shows and changes which account labels are bought from. The key goes to the work with carriers only."""

    def __init__(self, settings: SettingsPresenter) -> None:
        self._settings = settings
        self._station = settings.station
        self._account: CarrierAccount | None = None
        self._of = ShippingSettings()
        self._watching: Callable[[], None] | None = None
        self._trial = 0
        settings.when_reloaded(self._reloaded)

    @property
    def _work(self) -> ShippingWork | None:
        return self._station.shipping

    @property
    def _setup(self) -> CarrierSetup:
        return self._settings.state.carriers

    def _show(self, **changes: object) -> None:
        self._settings.show(carriers=replace(self._setup, **changes))

    def change(self, drafts: OrderDrafts) -> None:
        """Take other packages, presets or rules; they are saved with the section."""
        self._settings.show(drafts=drafts, dirty=True, draft_error="", notice="")

    # ---- following ----

    def _reloaded(self) -> None:
        if self._settings.state.section != "shipping":
            return
        work = self._work
        if work is not None and self._watching is None:
            self._watching = work.watch(self._heard)
        self._follow()

    def _heard(self, _state: ShippingState) -> None:
        if self._settings.showing and self._settings.state.section == "shipping":
            self._follow()

    def _follow(self) -> None:
        """Show the account that is connected, or ask for a key."""
        kept, work = self._station.settings.shipping, self._work
        why_not = NOT_YET if work is None else ""
        if (kept.base, kept.since) != (self._of.base, self._of.since):
            self._account, self._of = None, kept
        if not kept.connected:
            demo = self._station.settings.demo
            hint = "The demonstration has a simulated carrier of its own." if demo else ""
            self._show(
                stage="key", base=kept.base or EASYPOST, changing=False, why_not=why_not, mode="", facts=(),
                hint=hint,
            )  # fmt: skip
            return
        self._show(
            stage="key" if self._setup.changing else "connected",
            base=kept.base,
            why_not=why_not,
            mode=self._mode(kept),
            heading="Connected to EasyPost" if kept.base == EASYPOST else "Connected",
            facts=self._facts(kept),
            trouble=self._trouble(kept),
            hint="",
        )

    def _mode(self, kept: ShippingSettings) -> str:
        work = self._work
        if work is not None and work.state.simulated:
            return "Simulated"
        return "Test" if kept.test else "Production"

    def _trouble(self, kept: ShippingSettings) -> str:
        work = self._work
        state = work.state if work is not None else None
        if state is not None and state.way in ("key", "away") and state.words:
            return state.words
        return "" if kept.sender.line1 else NO_SENDER

    def _facts(self, kept: ShippingSettings) -> tuple[tuple[str, str], ...]:
        settings, account = self._station.settings, self._account
        now = self._station.lanes.store.clock()
        pairs = [
            ("Account", clean(account.name, 120) if account is not None else ""),
            ("Labels", _labels(self._mode(kept))),
            ("Balance", _balance(account, settings)),
            ("Carriers", clean(", ".join(account.carriers[:20]), 300) if account is not None else ""),
            ("Connected since", when(kept.since, now, settings)),
            ("Address", "" if kept.base == EASYPOST else clean(kept.base, 200)),
            ("Key", _KEPT[self._mode(kept) == "Simulated"]),
        ]
        return tuple((name, text) for name, text in pairs if text)

    # ---- connecting ----

    def connect(self, base: str, key: Secret) -> None:
        """Try a key at an address and connect the shop with it; what is wrong is said beside its field."""
        work, typed = self._work, key.reveal()
        errors = {}
        if not typed:
            errors["key"] = "Type the key of the account."
        elif not typed.isascii() or not typed.isprintable() or " " in typed:
            errors["key"] = "A key has no blanks and plain letters only. Copy it once more."
        if errors or work is None or self._setup.busy:
            self._show(errors=errors, notice="")
            return
        self._trial += 1
        mine = self._trial
        self._show(errors={}, notice="", busy=_CONNECTING)

        def connected(account: CarrierAccount) -> None:
            self._account = account
            self._reload(lambda: self._connected(account))

        def failed(error: ShopError) -> None:
            if mine == self._trial:
                self._failed(error)

        work.try_key(base or EASYPOST, key, connected, failed)
        # A manager who is asked may never answer: the form is not held for that.
        self._station.lanes.later(_LET_GO_MS, lambda: self._let_go(mine))

    def _let_go(self, mine: int) -> None:
        if mine == self._trial and self._setup.busy == _CONNECTING:
            self._show(busy="")

    def _connected(self, account: CarrierAccount) -> None:
        words = "Connected."
        if account.test:
            words = "Connected with a test key: labels are samples that nobody pays and no carrier takes."
        self._show(busy="", errors={}, changing=False, notice=words, tone="warn" if account.test else "ok")
        self._follow()

    def _reload(self, then: Callable[[], None]) -> None:
        """Go by the settings in force: what was connected is in the books."""

        def read(settings: Settings) -> None:
            self._station.settings = settings
            kept = settings.shipping
            self._of = kept
            then()

        self._station.lanes.read(lambda store: store.settings, then=read, latest="carrier-settings")

    def _failed(self, error: ShopError) -> None:
        field = str(error.facts.get("field", error.code))
        if field in ("key", "base") and self._setup.stage == "key":
            self._show(busy="", errors={field: error.message}, notice="")
        else:
            self._show(busy="", notice=error.message, tone="error")
        self._follow()

    # ---- what is connected ----

    def look(self) -> None:
        """Ask whose account it is and what is left on it."""
        work = self._work
        if work is None or self._setup.busy:
            return

        def asked(account: CarrierAccount) -> None:
            self._account = account
            self._show(busy="", notice=_said(account, self._station.settings), tone="ok")
            self._follow()

        self._show(busy="The account is asked…", notice="")
        work.ask_account(asked, self._failed)

    def use_another(self) -> None:
        """Ask for another key; the one that is kept stays until that is good."""
        if self._station.settings.shipping.connected:
            self._show(stage="key", changing=True, errors={}, notice="")

    def keep_key(self) -> None:
        """Go on with the key that is kept."""
        self._show(changing=False, errors={}, notice="")
        self._follow()

    def forget(self) -> None:
        """Buy no labels any more, and forget the key."""
        work = self._work
        if work is None or self._setup.busy:
            return

        def forgotten() -> None:
            self._account = None

            def told() -> None:
                self._show(busy="", notice="The key is forgotten. No labels are bought.", tone="info")
                self._follow()

            self._reload(told)

        work.forget_key(forgotten, self._failed)


def _labels(mode: str) -> str:
    return {
        "Simulated": "Simulated: nothing is paid, no carrier takes them",
        "Test": "Test mode: samples that nobody pays and no carrier takes",
        "Production": "Production: bought and paid",
    }[mode]


def _balance(account: CarrierAccount | None, settings: Settings) -> str:
    if account is None or account.balance_cents is None:
        return ""
    return settings.money.show(account.balance_cents)


def _said(account: CarrierAccount, settings: Settings) -> str:
    balance = _balance(account, settings)
    return f"The account has {balance}." if balance else "The account answers. It does not tell its balance."
