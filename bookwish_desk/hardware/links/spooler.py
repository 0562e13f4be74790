"""The way to a printer of the operating system: a queue, which takes jobs of raw bytes and says little.

What a queue took is sent, never printed. A printer that has a queue is used through it and by no other way:
two drivers at one device take it from each other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from bookwish_desk.hardware.links.model import SystemQueue, Transport
from bookwish_desk.shop.device import DeviceState


def queue_transport(queue: str) -> Transport:
    """Return the way to the queue called `queue`; its link never answers."""
    if sys.platform == "win32":
        from bookwish_desk.hardware.links.winspool import WindowsTransport

        return WindowsTransport(queue)
    else:
        from bookwish_desk.hardware.links.cups import CupsTransport

        return CupsTransport(queue)


def queues() -> tuple[SystemQueue, ...]:
    """Return the printers of this computer's system."""
    if sys.platform == "win32":
        from bookwish_desk.hardware.links import winspool

        return winspool.queues()
    else:
        from bookwish_desk.hardware.links import cups

        return cups.queues()


def queue_state(queue: str, deadline: float) -> DeviceState:
    """Return how a queue is and what it knows of its printer; never raises."""
    if sys.platform == "win32":
        from bookwish_desk.hardware.links import winspool

        return winspool.state(queue)
    else:
        from bookwish_desk.hardware.links import cups

        return cups.state(queue, deadline)


def find_job(queue: str, title: str) -> Literal["gone", "waiting", "done"] | None:
    """Return what became of the job that was sent with this title; None when the system cannot be asked.

    gone: there is no such job, or it was cancelled: it may have been printed. done: the system got rid of it,
    which is not the same as printed.
    """
    if sys.platform == "win32":
        from bookwish_desk.hardware.links import winspool

        return winspool.find_job(queue, title)
    else:
        from bookwish_desk.hardware.links import cups

        return cups.find_job(queue, title)


def pick_up(queue: str, title: str, deadline: float) -> Literal["gone", "taken_back", "done"] | None:
    """Say what became of what a desk that crashed had handed over; nothing of it prints the next morning.

    taken_back: the system had not begun it, and nothing came out. Windows does that once it is switched off.
    """
    if sys.platform == "win32":
        from bookwish_desk.hardware.links import winspool

        found = winspool.find_job(queue, title)
        return "done" if found == "waiting" else found
    else:
        from bookwish_desk.hardware.links import cups

        return cups.pick_up(queue, title, deadline)


def queue_for_usb(known: Iterable[SystemQueue], maker: str, model: str, serial: str) -> str:
    """Return the queue among `known` that prints to this printer on a USB cable; empty where none does.

    CUPS writes `usb://MAKER/MODEL?serial=SERIAL`, from the printer's IEEE 1284 id or its descriptors.
    """
    for queue in known:
        way = urlsplit(queue.uri)
        if way.scheme not in ("usb", "hp"):
            continue
        theirs = "".join(parse_qs(way.query).get("serial", []))
        if serial and theirs:
            if serial == theirs:
                return queue.name
        elif _same(unquote(way.netloc + way.path), f"{maker}/{model}"):
            return queue.name
    return ""


def _same(one: str, other: str) -> bool:
    """Say whether two names of a printer mean the same, however they are spaced and spelled."""
    plain = ["".join(c for c in name.casefold() if c.isalnum()) for name in (one, other)]
    return plain[0] == plain[1]
