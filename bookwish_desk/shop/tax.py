"""Sales tax and VAT: classes, rates and the two ways of rounding, as pure functions over line amounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from bookwish_desk.shop.money import MILLION, half_up, share

UNTAXED = "none"
"""The class of what carries no tax; known also where a shop has no such class of its own."""


class TaxRate(msgspec.Struct, frozen=True, order=True):
    """One rate as printed on the receipt, for example "Sales tax" 8.875 % or "GST" 5 %."""

    name: str
    ppm: int


class TaxClass(msgspec.Struct, frozen=True):
    """What kind of goods it is, and every rate that applies to it (none: untaxed)."""

    code: str
    label: str
    rates: tuple[TaxRate, ...] = ()


class TaxRules(msgspec.Struct, frozen=True):
    """How this shop reckons tax; stored with each sale so that it can be read back years later.

    exclusive: prices are net and tax is added (US, Canada). inclusive: prices hold the tax (VAT).
    item basis rounds on each line, invoice basis once for each rate on the whole sale (Streamlined
    Sales and Use Tax Agreement s. 324: the seller chooses and keeps to it).
    """

    mode: Literal["exclusive", "inclusive"] = "exclusive"
    basis: Literal["item", "invoice"] = "invoice"
    classes: tuple[TaxClass, ...] = ()

    def rates(self, code: str) -> tuple[TaxRate, ...]:
        """Return the rates of a class, sorted by name; an unknown class is taxed as the first class."""
        for tax_class in self.classes:
            if tax_class.code == code:
                return tuple(sorted(tax_class.rates))
        return tuple(sorted(self.classes[0].rates)) if self.classes and code != UNTAXED else ()


class TaxPart(msgspec.Struct, frozen=True):
    """The tax of one rate in one line or one sale, with the net amount that it was reckoned on."""

    name: str
    ppm: int
    net_cents: int
    tax_cents: int


def tax_parts(
    rules: TaxRules, amounts: Sequence[tuple[str, int]], order: Sequence[Any]
) -> list[tuple[TaxPart, ...]]:
    """Return for each (tax class, amount in cents after discounts) line the tax parts in it.

    On the invoice basis the tax of a rate is reckoned once on the sum and shared out over the lines
    by largest remainder, ties decided by `order` (what the line is, not where it stands), so each
    line carries the tax it can be refunded with and totals never depend on the order of lines.
    """
    if rules.mode == "inclusive":
        return _inclusive(rules, amounts, order)
    return _exclusive(rules, amounts, order)


def _exclusive(
    rules: TaxRules, amounts: Sequence[tuple[str, int]], order: Sequence[Any]
) -> list[tuple[TaxPart, ...]]:
    groups: dict[TaxRate, list[int]] = defaultdict(list)
    for i, (code, _) in enumerate(amounts):
        for rate in rules.rates(code):
            groups[rate].append(i)
    parts: list[list[TaxPart]] = [[] for _ in amounts]
    for rate in sorted(groups):
        lines = groups[rate]
        nets = [amounts[i][1] for i in lines]
        if rules.basis == "item":
            taxes = [half_up(net * rate.ppm, MILLION) for net in nets]
        else:
            taxes = share(half_up(sum(nets) * rate.ppm, MILLION), nets, [order[i] for i in lines])
        for i, net, tax in zip(lines, nets, taxes, strict=True):
            parts[i].append(TaxPart(rate.name, rate.ppm, net, tax))
    return [tuple(p) for p in parts]


def _inclusive(
    rules: TaxRules, amounts: Sequence[tuple[str, int]], order: Sequence[Any]
) -> list[tuple[TaxPart, ...]]:
    groups: dict[tuple[TaxRate, ...], list[int]] = defaultdict(list)
    for i, (code, _) in enumerate(amounts):
        if rates := rules.rates(code):
            groups[rates].append(i)
    parts: list[tuple[TaxPart, ...]] = [() for _ in amounts]
    for rates in sorted(groups):
        lines = groups[rates]
        grosses = [amounts[i][1] for i in lines]
        ppm = sum(r.ppm for r in rates)
        if rules.basis == "item":
            taxes = [half_up(gross * ppm, MILLION + ppm) for gross in grosses]
        else:
            whole = half_up(sum(grosses) * ppm, MILLION + ppm)
            taxes = share(whole, grosses, [order[i] for i in lines])
        splits = _split(taxes, rates, None if rules.basis == "item" else [order[i] for i in lines])
        for i, gross, tax, split in zip(lines, grosses, taxes, splits, strict=True):
            parts[i] = tuple(
                TaxPart(r.name, r.ppm, gross - tax, t) for r, t in zip(rates, split, strict=True)
            )
    return parts


def _split(
    taxes: Sequence[int], rates: Sequence[TaxRate], order: Sequence[Any] | None
) -> list[Sequence[int]]:
    """Split the tax in each line over its rates: each line by itself, or with `order` along all lines.

    Along all lines each takes what brings every rate nearest to its share of the tax so far, so that
    ten lines with a cent of tax each do not give all ten cents to the highest rate.
    """
    weights = [r.ppm for r in rates]
    if order is None:
        return [share(tax, weights) for tax in taxes]
    splits: list[Sequence[int]] = [()] * len(taxes)
    given, sofar = [0] * len(rates), 0
    for i in sorted(range(len(taxes)), key=lambda i: order[i]):
        sofar += taxes[i]
        wanted = [want - have for want, have in zip(share(sofar, weights), given, strict=True)]
        if min(wanted) < 0:
            wanted = share(taxes[i], weights)
        splits[i] = wanted
        given = [have + part for have, part in zip(given, wanted, strict=True)]
    return splits


def tax_summary(parts: Sequence[TaxPart]) -> tuple[TaxPart, ...]:
    """Add parts up to one row for each rate, sorted by name: what the receipt and the Z report print."""
    sums: dict[TaxRate, list[int]] = {}
    for part in parts:
        row = sums.setdefault(TaxRate(part.name, part.ppm), [0, 0])
        row[0] += part.net_cents
        row[1] += part.tax_cents
    return tuple(TaxPart(r.name, r.ppm, net, tax) for r, (net, tax) in sorted(sums.items()))
