"""Taking money without a window: cash and change, card by terminal, cheque, several, refunds, crashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import configuring, outgoing, paying, reprinting, returning, selling, tilling
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import sales, tills
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.till import Count
from bookwish_desk.ui.pay.presenter import PayPresenter
from tests.support.shops import found_shop, station_for

BOOK = Item("9780156701600", "Orlando", ean=9780156701600, price_cents=1699)


class Desk:
    """A payment panel's presenter over a one-line sale of $18.05."""

    def __init__(self, folder: Path, **settings):
        self.store, self.actor = found_shop(folder, replace(Settings(), **settings))
        tilling.open_till(self.store, self.actor, Count(other_cents=10_000))
        self.station, self.front = station_for(self.store, self.actor)
        self.pay = PayPresenter(self.station)
        self.sold: list[Sale] = []
        self.back: list[Ringing] = []
        self.pay.on_completed = self.sold.append
        self.pay.on_back = self.back.append
        self.start()

    def start(self, item=BOOK):
        self.pay.start(selling.add(self.store, self.actor, item).value)

    @property
    def state(self) -> Any:
        return self.pay.state

    def sales(self):
        with self.store.read() as conn:
            return sales.recent(conn)

    def cash_in_drawer(self):
        till = tilling.current_till(self.store, 1)
        assert till is not None
        with self.store.read() as conn:
            return tills.in_drawer(conn, till.id)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.capability("BW+02")
def test_cash_with_change(desk):
    assert desk.state.due == "$18.05"
    assert [q.label for q in desk.state.quick] == ["$18.05", "$20.00", "$50.00", "$100.00"]
    desk.pay.cash("20")
    assert desk.state.step == "done"
    assert (desk.state.done_heading, desk.state.done_amount) == ("Change due", "$1.95")
    (sale,) = desk.sold
    assert [(t.amount_cents, t.change) for t in sale.tenders] == [(2000, False), (-195, True)]
    assert desk.cash_in_drawer() == 11_805


def test_nothing_typed_means_all_of_it(desk):
    desk.pay.cash("")
    assert (desk.state.done_heading, desk.state.done_amount) == ("Paid", "$18.05")


def test_wrong_amounts_are_said_and_nothing_moves(desk):
    for typed in ("abc", "12.345", "999999999", "-5"):
        desk.pay.cash(typed)
        assert desk.state.notice
        assert desk.state.step == "choose"
    assert desk.sales() == ()


@pytest.mark.capability("BW+02")
def test_split_over_cash_cheque_and_card(desk):
    desk.pay.cash("5")
    desk.pay.cheque("3", "000117")
    assert [t.name for t in desk.state.taken] == ["Cash", "Cheque 000117"]
    assert desk.state.due == "$10.05"
    desk.pay.start_card("")
    assert desk.state.step == "card"
    assert desk.state.card_amount == "$10.05"
    desk.pay.approve_card("Visa", "4242", "A1B2C3")
    (sale,) = desk.sold
    paid = [(t.kind, t.amount_cents) for t in sale.tenders]
    assert paid == [("cash", 500), ("cheque", 300), ("card", 1005)]
    assert desk.cash_in_drawer() == 10_500


def test_the_intent_is_stored_before_the_terminal_and_survives_a_crash(desk):
    desk.pay.start_card("")
    desk.pay = PayPresenter(desk.station)
    desk.pay.start(selling.current(desk.store, 1))
    assert desk.state.step == "card"
    desk.pay.decline_card()
    assert desk.state.step == "choose"
    assert desk.state.due == "$18.05"
    assert desk.sales() == ()


def test_a_card_number_never_enters(desk):
    desk.pay.start_card("")
    desk.pay.approve_card("Visa", "4111111111111111", "")
    assert "last four" in desk.state.notice
    desk.pay.approve_card("Visa", "1111", "4111 1111 1111 1111")
    assert "card number" in desk.state.notice
    assert desk.state.step == "card"
    assert desk.sales() == ()


def test_more_than_is_due_is_refused_but_for_cash(desk):
    desk.pay.start_card("50")
    assert "At most $18.05" in desk.state.notice
    desk.pay.cheque("50", "1")
    assert "At most $18.05" in desk.state.notice


def test_two_presses_are_one_sale(desk):
    draft = desk.pay.ringing.draft.id
    desk.pay.cash("20")
    desk.pay.cash("20")
    desk.pay.quick_cash(2000)
    again = paying.pay_cash(desk.store, desk.actor, draft, 2000).value
    assert again.sale == desk.sold[0]
    assert len(desk.sales()) == 1


def test_while_an_action_runs_the_panel_takes_no_second_one(desk):
    waiting: list[object] = []
    desk.station.lanes.act = lambda action, **kw: waiting.append(action)
    desk.pay.cash("20")
    assert desk.state.busy
    desk.pay.cash("20")
    desk.pay.quick_cash(2000)
    assert len(waiting) == 1


def test_a_payment_can_be_taken_back_and_the_sale_stays_locked_until_then(desk):
    desk.pay.cash("5")
    draft = desk.pay.ringing.draft
    line = draft.lines[0].id
    with pytest.raises(Refused, match="Remove the payment"):
        selling.set_quantity(desk.store, desk.actor, draft.id, line, 2)
    with pytest.raises(Refused, match="Give it back"):
        selling.void(desk.store, desk.actor, draft.id)
    desk.pay.remove(desk.state.taken[0].id)
    assert desk.state.due == "$18.05"
    desk.pay.back()
    assert desk.back[0].draft.tenders == ()


def test_cash_rounding_is_once_and_for_cash_only(tmp_path):
    desk = Desk(tmp_path, cash_step=5)
    desk.pay.back()
    selling.add(desk.store, desk.actor, Item("P", "Pen", price_cents=101, tax_class="none"))
    desk.pay.start(selling.current(desk.store, 1))
    assert desk.state.due == "$19.06"
    assert desk.state.cash_due == "$19.05"
    desk.pay.cash("20")
    (sale,) = desk.sold
    assert (sale.total_cents, sale.rounding_cents, sale.change_cents) == (1906, -1, 95)


def test_a_free_sale_is_completed_without_money(desk):
    desk.pay.back()
    desk.sold.clear()
    selling.void(desk.store, desk.actor, desk.back[0].draft.id)
    desk.start(Item("FREE", "Bookmark", price_cents=0))
    assert desk.state.can_complete
    desk.pay.complete()
    assert desk.sold[0].tenders == ()


def test_a_scan_begins_the_next_sale_and_never_pays(desk):
    scans: list[str] = []
    nexts: list[int] = []
    desk.pay.on_scan, desk.pay.on_next = scans.append, lambda: nexts.append(1)
    desk.station.scanned("9780156701600")
    assert len(desk.back) == 1, "nothing was taken yet: the scan goes into the sale"
    desk.pay.start(desk.back[0])
    desk.pay.cash("5")
    desk.station.scanned("9780156701600")
    assert "Finish this payment" in desk.state.notice
    desk.pay.cash("")
    desk.station.scanned("9780156701600")
    assert nexts == [1]
    assert len(scans) == 2
    assert len(desk.sales()) == 1


def test_without_a_receipt_none_is_queued(desk):
    desk.pay.want_receipt(False)
    desk.pay.cash("20")
    assert desk.state.done_printing == "No receipt."
    assert outgoing.unfinished(desk.store, 1) == ()


@pytest.mark.capability("BW+03")
def test_a_split_sale_goes_back_step_by_step_the_way_it_was_paid(desk):
    desk.pay.cash("5")
    desk.pay.start_card("")
    desk.pay.approve_card("Visa", "4242", "A1")
    (sale,) = desk.sold
    ringing = returning.add(desk.store, desk.actor, "", sale.id, 1, 1).value
    desk.pay.start(ringing)
    assert desk.state.refund
    assert desk.state.due == "$18.05"
    assert desk.state.plan == ("$13.05 to Visa 4242", "$5.00 in cash")
    desk.pay.refund_next()
    assert desk.state.step == "card"
    assert (desk.state.card_brand, desk.state.card_last4) == ("Visa", "4242")
    desk.pay.approve_card("Visa", "4242", "B2")
    assert desk.state.next_step == "$5.00 in cash"
    desk.pay.refund_next()
    assert desk.state.done_heading == "Refunded"
    back = desk.sold[1]
    assert [(t.kind, t.amount_cents) for t in back.tenders] == [("card", -1305), ("cash", -500)]
    assert back.paid_cents == -sale.paid_cents


def test_without_a_printer_nothing_is_queued_and_the_panel_says_so(tmp_path):
    desk = Desk(tmp_path)
    configuring.change_settings(desk.store, desk.actor, devices=())
    desk.station.settings = desk.store.settings
    desk.pay.start(desk.pay.ringing)
    assert not desk.state.printer
    desk.pay.cash("20")
    assert "No receipt printer" in desk.state.done_printing
    assert outgoing.unfinished(desk.store, 1) == ()
    with pytest.raises(Refused, match="No receipt printer"):
        reprinting.reprint(desk.store, desk.actor, desk.sold[0].receipt)
