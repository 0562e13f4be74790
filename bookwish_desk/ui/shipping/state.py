"""What the shipping screen shows of its list, as frozen values. No Qt here."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.carriage import CheckedAddress
from bookwish_desk.shop.order import Order, Parcel
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.parcel_weight import Weighed, inside
from bookwish_desk.shop.postage import Postage

Shown = Literal["to_ship", "today", "problems"]
Tone = Literal["ink", "soft", "ok", "warn", "danger"]
NoticeTone = Literal["ok", "info", "warn", "error"]

NAMES: dict[Shown, str] = {"to_ship": "To ship", "problems": "Problems", "today": "Today"}
"""What the lists are called."""


class ToShip(msgspec.Struct, frozen=True):
    """One parcel: the orders that have copies in it, and the label that stands for it.

    `postage` is the live one, else the last that was; None where nobody asked a carrier yet. `known` is what
    its books weigh and how they may travel, by SKU. `checked` is what carriers said of its address lately,
    `choice` which spelling staff chose then ("own", "suggested").
    """

    box: str
    orders: tuple[Order, ...]
    postage: Postage | None = None
    known: dict[str, Weighed] = {}
    checked: CheckedAddress | None = None
    choice: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from others: its first order's id and its own."""
        return f"{self.orders[0].id}/{self.box}"

    @property
    def parcel(self) -> Parcel:
        """Return the parcel as its first order has it."""
        found = self.orders[0].parcel(self.box)
        assert found is not None
        return found

    @property
    def lines(self) -> tuple[tuple[OrderLine, int], ...]:
        """Return the lines that have copies in it, with how many."""
        return inside(self.orders, self.box)

    @property
    def copies(self) -> int:
        """Return how many copies are in it."""
        return sum(copies for _, copies in self.lines)

    @property
    def weighed_grams(self) -> int:
        """Return what it weighed when it was packed, 0 where nobody weighed it."""
        weights = (p.weight_grams for order in self.orders if (p := order.parcel(self.box)) is not None)
        return max(weights, default=0)

    @property
    def number(self) -> str:
        """Return the numbers of its orders, as one text."""
        return " and ".join(order.number for order in self.orders)

    @property
    def name(self) -> str:
        """Return what it is called: its orders' numbers, and which of several parcels it is."""
        ids = [p.id for p in self.orders[0].parcels]
        if len(ids) < 2:
            return self.number
        return f"{self.number}, {ids.index(self.box) + 1} of {len(ids)}"

    @property
    def shipped(self) -> bool:
        """Say whether it is on its way."""
        return bool(self.parcel.shipped_at)


class ShipRow(msgspec.Struct, frozen=True):
    """One parcel in the list, in words. `icon` says for the eye what `label` says; `note` is a problem."""

    key: str
    number: str
    customer: str
    to: str
    copies: str
    weight: str
    label: str
    icon: str
    tone: Tone = "soft"
    note: str = ""
    aside: str = ""
    problem: bool = False


class ShippingView(msgspec.Struct, frozen=True):
    """Everything on the screen but the chosen parcel.

    `headline` says how the work with carriers stands, `light` in a word. `marked` are chosen for work on
    many at once.
    """

    shown: Shown = "to_ship"
    counts: dict[Shown, int] = {}
    rows: tuple[ShipRow, ...] = ()
    selected: str = ""
    marked: frozenset[str] = frozenset()
    connected: bool = False
    light: str = ""
    headline: str = ""
    headline_tone: Literal["ok", "warn", "error", "off"] = "off"
    notice: str = ""
    tone: NoticeTone = "warn"
