"""A small store in memory that answers in every way the description allows; each request is held against it.

Not the demonstration's store: that one keeps books. This one is scripted by the test that talks to it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.bookwish.adapter import BookWish
from bookwish_desk.sync.bookwish.session import MemoryBox, Tokens
from tests.sync.bookwish import contract

DATE = "Tue, 04 Mar 2025 16:20:06 GMT"
DATE_AT = 1_741_105_206_000
ALL = (
    "order-feed inventory-feed idempotency-key client-reference status-precondition item-versions"
    " sale-refunds shifts my-stores"
)
WHOLE: dict[str, str] = {
    "token-fields": "accessToken/refreshToken",
    "error-shape": "flat",
    "success-envelope": "bare",
    "list-paging": "limit-offset",
    "pos-prefix": "/api/pos",
    "finished-status": "delivered",
    "sale-line-unit-price": "unitPrice-in-cents",
    "order-number": "BW-YYYYMMDD-XXXX",
    "extensions": "none",
}

Told = tuple[int, Any]
Answering = Callable[[httpx2.Request], "httpx2.Response | Told | None"]


class FarShop:
    """The store. `script` may answer a request in its stead; `seen` are the requests."""

    def __init__(self, script: Answering | None = None, **variants: str) -> None:
        self.variants = {**WHOLE, **{k.replace("_", "-"): v for k, v in variants.items()}}
        self.extensions = frozenset(ALL.split()) if self.variants["extensions"] == "all" else frozenset[str]()
        self.script = script
        self.seen: list[httpx2.Request] = []
        self.access, self.refresh = "a.0.x", "r0"
        self.orders = [_order(n, self.variants) for n in range(1, 8)]
        self.items = [_item(n) for n in range(1, 6)]
        self.sales: list[dict[str, Any]] = []
        self.method = "PUT"
        self.can_adjust = True
        self._numbers = itertools.count(1)

    def store(self, store_id: str = "st-1", signed_in: bool = True) -> BookWish:
        """Return the adapter, talking to this store."""
        box = MemoryBox(Tokens(Secret(self.access), Secret(self.refresh)) if signed_in else None)
        return BookWish("https://far.example", box, store_id, transport=httpx2.MockTransport(self.answer))

    @property
    def paths(self) -> list[str]:
        """Return what was asked for, method and path."""
        return [f"{x.method} {urlsplit(str(x.url)).path}" for x in self.seen]

    @property
    def body(self) -> Any:
        """Return what the last request carried."""
        return json.loads(self.seen[-1].content)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request that the description has."""
        contract.check(request, self.extensions, bool(self.extensions))
        self.seen.append(request)
        told = self.script(request) if self.script else None
        if isinstance(told, httpx2.Response):
            return told
        status, body = told if told is not None else self._answer(request)
        return reply(status, body)

    def _answer(self, request: httpx2.Request) -> Told:
        parts = urlsplit(str(request.url))
        segments = parts.path.strip("/").split("/")
        query = dict(parse_qsl(parts.query))
        body = json.loads(request.content) if request.content else {}
        if segments[0] == "auth":
            return self._auth(segments[1], body)
        if segments[0] != "stores" and request.headers.get("authorization") != f"Bearer {self.access}":
            return self.error(401, "Unauthorized", "Token no longer valid")
        if segments[0] == "ext":
            return self._extension(segments[2:], body)
        if segments[0] == "stores":
            shop = {"id": "st-1", "name": "Lantern & Larch", "slug": "lantern-and-larch", "city": "Elmhollow"}
            if len(segments) > 1:
                found = segments[1] == shop["slug"]
                return (
                    (200, self.one("store", shop)) if found else self.error(404, "NotFound", "No such store")
                )
            return 200, self.page("stores", [shop], query)
        if segments[0] == "orders":
            return self._orders(request.method, segments[1:], query, body)
        if segments[0] == "inventory":
            return self._stock(request, segments[1:], query, body)
        return self._pos(request.method, parts.path, query, body)

    def _auth(self, what: str, body: dict[str, str]) -> Told:
        if what == "logout":
            return 204, None
        first, second = self.variants["token-fields"].split("/")
        if what == "login" and body["password"] != "larch-and-lantern":
            return self.error(401, "Unauthorized", "Wrong password larch")
        if what == "refresh":
            if second not in body:
                return self.error(400, "ValidationError", f"{second} is missing")
            if body[second] != self.refresh:
                return self.error(401, "Unauthorized", "Token revoked")
        number = next(self._numbers)
        self.access, self.refresh = f"a.{number}.x", f"r{number}"
        pair: dict[str, Any] = {first: self.access, second: self.refresh}
        if what == "login":
            pair["user"] = {
                "id": "u-ines",
                "email": body["email"],
                "displayName": "Ines",
                "tier": "bookstore",
            }
        if self.variants["success-envelope"] == "data-meta":
            return 200, {"data": pair, "meta": {"timestamp": "2025-03-04T16:20:06Z"}}
        return 200, pair

    def _extension(self, segments: list[str], body: dict[str, Any]) -> Told:
        if not self.extensions:
            return 404, "Cannot GET"
        if segments == ["capabilities"]:
            return 200, {"version": 1, "extensions": sorted(self.extensions)}
        if segments == ["me", "stores"]:
            row = {"storeId": "st-1", "storeSlug": "lantern-and-larch", "role": "manager", "canUsePos": True}
            return 200, {"data": [row]}
        if segments[-1] == "order-feed":
            rows = [{"seq": n, "order": x} for n, x in enumerate(self.orders, 1)]
            return 200, {"data": rows, "nextCursor": "c7", "hasMore": False}
        if segments[-1] == "inventory-feed":
            gone = {"seq": 9, "inventoryId": "inv-2", "deleted": True}
            rows = [{"seq": 8, "inventoryId": x["id"], "deleted": False, "item": x} for x in self.items]
            return 200, {"data": [*rows, gone], "nextCursor": "c9", "hasMore": True}
        return 201, {"id": "rf-1", "amountCents": body["payouts"][0]["amountCents"], "createdAt": _at(1)}

    def _orders(self, method: str, segments: list[str], query: dict[str, str], body: dict[str, Any]) -> Told:
        if not segments:
            return 200, self.page("orders", [_summary(x) for x in self.orders], query)
        found = next((x for x in self.orders if x["id"] == segments[0]), None)
        if found is None:
            return self.error(404, "NotFound", "Order not found")
        if len(segments) > 1:
            if method != self.method:
                return 405, None
            if body.get("expectedStatus", found["status"]) != found["status"]:
                return 412, {"error": "PreconditionFailed", "order": found}
            found["status"] = body["status"]
        return 200, self.one("order", found)

    def _stock(
        self, request: httpx2.Request, segments: list[str], query: dict[str, str], body: dict[str, Any]
    ) -> Told | Any:
        if not segments:
            return 200, self.page("items", self.items, query)
        found = next((x for x in self.items if x["id"] == segments[0]), None)
        if len(segments) > 1 and not self.can_adjust:
            return 404, "Cannot POST /inventory"
        if found is None:
            return self.error(404, "NotFound", "Item not found")
        if len(segments) > 1:
            found["quantity"] += body["delta"]
        elif request.method != "GET":
            if request.headers.get("if-match", f'"v{found["quantity"]}"') != f'"v{found["quantity"]}"':
                return self.error(412, "PreconditionFailed", "changed")
            found["quantity"] = body["quantity"]
        return 200, self.one("item", found)

    def _pos(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Told:
        if path != f"{self.variants['pos-prefix']}/sales":
            return self.error(404, "NotFound", "Route not found")
        if method == "GET":
            wanted = query.get("clientReference")
            rows = [x for x in self.sales if wanted in (None, x.get("clientReference"))]
            return 200, self.page("sales", rows, query)
        number = len(self.sales) + 1
        subtotal = sum(x["quantity"] * x["unitPriceCents"] for x in body["items"])
        tax = (subtotal * 6 + 50) // 100
        made = {
            "id": f"sa-{number}",
            "saleNumber": f"S-{number:06d}",
            "storeId": body["storeId"],
            "staffUserId": "u-ines",
            "items": [self._line(n, x) for n, x in enumerate(body["items"], 1)],
            "subtotalCents": subtotal,
            "taxCents": tax,
            "totalCents": subtotal + tax,
            "paymentMethod": body["paymentMethod"],
            "tradeCreditAppliedCents": 0,
            "createdAt": "2025-03-04T16:20:06Z",
            "clientReference": body.get("clientReference"),
        }
        contract.holds("Sale", made)
        self.sales.append(made)
        return 201, self.one("sale", made)

    def _line(self, number: int, sent: dict[str, Any]) -> dict[str, Any]:
        how = self.variants["sale-line-unit-price"]
        cents = sent["unitPriceCents"]
        price = {
            "unitPrice-in-cents": {"unitPrice": cents},
            "unitPrice-in-dollars": {"unitPrice": cents / 100},
            "unitPriceCents": {"unitPriceCents": cents},
        }[how]
        title = sent.get("customItem", {}).get("title", "A book")
        known = {"bookId": sent.get("bookId"), "inventoryId": sent.get("inventoryId")}
        line = {"id": f"sl-{number}", "quantity": sent["quantity"], "isUsed": sent["isUsed"]}
        return {**line, **known, **price, "book": {"title": title}}

    def one(self, name: str, value: dict[str, Any]) -> Any:
        """Return one thing in the server's envelope."""
        how = self.variants["success-envelope"]
        if how == "named-object":
            return {name: value}
        return {"data": value, "meta": {"timestamp": _at(1)}} if how == "data-meta" else value

    def page(self, name: str, rows: list[Any], query: dict[str, str]) -> Any:
        """Return a page in the server's way, of at most three rows."""
        limit = min(3, int(query.get("limit", "20")))
        how = self.variants["list-paging"]
        if how == "page-limit":
            first = (int(query.get("page", "1")) - 1) * limit
            pages = {"page": first // limit + 1, "limit": limit, "total": len(rows)}
            told: dict[str, Any] = {"data": rows[first : first + limit], "pagination": pages}
        elif how == "cursor-limit":
            first = int(query.get("cursor", "c0")[1:])
            more = first + limit < len(rows)
            cursor = f"c{first + limit}" if more else None
            told = {"data": rows[first : first + limit], "nextCursor": cursor, "hasMore": more}
        else:
            first = int(query.get("offset", "0"))
            size = {"total": len(rows), "limit": limit, "offset": first}
            told = {name: rows[first : first + limit], **size}
        if self.variants["success-envelope"] == "data-meta" and how == "limit-offset":
            return {"data": told, "meta": {"timestamp": _at(1)}}
        return told

    def error(self, status: int, code: str, message: str) -> Told:
        """Return an error in the server's shape."""
        if self.variants["error-shape"] == "nested":
            return status, {"error": {"code": code, "message": message}}
        return status, {"error": code, "message": message}


def reply(status: int, body: Any = None, **headers: str) -> httpx2.Response:
    """Return an answer with a date; a text goes as a page of a framework."""
    told = {"date": DATE, **{k.replace("_", "-"): v for k, v in headers.items()}}
    if body is None:
        return httpx2.Response(status, headers=told)
    if isinstance(body, (bytes, str)):
        return httpx2.Response(status, content=body, headers=told)
    if isinstance(body, dict) and "quantity" in body:
        told["etag"] = f'"v{body["quantity"]}"'
    return httpx2.Response(status, json=body, headers=told)


@contextmanager
def opened(shop: FarShop, **how: Any) -> Iterator[BookWish]:
    """Give the adapter for a store, and close it."""
    store = shop.store(**how)
    try:
        yield store
    finally:
        store.close()


def _order(number: int, variants: dict[str, str]) -> dict[str, Any]:
    year = variants["order-number"].startswith("ORD")
    order = {
        "id": f"or-{number}",
        "orderNumber": f"ORD-2025-{number:06d}" if year else f"BW-20250304-K7Q{number}",
        "userId": "u-odo",
        "customer": {"id": "u-odo", "displayName": "Odo Finch", "email": "odo@post.example"},
        "storeId": "st-1",
        "status": variants["finished-status"] if number == 7 else "confirmed",
        "fulfillmentType": ("pickup", "ship", "gift")[number % 3],
        "isBookWishDirect": False,
        "items": [
            {
                "id": f"oi-{number}",
                "inventoryId": "inv-1",
                "bookId": "bk-1",
                "book": {
                    "title": "The Larch Almanac",
                    "authors": ["Mirela Quist"],
                    "isbn13": "9799990000015",
                },
                "quantity": 1,
                "priceCents": 1850,
                "storeId": "st-1",
                "condition": "new",
            }
        ],
        "subtotalCents": 1850,
        "taxCents": 111,
        "totalCents": 1961,
        "createdAt": "2025-03-04T15:02:11Z",
        "updatedAt": _at(number),
    }
    contract.holds("Order", order)
    return order


def _summary(order: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "orderNumber", "userId", "status", "totalCents", "createdAt", "updatedAt")
    summary = {k: order[k] for k in kept}
    contract.holds("OrderSummary", summary)
    return summary


def _item(number: int) -> dict[str, Any]:
    item = {
        "id": f"inv-{number}",
        "storeId": "st-1",
        "bookId": f"bk-{number}",
        "book": {"title": f"Title {number}", "isbn": "9799990000015", "authors": ["Mirela Quist"]},
        "quantity": number,
        "priceCents": 1850,
        "condition": "new",
        "updatedAt": _at(number),
    }
    contract.holds("InventoryItem", item)
    return item


def _at(number: int) -> str:
    return f"2025-03-04T15:02:{number:02d}Z"
