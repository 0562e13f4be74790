"""Books that were put back from before a purchase: what they do not know is not paid a second time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying, voiding
from bookwish_desk.actions.found_labels import FOUND, NOT_ANY_MORE
from bookwish_desk.db import backup, postage_checks, postages
from bookwish_desk.db.restore import put_back
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import Postage
from bookwish_desk.sync.carriers.buying import LOOKED_FIRST
from bookwish_desk.sync.carriers.voiding import Voiding
from tests.support.orders import now, stepped
from tests.support.parcels import ParcelDesk, bought, copied_desk, opened_desk, packed, wanted


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


def saved(desk: ParcelDesk) -> Path:
    """Make a backup of the books as they are."""
    file = desk.store.folder.parent / "backup.db"
    backup.copy_database(desk.store.folder / "shop.db", file, None)
    return file


def with_books_of(desk: ParcelDesk, file: Path) -> ParcelDesk:
    """Put a backup back and start the desk again, at the same broker."""
    desk.store.close()
    put_back(desk.store.folder, file, None)
    again = opened_desk(desk.store.folder, desk.clock.at + 60_000)
    again.carriers = desk.carriers
    desk.carriers.clock = again.clock
    again.started()
    desk.store = again.store  # so that it is closed
    return again


def all_labels(desk: ParcelDesk) -> tuple[Postage, ...]:
    with desk.store.read() as conn:
        assert postage_checks.everything(conn)[0] == []
        return postages.in_state(conn, ("bought",))


@pytest.mark.capability("BW-11")
def test_a_label_that_is_not_in_the_backup_at_all_stands_for_its_parcel(desk: ParcelDesk) -> None:
    file = saved(desk)
    paid = bought(desk)
    old = with_books_of(desk, file)
    old.run()
    (label,) = all_labels(old)
    assert (label.shipment, label.tracking, label.box) == (paid.shipment, paid.tracking, paid.box)
    assert (label.words, label.printed) == (FOUND, ()) and label.label_at, "it can be printed again"
    order = now(old.store, old.order)
    assert not order.parcels[0].shipped_at and order.parcels[0].trouble == FOUND
    with pytest.raises(Refused, match="has its label"):
        buying.ask(old.store, old.actor, wanted(order))
    assert len(old.carriers.purchases) == 1
    old.started().step()
    assert old.carriers.count("paid_since") == 1, "it is asked once"
    voiding.void(old.store, old.actor, label.id, "Not there")
    assert buying.ask(old.store, old.actor, wanted(order)).value.state == "new"


@pytest.mark.capability("BW-11")
def test_a_label_that_was_only_asked_about_then_is_bought_now(desk: ParcelDesk) -> None:
    asked = buying.ask(desk.store, desk.actor, wanted(desk.order)).value
    file = saved(desk)
    desk.run()
    desk.want(desk.now(asked))
    desk.run()
    old = with_books_of(desk, file)
    assert old.now(asked).state == "dropped"
    old.run()
    label = old.now(asked)
    assert (label.state, label.words, label.label_at > 0) == ("bought", FOUND, True)
    assert len(old.carriers.purchases) == 1 and len(all_labels(old)) == 1


@pytest.mark.capability("BW-11")
def test_a_parcel_that_is_packed_anew_is_not_paid_again(desk: ParcelDesk) -> None:
    """The order was not packed yet when the backup was made, so no parcel is known for the label."""
    order = stepped(desk.store, desk.actor, desk.order, Step("unpack"))
    file = saved(desk)
    order = stepped(desk.store, desk.actor, order, "pack")
    desk.order = order
    paid = bought(desk)
    old = with_books_of(desk, file)
    old.run()
    (label,) = all_labels(old)
    assert label.orders == (order.id,) and label.box.startswith(postages.NO_BOX)
    order = stepped(old.store, old.actor, now(old.store, order), "pack")
    with pytest.raises(Refused, match=paid.tracking):
        buying.ask(old.store, old.actor, wanted(order))
    # Somebody sees that it is this parcel; another one of the order can have its own label.
    order = stepped(
        old.store, old.actor, order,
        Step("ship", parcel=order.parcels[0].id, tracking=paid.tracking, carrier="USPS"),
    )  # fmt: skip
    with pytest.raises(Refused, match=order.number):
        buying.ask(old.store, old.actor, wanted(order))


@pytest.mark.capability("BW-11")
def test_a_label_of_an_order_that_the_backup_does_not_know_keeps_it_from_being_paid_again(
    desk: ParcelDesk,
) -> None:
    file = saved(desk)
    bought(desk)
    made = next(iter(desk.carriers.shipments.values()))
    made.asked = replace(made.asked, marks=("LATER-1",))
    old = with_books_of(desk, file)
    old.run()
    (label,) = all_labels(old)
    assert (label.orders, label.numbers) == ((), ("LATER-1",))
    late = packed(old.store, old.actor, "LATER-1")
    with pytest.raises(Refused, match="LATER-1"):
        buying.ask(old.store, old.actor, wanted(late))
    with old.store.read() as conn:
        assert postages.of_order(conn, late.id) == (label,), "it is shown with the order, to be given back"
        assert postages.of_order(conn, old.order.id) == ()
    voiding.void(old.store, old.actor, label.id, "Nobody has it")
    assert buying.ask(old.store, old.actor, wanted(late)).value.state == "new"


@pytest.mark.capability("BW-11")
@pytest.mark.parametrize("fault", ["not_sent", "lost_before", "limited", "500_before"])
def test_nothing_is_bought_before_it_was_looked_up(desk: ParcelDesk, fault: str) -> None:
    file = saved(desk)
    old = with_books_of(desk, file)
    for nth in range(3):
        old.carriers.faults["paid_since", nth] = fault
    asked = buying.ask(old.store, old.actor, wanted(old.order)).value
    while not old.engine.step():
        pass
    assert (old.engine.now.way, old.engine.now.words.startswith(LOOKED_FIRST)) == ("away", True)
    assert old.carriers.count("create") == 0
    old.run()
    assert old.engine.now.way == "ready" and old.now(asked).state == "created"
    assert old.carriers.count("paid_since") == 4


def test_a_broker_that_does_not_tell_stops_nothing_and_the_journal_says_so(desk: ParcelDesk) -> None:
    file = saved(desk)
    old = with_books_of(desk, file)
    old.carriers.faults["paid_since", 0] = "failure"
    buying.ask(old.store, old.actor, wanted(old.order))
    old.run()
    assert old.carriers.count("create") == 1
    with old.store.read() as conn:
        assert postages.unlooked_since(conn) == 0
        kinds = [k for (k,) in conn.exec_driver_sql("SELECT kind FROM journal ORDER BY seq DESC LIMIT 3")]
    assert "labels.untold" in kinds


@pytest.mark.capability("BW-11")
@pytest.mark.parametrize("refund", ["submitted", "refunded"])
def test_what_was_given_back_since_is_not_taken_up(desk: ParcelDesk, refund: str) -> None:
    file = saved(desk)
    bought(desk)
    next(iter(desk.carriers.shipments.values())).refund = refund
    old = with_books_of(desk, file)
    old.run()
    assert all_labels(old) == ()


@pytest.mark.capability("BW-11")
@pytest.mark.parametrize("what", ["elsewhere", "older"])
def test_what_was_bought_elsewhere_with_the_account_is_none_of_the_shops(desk: ParcelDesk, what: str) -> None:
    file = saved(desk)
    bought(desk)
    made = next(iter(desk.carriers.shipments.values()))
    if what == "elsewhere":
        made.asked = replace(made.asked, reference="order 4711")
    else:
        made.made_at -= 10 * 86_400_000  # another desk of the account had it made long before
    old = with_books_of(desk, file)
    old.run()
    assert all_labels(old) == ()


@pytest.mark.capability("BW-11", "OMG-19")
def test_a_label_that_was_given_back_since_is_not_used_again(desk: ParcelDesk) -> None:
    label = bought(desk)
    file = saved(desk)
    next(iter(desk.carriers.shipments.values())).refund = "refunded"
    old = with_books_of(desk, file)
    old.run()
    found = old.now(label)
    assert (found.state, found.words) == ("voiding", NOT_ANY_MORE)
    with pytest.raises(Refused):
        buying.reprint(old.store, old.actor, label.id)
    assert Voiding(old.carriers, old.books, old.clock, lambda: 0.0).step() is not None
    assert old.now(label).state == "voided" and old.carriers.refunds == []
