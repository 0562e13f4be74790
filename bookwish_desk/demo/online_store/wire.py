"""How the online store writes: rows as JSON objects, and every answer in the variants it serves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bookwish_desk.demo.online_store.asking import Window
from bookwish_desk.demo.online_store.refusal import Refusal
from bookwish_desk.demo.online_store.variants import Variants

Json = dict[str, Any]


class Answer(msgspec.Struct):
    """What is answered: a value, and what it is called where objects have names.

    `ours` are answers of extensions, which no variant changes.
    """

    value: Any = None
    name: str = ""
    status: int = 200
    headers: dict[str, str] = {}
    ours: bool = False


class Rows(msgspec.Struct, frozen=True):
    """A page of a list, before it is written in the server's way of paging."""

    name: str
    rows: list[Json]
    total: int
    window: Window


def moment(at: int) -> str:
    """Return ms UTC as the server writes it."""
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    return whole.isoformat(timespec="milliseconds" if at % 1000 else "seconds").replace("+00:00", "Z")


def written(answer: Answer, variants: Variants, now: int) -> Any:
    """Return the body of an answer in the variants of the server."""
    value, ours = answer.value, answer.ours
    if isinstance(value, Rows):
        value = _page(value, "limit-offset" if ours else variants.list_paging)
        named = ""
    else:
        named = answer.name
    if ours:
        return value
    if variants.success_envelope == "named-object" and named:
        return {named: value}
    if variants.success_envelope == "data-meta":
        meta = {"timestamp": moment(now)}
        paged = isinstance(answer.value, Rows) and variants.list_paging != "limit-offset"
        return {**value, "meta": meta} if paged else {"data": value, "meta": meta}
    return value


def _page(page: Rows, paging: str) -> Json:
    window, total = page.window, page.total
    if paging == "page-limit":
        pages = -(-total // window.limit)
        number = window.offset // window.limit + 1
        pagination = {"page": number, "limit": window.limit, "total": total, "totalPages": pages}
        return {"data": page.rows, "pagination": pagination}
    if paging == "cursor-limit":
        after = window.offset + len(page.rows)
        more = after < total and bool(page.rows)
        return {"data": page.rows, "nextCursor": f"o{after}" if more else None, "hasMore": more}
    return {page.name: page.rows, "total": total, "limit": window.limit, "offset": window.offset}


def refused(refusal: Refusal, variants: Variants) -> Json:
    """Return the body of a refusal in the variants of the server."""
    words: Json = {"message": refusal.message}
    if refusal.details:
        words["details"] = refusal.details
    if variants.error_shape == "nested":
        return {"error": {"code": _shouted(refusal.code), **words}, **refusal.beside}
    return {"error": refusal.code, **words, **refusal.beside}


def _shouted(code: str) -> str:
    """Return a code as nested errors spell it: ValidationError is VALIDATION_ERROR."""
    return code if code.startswith("idempotency_") else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).upper()


# ---- rows as objects ----


def store(row: Any) -> Json:
    """Return a store as it says of itself in public."""
    return {
        "id": row.id,
        "slug": row.slug,
        **msgspec.json.decode(row.body),
        "taxRate": row.tax_ppm / 1_000_000,
    }


def book(row: Any) -> Json:
    """Return a book."""
    known: Json = msgspec.json.decode(row.body)
    return {"id": row.id, "isbn": row.isbn13, "isbn13": row.isbn13, "isbn10": row.isbn10, **known}


def book_in_short(row: Any) -> Json:
    """Return what a stock line, an order line and a sale line say of their book."""
    known: Json = msgspec.json.decode(row.body)
    return {
        "id": row.id,
        "isbn": row.isbn13,
        "isbn13": row.isbn13,
        "isbn10": row.isbn10,
        "title": known["title"],
        "authors": known.get("authors", []),
        "coverUrl": None,
    }


def item(row: Any, of: Json, variants: Variants) -> Json:
    """Return a stock line with its book."""
    found: Json = {
        "id": row.id,
        "storeId": row.store_id,
        "bookId": row.book_id,
        "book": of,
        "quantity": row.quantity,
        "priceCents": row.price_cents,
        "compareAtPriceCents": row.compare_at_cents,
        "condition": row.condition,
        "sku": row.sku,
        "location": row.location,
        "notes": row.notes,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
    }
    if variants.has("item-versions"):
        found["version"] = row.version
    return found


def status(word: str, variants: Variants) -> str:
    """Return a status in the server's words: what is finished has two."""
    return variants.finished_status if word == "delivered" else word


def order_summary(row: Any, variants: Variants) -> Json:
    """Return a row of the list of orders."""
    lines: Sequence[Mapping[str, int]] = msgspec.json.decode(row.body)["items"]
    return {
        "id": row.id,
        "orderNumber": row.number,
        "userId": row.user_id,
        "status": status(row.status, variants),
        "totalCents": row.total_cents,
        "itemCount": sum(line["quantity"] for line in lines),
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
    }


def order(row: Any, variants: Variants) -> Json:
    """Return an order with its lines."""
    found: Json = {
        "id": row.id,
        "orderNumber": row.number,
        "userId": row.user_id,
        "storeId": row.store_id,
        "status": status(row.status, variants),
        "fulfillmentType": row.kind,
        **msgspec.json.decode(row.body),
        "totalCents": row.total_cents,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
    }
    if variants.has("status-precondition"):
        found["version"] = row.version
    return found


def etag(row: Any) -> str:
    """Return the version of a row as an entity tag."""
    return f'"v{row.version}"'


def sale(kept: Json, variants: Variants) -> Json:
    """Return a counter sale, as it is kept, with the server's spelling of prices and its extensions."""
    lines = []
    for line in kept["items"]:
        cents = line["unitPriceCents"]
        price: Json = {"unitPriceCents": cents}
        if variants.sale_line_unit_price == "unitPrice-in-cents":
            price = {"unitPrice": cents}
        elif variants.sale_line_unit_price == "unitPrice-in-dollars":
            price = {"unitPrice": cents / 100}
        lines.append({**{k: v for k, v in line.items() if k not in _KEPT_APART}, **price})
    hidden = frozenset() if variants.has("client-reference") else _EXTENSIONS_OF_SALES
    return {**{k: v for k, v in kept.items() if k not in hidden}, "items": lines}


_KEPT_APART = frozenset({"unitPriceCents"})
_EXTENSIONS_OF_SALES = frozenset(
    {"clientReference", "occurredAt", "registerId", "shiftId", "clientTotals", "payments"}
)
