"""Whether a write can have been carried out is known for certain; what a server does raises nothing."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import trustme

from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.bookwish import client, transport
from bookwish_desk.sync.bookwish.adapter import BookWish
from bookwish_desk.sync.bookwish.session import MemoryBox, Tokens
from bookwish_desk.sync.port import Reply
from tests.sync.bookwish.bare_server import BareServer, http, serving, take

KEY = "0195612a3b4c7def8a1b2c3d4e5f6071"
ORDER = b'{"id":"o1","orderNumber":"BW-1","status":"confirmed","items":[]}'
SALE = b'{"items":[],"storeId":"st"}'


@contextmanager
def reached(server: BareServer, host: str = "", trust: ssl.SSLContext | None = None) -> Iterator[BookWish]:
    box = MemoryBox(Tokens(Secret("access-token"), Secret("refresh-token")))
    address = f"https://{host}:{server.port}" if host else f"http://127.0.0.1:{server.port}"
    store = BookWish(address, box, "st", trust=trust, connections=2)
    try:
        yield store
    finally:
        store.close()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_nobody_there_is_not_sent() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        store = BookWish(f"http://127.0.0.1:{nobody.getsockname()[1]}", MemoryBox(), "st")
        end = store.sign_in("ines@larch.example", Secret("larch-and-lantern"))
        store.close()
    assert (end.result, end.code) == ("not_sent", "connect")
    assert "cannot be reached" in end.words


def test_a_name_that_is_not_found_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "addresses", lambda *_: iter(()))
    store = BookWish("https://shop.example", MemoryBox(Tokens(Secret("a"), Secret("r"))), "st")
    end = store.order("o1")
    store.close()
    assert (end.result, end.code) == ("not_sent", "name")
    assert "shop.example is not found" in end.words


def test_an_address_that_swallows_everything_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.4)

    def act(connection: socket.socket, _number: int) -> None:
        take(connection)
        connection.sendall(http(200, ORDER))

    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, serving(act) as server:
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # whoever comes after them waits for ever
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        places = [(socket.AF_INET, full.getsockname()), (socket.AF_INET, ("127.0.0.1", server.port))]
        monkeypatch.setattr(transport, "addresses", lambda *_: iter(places))
        with reached(server) as store:
            assert store.order("o1").result == "done"
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 201 Created\r\n", http(201, b'{"id":"s1"}')[:-4]])
def test_a_write_whose_answer_is_cut_off_is_unknown(sent: bytes) -> None:
    def act(connection: socket.socket, _number: int) -> None:
        take(connection)
        connection.sendall(sent)

    with serving(act) as server, reached(server) as store:
        end = store.send_sale(SALE, KEY)
        assert (end.result, end.code) == ("unknown", "broken")
        assert server.connections == 1


def test_a_read_whose_connection_breaks_is_sent_once_more() -> None:
    def act(connection: socket.socket, number: int) -> None:
        take(connection)
        if number:
            connection.sendall(http(200, ORDER))
        else:
            _reset(connection)

    with serving(act) as server, reached(server) as store:
        assert store.order("o1").result == "done"
        assert server.connections == 2


def test_a_write_that_is_reset_before_any_answer_is_sent_once_and_unknown() -> None:
    def act(connection: socket.socket, _number: int) -> None:
        take(connection)
        _reset(connection)

    with serving(act) as server, reached(server) as store:
        assert store.send_sale(SALE, KEY).result == "unknown"
        assert server.connections == 1


def test_a_kept_connection_that_was_hung_up_is_not_written_to() -> None:
    hung_up = threading.Event()

    def act(connection: socket.socket, _number: int) -> None:
        if take(connection):
            connection.sendall(http(200, ORDER))
        connection.shutdown(socket.SHUT_RDWR)
        hung_up.set()

    with serving(act) as server, reached(server) as store:
        assert store.order("o1").result == "done"
        assert hung_up.wait(10)
        assert store.order("o1").result == "done"
        assert server.connections == 2


def test_connections_are_kept_and_used_again() -> None:
    def act(connection: socket.socket, _number: int) -> None:
        while take(connection):
            connection.sendall(http(200, ORDER))

    with serving(act) as server, reached(server) as store:
        assert [store.order("o1").result for _ in range(5)] == ["done"] * 5
        assert server.connections == 1
        store.close()


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"X-Slow: ", b"x"),
        (b"Content-Length: 9999\r\n\r\n", b" "),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
)
def test_a_server_that_goes_on_for_ever_ends_at_the_deadline(
    first: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "EXCHANGE_SECONDS", 0.2)
    done = threading.Event()

    def act(connection: socket.socket, _number: int) -> None:
        take(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + first)
        while not done.wait(0.02):
            connection.sendall(drop)

    with serving(act) as server, reached(server) as store:
        began = time.monotonic()
        end = store.order("o1")
        done.set()
        assert (end.result, end.code) == ("unknown", "late")
        assert time.monotonic() - began < 5


def test_every_connection_busy_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "POOL_SECONDS", 0.05)
    asked, go_on = threading.Semaphore(0), threading.Event()

    def act(connection: socket.socket, _number: int) -> None:
        take(connection)
        asked.release()
        go_on.wait(10)
        connection.sendall(http(200, ORDER))

    with serving(act) as server, reached(server) as store:
        threads = [threading.Thread(target=store.order, args=("o1",)) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert asked.acquire(timeout=10) and asked.acquire(timeout=10)
        end = store.send_sale(SALE, KEY)
        go_on.set()
        for thread in threads:
            thread.join(10)
        assert (end.result, end.code) == ("not_sent", "busy")


def test_closing_breaks_off_what_is_under_way() -> None:
    asked, closed = threading.Event(), threading.Event()

    def act(connection: socket.socket, _number: int) -> None:
        take(connection)
        asked.set()
        closed.wait(10)

    ends = []
    with serving(act) as server, reached(server) as store:
        thread = threading.Thread(target=lambda: ends.append(store.send_sale(SALE, KEY)))
        thread.start()
        assert asked.wait(10)
        store.close()
        thread.join(10)
        closed.set()
        assert not thread.is_alive()
        assert ends[0].result == "unknown"
        assert store.order("o1").code == "closed"


# ---- trust ----


@pytest.mark.parametrize("what", ["unknown authority", "other host", "trusted"])
def test_a_store_has_to_prove_who_it_is(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued = authority.issue_cert("other.example" if what == "other host" else "shop.example")
    issued.configure_cert(tls)
    trust = ssl.create_default_context()
    if what != "unknown authority":
        authority.configure_trust(trust)
    taken: list[bytes] = []

    def act(connection: socket.socket, _number: int) -> None:
        while request := take(connection):
            taken.append(request)
            connection.sendall(http(200, ORDER))

    with serving(act, tls) as server:
        here = (socket.AF_INET, ("127.0.0.1", server.port))
        monkeypatch.setattr(transport, "addresses", lambda *_: iter((here,)))
        with reached(server, "shop.example", trust) as store:
            ends = [store.order("o1") for _ in range(3)]
    end = ends[0]
    if what == "trusted":
        assert [x.result for x in ends] == ["done"] * 3 and server.connections == 1
        return
    assert (end.result, end.code) == ("not_sent", "certificate")
    assert "shop.example" in end.words and "cannot prove who it is" in end.words
    assert not taken


def test_a_server_that_speaks_no_tls_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def act(connection: socket.socket, _number: int) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(act) as server:
        here = (socket.AF_INET, ("127.0.0.1", server.port))
        monkeypatch.setattr(transport, "addresses", lambda *_: iter((here,)))
        with reached(server, "shop.example") as store:
            end = store.send_sale(SALE, KEY)
    assert (end.result, end.code) == ("not_sent", "encryption")


# ---- what a malicious server sends ----


def _answering(answer: bytes, *headers: str) -> BareServer:
    def act(connection: socket.socket, _number: int) -> None:
        while take(connection):
            connection.sendall(http(200, answer, *headers))

    return BareServer(act)


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end_is_not_taken(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST_ANSWER", 1 << 20)
    huge = b'{"id":"' + b"x" * (2 << 20) + b'"}'
    body, headers = (gzip.compress(huge), ("Content-Encoding: gzip",)) if packed else (huge, ())
    server = _answering(body, *headers)
    with reached(server) as store:
        end = store.order("o1")
        write = store.send_sale(SALE, KEY)
    server.stop()
    assert (end.result, end.code) == ("unknown", "too_large")
    assert "larger than 1 MB" in end.words
    assert write.result == "unknown"


@pytest.mark.parametrize(("status", "result"), [(422, "refused"), (429, "limited"), (503, "unknown")])
def test_a_refusal_is_one_whatever_its_body(
    status: int, result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LARGEST_ANSWER", 1_000)
    answers = [
        http(status, b"x" * 2_000),
        http(status, b"x", "Content-Encoding: br"),
        http(status, b"xxx")[:-1],
    ]

    def act(connection: socket.socket, number: int) -> None:
        take(connection)
        connection.sendall(answers[number])

    with serving(act) as server, reached(server) as store:
        ends = [store.send_sale(SALE, KEY) for _ in answers]
    assert [(x.result, x.status) for x in ends] == [(result, status)] * 3


def test_what_was_packed_unasked_is_read() -> None:
    server = _answering(gzip.compress(ORDER), "Content-Encoding: gzip")
    with reached(server) as store:
        assert store.order("o1").result == "done"
    server.stop()


@pytest.mark.parametrize("encoding", ["br", "gzip", "deflate"])
def test_what_cannot_be_unpacked_is_no_answer(encoding: str) -> None:
    server = _answering(b"no such thing", f"Content-Encoding: {encoding}")
    with reached(server) as store:
        assert store.order("o1").result == "unknown"
    server.stop()


@pytest.mark.parametrize(
    "bad", [b"[" * 100_000, b'{"data":' * 50_000, b"9" * 5_000, b"{", b"\xff\xfe", b"<html>"]
)
def test_json_that_is_none_or_nested_without_end_is_an_answer_that_cannot_be_read(bad: bytes) -> None:
    server = _answering(bad)
    with reached(server) as store:
        calls = (
            store.order("o1"),
            store.order_list(0, 20),
            store.send_sale(SALE, KEY),
            store.stock_item("i"),
        )
        ends: list[Reply[Any]] = list(calls)
    server.stop()
    assert {x.result for x in ends} == {"unknown"}
    assert all("cannot be read" in x.words for x in ends)


@pytest.mark.parametrize(("status", "result"), [(307, "not_sent"), (301, "not_sent"), (303, "unknown")])
def test_nothing_is_sent_to_where_a_server_sends_us(status: int, result: str) -> None:
    elsewhere: list[bytes] = []

    def trap(connection: socket.socket, _number: int) -> None:
        elsewhere.append(take(connection))

    with serving(trap) as other:

        def act(connection: socket.socket, _number: int) -> None:
            take(connection)
            host = f"localhost:{other.port}"
            connection.sendall(http(status, b"", f"Location: http://{host}/<b>orders</b>"))

        with serving(act) as server, reached(server) as store:
            end = store.send_sale(SALE, KEY)
            assert store.order("o1").code == "redirect"
    assert (end.result, end.code) == (result, "redirect")
    assert f"localhost:{other.port}" in end.words and "<b>" not in end.words
    assert not elsewhere


def test_headers_without_end_are_no_answer() -> None:
    def act(connection: socket.socket, _number: int) -> None:
        take(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"y" * 200_000 + b"\r\n\r\n")

    with serving(act) as server, reached(server) as store:
        assert store.send_sale(SALE, KEY).result == "unknown"


def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    seen: list[bytes] = []

    def act(connection: socket.socket, _number: int) -> None:
        while request := take(connection):
            seen.append(request)
            connection.sendall(http(200, ORDER, "Set-Cookie: trail=1; Path=/"))

    with serving(act) as server, reached(server) as store:
        assert [store.order("o1").result for _ in range(2)] == ["done"] * 2
        store.close()
    assert b"cookie" not in b"".join(seen).lower()
    assert seen[0].count(b"Bearer access-token") == 1
