"""What the register asks of its devices, as protocols and values: no device is driven here.

Drivers block up to a deadline and belong on the lane of their device, never on the GUI thread. A
deadline is a moment of `time.monotonic()`. Drivers keep no queue: jobs are rows, moved by `dispatch`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.label import LabelJob
from bookwish_desk.shop.slip import Slip

CodePage = Literal["cp437", "cp858", "cp1252"]
OutcomeState = Literal["printed", "sent", "unknown", "failed"]


class PrinterProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model of receipt printer can do.

    `columns` of its font A and printable `dots` across; `kick_pin` is the pin of its drawer socket;
    `raster_only` draws the whole slip, for printers without a usable code page.
    """

    columns: int = 48
    dots: int = 576
    code_page: CodePage = "cp858"
    cut: bool = True
    kick_pin: Literal[2, 5] = 2
    raster_only: bool = False


PAPER_80 = PrinterProfile()


class Outcome(msgspec.Struct, frozen=True):
    """How a job ended.

    printed: the device confirmed it. sent: it took everything and cannot confirm. unknown: it took
    some or all and the end is not known: a person decides, nothing is repeated by itself. failed: it
    took nothing: the job may be sent again. `accepted` counts the job's bytes it is known to have
    taken; `message` is one plain sentence.
    """

    state: OutcomeState
    accepted: int
    message: str


class Attempt(msgspec.Struct, frozen=True):
    """How long one job may take, what it is called, and who hears of it meanwhile.

    Until `deadline` the device must have taken all of it and, where it confirms, have confirmed or said why
    it cannot go on. A device that took something and says what holds it up (paper out) is waited for until
    `patience`. `told` hears each new state, on the device's lane; `stopped` says that nobody waits any more.
    `title` names the job to a spooler, so that a restart can find it; `slip` is what the bytes show, for
    whoever files or draws the job.
    """

    deadline: float
    patience: float = 0.0
    told: Callable[[DeviceState], None] = lambda _state: None
    stopped: Callable[[], bool] = lambda: False
    title: str = ""
    slip: Slip | LabelJob | None = None


class Printer(Protocol):
    """Whatever takes a job of bytes. They are rendered apart from sending: kept before any goes out."""

    @property
    def name(self) -> str:
        """The id of the device."""

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Send one job; never raises for a device's fault, never blocks past `deadline` and `patience`."""

    def state(self, deadline: float) -> DeviceState:
        """Ask the printer how it is; never raises and never blocks past `deadline`."""


class ReceiptPrinter(Printer, Protocol):
    """A printer for slips."""

    @property
    def profile(self) -> PrinterProfile:
        """What this printer can do."""

    def render(self, slip: Slip) -> bytes:
        """Return the job for this printer: the same bytes for the same slip."""


class LabelPrinter(Printer, Protocol):
    """A printer for labels."""

    def render(self, job: LabelJob) -> bytes:
        """Return the job for this printer: the same bytes for the same label.

        Raises Refused for a label that this printer cannot take, with the reason.
        """


class Drawer(Protocol):
    """A cash drawer."""

    @property
    def name(self) -> str:
        """The id of the device it hangs on."""

    def kick(self, deadline: float) -> Outcome:
        """Open the drawer, also while the printer waits for paper; `sent` at best where there is no sensor.

        Never tried again by itself.
        """


class Scanner(Protocol):
    """A scanner with a line of its own. Used by one thread; `close` may be called by another."""

    def open(self, deadline: float) -> None:
        """Take hold of it. Raises DeviceError: unplugged, held by another program, denied."""

    def read(self, deadline: float) -> str | None:
        """Return the next scan with its AIM prefix where it has one; None at the deadline.

        Raises DeviceError when the scanner is gone.
        """

    def close(self) -> None:
        """Let go; a `read` under way ends."""


class Weight(msgspec.Struct, frozen=True):
    """What a scale says. `grams` counts only when `stable`; `fault` is a sentence when it cannot weigh."""

    grams: int = 0
    stable: bool = False
    fault: str = ""


class Scale(Protocol):
    """A scale."""

    def read(self, deadline: float) -> Weight:
        """Return the first stable weight, or what the scale says at the deadline.

        Raises DeviceError: unplugged, held by another program, denied.
        """


class LineDisplay(Protocol):
    """A customer display of two lines of twenty characters."""

    def show(self, upper: str, lower: str, deadline: float) -> DeviceState:
        """Show two lines, cut or filled up to twenty characters; never raises for a device's fault."""
