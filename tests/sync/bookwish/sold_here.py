"""Sales of the counter as values, for what is sent of them."""

from __future__ import annotations

from typing import Any

from bookwish_desk.shop.sold import Sale, SoldLine, SoldTender
from bookwish_desk.shop.tax import TaxPart

SOLD_AT = 1_741_105_205_000


def line(no: int, quantity: int, net_cents: int, **more: Any) -> SoldLine:
    """Return a line that cost `net_cents` after discounts, with 6 % tax on top."""
    tax = more.pop("tax_cents", (abs(net_cents) * 6 + 50) // 100 * (1 if net_cents >= 0 else -1))
    gross = more.pop("gross_cents", net_cents)
    facts: dict[str, Any] = {
        "sku": f"SKU{no}",
        "title": f"Title {no}",
        "price_cents": abs(gross // quantity) if quantity else 0,
        "gross_cents": gross,
        "discount_cents": gross - net_cents,
        "net_cents": net_cents,
        "taxes": (TaxPart("Tax", 60_000, net_cents, tax),) if tax else (),
        "total_cents": net_cents + tax,
        "ean": 9799990000015,
        "detail": "Mirela Quist",
    }
    return SoldLine(no=no, quantity=quantity, **{**facts, **more})


def sale(*lines: SoldLine, tenders: tuple[SoldTender, ...] = (), **more: Any) -> Sale:
    """Return a completed sale, paid in cash where no tenders are given."""
    total = more.pop("total_cents", sum(x.total_cents for x in lines))
    rounding = more.get("rounding_cents", 0)
    facts: dict[str, Any] = {
        "id": "0195612a3b4c7def8a1b2c3d4e5f6071",
        "number": 42,
        "receipt": "R1-000042",
        "register": 1,
        "till": "t1",
        "business_date": "2025-03-04",
        "completed_at": SOLD_AT,
        "staff": "ines",
        "kind": "sale",
        "taxes": (),
        "rounding_cents": 0,
        "tax_mode": "exclusive",
        "tax_basis": "item",
    }
    paid = tenders or (SoldTender("cash", total + rounding),)
    return Sale(lines=lines, tenders=paid, total_cents=total, **{**facts, **more})
