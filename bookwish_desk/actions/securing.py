"""The papers of last resort, made and printed again by an owner: the recovery code and the recovery key."""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.actions.posting import letterhead, post_slip
from bookwish_desk.db import people
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.key_slips import key_slip, owner_code_slip
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.recovery import recovery_text
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Actor


@action
def renew_recovery(tx: Tx, actor: Actor, code_hash: str, printed: Secret | None = None) -> None:
    """Make a new recovery code of the owner the good one; the old paper is worth nothing from now on.

    `printed` is the code itself, where it is to be printed. Raises Refused for anybody but an owner.
    """
    _owners_only(tx, actor)
    keep_settings(tx, replace(tx.settings, recovery_hash=code_hash), ("recovery_hash",))
    if printed is not None:
        _printable(tx, actor.register)
        print_owner_code(tx, printed, actor.register, letterhead(tx.settings))
    tx.record("owner.recovery_made", staff=actor.staff, register=actor.register, ref=actor.staff, body={})


@action
def print_key(tx: Tx, actor: Actor) -> None:
    """Print the recovery key of encrypted books again. Raises Refused for anybody but an owner."""
    _owners_only(tx, actor)
    if tx.store.key is None:
        raise Refused("not_encrypted", "The books of this shop are not encrypted: they have no recovery key.")
    _printable(tx, actor.register)
    text = recovery_text(bytes.fromhex(tx.store.key))
    post_slip(tx, key_slip(letterhead(tx.settings), text, tx.at), register=actor.register)
    tx.record("owner.key_printed", staff=actor.staff, register=actor.register, ref=actor.staff, body={})


def print_owner_code(tx: Tx, code: Secret, register: int, head: Letterhead) -> None:
    """Queue the slip with an owner's recovery code as part of another action."""
    post_slip(tx, owner_code_slip(head, code.reveal(), tx.at), register=register)


def _owners_only(tx: Tx, actor: Actor) -> None:
    person = people.person(tx.conn, actor.staff)
    if person is None or not person.active or person.role != "owner":
        raise Refused("owner", "Only an owner can do this.")


def _printable(tx: Tx, register: int) -> None:
    if tx.settings.device_for("receipts", register) is None:
        raise Refused("no_printer", "Set up the receipt printer first.")
