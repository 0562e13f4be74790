"""What an order comes to by the shop's tax rules: the same reckoning as at the register, with shipping.

Orders that a source has reckoned itself keep its amounts; this is for those that staff enter or change.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.money import MILLION, half_up
from bookwish_desk.shop.sale import Discount, Draft, Exemption, Line, PricedLine, totals
from bookwish_desk.shop.tax import TaxRules

SHIPPING_CLASS = "general"
"""The tax class of shipping where the shop has set no other."""


class Goods(msgspec.Struct, frozen=True):
    """Copies of one title as far as tax is concerned; `discount_cents` is for all of them."""

    sku: str
    title: str
    tax_class: str
    copies: int
    price_cents: int
    discount_cents: int = 0


class Reckoned(msgspec.Struct, frozen=True):
    """What goods and shipping come to: for each of the goods its whole discount and its tax.

    Where prices hold the tax, an exemption takes it out of them: it is then in the discount and the shipping.
    """

    discounts: tuple[int, ...]
    taxes: tuple[int, ...]
    shipping_cents: int
    shipping_tax_cents: int


def reckon(
    goods: Sequence[Goods],
    rules: TaxRules,
    *,
    discount_cents: int = 0,
    shipping_cents: int = 0,
    shipping_class: str = SHIPPING_CLASS,
    exempt: bool = False,
) -> Reckoned:
    """Reckon discounts and tax of goods, with a discount on all of them together, and of their shipping."""
    lines = tuple(_line(str(n), some) for n, some in enumerate(goods))
    priced = _priced(lines, rules, discount_cents, exempt)
    if not shipping_cents:
        return Reckoned(_offs(priced, exempt, rules), tuple(p.tax_cents for p in priced), 0, 0)
    given = (replace(x, discount=_off(p.discount_cents)) for x, p in zip(lines, priced, strict=True))
    way = Line("shipping", "SHIPPING", "Shipping", 1, shipping_cents, tax_class=shipping_class)
    *priced_goods, sent = _priced((*given, way), rules, 0, exempt)
    return Reckoned(
        _offs(priced_goods, exempt, rules),
        tuple(p.tax_cents for p in priced_goods),
        sent.net_cents,
        sent.tax_cents,
    )


def untaxed_before(net_cents: int, tax_class: str, rules: TaxRules) -> int:
    """Return what an amount without tax was before an exemption took the tax out of it."""
    if rules.mode == "exclusive":
        return net_cents
    return net_cents + half_up(net_cents * sum(r.ppm for r in rules.rates(tax_class)), MILLION)


def _line(line_id: str, some: Goods) -> Line:
    return Line(
        line_id,
        some.sku,
        some.title,
        some.copies,
        some.price_cents,
        tax_class=some.tax_class,
        discount=_off(some.discount_cents),
    )


def _off(cents: int) -> Discount | None:
    return Discount("amount", cents) if cents else None


def _priced(
    lines: tuple[Line, ...], rules: TaxRules, discount_cents: int, exempt: bool
) -> tuple[PricedLine, ...]:
    draft = Draft("", 0, 0, "", 0, lines, discount=_off(discount_cents))
    return totals(replace(draft, exempt=Exemption("claimed") if exempt else None), rules).lines


def _offs(priced: Sequence[PricedLine], exempt: bool, rules: TaxRules) -> tuple[int, ...]:
    """Return the discounts; an exemption takes the tax that is in a price out of it as one."""
    if exempt and rules.mode == "inclusive":
        return tuple(p.gross_cents - p.net_cents for p in priced)
    return tuple(p.discount_cents for p in priced)
