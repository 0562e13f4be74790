"""What must be true of the books, looked for in the stored rows: each check returns sentences on faults.

Everything here only reads, streams, and asks one question of all rows at once instead of one of each.
An empty list is sound. At most MOST sentences are returned for one rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection

from bookwish_desk.db.store import Store
from bookwish_desk.shop import journal
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.letter import Letter
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.slip import Slip

MOST = 20
_STATES = ("queued", "sending", "printed", "sent", "unknown", "failed", "expired")
MAIL_STATES = ("new", "sending", "done", "uncertain", "refused", "dead", "dropped")
"""The states of e-mail, and of what goes up to the online store."""


def rows_of(conn: Connection, sql: str) -> Iterator[Any]:
    """Yield the rows of a query one after another, as the driver's plain tuples."""
    result = conn.exec_driver_sql(sql)
    cursor: Any = result.cursor
    try:
        yield from cursor
    finally:
        result.close()


class Rule(msgspec.Struct, frozen=True):
    """A question whose every answer is a fault; `says` is the sentence, with the answer's columns in it."""

    says: str
    sql: str

    def broken(self, conn: Connection) -> list[str]:
        """Return a sentence for each of the first rows that break the rule."""
        rows = islice(rows_of(conn, self.sql), MOST)
        return [self.says.format(*row) for row in rows]


def broken(conn: Connection, rules: Iterable[Rule]) -> list[str]:
    """Return the sentences of all rules that are broken."""
    return [sentence for rule in rules for sentence in rule.broken(conn)]


# ---- the file itself ----


def quick_check(store: Store) -> list[str]:
    """Return what SQLite finds wrong with both databases, in a second or so: asked at every start."""
    faults: list[str] = []
    for schema, name in (("main", "shop.db"), ("catalogue", "catalogue.db")):
        try:
            with store.read() as conn:
                found = rows_of(conn, f"PRAGMA {schema}.quick_check({MOST})")
                faults += [f"{name}: {row[0]}" for row in found if row[0] != "ok"]
        except StorageError as fault:
            faults.append(f"{name}: {fault.message}")
    return faults


def structure(conn: Connection, *, encrypted: bool) -> list[str]:
    """Return what a thorough look at the shop's file finds: every page, index and foreign key."""
    found = [str(row[0]) for row in rows_of(conn, f"PRAGMA main.integrity_check({MOST})")]
    faults = [text for text in found if text != "ok"]
    for table, row, parent, _ in islice(rows_of(conn, "PRAGMA main.foreign_key_check"), MOST):
        faults.append(f"Row {row} of {table} belongs to a row of {parent} that is not there.")
    if encrypted:
        pages = rows_of(conn, "PRAGMA main.cipher_integrity_check")
        faults += [f"An encrypted page was changed: {row[0]}" for row in islice(pages, MOST)]
    return faults


def catalogue_structure(conn: Connection) -> list[str]:
    """Return what a quick look at the catalogue's file finds."""
    found = [str(row[0]) for row in rows_of(conn, f"PRAGMA catalogue.quick_check({MOST})")]
    return [text for text in found if text != "ok"]


# ---- the journal ----


def journal_chain(conn: Connection, key: bytes | None) -> list[str]:
    """Return where the journal's chain is broken, entry by entry."""
    columns = ", ".join(journal.Entry.__struct_fields__)
    return journal.verify(
        (journal.Entry(*row) for row in rows_of(conn, f"SELECT {columns} FROM journal ORDER BY seq")), key
    )


def unsealed(conn: Connection) -> list[str]:
    """Return which journal entries no key seals: whoever can write the file could have made them anew."""
    count, first, last = conn.exec_driver_sql(
        "SELECT count(*), min(seq), max(seq) FROM journal WHERE NOT keyed"
    ).one()
    if not count:
        return []
    return [f"{count} of the journal entries {first} to {last} were written without the journal key."]


_COMPLETED = "j.kind IN ('sale.completed', 'return.completed', 'exchange.completed')"

_JOURNALLED = (
    Rule(
        "The journal tells of {0} {1} times.",
        f"SELECT j.ref, count(*) FROM journal j WHERE {_COMPLETED} GROUP BY j.ref HAVING count(*) <> 1",
    ),
    Rule(
        "The journal tells of {0}, but there is no such sale.",
        f"SELECT j.ref FROM journal j LEFT JOIN sales s ON s.receipt = j.ref "
        f"WHERE {_COMPLETED} AND s.id IS NULL",
    ),
    Rule(
        "{0} stands in the journal before a sale with a smaller number.",
        "SELECT receipt FROM (SELECT s.receipt, s.number, lag(s.number) OVER "
        "(PARTITION BY s.register ORDER BY j.seq) AS before FROM journal j JOIN sales s ON s.receipt = j.ref "
        f"WHERE {_COMPLETED}) WHERE number <= before",
    ),
)


def journalled(conn: Connection) -> list[str]:
    """Return where journal and sales do not tell of the same sales in the same order."""
    return broken(conn, _JOURNALLED)


# ---- sales ----

_NUMBERS = (
    Rule(
        "Register {0} has {1} sales, but its receipt numbers run from {2} to {3}.",
        "SELECT register, count(*), min(number), max(number) FROM sales GROUP BY register "
        "HAVING min(number) <> 1 OR max(number) <> count(*)",
    ),
    Rule(
        "The last receipt of register {0} has number {1}, but its counter stands at {2}.",
        "SELECT s.register, s.last, coalesce(c.value, 0) FROM "
        "(SELECT register, max(number) AS last FROM sales GROUP BY register) s "
        "LEFT JOIN counters c ON c.name = 'sale-' || s.register "
        "WHERE c.value IS NOT s.last",
    ),
    Rule(
        "The receipt code {0} does not say register {1} and number {2}.",
        "SELECT receipt, register, number FROM sales WHERE receipt <> printf('R%d-%06d', register, number)",
    ),
    Rule(
        "Till numbers of register {0} have a gap: {1} tills, numbered {2} to {3}.",
        "SELECT register, count(*), min(number), max(number) FROM tills GROUP BY register "
        "HAVING min(number) <> 1 OR max(number) <> count(*)",
    ),
    Rule(
        "Z numbers of register {0} have a gap: {1} reports, numbered {2} to {3}.",
        "SELECT register, count(*), min(z_number), max(z_number) FROM till_closings GROUP BY register "
        "HAVING min(z_number) <> 1 OR max(z_number) <> count(*)",
    ),
)


def numbers(conn: Connection) -> list[str]:
    """Return gaps and duplicates in the numbers of receipts, tills and Z reports."""
    return broken(conn, _NUMBERS)


# ---- tills ----

# One pass over all entries: a till may hold any number of them.
_ENTERED = (
    "SELECT ref, till, count(*) AS entries, sum(cash_cents) AS cash FROM till_entries "
    "WHERE kind IN ('sale', 'refund') GROUP BY ref, till"
)

_TILLS = (
    Rule(
        "Till {1} of register {0} is neither open nor closed.",
        "SELECT t.register, t.number FROM tills t LEFT JOIN till_closings c ON c.till = t.id "
        "LEFT JOIN registers r ON r.open_till = t.id WHERE c.till IS NULL AND r.id IS NULL",
    ),
    Rule(
        "Register {0} has a till open that was closed or does not exist.",
        "SELECT r.id FROM registers r LEFT JOIN tills t ON t.id = r.open_till "
        "LEFT JOIN till_closings c ON c.till = r.open_till "
        "WHERE r.open_till IS NOT NULL AND (t.id IS NULL OR t.register <> r.id OR c.till IS NOT NULL)",
    ),
    Rule(
        "The float of till {1} of register {0} is not the one it was opened with.",
        "SELECT t.register, t.number FROM tills t LEFT JOIN till_entries e "
        "ON e.till = t.id AND e.kind = 'float' GROUP BY t.id "
        "HAVING count(e.id) <> 1 OR sum(e.cash_cents) <> t.float_cents",
    ),
    Rule(
        "{0} was made on another register or for another day than its till.",
        "SELECT s.receipt FROM sales s JOIN tills t ON t.id = s.till "
        "WHERE s.register <> t.register OR s.business_date <> t.business_date",
    ),
    Rule(
        "{0} has {1} till entries instead of one.",
        f"SELECT s.receipt, coalesce(e.entries, 0) FROM sales s LEFT JOIN ({_ENTERED}) e "
        "ON e.ref = s.receipt AND e.till = s.till WHERE e.entries IS NOT 1",
    ),
    Rule(
        "The cash of {0} is {1} in its payments but {2} in its till (smallest unit of the currency).",
        "SELECT s.receipt, coalesce(p.cash, 0), e.cash_cents FROM till_entries e "
        "JOIN sales s ON s.receipt = e.ref LEFT JOIN (SELECT sale, sum(amount_cents) AS cash FROM tenders "
        "WHERE kind = 'cash' GROUP BY sale) p ON p.sale = s.id "
        "WHERE e.kind IN ('sale', 'refund') AND coalesce(p.cash, 0) <> e.cash_cents",
    ),
    Rule(
        "A till entry tells of {0}, but there is no such sale.",
        "SELECT e.ref FROM till_entries e LEFT JOIN sales s ON s.receipt = e.ref "
        "WHERE e.kind IN ('sale', 'refund') AND s.id IS NULL",
    ),
)


def tills(conn: Connection) -> list[str]:
    """Return where tills and sales do not agree; their reports are held against them by `tills.check`."""
    return broken(conn, _TILLS)


# ---- stock ----

_SOLD = (
    "SELECT s.receipt, x.sku, -sum(x.quantity) FROM sale_lines x JOIN sales s ON s.id = x.sale "
    "WHERE x.stocked AND x.of_order = '' GROUP BY s.receipt, x.sku"
)
_MOVED = "SELECT ref, sku, sum(quantity) FROM stock_moves WHERE cause IN ('sale', 'return') GROUP BY ref, sku"

_STOCK = (
    Rule(
        "On hand of {0} is {1}, but its movements come to {2}.",
        "SELECT i.sku, i.on_hand, coalesce(m.total, 0) FROM items i LEFT JOIN "
        "(SELECT sku, sum(quantity) AS total FROM stock_moves GROUP BY sku) m ON m.sku = i.sku "
        "WHERE i.on_hand <> coalesce(m.total, 0)",
    ),
    Rule("The stock of {1} was not moved as {0} says.", f"{_SOLD} EXCEPT {_MOVED}"),
    Rule("The stock of {1} was moved for {0}, which does not say so.", f"{_MOVED} EXCEPT {_SOLD}"),
)


def stock(conn: Connection) -> list[str]:
    """Return where stock is not the sum of its movements, or was not moved as the sales say."""
    return broken(conn, _STOCK)


# ---- work in hand ----


def drafts(conn: Connection) -> tuple[list[str], list[str]]:
    """Return faults of open and held sales, and what a person should look at."""
    faults: list[str] = []
    look: list[str] = []
    decode = msgspec.json.Decoder(Draft).decode
    for key, register, state, held_as, body in rows_of(
        conn, "SELECT id, register, state, held_as, body FROM drafts"
    ):
        try:
            draft = decode(body)
        except msgspec.DecodeError:
            faults.append(f"An {state} sale on register {register} cannot be read ({key}).")
            continue
        told = (draft.id, draft.register, "held" if draft.held_as else "open", draft.held_as or None)
        if told != (key, register, state, held_as):
            faults.append(f"Sale {draft.number} of register {register} is kept under another state ({key}).")
        if any(t.state == "intended" for t in draft.tenders):
            look.append(f"A card payment of sale {draft.number} was started and not finished.")
    return faults[:MOST], look[:MOST]


def outbox(conn: Connection) -> tuple[list[str], list[str]]:
    """Return faults of jobs for devices, and how many wait for somebody."""
    faults: list[str] = []
    waiting: dict[str, int] = {}
    for channel, state, jobs in rows_of(
        conn, "SELECT channel, state, count(*) FROM outbox GROUP BY channel, state"
    ):
        if channel in ("mail", "net"):
            continue
        if state not in _STATES:
            faults.append(f"{jobs} jobs for {channel} are in the unknown state {state}.")
        if channel != "drawer" and state in ("sending", "unknown", "failed", "expired"):
            waiting[state] = waiting.get(state, 0) + jobs
    decode = msgspec.json.Decoder(Slip).decode
    for key, payload in rows_of(
        conn,
        "SELECT id, payload FROM outbox WHERE channel = 'paper' "
        "AND state IN ('queued', 'sending', 'unknown', 'failed', 'expired')",
    ):
        try:
            decode(payload)
        except msgspec.DecodeError:
            faults.append(f"A print cannot be read ({key}).")
    words = {
        "sending": "Prints under way, or begun when the desk stopped: {0}.",
        "unknown": "Prints of which nobody knows whether they came out: {0}. Decide in Sales.",
        "failed": "Prints that failed: {0}.",
        "expired": "Prints that were not made in time: {0}. Reprint them if they are wanted.",
    }
    return faults[:MOST], [words[state].format(count) for state, count in sorted(waiting.items())]


def mail(conn: Connection) -> tuple[list[str], list[str]]:
    """Return faults of e-mails, and how many wait for a person or did not go at the first try."""
    faults: list[str] = []
    waiting: dict[str, int] = {}
    decode = msgspec.json.Decoder(Letter).decode
    for key, state, attempts, payload in rows_of(
        conn, "SELECT id, state, attempts, payload FROM outbox WHERE channel = 'mail'"
    ):
        if state not in MAIL_STATES:
            faults.append(f"An e-mail is in the unknown state {state} ({key}).")
        elif state in ("uncertain", "refused", "dead") or (state == "new" and attempts):
            waiting[state] = waiting.get(state, 0) + 1
        try:
            decode(payload)
        except msgspec.DecodeError:
            faults.append(f"An e-mail cannot be read ({key}).")
    words = {
        "dead": "E-mails that were tried for days and not sent: {0}.",
        "new": "E-mails that could not be sent yet: {0}.",
        "refused": "E-mails that the mail server refused: {0}.",
        "uncertain": "E-mails of which nobody knows whether they were sent: {0}.",
    }
    return faults[:MOST], [words[state].format(count) for state, count in sorted(waiting.items())]
