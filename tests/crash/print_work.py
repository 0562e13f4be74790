"""What a doomed desk does that prints: sales, their receipts and kicks, through dispatch and the real driver.

Runs in a child of the nest (see `nest`), never in the test's own process.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QTimer

from bookwish_desk.actions import equipping, outgoing
from bookwish_desk.db.link import query
from bookwish_desk.db.store import open_store, system_clock
from bookwish_desk.dispatch import Dispatch
from bookwish_desk.equipment import equip
from bookwish_desk.hardware.links import cups
from bookwish_desk.hardware.links.tcp import _TcpLink
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.item import Item
from bookwish_desk.tending import Tending
from tests.crash.till_work import Tell, die, owner_of
from tests.support import days

AHEAD = ("PIL.Image", "escpos.printer", "bookwish_desk.hardware.receipts.escpos")
LOOK_MS = 10
BOOK = Item(sku="B", title="Orlando", price_cents=1_500, tax_class="book")

for name in AHEAD:
    importlib.import_module(name)


class Desk:
    """As much of a desk as prints: lanes, dispatch, the drivers of the settings, who asks how they are."""

    def __init__(self, tell: Tell, folder: str, ahead_ms: int = 0) -> None:
        self.store = open_store(Path(folder), clock=lambda: system_clock() + ahead_ms)
        self.actor = owner_of(self.store)
        self.tell = tell
        self.lanes = Lanes(self.store)
        self.dispatch = Dispatch(self.lanes, 1, self._told, self._learned)
        self.tending = Tending(self.lanes, self.dispatch.is_sending, lambda *_change: None)

    def open(self) -> None:
        """Begin as the desk does: what a crash left is looked through, then the devices are used."""
        devices = self.store.settings.devices
        self.dispatch.recover()
        made = equip(devices, self.store.folder)
        self.dispatch.equip(made.doors.values())
        self.tending.equip(devices, made.doors.values())

    def _told(self, device: str, state: Any, sentence: str) -> None:
        if state is not None:
            self.tending.hear(device, state)

    def _learned(self, device: str, confirms: Any) -> None:
        self.lanes.act(lambda store: equipping.learned(store, device, confirms))

    def sell(self) -> None:
        """Sell one book for cash on the shop lane."""
        self.lanes.act(self._sell)

    def _sell(self, store: Any) -> Any:
        from bookwish_desk.actions.action import Outcome

        sale = days.sell(store, self.actor, (BOOK, 1))
        self.tell("sale", sale.id, sale.receipt, sale.total_cents)
        return Outcome(None, frozenset({"outbox"}))

    def waiting(self) -> int:
        """Return how many jobs have not ended."""
        with self.store.read() as conn:
            ask = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"
            return int(query(conn, ask).fetchone()[0])


@contextmanager
def _application() -> Iterator[QCoreApplication]:
    application = QCoreApplication.instance() or QCoreApplication([])
    yield application


def _run(desk: Desk, until: Callable[[], bool]) -> None:
    with _application() as application:
        desk.open()
        timer = QTimer()
        timer.timeout.connect(lambda: application.quit() if until() else None)
        timer.start(LOOK_MS)
        desk.tell("ready")
        application.exec()
        timer.stop()
        desk.tending.close()
        desk.dispatch.close()
        desk.lanes.close()
        desk.store.close()


# ---- jobs ----


def trade(tell: Tell, folder: str, sales: int, gap_ms: int) -> None:
    """Sell and print, a sale every `gap_ms`, and go on printing until it is killed."""
    desk = Desk(tell, folder)
    left = sales
    since = 0

    def tick() -> bool:
        nonlocal left, since
        since += LOOK_MS
        if left and since >= gap_ms:
            left, since = left - 1, 0
            desk.sell()
        return False

    _run(desk, tick)


def sell_only(tell: Tell, folder: str, sales: int) -> None:
    """Sell without a printer and die."""
    desk = Desk(tell, folder)
    for _ in range(sales):
        desk._sell(desk.store)
    die()


def finish(tell: Tell, folder: str, ahead_ms: int = 0, server: str = "") -> None:
    """Start as after a crash, print what is left to print, and end once nothing moves any more."""
    os.environ["CUPS_SERVER"] = server
    desk = Desk(tell, folder, ahead_ms)
    _run(desk, lambda: not desk.waiting())
    tell("quiet")


def die_at(tell: Tell, folder: str, moment: str, server: str = "") -> None:
    """Sell one book and die at a moment of printing its receipt, or of opening the drawer.

    `server` is where a CUPS listens.
    """
    os.environ["CUPS_SERVER"] = server
    desk = Desk(tell, folder)
    MOMENTS[moment]()
    desk._sell(desk.store)
    _run(desk, lambda: False)


# ---- moments ----


def _is_kick(data: bytes) -> bool:
    return b'"why"' in data


def _before_begin(kick: bool) -> None:
    real = outgoing.begin_sending

    def begin(store: Any, job: str, data: bytes) -> Any:
        if _is_kick(data) == kick:
            die()
        return real(store, job, data)

    outgoing.begin_sending = begin  # type: ignore[assignment]


def _after_begin(kick: bool) -> None:
    real = outgoing.begin_sending

    def begin(store: Any, job: str, data: bytes) -> Any:
        done = real(store, job, data)
        if _is_kick(data) == kick:
            die()
        return done

    outgoing.begin_sending = begin  # type: ignore[assignment]


def _in_the_bytes() -> None:
    real = _TcpLink.write

    def write(self: _TcpLink, data: bytes, deadline: float) -> int:
        if len(data) > 400 and data.strip(b"\0"):
            real(self, data[: len(data) // 2], deadline)
            die()
        return real(self, data, deadline)

    _TcpLink.write = write  # type: ignore[method-assign]


def _after_the_bytes() -> None:
    real = _TcpLink.write

    def write(self: _TcpLink, data: bytes, deadline: float) -> int:
        done = real(self, data, deadline)
        if len(data) > 400 and data.strip(b"\0"):
            assert done == len(data)
            die()
        return done

    _TcpLink.write = write  # type: ignore[method-assign]


def _around_the_end(after: bool) -> None:
    real = outgoing.end_sending

    def end(store: Any, job: str, state: Any, status: str) -> Any:
        if state == "sent" and "drawer" in status.lower():
            return real(store, job, state, status)
        if after:
            real(store, job, state, status)
        die()

    outgoing.end_sending = end  # type: ignore[assignment]


def _before_it_is_put_back() -> None:
    outgoing.put_back = lambda *_asked: die()  # type: ignore[assignment]


def _once_the_system_has_it() -> None:
    real = cups._job_number

    def number(*asked: Any) -> int:
        real(*asked)
        die()
        return 0

    cups._job_number = number  # type: ignore[assignment]


MOMENTS: dict[str, Callable[[], None]] = {
    "before sending is committed": lambda: _before_begin(kick=False),
    "before the first byte": lambda: _after_begin(kick=False),
    "in the bytes": _in_the_bytes,
    "after the last byte": _after_the_bytes,
    "after the confirmation": lambda: _around_the_end(after=False),
    "after the end was committed": lambda: _around_the_end(after=True),
    "before the pulse": lambda: _before_begin(kick=True),
    "between commit and pulse": lambda: _after_begin(kick=True),
    "before it is put back": _before_it_is_put_back,
    "once the system has it": _once_the_system_has_it,
}

JOBS = {f.__name__: f for f in (trade, sell_only, finish, die_at)}
