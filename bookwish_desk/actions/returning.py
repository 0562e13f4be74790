"""Taking goods back: against their receipt or without it, into the sale that is open on the register.

What comes back lies in the same draft as what is sold, so that an exchange is one sale. Money goes
back through `actions.paying`, as tenders with negative amounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.people import name_of
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.refunding import originals
from bookwish_desk.actions.ringing import Ringing, draft_here, rung
from bookwish_desk.db import drafts, sales
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop import barcode, refund, sale, sold
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.refund import RefundPlan
from bookwish_desk.shop.sale import Draft, ReturnLine, totals
from bookwish_desk.shop.sold import Disposition, Returnable, Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import business_date


class Returning(msgspec.Struct, frozen=True):
    """A receipt opened for a return: the sale, what can still come back, and what is in the draft already.

    `days` is how old it is; `late` says that the shop's return time is over: a warning, never a block.
    """

    sale: Sale
    clerk: str
    lines: tuple[Returnable, ...]
    days: int
    late: bool
    chosen: tuple[ReturnLine, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """Copies of one line of a receipt that come back; 0 copies take the line out of the draft again."""

    line: int
    quantity: int
    disposition: Disposition = "restock"
    reason: str = ""


def start(store: Store, actor: Actor, receipt: str) -> Returning:
    """Open a receipt by its code, as scanned or typed; a bare number is one of this register.

    Raises Refused when nobody knows it, or when nothing was sold on it.
    """
    code = receipt_code(receipt, actor.register)
    with store.read() as conn:
        found = sales.by_receipt(conn, code)
        if found is None:
            raise Refused("no_sale", f"Receipt {code} is not in this shop's books.", receipt=code)
        lines = sold.returnable(found, sales.returned(conn, found.id))
        draft = drafts.open_on(conn, actor.register)
        clerk = name_of(conn, found.staff)
    if not lines:
        raise Refused(
            "nothing_sold", f"Nothing was sold on receipt {code}, so nothing can be brought back on it."
        )
    settings = store.settings
    today = business_date(store.clock(), settings.zone, settings.cutoff_hour)
    days = (date.fromisoformat(today) - date.fromisoformat(found.business_date)).days
    chosen = tuple(r for r in draft.returns if r.of_sale == found.id) if draft else ()
    late = 0 < settings.return_days < days
    return Returning(found, clerk, lines, days=days, late=late, chosen=chosen)


def receipt_code(typed: str, register: int) -> str:
    """Return the receipt code that was typed or scanned. Raises Refused when it is none."""
    bare = typed.strip()
    if bare.isascii() and bare.isdigit() and 0 < len(bare) <= 6 and int(bare):
        return barcode.receipt_code(register, int(bare))
    scan = barcode.parse(bare)
    if scan.kind != "receipt":
        raise Refused("no_receipt", "That is no receipt number. Scan the receipt, or type R1-000042.")
    return scan.code


@action
def add(
    tx: Tx,
    actor: Actor,
    draft_id: str,
    sale_id: str,
    line: int,
    quantity: int,
    disposition: Disposition = "restock",
    reason: str = "",
) -> Ringing:
    """Put copies of one line of a receipt into the draft; see `add_all`."""
    return _bring_back(tx, actor, draft_id, sale_id, (Part(line, quantity, disposition, reason),))


@action
def add_all(tx: Tx, actor: Actor, draft_id: str, sale_id: str, parts: Sequence[Part]) -> Ringing:
    """Put what comes back of a receipt into the draft `draft_id`, or into the one open on the register.

    A line that is in the draft already is replaced. Needs "sale.return". Raises Refused for more copies
    than are left, or once a payment was started.
    """
    return _bring_back(tx, actor, draft_id, sale_id, parts)


def _bring_back(tx: Tx, actor: Actor, draft_id: str, sale_id: str, parts: Sequence[Part]) -> Ringing:
    require(tx, actor, "sale.return", sale_id)
    source = sales.by_id(tx.conn, sale_id)
    if source is None:
        raise Refused("no_sale", "This receipt is not in the shop's books.")
    left = {b.line.no: b for b in sold.returnable(source, sales.returned(tx.conn, source.id))}
    draft = _draft(tx, actor, draft_id)
    last = ""
    for part in parts:
        if part.line not in left:
            raise Refused("no_line", "That line was not sold on this receipt.")
        if part.quantity == 0:
            draft = _take_out(draft, sale_id, part.line)
            continue
        made = sold.return_line(
            source,
            left[part.line],
            part.quantity,
            part.disposition,
            sale.plain(part.reason, 80),
            mode=tx.settings.tax.mode,
        )
        if of_order := left[part.line].line.of_order:
            _with_the_customer(tx, of_order, made)
        draft, last = sale.add_return(draft, made), made.id
    if draft.customer is None and source.customer is not None and draft.returns:
        draft = sale.set_customer(draft, source.customer)
    return rung(tx.conn, drafts.save(tx, draft), tx.settings.tax, last)


def _with_the_customer(tx: Tx, of_order: str, back: ReturnLine) -> None:
    """Raise Refused where copies that were paid with an order are not with its customer."""
    from bookwish_desk.db import orders
    from bookwish_desk.shop import collecting

    collecting.brought_back(orders.load(tx.conn, of_order), back.sku, back.quantity)


def _draft(tx: Tx, actor: Actor, draft_id: str) -> Draft:
    return drafts.load(tx.conn, draft_id) if draft_id else draft_here(tx, actor)


def _take_out(draft: Draft, sale_id: str, line: int) -> Draft:
    for r in draft.returns:
        if (r.of_sale, r.of_line) == (sale_id, line):
            return sale.remove_line(draft, r.id)
    return draft


@action
def add_unreceipted(
    tx: Tx,
    actor: Actor,
    draft_id: str,
    item: Item,
    quantity: int,
    price_cents: int,
    disposition: Disposition,
    reason: str,
    line_id: str = "",
) -> Ringing:
    """Put goods without their receipt into the draft, at a price and at today's tax; always with a reason.

    Needs "sale.return_unreceipted", once for each time, and is journalled. The same `line_id` is added
    once, however often it is asked for.
    """
    require(tx, actor, "sale.return_unreceipted", item.sku)
    why = sale.plain(reason, 80)
    if not why:
        raise Refused("reason", "Say why it is taken back without a receipt.")
    if quantity < 1:
        raise Refused("quantity", "Choose how many copies come back.")
    draft = _draft(tx, actor, draft_id)
    if line_id and any(r.id == line_id for r in draft.returns):
        return rung(tx.conn, draft, tx.settings.tax, line_id)
    nothing = replace(draft, id=new_id(), lines=(), returns=(), discount=None, tenders=())
    priced = totals(sale.add_item(nothing, item, quantity, price_cents), tx.settings.tax)
    (made,) = sold.return_without_receipt(priced, disposition, why)
    made = replace(made, id=line_id or made.id)
    draft = drafts.save(tx, sale.add_return(draft, made))
    tx.record(
        "return.unreceipted",
        staff=actor.staff,
        register=actor.register,
        ref=draft.id,
        body={
            "sku": item.sku,
            "title": item.title,
            "quantity": quantity,
            "price_cents": price_cents,
            "total_cents": made.total_cents,
            "disposition": disposition,
            "reason": why,
        },
    )
    return rung(tx.conn, draft, tx.settings.tax, made.id)


def refund_plan(store: Store, draft_id: str) -> RefundPlan:
    """Return the ways to give back what a draft owes, as far as its own tenders did not yet.

    Its steps are done one by one: `paying.start_card` and `confirm_card` for a card, `pay_cash` with 0
    for cash, which completes. Each is kept before the next, so that a crash in between loses nothing:
    ask for the plan again. Empty when nothing is owed. Raises Refused when the draft is gone.
    """
    with store.read() as conn:
        draft = drafts.load(conn, draft_id)
        due = rung(conn, draft, store.settings.tax).due_cents
        return refund.plan(draft, due, store.settings.cash_step, originals(conn, draft))
