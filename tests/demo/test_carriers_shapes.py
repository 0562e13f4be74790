"""The simulated broker answers in EasyPost's own shapes: held against recordings and documented samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.support.carriers import LIVE_KEY, SENDER, Reached, carriers_server

RECORDED = Path(__file__).parent.parent / "data" / "easypost"
ANYTHING = frozenset(
    {"customs_items", "options", "details", "tracking_details", "verifications", "carrier_detail"}
)
"""What differs from one recording to another."""
LATER = {"/tracker/finalized", "/tracker/is_return", "/tracker/fees", "/fees", "/delivery_evidence"}
"""What newer recordings have and older ones have not, or the other way round."""


@pytest.fixture(scope="module")
def far() -> Iterator[Reached]:
    with carriers_server(form_ms=0, batch_ms=0) as reached:
        yield reached


def sample(name: str) -> Any:
    return json.loads((RECORDED / "docs-samples" / name).read_text(encoding="utf-8"))


def recorded(name: str, exchange: int) -> tuple[int, Any]:
    whole = yaml.safe_load((RECORDED / "vcr" / f"{name}.yaml").read_text(encoding="utf-8"))
    response = whole["interactions"][exchange]["response"]
    return response["status"]["code"], json.loads(response["body"]["string"])


def shape(value: Any, path: str = "", open_: frozenset[str] = ANYTHING) -> dict[str, set[str]]:
    """Return every path of an answer with the kinds of values there; null stands for anything."""
    kinds = {path: set() if value is None else {type(value).__name__}}
    if isinstance(value, dict) and path.rpartition("/")[2] not in open_:
        for name, inner in value.items():
            kinds |= shape(inner, f"{path}/{name}", open_)
    elif isinstance(value, list) and value and path.rpartition("/")[2] not in open_:
        for inner in value:
            for where, found in shape(inner, f"{path}/*", open_).items():
                kinds[where] = kinds.get(where, set()) | found
    return kinds


def same(ours: Any, theirs: Any) -> None:
    """Hold one answer against another: the same names, and values of the same kind where both have one."""
    mine, real = shape(ours), shape(theirs)
    hollow = {path for path, kinds in (*mine.items(), *real.items()) if not kinds or kinds == {"list"}}

    def below(path: str) -> bool:
        return any(path.startswith(f"{each}/") for each in hollow) or path in LATER

    assert {p for p in mine if not below(p)} - real.keys() - LATER == set()
    assert {p for p in real if not below(p)} - mine.keys() - LATER == set()
    for path, kinds in mine.items():
        if kinds and real.get(path):
            assert kinds <= real[path] | ({"float", "int"} if real[path] & {"float", "int"} else set()), path


def test_a_shipment_that_is_made(far: Reached) -> None:
    status, theirs = recorded("test_shipment_create", 0)
    made = far.made(customs_info={"customs_items": [{"description": "A book", "origin_country": "US"}]})
    assert status == 201
    same(made, theirs)
    assert list(made)[:4] == list(theirs)[:4]
    money = [made["rates"][0][name] for name in ("rate", "retail_rate", "list_rate")]
    assert all(isinstance(each, str) and len(each.partition(".")[2]) == 2 for each in money)


def test_a_shipment_that_is_bought_read_insured_and_given_back(far: Reached) -> None:
    made = far.bought("GroundAdvantage", customs_info={"customs_items": [{"origin_country": "US"}]})
    _status, theirs = recorded("test_shipment_buy", 1)
    same(made, theirs)
    same(made["postage_label"], theirs["postage_label"])
    same(made["tracker"], theirs["tracker"] | {"fees": []})
    same(made["fees"][0], theirs["fees"][0])
    assert made["to_address"]["zip"] == "06010-6802" and made["to_address"]["name"] == "CLARA LINDQVIST"
    path = f"/shipments/{made['id']}"
    same(far.get(path).json(), sample("shipments/shipments-buy.json"))
    same(
        far.post(f"{path}/insure", amount="100").json(),
        sample("shipping-insurance/shipping-insurance-insure.json"),
    )
    back = far.post(f"{path}/refund").json()
    same(back, sample("shipping-refund/shipping-refund-refund.json"))
    assert back["refund_status"] == "submitted"
    zpl = far.get(f"{path}/label", file_format="ZPL").json()
    same(zpl, recorded("test_shipment_convert_label", 2)[1])
    assert zpl["postage_label"]["label_zpl_url"].endswith(".zpl")


def test_prices_asked_for_again_and_a_return(far: Reached) -> None:
    made = far.made()
    rates = far.post(f"/shipments/{made['id']}/rerate").json()
    same(rates, recorded("test_shipment_regenerate_rates", 1)[1])
    assert {r["id"] for r in rates["rates"]}.isdisjoint(r["id"] for r in made["rates"])
    back = far.made(is_return=True)
    same(back | {"customs_info": None}, sample("returns/returns-create.json") | {"customs_info": None})
    assert back["to_address"]["city"] == "Bristol"  # as it was sent out


@pytest.mark.parametrize(
    ("asked", "name", "exchange"),
    [
        ({}, "test_address_create", 0),
        ({"verify": True}, "test_address_create_verify", 1),
        ({"verify_strict": True}, "test_address_create_verify_strict", 0),
    ],
)
def test_addresses(far: Reached, asked: dict[str, Any], name: str, exchange: int) -> None:
    status, theirs = recorded(name, exchange)
    ours = (
        SENDER if exchange == 0 else SENDER | {"street1": "000 unknown street", "state": "ZZ", "zip": "00001"}
    )
    said = far.post("/addresses", address=ours, **asked)
    assert said.status_code == status
    same(said.json() | {"residential": None}, theirs | {"residential": None})
    found, expected = (each["verifications"].get("delivery", {}) for each in (said.json(), theirs))
    assert {n: found[n] for n in found if n != "details"} == {
        n: expected[n] for n in expected if n != "details"
    }


def test_an_address_that_is_looked_up_later(far: Reached) -> None:
    made = far.post("/addresses", address={"street1": "invalid"}).json()
    said = far.get(f"/addresses/{made['id']}/verify")
    assert (said.status_code, said.json()) == recorded("test_address_verify_invalid_address", 1)
    right = far.post("/addresses/create_and_verify", address=SENDER)
    same(right.json(), recorded("test_address_create_and_verify", 0)[1])
    assert far.get("/addresses", page_size=1).json()["has_more"]


def test_a_shipment_without_anything(far: Reached) -> None:
    said = far.post("/shipments", shipment={})
    assert (said.status_code, said.json()) == recorded("test_error", 0)


def test_trackers(far: Reached) -> None:
    theirs = recorded("test_tracker_create", 0)[1]
    said = far.post("/trackers", tracker={"tracking_code": "EZ1000000001"}).json()
    same({n: v for n, v in said.items() if n != "fees"}, theirs)
    assert (said["status"], said["status_detail"]) == (theirs["status"], theirs["status_detail"])
    same(said["tracking_details"][0], sample("trackers/trackers-create.json")["tracking_details"][0])
    many = far.post("/trackers/batch", tracking_codes=["EZ1000000001", "9400unknown"]).json()
    assert [t["id"] for t in many["trackers"]] == [said["id"]] and not many["has_more"]
    assert many.keys() == recorded("test_tracker_retrieve_batch", 1)[1].keys()


def test_scan_forms_and_visits(far: Reached) -> None:
    made = far.bought("Priority")
    form = far.post("/scan_forms", scan_form={"shipments": [{"id": made["id"]}]}).json()
    same(form, sample("scan-form/scan-form-create.json"))
    asked = {"address": SENDER, "min_datetime": "2030-01-02", "max_datetime": "2030-01-02"}
    visit = far.post("/pickups", pickup={**asked, "shipment": {"id": made["id"]}, "reference": "one"}).json()
    same(visit, sample("pickups/pickups-create.json"))
    booked = far.post(f"/pickups/{visit['id']}/buy", carrier="USPS", service="NextDay").json()
    same(booked, sample("pickups/pickups-buy.json"))
    off = far.post(f"/pickups/{visit['id']}/cancel").json()
    same(off, sample("pickups/pickups-cancel.json"))
    assert (visit["status"], booked["status"], off["status"]) == ("unknown", "scheduled", "canceled")
    batch = far.post("/batches", batch={"shipments": [{"id": made["id"]}]}).json()
    same(batch, sample("batches/batches-create.json"))


def test_refunds_by_number(far: Reached) -> None:
    made = far.bought("Priority")
    codes = [made["tracking_code"]]
    said = far.post("/refunds", refund={"carrier": "USPS", "tracking_codes": codes}).json()
    assert said[0]["shipment_id"] == made["id"] and said[0]["status"] == "submitted"
    assert far.post("/refunds", refund={"tracking_codes": ["no"]}).status_code == 422


def test_who_has_the_key(far: Reached) -> None:
    refused = far.get("/users")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "MODE.UNAUTHORIZED")
    live = far.client.get("/users", headers={"Authorization": f"Bearer {LIVE_KEY}"}).json()
    assert float(live["balance"]) > 0 and live["object"] == "User"
    accounts = far.client.get("/carrier_accounts", headers={"Authorization": f"Bearer {LIVE_KEY}"}).json()
    assert {a["readable"] for a in accounts} == {"USPS", "UPS", "FedEx"}
    for wrong in ("", "Bearer", "Bearer None", "Bearer EZTKother"):
        said = far.client.get("/shipments", headers={"Authorization": wrong})
        assert (said.status_code, said.json()["error"]["errors"]) == (401, [])


def test_what_is_not_there(far: Reached) -> None:
    for path in ("/shipments/shp_none", "/trackers/trk_none", "/nothing", "/scan_forms/sf_none"):
        said = far.get(path)
        assert (said.status_code, said.json()["error"]["code"]) == (404, "NOT_FOUND")
