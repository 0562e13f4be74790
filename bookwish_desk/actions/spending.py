"""What postage costs beside its price, and when somebody else must let it be spent."""

from __future__ import annotations

from collections.abc import Sequence

from bookwish_desk.actions.consigning import day_began
from bookwish_desk.actions.permits import require
from bookwish_desk.db import postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.staff import Actor

INSURANCE_PPM = 10_000
"""What the insurance of a parcel costs of its value: $1 a $100 (EasyPost)."""
LEAST_INSURANCE_CENTS = 100
"""What the insurance of a parcel costs at the least, however little it is worth (EasyPost)."""


def insurance_cents(cents: int) -> int:
    """Return about what it costs to insure a parcel for an amount; nothing for no amount."""
    return max(LEAST_INSURANCE_CENTS, half_up(cents * INSURANCE_PPM, 1_000_000)) if cents else 0


def beyond_limits(tx: Tx, costs: Sequence[int]) -> bool:
    """Say whether one of these is more than the shop's limit for one thing, or all of them for a day."""
    shipping = tx.settings.shipping
    day = postages.spent_cents(tx.conn, day_began(tx.settings, tx.at)) + postages.agreed_cents(tx.conn)
    over_one = shipping.label_limit_cents and max(costs, default=0) > shipping.label_limit_cents
    over_day = shipping.day_limit_cents and sum(costs) and day + sum(costs) > shipping.day_limit_cents
    return bool(over_one or over_day)


def within_limits(tx: Tx, actor: Actor, cents: int, ref: str) -> None:
    """Ask for a manager where something costs more than the shop's limits for one thing or for a day."""
    if beyond_limits(tx, [cents]):
        require(tx, actor, "ship.spend", ref)
