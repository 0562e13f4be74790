"""Runs the sign-in screen: who is there, checking a PIN or a badge, waiting, and an owner's recovery."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bookwish_desk.actions import staffing
from bookwish_desk.actions.staffing import Proof, SignIn
from bookwish_desk.db import people
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.recovery import new_owner_code, read_owner_code
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person, pin_fault
from bookwish_desk.ui.proving import prove
from bookwish_desk.ui.signin.state import Face, Refusal, SignInState
from bookwish_desk.ui.station import Station

ROLES = {"owner": "Owner", "manager": "Manager", "staff": "Staff"}
TICK_MS = 1_000


class SignInPresenter:
    """Owns the cover over the screens, and every scan while it is shown.

    `on_signed_in` gets the person; the register is theirs until the desk covers it again. `on_loaded` is
    told when the staff is shown. What is scanned while somebody is being checked waits for the answer.
    """

    def __init__(self, station: Station, hints: Sequence[tuple[str, str]] = ()) -> None:
        self.station = station
        self.state = SignInState()
        self.render: Callable[[SignInState], None] = lambda _state: None
        self.on_signed_in: Callable[[Person], None] = lambda _person: None
        self.on_loaded: Callable[[], None] = lambda: None
        self._scans: list[str] = []
        self._busy = False
        self._hints = dict(hints)
        self._shown = False
        self._last = ""
        self._ticking = False
        station.on_change(self._changed)

    def shown(self) -> None:
        """Take scans, and ask who is there; whoever was there last is chosen."""
        self._shown = True
        self._scans.clear()
        self.station.own_scans(self)
        settings = self.station.settings
        self.state = SignInState(
            shop=settings.shop_name,
            demo=settings.demo,
            can_recover=bool(settings.recovery_hash),
            heading="Locked. Who is at the register?" if self._last else "Who is at the register?",
            chosen=self._last,
            faces=self.state.faces,
        )
        self.render(self.state)
        self._load()

    def hidden(self) -> None:
        """Take no more scans, and forget what stood there."""
        self._shown = False
        self.station.release_scans(self)
        self._show(notice="", wait=0, checking=False)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"staff", "settings"}:
            self._load()

    def _load(self) -> None:
        def reading(store: Store) -> tuple[Person, ...]:
            with store.read() as conn:
                return people.staff(conn)

        def failed(error: ShopError) -> None:
            self._show(notice=error.message, tone="error")
            self.on_loaded()

        self.station.lanes.read(reading, then=self._show_staff, failed=failed, latest="signin-staff")

    def _show_staff(self, staff: tuple[Person, ...]) -> None:
        hints = self._hints if self.station.settings.demo else {}
        faces = tuple(Face(p.id, p.name, ROLES[p.role], hints.get(p.name, "")) for p in staff)
        there = {f.id for f in faces}
        only = faces[0].id if len(faces) == 1 else ""
        self._show(faces=faces, chosen=self.state.chosen if self.state.chosen in there else only)
        self.on_loaded()

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- PIN ----

    def choose(self, staff_id: str) -> None:
        """Choose who is there."""
        self._show(chosen=staff_id, notice="", wait=0)

    def step(self, by: int) -> None:
        """Choose the next person, or the one before."""
        ids = [f.id for f in self.state.faces]
        if ids:
            here = ids.index(self.state.chosen) + by if self.state.chosen in ids else 0
            self.choose(ids[here % len(ids)])

    def submit(self, pin: Secret) -> None:
        """Check the chosen person's PIN."""
        chosen = self.state.chosen
        if not chosen:
            self._show(notice="Choose your name first.", tone="info")
            return
        self._busy = True
        self._show(checking=True, notice="")
        prove(self.station, chosen, pin, then=self._proven, failed=self._failed)

    def _proven(self, proof: Proof) -> None:
        register = self.station.register
        self.station.lanes.act(
            lambda store: staffing.sign_in(store, register, proof), then=self._done, failed=self._failed
        )

    def _done(self, done: SignIn) -> None:
        if done.person is None:
            self._refuse(done.fault, done.wait_seconds)
            return
        self._last = done.person.id
        self._show(notice="", wait=0, checking=False)
        self.station.person = done.person
        self._busy, scans, self._scans = False, self._scans, []
        self.on_signed_in(done.person)
        for code in scans:
            self.station.scanned(code)

    def _failed(self, error: ShopError) -> None:
        seconds = error.facts.get("seconds")
        self._refuse(error.message, seconds if isinstance(seconds, int) else 0)

    def _refuse(self, sentence: str, seconds: int) -> None:
        self._show(checking=False, notice=sentence, tone="error", wait=seconds)
        self._tick_later()
        self._busy = False
        while self._scans and not self._busy:
            self.scanned(self._scans.pop(0))

    # ---- waiting ----

    def _tick_later(self) -> None:
        if self.state.wait and not self._ticking:
            self._ticking = True
            self.station.lanes.later(TICK_MS, self.tick)

    def tick(self) -> None:
        """Count down by a second."""
        self._ticking = False
        if not self.state.wait:
            return
        left = self.state.wait - 1
        self._show(wait=left, notice=staffing.wait_sentence(left) if left else "Try again now.", tone="info")
        self._tick_later()

    # ---- badge ----

    def scanned(self, code: str) -> None:
        """Sign in by badge; anything else that is scanned here is told so and sells nothing."""
        if self._busy:
            self._scans.append(code)
            return
        if barcode.parse(code).kind != "badge":
            self._show(notice="That is not a badge. Sign in first, then scan it again.", tone="info")
            return
        self._busy = True
        register = self.station.register
        self.station.lanes.act(
            lambda store: staffing.sign_in_badge(store, register, code), then=self._done, failed=self._failed
        )

    # ---- an owner who forgot the PIN ----

    def owners(self) -> tuple[Face, ...]:
        """Return the owners."""
        return tuple(f for f in self.state.faces if f.role == ROLES["owner"])

    def recover(
        self,
        owner: str,
        code: str,
        pin: Secret,
        again: Secret,
        done: Callable[[Secret], None],
        refused: Refusal,
    ) -> None:
        """Give an owner a new PIN; `done` gets the recovery code that takes the place of the used one."""
        if fault := pin_fault(pin.reveal()):
            refused("pin", fault)
            return
        if pin != again:
            refused("again", "The two PINs differ. Type the new one twice.")
            return
        try:
            typed = read_owner_code(code)
        except Refused as error:
            refused("code", error.message)
            return
        stored, pepper, fresh = self.station.settings.recovery_hash, self.station.pepper, new_owner_code()
        register = self.station.register

        def hashing() -> tuple[str, str] | None:
            if not staffing.verify_code(stored, typed):
                return None
            return staffing.hash_pin(pin.reveal(), pepper), staffing.hash_code(fresh)

        def hashed(hashes: tuple[str, str] | None) -> None:
            if hashes is None:
                self.station.lanes.act(lambda store: staffing.recovery_failed(store, register))
                refused("code", "This is not the shop's recovery code.")
                return
            pin_hash, next_hash = hashes
            self.station.lanes.act(
                lambda s: staffing.recover_owner(s, register, owner, stored, pin_hash, next_hash),
                then=lambda _person: done(fresh),
                failed=lambda error: refused("", error.message),
            )

        self.station.lanes.work(
            hashing, then=hashed, failed=lambda error: refused("", error.message), lane="pins"
        )
