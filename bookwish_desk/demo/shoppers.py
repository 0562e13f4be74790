"""Customers of the demonstration's online store: they order now and then, and sometimes think better of it.

Names and addresses are invented; what they order is what the store has. No pace of theirs is in a hurry.
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import sqlalchemy as sa

from bookwish_desk.demo.online_store import ordering, seed
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.ordering import Wish
from bookwish_desk.demo.online_store.records import Tx
from bookwish_desk.demo.online_store.refusal import Refusal
from bookwish_desk.demo.online_store.service import Service
from bookwish_desk.demo.tales import PEOPLE

log = logging.getLogger(__name__)

FIRST_S = 20.0
"""How long after the start the first customer comes."""
MOST_OPEN = 60
"""With so many orders not begun by the shop nobody orders more by themselves."""
PAYING_MS = 60_000
"""How long a payment takes."""
CANCEL = 0.12
LAST_COPY = 0.2
SHIPPING_CENTS = 499

GIFTS = (
    "Happy birthday! Read it slowly.",
    "For the long winter evenings.\nLove, the upstairs neighbors",
    "You said you had never read it. No excuse now.",
)
WISHES = (
    "Please ring twice, the bell is shy.",
    "I will come by after six.",
    "If the jacket is torn I would rather wait for another copy.",
)


class Shoppers:
    """Who shops at the store of a service: about every `seconds`, or only when asked to (0)."""

    def __init__(self, service: Service, seconds: float, dice: random.Random | None = None) -> None:
        self._service = service
        self._seconds = seconds
        self._dice = dice or random.Random()

    async def walk(self) -> None:
        """Order again and again."""
        if not self._seconds:
            return
        await asyncio.sleep(min(FIRST_S, self._seconds))
        while True:
            try:
                await self._service.write(self._one_of_them)
            except Refusal:
                pass  # somebody was quicker
            except Exception:
                log.exception("event=bug at=shoppers")
            await asyncio.sleep(self._seconds * self._dice.uniform(0.6, 1.4))

    async def order(self) -> str:
        """Let somebody order now, and return the order's id. Raises Refusal where nothing is to be had."""
        return await self._service.write(self._ordered)

    def _one_of_them(self, tx: Tx) -> None:
        o = t.orders.c
        unpaid = sa.select(t.orders).where(o.status == "pending", o.created_at < tx.at - PAYING_MS)
        for row in tx.conn.execute(unpaid.limit(1)).all():
            ordering.confirm(tx, row)
        waiting = self._not_begun(tx)
        if waiting and self._dice.random() < CANCEL:
            ordering.cancel(tx, ordering.load(tx, self._dice.choice(waiting)), by_customer=True)
        elif len(waiting) < MOST_OPEN:
            self._ordered(tx)

    def _not_begun(self, tx: Tx) -> list[str]:
        o = t.orders.c
        begun = sa.select(o.id).where(o.store_id == seed.STORE_ID, o.status.in_(("pending", "confirmed")))
        return list(tx.conn.execute(begun.order_by(o.id)).scalars())

    def _ordered(self, tx: Tx) -> str:
        i = t.items.c
        here = sa.select(i.id, i.quantity).where(
            i.store_id == seed.STORE_ID, i.quantity > 0, sa.not_(i.removed)
        )
        offered = tx.conn.execute(here.order_by(i.id)).all()
        if not offered:
            raise Refusal(422, "InsufficientStock", "Everything is sold")
        single = [row.id for row in offered if row.quantity == 1]
        dice = self._dice
        if single and dice.random() < LAST_COPY:
            items: tuple[tuple[str, int], ...] = ((dice.choice(single), 1),)
        else:
            some = dice.sample(offered, min(len(offered), dice.choice((1, 1, 1, 2, 3))))
            items = tuple((row.id, min(row.quantity, dice.choice((1, 1, 1, 1, 2)))) for row in some)
        name, email, phone, (line1, line2, city, state, postcode) = dice.choice(PEOPLE)
        kind = dice.choice(("pickup", "pickup", "ship", "ship", "ship", "gift"))
        address: dict[str, Any] = {
            "name": name,
            "addressLine1": line1,
            "addressLine2": line2 or None,
            "city": city,
            "state": state,
            "postalCode": postcode,
            "country": "US",
            "phone": phone or None,
        }
        wish = Wish(
            store_id=seed.STORE_ID,
            user_id=seed.customer(tx, email, name),
            items=items,
            kind=kind,
            address=None if kind == "pickup" else address,
            gift_message=dice.choice(GIFTS) if kind == "gift" else None,
            instructions=dice.choice(WISHES) if dice.random() < 0.25 else None,
            shipping_cents=0 if kind == "pickup" else SHIPPING_CENTS,
        )
        return ordering.place(tx, wish, self._service.variants.order_number)
