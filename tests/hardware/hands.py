"""Other processes that handle devices for a test: a hand that does what it is told, in a bed of USB devices.

The bed is `usb_bed.py` (what it can be told stands there), the hand `device_hand.py`. In a test:

    with usb_bed() as bed:
        bed.order("plug", kind="scanner")
        reading = bed.hand.begin("tests.hardware.my_module:read_scan", seconds=5)
        bed.order("scan", name="scanner", text="9780306406157")
        assert reading.result() == ...
"""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.shop.errors import DeviceError

_SECONDS = 60
_SYSTEM_PYTHON = "/usr/bin/python3"
_ROOT = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).resolve().parent


class HandFailed(AssertionError):
    """What was called in the hand raised what no shop expects."""


class Hand:
    """The command in a bed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()

    def begin(self, call: str, /, **arguments: object) -> Future[Any]:
        """Have `call` done (see `device_hand.py`) and go on; the answer, or its DeviceError, comes later."""
        with self._lock:
            number = len(self._waiting)
            future = self._waiting[number] = Future()
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({"id": number, "call": call, "with": arguments}) + "\n")
            self._process.stdin.flush()
        return future

    def call(self, call: str, /, **arguments: object) -> Any:
        """Have `call` done and return its answer. Raises DeviceError as the called one did."""
        return self.begin(call, **arguments).result(_SECONDS)

    def leave(self) -> None:
        """Send the hand home, and with it the bed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._listening.join()
            self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            future = self._waiting[answer["id"]]
            if "refused" in answer:
                refused = answer["refused"]
                future.set_exception(DeviceError(refused["code"], refused["message"], **refused["facts"]))
            elif "fault" in answer:
                future.set_exception(HandFailed(answer["fault"]))
            else:
                future.set_result(answer["answer"])
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(HandFailed("the hand is gone"))


class UsbBed:
    """The devices that are plugged in, and the hand that can reach them."""

    def __init__(self, orders: socket.socket, hand: Hand) -> None:
        self.hand = hand
        self._orders = orders
        self._answers = orders.makefile("rb")

    def order(self, do: str, **fields: object) -> dict[str, Any]:
        """Change what is plugged in or how it is, and return what the bed answers."""
        self._orders.sendall(json.dumps({"do": do, **fields}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._answers.readline() or b'{"ok": false, "fault": "no bed"}')
        if not answer.pop("ok"):
            raise HandFailed(f"{do} {fields}: {answer['fault']}")
        return answer

    def close(self) -> None:
        """Take the hand away, and the bed with it."""
        self.hand.leave()
        self._answers.close()


@functools.cache
def _can_make_devices() -> bool:
    if shutil.which("umockdev-wrapper") is None or not Path(_SYSTEM_PYTHON).exists():
        return False
    binding = "import gi; gi.require_version('UMockdev', '1.0'); from gi.repository import UMockdev"
    return subprocess.run([_SYSTEM_PYTHON, "-c", binding], capture_output=True).returncode == 0


@contextlib.contextmanager
def usb_bed() -> Iterator[UsbBed]:
    """Run a bed with a hand in it until the end of the block."""
    if not _can_make_devices():
        pytest.fail(
            "umockdev is needed to make USB devices for this test: "
            "apt-get install umockdev gir1.2-umockdev-1.0 python3-gi"
        )
    ours, theirs = socket.socketpair()
    ours.settimeout(_SECONDS)
    with ours, theirs:
        bed = ["umockdev-wrapper", _SYSTEM_PYTHON, str(_HERE / "usb_bed.py"), str(theirs.fileno())]
        process = subprocess.Popen(
            [*bed, sys.executable, "-m", "tests.hardware.device_hand"],
            cwd=_ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        theirs.close()
        there = UsbBed(ours, Hand(process))
        try:
            yield there
        finally:
            there.close()
