"""Who may do what: the check that guarded actions make inside their own transaction."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from bookwish_desk.db import tables
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.staff import PERMISSIONS, Actor

APPROVAL_LIVES_MS = 120_000
"""An approval that nobody used within this time is no longer good."""


_ROLE = Prepared(
    select(tables.staff.c.role).where(tables.staff.c.id == bindparam("wanted"), tables.staff.c.active)
)


def present(tx: Tx, actor: Actor) -> str:
    """Return the actor's role. Raises Refused when nobody is signed in, or somebody who left."""
    row = _ROLE.run(tx.conn, {"wanted": actor.staff}).fetchone()
    if row is None:
        raise nobody()
    return str(row[0])


def nobody() -> Refused:
    """Return what is said to somebody who is not signed in, or no longer works here."""
    return Refused("staff", "Sign in first.")


def may(tx: Tx, actor: Actor, permission: str) -> bool:
    """Say whether the actor's role holds `permission`. Raises Refused for people who left."""
    role = present(tx, actor)
    if role == "owner":
        return True
    held = select(tables.role_permissions.c.role).where(
        tables.role_permissions.c.role == role, tables.role_permissions.c.permission == permission
    )
    return tx.conn.execute(held).first() is not None


def require(tx: Tx, actor: Actor, permission: str, ref: str) -> None:
    """Let the actor do it, by role or by a manager's approval of just this, which is then used up.

    `ref` names what it is done to: an approval for one sale, person or setting is none for another.

    Raises NeedsApproval with facts `permission` and `ref` when somebody else must approve it.
    """
    if may(tx, actor, permission):
        return
    if actor.approval and _use(tx, actor, permission, ref):
        return
    verb = PERMISSIONS[permission]
    raise NeedsApproval(
        "needs_approval",
        f"A manager must approve this: {verb[0].lower()}{verb[1:]}.",
        permission=permission,
        ref=ref,
    )


def _use(tx: Tx, actor: Actor, permission: str, ref: str) -> bool:
    a = tables.approvals
    used = tx.conn.execute(
        update(a)
        .where(
            a.c.id == actor.approval,
            a.c.permission == permission,
            a.c.ref == ref,
            a.c.for_staff == actor.staff,
            a.c.used_at.is_(None),
            # Also where the clock was put back meanwhile: it must not make an approval last.
            a.c.given_at.between(tx.at - APPROVAL_LIVES_MS, tx.at + APPROVAL_LIVES_MS),
        )
        .values(used_at=tx.at)
        .returning(a.c.by_staff)
    ).first()
    if used is None:
        return False
    tx.record(
        "approval.used",
        staff=actor.staff,
        register=actor.register,
        ref=ref,
        body={"permission": permission, "approved_by": used.by_staff},
    )
    return True
