"""What the online store has of an order, and what a person has to decide about that, in words. No reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.settings import Settings
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.upload import CancelUpload, StatusUpload
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.orders.detail_state import Fact, Section, ToDo
from bookwish_desk.ui.sync import differences, uploads
from bookwish_desk.ui.titles.words import wrapped

if TYPE_CHECKING:
    from bookwish_desk.db.online import OrderLink
    from bookwish_desk.db.outbox import Job

DIFFERS = "differs:"
"""Begins the acts that decide a difference: its id and the choice follow."""
SYNC = "sync"
"""The act that leads to the Sync screen."""

_MOST = 300
_ENDS = {"sending": "is being sent", "new": "waiting", "uncertain": "uncertain", "refused": "refused",
         "dead": "given up", "dropped": "left unsent"}  # fmt: skip


class AtStore(msgspec.Struct, frozen=True):
    """What is known of an order at the store: how it was heard last, what went up, and what differs."""

    link: OrderLink | None = None
    jobs: tuple[Job, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def last(self) -> Job | None:
        """Return the last thing about its status that went up, or was to."""
        return self.jobs[-1] if self.jobs else None


def line(there: AtStore, at: int, settings: Settings) -> str:
    """Return how it stands there in a line: At the store: Processing · sent 12:04 PM; empty for none."""
    if there.link is None:
        return ""
    last = there.last
    if last is not None and last.state == "done":
        return f"At the store: {_status(there, settings)} · sent {when(last.sent_at, at, settings)}"
    if last is not None:
        told = _told(last, settings)
        return f"At the store: {_status(there, settings)} · {told} {_ENDS.get(last.state, '')}".rstrip()
    heard = when(there.link.seen_at, at, settings)
    return f"At the store: {_status(there, settings)} · heard {heard}"


def _status(there: AtStore, settings: Settings) -> str:
    assert there.link is not None
    return uploads.status_label(there.link.far.status, settings) or "no status"


def _told(job: Job, settings: Settings) -> str:
    match _upload(job):
        case StatusUpload(word=word):
            return uploads.status_label(word, settings)
        case CancelUpload():
            return "cancellation"
    return "a change"


def _upload(job: Job) -> object:
    from bookwish_desk.ui.sync.reading import uploads_of

    return uploads_of(job)


def to_do(there: AtStore, settings: Settings) -> tuple[ToDo, ...]:
    """Return each difference with its choices, and what went up and waits for a person."""
    found = [
        ToDo(
            wrapped(" ".join(x for x in (clean(c.sentence, _MOST) + _values(c), _why_not(c)) if x)),
            choices=tuple((f"{DIFFERS}{c.id}:{choice}", text) for choice, text in differences.choices(c)),
        )
        for c in there.conflicts
    ]
    last = there.last
    if last is not None and last.state in ("refused", "dead", "uncertain"):
        told, said = _told(last, settings), clean(last.status, _MOST)
        if last.state == "uncertain":
            sentence = f"Nobody knows whether the store took it: {told}."
        elif not last.sent_at:
            sentence = f"Not sent to the store: {told}. {said}"
        else:
            sentence = f"The store did not take it: {told}. It said: “{said}”"
        found.append(ToDo(wrapped(sentence), SYNC, "Look at it", blocking=False))
    return tuple(found)


def _why_not(c: Conflict) -> str:
    return clean(differences.why_not(c), _MOST)


def _values(c: Conflict) -> str:
    ours, theirs = clean(c.ours, 80), clean(c.theirs, 80)
    return f" Here: {ours or 'nothing'}. Store: {theirs or 'nothing'}." if ours or theirs else ""


def sections(there: AtStore, at: int, settings: Settings) -> tuple[Section, ...]:
    """Return what is known of it at the store as facts."""
    if there.link is None:
        return ()
    link, last = there.link, there.last
    facts = [
        Fact("Status there", _status(there, settings)),
        Fact("Heard", when(link.seen_at, at, settings)),
        Fact("Id there", wrapped(clean(link.far_id, 80))),
    ]
    if last is not None:
        sent = f", {when(last.sent_at, at, settings)}" if last.sent_at else ""
        state = "sent" if last.state == "done" else _ENDS.get(last.state, "")
        facts.append(Fact("Last told", f"{_told(last, settings)}: {state}{sent}"))
    return (Section("At the online store", tuple(facts)),)
