"""The day's end: parcels by carrier, lists made and printed, visits asked for and booked, handing over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying
from bookwish_desk.db import outbox
from bookwish_desk.shop.slip import Slip
from bookwish_desk.ui.day_end.presenter import DayEndPresenter
from bookwish_desk.ui.day_end.visits import AskVisitStep, BookVisitStep, VisitStep
from bookwish_desk.ui.forms.inputs import Values
from tests.support.fake_carriers import UPS
from tests.support.label_desk import LabelDesk


class Day(LabelDesk):
    """The desk with labels bought and the presenter of the screen."""

    def __init__(self, folder: Path, **more) -> None:
        super().__init__(folder, **more)
        self.after = self.with_after()
        self.buy_all(2)
        third = self.ask(self.orders[2])
        assert third.quoted is not None
        ups = next(r for r in third.quoted.rates if r.carrier == UPS.carrier)
        buying.want(self.store, self.actor, [(third.id, ups.id)])
        self.run()
        self.presenter = DayEndPresenter(self.station)
        self.steps: list[VisitStep] = []
        self.sure: list[tuple[str, str]] = []
        self.labels_seen: list[str] = []
        self.presenter.on_step = self.steps.append
        self.presenter.on_sure = self._sure
        self.presenter.on_label = self.labels_seen.append
        self.presenter.shown()

    def _sure(self, title: str, text: str, _verb: str, then: Callable[[], None]) -> None:
        self.sure.append((title, text))
        then()

    @property
    def state(self):
        return self.presenter.state

    def answer(self) -> None:
        """Let carriers answer, and the screen see it."""
        self.after.run(self.after.handing, most_ms=600_000)
        self.station.changed(frozenset({"postage"}))
        self.presenter.rested()
        self.presenter.rested()

    def do(self, step: VisitStep, **texts: str) -> None:
        """Answer a step and let it be done."""
        step.open()
        step.changed(Values(texts))
        step.submit(Values(texts))
        assert step.state.done, step.state.notice
        step.close()

    def facts(self) -> str:
        carrier = self.state.carrier
        assert carrier is not None
        return "\n".join(f"{name}: {words}" for name, words in carrier.facts)

    def job(self, ref: str, kind: str):
        with self.store.read() as conn:
            return outbox.latest(conn, ref, kind)


@pytest.fixture
def desk(tmp_path: Path) -> Day:
    return Day(tmp_path)


@pytest.mark.capability("WSM-18", "OMG-14")
def test_lists_are_made_printed_and_parcels_handed_over(desk: Day) -> None:
    assert [(c.name, c.parcels, c.badge) for c in desk.state.carriers] == [
        ("UPS", "1 parcel", "To list"),
        ("USPS", "2 parcels", "To list"),
    ]
    assert desk.state.sums.startswith("3 parcels, ")
    assert desk.state.sums.endswith("$19.90")
    desk.presenter.choose("USPS")
    assert [p.number for p in desk.state.parcels] == ["BW-001", "BW-002"]
    desk.presenter.make_lists()
    assert "USPS: one form for 2 parcels is being made." in desk.state.notice
    assert "UPS: a list of our own" in desk.state.notice
    desk.answer()
    assert {c.name: c.badge for c in desk.state.carriers} == {"USPS": "Listed", "UPS": "Listed"}
    assert "2 parcels on one form" in desk.facts()

    desk.presenter.print_list()
    assert desk.state.notice == "The form of USPS is printed."
    day = desk.state.heading
    assert day.startswith("End of day, ")
    assert desk.job("USPS 2026-09-21", "manifest") is not None
    desk.presenter.choose("UPS")
    desk.presenter.print_list()
    slip = desk.job("Parcels 2026-09-21", "report")
    assert slip is not None
    said = str(msgspec.json.decode(slip.payload, type=Slip).elements)
    assert "BW-003" in said
    assert "BW-001" not in said

    desk.presenter.hand_over()
    assert desk.sure == [("Hand over 1 parcel?", "UPS took them.")]
    assert desk.state.notice == "1 parcel handed over."
    assert {c.name: c.badge for c in desk.state.carriers} == {"USPS": "Listed", "UPS": "Handed over"}
    desk.presenter.hand_over()
    assert len(desk.sure) == 1, "nothing is left to hand over"


def test_orders_become_shipped_when_they_are_handed_over_where_the_shop_wants_that(tmp_path: Path) -> None:
    desk = Day(tmp_path, shipped_with="handover")
    assert not desk.order_now(0).packed_off
    desk.presenter.choose("USPS")
    desk.presenter.hand_over()
    assert "customers hear of it" in desk.sure[0][1]
    assert desk.state.notice == "2 parcels handed over. 2 orders shipped."
    assert desk.order_now(0).parcels[0].tracking
    assert desk.order_now(0).packed_off
    assert not desk.order_now(2).packed_off


def test_the_list_of_the_day_is_printed_with_every_carrier(desk: Day) -> None:
    desk.presenter.print_day()
    slip = desk.job("Parcels 2026-09-21", "report")
    assert slip is not None
    said = str(msgspec.json.decode(slip.payload, type=Slip).elements)
    assert all(number in said for number in ("BW-001", "BW-002", "BW-003", "USPS", "UPS"))


def test_what_a_carrier_makes_no_form_of_is_listed_again(desk: Day) -> None:
    desk.carriers.faults[("manifest", 0)] = "failure"
    desk.presenter.choose("USPS")
    desk.presenter.make_lists()
    desk.answer()
    assert "The carrier refused it." in desk.facts()
    carrier = desk.state.carrier
    assert carrier is not None
    assert (carrier.badge, carrier.asks) == ("No list", True)
    desk.presenter.make_lists()
    desk.answer()
    carrier = desk.state.carrier
    assert carrier is not None
    assert (carrier.badge, carrier.asks) == ("Listed", False)


@pytest.mark.capability("WSM-18", "OMG-14")
def test_a_visit_is_priced_booked_and_called_off(desk: Day) -> None:
    desk.presenter.choose("USPS")
    desk.presenter.ask_visit()
    asked = desk.steps.pop()
    assert isinstance(asked, AskVisitStep)
    asked.open()
    asked.submit(Values({"first": "12", "last": "9"}))
    assert next(i for i in asked.state.asked.inputs if i.key == "last").error
    desk.do(asked, first="9", last="12", words="Ring at the back door")
    desk.answer()
    assert "Visit: Priced" in desk.facts()
    desk.presenter.ask_visit()
    book = desk.steps.pop()
    assert isinstance(book, BookVisitStep)
    desk.do(book, service="SameDay")
    desk.answer()
    assert "Booked: between" in desk.facts()
    assert "Confirmation WTC1." in desk.facts()
    assert "$15.00" in desk.facts()
    assert len(desk.after.carriers.bookings) == 1
    desk.presenter.cancel_visit()
    desk.answer()
    assert "Visit" not in desk.facts()
    carrier = desk.state.carrier
    assert carrier is not None
    assert carrier.visits


def test_a_scan_finds_a_parcel_and_its_label_opens(desk: Day) -> None:
    desk.station.scanned("BW-003")
    assert desk.state.selected == UPS.carrier
    desk.presenter.see_label()
    assert desk.labels_seen == [desk.labels()[2].id]
    desk.station.scanned("BW-004")
    assert "not among the parcels" in desk.state.notice


def test_without_an_account_handing_over_still_works(desk: Day) -> None:
    settings = desk.station.settings
    desk.station.settings = replace(settings, shipping=replace(settings.shipping, broker="none"))
    desk.presenter.shown()
    assert desk.state.barred.startswith("No carriers' account")
    desk.presenter.hand_over()
    assert "handed over" in desk.state.notice
