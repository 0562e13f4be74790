"""Orders at the online store: placed and paid by customers, moved on by the shop, cancelled, refunded.

Steps are those of the store-owner guide; what it does not name (a step back, past a status, out of a final
one) is refused.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from bookwish_desk.demo.online_store import credit, selling, stock, wire
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.calls import Call, path_id
from bookwish_desk.demo.online_store.records import Tx, fresh
from bookwish_desk.demo.online_store.refusal import (
    Collision,
    Refusal,
    conflict,
    forbidden,
    invalid,
    not_found,
    unprocessable,
)
from bookwish_desk.demo.online_store.sessions import manager, role
from bookwish_desk.demo.online_store.wire import Answer, Json, Rows
from bookwish_desk.shop.money import half_up

STATUSES = ("pending", "confirmed", "processing", "ready_for_pickup", "shipped", "delivered", "cancelled")
FILTERS = ("pending", "confirmed", "shipped", "delivered", "cancelled")
"""What the list can be asked for: two of the statuses are not among them (documented)."""
FINAL = frozenset({"delivered", "cancelled"})
KINDS = ("pickup", "ship", "gift")

STEPS: dict[str, frozenset[str]] = {
    "pending": frozenset({"cancelled"}),
    "confirmed": frozenset({"processing", "cancelled"}),
    "processing": frozenset({"ready_for_pickup", "shipped", "cancelled"}),
    "ready_for_pickup": frozenset({"delivered", "cancelled"}),
    "shipped": frozenset({"delivered"}),
    "delivered": frozenset(),
    "cancelled": frozenset(),
}
"""What the shop may set from each status. That a payment succeeded, only the server says."""

_BY_CUSTOMER = frozenset({"pending", "confirmed", "processing"})
"""Where a customer may still cancel: until it is shipped or ready."""
_NUMBER_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


# ---- what the desk asks ----


def list_orders(call: Call) -> Answer:
    """List orders, the newest first: all of the caller's stores, or only what the caller bought."""
    o, tx = t.orders.c, call.tx
    rows = call.window()
    asked = [_seen_by(call)]
    if (status := call.query.text("status")) is not None:
        if status not in FILTERS:
            raise invalid("status", f"must be one of {', '.join(FILTERS)}")
        asked.append(o.status == status)
    if store_id := call.query.text("storeId"):
        asked.append(o.store_id == store_id)
    total = tx.conn.execute(sa.select(sa.func.count()).select_from(t.orders).where(*asked)).scalar() or 0
    newest = (o.created_at.desc(), o.id)
    found = sa.select(t.orders).where(*asked).order_by(*newest).limit(rows.limit).offset(rows.offset)
    shown = [wire.order_summary(row, call.variants) for row in tx.conn.execute(found)]
    return Answer(Rows("orders", shown, total, rows))


def _seen_by(call: Call) -> sa.ColumnElement[bool]:
    o, m = t.orders.c, t.memberships.c
    bought = o.user_id == call.caller.id
    if call.variants.orders_scope == "caller":
        return bought
    works_for = sa.select(m.store_id).where(m.user_id == call.caller.id)
    return sa.or_(bought, o.store_id.in_(works_for))


def get_order(call: Call) -> Answer:
    """Return one order with its lines, to the shop's staff or to whoever placed it."""
    row = load(call.tx, path_id(call, "orderId"))
    if row.user_id != call.caller.id:
        role(call.tx, call.caller, row.store_id)
    return _answer(call, row)


def load(tx: Tx, order_id: str) -> Any:
    """Return the row of an order. Raises Refusal (404)."""
    row = tx.one(sa.select(t.orders).where(t.orders.c.id == order_id))
    if row is None:
        raise not_found("order")
    return row


def _answer(call: Call, row: Any) -> Answer:
    headers = {"ETag": wire.etag(row)} if call.variants.has("status-precondition") else {}
    return Answer(wire.order(row, call.variants), "order", headers=headers)


def update_status(call: Call) -> Answer:
    """Move an order on, as its shop."""
    asked = call.fields()
    call.refuse_extensions(asked, "status-precondition", "expectedStatus")
    status = asked.text("status", required=True, choices=STATUSES) or ""
    tracking = asked.text("trackingNumber", required=status == "shipped", most=64)
    carrier = asked.text("carrier", most=32)
    asked.text("note", most=500)
    expected = asked.text("expectedStatus", choices=STATUSES)
    asked.check()
    row = load(call.tx, path_id(call, "orderId"))
    role(call.tx, call.caller, row.store_id)
    if expected is not None and expected != row.status:
        current = {"order": wire.order(row, call.variants)}
        raise Refusal(412, "PreconditionFailed", f"The order is {row.status} now", beside=current)
    if status == row.status:
        raise conflict(f"The order is {status} already")
    _refuse_step(row, status)
    if status == "shipped" and not (tracking or "").strip():
        raise unprocessable("A parcel on its way has a tracking number")
    if status == "cancelled":
        cancel(call.tx, row)
    else:
        beside = {"trackingNumber": tracking, "carrier": carrier} if status == "shipped" else {}
        save(call.tx, row, status=status, beside=beside)
    return _answer(call, load(call.tx, row.id))


def _refuse_step(row: Any, status: str) -> None:
    allowed = STEPS[row.status]
    if row.kind == "pickup":
        allowed -= {"shipped"}
    else:
        allowed -= {"ready_for_pickup"}
    if status not in allowed:
        raise unprocessable(f"An order that is {row.status} cannot become {status}", "StatusNotAllowed")


def refund(call: Call) -> Answer:
    """Give some money back by hand."""
    asked = call.fields()
    amount = asked.whole("amountCents", required=True, least=1) or 0
    reason = asked.text("reason")
    asked.check()
    row = load(call.tx, path_id(call, "orderId"))
    manager(call.tx, call.caller, row.store_id)
    if row.status == "pending" or amount > row.total_cents - row.refunded_cents:
        raise unprocessable("More money back than was paid")
    given_back(call.tx, row, amount)
    return Answer(selling.keep_refund(call.tx, row.id, row.store_id, amount, reason, None, {}), "refund", 201)


# ---- what happens to an order ----


def save(tx: Tx, row: Any, *, status: str = "", beside: Json | None = None, refunded: int = 0) -> None:
    """Write an order's changes; `beside` goes into its body. Raises Collision when another came first."""
    o = t.orders.c
    body = msgspec.json.decode(row.body)
    body |= beside or {}
    done = tx.conn.execute(
        sa.update(t.orders)
        .where(o.id == row.id, o.version == row.version)
        .values(
            status=status or row.status,
            refunded_cents=row.refunded_cents + refunded,
            updated_at=tx.at,
            version=row.version + 1,
            body=msgspec.json.encode(body).decode(),
        )
    )
    if not done.rowcount:
        raise Collision
    tx.changed(t.orders, row.id)


def cancel(tx: Tx, row: Any, *, by_customer: bool = False) -> None:
    """Cancel an order: what was paid goes back by itself, and the copies can be bought again."""
    if by_customer and row.status not in _BY_CUSTOMER:
        raise forbidden("It is too late to cancel this order")
    if row.status in FINAL or row.status == "shipped":
        raise unprocessable(f"An order that is {row.status} cannot become cancelled", "StatusNotAllowed")
    body = msgspec.json.decode(row.body)
    deltas: dict[str, int] = {}
    for line in body["items"]:
        deltas[line["inventoryId"]] = deltas.get(line["inventoryId"], 0) + line["quantity"]
    stock.move(tx, deltas, "cancellation", row.number)
    left = row.total_cents - row.refunded_cents
    paid = row.status != "pending" and left > 0
    if paid:
        selling.keep_refund(tx, row.id, row.store_id, left, "cancelled", None, {})
        _credit_back(tx, row, body, left)
    word = {"paymentStatus": "refunded" if paid or row.refunded_cents else "cancelled"}
    save(tx, row, status="cancelled", beside=word, refunded=left if paid else 0)


def given_back(tx: Tx, row: Any, amount: int) -> None:
    """Note that a part of an order's money went back."""
    whole = row.refunded_cents + amount >= row.total_cents
    save(tx, row, beside={"paymentStatus": "refunded" if whole else "partially_refunded"}, refunded=amount)


def _credit_back(tx: Tx, row: Any, body: Json, left: int) -> None:
    credited = min(body["tradeCreditAppliedCents"], left)
    if credited:
        credit.move(tx, row.store_id, row.user_id, "refund", credited, order_id=row.id)


def confirm(tx: Tx, row: Any) -> None:
    """Note that an order is paid."""
    if row.status != "pending":
        raise unprocessable(f"An order that is {row.status} cannot become confirmed", "StatusNotAllowed")
    save(tx, row, status="confirmed", beside={"paymentStatus": "paid", "stripePaymentIntentId": _intent()})


def _intent() -> str:
    return f"pi_{secrets.token_hex(12)}"


# ---- placing ----


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer orders: stock lines with copies, how they come, and what is said with them."""

    store_id: str
    user_id: str
    items: tuple[tuple[str, int], ...]
    kind: str = "pickup"
    address: Json | None = None
    gift_message: str | None = None
    instructions: str | None = None
    shipping_cents: int = 0
    discount_cents: int = 0
    credit_cents: int = 0
    paid: bool = True
    oversell: bool = False


def place(tx: Tx, wish: Wish, numbering: str) -> str:
    """Take an order in, and return its id. The copies are its own from now on.

    Raises Refusal (422) where the store has fewer copies, unless the wish oversells.
    """
    found = {row.id: row for row in tx.conn.execute(lines_with_books([item for item, _ in wish.items]))}
    if any(item not in found for item, _ in wish.items):
        raise unprocessable("The store has no such stock line", "UnknownInventory")
    number = new_number(tx, numbering)
    deltas: dict[str, int] = {}
    for item_id, copies in wish.items:
        deltas[item_id] = deltas.get(item_id, 0) - copies
    stock.move(tx, deltas, "online_order", number, below_zero=wish.oversell)
    order_id = fresh("or")
    lines = [
        order_line(f"oi-{order_id[3:]}-{no}", wish.store_id, found[item_id], copies)
        for no, (item_id, copies) in enumerate(wish.items, 1)
    ]
    subtotal = sum(line["priceCents"] * line["quantity"] for line in lines)
    ppm = tx.conn.execute(sa.select(t.stores.c.tax_ppm).where(t.stores.c.id == wish.store_id)).scalar() or 0
    taxed = max(0, subtotal - wish.discount_cents)
    tax = half_up(taxed * ppm, 1_000_000)
    total = taxed + tax + wish.shipping_cents
    if wish.credit_cents:
        credit.move(
            tx, wish.store_id, wish.user_id, "redeem", -wish.credit_cents, order_id=order_id, enough=True
        )
    user = tx.one(sa.select(t.users).where(t.users.c.id == wish.user_id))
    body: Json = {
        "customer": credit.in_short(user),
        "isBookWishDirect": False,
        "isSpecialOrder": False,
        "items": lines,
        "subtotalCents": subtotal,
        "taxCents": tax,
        "shippingCents": wish.shipping_cents,
        "discountCents": wish.discount_cents,
        "tradeCreditAppliedCents": wish.credit_cents,
        "paymentStatus": "paid" if wish.paid else "unpaid",
        "stripePaymentIntentId": _intent() if wish.paid else None,
        "shippingAddress": wish.address,
        "giftMessage": wish.gift_message,
        "specialInstructions": wish.instructions,
        "trackingNumber": None,
        "carrier": None,
    }
    keep(tx, order_id, number, wish, "confirmed" if wish.paid else "pending", total, body)
    return order_id


def keep(
    tx: Tx,
    order_id: str,
    number: str,
    wish: Wish,
    status: str,
    total: int,
    body: Json,
    *,
    placed_at: int = 0,
    changed_at: int = 0,
    refunded: int = 0,
) -> None:
    """Write a new order."""
    tx.conn.execute(
        sa.insert(t.orders).values(
            id=order_id,
            number=number,
            store_id=wish.store_id,
            user_id=wish.user_id,
            status=status,
            kind=wish.kind,
            total_cents=total,
            refunded_cents=refunded,
            created_at=placed_at or tx.at,
            updated_at=changed_at or placed_at or tx.at,
            version=1,
            seq=0,
            body=msgspec.json.encode(body).decode(),
        )
    )
    tx.changed(t.orders, order_id)


def lines_with_books(ids: list[str]) -> sa.Select[Any]:
    """Return what reads stock lines with the books in them."""
    i, b = t.items.c, t.books.c
    wanted = (i.id, i.book_id, i.price_cents, i.condition, b.isbn13, b.isbn10, b.body)
    return sa.select(*wanted).join(t.books, b.id == i.book_id).where(i.id.in_(ids), sa.not_(i.removed))


def order_line(line_id: str, store_id: str, row: Any, copies: int) -> Json:
    """Return a line of an order, of a row of `lines_with_books`."""
    known: Json = msgspec.json.decode(row.body)
    return {
        "id": line_id,
        "inventoryId": row.id,
        "bookId": row.book_id,
        "book": {
            "id": row.book_id,
            "isbn": row.isbn13,
            "isbn13": row.isbn13,
            "isbn10": row.isbn10,
            "title": known["title"],
            "authors": known.get("authors", []),
            "coverUrl": None,
        },
        "quantity": copies,
        "priceCents": row.price_cents,
        "storeId": store_id,
        "condition": row.condition,
    }


def new_number(tx: Tx, numbering: str) -> str:
    """Return an order number that is nobody's yet, in the server's way of numbering."""
    day = datetime.fromtimestamp(tx.at / 1000, UTC)
    if numbering.startswith("ORD-"):
        return f"ORD-{day:%Y}-{tx.count('order'):06}"
    while True:
        number = f"BW-{day:%Y%m%d}-{''.join(secrets.choice(_NUMBER_LETTERS) for _ in range(4))}"
        if tx.one(sa.select(t.orders.c.id).where(t.orders.c.number == number)) is None:
            return number
