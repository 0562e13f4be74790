"""New orders out of what the online store has: which book here each line is, and the order that follows.

Part of `actions.downloading`. What a source's order must look like is `placing.received`; what becomes of one
that is here already is `shop.merging`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.placing import known
from bookwish_desk.db import lookup, online
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import far_order
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_order import RANKS, Terms, condition_words, ean_of, is_new, money_word, title_of
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.new_order import NewLine
from bookwish_desk.shop.online import OnlineLine, OnlineOrder
from bookwish_desk.shop.order import Order, Parcel, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_payment import DAY, SHORTEST_AUTHORISATION_DAYS
from bookwish_desk.shop.order_words import Word
from bookwish_desk.shop.text import clean

BOOK = "book"
"""The tax class of what nobody here knows."""


class Fitted(msgspec.Struct, frozen=True):
    """A line as the order here has it; `unmapped` where no book here is the one that the store means."""

    line: OrderLine
    unmapped: bool = False


def fitted(tx: Tx, lines: Mapping[str, OnlineLine], *, special: bool = False) -> dict[str, Fitted]:
    """Return each line of the store as one of an order here that nothing happened to.

    By what the store's stock is here, else by ISBN, a used copy by its condition too. What fits nothing is
    kept as the store says it. With `special` the copies are waited for: they are ordered first.
    """
    skus = online.skus_of(tx.conn, [x.inventory_id for x in lines.values() if x.inventory_id])
    return {key: _fitted(tx, key, far, skus.get(far.inventory_id, ""), special) for key, far in lines.items()}


def _fitted(tx: Tx, key: str, far: OnlineLine, sku: str, special: bool) -> Fitted:
    item = _item(tx, far, sku)
    condition = "" if is_new(far.condition) else condition_words(far.condition)
    author = clean(far.authors, 150)
    if item is not None:
        detail = ", ".join(part for part in (item.authors or author, item.copy_words or condition) if part)
        made = OrderLine(
            key, item.sku, item.title, far.quantity, far.price_cents, item.ean, detail,
            clean(far.inventory_id, 64), street_date=item.street_date,
        )  # fmt: skip
    else:
        ean = ean_of(far.isbn) if is_new(far.condition) else None
        typed = NewLine(
            title=title_of(far),
            sku=str(ean) if ean is not None else f"OPEN-{BOOK.upper()}",
            ean=ean,
            detail=", ".join(part for part in (author, condition) if part),
            quantity=far.quantity,
            price_cents=far.price_cents,
        )
        known(tx, typed)
        made = OrderLine(
            key, typed.sku, typed.title, typed.quantity, typed.price_cents, ean, typed.detail,
            clean(far.inventory_id, 64),
        )  # fmt: skip
    return Fitted(replace(made, backordered=far.quantity) if special else made, item is None)


def _item(tx: Tx, far: OnlineLine, sku: str) -> Item | None:
    """Return the article here that a line of the store means, as far as that is certain."""
    ean = ean_of(far.isbn)
    with tx.store.read() as conn:
        if sku:
            return next(iter(lookup.by_skus(conn, [sku])), None)
        if ean is None:
            return None
        if is_new(far.condition):
            return lookup.find(conn, str(ean), ean)
        words = condition_words(far.condition)
        used = [
            x for x in lookup.copies(conn, ean) if x.kind == "used" and same_condition(x.condition, words)
        ]
        return used[0] if len(used) == 1 else None


def same_condition(ours: str, theirs: str) -> bool:
    """Say whether a condition as staff wrote it is the one that the store names; "used" means any."""
    words = condition_words(ours)
    return theirs == "used" or theirs in words


def arrived(
    far: OnlineOrder, wanted: Terms, lines: tuple[OrderLine, ...], source: str, heard: Word | None, at: int
) -> Order:
    """Return a new order out of one of the store: placed, with the money that the store has for it.

    Everything else that the store says of it is done with it afterwards, by steps.
    """
    address = wanted.address
    if address is None and wanted.kind == "ship":
        address = PostalAddress(wanted.customer.name if wanted.customer else "")
    number = clean(far.number, 40) or clean(far.id, 40)
    if not number:
        raise Refused("nonsense", "It has no number.")
    order = Order(
        id=new_id(),
        number=number,
        source=source,
        kind=wanted.kind or ("ship" if address else "pickup"),
        placed_at=min(far.created_at, at) if far.created_at > 0 else at,
        customer=wanted.customer,
        address=address,
        instructions=wanted.instructions,
        gift=wanted.gift,
        gift_message=wanted.gift_message,
        memo=_remark(far, lines),
        lines=lines,
        special=far.special,
    )
    if heard is not None and heard.key in ("in_checkout", "abandoned"):
        order = replace(order, state="in_checkout" if heard.key == "in_checkout" else "abandoned")
    order = far_order.priced(order, wanted.amounts)
    return replace(order, payment=_payment(order, far, heard, at))


def _remark(far: OnlineOrder, lines: tuple[OrderLine, ...]) -> str:
    others = sum(1 for x in far.lines if x.quantity) - len(lines)
    if others <= 0:
        return ""
    if others == 1:
        return "1 line of this order is another store's."
    return f"{others} lines of this order are another store's."


def _payment(order: Order, far: OnlineOrder, heard: Word | None, at: int) -> Payment:
    credit = order.payment.credit_cents
    said = money_word(far.payment)
    if (heard is not None and heard.paid) or RANKS[said] >= RANKS["captured"]:
        return Payment(captured_cents=order.total_cents, credit_cents=credit)
    if said == "authorised":
        until = at + SHORTEST_AUTHORISATION_DAYS * DAY
        return Payment(authorised_cents=order.total_cents, expires_at=until, credit_cents=credit)
    return Payment(promise="outside" if said == "pending" else "", credit_cents=credit)


def past(order: Order, far: OnlineOrder, status: str, at: int) -> Order:
    """Return a new order as one that was done with before the shop heard of it: it moves no stock.

    Its copies count as supplied by somebody else, since they left before, or as cancelled. Of one that was
    cancelled the money is taken to have gone back: the store sees to that by itself.
    """
    paid = order.payment.captured_cents
    moment = order.placed_at
    if status == "cancelled":
        lines = tuple(
            replace(x, cancelled=x.ordered, backordered=0, discount_cents=0, tax_cents=0) for x in order.lines
        )
        credit = order.payment.credit_cents
        return replace(
            order,
            lines=lines,
            state="cancelled",
            cancelled_at=moment,
            cancelled_by="source",
            cancel_reason="Cancelled at the source",
            payment=Payment(
                captured_cents=paid, refunded_cents=paid, credit_cents=credit, credit_back_cents=credit
            ),
        )
    lines = tuple(replace(x, supplied=x.ordered, backordered=0) for x in order.lines)
    done = status == "delivered"
    parcels: tuple[Parcel, ...] = ()
    if order.kind == "ship":
        parcel = Parcel(
            new_id(), (), carrier=clean(far.carrier, 32), tracking=clean(far.tracking, 64),
            shipped_at=moment, delivered_at=moment if done else 0,
        )  # fmt: skip
        parcels = (parcel,)
    return replace(
        order,
        lines=lines,
        parcels=parcels,
        state="completed" if done else "processing",
        confirmed_at=moment,
        started_at=moment,
        completed_at=moment if done else 0,
    )
