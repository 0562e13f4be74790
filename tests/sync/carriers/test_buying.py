"""The engine that buys labels: what it does of one thing after another, and what it never does twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookwish_desk.actions import buying
from bookwish_desk.actions.bought import PAID_IN_VAIN, PAID_LATE
from bookwish_desk.db import orders, postages
from bookwish_desk.db.outbox import unfinished
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.postage import Postage
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.carriers.buying import NOT_SHIPPED, Buying
from bookwish_desk.sync.carriers.voiding import Voiding
from tests.support.fake_carriers import LOST
from tests.support.parcels import ParcelDesk, copied_desk, packed, wanted


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


@pytest.mark.capability("BW-11", "BW-12", "OMG-18", "OMG-19", "OMG-20", "BB-04")
def test_a_label_is_priced_bought_printed_and_ships_its_order(desk: ParcelDesk) -> None:
    order = desk.order
    priced = desk.ask(order)
    assert priced.state == "created" and priced.quoted is not None and len(priced.quoted.rates) == 3
    assert desk.carriers.purchases == []
    desk.want(priced, 1)
    desk.run()
    label = desk.now(priced)
    assert label.state == "bought" and label.bought is not None
    assert (label.bought.service, label.bought.cents) == ("Priority", 780)
    assert desk.carriers.purchases == [label.shipment]
    with desk.store.read() as conn:
        shipped = orders.load(conn, order.id)
        file = postages.label(conn, label.id)
        jobs = [job for job in unfinished(conn) if job.channel == "label"]
        kinds = [event.kind for event in orders.history(conn, order.id)]
    assert shipped.parcels[0].tracking == label.tracking != ""
    assert shipped.parcels[0].shipped_at and shipped.parcels[0].carrier == "USPS"
    assert file is not None and file.data.startswith(b"\x89PNG")
    assert [job.id for job in jobs] == list(label.printed) and len(jobs) == 1
    assert "label_bought" in kinds and "ship" in kinds


def waits(desk: ParcelDesk) -> int | None:
    """Do one step and return what it says of the next one."""
    return desk.engine.step()


def test_without_anything_to_do_nothing_is_asked(desk: ParcelDesk) -> None:
    assert waits(desk) is None
    assert desk.carriers.calls == []


def test_a_broker_that_is_away_is_asked_again_more_and_more_rarely(desk: ParcelDesk) -> None:
    for nth in range(20):
        desk.carriers.faults["create", nth] = "not_sent"
    asked = buying.ask(desk.store, desk.actor, wanted(desk.order)).value
    pauses = []
    for _ in range(6):
        while (wait := waits(desk)) == 0:
            pass
        assert wait is not None
        pauses.append(wait)
        assert desk.engine.now.way == "away" and desk.engine.now.words == "The broker cannot be reached."
        desk.clock.at += wait
    rounded = [round(pause, -3) for pause in pauses]
    assert rounded == [2_000, 5_000, 15_000, 60_000, 300_000, 300_000]
    assert desk.carriers.count("create") == 6 and desk.now(asked).state == "new"


def test_one_that_is_limited_rests_for_as_long_as_the_broker_says(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "limited"
    # Longer than any pause of our own.
    LOST["limited"], before = msgspec.structs.replace(LOST["limited"], wait_ms=2_000_000), LOST["limited"]
    try:
        priced = desk.ask(desk.order)
        desk.want(priced)
        while waits(desk) == 0:
            pass
        assert 1_990_000 < (waits(desk) or 0) <= 2_000_000
        assert desk.now(priced).state == "created"
        desk.run()
    finally:
        LOST["limited"] = before
    assert desk.now(priced).state == "bought" and len(desk.carriers.purchases) == 1


def test_what_makes_no_sense_several_times_in_a_row_rests_everything(desk: ParcelDesk) -> None:
    for nth in range(3):
        desk.carriers.faults["create", nth] = "html_after"
    others = [packed(desk.store, desk.actor, f"N-{n}") for n in range(4)]
    for order in (desk.order, *others):
        buying.ask(desk.store, desk.actor, wanted(order))
    while waits(desk) == 0:
        pass
    assert desk.carriers.count("create") == 3, "the others wait too"
    assert desk.engine.now.way == "away"
    desk.run()
    assert desk.engine.now.way == "ready"  # type: ignore[comparison-overlap]


def test_a_wrong_key_stops_everything_until_somebody_looks(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "signed_out"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run()
    assert desk.engine.now.way == "key" and waits(desk) is None
    assert desk.now(priced).state == "created" and desk.carriers.count("buy") == 1
    desk.engine.look_now()
    desk.run()
    assert desk.now(priced).state == "bought"


@pytest.mark.capability("BW-11")
def test_one_reading_that_shows_nothing_is_no_proof(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "lost_before"
    priced = desk.ask(desk.order)
    desk.want(priced)
    asked_at = desk.clock.at
    while not (label := desk.now(priced)).looks:
        desk.clock.at += waits(desk) or 0
    assert label.state == "uncertain" and label.clear_at
    while desk.carriers.count("buy") < 2:
        desk.clock.at += waits(desk) or 0
    assert desk.clock.at - asked_at >= 120_000
    assert desk.carriers.count("read") >= 2
    shipments = {what for call, what in desk.carriers.calls if call == "buy"}
    assert shipments == {priced.shipment}, "bought again on the same shipment only"
    assert desk.carriers.count("create") == 1


@pytest.mark.capability("BW-11")
def test_what_is_in_doubt_and_not_wanted_any_more_is_read_and_not_bought_again(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "lost_before"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(0)
    buying.unwant(desk.store, desk.actor, [priced.id])
    assert desk.now(priced).state == "uncertain"
    desk.run()
    label = desk.now(priced)
    assert (label.state, label.words) == ("created", "It was not bought.")
    assert desk.carriers.purchases == []
    buying.drop(desk.store, desk.actor, label.id)


@pytest.mark.capability("BW-11")
def test_a_clock_that_is_put_back_neither_hurries_nor_stops_it(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "lost_before"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(0)
    desk.clock.at -= 40 * 86_400_000
    began = desk.clock.at
    desk.run()
    assert desk.now(priced).state == "bought" and len(desk.carriers.purchases) == 1
    assert desk.clock.at - began >= 120_000


@pytest.mark.capability("BW-11")
def test_what_the_books_could_not_take_is_written_before_anything_else(desk: ParcelDesk) -> None:
    """The disk is full when a label was just paid: nothing more is bought until that is in the books."""
    other = packed(desk.store, desk.actor, "OTHER")
    rows = [desk.ask(desk.order), desk.ask(other)]
    for row in rows:
        desk.want(row)

    class Full(DirectBooks):
        full = False

        def act(self, action: Any) -> Any:
            if self.full:
                raise StorageError("disk_full", "The disk is full.")
            return super().act(action)

    books = Full(desk.store)
    desk.books = books
    desk.started()
    desk.engine.step()
    desk.carriers.after = lambda call: setattr(books, "full", call == "buy")
    desk.carriers.purchases.clear()
    with pytest.raises(StorageError):
        desk.run()
    for _ in range(3):
        with pytest.raises(StorageError):
            desk.engine.step()
    assert len(desk.carriers.purchases) == 1, "nothing else was bought meanwhile"
    desk.carriers.after = lambda _call: None
    books.full = False
    desk.run()
    assert [desk.now(row).state for row in rows] == ["bought", "bought"]
    assert desk.carriers.count("buy") == 2


def test_a_label_that_is_not_given_out_is_fetched_again_and_never_bought_again(desk: ParcelDesk) -> None:
    for nth in range(8):
        desk.carriers.faults["label", nth] = "failure"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(400_000)
    label = desk.now(priced)
    assert (label.state, label.label_at) == ("bought", 0)
    assert label.words == "The label is not here yet. The carrier refused it."
    desk.run(4 * 3_600_000)
    label = desk.now(priced)
    assert label.label_at and label.words == "" and len(label.printed) == 1
    assert desk.carriers.count("buy") == 1


def test_papers_that_cannot_be_drawn_do_not_keep_a_label_from_being_printed(desk: ParcelDesk) -> None:
    def broken(_postage: object, _file: object) -> Any:
        raise ZeroDivisionError

    desk.engine = Buying(desk.carriers, desk.books, desk.clock, lambda: 0.0, broken)
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run()
    assert len(desk.now(priced).printed) == 1


def test_an_order_that_is_broken_does_not_hide_what_was_paid(
    desk: ParcelDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise AssertionError("a bug")

    priced = desk.ask(desk.order)
    desk.want(priced)
    monkeypatch.setattr("bookwish_desk.actions.ordering.advanced", broken)
    desk.run()
    label = desk.now(priced)
    assert label.state == "bought" and label.words == NOT_SHIPPED
    with desk.store.read() as conn:
        assert not orders.load(conn, desk.order.id).parcels[0].shipped_at


def test_a_price_that_is_stale_is_asked_for_again_and_bought(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.carriers.rerate(priced.shipment)  # somebody else priced it again: the agreed rate is void
    desk.want(priced)
    desk.run()
    assert desk.now(priced).state == "bought" and desk.carriers.count("buy") == 2
    assert len(desk.carriers.purchases) == 1


def test_a_shipment_that_is_gone_is_made_anew_when_prices_are_asked_for_again(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.carriers.shipments.clear()
    buying.ask_again(desk.store, desk.actor, priced.id)
    desk.run()
    label = desk.now(priced)
    assert label.state == "created" and label.quoted is not None and label.quoted.rates
    assert desk.carriers.count("create") == 2


def test_somebody_who_asks_for_a_price_does_not_wait_for_a_batch(desk: ParcelDesk) -> None:
    others = [packed(desk.store, desk.actor, f"N-{n}") for n in range(4)]
    rows = [desk.ask(order) for order in others]
    for row in rows:
        desk.want(row, batch="b")
    while not desk.carriers.purchases:
        desk.engine.step()
    asked = buying.ask(desk.store, desk.actor, wanted(desk.order)).value
    while desk.now(asked).state == "new":
        desk.engine.step()
    assert len(desk.carriers.purchases) == 1


# ---- a broker that is slower than any should be ----


@pytest.fixture
def glacial(desk: ParcelDesk, monkeypatch: pytest.MonkeyPatch) -> Postage:
    """Return a label that was read as not bought and cancelled, while the broker is still at it."""
    monkeypatch.setattr("tests.support.fake_carriers.SLOW_MS", 1_000_000)
    desk.carriers.faults["buy", 0] = "slow"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(0)
    buying.unwant(desk.store, desk.actor, [priced.id])
    desk.run(400_000)
    assert desk.now(priced).state == "created" and desk.carriers.purchases == []
    return desk.now(priced)


@pytest.mark.capability("BW-11")
def test_what_was_paid_after_all_is_found_and_somebody_looks_at_it(
    desk: ParcelDesk, glacial: Postage
) -> None:
    desk.run(7_200_000)
    label = desk.now(glacial)
    assert desk.carriers.purchases == [label.shipment]
    assert (label.state, label.words, label.printed) == ("bought", PAID_LATE, ())
    with desk.store.read() as conn:
        order = orders.load(conn, desk.order.id)
        assert postages.spent_cents(conn, 0) == 420
        assert postages.label(conn, label.id) is not None
    assert not order.parcels[0].shipped_at and order.parcels[0].trouble == PAID_LATE


@pytest.mark.capability("BW-11")
def test_what_was_paid_after_another_label_was_bought_is_given_back(
    desk: ParcelDesk, glacial: Postage
) -> None:
    second = desk.ask(desk.order)
    assert desk.now(glacial).state == "dropped"
    desk.want(second)
    desk.run(7_200_000)
    assert desk.now(second).state == "bought"
    left = desk.now(glacial)
    assert (left.state, left.refund, left.words) == ("voiding", "", PAID_IN_VAIN)
    voiding = Voiding(desk.carriers, desk.books, desk.clock, lambda: 0.0)
    assert voiding.step() is not None
    assert desk.carriers.refunds == [left.shipment]
    with desk.store.read() as conn:
        assert postages.of_box(conn, left.box) == desk.now(second)


def test_what_was_not_paid_is_read_once_more_and_never_again(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "failure"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(7_200_000)
    assert desk.carriers.count("read") == 1
    label = desk.now(priced)
    assert label.state == "refused" and label.proven_at
    desk.run(40 * 3_600_000)
    assert desk.carriers.count("read") == 1
    desk.want(label)
    desk.run()
    assert desk.now(priced).state == "bought"
