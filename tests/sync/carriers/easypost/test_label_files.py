"""The bytes of labels: from where they are fetched, what counts as one."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.sync.carriers.port import TOO_EARLY
from bookwish_desk.sync.port import Reply
from tests.sync.bookwish.bare_server import BareServer, http, serving, take
from tests.sync.carriers.easypost.speech import (
    BOUGHT,
    PNG,
    Counted,
    easypost,
    speaking,
    told,
)

PAGE = b"<html><body>502 Bad Gateway</body></html>"


def labelled(server: BareServer, where: str) -> dict[str, Any]:
    url = where.replace("HERE", f"http://127.0.0.1:{server.port}")
    return {**BOUGHT, "postage_label": {"label_url": url, "label_file_type": "image/png"}}


def fetched(where: str, file: Callable[[str], bytes], fmt: Any = "png") -> tuple[Reply[LabelFile], list[str]]:
    """Return the label of a shipment whose file is at `where`, and the paths that were asked for."""
    asked: list[str] = []
    holder: list[BareServer] = []

    def act(connection: socket.socket, _: int) -> None:
        while request := take(connection):
            path = request.split(b" ")[1].decode()
            asked.append(path)
            if path.startswith("/v2/"):
                connection.sendall(http(200, json.dumps(labelled(holder[0], where)).encode()))
                continue
            assert b"uthorization" not in request
            connection.sendall(file(path))

    with serving(act) as server:
        holder.append(server)
        carriers = easypost(f"http://127.0.0.1:{server.port}/v2")
        reply = carriers.label("shp_1", fmt)
        carriers.close()
    return reply, asked


@pytest.mark.capability("OMG-19")
def test_a_label_is_fetched_without_the_key_through_a_few_redirects() -> None:
    steps = {"/a": "/b", "/b": "c?x=1", "/c?x=1": "/d"}

    def file(path: str) -> bytes:
        return http(302, b"", f"Location: {steps[path]}") if path in steps else http(200, PNG)

    reply, asked = fetched("HERE/a", file)
    assert reply.value == LabelFile(PNG, "png")
    assert asked == ["/v2/shipments/shp_1", "/a", "/b", "/c?x=1", "/d"]


@pytest.mark.parametrize(
    ("where", "answer", "code"),
    [
        ("HERE/a", http(302, b"", "Location: /a"), "file"),
        ("HERE/a", http(302, b"", "Location: http://example.com/a.png"), "address"),
        ("HERE/a", http(302, b"", "Location: file:///etc/passwd"), "address"),
        ("HERE/a", http(404, PAGE), "file"),
        ("HERE/a", http(403, PAGE), "file"),
        ("HERE/a", http(200, PAGE), "no_label"),
        ("HERE/a", http(200, b""), "no_label"),
        ("HERE/a", http(200, PNG + b"x" * (5 << 20)), "too_large"),
        ("file:///etc/passwd", b"", "address"),
        ("http://example.com/label.png", b"", "address"),
        ("http://user:word@127.0.0.1/label.png", b"", "address"),
        ("http://[::1", b"", "address"),
        ("ftp://127.0.0.1/label.png", b"", "address"),
    ],
)
def test_a_file_that_is_no_label_is_not_taken(where: str, answer: bytes, code: str) -> None:
    reply, _ = fetched(where, lambda _: answer)
    assert (reply.result, reply.code, reply.value) == ("unknown", code, None)


def test_a_label_that_is_not_converted_comes_as_it_was_made() -> None:
    """A label that was bought is worth more in another format than not at all."""
    reply, asked = fetched("HERE/a", lambda _: http(200, PNG), "zpl")
    assert reply.value == LabelFile(PNG, "png")
    assert asked[:2] == ["/v2/shipments/shp_1", "/v2/shipments/shp_1/label?file_format=ZPL"]


def test_there_is_no_label_before_there_is_one() -> None:
    with speaking(Counted(told(200, {**BOUGHT, "postage_label": None}))) as carriers:
        reply = carriers.label("shp_1", "png")
    assert (reply.result, reply.code) == ("refused", TOO_EARLY)


@pytest.mark.capability("OMG-19")
@pytest.mark.parametrize("fmt", ["png", "zpl"])
def test_the_label_of_another_shipment_is_no_label_of_this_one(fmt: Any) -> None:
    """A proxy that mixes answers up would have it printed for the wrong parcel."""
    asked: list[str] = []

    def act(connection: socket.socket, _: int) -> None:
        while request := take(connection):
            asked.append(request.split(b" ")[1].decode())
            body = {**BOUGHT, "id": "shp_2", "postage_label": {"label_url": "http://127.0.0.1/a.png"}}
            connection.sendall(http(200, json.dumps(body).encode()))

    with serving(act) as server:
        carriers = easypost(f"http://127.0.0.1:{server.port}/v2")
        reply = carriers.label("shp_1", fmt)
        carriers.close()
    assert (reply.result, reply.value) == ("unknown", None)
    assert asked == ["/v2/shipments/shp_1"]
