"""From JSON of a server nobody trusts to values: fields are forgiven, rows that cannot be right are left out.

Nothing here raises, whatever the JSON: a row that cannot be read comes back as `Unreadable`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import msgspec

from bookwish_desk.shop.online import (
    KEY_KEPT_MS,
    Account,
    Membership,
    OnlineItem,
    OnlineLine,
    OnlineOrder,
    OnlineRefund,
    OrderRow,
    StoreProfile,
)
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.text import clean, clean_lines, mask_cards

T = TypeVar("T")
Fields = dict[str, Any]

MOST_ROWS = 20_000
MOST_CENTS = 1_000_000_000
MOST_COPIES = 100_000

_LONGEST_ID = 128
_MOST_KEPT_S = 10 * 366 * 86_400
_LONGEST_READ = 10_000
_MOST_LINES = 1_000
_EXACT = 2**53
_EARLIEST_AT = 0
_LATEST_AT = 253_402_300_799_000
_SHIP = frozenset(("ship", "shipping", "shipped", "delivery", "gift"))
_PICKUP = frozenset(("pickup", "pick_up", "store_pickup"))


class Unreadable(msgspec.Struct, frozen=True):
    """A row that was left out, and why in few words."""

    why: str


class Wrong(Exception):
    """A row cannot be what it says. Never leaves `read_row`."""


# ---- rows and envelopes ----


def unwrapped(told: object, names: Sequence[str]) -> Fields:
    """Return the object in an answer: bare, in `data`, or under its singular name; else an empty one."""
    found = told
    for _ in range(3):
        if not isinstance(found, dict) or "id" in found:
            break
        inner = next((found[x] for x in ("data", *names) if isinstance(found.get(x), dict)), None)
        if inner is None:
            break
        found = inner
    return found if isinstance(found, dict) else {}


def rows(told: object, names: Sequence[str]) -> list[Any] | None:
    """Return the list in an answer: bare, in `data`, or under its plural name; None where there is none."""
    found = told
    for _ in range(3):
        if isinstance(found, list):
            return found
        if not isinstance(found, dict):
            return None
        inner: Any = next(
            (found[x] for x in (*names, "data") if isinstance(found.get(x), (list, dict))), None
        )
        found = inner
    return found if isinstance(found, list) else None


def read_all(told: Sequence[Any], read: Callable[[object], T | Unreadable]) -> tuple[tuple[T, ...], int]:
    """Return the rows that can be read, and how many cannot."""
    found = [read(x) for x in told]
    good = tuple(x for x in found if not isinstance(x, Unreadable))
    return good, len(found) - len(good)


def number(told: Fields, *names: str) -> int | None:
    """Return a whole number that is not negative, None where there is none."""
    for name in names:
        value = told.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _EXACT:
            return value
    return None


def word(told: Fields, *names: str, limit: int = 64) -> str:
    """Return a text on one line, empty where there is none; a number where a server writes one is a text."""
    for name in names:
        value = told.get(name)
        if isinstance(value, str):
            return clean(value[:_LONGEST_READ], limit)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _EXACT:
            return str(value)
    return ""


def prose(told: Fields, *names: str, limit: int) -> str:
    """Return a text that somebody wrote, on one line: no card number in it is kept (PCI DSS 3)."""
    return mask_cards(word(told, *names, limit=limit))


def moment(text: str) -> int:
    """Return an ISO 8601 moment in ms UTC, 0 where it is none; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        at = math.floor(found.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return 0
    return at if _EARLIEST_AT < at < _LATEST_AT else 0


# ---- orders ----


def order(told: object, etag: str = "") -> OnlineOrder | Unreadable:
    """Read a whole order. One of its lines that cannot be right makes all of it unreadable."""
    return read_row(told, lambda fields: _order(fields, etag))


def order_row(told: object) -> OrderRow | Unreadable:
    """Read a row of the order list."""
    return read_row(told, _order_row)


def _order_row(told: Fields) -> OrderRow:
    far_id = ident(told, "id")
    return OrderRow(
        id=far_id,
        number=word(told, "orderNumber", "number") or far_id[:64],
        status=_status(told),
        updated=word(told, "updatedAt", "updated_at"),
        store_id=_store_of(told),
        user_id=word(told, "userId", "user_id", limit=_LONGEST_ID),
        total_cents=cents(told, "totalCents"),
    )


def _order(told: Fields, etag: str) -> OnlineOrder:
    row = _order_row(told)
    customer = _within(told, "customer", "user")
    kind_word = word(told, "fulfillmentType", "fulfilmentType", "fulfillment_type").lower()
    kind: Literal["pickup", "ship", ""] = (
        "ship" if kind_word in _SHIP else "pickup" if kind_word in _PICKUP else ""
    )
    lines = told.get("items", told.get("lines"))
    if not isinstance(lines, list):
        raise Wrong("it has no lines")
    if len(lines) > _MOST_LINES:
        raise Wrong("it has too many lines")
    return OnlineOrder(
        id=row.id,
        number=row.number,
        status=row.status,
        updated=row.updated,
        created_at=moment(word(told, "createdAt", "created_at")),
        kind=kind,
        gift=kind_word == "gift" or told.get("isGift") is True,
        store_id=row.store_id,
        user_id=row.user_id or word(customer, "id", limit=_LONGEST_ID),
        direct=told.get("isBookWishDirect") is True,
        special=told.get("isSpecialOrder") is True,
        customer_id=word(customer, "id", limit=_LONGEST_ID),
        customer_name=prose(customer, "displayName", "name", limit=200),
        customer_email=prose(customer, "email", limit=254),
        lines=tuple(x for no, line in enumerate(lines, 1) if (x := _line(line, no)) is not None),
        subtotal_cents=cents(told, "subtotalCents"),
        tax_cents=cents(told, "taxCents"),
        shipping_cents=cents(told, "shippingCents"),
        discount_cents=cents(told, "discountCents"),
        credit_cents=cents(told, "tradeCreditAppliedCents"),
        total_cents=row.total_cents,
        payment=word(told, "paymentStatus", "payment_status"),
        payment_ref=word(told, "stripePaymentIntentId", limit=128),
        address=_address(told.get("shippingAddress")),
        gift_message=lines_of(told, "giftMessage"),
        instructions=lines_of(told, "specialInstructions"),
        tracking=word(told, "trackingNumber"),
        carrier=prose(told, "carrier", limit=64),
        etag=etag,
    )


def _line(told: object, no: int) -> OnlineLine | None:
    """Read a line of an order; one of no copies is none."""
    if not isinstance(told, dict):
        raise Wrong(f"line {no} is no line")
    quantity = copies(told)
    if quantity == 0:
        return None
    book = _within(told, "book")
    return OnlineLine(
        id=ident(told, "id") if "id" in told else f"line-{no}",
        quantity=quantity,
        price_cents=cents(told, "priceCents", "unitPriceCents") or 0,
        inventory_id=word(told, "inventoryId", limit=_LONGEST_ID),
        book_id=word(told, "bookId", limit=_LONGEST_ID) or word(book, "id", limit=_LONGEST_ID),
        isbn=isbn(book) or isbn(told),
        title=prose(book, "title", limit=500) or prose(told, "title", limit=500),
        authors=authors(book),
        condition=prose(told, "condition", limit=64),
        store_id=_store_of(told),
    )


def _status(told: Fields) -> str:
    """Return the status in the store's word; a finished order has two, and is `delivered` here."""
    found = word(told, "status")
    if not found:
        raise Wrong("it has no status")
    return "delivered" if found.lower() == "completed" else found


def _store_of(told: Fields) -> str:
    return word(told, "storeId", "store_id", limit=_LONGEST_ID) or word(
        _within(told, "store"), "id", limit=_LONGEST_ID
    )


def _address(told: object) -> PostalAddress | None:
    if not isinstance(told, dict):
        return None
    country = word(told, "country").upper()
    found = PostalAddress(
        name=prose(told, "name", limit=120),
        line1=prose(told, "addressLine1", "street", "line1", limit=200),
        line2=prose(told, "addressLine2", "line2", limit=200),
        city=prose(told, "city", limit=120),
        state=prose(told, "state", limit=60),
        postal_code=prose(told, "postalCode", "zip", limit=20),
        country=country if len(country) == 2 and country.isascii() and country.isalpha() else "US",
        phone=prose(told, "phone", limit=40),
    )
    return found if found != PostalAddress(country=found.country) else None


# ---- stock ----


def item(told: object, etag: str = "") -> OnlineItem | Unreadable:
    """Read a line of the store's stock."""
    return read_row(told, lambda fields: _item(fields, etag))


def _item(told: Fields, etag: str) -> OnlineItem:
    book = _within(told, "book")
    return OnlineItem(
        id=ident(told, "id"),
        quantity=copies(told),
        price_cents=cents(told, "priceCents") or 0,
        book_id=word(told, "bookId", limit=_LONGEST_ID) or word(book, "id", limit=_LONGEST_ID),
        isbn=isbn(book) or isbn(told),
        sku=word(told, "sku"),
        title=prose(book, "title", limit=500) or prose(told, "title", limit=500),
        condition=prose(told, "condition", limit=64),
        location=prose(told, "location", limit=120),
        updated=word(told, "updatedAt", "updated_at"),
        etag=etag,
    )


# ---- people and stores ----


def account(told: object) -> Account | None:
    """Read who signed in; None where the answer does not say."""
    user = _within(told, "user", "account") if isinstance(told, dict) else {}
    user = user or _within(unwrapped(told, ("session", "auth")), "user", "account")
    far_id = word(user, "id", limit=_LONGEST_ID)
    if not far_id:
        return None
    name = word(user, "displayName", "username", limit=120)
    return Account(far_id, word(user, "email", limit=254), name, word(user, "tier"))


def membership(told: object) -> Membership | Unreadable:
    """Read a store that the account works for."""
    return read_row(
        told,
        lambda x: Membership(
            store_id=ident(x, "storeId"),
            slug=word(x, "storeSlug", limit=120),
            role=word(x, "role"),
            sells=x.get("canUsePos") is not False,
        ),
    )


def profile(told: object) -> StoreProfile | Unreadable:
    """Read what a store says of itself."""
    return read_row(
        told,
        lambda x: StoreProfile(
            id=ident(x, "id"),
            name=word(x, "name", limit=120) or word(x, "slug", limit=120),
            slug=word(x, "slug", limit=120),
            city=word(x, "city", limit=120),
            square=word(x, "inventorySource", "inventory_source").lower() == "square",
        ),
    )


def refund(told: object) -> OnlineRefund | Unreadable:
    """Read a return that the store has taken."""
    return read_row(told, lambda x: OnlineRefund(ident(x, "id"), cents(x, "amountCents") or 0))


def extensions(told: object) -> frozenset[str] | None:
    """Return what a capability object lists; None where the answer is none."""
    found = unwrapped(told, ("capabilities",))
    listed = found.get("extensions")
    if found.get("version") != 1 or isinstance(found.get("version"), bool) or not isinstance(listed, list):
        return None
    return frozenset(x for x in listed[:100] if isinstance(x, str))


def key_kept_ms(told: object) -> int:
    """Return how long (ms) a server keeps keys, by its capability object; never less than is promised."""
    found = unwrapped(told, ("capabilities",))
    seconds = found.get("idempotencyRetentionSeconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        return KEY_KEPT_MS
    return max(KEY_KEPT_MS, min(seconds, _MOST_KEPT_S) * 1000)


# ---- fields ----


def ident(told: Fields, name: str) -> str:
    """Return an id, which stands in addresses and is never shortened. Raises within `read_row`."""
    value = told.get(name)
    text = (
        str(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _EXACT
        else value
    )
    if not isinstance(text, str) or not text or text in (".", ".."):
        raise Wrong(f"{name} is missing")
    # U+FFFD stands for what could not be read: two ids may differ in just that.
    if len(text) > _LONGEST_ID or clean(text, _LONGEST_ID) != text or "\ufffd" in text:
        raise Wrong(f"{name} is unusable")
    return text


def cents(told: Fields, *names: str) -> int | None:
    """Return an amount, None where it is no number. Raises within `read_row` for absurd ones."""
    for name in names:
        value = told.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            if not 0 <= value <= MOST_CENTS:
                raise Wrong(f"{name} is {'negative' if value < 0 else 'too large'}")
            return value
    return None


def copies(told: Fields) -> int:
    """Return a number of copies. Raises within `read_row` where it is none that can be."""
    value = told.get("quantity")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong("quantity is no number")
    if not 0 <= value <= MOST_COPIES:
        raise Wrong(f"quantity is {'negative' if value < 0 else 'too large'}")
    return value


def isbn(told: Fields) -> str:
    """Return the first of the ISBN fields that is filled, as written."""
    return next((x for x in (word(told, n, limit=20) for n in ("isbn13", "isbn", "isbn10")) if x), "")


def authors(told: Fields) -> str:
    """Return the authors in one text."""
    found = told.get("authors", told.get("author"))
    if isinstance(found, str):
        return mask_cards(clean(found[:_LONGEST_READ], 500))
    if not isinstance(found, list):
        return ""
    named = ", ".join(x for x in found[:20] if isinstance(x, str) and len(x) <= 500)
    return mask_cards(clean(named, 500))


def lines_of(told: Fields, name: str) -> str:
    """Return a text of several lines that somebody wrote, empty where there is none."""
    value = told.get(name)
    return mask_cards(clean_lines(value[:_LONGEST_READ], 2_000)) if isinstance(value, str) else ""


def _within(told: object, *names: str) -> Fields:
    if not isinstance(told, dict):
        return {}
    return next((told[x] for x in names if isinstance(told.get(x), dict)), {})


def read_row(told: object, read: Callable[[Fields], T]) -> T | Unreadable:
    """Return a row, or why it cannot be one."""
    if not isinstance(told, dict):
        return Unreadable("it is no object")
    try:
        return read(told)
    except Wrong as wrong:
        return Unreadable(str(wrong))
