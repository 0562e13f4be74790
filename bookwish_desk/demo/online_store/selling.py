"""Counter sales at the online store: recorded once, taxed at the store's rate, stock lowered; returns."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from bookwish_desk.demo.online_store import credit, stock, wire
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.asking import Fields
from bookwish_desk.demo.online_store.calls import Call, path_id
from bookwish_desk.demo.online_store.records import Tx, fresh
from bookwish_desk.demo.online_store.refusal import conflict, not_found, unprocessable
from bookwish_desk.demo.online_store.sessions import role
from bookwish_desk.demo.online_store.wire import Answer, Json, Rows
from bookwish_desk.shop.money import half_up

METHODS = ("cash", "card", "trade_credit", "mixed")
TENDERS = ("cash", "card", "trade_credit", "gift_card", "other")
PAYOUTS = ("cash", "card", "trade_credit")
_OURS = ("clientReference", "occurredAt", "registerId", "shiftId", "clientTotals", "payments")
DAY_MS = 86_400_000

# Statements of every sale, built once.
_TAX = sa.select(t.stores.c.tax_ppm).where(t.stores.c.id == sa.bindparam("store"))
_BOOKS = sa.select(t.books).where(t.books.c.id.in_(sa.bindparam("ids", expanding=True)))
_LINES = sa.select(t.items.c.id, t.items.c.book_id).where(
    t.items.c.id.in_(sa.bindparam("ids", expanding=True)),
    t.items.c.store_id == sa.bindparam("store"),
    sa.not_(t.items.c.removed),
)
_REFERENCE = sa.select(t.sales.c.id).where(
    t.sales.c.store_id == sa.bindparam("store"), t.sales.c.reference == sa.bindparam("wanted")
)
_KEEP = sa.insert(t.sales)


def create_sale(call: Call) -> Answer:
    """Record a counter sale: it already happened, so the stock here may fall below zero."""
    asked = call.fields()
    call.refuse_extensions(asked, "client-reference", *_OURS)
    store_id = asked.text("storeId", required=True) or ""
    customer_id = asked.text("customerUserId")
    lines = [_line(line) for line in asked.many("items", least=1)]
    method = asked.text("paymentMethod", required=True, choices=METHODS) or ""
    credit_cents = asked.whole("tradeCreditAppliedCents", least=0) or 0
    if credit_cents and not customer_id:
        asked.wrong("customerUserId", "is needed where trade credit is applied")
    beside = _beside(asked)
    asked.check()
    role(call.tx, call.caller, store_id, pos=True)
    reference = beside.get("clientReference")
    if reference is not None and _by_reference(call.tx, store_id, reference) is not None:
        raise conflict("There is a sale of this store with this client reference")
    customer = _customer(call.tx, customer_id)
    made = _made(call, store_id, lines)
    made |= {
        "paymentMethod": method,
        "tradeCreditAppliedCents": credit_cents,
        "customerUserId": customer_id,
        **({"customer": credit.in_short(customer)} if customer else {}),
        **beside,
    }
    if credit_cents > made["totalCents"]:
        raise unprocessable("More credit than the sale costs")
    if credit_cents:
        credit.move(
            call.tx, store_id, str(customer_id), "redeem", -credit_cents, sale_id=made["id"], enough=True
        )
    _lower_stock(call, store_id, lines, reference)
    row = {"id": made["id"], "number": made["saleNumber"], "store_id": store_id, "created_at": call.tx.at}
    body = msgspec.json.encode(made).decode()
    call.tx.conn.execute(_KEEP, row | {"reference": reference, "body": body})
    return Answer(wire.sale(made, call.variants), "sale", 201)


def _line(asked: Fields) -> Json:
    custom = asked.part("customItem")
    line: Json = {
        "bookId": asked.text("bookId"),
        "inventoryId": asked.text("inventoryId"),
        "quantity": asked.whole("quantity", required=True, least=1) or 1,
        "unitPriceCents": asked.whole("unitPriceCents", required=True, least=0) or 0,
        "isUsed": asked.flag("isUsed", required=True),
        "title": "",
    }
    if custom is not None:
        line["title"] = custom.text("title", required=True, least=1) or ""
        line["authors"] = custom.texts("authors")
    if ("bookId" in asked) == ("customItem" in asked):
        asked.wrong("bookId", "either this or customItem")
    return line


def _beside(asked: Fields) -> Json:
    """Return the fields that are extensions, as they are kept with the sale."""
    totals, payments = asked.part("clientTotals"), asked.many("payments")
    found: Json = {
        "clientReference": asked.text("clientReference", most=64),
        "registerId": asked.text("registerId"),
        "shiftId": asked.text("shiftId"),
    }
    occurred = asked.moment("occurredAt")
    found["occurredAt"] = None if occurred is None else wire.moment(occurred)
    if totals is not None:
        cents = {
            name: totals.whole(name, required=True) for name in ("subtotalCents", "taxCents", "totalCents")
        }
        found["clientTotals"] = {**cents, "discountCents": totals.whole("discountCents") or 0}
    if "payments" in asked:
        found["payments"] = [
            {
                "method": paid.text("method", required=True, choices=TENDERS),
                "amountCents": paid.whole("amountCents", required=True, least=0),
                "tenderedCents": paid.whole("tenderedCents"),
                "changeCents": paid.whole("changeCents"),
                "reference": paid.text("reference"),
            }
            for paid in payments
        ]
    return {name: value for name, value in found.items() if value is not None}


def _made(call: Call, store_id: str, lines: list[Json]) -> Json:
    """Return the sale with its lines, number and tax."""
    tx = call.tx
    sale_id = fresh("sa")
    subtotal = sum(line["quantity"] * line["unitPriceCents"] for line in lines)
    if subtotal > stock.MOST_PRICE * 10_000:
        raise unprocessable("The sale is too large")
    ppm = tx.conn.execute(_TAX, {"store": store_id}).scalar() or 0
    tax = half_up(subtotal * ppm, 1_000_000)
    books = _books(tx, [line["bookId"] for line in lines if line["bookId"]])
    items = []
    for no, line in enumerate(lines, 1):
        book = books.get(line["bookId"] or "")
        if book is None and line["bookId"]:
            raise unprocessable("The catalogue has no such book", "UnknownBook")
        custom = {"isbn13": None, "isbn10": None, "title": line["title"], "authors": line.get("authors", [])}
        told = custom if book is None else wire.book_in_short(book)
        items.append(
            {
                "id": f"sl-{sale_id[3:]}-{no}",
                "saleId": sale_id,
                "bookId": line["bookId"],
                "inventoryId": line["inventoryId"],
                "quantity": line["quantity"],
                "unitPriceCents": line["unitPriceCents"],
                "isUsed": line["isUsed"],
                "book": told,
            }
        )
    return {
        "id": sale_id,
        "saleNumber": f"S-{tx.count('sale'):06}",
        "storeId": store_id,
        "staffUserId": call.caller.id,
        "items": items,
        "subtotalCents": subtotal,
        "taxCents": tax,
        "totalCents": subtotal + tax,
        "createdAt": wire.moment(tx.at),
    }


def _books(tx: Tx, ids: list[str]) -> dict[str, Any]:
    if not ids:
        return {}
    return {row.id: row for row in tx.conn.execute(_BOOKS, {"ids": ids})}


def _lower_stock(call: Call, store_id: str, lines: list[Json], reference: str | None) -> None:
    """Take the copies of lines that name a stock line. Raises Refusal (422) for one the store has not."""
    deltas: dict[str, int] = {}
    for line in lines:
        if line["inventoryId"]:
            deltas[line["inventoryId"]] = deltas.get(line["inventoryId"], 0) - line["quantity"]
    if not deltas:
        return
    there = call.tx.conn.execute(_LINES, {"ids": list(deltas), "store": store_id}).all()
    of_book = {row.id: row.book_id for row in there}
    for line in lines:
        if line["inventoryId"] and of_book.get(line["inventoryId"]) is None:
            raise unprocessable("The store has no such stock line", "UnknownInventory")
        if line["inventoryId"] and line["bookId"] and of_book[line["inventoryId"]] != line["bookId"]:
            raise unprocessable("The stock line is of another book")
    stock.move(call.tx, deltas, "sale", reference, below_zero=call.accept_below_zero)


def _by_reference(tx: Tx, store_id: str, reference: str) -> Any:
    return tx.one(_REFERENCE, {"store": store_id, "wanted": reference})


def _customer(tx: Tx, customer_id: str | None) -> Any:
    if customer_id is None:
        return None
    found = tx.one(sa.select(t.users).where(t.users.c.id == customer_id))
    if found is None:
        raise unprocessable("There is no such customer", "UnknownCustomer")
    return found


def list_sales(call: Call) -> Answer:
    """List the counter sales of a store, the newest first, by when they were recorded."""
    store_id = call.store_id()
    first, last = call.query.moment("from"), call.query.moment("to")
    rows = call.window()
    s = t.sales.c
    asked = [s.store_id == store_id]
    if first is not None:
        asked.append(s.created_at >= first)
    if last is not None:
        asked.append(s.created_at < last)
    reference = call.query.text("clientReference")
    if reference is not None and call.variants.has("client-reference"):
        asked.append(s.reference == reference)
    role(call.tx, call.caller, store_id)
    total = call.tx.conn.execute(sa.select(sa.func.count()).select_from(t.sales).where(*asked)).scalar() or 0
    found = call.tx.conn.execute(
        sa.select(s.body)
        .where(*asked)
        .order_by(s.created_at.desc(), s.id)
        .limit(rows.limit)
        .offset(rows.offset)
    ).scalars()
    shown = [wire.sale(msgspec.json.decode(body), call.variants) for body in found]
    return Answer(Rows("sales", shown, total, rows))


def get_sale(call: Call) -> Answer:
    """Return one counter sale."""
    return Answer(wire.sale(_sale(call), call.variants), "sale")


def _sale(call: Call, *, pos: bool = False) -> Json:
    row = call.tx.one(sa.select(t.sales).where(t.sales.c.id == path_id(call, "saleId")))
    if row is None:
        raise not_found("sale")
    role(call.tx, call.caller, row.store_id, pos=pos)
    found: Json = msgspec.json.decode(row.body)
    return found


def receipt(call: Call) -> Answer:
    """Return what a receipt of a sale says."""
    sale = wire.sale(_sale(call), call.variants)
    body = call.tx.conn.execute(sa.select(t.stores.c.body).where(t.stores.c.id == sale["storeId"])).scalar()
    return Answer({"storeName": msgspec.json.decode(body or "{}").get("name"), "sale": sale}, "receipt")


def daily_report(call: Call) -> Answer:
    """Return what was sold on one day (UTC), by method."""
    store_id = call.store_id()
    call.query.text("date", required=True)
    day = call.query.day("date") or 0
    role(call.tx, call.caller, store_id)
    s = t.sales.c
    found = call.tx.conn.execute(
        sa.select(s.body).where(s.store_id == store_id, s.created_at >= day, s.created_at < day + DAY_MS)
    ).scalars()
    sold: dict[str, int] = {}
    count = 0
    for body in found:
        sale = msgspec.json.decode(body)
        count += 1
        sold[sale["paymentMethod"]] = sold.get(sale["paymentMethod"], 0) + sale["totalCents"]
    return Answer({"sales": count, "totalCents": sum(sold.values()), "byMethod": sold}, "report")


# ---- returns (extension sale-refunds) ----


def refund_sale(call: Call) -> Answer:
    """Record a return of lines of a counter sale."""
    asked = call.fields()
    reference = asked.text("clientReference", required=True, most=64)
    lines = [
        (
            line.text("saleItemId", required=True) or "",
            line.whole("quantity", required=True, least=1) or 0,
            line.flag("restock", required=True),
        )
        for line in asked.many("lines", least=1)
    ]
    payouts = [
        (
            paid.text("method", required=True, choices=PAYOUTS),
            paid.whole("amountCents", required=True, least=1) or 0,
        )
        for paid in asked.many("payouts", least=1)
    ]
    reason = asked.text("reason", most=500)
    asked.check()
    sale = _sale(call, pos=True)
    tx, store_id, r = call.tx, sale["storeId"], t.refunds.c
    if tx.one(sa.select(r.id).where(r.store_id == store_id, r.reference == reference)) is not None:
        raise conflict("There is a return of this store with this client reference")
    earlier = tx.conn.execute(sa.select(r.amount_cents, r.body).where(r.of == sale["id"])).all()
    _refuse_too_many(sale, lines, [msgspec.json.decode(row.body) for row in earlier])
    amount = sum(cents for _, cents in payouts)
    if amount + sum(row.amount_cents for row in earlier) > sale["totalCents"]:
        raise unprocessable("More money back than was paid")
    back = sum(cents for method, cents in payouts if method == "trade_credit")
    if back and not sale.get("customerUserId"):
        raise unprocessable("Only a sale to a known customer can be paid back as credit")
    if back:
        credit.move(tx, store_id, sale["customerUserId"], "refund", back, sale_id=sale["id"])
    stocked = {line["id"]: line["inventoryId"] for line in sale["items"]}
    deltas: dict[str, int] = {}
    for line_id, quantity, restock in lines:
        if restock and stocked[line_id]:
            deltas[stocked[line_id]] = deltas.get(stocked[line_id], 0) + quantity
    stock.move(tx, deltas, "refund", reference)
    kept = {"lines": [[line_id, quantity] for line_id, quantity, _ in lines], "payouts": payouts}
    return Answer(
        keep_refund(tx, sale["id"], store_id, amount, reason, reference, kept), "refund", 201, ours=True
    )


def _refuse_too_many(sale: Json, lines: list[tuple[str, int, bool]], earlier: list[Json]) -> None:
    left = {line["id"]: line["quantity"] for line in sale["items"]}
    came_back = [(line_id, quantity) for refund in earlier for line_id, quantity in refund["lines"]]
    for line_id, quantity in (*came_back, *((line_id, quantity) for line_id, quantity, _ in lines)):
        if line_id not in left:
            raise unprocessable("The sale has no such line")
        left[line_id] -= quantity
        if left[line_id] < 0:
            raise unprocessable("More copies than were sold")


def keep_refund(
    tx: Tx, of: str, store_id: str, amount: int, reason: str | None, reference: str | None, kept: Json
) -> Json:
    """Write down money that was given back, and return it as the server tells of it."""
    refund_id = fresh("rf")
    tx.conn.execute(
        sa.insert(t.refunds).values(
            id=refund_id,
            of=of,
            store_id=store_id,
            reference=reference,
            amount_cents=amount,
            created_at=tx.at,
            body=msgspec.json.encode(kept).decode(),
        )
    )
    return {"id": refund_id, "amountCents": amount, "reason": reason, "createdAt": wire.moment(tx.at)}
