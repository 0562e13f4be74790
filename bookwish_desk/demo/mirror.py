"""What the demonstration's online store begins with: what the demonstration shop has for it, as of now.

The same stock less what is promised, the same orders under the same numbers, some that the shop has not heard
of, and two on which both sides differ, for people to decide. It reads the shop's books and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from bookwish_desk.db import order_tables, orders
from bookwish_desk.db.store import Store
from bookwish_desk.demo.online_store.seed import Seed, SeedLine, SeedOrder
from bookwish_desk.demo.online_store.wire import Json
from bookwish_desk.demo.shop import goods
from bookwish_desk.demo.tales import BOOKS, PEOPLE, Where
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.order import Order, PostalAddress, Vocabulary
from bookwish_desk.shop.order_words import word

SOURCE: Vocabulary = "bookwish"
TAX_PPM = 63_500
SHIPPING_CENTS = 499
MINUTE = 60_000
_SPARE = 2
"""Copies that a title must have before the new orders take one of it: none of them is a surprise yet."""

CANCELLED_AFTER = "-C0LL"
"""The order that its customer cancelled in the store although it was collected: the end of its number."""
MOVED = "-SH01"
"""The order whose customer has moved, as only the store knows."""
NEW_ADDRESS: Where = ("5 Bell Tower Lane", "", "Providence", "RI", "02906")

_UNHEARD: tuple[tuple[str, str, int, int, str, str], ...] = (
    ("N3W1", "pickup", 0, 25, "confirmed", ""),
    ("N3W2", "ship", 4, 48, "confirmed", ""),
    ("N3W3", "gift", 7, 70, "confirmed", "To the best of neighbors.\nHiro"),
    ("N3W4", "pickup", 9, 3, "pending", ""),
)
"""End of the number, kind, who, minutes ago, status and gift message of orders that only the store has."""


def seed_of(store: Store) -> Seed:
    """Return what the online store begins with. Belongs on a lane."""
    now = store.clock()
    with store.read() as conn:
        o, a = order_tables.orders.c, order_tables.allocations.c
        mine = o.source == SOURCE
        ids = conn.execute(
            sa.select(o.id).where(mine, o.state.not_in(("in_checkout", "abandoned")))
        ).scalars()
        known = orders.by_ids(conn, ids.all())
        claimed = sa.select(a.sku, sa.func.sum(a.copies + a.wanted)).join(
            order_tables.orders, o.id == a.order_id
        )
        promised = dict(conn.execute(claimed.where(mine).group_by(a.sku)).all())
    stocked = tuple(item for item in goods(store) if item.stocked)
    codes = {item.sku: _code(item) for item in stocked}
    mirrored = [_order(order, codes) for order in known if all(x.sku in codes for x in order.lines)]
    unheard = _unheard(stocked, promised, codes, now)
    for new in unheard:
        for code, copies, _ in new.lines:
            sku = next(sku for sku, found in codes.items() if found == code)
            promised[sku] = promised.get(sku, 0) + copies
    lines = tuple(_line(item, promised.get(item.sku, 0)) for item in stocked)
    told = sorted((*mirrored, *unheard), key=lambda order: order.placed_at)
    return Seed(name=store.settings.shop_name, tax_ppm=TAX_PPM, lines=lines, orders=tuple(told))


def _code(item: Item) -> str:
    """Return what a store calls an item: the ISBN of a book, else the shop's own code."""
    isbn = str(item.ean or "")
    return isbn if isbn.startswith(("978", "979")) else item.sku


def _line(item: Item, promised: int) -> SeedLine:
    code = _code(item)
    return SeedLine(
        isbn13=code if code != item.sku or code == str(item.ean) else None,
        title=item.title,
        authors=tuple(part.strip() for part in item.authors.split(";") if part.strip()),
        publisher=item.publisher or None,
        year=item.year,
        quantity=max(0, item.on_hand - promised),
        price_cents=item.price_cents or 0,
        sku=item.sku,
        location=item.shelf or None,
    )


# ---- orders that both have ----


def _order(order: Order, codes: Mapping[str, str]) -> SeedOrder:
    known = word(order, SOURCE)
    status = known.key if known else "pending"
    payment = _payment(order)
    if status == "pending" and payment == "paid":
        status = "confirmed"  # to a store that is all that paid means
    cancelled_after = order.number.endswith(CANCELLED_AFTER)
    if cancelled_after:
        status, payment = "cancelled", "refunded"
    address = _address(order.address)
    if order.number.endswith(MOVED) and address is not None:
        address |= _placed(NEW_ADDRESS)
    parcel = next((p for p in order.parcels if p.shipped_at), None)
    lines = tuple((codes[x.sku], x.ordered, x.price_cents) for x in order.lines)
    tax = order.tax_cents if order.live else _tax_before(order)
    goods_cents = sum(copies * price for _, copies, price in lines)
    total = goods_cents - order.discount_cents + tax + order.shipping_cents
    return SeedOrder(
        number=order.number,
        status=status,
        kind="gift" if order.kind == "ship" and order.gift else order.kind,
        email=order.customer.email if order.customer else "",
        name=order.customer.name if order.customer else "",
        lines=lines,
        placed_at=order.placed_at,
        changed_at=max(order.placed_at, order.cancelled_at, order.completed_at, order.started_at),
        tax_cents=tax,
        shipping_cents=order.shipping_cents,
        discount_cents=order.discount_cents,
        refunded_cents=total if payment == "refunded" else 0,
        payment=payment,
        address=address,
        gift_message=order.gift_message or None,
        instructions=order.instructions or None,
        tracking=parcel.tracking if parcel else None,
        carrier=parcel.carrier if parcel else None,
    )


def _payment(order: Order) -> str:
    pay = order.payment
    if not pay.captured_cents:
        return "unpaid"
    return "refunded" if pay.refunded_cents >= pay.captured_cents else "paid"


def _tax_before(order: Order) -> int:
    """Return the tax of an order before it was cancelled: what was paid holds it."""
    gross = sum(x.ordered * x.price_cents for x in order.lines)
    return max(0, order.payment.captured_cents - gross - order.shipping_cents)


def _address(address: PostalAddress | None) -> Json | None:
    if address is None:
        return None
    return {
        "name": address.name,
        "addressLine1": address.line1,
        "addressLine2": address.line2 or None,
        "city": address.city,
        "state": address.state or None,
        "postalCode": address.postal_code,
        "country": address.country,
        "phone": address.phone or None,
    }


def _placed(where: Where) -> Json:
    line1, line2, city, state, postcode = where
    return {
        "addressLine1": line1,
        "addressLine2": line2 or None,
        "city": city,
        "state": state,
        "postalCode": postcode,
    }


# ---- orders that only the store has ----


def _unheard(
    stocked: tuple[Item, ...], promised: Mapping[str, int], codes: Mapping[str, str], now: int
) -> tuple[SeedOrder, ...]:
    free = _free(stocked, promised)
    made = []
    for end, kind, who, minutes, status, message in _UNHEARD:
        item = next(free, None)
        if item is None:
            break
        at = now - minutes * MINUTE
        name, email, _phone, where = PEOPLE[who]
        price = item.price_cents or 0
        ships = kind != "pickup"
        made.append(
            SeedOrder(
                number=f"BW-{datetime.fromtimestamp(at / 1000, UTC):%Y%m%d}-{end}",
                status=status,
                kind=kind,
                email=email,
                name=name,
                lines=((codes[item.sku], 1, price),),
                placed_at=at,
                changed_at=at,
                tax_cents=half_up(price * TAX_PPM, 1_000_000),
                shipping_cents=SHIPPING_CENTS if ships else 0,
                payment="unpaid" if status == "pending" else "paid",
                address={"name": name, "country": "US", "phone": None, **_placed(where)} if ships else None,
                gift_message=message or None,
            )
        )
    return tuple(made)


def _free(stocked: tuple[Item, ...], promised: Mapping[str, int]) -> Iterator[Item]:
    """Yield books with copies to spare that no story is about, some way from one another in the list."""
    told = frozenset(BOOKS.values())
    spare = [
        item
        for item in stocked
        if item.sku.isdigit() and item.sku not in told and item.on_hand - promised.get(item.sku, 0) > _SPARE
    ]
    yield from spare[:: max(1, len(spare) // len(_UNHEARD))]
