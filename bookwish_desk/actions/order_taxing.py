"""What the tax of orders as they are changed follows from: the shop's settings and the class of each title.

Part of other actions. What changes by them is `shop.order_retax`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bookwish_desk.actions.placing import described, known
from bookwish_desk.db import lookup
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import order_retax
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.new_order import NewLine, checked_line
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_retax import Taxation

_CLASSES = "SELECT sku, tax_class FROM items WHERE sku IN (SELECT value FROM json_each(?))"


def taxation(tx: Tx, order: Order) -> Taxation:
    """Return how the shop taxes what is in an order."""
    return Taxation(tx.settings.tax, tx.settings.shipping_tax, _classes(tx, order.lines))


def taxed_line(tx: Tx, order: Order, typed: NewLine) -> OrderLine:
    """Return a typed line as one of an order, with its tax. Raises Refused with the fact `field`."""
    line = described(tx, checked_line(typed))
    codes = {c.code for c in tx.settings.tax.classes}
    if codes and line.tax_class not in codes:
        raise Refused("tax_class", "Choose a tax class.", field="tax_class")
    known(tx, line)
    return order_retax.taxed_line(order, line, tx.settings.tax)


def _classes(tx: Tx, lines: Sequence[OrderLine]) -> dict[str, str]:
    """Return the tax class of each SKU: as the shop has it, else as the trade has it."""
    own = dict(query(tx.conn, _CLASSES, (json.dumps([x.sku for x in lines]),)).fetchall())
    with tx.store.read() as conn:
        for line in lines:
            if line.sku not in own:
                item = lookup.find(conn, line.sku, line.ean)
                own[line.sku] = item.tax_class if item else "book"
    return own
