"""Gives unused labels back and insures parcels later: asks once, and reads wherever an answer was lost.

Asked for is not given back: a refund is looked after until the carrier has settled it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions import voided as notes
from bookwish_desk.db import postage_after
from bookwish_desk.shop.postage import Postage
from bookwish_desk.sync.carriers.pace import APART_MS, LOOKS_MS, SURE_MS, Pace, until
from bookwish_desk.sync.carriers.port import TOO_EARLY, Carriers

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.shop.carriage import ShipmentNow
    from bookwish_desk.sync.books import Books
    from bookwish_desk.sync.port import Reply

log = logging.getLogger(__name__)

UNANSWERED = "The refund may have been asked for. It is looked up."
UNINSURED = "Nobody knows yet whether the parcel is insured. It is looked up."


class Voiding:
    """Takes up labels that are given back or insured. `step` makes one call, and says when to come again."""

    def __init__(
        self, port: Carriers, books: Books, clock: Callable[[], int], chance: Callable[[], float]
    ) -> None:
        self.port = port
        self._books = books
        self._clock = clock
        self._pace = Pace(clock, chance)

    def look_now(self) -> None:
        """Rest no more: somebody wants to know."""
        self._pace.wake()

    def step(self) -> int | None:
        """Do one thing; return 0, after how many milliseconds to come again, or None: nothing waits."""
        if resting := self._pace.resting():
            return resting
        at = self._clock()
        voids, insures, moment = self._due(at)
        if voids is not None:
            self._void(voids)
        elif insures is not None:
            self._insure(insures)
        else:
            return until(moment, at)
        return self._pace.resting()

    def _due(self, at: int) -> tuple[Postage | None, Postage | None, int | None]:
        def reading(store: Store) -> tuple[Postage | None, Postage | None, int | None]:
            with store.read() as conn:
                due = postage_after.due_void(conn, at), postage_after.due_insurance(conn, at)
                return (*due, None if any(due) else postage_after.next_moment(conn))

        return self._books.read(reading)

    # ---- refunds ----

    def _void(self, postage: Postage) -> None:
        if postage.refund == "submitted" or postage.refund_asked_at:
            self._look(postage)
            return
        if self._books.act(lambda store: notes.begin(store, postage.id)) is None:
            return
        reply = self.port.refund(postage.shipment)
        self._said("refund", postage, reply)
        key, words = postage.id, reply.words
        if reply.result == "done" and reply.value is not None:
            self._heard(key, reply.value)
        elif reply.result in ("not_sent", "limited", "signed_out") or reply.code == TOO_EARLY:
            at = self._pace.later(postage.attempts, reply)
            self._books.act(lambda store: notes.put_off(store, key, words, at, unasked=True))
        elif reply.result == "gone":
            self._books.act(lambda store: notes.unknown_there(store, key))
        elif reply.result in ("refused", "not_offered", "stale"):
            self._books.act(lambda store: notes.will_not(store, key, words))
        else:
            at = self._pace.later(0, reply, LOOKS_MS)
            self._books.act(lambda store: notes.put_off(store, key, UNANSWERED, at))

    def _look(self, postage: Postage) -> None:
        """Read how far a refund is: asked for, or perhaps asked for."""
        reply = self.port.read(postage.shipment)
        self._said("refund_read", postage, reply)
        key, words, at = postage.id, reply.words, self._pace.later(postage.looks + 1, reply, LOOKS_MS)
        now = reply.value if reply.result == "done" else None
        if reply.result == "gone":
            self._books.act(lambda store: notes.unknown_there(store, key))
        elif now is None or now.quoted.shipment != postage.shipment:
            self._books.act(lambda store: notes.put_off(store, key, words, at))
        elif not now.refund and self._clock() - postage.refund_asked_at < SURE_MS:
            # A slow broker may still take the request: one reading is no proof.
            later = max(at, min(postage.refund_asked_at, self._clock()) + SURE_MS)
            self._books.act(lambda store: notes.put_off(store, key, UNANSWERED, later))
        else:
            self._heard(key, now)

    def _heard(self, key: str, now: ShipmentNow) -> None:
        at = self._pace.later(0, None, LOOKS_MS)
        self._books.act(lambda store: notes.heard(store, key, now, at))

    # ---- insurance ----

    def _insure(self, postage: Postage) -> None:
        key, cents = postage.id, postage.insure_cents
        if postage.insure_asked_at:
            self._look_insured(postage)
            return
        if self._books.act(lambda store: notes.begin_insuring(store, key)) is None:
            return
        reply = self.port.insure(postage.shipment, cents)
        self._said("insure", postage, reply)
        words = reply.words
        if reply.result == "done":
            covered = _insured(reply.value) or cents
            self._books.act(lambda store: notes.insured(store, key, covered))
        elif reply.result in ("not_sent", "limited", "signed_out") or reply.code == TOO_EARLY:
            at = self._pace.later(postage.attempts, reply)
            self._books.act(lambda store: notes.not_insured(store, key, words, at))
        elif reply.result == "refused" and "ALREADY" in reply.code.upper():
            # It was taken before, by an answer that was lost: the shipment says for how much.
            at = self._pace.later(0, reply, LOOKS_MS)
            self._books.act(lambda store: notes.not_insured(store, key, UNINSURED, at, asked=True))
        elif reply.result in ("refused", "gone", "not_offered", "stale"):
            said = f"The parcel is not insured. {words}".strip()
            self._books.act(lambda store: notes.not_insured(store, key, said, 0))
        else:
            at = self._pace.later(0, reply, LOOKS_MS)
            self._books.act(lambda store: notes.not_insured(store, key, UNINSURED, at, asked=True))

    def _look_insured(self, postage: Postage) -> None:
        """Read whether a parcel is insured of which nobody knows; long after, that it is not is certain."""
        reply = self.port.read(postage.shipment)
        self._said("insure_read", postage, reply)
        key, age = postage.id, self._clock() - postage.insure_asked_at
        at = self._pace.later(3, reply, LOOKS_MS)
        if cents := _insured(reply.value):
            self._books.act(lambda store: notes.insured(store, key, cents))
        elif reply.result == "done" and age >= SURE_MS + APART_MS:
            again = postage.attempts < notes.MOST_INSURE_TRIES
            words = "" if again else "The parcel is not insured: nobody answered. Ask again later."
            self._books.act(lambda store: notes.not_insured(store, key, words, at if again else 0))
        else:
            self._books.act(lambda store: notes.not_insured(store, key, UNINSURED, at, asked=True))

    def _said(self, what: str, postage: Postage, reply: Reply[ShipmentNow]) -> None:
        self._pace.heard(reply)
        log.info("event=label_%s id=%s result=%s status=%s", what, postage.id, reply.result, reply.status)


def _insured(now: ShipmentNow | None) -> int:
    return now.bought.insured_cents if now is not None and now.bought is not None else 0
