"""Has carriers make the forms of a day and send somebody: each asked for once, read wherever in doubt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace

from bookwish_desk.actions import handed as notes
from bookwish_desk.db import handovers, postages
from bookwish_desk.shop.handover import DayManifest, Visit
from bookwish_desk.shop.postage import Postage
from bookwish_desk.sync.carriers.pace import LOOKS_MS, RESTS_MS, Pace, until
from bookwish_desk.sync.carriers.port import TOO_EARLY, Carriers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bookwish_desk.db.store import Store
    from bookwish_desk.shop.carriage import Manifest
    from bookwish_desk.sync.books import Books
    from bookwish_desk.sync.port import Reply

log = logging.getLogger(__name__)

LATE_MS = 3_600_000
MOST_AHEAD_MS = 2 * LATE_MS
"""Nothing is put off for longer: what is was put off before the clock was put back."""
FINAL = ("refused", "gone", "not_offered", "stale")
UNDONE = ("not_sent", "limited", "signed_out")

What = Literal["quote", "book", "look_visit", "cancel", "make", "look_form", "poll", "fetch"]
Due = tuple[What, "DayManifest | Visit", int]


class Handing:
    """Takes up manifests and visits. `step` makes a call or a few, and says when to come again."""

    def __init__(
        self, port: Carriers, books: Books, clock: Callable[[], int], chance: Callable[[], float]
    ) -> None:
        self.port = port
        self._books = books
        self._clock = clock
        self._pace = Pace(clock, chance)
        self._recovered = False

    def look_now(self) -> None:
        """Rest no more: somebody wants to know."""
        self._pace.wake()

    def step(self) -> int | None:
        """Do one thing; return 0, after how many milliseconds to come again, or None: nothing waits."""
        if not self._recovered:
            self._books.act(notes.recover)
            self._recovered = True
        if resting := self._pace.resting():
            return resting
        at = self._clock()
        waiting = self._books.read(_waiting)
        due = [x for x in waiting if x[2] <= at or x[2] > at + MOST_AHEAD_MS]
        if not due:
            return until(min((x[2] for x in waiting), default=None), at)
        what, row, _ = due[0]
        if isinstance(row, Visit):
            self._visit(what, row)
        else:
            self._form(what, row)
        return self._pace.resting()

    def _said(self, what: str, key: str, reply: Reply[Any]) -> None:
        self._pace.heard(reply)
        log.info("event=%s id=%s result=%s status=%s", what, key, reply.result, reply.status)

    # ---- forms ----

    def _form(self, what: What, form: DayManifest) -> None:
        if what == "make":
            self._make(form)
        elif what == "look_form":
            self._look_form(form)
        elif what == "poll":
            self._poll(form)
        else:
            self._fetch(form)

    def _make(self, form: DayManifest) -> None:
        begun = self._books.act(lambda store: notes.begin_form(store, form.id))
        if begun is None:
            return
        asked, shipments = begun
        reply = self.port.manifest(shipments)
        self._said("manifest", form.id, reply)
        if reply.result == "done" and reply.value is not None and reply.value.id:
            made = reply.value
            at = self._pace.later(0, None, LOOKS_MS)
            self._books.act(lambda store: notes.form_heard(store, form.id, made, at))
        elif reply.result in UNDONE or reply.code == TOO_EARLY:
            at = self._pace.later(asked.attempts - 1, reply)
            self._books.act(lambda store: notes.form_not_begun(store, form.id, reply.words, at))
        elif reply.result in FINAL:
            self._refused(form, shipments, reply)
        else:
            at = self._pace.later(0, reply, LOOKS_MS)
            self._books.act(lambda store: notes.form_doubtful(store, form.id, at))

    def _refused(self, form: DayManifest, shipments: tuple[str, ...], reply: Reply[Manifest]) -> None:
        """Take out what stands in another form already, which is why the carrier refused; else leave it."""
        named = {x: "" for x in shipments if x in reply.words}
        if "manifest" in reply.words.casefold() and not named:
            named = {x: found for x in shipments if (found := self._form_of(x))}
        if named:
            self._books.act(lambda store: notes.taken_out(store, form.id, named))
        else:
            self._books.act(lambda store: notes.form_refused(store, form.id, reply.words))

    def _form_of(self, shipment: str) -> str:
        """Return the carrier's form in which a shipment stands, empty where it stands in none."""
        reply = self.port.read(shipment)
        return reply.value.manifest if reply.result == "done" and reply.value is not None else ""

    def _look_form(self, form: DayManifest) -> None:
        """Read whether a form was made of which nobody knows: its shipments tell."""
        if form.state == "asking":
            # What was heard of it could not be written down.
            self._books.act(lambda store: notes.form_doubtful(store, form.id, self._clock()))
            return
        inside = self._books.read(lambda store: _labels(store, form))
        found: dict[str, str] = {}
        at = self._pace.later(form.looks + 1, None, LOOKS_MS)
        for postage in inside:
            reply = self.port.read(postage.shipment)
            self._said("manifest_read", form.id, reply)
            if reply.result == "gone":
                continue  # what the account does not know stands in no form of it
            if reply.result != "done" or reply.value is None:
                words = f"{notes.FORM_IN_DOUBT} {reply.words}".strip()
                self._books.act(lambda store, words=words: notes.form_looked(store, form.id, words, at))  # type: ignore[misc]
                return
            if reply.value.manifest:
                found[postage.shipment] = reply.value.manifest
        self._looked(form, inside, found, at)

    def _looked(self, form: DayManifest, inside: tuple[Postage, ...], found: dict[str, str], at: int) -> None:
        key = form.id
        whole = len(set(found.values())) == 1 and len(found) == len(inside)
        if found and whole:
            # One form has all of them and nothing else was asked of it: it is this one.
            self._adopt(form, next(iter(found.values())), at)
        elif found:
            # Some stand in another form: this one can never be made of all of them.
            self._books.act(lambda store: notes.taken_out(store, key, found))
        else:
            self._books.act(lambda store: notes.form_unmade(store, key, at))

    def _adopt(self, form: DayManifest, theirs: str, at: int) -> None:
        reply = self.port.manifest_now(theirs)
        self._said("manifest_now", form.id, reply)
        if reply.result == "done" and reply.value is not None:
            made = reply.value
            self._books.act(lambda store: notes.form_heard(store, form.id, made, at))
        else:
            self._books.act(lambda store: notes.form_looked(store, form.id, reply.words, at))

    def _poll(self, form: DayManifest) -> None:
        """See whether a form is ready."""
        assert form.form is not None
        self._adopt(form, form.form.id, self._pace.later(form.looks + 1, None, LOOKS_MS))

    def _fetch(self, form: DayManifest) -> None:
        assert form.form is not None
        reply = self.port.manifest_file(form.form.id)
        self._said("manifest_file", form.id, reply)
        if reply.result == "done" and reply.value is not None and reply.value.data:
            data = reply.value.data
            self._books.act(lambda store: notes.form_came(store, form.id, data))
        else:
            final = reply.result in FINAL and reply.code != TOO_EARLY
            at = self._clock() + LATE_MS if final else self._pace.later(form.looks, reply, RESTS_MS)
            words = f"The form is not here yet. {reply.words}".strip()
            self._books.act(lambda store: notes.form_looked(store, form.id, words, at))

    # ---- visits ----

    def _visit(self, what: What, visit: Visit) -> None:
        if what == "quote":
            self._quote(visit)
        elif what == "book":
            self._book(visit)
        elif what == "cancel":
            self._cancel(visit)
        else:
            self._look_visit(visit)

    def _quote(self, visit: Visit) -> None:
        """Ask what a visit costs. One that was made all the same costs nothing, and nobody books it."""
        inside = self._books.read(lambda store: _labels(store, visit))
        if not inside:
            words = "The labels of these parcels were given back."
            self._books.act(lambda store: notes.visit_refused(store, visit.id, words))
            return
        reply = self.port.collection(
            visit.id,
            [p.shipment for p in inside],
            inside[0].consignment.sender,
            visit.first_at,
            visit.last_at,
            visit.instructions,
        )
        self._said("visit_quote", visit.id, reply)
        if reply.result == "done" and reply.value is not None:
            priced = reply.value
            self._books.act(lambda store: notes.quoted(store, visit.id, priced))
        else:
            self._not_done(visit, reply)

    def _book(self, visit: Visit) -> None:
        begun = self._books.act(lambda store: notes.begin_booking(store, visit.id))
        if begun is None or begun.collection is None:
            return
        rate = next((r for r in begun.collection.rates if r.service == begun.service), None)
        carrier = rate.carrier if rate is not None else begun.carrier
        reply = self.port.book(begun.collection.id, carrier, begun.service)
        self._said("visit_book", visit.id, reply)
        if reply.result == "done" and reply.value is not None:
            told = reply.value
            self._books.act(lambda store: notes.visit_heard(store, visit.id, told))
        else:
            self._not_done(begun, reply)

    def _cancel(self, visit: Visit) -> None:
        begun = self._books.act(lambda store: notes.begin_cancelling(store, visit.id))
        if begun is None or begun.collection is None:
            return
        reply = self.port.cancel_collection(begun.collection.id)
        self._said("visit_cancel", visit.id, reply)
        if reply.result == "done" and reply.value is not None:
            told = reply.value
            self._books.act(lambda store: notes.visit_heard(store, visit.id, told))
        else:
            self._not_done(begun, reply)

    def _not_done(self, visit: Visit, reply: Reply[Any]) -> None:
        """Write down that something about a visit was not done, or that nobody knows."""
        key, words = visit.id, reply.words
        if reply.result in FINAL and reply.code != TOO_EARLY:
            self._books.act(lambda store: notes.visit_refused(store, key, words))
        elif reply.result in UNDONE or reply.code == TOO_EARLY or visit.state == "new":
            at = self._pace.later(visit.attempts, reply)
            self._books.act(lambda store: notes.visit_put_off(store, key, words, at, unasked=True))
        else:
            at = self._pace.later(0, reply, LOOKS_MS)
            said = notes.VISIT_IN_DOUBT if visit.state == "booking" else words
            self._books.act(lambda store: notes.visit_put_off(store, key, said, at, doubtful=True))

    def _look_visit(self, visit: Visit) -> None:
        """Read whether a visit is booked, or called off, of which nobody knows."""
        assert visit.collection is not None
        if visit.state == "booking":
            # What was heard of it could not be written down.
            doubt, now_at = notes.VISIT_IN_DOUBT, self._clock()
            self._books.act(lambda store: notes.visit_put_off(store, visit.id, doubt, now_at, doubtful=True))
            return
        reply = self.port.collection_now(visit.collection.id)
        self._said("visit_read", visit.id, reply)
        key, at = visit.id, self._pace.later(visit.looks + 1, reply, LOOKS_MS)
        now = reply.value if reply.result == "done" else None
        if reply.result == "gone":
            self._books.act(lambda store: notes.visit_refused(store, key, reply.words))
        elif now is None:
            words = f"{notes.VISIT_IN_DOUBT} {reply.words}".strip()
            self._books.act(lambda store: notes.visit_put_off(store, key, words, at))
        elif visit.state == "cancelling" and now.state == "booked":
            # The request was lost: it can be sent again, for a visit is called off only once.
            self._books.act(lambda store: notes.visit_put_off(store, key, "", at, unasked=True))
        elif visit.state == "cancelling" or now.state in ("booked", "cancelled"):
            ended = now if now.state == "booked" else replace(now, state="cancelled")
            self._books.act(lambda store: notes.visit_heard(store, key, ended))
        else:
            self._books.act(lambda store: notes.visit_unbooked(store, key, at))


def _waiting(store: Store) -> list[Due]:
    """Return what is to be done, with its moment: visits first, for the carrier may be near."""
    with store.read() as conn:
        return [*_visits(conn), *_forms(conn)]


def _visits(conn: Connection) -> list[Due]:
    found: list[Due] = []
    for visit in handovers.visits_in(conn, ("new", "booking", "uncertain", "cancelling")):
        what: What = "look_visit"
        if visit.state == "new":
            what = "quote"
        elif not visit.asked_at:
            what = "book" if visit.state == "booking" else "cancel" if visit.state == "cancelling" else what
        found.append((what, visit, visit.next_try_at))
    return found


def _forms(conn: Connection) -> list[Due]:
    found: list[Due] = []
    for form in handovers.manifests_in(conn, ("new", "asking", "uncertain")):
        what: What = "make" if form.state == "new" else "look_form" if form.form is None else "poll"
        found.append((what, form, form.next_try_at))
    found += [("fetch", form, form.next_try_at) for form in handovers.manifests_to_fetch(conn)]
    return found


def _labels(store: Store, row: DayManifest | Visit) -> tuple[Postage, ...]:
    with store.read() as conn:
        return tuple(p for p in postages.by_ids(conn, row.postages) if p.state == "bought")
