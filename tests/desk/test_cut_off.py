"""The printer is cut off in the middle of a receipt: what dispatch and a person then do prints it once.

Through the outbox and the real driver, over the loopback network: a receipt is on paper once, or its job is
unknown and the second print says that it is a copy. `--every-byte` cuts after every single byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from bookwish_desk import dispatch
from bookwish_desk.actions import outgoing
from bookwish_desk.actions.posting import post_slip
from bookwish_desk.db.outbox import Job
from bookwish_desk.dispatch import Dispatch
from bookwish_desk.equipment import equip
from bookwish_desk.hardware.model import PAPER_80
from bookwish_desk.hardware.receipts.escpos import render
from bookwish_desk.lanes import Lanes
from bookwish_desk.settings import Settings
from bookwish_desk.shop.device import Confirms
from bookwish_desk.shop.slip import Pair, Rule, Slip, Words
from tests.hardware.engine import Engine
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer
from tests.support.shops import found_shop, printer

STEP = 61
OVERHEAD = 60
"""Bytes beside those of the receipt: questions, and what makes the printer report."""

PRINTERS: dict[Confirms, Callable[[], Engine]] = {
    "process_id": Engine,
    "status": lambda: Engine(process_ids=False),
    "none": lambda: Engine(process_ids=False, gs_r=False, asb=False),
}


def receipt(number: int) -> Slip:
    """Return a short receipt whose number is on one line."""
    ref = f"R1-{number:06d}"
    goods = [Pair(f"Book {n}", "$15.00") for n in range(4)]
    return Slip("receipt", ref, (Words("Test Books", bold=True), Pair("Receipt", ref), Rule(), *goods))


class Counter:
    """A shop whose printer is cut off, and what it does then."""

    def __init__(self, folder: Path, far: TcpPrinter, confirms: Confirms, qtbot: QtBot) -> None:
        self.far = far
        self.confirms = confirms
        self._bot = qtbot
        device = printer(f"tcp:127.0.0.1:{far.port}", confirms=confirms)
        self.store, self._actor = found_shop(folder, Settings(shop_name="Test Books", devices=(device,)))
        self._lanes = Lanes(self.store)
        self._dispatch = Dispatch(self._lanes, 1, lambda *_told: None)
        self._dispatch.equip(equip((device,), folder).doors.values())

    def close(self) -> None:
        """Close it."""
        self._dispatch.close()
        self._lanes.close()
        self.store.close()

    def print_cut_off(self, number: int, order: str) -> str:
        """Print a receipt to a printer that is cut off; return how its job ended, tried again by itself."""
        self.far.order(order)
        ref = self._post(receipt(number))
        self._bot.waitUntil(lambda: self._back_on() and self._job(ref).state != "sending", timeout=30_000)
        self._bot.waitUntil(
            lambda: self._back_on() and self._job(ref).state not in ("queued", "sending"), timeout=30_000
        )
        self.far.engine.cut_off_after = None
        job = self._job(ref)
        if job.state == "unknown":
            outgoing.decide(self.store, self._actor, job.id, "again")
            self._dispatch.wake()
            self._bot.waitUntil(lambda: self._job(ref).copy == 1 and self._is_out(ref), timeout=30_000)
        return job.state

    def _post(self, slip: Slip) -> str:
        with self.store.write() as tx:
            post_slip(tx, slip, register=1)
        self._dispatch.wake()
        return slip.ref

    def _back_on(self) -> bool:
        """Switch the printer on again where its power was cut."""
        if not self.far.engine.powered:
            self.far.order("power on")
        return True

    def _job(self, ref: str) -> Job:
        job = outgoing.latest(self.store, ref, "receipt")
        assert job is not None
        return job

    def _is_out(self, ref: str) -> bool:
        return self._job(ref).state in ("printed", "sent")

    def on_paper(self, number: int) -> tuple[int, int]:
        """Return how often a receipt's number is on paper, and how often it says that it is a copy."""
        self.far.wait_free()
        paper = bytes(self.far.engine.paper)
        line = b"Receipt" + f"R1-{number:06d}".encode().rjust(41) + b"\n"
        return paper.count(line), paper.count(b"COPY")


@pytest.fixture
def counter(
    request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Counter]:
    monkeypatch.setattr(dispatch, "WAITS_MS", (10,))
    with tcp_printer(PRINTERS[request.param]()) as far:
        made = Counter(tmp_path, far, request.param, qtbot)
        yield made
        made.close()


@pytest.mark.capability("BW+03")
@pytest.mark.parametrize("order", ["cut", "cut-power"], ids=["link", "power"])
@pytest.mark.parametrize("counter", PRINTERS, indirect=True)
def test_a_receipt_that_is_cut_off_is_on_paper_once_or_unknown(
    counter: Counter,
    order: str,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    length = len(render(receipt(0), PAPER_80)) + OVERHEAD
    step = 1 if request.config.getoption("--every-byte") else STEP
    ends: dict[str, int] = {}
    wrong: list[object] = []
    for number, after in enumerate(range(1, length, step)):
        state = counter.print_cut_off(number, f"{order} {after}")
        times, copies = counter.on_paper(number)
        # What nobody could know was printed once more, as a copy; whether it is the second, the paper says.
        right = copies == 1 and 1 <= times <= 2 if state == "unknown" else (times, copies) == (1, 0)
        if not right:
            wrong.append((after, state, times, copies))
        ends[state] = ends.get(state, 0) + 1
        counter.far.engine.paper.clear()
    record_property("ends", ends)
    assert not wrong
    assert set(ends) == {"sent" if counter.confirms == "none" else "printed", "unknown"}
