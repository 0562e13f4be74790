"""What the simulated broker does after a purchase: parcels travel by a clock, forms and visits have rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.demo.test_carriers_money import code
from tests.support.carriers import SENDER, TO, Reached, carriers_server

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.fixture
def far() -> Iterator[Reached]:
    with carriers_server() as reached:
        yield reached


def status(far: Reached, made: dict[str, Any]) -> str:
    told: dict[str, Any] = far.get(f"/trackers/{made['tracker']['id']}").json()
    return str(told["status"])


def way(far: Reached, made: dict[str, Any], *moments: int) -> list[str]:
    seen = []
    for moment in moments:
        far.house.move_clock(moment)
        seen.append(status(far, made))
    return seen


def test_a_parcel_travels_by_the_clock(far: Reached) -> None:
    made = far.bought("Priority")  # two days
    assert made["tracker"]["status"] == "unknown"
    found = way(far, made, 2 * MINUTE, 14 * HOUR, 2 * DAY + 9 * HOUR, 2 * DAY + 13 * HOUR)
    assert found == ["pre_transit", "in_transit", "out_for_delivery", "delivered"]
    told = far.get(f"/trackers/{made['tracking_code']}").json()
    moments = [each["datetime"] for each in told["tracking_details"]]
    assert moments == sorted(moments) and told["est_delivery_date"] == moments[-1]
    assert told["tracking_details"][-1]["tracking_location"]["city"] == "BRISTOL"
    listed = far.get("/trackers", tracking_code=made["tracking_code"]).json()
    assert [t["id"] for t in listed["trackers"]] == [told["id"]]


def test_a_day_may_be_a_minute() -> None:
    with carriers_server(day_ms=MINUTE, idle_ms=4 * MINUTE) as far:
        made = far.bought("Priority")
        assert way(far, made, 3 * MINUTE, 5 * MINUTE, 6 * MINUTE + 1_000) == [
            "pre_transit", "in_transit", "delivered",
        ]  # fmt: skip


def test_a_parcel_that_is_handed_over_moves_at_once(far: Reached) -> None:
    slow, quick = far.bought("Priority"), far.bought("Priority")
    far.post("/scan_forms", scan_form={"shipments": [{"id": quick["id"]}]})
    far.house.move_clock(2 * HOUR)
    assert (status(far, slow), status(far, quick)) == ("pre_transit", "in_transit")


def test_some_parcels_meet_trouble(far: Reached) -> None:
    box = far.bought("Priority", to_address=TO | {"street1": "PO Box 418"})
    lost = far.bought("Priority", to_address=TO | {"street1": "1 Unknown Street"})
    assert way(far, box, 2 * DAY + 13 * HOUR) == ["available_for_pickup"]
    found = way(far, lost, 2 * DAY + 13 * HOUR, 4 * DAY, 6 * DAY)
    assert found == ["failure", "return_to_sender", "delivered"]
    told = far.get(f"/trackers/{lost['tracker']['id']}").json()["tracking_details"][-1]
    assert told["tracking_location"]["city"] == "ALDER FALLS"
    told = far.bought("Priority")
    far.house.tell(told["tracking_code"], "error")
    assert status(far, told) == "error"
    far.house.move_clock(9 * DAY)
    assert status(far, told) == "error"


@pytest.mark.parametrize("name", ["in_transit", "delivered", "return_to_sender", "failure"])
def test_easyposts_own_numbers(far: Reached, name: str) -> None:
    from bookwish_desk.demo.carriers.travel import CODES

    number = next(code for code, status in CODES.items() if status == name)
    said = far.post("/trackers", tracker={"tracking_code": number, "carrier": "USPS"}).json()
    assert said["status"] == name and said["tracking_details"][-1]["status"] == name
    before = far.ledger.balance_cents
    again = far.post("/trackers", tracker={"tracking_code": number, "carrier": "USPS"}).json()
    assert again["id"] == said["id"] and far.ledger.balance_cents == before


def test_a_parcel_of_elsewhere_is_followed_for_money(far: Reached) -> None:
    said = far.post("/trackers", tracker={"tracking_code": "1Z 999 AA1 01 2345 6784"}).json()
    assert (said["carrier"], said["status"]) == ("UPS", "unknown")
    assert far.ledger.entries[-1].kind == "tracker"
    wrong = far.post("/trackers", tracker={"tracking_code": "1", "carrier": "Owls"})
    assert code(wrong) == (422, "TRACKER.UNSUPPORTED_CARRIER")
    assert code(far.post("/trackers/batch", tracking_codes=[])) == (422, "TRACKER.INVALID_PARAMS")


# ---- forms ----


def form(far: Reached, *made: dict[str, Any]) -> Any:
    return far.post("/scan_forms", scan_form={"shipments": [{"id": m["id"]} for m in made]})


def test_a_shipment_is_on_one_form_only_and_forms_are_of_one_carrier(far: Reached) -> None:
    first, second, ups = far.bought("Priority"), far.bought("Priority"), far.bought("Ground")
    assert form(far, first).status_code == 200
    again = form(far, first, second)
    assert code(again) == (422, "SCAN_FORM.CREATE.FAILURE")
    assert f"already been manifested: {first['id']}" in again.json()["error"]["message"]
    assert code(form(far, second, ups)) == (422, "SCAN_FORM.BATCH.MULTIPLE_CARRIERS")
    assert code(form(far, ups)) == (422, "SCAN_FORM.CREATE.CARRIER_NOT_SUPPORTED")
    assert code(form(far, far.made())) == (422, "SCAN_FORM.BATCH.NOT_PURCHASED")
    assert code(form(far)) == (422, "SCAN_FORM.SHIPMENTS.REQUIRED")
    elsewhere = far.bought("Priority", from_address=SENDER | {"street1": "1 Other Street"})
    assert "from_address" in form(far, second, elsewhere).json()["error"]["message"]
    assert form(far, second).status_code == 200


def test_a_form_fails_for_what_was_given_back_and_for_yesterday(far: Reached) -> None:
    back, late, dated = (
        far.bought("Priority"),
        far.bought("Priority"),
        far.bought("Priority", options={"label_date": "2050-01-02T00:00:00Z"}),
    )
    far.post(f"/shipments/{back['id']}/refund")
    assert "refund" in form(far, back).json()["error"]["message"]
    far.house.move_clock(2 * DAY)
    assert "label date has passed" in form(far, late).json()["error"]["message"]
    assert form(far, dated).status_code == 200


def test_a_batch_that_is_not_ready_makes_no_form(far: Reached) -> None:
    made = far.bought("Priority")
    batch = far.post("/batches", batch={"shipments": [{"id": made["id"]}]}).json()
    assert batch["state"] == "creating"
    assert code(far.post(f"/batches/{batch['id']}/scan_form")) == (423, "BATCH.STATE.CREATING")
    far.house.move_clock(1_000)
    assert far.get(f"/batches/{batch['id']}").json()["state"] == "purchased"
    assert far.post(f"/batches/{batch['id']}/scan_form").json()["scan_form"]["id"].startswith("sf_")


# ---- visits ----


def visit(far: Reached, made: dict[str, Any], **more: Any) -> dict[str, Any]:
    asked = {"address": SENDER, "min_datetime": "2050-01-02", "max_datetime": "2050-01-02", **more}
    said: dict[str, Any] = far.post("/pickups", pickup={**asked, "shipment": {"id": made["id"]}}).json()
    return said


def test_a_visit_is_booked_once_paid_and_called_off(far: Reached) -> None:
    made = far.bought("Ground")
    asked = visit(far, made)
    path = f"/pickups/{asked['id']}"
    assert code(far.post(f"{path}/cancel")) == (422, "PICKUP.CANCEL.FAILED")
    none = far.post(f"{path}/buy", carrier="USPS", service="NextDay")
    assert code(none) == (422, "PICKUP.BUY.NO_MATCHING_RATES")
    before = far.ledger.balance_cents
    booked = far.post(f"{path}/buy", carrier="UPS", service="Future-day Pickup").json()
    assert booked["confirmation"].startswith("WTC") and before - far.ledger.balance_cents == 745
    twice = far.post(f"{path}/buy", carrier="UPS", service="Future-day Pickup")
    assert code(twice) == (422, "PICKUP.STATUS.INVALID")
    assert far.get(path).json()["status"] == "scheduled"
    assert far.post(f"{path}/cancel").json()["status"] == "canceled"
    assert far.ledger.balance_cents == before


def test_a_visit_that_cannot_be(far: Reached) -> None:
    made = far.bought("Priority")
    past = visit(far, made, min_datetime="2020-01-02", max_datetime="2020-01-02")
    assert past["pickup_rates"] == [] and "in the past" in past["messages"][0]["message"]
    assert visit(far, made, max_datetime="soon")["error"]["code"] == "DATE.PARSE.FAILURE"
    assert visit(far, far.made())["error"]["code"] == "PICKUP.REQUEST.INVALID"
    assert visit(far, far.bought("FEDEX_2_DAY"))["pickup_rates"] == []
    late = visit(far, made)
    far.house.move_clock(60 * 365 * DAY)
    failed = far.post(f"/pickups/{late['id']}/buy", carrier="USPS", service="NextDay")
    assert code(failed) == (400, "PICKUP.BUY.FAILED")
