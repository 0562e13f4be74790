"""The promise board without a window: order, sections, kinds, words, the choice, the way to orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import late_orders
from bookwish_desk.ui.promises import words
from bookwish_desk.ui.promises.presenter import NONE_HERE, NOTHING, PromisesPresenter
from tests.support.hours import HOURS, ZONE, at
from tests.support.orders import EMMA, line, made, received, shelved, stepped
from tests.support.shops import FrozenClock, found_shop, station_for


class Desk:
    """A shop on a Tuesday morning, with the presenter of the board."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock(at("2026-11-24 11:00"))
        settings = Settings(shop_name="Test Books", zone=ZONE, hours=HOURS)
        self.store: Store
        self.store, self.owner = found_shop(folder, settings, self.clock)
        self.station, self.front = station_for(self.store, self.owner)
        self.board = PromisesPresenter(self.station)
        self.opened: list[str] = []
        self.board.on_order = self.opened.append

    @property
    def state(self) -> Any:
        """Return what the board shows."""
        return self.board.state

    def order(self, number: str, placed: str, *steps: Step | str, **more: Any) -> Order:
        """Take an order in and take steps with it, now."""
        lines = more.pop("lines", ())
        kept = received(self.store, self.owner, made(number, *lines, placed_at=at(placed), **more))
        return stepped(self.store, self.owner, kept, *steps)

    def listed(self) -> list[tuple[str, str, str]]:
        """Return section, kind and number of each row."""
        return [(r.section, r.kind, r.number) for r in self.state.rows]

    def row(self, kind: str, number: str = "") -> Any:
        """Return the one row of a kind."""
        (found,) = [r for r in self.state.rows if r.kind == kind and (not number or r.number == number)]
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made_desk = Desk(tmp_path)
    yield made_desk
    made_desk.store.close()


@pytest.mark.capability("OMG-01", "OMG-12", "IC-25")
def test_every_deadline_is_in_one_list_what_breaks_next_first(desk: Desk) -> None:
    desk.order("B-1", "2026-11-23 09:30")  # confirmed by Tuesday 9:30 it should have been
    desk.order("B-2", "2026-11-24 10:30")
    desk.order("B-3", "2026-11-10 12:00", state="in_checkout", payment=Payment())
    desk.board.shown()
    assert desk.listed() == [
        ("late", "confirm", "B-1"),
        ("today", "process", "B-1"),  # it breaks before Wednesday's opening
        ("week", "confirm", "B-2"),
        ("week", "process", "B-2"),
        ("later", "checkout", "B-3"),
    ]
    assert dict(desk.state.counts) == {"late": 1, "today": 1, "week": 2, "later": 1}
    late = desk.row("confirm", "B-1")
    assert (late.what, late.customer, late.badge, late.left) == (
        "Confirm the order.",
        "Ada Example",
        "Late",
        "1 h late",
    )
    assert late.why == "Placed yesterday 9:30 AM, within 24 hours"
    soon = desk.row("process", "B-2")
    assert (soon.when, soon.left, soon.badge) == ("Thu 10:30 AM", "in 47 h", "")
    assert desk.row("checkout").what == "Nobody finished the checkout: it can be given up."


@pytest.mark.capability("OMG-27")
def test_deadlines_are_told_in_the_shops_opening_hours(desk: Desk) -> None:
    """What breaks on a Sunday must be done on Saturday before four."""
    desk.clock.at = at("2026-11-28 11:00")
    desk.order("B-1", "2026-11-28 10:55")
    desk.board.shown()
    confirm = desk.row("confirm")
    assert (confirm.section, confirm.when, confirm.left) == ("today", "4:00 PM", "in 4 h")
    # When the shop has closed over it, it is the end of the promise that still counts.
    desk.clock.at = at("2026-11-29 09:00")
    desk.board.tick()
    confirm = desk.row("confirm")
    assert (confirm.section, confirm.when, confirm.left) == ("today", "10:55 AM", "in 1 h")
    assert confirm.badge == "Soon"


@pytest.mark.capability("IC-28", "IC-30", "BW+09", "OMG-22", "WSM-21", "IC-23", "WSM+04")
def test_every_kind_of_promise_stands_on_the_board(desk: Desk) -> None:
    shelved(desk.store, desk.owner, copies=5)
    pay = Payment(authorised_cents=9_900, expires_at=at("2026-11-26 12:00"))
    desk.order("AUTH", "2026-11-24 09:00", payment=pay)
    desk.order("HOLD", "2026-11-24 09:00", "start", "pick", "ready")
    sent = ("start", "pick", "check", "pack")
    dated = Step("ship", carrier="USPS", tracking="9400", expected_on="2026-11-27")
    desk.order("DATED", "2026-11-24 09:00", *sent, dated, kind="ship")
    memo = "Call\nif not there by Friday"
    desk.order("AWAY", "2026-11-24 09:00", *sent, Step("ship", tracking="9401"), kind="ship", memo=memo)
    desk.order("THEIRS", "2026-11-24 09:00", "send_to_wholesaler", kind="ship", lines=(line(EMMA),))
    desk.order("CART", "2026-11-24 09:00", state="in_checkout", payment=Payment())
    desk.order("BACK", "2026-11-24 09:00", Step("cancel", reason="Gone"))
    desk.order("STREET", "2026-11-24 09:00", lines=(line(EMMA, street_date="2026-12-01"),))
    desk.board.shown()
    assert desk.row("authorisation").why == "$99.00 authorised on a card"
    assert desk.row("delivery", "DATED").why == "USPS 9400"
    assert desk.row("delivery", "DATED").when == "Fri 6:00 PM"
    assert desk.row("complete").number == "AWAY"
    assert desk.row("complete").why == "Sent 11:00 AM, within 14 days · Call if not there by Friday"
    assert desk.row("wholesaler").number == "THEIRS"
    assert desk.row("checkout").number == "CART"
    assert desk.row("refund").number == "BACK"
    assert desk.row("street_date").why == "Emma"
    assert {r.kind for r in desk.state.rows if r.number == "HOLD"} >= {"hold_first", "hold_last"}
    assert desk.state.kinds[0][0] == ""
    for kind, name in desk.state.kinds[1:]:
        assert name == f"{words.KIND_NAMES[kind]} ({sum(r.kind == kind for r in desk.state.rows)})"


@pytest.mark.capability("WSM+04", "IC-15")
def test_the_list_can_be_narrowed_by_kind_and_section(desk: Desk) -> None:
    desk.order("B-1", "2026-11-23 09:30")
    desk.order("CART", "2026-11-24 09:00", state="in_checkout", payment=Payment())
    desk.board.shown()
    desk.board.show_kind("checkout")
    assert desk.listed() == [("later", "checkout", "CART")]
    assert dict(desk.state.counts) == {"late": 0, "today": 0, "week": 0, "later": 1}
    desk.board.show_section("late")
    assert (desk.listed(), desk.state.empty) == ([], NONE_HERE)
    desk.board.show_kind("")
    assert desk.listed() == [("late", "confirm", "B-1")]
    desk.board.show_section("")
    assert len(desk.listed()) == 3


def test_a_kind_that_is_gone_is_looked_for_no_longer(desk: Desk) -> None:
    cart = desk.order("CART", "2026-11-24 09:00", state="in_checkout", payment=Payment())
    desk.order("B-1", "2026-11-24 09:30")
    desk.board.shown()
    desk.board.show_kind("checkout")
    stepped(desk.store, desk.owner, cart, "abandon")
    desk.station.changed(frozenset({"orders"}))
    assert desk.state.kind == ""
    assert {r.number for r in desk.state.rows} == {"B-1"}


def test_an_empty_board_says_so(desk: Desk) -> None:
    desk.board.shown()
    assert (desk.state.rows, desk.state.empty, desk.state.facts) == ((), NOTHING, "")


def test_the_choice_stays_while_time_and_orders_go_on(desk: Desk) -> None:
    first = desk.order("B-1", "2026-11-24 09:00")
    desk.order("B-2", "2026-11-24 10:00")
    desk.board.shown()
    assert desk.state.selected == desk.state.rows[0].key
    chosen = desk.row("confirm", "B-2").key
    desk.board.choose(chosen)
    desk.clock.at += 5 * 60_000
    desk.board.tick()
    desk.order("B-0", "2026-11-24 08:00")
    desk.station.changed(frozenset({"orders"}))
    assert desk.state.selected == chosen
    # What takes the place of a line that is done is chosen next, and not the top of the list again.
    place = [r.key for r in desk.state.rows].index(chosen)
    second = next(r for r in desk.state.rows if r.key == chosen).order_id
    stepped(desk.store, desk.owner, replace(first, id=second), "confirm")
    desk.station.changed(frozenset({"orders"}))
    assert desk.state.selected == desk.state.rows[place].key


def test_a_row_leads_to_its_order_and_so_does_a_scanned_number(desk: Desk) -> None:
    order = desk.order("BW-20261124-AB12", "2026-11-24 09:00")
    desk.board.shown()
    desk.board.open(desk.state.rows[1].key)
    desk.board.open()
    desk.station.scanned("BW-20261124-AB12")
    assert desk.opened == [order.id] * 3
    desk.station.scanned("9780156701600")
    assert desk.opened == [order.id] * 4
    desk.station.scanned("9780141439587")
    assert desk.state.notice == "No order is waiting for 9780141439587."
    desk.order("B-2", "2026-11-24 09:00")
    desk.station.scanned("9780156701600")
    assert desk.state.notice == "2 orders have this book or number. Find them in the orders."
    desk.board.hidden()
    desk.station.scanned("BW-20261124-AB12")
    assert len(desk.opened) == 4


@pytest.mark.capability("IC+11", "OMG-26")
def test_money_that_waits_for_completion_is_told(desk: Desk) -> None:
    shelved(desk.store, desk.owner, copies=2)
    order = desk.order("B-1", "2026-11-24 09:00", kind="ship")
    desk.order("B-2", "2026-11-24 09:00")
    desk.board.shown()
    assert desk.state.facts == "Captured and not completed: $33.98 in 2 orders"
    stepped(desk.store, desk.owner, order, "start", "pick", "check", "pack", Step("ship", tracking="1"))
    desk.station.changed(frozenset({"orders"}))
    assert desk.state.facts == "Captured and not completed: $33.98 in 2 orders"
    stepped(desk.store, desk.owner, order, "deliver")
    desk.station.changed(frozenset({"orders"}))
    assert desk.state.facts == "Captured and not completed: $16.99 in 1 order"


def test_nothing_is_read_while_another_screen_is_in_front(desk: Desk) -> None:
    desk.order("B-1", "2026-11-24 09:00")
    desk.board.tick()
    desk.station.changed(frozenset({"orders"}))
    assert desk.state.rows == ()
    desk.board.shown()
    assert desk.state.rows
    desk.board.hidden()
    desk.order("B-2", "2026-11-24 09:00")
    desk.board.tick()
    assert "B-2" not in {r.number for r in desk.state.rows}


def test_a_promise_that_the_shop_switched_off_is_not_there(desk: Desk) -> None:
    settings = desk.store.settings
    off = tuple(replace(p, active=p.id != "confirm") for p in settings.promises)
    orders = [made(placed_at=at("2026-11-24 09:00"))]
    found = words.rows(orders, replace(settings, promises=off), desk.clock.at)
    assert [r.kind for r in found] == ["process"]


def test_words_of_a_customer_are_cleaned(desk: Desk) -> None:
    odd = made(placed_at=at("2026-11-24 09:00"))
    assert odd.customer is not None
    odd = replace(odd, number="N\x1b[31m", customer=replace(odd.customer, name="Ada\n\u202eExample"))
    (first, *_) = words.rows([odd], desk.store.settings, desk.clock.at)
    assert all(ch.isprintable() for ch in first.number + first.customer)


def test_late_counts_orders_and_not_their_deadlines(desk: Desk) -> None:
    orders = [made(f"B-{n}", placed_at=at("2026-11-20 09:00")) for n in range(3)]
    fresh = made("B-9", placed_at=at("2026-11-24 10:00"))
    settings = desk.store.settings
    assert late_orders([*orders, fresh], settings.opening, settings.promises, desk.clock.at) == 3
