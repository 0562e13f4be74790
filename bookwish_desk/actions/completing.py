"""The one transaction that turns a draft into a sale, with everything that belongs to it."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import bindparam, insert, select

from bookwish_desk.actions import allocating, uploading
from bookwish_desk.actions.people import name_of, register_name
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import letterhead, post_drawer, post_slip
from bookwish_desk.db import drafts, items, sales, tables
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import sold
from bookwish_desk.shop.barcode import receipt_code
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item, StockCause, StockMove
from bookwish_desk.shop.receipt import sale_receipt
from bookwish_desk.shop.sale import Draft, ReturnLine, Totals, totals
from bookwish_desk.shop.sold import Sale, SoldTender
from bookwish_desk.shop.staff import Actor

_r, _t = tables.registers.c, tables.tills.c
_OPEN_TILL = Prepared(
    select(_t.id, _t.business_date)
    .join_from(tables.registers, tables.tills, _r.open_till == _t.id)
    .where(_r.id == bindparam("on_register"))
)
_ADD_TILL_ENTRY = Prepared(insert(tables.till_entries))


def settled(tx: Tx, draft_id: str) -> Sale | None:
    """Return the sale a draft already became: paying it a second time is not a second sale."""
    return sales.by_id(tx.conn, draft_id) if sales.is_sold(tx.conn, draft_id) else None


def open_till(tx: Tx, register: int) -> tuple[str, str]:
    """Return the id and business date of the register's open till. Raises Refused when it is closed."""
    row = _OPEN_TILL.run(tx.conn, {"on_register": register}).fetchone()
    if row is None:
        raise Refused("till_closed", "Open the till first.")
    return row[0], row[1]


def nothing_intended(draft: Draft) -> None:
    """Raise Refused while a card payment is begun and nobody has said whether the terminal took it."""
    if any(t.state == "intended" for t in draft.tenders):
        raise Refused("intended", "Finish or cancel the card payment that was started first.")


def stale_order(tx: Tx, draft: Draft) -> Refused | None:
    """Return why an order in a draft can no longer be collected with it, or None."""
    if not draft.collects:
        return None
    # Imported here: no sale without an order needs what orders do.
    from bookwish_desk.actions.collecting import still_good

    try:
        still_good(tx, draft)
    except Refused as changed:
        return changed
    return None


def complete_draft(
    tx: Tx,
    actor: Actor,
    draft: Draft,
    *,
    rounding_cents: int = 0,
    change_cents: int = 0,
    receipt: bool = True,
) -> Sale:
    """Make the sale of a draft whose tenders cover it (with `rounding_cents` and `change_cents`).

    Raises Refused when the till is closed, a payment is unfinished or a copy came back already.
    """
    present(tx, actor)
    if draft.held_as:
        raise Refused("held", "Recall this sale before it is paid.")
    if not draft.payable:
        raise Refused("empty", "There is nothing to pay yet.")
    nothing_intended(draft)
    till, day = open_till(tx, draft.register)
    came_back = [(line, _still_returnable(tx, line)) for line in draft.returns]
    priced = totals(draft, tx.settings.tax)
    number = tx.count(f"sale-{draft.register}")
    made = _sale(tx, actor, draft, priced, number, till, day, rounding_cents, change_cents)
    if sum(t.amount_cents for t in made.tenders) != made.paid_cents:
        raise Refused("unpaid", "The payments do not add up to the total.")
    sales.insert_sale(tx, made)
    _move_stock(tx, actor, made)
    if draft.collects:
        # Imported here: no sale without an order needs what orders do. After the stock of this sale was
        # moved: what is sold beside an order must not be promised to the next one.
        from bookwish_desk.actions.collecting import hand_over_collected

        hand_over_collected(tx, actor, draft, priced, made.receipt)
    for back, of_order in came_back:
        if of_order:
            from bookwish_desk.actions import collecting

            collecting.came_back(tx, actor, of_order, back, made.receipt)
    cash = sum(t.amount_cents for t in made.tenders if t.kind == "cash")
    _ADD_TILL_ENTRY.run(
        tx.conn,
        {
            "till": till,
            "kind": "refund" if made.paid_cents < 0 else "sale",
            "cash_cents": cash,
            "at": tx.at,
            "staff": actor.staff,
            "reason": "",
            "ref": made.receipt,
        },
    )
    # The journal is kept for ever and says what was sold, never to whom.
    unnamed = replace(made, customer=None)
    tx.record(
        f"{made.kind}.completed", staff=actor.staff, register=draft.register, ref=made.receipt, body=unnamed
    )
    uploading.sale_made(tx, unnamed)
    if any(t.kind in ("cash", "cheque") for t in made.tenders):
        post_drawer(tx, register=draft.register, ref=made.receipt, why=made.kind)
    if receipt:
        slip = sale_receipt(
            made,
            letterhead(tx.settings),
            clerk=name_of(tx.conn, actor.staff),
            register=register_name(tx.conn, draft.register),
        )
        post_slip(tx, slip, register=draft.register, by_itself=True)
    drafts.drop(tx, draft.id)
    tx.touch("till")
    return made


def _sale(
    tx: Tx,
    actor: Actor,
    draft: Draft,
    priced: Totals,
    number: int,
    till: str,
    day: str,
    rounding_cents: int,
    change_cents: int,
) -> Sale:
    lines = sold.sold_lines(draft, priced)
    tenders = [
        SoldTender(
            kind=t.kind,
            amount_cents=t.amount_cents,
            brand=t.brand,
            last4=t.last4,
            auth_code=t.auth_code,
            reference=t.reference,
        )
        for t in draft.tenders
    ]
    if change_cents:
        tenders.append(SoldTender(kind="cash", amount_cents=-change_cents, change=True))
    both = bool(draft.lines) and bool(draft.returns)
    return Sale(
        id=draft.id,
        number=number,
        receipt=receipt_code(draft.register, number),
        register=draft.register,
        till=till,
        business_date=day,
        completed_at=tx.at,
        staff=actor.staff,
        kind="exchange" if both else "return" if draft.returns else "sale",
        lines=lines,
        tenders=tuple(tenders),
        taxes=sold.taxes_of(lines),
        total_cents=priced.total_cents,
        rounding_cents=rounding_cents,
        tax_mode=tx.settings.tax.mode,
        tax_basis=tx.settings.tax.basis,
        discount_cents=priced.discount_cents,
        discount_reason=draft.discount.reason if draft.discount else "",
        exempt=draft.exempt,
        customer=draft.customer,
        note=draft.note,
    )


def _still_returnable(tx: Tx, line: ReturnLine) -> str:
    """Check a return once more inside the transaction that makes it: another register may have been first.

    Return the id of the order that the copies were collected for, where there is one.
    """
    if not line.of_sale:
        return ""
    source = sales.by_id(tx.conn, line.of_sale)
    if source is None:
        raise Refused("no_sale", "The sale of this receipt is not in this shop's books.")
    back = sold.returnable(source, sales.returned(tx.conn, source.id))
    mine = next(b for b in back if b.line.no == line.of_line)
    again = sold.return_line(
        source,
        mine,
        line.quantity,
        line.disposition,
        line.reason,
        mode=tx.settings.tax.mode,
    )
    if replace(again, id=line.id) != line:
        raise Refused("returned", "Part of this receipt was returned meanwhile. Start the return again.")
    return mine.line.of_order


def _move_stock(tx: Tx, actor: Actor, made: Sale) -> None:
    """Take what was sold from the stock and put what came back there; damaged copies come and go.

    What belongs to an order leaves the stock as its copies are handed over: once, and not as sold here.
    """
    stocked = [line for line in made.lines if line.stocked and not line.of_order]
    if not stocked:
        return
    items.keep(tx, *(_as_item(line) for line in stocked))
    moves = []
    for line in stocked:
        cause: StockCause = "sale" if line.quantity > 0 else "return"
        moved = StockMove(
            line.sku, -line.quantity, cause, tx.at, staff=actor.staff, ref=made.receipt, reason=line.reason
        )
        moves.append(moved)
        if line.disposition == "damaged":
            moves.append(replace(moved, quantity=line.quantity, cause="damaged"))
    items.move_all(tx, moves)
    allocating.follow_stock(tx, {move.sku for move in moves})


def _as_item(line: sold.SoldLine) -> Item:
    return Item(
        sku=line.sku,
        title=line.title,
        ean=line.ean,
        authors=line.detail,
        price_cents=line.list_price_cents if line.list_price_cents is not None else line.price_cents,
        tax_class=line.tax_class,
    )
