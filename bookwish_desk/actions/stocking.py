"""Stock and items as people change them: adjusted, counted, moved to another shelf, edited, added.

Stock is only ever moved, with a cause and a reason; a count becomes the difference to what was on hand.
A title of the trade gets the shop's own row when it is first touched.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, select

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db import items, stock, tables
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import MOST_CENTS
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor

MOST_COPIES = 99_999

_i = tables.items.c


class ItemEdit(msgspec.Struct, frozen=True):
    """What an item shall be. `price_cents` None follows the trade's price, `low_at` None the shop's limit.

    `stocked` False says that the shop keeps no stock of it: a service, or a title it gave up.
    """

    title: str
    authors: str = ""
    publisher: str = ""
    price_cents: int | None = None
    tax_class: str = "book"
    shelf: str = ""
    low_at: int | None = None
    stocked: bool = True


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
    on_hand = items.move(tx, item.sku, by, "adjust", staff=actor.staff, reason=why)
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
    items.move(tx, item.sku, by, "count", staff=actor.staff, reason=why)
    _record(tx, actor, "item.counted", own, {"by": by, "on_hand": counted, "reason": why})
    return by


@action
def set_shelf(tx: Tx, actor: Actor, item: Item, shelf: str) -> None:
    """Say where an item stands; an empty text says that nobody knows."""
    require(tx, actor, "stock.adjust", item.sku)
    _edit(tx, actor, _own(tx, item), {"shelf": plain(shelf, 40)})


@action
def set_low_at(tx: Tx, actor: Actor, item: Item, low_at: int | None) -> None:
    """Say at how many copies an item is low; None is the limit of the shop's settings."""
    require(tx, actor, "stock.adjust", item.sku)
    _edit(tx, actor, _own(tx, item), {"low_at": _limit(low_at)})


@action
def edit_item(tx: Tx, actor: Actor, item: Item, edit: ItemEdit) -> None:
    """Write what an item shall be; one that waited to be described no longer does.

    A price that changes is journalled by itself. Raises Refused for no title, an unknown tax class, a
    price out of bounds, or giving up stock of which copies are on hand.
    """
    require(tx, actor, "items.edit", item.sku)
    values = _checked(tx, edit)
    own = _own(tx, item)
    if not edit.stocked and own.on_hand:
        raise Refused(
            "on_hand", f"There is stock of it: {own.on_hand}. Count it to 0 first.", on_hand=own.on_hand
        )
    trade = _trade_price(tx, own.ean)
    before = own.price_cents if own.price_cents is not None else trade
    after = edit.price_cents if edit.price_cents is not None else trade
    own_price = None if edit.price_cents == trade else edit.price_cents
    if before != after:
        stock.change(tx, own.sku, {"price_cents": own_price})
        _record(tx, actor, "item.priced", own, {"from_cents": before, "to_cents": after})
    elif own.price_cents is not None:
        stock.change(tx, own.sku, {"price_cents": own_price})
    _edit(tx, actor, own, values)


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
    price = None if edit.price_cents == _trade_price(tx, ean) else edit.price_cents
    stock.change(tx, sku, {"price_cents": price})
    own = _row(tx, sku)
    _record(tx, actor, "item.added", own, {"price_cents": edit.price_cents})
    return sku


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
    if edit.price_cents is not None and not 0 <= edit.price_cents <= MOST_CENTS:
        raise Refused("amount", "That price is out of bounds.")
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


def _trade_price(tx: Tx, ean: int | None) -> int | None:
    if ean is None:
        return None
    t = tables.titles.c
    with tx.store.read() as conn:
        return conn.execute(select(t.price_cents).where(t.ean == ean)).scalar()


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
