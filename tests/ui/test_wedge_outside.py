"""Two hundred scans typed from outside, through the X server, into a real window: all read, none leaks."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("Xvfb", "xdotool", "openbox")
PATIENCE = 20
TRIES = 8
SCANNER_GAP_MS = 50
"""A batch with a wider pause in it was not typed as a scanner types: the machine was busy, it is repeated."""
ROOT = Path(__file__).resolve().parents[2]
UNTOUCHED = {"line": "", "text": "", "spin": 0, "presses": 0}

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(
        any(shutil.which(program) is None for program in PROGRAMS),
        reason="needs Xvfb, xdotool and openbox",
    ),
]


class Desk:
    """The program under a display of its own, and a keyboard for it."""

    def __init__(self, display: str) -> None:
        self.env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.wedge_counter"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.program.stdout is not None
        for line in self.program.stdout:
            self._lines.put(json.loads(line))

    def next(self, word: str) -> Any:
        """Return what the program says next of `word`; anything else it says before is a fault."""
        said = self._lines.get(timeout=PATIENCE)
        assert word in said, said
        return said[word]

    def facts(self) -> dict[str, Any]:
        """Ask for what the fields hold, which empties them."""
        return self.all()[1]

    def all(self) -> tuple[list[str], dict[str, Any], int]:
        """Return the scans since the last time, what the fields hold, and the widest pause between keys."""
        self.press("F9")
        scans: list[str] = []
        while "scan" in (said := self._lines.get(timeout=PATIENCE)):
            scans.append(said["scan"])
        widest = said.pop("widest")
        return scans, said, widest

    def press(self, *keys: str) -> None:
        subprocess.run(["xdotool", "key", *keys], env=self.env, check=True, timeout=PATIENCE)

    def type(self, text: str, delay: int) -> None:
        command = ["xdotool", "type", "--delay", str(delay), text]
        subprocess.run(command, env=self.env, check=True, timeout=PATIENCE)

    def close(self) -> None:
        with self.program:
            self.program.terminate()
            self._reader.join(PATIENCE)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """Give a virtual display with a window manager."""
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    number = server.stdout.readline().strip()
    manager = subprocess.Popen(
        ["openbox"],
        env={**os.environ, "DISPLAY": f":{number}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with server, manager:
        yield f":{number}"
        manager.terminate()
        server.terminate()


@pytest.fixture
def desk(display: str) -> Iterator[Desk]:
    made = Desk(display)
    made.next("active")
    yield made
    made.close()


@pytest.mark.capability("BW+01")
@pytest.mark.parametrize(
    ("keys", "focus"), [("F5", "line"), ("F6", "text"), ("F7", "spin"), ("F8", "button")]
)
def test_scans_at_every_gap_are_read_and_leak_nothing(desk: Desk, keys: str, focus: str) -> None:
    desk.press(keys)
    assert desk.next("focus") == focus
    for delay, scans in ((1, 25), (6, 15), (20, 7), (50, 3)):
        codes = [f"978{delay:02}{n:08}" for n in range(scans)]
        for _ in range(TRIES):
            desk.type("\n".join(codes) + "\n", delay)
            read, fields, widest = desk.all()
            if widest <= SCANNER_GAP_MS:
                break
        else:
            pytest.fail(f"this machine cannot type like a scanner now: {widest} ms between two keys")
        assert read == codes
        assert fields == UNTOUCHED


def test_typing_at_a_person_s_pace_reaches_the_field(desk: Desk) -> None:
    desk.press("F5")
    desk.next("focus")
    desk.type("orlando 42", 200)
    assert desk.facts() == {**UNTOUCHED, "line": "orlando 42"}
