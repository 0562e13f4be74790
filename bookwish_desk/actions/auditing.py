"""Opening the activity log: reading what everybody did needs its permission, or a manager's approval."""

from __future__ import annotations

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.staff import Actor


@action
def open_log(tx: Tx, actor: Actor) -> None:
    """Let the actor read the journal. Raises NeedsApproval; an approval opens it once."""
    require(tx, actor, "journal.read", "journal")
