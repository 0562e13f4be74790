"""Every path of the broker with what answers it, as one ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route, Router

from bookwish_desk.demo.carriers import (
    account,
    files,
    making,
    paying,
    pickups,
    places,
    scan_forms,
    shipments,
    trackers,
)
from bookwish_desk.demo.carriers.refusal import Refusal
from bookwish_desk.demo.carriers.service import Ask, Receive, Said, Send, Service

BASE = "/v2"

ASKS: dict[tuple[str, str], Ask] = {
    ("GET", "/users"): Ask("users.read", account.user, production=True),
    ("GET", "/users/{id}"): Ask("users.read", account.user, production=True),
    ("GET", "/carrier_accounts"): Ask("carrier_accounts.list", account.carrier_accounts, production=True),
    ("POST", "/addresses"): Ask("addresses.create", places.create),
    ("GET", "/addresses"): Ask("addresses.list", places.listed),
    ("POST", "/addresses/create_and_verify"): Ask("addresses.verify", places.create_and_verify),
    ("GET", "/addresses/{id}"): Ask("addresses.read", places.read),
    ("GET", "/addresses/{id}/verify"): Ask("addresses.verify", places.verify),
    ("POST", "/shipments"): Ask("shipments.create", making.create),
    ("GET", "/shipments"): Ask("shipments.list", shipments.listed),
    ("GET", "/shipments/{id}"): Ask("shipments.read", shipments.read),
    ("POST", "/shipments/{id}/rerate"): Ask("shipments.rerate", shipments.rerate),
    ("POST", "/shipments/{id}/buy"): Ask("shipments.buy", paying.buy),
    ("GET", "/shipments/{id}/label"): Ask("shipments.label", shipments.label),
    ("POST", "/shipments/{id}/refund"): Ask("shipments.refund", paying.refund),
    ("POST", "/shipments/{id}/insure"): Ask("shipments.insure", paying.insure),
    ("POST", "/refunds"): Ask("refunds.create", paying.refunds),
    ("POST", "/trackers"): Ask("trackers.create", trackers.create),
    ("GET", "/trackers"): Ask("trackers.list", trackers.listed),
    ("POST", "/trackers/batch"): Ask("trackers.batch", trackers.batch),
    ("GET", "/trackers/{id}"): Ask("trackers.read", trackers.read),
    ("POST", "/scan_forms"): Ask("scan_forms.create", scan_forms.create),
    ("GET", "/scan_forms/{id}"): Ask("scan_forms.read", scan_forms.read),
    ("POST", "/batches"): Ask("batches.create", pickups.batch),
    ("GET", "/batches/{id}"): Ask("batches.read", pickups.read_batch),
    ("POST", "/batches/{id}/scan_form"): Ask("scan_forms.create", pickups.scan_batch),
    ("POST", "/pickups"): Ask("pickups.create", pickups.create),
    ("GET", "/pickups/{id}"): Ask("pickups.read", pickups.read),
    ("POST", "/pickups/{id}/buy"): Ask("pickups.buy", pickups.buy),
    ("POST", "/pickups/{id}/cancel"): Ask("pickups.cancel", pickups.cancel),
}
FILES: dict[tuple[str, str], Ask] = {
    ("GET", "/files/postage_label/{day}/{name}"): Ask("files.label", files.label, keyed=False),
    ("GET", "/files/scan_form/{day}/{name}"): Ask("files.form", files.form, keyed=False),
}


class Application:
    """The paths of a service, and words for what is none. `more` are paths beside them."""

    def __init__(self, service: Service, more: Sequence[BaseRoute] = ()) -> None:
        self._service = service
        by_path: dict[str, dict[str, Ask]] = {}
        for (method, path), ask in ASKS.items():
            by_path.setdefault(f"{BASE}{path}", {})[method] = ask
        for (method, path), ask in FILES.items():
            by_path.setdefault(path, {})[method] = ask
        routes = [
            Route(path, _Endpoint(service, methods), methods=list(methods))
            for path, methods in by_path.items()
        ]
        self._router = Router([*more, *routes], redirect_slashes=False)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            # With an application in the scope, Starlette raises what it cannot answer.
            await self._router({**scope, "app": self}, receive, send)
        except HTTPException as fault:
            codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
            refused = Refusal(fault.status_code, codes.get(fault.status_code, "BAD_REQUEST"), fault.detail)
            await self._service.reply(send, Said(fault.status_code, msgspec.json.encode(refused.body)))


class _Endpoint:
    """One path: hands a request over by its method."""

    def __init__(self, service: Service, methods: dict[str, Ask]) -> None:
        self._service = service
        self._methods = methods

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self._service.answer(self._methods[method], scope, receive, send)
