"""One request at the broker: who asks, what goes wrong, what is answered, on one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from bookwish_desk.demo.carriers import refusal
from bookwish_desk.demo.carriers.faults import Faults, Rule
from bookwish_desk.demo.carriers.records import Records, Tx
from bookwish_desk.demo.carriers.refusal import Json, Refusal
from bookwish_desk.demo.carriers.wire import Answer, Call, House, fresh
from bookwish_desk.demo.loopback import die, drop

log = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Handler = Callable[[Call], Answer]

LARGEST_BODY = 1 << 20
PRODUCTION, TEST = "EZAK", "EZTK"
"""How keys begin whose labels are real, and keys that may make samples only. Any other may do everything."""
_JSON = "application/json; charset=utf-8"
_LOOK_S = 0.02
"""How often a slow request looks at the broker's clock."""


class Ask(msgspec.Struct, frozen=True):
    """How one path and method is answered. `name` is what faults and counts call it.

    `keyed`: a key of the account is needed; `production`: no test key is let in.
    """

    name: str
    handler: Handler
    keyed: bool = True
    production: bool = False


class Said(msgspec.Struct):
    """An answer on its way out."""

    status: int
    body: bytes
    kind: str = _JSON
    headers: dict[str, str] = {}
    broken: bool = False


class Gone(Exception):
    """The connection is closed without an answer."""


class Service:
    """The broker as one object: what it keeps, by which clock, with which keys."""

    def __init__(
        self, records: Records, clock: Callable[[], int], house: House, keys: tuple[str, ...], faults: Faults
    ) -> None:
        self.records = records
        self.clock = clock
        self.house = house
        self.faults = faults
        self._keys = keys
        self._buying: set[str] = set()

    async def answer(self, ask: Ask, scope: Any, receive: Receive, send: Send) -> None:
        """Answer a request."""
        rule = self.faults.take(ask.name, scope["path"])
        bought = scope["path_params"].get("id", "") if ask.name == "shipments.buy" else ""
        busy = bought in self._buying
        if bought:
            self._buying.add(bought)
        try:
            said = await self._said(ask, scope, receive, rule, busy)
        except Gone:
            drop(send)
            return
        finally:
            if not busy:
                self._buying.discard(bought)
        await self.reply(send, said)

    async def _said(self, ask: Ask, scope: Any, receive: Receive, rule: Rule | None, busy: bool) -> Said:
        try:
            body = await _body(receive)
            if busy:
                raise refusal.in_progress()
            if rule is not None and not rule.after:
                early = await self._met(rule, receive)
                if early is not None:
                    return early
            said = await self._carried_out(ask, scope, body)
        except Refusal as refused:
            said = _refused(refused)
        except Gone:
            raise
        except Exception:
            log.exception("event=bug path=%s", scope["path"])
            said = _refused(Refusal(500, "INTERNAL_SERVER_ERROR", "We're sorry, something went wrong."))
        if rule is not None and (rule.after or rule.kind in ("torn", "half", "empty")):
            met = await self._met(rule, receive, said)
            if met is not None:
                return met
        return said

    # ---- carrying out ----

    async def _carried_out(self, ask: Ask, scope: Any, body: bytes) -> Said:
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        key = self._key(given.get("authorization", "")) if ask.keyed else ""
        mode = "production" if key.startswith(PRODUCTION) else "test"
        if ask.production and key.startswith(TEST):
            raise Refusal(403, "MODE.UNAUTHORIZED", "This resource requires a production API Key to access.")
        try:
            asked: Any = msgspec.json.decode(body) if body else {}
        except msgspec.DecodeError as fault:
            raise Refusal(400, "BAD_REQUEST", "The body is no JSON.") from fault
        if not isinstance(asked, dict):
            raise Refusal(400, "BAD_REQUEST", "The body is no object.")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        base = f"http://{given.get('host', '127.0.0.1')}"

        def work(tx: Tx) -> Answer:
            return ask.handler(Call(tx, mode, scope["path_params"], query, asked, self.house, base))

        found = self.records.do(work)
        if isinstance(found.value, Later):
            found = await asyncio.to_thread(found.value.make)
        if found.kind:
            return Said(found.status, found.octets, found.kind)
        return Said(found.status, msgspec.json.encode(found.value))

    def _key(self, header: str) -> str:
        key = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else ""
        if not key or not any(hmac.compare_digest(key.encode(), known.encode()) for known in self._keys):
            raise Refusal(401, "UNAUTHORIZED", "The API key is invalid or missing.")
        return key

    # ---- what goes wrong ----

    async def _met(self, rule: Rule, receive: Receive, said: Said | None = None) -> Said | None:
        """Let a rule happen; return what is answered in place of `said`, None where it goes on as usual."""
        if rule.kind == "cut":
            raise Gone
        if rule.kind == "kill":
            die()
        if rule.kind == "hang":
            await _client_gone(receive)
            raise Gone
        if rule.kind == "slow":
            await self._waited(rule, receive)
            return None
        if rule.kind in ("torn", "half", "empty"):
            return None if said is None else _spoilt(rule, said)
        return _fault(rule)

    async def _waited(self, rule: Rule, receive: Receive) -> None:
        """Wait until the client has gone, and then until the time is over or somebody says so."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        due = self.clock() + rule.ms
        self.faults.wait(lambda: _wake(loop, woken))
        gone = asyncio.ensure_future(_client_gone(receive))
        try:
            while not woken.is_set():
                if rule.ms and gone.done() and self.clock() >= due:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), _LOOK_S if rule.ms else None)
        finally:
            gone.cancel()

    async def reply(self, send: Send, said: Said) -> None:
        """Send an answer."""
        date = format_datetime(datetime.fromtimestamp(self.clock() // 1000, UTC), usegmt=True)
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in said.headers.items()]
        raw += [
            (b"date", date.encode()),
            (b"content-type", said.kind.encode()),
            (b"content-length", str(len(said.body)).encode()),
            (b"cache-control", b"private, no-cache, no-store"),
            (b"x-ep-request-uuid", fresh("x")[2:].encode()),
        ]
        await send({"type": "http.response.start", "status": said.status, "headers": raw})
        if said.broken:
            await send(
                {"type": "http.response.body", "body": said.body[: len(said.body) // 2], "more_body": True}
            )
            drop(send)
            return
        await send({"type": "http.response.body", "body": said.body})


class Later(msgspec.Struct, frozen=True):
    """An answer that takes a while to make: in a thread, after the transaction."""

    make: Callable[[], Answer]


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    loop.call_soon_threadsafe(woken.set)


def _refused(refused: Refusal) -> Said:
    return Said(refused.status, msgspec.json.encode(refused.body), headers=refused.headers)


def _fault(rule: Rule) -> Said:
    html = "text/html; charset=utf-8"
    if rule.kind == "gateway":
        return Said(502, b"<html><head><title>502 Bad Gateway</title></head><body></body></html>", html)
    if rule.kind == "portal":
        return Said(
            200,
            b"<!doctype html><html><body><form>Accept the terms of this network</form></body></html>",
            html,
        )
    refusals: Json = {
        "limit": refusal.too_many(max(1, rule.ms // 1000)),
        "error": Refusal(500, "INTERNAL_SERVER_ERROR", "We're sorry, something went wrong."),
        "unavailable": Refusal(503, "SERVICE_UNAVAILABLE", "The service is temporarily unavailable."),
        "funds": refusal.no_funds(),
        "refuse": Refusal(
            422,
            "SHIPMENT.POSTAGE.FAILURE",
            "Unable to complete shipment purchase: the carrier is not available.",
        ),
        "timed_out": Refusal(422, "SHIPMENT.POSTAGE.TIMED_OUT", "The carrier did not answer in time."),
    }
    return _refused(refusals[rule.kind])


def _spoilt(rule: Rule, said: Said) -> Said:
    if rule.kind == "empty":
        return Said(said.status, b"", said.kind)
    if rule.kind == "torn":
        return Said(said.status, said.body[: len(said.body) // 2], said.kind)
    return Said(said.status, said.body, said.kind, broken=True)


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Refusal(413, "BAD_REQUEST", "The body is too large.")
        if not message.get("more_body"):
            return b"".join(parts)
