"""Stock and items as people change them: adjusted, counted, ordered, received, shelved, edited, added.

Stock is only ever moved, with a cause and a reason; a count becomes the difference to what was on hand.
A title of the trade gets the shop's own row when it is first touched.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, select

from bookwish_desk.actions import allocating, uploading
from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db import items, stock, tables
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item, Kind, StockCause, StockMove, copy_sku
from bookwish_desk.shop.money import MOST_CENTS
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.street import checked_day

MOST_COPIES = 99_999

_i = tables.items.c


class ItemEdit(msgspec.Struct, frozen=True):
    """What an item shall be. `price_cents` None follows the trade's price, `low_at` None the shop's limit.

    `stocked` False says that the shop keeps no stock of it: a service, or a title it gave up. An empty
    `street_date` (YYYY-MM-DD) follows the trade's. A used or signed copy has the words and the date of its
    title, whatever is said here, but a `condition` of its own.
    """

    title: str
    authors: str = ""
    publisher: str = ""
    price_cents: int | None = None
    tax_class: str = "book"
    shelf: str = ""
    low_at: int | None = None
    stocked: bool = True
    street_date: str = ""
    condition: str = ""


@action
def adjust(tx: Tx, actor: Actor, item: Item, by: int, reason: str) -> int:
    """Move the stock of an item by `by` copies and return what is on hand then; needs a reason.

    Raises Refused for no copies, too many, or an item of which no stock is kept.
    """
    require(tx, actor, "stock.adjust", item.sku)
    if by == 0 or abs(by) > MOST_COPIES:
        raise Refused("quantity", "Type how many copies it is.")
    why = _reason(reason)
    own = _stocked(tx, item)
    on_hand = _move(tx, actor, item.sku, by, "adjust", why)
    allocating.follow_stock(tx, (item.sku,))
    _record(tx, actor, "item.adjusted", own, {"by": by, "on_hand": on_hand, "reason": why})
    return on_hand


@action
def count(tx: Tx, actor: Actor, item: Item, counted: int, reason: str) -> int:
    """Set right what is on hand after a count, and return the difference: 0 is journalled as well."""
    require(tx, actor, "stock.adjust", item.sku)
    if not 0 <= counted <= MOST_COPIES:
        raise Refused("quantity", f"Type a count from 0 to {MOST_COPIES}.")
    why = _reason(reason)
    own = _stocked(tx, item)
    by = counted - int(own.on_hand)
    _move(tx, actor, item.sku, by, "count", why)
    allocating.follow_stock(tx, (item.sku,))
    _record(tx, actor, "item.counted", own, {"by": by, "on_hand": counted, "reason": why})
    return by


def recounted(tx: Tx, actor: Actor, sku: str, by: int, reason: str) -> None:
    """Set right by `by` what is on hand, as part of another action: somebody believes the store's count.

    The store is not told: it has that number.
    """
    own = _row(tx, sku)
    on_hand = items.move(tx, sku, by, "count", staff=actor.staff, reason=_reason(reason))
    allocating.follow_stock(tx, (sku,))
    _record(tx, actor, "item.counted", own, {"by": by, "on_hand": on_hand, "reason": reason})


@action
def order(tx: Tx, actor: Actor, item: Item, copies: int) -> None:
    """Say how many copies the shop has on order with its suppliers, all orders together."""
    require(tx, actor, "stock.adjust", item.sku)
    if not 0 <= copies <= MOST_COPIES:
        raise Refused("quantity", f"Type a number of copies from 0 to {MOST_COPIES}.")
    own = _stocked(tx, item)
    if copies != own.on_order:
        stock.set_on_order(tx, item.sku, copies)
        _record(tx, actor, "item.ordered", own, {"before": own.on_order, "after": copies})


@action
def receive(tx: Tx, actor: Actor, item: Item, copies: int) -> int:
    """Take delivered copies into the stock and off what is on order; return what is on hand then."""
    require(tx, actor, "stock.adjust", item.sku)
    if not 1 <= copies <= MOST_COPIES:
        raise Refused("quantity", "Type how many copies came.")
    own = _stocked(tx, item)
    on_hand = _move(tx, actor, item.sku, copies, "receive")
    allocating.follow_stock(tx, (item.sku,))
    on_order = max(0, own.on_order - copies)
    stock.set_on_order(tx, item.sku, on_order)
    _record(tx, actor, "item.received", own, {"by": copies, "on_hand": on_hand, "on_order": on_order})
    return on_hand


@action
def edit_item(tx: Tx, actor: Actor, item: Item, edit: ItemEdit) -> None:
    """Write what an item shall be; one that waited to be described no longer does.

    Used and signed copies of it follow with its words and street date. A price that changes is journalled
    by itself. Raises Refused for no title, an unknown tax class, a price or date that is none, a copy
    without a price, or giving up stock of which copies are on hand.
    """
    require(tx, actor, "items.edit", item.sku)
    values = _checked(tx, edit)
    own = _own(tx, item)
    if own.of_ean is not None:
        values = {k: v for k, v in values.items() if k not in _SHARED}
        _priced(edit.price_cents)
    else:
        values["condition"] = ""
    if not edit.stocked and own.on_hand:
        raise Refused(
            "on_hand", f"There is stock of it: {own.on_hand}. Count it to 0 first.", on_hand=own.on_hand
        )
    trade, street_date = _trade(tx, own.ean)
    if values.get("street_date") == street_date:
        values["street_date"] = ""
    before = own.price_cents if own.price_cents is not None else trade
    after = edit.price_cents if edit.price_cents is not None else trade
    own_price = None if edit.price_cents == trade else edit.price_cents
    if before != after:
        stock.change(tx, own.sku, {"price_cents": own_price})
        _record(tx, actor, "item.priced", own, {"from_cents": before, "to_cents": after})
    elif own.price_cents is not None:
        stock.change(tx, own.sku, {"price_cents": own_price})
    _edit(tx, actor, own, values)
    if own.ean is not None:
        for sku in stock.copies_of(tx.conn, own.ean):
            stock.change(tx, sku, {name: values[name] for name in _SHARED})


@action
def new_item(tx: Tx, actor: Actor, code: str, edit: ItemEdit) -> str:
    """Add an item under its code, or under an in-shop label of its own without one; return its SKU.

    Raises Refused for a code that is none, or that the shop has already.
    """
    require(tx, actor, "items.edit", code.strip())
    values = _checked(tx, edit)
    sku, ean = _read_code(code) if code.strip() else _label(tx)
    taken = select(_i.sku).where((_i.sku == sku) | (_i.ean == ean) if ean is not None else _i.sku == sku)
    if tx.conn.execute(taken).first() is not None:
        raise Refused("known", f"The shop has {sku} already.", sku=sku)
    items.keep(tx, Item(sku=sku, ean=ean, **{k: v for k, v in values.items() if k != "to_catalogue"}))
    price, street_date = _trade(tx, ean)
    own_price = None if edit.price_cents == price else edit.price_cents
    own_date = "" if values["street_date"] == street_date else values["street_date"]
    stock.change(tx, sku, {"price_cents": own_price, "street_date": own_date})
    own = _row(tx, sku)
    _record(tx, actor, "item.added", own, {"price_cents": edit.price_cents})
    return sku


@action
def add_copy(
    tx: Tx, actor: Actor, item: Item, kind: Kind, sku: str, price_cents: int, condition: str, copies: int
) -> str:
    """Add used or signed copies of a title under a SKU of their own, and return it; "" proposes one.

    `item` is the title, new or as another copy: words, street date and tax class are its, the price never
    is. The first `copies` (0 for none yet) come in as received. Raises Refused for a title without EAN, a
    price out of bounds, and a SKU that is taken or that a scanner would read as some other code.
    """
    require(tx, actor, "items.edit", item.sku)
    ean = item.title_ean
    if ean is None:
        raise Refused("no_ean", f"{item.title} has no ISBN or EAN that its copies could belong to.")
    if kind not in ("used", "signed"):
        raise Refused("kind", "Choose whether the copies are used or signed.")
    if not 0 <= copies <= MOST_COPIES:
        raise Refused("quantity", f"Type a number of copies from 0 to {MOST_COPIES}.")
    made = Item(
        sku=_copy_code(tx, sku) if sku.strip() else copy_sku(ean, kind, stock.skus_like(tx.conn, ean)),
        title=item.title,
        authors=item.authors,
        publisher=item.publisher,
        year=item.year,
        price_cents=_priced(price_cents),
        tax_class=item.tax_class,
        series=item.series,
        format=item.format,
        street_date=item.street_date,
        kind=kind,
        of_ean=ean,
        condition=plain(condition, 80),
    )
    items.keep(tx, made)
    if copies:
        _move(tx, actor, made.sku, copies, "receive")
    body = {"kind": kind, "condition": made.condition, "price_cents": price_cents, "copies": copies}
    _record(tx, actor, "item.copy_added", _row(tx, made.sku), body)
    return made.sku


def proposed_skus(store: Store, ean: int) -> dict[Kind, str]:
    """Return the SKU that the next used and the next signed copy of a title would get."""
    with store.read() as conn:
        taken = stock.skus_like(conn, ean)
    kinds: tuple[Kind, ...] = ("used", "signed")
    return {kind: copy_sku(ean, kind, taken) for kind in kinds}


_SHARED = ("title", "authors", "publisher", "street_date")
"""What all copies of a title share of what is edited."""


def _priced(price_cents: int | None) -> int:
    """Return the price of a copy, which has no other to follow."""
    if price_cents is None:
        raise Refused("amount", "Type what this copy costs: it has a price of its own.")
    return _price(price_cents)


def _price(price_cents: int) -> int:
    if not 0 <= price_cents <= MOST_CENTS:
        raise Refused("amount", "That price is out of bounds.")
    return price_cents


def _copy_code(tx: Tx, typed: str) -> str:
    """Return a SKU that was typed for a copy, if scanners read it as nothing else and nothing has it."""
    scan = barcode.parse(plain(typed, 40))
    if scan.kind != "other":
        raise Refused(
            "bad_code",
            "A used or signed copy needs a code of its own: an ISBN or another barcode would sell "
            "something else.",
        )
    if tx.conn.execute(select(_i.sku).where(_i.sku == scan.code)).first() is not None:
        raise Refused("known", f"The shop has {scan.code} already.", sku=scan.code)
    return scan.code


def _move(tx: Tx, actor: Actor, sku: str, by: int, cause: StockCause, reason: str = "") -> int:
    """Move stock, tell the online store of it, and return what is on hand then."""
    on_hand = items.move(tx, sku, by, cause, staff=actor.staff, reason=reason)
    uploading.stock_moved(tx, [StockMove(sku, by, cause, tx.at)])
    return on_hand


def _reason(reason: str) -> str:
    why = plain(reason, 80)
    if not why:
        raise Refused("reason", "Say why the stock changes.")
    return why


def _limit(low_at: int | None) -> int | None:
    if low_at is not None and not 0 <= low_at <= MOST_COPIES:
        raise Refused("low_at", f"Type a limit from 0 to {MOST_COPIES}.")
    return low_at


def _checked(tx: Tx, edit: ItemEdit) -> dict[str, Any]:
    title = plain(edit.title)
    if not title:
        raise Refused("title", "Type a title.")
    if edit.price_cents is not None:
        _price(edit.price_cents)
    if edit.tax_class not in {c.code for c in tx.settings.tax.classes}:
        raise Refused("tax_class", "Choose a tax class.")
    return {
        "title": title,
        "authors": plain(edit.authors),
        "publisher": plain(edit.publisher),
        "tax_class": edit.tax_class,
        "shelf": plain(edit.shelf, 40),
        "low_at": _limit(edit.low_at),
        "stocked": edit.stocked,
        "to_catalogue": False,
        "street_date": checked_day(edit.street_date),
        "condition": plain(edit.condition, 80),
    }


def _edit(tx: Tx, actor: Actor, own: Row[Any], values: dict[str, Any]) -> None:
    changed = {k: [getattr(own, k), v] for k, v in values.items() if getattr(own, k) != v}
    if changed:
        stock.change(tx, own.sku, values)
        _record(tx, actor, "item.edited", own, {"changed": changed})


def _own(tx: Tx, item: Item) -> Row[Any]:
    items.keep(tx, item)
    return _row(tx, item.sku)


def _row(tx: Tx, sku: str) -> Row[Any]:
    return tx.conn.execute(select(tables.items).where(_i.sku == sku)).one()


def _stocked(tx: Tx, item: Item) -> Row[Any]:
    own = _own(tx, item)
    if not own.stocked:
        raise Refused("unstocked", f"No stock is kept of {own.title}.", sku=item.sku)
    return own


def _trade(tx: Tx, ean: int | None) -> tuple[int | None, str]:
    """Return the trade's price and street date of a title."""
    if ean is None:
        return None, ""
    t = tables.titles.c
    with tx.store.read() as conn:
        row = conn.execute(select(t.price_cents, t.street_date).where(t.ean == ean)).first()
    return (row.price_cents, row.street_date) if row is not None else (None, "")


def _read_code(code: str) -> tuple[str, int | None]:
    scan = barcode.parse(code)
    if scan.kind in ("card", "invalid"):
        raise Refused("bad_code", scan.reason)
    if scan.kind in ("receipt", "held", "badge"):
        raise Refused("bad_code", f"{scan.code} is not the code of an item.")
    return scan.code, scan.ean


def _label(tx: Tx) -> tuple[str, int]:
    while True:
        code = barcode.in_shop_code(tx.count("item-label"))
        if tx.conn.execute(select(_i.sku).where(_i.sku == code)).first() is None:
            return code, int(code)


def _record(tx: Tx, actor: Actor, kind: str, own: Row[Any], body: dict[str, Any]) -> None:
    tx.record(
        kind,
        staff=actor.staff,
        register=actor.register,
        ref=own.sku,
        body={"title": own.title, **body},
    )
