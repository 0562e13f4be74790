"""What refunds need to know of the sales they undo: reads for paying and returning, no actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookwish_desk.shop import refund
from bookwish_desk.shop.refund import Original
from bookwish_desk.shop.sale import Draft

if TYPE_CHECKING:
    from sqlalchemy import Connection


def originals(conn: Connection, draft: Draft) -> tuple[Original, ...]:
    """Return the sales that the draft's returns come from, with what came back of them before."""
    # Reading sales brings SQLAlchemy in, which no sale of goods needs: see `db.link`.
    from bookwish_desk.db import sales

    found = []
    for sale_id in sorted({r.of_sale for r in draft.returns if r.of_sale}):
        sale = sales.by_id(conn, sale_id)
        if sale is not None:
            found.append(Original(sale, sales.returned(conn, sale_id), sales.refunds(conn, sale_id)))
    return tuple(found)


def rounding_to_even(conn: Connection, draft: Draft) -> int:
    """Return the cash rounding that paying this draft must undo; 0 for everything but a last return."""
    if draft.lines or not draft.returns:
        return 0
    return refund.rounding_to_even(draft, originals(conn, draft))
