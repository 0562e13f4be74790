"""A scanner with a line of its own sells whatever has the keyboard, and says so when it is pulled out."""

from __future__ import annotations

import os
import pty
import tty
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bookwish_desk.actions import equipping
from bookwish_desk.shop.device import Device, ScannerSetup
from tests.journeys.person import Person

KITE, NORRELL = "9781594480003", "9780765356154"


class Cable:
    """A serial line: what is sent here comes in at `port`."""

    def __init__(self) -> None:
        self._far, self._near = pty.openpty()
        tty.setraw(self._near)
        self.port = os.ttyname(self._near)

    def send(self, text: str) -> None:
        os.write(self._far, text.encode())

    def pull(self) -> None:
        """Pull the cable out."""
        for end in (self._far, self._near):
            with suppress(OSError):
                os.close(end)


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = Cable()
    yield made
    made.pull()


def condition(person: Person, name: str) -> str:
    """Return how the device of this name was found lately."""
    ids = {d.name: d.id for d in person.desk.attached.devices}
    state = person.desk.attached.states.get(ids.get(name, ""))
    return state.condition if state else ""


def asked_price(person: Person) -> str:
    """Return the price in the form for what nobody knows, empty without one."""
    unknown = person.desk.sell.state.unknown
    return unknown.price if unknown else ""


@pytest.mark.capability("BW+01")
def test_a_scanner_with_a_line_of_its_own_sells(selling: Person, cable: Cable) -> None:
    scanner = Device("new", "Counter scanner", f"serial:{cable.port}", ScannerSetup())
    selling.desk.station.act(lambda store, actor: equipping.add(store, actor, scanner))
    selling.wait(lambda: condition(selling, "Counter scanner") == "ready")
    cable.send(f"]E0{KITE}\r\n")
    selling.wait(lambda: selling.copies() == 1)
    cable.send(f"{NORRELL}\r\n{KITE}\r\n")
    selling.wait(lambda: selling.copies() == 3)
    cable.send(f"{KITE}\r\n51299\r\n")
    selling.wait(lambda: selling.copies() == 4)
    selling.see("The cover says $12.99")
    # A book that nobody knows: its add-on, which comes at the same moment, is the price in the form.
    cable.send("9781111111113\r\n51499\r\n")
    selling.wait(lambda: asked_price(selling) == "14.99")
    selling.sheet()
    selling.key("Escape")
    selling.no_sheet()
    cable.pull()
    selling.wait(lambda: condition(selling, "Counter scanner") == "unplugged")
    selling.sell(NORRELL)
    assert selling.copies() == 5
