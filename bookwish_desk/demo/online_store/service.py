"""One request through the online store: limits, sign-in, idempotency, one transaction, the answer."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from bookwish_desk.demo.loopback import drop
from bookwish_desk.demo.online_store import faults, wire
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.asking import Query
from bookwish_desk.demo.online_store.calls import Call, Handler
from bookwish_desk.demo.online_store.faults import Fault, Faults
from bookwish_desk.demo.online_store.limits import Limits
from bookwish_desk.demo.online_store.records import Records, Tx
from bookwish_desk.demo.online_store.refusal import Refusal, invalid, not_found
from bookwish_desk.demo.online_store.sessions import Caller, Tokens
from bookwish_desk.demo.online_store.variants import Variants
from bookwish_desk.demo.online_store.wire import Answer

log = logging.getLogger(__name__)
T = TypeVar("T")
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

LARGEST_BODY = 1 << 20
KEY_MS = 8 * 24 * 3_600_000
"""How long an idempotency key is kept: a day more than promised."""
_LOOK_S = 1.0
"""How long a waiting feed sleeps at most: another process may have written (PostgreSQL)."""
NOBODY = Caller("", "")
_EARLIER = sa.select(t.keys).where(
    t.keys.c.user_id == sa.bindparam("caller"), t.keys.c.key == sa.bindparam("wanted")
)
_REMEMBER = sa.insert(t.keys)


class Ask(msgspec.Struct, frozen=True):
    """How one path and method is answered.

    `signed_in` says that a token is needed; `keyed` that an idempotency key is obeyed; `extension` of which
    extension it is; `waits` that an empty feed may be waited for.
    """

    handler: Handler
    writes: bool = False
    signed_in: bool = True
    keyed: bool = False
    extension: str = ""
    waits: bool = False


class Service:
    """The online store as one object: what it serves, from what, by which clock."""

    def __init__(
        self,
        records: Records,
        variants: Variants,
        tokens: Tokens,
        limits: Limits,
        sign_ins: Limits,
        accept_below_zero: bool = True,
    ) -> None:
        self.records = records
        self.variants = variants
        self.tokens = tokens
        self.limits = limits
        self.sign_ins = sign_ins
        self.faults = Faults()
        self._accept_below_zero = accept_below_zero
        self._running: set[tuple[str, str]] = set()
        self._news = asyncio.Event()

    # ---- work ----

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Read in one transaction."""
        if self.records.inline:
            return self.records.read(work)
        return await asyncio.to_thread(self.records.read, work)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Write in one transaction; whoever waits at a feed is woken."""
        if self.records.inline:
            value, told = self.records.write(work)
        else:
            value, told = await asyncio.to_thread(self.records.write, work)
        if told:
            news, self._news = self._news, asyncio.Event()
            news.set()
        return value

    # ---- one request ----

    async def answer(self, ask: Ask, scope: Any, receive: Receive, send: Send) -> None:
        """Answer a request."""
        headers: dict[str, str] = {}
        fault = self.faults.take(scope["method"], scope["path"])
        try:
            try:
                await faults.before(fault)
                said = await self._said(ask, scope, receive, headers, fault)
            except Refusal as refusal:
                body = msgspec.json.encode(wire.refused(refusal, self.variants))
                said = refusal.status, body, refusal.headers
        except faults.Dropped:
            drop(send)
            return
        except Exception:
            log.exception("event=bug path=%s", scope["path"])
            body = msgspec.json.encode(wire.refused(faults.failed(), self.variants))
            said = 500, body, {}
        status, body, more = said
        if fault is not None and fault.kind == "garbage":
            status, body = 200, b'{"id": "or-1", "items": [<html>'
        await self.reply(send, status, body, {**headers, **more}, cut=_cut(fault))

    async def _said(
        self, ask: Ask, scope: Any, receive: Receive, headers: dict[str, str], fault: Fault | None
    ) -> tuple[int, bytes, dict[str, str]]:
        if ask.extension and not self._offers(ask.extension):
            raise not_found("path")
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        now = self.records.now()
        caller = self._caller(ask, given, now)
        headers.update(self.limits.take(caller.id or str(scope.get("client") or ""), now))
        body = await _body(receive)
        key = self._key(ask, given)
        running = (caller.id, key) if key else None
        if running in self._running:
            raise Refusal(
                409,
                "idempotency_in_progress",
                "The first request with this key is still running",
                headers={"Retry-After": "1"},
            )
        if running:
            self._running.add(running)
        try:
            said = await self._worked(ask, scope, caller, given, body, fault, key)
            await faults.after(fault)
            return said
        finally:
            if running:
                self._running.discard(running)

    def _key(self, ask: Ask, given: dict[str, str]) -> str:
        """Return the idempotency key of a request, "" where none counts."""
        key = given.get("idempotency-key")
        if key is None or not ask.keyed or not self.variants.has("idempotency-key"):
            return ""
        if not 16 <= len(key) <= 128:
            raise invalid("Idempotency-Key", "must have 16 to 128 characters")
        return key

    def _offers(self, extension: str) -> bool:
        return bool(self.variants.extensions) if extension == "any" else self.variants.has(extension)

    def _caller(self, ask: Ask, given: dict[str, str], now: int) -> Caller:
        header = given.get("authorization", "")
        if ask.signed_in:
            return self.tokens.caller(header, now)
        return NOBODY

    async def _worked(
        self,
        ask: Ask,
        scope: Any,
        caller: Caller,
        given: dict[str, str],
        body: bytes,
        fault: Fault | None,
        key: str,
    ) -> tuple[int, bytes, dict[str, str]]:
        query = Query(scope["query_string"])

        def work(tx: Tx) -> tuple[int, bytes, dict[str, str]]:
            call = Call(
                tx, caller, scope["path_params"], query, body, given.get("if-match", ""), self.variants,
                self.tokens, self._accept_below_zero,
            )  # fmt: skip
            request = ""
            if key:
                request = hashlib.sha256(f"{scope['method']} {scope['path']}\n".encode() + body).hexdigest()
                if (earlier := _earlier(tx, caller, key, request)) is not None:
                    return earlier
            answer = ask.handler(call)
            replied = b"" if answer.status == 204 else self._encoded(answer, tx.at)
            if key:
                _remember(tx, caller, key, request, answer.status, replied)
            faults.within(fault)
            return answer.status, replied, answer.headers

        if ask.writes:
            return await self.write(work)
        if not ask.waits:
            return await self.read(work)
        return await self._waited(work, query)

    async def _waited(
        self, work: Callable[[Tx], tuple[int, bytes, dict[str, str]]], query: Query
    ) -> tuple[int, bytes, dict[str, str]]:
        """Answer a feed once there is something in it, or when the time to wait is over."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + query.whole("waitSeconds", 0, least=0, most=30)
        while True:
            news = self._news
            said = await self.read(work)
            left = ends - loop.time()
            if left <= 0 or not said[1].startswith(b'{"data":[],'):
                return said
            try:
                await asyncio.wait_for(news.wait(), min(left, _LOOK_S))
            except TimeoutError:
                pass

    def _encoded(self, answer: Answer, now: int) -> bytes:
        return msgspec.json.encode(wire.written(answer, self.variants, now))

    async def reply(
        self, send: Send, status: int, body: bytes, headers: dict[str, str], cut: int | None = None
    ) -> None:
        """Send an answer; `cut` octets of its body only, then nothing more."""
        date = format_datetime(datetime.fromtimestamp(self.records.now() // 1000, UTC), usegmt=True)
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        raw.append((b"date", date.encode()))
        if status != 204:
            raw += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        if cut is not None:
            await send({"type": "http.response.body", "body": body[:cut], "more_body": True})
            drop(send)
            return
        await send({"type": "http.response.body", "body": body})


def _cut(fault: Fault | None) -> int | None:
    return fault.octets if fault is not None and fault.kind == "cut" else None


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise faults.Dropped
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Refusal(400, "BadRequest", "The body is too large")
        if not message.get("more_body"):
            return b"".join(parts)


def _earlier(tx: Tx, caller: Caller, key: str, request: str) -> tuple[int, bytes, dict[str, str]] | None:
    """Return the answer that was given to a key before. Raises Refusal where something else was asked."""
    row = tx.one(_EARLIER, {"caller": caller.id, "wanted": key})
    if row is None:
        return None
    if row.request != request:
        raise Refusal(422, "idempotency_key_reuse", "This key was used for another request")
    return row.status, row.reply, {"Idempotency-Replayed": "true"}


def _remember(tx: Tx, caller: Caller, key: str, request: str, status: int, reply: bytes) -> None:
    """Keep the answer to a key, with what was done. What is refused does nothing and uses up no key."""
    row = {"user_id": caller.id, "key": key, "request": request, "status": status, "reply": reply}
    tx.conn.execute(_REMEMBER, row | {"created_at": tx.at})


def forget_old_keys(tx: Tx) -> None:
    """Forget idempotency keys that were kept for long enough."""
    tx.conn.execute(sa.delete(t.keys).where(t.keys.c.created_at < tx.at - KEY_MS))
