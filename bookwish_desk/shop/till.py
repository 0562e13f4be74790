"""The till: a cash session on a register, what went through it, and what should be in the drawer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import MOST_CENTS, round_cash
from bookwish_desk.shop.tax import TaxPart

EntryKind = Literal["float", "sale", "refund", "paid_in", "paid_out", "drop", "no_sale"]
Move = Literal["paid_in", "paid_out", "drop", "no_sale"]

MOST_PIECES = 99_999


class TillEntry(msgspec.Struct, frozen=True):
    """One thing that happened at the drawer; `cash_cents` is what it did to the cash in it.

    `staff` is the name of who did it; `ref` is a receipt number for sales and refunds.
    """

    kind: EntryKind
    cash_cents: int
    at: int
    staff: str
    reason: str = ""
    ref: str = ""


class Till(msgspec.Struct, frozen=True):
    """A session. `number` runs without a gap on each register; `previous` is the session before it.

    `opened_by` is the name of who opened it.
    """

    id: str
    register: int
    number: int
    business_date: str
    opened_at: int
    opened_by: str
    float_cents: int
    previous: str = ""


class Count(msgspec.Struct, frozen=True):
    """Cash as somebody counted it: (value in cents, pieces) of notes and coins, and other cash.

    `other_cents` is what was counted otherwise: rolls of coins, or the whole as one amount.
    """

    pieces: tuple[tuple[int, int], ...] = ()
    other_cents: int = 0

    @property
    def total_cents(self) -> int:
        """Return what it comes to."""
        return self.other_cents + sum(value * pieces for value, pieces in self.pieces)


def checked_count(count: Count) -> Count:
    """Return `count` without empty rows, largest value first. Raises Refused for what cannot be counted."""
    pieces: dict[int, int] = {}
    for value, number in count.pieces:
        if value <= 0 or not 0 <= number <= MOST_PIECES:
            raise Refused("count", "Type how many pieces there are, from 0 up.")
        pieces[value] = pieces.get(value, 0) + number
    kept = tuple((v, pieces[v]) for v in sorted(pieces, reverse=True) if pieces[v])
    whole = Count(kept, count.other_cents)
    if count.other_cents < 0 or whole.total_cents > MOST_CENTS:
        raise Refused("count", "That is not an amount a drawer can hold.")
    return whole


class TenderSum(msgspec.Struct, frozen=True):
    """All money of one kind (and card brand) in a session; change is taken off what was taken."""

    kind: str
    brand: str
    taken: int
    taken_cents: int
    refunded: int
    refunded_cents: int

    @property
    def net_cents(self) -> int:
        """Return what stayed in the shop."""
        return self.taken_cents - self.refunded_cents


class StaffSum(msgspec.Struct, frozen=True):
    """What one member of staff sold in a session; `net_cents` is after returns and before added tax."""

    name: str
    sales: int
    returns: int
    units: int
    net_cents: int


class HeldSale(msgspec.Struct, frozen=True):
    """A held sale that stays when the till is closed."""

    code: str
    note: str
    total_cents: int


class Takings(msgspec.Struct, frozen=True):
    """What a session sold and took, in counts and cents.

    Gross, discount and net are of the lines sold; refund is the net of the lines brought back.
    `added_tax_cents` is the tax that came on top of prices (none where prices hold it), so that
    total = net - refund + added tax, and the tenders come to total + rounding. `exempt_cents` and
    `untaxed_cents` are the net, less returns, of what was sold without tax, with a certificate or
    because its class has none.
    """

    sales: int = 0
    returns: int = 0
    exchanges: int = 0
    units_sold: int = 0
    units_returned: int = 0
    gross_cents: int = 0
    discount_cents: int = 0
    net_cents: int = 0
    refund_cents: int = 0
    added_tax_cents: int = 0
    total_cents: int = 0
    rounding_cents: int = 0
    exempt_cents: int = 0
    untaxed_cents: int = 0
    taxes: tuple[TaxPart, ...] = ()
    tenders: tuple[TenderSum, ...] = ()
    staff: tuple[StaffSum, ...] = ()
    first_receipt: str = ""
    last_receipt: str = ""

    @property
    def relief_cents(self) -> int:
        """Return the tax that was taken out of prices for exempt customers."""
        return self.gross_cents - self.discount_cents - self.net_cents


class TillReport(msgspec.Struct, frozen=True):
    """An X report (session still open) or, frozen at closing, a Z report. All amounts in cents.

    `expected_cents` is the sum of all entries, the opening float among them. `before_cents` is what
    the session before left in the drawer. `journal_head` is the hash of the last journal entry before
    the closing itself. `grand_total_cents` runs over all Z reports of the register,
    a Z report itself included.
    """

    kind: Literal["X", "Z"]
    till: Till
    made_at: int
    made_by: str
    shop: str
    address: str
    register_name: str
    currency: str
    locale: str
    zone: str
    takings: Takings
    voids: int
    entries: tuple[TillEntry, ...]
    expected_cents: int
    before_cents: int | None = None
    held: tuple[HeldSale, ...] = ()
    unsent: tuple[str, ...] = ()
    count: Count | None = None
    left_cents: int | None = None
    journal_head: str = ""
    z_number: int = 0
    grand_total_cents: int = 0

    @property
    def counted_cents(self) -> int | None:
        """Return what was counted at closing."""
        return None if self.count is None else self.count.total_cents

    @property
    def over_cents(self) -> int | None:
        """Return counted minus expected: positive is over, negative is short."""
        return None if self.count is None else self.count.total_cents - self.expected_cents

    @property
    def name(self) -> str:
        """Return what people and files call it: Z-1-12, or X-1-12 for a look into session 12."""
        return f"{self.kind}-{self.till.register}-{self.z_number or self.till.number}"

    @property
    def movements(self) -> tuple[TillEntry, ...]:
        """Return the entries that are neither sale nor refund, nor the float."""
        return tuple(e for e in self.entries if e.kind not in ("float", "sale", "refund"))

    def cash_of(self, kind: EntryKind) -> int:
        """Return what all entries of a kind did to the cash in the drawer."""
        return sum(e.cash_cents for e in self.entries if e.kind == kind)

    def times(self, kind: EntryKind) -> int:
        """Return how many entries of a kind there are."""
        return sum(e.kind == kind for e in self.entries)


class ClosedTill(msgspec.Struct, frozen=True):
    """A closed session as a list shows it; `closed_by` is a name."""

    till: str
    number: int
    z_number: int
    business_date: str
    opened_at: int
    closed_at: int
    closed_by: str
    expected_cents: int
    counted_cents: int
    left_cents: int

    @property
    def over_cents(self) -> int:
        """Return counted minus expected: positive is over, negative is short."""
        return self.counted_cents - self.expected_cents


class Standing(msgspec.Struct, frozen=True):
    """How the till of a register stands: what people may see who must count it blind.

    `movements` leaves out sales and refunds, whose sum would tell what is in the drawer. `day_now` is
    the business date of this moment; one that is not the till's means that it was not closed in time.
    """

    till: Till | None
    movements: tuple[TillEntry, ...] = ()
    past: tuple[ClosedTill, ...] = ()
    day_now: str = ""


def report_faults(report: TillReport) -> list[str]:
    """Return a sentence for each sum in a report that does not agree with another; empty is sound."""
    t, name, faults = report.takings, report.name, []
    if sum(e.cash_cents for e in report.entries) != report.expected_cents:
        faults.append(f"Report {name}: the entries do not add up to the cash expected in the drawer.")
    if report.cash_of("float") != report.till.float_cents:
        faults.append(f"Report {name}: the opening float is not the one the till was opened with.")
    if t.net_cents - t.refund_cents + t.added_tax_cents != t.total_cents:
        faults.append(f"Report {name}: sales, returns and tax do not add up to the total.")
    if sum(x.net_cents for x in t.tenders) != t.total_cents + t.rounding_cents:
        faults.append(f"Report {name}: the payments do not add up to the total.")
    cash = sum(x.net_cents for x in t.tenders if x.kind == "cash")
    if cash != report.cash_of("sale") + report.cash_of("refund"):
        faults.append(f"Report {name}: the cash payments are not what went through the drawer.")
    if sum(s.net_cents for s in t.staff) != t.net_cents - t.refund_cents:
        faults.append(f"Report {name}: the sales by staff do not add up to the net sales.")
    return faults


DENOMINATIONS: dict[str, tuple[int, ...]] = {
    "USD": (10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5, 1),
    "CAD": (10000, 5000, 2000, 1000, 500, 200, 100, 25, 10, 5),
    "EUR": (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "GBP": (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "AUD": (10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
    "NZD": (10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10),
    "CHF": (100000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
    "SEK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100),
    "NOK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 100),
    "DKK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50),
    "PLN": (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "JPY": (10000, 5000, 1000, 500, 100, 50, 10, 5, 1),
}
"""Notes and coins in minor units, largest first."""


def denominations(currency: str, step: int = 1) -> tuple[int, ...]:
    """Return the notes and coins of a currency; an unknown one counts as the euro does.

    Coins below the cash step are left out: where cash is rounded to 5 cents nobody counts pennies,
    and the few that came in go under other cash.
    """
    return tuple(v for v in DENOMINATIONS.get(currency, DENOMINATIONS["EUR"]) if v >= step)


def quick_cash(due_cents: int, currency: str, step: int = 1) -> tuple[int, ...]:
    """Return up to five amounts a customer is likely to hand over for `due_cents`, smallest first.

    The exact amount, rounded to the cash step, then the next whole amounts that notes of this
    currency make.
    """
    due = round_cash(due_cents, step)
    found = {due}
    for value in denominations(currency):
        if value >= 500 or currency == "JPY":
            found.add(-(-due // value) * value)
    return tuple(sorted(found)[:5])


def business_date(at: int, zone: str, cutoff_hour: int) -> str:
    """Return the trading day (YYYY-MM-DD) of a moment: before the cut-off hour it is still yesterday.

    The hour is what the clock on the wall shows, also on the days when it is put forward or back.
    """
    from zoneinfo import ZoneInfo

    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).replace(tzinfo=None)
    return (local - timedelta(hours=cutoff_hour)).date().isoformat()


def date_fault(today: str, last: str, founded: str = "") -> str:
    """Return what is odd about opening a till on `today`, or an empty text; all are business dates.

    `last` is the day of the session before, or empty; `founded` the day the shop was set up.
    """
    known, what = (last, "the last till was for") if last else (founded, "this shop was set up on")
    if not known:
        return ""
    gap = (date.fromisoformat(today) - date.fromisoformat(known)).days
    if gap < 0:
        return f"The clock says {today}, but {what} {known}. Check the computer's date."
    if last and gap > 60:
        return f"The clock says {today}, more than two months after the last till of {last}. Is that right?"
    return ""


def checked_move(kind: Move, cents: int, in_drawer_cents: int, *, shown: str) -> int:
    """Return what a movement of `cents` (positive) does to the cash in the drawer.

    Raises Refused for no amount, or for more than there is. `shown` is what the drawer should hold,
    in words for those who may know it, else empty: a blind count must not be spoiled here.
    """
    if kind == "no_sale":
        return 0
    if not 0 < cents <= MOST_CENTS:
        raise Refused("amount", "Type an amount.")
    if kind == "paid_in":
        return cents
    if cents > in_drawer_cents:
        known = f" It should hold {shown}." if shown else ""
        raise Refused("drawer", f"There is not that much cash in the drawer.{known}")
    return -cents
