"""What an online store has when it is new: a store, its people, books and stock; orders if any are told."""

from __future__ import annotations

import secrets

import msgspec
import sqlalchemy as sa

from bookwish_desk.demo.online_store import feeds, ordering, sessions, stock
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.ordering import Wish
from bookwish_desk.demo.online_store.records import Tx, fresh
from bookwish_desk.demo.online_store.wire import Json

STORE_ID = "st-alder"
SLUG = "alder-falls-books"
EMAIL = "maya@alderfallsbooks.example"
STAFF_EMAIL = "sam@alderfallsbooks.example"
OTHER_STORE_ID = "st-harbor"
TOKEN_SECRET = "token-secret"
TAX_PPM = 63_500

ADDRESS: Json = {
    "name": "Ada Whitlock",
    "addressLine1": "14 Orchard Lane",
    "addressLine2": None,
    "city": "Alder Falls",
    "state": "CT",
    "postalCode": "06099",
    "country": "US",
    "phone": "860 555 0111",
}


class SeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A book and what the store has of it."""

    isbn13: str | None = None
    title: str
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    year: int | None = None
    isbn10: str | None = None
    quantity: int = 0
    price_cents: int = 0
    condition: str = "new"
    sku: str | None = None
    location: str | None = None


class SeedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that the store has already; `lines` are (isbn13 or sku, copies, price of one in cents).

    Its copies are taken from the stock only by who tells the stock.
    """

    number: str
    status: str
    kind: str
    email: str
    name: str
    lines: tuple[tuple[str, int, int], ...]
    placed_at: int
    changed_at: int
    tax_cents: int = 0
    shipping_cents: int = 0
    discount_cents: int = 0
    refunded_cents: int = 0
    payment: str = "paid"
    address: Json | None = None
    gift_message: str | None = None
    instructions: str | None = None
    tracking: str | None = None
    carrier: str | None = None


class Seed(msgspec.Struct, frozen=True, kw_only=True):
    """What a new store is filled with, as a file may tell it."""

    name: str = "Alder Falls Books"
    tax_ppm: int = TAX_PPM
    lines: tuple[SeedLine, ...] = ()
    orders: tuple[SeedOrder, ...] = ()


def invented(lines: int) -> Seed:
    """Return so many books that exist nowhere, ten copies each."""
    made = (
        SeedLine(
            isbn13=_isbn13(979_999_000_000 + no),
            title=f"Invented book {no}",
            authors=(f"Author {no % 17}",),
            quantity=10,
            price_cents=799 + no % 40 * 50,
        )
        for no in range(1, lines + 1)
    )
    return Seed(lines=tuple(made))


def _isbn13(stem: int) -> str:
    digits = [int(c) for c in str(stem)]
    return f"{stem}{-sum(d * (1, 3)[no % 2] for no, d in enumerate(digits)) % 10}"


def line_of(asked: Json) -> SeedLine:
    """Return a line of what a test tells: isbn13, title, quantity, priceCents, condition, sku."""
    return SeedLine(
        isbn13=asked.get("isbn13"),
        title=str(asked.get("title", "A book")),
        authors=tuple(asked.get("authors", ())),
        quantity=int(asked.get("quantity", 1)),
        price_cents=int(asked.get("priceCents", 1500)),
        condition=str(asked.get("condition", "new")),
        sku=asked.get("sku"),
    )


def plant(tx: Tx, seed: Seed, password: str) -> None:
    """Fill a new database; in one that is filled already only the password is set."""
    if not tx.fact(feeds.EPOCH):
        _begin(tx, seed)
    u = t.users.c
    for email in (EMAIL, STAFF_EMAIL):
        kept = tx.conn.execute(sa.select(u.password).where(u.email == email)).scalar()
        if not kept or not sessions.fits(password, kept):
            tx.conn.execute(
                sa.update(t.users).where(u.email == email).values(password=sessions.hashed(password))
            )


def _begin(tx: Tx, seed: Seed) -> None:
    begin_feeds_anew(tx)
    tx.keep(TOKEN_SECRET, secrets.token_hex(32))
    for name in ("feed", "sale", "order"):
        tx.count(name, 0)
    _store(tx, STORE_ID, SLUG, seed.name, "Alder Falls", "06099", seed.tax_ppm)
    _store(tx, OTHER_STORE_ID, "harbor-lane-books", "Harbor Lane Books", "Mystic", "06355", seed.tax_ppm)
    owner = _user(tx, EMAIL, "Maya R.", "bookstore")
    staff = _user(tx, STAFF_EMAIL, "Sam K.", "free")
    tx.conn.execute(
        sa.insert(t.memberships),
        [
            {"user_id": owner, "store_id": STORE_ID, "role": "owner", "can_use_pos": True},
            {"user_id": staff, "store_id": STORE_ID, "role": "staff", "can_use_pos": True},
        ],
    )
    items = {line.isbn13 or line.sku or "": add_line(tx, line) for line in seed.lines}
    for order in seed.orders:
        _order(tx, order, items)
    _own_purchase(tx, owner)


def begin_feeds_anew(tx: Tx) -> None:
    """Let every cursor that was given out until now be too old."""
    tx.keep(feeds.EPOCH, secrets.token_hex(4))


def _store(tx: Tx, store_id: str, slug: str, name: str, city: str, postcode: str, tax_ppm: int) -> None:
    body = {
        "name": name,
        "description": None,
        "addressLine1": "27 Quarry Street",
        "addressLine2": None,
        "city": city,
        "state": "CT",
        "postalCode": postcode,
        "country": "US",
        "isActive": True,
        "allowsPickup": True,
        "allowsShipping": True,
        "inventorySource": "native",
    }
    row = {"id": store_id, "slug": slug, "tax_ppm": tax_ppm, "body": msgspec.json.encode(body).decode()}
    tx.conn.execute(sa.insert(t.stores).values(**row))


def _user(tx: Tx, email: str, name: str, tier: str) -> str:
    user_id = fresh("u")
    tx.conn.execute(
        sa.insert(t.users).values(id=user_id, email=email, name=name, tier=tier, created_at=tx.at)
    )
    return user_id


def customer(tx: Tx, email: str, name: str) -> str:
    """Return the id of a customer, who gets an account where there is none."""
    found = tx.conn.execute(sa.select(t.users.c.id).where(t.users.c.email == email.lower())).scalar()
    return found or _user(tx, email.lower(), name, "free")


def add_line(tx: Tx, line: SeedLine, store_id: str = STORE_ID) -> str:
    """Add a book, where the catalogue has it not, and a stock line of it; return the line's id."""
    known = None
    if line.isbn13:
        known = tx.conn.execute(sa.select(t.books.c.id).where(t.books.c.isbn13 == line.isbn13)).scalar()
    values = {
        "quantity": line.quantity,
        "price_cents": line.price_cents,
        "condition": line.condition,
        "sku": line.sku,
        "location": line.location,
    }
    return stock.add_item(tx, store_id, known or _book(tx, line), values, "import")


def _book(tx: Tx, line: SeedLine) -> str:
    book_id = fresh("bk")
    words = (line.title, *line.authors, line.isbn13 or "", line.isbn10 or "", line.publisher or "")
    body: Json = {
        "title": line.title,
        "authors": list(line.authors),
        "publisher": line.publisher,
        "publishedDate": str(line.year) if line.year else None,
        "description": None,
        "coverUrl": None,
        "pageCount": None,
        "language": "en",
        "categories": [],
    }
    tx.conn.execute(
        sa.insert(t.books).values(
            id=book_id,
            isbn13=line.isbn13,
            isbn10=line.isbn10,
            searched=" ".join(words).casefold(),
            body=msgspec.json.encode(body).decode(),
        )
    )
    return book_id


def _order(tx: Tx, told: SeedOrder, items: dict[str, str]) -> None:
    """Write down an order as it stands."""
    user_id = customer(tx, told.email, told.name)
    wish = Wish(store_id=STORE_ID, user_id=user_id, items=(), kind=told.kind)
    order_id = fresh("or")
    rows = {
        row.id: row
        for row in tx.conn.execute(ordering.lines_with_books([items[c] for c, _, _ in told.lines]))
    }
    lines: list[Json] = []
    for no, (code, copies, price) in enumerate(told.lines, 1):
        line = ordering.order_line(f"oi-{order_id[3:]}-{no}", STORE_ID, rows[items[code]], copies)
        lines.append(line | {"priceCents": price})
    subtotal = sum(line["priceCents"] * line["quantity"] for line in lines)
    body: Json = {
        "customer": {"id": user_id, "displayName": told.name, "email": told.email},
        "isBookWishDirect": False,
        "isSpecialOrder": False,
        "items": lines,
        "subtotalCents": subtotal,
        "taxCents": told.tax_cents,
        "shippingCents": told.shipping_cents,
        "discountCents": told.discount_cents,
        "tradeCreditAppliedCents": 0,
        "paymentStatus": told.payment,
        "stripePaymentIntentId": None if told.payment == "unpaid" else f"pi_{secrets.token_hex(12)}",
        "shippingAddress": told.address,
        "giftMessage": told.gift_message,
        "specialInstructions": told.instructions,
        "trackingNumber": told.tracking,
        "carrier": told.carrier,
    }
    total = subtotal - told.discount_cents + told.tax_cents + told.shipping_cents
    ordering.keep(
        tx, order_id, told.number, wish, told.status, total, body,
        placed_at=told.placed_at, changed_at=told.changed_at, refunded=told.refunded_cents,
    )  # fmt: skip


def _own_purchase(tx: Tx, owner: str) -> None:
    """Let the owner have bought something herself, elsewhere: such orders are not the shop's."""
    line = SeedLine(isbn13="9799999999990", title="A Present for Sam", quantity=3, price_cents=2_200)
    item = add_line(tx, line, OTHER_STORE_ID)
    wish = Wish(
        store_id=OTHER_STORE_ID,
        user_id=owner,
        items=((item, 1),),
        kind="ship",
        address=ADDRESS,
        shipping_cents=499,
    )
    ordering.place(tx, wish, "BW-YYYYMMDD-XXXX")
