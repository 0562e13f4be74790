"""Every path of the online store with what answers it, as one ASGI application."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route, Router

from bookwish_desk.demo.online_store import credit, feeds, ordering, places, selling, sessions, stock, wire
from bookwish_desk.demo.online_store.calls import Call
from bookwish_desk.demo.online_store.refusal import Refusal, invalid
from bookwish_desk.demo.online_store.service import Ask, Receive, Send, Service
from bookwish_desk.demo.online_store.variants import Variants
from bookwish_desk.demo.online_store.wire import Answer

RETENTION_S = 604_800


def asks(variants: Variants, service: Service) -> dict[tuple[str, str], Ask]:
    """Return what is answered: (method, path) and how."""

    def keyed(handler: Any, extension: str = "") -> Ask:
        return Ask(handler, writes=True, keyed=True, extension=extension)

    pos = variants.pos_prefix
    ext = "/ext/v1"
    table: dict[tuple[str, str], Ask] = {
        ("POST", "/auth/login"): Ask(_limited(service), signed_in=False),
        ("POST", "/auth/refresh"): Ask(_refresh, writes=True, signed_in=False),
        ("POST", "/auth/logout"): Ask(_log_out, writes=True),
        ("GET", "/health"): Ask(_health, signed_in=False),
        ("GET", "/stores"): Ask(places.list_stores, signed_in=False),
        ("GET", "/stores/{slug}"): Ask(places.get_store, signed_in=False),
        ("GET", "/stores/{storeId}/customers"): Ask(credit.search_customers),
        ("POST", "/stores/{storeId}/customers"): keyed(credit.create_customer),
        ("GET", "/books"): Ask(places.search_books, signed_in=False),
        ("GET", "/books/{bookId}"): Ask(places.get_book, signed_in=False),
        ("GET", "/inventory"): Ask(stock.list_items),
        ("POST", "/inventory"): keyed(stock.create_item),
        ("GET", "/inventory/{inventoryId}"): Ask(stock.get_item),
        ("PUT", "/inventory/{inventoryId}"): Ask(stock.update_item, writes=True),
        ("POST", "/inventory/{inventoryId}/adjust"): keyed(stock.adjust_item),
        ("GET", "/orders"): Ask(ordering.list_orders),
        ("GET", "/orders/{orderId}"): Ask(ordering.get_order),
        ("PUT", "/orders/{orderId}/status"): keyed(ordering.update_status),
        ("POST", "/orders/{orderId}/refunds"): keyed(ordering.refund),
        ("POST", f"{pos}/sales"): keyed(selling.create_sale),
        ("GET", f"{pos}/sales"): Ask(selling.list_sales),
        ("GET", f"{pos}/sales/{{saleId}}"): Ask(selling.get_sale),
        ("GET", f"{pos}/sales/{{saleId}}/receipt"): Ask(selling.receipt),
        ("GET", f"{pos}/lookup/{{barcode}}"): Ask(stock.look_up),
        ("GET", f"{pos}/reports/daily"): Ask(selling.daily_report),
        ("GET", "/trade-credit/accounts"): Ask(credit.list_accounts),
        ("GET", "/trade-credit/accounts/{accountId}/transactions"): Ask(credit.list_moves),
        ("POST", "/trade-credit/accounts/{accountId}/transactions"): keyed(credit.create_move),
        ("GET", "/trade-ins"): Ask(credit.list_trade_ins),
        ("POST", "/trade-ins"): keyed(credit.create_trade_in),
        ("GET", "/trade-ins/{tradeInId}"): Ask(credit.get_trade_in),
        ("POST", "/trade-ins/{tradeInId}/complete"): keyed(credit.complete_trade_in),
        ("GET", f"{ext}/capabilities"): Ask(_capabilities, extension="any"),
        ("GET", f"{ext}/me/stores"): Ask(places.my_stores, extension="my-stores"),
        ("GET", f"{ext}/stores/{{storeId}}/order-feed"): Ask(
            feeds.order_feed, extension="order-feed", waits=True
        ),
        ("GET", f"{ext}/stores/{{storeId}}/inventory-feed"): Ask(feeds.item_feed, extension="inventory-feed"),
        ("POST", f"{ext}/pos/sales/{{saleId}}/refunds"): keyed(selling.refund_sale, "sale-refunds"),
        ("GET", f"{ext}/stores/{{storeId}}/shifts"): Ask(places.list_shifts, extension="shifts"),
        ("POST", f"{ext}/stores/{{storeId}}/shifts"): keyed(places.upload_shift, "shifts"),
    }
    # The one path that is answered before any other is known.
    return {
        (method, f"{variants.base}{path}"): ask
        for (method, path), ask in table.items()
        if not ask.extension or ask.extension == "any" or variants.has(ask.extension)
    }


class Application:
    """The paths of a service, and words for what is none. `more` are paths beside them."""

    def __init__(self, service: Service, more: list[BaseRoute] | None = None) -> None:
        self._service = service
        by_path: dict[str, dict[str, Ask]] = {}
        for (method, path), ask in asks(service.variants, service).items():
            by_path.setdefault(path, {})[method] = ask
        routes: list[BaseRoute] = [
            Route(path, _Endpoint(service, methods), methods=list(methods))
            for path, methods in by_path.items()
        ]
        self._router = Router([*(more or []), *routes], redirect_slashes=False)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            # With an application in the scope, Starlette raises what it cannot answer.
            await self._router({**scope, "app": self}, receive, send)
        except HTTPException as fault:
            words = {404: ("NotFound", "There is no such path"), 405: ("MethodNotAllowed", "Not that way")}
            refusal = Refusal(fault.status_code, *words.get(fault.status_code, ("BadRequest", fault.detail)))
            body = msgspec.json.encode(wire.refused(refusal, self._service.variants))
            await self._service.reply(send, fault.status_code, body, dict(fault.headers or {}))


class _Endpoint:
    """One path: hands a request over by its method."""

    def __init__(self, service: Service, methods: dict[str, Ask]) -> None:
        self._service = service
        self._methods = methods

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self._service.answer(self._methods[method], scope, receive, send)


def _health(_call: Call) -> Answer:
    return Answer({"status": "ok"})


def _capabilities(call: Call) -> Answer:
    offered = sorted(call.variants.extensions)
    value = {"version": 1, "extensions": offered, "idempotencyRetentionSeconds": RETENTION_S}
    return Answer(value, ours=True)


def _limited(service: Service) -> Any:
    """Return what signs in: after too many wrong passwords of an account nothing is tried for a while."""

    def log_in(call: Call) -> Answer:
        asked = call.fields()
        email = asked.text("email", required=True) or ""
        password = asked.text("password", required=True, least=8) or ""
        asked.check()
        if not credit.is_address(email):
            raise invalid("email", "must be an e-mail address")
        service.sign_ins.take(email.lower(), call.tx.at)
        found = sessions.sign_in(call.tx, call.tokens, email, password, call.variants)
        service.sign_ins.forget(email.lower())
        return Answer(found)

    return log_in


def _token(call: Call) -> str:
    asked = call.fields()
    tokens = [asked.text(name) for name in ("refreshToken", "refresh_token")]
    if "refreshToken" not in asked and "refresh_token" not in asked:
        asked.wrong("refreshToken", "is required")
    asked.check()
    return tokens[0] if tokens[0] is not None else tokens[1] or ""


def _refresh(call: Call) -> Answer:
    return Answer(sessions.refresh(call.tx, call.tokens, _token(call), call.variants))


def _log_out(call: Call) -> Answer:
    sessions.sign_out(call.tx, call.tokens, _token(call))
    return Answer(status=204)
