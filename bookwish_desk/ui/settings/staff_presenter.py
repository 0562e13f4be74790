"""Runs the part of Settings about people: taking them on, changing them, PINs, badges, leaving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bookwish_desk.actions import hiring, staffing
from bookwish_desk.actions.staffing import Proof
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Actor, Role, pin_fault
from bookwish_desk.ui.proving import prove
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.settings.state import Done, Refusal
from bookwish_desk.ui.station import Station


class StaffPresenter:
    """What the staff panel and its sheets ask; every change is done at once and journalled."""

    def __init__(self, station: Station, settings: SettingsPresenter) -> None:
        self.station = station
        self._settings = settings

    def add_person(
        self, name: str, role: Role, pin: Secret, again: Secret, done: Done, refused: Refusal
    ) -> None:
        """Take somebody on."""
        if not name.strip():
            refused("name", "Type a name.")
            return

        def hashed(pin_hash: str) -> None:
            self._act(
                lambda s, a: hiring.add_person(s, a, name, role, pin_hash),
                f"{name.strip()} can sign in now.",
                done,
                refused,
            )

        self._hash(pin, again, hashed, refused)

    def change_person(self, staff_id: str, name: str, role: Role, done: Done, refused: Refusal) -> None:
        """Change a name, then a role."""
        person = next((p for p in self._settings.state.people if p.id == staff_id), None)
        if person is None:
            refused("", "This person is not on the staff list.")
            return

        def renamed(_value: object = None) -> None:
            if role == person.role:
                self._done("Changed.", done)
                return
            self._act(lambda s, a: hiring.change_role(s, a, staff_id, role), "Changed.", done, refused)

        if name.strip() == person.name:
            renamed()
            return
        self.station.act(
            lambda s, a: hiring.rename(s, a, staff_id, name), then=renamed, failed=_told(refused, "name")
        )

    def set_pin(self, staff_id: str, pin: Secret, again: Secret, done: Done, refused: Refusal) -> None:
        """Give somebody a new PIN."""

        def hashed(pin_hash: str) -> None:
            words = "The new PIN works from now on."
            self._act(lambda s, a: hiring.set_pin(s, a, staff_id, pin_hash), words, done, refused)

        self._hash(pin, again, hashed, refused)

    def change_own_pin(self, old: Secret, pin: Secret, again: Secret, done: Done, refused: Refusal) -> None:
        """Change the PIN of whoever is signed in, who types the old one first."""
        me, register = self.station.actor.staff, self.station.register

        def proven(proof: Proof) -> None:
            if proof.ok:
                self._hash(pin, again, lambda h: keep(proof, h), refused)
                return
            self.station.lanes.act(
                lambda s: staffing.sign_in(s, register, proof),
                then=lambda tried: refused("old", tried.fault),
                failed=_told(refused),
            )

        def keep(proof: Proof, pin_hash: str) -> None:
            words = "Your new PIN works from now on."
            self._act(lambda s, a: hiring.set_pin(s, a, me, pin_hash, proof), words, done, refused)

        if fault := _new_pin_fault(pin, again):
            refused(*fault)
            return
        prove(self.station, me, old, then=proven, failed=_told(refused, "old"))

    # ---- at once, from the panel ----

    def new_badge(self, staff_id: str) -> None:
        """Print a new badge."""
        self._at_once(lambda s, a: hiring.new_badge(s, a, staff_id), "The badge is being printed.")

    def remove_badge(self, staff_id: str) -> None:
        """Let a badge sign in no longer."""
        self._at_once(lambda s, a: hiring.remove_badge(s, a, staff_id), "That badge no longer signs in.")

    def deactivate(self, staff_id: str) -> None:
        """Take somebody off the staff."""
        self._at_once(lambda s, a: hiring.deactivate(s, a, staff_id), "They can no longer sign in.")

    def reactivate(self, staff_id: str) -> None:
        """Take somebody back on."""
        self._at_once(lambda s, a: hiring.reactivate(s, a, staff_id), "They can sign in again.")

    def _at_once(self, action: Callable[[Store, Actor], Any], words: str) -> None:
        self.station.act(action, then=lambda _value: self._settings.say(words), failed=self._settings.warn)

    def _act(self, action: Callable[[Store, Actor], Any], words: str, done: Done, refused: Refusal) -> None:
        self.station.act(action, then=lambda _value: self._done(words, done), failed=_told(refused))

    def _done(self, words: str, done: Done) -> None:
        done()
        self._settings.say(words)

    def _hash(self, pin: Secret, again: Secret, then: Callable[[str], None], refused: Refusal) -> None:
        if fault := _new_pin_fault(pin, again):
            refused(*fault)
            return
        pepper = self.station.pepper
        self.station.lanes.work(
            lambda: staffing.hash_pin(pin.reveal(), pepper),
            then=then,
            failed=_told(refused, "pin"),
            lane="pins",
        )


def _new_pin_fault(pin: Secret, again: Secret) -> tuple[str, str] | None:
    if fault := pin_fault(pin.reveal()):
        return "pin", fault
    return None if pin == again else ("again", "The two PINs differ. Type the new one twice.")


def _told(refused: Refusal, where: str = "") -> Callable[[ShopError], None]:
    return lambda error: refused("name" if error.code == "name" else where, error.message)
