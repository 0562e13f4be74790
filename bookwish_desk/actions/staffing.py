"""Signing in and out, and a manager's approval of one action. Who works here is `actions.hiring`.

Checking a PIN takes three steps, so that no sale waits for it: `begin_pin` on the shop lane, then
`pins.verify` on a work lane, then the action that records how it went and does what was asked.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import may
from bookwish_desk.actions.pins import PinCheck, Proof, badge_hash, hash_code, hash_pin, verify, verify_code
from bookwish_desk.db import people
from bookwish_desk.db.link import add, query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import PERMISSIONS, Actor, Person, wait_after

__all__ = [
    "Approval", "Leave", "PinCheck", "Proof", "SignIn", "approve", "begin_pin", "hash_code", "hash_pin",
    "leave", "recover_owner", "recovery_failed", "sign_in", "sign_in_badge", "verify", "verify_code",
]  # fmt: skip

Leave = Literal["signed_out", "locked", "locked_idle"]

_KEEP_PIN = "UPDATE staff SET pin_hash = ?, failures = 0, wait_until = 0 WHERE id = ?"
_COUNT_FAILURE = "UPDATE staff SET failures = ?, wait_until = ? WHERE id = ?"


class SignIn(msgspec.Struct, frozen=True):
    """How signing in went: the person, or why not and for how many seconds nobody can try again."""

    person: Person | None = None
    fault: str = ""
    wait_seconds: int = 0


class Approval(msgspec.Struct, frozen=True):
    """How approving went: the id that lets one action through, or why not."""

    id: str = ""
    fault: str = ""
    wait_seconds: int = 0


@action
def begin_pin(tx: Tx, staff_id: str) -> PinCheck:
    """Return what `pins.verify` needs for a person, known or not.

    Raises Refused with code "wait" and the fact `seconds` while that person must wait.
    """
    row = query(
        tx.conn,
        "SELECT name, pin_hash, failures, wait_until FROM staff WHERE id = ? AND active",
        (staff_id,),
    ).fetchone()
    if row is None:
        return PinCheck(staff_id, "", Secret(""))
    name, pin_hash, failures, wait_until = row
    left = wait_until - tx.at
    longest = wait_after(failures) * 1000
    if left > longest:
        # The clock was put back: the wait begins anew, so that it ends.
        left = longest
        query(tx.conn, "UPDATE staff SET wait_until = ? WHERE id = ?", (tx.at + left, staff_id))
    if left > 0:
        seconds = -(-left // 1000)
        raise Refused("wait", wait_sentence(seconds), seconds=seconds)
    return PinCheck(staff_id, name, Secret(pin_hash))


def wait_sentence(seconds: int) -> str:
    """Say how long a person must wait before the next try."""
    if seconds >= 120:
        return f"Too many wrong PINs. Wait {-(-seconds // 60)} minutes, then try again."
    return f"Too many wrong PINs. Wait {seconds} seconds, then try again."


@action
def sign_in(tx: Tx, register: int, proof: Proof) -> SignIn:
    """Record how a PIN check went and sign the person in when it was right."""
    fault, seconds = _settle(tx, register, proof)
    person = None if fault else people.person(tx.conn, proof.staff)
    if person is None:
        return SignIn(fault=fault, wait_seconds=seconds)
    tx.record("staff.signed_in", staff=person.id, register=register, ref=person.id, body={"by": "pin"})
    return SignIn(person)


@action
def sign_in_badge(tx: Tx, register: int, code: str) -> SignIn:
    """Sign in whoever's badge was scanned."""
    scanned = barcode.parse(code)
    person = people.by_badge(tx.conn, badge_hash(scanned.code)) if scanned.kind == "badge" else None
    if person is None:
        tx.record("staff.badge_unknown", staff="", register=register, ref="", body={})
        return SignIn(fault="Nobody has this badge now. Choose your name and type your PIN.")
    tx.record("staff.signed_in", staff=person.id, register=register, ref=person.id, body={"by": "badge"})
    return SignIn(person)


@action
def leave(tx: Tx, actor: Actor, why: Leave) -> None:
    """Record that whoever is signed in left the register, or that it was locked."""
    if actor.staff:
        tx.record(f"staff.{why}", staff=actor.staff, register=actor.register, ref=actor.staff, body={})


@action
def approve(tx: Tx, actor: Actor, proof: Proof, permission: str, ref: str) -> Approval:
    """Let `actor` do one action: `proof` is of the PIN of somebody whose role may do it.

    The approval is good for this permission, this ref and this person, once, for two minutes.
    """
    fault, seconds = _settle(tx, actor.register, proof)
    if fault:
        return Approval(fault=fault, wait_seconds=seconds)
    by, whom = people.person(tx.conn, proof.staff), people.person(tx.conn, actor.staff)
    if by is None or whom is None or not whom.active:
        raise Refused("staff", "Sign in first.")
    if not may(tx, Actor(by.id, actor.register), permission):
        return Approval(fault=f"{by.name} may not approve this: {PERMISSIONS[permission].lower()}.")
    made = new_id()
    add(
        tx.conn,
        "approvals",
        {
            "id": made,
            "by_staff": by.id,
            "for_staff": whom.id,
            "permission": permission,
            "ref": ref,
            "given_at": tx.at,
        },
    )
    body = {"approval": made, "permission": permission, "by": by.name, "for": whom.name, "for_staff": whom.id}
    tx.record("approval.given", staff=by.id, register=actor.register, ref=ref, body=body)
    return Approval(made)


def _settle(tx: Tx, register: int, proof: Proof) -> tuple[str, int]:
    """Record a PIN check. Return what is wrong and the seconds to wait, or nothing and 0."""
    row = query(
        tx.conn, "SELECT failures, pin_hash FROM staff WHERE id = ? AND active", (proof.staff,)
    ).fetchone()
    if row is None:
        return "This person does not work here now.", 0
    failures, pin_hash = row
    if proof.ok and pin_hash != proof.checked.reveal():
        return "This PIN was changed just now. Type the new one.", 0
    if proof.ok:
        query(tx.conn, _KEEP_PIN, (proof.rehash.reveal() or pin_hash, proof.staff))
        return "", 0
    failures += 1
    seconds = wait_after(failures)
    query(tx.conn, _COUNT_FAILURE, (failures, tx.at + seconds * 1000 if seconds else 0, proof.staff))
    ref, body = proof.staff, {"failures": failures}
    tx.record("staff.pin_wrong", staff=proof.staff, register=register, ref=ref, body=body)
    if not seconds:
        return "That is not the right PIN.", 0
    body = {"failures": failures, "seconds": seconds}
    tx.record("staff.locked", staff=proof.staff, register=register, ref=ref, body=body)
    return wait_sentence(seconds), seconds


# ---- an owner who forgot the PIN ----


@action
def recovery_failed(tx: Tx, register: int) -> None:
    """Record that a wrong recovery code was typed."""
    tx.record("owner.recovery_wrong", staff="", register=register, ref="", body={})


@action
def recover_owner(tx: Tx, register: int, owner_id: str, used: str, pin_hash: str, next_hash: str) -> Person:
    """Give an owner a new PIN after the recovery code was right; the code is used up.

    `used` is the hash it was checked against and `next_hash` that of the code that takes its place.
    Raises Refused when the code was used meanwhile or the person is no owner.
    """
    if not used or tx.settings.recovery_hash != used:
        raise Refused("recovery", "This recovery code was used already.")
    owner = people.person(tx.conn, owner_id)
    if owner is None or not owner.active or owner.role != "owner":
        raise Refused("owner", "The recovery code gives a new PIN to an owner only.")
    query(tx.conn, _KEEP_PIN, (pin_hash, owner_id))
    from bookwish_desk.actions.configuring import keep_settings

    keep_settings(tx, replace(tx.settings, recovery_hash=next_hash), ("recovery_hash",))
    tx.record("owner.recovered", staff=owner_id, register=register, ref=owner_id, body={"name": owner.name})
    tx.touch("staff")
    return owner
