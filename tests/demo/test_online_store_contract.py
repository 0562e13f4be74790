"""The demonstration's online store held against the description of the contract, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import yaml  # type: ignore[import-untyped]
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks as said

from tests.support.online_store import STORE, Reached, online_store

DESCRIPTION = Path(__file__).parents[1] / "sync" / "bookwish" / "openapi.yaml"
EXAMPLES = 4
REFUSALS = {"400": "BadRequest", "401": "Unauthorized", "403": "Forbidden", "404": "NotFound",
            "409": "Conflict", "422": "Unprocessable", "429": "TooManyRequests"}  # fmt: skip
"""Any path may answer so (API documentation, status codes in use)."""
CONFIG = {
    "generation": {"allow-extra-parameters": False},
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "401", "403", "404", "409", "410", "412", "422"]
        },
        "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "409", "422"]},
    },
}
MAY_FAIL = {
    "POST /auth/login", "POST /auth/refresh", "POST /auth/logout", "GET /api/pos/lookup/{barcode}",
    "POST /api/pos/sales", "POST /inventory", "PUT /orders/{orderId}/status",
    "POST /orders/{orderId}/refunds", "POST /ext/v1/pos/sales/{saleId}/refunds",
}  # fmt: skip
"""What needs a token, or a fact that made-up requests seldom meet; other tests send it well."""
CHECKS = (
    schemathesis.checks.not_a_server_error,
    said.status_code_conformance,
    said.content_type_conformance,
    said.response_headers_conformance,
    said.response_schema_conformance,
    said.negative_data_rejection,
    said.positive_data_acceptance,
)


def description(extensions: str, known: dict[str, list[str]]) -> dict[str, Any]:
    """Return the description with ids that the store knows; without what it does not offer."""
    raw = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    if extensions == "none":
        raw = _documented(raw, raw)
    for path in raw["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                for status, name in REFUSALS.items():
                    operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})
    asked = [x for name, x in raw["components"]["schemas"].items() if name.endswith(("Create", "Adjust"))]
    raw["security"] = []  # every request is signed
    _name([raw["paths"], raw["components"]["parameters"], *asked], known)
    return raw


def _documented(node: Any, raw: Any) -> Any:
    """Return a part of the description without extensions."""
    if isinstance(node, list):
        return [_documented(x, raw) for x in node if not _is_extension(x, raw)]
    if not isinstance(node, dict):
        return node
    return {name: _documented(x, raw) for name, x in node.items() if not _is_extension(x, raw)}


def _is_extension(node: Any, raw: Any) -> bool:
    if not isinstance(node, dict):
        return False
    if "$ref" in node and node["$ref"].startswith("#/components/parameters/"):
        node = raw["components"]["parameters"][node["$ref"].rpartition("/")[2]]
    methods = [x for name, x in node.items() if name in ("get", "post", "put")]
    if methods:
        return all(x.get("x-source") == "extension" for x in methods)
    kinds = {"schema", "type", "responses", "$ref"}
    return node.get("x-source") == "extension" and not kinds.isdisjoint(node)


def _name(node: Any, known: dict[str, list[str]]) -> None:
    """Let ids be those that there are, and one that is not there."""
    if isinstance(node, list):
        for x in node:
            _name(x, known)
    if not isinstance(node, dict):
        return
    if "schema" in node and node.get("required") and node.get("name") in known:
        node["schema"] = {"type": "string", "enum": known[node["name"]]}
    for name, x in node.items():
        if name in known and isinstance(x, dict) and x.get("type") == "string":
            node[name] = {"type": "string", "enum": known[name]}
        else:
            _name(x, known)


@pytest.fixture(scope="module", params=["all", "none"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Reached, Any]]:
    """Serve a store in which there is something of everything, with its description."""
    folder = tmp_path_factory.mktemp("store")
    with online_store(folder / "store.db", extensions=request.param) as store:
        known = _fill(store)
        yield (
            store,
            schemathesis.openapi.from_dict(
                description(request.param, known), config=SchemathesisConfig.from_dict(CONFIG)
            ),
        )


def _fill(store: Reached) -> dict[str, list[str]]:
    item = store.item(quantity=500)
    customer = store.post(f"/stores/{STORE}/customers", {"email": "odo@post.example"}).json()["id"]
    line = {
        "bookId": item["bookId"],
        "inventoryId": item["id"],
        "quantity": 1,
        "unitPriceCents": 1850,
        "isUsed": False,
    }
    sale = store.post("/api/pos/sales", {"storeId": STORE, "items": [line], "paymentMethod": "cash"}).json()
    traded = {"isbn": "9799990000015", "condition": "good", "offerCents": 900}
    ins = [
        store.post("/trade-ins", {"storeId": STORE, "customerUserId": customer, "items": [traded]}).json()[
            "id"
        ]
        for _ in range(3)
    ]
    store.post(f"/trade-ins/{ins[0]}/complete", {"payoutMethod": "store_credit"})
    account = store.get("/trade-credit/accounts", storeId=STORE).json()["accounts"][0]["id"]
    return {
        "storeId": [STORE, "st-harbor"],
        "inventoryId": [item["id"]],
        "bookId": [item["bookId"]],
        "orderId": [store.order(item, kind=kind) for kind in ("ship", "pickup", "gift")] + ["nothing"],
        "saleId": [sale["id"], "nothing"],
        "saleItemId": [sale["items"][0]["id"], "nothing"],
        "accountId": [account],
        "tradeInId": [*ins, "nothing"],
        "customerUserId": [customer, "nobody"],
        "slug": ["alder-falls-books", "nowhere"],
    }


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_path_answers_as_the_description_says(
    served: tuple[Reached, Any], mode: GenerationMode
) -> None:
    store, schema = served
    answered: dict[str, set[int]] = {}
    with requests.Session() as session:
        session.trust_env = False
        for found in schema.get_all_operations():
            operation = found.ok()
            if (
                mode is GenerationMode.NEGATIVE
                and not operation.body
                and not operation.query
                and not operation.path_parameters
            ):
                continue
            statuses = answered.setdefault(operation.label, set())
            _try(operation, mode, store, session, statuses)
    assert len(answered) >= (30 if mode is GenerationMode.POSITIVE else 25)
    if mode is GenerationMode.POSITIVE:
        barren = {x for x, seen in answered.items() if not any(s < 300 for s in seen)}
        assert barren <= MAY_FAIL


def _try(
    operation: Any, mode: GenerationMode, store: Reached, session: requests.Session, seen: set[int]
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        reply = case.call(base_url=store.address, headers=store.headers, session=session)
        seen.add(reply.status_code)
        case.validate_response(reply, checks=CHECKS)

    run()
