"""A full Z report as a value, for tests of what shows and prints it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bookwish_desk.shop.tax import TaxPart
from bookwish_desk.shop.till import (
    Count,
    HeldSale,
    StaffSum,
    Takings,
    TenderSum,
    Till,
    TillEntry,
    TillReport,
)
from tests.support.shops import NOON

MINUTE = 60_000
TILL = Till("t2", 1, 2, "2026-09-21", NOON, "Olive Owner", 15_000, "t1")
TAKINGS = Takings(
    sales=3,
    returns=1,
    units_sold=7,
    units_returned=1,
    gross_cents=7_700,
    discount_cents=200,
    net_cents=7_500,
    refund_cents=2_000,
    added_tax_cents=244,
    total_cents=5_744,
    rounding_cents=1,
    exempt_cents=1_000,
    untaxed_cents=1_500,
    taxes=(TaxPart("City", 15_000, 2_000, 30), TaxPart("State", 62_500, 3_000, 214)),
    tenders=(TenderSum("cash", "", 1, 5_400, 1, 2_155), TenderSum("card", "Visa", 1, 2_500, 0, 0)),
    staff=(StaffSum("Maya Rodríguez 東京", 2, 0, 5, 4_500), StaffSum("Olive Owner", 1, 1, 1, 1_000)),
    first_receipt="R1-000001",
    last_receipt="R1-000004",
)
ENTRIES = (
    TillEntry("float", 15_000, NOON, "Olive Owner"),
    TillEntry("sale", 5_400, NOON + MINUTE, "Olive Owner", ref="R1-000001"),
    TillEntry("refund", -2_155, NOON + 2 * MINUTE, "Olive Owner", ref="R1-000004"),
    TillEntry("paid_in", 2_000, NOON + 3 * MINUTE, "Olive Owner", "Change from the bank"),
    TillEntry("paid_out", -350, NOON + 4 * MINUTE, "Maya Rodríguez 東京", "Stamps"),
    TillEntry("drop", -5_000, NOON + 5 * MINUTE, "Olive Owner", "Midday"),
    TillEntry("no_sale", 0, NOON + 6 * MINUTE, "Olive Owner", "Change for the meter"),
)


def z_report(**changes: Any) -> TillReport:
    """Return a Z report with a little of everything; its sums agree."""
    report = TillReport(
        kind="Z",
        till=TILL,
        made_at=NOON + 600 * MINUTE,
        made_by="Olive Owner",
        shop="Harbour Lane Books",
        address="12 Harbour Lane\nPortland, ME 04101",
        register_name="Register 1",
        currency="USD",
        locale="en_US",
        zone="America/New_York",
        takings=TAKINGS,
        voids=1,
        entries=ENTRIES,
        expected_cents=14_895,
        before_cents=15_500,
        held=(HeldSale("H1-000007", "for Ann", 1_895),),
        unsent=("Receipt R1-000003 may have been printed",),
        count=Count(((5000, 2), (2000, 2), (100, 7)), 120),
        left_cents=10_000,
        journal_head="0123456789abcdef" * 4,
        z_number=12,
        grand_total_cents=123_456_789,
    )
    return replace(report, **changes)


def x_report(**changes: Any) -> TillReport:
    """Return the X report of the same till."""
    return z_report(**{"kind": "X", "count": None, "left_cents": None, "z_number": 0, **changes})
