"""The register as it stands after an action: what selling and returning both work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.actions.permits import nobody
from bookwish_desk.actions.refunding import rounding_to_even
from bookwish_desk.db import drafts
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.sale import Draft, Totals, totals
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tax import TaxRules

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Ringing(msgspec.Struct, frozen=True):
    """The draft on the register and what it comes to, and the sale it became.

    `line` is the id of the line that was added or changed. `sale` is set once the draft was completed;
    the draft is then the empty one of no sale (None). `evened_cents` is the cash rounding of an earlier
    sale that this refund undoes: see `shop.refund.rounding_to_even`.
    """

    draft: Draft | None
    totals: Totals | None = None
    line: str = ""
    sale: Sale | None = None
    evened_cents: int = 0

    @property
    def due_cents(self) -> int:
        """Return what is still to pay, to the cent; negative is still to give back."""
        return self.totals.due_cents - self.evened_cents if self.totals else 0


def rung(conn: Connection, draft: Draft, rules: TaxRules, line: str = "") -> Ringing:
    """Return a draft with what it comes to."""
    return Ringing(draft, totals(draft, rules), line, evened_cents=rounding_to_even(conn, draft))


def draft_here(tx: Tx, actor: Actor) -> Draft:
    """Return the draft that is open on the actor's register, beginning one where there is none.

    Raises Refused when nobody is signed in.
    """
    found, works = drafts.open_for(tx.conn, actor.register, actor.staff)
    if not works:
        raise nobody()
    if found is not None:
        return found
    number = tx.count(f"draft-{actor.register}")
    fresh = Draft(id=new_id(), register=actor.register, number=number, staff=actor.staff, opened_at=tx.at)
    return drafts.begin(tx, fresh)
