"""What an X or Z report says: the right figures under the right words, on slips and in sections."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.hardware.receipts.layout import plain_text
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.report_slip import report_slip
from bookwish_desk.shop.till import TillEntry, report_faults
from bookwish_desk.shop.till_words import MOST_UNSENT, clock, day, sections
from tests.support.reports import TAKINGS, x_report, z_report
from tests.support.shops import NOON

pytestmark = pytest.mark.capability("BW+05")
HEAD = Letterhead("Harbour Lane Books", "12 Harbour Lane\nPortland, ME 04101")


def printed(report, columns: int = 48, copy: bool = False) -> str:
    return plain_text(report_slip(report, HEAD, copy=copy), columns)


def rows(report, title: str) -> list[tuple[str, ...]]:
    return [row.cells for section in sections(report) if section.title == title for row in section.rows]


def test_the_sample_adds_up() -> None:
    assert report_faults(z_report()) == []


def test_a_z_slip_has_every_figure() -> None:
    text = printed(z_report())
    for words in (
        "Z report 12",
        "Monday, September 21, 2026",
        "R1-000001 to R1-000004",
        "Sold 7 items                              $77.00",
        "Discounts                                 -$2.00",
        "Sales after discounts                     $75.00",
        "Returned 1 item                          -$20.00",
        "Total                                     $57.44",
        "Cash rounding                              $0.01",
        "State 6.25%                                $2.14",
        "Exempt, with certificate               on $10.00",
        "taken $54.00 (1), refunded -$21.55 (1)",
        "Visa                                      $25.00",
        "Opening float; $155.00 had been left     $150.00",
        "Should be in the drawer                  $148.95",
        "Counted                                  $148.20",
        "Short                                     -$0.75",
        "Left in the drawer                       $100.00",
        "Taken out of the drawer                   $48.20",
        "$50.00 × 2                               $100.00",
        "Other cash                                 $1.20",
        "Paid out: Stamps                          -$3.50",
        "10:17 AM, Maya Rodríguez 東京",
        "Olive Owner                               $10.00",
        "Voided sales                                   1",
        "H1-000007 for Ann                         $18.95",
        "Receipt R1-000003 may have been printed",
        "Running total of all Z reports     $1,234,567.89",
        "01234567 89abcdef",
    ):
        assert words in text, words
    assert "COPY" not in text
    assert "COPY" in printed(z_report(), copy=True)


def test_an_x_slip_says_that_the_till_is_open_and_counts_nothing() -> None:
    text = printed(x_report())
    assert "X report" in text
    assert "A look into the open till." in text
    for words in ("Counted", "Short", "Signature", "Running total", "Left in the drawer"):
        assert words not in text


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_no_line_is_wider_than_the_paper(columns: int) -> None:
    assert all(len(line) <= columns for line in printed(z_report(), columns).splitlines())


def test_over_and_right_are_said() -> None:
    over = z_report(expected_cents=14_800)
    assert ("Over", "$0.20") in rows(over, "Cash in the drawer")
    right = z_report(expected_cents=14_820)
    assert ("Right to the cent", "$0.00") in rows(right, "Cash in the drawer")


def test_tax_inside_prices_is_said_as_part_of_the_total() -> None:
    report = z_report(takings=replace(TAKINGS, added_tax_cents=0))
    assert ("of which tax", "", "$2.44") in rows(report, "Sales")
    assert ("Tax added", "", "$2.44") in rows(z_report(), "Sales")


def test_an_empty_day_has_a_short_report() -> None:
    empty = x_report(
        takings=replace(TAKINGS, **dict.fromkeys(["taxes", "tenders", "staff"], ()), first_receipt=""),
        entries=z_report().entries[:1],
        held=(),
        unsent=(),
    )
    titles = [s.title for s in sections(empty)]
    assert titles == ["Sales", "Tax", "Cash in the drawer", "Activity", "Control"]


def test_a_day_without_printer_does_not_flood_the_report() -> None:
    report = z_report(unsent=tuple(f"Receipt R1-{n:06} waits to be printed" for n in range(100)))
    assert len(rows(report, "Still to be printed or sent")) == MOST_UNSENT + 1
    assert rows(report, "Still to be printed or sent")[-1] == ("and 88 more", "")


def test_what_a_person_typed_is_never_a_command() -> None:
    nasty = TillEntry("paid_out", -1, NOON, "Bobby\x1b@", "\x1bp0\x1d\x56\x00<b>x</b>\u202edrawer\n\ncut")
    report = z_report(entries=(nasty,), held=(), unsent=("\x1b@Receipt",))
    text = printed(report)
    assert "<b>x</b>drawer cut" in text
    assert not [c for c in text if not (c.isprintable() or c == "\n")]


def test_times_are_the_shops() -> None:
    assert clock(NOON, "America/New_York", "en_US") == "10:13 AM"
    assert clock(NOON, "Asia/Tokyo", "ja_JP") == "23:13"
    assert day("2026-09-21", "de_DE") == "Montag, 21. September 2026"


def test_every_row_has_a_cell_for_each_column() -> None:
    for report in (z_report(), x_report()):
        for section in sections(report):
            assert {len(row.cells) for row in section.rows} <= {len(section.columns)}
