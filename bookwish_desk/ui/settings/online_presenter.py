"""Runs the section Online store: signing in, choosing the store, testing, pausing and disconnecting it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import Abilities, OnlineSettings, StoreProfile
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.sync_state import SyncState, span
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.online_work import OnlineWork, SignedIn, Tried
from bookwish_desk.ui.settings.online_state import CanDo, OnlineSetup, StoreChoice
from bookwish_desk.ui.sync import words

if TYPE_CHECKING:
    from bookwish_desk.shop.online import Membership
    from bookwish_desk.ui.settings.presenter import SettingsPresenter

MOST_STORES = 50
"""More stores than this are no answer: somebody types more of the name."""
NOT_YET = "The work with online stores has not started yet. Try again in a moment."
ONLY_OWN = (
    "This account sees only its own purchases, not the orders of the shop. Orders will not come down: type"
    " them in with New order on the Orders screen, or sign in with the shop's account."
)
_FIELDS = ("address", "email", "password", "search", "store")


class OnlinePresenter:
    """Shows and changes which online store the shop works with. The password goes to the store only.

    `on_sign_in` asks for the password of the connected store.
    """

    def __init__(self, settings: SettingsPresenter) -> None:
        self._settings = settings
        self._station = settings.station
        self._profiles: dict[str, StoreProfile] = {}
        self._trial = 0
        self._watching: Callable[[], None] | None = None
        self.on_sign_in: Callable[[], None] = lambda: None
        settings.when_reloaded(self._reloaded)

    @property
    def _online(self) -> OnlineWork | None:
        return self._station.online

    @property
    def _setup(self) -> OnlineSetup:
        return self._settings.state.online

    def _show(self, **changes: object) -> None:
        self._settings.show(online=replace(self._setup, **changes))

    # ---- following ----

    def _reloaded(self) -> None:
        if self._settings.state.section != "online":
            return
        online = self._online
        if online is not None and self._watching is None:
            self._watching = online.watch(self._heard)
        self._follow()

    def _heard(self, _state: SyncState) -> None:
        if self._settings.showing and self._settings.state.section == "online":
            self._follow()

    def _follow(self) -> None:
        """Show what is connected, or how far signing in has come."""
        online, kept = self._online, self._station.settings.online
        why_not = NOT_YET if online is None else ""
        if not kept.connected:
            setup = self._setup
            stage = "sign_in" if setup.stage == "connected" else setup.stage
            address, email = setup.address or kept.address, setup.email or kept.email
            abilities = setup.abilities if stage == "choose" else ()
            demo = online.demo if online is not None else None
            self._show(
                stage=stage, address=address, email=email, abilities=abilities, keyring="", why_not=why_not,
                hint=demo.account_words if demo is not None else "",
            )  # fmt: skip
            return
        state = self._state(kept)
        now = self._station.lanes.store.clock()
        self._show(
            stage="connected",
            headline=words.headline(state, {}, now, self._station.settings),
            facts=self._facts(kept, state, now),
            abilities=_can_do(state.abilities),
            first=words.first_import(state.first, state.first_stopped),
            stock_elsewhere=kept.stock_from_elsewhere,
            paused=kept.paused,
            out=state.way == "signed_out",
            keyring="\n".join(words.warnings(state)),
            why_not=why_not,
        )

    def _state(self, kept: OnlineSettings) -> SyncState:
        state = self._online.state if self._online is not None else SyncState()
        if kept.paused:
            return replace(state, way="paused")
        return replace(state, way="starting") if state.way in ("none", "paused") else state

    def _facts(self, kept: OnlineSettings, state: SyncState, now: int) -> tuple[tuple[str, str], ...]:
        since = when(kept.since, now, self._station.settings)
        pairs = (
            ("Store", clean(kept.store_name, 120) or kept.store_id),
            ("Id", "" if kept.store_id in (kept.store_name or kept.store_id) else kept.store_id),
            ("Address", clean(kept.address, 200)),
            ("Account", clean(state.account or kept.email, 120)),
            ("Connected since", since),
        )
        return tuple((name, text) for name, text in pairs if text)

    # ---- signing in ----

    def sign_in(self, address: str, email: str, password: Secret) -> None:
        """Sign in at an address; what is wrong is said beside its field."""
        errors = {}
        if not address:
            errors["address"] = "Type the address of the store, such as https://api.example.com."
        if not email:
            errors["email"] = "Type the e-mail of the account."
        if not password:
            errors["password"] = "Type its password."
        self._show(address=address, email=email, errors=errors, notice="")
        online = self._online
        if errors or online is None or self._setup.busy:
            return
        self._show(busy="Signing in…")
        online.sign_in(address, email, password, self._signed_in, self._failed)

    def _signed_in(self, who: SignedIn) -> None:
        self._profiles = {m.store_id: _profile(m) for m in who.stores if m.sells}
        stores = tuple(_membership(m) for m in who.stores if m.sells)
        name = clean(who.account.name, 80)
        email = clean(who.account.email, 120) or self._setup.email
        found = ""
        if stores:
            found = "The stores that this account works for:"
        self._show(
            stage="choose",
            busy="",
            errors={},
            notice="",
            account=f"Signed in as {name + ', ' if name else ''}{email}.",
            stores=stores,
            chosen=stores[0].id if len(stores) == 1 else "",
            found=found,
            abilities=_can_do(who.abilities),
        )

    def use_another(self) -> None:
        """Go back to signing in."""
        self._show(stage="sign_in", stores=(), chosen="", notice="", errors={}, abilities=())

    # ---- the store ----

    def find(self, typed: str) -> None:
        """Look for stores by name, town or slug."""
        online = self._online
        if not typed:
            self._show(errors={"search": "Type the name of the shop, or a part of it."})
        elif online is not None and not self._setup.busy:
            self._show(busy="Looking for it…", errors={}, notice="")
            online.find_store(typed, self._found, self._failed)

    def _found(self, profiles: tuple[StoreProfile, ...]) -> None:
        self._profiles = {p.id: p for p in profiles[:MOST_STORES]}
        stores = tuple(_choice(p) for p in self._profiles.values())
        more = len(profiles) - len(stores)
        found = f"{more} more are not listed: type more of the name." if more else ""
        if not stores:
            found = "No store is called that. Type its id beneath, as the store shows it."
        self._show(busy="", stores=stores, chosen=stores[0].id if len(stores) == 1 else "", found=found)

    def choose(self, store_id: str) -> None:
        """Choose a store of the list."""
        if store_id != self._setup.chosen:
            self._show(chosen=store_id, errors={})

    def connect(self, typed: str) -> None:
        """Connect the store whose id was typed, else the chosen one, and begin the first import."""
        online, store_id = self._online, clean(typed, 120) or self._setup.chosen
        if not store_id:
            self._show(errors={"store": "Choose a store of the list, or type its id."})
            return
        if online is None or self._setup.busy:
            return
        profile = self._profiles.get(store_id, StoreProfile(store_id, ""))
        self._show(busy="Connecting…", errors={}, notice="")

        def connected() -> None:
            self._show(busy="", notice="Connected. Everything is read once now; selling goes on.", tone="ok")
            self._reload()

        online.choose(profile, connected, self._failed)
        # A manager who is asked may never answer: the form is not held for that.
        self._station.lanes.later(20_000, self._let_go)

    def _let_go(self) -> None:
        if self._setup.busy == "Connecting…":
            self._show(busy="")

    def _reload(self) -> None:
        """Go by the settings in force: what was connected or paused is in the books."""
        self._station.lanes.read(
            lambda store: store.settings, then=self._take_settings, latest="online-settings"
        )

    def _take_settings(self, settings: object) -> None:
        self._station.settings = settings  # type: ignore[assignment]
        self._follow()

    # ---- what is connected ----

    def test(self) -> None:
        """Ask the store whether it answers, who we are to it and what it can do."""
        online = self._online
        if online is None or self._setup.busy:
            return
        self._trial += 1
        mine = self._trial
        self._show(busy="The store is asked…", notice="")
        online.try_out(
            lambda tried: self._tried(tried) if mine == self._trial else None,
            lambda error: self._failed(error) if mine == self._trial else None,
        )

    def _tried(self, tried: Tried) -> None:
        said = [f"The store answered in {tried.took_ms:,} ms."]
        if abs(tried.ahead_ms) >= 1_000:
            side = "ahead of" if tried.ahead_ms > 0 else "behind"
            said.append(f"Its clock is {span(abs(tried.ahead_ms))} {side} this computer's.")
        else:
            said.append("Its clock agrees with this computer's.")
        if tried.only_own:
            said.append(ONLY_OWN)
        self._show(
            busy="",
            notice=" ".join(said),
            tone="warn" if tried.only_own else "ok",
            abilities=_can_do(tried.abilities),
        )

    def pause(self) -> None:
        """Pause, or go on."""
        from bookwish_desk.actions import connecting

        change = connecting.resume if self._station.settings.online.paused else connecting.pause
        self._station.act(change, then=self._kept, failed=self._failed)

    def _kept(self, online: OnlineSettings) -> None:
        self._station.settings = replace(self._station.settings, online=online)
        self._show(notice="", busy="")
        self._follow()

    def sign_in_again(self) -> None:
        """Ask for the password of the connected store."""
        if self._setup.out and self._online is not None:
            self.on_sign_in()

    def sign_out(self) -> None:
        """Forget the session; what waits is kept."""
        online = self._online
        if online is None:
            return

        def done() -> None:
            self._show(notice="Signed out. What waits is kept.", tone="info")
            self._follow()

        online.sign_out(done, self._failed)

    def disconnect(self) -> None:
        """Work with no online store any more, and forget the session."""
        from bookwish_desk.actions import connecting

        def disconnected(online: OnlineSettings) -> None:
            self._station.settings = replace(self._station.settings, online=online)
            self._show(
                stage="sign_in", address=online.address, email=online.email, stores=(), chosen="",
                abilities=(), first=None, notice="The store is disconnected.", tone="info",
            )  # fmt: skip
            self._follow()

        def leave() -> None:
            self._station.act(connecting.disconnect, then=disconnected, failed=self._failed)

        # First: once it is disconnected nobody knows the session any more.
        work = self._online
        if work is None or self._setup.out:
            leave()
        else:
            work.sign_out(leave, self._failed)

    def set_elsewhere(self, elsewhere: bool) -> None:
        """Say whether the store takes its stock from elsewhere."""
        from bookwish_desk.actions import connecting

        wanted = replace(self._station.settings.online, stock_from_elsewhere=elsewhere)
        self._station.act(
            lambda store, actor: connecting.connect(store, actor, wanted),
            then=self._kept,
            failed=self._failed,
        )

    def first_import(self) -> None:
        """Stop the first import, or go on with it."""
        online, first = self._online, self._setup.first
        if online is not None and first is not None:
            if first.stopped:
                online.sync_now()
            else:
                online.cancel_first()

    def _failed(self, error: ShopError) -> None:
        field = str(error.facts.get("field", ""))
        if field in _FIELDS and not self._station.settings.online.connected:
            self._show(busy="", errors={field: error.message}, notice="")
        else:
            self._show(busy="", notice=error.message, tone="error")
        self._follow()


def _can_do(abilities: Abilities) -> tuple[CanDo, ...]:
    return tuple(CanDo(*row) for row in words.ability_rows(abilities))


def _profile(m: Membership) -> StoreProfile:
    return StoreProfile(m.store_id, m.slug, m.slug)


def _membership(m: Membership) -> StoreChoice:
    return StoreChoice(m.store_id, clean(m.slug, 80) or clean(m.store_id, 80), clean(m.role, 40))


def _choice(p: StoreProfile) -> StoreChoice:
    about = " · ".join(x for x in (clean(p.city, 60), clean(p.slug, 60)) if x)
    return StoreChoice(p.id, clean(p.name, 120) or clean(p.id, 80), about)
