"""What must be true of what goes up to the online store and of what differs from it: sentences on faults.

Like `db.checks` it only reads; an empty list is sound.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection

from bookwish_desk.db import passes
from bookwish_desk.db.checks import MAIL_STATES, MOST, Rule, broken, rows_of
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.online import OnlineOrder, OnlineSale, OnlineSettings
from bookwish_desk.shop.sync_state import span
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.upload import Upload

LONG_MS = 3_600_000
"""A desk that runs reads something every quarter of an hour: after so long without, people should know."""
LONG_CLOSED_MS = 72 * 3_600_000
"""So long nobody works over a weekend."""

_RULES = (
    Rule(
        "A sale is being sent to the online store and nobody kept what was sent ({0}).",
        "SELECT id FROM outbox WHERE channel = 'net' AND state = 'sending' AND kind IN ('sale', 'refund')"
        " AND (bytes IS NULL OR sent_at = 0)",
    ),
    Rule(
        "Two things about {0} are being sent to the online store at once.",
        "SELECT ref FROM outbox WHERE channel = 'net' AND state = 'sending' GROUP BY ref HAVING count(*) > 1",
    ),
    Rule(
        "Sale {0} is linked with the online store, but was never sent there.",
        "SELECT s.receipt FROM online_sales AS o JOIN sales AS s ON s.id = o.sale WHERE NOT EXISTS"
        " (SELECT 1 FROM outbox WHERE ref = o.sale AND kind = 'sale' AND channel = 'net')",
    ),
    Rule(
        "The online store has two orders for order {0}.",
        "SELECT orders.number FROM online_orders JOIN orders ON orders.id = online_orders.order_id"
        " GROUP BY orders.id HAVING count(*) > 1",
    ),
    Rule(
        "Something to decide is about an order that is not in the books ({0}).",
        "SELECT subject FROM conflicts WHERE order_id <> '' AND order_id NOT IN (SELECT id FROM orders)",
    ),
)
_UNSENT = (
    "SELECT s.receipt FROM sales AS s WHERE s.completed_at >= {} AND EXISTS"
    " (SELECT 1 FROM sale_lines WHERE sale = s.id AND quantity > 0) AND NOT EXISTS"
    " (SELECT 1 FROM outbox WHERE ref = s.id AND kind = 'sale' AND channel = 'net') AND NOT EXISTS"
    " (SELECT 1 FROM online_sales WHERE sale = s.id)"
)


def everything(conn: Connection, online: OnlineSettings) -> tuple[list[str], list[str]]:
    """Return the faults of what belongs to the online store, and what a person should look at."""
    faults = [*broken(conn, _RULES), *_uploads(conn), *_kept(conn)]
    if online.connected:
        rule = Rule("Sale {0} was never put down for the online store.", _UNSENT.format(int(online.since)))
        faults += rule.broken(conn)
    return faults[:MOST], _waiting(conn)


def standing(conn: Connection, online: OnlineSettings, now: int) -> list[str]:
    """Return why nothing goes to the online store, or comes from it, for a long time until `now` (ms UTC)."""
    if not online.connected:
        return []
    event = "SELECT kind, at FROM journal WHERE kind LIKE 'online.%' ORDER BY seq DESC LIMIT 1"
    said, said_at = next(iter(rows_of(conn, event)), ("", 0))
    if online.paused:
        since = f" for {span(now - said_at)}" if said == "online.paused" else ""
        return [f"The online store has been paused{since}: nothing goes up or comes down."]
    heard = _heard_at(conn)
    # Who signs in as the same as before is not written down, what is read then is.
    if said == "online.signed_out" and said_at > heard:
        return [f"Nobody has been signed in at the online store for {span(now - said_at)}."]
    lease = f"SELECT 1 FROM leases WHERE name = 'online' AND until > {int(now)}"
    runs = next(iter(rows_of(conn, lease)), None)
    silent = now - max(heard, online.since)
    if silent < (LONG_MS if runs else LONG_CLOSED_MS):
        return []
    sentence = f"The online store was last read {span(silent)} ago."
    if heard <= online.since:
        sentence = f"The online store was connected {span(silent)} ago and has not been read since."
    return [f"{sentence} {_why(conn, heard) if runs else 'No desk is open that reads it.'}".rstrip()]


def _heard_at(conn: Connection) -> int:
    rows = rows_of(conn, "SELECT coalesce(max(ended_at), 0) FROM sync_passes WHERE complete = 1")
    return int(next(rows)[0])


def _why(conn: Connection, heard: int) -> str:
    """Return why the last reading since then broke off, "" where none began."""
    last = next(iter(passes.latest(conn, 1)), None)
    return clean(last.words, 300) if last is not None and last.ended_at >= heard and not last.complete else ""


def _uploads(conn: Connection) -> Iterator[str]:
    decode = msgspec.json.Decoder(Upload).decode
    for key, kind, state, payload in rows_of(
        conn, "SELECT id, kind, state, payload FROM outbox WHERE channel = 'net'"
    ):
        if state not in MAIL_STATES:
            yield f"Something for the online store is in the unknown state {state} ({key})."
        try:
            tag = type(decode(payload)).__struct_config__.tag
        except msgspec.DecodeError:
            yield f"Something for the online store cannot be read ({key})."
        else:
            if tag != kind:
                yield f"Something for the online store is kept as {kind} and is {tag} ({key})."


def _kept(conn: Connection) -> Iterator[str]:
    """Yield what was kept of the store and cannot be read, or stands beside another id."""
    orders, sales = msgspec.json.Decoder(OnlineOrder).decode, msgspec.json.Decoder(OnlineSale).decode
    for table, decode in (("online_orders", orders), ("online_sales", sales)):
        for far_id, body in rows_of(conn, f"SELECT far_id, body FROM {table}"):
            try:
                fits = decode(body).id == far_id
            except msgspec.DecodeError:
                fits = False
            if not fits:
                yield f"What the online store has as {far_id} cannot be read."
    decide = msgspec.json.Decoder(Conflict).decode
    for key, kind, subject, body in rows_of(conn, "SELECT id, kind, subject, body FROM conflicts"):
        try:
            found = decide(body)
        except msgspec.DecodeError:
            yield f"A difference from the online store cannot be read ({key})."
        else:
            if (found.id, found.kind, found.subject) != (key, kind, subject):
                yield f"A difference from the online store is kept as another one ({key})."


def _waiting(conn: Connection) -> list[str]:
    words = {
        "dead": "Uploads to the online store that were given up: {0}.",
        "refused": "Uploads that the online store refused: {0}.",
        "sending": "Uploads under way, or begun when the desk stopped: {0}.",
        "uncertain": "Uploads of which nobody knows whether they arrived: {0}.",
    }
    counts = rows_of(
        conn, "SELECT state, count(*) FROM outbox WHERE channel = 'net' GROUP BY state ORDER BY state"
    )
    look = [words[state].format(count) for state, count in counts if state in words]
    (open_,) = next(iter(rows_of(conn, "SELECT count(*) FROM conflicts WHERE closed_at IS NULL")))
    if open_:
        look.append(f"Differences from the online store to decide: {open_}.")
    return look
