"""Secrets of a shop, through the operating system's keyring only: never in the database, a file or the log.

A keyring may ask its user for a password and wait for ever: call these on a lane, where each call gives
up after some seconds. Beside the books lies `shop.json`, which holds no secret: it names the shop, so
that its keys are found before the books are opened.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.secret import Secret

log = logging.getLogger(__name__)
T = TypeVar("T")
Name = Literal["database key", "journal key", "pepper", "mail password", "store session", "carrier key"]

ALLOWED = frozenset(
    (
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    )
)
"""The keyrings that keep secrets from other people. Others, such as keyrings.alt, write plain files."""

SECONDS = 20.0
MARK_FILE = "shop.json"

_SERVICE = "bookwish-desk"

# Windows keeps at most 2,560 bytes of a secret, and each byte of ours takes four there.
_MOST_SESSION = 600


class Mark(msgspec.Struct, frozen=True):
    """Which shop's keys belong to a data folder, whether it has any, and whether its books are encrypted."""

    shop_id: str
    encrypted: bool = False
    keyring: bool = True


class Ring(Protocol):
    """What a keyring does; see `keyring.backend.KeyringBackend`."""

    @property
    def name(self) -> str:
        """Return what it is called."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""


class Keychain:
    """The keyring of whoever is logged in to this computer. Made by `open_keychain`.

    Every call raises StorageError with one plain sentence when the keyring is locked, gone or silent.
    """

    def __init__(self, backend: Ring, seconds: float = SECONDS) -> None:
        self._backend = backend
        self._seconds = seconds

    @property
    def name(self) -> str:
        """Return what this computer calls its keyring."""
        return str(self._backend.name)

    def read(self, shop_id: str, name: Name) -> bytes | None:
        """Return a secret of a shop, or None when there is none."""
        kept = self._timed(lambda: self._backend.get_password(_SERVICE, _entry(shop_id, name)))
        if kept is None:
            return None
        try:
            return bytes.fromhex(kept)
        except ValueError as fault:
            raise StorageError("keyring", f"The {name} in the keyring is damaged.") from fault

    def store(self, shop_id: str, name: Name, secret: bytes) -> None:
        """Keep a secret and read it back: a keyring that forgets must be noticed before it matters."""
        self._timed(lambda: self._backend.set_password(_SERVICE, _entry(shop_id, name), secret.hex()))
        if self.read(shop_id, name) != secret:
            raise StorageError("keyring", f"The keyring did not keep the {name}.")

    def delete(self, shop_id: str, name: Name) -> None:
        """Forget a secret; one that is not there is no fault."""
        if self.read(shop_id, name) is not None:
            self._timed(lambda: self._backend.delete_password(_SERVICE, _entry(shop_id, name)))

    def made(self, shop_id: str, name: Name) -> bytes:
        """Return a secret of 32 random bytes, making and keeping it where there is none yet."""
        kept = self.read(shop_id, name)
        if kept is None:
            kept = new_key()
            self.store(shop_id, name, kept)
        return kept

    def _timed(self, call: Callable[[], T]) -> T:
        return in_time(call, self._seconds)


def open_keychain(seconds: float = SECONDS, backend: Ring | None = None) -> Keychain:
    """Return this computer's keyring. Slow (imports, asks the session bus): call it on a lane.

    Raises StorageError with code "no_keyring" when there is none that can be trusted.
    """
    chosen = in_time(_trusted, seconds) if backend is None else backend
    if chosen is None or not is_allowed(chosen):
        raise StorageError(
            "no_keyring", "This computer has no keyring that keeps secrets safe, or it is not unlocked."
        )
    return Keychain(chosen, seconds)


def is_allowed(backend: Ring) -> bool:
    """Say whether a keyring is on the list of those that keep secrets from other people."""
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}" in ALLOWED


def _trusted() -> Ring | None:
    """Return the best keyring on the list, whatever a configuration file or the environment would choose."""
    import keyring.backend

    found = [x for x in keyring.backend.get_all_keyring() if is_allowed(x) and x.priority >= 1]
    return max(found, key=lambda x: x.priority, default=None)


def in_time(call: Callable[[], T], seconds: float) -> T:
    """Run `call` on a thread of its own and give up on it after `seconds`; its faults become words."""
    done: list[T] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise StorageError(
            "keyring",
            "The keyring did not answer. It may be waiting for its password: unlock it, then try again.",
        )
    if faults:
        kind = type(faults[0]).__name__
        words = "The keyring cannot be used. Unlock it, then try again."
        raise StorageError("keyring", words, fault=kind) from faults[0]
    return done[0]


def new_key() -> bytes:
    """Return 32 random bytes: a database key, a journal key or a pepper."""
    return secrets.token_bytes(32)


def mail_password(chain: Keychain, shop_id: str, mail: MailSettings) -> Secret:
    """Return the password of the shop's mail server; empty where none is kept for this server and user.

    It goes to no other server: whoever changes the server types the password again.
    """
    kept = chain.read(shop_id, "mail password")
    server, _, password = (kept or b"").decode(errors="replace").partition("\n")
    return Secret(password if server == _account(mail) else "")


def keep_mail_password(chain: Keychain, shop_id: str, mail: MailSettings, password: Secret) -> None:
    """Keep the password of the shop's mail server, in place of any other; an empty one is forgotten."""
    if password:
        chain.store(shop_id, "mail password", f"{_account(mail)}\n{password.reveal()}".encode())
    else:
        chain.delete(shop_id, "mail password")


def store_session(chain: Keychain, shop_id: str, address: str, email: str) -> tuple[Secret, Secret] | None:
    """Return access and refresh token of the online store, None where none are kept for this account there.

    The access token may be empty: it lasts for minutes and is kept only where there is room for it.
    """
    kept = chain.read(shop_id, "store session")
    whose, _, tokens = (kept or b"").decode(errors="replace").partition("\n")
    refresh, _, access = tokens.partition("\n")
    return (Secret(access), Secret(refresh)) if refresh and whose == _far_account(address, email) else None


def keep_store_session(
    chain: Keychain, shop_id: str, address: str, email: str, access: Secret, refresh: Secret
) -> None:
    """Keep the tokens of the online store for one address and e-mail, in place of any other."""
    needed = f"{_far_account(address, email)}\n{refresh.reveal()}"
    both = f"{needed}\n{access.reveal()}"
    chain.store(shop_id, "store session", (both if len(both) <= _MOST_SESSION else needed).encode())


def forget_store_session(chain: Keychain, shop_id: str) -> None:
    """Forget the tokens of the online store."""
    chain.delete(shop_id, "store session")


def carrier_key(chain: Keychain, shop_id: str, base: str) -> Secret:
    """Return the key of the shop's account with carriers; empty where none is kept for this address.

    It goes to no other address: whoever changes that types the key again.
    """
    kept = chain.read(shop_id, "carrier key")
    where, _, key = (kept or b"").decode(errors="replace").partition("\n")
    return Secret(key if where == base else "")


def keep_carrier_key(chain: Keychain, shop_id: str, base: str, key: Secret) -> None:
    """Keep the key of the shop's account with carriers, in place of any other; an empty one is forgotten."""
    if key:
        chain.store(shop_id, "carrier key", f"{base}\n{key.reveal()}".encode())
    else:
        chain.delete(shop_id, "carrier key")


def _far_account(address: str, email: str) -> str:
    return hashlib.sha256(f"{email} at {address}".encode()).hexdigest()[:32]


def _account(mail: MailSettings) -> str:
    return f"{mail.user} at {mail.host}"


def _entry(shop_id: str, name: Name) -> str:
    return f"{shop_id} {name}"


def read_mark(folder: Path) -> Mark | None:
    """Return which shop's keys belong to a data folder, or None when it does not say."""
    try:
        return msgspec.json.decode((folder / MARK_FILE).read_bytes(), type=Mark)
    except (OSError, msgspec.MsgspecError):
        return None


def write_mark(folder: Path, mark: Mark) -> None:
    """Write down which shop's keys belong to a data folder. Raises StorageError when it cannot."""
    part = folder / f"{MARK_FILE}.part"
    flags: Any = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
            file.write(msgspec.json.encode(mark))
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / MARK_FILE)
    except OSError as fault:
        raise StorageError("no_access", f"{folder} cannot be written: {fault.strerror}.") from fault


class Keys(msgspec.Struct, frozen=True):
    """The secrets of an open shop; `database` is in the 64 hexadecimal digits that `open_store` takes."""

    database: str | None = None
    journal: bytes | None = None
    pepper: bytes | None = None

    def __repr__(self) -> str:
        return "Keys(hidden)"


def keys_of(folder: Path, opened: Callable[[], Keychain] = open_keychain) -> Keys:
    """Return the keys that a data folder's books need; all None for a shop that keeps none.

    Where the keyring fails, a shop that is not encrypted opens without keys, so that it can sell; one
    that is encrypted raises StorageError. Slow: call it on a lane.
    """
    mark = read_mark(folder)
    if mark is None or not mark.keyring:
        return Keys()
    try:
        chain = opened()
        database = chain.read(mark.shop_id, "database key") if mark.encrypted else None
        keys = Keys(
            database=database.hex() if database else None,
            journal=chain.read(mark.shop_id, "journal key"),
            pepper=chain.read(mark.shop_id, "pepper"),
        )
    except StorageError as fault:
        if mark.encrypted:
            raise
        log.warning("event=no_keyring code=%s", fault.code)
        return Keys()
    if mark.encrypted and keys.database is None:
        raise StorageError(
            "no_key",
            "The keyring does not hold the key of these books. Restore it with the printed recovery key.",
        )
    return keys
