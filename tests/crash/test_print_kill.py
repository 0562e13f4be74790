"""The desk is killed while it prints: a receipt is on paper once, or nobody claims to know; none is lost.

The printer runs in this process and stays on; the desk is a child of the nest that sells, prints over the
loopback network and opens the drawer. What is on paper at the end is held against the books.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookwish_desk.actions import outgoing
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import open_store
from bookwish_desk.hardware.model import PAPER_80
from bookwish_desk.hardware.receipts import escpos
from bookwish_desk.hardware.receipts.escpos import RESET
from bookwish_desk.shop.device import Confirms, Device
from bookwish_desk.shop.slip import Slip
from tests.crash import till_work
from tests.crash.books import after_a_crash
from tests.crash.nest import Ack, Child, Nest
from tests.crash.till_work import owner_of
from tests.hardware.cups_bed import CupsBed, cups_bed
from tests.hardware.engine import Engine
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer
from tests.support import days
from tests.support.shops import printer

KILLS_OF = 100  # --kills without a number
BATCHES = 4
DRAWER_SECONDS = 5.0
CLERKS_PAUSE_MS = 60
SLOW = 25  # bytes in five milliseconds: a receipt takes a sixth of a second


@dataclass
class TimedEngine(Engine):
    """A printer that knows when its drawer was opened."""

    pulsed_at: list[float] = field(default_factory=list)

    def _pulse(self, pin: int, when: str) -> None:
        self.pulsed_at.append(time.time())
        super()._pulse(pin, when)


KINDS: dict[str, Callable[[], TimedEngine]] = {
    "process ids": lambda: TimedEngine(slow=SLOW),
    "status": lambda: TimedEngine(slow=SLOW, process_ids=False),
    "nothing": lambda: TimedEngine(slow=SLOW, process_ids=False, gs_r=False, asb=False),
    "silent": lambda: TimedEngine(slow=SLOW, process_ids=False, gs_r=False, asb=False, status=False),
}
"""What a printer confirms by."""


@pytest.fixture(scope="session")
def printing_nest() -> Iterator[Nest]:
    with Nest("tests.crash.print_work") as hatching:
        yield hatching


class Shop:
    """A shop with one printer, and the desk in it that is killed."""

    def __init__(self, nest: Nest, folder: Path, far: TcpPrinter, device: Device, server: str = "") -> None:
        self.folder = folder
        self.far = far
        self.acks: list[Ack] = []
        self._nest = nest
        self._server = server
        till_work.found(folder, settings=days.settings(devices=(device,)))

    def trade(self, seconds: float, sales: int = 4, after: str = "ready") -> None:
        """Sell and print until it is killed so many seconds after it said a word."""
        child = self.start("trade", sales=sales)
        child.read_first(after)
        child.read(seconds)
        assert child.kill() == signal.SIGKILL
        self.acks += child.acks

    def start(self, job: str, sales: int) -> Child:
        """Start a desk that sells and prints."""
        return self._nest.start(job, folder=str(self.folder), sales=sales, gap_ms=CLERKS_PAUSE_MS)

    def die_at(self, moment: str) -> None:
        """Sell a book and let the desk die at a moment of printing its receipt."""
        child = self._nest.start("die_at", folder=str(self.folder), moment=moment, server=self._server)
        assert child.wait() == signal.SIGKILL
        self.acks += child.acks

    def sell_only(self, sales: int) -> None:
        """Sell and die before anything is printed."""
        child = self._nest.start("sell_only", folder=str(self.folder), sales=sales)
        assert child.wait() == signal.SIGKILL
        self.acks += child.acks

    def finish(self, ahead_ms: int = 0) -> None:
        """Start again, so much later, and let everything be printed that is to be printed."""
        named = {"folder": str(self.folder), "ahead_ms": ahead_ms, "server": self._server}
        self.acks += self._nest.run("finish", **named).acks
        self.far.wait_free()
        self.far.wait(lambda engine: not engine.waiting())

    def jobs(self, kind: str = "receipt") -> list[dict[str, Any]]:
        """Return the jobs of a kind, oldest first."""
        raw = engines.connect(self.folder / engines.SHOP_FILE, writes=False)
        try:
            names = ("id", "ref", "copy", "state", "created_at", "last_status", "payload")
            rows = raw.execute(f"SELECT {', '.join(names)} FROM outbox WHERE kind = ? ORDER BY id", (kind,))
            return [dict(zip(names, row, strict=True)) for row in rows]
        finally:
            raw.close()

    def on_paper(self, receipt: str) -> int:
        """Return how often the line with a receipt's number is on paper."""
        line = b"Receipt" + receipt.encode().rjust(41) + b"\n"
        return bytes(self.far.engine.paper).count(line)

    def is_whole(self, job: dict[str, Any]) -> bool:
        """Say whether a job is on paper in one piece, as the printer's driver made it."""
        slip = msgspec.json.decode(job["payload"], type=Slip)
        return escpos.render(slip, PAPER_80).removeprefix(RESET) in bytes(self.far.engine.paper)

    def copies_on_paper(self) -> int:
        """Return how many receipts on paper are marked as copies."""
        return bytes(self.far.engine.paper).count(b"COPY")

    def print_again(self, job: str) -> None:
        """Decide as a person does that an unknown job is printed again."""
        store = open_store(self.folder)
        outgoing.decide(store, owner_of(store), job, "again")
        store.close()

    def check(self) -> dict[str, str]:
        """Fail where paper and books disagree; return the state of each receipt's job."""
        after_a_crash(self.folder, [ack for ack in self.acks if ack[0] == "sale"])
        jobs = self.jobs()
        for job in jobs:
            times = self.on_paper(job["ref"])
            assert job["state"] in ("printed", "sent", "unknown"), job
            assert times == 1 or (times == 0 and job["state"] == "unknown"), (times, job)
            assert job["state"] == "unknown" or self.is_whole(job), job
        sold = {ack[2] for ack in self.acks if ack[0] == "sale"}
        assert sold <= {job["ref"] for job in jobs}
        self._check_drawer()
        return {job["ref"]: job["state"] for job in jobs}

    def _check_drawer(self) -> None:
        """Match each pulse with a kick that was asked for at most five seconds before."""
        assert isinstance(self.far.engine, TimedEngine)
        asked = sorted(job["created_at"] / 1000 for job in self.jobs("kick"))
        for pulse in sorted(self.far.engine.pulsed_at):
            due = [at for at in asked if at - 0.01 <= pulse <= at + DRAWER_SECONDS]
            assert due, f"a pulse at {pulse} that nobody asked for; asked {asked}"
            asked.remove(due[0])


@contextmanager
def shop_with(kind: str, nest: Nest, folder: Path, known: bool = True) -> Iterator[Shop]:
    """Open a shop with a printer of a kind, of which it is `known` how it confirms."""
    confirms: Confirms = "process_id" if kind == "process ids" else "status" if kind == "status" else "none"
    with tcp_printer(KINDS[kind]()) as far:
        device = printer(f"tcp:127.0.0.1:{far.port}", confirms=confirms if known else "")
        yield Shop(nest, folder, far, device)


def kills(config: pytest.Config) -> int:
    """Return how many kills are asked for in one batch: --kills asks for more than the usual forty in all."""
    asked = config.getoption("--kills")
    return int((40 if asked == KILLS_OF else asked) // BATCHES)


@pytest.mark.parametrize(("batch", "kind"), list(enumerate(KINDS)), ids=list(KINDS))
@pytest.mark.capability("BW+21")
@pytest.mark.slow
def test_killed_at_random_every_receipt_is_on_paper_once_or_unknown(
    batch: int, kind: str, pytestconfig: pytest.Config, printing_nest: Nest, tmp_path: Path
) -> None:
    chance = random.Random(batch)
    with shop_with(kind, printing_nest, tmp_path / "shop", known=False) as shop:
        for number in range(kills(pytestconfig)):
            # However slow the computer, every second desk has sold something before it is killed.
            shop.trade(chance.uniform(0.0, 0.6), after=("sale", "ready")[number % 2])
        shop.far.order("slow off")  # nothing is killed from here on
        shop.finish()
        states = shop.check()
        assert states
        unknown = [job for job in shop.jobs() if job["state"] == "unknown"]
        for job in unknown:
            shop.print_again(job["id"])
        before = shop.copies_on_paper()
        shop.finish()
        assert shop.copies_on_paper() - before == len(unknown)


MOMENTS = {
    "before sending is committed": ("printed", 1),
    "before the first byte": ("unknown", 0),
    "in the bytes": ("unknown", None),
    "after the last byte": ("unknown", None),
    "after the confirmation": ("unknown", 1),
    "after the end was committed": ("printed", 1),
    "before the pulse": ("", None),
    "between commit and pulse": ("", None),
}
"""How a receipt's job is found after a kill at each moment, and how often it is on paper if that is certain.

Its own lane is anywhere when the drawer's lane kills the desk.
"""


@pytest.mark.parametrize("kind", ["process ids", "status"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_moment_of_printing(moment: str, kind: str, printing_nest: Nest, tmp_path: Path) -> None:
    state, times = MOMENTS[moment]
    with shop_with(kind, printing_nest, tmp_path / "shop") as shop:
        shop.die_at(moment)
        shop.sell_only(1)
        shop.finish()
        states = shop.check()
        assert states["R1-000001"] == state or not state
        assert states["R1-000002"] == "printed"
        assert times is None or shop.on_paper("R1-000001") == times
        kicks = [job["state"] for job in shop.jobs("kick")]
        if moment == "between commit and pulse":
            assert kicks[0] == "unknown", "it is never repeated by itself"


def test_killed_before_a_refused_receipt_is_put_back(printing_nest: Nest, tmp_path: Path) -> None:
    """Nothing of it came out, but nobody wrote that down: a person decides."""
    with shop_with("process ids", printing_nest, tmp_path / "shop") as shop:
        shop.far.order("paper out")
        shop.die_at("before it is put back")
        shop.far.order("paper ok")
        shop.finish()
        assert shop.check() == {"R1-000001": "unknown"}
        assert shop.on_paper("R1-000001") == 0


@pytest.mark.parametrize("kind", ["process ids", "status"])
def test_killed_while_a_receipt_waits_for_paper(kind: str, printing_nest: Nest, tmp_path: Path) -> None:
    """The printer has it and prints it once there is paper: nobody prints it again by itself."""
    with shop_with(kind, printing_nest, tmp_path / "shop") as shop:
        shop.far.order("slow off", "paper 200")
        child = shop.start("trade", sales=1)
        shop.far.wait(lambda engine: engine.paper_out)
        child.read_first()
        assert child.kill() == signal.SIGKILL
        shop.acks += child.acks
        shop.far.order("paper ok")
        shop.sell_only(1)
        shop.finish()
        assert shop.check() == {"R1-000001": "unknown", "R1-000002": "printed"}


LATE_MS = 6_000
EXPIRED_MS = 16 * 60_000


def test_after_five_seconds_no_drawer_opens_and_the_receipt_is_printed(
    printing_nest: Nest, tmp_path: Path
) -> None:
    with shop_with("process ids", printing_nest, tmp_path / "shop") as shop:
        shop.sell_only(2)
        shop.finish(ahead_ms=LATE_MS)
        assert shop.check() == {"R1-000001": "printed", "R1-000002": "printed"}
        assert [job["state"] for job in shop.jobs("kick")] == ["expired", "expired"]
        assert shop.far.engine.pulses == []


def test_what_has_expired_is_not_printed_by_a_restart(printing_nest: Nest, tmp_path: Path) -> None:
    with shop_with("process ids", printing_nest, tmp_path / "shop") as shop:
        shop.sell_only(2)
        shop.finish(ahead_ms=EXPIRED_MS)
        assert {job["state"] for job in (*shop.jobs(), *shop.jobs("kick"))} == {"expired"}
        assert not shop.far.engine.paper and not shop.far.engine.pulses


@contextmanager
def shop_with_queue(nest: Nest, folder: Path, far: TcpPrinter) -> Iterator[tuple[Shop, CupsBed]]:
    """Open a shop that prints through the printing system; no drawer hangs on its printer."""
    with cups_bed() as cups:
        cups.add_to_port("receipts", far.port)
        yield Shop(nest, folder, far, printer("queue:receipts", drawer_pin=0), cups.server), cups


def test_killed_once_the_system_has_the_receipt_a_restart_finds_it_there(
    printing_nest: Nest, tmp_path: Path
) -> None:
    with (
        tcp_printer(TimedEngine()) as far,
        shop_with_queue(printing_nest, tmp_path / "shop", far) as (shop, _cups),
    ):
        shop.die_at("once the system has it")
        shop.finish()
        assert shop.check() == {"R1-000001": "sent"}


def test_what_the_system_still_waits_with_is_taken_back_by_a_restart(
    printing_nest: Nest, tmp_path: Path
) -> None:
    with (
        tcp_printer(TimedEngine()) as far,
        shop_with_queue(printing_nest, tmp_path / "shop", far) as (shop, cups),
    ):
        far.order("power off")
        shop.die_at("once the system has it")
        assert cups.run("lpstat", "-W", "not-completed", "-o").count("receipts-") == 1
        shop.finish()
        assert cups.run("lpstat", "-W", "not-completed", "-o").count("receipts-") == 0
        assert [job["state"] for job in shop.jobs()] == ["unknown"]
        assert not far.engine.paper
