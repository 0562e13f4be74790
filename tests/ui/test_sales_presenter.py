"""Past sales, print jobs and the activity log without a window."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import labelling, outgoing, paying, reprinting, returning, selling
from bookwish_desk.actions.returning import Part
from bookwish_desk.db import items
from bookwish_desk.shop.item import Customer
from bookwish_desk.ui.activity.presenter import PAGE, ActivityPresenter
from bookwish_desk.ui.jobs.presenter import JobsPresenter
from bookwish_desk.ui.sales.presenter import SalesPresenter
from tests.support import days
from tests.support.counter import ORLANDO, OVERSTORY, Counter
from tests.support.shops import hire, label_printer, printer, station_for


class Desk(Counter):
    """A counter with the presenters of the sales screen."""

    def __init__(self, folder, role="owner", **settings):
        super().__init__(folder, **settings)
        actor = self.actor if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, actor, role=role)
        self.sales = SalesPresenter(self.station)
        self.jobs_list = JobsPresenter(self.station)
        self.log = ActivityPresenter(self.station)
        self.returned: list[str] = []
        self.sales.on_return = self.returned.append
        self.jobs_list.on_count = self.sales.count_jobs

    @property
    def state(self):
        return self.sales.state

    def receipts(self):
        return [r.receipt for r in self.state.rows]

    def paper(self):
        return [(r.left, r.right) for r in self.state.detail.paper if r.style != "rule"]

    def bring_back(self, sale, *parts):
        draft = returning.add_all(self.store, self.actor, "", sale.id, parts).value.draft
        assert draft is not None
        return paying.pay_cash(self.store, self.actor, draft.id, 0).value.sale


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


# ---- past sales ----


def test_the_latest_sale_comes_first_and_is_written_out(desk):
    desk.sell((ORLANDO, 1))
    sale = desk.sell((ORLANDO, 2), (OVERSTORY, 1), how="card")
    desk.sales.shown()
    assert desk.receipts() == ["R1-000002", "R1-000001"]
    first = desk.state.rows[0]
    assert (first.title, first.amount, first.badge) == ("Orlando", "$57.63", "")
    assert first.details == "Sep 21, 2026, 10:13 AM · Olive Owner · 3 copies"
    assert desk.state.selected == sale.receipt
    assert desk.state.detail.heading == "Sale R1-000002"
    for row in (
        ("Orlando", "$33.98"),
        ("Virginia Woolf · 9780156701600 · 2 at $16.99", ""),
        ("Subtotal", "$52.93"),
        ("Sales tax 8.875%", "$4.70"),
        ("Total", "$57.63"),
        ("Mastercard ending 4242, approval OK1", "$57.63"),
        ("Served by Olive Owner", ""),
    ):
        assert row in desk.paper() or (row[0].replace("Mastercard", "Visa"), row[1]) in desk.paper(), row


@pytest.mark.capability("BW+03")
def test_what_came_back_is_marked_on_both_receipts(desk):
    sale = desk.sell((ORLANDO, 2), (OVERSTORY, 1))
    back = desk.bring_back(sale, Part(1, 1, "damaged", "Torn"), Part(2, 1))
    desk.sales.shown()
    assert [r.badge for r in desk.state.rows] == ["Return", ""]
    assert (f"Returned from receipt {sale.receipt}, damaged, Torn", "") in desk.paper()
    assert ("Refunded: Cash", "$39.13") in desk.paper()
    assert not desk.state.detail.can_return
    assert desk.state.detail.gifts == ()
    desk.sales.choose(sale.receipt)
    assert ("1 came back", "") in desk.paper()
    assert ("Came back", "") in desk.paper()
    assert desk.state.detail.can_return
    desk.bring_back(sale, Part(1, 1))
    desk.sales.open(sale.receipt)
    assert not desk.state.detail.can_return
    assert back.receipt != sale.receipt


def test_words_find_sales_by_title_customer_and_date(desk):
    desk.sell((ORLANDO, 1))
    draft = days.ring(desk.store, desk.actor, [(OVERSTORY, 1)])
    selling.set_customer(desk.store, desk.actor, draft.id, Customer("c", "Clarissa Dalloway"))
    days.pay(desk.store, desk.actor, draft)
    desk.sales.shown()
    for words, receipts in (
        ("overst", ["R1-000002"]),
        ("clarissa", ["R1-000002"]),
        ("woolf", ["R1-000001"]),
        ("2026-09-21 r1", ["R1-000002", "R1-000001"]),
        ("nothing like it", []),
        ("", ["R1-000002", "R1-000001"]),
    ):
        desk.sales.typed(words)
        assert desk.receipts() == receipts, words
    assert ("Customer", "Clarissa Dalloway") in desk.paper()


def test_a_scanned_receipt_opens_and_a_scanned_book_lists_its_sales(desk):
    first = desk.sell((ORLANDO, 1))
    desk.sell((OVERSTORY, 1))
    desk.sales.shown()
    desk.station.scanned(first.receipt)
    assert (desk.state.selected, desk.receipts()) == (first.receipt, [first.receipt])
    desk.sales.typed("")
    assert desk.state.selected == first.receipt, "what is looked at stays"
    desk.station.scanned(OVERSTORY.sku)
    assert desk.receipts() == ["R1-000002"]
    desk.station.scanned("4111 1111 1111 1111")
    assert desk.state.notice.startswith("This looks like a payment card number")
    desk.sales.entered("r1-000099")
    assert desk.state.notice == "Receipt R1-000099 is not in this shop's books."
    assert desk.state.detail is None
    desk.sales.hidden()
    desk.station.scanned(first.receipt)
    assert desk.state.words == "R1-000099"


def test_a_new_sale_appears_while_the_screen_is_open(desk):
    desk.sales.shown()
    assert (desk.receipts(), desk.state.detail) == ([], None)
    desk.sell()
    desk.station.changed(frozenset({"sale"}))
    assert desk.receipts() == ["R1-000001"]


def test_old_words_do_not_bring_old_answers(desk):
    desk.sell()
    desk.sales.shown()
    desk.sales._listed("older words", (), "")
    assert desk.receipts() == ["R1-000001"]


def test_a_receipt_that_may_have_printed_is_not_said_to_be_missing(desk):
    desk.sell()
    desk.end_printing("unknown")
    desk.sales.shown()
    assert (desk.state.rows[0].badge, desk.state.rows[0].wrong) == ("Perhaps printed", True)


@pytest.mark.capability("BW+03")
def test_a_receipt_that_did_not_print_says_so_and_is_printed_again(desk):
    desk.sell((ORLANDO, 1), (OVERSTORY, 1))
    desk.end_printing("failed")
    desk.sales.shown()
    assert (desk.state.rows[0].badge, desk.state.rows[0].wrong) == ("Not printed", True)
    assert desk.state.detail.printing == "Receipt R1-000001 was not printed. Out of paper."
    desk.sales.reprint()
    assert desk.front.said[-1] == ("Receipt R1-000001 is being printed.", "ok")
    assert desk.state.detail.printing == ""
    desk.sales.reprint()
    assert desk.state.notice == "Receipt R1-000001 is waiting for the printer already."
    desk.sales.gift((2,))
    assert desk.front.said[-1] == ("Gift receipt R1-000001 is being printed.", "ok")
    assert [g.title for g in desk.state.detail.gifts] == ["Orlando", "The Overstory"]
    assert len(desk.jobs("gift")) == 1


def test_a_return_is_asked_for_the_chosen_receipt(desk):
    sale = desk.sell()
    desk.sales.ask_return()
    assert desk.returned == []
    desk.sales.shown()
    desk.sales.ask_return()
    assert desk.returned == [sale.receipt]


def test_pages_are_told_and_left_for_the_next_person(desk):
    told: list[str | None] = []
    desk.sales.on_page = told.append
    desk.sales.shown()
    desk.sales.show_page("activity")
    desk.sales.hidden()
    assert told == ["list", "activity", None]
    assert desk.state.page == "list"


def test_an_exempt_sale_is_written_out(tmp_path):
    inclusive = Counter(tmp_path / "x").store.settings.tax
    desk = Desk(tmp_path / "y", tax=replace(inclusive, mode="inclusive"), cash_step=5)
    draft = days.ring(desk.store, desk.actor, [(ORLANDO, 1)], exempt=True)
    days.pay(desk.store, desk.actor, draft)
    desk.sales.shown()
    left = [row[0] for row in desk.paper()]
    assert "Tax not charged" in left
    assert "Tax exempt, certificate EX-1" in left
    assert "Change" in left


# ---- print jobs ----


def test_the_list_of_print_jobs_names_what_and_which_of_several_printers(tmp_path):
    desk = Desk(tmp_path, devices=(printer(), label_printer("Zebra")))
    with desk.store.write() as tx:
        items.keep(tx, ORLANDO)
    labelling.price_labels(desk.store, desk.actor, [(ORLANDO.sku, 2)], "shelf")
    (job,) = desk.jobs("shelf")
    outgoing.begin_sending(desk.store, job.id, b"")
    outgoing.put_back(desk.store, job.id, "Labels out.", 1_000)
    desk.jobs_list.shown()
    (row,) = desk.jobs_list.state.rows
    assert (row.what, row.words) == (
        f"Shelf label {ORLANDO.sku}",
        f"Shelf label {ORLANDO.sku} waits for Zebra. Labels out.",
    )


def test_print_jobs_are_listed_and_counted_until_somebody_settles_them(desk):
    desk.sell((ORLANDO, 1))
    desk.end_printing("unknown")
    desk.jobs_list.shown()
    (row,) = desk.jobs_list.state.rows
    assert (row.what, row.words) == (
        "Receipt R1-000001",
        "Receipt R1-000001 may not have printed. Out of paper.",
    )
    assert desk.state.jobs == 1
    desk.jobs_list.decide("printed")
    assert (desk.jobs_list.state.rows, desk.state.jobs) == ((), 0)
    assert len(desk.journal("print.decided")) == 1


def test_a_job_printed_again_waits_and_is_a_copy(desk):
    desk.sell((ORLANDO, 1))
    desk.end_printing("unknown")
    desk.jobs_list.shown()
    desk.jobs_list.decide("again")
    (row,) = desk.jobs_list.state.rows
    assert row.waits
    assert outgoing.slip_of(desk.jobs("receipt")[-1]).copy


def test_a_job_settled_meanwhile_is_said(desk):
    desk.sell((ORLANDO, 1))
    desk.end_printing("failed")
    desk.jobs_list.shown()
    job = desk.jobs_list.state.rows[0].id
    outgoing.decide(desk.store, desk.actor, job, "drop")
    desk.jobs_list.decide("again")
    assert desk.jobs_list.state.notice == "This job is being sent or was settled meanwhile."


def test_a_job_that_is_being_sent_has_no_verbs(desk):
    desk.sell((ORLANDO, 1))
    desk.end_printing("sending")
    desk.jobs_list.shown()
    (row,) = desk.jobs_list.state.rows
    assert (row.open, row.again, row.waits) == (False, False, True)
    desk.jobs_list.decide("drop")
    assert desk.journal("print.decided") == []


# ---- activity ----


@pytest.mark.capability("BW+12")
def test_the_log_says_who_did_what_newest_first(desk):
    sale = desk.sell((ORLANDO, 1))
    reprinting.gift(desk.store, desk.actor, sale.receipt)
    desk.log.shown()
    rows = desk.log.state.rows
    assert rows[0].what == "Printed a gift receipt for R1-000001."
    assert rows[1].what == "Sold 1 copy for $18.50, receipt R1-000001: Orlando."
    assert {r.who for r in rows} == {"Olive Owner"}
    assert rows[-1].what == "Set the shop up."


def test_the_log_is_narrowed(desk):
    desk.sell((ORLANDO, 1))
    desk.log.shown()
    desk.log.choose_group("till")
    assert [r.what for r in desk.log.state.rows] == ["Opened the till with $150.00."]
    desk.log.choose_group("")
    desk.log.typed("orlando")
    assert len(desk.log.state.rows) == 1
    desk.log.choose_person("nobody")
    assert desk.log.state.rows == ()
    assert desk.log.state.people == ((desk.actor.staff, "Olive Owner"),)


def test_the_log_is_loaded_page_by_page(desk):
    sale = desk.sell((ORLANDO, 1))
    for _ in range(PAGE + 5):
        reprinting.gift(desk.store, desk.actor, sale.receipt)
    desk.log.shown()
    assert (len(desk.log.state.rows), desk.log.state.more) == (PAGE, True)
    desk.log.load_older()
    seqs = [r.seq for r in desk.log.state.rows]
    assert seqs == list(range(seqs[0], 0, -1))
    assert not desk.log.state.more
    desk.log.load_older()
    reprinting.gift(desk.store, desk.actor, sale.receipt)
    desk.station.changed(frozenset({"journal"}))
    assert len(desk.log.state.rows) == len(seqs), "what is read is not moved away under the reader"


def test_staff_read_the_log_with_a_managers_approval_only(tmp_path):
    desk = Desk(tmp_path, role="staff")
    desk.log.shown()
    assert (desk.log.state.open, desk.log.state.rows) == (False, ())
    ((needs, given),) = desk.front.asked
    assert needs.facts["permission"] == "journal.read"
    desk.log.typed("x")
    assert desk.log.state.rows == ()
    desk.log.typed("")
    given(desk.approved(desk.station.actor, "journal.read", str(needs.facts["ref"])).approval)
    assert desk.log.state.open and desk.log.state.rows
    desk.log.hidden()
    assert (desk.log.state.open, desk.log.state.rows) == (False, ())
