"""Who is asking: sign-in, tokens and their renewal, staff roles. Roles are in no token (API guide)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

import jwt
import msgspec
import sqlalchemy as sa

from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store import wire
from bookwish_desk.demo.online_store.records import Tx
from bookwish_desk.demo.online_store.refusal import Refusal, forbidden
from bookwish_desk.demo.online_store.variants import Variants

ACCESS_MS = 15 * 60_000
REFRESH_MS = 7 * 24 * 3_600_000
_SCRYPT = {"n": 2**12, "r": 8, "p": 1}

_ROLE = sa.select(t.memberships.c.role, t.memberships.c.can_use_pos).where(
    t.memberships.c.user_id == sa.bindparam("user"), t.memberships.c.store_id == sa.bindparam("store")
)


class Caller(msgspec.Struct, frozen=True):
    """Who is signed in."""

    id: str
    tier: str


def unauthorized(message: str) -> Refusal:
    """Return the refusal of a missing, wrong or old token."""
    return Refusal(401, "Unauthorized", message)


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT).hex()}"


def fits(password: str, kept: str) -> bool:
    """Say whether a password is the one that was kept."""
    salt, _, digest = kept.partition(":")
    tried = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **_SCRYPT)
    return hmac.compare_digest(tried.hex(), digest)


class Tokens:
    """Makes and reads tokens: access and refresh tokens have secrets of their own."""

    def __init__(self, secret: str) -> None:
        self._secrets = {
            use: hashlib.sha256(f"{use} {secret}".encode()).digest() for use in ("access", "refresh")
        }

    def pair(self, user: Any, now: int, variants: Variants) -> wire.Json:
        """Return a new pair, with the server's names of the two."""
        first, _, second = variants.token_fields.partition("/")
        return {
            first: self._made("access", user, now, ACCESS_MS),
            second: self._made("refresh", user, now, REFRESH_MS),
        }

    def _made(self, use: str, user: Any, now: int, lasts_ms: int) -> str:
        claims = {
            "userId": user.id,
            "isGuest": False,
            "tier": user.tier,
            "iat": now // 1000,
            "exp": (now + lasts_ms) // 1000,
            "jti": secrets.token_hex(12),
        }
        return jwt.encode(claims, self._secrets[use], algorithm="HS256")

    def read(self, use: str, token: str, now: int) -> wire.Json:
        """Return the claims of a token. Raises Refusal for one that is wrong or too old."""
        try:
            claims: wire.Json = jwt.decode(
                token,
                self._secrets[use],
                algorithms=["HS256"],
                # The server's clock may be another one than this computer's.
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "userId"]},
            )
        except jwt.InvalidTokenError as fault:
            raise unauthorized("Token is not valid") from fault
        if claims["exp"] * 1000 <= now:
            raise unauthorized("Token no longer valid")
        return claims

    def caller(self, header: str, now: int) -> Caller:
        """Return who sends a header Authorization. Raises Refusal where it is nobody."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("No authorization header, or a malformed one")
        claims = self.read("access", token.strip(), now)
        return Caller(str(claims["userId"]), str(claims.get("tier", "")))


def sign_in(tx: Tx, tokens: Tokens, email: str, password: str, variants: Variants) -> wire.Json:
    """Return a pair of tokens and the user. Raises Refusal for a wrong e-mail address or password."""
    user = tx.one(sa.select(t.users).where(t.users.c.email == email.strip().lower()))
    if user is None or not user.password or not fits(password, user.password):
        raise unauthorized("E-mail address or password is wrong")
    return {**tokens.pair(user, tx.at, variants), "user": person(user)}


def refresh(tx: Tx, tokens: Tokens, token: str, variants: Variants) -> wire.Json:
    """Return a new pair for a refresh token, which is of no use from now on."""
    claims = _spend(tx, tokens, token)
    user = tx.one(sa.select(t.users).where(t.users.c.id == claims["userId"]))
    if user is None:
        raise unauthorized("There is no such user any more")
    return tokens.pair(user, tx.at, variants)


def sign_out(tx: Tx, tokens: Tokens, token: str) -> None:
    """Block a refresh token."""
    _spend(tx, tokens, token)


def _spend(tx: Tx, tokens: Tokens, token: str) -> wire.Json:
    claims = tokens.read("refresh", token, tx.at)
    b = t.blocked_tokens
    tx.conn.execute(sa.delete(b).where(b.c.expires_at < tx.at))
    if tx.one(sa.select(b.c.jti).where(b.c.jti == claims["jti"])) is not None:
        raise unauthorized("Token was used before")
    tx.conn.execute(sa.insert(b).values(jti=claims["jti"], expires_at=claims["exp"] * 1000))
    return claims


def person(user: Any) -> wire.Json:
    """Return a user as the server tells of them."""
    return {
        "id": user.id,
        "username": user.email.partition("@")[0],
        "email": user.email,
        "displayName": user.name,
        "avatarUrl": None,
        "tier": user.tier,
        "isGuest": False,
        "createdAt": wire.moment(user.created_at),
    }


def role(tx: Tx, caller: Caller, store_id: str, *, pos: bool = False) -> str:
    """Return the role of somebody in a store. Raises Refusal (403) for strangers, or who may not sell."""
    found = tx.one(_ROLE, {"user": caller.id, "store": store_id})
    if found is None:
        raise forbidden()
    if pos and not found.can_use_pos:
        raise forbidden("This account may not use the counter of this store")
    return str(found.role)


def manager(tx: Tx, caller: Caller, store_id: str) -> None:
    """Refuse whoever is neither owner nor manager of a store."""
    if role(tx, caller, store_id) == "staff":
        raise forbidden("Only an owner or a manager may do this")


def my_stores(tx: Tx, caller: Caller) -> list[wire.Json]:
    """Return the stores that somebody works for."""
    m, s = t.memberships.c, t.stores.c
    found = tx.conn.execute(
        sa.select(m.store_id, s.slug, m.role, m.can_use_pos)
        .join(t.stores, s.id == m.store_id)
        .where(m.user_id == caller.id)
        .order_by(m.store_id)
    )
    return [
        {"storeId": row.store_id, "storeSlug": row.slug, "role": row.role, "canUsePos": bool(row.can_use_pos)}
        for row in found
    ]
