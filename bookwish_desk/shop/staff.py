"""Staff, roles and permissions, as data: what each role may do is a table that the owner edits."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["owner", "manager", "staff"]

PERMISSIONS: dict[str, str] = {
    "sale.price": "Change a price",
    "sale.discount": "Give a discount",
    "sale.exempt": "Sell without tax",
    "sale.void": "Void a sale",
    "sale.street_date": "Sell before the street date",
    "sale.return": "Take a return with a receipt",
    "sale.return_unreceipted": "Take a return without a receipt",
    "till.open": "Open the till",
    "till.move": "Pay cash in or out, or drop it",
    "till.no_sale": "Open the drawer without a sale",
    "till.report": "See the X report",
    "till.close": "Count and close the till",
    "stock.adjust": "Adjust stock",
    "items.edit": "Edit items and prices",
    "order.work": "Work on orders",
    "order.edit": "Enter and change orders",
    "order.payment": "Record payments of orders",
    "order.cancel": "Cancel orders or copies of them",
    "order.refund": "Give money back for orders",
    "order.override": "Let an unpaid order pass",
    "order.wholesaler": "Hand orders to the wholesaler",
    "sync.decide": "Decide differences with the online store",
    "sync.resend": "Send or discard what may be at the online store",
    "sync.connect": "Connect the online store",
    "ship.buy": "Buy shipping labels",
    "ship.spend": "Buy postage beyond the limit",
    "ship.void": "Give shipping labels back",
    "ship.decide": "Settle a label that was perhaps bought",
    "staff.edit": "Edit staff and roles",
    "settings.edit": "Edit settings",
    "journal.read": "Read the journal",
}
"""Every permission with its plain verb; the owner has all of them, always."""

ROLE_DEFAULTS: dict[Role, frozenset[str]] = {
    "owner": frozenset(PERMISSIONS),
    "manager": frozenset(PERMISSIONS) - {"settings.edit", "staff.edit"},
    "staff": frozenset(
        {
            *("sale.discount", "sale.return", "sale.void", "till.open", "till.move", "till.close"),
            *("order.work", "order.edit", "order.payment", "sync.decide"),
            *("ship.buy", "ship.void"),
        }
    ),
}


class Person(msgspec.Struct, frozen=True):
    """A member of staff as screens see them; hashes of PIN and badge never leave the database."""

    id: str
    name: str
    role: Role
    active: bool = True
    has_badge: bool = False


class Actor(msgspec.Struct, frozen=True):
    """Who does it, on which register. `approval` is a manager's single-use consent to this one action."""

    staff: str
    register: int = 1
    approval: str = ""


TRIES = 5
"""Wrong PINs before the delay begins."""


def wait_after(failures: int) -> int:
    """Return how many seconds a person must wait after this many wrong PINs in a row.

    Five tries are free, then 30 s, doubling to at most an hour: a 4-digit PIN cannot be guessed
    through the screen in a working life.
    """
    return 0 if failures < TRIES else min(3600, 30 * 2 ** (failures - TRIES))


def pin_fault(pin: str) -> str:
    """Return why a PIN cannot be used, or an empty text when it can: 4 to 8 digits, not all the same."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        return "A PIN has 4 to 8 digits."
    if len(set(pin)) == 1 or pin in "0123456789" or pin in "9876543210":
        return "Choose a PIN that is harder to guess."
    return ""
