"""Orders of the store: its feed, its list, one of them, and the change of its status."""

from __future__ import annotations

from typing import Any

from bookwish_desk.shop.online import FeedPage, OnlineOrder, OrderPage
from bookwish_desk.sync.bookwish import decoding
from bookwish_desk.sync.bookwish.client import Answer
from bookwish_desk.sync.bookwish.decoding import Unreadable
from bookwish_desk.sync.bookwish.far import Far, Query, done, encoded, etag_of, read_one
from bookwish_desk.sync.bookwish.judging import not_offered, refusal, unreadable
from bookwish_desk.sync.bookwish.paging import Lists
from bookwish_desk.sync.port import Reply

LONGEST_WAIT_S = 30
MOST_IN_FEED = 200

FINAL = frozenset(("delivered", "completed", "cancelled", "canceled"))
"""Statuses that nothing is written to any more (API page on changing the status)."""

_NO_FEED = "The online store has no list of changes."


def feed(far: Far, after: str, limit: int, wait_s: int) -> Reply[FeedPage]:
    """Return changes of the store's orders after a cursor; see the port."""
    if not far.abilities.feed:
        return not_offered(_NO_FEED)
    wait = min(wait_s, LONGEST_WAIT_S) if far.abilities.long_poll else 0
    query = feed_query(after, limit) + ((("waitSeconds", str(wait)),) if wait > 0 else ())
    path = ("ext", "v1", "stores", far.store_id, "order-feed")
    end = far.ask("GET", *path, family="order-feed", query=query, wait_s=max(0, wait))
    page = feed_page(end)
    if isinstance(page, Reply):
        return page
    rows, cursor, more, answer = page
    read = [decoding.order(_within(x)) for x in rows]
    orders = tuple(x for x in read if not isinstance(x, Unreadable))
    odd = [x for x, one in zip(rows, read, strict=True) if isinstance(one, Unreadable)]
    unread, skipped = decoding.read_all([_within(x) for x in odd], decoding.order_row)
    return done(answer, FeedPage(orders, cursor, more, skipped, unread))


def _within(entry: object) -> object:
    return entry.get("order") if isinstance(entry, dict) else None


def feed_query(after: str, limit: int) -> Query:
    """Return the parameters of a feed."""
    first: Query = (("after", after),) if after else ()
    return (*first, ("limit", str(max(1, min(limit, MOST_IN_FEED)))))


def feed_page(end: Answer | Reply[Any]) -> tuple[list[Any], str, bool, Answer] | Reply[Any]:
    """Return rows, next cursor and whether more is there; a Reply where that is not what came."""
    if isinstance(end, Reply):
        return end
    if end.status == 404:
        return not_offered(_NO_FEED, 404)
    if not end.well:
        return refusal(end)
    told = end.told if isinstance(end.told, dict) else {}
    inner = told.get("data")
    if isinstance(inner, dict):
        told = inner
    rows, cursor = told.get("data"), told.get("nextCursor")
    if not isinstance(rows, list) or not isinstance(cursor, str) or len(cursor) > 256 or "\ufffd" in cursor:
        return unreadable(end, "a list of changes was expected")
    return rows, cursor, told.get("hasMore") is True, end


def listed(far: Far, lists: Lists, offset: int, limit: int) -> Reply[OrderPage]:
    """Return a page of all orders; asked for by store where the server lets that be asked."""
    by_store = far.learned.store_filter and bool(far.store_id)
    query: Query = (("storeId", far.store_id),) if by_store else ()
    page = lists.page(far, ("orders",), "orders", ("orders",), query, offset, limit)
    if by_store and isinstance(page, Reply) and page.status in (400, 422):
        far.learned.store_filter = False
        page = lists.page(far, ("orders",), "orders", ("orders",), (), offset, limit)
    elif by_store and offset == 0 and not isinstance(page, Reply) and not page.rows:
        # Nothing of this store: what else the account is shown tells whether it is shown the shop's orders.
        whole = lists.page(far, ("orders",), "orders", ("orders",), (), offset, limit)
        if not isinstance(whole, Reply) and whole.rows:
            far.learned.store_filter = False
            page = whole
    if isinstance(page, Reply):
        return page
    rows, skipped = decoding.read_all(page.rows, decoding.order_row)
    return done(page.end, OrderPage(rows, page.total, page.more, skipped))


def one(far: Far, order_id: str) -> Reply[OnlineOrder]:
    """Return one order."""
    end = far.ask("GET", "orders", order_id, family="order")
    tag = etag_of(end) if isinstance(end, Answer) else ""
    return read_one(end, ("order",), lambda x: decoding.order(x, tag), "order")


def change_status(
    far: Far, order: OnlineOrder, status: str, tracking: str, carrier: str, key: str
) -> Reply[OnlineOrder]:
    """Move an order on from the status it was last read in; see the port."""
    if order.status.lower() in FINAL:
        words = f"The online store has the order as {order.status}: nothing is changed there any more."
        return Reply("stale", order, words, code="final")
    body: dict[str, Any] = {"status": status}
    if tracking or status == "shipped":  # a shipped order has a number, and one without any an empty one
        body["trackingNumber"] = tracking[:64]
    if carrier:
        body["carrier"] = carrier[:32]
    if far.abilities.precondition:
        body["expectedStatus"] = order.status
    end = far.put("orders", order.id, "status", family="order-status", body=encoded(body), key=key)
    if isinstance(end, Answer) and end.status == 412:
        return _stale(far, end, order.id)
    if isinstance(end, Answer) and end.well:
        tag = etag_of(end)
        found = decoding.order(decoding.unwrapped(end.told, ("order",)), tag)
        if not isinstance(found, Unreadable) and found.id == order.id:
            return done(end, found)
        again = one(far, order.id)  # carried out, by an answer without the order
        return again if again.result == "done" else unreadable(end)
    return read_one(end, ("order",), decoding.order, "order")


def _stale(far: Far, end: Answer, order_id: str) -> Reply[OnlineOrder]:
    """Return what the server has instead: in its refusal, or read anew."""
    told = end.told.get("order") if isinstance(end.told, dict) else None
    found = decoding.order(told)
    if isinstance(found, Unreadable) or found.id != order_id:
        again = one(far, order_id)
        if again.value is None:
            return refusal(end)
        found = again.value
    return done(end, found, "stale", f"The online store has the order as {found.status} meanwhile.")
