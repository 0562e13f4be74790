"""What rows of a list change in the shop itself: items, shelves, own prices and stock."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import bindparam, insert, or_, select, update

from bookwish_desk.actions import allocating, uploading
from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db import items, stock, tables
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item, StockMove
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.title import ImportReport, Title, TitleRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

Outcome = Literal["", "added", "updated", "unchanged"]
Repriced = tuple[str, int | None, int | None]
"""A SKU, what it cost before and what it costs now."""


class Listing(msgspec.Struct, frozen=True):
    """A row, the trade's title of its EAN (None when the trade does not know it), and what it cost before.

    `tax_class` is for an item that nothing else classes. Without `adds` only an item that the shop has
    already is touched.
    """

    row: TitleRow
    title: Title | None
    old_price_cents: int | None
    tax_class: str
    adds: bool = True


class Source(msgspec.Struct, frozen=True):
    """Where rows come from: the import's id, the file's name, who imports, and whether it is a count.

    `counts` says that the stock column is a count of what stands on the shelf now and the price is the
    shop's own. Without it the list is the trade's: its stock is only the opening stock of items that
    have never moved.
    """

    id: str
    file: str
    staff: str = ""
    register: int = 1
    counts: bool = False


class Listed(msgspec.Struct, frozen=True):
    """What became of a row and which item it was; `reason` says in words why it was refused."""

    line: int
    sku: str = ""
    outcome: Outcome = ""
    reason: str = ""


_i = tables.items.c
_FIND = select(tables.items).where(or_(_i.sku == bindparam("key"), _i.ean == bindparam("code")))
_MOVED = select(tables.stock_moves.c.id).where(tables.stock_moves.c.sku == bindparam("wanted")).limit(1)
_FINISHED = "SELECT 1 FROM journal WHERE ref = ? AND kind = ?"
_WORDS = ("ean", "title", "authors", "publisher", "series")
_TAKEN_OVER = ("authors", "publisher", "series", "format")


@action
def allow(tx: Tx, actor: Actor, counts: bool) -> None:
    """Let the actor import, or raise NeedsApproval: a count needs "stock.adjust", a list "items.edit"."""
    require(tx, actor, "stock.adjust" if counts else "items.edit", "import")


@action
def keep(
    tx: Tx, listings: Sequence[Listing], source: Source, lines: MutableMapping[str, int]
) -> tuple[Listed, ...]:
    """Bring the shop's items in line with rows of a list, and say of each row what became of it.

    `lines` tells which item an earlier line of the same list was about: two lines about one item would
    undo each other. A row that is refused changes nothing. Prices that change are journalled. What is done
    here is done once: see `followed`.
    """
    prices: list[Repriced] = []
    moves: list[StockMove] = []
    done: list[Listed] = []
    taken = ChainMap[str, int]({}, lines)
    for listing in listings:
        line = listing.row.line
        try:
            found = _found(tx, listing.row)
            sku = listing.row.key if found is None else str(found.sku)
            if taken.setdefault(sku, line) != line:
                raise Refused("row", f"This is the item of line {taken[sku]} under another code.")
            outcome = _keep(tx, listing, found, source, prices, moves)
        except Refused as refusal:
            done.append(Listed(line, reason=refusal.message))
        else:
            done.append(Listed(line, sku, outcome))
    uploading.stock_moved(tx, moves)
    if prices:
        body = {"file": source.file, "prices": prices}
        tx.record("items.repriced", staff=source.staff, register=source.register, ref=source.id, body=body)
    _note(tx, source, listings[-1].row.line if listings else 0)
    return tuple(done)


def followed(conn: Connection, source: Source) -> int | None:
    """Return the last line of a list that the shop's items have followed, or None once it is finished."""
    if query(conn, _FINISHED, (source.id, _kind(source))).fetchone() is not None:
        return None
    row = query(conn, "SELECT value FROM counters WHERE name = ?", (_counter(source),)).fetchone()
    return 0 if row is None else int(row[0])


def _note(tx: Tx, source: Source, line: int) -> None:
    query(tx.conn, "INSERT OR REPLACE INTO counters(name, value) VALUES (?, ?)", (_counter(source), line))


def _counter(source: Source) -> str:
    return f"import-{source.id}"


def _kind(source: Source) -> str:
    return "stock.counted" if source.counts else "catalogue.imported"


@action
def keep_prices(tx: Tx, prices: Sequence[tuple[int, int]]) -> None:
    """Give items that follow the trade's price (EAN, minor units) that price as their own: its title goes."""
    for ean, price_cents in prices:
        tx.conn.execute(
            update(tables.items)
            .where(_i.ean == ean, _i.price_cents.is_(None))
            .values(price_cents=price_cents)
        )
    tx.touch("items")


@action
def finish(tx: Tx, source: Source, sha256: str, report: ImportReport) -> None:
    """Journal an import that has come to its end."""
    tx.record(
        _kind(source),
        staff=source.staff,
        register=source.register,
        ref=source.id,
        body={
            "file": source.file,
            "sha256": sha256,
            "report": msgspec.structs.replace(report, report_path=""),
        },
    )
    query(tx.conn, "DELETE FROM counters WHERE name = ?", (_counter(source),))
    tx.touch("titles", "items", "stock")


def _keep(
    tx: Tx, listing: Listing, found: Any, source: Source, prices: list[Repriced], moves: list[StockMove]
) -> Outcome:
    if found is None and not listing.adds:
        return "unchanged"
    outcome: Outcome = "unchanged"
    if found is None:
        _add(tx, listing, source)
        outcome = "added"
    else:
        changes = _changes(found, listing, source)
        if changes:
            _change(tx, found, changes)
            outcome = "updated"
        before, after = _prices(found, listing, changes)
        if before != after:
            prices.append((found.sku, before, after))
    if _stock(tx, listing.row, found, source, moves) and outcome == "unchanged":
        outcome = "updated"
    return outcome


def _found(tx: Tx, row: TitleRow) -> Any:
    """Return the shop's item that a row means, or None. Raises Refused when it means two."""
    rows = tx.conn.execute(_FIND, {"key": row.key, "code": row.ean}).all()
    copy = next((r for r in rows if r.of_ean is not None), None)
    if copy is not None:
        if row.ean not in (None, copy.of_ean):
            raise Refused("row", f"The SKU {copy.sku} is a copy of {copy.of_ean} in this shop.")
        return copy
    if len(rows) > 1:
        raise Refused("row", f"The shop has {row.ean} and {row.sku} as two different items.")
    if not rows:
        return None
    (found,) = rows
    if row.sku and found.sku != row.sku:
        raise Refused("row", f"The shop has {row.ean} under the SKU {found.sku} already.")
    if row.ean is not None and found.ean not in (None, row.ean):
        raise Refused("row", f"The SKU {found.sku} is {found.ean} in this shop.")
    return found


def _add(tx: Tx, listing: Listing, source: Source) -> None:
    row, known = listing.row, listing.title
    title = row.title or (known.title if known else "")
    if not title:
        raise Refused("row", "The catalogue does not know this code, and the list gives no title.")
    taken: dict[str, Any] = {name: getattr(row, name) or getattr(known, name, "") for name in _TAKEN_OVER}
    item = Item(
        sku=row.key,
        ean=row.ean,
        title=title,
        **taken,
        street_date=row.street_date if source.counts or known is None else "",
        year=row.year if known is None or row.year is not None else known.year,
        price_cents=_own_price(listing, source, None),
        tax_class=row.tax_class or (known.tax_class if known else listing.tax_class),
        shelf=row.shelf,
        stocked=row.stocked,
        on_order=row.on_order or 0,
    )
    values = {c.name: getattr(item, c.name) for c in tables.items.c if c.name not in ("id", "on_hand")}
    made = tx.conn.execute(insert(tables.items).returning(_i.id), values)
    items.index(tx, int(made.scalar_one()), item)
    _share(tx, item.ean, {name: getattr(item, name) for name in _WORDS[1:]})
    tx.touch("items")


def _own_price(listing: Listing, source: Source, now: int | None, *, copy: bool = False) -> int | None:
    """Return the shop's own price of an item: None follows the trade.

    Where the trade knows the title, only a count sets an own price, and only one that differs. A used or
    signed copy has no other price than its own.
    """
    said, trade = listing.row.price_cents, listing.title
    if copy:
        return now if said is None else said
    if said is None or (trade is not None and not source.counts):
        return now
    return None if trade is not None and trade.price_cents == said else said


def _changes(found: Any, listing: Listing, source: Source) -> dict[str, Any]:
    row, copy = listing.row, found.of_ean is not None
    # The words of a copy are its title's, and its code is its SKU: the title's would sell it for the new one.
    names = (
        ("shelf", "on_order")
        if copy
        else ("ean", "title", *_TAKEN_OVER, "year", "tax_class", "shelf", "on_order")
    )
    if not copy and (source.counts or listing.title is None):
        names = (*names, "street_date")
    said = {name: getattr(row, name) for name in names}
    wanted = {name: value for name, value in said.items() if value not in ("", None)}
    wanted["price_cents"] = _own_price(listing, source, found.price_cents, copy=copy)
    if not row.stocked or row.stock is not None:
        wanted["stocked"] = row.stocked
    if row.title:
        wanted["to_catalogue"] = False
    return {name: value for name, value in wanted.items() if value != getattr(found, name)}


def _change(tx: Tx, found: Any, changes: dict[str, Any]) -> None:
    tx.conn.execute(update(tables.items).where(_i.id == found.id).values(changes))
    if any(name in changes for name in _WORDS):
        words = {name: changes.get(name, getattr(found, name)) for name in _WORDS}
        items.index(tx, found.id, Item(sku=found.sku, **words))
        _share(tx, changes.get("ean", found.ean), {name: words[name] for name in _WORDS[1:]})
    tx.touch("items")


def _share(tx: Tx, ean: int | None, words: dict[str, Any]) -> None:
    """Give used and signed copies the words of their title's new item."""
    if ean is not None:
        for sku in stock.copies_of(tx.conn, ean):
            stock.change(tx, sku, words)


def _prices(found: Any, listing: Listing, changes: dict[str, Any]) -> tuple[int | None, int | None]:
    """Return what the item cost before and costs now: its own price, else the trade's."""
    own = changes.get("price_cents", found.price_cents)
    trade = listing.title.price_cents if listing.title else None
    before = found.price_cents if found.price_cents is not None else listing.old_price_cents
    return before, own if own is not None else trade


def _stock(tx: Tx, row: TitleRow, found: Any, source: Source, moves: list[StockMove]) -> bool:
    """Move the stock to what the row counts, or open it where it never moved; say whether it moved.

    What was moved is added to `moves`.
    """
    if row.stock is None:
        return False
    sku = row.key if found is None else found.sku
    by = row.stock
    if source.counts and found is not None:
        by -= found.on_hand
    elif found is not None and tx.conn.execute(_MOVED, {"wanted": sku}).first() is not None:
        return False
    if by == 0:
        return False
    cause: Literal["count", "import"] = "count" if source.counts else "import"
    items.move(tx, sku, by, cause, staff=source.staff, ref=source.id, reason=source.file)
    moves.append(StockMove(sku, by, cause, tx.at, ref=source.id))
    allocating.follow_stock(tx, (sku,))
    return True
