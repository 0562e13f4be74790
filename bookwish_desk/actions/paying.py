"""Paying: money that is taken for the draft, or given back, until nothing is left to pay.

`complete` and whatever settles the rest turn the draft into a sale in one transaction; a tender before
that is kept in the draft, so that a crash forgets no money. What is sold is `actions.selling`.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.completing import complete_draft, open_till, settled, stale_order
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.refunding import rounding_to_even
from bookwish_desk.actions.ringing import Ringing, rung
from bookwish_desk.db import drafts
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import sale
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.sale import Draft, Tender, totals
from bookwish_desk.shop.sold import settle_cash
from bookwish_desk.shop.staff import Actor


@action
def pay_cash(tx: Tx, actor: Actor, draft_id: str, given_cents: int, receipt: bool = True) -> Ringing:
    """Take cash, or give it back. What settles the sale completes it in the same transaction.

    Less than what is due becomes a part payment. For a refund the shop gives what is due, rounded to
    the cash step. Paying twice under the same draft returns the sale that it became.
    """
    if (done := settled(tx, draft_id)) is not None:
        return Ringing(None, sale=done)
    draft = drafts.load(tx.conn, draft_id)
    due = totals(draft, tx.settings.tax).due_cents
    if given_cents < 0:
        raise Refused("amount", "Type the amount that was handed over.")
    outcome = settle_cash(due, given_cents, tx.settings.cash_step, rounding_to_even(tx.conn, draft))
    if outcome is None:
        open_till(tx, draft.register)
        return _tender(tx, actor, draft_id, Tender(id=new_id(), kind="cash", amount_cents=given_cents))
    rounding, change = outcome
    given = due + rounding + change
    cash = (Tender(id=new_id(), kind="cash", amount_cents=given),) if given else ()
    made = replace(draft, tenders=(*draft.tenders, *cash))
    sold = complete_draft(tx, actor, made, rounding_cents=rounding, change_cents=change, receipt=receipt)
    return Ringing(None, sale=sold)


def _tender(tx: Tx, actor: Actor, draft_id: str, tender: Tender) -> Ringing:
    present(tx, actor)
    return _kept(tx, sale.add_tender(drafts.load(tx.conn, draft_id), tender))


def _kept(tx: Tx, draft: Draft) -> Ringing:
    return rung(tx.conn, drafts.save(tx, draft), tx.settings.tax)


def _fits(tx: Tx, draft_id: str, amount_cents: int) -> None:
    draft = drafts.load(tx.conn, draft_id)
    open_till(tx, draft.register)
    if (changed := stale_order(tx, draft)) is not None:
        # Said before the terminal is used, and not after the card was charged.
        raise changed
    due = totals(draft, tx.settings.tax).due_cents - rounding_to_even(tx.conn, draft)
    if due == 0 or (amount_cents > 0) != (due > 0) or abs(amount_cents) > abs(due):
        show = tx.settings.money.show(abs(due))
        raise Refused("amount", f"At most {show} can go on this payment.", due_cents=due)


@action
def start_card(
    tx: Tx,
    actor: Actor,
    draft_id: str,
    amount_cents: int,
    reference: str = "",
    brand: str = "",
    last4: str = "",
) -> Ringing:
    """Store the intent to charge (or, negative, refund) a card before the terminal is used.

    `brand` and `last4` name the card that a refund should go back to.
    """
    _fits(tx, draft_id, amount_cents)
    intended = Tender(
        id=new_id(),
        kind="card",
        amount_cents=amount_cents,
        state="intended",
        brand=brand,
        last4=last4,
        reference=reference,
    )
    return _tender(tx, actor, draft_id, intended)


@action
def confirm_card(
    tx: Tx,
    actor: Actor,
    draft_id: str,
    tender_id: str,
    brand: str,
    last4: str,
    auth_code: str,
    receipt: bool = True,
) -> Ringing:
    """Record that the terminal approved; completes the sale when nothing is left to pay."""
    if (done := settled(tx, draft_id)) is not None:
        return Ringing(None, sale=done)
    draft = sale.confirm_tender(drafts.load(tx.conn, draft_id), tender_id, brand, last4, auth_code)
    return _paid(tx, actor, draft, receipt)


@action
def pay_cheque(
    tx: Tx, actor: Actor, draft_id: str, amount_cents: int, reference: str = "", receipt: bool = True
) -> Ringing:
    """Take a cheque (its number is the reference); completes the sale when nothing is left to pay."""
    if (done := settled(tx, draft_id)) is not None:
        return Ringing(None, sale=done)
    _fits(tx, draft_id, amount_cents)
    cheque = Tender(
        id=new_id(), kind="cheque", amount_cents=amount_cents, reference=sale.plain(reference, 40)
    )
    return _paid(tx, actor, sale.add_tender(drafts.load(tx.conn, draft_id), cheque), receipt)


def _paid(tx: Tx, actor: Actor, draft: Draft, receipt: bool) -> Ringing:
    present(tx, actor)
    rounding = rounding_to_even(tx.conn, draft)
    # The money is there: where an order was changed meanwhile it is kept, and `complete` says what is wrong.
    if totals(draft, tx.settings.tax).due_cents == rounding and stale_order(tx, draft) is None:
        sold = complete_draft(tx, actor, draft, rounding_cents=-rounding, receipt=receipt)
        return Ringing(None, sale=sold)
    return _kept(tx, draft)


@action
def remove_tender(tx: Tx, actor: Actor, draft_id: str, tender_id: str) -> Ringing:
    """Take a payment back out: declined, cancelled at the terminal, or handed back; journalled."""
    present(tx, actor)
    draft = drafts.load(tx.conn, draft_id)
    gone = next((t for t in draft.tenders if t.id == tender_id), None)
    done = _kept(tx, sale.remove_tender(draft, tender_id))
    tx.record(
        "tender.removed", staff=actor.staff, register=actor.register, ref=draft_id, body={"tender": gone}
    )
    return done


@action
def complete(tx: Tx, actor: Actor, draft_id: str, receipt: bool = True) -> Ringing:
    """Complete a sale with nothing left to pay: an even exchange, or one at no charge."""
    if (done := settled(tx, draft_id)) is not None:
        return Ringing(None, sale=done)
    draft = drafts.load(tx.conn, draft_id)
    rounding = rounding_to_even(tx.conn, draft)
    due = totals(draft, tx.settings.tax).due_cents - rounding
    if due != 0:
        raise Refused("unpaid", f"{tx.settings.money.show(abs(due))} is still open.", due_cents=due)
    sold = complete_draft(tx, actor, draft, rounding_cents=-rounding, receipt=receipt)
    return Ringing(None, sale=sold)
