"""Two hundred scans typed from outside, through the X server, into a real window: all read, none leaks."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("Xvfb", "xdotool", "openbox", "setxkbmap")
PATIENCE = 20
TRIES = 25
SCANNER_GAP_MS = 50
"""A batch with a wider pause in it was not typed as a scanner types: the machine was busy, it is repeated."""
SLOW_GAP_MS = 95
ROOT = Path(__file__).resolve().parents[2]
FIELDS = {"line": "", "text": "", "spin": 0, "combo": 0, "list": 0, "edit": ""}
UNTOUCHED = {**FIELDS, "open": False, "presses": 0}
CODE = "9780306406157"
US_PLACES = {digit: 10 + n for n, digit in enumerate("1234567890-")} | {"S": 39, "B": 56, "W": 25}
"""Where an X server has the keys that a scanner for the USA presses."""

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(
        any(shutil.which(program) is None for program in PROGRAMS),
        reason="needs Xvfb, xdotool, openbox and setxkbmap",
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

    def press(self, *keys: str, delay: int = 12) -> None:
        command = ["xdotool", "key", "--delay", str(delay), *keys]
        subprocess.run(command, env=self.env, check=True, timeout=PATIENCE)

    def scan(self, text: str, delay: int) -> None:
        """Press the keys that a scanner set to the USA presses, whatever they type here, and Enter."""
        places = (("shift+" if c.isalpha() else "") + str(US_PLACES[c]) for c in text)
        self.press(*places, "Return", delay=delay)

    def lay_out(self, layout: str) -> None:
        """Give the computer another keyboard layout."""
        subprocess.run(["setxkbmap", layout], env=self.env, check=True, timeout=PATIENCE)

    def scanned(self, typing: Callable[[], None], within: int = SCANNER_GAP_MS) -> list[str]:
        """Return what is read when it is typed as a scanner types, and that nothing else was touched."""
        for _ in range(TRIES):
            typing()
            read, fields, widest = self.all()
            if widest <= within:
                break
        else:
            pytest.fail(f"this machine cannot type like a scanner now: {widest} ms between two keys")
        assert fields == {**UNTOUCHED, "open": fields["open"]}
        return read

    def type(self, text: str, delay: int, first: Sequence[str] = ()) -> None:
        command = ["xdotool", *first, "type", "--delay", str(delay), text]
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
        ["openbox", "--startup", "echo managing"],
        env={**os.environ, "DISPLAY": f":{number}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    # A window that is there before its manager never gets the keys.
    assert manager.stdout is not None
    assert any(line == "managing\n" for line in manager.stdout)
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


PLACES = [
    ("F5", "line"),
    ("F6", "text"),
    ("F7", "spin"),
    ("F8", "button"),
    ("F2", "combo"),
    ("F4", "list"),
    ("F3", "nothing"),
    ("F12", "sheet"),
]
BATCHES = ((1, 25), (6, 15), (20, 7), (50, 3))
"""What xdotool calls the delay is about twice the pause between two keys: 2 to 40 ms with what it adds."""


@pytest.mark.capability("BW+01")
@pytest.mark.parametrize(("keys", "focus"), PLACES)
def test_scans_at_every_gap_are_read_and_leak_nothing(desk: Desk, keys: str, focus: str) -> None:
    desk.press(keys)
    assert desk.next("focus") == focus
    for delay, scans in BATCHES:
        codes = [f"978{delay:02}{n:08}" for n in range(scans)]
        assert desk.scanned(partial(desk.type, "\n".join(codes) + "\n", delay)) == codes


@pytest.mark.capability("BW+01")
@pytest.mark.parametrize(("keys", "focus"), PLACES)
def test_a_program_that_stands_still_reads_every_scan(desk: Desk, keys: str, focus: str) -> None:
    desk.press(keys)
    assert desk.next("focus") == focus
    desk.press("F10")
    assert desk.next("stalls")
    for delay, scans in ((1, 12), (20, 5)):
        codes = [f"978{delay:02}{n:08}" for n in range(scans)]
        assert desk.scanned(partial(desk.type, "\n".join(codes) + "\n", delay)) == codes


@pytest.mark.parametrize("focus", ["F5", "F7", "F8", "F12"])
def test_an_add_on_soon_after_its_book_is_read_too(desk: Desk, focus: str) -> None:
    desk.press(focus)
    desk.next("focus")
    for addon in ("51699", "03"):
        assert desk.scanned(partial(desk.type, f"{CODE}\n{addon}\n", 6)) == [CODE, addon]


@pytest.mark.parametrize("focus", ["F5", "F7", "F8"])
@pytest.mark.parametrize("gap", [2, 40, 60])
def test_a_start_mark_makes_any_pace_a_scan(desk: Desk, focus: str, gap: int) -> None:
    desk.press(focus)
    desk.next("focus")
    mark = ["key", "--delay", "4", "ctrl+b"]
    assert desk.scanned(lambda: desk.type(f"{CODE}\n", 2 * gap, mark), SLOW_GAP_MS) == [CODE]


@pytest.mark.parametrize("gap", [2, 60])
def test_an_aim_identifier_makes_a_slow_burst_a_scan(desk: Desk, gap: int) -> None:
    desk.press("F5")
    desk.next("focus")
    # In small letters: xdotool takes twice its time for each Shift.
    assert desk.scanned(lambda: desk.type(f"]e0{CODE}\n", 2 * gap), SLOW_GAP_MS) == ["]e0" + CODE]


@pytest.mark.capability("BW+01")
@pytest.mark.parametrize("layout", ["us", "fr", "de", "ch", "be"])
def test_a_scanner_set_to_the_usa_is_understood_under_any_layout(desk: Desk, layout: str) -> None:
    desk.lay_out(layout)
    try:
        for keys in ("F5", "F7", "F8"):
            desk.press(keys)
            desk.next("focus")
            for code in (CODE, "BW-1042"):
                assert desk.scanned(partial(desk.scan, code, 6)) == [code]
        desk.press("F5")
        desk.next("focus")
        # A scanner that is set to this layout types what it means.
        assert desk.scanned(lambda: desk.type(f"{CODE}\n", 6)) == [CODE]
    finally:
        desk.lay_out("us")


def test_typing_at_a_person_s_pace_reaches_the_field(desk: Desk) -> None:
    desk.press("F5")
    desk.next("focus")
    desk.type("orlando 42", 200)
    assert desk.facts() == {**UNTOUCHED, "line": "orlando 42"}
