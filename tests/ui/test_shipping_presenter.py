"""The shipping screen without Qt: one parcel weighed, its address checked, priced, bought once, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import carrier_account
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.db import address_checks, orders, outbox
from bookwish_desk.hardware.model import Weight
from bookwish_desk.shop.carriage import CheckedAddress
from bookwish_desk.shop.delivery_address import printed
from bookwish_desk.shop.device import Device, ScaleSetup
from bookwish_desk.shop.errors import DeviceError
from bookwish_desk.shop.order import Payment, PostalAddress
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.shipping import Preset, PresetRule
from bookwish_desk.ui.forms.inputs import YES, Values
from bookwish_desk.ui.shipping.parcel_presenter import ParcelPresenter
from bookwish_desk.ui.shipping.presenter import ShippingPresenter
from bookwish_desk.ui.shipping.state import ToShip
from tests.support.fake_carriers import UPS
from tests.support.label_desk import LabelDesk
from tests.support.orders import EMMA, HOME, ORLANDO, line, made, received, shelved, stepped
from tests.support.shops import NOON, put_titles

SCALE = Device("scale", "Parcel scale", "sim:", ScaleSetup())


class Bench:
    """The presenters of the shipping screen over a shop with packed orders, without a window."""

    def __init__(self, folder: Path, role: str = "owner", **shipping: Any) -> None:
        self.desk = LabelDesk(folder, role, **shipping)
        self.weight: Weight | DeviceError = Weight(430, True)
        self.list = ShippingPresenter(self.desk.station)
        self.one = ParcelPresenter(self.desk.station, self._weigh)
        self.list.on_chosen = self.one.show
        self.list.on_shown = self.one.set_shown
        self._devices(SCALE)
        self.list.shown()

    def _weigh(self, _device, then, failed):
        failed(self.weight) if isinstance(self.weight, DeviceError) else then(self.weight)

    def _devices(self, *more):
        with self.desk.store.write() as tx:
            devices = (*(d for d in tx.settings.devices if d.role != "scale"), *more)
            keep_settings(tx, replace(tx.settings, devices=devices), ("devices",))
        self.desk.station.settings = self.desk.store.settings

    def order(self, number="BW-900", *lines, **more):
        """Pack another order and show its parcel."""
        for item in (ORLANDO, EMMA):
            shelved(self.desk.store, self.desk.actor, item, 9)
        wanted = made(number, *(lines or (line(),)), placed_at=NOON, kind="ship", **more)
        order = received(self.desk.store, self.desk.actor, wanted)
        steps = ("confirm", "start", "pick", "check", "pack")
        order = stepped(self.desk.store, self.desk.actor, order, *steps)
        self.list.open((order.id,))
        return order

    def type(self, **texts):
        self.one.changed(Values(texts))

    def run(self, most_ms=1_000):
        self.desk.run(most_ms)
        self.list.refresh()

    def priced(self):
        self.one.price()
        self.run()
        assert self.card.phase == "priced", self.card
        return self.card

    @property
    def card(self):
        return self.one.state

    @property
    def carriers(self):
        return self.desk.carriers

    def error(self, key):
        return next(i.error for i in self.card.inputs if i.key == key)

    def value(self, key):
        return next(i.value for i in self.card.inputs if i.key == key)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


# ---- the list ----


def test_parcels_that_wait_are_listed_with_how_their_labels_stand(bench):
    rows = bench.list.state.rows
    assert [r.number for r in rows] == ["BW-001", "BW-002", "BW-003", "BW-004", "BW-005"]
    first = rows[0]
    assert (first.label, first.icon) == ("To price", "label")
    assert (first.customer, first.to, first.copies) == ("Ada Example", "Springfield, CT", "1 copy")
    assert first.weight.startswith("about ")
    assert bench.list.state.counts == {"to_ship": 5, "problems": 0, "today": 0}
    assert bench.list.state.headline == "Carriers are ready."


def test_what_needs_somebody_comes_first(bench):
    bench.list.choose(bench.list.state.rows[2].key)
    bench.priced()
    bench.carriers.faults[("buy", 0)] = "funds"
    bench.one.buy()
    bench.run()
    first = bench.list.state.rows[0]
    assert (first.number, first.label, first.icon) == ("BW-003", "Not bought", "error")
    assert "Insufficient balance." in first.note
    bench.list.show_list("problems")
    assert [r.number for r in bench.list.state.rows] == ["BW-003"]


def test_a_scanned_number_chooses_its_parcel(bench):
    bench.list.scanned("bw-004")
    assert bench.card.about.startswith("BW-004")
    bench.list.scanned("BW-002")
    assert bench.card.about.startswith("BW-002")
    bench.list.scanned("9780156701600")
    assert "No parcel in this list" in bench.list.state.notice
    bench.list.scanned("4111111111111111")
    assert "card" in bench.list.state.notice
    bench.list.scanned("4111")
    assert "No parcel in this list" in bench.list.state.notice


def test_orders_bring_their_parcels(bench):
    ids = bench.desk.ids
    bench.list.open(ids[1:3], "packing")
    assert len(bench.list.state.marked) == 2 and bench.card.about.startswith("BW-002")
    bench.list.open((ids[4],))
    assert bench.card.about.startswith("BW-005") and not bench.list.state.marked
    bench.list.open(("nothing",))
    assert bench.list.state.notice == "No parcel of this order waits to be shipped."
    bench.list.open(ids[:1], "packing")
    bench.list.come_from("many_labels")
    bench.list.back()
    assert bench.desk.front.screen == "packing"
    bench.list.come_from("sell")
    bench.list.back()
    assert bench.desk.front.screen == "sell"


def test_the_head_says_how_the_work_stands(bench):
    bench.desk.work.become(way="away", words="EasyPost cannot be reached. Labels wait.")
    assert bench.list.state.headline.startswith("EasyPost cannot be reached")
    bench.desk.work.become(way="ready", words="", simulated=True)
    assert bench.list.state.headline.startswith("Labels are samples of a simulated carrier")
    bench.list.hidden()
    bench.desk.work.become(way="none")
    assert bench.list.state.headline.startswith("Labels are samples of a simulated carrier")


# ---- 1: the parcel ----


@pytest.mark.capability("BW-11", "OMG-14")
def test_the_scale_is_read_by_a_key_and_held_against_the_books(bench):
    assert bench.card.predicted.startswith("By its books it weighs 15.2 oz")
    assert bench.value("weight") == "15.2 oz"
    bench.one.weigh()
    assert bench.value("weight") == "15.2 oz" and not bench.card.difference
    bench.weight = Weight(210, True)
    bench.one.weigh()
    assert bench.value("weight") == "7.4 oz"
    assert "A book may be missing." in bench.card.difference
    bench.weight = Weight(0, False)
    bench.one.weigh()
    assert bench.error("weight").startswith("No steady weight")
    bench.weight = DeviceError("gone", "The scale is not plugged in.")
    bench.one.weigh()
    assert bench.error("weight") == "The scale is not plugged in."
    bench._devices()
    bench.one.weigh()
    assert bench.error("weight").startswith("No scale is set up")


def test_a_typed_weight_flags_the_same(bench):
    bench.type(weight="5 oz")
    assert "A book may be missing." in bench.card.difference
    bench.type(weight="1 lb")
    assert not bench.card.difference
    assert bench.carriers.calls == []


@pytest.mark.capability("OMG-18")
def test_a_preset_comes_by_rule_and_brings_package_and_options(tmp_path):
    bench = Bench(
        tmp_path,
        presets=(
            Preset("light", "Light", "mailer-s"),
            Preset("heavy", "Heavy", "box-s", "UPS", "Ground", signature=True, insure=True),
        ),
        rules=(PresetRule("light", under_grams=1_000), PresetRule("heavy")),
    )
    assert bench.value("preset") == "light" and bench.value("package") == "mailer-s"
    bench.weight = Weight(2_000, True)
    bench.one.weigh()
    assert (bench.value("preset"), bench.value("package")) == ("heavy", "box-s")
    assert (bench.value("signature"), bench.value("insure")) == (YES, YES)
    bench.type(preset="light")
    bench.one.weigh()
    assert bench.value("preset") == "light", "what a person chose stays"


def test_what_is_chosen_is_asked_for(bench):
    bench.type(weight="2 lb", package="box-s", signature=YES, insure=YES)
    bench.priced()
    told = bench.desk.labels()[0].consignment
    assert (told.box.weight_grams, told.box.length_mm, told.signature) == (907, 305, True)
    assert bench.desk.labels()[0].insured_cents == 1699
    assert bench.card.buy == "Buy USPS Ground Advantage, $4.20, and about $1.00 for insurance"
    assert bench.value("weight") == "2 lb"


def test_what_was_chosen_at_another_register_is_taken_over(bench):
    bench.type(weight="2 lb", package="box-s", signature=YES)
    bench.one.set_address(replace(HOME, line2="Apt 9"))
    bench.priced()
    other = ParcelPresenter(bench.desk.station, bench._weigh)
    other.show(bench.one.parcel)
    texts = {i.key: i.value for i in other.state.inputs}
    assert (texts["weight"], texts["package"], texts["signature"]) == ("2 lb", "box-s", YES)
    assert other.state.address.typed and other.state.can_buy


def test_parcels_of_one_order_are_told_apart(bench):
    order = bench.order("BW-909", line(), line(EMMA))
    first = order.parcels[0]
    two = replace(first, id="second", contents=first.contents[1:])
    with bench.desk.store.write() as tx:
        parcels = (replace(first, contents=first.contents[:1]), two)
        orders.save(tx, orders.load(tx.conn, order.id), replace(order, parcels=parcels))
    bench.list.refresh()
    names = [r.number for r in bench.list.state.rows if r.number.startswith("BW-909")]
    assert sorted(names) == ["BW-909, 1 of 2", "BW-909, 2 of 2"]


# ---- bad input, before money moves ----


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ("0 lb", "weight", "more than nothing"),
        ("71 lb", "weight", "70 lb"),
        ("heavy", "weight", "Type a weight"),
        ("", "weight", "Type a weight"),
    ],
)
def test_a_wrong_weight_is_said_beside_its_field(bench, typed, field, words):
    bench.type(weight=typed)
    before = bench.card.wrong
    bench.one.price()
    assert words in bench.error(field) or "more than nothing" in bench.error(field)
    assert bench.card.wrong == before + 1
    assert not bench.desk.labels() and bench.carriers.calls == []


def test_a_package_is_needed(bench):
    bench.type(preset="")
    bench.type(package="")
    bench.one.price()
    assert bench.error("package").startswith("Choose the package")


def test_an_empty_address_is_said_beside_its_fields(bench):
    order = bench.order("BW-901", address=PostalAddress("Ada", "1 Road", "", "Town", "CT", "06001"))
    with bench.desk.store.write() as tx:
        now = orders.load(tx.conn, order.id)
        orders.save(tx, now, replace(now, address=PostalAddress()))
    bench.list.refresh()
    bench.one.price()
    faults = {x.label: x.fault for x in bench.card.address.lines if x.fault}
    assert {"Name", "Street", "Town", "State", "Postal code"} <= faults.keys()
    assert bench.card.notice.startswith("The address cannot be used yet")
    assert not bench.card.address.can_check and bench.carriers.calls == []


@pytest.mark.parametrize(
    ("name", "words"),
    [("Ada 📚 Lovelace", "signs that no label can show"), ("Ada ^XZ", "signs that no label can show")],
)
def test_signs_that_no_label_has_are_said_beside_the_name(bench, name, words):
    bench.order("BW-902", address=replace(HOME, name=name))
    said = next(x for x in bench.card.address.lines if x.label == "Name")
    assert words in said.caution and not said.fault
    bench.priced()
    to = bench.desk.carriers.shipments["shp_1"].asked.to
    assert "^" not in to.name and "📚" not in to.name


def test_a_box_at_the_post_goes_by_the_post_only(bench):
    bench.order("BW-903", address=replace(HOME, line1="PO Box 12"))
    bench.priced()
    ups = next(x for x in bench.card.rates.lines if x.carrier == "UPS")
    bench.one.choose_rate(ups.id)
    street = next(x for x in bench.card.address.lines if x.label == "Street")
    assert "UPS does not go there" in street.fault
    assert not bench.card.can_buy and "PO box" in bench.card.why_not
    bench.one.buy()
    bench.run()
    assert bench.carriers.purchases == []
    bench.one.choose_rate(bench.card.rates.lines[0].id)
    assert bench.card.can_buy


# ---- what is fine folds to a line ----


def test_what_is_fine_stands_in_a_line_each(bench):
    assert (
        bench.card.line == "About 15.2 oz, not weighed yet · Small mailer · Cheapest" and not bench.card.open
    )
    assert bench.card.address.line == "12 Elm Street, Springfield CT 06001"
    assert bench.card.address.state == "Not checked yet." and not bench.card.address.open
    bench.one.weigh()
    bench.carriers.addresses["12 Elm Street"] = CheckedAddress(True, HOME)
    bench.one.check()
    assert bench.card.line == "15.2 oz, weighed · Small mailer · Cheapest" and not bench.card.open
    assert bench.card.address.state == "Mail arrives there." and not bench.card.address.open
    bench.type(signature=YES, insure=YES)
    assert bench.card.line.endswith("with a signature · insured for about $1.00")


def test_a_section_opens_by_its_key_and_folds_once_it_was_used(bench):
    bench.one.unfold("parcel")
    assert bench.card.open and not bench.card.must
    bench.one.unfold("parcel", False)
    assert not bench.card.open
    bench.one.unfold("parcel")
    bench.priced()
    assert not bench.card.open
    bench.one.unfold("parcel")
    bench.list.choose(bench.list.state.rows[1].key)
    assert not bench.card.open
    bench.carriers.addresses["12 Elm Street"] = CheckedAddress(True, replace(HOME, city="SPRINGFIELD"))
    bench.one.check()
    assert not bench.card.address.open, "carriers only write it larger"
    bench.one.check()
    assert bench.card.address.open and bench.carriers.count("check_address") == 1
    bench.one.check()
    assert not bench.card.address.open


def test_what_is_wrong_opens_and_does_not_fold_beneath_who_types(bench):
    bench.weight = DeviceError("gone", "The scale is not plugged in.")
    bench.one.weigh()
    assert bench.card.open and bench.card.must
    bench.one.unfold("parcel", False)
    assert bench.card.open
    bench.type(weight="1 lb")
    assert bench.card.open and not bench.card.must
    bench.type(package="")
    bench.one.unfold("parcel", False)
    assert bench.card.open and "No package" in bench.card.line


def test_an_address_opens_until_it_is_decided(bench):
    bench.carriers.addresses["12 Elm Street"] = CheckedAddress(True, SUGGESTED)
    bench.one.check()
    assert bench.card.address.open and bench.card.address.must
    bench.one.spell("suggested")
    assert not bench.card.address.open
    assert bench.card.address.line == "12 ELM ST, APT 3, SPRINGFIELD CT 06001-1234"
    assert "The suggestion goes onto the label." in bench.card.address.state
    bench.one.spell("written")
    assert bench.card.address.line == "12 Elm Street, Springfield CT 06001" and not bench.card.address.open
    bench.one.set_address(replace(HOME, name="Bea Example", country="CA"))
    assert bench.card.address.line == "Bea Example, 12 Elm Street, Springfield CT 06001, CA"


def test_prices_wait_for_the_scale(bench):
    said = []
    bench.one._weigh = lambda _device, then, _failed: said.append(then)
    bench.one.weigh()
    bench.one.price()
    bench.run()
    assert bench.carriers.calls == []
    said.pop()(Weight(454, True))
    bench.run()
    assert bench.card.phase == "priced"
    assert bench.desk.labels()[0].consignment.box.weight_grams == 454
    bench.one.weigh()
    bench.one.price()
    said.pop()(Weight(0, False))
    bench.one.weigh()
    said.pop()(Weight(700, True))
    bench.run()
    assert bench.carriers.count("create") == 1, "a reading that failed asks for nothing later"


# ---- one after the other ----


def test_the_next_parcel_takes_the_place_of_the_bought_one(bench):
    assert not bench.card.can_next and bench.desk.work.prepared == 1
    keys = [r.key for r in bench.list.state.rows]
    bench.list.choose(keys[1])
    bench.priced()
    bench.one.buy()
    bench.run()
    assert bench.card.can_next and bench.card.phase == "bought"
    assert [r.key for r in bench.list.state.rows] == keys, "nothing jumps while it is looked at"
    bench.list.next()
    assert bench.card.key == keys[2] and bench.card.phase == "open"
    assert [r.key for r in bench.list.state.rows] == [keys[0], *keys[2:]]
    bench.list.choose(keys[4])
    bench.list.next()
    assert bench.card.key == keys[0], "from the last on to the first"


def test_after_the_last_parcel_there_is_no_next(tmp_path):
    bench = Bench(tmp_path)
    for _ in range(5):
        bench.priced()
        bench.one.buy()
        bench.run()
        last = bench.card.key
        bench.list.next()
    assert bench.card.key == last
    assert bench.list.state.notice == "No other parcel in this list waits for its label."


# ---- 2: the address ----

SUGGESTED = replace(HOME, line1="12 ELM ST", line2="APT 3", city="SPRINGFIELD", postal_code="06001-1234")


@pytest.mark.capability("OMG-19")
def test_a_suggestion_stands_beside_the_customers_own(bench):
    bench.carriers.addresses["12 Elm Street"] = CheckedAddress(True, SUGGESTED)
    bench.type(weight="1 lb")
    assert bench.carriers.count("check_address") == 0, "never while typing"
    bench.one.check()
    lines = {x.label: x for x in bench.card.address.lines}
    assert (lines["Second line"].suggested, lines["Second line"].differs) == ("APT 3", True)
    assert lines["Town"].small and lines["Town"].written == "Springfield"
    assert bench.card.address.suggests and bench.card.address.tone == "warn"
    bench.priced()
    assert not bench.card.can_buy and "Decide first" in bench.card.why_not
    bench.one.spell("suggested")
    assert "Something was changed" in bench.card.why_not
    bench.priced()
    assert bench.card.can_buy
    label = bench.desk.labels()[-1]
    assert (label.consignment.to.line2, label.consignment.to.name) == ("APT 3", HOME.name)
    assert bench.desk.order_now().address == HOME, "the order keeps the customer's own spelling"


def test_which_spelling_was_chosen_is_known_the_next_time(bench):
    carrier_account.keep_check(bench.desk.store, printed(HOME), CheckedAddress(True, SUGGESTED))
    bench.list.refresh()
    assert bench.card.address.suggests and bench.carriers.calls == []
    bench.one.spell("suggested")
    with bench.desk.store.read() as conn:
        assert address_checks.choice(conn, printed(HOME)) == "suggested"
    bench.list.refresh()
    bench.list.choose(bench.list.state.rows[1].key)
    assert bench.card.address.decided == "suggested", "another parcel to the same address"


def test_a_missing_flat_is_warned_of_and_may_be_kept(bench):
    warned = CheckedAddress(True, HOME, ("The number of the flat is missing.",))
    bench.carriers.addresses["12 Elm Street"] = warned
    bench.one.check()
    assert bench.card.address.said == "The number of the flat is missing."
    bench.priced()
    assert not bench.card.can_buy
    bench.one.spell("written")
    assert bench.card.can_buy


def test_an_address_that_no_mail_reaches_is_said(bench):
    bench.carriers.addresses["12 Elm Street"] = CheckedAddress(False, HOME, errors=("Address not found",))
    bench.one.check()
    assert bench.card.address.said == "Mail may not arrive there. Address not found"
    assert bench.card.address.tone == "error"


def test_prices_check_the_address_first_where_the_shop_wants_it(tmp_path):
    bench = Bench(tmp_path, checks="home")
    bench.priced()
    assert [name for name, _ in bench.carriers.calls] == ["check_address", "create"]
    bench.one.price()
    bench.run()
    assert bench.carriers.count("check_address") == 1


def test_the_address_can_be_put_right_for_the_label_only(bench):
    bench.one.set_address(replace(HOME, line2="Apt 9"))
    assert bench.card.address.typed and "order keeps" in bench.card.address.chosen
    bench.priced()
    assert bench.desk.labels()[0].consignment.to.line2 == "Apt 9"
    assert bench.desk.order_now().address == HOME


def test_what_is_typed_for_the_label_is_checked_by_itself(bench):
    carrier_account.keep_check(bench.desk.store, printed(HOME), CheckedAddress(True, SUGGESTED))
    bench.list.refresh()
    other = replace(HOME, line1="77 Oak Road")
    bench.one.set_address(other)
    assert not bench.card.address.suggests and bench.card.address.can_check
    bench.carriers.addresses["77 Oak Road"] = CheckedAddress(True, other, ("A flat is missing.",))
    bench.one.check()
    bench.list.refresh()
    assert bench.card.address.said == "A flat is missing."


# ---- 3: prices ----


@pytest.mark.capability("OMG-18", "BW-11")
def test_prices_come_on_a_key_as_a_table(bench):
    card = bench.priced()
    assert [(x.carrier, x.service, x.price) for x in card.rates.lines] == [
        ("USPS", "Ground Advantage", "$4.20"),
        ("USPS", "Priority", "$7.80"),
        ("UPS", "Ground", "$11.50"),
    ]
    assert [x.marks for x in card.rates.lines] == ["Cheapest", "Fastest", ""]
    assert card.rates.lines[1].saving == "$1.80 less than at the counter"
    assert card.buy == "Buy USPS Ground Advantage, $4.20" and card.can_buy
    bench.one.choose_rate(card.rates.lines[1].id)
    assert bench.card.buy == "Buy USPS Priority, $7.80"
    bench.one.price()
    bench.run()
    assert (bench.carriers.count("create"), bench.carriers.count("rerate")) == (1, 1)


def test_what_was_changed_since_is_priced_anew(bench):
    bench.priced()
    bench.type(weight="3 lb")
    assert not bench.card.can_buy and "Get the prices again" in bench.card.rates.stale
    bench.priced()
    assert bench.card.can_buy and bench.carriers.count("create") == 2
    assert [p.state for p in bench.desk.labels()] == ["dropped", "created"]


def test_prices_of_yesterday_say_so(bench):
    bench.priced()
    bench.desk.clock.at += 7 * 3_600_000
    bench.list.refresh()
    assert "asked for again before anything is bought" in bench.card.rates.stale


@pytest.mark.capability("OMG-18")
def test_media_mail_is_asked_for_only_where_every_line_qualifies(bench):
    put_titles(
        bench.desk.store, [(item.ean or 0, item.title, item.authors, 1699) for item in (ORLANDO, EMMA)]
    )
    bench.order("BW-904", line(), line(EMMA))
    assert bench.value("preset") == "media"
    bench.priced()
    assert bench.carriers.shipments["shp_1"].asked.media_mail
    mug = replace(EMMA, sku="MUG", ean=None, title="Mug", authors="")
    shelved(bench.desk.store, bench.desk.actor, mug, 2)
    bench.order("BW-908", line(), line(mug))
    assert bench.value("preset") == "cheapest"
    assert bench.card.rates.media.startswith("Not Media Mail: Mug is not known to be a book")
    bench.priced()
    assert not bench.carriers.shipments["shp_2"].asked.media_mail
    assert "Mug" in bench.card.rates.media


# ---- 4: bought once ----


def test_a_second_press_at_once_asks_and_buys_nothing_more(bench):
    bench.one.price()
    bench.one.price()
    bench.run()
    assert bench.carriers.count("create") == 1 and len(bench.desk.labels()) == 1
    shown = bench.one.parcel
    bench.one.buy()
    bench.one.show(shown)
    bench.one.buy()
    assert "about to be bought" in bench.card.notice
    bench.run()
    assert len(bench.carriers.purchases) == 1


@pytest.mark.capability("BW-12", "OMG-20", "WSM-18")
def test_one_key_buys_prints_and_ships(bench):
    bench.priced()
    bench.one.buy()
    assert bench.card.phase == "waits" and not bench.card.inputs
    bench.run()
    facts = dict(bench.card.facts)
    assert facts["Service"].startswith("USPS Ground Advantage")
    assert facts["Tracking"] == "9400000000000000000001" and facts["Paid"] == "$4.20"
    assert bench.card.phase == "bought" and bench.card.can_reprint
    assert bench.desk.order_now().parcels[0].tracking == "9400000000000000000001"
    assert bench.list.state.selected == bench.list.state.rows[0].key, "it stays where it was"
    assert bench.list.state.rows[0].label == "Bought, sent to printer"
    assert bench.list.state.counts["today"] == 1 and bench.list.state.counts["to_ship"] == 4
    bench.one.buy()
    bench.run()
    assert len(bench.carriers.purchases) == 1
    with bench.desk.store.read() as conn:
        before = len(outbox.unfinished(conn, 1))
    bench.one.reprint()
    with bench.desk.store.read() as conn:
        assert len(outbox.unfinished(conn, 1)) == before + 1
    assert bench.card.notice == "The label goes to the printer."


def test_where_a_parcel_is_stands_with_its_label(bench):
    bench.priced()
    bench.one.buy()
    bench.run()
    order = bench.desk.order_now()
    with bench.desk.store.write() as tx:
        away = replace(order.parcels[0], status="in_transit")
        orders.save(tx, orders.load(tx.conn, order.id), replace(order, parcels=(away,)))
    bench.list.refresh()
    assert dict(bench.card.facts)["Where it is"] == "On its way"


def test_a_label_of_long_ago_is_not_read_with_the_list(bench):
    bench.priced()
    bench.one.buy()
    bench.run()
    order = bench.desk.order_now()
    stepped(bench.desk.store, bench.desk.actor, order, "deliver")
    bench.desk.clock.at += 2 * 86_400_000
    bench.list.refresh()
    assert bench.list.state.counts == {"to_ship": 4, "problems": 0, "today": 0}
    assert "BW-001" not in [r.number for r in bench.list.state.rows]


def test_what_was_refused_keeps_the_carriers_words(bench):
    bench.priced()
    bench.carriers.faults[("buy", 0)] = "failure"
    bench.one.buy()
    bench.run()
    assert bench.card.phase == "refused" and "The carrier refused it." in bench.card.said
    bench.one.choose_rate(bench.card.rates.lines[1].id)
    bench.one.buy()
    bench.run()
    assert bench.card.phase == "bought" and len(bench.carriers.purchases) == 1


def test_a_doubt_is_said_with_when_it_is_read_back(bench):
    bench.priced()
    bench.carriers.faults[("buy", 0)] = "lost_after"
    bench.one.buy()
    bench.desk.engine.step()
    bench.list.refresh()
    assert bench.card.phase == "uncertain"
    assert bench.card.said.startswith("Perhaps bought. The desk reads it back in 2 s; nothing is paid twice.")
    assert {a.id for a in bench.card.more} >= {"look"}
    bench.one.do("look")
    assert bench.desk.work.looked == 1
    bench.run(60_000)
    assert bench.card.phase == "bought" and len(bench.carriers.purchases) == 1


def test_beyond_a_limit_a_manager_is_asked(tmp_path):
    bench = Bench(tmp_path, role="staff", label_limit_cents=400)
    bench.priced()
    bench.one.buy()
    bench.run()
    assert bench.card.phase == "priced" and bench.carriers.purchases == []
    needs, _given = bench.desk.front.asked[0]
    assert needs.facts["permission"] == "ship.spend"


def test_what_is_wanted_can_be_left_until_it_is_bought(bench):
    bench.priced()
    bench.one.buy()
    bench.one.do("unwant")
    bench.list.refresh()
    assert bench.card.phase == "priced" and "cancelled" in bench.card.said
    bench.one.do("drop")
    bench.list.refresh()
    assert bench.card.phase == "open"
    bench.run()
    assert bench.carriers.purchases == []


# ---- unpaid, abroad, without an account ----


def test_an_unpaid_order_goes_with_a_reason_only(bench):
    unpaid = Payment(authorised_cents=99_999, expires_at=NOON + 10**9)
    bench.order("BW-905", payment=unpaid)
    bench.one.price()
    assert bench.card.notice and any(i.key == "override" for i in bench.card.inputs)
    bench.one.price()
    assert bench.error("override") == "Say why it goes out unpaid."
    bench.type(override="Pays by invoice")
    bench.priced()
    bench.one.buy()
    bench.run()
    assert bench.card.phase == "bought"


@pytest.mark.capability("OMG-33")
def test_customs_is_told_of_a_parcel_abroad(tmp_path):
    bench = Bench(tmp_path, signer="Olive Owner")
    berlin = PostalAddress("Ada", "Unter den Linden 5", "", "Berlin", "", "10117", "DE")
    bench.order("BW-906", line(copies=2), address=berlin)
    assert "4901.99" in bench.card.customs[0] and "from US" in bench.card.customs[0]
    assert "Signed by Olive Owner" in bench.card.customs
    bench.priced()
    assert bench.card.can_buy
    other = ParcelPresenter(bench.desk.station, bench._weigh)
    other.show(bench.one.parcel)
    assert other.draft.customs is None, "what the books say follows the weight"
    customs = bench.carriers.shipments["shp_1"].asked.customs
    assert customs is not None and customs.items[0].hs == "4901.99" and customs.signer == "Olive Owner"


def test_customs_wants_a_signer(bench):
    berlin = PostalAddress("Ada", "Unter den Linden 5", "", "Berlin", "", "10117", "DE")
    bench.order("BW-907", address=berlin)
    bench.one.price()
    assert "Type who signs for customs." in bench.card.customs_faults
    assert bench.carriers.calls == []


@pytest.mark.capability("OMG-20", "WSM-19")
def test_without_an_account_a_number_is_typed_by_hand(tmp_path):
    bench = Bench(tmp_path, broker="none", since=0)
    bench.desk.work.become(way="none")
    assert bench.list.state.headline.startswith("No carriers' account is connected")
    card = bench.card
    assert card.can_by_hand and not card.inputs and not card.can_price and not card.connected
    asked: list[ToShip] = []
    bench.one.askers["by_hand"] = asked.append
    bench.list.refresh()
    bench.one.do("by_hand")
    assert asked and asked[0].number == "BW-001"


def test_what_is_shipped_by_hand_shows_its_number(tmp_path):
    bench = Bench(tmp_path, broker="none", since=0)
    order = bench.desk.orders[0]
    stepped(
        bench.desk.store, bench.desk.actor, order,
        Step("ship", carrier="USPS", service="Media Mail", tracking="9405511899223344556677"),
    )  # fmt: skip
    bench.list.refresh()
    facts = dict(bench.card.facts)
    assert facts["Tracking"] == "9405511899223344556677" and not bench.card.can_by_hand


def test_nothing_is_done_with_no_parcel(tmp_path):
    bench = Bench(tmp_path)
    bench.one.show(None)
    for act in (bench.one.weigh, bench.one.check, bench.one.price, bench.one.buy, bench.one.reprint):
        act()
    bench.one.do("drop")
    assert bench.card.title == "No parcel chosen" and bench.carriers.calls == []


def test_texts_of_carriers_are_cut_and_plain(bench):
    bench.carriers.prices = (replace(UPS, carrier="<b>UPS</b>\x1b[2J", service="x" * 500),)
    card = bench.priced()
    assert "\x1b" not in card.rates.lines[0].carrier and len(card.rates.lines[0].service) <= 60
