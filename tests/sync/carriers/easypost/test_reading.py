"""Answers of EasyPost that are odd, hostile or broken: what is read of them, and that nothing is raised."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.carriage import Failure
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.carriers.easypost import judging, parts, reading, reading_after
from bookwish_desk.sync.carriers.easypost.client import Answer
from bookwish_desk.sync.carriers.port import EXISTS, FUNDS, IN_PROGRESS, STALE_RATE, TOO_EARLY
from tests.sync.carriers.easypost.speech import KEY, NOW, READER

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "easypost" / "docs-samples"
NOBODY = Secret("")


# ---- money ----


@pytest.mark.parametrize(
    ("told", "cents"),
    [
        ("6.07", 607),
        ("34.15", 3415),
        ("35,65", 3565),
        ("1,234.56", 123_456),
        ("1.234,56", 123_456),
        ("1,234", 123_400),
        ("0,500", 50),
        ("1.234", 123),
        ("11.01000", 1101),
        ("1.24995", 125),
        ("0.005", 1),
        ("0.00499", 0),
        ("0.00", 0),
        (".5", None),
        ("$7.10", 710),
        ("USD 7.10", 710),
        ("7.10 USD", 710),
        ("12 345,60", 1_234_560),
        (7.42, 742),
        (1e-07, None),
        (7, 700),
        (0.1 + 0.2, 30),
        ("-1.00", None),
        ("1e3", None),
        ("NaN", None),
        ("1.2.3", None),
        ("1,23,4", None),
        ("1,2.3,4", None),
        ("१२", None),
        ("", None),
        (" ", None),
        (True, None),
        (None, None),
        ([], None),
        (float("nan"), None),
        (float("inf"), None),
        ("999999999999.99", None),
    ],
)
def test_money_is_read_without_a_float(told: object, cents: int | None) -> None:
    assert parts.cents(told) == cents


@given(st.integers(0, parts.MOST_CENTS))
def test_every_price_is_read_as_it_was_written(cents: int) -> None:
    assert parts.cents(f"{cents // 100}.{cents % 100:02d}") == cents
    assert parts.cents(f"{cents // 100:,}.{cents % 100:02d}") == cents
    assert parts.cents(f"{cents // 100},{cents % 100:02d}") == cents


def test_prices_are_compared_as_numbers_and_odd_ones_are_named() -> None:
    told = {
        "id": "shp_1",
        "rates": [
            {"id": "rate_1", "carrier": "USPS", "service": "Fast", "rate": "34.15", "retail_rate": "39.10"},
            {"id": "rate_2", "carrier": "USPS", "service": "Ground", "rate": "6.07", "retail_rate": "7,90"},
            {"id": "rate_3", "carrier": "DPD", "service": "Classic", "rate": "35,65", "currency": "EUR",
             "retail_rate": "40.00", "retail_currency": "USD"},
            {"id": "rate_4", "carrier": "UPS", "service": "Ground", "rate": "call us"},
            {"id": 5, "carrier": "FedEx", "service": "Ground", "rate": "9.00"},
            "FedEx", None,
        ],
        "messages": [
            {"carrier": "UPS", "type": "rate_error", "message": "Too Many Requests"},
            {"carrier": "UPS", "type": "rate_error", "message": "Too Many Requests"},
            {"carrier": "DHL", "type": "rate_message", "message": "Prices may change"},
            {"carrier": "OnTrac", "message": ["Not there", "nor here"]},
            {"carrier": "Amazon", "type": "rate_error", "message": None},
            "a text", 7,
        ],
    }  # fmt: skip
    found = reading.quoted(told, NOW)
    assert found is not None
    assert min(found.rates, key=lambda x: x.cents).id == "rate_2"
    assert [(x.id, x.cents, x.retail_cents, x.currency) for x in found.rates] == [
        ("rate_1", 3415, 3910, "USD"),
        ("rate_2", 607, 790, "USD"),
        ("rate_3", 3565, 0, "EUR"),
    ]
    assert found.failures == (
        Failure("UPS", "Too Many Requests"),
        Failure("OnTrac", "Not there nor here"),
        Failure("Amazon", "It gave no reason."),
        Failure("UPS", "Its answer cannot be read."),
        Failure("FedEx", "Its answer cannot be read."),
    )


# ---- whether it was bought ----

UNPAID: dict[str, Any] = {"id": "shp_1", "rates": [], "postage_label": None, "tracking_code": None}
FEE = {"type": "PostageFee", "amount": "4.13000", "charged": True, "refunded": False}


@pytest.mark.parametrize(
    ("sign", "bought"),
    [
        ({}, False),
        ({"selected_rate": {"id": "rate_1", "rate": "4.13"}}, False),
        ({"fees": [{**FEE, "charged": False}]}, False),
        ({"fees": [{**FEE, "refunded": True}]}, False),
        ({"fees": [FEE]}, True),
        ({"tracking_code": "9400100208303109500652"}, True),
        ({"tracker": {"id": "trk_1", "tracking_code": "94"}}, True),
        ({"postage_label": {"label_url": "https://x.example/a.png"}}, True),
    ],
)
def test_a_label_a_number_or_charged_postage_say_that_it_was_bought(
    sign: dict[str, Any], bought: bool
) -> None:
    now = reading.shipment_now({**UNPAID, **sign}, NOW)
    assert now is not None
    assert (now.bought is not None) == bought
    assert (reading.bought_as({**UNPAID, **sign}, "shp_1") is not None) == bought
    assert reading.bought_as({**UNPAID, **sign}, "shp_2") is None


def test_a_part_of_a_shipment_proves_nothing() -> None:
    assert reading.shipment_now({"id": "shp_1", "rates": []}, NOW) is None
    assert reading.shipment_now({"rates": []}, NOW, "shp_1") is None
    assert reading.shipment_now(UNPAID, NOW, "shp_2") is None
    assert reading.shipment_now({**UNPAID, "id": ".."}, NOW) is None


@pytest.mark.parametrize("state", ["submitted", "refunded", "rejected", "not_applicable", "", "odd", None])
def test_a_refund_is_as_far_as_it_is_said_to_be(state: str | None) -> None:
    now = reading.shipment_now({**UNPAID, "refund_status": state, "scan_form": {"id": "sf_1"}}, NOW)
    assert now is not None
    assert now.refund == (state if state not in ("odd", None) else "")
    assert now.manifest == "sf_1"


# ---- addresses ----


def verified(success: object, *errors: object) -> dict[str, Any]:
    address = {"street1": "388 TOWNSEND ST APT 20", "street2": "", "city": "SAN FRANCISCO", "state": "CA"}
    delivery = {"success": success, "errors": list(errors)}
    return {"id": "adr_1", "name": "ZOE BRONTE", "zip": "94107-1670", "country": "US", **address,
            "residential": True, "verifications": {"delivery": delivery}}  # fmt: skip


def test_a_missing_flat_number_is_a_warning_and_the_name_stays_as_it_was_typed() -> None:
    flat = {"code": "E.SECONDARY_INFORMATION.INVALID", "field": "street2", "message": "Invalid secondary"}
    found = reading.checked(verified(True, flat), READER)
    assert found is not None
    assert (found.deliverable, found.errors, found.residential) == (True, (), True)
    assert found.warnings == ("The number of the flat or suite is missing, or carriers do not know it.",)
    assert (found.suggested.name, found.suggested.phone) == (READER.name, READER.phone)
    assert (found.suggested.line1, found.suggested.line2) == ("388 TOWNSEND ST APT 20", "")
    assert found.suggested.postal_code == "94107-1670"


@pytest.mark.parametrize("success", [False, None, "true", 1])
def test_an_address_is_deliverable_only_where_that_is_said(success: object) -> None:
    found = reading.checked(verified(success, "House number is missing", {"code": "E.ODD"}), READER)
    assert found is not None
    assert not found.deliverable
    assert found.suggested == READER
    assert found.errors == ("House number is missing.", "E.ODD.")


# ---- labels ----


@pytest.mark.parametrize(
    ("label", "addresses"),
    [
        ({"label_url": "https://x/a.png", "label_file_type": "image/png"}, {"png": "https://x/a.png"}),
        ({"label_url": "https://x/a.zpl?b=c", "label_file_type": None}, {"zpl": "https://x/a.zpl?b=c"}),
        (
            {"label_url": "https://x/a", "label_pdf_url": "https://x/b"},
            {"png": "https://x/a", "pdf": "https://x/b"},
        ),
        ({"label_url": "https://x/a", "label_file_type": "application/zpl"}, {"zpl": "https://x/a"}),
        ({"label_url": 7, "label_zpl_url": "x" * 3_000}, {}),
        ({"label_url": "http://[::1"}, {"png": "http://[::1"}),
        ({"label_url": "https://x/\u202egnp.a", "label_pdf_url": "https://x/a\n"}, {}),
        (None, {}),
    ],
)
def test_labels_are_found_by_format(label: object, addresses: dict[str, str]) -> None:
    assert reading.label_addresses({"postage_label": label}) == addresses


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\xef\xbb\xbf^XA^FDx^FS^XZ", "zpl"),
        (b"~DGR:A.GRF,1,1,00\n^XA^XGR:A.GRF^FS^XZ\n", "zpl"),
        (b"^XA^FDcut off", ""),
        (b"<html>^XA ^XZ</html>", ""),
        (b"GIF89a", ""),
        (b"", ""),
    ],
)
def test_a_file_is_a_label_by_what_is_in_it(data: bytes, kind: str) -> None:
    assert reading.format_of(data) == kind


# ---- tracking, forms, visits ----


@pytest.mark.capability("OMG-22", "OMG-23", "WSM-19")
def test_a_parcels_way_is_in_order_of_time_and_delivered_by_the_carriers_word() -> None:
    scan = {"status": "in_transit", "message": "Departed", "datetime": "2025-03-07T10:00:00Z",
            "tracking_location": {"city": "RENO", "state": "NV", "country": None}}  # fmt: skip
    arrived = {"status": "delivered", "message": "In/At Mailbox", "datetime": "2025-03-08T17:30:00-08:00"}
    told = {
        "id": "trk_1",
        "tracking_code": "94001",
        "status": "delivered",
        "carrier": "USPS",
        "signed_by": "Z. B.",
        "est_delivery_date": "2025-03-10T00:00:00Z",
        "carrier_detail": {"est_delivery_date_local": "2025-03-09"},
        "updated_at": "2025-03-12T00:00:00Z",
        "tracking_details": [arrived, scan, {"datetime": "no time"}, 7],
    }
    found = reading_after.track(told)
    assert found is not None
    assert [x.status for x in found.events] == ["in_transit", "delivered"]
    assert found.events[0].place == "RENO, NV"
    assert found.delivered_at == 1_741_483_800_000
    assert (found.expected_on, found.signed_by) == ("2025-03-09", "Z. B.")
    early = reading_after.track({**told, "status": "in_transit"})
    assert early is not None
    assert early.delivered_at == 0


@pytest.mark.parametrize(
    ("told", "status"),
    [("canceled", "cancelled"), ("IN_TRANSIT", "in_transit"), ("teleported", "unknown"), (None, "unknown")],
)
def test_a_status_is_one_that_we_know(told: object, status: str) -> None:
    found = reading_after.track({"id": "trk_1", "tracking_code": "94", "status": told})
    assert found is not None
    assert found.status == status


PRICE = {"id": "pickuprate_1", "carrier": "USPS", "service": "NextDay", "rate": "2.50"}


@pytest.mark.capability("WSM-18")
@pytest.mark.parametrize(
    ("told", "state", "carrier", "cents"),
    [
        ({"status": "unknown", "pickup_rates": [PRICE]}, "quoted", "", 0),
        ({"status": "scheduled", "pickup_rates": [PRICE], "confirmation": "W1"}, "booked", "USPS", 250),
        ({"status": "unknown", "pickup_rates": [PRICE], "confirmation": "W1"}, "booked", "USPS", 250),
        (
            {"status": "scheduled", "pickup_rates": [PRICE, {**PRICE, "id": "x", "service": "B"}]},
            "booked",
            "",
            0,
        ),
        ({"status": "canceled", "confirmation": "W1"}, "cancelled", "", 0),
        ({"messages": [{"carrier": "UPS", "type": "rate_error", "message": "Too late"}]}, "failed", "", 0),
        ({"status": "unknown"}, "quoted", "", 0),
    ],
)
def test_a_visit_is_as_far_as_it_is_said_to_be(told: Any, state: str, carrier: str, cents: int) -> None:
    found = reading_after.collection({"id": "pickup_1", **told})
    assert found is not None
    assert (found.state, found.carrier, found.cents) == (state, carrier, cents)
    if state == "failed":
        assert found.words == "UPS: Too late"


def test_which_of_several_prices_was_booked_is_what_was_asked_for() -> None:
    told = {
        "id": "pickup_1",
        "status": "scheduled",
        "pickup_rates": [PRICE, {**PRICE, "id": "x", "service": "B"}],
    }
    found = reading_after.collection(told, "USPS", "NextDay")
    assert found is not None
    assert (found.service, found.cents) == ("NextDay", 250)


# ---- errors ----


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([], "No."),
        (["cannot be blank", {"field": "zip", "message": "is odd"}], "No. cannot be blank. zip: is odd."),
        ({"to_address": "Required and missing."}, "No. to_address: Required and missing."),
        ({"to_address": ["is odd", {"message": "too long"}]}, "No. to_address: is odd. too long."),
        ([{"field": "zip", "message": "is odd", "suggestion": "94107"}], "No. zip: is odd. 94107."),
        ("all of it", "No. all of it."),
        (7, "No."),
        ([["No"]], "No."),
        ([None, True, {}], "No."),
    ],
)
def test_what_is_wrong_is_said_however_it_is_nested(errors: object, said: str) -> None:
    told = {"error": {"code": "ODD.CODE", "message": "No.", "errors": errors}}
    assert judging.error_of(told, NOBODY) == ("ODD.CODE", said)


def test_an_error_can_be_a_text_a_list_or_nothing() -> None:
    assert judging.error_of({"error": "No way"}, NOBODY) == ("", "No way.")
    assert judging.error_of({"error": {"message": ["No", {"a": "way"}]}}, NOBODY) == ("", "No. a: way.")
    assert judging.error_of({"error": None}, NOBODY) == ("", "")
    assert judging.error_of([], NOBODY) == ("", "")
    assert judging.error_of({"error": {"code": "<b>", "message": "x\x1b[0m" * 900}}, NOBODY)[0] == ""
    assert len(judging.error_of({"error": {"message": "word " * 9_000}}, NOBODY)[1]) <= 400
    assert KEY not in judging.error_of({"error": {"code": KEY, "message": KEY}}, Secret(KEY))[1]


@pytest.mark.parametrize(
    ("status", "code", "message", "found"),
    [
        (422, "SHIPMENT.POSTAGE.EXISTS", "", EXISTS),
        (422, "SHIPMENT.PURCHASE.IN_PROGRESS", "", IN_PROGRESS),
        (402, "", "Pay", FUNDS),
        (422, "INSUFFICIENT_FUNDS", "", FUNDS),
        (422, "PAYMENT_REQUIRED", "", FUNDS),
        (422, "BILLING.WALLET.LOW", "", FUNDS),
        (422, "SHIPMENT.POSTAGE.FAILURE", "Insufficient balance in the account", FUNDS),
        (422, "SHIPMENT.POSTAGE.FAILURE", "Daily spending limit reached", FUNDS),
        (422, "ACCOUNT.SPEND_LIMIT", "", FUNDS),
        (422, "SHIPMENT.MISSING_RATE", "", STALE_RATE),
        (422, "RATE.NOT_FOUND", "", STALE_RATE),
        (422, "SHIPMENT.POSTAGE.FAILURE", "Carrier says no", "SHIPMENT.POSTAGE.FAILURE"),
        (422, "BATCH.STATE.NOT_PURCHASED", "", TOO_EARLY),
        (423, "", "Wait", TOO_EARLY),
        (400, "PICKUP.BUY.FAILED", "No driver", "PICKUP.BUY.FAILED"),
        (422, "SCAN_FORM.CREATE.FAILURE", "shp_1 has already been manifested", "SCAN_FORM.CREATE.FAILURE"),
        (422, "SHIPMENT.REFUND.UNAVAILABLE", "", "SHIPMENT.REFUND.UNAVAILABLE"),
    ],
)
def test_a_refusal_has_the_code_of_the_port_and_their_words(
    status: int, code: str, message: str, found: str
) -> None:
    told = {"error": {"code": code, "message": message or "Because."}}
    reply = judging.refusal(Answer(status, {}, told, True, 0), NOBODY, moves_money=True)
    assert (reply.result, reply.code) == ("refused", found)
    assert f"EasyPost says: {message or 'Because'}" in reply.words


def test_a_spending_limit_is_not_called_an_empty_account() -> None:
    told = {"error": {"code": "SHIPMENT.POSTAGE.FAILURE", "message": "Daily spending limit reached"}}
    limit = judging.refusal(Answer(422, {}, told, True, 0), NOBODY)
    empty = judging.refusal(Answer(402, {}, {"error": {"message": "Pay"}}, True, 0), NOBODY)
    assert "has reached its spending limit" in limit.words
    assert "has not enough money" in empty.words


# ---- whatever comes ----

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["shp_1", "6.07", "35,65", "2025-03-08T10:00:00Z", "9" * 400, "\u202e", "test"]),
    lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=8), x, max_size=4),
    max_leaves=12,
)  # fmt: skip


@cache
def samples() -> list[Any]:
    return [json.loads(x.read_text("utf-8")) for x in sorted(SAMPLES.rglob("*.json"))]


def places(told: Any) -> list[tuple[Any, Any]]:
    """Return every place in a value where something stands: its holder, and its key there."""
    found: list[tuple[Any, Any]] = []
    pairs = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in pairs:
        found.append((told, key))
        found += places(value)
    return found


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    """Return an answer of EasyPost in which some things were put in the place of others."""
    told = json.loads(json.dumps(draw(st.sampled_from(samples()))))
    for _ in range(draw(st.integers(1, 4))):
        where = places(told)
        holder, key = where[draw(st.integers(0, len(where) - 1))] if where else ({}, "")
        holder[key] = draw(JSON)
    return told


def read_as_all(told: Any) -> None:
    reading.quoted(told, NOW)
    reading.quoted(told, NOW, "shp_1")
    now = reading.shipment_now(told, NOW)
    if now is not None:
        assert now.quoted.shipment
        assert all(0 <= x.cents <= parts.MOST_CENTS for x in now.quoted.rates)
    reading.bought(told)
    reading.label_addresses(told)
    reading.native_format(told)
    reading.checked(told, READER)
    reading.refused_address(told, READER)
    reading.account(told, told)
    reading_after.track(told)
    reading_after.tracks(told)
    reading_after.tracks({"trackers": told})
    reading_after.manifest(told)
    reading_after.collection(told, "USPS", "NextDay")
    reading_after.batch(told)
    for status in (200, 422, 500):
        reply = judging.ended(
            Answer(status, {}, told, True, 0), reading.bought, Secret(KEY), moves_money=True
        )
        assert reply.result in ("done", "refused", "unknown")
        assert reply.result != "refused" or status == 422
        assert len(reply.words) < 600
        assert reply.words.isprintable()


@given(JSON)
def test_any_json_is_read_without_a_fault(told: Any) -> None:
    read_as_all(told)
    read_as_all({"error": told, "rates": told, "messages": told, "postage_label": told, "id": "shp_1"})


@given(spoiled())
def test_a_spoiled_answer_is_read_without_a_fault(told: Any) -> None:
    read_as_all(told)


def test_a_reading_that_fails_all_the_same_leaves_it_open() -> None:
    def fails(_: Any) -> str | None:
        raise RuntimeError

    reply = judging.ended(Answer(200, {}, {}, True, 0), fails, NOBODY, moves_money=True)
    assert (reply.result, reply.code) == ("unknown", "unreadable")
