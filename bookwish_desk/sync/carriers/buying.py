"""Buys labels through the port, one step at a time: prices, buying, reading what is in doubt, fetching.

No label is ever paid twice: `buying` is committed before bytes leave, one shipment is bought at most once,
and whatever is in doubt is read, not repeated. Threads and screens are `shipping`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from bookwish_desk.actions import bought as notes
from bookwish_desk.actions import found_labels, label_files
from bookwish_desk.actions.buying import NO_PAPERS
from bookwish_desk.db import postages
from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.shop.errors import ShopError, StorageError
from bookwish_desk.shop.postage import RATES_LIVE_MS, Postage
from bookwish_desk.shop.text import clean
from bookwish_desk.sync.carriers import label_making
from bookwish_desk.sync.carriers.label_making import Draw
from bookwish_desk.sync.carriers.port import (
    EXISTS,
    IN_PROGRESS,
    STALE_RATE,
    TOO_EARLY,
    Carriers,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bookwish_desk.actions.action import Outcome
    from bookwish_desk.db.store import Store
    from bookwish_desk.shop.carriage import Bought
    from bookwish_desk.sync.books import Books
    from bookwish_desk.sync.port import Reply

log = logging.getLogger(__name__)

LOOKS_MS = (2_000, 5_000, 15_000, 60_000, 60_000, 120_000, 300_000, 900_000)
"""The pauses before one reading after the other of a label in doubt; the last holds for all further ones."""
TRIES_MS = (2_000, 5_000, 15_000, 60_000, 300_000)
"""The pauses before trying again what certainly did not happen."""
LATE_MS = 3_600_000
"""How long a label rests that the broker will not give out; no pause is longer."""
BROKEN_IN_A_ROW = 3
"""So many calls in a row without a sense are a fault of the way: everything rests."""
MOST_STALE = 3

LOOKED_FIRST = "A backup is in use: what was bought after it was made is looked up first."
NOT_SHIPPED = "The label is bought, but the order was not marked shipped."
GONE = "The broker does not know this shipment. Find out there whether it was bought, then settle it."

Way = Literal["ready", "away", "key"]
Write = Callable[["Store"], "Outcome[Any]"]


class WayNow(msgspec.Struct, frozen=True):
    """How the broker can be reached, and what was said of it."""

    way: Way = "ready"
    words: str = ""


class Buying:
    """Takes up the rows of labels. `step` does one thing and says how long nothing is to be done after it.

    `draw` draws what is printed beside a label. It belongs to one thread.
    """

    def __init__(
        self,
        port: Carriers,
        books: Books,
        clock: Callable[[], int],
        chance: Callable[[], float],
        draw: Draw = lambda _postage, _file: NO_PAPERS,
    ) -> None:
        self.port = port
        self._books = books
        self._clock = clock
        self._chance = chance
        self._draw = draw
        self._recovered = self._looks_now = self._broke_off = False
        self._owed: Callable[[], None] | None = None
        self._rests_until = 0
        self._in_vain = 0
        self._unlooked_since: int | None = None
        self.now = WayNow()

    def look_now(self) -> None:
        """Do what was put off with the next steps: somebody wants to know."""
        self._rests_until = self._in_vain = 0
        self._looks_now = True
        self.now = WayNow()

    def step(self) -> int | None:
        """Do one thing; return 0, after how many milliseconds to come again, or None: nothing waits."""
        if self._owed is not None:
            self._owed()
        if not self._recovered:
            self._books.act(notes.recover)
            self._recovered = True
        if self._broke_off:
            self._books.act(notes.doubt_begun)
            self._broke_off = False
        if self.now.way == "key":
            return None
        if self._looks_now:
            self._books.act(notes.due_now)
            self._looks_now = False
        at = self._clock()
        # A rest that is longer than any was begun before the clock was put back.
        if at < self._rests_until <= at + LATE_MS:
            return self._rests_until - at
        if self._unlooked_since is None:
            self._unlooked_since = self._books.read(lambda s: _read(s.read, postages.unlooked_since))
        if self._unlooked_since:
            self._look_up(self._unlooked_since)
            return 0
        found = self._books.read(lambda store: _read(store.read, lambda conn: _next(conn, at)))
        if found is None:
            return self._until_next(at)
        what, postage = found
        does = {
            "fetch": self._fetch, "price": self._price, "look": self._look, "buy": self._buy,
            "prove": self._prove,
        }  # fmt: skip
        try:
            does[what](postage)
        except BaseException:
            # Nobody else takes up what was begun: it would say "buying" until the desk is started again.
            self._broke_off = True
            raise
        return 0

    def _until_next(self, at: int) -> int | None:
        moment: int | None = self._books.read(lambda store: _read(store.read, lambda c: _later(c, at)))
        if moment is None:
            return None
        return min(max(50, moment - at), postages.BESIDE_HOUR_MS)

    # ---- the books ----

    def _write(self, action: Write) -> None:
        """Write down what was heard. What cannot be written now is before anything else is done."""
        self._owed = lambda: self._write(action)
        try:
            self._books.act(action)
        except StorageError:
            raise
        except Exception:
            self._owed = None
            raise
        self._owed = None

    # ---- how the way is ----

    def _heard(self, reply: Reply[Any]) -> None:
        """Go by how a call ended: what makes no sense several times in a row is a fault of the way."""
        if reply.result in ("not_sent", "limited"):
            self._rest(reply)
        elif reply.result == "signed_out":
            self.now = WayNow("key", _said(reply) or "The key is wrong, or there is none.")
        elif reply.result == "unknown":
            self._in_vain += 1
            if self._in_vain >= BROKEN_IN_A_ROW:
                self._rest(reply)
        else:
            self._in_vain = 0
            self.now = WayNow()

    def _rest(self, reply: Reply[Any]) -> None:
        self._in_vain += 1
        wait = max(self._pause(TRIES_MS, self._in_vain - 1), min(reply.wait_ms, LATE_MS))
        self._rests_until = self._clock() + wait
        self.now = WayNow("away", _said(reply))

    def _pause(self, pauses: tuple[int, ...], tries: int) -> int:
        """Return a pause of a list, a little longer by chance: many desks do not come back at one moment."""
        pause = pauses[min(tries, len(pauses) - 1)]
        return pause + int(pause * 0.2 * self._chance())

    def _later(self, tries: int, reply: Reply[Any]) -> int:
        return self._clock() + max(self._pause(TRIES_MS, tries), min(reply.wait_ms, LATE_MS))

    # ---- books that were put back ----

    def _look_up(self, since_at: int) -> None:
        """Ask what was bought that these books do not know, for they were put back: before anything else."""
        reply = self.port.paid_since(since_at)
        self._heard(reply)
        log.info("event=labels_look_up since=%s result=%s status=%s", since_at, reply.result, reply.status)
        told = reply.value if reply.result == "done" else None
        if told is not None:
            self._books.act(lambda store: found_labels.took(store, told))
            self._unlooked_since = 0
        elif reply.result in ("refused", "gone", "not_offered", "stale"):
            # No answer will ever come: somebody must know that.
            self._books.act(lambda store: found_labels.untold(store, reply.words))
            self._unlooked_since = 0
        elif reply.result != "signed_out":
            if reply.result not in ("not_sent", "limited"):
                self._rest(reply)
            self.now = WayNow("away", f"{LOOKED_FIRST} {_said(reply)}".strip())

    # ---- prices ----

    def _price(self, postage: Postage) -> None:
        if postage.quoted is None:
            self._create(postage)
        else:
            self._rerate(postage)

    def _create(self, postage: Postage) -> None:
        reply = self.port.create(postage.consignment)
        self._heard(reply)
        log.info("event=label_create id=%s result=%s status=%s", postage.id, reply.result, reply.status)
        if reply.result == "done" and reply.value is not None:
            quoted = reply.value
            self._write(lambda store: notes.created(store, postage.id, quoted))
        else:
            self._not_priced(postage, reply)

    def _rerate(self, postage: Postage) -> None:
        """Ask for prices again: somebody wants them, or those that were agreed to are too old."""
        reply = self.port.rerate(postage.shipment)
        self._heard(reply)
        log.info("event=label_rerate id=%s result=%s status=%s", postage.id, reply.result, reply.status)
        if reply.result == "done" and reply.value is not None and reply.value.shipment == postage.shipment:
            quoted = reply.value
            self._write(lambda store: notes.quoted_anew(store, postage.id, quoted))
        elif reply.result == "refused" and reply.code in (EXISTS, IN_PROGRESS):
            # It was paid without our knowing: these books are older than that.
            self._write(lambda store: notes.paid_before(store, postage.id, self._clock()))
        elif reply.result == "gone":
            self._write(lambda store: notes.gone_unpaid(store, postage.id))
        else:
            self._not_priced(postage, reply)

    def _not_priced(self, postage: Postage, reply: Reply[Any]) -> None:
        if reply.result in ("refused", "not_offered", "gone", "stale") and reply.code != TOO_EARLY:
            self._write(lambda store: notes.refused(store, postage.id, reply.words))
        else:
            # A shipment that was made all the same costs nothing, and nobody will buy it.
            at = self._later(postage.attempts, reply)
            self._write(lambda store: notes.put_off(store, postage.id, reply.words, at))

    # ---- buying ----

    def _buy(self, postage: Postage) -> None:
        if postage.rate is None or postage.quoted is None:
            self._write(lambda store: notes.refused(store, postage.id, "Choose a price first."))
            return
        if self._clock() - postage.quoted.at > RATES_LIVE_MS or postage.rate not in postage.quoted.rates:
            self._rerate(postage)
            return
        begun = self._books.act(lambda store: notes.begin(store, postage.id))
        if begun is None or begun.rate is None:
            return
        reply = self.port.buy(begun.shipment, begun.rate.id, begun.insured_cents)
        self._heard(reply)
        log.info(
            "event=label_buy id=%s result=%s status=%s code=%s",
            postage.id, reply.result, reply.status, reply.code,
        )  # fmt: skip
        self._after_buy(begun, reply)

    def _after_buy(self, begun: Postage, reply: Reply[Bought]) -> None:
        key, words = begun.id, reply.words
        if reply.result == "done" and reply.value is not None and reply.value.shipment == begun.shipment:
            self._keep(key, reply.value)
        elif reply.result == "refused" and reply.code in (EXISTS, IN_PROGRESS):
            at = self._clock() + (0 if reply.code == EXISTS else self._pause(LOOKS_MS, 0))
            self._write(lambda store: notes.doubtful(store, key, words, at))
        elif reply.result == "refused" and reply.code == STALE_RATE and begun.attempts <= MOST_STALE:
            self._write(lambda store: notes.not_begun(store, key, words, 0, stale=True))
        elif reply.result in ("not_sent", "limited", "signed_out") or reply.code == TOO_EARLY:
            at = self._later(begun.attempts - 1, reply)
            self._write(lambda store: notes.not_begun(store, key, words, at))
        elif reply.result in ("refused", "gone"):
            self._write(lambda store: notes.refused(store, key, words))
        else:
            at = self._clock() + self._pause(LOOKS_MS, 0)
            self._write(lambda store: notes.doubtful(store, key, words, at))

    def _keep(self, key: str, paid: Bought) -> None:
        """Write down what was paid, whatever becomes of the orders."""
        self._owed = lambda: self._keep(key, paid)
        try:
            self._books.act(lambda store: notes.bought(store, key, paid))
        except StorageError:
            raise
        except Exception as fault:
            why = fault.message if isinstance(fault, ShopError) else ""
            if not why:
                log.exception("event=bug label_bought id=%s", key)
            self._keep_unshipped(key, paid, f"{NOT_SHIPPED} {why}".strip())
        self._owed = None

    def _keep_unshipped(self, key: str, paid: Bought, words: str) -> None:
        """Write down what was paid whatever is wrong with the orders, even where they cannot be touched."""
        try:
            self._books.act(lambda store: notes.bought(store, key, paid, words))
        except StorageError:
            raise
        except Exception:
            log.exception("event=bug label_bought id=%s", key)
            self._books.act(lambda store: notes.bought(store, key, paid, words, alone=True))

    def _look(self, postage: Postage) -> None:
        """Read what became of a label that was perhaps bought."""
        reply = self.port.read(postage.shipment)
        self._heard(reply)
        log.info("event=label_read id=%s result=%s status=%s", postage.id, reply.result, reply.status)
        at = self._clock() + self._pause(LOOKS_MS, postage.looks + 1)
        now = reply.value if reply.result == "done" else None
        if now is None or now.quoted.shipment != postage.shipment:
            words = GONE if reply.result == "gone" else f"{notes.NO_ANSWER} {reply.words}".strip()
            self._write(lambda store: notes.looked(store, postage.id, words, at))
        elif now.bought is not None:
            self._keep(postage.id, now.bought)
        else:
            self._write(lambda store: notes.read_unpaid(store, postage.id, at))

    def _prove(self, postage: Postage) -> None:
        """Read a last time what counts as not bought: a broker may have been slower than any should be."""
        reply = self.port.read(postage.shipment)
        self._heard(reply)
        log.info("event=label_prove id=%s result=%s status=%s", postage.id, reply.result, reply.status)
        key, now = postage.id, reply.value if reply.result == "done" else None
        if now is None or now.quoted.shipment != postage.shipment:
            at = 0 if reply.result == "gone" else self._clock() + LOOKS_MS[-1]
            self._books.act(lambda store: notes.proven(store, key, at))
        elif now.bought is None:
            self._books.act(lambda store: notes.proven(store, key))
        else:
            paid = now.bought
            self._write(lambda store: notes.paid_late(store, key, paid))

    # ---- the label itself ----

    def _fetch(self, postage: Postage) -> None:
        # As the carrier drew it: a printer bought later may want something else of it.
        drawn = postage.bought.label_format if postage.bought is not None else postage.consignment.format
        reply = self.port.label(postage.shipment, drawn)
        self._heard(reply)
        log.info("event=label_fetch id=%s result=%s status=%s", postage.id, reply.result, reply.status)
        if reply.result == "done" and reply.value is not None and reply.value.data:
            self._store(postage, reply.value)
            return
        final = reply.result in ("refused", "gone", "not_offered") and reply.code != TOO_EARLY
        given_up = final and postage.attempts >= len(TRIES_MS)
        at = self._clock() + LATE_MS if given_up else self._later(postage.attempts, reply)
        self._books.act(lambda store: label_files.late(store, postage.id, reply.words, at))

    def _store(self, postage: Postage, file: LabelFile) -> None:
        """Keep a label's bytes and print it."""
        files: tuple[LabelFile, ...] = (file,)
        papers = NO_PAPERS
        if postage.prints and not postage.printed:
            files = (file, *label_making.converted(self.port, self._books, postage, file))
            papers = label_making.drawn(self._draw, postage, files[-1])
        self._write(lambda store: label_files.came(store, postage.id, files, papers))


def _said(reply: Reply[Any]) -> str:
    return clean(reply.words, notes.MOST_WORDS)


def _read(reading: Callable[[], Any], found: Callable[[Connection], Any]) -> Any:
    with reading() as conn:
        return found(conn)


def _later(conn: Connection, at: int) -> int | None:
    """Return when the next thing is to be done."""
    moments = (postages.next_moment(conn), postages.unproven_moment(conn, at))
    return min((moment for moment in moments if moment is not None), default=None)


def _next(conn: Connection, at: int) -> tuple[str, Postage] | None:
    """Return what is to be done next: labels first, for somebody stands at the printer."""
    order: tuple[tuple[str, Callable[[Connection, int], Postage | None]], ...] = (
        ("fetch", postages.next_unfetched),
        ("price", postages.next_unpriced),
        ("look", postages.next_uncertain),
        ("buy", postages.next_wanted),
        ("prove", postages.next_unproven),
    )
    for what, due in order:
        found = due(conn, at)
        if found is not None:
            return what, found
    return None
