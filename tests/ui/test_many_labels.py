"""Labels of many parcels: priced, changed, bought by one key, stopped, gone on with; failures stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import bought as notes
from bookwish_desk.db import outbox
from bookwish_desk.shop.carriage import CheckedAddress
from bookwish_desk.shop.errors import Refused
from bookwish_desk.ui.many_labels import entries as standing
from bookwish_desk.ui.many_labels import reading
from bookwish_desk.ui.many_labels.entries import Entry
from bookwish_desk.ui.many_labels.presenter import ManyLabelsPresenter
from bookwish_desk.ui.many_labels.state import Stage
from tests.support.fake_carriers import FIRST_CLASS, PRIORITY, UPS
from tests.support.label_desk import LabelDesk
from tests.support.orders import HOME


class Many(LabelDesk):
    """The desk with the presenter of the screen."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, **more)
        self.presenter = ManyLabelsPresenter(self.station)
        self.presenter.open_orders(self.ids)
        self.presenter.shown()

    @property
    def state(self):
        return self.presenter.state

    def stages(self) -> list[str]:
        return [r.stage for r in self.state.rows]

    def work_on(self) -> None:
        """Let the broker do what was asked of it, and the screen see it."""
        self.run()
        self.station.changed(frozenset({"postage"}))
        self.presenter.rested()
        self.presenter.rested()

    def price(self) -> None:
        self.presenter.get_prices()
        self.work_on()

    def buy(self) -> None:
        self.presenter.buy()
        self.work_on()

    def key(self, nth: int) -> str:
        return self.state.rows[nth].key


@pytest.fixture
def desk(tmp_path: Path) -> Many:
    return Many(tmp_path)


@pytest.mark.capability("BW-28")
def test_one_key_prices_all_and_one_buys_and_prints_all_in_the_order_of_the_list(desk: Many) -> None:
    assert desk.stages() == ["open"] * 5
    assert (desk.state.to_ask, desk.state.to_buy) == (5, 0)
    desk.presenter.get_prices()
    assert desk.state.running == "pricing"
    assert desk.state.doing == "0 of 5 answered"
    desk.work_on()
    assert desk.state.running == ""
    assert desk.stages() == ["priced"] * 5
    assert [r.price for r in desk.state.rows] == ["$4.20"] * 5
    assert (desk.state.to_buy, desk.state.total) == (5, "$21.00")
    assert [(s.carrier, s.count, s.price) for s in desk.state.sums] == [("USPS", 5, "$21.00")]
    desk.presenter.buy()
    assert desk.state.running == "buying"
    assert desk.state.doing == "0 of 5 bought, 0 printed"
    desk.work_on()
    assert desk.state.running == ""
    assert desk.state.notice == "5 labels bought for $21.00, 5 sent to the printer."
    assert desk.stages() == ["bought"] * 5
    assert desk.carriers.spent_cents == 2_100
    with desk.store.read() as conn:
        jobs = [outbox.by_id(conn, p.printed[0]) for p in desk.labels()]
    assert [j.ref for j in jobs if j is not None] == [o.number for o in desk.orders]
    assert [j.id for j in jobs if j is not None] == sorted(j.id for j in jobs if j is not None), "in turn"
    assert all(desk.order_now(n).packed_off for n in range(5))


def test_who_looks_elsewhere_hears_what_became_of_it_and_nobody_hears_it_twice(desk: Many) -> None:
    desk.price()
    desk.presenter.mark(frozenset({desk.key(n) for n in range(1, 5)}))
    desk.presenter.leave_out()
    desk.buy()
    assert desk.state.notice.startswith("1 label bought") and not desk.front.said
    desk.presenter.leave_out()
    desk.presenter.buy()
    desk.presenter.hidden()
    desk.work_on()
    assert desk.front.said[-1][0].startswith("4 labels bought")


def test_what_has_prices_is_not_asked_about_again(desk: Many) -> None:
    desk.price()
    asked = desk.carriers.count("create")
    desk.presenter.get_prices()
    assert desk.state.running == ""
    desk.presenter.mark(frozenset({desk.key(1)}))
    desk.presenter.pick_package("box-l")
    assert desk.stages() == ["priced", "open", "priced", "priced", "priced"]
    desk.price()
    assert desk.carriers.count("create") == asked + 1
    assert desk.carriers.count("rerate") == 0


def test_a_preset_is_set_for_all_that_are_marked(desk: Many) -> None:
    desk.price()
    desk.presenter.mark(frozenset({desk.key(0), desk.key(2)}))
    assert desk.state.chosen.heading == "2 marked parcels"
    desk.presenter.pick_preset("fastest")
    desk.price()
    cheap, fast = "Ground Advantage", "Priority"
    assert [r.service for r in desk.state.rows] == [fast, cheap, fast, cheap, cheap]
    desk.presenter.mark(frozenset())
    desk.presenter.choose(desk.key(1))
    desk.presenter.pick_rate(next(r for r, words in desk.state.chosen.rates if "UPS" in words))
    assert desk.state.rows[1].price == "$11.50"
    assert [(s.carrier, s.count) for s in desk.state.sums] == [("USPS", 4), ("UPS", 1)]


def test_a_parcel_is_left_out_and_put_back(desk: Many) -> None:
    desk.price()
    desk.presenter.choose(desk.key(3))
    desk.presenter.leave_out()
    assert desk.state.rows[3].stage == "out"
    assert desk.state.chosen.turned
    desk.buy()
    assert len(desk.carriers.purchases) == 4
    desk.presenter.leave_out()
    assert desk.state.rows[3].stage == "priced"


def test_a_failure_stays_with_its_reason_and_is_tried_again_with_another_rate(desk: Many) -> None:
    desk.price()
    desk.carriers.faults[("buy", 2)] = "failure"
    desk.buy()
    assert desk.stages() == ["bought", "bought", "refused", "bought", "bought"]
    assert desk.state.rows[2].note == "The carrier refused it."
    assert "4 labels bought for $16.80, 4 sent to the printer. 1 not bought" in desk.state.notice
    desk.presenter.choose(desk.key(2))
    assert desk.state.to_buy == 0
    desk.presenter.pick_rate(next(r for r, words in desk.state.chosen.rates if "Priority" in words))
    assert (desk.state.to_buy, desk.state.total) == (1, "$7.80")
    desk.buy()
    assert desk.stages() == ["bought"] * 5
    assert len(desk.carriers.purchases) == len(set(desk.carriers.purchases)) == 5


def test_many_that_were_refused_for_want_of_money_are_tried_again_together(desk: Many) -> None:
    desk.price()
    for nth in range(5):
        desk.carriers.faults[("buy", nth)] = "funds"
    desk.buy()
    assert desk.stages() == ["refused"] * 5
    desk.presenter.mark_all()
    assert desk.state.chosen.again
    desk.presenter.leave_out()
    assert desk.state.to_buy == 5
    desk.buy()
    assert desk.stages() == ["bought"] * 5


def test_a_doubtful_one_is_named_and_never_bought_twice(desk: Many) -> None:
    desk.price()
    desk.carriers.faults[("buy", 1)] = "lost_after"
    desk.presenter.buy()
    desk.run(500)
    desk.station.changed(frozenset({"postage"}))
    desk.presenter.rested()
    assert desk.state.rows[1].stage == "uncertain"
    assert "1 perhaps bought" in desk.state.notice
    desk.work_on()
    assert desk.stages() == ["bought"] * 5
    assert len(desk.carriers.purchases) == 5


def test_it_stops_between_two_labels(desk: Many) -> None:
    desk.price()
    desk.presenter.buy()
    while desk.carriers.count("buy") < 2:
        desk.engine.step()
    desk.station.changed(frozenset({"postage"}))
    desk.presenter.rested()
    assert desk.state.doing == "2 of 5 bought, 1 printed"
    assert (desk.state.done, desk.state.count) == (1, 5)
    desk.presenter.stop()
    desk.work_on()
    assert desk.stages() == ["bought", "bought", "priced", "priced", "priced"]
    assert desk.state.notice == "2 labels bought for $8.40, 2 sent to the printer. 3 not tried."
    desk.buy()
    assert desk.stages() == ["bought"] * 5


def test_asking_for_prices_can_be_stopped(desk: Many) -> None:
    desk.presenter.get_prices()
    desk.engine.step()
    desk.presenter.stop()
    desk.work_on()
    assert desk.state.running == ""
    assert desk.carriers.count("create") == 1
    assert sorted(set(desk.stages())) == ["open", "priced"]


def test_after_a_stop_of_the_desk_the_batch_goes_on_with_none_bought_twice(
    desk: Many, tmp_path: Path
) -> None:
    desk.price()
    desk.presenter.buy()
    while desk.carriers.count("buy") < 2:
        desk.engine.step()
    # The desk is closed, and opened the next morning.
    desk.clock.at += 3_600_000
    notes.recover(desk.store)
    desk.started()
    later = ManyLabelsPresenter(desk.station)
    later.shown()
    assert later.state.open_batch is not None
    assert "2 of 5 are bought, 3 are not" in later.state.open_batch.sentence
    desk.presenter = later
    later.go_on()
    desk.work_on()
    assert len(desk.carriers.purchases) == len(set(desk.carriers.purchases)) == 5
    assert later.state.open_batch is None


def test_an_open_batch_can_be_left(desk: Many) -> None:
    desk.price()
    desk.presenter.buy()
    desk.engine.step()
    desk.clock.at += 3_600_000
    notes.recover(desk.store)
    later = ManyLabelsPresenter(desk.station)
    later.shown()
    later.leave()
    assert later.state.open_batch is None
    assert {p.state for p in desk.labels()} == {"bought", "dropped"}
    again = ManyLabelsPresenter(desk.station)
    again.shown()
    assert again.state.open_batch is None


def test_bad_parcels_are_named_before_anybody_is_asked(desk: Many) -> None:
    desk.presenter.choose(desk.key(0))
    desk.presenter.type_weight("71 lb")
    assert desk.state.rows[0].stage == "blocked"
    assert "70 lb" in desk.state.rows[0].note
    desk.presenter.type_weight("heavy")
    assert "Type a weight" in desk.state.wrong_weight
    desk.presenter.get_prices()
    assert desk.state.count == 4


@pytest.mark.capability("BW-11")
def test_a_book_that_may_be_missing_is_said_of_many_too(desk: Many) -> None:
    desk.presenter.choose(desk.key(1))
    desk.presenter.type_weight("5 oz")
    assert "A book may be missing." in desk.state.rows[1].note
    desk.price()
    assert (desk.state.rows[1].stage, desk.state.rows[1].note_tone) == ("priced", "warn")
    assert "A book may be missing." in desk.state.rows[1].note
    assert sum("missing" in x for x in desk.state.chosen.lines) == 1
    assert "missing" not in desk.state.rows[0].note


def test_a_po_box_is_not_bought_for_a_carrier_that_does_not_go_there(desk: Many) -> None:
    found = reading.still_here(desk.store, desk.station.settings, lambda: False)
    boxed = replace(HOME, line1="PO Box 12")
    parcels = [replace(p, orders=(replace(p.orders[0], address=boxed),)) for p in found.values()]
    desk.presenter.open(parcels[:1])
    desk.presenter.pick_preset("cheapest")
    desk.carriers.prices = (replace(UPS, cents=100), FIRST_CLASS, PRIORITY)
    desk.price()
    assert desk.stages() == ["blocked"]
    assert "UPS does not go there" in desk.state.rows[0].note
    desk.presenter.pick_rate(next(r for r, words in desk.state.chosen.rates if "USPS" in words))
    assert desk.stages() == ["priced"]


def test_an_address_that_carriers_know_otherwise_must_be_decided_first(tmp_path: Path) -> None:
    desk = Many(tmp_path, checks="home")
    flat = CheckedAddress(True, replace(HOME, line2="Apt 4"), warnings=("The flat number is missing.",))
    desk.carriers.addresses[HOME.line1] = flat
    assert "The address was not checked." in desk.state.chosen.lines
    desk.price()
    assert desk.stages() == ["blocked"] * 5
    assert desk.state.rows[0].note.startswith("The flat number is missing.")
    assert sum("The flat number is missing." in x for x in desk.state.chosen.lines) == 1, "said once"
    assert desk.state.to_buy == 0
    desk.presenter.mark_all()
    assert [key for key, _ in desk.state.chosen.spellings] == ["written", "suggested"]
    desk.presenter.pick_spelling("written")
    assert desk.state.to_buy == 5
    desk.presenter.pick_spelling("suggested")
    assert desk.state.to_ask == 5, "carriers were told the other spelling"


def test_nothing_is_bought_before_the_addresses_were_looked_up(tmp_path: Path) -> None:
    desk = Many(tmp_path, checks="home")
    answers: list[Any] = []
    desk.work.check_address = lambda address, then, failed: answers.append((address, then, failed))  # type: ignore[method-assign]
    desk.price()
    assert (desk.state.running, desk.state.doing) == ("pricing", "0 of 5 answered")
    desk.presenter.buy()
    assert desk.carriers.purchases == []
    for address, then, failed in answers:
        if address is answers[0][0]:
            failed(Refused("carriers", "Nobody answers."))
        else:
            then(CheckedAddress(True, address))
        desk.presenter.rested()
    desk.work_on()
    assert desk.state.running == ""
    assert desk.stages() == ["priced"] * 5, "what could not be looked up is said, and can be bought"


def test_staff_need_a_manager_beyond_the_limit_and_nothing_is_bought_without(tmp_path: Path) -> None:
    desk = Many(tmp_path, role="staff", day_limit_cents=1_000)
    desk.price()
    desk.buy()
    assert len(desk.front.asked) == 1
    assert desk.carriers.purchases == []
    assert desk.state.running == ""
    desk.presenter.buy()
    assert len(desk.front.asked) == 2, "it can be asked for again"


def test_without_an_account_it_says_so(tmp_path: Path) -> None:
    desk = Many(tmp_path)
    desk.work.become(way="none")
    assert desk.state.barred.startswith("No carriers' account")
    desk.presenter.get_prices()
    assert desk.carriers.calls == []
    desk.work.become(way="ready", simulated=True)
    assert (desk.state.barred, desk.state.simulated) == ("", "Simulated carrier")


def test_a_scan_chooses_the_parcel_of_its_order(desk: Many) -> None:
    desk.station.scanned("BW-004")
    assert desk.state.selected == desk.key(3)
    desk.station.scanned("BW-999")
    assert "No parcel here" in desk.state.notice


def test_orders_with_nothing_packed_are_said(desk: Many) -> None:
    desk.presenter.open_orders([*desk.ids[:2], "unknown"])
    assert len(desk.state.rows) == 2
    assert desk.state.notice.startswith("1 of the orders has no parcel")
    desk.presenter.open_orders(["unknown"])
    assert "Pack them first" in desk.state.notice


def test_what_got_no_price_is_asked_about_again_when_somebody_asks(desk: Many) -> None:
    desk.carriers.faults[("create", 0)] = "failure"
    desk.price()
    assert desk.stages()[0] == "refused"
    assert desk.state.rows[0].note == "The carrier refused it."
    desk.presenter.choose(desk.key(0))
    assert not desk.state.chosen.again
    assert (desk.state.to_ask, desk.state.to_buy) == (1, 4)
    desk.price()
    assert desk.stages() == ["priced"] * 5


def test_prices_in_another_currency_are_never_bought(desk: Many) -> None:
    desk.carriers.prices = (replace(FIRST_CLASS, cents=1, currency="CAD"), PRIORITY, UPS)
    desk.price()
    assert [r.price for r in desk.state.rows] == ["$7.80"] * 5


def test_others_wait_while_labels_are_bought(desk: Many) -> None:
    desk.price()
    desk.presenter.buy()
    desk.presenter.open_orders(desk.ids[:1])
    assert len(desk.state.rows) == 5
    assert "are being bought" in desk.front.said[-1][0]


def test_parcels_that_did_not_change_are_not_worked_out_again(
    desk: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.price()
    worked: list[str] = []
    real = standing.stage_of

    def counted(entry: Entry, at: int) -> Stage:
        worked.append(entry.key)
        return real(entry, at)

    monkeypatch.setattr(standing, "stage_of", counted)
    desk.presenter.choose(desk.key(2))
    desk.presenter.mark_all()
    assert worked == []
    desk.presenter.mark(frozenset({desk.key(1)}))
    desk.presenter.pick_package("box-l")
    assert worked == [desk.key(1)]
