"""The till: a cash session on a register, what went through it, and what should be in the drawer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from bookwish_desk.shop.tax import TaxPart

EntryKind = Literal["float", "sale", "refund", "paid_in", "paid_out", "drop", "no_sale"]


class TillEntry(msgspec.Struct, frozen=True):
    """One thing that happened at the drawer; `cash_cents` is what it did to the cash in it."""

    kind: EntryKind
    cash_cents: int
    at: int
    staff: str
    reason: str = ""
    ref: str = ""


class Till(msgspec.Struct, frozen=True):
    """A session. `number` runs without a gap on each register; `previous` is the session before it."""

    id: str
    register: int
    number: int
    business_date: str
    opened_at: int
    opened_by: str
    float_cents: int
    previous: str = ""


class TenderSum(msgspec.Struct, frozen=True):
    """All money of one kind (and card brand) in a session."""

    kind: str
    brand: str
    count: int
    taken_cents: int
    refunded_cents: int


class TillReport(msgspec.Struct, frozen=True):
    """An X report (session still open) or, frozen at closing, a Z report. All amounts in cents."""

    kind: Literal["X", "Z"]
    till: Till
    made_at: int
    made_by: str
    shop: str
    register_name: str
    currency: str
    locale: str
    sales: int
    returns: int
    voids: int
    no_sales: int
    units_sold: int
    units_returned: int
    gross_cents: int
    discount_cents: int
    net_cents: int
    refund_cents: int
    taxes: tuple[TaxPart, ...]
    exempt_cents: int
    rounding_cents: int
    tenders: tuple[TenderSum, ...]
    entries: tuple[TillEntry, ...]
    first_receipt: str
    last_receipt: str
    expected_cents: int
    counted_cents: int | None = None
    denominations: tuple[tuple[int, int], ...] = ()
    left_cents: int | None = None
    closed_at: int | None = None
    closed_by: str = ""
    unsent: tuple[str, ...] = ()
    journal_head: str = ""
    z_number: int = 0
    grand_total_cents: int = 0

    @property
    def over_cents(self) -> int | None:
        """Return counted minus expected: positive is over, negative is short."""
        return None if self.counted_cents is None else self.counted_cents - self.expected_cents


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


def denominations(currency: str) -> tuple[int, ...]:
    """Return the notes and coins of a currency; an unknown one counts as the euro does."""
    return DENOMINATIONS.get(currency, DENOMINATIONS["EUR"])


def counted(count: tuple[tuple[int, int], ...]) -> int:
    """Return what a count of (denomination, pieces) comes to, in cents."""
    return sum(value * pieces for value, pieces in count)


def quick_cash(due_cents: int, currency: str) -> tuple[int, ...]:
    """Return up to five amounts a customer is likely to hand over for `due_cents`, smallest first.

    The exact amount, then the next whole amounts that notes of this currency make.
    """
    found = {due_cents}
    for value in denominations(currency):
        if value >= 500 or currency == "JPY":
            found.add(-(-due_cents // value) * value)
    return tuple(sorted(found)[:5])


def business_date(at: int, zone: str, cutoff_hour: int) -> str:
    """Return the trading day (YYYY-MM-DD) of a moment: before the cut-off hour it is still yesterday."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    return (local - timedelta(hours=cutoff_hour)).date().isoformat()


def date_fault(today: str, last: str) -> str:
    """Return what is odd about opening a till on `today` after a session of `last`, or an empty text."""
    if not last:
        return ""
    gap = (date.fromisoformat(today) - date.fromisoformat(last)).days
    if gap < 0:
        return f"The clock says {today}, but the last till was for {last}. Check the computer's date."
    if gap > 60:
        return (
            f"The last till was for {last}, more than two months before {today}. Check the computer's date."
        )
    return ""
