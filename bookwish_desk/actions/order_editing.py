"""Orders as people change them: each edit of `shop.order_edit` as an action, with its place in the history.

None of them moves money: what is then to collect or to refund is a task until somebody does it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.order_taxing import taxation, taxed_line
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.placing import may_sell_at
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import orders
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import order_edit as edits
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.new_order import (
    NewLine,
    checked_address,
    checked_customer,
)
from bookwish_desk.shop.opening_hours import OpeningHours, local
from bookwish_desk.shop.order import Kind, Order, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_retax import (
    exempted,
    goods_changed,
    priced_anew,
    retaxed,
    sent_at,
    taxed_again,
)
from bookwish_desk.shop.order_rules import STATE_WORDS, edit
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor

_USUAL = Telling()
_SILENT = Telling("silent")


class Edited(msgspec.Struct, frozen=True, omit_defaults=True):
    """An edit as the history keeps it: what it was about, and what stood there before and after.

    `before` and `after` are texts, counts, or amounts in cents where the kind of edit is about money.
    """

    about: str = ""
    before: str | int = ""
    after: str | int = ""

    @property
    def journalled(self) -> dict[str, Any]:
        """Return what the journal keeps for ever: counts and amounts, no text that is about a customer."""
        if isinstance(self.before, int) and isinstance(self.after, int):
            return {"about": self.about, "before": self.before, "after": self.after}
        return {}


@action
def add_line(
    tx: Tx, actor: Actor, order_id: str, line: NewLine, waits: bool = False, telling: Telling = _USUAL
) -> Order:
    """Add copies of a title, taxed as at the register (WSM-23); `waits` has them waited for, not missed."""
    _allow(tx, actor, order_id, "add_line")
    may_sell_at(tx, actor, f"{order_id} add_line", line)
    before = orders.load(tx.conn, order_id)
    new = taxed_line(tx, before, line)
    body = Edited(new.title, 0, new.ordered)
    after = _keep(tx, actor, before, "add_line", lambda o: edits.add_line(o, new), body, telling)
    return waiting(tx, actor, after, new.id) if waits else after


@action
def remove_line(tx: Tx, actor: Actor, order_id: str, line_id: str, telling: Telling = _USUAL) -> Order:
    """Take the open copies of a line out of the order."""
    _allow(tx, actor, order_id, "remove_line")
    before = orders.load(tx.conn, order_id)
    line = _line(before, line_id)
    body = Edited(line.title, line.live, line.gone)
    return _keep(tx, actor, before, "remove_line", lambda o: edits.remove_line(o, line_id), body, telling)


@action
def swap_line(
    tx: Tx,
    actor: Actor,
    order_id: str,
    line_id: str,
    line: NewLine,
    waits: bool = False,
    telling: Telling = _USUAL,
) -> Order:
    """Put another title in the place of a line's open copies, taxed as at the register (WSM-24).

    `waits` has the copies of it waited for that are not there, not missed.
    """
    _allow(tx, actor, order_id, "swap_line")
    may_sell_at(tx, actor, f"{order_id} swap_line", line)
    before = orders.load(tx.conn, order_id)
    after = swapped(tx, actor, before, line_id, _line(before, line_id).open, line, telling)
    return waiting(tx, actor, after, after.lines[-1].id) if waits else after


def swapped(
    tx: Tx, actor: Actor, before: Order, line_id: str, copies: int, line: NewLine, telling: Telling
) -> Order:
    """Put another title in the place of some open copies of a line, as part of another action."""
    old, new = _line(before, line_id), taxed_line(tx, before, line)

    def swap(order: Order) -> Order:
        if copies == old.open:
            return edits.swap_line(order, line_id, new)
        return edits.set_quantity(edits.add_line(order, new), line_id, old.live - copies)

    body = Edited(f"{copies} \N{MULTIPLICATION SIGN} {old.title}", old.title, new.title)
    return _keep(tx, actor, before, "swap_line", swap, body, telling)


@action
def set_quantity(
    tx: Tx, actor: Actor, order_id: str, line_id: str, quantity: int, telling: Telling = _USUAL
) -> Order:
    """Set how many copies of a line the customer gets."""
    _allow(tx, actor, order_id, "quantity")
    before = orders.load(tx.conn, order_id)
    line = _line(before, line_id)
    body = Edited(line.title, line.live, quantity)
    return _keep(
        tx, actor, before, "quantity", lambda o: edits.set_quantity(o, line_id, quantity), body, telling
    )


@action
def set_price(
    tx: Tx, actor: Actor, order_id: str, line_id: str, price_cents: int, telling: Telling = _USUAL
) -> Order:
    """Sell a line at another price, by who may do so at the register; its tax follows."""
    _allow(tx, actor, order_id, "price")
    require(tx, actor, "sale.price", f"{order_id} {line_id} {price_cents}")
    before = orders.load(tx.conn, order_id)
    line = _line(before, line_id)
    body = Edited(line.title, line.price_cents, price_cents)

    def change(order: Order) -> Order:
        return priced_anew(order, taxation(tx, order), lambda o: edits.set_price(o, line_id, price_cents))

    return _keep(tx, actor, before, "price", change, body, telling)


@action
def set_discount(tx: Tx, actor: Actor, order_id: str, cents: int, telling: Telling = _USUAL) -> Order:
    """Give the whole order a discount in place of the one before, by who may do so at the register."""
    _allow(tx, actor, order_id, "discount")
    require(tx, actor, "sale.discount", f"{order_id} {cents}")
    before = orders.load(tx.conn, order_id)
    body = Edited("", before.discount_cents, cents)
    return _keep(
        tx,
        actor,
        before,
        "discount",
        lambda o: priced_anew(o, taxation(tx, o), lambda x: edits.set_discount(x, cents)),
        body,
        telling,
    )


@action
def set_taxes(
    tx: Tx,
    actor: Actor,
    order_id: str,
    tax_cents: dict[str, int],
    shipping_tax_cents: int,
    telling: Telling = _USUAL,
) -> Order:
    """Set the tax of each line by its id, and of shipping, as somebody else reckoned it."""
    _allow(tx, actor, order_id, "taxes")
    before = orders.load(tx.conn, order_id)
    after = sum(tax_cents.get(x.id, 0) for x in before.lines) + shipping_tax_cents
    return _keep(
        tx,
        actor,
        before,
        "taxes",
        lambda o: edits.set_taxes(o, tax_cents, shipping_tax_cents, o.exempt),
        Edited("", before.tax_cents, after),
        telling,
        retax=False,
    )


@action
def verify_exemption(
    tx: Tx, actor: Actor, order_id: str, holds: bool, certificate: str = "", telling: Telling = _USUAL
) -> Order:
    """Note whether a claim that no tax is due holds (IC+05): where it does not, put the tax back.

    A claim that holds needs the number of its certificate; it takes the tax off where there was some.
    """
    _allow(tx, actor, order_id, "exemption")
    before = orders.load(tx.conn, order_id)
    number = plain(certificate, 60)
    if holds and not number:
        raise Refused("certificate", "Type the number of the exemption certificate.", field="certificate")
    if not holds and not before.exempt:
        raise Refused("exempt", "No exemption from tax is claimed for this order.", field="holds")

    def settle(order: Order) -> Order:
        how = taxation(tx, order)
        return exempted(order, how, number) if holds else taxed_again(order, how)

    after = f"verified: {number}" if holds else "does not hold"
    body = Edited(before.exempt, before.exempt, after)
    return _keep(tx, actor, before, "exemption", settle, body, telling, retax=False)


@action
def set_address(
    tx: Tx, actor: Actor, order_id: str, address: PostalAddress | None, telling: Telling = _USUAL
) -> Order:
    """Send it elsewhere; not once a parcel is packed."""
    _allow(tx, actor, order_id, "address")
    before = orders.load(tx.conn, order_id)
    typed = checked_address(address, before.kind)
    body = Edited("", _in_line(before.address), _in_line(typed))
    return _keep(tx, actor, before, "address", lambda o: edits.set_address(o, typed), body, telling)


@action
def set_shipping(
    tx: Tx,
    actor: Actor,
    order_id: str,
    kind: Kind,
    method: str,
    shipping_cents: int,
    telling: Telling = _USUAL,
) -> Order:
    """Change how it gets to the customer and what that costs, taxed by the shop's rules; pickup is free."""
    _allow(tx, actor, order_id, "shipping")
    before = orders.load(tx.conn, order_id)
    after = sent_at(before, taxation(tx, before), kind, method, shipping_cents)
    about = " to ".join(dict.fromkeys((before.kind, kind)))
    body = Edited(f"{about}, {plain(method, 60)}".rstrip(", "), before.shipping_cents, after.shipping_cents)
    return _keep(tx, actor, before, "shipping", lambda _: after, body, telling)


@action
def attach_customer(
    tx: Tx, actor: Actor, order_id: str, customer: Customer | None, telling: Telling = _SILENT
) -> Order:
    """Say whose order it is (WSM-22)."""
    _allow(tx, actor, order_id, "customer")
    before = orders.load(tx.conn, order_id)
    typed = checked_customer(customer)
    names = (before.customer.name if before.customer else "", typed.name if typed else "")
    return _keep(
        tx, actor, before, "customer", lambda o: edits.attach_customer(o, typed), Edited("", *names), telling
    )


@action
def set_gift(
    tx: Tx, actor: Actor, order_id: str, gift: bool, message: str, telling: Telling = _SILENT
) -> Order:
    """Make it a gift with a message, or no longer one (BW+10)."""
    _allow(tx, actor, order_id, "gift")
    before = orders.load(tx.conn, order_id)
    plain(message, 600)
    if len(message) > 500:
        raise Refused("long", "The gift message is too long: at most 500 characters.", field="gift_message")
    words = (before.gift_message or ("gift" if before.gift else ""), message or ("gift" if gift else ""))
    return _keep(
        tx, actor, before, "gift", lambda o: edits.set_gift(o, gift, message), Edited("", *words), telling
    )


@action
def set_memo(tx: Tx, actor: Actor, order_id: str, memo: str) -> Order:
    """Write the staff's own note (WSM-20)."""
    _allow(tx, actor, order_id, "memo", "order.work")
    before = orders.load(tx.conn, order_id)
    body = Edited("", before.memo, plain(memo))
    return _keep(tx, actor, before, "memo", lambda o: edits.set_memo(o, memo), body, _SILENT)


@action
def set_own_status(tx: Tx, actor: Actor, order_id: str, name: str) -> Order:
    """Give an order a status of the shop's own, or none (IC+01).

    Raises Refused for one that the shop does not have, or that belongs to orders in another state.
    """
    _allow(tx, actor, order_id, "own_status", "order.work")
    before = orders.load(tx.conn, order_id)
    own = next((s for s in tx.settings.own_statuses if s.name == name), None)
    if name and own is None:
        raise Refused("status", "The shop has no such status any more.")
    if own is not None and own.state != before.state:
        fits, is_now = STATE_WORDS[own.state], STATE_WORDS[before.state]
        raise Refused("status", f"{name} is for orders that are {fits}. This one is {is_now}.")
    body = Edited("", before.own_status, name)
    change = partial(edits.set_own_status, name=name)
    return _keep(tx, actor, before, "own_status", change, body, _SILENT)


@action
def promise_day(tx: Tx, actor: Actor, order_id: str, day: str, telling: Telling = _USUAL) -> Order:
    """Note the day told to the customer, YYYY-MM-DD (BB-10); nothing takes it back."""
    _allow(tx, actor, order_id, "promised")
    before = orders.load(tx.conn, order_id)
    return promised_day(tx, actor, before, day, telling)


def promised_day(tx: Tx, actor: Actor, before: Order, day: str, telling: Telling) -> Order:
    """Note the day told to the customer, and until then what is waited for, as part of another action."""

    def change(order: Order) -> Order:
        told = edits.promise_day(order, day)
        lines = (replace(x, expected_on=told.expected_on) if x.backordered else x for x in told.lines)
        return replace(told, lines=tuple(lines))

    told = edits.promise_day(before, day).expected_on
    today = local(OpeningHours(tx.settings.zone), tx.at).date().isoformat()
    if told and told != before.expected_on and told < today:
        raise Refused("past", "That day has passed. Type today or a later one.", field="expected_on")
    body = Edited("", before.expected_on, told)
    return _keep(tx, actor, before, "promised", change, body, telling, retax=False)


def waiting(
    tx: Tx, actor: Actor, order: Order, line_id: str, day: str = "", copies: int | None = None
) -> Order:
    """Have copies of a line waited for that are missing, all of them or some, as part of another action."""
    line = _line(order, line_id)
    missing = line.short + line.unallocated
    some = missing if copies is None else min(copies, missing)
    if not some:
        return order
    step = Step("backorder", copies=((line_id, some),), expected_on=day)
    return ordering.advanced(tx, actor, order, step, _SILENT)


# ---- what they share ----


def _allow(tx: Tx, actor: Actor, order_id: str, what: str, permission: str = "order.edit") -> None:
    require(tx, actor, permission, f"{order_id} {what}")


def _keep(
    tx: Tx,
    actor: Actor,
    before: Order,
    what: str,
    change: Callable[[Order], Order],
    body: Edited,
    telling: Telling,
    *,
    retax: bool = True,
) -> Order:
    """Change an order and keep it with its history; what changes nothing leaves no trace."""

    def whole(order: Order) -> Order:
        changed = change(order)
        if not (retax and goods_changed(order, changed)):
            return changed
        return retaxed(changed, taxation(tx, changed))

    after = edit(before, whole, tx.at)
    if after == before:
        return before
    ordering.keep(tx, actor, before, after, f"edit.{what}", body, telling)
    return orders.load(tx.conn, after.id)


def _line(order: Order, line_id: str) -> OrderLine:
    line = order.line(line_id)
    if line is None:
        raise Refused("no_line", "That line is not in this order.")
    return line


def _in_line(address: PostalAddress | None) -> str:
    if address is None:
        return ""
    a = address
    parts = (a.name, a.line1, a.line2, f"{a.postal_code} {a.city}".strip(), a.state, a.country, a.phone)
    return ", ".join(part for part in parts if part)
