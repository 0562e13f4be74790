"""Trade credit of customers at a store: accounts, their history, and the books that customers trade in."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from bookwish_desk.demo.online_store import stock, wire
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.calls import Call, path_id
from bookwish_desk.demo.online_store.records import Tx, fresh
from bookwish_desk.demo.online_store.refusal import Collision, conflict, invalid, not_found, unprocessable
from bookwish_desk.demo.online_store.sessions import manager, role
from bookwish_desk.demo.online_store.wire import Answer, Json, Rows

TRADED = ("like_new", "good", "fair", "acceptable", "poor")
_AS_STOCK = {"acceptable": "fair", "poor": "fair"}
_PRICE_OF_OFFER = 2
"""What a traded book costs until somebody prices it: so many times what was given for it."""


def in_short(user: Any) -> Json:
    """Return a customer as sales and accounts tell of them."""
    return {"id": user.id, "displayName": user.name, "email": user.email}


def move(
    tx: Tx,
    store_id: str,
    user_id: str,
    kind: str,
    amount: int,
    *,
    enough: bool = False,
    sale_id: str | None = None,
    order_id: str | None = None,
    trade_in_id: str | None = None,
    note: str | None = None,
) -> str:
    """Move a balance and write it into the history; with `enough` it may not fall below zero (422).

    Returns the id of the entry. A customer without an account gets one.
    """
    a = t.credit_accounts.c
    account = tx.one(sa.select(t.credit_accounts).where(a.store_id == store_id, a.user_id == user_id))
    if account is None:
        account_id, before = fresh("tc"), 0
        tx.conn.execute(
            sa.insert(t.credit_accounts).values(
                id=account_id, store_id=store_id, user_id=user_id, balance_cents=0, updated_at=tx.at
            )
        )
    else:
        account_id, before = account.id, account.balance_cents
    after = before + amount
    if after < 0 and enough:
        raise unprocessable("There is not so much credit", "InsufficientCredit")
    done = tx.conn.execute(
        sa.update(t.credit_accounts)
        .where(a.id == account_id, a.balance_cents == before)
        .values(balance_cents=after, updated_at=tx.at)
    )
    if not done.rowcount:
        raise Collision
    move_id = fresh("tt")
    tx.conn.execute(
        sa.insert(t.credit_moves).values(
            id=move_id,
            account_id=account_id,
            kind=kind,
            amount_cents=amount,
            balance_cents=after,
            sale_id=sale_id,
            order_id=order_id,
            trade_in_id=trade_in_id,
            note=note,
            created_at=tx.at,
        )
    )
    return move_id


# ---- accounts ----


def list_accounts(call: Call) -> Answer:
    """List the credit accounts of a store."""
    store_id = call.store_id()
    rows = call.window()
    a, u = t.credit_accounts.c, t.users.c
    asked = [a.store_id == store_id]
    if words := call.query.text("q"):
        asked.append(named(words))
    if customer := call.query.text("customerUserId"):
        asked.append(a.user_id == customer)
    role(call.tx, call.caller, store_id)
    found = sa.select(t.credit_accounts, u.name, u.email).join(t.users, u.id == a.user_id).where(*asked)
    total = call.tx.conn.execute(sa.select(sa.func.count()).select_from(found.subquery())).scalar() or 0
    page = call.tx.conn.execute(found.order_by(a.id).limit(rows.limit).offset(rows.offset))
    return Answer(Rows("accounts", [_account(row) for row in page], total, rows))


def named(words: str) -> sa.ColumnElement[bool]:
    """Return what holds for people whose name or e-mail address holds a text."""
    u = t.users.c
    return sa.or_(
        sa.func.lower(u.name).contains(words.lower(), autoescape=True),
        u.email.contains(words.lower(), autoescape=True),
    )


def _account(row: Any) -> Json:
    return {
        "id": row.id,
        "storeId": row.store_id,
        "customerUserId": row.user_id,
        "customer": {"id": row.user_id, "displayName": row.name, "email": row.email},
        "balanceCents": row.balance_cents,
        "updatedAt": wire.moment(row.updated_at),
    }


def _one_account(call: Call) -> Any:
    account_id = path_id(call, "accountId")
    row = call.tx.one(sa.select(t.credit_accounts).where(t.credit_accounts.c.id == account_id))
    if row is None:
        raise not_found("account")
    return row


def list_moves(call: Call) -> Answer:
    """List the history of an account, the newest first."""
    rows = call.window()
    account = _one_account(call)
    role(call.tx, call.caller, account.store_id)
    m = t.credit_moves.c
    asked = m.account_id == account.id
    total = (
        call.tx.conn.execute(sa.select(sa.func.count()).select_from(t.credit_moves).where(asked)).scalar()
        or 0
    )
    newest = (m.created_at.desc(), m.id.desc())
    found = sa.select(t.credit_moves).where(asked).order_by(*newest).limit(rows.limit).offset(rows.offset)
    return Answer(Rows("transactions", [_moved(row) for row in call.tx.conn.execute(found)], total, rows))


def _moved(row: Any) -> Json:
    return {
        "id": row.id,
        "accountId": row.account_id,
        "kind": row.kind,
        "amountCents": row.amount_cents,
        "balanceAfterCents": row.balance_cents,
        "saleId": row.sale_id,
        "orderId": row.order_id,
        "tradeInId": row.trade_in_id,
        "createdAt": wire.moment(row.created_at),
    }


def create_move(call: Call) -> Answer:
    """Issue credit by hand, or correct a balance."""
    asked = call.fields()
    kind = asked.text("kind", required=True, choices=("issue", "adjust")) or ""
    amount = asked.whole("amountCents", required=True) or 0
    note = asked.text("note", most=500)
    asked.check()
    account = _one_account(call)
    manager(call.tx, call.caller, account.store_id)
    if not amount or (kind == "issue" and amount < 0):
        raise unprocessable("Credit is issued in amounts above zero")
    move_id = move(call.tx, account.store_id, account.user_id, kind, amount, enough=True, note=note)
    row = call.tx.one(sa.select(t.credit_moves).where(t.credit_moves.c.id == move_id))
    return Answer(_moved(row), "transaction", 201)


# ---- trade-ins ----


def list_trade_ins(call: Call) -> Answer:
    """List the trade-ins of a store, the newest first."""
    store_id = call.store_id()
    rows = call.window()
    role(call.tx, call.caller, store_id)
    i = t.trade_ins.c
    asked = i.store_id == store_id
    total = (
        call.tx.conn.execute(sa.select(sa.func.count()).select_from(t.trade_ins).where(asked)).scalar() or 0
    )
    newest = (i.created_at.desc(), i.id)
    found = sa.select(i.body).where(asked).order_by(*newest).limit(rows.limit).offset(rows.offset)
    shown = [msgspec.json.decode(body) for body in call.tx.conn.execute(found).scalars()]
    return Answer(Rows("tradeIns", shown, total, rows))


def create_trade_in(call: Call) -> Answer:
    """Record books that a customer brings."""
    asked = call.fields()
    call.refuse_extensions(asked, "client-reference", "clientReference")
    store_id = asked.text("storeId", required=True) or ""
    customer_id = asked.text("customerUserId")
    reference = asked.text("clientReference", most=64)
    items = [
        {
            "isbn": line.text("isbn", required=True),
            "bookId": line.text("bookId"),
            "condition": line.text("condition", required=True, choices=TRADED),
            "offerCents": line.whole("offerCents", required=True, least=0) or 0,
            "flipToBooksRun": line.flag("flipToBooksRun"),
        }
        for line in asked.many("items", least=1)
    ]
    asked.check()
    role(call.tx, call.caller, store_id)
    i = t.trade_ins.c
    if reference is not None and call.tx.one(
        sa.select(i.id).where(i.store_id == store_id, i.reference == reference)
    ):
        raise conflict("There is a trade-in of this store with this client reference")
    made: Json = {
        "id": fresh("ti"),
        "storeId": store_id,
        "customerUserId": customer_id,
        "staffUserId": call.caller.id,
        "status": "open",
        "payoutMethod": None,
        "items": items,
        "totalCents": sum(int(line["offerCents"] or 0) for line in items),
        "createdAt": wire.moment(call.tx.at),
        "completedAt": None,
    }
    call.tx.conn.execute(
        sa.insert(t.trade_ins).values(
            id=made["id"],
            store_id=store_id,
            status="open",
            reference=reference,
            created_at=call.tx.at,
            body=msgspec.json.encode(made).decode(),
        )
    )
    return Answer(made, "tradeIn", 201)


def _trade_in(call: Call) -> Json:
    row = call.tx.one(sa.select(t.trade_ins).where(t.trade_ins.c.id == path_id(call, "tradeInId")))
    if row is None:
        raise not_found("trade-in")
    role(call.tx, call.caller, row.store_id)
    found: Json = msgspec.json.decode(row.body)
    return found


def get_trade_in(call: Call) -> Answer:
    """Return one trade-in."""
    return Answer(_trade_in(call), "tradeIn")


def complete_trade_in(call: Call) -> Answer:
    """Pay a trade-in out, as credit or cash; the books go into stock."""
    asked = call.fields()
    payout = asked.text("payoutMethod", required=True, choices=("store_credit", "cash"))
    to_stock = asked.flag("addToInventory", default=True)
    asked.check()
    made = _trade_in(call)
    tx, store_id = call.tx, made["storeId"]
    if made["status"] != "open":
        raise conflict("The trade-in is completed already")
    if payout == "store_credit":
        if not made["customerUserId"] or not tx.one(
            sa.select(t.users.c.id).where(t.users.c.id == made["customerUserId"])
        ):
            raise unprocessable("Credit needs a customer with an account")
        if made["totalCents"]:
            move(tx, store_id, made["customerUserId"], "issue", made["totalCents"], trade_in_id=made["id"])
    if to_stock:
        for line in made["items"]:
            if not line["flipToBooksRun"]:
                _to_stock(tx, store_id, line)
    made |= {"status": "completed", "payoutMethod": payout, "completedAt": wire.moment(tx.at)}
    i = t.trade_ins.c
    done = tx.conn.execute(
        sa.update(t.trade_ins)
        .where(i.id == made["id"], i.status == "open")
        .values(status="completed", body=msgspec.json.encode(made).decode())
    )
    if not done.rowcount:
        raise Collision
    return Answer(made, "tradeIn")


def _to_stock(tx: Tx, store_id: str, line: Json) -> None:
    """Put a traded book into stock, where the catalogue has it."""
    b, i = t.books.c, t.items.c
    known = tx.one(sa.select(b.id).where(sa.or_(b.id == line["bookId"], b.isbn13 == line["isbn"])))
    if known is None:
        return
    condition = _AS_STOCK.get(line["condition"], line["condition"])
    there = tx.one(
        sa.select(i.id).where(
            i.store_id == store_id, i.book_id == known.id, i.condition == condition, sa.not_(i.removed)
        )
    )
    if there is not None:
        stock.move(tx, {there.id: 1}, "import")
        return
    price = min(max(1, line["offerCents"] * _PRICE_OF_OFFER), stock.MOST_PRICE)
    values = {"quantity": 1, "price_cents": price, "condition": condition}
    stock.add_item(tx, store_id, known.id, values, "import")


# ---- customers ----


def search_customers(call: Call) -> Answer:
    """Find customers by name or e-mail address."""
    store_id = path_id(call, "storeId")
    words = call.query.text("q", required=True, least=2) or ""
    limit = call.query.whole("limit", 20, least=1)
    role(call.tx, call.caller, store_id)
    found = call.tx.conn.execute(
        sa.select(t.users).where(named(words)).order_by(t.users.c.name, t.users.c.id).limit(min(limit, 100))
    )
    return Answer({"customers": [in_short(row) for row in found]})


def create_customer(call: Call) -> Answer:
    """Open an account for somebody from an e-mail address."""
    store_id = path_id(call, "storeId")
    asked = call.fields()
    email = asked.text("email", required=True) or ""
    name = asked.text("displayName", least=1, most=100)
    asked.check()
    if not is_address(email):
        raise invalid("email", "must be an e-mail address")
    role(call.tx, call.caller, store_id)
    email = email.lower()
    if call.tx.one(sa.select(t.users.c.id).where(t.users.c.email == email)) is not None:
        raise conflict("There is an account with this e-mail address")
    made = add_customer(call.tx, email, name or email.partition("@")[0])
    return Answer(
        {"id": made, "displayName": name or email.partition("@")[0], "email": email}, "customer", 201
    )


def add_customer(tx: Tx, email: str, name: str) -> str:
    """Open an account, and return its id."""
    user_id = fresh("u")
    tx.conn.execute(
        sa.insert(t.users).values(
            id=user_id, email=email, name=name, tier="free", password=None, created_at=tx.at
        )
    )
    return user_id


def is_address(text: str) -> bool:
    """Say whether a text looks like an e-mail address."""
    local, mark, domain = text.rpartition("@")
    return bool(local and mark and domain) and not any(c in domain for c in " \t\r\n")
