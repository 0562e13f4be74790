"""What the sales screen shows, as frozen values, and how a sale is written out as on its receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from bookwish_desk.shop.money import Currency, show_percent
from bookwish_desk.shop.receipt import moment, tender_name
from bookwish_desk.shop.sold import Sale, SoldLine

Show = Callable[[int], str]
Page = Literal["list", "jobs", "activity"]
Style = Literal["plain", "strong", "soft", "warn", "rule"]

KINDS = {"sale": "Sale", "return": "Return", "exchange": "Exchange"}


class ListRow(msgspec.Struct, frozen=True):
    """One sale in the list, in words."""

    receipt: str
    title: str
    details: str
    amount: str
    badge: str = ""
    wrong: bool = False


class PaperRow(msgspec.Struct, frozen=True):
    """One row of a sale written out: words, and a figure at the right."""

    left: str = ""
    right: str = ""
    style: Style = "plain"
    indent: bool = False


class GiftLine(msgspec.Struct, frozen=True):
    """A line that a gift receipt can be for."""

    no: int
    title: str


class SaleDetail(msgspec.Struct, frozen=True):
    """The chosen sale written out. `printing` says what is wrong with the printing of its receipt.

    `can_email` says that the shop sends e-mail, `email` is the customer's address.
    """

    receipt: str
    heading: str
    paper: tuple[PaperRow, ...]
    gifts: tuple[GiftLine, ...] = ()
    can_return: bool = False
    printing: str = ""
    can_email: bool = False
    email: str = ""


class SalesState(msgspec.Struct, frozen=True):
    """Everything on the sales screen but its print jobs and its activity log."""

    page: Page = "list"
    words: str = ""
    rows: tuple[ListRow, ...] = ()
    selected: str = ""
    detail: SaleDetail | None = None
    jobs: int = 0
    notice: str = ""
    tone: Literal["ok", "warn", "error"] = "warn"


def paper(
    sale: Sale, returned: Mapping[int, int], clerk: str, register: str, money: Currency, zone: str
) -> tuple[PaperRow, ...]:
    """Write a sale out: who and when, its lines and what of them came back, sums, tax and payments."""
    show = money.show
    rows = [PaperRow(moment(sale.completed_at, zone, money.locale), register, "soft")]
    rows.append(PaperRow(f"Served by {clerk}" if clerk else "", "", "soft"))
    if sale.customer:
        rows.append(PaperRow("Customer", sale.customer.name))
    rows.append(PaperRow(style="rule"))
    for x in sale.lines:
        rows += _line(x, returned.get(x.no, 0) if x.quantity > 0 else 0, sale.discount_reason, show)
    rows += [PaperRow(style="rule"), *_sums(sale, show), *_payments(sale, show)]
    if sale.exempt:
        rows.append(
            PaperRow(f"Tax exempt, certificate {sale.exempt.certificate}", sale.exempt.holder, "soft")
        )
    if sale.note:
        rows.append(PaperRow(sale.note, "", "soft"))
    return tuple(r for r in rows if r.left or r.right or r.style == "rule")


def _line(x: SoldLine, came_back: int, sale_discount: str, show: Show) -> list[PaperRow]:
    if x.quantity == 0:
        # It only tells of an order that was collected.
        return [PaperRow(x.title)]
    rows = [PaperRow(x.title, show(x.gross_cents))]
    facts = [x.detail, x.sku if x.sku.isdigit() else ""]
    if abs(x.quantity) != 1:
        facts.append(f"{abs(x.quantity)} at {show(x.price_cents)}")
    rows.append(_soft(" · ".join(f for f in facts if f)))
    if x.list_price_cents is not None and x.list_price_cents != x.price_cents:
        rows.append(_soft(f"Was {show(x.list_price_cents)}: {x.price_reason}".rstrip(": ")))
    if x.discount_cents:
        why = x.discount_reason or (sale_discount if x.quantity > 0 else "")
        rows.append(PaperRow(f"Discount {why}".strip(), show(-x.discount_cents), "soft", True))
    if x.gift_wrap:
        rows.append(_soft("Gift wrapped"))
    rows.append(_soft(x.note))
    if x.quantity < 0:
        where = f"from receipt {x.of_receipt}" if x.of_receipt else "without receipt"
        what = "damaged" if x.disposition == "damaged" else "back to the shelf"
        said = ", ".join(w for w in (f"Returned {where}", what, x.reason) if w)
        rows.append(PaperRow(said, "", "warn", True))
    if came_back:
        all_of_it = came_back == x.quantity
        rows.append(PaperRow("Came back" if all_of_it else f"{came_back} came back", "", "warn", True))
    return rows


def _soft(words: str) -> PaperRow:
    return PaperRow(words, "", "soft", True)


def _sums(sale: Sale, show: Show) -> list[PaperRow]:
    rows = []
    untaxed = sum(x.gross_cents - x.discount_cents - x.net_cents for x in sale.lines)
    if untaxed:
        rows.append(PaperRow("Tax not charged", show(-untaxed), "soft"))
    rows.append(PaperRow("Subtotal", show(sum(x.net_cents for x in sale.lines)), "soft"))
    inside = "including " if sale.tax_mode == "inclusive" else ""
    rows += [
        PaperRow(f"{inside}{t.name} {show_percent(t.ppm)}", show(t.tax_cents), "soft") for t in sale.taxes
    ]
    rows.append(PaperRow("Total", show(sale.total_cents), "strong"))
    if sale.rounding_cents:
        rows.append(PaperRow("Cash rounding", show(sale.rounding_cents), "soft"))
    return rows


def _payments(sale: Sale, show: Show) -> list[PaperRow]:
    rows = []
    for t in sale.tenders:
        if t.change:
            rows.append(PaperRow("Change", show(-t.amount_cents)))
        elif t.amount_cents < 0:
            rows.append(PaperRow(f"Refunded: {tender_name(t)}", show(-t.amount_cents)))
        else:
            rows.append(PaperRow(tender_name(t), show(t.amount_cents)))
    return rows
