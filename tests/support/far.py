"""Orders as an online store sends them, for tests of what comes down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions import downloading
from bookwish_desk.actions.downloading import Applied
from bookwish_desk.db import conflicts, orders
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.conflict import Conflict, Kind
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.online import Abilities, OnlineLine, OnlineOrder, OnlineSettings
from bookwish_desk.shop.order import Order, PostalAddress
from bookwish_desk.shop.staff import Actor
from tests.support.letters import mailing_shop
from tests.support.orders import ORLANDO
from tests.support.shops import NOON, found_shop

STORE_ID = "st-lantern"
HERE = OnlineSettings("https://store.example", "olive@shop.example", STORE_ID, "Lantern", since=NOON - 1)
ELM = PostalAddress("Ada Example", "12 Elm Street", "", "Springfield", "CT", "06001")
OAK = PostalAddress("Ada Example", "9 Oak Street", "", "Shelbyville", "CT", "06002")


def open_shop(
    folder: Path, *, source: str = "bookwish", mail: bool = False, **more: Any
) -> tuple[Store, Actor]:
    """Return a shop that works with an online store, with mail to its staff where that is asked for."""
    made = {"online": replace(HERE, source=source), **more}
    if mail:
        return mailing_shop(folder, staff_mail=("olive@shop.example",), **made)
    return found_shop(folder, Settings(shop_name="Test Books", **made))


def far_line(item: Item = ORLANDO, copies: int = 1, **more: Any) -> OnlineLine:
    """Return copies of an item as a line of an order of the store."""
    facts: dict[str, Any] = {
        "id": f"line-{item.sku}", "inventory_id": f"inv-{item.sku}", "isbn": str(item.ean or ""),
        "title": item.title, "authors": item.authors, "condition": "new", "store_id": STORE_ID,
        "price_cents": item.price_cents or 0, **more,
    }  # fmt: skip
    return OnlineLine(quantity=copies, **facts)


def far(number: str = "BW-1", status: str = "confirmed", *lines: OnlineLine, **more: Any) -> OnlineOrder:
    """Return a paid order for pickup as the store has it; totals follow from its lines."""
    facts: dict[str, Any] = {
        "id": f"far-{number}", "updated": "2026-09-21T15:00:00Z", "created_at": NOON, "kind": "pickup",
        "store_id": STORE_ID, "customer_name": "Ada Example", "customer_email": "ada@example.com",
        "lines": lines or (far_line(),), "payment": "paid", **more,
    }  # fmt: skip
    if facts["kind"] == "ship":
        facts.setdefault("address", ELM)
        facts.setdefault("shipping_cents", 499)
    goods = sum(x.quantity * x.price_cents for x in facts["lines"])
    facts.setdefault("subtotal_cents", goods)
    facts.setdefault("tax_cents", goods // 16)
    total = goods + facts["tax_cents"] + facts.get("shipping_cents", 0)
    facts.setdefault("total_cents", total)
    return OnlineOrder(number=number, status=status, **facts)


def heard(store: Store, *orders: OnlineOrder, abilities: Abilities | None = None) -> Applied:
    """Take orders over as a page of the store."""
    return downloading.apply_orders(store, orders, None, abilities).value


def by_number(store: Store, number: str) -> Order:
    """Return the order of a number."""
    with store.read() as conn:
        (found,) = orders.by_number(conn, number)
    return found


def kinds(store: Store, number: str) -> list[str]:
    """Return what the history of an order says, oldest first."""
    with store.read() as conn:
        return [e.kind for e in orders.history(conn, by_number(store, number).id)]


def open_conflicts(store: Store, *of: Kind) -> list[Conflict]:
    """Return the open conflicts, of some kinds only where they are named."""
    with store.read() as conn:
        return [c for c in conflicts.all_open(conn) if not of or c.kind in of]
