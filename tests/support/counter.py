"""A shop with its till open and books to sell, for tests of returns, reprints and past sales."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from bookwish_desk.actions import paying
from bookwish_desk.db import outbox, tables
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from tests.support import days
from tests.support.shops import FrozenClock, found_shop

TAX = TaxRules(
    classes=(
        TaxClass("book", "Books", (TaxRate("Sales tax", 88_750),)),
        TaxClass("none", "Not taxed"),
    )
)
ORLANDO_EAN, OVERSTORY_EAN = 9780156701600, 9780393356687
ORLANDO = Item(
    "9780156701600", "Orlando", ean=ORLANDO_EAN, authors="Virginia Woolf", price_cents=1699, on_hand=3
)
OVERSTORY = Item(
    "9780393356687", "The Overstory", ean=OVERSTORY_EAN, authors="Richard Powers", price_cents=1895
)
WRAP = Item("GIFT-WRAP", "Gift wrap", price_cents=300, tax_class="none", stocked=False)


class Counter:
    """A founded shop whose till is open, with its owner at the register."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.clock = FrozenClock()
        wanted = {"shop_name": "Test Books", "tax": TAX, **changes}
        self.store: Store
        self.actor: Actor
        self.store, self.actor = found_shop(folder, Settings(**wanted), self.clock)
        days.open_till(self.store, self.actor)

    def sell(self, *lines: tuple[Item, int], how: str = "cash") -> Sale:
        """Sell lines (one copy of Orlando for none) and pay for them."""
        return days.sell(self.store, self.actor, *(lines or ((ORLANDO, 1),)), how=how)

    def pay_by_cards(self, *parts: int, lines: tuple[tuple[Item, int], ...]) -> Sale:
        """Sell lines, pay parts on cards ending 0001, 0002, ... and the rest in cash."""
        draft = days.ring(self.store, self.actor, lines)
        for no, cents in enumerate(parts, 1):
            sale = self.card(draft, cents, f"000{no}")
            if sale is not None:
                return sale
        done = paying.pay_cash(self.store, self.actor, draft.id, 100_000).value
        assert done.sale is not None
        return done.sale

    def card(self, draft: Draft, cents: int, last4: str, reference: str = "") -> Sale | None:
        """Charge or refund a card; return the sale when that completed it."""
        started = paying.start_card(self.store, self.actor, draft.id, cents, reference).value
        assert started.draft is not None
        tender = started.draft.tenders[-1].id
        return paying.confirm_card(self.store, self.actor, draft.id, tender, "Visa", last4, "A1").value.sale

    def approved(self, actor: Actor, permission: str, ref: str) -> Actor:
        """Let the owner approve one thing for somebody."""
        approval = new_id()
        with self.store.write() as tx:
            values = {"id": approval, "by_staff": self.actor.staff, "for_staff": actor.staff}
            row = {**values, "permission": permission, "ref": ref, "given_at": tx.at}
            tx.conn.execute(tables.approvals.insert(), row)
        return Actor(actor.staff, actor.register, approval)

    def journal(self, kind: str) -> list[Any]:
        """Return the bodies of all journal entries of a kind."""
        j = tables.journal.c
        with self.store.read() as conn:
            found = conn.execute(select(j.body).where(j.kind == kind).order_by(j.seq)).scalars().all()
        return [msgspec.json.decode(body) for body in found]

    def jobs(self, kind: str) -> list[outbox.Job]:
        """Return all jobs of a kind, oldest first."""
        o = tables.outbox.c
        with self.store.read() as conn:
            ids = conn.execute(select(o.id).where(o.kind == kind).order_by(o.id)).scalars().all()
            return [job for x in ids if (job := outbox.by_id(conn, x)) is not None]

    def on_hand(self, sku: str) -> int | None:
        """Return how many copies are on hand, or None for what the shop does not keep."""
        i = tables.items.c
        with self.store.read() as conn:
            return conn.execute(select(i.on_hand).where(i.sku == sku)).scalar()

    def end_printing(self, state: outbox.State) -> None:
        """Let every queued print job end this way."""
        with self.store.write() as tx:
            o = tables.outbox
            tx.conn.execute(
                o.update().where(o.c.state == "queued").values(state=state, last_status="Out of paper.")
            )
