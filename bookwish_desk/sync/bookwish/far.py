"""What the parts of the adapter share: asking in the account's name, and what was learned of this server.

The documentation contradicts itself; what a server does is seen from its answers and remembered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.online import Abilities
from bookwish_desk.sync.bookwish import decoding
from bookwish_desk.sync.bookwish.client import Answer, Call, Client
from bookwish_desk.sync.bookwish.decoding import Unreadable
from bookwish_desk.sync.bookwish.judging import not_offered, path_is_missing, refusal, unreadable
from bookwish_desk.sync.bookwish.session import Session
from bookwish_desk.sync.port import Reply, Result

T = TypeVar("T")
Method = Literal["GET", "POST", "PUT", "PATCH"]
Query = tuple[tuple[str, str], ...]


class Learned:
    """What is known of a server by its answers. Shared by all threads; the last to learn is right."""

    def __init__(self, abilities: Abilities) -> None:
        self._lock = threading.Lock()
        self.abilities = abilities
        self.known_until = 0.0  # when the abilities are asked for again, time.monotonic()
        self.offered: frozenset[str] = frozenset()
        self.pos: tuple[str, ...] = ()  # before /sales, once it is known
        self.methods: dict[str, Method] = {}  # of a family of paths, once a write has gone well
        self.store_filter = True  # whether the list of orders may be asked for by store
        self.proven: set[str] = set()  # families of paths that the server is known to have

    def change(self, **flags: Any) -> None:
        """Change abilities."""
        with self._lock:
            self.abilities = replace(self.abilities, **flags)


class Far:
    """A server, the account and the store there. `background` requests leave a quarter of the rate limit."""

    def __init__(
        self, client: Client, session: Session, learned: Learned, store_id: str, background: bool = True
    ) -> None:
        self.client = client
        self.session = session
        self.learned = learned
        self.store_id = store_id
        self.background = background

    @property
    def abilities(self) -> Abilities:
        """Return what the server can do as far as is known."""
        return self.learned.abilities

    def ask(
        self,
        method: Method,
        *path: str,
        family: str,
        query: Query = (),
        body: bytes | None = None,
        key: str = "",
        headers: Query = (),
        wait_s: int = 0,
        signed: bool = True,
    ) -> Answer | Reply[Any]:
        """Send one request; `key` goes with it where the server takes keys."""
        if key and self.abilities.key:
            headers = (*headers, ("Idempotency-Key", key))
        call = Call(
            method=method,
            path=path,
            family=family,
            query=query,
            body=body,
            headers=headers,
            writes=method != "GET",
            wait_s=wait_s,
            background=self.background,
        )
        end = self.session.send(call) if signed else self.client.exchange(call)
        if isinstance(end, Answer):
            if end.well:
                self.learned.proven.add(family)
            elif family in self.learned.proven:
                return replace(end, proven=True)
        return end

    def put(
        self, *path: str, family: str, body: bytes, query: Query = (), key: str = "", headers: Query = ()
    ) -> Answer | Reply[Any]:
        """Change something by PUT, or by PATCH where the server wants that: neither is documented.

        A server that has no PUT there did nothing, so the other may follow at once.
        """
        known = self.learned.methods.get(family)
        methods: tuple[Method, ...] = (known,) if known else ("PUT", "PATCH")
        ends: list[Answer] = []
        for method in methods:
            end = self.ask(method, *path, family=family, body=body, query=query, key=key, headers=headers)
            if isinstance(end, Reply):
                return end
            if end.status not in (405, 501) and not path_is_missing(end):
                if end.well:
                    self.learned.methods[family] = method
                return end
            ends.append(end)
        return ends[0]


def read_one(
    end: Answer | Reply[Any], names: Sequence[str], read: Callable[[object], T | Unreadable], what: str = ""
) -> Reply[T]:
    """Return the one thing in an answer; `what` names it in words where the server does not know it."""
    if isinstance(end, Reply):
        return end
    if path_is_missing(end):
        return not_offered(status=404)
    if not end.well:
        refused = refusal(end)
        if end.status == 404 and what:
            refused = replace(refused, words=f"The online store does not know this {what}.")
        return refused
    found = read(decoding.unwrapped(end.told, names))
    return unreadable(end, found.why) if isinstance(found, Unreadable) else done(end, found)


def done(end: Answer, value: T, result: Result = "done", words: str = "") -> Reply[T]:
    """Return what an answer holds."""
    replayed = end.headers.get("idempotency-replayed", "") == "true"
    return Reply(result, value, words, end.status, "", 0, end.server_at, replayed)


def etag_of(end: Answer) -> str:
    """Return the tag of the version in an answer, empty where it has none that could be sent back."""
    tag = end.headers.get("etag", "")
    opaque = tag.removeprefix("W/")
    inside = opaque[1:-1]
    quoted = len(opaque) >= 2 and opaque[0] == opaque[-1] == '"' and '"' not in inside
    return (
        tag
        if quoted and len(tag) <= 130 and inside.isascii() and (not inside or inside.isprintable())
        else ""
    )


def encoded(body: dict[str, Any]) -> bytes:
    """Return a body as it is sent."""
    return msgspec.json.encode(body)
