"""Questions that take more than one call, and what is sent for each."""

from __future__ import annotations

from typing import Any

import pytest

from bookwish_desk.sync.carriers.port import TOO_EARLY
from tests.sync.carriers.easypost.speech import (
    BOUGHT,
    KEY,
    NOW,
    SHOP,
    Scripted,
    speaking,
)

PAGE = b"<html><body>502 Bad Gateway</body></html>"


@pytest.mark.capability("WSM-18")
def test_a_visit_for_several_parcels_is_asked_for_by_a_batch_of_their_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bookwish_desk.sync.carriers.easypost.adapter.BATCH_PAUSES", (0.0, 0.0))
    price = {"id": "pickuprate_1", "carrier": "USPS", "service": "NextDay", "rate": "0.00"}
    creating, created = ((200, {"id": "batch_1", "state": state}) for state in ("creating", "created"))
    script = Scripted(
        {
            "POST /v2/batches": [creating],
            "GET /v2/batches/batch_1": [creating, created],
            "POST /v2/pickups": [(200, {"id": "pickup_1", "status": "unknown", "pickup_rates": [price]})],
        }
    )
    with speaking(script) as carriers:
        reply = carriers.collection("v-1", ["shp_1", "shp_2"], SHOP, NOW, NOW + 3_600_000, "Ring twice")
    assert reply.value is not None
    assert (reply.value.state, reply.value.rates[0].cents) == ("quoted", 0)
    assert script.asked[0][1] == {"batch": {"shipments": [{"id": "shp_1"}, {"id": "shp_2"}]}}
    asked = script.asked[-1][1]["pickup"]
    assert asked["batch"] == {"id": "batch_1"}
    assert asked["min_datetime"] == "2025-03-03T11:06:40Z"


def test_a_batch_that_is_never_ready_is_asked_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookwish_desk.sync.carriers.easypost.adapter.BATCH_PAUSES", (0.0,))
    creating = [(200, {"id": "batch_1", "state": "creating"})]
    script = Scripted({"POST /v2/batches": [*creating], "GET /v2/batches/batch_1": [*creating]})
    with speaking(script) as carriers:
        reply = carriers.collection("v", ["shp_1", "shp_2"], SHOP, 1, 2, "")
    assert (reply.result, reply.code) == ("refused", TOO_EARLY)


@pytest.mark.parametrize(("key", "status"), [("EZAK" + "0" * 30, 403), ("simulated-key", 422), (KEY, 0)])
def test_a_key_for_tests_is_tried_out_on_something_that_it_may_see(key: str, status: int) -> None:
    script = Scripted(
        {
            "GET /v2/users": [
                (status, {"error": {"code": "MODE.UNAUTHORIZED", "message": "Production only."}})
            ],
            "GET /v2/addresses?page_size=1": [(200, {"addresses": [], "has_more": False})],
        }
    )
    with speaking(script, key=key) as carriers:
        reply = carriers.account()
    assert reply.value is not None
    assert reply.value.test
    assert carriers.test
    assert [x for x, _ in script.asked] == (["GET /v2/users"] if status else []) + [
        "GET /v2/addresses?page_size=1"
    ]


def test_an_account_says_its_name_its_balance_and_its_carriers() -> None:
    user = {"id": "user_1", "object": "User", "name": "The Corner Bookshop", "balance": "-12.50000"}
    carriers = [
        {"id": "ca_1", "readable": "USPS", "type": "UspsAccount"},
        {"id": "ca_2", "readable": "USPS"},
        7,
    ]
    script = Scripted(
        {
            "GET /v2/users": [(200, user), (200, {**user, "balance": "1,031.27"})],
            "GET /v2/carrier_accounts": [(200, carriers), (500, {})],
        }
    )
    with speaking(script, key="EZAK" + "0" * 30) as production:
        owing, rich = production.account(), production.account()
    assert owing.value is not None
    assert (owing.value.name, owing.value.balance_cents, owing.value.carriers) == (
        user["name"],
        -1_250,
        ("USPS",),
    )
    assert rich.value is not None
    assert (rich.value.balance_cents, rich.value.carriers, rich.value.test) == (103_127, (), False)
    assert not production.test


def tracker(number: int) -> dict[str, Any]:
    return {"id": f"trk_{number}", "tracking_code": f"94{number}", "status": "in_transit", "carrier": "USPS"}


@pytest.mark.capability("OMG-22")
def test_many_parcels_are_asked_for_at_once_by_their_numbers() -> None:
    answers = [{"trackers": [tracker(1), tracker(2)]}, {"trackers": [tracker(3)]}]
    script = Scripted({"POST /v2/trackers/batch": [(200, x) for x in answers]})
    with speaking(script) as carriers:
        reply = carriers.tracks([f"94{x}" for x in range(60)])
    assert [x.tracker for x in reply.value or ()] == ["trk_1", "trk_2", "trk_3"]
    assert [len(body["tracking_codes"]) for _, body in script.asked] == [50, 10]


def test_only_what_nobody_knows_is_left_out() -> None:
    script = Scripted(
        {
            "GET /v2/trackers/trk_1": [(200, tracker(1))],
            "GET /v2/trackers/trk_2": [(404, {"error": {"code": "NOT_FOUND", "message": "No."}})],
            "GET /v2/trackers/trk_3": [(429, {"error": {"code": "RATE_LIMITED", "message": "Slow."}})],
        }
    )
    with speaking(script) as carriers:
        some = carriers.tracks(["trk_1", "trk_2"])
        cut = carriers.tracks(["trk_1", "trk_3"])
        nobody = carriers.tracks([])
    assert [x.tracker for x in some.value or ()] == ["trk_1"]
    assert (cut.result, cut.value) == ("limited", None)
    assert (nobody.result, nobody.value) == ("done", ())


def test_a_form_is_made_followed_and_fetched() -> None:
    made = {"id": "sf_1", "status": "creating", "tracking_codes": ["941", "942"]}
    script = Scripted(
        {
            "POST /v2/scan_forms": [(201, made)],
            "GET /v2/scan_forms/sf_1": [
                (200, made),
                (200, {**made, "status": "created", "form_url": "FORM"}),
            ],
        }
    )
    with speaking(script) as carriers:
        form = carriers.manifest(["shp_1", "shp_2"])
        early = carriers.manifest_file("sf_1")
        now = carriers.manifest_now("sf_1")
        file = carriers.manifest_file("sf_1")
    assert form.value is not None
    assert (form.value.state, form.value.tracking) == ("creating", ("941", "942"))
    assert script.asked[0][1] == {"scan_form": {"shipments": [{"id": "shp_1"}, {"id": "shp_2"}]}}
    assert (early.result, early.code) == ("refused", TOO_EARLY)
    assert now.value is not None
    assert (now.value.state, now.value.url) == ("created", "FORM")
    assert (file.result, file.code) == ("unknown", "address")


def test_money_is_asked_back_and_parcels_are_insured_and_visits_called_off() -> None:
    refunded = {**BOUGHT, "refund_status": "submitted"}
    insured = {**BOUGHT, "insurance": "100.00"}
    visit = {"id": "pickup_1", "status": "canceled", "confirmation": "WTC1"}
    script = Scripted(
        {
            "POST /v2/shipments/shp_1/refund": [(200, refunded)],
            "POST /v2/shipments/shp_1/insure": [(200, insured)],
            "POST /v2/pickups/pickup_1/cancel": [(200, visit)],
        }
    )
    with speaking(script) as carriers:
        refund, insurance = carriers.refund("shp_1"), carriers.insure("shp_1", 10_000)
        cancelled = carriers.cancel_collection("pickup_1")
    assert refund.value is not None and refund.value.refund == "submitted" and refund.value.bought is not None
    assert insurance.value is not None and insurance.value.bought is not None
    assert insurance.value.bought.insured_cents == 10_000
    assert script.asked[1][1] == {"amount": "100.00"}
    assert cancelled.value is not None and cancelled.value.state == "cancelled"


def test_an_address_that_is_refused_outright_is_an_answer_too() -> None:
    words = {"message": "Unable to verify address.", "errors": [{"message": "Address not found"}]}
    told = {"error": {"code": "ADDRESS.VERIFY.FAILURE", **words}}
    script = Scripted({"POST /v2/addresses": [(422, told)]})
    with speaking(script) as carriers:
        reply = carriers.check_address(SHOP)
    assert reply.value is not None
    assert (reply.result, reply.value.deliverable, reply.value.errors) == (
        "done",
        False,
        ("Address not found.",),
    )
    assert script.asked[0][1]["verify"] is True


@pytest.mark.capability("BW-11")
def test_what_was_paid_since_a_moment_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookwish_desk.sync.carriers.easypost.adapter.PAGE_PAUSE", 0.0)
    first = "GET /v2/shipments?purchased=true&page_size=100&start_datetime=2025-03-03T11%3A06%3A40Z"
    marked = {**BOUGHT, "reference": "p-1", "options": {"print_custom_1": "BW-1"}, "is_return": True}
    unpaid: dict[str, object] = {"id": "shp_3", "rates": [], "postage_label": None}
    script = Scripted(
        {
            first: [(200, {"shipments": [7, marked, unpaid], "has_more": False})],
        }
    )
    with speaking(script) as carriers:
        reply = carriers.paid_since(NOW)
    assert reply.value is not None
    (now,) = reply.value
    assert (now.reference, now.marks, now.is_return) == ("p-1", ("BW-1",), True)
    pages = Scripted(
        {
            first: [(200, {"shipments": [unpaid, marked], "has_more": True})],
            f"{first}&before_id=shp_1": [(200, {"shipments": [{**BOUGHT, "id": "shp_0"}]})],
        }
    )
    with speaking(pages) as carriers:
        reply = carriers.paid_since(NOW)
    assert reply.value is not None
    assert [x.quoted.shipment for x in reply.value] == ["shp_1", "shp_0"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}), (200, {"shipments": 7}), (500, {}), (200, []), (200, {"shipments": [7], "has_more": True}),
    ],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_no_empty_list(status: int, body: Any) -> None:
    path = "GET /v2/shipments?purchased=true&page_size=100&start_datetime=2025-03-03T11%3A06%3A40Z"
    with speaking(Scripted({path: [(status, body)]})) as carriers:
        assert carriers.paid_since(NOW).result == "unknown"


@pytest.mark.parametrize("code", ["MODE.CONFLICT", "MODE.UNAUTHORIZED"])
def test_a_sample_of_the_time_before_going_live_stops_nothing_else(code: str) -> None:
    said = (422, {"error": {"code": code, "message": "This is of the other mode."}})
    script = Scripted({"GET /v2/shipments/shp_1": [said, said], "POST /v2/shipments/shp_1/refund": [said]})
    with speaking(script) as carriers:
        ends = [
            carriers.read("shp_1").result,
            carriers.label("shp_1", "png").result,
            carriers.refund("shp_1").result,
        ]
    assert ends == ["gone", "gone", "gone"], "the key itself is good"
