"""What the window of simulated devices shows, as one frozen state: pictures and words, no device."""

from __future__ import annotations

from typing import Literal

import msgspec
from PySide6.QtGui import QImage

Listing = Literal["titles", "codes"]


class Paper(msgspec.Struct, frozen=True):
    """A slip or a label that came out of a printer: `number` counts them, `picture` has one pixel a dot.

    `name` says what it is ("Receipt R1-000001"); `words` is all its text, for a screen reader. `torn`: it was
    torn or cut off a roll, as labels are not.
    """

    number: int
    picture: QImage
    name: str
    words: str = ""
    torn: bool = True


class Switches(msgspec.Struct, frozen=True):
    """What a person made go wrong with a simulated printer. `mute`: it takes everything and says nothing."""

    paper_out: bool = False
    cover_open: bool = False
    offline: bool = False
    mute: bool = False


class DrawerFace(msgspec.Struct, frozen=True):
    """The drawer behind a printer; `stuck`: it hears the pulse and stays shut."""

    open: bool = False
    openings: int = 0
    stuck: bool = False


class PrinterFace(msgspec.Struct, frozen=True):
    """One printer: `words` is one plain sentence on how it is, and `ready` says if that is good news."""

    id: str
    name: str
    words: str = ""
    ready: bool = True
    switches: Switches = Switches()
    papers: tuple[Paper, ...] = ()
    drawer: DrawerFace | None = None


class DisplayFace(msgspec.Struct, frozen=True):
    """A line display and what stands on it; nothing while it is `off`."""

    id: str
    name: str
    upper: str = ""
    lower: str = ""
    off: bool = False


class ScaleFace(msgspec.Struct, frozen=True):
    """A scale and what was put on it; `still` off: it sways and no weight counts."""

    id: str
    name: str
    grams: int = 0
    still: bool = True


Face = PrinterFace | DisplayFace | ScaleFace


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
    """The window at one moment: every device has a face, one of them is looked at."""

    faces: tuple[Face, ...] = ()
    chosen: str = ""
    listing: Listing = "titles"
    samples: tuple[Sample, ...] = ()
    words: str = ""
    scanned: str = ""

    @property
    def face(self) -> Face | None:
        """Return the device that is looked at."""
        return next((f for f in self.faces if f.id == self.chosen), None)

    @property
    def drawers(self) -> tuple[PrinterFace, ...]:
        """Return the printers that have a drawer, the one looked at first."""
        found = [f for f in self.faces if isinstance(f, PrinterFace) and f.drawer is not None]
        return tuple(sorted(found, key=lambda f: f.id != self.chosen))
