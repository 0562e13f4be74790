"""Orders in a sale: an order that is collected comes into the draft, and leaves it again untouched.

Pure, like `shop.sale`. An order that is paid is a row without money. One that is paid at the counter brings
its lines at its own prices; that the books of the order then agree is for `actions.collecting` to see to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec.structs import replace

from bookwish_desk.shop.collected import Collected
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import share
from bookwish_desk.shop.order import Order, source_of
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sale import MOST_LINES, Discount, Draft, Line, Totals
from bookwish_desk.shop.tax import UNTAXED

Mode = Literal["exclusive", "inclusive"]
Copies = tuple[tuple[str, int], ...]
_PAYING = "A payment has been started for this sale. Remove the payment first."


def checking(order: Order, copies: Copies) -> Step | None:
    """Return the step that holds these copies against the order, as far as nobody has done it before."""
    missing = []
    for line_id, wanted in copies:
        line = order.line(line_id)
        more = wanted - (line.at_hand if line else 0)
        if more > 0:
            missing.append((line_id, more))
    return Step("check", copies=tuple(missing)) if missing else None


def left_unscanned(order: Order, copies: Copies) -> int:
    """Return how many copies that lie ready for the customer were not scanned out."""
    scanned = dict(copies)
    return sum(max(0, x.set_aside - scanned.get(x.id, 0)) for x in order.lines)


def collect(
    draft: Draft, order: Order, copies: Copies, seen: str, known: Mapping[str, Item], mode: Mode, at: int
) -> Draft:
    """Return the draft with an order in it; one that was in it already is taken in anew.

    `known` are the items of its SKUs: their tax classes count. Raises Refused for what could not be handed
    over once it is paid, and while a payment is under way.
    """
    if draft.tenders:
        raise Refused("paid", _PAYING)
    ready_to_go(order, copies, at)
    bare = without(draft, order.id)
    lines = order_lines(order, known, mode)
    if len(bare.lines) + len(lines) > MOST_LINES:
        raise Refused("full", f"A sale holds at most {MOST_LINES} lines. Pay this one first.")
    name = order.customer.name if order.customer else ""
    put = Collected(order.id, order.number, name, copies, seen, order.to_collect_cents)
    customer = bare.customer
    if customer is None and order.customer is not None and order.customer.id:
        customer = order.customer
    return replace(bare, lines=(*bare.lines, *lines), collects=(*bare.collects, put), customer=customer)


def ready_to_go(order: Order, copies: Copies, at: int) -> None:
    """Raise Refused for an order that could not be settled and handed over at a moment (ms UTC).

    One that went out unpaid is settled alone, without copies.
    """
    if not copies and not went_unpaid(order):
        raise Refused("nothing", "Scan each book out first.")
    if order.to_collect_cents:
        if source_of(order).prepaid:  # BW+09
            raise Refused(
                "prepaid",
                "Orders from this store are paid before pickup. Nothing is collected at the counter.",
            )
        order = apply(order, Step("settle"), at)
    if not copies:
        return
    if (check := checking(order, copies)) is not None:
        order = apply(order, check, at)
    apply(order, Step("hand_over", copies=copies), at)


def went_unpaid(order: Order) -> bool:
    """Say whether every copy left without being paid: a manager let it pass, and the customer pays later."""
    return order.sent and order.kind == "pickup" and order.to_collect_cents > 0


def without(draft: Draft, order_id: str) -> Draft:
    """Return the draft without an order and what it brought. Raises Refused once a payment was started."""
    if not any(c.order == order_id for c in draft.collects):
        return draft
    if draft.tenders:
        raise Refused("paid", _PAYING)
    return replace(
        draft,
        lines=tuple(x for x in draft.lines if x.of_order != order_id),
        collects=tuple(c for c in draft.collects if c.order != order_id),
    )


# ---- what it costs in the sale ----


def order_lines(order: Order, known: Mapping[str, Item], mode: Mode) -> tuple[Line, ...]:
    """Return the lines with which a sale collects what is to pay for an order; none for a paid one.

    Nothing paid yet: its books at the order's prices and discounts, in the tax class of each item (none where
    the order is exempt), and what else it comes to in a line without tax. Partly paid: one line with the
    rest, because what was paid before had its tax. `mode` is how this register reckons tax: where the order
    reckoned otherwise, its prices are said in the register's way.
    """
    due = order.to_collect_cents
    if not due:
        return ()
    if order.payment.held_cents:
        return (_rest(order, due),)
    live = [x for x in order.lines if x.live]
    worth = [x.net_cents + (0 if order.tax_included else x.tax_cents) for x in live]
    rest = due - sum(worth)
    off = share(-rest, worth) if rest < 0 else [0] * len(live)
    lines = [_book(order, x, known.get(x.sku), mode, less) for x, less in zip(live, off, strict=True)]
    return (*lines, _rest(order, rest)) if rest > 0 else tuple(lines)


def _book(order: Order, x: OrderLine, item: Item | None, mode: Mode, less: int) -> Line:
    price, off = x.price_cents, x.discount_cents
    # Who was let off the tax when ordering is not asked for it at the counter (IC+05).
    exempt = bool(order.exempt) and not order.tax_cents
    if order.tax_included != (mode == "inclusive"):
        wanted = x.net_cents + (x.tax_cents if mode == "inclusive" else -x.tax_cents)
        price = -(-wanted // x.live)
        off = price * x.live - wanted
    off = min(off + less, price * x.live)
    return Line(
        id=new_id(),
        sku=x.sku,
        title=x.title,
        quantity=x.live,
        price_cents=price,
        ean=x.ean,
        detail=x.detail,
        tax_class=UNTAXED if exempt else item.tax_class if item else "book",
        discount=Discount("amount", off, f"Order {order.number}") if off else None,
        stocked=item.stocked if item else True,
        kind=item.kind if item else "new",
        of_order=order.id,
    )


def _rest(order: Order, cents: int) -> Line:
    return Line(
        id=new_id(),
        sku=order.number,
        title=f"Order {order.number}: rest to pay",
        quantity=1,
        price_cents=cents,
        tax_class=UNTAXED,
        stocked=False,
        of_order=order.id,
    )


def still_the_same(draft: Draft, order: Order, known: Mapping[str, Item], mode: Mode) -> bool:
    """Say whether a draft still asks for what an order costs: it may have been changed or paid meanwhile."""
    here = [x for x in draft.lines if x.of_order == order.id]
    return sorted(map(_asked, here)) == sorted(map(_asked, order_lines(order, known, mode)))


def _asked(line: Line) -> tuple[str, int, int, int]:
    return line.sku, line.quantity, line.price_cents, line.discount.value if line.discount else 0


def paid_in(priced: Totals, order_id: str) -> int:
    """Return what the lines of an order come to in a sale, with tax (cents)."""
    return sum(p.total_cents for p in priced.lines if p.line.of_order == order_id)


def brought_back(order: Order, sku: str, copies: int) -> Copies:
    """Return of which lines copies come back that were collected at the register.

    Raises Refused for more than the customer has, and for what was paid of the order as a whole.
    """
    mine = [x for x in order.lines if x.sku == sku]
    if not mine:
        raise Refused(
            "of_order",
            f"This was paid for order {order.number} as a whole. Report the return at that order: "
            "it then says what to give back.",
            number=order.number,
        )
    if copies > (there := sum(x.gone - x.returned for x in mine)):
        were = "copy is" if there == 1 else "copies are"
        raise Refused(
            "not_gone",
            f"{mine[0].title}: {there or 'no'} {were} with the customer by order {order.number}. "
            "Cancel the others at that order.",
            left=there,
        )
    found = []
    for x in mine:
        if some := min(copies, x.gone - x.returned):
            found.append((x.id, some))
            copies -= some
    return tuple(found)


def skus_of(orders: Iterable[Order]) -> tuple[str, ...]:
    """Return the SKUs in orders, each once."""
    return tuple(dict.fromkeys(x.sku for order in orders for x in order.lines))
