"""Counter sales and their returns at the store: sent, found again, listed."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import Any

from msgspec.structs import replace

from bookwish_desk.shop.online import OnlineRefund, OnlineSale, OnlineSaleLine, SalePage
from bookwish_desk.sync.bookwish import decoding
from bookwish_desk.sync.bookwish.client import Answer
from bookwish_desk.sync.bookwish.decoding import Unreadable, Wrong
from bookwish_desk.sync.bookwish.far import Far, Method, Query, done, read_one
from bookwish_desk.sync.bookwish.judging import not_offered, path_is_missing, refusal
from bookwish_desk.sync.bookwish.paging import Lists
from bookwish_desk.sync.bookwish.sale_bodies import written
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.wire import read_json

_PREFIXES = (("api", "pos"), ("pos",))
_MOST_LINES = 1_000
_PROVEN_BY = frozenset((400, 403, 405, 409, 412, 422))


def send(far: Far, body: bytes, key: str) -> Reply[OnlineSale]:
    """Record a counter sale. One that the store has already under our number is done, not refused."""
    told, _ = read_json(body)
    sent = told if isinstance(told, dict) else {}
    end = _at_pos(far, "POST", body=body, key=key)
    ours = sent.get("clientReference")
    if isinstance(end, Answer) and end.status == 409 and isinstance(ours, str) and far.abilities.reference:
        verdict = refusal(end)
        if verdict.result == "refused":
            known = by_reference(far, ours)
            if known.value is not None and len(known.value) == 1:
                return Reply("done", known.value[0], "", 200, "", 0, known.server_at, replayed=True)
            return verdict
    if isinstance(end, Answer) and end.status == 404:
        return not_offered(status=404) if path_is_missing(end) else refusal(end)
    return read_one(end, ("sale",), lambda x: sale(x, _prices(sent)))


def send_refund(far: Far, sale_id: str, body: bytes, key: str) -> Reply[OnlineRefund]:
    """Record a return of lines of a counter sale."""
    if not far.abilities.refunds:
        return not_offered("The online store does not take returns of counter sales.")
    path = ("ext", "v1", "pos", "sales", sale_id, "refunds")
    end = far.ask("POST", *path, family="refund", body=body, key=key)
    return read_one(end, ("refund",), decoding.refund, "sale")


def by_reference(far: Far, reference: str) -> Reply[tuple[OnlineSale, ...]]:
    """Return the sales of a number of ours; others, from a server that does not look for it, are left out."""
    if not far.abilities.reference:
        return not_offered("The online store does not know the numbers of this shop's sales.")
    query = (("storeId", far.store_id), ("clientReference", reference), ("limit", "20"), ("offset", "0"))
    end = _at_pos(far, "GET", query=query)
    if isinstance(end, Reply):
        return end
    if end.status == 404:
        return not_offered(status=404)
    if not end.well:
        return refusal(end)
    rows = decoding.rows(end.told, ("sales",))
    if rows is None:
        return Reply("unknown", None, "The online store answered in a way that cannot be read.", end.status)
    sales, _ = decoding.read_all(rows[: decoding.MOST_ROWS], sale)
    return done(end, tuple(x for x in sales if x.reference == reference))


def between(far: Far, lists: Lists, first_at: int, last_at: int, offset: int, limit: int) -> Reply[SalePage]:
    """Return counter sales by when the server recorded them, both moments included."""
    query: Query = (
        ("storeId", far.store_id),
        ("from", written(first_at)),
        ("to", written(last_at + 1)),
    )
    prefixes = (far.learned.pos,) if far.learned.pos else _PREFIXES
    for prefix in prefixes:
        page = lists.page(far, (*prefix, "sales"), "sales", ("sales",), query, offset, limit)
        if isinstance(page, Reply):
            if page.result == "not_offered" and page.status == 404:
                continue
            return page
        far.learned.pos = prefix
        sales, _ = decoding.read_all(page.rows, sale)
        within = tuple(x for x in sales if not x.created_at or first_at <= x.created_at <= last_at)
        return done(page.end, SalePage(within, page.total, page.more, len(page.rows) - len(within)))
    return not_offered("The online store has no list of counter sales.", 404)


def sale(told: object, prices: Sequence[int] = ()) -> OnlineSale | Unreadable:
    """Read a counter sale; `prices` of one copy, as they were sent line by line, tell cents from dollars."""
    return decoding.read_row(told, lambda x: _sale(x, prices))


def _sale(told: dict[str, Any], prices: Sequence[int]) -> OnlineSale:
    rows = told.get("items", told.get("lines", []))
    if not isinstance(rows, list) or len(rows) > _MOST_LINES:
        raise Wrong("its lines cannot be read")
    lines = [_line(x, no) for no, x in enumerate(rows, 1)]
    written_prices = [_written_price(x) for x in rows]
    if len(prices) == len(lines):
        paid = [_matching(x, y) for x, y in zip(written_prices, prices, strict=True)]
    else:
        paid = _by_subtotal(
            written_prices, [x.quantity for x in lines], decoding.cents(told, "subtotalCents")
        )
    return OnlineSale(
        id=decoding.ident(told, "id"),
        number=decoding.word(told, "saleNumber"),
        staff=decoding.word(told, "staffUserId", limit=128),
        method=decoding.word(told, "paymentMethod"),
        credit_cents=decoding.cents(told, "tradeCreditAppliedCents") or 0,
        total_cents=decoding.cents(told, "totalCents"),
        created_at=decoding.moment(decoding.word(told, "createdAt", "created_at")),
        reference=decoding.word(told, "clientReference"),
        lines=tuple(replace(x, price_cents=y) for x, y in zip(lines, paid, strict=True)),
    )


def _line(told: object, no: int) -> OnlineSaleLine:
    if not isinstance(told, dict):
        raise Wrong(f"line {no} is no line")
    book, custom = told.get("book"), told.get("customItem")
    shown = book if isinstance(book, dict) else custom if isinstance(custom, dict) else told
    return OnlineSaleLine(
        id=decoding.ident(told, "id"),
        quantity=decoding.copies(told),
        book_id=decoding.word(told, "bookId", limit=128),
        inventory_id=decoding.word(told, "inventoryId", limit=128),
        title=decoding.word(shown, "title", limit=500),
        used=told.get("isUsed") is True,
    )


class _Written:
    """A price as a server wrote it: in cents for certain, or in cents or dollars."""

    def __init__(self, certain: int | None, cents: int | None, dollars: int | None) -> None:
        self.certain, self.cents, self.dollars = certain, cents, dollars


def _written_price(told: object) -> _Written:
    fields = told if isinstance(told, dict) else {}
    certain = decoding.cents(fields, "unitPriceCents")
    value = fields.get("unitPrice")
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not 0 <= value <= decoding.MOST_CENTS
    ):
        return _Written(certain, None, None)
    return _Written(certain, int(value) if float(value).is_integer() else None, round(value * 100))


def _matching(price: _Written, sent: int) -> int | None:
    """Return the price in cents: equal to what was sent, or a hundredth of it; None is a difference."""
    if price.certain is not None:
        return price.certain
    return sent if sent in (price.cents, price.dollars) else None


def _by_subtotal(prices: list[_Written], copies: list[int], subtotal: int | None) -> list[int | None]:
    """Return the prices in the unit in which they add up to the sale's own subtotal; else none."""
    certain = [x.certain for x in prices]
    if None in certain and subtotal is not None:
        for unit in ([x.cents for x in prices], [x.dollars for x in prices]):
            known = [x for x in unit if x is not None]
            if len(known) == len(copies) and sum(map(mul, known, copies)) == subtotal:
                return unit
    return certain


def _prices(sent: dict[str, Any]) -> list[int]:
    items = sent.get("items")
    found = [x.get("unitPriceCents") for x in items if isinstance(x, dict)] if isinstance(items, list) else []
    return [x for x in found if isinstance(x, int)]


def _at_pos(
    far: Far, method: Method, *, query: Query = (), body: bytes | None = None, key: str = ""
) -> Answer | Reply[Any]:
    """Ask at the prefix where the server has its counter sales; a 404 did nothing, so the other follows."""
    prefixes = (far.learned.pos,) if far.learned.pos else _PREFIXES
    ends: list[Answer] = []
    for prefix in prefixes:
        family = "sales" if method == "GET" else "sale"
        end = far.ask(method, *prefix, "sales", family=family, query=query, body=body, key=key)
        if isinstance(end, Reply):
            return end
        if end.status != 404:
            if end.well or end.status in _PROVEN_BY:
                far.learned.pos = prefix
            return end
        ends.append(end)
    return next((x for x in ends if not path_is_missing(x)), ends[0])
