"""What a handler gets: one call within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from bookwish_desk.demo.online_store.asking import Fields, Query, Window, body_fields, window
from bookwish_desk.demo.online_store.records import Tx
from bookwish_desk.demo.online_store.refusal import Refusal, invalid
from bookwish_desk.demo.online_store.sessions import Caller, Tokens
from bookwish_desk.demo.online_store.variants import Variants
from bookwish_desk.demo.online_store.wire import Answer


class Call(msgspec.Struct):
    """A request, who makes it, and the transaction it is answered in.

    `accept_below_zero` says that what already happened in the shop is taken, even where the count here says
    that there was nothing to sell.
    """

    tx: Tx
    caller: Caller
    params: Mapping[str, str]
    query: Query
    body: bytes
    if_match: str
    variants: Variants
    tokens: Tokens
    accept_below_zero: bool = True

    def fields(self) -> Fields:
        """Return the fields of the body."""
        return body_fields(self.body)

    def window(self, default: int = 20, most: int | None = None) -> Window:
        """Return which rows of a list are asked for."""
        return window(self.query, self.variants.list_paging, default, most)

    def store_id(self) -> str:
        """Return the store that the query names."""
        return self.query.text("storeId", required=True) or ""

    def refuse_extensions(self, fields: Fields, extension: str, *names: str) -> None:
        """Refuse fields of an extension that this server does not offer, as a strict server does."""
        if not self.variants.has(extension):
            for name in names:
                if name in fields:
                    fields.wrong(name, "is no field of this request")


Handler = Callable[[Call], Answer]


def path_id(call: Call, name: str) -> str:
    """Return an id in the path, as it is in the database."""
    value = call.params[name]
    if "\0" in value:
        raise Refusal(404, "NotFound", "There is no such thing")
    return value


def needed(value: str | None, name: str) -> str:
    """Return a text that must be there and not empty. Raises Refusal."""
    if not value:
        raise invalid(name, "is required")
    return value
