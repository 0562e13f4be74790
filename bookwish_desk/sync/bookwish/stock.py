"""The store's stock: its feed, its list, one line of it, and the two ways of changing a number of copies."""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.shop.online import OnlineItem, StockFeedPage, StockPage
from bookwish_desk.sync.bookwish import decoding
from bookwish_desk.sync.bookwish.client import Answer
from bookwish_desk.sync.bookwish.decoding import Unreadable
from bookwish_desk.sync.bookwish.far import Far, Query, done, encoded, etag_of, read_one
from bookwish_desk.sync.bookwish.judging import not_offered, path_is_missing, refusal, unreadable
from bookwish_desk.sync.bookwish.orders import feed_page, feed_query
from bookwish_desk.sync.bookwish.paging import Lists
from bookwish_desk.sync.port import Reply

VERSIONS = "item-versions"

_NAMES = ("item", "inventory", "inventoryItem")


def feed(far: Far, after: str, limit: int) -> Reply[StockFeedPage]:
    """Return changes of the stock after a cursor; of several of one line the last."""
    if not far.abilities.stock_feed:
        return not_offered("The online store has no list of changes of its stock.")
    path = ("ext", "v1", "stores", far.store_id, "inventory-feed")
    page = feed_page(far.ask("GET", *path, family="inventory-feed", query=feed_query(after, limit)))
    if isinstance(page, Reply):
        return page
    rows, cursor, more, answer = page
    found: dict[str, OnlineItem | None] = {}
    skipped = 0
    for row in rows:
        told = row if isinstance(row, dict) else {}
        gone = told.get("deleted") is True
        item = decoding.item(told.get("item"))
        far_id = decoding.read_row(told, lambda x: decoding.ident(x, "inventoryId"))
        if gone and isinstance(far_id, str):
            found[far_id] = None
        elif not gone and isinstance(item, OnlineItem):
            found[item.id] = item
        else:
            skipped += 1
    items = tuple(x for x in found.values() if x is not None)
    removed = tuple(k for k, x in found.items() if x is None)
    return done(answer, StockFeedPage(items, removed, cursor, more, skipped))


def listed(far: Far, lists: Lists, offset: int, limit: int) -> Reply[StockPage]:
    """Return a page of the store's stock."""
    query = (("storeId", far.store_id),)
    page = lists.page(far, ("inventory",), "inventory", ("items", "inventory"), query, offset, limit)
    if isinstance(page, Reply):
        return page
    items, skipped = decoding.read_all(page.rows, decoding.item)
    return done(page.end, StockPage(items, page.total, page.more, skipped))


def one(far: Far, item_id: str) -> Reply[OnlineItem]:
    """Return one line of the stock."""
    end = far.ask("GET", "inventory", item_id, family="item", query=(("storeId", far.store_id),))
    tag = etag_of(end) if isinstance(end, Answer) else ""
    return read_one(end, _NAMES, lambda x: decoding.item(x, tag), "stock line")


def adjust(far: Far, item_id: str, delta: int, reason: str, key: str, reference: str) -> Reply[OnlineItem]:
    """Change a number of copies by a signed amount; a server that cannot is remembered as such."""
    if far.abilities.stock != "delta":
        return not_offered("The online store does not take changes of a number of copies.")
    if not delta:
        return one(far, item_id)
    body = {"storeId": far.store_id, "delta": delta, "reason": reason[:120]}
    if far.abilities.reference and reference:
        body["clientReference"] = reference[:64]
    end = far.ask("POST", "inventory", item_id, "adjust", family="adjust", body=encoded(body), key=key)
    if isinstance(end, Answer) and end.status in (404, 405, 501):
        if not path_is_missing(end) and end.status == 404 and one(far, item_id).result != "done":
            return read_one(end, _NAMES, decoding.item, "stock line")
        far.learned.change(stock="cas" if VERSIONS in far.learned.offered else "absolute")
        return not_offered("The online store takes a number of copies only as a whole.", end.status)
    return _changed(far, item_id, end)


def set_copies(far: Far, item: OnlineItem, quantity: int) -> Reply[OnlineItem]:
    """Set a number of copies, as it was read or not at all where the server keeps versions."""
    if quantity < 0:
        return Reply("refused", words="A number of copies cannot be below 0.", code="negative")
    headers: Query = ()
    if VERSIONS in far.learned.offered:
        if not item.etag:
            read = one(far, item.id)
            if read.value is None:
                return read
            if read.value.quantity != item.quantity:
                return replace(
                    read, result="stale", words="The number of copies has changed there meanwhile."
                )
            item = read.value
        headers = (("If-Match", item.etag),) if item.etag else ()
    end = far.put(
        "inventory",
        item.id,
        family="item-write",
        body=encoded({"quantity": quantity}),
        query=(("storeId", far.store_id),),
        headers=headers,
    )
    if isinstance(end, Answer) and end.status == 412:
        read = one(far, item.id)
        if read.value is None:
            return refusal(end)
        return done(
            end, read.value, "stale", "The number of copies has changed at the online store meanwhile."
        )
    return _changed(far, item.id, end)


def _changed(far: Far, item_id: str, end: Answer | Reply[OnlineItem]) -> Reply[OnlineItem]:
    if isinstance(end, Answer) and end.well:
        found = decoding.item(decoding.unwrapped(end.told, _NAMES), etag_of(end))
        if not isinstance(found, Unreadable) and found.id == item_id:
            return done(end, found)
        again = one(far, item_id)  # carried out, by an answer without the line
        return again if again.result == "done" else unreadable(end)
    return read_one(end, _NAMES, decoding.item, "stock line")
