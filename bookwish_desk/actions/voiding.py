"""Labels after they were bought, as people ask for it: given back, insured, a label for the way back.

Nothing is asked of a carrier here: rows are taken up by `sync.carriers.voiding`, which writes down with
`actions.voided` what became of it.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.consigning import (
    MOST_INSURED_CENTS,
    Wanted,
    consigned,
    orders_of,
)
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.postage_notes import journalled, kept, noted
from bookwish_desk.actions.spending import insurance_cents, within_limits
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import Box, Customs
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.label_refund import ASKING, too_late
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tracking import MOVING

_SILENT = Telling("silent")
ANOTHER = "Gets another label"
"""Why a parcel that left, or is about to, has no number just now."""


@action
def void(tx: Tx, actor: Actor, postage_id: str, reason: str, *, goes_again: bool = False) -> Postage:
    """Give an unused label back, and take its parcel back from its orders: it is packed and here again.

    `goes_again` leaves the orders shipped: the parcel gets another label today. Money comes back only when
    the carrier says so (`shop.label_refund`). Raises Refused for a label that was used or is too old.
    """
    require(tx, actor, "ship.void", f"{postage_id} void")
    why = plain(reason)
    if not why:
        raise Refused("reason", "Say why the label is given back.", field="reason")
    before = postages.load(tx.conn, postage_id)
    _may_be_given_back(before, tx.at)
    if before.purpose == "out":
        for order in orders.by_ids(tx.conn, before.orders):
            _taken_off(tx, actor, order, before, why, goes_again=goes_again)
    after = _asked_for(before)
    kept(tx, before, after)
    journalled(tx, actor, "label.void", after, reason=why, cents=postages.cents_of(after))
    noted(tx, actor, "label_void", after, reason=why)
    return after


@action
def void_again(tx: Tx, actor: Actor, postage_id: str) -> Postage:
    """Ask once more for a refund that the carrier rejected, though another label may stand for the parcel."""
    require(tx, actor, "ship.void", f"{postage_id} void")
    before = postages.load(tx.conn, postage_id)
    if before.state != "voiding" or before.refund not in ("rejected", "not_applicable"):
        raise Refused(
            "postage_state", "Only a refund that was rejected can be asked for again.", id=before.id
        )
    return kept(tx, before, _asked_for(before))


def _asked_for(before: Postage) -> Postage:
    # Nobody insures a parcel that does not go with this label.
    fresh = replace(before, state="voiding", refund="", refund_asked_at=0, words=ASKING, insure_cents=0)
    return replace(fresh, attempts=0, looks=0, next_try_at=0)


def _may_be_given_back(postage: Postage, at: int) -> None:
    if postage.state != "bought" or postage.bought is None:
        sentences = {
            "voiding": "Its refund was asked for already.",
            "voided": "This label was given back already.",
            "buying": "It is being bought just now. Wait until that is known.",
            "uncertain": "Nobody knows yet whether this label was bought. Wait until that is known.",
        }
        why = sentences.get(postage.state, "This label was never bought: there is nothing to give back.")
        raise Refused("postage_state", why, id=postage.id)
    if postage.track_status in MOVING:
        raise Refused("moving", "The carrier has this parcel already. A label that was used is not refunded.")
    if why := too_late(postage.bought.carrier, postage.bought_at, at):
        raise Refused("too_late", why)


def _taken_off(
    tx: Tx, actor: Actor, order: Order, postage: Postage, reason: str, *, goes_again: bool
) -> None:
    """Take a label off its parcel in an order, and the parcel back, unless it `goes_again` with another."""
    parcel = order.parcel(postage.box)
    if parcel is None or parcel.tracking != postage.tracking:
        return
    if parcel.shipped_at and not parcel.delivered_at:
        step = Step("recall", parcel=parcel.id, reason=reason)
        if goes_again:
            step = Step("retrack", parcel=parcel.id, reason=ANOTHER)
        ordering.advanced(tx, actor, order, step, _SILENT)
    elif not parcel.shipped_at:
        bare = replace(parcel, carrier="", service="", tracking="", expected_on="")
        kept_parcels = tuple(bare if p.id == parcel.id else p for p in order.parcels)
        orders.save(tx, order, replace(order, parcels=kept_parcels))


@action
def insure(tx: Tx, actor: Actor, postage_id: str, cents: int) -> Postage:
    """Have a bought label's parcel insured for an amount; beyond the shop's limits a manager must approve.

    Raises Refused for one that was handed over long ago, given back, or insured before.
    """
    require(tx, actor, "ship.buy", "insure")
    before = postages.load(tx.conn, postage_id)
    if before.state != "bought" or before.bought is None:
        raise Refused("postage_state", "Only a parcel whose label is bought can be insured.", id=before.id)
    if before.bought.insured_cents or before.insure_cents:
        raise Refused("insured", "This parcel is insured already, or about to be.", field="insurance")
    if before.track_status == "delivered":
        raise Refused("delivered", "The parcel arrived. There is nothing to insure.")
    if not 0 < cents <= MOST_INSURED_CENTS:
        raise Refused("insurance", "Type an amount up to $5,000.", field="insurance")
    within_limits(tx, actor, insurance_cents(cents), f"{postage_id} insure {cents}")
    after = replace(before, insure_cents=cents, insure_asked_at=0, insure_words="", attempts=0)
    kept(tx, before, after)
    journalled(tx, actor, "label.insure", after, cents=cents)
    return after


@action
def return_label(
    tx: Tx, actor: Actor, postage_id: str, box: Box | None = None, customs: Customs | None = None
) -> Postage:
    """Ask what it costs to send a parcel back, and return the new row, bought as any other.

    It is for the parcel of a label that was bought, with its addresses as it was sent out; `box` where it
    comes back as another. Raises Refused as `buying.ask`.
    """
    require(tx, actor, "ship.buy", "ask")
    sent = postages.load(tx.conn, postage_id)
    if sent.bought is None or sent.purpose != "out":
        raise Refused("postage_state", "Only a parcel that was sent can come back.", id=sent.id)
    if not tx.settings.shipping.connected:
        raise Refused("carriers", "No account of a carrier is connected. Connect one in the settings.")
    found = orders_of(tx, sent.orders)
    wanted = Wanted(
        order_ids=sent.orders,
        parcel=sent.box,
        box=box or sent.consignment.box,
        to=sent.consignment.to,
        package=sent.package,
        customs=customs or sent.consignment.customs,
        purpose="return",
    )
    new = new_id()
    made = consigned(tx, wanted, new, found, actor.register)
    consignment = replace(made, sender=sent.consignment.sender, label_on="")
    postage = Postage(
        id=new,
        box=sent.box,
        orders=sent.orders,
        numbers=sent.numbers,
        consignment=consignment,
        created_at=tx.at,
        staff=actor.staff,
        register=actor.register,
        purpose="return",
        package=sent.package,
        ships=False,
        with_slip=False,
    )
    postages.insert(tx, postage)
    return postage
