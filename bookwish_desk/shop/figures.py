"""How fast and how right orders were handled: times, shares, causes and costs of the orders of a period.

Every figure is about the same orders: those placed in the period, but for checkouts. Pure arithmetic;
where the orders come from is `db.order_figures`, how the figures are said `ui.figures` and `figure_csv`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.opening_hours import OpeningHours, local, moment, open_between
from bookwish_desk.shop.promises import Promise, due_at, promised_from
from bookwish_desk.shop.street import checked_day

Choice = Literal["days7", "days30", "days90", "month"]
Step = Literal["day", "week", "month"]

MOST_DAYS = 1_100
"""A period is at most about three years."""

MOST_BY_DAY, MOST_BY_WEEK = 31, 200
"""A period of up to so many days is shown by days, then by weeks, then by months."""

TOLD_EVERY = 200
"""Progress is told after this many orders."""


class Period(msgspec.Struct, frozen=True):
    """Days from `first` to `last`, both with it, as YYYY-MM-DD."""

    first: str
    last: str

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1

    @property
    def step(self) -> Step:
        """Return into which stretches it is divided."""
        return "day" if self.days <= MOST_BY_DAY else "week" if self.days <= MOST_BY_WEEK else "month"

    def bounds(self, hours: OpeningHours) -> tuple[int, int]:
        """Return its beginning and its end (ms UTC): the midnights of the shop."""
        after = date.fromisoformat(self.last) + timedelta(days=1)
        return moment(hours, date.fromisoformat(self.first), 0), moment(hours, after, 0)

    def stretches(self) -> Iterator[tuple[date, date]]:
        """Yield the days, weeks or months in it, each with its first and last day; weeks begin on Monday."""
        day, end = date.fromisoformat(self.first), date.fromisoformat(self.last)
        while day <= end:
            if self.step == "day":
                last = day
            elif self.step == "week":
                last = day + timedelta(days=6 - day.weekday())
            else:
                last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            yield day, min(last, end)
            day = last + timedelta(days=1)


class Mishap(msgspec.Struct, frozen=True):
    """Something that went wrong with an order: what, why, and what it cost (BB-11)."""

    kind: str
    cause: str
    labour_cents: int = 0
    postage_cents: int = 0
    replacement_cents: int = 0

    @property
    def cost_cents(self) -> int:
        """Return what it cost altogether."""
        return self.labour_cents + self.postage_cents + self.replacement_cents

    @property
    def error(self) -> bool:
        """Say whether it counts as an error: what the customer caused does not."""
        return self.cause != "customer"


class Course(msgspec.Struct, frozen=True):
    """How one order went: placed, ready or shipped for the first time (0: not yet), what went wrong.

    `street_dates` are those of its books (YYYY-MM-DD): what it was promised for begins when all are out.
    """

    source: str
    kind: str
    placed_at: int
    done_at: int = 0
    cancelled: bool = False
    mishaps: tuple[Mishap, ...] = ()
    street_dates: tuple[str, ...] = ()


class Times(msgspec.Struct, frozen=True):
    """The median and the 90th percentile of some times in ms; None where there is nothing to measure."""

    median: int | None = None
    ninety: int | None = None


class Group(msgspec.Struct, frozen=True):
    """The figures of some orders. `clock` are times by the clock, `open` those in which the shop was open.

    Of `decided` orders it is known whether they kept the promise of `process`: `kept` did. `wrong` is in
    how many there was an error.
    """

    source: str
    kind: str
    orders: int
    done: int
    cancelled: int
    clock: Times
    open: Times
    decided: int
    kept: int
    wrong: int
    cost_cents: int


class Stretch(msgspec.Struct, frozen=True):
    """The orders placed on a day, in a week or in a month."""

    first: str
    last: str
    orders: int
    done: int
    clock: Times
    open: Times


class Trouble(msgspec.Struct, frozen=True):
    """What went wrong in one way for one reason: how often, in how many orders, and what it cost."""

    kind: str
    cause: str
    times: int
    orders: int
    labour_cents: int
    postage_cents: int
    replacement_cents: int

    @property
    def cost_cents(self) -> int:
        """Return what it cost altogether."""
        return self.labour_cents + self.postage_cents + self.replacement_cents


class Figures(msgspec.Struct, frozen=True):
    """All figures of a period: of all orders, by source and kind, in time, and by what went wrong."""

    period: Period
    whole: Group
    groups: tuple[Group, ...]
    stretches: tuple[Stretch, ...]
    troubles: tuple[Trouble, ...]


class _Measured(msgspec.Struct, frozen=True):
    """An order with how long it took, and whether it kept its promise (None: not known yet)."""

    course: Course
    day: date
    clock: int | None
    open: int | None
    kept: bool | None


def period_of(choice: Choice, today: date) -> Period:
    """Return the last days, or the month so far, with today."""
    back = {"days7": 6, "days30": 29, "days90": 89}.get(choice, today.day - 1)
    return Period((today - timedelta(days=back)).isoformat(), today.isoformat())


def days_between(first: str, last: str) -> Period:
    """Return the period from one day to another as they were typed.

    Raises Refused with the fact `field` for days that are none, or upside down, or too far apart.
    """
    days = {}
    for field, text in (("first", first), ("last", last)):
        try:
            days[field] = checked_day(text)
        except Refused as refused:
            raise Refused(refused.code, refused.message, field=field) from refused
        if not days[field]:
            raise Refused("day", "Type a day, such as 2026-11-30.", field=field)
    made = Period(days["first"], days["last"])
    if made.days < 1:
        raise Refused("day", "The last day comes after the first.", field="last")
    if made.days > MOST_DAYS:
        raise Refused("day", f"At most {MOST_DAYS} days can be looked at together.", field="first")
    return made


def percentile(values: Sequence[int], per_cent: int) -> int | None:
    """Return a percentile of whole numbers, as PERCENTILE.INC and MEDIAN of spreadsheets do; None of none.

    Between two values it lies in proportion, rounded half up.
    """
    if not values:
        return None
    ranked = sorted(values)
    place, part = divmod((len(ranked) - 1) * per_cent, 100)
    if not part:
        return ranked[place]
    return ranked[place] + half_up((ranked[place + 1] - ranked[place]) * part, 100)


def figures(
    courses: Iterable[Course],
    period: Period,
    hours: OpeningHours,
    promises: Iterable[Promise],
    at: int,
    told: Callable[[int], None] = lambda _done: None,
) -> Figures:
    """Return the figures of orders placed in a period, as it is known at a moment (ms UTC).

    `told` hears after how many orders it is.
    """
    process = next((p for p in promises if p.id == "process" and p.active), None)
    found = []
    for place, course in enumerate(courses, 1):
        found.append(_measured(course, hours, process, at))
        if place % TOLD_EVERY == 0:
            told(place)
    by_group: dict[tuple[str, str], list[_Measured]] = defaultdict(list)
    for one in found:
        by_group[one.course.source, one.course.kind].append(one)
    return Figures(
        period=period,
        whole=_group("", "", found),
        groups=tuple(_group(*key, by_group[key]) for key in sorted(by_group)),
        stretches=tuple(_stretches(period, found)),
        troubles=_troubles(found),
    )


def _measured(course: Course, hours: OpeningHours, process: Promise | None, at: int) -> _Measured:
    day = local(hours, course.placed_at).date()
    clock = max(0, course.done_at - course.placed_at) if course.done_at else None
    opened = open_between(hours, course.placed_at, course.done_at) if course.done_at else None
    kept: bool | None = None
    if process is not None and (course.done_at or not course.cancelled):
        due = due_at(process, hours, promised_from(course.placed_at, hours, course.street_dates))
        kept = course.done_at <= due if course.done_at else False if at >= due else None
    return _Measured(course, day, clock, opened, kept)


def _times(values: Iterable[int | None]) -> Times:
    known = [v for v in values if v is not None]
    return Times(percentile(known, 50), percentile(known, 90))


def _group(source: str, kind: str, found: Sequence[_Measured]) -> Group:
    courses = [one.course for one in found]
    return Group(
        source=source,
        kind=kind,
        orders=len(courses),
        done=sum(c.done_at > 0 for c in courses),
        cancelled=sum(c.cancelled for c in courses),
        clock=_times(one.clock for one in found),
        open=_times(one.open for one in found),
        decided=sum(one.kept is not None for one in found),
        kept=sum(one.kept is True for one in found),
        wrong=sum(any(m.error for m in c.mishaps) for c in courses),
        cost_cents=sum(m.cost_cents for c in courses for m in c.mishaps),
    )


def _stretches(period: Period, found: Sequence[_Measured]) -> Iterator[Stretch]:
    by_day: dict[date, list[_Measured]] = defaultdict(list)
    for one in found:
        by_day[one.day].append(one)
    for first, last in period.stretches():
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        those = [one for day in days for one in by_day.get(day, ())]
        yield Stretch(
            first=first.isoformat(),
            last=last.isoformat(),
            orders=len(those),
            done=sum(one.course.done_at > 0 for one in those),
            clock=_times(one.clock for one in those),
            open=_times(one.open for one in those),
        )


def _troubles(found: Sequence[_Measured]) -> tuple[Trouble, ...]:
    """Return what went wrong, what happened most often first."""
    mishaps: dict[tuple[str, str], list[Mishap]] = defaultdict(list)
    orders: dict[tuple[str, str], int] = defaultdict(int)
    for one in found:
        for mishap in one.course.mishaps:
            mishaps[mishap.kind, mishap.cause].append(mishap)
        for key in {(m.kind, m.cause) for m in one.course.mishaps}:
            orders[key] += 1
    made = [
        Trouble(
            kind=kind,
            cause=cause,
            times=len(those),
            orders=orders[kind, cause],
            labour_cents=sum(m.labour_cents for m in those),
            postage_cents=sum(m.postage_cents for m in those),
            replacement_cents=sum(m.replacement_cents for m in those),
        )
        for (kind, cause), those in mishaps.items()
    ]
    return tuple(sorted(made, key=lambda t: (-t.times, t.kind, t.cause)))
