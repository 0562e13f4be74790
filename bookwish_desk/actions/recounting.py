"""Counting anew what only time changes: how many copies of each item were sold in the last twelve months.

A sale raises the figure and a return lowers it when they are completed; what grows older than a year
leaves it here, once a day in an idle moment. The figure is derived: nothing is journalled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bookwish_desk.actions.action import action
from bookwish_desk.actions.backing_up import today
from bookwish_desk.db import stock
from bookwish_desk.db.store import Store, Tx

DAYS = 365
AT_ONCE = 500
"""So many items are put right in one transaction: a sale that comes meanwhile waits for no more."""


def recount_sold(store: Store) -> int:
    """Put right what items say was sold, unless that was done today; return how many were wrong.

    For idle moments, on any lane but the shop's.
    """
    day = today(store)
    with store.read() as conn:
        if stock.recounted_on(conn) == day.toordinal():
            return 0
        wrong = stock.miscounted(conn, (day - timedelta(days=DAYS)).isoformat())
    for first in range(0, len(wrong), AT_ONCE):
        _put_right(store, wrong[first : first + AT_ONCE])
    _done(store, day.toordinal())
    return len(wrong)


@action
def _put_right(tx: Tx, wrong: Sequence[tuple[str, int]]) -> None:
    stock.add_sold(tx, wrong)


@action
def _done(tx: Tx, day: int) -> None:
    stock.mark_recounted(tx, day)
