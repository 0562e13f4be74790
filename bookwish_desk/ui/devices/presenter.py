"""Runs the simulated devices' window: jobs become pictures of paper, switches become trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtGui import QImage

from bookwish_desk.db.folding import fold
from bookwish_desk.db.store import Store
from bookwish_desk.hardware.drawing import picture
from bookwish_desk.hardware.layout import plain_text
from bookwish_desk.hardware.model import PAPER_80, PrinterProfile
from bookwish_desk.hardware.simulated import DeviceJob, SimulatedDrawer, SimulatedPrinter, Trouble
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.slip import Code, Slip, SlipKind
from bookwish_desk.ui.devices.state import DevicesState, Listing, Paper, Sample, Switches
from bookwish_desk.ui.station import Work

MOST_PAPERS = 40

_NAMES: dict[SlipKind, str] = {
    "receipt": "Receipt",
    "gift": "Gift receipt",
    "hold": "Held sale",
    "report": "Report",
    "test": "Printer test",
}
_LAST: dict[SlipKind, str] = {"receipt": "Last receipt", "hold": "Last held sale"}
_READY = "The printer is ready."

ReadGoods = Callable[[Store], Sequence[Item]]
ReadCodes = Callable[[Store], Iterable[tuple[str, str]]]


class DeviceLanes(Work, Protocol):
    """Lanes that can also be told from another thread to do something on this one."""

    def home(self, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread; may be called on any thread."""


class _Shelf(msgspec.Struct, frozen=True):
    """What there is to scan: the goods, and other codes worth trying."""

    titles: tuple[Sample, ...] = ()
    codes: tuple[Sample, ...] = ()


class DevicesPresenter:
    """Ties simulated devices to their window.

    `heard` is the `on_job` of each device. `equip` says which devices the switches work on, `load`
    which barcodes there are. `on_scan` gets what was scanned; `on_switch` is called after trouble was
    made or mended, so that waiting jobs can be tried at once.
    """

    def __init__(self, lanes: DeviceLanes) -> None:
        self.render: Callable[[DevicesState], None] = lambda _state: None
        self.on_scan: Callable[[str], None] = lambda _code: None
        self.on_switch: Callable[[], None] = lambda: None
        self.state = DevicesState()
        self._lanes = lanes
        self._printer: SimulatedPrinter | None = None
        self._drawer: SimulatedDrawer | None = None
        self._read: tuple[ReadGoods, ReadCodes] | None = None
        self._shelf = _Shelf()
        self._printed: dict[str, Sample] = {}
        self._failure = ""
        self._count = 0

    # ---- set-up ----

    def equip(self, printer: SimulatedPrinter | None, drawer: SimulatedDrawer | None) -> None:
        """Work on these devices from now on; None where the register has a real one or none."""
        self._printer, self._drawer = printer, drawer
        self._make_trouble()
        self._show()

    def load(self, goods: ReadGoods, codes: ReadCodes) -> None:
        """Offer these goods and codes: both are read on a lane, and again after goods were added."""
        self._read = (goods, codes)
        self._reload()

    def changed(self, nouns: frozenset[str]) -> None:
        """Take note of what a commit touched."""
        if "items" in nouns:
            self._reload()

    def _reload(self) -> None:
        if self._read is None:
            return
        goods, codes = self._read

        def read(store: Store) -> _Shelf:
            money = store.settings.money
            titles = tuple(_sample(item, money) for item in goods(store))
            return _Shelf(titles, tuple(_trial(name, code) for name, code in codes(store)))

        self._lanes.read(read, then=self._loaded, latest="devices")

    def _loaded(self, shelf: _Shelf) -> None:
        self._shelf = shelf
        self._show(samples=self._found(self.state.listing, self.state.words))

    # ---- what the devices do ----

    def heard(self, job: DeviceJob) -> None:
        """Take note of a job; called on the device's own lane."""
        self._lanes.home(lambda: self._take(job))

    def _take(self, job: DeviceJob) -> None:
        good = job.outcome.state in ("printed", "sent")
        if job.kind == "kick":
            if good:
                self._show(drawer_open=True, openings=self.state.openings + 1)
            return
        self._failure = "" if good else job.outcome.message
        self._show()
        if good and isinstance(job.slip, Slip):
            slip, profile = job.slip, self._printer.profile if self._printer else PAPER_80
            self._lanes.work(lambda: _drawn(slip, profile), then=self._came_out, lane="paper-picture")

    def _came_out(self, drawn: tuple[Slip, QImage, str]) -> None:
        slip, image, words = drawn
        self._count += 1
        name = f"{_NAMES.get(slip.kind, '')} {slip.ref}{', copy' if slip.copy else ''}".strip()
        paper = Paper(self._count, image, name, words)
        self._printed |= {sample.name: sample for sample in _printed_codes(slip)}
        self._show(papers=(*self.state.papers[1 - MOST_PAPERS :], paper))
        if self.state.listing == "codes":
            self._show(samples=self._found("codes", self.state.words))

    # ---- what a person does ----

    def switch(self, switches: Switches) -> None:
        """Make trouble, or mend it."""
        self._failure = ""
        self._show(switches=switches)
        self._make_trouble()
        self.on_switch()

    def close_drawer(self) -> None:
        """Push the drawer shut."""
        self._show(drawer_open=False)

    def search(self, words: str) -> None:
        """Show the barcodes that fit all these words."""
        self._show(words=words, samples=self._found(self.state.listing, words))

    def pick(self, listing: Listing) -> None:
        """Show the titles, or the other codes."""
        self._show(listing=listing, words="", samples=self._found(listing, ""))

    def scan(self, code: str) -> None:
        """Scan a barcode."""
        self._show(scanned=code)
        self.on_scan(code)

    def _make_trouble(self) -> None:
        switches = self.state.switches
        if self._printer is not None:
            self._printer.trouble = Trouble(switches.paper_out, switches.cover_open, switches.offline)
        if self._drawer is not None:
            self._drawer.trouble = Trouble(offline=switches.offline)

    # ---- putting it together ----

    def _found(self, listing: Listing, words: str) -> tuple[Sample, ...]:
        wanted = fold(words).split()
        samples = self._shelf.titles if listing == "titles" else self._codes()
        if not wanted:
            return samples
        return tuple(s for s in samples if all(word in s.folded for word in wanted))

    def _codes(self) -> tuple[Sample, ...]:
        """Return the codes to try; what was printed last takes the place of what was there before."""
        return (*self._printed.values(), *(s for s in self._shelf.codes if s.name not in self._printed))

    def _show(self, **changes: object) -> None:
        state = replace(self.state, **changes)
        sentence = _sentence(state.switches, self._printer is not None) or self._failure
        self.state = replace(state, printer=sentence or _READY, ready=not sentence)
        self.render(self.state)


def _drawn(slip: Slip, profile: PrinterProfile) -> tuple[Slip, QImage, str]:
    """Draw the paper; a Z report takes 100 ms, so not on the GUI thread."""
    return slip, QImage.fromData(picture(slip, profile)), plain_text(slip, profile.columns)


def _printed_codes(slip: Slip) -> list[Sample]:
    """Return what can be scanned off a slip: the last receipt, the last held sale, and badges by name."""
    name = _LAST.get(slip.kind, slip.ref if slip.kind == "key" else "")
    return [_trial(name, x.text) for x in slip.elements if isinstance(x, Code) and name]


def _trial(name: str, code: str) -> Sample:
    return Sample(code, name, folded=fold(f"{name} {code}"))


def _sample(item: Item, money: Currency) -> Sample:
    code = item.sku if item.ean is None else str(item.ean).zfill(12 if item.ean < 10**12 else 13)
    price = "" if item.price_cents is None else money.show(item.price_cents)
    folded = fold(f"{item.title} {item.authors} {code} {item.sku}")
    return Sample(code, item.title, item.authors, price, folded)


def _sentence(switches: Switches, equipped: bool) -> str:
    """Return what is wrong with the printer in one sentence, the worst first."""
    if not equipped:
        return "No simulated printer is in use."
    if switches.offline:
        return "The printer does not answer."
    if switches.cover_open:
        return "The printer's cover is open."
    return "The printer is out of paper." if switches.paper_out else ""
