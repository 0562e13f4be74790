"""How what happened to a title is put into words: how its stock moved, and what was sold when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from bookwish_desk.db.known import MOST_MOVES, CauseSum, DaySales, Movement, SoldCopies
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.receipt import moment
from bookwish_desk.ui.stock.state import CAUSES
from bookwish_desk.ui.titles.state import (
    EVERY,
    HistoryView,
    MonthBar,
    MovementRow,
    PeriodView,
    SalesView,
    SoldRow,
)
from bookwish_desk.ui.titles.words import beside, counted, figure, kinds_of, signed

_WITH_RECEIPT = ("sale", "return", "damaged")


def history(
    movements: Sequence[Movement],
    sums: Sequence[CauseSum],
    copies: Sequence[Item],
    names: Mapping[str, str],
    settings: Settings,
) -> HistoryView:
    """Return how stock moved; `sums` are those of every cause, whichever movements were asked for."""
    kinds = kinds_of(copies)
    said = [(s, CAUSES.get(s.cause, s.cause)) for s in sums]
    causes = [(s.cause, f"{words} {signed(s.copies)}") for s, words in said]
    cut = f"The latest {MOST_MOVES} are listed." if len(movements) == MOST_MOVES else ""
    return HistoryView(
        rows=tuple(_movement(m, kinds, names, settings) for m in movements),
        causes=((EVERY, "Every movement"), *causes),
        copies=((EVERY, "All copies"), *kinds.items()) if kinds else (),
        sums=" · ".join(words for _cause, words in causes),
        cut=cut,
    )


def _movement(
    one: Movement, kinds: Mapping[str, str], names: Mapping[str, str], settings: Settings
) -> MovementRow:
    move = one.move
    receipt = move.ref if move.cause in _WITH_RECEIPT else ""
    # An import is known by its file, which is its reason; its number says nothing to people.
    behind = f"receipt {receipt}" if receipt else move.ref if move.cause == "order" else ""
    return MovementRow(
        key=str(one.id),
        what=beside(CAUSES.get(move.cause, move.cause), behind, move.reason),
        details=beside(
            moment(move.at, settings.zone, settings.locale),
            kinds.get(move.sku, ""),
            names.get(move.staff, ""),
        ),
        by=signed(move.quantity),
        on_hand=figure(one.on_hand),
        receipt=receipt,
    )


# ---- sales ----


def first_day(today: str) -> str:
    """Return the first business date of the twelve months that end with the month of `today`."""
    now = date.fromisoformat(today)
    year, month = (now.year, 1) if now.month == 12 else (now.year - 1, now.month + 1)
    return date(year, month, 1).isoformat()


def sales(
    by_day: Sequence[DaySales],
    lines: Sequence[SoldCopies],
    copies: Sequence[Item],
    names: Mapping[str, str],
    today: str,
    settings: Settings,
) -> SalesView:
    """Return what was sold: this week, this month, month by month, and the last receipts."""
    kinds = kinds_of(copies)
    month = today[:8] + "01"
    periods = (("This week", _week_of(today, settings.locale)), ("This month", month), ("Last 12 months", ""))
    return SalesView(
        periods=tuple(_period(name, since, by_day, settings) for name, since in periods),
        months=_months(by_day, today, settings.locale),
        rows=tuple(_line(x, kinds, names, settings) for x in lines),
    )


def _week_of(today: str, locale: str) -> str:
    """Return the first day of the week of `today`, as weeks begin where the shop is."""
    from babel import Locale

    now = date.fromisoformat(today)
    begins = Locale.parse(locale).first_week_day
    return (now - timedelta(days=(now.weekday() - begins) % 7)).isoformat()


def _period(name: str, since: str, by_day: Sequence[DaySales], settings: Settings) -> PeriodView:
    within = [d for d in by_day if d.day >= since]
    cents = sum(d.net_cents for d in within)
    return PeriodView(name, counted(sum(d.copies for d in within)), settings.money.show(cents))


def _months(by_day: Sequence[DaySales], today: str, locale: str) -> tuple[MonthBar, ...]:
    from babel.dates import format_date, format_skeleton

    first = date.fromisoformat(first_day(today))
    bars = []
    for place in range(12):
        year, month = divmod(first.year * 12 + first.month - 1 + place, 12)
        begins = date(year, month + 1, 1)
        copies = sum(d.copies for d in by_day if d.day[:7] == begins.isoformat()[:7])
        spoken = f"{format_skeleton('yMMMM', begins, locale=locale)}: {counted(copies)}"
        bars.append(MonthBar(format_date(begins, "LLL", locale=locale), copies, spoken))
    return tuple(bars)


def _line(one: SoldCopies, kinds: Mapping[str, str], names: Mapping[str, str], settings: Settings) -> SoldRow:
    return SoldRow(
        key=f"{one.receipt} {one.no}",
        receipt=one.receipt,
        when=moment(one.at, settings.zone, settings.locale),
        details=beside(kinds.get(one.sku, ""), one.customer, names.get(one.staff, "")),
        copies=figure(one.copies),
        amount=settings.money.show(one.net_cents),
        back=one.copies < 0,
    )
