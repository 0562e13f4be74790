"""The rows that need a printer: from the tender to the drawer's pulse and to the last byte of the receipt.

The printer is a program on the loopback network that answers as one does; the floor is the bare commit
and the same bytes through a bare socket.
"""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bookwish_desk.actions import paying
from bookwish_desk.dispatch import Dispatch
from bookwish_desk.equipment import equip
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup
from tests.benchmarks.measure import Limit, Row, Times, row
from tests.benchmarks.rows import Bench
from tests.benchmarks.screens import application
from tests.hardware.engine import Engine

_PULSES = (b"\x1bp", b"\x10\x14\x01")  # ESC p, and DLE DC4 beside a job that is under way
_CUT = b"\x1dV"
_PATIENCE_S = 20


class Printer:
    """A printer with an address, on a thread of its own: it notes when a pulse and when a cut came."""

    def __init__(self) -> None:
        self._engine = Engine()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.pulse_at = self.cut_at = 0
        self.count = 0
        self._left = False
        self._thread = threading.Thread(target=self._serve, name="bench-printer", daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """Wait for another pulse and another cut."""
        self.pulse_at = self.cut_at = self.count = 0

    def _serve(self) -> None:
        while not self._left:
            if not select.select([self._server], [], [], 0.1)[0]:
                continue
            line, _ = self._server.accept()
            with line:
                self._take(line)

    def _take(self, line: socket.socket) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tail = b""
        while not self._left:
            if not select.select([line], [], [], 0.1)[0]:
                continue
            data = line.recv(self._engine.free())
            if not data:
                return
            now = time.perf_counter_ns()
            self.count += len(data)
            seen, tail = tail + data, (tail + data)[-2:]
            if any(pulse in seen for pulse in _PULSES):
                self.pulse_at = now
            if _CUT in seen:
                self.cut_at = now
            self._engine.feed(data)
            if replies := self._engine.take_replies():
                line.sendall(replies)

    def close(self) -> None:
        """Hang up."""
        self._left = True
        self._thread.join()
        self._server.close()


class Counter:
    """A register with lanes, dispatch and the printer, and no screen."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.app = application()
        self.printer = Printer()
        self.lanes = Lanes(bench.store)
        device = Device(
            "receipt-printer",
            "Printer",
            f"tcp:127.0.0.1:{self.printer.port}",
            ReceiptPrinterSetup(),
            uses=("receipts",),
        )
        self.dispatch = Dispatch(self.lanes, 1, lambda *_: None)
        self.dispatch.equip(equip((device,), folder).doors.values())

    def wait(self, until: Callable[[], object]) -> None:
        """Turn the event loop until something is so."""
        end = time.monotonic() + _PATIENCE_S
        while not until():
            if time.monotonic() > end:
                raise TimeoutError("the printer got nothing")
            self.app.processEvents()

    def close(self) -> None:
        """Put everything away."""
        self.dispatch.close()
        self.lanes.close()
        self.printer.close()


def tender(bench: Bench, scratch: Path) -> list[Row]:
    """Pay in cash until the drawer's pulse and the last byte of the receipt are with the printer."""
    with bench.store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM outbox")
    counter = Counter(bench, scratch)
    kicks, receipts = (Times(), Times()), (Times(), Times())
    rnd = random.Random(3)
    try:
        for _ in range(bench.rounds):
            for times in (*kicks, *receipts):
                times.begin_round()
            for _ in range(bench.times(40)):
                _one(bench, counter, rnd, kicks, receipts)
        size = counter.printer.count
    finally:
        counter.close()
    return [
        row("kick", "tender to the drawer's pulse", kicks, "wall", gate=Limit("worst_ms", 300)),
        row(
            "printed",
            "tender to the receipt's last byte",
            receipts,
            "wall",
            aim=Limit("p99_ms", 100),
            note=f"{size} bytes of the last one",
        ),
    ]


def _one(
    bench: Bench,
    counter: Counter,
    rnd: random.Random,
    kicks: tuple[Times, Times],
    receipts: tuple[Times, Times],
) -> None:
    draft = bench.draft(rnd)
    counter.printer.forget()
    began = time.perf_counter_ns()
    counter.lanes.act(lambda store: paying.pay_cash(store, bench.actor, draft.id, 1_000_000))
    counter.wait(lambda: counter.printer.pulse_at and counter.printer.cut_at)
    kicks[0].wall[-1].append(counter.printer.pulse_at - began)
    receipts[0].wall[-1].append(counter.printer.cut_at - began)
    _settled(counter)
    counter.printer.forget()
    began = time.perf_counter_ns()
    bench.disk.sync()
    with socket.create_connection(("127.0.0.1", counter.printer.port)) as line:
        line.sendall(b"\x1bp\x00\x19\xfa" + b"x\n" * 400 + b"\x1dVA\x00")
        line.shutdown(socket.SHUT_WR)
        while line.recv(64):
            pass
    counter.wait(lambda: counter.printer.pulse_at and counter.printer.cut_at)
    kicks[1].wall[-1].append(counter.printer.pulse_at - began)
    receipts[1].wall[-1].append(counter.printer.cut_at - began)


def _settled(counter: Counter) -> None:
    """Wait until the receipt was confirmed: the next sale begins at a quiet register."""
    counter.wait(lambda: not counter.dispatch.is_sending("receipt-printer"))
