"""Reads of staff, roles and customers. Hashes of PINs and badges never leave by these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bookwish_desk.db.folding import fold
from bookwish_desk.db.link import query
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.staff import PERMISSIONS, Person, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PERSON = "SELECT id, name, role, active, badge_hash IS NOT NULL FROM staff"
_IN_ORDER = "ORDER BY CASE role WHEN 'owner' THEN 0 WHEN 'manager' THEN 1 ELSE 2 END, lower(name)"
_HOLDERS = (
    f"{_PERSON} WHERE active AND (role = 'owner' OR role IN"
    f" (SELECT role FROM role_permissions WHERE permission = ?)) {_IN_ORDER}"
)
_CUSTOMER = "SELECT id, name, email, phone, note FROM customers"


def _person(row: Sequence[Any]) -> Person:
    staff_id, name, role, active, has_badge = row
    return Person(staff_id, name, role, bool(active), bool(has_badge))


def staff(conn: Connection, *, left: bool = False) -> tuple[Person, ...]:
    """Return the staff, owners first, then by name; with `left` also those who no longer work here."""
    here = "" if left else "WHERE active"
    return tuple(_person(row) for row in query(conn, f"{_PERSON} {here} {_IN_ORDER}"))


def person(conn: Connection, staff_id: str) -> Person | None:
    """Return one member of staff, also one who left."""
    row = query(conn, f"{_PERSON} WHERE id = ?", (staff_id,)).fetchone()
    return None if row is None else _person(row)


def by_badge(conn: Connection, badge_hash: str) -> Person | None:
    """Return whose badge has this hash, if that person works here."""
    row = query(conn, f"{_PERSON} WHERE badge_hash = ? AND active", (badge_hash,)).fetchone()
    return None if row is None else _person(row)


def holders(conn: Connection, permission: str) -> tuple[Person, ...]:
    """Return who may do something by role, and so may approve it."""
    return tuple(_person(row) for row in query(conn, _HOLDERS, (permission,)))


def role_permissions(conn: Connection) -> dict[Role, frozenset[str]]:
    """Return what each role may do; an owner may do everything, whatever the table says."""
    held: dict[Role, frozenset[str]] = {
        "owner": frozenset(PERMISSIONS),
        "manager": frozenset(),
        "staff": frozenset(),
    }
    for role, permission in query(conn, "SELECT role, permission FROM role_permissions"):
        if role != "owner" and role in held and permission in PERMISSIONS:
            held[role] |= {permission}
    return held


def customer(conn: Connection, customer_id: str) -> Customer | None:
    """Return one customer."""
    row = query(conn, f"{_CUSTOMER} WHERE id = ?", (customer_id,)).fetchone()
    return None if row is None else Customer(*row)


def find_customers(conn: Connection, words: str, limit: int = 20) -> tuple[Customer, ...]:
    """Return the customers whom all words fit, by name, e-mail or telephone; the latest for no words.

    Accents and case do not matter; whoever's name begins with the first word comes first.
    """
    typed = customer_words(words)
    if typed:
        fits = " AND ".join(["instr(folded, ?)"] * len(typed))
        which = f"WHERE {fits} ORDER BY instr(folded, ?) <> 1, folded"
    else:
        which = "ORDER BY created_at DESC, id DESC"
    rows = query(conn, f"{_CUSTOMER} {which} LIMIT ?", (*typed, *typed[:1], limit))
    return tuple(Customer(*row) for row in rows)


def customer_words(typed: str) -> Sequence[str]:
    """Return what to look for: the folded words, or the digits alone where a telephone number was typed."""
    digits = phone_digits(typed)
    if len(digits) >= 5 and not any(c.isalpha() for c in typed):
        return [digits]
    return fold(typed).split()[:8]


def phone_digits(text: str) -> str:
    """Return the digits of a telephone number."""
    return "".join(c for c in text if c.isascii() and c.isdigit())
