"""Runs the approval sheet: who may approve it, checking the PIN, and the approval of just this."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bookwish_desk.actions import staffing
from bookwish_desk.actions.staffing import Approval, Proof
from bookwish_desk.db import people
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import NeedsApproval, ShopError
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui.approval.state import ApprovalState, Approver
from bookwish_desk.ui.proving import prove
from bookwish_desk.ui.signin.presenter import ROLES, TICK_MS
from bookwish_desk.ui.station import Station


class ApprovalPresenter:
    """Asks once, for one action. Scans meanwhile sell nothing behind the sheet."""

    def __init__(self, station: Station, needs: NeedsApproval, given: Callable[[str], None]) -> None:
        self.station = station
        self.state = ApprovalState()
        self.render: Callable[[ApprovalState], None] = lambda _state: None
        self.on_given: Callable[[], None] = lambda: None
        self._permission = str(needs.facts["permission"])
        self._ref = str(needs.facts["ref"])
        self._actor = station.actor
        self._given = given
        self._open = False

    def shown(self) -> None:
        """Take scans, and show who may approve it."""
        self._open = True
        self.station.own_scans(self)

        def reading(store: Store) -> tuple[Person, ...]:
            with store.read() as conn:
                return people.holders(conn, self._permission)

        self.station.lanes.read(reading, then=self._show_holders)

    def hidden(self) -> None:
        """Give scans back; a PIN that is still being checked approves nothing any more."""
        self._open = False
        self.station.release_scans(self)

    def _show_holders(self, holders: tuple[Person, ...]) -> None:
        found = tuple(Approver(p.id, p.name, ROLES[p.role]) for p in holders)
        self._show(approvers=found, chosen=found[0].id if len(found) == 1 else self.state.chosen)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        if self._open:
            self.render(self.state)

    def choose(self, staff_id: str) -> None:
        """Choose who approves it."""
        self._show(chosen=staff_id, notice="", wait=0)

    def scanned(self, code: str) -> None:
        """Say that a scan does nothing here."""
        self._show(notice="Approve or cancel first, then scan again.")

    def submit(self, pin: Secret) -> None:
        """Check the PIN of whoever was chosen."""
        if not self.state.chosen:
            self._show(notice="Choose who approves it.")
            return
        self._show(checking=True, notice="")
        prove(self.station, self.state.chosen, pin, then=self._proven, failed=self._failed)

    def _proven(self, proof: Proof) -> None:
        # Cancelled meanwhile: nothing is approved, but a wrong PIN still counts.
        if proof.ok and not self._open:
            return
        actor, permission, ref = self._actor, self._permission, self._ref
        self.station.lanes.act(
            lambda store: staffing.approve(store, actor, proof, permission, ref),
            then=self._done,
            failed=self._failed,
        )

    def _done(self, done: Approval) -> None:
        if not done.id:
            self._refuse(done.fault, done.wait_seconds)
        elif self._open:
            self.on_given()
            self._given(done.id)

    def _failed(self, error: ShopError) -> None:
        seconds = error.facts.get("seconds")
        self._refuse(error.message, seconds if isinstance(seconds, int) else 0)

    def _refuse(self, sentence: str, seconds: int) -> None:
        was_waiting = bool(self.state.wait)
        self._show(checking=False, notice=sentence, wait=seconds)
        if seconds and not was_waiting:
            self.station.lanes.later(TICK_MS, self.tick)

    def tick(self) -> None:
        """Count down by a second."""
        if not self._open or not self.state.wait:
            return
        left = self.state.wait - 1
        self._show(wait=left, notice=staffing.wait_sentence(left) if left else "Try again now.")
        if left:
            self.station.lanes.later(TICK_MS, self.tick)
