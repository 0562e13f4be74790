"""Labels as people ask for them: priced, chosen, wanted, left, settled, printed again.

Money moves nowhere here: what is wanted is taken up by `sync.carriers.buying`, which writes down with
`actions.bought` what became of it. Who wants a label agrees to a service and its price, and nothing else is
bought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.consigning import Wanted, consigned, may_go, may_leave, orders_of, packed_as
from bookwish_desk.actions.label_papers import NO_PRINTER, Papers, label_to_print, post_papers
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.postage_notes import journalled, kept, noted
from bookwish_desk.actions.spending import beyond_limits, insurance_cents
from bookwish_desk.db import orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import parcel_weight
from bookwish_desk.shop.carriage import Bought, Rate
from bookwish_desk.shop.delivery_address import faults
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.postage import MAYBE_PAID, Postage
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor

ASKED_AGAIN = "Asking for prices again."
CANCELLED = "It was cancelled before it was bought."
NO_PAPERS = Papers()
Verdict = Literal["bought", "not_bought"]


@action
def ask(tx: Tx, actor: Actor, wanted: Wanted) -> Postage:
    """Ask what sending a parcel costs: keep its row, frozen as it is told to carriers, and return it.

    Every check is made that needs no network. A parcel that was priced and not bought is left for the new
    one. Raises Refused (fact `field` for what is wrong beside a field, code "unpaid" for an order that a
    manager must let pass), NeedsApproval for whoever may not.
    """
    require(tx, actor, "ship.buy", f"{wanted.parcel} ask")
    if not tx.settings.shipping.connected:
        raise Refused("carriers", "No account of a carrier is connected. Connect one in the settings.")
    override = plain(wanted.override)
    found = orders_of(tx, wanted.order_ids)
    if wanted.purpose == "out":
        for order in found:
            may_leave(order, wanted.parcel, override, tx.at)
        _let_pass(tx, actor, [x.id for x in found if not x.paid], override)
    new = new_id()
    postage = Postage(
        id=new,
        box=wanted.parcel,
        orders=tuple(x.id for x in found),
        numbers=tuple(x.number for x in found),
        consignment=consigned(tx, wanted, new, found, actor.register),
        created_at=tx.at,
        staff=actor.staff,
        register=actor.register,
        purpose=wanted.purpose,
        package=wanted.package,
        preset=wanted.preset,
        insured_cents=wanted.insured_cents,
        packed=packed_as(found, wanted.parcel) if wanted.purpose == "out" else "",
        override=override,
    )
    if wanted.purpose == "out":
        _placed(tx, found)
    standing = postages.of_box(tx.conn, wanted.parcel) if wanted.purpose == "out" else None
    if standing is not None:
        _left(tx, actor, standing)
    postages.insert(tx, postage)
    return postage


def _placed(tx: Tx, found: Sequence[Order]) -> None:
    """Raise Refused while a label of these orders was found of which nobody knows where it is."""
    numbers = {order.number for order in found}
    known = {parcel.tracking for order in found for parcel in order.parcels} - {""}
    for label in postages.unplaced(tx.conn):
        if label.tracking not in known and numbers & set(label.numbers):
            raise Refused(
                "found_label",
                f"A label with the number {label.tracking} was bought for {', '.join(label.numbers)} after"
                " the backup in use was made. Look where it is: type that number with its parcel, or give it"
                " back.",
                id=label.id,
            )


def _let_pass(tx: Tx, actor: Actor, unpaid: Sequence[str], override: str) -> None:
    if unpaid and override:
        require(tx, actor, "order.override", f"{' '.join(sorted(unpaid))} ship override")


@action
def ask_again(tx: Tx, actor: Actor, postage_id: str) -> Postage:
    """Ask for the prices of a parcel again; what was agreed to is not any more. Raises Refused."""
    before = postages.load(tx.conn, postage_id)
    require(tx, actor, "ship.buy", f"{before.box} ask")
    if before.state not in ("new", "created", "refused"):
        raise _not_now(before)
    may_go(tx, before)
    fresh = replace(before, wanted_at=0, rate=None, attempts=0, next_try_at=0, words="")
    if before.quoted is None:
        after = replace(fresh, state="new")
    else:
        after = replace(fresh, state="created", quoted=replace(before.quoted, at=0), words=ASKED_AGAIN)
    return kept(tx, before, after)


@action
def want(
    tx: Tx,
    actor: Actor,
    chosen: Sequence[tuple[str, str]],
    *,
    batch: str = "",
    prints: bool = True,
    with_slip: bool | None = None,
    ships: bool | None = None,
    override: str = "",
) -> tuple[Postage, ...]:
    """Have labels bought at the prices agreed to: (postage id, rate id), bought and printed in this order.

    `ships` and `with_slip` None are as the settings say. Of several the one that cannot be bought stays with
    its words and the others go on; one alone raises Refused. Raises NeedsApproval beyond a limit, which
    covers all of them.
    """
    shipping = tx.settings.shipping
    passing = plain(override)
    agreed: list[tuple[Postage, Postage]] = []
    results: list[Postage] = []
    for place, (postage_id, rate_id) in enumerate(chosen, 1):
        before = postages.load(tx.conn, postage_id)
        try:
            rate = _chosen(before, rate_id)
            after = replace(
                before,
                state="created",
                # It is printed where it was agreed to, and what follows is theirs who did.
                staff=actor.staff,
                register=actor.register,
                rate=rate,
                wanted_at=tx.at,
                batch=batch,
                place=place,
                prints=prints,
                with_slip=shipping.slip_with_label if with_slip is None else with_slip,
                ships=(shipping.shipped_with == "label" if ships is None else ships) and _out(before),
                override=passing or before.override,
                attempts=0,
                next_try_at=0,
                words="",
            )
            may_go(tx, after)
        except Refused as refused:
            if len(chosen) == 1:
                raise
            results.append(_words(tx, before, refused.message))
            continue
        agreed.append((before, after))
        results.append(after)
    if passing:
        unpaid = {x.id for _, p in agreed for x in orders.by_ids(tx.conn, p.orders) if not x.paid}
        _let_pass(tx, actor, sorted(unpaid), passing)
    _allowed(tx, actor, [after for _, after in agreed])
    for before, after in agreed:
        kept(tx, before, after)
        journalled(tx, actor, "label.wanted", after, cents=after.rate.cents if after.rate else 0)
    return tuple(results)


def _out(postage: Postage) -> bool:
    return postage.purpose == "out"


def _chosen(postage: Postage, rate_id: str) -> Rate:
    if postage.state not in ("created", "refused") or postage.wanted_at:
        raise _not_now(postage)
    rates = postage.quoted.rates if postage.quoted is not None else ()
    found = next((r for r in rates if r.id == rate_id), None)
    if found is None or postage.quoted is None or not postage.quoted.at:
        raise Refused("rate", "That price is not valid any more. Ask for prices again.", id=postage.id)
    told = postage.consignment
    wrong = (*faults(told.to, found.carrier).items(), *parcel_weight.faults(told.box, found.carrier).items())
    for field, sentence in wrong:
        raise Refused("parcel", sentence, field=field, id=postage.id)
    return found


def _allowed(tx: Tx, actor: Actor, wanted: Sequence[Postage]) -> None:
    """Let whoever may buy labels go on; a manager where one, or all of the day, costs beyond the limits.

    Who lets it cost that much lets it be bought: one approval is enough.
    """
    costs = {p.id: p.rate.cents + insurance_cents(p.insured_cents) for p in wanted if p.rate is not None}
    permission = "ship.spend" if beyond_limits(tx, list(costs.values())) else "ship.buy"
    require(tx, actor, permission, f"{' '.join(sorted(costs))} {sum(costs.values())}")


@action
def unwant(tx: Tx, actor: Actor, ids: Iterable[str]) -> tuple[Postage, ...]:
    """Have these labels not bought after all: what has not begun is not, what is under way not again."""
    wanted = tuple(ids)
    require(tx, actor, "ship.buy", f"{' '.join(wanted)} cancel")
    found = []
    for before in postages.by_ids(tx.conn, wanted):
        if before.wanted_at and before.state in ("created", *MAYBE_PAID):
            words = CANCELLED if before.state == "created" else before.words
            found.append(kept(tx, before, replace(before, wanted_at=0, words=words)))
    return tuple(found)


@action
def drop(tx: Tx, actor: Actor, postage_id: str) -> Postage:
    """Leave a label that was not bought: its parcel can get another one. Raises Refused."""
    require(tx, actor, "ship.buy", f"{postage_id} leave")
    return _left(tx, actor, postages.load(tx.conn, postage_id))


def _left(tx: Tx, actor: Actor, before: Postage) -> Postage:
    if before.state not in ("new", "created", "refused"):
        raise _not_now(before)
    after = kept(tx, before, replace(before, state="dropped", wanted_at=0))
    if before.asked_at:
        journalled(tx, actor, "label.dropped", after)
    return after


@action
def resume(tx: Tx, actor: Actor, batch: str) -> tuple[Postage, ...]:
    """Go on with a batch that was cancelled or stopped, at what was agreed to; return what goes on."""
    paused = [
        p
        for p in postages.of_batch(tx.conn, batch)
        if batch and p.state == "created" and p.rate is not None and not p.wanted_at
    ]
    fresh = {"wanted_at": tx.at, "attempts": 0, "next_try_at": 0, "words": ""}
    after = [replace(p, staff=actor.staff, register=actor.register, **fresh) for p in paused]
    _allowed(tx, actor, after)
    return tuple(kept(tx, before, now) for before, now in zip(paused, after, strict=True))


@action
def settle(tx: Tx, actor: Actor, postage_id: str, verdict: Verdict, reason: str) -> Postage:
    """Say whether a label was bought that nobody can read any more, as somebody found out at the broker.

    The last resort: what is said here is believed. Raises Refused without a reason.
    """
    require(tx, actor, "ship.decide", f"{postage_id} {verdict}")
    why = plain(reason)
    if not why:
        raise Refused("reason", "Say how you found out.", field="reason")
    before = postages.load(tx.conn, postage_id)
    if before.state != "uncertain" or before.quoted is None:
        raise _not_now(before)
    if verdict == "bought":
        agreed = before.rate or Rate("", "", "", 0)
        known = Bought(
            before.quoted.shipment, agreed.carrier, agreed.service, agreed.cents, "", rate=agreed.id,
            currency=agreed.currency, test=before.quoted.test,
        )  # fmt: skip
        words = f"Said to be bought: {why} Type its tracking number with the order."
        after = replace(before, state="bought", bought=known, bought_at=tx.at, words=words, ships=False)
    else:
        after = replace(before, state="created", wanted_at=0, words=f"Said not to be bought: {why}")
    kept(tx, before, replace(after, next_try_at=0, attempts=0, looks=0, clear_at=0))
    journalled(tx, actor, "label.settled", after, verdict=verdict)
    noted(tx, actor, "label_settled", after, reason=why, verdict=verdict)
    return postages.load(tx.conn, postage_id)


@action
def reprint(tx: Tx, actor: Actor, postage_id: str, papers: Papers = NO_PAPERS) -> tuple[str, ...]:
    """Print a bought label again, which costs nothing; return the ids of the jobs. Raises Refused.

    `papers` are drawn before: a printer for pages needs them, and who wants the packing slip again.
    """
    require(tx, actor, "ship.buy", f"{postage_id} print")
    before = postages.load(tx.conn, postage_id)
    file = label_to_print(tx.conn, tx.settings, postage_id, actor.register)
    if before.state != "bought":
        raise _not_now(before)
    if file is None:
        raise Refused("no_label", "The label is not here yet. It is fetched as soon as possible.")
    jobs = post_papers(tx, replace(before, register=actor.register), file, papers)
    if not jobs:
        raise Refused("no_printer", NO_PRINTER)
    kept(tx, before, replace(before, printed=(*before.printed, *jobs)))
    journalled(tx, actor, "label.reprinted", before)
    noted(tx, actor, "printed", before, paper="shipping label", to="label printer")
    return jobs


def _words(tx: Tx, before: Postage, words: str) -> Postage:
    return kept(tx, before, replace(before, words=words)) if before.live else replace(before, words=words)


def _not_now(postage: Postage) -> Refused:
    sentence = {
        "new": "Its prices are still being asked for.",
        "created": "It is about to be bought. Cancel that first.",
        "buying": "It is being bought just now.",
        "uncertain": "Nobody knows yet whether this label was bought. It is looked up; wait for that.",
        "refused": "It was not bought. Ask for prices again.",
        "bought": "This parcel has its label. Give that back before another one is made.",
        "voiding": "Its refund was asked for already.",
        "voided": "This label was given back.",
        "dropped": "This label was left. Ask for prices anew.",
    }[postage.state]
    return Refused(f"postage_{postage.state}", sentence, id=postage.id)
