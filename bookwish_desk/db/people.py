"""Reads of staff, roles and customers. Hashes of PINs and badges never leave by these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select

from bookwish_desk.db import tables
from bookwish_desk.db.folding import fold
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.staff import PERMISSIONS, Person, Role

_s, _r, _c = tables.staff.c, tables.role_permissions.c, tables.customers.c

_person_columns = (_s.id, _s.name, _s.role, _s.active, _s.badge_hash.is_not(None).label("has_badge"))
_rank = case((_s.role == "owner", 0), (_s.role == "manager", 1), else_=2)


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.name, row.role, bool(row.active), bool(row.has_badge))


def staff(conn: Connection, *, left: bool = False) -> tuple[Person, ...]:
    """Return the staff, owners first, then by name; with `left` also those who no longer work here."""
    query = select(*_person_columns).order_by(_rank, func.lower(_s.name))
    return tuple(_person(r) for r in conn.execute(query if left else query.where(_s.active)))


def person(conn: Connection, staff_id: str) -> Person | None:
    """Return one member of staff, also one who left."""
    row = conn.execute(select(*_person_columns).where(_s.id == staff_id)).first()
    return None if row is None else _person(row)


def by_badge(conn: Connection, badge_hash: str) -> Person | None:
    """Return whose badge has this hash, if that person works here."""
    row = conn.execute(select(*_person_columns).where(_s.badge_hash == badge_hash, _s.active)).first()
    return None if row is None else _person(row)


def holders(conn: Connection, permission: str) -> tuple[Person, ...]:
    """Return who may do something by role, and so may approve it."""
    held = select(_r.role).where(_r.permission == permission)
    query = select(*_person_columns).where(_s.active, or_(_s.role == "owner", _s.role.in_(held)))
    return tuple(_person(r) for r in conn.execute(query.order_by(_rank, func.lower(_s.name))))


def role_permissions(conn: Connection) -> dict[Role, frozenset[str]]:
    """Return what each role may do; an owner may do everything, whatever the table says."""
    held: dict[Role, frozenset[str]] = {
        "owner": frozenset(PERMISSIONS),
        "manager": frozenset(),
        "staff": frozenset(),
    }
    for row in conn.execute(select(_r.role, _r.permission)):
        if row.role != "owner" and row.role in held and row.permission in PERMISSIONS:
            held[row.role] |= {row.permission}
    return held


def customer(conn: Connection, customer_id: str) -> Customer | None:
    """Return one customer."""
    row = conn.execute(select(tables.customers).where(_c.id == customer_id)).first()
    return None if row is None else _customer(row)


def find_customers(conn: Connection, words: str, limit: int = 20) -> tuple[Customer, ...]:
    """Return the customers whom all words fit, by name, e-mail or telephone; the latest for no words.

    Accents and case do not matter; whoever's name begins with the first word comes first.
    """
    query = select(tables.customers)
    if typed := customer_words(words):
        fits = and_(*(_c.folded.contains(word, autoescape=True) for word in typed))
        first = case((_c.folded.startswith(typed[0], autoescape=True), 0), else_=1)
        query = query.where(fits).order_by(first, _c.folded)
    else:
        query = query.order_by(_c.created_at.desc(), _c.id.desc())
    return tuple(_customer(r) for r in conn.execute(query.limit(limit)))


def customer_words(typed: str) -> Sequence[str]:
    """Return what to look for: the folded words, or the digits alone where a telephone number was typed."""
    digits = phone_digits(typed)
    if len(digits) >= 5 and not any(c.isalpha() for c in typed):
        return [digits]
    return fold(typed).split()[:8]


def phone_digits(text: str) -> str:
    """Return the digits of a telephone number."""
    return "".join(c for c in text if c.isascii() and c.isdigit())


def _customer(row: Row[Any]) -> Customer:
    return Customer(row.id, row.name, email=row.email, phone=row.phone, note=row.note)
