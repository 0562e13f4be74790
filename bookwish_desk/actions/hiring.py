"""Who works here: people, their roles, PINs and badges, and what each role may do.

PINs come as hashes, made on a lane by `pins.hash_pin`. Only an owner touches what belongs to owners,
whatever else "Edit staff and roles" was given to; and there is always an owner left.
"""

from __future__ import annotations

import secrets

from sqlalchemy import delete, func, insert, select, update

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.pins import Proof, badge_hash
from bookwish_desk.actions.posting import letterhead, post_slip
from bookwish_desk.db import people, tables
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.barcode import badge_code
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.key_slips import badge_slip
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import PERMISSIONS, Actor, Person, Role

ROLES: tuple[Role, ...] = ("owner", "manager", "staff")

_s = tables.staff.c


@action
def add_person(tx: Tx, actor: Actor, name: str, role: Role, pin_hash: str) -> Person:
    """Take somebody on. Raises Refused for a name that is missing or taken."""
    require(tx, actor, "staff.edit", f"new {role} {plain(name, 60)}")
    _owner_for(tx, actor, role)
    made = new_id()
    kept = _free_name(tx, name, made)
    tx.conn.execute(
        insert(tables.staff), {"id": made, "name": kept, "role": _known(role), "pin_hash": pin_hash}
    )
    _journal(tx, actor, "staff.added", made, name=kept, role=role)
    return Person(made, kept, role)


@action
def rename(tx: Tx, actor: Actor, staff_id: str, name: str) -> None:
    """Change a person's name; receipts printed before keep the old one."""
    person = _editable(tx, actor, staff_id)
    kept = _free_name(tx, name, staff_id)
    if kept != person.name:
        _change(tx, staff_id, name=kept)
        _journal(tx, actor, "staff.renamed", staff_id, before=person.name, after=kept)


@action
def change_role(tx: Tx, actor: Actor, staff_id: str, role: Role) -> None:
    """Give a person another role. Raises Refused when no owner would be left."""
    person = _editable(tx, actor, staff_id)
    _owner_for(tx, actor, role)
    if role == person.role:
        return
    _not_last_owner(tx, person)
    _change(tx, staff_id, role=_known(role))
    _journal(tx, actor, "staff.role", staff_id, before=person.role, after=role)


@action
def set_pin(tx: Tx, actor: Actor, staff_id: str, pin_hash: str, proof: Proof | None = None) -> None:
    """Give a person a new PIN: their own with a proof of the old one, or with the right to edit staff."""
    own = proof is not None and proof.ok and proof.staff == staff_id == actor.staff
    if own:
        assert proof is not None
        person = _person(tx, staff_id)
        stored = tx.conn.execute(select(_s.pin_hash).where(_s.id == staff_id)).scalar_one()
        if not person.active or stored != proof.checked.reveal():
            raise Refused("pin", "The old PIN was changed meanwhile. Try again.")
    else:
        person = _editable(tx, actor, staff_id)
    _change(tx, staff_id, pin_hash=pin_hash, failures=0, wait_until=0)
    _journal(tx, actor, "staff.pin_set", staff_id, name=person.name)


@action
def new_badge(tx: Tx, actor: Actor, staff_id: str) -> None:
    """Print a new badge for a person; the old one no longer signs in. Its code is kept as a hash only.

    Raises Refused when there is no receipt printer to print it.
    """
    person = _editable(tx, actor, staff_id)
    if not person.active:
        raise Refused("staff", f"{person.name} does not work here now.")
    if tx.settings.device_for("receipts", actor.register) is None:
        raise Refused("no_printer", "Set up the receipt printer first: a badge is printed on it.")
    code = badge_code(secrets.token_bytes(8))
    _change(tx, staff_id, badge_hash=badge_hash(code))
    post_slip(tx, badge_slip(letterhead(tx.settings), person.name, code), register=actor.register)
    _journal(tx, actor, "staff.badge_made", staff_id, name=person.name)


@action
def remove_badge(tx: Tx, actor: Actor, staff_id: str) -> None:
    """Let a person's badge sign in no longer, for example when it was lost."""
    person = _editable(tx, actor, staff_id)
    if person.has_badge:
        _change(tx, staff_id, badge_hash=None)
        _journal(tx, actor, "staff.badge_removed", staff_id, name=person.name)


@action
def deactivate(tx: Tx, actor: Actor, staff_id: str) -> None:
    """Let a person sign in no longer; the past keeps the name. Never the last owner, nor oneself."""
    person = _editable(tx, actor, staff_id)
    if staff_id == actor.staff:
        raise Refused("staff", "You cannot take yourself off the staff. Let another owner do it.")
    if person.active:
        _not_last_owner(tx, person)
        _change(tx, staff_id, active=False, badge_hash=None)
        _journal(tx, actor, "staff.deactivated", staff_id, name=person.name)


@action
def reactivate(tx: Tx, actor: Actor, staff_id: str) -> None:
    """Let a person who left sign in again, with the PIN they had."""
    person = _editable(tx, actor, staff_id)
    if not person.active:
        _free_name(tx, person.name, staff_id)
        _change(tx, staff_id, active=True, failures=0, wait_until=0)
        _journal(tx, actor, "staff.reactivated", staff_id, name=person.name)


@action
def set_role_permissions(tx: Tx, actor: Actor, role: Role, held: frozenset[str]) -> None:
    """Say what managers or staff may do. Owners only: nobody gives himself more than he was given."""
    require(tx, actor, "staff.edit", role)
    _owner_for(tx, actor, "owner")
    if role == "owner":
        raise Refused("owner", "Owners may do everything. That cannot be changed.")
    if unknown := held - PERMISSIONS.keys():
        raise Refused("permission", f"There is no permission {min(unknown)}.")
    before = people.role_permissions(tx.conn)[_known(role)]
    r = tables.role_permissions
    if before == held:
        return
    tx.conn.execute(delete(r).where(r.c.role == role))
    if held:
        tx.conn.execute(insert(r), [{"role": role, "permission": p} for p in sorted(held)])
    given, taken = sorted(held - before), sorted(before - held)
    _journal(tx, actor, "staff.permissions", role, given=given, taken=taken)


def _known(role: Role) -> Role:
    if role not in ROLES:
        raise Refused("role", "Choose a role: owner, manager or staff.")
    return role


def _person(tx: Tx, staff_id: str) -> Person:
    person = people.person(tx.conn, staff_id)
    if person is None:
        raise Refused("staff", "This person is not on the staff list.")
    return person


def _editable(tx: Tx, actor: Actor, staff_id: str) -> Person:
    require(tx, actor, "staff.edit", staff_id)
    person = _person(tx, staff_id)
    _owner_for(tx, actor, person.role)
    return person


def _owner_for(tx: Tx, actor: Actor, role: str) -> None:
    """Refuse to let anybody but an owner make owners, or touch one."""
    if role == "owner" and _person(tx, actor.staff).role != "owner":
        raise Refused("owner", "Only an owner can do this.")


def _not_last_owner(tx: Tx, person: Person) -> None:
    if person.role != "owner" or not person.active:
        return
    owners = select(func.count()).where(_s.role == "owner", _s.active)
    if tx.conn.execute(owners).scalar_one() <= 1:
        raise Refused("last_owner", f"{person.name} is the only owner. Make somebody else an owner first.")


def _free_name(tx: Tx, name: str, staff_id: str) -> str:
    kept = plain(name, 60)
    if not kept:
        raise Refused("name", "Type a name.")
    others = tx.conn.execute(select(_s.name).where(_s.active, _s.id != staff_id)).scalars()
    if kept.casefold() in {other.casefold() for other in others}:
        raise Refused("name", f"There is already a {kept}. Add a letter or a second name.")
    return kept


def _change(tx: Tx, staff_id: str, **values: object) -> None:
    tx.conn.execute(update(tables.staff).where(_s.id == staff_id).values(**values))


def _journal(tx: Tx, actor: Actor, kind: str, ref: str, **body: object) -> None:
    tx.record(kind, staff=actor.staff, register=actor.register, ref=ref, body=body)
    tx.touch("staff")
