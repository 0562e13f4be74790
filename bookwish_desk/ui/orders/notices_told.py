"""What the customer was told of an order, and what has become of each message, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.actions.mailing import TOLD
from bookwish_desk.settings import Settings
from bookwish_desk.shop.letter import Told
from bookwish_desk.shop.notice_kinds import KINDS
from bookwish_desk.shop.receipt import moment
from bookwish_desk.ui.orders.detail_state import Fact
from bookwish_desk.ui.orders.state import Tone

if TYPE_CHECKING:
    from bookwish_desk.db.orders import Event

_STATES: dict[str, tuple[str, Tone]] = {
    "new": ("waits to be sent", "ink"),
    "sending": ("is being sent", "ink"),
    "done": ("sent", "ok"),
    "uncertain": ("perhaps sent: nobody knows", "warn"),
    "refused": ("refused by the mail server", "danger"),
    "dead": ("could not be sent", "danger"),
    "dropped": ("left unsent", "soft"),
}


def told(body: str) -> Told | None:
    """Return what an entry of the history says of a notice, or None for one that nobody can read."""
    try:
        return msgspec.json.decode(body, type=Told)
    except msgspec.DecodeError:
        return None


def told_jobs(body: str) -> tuple[str, ...]:
    """Return the rows of the outbox that an entry of the history names."""
    found = told(body)
    return found.jobs if found else ()


def name(found: Told) -> str:
    """Return what a kind of notice is called."""
    return KINDS[found.kind].name


def facts(
    events: Sequence[Event], mails: Mapping[str, tuple[str, str]], settings: Settings
) -> tuple[Fact, ...]:
    """Return each notice with what has become of it, the latest first."""
    said: list[Fact] = []
    for event in reversed(events):
        found = told(event.body) if event.kind == TOLD else None
        if found is None:
            continue
        when = moment(event.at, settings.zone, settings.locale)
        if found.why:
            said.append(Fact(name(found), f"Not sent: {found.why} ({when})", "soft"))
        for job in found.jobs:
            state, status = mails.get(job, ("", ""))
            words, tone = _STATES.get(state, ("no longer in the outbox", "soft"))
            more = f": {status}" if status and state in ("refused", "dead", "uncertain") else ""
            said.append(Fact(name(found), f"{words.capitalize()}{more} ({when})", tone))
    return tuple(said)
