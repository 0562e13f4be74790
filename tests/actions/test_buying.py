"""Labels as people ask for them: what is refused, what a manager approves, what stays and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import bought as notes
from bookwish_desk.actions import buying, ordering
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.db import orders, postages
from bookwish_desk.shop.carriage import Quoted, Rate
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import RATES_LIVE_MS, Postage
from tests.support.fake_carriers import PRIORITY
from tests.support.orders import HOME, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.parcels import ParcelDesk, bought, copied_desk, packed, wanted, with_shipping
from tests.support.shops import hire


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


def events(desk: ParcelDesk) -> list[str]:
    with desk.store.read() as conn:
        return [event.kind for event in orders.history(conn, desk.order.id)]


def journal(desk: ParcelDesk) -> list[str]:
    with desk.store.read() as conn:
        rows = conn.exec_driver_sql("SELECT kind FROM journal WHERE kind LIKE 'label.%' ORDER BY seq")
        return [str(kind) for (kind,) in rows]


# ---- asking ----


@pytest.mark.capability("BW-11")
def test_asking_costs_nothing_and_freezes_what_the_carrier_is_told(desk: ParcelDesk) -> None:
    asked = buying.ask(desk.store, desk.actor, wanted(desk.order)).value
    assert (asked.state, asked.box) == ("new", desk.order.parcels[0].id)
    told = asked.consignment
    assert told.reference == asked.id and told.marks == (desk.order.number,)
    assert (told.to.city, told.sender.city, told.box.weight_grams) == ("Springfield", "Hartford", 500)
    assert told.format == "png", "only a picture is converted for another printer later"
    desk.run()
    assert desk.carriers.purchases == [] and desk.carriers.count("create") == 1
    assert journal(desk) == []


def test_a_label_made_after_the_cut_off_is_dated_the_next_day(desk: ParcelDesk) -> None:
    with_shipping(desk.store, cutoff=0)
    asked = buying.ask(desk.store, desk.actor, wanted(desk.order)).value
    assert asked.consignment.label_on == "2026-09-22"
    with_shipping(desk.store, cutoff=24 * 60 - 1)
    assert buying.ask(desk.store, desk.actor, wanted(desk.order)).value.consignment.label_on == ""


def test_without_an_account_nothing_is_asked(desk: ParcelDesk) -> None:
    with_shipping(desk.store, broker="none")
    with pytest.raises(Refused, match="Connect one in the settings"):
        buying.ask(desk.store, desk.actor, wanted(desk.order))


def test_a_parcel_is_priced_anew_by_leaving_what_was_priced_before(desk: ParcelDesk) -> None:
    first = desk.ask(desk.order)
    second = desk.ask(desk.order, signature=True)
    assert (desk.now(first).state, second.state) == ("dropped", "created")
    with desk.store.read() as conn:
        assert postages.of_box(conn, first.box) == second
        assert [p.id for p in postages.of_order(conn, desk.order.id)] == [second.id, first.id]


@pytest.mark.capability("BW-11")
@pytest.mark.parametrize("until", ["buying", "uncertain", "bought"])
def test_no_second_label_is_asked_for_while_one_may_be_paid(desk: ParcelDesk, until: str) -> None:
    priced = desk.ask(desk.order)
    desk.want(priced)
    notes.begin(desk.store, priced.id)
    if until == "uncertain":
        notes.doubtful(desk.store, priced.id, "", 0)
    elif until == "bought":
        notes.recover(desk.store)
        desk.carriers.buy(priced.shipment, priced.quoted.rates[0].id)  # type: ignore[union-attr]
        desk.run()
    assert desk.now(priced).state == until
    for again in (
        lambda: buying.ask(desk.store, desk.actor, wanted(desk.order)),
        lambda: buying.ask_again(desk.store, desk.actor, priced.id),
        lambda: buying.drop(desk.store, desk.actor, priced.id),
        lambda: desk.want(priced),
    ):
        with pytest.raises(Refused):
            again()
    assert desk.now(priced).state == until


def test_an_unpaid_order_is_let_pass_by_a_manager_only(desk: ParcelDesk) -> None:
    order = packed(desk.store, desk.actor, "UNPAID")
    with desk.store.write() as tx:
        owed = replace(orders.load(tx.conn, order.id), payment=Payment())
        orders.save(tx, order, owed)
    with pytest.raises(Refused, match="UNPAID: This order is not paid") as refused:
        buying.ask(desk.store, desk.actor, wanted(order))
    assert refused.value.code == "unpaid"
    with pytest.raises(NeedsApproval) as needs:
        buying.ask(desk.store, hire(desk.store, "staff"), wanted(order, override="A regular"))
    assert needs.value.facts["permission"] == "order.override"
    asked = desk.ask(order, override="A regular")
    desk.want(asked)
    desk.run()
    with desk.store.read() as conn:
        sent = orders.load(conn, order.id)
    assert sent.parcels[0].shipped_at and sent.overrides[0].reason == "A regular"


@pytest.mark.parametrize(
    ("step", "words"),
    [(Step("hold", reason="Wait for her"), "on hold"), (Step("unpack"), "pack the parcel first")],
)
def test_what_may_not_leave_is_not_priced(desk: ParcelDesk, step: Step, words: str) -> None:
    asks = wanted(desk.order)
    ordering.take(desk.store, desk.actor, desk.order.id, step)
    with pytest.raises(Refused, match=words):
        buying.ask(desk.store, desk.actor, asks)


# ---- agreeing ----


@pytest.mark.capability("BW-11", "OMG-18")
def test_only_what_was_agreed_to_is_bought_and_only_once(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.run()
    assert desk.carriers.purchases == [], "nobody wanted it"
    desk.want(priced, 1)
    with pytest.raises(Refused, match="about to be bought"):
        desk.want(priced, 0)
    desk.run()
    assert desk.now(priced).bought.service == "Priority"  # type: ignore[union-attr]
    assert journal(desk) == ["label.wanted", "label.bought"]


def test_a_price_of_another_parcel_is_none(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    with pytest.raises(Refused, match="not valid any more"):
        buying.want(desk.store, desk.actor, [(priced.id, "rate_of_another")])
    assert not desk.now(priced).wanted_at


def test_beyond_the_limits_a_manager_approves(desk: ParcelDesk) -> None:
    staff = hire(desk.store, "staff")
    priced = desk.ask(desk.order)
    chosen = [(priced.id, priced.quoted.rates[1].id)]  # type: ignore[union-attr]
    for limits in ({"label_limit_cents": 779}, {"label_limit_cents": 0, "day_limit_cents": 779}):
        with_shipping(desk.store, **limits)
        with pytest.raises(NeedsApproval) as needs:
            buying.want(desk.store, staff, chosen)
        assert needs.value.facts["permission"] == "ship.spend"
        assert needs.value.facts["ref"] == f"{priced.id} 780"
    with_shipping(desk.store, label_limit_cents=780, day_limit_cents=780)
    assert buying.want(desk.store, staff, chosen).value[0].wanted_at


def test_the_days_limit_counts_what_was_spent_and_what_is_agreed_to(desk: ParcelDesk) -> None:
    with_shipping(desk.store, day_limit_cents=1_300)
    other = packed(desk.store, desk.actor, "SECOND")
    third = packed(desk.store, desk.actor, "THIRD")
    bought(desk)
    staff = hire(desk.store, "staff")
    one, two = desk.ask(other), desk.ask(third)
    buying.want(desk.store, staff, [(one.id, one.quoted.rates[0].id)])  # type: ignore[union-attr]
    with pytest.raises(NeedsApproval):
        buying.want(desk.store, staff, [(two.id, two.quoted.rates[1].id)])  # type: ignore[union-attr]
    desk.clock.at += 86_400_000
    desk.run()
    again = desk.ask(third)
    assert buying.want(desk.store, staff, [(again.id, again.quoted.rates[1].id)]).value  # type: ignore[union-attr]


def test_insurance_counts_for_the_limit(desk: ParcelDesk) -> None:
    with_shipping(desk.store, label_limit_cents=500)
    priced = desk.ask(desk.order, insured_cents=10_000)
    chosen = [(priced.id, priced.quoted.rates[0].id)]  # type: ignore[union-attr]
    with pytest.raises(NeedsApproval):
        buying.want(desk.store, hire(desk.store, "staff"), chosen)


def test_an_order_that_may_not_leave_by_then_stops_its_label_before_money_moves(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.want(priced)
    ordering.take(desk.store, desk.actor, desk.order.id, Step("hold", reason="She called"))
    desk.run()
    label = desk.now(priced)
    assert desk.carriers.purchases == [] and not label.wanted_at
    assert "on hold: She called" in label.words


def test_what_became_dearer_is_not_bought(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.clock.at += RATES_LIVE_MS + 1
    desk.carriers.prices = tuple(replace(r, cents=r.cents + 30) for r in desk.carriers.prices)
    desk.want(priced)
    desk.run()
    label = desk.now(priced)
    assert desk.carriers.purchases == [] and label.state == "created" and not label.wanted_at
    assert label.words == "USPS GroundAdvantage costs $4.50 now, $4.20 was agreed. Choose again."
    desk.carriers.prices = (PRIORITY,)
    desk.clock.at += RATES_LIVE_MS + 1
    desk.want(label)
    desk.run()
    assert desk.now(priced).words == "USPS GroundAdvantage is not offered any more. Choose again."


def test_what_became_cheaper_is_bought_at_the_new_price(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.clock.at += RATES_LIVE_MS + 1
    desk.carriers.prices = tuple(replace(r, cents=r.cents - 20) for r in desk.carriers.prices)
    desk.want(priced)
    desk.run()
    assert desk.now(priced).bought.cents == 400  # type: ignore[union-attr]


@pytest.mark.capability("OMG-19")
def test_a_label_is_kept_for_a_free_reprint(desk: ParcelDesk) -> None:
    label = bought(desk)
    jobs = buying.reprint(desk.store, desk.actor, label.id).value
    assert len(jobs) == 1 and desk.now(label).printed == (*label.printed, *jobs)
    assert desk.carriers.count("label") == 2 and len(desk.carriers.purchases) == 1
    assert journal(desk)[-1] == "label.reprinted"


@pytest.mark.capability("BW-12", "OMG-20")
def test_the_order_is_shipped_at_handing_over_where_the_shop_wants_it_so(desk: ParcelDesk) -> None:
    with_shipping(desk.store, shipped_with="handover")
    label = bought(desk)
    with desk.store.read() as conn:
        order = orders.load(conn, desk.order.id)
        assert orders.search(conn, label.tracking).orders == (order,)
    parcel = order.parcels[0]
    assert not parcel.shipped_at and order.state == "processing"
    assert (parcel.tracking, parcel.carrier, parcel.service) == (label.tracking, "USPS", "Ground Advantage")


def test_a_label_without_a_printer_is_kept_and_says_so(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    with desk.store.write() as tx:
        keep_settings(tx, replace(tx.settings, devices=()), ("devices",))
    desk.want(priced)
    desk.run()
    label = desk.now(priced)
    assert label.state == "bought" and label.label_at and label.printed == ()
    assert label.words.startswith("No printer for shipping labels is set up.")


def test_an_order_that_was_shipped_by_hand_meanwhile_keeps_its_bought_label(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "slow"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(0)
    box = desk.order.parcels[0].id
    by_hand = Step("ship", parcel=box, carrier="USPS", tracking="TYPED1")
    ordering.take(desk.store, desk.actor, desk.order.id, by_hand)
    desk.run()
    label = desk.now(priced)
    assert label.state == "bought" and len(desk.carriers.purchases) == 1
    assert label.words.startswith("The label is bought, but the order was not marked shipped. ")
    with desk.store.read() as conn:
        order = orders.load(conn, desk.order.id)
    assert order.parcels[0].tracking == "TYPED1"
    assert [t.sentence for t in tasks(order, desk.clock.at) if t.kind == "parcel"] == [label.words]


# ---- what nobody knows ----


@pytest.mark.capability("BW-11")
def test_a_label_that_nobody_can_read_is_settled_by_a_manager(desk: ParcelDesk) -> None:
    priced = in_doubt(desk)
    with pytest.raises(NeedsApproval):
        buying.settle(desk.store, hire(desk.store, "staff"), priced.id, "bought", "Seen there")
    with pytest.raises(Refused, match="how you found out"):
        buying.settle(desk.store, desk.actor, priced.id, "bought", " ")
    settled = buying.settle(desk.store, desk.actor, priced.id, "not_bought", "Not on the invoice").value
    assert settled.state == "created" and not settled.wanted_at
    desk.run()
    assert desk.carriers.purchases == []
    assert journal(desk)[-1] == "label.settled" and events(desk)[-1] == "label_settled"


def test_a_label_that_is_said_to_be_bought_stays_and_its_number_is_typed(desk: ParcelDesk) -> None:
    priced = in_doubt(desk)
    settled = buying.settle(desk.store, desk.actor, priced.id, "bought", "It is on the invoice").value
    assert (settled.state, settled.tracking, settled.bought.cents) == ("bought", "", 420)  # type: ignore[union-attr]
    desk.run()
    assert "Type its tracking number" in desk.now(priced).words
    with desk.store.read() as conn:
        assert postages.spent_cents(conn, 0) == 420


def in_doubt(desk: ParcelDesk) -> Postage:
    """Return a label in doubt, of a shipment that the broker does not know any more."""
    priced = desk.ask(desk.order)
    desk.want(priced)
    notes.begin(desk.store, priced.id)
    notes.doubtful(desk.store, priced.id, "No answer", 0)
    desk.carriers.shipments.clear()
    desk.run(600_000)
    assert desk.now(priced).state == "uncertain"
    assert "does not know this shipment" in desk.now(priced).words
    return desk.now(priced)


def test_a_shipment_of_another_parcel_is_refused(desk: ParcelDesk) -> None:
    """A broker that mixes answers up must not have one label bought for two parcels."""
    first = desk.ask(desk.order)
    other = buying.ask(desk.store, desk.actor, wanted(packed(desk.store, desk.actor, "OTHER"))).value
    mixed = Quoted(first.shipment, (Rate("r", "USPS", "Priority", 1),))
    assert notes.created(desk.store, other.id, mixed).value is False
    assert desk.now(other).state == "refused" and "another parcel" in desk.now(other).words


@pytest.mark.capability("BW-12", "OMG-20")
def test_labels_of_a_box_with_two_orders_ship_both(desk: ParcelDesk) -> None:
    box = desk.order.parcels[0].id
    second = received(desk.store, desk.actor, made("TOGETHER", line(ORLANDO), kind="ship", address=HOME))
    shelved(desk.store, desk.actor, ORLANDO)
    second = stepped(
        desk.store, desk.actor, now(desk.store, second), "confirm", "start", "pick", "check",
        Step("pack", parcel=box),
    )  # fmt: skip
    both = replace(wanted(desk.order), order_ids=(desk.order.id, second.id))
    asked = buying.ask(desk.store, desk.actor, both).value
    desk.run()
    desk.want(desk.now(asked))
    desk.run()
    label = desk.now(asked)
    with desk.store.read() as conn:
        found = [orders.load(conn, key) for key in (desk.order.id, second.id)]
        assert postages.of_order(conn, second.id) == (label,)
    assert [o.parcels[0].tracking for o in found] == [label.tracking] * 2
    assert label.consignment.marks == (desk.order.number, "TOGETHER")
