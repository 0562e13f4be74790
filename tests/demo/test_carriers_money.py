"""The simulated broker's money: a shipment is paid once, wallet and limits hold, prices follow the rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.carriers import PARCEL, SENDER, TO, Reached, carriers_server

DAY = 86_400_000
ABROAD = {
    "name": "Łucja Wójcik",
    "street1": "ul. Józefa 12/4",
    "city": "Kraków",
    "zip": "31-056",
    "country": "PL",
}
BOOKS = {
    "customs_signer": "Maya Reyes",
    "customs_items": [
        {"description": "Books", "quantity": 2, "value": 30, "weight": 28, "origin_country": "US"}
    ],
}  # fmt: skip
MEDIA = {"special_rates_eligibility": "USPS.MEDIAMAIL"}


@pytest.fixture(scope="module")
def far() -> Iterator[Reached]:
    with carriers_server() as reached:
        yield reached


def code(said: Any) -> tuple[int, str]:
    return said.status_code, said.json()["error"]["code"]


def services(made: dict[str, Any]) -> set[str]:
    return {rate["service"] for rate in made["rates"]}


def carriers(made: dict[str, Any]) -> set[str]:
    return {rate["carrier"] for rate in made["rates"]}


def words(made: dict[str, Any]) -> dict[str, str]:
    return {each["carrier"]: each["message"] for each in made["messages"]}


# ---- one purchase ----


def test_a_shipment_is_bought_once_and_by_its_own_current_rates_only(far: Reached) -> None:
    made, other = far.made(reference="once"), far.made(reference="other")
    path, rate = f"/shipments/{made['id']}", made["rates"][0]
    assert code(far.post(f"{path}/buy", rate={"id": other["rates"][0]["id"]})) == (
        422,
        "SHIPMENT.MISSING_RATE",
    )
    fresh = far.post(f"{path}/rerate").json()["rates"][0]
    assert code(far.post(f"{path}/buy", rate={"id": rate["id"]})) == (422, "SHIPMENT.MISSING_RATE")
    assert far.ledger.bought("once") == 0
    before = far.ledger.balance_cents
    assert far.post(f"{path}/buy", rate={"id": fresh["id"]}).status_code == 200
    assert code(far.post(f"{path}/buy", rate={"id": fresh["id"]})) == (422, "SHIPMENT.POSTAGE.EXISTS")
    assert code(far.post(f"{path}/rerate")) == (422, "SHIPMENT.POSTAGE.EXISTS")
    told = far.ledger
    assert (told.bought("once"), told.by_shipment[made["id"]], told.bought("other")) == (1, 1, 0)
    assert before - told.balance_cents == round(float(fresh["rate"]) * 100)
    assert far.get("/shipments/once").json()["id"] == made["id"]


def test_a_purchase_under_way_refuses_another(far: Reached) -> None:
    import threading

    made = far.made(reference="slow")
    path, body = f"/shipments/{made['id']}/buy", {"rate": {"id": made["rates"][0]["id"]}}
    far.faults.set()
    far.faults.add("slow", "shipments.buy")
    said: list[int] = []
    first = threading.Thread(target=lambda: said.append(far.post(path, **body).status_code))
    first.start()
    while not far.faults.waiting:
        pass
    assert code(far.post(path, **body)) == (422, "SHIPMENT.PURCHASE.IN_PROGRESS")
    assert far.get(f"/shipments/{made['id']}").json()["postage_label"] is None
    assert far.faults.release() == 1
    first.join(20)
    assert said == [200] and far.ledger.bought("slow") == 1
    far.faults.set()


def test_one_call_that_makes_and_buys_is_seen_in_the_ledger(far: Reached) -> None:
    for _ in range(2):
        far.made(reference="twice", service="Priority", carrier_accounts=["ca_1"])
    assert far.ledger.bought("twice") == 2
    whole = far.post("/batches", batch={"shipments": [{"to_address": TO}]})
    assert code(whole) == (422, "BATCH.PARAMS.INVALID")


def test_an_empty_wallet_and_a_spending_limit() -> None:
    with carriers_server(wallet_cents=500, spend_limit_cents=2_000) as far:
        made = far.made()
        buy = f"/shipments/{made['id']}/buy"
        rate = min(made["rates"], key=lambda r: float(r["rate"]))
        assert code(far.post(buy, rate={"id": rate["id"]})) == (402, "PAYMENT_REQUIRED")
        assert far.ledger.labels == 0 and far.ledger.balance_cents == 500
        far.house.set_wallet(100_000)
        dear = max(made["rates"], key=lambda r: float(r["rate"]))
        said = far.post(buy, rate={"id": dear["id"]})
        assert said.status_code == 402 and "limit" in said.json()["error"]["message"]
        assert far.post(buy, rate={"id": rate["id"]}).status_code == 200
        assert far.ledger.spent_cents == round(float(rate["rate"]) * 100)


def test_insurance_is_paid_once_and_beside_the_postage(far: Reached) -> None:
    made = far.made(reference="insured")
    rate = made["rates"][0]["id"]
    said = far.post(f"/shipments/{made['id']}/buy", rate={"id": rate}, insurance="150.00").json()
    assert said["insurance"] == "150.00"
    assert [f["amount"] for f in said["fees"] if f["type"] == "InsuranceFee"] == ["1.50000"]
    again = far.post(f"/shipments/{made['id']}/insure", amount="10")
    assert code(again) == (422, "SHIPMENT.INSURANCE.ALREADY_PURCHASED")
    unpaid = far.made()
    assert (
        code(far.post(f"/shipments/{unpaid['id']}/insure", amount="10"))[1]
        == "INSURANCE.PURCHASE.NOT_ALLOWED"
    )


def test_rates_grow_old() -> None:
    with carriers_server(rates_ms=DAY) as far:
        made = far.made()
        far.house.move_clock(DAY + 1_000)
        buy = f"/shipments/{made['id']}/buy"
        assert code(far.post(buy, rate={"id": made["rates"][0]["id"]})) == (422, "SHIPMENT.MISSING_RATE")
        fresh = far.post(f"/shipments/{made['id']}/rerate").json()["rates"]
        assert far.post(buy, rate={"id": fresh[0]["id"]}).status_code == 200


def test_what_was_bought_is_there_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "carriers.db"
    with carriers_server(data) as far:
        made = far.bought("Priority", reference="kept")
        left = far.ledger
    with carriers_server(data) as far:
        assert far.ledger == left
        again = far.get(f"/shipments/{made['id']}").json()
        assert again["tracking_code"] == made["tracking_code"]
        label = again["postage_label"]["label_url"]
        assert label.startswith(far.root) and far.client.get(label).status_code == 200


# ---- money back ----


def test_a_refund_is_submitted_first_and_paid_later() -> None:
    with carriers_server() as far:
        whole = far.ledger.balance_cents
        unpaid = far.made()
        assert code(far.post(f"/shipments/{unpaid['id']}/refund")) == (422, "SHIPMENT.REFUND.UNAVAILABLE")
        made = far.bought("Priority")
        path = f"/shipments/{made['id']}"
        assert far.post(f"{path}/refund").json()["refund_status"] == "submitted"
        assert far.post(f"{path}/refund").json()["refund_status"] == "submitted"
        assert far.ledger.balance_cents < whole
        assert far.get(path).json()["tracker"]["status"] == "cancelled"
        far.house.move_clock(16 * DAY)
        back = far.get(path).json()
        assert (back["refund_status"], back["fees"][1]["refunded"]) == ("refunded", True)
        assert far.ledger.balance_cents == whole and far.ledger.bought("pst-1") == 1


def test_a_refund_is_rejected_for_a_parcel_on_its_way_and_on_word() -> None:
    with carriers_server() as far:
        sent, unlucky = far.bought("Priority", reference="a"), far.bought("Priority", reference="b")
        far.house.settle_refunds("rejected", unlucky["id"])
        assert far.post(f"/shipments/{unlucky['id']}/refund").json()["refund_status"] == "submitted"
        far.house.move_clock(2 * DAY)
        assert far.post(f"/shipments/{sent['id']}/refund").json()["refund_status"] == "submitted"
        far.house.move_clock(18 * DAY)
        for made in (sent, unlucky):
            assert far.get(f"/shipments/{made['id']}").json()["refund_status"] == "rejected"
        assert [e.kind for e in far.ledger.entries] == ["opening", "postage", "postage"]
        assert far.post(f"/shipments/{unlucky['id']}/refund").json()["refund_status"] == "submitted"


# ---- prices ----


def test_prices_at_home_have_every_carrier_and_no_order_to_rely_on(far: Reached) -> None:
    made = far.made()
    assert services(made) >= {"GroundAdvantage", "Priority", "Express", "Ground", "FEDEX_2_DAY"}
    assert carriers(made) == {"USPS", "UPS", "FedEx"} and made["messages"] == []
    orders = {tuple(r["service"] for r in far.made()["rates"]) for _ in range(6)}
    assert len(orders) > 1
    prices = [float(r["rate"]) for r in made["rates"]]
    assert all(float(r["retail_rate"]) >= float(r["rate"]) for r in made["rates"]) and len(set(prices)) > 4


def test_media_mail_is_by_whole_pounds_and_only_where_it_was_asked_for(far: Reached) -> None:
    assert "MediaMail" not in services(far.made())

    def price(ounces: float) -> str:
        made = far.made(parcel=PARCEL | {"weight": ounces}, options=MEDIA)
        return next(r["rate"] for r in made["rates"] if r["service"] == "MediaMail")

    assert price(1) == price(16) < price(16.1) == price(32)
    flat = far.made(parcel={"weight": 10, "predefined_package": "FlatRatePaddedEnvelope"}, options=MEDIA)
    assert services(flat) == {"Priority"}
    library = far.made(options={"special_rates_eligibility": "USPS.LIBRARYMAIL"})
    assert "LibraryMail" in services(library) and "MediaMail" not in services(library)


@pytest.mark.parametrize(
    ("asked", "left", "silent"),
    [
        ({"to_address": TO | {"street1": "P.O. Box 418"}}, {"USPS"}, {"UPS": "PO Box", "FedEx": "PO Box"}),
        ({"parcel": PARCEL | {"weight": 71 * 16}}, {"UPS", "FedEx"}, {"USPS": "70 lb"}),
        (
            {"parcel": PARCEL | {"weight": 151 * 16}},
            set(),
            {"USPS": "70 lb", "UPS": "150 lb", "FedEx": "150 lb"},
        ),
        ({"parcel": PARCEL | {"length": 100, "width": 20, "height": 20}}, set(), {"USPS": "girth"}),
        ({"to_address": ABROAD}, set(), {"USPS": "customs_info", "UPS": "customs_info"}),
        ({"to_address": ABROAD, "customs_info": BOOKS, "options": MEDIA}, {"USPS", "UPS", "FedEx"}, {}),
    ],
)
def test_who_carries_what_and_who_says_why_not(
    far: Reached, asked: dict[str, Any], left: set[str], silent: dict[str, str]
) -> None:
    made = far.made(**asked)
    assert carriers(made) == left
    assert all(part in words(made)[carrier] for carrier, part in silent.items())
    assert all(each["type"] == "rate_error" for each in made["messages"])


def test_abroad(far: Reached) -> None:
    light = far.made(to_address=ABROAD, customs_info=BOOKS, options=MEDIA)
    assert "FirstClassPackageInternationalService" in services(light) and "MediaMail" not in services(light)
    heavy = far.made(to_address=ABROAD, customs_info=BOOKS, parcel=PARCEL | {"weight": 65})
    assert "FirstClassPackageInternationalService" not in services(heavy)
    bare = far.made(to_address=ABROAD)
    assert (
        code(far.post(f"/shipments/{bare['id']}/buy", rate={"id": "rate_x"}))[1]
        == "SHIPMENT.CUSTOMS_INFO.REQUIRED"
    )
    lost = far.post(
        "/shipments",
        shipment={
            "from_address": SENDER,
            "to_address": ABROAD,
            "parcel": PARCEL,
            "customs_info": {"customs_items": [{}]},
        },
    )
    assert code(lost) == (422, "CUSTOMS_ITEM.ORIGIN_COUNTRY.REQUIRED")
    sent = far.bought("FirstClassPackageInternationalService", to_address=ABROAD, customs_info=BOOKS)
    assert sent["tracking_code"].endswith("US") and sent["to_address"]["name"] == "Łucja Wójcik"


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"parcel": {"weight": 0}}, "PARCEL.PARAMETERS.INVALID"),
        ({"parcel": None}, "SHIPMENT.INVALID_PARAMS"),
        ({"to_address": {}}, "SHIPMENT.INVALID_PARAMS"),
        ({"to_address": TO | {"country": "USA"}}, "ADDRESS.COUNTRY.INVALID"),
        ({"options": {"label_format": "GIF"}}, "SHIPMENT.POSTAGE.INVALID_FORMAT"),
        ({"parcel": {"weight": "heavy"}, "options": "PNG"}, "PARCEL.PARAMETERS.INVALID"),
    ],
)
def test_what_is_no_shipment(far: Reached, asked: dict[str, Any], refused: str) -> None:
    body = {"from_address": SENDER, "to_address": TO, "parcel": PARCEL, **asked}
    assert code(far.post("/shipments", shipment=body)) == (422, refused)


# ---- addresses ----


@pytest.mark.parametrize(
    ("street", "flat", "place", "written", "warned"),
    [
        ("500 Lake Shore Drive", "", "12203", "500 LAKE SHORE DR", ["E.SECONDARY_INFORMATION.MISSING"]),
        ("500 Lake Shore Drive", "Apt 31", "12203", "500 LAKE SHORE DR APT 31", []),
        ("93 Elm Terrace", "", "01609", "93 ELM TER", []),
        ("PO Box 418", "", "06099", "PO BOX 418", []),
    ],
)
def test_addresses_that_mail_reaches(
    far: Reached, street: str, flat: str, place: str, written: str, warned: list[str]
) -> None:
    asked = {
        "name": "Hiro Tanaka",
        "street1": street,
        "street2": flat,
        "city": "Albany",
        "state": "NY",
        "zip": place,
    }
    found = far.post("/addresses", address=asked, verify=True).json()
    delivery = found["verifications"]["delivery"]
    assert delivery["success"] and [e["code"] for e in delivery["errors"]] == warned
    assert found["street1"] == written and found["name"] == "HIRO TANAKA"
    assert found["zip"].startswith(f"{place}-") and len(found["zip"]) == 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"street1": "Nowhere Street 1"},
        {"zip": "123"},
        {"state": "ZZ"},
        {"street1": "Mill Road"},
        {"street1": ""},
    ],
)
def test_addresses_that_no_mail_reaches(far: Reached, wrong: dict[str, str]) -> None:
    soft = far.post("/addresses", address=TO | wrong, verify=True)
    assert soft.status_code == 201 and not soft.json()["verifications"]["delivery"]["success"]
    strict = far.post("/addresses", address=TO | wrong, verify_strict=True)
    assert code(strict) == (422, "ADDRESS.VERIFY.FAILURE")


@pytest.mark.parametrize("amount", ["much", "inf", "nan", "-5"])
def test_what_is_no_money(far: Reached, amount: str) -> None:
    made = far.bought("Priority")
    assert code(far.post(f"/shipments/{made['id']}/insure", amount=amount)) == (422, "PARAMETER.INVALID")


def test_what_is_no_request(far: Reached) -> None:
    for sent, status in ((b"{", 400), (b"[]", 400), (b" " * (1 << 21), 413)):
        assert far.client.post("/shipments", content=sent, headers=far.headers).status_code == status
    assert far.client.delete("/shipments", headers=far.headers).status_code == 405
