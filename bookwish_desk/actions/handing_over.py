"""Parcels handed to carriers at the day's end, as people ask for it: lists, visits, and that they left.

Nothing is asked of a carrier here: rows are taken up by `sync.carriers.handing`, which writes down with
`actions.handed` what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.postage_notes import kept
from bookwish_desk.actions.spending import within_limits
from bookwish_desk.db import handovers, orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop import handover
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.handover import DayList, DayManifest, Visit, takes_manifests
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.opening_hours import local, moment
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.presets import service_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.street import checked_day, told_day
from bookwish_desk.shop.text import clean

if TYPE_CHECKING:
    from sqlalchemy import Connection

ON_FORM = "form"
MOST_IN_FORM = 500
"""So many parcels stand on one form; more become several."""


class HandedOver(msgspec.Struct, frozen=True):
    """What handing parcels over did: orders shipped by it, and (number, why) of those that were not."""

    parcels: int
    orders: tuple[Order, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


# ---- the list of a day ----


def today(settings: Settings, at: int) -> str:
    """Return the day of a moment by the shop's own clock, as YYYY-MM-DD."""
    return local(settings.opening, at).date().isoformat()


def day_list(conn: Connection, settings: Settings, day: str) -> DayList:
    """Return what is handed over on a day (YYYY-MM-DD): for the screen, the receipt slip, a page (WSM-18)."""
    hours, its = settings.opening, date.fromisoformat(day)
    first, last = moment(hours, its, 0), moment(hours, its + timedelta(days=1), 0)
    earliest = moment(hours, its - timedelta(days=handover.LATE_DAYS), 0)
    known = postages.bought_between(conn, earliest, last)
    manifests = handovers.manifests_between(conn, first, last)
    return handover.day_list(
        day, settings.zone, known, manifests, handovers.visits_between(conn, first, last)
    )


@action
def make_manifests(tx: Tx, actor: Actor, day: str = "") -> tuple[DayManifest, ...]:
    """Have the parcels of a day (today unless named) listed for their carriers, one list each.

    A carrier that scans one form for all is asked for it; for the others, and for labels of earlier days
    that no form takes any more, the list is the shop's own. Only what stands in no list yet is taken.
    Raises Refused where nothing is left to list.
    """
    day = checked_day(day) or today(tx.settings, tx.at)
    require(tx, actor, "ship.buy", f"manifests {day}")
    found = day_list(tx.conn, tx.settings, day)
    late = {r.postage for carrier in found.carriers for r in carrier.rows if r.late}
    waiting = [p for carrier in found.carriers for p in carrier.waiting]
    groups: dict[tuple[str, ...], list[Postage]] = {}
    for postage in postages.by_ids(tx.conn, waiting):
        groups.setdefault(_group(postage, late=postage.id in late), []).append(postage)
    if not groups:
        raise Refused("nothing", "Every parcel of this day stands in a list already.")
    return tuple(
        _made(tx, actor, day, group[at : at + MOST_IN_FORM], by_form=key[1] == ON_FORM)
        for key, group in sorted(groups.items())
        for at in range(0, len(group), MOST_IN_FORM)
    )


def _group(postage: Postage, *, late: bool) -> tuple[str, ...]:
    """Return what the parcels in one list have in common: carrier, form or not, origin, whether samples."""
    assert postage.bought is not None
    sender, bought = postage.consignment.sender, postage.bought
    if late or not takes_manifests(bought.carrier):
        return (bought.carrier, "")
    return (bought.carrier, ON_FORM, sender.line1, sender.city, sender.postal_code, str(bought.test))


def _made(tx: Tx, actor: Actor, day: str, group: Sequence[Postage], *, by_form: bool) -> DayManifest:
    carrier = group[0].bought.carrier if group[0].bought is not None else ""
    made = DayManifest(
        id=new_id(),
        carrier=carrier,
        postages=tuple(p.id for p in group),
        created_at=tx.at,
        staff=actor.staff,
        register=actor.register,
        day=day,
        state="new" if by_form else "by_hand",
    )
    handovers.save_manifest(tx, None, made)
    for postage in group:
        kept(tx, postage, replace(postage, manifest=made.id))
    tx.record(
        "manifest.made",
        staff=actor.staff,
        register=actor.register,
        ref=made.id,
        body={"carrier": carrier, "parcels": len(group), "day": day, "by_hand": made.state == "by_hand"},
    )
    return made


def freed(tx: Tx, before: DayManifest, after: DayManifest) -> DayManifest:
    """Keep a changed list, and let the parcels that are not in it any more be listed again."""
    if not handovers.save_manifest(tx, before, after):
        raise Refused("moved", "Something else happened to this list meanwhile. Look at it again.")
    for postage in postages.by_ids(tx.conn, [p for p in before.postages if p not in after.postages]):
        if postage.manifest == before.id:
            kept(tx, postage, replace(postage, manifest=""))
    return after


# ---- leaving ----


@action
def hand_over(tx: Tx, actor: Actor, postage_ids: Sequence[str]) -> HandedOver:
    """Note that parcels were given to their carrier; orders that are not shipped yet are from now on.

    One that cannot be shipped stays with its reason, and the others go on.
    """
    require(tx, actor, "order.work", "hand over")
    shipped: list[Order] = []
    failed: list[tuple[str, str]] = []
    parcels = 0
    for postage in postages.by_ids(tx.conn, postage_ids):
        number = " ".join(postage.numbers)
        if postage.state != "bought" or postage.bought is None or postage.purpose != "out":
            failed.append((number, "Its label is not bought, or was given back."))
            continue
        why = ""
        for order in orders.by_ids(tx.conn, postage.orders):
            try:
                shipped += ship_with(tx, actor, order, postage)
            except Refused as refused:
                why = refused.message
                failed.append((order.number, why))
        if not why:
            parcels += 1
            if not postage.handed_over_at:
                kept(tx, postage, replace(postage, handed_over_at=tx.at))
    if parcels:
        body = {"parcels": parcels}
        tx.record("parcels.handed_over", staff=actor.staff, register=actor.register, ref="", body=body)
    return HandedOver(parcels, tuple(shipped), tuple(failed))


def ship_with(tx: Tx, actor: Actor, order: Order, postage: Postage, by: str = "store") -> tuple[Order, ...]:
    """Ship the parcel of a bought label where it has not left yet; return the order if it did.

    Raises Refused where the order does not let it.
    """
    parcel, bought = order.parcel(postage.box), postage.bought
    if bought is None or (parcel is not None and parcel.shipped_at):
        return ()
    step = Step(
        "ship",
        parcel=postage.box,
        carrier=clean(carrier_words(bought.carrier), 32),
        service=clean(service_words(bought.carrier, bought.service), 60),
        tracking=clean(bought.tracking, 64),
        expected_on=told_day(postage.track.expected_on if postage.track is not None else "")
        or told_day(bought.expected_on),
        override="" if order.paid else postage.override,
        by="carrier" if by == "carrier" else "store",
    )
    return (ordering.advanced(tx, actor, order, step),)


# ---- visits ----


@action
def ask_visit(
    tx: Tx, actor: Actor, postage_ids: Sequence[str], first_at: int, last_at: int, instructions: str = ""
) -> Visit:
    """Ask when and for how much a carrier would collect parcels, between two moments (ms UTC).

    Raises Refused where they are of several carriers, were given back, or the time is past.
    """
    require(tx, actor, "ship.buy", "visit")
    found = [p for p in postages.by_ids(tx.conn, postage_ids) if p.state == "bought" and p.bought is not None]
    if not found:
        raise Refused("nothing", "Choose parcels with a label first.", field="parcels")
    carriers = sorted({p.bought.carrier for p in found if p.bought is not None})
    if len(carriers) > 1:
        raise Refused("carriers", f"Ask each carrier for itself: {', '.join(carriers)}.", field="parcels")
    if not tx.at < last_at or not first_at < last_at:
        raise Refused("time", "Choose a time that is still to come.", field="time")
    visit = Visit(
        id=new_id(),
        carrier=carriers[0],
        postages=tuple(p.id for p in found),
        first_at=first_at,
        last_at=last_at,
        created_at=tx.at,
        staff=actor.staff,
        register=actor.register,
        instructions=plain(instructions, 200),
    )
    handovers.save_visit(tx, None, visit)
    return visit


@action
def book_visit(tx: Tx, actor: Actor, visit_id: str, service: str) -> Visit:
    """Book a visit by one of the services it was priced for; beyond a limit a manager must approve."""
    require(tx, actor, "ship.buy", "visit")
    before = handovers.visit(tx.conn, visit_id)
    rates = before.collection.rates if before.collection is not None else ()
    rate = next((r for r in rates if r.service == service), None)
    if before.state not in ("quoted", "refused") or rate is None:
        raise Refused("visit_state", "This visit cannot be booked now. Ask for prices again.", id=visit_id)
    within_limits(tx, actor, rate.cents, f"{visit_id} {rate.service} {rate.cents}")
    after = replace(
        before, state="booking", service=rate.service, cents=rate.cents, asked_at=0, looks=0, clear_at=0,
        attempts=0, next_try_at=0, words="",
    )  # fmt: skip
    return kept_visit(tx, before, after)


@action
def cancel_visit(tx: Tx, actor: Actor, visit_id: str) -> Visit:
    """Call a visit off: at once where none is booked, through the carrier where one is. Raises Refused."""
    require(tx, actor, "ship.buy", "visit")
    before = handovers.visit(tx.conn, visit_id)
    if before.state in ("booking", "uncertain"):
        raise Refused("visit_state", "It may just be being booked. Wait until that is known.", id=visit_id)
    if before.state in ("cancelling", "cancelled"):
        raise Refused("visit_state", "This visit was called off already.", id=visit_id)
    if before.state != "booked":
        return kept_visit(tx, before, replace(before, state="cancelled", next_try_at=0, words=""))
    after = replace(before, state="cancelling", asked_at=0, attempts=0, next_try_at=0, words="")
    return kept_visit(tx, before, after)


def kept_visit(tx: Tx, before: Visit, after: Visit) -> Visit:
    """Replace a visit's row and return it. Raises Refused where its state is another one meanwhile."""
    if not handovers.save_visit(tx, before, after):
        raise Refused("moved", "Something else happened to this visit meanwhile. Look at it again.")
    if after.state != before.state and after.state in ("booked", "cancelled"):
        tx.record(
            f"visit.{after.state}",
            staff=after.staff,
            register=after.register,
            ref=after.id,
            body={"carrier": after.carrier, "cents": after.cents, "parcels": len(after.postages)},
        )
        for postage in postages.by_ids(tx.conn, after.postages):
            chosen = after.id if after.state == "booked" else ""
            if postage.collection != chosen and (chosen or postage.collection == after.id):
                kept(tx, postage, replace(postage, collection=chosen))
    return after
