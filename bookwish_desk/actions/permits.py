"""Who may do what: the check that guarded actions make inside their own transaction."""

from __future__ import annotations

from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.staff import PERMISSIONS, Actor

APPROVAL_LIVES_MS = 120_000
"""An approval that nobody used within this time is no longer good."""


_ROLE = "SELECT role FROM staff WHERE id = ? AND active"
_HELD = "SELECT 1 FROM role_permissions WHERE role = ? AND permission = ?"
_USE = (
    "UPDATE approvals SET used_at = :now WHERE id = :approval AND permission = :permission AND ref = :ref"
    " AND for_staff = :staff AND used_at IS NULL AND given_at BETWEEN :now - :lives AND :now + :lives"
    " RETURNING by_staff"
)


def present(tx: Tx, actor: Actor) -> str:
    """Return the actor's role. Raises Refused when nobody is signed in, or somebody who left."""
    row = query(tx.conn, _ROLE, (actor.staff,)).fetchone()
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
    return query(tx.conn, _HELD, (role, permission)).fetchone() is not None


def require(tx: Tx, actor: Actor, permission: str, ref: str) -> str:
    """Let the actor do it, by role or by a manager's approval of just this, which is then used up.

    `ref` names what it is done to: an approval for one sale, person or setting is none for another.
    Returns the id of who approved it, "" where nobody had to.

    Raises NeedsApproval with facts `permission` and `ref` when somebody else must approve it.
    """
    if may(tx, actor, permission):
        return ""
    if actor.approval and (approver := _use(tx, actor, permission, ref)):
        return approver
    verb = PERMISSIONS[permission]
    raise NeedsApproval(
        "needs_approval",
        f"A manager must approve this: {verb[0].lower()}{verb[1:]}.",
        permission=permission,
        ref=ref,
    )


def _use(tx: Tx, actor: Actor, permission: str, ref: str) -> str:
    used = query(
        tx.conn,
        _USE,
        {
            "approval": actor.approval,
            "permission": permission,
            "ref": ref,
            "staff": actor.staff,
            # Also where the clock was put back meanwhile: it must not make an approval last.
            "now": tx.at,
            "lives": APPROVAL_LIVES_MS,
        },
    ).fetchone()
    if used is None:
        return ""
    tx.record(
        "approval.used",
        staff=actor.staff,
        register=actor.register,
        ref=ref,
        body={"permission": permission, "approved_by": used[0]},
    )
    return str(used[0])
