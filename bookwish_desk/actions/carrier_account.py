"""Tying the shop to an account with carriers and untying it, and what is known of checked addresses."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.actions.permits import present, require
from bookwish_desk.db import address_checks, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import CarrierAccount, CheckedAddress
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.postage import MAYBE_PAID
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.shipping import ShippingSettings
from bookwish_desk.shop.staff import Actor

MOST_BASE = 200
RETRY = "postage.retry"
"""The noun of a commit after which the work with carriers begins anew."""
OTHER_ACCOUNT = "Another account was connected. Ask for prices again."


@action
def connect(tx: Tx, actor: Actor, base: str, account: CarrierAccount) -> ShippingSettings:
    """Buy labels from the account at an address from now on; return the settings as kept.

    Prices of another account are worth nothing and are left. Raises Refused while nobody knows whether a
    label of another account was bought: with this one that could never be read.
    """
    require(tx, actor, "settings.edit", "shipping")
    before = tx.settings.shipping
    at = plain(base, MOST_BASE)
    if not at:
        raise Refused("carriers", "Type the address of the account.", field="base")
    other = bool(before.since) and (before.base, before.test) != (at, account.test)
    if other:
        _settled(tx)
        for waiting in postages.in_state(tx.conn, ("new", "created", "refused"), most=100_000):
            postages.save(tx, waiting, replace(waiting, state="dropped", wanted_at=0, words=OTHER_ACCOUNT))
    since = before.since if before.since and not other else tx.at
    kept = replace(before, broker="easypost", base=at, test=account.test, since=since)
    _keep(tx, actor, "carriers.connected", kept)
    return kept


@action
def disconnect(tx: Tx, actor: Actor) -> ShippingSettings:
    """Buy no labels any more; those that are bought stay. Raises Refused while one is perhaps bought."""
    require(tx, actor, "settings.edit", "shipping")
    before = tx.settings.shipping
    if not before.connected:
        return before
    _settled(tx)
    kept = replace(before, broker="none")
    _keep(tx, actor, "carriers.disconnected", kept)
    return kept


def _settled(tx: Tx) -> None:
    doubtful = postages.in_state(tx.conn, MAYBE_PAID)
    if doubtful:
        numbers = ", ".join(dict.fromkeys(p.numbers[0] for p in doubtful[:3]))
        raise Refused(
            "postage_uncertain",
            f"Nobody knows yet whether the label of {numbers} was bought."
            " Wait until that is read, or settle it.",
        )


def _keep(tx: Tx, actor: Actor, kind: str, kept: ShippingSettings) -> None:
    settings = replace(tx.settings, shipping=kept)
    keep_settings(tx, settings, ("shipping",))
    tx.adopt(settings)
    body = {"base": kept.base, "test": kept.test}
    tx.record(kind, staff=actor.staff, register=actor.register, ref="carriers", body=body)
    tx.touch(RETRY, postages.NOUN)


# ---- addresses ----


@action
def keep_check(tx: Tx, address: PostalAddress, checked: CheckedAddress) -> None:
    """Keep what carriers said of an address, for half a year."""
    address_checks.keep(tx, address, checked)


@action
def choose_spelling(
    tx: Tx, actor: Actor, address: PostalAddress, chosen: Literal["own", "suggested"]
) -> None:
    """Note which spelling of an address is used from now on; the customer's own is never overwritten."""
    present(tx, actor)
    address_checks.choose(tx, address, chosen)
