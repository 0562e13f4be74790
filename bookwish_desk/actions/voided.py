"""What became of labels that are given back, and of parcels insured later, written down as it is heard.

Used by `sync.carriers.voiding` only. Each action reads the row anew and goes by its state in the books.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.postage_notes import actor_of, journalled, kept, noted
from bookwish_desk.db import postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import label_refund
from bookwish_desk.shop.carriage import RefundState, ShipmentNow
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.text import clean

MOST_WORDS = 400
INSURED_LATER = "The parcel is insured."
MOST_INSURE_TRIES = 5


@action
def begin(tx: Tx, postage_id: str) -> Postage | None:
    """Commit that a refund is being asked for, before anything leaves; None where it is not to be."""
    before = postages.load(tx.conn, postage_id)
    if before.state != "voiding" or before.refund:
        return None
    return kept(tx, before, replace(before, refund_asked_at=tx.at, attempts=before.attempts + 1, looks=0))


@action
def put_off(tx: Tx, postage_id: str, words: str, next_try_at: int, *, unasked: bool = False) -> None:
    """Come back to a refund later; `unasked` where it certainly was not asked for, else it is read first."""
    before = postages.load(tx.conn, postage_id)
    if before.state != "voiding":
        return
    said = clean(words, MOST_WORDS) or before.words
    # What was asked for before the clock was put back counts as asked for now: else it is read for ever.
    asked_at = 0 if unasked else min(before.refund_asked_at, tx.at)
    after = replace(before, words=said, next_try_at=next_try_at, looks=before.looks + 1)
    kept(tx, before, replace(after, refund_asked_at=asked_at))


@action
def heard(tx: Tx, postage_id: str, now: ShipmentNow, next_try_at: int) -> RefundState:
    """Go by how far the broker says that a refund is; return that.

    A shipment of which none was asked for is asked about again at `next_try_at`.
    """
    before = postages.load(tx.conn, postage_id)
    if before.state != "voiding":
        return before.refund
    if now.refund == "refunded":
        _refunded(tx, before)
    elif now.refund == "submitted":
        asked_at = min(before.refund_asked_at or tx.at, tx.at)
        due = label_refund.next_look(asked_at, tx.at)
        words = label_refund.SUBMITTED if due else label_refund.SILENT
        after = replace(
            before, refund="submitted", refund_asked_at=asked_at, words=words, next_try_at=due, attempts=0
        )
        kept(tx, before, after)
    elif now.refund == "rejected" and _too_soon(before):
        again = replace(
            before, refund="", refund_asked_at=0, next_try_at=before.bought_at + label_refund.SOON_MS
        )
        kept(tx, before, replace(again, words=label_refund.TOO_SOON))
    elif now.refund:
        words = label_refund.REJECTED if now.refund == "rejected" else label_refund.NOT_APPLICABLE
        _kept_paid(tx, before, now.refund, words)
    else:
        # The request never came there: it can be sent again, money moves only one way.
        kept(tx, before, replace(before, refund_asked_at=0, next_try_at=next_try_at, looks=before.looks + 1))
    return now.refund


def _too_soon(before: Postage) -> bool:
    asked = before.refund_asked_at - before.bought_at
    return 0 <= asked < label_refund.SOON_MS and before.attempts < label_refund.MOST_TRIES


def _refunded(tx: Tx, before: Postage) -> None:
    after = replace(
        before, state="voided", refund="refunded", words=label_refund.REFUNDED, next_try_at=0, track_next_at=0
    )  # fmt: skip
    kept(tx, before, after)
    journalled(tx, actor_of(after), "label.voided", after, cents=postages.cents_of(after))
    noted(tx, actor_of(after), "label_voided", after, cents=postages.cents_of(after))


@action
def will_not(tx: Tx, postage_id: str, words: str) -> None:
    """Note that the broker takes a label not back, with its words: it stays paid."""
    before = postages.load(tx.conn, postage_id)
    if before.state == "voiding":
        said = clean(words, MOST_WORDS)
        _kept_paid(tx, before, "rejected", f"{label_refund.REJECTED} {said}".strip())


@action
def unknown_there(tx: Tx, postage_id: str) -> None:
    """Leave a label of which the account knows nothing: another one of the shop's had it, or a sample was it.

    It stands for its parcel no more: that can get another label.
    """
    before = postages.load(tx.conn, postage_id)
    if before.state != "voiding":
        return
    words = label_refund.NOT_KNOWN
    after = replace(before, refund="not_applicable", next_try_at=0, attempts=0, looks=0, words=words)
    kept(tx, before, after)
    journalled(tx, actor_of(after), "label.not_voided", after, words=words)
    noted(tx, actor_of(after), "label_not_voided", after, reason=words)


def _kept_paid(tx: Tx, before: Postage, refund: RefundState, words: str) -> None:
    """Let a label stand for its parcel again; where another one does meanwhile, it is only paid."""
    other = postages.of_box(tx.conn, before.box) if before.purpose == "out" else None
    after = replace(before, refund=refund, next_try_at=0, attempts=0, looks=0, words=words)
    if other is None:
        # Days later nobody waits at the printer: it is printed again by whoever uses it.
        after = replace(after, state="bought", track_next_at=tx.at, prints=False)
    elif refund == "rejected":
        after = replace(after, words=words.replace(label_refund.REJECTED, label_refund.REJECTED_OTHER))
    kept(tx, before, after)
    journalled(tx, actor_of(after), "label.not_voided", after, words=words)
    noted(tx, actor_of(after), "label_not_voided", after, reason=words)


# ---- insurance ----


@action
def begin_insuring(tx: Tx, postage_id: str) -> Postage | None:
    """Commit that insurance is being bought, before anything leaves; None where it is not to be any more."""
    before = postages.load(tx.conn, postage_id)
    if before.state != "bought" or not before.insure_cents:
        return None
    return kept(tx, before, replace(before, insure_asked_at=tx.at, attempts=before.attempts + 1))


@action
def insured(tx: Tx, postage_id: str, cents: int) -> None:
    """Note for how much a parcel is insured at the broker."""
    before = postages.load(tx.conn, postage_id)
    if before.bought is None or not before.insure_cents:
        return
    after = replace(
        before,
        bought=replace(before.bought, insured_cents=cents),
        insured_cents=cents,
        insure_cents=0,
        insure_next_at=0,
        insure_words=INSURED_LATER,
        attempts=0,
    )
    kept(tx, before, after)
    journalled(tx, actor_of(after), "label.insured", after, cents=cents)
    noted(tx, actor_of(after), "label_insured", after, cents=cents)


@action
def not_insured(tx: Tx, postage_id: str, words: str, next_at: int, *, asked: bool = False) -> None:
    """Come back to insuring a parcel at a moment (0: never), saying why; `asked` where it may be insured."""
    before = postages.load(tx.conn, postage_id)
    if not before.insure_cents:
        return
    said = clean(words, MOST_WORDS)
    asked_at = min(before.insure_asked_at, tx.at) if asked else 0  # the clock may have been put back
    after = replace(before, insure_words=said, insure_next_at=next_at, insure_asked_at=asked_at)
    kept(tx, before, after if next_at else replace(after, insure_cents=0, attempts=0))
