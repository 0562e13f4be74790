"""What receipts, gift receipts and hold slips say: slips composed from sales, pure and in plain words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from bookwish_desk.shop.money import Currency, show_percent
from bookwish_desk.shop.sale import Draft, Totals
from bookwish_desk.shop.slip import Code, Element, Gap, Logo, Pair, Rule, Slip, Words
from bookwish_desk.shop.sold import Sale, SoldLine, SoldTender

if TYPE_CHECKING:
    from babel import Locale

Show = Callable[[int], str]


class Letterhead(msgspec.Struct, frozen=True):
    """How the shop presents itself on paper."""

    name: str
    address: str = ""
    contact: str = ""
    text: str = ""
    policy: str = ""
    logo: bytes = b""
    currency: Currency = Currency()
    zone: str = "America/New_York"


def moment(at: int, zone: str, locale: str) -> str:
    """Return a moment in the shop's zone as its people write it: Nov 22, 2026, 9:02 AM."""
    from babel.dates import format_date, format_time, get_datetime_format

    local, habits = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)), _locale(locale)
    whole = str(get_datetime_format("medium", habits)).replace("'", "")
    day, hour = format_date(local, "medium", locale=habits), format_time(local, "short", locale=habits)
    return whole.replace("{1}", day).replace("{0}", hour).replace("\N{NARROW NO-BREAK SPACE}", " ")


@lru_cache(maxsize=8)
def _locale(name: str) -> Locale:
    from babel import Locale

    return Locale.parse(name)


def heading(head: Letterhead) -> list[Element]:
    """Return the top of every slip: logo, name, address, contact."""
    top: list[Element] = [Logo(head.logo)] if head.logo else []
    top.append(Words(head.name, align="center", bold=True, large=True))
    for text in (*head.address.splitlines(), *head.contact.splitlines()):
        top.append(Words(text, align="center"))
    return top


_TITLES = {"sale": "", "return": "Return", "exchange": "Exchange"}


def sale_receipt(sale: Sale, head: Letterhead, *, clerk: str, register: str, copy: bool = False) -> Slip:
    """Compose the receipt of a completed sale, return or exchange; `copy` marks a reprint."""
    show = head.currency.show
    out = heading(head)
    if head.text:
        out += [Gap(), *(Words(t, align="center") for t in head.text.splitlines())]
    out += [Gap(), *_identity(sale, head, clerk, register)]
    sold = [x for x in sale.lines if x.quantity > 0]
    back = [x for x in sale.lines if x.quantity < 0]
    if sold:
        out.append(Rule())
    for x in sold:
        out += _line(x, show, sale.discount_reason)
    if back:
        out += [Rule(), Words("Returned", bold=True)]
    for x in back:
        out += _line(x, show)
    collected = [x for x in sale.lines if x.quantity == 0]
    if collected:
        out += [Rule(), *(Words(x.title, bold=True) for x in collected)]
    out += [Rule(), *_sums(sale, show), *_tenders(sale, show)]
    if sale.exempt:
        out += [
            Gap(),
            Words(f"Tax exempt, certificate {sale.exempt.certificate} {sale.exempt.holder}".strip()),
        ]
    if sale.note:
        out += [Gap(), Words(sale.note)]
    if head.policy:
        out += [Gap(), *(Words(t, align="center") for t in head.policy.splitlines())]
    out += [Gap(), Code(sale.receipt)]
    return Slip(kind="receipt", ref=sale.receipt, elements=tuple(out), copy=copy)


def gift_receipt(
    sale: Sale, head: Letterhead, *, lines: frozenset[int] | None = None, copy: bool = False
) -> Slip:
    """Compose a receipt without prices: all sold lines, or just those with these numbers."""
    out = [*heading(head), Gap(), Words("Gift receipt", align="center", bold=True), Gap()]
    out += [Pair("Date", moment(sale.completed_at, head.zone, head.currency.locale)), Rule()]
    for x in sale.lines:
        if x.quantity > 0 and (lines is None or x.no in lines):
            out.append(Words(_counted(x)))
            if x.detail:
                out.append(Words(f"  {x.detail}"))
    out.append(Rule())
    if head.policy:
        out += [*(Words(t, align="center") for t in head.policy.splitlines())]
    out += [Gap(), Code(sale.receipt)]
    return Slip(kind="gift", ref=sale.receipt, elements=tuple(out), copy=copy)


def hold_slip(draft: Draft, priced: Totals, head: Letterhead, *, clerk: str, at: int) -> Slip:
    """Compose the slip that lies with the books of a held sale; its barcode recalls it."""
    show = head.currency.show
    out = [*heading(head), Gap(), Words("Held sale", align="center", bold=True, large=True)]
    out += [Gap(), Pair("Held", moment(at, head.zone, head.currency.locale)), Pair("Clerk", clerk)]
    if draft.customer:
        out.append(Pair("Customer", draft.customer.name))
    if draft.held_note:
        out.append(Words(draft.held_note))
    out.append(Rule())
    for p in priced.lines:
        out.append(Pair(f"{p.line.quantity} x {p.line.title}", show(p.total_cents)))
    out += [Words(order.sentence.replace("Collected", "Collects", 1)) for order in draft.collects]
    for r in draft.returns:
        out.append(Pair(f"Return {r.quantity} x {r.title}", show(-r.total_cents)))
    out += [Rule(), Pair("Total", show(priced.total_cents), bold=True), Words("Not paid.")]
    out += [Gap(), Code(draft.held_as)]
    return Slip(kind="hold", ref=draft.held_as, elements=tuple(out))


def printer_test(head: Letterhead, printer: str) -> Slip:
    """Compose a page that shows at a glance whether a printer is set up right."""
    out = [*heading(head), Gap(), Words("Printer test", align="center", bold=True), Rule()]
    out += [Words(printer), Words("Accents: Łódź, Ærø, café, naïve, Straße, 東京"), Rule()]
    out += [Pair("Figures line up at the right", head.currency.show(123456))]
    out += [Pair("also when small", head.currency.show(5)), Gap(), Code("TEST-1234")]
    return Slip(kind="test", ref="TEST-1234", elements=tuple(out))


def _identity(sale: Sale, head: Letterhead, clerk: str, register: str) -> list[Element]:
    out: list[Element] = []
    if _TITLES[sale.kind]:
        out += [Words(_TITLES[sale.kind], align="center", bold=True, large=True), Gap()]
    out += [
        Pair("Receipt", sale.receipt),
        Pair("Date", moment(sale.completed_at, head.zone, head.currency.locale)),
        Pair(register, clerk),
    ]
    if sale.customer:
        out.append(Pair("Customer", sale.customer.name))
    return out


def _counted(x: SoldLine) -> str:
    return x.title if x.quantity == 1 else f"{abs(x.quantity)} x {x.title}"


def _line(x: SoldLine, show: Show, sale_discount: str = "") -> list[Element]:
    out: list[Element] = [Pair(x.title, show(x.gross_cents))]
    if x.detail:
        out.append(Words(f"  {x.detail}"))
    if abs(x.quantity) != 1:
        out.append(Words(f"  {abs(x.quantity)} at {show(x.price_cents)}"))
    if x.ean and str(x.ean) != x.title:
        out.append(Words(f"  {x.ean}"))
    if x.list_price_cents is not None and x.list_price_cents != x.price_cents:
        out.append(Words(f"  was {show(x.list_price_cents)}: {x.price_reason}".rstrip(": ")))
    if x.discount_cents:
        why = x.discount_reason or sale_discount
        out.append(Pair(f"Discount {why}".strip(), show(-x.discount_cents), indent=2))
    if x.gift_wrap:
        out.append(Words("  Gift wrapped"))
    if x.note:
        out.append(Words(f"  {x.note}"))
    if x.of_receipt:
        out.append(Words(f"  from receipt {x.of_receipt}"))
    return out


def _sums(sale: Sale, show: Show) -> list[Element]:
    out: list[Element] = []
    # Where prices hold the tax, an exempt sale takes it out of them; without a word the sums would not fit.
    untaxed = sum(x.gross_cents - x.discount_cents - x.net_cents for x in sale.lines)
    if untaxed:
        out.append(Pair("Tax not charged", show(-untaxed)))
    out.append(Pair("Subtotal", show(sum(x.net_cents for x in sale.lines))))
    if sale.tax_mode == "exclusive":
        out += [Pair(f"{t.name} {show_percent(t.ppm)}", show(t.tax_cents)) for t in sale.taxes]
    out.append(Pair("Total", show(sale.total_cents), bold=True, large=True))
    if sale.tax_mode == "inclusive":
        for t in sale.taxes:
            name = f"{t.name} {show_percent(t.ppm)} on {show(t.net_cents)}"
            out.append(Pair(f"including {name}", show(t.tax_cents)))
    if sale.rounding_cents:
        out += [
            Pair("Cash rounding", show(sale.rounding_cents)),
            Pair("To pay" if sale.paid_cents >= 0 else "To refund", show(sale.paid_cents), bold=True),
        ]
    return out


TENDER_NAMES = {"cash": "Cash", "card": "Card", "cheque": "Cheque"}


def tender_name(t: SoldTender) -> str:
    """Return a tender in words: Visa ending 4242, approval 123456."""
    if t.change:
        return "Change"
    name = TENDER_NAMES[t.kind]
    if t.kind == "card" and t.brand:
        name = t.brand
    if t.last4:
        name += f" ending {t.last4}"
    if t.auth_code:
        name += f", approval {t.auth_code}"
    return name


def _tenders(sale: Sale, show: Show) -> list[Element]:
    out: list[Element] = [Gap()] if sale.tenders else []
    for t in sale.tenders:
        if t.change:
            out.append(Pair("Change", show(-t.amount_cents), bold=True))
        elif t.amount_cents < 0:
            out.append(Pair(f"Refunded: {tender_name(t)}", show(-t.amount_cents)))
        else:
            out.append(Pair(tender_name(t), show(t.amount_cents)))
    return out
