"""The demonstration's online store: what it keeps, refuses and says, as an online store would."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bookwish_desk.demo.online_store import seed, sessions
from bookwish_desk.demo.online_store.variants import VARIANTS, variants
from tests.support.online_store import STORE, Reached, online_store

KEY = "a-key-of-one-sale-{}"
RUNNING = "idempotency_in_progress"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    with online_store(tmp_path_factory.mktemp("store") / "store.db") as reached:
        yield reached


@pytest.fixture(autouse=True)
def _calm(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "store" in request.fixturenames:
        reached: Reached = request.getfixturevalue("store")
        reached.faults()
        reached.tell("clock", offsetMs=0)
        reached.sign_in()


def sale(item: dict[str, Any], copies: int = 1, **more: Any) -> dict[str, Any]:
    line = {
        "bookId": item["bookId"],
        "inventoryId": item["id"],
        "quantity": copies,
        "unitPriceCents": 1_850,
        "isUsed": False,
    }
    return {"storeId": STORE, "items": [line], "paymentMethod": "cash", **more}


def on_hand(store: Reached, item: dict[str, Any]) -> int:
    return int(store.state()["items"][item["id"]]["quantity"])


# ---- signing in ----


def test_a_refresh_token_is_of_use_once_and_an_access_token_for_a_quarter_of_an_hour(store: Reached) -> None:
    first = store.sign_in()
    renewed = store.client.post("/auth/refresh", json={"refreshToken": first["refreshToken"]})
    assert renewed.status_code == 200
    again = store.client.post("/auth/refresh", json={"refreshToken": first["refreshToken"]})
    assert again.status_code == 401 and again.json()["error"] == "Unauthorized"
    assert store.get("/orders").status_code == 200
    store.tell("clock", offsetMs=sessions.ACCESS_MS + 1_000)
    assert store.get("/orders").status_code == 401
    late = {"refresh_token": renewed.json()["refreshToken"]}
    assert store.client.post("/auth/refresh", json=late).status_code == 200


def test_a_refresh_token_lasts_a_week_and_goes_with_the_sign_out(store: Reached) -> None:
    told = store.sign_in()
    out = store.post("/auth/logout", {"refreshToken": told["refreshToken"]})
    assert out.status_code == 204 and not out.content
    assert store.post("/auth/refresh", {"refreshToken": told["refreshToken"]}).status_code == 401
    told = store.sign_in()
    store.tell("clock", offsetMs=sessions.REFRESH_MS + 1_000)
    assert store.post("/auth/refresh", {"refreshToken": told["refreshToken"]}).status_code == 401


def test_neither_token_is_taken_for_the_other_nor_one_of_another_secret(store: Reached) -> None:
    told = store.sign_in()
    store.headers = {"Authorization": f"Bearer {told['refreshToken']}"}
    assert store.get("/orders").status_code == 401
    assert store.post("/auth/refresh", {"refreshToken": told["accessToken"]}).status_code == 401
    store.sign_in()
    store.tell("tokens")
    assert store.get("/orders").status_code == 401
    store.headers = {}
    assert store.get("/orders").status_code == 401


def test_after_ten_wrong_passwords_none_is_tried(store: Reached) -> None:
    wrong = {"email": "nobody@post.example", "password": "wrong-one"}
    seen = [store.client.post("/auth/login", json=wrong).status_code for _ in range(11)]
    assert seen == [401] * 10 + [429]
    assert store.sign_in()["user"]["email"] == seed.EMAIL


def test_who_is_no_staff_is_refused_and_staff_may_not_do_everything(store: Reached) -> None:
    item = store.item()
    assert store.get("/inventory", storeId="st-harbor").status_code == 403
    assert store.post("/api/pos/sales", sale(item) | {"storeId": "st-harbor"}).status_code == 403
    order = store.order(item)
    store.sign_in(seed.STAFF_EMAIL)
    assert store.get("/ext/v1/me/stores").json()["data"][0]["role"] == "staff"
    price = store.put(f"/inventory/{item['id']}?storeId={STORE}", {"priceCents": 1})
    assert price.status_code == 403
    assert store.post(f"/orders/{order}/refunds", {"amountCents": 1}).status_code == 403
    assert store.post("/api/pos/sales", sale(item)).status_code == 201


# ---- sales ----


@pytest.mark.capability("BW-01", "BW-04")
def test_a_sale_is_taxed_half_up_and_lowers_the_stock_below_zero_if_it_must(store: Reached) -> None:
    item = store.item(quantity=1)
    made = store.post("/api/pos/sales", sale(item, 2)).json()
    assert (made["subtotalCents"], made["taxCents"], made["totalCents"]) == (3_700, 235, 3_935)
    assert made["items"][0]["book"]["title"] == "The Larch Almanac"
    assert on_hand(store, item) == -1
    custom = {
        "customItem": {"title": "Linen bookmark"},
        "quantity": 2,
        "unitPriceCents": 300,
        "isUsed": False,
    }
    both = sale(item) | {"items": [custom], "paymentMethod": "card"}
    assert store.post("/api/pos/sales", both).json()["items"][0]["book"]["title"] == "Linen bookmark"


def test_what_is_against_a_rule_is_refused_and_nothing_of_it_kept(store: Reached) -> None:
    item, other = store.item(), store.item()
    before = store.state()
    wrong_book = sale(item)
    wrong_book["items"][0]["inventoryId"] = other["id"]
    nothing_there = sale(item)
    nothing_there["items"].append({**nothing_there["items"][0], "inventoryId": "inv-nowhere"})
    for body in (wrong_book, nothing_there, sale(item, customerUserId="u-nobody")):
        assert store.post("/api/pos/sales", body, KEY.format(1)).status_code == 422
    for body in (
        sale(item, paymentMethod="gold"),
        sale(item, tradeCreditAppliedCents=5),
        sale(item, items=[]),
    ):
        refused = store.post("/api/pos/sales", body, KEY.format(1))
        assert refused.status_code == 400 and refused.json()["details"]
    assert store.state() == before
    assert store.post("/api/pos/sales", sale(item), KEY.format(1)).status_code == 201


@pytest.mark.capability("BW-04")
def test_the_same_key_brings_the_same_answer_and_one_sale(store: Reached) -> None:
    item = store.item(quantity=5)
    body, key = sale(item, clientReference="twice"), KEY.format("twice")
    first, again = (store.post("/api/pos/sales", body, key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true"
    other = store.post("/api/pos/sales", sale(item, 2), key)
    assert other.status_code == 422 and other.json()["error"] == "idempotency_key_reuse"
    known = store.post("/api/pos/sales", body, KEY.format("another"))
    assert known.status_code == 409
    assert on_hand(store, item) == 4
    found = store.get("/api/pos/sales", storeId=STORE, clientReference="twice").json()
    assert [x["id"] for x in found["sales"]] == [first.json()["id"]]


def test_of_many_requests_with_one_key_one_sells(store: Reached) -> None:
    item = store.item(quantity=50)
    with ThreadPoolExecutor(8) as pool:
        done = list(
            pool.map(lambda _: store.post("/api/pos/sales", sale(item), KEY.format("many")), range(24))
        )
    assert {x.status_code for x in done} <= {201, 409}
    assert len({x.content for x in done if x.status_code == 201}) == 1
    assert on_hand(store, item) == 49


def test_while_the_first_request_of_a_key_runs_another_waits(store: Reached) -> None:
    item = store.item(quantity=5)
    store.faults({"kind": "hold", "ms": 400, "path": "/sales"})
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(store.post, "/api/pos/sales", sale(item), KEY.format("slow"))
        while not any(row[0] == item["id"] for x in store.state()["sales"] for row in x["items"]):
            pass
        second = store.post("/api/pos/sales", sale(item), KEY.format("slow"))
        assert second.status_code == 409 and second.json()["error"] == RUNNING
        assert second.headers["Retry-After"] == "1"
        assert first.result().status_code == 201


def test_a_return_gives_no_more_back_than_was_sold(store: Reached) -> None:
    item = store.item(quantity=3)
    made = store.post("/api/pos/sales", sale(item, 2)).json()
    line = made["items"][0]["id"]

    def back(reference: str, copies: int, cents: int) -> httpx2.Response:
        lines = [{"saleItemId": line, "quantity": copies, "restock": True}]
        payouts = [{"method": "cash", "amountCents": cents}]
        body = {"clientReference": reference, "lines": lines, "payouts": payouts}
        return store.post(f"/ext/v1/pos/sales/{made['id']}/refunds", body)

    assert back("r1", 1, 1_967).status_code == 201
    assert back("r1", 1, 10).status_code == 409
    assert back("r2", 2, 10).status_code == 422
    assert back("r3", 1, 1_969).status_code == 422
    assert back("r4", 1, 1_968).status_code == 201
    assert on_hand(store, item) == 3


def test_credit_is_spent_by_the_sale_and_only_where_there_is_some(store: Reached) -> None:
    item = store.item(quantity=9)
    customer = store.post(f"/stores/{STORE}/customers", {"email": "credit@post.example"}).json()["id"]
    books = [{"isbn": "9799990000015", "condition": "good", "offerCents": 1_000}]
    traded = store.post("/trade-ins", {"storeId": STORE, "customerUserId": customer, "items": books}).json()
    done = store.post(f"/trade-ins/{traded['id']}/complete", {"payoutMethod": "store_credit"})
    assert done.json()["status"] == "completed"
    twice = store.post(f"/trade-ins/{traded['id']}/complete", {"payoutMethod": "cash"})
    assert twice.status_code == 409
    spend = {"paymentMethod": "mixed", "customerUserId": customer}
    assert store.post("/api/pos/sales", sale(item, tradeCreditAppliedCents=1_001, **spend)).status_code == 422
    assert store.post("/api/pos/sales", sale(item, tradeCreditAppliedCents=700, **spend)).status_code == 201
    account = store.get("/trade-credit/accounts", storeId=STORE, customerUserId=customer).json()["accounts"][
        0
    ]
    assert account["balanceCents"] == 300
    moves = store.get(f"/trade-credit/accounts/{account['id']}/transactions").json()["transactions"]
    assert sorted(x["amountCents"] for x in moves) == [-700, 1_000]


# ---- orders ----


@pytest.mark.capability("BW-02", "BW-03")
def test_the_shop_takes_only_the_steps_of_the_guide(store: Reached) -> None:
    item = store.item(quantity=9)
    ways = {
        "pickup": ["processing", "ready_for_pickup", "delivered"],
        "ship": ["processing", "shipped", "delivered"],
    }
    every = {"pending", "confirmed", "processing", "ready_for_pickup", "shipped", "delivered"}
    for kind, way in ways.items():
        order = store.order(item, kind=kind)
        for right in way:
            for wrong in every - {right}:
                body = {"status": wrong, "trackingNumber": "TEST-1"}
                assert store.put(f"/orders/{order}/status", body).status_code in (409, 422), wrong
            if right == "shipped":
                assert store.put(f"/orders/{order}/status", {"status": right}).status_code == 400
            moved = store.put(f"/orders/{order}/status", {"status": right, "trackingNumber": "TEST-1"})
            assert moved.status_code == 200 and moved.json()["status"] == right
        assert store.put(f"/orders/{order}/status", {"status": "cancelled"}).status_code == 422


def test_a_status_is_only_written_from_the_one_that_was_expected(store: Reached) -> None:
    order = store.order(store.item())
    body = {"status": "processing", "expectedStatus": "pending"}
    stale = store.put(f"/orders/{order}/status", body)
    assert stale.status_code == 412 and stale.json()["order"]["status"] == "confirmed"
    assert store.put(f"/orders/{order}/status", body | {"expectedStatus": "confirmed"}).status_code == 200


@pytest.mark.capability("BW+11")
def test_a_cancellation_gives_money_and_copies_back_by_itself(store: Reached) -> None:
    item = store.item(quantity=3)
    order = store.order(item, 2)
    assert on_hand(store, item) == 1
    cancelled = store.put(f"/orders/{order}/status", {"status": "cancelled"}).json()
    assert (cancelled["status"], cancelled["paymentStatus"]) == ("cancelled", "refunded")
    assert on_hand(store, item) == 3
    assert [x for x in store.state()["refunds"] if x[0] == order] == [[order, None, cancelled["totalCents"]]]
    late = store.order(item, kind="ship")
    store.put(f"/orders/{late}/status", {"status": "processing"})
    store.put(f"/orders/{late}/status", {"status": "shipped", "trackingNumber": "TEST-1"})
    assert store.control.post(f"/orders/{late}", json={"event": "cancel"}).status_code == 403


def test_nobody_orders_more_than_there_is_unless_the_test_oversells(store: Reached) -> None:
    item = store.item(quantity=1)
    short = store.control.post("/orders", json={"items": [[item["id"], 2]]})
    assert short.status_code == 422
    store.order(item, 2, oversell=True)
    assert on_hand(store, item) == -1


def test_an_unpaid_order_is_pending_until_the_payment_succeeds(store: Reached) -> None:
    order = store.order(store.item(), paid=False)
    assert store.get(f"/orders/{order}").json()["paymentStatus"] == "unpaid"
    assert store.put(f"/orders/{order}/status", {"status": "confirmed"}).status_code == 422
    store.tell(f"orders/{order}", event="confirm")
    assert store.get(f"/orders/{order}").json()["status"] == "confirmed"


# ---- stock ----


@pytest.mark.capability("BW-05")
def test_stock_changes_by_amounts_or_from_the_version_that_was_read(store: Reached) -> None:
    item = store.item(quantity=5)
    at = f"/inventory/{item['id']}"
    tag = store.get(at, storeId=STORE).headers["ETag"]
    for _ in range(2):
        moved = store.post(f"{at}/adjust", {"storeId": STORE, "delta": -2}, KEY.format(item["id"]))
        assert moved.json()["quantity"] == 3
    stale = store.put(f"{at}?storeId={STORE}", {"quantity": 9}, **{"If-Match": tag})
    assert stale.status_code == 412
    tag = store.get(at, storeId=STORE).headers["ETag"]
    assert store.put(f"{at}?storeId={STORE}", {"quantity": 9}, **{"If-Match": tag}).json()["quantity"] == 9


def test_a_code_finds_its_book_and_all_its_lines(store: Reached) -> None:
    new = store.item(isbn13="9799990007779", sku="SHELF-7")
    store.item(isbn13="9799990007779", condition="good")
    found = store.get("/api/pos/lookup/979-9990007779", storeId=STORE).json()
    assert found["book"]["id"] == new["bookId"] and len(found["inventory"]) == 2
    assert store.get("/api/pos/lookup/0000", storeId=STORE).status_code == 404


def test_a_store_that_must_not_fall_below_zero_refuses_the_sale(tmp_path: Path) -> None:
    with online_store(tmp_path / "store.db", accept_below_zero=False) as store:
        item = store.item(quantity=1)
        assert store.post("/api/pos/sales", sale(item, 2)).status_code == 422
        assert store.state()["sales"] == [] and on_hand(store, item) == 1


# ---- limits, clock and faults ----


def test_the_limit_is_told_and_its_end_is_in_milliseconds(tmp_path: Path) -> None:
    with online_store(tmp_path / "store.db", rate_limit=3, rate_window_ms=60_000) as store:
        seen = [store.get("/orders") for _ in range(4)]
        assert [x.status_code for x in seen] == [200, 200, 200, 429]
        assert [x.headers["X-RateLimit-Remaining"] for x in seen] == ["2", "1", "0", "0"]
        reset = int(seen[-1].headers["X-RateLimit-Reset"])
        assert 0 < reset - store.shop.records.now() <= 60_000
        assert 1 <= int(seen[-1].headers["Retry-After"]) <= 60
        assert seen[-1].json()["error"] == "rate_limit_exceeded"


def test_the_date_is_that_of_the_servers_clock(store: Reached) -> None:
    store.tell("clock", offsetMs=3_600_000)
    ahead = store.client.get("/health").headers["Date"]
    store.tell("clock", offsetMs=0)
    assert ahead > "" and ahead != store.client.get("/health").headers["Date"]


def test_faults_come_before_within_or_after_what_is_done(store: Reached) -> None:
    item = store.item(quantity=9)
    outcomes: dict[str, int | str] = {}
    for kind in (
        "fail-before",
        "drop-before",
        "limit",
        "sign-out",
        "fail-after",
        "drop-after",
        "garbage",
        "cut",
    ):
        before = on_hand(store, item)
        store.faults({"kind": kind, "method": "POST", "octets": 40})
        try:
            reply = store.post("/api/pos/sales", sale(item))
            end: int | str = reply.status_code if reply.content.endswith(b"}") else "unreadable"
        except httpx2.TransportError:
            end = "broken"
        outcomes[kind] = f"{end} {before - on_hand(store, item)}"
    assert outcomes == {
        "fail-before": "500 0", "drop-before": "broken 0", "limit": "429 0", "sign-out": "401 0",
        "fail-after": "500 1", "drop-after": "broken 1", "garbage": "unreadable 1", "cut": "broken 1",
    }  # fmt: skip


def test_who_does_not_know_the_word_controls_nothing(tmp_path: Path) -> None:
    with online_store(tmp_path / "store.db", control_word="please") as store:
        assert store.control.get("/state").status_code == 403
        assert store.control.get("/state", headers={"X-Control": "please"}).status_code == 200


# ---- variants ----


def test_every_variant_of_the_description_can_be_chosen(tmp_path: Path) -> None:
    import yaml  # type: ignore[import-untyped]

    text = (Path(__file__).parents[1] / "sync" / "bookwish" / "openapi.yaml").read_text(encoding="utf-8")
    known = yaml.safe_load(text)["x-variants"]
    assert {name: tuple(values) for name, values in known.items() if name != "extensions"} == VARIANTS
    with pytest.raises(ValueError, match="no variant"):
        variants(["pos-prefix=/till"])
    with pytest.raises(ValueError, match="only"):
        variants([], "order-feed,time-travel")


def test_a_server_of_other_spellings(tmp_path: Path) -> None:
    chosen = (
        "base-url=https://api.bookwish.io/v1", "token-fields=access_token/refresh_token",
        "error-shape=nested", "success-envelope=named-object", "list-paging=page-limit", "pos-prefix=/pos",
        "finished-status=completed", "sale-line-unit-price=unitPrice-in-dollars",
        "order-number=ORD-YYYY-NNNNNN",
    )  # fmt: skip
    with online_store(tmp_path / "store.db", *chosen, extensions="none") as store:
        assert store.address.endswith("/v1")
        assert {"access_token", "refresh_token"} <= set(store.sign_in())
        item = store.item()
        made = store.post("/pos/sales", sale(item), KEY.format(1)).json()["sale"]
        assert made["items"][0]["unitPrice"] == 18.5 and "clientReference" not in made
        second = store.post("/pos/sales", sale(item), KEY.format(1)).json()["sale"]
        assert second["id"] != made["id"]  # a key that is not offered helps nobody
        page = store.get("/pos/sales", storeId=STORE, limit=1, page=2).json()
        assert page["pagination"] == {"page": 2, "limit": 1, "total": 2, "totalPages": 2}
        assert [x["id"] for x in page["data"]] == [made["id"]] or len(page["data"]) == 1
        order = store.order(item)
        for status in ("processing", "ready_for_pickup", "delivered"):
            said = store.put(f"/orders/{order}/status", {"status": status}).json()["order"]
        assert said["status"] == "completed" and said["orderNumber"].startswith("ORD-2")
        assert "version" not in said
        wrong = store.put(f"/orders/{order}/status", {"status": "processing", "expectedStatus": "confirmed"})
        assert wrong.json()["error"]["code"] == "VALIDATION_ERROR"
        assert store.get("/ext/v1/capabilities").status_code == 404
        assert store.client.get(f"{store.root}/orders").status_code == 404


def test_a_server_that_wraps_everything_and_pages_by_cursor(tmp_path: Path) -> None:
    chosen = (
        "token-fields=token/refreshToken", "success-envelope=data-meta", "list-paging=cursor-limit",
        "sale-line-unit-price=unitPriceCents",
    )  # fmt: skip
    with online_store(tmp_path / "store.db", *chosen, extensions="my-stores,order-feed") as store:
        assert "token" in store.sign_in()["data"]
        item = store.item()
        made = store.post("/api/pos/sales", sale(item)).json()
        assert made["data"]["items"][0]["unitPriceCents"] == 1_850 and made["meta"]["timestamp"]
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            asked = {"storeId": STORE, "limit": 3} | ({"cursor": cursor} if cursor else {})
            page = store.get("/inventory", **asked).json()
            seen += [x["id"] for x in page["data"]]
            cursor = page["nextCursor"]
            assert page["hasMore"] == (cursor is not None)
        assert len(seen) == len(set(seen)) == 4
        said = store.get("/ext/v1/capabilities").json()
        assert said["extensions"] == ["my-stores", "order-feed"]
        assert store.get(f"/ext/v1/stores/{STORE}/order-feed").json()["data"] == []
        assert store.get(f"/ext/v1/stores/{STORE}/inventory-feed").status_code == 404


@pytest.mark.parametrize(("scope", "whose"), [("store", "both"), ("caller", "own")])
def test_a_list_of_orders_is_the_shops_or_only_what_somebody_bought(
    tmp_path: Path, scope: str, whose: str
) -> None:
    with online_store(tmp_path / "store.db", f"orders-scope={scope}", extensions="none") as store:
        order = store.order(store.item())
        rows = store.get("/orders").json()["orders"]
        me = store.sign_in()["user"]["id"]
        assert (order in [x["id"] for x in rows]) == (whose == "both")
        assert [x["userId"] for x in rows if x["id"] != order] == [me]
        details = [store.get(f"/orders/{x['id']}").json() for x in rows if x["id"] != order]
        assert {x["storeId"] for x in details} == {seed.OTHER_STORE_ID}


def test_the_answers_are_json_even_where_there_is_no_path(store: Reached) -> None:
    nowhere = store.client.get("/nowhere")
    assert nowhere.status_code == 404 and nowhere.json()["error"] == "NotFound"
    wrong = store.client.delete("/orders")
    assert wrong.status_code == 405 and "GET" in wrong.headers["Allow"]
    broken = store.client.post("/auth/login", content=b"[" * 100_000)
    assert broken.status_code == 400
    huge = store.client.post("/auth/login", content=b" " * (1 << 20) + b"{}")
    assert huge.status_code == 400
    assert huge.json()["error"] == "BadRequest"
