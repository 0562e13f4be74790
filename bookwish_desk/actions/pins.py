"""PINs and codes as hashes: made and checked here, slowly and outside every transaction.

argon2id, RFC 9106's low-memory profile: some 200 ms and 64 MB a call, so callers run it on a lane. A
4-digit PIN falls to ten thousand tries against a stolen database whatever the hash is; so where there
is a keyring, a pepper kept there is mixed in. Each hash remembers under which pepper it was made: a
keyring that comes later, or goes, locks nobody out unsaid.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import pin_fault

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_PEPPERED = "peppered"


class PinCheck(msgspec.Struct, frozen=True):
    """What is needed to check somebody's PIN off the shop lane. `stored` is empty for people who left."""

    staff: str
    name: str
    stored: Secret


class Proof(msgspec.Struct, frozen=True):
    """Whether a PIN was right, found by `verify` against the hash `checked`.

    `rehash` takes its place where it was made in an older way.
    """

    staff: str
    ok: bool
    checked: Secret = Secret("")
    rehash: Secret = Secret("")


def hash_pin(pin: str, pepper: bytes | None) -> str:
    """Return the hash of a PIN (slow). Raises Refused when it is no PIN or easy to guess."""
    fault = pin_fault(pin)
    if fault:
        raise Refused("pin", fault)
    return _hashed(pin, pepper)


def hash_code(code: Secret) -> str:
    """Return the hash of the owner's recovery code (slow); no pepper: it must outlive the keyring."""
    return _hashed(code.reveal(), None)


def verify(check: PinCheck, pin: str, pepper: bytes | None) -> Proof:
    """Say whether `pin` is right (slow); it takes as long for people who do not exist.

    Raises Refused with code "no_pepper" when the hash needs a pepper that is not in the keyring.
    """
    stored = check.stored.reveal()
    if not stored:
        _fits(_decoy(), pin)
        return Proof(check.staff, ok=False)
    made_with, _, encoded = stored.rpartition(":")
    if made_with and made_with != _mark(pepper):
        raise Refused(
            "no_pepper",
            "PINs cannot be checked, because the keyring they were made with is not here. "
            "Unlock the keyring, or let an owner use the recovery code.",
        )
    if not _fits(encoded, _mixed(pin, pepper if made_with else None)):
        return Proof(check.staff, ok=False, checked=check.stored)
    older = made_with != _mark(pepper) or _hasher().check_needs_rehash(encoded)
    return Proof(check.staff, True, check.stored, Secret(_hashed(pin, pepper) if older else ""))


def verify_code(stored: str, code: Secret) -> bool:
    """Say whether a recovery code is the owner's (slow)."""
    return _fits(stored or _decoy(), code.reveal()) and bool(stored)


def badge_hash(code: str) -> str:
    """Return what is kept of a badge: a hash of its 60 random bits, which nobody can guess from it."""
    return hashlib.sha256(f"bookwish badge {code}".encode()).hexdigest()


def _hashed(text: str, pepper: bytes | None) -> str:
    encoded = _hasher().hash(_mixed(text, pepper))
    return f"{_mark(pepper)}:{encoded}" if pepper else encoded


def _mixed(text: str, pepper: bytes | None) -> str:
    return hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest() if pepper else text


def _mark(pepper: bytes | None) -> str:
    """Return a name for a pepper that tells nothing of it; empty for none."""
    return f"{_PEPPERED}-{hashlib.sha256(b'name of ' + pepper).hexdigest()[:8]}" if pepper else ""


def _fits(encoded: str, text: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _hasher().verify(encoded, text)
    except (Argon2Error, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hashed("0", None)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
