"""Customers: written down, corrected and found again by name, e-mail or telephone."""

from __future__ import annotations

import re

from sqlalchemy import Connection, func, insert, select, update

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import present
from bookwish_desk.db import people, tables
from bookwish_desk.db.folding import fold
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_c = tables.customers.c


@action
def add(tx: Tx, actor: Actor, name: str, email: str = "", phone: str = "", note: str = "") -> Customer:
    """Write a new customer down. Raises Refused for no name, no e-mail address, or one known already.

    The journal says that it was done and by whom, never who the customer is: it is kept for ever.
    """
    present(tx, actor)
    made = _checked(tx, Customer(new_id(), name, email=email, phone=phone, note=note))
    tx.conn.execute(insert(tables.customers), {**_row(made), "created_at": tx.at})
    tx.record("customer.added", staff=actor.staff, register=actor.register, ref=made.id, body={})
    tx.touch("customers")
    return made


@action
def edit(
    tx: Tx, actor: Actor, customer_id: str, name: str, email: str = "", phone: str = "", note: str = ""
) -> Customer:
    """Correct what is known of a customer; sales made before keep what they had."""
    present(tx, actor)
    before = people.customer(tx.conn, customer_id)
    if before is None:
        raise Refused("no_customer", "This customer is not in the shop's books.")
    made = _checked(tx, Customer(customer_id, name, email=email, phone=phone, note=note))
    if made == before:
        return made
    tx.conn.execute(update(tables.customers).where(_c.id == customer_id).values(**_row(made)))
    changed = [f for f in ("name", "email", "phone", "note") if getattr(made, f) != getattr(before, f)]
    tx.record(
        "customer.edited",
        staff=actor.staff,
        register=actor.register,
        ref=customer_id,
        body={"changed": changed},
    )
    tx.touch("customers")
    return made


def search(conn: Connection, words: str, limit: int = 20) -> tuple[Customer, ...]:
    """Return the customers whom all words fit, by name, e-mail or telephone; the latest for no words."""
    return people.find_customers(conn, words, limit)


def _checked(tx: Tx, typed: Customer) -> Customer:
    made = Customer(
        typed.id,
        plain(typed.name, 80),
        email=plain(typed.email, 120),
        phone=plain(typed.phone, 40),
        note=plain(typed.note, 500),
    )
    if not made.name:
        raise Refused("name", "Type the customer's name.")
    if made.email and not _EMAIL.fullmatch(made.email):
        raise Refused("email", "Type an e-mail address such as ann@example.com, or leave it empty.")
    if made.email:
        same = select(_c.name).where(func.lower(_c.email) == made.email.lower(), _c.id != made.id)
        known = tx.conn.execute(same.limit(1)).scalar()
        if known is not None:
            raise Refused("email", f"{known} has this e-mail address already.")
    return made


def _row(made: Customer) -> dict[str, object]:
    digits = people.phone_digits(made.phone)
    return {
        "id": made.id,
        "name": made.name,
        "email": made.email,
        "phone": made.phone,
        "note": made.note,
        "folded": " ".join(w for w in (fold(made.name), fold(made.email), fold(made.phone), digits) if w),
    }
