"""What was changed of an order, as a list of edits: each can be tried on the order, and be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db.store import Store
from bookwish_desk.shop import order_edit as pure
from bookwish_desk.shop.new_order import OWN_SOURCES, NewLine, ordered
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import edit
from bookwish_desk.shop.order_tax import Goods, reckon
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tax import TaxRules

Run = Callable[[Store, Actor, Telling], Outcome[Any]]


class Edit(msgspec.Struct, frozen=True):
    """One change that was typed and is not saved yet.

    `change` tries it on an order, `run` does it, `done` forgets that it was to be done. `key` is the field
    it is about, `line` the line; `texts` are the fields that are saved with it.
    """

    key: str
    change: Callable[[Order], Order]
    run: Run
    done: Callable[[], None] = lambda: None
    line: str = ""
    texts: tuple[str, ...] = ()


def rules_of(order: Order, rules: TaxRules) -> TaxRules:
    """Return the shop's tax rules in the way in which an order states its prices."""
    return replace(rules, mode="inclusive" if order.tax_included else "exclusive")


def taxed_line(order: Order, line: NewLine, rules: TaxRules) -> OrderLine:
    """Return a typed line as it would stand in an order, with its tax."""
    goods = Goods(line.sku, line.title, line.tax_class, line.quantity, line.price_cents, line.discount_cents)
    sums = reckon([goods], rules_of(order, rules), exempt=bool(order.exempt))
    return replace(ordered(line), discount_cents=sums.discounts[0], tax_cents=sums.taxes[0])


def shipping_tax(order: Order, cents: int, rules: TaxRules) -> int:
    """Return the tax of shipping at a cost."""
    sums = reckon([], rules_of(order, rules), shipping_cents=cents, exempt=bool(order.exempt))
    return sums.shipping_tax_cents


def retaxed(order: Order, classes: Mapping[str, str], rules: TaxRules, exempt: str = "") -> Order:
    """Return an order with its tax reckoned anew; `classes` are the tax classes by SKU."""
    lines = [x for x in order.lines if x.live]
    goods = [
        Goods(x.sku, x.title, classes.get(x.sku, "book"), x.live, x.price_cents, x.discount_cents)
        for x in lines
    ]
    sums = reckon(goods, rules_of(order, rules), shipping_cents=order.shipping_cents)
    taxes = {x.id: tax for x, tax in zip(lines, sums.taxes, strict=True)}
    return pure.set_taxes(order, taxes, sums.shipping_tax_cents, exempt)


def preview(
    order: Order, edits: tuple[Edit, ...], classes: Mapping[str, str], rules: TaxRules, at: int
) -> Order:
    """Return the order as it would be after all edits at a moment. Raises Refused for what cannot be."""

    def whole(before: Order) -> Order:
        after = before
        for one in edits:
            after = one.change(after)
        moved = after.lines != before.lines or after.shipping_cents != before.shipping_cents
        own = after.source in OWN_SOURCES and not after.exempt and moved
        return retaxed(after, classes, rules) if own else after

    return edit(order, whole, at)
