"""One working day from outside the process: only names, roles, typed keys and scans, on a real X display."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

PROGRAMS = ("Xvfb", "xdotool", "openbox", "dbus-daemon")
SYSTEM_PYTHON = Path("/usr/bin/python3")
BUS_LAUNCHERS = (Path("/usr/libexec/at-spi-bus-launcher"), Path("/usr/lib/at-spi2-core/at-spi-bus-launcher"))
PATIENCE_S = 240
HAND = Path(__file__).with_name("outside_hand.py")
FOLDER = Path(__file__).resolve().parents[2]
BOOKS = ("9781400078776", "9780679761044")

pytestmark = [pytest.mark.display, pytest.mark.slow]


def missing() -> list[str]:
    """Return what this machine lacks for a run from outside; ./desk test installs all of it."""
    lacks = [program for program in PROGRAMS if shutil.which(program) is None]
    if not any(launcher.exists() for launcher in BUS_LAUNCHERS):
        lacks.append("at-spi2-core")
    look = [str(SYSTEM_PYTHON), "-c", "import pyatspi"]
    if not SYSTEM_PYTHON.exists() or subprocess.run(look, capture_output=True, check=False).returncode:
        lacks.append("python3-pyatspi")
    return lacks


class Outside:
    """A display, a window manager, a session bus and the accessibility bus, with what runs among them."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.env = {
            **os.environ,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "NO_AT_BRIDGE": "0",
        }
        size = ["-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        self.env["DISPLAY"] = ":" + self._first_line(["Xvfb", "-displayfd", "1", *size])
        # A window that is there before its manager never gets the keys: the desk shows one at once.
        self._first_line(["openbox", "--startup", "echo managing"], "managing\n")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self._first_line(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
        )
        launcher = next(x for x in BUS_LAUNCHERS if x.exists())
        self.start([str(launcher), "--launch-immediately"])

    def start(self, command: list[str], stdout: int | IO[str] = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Start a program that ends with the test."""
        errors = subprocess.DEVNULL if stdout == subprocess.DEVNULL else None
        program = subprocess.Popen(command, env=self.env, cwd=FOLDER, stdout=stdout, stderr=errors, text=True)
        self._stack.callback(_end, program)
        return program

    def _first_line(self, command: list[str], line: str = "") -> str:
        """Start a program that ends with the test; return the first line it says, or wait for this one."""
        program = subprocess.Popen(
            command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._stack.callback(_end, program)
        assert program.stdout is not None
        for said in program.stdout:
            if said == (line or said):
                return said.strip()
        pytest.fail(f"{command[0]} ended")


def _end(program: subprocess.Popen[str]) -> None:
    with program:
        program.terminate()
        try:
            program.wait(10)
        except subprocess.TimeoutExpired:
            program.kill()


@pytest.fixture
def outside() -> Iterator[Outside]:
    if lacks := missing():
        words = f"this machine lacks {', '.join(lacks)}; ./desk test installs them"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(words)
        pytest.skip(words)
    with ExitStack() as stack:
        yield Outside(stack)


@pytest.mark.capability("BW+01", "BW+02", "BW+05", "BW+06", "BW+12", "BW+14", "BW-38")
def test_a_day_from_outside(outside: Outside, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    installed = Path(sys.executable).with_name("bookwish-desk")
    program = [str(installed)] if installed.exists() else [sys.executable, "-m", "bookwish_desk"]
    with (tmp_path / "said.txt").open("w") as said:
        desk = outside.start([*program, "--data", str(shop), "demo"], said)
        hand = subprocess.run(
            [SYSTEM_PYTHON, HAND, *BOOKS],
            env=outside.env, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert hand.returncode == 0, hand.stderr + (tmp_path / "said.txt").read_text()
        assert desk.wait(30) == 0
    read = json.loads(hand.stdout)

    # 18.99 + 16.99 = 35.98; 6.35 % of it 2.28
    assert ["Qty 1" in line for line in read["lines"]] == [True, True]
    assert (read["total"], read["due"], read["change"]) == ("$38.26", "$38.26", "$11.74")
    assert read["worth"] == read["refunded"]
    assert int(read["back"][-6:]) == int(read["receipt"][-6:]) + 1
    assert (read["verdict"], read["z_report"]) == ("The drawer is right to the cent.", "Z report 1")
    assert (tmp_path / "said.txt").read_text() == ""
    doctor = subprocess.run(
        [*program, "--data", str(shop), "doctor", "--json"], capture_output=True, text=True, check=False
    )
    assert doctor.returncode == 0, doctor.stdout
    assert len(list((shop / "devices" / "receipt-printer").glob("*.bin"))) == 3
