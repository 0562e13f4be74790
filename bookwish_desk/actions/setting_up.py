"""Making a real shop out of what the guided first start asked: its keys, then its books, then its people."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import insert

from bookwish_desk.actions.action import action
from bookwish_desk.actions.founding import lay_foundations
from bookwish_desk.actions.pins import hash_code, hash_pin
from bookwish_desk.actions.posting import letterhead, post_slip
from bookwish_desk.actions.securing import print_owner_code
from bookwish_desk.db import engine, tables
from bookwish_desk.db.store import Clock, Store, Tx, open_store, system_clock
from bookwish_desk.keychain import Keychain, Keys, Mark, keys_of, open_keychain, write_mark
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.key_slips import key_slip
from bookwish_desk.shop.recovery import recovery_text
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Role

log = logging.getLogger(__name__)


class NewPerson(msgspec.Struct, frozen=True):
    """Somebody who will work here, as typed at set-up."""

    name: str
    role: Role
    pin: Secret


class SetupPlan(msgspec.Struct, frozen=True):
    """Everything the guided first start asked; nothing of it is written anywhere yet.

    `database_key` is 64 hexadecimal digits, empty for books that are not encrypted. `stock_csv` is a file
    to import afterwards. `print_keys` prints the recovery papers when the shop is founded.
    """

    settings: Settings
    register_name: str
    owner_name: str
    owner_pin: Secret
    owner_code: Secret
    staff: tuple[NewPerson, ...] = ()
    database_key: Secret = Secret("")
    stock_csv: str = ""
    print_keys: bool = False


class Foundations(msgspec.Struct, frozen=True):
    """A plan with every PIN and code hashed: what the founding transaction needs."""

    plan: SetupPlan
    pin_hash: str
    code_hash: str
    staff: tuple[tuple[str, Role, str], ...]


def set_up(
    folder: Path,
    plan: SetupPlan,
    opened: Callable[[], Keychain] = open_keychain,
    clock: Clock = system_clock,
) -> tuple[Store, Keys]:
    """Found the shop in `folder` and return its open store with its keys. Slow: call it on a lane.

    What a first start that was cut short left behind is cleared away first. Raises StorageError when
    encryption was chosen and the keyring fails, Refused when there is a shop in the folder already.
    """
    _clear_unfinished(folder, opened)
    shop_id = new_id()
    keys = _keep_keys(shop_id, plan.database_key, opened)
    foundations = Foundations(
        replace(plan, settings=replace(plan.settings, shop_id=shop_id, encrypted=bool(plan.database_key))),
        pin_hash=hash_pin(plan.owner_pin.reveal(), keys.pepper),
        code_hash=hash_code(plan.owner_code),
        staff=tuple((p.name, p.role, hash_pin(p.pin.reveal(), keys.pepper)) for p in plan.staff),
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_mark(folder, Mark(shop_id, encrypted=bool(plan.database_key), keyring=keys != Keys()))
    store = open_store(folder, key=keys.database, journal_key=keys.journal, clock=clock)
    try:
        found_from_plan(store, foundations)
    except BaseException:
        store.close()
        raise
    return store, keys


def _keep_keys(shop_id: str, database_key: Secret, opened: Callable[[], Keychain]) -> Keys:
    """Put the shop's keys into the keyring. Without one a shop that is not encrypted has none."""
    try:
        chain = opened()
        if database_key:
            chain.store(shop_id, "database key", bytes.fromhex(database_key.reveal()))
        return Keys(
            database=database_key.reveal() or None,
            journal=chain.made(shop_id, "journal key"),
            pepper=chain.made(shop_id, "pepper"),
        )
    except StorageError as fault:
        if database_key:
            raise
        log.info("event=set_up_without_keyring code=%s", fault.code)
        return Keys()


def _clear_unfinished(folder: Path, opened: Callable[[], Keychain]) -> None:
    """Take away books in which nothing was founded. Raises when there is, or may be, a shop in them."""
    file = folder / engine.SHOP_FILE
    if not file.exists():
        return
    keys = keys_of(folder, opened)
    store = open_store(folder, key=keys.database)
    try:
        founded = store.settings.set_up
    finally:
        store.close()
    if founded:
        raise Refused("founded", "There is a shop in this folder already.")
    for name in ("", "-wal", "-shm"):
        file.with_name(file.name + name).unlink(missing_ok=True)


@action
def found_from_plan(tx: Tx, foundations: Foundations) -> str:
    """Found the shop of a plan, with its staff, in one transaction; return the owner's staff id."""
    plan = foundations.plan
    settings = replace(plan.settings, recovery_hash=foundations.code_hash)
    owner = lay_foundations(tx, settings, plan.register_name, plan.owner_name, foundations.pin_hash)
    _take_on(tx, owner, plan.owner_name, foundations.staff)
    if plan.print_keys and settings.device_for("receipts", 1) is not None:
        _print_papers(tx, settings, plan)
    return owner


def _take_on(tx: Tx, owner: str, owner_name: str, staff: Sequence[tuple[str, Role, str]]) -> None:
    names = {plain(owner_name, 60).casefold()}
    for typed, role, pin_hash in staff:
        name = plain(typed, 60)
        if not name or name.casefold() in names:
            raise Refused("name", "Give everybody on the staff list a name of their own.")
        names.add(name.casefold())
        made = new_id()
        tx.conn.execute(insert(tables.staff), {"id": made, "name": name, "role": role, "pin_hash": pin_hash})
        tx.record("staff.added", staff=owner, register=1, ref=made, body={"name": name, "role": role})


def _print_papers(tx: Tx, settings: Settings, plan: SetupPlan) -> None:
    head = letterhead(settings)
    print_owner_code(tx, plan.owner_code, 1, head)
    if plan.database_key:
        text = recovery_text(bytes.fromhex(plan.database_key.reveal()))
        post_slip(tx, key_slip(head, text, tx.at), register=1)
