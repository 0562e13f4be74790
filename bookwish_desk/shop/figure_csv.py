"""Figures as rows of plain cells, for a file that a spreadsheet opens: three tables beneath one another."""

from __future__ import annotations

from collections.abc import Iterator

from bookwish_desk.shop.figures import Figures, Group, Stretch, Times, Trouble
from bookwish_desk.shop.money import Currency, half_up
from bookwish_desk.shop.order import SOURCES
from bookwish_desk.shop.order_problem import CAUSE_NAMES, KIND_NAMES

HOUR = 3_600_000

_TIMES = (
    "Median hours by the clock",
    "90th percentile hours by the clock",
    "Median open hours",
    "90th percentile open hours",
)
GROUPS = (
    *("Source", "Kind", "Orders", "Ready or shipped", "Cancelled", *_TIMES),
    *("Promises decided", "Promises kept", "Orders with an error", "Cost of problems"),
)
STRETCHES = ("From", "To", "Orders", "Ready or shipped", *_TIMES)
TROUBLES = ("What went wrong", "Why", "Times", "Orders", "Labour", "Postage", "Replacement", "Cost")

_KINDS: dict[str, str] = dict(KIND_NAMES.items())
_CAUSES: dict[str, str] = dict(CAUSE_NAMES.items())
ORDER_KINDS = {"pickup": "Pickup", "ship": "Ship"}


def source_name(source: str) -> str:
    """Return what a source is called; one that is not known goes by its id."""
    known = SOURCES.get(source)
    return known.name if known else source


def trouble_name(kind: str) -> str:
    """Return what something that went wrong is called."""
    return _KINDS.get(kind) or kind.replace("_", " ").capitalize()


def cause_name(cause: str) -> str:
    """Return why it went wrong."""
    return _CAUSES.get(cause) or cause.replace("_", " ").capitalize()


def rows(found: Figures, money: Currency, captured: tuple[int, int]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the file; `captured` are orders with money and not completed, and how much it is.

    Times are in hours with two decimals, amounts in the shop's currency without its sign.
    """
    yield ("Orders placed", found.period.first, found.period.last)
    yield ()
    yield GROUPS
    for group in (*found.groups, found.whole):
        yield _group(group, money)
    yield ()
    yield STRETCHES
    for stretch in found.stretches:
        yield _stretch(stretch)
    yield ()
    yield TROUBLES
    for trouble in found.troubles:
        yield _trouble(trouble, money)
    yield ()
    yield ("Captured and not completed", str(captured[0]), money.plain(captured[1]))


def _group(group: Group, money: Currency) -> tuple[str, ...]:
    counts = (group.orders, group.done, group.cancelled)
    promises = (group.decided, group.kept, group.wrong)
    return (
        source_name(group.source) if group.source else "All",
        ORDER_KINDS.get(group.kind, group.kind),
        *map(str, counts),
        *_times(group.clock),
        *_times(group.open),
        *map(str, promises),
        money.plain(group.cost_cents),
    )


def _stretch(stretch: Stretch) -> tuple[str, ...]:
    counts = (str(stretch.orders), str(stretch.done))
    return (stretch.first, stretch.last, *counts, *_times(stretch.clock), *_times(stretch.open))


def _trouble(trouble: Trouble, money: Currency) -> tuple[str, ...]:
    amounts = (trouble.labour_cents, trouble.postage_cents, trouble.replacement_cents, trouble.cost_cents)
    return (
        trouble_name(trouble.kind),
        cause_name(trouble.cause),
        str(trouble.times),
        str(trouble.orders),
        *map(money.plain, amounts),
    )


def _times(times: Times) -> tuple[str, str]:
    return _hours(times.median), _hours(times.ninety)


def _hours(ms: int | None) -> str:
    """Return a time in hours with two decimals; nothing where there is none."""
    if ms is None:
        return ""
    whole, part = divmod(half_up(ms * 100, HOUR), 100)
    return f"{whole}.{part:02d}"
