"""The sale being made: a draft, the rules for changing it, and what it comes to.

Every function here takes a frozen draft and returns a new one or raises Refused. What has been paid
and completed is `shop.sold`; nothing here knows how a draft is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.collected import Collected
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer, Item, Kind
from bookwish_desk.shop.money import MILLION, MOST_CENTS, portion, share
from bookwish_desk.shop.tax import TaxPart, TaxRules, tax_parts, tax_summary
from bookwish_desk.shop.text import clean, holds_card_number

MOST_QUANTITY = 999
MOST_LINES = 500
GIFT_WRAP_SKU = "GIFT-WRAP"


class Discount(msgspec.Struct, frozen=True):
    """A discount: `value` is parts per million for percent, cents for amount."""

    kind: Literal["percent", "amount"]
    value: int
    reason: str = ""

    def off(self, cents: int) -> int:
        """Return how many cents it takes off `cents`, never more than there are."""
        return min(cents, portion(cents, self.value) if self.kind == "percent" else self.value)


class Exemption(msgspec.Struct, frozen=True):
    """Why no tax is charged: the certificate the customer showed."""

    certificate: str
    holder: str = ""


class Line(msgspec.Struct, frozen=True):
    """Copies of one item at one price. `list_price_cents` is what it cost before an override.

    `before_street` says that somebody let it be sold before its street date: that is asked once a sale.
    `of_order` is the id of the order that it is collected for: then everything about it is the order's.
    """

    id: str
    sku: str
    title: str
    quantity: int
    price_cents: int
    list_price_cents: int | None = None
    ean: int | None = None
    detail: str = ""
    tax_class: str = "book"
    price_reason: str = ""
    discount: Discount | None = None
    note: str = ""
    gift_wrap: bool = False
    wraps: str = ""
    stocked: bool = True
    on_hand: int | None = None
    to_catalogue: bool = False
    kind: Kind = "new"
    before_street: bool = False
    of_order: str = ""


class ReturnLine(msgspec.Struct, frozen=True):
    """Copies brought back, worth exactly what was paid for them: see `shop.sold.return_line`.

    Amounts are positive. `of_sale` and `of_line` name the sale that is undone; both are empty for a
    return without receipt.
    """

    id: str
    sku: str
    title: str
    quantity: int
    price_cents: int
    net_cents: int
    taxes: tuple[TaxPart, ...]
    total_cents: int
    gross_cents: int
    discount_cents: int = 0
    disposition: Literal["restock", "damaged"] = "restock"
    of_sale: str = ""
    of_line: int = 0
    of_receipt: str = ""
    ean: int | None = None
    detail: str = ""
    tax_class: str = "book"
    reason: str = ""
    stocked: bool = True


TenderKind = Literal["cash", "card", "cheque"]


class Tender(msgspec.Struct, frozen=True):
    """Money that moves, or is about to. Negative amounts go to the customer.

    A card tender is stored as "intended" before the terminal is used and becomes "taken" with what
    the terminal printed, so that a crash in between asks instead of forgetting. No card number is kept.
    """

    id: str
    kind: TenderKind
    amount_cents: int
    state: Literal["intended", "taken"] = "taken"
    brand: str = ""
    last4: str = ""
    auth_code: str = ""
    reference: str = ""


class Draft(msgspec.Struct, frozen=True):
    """A sale, a return or an exchange that is not completed yet; durable after every change.

    `number` counts the drafts of this register for people ("Sale 4"); it is no receipt number. `collects`
    are the orders that the customer takes with them: see `shop.collecting`.
    """

    id: str
    register: int
    number: int
    staff: str
    opened_at: int
    lines: tuple[Line, ...] = ()
    returns: tuple[ReturnLine, ...] = ()
    discount: Discount | None = None
    exempt: Exemption | None = None
    customer: Customer | None = None
    note: str = ""
    tenders: tuple[Tender, ...] = ()
    held_as: str = ""
    held_note: str = ""
    collects: tuple[Collected, ...] = ()

    @property
    def empty(self) -> bool:
        """Say whether there is nothing in it worth keeping."""
        return not (self.payable or self.tenders)

    @property
    def payable(self) -> bool:
        """Say whether there is something in it that a receipt can be made of."""
        return bool(self.lines or self.returns or self.collects)


class PricedLine(msgspec.Struct, frozen=True):
    """What a line comes to.

    `net_cents` is after discounts (with the tax inside where prices hold it), `total_cents` is what the
    customer pays for it.
    """

    line: Line
    gross_cents: int
    discount_cents: int
    net_cents: int
    taxes: tuple[TaxPart, ...]
    total_cents: int

    @property
    def tax_cents(self) -> int:
        """Return the tax in this line, all rates together."""
        return sum(t.tax_cents for t in self.taxes)


class Totals(msgspec.Struct, frozen=True):
    """What a draft comes to; all cents. `due_cents` is negative when the shop owes the customer."""

    lines: tuple[PricedLine, ...]
    units: int
    gross_cents: int
    discount_cents: int
    taxes: tuple[TaxPart, ...]
    sale_cents: int
    return_cents: int
    total_cents: int
    taken_cents: int
    due_cents: int

    @property
    def subtotal_cents(self) -> int:
        """Return the lines after discounts, before added tax and before returns."""
        return sum(p.net_cents for p in self.lines)

    @property
    def tax_cents(self) -> int:
        """Return the tax of the lines sold, all rates together."""
        return sum(t.tax_cents for t in self.taxes)


def _content(line: Line) -> tuple[object, ...]:
    """Return what a line is, whatever its place or id: decides who gets the odd cent."""
    discount = line.discount
    return (
        line.sku,
        line.tax_class,
        line.price_cents,
        line.quantity,
        line.title,
        line.note,
        (discount.kind, discount.value) if discount else ("", 0),
        line.wraps != "",
    )


def totals(draft: Draft, rules: TaxRules) -> Totals:
    """Return what the draft comes to. The order of its lines never changes an amount.

    A discount on the whole sale takes nothing off what belongs to an order: its price was agreed on before.
    """
    lines = draft.lines
    order = [_content(line) for line in lines]
    gross = [line.quantity * line.price_cents for line in lines]
    own = [line.discount.off(g) if line.discount else 0 for line, g in zip(lines, gross, strict=True)]
    after = [g - d for g, d in zip(gross, own, strict=True)]
    open_to = [0 if line.of_order else a for line, a in zip(lines, after, strict=True)]
    whole = draft.discount.off(sum(open_to)) if draft.discount else 0
    shared = share(whole, open_to, order)
    net = [a - s for a, s in zip(after, shared, strict=True)]
    amounts = [(line.tax_class, n) for line, n in zip(lines, net, strict=True)]
    parts = tax_parts(rules, amounts, order)
    if draft.exempt:
        if rules.mode == "inclusive":
            net = [n - sum(p.tax_cents for p in ps) for n, ps in zip(net, parts, strict=True)]
        parts = [() for _ in lines]
    added = rules.mode == "exclusive"
    priced = tuple(
        PricedLine(line, g, d + s, n, ps, n + (sum(p.tax_cents for p in ps) if added else 0))
        for line, g, d, s, n, ps in zip(lines, gross, own, shared, net, parts, strict=True)
    )
    sale = sum(p.total_cents for p in priced)
    back = sum(r.total_cents for r in draft.returns)
    taken = sum(t.amount_cents for t in draft.tenders if t.state == "taken")
    return Totals(
        lines=priced,
        units=sum(line.quantity for line in lines),
        gross_cents=sum(gross),
        discount_cents=sum(own) + whole,
        taxes=tax_summary([t for p in priced for t in p.taxes]),
        sale_cents=sale,
        return_cents=back,
        total_cents=sale - back,
        taken_cents=taken,
        due_cents=sale - back - taken,
    )


def _editable(draft: Draft) -> None:
    if draft.tenders:
        raise Refused("paid", "A payment has been started for this sale. Remove the payment first.")


def _line(draft: Draft, line_id: str) -> Line:
    for line in draft.lines:
        if line.id == line_id:
            _not_of_order(draft, line.of_order)
            return line
    _not_of_order(draft, line_id)
    raise Refused("no_line", "That line is no longer in the sale.")


def _not_of_order(draft: Draft, order_id: str) -> None:
    for order in draft.collects:
        if order.order == order_id:
            raise Refused(
                "of_order",
                f"This belongs to order {order.number}, which is collected and paid as a whole. "
                "To take it out, remove the row of the order.",
                number=order.number,
            )


def _change(draft: Draft, line_id: str, change: Callable[[Line], Line]) -> Draft:
    _editable(draft)
    _line(draft, line_id)
    return replace(draft, lines=tuple(change(x) if x.id == line_id else x for x in draft.lines))


def plain(text: str, limit: int = 200) -> str:
    """Return typed `text` cleaned for keeping; refuses what looks like a card number."""
    if holds_card_number(text):
        raise Refused("card_number", "That looks like a card number. Card numbers are never kept here.")
    return clean(text, limit)


def _price(cents: int) -> None:
    if not 0 <= cents <= MOST_CENTS:
        raise Refused("amount", "That price is out of bounds.")


def add_item(draft: Draft, item: Item, quantity: int = 1, price_cents: int | None = None) -> Draft:
    """Add copies of an item; the same item at the same price joins its line.

    Raises Refused when there is no price to sell it at, or the sale is full.
    """
    _editable(draft)
    price = item.price_cents if price_cents is None else price_cents
    if price is None:
        raise Refused(
            "no_price", f"No price is known for {item.title}. Type one.", sku=item.sku, title=item.title
        )
    _price(price)
    for line in draft.lines:
        same = line.sku == item.sku and line.price_cents == price and line.title == item.title
        own = line.discount or line.note or line.gift_wrap or line.wraps or line.price_reason or line.of_order
        if same and not own:
            return set_quantity(draft, line.id, line.quantity + quantity)
    if len(draft.lines) >= MOST_LINES:
        raise Refused("full", f"A sale holds at most {MOST_LINES} lines. Pay this one first.")
    line = Line(
        id=new_id(),
        sku=item.sku,
        title=item.title,
        quantity=1,
        price_cents=price,
        list_price_cents=item.price_cents,
        ean=item.ean,
        detail=" · ".join(words for words in (item.copy_words, item.authors) if words),
        tax_class=item.tax_class,
        stocked=item.stocked,
        on_hand=item.on_hand if item.stocked else None,
        to_catalogue=item.to_catalogue,
        kind=item.kind,
    )
    return set_quantity(replace(draft, lines=(*draft.lines, line)), line.id, quantity)


def let_before_street(draft: Draft, sku: str) -> Draft:
    """Note on the lines of an item that it may be sold in this sale before its street date."""
    lines = (replace(x, before_street=True) if x.sku == sku else x for x in draft.lines)
    return replace(draft, lines=tuple(lines))


def set_quantity(draft: Draft, line_id: str, quantity: int) -> Draft:
    """Set how many copies a line sells; 0 removes it. Raises Refused outside 0 to 999."""
    if not 0 <= quantity <= MOST_QUANTITY:
        raise Refused("quantity", f"Type a quantity from 1 to {MOST_QUANTITY}.")
    if quantity == 0:
        return remove_line(draft, line_id)
    changed = _change(draft, line_id, lambda x: replace(x, quantity=quantity))
    return replace(
        changed,
        lines=tuple(replace(x, quantity=quantity) if x.wraps == line_id else x for x in changed.lines),
    )


def set_price(draft: Draft, line_id: str, price_cents: int, reason: str) -> Draft:
    """Sell a line at another price. Raises Refused without a reason: an override is always explained."""
    why = plain(reason, 80)
    if not why:
        raise Refused("reason", "Give a reason for the new price.")
    _price(price_cents)
    return _change(draft, line_id, lambda x: replace(x, price_cents=price_cents, price_reason=why))


def _checked(discount: Discount | None) -> Discount | None:
    if discount is None or discount.value == 0:
        return None
    if discount.value < 0 or (discount.kind == "percent" and discount.value > MILLION):
        raise Refused("percent", "A discount is between 0 and 100 percent.")
    return replace(discount, reason=plain(discount.reason, 80))


def discount_line(draft: Draft, line_id: str, discount: Discount | None) -> Draft:
    """Give one line a discount, or take it back with None."""
    checked = _checked(discount)
    return _change(draft, line_id, lambda x: replace(x, discount=checked))


def discount_sale(draft: Draft, discount: Discount | None) -> Draft:
    """Give the whole sale a discount, or take it back with None; returns are not touched by it."""
    _editable(draft)
    return replace(draft, discount=_checked(discount))


def note_line(draft: Draft, line_id: str, note: str) -> Draft:
    """Write a note on a line; it is printed on the receipt."""
    text = plain(note, 120)
    return _change(draft, line_id, lambda x: replace(x, note=text))


def note_sale(draft: Draft, note: str) -> Draft:
    """Write a note on the sale; it is printed on the receipt."""
    return replace(draft, note=plain(note, 200))


def wrap_line(draft: Draft, line_id: str, price_cents: int, tax_class: str) -> Draft:
    """Have a line gift-wrapped, or no longer; a price above 0 adds a line for it."""
    line = _line(draft, line_id)
    wrapped = not line.gift_wrap
    changed = _change(draft, line_id, lambda x: replace(x, gift_wrap=wrapped))
    lines = tuple(x for x in changed.lines if x.wraps != line_id)
    if wrapped and price_cents > 0:
        extra = Line(
            id=new_id(),
            sku=GIFT_WRAP_SKU,
            title="Gift wrap",
            quantity=line.quantity,
            note=line.title,
            price_cents=price_cents,
            list_price_cents=price_cents,
            tax_class=tax_class,
            wraps=line_id,
            stocked=False,
        )
        place = next(i for i, x in enumerate(lines) if x.id == line_id) + 1
        lines = (*lines[:place], extra, *lines[place:])
    return replace(changed, lines=lines)


def remove_line(draft: Draft, line_id: str) -> Draft:
    """Take a line, or a returned line, out of the sale."""
    _editable(draft)
    if any(r.id == line_id for r in draft.returns):
        return replace(draft, returns=tuple(r for r in draft.returns if r.id != line_id))
    if any(c.order == line_id for c in draft.collects):
        from bookwish_desk.shop.collecting import without

        return without(draft, line_id)
    line = _line(draft, line_id)
    kept = tuple(x for x in draft.lines if line_id not in (x.id, x.wraps))
    if line.wraps:
        kept = tuple(replace(x, gift_wrap=False) if x.id == line.wraps else x for x in kept)
    return replace(draft, lines=kept)


def set_exempt(draft: Draft, exempt: Exemption | None) -> Draft:
    """Charge no tax on this sale, or charge it again with None. Raises Refused without a number."""
    _editable(draft)
    if exempt is None:
        return replace(draft, exempt=None)
    number = plain(exempt.certificate, 40)
    if not number:
        raise Refused("certificate", "Type the number of the exemption certificate.")
    return replace(draft, exempt=Exemption(number, plain(exempt.holder, 80)))


def set_customer(draft: Draft, customer: Customer | None) -> Draft:
    """Attach a customer, or none."""
    return replace(draft, customer=customer)


def add_return(draft: Draft, line: ReturnLine) -> Draft:
    """Put returned copies into the draft; a line of a receipt already in it is replaced, never doubled."""
    _editable(draft)

    def same(other: ReturnLine) -> bool:
        return bool(line.of_sale) and (other.of_sale, other.of_line) == (line.of_sale, line.of_line)

    if any(same(r) for r in draft.returns):
        return replace(draft, returns=tuple(line if same(r) else r for r in draft.returns))
    if len(draft.returns) >= MOST_LINES:
        raise Refused("full", f"A return holds at most {MOST_LINES} lines.")
    return replace(draft, returns=(*draft.returns, line))


def add_tender(draft: Draft, tender: Tender) -> Draft:
    """Record money that moved or is about to. Raises Refused when it is not in the direction owed."""
    if any(t.state == "intended" for t in draft.tenders):
        raise Refused("intended", "Finish or cancel the card payment that was started first.")
    if tender.amount_cents == 0:
        raise Refused("amount", "Type an amount.")
    return replace(draft, tenders=(*draft.tenders, tender))


def confirm_tender(draft: Draft, tender_id: str, brand: str, last4: str, auth_code: str) -> Draft:
    """Turn an intended card tender into a taken one with what the terminal printed."""
    brand, last4, auth_code = plain(brand, 20), clean(last4, 20), plain(auth_code, 20)
    if last4 and not (len(last4) == 4 and last4.isascii() and last4.isdigit()):
        raise Refused("last4", "Type only the last four digits of the card.")
    for tender in draft.tenders:
        if tender.id == tender_id:
            if tender.state == "taken":
                return draft
            taken = replace(tender, state="taken", brand=brand, last4=last4, auth_code=auth_code)
            return replace(draft, tenders=tuple(taken if t.id == tender_id else t for t in draft.tenders))
    raise Refused("no_tender", "That payment is no longer part of the sale.")


def remove_tender(draft: Draft, tender_id: str) -> Draft:
    """Take a payment back out: the money was given back, or the terminal declined."""
    if not any(t.id == tender_id for t in draft.tenders):
        raise Refused("no_tender", "That payment is no longer part of the sale.")
    return replace(draft, tenders=tuple(t for t in draft.tenders if t.id != tender_id))
