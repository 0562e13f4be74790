"""How the tests of printers send jobs, hear of states and look at the paper."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bookwish_desk.hardware.model import Attempt
from bookwish_desk.hardware.receipts import open_receipt_printer
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from bookwish_desk.shop.device import Device, DeviceState, ReceiptPrinterSetup
from tests.hardware.tcp_printer import TcpPrinter

LOOK = "Look at the paper."


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def by(seconds: float = 5.0, patience: float = 0.0, **more: Any) -> Attempt:
    return Attempt(soon(seconds), soon(patience) if patience else 0.0, **more)


def device(address: str = "sim:", **setup: Any) -> Device:
    return Device("receipts", "Receipts", address, ReceiptPrinterSetup(**setup))


def at(far: TcpPrinter, **setup: Any) -> Device:
    return device(f"tcp:127.0.0.1:{far.port}", **setup)


def network_printer(far: TcpPrinter, **setup: Any) -> EscPosPrinter:
    printer = open_receipt_printer(at(far, **setup), Path("unused"))
    assert isinstance(printer, EscPosPrinter)
    return printer


def on_paper(far: TcpPrinter) -> str:
    """Return the text lines that came out, whatever stands between them."""
    return bytes(far.engine.paper).decode("cp858", "replace")


class InBackground:
    """Runs a call on a thread; `result` waits for it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._found: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._found.append(call()))
        self._thread.start()

    def result(self) -> Any:
        self._thread.join(timeout=30)
        assert not self._thread.is_alive() and self._found, "it did not end"
        return self._found[0]


class Told:
    """Hears of states; `wait` waits for one."""

    def __init__(self) -> None:
        self.states: list[DeviceState] = []
        self._came = threading.Condition()

    def __call__(self, state: DeviceState) -> None:
        with self._came:
            self.states.append(state)
            self._came.notify_all()

    def wait(self, condition: str) -> None:
        with self._came:
            came = self._came.wait_for(lambda: condition in self.conditions, timeout=10)
            assert came, self.conditions

    @property
    def conditions(self) -> list[str]:
        return [state.condition for state in self.states]
