"""Runs the sheet for labels: which items, how many of each, of which kind, and how they will look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import labelling, selling
from bookwish_desk.settings import Settings
from bookwish_desk.shop import barcode
from bookwish_desk.shop.device import Device, LabelPrinterSetup
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.label import MOST_COPIES, LabelJob, LabelKind
from bookwish_desk.shop.money import Currency
from bookwish_desk.ui.labels.state import LabelPicture, LabelRow, LabelsState

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

Line = tuple[Item, int | None]
"""An item and how many labels are proposed of it; None: as many as there are copies on hand."""

NO_PRINTER = "No label printer is set up. Add one on the Devices screen."
_NO_ITEM = ("card", "invalid", "receipt", "held", "badge")


class _Drawn(msgspec.Struct, frozen=True):
    """How a label looks, or why there can be none."""

    picture: LabelPicture | None = None
    problem: str = ""


class LabelsPresenter:
    """Asks for labels until they are on their way or the sheet is closed. `render` gets each state."""

    def __init__(self, station: Station, lines: Sequence[Line]) -> None:
        self.station = station
        self.state = LabelsState(kind=station.label_kind)
        self.render: Callable[[LabelsState], None] = lambda _state: None
        self._items: dict[str, Item] = {}
        self._drawn: dict[tuple[str, LabelKind], _Drawn] = {}
        self._open = False
        for item, copies in lines:
            self._add(item, copies)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def open(self) -> None:
        """Take scans, and show the items with how the label of the first one looks."""
        self._open = True
        self.station.own_scans(self)
        printer = self._printer
        self._show(
            chosen=self.state.rows[0].sku if self.state.rows else "",
            printer=_printer_words(printer) if printer else "",
            lacking="" if printer else NO_PRINTER,
        )
        self._draw()

    def close(self) -> None:
        """Give scans back; what is still being drawn is not shown any more."""
        self._open = False
        self.station.release_scans(self)

    @property
    def _printer(self) -> Device | None:
        return self.station.settings.device_for("labels", self.station.register)

    # Items

    def _add(self, item: Item, copies: int | None = None) -> None:
        wanted = item.on_hand if copies is None and item.stocked else copies or 1
        row = LabelRow(
            sku=item.sku,
            title=item.title,
            details=_details(item, self.station.settings.money),
            copies=min(max(1, wanted), MOST_COPIES),
        )
        self._items[item.sku] = item
        self.state = replace(self.state, rows=(*self.state.rows, row))

    def scanned(self, code: str) -> None:
        """Add the item of a scanned code to the list, or choose it where it is there."""
        scan = barcode.parse(code)
        if scan.kind in _NO_ITEM:
            self._show(notice=scan.reason or f"{scan.code} is not the code of an item.")
            return

        def found(item: Item | None) -> None:
            if not self._open:
                return
            if item is None:
                self._show(notice=f"Nothing is known about {scan.code}.")
                return
            if item.sku not in self._items:
                self._add(item)
            self.choose(item.sku)

        self.station.lanes.read(lambda store: selling.find(store, scan.code, scan.ean), then=found)

    def choose(self, sku: str) -> None:
        """Look at the label of an item and change how many there shall be of it."""
        if sku in self._items:
            self._show(chosen=sku, notice="")
            self._draw()

    def set_copies(self, copies: int | None) -> None:
        """Print so many labels of the chosen item; None: that is no number yet."""
        sku = self.state.chosen
        self._show(rows=tuple(replace(r, copies=copies) if r.sku == sku else r for r in self.state.rows))

    def set_kind(self, kind: LabelKind) -> None:
        """Print price labels or shelf labels, here and the next time."""
        self.station.label_kind = kind
        self._show(kind=kind, notice="")
        self._draw()

    # How they will look

    def _draw(self) -> None:
        """Draw what was not drawn yet, the chosen one first; show what is drawn already."""
        kind, printer = self.state.kind, self._printer
        setup = printer.setup if printer is not None else LabelPrinterSetup()
        self._show_drawn()
        if not isinstance(setup, LabelPrinterSetup):
            return
        for sku in sorted(self._items, key=lambda sku: sku != self.state.chosen):
            if (sku, kind) not in self._drawn:
                self._drawn[sku, kind] = _Drawn()
                self._draw_one(self._items[sku], kind, setup)

    def _draw_one(self, item: Item, kind: LabelKind, setup: LabelPrinterSetup) -> None:
        """Draw a label on a lane; one by one, so that a long list keeps nobody from the chosen one."""
        settings = self.station.settings

        def drawing() -> _Drawn:
            return _drawn(item, settings, kind, setup) if self._open else _Drawn()

        def drawn(found: _Drawn) -> None:
            self._drawn[item.sku, kind] = found
            if self._open and (found.problem or item.sku == self.state.chosen):
                self._show_drawn()

        self.station.lanes.work(drawing, then=drawn, lane="drawing")

    def _show_drawn(self) -> None:
        kind = self.state.kind
        known = {sku: self._drawn.get((sku, kind), _Drawn()) for sku in self._items}
        self._show(
            rows=tuple(replace(r, problem=known[r.sku].problem) for r in self.state.rows),
            picture=known[self.state.chosen].picture if self.state.chosen in known else None,
        )

    # Printing

    def print_labels(self) -> None:
        """Send the labels to the printer; items of which there can be none are left out."""
        if not self.state.can_print:
            return
        wanted = [(r.sku, r.copies) for r in self.state.rows if r.copies and not r.problem]
        kind, count = self.state.kind, self.state.count
        self._show(busy=True, notice="")

        def printed(_jobs: object) -> None:
            words = f"{count} labels are" if count > 1 else "1 label is"
            self.station.say(f"{words} being printed.")
            self._show(busy=False, done=True)

        def refused(error: ShopError) -> None:
            self._show(busy=False, notice=error.message)

        self.station.act(
            lambda store, actor: labelling.price_labels(store, actor, wanted, kind),
            then=printed,
            failed=refused,
        )


def _details(item: Item, money: Currency) -> str:
    price = money.show(item.price_cents) if item.price_cents is not None else "No price"
    return " · ".join(w for w in (item.copy_words, item.sku, price) if w)


def _printer_words(printer: Device) -> str:
    setup = printer.setup
    size = f", {setup.width_mm:g} × {setup.height_mm:g} mm" if isinstance(setup, LabelPrinterSetup) else ""
    return f"{printer.name}{size}"


def _drawn(item: Item, settings: Settings, kind: LabelKind, setup: LabelPrinterSetup) -> _Drawn:
    """Draw one label as the printer will; belongs on a lane."""
    from bookwish_desk.hardware.labels import preview

    try:
        label = labelling.label_of(item, settings, kind)
        png = preview(LabelJob(label), setup)
    except ShopError as error:
        return _Drawn(problem=error.message)
    said = ", ".join(filter(None, (label.title, label.authors, label.price, label.code)))
    return _Drawn(LabelPicture(png, said))
