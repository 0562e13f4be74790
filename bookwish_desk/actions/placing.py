"""New orders: as they come in from a source, or as staff enter them."""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions import allocating, telling
from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import items, lookup, orders
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.new_order import OWN_SOURCES, NewLine, NewOrder, checked, made
from bookwish_desk.shop.order import Order, fault
from bookwish_desk.shop.staff import Actor

PLACED = "placed"
"""What the history of an order calls its beginning."""


@action
def receive(tx: Tx, actor: Actor, order: Order) -> Order:
    """Keep an order that a source has sent and promise it what copies there are; return it as it is then.

    Raises Refused for a number that the source has used before, and for an order that does not add up.
    """
    return received(tx, actor, order, Telling())


def received(tx: Tx, actor: Actor, order: Order, how: Telling) -> Order:
    """Do what `receive` does, as part of another action."""
    if wrong := fault(order):
        raise AssertionError(wrong)
    orders.insert(tx, order)
    body = {"source": order.source, "number": order.number}
    orders.record(tx, order.id, PLACED, staff=actor.staff, register=actor.register, body=body)
    tx.record("order.placed", staff=actor.staff, register=actor.register, ref=order.number, body=body)
    allocating.share_out(tx, {x.sku for x in order.lines}, of=order.id)
    kept = orders.load(tx.conn, order.id)
    telling.follow(tx, actor, order, kept, PLACED, body, how)
    return kept


_KNOWN = "SELECT id FROM orders WHERE source = ? AND number = ? COLLATE NOCASE"


@action
def enter(tx: Tx, actor: Actor, new: NewOrder, telling_how: Telling = Telling()) -> Order:  # noqa: B008
    """Keep an order that staff have typed in and promise it what copies there are; return it as it is then.

    Needs "order.edit", and "order.payment" for one that is paid or authorised. Raises Refused in plain words
    with the fact `field`; for a number that its source has used before, the fact `order` is the id of that
    order.
    """
    require(tx, actor, "order.edit", f"{new.source} enter")
    if new.paid in ("captured", "authorised"):
        require(tx, actor, "order.payment", f"{new.source} enter {new.paid}")
    typed = checked(new, tx.at)
    if typed.source == tx.settings.online.source:
        # As the store writes it, which it is known by once the store is heard of: without blanks.
        typed = replace(typed, number="".join(typed.number.split()).lstrip("#") or typed.number)
    if typed.number:
        _unused(tx, typed.source, typed.number)
    number = typed.number or own_number(tx, actor)
    typed = replace(typed, lines=tuple(described(tx, line) for line in typed.lines))
    if typed.source in OWN_SOURCES:
        given = typed.discount_cents > 0
        may_sell_at(tx, actor, f"{new.source} enter", *typed.lines, discounted=given)
    order = made(typed, number, tx.at, tx.settings.tax, tx.settings.shipping_tax)
    for line in typed.lines:
        known(tx, line)
    return received(tx, actor, order, telling_how)


def own_number(tx: Tx, actor: Actor) -> str:
    """Draw the next of the shop's own order numbers: O, the register, and a number without gaps."""
    return f"O{actor.register}-{tx.count(f'order-{actor.register}'):06d}"


def may_sell_at(tx: Tx, actor: Actor, ref: str, *lines: NewLine, discounted: bool = False) -> None:
    """Let somebody sell lines at their typed prices: below the usual ones by the rules of the register.

    Raises NeedsApproval for who may not change a price, or give a discount.
    """
    with tx.store.read() as conn:
        found = [(line, lookup.find(conn, line.sku, line.ean)) for line in lines]
    if any(x and x.price_cents is not None and line.price_cents < x.price_cents for line, x in found):
        require(tx, actor, "sale.price", f"{ref} price")
    if discounted or any(line.discount_cents for line in lines):
        require(tx, actor, "sale.discount", f"{ref} discount")


def described(tx: Tx, line: NewLine) -> NewLine:
    """Return a typed line with the street date that the shop or the trade knows of it."""
    if line.street_date:
        return line
    with tx.store.read() as conn:
        item = lookup.find(conn, line.sku, line.ean)
    return replace(line, street_date=item.street_date) if item else line


def known(tx: Tx, line: NewLine) -> None:
    """Keep an article for a typed line that neither the shop nor the trade knows: it must be taxed again.

    What has no code is sold by its tax class, and no stock is kept of it.
    """
    with tx.store.read() as conn:
        found = lookup.find(conn, line.sku, line.ean)
    if found is None:
        code = line.sku.startswith("OPEN-")
        items.keep(
            tx,
            Item(
                line.sku,
                "Not in the catalogue" if code else line.title,
                ean=line.ean,
                authors="" if code else line.detail,
                price_cents=None if code else line.price_cents,
                tax_class=line.tax_class,
                stocked=not code,
                to_catalogue=not code,
            ),
        )


def _unused(tx: Tx, source: str, number: str) -> None:
    row = query(tx.conn, _KNOWN, (source, number)).fetchone()
    if row is not None:
        raise Refused(
            "known", f"{number} is in the books already.", field="number", order=row[0], number=number
        )
