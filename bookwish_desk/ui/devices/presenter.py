"""Runs the simulated devices' window: jobs become pictures of paper, switches become trouble."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from bookwish_desk.hardware.displays.line_display import Shown
from bookwish_desk.hardware.displays.simulated import SimulatedLineDisplay
from bookwish_desk.hardware.labels import SimulatedLabelPrinter
from bookwish_desk.hardware.pages.documents import SimulatedDocumentPrinter
from bookwish_desk.hardware.receipts.simulated import SimulatedDrawer, SimulatedPrinter
from bookwish_desk.hardware.scanning.scale import SimulatedScale
from bookwish_desk.hardware.simulation import DeviceJob, Trouble
from bookwish_desk.shop.device import Condition, Role
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.slip import Slip
from bookwish_desk.ui.devices.picturing import Came, Stand, came_out_of
from bookwish_desk.ui.devices.shelf import ReadCodes, ReadGoods, Shelf
from bookwish_desk.ui.devices.state import (
    DevicesState,
    DisplayFace,
    DrawerFace,
    Face,
    Listing,
    PrinterFace,
    ScaleFace,
    Switches,
)
from bookwish_desk.ui.station import Work

log = logging.getLogger(__name__)

MOST_PAPERS = 40

_SIMULATED = (
    SimulatedPrinter,
    SimulatedLabelPrinter,
    SimulatedDocumentPrinter,
    SimulatedLineDisplay,
    SimulatedScale,
)
_MUTE = "The printer says nothing."

F = TypeVar("F", PrinterFace, DisplayFace, ScaleFace)


class DevicesPresenter:
    """Ties simulated devices to their window.

    `heard` is the `on_job` of each printer and `shown` the `on_show` of each line display. `equip` says which
    devices there are, `load` which barcodes. `on_scan` gets what was scanned; `on_switch` is called after
    trouble was made or mended, so that waiting jobs can be tried at once.
    """

    def __init__(self, lanes: Work) -> None:
        self.render: Callable[[DevicesState], None] = lambda _state: None
        self.on_scan: Callable[[str], None] = lambda _code: None
        self.on_switch: Callable[[], None] = lambda: None
        self.state = DevicesState()
        self._lanes = lanes
        self._stands: dict[str, Stand] = {}
        self._shelf = Shelf(lanes, self._refind)
        self._failures: dict[str, str] = {}
        self._count = 0

    # ---- set-up ----

    def equip(self, stands: Sequence[Stand]) -> None:
        """Show what of these is simulated from now on; those that stay keep their paper and their trouble."""
        self._stands = {stand.device.id: stand for stand in stands if isinstance(stand.driver, _SIMULATED)}
        old = {face.id: face for face in self.state.faces}
        made = (_face(stand, old.get(name)) for name, stand in self._stands.items())
        faces = tuple(face for face in made if face is not None)
        ids = [face.id for face in faces]
        chosen = self.state.chosen if self.state.chosen in ids else next(iter(ids), "")
        self.state = replace(self.state, faces=faces, chosen=chosen)
        for face in faces:
            _make_trouble(self._stands[face.id], face)
        self._show()

    def load(self, goods: ReadGoods, codes: ReadCodes) -> None:
        """Offer these goods and codes: both are read on a lane, and again after goods were added."""
        self._shelf.load(goods, codes)

    def changed(self, nouns: frozenset[str]) -> None:
        """Take note of what a commit touched."""
        if "items" in nouns:
            self._shelf.reload()

    # ---- what the devices do ----

    def heard(self, job: DeviceJob) -> None:
        """Take note of a job; called on the device's own lane."""
        self._lanes.home(lambda: self._take(job))

    def shown(self, shown: Shown) -> None:
        """Take note of what stands on a line display; called on the device's own lane."""

        def show(face: DisplayFace) -> DisplayFace:
            return replace(face, upper=shown.upper, lower=shown.lower)

        self._lanes.home(lambda: self._change(shown.device, DisplayFace, show))

    def _take(self, job: DeviceJob) -> None:
        good = job.outcome.state in ("printed", "sent")
        if job.kind == "kick":
            self._kicked(job.device, good)
            return
        self._failures[job.device] = "" if good else job.outcome.message
        self._show()
        stand = self._stands.get(job.device)
        if good and stand is not None:
            self._lanes.work(
                lambda: came_out_of(stand, job),
                then=self._came_out,
                failed=lambda error: log.info("event=no_picture code=%s", error.code),
                lane="paper-picture",
            )

    def _kicked(self, drawer: str, good: bool) -> None:
        def slide(face: PrinterFace) -> PrinterFace:
            seen = face.drawer or DrawerFace()
            if not good or seen.stuck:
                return face
            return replace(face, drawer=replace(seen, open=True, openings=seen.openings + 1))

        for stand in self._stands.values():
            if stand.drawer is not None and stand.drawer.name == drawer:
                self._change(stand.device.id, PrinterFace, slide)

    def _came_out(self, came: Came) -> None:
        papers = tuple(replace(paper, number=self._count + n) for n, paper in enumerate(came.papers, 1))
        self._count += len(papers)

        def feed(face: PrinterFace) -> PrinterFace:
            return replace(face, papers=(*face.papers, *papers)[-MOST_PAPERS:])

        self._change(came.device, PrinterFace, feed)
        if isinstance(came.slip, Slip):
            self._shelf.printed(came.slip)
        if self.state.listing == "codes":
            self._refind()

    # ---- what a person does ----

    def choose(self, device: str) -> None:
        """Look at a device."""
        self._show(chosen=device)

    def switch(self, switches: Switches) -> None:
        """Make trouble with the printer that is looked at, or mend it."""
        self._failures.pop(self.state.chosen, None)
        self._trouble(self.state.chosen, PrinterFace, lambda face: replace(face, switches=switches))

    def stick_drawer(self, device: str, stuck: bool) -> None:
        """Let the drawer of a printer stay shut whatever it is told, or no longer."""

        def stick(face: PrinterFace) -> PrinterFace:
            return replace(face, drawer=replace(face.drawer or DrawerFace(), stuck=stuck))

        self._trouble(device, PrinterFace, stick)

    def close_drawer(self, device: str) -> None:
        """Push the drawer of a printer shut."""

        def shut(face: PrinterFace) -> PrinterFace:
            return replace(face, drawer=replace(face.drawer or DrawerFace(), open=False))

        self._change(device, PrinterFace, shut)

    def switch_display(self, off: bool) -> None:
        """Pull the cable of the display that is looked at, or put it in again."""
        self._trouble(self.state.chosen, DisplayFace, lambda face: replace(face, off=off))

    def lay(self, grams: int) -> None:
        """Put something on the scale that is looked at; 0 takes it off."""
        self._trouble(self.state.chosen, ScaleFace, lambda face: replace(face, grams=grams, still=True))

    def sway(self) -> None:
        """Let what lies on the scale sway."""
        self._trouble(self.state.chosen, ScaleFace, lambda face: replace(face, still=False))

    def search(self, words: str) -> None:
        """Show the barcodes that fit all these words."""
        self._show(words=words, samples=self._shelf.found(self.state.listing, words))

    def pick(self, listing: Listing) -> None:
        """Show the titles, or the other codes."""
        self._show(listing=listing, words="", samples=self._shelf.found(listing, ""))

    def scan(self, code: str) -> None:
        """Scan a barcode."""
        self._show(scanned=code)
        self.on_scan(code)

    # ---- putting it together ----

    def _trouble(self, device: str, kind: type[F], change: Callable[[F], F]) -> None:
        self._change(device, kind, change)
        for face in self.state.faces:
            if face.id == device:
                _make_trouble(self._stands[device], face)
        self.on_switch()

    def _refind(self) -> None:
        self._show(samples=self._shelf.found(self.state.listing, self.state.words))

    def _change(self, device: str, kind: type[F], change: Callable[[F], F]) -> None:
        faces = tuple(change(f) if f.id == device and isinstance(f, kind) else f for f in self.state.faces)
        self._show(faces=faces)

    def _show(self, **changes: object) -> None:
        state = replace(self.state, **changes)
        faces = tuple(
            _worded(f, self._stands[f.id].device.role, self._failures.get(f.id, ""))
            if isinstance(f, PrinterFace)
            else f
            for f in state.faces
        )
        self.state = replace(state, faces=faces)
        self.render(self.state)


def _face(stand: Stand, old: Face | None) -> Face | None:
    """Return how a device is shown, as it was shown before where it was; None for what has no face here."""
    device = stand.device
    match device.role:
        case "receipt_printer" | "label_printer" | "document_printer":
            before = old if isinstance(old, PrinterFace) else PrinterFace(device.id, device.name)
            has_drawer = isinstance(stand.drawer, SimulatedDrawer)
            drawer = before.drawer or DrawerFace() if has_drawer else None
            return replace(before, name=device.name, drawer=drawer)
        case "line_display":
            display = old if isinstance(old, DisplayFace) else DisplayFace(device.id, device.name)
            return replace(display, name=device.name)
        case "scale":
            scale = old if isinstance(old, ScaleFace) else ScaleFace(device.id, device.name)
            return replace(scale, name=device.name)
    return None


def _make_trouble(stand: Stand, face: Face) -> None:
    """Let a device be as its face shows it."""
    if isinstance(face, DisplayFace):
        stand.driver.trouble = Trouble(offline=face.off)
    elif isinstance(face, PrinterFace):
        made = face.switches
        stuck = face.drawer is not None and face.drawer.stuck
        trouble = Trouble(made.paper_out, made.cover_open, made.offline, made.mute, drawer_stuck=stuck)
        stand.driver.trouble = trouble
        if face.drawer is not None:
            stand.drawer.trouble = Trouble(offline=made.offline, drawer_stuck=stuck)
    elif face.still:
        stand.driver.lay(face.grams)
    else:
        stand.driver.move()


def _worded(face: PrinterFace, role: Role, failure: str) -> PrinterFace:
    """Return a printer with what is wrong with it in one sentence, what a person made go wrong first."""
    condition = _condition(face.switches)
    if condition == "ready" and face.switches.mute:
        return replace(face, words=_MUTE, ready=False)
    if condition == "ready" and failure:
        return replace(face, words=failure, ready=False)
    first = sentence(role, condition).partition(". ")[0].removesuffix(".")
    return replace(face, words=f"{first}.", ready=condition == "ready")


def _condition(switches: Switches) -> Condition:
    """Return what is wrong with a printer, the worst first."""
    if switches.offline:
        return "unreachable"
    if switches.cover_open:
        return "cover_open"
    return "paper_out" if switches.paper_out else "ready"
