"""The same for what comes after a label: where parcels are, forms of the day, visits of carriers."""

from __future__ import annotations

from typing import get_args

from bookwish_desk.shop.carriage import Collection, Manifest, Rate, Track, TrackEvent, TrackStatus
from bookwish_desk.sync.bookwish.decoding import moment
from bookwish_desk.sync.carriers.easypost.parts import fields, ident, link, listed, words
from bookwish_desk.sync.carriers.easypost.reading import expected_on, failures, rates

_MOST_EVENTS = 200
_MOST_TRACKS = 1_000
_STATUSES = frozenset(get_args(TrackStatus))
_CALLED_OFF = frozenset(("canceled", "cancelled"))


def track(told: object) -> Track | None:
    """Read where a parcel is."""
    tracker, tracking = ident(told), words(told, "tracking_code", limit=64)
    if not (tracker and tracking):
        return None
    events = tuple(
        sorted(
            (x for one in listed(told, "tracking_details", _MOST_EVENTS) if (x := _event(one))),
            key=lambda x: x.at,
        )
    )
    status = _status(told)
    arrived = [x.at for x in events if x.status == "delivered"]
    return Track(
        tracker=tracker,
        tracking=tracking,
        status=status,
        carrier=words(told, "carrier", limit=60),
        detail=words(told, "status_detail", limit=60),
        expected_on=expected_on(told),
        delivered_at=(arrived[-1] if arrived else _at(told, "updated_at")) if status == "delivered" else 0,
        signed_by=words(told, "signed_by", limit=80),
        events=events,
    )


def tracks(told: object) -> tuple[Track, ...] | None:
    """Read a list of trackers; one that makes no sense is left out."""
    if not isinstance(told, dict) or not isinstance(told.get("trackers"), list):
        return None
    return tuple(x for one in listed(told, "trackers", _MOST_TRACKS) if (x := track(one)) is not None)


def track_alone(told: object) -> tuple[Track, ...] | None:
    """Read one tracker, as a list of one."""
    found = track(told)
    return None if found is None else (found,)


def _event(told: object) -> TrackEvent | None:
    at = _at(told, "datetime")
    if not at:
        return None
    where = fields(told, "tracking_location")
    place = ", ".join(x for name in ("city", "state", "country") if (x := words(where, name, limit=60)))
    said = words(told, "message", limit=200) or words(told, "description", limit=200)
    return TrackEvent(at, _status(told), said, place)


def _status(told: object) -> TrackStatus:
    said = words(told, "status", limit=40).lower()
    if said in _CALLED_OFF:
        return "cancelled"
    return said if said in _STATUSES else "unknown"  # type: ignore[return-value]


def _at(told: object, name: str) -> int:
    return moment(words(told, name, limit=40))


def manifest(told: object) -> Manifest | None:
    """Read how a form stands. One that says nothing of itself is still being made."""
    form, said = ident(told), words(told, "status", limit=40)
    if not form:
        return None
    return Manifest(
        id=form,
        state=said if said in ("created", "failed") else "creating",  # type: ignore[arg-type]
        url=link(told, "form_url"),
        words=words(told, "message", limit=400),
        tracking=tuple(
            x
            for one in listed(told, "tracking_codes", 10_000)
            if (x := words({"code": one}, "code", limit=64))
        ),
    )


def collection(told: object, carrier: str = "", service: str = "") -> Collection | None:
    """Read how a visit stands.

    Which of its rates was booked is not told: `carrier` and `service` say it, or it is the only one.
    """
    visit = ident(told)
    if not visit:
        return None
    found = rates(told, "pickup_rates")
    said = words(told, "status", limit=40).lower()
    confirmation = words(told, "confirmation", limit=80)
    booked = said == "scheduled" or (bool(confirmation) and said not in _CALLED_OFF)
    chosen = _booked(found, carrier, service) if booked else None
    reasons = " ".join(f"{x.carrier}: {x.words}" for x in failures(told))
    state = "cancelled" if said in _CALLED_OFF else "booked" if booked else "quoted"
    if state == "quoted" and (said == "failed" or (not found and reasons)):
        state = "failed"
    return Collection(
        id=visit,
        state=state,  # type: ignore[arg-type]
        rates=found,
        confirmation=confirmation,
        carrier=chosen.carrier if chosen else carrier if booked else "",
        service=chosen.service if chosen else service if booked else "",
        cents=chosen.cents if chosen else 0,
        words=reasons[:400],
    )


def _booked(found: tuple[Rate, ...], carrier: str, service: str) -> Rate | None:
    for one in found:
        if (one.carrier, one.service) == (carrier, service):
            return one
    return found[0] if len(found) == 1 else None


def batch(told: object) -> tuple[str, str] | None:
    """Read the id and the state of a batch."""
    found = ident(told)
    return (found, words(told, "state", limit=40)) if found else None
