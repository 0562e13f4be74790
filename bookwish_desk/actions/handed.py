"""What became of carriers' forms and visits, written down as it is heard.

Used by `sync.carriers.handing` only. Each action reads the row anew and goes by its state in the books.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.handing_over import freed, kept_visit
from bookwish_desk.actions.postage_notes import kept
from bookwish_desk.db import handovers, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import Collection, Manifest, Rate
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.handover import DayManifest, Visit
from bookwish_desk.shop.text import clean

MOST_WORDS = 400
APART_MS = 60_000
SURE_MS = 120_000

FORM_IN_DOUBT = "The form may have been made. It is looked up."
VISIT_IN_DOUBT = "The visit may have been booked. It is looked up."
ELSEWHERE = "It stands in another form of the carrier already."
GIVEN_BACK = "Its label was given back."
NOTHING_LEFT = "Nothing is left in this list."


@action
def recover(tx: Tx) -> int:
    """Take up what a stop of the desk left behind; return of how many things nobody knows."""
    found = 0
    for form in handovers.manifests_in(tx.conn, ("asking",)):
        if form.form is None:
            _save(tx, form, replace(form, state="uncertain", words=FORM_IN_DOUBT, looks=0, clear_at=0))
            found += 1
    for visit in handovers.visits_in(tx.conn, ("booking",)):
        if visit.asked_at:
            doubtful = replace(visit, state="uncertain", words=VISIT_IN_DOUBT, looks=0, clear_at=0)
            kept_visit(tx, visit, doubtful)
            found += 1
    return found


def _save(tx: Tx, before: DayManifest, after: DayManifest) -> DayManifest:
    if not handovers.save_manifest(tx, before, after):
        raise Refused("moved", "Something else happened to this list meanwhile. Look at it again.")
    return after


# ---- forms ----


@action
def begin_form(tx: Tx, manifest_id: str) -> tuple[DayManifest, tuple[str, ...]] | None:
    """Commit that a form is being asked for, and of which shipments; None where it is not to be.

    Labels that were given back meanwhile are left out.
    """
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state != "new":
        return None
    inside = postages.by_ids(tx.conn, before.postages)
    good = [p for p in inside if p.state == "bought" and p.manifest == before.id]
    gone = tuple((" ".join(p.numbers), GIVEN_BACK) for p in inside if p not in good)
    after = replace(
        before,
        postages=tuple(p.id for p in good),
        left_out=(*before.left_out, *gone),
        state="asking" if good else "refused",
        asked_at=tx.at,
        looks=0,
        clear_at=0,
        attempts=before.attempts + 1,
        words="" if good else NOTHING_LEFT,
    )
    freed(tx, before, after)
    return (after, tuple(p.shipment for p in good)) if good else None


@action
def form_not_begun(tx: Tx, manifest_id: str, words: str, next_try_at: int) -> None:
    """Put a form back that certainly was not made: it is asked for again at a moment."""
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state == "asking":
        said = clean(words, MOST_WORDS)
        _save(tx, before, replace(before, state="new", words=said, next_try_at=next_try_at))


@action
def form_doubtful(tx: Tx, manifest_id: str, next_try_at: int) -> None:
    """Note that nobody knows whether a form was made: from now on its shipments are read."""
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state == "asking":
        after = replace(before, state="uncertain", words=FORM_IN_DOUBT, looks=0, clear_at=0)
        _save(tx, before, replace(after, next_try_at=next_try_at))


@action
def form_heard(tx: Tx, manifest_id: str, form: Manifest, next_try_at: int) -> None:
    """Note how a form stands at its carrier: being made, made, or failed with its words."""
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state not in ("asking", "uncertain"):
        return
    if form.state == "failed":
        _refuse(tx, before, form.words or "The carrier could not make the form.")
        return
    made = form.state == "created"
    after = replace(
        before, state="created" if made else "asking", form=form, words="", attempts=0,
        looks=before.looks + 1, next_try_at=0 if made else next_try_at,
    )  # fmt: skip
    _save(tx, before, after)
    if made:
        tx.record(
            "manifest.created",
            staff=after.staff,
            register=after.register,
            ref=after.id,
            body={"carrier": after.carrier, "form": form.id, "parcels": len(after.postages)},
        )


@action
def form_refused(tx: Tx, manifest_id: str, words: str) -> None:
    """Note that a carrier makes no form, with its words: the parcels can be listed again."""
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state in ("new", "asking"):
        _refuse(tx, before, words)


def _refuse(tx: Tx, before: DayManifest, words: str) -> None:
    said = clean(words, MOST_WORDS) or "The carrier refused it without a reason."
    freed(tx, before, replace(before, state="refused", form=None, words=said, next_try_at=0))
    for postage in postages.by_ids(tx.conn, before.postages):
        if postage.manifest == before.id:
            kept(tx, postage, replace(postage, manifest=""))


@action
def taken_out(tx: Tx, manifest_id: str, elsewhere: Mapping[str, str]) -> bool:
    """Take labels out of a form that stand in another one; True where some are left, to be asked for again.

    `elsewhere` has by shipment the carrier's form, "" where only that there is one is known.
    """
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state not in ("asking", "uncertain"):
        return False
    out = [p for p in postages.by_ids(tx.conn, before.postages) if p.shipment in elsewhere]
    left = tuple(x for x in before.postages if x not in {p.id for p in out})
    why = tuple((" ".join(p.numbers), ELSEWHERE) for p in out)
    after = replace(
        before,
        postages=left,
        left_out=(*before.left_out, *why),
        state="new" if left else "refused",
        words="" if left else NOTHING_LEFT,
        next_try_at=0,
    )
    _save(tx, before, after)
    for postage in out:
        kept(tx, postage, replace(postage, manifest=elsewhere[postage.shipment] or ELSEWHERE_ID))
    return bool(left)


ELSEWHERE_ID = "elsewhere"
"""What stands for a form of which only is known that it was made outside of this desk."""


@action
def form_unmade(tx: Tx, manifest_id: str, next_try_at: int) -> bool:
    """Count a reading that shows no form; True once that is certain: it is asked for again then."""
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state != "uncertain":
        return False
    sure, clear_at = _counted(before, tx.at)
    asked_at = min(before.asked_at, tx.at)  # the clock may have been put back
    after = replace(
        before, looks=before.looks + 1, clear_at=clear_at, asked_at=asked_at, next_try_at=next_try_at
    )
    if sure:
        after = replace(after, state="new", words="", next_try_at=0, clear_at=0)
    _save(tx, before, after)
    return sure


def _counted(before: DayManifest | Visit, at: int) -> tuple[bool, int]:
    """Return whether a second reading makes it certain, and since when it was first read so."""
    clear_at = before.clear_at if 0 < before.clear_at <= at else at
    return at - clear_at >= APART_MS and at - before.asked_at >= SURE_MS, clear_at


@action
def form_looked(tx: Tx, manifest_id: str, words: str, next_try_at: int) -> None:
    """Come back to a form at a moment: a reading told nothing, or its bytes are not there yet."""
    before = handovers.manifest(tx.conn, manifest_id)
    if before.state in ("asking", "uncertain", "created"):
        said = clean(words, MOST_WORDS) or before.words
        _save(tx, before, replace(before, looks=before.looks + 1, words=said, next_try_at=next_try_at))


@action
def form_came(tx: Tx, manifest_id: str, data: bytes) -> None:
    """Keep the bytes of a form."""
    before = handovers.manifest(tx.conn, manifest_id)
    handovers.keep_form(tx, manifest_id, data)
    _save(tx, before, replace(before, words="", next_try_at=0))


# ---- visits ----


@action
def quoted(tx: Tx, visit_id: str, collection: Collection) -> None:
    """Note what a visit would cost, or that no carrier comes."""
    before = handovers.visit(tx.conn, visit_id)
    if before.state != "new":
        return
    comes = bool(collection.rates) and collection.state != "failed"
    words = "" if comes else clean(collection.words, MOST_WORDS) or "No carrier comes at that time."
    after = replace(before, collection=collection, words=words, next_try_at=0, attempts=0)
    kept_visit(tx, before, replace(after, state="quoted" if comes else "refused"))


@action
def begin_booking(tx: Tx, visit_id: str) -> Visit | None:
    """Commit that a visit is being booked, before anything leaves; None where it is not to be any more."""
    before = handovers.visit(tx.conn, visit_id)
    if before.state != "booking" or before.asked_at or before.collection is None:
        return None
    return kept_visit(tx, before, replace(before, asked_at=tx.at, attempts=before.attempts + 1))


@action
def begin_cancelling(tx: Tx, visit_id: str) -> Visit | None:
    """Commit that a visit is being called off, before anything leaves."""
    before = handovers.visit(tx.conn, visit_id)
    if before.state != "cancelling" or before.collection is None:
        return None
    return kept_visit(tx, before, replace(before, asked_at=tx.at, attempts=before.attempts + 1))


@action
def visit_heard(tx: Tx, visit_id: str, collection: Collection) -> None:
    """Note how a visit stands at the carrier."""
    before = handovers.visit(tx.conn, visit_id)
    if before.state not in ("booking", "uncertain", "cancelling"):
        return
    known = collection if collection.rates else replace(collection, rates=_rates(before))
    after = replace(before, collection=known, next_try_at=0, attempts=0, clear_at=0)
    words = clean(collection.words, MOST_WORDS)
    if collection.state == "booked":
        said = f"The visit is still booked. {words}".strip() if before.state == "cancelling" else ""
        after = replace(after, state="booked", words=said, cents=collection.cents or before.cents)
    elif collection.state == "cancelled":
        after = replace(after, state="cancelled", words="")
    else:
        after = replace(after, state="refused", words=words or "The carrier did not book the visit.")
    kept_visit(tx, before, after)


def _rates(visit: Visit) -> tuple[Rate, ...]:
    return visit.collection.rates if visit.collection is not None else ()


@action
def visit_put_off(
    tx: Tx, visit_id: str, words: str, next_try_at: int, *, doubtful: bool = False, unasked: bool = False
) -> None:
    """Come back to a visit at a moment; `doubtful` where it may be booked, `unasked` where not."""
    before = handovers.visit(tx.conn, visit_id)
    if before.state not in ("new", "booking", "uncertain", "cancelling"):
        return
    after = replace(
        before, words=clean(words, MOST_WORDS) or before.words, next_try_at=next_try_at,
        looks=before.looks + 1,
    )  # fmt: skip
    if doubtful and before.state == "booking":
        after = replace(after, state="uncertain", looks=0, clear_at=0)
    elif unasked:
        after = replace(after, asked_at=0, attempts=max(before.attempts, 1))
    kept_visit(tx, before, after)


@action
def visit_unbooked(tx: Tx, visit_id: str, next_try_at: int) -> bool:
    """Count a reading that shows no booking; True once that is certain: it can be booked anew then."""
    before = handovers.visit(tx.conn, visit_id)
    if before.state != "uncertain":
        return False
    sure, clear_at = _counted(before, tx.at)
    asked_at = min(before.asked_at, tx.at)  # the clock may have been put back
    after = replace(
        before, looks=before.looks + 1, clear_at=clear_at, asked_at=asked_at, next_try_at=next_try_at
    )
    if sure:
        words = "It was not booked. Book it again."
        after = replace(after, state="quoted", words=words, next_try_at=0, clear_at=0, asked_at=0)
    kept_visit(tx, before, after)
    return sure


@action
def visit_refused(tx: Tx, visit_id: str, words: str) -> None:
    """Note that a carrier does not come, or cannot be called off any more, with its words."""
    before = handovers.visit(tx.conn, visit_id)
    said = clean(words, MOST_WORDS) or "The carrier refused it without a reason."
    if before.state in ("new", "booking", "uncertain"):
        kept_visit(tx, before, replace(before, state="refused", words=said, next_try_at=0))
    elif before.state == "cancelling":
        booked = f"The visit is still booked. {said}"
        kept_visit(tx, before, replace(before, state="booked", words=booked, next_try_at=0))
