"""What a scan means while an order is collected: one of its books, one too many, or something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from bookwish_desk.actions import pickup, selling
from bookwish_desk.db import items, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine

Meaning = Literal["book", "order", "same", "wrong"]


class Heard(msgspec.Struct, frozen=True):
    """What was scanned: a copy of a line (`line`), an order (`order`), or what is wrong with it."""

    meaning: Meaning
    line: str = ""
    order: str = ""
    sentence: str = ""


def hear(store: Store, order: Order | None, taken: Mapping[str, int], code: str) -> Heard:
    """Say what a code means for the order that is collected, or where there is none. Reads only."""
    scan = barcode.parse(code)
    if scan.kind == "card":
        return Heard("wrong", sentence=scan.reason)
    item = selling.find(store, scan.code, scan.ean)
    if order is not None:
        used = _used(store, order)
        mine = [x for x in order.lines if x.live and _is(x, scan, item, used)]
        if mine:
            return _copy(mine, taken)
    found = pickup.find(store, code)
    if found:
        same = order is not None and any(o.id == order.id for o in found)
        return Heard("same" if same else "order", order=found[0].id)
    if order is None:
        return Heard("wrong", sentence="No order has this code. Scan the pickup slip, or type the name.")
    if item is not None:
        return Heard("wrong", sentence=_stranger(store, order, item))
    if scan.kind == "invalid":
        return Heard("wrong", sentence=scan.reason)
    return Heard("wrong", sentence=f"{scan.code} is no book of this order.")


def _used(store: Store, order: Order) -> frozenset[str]:
    """Return the SKUs of its used and signed copies: the ISBN on their covers is not their own code."""
    with store.read() as conn:
        known = items.by_skus(conn, list(dict.fromkeys(x.sku for x in order.lines)))
    return frozenset(item.sku for item in known if item.kind != "new")


def _is(line: OrderLine, scan: barcode.Scan, item: Item | None, used: frozenset[str]) -> bool:
    """Say whether a line is what was scanned: a used copy is never the new one with the same ISBN."""
    if line.sku == scan.code:
        return True
    if item is not None and item.kind != "new":
        return line.sku == item.sku
    same_ean = line.ean is not None and scan.ean == line.ean and line.sku not in used
    return same_ean or (item is not None and line.sku == item.sku)


def _copy(mine: list[OrderLine], taken: Mapping[str, int]) -> Heard:
    for line in mine:
        if taken.get(line.id, 0) < line.set_aside:
            return Heard("book", line=line.id)
    ready, title = sum(x.set_aside for x in mine), mine[0].title
    if not ready:
        return Heard("wrong", sentence=f"{title} is not among what lies ready for this order.")
    every = "the copy" if ready == 1 else f"all {ready} copies"
    return Heard("wrong", sentence=f"One too many: {every} of {title} is checked already. Put this one back.")


def _stranger(store: Store, order: Order, item: Item) -> str:
    """Return what is said of a book that is not in the order, and whose it is where that is known."""
    with store.read() as conn:
        others = [o for o in orders.holders(conn, item.sku) if o.id != order.id]
    sentence = f"Wrong book: {item.title} is not in this order."
    if others:
        who = others[-1].customer
        name = f" for {who.name}" if who and who.name else ""
        return f"{sentence} It is promised to order {others[-1].number}{name}."
    return f"{sentence} Put it back."
