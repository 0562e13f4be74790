"""The till screen without a window: opening, moving cash, the blind count, reports, who sees what."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from bookwish_desk.actions import outgoing, tilling
from bookwish_desk.db import outbox, tables
from bookwish_desk.paper import z_report as paper
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.staff import Actor, Person
from bookwish_desk.shop.till import Count
from bookwish_desk.ui.till.presenter import TillPresenter
from bookwish_desk.ui.till.state import TillState, decimal_mark, verdict
from tests.support import days
from tests.support.shops import FrozenClock, document_printer, found_shop, hire, printer, station_for

pytestmark = pytest.mark.capability("BW+05")

DAY = 24 * 3600 * 1000


class Desk:
    """A till presenter that is shown, with somebody signed in."""

    def __init__(self, folder: Path, **settings):
        self.clock = FrozenClock()
        self.store, self.owner = found_shop(folder, days.settings(**settings), self.clock)
        self.clerk = hire(self.store, "staff", "Sam Staff")
        self.station, self.front = station_for(self.store, self.owner)
        self.till = TillPresenter(self.station)
        self.states: list[TillState] = []
        self.till.render = self.states.append
        self.asked: list[tuple[str, object]] = []
        self.till.on_date = lambda fault, again: self.asked.append((fault, again))
        self.till.shown()

    @property
    def state(self) -> TillState:
        return self.till.state

    def sign_in(self, actor: Actor, name: str, role: str) -> None:
        self.till.hidden()
        self.station.person = Person(actor.staff, name, role)  # type: ignore[arg-type]
        self.till.shown()

    def open(self, cents: int = 15_000) -> None:
        self.till.start_count()
        self.till.counted(Count(other_cents=cents))

    def close(self, cents: int, left: str = "0") -> list[str]:
        answers: list[str] = []
        self.till.start_count()
        self.till.close(Count(other_cents=cents), left, answers.append)
        return answers

    def move(self, kind, amount: str = "", reason: str = "why") -> list[str]:
        answers: list[str] = []
        self.till.move(kind, amount, reason, answers.append)
        return answers

    def jobs(self, channel: str) -> list[str]:
        o = tables.outbox.c
        with self.store.read() as conn:
            return list(conn.execute(select(o.kind).where(o.channel == channel)).scalars())


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_till_is_opened_with_its_float(desk):
    assert (desk.state.mode, desk.state.heading) == ("closed", "The till is closed")
    desk.till.start_count()
    assert (desk.state.mode, desk.state.closing, desk.state.before_cents) == ("count", False, None)
    assert desk.jobs("drawer") == ["kick"]
    desk.till.counted(Count(((2000, 5),), 5_000))
    assert desk.state.mode == "open"
    assert desk.state.heading == "Till open since 10:13 AM"
    assert ("Opening float", "$150.00") in [(f.label, f.text) for f in desk.state.facts]
    assert desk.front.said[-1] == ("The till is open.", "ok")


def test_a_float_that_is_not_what_was_left_is_told(desk):
    desk.open()
    desk.close(15_000, "100")
    desk.till.leave()
    desk.till.start_count()
    assert desk.state.before_cents == 10_000
    desk.till.counted(Count(other_cents=9_500))
    said, tone = desk.front.said[-1]
    assert tone == "warn"
    assert "$5.00 less than the $100.00" in said


def test_an_odd_date_is_asked_about(desk):
    desk.open()
    desk.close(15_000)
    desk.till.leave()
    desk.clock.at -= 3 * DAY
    desk.open()
    assert desk.state.mode == "count"
    [(fault, open_anyway)] = desk.asked
    assert "2026-09-21" in fault
    open_anyway()
    assert desk.state.mode == "open"


@pytest.mark.parametrize(
    ("kind", "amount"), [("paid_in", "7"), ("paid_out", "$7.00"), ("drop", "7,00"), ("no_sale", "")]
)
def test_cash_moves(desk, kind, amount):
    desk.open()
    before = len(desk.jobs("drawer"))
    assert desk.move(kind, amount, "window cleaner") == [""]
    assert "window cleaner" in desk.state.moves[0].words
    assert desk.state.moves[0].details.endswith("Olive Owner")
    assert len(desk.jobs("drawer")) == before + 1


@pytest.mark.parametrize(
    ("kind", "amount", "reason", "word"),
    [
        ("paid_in", "", "x", "amount"),
        ("paid_in", "seven", "x", "amount"),
        ("paid_in", "0", "x", "amount"),
        ("paid_out", "-7", "x", "amount"),
        ("drop", "7", " ", "reason"),
        ("no_sale", "", "", "reason"),
        ("paid_out", "150.01", "x", "not that much"),
    ],
)
def test_what_is_refused_is_answered(desk, kind, amount, reason, word):
    desk.open()
    before = desk.jobs("drawer")
    [answer] = desk.move(kind, amount, reason)
    assert word in answer
    assert desk.jobs("drawer") == before


def test_a_manager_is_asked_and_the_answer_comes_afterwards(desk):
    desk.open()
    desk.sign_in(desk.clerk, "Sam Staff", "staff")
    assert desk.move("no_sale") == []
    [(needs, _given)] = desk.front.asked
    assert needs.facts["permission"] == "till.no_sale"


def test_the_count_is_blind(desk):
    desk.open(10_000)
    days.sell(desk.store, desk.owner, (days.item(price_cents=3_350, tax_class="none"), 1))
    desk.sign_in(desk.clerk, "Sam Staff", "staff")
    seen = str(desk.states[-3:])
    desk.till.start_count()
    seen += str(desk.states[-2:])
    assert (desk.state.mode, desk.state.closing) == ("count", True)
    for secret in ("13350", "133.50", "3350", "33.50"):
        assert secret not in seen
    answers: list[str] = []
    desk.till.close(Count(other_cents=13_300), "100", answers.append)
    assert answers == [""]
    assert desk.state.mode == "report"
    assert desk.state.report is not None
    assert verdict(desk.state.report) == ("The drawer is $0.50 short.", "error")


def test_recounting_is_free_before_the_count_is_committed(desk):
    desk.open()
    desk.till.start_count()
    first = desk.state.counting
    desk.till.leave()
    assert desk.state.mode == "open"
    desk.till.start_count()
    assert desk.state.counting == first + 1
    with desk.store.read() as conn:
        assert conn.execute(select(tables.till_closings.c.till)).all() == []


def test_closing_with_a_sale_open_is_refused_before_the_count(desk):
    desk.open()
    days.ring(desk.store, desk.owner, [(days.item(), 1)])
    desk.till.start_count()
    assert desk.state.mode == "open"
    assert "sale is open" in desk.front.said[-1][0]


@pytest.mark.parametrize(("left", "word"), [("150.01", "stay"), ("x", "amount"), ("", "amount")])
def test_what_stays_in_the_drawer_is_checked(desk, left, word):
    desk.open()
    [answer] = desk.close(15_000, left)
    assert word in answer
    assert desk.state.mode == "count"


def test_a_closed_till_is_printed_saved_and_kept(desk, tmp_path):
    desk.open()
    desk.close(15_020, "120")
    state = desk.state
    assert state.fresh
    assert desk.jobs("paper") == ["report"]
    pdf = Path(state.pdf)
    assert pdf == tmp_path / "reports" / "Z-1-1.pdf"
    assert "$0.20" in PdfReader(pdf).pages[0].extract_text()
    desk.till.print_report()
    assert desk.jobs("paper") == ["report", "report"]
    desk.till.leave()
    assert (desk.state.mode, desk.state.verdict, desk.state.tone) == (
        "closed",
        "The drawer was $0.20 over at the last close.",
        "warn",
    )
    [past] = desk.state.past
    assert (past.amount, past.verdict, past.words) == ("$0.20", "Over", "Monday, September 21, 2026")
    assert "Z report 1 · closed 10:13 AM by Olive Owner" in past.details


def test_a_report_of_the_past_is_saved_as_a_copy(desk, tmp_path):
    desk.open()
    desk.close(15_000)
    desk.till.leave()
    desk.till.past_report(desk.state.past[0].till)
    assert desk.state.mode == "report"
    assert desk.state.pdf == ""
    desk.till.filing.save()
    assert Path(desk.state.pdf) == tmp_path / "reports" / "Z-1-1-copy.pdf"
    assert "COPY" in PdfReader(desk.state.pdf).pages[0].extract_text()
    assert "COPY" not in PdfReader(tmp_path / "reports" / "Z-1-1.pdf").pages[0].extract_text()


def pages(desk) -> list[str]:
    """Return what stands on the first page of each document that is to be printed."""
    o = tables.outbox.c
    with desk.store.read() as conn:
        ids = conn.execute(select(o.id).where(o.channel == "page").order_by(o.id)).scalars().all()
        jobs = [outbox.by_id(conn, job) for job in ids]
    made = [outgoing.printed_of(job) for job in jobs if job is not None]
    return [PdfReader(BytesIO(p.pdf)).pages[0].extract_text() for p in made if isinstance(p, Pages)]


def test_a_report_is_printed_as_pages_and_then_as_a_copy(tmp_path):
    desk = Desk(tmp_path, devices=(printer(), document_printer()))
    desk.open()
    desk.till.x_report()
    assert desk.state.pages
    desk.till.filing.print_pages()
    assert desk.front.said[-1] == ("X report goes to the document printer.", "ok")
    desk.till.leave()
    desk.close(15_000)
    for _ in range(2):
        desk.till.filing.print_pages()
    assert not desk.state.saving
    desk.till.leave()
    desk.till.past_report(desk.state.past[0].till)
    desk.till.filing.print_pages()
    printed = pages(desk)
    assert ["X report" in printed[0], *("Z report" in p for p in printed[1:])] == [True] * 4
    assert ["COPY" in p for p in printed] == [False, False, True, True]


def test_pages_are_not_printed_without_a_printer_for_them(desk):
    desk.open()
    desk.till.x_report()
    assert not desk.state.pages
    desk.till.filing.print_pages()
    assert desk.front.said[-1] == (
        "No document printer is set up. Add one on the Devices screen.",
        "error",
    )
    assert (desk.state.saving, pages(desk)) == (False, [])


def test_a_pdf_is_copied_to_where_a_person_wants_it(desk, tmp_path):
    desk.open()
    desk.close(15_000)
    target = tmp_path / "elsewhere.pdf"
    desk.till.filing.save_copy(str(target))
    assert target.read_bytes() == Path(desk.state.pdf).read_bytes()
    assert "elsewhere.pdf" in desk.front.said[-1][0]
    desk.till.filing.save_copy(str(tmp_path / "no" / "such" / "folder.pdf"))
    assert desk.front.said[-1][1] == "error"


def test_a_pdf_that_cannot_be_written_does_not_undo_the_closing(desk, monkeypatch):
    def full(*_args, **_more):
        raise StorageError("report", "The report could not be saved.")

    monkeypatch.setattr(paper, "write_z_report", full)
    desk.open()
    assert desk.close(15_000) == [""]
    assert desk.state.mode == "report"
    assert (desk.state.pdf, desk.state.saving) == ("", False)
    assert desk.front.said[-1] == ("The report could not be saved.", "error")
    assert tilling.current_till(desk.store, 1) is None


def test_an_x_report_is_shown_printed_and_saved(desk):
    desk.open()
    days.sell(desk.store, desk.owner)
    desk.till.x_report()
    report = desk.state.report
    assert report is not None
    assert (report.kind, verdict(report)) == ("X", ("", "ok"))
    desk.till.print_report()
    assert desk.jobs("paper") == ["receipt", "report"]
    desk.till.filing.save()
    assert Path(desk.state.pdf).name.startswith("X-1-1-")
    assert "COPY" not in PdfReader(desk.state.pdf).pages[0].extract_text()


def test_a_report_goes_away_when_the_screen_is_left(desk):
    desk.open()
    desk.till.x_report()
    desk.till.hidden()
    assert desk.state.report is None
    assert desk.state.mode == "open"


def test_a_count_goes_on_for_the_same_person_only(desk):
    desk.open()
    desk.till.start_count()
    desk.till.hidden()
    desk.till.shown()
    assert desk.state.mode == "count"
    desk.sign_in(desk.clerk, "Sam Staff", "staff")
    assert desk.state.mode == "open"


def test_staff_see_neither_reports_nor_sales_at_the_drawer(desk):
    desk.open()
    days.sell(desk.store, desk.owner)
    desk.close(15_000)
    desk.till.leave()
    desk.open()
    days.sell(desk.store, desk.owner)
    desk.sign_in(desk.clerk, "Sam Staff", "staff")
    assert [m.words for m in desk.state.moves] == ["Opening float"]
    desk.till.x_report()
    desk.till.past_report(desk.state.past[0].till)
    assert [needs.facts["permission"] for needs, _ in desk.front.asked] == ["till.report"] * 2
    assert desk.state.report is None


def test_a_till_of_yesterday_is_told(desk):
    desk.open()
    assert desk.state.warning == ""
    desk.clock.at += DAY
    desk.till.shown()
    assert "Monday, September 21, 2026" in desk.state.warning


def test_a_scan_goes_to_the_sale_but_not_while_counting(desk):
    class Seller:
        def __init__(self) -> None:
            self.codes: list[str] = []

        def scanned(self, code: str) -> None:
            self.codes.append(code)

    seller = Seller()
    desk.open()
    desk.front.show_screen = lambda name: desk.station.own_scans(seller)
    desk.till.start_count()
    desk.station.scanned("9780156701600")
    assert seller.codes == []
    assert desk.front.said[-1][1] == "warn"
    desk.till.leave()
    desk.station.scanned("9780156701600")
    assert seller.codes == ["9780156701600"]


def test_a_hidden_screen_reads_nothing_when_others_sell(desk):
    desk.open()
    desk.till.hidden()
    before = len(desk.states)
    days.sell(desk.store, desk.owner)
    desk.station.changed(frozenset({"till"}))
    assert len(desk.states) == before


def test_amounts_have_the_mark_of_the_shop(tmp_path):
    assert decimal_mark(days.settings().money) == "."
    assert decimal_mark(days.settings(currency="EUR", locale="de_DE").money) == ","
    assert decimal_mark(days.settings(currency="JPY", locale="ja_JP").money) == ""
    desk = Desk(tmp_path, currency="CAD", locale="en_CA", cash_step=5)
    assert desk.state.denominations[-1] == 5
