"""What the register asks of its devices, as protocols and values: no device is driven here.

Drivers block up to a deadline and belong on the lane of their device, never on the GUI thread. A
deadline is a moment of `time.monotonic()`. Drivers keep no queue: jobs are rows, moved by `dispatch`.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.slip import Slip

CodePage = Literal["cp437", "cp858", "cp1252"]
OutcomeState = Literal["printed", "sent", "unknown", "failed"]
Condition = Literal["ready", "paper_out", "cover_open", "offline", "unknown"]


class PrinterProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model of receipt printer can do.

    `columns` of its font A and printable `dots` across; `kick_pin` is the pin of its drawer socket;
    `raster_only` draws the whole slip, for printers without a usable code page; `answers` tells that
    it can be asked for its state and confirms what it printed. Some printers hang when asked: off
    unless tried.
    """

    columns: int = 48
    dots: int = 576
    code_page: CodePage = "cp858"
    cut: bool = True
    kick_pin: Literal[2, 5] = 2
    raster_only: bool = False
    answers: bool = False


PAPER_80 = PrinterProfile()
PAPER_58 = PrinterProfile(columns=32, dots=384, cut=False)


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


class PrinterState(msgspec.Struct, frozen=True):
    """What a printer says of itself now; `message` is one plain sentence."""

    condition: Condition
    message: str


class ReceiptPrinter(Protocol):
    """A printer for slips. Rendering is apart from sending: the bytes are kept before any goes out."""

    @property
    def name(self) -> str:
        """The name of the device, as the settings have it."""

    @property
    def profile(self) -> PrinterProfile:
        """What this printer can do."""

    def render(self, slip: Slip) -> bytes:
        """Return the job for this printer: the same bytes for the same slip."""

    def send(self, data: bytes, deadline: float, slip: Slip | None = None) -> Outcome:
        """Send one job; never raises for a device's fault and never blocks past `deadline`.

        `slip` is what the bytes show, for whoever files or draws the job.
        """

    def state(self, deadline: float) -> PrinterState:
        """Ask the printer how it is; never raises and never blocks past `deadline`."""


class Drawer(Protocol):
    """A cash drawer."""

    @property
    def name(self) -> str:
        """The name of the device, as the settings have it."""

    def kick(self, deadline: float) -> Outcome:
        """Open the drawer; `sent` at best, for drawers do not answer. Never tried again by itself."""
