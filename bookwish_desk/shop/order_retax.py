"""The tax of an order that is changed: by the shop's rules, with the tax class of each title in it.

Values only, so that a form can say before what an edit will come to. How goods and shipping are reckoned is
`shop.order_tax`; which class a title has is for the caller to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop import order_edit as edits
from bookwish_desk.shop.new_order import OWN_SOURCES, NewLine, ordered
from bookwish_desk.shop.order import Kind, Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_tax import Goods, Reckoned, reckon, untaxed_before
from bookwish_desk.shop.tax import TaxRules


class Taxation(msgspec.Struct, frozen=True):
    """How the shop taxes: its rules, the class of shipping, and the class of each title by its SKU."""

    rules: TaxRules
    shipping_class: str
    classes: Mapping[str, str] = {}

    def of(self, order: Order) -> TaxRules:
        """Return the rules in the way in which an order states its prices."""
        return replace(self.rules, mode="inclusive" if order.tax_included else "exclusive")

    def class_of(self, line: OrderLine) -> str:
        """Return the tax class of a line; of what nobody knows that of books."""
        return self.classes.get(line.sku, "book")


def reckoned(
    order: Order,
    taxation: Taxation,
    lines: Sequence[OrderLine],
    shipping_cents: int,
    *,
    exempt: bool = False,
) -> Reckoned:
    """Reckon lines and shipping of an order by the shop's rules."""
    goods = [
        Goods(x.sku, x.title, taxation.class_of(x), x.live, x.price_cents, x.discount_cents) for x in lines
    ]
    return reckon(
        goods,
        taxation.of(order),
        shipping_cents=shipping_cents,
        shipping_class=taxation.shipping_class,
        exempt=exempt,
    )


def retaxed(order: Order, taxation: Taxation) -> Order:
    """Return an order that the shop prices itself with its tax reckoned anew, as the register would.

    One that another store has priced keeps its rates: its lines follow them, and only new ones are reckoned.
    """
    if order.source not in OWN_SOURCES or order.exempt:
        return order
    return _taxed(order, taxation, "")


def exempted(order: Order, taxation: Taxation, certificate: str) -> Order:
    """Return the order without tax."""
    if order.tax_included and order.tax_cents:
        lines = [x for x in order.lines if x.live]
        sums = reckoned(order, taxation, lines, order.shipping_cents, exempt=True)
        off = {x.id: cents for x, cents in zip(lines, sums.discounts, strict=True)}
        order = _discounted(order, off, sums.shipping_cents)
    return edits.set_taxes(order, {}, 0, certificate)


def taxed_again(order: Order, taxation: Taxation) -> Order:
    """Return the order with the tax that an exemption had taken off."""
    if order.tax_included and not order.tax_cents:
        rules = taxation.of(order)
        off = {
            x.id: max(0, x.gross_cents - untaxed_before(x.net_cents, taxation.class_of(x), rules))
            for x in order.lines
            if x.live
        }
        order = _discounted(order, off, untaxed_before(order.shipping_cents, taxation.shipping_class, rules))
    return _taxed(order, taxation, "")


def priced_anew(order: Order, taxation: Taxation, change: Callable[[Order], Order]) -> Order:
    """Return the order after a change of prices, which leaves an exemption as it was.

    Where prices hold the tax it was taken out of them: it is put back for the change.
    """
    if not (order.exempt and order.tax_included):
        return change(order)
    return exempted(change(taxed_again(order, taxation)), taxation, order.exempt)


def sent_at(order: Order, taxation: Taxation, kind: Kind, method: str, shipping_cents: int) -> Order:
    """Return the order sent or picked up at a cost, taxed by the shop's rules; pickup is free."""
    cents = shipping_cents if kind == "ship" else 0
    sums = reckoned(order, taxation, (), max(0, cents), exempt=bool(order.exempt))
    net = sums.shipping_cents if cents >= 0 else cents
    return edits.set_shipping(order, kind, method, net, sums.shipping_tax_cents)


def taxed_line(order: Order, line: NewLine, rules: TaxRules) -> OrderLine:
    """Return a typed line (`shop.new_order.checked_line`) as it would stand in an order, with its tax."""
    goods = Goods(line.sku, line.title, line.tax_class, line.quantity, line.price_cents, line.discount_cents)
    mode = replace(rules, mode="inclusive" if order.tax_included else "exclusive")
    sums = reckon([goods], mode, exempt=bool(order.exempt))
    return replace(ordered(line), discount_cents=sums.discounts[0], tax_cents=sums.taxes[0])


def goods_changed(before: Order, after: Order) -> bool:
    """Say whether an edit calls for the tax to be reckoned anew."""
    return before.lines != after.lines or before.shipping_cents != after.shipping_cents


def _taxed(order: Order, taxation: Taxation, exempt: str) -> Order:
    lines = [x for x in order.lines if x.live]
    sums = reckoned(order, taxation, lines, order.shipping_cents)
    taxes = {x.id: tax for x, tax in zip(lines, sums.taxes, strict=True)}
    return edits.set_taxes(order, taxes, sums.shipping_tax_cents, exempt)


def _discounted(order: Order, off: Mapping[str, int], shipping_cents: int) -> Order:
    lines = (replace(x, discount_cents=off.get(x.id, x.discount_cents)) for x in order.lines)
    return replace(order, lines=tuple(lines), shipping_cents=shipping_cents)
