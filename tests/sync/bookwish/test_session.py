"""Tokens are renewed by one thread for all, kept before they are used, and never sent or shown elsewhere."""

from __future__ import annotations

import base64
import json
import logging
import threading
from typing import Any

import httpx2
import pytest

from bookwish_desk.keychain import Keychain
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.bookwish.adapter import BookWish
from bookwish_desk.sync.bookwish.session import KeyringBox, MemoryBox, Tokens, user_id
from tests.support.keyrings import FakeKeyring
from tests.sync.bookwish.far_shop import FarShop, opened, reply

PASSWORD = Secret("larch-and-lantern")
EMAIL = "ines@larch.example"


class Refusing(MemoryBox):
    """A keyring that is locked for writing, or for reading."""

    def __init__(self, tokens: Tokens | None, read: bool = True) -> None:
        super().__init__(tokens)
        self._read = read

    def load(self) -> Tokens | None:
        if not self._read:
            raise StorageError("keyring", "The keyring did not answer.")
        return super().load()

    def save(self, tokens: Tokens) -> None:
        raise StorageError("keyring", "The keyring cannot be used.")


def _reached(far: FarShop, box: Any) -> BookWish:
    return BookWish("https://far.example", box, "st-1", transport=httpx2.MockTransport(far.answer))


@pytest.mark.parametrize("shape", ["flat", "nested"])
def test_a_wrong_password_is_said_in_plain_words_and_keeps_nothing(shape: str) -> None:
    far = FarShop(error_shape=shape)
    with opened(far, signed_in=False) as store:
        end = store.sign_in(EMAIL, Secret("wrong-password"))
        assert (end.result, end.status) == ("refused", 401)
        assert end.words == "The online store does not take this e-mail and password."
        assert store.order("or-1").result == "signed_out"
    assert far.paths == ["POST /auth/login"]


@pytest.mark.parametrize("status", [404, 405, 429, 500, 200])
def test_a_sign_in_that_gives_no_tokens_is_none(status: int) -> None:
    told = {"error": "Trouble", "message": f"do not say {PASSWORD.reveal()} again"}
    with opened(FarShop(lambda _: (status, told)), signed_in=False) as store:
        end = store.sign_in(EMAIL, PASSWORD)
    wanted = {404: "not_offered", 405: "not_offered", 429: "limited", 500: "unknown", 200: "unknown"}
    assert end.result == wanted[status]
    assert PASSWORD.reveal() not in end.words and end.words


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b", "\xe9", "", "t" * 10_000, 7])
def test_a_token_that_cannot_stand_in_a_header_is_none(token: str | int) -> None:
    told = {"accessToken": token, "refreshToken": "r1"}
    with opened(FarShop(lambda _: (200, told)), signed_in=False) as store:
        assert store.sign_in(EMAIL, PASSWORD).result == "unknown"


def test_many_threads_renew_once() -> None:
    far = FarShop()
    gate, lock = threading.Barrier(6), threading.Lock()
    waited: set[int] = set()

    def script(request: httpx2.Request) -> None:
        me = threading.get_ident()
        if request.url.path == "/orders/or-1" and me not in waited:
            with lock:
                waited.add(me)
            gate.wait(10)  # all of them are under way with the old token

    with opened(far) as store:
        far.access = "a.new.x"  # what the store takes from now on is not what was kept
        far.script = script
        ends: list[str] = []
        threads = [threading.Thread(target=lambda: ends.append(store.order("or-1").result)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert ends == ["done"] * 6
    assert far.paths.count("POST /auth/refresh") == 1


def test_a_new_pair_is_kept_before_it_is_used() -> None:
    far = FarShop()
    order: list[str] = []

    class Noting(MemoryBox):
        def save(self, tokens: Tokens) -> None:
            order.append(f"kept {tokens.access.reveal()}")
            super().save(tokens)

    def script(request: httpx2.Request) -> None:
        order.append(f"{request.url.path} {request.headers.get('authorization', '')}")

    far.script = script
    _reached(far, Noting(Tokens(Secret("old"), Secret("r0")))).order("or-1")
    assert order == ["/orders/or-1 Bearer old", "/auth/refresh ", "kept a.1.x", "/orders/or-1 Bearer a.1.x"]


def test_a_keyring_that_fails_costs_the_next_sign_in_not_this_one() -> None:
    far = FarShop()
    store = _reached(far, Refusing(Tokens(Secret("old"), Secret("r0"))))
    for access in ("a.8.x", "a.9.x", "a.10.x"):
        far.access = access  # it has expired; what the keyring still holds is older than what is in use
        assert store.order("or-1").result == "done"
    signed = store.sign_in(EMAIL, PASSWORD)
    assert signed.result == "done"
    assert signed.words == "Signed in until the program ends: The keyring cannot be used."
    locked = _reached(far, Refusing(None, read=False)).order("or-1")
    assert (locked.result, locked.words) == ("not_sent", "The keyring did not answer.")


def test_a_sign_in_elsewhere_in_the_program_is_taken_over() -> None:
    far = FarShop()
    box = MemoryBox(Tokens(Secret("a.0.x"), Secret("r0")))
    background = _reached(far, box)
    assert background.order("or-1").result == "done"
    assert _reached(far, box).sign_in(EMAIL, PASSWORD).result == "done"
    assert background.order("or-1").result == "done"
    assert "POST /auth/refresh" not in far.paths
    assert box.load() == Tokens(Secret("a.1.x"), Secret("r1"))


def test_only_a_refresh_token_is_enough() -> None:
    far = FarShop()
    assert _reached(far, MemoryBox(Tokens(Secret(""), Secret("r0")))).order("or-1").result == "done"
    assert far.paths == ["POST /auth/refresh", "GET /orders/or-1"]


def test_a_refused_refresh_signs_out_and_asks_nothing_more() -> None:
    far = FarShop()
    far.access = "a.new.x"
    box = MemoryBox(Tokens(Secret("old"), Secret("blocked")))
    store = _reached(far, box)
    end = store.order("or-1")
    assert (end.result, end.words) == ("signed_out", "Sign in at the online store again.")
    assert box.load() is None
    asked = len(far.seen)
    assert store.order("or-1").result == "signed_out"
    assert len(far.seen) == asked
    assert store.sign_in(EMAIL, PASSWORD).result == "done"
    assert store.order("or-1").result == "done"


def test_a_lost_answer_to_a_refresh_means_a_new_sign_in() -> None:
    far = FarShop()
    lost: list[str] = []

    def script(request: httpx2.Request) -> None:
        if request.url.path == "/auth/refresh" and not lost:
            lost.append("yes")
            far._auth("refresh", json.loads(request.content))  # the store has carried it out
            raise httpx2.ReadError("the answer is lost")

    far.script = script
    far.access = "a.new.x"
    store = _reached(far, MemoryBox(Tokens(Secret("old"), Secret("r0"))))
    assert store.order("or-1").result == "signed_out"


@pytest.mark.parametrize("fault", [httpx2.ConnectError("no"), httpx2.ReadError("cut"), 503, 404, 429])
def test_a_refresh_that_cannot_be_had_now_leaves_who_is_signed_in(fault: Exception | int) -> None:
    far = FarShop()

    def script(request: httpx2.Request) -> Any:
        if request.url.path != "/auth/refresh":
            return None
        if isinstance(fault, int):
            return reply(fault, {"error": "x"}, retry_after="7")
        raise fault

    far.script = script
    box = MemoryBox(Tokens(Secret("old"), Secret("r0")))
    store = _reached(far, box)
    end = store.order("or-1")
    assert end.result == ("limited" if fault == 429 else "not_sent")
    assert end.wait_ms == (7_000 if fault in (429, 503) else 0)
    far.script = None
    assert store.order("or-1").result == "done"


def test_a_new_token_that_is_refused_too_does_not_go_round_in_circles() -> None:
    far = FarShop(
        lambda r: far.error(401, "Unauthorized", "no") if r.url.path.startswith("/orders") else None
    )
    with opened(far) as store:
        assert store.order("or-1").result == "signed_out"
    assert far.paths == ["GET /orders/or-1", "POST /auth/refresh", "GET /orders/or-1"]


def test_tokens_are_kept_for_one_account_at_one_address() -> None:
    chain = Keychain(FakeKeyring())

    def box(address: str = "https://far.example", email: str = EMAIL, shop: str = "shop") -> KeyringBox:
        return KeyringBox(shop, address, email, lambda: chain)

    box().save(Tokens(Secret("access"), Secret("refresh")))
    assert box().load() == Tokens(Secret("access"), Secret("refresh"))
    assert box(address="https://other.example").load() is None
    assert box(email="odo@larch.example").load() is None
    assert box(shop="other").load() is None
    box().save(Tokens(Secret("a" * 600), Secret("refresh")))
    assert box().load() == Tokens(Secret(""), Secret("refresh"))
    box().forget()
    assert box().load() is None


def test_no_token_or_password_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    far = FarShop()
    with opened(far, signed_in=False) as store:
        store.sign_in(EMAIL, PASSWORD)
        far.access = "other"
        store.order("or-1")
        store.find_store("Elmhollow")
        far.script = lambda _: reply(500, {"error": "x"})
        store.order("or-1")
        store.sign_out()
    for secret in (PASSWORD.reveal(), EMAIL, "a.1.x", "a.2.x", "or-1", "lmhollow"):
        assert secret not in caplog.text
    assert "event=far_call" in caplog.text
    assert "r1" not in repr(Tokens(Secret("r1"), Secret("r1")))


def test_who_is_signed_in_is_read_from_the_token() -> None:
    claims = base64.urlsafe_b64encode(b'{"userId":"u-ines"}').decode().rstrip("=")
    assert user_id(Secret(f"h.{claims}.s")) == "u-ines"
    for odd in ("", "a.b", "a.b.c", "h.!!!!.s", f"h.{base64.urlsafe_b64encode(b'[1]').decode()}.s"):
        assert user_id(Secret(odd)) == ""
