"""One label after it was bought: its scans in words, given back, insured, reprinted, a way back, settled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions import packing, tracking
from bookwish_desk.shop.carriage import Track, TrackEvent
from bookwish_desk.ui.forms.inputs import YES, Values
from bookwish_desk.ui.label_steps.presenter import LabelPresenter
from bookwish_desk.ui.label_steps.returning import ReturnStep
from bookwish_desk.ui.label_steps.steps import InsureStep, LabelStep, SettleStep, VoidStep
from tests.support.label_desk import LabelDesk


class One(LabelDesk):
    """The desk with one label bought, and the presenter of its sheet."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, **more)
        self.after = self.with_after()
        self.label = self.buy_all(1)[0]
        self.steps: list[LabelStep] = []
        self.presenter = self.see(self.label.id)

    def see(self, postage_id: str) -> LabelPresenter:
        made = LabelPresenter(self.station, postage_id)
        made.on_step = self.steps.append
        made.open()
        return made

    @property
    def view(self):
        return self.presenter.state

    def facts(self) -> dict[str, str]:
        return dict(self.view.facts)

    def offers(self) -> dict[str, str]:
        return {o.act: o.why_not for o in self.view.offers}

    def step(self, act: str) -> LabelStep:
        self.presenter.do(act)
        step = self.steps.pop()
        step.open()
        return step

    def done(self, step: LabelStep, **texts: str) -> None:
        step.changed(Values(texts))
        step.submit(Values(texts))
        assert step.state.done, (step.state.notice, step.state.asked)
        step.close()

    def settled(self) -> None:
        self.after.run(self.after.voiding, most_ms=600_000)
        self.station.changed(frozenset({"postage"}))


@pytest.fixture
def desk(tmp_path: Path) -> One:
    return One(tmp_path)


@pytest.mark.capability("BB-09")
def test_every_scan_of_a_parcel_stands_there_in_words_the_latest_first(desk: One) -> None:
    assert desk.view.scans == ()
    assert "has not scanned it yet" in desk.view.no_scans
    events = (
        TrackEvent(desk.clock.at, "in_transit", "Accepted at USPS Origin Facility", "HARTFORD CT"),
        TrackEvent(desk.clock.at + 3_600_000, "in_transit", "", "MEMPHIS TN"),
        TrackEvent(desk.clock.at + 7_200_000, "failure", "Missent <b>again</b>\x1b", "ANCHORAGE AK"),
    )
    track = Track("trk", desk.label.tracking, "failure", detail="address_correction", events=events)
    tracking.applied(desk.store, desk.label.id, track)
    desk.station.changed(frozenset({"postage"}))
    assert [s.what for s in desk.view.scans] == [
        "Missent <b>again</b>", "On its way", "Accepted at USPS Origin Facility",
    ]  # fmt: skip
    assert [s.where for s in desk.view.scans] == ["ANCHORAGE AK", "MEMPHIS TN", "HARTFORD CT"]
    assert desk.view.status == "Could not be delivered"
    assert desk.facts()["Where it is"] == "Could not be delivered: address correction"
    assert desk.offers()["void"] == "the carrier has the parcel already."


def test_a_label_whose_parcel_came_back_is_of_no_more_use(desk: One) -> None:
    tracking.applied(desk.store, desk.label.id, Track("trk", desk.label.tracking, "return_to_sender"))
    packing.recall(desk.store, desk.actor, [(desk.label.orders[0], desk.label.box)], "It came back")
    desk.station.changed(frozenset({"postage"}))
    assert desk.offers() == {"reprint": "it was used, and its parcel came back."}


def test_a_reason_that_says_nothing_is_not_shown(desk: One) -> None:
    track = Track("trk", desk.label.tracking, "in_transit", detail="status_update")
    tracking.applied(desk.store, desk.label.id, track)
    desk.station.changed(frozenset({"postage"}))
    assert desk.facts()["Where it is"] == "On its way"


def test_what_it_cost_and_when_it_is_expected_stand_there(desk: One) -> None:
    facts = desk.facts()
    assert facts["Service"] == "USPS Ground Advantage"
    assert facts["Cost"].startswith("$4.20")
    assert facts["Tracking number"] == desk.label.tracking
    assert facts["Expected"] == "Sep 25, 2026"
    assert "1 lb" in facts["Parcel"]


def test_a_label_is_given_back_and_asked_for_is_not_refunded(desk: One) -> None:
    step = desk.step("void")
    assert isinstance(step, VoidStep)
    assert "packed again" in " ".join(step.state.asked.outcome)
    step.submit(Values({}))
    assert not step.state.done
    desk.done(step, reason="Wrong address")
    assert desk.view.status == "Refund asked for"
    assert "being asked for" in desk.facts()["Refund"]
    assert not desk.order_now(0).packed_off, "the parcel is back, packed"
    assert desk.order_now(0).parcels
    desk.settled()
    assert "Carriers take up to some weeks" in desk.facts()["Refund"]
    desk.after.carriers.settle_refunds()
    desk.clock.at += 7_200_000
    desk.settled()
    assert desk.view.status == "Refunded"
    assert list(desk.offers()) == ["return"]


def test_a_rejected_refund_is_said_and_can_be_asked_for_again(desk: One) -> None:
    desk.clock.at += 7_200_000
    step = desk.step("void")
    desk.after.carriers.rejects = 1
    desk.done(step, reason="Printed twice", again=YES)
    assert desk.order_now(0).packed_off, "it gets another label today"
    desk.settled()
    assert "rejected" in desk.facts()["Refund"]


def test_a_parcel_is_insured_for_what_it_is_worth(desk: One) -> None:
    step = desk.step("insure")
    assert isinstance(step, InsureStep)
    assert next(i for i in step.state.asked.inputs if i.key == "amount").value == "16.99"
    assert "about $1.00" in step.state.asked.outcome[0]
    step.changed(Values({"amount": "much"}))
    step.submit(Values({"amount": "much"}))
    assert not step.state.done
    desk.done(step, amount="20.00")
    desk.settled()
    assert desk.facts()["Insurance"] == "Insured for $20.00"
    assert desk.offers()["insure"] == "it is insured already."


def test_it_is_printed_again_for_nothing(desk: One) -> None:
    spent, jobs = desk.carriers.spent_cents, len(desk.now(desk.label).printed)
    desk.presenter.do("reprint")
    assert "costs nothing" in desk.view.notice
    assert len(desk.now(desk.label).printed) == jobs + 1
    assert desk.carriers.spent_cents == spent


def test_a_label_for_the_way_back_is_priced_then_bought(desk: One) -> None:
    step = desk.step("return")
    assert isinstance(step, ReturnStep)
    assert step.state.asked.verb == "Get the prices"
    step.submit(Values({}))
    assert step.state.asked.verb == ""
    assert "Carriers are being asked." in step.state.asked.about
    desk.run()
    desk.station.changed(frozenset({"postage"}))
    assert step.state.asked.verb == "Buy and print"
    rates = next(i for i in step.state.asked.inputs if i.key == "rate").options
    assert [words for _id, words in rates[:2]] == [
        "Choose the service",
        "$4.20, USPS Ground Advantage, 4 days",
    ]
    step.submit(Values({}))
    desk.run()
    assert len(desk.carriers.purchases) == 1, "neither asking nor asking twice buys anything"
    assert not step.state.done
    desk.done(step, rate=rates[2][0])
    desk.run()
    back = next(p for p in desk.labels() if p.purpose == "return")
    assert (back.state, back.rate.service if back.rate else "") == ("bought", "Priority")
    assert back.consignment.is_return
    assert back.printed
    seen = desk.see(back.id)
    assert seen.state.heading == "Label for the way back of BW-001"


def test_prices_of_a_way_back_that_nobody_buys_are_left(desk: One) -> None:
    step = desk.step("return")
    step.submit(Values({}))
    desk.run()
    step.close()
    assert [p.state for p in desk.labels() if p.purpose == "return"] == ["dropped"]


def test_a_doubt_is_settled_by_hand_with_a_reason(tmp_path: Path) -> None:
    desk = One(tmp_path)
    asked = desk.ask(desk.orders[1])
    desk.carriers.faults[("buy", 1)] = "lost_after"
    desk.want(asked)
    desk.run(500)
    desk.presenter = desk.see(asked.id)
    assert list(desk.offers()) == ["look", "bought", "not_bought"]
    desk.presenter.do("look")
    assert desk.work.looked == 1
    step = desk.step("bought")
    assert isinstance(step, SettleStep)
    step.submit(Values({}))
    assert not step.state.done
    desk.done(step, reason="It stands in the account")
    assert desk.now(asked).state == "bought"


def test_a_scan_does_nothing_while_the_sheet_is_open(desk: One) -> None:
    desk.station.scanned("BW-002")
    assert "Close this first" in desk.view.notice
    desk.presenter.close()
    seen = desk.view
    desk.station.changed(frozenset({"postage"}))
    assert desk.view is seen, "nothing is followed any more"


def test_a_label_that_is_not_in_the_books_is_said(desk: One) -> None:
    seen = desk.see("nowhere")
    assert seen.state.notice == "This label is not in the books."
    assert seen.state.offers == ()
