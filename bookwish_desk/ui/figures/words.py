"""Figures in words, lines and charts, as the screen shows them. No Qt and no reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import count

from bookwish_desk.settings import Settings
from bookwish_desk.shop.figure_csv import HOUR, ORDER_KINDS, cause_name, source_name, trouble_name
from bookwish_desk.shop.figures import Figures, Group, Step, Stretch, Times, Trouble
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.figures.state import Curve, Drawing, Fact, Line, Shown

NOTHING = "–"
EMPTY = "No order was placed in these days."

STRETCH_NAMES: dict[Step, str] = {"day": "Day", "week": "Week", "month": "Month"}
_SKELETONS: dict[Step, str] = {"day": "MMMd", "week": "MMMd", "month": "yMMM"}
_HOUR_STEPS = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 72, 120, 240, 480, 960)
_MOST_TICKS = 4


def shown(found: Figures, captured: tuple[int, int], settings: Settings, *, in_open_hours: bool) -> Shown:
    """Return all figures in words, counted in opening hours or by the clock."""
    period, step = found.period, found.period.step
    first, last = (short_day(day, settings.locale) for day in (period.first, period.last))
    names = [_name(s, step, settings.locale) for s in found.stretches]
    each = [_times(s, in_open_hours=in_open_hours) for s in found.stretches]
    return Shown(
        heading=f"Orders placed on {first}" if period.days == 1 else f"Orders placed {first} to {last}",
        captured=_captured(captured, settings),
        facts=tuple(_facts(found, settings, in_open_hours=in_open_hours)),
        orders=_orders_drawn(names, found.stretches),
        orders_title=f"Orders a {step}",
        times=_times_drawn(names, each),
        troubles=_ranked(found.troubles),
        groups=tuple(_groups(found, settings, in_open_hours=in_open_hours)),
        stretches=tuple(
            Line(s.first, (name, str(s.orders), str(s.done), duration(t.median), duration(t.ninety)))
            for s, name, t in zip(found.stretches, names, each, strict=True)
        ),
        causes=tuple(_cause(t, settings) for t in found.troubles),
        stretch_name=STRETCH_NAMES[step],
        empty="" if found.whole.orders else EMPTY,
    )


def duration(ms: int | None) -> str:
    """Return a time as people say it: 45 min, 4 h 30 min, 26 h."""
    if ms is None:
        return NOTHING
    minutes = half_up(ms, 60_000)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{half_up(minutes, 60)} h" if hours >= 10 else f"{hours} h {rest} min" if rest else f"{hours} h"


def share(part: int, whole: int) -> str:
    """Return a part in per cent, never rounded to all or nothing when it is neither."""
    if not whole:
        return NOTHING
    per_cent = half_up(part * 100, whole)
    if per_cent == 100 and part < whole:
        return "over 99 %"
    return "under 1 %" if per_cent == 0 and part else f"{per_cent} %"


def ticks(top: float, steps: Iterable[float], say: Callable[[float], str]) -> tuple[tuple[float, str], ...]:
    """Return the marks at the left of a chart from 0 to at least `top`, at round numbers and few of them."""
    step = 1.0
    for step in steps:
        if top <= step * _MOST_TICKS:
            break
    marks = max(1, -int(-top // step))
    return tuple((step * n, say(step * n)) for n in range(marks + 1))


def _counts() -> Iterator[float]:
    for power in count():
        for digit in (1, 2, 5):
            yield float(digit * 10**power)


def _name(stretch: Stretch, step: Step, locale: str) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton(_SKELETONS[step], date.fromisoformat(stretch.first), locale=locale))


def _times(of: Group | Stretch, *, in_open_hours: bool) -> Times:
    return of.open if in_open_hours else of.clock


def _captured(captured: tuple[int, int], settings: Settings) -> str:
    orders, cents = captured
    of = "1 order" if orders == 1 else f"{orders} orders"
    return f"Captured and not completed now: {settings.money.show(cents)} in {of}" if orders else ""


def _facts(found: Figures, settings: Settings, *, in_open_hours: bool) -> Iterator[Fact]:
    whole = found.whole
    times = _times(whole, in_open_hours=in_open_hours)
    a_day = half_up(whole.orders * 10, found.period.days)
    yield Fact("Orders", str(whole.orders), f"{a_day // 10}.{a_day % 10} a day")
    yield Fact("Median", duration(times.median), f"of {whole.done} ready or shipped")
    yield Fact("9 of 10 within", duration(times.ninety), "opening hours" if in_open_hours else "by the clock")
    yield Fact("Promise kept", share(whole.kept, whole.decided), f"{whole.kept} of {whole.decided} in time")
    yield Fact("With an error", share(whole.wrong, whole.orders), f"{whole.wrong} of {whole.orders} orders")
    yield Fact("Cost of problems", settings.money.show(whole.cost_cents), "labour, postage, copies")


def _orders_drawn(names: Sequence[str], stretches: Sequence[Stretch]) -> Drawing:
    values = tuple(float(s.orders) for s in stretches)
    spoken = (f"{name}: {s.orders}." for name, s in zip(names, stretches, strict=True))
    return Drawing(
        tuple(names),
        (Curve("Orders", values),) if any(values) else (),
        ticks(max(values, default=0), _counts(), lambda n: f"{n:g}"),
        tuple(spoken),
    )


def _times_drawn(names: Sequence[str], each: Sequence[Times]) -> Drawing:
    half = tuple(_in_hours(t.median) for t in each)
    most = tuple(_in_hours(t.ninety) for t in each)
    told = (
        f"{name}: median {duration(t.median)}, 9 of 10 within {duration(t.ninety)}."
        for name, t in zip(names, each, strict=True)
        if t.median is not None
    )
    return Drawing(
        tuple(names),
        (Curve("Median", half, "line"), Curve("9 of 10 within", most, "dashed")),
        ticks(max((x for x in most if x is not None), default=0), _HOUR_STEPS, _hours),
        tuple(told),
    )


def _hours(hours: float) -> str:
    return f"{hours:g} h" if float(hours).is_integer() else f"{hours * 60:g} min"


def _in_hours(ms: int | None) -> float | None:
    return None if ms is None else ms / HOUR


def _ranked(troubles: Sequence[Trouble]) -> tuple[tuple[str, int, str], ...]:
    """Return what went wrong, whatever the reason, most often first."""
    times: dict[str, int] = {}
    for trouble in troubles:
        times[trouble.kind] = times.get(trouble.kind, 0) + trouble.times
    ordered = sorted(times.items(), key=lambda item: (-item[1], item[0]))
    return tuple((trouble_name(kind), n, "once" if n == 1 else f"{n} times") for kind, n in ordered)


def _groups(found: Figures, settings: Settings, *, in_open_hours: bool) -> Iterator[Line]:
    for group in (found.whole, *found.groups):
        whole = group is found.whole
        kind = ORDER_KINDS.get(group.kind, group.kind).lower()
        name = "All orders" if whole else f"{clean(source_name(group.source), 40)}, {kind}"
        times = _times(group, in_open_hours=in_open_hours)
        cells = (
            name,
            str(group.orders),
            str(group.done),
            duration(times.median),
            duration(times.ninety),
            share(group.kept, group.decided),
            share(group.wrong, group.orders),
            settings.money.show(group.cost_cents),
        )
        yield Line(f"{group.source}/{group.kind}", cells, strong=whole)


def _cause(trouble: Trouble, settings: Settings) -> Line:
    amounts = (trouble.labour_cents, trouble.postage_cents, trouble.replacement_cents, trouble.cost_cents)
    return Line(
        f"{trouble.kind}/{trouble.cause}",
        (
            trouble_name(trouble.kind),
            cause_name(trouble.cause),
            str(trouble.times),
            *(settings.money.show(cents) for cents in amounts),
        ),
    )
