"""What a change of a label's row leaves behind: the row itself, the journal, the history of its orders."""

from __future__ import annotations

from bookwish_desk.db import orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.staff import Actor


def kept(tx: Tx, before: Postage, after: Postage) -> Postage:
    """Replace a label's row and return it. Raises Refused where its state is another one meanwhile."""
    if not postages.save(tx, before, after):
        raise Refused("moved", "Something else happened to this label meanwhile. Look at it again.")
    return after


def actor_of(postage: Postage) -> Actor:
    """Return who asked for a label: what carriers do with it later is written down as theirs."""
    return Actor(postage.staff, postage.register)


def journalled(tx: Tx, actor: Actor, kind: str, postage: Postage, **more: object) -> None:
    """Write into the journal what happened to a label: never an address or a name."""
    body = {"postage": postage.id, "shipment": postage.shipment, "orders": list(postage.numbers), **more}
    tx.record(kind, staff=actor.staff, register=actor.register, ref=postage.numbers[0], body=body)


def noted(tx: Tx, actor: Actor, kind: str, postage: Postage, **more: object) -> None:
    """Add to the history of each of its orders what happened to a label."""
    named = postage.bought or postage.rate
    body = {
        "postage": postage.id,
        "carrier": f"{named.carrier} {named.service}".strip() if named is not None else "",
        "tracking": postage.tracking,
        **more,
    }
    for order_id in postage.orders:
        orders.record(tx, order_id, kind, staff=actor.staff, register=actor.register, body=body)
