"""CUPS, the printing system of Linux and macOS: its queues, and jobs of raw bytes through them.

Jobs go in with `lp` and out with `cancel`; how they are is asked by `ipp`. A queue never says that something
is on paper. A job that CUPS has not begun when its time is up is taken back: nothing prints by itself the
next morning.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from bookwish_desk.hardware.links.model import Link, SystemQueue
from bookwish_desk.shop.device import Condition, DeviceState
from bookwish_desk.shop.errors import DeviceError

if TYPE_CHECKING:
    from bookwish_desk.hardware.links.ipp import Group

_ASK_SECONDS = 3.0
_LOOK_SECONDS = 0.1
_CANCEL_SECONDS = 1.0
_TAKE_BACK_SECONDS = 2.0
_REQUEST = re.compile(r"request id is \S+-(\d+) ")
_PENDING, _HELD, _PROCESSING, _STOPPED, _CANCELLED, _ABORTED, _COMPLETED = range(3, 10)  # RFC 8011, 5.3.7

_PRINTER_PROCESSING, _PRINTER_STOPPED = 4, 5  # RFC 8011, 5.4.11
_NO_ANSWER = "The printing system of this computer (CUPS) does not run. Start it."
_NOT_REACHED = re.compile(
    r"Connecting to printer|respond|locate|not exist|unreachable|in use|become available|not connected"
)
"""What CUPS' socket, lpd and usb backends say while they have no printer: not all of it is among the reasons.

They say it in the language of the job, and `lp` is told to be plain.
"""

_REASONS: tuple[tuple[str, Condition, str], ...] = (
    ("media-empty", "paper_out", "is out of paper. Put some in"),
    ("media-needed", "paper_out", "is out of paper. Put some in"),
    ("media-jam", "error", "has a paper jam. Clear it"),
    ("cover-open", "cover_open", "has its cover open. Close it"),
    ("door-open", "cover_open", "has a door open. Close it"),
    ("interlock-open", "cover_open", "has its cover open. Close it"),
    ("marker-supply-empty", "ribbon_out", "is out of ribbon, ink or toner. Put some in"),
    ("toner-empty", "ribbon_out", "is out of toner. Put some in"),
    ("moving-to-paused", "paused", "is paused. Resume it in the printer settings of this computer"),
    ("paused", "paused", "is paused. Resume it in the printer settings of this computer"),
    ("shutdown", "offline", "is switched off. Switch it on"),
    ("offline", "offline", "is off line. Check that it is on and connected"),
    ("timed-out", "offline", "does not answer. Check that it is on and connected"),
    ("connecting-to-device", "offline", "does not answer. Check that it is on and connected"),
    ("media-low", "paper_low", "has little paper left"),
)
"""What CUPS says of a printer (RFC 8011, 5.4.12), the worst first, and what it means."""


def queues() -> tuple[SystemQueue, ...]:
    """Return the queues of this computer; none where CUPS is not installed or does not run."""
    from bookwish_desk.hardware.links import ipp

    wanted = ("printer-name", "device-uri", "printer-info", "printer-make-and-model")
    try:
        found = ipp.ask(_server(), ipp.GET_PRINTERS, _ASK_SECONDS, wanted=wanted)
    except (ipp.CannotAsk, ipp.Refusal, DeviceError):
        return ()
    rows = (["".join(ipp.words(group, name)[:1]) for name in wanted] for group in found)
    return tuple(SystemQueue(*row) for row in rows if is_name(row[0]))


def is_name(name: str) -> bool:
    """Say whether a queue can be called so: no options, no instances, no paths (lpadmin(8))."""
    return 0 < len(name) <= 127 and name.isprintable() and name[0] != "-" and not set(name) & set(" /#?\"'\\")


def state(queue: str, deadline: float) -> DeviceState:
    """Return how a queue is and what it knows of its printer."""
    try:
        return _state_at(_server(), queue, deadline)
    except DeviceError as fault:
        return DeviceState("error", fault.message)


def _state_at(server: str, queue: str, deadline: float) -> DeviceState:
    from bookwish_desk.hardware.links import ipp

    wanted = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs")
    seconds = min(_ASK_SECONDS, max(0.001, deadline - time.monotonic()))
    if not is_name(queue):
        return DeviceState("error", "This computer has no printer with such a name.")
    try:
        found = ipp.ask(server, ipp.GET_PRINTER, seconds, queue, wanted=wanted)
    except ipp.Refusal:
        return DeviceState("error", f"This computer has no printer called {queue} any more. Choose another.")
    except ipp.CannotAsk as fault:
        if fault.answered:
            return DeviceState("unknown", "The printing system does not say how the printer is.")
        return DeviceState("unreachable", _NO_ANSWER)
    return _state(queue, found[0] if found else {})


def find_job(queue: str, title: str) -> Literal["gone", "waiting", "done"] | None:
    """Return what became of the job with this title; None when CUPS cannot be asked.

    gone: CUPS knows no such job, or it was cancelled. done: CUPS got rid of it, which is not the same as
    printed.
    """
    from bookwish_desk.hardware.links import ipp

    try:
        jobs = ipp.ask(_server(), ipp.GET_JOBS, _ASK_SECONDS, queue, wanted=("job-name", "job-state"))
    except (ipp.CannotAsk, ipp.Refusal, DeviceError):
        return None
    states = {ipp.number(job, "job-state") for job in jobs if ipp.words(job, "job-name") == [_title(title)]}
    if states & {_PENDING, _HELD, _PROCESSING, _STOPPED}:
        return "waiting"
    return "done" if _COMPLETED in states else "gone"


def pick_up(queue: str, title: str, deadline: float) -> Literal["gone", "taken_back", "done"] | None:
    """Stay with what a desk that crashed had handed over, and take back what CUPS has not begun in time.

    taken_back: nothing of it came out. gone: CUPS does not have it, or did not end it. None when CUPS cannot
    be asked.
    """
    from bookwish_desk.hardware.links import ipp

    wanted = ("job-id", "job-name", "job-state")
    try:
        server = _server()
        jobs = ipp.ask(server, ipp.GET_JOBS, _ASK_SECONDS, queue, wanted=wanted)
    except (ipp.CannotAsk, ipp.Refusal, DeviceError):
        return None
    ended: set[str] = set()
    for job in jobs:
        if ipp.words(job, "job-name") != [_title(title)]:
            continue
        link = _CupsLink(server, queue, _title(title), deadline, (), ipp.number(job, "job-id"))
        try:
            ended.add("gone" if link.settle(deadline) else "done")
        except DeviceError:
            ended.add("taken_back")
        finally:
            link.abort()
    return "done" if "done" in ended else "taken_back" if ended == {"taken_back"} else "gone"


class CupsTransport:
    """A queue of CUPS. `options` are those of `lp`: raw bytes unless told otherwise."""

    def __init__(self, queue: str, options: Sequence[str] = ("raw",)) -> None:
        self._queue = queue
        self._options = tuple(options)

    def open(self, deadline: float, title: str = "") -> Link:
        """Return a link for one job, which goes out when the link settles.

        Raises `DeviceError`, accepted 0, when the queue is not ready: what CUPS holds back it prints later,
        when nobody waits for it any more.
        """
        server = _server()
        now = _state_at(server, self._queue, deadline)
        if not now.good:
            raise _refusal(now.condition, now.message)
        return _CupsLink(server, self._queue, _title(title), deadline, self._options)


class _CupsLink:
    """Collects one job, hands it to `lp` and stays with it until CUPS got rid of it or time is nearly up.

    `job` is the number of one that CUPS has already.
    """

    def __init__(
        self, server: str, queue: str, title: str, deadline: float, options: Sequence[str], job: int = 0
    ) -> None:
        now = time.monotonic()
        self._server = server
        self._queue = queue
        self._title = title
        self._options = options
        self._deadline = deadline
        self._last_call = deadline - min(_TAKE_BACK_SECONDS, (deadline - now) / 3)
        self._data = b"?" if job else b""  # until CUPS got rid of it
        self._lp: subprocess.Popen[str] | None = None
        self._job = job
        self._lost = False

    def write(self, data: bytes, deadline: float) -> int:
        if not self._data and not self._lost:  # the job before is over: this is another one
            self._lp, self._job = None, 0
        self._data += data
        return len(data)

    def settle(self, deadline: float) -> int:
        """Go on with the job until it is done or the deadline.

        A queue counts no bytes: 1 says that it is not known whether all of it went out.
        """
        if self._data and self._lp is None and not self._job and not self._lost:
            self._lp = _start_lp(self._queue, self._title, self._data, self._options)
        if self._lp is not None and not self._job:
            self._job = _job_number(self._lp, self._queue, deadline)
        while self._job and self._data and not self._lost:
            stage, late = self._stage(), time.monotonic() >= self._last_call
            if stage == "done" or (stage == "printing" and late):
                self._data = b""
            elif stage == "stopped":
                self._lost = True
            elif late:
                self._take_back()
            elif time.monotonic() >= deadline:
                break
            else:
                time.sleep(min(_LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
        return int(bool(self._data))

    def read(self, size: int, deadline: float) -> bytes:
        """Nothing comes back from a queue, however long one waits."""
        return b""

    def close(self, deadline: float) -> None:
        with contextlib.suppress(DeviceError):
            self.settle(deadline)
        self.abort()

    def abort(self) -> None:
        """Take back what CUPS has not begun; what was not handed over never is."""
        if self._lost:
            return
        if self._lp is not None and not self._job:
            self._lp.kill()
            self._lp.communicate()
        elif self._job and self._data:
            with contextlib.suppress(DeviceError):
                self._take_back()
        self._lost = True

    def _stage(self) -> Literal["waiting", "printing", "done", "stopped"]:
        """Return where the job is. Raises `DeviceError`, accepted 0, when it went without having begun."""
        from bookwish_desk.hardware.links import ipp

        try:
            job = self._ask(ipp.GET_JOB, "job-state", "time-at-processing", "job-printer-state-message")
            at = ipp.number(job, "job-state")
            if at == _PROCESSING:
                printer = self._ask(ipp.GET_PRINTER, "printer-state-reasons")
                reaches = "connecting-to-device" in _plain(ipp.words(printer, "printer-state-reasons"))
                says = "".join(ipp.words(job, "job-printer-state-message"))
                return "waiting" if reaches or _NOT_REACHED.search(says) else "printing"
        except (ipp.CannotAsk, ipp.Refusal):
            return "done"  # CUPS has it, and does not say more
        if at in (_CANCELLED, _ABORTED) and not ipp.number(job, "time-at-processing"):
            self._lost = True
            raise _refusal(
                "error", f"The system printer {self._queue} did not get to the job. Look at that printer."
            )
        return "stopped" if at in (_CANCELLED, _ABORTED) else "done" if at == _COMPLETED else "waiting"

    def _ask(self, operation: int, *wanted: str) -> Group:
        from bookwish_desk.hardware.links import ipp

        job = self._job if operation == ipp.GET_JOB else 0
        seconds = min(_ASK_SECONDS, max(_LOOK_SECONDS, self._deadline - time.monotonic()))
        found = ipp.ask(self._server, operation, seconds, self._queue, job, wanted)
        return found[0] if found else {}

    def _take_back(self) -> None:
        """Have CUPS forget the job. Raises `DeviceError`, accepted 0, when it had not begun it."""
        with contextlib.suppress(subprocess.TimeoutExpired, OSError):
            _run(["cancel", f"{self._queue}-{self._job}"], _CANCEL_SECONDS)
        if self._stage() == "done":
            self._data = b""
        else:
            self._lost = True


def _start_lp(queue: str, title: str, data: bytes, options: Sequence[str]) -> subprocess.Popen[str]:
    command = _command("lp")
    with tempfile.TemporaryFile() as file:  # a pipe would hold us up while CUPS is slow
        file.write(data)
        file.seek(0)
        try:
            return subprocess.Popen(
                [command, "-d", queue, "-t", title, *(f"-o{option}" for option in options), "-"],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "LC_ALL": "C"},
                text=True,
                errors="replace",
            )
        except OSError as fault:
            raise _refusal("error", "The command that hands jobs to CUPS (lp) does not run.") from fault


def _job_number(lp: subprocess.Popen[str], queue: str, deadline: float) -> int:
    """Return the number CUPS gave to the job, 0 when `lp` is still at it. Raises DeviceError, accepted 0."""
    try:
        said, _ = lp.communicate(timeout=max(0.001, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return 0
    found = _REQUEST.search(said)
    if lp.returncode or found is None:
        # lp takes back what it could not hand over whole (lp.c, cupsCancelJob2).
        raise _refusal("error", f"The system printer {queue} did not take the job. Check it in its settings.")
    return int(found[1])


def _state(queue: str, group: Group) -> DeviceState:
    from bookwish_desk.hardware.links import ipp

    reasons = _plain(ipp.words(group, "printer-state-reasons"))
    for reason, condition, sentence in _REASONS:
        if reason in reasons:
            return DeviceState(condition, f"The system printer {queue} {sentence}.")
    at = ipp.number(group, "printer-state")
    if at == _PRINTER_STOPPED or group.get("printer-is-accepting-jobs") == [False]:
        return DeviceState(
            "paused",
            f"The system printer {queue} is paused. Resume it in the printer settings of this computer.",
        )
    if any(r.endswith("-error") for r in ipp.words(group, "printer-state-reasons")):
        return DeviceState("error", f"The system printer {queue} reports a fault. Look at the printer.")
    if at == _PRINTER_PROCESSING:
        return DeviceState("busy", f"The system printer {queue} is at work.")
    return DeviceState("unknown", "The system takes jobs for this printer. It does not say if it has paper.")


def _plain(reasons: list[str]) -> set[str]:
    """Return reasons without how grave they are."""
    return {re.sub(r"-(error|warning|report)$", "", reason) for reason in reasons}


def _server() -> str:
    """Return where CUPS listens, as its own commands find it. Raises DeviceError where it is not there."""
    try:
        return _run([_command("lpstat"), "-H"], _ASK_SECONDS).strip() or "localhost:631"
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise _refusal("unreachable", _NO_ANSWER) from fault


def _run(command: list[str], seconds: float) -> str:
    """Return what a command of CUPS says. Raises OSError and subprocess.TimeoutExpired."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        env={**os.environ, "LC_ALL": "C"},
        text=True,
        errors="replace",
        check=False,
    )
    return done.stdout


def _command(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise _refusal("error", "This computer has no printing system: CUPS is not installed.")
    return found


def _title(text: str) -> str:
    """Return a title as `lp` and CUPS both keep it."""
    return re.sub(r"[^A-Za-z0-9 ._:#-]", "?", text)[:120] or "bookwish-desk"


def _refusal(condition: Condition, message: str) -> DeviceError:
    return DeviceError(f"printer.{condition}", message, accepted=0, condition=condition)
