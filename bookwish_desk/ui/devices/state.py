"""What the window of simulated devices shows, as one frozen state: pictures and words, no device."""

from __future__ import annotations

from typing import Literal

import msgspec
from PySide6.QtGui import QImage

Listing = Literal["titles", "codes"]


class Paper(msgspec.Struct, frozen=True):
    """A slip that came out of the printer: `number` counts them, `picture` has one pixel a dot.

    `name` says what it is ("Receipt R1-000042"); `words` is all its text, for a screen reader.
    """

    number: int
    picture: QImage
    name: str
    words: str = ""


class Switches(msgspec.Struct, frozen=True):
    """What a person made go wrong with the simulated printer."""

    paper_out: bool = False
    cover_open: bool = False
    offline: bool = False


class Sample(msgspec.Struct, frozen=True):
    """A barcode that can be scanned from the palette: what it is on, and what is in it.

    `folded` holds the words it is found by.
    """

    code: str
    name: str
    about: str = ""
    price: str = ""
    folded: str = ""


class DevicesState(msgspec.Struct, frozen=True):
    """The window at one moment. `printer` is one plain sentence and `ready` says if it is good news."""

    papers: tuple[Paper, ...] = ()
    printer: str = "The printer is ready."
    ready: bool = True
    switches: Switches = Switches()
    drawer_open: bool = False
    openings: int = 0
    listing: Listing = "titles"
    samples: tuple[Sample, ...] = ()
    words: str = ""
    scanned: str = ""
