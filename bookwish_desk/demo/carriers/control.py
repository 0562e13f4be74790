"""What happens at the broker besides the desk: parcels travel, refunds are decided, faults, clocks, money.

It is there only where the server is started with `--control`. A test drives it over HTTP, or by `Brokerage`.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bookwish_desk.demo.carriers import trackers
from bookwish_desk.demo.carriers.faults import rules_of
from bookwish_desk.demo.carriers.ledger import ledger
from bookwish_desk.demo.carriers.records import Tx
from bookwish_desk.demo.carriers.refusal import Refusal
from bookwish_desk.demo.carriers.service import Service
from bookwish_desk.demo.carriers.travel import STATUSES

HEADER = "X-Control"
"""Whoever started the server with a word for it must say it in this header."""


class Control:
    """The control path of one server. `move_clock` sets how far its clock is ahead, in ms."""

    def __init__(self, service: Service, word: str, move_clock: Callable[[int], None]) -> None:
        self._service = service
        self._word = word
        self._move_clock = move_clock

    def routes(self) -> list[BaseRoute]:
        """Return the paths."""
        posts = {
            "/control/faults": self._faults,
            "/control/release": self._release,
            "/control/clock": self._clock,
            "/control/wallet": self._wallet,
            "/control/refunds": self._refunds,
            "/control/trackers/{code}": self._tracker,
        }
        made: list[BaseRoute] = [
            Route(path, self._guarded(do), methods=["POST"]) for path, do in posts.items()
        ]
        made.append(Route("/control/ledger", self._guarded(self._ledger), methods=["GET"]))
        return made

    def _guarded(self, do: Callable[[Request, Any], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if self._word and not hmac.compare_digest(request.headers.get(HEADER, ""), self._word):
                return _json({"error": "Forbidden"}, 403)
            raw = await request.body()
            try:
                return _json(do(request, msgspec.json.decode(raw) if raw else {}), 200)
            except Refusal as refused:
                return _json(refused.body, refused.status)
            except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as fault:
                return _json({"error": str(fault)}, 400)

        return answer

    def _ledger(self, _request: Request, _asked: Any) -> Any:
        return self._service.records.do(ledger)

    def _faults(self, _request: Request, asked: Any) -> Any:
        rules = rules_of(asked)
        self._service.faults.set(*rules)
        return {"rules": len(rules)}

    def _release(self, _request: Request, _asked: Any) -> Any:
        return {"released": self._service.faults.release()}

    def _clock(self, _request: Request, asked: Any) -> Any:
        self._move_clock(int(asked["ms"]))
        return {"at": self._service.clock()}

    def _wallet(self, _request: Request, asked: Any) -> Any:
        return self._service.records.do(lambda tx: set_wallet(tx, int(asked["cents"])))

    def _refunds(self, _request: Request, asked: Any) -> Any:
        shipment, status = str(asked.get("shipment", "")), str(asked["status"])
        return self._service.records.do(lambda tx: settle_refunds(tx, status, shipment))

    def _tracker(self, request: Request, asked: Any) -> Any:
        code, status = request.path_params["code"], str(asked["status"])
        return self._service.records.do(lambda tx: tell(tx, code, status))


def set_wallet(tx: Tx, cents: int) -> dict[str, int]:
    """Set what is in the wallet."""
    tx.enter("opening", cents - tx.balance())
    return {"balance_cents": tx.balance()}


def settle_refunds(tx: Tx, status: str, shipment: str = "") -> dict[str, str]:
    """Say what becomes of the refund of a shipment, or of all of them: refunded, rejected, not_applicable."""
    if status not in ("refunded", "rejected", "not_applicable"):
        raise ValueError(f"{status} is no outcome")
    tx.note(f"refund {shipment}".strip(), status)
    return {"status": status}


def tell(tx: Tx, code: str, status: str) -> dict[str, str]:
    """Let a carrier say where a parcel is now; it stays there until more is told."""
    if status not in STATUSES:
        raise ValueError(f"{status} is no place for a parcel")
    kept = tx.need("tracker", code)
    way = trackers.way_of(kept)
    if way is None:
        raise ValueError("This parcel's way is EasyPost's own")
    trackers.set_way(tx, kept, msgspec.structs.replace(way, told=(*way.told, (tx.at, status))))
    return {"status": status}


def _json(value: Any, status: int) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
