"""What became of labels at the carrier, written down as it is heard: prices, bought, refused, doubtful.

Used by `sync.carriers` only. Each action reads the row anew and goes by its state in the books: people may
have left or cancelled it meanwhile. What may have been paid leaves `buying` and `uncertain` only by what
the broker says of the shipment itself.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.consigning import may_go, orders_of, waits_for_label
from bookwish_desk.actions.postage_notes import actor_of, journalled, kept, noted
from bookwish_desk.db import orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import Bought, Quoted, Rate
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import RATES_LIVE_MS, Postage
from bookwish_desk.shop.presets import service_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.street import told_day
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.tracking import next_poll

MOST_WORDS = 400
GOES_ON_MS = 15 * 60_000
"""What was wanted so short before the desk stopped is bought when it starts; older, somebody says so."""
SURE_MS = 120_000
"""So long after money was asked for a slow broker may still take it: it ends an operation after 90 s."""
APART_MS = 60_000
"""So far apart are two readings that together say that nothing was bought."""

STOPPED = "The desk stopped before this label was bought."
NOT_CONNECTED = "No account of a carrier is connected any more."
IN_DOUBT = "The desk stopped while this label was being bought."
PAID_LATE = "This label was paid after all, when nobody waited for it any more. Print it, or give it back."
PAID_IN_VAIN = "It was paid after it had been left. Its money is asked for."
NO_ANSWER = "It may have been bought. It is looked up."


@action
def recover(tx: Tx) -> int:
    """Take up what a stop of the desk left behind; return how many labels were perhaps bought."""
    doubtful = _doubt_begun(tx)
    for before in postages.in_state(tx.conn, ("created",), most=10_000):
        if before.wanted_at and abs(tx.at - before.wanted_at) > GOES_ON_MS:
            kept(tx, before, replace(before, wanted_at=0, words=STOPPED))
    return doubtful


@action
def doubt_begun(tx: Tx) -> int:
    """Let labels be read whose buying was begun and broke off without a word; return how many."""
    return _doubt_begun(tx)


def _doubt_begun(tx: Tx) -> int:
    begun = postages.in_state(tx.conn, ("buying",), most=10_000)
    for before in begun:
        kept(tx, before, _doubtful(before, IN_DOUBT, tx.at))
    return len(begun)


@action
def due_now(tx: Tx) -> None:
    """Let everything be due that was put off."""
    for before in postages.put_off(tx.conn, tx.at):
        kept(tx, before, replace(before, next_try_at=0))


# ---- prices ----


@action
def created(tx: Tx, postage_id: str, quoted: Quoted) -> bool:
    """Note the shipment that the broker made for a label; False where nobody wants it any more."""
    before = postages.load(tx.conn, postage_id)
    if before.state != "new":
        return False
    other = postages.by_shipment(tx.conn, quoted.shipment)
    if not quoted.shipment or (other is not None and other.id != postage_id):
        # It would be bought for two parcels, and print the other one's label.
        words = "The carrier's answer belongs to another parcel. Ask for prices again."
        kept(tx, before, replace(before, state="refused", words=words))
        return False
    after = replace(
        before, state="created", quoted=_dated(quoted, tx.at), words=_no_price(quoted), attempts=0,
        next_try_at=0,
    )  # fmt: skip
    kept(tx, before, after)
    return True


def _dated(quoted: Quoted, at: int) -> Quoted:
    """Return prices with when they came by our own clock, never before the first of 1970."""
    return replace(quoted, at=max(1, at))


def _no_price(quoted: Quoted) -> str:
    return "" if quoted.rates else "No carrier gave a price for this parcel."


@action
def quoted_anew(tx: Tx, postage_id: str, quoted: Quoted) -> bool:
    """Take new prices of a shipment; what is wanted goes on where its service costs no more than agreed."""
    before = postages.load(tx.conn, postage_id)
    if before.state != "created" or quoted.shipment != before.shipment:
        return False
    after = replace(before, quoted=_dated(quoted, tx.at), words=_no_price(quoted), next_try_at=0)
    agreed = before.rate
    if before.wanted_at and agreed is not None:
        same = _cheapest(quoted, agreed)
        if same is not None and same.cents <= agreed.cents:
            after = replace(after, rate=same)
        else:
            after = replace(after, wanted_at=0, rate=None, words=_dearer(tx, agreed, same))
    kept(tx, before, after)
    return after.wanted_at > 0


def _cheapest(quoted: Quoted, agreed: Rate) -> Rate | None:
    wanted = (agreed.carrier, agreed.service, agreed.currency)
    same = [r for r in quoted.rates if (r.carrier, r.service, r.currency) == wanted]
    return min(same, key=lambda r: r.cents, default=None)


def _dearer(tx: Tx, agreed: Rate, now: Rate | None) -> str:
    name, show = clean(f"{agreed.carrier} {agreed.service}", 60), tx.settings.money.show
    if now is None:
        return f"{name} is not offered any more. Choose again."
    return f"{name} costs {show(now.cents)} now, {show(agreed.cents)} was agreed. Choose again."


@action
def gone_unpaid(tx: Tx, postage_id: str) -> None:
    """Ask anew for a shipment that the broker does not know any more and that nobody paid."""
    before = postages.load(tx.conn, postage_id)
    if before.state == "created":
        words = "The broker does not know this shipment any more. Prices are asked for again."
        after = replace(before, state="new", quoted=None, rate=None, wanted_at=0, words=words, next_try_at=0)
        kept(tx, before, after)


@action
def put_off(tx: Tx, postage_id: str, words: str, next_try_at: int) -> None:
    """Ask for prices again later."""
    before = postages.load(tx.conn, postage_id)
    if before.state in ("new", "created"):
        said = clean(words, MOST_WORDS)
        kept(tx, before, replace(before, words=said, next_try_at=next_try_at, attempts=before.attempts + 1))


@action
def refused(tx: Tx, postage_id: str, words: str) -> None:
    """Note that a carrier will not: no price, or no label; another one may be wanted."""
    before = postages.load(tx.conn, postage_id)
    if before.state not in ("new", "created", "buying"):
        return
    said = clean(words, MOST_WORDS) or "The carrier refused it without a reason."
    after = replace(before, state="refused", wanted_at=0, words=said, next_try_at=0)
    kept(tx, before, after)
    if before.state == "buying":
        journalled(tx, actor_of(after), "label.refused", after, words=said)
        noted(tx, actor_of(after), "label_refused", after, reason=said)


@action
def paid_before(tx: Tx, postage_id: str, next_try_at: int) -> None:
    """Read a shipment that the broker says was paid, though the books know nothing of it."""
    before = postages.load(tx.conn, postage_id)
    if before.state == "created":
        kept(
            tx, before, replace(_doubtful(before, NO_ANSWER, next_try_at), asked_at=before.asked_at or tx.at)
        )


# ---- buying ----


@action
def begin(tx: Tx, postage_id: str) -> Postage | None:
    """Commit that a label is being bought, before anything leaves; None where it is not to be, or not now.

    An order that may not leave any more (cancelled, on hold) stops it here, while it costs nothing.
    """
    before = postages.load(tx.conn, postage_id)
    if before.state != "created" or not before.wanted_at or before.rate is None or before.quoted is None:
        return None
    if tx.at - before.quoted.at > RATES_LIVE_MS or before.rate not in before.quoted.rates:
        return None
    try:
        if not tx.settings.shipping.connected:
            raise Refused("carriers", NOT_CONNECTED)
        may_go(tx, before)
    except Refused as why:
        kept(tx, before, replace(before, wanted_at=0, words=clean(why.message, MOST_WORDS)))
        return None
    after = replace(
        before, state="buying", asked_at=tx.at, proven_at=0, attempts=before.attempts + 1, looks=0,
        clear_at=0, next_try_at=0, words="",
    )  # fmt: skip
    return kept(tx, before, after)


@action
def not_begun(tx: Tx, postage_id: str, words: str, next_try_at: int, *, stale: bool = False) -> None:
    """Put a label back that certainly was not bought; `stale` has its price asked for again first."""
    before = postages.load(tx.conn, postage_id)
    if before.state != "buying":
        return
    quoted = before.quoted
    if stale and quoted is not None:
        quoted = replace(quoted, at=0)
    after = replace(
        before, state="created", quoted=quoted, words=clean(words, MOST_WORDS), next_try_at=next_try_at
    )
    kept(tx, before, after)


@action
def doubtful(tx: Tx, postage_id: str, words: str, next_try_at: int) -> None:
    """Note that nobody knows whether a label was bought: from now on its shipment is read."""
    before = postages.load(tx.conn, postage_id)
    if before.state == "buying":
        kept(tx, before, _doubtful(before, words or NO_ANSWER, next_try_at))


def _doubtful(before: Postage, words: str, next_try_at: int) -> Postage:
    said = clean(words, MOST_WORDS)
    return replace(before, state="uncertain", looks=0, clear_at=0, words=said, next_try_at=next_try_at)


@action
def read_unpaid(tx: Tx, postage_id: str, next_try_at: int) -> bool:
    """Count a reading that shows an unpaid shipment; True once that is certain.

    One is no proof: the broker may be slow. Two that are a minute apart are, the second of them long enough
    after money was asked for. It is bought again then, on the same shipment, if it is still wanted.
    """
    before = postages.load(tx.conn, postage_id)
    if before.state != "uncertain":
        return False
    # A clock that was put back must not make it certain sooner, nor never.
    clear_at, asked_at = min(before.clear_at or tx.at, tx.at), min(before.asked_at, tx.at)
    sure = tx.at - clear_at >= APART_MS and tx.at - asked_at >= SURE_MS
    if sure:
        words = "" if before.wanted_at else "It was not bought."
        after = replace(
            before, state="created", words=words, looks=before.looks + 1, next_try_at=0, clear_at=0
        )
        journalled(tx, actor_of(after), "label.not_bought", after)
    else:
        after = replace(
            before, looks=before.looks + 1, clear_at=clear_at, asked_at=asked_at, next_try_at=next_try_at
        )
    kept(tx, before, after)
    return sure


@action
def proven(tx: Tx, postage_id: str, next_try_at: int = 0) -> None:
    """Note that a label was read a last time, and nobody paid it; try later where that told nothing."""
    before = postages.load(tx.conn, postage_id)
    if before.state in ("created", "refused", "dropped"):
        read_at = 0 if next_try_at else tx.at
        kept(tx, before, replace(before, proven_at=read_at, next_try_at=next_try_at))


@action
def paid_late(tx: Tx, postage_id: str, paid: Bought) -> None:
    """Keep a label that was paid although it counted as not bought: somebody must look at it.

    Where it was left its money is asked for: its parcel has another one by now, or needs none.
    """
    before = postages.load(tx.conn, postage_id)
    if before.state != "dropped":
        _bought(tx, before, paid, PAID_LATE)
    elif paid.shipment == before.shipment:
        after = replace(
            before, state="voiding", bought=paid, bought_at=tx.at, words=PAID_IN_VAIN, refund="",
            attempts=0, refund_asked_at=0, next_try_at=0, looks=0, prints=False,
        )  # fmt: skip
        kept(tx, before, after)
        _journal_paid(tx, after, paid)
        noted(tx, actor_of(after), "label_void", after, reason=PAID_IN_VAIN)


@action
def looked(tx: Tx, postage_id: str, words: str, next_try_at: int) -> None:
    """Count a reading that told nothing."""
    before = postages.load(tx.conn, postage_id)
    if before.state == "uncertain":
        said = clean(words, MOST_WORDS) or before.words
        kept(tx, before, replace(before, looks=before.looks + 1, words=said, next_try_at=next_try_at))


@action
def bought(tx: Tx, postage_id: str, paid: Bought, why_not: str = "", *, alone: bool = False) -> bool:
    """Keep a label that was paid, and ship its orders with its number; False where it is known already.

    `why_not` is why the orders are not shipped with it; `alone` leaves them as they are. Raises Refused where
    they cannot be shipped: the label must then be kept without that.
    """
    return _bought(tx, postages.load(tx.conn, postage_id), paid, why_not, alone=alone)


def _bought(tx: Tx, before: Postage, paid: Bought, why_not: str, *, alone: bool = False) -> bool:
    # What counted as not bought is printed for nobody who waits for it.
    late = before.state in ("created", "refused")
    if not (late or before.state in ("buying", "uncertain")) or paid.shipment != before.shipment:
        return False
    after = replace(
        before, state="bought", bought=paid, bought_at=tx.at, words=clean(why_not, MOST_WORDS), attempts=0,
        next_try_at=0, clear_at=0, prints=before.prints and not late,
        track_next_at=next_poll(None, tx.at, tx.at) if paid.tracker else 0,
    )  # fmt: skip
    kept(tx, before, after)
    _journal_paid(tx, after, paid)
    if alone:
        return True
    noted(tx, actor_of(after), "label_bought", after, cents=paid.cents, reason=after.words)
    if after.purpose == "out" and not why_not:
        _follow(tx, after, paid)
    elif after.purpose == "out":
        _trouble(tx, after)
    return True


def _journal_paid(tx: Tx, after: Postage, paid: Bought) -> None:
    journalled(
        tx, actor_of(after), "label.bought", after, cents=paid.cents, fees_cents=paid.fees_cents,
        tracking=paid.tracking, test=paid.test,
    )  # fmt: skip


def _trouble(tx: Tx, postage: Postage) -> None:
    """Let somebody look at the parcels of a label that is bought while its orders are not shipped by it."""
    for order in orders.by_ids(tx.conn, postage.orders):
        parcel = order.parcel(postage.box)
        if parcel is not None:
            marked = replace(parcel, trouble=postage.words)
            parcels = tuple(marked if p.id == parcel.id else p for p in order.parcels)
            orders.save(tx, order, replace(order, parcels=parcels))


def _follow(tx: Tx, postage: Postage, paid: Bought) -> None:
    """Ship the orders of a bought label, or note its number on their parcels."""
    actor = actor_of(postage)
    carrier = clean(carrier_words(paid.carrier), 32)
    service = clean(service_words(paid.carrier, paid.service), 60)
    tracking = clean(paid.tracking, 64)
    expected_on = told_day(paid.expected_on)
    for order in orders_of(tx, postage.orders):
        parcel = order.parcel(postage.box)
        again = parcel is not None and waits_for_label(parcel)
        if postage.ships or again:
            step = Step(
                "retrack" if again else "ship", parcel=postage.box, carrier=carrier, service=service,
                tracking=tracking, expected_on=expected_on,
                override="" if order.paid or again else postage.override,
            )  # fmt: skip
            ordering.advanced(tx, actor, order, step)
            continue
        if parcel is not None and not parcel.shipped_at:
            labelled = replace(
                parcel, carrier=carrier, service=service, tracking=tracking,
                expected_on=expected_on or parcel.expected_on,
            )  # fmt: skip
            parcels = tuple(labelled if p.id == parcel.id else p for p in order.parcels)
            orders.save(tx, order, replace(order, parcels=parcels))
