"""What an X or Z report says, in words and figures: the same sections on a slip, on a page and on a screen.

Nothing here knows how it is set. Text in a section may come from staff: renderers clean and escape it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from bookwish_desk.shop.money import Currency, show_percent
from bookwish_desk.shop.receipt import TENDER_NAMES, moment
from bookwish_desk.shop.till import Takings, TillEntry, TillReport

Show = Callable[[int], str]

MOVES = {
    "float": "Opening float",
    "sale": "Cash from sales",
    "refund": "Cash refunds",
    "paid_in": "Paid in",
    "paid_out": "Paid out",
    "drop": "Drop",
    "no_sale": "No sale",
}
"""What each kind of till entry is called."""

MOST_UNSENT = 12
"""Unsent jobs told one by one; a printer that was dead all day must not make a report of its own."""


class ReportRow(msgspec.Struct, frozen=True):
    """A row of a section: `cells` go under the section's columns, first a label, last the figure."""

    cells: tuple[str, ...]
    strong: bool = False


class Section(msgspec.Struct, frozen=True):
    """A titled block of rows; `columns` are headings, empty where a column needs none.

    `texts` are the places of columns that hold words and stand at the left; all others but the first
    are figures and stand at the right.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[ReportRow, ...]
    texts: tuple[int, ...] = ()
    note: str = ""


def title(report: TillReport) -> str:
    """Return what stands at the top: Z report 12."""
    return f"Z report {report.z_number}" if report.kind == "Z" else "X report"


def subtitle(report: TillReport) -> str:
    """Return what kind of a report it is, in a sentence for whoever finds it in a folder."""
    if report.kind == "Z":
        return "The till was counted and closed."
    return "A look into the open till."


def day(text: str, locale: str) -> str:
    """Return a business date (YYYY-MM-DD) as people write it: Friday, November 20, 2026."""
    from babel.dates import format_date

    return format_date(date.fromisoformat(text), "full", locale=locale)


def clock(at: int, zone: str, locale: str) -> str:
    """Return the time of day of a moment in the shop's zone: 9:02 AM."""
    from babel.dates import format_time

    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    return format_time(local, "short", locale=locale).replace("\N{NARROW NO-BREAK SPACE}", " ")


def over_short(over_cents: int, show: Show) -> str:
    """Return what a count came to: a sentence."""
    if over_cents == 0:
        return "The drawer is right to the cent."
    return f"The drawer is {show(abs(over_cents))} {'over' if over_cents > 0 else 'short'}."


def identity(report: TillReport) -> tuple[tuple[str, str], ...]:
    """Return whose report it is and when, as (label, text) pairs."""
    till, t = report.till, report.takings
    when = partial(moment, zone=report.zone, locale=report.locale)
    return (
        ("Business date", day(till.business_date, report.locale)),
        ("Register", report.register_name),
        ("Till", str(till.number)),
        ("Receipts", f"{t.first_receipt} to {t.last_receipt}" if t.first_receipt else "None"),
        ("Opened", when(till.opened_at)),
        ("Opened by", till.opened_by),
        ("Closed" if report.kind == "Z" else "As of", when(report.made_at)),
        ("Closed by" if report.kind == "Z" else "Seen by", report.made_by),
    )


def sections(report: TillReport) -> tuple[Section, ...]:
    """Return the blocks of a report from top to bottom, those left out that have nothing to say."""
    show = Currency(report.currency, report.locale).show
    made = (
        _sales(report.takings, show),
        _taxes(report.takings, show),
        _payments(report.takings, show),
        _drawer(report, show),
        _count(report, show),
        _movements(report, show),
        _staff(report.takings, show),
        _activity(report),
        _held(report, show),
        _unsent(report),
        _seal(report, show),
    )
    return tuple(s for s in made if s is not None)


def _pair(label: str, figure: str, strong: bool = False) -> ReportRow:
    return ReportRow((label, figure), strong)


def _units(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _sales(t: Takings, show: Show) -> Section:
    rows = [ReportRow(("Sold", _units(t.units_sold), show(t.gross_cents)))]
    if t.discount_cents:
        rows.append(ReportRow(("Discounts", "", show(-t.discount_cents))))
    if t.relief_cents:
        rows.append(ReportRow(("Tax taken off for exempt customers", "", show(-t.relief_cents))))
    rows.append(ReportRow(("Sales after discounts", "", show(t.net_cents)), strong=True))
    if t.refund_cents or t.units_returned:
        rows.append(ReportRow(("Returned", _units(t.units_returned), show(-t.refund_cents))))
    if t.added_tax_cents:
        rows.append(ReportRow(("Tax added", "", show(t.added_tax_cents))))
    rows.append(ReportRow(("Total", "", show(t.total_cents)), strong=True))
    inside = sum(x.tax_cents for x in t.taxes) - t.added_tax_cents
    if inside:
        rows.append(ReportRow(("of which tax", "", show(inside))))
    if t.rounding_cents:
        rows.append(ReportRow(("Cash rounding", "", show(t.rounding_cents))))
        rows.append(ReportRow(("Total paid", "", show(t.total_cents + t.rounding_cents)), strong=True))
    return Section("Sales", ("", "", ""), tuple(rows))


def _taxes(t: Takings, show: Show) -> Section | None:
    rows = [
        ReportRow((f"{x.name} {show_percent(x.ppm)}", show(x.net_cents), show(x.tax_cents))) for x in t.taxes
    ]
    if len(t.taxes) > 1:
        rows.append(ReportRow(("All tax", "", show(sum(x.tax_cents for x in t.taxes))), strong=True))
    if t.untaxed_cents:
        rows.append(ReportRow(("Not taxed", show(t.untaxed_cents), "")))
    if t.exempt_cents:
        rows.append(ReportRow(("Exempt, with certificate", show(t.exempt_cents), "")))
    return Section("Tax", ("", "On", "Tax"), tuple(rows)) if rows else None


def _payments(t: Takings, show: Show) -> Section | None:
    if not t.tenders:
        return None
    rows = []
    for x in t.tenders:
        rows.append(
            ReportRow(
                (
                    x.brand or TENDER_NAMES.get(x.kind, x.kind.capitalize()),
                    f"{show(x.taken_cents)} ({x.taken})" if x.taken else "",
                    f"{show(-x.refunded_cents)} ({x.refunded})" if x.refunded else "",
                    show(x.net_cents),
                )
            )
        )
    whole = sum(x.net_cents for x in t.tenders)
    rows.append(ReportRow(("All payments", "", "", show(whole)), strong=True))
    return Section("Payments", ("", "Taken", "Refunded", "Kept"), tuple(rows))


def _drawer(report: TillReport, show: Show) -> Section:
    before, float_cents = report.before_cents, report.till.float_cents
    told = f"; {show(before)} had been left" if before is not None and before != float_cents else ""
    rows = [_pair(MOVES["float"] + told, show(report.cash_of("float")))]
    for kind in ("sale", "refund", "paid_in", "paid_out", "drop"):
        if report.cash_of(kind) or kind == "sale":
            rows.append(_pair("Drops" if kind == "drop" else MOVES[kind], show(report.cash_of(kind))))
    rows.append(_pair("Should be in the drawer", show(report.expected_cents), strong=True))
    counted, over, left = report.counted_cents, report.over_cents, report.left_cents
    if counted is not None and over is not None and left is not None:
        word = "Right to the cent" if over == 0 else "Over" if over > 0 else "Short"
        rows += [
            _pair("Counted", show(counted), strong=True),
            _pair(word, show(over), strong=True),
            _pair("Left in the drawer", show(left)),
            _pair("Taken out of the drawer", show(counted - left)),
        ]
    return Section("Cash in the drawer", ("", ""), tuple(rows))


def _count(report: TillReport, show: Show) -> Section | None:
    if report.count is None or not report.count.pieces:
        return None
    rows = [ReportRow((show(v), f"× {n}", show(v * n))) for v, n in report.count.pieces]
    if report.count.other_cents:
        rows.append(ReportRow(("Other cash", "", show(report.count.other_cents))))
    return Section("Count", ("", "", ""), tuple(rows))


def move_words(entry: TillEntry) -> str:
    """Return what a movement was and why: Paid out: window cleaner."""
    name = MOVES[entry.kind]
    return f"{name}: {entry.reason}" if entry.reason else name


def _movements(report: TillReport, show: Show) -> Section | None:
    if not report.movements:
        return None
    rows = [
        ReportRow(
            (
                move_words(e),
                clock(e.at, report.zone, report.locale),
                e.staff,
                show(e.cash_cents) if e.kind != "no_sale" else "",
            )
        )
        for e in report.movements
    ]
    return Section("Drawer movements", ("", "Time", "Staff", "Amount"), tuple(rows), texts=(1, 2))


def _staff(t: Takings, show: Show) -> Section | None:
    if not t.staff:
        return None
    rows = tuple(
        ReportRow((s.name, str(s.sales), str(s.returns), str(s.units), show(s.net_cents))) for s in t.staff
    )
    return Section("Sales by staff", ("", "Sales", "Returns", "Items", "Amount"), rows)


def _activity(report: TillReport) -> Section:
    t = report.takings
    rows = [_pair("Sales", str(t.sales)), _pair("Returns", str(t.returns))]
    if t.exchanges:
        rows.append(_pair("Exchanges", str(t.exchanges)))
    rows += [_pair("Voided sales", str(report.voids)), _pair("No sales", str(report.times("no_sale")))]
    return Section("Activity", ("", ""), tuple(rows))


def _held(report: TillReport, show: Show) -> Section | None:
    if not report.held:
        return None
    rows = tuple(ReportRow((f"{h.code} {h.note}".strip(), show(h.total_cents))) for h in report.held)
    return Section("Held sales that stay", ("", ""), rows)


def _unsent(report: TillReport) -> Section | None:
    if not report.unsent:
        return None
    rows = [ReportRow((text, "")) for text in report.unsent[:MOST_UNSENT]]
    if (more := len(report.unsent) - len(rows)) > 0:
        rows.append(ReportRow((f"and {more} more", "")))
    note = "Nothing of this was thrown away." if report.kind == "Z" else ""
    return Section("Still to be printed or sent", ("", ""), tuple(rows), note=note)


def _seal(report: TillReport, show: Show) -> Section:
    rows = []
    if report.kind == "Z":
        rows.append(_pair("Running total of all Z reports", show(report.grand_total_cents), strong=True))
    head = report.journal_head
    seal = " ".join(head[i : i + 8] for i in range(0, len(head), 8))
    return Section("Control", ("", ""), tuple(rows), note=f"Journal {seal}")
