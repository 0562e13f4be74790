"""What the tests of EasyPost send, and servers on loopback for it to speak with."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bookwish_desk.shop.carriage import Box, Consignment, Customs, CustomsItem
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.carriers.easypost.client import Patience
from bookwish_desk.sync.carriers.port import Carriers
from tests.sync.bookwish.bare_server import Act, http, serving, take

KEY = "EZTKtests0000000000000000000000000000"
NOW = 1_741_000_000_000

READER = PostalAddress(
    "Zoë Brontë", "388 Townsend St", "Apt 20", "San Francisco", "CA", "94107", "US", "(415) 555-0100"
)
SHOP = PostalAddress("The Corner Bookshop", "179 N Harbor Dr", "", "Redondo Beach", "CA", "90277", "US")
BOX = Box(437, 254, 203, 102)
CUSTOMS = Customs(
    (CustomsItem("Printed books", 2, 4_650, 800), CustomsItem("Printed books", 1, 999, 300)), "Anne Lister"
)

BOUGHT: dict[str, Any] = {
    "id": "shp_1",
    "mode": "test",
    "rates": [],
    "tracking_code": "9400100208303109500652",
    "selected_rate": {"id": "rate_1", "carrier": "USPS", "service": "MediaMail", "rate": "4.13"},
    "postage_label": {"label_url": "LABEL", "label_file_type": "image/png"},
    "tracker": {"id": "trk_1"},
}
"""A shipment that was paid."""
PNG = b"\x89PNG\r\n\x1a\n" + b"made up"


def parcel(**changes: Any) -> Consignment:
    """Return a parcel to the reader."""
    told: dict[str, Any] = {"reference": "postage-1", "to": READER, "sender": SHOP, "box": BOX, **changes}
    return Consignment(**told)


def easypost(base: str = "", key: str = KEY, **patience: Any) -> Carriers:
    """Return an EasyPost, at an address on this computer, whose times are short."""
    from bookwish_desk.sync.carriers.easypost import open_easypost

    return open_easypost(base, Secret(key), timeout=Patience(**patience), clock=lambda: NOW)


@contextmanager
def speaking(act: Act, key: str = KEY, **patience: Any) -> Iterator[Carriers]:
    """Give an EasyPost that speaks with a server of its own, and hangs up before that stops."""
    with serving(act) as server:
        carriers = easypost(f"http://127.0.0.1:{server.port}/v2", key=key, **patience)
        try:
            yield carriers
        finally:
            carriers.close()


class Counted:
    """Does with each request the same, and counts them."""

    def __init__(self, then: Act) -> None:
        self._then = then
        self.requests: list[bytes] = []

    def __call__(self, connection: socket.socket, number: int) -> None:
        while request := take(connection):
            self.requests.append(request)
            self._then(connection, number)


def told(status: int, body: object, *headers: str) -> Act:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda connection, _: connection.sendall(http(status, data, *headers))


def error(status: int, code: str, message: str = "No.", *headers: str) -> Act:
    return told(status, {"error": {"code": code, "message": message, "errors": []}}, *headers)


class Scripted:
    """Answers by method and path; what it was asked is kept."""

    def __init__(self, answers: dict[str, list[tuple[int, object]]]) -> None:
        self._answers = answers
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, connection: socket.socket, number: int) -> None:
        while request := take(connection):
            head, _, body = request.partition(b"\r\n\r\n")
            method, path, *_rest = head.decode().split("\r\n")[0].split(" ")
            self.asked.append((f"{method} {path}", json.loads(body) if body else None))
            answers = self._answers[f"{method} {path}"]
            code, answer = answers.pop(0) if len(answers) > 1 else answers[0]
            connection.sendall(http(code, json.dumps(answer).encode()))
