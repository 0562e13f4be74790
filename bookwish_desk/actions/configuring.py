"""Changing the settings of a shop that is set up: checked, and journalled with what was and what is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from sqlalchemy import func, insert, select, update

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import present, require
from bookwish_desk.actions.setting_rules import checked
from bookwish_desk.db import mailbox, tables
from bookwish_desk.db.store import Tx
from bookwish_desk.settings import Settings, to_row
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.mapping import MOST_KEPT, Mapped, heading_key
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor

_FIELD = re.compile(r"[a-z_]{0,40}")  # what a column is, by its name in the program; "" is left out


@action
def change_settings(tx: Tx, actor: Actor, /, **changes: Any) -> Settings:
    """Change some settings and return all of them.

    Raises Refused with the fact `faults` (a sentence for each key) and changes nothing when one is wrong.
    """
    require(tx, actor, "settings.edit", " ".join(sorted(changes)))
    before = tx.settings
    after = checked(before, changes)
    _refuse_what_books_need(tx, before, after)
    changed = [key for key in changes if getattr(after, key) != getattr(before, key)]
    keep_settings(tx, after, changed)
    for key in changed:
        body = {"from": _told(getattr(before, key)), "to": _told(getattr(after, key))}
        tx.record("settings.changed", staff=actor.staff, register=actor.register, ref=key, body=body)
    return after


@action
def note_mail_password(tx: Tx, actor: Actor) -> Settings:
    """Write down that the keyring has another password of the mail server; return all settings.

    Nobody is asked for permission: it follows a change of the settings, which had it. Mail that waits for
    the password is tried again.
    """
    present(tx, actor)
    body = {"host": tx.settings.mail.host}
    tx.record("settings.mail_password", staff=actor.staff, register=actor.register, ref="mail", body=body)
    tx.touch(mailbox.RETRY)
    return tx.settings


@action
def allow_mail_trial(tx: Tx, actor: Actor, host: str) -> int:
    """Let whoever may change the settings send a test message; return the moment (ms UTC)."""
    require(tx, actor, "settings.edit", "mail")
    tx.record(
        "settings.mail_tried", staff=actor.staff, register=actor.register, ref="mail", body={"host": host}
    )
    return tx.at


@action
def remember_columns(tx: Tx, actor: Actor, columns: Mapped) -> Settings:
    """Keep how headings of lists were mapped, for the next list; return all settings.

    Nobody is asked for permission: it follows an import, which had it. Raises Refused.
    """
    present(tx, actor)
    kept = tuple((key, field) for heading, field in columns[-MOST_KEPT:] if (key := heading_key(heading)))
    if not all(_FIELD.fullmatch(field) for _, field in kept):
        raise Refused("settings", "A column was mapped to something that is no field.")
    before = tx.settings
    after = replace(before, list_columns=kept)
    if after != before:
        keep_settings(tx, after, ("list_columns",))
        body = {"from": before.list_columns, "to": kept}
        tx.record(
            "settings.changed", staff=actor.staff, register=actor.register, ref="list_columns", body=body
        )
    return after


def keep_settings(tx: Tx, settings: Settings, keys: Iterable[str]) -> None:
    """Write these keys of `settings` as part of another action, which journals why."""
    for key in keys:
        value = to_row(settings, key)
        there = update(tables.settings).where(tables.settings.c.key == key).values(value=value)
        if not tx.conn.execute(there).rowcount:
            tx.conn.execute(insert(tables.settings).values(key=key, value=value))
        tx.touch("settings")


def _told(value: Any) -> Any:
    """Return a setting as the journal keeps it: bytes as their hash."""
    if isinstance(value, bytes):
        return f"sha256 {hashlib.sha256(value).hexdigest()}" if value else ""
    return value


def _refuse_what_books_need(tx: Tx, before: Settings, after: Settings) -> None:
    sold = select(tables.sales.c.id).limit(1)
    if after.currency != before.currency and tx.conn.execute(sold).first() is not None:
        _refuse("currency", "There are sales in this currency already. It cannot be changed any more.")
    left = {c.code for c in after.tax.classes}
    for old in before.tax.classes:
        if old.code in left:
            continue
        used = select(func.count()).where(tables.items.c.tax_class == old.code)
        if count := tx.conn.execute(used).scalar_one():
            items = "One item is" if count == 1 else f"{count} items are"
            _refuse("tax", f"{items} in the tax class {old.label}. Move them to another one first.")


def _refuse(key: str, sentence: str) -> None:
    raise Refused("settings", sentence, faults={key: sentence})


@action
def rename_register(tx: Tx, actor: Actor, name: str) -> str:
    """Give the actor's register another name and return it as kept."""
    require(tx, actor, "settings.edit", "register")
    kept = plain(name, 40)
    if not kept:
        raise Refused("settings", "Type a name for this register.", faults={"register": "Type a name."})
    r = tables.registers.c
    before = tx.conn.execute(select(r.name).where(r.id == actor.register)).scalar()
    if kept != before:
        tx.conn.execute(update(tables.registers).where(r.id == actor.register).values(name=kept))
        body = {"from": before, "to": kept}
        tx.record("register.renamed", staff=actor.staff, register=actor.register, ref="register", body=body)
        tx.touch("settings")
    return kept
