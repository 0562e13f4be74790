"""What becomes of a call when the network or the server fails, and how many requests were sent for it."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.carriers.easypost import broker_address, client, open_easypost, transport
from bookwish_desk.sync.carriers.port import EXISTS, FUNDS, IN_PROGRESS, STALE_RATE, TOO_EARLY, Carriers
from bookwish_desk.sync.port import Reply
from tests.sync.bookwish.bare_server import Act, http, serving, take
from tests.sync.carriers.easypost.speech import BOUGHT, KEY, Counted, easypost, error, parcel, speaking, told

SHORT: dict[str, Any] = {"connect": 0.6, "read": 0.6, "write": 0.6, "money": 0.6, "file": 0.6}
"""For servers that never answer: long enough for a request to leave a busy machine."""
PAGE = b"<html><body>502 Bad Gateway</body></html>"
Ask = Callable[[Carriers], Reply[Any]]


def buy(carriers: Carriers) -> Reply[Any]:
    return carriers.buy("shp_1", "rate_1")


def read(carriers: Carriers) -> Reply[Any]:
    return carriers.read("shp_1")


def lost(connection: socket.socket, _: int) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def hangs(connection: socket.socket, _: int) -> None:
    connection.recv(1)  # until the desk hangs up


def swallows(connection: socket.socket, _: int) -> None:
    while connection.recv(65_536):
        pass


def trickles(connection: socket.socket, _: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def cut(connection: socket.socket, _: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + json.dumps(BOUGHT).encode()[:60])
    connection.shutdown(socket.SHUT_RDWR)


End = tuple[str, str, int]
FAULTS: list[tuple[str, Act, End, End]] = []


def fault(name: str, act: Act, bought: End, known: End | None = None) -> None:
    """Add a fault: how a purchase ends, the code, the requests sent; and a reading, where it differs."""
    FAULTS.append((name, act, bought, known or bought))


fault("lost", lost, ("unknown", "broken", 1), ("unknown", "broken", 2))
fault("hangs", hangs, ("unknown", "late", 1))
fault("trickles", trickles, ("unknown", "late", 1))
fault("cut answer", cut, ("unknown", "broken", 1), ("unknown", "broken", 2))
fault("cut JSON", told(200, json.dumps(BOUGHT).encode()[:60]), ("unknown", "unreadable", 1))
fault("empty", told(200, b""), ("unknown", "unreadable", 1))
fault("other", told(200, {"id": 5, "object": None}), ("unknown", "unreadable", 1))
fault("another's", told(200, {**BOUGHT, "id": "shp_2"}), ("unknown", "unreadable", 1))
fault("200 HTML", told(200, PAGE), ("unknown", "unreadable", 1))
fault("500", error(500, "SERVER.ERROR"), ("unknown", "SERVER.ERROR", 1))
fault("502 HTML", told(502, PAGE), ("unknown", "", 1))
fault("503", error(503, "SERVICE.DOWN"), ("unknown", "SERVICE.DOWN", 1))
fault("504", told(504, b"gateway"), ("unknown", "", 1))
fault("408", error(408, "LATE"), ("unknown", "LATE", 1))
fault("429", error(429, "RATE_LIMITED", "Slow", "Retry-After: 7"), ("limited", "RATE_LIMITED", 1))
fault("429 HTML", told(429, PAGE), ("limited", "", 1))
fault("401", error(401, "APIKEY.INACTIVE"), ("signed_out", "APIKEY.INACTIVE", 1))
fault("402", error(402, "PAYMENT.REQUIRED"), ("refused", FUNDS, 1))
fault("403", error(403, "FORBIDDEN"), ("signed_out", "FORBIDDEN", 1))
fault("403 HTML", told(403, PAGE), ("unknown", "", 1), ("signed_out", "", 1))
fault("404", error(404, "NOT_FOUND"), ("gone", "NOT_FOUND", 1))
fault("404 HTML", told(404, PAGE), ("unknown", "", 1), ("not_offered", "", 1))
fault("400 HTML", told(400, PAGE), ("unknown", "", 1), ("refused", "", 1))
fault("409", error(409, "CONFLICT"), ("refused", TOO_EARLY, 1))
fault("423", error(423, "BATCH.STATE.CREATING"), ("refused", TOO_EARLY, 1))
fault("exists", error(422, "SHIPMENT.POSTAGE.EXISTS"), ("refused", EXISTS, 1))
fault("under way", error(422, "SHIPMENT.PURCHASE.IN_PROGRESS"), ("refused", IN_PROGRESS, 1))
fault("timed out", error(422, "SHIPMENT.POSTAGE.TIMED_OUT"), ("unknown", "SHIPMENT.POSTAGE.TIMED_OUT", 1))
fault(
    "no response", error(422, "SHIPMENT.POSTAGE.NO_RESPONSE"), ("unknown", "SHIPMENT.POSTAGE.NO_RESPONSE", 1)
)
fault("failure", error(422, "SHIPMENT.POSTAGE.FAILURE"), ("refused", "SHIPMENT.POSTAGE.FAILURE", 1))
fault("old price", error(422, "SHIPMENT.MISSING_RATE"), ("refused", STALE_RATE, 1))
fault("no price", error(422, "RATE.NOT_FOUND"), ("refused", STALE_RATE, 1))
fault("moved", told(302, b"", "Location: https://elsewhere.example/"), ("unknown", "redirect", 1))
fault("kept", told(307, b"", "Location: https://elsewhere.example/"), ("not_sent", "redirect", 1))


@pytest.mark.capability("BW-11", "OMG-19")
@pytest.mark.parametrize(("act", "bought", "known"), [x[1:] for x in FAULTS], ids=[x[0] for x in FAULTS])
def test_a_fault_is_told_as_what_it_is(
    act: Act, bought: tuple[str, str, int], known: tuple[str, str, int]
) -> None:
    for ask, (result, code, requests) in ((buy, bought), (read, known)):
        counted = Counted(act)
        patience = SHORT if act in (hangs, trickles) else {}
        with speaking(counted, **patience) as carriers:
            reply = ask(carriers)
        assert (reply.result, reply.code, len(counted.requests)) == (result, code, requests), ask.__name__
        assert reply.value is None
        assert reply.words
        assert "<" not in reply.words


def test_a_limit_says_how_long_to_wait() -> None:
    headers = ("Date: Thu, 06 Mar 2025 19:47:19 GMT", "Retry-After: Thu, 06 Mar 2025 19:47:31 GMT")
    for act, wait_ms in (
        (error(429, "RATE_LIMITED", "Slow.", "Retry-After: 7"), 7_000),
        (error(429, "RATE_LIMITED", "Slow.", *headers), 12_000),
        (error(429, "RATE_LIMITED"), 0),
    ):
        with speaking(Counted(act)) as carriers:
            assert buy(carriers).wait_ms == wait_ms


def test_a_read_that_is_lost_once_is_repeated() -> None:
    def act(connection: socket.socket, number: int) -> None:
        if number == 0:
            lost(connection, number)
        else:
            told(200, BOUGHT)(connection, number)

    with speaking(Counted(act)) as carriers:
        reply = read(carriers)
    assert reply.value is not None
    assert reply.value.bought.tracking == BOUGHT["tracking_code"]


def test_an_answer_that_the_client_stumbles_over_counts_all_the_same() -> None:
    """The client takes ids apart and raises for one that is no text: after the money has moved."""
    odd = {**BOUGHT, "to_address": {"id": 7}, "options": {"parent": {}, "id": {"x": 1}}}
    with speaking(Counted(told(200, odd))) as carriers:
        reply = buy(carriers)
    assert reply.value is not None
    assert reply.value.cents == 413


@pytest.mark.parametrize("ask", [buy, read])
def test_an_answer_without_end_is_not_taken(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST_ANSWER", 10_000)
    counted = Counted(told(200, b" " * 2_000_000))
    with speaking(counted) as carriers:
        reply = ask(carriers)
    assert (reply.result, reply.code, len(counted.requests)) == ("unknown", "too_large", 1)


def test_a_packed_answer_is_unpacked_no_further_than_any_other() -> None:
    for body, result in ((json.dumps(BOUGHT).encode(), "done"), (b" " * (8 << 20), "unknown")):
        with speaking(Counted(told(200, gzip.compress(body), "Content-Encoding: gzip"))) as carriers:
            assert buy(carriers).result == result


# ---- before anything leaves ----


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("ask", [buy, read])
def test_what_never_left_certainly_did_nothing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ask(easypost(f"http://127.0.0.1:{closed_port()}/v2"))
    assert (refused.result, refused.code) == ("not_sent", "connect")
    monkeypatch.setattr(transport, "addresses", lambda *_: iter(()))
    nameless = ask(easypost("https://easypost.invalid/v2"))
    assert (nameless.result, nameless.code) == ("not_sent", "name")
    assert "easypost.invalid is not found" in nameless.words


def test_a_server_that_cannot_prove_who_it_is_gets_nothing() -> None:
    counted = Counted(told(200, BOUGHT))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with serving(counted, context) as server:
        reply = buy(easypost(f"https://127.0.0.1:{server.port}/v2"))
    assert (reply.result, reply.code) == ("not_sent", "certificate")
    with serving(lambda connection, _: connection.sendall(http(400, PAGE))) as server:
        reply = buy(easypost(f"https://127.0.0.1:{server.port}/v2"))
    assert (reply.result, reply.code) == ("not_sent", "encryption")
    assert counted.requests == []


def test_an_encrypted_purchase_is_bounded_and_broken_off_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    context, trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(trust)
    monkeypatch.setattr(ssl, "create_default_context", lambda: trust)
    ends = {"done": told(200, BOUGHT), "broken": lost, "late": hangs}
    for end, act in ends.items():
        counted = Counted(act)
        with serving(counted, context) as server:
            carriers = easypost(
                f"https://127.0.0.1:{server.port}/v2", connect=5.0, money=1.0 if act is hangs else 30.0
            )
            reply = buy(carriers)
            carriers.close()
        assert (reply.code or reply.result, len(counted.requests)) == (end, 1)
    with serving(swallows) as server:  # it never answers the handshake
        carriers = easypost(f"https://127.0.0.1:{server.port}/v2", connect=2.0, money=0.2)
        assert (buy(carriers).result, buy(carriers).code) == ("not_sent", "connect")
        carriers.close()


@pytest.mark.parametrize("key", ["", "   ", "EZTK\nX-Other: 1", "EZTKüber", "EZ TK", "x" * 201])
def test_a_key_that_cannot_be_one_is_never_sent(key: str) -> None:
    counted = Counted(told(200, BOUGHT))
    with speaking(counted, key=key) as carriers:
        for ask in (buy, read, lambda x: x.account(), lambda x: x.create(parcel())):
            assert ask(carriers).result == "signed_out"
    assert counted.requests == []


@pytest.mark.parametrize(
    "typed",
    ["http://api.easypost.com/v2", "ftp://x", "https://u:p@x/v2", "https://", "x y", "https://x/../v2"],
)
def test_an_address_that_cannot_be_one_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        open_easypost(typed, Secret(KEY))
    assert refusal.value.facts["field"] == "base"


def test_an_address_is_kept_as_the_client_wants_it() -> None:
    assert broker_address(" api.easypost.com/v2/ ") == "https://api.easypost.com/v2"
    assert broker_address("") == "https://api.easypost.com/v2"
    assert broker_address("http://127.0.0.1:8080/v2") == "http://127.0.0.1:8080/v2"


# ---- the key ----


def test_the_key_is_in_no_log_no_words_and_no_picture_of_the_object(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = told(422, {"error": {"code": "ODD", "message": f"Key {KEY} is odd", "errors": [KEY, {KEY: KEY}]}})
    for act in (echo, error(422, KEY, KEY), lost, told(502, KEY.encode())):
        counted = Counted(act)
        with speaking(counted) as carriers:
            replies = [buy(carriers), read(carriers), carriers.create(parcel()), carriers.account()]
            shown = [repr(carriers), str(carriers), repr(vars(carriers)), *map(repr, replies)]
        assert any(f"authorization: bearer {KEY}".lower() in x.decode().lower() for x in counted.requests)
        assert all(KEY not in x for x in shown)
    assert "event=carrier_call" in caplog.text
    assert KEY not in caplog.text


def test_nothing_of_the_environment_goes_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No other key from a .netrc, no proxy."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    counted = Counted(told(200, BOUGHT, "Set-Cookie: tracked=1; Path=/"))
    with speaking(counted) as carriers:
        assert buy(carriers).result == "done"
        assert read(carriers).result == "done"
    for request in counted.requests:
        assert f"Authorization: Bearer {KEY}".encode() in request
        assert b"Cookie" not in request


# ---- connections ----


def test_calls_share_a_connection_and_leave_one_that_was_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Counted(told(200, BOUGHT))) as server:
        carriers = easypost(f"http://127.0.0.1:{server.port}/v2")
        assert [buy(carriers).result, read(carriers).result] == ["done", "done"]
        assert server.connections == 1
        monkeypatch.setattr(transport, "IDLE_SECONDS", -1.0)
        assert buy(carriers).result == "done"
        assert server.connections == 2
        carriers.close()


def test_a_purchase_over_a_connection_that_was_hung_up_meanwhile_goes_over_a_new_one() -> None:
    gone = threading.Event()

    def act(connection: socket.socket, number: int) -> None:
        take(connection)
        told(200, BOUGHT)(connection, number)
        connection.close()
        gone.set()

    with serving(act) as server:
        carriers = easypost(f"http://127.0.0.1:{server.port}/v2")
        assert read(carriers).result == "done"
        assert gone.wait(5)
        assert buy(carriers).result == "done"
        assert server.connections == 2
        carriers.close()


@pytest.mark.parametrize("ask", [buy, read])
def test_closing_wakes_up_who_waits_for_an_answer(ask: Ask) -> None:
    began = threading.Event()

    def act(connection: socket.socket, number: int) -> None:
        began.set()
        hangs(connection, number)

    replies: list[Reply[Any]] = []
    with speaking(Counted(act)) as carriers:
        waiting = threading.Thread(target=lambda: replies.append(ask(carriers)))
        waiting.start()
        assert began.wait(5)
        carriers.close()
        waiting.join(5)
    assert [(x.result, x.code) for x in replies] == [("unknown", "closed")]
    assert (ask(carriers).result, ask(carriers).code) == ("not_sent", "closed")


def test_several_threads_ask_at_once() -> None:
    both = threading.Barrier(2)

    def act(connection: socket.socket, number: int) -> None:
        both.wait(5)
        told(200, BOUGHT)(connection, number)

    replies: list[Reply[Any]] = []
    with speaking(Counted(act)) as carriers:
        threads = [threading.Thread(target=lambda x=x: replies.append(x(carriers))) for x in (buy, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert [x.result for x in replies] == ["done", "done"]
