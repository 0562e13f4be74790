"""The completed sale as a frozen fact, and what of it can still be brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from bookwish_desk.shop.collected import Collected
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import half_up, round_cash
from bookwish_desk.shop.sale import Draft, Exemption, ReturnLine, Totals
from bookwish_desk.shop.tax import UNTAXED, TaxPart, tax_summary

Disposition = Literal["restock", "damaged"]


class SoldLine(msgspec.Struct, frozen=True):
    """One line as it was sold, or brought back (then quantity and all amounts are negative).

    `of_order` is the id of the order that it was collected for. A line of no copies only says that one was.
    """

    no: int
    sku: str
    title: str
    quantity: int
    price_cents: int
    gross_cents: int
    discount_cents: int
    net_cents: int
    taxes: tuple[TaxPart, ...]
    total_cents: int
    list_price_cents: int | None = None
    ean: int | None = None
    detail: str = ""
    tax_class: str = "book"
    price_reason: str = ""
    discount_reason: str = ""
    note: str = ""
    gift_wrap: bool = False
    stocked: bool = True
    disposition: Literal["", "restock", "damaged"] = ""
    of_sale: str = ""
    of_line: int = 0
    of_receipt: str = ""
    reason: str = ""
    of_order: str = ""


class SoldTender(msgspec.Struct, frozen=True):
    """Money that moved; change given is a cash tender of its own with a negative amount."""

    kind: Literal["cash", "card", "cheque"]
    amount_cents: int
    change: bool = False
    brand: str = ""
    last4: str = ""
    auth_code: str = ""
    reference: str = ""


class Sale(msgspec.Struct, frozen=True):
    """A completed sale, return or exchange. Never edited: corrections are new sales.

    `number` runs without a gap on each register; `receipt` is what the barcode on the paper says.
    tenders = total + rounding, where rounding is what cash rounding added (or took).
    """

    id: str
    number: int
    receipt: str
    register: int
    till: str
    business_date: str
    completed_at: int
    staff: str
    kind: Literal["sale", "return", "exchange"]
    lines: tuple[SoldLine, ...]
    tenders: tuple[SoldTender, ...]
    taxes: tuple[TaxPart, ...]
    total_cents: int
    rounding_cents: int
    tax_mode: Literal["exclusive", "inclusive"]
    tax_basis: Literal["item", "invoice"]
    discount_cents: int = 0
    discount_reason: str = ""
    exempt: Exemption | None = None
    customer: Customer | None = None
    note: str = ""

    @property
    def paid_cents(self) -> int:
        """Return what the customer paid in the end (negative: was paid)."""
        return self.total_cents + self.rounding_cents

    @property
    def change_cents(self) -> int:
        """Return the change that was given back, as a positive amount."""
        return -sum(t.amount_cents for t in self.tenders if t.change)


def sold_lines(draft: Draft, priced: Totals) -> tuple[SoldLine, ...]:
    """Freeze the lines of a draft: what is sold, then what is brought back with negative amounts."""
    lines: list[SoldLine] = []
    for p in priced.lines:
        x = p.line
        lines.append(
            SoldLine(
                no=len(lines) + 1,
                sku=x.sku,
                title=x.title,
                quantity=x.quantity,
                price_cents=x.price_cents,
                gross_cents=p.gross_cents,
                discount_cents=p.discount_cents,
                net_cents=p.net_cents,
                taxes=p.taxes,
                total_cents=p.total_cents,
                list_price_cents=x.list_price_cents,
                ean=x.ean,
                detail=x.detail,
                tax_class=x.tax_class,
                price_reason=x.price_reason,
                note=x.note,
                discount_reason=x.discount.reason if x.discount else "",
                gift_wrap=x.gift_wrap,
                stocked=x.stocked,
                of_order=x.of_order,
            )
        )
    for r in draft.returns:
        taxes = tuple(TaxPart(t.name, t.ppm, -t.net_cents, -t.tax_cents) for t in r.taxes)
        lines.append(
            SoldLine(
                no=len(lines) + 1,
                sku=r.sku,
                title=r.title,
                quantity=-r.quantity,
                price_cents=r.price_cents,
                gross_cents=-r.gross_cents,
                discount_cents=-r.discount_cents,
                net_cents=-r.net_cents,
                taxes=taxes,
                total_cents=-r.total_cents,
                ean=r.ean,
                detail=r.detail,
                tax_class=r.tax_class,
                stocked=r.stocked,
                disposition=r.disposition,
                of_sale=r.of_sale,
                of_line=r.of_line,
                of_receipt=r.of_receipt,
                reason=r.reason,
            )
        )
    for order in draft.collects:
        lines.append(_collected(len(lines) + 1, order))
    return tuple(lines)


def _collected(no: int, order: Collected) -> SoldLine:
    """Return the line that tells of an order handed over: no copies and no money of its own."""
    return SoldLine(
        no=no,
        sku=order.number,
        title=order.sentence,
        quantity=0,
        price_cents=0,
        gross_cents=0,
        discount_cents=0,
        net_cents=0,
        taxes=(),
        total_cents=0,
        tax_class=UNTAXED,
        stocked=False,
        of_order=order.order,
    )


def settle_cash(due_cents: int, given_cents: int, step: int, evened_cents: int = 0) -> tuple[int, int] | None:
    """Return (rounding, change) when `given_cents` in cash settles `due_cents`, or None when it does not.

    The amount due is rounded to the cash step once, on what is left to pay after other tenders. For a
    refund (negative due) the shop gives the rounded amount: `given_cents` is ignored and change is 0.
    `evened_cents` is the rounding that a refund undoes (see `shop.refund.rounding_to_even`).
    """
    target = round_cash(due_cents - evened_cents, step)
    if due_cents < evened_cents:
        return target - due_cents, 0
    return (target - due_cents, given_cents - target) if given_cents >= target else None


class Returnable(msgspec.Struct, frozen=True):
    """A sold line and how many of its copies came back already."""

    line: SoldLine
    returned: int

    @property
    def left(self) -> int:
        """Return how many copies can still be brought back."""
        return max(0, self.line.quantity - self.returned)


def returnable(sale: Sale, returned: Mapping[int, int]) -> tuple[Returnable, ...]:
    """Return the lines of `sale` that were sold (not brought back), with what came back by line number."""
    return tuple(Returnable(x, returned.get(x.no, 0)) for x in sale.lines if x.quantity > 0)


def return_line(
    sale: Sale,
    back: Returnable,
    quantity: int,
    disposition: Disposition,
    reason: str,
    *,
    mode: Literal["exclusive", "inclusive"],
) -> ReturnLine:
    """Make the return of `quantity` copies, worth what was paid for just these copies.

    Amounts are differences of cumulative shares: however a line comes back in parts, the parts add
    up to what was paid for it, to the cent, and never to more. `mode` is how the shop reckons tax now:
    where it reckoned otherwise when it sold, the same total is said in today's way. Raises Refused
    beyond what is left.
    """
    x = back.line
    if quantity < 1:
        raise Refused("quantity", "Choose how many copies come back.")
    if quantity > back.left:
        raise Refused(
            "returned",
            f"Only {back.left} of {x.quantity} can still be returned on this receipt.",
            left=back.left,
        )
    first, last = back.returned, back.returned + quantity

    def part(cents: int) -> int:
        return half_up(cents * last, x.quantity) - half_up(cents * first, x.quantity)

    taxed = [part(t.tax_cents) for t in x.taxes]
    total = part(x.net_cents) + (sum(taxed) if sale.tax_mode == "exclusive" else 0)
    untaxed, discount = total - sum(taxed), part(x.discount_cents)
    net = untaxed if mode == "exclusive" else total
    return ReturnLine(
        id=new_id(),
        sku=x.sku,
        title=x.title,
        quantity=quantity,
        price_cents=x.price_cents,
        net_cents=net,
        taxes=tuple(TaxPart(t.name, t.ppm, untaxed, tax) for t, tax in zip(x.taxes, taxed, strict=True)),
        total_cents=total,
        gross_cents=quantity * x.price_cents if mode == sale.tax_mode else net + discount,
        discount_cents=discount,
        disposition=disposition,
        of_sale=sale.id,
        of_line=x.no,
        of_receipt=sale.receipt,
        ean=x.ean,
        detail=x.detail,
        tax_class=x.tax_class,
        reason=reason,
        stocked=x.stocked,
    )


def return_without_receipt(priced: Totals, disposition: Disposition, reason: str) -> tuple[ReturnLine, ...]:
    """Make returns from a draft priced at today's prices and rates: for goods without their receipt."""
    return tuple(
        ReturnLine(
            id=new_id(),
            sku=p.line.sku,
            title=p.line.title,
            quantity=p.line.quantity,
            price_cents=p.line.price_cents,
            net_cents=p.net_cents,
            taxes=p.taxes,
            total_cents=p.total_cents,
            gross_cents=p.gross_cents,
            discount_cents=p.discount_cents,
            disposition=disposition,
            ean=p.line.ean,
            detail=p.line.detail,
            tax_class=p.line.tax_class,
            reason=reason,
            stocked=p.line.stocked,
        )
        for p in priced.lines
    )


def taxes_of(lines: Sequence[SoldLine]) -> tuple[TaxPart, ...]:
    """Add up the tax of sold and returned lines, one row for each rate."""
    return tax_summary([t for x in lines for t in x.taxes])
