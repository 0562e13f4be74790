"""Sales tax and VAT: every row of the rounding table, and sums that hold for any rates and lines."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.money import MILLION, read_percent
from bookwish_desk.shop.tax import TaxClass, TaxPart, TaxRate, TaxRules, tax_parts, tax_summary
from tests.shop.selling import CLASSES, rules

DATA = Path(__file__).parent.parent / "data" / "money"

amounts = st.lists(st.tuples(st.sampled_from(CLASSES), st.integers(0, 20_000)), max_size=8)


def one_rate(percent: str, mode: str = "exclusive", basis: str = "invoice") -> TaxRules:
    rate = TaxRate("Sales tax", read_percent(percent))
    return TaxRules(mode, basis, (TaxClass("book", "Books", (rate,)),))  # type: ignore[arg-type]


def table() -> list[dict[str, str]]:
    with (DATA / "us-sales-tax-rounding.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("basis", ["invoice", "item"])
def test_every_row_of_the_us_rounding_table(basis: str) -> None:
    rows = table()
    assert len(rows) == 200
    assert sum(r["tax_invoice_basis"] != r["tax_item_basis"] for r in rows) == 63
    for row in rows:
        lines = [("book", int(Decimal(x) * 100)) for x in row["line_amounts"].split()]
        parts = tax_parts(one_rate(row["rate_percent"], basis=basis), lines, lines)
        total = sum(p.tax_cents for ps in parts for p in ps)
        assert total == int(Decimal(row[f"tax_{basis}_basis"]) * 100), row


@given(rules(), amounts)
def test_each_line_carries_a_part_for_each_of_its_rates(tax: TaxRules, lines: list[tuple[str, int]]) -> None:
    parts = tax_parts(tax, lines, lines)
    assert len(parts) == len(lines)
    for (code, amount), line_parts in zip(lines, parts, strict=True):
        assert sorted((p.name, p.ppm) for p in line_parts) == [(r.name, r.ppm) for r in tax.rates(code)]
        assert all(p.tax_cents >= 0 for p in line_parts)
        whole = sum(p.tax_cents for p in line_parts)
        for p in line_parts:
            assert p.net_cents == (amount if tax.mode == "exclusive" else amount - whole)


@given(rules(), amounts, st.data())
def test_the_order_of_lines_never_changes_what_a_line_is_taxed(
    tax: TaxRules, lines: list[tuple[str, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(lines))

    def taxed(rows: list[tuple[str, int]]) -> list[tuple[tuple[str, int], tuple[TaxPart, ...]]]:
        return sorted(zip(rows, tax_parts(tax, rows, rows), strict=True), key=repr)

    assert taxed(lines) == taxed(shuffled)


@given(rules(), amounts)
def test_invoice_basis_rounds_once_for_each_rate(tax: TaxRules, lines: list[tuple[str, int]]) -> None:
    if tax.basis == "item":
        return
    parts = tax_parts(tax, lines, lines)
    exact: dict[TaxRate, Decimal] = {}
    for code, amount in lines:
        together = sum(r.ppm for r in tax.rates(code))
        base = Decimal(amount)
        if tax.mode == "inclusive":
            base = base * MILLION / (MILLION + together)
        for rate in tax.rates(code):
            exact[rate] = exact.get(rate, Decimal(0)) + base * rate.ppm / MILLION
    got = {TaxRate(p.name, p.ppm): p.tax_cents for p in tax_summary([x for ps in parts for x in ps])}
    for rate, cents in exact.items():
        if tax.mode == "exclusive":
            assert got[rate] == int(cents.quantize(Decimal(1), ROUND_HALF_UP))
        else:
            # Classes with different sets of rates are reckoned apart: a cent for each of the three.
            assert abs(got[rate] - cents) < 4


@given(rules(), amounts)
def test_item_basis_rounds_each_line_by_itself(tax: TaxRules, lines: list[tuple[str, int]]) -> None:
    if tax.basis == "invoice":
        return
    together = tax_parts(tax, lines, lines)
    alone = [tax_parts(tax, [line], [line])[0] for line in lines]
    assert together == alone


def test_two_rates_in_the_price_each_get_their_share_of_many_small_lines() -> None:
    both = (TaxRate("GST", 50_000), TaxRate("PST", 70_000))
    tax = TaxRules("inclusive", "invoice", (TaxClass("book", "Books", both),))
    lines = [("book", 10)] * 100
    summary = tax_summary([p for ps in tax_parts(tax, lines, lines) for p in ps])
    # 10.00 holds 1.07 of tax at 12 %: 0.45 of GST and 0.62 of PST.
    assert [(p.name, p.tax_cents) for p in summary] == [("GST", 45), ("PST", 62)]


def test_vat_is_inside_the_price() -> None:
    tax = one_rate("19", mode="inclusive", basis="item")
    assert tax_parts(tax, [("book", 1190)], [0]) == [(TaxPart("Sales tax", 190_000, 1000, 190),)]


def test_a_class_without_rates_is_not_taxed_and_an_unknown_one_is_taxed_as_the_first() -> None:
    tax = TaxRules(
        classes=(TaxClass("book", "Books", (TaxRate("Tax", 100_000),)), TaxClass("none", "Untaxed"))
    )
    parts = tax_parts(tax, [("none", 1000), ("gone", 1000)], [0, 1])
    assert parts == [(), (TaxPart("Tax", 100_000, 1000, 100),)]
    assert tax_parts(TaxRules(), [("book", 1000)], [0]) == [()]


@given(
    st.lists(st.builds(TaxPart, st.sampled_from("ab"), st.sampled_from([5, 7]), st.integers(), st.integers()))
)
def test_a_summary_has_one_row_for_each_rate_and_loses_nothing(parts: list[TaxPart]) -> None:
    rows = tax_summary(parts)
    assert len({(r.name, r.ppm) for r in rows}) == len(rows)
    assert sum(r.tax_cents for r in rows) == sum(p.tax_cents for p in parts)
    assert sum(r.net_cents for r in rows) == sum(p.net_cents for p in parts)
    assert list(rows) == sorted(rows, key=lambda r: (r.name, r.ppm))
