"""A store that sends what it should not: nothing of it becomes a command, and no other order waits for it.

A store in memory that answers with bytes, the adapter, the engine and the books; what a server does with
its connection is `tests.sync.bookwish.test_wire`.
"""

from __future__ import annotations

import email
import email.policy
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import msgspec
import pytest

from bookwish_desk.actions import connecting, order_papers
from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import conflicts, online, orders
from bookwish_desk.hardware.model import PAPER_80, PrinterProfile
from bookwish_desk.hardware.receipts.escpos import render
from bookwish_desk.keychain import Keychain
from bookwish_desk.paper.packing_slip import packing_slips
from bookwish_desk.shop.hold_slip import hold_slip
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync import smtp
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.bookwish import stores
from bookwish_desk.sync.bookwish.adapter import BookWish
from bookwish_desk.sync.bookwish.session import KeyringBox, Tokens
from bookwish_desk.sync.engine import Engine
from bookwish_desk.ui.orders.detail_presenter import DetailPresenter
from bookwish_desk.ui.sync import words
from tests.hardware.decoder import decode
from tests.support import days, letters
from tests.support.keyrings import FakeKeyring
from tests.support.orders import shelved, stepped
from tests.support.papers import words_of
from tests.support.shops import FrozenClock, station_for
from tests.sync.bookwish.far_shop import DATE_AT, FarShop, Told, reply

CARD = "4111 1111 1111 1111"
NASTY = (
    f"\x1b@\x1dV\x00^XA^XZ\x1b[31m<b>bold</b><img src=x>\r\nBcc: all@post.example\n\u202e\u200b\u2066=1+1"
    f" '; DROP TABLE orders;-- ../../etc/passwd \U0001f600 %LONE% %BAD% {CARD} "
) + "x" * 10_000
RAW = {b"%LONE%": rb"\ud83d", b"%BAD%": b"\xff\xc3"}
"""What no JSON may hold and servers write all the same."""

EAN = 9799990000015
BOOK = Item(sku=str(EAN), title="The Larch Almanac", price_cents=1_850, ean=EAN, stocked=True)
FEED = "order-feed"


def nasty(name: str) -> str:
    return f"=1+1 {name} {NASTY}"


class Hostile(FarShop):
    """The store in memory, whose answers are bytes; `twist` may change each of them, by the path's end."""

    def __init__(self, extensions: str) -> None:
        super().__init__(self.told, extensions=extensions)
        self.orders.clear()
        self.items[1:] = []
        self.twist: dict[str, Callable[[httpx2.Request], httpx2.Response | Told | None]] = {}
        self.headers: dict[str, str] = {}

    def told(self, request: httpx2.Request) -> httpx2.Response:
        end = request.url.path.rsplit("/", 1)[-1]
        twisted = self.twist[end](request) if end in self.twist else None
        if isinstance(twisted, httpx2.Response):
            return twisted
        status, body = twisted if twisted is not None else self._answer(request)
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        for word, raw in RAW.items():
            text = text.replace(word, raw)
        return reply(status, text, **self.headers)

    def order(self, number: int, **more: Any) -> dict[str, Any]:
        """Place an order; the fields of one of the documentation, with these in place of them."""
        made = {**FarShop().orders[0], "id": f"or-{number}", "orderNumber": f"BW-{number}", **more}
        self.orders.append(made)
        return made


class Desk:
    """A shop that works with such a store."""

    def __init__(self, folder: Path, extensions: str) -> None:
        self.far = Hostile(extensions)
        self.clock = FrozenClock(DATE_AT)
        self.store, self.owner = letters.mailing_shop(
            folder, self.clock, staff_mail=("olive@shop.example",), tax=days.settings().tax, zone="Asia/Tokyo"
        )
        connecting.connect(
            self.store,
            self.owner,
            OnlineSettings("https://far.example", "odo@post.example", "st-1", "Lantern"),
        )
        shelved(self.store, self.owner, BOOK, 5)
        self.port = self.far.store()
        self.engine = Engine(self.port, DirectBooks(self.store), self.clock, lambda: 0.5, 1, "desk")
        self.sync()

    def sync(self, steps: int = 30) -> None:
        """Send and read until nothing is due, or so many steps."""
        self.clock.at += 60_000
        self.engine.sync_now()
        for _ in range(steps):
            if self.engine.step():
                return

    def ours(self, far_id: str) -> Order | None:
        with self.store.read() as conn:
            found = online.order_link(conn, "bookwish", far_id)
            return orders.load(conn, found.order_id) if found else None

    def order(self, far_id: str) -> Order:
        found = self.ours(far_id)
        assert found is not None
        return found

    def mark(self, name: str) -> str:
        with self.store.read() as conn:
            return online.mark(conn, f"{name}@st-1")

    def close(self) -> None:
        self.port.close()
        self.store.close()

    def sales(self) -> list[tuple[str, str]]:
        """Return what goes up of sales: what it is and how far it has come."""
        with self.store.read() as conn:
            rows = conn.exec_driver_sql("SELECT kind, state FROM outbox WHERE kind = 'sale' ORDER BY id")
            return [(kind, state) for kind, state in rows]


Make = Callable[..., Desk]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Desk] = []

    def one(extensions: str = "all") -> Desk:
        made.append(Desk(tmp_path / str(len(made)), extensions))
        return made[-1]

    yield one
    for desk in made:
        desk.close()


def evil_order(desk: Desk, number: int, kind: str) -> str:
    """Let somebody order with something nasty in every text; return the order's id there."""
    names = ("name", "addressLine1", "addressLine2", "city", "state", "postalCode", "country", "phone")
    book = {"title": nasty("title"), "authors": [nasty("authors")], "isbn13": nasty("isbn")}
    line = {"id": f"li/../{number}", "inventoryId": "inv?&#", "bookId": nasty("book"), "book": book}
    more = "\r\nBcc: all@post.example" if kind == "pickup" else ""
    made = desk.far.order(
        number,
        id=f"../auth/logout?x=1#{kind}",
        orderNumber=f"=EVIL{number}\x1b@ ^XA%LONE%",
        userId=nasty("user"),
        customer={"id": nasty("id"), "displayName": nasty("Odo"), "email": f"odo{number}@post.example{more}"},
        fulfillmentType=kind,
        items=[{**line, "quantity": 1, "priceCents": 1850, "condition": nasty("new"), "storeId": "st-1"}],
        shippingAddress={x: nasty(x) for x in names},
        giftMessage=nasty("gift"),
        specialInstructions=nasty("wish"),
        trackingNumber=nasty("track"),
        carrier=nasty("carrier"),
        paymentStatus=nasty("paid"),
        stripePaymentIntentId=nasty("intent"),
        updatedAt=nasty("when"),
        createdAt=nasty("when"),
    )
    return str(made["id"])


def assert_harmless(text: str) -> None:
    """Fail where a text holds what a printer, a screen or a mail server could take for more than words."""
    odd = {c for c in text if c != "\n" and not c.isprintable()}
    assert not odd, (odd, text[:200])
    assert CARD not in text and CARD.replace(" ", "") not in text


def everything_kept(desk: Desk) -> Iterator[str]:
    """Yield every text in the books, those within JSON as they are read."""
    with desk.store.read() as conn:
        made = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        indexes = tuple(name for name, sql in made if "VIRTUAL" in sql)  # their insides are no texts
        for table in (name for name, _sql in made if not name.startswith(indexes)):
            for row in conn.exec_driver_sql(f"SELECT * FROM {table}").fetchall():
                for value in row:
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                    if isinstance(text, str):
                        yield from _within(json.loads(text) if text[:1] in ("{", "[") else text)


def _within(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, (list, dict)):
        parts = (*told, *told.values()) if isinstance(told, dict) else told
        for part in parts:
            yield from _within(part)


# ---- texts ----


@pytest.mark.capability("BW-02", "BW-38")
def test_an_order_full_of_commands_arrives_as_words_and_nothing_of_them_is_kept(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk = make()
    far_id, good = evil_order(desk, 1, "pickup"), desk.far.order(2)["id"]
    desk.sync()
    order = desk.order(far_id)
    assert desk.ours(good) is not None
    assert order.number == "=EVIL1@ ^XA\ufffd"
    assert order.customer is not None and order.customer.name.startswith("=1+1 Odo @ V^XA^XZ[31m<b>bold</b>")
    assert order.instructions.startswith("=1+1 wish @ V^XA^XZ[31m<b>bold</b><img src=x>\nBcc: all@post")
    assert "•••• •••• •••• 1111" in order.instructions and len(order.instructions) == 1_000
    with desk.store.read() as conn:
        for asked in ("evil1", "bold odo", "DROP TABLE", "odo1@post.example"):
            assert [x.id for x in orders.search(conn, asked).orders] == [order.id], asked
        assert [x.kind for x in conflicts.of_order(conn, order.id)] == ["unmapped"], "nobody knows the book"
    for text in everything_kept(desk):
        assert_harmless(text)
    assert "Odo" not in caplog.text and "bold" not in caplog.text

    station, _ = station_for(desk.store, desk.owner)
    detail = DetailPresenter(station)
    detail.set_shown(True)
    detail.show(order.id)
    shown = list(_within(msgspec.to_builtins(detail.state)))
    assert any("<b>bold</b>" in text for text in shown), "as it was written, in labels that are plain"
    for text in shown:
        assert_harmless(text)


def test_a_sign_that_was_cut_in_one_order_holds_up_no_other_of_its_list(make: Make) -> None:
    desk = make("none")
    cut = desk.far.order(1, specialInstructions="Wave %LONE%%BAD%", updatedAt="2025-03-04T15:02:11Z%BAD%")
    good = desk.far.order(2)
    desk.sync()
    assert desk.order(cut["id"]).instructions == "Wave \ufffd\ufffd\ufffd"
    assert desk.ours(good["id"]) is not None


def test_papers_and_mail_of_such_an_order_hold_no_command(make: Make) -> None:
    desk = make()
    pickup, gift = evil_order(desk, 1, "pickup"), evil_order(desk, 2, "gift")
    desk.sync()
    ready = stepped(desk.store, desk.owner, desk.order(pickup), "start")
    head = letterhead(desk.store.settings)
    slip = hold_slip(ready, head, until=DATE_AT)
    for profile in (PAPER_80, PrinterProfile(columns=32, dots=384, raster_only=True)):
        paper = decode(render(slip, profile))  # refuses every byte that is not the slip's own
        assert paper.kicks == [] and paper.cuts == int(profile.cut)
    assert "<b>bold</b>" in "".join(decode(render(slip, PAPER_80)).lines)

    slips = order_papers.slips_of(desk.order(gift), desk.store.settings, {})
    page = " ".join(words_of(packing_slips(slips, "letter")))
    assert "<b>bold</b><img src=x>" in page
    assert_harmless(page)

    written = [
        smtp.written(letters.composed(job).message, desk.store.settings.mail)
        for job in letters.mails(desk.store)
    ]
    assert {job.kind for job in letters.mails(desk.store)} == {"new_order", "received", "fillable"}
    for data in written:
        letter = email.message_from_bytes(data, policy=email.policy.default)
        assert letter.keys() == [
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
            "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
        ]  # fmt: skip
        assert len(letter["To"].addresses) == 1
        assert letter["To"].addresses[0].domain in ("post.example", "shop.example")
        for text in (letter["Subject"], letter["To"], letter.get_content().replace("\r\n", "\n")):
            assert_harmless(text)


# ---- cursors, moments, limits ----


def test_a_cursor_goes_back_as_it_came_and_as_nothing_else(make: Make) -> None:
    desk = make()
    cursor = "c/../..?after=x&limit=9#\r\nHost: evil.example\x00 %00+\u202e\U0001f600"
    rows = [{"seq": 1, "order": desk.far.order(1)}]
    desk.far.twist[FEED] = lambda _: (200, {"data": rows, "nextCursor": cursor, "hasMore": False})
    desk.sync()
    assert desk.mark("orders.feed") == cursor
    desk.far.seen.clear()
    desk.sync()
    (asked, *_) = [x for x in desk.far.seen if x.url.path.endswith(FEED)]
    assert asked.url.params["after"] == cursor
    assert (asked.url.host, asked.headers["host"]) == ("far.example", "far.example")
    assert desk.ours("or-1") is not None


@pytest.mark.parametrize("end", [FEED, "inventory-feed"])
def test_a_feed_that_stays_where_it_is_and_promises_more_does_not_go_on_for_ever(
    make: Make, end: str
) -> None:
    desk = make()
    desk.far.twist[end] = lambda _: (200, {"data": [], "nextCursor": "same", "hasMore": True})
    good = desk.far.order(1)["id"]
    desk.far.seen.clear()
    desk.clock.at += 24 * 3_600_000  # everything is due, the nightly comparison too
    desk.sync(60)
    assert len([x for x in desk.far.paths if x.endswith(end)]) < 10
    if end != FEED:
        assert desk.ours(good) is not None
    (told,) = {x.words for x in desk.engine.state().passes if x.words}
    assert told == "The store repeats the same page of its list."


DATES = ["Fri, 31 Dec 9999 23:59:58 GMT", "Thu, 01 Jan 1970 00:00:01 GMT", "\x01", "Tue, 04 Mar 2025"]


@pytest.mark.parametrize("date", DATES)
def test_an_absurd_clock_or_limit_is_shown_and_holds_nothing_up_for_long(make: Make, date: str) -> None:
    desk = make()
    far_id = desk.far.order(1)["id"]
    reset = str(10**15)
    limits = {"x_ratelimit_limit": "60", "x_ratelimit_remaining": "59", "x_ratelimit_reset": reset}
    desk.far.headers = {"date": date, "retry-after": "9" * 18, **limits}
    desk.sync()
    assert desk.ours(far_id) is not None
    assert_shown(desk)
    desk.far.headers = {}
    desk.sync()
    assert_shown(desk)
    desk.far.twist[FEED] = lambda _: reply(429, {"error": "slow"}, date=date, retry_after="9" * 18)
    desk.sync()
    assert 0 < desk.engine.reach.rests_ms <= 3_600_000
    assert_shown(desk)


def assert_shown(desk: Desk) -> None:
    state, settings = desk.engine.state(), desk.store.settings
    assert words.headline(state, {}, desk.clock.at, settings).sentence
    assert words.store_rows(state, desk.clock.at, settings)


# ---- answers of somebody else ----


@pytest.mark.parametrize("extensions", ["all", "none"])
@pytest.mark.parametrize("page", ["<html>Sign in to our guest network</html>", "{}", "null", '{"data": {}}'])
def test_the_page_of_a_guest_network_is_no_answer_of_the_store(
    make: Make, extensions: str, page: str
) -> None:
    desk = make(extensions)
    far_id = desk.far.order(1)["id"]
    desk.sync()
    days.open_till(desk.store, desk.owner)
    before, marks = desk.order(far_id), [desk.mark(x) for x in ("orders.feed", "stock.feed")]
    usual, desk.far.script = desk.far.script, lambda _: httpx2.Response(200, content=page.encode())
    days.pay(desk.store, desk.owner, days.ring(desk.store, desk.owner, [(BOOK, 1)]))
    desk.clock.at += 24 * 3_600_000  # everything is due, what the store can do is asked anew
    for _ in range(30):
        desk.clock.at += max(1_000, desk.engine.step())
    assert desk.order(far_id) == before
    assert [desk.mark(x) for x in ("orders.feed", "stock.feed")] == marks
    with desk.store.read() as conn:
        assert conflicts.all_open(conn) == ()
        assert len(online.items_by_sku(conn, [BOOK.sku])) == 1
    assert desk.sales() == [("sale", "uncertain")]
    assert desk.engine.state().way == "away"
    desk.far.script = usual
    for _ in range(12):
        desk.sync()
    assert desk.sales() == [("sale", "done" if extensions == "all" else "uncertain")]
    assert len(desk.far.sales) == (1 if extensions == "all" else 0)


# ---- this computer ----


@pytest.mark.parametrize("extensions", ["all", "none"])
def test_a_disk_that_fills_up_within_a_page_loses_nothing_of_it(make: Make, extensions: str) -> None:
    desk = make(extensions)
    ids = [desk.far.order(n)["id"] for n in range(1, 4)]
    ids.append(desk.far.order(4, specialInstructions="w" * 2_000, giftMessage="g" * 2_000)["id"])
    mark = desk.mark("orders.feed")
    with desk.store.write() as tx:
        (pages,) = tx.conn.exec_driver_sql("PRAGMA page_count").one()
        tx.conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    desk.sync()
    assert desk.engine.state().words.startswith("The disk is full")
    assert desk.mark("orders.feed") == mark
    with desk.store.read() as conn:
        assert conflicts.all_open(conn) == (), "it is the disk's fault and no order's"
    with desk.store.write() as tx:
        tx.conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
    desk.sync()
    assert [x for x in ids if desk.ours(x) is None] == []
    assert desk.engine.state().way == "ok"


class LockedRing(FakeKeyring):
    """A keyring that waits for its password, or that fails."""

    __module__, __qualname__ = "keyring.backends.SecretService", "Keyring"

    def __init__(self) -> None:
        super().__init__()
        self.unlocked = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept, once it is unlocked."""
        self.unlocked.wait(20)
        return super().get_password(service, username)


@pytest.mark.parametrize("how", ["hangs", "raises"])
def test_a_keyring_that_does_not_open_stops_the_engine_only_until_it_does(make: Make, how: str) -> None:
    desk = make()
    far_id = desk.far.order(1)["id"]
    ring = LockedRing()
    ring.unlocked.set()
    chain = Keychain(ring, 0.05)
    box = KeyringBox("shop", "https://far.example", "odo@post.example", lambda: chain)
    box.save(Tokens(Secret(desk.far.access), Secret(desk.far.refresh)))
    if how == "hangs":
        ring.unlocked.clear()
    else:
        ring.fault = RuntimeError("no bus")
    port = BookWish("https://far.example", box, "st-1", transport=httpx2.MockTransport(desk.far.answer))
    desk.engine = Engine(port, DirectBooks(desk.store), desk.clock, lambda: 0.5, 1, "desk")
    desk.sync(3)
    state = desk.engine.state()
    assert (state.way, "keyring" in state.words) == ("away", True)
    assert desk.ours(far_id) is None
    ring.unlocked.set()
    ring.fault = None
    desk.sync()
    assert desk.ours(far_id) is not None
    assert desk.engine.state().way == "ok"
    port.close()


def test_what_the_store_can_do_is_asked_again_soon_when_something_else_answered(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make()
    assert desk.port.abilities.key
    now = time.monotonic()
    monkeypatch.setattr(stores, "time", SimpleNamespace(monotonic=lambda: now + 100_000))
    usual, desk.far.script = desk.far.script, lambda _: httpx2.Response(200, content=b"Under repair")
    desk.clock.at += 25 * 3_600_000
    desk.engine.step()
    assert not desk.port.abilities.key, "a body that is no list of abilities means none"
    desk.far.script = usual
    desk.sync()
    assert not desk.port.abilities.key
    now += 600
    desk.clock.at += 600_000
    desk.sync()
    assert desk.port.abilities.key
