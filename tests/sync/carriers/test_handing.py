"""The day's end: forms made once, visits booked once, parcels handed over, the list of the day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import handing_over, voiding
from bookwish_desk.db import handovers, order_checks
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.handover import DayManifest, Visit
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import Postage
from tests.support.after_desk import DAY, HOUR, AfterDesk, after_desk
from tests.support.fake_after import FORM
from tests.support.fake_carriers import DONE
from tests.support.orders import stepped
from tests.support.parcels import with_shipping
from tests.support.shops import hire


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AfterDesk]:
    made = after_desk(tmp_path / "shop")
    yield made
    with made.store.read() as conn:
        assert order_checks.everything(conn) == []
    made.store.close()


def day_of(desk: AfterDesk) -> str:
    return handing_over.today(desk.store.settings, desk.clock.at)


def listed(desk: AfterDesk) -> tuple[DayManifest, ...]:
    return handing_over.make_manifests(desk.store, desk.actor).value


def two(desk: AfterDesk) -> tuple[Postage, Postage]:
    return desk.bought(), desk.bought(desk.packed("BW-2"))


# ---- the list of a day ----


@pytest.mark.capability("WSM-18", "OMG-14", "BB-04")
def test_the_list_of_a_day_names_each_parcel_by_its_carrier(desk: AfterDesk) -> None:
    first, second = two(desk)
    with desk.store.read() as conn:
        found = handing_over.day_list(conn, desk.store.settings, day_of(desk))
    (usps,) = found.carriers
    assert (usps.carrier, usps.parcels, usps.by_form) == ("USPS", 2, True)
    assert first.bought is not None and second.bought is not None
    assert (usps.weight_grams, found.cents) == (1_000, first.bought.cents + second.bought.cents)
    assert [r.tracking for r in usps.rows] == [first.tracking, second.tracking]
    assert set(usps.waiting) == {first.id, second.id}
    voiding.void(desk.store, desk.actor, second.id, "Wrong box")
    desk.clock.at += DAY
    with desk.store.read() as conn:
        next_day = handing_over.day_list(conn, desk.store.settings, day_of(desk))
    assert [(r.postage, r.late) for c in next_day.carriers for r in c.rows] == [(first.id, True)]
    handing_over.hand_over(desk.store, desk.actor, [first.id])
    with desk.store.read() as conn:
        assert handing_over.day_list(conn, desk.store.settings, day_of(desk)).parcels == 0


# ---- forms ----


@pytest.mark.capability("OMG-14", "BB-04")
def test_one_form_is_made_for_a_carrier_that_scans_one_and_a_list_of_our_own_for_another(
    desk: AfterDesk,
) -> None:
    first = desk.bought()
    priced = desk.desk.ask(desk.packed("BW-2"))
    desk.desk.want(priced, 2)
    desk.desk.run()
    ups, usps = listed(desk)
    assert [(m.carrier, m.state, len(m.postages)) for m in (ups, usps)] == [
        ("UPS", "by_hand", 1),
        ("USPS", "new", 1),
    ]
    desk.carriers.creating = 2
    desk.run(desk.handing, HOUR)
    form = desk.form(usps)
    assert form.form is not None
    assert (form.state, form.form.id, desk.now(first).manifest) == ("created", "sf_1", usps.id)
    with desk.store.read() as conn:
        kept = handovers.form(conn, usps.id)
    assert kept is not None and (kept.data, kept.format) == (FORM, "pdf")
    with pytest.raises(Refused, match="stands in a list already"):
        listed(desk)
    assert desk.handing.step() is None


@pytest.mark.parametrize(
    "fault",
    ["lost_after", "never", "500_after", "html_after", "cut_after", "lost_before", "500_before", "not_sent",
     "limited", "too_early", "signed_out"],
)  # fmt: skip
def test_whatever_happens_to_the_answer_one_form_is_made(desk: AfterDesk, fault: str) -> None:
    two(desk)
    (asked,) = listed(desk)
    desk.carriers.faults["manifest", 0] = fault
    desk.run(desk.handing, most_steps=1)
    desk.restart()
    desk.run(desk.handing, HOUR)
    form = desk.form(asked)
    assert (form.state, len(form.postages), len(desk.carriers.forms)) == ("created", 2, 1)
    assert form.form is not None and form.form.id == "sf_1"
    assert fault not in DONE or desk.carriers.count("manifest") == 1


def test_a_form_that_was_asked_for_when_the_desk_stopped_is_looked_up(desk: AfterDesk) -> None:
    two(desk)
    (asked,) = listed(desk)

    def stop(_call: str) -> None:
        raise KeyboardInterrupt

    desk.carriers.after = stop
    with pytest.raises(KeyboardInterrupt):
        desk.handing.step()
    assert desk.form(asked).state == "asking"
    desk.carriers.after = lambda _call: None
    desk.restart()
    desk.run(desk.handing, HOUR)
    assert (desk.form(asked).state, desk.carriers.count("manifest")) == ("created", 1)


def test_what_the_account_does_not_know_any_more_is_in_no_doubt(desk: AfterDesk) -> None:
    first = desk.bought()
    (asked_form,) = listed(desk)
    visit = asked(desk, first)
    handing_over.book_visit(desk.store, desk.actor, visit.id, "NextDay")
    for call in ("manifest", "book"):
        desk.carriers.faults[call, 0] = "lost_before"
    desk.run(desk.handing, most_steps=2)
    desk.carriers.shipments.clear()
    desk.carriers.visits.clear()
    desk.run(desk.handing, 3 * HOUR)
    assert desk.form(asked_form).state in ("created", "refused")
    assert desk.visit(visit).state == "refused"


def test_what_stands_in_another_form_is_taken_out_and_the_rest_is_listed(desk: AfterDesk) -> None:
    first, second = two(desk)
    desk.carriers.forms["sf_theirs"] = (first.shipment,)
    (asked,) = listed(desk)
    desk.run(desk.handing, HOUR)
    form = desk.form(asked)
    assert (form.state, form.postages) == ("created", (second.id,))
    assert form.left_out == ((first.numbers[0], "It stands in another form of the carrier already."),)
    assert desk.now(first).manifest
    with pytest.raises(Refused):
        listed(desk)


def test_a_form_that_is_refused_says_why_and_frees_its_parcels(desk: AfterDesk) -> None:
    two(desk)
    (asked,) = listed(desk)
    desk.carriers.faults["manifest", 0] = "failure"
    desk.run(desk.handing)
    assert (desk.form(asked).state, desk.form(asked).words) == ("refused", "The carrier refused it.")
    assert len(listed(desk)) == 1
    desk.run(desk.handing, HOUR)
    assert len(desk.carriers.forms) == 1


def test_labels_given_back_meanwhile_are_not_on_the_form(desk: AfterDesk) -> None:
    first, second = two(desk)
    (asked,) = listed(desk)
    voiding.void(desk.store, desk.actor, first.id, "Wrong box")
    desk.run(desk.handing, HOUR)
    assert desk.form(asked).postages == (second.id,)
    voiding_only = desk.form(asked)
    assert voiding_only.left_out == ((first.numbers[0], "Its label was given back."),)


# ---- leaving ----


@pytest.mark.capability("BW-12", "OMG-20", "BB-04")
def test_handing_over_ships_the_orders_and_what_cannot_stays_with_its_reason(desk: AfterDesk) -> None:
    with_shipping(desk.store, shipped_with="handover")
    first, second = two(desk)
    held = desk.order()
    stepped(desk.store, desk.actor, held, Step("hold", reason="She wants to add one"))
    done = handing_over.hand_over(desk.store, desk.actor, [first.id, second.id]).value
    assert (done.parcels, [o.number for o in done.orders]) == (1, list(first.numbers))
    assert done.failed == ((held.number, "The order is on hold: She wants to add one. Release it first."),)
    assert desk.now(first).handed_over_at and not desk.now(second).handed_over_at
    again = handing_over.hand_over(desk.store, desk.actor, [first.id]).value
    assert (again.parcels, again.orders) == (1, ())


# ---- visits ----


def asked(desk: AfterDesk, *labels: Postage) -> Visit:
    ids = [p.id for p in labels]
    at = desk.clock.at
    visit = handing_over.ask_visit(desk.store, desk.actor, ids, at + HOUR, at + 5 * HOUR, "At the back door")
    desk.run(desk.handing)
    return desk.visit(visit.value)


@pytest.mark.capability("WSM-18")
def test_a_visit_is_priced_booked_and_called_off(desk: AfterDesk) -> None:
    visit = asked(desk, *two(desk))
    assert visit.collection is not None
    assert (visit.state, [r.service for r in visit.collection.rates]) == ("quoted", ["NextDay", "SameDay"])
    handing_over.book_visit(desk.store, desk.actor, visit.id, "NextDay")
    desk.run(desk.handing)
    booked = desk.visit(visit)
    assert booked.collection is not None
    assert (booked.state, booked.collection.confirmation) == ("booked", "WTC1")
    with desk.store.read() as conn:
        (there,) = handing_over.day_list(conn, desk.store.settings, day_of(desk)).visits
    assert there == booked
    handing_over.cancel_visit(desk.store, desk.actor, visit.id)
    desk.run(desk.handing)
    assert desk.visit(visit).state == "cancelled"
    with pytest.raises(Refused):
        handing_over.cancel_visit(desk.store, desk.actor, visit.id)


def test_a_visit_that_is_called_off_takes_no_parcel_from_the_one_that_is_booked(desk: AfterDesk) -> None:
    label = desk.bought()
    first, second = asked(desk, label), asked(desk, label)
    handing_over.book_visit(desk.store, desk.actor, second.id, "NextDay")
    desk.run(desk.handing)
    assert desk.now(label).collection == second.id
    handing_over.cancel_visit(desk.store, desk.actor, first.id)
    desk.run(desk.handing)
    assert (desk.visit(first).state, desk.now(label).collection) == ("cancelled", second.id)
    handing_over.cancel_visit(desk.store, desk.actor, second.id)
    desk.run(desk.handing)
    assert desk.now(label).collection == ""


@pytest.mark.parametrize(
    "fault", ["lost_after", "500_after", "html_after", "never", "not_sent", "limited", "too_early"]
)
def test_one_visit_is_booked_whatever_happens_to_the_answer(desk: AfterDesk, fault: str) -> None:
    visit = asked(desk, desk.bought())
    handing_over.book_visit(desk.store, desk.actor, visit.id, "SameDay")
    desk.carriers.faults["book", 0] = fault
    desk.run(desk.handing, most_steps=1)
    desk.restart()
    desk.run(desk.handing, HOUR)
    assert desk.visit(visit).state == "booked"
    assert len(desk.carriers.bookings) == 1


@pytest.mark.parametrize("fault", ["lost_before", "500_before"])
def test_a_visit_that_was_surely_not_booked_can_be_booked_again(desk: AfterDesk, fault: str) -> None:
    visit = asked(desk, desk.bought())
    handing_over.book_visit(desk.store, desk.actor, visit.id, "SameDay")
    desk.carriers.faults["book", 0] = fault
    desk.run(desk.handing, HOUR)
    assert (desk.visit(visit).state, desk.visit(visit).words) == (
        "quoted",
        "It was not booked. Book it again.",
    )
    handing_over.book_visit(desk.store, desk.actor, visit.id, "SameDay")
    desk.run(desk.handing, HOUR)
    assert (desk.visit(visit).state, len(desk.carriers.bookings)) == ("booked", 1)


@pytest.mark.parametrize("fault", ["lost_after", "lost_before", "not_sent", "failure"])
def test_a_visit_that_is_called_off_is_called_off_once_or_stays(desk: AfterDesk, fault: str) -> None:
    visit = asked(desk, desk.bought())
    handing_over.book_visit(desk.store, desk.actor, visit.id, "NextDay")
    desk.run(desk.handing)
    handing_over.cancel_visit(desk.store, desk.actor, visit.id)
    desk.carriers.faults["cancel_collection", 0] = fault
    desk.run(desk.handing, HOUR)
    after = desk.visit(visit)
    if fault == "failure":
        assert (after.state, after.words) == ("booked", "The visit is still booked. The carrier refused it.")
    else:
        assert after.state == "cancelled"


def test_a_visit_that_cannot_be_is_refused_before_anything_is_asked(desk: AfterDesk) -> None:
    first = desk.bought()
    priced = desk.desk.ask(desk.packed("BW-2"))
    desk.desk.want(priced, 2)
    desk.desk.run()
    at = desk.clock.at
    for ids, begins, ends, code in (
        ([], at, at + HOUR, "nothing"),
        ([first.id, priced.id], at, at + HOUR, "carriers"),
        ([first.id], at - 2 * HOUR, at - HOUR, "time"),
        ([first.id], at + HOUR, at + HOUR, "time"),
    ):
        with pytest.raises(Refused) as caught:
            handing_over.ask_visit(desk.store, desk.actor, ids, begins, ends)
        assert caught.value.code == code
    desk.carriers.comes = ()
    nobody = asked(desk, first)
    assert (nobody.state, nobody.words) == ("refused", "USPS: no collection there.")
    assert desk.carriers.bookings == []


def test_a_dear_visit_needs_a_manager(desk: AfterDesk) -> None:
    visit = asked(desk, desk.bought())
    with_shipping(desk.store, label_limit_cents=1_000)
    clerk = hire(desk.store, "staff")
    with pytest.raises(NeedsApproval):
        handing_over.book_visit(desk.store, clerk, visit.id, "SameDay")
    assert handing_over.book_visit(desk.store, clerk, visit.id, "NextDay").value.state == "booking"
