"""The journal: canonical entries chained by hash, so that a change or a gap in the past shows."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

import msgspec

GENESIS = "0" * 64
NO_KEY = "The journal key is not in the keyring, so the entries sealed with it cannot be checked."


class Entry(msgspec.Struct, frozen=True):
    """One journal entry.

    `hash` covers everything else in it and `previous`; `keyed` says whether it is an HMAC with the
    shop's journal key or a plain SHA-256.
    """

    seq: int
    at: int
    kind: str
    staff: str
    register: int
    ref: str
    body: str
    previous: str
    keyed: bool
    hash: str


def canonical(body: Any) -> str:
    """Return `body` as JSON with sorted keys: equal values give equal text."""
    return msgspec.json.encode(body, order="sorted").decode()


def digest(
    previous: str,
    seq: int,
    at: int,
    kind: str,
    staff: str,
    register: int,
    ref: str,
    body: str,
    key: bytes | None,
) -> str:
    """Return the hash of one entry: HMAC-SHA-256 under `key`, or SHA-256 where there is no key."""
    message = msgspec.json.encode([previous, seq, at, kind, staff, register, ref, body])
    if key is not None:
        return hmac.new(key, message, hashlib.sha256).hexdigest()
    return hashlib.sha256(message).hexdigest()


def verify(entries: Iterable[Entry], key: bytes | None) -> list[str]:
    """Walk the chain from its first entry and return a plain sentence for each fault; empty is sound.

    A keyed entry cannot be checked without its key: that is said once and the links are still checked.
    """
    faults: list[str] = []
    previous, expected, unkeyed = GENESIS, 1, False
    for e in entries:
        if e.seq != expected:
            faults.append(f"Journal entries {expected} to {e.seq - 1} are missing.")
        if e.previous != previous:
            faults.append(f"Journal entry {e.seq} does not follow the one before it.")
        if e.keyed and key is None:
            unkeyed = True
        else:
            made = digest(
                e.previous, e.seq, e.at, e.kind, e.staff, e.register, e.ref, e.body, key if e.keyed else None
            )
            if not hmac.compare_digest(made, e.hash):
                faults.append(f"Journal entry {e.seq} was changed after it was written.")
        previous, expected = e.hash, e.seq + 1
    if unkeyed:
        faults.append(NO_KEY)
    return faults
