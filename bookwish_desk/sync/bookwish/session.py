"""Who is signed in: the pair of tokens, renewed by one thread for all and kept before it is used."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from bookwish_desk.keychain import (
    Keychain,
    forget_store_session,
    keep_store_session,
    open_keychain,
    store_session,
)
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import Account
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.bookwish import decoding
from bookwish_desk.sync.bookwish.client import Answer, Call, Client
from bookwish_desk.sync.bookwish.judging import refusal
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.wire import read_json

log = logging.getLogger(__name__)

SIGNED_OUT = "Sign in at the online store again."

_SPELLINGS = ("refreshToken", "refresh_token")
_LONGEST_TOKEN = 8_192
_BLOCKED = frozenset((400, 401, 403, 422))
"""Answers that say a refresh token is no longer good; a path that is gone for a while does not."""


class Tokens(msgspec.Struct, frozen=True):
    """What a store lets us in with: `access` for minutes, it may be empty; `refresh` gives a new pair."""

    access: Secret
    refresh: Secret


class TokenBox(Protocol):
    """Keeps the tokens of one account at one store. Its calls may raise ShopError with words for people."""

    def load(self) -> Tokens | None:
        """Return what is kept."""

    def save(self, tokens: Tokens) -> None:
        """Keep them in place of others."""

    def forget(self) -> None:
        """Keep none any more."""


class MemoryBox:
    """Keeps tokens as long as the program runs: for demonstrations, which touch nobody's keyring."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens

    def load(self) -> Tokens | None:
        """Return what is kept."""
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        """Keep them in place of others."""
        self._tokens = tokens

    def forget(self) -> None:
        """Keep none any more."""
        self._tokens = None


class KeyringBox:
    """Keeps tokens in the keyring of this computer, for one shop, address and e-mail."""

    def __init__(
        self, shop_id: str, address: str, email: str, opened: Callable[[], Keychain] = open_keychain
    ) -> None:
        self._shop_id = shop_id
        self._account = (address, email)
        self._opened = opened
        self._chain: Keychain | None = None

    def load(self) -> Tokens | None:
        """Return what is kept. Raises StorageError."""
        kept = store_session(self._keyring(), self._shop_id, *self._account)
        return Tokens(*kept) if kept else None

    def save(self, tokens: Tokens) -> None:
        """Keep them in place of others. Raises StorageError."""
        keep_store_session(self._keyring(), self._shop_id, *self._account, tokens.access, tokens.refresh)

    def forget(self) -> None:
        """Keep none any more. Raises StorageError."""
        forget_store_session(self._keyring(), self._shop_id)

    def _keyring(self) -> Keychain:
        if self._chain is None:
            self._chain = self._opened()
        return self._chain


class Session:
    """Signs requests. When the store no longer takes the access token, one thread renews it, others wait."""

    def __init__(self, client: Client, box: TokenBox) -> None:
        self.client = client
        self._box = box
        self._lock = threading.Lock()
        self._tokens: Tokens | None = None
        self._boxed: Tokens | None = None  # what the box is known to hold
        self._loaded = False
        self._spelling = _SPELLINGS[0]

    def send(self, call: Call) -> Answer | Reply[Any]:
        """Send a request in the name of the account; a 401 is answered by renewing once, then as it is."""
        tokens = self._current()
        if isinstance(tokens, Reply):
            return tokens
        if tokens.access:
            end = self.client.exchange(call, tokens.access)
            if isinstance(end, Reply) or end.status != 401:
                return end
        renewed = self._renewed(tokens.access)
        if isinstance(renewed, Reply):
            return renewed
        end = self.client.exchange(call, renewed.access)
        if isinstance(end, Answer) and end.status == 401:
            return Reply("signed_out", None, SIGNED_OUT, 401, "unauthorized", 0, end.server_at)
        return end

    def sign_in(self, email: str, password: Secret) -> Reply[Account]:
        """Get tokens for a person's account, and keep them."""
        body = msgspec.json.encode({"email": email, "password": password.reveal()})
        call = Call(
            method="POST", path=("auth", "login"), family="login", body=body, writes=True, background=False
        )
        end = self.client.exchange(call)
        if isinstance(end, Reply):
            return end
        if not end.well:
            return _not_let_in(end, password)
        pair = _pair(end.told)
        if pair is None:
            words = "The online store answered the sign-in in a way that cannot be read."
            return Reply("unknown", None, words, end.status, "unreadable", 0, end.server_at)
        tokens, self._spelling = pair
        with self._lock:
            self._tokens, self._loaded = tokens, True
            words = self._keep(tokens)
        account = decoding.account(end.told) or Account(user_id(tokens.access), email)
        return Reply("done", account, words, end.status, "", 0, end.server_at)

    def sign_out(self) -> None:
        """Give the tokens back and forget them; the store may not hear of it."""
        with self._lock:
            tokens = self._tokens
            if tokens is None and not self._loaded:
                tokens = self._load()
            self._tokens, self._loaded = None, True
            try:
                self._box.forget()
            except ShopError as fault:
                log.warning("event=session_not_forgotten code=%s", fault.code)
        if tokens is not None and tokens.refresh:
            body = msgspec.json.encode({self._spelling: tokens.refresh.reveal()})
            path = ("auth", "logout")
            call = Call(method="POST", path=path, family="logout", body=body, writes=True, background=False)
            self.client.exchange(call, tokens.access)

    @property
    def account_id(self) -> str:
        """Return the id of whoever is signed in, as the token says it; empty where it says nothing."""
        tokens = self._tokens
        return user_id(tokens.access) if tokens else ""

    def _current(self) -> Tokens | Reply[Any]:
        with self._lock:
            if not self._loaded:
                try:
                    self._tokens = self._boxed = self._box.load()
                    self._loaded = True
                except ShopError as fault:
                    return Reply("not_sent", words=fault.message, code=fault.code)
            if self._tokens is None:
                return Reply("signed_out", words=SIGNED_OUT, code="signed_out")
            return self._tokens

    def _load(self) -> Tokens | None:
        try:
            return self._box.load()
        except ShopError:
            return None

    def _renewed(self, refused: Secret) -> Tokens | Reply[Any]:
        """Return tokens newer than the refused one: others' new ones, or ours from the store."""
        with self._lock:
            tokens = self._tokens
            if tokens is None:
                return Reply("signed_out", words=SIGNED_OUT, code="signed_out")
            if tokens.access and tokens.access != refused:
                return tokens
            if newer := self._kept_meanwhile(tokens):
                return newer
            end = self._refresh(tokens)
            if isinstance(end, Reply) and end.result == "unknown":
                # The answer is lost, and with it the new pair: then the old refresh token is blocked. It is
                # tried once more, since the request itself may have been lost instead.
                end = self._refresh(tokens)
            if isinstance(end, Tokens):
                self._tokens = end
                self._keep(end)
            elif end.result == "signed_out":
                if newer := self._kept_meanwhile(tokens):
                    return newer
                self._tokens = None
                try:
                    self._box.forget()
                except ShopError as fault:
                    log.warning("event=session_not_forgotten code=%s", fault.code)
            elif end.result == "unknown":
                return replace(end, result="not_sent")  # what wanted the new pair was not carried out
            return end

    def _kept_meanwhile(self, tokens: Tokens) -> Tokens | None:
        """Take over the pair that another session of this account has kept: a new sign-in, or its renewal."""
        kept = self._load()
        if kept is None or not kept.access or kept in (tokens, self._boxed):
            return None
        self._tokens = self._boxed = kept
        return kept

    def _refresh(self, tokens: Tokens) -> Tokens | Reply[Any]:
        """Ask for a new pair. not_sent means that the request which wanted it was not carried out either."""
        end: Answer | Reply[Any]
        for spelling in (self._spelling, *(x for x in _SPELLINGS if x != self._spelling)):
            body = msgspec.json.encode({spelling: tokens.refresh.reveal()})
            path = ("auth", "refresh")
            end = self.client.exchange(
                Call(method="POST", path=path, family="refresh", body=body, writes=True, background=False)
            )
            if isinstance(end, Reply):
                return end
            if end.well:
                pair = _pair(end.told)
                if pair is None:
                    words = "The online store renewed the session in a way that cannot be read."
                    return Reply("unknown", None, words, end.status, "unreadable", 0, end.server_at)
                self._spelling = pair[1]
                return pair[0]
            if end.status not in (400, 422):
                break
        assert isinstance(end, Answer)
        verdict = refusal(end)
        if end.status in _BLOCKED:
            return Reply("signed_out", None, SIGNED_OUT, end.status, verdict.code, 0, end.server_at)
        return verdict if verdict.result in ("limited", "unknown") else replace(verdict, result="not_sent")

    def _keep(self, tokens: Tokens) -> str:
        """Keep a new pair before it is used; return what to tell people when that fails."""
        try:
            self._box.save(tokens)
            self._boxed = tokens
        except ShopError as fault:
            log.warning("event=session_not_kept code=%s", fault.code)
            return f"Signed in until the program ends: {fault.message}"
        return ""


def _not_let_in(end: Answer, password: Secret) -> Reply[Account]:
    if end.status in (400, 401, 403, 422):
        words = "The online store does not take this e-mail and password."
        return Reply("refused", None, words, end.status, "sign_in", 0, end.server_at)
    if end.status in (404, 405):
        words = "There is no online store at this address: it knows no sign-in. Check the address."
        return Reply("not_offered", None, words, end.status, "no_sign_in", 0, end.server_at)
    return refusal(end, hide=(password,))


def _pair(told: object) -> tuple[Tokens, str] | None:
    """Return the tokens in an answer, in any of the three spellings, and how to spell the refresh token."""
    found = decoding.unwrapped(told, ("tokens", "session", "auth"))
    for access, refresh in (
        ("accessToken", "refreshToken"),
        ("token", "refreshToken"),
        ("access_token", "refresh_token"),
    ):
        first, second = found.get(access), found.get(refresh)
        if _is_token(first) and _is_token(second):
            return Tokens(Secret(str(first)), Secret(str(second))), refresh
    return None


def _is_token(value: object) -> bool:
    """Say whether a value can stand in a header as it is."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST_TOKEN
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def user_id(access: Secret) -> str:
    """Return whom an access token (a JWT) names; it is not proven here, the store proves it."""
    parts = access.reveal().split(".")
    if len(parts) != 3:
        return ""
    try:
        claims, readable = read_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    found = claims.get("userId") if readable and isinstance(claims, dict) else None
    return found if isinstance(found, str) and found.isprintable() and len(found) <= 128 else ""
