"""Taking goods back without a window: by receipt, by scan, without a receipt, and what is said meanwhile."""

from __future__ import annotations

import pytest

from bookwish_desk.actions import paying, returning
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.shop.errors import Refused
from bookwish_desk.ui.returns.presenter import ReturnPresenter
from bookwish_desk.ui.returns.state import ReturnState
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, Counter
from tests.support.shops import hire, put_titles, station_for

pytestmark = pytest.mark.capability("BW+03")

DAY = 24 * 3_600_000


class Desk(Counter):
    """A counter with the return sheet's presenter."""

    def __init__(self, folder, role="owner", **settings):
        super().__init__(folder, **settings)
        self.owner = self.actor
        actor = self.actor if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, actor, role=role)
        self.returns = ReturnPresenter(self.station)
        self.states: list[ReturnState] = []
        self.added: list[Ringing] = []
        self.returns.render = self.states.append
        self.returns.on_added = self.added.append

    def give_cash(self, draft):
        """Complete a return in cash."""
        paying.pay_cash(self.store, self.owner, draft.id, 0)

    @property
    def state(self) -> ReturnState:
        return self.returns.state

    def rows(self):
        return [(x.title, x.left, x.coming.quantity, x.worth) for x in self.state.lines]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_scanned_receipt_shows_its_lines(desk):
    sale = desk.sell((ORLANDO, 2), (OVERSTORY, 1))
    desk.returns.open()
    assert desk.state.step == "receipt"
    desk.station.scanned(sale.receipt)
    assert desk.state.step == "lines"
    assert desk.state.heading == f"Receipt {sale.receipt}"
    assert "Olive Owner" in desk.state.details and "$57.63" in desk.state.details
    assert desk.rows() == [("Orlando", 2, 0, ""), ("The Overstory", 1, 0, "")]
    assert (desk.state.refund, desk.state.selected, desk.state.late) == ("", 1, "")


def test_copies_are_chosen_weighed_and_taken_back(desk):
    sale = desk.sell((ORLANDO, 2), (OVERSTORY, 1))
    desk.returns.open(sale.receipt)
    desk.returns.set_copies(1)
    assert desk.rows()[0] == ("Orlando", 2, 1, "$18.50")
    desk.returns.choose_line(2)
    desk.returns.set_copies(5)
    assert desk.state.line.coming.quantity == 1, "never more than are left"
    desk.returns.set_disposition("damaged")
    desk.returns.set_reason("Pages missing")
    assert desk.state.refund == "$39.13"
    desk.returns.take_back()
    assert desk.state.step == "closed"
    (ringing,) = desk.added
    assert [(r.title, r.quantity, r.disposition, r.reason) for r in ringing.draft.returns] == [
        ("Orlando", 1, "restock", ""),
        ("The Overstory", 1, "damaged", "Pages missing"),
    ]
    assert ringing.due_cents == -3913


def test_return_all_means_every_copy_that_is_left(desk):
    sale = desk.sell((ORLANDO, 3))
    draft = returning.add(desk.store, desk.actor, "", sale.id, 1, 1).value.draft
    desk.give_cash(draft)
    desk.returns.open(sale.receipt)
    desk.returns.return_all()
    assert desk.rows() == [("Orlando", 2, 2, desk.state.refund)]
    assert desk.state.lines[0].details == "Virginia Woolf · 1 came back before"


def test_scanned_books_are_counted_up(desk):
    sale = desk.sell((ORLANDO, 2), (OVERSTORY, 1))
    desk.returns.open(sale.receipt)
    for _ in range(2):
        desk.station.scanned("978-0-15-670160-0")
    desk.station.scanned(OVERSTORY.sku)
    assert [x.coming.quantity for x in desk.state.lines] == [2, 1]
    assert desk.state.selected == 2
    desk.station.scanned(ORLANDO.sku)
    assert desk.state.notice == "No more copies of Orlando can come back."
    desk.station.scanned("9780140449136")
    assert desk.state.notice == "That was not sold on this receipt."
    desk.station.scanned("4111 1111 1111 1111")
    assert "card" in desk.state.notice and desk.state.tone == "warn"


def test_what_is_in_the_sale_already_is_shown_and_can_be_taken_out(desk):
    sale = desk.sell((ORLANDO, 2))
    desk.returns.open(sale.receipt)
    desk.returns.set_copies(2)
    desk.returns.take_back()
    desk.returns.open(sale.receipt)
    assert desk.rows() == [("Orlando", 2, 2, desk.state.refund)]
    desk.returns.set_copies(0)
    assert desk.state.refund == ""
    desk.returns.take_back()
    assert desk.added[-1].draft.returns == ()


def test_nothing_chosen_takes_nothing_back(desk):
    desk.returns.open(desk.sell().receipt)
    desk.returns.take_back()
    assert desk.state.step == "lines"
    assert desk.added == []


def test_an_old_receipt_is_said_and_allowed(desk):
    sale = desk.sell()
    desk.clock.at += 45 * DAY
    desk.returns.open(sale.receipt)
    assert desk.state.late == "This receipt is 45 days old. Returns are for 30 days."
    desk.returns.return_all()
    desk.returns.take_back()
    assert len(desk.added) == 1


@pytest.mark.parametrize("typed", ["R1-000099", "nonsense", "9780156701600"])
def test_a_receipt_that_is_none_is_said(desk, typed):
    desk.returns.open(typed)
    assert desk.state.step == "receipt"
    assert desk.state.notice.endswith(".")


def test_a_receipt_of_which_everything_came_back_says_so(desk):
    sale = desk.sell()
    draft = returning.add(desk.store, desk.actor, "", sale.id, 1, 1).value.draft
    desk.give_cash(draft)
    desk.returns.open(sale.receipt)
    assert desk.state.notice == "Everything on this receipt came back."
    desk.returns.return_all()
    desk.returns.take_back()
    assert desk.added == []


def test_a_refusal_stays_on_the_sheet(desk):
    sale = desk.sell((ORLANDO, 1), (OVERSTORY, 1))
    desk.returns.open(sale.receipt)
    desk.returns.return_all()
    draft = returning.add(desk.store, desk.owner, "", sale.id, 1, 1).value.draft
    desk.give_cash(draft)
    desk.returns.take_back()
    assert desk.state.step == "lines"
    assert desk.state.notice == "Only 0 of 1 can still be returned on this receipt."


def test_closing_gives_the_scanner_back(desk):
    class Screen:
        def __init__(self):
            self.codes: list[str] = []

        def scanned(self, code):
            self.codes.append(code)

    screen = Screen()
    desk.station.own_scans(screen)
    desk.returns.open()
    desk.station.scanned(ORLANDO.sku)
    assert screen.codes == []
    assert desk.state.notice == "Scan the receipt first, or take it back without one."
    desk.returns.close()
    desk.station.scanned(ORLANDO.sku)
    assert screen.codes == [ORLANDO.sku]


def test_an_answer_that_comes_after_closing_opens_nothing(desk):
    sale = desk.sell()
    desk.returns.open()
    desk.returns.close()
    desk.returns.find(sale.receipt)
    assert desk.state.step == "closed"


def test_a_refusal_that_comes_after_closing_is_said_by_the_window(desk):
    desk.returns.open()
    desk.returns.close()
    desk.returns._refused(Refused("returned", "Somebody was faster."))
    assert desk.front.said == [("Somebody was faster.", "error")]
    assert desk.states[-1].step == "closed"


# ---- without a receipt ----


def loose(desk):
    put_titles(desk.store, [(ORLANDO_EAN, "Orlando", "Virginia Woolf", 1699)])
    desk.returns.open()
    desk.returns.go_loose()
    desk.station.scanned(ORLANDO.sku)


def test_a_book_without_a_receipt_goes_back_at_a_price_with_a_reason(desk):
    loose(desk)
    assert (desk.state.item.title, desk.state.item.price) == ("Orlando", "16.99")
    desk.returns.loose.add_loose("9,99", 2, "damaged", "A gift they had")
    (ringing,) = desk.added
    (line,) = ringing.draft.returns
    assert (line.price_cents, line.quantity, line.disposition) == (999, 2, "damaged")
    assert desk.state.step == "closed"


def test_what_is_no_price_is_refused_where_it_was_typed(desk):
    loose(desk)
    with pytest.raises(Refused):
        desk.returns.loose.add_loose("1e5", 1, "restock", "Gift")
    assert desk.added == []


def test_an_unknown_code_is_said(desk):
    desk.returns.open()
    desk.returns.go_loose()
    desk.station.scanned("9780140449136")
    assert desk.state.notice == "Nothing is known about 9780140449136."
    desk.returns.entered("R1-000099")
    assert desk.state.step == "receipt"


def test_items_are_searched_as_typed(desk):
    desk.sell((ORLANDO, 1))
    desk.returns.open()
    desk.returns.go_loose()
    desk.returns.loose.typed("woolf orl")
    assert [f.title for f in desk.state.found] == ["Orlando"]
    desk.returns.entered("woolf orl")
    assert desk.state.item.title == "Orlando"
    assert desk.state.words == ""
    desk.returns.back_to_receipt()
    assert (desk.state.step, desk.state.item) == ("receipt", None)


def test_staff_need_a_manager_for_it_and_a_double_click_adds_one_line(tmp_path):
    desk = Desk(tmp_path, role="staff")
    loose(desk)
    desk.returns.loose.add_loose("16.99", 1, "restock", "Gift")
    desk.returns.loose.add_loose("16.99", 1, "restock", "Gift")
    assert desk.added == []
    assert {n.facts["permission"] for n, _ in desk.front.asked} == {"sale.return_unreceipted"}
    for _, given in desk.front.asked:
        given(desk.approved(desk.station.actor, "sale.return_unreceipted", ORLANDO.sku).approval)
    assert [len(r.draft.returns) for r in desk.added if r.draft] == [1, 1]
