"""Tying the shop to an online store and untying it, and what the work with it writes down about itself."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.actions.permits import present, require
from bookwish_desk.db import conflicts, netbox, online, passes
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.conflict import Kind
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.online import Abilities, OnlineSettings
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.sync_state import Pass

LEASE = "online"
OF_THE_STORE: tuple[Kind, ...] = ("cancel_there", "back", "stock", "unmapped")
"""Differences that are none any more when the shop works with another store."""
MOST_TEXT = 200

_encoder = msgspec.json.Encoder()


@action
def connect(tx: Tx, actor: Actor, wanted: OnlineSettings) -> OnlineSettings:
    """Work with an online store from now on, and return the settings as kept.

    Connecting once more to the store that is connected keeps since when; of another one before nothing is
    known any more. Raises Refused where the address or the store's id is missing, or while something waits
    for another store: it would never get there.
    """
    require(tx, actor, "sync.connect", wanted.store_id)
    before = tx.settings.online
    asked = replace(
        wanted,
        address=plain(wanted.address, MOST_TEXT),
        email=plain(wanted.email, MOST_TEXT),
        store_id=plain(wanted.store_id, MOST_TEXT),
        store_name=plain(wanted.store_name, MOST_TEXT),
        account=plain(wanted.account, MOST_TEXT),
    )
    if not asked.address or not asked.store_id:
        raise Refused("online", "An address and a store are needed.")
    other = before.store_id and before.store_id != asked.store_id
    waiting = _left(tx)
    if other and waiting:
        things = "One thing still waits" if waiting == 1 else f"{waiting} things still wait"
        raise Refused(
            "online_waiting",
            f"{things} for the online store {before.store_name or before.store_id}."
            " Send or discard them on the Sync screen first.",
        )
    if other:
        online.forget_store(tx)
        for kind in OF_THE_STORE:
            for found in conflicts.of_kind(tx.conn, kind):
                conflicts.close_conflict(tx, kind, found.subject)
    # A store may move to another address; it is the same one.
    since = before.since if before.since and before.store_id == asked.store_id else tx.at
    kept = replace(asked, since=since, paused=False)
    _keep(tx, actor, "online.connected", kept)
    return kept


@action
def disconnect(tx: Tx, actor: Actor) -> OnlineSettings:
    """Work with no online store any more. What waits is kept, and goes when that store is connected again."""
    require(tx, actor, "sync.connect", "disconnect")
    before = tx.settings.online
    if not before.connected:
        return before
    kept = replace(before, since=0)
    _keep(tx, actor, "online.disconnected", kept)
    return kept


@action
def pause(tx: Tx, actor: Actor) -> OnlineSettings:
    """Put all traffic with the online store to rest; what happens meanwhile waits and is sent then."""
    return _paused(tx, actor, True)


@action
def resume(tx: Tx, actor: Actor) -> OnlineSettings:
    """Go on after `pause`."""
    return _paused(tx, actor, False)


def _paused(tx: Tx, actor: Actor, paused: bool) -> OnlineSettings:
    require(tx, actor, "sync.connect", "pause")
    kept = replace(tx.settings.online, paused=paused)
    if kept != tx.settings.online:
        _keep(tx, actor, "online.paused" if paused else "online.resumed", kept)
    return kept


@action
def signed_in(tx: Tx, actor: Actor, email: str, account: str) -> OnlineSettings:
    """Note who is signed in at the connected store now; who signs in proves it to the store, not to us."""
    before = tx.settings.online
    kept = replace(before, email=plain(email, MOST_TEXT), account=plain(account, MOST_TEXT))
    if before.connected and kept != before:
        _keep(tx, actor, "online.signed_in", kept)
    return tx.settings.online


@action
def signed_out(tx: Tx, actor: Actor) -> None:
    """Allow signing out of the connected store, and write it down; what waits stays in the outbox."""
    require(tx, actor, "sync.connect", "sign out")
    body = {"store": tx.settings.online.store_id}
    tx.record("online.signed_out", staff=actor.staff, register=actor.register, ref="online", body=body)


@action
def allow(tx: Tx, actor: Actor) -> None:
    """Let whoever may connect the store go on; raises Refused or NeedsApproval for others."""
    present(tx, actor)
    require(tx, actor, "sync.connect", "online")


def _left(tx: Tx) -> int:
    counted = netbox.count(tx.conn)
    return counted.waiting + counted.uncertain + counted.refused


def _keep(tx: Tx, actor: Actor, kind: str, kept: OnlineSettings) -> None:
    if kept.account != tx.settings.online.account:
        # A store may keep keys by who sends them: what may be there is looked for first.
        netbox.doubt_keys(tx)
    settings = replace(tx.settings, online=kept)
    keep_settings(tx, settings, ("online",))
    tx.adopt(settings)
    body: dict[str, Any] = {"address": kept.address, "store": kept.store_id, "name": kept.store_name}
    tx.record(kind, staff=actor.staff, register=actor.register, ref="online", body=body)
    tx.touch(netbox.RETRY)


# ---- what the work with the store writes down about itself ----


@action
def take_lease(tx: Tx, holder: str, ms: int) -> bool:
    """Let one register send and read for the whole shop, for so long; False: another one does."""
    return passes.take_lease(tx, LEASE, holder, ms)


@action
def drop_lease(tx: Tx, holder: str) -> None:
    """Let another register do it at once."""
    passes.drop_lease(tx, LEASE, holder)


@action
def note_pass(tx: Tx, made: Pass) -> None:
    """Remember what was read."""
    passes.note(tx, made)


@action
def note_abilities(tx: Tx, abilities: Abilities) -> None:
    """Remember what the store can do: what is posted depends on it."""
    text = _encoder.encode(abilities).decode()
    if online.mark(tx.conn, "abilities") != text:
        online.set_mark(tx, "abilities", text)


@action
def note_mark(tx: Tx, name: str, value: str) -> None:
    """Remember how far something has come."""
    online.set_mark(tx, name, value)
