"""What every way to a device's door can do: bytes out, bytes back, never a moment past the deadline.

A link counts what was taken and says nothing of paper. Protocols only: each way has its own file.
"""

from __future__ import annotations

from typing import Protocol

import msgspec


class Link(Protocol):
    """An open way to one printer, for one job. Losing it never raises: counts come short instead."""

    def write(self, data: bytes, deadline: float) -> int:
        """Hand over `data`; return how many bytes went out before the deadline or the link's end."""

    def settle(self, deadline: float) -> int:
        """Wait until the far side has everything; return how many bytes it is known to lack.

        Raises `DeviceError`, accepted 0, when it is certain that nothing was taken: a spooler may still
        refuse a job that it was handed.
        """

    def read(self, size: int, deadline: float) -> bytes:
        """Return `size` bytes of answer, or what there is at the deadline or the link's end.

        A caller who comes too late gets what is there: the printer was not silent.
        """

    def close(self, deadline: float) -> None:
        """Let go in good order, so that everything written is printed."""

    def abort(self) -> None:
        """Let go at once, so that nothing which has not arrived comes out later."""


class Transport(Protocol):
    """How to reach one printer."""

    def open(self, deadline: float, title: str = "") -> Link:
        """Return a link for the job called `title`, which only a spooler wants to know.

        Raises `DeviceError`, accepted 0, when the printer cannot be reached; `facts["condition"]` is what
        `shop.device.DeviceState` calls it.
        """


class SystemQueue(msgspec.Struct, frozen=True):
    """A printer of the operating system. `uri` is the way to it as the system writes it, empty on Windows."""

    name: str
    uri: str = ""
    description: str = ""
    model: str = ""
