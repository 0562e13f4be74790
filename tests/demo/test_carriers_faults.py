"""The simulated broker's faults, met by EasyPost's own client: what it raises, what it sends, what is bought.

What the client does was measured once and is written down here: the adapter relies on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from easypost.easypost_client import EasyPostClient
from easypost.errors.general.easypost_error import EasyPostError

from bookwish_desk.demo.carriers.faults import Faults, Rule
from tests.support.carriers import KEY, PARCEL, SENDER, TO, Reached, carriers_server


@pytest.fixture(scope="module")
def server() -> Iterator[Reached]:
    with carriers_server() as reached:
        yield reached


@pytest.fixture
def far(server: Reached) -> Iterator[Reached]:
    server.faults.set()
    server.faults.asked.clear()
    yield server
    server.faults.set()
    server.faults.release()


@pytest.fixture
def client(far: Reached) -> Iterator[Any]:
    made = opened(far)
    yield made
    made._requests_session.close()


def opened(far: Reached, timeout: Any = 5) -> Any:
    return EasyPostClient(KEY, api_base=far.base, timeout=timeout)


def made(client: Any, reference: str) -> Any:
    return client.shipment.create(from_address=SENDER, to_address=TO, parcel=PARCEL, reference=reference)


def buy(client: Any, shipment: Any) -> tuple[str, Any]:
    """Buy it, and return what was raised, "" for nothing, and the status that came with it."""
    try:
        client.shipment.buy(shipment.id, rate={"id": shipment.rates[0].id})
    except EasyPostError as fault:
        return type(fault).__name__, getattr(fault, "http_status", None)
    return "", 200


@pytest.mark.parametrize(
    ("kind", "after", "raised", "status", "bought"),
    [
        ("cut", False, "HttpError", None, 0),
        ("cut", True, "HttpError", None, 1),
        ("half", True, "HttpError", None, 1),
        ("torn", True, "JsonError", None, 1),
        ("empty", True, "JsonError", None, 1),
        ("gateway", False, "JsonError", None, 0),
        ("gateway", True, "JsonError", None, 1),
        ("portal", False, "JsonError", None, 0),
        ("limit", False, "RateLimitError", 429, 0),
        ("error", False, "InternalServerError", 500, 0),
        ("error", True, "InternalServerError", 500, 1),
        ("unavailable", True, "ServiceUnavailableError", 503, 1),
        ("funds", False, "PaymentError", 402, 0),
        ("refuse", False, "InvalidRequestError", 422, 0),
        ("timed_out", True, "InvalidRequestError", 422, 1),
    ],
)
def test_a_fault_at_the_purchase(
    far: Reached, client: Any, kind: Any, after: bool, raised: str, status: int | None, bought: int
) -> None:
    reference = f"{kind}-{after}"
    shipment = made(client, reference)
    far.faults.add(kind, "shipments.buy", after=after)
    assert buy(client, shipment) == (raised, status)
    assert far.ledger.bought(reference) == bought and far.faults.count("shipments.buy") == 1
    now = client.shipment.retrieve(shipment.id)
    assert (now.postage_label is not None) == bool(bought)
    second = buy(client, shipment)
    assert second == (("InvalidRequestError", 422) if bought else ("", 200))
    assert far.ledger.bought(reference) == 1


@pytest.mark.parametrize("after", [False, True])
def test_an_answer_that_never_comes(far: Reached, after: bool) -> None:
    client = opened(far, 0.3)
    shipment = made(client, f"hang-{after}")
    far.faults.add("hang", "shipments.buy", after=after)
    assert buy(client, shipment)[0] == "TimeoutError"
    assert far.ledger.bought(f"hang-{after}") == after
    client._requests_session.close()


def test_a_purchase_that_is_finished_after_the_client_gave_up(far: Reached) -> None:
    client = opened(far, 0.3)
    shipment = made(client, "late")
    far.faults.add("slow", "shipments.buy", ms=60_000)
    assert buy(client, shipment)[0] == "TimeoutError"
    assert client.shipment.retrieve(shipment.id).postage_label is None
    assert buy(client, shipment) == ("InvalidRequestError", 422)  # in progress
    assert far.ledger.bought("late") == 0
    far.house.move_clock(61_000)
    while not far.ledger.bought("late"):
        pass
    assert client.shipment.retrieve(shipment.id).postage_label is not None
    assert far.ledger.bought("late") == 1
    client._requests_session.close()


def test_what_is_only_read_is_asked_for_again_by_the_client_itself(far: Reached, client: Any) -> None:
    shipment = made(client, "read")
    far.faults.add("cut", "shipments.read", times=2)
    assert client.shipment.retrieve(shipment.id).id == shipment.id
    assert far.faults.count("shipments.read") == 3


def test_faults_by_name_place_and_chance() -> None:
    faults = Faults()
    faults.set(
        Rule("error", "trackers.*", nth=2, times=2), Rule("cut", "shipments.*", chance=0.5, times=0, seed=7)
    )
    assert [bool(faults.take("trackers.read", "")) for _ in range(5)] == [False, True, True, False, False]
    met = [bool(faults.take("shipments.buy", "")) for _ in range(200)]
    assert 60 < sum(met) < 140
    faults.set(Rule("cut", "shipments.*", chance=0.5, times=0, seed=7))
    assert [bool(faults.take("shipments.buy", "")) for _ in range(200)] == met
    assert faults.take("users.read", "/v2/users") is None and faults.count("trackers.*") == 5


def test_the_control_path_says_and_does_the_same(far: Reached) -> None:
    control = f"{far.root}/control"
    rules = [{"kind": "error", "call": "shipments.create"}]
    assert far.client.post(f"{control}/faults", json=rules).json() == {"rules": 1}
    body = {"from_address": SENDER, "to_address": TO, "parcel": PARCEL}
    assert far.post("/shipments", shipment=body).status_code == 500
    assert far.client.post(f"{control}/faults", json=[{"kind": "flood"}]).status_code == 400
    bought = far.bought(reference="told")
    ledger = far.client.get(f"{control}/ledger").json()
    assert ledger["by_shipment"][bought["id"]] == 1 and ledger["by_reference"]["told"] == 1
    assert ledger["entries"][-1]["shipment"] == bought["id"]
    told = far.client.post(f"{control}/trackers/{bought['tracking_code']}", json={"status": "failure"})
    assert told.json() == {"status": "failure"}
    lost = far.client.post(f"{control}/trackers/{bought['tracking_code']}", json={"status": "eaten"})
    assert lost.status_code == 400
    assert far.client.post(f"{control}/release", json={}).json() == {"released": 0}
    assert far.client.post(f"{control}/refunds", json={"status": "perhaps"}).status_code == 400
    assert far.client.post(f"{control}/wallet", json={"cents": 900}).json() == {"balance_cents": 900}
    far.house.set_wallet(250_000)


def test_every_call_can_fail_before_and_after(far: Reached, client: Any) -> None:
    """What is asked for can be had after a fault: nothing half done is left behind."""
    shipment = made(client, "each")
    client.shipment.buy(shipment.id, rate={"id": shipment.rates[0].id})
    code = client.shipment.retrieve(shipment.id).tracking_code
    calls: dict[str, Any] = {
        "addresses.create": lambda: client.address.create(verify=True, **TO),
        "shipments.create": lambda: made(client, "again"),
        "shipments.label": lambda: client.shipment.label(shipment.id, file_format="PNG"),
        "shipments.insure": lambda: client.shipment.insure(shipment.id, amount="20"),
        "trackers.batch": lambda: client.tracker.retrieve_batch(tracking_codes=[code]),
        "shipments.refund": lambda: client.shipment.refund(shipment.id),
    }
    for name, call in calls.items():
        for after in (False, True):
            far.faults.set(Rule("gateway", name, after=after))
            with pytest.raises(EasyPostError):
                call()
        far.faults.set()
        if name != "shipments.insure":  # it was insured, though nobody heard of it
            call()
        else:
            with pytest.raises(EasyPostError, match="already"):
                call()
    kinds = [e.kind for e in far.ledger.entries if e.shipment == shipment.id]
    assert kinds == ["postage", "insurance"]
