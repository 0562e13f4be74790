"""The tax of orders as they are changed: reckoned by the shop's rules, with the tax class of each title.

Part of other actions. How goods and shipping are reckoned is `shop.order_tax`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bookwish_desk.actions.placing import described, known
from bookwish_desk.db import lookup
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import order_edit as edits
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.new_order import OWN_SOURCES, NewLine, checked_line, ordered
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_tax import Goods, Reckoned, reckon, untaxed_before
from bookwish_desk.shop.tax import TaxRules

_CLASSES = "SELECT sku, tax_class FROM items WHERE sku IN (SELECT value FROM json_each(?))"


def reckoned(
    tx: Tx, order: Order, lines: Sequence[OrderLine], shipping_cents: int, *, exempt: bool = False
) -> Reckoned:
    """Reckon lines and shipping of an order by the shop's rules."""
    classes = _classes(tx, lines)
    goods = [Goods(x.sku, x.title, classes[x.sku], x.live, x.price_cents, x.discount_cents) for x in lines]
    return reckon(
        goods,
        _rules(tx, order),
        shipping_cents=shipping_cents,
        shipping_class=tx.settings.shipping_tax,
        exempt=exempt,
    )


def retaxed(tx: Tx, order: Order) -> Order:
    """Return an order that the shop prices itself with its tax reckoned anew, as the register would.

    One that another store has priced keeps its rates: its lines follow them, and only new ones are reckoned.
    """
    if order.source not in OWN_SOURCES or order.exempt:
        return order
    lines = [x for x in order.lines if x.live]
    sums = reckoned(tx, order, lines, order.shipping_cents)
    taxes = {x.id: tax for x, tax in zip(lines, sums.taxes, strict=True)}
    return edits.set_taxes(order, taxes, sums.shipping_tax_cents, order.exempt)


def exempted(tx: Tx, order: Order, certificate: str) -> Order:
    """Return the order without tax."""
    if order.tax_included and order.tax_cents:
        lines = [x for x in order.lines if x.live]
        sums = reckoned(tx, order, lines, order.shipping_cents, exempt=True)
        off = {x.id: cents for x, cents in zip(lines, sums.discounts, strict=True)}
        order = _discounted(order, off, sums.shipping_cents)
    return edits.set_taxes(order, {}, 0, certificate)


def taxed_again(tx: Tx, order: Order) -> Order:
    """Return the order with the tax that an exemption had taken off."""
    lines, rules = [x for x in order.lines if x.live], _rules(tx, order)
    if order.tax_included and not order.tax_cents:
        classes = _classes(tx, lines)
        off = {
            x.id: max(0, x.gross_cents - untaxed_before(x.net_cents, classes[x.sku], rules)) for x in lines
        }
        order = _discounted(order, off, untaxed_before(order.shipping_cents, tx.settings.shipping_tax, rules))
        lines = [x for x in order.lines if x.live]
    sums = reckoned(tx, order, lines, order.shipping_cents)
    taxes = {x.id: tax for x, tax in zip(lines, sums.taxes, strict=True)}
    return edits.set_taxes(order, taxes, sums.shipping_tax_cents, "")


def priced_anew(tx: Tx, order: Order, change: Callable[[Order], Order]) -> Order:
    """Return the order after a change of prices, which leaves an exemption as it was.

    Where prices hold the tax it was taken out of them: it is put back for the change.
    """
    if not (order.exempt and order.tax_included):
        return change(order)
    return exempted(tx, change(taxed_again(tx, order)), order.exempt)


def _discounted(order: Order, off: dict[str, int], shipping_cents: int) -> Order:
    lines = (replace(x, discount_cents=off.get(x.id, x.discount_cents)) for x in order.lines)
    return replace(order, lines=tuple(lines), shipping_cents=shipping_cents)


def taxed_line(tx: Tx, order: Order, typed: NewLine) -> OrderLine:
    """Return a typed line as one of an order, with its tax. Raises Refused with the fact `field`."""
    line = described(tx, checked_line(typed))
    codes = {c.code for c in tx.settings.tax.classes}
    if codes and line.tax_class not in codes:
        raise Refused("tax_class", "Choose a tax class.", field="tax_class")
    known(tx, line)
    goods = Goods(line.sku, line.title, line.tax_class, line.quantity, line.price_cents, line.discount_cents)
    sums = reckon([goods], _rules(tx, order), exempt=bool(order.exempt))
    return replace(ordered(line), discount_cents=sums.discounts[0], tax_cents=sums.taxes[0])


def _rules(tx: Tx, order: Order) -> TaxRules:
    """Return the shop's tax rules, in the way in which this order states its prices."""
    return replace(tx.settings.tax, mode="inclusive" if order.tax_included else "exclusive")


def _classes(tx: Tx, lines: Sequence[OrderLine]) -> dict[str, str]:
    """Return the tax class of each SKU: as the shop has it, else as the trade has it."""
    own = dict(query(tx.conn, _CLASSES, (json.dumps([x.sku for x in lines]),)).fetchall())
    with tx.store.read() as conn:
        for line in lines:
            if line.sku not in own:
                item = lookup.find(conn, line.sku, line.ean)
                own[line.sku] = item.tax_class if item else "book"
    return own
