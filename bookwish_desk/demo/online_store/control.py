"""What happens at the online store besides the desk: customers order and cancel, carriers, faults, clocks.

It is there only where the server is started with `--control`. A test drives it over HTTP.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bookwish_desk.demo.online_store import credit, ordering, seed, stock
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.faults import Fault
from bookwish_desk.demo.online_store.ordering import Wish
from bookwish_desk.demo.online_store.records import Tx
from bookwish_desk.demo.online_store.refusal import Refusal, invalid
from bookwish_desk.demo.online_store.service import Service
from bookwish_desk.demo.online_store.sessions import Tokens

HEADER = "X-Control"
"""Whoever started the server with a word for it must say it in this header."""


class Control:
    """The control path of one server. `order_at_random` lets a customer order something; it returns the id.

    `move_clock` sets how far the server's clock is ahead of this computer's, in ms.
    """

    def __init__(
        self,
        service: Service,
        word: str,
        move_clock: Callable[[int], None],
        order_at_random: Callable[[], Awaitable[str]],
    ) -> None:
        self._service = service
        self._word = word
        self._move_clock = move_clock
        self._order_at_random = order_at_random

    def routes(self) -> list[BaseRoute]:
        """Return the paths."""
        posts = {
            "/control/orders": self._order,
            "/control/orders/{id}": self._happen,
            "/control/items": self._add_item,
            "/control/items/{id}": self._change_item,
            "/control/clock": self._clock,
            "/control/faults": self._faults,
            "/control/limits": self._limits,
            "/control/feed": self._age_feed,
            "/control/tokens": self._revoke,
        }
        made: list[BaseRoute] = [
            Route(path, self._guarded(doing), methods=["POST"]) for path, doing in posts.items()
        ]
        made.append(Route("/control/state", self._guarded(self._state), methods=["GET"]))
        return made

    def _guarded(
        self, doing: Callable[[Request, Any], Awaitable[Any]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if self._word and not hmac.compare_digest(request.headers.get(HEADER, ""), self._word):
                return _json({"error": "Forbidden"}, 403)
            raw = await request.body()
            try:
                return _json(await doing(request, msgspec.json.decode(raw) if raw else {}), 200)
            except Refusal as refusal:
                return _json({"error": refusal.code, "message": refusal.message}, refusal.status)
            except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as fault:
                return _json({"error": "ValidationError", "message": str(fault)}, 400)

        return answer

    # ---- orders ----

    async def _order(self, _request: Request, asked: Any) -> Any:
        """Place an order: `items` are pairs of stock line and copies; without any a customer chooses."""
        if not asked.get("items"):
            order_id = await self._order_at_random()
        else:
            order_id = await self._service.write(lambda tx: self._placed(tx, asked))
        return await self._service.read(lambda tx: _named(tx, order_id))

    def _placed(self, tx: Tx, asked: Any) -> str:
        email = str(asked.get("email", "customer@example.com")).lower()
        user_id = tx.conn.execute(sa.select(t.users.c.id).where(t.users.c.email == email)).scalar()
        kind = str(asked.get("kind", "pickup"))
        if kind not in ordering.KINDS:
            raise invalid("kind", "is none")
        wish = Wish(
            store_id=str(asked.get("storeId", seed.STORE_ID)),
            user_id=user_id or credit.add_customer(tx, email, email.partition("@")[0]),
            items=tuple((str(item), int(copies)) for item, copies in asked["items"]),
            kind=kind,
            address=asked.get("address") or (seed.ADDRESS if kind != "pickup" else None),
            gift_message=asked.get("giftMessage"),
            instructions=asked.get("instructions"),
            shipping_cents=int(asked.get("shippingCents", 0 if kind == "pickup" else 499)),
            paid=bool(asked.get("paid", True)),
            oversell=bool(asked.get("oversell", False)),
        )
        return ordering.place(tx, wish, self._service.variants.order_number)

    async def _happen(self, request: Request, asked: Any) -> Any:
        """Let something happen to an order: confirm, cancel, deliver (the carrier), edit, status, refund."""
        order_id = request.path_params["id"]
        await self._service.write(lambda tx: _happened(tx, order_id, asked))
        return await self._service.read(lambda tx: _named(tx, order_id))

    # ---- stock ----

    async def _add_item(self, _request: Request, asked: Any) -> Any:
        """Add a book and a stock line of it: isbn13, title, quantity, priceCents."""
        return {"id": await self._service.write(lambda tx: seed.add_line(tx, seed.line_of(asked)))}

    async def _change_item(self, request: Request, asked: Any) -> Any:
        """Change a stock line: `delta`, `quantity`, or `removed`."""
        item_id = request.path_params["id"]

        def change(tx: Tx) -> int:
            if asked.get("removed"):
                stock.remove_item(tx, item_id)
                return 0
            here = sa.select(t.items.c.quantity).where(t.items.c.id == item_id)
            before = tx.conn.execute(here).scalar() or 0
            delta = int(asked["delta"]) if "delta" in asked else int(asked["quantity"]) - before
            stock.move(tx, {item_id: delta}, str(asked.get("cause", "adjustment")))
            return int(tx.conn.execute(here).scalar() or 0)

        return {"quantity": await self._service.write(change)}

    # ---- the server itself ----

    async def _clock(self, _request: Request, asked: Any) -> Any:
        self._move_clock(int(asked["offsetMs"]))
        return {"now": self._service.records.now()}

    async def _faults(self, _request: Request, asked: Any) -> Any:
        self._service.faults.set(msgspec.convert(asked, list[Fault]))
        return {"coming": len(self._service.faults.coming)}

    async def _limits(self, _request: Request, asked: Any) -> Any:
        self._service.limits.most = int(asked["most"])
        self._service.limits.window_ms = int(asked.get("windowMs", self._service.limits.window_ms))
        return {"most": self._service.limits.most}

    async def _age_feed(self, _request: Request, _asked: Any) -> Any:
        """Let every cursor of the feeds that was given out until now be too old."""
        await self._service.write(seed.begin_feeds_anew)
        return {}

    async def _revoke(self, _request: Request, _asked: Any) -> Any:
        """Let no token be valid any more: everybody has to sign in again."""
        secret = secrets.token_hex(32)
        await self._service.write(lambda tx: tx.keep(seed.TOKEN_SECRET, secret))
        self._service.tokens = Tokens(secret)
        return {}

    async def _state(self, _request: Request, _asked: Any) -> Any:
        return await self._service.read(_state)


def _json(value: Any, status: int) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _named(tx: Tx, order_id: str) -> Any:
    row = ordering.load(tx, order_id)
    return {"id": row.id, "number": row.number, "status": row.status, "totalCents": row.total_cents}


def _happened(tx: Tx, order_id: str, asked: Any) -> None:
    row = ordering.load(tx, order_id)
    event = asked["event"]
    if event == "confirm":
        ordering.confirm(tx, row)
    elif event == "cancel":
        ordering.cancel(tx, row, by_customer=True)
    elif event == "deliver":
        ordering.save(tx, row, status="delivered")
    elif event == "edit":
        ordering.save(tx, row, beside=asked["fields"])
    elif event == "status":
        # Any text: a desk must live with words it does not know.
        ordering.save(tx, row, status=str(asked["status"]))
    elif event == "refund":
        ordering.given_back(tx, row, int(asked["amountCents"]))
    else:
        raise invalid("event", "is none")


def _state(tx: Tx) -> Any:
    """Return everything that a test compares with what it did."""
    conn = tx.conn
    sales = conn.execute(
        sa.select(t.sales.c.id, t.sales.c.reference, t.sales.c.body).order_by(t.sales.c.created_at)
    )
    o, i = t.orders.c, t.items.c
    orders = conn.execute(
        sa.select(o.id, o.number, o.store_id, o.status, o.total_cents, o.refunded_cents, o.body)
    )
    items = conn.execute(sa.select(i.id, i.store_id, i.book_id, i.quantity, i.version, i.removed))
    refunds = conn.execute(sa.select(t.refunds.c.of, t.refunds.c.reference, t.refunds.c.amount_cents))
    return {
        "sales": [
            {"id": row.id, "clientReference": row.reference, **_of_sale(row.body)} for row in sales
        ],
        "orders": [
            {
                "id": row.id,
                "number": row.number,
                "storeId": row.store_id,
                "status": row.status,
                "totalCents": row.total_cents,
                "refundedCents": row.refunded_cents,
                "trackingNumber": msgspec.json.decode(row.body)["trackingNumber"],
                "items": [
                    [line["inventoryId"], line["quantity"]] for line in msgspec.json.decode(row.body)["items"]
                ],
            }
            for row in orders
        ],
        "items": {
            row.id: {"quantity": row.quantity, "bookId": row.book_id, "storeId": row.store_id,
                     "version": row.version, "removed": bool(row.removed)}
            for row in items
        },
        "refunds": [[row.of, row.reference, row.amount_cents] for row in refunds],
    }  # fmt: skip


def _of_sale(body: str) -> Any:
    sale = msgspec.json.decode(body)
    kept = ("saleNumber", "totalCents", "paymentMethod", "createdAt", "occurredAt", "clientTotals")
    lines = [[line["inventoryId"], line["quantity"], line["unitPriceCents"]] for line in sale["items"]]
    return {**{name: sale.get(name) for name in kept}, "items": lines}
