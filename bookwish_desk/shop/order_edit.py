"""Changing what was ordered: lines, prices, discount, address, shipping, customer (WSM-22..24, WSM+01).

Each goes through `shop.order_rules.edit`. No edit touches the payment (WSM+02): what is then to collect,
to authorise again or to refund follows from the new worth, and `shop.order_queue` shows it until it is done.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import MOST_CENTS, half_up, share
from bookwish_desk.shop.order import WORKING, Kind, Order, PostalAddress
from bookwish_desk.shop.order_copies import free
from bookwish_desk.shop.order_line import OrderLine, without
from bookwish_desk.shop.sale import MOST_LINES, MOST_QUANTITY, plain
from bookwish_desk.shop.street import checked_day
from bookwish_desk.shop.text import clean_lines


def why_fixed(order: Order) -> Refused | None:
    """Return why an order cannot be edited, or None: only the store's own, and before it is done (IC+02)."""
    if order.owner.name != "store":
        return Refused("owner", "The wholesaler fills this order. It can be read here, not changed.")
    if order.state not in WORKING:
        return Refused("state", "Only an order that is pending, confirmed or being processed can be changed.")
    return None


def add_line(order: Order, line: OrderLine) -> Order:
    """Add copies of a title. `line` counts nothing but what is ordered; its tax is for the caller to say."""
    _editable(order)
    if len(order.lines) >= MOST_LINES:
        raise Refused("full", f"An order holds at most {MOST_LINES} lines.")
    if order.line(line.id):
        raise Refused("line", "That line is in the order already.")
    _quantity(line.ordered)
    _amounts(line.price_cents, line.discount_cents, line.tax_cents)
    if line.discount_cents > line.ordered * line.price_cents:
        raise Refused("discount", "The discount is more than the price.")
    new = OrderLine(
        line.id, line.sku, line.title, line.ordered, line.price_cents, line.ean, line.detail,
        line.inventory_id, line.discount_cents, line.tax_cents, line.street_date,
    )  # fmt: skip
    return replace(_changed(order), lines=(*order.lines, new), ready_at=0)


def remove_line(order: Order, line_id: str) -> Order:
    """Take the open copies of a line out of the order; the line stays to be seen as cancelled."""
    line = _line(order, line_id)
    return _less(order, line, line.open)


def swap_line(order: Order, line_id: str, line: OrderLine) -> Order:
    """Put another title in the place of a line's open copies (WSM-24)."""
    return remove_line(add_line(order, line), line_id)


def set_quantity(order: Order, line_id: str, quantity: int) -> Order:
    """Set how many copies of a line the customer gets; discount and tax keep their rate."""
    line = _line(order, line_id)
    _quantity(quantity)
    if quantity < line.live:
        return _less(order, line, line.live - quantity)
    if quantity == line.live:
        return order
    if not line.live:
        raise Refused("cancelled", f"{line.title} was cancelled. Add it again instead.")
    grown = replace(
        line,
        ordered=line.cancelled + quantity,
        discount_cents=min(half_up(line.discount_cents * quantity, line.live), line.price_cents * quantity),
        tax_cents=half_up(line.tax_cents * quantity, line.live),
    )
    return replace(_changed(_with(order, grown)), ready_at=0)


def set_price(order: Order, line_id: str, price_cents: int, tax_cents: int | None = None) -> Order:
    """Sell a line at another price; its tax keeps its rate unless the new one is named."""
    line = _line(order, line_id)
    _amounts(price_cents)
    dearer = replace(line, price_cents=price_cents)
    return _with(
        order,
        _taxed(line, replace(dearer, discount_cents=min(line.discount_cents, dearer.gross_cents)), tax_cents),
    )


def set_discount(order: Order, cents: int) -> Order:
    """Give the whole order a discount in place of the one before, shared out over its lines."""
    _editable(order)
    if not 0 <= cents <= order.subtotal_cents:
        raise Refused("discount", "A discount is between nothing and the price of all copies.")
    gross = [x.gross_cents for x in order.lines]
    parts = share(cents, gross) if order.lines else []
    lines = (
        _taxed(x, replace(x, discount_cents=part), None) for x, part in zip(order.lines, parts, strict=True)
    )
    return replace(order, lines=tuple(lines))


def set_taxes(order: Order, tax_cents: dict[str, int], shipping_tax_cents: int, exempt: str = "") -> Order:
    """Set the tax by line id: put it back where an exemption did not hold, or take it off (IC+05)."""
    _editable(order)
    _amounts(shipping_tax_cents, *tax_cents.values())
    lines = tuple(replace(x, tax_cents=tax_cents.get(x.id, 0)) for x in order.lines)
    return replace(order, lines=lines, shipping_tax_cents=shipping_tax_cents, exempt=plain(exempt, 120))


def set_address(order: Order, address: PostalAddress | None) -> Order:
    """Send it elsewhere; not once a parcel is packed, whose label would name the old address."""
    _unpacked(order)
    if address is None and order.kind == "ship":
        raise Refused("address", "An order that is shipped needs an address.")
    return replace(order, address=address)


def set_shipping(
    order: Order, kind: Kind, method: str, shipping_cents: int, shipping_tax_cents: int = 0
) -> Order:
    """Change how it gets to the customer and what that costs; this answers a quote asked for again."""
    _unpacked(order)
    if kind != order.kind and (order.ready_at or order.gone):
        raise Refused("ready", "Take the order back from the hold shelf first: it is ready for pickup.")
    if kind == "ship" and order.address is None:
        raise Refused("address", "Type the address first.")
    _amounts(shipping_cents, shipping_tax_cents)
    return replace(
        order,
        kind=kind,
        method=plain(method, 60),
        shipping_cents=shipping_cents,
        shipping_tax_cents=shipping_tax_cents,
        requote=False,
    )


def attach_customer(order: Order, customer: Customer | None) -> Order:
    """Say whose order it is (WSM-22)."""
    _editable(order)
    return replace(order, customer=customer)


def set_gift(order: Order, gift: bool, message: str) -> Order:
    """Make it a gift with a message, or no longer one."""
    _editable(order)
    return replace(order, gift=gift, gift_message=clean_lines(message, 500) if gift else "")


def set_instructions(order: Order, text: str) -> Order:
    """Write what the customer asks for, as it stands where the order comes from."""
    _editable(order)
    return replace(order, instructions=clean_lines(text, 1_000))


def set_memo(order: Order, memo: str) -> Order:
    """Write the staff's own note: at any time, also on what the wholesaler fills (WSM-20)."""
    return replace(order, memo=plain(memo))


def set_own_status(order: Order, name: str) -> Order:
    """Give the order a status of the shop's own, or none: at any time, it changes nothing else."""
    return replace(order, own_status=name)


def promise_day(order: Order, day: str) -> Order:
    """Note the day told to the customer, YYYY-MM-DD (BB-10)."""
    return replace(order, expected_on=checked_day(day))


def _editable(order: Order) -> None:
    if why := why_fixed(order):
        raise why


def _unpacked(order: Order) -> None:
    _editable(order)
    if order.parcels:
        raise Refused("packed", "A parcel is packed for this order. Unpack it first.")


def _line(order: Order, line_id: str) -> OrderLine:
    _editable(order)
    line = order.line(line_id)
    if line is None:
        raise Refused("no_line", "That line is not in this order.")
    return line


def _less(order: Order, line: OrderLine, copies: int) -> Order:
    if copies > free(line) or not copies:
        raise Refused("gone", f"{line.title}: copies in a parcel or with the customer cannot be taken out.")
    if copies == order.live:
        raise Refused("last", "These are the last copies of the order. Cancel the order instead.")
    return _changed(_with(order, without(line, copies)))


def _with(order: Order, line: OrderLine) -> Order:
    return replace(order, lines=tuple(line if x.id == line.id else x for x in order.lines))


def _changed(order: Order) -> Order:
    """Return the order with shipping to be priced again, where it is shipped (IC+02)."""
    return replace(order, requote=order.kind == "ship")


def _taxed(before: OrderLine, line: OrderLine, tax_cents: int | None) -> OrderLine:
    """Return the line with its tax, at the rate that it had unless the amount is named."""
    if tax_cents is not None:
        _amounts(tax_cents)
        return replace(line, tax_cents=tax_cents)
    if not before.net_cents:
        return line
    return replace(line, tax_cents=half_up(before.tax_cents * line.net_cents, before.net_cents))


def _quantity(copies: int) -> None:
    if not 1 <= copies <= MOST_QUANTITY:
        raise Refused("quantity", f"Type a quantity from 1 to {MOST_QUANTITY}.")


def _amounts(*cents: int) -> None:
    if any(not 0 <= c <= MOST_CENTS for c in cents):
        raise Refused("amount", "That amount is out of bounds.")
