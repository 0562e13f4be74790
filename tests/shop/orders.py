"""Orders for the tests of the order floor: two lines, three copies, and steps through the rules."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Order, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step

HOUR = 3_600_000
DAY = 24 * HOUR
PLACED = 1_795_600_000_000
"""A Tuesday in November 2026."""

HOME = PostalAddress("Ada Byron", "12 St James's Square", city="London", postal_code="SW1Y 4LB", country="GB")
CAPTURED = Payment(captured_cents=5_500)
ON_CARD = Payment(authorised_cents=5_500, expires_at=PLACED + 7 * DAY)
AT_COUNTER = Payment(promise="at_pickup")


def order(kind: str = "ship", *, paid: Payment = CAPTURED, **more: Any) -> Order:
    """Return an order of two and one copies, worth 55.00 with 5.00 shipping or 5.00 tax for pickup."""
    lines = (
        OrderLine("a", "9780143127741", "The Night Watch", 2, 1_500, tax_cents=0),
        OrderLine("b", "9780307476463", "Beloved", 1, 2_000, tax_cents=0),
    )
    fresh = Order(
        id="o1",
        number="BW-20261122-AB12",
        source="counter",
        kind="pickup" if kind == "pickup" else "ship",
        placed_at=PLACED,
        customer=Customer("c1", "Ada Byron", "ada@example.org"),
        address=HOME if kind == "ship" else None,
        lines=lines,
        shipping_cents=500 if kind == "ship" else 0,
        adjustment_cents=0 if kind == "ship" else 500,
        payment=paid,
    )
    return replace(fresh, **more)


def do(start: Order, *steps: Step | str, at: int = PLACED + HOUR) -> Order:
    """Return an order after steps, each through the rules; a name is a step with nothing typed."""
    for step in steps:
        start = apply(start, Step(step) if isinstance(step, str) else step, at)  # type: ignore[arg-type]
    return start


SHIP = Step("ship", carrier="USPS", tracking="9400111899223197428490")
TO_PARCEL = ("allocate", "pick", "check", "pack")
TO_SHELF = ("allocate", "pick", "ready")
