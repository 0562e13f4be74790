"""The first start of a shop: its identity, settings, register, roles and owner, in one transaction."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import insert, select

from bookwish_desk.actions.action import action
from bookwish_desk.db import tables
from bookwish_desk.db.store import Tx
from bookwish_desk.settings import KEYS, Settings, to_row
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import ROLE_DEFAULTS


@action
def found(tx: Tx, settings: Settings, register_name: str, owner_name: str, pin_hash: str) -> str:
    """Found the shop and return the owner's staff id. Raises Refused when it is already founded.

    `pin_hash` is made off the GUI thread by `staffing.hash_pin`.
    """
    return lay_foundations(tx, settings, register_name, owner_name, pin_hash)


def lay_foundations(tx: Tx, settings: Settings, register_name: str, owner_name: str, pin_hash: str) -> str:
    """Found the shop as part of another action; a `shop_id` that the settings have already is kept."""
    if tx.conn.execute(select(tables.registers.c.id)).first() is not None:
        raise Refused("founded", "This shop was already set up.")
    owner = plain(owner_name, 60)
    if not owner:
        raise Refused("name", "Type the owner's name.")
    final = replace(settings, shop_id=settings.shop_id or new_id(), set_up=True)
    tx.conn.execute(insert(tables.settings), [{"key": k, "value": to_row(final, k)} for k in KEYS])
    tx.adopt(final)
    tx.conn.execute(insert(tables.registers), {"id": 1, "name": plain(register_name, 40) or "Register 1"})
    tx.conn.execute(
        insert(tables.role_permissions),
        [{"role": r, "permission": p} for r, held in ROLE_DEFAULTS.items() for p in sorted(held)],
    )
    staff_id = new_id()
    tx.conn.execute(
        insert(tables.staff), {"id": staff_id, "name": owner, "role": "owner", "pin_hash": pin_hash}
    )
    tx.record(
        "shop.founded",
        staff=staff_id,
        register=1,
        ref=final.shop_id,
        body={"name": final.shop_name, "currency": final.currency, "tax": final.tax},
    )
    tx.touch("settings", "staff")
    return staff_id
